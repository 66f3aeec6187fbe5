/* stats_recurrence.h - how often does it come back: the mean cumulative function (Q2).
 *
 * Why: customers are seen for different lengths of time; "cases per customer" without regard to
 * that is too low for a young file. The mean cumulative function M(age) is the mean number of
 * events per unit up to an age.
 *
 * Formula (Nelson 1995, J. of Quality Technology 27:2, which SAS/QC PROC RELIABILITY follows; as
 * written out in Meeker and Escobar 1998, 16.2): at each age t_k with events, d_ik of them in unit
 * i, M rises by the mean of d_ik over the n_k units still observed. A unit is observed at its end
 * age: an event at that age counts. The variance is the sum over all pairs of ages k <= v up to
 * t (pairs with k < v twice) of s_kv / n_k, s_kv the sample covariance (divisor n_v - 1) of d_k and
 * d_v over the units observed at t_v. Interval: M +- z sd, the lower bound cut to 0.
 *
 * Cost: one pass over the events in the order of age, after sorting; about 40 bytes per event and
 * 48 per unit. */
#ifndef CASEBOOK_STATS_RECURRENCE_H
#define CASEBOOK_STATS_RECURRENCE_H

#include "casebook/stats.h"

/* Units i = 0 … n_units-1; its events are event_age_s[first[i]] … event_age_s[first[i+1] - 1],
 * in any order, each 0 <= age <= end_age_s[i]. first has n_units + 1 entries. */
typedef struct cb_event_history {
    size_t n_units;
    const int64_t *end_age_s;
    const size_t *first;
    const int64_t *event_age_s;
} cb_event_history;

/* One distinct age with events. Nelson's variance, being unbiased, can come out below 0 in small
 * samples: the bounds are NaN then. */
typedef struct cb_mcf_step {
    int64_t age_s;
    double mean, variance, low, high; /* variance and bounds NaN while only one unit is observed */
    uint32_t at_risk, events;
} cb_mcf_step;

typedef struct cb_mcf {
    const cb_mcf_step *steps;
    size_t n_steps, n_units, n_events;
    int64_t last_age_s; /* the longest observation */
    const char *reason;
} cb_mcf;

// cb_mcf_fit computes the function. No unit, a negative age or an event after its unit's end: a
// reason. The arena owns the steps.
CB_MUST_USE cb_status cb_mcf_fit(const cb_event_history *data, double level, cb_arena *arena,
                                 cb_mcf *out);

// cb_mcf_at returns M(age) with its interval; 0 before the first event; beyond last_age_s a reason.
cb_est cb_mcf_at(const cb_mcf *mcf, int64_t age_s);

#endif
