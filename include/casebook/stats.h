/* stats.h - the door to statistics: one type of estimate, and GSL kept behind it.
 *
 * Why: every figure of a report is "value (low - high)" or "not estimable, because"; never a 0
 * that means unknown. The parts of src/stats take arrays and give numbers; they know no case, no
 * book, no report. Each stats_*.h names the formula it computes and where the formula comes
 * from.
 *
 * Sequence: cb_stats_init() once, first thing in main and in a test; then any function, in any
 * thread (none keeps state; scratch memory comes from the arena that the caller hands in, and an
 * arena is used by one thread at a time).
 *
 * Two kinds of "no": a cb_status that is not CB_OK is a fault of the run (CB_ENOMEM), and all
 * outputs are then undefined. Data that do not carry an estimate (too few, a NaN, a zero
 * denominator) are no fault: the status is CB_OK, the value is NaN and `reason` says in words
 * why.
 *
 * Units: durations are seconds (int64_t in, double out); shares are 0 to 1; rates are per the
 * unit of the exposure. level is the two-sided coverage of an interval, CB_LEVEL_95 as a rule. */
#ifndef CASEBOOK_STATS_H
#define CASEBOOK_STATS_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "casebook/alloc.h"
#include "casebook/status.h"

#define CB_LEVEL_95 0.95
#define CB_LEVEL_998 0.998

/* value NaN: not estimable, and reason (a static text, no full stop) says why. value known, low
 * or high NaN: that bound is not reached by the data (or was not asked for); reason is NULL. */
typedef struct cb_est {
    double value, low, high;
    const char *reason;
} cb_est;

// cb_stats_init switches GSL's error handler (which aborts the process) off. Safe to call twice.
void cb_stats_init(void);

// cb_est_none is an estimate that cannot be made; reason is a static text.
static inline cb_est cb_est_none(const char *reason) { return (cb_est){NAN, NAN, NAN, reason}; }

// cb_est_known is a value without an interval.
static inline cb_est cb_est_known(double value) { return (cb_est){value, NAN, NAN, NULL}; }

// cb_est_of is a value with its interval; a bound may be NaN.
static inline cb_est cb_est_of(double value, double low, double high)
{
    return (cb_est){value, low, high, NULL};
}

// cb_est_ok says whether there is a value.
static inline bool cb_est_ok(cb_est est) { return !isnan(est.value); }

// cb_est_scaled multiplies value and bounds by a positive factor (seconds to hours); the reason
// stays.
static inline cb_est cb_est_scaled(cb_est est, double factor)
{
    return (cb_est){est.value * factor, est.low * factor, est.high * factor, est.reason};
}

// cb_normal_quantile returns the z with P(Z <= z) = p; p outside (0, 1) gives NaN.
double cb_normal_quantile(double p);

// cb_normal_two_sided returns P(|Z| >= |z|); NaN stays NaN.
double cb_normal_two_sided(double z);

// cb_chi2_upper returns P(X >= chi2) for df degrees of freedom; NaN or df <= 0 gives NaN.
double cb_chi2_upper(double chi2, double df);

// cb_level_z returns the half-width factor of a two-sided normal interval: 1.959964 for 0.95.
double cb_level_z(double level);

// cb_all_finite says whether no value is NaN or infinite.
bool cb_all_finite(const double *values, size_t n);

#endif
