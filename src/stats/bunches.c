#include "casebook/stats_bunches.h"

#include <math.h>

#include "stats/tails.h"

void cb_bunches_add(cb_bunches *b, uint64_t now, uint64_t all)
{
    b->now += now;
    b->all += all;
    b->xx += now * now;
    b->xn += now * all;
    b->nn += all * all;
    b->customers += all > 0;
}

void cb_bunches_singles(cb_bunches *b, uint64_t now, uint64_t all)
{
    b->now += now;
    b->all += all;
    b->xx += now;
    b->xn += now;
    b->nn += all;
    b->customers += all;
}

void cb_bunches_merge(cb_bunches *into, const cb_bunches *from)
{
    into->now += from->now;
    into->all += from->all;
    into->xx += from->xx;
    into->xn += from->xn;
    into->nn += from->nn;
    into->customers += from->customers;
}

/* sum e_c^2, with the factor m / (m - 1), and what it would be without bunches */
static bool variances(const cb_bunches *b, double *seen, double *independent)
{
    double n = (double)b->all, m = (double)b->customers, share = (double)b->now / n;
    if (b->now == 0 || b->now == b->all || b->customers < 2)
        return false;
    *seen = m / (m - 1) *
            fmax(0, (double)b->xx - 2 * share * (double)b->xn + share * share * (double)b->nn);
    *independent = n * share * (1 - share);
    return true;
}

double cb_bunches_effect(const cb_bunches *b)
{
    double seen, independent;
    if (b->nn == b->all)
        return 1;
    double whole = fmax(1, (double)b->nn / (double)b->all);
    if (!variances(b, &seen, &independent))
        return whole;
    return fmax(seen / independent, b->customers < CB_BUNCHES_LEAST ? whole : 1);
}

double cb_bunches_pooled(const cb_bunches *groups, size_t n)
{
    double seen = 0, independent = 0;
    for (size_t i = 0; i < n; i++) {
        double s, w;
        if (!variances(&groups[i], &s, &w))
            continue;
        seen += groups[i].nn == groups[i].all ? w : s;
        independent += w;
    }
    return independent > 0 ? fmax(1, seen / independent) : 1;
}

static const char *fault_of(const cb_bunches *b, double exposure_now, double exposure_before)
{
    if (!(exposure_now > 0) || isinf(exposure_now) || !(exposure_before > 0) ||
        isinf(exposure_before))
        return "one side was not observed for any time";
    return b->all == 0 ? "no events on either side" : NULL;
}

cb_test cb_bunches_test(const cb_bunches *b, double effect, double exposure_now,
                        double exposure_before)
{
    const char *fault = fault_of(b, exposure_now, exposure_before);
    if (fault)
        return (cb_test){NAN, NAN, NAN, fault};
    if (effect <= 1)
        return cb_rate_test(b->now, exposure_now, b->all - b->now, exposure_before);
    double share = exposure_now / (exposure_now + exposure_before);
    double x = (double)b->now / effect, rest = (double)(b->all - b->now) / effect;
    double greater = x > 0 ? cb_beta_tails(share, x, rest + 1).lower : 1;
    double less = rest > 0 ? cb_beta_tails(share, x + 1, rest).upper : 1;
    return (cb_test){
        .two_sided = fmin(1, 2 * fmin(greater, less)), .greater = greater, .less = less};
}

static double odds(double share)
{
    return share / (1 - share);
}

cb_est cb_bunches_ratio(const cb_bunches *b, double effect, double exposure_now,
                        double exposure_before, double level)
{
    const char *fault = fault_of(b, exposure_now, exposure_before);
    if (fault)
        return cb_est_none(fault);
    if (effect <= 1)
        return cb_rate_ratio(b->now, exposure_now, b->all - b->now, exposure_before, level);
    double tail = (1 - level) / 2, scale = exposure_before / exposure_now;
    double x = (double)b->now / effect, rest = (double)(b->all - b->now) / effect;
    double low = x > 0 ? odds(cb_beta_quantile(tail, x, rest + 1)) * scale : 0;
    if (b->now == b->all)
        return (cb_est){NAN, low, NAN, "no events on the side compared with"};
    double high = odds(cb_beta_quantile(1 - tail, x + 1, rest)) * scale;
    return cb_est_of((double)b->now / (double)(b->all - b->now) * scale, low, high);
}
