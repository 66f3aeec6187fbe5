/* Each case judged: the answers of the recovery practice, packed. */
#include <string.h>

#include "measures/derived_parts.h"
#include "measures/practice_parts.h"

/* ---- one case ---- */

static cb_answer follow_up_answer(int64_t resolved, int64_t done, int64_t as_of, int64_t within_s)
{
    if (resolved == CB_NO_TIME || as_of - resolved < within_s)
        return CB_NA;
    return done != CB_NO_TIME && done - resolved <= within_s && done - resolved > -CB_DAY_S ? CB_YES
                                                                                            : CB_NO;
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

/* ---- a block of cases: one question after the other, each over all of them ---- */

typedef struct block {
    const cb_practice_look *look;
    const uint32_t *rows;
    uint32_t n;
    uint32_t *packed; /* answers so far */
} block;

static void put(const block *b, uint32_t i, unsigned place, cb_answer answer)
{
    b->packed[i] |= (uint32_t)answer << 2 * place;
}

static void put_all(const block *b, unsigned place, cb_answer answer)
{
    for (uint32_t i = 0; i < b->n; i++)
        put(b, i, place, answer);
}

static void put_flags(const block *b, unsigned place, cb_case_field field)
{
    for (uint32_t i = 0; i < b->n; i++)
        put(b, i, place, (cb_answer)cb_flag(b->look->cases, field, b->rows[i]));
}

static void put_options(const block *b)
{
    for (uint32_t i = 0; i < b->n; i++) {
        uint16_t options = cb_count(b->look->cases, CB_CASE_OPTIONS, b->rows[i]);
        put(b, i, CB_STEP_OPTIONS, options == CB_NO_COUNT ? CB_NA : options >= 2 ? CB_YES : CB_NO);
    }
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

static void put_first_owner(const block *b)
{
    const cb_table *cases = b->look->cases;
    const uint8_t *state = b->look->scope->derived->state;
    for (uint32_t i = 0; i < b->n; i++) {
        uint32_t row = b->rows[i];
        uint16_t transfers = cb_count(cases, CB_CASE_TRANSFERS, row);
        bool alone = transfers == 0 && cb_flag(cases, CB_CASE_ESCALATED, row) != 1;
        bool known = transfers != CB_NO_COUNT && state[row] == CB_STATE_RESOLVED;
        put(b, i, CB_STEP_FIRST_OWNER, !known ? CB_NA : alone ? CB_YES : CB_NO);
    }
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
        bool short_of = remedy[i]<loss[i], over = remedy[i]> loss[i];
        /* CB_NO_AMOUNT is below all, and the bands ascend */
        uint32_t band =
            (uint32_t)(loss[i] >= from[1]) + (loss[i] >= from[2]) + (loss[i] >= from[3]);
        put(b, i, CB_STEP_ADEQUATE, !eligible ? CB_NA : short_of ? CB_NO : CB_YES);
        put(b, i, CB_OVER, !eligible || short_of ? CB_NA : over ? CB_YES : CB_NO);
        b->packed[i] |= band << 2 * (CB_JUDGED + CB_EFFECTS);
    }
}

static void put_satisfied(const block *b)
{
    for (uint32_t i = 0; i < b->n; i++) {
        uint16_t score = cb_score(b->look->cases, CB_CASE_SATISFACTION, b->rows[i]);
        put(b, i, CB_JUDGED + CB_EFFECT_SATISFIED,
            score == CB_NO_SCORE ? CB_NA
            : score >= 400       ? CB_YES
                                 : CB_NO);
    }
}

static void put_repeats(const block *b)
{
    const uint8_t *came_back = b->look->scope->derived->came_back;
    for (uint32_t i = 0; i < b->n; i++)
        put(b, i, CB_JUDGED + CB_EFFECT_REPEAT, (cb_answer)came_back[b->rows[i]]);
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
    memset(b->packed, 0, b->n * sizeof *b->packed);
    put_flags(b, CB_STEP_APOLOGY, CB_CASE_APOLOGY);
    put_options(b);
    put_flags(b, CB_STEP_AGREED, CB_CASE_AGREED);
    put_times(b);
    put_first_owner(b);
    put_money(b);
    put_satisfied(b);
    put_repeats(b);
    put_churned(b);
}

void cb_practice_answer(const cb_scope *scope, uint32_t from, uint32_t to, uint32_t *answers)
{
    cb_practice_look l = cb_practice_look_of(scope, CB_NOW);
    const uint32_t *rows = scope->book->opened_order;
    for (uint32_t i = from; i < to; i += CB_BLOCK)
        pack(&(block){&l, rows + i, cb_block_of(to, i), answers + i});
}
