/* The series of the whole desk. */
#include <math.h>
#include <string.h>

#include "casebook/stats_order.h"
#include "measures/trend_parts.h"

enum { NOWHERE = UINT8_MAX };

static void opened(const cb_scope *scope, const cb_trend_axis *axis, cb_trend_series *s)
{
    for (unsigned i = 0; i < axis->n; i++) {
        cb_slice cases =
            cb_cases_opened(scope->book, axis->period[i].from_utc_s, axis->period[i].to_utc_s);
        s->n[i] = s->yes[i] = cases.n;
        s->value[i] = axis->weeks ? cases.n : cases.n / cb_trend_days(&axis->period[i]);
    }
}

/* The next rows, at most CB_RECUR_BLOCK, for which the byte is as wanted; *at moves on. */
static cb_slice rows_with(const uint8_t *byte, uint8_t wanted, uint32_t *at, uint32_t n,
                          uint32_t rows[CB_RECUR_BLOCK])
{
    uint32_t found = 0, row = *at;
    for (; row < n && found < CB_RECUR_BLOCK; row++) {
        rows[found] = row;
        found += byte[row] == wanted;
    }
    *at = row;
    return (cb_slice){rows, found};
}

/* An eligible case whose remedy does not fall short of the loss. */
static void adequate(const cb_scope *scope, const cb_trend_axis *axis, cb_trend_series *s)
{
    const cb_derived *d = scope->derived;
    const cb_table *cases = &scope->book->table[CB_CASES];
    uint32_t rows[CB_RECUR_BLOCK];
    int64_t resolved[CB_RECUR_BLOCK];
    for (uint32_t next = 0; next < cases->n;) {
        cb_slice part = rows_with(d->eligible, 1, &next, cases->n, rows);
        cb_times_of(cases, CB_CASE_RESOLVED, part.rows, part.n, resolved);
        for (uint32_t i = 0; i < part.n; i++) {
            int at = cb_trend_place(axis, resolved[i]);
            if (at < 0)
                continue;
            s->n[at]++;
            s->yes[at] += d->outcome[rows[i]] != CB_OUTCOME_INADEQUATE;
        }
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

/* Where each case was solved: place[row], NOWHERE; n counts them by period. */
static void place_all(const cb_scope *scope, const cb_trend_axis *axis, uint8_t *place,
                      uint64_t n[CB_TREND_WEEKS])
{
    const cb_table *cases = &scope->book->table[CB_CASES];
    uint32_t rows[CB_RECUR_BLOCK];
    int64_t opened[CB_RECUR_BLOCK], resolved[CB_RECUR_BLOCK];
    memset(place, NOWHERE, cases->n);
    for (uint32_t next = 0; next < cases->n;) {
        cb_slice part = rows_with(scope->derived->state, CB_STATE_RESOLVED, &next, cases->n, rows);
        cb_times_of(cases, CB_CASE_OPENED, part.rows, part.n, opened);
        cb_times_of(cases, CB_CASE_RESOLVED, part.rows, part.n, resolved);
        for (uint32_t i = 0; i < part.n; i++) {
            int at = resolved[i] >= opened[i] ? cb_trend_place(axis, resolved[i]) : -1;
            if (at < 0)
                continue;
            place[rows[i]] = (uint8_t)at;
            n[at]++;
        }
    }
}

/* The solved cases of each period, one after the other; where each period's end is left in `end`. */
static cb_status deal_out(const cb_scope *scope, const cb_trend_axis *axis, cb_trend_series *s,
                          double **spent, size_t end[CB_TREND_WEEKS], cb_error *err)
{
    uint32_t cases = scope->book->table[CB_CASES].n;
    uint8_t *place = cb_arena_array(scope->scratch, cases, sizeof *place);
    size_t n = 0;
    if (!place)
        return cb_nomem(err, "the control charts");
    place_all(scope, axis, place, s->n);
    for (unsigned i = 0; i < axis->n; n += s->n[i++])
        end[i] = n;
    *spent = cb_arena_array(scope->scratch, n, sizeof **spent);
    if (!*spent)
        return cb_nomem(err, "the control charts");
    for (uint32_t row = 0; row < cases; row++)
        if (place[row] != NOWHERE)
            (*spent)[end[place[row]]++] = (double)cb_elapsed_s(scope->derived, row);
    return CB_OK;
}

/* Median hours of the cases solved in each period: of solved cases only, so that it needs no look
 * ahead. */
static cb_status solved(const cb_scope *scope, const cb_trend_axis *axis, cb_trend_series *s,
                        cb_error *err)
{
    cb_scope own = *scope;
    size_t end[CB_TREND_WEEKS] = {0};
    double *spent = NULL;
    own.scratch = cb_arena_new(scope->settings->alloc, 0);
    if (!own.scratch)
        return cb_nomem(err, "the control charts");
    cb_status rc = deal_out(&own, axis, s, &spent, end, err);
    for (unsigned i = 0; rc == CB_OK && i < axis->n; i++) {
        size_t n = (size_t)s->n[i];
        s->value[i] =
            n > 0 ? cb_quantile_f64_of(spent + end[i] - n, n, 0.5).value / CB_HOUR_S : NAN;
    }
    cb_arena_free(own.scratch);
    return rc;
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
