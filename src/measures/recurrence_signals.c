/* Q5: groups with more or fewer cases than the four periods before lead one to expect.
 *
 * Windows of a week or less are compared with the same weekdays of the four weeks before: a Monday
 * is not a Saturday. */
#include <math.h>
#include <stdlib.h>

#include "casebook/stats_interval.h"
#include "measures/recurrence_parts.h"

enum { BACK = 4, LEAST_CASES = 5 };

static const cb_dim tested_dims[] = {CB_DIM_CAUSE, CB_DIM_PRODUCT, CB_DIM_KIND};
enum { TESTED_DIMS = sizeof tested_dims / sizeof tested_dims[0] };

typedef struct span {
    int64_t from, to;
} span;

typedef struct look {
    const cb_scope *scope;
    span now, before[BACK];
    unsigned spans;
    double now_days, before_days;
} look;

static double days_of(span s)
{
    return s.to > s.from ? (double)(s.to - s.from) / CB_DAY_S : 0;
}

static span cut(span s, int64_t first)
{
    return (span){s.from < first ? first : s.from, s.to};
}

static void plan(look *l, const cb_scope *scope)
{
    const cb_period *now = &scope->window[CB_NOW].period;
    const cb_zone *zone = scope->settings->zone;
    bool short_window = now->to_utc_s - now->from_utc_s <= 8 * (int64_t)CB_DAY_S;
    l->scope = scope;
    l->now = (span){now->from_utc_s, cb_recur_end(scope, CB_NOW)};
    l->now_days = days_of(l->now);
    cb_period p = *now;
    int64_t local_from = cb_zone_to_local(zone, l->now.from),
            local_to = cb_zone_to_local(zone, l->now.to);
    for (int i = 0; i < BACK; i++) {
        int64_t weeks = 7 * (int64_t)CB_DAY_S * (i + 1);
        p = cb_period_before(&p, zone);
        span back = short_window ? (span){cb_zone_to_utc(zone, local_from - weeks),
                                          cb_zone_to_utc(zone, local_to - weeks)}
                                 : (span){p.from_utc_s, p.to_utc_s};
        back = cut(back, scope->book->first_utc_s);
        if (days_of(back) <= 0)
            break;
        l->before[l->spans++] = back;
        l->before_days += days_of(back);
    }
}

static void count(const look *l, span s, cb_dim dim, uint32_t *counts)
{
    cb_slice cases = cb_cases_opened(l->scope->book, s.from, s.to);
    for (uint32_t i = 0; i < cases.n; i++)
        counts[cb_dim_word(l->scope->book, dim, cases.rows[i])]++;
}

static cb_signal test(const look *l, cb_dim dim, uint32_t word, uint32_t now, uint32_t before)
{
    cb_test test = cb_rate_test(now, l->now_days, before, l->before_days);
    return (cb_signal){.dim = dim,
                       .word = word,
                       .now = now,
                       .before = before,
                       .exposure_now = l->now_days,
                       .exposure_before = l->before_days,
                       .ratio =
                           cb_rate_ratio(now, l->now_days, before, l->before_days, CB_LEVEL_95),
                       .p = test.two_sided,
                       .rising = now * l->before_days > before * l->now_days,
                       .is_new = before == 0};
}

static cb_status test_dim(const look *l, cb_recurrences *out, cb_dim dim, cb_error *err)
{
    uint32_t groups = cb_dim_groups(l->scope->book, dim);
    uint32_t *now = cb_arena_array(l->scope->scratch, groups, sizeof *now);
    uint32_t *before = cb_arena_array(l->scope->scratch, groups, sizeof *before);
    if (!now || !before)
        return cb_nomem(err, "the signals");
    count(l, l->now, dim, now);
    for (unsigned i = 0; i < l->spans; i++)
        count(l, l->before[i], dim, before);
    /* The unknown word is no group of its own. */
    for (uint32_t w = 1; w < groups; w++)
        if (now[w] + before[w] >= LEAST_CASES)
            out->signal[out->signals++] = test(l, dim, w, now[w], before[w]);
    return CB_OK;
}

static int by_q_then_p(const void *a, const void *b)
{
    const cb_signal *x = a, *y = b;
    if (x->significant != y->significant)
        return x->significant ? -1 : 1;
    if (x->q != y->q)
        return x->q < y->q ? -1 : 1;
    if (x->p != y->p)
        return x->p < y->p ? -1 : 1;
    if (x->dim != y->dim)
        return x->dim < y->dim ? -1 : 1;
    return x->word < y->word ? -1 : x->word > y->word;
}

static cb_status adjust(cb_recurrences *out, cb_arena *scratch, cb_error *err)
{
    double *p = cb_arena_array(scratch, out->signals, sizeof *p);
    if (!p)
        return cb_nomem(err, "the signals");
    for (uint32_t i = 0; i < out->signals; i++)
        p[i] = out->signal[i].p;
    if (cb_bh_adjust(p, p, out->signals, scratch) != CB_OK)
        return cb_nomem(err, "the signals");
    for (uint32_t i = 0; i < out->signals; i++) {
        out->signal[i].q = p[i];
        out->signal[i].significant = p[i] < 0.05;
    }
    if (out->signals > 1)
        qsort(out->signal, out->signals, sizeof *out->signal, by_q_then_p);
    return CB_OK;
}

cb_status cb_recur_signals(cb_recurrences *out, const cb_scope *scope, cb_error *err)
{
    look l = {0};
    size_t most = 0;
    if (scope->book->table[CB_CASES].n == 0)
        return CB_OK;
    plan(&l, scope);
    if (l.now_days <= 0 || l.before_days <= 0)
        return CB_OK;
    for (unsigned d = 0; d < TESTED_DIMS; d++)
        most += cb_dim_groups(scope->book, tested_dims[d]);
    out->signal = cb_arena_array(scope->arena, most, sizeof *out->signal);
    if (!out->signal)
        return cb_nomem(err, "the signals");
    cb_status rc = CB_OK;
    for (unsigned d = 0; rc == CB_OK && d < TESTED_DIMS; d++)
        rc = test_dim(&l, out, tested_dims[d], err);
    out->signals_tested = out->signals;
    return rc == CB_OK ? adjust(out, scope->scratch, err) : rc;
}
