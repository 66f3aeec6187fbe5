/* stats_regress.h - linear and logistic regression, and Mantel-Haenszel over strata (P1, P2).
 *
 * Why: "with an apology fewer leave" may only mean that apologies are given in small cases.
 * Comparing within strata (Mantel-Haenszel) or with the other causes in the model (logistic) is
 * fairer; it still is association.
 *
 * Shapes: x is row-major, n rows of p columns; the caller puts a column of ones in for the
 * intercept. All solutions are by Householder QR of the (weighted, column-scaled) matrix, never
 * by normal equations. */
#ifndef CASEBOOK_STATS_REGRESS_H
#define CASEBOOK_STATS_REGRESS_H

#include "casebook/stats.h"

/* reason: why there is no fit (arrays are NULL then), else NULL. Arrays have p entries and live
 * in the arena. */
typedef struct cb_linear {
    size_t n, p, df; /* df = n - p */
    const double *coefficient, *standard_error;
    double residual_sd, residual_ss;
    double r2; /* about the mean when the model has a constant column, else about 0 */
    const char *reason;
} cb_linear;

// cb_linear_fit fits y = x b by least squares. NaN, n <= p or columns that depend on each other: a
// reason.
CB_MUST_USE cb_status cb_linear_fit(const double *x, const double *y, size_t n, size_t p,
                                    cb_arena *arena,
                                    cb_linear *out);

/* Rows with equal x may be one row: trials cases, successes of them with the outcome. */
typedef struct cb_logit_data {
    size_t n, p;
    const double *x;
    const uint64_t *successes, *trials;
} cb_logit_data;

enum { CB_LOGIT_EVENTS_PER_VARIABLE = 10, CB_LOGIT_MAX_ITERATIONS = 30 };

/* odds_ratio[j] = exp(coefficient) with the Wald interval; p_value two-sided Wald. */
typedef struct cb_logit {
    size_t p, iterations;
    uint64_t cases, events;
    const double *coefficient, *standard_error, *p_value;
    const cb_est *odds_ratio;
    double deviance, null_deviance; /* null: the constant alone */
    const char *reason;
} cb_logit;

// cb_logit_fit fits a logistic regression by iteratively reweighted least squares (as R's glm,
// binomial). Refused with a reason: NaN; fewer than 10 events (or non-events) per column other than
// a constant one (Peduzzi et al. 1996, J. Clin. Epidemiol. 49); dependent columns; separation (a
// combination of columns that foretells the outcome: estimates run to infinity).
CB_MUST_USE cb_status cb_logit_fit(const cb_logit_data *data, double level, cb_arena *arena,
                                   cb_logit *out);

/* One stratum: with (the step done): a with the outcome, b without; not done: c with the
 * outcome, d without. */
typedef struct cb_mh_stratum {
    uint64_t a, b, c, d;
} cb_mh_stratum;

/* Each estimate: done against not done. strata_used: those where both sides have cases.
 * odds_ratio: interval of Robins, Breslow and Greenland 1986 (Biometrics 42). risk_ratio:
 * Greenland and Robins 1985 (Biometrics 41). risk_difference: variance of Sato 1989 (Biometrics
 * 45). chi2, p: Cochran-Mantel-Haenszel, 1 df, without continuity correction (R's
 * mantelhaen.test(correct = FALSE)). */
typedef struct cb_mh {
    size_t strata_used;
    uint64_t cases_used;
    cb_est odds_ratio, risk_ratio, risk_difference;
    double chi2, p;
    /* no stratum with both sides; else NULL. chi2 and p may be NaN (nobody or all with it) */
    const char *reason;
} cb_mh;

// cb_mh_fit needs no memory.
cb_mh cb_mh_fit(const cb_mh_stratum *strata, size_t n, double level);

#endif
