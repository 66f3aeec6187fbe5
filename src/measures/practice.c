#include "casebook/practice.h"

#include <math.h>

#include "casebook/results.h"
#include "measures/practice_parts.h"

/* ---- one case ---- */

static cb_answer promise(const cb_practice_look *l, uint32_t row)
{
    int64_t promised = cb_time(l->cases, CB_CASE_PROMISED, row),
            resolved = cb_time(l->cases, CB_CASE_RESOLVED, row);
    if (promised == CB_NO_TIME)
        return CB_NA;
    if (resolved != CB_NO_TIME)
        return resolved <= promised ? CB_YES : CB_NO;
    bool overdue =
        l->scope->derived->state[row] == CB_STATE_OPEN && promised < l->scope->book->as_of_utc_s;
    return overdue ? CB_NO : CB_NA;
}

cb_answer cb_followed_up(const cb_scope *scope, uint32_t row)
{
    const cb_table *cases = &scope->book->table[CB_CASES];
    int64_t within_s = (int64_t)(scope->settings->assumption[CB_A_FOLLOW_UP_DAYS].base * CB_DAY_S);
    int64_t resolved = cb_time(cases, CB_CASE_RESOLVED, row),
            done = cb_time(cases, CB_CASE_FOLLOW_UP, row);
    if (resolved == CB_NO_TIME || scope->book->as_of_utc_s - resolved < within_s)
        return CB_NA;
    return done != CB_NO_TIME && done - resolved <= within_s && done - resolved > -CB_DAY_S ? CB_YES
                                                                                            : CB_NO;
}

static cb_answer first_owner(const cb_practice_look *l, uint32_t row)
{
    uint16_t transfers = cb_count(l->cases, CB_CASE_TRANSFERS, row);
    if (transfers == CB_NO_COUNT || l->scope->derived->state[row] != CB_STATE_RESOLVED)
        return CB_NA;
    return transfers == 0 && cb_flag(l->cases, CB_CASE_ESCALATED, row) != 1 ? CB_YES : CB_NO;
}

_Static_assert((int)CB_NO == 0 && (int)CB_YES == 1 && (int)CB_NA == 2 && (int)CB_NO_FLAG == 2,
               "a flag is an answer, and so is cb_derived's came_back");

static cb_answer flag(const cb_practice_look *l, cb_case_field field, uint32_t row)
{
    return (cb_answer)cb_flag(l->cases, field, row);
}

static cb_answer judge(const cb_practice_look *l, uint32_t row, unsigned step)
{
    const cb_derived *d = l->scope->derived;
    uint16_t options = cb_count(l->cases, CB_CASE_OPTIONS, row);
    switch (step) {
    case CB_STEP_APOLOGY:
        return flag(l, CB_CASE_APOLOGY, row);
    case CB_STEP_OPTIONS:
        return options == CB_NO_COUNT ? CB_NA : options >= 2 ? CB_YES : CB_NO;
    case CB_STEP_AGREED:
        return flag(l, CB_CASE_AGREED, row);
    case CB_STEP_PROMISE_KEPT:
        return promise(l, row);
    case CB_STEP_FOLLOW_UP:
        return l->cases->column[CB_CASE_FOLLOW_UP] ? cb_followed_up(l->scope, row) : CB_NA;
    case CB_STEP_FIRST_OWNER:
        return first_owner(l, row);
    default:
        break;
    }
    if (d->eligible[row] != 1)
        return CB_NA;
    if (step == CB_STEP_ADEQUATE)
        return cb_remedy_minor(d, row) >= cb_loss_minor(d, row) ? CB_YES : CB_NO;
    return cb_remedy_minor(d, row) < cb_loss_minor(d, row)   ? CB_NA
           : cb_remedy_minor(d, row) > cb_loss_minor(d, row) ? CB_YES
                                                             : CB_NO;
}

/* When the customer of a case left; NOT_LISTED: nobody knows, CB_NO_TIME: has not. */
#define NOT_LISTED INT64_MAX
enum { BLOCK = 64 };

/* Two loops over a block, because each step lands anywhere in memory: the loads of a loop overlap.
 */
static void when_left(const cb_practice_look *l, const uint32_t *rows, uint32_t n,
                      int64_t left[BLOCK])
{
    const uint32_t *customer_row = l->scope->book->customer_row;
    const cb_table *customers = &l->scope->book->table[CB_CUSTOMERS];
    uint32_t listed[BLOCK];
    bool known = customer_row && customers->column[CB_CUSTOMER_CHURNED];
    for (uint32_t i = 0; i < n; i++) {
        uint32_t customer = known ? cb_word(l->cases, CB_CASE_CUSTOMER, rows[i]) : CB_UNKNOWN_ID;
        listed[i] = customer != CB_UNKNOWN_ID ? customer_row[customer] : CB_NO_ROW;
    }
    for (uint32_t i = 0; i < n; i++)
        left[i] = listed[i] == CB_NO_ROW ? NOT_LISTED
                                         : cb_time(customers, CB_CUSTOMER_CHURNED, listed[i]);
}

static cb_answer churned(const cb_practice_look *l, uint32_t row, int64_t left)
{
    int64_t opened = cb_time(l->cases, CB_CASE_OPENED, row);
    if (left == NOT_LISTED || l->scope->book->as_of_utc_s - opened < l->outcome_s)
        return CB_NA;
    if (left == CB_NO_TIME)
        return CB_NO;
    return left < opened ? CB_NA : left - opened <= l->outcome_s ? CB_YES : CB_NO;
}

static cb_answer satisfied(const cb_practice_look *l, uint32_t row)
{
    uint16_t score = cb_score(l->cases, CB_CASE_SATISFACTION, row);
    return score == CB_NO_SCORE ? CB_NA : score >= 400 ? CB_YES : CB_NO;
}

unsigned cb_loss_band_of(const cb_practice_look *l, uint32_t row)
{
    int64_t loss = cb_loss_minor(l->scope->derived, row);
    unsigned band = CB_LOSS_BANDS - 1;
    while (band > 0 && (loss == CB_NO_AMOUNT || loss < l->band_from_minor[band]))
        band--;
    return band;
}

static uint32_t pack(const cb_practice_look *l, uint32_t row, int64_t left)
{
    const cb_answer outcome[CB_EFFECTS] = {[CB_EFFECT_SATISFIED] = satisfied(l, row),
                                           [CB_EFFECT_REPEAT] =
                                               (cb_answer)l->scope->derived->came_back[row],
                                           [CB_EFFECT_CHURN] = churned(l, row, left)};
    uint32_t packed = cb_loss_band_of(l, row) << 2 * (CB_JUDGED + CB_EFFECTS);
    for (unsigned s = 0; s < CB_JUDGED; s++)
        packed |= (uint32_t)judge(l, row, s) << 2 * s;
    for (unsigned e = 0; e < CB_EFFECTS; e++)
        packed |= (uint32_t)outcome[e] << 2 * (CB_JUDGED + e);
    return packed;
}

/* ---- the fold ---- */

typedef struct practice_state {
    cb_practice_stratum *strata; /* kind x band */
    uint32_t n;
    uint32_t cases; /* opened before the window's end */
} practice_state;

static void set_bands(cb_practice_look *l)
{
    const cb_settings *settings = l->scope->settings;
    double large =
        settings->assumption[CB_A_LARGE_LOSS].base * cb_currency_scale(settings->currency_digits);
    l->band_from_minor[1] = (int64_t)(large / 4);
    l->band_from_minor[2] = (int64_t)large;
    l->band_from_minor[3] = (int64_t)(large * 10);
}

static cb_practice_look look_of(const cb_scope *scope, cb_window_ix ix)
{
    const cb_assumption *a = scope->settings->assumption;
    cb_practice_look l = {.scope = scope,
                          .cases = &scope->book->table[CB_CASES],
                          .rows = &scope->window[ix].cases,
                          .end = cb_recur_end(scope, ix),
                          .follow_up_s = (int64_t)(a[CB_A_FOLLOW_UP_DAYS].base * CB_DAY_S),
                          .outcome_s = (int64_t)(a[CB_A_OUTCOME_DAYS].base * CB_DAY_S)};
    set_bands(&l);
    return l;
}

void cb_practice_answer(const cb_scope *scope, uint32_t from, uint32_t to, uint32_t *answers)
{
    cb_practice_look l = look_of(scope, CB_NOW);
    const uint32_t *rows = scope->book->opened_order;
    for (uint32_t i = from; i < to; i += BLOCK) {
        int64_t left[BLOCK];
        uint32_t n = to - i < BLOCK ? to - i : BLOCK;
        when_left(&l, rows + i, n, left);
        for (uint32_t k = 0; k < n; k++)
            answers[i + k] = pack(&l, rows[i + k], left[k]);
    }
}

static cb_status practice_begin(void *state, const cb_scope *scope, cb_window_ix ix, cb_error *err)
{
    practice_state *s = state;
    uint32_t kinds = cb_dim_groups(scope->book, CB_DIM_KIND);
    (void)ix;
    s->n = (kinds < CB_PRACTICE_KINDS ? kinds : CB_PRACTICE_KINDS + 1) * CB_LOSS_BANDS;
    s->strata = cb_arena_array(scope->scratch, s->n, sizeof *s->strata);
    return s->strata ? CB_OK : cb_nomem(err, "the strata of the practice");
}

/* Without a branch: what is not known is counted too, where nobody looks. */
static void count(cb_practice_stratum *stratum, uint32_t packed)
{
    for (unsigned s = 0; s < CB_JUDGED; s++)
        for (unsigned e = 0; e < CB_EFFECTS; e++)
            stratum->n[s][e][cb_packed_step(packed, s)][cb_packed_effect(packed, e)]++;
}

static void add_counts(cb_practice_stratum *into, const cb_practice_stratum *from)
{
    for (unsigned s = 0; s < CB_JUDGED; s++)
        for (unsigned e = 0; e < CB_EFFECTS; e++)
            for (unsigned did = 0; did <= CB_NA; did++)
                for (unsigned came = 0; came <= CB_NA; came++)
                    into->n[s][e][did][came] += from->n[s][e][did][came];
}

/* The rows are in the order of opening. */
static uint32_t before_end(const cb_practice_look *l, const cb_span *span)
{
    uint32_t n = span->n;
    while (n > 0 && cb_time(l->cases, CB_CASE_OPENED, span->rows[n - 1]) >= l->end)
        n--;
    return n;
}

static cb_status practice_add(void *state, const cb_scope *scope, cb_window_ix ix,
                              const cb_span *span, cb_error *err)
{
    practice_state *s = state;
    const cb_practice_look l = look_of(scope, ix);
    const uint32_t *packed = scope->derived->answers + (span->rows - scope->book->opened_order);
    uint32_t n = before_end(&l, span);
    (void)err;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t kind = cb_dim_word(scope->book, CB_DIM_KIND, span->rows[i]);
        kind = kind < CB_PRACTICE_KINDS ? kind : CB_PRACTICE_KINDS;
        count(&s->strata[kind * CB_LOSS_BANDS + cb_packed_band(packed[i])], packed[i]);
    }
    s->cases += n;
    return CB_OK;
}

static cb_status practice_merge(void *into, void *from, cb_error *err)
{
    practice_state *a = into;
    const practice_state *b = from;
    (void)err;
    a->cases += b->cases;
    for (uint32_t i = 0; i < a->n; i++)
        add_counts(&a->strata[i], &b->strata[i]);
    return CB_OK;
}

static cb_status practice_finish(void *state, const cb_scope *scope, cb_window_ix ix,
                                 cb_results *results, cb_error *err)
{
    const practice_state *s = state;
    cb_practice *out = &results->practice;
    cb_practice_look l = look_of(scope, ix);
    l.all = scope->derived->answers;
    l.all_n = s->cases;
    l.answers = l.rows->n > 0 ? l.all + (l.rows->rows - scope->book->opened_order) : l.all;
    cb_status rc = cb_practice_effects(out, &l, s->strata, s->n, err);
    if (rc != CB_OK || scope->left_out & CB_PART_RECOVERY)
        return rc;
    rc = cb_practice_regressions(out, &l, err);
    return rc == CB_OK ? cb_practice_tables(out, &l, err) : rc;
}

/* ---- what was missed costs: needs the churn measure ---- */

/* Parts apart: the workbook's live formulas follow the headline cost. */
typedef struct missed {
    cb_part_sum churn, lost, shortfall;
} missed;

static void add_case(missed *m, const cb_scope *scope, const cb_churn *churn, uint32_t i)
{
    const cb_derived *d = scope->derived;
    uint32_t row = scope->window[CB_NOW].cases.rows[i];
    if (churn->case_cost_minor)
        cb_part_add(&m->churn, churn->case_cost_minor[i]);
    if (churn->case_lost)
        cb_part_add(&m->lost, churn->case_lost[i]);
    if (d->eligible[row] == 1 && cb_remedy_minor(d, row) < cb_loss_minor(d, row))
        cb_part_add(&m->shortfall, (double)(cb_loss_minor(d, row) - cb_remedy_minor(d, row)));
}

static double cost_of(const missed *m)
{
    return cb_part_total(&m->churn) + cb_part_total(&m->shortfall);
}

typedef struct missed_steps {
    missed step[CB_STEPS];
} missed_steps;

static cb_status practice_compare(const cb_scope *scope, cb_results *out, cb_error *err)
{
    cb_practice *p = &out[CB_NOW].practice;
    const cb_churn *churn = &out[CB_NOW].churn;
    const cb_slice *rows = &scope->window[CB_NOW].cases;
    const uint32_t *packed = scope->derived->answers;
    uint32_t groups = cb_dim_groups(scope->book, CB_DIM_TEAM);
    missed_steps *team = cb_arena_array(scope->scratch, groups, sizeof *team), all = {0};
    missed avoidable = {0};
    size_t first = rows->n > 0 ? (size_t)(rows->rows - scope->book->opened_order) : 0;
    if (scope->left_out & CB_PART_RECOVERY)
        return CB_OK;
    if (!team)
        return cb_nomem(err, "the practice");
    for (uint32_t i = 0; i < rows->n; i++) {
        missed_steps *mine = &team[cb_dim_word(scope->book, CB_DIM_TEAM, rows->rows[i])];
        for (unsigned s = 0; s < CB_STEPS; s++)
            if (cb_packed_step(packed[first + i], s) == CB_NO) {
                add_case(&all.step[s], scope, churn, i);
                add_case(&mine->step[s], scope, churn, i);
            }
        if (cb_flag(&scope->book->table[CB_CASES], CB_CASE_AVOIDABLE, rows->rows[i]) == 1)
            add_case(&avoidable, scope, churn, i);
    }
    for (unsigned s = 0; s < CB_STEPS; s++) {
        p->step[s].missed_cost_minor = cost_of(&all.step[s]);
        p->step[s].missed_churn_minor = cb_part_total(&all.step[s].churn);
        p->step[s].missed_lost = cb_part_total(&all.step[s].lost);
        for (uint32_t t = 0; t < p->teams; t++)
            p->team[t].missed_cost_minor[s] = cost_of(&team[p->team[t].team].step[s]);
    }
    p->avoidable_cost_minor = cost_of(&avoidable);
    p->unpriced = cb_recur_unpriced(churn);
    return CB_OK;
}

const cb_measure cb_measure_practice = {.name = "practice",
                                        .methods = "P1, P2",
                                        .over = CB_OVER_CASES,
                                        .only_now = true,
                                        .state_bytes = sizeof(practice_state),
                                        .begin = practice_begin,
                                        .add = practice_add,
                                        .merge = practice_merge,
                                        .finish = practice_finish,
                                        .compare = practice_compare};
