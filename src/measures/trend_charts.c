#include <math.h>

#include "casebook/stats_chart.h"
#include "casebook/stats_interval.h"
#include "casebook/stats_order.h"
#include "measures/trend_parts.h"

_Static_assert((int)CB_TREND_OUTSIDE == (int)CB_SIGNAL_OUTSIDE &&
                   (int)CB_TREND_SEVEN_SIDE == (int)CB_SIGNAL_ONE_SIDE &&
                   (int)CB_TREND_SEVEN_RUN == (int)CB_SIGNAL_TREND &&
                   (int)CB_TREND_TWO_OF_THREE == (int)CB_SIGNAL_TWO_OF_THREE,
               "the bits of trend.h are those of stats_chart.h");

static double days_of(const cb_period *p)
{
    return (double)(p->to_utc_s - p->from_utc_s) / CB_DAY_S;
}

/* XmR takes no gaps: periods without a value are left out of the computation and stay empty in the
 * chart. */
static cb_status compute_xmr(const cb_trend_series *series, unsigned n, unsigned *kept,
                             unsigned place[], cb_arena *scratch, cb_control_chart *chart)
{
    double value[CB_TREND_WEEKS];
    *kept = 0;
    for (unsigned i = 0; i < n; i++)
        if (isfinite(series->value[i])) {
            place[*kept] = i;
            value[(*kept)++] = series->value[i];
        }
    return cb_chart_xmr(value, *kept, 0, scratch, chart);
}

static cb_status compute(const cb_trend_chart *plan, const cb_trend_axis *axis,
                         const cb_trend_series *series, unsigned *kept, unsigned place[],
                         cb_arena *scratch, cb_control_chart *chart)
{
    double days[CB_TREND_WEEKS];
    size_t split = plan->split > 0 ? (size_t)plan->split : 0;
    if (plan->kind == CB_TREND_XMR)
        return compute_xmr(series, axis->n, kept, place, scratch, chart);
    *kept = axis->n;
    for (unsigned i = 0; i < axis->n; i++) {
        place[i] = i;
        days[i] = days_of(&axis->period[i]);
    }
    if (plan->kind == CB_TREND_P)
        return cb_chart_p(series->yes, series->n, axis->n, split, scratch, chart);
    return cb_chart_u(series->yes, days, axis->n, split, scratch, chart);
}

static void copy_points(cb_trend_chart *out, const cb_scope *scope, const cb_control_chart *chart,
                        unsigned kept, const unsigned place[])
{
    for (unsigned k = 0; k < kept; k++) {
        const cb_control_point *p = &chart->points[k];
        cb_trend_point *to = &out->point[place[k]];
        to->value = p->value;
        to->mean = p->centre;
        to->low = p->low;
        to->high = p->high;
        to->signals = p->signals;
        if (to->signals && to->period.from_utc_s >= scope->window[CB_NOW].period.from_utc_s)
            out->signals_now++;
    }
}

cb_status cb_trend_add(cb_trend *out, const cb_trend_chart *plan, const cb_scope *scope,
                       const cb_trend_axis *axis, const cb_trend_series *series, cb_error *err)
{
    if (out->charts == CB_TREND_MOST_CHARTS)
        return CB_OK;
    cb_trend_chart *chart = &out->chart[out->charts++];
    unsigned kept, place[CB_TREND_WEEKS];
    cb_control_chart limits;
    *chart = *plan;
    chart->point = cb_arena_array(scope->arena, axis->n, sizeof *chart->point);
    if (!chart->point)
        return cb_nomem(err, "the control charts");
    chart->points = axis->n;
    for (unsigned i = 0; i < axis->n; i++)
        chart->point[i] = (cb_trend_point){axis->period[i],
                                           NAN,
                                           NAN,
                                           NAN,
                                           NAN,
                                           plan->kind == CB_TREND_U ? days_of(&axis->period[i])
                                                                    : (double)series->n[i],
                                           0};
    if (compute(plan, axis, series, &kept, place, scope->scratch, &limits) != CB_OK)
        return cb_nomem(err, "the control charts");
    if (kept < CB_TREND_LEAST_POINTS)
        chart->reason = "fewer than 12 periods with a value";
    else if (limits.reason)
        chart->reason = limits.reason;
    else
        copy_points(chart, scope, &limits, kept, place);
    return CB_OK;
}

/* ---- the whole desk ---- */

static void opened(const cb_scope *scope, const cb_trend_axis *axis, cb_trend_series *s)
{
    for (unsigned i = 0; i < axis->n; i++) {
        cb_slice cases =
            cb_cases_opened(scope->book, axis->period[i].from_utc_s, axis->period[i].to_utc_s);
        s->n[i] = s->yes[i] = cases.n;
        s->value[i] = axis->weeks ? cases.n : cases.n / days_of(&axis->period[i]);
    }
}

static void adequate(const cb_scope *scope, const cb_trend_axis *axis, cb_trend_series *s)
{
    const cb_derived *d = scope->derived;
    for (uint32_t row = 0; row < scope->book->table[CB_CASES].n; row++) {
        int at = d->eligible[row] == 1 ? cb_trend_place(axis, cb_time(&scope->book->table[CB_CASES],
                                                                      CB_CASE_RESOLVED, row))
                                       : -1;
        if (at < 0)
            continue;
        s->n[at]++;
        s->yes[at] += d->remedy_minor[row] >= d->loss_minor[row];
    }
}

static void repeats(const cb_scope *scope, const cb_trend_axis *axis, cb_trend_series *s)
{
    for (unsigned i = 0; i < axis->n; i++) {
        cb_slice cases =
            cb_cases_opened(scope->book, axis->period[i].from_utc_s, axis->period[i].to_utc_s);
        for (uint32_t k = 0; k < cases.n; k++) {
            uint8_t repeat = scope->derived->repeat[cases.rows[k]];
            s->n[i] += repeat != 2;
            s->yes[i] += repeat == 1;
        }
    }
}

static void low_reviews(const cb_scope *scope, const cb_trend_axis *axis, cb_trend_series *s)
{
    const cb_table *reviews = &scope->book->table[CB_REVIEWS];
    double low = scope->settings->assumption[CB_A_LOW_RATING].base * 100;
    for (uint32_t row = 0; row < reviews->n; row++) {
        uint16_t score = cb_score(reviews, CB_REVIEW_RATING, row);
        int at = score != CB_NO_SCORE
                     ? cb_trend_place(axis, cb_time(reviews, CB_REVIEW_POSTED, row))
                     : -1;
        if (at < 0)
            continue;
        s->n[at]++;
        s->yes[at] += score <= low;
    }
}

/* Median hours of the cases solved in each period: of solved cases only, so that it needs no look
 * ahead. */
static cb_status solved(const cb_scope *scope, const cb_trend_axis *axis, cb_trend_series *s,
                        cb_error *err)
{
    const cb_table *cases = &scope->book->table[CB_CASES];
    uint32_t start[CB_TREND_WEEKS + 1] = {0}, at[CB_TREND_WEEKS] = {0};
    for (uint32_t row = 0; row < cases->n; row++) {
        int i = scope->derived->state[row] == CB_STATE_RESOLVED
                    ? cb_trend_place(axis, cb_time(cases, CB_CASE_RESOLVED, row))
                    : -1;
        if (i >= 0)
            s->n[i]++;
    }
    for (unsigned i = 0; i < axis->n; i++) {
        at[i] = start[i];
        start[i + 1] = start[i] + (uint32_t)s->n[i];
    }
    int64_t *spent = cb_arena_array(scope->scratch, start[axis->n], sizeof *spent);
    if (!spent)
        return cb_nomem(err, "the control charts");
    for (uint32_t row = 0; row < cases->n; row++) {
        int i = scope->derived->state[row] == CB_STATE_RESOLVED
                    ? cb_trend_place(axis, cb_time(cases, CB_CASE_RESOLVED, row))
                    : -1;
        if (i >= 0)
            spent[at[i]++] = scope->derived->elapsed_s[row];
    }
    for (unsigned i = 0; i < axis->n; i++) {
        if (cb_sort_i64(spent + start[i], (size_t)s->n[i], scope->scratch) != CB_OK)
            return cb_nomem(err, "the control charts");
        s->value[i] =
            s->n[i] > 0 ? cb_quantile_i64(spent + start[i], (size_t)s->n[i], 0.5).value / CB_HOUR_S
                        : NAN;
    }
    return CB_OK;
}

cb_status cb_trend_whole(cb_trend *out, const cb_scope *scope, const cb_trend_axis *axis,
                         cb_error *err)
{
    static const struct {
        cb_trend_chart chart;
        void (*fill)(const cb_scope *, const cb_trend_axis *, cb_trend_series *);
    } charts[] = {
        {{.id = "cases_opened", .title = "Cases opened", .kind = CB_TREND_XMR, .split = -1},
         opened},
        {{.id = "share_adequate",
          .title = "Remedies that cover the loss",
          .unit = "share of eligible cases solved",
          .kind = CB_TREND_P,
          .split = -1},
         adequate},
        {{.id = "repeat_rate",
          .title = "Repeat cases",
          .unit = "share of cases with look-back",
          .kind = CB_TREND_P,
          .split = -1},
         repeats},
        {{.id = "low_reviews",
          .title = "Low reviews",
          .unit = "share of reviews",
          .kind = CB_TREND_P,
          .split = -1},
         low_reviews}};
    cb_trend_series *series = cb_arena_get(scope->scratch, sizeof *series);
    if (!series)
        return cb_nomem(err, "the control charts");
    cb_status rc = solved(scope, axis, series, err);
    cb_trend_chart median = {.id = "median_hours",
                             .title = "Median resolution time",
                             .unit = "hours, of cases solved in the period",
                             .kind = CB_TREND_XMR,
                             .split = -1};
    if (rc == CB_OK)
        rc = cb_trend_add(out, &median, scope, axis, series, err);
    for (unsigned i = 0; rc == CB_OK && i < sizeof charts / sizeof charts[0]; i++) {
        cb_trend_chart plan = charts[i].chart;
        if (!plan.unit)
            plan.unit = axis->weeks ? "cases a week" : "cases a day, by month";
        *series = (cb_trend_series){0};
        charts[i].fill(scope, axis, series);
        rc = cb_trend_add(out, &plan, scope, axis, series, err);
    }
    return rc;
}

/* ---- causes, and groups with a fix ---- */

typedef struct wanted {
    cb_dim dim;
    uint32_t word;
    int64_t fix_utc_s; /* CB_NO_TIME: none */
} wanted;

static void count_word(const cb_scope *scope, const cb_trend_axis *axis, const wanted *w,
                       cb_trend_series *s)
{
    for (unsigned i = 0; i < axis->n; i++) {
        cb_slice cases =
            cb_cases_opened(scope->book, axis->period[i].from_utc_s, axis->period[i].to_utc_s);
        for (uint32_t k = 0; k < cases.n; k++)
            s->yes[i] += cb_dim_word(scope->book, w->dim, cases.rows[k]) == w->word;
        s->n[i] = s->yes[i];
    }
}

/* Before and after by the case's own time, not by the chart's periods. */
static cb_est fix_ratio(const cb_scope *scope, const wanted *w)
{
    int64_t end = cb_recur_end(scope, CB_NOW), first = scope->book->first_utc_s;
    cb_slice cases = cb_cases_opened(scope->book, first, end);
    uint64_t before = 0, after = 0;
    for (uint32_t i = 0; i < cases.n; i++) {
        bool late =
            cb_time(&scope->book->table[CB_CASES], CB_CASE_OPENED, cases.rows[i]) >= w->fix_utc_s;
        bool same = cb_dim_word(scope->book, w->dim, cases.rows[i]) == w->word;
        before += same && !late;
        after += same && late;
    }
    if (w->fix_utc_s <= first || w->fix_utc_s >= end)
        return cb_est_none("the fix date is outside the input");
    return cb_rate_ratio(after, (double)(end - w->fix_utc_s), before,
                         (double)(w->fix_utc_s - first), CB_LEVEL_95);
}

static cb_status add_wanted(cb_trend *out, const cb_scope *scope, const cb_trend_axis *axis,
                            const wanted *w, cb_error *err)
{
    cb_trend_chart plan = {.id = "group",
                           .title = cb_dim_titles[w->dim],
                           .unit = "cases a day",
                           .kind = CB_TREND_U,
                           .has_word = true,
                           .dim = w->dim,
                           .word = w->word,
                           .split = -1};
    cb_trend_series *series = cb_arena_get(scope->scratch, sizeof *series);
    if (!series)
        return cb_nomem(err, "the control charts");
    if (w->fix_utc_s != CB_NO_TIME) {
        plan.fix_utc_s = w->fix_utc_s;
        plan.fix_ratio = fix_ratio(scope, w);
        plan.split = 0;
        while (plan.split < (int)axis->n && axis->period[plan.split].from_utc_s < w->fix_utc_s)
            plan.split++;
    }
    count_word(scope, axis, w, series);
    return cb_trend_add(out, &plan, scope, axis, series, err);
}

static bool find_word(const cb_scope *scope, cb_str text, wanted *w)
{
    static const cb_dim dims[] = {CB_DIM_CAUSE, CB_DIM_PRODUCT, CB_DIM_KIND};
    static const cb_pool pools[] = {CB_POOL_CAUSE, CB_POOL_PRODUCT, CB_POOL_KIND};
    for (unsigned i = 0; i < 3; i++) {
        uint32_t id = cb_intern_find(scope->book->pool[pools[i]], text);
        if (id != CB_NO_ID && id != CB_UNKNOWN_ID && cb_dim_present(scope->book, dims[i])) {
            w->dim = dims[i];
            w->word = id;
            return true;
        }
    }
    return false;
}

static bool has_fix(const cb_scope *scope, uint32_t cause)
{
    const cb_pairs *fixes = &scope->settings->fixes;
    for (unsigned i = 0; i < fixes->n; i++)
        if (cb_str_eq(fixes->pair[i].meaning, cb_dim_text(scope->book, CB_DIM_CAUSE, cause)))
            return true;
    return false;
}

cb_status cb_trend_groups(cb_trend *out, const cb_scope *scope, const cb_trend_axis *axis,
                          cb_error *err)
{
    const cb_pairs *fixes = &scope->settings->fixes;
    cb_status rc = CB_OK;
    for (unsigned i = 0; rc == CB_OK && i < fixes->n; i++) {
        wanted w = {.fix_utc_s = scope->settings->fix_utc_s[i]};
        if (find_word(scope, fixes->pair[i].meaning, &w))
            rc = add_wanted(out, scope, axis, &w, err);
    }
    uint32_t *count = cb_arena_array(scope->scratch, cb_dim_groups(scope->book, CB_DIM_CAUSE),
                                     sizeof *count),
             n = 0;
    const uint32_t *words = NULL;
    if (!count)
        return cb_nomem(err, "the control charts");
    cb_slice cases = scope->window[CB_NOW].cases;
    for (uint32_t i = 0; i < cases.n; i++)
        count[cb_dim_word(scope->book, CB_DIM_CAUSE, cases.rows[i])]++;
    count[CB_UNKNOWN_ID] = 0;
    if (rc == CB_OK)
        rc = cb_dim_ranked(scope->book, CB_DIM_CAUSE, count, scope->scratch, &words, &n, err);
    for (uint32_t i = 0; rc == CB_OK && i < n && i < CB_TREND_CAUSES; i++) {
        wanted w = {CB_DIM_CAUSE, words[i], CB_NO_TIME};
        if (!has_fix(scope, words[i]))
            rc = add_wanted(out, scope, axis, &w, err);
    }
    return rc;
}
