/* stats_interval.h - shares and rates with their intervals, tests of two of them, many tests at
 * once.
 *
 * Why: "7 of 50" is 14 % only with 7 % to 26 % beside it; and of a hundred clusters five rise by
 * chance. All functions are closed computations on counts: no memory is needed, except by
 * cb_bh_adjust. Counts are exact (uint64_t); an exposure (person-years, cases) is a double > 0. */
#ifndef CASEBOOK_STATS_INTERVAL_H
#define CASEBOOK_STATS_INTERVAL_H

#include "casebook/stats.h"

// cb_gamma_quantile returns the p-quantile of Gamma(shape, rate) (mean shape/rate). NaN unless 0 <=
// p <= 1, shape > 0, rate > 0.
double cb_gamma_quantile(double p, double shape, double rate);

// cb_beta_quantile returns the p-quantile of Beta(a, b). NaN unless 0 <= p <= 1, a > 0, b > 0.
double cb_beta_quantile(double p, double a, double b);

// cb_wilson returns hits/n with Wilson's score interval (Wilson 1927, JASA 22). n = 0 or hits > n:
// a reason.
cb_est cb_wilson(uint64_t hits, uint64_t n, double level);

// cb_clopper_pearson returns hits/n with the exact interval (Clopper and Pearson 1934, Biometrika
// 26).
cb_est cb_clopper_pearson(uint64_t hits, uint64_t n, double level);

// cb_poisson_rate returns events/exposure with the exact interval (Garwood 1936, Biometrika 28).
// exposure <= 0: a reason.
cb_est cb_poisson_rate(uint64_t events, double exposure, double level);

/* p values of a test; all NaN with a reason when the test cannot be made. */
typedef struct cb_test {
    /* greater: the first is larger than the second by so much or more */
    double two_sided, greater, less;
    const char *reason;
} cb_test;

// cb_rate_test is the exact conditional test that two Poisson rates are equal: given the sum, the
// first count is Binomial(x1 + x2, t1/(t1 + t2)) (Przyborowski and Wilenski 1940, Biometrika 31).
// two_sided adds all outcomes no more likely than the one seen, as R's poisson.test. No event at
// all: a reason.
cb_test cb_rate_test(uint64_t events_1, double exposure_1, uint64_t events_2, double exposure_2);

// cb_rate_ratio returns (x1/t1) / (x2/t2) with the interval that inverts the same binomial
// (Clopper-Pearson). x2 = 0: value and high are unbounded: a reason, with low known in `low`.
cb_est cb_rate_ratio(uint64_t events_1, double exposure_1, uint64_t events_2, double exposure_2,
                     double level);

// cb_share_difference returns hits_1/n_1 - hits_2/n_2 with Newcombe's hybrid score interval
// (Newcombe 1998, Statistics in Medicine 17:873, method 10).
cb_est cb_share_difference(uint64_t hits_1, uint64_t n_1, uint64_t hits_2, uint64_t n_2,
                           double level);

// cb_share_test is the score test that two shares are equal (pooled variance, no continuity
// correction; R's prop.test(correct = FALSE)). All hit or none hit in both: p = 1. An empty group:
// a reason.
cb_test cb_share_test(uint64_t hits_1, uint64_t n_1, uint64_t hits_2, uint64_t n_2);

// cb_bh_adjust writes the adjusted p values of Benjamini and Hochberg (1995, JRSS B 57) in the
// order of p; a p that is NaN (no test made) stays NaN and does not count. p outside [0, 1]:
// CB_EDATA. adjusted may be p itself.
CB_MUST_USE cb_status cb_bh_adjust(const double *p, double *adjusted, size_t n, cb_arena *scratch);

// cb_fisher_two_sided returns the two-sided p of Fisher's exact test on a 2x2 table (a b / c d),
// R's fisher.test. NaN when a margin is empty.
double cb_fisher_two_sided(uint64_t a, uint64_t b, uint64_t c, uint64_t d);

#endif
