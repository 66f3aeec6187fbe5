/* stats_chart.h - control charts: has the process changed, or is it noise? (Q7)
 *
 * Why: a month's figure always differs from the last one. Limits from the point-to-point
 * variation say which differences mean something.
 *
 * Sequence: cb_chart_xmr for a series of values, cb_chart_p for shares, cb_chart_u for rates;
 * then read points and segments. split > 0 (the index of the first period after a fix) gives
 * each side its own limits, and no signal rule reaches across the split; split 0 or >= n: one
 * segment.
 *
 * XmR: limits = mean +- 2.66 * mean moving range (Shewhart; Wheeler 1993). Laney p' and u'
 * (Laney 2002, Quality Engineering 14:4): z_i = (x_i - centre) / sd_i, sigma_z = mean |z_i -
 * z_(i-1)| / 1.128, limits = centre +- 3 sd_i sigma_z, so that large counts do not make every
 * point a signal. Moving ranges >= 3.267 * their mean are screened (left out, once) before the
 * limits are set, because one shift would widen them.
 *
 * Signals: a point outside the limits; 7 or more successive points on one side of the centre (a
 * point on the centre ends the run); 7 or more successive points each above (or below) the one
 * before; 2 of 3 successive points in the outer third (beyond 2/3 of the way from centre to
 * limit, outside counts) on the same side. All points that make up a run carry its mark; of 2 of
 * 3 only the two or three in the outer third do. */
#ifndef CASEBOOK_STATS_CHART_H
#define CASEBOOK_STATS_CHART_H

#include "casebook/stats.h"

enum {
    CB_SIGNAL_OUTSIDE = 1u << 0,
    CB_SIGNAL_ONE_SIDE = 1u << 1,
    CB_SIGNAL_TREND = 1u << 2,
    CB_SIGNAL_TWO_OF_THREE = 1u << 3
};

enum {
    CB_CHART_RUN = 7,          /* points of a run or trend */
    CB_CHART_MIN_POINTS = 3,   /* fewer: no limits */
    CB_CHART_FIRM_POINTS = 12  /* fewer: limits are provisional */
};

/* value NaN: a period without a denominator; it has no limits and no signal and is passed over
 * by the rules. */
typedef struct cb_control_point {
    double value, centre, low, high;
    /* where the outer thirds begin, before low/high were cut to the possible range */
    double low_third, high_third;
    unsigned signals;             /* CB_SIGNAL_… */
} cb_control_point;

/* reason: why the segment has no limits (its points then have a value but NaN limits), else NULL.
 * _unscreened: the mean moving range and, for XmR, the limits with all moving ranges in. */
typedef struct cb_control_segment {
    size_t from, to; /* points [from, to) */
    double centre, mean_range, mean_range_unscreened;
    double low_unscreened, high_unscreened; /* NaN for p' and u' */
    double sigma_z;                         /* NaN for XmR */
    size_t screened;
    bool provisional;
    const char *reason;
} cb_control_segment;

typedef struct cb_control_chart {
    const cb_control_point *points;
    size_t n;
    cb_control_segment segments[2];
    size_t n_segments;
    const char *reason; /* no points at all, or a refused value; else NULL */
} cb_control_chart;

// cb_chart_xmr charts values in their order; a NaN is refused with a reason (leave such a period
// out).
CB_MUST_USE cb_status cb_chart_xmr(const double *values, size_t n, size_t split, cb_arena *arena,
                                   cb_control_chart *out);

// cb_chart_p charts hits[i] of sizes[i]; limits are cut to [0, 1]. sizes[i] = 0: a gap. hits >
// size: a reason.
CB_MUST_USE cb_status cb_chart_p(const uint64_t *hits, const uint64_t *sizes, size_t n,
                                 size_t split,
                                 cb_arena *arena, cb_control_chart *out);

// cb_chart_u charts events[i] per exposures[i]; the lower limit is cut to 0. exposure 0: a gap;
// negative or NaN: a reason.
CB_MUST_USE cb_status cb_chart_u(const uint64_t *events, const double *exposures, size_t n,
                                 size_t split,
                                 cb_arena *arena, cb_control_chart *out);

// cb_chart_signal_text returns a short static text for the gravest of the signals, "" for none.
const char *cb_chart_signal_text(unsigned signals);

#endif
