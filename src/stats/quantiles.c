#include "casebook/stats_order.h"

#include <math.h>

#include "stats/spot.h"
#include "stats/tails.h"

static const char *refusal(size_t n, double q)
{
    if (n == 0)
        return "no values";
    return q >= 0 && q <= 1 ? NULL : "the quantile asked for is not between 0 and 1";
}

cb_est cb_quantile_i64(const int64_t *sorted, size_t n, double q)
{
    const char *why = refusal(n, q);
    if (why)
        return cb_est_none(why);
    cb_spot s = cb_spot_of(n, q);
    double base = (double)sorted[s.at];
    if (!(s.part > 0))
        return cb_est_known(base);
    return cb_est_known(base + s.part * ((double)sorted[s.at + 1] - base));
}

cb_est cb_quantile_f64(const double *sorted, size_t n, double q)
{
    const char *why = refusal(n, q);
    if (why)
        return cb_est_none(why);
    if (isnan(sorted[0]) || isnan(sorted[n - 1]))
        return cb_est_none("a value is not a number");
    cb_spot s = cb_spot_of(n, q);
    return cb_est_known(s.part > 0 ? cb_between(sorted[s.at], sorted[s.at + 1], s.part)
                                   : sorted[s.at]);
}

/* The smallest k in 0 … n with P(K <= k) >= wanted, K ~ Binomial(n, q). */
static size_t binomial_reach(size_t n, double q, double wanted)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (cb_binomial_tails((double)mid, (double)n, q).lower >= wanted)
            high = mid;
        else
            low = mid + 1;
    }
    return low;
}

void cb_quantile_ranks(size_t n, double q, double level, size_t *low, size_t *high)
{
    *low = *high = SIZE_MAX;
    if (n == 0 || !(q > 0 && q < 1) || !(level > 0 && level < 1))
        return;
    /* X(l) > quantile when fewer than l of n lie below it: l is the largest with P(K <= l - 1)
     * <= tail, 1-based; X(u) < quantile when u or more do: u is the smallest with P(K <= u - 1)
     * >= 1 - tail. */
    double tail = (1 - level) / 2;
    size_t l = binomial_reach(n, q, tail);
    if (l > 0)
        *low = l - 1;
    size_t u = binomial_reach(n, q, 1 - tail) + 1;
    if (u <= n)
        *high = u - 1;
}

cb_est cb_quantile_interval_i64(const int64_t *sorted, size_t n, double q, double level)
{
    cb_est est = cb_quantile_i64(sorted, n, q);
    if (!cb_est_ok(est))
        return est;
    size_t low, high;
    cb_quantile_ranks(n, q, level, &low, &high);
    est.low = low < n ? (double)sorted[low] : NAN;
    est.high = high < n ? (double)sorted[high] : NAN;
    return est;
}

cb_est cb_quantile_interval_f64(const double *sorted, size_t n, double q, double level)
{
    cb_est est = cb_quantile_f64(sorted, n, q);
    if (!cb_est_ok(est))
        return est;
    size_t low, high;
    cb_quantile_ranks(n, q, level, &low, &high);
    est.low = low < n ? sorted[low] : NAN;
    est.high = high < n ? sorted[high] : NAN;
    return est;
}

cb_status cb_median_ratio(const int64_t *numerator, const int64_t *denominator, size_t n,
                          double level, cb_arena *scratch, cb_est *out)
{
    *out = cb_est_none("no values");
    if (n == 0)
        return CB_OK;
    double *ratios = cb_arena_array(scratch, n, sizeof *ratios);
    if (!ratios)
        return CB_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        if (denominator[i] <= 0) {
            *out = cb_est_none("a denominator is not greater than 0");
            return CB_OK;
        }
        ratios[i] = (double)numerator[i] / (double)denominator[i];
    }
    cb_status rc = cb_sort_f64(ratios, n, scratch);
    if (rc == CB_OK)
        *out = cb_quantile_interval_f64(ratios, n, 0.5, level);
    return rc;
}
