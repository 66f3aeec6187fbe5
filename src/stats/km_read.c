#include "casebook/stats_survival.h"

#include <math.h>

#include "stats/km_band.h"
#include "stats/km_walk.h"

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

static bool ends_at_zero(const cb_km *km)
{
    return !(km->steps[km->n_steps - 1].survival > 0);
}

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

cb_est cb_km_area(double mean_s, double se_s, double level, double tau_s)
{
    double half_s = cb_level_z(level) * se_s;
    return cb_est_of(mean_s, fmax(0, mean_s - half_s), fmin(tau_s, mean_s + half_s));
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
    double se = sqrt(variance);
    if (se_s)
        *se_s = se;
    return cb_km_area(mean, se, km->level, tau_s);
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

/* How many of the sorted times are at or before to_s. */
static size_t until(const int64_t *sorted, size_t n, int64_t to_s)
{
    size_t low = 0;
    while (low < n) {
        size_t mid = low + (n - low) / 2;
        if (sorted[mid] <= to_s)
            low = mid + 1;
        else
            n = mid;
    }
    return low;
}

/* The number of different times; counted up to most + 1 only. */
static size_t jumps_of(const int64_t *sorted, size_t n, size_t most)
{
    size_t jumps = 0;
    for (size_t i = 0; i < n && jumps <= most; i++)
        jumps += i == 0 || sorted[i] != sorted[i - 1];
    return jumps;
}

/* The part of the curve that a chart shows, and its points. */
typedef struct chart {
    int64_t last_s; /* of its steps; -1: none */
    size_t parts, jumps;
    double z;
    cb_km_point *point;
    size_t filled;
} chart;

/* The first time after time_s that is in another part; few steps are a part each. */
static int64_t next_part(const chart *c, int64_t time_s)
{
    if (c->jumps <= c->parts)
        return time_s + 1;
    const size_t part = part_of(time_s, c->last_s, c->parts);
    int64_t low = time_s + 1, high = c->last_s;
    while (low < high) {
        int64_t mid = low + (high - low) / 2;
        if (part_of(mid, c->last_s, c->parts) > part)
            high = mid;
        else
            low = mid + 1;
    }
    return low;
}

/* Of each part the first step with events; and the last one. */
static void draw(chart *c, cb_km_walk walk)
{
    int64_t next_s = c->parts > 0 ? 0 : c->last_s;
    cb_km_step step;
    c->point[c->filled++] = (cb_km_point){0, 1, 1, 1, walk.at_risk};
    while (cb_km_walk_next(&walk, &step) && step.time_s <= c->last_s) {
        bool last = step.time_s == c->last_s;
        if (!last && (step.events == 0 || step.time_s < next_s))
            continue;
        next_s = last ? next_s : next_part(c, step.time_s);
        c->point[c->filled++] = point_of(&step, c->z);
    }
}

cb_status cb_km_chart(const cb_logrank_group *cases, double level, int64_t to_s, size_t max_points,
                      cb_arena *arena, const cb_km_point **points, size_t *n_points)
{
    *points = NULL;
    *n_points = 0;
    if (max_points < 2 ||
        cb_km_fault(cases->event_s, cases->n_events, cases->censored_s, cases->n_censored))
        return CB_OK;
    to_s = to_s < 0 ? INT64_MAX : to_s;
    size_t events = until(cases->event_s, cases->n_events, to_s);
    size_t censored = until(cases->censored_s, cases->n_censored, to_s);
    chart c = {.last_s = -1, .parts = max_points - 2, .z = cb_level_z(level)};
    if (events > 0)
        c.last_s = cases->event_s[events - 1];
    if (censored > 0 && cases->censored_s[censored - 1] > c.last_s)
        c.last_s = cases->censored_s[censored - 1];
    c.jumps = jumps_of(cases->event_s, events, c.parts);
    c.point = cb_arena_array(arena, (c.jumps < c.parts ? c.jumps : c.parts) + 2, sizeof *c.point);
    if (!c.point)
        return CB_ENOMEM;
    draw(&c, cb_km_walk_of(cases->event_s, cases->n_events, cases->censored_s, cases->n_censored));
    *points = c.point;
    *n_points = c.filled;
    return CB_OK;
}
