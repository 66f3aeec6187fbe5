/* stats_recurrence.h - how often does it come back: the mean cumulative function (Q2).
 *
 * Why: customers are seen for different lengths of time; "cases per customer" without regard to
 * that is too low for a young file. The mean cumulative function M(age) is the mean number of
 * events per unit up to an age.
 *
 * Formula: Nelson 1995 (J. of Quality Technology 27:2; Nelson 2003): at each age with events M
 * rises by events / units still observed. A unit is observed at its end age (an event at the end
 * age counts). Variance: Nelson's unbiased estimate, as in SAS/QC PROC RELIABILITY: the variance
 * of a mean taken over finite samples, with covariances between ages.
 * Interval: M +- z sd, the lower bound not below 0 (SAS prints it unbounded).
 *
 * Cost: time grows with units * log + distinct ages; the variance needs the squares per unit, so
 * events per unit are kept (16 bytes each). */
#ifndef CASEBOOK_STATS_RECURRENCE_H
#define CASEBOOK_STATS_RECURRENCE_H

#include "casebook/stats.h"

/* Units i = 0 … n_units-1; its events are event_age_s[first[i]] … event_age_s[first[i+1] - 1],
 * in any order, each 0 <= age <= end_age_s[i]. first has n_units + 1 entries. */
typedef struct cb_recurrence {
    size_t n_units;
    const int64_t *end_age_s;
    const size_t *first;
    const int64_t *event_age_s;
} cb_recurrence;

/* One distinct age with events. */
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
CB_MUST_USE cb_status cb_mcf_fit(const cb_recurrence *data, double level, cb_arena *arena,
                                 cb_mcf *out);

// cb_mcf_at returns M(age) with its interval; 0 before the first event; beyond last_age_s a reason.
cb_est cb_mcf_at(const cb_mcf *mcf, int64_t age_s);

#endif
