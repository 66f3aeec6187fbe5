/* ordered.h - doubles as whole numbers of the same order. Internal to src/stats.
 *
 * IEEE doubles compare as their bits do, once negative ones are inverted and others get the sign
 * bit. */
#ifndef CB_STATS_ORDERED_H
#define CB_STATS_ORDERED_H

#include <stdint.h>
#include <string.h>

#define CB_SIGN_BIT (UINT64_C(1) << 63)

static inline uint64_t cb_ordered_bits(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits & CB_SIGN_BIT ? ~bits : bits | CB_SIGN_BIT;
}

static inline double cb_value_of_bits(uint64_t bits)
{
    double value;
    bits = bits & CB_SIGN_BIT ? bits & ~CB_SIGN_BIT : ~bits;
    memcpy(&value, &bits, sizeof value);
    return value;
}

#endif
