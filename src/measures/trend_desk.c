/* The series of the whole desk. */
#include <math.h>

#include "casebook/stats_order.h"
#include "measures/trend_parts.h"

static void opened(const cb_scope *scope, const cb_trend_axis *axis, cb_trend_series *s)
{
    for (unsigned i = 0; i < axis->n; i++) {
        cb_slice cases =
            cb_cases_opened(scope->book, axis->period[i].from_utc_s, axis->period[i].to_utc_s);
        s->n[i] = s->yes[i] = cases.n;
        s->value[i] = axis->weeks ? cases.n : cases.n / cb_trend_days(&axis->period[i]);
    }
}

static void adequate(const cb_scope *scope, const cb_trend_axis *axis, cb_trend_series *s)
{
    const cb_derived *d = scope->derived;
    const cb_table *cases = &scope->book->table[CB_CASES];
    for (uint32_t row = 0; row < cases->n; row++) {
        int at = d->eligible[row] == 1 ? cb_trend_place(axis, cb_time(cases, CB_CASE_RESOLVED, row))
                                       : -1;
        if (at < 0)
            continue;
        s->n[at]++;
        s->yes[at] += cb_remedy_minor(d, row) >= cb_loss_minor(d, row);
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
    double low = scope->settings->assumption[CB_A_LOW_RATING].base * 100 + 0.5;
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

/* The solved cases of each period: out of period i are spent[start[i]] … spent[start[i + 1] - 1].
 */
static cb_status deal_out(const cb_scope *scope, const cb_trend_axis *axis, int64_t **spent,
                          uint32_t start[CB_TREND_WEEKS + 1], cb_error *err)
{
    const cb_table *cases = &scope->book->table[CB_CASES];
    const cb_derived *d = scope->derived;
    int8_t *place = cb_arena_array(scope->scratch, cases->n, sizeof *place);
    uint32_t at[CB_TREND_WEEKS] = {0};
    if (!place)
        return cb_nomem(err, "the control charts");
    for (uint32_t row = 0; row < cases->n; row++) {
        bool timed = d->state[row] == CB_STATE_RESOLVED && cb_elapsed_s(d, row) >= 0;
        place[row] =
            (int8_t)(timed ? cb_trend_place(axis, cb_time(cases, CB_CASE_RESOLVED, row)) : -1);
        if (place[row] >= 0)
            at[place[row]]++;
    }
    start[0] = 0;
    for (unsigned i = 0; i < axis->n; i++) {
        start[i + 1] = start[i] + at[i];
        at[i] = start[i];
    }
    *spent = cb_arena_array(scope->scratch, start[axis->n], sizeof **spent);
    if (!*spent)
        return cb_nomem(err, "the control charts");
    for (uint32_t row = 0; row < cases->n; row++)
        if (place[row] >= 0)
            (*spent)[at[place[row]]++] = cb_elapsed_s(d, row);
    return CB_OK;
}

/* Median hours of the cases solved in each period: of solved cases only, so that it needs no look
 * ahead. */
static cb_status solved(const cb_scope *scope, const cb_trend_axis *axis, cb_trend_series *s,
                        cb_error *err)
{
    uint32_t start[CB_TREND_WEEKS + 1], most = 0;
    int64_t *spent = NULL;
    cb_status rc = deal_out(scope, axis, &spent, start, err);
    if (rc != CB_OK)
        return rc;
    for (unsigned i = 0; i < axis->n; i++) {
        s->n[i] = start[i + 1] - start[i];
        most = s->n[i] > most ? (uint32_t)s->n[i] : most;
    }
    int64_t *spare = cb_arena_array(scope->scratch, most, sizeof *spare);
    if (!spare)
        return cb_nomem(err, "the control charts");
    for (unsigned i = 0; i < axis->n; i++) {
        int64_t *mine = spent + start[i];
        cb_sort_i64_in(mine, spare, (size_t)s->n[i]);
        s->value[i] =
            s->n[i] > 0 ? cb_quantile_i64(mine, (size_t)s->n[i], 0.5).value / CB_HOUR_S : NAN;
    }
    return CB_OK;
}

typedef void (*fill)(const cb_scope *, const cb_trend_axis *, cb_trend_series *);

static const struct {
    const char *id, *title, *unit;
    cb_trend_kind kind;
    fill fill;
} desk[] = {
    {"cases_opened", "Cases opened", NULL, CB_TREND_XMR, opened},
    {"share_adequate", "Remedies that cover the loss", "share of eligible cases solved", CB_TREND_P,
     adequate},
    {"repeat_rate", "Repeat cases", "share of cases with look-back", CB_TREND_P, repeats},
    {"low_reviews", "Low reviews", "share of reviews", CB_TREND_P, low_reviews},
};

cb_status cb_trend_whole(cb_trend *out, const cb_scope *scope, const cb_trend_axis *axis,
                         cb_error *err)
{
    cb_trend_series *series = cb_arena_get(scope->scratch, sizeof *series);
    cb_trend_chart plan = {.id = "median_hours",
                           .title = "Median resolution time",
                           .unit = "hours, of cases solved in the period",
                           .kind = CB_TREND_XMR,
                           .fix_utc_s = CB_NO_TIME,
                           .split = -1};
    if (!series)
        return cb_nomem(err, "the control charts");
    cb_status rc = solved(scope, axis, series, err);
    if (rc == CB_OK)
        rc = cb_trend_add(out, &plan, scope, axis, series, err);
    for (unsigned i = 0; rc == CB_OK && i < sizeof desk / sizeof desk[0]; i++) {
        plan.id = desk[i].id;
        plan.title = desk[i].title;
        plan.unit = desk[i].unit  ? desk[i].unit
                    : axis->weeks ? "cases a week"
                                  : "cases a day, by month";
        plan.kind = desk[i].kind;
        *series = (cb_trend_series){0};
        desk[i].fill(scope, axis, series);
        rc = cb_trend_add(out, &plan, scope, axis, series, err);
    }
    return rc;
}
