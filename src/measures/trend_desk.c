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

static void repeats(const cb_scope *scope, const cb_trend_axis *axis, cb_trend_series *s)
{
    const uint8_t *repeat = scope->derived->repeat;
    for (unsigned i = 0; i < axis->n; i++) {
        cb_slice cases =
            cb_cases_opened(scope->book, axis->period[i].from_utc_s, axis->period[i].to_utc_s);
        uint32_t yes = 0, unknown = 0;
        for (uint32_t k = 0; k < cases.n; k++) {
            yes += repeat[cases.rows[k]] == 1;
            unknown += repeat[cases.rows[k]] == 2;
        }
        s->n[i] = cases.n - unknown;
        s->yes[i] = yes;
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

/* ---- cases by the time they were solved ---- */

enum { ELSEWHERE = CB_TREND_WEEKS, PLACES, PLACE_BITS = 6 };

_Static_assert(PLACES <= 1 << PLACE_BITS, "a place fits below a duration");

typedef struct solved_cases {
    uint64_t *spent; /* seconds, above PLACE_BITS of the period */
    size_t n;
    uint64_t in[PLACES];                         /* how many of them, by period */
    uint64_t eligible[PLACES], adequate[PLACES]; /* with a remedy that does not fall short */
} solved_cases;

static void add_solved(solved_cases *all, const cb_derived *d, const cb_trend_axis *axis,
                       const cb_slice *part)
{
    const cb_table *cases = &d->book->table[CB_CASES];
    int64_t opened[CB_RECUR_BLOCK], resolved[CB_RECUR_BLOCK];
    cb_times_of(cases, CB_CASE_OPENED, part->rows, part->n, opened);
    cb_times_of(cases, CB_CASE_RESOLVED, part->rows, part->n, resolved);
    for (uint32_t i = 0; i < part->n; i++) {
        const uint32_t row = part->rows[i];
        const int place = cb_trend_place(axis, resolved[i]);
        const unsigned at = place < 0 ? ELSEWHERE : (unsigned)place;
        const bool known = place >= 0 && resolved[i] >= opened[i];
        const bool eligible = d->eligible[row] == 1;
        all->eligible[at] += eligible;
        all->adequate[at] += eligible & (d->outcome[row] != CB_OUTCOME_INADEQUATE);
        all->spent[all->n] = ((uint64_t)resolved[i] - (uint64_t)opened[i]) << PLACE_BITS | at;
        all->n += known;
        all->in[at] += known;
    }
}

/* Who has a time of solution is in the state of it. */
static cb_status find_solved(solved_cases *all, const cb_scope *scope, const cb_trend_axis *axis,
                             cb_error *err)
{
    const uint32_t n = scope->book->table[CB_CASES].n;
    uint32_t rows[CB_RECUR_BLOCK];
    all->spent = cb_arena_array(scope->scratch, (size_t)n + 1, sizeof *all->spent);
    if (!all->spent)
        return cb_nomem(err, "the control charts");
    for (uint32_t next = 0; next < n;) {
        cb_slice part = rows_with(scope->derived->state, CB_STATE_RESOLVED, &next, n, rows);
        add_solved(all, scope->derived, axis, &part);
    }
    return CB_OK;
}

static void adequate(const solved_cases *all, const cb_trend_axis *axis, cb_trend_series *s)
{
    for (unsigned i = 0; i < axis->n; i++) {
        s->n[i] = all->eligible[i];
        s->yes[i] = all->adequate[i];
    }
}

/* Median hours of the cases solved in each period: of solved cases only, so that it needs no look
 * ahead. */
static cb_status medians(const solved_cases *all, const cb_trend_axis *axis, cb_trend_series *s,
                         cb_arena *scratch, cb_error *err)
{
    size_t end[CB_TREND_WEEKS] = {0};
    double *spent_s = cb_arena_array(scratch, all->n, sizeof *spent_s);
    if (!spent_s)
        return cb_nomem(err, "the control charts");
    for (unsigned i = 0; i + 1 < axis->n; i++)
        end[i + 1] = end[i] + (size_t)all->in[i];
    for (size_t i = 0; i < all->n; i++) {
        const uint64_t at = all->spent[i] & ((1 << PLACE_BITS) - 1);
        spent_s[end[at]++] = (double)(int64_t)(all->spent[i] >> PLACE_BITS);
    }
    for (unsigned i = 0; i < axis->n; i++) {
        const size_t n = (size_t)all->in[i];
        s->n[i] = n;
        s->value[i] =
            n > 0 ? cb_quantile_f64_of(spent_s + end[i] - n, n, 0.5).value / CB_HOUR_S : NAN;
    }
    return CB_OK;
}

/* The cases are kept no longer than needed. */
static cb_status solved(const cb_scope *scope, const cb_trend_axis *axis, cb_trend_series *median,
                        cb_trend_series *share, cb_error *err)
{
    cb_scope own = *scope;
    solved_cases all = {0};
    own.scratch = cb_arena_new(scope->settings->alloc, 0);
    cb_status rc =
        own.scratch ? find_solved(&all, &own, axis, err) : cb_nomem(err, "the control charts");
    if (rc == CB_OK)
        rc = medians(&all, axis, median, own.scratch, err);
    adequate(&all, axis, share);
    cb_arena_free(own.scratch);
    return rc;
}

typedef void (*fill)(const cb_scope *, const cb_trend_axis *, cb_trend_series *);

static const struct {
    const char *id, *title, *unit;
    cb_trend_kind kind;
    fill fill; /* NULL: found with the medians */
} desk[] = {
    {"cases_opened", "Cases opened", NULL, CB_TREND_XMR, opened},
    {"share_adequate", "Remedies that cover the loss", "share of eligible cases solved", CB_TREND_P,
     NULL},
    {"repeat_rate", "Repeat cases", "share of cases with look-back", CB_TREND_P, repeats},
    {"low_reviews", "Low reviews", "share of reviews", CB_TREND_P, low_reviews},
};

cb_status cb_trend_whole(cb_trend *out, const cb_scope *scope, const cb_trend_axis *axis,
                         cb_error *err)
{
    cb_trend_series *series = cb_arena_get(scope->scratch, sizeof *series);
    cb_trend_series *share = cb_arena_get(scope->scratch, sizeof *share);
    cb_trend_chart plan = {.id = "median_hours",
                           .title = "Median resolution time",
                           .unit = "hours, of cases solved in the period",
                           .kind = CB_TREND_XMR,
                           .fix_utc_s = CB_NO_TIME,
                           .split = -1};
    if (!series || !share)
        return cb_nomem(err, "the control charts");
    cb_status rc = solved(scope, axis, series, share, err);
    if (rc == CB_OK)
        rc = cb_trend_add(out, &plan, scope, axis, series, err);
    for (unsigned i = 0; rc == CB_OK && i < sizeof desk / sizeof desk[0]; i++) {
        plan.id = desk[i].id;
        plan.title = desk[i].title;
        plan.unit = desk[i].unit  ? desk[i].unit
                    : axis->weeks ? "cases a week"
                                  : "cases a day, by month";
        plan.kind = desk[i].kind;
        *series = desk[i].fill ? (cb_trend_series){0} : *share;
        if (desk[i].fill)
            desk[i].fill(scope, axis, series);
        rc = cb_trend_add(out, &plan, scope, axis, series, err);
    }
    return rc;
}
