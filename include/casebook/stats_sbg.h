/* stats_sbg.h - the shifted beta-geometric model of customers who stay: how retention rises with
 * tenure.
 *
 * Why: of a cohort most losses come early; carrying the first year's loss rate forward
 * understates what a long-standing customer is worth. Fader and Hardie 2007 (J. of Interactive
 * Marketing 21:1): each customer leaves at a period's end with a constant probability, which
 * varies between customers as Beta(alpha, beta).
 *
 * Formulas: P(leave in period t | still there) = alpha / (alpha + beta + t - 1); retention r(t)
 * = (beta + t - 1)/(alpha + beta + t - 1); S(t) = prod r. Fit: maximum likelihood by Newton's
 * method in log alpha, log beta. */
#ifndef CASEBOOK_STATS_SBG_H
#define CASEBOOK_STATS_SBG_H

#include "casebook/stats.h"

typedef struct cb_sbg {
    double alpha, beta;
    double log_likelihood;
    const char *reason; /* alpha and beta NaN; else NULL */
} cb_sbg;

// cb_sbg_fit fits survivors[0] (the cohort's size), survivors[1] (left after one period), …, n
// entries. Fewer than 3 entries, a rising series, no loss, nobody left, or no finite maximum
// (retention that does not rise) give a reason.
cb_sbg cb_sbg_fit(const uint64_t *survivors, size_t n);

// cb_sbg_retention returns r(t), t = 1, 2, …; cb_sbg_survival S(t), t = 0, 1, …
// NaN without a fit.
double cb_sbg_retention(const cb_sbg *fit, size_t t);
double cb_sbg_survival(const cb_sbg *fit, size_t t);

// cb_sbg_residual_periods returns the discounted expected residual lifetime, in periods, of a
// customer who has stayed through `t` renewals: sum over k >= 1 of S(t + k) / S(t) / (1 +
// discount)^(k-1) (Fader and Hardie 2010, Marketing Science 29:1). discount > 0, else NaN.
double cb_sbg_residual_periods(const cb_sbg *fit, size_t t, double discount);

#endif
