#include "casebook/stats_draws.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "casebook/stats_order.h"

struct cb_draws {
    gsl_rng rng; /* its state lies in the arena: gsl_rng_alloc would take it from malloc */
};

/* splitmix64 (Steele, Lea, Flood 2014): a bijection that spreads near numbers far apart */
static uint64_t mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

cb_draws *cb_draws_new(cb_arena *arena, uint64_t seed, uint64_t stream)
{
    cb_draws *draws = cb_arena_get(arena, sizeof *draws);
    void *state = cb_arena_get(arena, gsl_rng_mt19937->size);
    if (!draws || !state)
        return NULL;
    draws->rng = (gsl_rng){gsl_rng_mt19937, state};
    gsl_rng_set(&draws->rng, (unsigned long)(mix(mix(seed) ^ stream) >> 32));
    return draws;
}

void cb_draws_uniform(cb_draws *draws, double *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = gsl_rng_uniform_pos(&draws->rng);
}

cb_status cb_draws_normal(cb_draws *draws, double mean, double sd, double *out, size_t n)
{
    if (!isfinite(mean) || !isfinite(sd) || sd < 0)
        return CB_EDATA;
    for (size_t i = 0; i < n; i++)
        out[i] = mean + gsl_ran_gaussian(&draws->rng, sd);
    return CB_OK;
}

static bool positive(double v) { return v > 0 && isfinite(v); }

cb_status cb_draws_gamma(cb_draws *draws, double shape, double rate, double *out, size_t n)
{
    if (!positive(shape) || !positive(rate))
        return CB_EDATA;
    for (size_t i = 0; i < n; i++)
        out[i] = gsl_ran_gamma(&draws->rng, shape, 1 / rate);
    return CB_OK;
}

cb_status cb_draws_beta(cb_draws *draws, double a, double b, double *out, size_t n)
{
    if (!positive(a) || !positive(b))
        return CB_EDATA;
    for (size_t i = 0; i < n; i++)
        out[i] = gsl_ran_beta(&draws->rng, a, b);
    return CB_OK;
}

cb_status cb_draws_binomial(cb_draws *draws, uint32_t trials, const double *chance, double *out,
                            size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!(chance[i] >= 0 && chance[i] <= 1))
            return CB_EDATA;
    for (size_t i = 0; i < n; i++)
        out[i] = gsl_ran_binomial(&draws->rng, chance[i], trials);
    return CB_OK;
}

cb_status cb_draws_summary(const double *values, size_t n, double level, cb_arena *scratch,
                           cb_est *out)
{
    *out = cb_est_none("no draws");
    if (n == 0)
        return CB_OK;
    if (!cb_all_finite(values, n)) {
        *out = cb_est_none("a draw is not a number");
        return CB_OK;
    }
    double *sorted = cb_arena_array(scratch, n, sizeof *sorted);
    if (!sorted)
        return CB_ENOMEM;
    memcpy(sorted, values, n * sizeof *sorted);
    cb_status rc = cb_sort_f64(sorted, n, scratch);
    if (rc != CB_OK)
        return rc;
    double tail = (1 - level) / 2;
    *out = cb_est_of(cb_sum_f64(values, n) / (double)n, cb_quantile_f64(sorted, n, tail).value,
                     cb_quantile_f64(sorted, n, 1 - tail).value);
    return CB_OK;
}
