/* stats_order.h - order and sums: radix sort, exact sums, means, variances, quantiles.
 *
 * Why: half of all figures are an order statistic of durations or a mean of amounts. Sorting is
 * the one costly step, so it is a radix sort (least significant digit first, digits on which all
 * keys agree are skipped); integer sums are exact in 128 bits whatever the order or the number
 * of threads; sums of doubles are compensated (Neumaier 1974, ZAMM 54).
 *
 * Sequence: cb_sort_i64 once, then any number of cb_quantile_i64 on the sorted array. For
 * totals: a zeroed cb_total per worker, cb_total_add, cb_total_merge, cb_total_mean.
 *
 * Caveat: the arena gives a spare array as large as the keys (and of the payload) and keeps it
 * until the arena is freed; where many arrays are sorted in turn, use the _in forms with one
 * spare array. */
#ifndef CASEBOOK_STATS_ORDER_H
#define CASEBOOK_STATS_ORDER_H

#include "casebook/stats.h"

/* ---- sorting, ascending ------------------------------------------------------------------ */

// cb_sort_i64 sorts values in place.
CB_MUST_USE cb_status cb_sort_i64(int64_t *values, size_t n, cb_arena *scratch);

// cb_sort_pairs sorts keys and moves payload along; stable (equal keys keep their order).
CB_MUST_USE cb_status cb_sort_pairs(int64_t *keys, uint32_t *payload, size_t n, cb_arena *scratch);

// cb_sort_f64 sorts doubles (-0.0 before 0.0, infinities at the ends). CB_EDATA if one is NaN:
// values are then untouched.
CB_MUST_USE cb_status cb_sort_f64(double *values, size_t n, cb_arena *scratch);

// The _in forms use spare arrays of n items that the caller owns and whose content is lost.
void cb_sort_i64_in(int64_t *values, int64_t *spare, size_t n);
void cb_sort_pairs_in(int64_t *keys, int64_t *spare_keys, uint32_t *payload,
                      uint32_t *spare_payload, size_t n);

// cb_sort_above_in sorts by what stands above the low bits (fewer than 64); stable. So a number that
// is packed below a key moves along with it in one word.
void cb_sort_above_in(uint64_t *values, uint64_t *spare, size_t n, unsigned low_bits);

/* ---- exact sums of integers -------------------------------------------------------------- */

/* A sum in two's complement 128 bits (high:low) and the count of its terms. {0} is the empty
 * sum. */
typedef struct cb_total {
    uint64_t low, high;
    uint64_t n;
} cb_total;

void cb_total_add(cb_total *total, int64_t value);
void cb_total_add_all(cb_total *total, const int64_t *values, size_t n);
void cb_total_merge(cb_total *into, const cb_total *from);

// cb_total_i64 writes the sum if it fits 64 bits; false if not.
bool cb_total_i64(const cb_total *total, int64_t *out);

// cb_total_double returns the sum, correctly rounded to a double.
double cb_total_double(const cb_total *total);

// cb_total_mean returns sum / n, correctly rounded; NaN for the empty sum.
double cb_total_mean(const cb_total *total);

// cb_total_ratio returns sum a / sum b, each correctly rounded first; NaN when sum b is not > 0.
double cb_total_ratio(const cb_total *a, const cb_total *b);

/* ---- sums, means and variances of doubles -------------------------------------------------- */

// cb_sum_f64 returns the compensated sum.
double cb_sum_f64(const double *values, size_t n);

/* variance has the divisor n - 1; NaN below n = 2. reason: why mean is NaN, else NULL. */
typedef struct cb_moments {
    size_t n;
    double mean, variance, sd;
    const char *reason;
} cb_moments;

// cb_moments_f64 and cb_moments_i64 compute mean, then variance in a second pass over the
// deviations, with the correction term (Chan, Golub, LeVeque 1983, The American Statistician 37:3,
// eq. 1.7).
cb_moments cb_moments_f64(const double *values, size_t n);
cb_moments cb_moments_i64(const int64_t *values, size_t n);

// cb_mean_interval turns moments into mean and Student's t interval (bounds NaN below n = 2).
cb_est cb_mean_interval(const cb_moments *moments, double level);

/* ---- quantiles of sorted arrays ------------------------------------------------------------- */

// cb_quantile_i64 and cb_quantile_f64 return the quantile 0 <= q <= 1 by linear interpolation:
// Hyndman and Fan's type 7, Excel's PERCENTILE.INC: h = (n-1)q, x[h] + (h - floor h)(x[h+1] -
// x[h]), 0-based. No interval. sorted must be ascending and free of NaN (the ends are checked: a
// NaN there is refused).
cb_est cb_quantile_i64(const int64_t *sorted, size_t n, double q);
cb_est cb_quantile_f64(const double *sorted, size_t n, double q);

// cb_quantile_f64_of is cb_quantile_f64 of values in any order, in time proportional to n without
// sorting them. The values (free of NaN, unchecked) are used up: afterwards they are in disorder.
cb_est cb_quantile_f64_of(double *values, size_t n, double q);

// cb_quantile_ranks writes the 0-based ranks of the order statistics that enclose the quantile q
// with at least the asked coverage, each side at most (1 - level)/2 (exact binomial,
// distribution-free; David and Nagaraja 2003, Order Statistics 7.1). A side that no rank can reach
// gets SIZE_MAX. Needs n > 0 and 0 < q < 1; else both SIZE_MAX.
void cb_quantile_ranks(size_t n, double q, double level, size_t *low, size_t *high);

// cb_quantile_interval_i64 and _f64 are cb_quantile_… with the interval of cb_quantile_ranks.
cb_est cb_quantile_interval_i64(const int64_t *sorted, size_t n, double q, double level);
cb_est cb_quantile_interval_f64(const double *sorted, size_t n, double q, double level);

// cb_median_ratio gives the median (type 7) of numerator[i] / denominator[i], with its interval. A
// denominator that is not > 0 is refused with a reason.
CB_MUST_USE cb_status cb_median_ratio(const int64_t *numerator, const int64_t *denominator,
                                      size_t n, double level,
                                      cb_arena *scratch, cb_est *out);

#endif
