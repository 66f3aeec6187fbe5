#include "casebook/stats_chart.h"

#include <math.h>

#include "casebook/stats_order.h"

/* Shewhart's constants for moving ranges of two: 1.128 = E(range) / sigma, 3.267 = upper limit
 * of a range. */
static const double range_per_sigma = 1.128, range_limit = 3.267, xmr_factor = 2.66;
/* Values nearer than this, relative to their size, count as equal: a mean of equal values may be
 * off by a bit. */
static const double same = 1e-12;

/* What the three charts have in common: values with an own standard deviation each (1 for XmR),
 * and what half the width of the limits is in mean moving ranges of the standardised values. */
typedef struct series {
    cb_control_point *points;
    double *sd;
    size_t *valid; /* the indexes of a segment's points that have a value */
    double *range;
    double factor, least, most;
    bool is_xmr;
} series;

static bool above(double a, double b) { return a - b > same * fmax(fabs(a), fabs(b)); }

static double mean_of(const double *v, size_t n) { return cb_sum_f64(v, n) / (double)n; }

/* The mean moving range without those that are screened, and how many those are. */
static double screened_mean(double *range, size_t n, double mean, size_t *screened)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (!(mean > 0 && range[i] >= range_limit * mean))
            range[kept++] = range[i];
    *screened = n - kept;
    return mean_of(range, kept);
}

static void set_limits(const series *s, const cb_control_segment *seg, size_t n_valid)
{
    for (size_t i = 0; i < n_valid; i++) {
        cb_control_point *p = &s->points[s->valid[i]];
        double half = s->factor * seg->mean_range * s->sd[s->valid[i]];
        p->low = fmax(s->least, seg->centre - half);
        p->high = fmin(s->most, seg->centre + half);
        p->low_third = seg->centre - half * 2 / 3;
        p->high_third = seg->centre + half * 2 / 3;
    }
}

/* ---- signals --------------------------------------------------------------------------------- */

static cb_control_point *point_at(const series *s, size_t i) { return &s->points[s->valid[i]]; }

static void mark(const series *s, size_t from, size_t to, unsigned signal)
{
    for (size_t i = from; i < to; i++)
        point_at(s, i)->signals |= signal;
}

static int side_of(const cb_control_point *p)
{
    return above(p->value, p->centre) - above(p->centre, p->value);
}

/* How point i goes on from point i - 1: up 1, down -1, level 0. */
static int move_to(const series *s, size_t i)
{
    double before = point_at(s, i - 1)->value, here = point_at(s, i)->value;
    return above(here, before) - above(before, here);
}

static void mark_sides(const series *s, size_t n)
{
    for (size_t from = 0, to; from < n; from = to) {
        int side = side_of(point_at(s, from));
        for (to = from + 1; to < n && side_of(point_at(s, to)) == side; to++)
            ;
        if (side != 0 && to - from >= CB_CHART_RUN)
            mark(s, from, to, CB_SIGNAL_ONE_SIDE);
    }
}

static void mark_trends(const series *s, size_t n)
{
    for (size_t from = 1, to; from < n; from = to) {
        int move = move_to(s, from);
        for (to = from + 1; to < n && move_to(s, to) == move; to++)
            ;
        if (move != 0 && to - from + 1 >= CB_CHART_RUN)
            mark(s, from - 1, to, CB_SIGNAL_TREND);
    }
}

/* 1 in the upper outer third or beyond, -1 in the lower, 0 elsewhere. */
static int outer_third(const cb_control_point *p)
{
    return above(p->value, p->high_third) - above(p->low_third, p->value);
}

static void mark_two_of_three(const series *s, size_t n)
{
    for (size_t i = 0; i + 2 < n; i++)
        for (int side = -1; side <= 1; side += 2) {
            int count = 0;
            for (size_t j = i; j < i + 3; j++)
                count += outer_third(point_at(s, j)) == side;
            for (size_t j = i; count >= 2 && j < i + 3; j++)
                if (outer_third(point_at(s, j)) == side)
                    mark(s, j, j + 1, CB_SIGNAL_TWO_OF_THREE);
        }
}

static void mark_signals(const series *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const cb_control_point *p = point_at(s, i);
        if (above(p->value, p->high) || above(p->low, p->value))
            mark(s, i, i + 1, CB_SIGNAL_OUTSIDE);
    }
    mark_sides(s, n);
    mark_trends(s, n);
    mark_two_of_three(s, n);
}

/* ---- segments -------------------------------------------------------------------------------- */

static size_t find_valid(const series *s, const cb_control_segment *seg)
{
    size_t n = 0;
    for (size_t i = seg->from; i < seg->to; i++)
        if (!isnan(s->points[i].value))
            s->valid[n++] = i;
    return n;
}

/* The centre is set, and sd for every valid point. */
static void finish_segment(series *s, cb_control_segment *seg, size_t n)
{
    for (size_t i = 0; i < n; i++)
        point_at(s, i)->centre = seg->centre;
    for (size_t i = 0; i + 1 < n; i++) {
        double a = (point_at(s, i)->value - seg->centre) / s->sd[s->valid[i]];
        double b = (point_at(s, i + 1)->value - seg->centre) / s->sd[s->valid[i + 1]];
        s->range[i] = fabs(b - a);
    }
    seg->mean_range_unscreened = mean_of(s->range, n - 1);
    seg->mean_range = screened_mean(s->range, n - 1, seg->mean_range_unscreened, &seg->screened);
    seg->provisional = n < CB_CHART_FIRM_POINTS;
    if (s->is_xmr) {
        seg->low_unscreened = seg->centre - s->factor * seg->mean_range_unscreened;
        seg->high_unscreened = seg->centre + s->factor * seg->mean_range_unscreened;
    } else
        seg->sigma_z = seg->mean_range / range_per_sigma;
    set_limits(s, seg, n);
    mark_signals(s, n);
}

static const cb_control_segment empty_segment = {.centre = NAN,
                                               .mean_range = NAN,
                                               .mean_range_unscreened = NAN,
                                               .low_unscreened = NAN,
                                               .high_unscreened = NAN,
                                               .sigma_z = NAN};

static void cut_segments(cb_control_chart *out, size_t split)
{
    bool both = split > 0 && split < out->n;
    out->n_segments = both ? 2 : 1;
    out->segments[0] = out->segments[1] = empty_segment;
    out->segments[0].to = both ? split : out->n;
    if (both) {
        out->segments[1].from = split;
        out->segments[1].to = out->n;
    }
}

/* Takes the memory; all points begin without a value. */
static cb_status start(size_t n, size_t split, cb_arena *arena, series *s, cb_control_chart *out)
{
    s->points = cb_arena_array(arena, n, sizeof *s->points);
    s->sd = cb_arena_array(arena, n, sizeof *s->sd);
    s->valid = cb_arena_array(arena, n, sizeof *s->valid);
    s->range = cb_arena_array(arena, n, sizeof *s->range);
    if (!s->points || !s->sd || !s->valid || !s->range)
        return CB_ENOMEM;
    for (size_t i = 0; i < n; i++)
        s->points[i] = (cb_control_point){NAN, NAN, NAN, NAN, NAN, NAN, 0};
    out->points = s->points;
    out->n = n;
    cut_segments(out, split);
    return CB_OK;
}

cb_status cb_chart_xmr(const double *values, size_t n, size_t split, cb_arena *arena, cb_control_chart *out)
{
    *out = (cb_control_chart){.reason = n == 0 ? "no periods" : NULL};
    if (n > 0 && !cb_all_finite(values, n))
        out->reason = "a value is not a number";
    if (out->reason)
        return CB_OK;
    series s = {.factor = xmr_factor, .least = -INFINITY, .most = INFINITY, .is_xmr = true};
    cb_status rc = start(n, split, arena, &s, out);
    if (rc != CB_OK)
        return rc;
    for (size_t i = 0; i < n; i++) {
        s.points[i].value = values[i];
        s.sd[i] = 1;
    }
    for (size_t k = 0; k < out->n_segments; k++) {
        cb_control_segment *seg = &out->segments[k];
        size_t n_valid = find_valid(&s, seg);
        seg->centre = mean_of(values + seg->from, seg->to - seg->from);
        if (n_valid >= CB_CHART_MIN_POINTS)
            finish_segment(&s, seg, n_valid);
        else
            seg->reason = "fewer than 3 periods";
    }
    return CB_OK;
}

/* ---- Laney's charts: counts over sizes ------------------------------------------------------- */

typedef double spread_fn(double centre, double size);

static double share_sd(double centre, double size) { return sqrt(centre * (1 - centre) / size); }
static double rate_sd(double centre, double size) { return sqrt(centre / size); }

/* A point whose size is 0 stays without a value. */
static void laney_segment(series *s, cb_control_segment *seg, const uint64_t *counts,
                          const double *sizes, spread_fn *spread)
{
    double count = 0, size = 0;
    for (size_t i = seg->from; i < seg->to; i++) {
        count += (double)counts[i];
        size += sizes[i];
        if (sizes[i] > 0)
            s->points[i].value = (double)counts[i] / sizes[i];
    }
    size_t n = find_valid(s, seg);
    if (n < CB_CHART_MIN_POINTS) {
        seg->reason = "fewer than 3 periods";
        return;
    }
    seg->centre = count / size;
    if (!(spread(seg->centre, 1) > 0)) {
        seg->reason = count > 0 ? "every case is a hit" : "no events";
        return;
    }
    for (size_t i = 0; i < n; i++)
        s->sd[s->valid[i]] = spread(seg->centre, sizes[s->valid[i]]);
    finish_segment(s, seg, n);
}

static cb_status laney(const uint64_t *counts, const double *sizes, size_t n, size_t split,
                       double most, cb_arena *arena, cb_control_chart *out)
{
    series s = {.factor = 3 / range_per_sigma, .least = 0, .most = most};
    cb_status rc = start(n, split, arena, &s, out);
    for (size_t k = 0; rc == CB_OK && k < out->n_segments; k++)
        laney_segment(&s, &out->segments[k], counts, sizes, most > 1 ? rate_sd : share_sd);
    return rc;
}

cb_status cb_chart_p(const uint64_t *hits, const uint64_t *sizes, size_t n, size_t split,
                     cb_arena *arena, cb_control_chart *out)
{
    *out = (cb_control_chart){.reason = n == 0 ? "no periods" : NULL};
    double *size = cb_arena_array(arena, n, sizeof *size);
    if (!size)
        return CB_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        size[i] = (double)sizes[i];
        if (hits[i] > sizes[i])
            out->reason = "more hits than cases";
    }
    return out->reason ? CB_OK : laney(hits, size, n, split, 1, arena, out);
}

cb_status cb_chart_u(const uint64_t *events, const double *exposures, size_t n, size_t split,
                     cb_arena *arena, cb_control_chart *out)
{
    *out = (cb_control_chart){.reason = n == 0 ? "no periods" : NULL};
    for (size_t i = 0; i < n; i++) {
        if (!(exposures[i] >= 0) || isinf(exposures[i]))
            out->reason = "an exposure is negative or not a number";
        else if (exposures[i] <= 0 && events[i] > 0)
            out->reason = "events in a period without exposure";
    }
    return out->reason ? CB_OK : laney(events, exposures, n, split, INFINITY, arena, out);
}

const char *cb_chart_signal_text(unsigned signals)
{
    static const struct {
        unsigned signal;
        const char *text;
    } texts[] = {
        {CB_SIGNAL_OUTSIDE, "outside the limits"},
        {CB_SIGNAL_ONE_SIDE, "7 or more on one side"},
        {CB_SIGNAL_TREND, "7 or more rising or falling"},
        {CB_SIGNAL_TWO_OF_THREE, "2 of 3 near a limit"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (signals & texts[i].signal)
            return texts[i].text;
    return "";
}
