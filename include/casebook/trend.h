/* trend.h - Q7: control charts. Signals, not noise.
 *
 * Sequence: cb_measures_run fills cb_results.trend of the window that is reported on (CB_NOW); the
 * others' stays zeroed. All lives in the scope's arena.
 *
 * Axis: all charts share one. Weeks for windows up to 100 days (a day's or a quarter's report),
 * months for longer ones: the last 53 whole weeks (36 whole months) that have ended by the window's
 * end, or by as_of if that is earlier, and begin not before the input's first case; a period still
 * running, or only partly covered, would be a false low. A month has ended on its last local day, as
 * has the quarter that is reported by default. Weeks are seven local days and end with the last
 * whole local day. A chart has at least 12 points with a value before it speaks (else
 * `reason`).
 *
 * Charts and formulas (stats_chart.h):
 *   XmR   a value a period: mean +- 2.66 x mean moving range (Wheeler 1993), moving ranges of 3.267
 *         times their mean or more screened. Cases opened; median hours of the cases solved in the
 * period (of solved cases only: it needs no look ahead, and so cannot know of those still open). p'
 * a share of the period's cases, u' cases a day: Laney (2002, Quality Engineering 14:4), limits
 *         widened by what the series itself varies beyond binomial or Poisson chance.
 * Whole desk: median_hours, cases_opened, share_adequate (of eligible cases by the time they were
 * solved), repeat_rate (Q1, by opening), low_reviews (by posting). Then a u' chart ("group") of
 * each group with a configured fix, and of the ten causes with most cases in the window that have
 * none.
 *
 * Marks. `signals` of a point: one of the four rules of stats_chart.h. The rules look at every
 * point four times over; without any change about one chart in five marks a point within a quarter
 * (tests/sim/false_signals.c), more where cases come in bunches. They say where to ask.
 * Evidence, of the whole desk's charts (a group's few cases a week are too skew for it: Q5 judges
 * groups). A point's p asks how far it lies from the centre, z = (value - centre) / sigma, with the
 * limits' sigma, or the points' own standard deviation about the centre where that is more (a
 * series that drifts has small moving ranges), as Student's t with n - 1 degrees of freedom. q is
 * Benjamini and Hochberg's over the window's points of these charts; `beyond_chance` counts q <
 * 0.05. Only of those a report says that something changed.
 *
 * Fixes ([fixes] date = cause, product or kind): the date splits the chart, each side has its own
 * limits. fix_ratio: cases a day after / before, from the previous fix of the group (or the first
 * case of the input) to the fix, and on to the next one (or the end), by the cases' own times;
 * interval of the exact test, bunches of one customer allowed for (stats_bunches.h). */
#ifndef CASEBOOK_TREND_H
#define CASEBOOK_TREND_H

#include "casebook/measures.h"

typedef enum cb_trend_kind { CB_TREND_XMR, CB_TREND_P, CB_TREND_U } cb_trend_kind;

/* Bits of `signals`, as stats_chart.h defines the rules. */
typedef enum cb_trend_signal {
    CB_TREND_OUTSIDE = 1,
    CB_TREND_SEVEN_SIDE = 2,
    CB_TREND_SEVEN_RUN = 4,
    CB_TREND_TWO_OF_THREE = 8
} cb_trend_signal;

typedef struct cb_trend_point {
    cb_period period;
    double value, mean, low, high; /* NaN value: no case */
    double n;                      /* XmR: cases of the value; p': denominator; u': days */
    unsigned signals;              /* bits of cb_trend_signal */
    double p, q; /* NaN: no limits, or a group's chart; q NaN also outside the window */
} cb_trend_point;

typedef struct cb_trend_chart {
    const char *id, *title,
        *unit; /* "cases_opened", "Cases opened", "cases a week"; id of a group's chart: "group" */
    cb_trend_kind kind;
    bool has_word;
    cb_dim dim;
    uint32_t word; /* of a group's chart */
    unsigned points;
    cb_trend_point *point;
    const char *reason; /* why there are no limits: static text */
    bool has_fix;
    int64_t fix_utc_s; /* CB_NO_TIME: none */
    int split; /* index of the first point after the fix, -1: none, or not within the axis */
    cb_est fix_ratio;
    uint32_t fix_before, fix_after; /* cases */
    unsigned signals_now;           /* marked points within the window */
    unsigned beyond_chance;         /* points within the window with q < 0.05 */
} cb_trend_chart;

typedef struct cb_trend {
    bool weeks; /* the axis: weeks or months */
    unsigned charts;
    cb_trend_chart *chart;  /* the whole desk's first, then fixes in the order of their dates, then
                               causes by cases */
    unsigned fixes_unknown; /* fixes of a group that the input does not name */
    cb_str *fix_unknown;    /* their names as configured */
    unsigned left_out;      /* charts beyond the most that are made */
} cb_trend;

extern const cb_measure cb_measure_trend;

#endif
