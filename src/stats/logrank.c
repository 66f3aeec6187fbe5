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

/* ---- two groups: the usual case, with the same steps in the same order ---- */

typedef struct side {
    const int64_t *event, *event_end, *censored, *censored_end;
    int64_t at_risk;
} side;

static side side_of(const runner *r)
{
    return (side){r->event, r->event_end, r->censored, r->censored_end, (int64_t)r->at_risk};
}

static inline int64_t next_event(const side *s)
{
    return s->event < s->event_end ? *s->event : INT64_MAX;
}

static inline void leave(side *s, int64_t before)
{
    for (; s->censored < s->censored_end && *s->censored < before; s->censored++)
        s->at_risk--;
}

/* Which side has the next event is a toss, so the first one is added rather than asked for; more of
 * the same time are rare. */
static inline int64_t events_at(side *s, int64_t next, int64_t t)
{
    int64_t n = (next == t) & (s->event < s->event_end);
    s->event += n;
    while (s->event < s->event_end && *s->event == t) {
        s->event++;
        n++;
    }
    s->at_risk -= n;
    return n;
}

/* Of the variance only what solve asks for with one degree of freedom. All events are observed. */
static void add_pair(sums *s)
{
    side a = side_of(&s->runners[0]), b = side_of(&s->runners[1]);
    double expected_a = 0, expected_b = 0, variance = 0;
    s->observed[0] = (double)(a.event_end - a.event);
    s->observed[1] = (double)(b.event_end - b.event);
    while (a.event < a.event_end || b.event < b.event_end) {
        int64_t next_a = next_event(&a), next_b = next_event(&b);
        int64_t t = next_a < next_b ? next_a : next_b;
        leave(&a, t);
        leave(&b, t);
        double left_a = (double)a.at_risk, left_b = (double)b.at_risk, n = left_a + left_b;
        double d = (double)(events_at(&a, next_a, t) + events_at(&b, next_b, t));
        double spread = n > 1 ? d * (n - d) / (n - 1) : 0, share = left_a / n;
        expected_a += d * share;
        expected_b += d * (left_b / n);
        variance += spread * share;
        variance -= spread * share * share;
    }
    s->expected[0] = expected_a;
    s->expected[1] = expected_b;
    s->variance[0] = variance;
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
    if (k == 2)
        add_pair(&s);
    else
        for (int64_t t = 0; next_event_time(&s, &t);)
            add_time(&s, t);
    out->observed = s.observed;
    out->expected = s.expected;
    if (solve(&s, work, work + k * k, work + k * k + k, &out->chi2, &out->df))
        out->p = cb_chi2_upper(out->chi2, (double)out->df);
    else {
        out->chi2 = NAN;
        out->reason = "the groups were not at risk at the same times";
    }
    return CB_OK;
}
