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
    return done != CB_NO_TIME && done - resolved <= within_s && done - resolved > -CB_DAY_S
               ? CB_YES
               : CB_NO;
}

static cb_answer first_owner(const cb_practice_look *l, uint32_t row)
{
    uint16_t transfers = cb_count(l->cases, CB_CASE_TRANSFERS, row);
    if (transfers == CB_NO_COUNT || l->scope->derived->state[row] != CB_STATE_RESOLVED)
        return CB_NA;
    return transfers == 0 && cb_flag(l->cases, CB_CASE_ESCALATED, row) != 1 ? CB_YES : CB_NO;
}

static cb_answer flag(const cb_practice_look *l, cb_case_field field, uint32_t row)
{
    uint8_t value = cb_flag(l->cases, field, row);
    return value == CB_NO_FLAG ? CB_NA : value ? CB_YES : CB_NO;
}

cb_answer cb_step_of(const cb_practice_look *l, uint32_t row, cb_step step)
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
        return d->eligible[row] != 1                        ? CB_NA
               : d->remedy_minor[row] >= d->loss_minor[row] ? CB_YES
                                                            : CB_NO;
    }
}

static cb_answer left(const cb_practice_look *l, uint32_t row)
{
    const cb_book *book = l->scope->book;
    uint32_t customer = cb_word(l->cases, CB_CASE_CUSTOMER, row);
    uint32_t listed =
        book->customer_row && customer != CB_UNKNOWN_ID ? book->customer_row[customer] : CB_NO_ROW;
    const cb_table *customers = &book->table[CB_CUSTOMERS];
    if (listed == CB_NO_ROW || !customers->column[CB_CUSTOMER_CHURNED])
        return CB_NA;
    int64_t opened = cb_time(l->cases, CB_CASE_OPENED, row),
            churned = cb_time(customers, CB_CUSTOMER_CHURNED, listed);
    if (churned != CB_NO_TIME && churned >= opened && churned - opened <= l->outcome_s)
        return CB_YES;
    if (churned != CB_NO_TIME && churned < opened)
        return CB_NA;
    return book->as_of_utc_s - opened >= l->outcome_s ? CB_NO : CB_NA;
}

static cb_answer effect_of(const cb_practice_look *l, uint32_t row, cb_effect_outcome effect)
{
    uint16_t score = cb_score(l->cases, CB_CASE_SATISFACTION, row);
    switch (effect) {
    case CB_EFFECT_SATISFIED:
        return score == CB_NO_SCORE ? CB_NA : score >= 400 ? CB_YES : CB_NO;
    case CB_EFFECT_REPEAT:
        return (cb_answer)l->scope->derived->came_back[row];
    default:
        return left(l, row);
    }
}

static unsigned loss_band_of(const cb_practice_look *l, uint32_t row)
{
    int64_t loss = l->scope->derived->loss_minor[row];
    unsigned band = CB_LOSS_BANDS - 1;
    while (band > 0 && (loss == CB_NO_AMOUNT || loss < l->band_from_minor[band]))
        band--;
    return band;
}

/* ---- preparing ---- */

_Static_assert((int)CB_NO == 0 && (int)CB_YES == 1 && (int)CB_NA == 2,
               "cb_derived's came_back is an answer");

static cb_status look_at_cases(cb_practice_look *l, cb_error *err)
{
    cb_practice_case *seen = cb_arena_array(l->scope->scratch, l->rows->n, sizeof *seen);
    if (!seen)
        return cb_nomem(err, "the practice");
    for (uint32_t i = 0; i < l->rows->n; i++) {
        uint32_t row = l->rows->rows[i];
        seen[i].row = row;
        seen[i].kind = cb_dim_word(l->scope->book, CB_DIM_KIND, row);
        seen[i].band = (uint8_t)loss_band_of(l, row);
        for (int step = 0; step < CB_STEPS; step++)
            seen[i].step[step] = (uint8_t)cb_step_of(l, row, (cb_step)step);
        for (int e = 0; e < CB_EFFECTS; e++)
            seen[i].effect[e] = (uint8_t)effect_of(l, row, (cb_effect_outcome)e);
    }
    l->seen = seen;
    return CB_OK;
}

static void set_bands(cb_practice_look *l)
{
    double large = l->scope->settings->assumption[CB_A_LARGE_LOSS].base;
    for (unsigned i = 0; i < l->scope->settings->currency_digits; i++)
        large *= 10;
    l->band_from_minor[0] = 0;
    l->band_from_minor[1] = (int64_t)(large / 4);
    l->band_from_minor[2] = (int64_t)large;
    l->band_from_minor[3] = (int64_t)(large * 10);
}

static cb_status practice_finish(void *state, const cb_scope *scope, cb_window_ix ix,
                                 cb_results *results, cb_error *err)
{
    const cb_assumption *a = scope->settings->assumption;
    cb_practice *out = &results->practice;
    cb_practice_look l = {.scope = scope,
                          .cases = &scope->book->table[CB_CASES],
                          .rows = &scope->window[ix].cases,
                          .end = cb_recur_end(scope, ix),
                          .follow_up_s = (int64_t)(a[CB_A_FOLLOW_UP_DAYS].base * CB_DAY_S),
                          .outcome_s = (int64_t)(a[CB_A_OUTCOME_DAYS].base * CB_DAY_S)};
    (void)state;
    set_bands(&l);
    cb_status rc = look_at_cases(&l, err);
    if (rc == CB_OK)
        rc = cb_practice_steps(out, &l, err);
    if (rc == CB_OK)
        rc = cb_practice_regressions(out, &l, err);
    return rc == CB_OK ? cb_practice_tables(out, &l, err) : rc;
}

/* ---- what was missed costs: needs the churn measure ---- */

static double share_of(const double *shares, uint32_t i)
{
    return shares && isfinite(shares[i]) ? shares[i] : 0;
}

static double case_cost(const cb_scope *scope, const cb_churn *churn, uint32_t i)
{
    const cb_derived *d = scope->derived;
    uint32_t row = scope->window[CB_NOW].cases.rows[i];
    double cost = share_of(churn->case_cost_minor, i);
    if (d->eligible[row] == 1 && d->remedy_minor[row] < d->loss_minor[row])
        cost += (double)(d->loss_minor[row] - d->remedy_minor[row]);
    return cost;
}

static cb_status practice_compare(const cb_scope *scope, cb_results *out, cb_error *err)
{
    cb_practice *p = &out[CB_NOW].practice;
    const cb_churn *churn = &out[CB_NOW].churn;
    const cb_assumption *a = scope->settings->assumption;
    cb_practice_look l = {.scope = scope,
                          .cases = &scope->book->table[CB_CASES],
                          .follow_up_s = (int64_t)(a[CB_A_FOLLOW_UP_DAYS].base * CB_DAY_S)};
    uint32_t groups = cb_dim_groups(scope->book, CB_DIM_TEAM);
    uint32_t *place = cb_arena_array(scope->scratch, groups, sizeof *place);
    if (!place)
        return cb_nomem(err, "the practice");
    for (uint32_t t = 0; t < p->teams; t++)
        place[p->team[t].team] = t;
    for (uint32_t i = 0; i < scope->window[CB_NOW].cases.n; i++) {
        uint32_t row = scope->window[CB_NOW].cases.rows[i];
        double cost = case_cost(scope, churn, i);
        for (int step = 0; step < CB_STEPS; step++)
            if (cb_step_of(&l, row, (cb_step)step) == CB_NO) {
                p->step[step].missed_cost_minor += cost;
                p->step[step].missed_churn_minor += share_of(churn->case_cost_minor, i);
                p->step[step].missed_lost += share_of(churn->case_lost, i);
                p->team[place[cb_dim_word(scope->book, CB_DIM_TEAM, row)]]
                    .missed_cost_minor[step] += cost;
            }
        if (cb_flag(l.cases, CB_CASE_AVOIDABLE, row) == 1)
            p->avoidable_cost_minor += cost;
    }
    return CB_OK;
}

const cb_measure cb_measure_practice = {.name = "practice",
                                        .methods = "P1, P2",
                                        .over = CB_OVER_OPENED,
                                        .only_now = true,
                                        .finish = practice_finish,
                                        .compare = practice_compare};
