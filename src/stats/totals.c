#include "casebook/stats_order.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

static const uint64_t sign_bit = UINT64_C(1) << 63;

static void add_wide(cb_total *total, uint64_t low, uint64_t high)
{
    total->low += low;
    total->high += high + (total->low < low);
}

static void add_value(cb_total *total, int64_t value)
{
    add_wide(total, (uint64_t)value, value < 0 ? UINT64_MAX : 0);
}

void cb_total_add(cb_total *total, int64_t value)
{
    add_value(total, value);
    total->n++;
}

void cb_total_add_all(cb_total *total, const int64_t *values, size_t n)
{
    int64_t part = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t sum;
        if (__builtin_add_overflow(part, values[i], &sum)) {
            add_value(total, part);
            sum = values[i];
        }
        part = sum;
    }
    add_value(total, part);
    total->n += n;
}

void cb_total_merge(cb_total *into, const cb_total *from)
{
    add_wide(into, from->low, from->high);
    into->n += from->n;
}

bool cb_total_i64(const cb_total *total, int64_t *out)
{
    if (total->high != (total->low & sign_bit ? UINT64_MAX : 0))
        return false;
    *out = (int64_t)total->low;
    return true;
}

/* (high:low) / n by long division, one bit at a time: 54 significant bits of the quotient and
 * whether anything is left over are all that correct rounding needs. */
static double divide_wide(uint64_t high, uint64_t low, uint64_t n)
{
    uint64_t rest = 0, digits = 0;
    int n_digits = 0, exponent = 127;
    bool left_over = false;
    for (int bit = 127; bit >= 0 || (n_digits < 54 && (digits || rest)); bit--) {
        uint64_t next = bit >= 64 ? high >> (bit - 64) & 1 : bit >= 0 ? low >> bit & 1 : 0;
        bool over = rest >> 63;
        rest = rest << 1 | next;
        bool one = over || rest >= n;
        if (one)
            rest -= n;
        if (n_digits >= 54) {
            left_over |= one;
            continue;
        }
        digits = digits << 1 | one;
        n_digits += digits != 0;
        exponent = bit;
    }
    left_over |= rest != 0;
    /* the 54th bit decides; on a tie the even neighbour, which the conversion below picks by
     * itself */
    uint64_t wide = digits << 1 | left_over;
    return ldexp((double)wide, exponent - 1);
}

static double total_over(const cb_total *total, uint64_t n)
{
    uint64_t low = total->low, high = total->high;
    bool negative = high & sign_bit;
    if (negative) {
        low = ~low + 1;
        high = ~high + (low == 0);
    }
    double magnitude = divide_wide(high, low, n);
    return negative ? -magnitude : magnitude;
}

double cb_total_double(const cb_total *total) { return total_over(total, 1); }

double cb_total_mean(const cb_total *total) { return total->n ? total_over(total, total->n) : NAN; }

double cb_total_ratio(const cb_total *a, const cb_total *b)
{
    double denominator = cb_total_double(b);
    return denominator > 0 ? cb_total_double(a) / denominator : NAN;
}

/* ---- doubles --------------------------------------------------------------------------------- */

typedef struct compensated {
    double sum, lost;
} compensated;

static void add_compensated(compensated *c, double value)
{
    double sum = c->sum + value;
    if (fabs(c->sum) >= fabs(value))
        c->lost += (c->sum - sum) + value;
    else
        c->lost += (value - sum) + c->sum;
    c->sum = sum;
}

static double compensated_value(const compensated *c)
{
    return isfinite(c->sum) ? c->sum + c->lost : c->sum;
}

double cb_sum_f64(const double *values, size_t n)
{
    compensated c = {0};
    for (size_t i = 0; i < n; i++)
        add_compensated(&c, values[i]);
    return compensated_value(&c);
}

/* squares: sum of squared deviations from a centre near the mean; deviations: their sum */
static cb_moments finish_moments(size_t n, double mean, double squares, double deviations)
{
    cb_moments m = {n, mean, NAN, NAN, NULL};
    if (n >= 2) {
        m.variance = fmax(0, (squares - deviations * deviations / (double)n) / (double)(n - 1));
        m.sd = sqrt(m.variance);
    }
    return m;
}

cb_moments cb_moments_f64(const double *values, size_t n)
{
    if (n == 0)
        return (cb_moments){0, NAN, NAN, NAN, "no values"};
    if (!cb_all_finite(values, n))
        return (cb_moments){n, NAN, NAN, NAN, "a value is not a number"};
    double centre = cb_sum_f64(values, n) / (double)n;
    if (!isfinite(centre))
        return (cb_moments){n, NAN, NAN, NAN, "the values are too large to add"};
    compensated squares = {0}, deviations = {0};
    for (size_t i = 0; i < n; i++) {
        double off = values[i] - centre;
        add_compensated(&squares, off * off);
        add_compensated(&deviations, off);
    }
    double rest = compensated_value(&deviations);
    return finish_moments(n, centre + rest / (double)n, compensated_value(&squares), rest);
}

cb_moments cb_moments_i64(const int64_t *values, size_t n)
{
    if (n == 0)
        return (cb_moments){0, NAN, NAN, NAN, "no values"};
    cb_total total = {0};
    cb_total_add_all(&total, values, n);
    double mean = cb_total_mean(&total);
    /* a whole number as centre keeps every deviation exact */
    int64_t centre = mean >= 0x1p62 || mean <= -0x1p62 ? 0 : (int64_t)mean;
    cb_total off_total = {0};
    compensated squares = {0};
    for (size_t i = 0; i < n; i++) {
        int64_t off;
        if (__builtin_sub_overflow(values[i], centre, &off))
            return (cb_moments){n, mean, NAN, NAN, NULL};
        cb_total_add(&off_total, off);
        add_compensated(&squares, (double)off * (double)off);
    }
    return finish_moments(n, mean, compensated_value(&squares), cb_total_double(&off_total));
}

cb_est cb_mean_interval(const cb_moments *moments, double level)
{
    if (isnan(moments->mean))
        return cb_est_none(moments->reason);
    if (moments->n < 2 || isnan(moments->sd) || !(level > 0 && level < 1))
        return cb_est_known(moments->mean);
    double n = (double)moments->n;
    double half = gsl_cdf_tdist_Qinv((1 - level) / 2, n - 1) * moments->sd / sqrt(n);
    return cb_est_of(moments->mean, moments->mean - half, moments->mean + half);
}
