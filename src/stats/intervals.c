#include "casebook/stats_interval.h"

#include <math.h>

static bool level_ok(double level) { return level > 0 && level < 1; }

static const char *share_fault(uint64_t hits, uint64_t n, double level)
{
    if (!level_ok(level))
        return "the level of the interval is not between 0 and 1";
    if (n == 0)
        return "no cases";
    return hits > n ? "more hits than cases" : NULL;
}

cb_est cb_wilson(uint64_t hits, uint64_t n, double level)
{
    const char *fault = share_fault(hits, n, level);
    if (fault)
        return cb_est_none(fault);
    double total = (double)n, p = (double)hits / total, z = cb_level_z(level), zz = z * z / total;
    double centre = p + zz / 2;
    double half = z * sqrt(p * (1 - p) / total + zz / (4 * total));
    double low = hits == 0 ? 0 : (centre - half) / (1 + zz);
    double high = hits == n ? 1 : (centre + half) / (1 + zz);
    return cb_est_of(p, low, high);
}

cb_est cb_clopper_pearson(uint64_t hits, uint64_t n, double level)
{
    const char *fault = share_fault(hits, n, level);
    if (fault)
        return cb_est_none(fault);
    double x = (double)hits, miss = (double)(n - hits), tail = (1 - level) / 2;
    double low = hits == 0 ? 0 : cb_beta_quantile(tail, x, miss + 1);
    double high = hits == n ? 1 : cb_beta_quantile(1 - tail, x + 1, miss);
    return cb_est_of(x / (double)n, low, high);
}

cb_est cb_poisson_rate(uint64_t events, double exposure, double level)
{
    if (!level_ok(level))
        return cb_est_none("the level of the interval is not between 0 and 1");
    if (!(exposure > 0) || isinf(exposure))
        return cb_est_none("nobody was observed for any time");
    double x = (double)events, tail = (1 - level) / 2;
    double low = events == 0 ? 0 : cb_gamma_quantile(tail, x, exposure);
    return cb_est_of(x / exposure, low, cb_gamma_quantile(1 - tail, x + 1, exposure));
}

cb_est cb_share_difference(uint64_t hits_1, uint64_t n_1, uint64_t hits_2, uint64_t n_2,
                           double level)
{
    cb_est a = cb_wilson(hits_1, n_1, level), b = cb_wilson(hits_2, n_2, level);
    if (!cb_est_ok(a))
        return a;
    if (!cb_est_ok(b))
        return b;
    double difference = a.value - b.value;
    return cb_est_of(difference, difference - hypot(a.value - a.low, b.high - b.value),
                     difference + hypot(a.high - a.value, b.value - b.low));
}

static const char *rates_fault(double exposure_1, double exposure_2)
{
    if (!(exposure_1 > 0) || isinf(exposure_1) || !(exposure_2 > 0) || isinf(exposure_2))
        return "one side was not observed for any time";
    return NULL;
}

cb_est cb_rate_ratio(uint64_t events_1, double exposure_1, uint64_t events_2, double exposure_2,
                     double level)
{
    const char *fault = rates_fault(exposure_1, exposure_2);
    if (fault)
        return cb_est_none(fault);
    if (events_1 == 0 && events_2 == 0)
        return cb_est_none("no events on either side");
    cb_est share = cb_clopper_pearson(events_1, events_1 + events_2, level);
    if (!cb_est_ok(share))
        return share;
    double scale = exposure_2 / exposure_1;
    double low = share.low / (1 - share.low) * scale;
    if (events_2 == 0)
        return (cb_est){NAN, low, NAN, "no events on the side compared with"};
    double high = share.high / (1 - share.high) * scale;
    return cb_est_of((double)events_1 / (double)events_2 * scale, low, high);
}
