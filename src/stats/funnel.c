#include "casebook/stats_funnel.h"

#include <math.h>
#include <string.h>

#include "casebook/stats_order.h"
#include "stats/tails.h"

/* The law of a count: Binomial(n, p), or Poisson(mean). */
typedef struct law {
    bool is_share;
    double n, p, mean;
} law;

static double count_at_most(const law *l, double k)
{
    return (l->is_share ? cb_binomial_tails(k, l->n, l->p) : cb_poisson_tails(k, l->mean)).lower;
}

/* Counts whose cumulated probabilities enclose p: below <= p < above. */
typedef struct bracket {
    double low, high, below, above;
} bracket;

/* After Cornish and Fisher 1938; as a rule within a count or two of the true place. */
static double guess_of(const law *l, double p)
{
    double mean = l->is_share ? l->n * l->p : l->mean, z = cb_normal_quantile(p);
    double skew = l->is_share ? 1 - 2 * l->p : 1, spread = l->is_share ? mean * (1 - l->p) : mean;
    double k = floor(mean + z * sqrt(spread) + skew * (z * z - 1) / 6);
    k = k > 0 ? k : 0;
    return l->is_share && k > l->n ? l->n : k;
}

/* Narrows the bracket by what is known of a count. */
static void narrow(bracket *b, const law *l, double k, double p)
{
    double here = count_at_most(l, k);
    if (here > p) {
        b->high = k;
        b->above = here;
    } else {
        b->low = k;
        b->below = here;
    }
}

/* Steps away from the guess that double, until p is between. */
static bracket bracket_of(const law *l, double p)
{
    bracket b = {.low = -1, .high = INFINITY, .below = 0, .above = 1};
    double step = 1, from = guess_of(l, p);
    narrow(&b, l, from, p);
    for (; b.high <= from && b.low < 0 && b.high > 0; step *= 2)
        narrow(&b, l, fmax(0, b.high - step), p);
    for (; isinf(b.high); step *= 2)
        narrow(&b, l, l->is_share ? fmin(l->n, b.low + step) : b.low + step, p);
    return b;
}

/* A count between the two neighbours whose cumulated probabilities enclose p. */
static double count_quantile(const law *l, double p)
{
    bracket b = bracket_of(l, p);
    while (b.high - b.low > 1)
        narrow(&b, l, floor((b.low + b.high) / 2), p);
    double part = b.above > b.below ? (b.above - p) / (b.above - b.below) : 0;
    return fmax(0, b.high - part);
}

static const cb_funnel_limits no_limits = {NAN, NAN, NAN, NAN};

static cb_funnel_limits limits_of(const law *l, double size)
{
    return (cb_funnel_limits){count_quantile(l, 0.025) / size, count_quantile(l, 0.975) / size,
                              count_quantile(l, 0.001) / size, count_quantile(l, 0.999) / size};
}

cb_funnel_limits cb_funnel_share_limits(double target, double size)
{
    double n = rint(size);
    if (!(target > 0 && target < 1) || !(n >= 1) || isinf(n))
        return no_limits;
    return limits_of(&(law){.is_share = true, .n = n, .p = target}, n);
}

cb_funnel_limits cb_funnel_rate_limits(double target, double exposure)
{
    if (!(target > 0) || isinf(target) || !(exposure > 0) || isinf(exposure))
        return no_limits;
    return limits_of(&(law){.mean = target * exposure}, exposure);
}

cb_funnel_limits cb_funnel_widen(cb_funnel_limits exact, double target, double s2, double tau2)
{
    double by = sqrt(1 + tau2 / s2);
    return (cb_funnel_limits){
        fmax(0, target + by * (exact.low_95 - target)), target + by * (exact.high_95 - target),
        fmax(0, target + by * (exact.low_998 - target)), target + by * (exact.high_998 - target)};
}

/* phi: mean of the squared z, winsorised; tau^2 after DerSimonian and Laird from the weights
 * 1 / s^2. */
static cb_status dispersion(cb_funnel *f, const double *z, const double *s2, cb_arena *arena)
{
    double *sorted = cb_arena_array(arena, f->n_used, sizeof *sorted);
    if (!sorted)
        return CB_ENOMEM;
    memcpy(sorted, z, f->n_used * sizeof *z);
    cb_status rc = cb_sort_f64(sorted, f->n_used, arena);
    if (rc != CB_OK)
        return rc;
    double low = cb_quantile_f64(sorted, f->n_used, 0.1).value;
    double high = cb_quantile_f64(sorted, f->n_used, 0.9).value;
    double squares = 0, weights = 0, weights_2 = 0, groups = (double)f->n_used;
    for (size_t i = 0; i < f->n_used; i++) {
        double w = 1 / s2[i], cut = fmin(high, fmax(low, z[i]));
        squares += cut * cut;
        weights += w;
        weights_2 += w * w;
    }
    f->phi = squares / groups;
    if (f->n_used >= CB_FUNNEL_MIN_DISPERSION_GROUPS && squares > groups - 1)
        f->tau2 = (squares - (groups - 1)) / (weights - weights_2 / weights);
    return CB_OK;
}

static int place_of(double value, const cb_funnel_limits *l)
{
    if (value > l->high_95)
        return value > l->high_998 ? 2 : 1;
    if (value < l->low_95)
        return value < l->low_998 ? -2 : -1;
    return 0;
}

static void judge(cb_funnel_point *p, const cb_funnel *f, bool is_share, double s2)
{
    p->exact = is_share ? cb_funnel_share_limits(f->target, p->size)
                        : cb_funnel_rate_limits(f->target, p->size);
    p->widened = cb_funnel_widen(p->exact, f->target, s2, f->tau2);
    if (is_share) {
        p->widened.high_95 = fmin(1, p->widened.high_95);
        p->widened.high_998 = fmin(1, p->widened.high_998);
    }
    p->z = (p->value - f->target) / sqrt(s2);
    p->z_adjusted = p->z / sqrt(1 + f->tau2 / s2);
    p->place = place_of(p->value, &p->widened);
}

static cb_status funnel(const uint64_t *counts, const double *sizes, size_t n, bool is_share,
                        cb_arena *arena, cb_funnel *out)
{
    cb_funnel_point *points = cb_arena_array(arena, n, sizeof *points);
    double *z = cb_arena_array(arena, n, sizeof *z), *s2 = cb_arena_array(arena, n, sizeof *s2);
    if (!points || !z || !s2)
        return CB_ENOMEM;
    double count = 0, size = 0;
    for (size_t i = 0; i < n; i++) {
        points[i] = (cb_funnel_point){NAN, sizes[i], NAN, NAN, no_limits, no_limits, 0};
        if (!(sizes[i] > 0))
            continue;
        points[i].value = (double)counts[i] / sizes[i];
        count += (double)counts[i];
        size += sizes[i];
        out->n_used++;
    }
    out->points = points;
    out->n = n;
    if (out->n_used < CB_FUNNEL_MIN_GROUPS) {
        out->reason = "fewer than 2 groups";
        return CB_OK;
    }
    out->target = count / size;
    double unit_variance = is_share ? out->target * (1 - out->target) : out->target;
    if (!(unit_variance > 0)) {
        out->reason = count > 0 ? "every case is a hit" : "no events";
        return CB_OK;
    }
    for (size_t i = 0, at = 0; i < n; i++) {
        if (!(sizes[i] > 0))
            continue;
        s2[at] = unit_variance / sizes[i];
        z[at] = (points[i].value - out->target) / sqrt(s2[at]);
        at++;
    }
    cb_status rc = dispersion(out, z, s2, arena);
    for (size_t i = 0; rc == CB_OK && i < n; i++)
        if (sizes[i] > 0)
            judge(&points[i], out, is_share, unit_variance / sizes[i]);
    return rc;
}

cb_status cb_funnel_shares(const uint64_t *hits, const uint64_t *sizes, size_t n, cb_arena *arena,
                           cb_funnel *out)
{
    *out = (cb_funnel){.target = NAN, .phi = NAN};
    double *size = cb_arena_array(arena, n, sizeof *size);
    if (!size)
        return CB_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        size[i] = (double)sizes[i];
        if (hits[i] > sizes[i])
            out->reason = "more hits than cases";
    }
    return out->reason ? CB_OK : funnel(hits, size, n, true, arena, out);
}

cb_status cb_funnel_rates(const uint64_t *events, const double *exposures, size_t n,
                          cb_arena *arena, cb_funnel *out)
{
    *out = (cb_funnel){.target = NAN, .phi = NAN};
    for (size_t i = 0; i < n; i++) {
        if (!(exposures[i] >= 0) || isinf(exposures[i]))
            out->reason = "an exposure is negative or not a number";
        else if (exposures[i] <= 0 && events[i] > 0)
            out->reason = "events in a group without exposure";
    }
    return out->reason ? CB_OK : funnel(events, exposures, n, false, arena, out);
}
