#include "casebook/stats_survival.h"

#include <math.h>

#include "stats/km_band.h"
#include "stats/km_walk.h"

/* S(t) = 1 - q has to be met by products of fractions; the square root of the double's epsilon,
 * as in R. */
static const double tolerance = 1.4901161193847656e-8;

/* The number of steps at or before time_s. */
static size_t steps_until(const cb_km *km, int64_t time_s)
{
    size_t low = 0, high = km->n_steps;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (km->steps[mid].time_s <= time_s)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static bool ends_at_zero(const cb_km *km) { return !(km->steps[km->n_steps - 1].survival > 0); }

cb_est cb_km_at(const cb_km *km, int64_t time_s)
{
    if (km->reason)
        return cb_est_none(km->reason);
    if (time_s > km->steps[km->n_steps - 1].time_s && !ends_at_zero(km))
        return cb_est_none("no case was followed for so long");
    size_t n = steps_until(km, time_s);
    if (n == 0)
        return cb_est_known(1);
    cb_km_band band = cb_km_band_of(&km->steps[n - 1], cb_level_z(km->level));
    return cb_est_of(km->steps[n - 1].survival, band.low, band.high);
}

/* A quantile being looked for: S <= target. */
typedef struct search {
    cb_est est;
    double target, minus_log_target, z;
} search;

/* Steps that follow each other: the first and the last of them. */
typedef struct stretch {
    const cb_km_step *first, *last;
} stretch;

static double larger(double a, double b) { return a > b ? a : b; }

static double smaller(double a, double b) { return a < b ? a : b; }

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
    cb_km_walk walk = cb_km_walk_of(event_s, n_events, censored_s, n_censored);
    cb_km_step steps[WALKED_AT_ONCE];
    for (size_t n = WALKED_AT_ONCE; n == WALKED_AT_ONCE && isnan(s.est.high);) {
        for (n = 0; n < WALKED_AT_ONCE && cb_km_walk_next(&walk, &steps[n]);)
            n++;
        look_through(&s, steps, n);
    }
    return s.est;
}

/* The duration of rank (0-based) among all: the last step before which at most so many passed. */
static double duration_at(const cb_km *km, uint64_t rank)
{
    size_t low = 0, high = km->n_steps;
    while (high - low > 1) {
        size_t mid = low + (high - low) / 2;
        if (km->n - km->steps[mid].at_risk <= rank)
            low = mid;
        else
            high = mid;
    }
    return (double)km->steps[low].time_s;
}

double cb_km_follow_up(const cb_km *km, double q)
{
    if (km->n_steps == 0 || !(q >= 0 && q <= 1))
        return NAN;
    double h = (km->n - 1.0) * q, whole = floor(h);
    uint64_t rank = (uint64_t)whole;
    double low = duration_at(km, rank);
    if (!(h > whole))
        return low;
    return low + (h - whole) * (duration_at(km, rank + 1) - low);
}

/* Area under S up to tau, and the sum of squared remaining areas times Greenwood's terms. The
 * remaining area is known only from the far end: so backwards. */
static double area_backwards(const cb_km *km, size_t n, double tau_s, double *variance)
{
    double area = 0, right = tau_s;
    *variance = 0;
    for (size_t i = n; i-- > 0;) {
        const cb_km_step *step = &km->steps[i];
        if (step->events == 0)
            continue;
        area += step->survival * (right - (double)step->time_s);
        right = (double)step->time_s;
        double at_risk = step->at_risk, left = at_risk - step->events;
        if (left > 0)
            *variance += area * area * step->events / (at_risk * left);
    }
    return area + right;
}

cb_est cb_km_rmean(const cb_km *km, double tau_s, double *se_s)
{
    if (se_s)
        *se_s = NAN;
    if (km->reason)
        return cb_est_none(km->reason);
    if (!(tau_s >= 0) || isinf(tau_s))
        return cb_est_none("the limit of the restricted mean is not a time");
    if (tau_s > (double)km->steps[km->n_steps - 1].time_s && !ends_at_zero(km))
        return cb_est_none("no case was followed up to the limit of the restricted mean");
    double variance;
    size_t n = tau_s >= 0x1p62 ? km->n_steps : steps_until(km, (int64_t)tau_s);
    double mean = area_backwards(km, n, tau_s, &variance);
    double se = sqrt(variance), half = cb_level_z(km->level) * se;
    if (se_s)
        *se_s = se;
    return cb_est_of(mean, mean - half, mean + half);
}

/* ---- the curve for a chart ------------------------------------------------------------------- */

static cb_km_point point_of(const cb_km_step *step, double z)
{
    cb_km_band band = cb_km_band_of(step, z);
    cb_km_point p = {step->time_s, step->survival, band.low, band.high, step->at_risk};
    if (step->survival >= 1)
        p.low = p.high = 1;
    return p;
}

/* Which of `parts` equal parts of [0, last] a time falls in. */
static size_t part_of(int64_t time_s, int64_t last_s, size_t parts)
{
    double share = last_s > 0 ? (double)time_s / (double)last_s : 0;
    size_t part = (size_t)(share * (double)parts);
    return part < parts ? part : parts - 1;
}

cb_status cb_km_chart(const cb_km *km, int64_t to_s, size_t max_points, cb_arena *arena,
                      const cb_km_point **points, size_t *n_points)
{
    *points = NULL;
    *n_points = 0;
    if (km->reason || max_points < 2)
        return CB_OK;
    const size_t n = to_s < 0 ? km->n_steps : steps_until(km, to_s);
    size_t n_jumps = 0;
    for (size_t i = 0; i < n; i++)
        n_jumps += km->steps[i].events > 0;
    const size_t room = (n_jumps < max_points - 2 ? n_jumps : max_points - 2) + 2;
    cb_km_point *out = cb_arena_array(arena, room, sizeof *out);
    if (!out)
        return CB_ENOMEM;
    const double z = cb_level_z(km->level);
    const size_t parts = max_points - 2;
    size_t filled = 1, last_part = SIZE_MAX;
    out[0] = (cb_km_point){0, 1, 1, 1, km->n};
    for (size_t i = 0; i + 1 < n; i++) {
        if (km->steps[i].events == 0)
            continue;
        size_t part = n_jumps <= parts ? i : parts ? part_of(km->steps[i].time_s,
        km->steps[n - 1].time_s, parts)
                                                   : SIZE_MAX;
        if (part == last_part)
            continue;
        last_part = part;
        out[filled++] = point_of(&km->steps[i], z);
    }
    if (n > 0)
        out[filled++] = point_of(&km->steps[n - 1], z);
    *points = out;
    *n_points = filled;
    return CB_OK;
}
