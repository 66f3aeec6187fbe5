/* spot.h - where a type 7 quantile lies. Internal to src/stats. */
#ifndef CB_STATS_SPOT_H
#define CB_STATS_SPOT_H

#include <stddef.h>

/* Between the order statistics at and at + 1 (0-based). */
typedef struct cb_spot {
    size_t at;
    double part;
} cb_spot;

static inline cb_spot cb_spot_of(size_t n, double q)
{
    double h = (double)(n - 1) * q;
    size_t at = (size_t)h;
    if (at >= n - 1)
        return (cb_spot){n - 1, 0};
    return (cb_spot){at, h - (double)at};
}

static inline double cb_between(double low, double high, double part)
{
    return high > low ? low + part * (high - low) : low;
}

#endif
