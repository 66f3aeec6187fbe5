/* C10: what C3 would have forecast at the start of earlier quarters, against what was then seen. */
#include "measures/churn_parts.h"

enum { BACKTEST_DRAWS = 4000 };

static const char too_short[] =
    "no quarter has ended that begins two quarters or more after the first case";

void cb_churn_plan_quarters(cb_churn_state *s, const cb_scope *scope)
{
    const cb_zone *zone = scope->settings->zone;
    if (s->first == CB_NO_TIME || s->at <= s->first)
        return;
    int64_t earliest = s->first + (int64_t)CB_LEAST_BACKTEST_DAYS * CB_DAY_S;
    cb_period p = cb_period_last_quarter(s->until - 1, zone);
    cb_period back[CB_MAX_BACKTEST];
    unsigned n = 0;
    for (; n < CB_MAX_BACKTEST && p.from_utc_s >= earliest; p = cb_period_before(&p, zone))
        back[n++] = p;
    for (unsigned q = 0; q < n; q++) {
        s->quarter_period[q] = back[n - 1 - q];
        s->quarter_from[q] = s->quarter_period[q].from_utc_s;
    }
    s->quarter_from[n] = INT64_MAX;
    s->quarters = n;
}

/* What was known at the start of a quarter. */
typedef struct known {
    cb_churn_lambda after, clean;
    double length_s; /* of the quarter, as far as it is seen */
} known;

static int64_t person_s(const cb_churn_edge *edge, int64_t at)
{
    return at * edge->n - edge->sum_s;
}

/* Years that a partial customer is after a problem in the quarter, on average. */
static double part_s(const cb_churn_quarter *quarter, double length_s)
{
    return quarter->part > 0 ? fmin(length_s, (double)quarter->part_s / (double)quarter->part) : 0;
}

static cb_status forecast_draws(double *total, const known *k, const cb_churn_quarter *quarter,
                                cb_draws *source, cb_arena *scratch)
{
    size_t n = BACKTEST_DRAWS;
    double *after = cb_arena_array(scratch, n, sizeof *after);
    double *clean = cb_arena_array(scratch, n, sizeof *clean);
    double *part = cb_arena_array(scratch, n, sizeof *part);
    if (!after || !clean || !part)
        return CB_ENOMEM;
    cb_status rc = cb_draws_gamma(source, k->after.shape, k->after.years, after, n);
    if (rc == CB_OK)
        rc = cb_draws_gamma(source, k->clean.shape, k->clean.years, clean, n);
    if (rc != CB_OK)
        return rc;
    double years = k->length_s / CB_YEAR_S;
    double within = part_s(quarter, k->length_s) / CB_YEAR_S;
    for (size_t i = 0; i < n; i++) {
        part[i] = -expm1(-after[i] * within - clean[i] * (years - within));
        after[i] = -expm1(-after[i] * years);
    }
    rc = cb_draws_binomial(source, (uint32_t)quarter->full, after, total, n);
    if (rc == CB_OK)
        rc = cb_draws_binomial(source, (uint32_t)quarter->part, part, clean, n);
    for (size_t i = 0; rc == CB_OK && i < n; i++)
        total[i] += clean[i];
    return rc;
}

/* Posterior means in closed form, the binomials' means with them. */
static double forecast_mean(const known *k, const cb_churn_quarter *quarter)
{
    double years = k->length_s / CB_YEAR_S;
    double within = part_s(quarter, k->length_s) / CB_YEAR_S;
    double full = -expm1(-k->after.shape * log1p(years / k->after.years));
    double part = -expm1(-k->after.shape * log1p(within / k->after.years) -
                         k->clean.shape * log1p((years - within) / k->clean.years));
    return (double)quarter->full * full + (double)quarter->part * part;
}

static cb_status test_quarter(cb_churn *out, const cb_churn_state *s, const cb_scope *scope,
                              unsigned q, const known *k, cb_error *err)
{
    cb_backtest_row *row = &out->backtest[out->backtests++];
    double *total = cb_arena_array(scope->scratch, BACKTEST_DRAWS, sizeof *total);
    cb_draws *source = cb_churn_draw(scope, CB_CHURN_STREAM_BACKTEST + q);
    cb_est interval = {0};
    if (!total || !source)
        return cb_nomem(err, "the back-test");
    cb_status rc = forecast_draws(total, k, &s->quarter[q], source, scope->scratch);
    if (rc == CB_OK)
        rc = cb_draws_summary(total, BACKTEST_DRAWS, CB_LEVEL_95, scope->scratch, &interval);
    *row = (cb_backtest_row){.quarter = s->quarter_period[q],
                             .forecast = forecast_mean(k, &s->quarter[q]),
                             .low = interval.low,
                             .high = interval.high,
                             .seen = (uint32_t)s->quarter[q].left};
    row->inside = row->seen >= row->low && row->seen <= row->high;
    return rc == CB_OK ? rc : cb_nomem(err, "the back-test");
}

cb_status cb_churn_backtest(const cb_churn_state *s, const cb_scope *scope, const cb_churn_point *p,
                            cb_churn *out, cb_error *err)
{
    cb_status rc = CB_OK;
    cb_churn_edge seen = {0};
    cb_churn_edge after = {0};
    int64_t losses = 0;
    int64_t after_losses = 0;
    out->backtest_reason = p->own_reason ? p->own_reason : s->quarters == 0 ? too_short : NULL;
    for (unsigned q = 0; rc == CB_OK && q < s->quarters && !p->own_reason; q++) {
        const cb_churn_quarter *quarter = &s->quarter[q];
        int64_t from = s->quarter_period[q].from_utc_s;
        int64_t to = s->quarter_period[q].to_utc_s;
        seen.n += quarter->seen.n;
        seen.sum_s += quarter->seen.sum_s;
        after.n += quarter->after.n;
        after.sum_s += quarter->after.sum_s;
        losses += quarter->losses;
        after_losses += quarter->after_losses;
        int64_t after_s = person_s(&after, from);
        int64_t clean_s = person_s(&seen, from) - after_s;
        if (after_s <= 0 || clean_s <= 0 || quarter->full + quarter->part == 0)
            continue;
        known k = {.after = {0.5 + (double)after_losses, (double)after_s / CB_YEAR_S},
                   .clean = {0.5 + (double)(losses - after_losses), (double)clean_s / CB_YEAR_S},
                   .length_s = (double)((to < s->at ? to : s->at) - from)};
        rc = test_quarter(out, s, scope, q, &k, err);
    }
    if (rc == CB_OK && out->backtests == 0 && !out->backtest_reason)
        out->backtest_reason = "at the start of no earlier quarter there were customers after a "
                               "problem and clean ones to learn from";
    return rc;
}
