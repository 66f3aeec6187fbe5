/* A series becomes a chart: limits, marks, and how likely each point is by chance. */
#include <math.h>

#include "casebook/stats_chart.h"
#include "casebook/stats_interval.h"
#include "measures/trend_parts.h"

_Static_assert((int)CB_TREND_OUTSIDE == (int)CB_SIGNAL_OUTSIDE &&
                   (int)CB_TREND_SEVEN_SIDE == (int)CB_SIGNAL_ONE_SIDE &&
                   (int)CB_TREND_SEVEN_RUN == (int)CB_SIGNAL_TREND &&
                   (int)CB_TREND_TWO_OF_THREE == (int)CB_SIGNAL_TWO_OF_THREE,
               "the bits of trend.h are those of stats_chart.h");

/* The points that have a value, and their places on the axis. */
typedef struct kept {
    unsigned n, place[CB_TREND_WEEKS];
} kept;

/* XmR takes no gaps: periods without a value are left out of the computation and stay empty in the
 * chart. */
static cb_status compute_xmr(const cb_trend_series *series, unsigned n, kept *k, cb_arena *scratch,
                             cb_control_chart *chart)
{
    double value[CB_TREND_WEEKS];
    k->n = 0;
    for (unsigned i = 0; i < n; i++)
        if (isfinite(series->value[i])) {
            k->place[k->n] = i;
            value[k->n++] = series->value[i];
        }
    return cb_chart_xmr(value, k->n, 0, scratch, chart);
}

static cb_status compute(const cb_trend_chart *plan, const cb_trend_axis *axis,
                         const cb_trend_series *series, kept *k, cb_arena *scratch,
                         cb_control_chart *chart)
{
    double days[CB_TREND_WEEKS];
    size_t split = plan->split > 0 ? (size_t)plan->split : 0;
    if (plan->kind == CB_TREND_XMR)
        return compute_xmr(series, axis->n, k, scratch, chart);
    k->n = axis->n;
    for (unsigned i = 0; i < axis->n; i++) {
        k->place[i] = i;
        days[i] = cb_trend_days(&axis->period[i]);
    }
    if (plan->kind == CB_TREND_P)
        return cb_chart_p(series->yes, series->n, axis->n, split, scratch, chart);
    return cb_chart_u(series->yes, days, axis->n, split, scratch, chart);
}

/* P(|T| >= |t|) of Student's law, by Wallace's normal approximation (1959, Annals of Mathematical
 * Statistics 30:1124), good to some per cent of p from 5 degrees of freedom on. */
static double student_two_sided(double t, double df)
{
    double z = sqrt(df * log1p(t * t / df)) * (8 * df + 1) / (8 * df + 3);
    return cb_normal_two_sided(z);
}

static double z_of(const cb_control_point *p)
{
    /* the outer third begins at two sigma */
    double sigma = (p->high_third - p->centre) / 2;
    return sigma > 0 && isfinite(p->value) ? (p->value - p->centre) / sigma : NAN;
}

static void judge_segment(cb_trend_chart *out, const cb_control_chart *chart,
                          const cb_control_segment *segment, const kept *k)
{
    double squares = 0, n = 0;
    for (size_t i = segment->from; i < segment->to; i++) {
        double z = z_of(&chart->points[i]);
        squares += isnan(z) ? 0 : z * z;
        n += isnan(z) ? 0 : 1;
    }
    if (n < CB_TREND_LEAST_POINTS)
        return;
    double wider = fmax(1, sqrt(squares / (n - 1)));
    for (size_t i = segment->from; i < segment->to; i++) {
        double z = z_of(&chart->points[i]);
        out->point[k->place[i]].p = isnan(z) ? NAN : student_two_sided(z / wider, n - 1);
    }
}

static void copy_points(cb_trend_chart *out, const cb_scope *scope, const cb_control_chart *chart,
                        const kept *k)
{
    for (unsigned i = 0; i < k->n; i++) {
        const cb_control_point *p = &chart->points[i];
        cb_trend_point *to = &out->point[k->place[i]];
        to->value = p->value;
        to->mean = p->centre;
        to->low = p->low;
        to->high = p->high;
        to->signals = p->signals;
        if (to->signals && to->period.from_utc_s >= scope->window[CB_NOW].period.from_utc_s)
            out->signals_now++;
    }
    for (size_t i = 0; !out->has_word && i < chart->n_segments; i++)
        judge_segment(out, chart, &chart->segments[i], k);
}

static unsigned with_value(const kept *k, const cb_control_chart *chart)
{
    unsigned n = 0;
    for (unsigned i = 0; !chart->reason && i < k->n; i++)
        n += isfinite(chart->points[i].value) ? 1 : 0;
    return n;
}

cb_status cb_trend_add(cb_trend *out, const cb_trend_chart *plan, const cb_scope *scope,
                       const cb_trend_axis *axis, const cb_trend_series *series, cb_error *err)
{
    if (out->charts == CB_TREND_MOST_CHARTS) {
        out->left_out++;
        return CB_OK;
    }
    cb_trend_chart *chart = &out->chart[out->charts++];
    kept k = {0};
    cb_control_chart limits;
    *chart = *plan;
    chart->point = cb_arena_array(scope->arena, axis->n, sizeof *chart->point);
    if (!chart->point)
        return cb_nomem(err, "the control charts");
    chart->points = axis->n;
    for (unsigned i = 0; i < axis->n; i++)
        chart->point[i] = (cb_trend_point){
            .period = axis->period[i],
            .value = NAN,
            .mean = NAN,
            .low = NAN,
            .high = NAN,
            .n = plan->kind == CB_TREND_U ? cb_trend_days(&axis->period[i]) : (double)series->n[i],
            .p = NAN,
            .q = NAN};
    if (compute(plan, axis, series, &k, scope->scratch, &limits) != CB_OK)
        return cb_nomem(err, "the control charts");
    if (with_value(&k, &limits) < CB_TREND_LEAST_POINTS)
        chart->reason = "fewer than 12 periods with a value";
    else
        copy_points(chart, scope, &limits, &k);
    return CB_OK;
}

cb_status cb_trend_judge(cb_trend *out, const cb_scope *scope, cb_error *err)
{
    int64_t from = scope->window[CB_NOW].period.from_utc_s;
    size_t most = (size_t)out->charts * CB_TREND_WEEKS, n = 0;
    double *p = cb_arena_array(scope->scratch, most, sizeof *p);
    cb_trend_point **at = cb_arena_array(scope->scratch, most, sizeof *at);
    if (!p || !at)
        return cb_nomem(err, "the control charts");
    for (unsigned c = 0; c < out->charts; c++)
        for (unsigned i = 0; i < out->chart[c].points; i++)
            if (out->chart[c].point[i].period.from_utc_s >= from) {
                at[n] = &out->chart[c].point[i];
                p[n] = at[n]->p;
                n++;
            }
    if (cb_bh_adjust(p, p, n, scope->scratch) != CB_OK)
        return cb_nomem(err, "the control charts");
    for (size_t i = 0; i < n; i++)
        at[i]->q = p[i];
    for (unsigned c = 0; c < out->charts; c++)
        for (unsigned i = 0; i < out->chart[c].points; i++)
            out->chart[c].beyond_chance += out->chart[c].point[i].q < CB_SIGNAL_LEVEL;
    return CB_OK;
}
