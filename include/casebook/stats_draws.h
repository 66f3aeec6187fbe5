/* stats_draws.h - reproducible random draws: the same seed gives the same bytes.
 *
 * Why: the interval of a product of uncertain figures (C3) comes from 20,000 draws. GSL's
 * mt19937, seeded per stream: each measure (and each row of a table) has its own stream number,
 * so that adding a measure, or the number of threads, leaves all other draws as they were.
 *
 * Sequence: cb_draws_new(arena, seed, stream), then fill arrays with cb_draws_gamma and so on;
 * combine them elementwise; cb_draws_summary. The generator lives in the arena; one thread uses
 * it at a time. */
#ifndef CASEBOOK_STATS_DRAWS_H
#define CASEBOOK_STATS_DRAWS_H

#include "casebook/stats.h"

enum { CB_DRAWS_DEFAULT_N = 20000 };

typedef struct cb_draws cb_draws;

// cb_draws_new returns a generator for (seed, stream), or NULL without memory. The two are mixed
// (splitmix64) into the generator's 32-bit seed; a stream may be any number, for instance cb_hash
// of a measure's name.
cb_draws *cb_draws_new(cb_arena *arena, uint64_t seed, uint64_t stream);

// cb_draws_uniform fills out with numbers in (0, 1).
void cb_draws_uniform(cb_draws *draws, double *out, size_t n);

// cb_draws_normal fills out with Normal(mean, sd) (polar method). CB_EDATA unless both are finite
// and sd >= 0.
CB_MUST_USE cb_status cb_draws_normal(cb_draws *draws, double mean, double sd, double *out,
                                      size_t n);

// cb_draws_gamma fills out with Gamma(shape, rate), mean shape/rate (Marsaglia and Tsang 2000).
// CB_EDATA unless both are finite and > 0.
CB_MUST_USE cb_status cb_draws_gamma(cb_draws *draws, double shape, double rate, double *out,
                                     size_t n);

// cb_draws_beta fills out with Beta(a, b). CB_EDATA unless both are finite and > 0.
CB_MUST_USE cb_status cb_draws_beta(cb_draws *draws, double a, double b, double *out, size_t n);

// cb_draws_binomial makes out[i] a number of successes in trials whose chance is chance[i] (Kachitvichyanukul
// and Schmeiser's BTPE where trials * chance is large). CB_EDATA unless every chance is 0 to 1.
CB_MUST_USE cb_status cb_draws_binomial(cb_draws *draws, uint32_t trials, const double *chance, double *out,
                                        size_t n);

// cb_draws_summary gives the mean of the draws and their equal-tailed interval (type 7 quantiles).
// n = 0 or a draw that is not finite: a reason. The draws keep their order.
CB_MUST_USE cb_status cb_draws_summary(const double *values, size_t n, double level,
                                       cb_arena *scratch, cb_est *out);

#endif
