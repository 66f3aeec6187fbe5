#include "stats/tails.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

#include <gsl/gsl_math.h>
#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sf_log.h>

#include "casebook/stats_interval.h"

enum { MAX_TERMS = 2000000, MAX_STEPS = 400 };
static const double tiny = 1e-300;

/* log(x / mean) - u, u = (x - mean) / mean: near 0 without cancellation, far from 0 without
 * forming 1 + u */
static double log_less(double x, double mean, double u)
{
    gsl_sf_result r;
    if (fabs(u) < 0.5 && gsl_sf_log_1plusx_mx_e(u, &r) == 0)
        return r.val;
    return log(x / mean) - u;
}

/* log of Gamma(z) / (sqrt(2 pi) z^(z - 1/2) e^-z): what Stirling's formula leaves over */
static double stirling_rest(double z)
{
    gsl_sf_result r;
    return gsl_sf_gammastar_e(z, &r) == 0 ? log(r.val) : 1 / (12 * z);
}

/* x^a (1-x)^b / B(a, b) */
static double beta_factor(double x, double a, double b)
{
    double n = a + b, off = x * n - a;
    double main_part = a * log_less(x * n, a, off / a) + b * log_less((1 - x) * n, b, -off / b);
    double rest = stirling_rest(n) - stirling_rest(a) - stirling_rest(b);
    return sqrt(a / n * b / (2 * M_PI)) * exp(main_part + rest);
}

/* x^s e^-x / Gamma(s) */
static double gamma_factor(double x, double s)
{
    return sqrt(s / (2 * M_PI)) * exp(s * log_less(x, s, (x - s) / s) - stirling_rest(s));
}

static double off_zero(double v) { return fabs(v) < tiny ? tiny : v; }

/* One step of Lentz's algorithm: continues a fraction by the term (numerator, denominator). */
static double lentz(double *c, double *d, double numerator, double denominator)
{
    *d = 1 / off_zero(denominator + numerator * *d);
    *c = off_zero(denominator + numerator / *c);
    return *c * *d;
}

/* The continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8). */
static double beta_fraction(double x, double a, double b)
{
    double c = 1, d = 1 / off_zero(1 - (a + b) * x / (a + 1)), f = d;
    for (int i = 1; i < MAX_TERMS; i++) {
        double m = i, a2 = a + 2 * m;
        f *= lentz(&c, &d, m * (b - m) * x / ((a2 - 1) * a2), 1);
        double step = lentz(&c, &d, -(a + m) * (a + b + m) * x / (a2 * (a2 + 1)), 1);
        f *= step;
        if (fabs(step - 1) < 4 * DBL_EPSILON)
            break;
    }
    return f;
}

cb_tails cb_beta_tails(double x, double a, double b)
{
    if (x <= 0)
        return (cb_tails){0, 1};
    if (x >= 1)
        return (cb_tails){1, 0};
    double factor = beta_factor(x, a, b);
    if (x < (a + 1) / (a + b + 2)) {
        double lower = fmin(1, factor * beta_fraction(x, a, b) / a);
        return (cb_tails){lower, 1 - lower};
    }
    double upper = fmin(1, factor * beta_fraction(1 - x, b, a) / b);
    return (cb_tails){1 - upper, upper};
}

static double gamma_series(double x, double s)
{
    double term = 1 / s, sum = term;
    for (int i = 1; i < MAX_TERMS && term > sum * DBL_EPSILON / 4; i++) {
        term *= x / (s + i);
        sum += term;
    }
    return sum;
}

static double gamma_fraction(double x, double s)
{
    double b = x + 1 - s, c = 1 / tiny, d = 1 / off_zero(b), f = d;
    for (int i = 1; i < MAX_TERMS; i++) {
        b += 2;
        double step = lentz(&c, &d, i * (s - i), b);
        f *= step;
        if (fabs(step - 1) < 4 * DBL_EPSILON)
            break;
    }
    return f;
}

cb_tails cb_gamma_tails(double x, double shape)
{
    if (x <= 0)
        return (cb_tails){0, 1};
    if (isinf(x))
        return (cb_tails){1, 0};
    double factor = gamma_factor(x, shape);
    if (x < shape + 1) {
        double lower = fmin(1, factor * gamma_series(x, shape));
        return (cb_tails){lower, 1 - lower};
    }
    double upper = fmin(1, factor * gamma_fraction(x, shape));
    return (cb_tails){1 - upper, upper};
}

cb_tails cb_binomial_tails(double k, double n, double p)
{
    if (k < 0)
        return (cb_tails){0, 1};
    if (k >= n)
        return (cb_tails){1, 0};
    cb_tails t = cb_beta_tails(p, k + 1, n - k);
    return (cb_tails){t.upper, t.lower};
}

double cb_binomial_mass(double k, double n, double p)
{
    if (p <= 0 || p >= 1)
        return (p <= 0 ? k <= 0 : k >= n) ? 1 : 0;
    if (k <= 0)
        return exp(n * log1p(-p));
    if (k >= n)
        return exp(n * log(p));
    /* Beta's density factor at (k, n - k) has k (n - k) / n more */
    return beta_factor(p, k, n - k) * n / (k * (n - k));
}

cb_tails cb_poisson_tails(double k, double mean)
{
    if (k < 0)
        return (cb_tails){0, 1};
    cb_tails t = cb_gamma_tails(mean, k + 1);
    return (cb_tails){t.upper, t.lower};
}

/* ---- quantiles: Newton's method inside a bracket that always shrinks ------------------------- */

typedef struct law {
    bool is_beta;
    double a, b;
} law;

static cb_tails law_tails(const law *l, double x)
{
    return l->is_beta ? cb_beta_tails(x, l->a, l->b) : cb_gamma_tails(x, l->a);
}

static double law_density(const law *l, double x)
{
    return l->is_beta ? beta_factor(x, l->a, l->b) / (x * (1 - x)) : gamma_factor(x, l->a) / x;
}

/* The middle of a bracket; geometric where it spans orders of magnitude, as near 0. */
static double middle(double low, double high)
{
    if (low <= 0)
        return high > 1e-300 ? high * 1e-3 : 0;
    return high / low > 4 ? sqrt(low) * sqrt(high) : low + (high - low) / 2;
}

static double law_quantile(const law *l, double p, double low, double high, double x)
{
    for (int i = 0; i < MAX_STEPS; i++) {
        cb_tails t = law_tails(l, x);
        double excess = p <= 0.5 ? t.lower - p : (1 - p) - t.upper;
        if (excess > 0)
            high = x;
        else
            low = x;
        double slope = law_density(l, x), next = slope > 0 ? x - excess / slope : NAN;
        if (!(next > low && next < high))
            next = middle(low, high);
        if (fabs(next - x) <= 2 * DBL_EPSILON * x || high - low <= 2 * DBL_EPSILON * high)
            return next;
        x = next;
    }
    return x;
}

static bool law_ok(double p, double a, double b)
{
    return p >= 0 && p <= 1 && a > 0 && b > 0 && isfinite(a) && isfinite(b);
}

double cb_gamma_quantile(double p, double shape, double rate)
{
    if (!law_ok(p, shape, rate))
        return NAN;
    if (p <= 0)
        return 0;
    if (p >= 1)
        return INFINITY;
    law l = {false, shape, 0};
    double high = shape + 1;
    while (cb_gamma_tails(high, shape).lower < p && cb_gamma_tails(high, shape).upper > 1 - p)
        high *= 2;
    return law_quantile(&l, p, 0, high, fmin(shape, high / 2)) / rate;
}

double cb_beta_quantile(double p, double a, double b)
{
    if (!law_ok(p, a, b))
        return NAN;
    if (p <= 0)
        return 0;
    if (p >= 1)
        return 1;
    law l = {true, a, b};
    return law_quantile(&l, p, 0, 1, a / (a + b));
}
