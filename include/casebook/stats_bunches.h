/* stats_bunches.h - two rates whose events come in bunches: one customer, five cases.
 *
 * Why: the exact Poisson test of two rates takes events to be independent. Cases of one customer
 * are not: a machine that fails again makes three cases, a large customer with a bad week makes
 * thirty. The counts are then over-dispersed, and a test that does not know it cries wolf: in
 * simulated books without any change whose customers have bunches of 2.5 cases on average, nearly
 * every book shows a "significant" group (tests/sim/false_signals.c prints the share).
 *
 * Formula (Rao and Scott 1992, Biometrics 48:577, for clustered counts): of customer c, n_c events
 * lie in both stretches of time together and x_c of them in the first; share P = sum x / sum n,
 * residual e_c = x_c - P n_c, m customers. The design effect D = m / (m - 1) * sum e_c^2 / (n P (1
 * - P)),   at least 1, is the factor by which bunches widen the variance of P: 1 where each
 * customer has one event, the size of the bunches where each bunch falls into one of the stretches,
 * and near 1 again for a large customer whose events come as steadily as chance. Both counts are
 * divided by D ("effective events") and go into the exact conditional binomial test, continued to
 * fractions by the incomplete beta function. Where a variance cannot be had - fewer than
 * CB_BUNCHES_LEAST customers, or all events on one side - each customer's events are taken as one
 * bunch: D = sum n_c^2 / sum n_c, if that is more. D = 1 gives cb_rate_test and cb_rate_ratio
 * exactly.
 *
 * Sums of integers over customers, so that parts can be added in any order. */
#ifndef CASEBOOK_STATS_BUNCHES_H
#define CASEBOOK_STATS_BUNCHES_H

#include "casebook/stats_interval.h"

enum { CB_BUNCHES_LEAST = 10 };

typedef struct cb_bunches {
    uint64_t now, all;   /* sum x, sum n */
    uint64_t xx, xn, nn; /* sum x^2, sum x n, sum n^2 */
    uint64_t customers;  /* m */
} cb_bunches;

// cb_bunches_add adds a customer with `now` of its `all` events in the first stretch; all = 0 is
// none.
void cb_bunches_add(cb_bunches *b, uint64_t now, uint64_t all);
// cb_bunches_singles adds events that are each a customer's only one: `now` of `all` in the first
// stretch.
void cb_bunches_singles(cb_bunches *b, uint64_t now, uint64_t all);
void cb_bunches_merge(cb_bunches *into, const cb_bunches *from);

// cb_bunches_effect returns D >= 1; 1 for no event.
double cb_bunches_effect(const cb_bunches *b);

// cb_bunches_pooled returns the design effect of several groups together, at least 1: sum of the
// residuals' squares over all groups / what it would be without bunches.
double cb_bunches_pooled(const cb_bunches *groups, size_t n);

// cb_bunches_test tests that the rates of the two stretches are equal. two_sided is twice the
// smaller tail unless D is 1.
cb_test cb_bunches_test(const cb_bunches *b, double effect, double exposure_now,
                        double exposure_before);

// cb_bunches_ratio returns the rate ratio now / before with its interval; none before: value and
// high unbounded, with a reason.
cb_est cb_bunches_ratio(const cb_bunches *b, double effect, double exposure_now,
                        double exposure_before, double level);

#endif
