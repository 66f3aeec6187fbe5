#include "casebook/stats_survival.h"

#include <math.h>

#include "stats/km_band.h"

/* S(t) = 1 - q has to be met by products of fractions; the square root of the double's epsilon, as in R. */
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

/* Whether the lower limit of S is surely above the target, told without a logarithm. With x = -log S and X = -log target
 * the limit is at or below the target when z sqrt(G)/x >= log(X/x), and log(X/x) >= 1 - x/X; so it is surely
 * above while z sqrt(G) < x (1 - x/X). The right side is concave in x, and 1 - S <= x <= (1 - S)/S. */
static bool surely_above(const cb_km_step *step, double z, double minus_log_target)
{
    const double safety = 1 - 1e-9;
    double a = 1 - step->survival, b = a / step->survival;
    double f_a = a * (1 - a / minus_log_target), f_b = b * (1 - b / minus_log_target);
    double least = (f_a < f_b ? f_a : f_b) * safety;
    return least > 0 && z * z * step->greenwood < least * least;
}

/* What is known of a quantile after a step with events. The limits cost four transcendental functions a step, and
 * far from the target need none: the upper one is never below S. */
static void look_at(cb_est *est, const cb_km_step *step, double z, double target, double minus_log_target)
{
    bool reached = step->survival <= target;
    if (!reached && (!isnan(est->low) || surely_above(step, z, minus_log_target)))
        return;
    if (reached && isnan(est->value)) {
        est->value = (double)step->time_s;
        est->reason = NULL;
    }
    cb_km_band band = cb_km_band_of(step, z);
    if (isnan(est->low) && band.low <= target)
        est->low = (double)step->time_s;
    if (band.high <= target)
        est->high = (double)step->time_s;
}

cb_est cb_km_quantile(const cb_km *km, double q)
{
    if (km->reason)
        return cb_est_none(km->reason);
    if (!(q > 0 && q < 1))
        return cb_est_none("the quantile asked for is not between 0 and 1");
    const double z = cb_level_z(km->level), target = 1 - q + tolerance, minus_log_target = -log(target);
    cb_est est = cb_est_none("so many cases are still open that the quantile is not reached");
    for (size_t i = 0; i < km->n_steps && isnan(est.high); i++)
        if (km->steps[i].events > 0)
            look_at(&est, &km->steps[i], z, target, minus_log_target);
    return est;
}

/* The duration of rank (0-based) among all, by cumulated counts. */
static double duration_at(const cb_km *km, uint64_t rank)
{
    uint64_t passed = 0;
    for (size_t i = 0; i < km->n_steps; i++) {
        passed += km->steps[i].events + (uint64_t)km->steps[i].censored;
        if (rank < passed)
            return (double)km->steps[i].time_s;
    }
    return NAN;
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

/* Area under S up to tau, and the sum of squared remaining areas times Greenwood's terms. The remaining area is known
 * only from the far end: so backwards. */
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

/* ---- the curve for a chart ---------------------------------------------------------------------- */

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
