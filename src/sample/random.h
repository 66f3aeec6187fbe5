/* random.h - the generator's random numbers: the same seed gives the same bytes on every machine.
 *
 * Why not the C library: rand() differs from system to system, and the last bit of its log() may.
 * Here everything is integer arithmetic (splitmix64, Steele, Lea and Flood 2014) or the four IEEE
 * operations in a fixed order (the logarithm of cb_rng_exponential is a series of our own).
 *
 * Sequence: cb_rng_of(seed, index, stream) gives the stream of one customer, one case or one row,
 * so that what is drawn for it does not depend on what was drawn for others. A cb_rng is a value:
 * copy it to replay. Chances are given in thousandths. */
#ifndef SAMPLE_RANDOM_H
#define SAMPLE_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct cb_rng {
    uint64_t state;
} cb_rng;

// cb_rng_next returns 64 random bits.
static inline uint64_t cb_rng_next(cb_rng *rng)
{
    uint64_t z = rng->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

// cb_rng_below returns an integer in [0, n); 0 if n is 0. The bias is below n / 2^32.
static inline uint32_t cb_rng_below(cb_rng *rng, uint32_t n)
{
    return (uint32_t)(((cb_rng_next(rng) >> 32) * n) >> 32);
}

// cb_rng_range returns an integer in [low, high].
static inline int64_t cb_rng_range(cb_rng *rng, int64_t low, int64_t high)
{
    return low + (int64_t)cb_rng_below(rng, (uint32_t)(high - low + 1));
}

// cb_rng_chance is true in so many of a thousand draws.
static inline bool cb_rng_chance(cb_rng *rng, uint32_t per_mille)
{
    return cb_rng_below(rng, 1000) < per_mille;
}

// cb_rng_of returns the stream of item `index` in the family `stream`.
cb_rng cb_rng_of(uint64_t seed, uint64_t index, uint64_t stream);

// cb_rng_pick returns an index in [0, n) with a chance in proportion to its weight.
unsigned cb_rng_pick(cb_rng *rng, const uint16_t *weight, unsigned n);

// cb_rng_exponential draws from the exponential distribution with mean 1.
double cb_rng_exponential(cb_rng *rng);

// cb_rng_skewed draws median * exp(z), z standard normal cut at 1 and 999 of a thousand: durations,
// money.
int64_t cb_rng_skewed(cb_rng *rng, int64_t median);

#endif
