#include "casebook/review.h"

#include <math.h>
#include <stdlib.h>

#include "casebook/results.h"
#include "casebook/stats_interval.h"
#include "casebook/stats_order.h"

/* Sums of one group: integers, so that the order of adding does not matter. */
typedef struct tally {
    uint32_t n, low, reach_known;
    uint64_t score_sum; /* hundredths */
    uint64_t reach, low_reach;
} tally;

typedef struct look {
    const cb_scope *scope;
    const cb_table *reviews;
    const cb_period *period;
    uint16_t low_score;
} look;

static bool in_window(const look *l, uint32_t row)
{
    int64_t posted = cb_time(l->reviews, CB_REVIEW_POSTED, row);
    return posted >= l->period->from_utc_s && posted < l->period->to_utc_s &&
           cb_score(l->reviews, CB_REVIEW_RATING, row) != CB_NO_SCORE;
}

static void add(const look *l, tally *t, uint32_t row)
{
    uint16_t score = cb_score(l->reviews, CB_REVIEW_RATING, row);
    uint16_t reach = cb_count(l->reviews, CB_REVIEW_REACH, row);
    bool low = score <= l->low_score;
    t->n++;
    t->low += low;
    t->score_sum += score;
    if (reach == CB_NO_COUNT)
        return;
    t->reach_known++;
    t->reach += reach;
    t->low_reach += low ? reach : 0;
}

static cb_review_figures figures_of(const tally *t)
{
    return (cb_review_figures){.n = t->n,
                               .mean = t->n > 0 ? (double)t->score_sum / t->n / 100.0 : NAN,
                               .low = t->n > 0 ? cb_wilson(t->low, t->n, CB_LEVEL_95)
                                               : cb_est_none("no review in the period"),
                               .low_n = t->low,
                               .reach = t->reach,
                               .low_reach = t->low_reach,
                               .reach_known = t->reach_known};
}

typedef struct ranked {
    uint32_t word, n;
    cb_str text;
} ranked;

static int by_n_then_text(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    if (x->n != y->n)
        return x->n > y->n ? -1 : 1;
    return cb_str_cmp(x->text, y->text);
}

static cb_status group_by(const look *l, cb_review_field field, cb_pool pool, cb_review_group **out,
                          uint32_t *n, cb_error *err)
{
    const cb_intern *words = l->scope->book->pool[pool];
    uint32_t groups = l->reviews->column[field] ? cb_intern_count(words) : 0;
    tally *t = cb_arena_array(l->scope->scratch, groups, sizeof *t);
    ranked *order = cb_arena_array(l->scope->scratch, groups, sizeof *order);
    *n = 0;
    if (!t || !order)
        return cb_nomem(err, "the groups of reviews");
    for (uint32_t row = 0; groups > 0 && row < l->reviews->n; row++)
        if (in_window(l, row))
            add(l, &t[cb_word(l->reviews, field, row)], row);
    for (uint32_t w = 0; w < groups; w++)
        if (t[w].n > 0)
            order[(*n)++] =
                (ranked){w, t[w].n, w == CB_UNKNOWN_ID ? CB_LIT("") : cb_intern_text(words, w)};
    if (*n > 1)
        qsort(order, *n, sizeof *order, by_n_then_text);
    *out = cb_arena_array(l->scope->arena, *n, sizeof **out);
    if (!*out)
        return cb_nomem(err, "the groups of reviews");
    for (uint32_t i = 0; i < *n; i++)
        (*out)[i] =
            (cb_review_group){.word = order[i].word, .figures = figures_of(&t[order[i].word])};
    return CB_OK;
}

/* The last month that begins not after the instant; it lies in the window. */
static uint32_t month_of(const cb_review *out, int64_t utc_s)
{
    uint32_t low = 0, high = out->months;
    while (high - low > 1) {
        uint32_t mid = low + (high - low) / 2;
        if (out->month[mid].month.from_utc_s <= utc_s)
            low = mid;
        else
            high = mid;
    }
    return low;
}

static cb_status by_month(const look *l, cb_review *out, cb_error *err)
{
    const cb_zone *zone = l->scope->settings->zone;
    uint32_t months = 0;
    for (int64_t at = l->period->from_utc_s; at < l->period->to_utc_s; months++)
        at = cb_period_around(CB_PERIOD_MONTH, at, zone).to_utc_s;
    tally *t = cb_arena_array(l->scope->scratch, months, sizeof *t);
    out->month = cb_arena_array(l->scope->arena, months, sizeof *out->month);
    if (!t || !out->month)
        return cb_nomem(err, "the months of reviews");
    int64_t at = l->period->from_utc_s;
    out->months = months;
    for (uint32_t m = 0; m < months; m++) {
        out->month[m].month = cb_period_around(CB_PERIOD_MONTH, at, zone);
        at = out->month[m].month.to_utc_s;
    }
    for (uint32_t row = 0; row < l->reviews->n; row++) {
        if (!in_window(l, row))
            continue;
        add(l, &t[month_of(out, cb_time(l->reviews, CB_REVIEW_POSTED, row))], row);
    }
    for (uint32_t m = 0; m < months; m++)
        out->month[m].figures = figures_of(&t[m]);
    return CB_OK;
}

/* V2: the links were made with the book; here they are counted, and timed. */
static cb_status count_links(const look *l, cb_review *out, cb_error *err)
{
    const cb_book *book = l->scope->book;
    const cb_derived *d = l->scope->derived;
    tally adequate = {0}, inadequate = {0};
    int64_t *delay = cb_arena_array(l->scope->scratch, l->reviews->n, sizeof *delay);
    size_t delays = 0;
    if (!delay)
        return cb_nomem(err, "the links of reviews");
    for (uint32_t row = 0; row < l->reviews->n; row++) {
        uint32_t link = book->review_case ? book->review_case[row] : CB_NO_ROW;
        if (!in_window(l, row) || link == CB_NO_ROW)
            continue;
        /* a review may name a case that is not in the input, and be linked by its customer */
        bool by_id = cb_word(l->reviews, CB_REVIEW_CASE, row) ==
                     cb_word(&book->table[CB_CASES], CB_CASE_ID, link);
        out->linked++;
        out->linked_by_id += by_id;
        out->linked_by_customer += !by_id;
        int64_t days = cb_time(l->reviews, CB_REVIEW_POSTED, row) -
                       cb_time(&book->table[CB_CASES], CB_CASE_OPENED, link);
        if (days >= 0)
            delay[delays++] = days;
        if (d->eligible[link] == 1)
            add(l, cb_remedy_minor(d, link) >= cb_loss_minor(d, link) ? &adequate : &inadequate,
                row);
    }
    out->after_adequate = figures_of(&adequate);
    out->after_inadequate = figures_of(&inadequate);
    if (cb_sort_i64(delay, delays, l->scope->scratch) != CB_OK)
        return cb_nomem(err, "the links of reviews");
    out->timed = (uint32_t)delays;
    out->median_days_case_to_review =
        delays > 0 ? cb_quantile_i64(delay, delays, 0.5).value / CB_DAY_S : NAN;
    return CB_OK;
}

/* V3: what ingest found in the texts, by phrase; in aggregate only. */
static cb_status count_phrases(const look *l, cb_review *out, cb_error *err)
{
    const cb_pairs *phrases = &l->scope->settings->phrases;
    uint64_t *sum = cb_arena_array(l->scope->scratch, phrases->n, sizeof *sum);
    out->phrase = cb_arena_array(l->scope->arena, phrases->n, sizeof *out->phrase);
    if (!sum || !out->phrase)
        return cb_nomem(err, "the phrases of reviews");
    out->phrases = phrases->n;
    for (uint32_t row = 0; row < l->reviews->n; row++) {
        uint32_t bits = cb_text_bits(l->reviews, CB_REVIEW_TEXT, row);
        if (!in_window(l, row) || !(bits & CB_TEXT_SEEN))
            continue;
        out->texts++;
        for (unsigned i = 0; i < phrases->n; i++)
            if ((bits >> i) & 1) {
                out->phrase[i].reviews++;
                sum[i] += cb_score(l->reviews, CB_REVIEW_RATING, row);
            }
    }
    for (unsigned i = 0; i < phrases->n; i++) {
        out->phrase[i].name = phrases->pair[i].word;
        out->phrase[i].share = out->texts > 0
                                   ? cb_wilson(out->phrase[i].reviews, out->texts, CB_LEVEL_95)
                                   : cb_est_none("no review of the period has a text");
        out->phrase[i].mean =
            out->phrase[i].reviews > 0 ? (double)sum[i] / out->phrase[i].reviews / 100.0 : NAN;
    }
    return CB_OK;
}

static void count_all(const look *l, cb_review *out)
{
    tally all = {0};
    for (uint32_t row = 0; row < l->reviews->n; row++) {
        if (!in_window(l, row))
            continue;
        add(l, &all, row);
        unsigned star = (cb_score(l->reviews, CB_REVIEW_RATING, row) + 50u) / 100u;
        out->by_star[(star < 1 ? 1 : star > 5 ? 5 : star) - 1]++;
    }
    out->all = figures_of(&all);
}

static cb_status review_finish(void *state, const cb_scope *scope, cb_window_ix ix,
                               cb_results *results, cb_error *err)
{
    cb_review *out = &results->review;
    look l = {.scope = scope,
              .reviews = &scope->book->table[CB_REVIEWS],
              .period = &scope->window[ix].period,
              .low_score =
                  (uint16_t)(scope->settings->assumption[CB_A_LOW_RATING].base * 100.0 + 0.5)};
    (void)state;
    if (l.reviews->n == 0) {
        out->reason = "no reviews in the input";
        out->all = figures_of(&(tally){0});
        out->all.low = cb_est_none(out->reason);
        out->after_adequate = out->after_inadequate = out->all;
        out->median_days_case_to_review = NAN;
        return CB_OK;
    }
    count_all(&l, out);
    cb_status rc = by_month(&l, out, err);
    if (rc == CB_OK)
        rc = group_by(&l, CB_REVIEW_PRODUCT, CB_POOL_PRODUCT, &out->product, &out->products, err);
    if (rc == CB_OK)
        rc = group_by(&l, CB_REVIEW_SITE, CB_POOL_SITE, &out->site, &out->sites, err);
    if (rc == CB_OK)
        rc = count_links(&l, out, err);
    return rc == CB_OK ? count_phrases(&l, out, err) : rc;
}

const cb_measure cb_measure_review = {
    .name = "review", .methods = "V1-V3", .over = CB_OVER_REVIEWS, .finish = review_finish};
