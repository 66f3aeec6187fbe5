/* F1: teams against funnel limits. Small groups are suppressed so that they cannot be derived by
 * subtraction. */
#include "casebook/fairness.h"

#include <math.h>
#include <stdlib.h>

#include "casebook/results.h"
#include "casebook/stats_funnel.h"
#include "casebook/stats_interval.h"

enum { LINES = sizeof((cb_funnel_result *)0)->line / sizeof((cb_funnel_result *)0)->line[0] };

typedef struct teams {
    const cb_scope *scope;
    uint32_t groups;
    uint64_t *yes, *n;
} teams;

/* Each answers: does the case count, and is it a yes? */
static bool in_target(const cb_scope *scope, uint32_t row, bool *yes)
{
    const cb_derived *d = scope->derived;
    const cb_target *target =
        cb_target_for(scope->settings, cb_dim_text(scope->book, CB_DIM_PRIORITY,
                                                   cb_dim_word(scope->book, CB_DIM_PRIORITY, row)));
    int64_t spent = target && target->business ? d->business_s[row] : d->elapsed_s[row];
    if (!target || spent < 0)
        return false;
    *yes = spent <= target->seconds;
    return d->state[row] == CB_STATE_RESOLVED || (d->state[row] == CB_STATE_OPEN && !*yes);
}

static bool adequate(const cb_scope *scope, uint32_t row, bool *yes)
{
    const cb_derived *d = scope->derived;
    *yes = d->remedy_minor[row] >= d->loss_minor[row];
    return d->eligible[row] == 1;
}

static bool repeated(const cb_scope *scope, uint32_t row, bool *yes)
{
    *yes = scope->derived->repeat[row] == 1;
    return scope->derived->repeat[row] != 2;
}

static bool followed_up(const cb_scope *scope, uint32_t row, bool *yes)
{
    const cb_table *cases = &scope->book->table[CB_CASES];
    int64_t window_s = (int64_t)(scope->settings->assumption[CB_A_FOLLOW_UP_DAYS].base * CB_DAY_S);
    int64_t resolved = cb_time(cases, CB_CASE_RESOLVED, row),
            done = cb_time(cases, CB_CASE_FOLLOW_UP, row);
    if (resolved == CB_NO_TIME || scope->book->as_of_utc_s - resolved < window_s)
        return false;
    *yes = done != CB_NO_TIME && done - resolved <= window_s;
    return true;
}

static bool (*const judge[CB_FUNNELS])(const cb_scope *, uint32_t, bool *) = {
    [CB_FUNNEL_IN_TARGET] = in_target,
    [CB_FUNNEL_ADEQUATE] = adequate,
    [CB_FUNNEL_REPEAT] = repeated,
    [CB_FUNNEL_FOLLOW_UP] = followed_up,
};

static const char *missing(const cb_scope *scope, cb_funnel_measure what)
{
    const cb_table *cases = &scope->book->table[CB_CASES];
    if (!cases->column[CB_CASE_TEAM])
        return "team is not in the input";
    if (what == CB_FUNNEL_IN_TARGET && scope->settings->targets == 0)
        return "no targets are configured";
    if (what == CB_FUNNEL_ADEQUATE && !cases->column[CB_CASE_LOSS])
        return "loss_amount is not in the input";
    if (what == CB_FUNNEL_FOLLOW_UP && !cases->column[CB_CASE_FOLLOW_UP])
        return "follow_up_at is not in the input";
    return NULL;
}

static void count(teams *t, const cb_slice *cases, cb_funnel_measure what)
{
    for (uint32_t g = 0; g < t->groups; g++)
        t->yes[g] = t->n[g] = 0;
    for (uint32_t i = 0; i < cases->n; i++) {
        bool yes = false;
        if (!judge[what](t->scope, cases->rows[i], &yes))
            continue;
        uint32_t team = cb_dim_word(t->scope->book, CB_DIM_TEAM, cases->rows[i]);
        t->n[team]++;
        t->yes[team] += yes;
    }
}

typedef struct named {
    uint32_t word;
    cb_str text;
} named;

static int by_text(const void *a, const void *b)
{
    return cb_str_cmp(((const named *)a)->text, ((const named *)b)->text);
}

/* The one suppressed group of a total could be had by subtraction: the smallest shown one goes with
 * it. */
static void suppress(cb_funnel_result *out, uint32_t min_group)
{
    uint32_t smallest = CB_NO_ROW;
    out->suppressed = 0;
    for (uint32_t i = 0; i < out->groups; i++) {
        cb_funnel_group *g = &out->group[i];
        if (g->n < min_group) {
            g->verdict = CB_FUNNEL_SUPPRESSED;
            out->suppressed++;
        } else if (smallest == CB_NO_ROW || g->n < out->group[smallest].n) {
            smallest = i;
        }
    }
    if (out->suppressed == 1 && smallest != CB_NO_ROW) {
        out->group[smallest].verdict = CB_FUNNEL_SUPPRESSED;
        out->suppressed++;
    }
    for (uint32_t i = 0; i < out->groups; i++)
        if (out->group[i].verdict == CB_FUNNEL_SUPPRESSED)
            out->group[i].n = out->group[i].yes = 0;
}

static void draw_lines(cb_funnel_result *out, const cb_funnel *funnel, double largest)
{
    /* Limits in equal steps of the square root of n: dense where they bend. */
    for (unsigned i = 0; i < LINES; i++) {
        double root = sqrt(5.0) + (sqrt(largest * 1.05) - sqrt(5.0)) * i / (LINES - 1);
        double n = root * root;
        cb_funnel_limits exact = cb_funnel_share_limits(funnel->target, n);
        cb_funnel_limits wide = cb_funnel_widen(
            exact, funnel->target, funnel->target * (1 - funnel->target) / n, funnel->tau2);
        out->line[out->lines++] =
            (cb_funnel_line){n, wide.low_95, wide.high_95, wide.low_998, wide.high_998};
    }
}

static cb_funnel_verdict verdict_of(int place)
{
    return place == 0        ? CB_FUNNEL_INSIDE
           : abs(place) == 1 ? CB_FUNNEL_BEYOND_95
                             : CB_FUNNEL_BEYOND_998;
}

static void fill(cb_funnel_result *out, const teams *t, const named *order, const cb_funnel *funnel)
{
    double largest = 5;
    for (uint32_t i = 0; i < out->groups; i++) {
        const cb_funnel_point *p = &funnel->points[i];
        uint32_t word = order[i].word;
        out->group[i] =
            (cb_funnel_group){.word = word,
                              .yes = (uint32_t)t->yes[word],
                              .n = (uint32_t)t->n[word],
                              .share = p->value,
                              .low95 = p->widened.low_95,
                              .high95 = p->widened.high_95,
                              .low998 = p->widened.low_998,
                              .high998 = p->widened.high_998,
                              .wilson = cb_wilson(t->yes[word], t->n[word], CB_LEVEL_95),
                              .verdict = verdict_of(p->place)};
        largest = p->size > largest ? p->size : largest;
    }
    draw_lines(out, funnel, largest);
}

static cb_status compare_teams(const teams *t, cb_funnel_result *out, cb_error *err)
{
    cb_arena *scratch = t->scope->scratch;
    named *order = cb_arena_array(scratch, t->groups, sizeof *order);
    uint64_t *yes = cb_arena_array(scratch, t->groups, sizeof *yes),
             *n = cb_arena_array(scratch, t->groups, sizeof *n);
    cb_funnel funnel;
    if (!order || !yes || !n)
        return cb_nomem(err, "the comparison of teams");
    for (uint32_t g = 1; g < t->groups; g++)
        if (t->n[g] > 0)
            order[out->groups++] = (named){g, cb_dim_text(t->scope->book, CB_DIM_TEAM, g)};
    if (out->groups > 1)
        qsort(order, out->groups, sizeof *order, by_text);
    for (uint32_t i = 0; i < out->groups; i++) {
        yes[i] = t->yes[order[i].word];
        n[i] = t->n[order[i].word];
    }
    if (cb_funnel_shares(yes, n, out->groups, scratch, &funnel) != CB_OK)
        return cb_nomem(err, "the comparison of teams");
    out->reason = funnel.reason;
    if (funnel.reason)
        return CB_OK;
    out->target = funnel.target;
    out->phi = funnel.phi;
    out->tau2 = funnel.tau2;
    out->group = cb_arena_array(t->scope->arena, out->groups, sizeof *out->group);
    if (!out->group)
        return cb_nomem(err, "the comparison of teams");
    fill(out, t, order, &funnel);
    suppress(out, t->scope->settings->min_group);
    return CB_OK;
}

static cb_status fairness_finish(void *state, const cb_scope *scope, cb_window_ix ix,
                                 cb_results *results, cb_error *err)
{
    teams t = {.scope = scope, .groups = cb_dim_groups(scope->book, CB_DIM_TEAM)};
    t.yes = cb_arena_array(scope->scratch, t.groups, sizeof *t.yes);
    t.n = cb_arena_array(scope->scratch, t.groups, sizeof *t.n);
    (void)state;
    if (!t.yes || !t.n)
        return cb_nomem(err, "the comparison of teams");
    cb_status rc = CB_OK;
    for (int what = 0; rc == CB_OK && what < CB_FUNNELS; what++) {
        cb_funnel_result *out = &results->fairness.funnel[what];
        out->reason = missing(scope, (cb_funnel_measure)what);
        if (out->reason)
            continue;
        count(&t, &scope->window[ix].cases, (cb_funnel_measure)what);
        rc = compare_teams(&t, out, err);
    }
    return rc;
}

const cb_measure cb_measure_fairness = {.name = "fairness",
                                        .methods = "F1, F2",
                                        .over = CB_OVER_OPENED,
                                        .only_now = true,
                                        .finish = fairness_finish};
