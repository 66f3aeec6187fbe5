#include "casebook/stats_interval.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

#include "casebook/stats_order.h"
#include "stats/tails.h"

/* Outcomes as likely as the one seen count, in spite of rounding: R's factor. */
static const double as_likely = 1 + 1e-7;

static cb_test no_test(const char *reason) { return (cb_test){NAN, NAN, NAN, reason}; }

/* The outcome nearest to the middle whose mass is at most `limit`, among those from `from` in a
 * direction (1 or -1) to the end of the range, along which the mass falls. One past the end when
 * there is none. */
static double far_outcome(double from, double direction, double n, double p, double limit)
{
    double low = 0, high = (direction > 0 ? n - from : from) + 1;
    while (low < high) {
        double mid = floor((low + high) / 2);
        if (cb_binomial_mass(from + direction * mid, n, p) <= limit)
            high = mid;
        else
            low = mid + 1;
    }
    return from + direction * low;
}

static double binomial_two_sided(double x, double n, double p)
{
    double mean = n * p, limit = cb_binomial_mass(x, n, p) * as_likely;
    if (x < mean) {
        double other = far_outcome(ceil(mean), 1, n, p, limit);
        return cb_binomial_tails(x, n, p).lower + cb_binomial_tails(other - 1, n, p).upper;
    }
    if (x > mean) {
        double other = far_outcome(floor(mean), -1, n, p, limit);
        return cb_binomial_tails(other, n, p).lower + cb_binomial_tails(x - 1, n, p).upper;
    }
    return 1;
}

cb_test cb_rate_test(uint64_t events_1, double exposure_1, uint64_t events_2, double exposure_2)
{
    if (!(exposure_1 > 0) || isinf(exposure_1) || !(exposure_2 > 0) || isinf(exposure_2))
        return no_test("one side was not observed for any time");
    if (events_1 == 0 && events_2 == 0)
        return no_test("no events on either side");
    double x = (double)events_1, n = x + (double)events_2,
    p = exposure_1 / (exposure_1 + exposure_2);
    if (!(p > 0 && p < 1))
        return no_test("one side was observed immeasurably longer than the other");
    return (cb_test){.two_sided = fmin(1, binomial_two_sided(x, n, p)),
                     .greater = cb_binomial_tails(x - 1, n, p).upper,
                     .less = cb_binomial_tails(x, n, p).lower};
}

cb_test cb_share_test(uint64_t hits_1, uint64_t n_1, uint64_t hits_2, uint64_t n_2)
{
    if (n_1 == 0 || n_2 == 0)
        return no_test("one side has no cases");
    if (hits_1 > n_1 || hits_2 > n_2)
        return no_test("more hits than cases");
    double a = (double)n_1, b = (double)n_2, p1 = (double)hits_1 / a, p2 = (double)hits_2 / b;
    double pooled = ((double)hits_1 + (double)hits_2) / (a + b);
    double variance = pooled * (1 - pooled) * (1 / a + 1 / b);
    if (!(variance > 0))
        return (cb_test){1, 1, 1, NULL};
    double z = (p1 - p2) / sqrt(variance);
    return (cb_test){cb_normal_two_sided(z), gsl_cdf_ugaussian_Q(z), gsl_cdf_ugaussian_P(z), NULL};
}

/* ---- Fisher's exact test --------------------------------------------------------------------- */

typedef struct table_law {
    double row, other_row, column; /* a + b, c + d, a + c */
} table_law;

/* P(a + 1) / P(a) of the hypergeometric law. */
static double up_ratio(const table_law *t, double a)
{
    return (t->row - a) * (t->column - a) / ((a + 1) * (t->other_row - t->column + a + 1));
}

/* Adds the masses, relative to that at `start`, from start in one direction; seen: relative mass
 * that is as likely as the outcome itself. */
typedef struct mass_sum {
    double all, as_unlikely;
} mass_sum;

static void add_mass(mass_sum *s, double mass, double limit)
{
    s->all += mass;
    if (mass <= limit)
        s->as_unlikely += mass;
}

static void sum_upwards(mass_sum *s, const table_law *t, double a, double mass, double limit)
{
    double last = fmin(t->row, t->column);
    while (a < last && mass > 0) {
        mass *= up_ratio(t, a);
        a++;
        add_mass(s, mass, limit);
    }
}

static void sum_downwards(mass_sum *s, const table_law *t, double a, double mass, double limit)
{
    double first = fmax(0, t->column - t->other_row);
    while (a > first && mass > 0) {
        a--;
        mass /= up_ratio(t, a);
        add_mass(s, mass, limit);
    }
}

/* The mass at a relative to that at mode. */
static double relative_mass(const table_law *t, double mode, double a)
{
    double mass = 1;
    for (double at = mode; at < a; at++)
        mass *= up_ratio(t, at);
    for (double at = mode; at > a; at--)
        mass /= up_ratio(t, at - 1);
    return mass;
}

double cb_fisher_two_sided(uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    double x = (double)a;
    table_law t = {x + (double)b, (double)c + (double)d, x + (double)c};
    double n = t.row + t.other_row;
    if (t.row <= 0 || t.other_row <= 0 || t.column <= 0 || t.column >= n)
        return NAN;
    double mode = floor((t.row + 1) * (t.column + 1) / (n + 2));
    double limit = relative_mass(&t, mode, x) * as_likely;
    mass_sum s = {0};
    add_mass(&s, 1, limit);
    sum_upwards(&s, &t, mode, 1, limit);
    sum_downwards(&s, &t, mode, 1, limit);
    return fmin(1, s.as_unlikely / s.all);
}

/* ---- many tests ------------------------------------------------------------------------------ */

/* Orders p values by their bits: non-negative doubles compare like the integers they are stored
 * as. */
static int64_t order_key(double p)
{
    union {
        double value;
        int64_t bits;
    } key = {.value = p > 0 ? p : 0};
    return key.bits;
}

cb_status cb_bh_adjust(const double *p, double *adjusted, size_t n, cb_arena *scratch)
{
    if (n > UINT32_MAX)
        return CB_EDATA;
    for (size_t i = 0; i < n; i++)
        if (p[i] < 0 || p[i] > 1)
            return CB_EDATA;
    int64_t *keys = cb_arena_array(scratch, n, sizeof *keys);
    uint32_t *index = cb_arena_array(scratch, n, sizeof *index);
    if (!keys || !index)
        return CB_ENOMEM;
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        if (isnan(p[i]))
            continue;
        keys[m] = order_key(p[i]);
        index[m++] = (uint32_t)i;
    }
    cb_status rc = cb_sort_pairs(keys, index, m, scratch);
    if (rc != CB_OK)
        return rc;
    if (adjusted != p)
        for (size_t i = 0; i < n; i++)
            adjusted[i] = p[i];
    double least = 1;
    for (size_t rank = m; rank > 0; rank--) {
        double *q = &adjusted[index[rank - 1]];
        least = fmin(least, *q * ((double)m / (double)rank));
        *q = least;
    }
    return CB_OK;
}
