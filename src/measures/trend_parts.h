/* trend_parts.h - what the files of the trend measure share; private to src/measures. */
#ifndef CASEBOOK_TREND_PARTS_H
#define CASEBOOK_TREND_PARTS_H

#include "casebook/trend.h"
#include "measures/recurrence_parts.h"

enum {
    CB_TREND_WEEKS = 53,
    CB_TREND_MONTHS = 36,
    CB_TREND_WEEKS_UP_TO_DAYS = 100,
    CB_TREND_LEAST_POINTS = 12,
    CB_TREND_CAUSES = 10,
    CB_TREND_MOST_CHARTS = 48,
    CB_TREND_STRETCHES = 2048
};

/* The periods of all charts, ascending, without a gap. */
typedef struct cb_trend_axis {
    bool weeks;
    unsigned n;
    cb_period period[CB_TREND_WEEKS];
    unsigned shift; /* the axis in stretches of 2^shift seconds, of each the period it begins in */
    uint8_t begins_in[CB_TREND_STRETCHES];
} cb_trend_axis;

void cb_trend_plan(cb_trend_axis *axis, const cb_scope *scope);

// cb_trend_place returns the index of the period that holds the instant, -1 none. A stretch is far
// shorter than a period: one step at most.
static inline int cb_trend_place(const cb_trend_axis *axis, int64_t utc_s)
{
    const cb_period *p = axis->period;
    if (axis->n == 0 || utc_s == CB_NO_TIME || utc_s < p[0].from_utc_s ||
        utc_s >= p[axis->n - 1].to_utc_s)
        return -1;
    int at = axis->begins_in[(uint64_t)(utc_s - p[0].from_utc_s) >> axis->shift];
    while (utc_s >= p[at].to_utc_s)
        at++;
    return at;
}

/* A chart's raw series, by period of the axis. */
typedef struct cb_trend_series {
    uint64_t yes[CB_TREND_WEEKS], n[CB_TREND_WEEKS];
    double value[CB_TREND_WEEKS]; /* XmR; NaN: none */
} cb_trend_series;

// cb_trend_add makes the next chart of out from a series; split: index of the first period after a
// fix, -1 none. No chart, but counted, when there are too many.
CB_MUST_USE cb_status cb_trend_add(cb_trend *out, const cb_trend_chart *plan, const cb_scope *scope,
                                   const cb_trend_axis *axis, const cb_trend_series *series,
                                   cb_error *err);

// cb_trend_whole adds the charts of the whole desk.
CB_MUST_USE cb_status cb_trend_whole(cb_trend *out, const cb_scope *scope,
                                     const cb_trend_axis *axis, cb_error *err);

// cb_trend_groups adds u' charts of every group with a configured fix, and of the causes with most
// cases.
CB_MUST_USE cb_status cb_trend_groups(cb_trend *out, const cb_scope *scope,
                                      const cb_trend_axis *axis, cb_error *err);

// cb_trend_judge fills q and beyond_chance of all charts.
CB_MUST_USE cb_status cb_trend_judge(cb_trend *out, const cb_scope *scope, cb_error *err);

static inline double cb_trend_days(const cb_period *p)
{
    return (double)(p->to_utc_s - p->from_utc_s) / CB_DAY_S;
}

#endif
