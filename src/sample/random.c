#include "random.h"

cb_rng cb_rng_of(uint64_t seed, uint64_t index, uint64_t stream)
{
    cb_rng rng = {seed};
    rng.state = cb_rng_next(&rng) ^ (index * UINT64_C(0xd1342543de82ef95));
    rng.state = cb_rng_next(&rng) ^ (stream * UINT64_C(0xaf251af3b0f025b5));
    rng.state = cb_rng_next(&rng);
    return rng;
}

unsigned cb_rng_pick(cb_rng *rng, const uint16_t *weight, unsigned n)
{
    uint32_t total = 0;
    for (unsigned i = 0; i < n; i++)
        total += weight[i];
    uint32_t at = cb_rng_below(rng, total);
    unsigned i = 0;
    while (i + 1 < n && at >= weight[i])
        at -= weight[i++];
    return i;
}

/* ln(x) for x in [1, 2) by 2 artanh((x - 1) / (x + 1)): the ratio is at most 1/3, so 17 terms leave
 * less than one unit in the last place. */
static double log_of_mantissa(double x)
{
    double z = (x - 1.0) / (x + 1.0), zz = z * z, sum = 0.0;
    for (int k = 33; k >= 1; k -= 2)
        sum = sum * zz + 1.0 / k;
    return 2.0 * z * sum;
}

double cb_rng_exponential(cb_rng *rng)
{
    const double ln2 = 0.693147180559945309417;
    uint64_t k = (cb_rng_next(rng) >> 11) + 1; /* uniform on 1 … 2^53 */
    int top_bit = 63 - __builtin_clzll(k);
    double mantissa = (double)k / (double)(UINT64_C(1) << top_bit);
    return (53 - top_bit) * ln2 - log_of_mantissa(mantissa);
}

/* 1000 exp(z) at the normal quantiles 0.001, 1/64, 2/64 … 63/64, 0.999. */
static const uint32_t skew_table[65] = {
    45, 116, 155, 187, 216, 242, 268, 292, 317, 340, 364, 388, 412,
    436, 460, 485, 509, 535, 560, 587, 613, 641, 669, 698, 727, 758,
    789, 821, 854, 889, 925, 962, 1000, 1040, 1082, 1125, 1170, 1218, 1268,
    1320, 1375, 1434, 1495, 1561, 1630, 1705, 1784, 1870, 1963, 2064, 2174, 2294,
    2428, 2577, 2746, 2937, 3159, 3421, 3736, 4128, 4637, 5344, 6441, 8618, 21982,
};

int64_t cb_rng_skewed(cb_rng *rng, int64_t median)
{
    uint64_t bits = cb_rng_next(rng) >> 32;
    uint64_t knot = bits >> 26, within = (bits >> 16) & 1023;
    uint64_t low = skew_table[knot], high = skew_table[knot + 1];
    return median * (int64_t)(low * 1024 + (high - low) * within) / 1024000;
}
