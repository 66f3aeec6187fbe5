#include "casebook/stats_survival.h"

#include <math.h>

#include <gsl/gsl_linalg.h>

/* A group while the common time runs on. */
typedef struct runner {
    const int64_t *event, *event_end, *censored, *censored_end;
    double at_risk, events; /* events: at the present time */
} runner;

typedef struct sums {
    size_t k;
    runner *runners;
    double *observed, *expected;
    double *variance; /* k x k, row-major; the upper triangle is filled */
} sums;

static bool next_event_time(const sums *s, int64_t *t)
{
    bool found = false;
    for (size_t g = 0; g < s->k; g++) {
        const runner *r = &s->runners[g];
        if (r->event < r->event_end && (!found || *r->event < *t)) {
            *t = *r->event;
            found = true;
        }
    }
    return found;
}

/* Leave out those censored before t, then count the events at t. */
static void advance(runner *r, int64_t t)
{
    for (; r->censored < r->censored_end && *r->censored < t; r->censored++)
        r->at_risk--;
    r->events = 0;
    for (; r->event < r->event_end && *r->event == t; r->event++)
        r->events++;
}

static void add_time(sums *s, int64_t t)
{
    double n = 0, d = 0;
    for (size_t g = 0; g < s->k; g++) {
        advance(&s->runners[g], t);
        n += s->runners[g].at_risk;
        d += s->runners[g].events;
    }
    double spread = n > 1 ? d * (n - d) / (n - 1) : 0;
    for (size_t g = 0; g < s->k; g++) {
        runner *r = &s->runners[g];
        double share = r->at_risk / n;
        s->observed[g] += r->events;
        s->expected[g] += d * share;
        s->variance[g * s->k + g] += spread * share;
        for (size_t h = g; h < s->k; h++)
            s->variance[g * s->k + h] -= spread * share * (s->runners[h].at_risk / n);
    }
    for (size_t g = 0; g < s->k; g++)
        s->runners[g].at_risk -= s->runners[g].events;
}

/* ---- the test ---- */

/* chi2 over the groups that were at risk at some event, less the last of them; df is their
 * number less 1. */
static bool solve(const sums *s, double *matrix, double *off, double *x, double *chi2, size_t *df)
{
    size_t used[CB_LOGRANK_MAX_GROUPS], n_used = 0;
    for (size_t g = 0; g < s->k; g++)
        if (s->expected[g] > 0)
            used[n_used++] = g;
    *df = n_used > 0 ? n_used - 1 : 0;
    if (*df == 0)
        return false;
    for (size_t i = 0; i < *df; i++) {
        off[i] = x[i] = s->observed[used[i]] - s->expected[used[i]];
        for (size_t j = i; j < *df; j++)
            matrix[i * *df + j] = matrix[j * *df + i] = s->variance[used[i] * s->k + used[j]];
    }
    gsl_matrix_view m = gsl_matrix_view_array(matrix, *df, *df);
    gsl_vector_view v = gsl_vector_view_array(x, *df);
    if (gsl_linalg_cholesky_decomp1(&m.matrix) || gsl_linalg_cholesky_svx(&m.matrix, &v.vector))
        return false;
    *chi2 = 0;
    for (size_t i = 0; i < *df; i++)
        *chi2 += off[i] * x[i];
    return isfinite(*chi2);
}

/* work: k (k + 2) numbers. */
static void judge(const sums *s, double *work, cb_logrank *out)
{
    const size_t k = s->k;
    if (solve(s, work, work + k * k, work + k * k + k, &out->chi2, &out->df)) {
        out->p = cb_chi2_upper(out->chi2, (double)out->df);
        return;
    }
    out->chi2 = NAN;
    out->reason = "the groups were not at risk at the same times";
}

static bool ascending(const int64_t *values, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (values[i] < values[i - 1])
            return false;
    return true;
}

static const char *groups_fault(const cb_logrank_group *groups, size_t n_groups)
{
    if (n_groups < 2)
        return "a comparison needs two groups";
    if (n_groups > CB_LOGRANK_MAX_GROUPS)
        return "too many groups to compare";
    size_t with_cases = 0;
    for (size_t g = 0; g < n_groups; g++) {
        if (!ascending(groups[g].event_s, groups[g].n_events) ||
            !ascending(groups[g].censored_s, groups[g].n_censored))
            return "the durations are not in order";
        with_cases += groups[g].n_events + groups[g].n_censored > 0;
    }
    return with_cases < 2 ? "fewer than two groups have cases" : NULL;
}

static runner runner_of(const cb_logrank_group *g)
{
    /* NULL + 0 is undefined in C */
    return (runner){.event = g->event_s,
                    .event_end = g->n_events ? g->event_s + g->n_events : g->event_s,
                    .censored = g->censored_s,
                    .censored_end = g->n_censored ? g->censored_s + g->n_censored : g->censored_s,
                    .at_risk = (double)(g->n_events + g->n_censored)};
}

cb_status cb_logrank_test(const cb_logrank_group *groups, size_t n_groups, cb_arena *arena,
                          cb_logrank *out)
{
    *out = (cb_logrank){.chi2 = NAN, .p = NAN, .reason = groups_fault(groups, n_groups)};
    if (out->reason)
        return CB_OK;
    const size_t k = n_groups;
    sums s = {k, cb_arena_array(arena, k, sizeof(runner)), cb_arena_array(arena, k, sizeof(double)),
              cb_arena_array(arena, k, sizeof(double)),
              cb_arena_array(arena, k * k, sizeof(double))};
    double *work = cb_arena_array(arena, k * k + 2 * k, sizeof *work);
    if (!s.runners || !s.observed || !s.expected || !s.variance || !work)
        return CB_ENOMEM;
    for (size_t g = 0; g < k; g++)
        s.runners[g] = runner_of(&groups[g]);
    for (int64_t t = 0; next_event_time(&s, &t);)
        add_time(&s, t);
    out->observed = s.observed;
    out->expected = s.expected;
    judge(&s, work, out);
    return CB_OK;
}

/* ---- two groups: the usual case, with the same steps in the same order ---- */

enum { STEPS = 256 };

/* Marks that differ in the group at most: one time with events, or one with censorings. What is at
 * risk at a step is what has not passed before it. */
typedef struct pair_walk {
    const uint64_t *mark;
    int32_t n, n_first;
    int32_t at, at_first; /* marks that have passed, and those of the first group */
    int32_t steps;
    int32_t passed[STEPS + 1], passed_first[STEPS + 1]; /* before each step */
    int32_t is_event[STEPS];
    double expected, variance;
} pair_walk;

/* The next steps, at most STEPS; no branch asks whether a mark begins one. passed[step] of the step
 * behind them is set too. */
static void cut_steps(pair_walk *w)
{
    int32_t at = w->at, first = w->at_first, step = -1;
    uint64_t last = at < w->n ? ~w->mark[at] : 0;
    for (; at < w->n; at++) {
        const uint64_t mark = w->mark[at];
        step += (mark ^ last) > 1;
        if (step == STEPS)
            break;
        last = mark;
        first += !(mark & 1);
        w->is_event[step] = !(mark & 2);
        w->passed[step + 1] = at + 1;
        w->passed_first[step + 1] = first;
    }
    w->steps = step < STEPS ? step + 1 : STEPS;
    w->passed[0] = w->at;
    w->passed_first[0] = w->at_first;
    w->at = at;
    w->at_first = first;
}

/* Of the variance only what solve asks for with one degree of freedom. A step of censorings adds
 * zeros. */
static void add_steps(pair_walk *w)
{
    double expected = w->expected, variance = w->variance;
    for (int32_t i = 0; i < w->steps; i++) {
        const int32_t at_risk = w->n - w->passed[i];
        const double n = at_risk, share = (w->n_first - w->passed_first[i]) / n;
        const double d = (w->passed[i + 1] - w->passed[i]) & -w->is_event[i];
        const double spread = d * (n - d) / (at_risk - (at_risk > 1));
        expected += d * share;
        variance += spread * share;
        variance -= spread * share * share;
    }
    w->expected = expected;
    w->variance = variance;
}

/* Who is at risk at some event is so at the first one. */
static bool second_at_risk(const pair_walk *w)
{
    int32_t at = 0, second = 0;
    for (; at < w->n && w->mark[at] & 2; at++)
        second += (int32_t)(w->mark[at] & 1);
    return at < w->n && w->n - w->n_first > second;
}

typedef struct survey {
    size_t first, observed; /* of the first group: cases, and events */
    bool ascend;
} survey;

static survey survey_of(const uint64_t *mark, size_t n)
{
    survey s = {.ascend = true};
    uint64_t last = 0;
    for (size_t i = 0; i < n; i++) {
        s.first += !(mark[i] & 1);
        s.observed += !(mark[i] & 3);
        s.ascend &= mark[i] >> 1 >= last;
        last = mark[i] >> 1;
    }
    return s;
}

static const char *pair_fault(const survey *s, size_t n)
{
    if (n > INT32_MAX)
        return "too many cases to compare";
    if (s->first == 0 || s->first == n)
        return "fewer than two groups have cases";
    return s->ascend ? NULL : "the durations are not in order";
}

void cb_logrank_pair(const uint64_t *mark, size_t n, cb_logrank_two *out)
{
    const survey all = survey_of(mark, n);
    const double observed = (double)all.observed;
    *out = (cb_logrank_two){NAN, NAN, NAN, NAN, pair_fault(&all, n)};
    if (out->reason)
        return;
    pair_walk w = {.mark = mark, .n = (int32_t)n, .n_first = (int32_t)all.first};
    while (w.at < w.n) {
        cut_steps(&w);
        add_steps(&w);
    }
    double both_observed[2] = {observed, 0}, work[8];
    double both_expected[2] = {w.expected, second_at_risk(&w)}, variance[4] = {w.variance};
    sums s = {2, NULL, both_observed, both_expected, variance};
    cb_logrank test = {.chi2 = NAN, .p = NAN};
    judge(&s, work, &test);
    *out = (cb_logrank_two){test.chi2, test.p, observed, w.expected, test.reason};
}
