#include "casebook/stats_regress.h"

#include <math.h>

#include "stats/least_squares.h"

static const double settled = 1e-9;

typedef struct fit {
    const cb_logit_data *data;
    cb_ls ls;
    double *eta, *target, *b;
} fit;

/* Columns that vary: those that need events. */
static size_t varying_columns(const cb_logit_data *d)
{
    size_t varying = 0;
    for (size_t j = 0; j < d->p; j++) {
        size_t i = 1;
        while (i < d->n && d->x[i * d->p + j] == d->x[j])
            i++;
        varying += i < d->n;
    }
    return varying;
}

static const char *count_fault(const cb_logit_data *d, cb_logit *out)
{
    for (size_t i = 0; i < d->n; i++) {
        if (d->successes[i] > d->trials[i])
            return "more outcomes than cases in a row";
        out->cases += d->trials[i];
        out->events += d->successes[i];
    }
    uint64_t others = out->cases - out->events, rarer = out->events < others ? out->events : others;
    if (rarer == 0)
        return out->cases ? "all cases have the same outcome" : "no cases";
    if (rarer < (uint64_t)CB_LOGIT_EVENTS_PER_VARIABLE * varying_columns(d))
        return "fewer than 10 outcomes for each column of the model";
    return NULL;
}

static const char *data_fault(const cb_logit_data *d, cb_logit *out)
{
    if (d->n == 0 || d->p == 0)
        return "no cases";
    if (d->n < d->p)
        return "columns depend on each other";
    return cb_all_finite(d->x, d->n * d->p) ? count_fault(d, out) : "a value is not a number";
}

/* The chance at a linear predictor, and that of the opposite, each without cancellation. */
static double chance(double eta)
{
    return eta >= 0 ? 1 / (1 + exp(-eta)) : exp(eta) / (1 + exp(eta));
}

static void weigh_rows(fit *f)
{
    const cb_logit_data *d = f->data;
    for (size_t i = 0; i < d->n; i++) {
        double m = (double)d->trials[i], mu = chance(f->eta[i]);
        double root = sqrt(m * mu * chance(-f->eta[i]));
        for (size_t j = 0; j < d->p; j++)
            f->ls.a[i * d->p + j] = root * d->x[i * d->p + j];
        f->target[i] = root > 0 ? root * f->eta[i] + ((double)d->successes[i] - m * mu) / root : 0;
    }
}

/* eta = x b; returns the largest change, relative to 1 + |eta|. */
static double update_predictors(fit *f)
{
    const cb_logit_data *d = f->data;
    double largest = 0;
    for (size_t i = 0; i < d->n; i++) {
        double eta = 0;
        for (size_t j = 0; j < d->p; j++)
            eta += d->x[i * d->p + j] * f->b[j];
        if (d->trials[i])
            largest = fmax(largest, fabs(eta - f->eta[i]) / (1 + fabs(eta)));
        f->eta[i] = eta;
    }
    return largest;
}

/* In separated data every step moves some predictor by about 1, for ever: it never settles. */
static const char *iterate(fit *f, size_t *iterations)
{
    static const char *const separated =
        "a combination of columns foretells the outcome completely";
    for (size_t i = 0; i < f->data->n; i++) {
        double m = (double)f->data->trials[i], y = (double)f->data->successes[i];
        f->eta[i] = log((y + 0.5) / (m - y + 0.5));
    }
    for (size_t k = 1; k <= CB_LOGIT_MAX_ITERATIONS; k++) {
        weigh_rows(f);
        if (!cb_ls_factor(&f->ls))
            return k == 1 ? "columns depend on each other" : separated;
        cb_ls_solve(&f->ls, f->target, f->b);
        double change = update_predictors(f);
        *iterations = k;
        if (!isfinite(change))
            return separated;
        if (k > 1 && change < settled)
            return NULL;
    }
    return separated;
}

static double term(double y, double mu) { return y > 0 ? y * log(y / mu) : 0; }

static double row_deviance(double y, double m, double p, double q)
{
    return m > 0 ? 2 * (term(y, m * p) + term(m - y, m * q)) : 0;
}

static void deviances(const fit *f, cb_logit *out)
{
    const cb_logit_data *d = f->data;
    double p0 = (double)out->events / (double)out->cases;
    out->deviance = out->null_deviance = 0;
    for (size_t i = 0; i < d->n; i++) {
        double y = (double)d->successes[i], m = (double)d->trials[i];
        out->deviance += row_deviance(y, m, chance(f->eta[i]), chance(-f->eta[i]));
        out->null_deviance += row_deviance(y, m, p0, 1 - p0);
    }
}

static cb_status describe(fit *f, double level, cb_arena *arena, cb_logit *out)
{
    const size_t p = f->data->p;
    const double z = cb_level_z(level);
    double *se = cb_arena_array(arena, p, sizeof *se);
    double *p_value = cb_arena_array(arena, p, sizeof *p_value);
    cb_est *ratio = cb_arena_array(arena, p, sizeof *ratio);
    if (!se || !p_value || !ratio)
        return CB_ENOMEM;
    cb_ls_inverse_norms(&f->ls, se);
    for (size_t j = 0; j < p; j++) {
        p_value[j] = cb_normal_two_sided(f->b[j] / se[j]);
        ratio[j] = cb_est_of(exp(f->b[j]), exp(f->b[j] - z * se[j]), exp(f->b[j] + z * se[j]));
    }
    deviances(f, out);
    out->coefficient = f->b;
    out->standard_error = se;
    out->p_value = p_value;
    out->odds_ratio = ratio;
    return CB_OK;
}

cb_status cb_logit_fit(const cb_logit_data *data, double level, cb_arena *arena, cb_logit *out)
{
    *out = (cb_logit){.p = data->p, .deviance = NAN, .null_deviance = NAN};
    out->reason = data_fault(data, out);
    if (out->reason)
        return CB_OK;
    fit f = {.data = data};
    cb_status rc = cb_ls_new(data->n, data->p, arena, &f.ls);
    f.eta = cb_arena_array(arena, data->n, sizeof *f.eta);
    f.target = cb_arena_array(arena, data->n, sizeof *f.target);
    f.b = cb_arena_array(arena, data->p, sizeof *f.b);
    if (rc != CB_OK || !f.eta || !f.target || !f.b)
        return CB_ENOMEM;
    out->reason = iterate(&f, &out->iterations);
    return out->reason ? CB_OK : describe(&f, level, arena, out);
}
