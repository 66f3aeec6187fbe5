#include "casebook/stats_sbg.h"

#include <math.h>

enum { MAX_ITERATIONS = 200, MAX_HALVINGS = 60, MAX_TERMS = 10000000 };
static const double unbounded = 1e6;

typedef struct point {
    double alpha, beta;
} point;

/* log-likelihood: per period t, d leave and s stay */
static double likelihood(const uint64_t *survivors, size_t n, point x)
{
    double sum = 0;
    for (size_t t = 1; t < n; t++) {
        double s = (double)survivors[t], d = (double)survivors[t - 1] - s, at = (double)t - 1;
        sum += d * log(x.alpha) + s * log(x.beta + at) - (d + s) * log(x.alpha + x.beta + at);
    }
    return sum;
}

/* First and second derivatives in log alpha, log beta. */
typedef struct slopes {
    double a, b, aa, ab, bb;
} slopes;

static slopes slopes_at(const uint64_t *survivors, size_t n, point x)
{
    slopes g = {0};
    for (size_t t = 1; t < n; t++) {
        double s = (double)survivors[t], all = (double)survivors[t - 1], at = (double)t - 1;
        double whole = x.alpha + x.beta + at, stay = x.beta + at;
        g.a += (all - s) / x.alpha - all / whole;
        g.b += s / stay - all / whole;
        g.aa += -(all - s) / (x.alpha * x.alpha) + all / (whole * whole);
        g.ab += all / (whole * whole);
        g.bb += -s / (stay * stay) + all / (whole * whole);
    }
    g.aa = g.aa * x.alpha * x.alpha + g.a * x.alpha;
    g.bb = g.bb * x.beta * x.beta + g.b * x.beta;
    g.ab *= x.alpha * x.beta;
    g.a *= x.alpha;
    g.b *= x.beta;
    return g;
}

/* Newton's step where the surface is concave, else uphill by 1. */
static point step_from(const slopes *g)
{
    double det = g->aa * g->bb - g->ab * g->ab, length = hypot(g->a, g->b);
    if (g->aa < 0 && det > 0)
        return (point){-(g->bb * g->a - g->ab * g->b) / det, -(g->aa * g->b - g->ab * g->a) / det};
    return (point){g->a / length, g->b / length};
}

static const char *data_fault(const uint64_t *survivors, size_t n)
{
    if (n < 3)
        return "fewer than 2 periods";
    for (size_t t = 1; t < n; t++)
        if (survivors[t] > survivors[t - 1])
            return "the number of those who stay rises";
    if (survivors[n - 1] == 0)
        return "nobody is left";
    return survivors[0] == survivors[n - 1] ? "nobody has left" : NULL;
}

static cb_sbg no_fit(const char *reason) { return (cb_sbg){NAN, NAN, NAN, reason}; }

cb_sbg cb_sbg_fit(const uint64_t *survivors, size_t n)
{
    const char *fault = data_fault(survivors, n);
    if (fault)
        return no_fit(fault);
    point x = {1, 1};
    double best = likelihood(survivors, n, x);
    for (int i = 0; i < MAX_ITERATIONS; i++) {
        slopes g = slopes_at(survivors, n, x);
        if (hypot(g.a, g.b) <= 1e-11 * (double)survivors[0])
            break;
        point step = step_from(&g), next = x;
        double value = -INFINITY, by = 1;
        for (int k = 0; k < MAX_HALVINGS && !(value >= best); k++, by /= 2) {
            next = (point){x.alpha * exp(by * step.alpha), x.beta * exp(by * step.beta)};
            value = likelihood(survivors, n, next);
        }
        if (!(value >= best))
            break;
        x = next;
        best = value;
        if (!(x.alpha < unbounded && x.beta < unbounded && x.alpha > 1 / unbounded &&
              x.beta > 1 / unbounded))
            return no_fit("retention does not rise with tenure, so the model does not fit");
    }
    return (cb_sbg){x.alpha, x.beta, best, NULL};
}

double cb_sbg_retention(const cb_sbg *fit, size_t t)
{
    double at = (double)t - 1;
    return t == 0 ? NAN : (fit->beta + at) / (fit->alpha + fit->beta + at);
}

double cb_sbg_survival(const cb_sbg *fit, size_t t)
{
    double survival = isnan(fit->alpha) ? NAN : 1;
    for (size_t k = 1; k <= t; k++)
        survival *= cb_sbg_retention(fit, k);
    return survival;
}

double cb_sbg_residual_periods(const cb_sbg *fit, size_t t, double discount)
{
    if (!(discount > 0) || isnan(fit->alpha))
        return NAN;
    double sum = 0, term = 1 + discount;
    for (size_t k = 1; k < MAX_TERMS; k++) {
        term *= cb_sbg_retention(fit, t + k) / (1 + discount);
        sum += term;
        /* the rest is less than a geometric series of ratio 1 / (1 + discount) */
        if (term < sum * discount * 1e-16)
            break;
    }
    return sum;
}
