/* stats_survival.h - time to resolution where some cases are still open: Kaplan-Meier and the
 * log-rank test.
 *
 * Why: the mean of resolved cases leaves out the slow ones that are still open. A case open at
 * as_of is censored: it has lasted at least so long. Methods of record R2, R3, R7.
 *
 * Sequence: sort the durations of resolved cases and of open cases (stats_order.h), cb_km_fit,
 * then cb_km_quantile, cb_km_rmean, cb_km_at on the fitted curve. Where the usual figures and a
 * chart are all that is asked for, cb_km_figures_of and cb_km_chart do without it.
 *
 * Shapes: durations are whole seconds, >= 0 and ascending. At equal times events come before
 * censorings (a case censored at t was still at risk at t), as in R.
 * Ownership: the arena owns the steps (40 bytes for each distinct duration); the curve stays
 * valid as long as it.
 * Formulas: S(t) = prod (1 - d/n); Greenwood's sum G(t) = sum d / (n (n - d)); interval
 * exp(-exp(log(-log S) +- z sqrt(G) / log S)) (Kalbfleisch and Prentice 2002, 1.4); this is R's
 * survfit(conf.type = "log-log"). */
#ifndef CASEBOOK_STATS_SURVIVAL_H
#define CASEBOOK_STATS_SURVIVAL_H

#include "casebook/stats.h"

/* One distinct time. survival and greenwood hold from time_s on, until the next step. */
typedef struct cb_km_step {
    int64_t time_s;
    double survival;
    double greenwood; /* infinite once survival is 0 */
    uint32_t at_risk, events, censored;
} cb_km_step;

/* reason: why there is no curve (n_steps is 0 then), else NULL. */
typedef struct cb_km {
    const cb_km_step *steps;
    size_t n_steps;
    uint32_t n, n_events, n_censored;
    double level;
    const char *reason;
} cb_km;

// cb_km_fit computes the curve from two ascending arrays. Empty, negative or unsorted durations
// give a reason.
CB_MUST_USE cb_status cb_km_fit(const int64_t *event_s, size_t n_events, const int64_t *censored_s,
                                size_t n_censored, double level, cb_arena *arena, cb_km *out);

// cb_km_fit_flags does the same from one ascending array; is_event[i] != 0 marks an event.
CB_MUST_USE cb_status cb_km_fit_flags(const int64_t *duration_s, const uint8_t *is_event, size_t n,
                                      double level,
                                      cb_arena *arena, cb_km *out);

// cb_km_at returns S(time_s) with its interval (bounds NaN where S is 1 or 0). Beyond the last
// duration with open cases the curve is not known: a reason.
cb_est cb_km_at(const cb_km *km, int64_t time_s);

// cb_km_quantile returns, in seconds, the smallest t with S(t) <= 1 - q (0 < q < 1), and the
// interval by inverting the log-log band (Brookmeyer and Crowley 1982, Biometrics 38): low is the
// smallest t at which the lower limit of S is <= 1 - q, high the same for the upper limit. Not
// reached: NaN (the value with a reason). Note: where S stays exactly at 1 - q over a flat step,
// R's quantile() gives the middle of that step, and so for the bounds; the method of record, and
// this function, give its left end. Comparison is with a tolerance of 1.5e-8, as in R, because 0.5
// as a product of fractions may come out as 0.5000000000000001.
cb_est cb_km_quantile(const cb_km *km, double q);

// cb_km_quantile_of is cb_km_quantile of the curve that cb_km_fit would give, without keeping it: it
// takes no memory and goes no farther than the upper bound.
cb_est cb_km_quantile_of(const int64_t *event_s, size_t n_events, const int64_t *censored_s,
                         size_t n_censored, double level, double q);

// cb_km_follow_up returns the quantile (type 7) of all durations, events and censored: the default
// tau is q = 0.95. NaN for an empty curve.
double cb_km_follow_up(const cb_km *km, double q);

// cb_km_rmean returns the area under S from 0 to tau_s, in seconds, with its normal interval, cut to
// 0 … tau_s, where every such mean lies; se_s (may be NULL) gets the standard error sqrt(sum A(t)^2 d/(n(n-d))), A(t) the area from t to tau
// (Klein and Moeschberger 2003, 4.5; as R's print.survfit). tau_s beyond the last duration while
// cases are open is refused with a reason.
cb_est cb_km_rmean(const cb_km *km, double tau_s, double *se_s);

/* ---- without keeping the curve ------------------------------------------------------------------ */

/* A cohort: two ascending arrays. */
typedef struct cb_logrank_group {
    const int64_t *event_s;
    size_t n_events;
    const int64_t *censored_s;
    size_t n_censored;
} cb_logrank_group;

/* What cb_km_quantile, cb_km_follow_up (q = 0.95) and cb_km_rmean up to there give, in seconds. */
typedef struct cb_km_figures {
    cb_est median_s, p90_s, p95_s, restricted_mean_s;
    double tau_s;
} cb_km_figures;

/* A time with events, the first of which is event_s[first]. */
typedef struct cb_km_jump {
    double survival;
    uint32_t at_risk, first;
} cb_km_jump;

// cb_km_figures_of gives them of the curve that cb_km_fit would make: the same numbers, in less
// memory. jump: room of the caller's for one an event.
void cb_km_figures_of(const cb_logrank_group *cases, double level, cb_km_jump *jump,
                      cb_km_figures *out);

/* A point of the curve for a chart: the curve is flat from here to the next point's time. */
typedef struct cb_km_point {
    int64_t time_s;
    double survival, low, high; /* low and high are 1 before the first event, NaN where S is 0 */
    uint32_t at_risk;           /* just before time_s */
} cb_km_point;

// cb_km_chart gives at most max_points (>= 2) points of the curve up to the time to_s (< 0: all),
// from (0, 1) on: all steps with events if they fit, else the first step of each of equal parts of
// the time axis; the last point is kept. No points where there is no curve.
CB_MUST_USE cb_status cb_km_chart(const cb_logrank_group *cases, double level, int64_t to_s,
                                  size_t max_points, cb_arena *arena, const cb_km_point **points,
                                  size_t *n_points);

/* ---- log-rank -------------------------------------------------------------------------------- */

/* observed and expected have one entry per group. p is NaN with a reason when the test cannot be
 * made. */
typedef struct cb_logrank {
    double chi2, p;
    size_t df;
    const double *observed, *expected;
    const char *reason;
} cb_logrank;

enum { CB_LOGRANK_MAX_GROUPS = 64 };

// cb_logrank_test compares 2 to 64 groups: chi2 = (O-E)' V^-1 (O-E), hypergeometric V (Mantel 1966;
// R's survdiff, rho = 0). Groups without a duration do not count. The arena owns observed and
// expected.
CB_MUST_USE cb_status cb_logrank_test(const cb_logrank_group *groups, size_t n_groups,
                                      cb_arena *arena,
                                      cb_logrank *out);

/* What cb_logrank_test finds of two groups; observed and expected are the first one's. */
typedef struct cb_logrank_two {
    double chi2, p, observed, expected;
    const char *reason;
} cb_logrank_two;

// cb_logrank_pair is cb_logrank_test of two groups whose cases are sorted together, to the last bit
// and without memory. A case's mark is duration_s * 4 + 2 if it is censored + 1 if it is of the
// second group; marks ascend (the group does not count in that). Without a p, observed and expected
// may be NaN.
void cb_logrank_pair(const uint64_t *mark, size_t n, cb_logrank_two *out);

#endif
