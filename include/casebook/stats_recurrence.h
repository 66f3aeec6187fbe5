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
 * Cost: proportional to events, units and the longest age: ages are small whole numbers (days), by
 * which events are counted out. 4 bytes per event, 12 per unit and 8 per age besides the steps. */
#ifndef CASEBOOK_STATS_RECURRENCE_H
#define CASEBOOK_STATS_RECURRENCE_H

#include "casebook/stats.h"

enum { CB_MCF_LONGEST = 4000000 }; /* days: 10,951 years */

/* Units i = 0 … n_units-1; its events are event_age[first[i]] … event_age[first[i+1] - 1], in any
 * order, each 0 <= age <= end_age[i] <= CB_MCF_LONGEST. first has n_units + 1 entries, from 0 on. */
typedef struct cb_event_history {
    uint32_t n_units;
    const int32_t *end_age;
    const uint32_t *first;
    const int32_t *event_age;
} cb_event_history;

/* One distinct age with events. Nelson's variance, being unbiased, can come out below 0 in small
 * samples: the bounds are NaN then. */
typedef struct cb_mcf_step {
    int32_t age;
    double mean, variance, low, high; /* variance and bounds NaN while only one unit is observed */
    uint32_t at_risk, events;
} cb_mcf_step;

typedef struct cb_mcf {
    const cb_mcf_step *steps;
    size_t n_steps, n_units, n_events;
    int32_t last_age; /* the longest observation */
    const char *reason;
} cb_mcf;

// cb_mcf_fit computes the function. No unit, a negative age or an event after its unit's end: a
// reason. The arena owns the steps.
CB_MUST_USE cb_status cb_mcf_fit(const cb_event_history *data, double level, cb_arena *arena,
                                 cb_mcf *out);

// cb_mcf_at returns M(age) with its interval; 0 before the first event; beyond last_age a reason.
cb_est cb_mcf_at(const cb_mcf *mcf, int32_t age);

#endif
