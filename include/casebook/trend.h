/* trend.h - Q7: control charts. Signals, not noise.
 *
 * A chart has at least 12 points before it speaks (else `reason`). Months for long windows, weeks for a quarter, days for a day's report:
 * the points end with the window and reach back over the baseline. */
#ifndef CASEBOOK_TREND_H
#define CASEBOOK_TREND_H

#include "casebook/measures.h"

typedef enum cb_trend_kind { CB_TREND_XMR, CB_TREND_P, CB_TREND_U } cb_trend_kind;

/* Bits of `signals`, as stats_chart.h defines the rules. */
typedef enum cb_trend_signal { CB_TREND_OUTSIDE = 1, CB_TREND_SEVEN_SIDE = 2, CB_TREND_SEVEN_RUN = 4, CB_TREND_TWO_OF_THREE = 8 } cb_trend_signal;

typedef struct cb_trend_point {
    cb_period period;
    double value, mean, low, high; /* NaN value: no case */
    double n;                      /* denominator or exposure */
    unsigned signals;              /* bits of cb_trend_signal */
} cb_trend_point;

typedef struct cb_trend_chart {
    const char *id, *title, *unit; /* "cases_opened", "Cases opened", "cases a week" */
    cb_trend_kind kind;
    bool has_word;
    cb_dim dim;
    uint32_t word;                 /* of a cause's or product's chart */
    unsigned points;
    cb_trend_point *point;
    const char *reason;            /* not enough points */
    int split;                     /* index of the first point after a configured fix date, -1 none */
    cb_est fix_ratio;              /* rate after / before the fix */
    int64_t fix_utc_s;
    unsigned signals_now;          /* signals at points within the window */
} cb_trend_chart;

typedef struct cb_trend {
    unsigned charts;
    cb_trend_chart *chart;         /* first the whole's: cases opened, median hours (xmr of resolved cases), share adequate (p'),
                                      repeat rate (p'), low reviews (p'); then the ten causes with most cases (u') */
} cb_trend;

extern const cb_measure cb_measure_trend;

#endif
