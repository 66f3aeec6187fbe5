#include <math.h>

#include "casebook/stats_order.h"
#include "stats/ordered.h"
#include "stats/spot.h"

enum { DIGIT_BITS = 11, FEW = 64 };

/* Values that agree in the digits above, the rank looked for among them, and the smallest value of
 * those dropped that lie above them all. */
typedef struct search {
    double *values;
    size_t n, rank;
    double above;
} search;

static size_t digit_of(uint64_t bits, unsigned shift, unsigned width)
{
    return (size_t)(bits >> shift & ((UINT64_C(1) << width) - 1));
}

/* Up to which bit the values differ; 0: they are all equal. */
static unsigned bits_that_differ(const search *s)
{
    const uint64_t first = cb_ordered_bits(s->values[0]);
    uint64_t differ = 0;
    unsigned bits = 0;
    for (size_t i = 0; i < s->n; i++)
        differ |= first ^ cb_ordered_bits(s->values[i]);
    while (differ >> bits > 0 && ++bits < 64)
        ;
    return bits;
}

/* Keeps the values whose digit is that of the rank. No branch asks on which side a value lies, as
 * that is a toss. */
static void keep_digit(search *s, unsigned shift, unsigned width)
{
    size_t count[1 << DIGIT_BITS] = {0}, digit = 0, kept = 0;
    uint64_t above = cb_ordered_bits(s->above);
    for (size_t i = 0; i < s->n; i++)
        count[digit_of(cb_ordered_bits(s->values[i]), shift, width)]++;
    for (; s->rank >= count[digit]; digit++)
        s->rank -= count[digit];
    for (size_t i = 0; i < s->n; i++) {
        const double value = s->values[i];
        const uint64_t bits = cb_ordered_bits(value);
        const size_t own = digit_of(bits, shift, width);
        const uint64_t beyond = own > digit ? bits : UINT64_MAX;
        above = beyond < above ? beyond : above;
        s->values[kept] = value;
        kept += own == digit;
    }
    s->above = cb_value_of_bits(above);
    s->n = kept;
}

static void sort_few(double *values, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        double value = values[i];
        size_t to = i;
        for (; to > 0 && values[to - 1] > value; to--)
            values[to] = values[to - 1];
        values[to] = value;
    }
}

cb_est cb_quantile_f64_of(double *values, size_t n, double q)
{
    if (n <= FEW) {
        sort_few(values, n);
        return cb_quantile_f64(values, n, q);
    }
    if (!(q >= 0 && q <= 1))
        return cb_quantile_f64(values, n, q); /* its reason */
    cb_spot spot = cb_spot_of(n, q);
    search s = {values, n, spot.at, INFINITY};
    unsigned shift = bits_that_differ(&s);
    while (s.n > FEW && shift > 0) {
        unsigned width = shift < DIGIT_BITS ? shift : DIGIT_BITS;
        shift -= width;
        keep_digit(&s, shift, width);
    }
    if (s.n <= FEW)
        sort_few(values, s.n); /* else all are equal */
    double two[2] = {values[s.rank], s.rank + 1 < s.n ? values[s.rank + 1] : s.above};
    return cb_est_known(spot.part > 0 ? cb_between(two[0], two[1], spot.part) : two[0]);
}
