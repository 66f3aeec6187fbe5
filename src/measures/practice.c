#include "casebook/practice.h"

#include <math.h>

#include "casebook/results.h"
#include "measures/derived_parts.h"
#include "measures/practice_parts.h"

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

cb_practice_look cb_practice_look_of(const cb_scope *scope, cb_window_ix ix)
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
    const cb_practice_look l = cb_practice_look_of(scope, ix);
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
    cb_practice_look l = cb_practice_look_of(scope, ix);
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
