/* Each case judged: the answers of the recovery practice, packed. */
#include <string.h>

#include "measures/derived_parts.h"
#include "measures/practice_parts.h"

/* ---- one case ---- */

_Static_assert((int)CB_NO == 0 && (int)CB_YES == 1 && (int)CB_NA == 2 && (int)CB_NO_FLAG == 2,
               "a flag is an answer, and so is cb_derived's came_back");

/* Without a branch: nobody could guess which. */
static inline cb_answer answer_of(bool known, bool yes)
{
    return (cb_answer)((unsigned)(known & yes) + 2U * !known);
}

/* CB_NO_TIME is before all times. */
static cb_answer follow_up_answer(int64_t resolved, int64_t done, int64_t as_of, int64_t within_s)
{
    int64_t from = resolved == CB_NO_TIME ? 0 : resolved;
    bool due = (resolved != CB_NO_TIME) & (from <= as_of - within_s);
    return answer_of(due, (done > from - CB_DAY_S) & (done <= from + within_s));
}

cb_answer cb_followed_up(const cb_scope *scope, uint32_t row)
{
    const cb_table *cases = &scope->book->table[CB_CASES];
    int64_t within_s = (int64_t)(scope->settings->assumption[CB_A_FOLLOW_UP_DAYS].base * CB_DAY_S);
    return follow_up_answer(cb_time(cases, CB_CASE_RESOLVED, row),
                            cb_time(cases, CB_CASE_FOLLOW_UP, row), scope->book->as_of_utc_s,
                            within_s);
}

static cb_answer options_answer(uint16_t options)
{
    return answer_of(options != CB_NO_COUNT, options >= 2);
}

static cb_answer first_owner_answer(uint16_t transfers, uint8_t escalated, uint8_t state)
{
    return answer_of((transfers != CB_NO_COUNT) & (state == CB_STATE_RESOLVED),
                     (transfers == 0) & (escalated != 1));
}

static cb_answer satisfied_answer(uint16_t score)
{
    return answer_of(score != CB_NO_SCORE, score >= 400);
}

/* ---- a block of cases: one question after the other, each over all of them ---- */

typedef struct block {
    const cb_practice_look *look;
    const cb_practice_cells *cells;
    const uint32_t *rows;
    uint32_t n;
    uint32_t *packed; /* answers so far */
} block;

static uint32_t at_place(cb_answer answer, unsigned place)
{
    return (uint32_t)answer << 2 * place;
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

/* Cells that are answers; NULL: there is no such column. */
static void put_answers(const block *b, unsigned place, const uint8_t *answers)
{
    const uint32_t *rows = b->rows;
    uint32_t *packed = b->packed;
    for (uint32_t i = 0; answers && i < b->n; i++)
        packed[i] |= (uint32_t)answers[rows[i]] << 2 * place;
    if (!answers)
        put_all(b, place, CB_NA);
}

static void put_first_owners(const block *b)
{
    const uint16_t *transfers = b->look->cases->column[CB_CASE_TRANSFERS];
    const uint8_t *escalated = b->look->cases->column[CB_CASE_ESCALATED];
    const uint8_t *state = b->look->scope->derived->state;
    for (uint32_t i = 0; transfers && i < b->n; i++) {
        uint32_t row = b->rows[i];
        uint8_t up = escalated ? escalated[row] : (uint8_t)CB_NO_FLAG;
        put(b, i, CB_STEP_FIRST_OWNER, first_owner_answer(transfers[row], up, state[row]));
    }
    if (!transfers)
        put_all(b, CB_STEP_FIRST_OWNER, CB_NA);
}

static void put_counts(const block *b)
{
    const uint16_t *options = b->look->cases->column[CB_CASE_OPTIONS];
    const uint16_t *score = b->look->cases->column[CB_CASE_SATISFACTION];
    for (uint32_t i = 0; options && i < b->n; i++)
        put(b, i, CB_STEP_OPTIONS, options_answer(options[b->rows[i]]));
    if (!options)
        put_all(b, CB_STEP_OPTIONS, CB_NA);
    for (uint32_t i = 0; score && i < b->n; i++)
        put(b, i, CB_JUDGED + CB_EFFECT_SATISFIED, satisfied_answer(score[b->rows[i]]));
    if (!score)
        put_all(b, CB_JUDGED + CB_EFFECT_SATISFIED, CB_NA);
}

static void put_cells(const block *b)
{
    void *const *column = b->look->cases->column;
    put_answers(b, CB_STEP_APOLOGY, column[CB_CASE_APOLOGY]);
    put_answers(b, CB_STEP_AGREED, column[CB_CASE_AGREED]);
    put_answers(b, CB_JUDGED + CB_EFFECT_REPEAT, b->look->scope->derived->came_back);
    put_first_owners(b);
    put_counts(b);
}

static void put_promises(const block *b)
{
    const uint8_t *state = b->look->scope->derived->state;
    const int64_t *resolved = b->cells->resolved;
    int64_t promised[CB_BLOCK], as_of = b->look->scope->book->as_of_utc_s;
    cb_times_of(b->look->cases, CB_CASE_PROMISED, b->rows, b->n, promised);
    for (uint32_t i = 0; i < b->n; i++) {
        bool overdue = (state[b->rows[i]] == CB_STATE_OPEN) & (promised[i] < as_of);
        bool solved = resolved[i] != CB_NO_TIME;
        put(b, i, CB_STEP_PROMISE_KEPT,
            answer_of((promised[i] != CB_NO_TIME) & (solved | overdue),
                      solved & (resolved[i] <= promised[i])));
    }
}

static void put_follow_ups(const block *b)
{
    int64_t done[CB_BLOCK], as_of = b->look->scope->book->as_of_utc_s;
    cb_times_of(b->look->cases, CB_CASE_FOLLOW_UP, b->rows, b->n, done);
    for (uint32_t i = 0; i < b->n; i++)
        put(b, i, CB_STEP_FOLLOW_UP,
            follow_up_answer(b->cells->resolved[i], done[i], as_of, b->look->follow_up_s));
}

static void put_times(const block *b)
{
    const cb_table *cases = b->look->cases;
    if (cases->column[CB_CASE_PROMISED])
        put_promises(b);
    else
        put_all(b, CB_STEP_PROMISE_KEPT, CB_NA);
    if (cases->column[CB_CASE_FOLLOW_UP])
        put_follow_ups(b);
    else
        put_all(b, CB_STEP_FOLLOW_UP, CB_NA);
}

/* CB_NO_AMOUNT is below all; the bands ascend. */
static inline uint32_t band_of(int64_t loss, const int64_t *from)
{
    uint32_t band = (uint32_t)(loss >= from[1]) + (loss >= from[2]) + (loss >= from[3]);
    return loss == CB_NO_AMOUNT ? (uint32_t)CB_LOSS_UNKNOWN : band;
}

static uint32_t money_answers(int64_t loss, int64_t remedy, bool eligible, const int64_t *from)
{
    bool enough = remedy >= loss;
    return at_place(answer_of(eligible, enough), CB_STEP_ADEQUATE) |
           at_place(answer_of(eligible & enough, remedy > loss), CB_OVER) |
           band_of(loss, from) << 2 * (CB_JUDGED + CB_EFFECTS);
}

/* What is asked of losses: an adequate remedy, more than that, and the band. */
static void put_money(const block *b)
{
    const uint8_t *eligible = b->look->scope->derived->eligible;
    const cb_practice_cells *c = b->cells;
    for (uint32_t i = 0; i < b->n; i++)
        b->packed[i] |= money_answers(c->loss[i], c->remedy[i], eligible[b->rows[i]] == 1,
                                      b->look->band_from_minor);
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
    int64_t left[CB_BLOCK];
    if (!book->customer_row || !book->table[CB_CUSTOMERS].column[CB_CUSTOMER_CHURNED]) {
        put_all(b, CB_JUDGED + CB_EFFECT_CHURN, CB_NA);
        return;
    }
    when_left(b, left);
    for (uint32_t i = 0; i < b->n; i++)
        put(b, i, CB_JUDGED + CB_EFFECT_CHURN, churned(b->look, b->cells->opened[i], left[i]));
}

void cb_practice_answer(const cb_practice_look *look, const cb_practice_cells *cells,
                        uint32_t *answers)
{
    const block b = {look, cells, cells->rows, cells->n, answers};
    memset(answers, 0, b.n * sizeof *answers);
    put_cells(&b);
    put_times(&b);
    put_money(&b);
    put_churned(&b);
}
