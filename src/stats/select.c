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

static size_t digit_of(double value, unsigned shift, unsigned width)
{
    return (size_t)(cb_ordered_bits(value) >> shift & ((UINT64_C(1) << width) - 1));
}

/* Keeps the values whose digit is that of the rank. */
static void keep_digit(search *s, unsigned shift, unsigned width)
{
    size_t count[1 << DIGIT_BITS] = {0}, digit = 0, kept = 0;
    for (size_t i = 0; i < s->n; i++)
        count[digit_of(s->values[i], shift, width)]++;
    for (; s->rank >= count[digit]; digit++)
        s->rank -= count[digit];
    for (size_t i = 0; i < s->n; i++) {
        double value = s->values[i];
        size_t own = digit_of(value, shift, width);
        if (own == digit)
            s->values[kept++] = value;
        else if (own > digit && value < s->above)
            s->above = value;
    }
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
    unsigned shift = 64;
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
