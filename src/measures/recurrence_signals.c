/* Q5: groups with more or fewer cases than the four periods before lead one to expect.
 *
 * Windows of a week or less are compared with the same weekdays of the four weeks before: a Monday
 * is not a Saturday. */
#include <math.h>
#include <stdlib.h>

#include "measures/recurrence_parts.h"

enum { LEAST_CASES = 5 };

const cb_dim cb_signal_dims[CB_SIGNAL_DIMS] = {CB_DIM_CAUSE, CB_DIM_PRODUCT, CB_DIM_KIND};

static double days_of(cb_time_span s)
{
    return s.to > s.from ? (double)(s.to - s.from) / CB_DAY_S : 0;
}

static cb_time_span cut(cb_time_span s, int64_t first)
{
    return (cb_time_span){s.from < first ? first : s.from, s.to};
}

static void plan(cb_signal_plan *p, const cb_scope *scope)
{
    const cb_period *now = &scope->window[CB_NOW].period;
    const cb_zone *zone = scope->settings->zone;
    bool short_window = now->to_utc_s - now->from_utc_s <= 8 * (int64_t)CB_DAY_S;
    int64_t end = cb_recur_end(scope, CB_NOW);
    int64_t local_from = cb_zone_to_local(zone, now->from_utc_s),
            local_to = cb_zone_to_local(zone, end);
    cb_period period = *now;
    p->now = (cb_time_span){now->from_utc_s, end};
    p->now_days = days_of(p->now);
    for (int i = 0; i < CB_SIGNAL_BACK; i++) {
        int64_t weeks = 7 * (int64_t)CB_DAY_S * (i + 1);
        period = cb_period_before(&period, zone);
        cb_time_span back = short_window ? (cb_time_span){cb_zone_to_utc(zone, local_from - weeks),
                                                          cb_zone_to_utc(zone, local_to - weeks)}
                                         : (cb_time_span){period.from_utc_s, period.to_utc_s};
        back = cut(back, scope->book->first_utc_s);
        if (days_of(back) <= 0)
            break;
        p->before[p->spans++] = back;
        p->before_days += days_of(back);
    }
}

static bool comparable(const cb_signal_plan *p)
{
    return p->now_days > 0 && p->before_days > 0;
}

/* ---- the fold: bunches of each customer ---- */

cb_status cb_recur_bunches_begin(cb_recur_state *s, const cb_scope *scope, cb_error *err)
{
    if (scope->book->table[CB_CASES].n > 0)
        plan(&s->plan, scope);
    for (unsigned d = 0; d < CB_SIGNAL_DIMS; d++) {
        s->groups[d] = cb_dim_groups(scope->book, cb_signal_dims[d]);
        s->bunches[d] = cb_arena_array(scope->scratch, s->groups[d], sizeof *s->bunches[d]);
        s->tally[d] = cb_arena_array(scope->scratch, s->groups[d], sizeof *s->tally[d]);
        s->touched[d] = cb_arena_array(scope->scratch, s->groups[d], sizeof *s->touched[d]);
        if (!s->bunches[d] || !s->tally[d] || !s->touched[d])
            return cb_nomem(err, "the signals");
    }
    return CB_OK;
}

static bool within(cb_time_span s, int64_t utc_s)
{
    return utc_s >= s.from && utc_s < s.to;
}

/* 1 in the window, 0 in the periods before, -1 in neither */
static int side_of(const cb_signal_plan *p, int64_t opened)
{
    if (within(p->now, opened))
        return 1;
    for (unsigned i = 0; i < p->spans; i++)
        if (within(p->before[i], opened))
            return 0;
    return -1;
}

static void settle(cb_recur_state *s, unsigned d, uint32_t words)
{
    for (uint32_t i = 0; i < words; i++) {
        uint32_t word = s->touched[d][i];
        cb_bunches_add(&s->bunches[d][word], s->tally[d][word].now, s->tally[d][word].all);
        s->tally[d][word] = (cb_tally){0, 0};
    }
}

void cb_recur_bunches_add(cb_recur_state *s, const cb_scope *scope, uint32_t customer)
{
    const cb_rows_by *by = &scope->book->cases_of;
    const cb_table *cases = &scope->book->table[CB_CASES];
    uint32_t words[CB_SIGNAL_DIMS] = {0};
    if (s->plan.spans == 0)
        return;
    for (uint32_t i = by->offset[customer]; i < by->offset[customer + 1]; i++) {
        uint32_t row = by->rows[i];
        int side = side_of(&s->plan, cb_time(cases, CB_CASE_OPENED, row));
        for (unsigned d = 0; side >= 0 && d < CB_SIGNAL_DIMS; d++) {
            uint32_t word = cb_dim_word(scope->book, cb_signal_dims[d], row);
            if (s->tally[d][word].all++ == 0)
                s->touched[d][words[d]++] = word;
            s->tally[d][word].now += side == 1;
        }
    }
    for (unsigned d = 0; d < CB_SIGNAL_DIMS; d++)
        settle(s, d, words[d]);
}

void cb_recur_bunches_merge(cb_recur_state *into, const cb_recur_state *from)
{
    for (unsigned d = 0; d < CB_SIGNAL_DIMS; d++)
        for (uint32_t w = 0; w < into->groups[d]; w++)
            cb_bunches_merge(&into->bunches[d][w], &from->bunches[d][w]);
}

/* ---- finish ---- */

static void count_span(const cb_scope *scope, cb_time_span s, cb_dim dim, uint32_t *counts)
{
    cb_slice cases = cb_cases_opened(scope->book, s.from, s.to);
    for (uint32_t i = 0; i < cases.n; i++)
        counts[cb_dim_word(scope->book, dim, cases.rows[i])]++;
}

/* Bunches show little in a group of few customers, or with hardly a case in the window: the effect
 * is at least that of the dimension's groups together. A group without any bunch keeps 1. */
static cb_signal test(const cb_signal_plan *p, cb_dim dim, uint32_t word, const cb_bunches *b,
                      double pooled)
{
    double effect = b->nn == b->all ? 1 : fmax(cb_bunches_effect(b), pooled);
    uint64_t before = b->all - b->now;
    return (cb_signal){.dim = dim,
                       .word = word,
                       .now = (uint32_t)b->now,
                       .before = (uint32_t)before,
                       .customers = (uint32_t)b->customers,
                       .exposure_now = p->now_days,
                       .exposure_before = p->before_days,
                       .effect = effect,
                       .ratio =
                           cb_bunches_ratio(b, effect, p->now_days, p->before_days, CB_LEVEL_95),
                       .p = cb_bunches_test(b, effect, p->now_days, p->before_days).two_sided,
                       .rising = (double)b->now * p->before_days > (double)before * p->now_days,
                       .is_new = before == 0};
}

/* Cases without a customer are each a customer's only one, as far as anyone can tell. */
static void add_nameless(cb_bunches *b, const cb_recur_state *s, const cb_scope *scope, unsigned d,
                         uint32_t *now, uint32_t *before)
{
    count_span(scope, s->plan.now, cb_signal_dims[d], now);
    for (unsigned i = 0; i < s->plan.spans; i++)
        count_span(scope, s->plan.before[i], cb_signal_dims[d], before);
    for (uint32_t w = 0; w < s->groups[d]; w++)
        cb_bunches_singles(&b[w], now[w] - b[w].now, (uint64_t)now[w] + before[w] - b[w].all);
}

static cb_status test_dim(cb_recurrences *out, const cb_recur_state *s, const cb_scope *scope,
                          unsigned d, cb_error *err)
{
    uint32_t *now = cb_arena_array(scope->scratch, s->groups[d], sizeof *now);
    uint32_t *before = cb_arena_array(scope->scratch, s->groups[d], sizeof *before);
    if (!now || !before)
        return cb_nomem(err, "the signals");
    cb_bunches *b = s->bunches[d];
    add_nameless(b, s, scope, d, now, before);
    double pooled = cb_bunches_pooled(b + 1, s->groups[d] - 1);
    /* The unknown word is no group of its own. */
    for (uint32_t w = 1; w < s->groups[d]; w++)
        if (b[w].all >= LEAST_CASES)
            out->signal[out->signals++] = test(&s->plan, cb_signal_dims[d], w, &b[w], pooled);
    return CB_OK;
}

static int by_q_then_p(const void *a, const void *b)
{
    const cb_signal *x = a, *y = b;
    if (x->significant != y->significant)
        return x->significant ? -1 : 1;
    if (x->q < y->q || x->q > y->q)
        return x->q < y->q ? -1 : 1;
    if (x->p < y->p || x->p > y->p)
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
        out->signal[i].significant = p[i] < CB_SIGNAL_LEVEL;
    }
    if (out->signals > 1)
        qsort(out->signal, out->signals, sizeof *out->signal, by_q_then_p);
    return CB_OK;
}

cb_status cb_recur_signals(cb_recurrences *out, const cb_recur_state *s, const cb_scope *scope,
                           cb_error *err)
{
    size_t most = 0;
    if (!comparable(&s->plan)) {
        out->signals_reason = scope->window[CB_NOW].cases.n == 0
                                  ? "no case was opened in the period"
                                  : "the input does not reach back before the period";
        return CB_OK;
    }
    for (unsigned d = 0; d < CB_SIGNAL_DIMS; d++)
        most += s->groups[d];
    out->signal = cb_arena_array(scope->arena, most, sizeof *out->signal);
    if (!out->signal)
        return cb_nomem(err, "the signals");
    cb_status rc = CB_OK;
    for (unsigned d = 0; rc == CB_OK && d < CB_SIGNAL_DIMS; d++)
        rc = test_dim(out, s, scope, d, err);
    out->signals_tested = out->signals;
    return rc == CB_OK ? adjust(out, scope->scratch, err) : rc;
}
