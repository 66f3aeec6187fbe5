/* recurrence_parts.h - what the files of the recurrence measure share; private to src/measures. */
#ifndef CASEBOOK_RECURRENCE_PARTS_H
#define CASEBOOK_RECURRENCE_PARTS_H

#include "casebook/recurrence.h"

// cb_recur_clusters fills cluster, clusters (Q3) without what needs the churn measure.
CB_MUST_USE cb_status cb_recur_clusters(cb_recurrences *out, const cb_scope *scope,
                                        cb_window_ix ix, cb_error *err);

// cb_recur_worth adds the churn cost of every window's clusters (Q3, Q4), and orders them; runs when
// the churn measure has finished.
CB_MUST_USE cb_status cb_recur_worth(const cb_scope *scope, struct cb_results *out, cb_error *err);

// cb_recur_signals fills signal (Q5) for the window that is reported on.
CB_MUST_USE cb_status cb_recur_signals(cb_recurrences *out, const cb_scope *scope, cb_error *err);

// cb_recur_pairs fills pair (Q6).
CB_MUST_USE cb_status cb_recur_pairs(cb_recurrences *out, const cb_scope *scope, cb_error *err);

// cb_recur_chains fills chain, breakdown, breakdown_product over all cases up to the window's end.
CB_MUST_USE cb_status cb_recur_chains(cb_recurrences *out, const cb_scope *scope, cb_error *err);

// cb_recur_mcf fills mcf (Q2) over all cases up to the window's end.
CB_MUST_USE cb_status cb_recur_mcf(cb_recurrences *out, const cb_scope *scope, cb_error *err);

// cb_recur_end returns the instant before which things count for a window: its end, or just after
// as_of if that is earlier.
static inline int64_t cb_recur_end(const cb_scope *scope, cb_window_ix ix)
{
    int64_t to = scope->window[ix].period.to_utc_s, now = scope->book->as_of_utc_s + 1;
    return to < now ? to : now;
}

#endif
