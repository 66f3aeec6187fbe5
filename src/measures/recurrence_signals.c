/* Q5: groups with more or fewer cases than the four periods before lead one to expect.
 *
 * Windows of a week or less are compared with the same weekdays of the four weeks before: a Monday
 * is not a Saturday. */
#include <math.h>
#include <stdlib.h>

#include "measures/recurrence_parts.h"

enum { LEAST_CASES = 5, FEW_CASES = 8 };

const cb_dim cb_signal_dims[CB_SIGNAL_DIMS] = {CB_DIM_CAUSE, CB_DIM_PRODUCT, CB_DIM_KIND};

static double days_of(cb_time_span s)
{
    return s.to > s.from ? (double)(s.to - s.from) / CB_DAY_S : 0;
}

static cb_time_span cut(cb_time_span s, int64_t first)
{
    return (cb_time_span){s.from < first ? first : s.from, s.to};
}

/* The stretch that holds all spans. */
static void bound(cb_signal_plan *p)
{
    p->all = p->now;
    p->gapless = true;
    for (unsigned i = 0; i < p->spans; i++) {
        cb_time_span b = p->before[i];
        p->gapless = p->gapless && b.to == p->all.from;
        p->all.from = b.from < p->all.from ? b.from : p->all.from;
        p->all.to = b.to > p->all.to ? b.to : p->all.to;
    }
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
    bound(p);
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

static cb_slice cases_in(const cb_scope *scope, cb_time_span s)
{
    return cb_cases_opened(scope->book, s.from, s.to);
}

/* Customers of the window with enough cases for a repeated breakdown are looked at, too. */
static void meet_breakdowns(cb_recur_met *met, const cb_scope *scope, cb_slice cases)
{
    const uint32_t *offset = scope->book->cases_of.offset;
    double least = scope->settings->assumption[CB_A_BREAKDOWN_CASES].base;
    for (uint32_t i = 0; i < cases.n; i++) {
        uint32_t c = cb_word(&scope->book->table[CB_CASES], CB_CASE_CUSTOMER, cases.rows[i]);
        if (c != CB_UNKNOWN_ID && offset[c + 1] - offset[c] >= (uint32_t)least)
            cb_recur_meet_twice(met, c);
    }
}

/* Each thread's state meets them for itself. */
cb_status cb_recur_few(cb_recur_state *s, const cb_scope *scope, cb_error *err)
{
    cb_slice now = cases_in(scope, s->plan.now);
    uint64_t cases = now.n;
    for (unsigned i = 0; i < s->plan.spans; i++)
        cases += cases_in(scope, s->plan.before[i]).n;
    s->few = cases * scope->workers.threads < scope->book->table[CB_CASES].n / FEW_CASES;
    if (!s->few)
        return CB_OK;
    cb_status rc = cb_recur_met_new(&s->met, scope->book, scope->scratch, err);
    if (rc != CB_OK)
        return rc;
    cb_recur_meet_all(&s->met, scope->book, &now);
    for (unsigned i = 0; i < s->plan.spans; i++) {
        cb_slice before = cases_in(scope, s->plan.before[i]);
        cb_recur_meet_all(&s->met, scope->book, &before);
    }
    if (!(scope->left_out & CB_PART_COURSES))
        meet_breakdowns(&s->met, scope, now);
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
    if (p->gapless || !within(p->all, opened))
        return within(p->all, opened) ? 0 : -1;
    for (unsigned i = 0; i < p->spans; i++)
        if (within(p->before[i], opened))
            return 0;
    return -1;
}

/* The cases of the spans, of customers with two or more. */
static void pick(cb_recur_block *b, const cb_signal_plan *p, const cb_book *book)
{
    const uint32_t *offset = book->cases_of.offset;
    cb_recur_pick_begin(b);
    for (uint32_t c = b->first; c < b->end; c++) {
        uint32_t from = offset[c] - offset[b->first], to = offset[c + 1] - offset[b->first];
        for (uint32_t i = from; i < to && to - from > 1; i++) {
            int side = side_of(p, b->opened[i]);
            if (side >= 0)
                cb_recur_pick(b, b->rows[i], side == 1);
        }
        cb_recur_picked(b, c, 2);
    }
}

/* Words that a few cases share, by comparing all whose bit is in `shared`. */
static void add_few(cb_bunches *bunches, const uint32_t *word, const uint8_t *now, uint32_t n,
                    uint64_t shared)
{
    unsigned done = 0;
    for (uint32_t i = 0; i + 1 < n; i++) {
        uint32_t all = 1, in_window = now[i];
        if (done >> i & 1 || !(shared >> word[i] % 64 & 1))
            continue;
        for (uint32_t k = i + 1; k < n; k++)
            if (word[k] == word[i]) {
                done |= 1u << k;
                all++;
                in_window += now[k];
            }
        if (all > 1)
            cb_bunches_add(&bunches[word[i]], in_window, all);
    }
}

/* Of many, by counting. */
static void add_many(cb_recur_state *s, unsigned d, const uint32_t *word, const uint8_t *now,
                     uint32_t n)
{
    cb_tally *tally = s->tally[d];
    uint32_t words = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (tally[word[i]].all++ == 0)
            s->touched[d][words++] = word[i];
        tally[word[i]].now += now[i];
    }
    for (uint32_t i = 0; i < words; i++) {
        uint32_t at = s->touched[d][i];
        if (tally[at].all > 1)
            cb_bunches_add(&s->bunches[d][at], tally[at].now, tally[at].all);
        tally[at] = (cb_tally){0, 0};
    }
}

/* Bits of words that two or more of the cases may share: of word % 64. */
static void shared_words(const cb_recur_block *b, uint32_t from, uint32_t to,
                         uint64_t shared[CB_SIGNAL_DIMS])
{
    uint64_t met[CB_SIGNAL_DIMS] = {0};
    for (unsigned d = 0; d < CB_SIGNAL_DIMS; d++)
        shared[d] = 0;
    for (uint32_t i = from; i < to; i++)
        for (unsigned d = 0; d < CB_SIGNAL_DIMS; d++) {
            uint64_t bit = UINT64_C(1) << b->word[cb_signal_dims[d]][i] % 64;
            shared[d] |= met[d] & bit;
            met[d] |= bit;
        }
}

static void add_customer(cb_recur_state *s, uint32_t from, uint32_t to)
{
    const cb_recur_block *b = &s->block;
    uint64_t shared[CB_SIGNAL_DIMS];
    shared_words(b, from, to, shared);
    for (unsigned d = 0; d < CB_SIGNAL_DIMS; d++) {
        const uint32_t *word = b->word[cb_signal_dims[d]] + from;
        if (shared[d] != 0 && to - from <= FEW_CASES)
            add_few(s->bunches[d], word, b->now + from, to - from, shared[d]);
        else if (shared[d] != 0)
            add_many(s, d, word, b->now + from, to - from);
    }
}

void cb_recur_bunches_add(cb_recur_state *s, const cb_scope *scope)
{
    cb_recur_block *b = &s->block;
    if (s->plan.spans == 0)
        return;
    pick(b, &s->plan, scope->book);
    for (unsigned d = 0; d < CB_SIGNAL_DIMS; d++)
        cb_recur_words(b, scope->book, cb_signal_dims[d]);
    for (uint32_t c = 0; c < b->customers; c++)
        add_customer(s, b->from[c], b->from[c + 1]);
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
    cb_slice cases = cases_in(scope, s);
    uint32_t word[CB_RECUR_BLOCK];
    for (uint32_t at = 0; at < cases.n; at += CB_RECUR_BLOCK) {
        cb_slice part = cb_recur_part(&cases, at);
        cb_words_of(&scope->book->table[CB_CASES], cb_dim_fields[dim], part.rows, part.n, word);
        for (uint32_t i = 0; i < part.n; i++)
            counts[word[i]]++;
    }
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

/* Cases without a customer are each a customer's only one, as far as anyone can tell; and those
 * that are were left out of the bunches. */
static void add_singles(cb_bunches *b, const cb_recur_state *s, const cb_scope *scope, unsigned d,
                        uint32_t *before)
{
    const uint32_t *now = s->count[cb_signal_dims[d]];
    for (unsigned i = 0; i < s->plan.spans; i++)
        count_span(scope, s->plan.before[i], cb_signal_dims[d], before);
    for (uint32_t w = 0; w < s->groups[d]; w++)
        cb_bunches_singles(&b[w], now[w] - b[w].now, (uint64_t)now[w] + before[w] - b[w].all);
}

static cb_status test_dim(cb_recurrences *out, const cb_recur_state *s, const cb_scope *scope,
                          unsigned d, cb_error *err)
{
    uint32_t *before = cb_arena_array(scope->scratch, s->groups[d], sizeof *before);
    if (!before)
        return cb_nomem(err, "the signals");
    cb_bunches *b = s->bunches[d];
    add_singles(b, s, scope, d, before);
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
