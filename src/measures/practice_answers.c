/* Each case judged: the answers of the recovery practice, packed. */
#include "measures/derived_parts.h"
#include "measures/practice_parts.h"

/* ---- one case ---- */

/* Without a branch: nobody could guess it. CB_NO_TIME is before all times. */
static cb_answer follow_up_answer(int64_t resolved, int64_t done, int64_t as_of, int64_t within_s)
{
    int64_t from = resolved == CB_NO_TIME ? 0 : resolved;
    bool due = (resolved != CB_NO_TIME) & (from <= as_of - within_s);
    bool in_time = (done > from - CB_DAY_S) & (done <= from + within_s);
    return due ? (cb_answer)in_time : CB_NA;
}

cb_answer cb_followed_up(const cb_scope *scope, uint32_t row)
{
    const cb_table *cases = &scope->book->table[CB_CASES];
    int64_t within_s = (int64_t)(scope->settings->assumption[CB_A_FOLLOW_UP_DAYS].base * CB_DAY_S);
    return follow_up_answer(cb_time(cases, CB_CASE_RESOLVED, row),
                            cb_time(cases, CB_CASE_FOLLOW_UP, row), scope->book->as_of_utc_s,
                            within_s);
}

_Static_assert((int)CB_NO == 0 && (int)CB_YES == 1 && (int)CB_NA == 2 && (int)CB_NO_FLAG == 2,
               "a flag is an answer, and so is cb_derived's came_back");

static cb_answer options_answer(uint16_t options)
{
    return options == CB_NO_COUNT ? CB_NA : options >= 2 ? CB_YES : CB_NO;
}

static cb_answer first_owner_answer(uint16_t transfers, uint8_t escalated, uint8_t state)
{
    if (transfers == CB_NO_COUNT || state != CB_STATE_RESOLVED)
        return CB_NA;
    return transfers == 0 && escalated != 1 ? CB_YES : CB_NO;
}

static cb_answer satisfied_answer(uint16_t score)
{
    return score == CB_NO_SCORE ? CB_NA : score >= 400 ? CB_YES : CB_NO;
}

/* ---- a block of cases: one question after the other, each over all of them ---- */

typedef struct block {
    const cb_practice_look *look;
    const uint32_t *rows;
    uint32_t n;
    uint32_t *packed; /* answers so far */
} block;

static uint32_t at_place(cb_answer answer, unsigned place)
{
    return (uint32_t)answer << 2 * place;
}

/* Of small cells: all at once. */
static void put_cells(const block *b)
{
    const cb_table *cases = b->look->cases;
    const cb_derived *d = b->look->scope->derived;
    for (uint32_t i = 0; i < b->n; i++) {
        uint32_t row = b->rows[i];
        uint16_t transfers = cb_count(cases, CB_CASE_TRANSFERS, row);
        uint8_t escalated = cb_flag(cases, CB_CASE_ESCALATED, row);
        cb_answer first_owner = first_owner_answer(transfers, escalated, d->state[row]);
        cb_answer options = options_answer(cb_count(cases, CB_CASE_OPTIONS, row));
        cb_answer satisfied = satisfied_answer(cb_score(cases, CB_CASE_SATISFACTION, row));
        b->packed[i] = at_place((cb_answer)cb_flag(cases, CB_CASE_APOLOGY, row), CB_STEP_APOLOGY) |
                       at_place(options, CB_STEP_OPTIONS) |
                       at_place((cb_answer)cb_flag(cases, CB_CASE_AGREED, row), CB_STEP_AGREED) |
                       at_place(first_owner, CB_STEP_FIRST_OWNER) |
                       at_place(satisfied, CB_JUDGED + CB_EFFECT_SATISFIED) |
                       at_place((cb_answer)d->came_back[row], CB_JUDGED + CB_EFFECT_REPEAT);
    }
}

static void put(const block *b, uint32_t i, unsigned place, cb_answer answer)
{
    b->packed[i] |= at_place(answer, place);
}

static void put_all(const block *b, unsigned place, cb_answer answer)
{
    for (uint32_t i = 0; i < b->n; i++)
        put(b, i, place, answer);
}

static void put_promises(const block *b, const int64_t resolved[CB_BLOCK])
{
    const uint8_t *state = b->look->scope->derived->state;
    int64_t promised[CB_BLOCK], as_of = b->look->scope->book->as_of_utc_s;
    cb_times_of(b->look->cases, CB_CASE_PROMISED, b->rows, b->n, promised);
    for (uint32_t i = 0; i < b->n; i++) {
        bool overdue = state[b->rows[i]] == CB_STATE_OPEN && promised[i] < as_of;
        cb_answer answer = overdue ? CB_NO : CB_NA;
        if (resolved[i] != CB_NO_TIME)
            answer = resolved[i] <= promised[i] ? CB_YES : CB_NO;
        put(b, i, CB_STEP_PROMISE_KEPT, promised[i] == CB_NO_TIME ? CB_NA : answer);
    }
}

static void put_follow_ups(const block *b, const int64_t resolved[CB_BLOCK])
{
    int64_t done[CB_BLOCK], as_of = b->look->scope->book->as_of_utc_s;
    cb_times_of(b->look->cases, CB_CASE_FOLLOW_UP, b->rows, b->n, done);
    for (uint32_t i = 0; i < b->n; i++)
        put(b, i, CB_STEP_FOLLOW_UP,
            follow_up_answer(resolved[i], done[i], as_of, b->look->follow_up_s));
}

static void put_times(const block *b)
{
    const cb_table *cases = b->look->cases;
    int64_t resolved[CB_BLOCK];
    cb_times_of(cases, CB_CASE_RESOLVED, b->rows, b->n, resolved);
    if (cases->column[CB_CASE_PROMISED])
        put_promises(b, resolved);
    else
        put_all(b, CB_STEP_PROMISE_KEPT, CB_NA);
    if (cases->column[CB_CASE_FOLLOW_UP])
        put_follow_ups(b, resolved);
    else
        put_all(b, CB_STEP_FOLLOW_UP, CB_NA);
}

/* What is asked of losses: an adequate remedy, more than that, and the band. */
static void put_money(const block *b)
{
    const cb_derived *d = b->look->scope->derived;
    const int64_t *from = b->look->band_from_minor;
    int64_t loss[CB_BLOCK], remedy[CB_BLOCK];
    cb_losses_of(d, b->rows, b->n, loss);
    cb_remedies_of(d, b->rows, b->n, remedy);
    for (uint32_t i = 0; i < b->n; i++) {
        bool eligible = d->eligible[b->rows[i]] == 1;
        bool short_of = remedy[i] < loss[i];
        bool over = remedy[i] > loss[i];
        /* CB_NO_AMOUNT is below all, and the bands ascend */
        uint32_t band =
            (uint32_t)(loss[i] >= from[1]) + (loss[i] >= from[2]) + (loss[i] >= from[3]);
        put(b, i, CB_STEP_ADEQUATE, !eligible ? CB_NA : short_of ? CB_NO : CB_YES);
        put(b, i, CB_OVER, !eligible || short_of ? CB_NA : over ? CB_YES : CB_NO);
        b->packed[i] |= band << 2 * (CB_JUDGED + CB_EFFECTS);
    }
}

/* When the customer of a case left; NOT_LISTED: nobody knows, CB_NO_TIME: has not. */
#define NOT_LISTED INT64_MAX

/* Two loops, because each step lands anywhere in memory: the loads of a loop overlap. */
static void when_left(const block *b, int64_t left[CB_BLOCK])
{
    const cb_book *book = b->look->scope->book;
    const cb_table *customers = &book->table[CB_CUSTOMERS];
    uint32_t listed[CB_BLOCK];
    cb_words_of(b->look->cases, CB_CASE_CUSTOMER, b->rows, b->n, listed);
    for (uint32_t i = 0; i < b->n; i++)
        listed[i] = listed[i] != CB_UNKNOWN_ID ? book->customer_row[listed[i]] : CB_NO_ROW;
    for (uint32_t i = 0; i < b->n; i++)
        left[i] = listed[i] == CB_NO_ROW ? NOT_LISTED
                                         : cb_time(customers, CB_CUSTOMER_CHURNED, listed[i]);
}

static cb_answer churned(const cb_practice_look *l, int64_t opened, int64_t left)
{
    if (left == NOT_LISTED || l->scope->book->as_of_utc_s - opened < l->outcome_s)
        return CB_NA;
    if (left == CB_NO_TIME)
        return CB_NO;
    return left < opened ? CB_NA : left - opened <= l->outcome_s ? CB_YES : CB_NO;
}

static void put_churned(const block *b)
{
    const cb_book *book = b->look->scope->book;
    int64_t left[CB_BLOCK], opened[CB_BLOCK];
    if (!book->customer_row || !book->table[CB_CUSTOMERS].column[CB_CUSTOMER_CHURNED]) {
        put_all(b, CB_JUDGED + CB_EFFECT_CHURN, CB_NA);
        return;
    }
    when_left(b, left);
    cb_times_of(b->look->cases, CB_CASE_OPENED, b->rows, b->n, opened);
    for (uint32_t i = 0; i < b->n; i++)
        put(b, i, CB_JUDGED + CB_EFFECT_CHURN, churned(b->look, opened[i], left[i]));
}

static void pack(const block *b)
{
    put_cells(b);
    put_times(b);
    put_money(b);
    put_churned(b);
}

void cb_practice_answer(const cb_scope *scope, uint32_t from, uint32_t to, uint32_t *answers)
{
    cb_practice_look l = cb_practice_look_of(scope, CB_NOW);
    const uint32_t *rows = scope->book->opened_order;
    for (uint32_t i = from; i < to; i += CB_BLOCK)
        pack(&(block){&l, rows + i, cb_block_of(to, i), answers + i});
}
