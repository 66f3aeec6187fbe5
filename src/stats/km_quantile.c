#include "casebook/stats_survival.h"

#include <math.h>

#include "stats/km_band.h"
#include "stats/km_walk.h"

/* S(t) = 1 - q has to be met by products of fractions; the square root of the double's epsilon,
 * as in R. */
static const double tolerance = 1.4901161193847656e-8;

/* A quantile being looked for: S <= target. */
typedef struct search {
    cb_est est;
    double target, minus_log_target, z;
} search;

/* Steps that follow each other: the first and the last of them. */
typedef struct stretch {
    const cb_km_step *first, *last;
} stretch;

static double larger(double a, double b)
{
    return a > b ? a : b;
}

static double smaller(double a, double b)
{
    return a < b ? a : b;
}

/* The limits of S cost four transcendental functions a step; far from the target a few products
 * tell that they are above it, and of a whole stretch of steps, as S falls and G grows. With
 * x = -log S, X = -log target, w = z sqrt(G):
 * - the lower limit is at or below the target when w/x >= log(X/x). As log(X/x) >= 1 - x/X, it is
 *   surely above while w < x (1 - x/X), which is concave in x: its least value is at an end of
 *   what x can be;
 * - the upper limit is at or below the target when w/x <= log(x/X). As log(x/X) <= x/X - 1, it is
 *   surely above while w > x (x/X - 1), which grows with x >= X.
 * x lies between 1 - S and 1/S - 1, and x - X between 1 - S/target and target/S - 1. At S = 0
 * there are no limits. */
static const double slack = 1e-9;

/* All S of the stretch are above the target. */
static bool lower_above(const search *q, stretch at)
{
    const double w2 = q->z * q->z * at.last->greenwood, big_x = q->minus_log_target;
    double a = larger(1 - at.first->survival, big_x + 1 - at.first->survival / q->target);
    double b = smaller(1 / at.last->survival - 1, big_x + q->target / at.last->survival - 1);
    double f = smaller(a * (1 - a / big_x), b * (1 - b / big_x)) * (1 - slack);
    return f > 0 && w2 < f * f;
}

/* All S of the stretch are at or below the target. */
static bool upper_above(const search *q, stretch at)
{
    const double w2 = q->z * q->z * at.first->greenwood, big_x = q->minus_log_target;
    double high_x = big_x + q->target / at.last->survival - 1;
    double f = high_x * (high_x / big_x - 1) * (1 + slack);
    return w2 > f * f;
}

/* Nothing of the stretch changes what is known already. */
static bool passes_by(const search *q, stretch at)
{
    if (at.last->survival > q->target)
        return !isnan(q->est.low) || lower_above(q, at);
    if (at.first->survival > q->target || isnan(q->est.value))
        return false;
    return !(at.first->survival > 0) ||
           (at.last->survival > 0 && !isnan(q->est.low) && upper_above(q, at));
}

static void look_at(search *q, const cb_km_step *step)
{
    if (step->survival <= q->target && isnan(q->est.value)) {
        q->est.value = (double)step->time_s;
        q->est.reason = NULL;
    }
    if (!(step->survival > 0) || passes_by(q, (stretch){step, step}))
        return;
    cb_km_band band = cb_km_band_of(step, q->z);
    if (isnan(q->est.low) && band.low <= q->target)
        q->est.low = (double)step->time_s;
    if (band.high <= q->target)
        q->est.high = (double)step->time_s;
}

/* How many of n steps the longest stretch has that passes by; 0: each is to be looked at. */
static size_t passed(const search *q, const cb_km_step *steps, size_t n)
{
    static const size_t lengths[] = {1024, 64, 8};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        if (n >= lengths[i] && passes_by(q, (stretch){steps, &steps[lengths[i] - 1]}))
            return lengths[i];
    return 0;
}

enum { LOOKED_AT_ONCE = 8, WALKED_AT_ONCE = 64 };

static size_t look_at_some(search *q, const cb_km_step *steps, size_t n)
{
    n = n < LOOKED_AT_ONCE ? n : LOOKED_AT_ONCE;
    for (size_t i = 0; i < n && isnan(q->est.high); i++)
        if (steps[i].events > 0)
            look_at(q, &steps[i]);
    return n;
}

static void look_through(search *q, const cb_km_step *steps, size_t n)
{
    for (size_t at = 0; at < n && isnan(q->est.high);) {
        size_t length = passed(q, &steps[at], n - at);
        at += length > 0 ? length : look_at_some(q, &steps[at], n - at);
    }
}

/* The curve's steps with events: the others change neither S nor G. */
typedef struct event_walk {
    const cb_logrank_group *cases;
    size_t events, censored; /* that have passed */
    double survival, greenwood;
} event_walk;

/* Where among the events each of the next distinct times ends; returns how many, at most
 * WALKED_AT_ONCE. No branch asks whether a time is a new one: many are not. */
static size_t cut_times(const event_walk *w, size_t end[WALKED_AT_ONCE])
{
    const int64_t *event_s = w->cases->event_s;
    const size_t n = w->cases->n_events;
    size_t at = w->events, time = 0;
    if (at == n)
        return 0;
    for (int64_t last = event_s[at]; at < n; at++) {
        time += event_s[at] != last;
        if (time == WALKED_AT_ONCE)
            return WALKED_AT_ONCE;
        last = event_s[at];
        end[time] = at + 1;
    }
    return time + 1;
}

static cb_km_step next_step(event_walk *w, size_t end)
{
    const cb_logrank_group *c = w->cases;
    const int64_t time_s = c->event_s[w->events];
    while (w->censored < c->n_censored && c->censored_s[w->censored] < time_s)
        w->censored++;
    const uint32_t at_risk = (uint32_t)(c->n_events + c->n_censored - w->events - w->censored);
    const uint32_t events = (uint32_t)(end - w->events);
    const double n = at_risk, left = at_risk - events;
    w->survival = left > 0 ? w->survival * (left / n) : 0;
    w->greenwood += left > 0 ? events / (n * left) : INFINITY;
    w->events = end;
    return (cb_km_step){time_s, w->survival, w->greenwood, at_risk, events, 0};
}

/* On a copy of the walk, which the compiler can keep in registers. */
static size_t walk_some(event_walk *walk, cb_km_step steps[WALKED_AT_ONCE])
{
    event_walk w = *walk;
    size_t end[WALKED_AT_ONCE], n = cut_times(&w, end);
    for (size_t i = 0; i < n; i++)
        steps[i] = next_step(&w, end[i]);
    *walk = w;
    return n;
}

static search new_search(double level, double q)
{
    search s = {.target = 1 - q + tolerance, .z = cb_level_z(level)};
    s.est = cb_est_none("so many cases are still open that the quantile is not reached");
    s.minus_log_target = -log(s.target);
    return s;
}

static const char *quantile_fault(double q)
{
    return q > 0 && q < 1 ? NULL : "the quantile asked for is not between 0 and 1";
}

cb_est cb_km_quantile(const cb_km *km, double q)
{
    const char *fault = km->reason ? km->reason : quantile_fault(q);
    if (fault)
        return cb_est_none(fault);
    search s = new_search(km->level, q);
    look_through(&s, km->steps, km->n_steps);
    return s.est;
}

cb_est cb_km_quantile_of(const int64_t *event_s, size_t n_events, const int64_t *censored_s,
                         size_t n_censored, double level, double q)
{
    const char *fault = cb_km_fault(event_s, n_events, censored_s, n_censored);
    fault = fault ? fault : quantile_fault(q);
    if (fault)
        return cb_est_none(fault);
    search s = new_search(level, q);
    const cb_logrank_group cases = {event_s, n_events, censored_s, n_censored};
    event_walk walk = {.cases = &cases, .survival = 1};
    cb_km_step steps[WALKED_AT_ONCE];
    for (size_t n = WALKED_AT_ONCE; n == WALKED_AT_ONCE && isnan(s.est.high);) {
        n = walk_some(&walk, steps);
        look_through(&s, steps, n);
    }
    return s.est;
}

/* ---- several figures of a curve that is not kept ---- */

/* The duration of rank (0-based) among all: i of the first rank + 1 are events, as many as come
 * before the censorings that they leave out. */
static int64_t duration_at(const cb_logrank_group *cases, size_t rank)
{
    size_t low = rank + 1 > cases->n_censored ? rank + 1 - cases->n_censored : 0;
    size_t high = rank + 1 < cases->n_events ? rank + 1 : cases->n_events;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (cases->event_s[mid] < cases->censored_s[rank - mid])
            low = mid + 1;
        else
            high = mid;
    }
    int64_t event_s = low > 0 ? cases->event_s[low - 1] : -1;
    int64_t censored_s = low < rank + 1 ? cases->censored_s[rank - low] : -1;
    return event_s > censored_s ? event_s : censored_s;
}

static double follow_up(const cb_logrank_group *cases, double q)
{
    double h = ((double)(cases->n_events + cases->n_censored) - 1.0) * q, whole = floor(h);
    double low = (double)duration_at(cases, (size_t)whole);
    if (!(h > whole))
        return low;
    return low + (h - whole) * ((double)duration_at(cases, (size_t)whole + 1) - low);
}

/* As cb_km_rmean, from the far end. */
static cb_est restricted_mean(const cb_logrank_group *cases, double level, double tau_s,
                              const cb_km_jump *jump, size_t n)
{
    double area = 0, right = tau_s, variance = 0;
    size_t behind = cases->n_events;
    while (n > 0 && cases->event_s[jump[n - 1].first] > (int64_t)tau_s)
        behind = jump[--n].first;
    while (n-- > 0) {
        const double time_s = (double)cases->event_s[jump[n].first];
        const double events = (double)(behind - jump[n].first);
        const double at_risk = jump[n].at_risk, left = at_risk - events;
        behind = jump[n].first;
        area += jump[n].survival * (right - time_s);
        right = time_s;
        if (left > 0)
            variance += area * area * events / (at_risk * left);
    }
    return cb_km_area(area + right, sqrt(variance), level, tau_s);
}

void cb_km_figures_of(const cb_logrank_group *cases, double level, cb_km_jump *jump,
                      cb_km_figures *out)
{
    const char *fault =
        cb_km_fault(cases->event_s, cases->n_events, cases->censored_s, cases->n_censored);
    search s[] = {new_search(level, 0.5), new_search(level, 0.9), new_search(level, 0.95)};
    *out = (cb_km_figures){cb_est_none(fault), cb_est_none(fault), cb_est_none(fault),
                           cb_est_none(fault), NAN};
    if (fault)
        return;
    event_walk walk = {.cases = cases, .survival = 1};
    cb_km_step steps[WALKED_AT_ONCE];
    size_t jumps = 0;
    uint32_t first = 0;
    for (size_t n = WALKED_AT_ONCE; n == WALKED_AT_ONCE;) {
        n = walk_some(&walk, steps);
        for (size_t q = 0; q < sizeof s / sizeof *s; q++)
            look_through(&s[q], steps, n);
        for (size_t i = 0; i < n; i++) {
            jump[jumps++] = (cb_km_jump){steps[i].survival, steps[i].at_risk, first};
            first += steps[i].events;
        }
    }
    out->median_s = s[0].est;
    out->p90_s = s[1].est;
    out->p95_s = s[2].est;
    out->tau_s = follow_up(cases, 0.95);
    out->restricted_mean_s = restricted_mean(cases, level, out->tau_s, jump, jumps);
}
