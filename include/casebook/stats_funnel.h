/* stats_funnel.h - funnel plots: groups against the whole without ranking (F1).
 *
 * Why: a small group is at the top or the bottom of every league table by chance. Limits that
 * narrow with the group's size show which group really differs.
 *
 * Formulas: Spiegelhalter 2005 (Statistics in Medicine 24:1185). Target = total / total. Limits:
 * exact binomial or Poisson, interpolated between the two neighbouring counts (appendix A.1). z
 * = (value - target) / s, s^2 = target (1 - target) / n for shares, target / exposure for rates.
 * Over-dispersion: z winsorised at 10 % and 90 %, phi = mean z^2; when I phi > I - 1, tau^2 = (I
 * phi - (I - 1)) / (sum w - sum w^2 / sum w), w = 1 / s^2 (DerSimonian-Laird), else 0.
 * Widened limits: the distance of the exact limit from the target, times sqrt(1 + tau^2 / s^2).
 *
 * Suppression of small groups is the caller's; all groups with a denominator take part in target
 * and tau^2. */
#ifndef CASEBOOK_STATS_FUNNEL_H
#define CASEBOOK_STATS_FUNNEL_H

#include "casebook/stats.h"

typedef struct cb_funnel_limits {
    double low_95, high_95, low_998, high_998;
} cb_funnel_limits;

/* place: -2 below the 99.8 % limit, -1 below the 95 % limit, 0 within, 1, 2 above; judged by the
 * widened limits. A group without a denominator: value and limits NaN, place 0. */
typedef struct cb_funnel_point {
    double value, size;      /* size: n or exposure */
    double z, z_adjusted;    /* adjusted: divided by sqrt(1 + tau^2 / s^2) */
    cb_funnel_limits exact, widened;
    int place;
} cb_funnel_point;

typedef struct cb_funnel {
    const cb_funnel_point *points; /* in the order of the input */
    size_t n, n_used;
    double target, phi, tau2;
    const char *reason; /* no limits, because; else NULL */
} cb_funnel;

/* Fewer groups than the second: tau^2 is 0. */
enum { CB_FUNNEL_MIN_GROUPS = 2, CB_FUNNEL_MIN_DISPERSION_GROUPS = 5 };

// cb_funnel_shares judges hits[i] of sizes[i]. A target of 0 or 1 has no limits: a reason.
CB_MUST_USE cb_status cb_funnel_shares(const uint64_t *hits, const uint64_t *sizes, size_t n,
                                       cb_arena *arena,
                                       cb_funnel *out);

// cb_funnel_rates judges events[i] per exposures[i].
CB_MUST_USE cb_status cb_funnel_rates(const uint64_t *events, const double *exposures, size_t n,
                                      cb_arena *arena,
                                      cb_funnel *out);

// cb_funnel_share_limits and cb_funnel_rate_limits give the exact limits at any size, for drawing
// the funnel's lines.
cb_funnel_limits cb_funnel_share_limits(double target, double size);
cb_funnel_limits cb_funnel_rate_limits(double target, double exposure);

// cb_funnel_widen widens limits at a size: s2 is the target's variance at that size (see above). Low
// limits are cut to 0; of shares the caller cuts the high ones to 1, as the points' limits are.
cb_funnel_limits cb_funnel_widen(cb_funnel_limits exact, double target, double s2, double tau2);

#endif
