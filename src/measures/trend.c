/* Q7: control charts over weeks (short windows) or months (long ones) that end with the window. */
#include "casebook/trend.h"

#include <math.h>

#include "casebook/results.h"
#include "measures/trend_parts.h"

static cb_period week_back(const cb_zone *zone, int64_t end_local_s, unsigned back)
{
    cb_period p = {.label = ""};
    int64_t week = 7 * (int64_t)CB_DAY_S;
    p.to_utc_s = cb_zone_to_utc(zone, end_local_s - week * back);
    p.from_utc_s = cb_zone_to_utc(zone, end_local_s - week * (back + 1));
    cb_date_text(p.label, p.from_utc_s, zone);
    return p;
}

static cb_period month_back(const cb_zone *zone, int64_t end, unsigned back)
{
    cb_period p = cb_period_around(CB_PERIOD_MONTH, end - 1, zone);
    for (unsigned i = 0; i < back; i++)
        p = cb_period_around(CB_PERIOD_MONTH, p.from_utc_s - 1, zone);
    return p;
}

static void cut_in_stretches(cb_trend_axis *axis)
{
    const cb_period *p = axis->period;
    uint64_t seconds = axis->n > 0 ? (uint64_t)(p[axis->n - 1].to_utc_s - p[0].from_utc_s) : 0;
    uint8_t at = 0;
    axis->shift = 0;
    while (seconds >> axis->shift >= CB_TREND_STRETCHES)
        axis->shift++;
    for (uint64_t i = 0; i << axis->shift < seconds; i++) {
        while (p[0].from_utc_s + (int64_t)(i << axis->shift) >= p[at].to_utc_s)
            at++;
        axis->begins_in[i] = at;
    }
}

/* The end of the local day of the last moment before end. */
static int64_t day_end(const cb_zone *zone, int64_t end)
{
    int64_t day = cb_floor_day(cb_zone_to_local(zone, end - 1));
    return cb_zone_to_utc(zone, (day + 1) * CB_DAY_S);
}

/* Whole periods only: a month that is still running, or that began before the data, would be a
 * false low. On its last day a month has ended, as it has for the default quarter: exports are
 * made in the evening. */
void cb_trend_plan(cb_trend_axis *axis, const cb_scope *scope)
{
    const cb_period *now = &scope->window[CB_NOW].period;
    const cb_zone *zone = scope->settings->zone;
    int64_t end = cb_recur_end(scope, CB_NOW), first = scope->book->first_utc_s;
    axis->weeks = now->to_utc_s - now->from_utc_s <= CB_TREND_WEEKS_UP_TO_DAYS * (int64_t)CB_DAY_S;
    unsigned most = axis->weeks ? CB_TREND_WEEKS : CB_TREND_MONTHS;
    /* The end of the last whole local day. */
    int64_t end_local = cb_floor_day(cb_zone_to_local(zone, end)) * CB_DAY_S;
    axis->n = 0;
    for (unsigned back = 0; axis->n < most && back < most + 1; back++) {
        cb_period p = axis->weeks ? week_back(zone, end_local, back) : month_back(zone, end, back);
        if (p.to_utc_s > day_end(zone, end))
            continue;
        if (first == CB_NO_TIME || p.from_utc_s < first)
            break;
        axis->period[axis->n++] = p;
    }
    for (unsigned i = 0; i < axis->n / 2; i++) {
        cb_period swap = axis->period[i];
        axis->period[i] = axis->period[axis->n - 1 - i];
        axis->period[axis->n - 1 - i] = swap;
    }
    cut_in_stretches(axis);
}

static cb_status trend_finish(void *state, const cb_scope *scope, cb_window_ix ix,
                              cb_results *results, cb_error *err)
{
    cb_trend *out = &results->trend;
    (void)state;
    (void)ix;
    cb_trend_axis *axis = cb_arena_get(scope->scratch, sizeof *axis);
    out->chart = cb_arena_array(scope->arena, CB_TREND_MOST_CHARTS, sizeof *out->chart);
    if (!axis || !out->chart)
        return cb_nomem(err, "the control charts");
    cb_trend_plan(axis, scope);
    out->weeks = axis->weeks;
    cb_status rc = cb_trend_whole(out, scope, axis, err);
    if (rc == CB_OK)
        rc = cb_trend_groups(out, scope, axis, err);
    return rc == CB_OK ? cb_trend_judge(out, scope, err) : rc;
}

const cb_measure cb_measure_trend = {.name = "trend",
                                     .methods = "Q7",
                                     .over = CB_OVER_OPENED,
                                     .only_now = true,
                                     .finish = trend_finish};
