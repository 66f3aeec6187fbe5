/* recurrence_parts.h - what the files of the recurrence measure share; private to src/measures.
 *
 * Sequence: recurrence.c folds over customers (only for the window that is reported on): each
 * customer's cases are read once, for the signals' bunches and the repeated breakdowns. finish runs
 * in stage 1, after the resolution measure, whose sorted durations the clusters share; compare adds
 * what needs the churn measure.
 *
 * Cost: the cases of many customers are read in blocks (cb_recur_block); where the spans of time
 * that are looked at hold few of the cases, only customers met twice in them are (cb_recur_met):
 * who has one case tells nothing about what comes back. */
#ifndef CASEBOOK_RECURRENCE_PARTS_H
#define CASEBOOK_RECURRENCE_PARTS_H

#include <math.h>

#include "casebook/churn.h"
#include "casebook/recurrence.h"
#include "casebook/resolution.h"
#include "casebook/stats_bunches.h"

/* ---- cases, many at a time ---- */

enum { CB_RECUR_BLOCK = 1024 };

// cb_recur_part returns the next cases from `at` on: at most CB_RECUR_BLOCK.
static inline cb_slice cb_recur_part(const cb_slice *cases, uint32_t at)
{
    uint32_t rest = cases->n - at;
    return (cb_slice){cases->rows + at, rest < CB_RECUR_BLOCK ? rest : CB_RECUR_BLOCK};
}

/* Customers of whom nothing, one case or more than one was seen: a bit each. */
typedef struct cb_recur_met {
    uint64_t *once, *twice;
    uint32_t customers;
} cb_recur_met;

CB_MUST_USE cb_status cb_recur_met_new(cb_recur_met *met, const cb_book *book, cb_arena *arena,
                                       cb_error *err);

static inline void cb_recur_meet(cb_recur_met *met, uint32_t customer)
{
    uint64_t bit = UINT64_C(1) << customer % 64;
    met->twice[customer / 64] |= met->once[customer / 64] & bit;
    met->once[customer / 64] |= bit;
}

static inline void cb_recur_meet_twice(cb_recur_met *met, uint32_t customer)
{
    met->twice[customer / 64] |= UINT64_C(1) << customer % 64;
}

// cb_recur_meet_all meets the customers of rows; cases without one do not count.
void cb_recur_meet_all(cb_recur_met *met, const cb_book *book, const cb_slice *cases);

// cb_recur_met_next returns the first customer met twice from `from` on, `end` when there is none
// before.
uint32_t cb_recur_met_next(const cb_recur_met *met, uint32_t from, uint32_t end);

/* Cases of whole customers, first … end - 1, side by side in the order of cases_of; grows to what
 * the largest customer needs. */
typedef struct cb_recur_block {
    uint32_t first, end, n;
    const uint32_t *rows;
    int64_t *opened;
    /* what was picked of them: customer by customer */
    uint32_t picked, customers;
    uint32_t *row, *customer, *from; /* from: customers + 1, where each one's begin in row */
    uint8_t *now;                    /* opened in the window, beside row */
    uint32_t *word[CB_DIMS];         /* beside row, by cb_recur_words; or beside rows */
    int64_t *spare;
    void *memory;
    size_t cap;
} cb_recur_block;

// cb_recur_read reads the block that begins with customer first: as many, up to end, as fit.
CB_MUST_USE cb_status cb_recur_read(cb_recur_block *block, const cb_book *book,
                                    const cb_alloc *alloc, uint32_t first, uint32_t end,
                                    cb_error *err);
void cb_recur_block_end(cb_recur_block *block, const cb_alloc *alloc);

// cb_recur_words fills word[dim] of the rows that were picked, cb_recur_all_words of all.
void cb_recur_words(cb_recur_block *block, const cb_book *book, cb_dim dim);
void cb_recur_all_words(cb_recur_block *block, const cb_book *book, cb_dim dim);

// cb_recur_pick_begin, cb_recur_pick and cb_recur_picked pick rows: after the rows of each
// customer, cb_recur_picked keeps them where there are `least` of them, or drops them.
static inline void cb_recur_pick_begin(cb_recur_block *b)
{
    b->picked = b->customers = 0;
    b->from[0] = 0;
}
static inline void cb_recur_pick(cb_recur_block *b, uint32_t row, bool now, bool keep)
{
    b->row[b->picked] = row;
    b->now[b->picked] = now;
    b->picked += keep; /* no branch: which are kept cannot be foreseen */
}
static inline void cb_recur_picked(cb_recur_block *b, uint32_t customer, uint32_t least)
{
    uint32_t from = b->from[b->customers];
    if (b->picked - from < least || b->picked == from) {
        b->picked = from;
        return;
    }
    b->customer[b->customers++] = customer;
    b->from[b->customers] = b->picked;
}

/* ---- Q5: bunches ---- */

enum { CB_SIGNAL_BACK = 4, CB_SIGNAL_DIMS = 3 };
extern const cb_dim cb_signal_dims[CB_SIGNAL_DIMS];

typedef struct cb_time_span {
    int64_t from, to; /* half open */
} cb_time_span;

/* The instants that Q5 compares; spans 0: nothing before to compare with. */
typedef struct cb_signal_plan {
    cb_time_span now, before[CB_SIGNAL_BACK];
    unsigned spans;
    cb_time_span all; /* from the earliest to the latest of them */
    bool gapless;     /* and nothing of it lies in none of them */
    double now_days, before_days;
} cb_signal_plan;

typedef struct cb_tally {
    uint32_t now, all;
} cb_tally;

enum { CB_RECUR_PRODUCT = 1 }; /* the place of the product in cb_signal_dims */

/* The breakdowns with most cases. */
enum { CB_RECUR_LIST_ROOM = 2 * CB_BREAKDOWNS_LISTED };
typedef struct cb_recur_breakdown_list {
    cb_breakdown item[CB_RECUR_LIST_ROOM];
    uint32_t n;
    bool full; /* the first CB_BREAKDOWNS_LISTED are in order: what comes after them is not kept */
} cb_recur_breakdown_list;

typedef struct cb_breakdown_product cb_recur_product;

typedef struct cb_recur_state {
    const cb_alloc *alloc;
    bool works; /* this window has signals and breakdowns */
    cb_signal_plan plan;
    cb_bunches *bunches[CB_SIGNAL_DIMS]; /* by word */
    uint32_t groups[CB_SIGNAL_DIMS];
    cb_tally *tally[CB_SIGNAL_DIMS]; /* spare, by word: the customer at work */
    uint32_t *touched[CB_SIGNAL_DIMS];
    bool few; /* only the customers met twice are looked at */
    cb_recur_met met;
    cb_recur_block block;
    uint32_t *count[CB_DIMS]; /* by word: the window's cases; set in finish where asked for */
    bool breaks;              /* repeated breakdowns are looked for */
    uint32_t found, products;
    cb_recur_product *by_product; /* by word */
    cb_recur_breakdown_list *list;
} cb_recur_state;

CB_MUST_USE cb_status cb_recur_bunches_begin(cb_recur_state *s, const cb_scope *scope,
                                             cb_error *err);

// cb_recur_few meets the customers of the spans, where those hold so few of the cases that it pays.
CB_MUST_USE cb_status cb_recur_few(cb_recur_state *s, const cb_scope *scope, cb_error *err);

// cb_recur_bunches_add adds the customers of s->block. Those with one case are left to
// cb_recur_signals, which adds what is missing as singles.
void cb_recur_bunches_add(cb_recur_state *s, const cb_scope *scope);
void cb_recur_bunches_merge(cb_recur_state *into, const cb_recur_state *from);

// cb_recur_signals fills signal (Q5).
CB_MUST_USE cb_status cb_recur_signals(cb_recurrences *out, const cb_recur_state *s,
                                       const cb_scope *scope, cb_error *err);

// cb_recur_next reads into s->block the next customers from *at on, of those that are looked at, and
// moves *at behind them; no *more: there is none before end.
CB_MUST_USE cb_status cb_recur_next(cb_recur_state *s, const cb_book *book, uint32_t *at,
                                    uint32_t end, bool *more, cb_error *err);

/* ---- chains and breakdowns ---- */

CB_MUST_USE cb_status cb_recur_breakdowns_begin(cb_recur_state *s, const cb_scope *scope,
                                                cb_error *err);

// cb_recur_breakdowns_add adds the customers of s->block.
void cb_recur_breakdowns_add(cb_recur_state *s, const cb_scope *scope);
void cb_recur_breakdowns_merge(cb_recur_state *into, const cb_recur_state *from);

// cb_recur_breakdowns fills breakdown and breakdown_product.
CB_MUST_USE cb_status cb_recur_breakdowns(cb_recurrences *out, cb_recur_state *s,
                                          const cb_scope *scope, cb_error *err);

// cb_recur_chains fills chain.
void cb_recur_chains(cb_recurrences *out, const cb_scope *scope);

/* ---- the rest ---- */

// cb_recur_clusters fills cluster, clusters (Q3) without what needs the churn measure. resolution:
// of the same window; its order may be empty (then the durations are sorted here).
CB_MUST_USE cb_status cb_recur_clusters(cb_recurrences *out, const cb_scope *scope, cb_window_ix ix,
                                        const cb_resolution *resolution, cb_error *err);

// cb_recur_worth adds the churn cost of every window's clusters (Q3, Q4), and orders them; runs
// when the churn measure has finished.
CB_MUST_USE cb_status cb_recur_worth(const cb_scope *scope, struct cb_results *out, cb_error *err);

// cb_recur_pairs fills pair (Q6).
CB_MUST_USE cb_status cb_recur_pairs(cb_recurrences *out, cb_recur_state *s, const cb_scope *scope,
                                     cb_error *err);

// cb_recur_mcf fills mcf (Q2) over all cases up to the window's end.
CB_MUST_USE cb_status cb_recur_mcf(cb_recurrences *out, cb_recur_state *s, const cb_scope *scope,
                                   cb_error *err);

// cb_recur_unpriced returns why sums of churn.case_cost_minor cannot be given; NULL: they can.
const char *cb_recur_unpriced(const cb_churn *churn);

/* A sum with its compensation (Neumaier 1974): there may be a million small parts. */
typedef struct cb_part_sum {
    double sum, rest;
} cb_part_sum;

static inline void cb_part_add(cb_part_sum *s, double part)
{
    double next = s->sum + part;
    s->rest += fabs(s->sum) >= fabs(part) ? (s->sum - next) + part : (part - next) + s->sum;
    s->sum = next;
}

static inline double cb_part_total(const cb_part_sum *s)
{
    return s->sum + s->rest;
}

// cb_recur_end returns the instant before which things count for a window: its end, or just after
// as_of if that is earlier.
static inline int64_t cb_recur_end(const cb_scope *scope, cb_window_ix ix)
{
    int64_t to = scope->window[ix].period.to_utc_s, now = scope->book->as_of_utc_s + 1;
    return to < now ? to : now;
}

#endif
