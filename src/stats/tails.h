/* tails.h - distribution functions and quantiles of Beta and Gamma, good for any size of sample.
 *
 * Why not GSL's own: gsl_cdf_beta_Pinv and gsl_cdf_gamma_Pinv (2.7.1) give NaN, or run on for ever,
 * for parameters from about 5,000 upwards, because their continued fractions stop after 512 terms;
 * a desk has a million cases. These need about sqrt(n) terms and take the leading factor in
 * Loader's form (Loader 2000, "Fast and accurate computation of binomial probabilities"), without
 * cancellation.
 * Internal to src/stats. */
#ifndef CB_STATS_TAILS_H
#define CB_STATS_TAILS_H

/* Both tails, each computed without 1 - x. */
typedef struct cb_tails {
    double lower, upper;
} cb_tails;

// cb_beta_tails returns P(X <= x) and P(X > x) for Beta(a, b); a, b > 0 and finite, 0 <= x <= 1.
cb_tails cb_beta_tails(double x, double a, double b);

// cb_gamma_tails does the same for Gamma(shape, rate 1), x >= 0.
cb_tails cb_gamma_tails(double x, double shape);

// cb_binomial_tails returns lower = P(K <= k) and upper = P(K > k) of Binomial(n, p); -1 <= k <= n.
cb_tails cb_binomial_tails(double k, double n, double p);

// cb_binomial_mass returns P(K = k).
double cb_binomial_mass(double k, double n, double p);

// cb_poisson_tails returns lower = P(K <= k) and upper = P(K > k) of Poisson(mean); k >= -1.
cb_tails cb_poisson_tails(double k, double mean);

#endif
