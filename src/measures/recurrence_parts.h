/* recurrence_parts.h - what the files of the recurrence measure share; private to src/measures.
 *
 * Sequence: recurrence.c folds over customers (only for the window that is reported on): each
 * customer's cases are read once, for the signals' bunches and the repeated breakdowns. finish runs
 * in stage 1, after the resolution measure, whose sorted durations the clusters share; compare adds
 * what needs the churn measure. */
#ifndef CASEBOOK_RECURRENCE_PARTS_H
#define CASEBOOK_RECURRENCE_PARTS_H

#include <math.h>

#include "casebook/churn.h"
#include "casebook/recurrence.h"
#include "casebook/resolution.h"
#include "casebook/stats_bunches.h"

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
    double now_days, before_days;
} cb_signal_plan;

typedef struct cb_tally {
    uint32_t now, all;
} cb_tally;

/* A case of one customer with a known product. */
typedef struct cb_product_event {
    int64_t opened;
    uint32_t product, row;
} cb_product_event;

typedef struct cb_recur_state {
    const cb_alloc *alloc;
    bool works; /* this window has signals and breakdowns */
    cb_signal_plan plan;
    cb_bunches *bunches[CB_SIGNAL_DIMS]; /* by word */
    uint32_t groups[CB_SIGNAL_DIMS];
    cb_tally *tally[CB_SIGNAL_DIMS]; /* spare, by word: the customer at work */
    uint32_t *touched[CB_SIGNAL_DIMS];
    cb_breakdown *found;
    size_t found_n, found_cap;
    cb_product_event *event; /* spare: cases of the customer at work */
    size_t event_cap;
} cb_recur_state;

CB_MUST_USE cb_status cb_recur_bunches_begin(cb_recur_state *s, const cb_scope *scope,
                                             cb_error *err);
void cb_recur_bunches_add(cb_recur_state *s, const cb_scope *scope, uint32_t customer);
void cb_recur_bunches_merge(cb_recur_state *into, const cb_recur_state *from);

// cb_recur_signals fills signal (Q5).
CB_MUST_USE cb_status cb_recur_signals(cb_recurrences *out, const cb_recur_state *s,
                                       const cb_scope *scope, cb_error *err);

/* ---- chains and breakdowns ---- */

CB_MUST_USE cb_status cb_recur_breakdowns_add(cb_recur_state *s, const cb_scope *scope,
                                              uint32_t customer, cb_error *err);
CB_MUST_USE cb_status cb_recur_breakdowns_merge(cb_recur_state *into, const cb_recur_state *from,
                                                cb_error *err);

// cb_recur_breakdowns fills breakdown and breakdown_product.
CB_MUST_USE cb_status cb_recur_breakdowns(cb_recurrences *out, const cb_recur_state *s,
                                          const cb_scope *scope, cb_error *err);

// cb_recur_chains fills chain.
CB_MUST_USE cb_status cb_recur_chains(cb_recurrences *out, const cb_scope *scope, cb_error *err);

// cb_recur_comparable says whether nothing that Q1 asks to be the same is unknown.
bool cb_recur_comparable(const cb_scope *scope, uint32_t row);

/* ---- the rest ---- */

// cb_recur_clusters fills cluster, clusters (Q3) without what needs the churn measure. resolution:
// of the same window; its order may be empty (then the durations are sorted here).
CB_MUST_USE cb_status cb_recur_clusters(cb_recurrences *out, const cb_scope *scope, cb_window_ix ix,
                                        const cb_resolution *resolution, cb_error *err);

// cb_recur_worth adds the churn cost of every window's clusters (Q3, Q4), and orders them; runs
// when the churn measure has finished.
CB_MUST_USE cb_status cb_recur_worth(const cb_scope *scope, struct cb_results *out, cb_error *err);

// cb_recur_pairs fills pair (Q6).
CB_MUST_USE cb_status cb_recur_pairs(cb_recurrences *out, const cb_scope *scope, cb_error *err);

// cb_recur_mcf fills mcf (Q2) over all cases up to the window's end.
CB_MUST_USE cb_status cb_recur_mcf(cb_recurrences *out, const cb_scope *scope, cb_error *err);

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
