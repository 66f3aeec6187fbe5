/* C1 to C3, C6 and C7: the money model by formula, then its intervals by draws. */
#include "measures/churn_parts.h"

#include "casebook/stats_interval.h"

static const char no_value[] = "no yearly value of a customer is known";
static const char no_customer[] = "no customer is known";

/* ---- terms ---- */

double cb_churn_minor(const cb_settings *settings, double major)
{
    return major * cb_currency_scale(settings->currency_digits);
}

cb_churn_terms cb_churn_terms_of(const cb_churn_state *s, const cb_settings *settings)
{
    const cb_assumption *a = settings->assumption;
    return (cb_churn_terms){
        .rate = a[CB_A_ANNUAL_LOSS_RATE].base,
        .share = a[CB_A_SERVICE_SHARE].base,
        .weight = a[CB_A_PRIOR_WEIGHT].base,
        .customers = a[CB_A_CUSTOMERS].base,
        .annual_value = cb_churn_minor(settings, a[CB_A_ANNUAL_VALUE].base),
        .lifetime = a[CB_A_LIFETIME].base,
        .retention = a[CB_A_RETENTION].base,
        .discount = a[CB_A_DISCOUNT].base,
        .split = &s->split[CB_SPLIT_BASE],
    };
}

/* ---- point ---- */

double cb_churn_mean_exp(const cb_churn_lambda *lambda)
{
    return exp(-lambda->shape * log1p(1 / lambda->years));
}

double cb_churn_values_sum(const cb_total *known, int64_t n, double blank)
{
    int64_t blanks = n - (int64_t)known->n;
    return cb_total_double(known) + (blanks > 0 ? (double)blanks * blank : 0);
}

static bool has_list(const cb_scope *scope)
{
    return scope->book->table[CB_CUSTOMERS].n > 0;
}

static void set_base(cb_churn_point *p, const cb_churn_state *s, const cb_scope *scope,
                     const cb_churn_terms *t)
{
    int64_t listed = s->count[CB_CHURN_LISTED];
    p->counted = (double)(has_list(scope) ? listed : s->count[CB_CHURN_CASE_CUSTOMERS]);
    p->customers = t->customers > 0 ? t->customers : p->counted;
    p->blank = t->annual_value > 0 ? t->annual_value
               : s->value.n > 0    ? cb_total_mean(&s->value)
                                   : NAN;
    p->one_year = s->value.n > 0 ? cb_churn_values_sum(&s->value, listed, p->blank) / (double)listed
                                 : p->blank;
    p->factor = t->lifetime >= 0.5 ? t->retention / (1 + t->discount - t->retention) : 1;
    p->value = p->one_year * p->factor;
}

static const char *why_not_own(const cb_churn_state *s, const cb_scope *scope,
                               const cb_churn_split *split)
{
    int64_t seen_s = s->count[CB_CHURN_SEEN_S];
    if (!has_list(scope))
        return "no customer list in the input";
    if (!scope->book->table[CB_CUSTOMERS].column[CB_CUSTOMER_CHURNED])
        return "no churned_at column in the customer list";
    if (s->first == CB_NO_TIME)
        return "no case in the input";
    if (seen_s <= 0)
        return "no time seen: no customer of the list was there between the first case and the "
               "period's end";
    if (split->after_s <= 0)
        return "no time after a problem: no customer of the list opened a case";
    if (split->after_s >= seen_s)
        return "no clean time: every customer of the list was after a problem all the time";
    return s->count[CB_CHURN_LISTED] > 0 ? NULL
                                         : "no customer of the list is left at the period's end";
}

static void set_own(cb_churn_point *p, const cb_churn_state *s, const cb_churn_terms *t)
{
    const cb_churn_split *split = t->split;
    double after_years = (double)split->after_s / CB_YEAR_S;
    double clean_years = (double)(s->count[CB_CHURN_SEEN_S] - split->after_s) / CB_YEAR_S;
    p->after = (cb_churn_lambda){0.5 + (double)split->after_losses, after_years};
    p->clean = (cb_churn_lambda){0.5 + (double)(s->count[CB_CHURN_LOSSES] - split->after_losses),
                                 clean_years};
    p->excess = cb_churn_mean_exp(&p->clean) - cb_churn_mean_exp(&p->after);
    p->own_share = (double)split->listed_with_problem / (double)s->count[CB_CHURN_LISTED];
    p->own_value =
        p->factor * cb_churn_values_sum(&split->value, split->listed_with_problem, p->blank);
    p->own_rate = p->excess * p->own_share;
    p->own_cost = isnan(p->value) ? NAN : p->excess * p->own_value;
}

cb_churn_point cb_churn_point_of(const cb_churn_state *s, const cb_scope *scope,
                                 const cb_churn_terms *t)
{
    cb_churn_point p = {.own_rate = NAN, .own_cost = NAN, .excess = NAN};
    set_base(&p, s, scope, t);
    p.benchmark_rate = t->rate * t->share;
    p.benchmark_cost = p.customers * t->rate * t->share * p.value;
    p.cost_reason = p.customers > 0 ? isnan(p.value) ? no_value : NULL : no_customer;
    p.years = (double)s->count[CB_CHURN_SEEN_S] / CB_YEAR_S;
    p.own_reason = why_not_own(s, scope, t->split);
    p.rate = p.benchmark_rate;
    p.cost = p.benchmark_cost;
    if (!p.own_reason) {
        set_own(&p, s, t);
        p.credibility = p.years / (t->weight + p.years);
        p.rate = p.credibility * p.own_rate + (1 - p.credibility) * p.benchmark_rate;
        p.cost = p.credibility * p.own_cost + (1 - p.credibility) * p.benchmark_cost;
    }
    if (p.cost_reason)
        p.cost = p.benchmark_cost = NAN;
    return p;
}

/* ---- draws ---- */

cb_draws *cb_churn_draw(const cb_scope *scope, uint64_t quantity)
{
    uint64_t measure = cb_hash(CB_LIT("churn"));
    return cb_draws_new(scope->scratch, scope->settings->seed, measure + quantity);
}

typedef struct draws {
    size_t n;
    double *benchmark; /* NULL: no prior, so no spread */
    double *excess;    /* NULL: own data not estimable */
} draws;

static cb_status gamma_draws(double **out, const cb_scope *scope, uint64_t quantity,
                             const cb_churn_lambda *lambda, size_t n, cb_error *err)
{
    cb_draws *source = cb_churn_draw(scope, quantity);
    *out = cb_arena_array(scope->arena, n, sizeof **out);
    if (!source || !*out)
        return cb_nomem(err, "the draws of the churn cost");
    if (lambda->shape > 0)
        return cb_draws_gamma(source, lambda->shape, lambda->years, *out, n);
    return CB_OK; /* a rate of 0 for certain */
}

static cb_status draw_benchmark(draws *d, const cb_scope *scope, const cb_churn_point *p,
                                double weight, cb_error *err)
{
    cb_churn_lambda prior = {weight * -log1p(-p->benchmark_rate), weight};
    if (!(weight > 0))
        return CB_OK;
    cb_status rc = gamma_draws(&d->benchmark, scope, CB_CHURN_STREAM_BENCHMARK, &prior, d->n, err);
    for (size_t i = 0; rc == CB_OK && i < d->n; i++)
        d->benchmark[i] = -expm1(-d->benchmark[i]);
    return rc;
}

static cb_status draw_excess(draws *d, const cb_scope *scope, const cb_churn_point *p,
                             cb_error *err)
{
    double *clean = NULL;
    if (p->own_reason)
        return CB_OK;
    cb_status rc = gamma_draws(&d->excess, scope, CB_CHURN_STREAM_AFTER, &p->after, d->n, err);
    if (rc == CB_OK)
        rc = gamma_draws(&clean, scope, CB_CHURN_STREAM_CLEAN, &p->clean, d->n, err);
    for (size_t i = 0; rc == CB_OK && i < d->n; i++)
        d->excess[i] = exp(-clean[i]) - exp(-d->excess[i]);
    return rc;
}

/* weights of excess and benchmark; NULL where there is nothing to weigh */
static cb_status blend(double **out, const draws *d, double excess, double benchmark,
                       double constant, cb_arena *arena, cb_error *err)
{
    *out = cb_arena_array(arena, d->n, sizeof **out);
    if (!*out)
        return cb_nomem(err, "the draws of the churn cost");
    for (size_t i = 0; i < d->n; i++) {
        double own = d->excess ? excess * d->excess[i] : 0;
        (*out)[i] = own + benchmark * (d->benchmark ? d->benchmark[i] : constant);
    }
    return CB_OK;
}

/* The interval of the draws about the point. */
static cb_status around(cb_est *out, double point, const double *draw, size_t n,
                        const cb_scope *scope, cb_error *err)
{
    cb_status rc = cb_draws_summary(draw, n, CB_LEVEL_95, scope->scratch, out);
    if (rc != CB_OK)
        return cb_nomem(err, "the interval of the churn cost");
    if (cb_est_ok(*out))
        *out = cb_est_of(point, fmin(point, out->low), fmax(point, out->high));
    return CB_OK;
}

static cb_est times(cb_est est, double factor)
{
    cb_est e = cb_est_scaled(est, factor);
    return factor < 0 ? (cb_est){e.value, e.high, e.low, e.reason} : e;
}

/* ---- results ---- */

static cb_exposure exposure_of(const cb_churn_lambda *lambda, int64_t losses)
{
    cb_exposure e = {.person_years = lambda->years, .losses = (uint32_t)losses};
    e.rate = cb_est_of(lambda->shape / lambda->years,
                       cb_gamma_quantile(0.025, lambda->shape, lambda->years),
                       cb_gamma_quantile(0.975, lambda->shape, lambda->years));
    return e;
}

static void set_exposures(cb_churn *out, const cb_churn_state *s, const cb_churn_point *p,
                          double weight)
{
    const cb_churn_split *split = &s->split[CB_SPLIT_BASE];
    out->after = exposure_of(&p->after, split->after_losses);
    out->clean = exposure_of(&p->clean, s->count[CB_CHURN_LOSSES] - split->after_losses);
    for (int o = 0; o < CB_OUTCOMES; o++) {
        double years = (double)s->outcome_s[o] / CB_YEAR_S;
        cb_churn_lambda shrunk = {weight * out->after.rate.value + (double)s->outcome_losses[o],
                                  weight + years};
        out->by_outcome[o].rate = cb_est_none("no time in this state");
        if (shrunk.shape > 0 && shrunk.years > 0)
            out->by_outcome[o] = exposure_of(&shrunk, s->outcome_losses[o]);
        out->by_outcome[o].person_years = years;
        out->by_outcome[o].losses = (uint32_t)s->outcome_losses[o];
    }
}

static void refuse_own(cb_churn *out, const cb_churn_state *s, const char *reason)
{
    const cb_churn_split *split = &s->split[CB_SPLIT_BASE];
    cb_est none = cb_est_none(reason);
    out->excess = out->own_rate = out->own_cost_minor = none;
    out->after =
        (cb_exposure){(double)split->after_s / CB_YEAR_S, (uint32_t)split->after_losses, none};
    out->clean = (cb_exposure){(double)(s->count[CB_CHURN_SEEN_S] - split->after_s) / CB_YEAR_S,
                               (uint32_t)(s->count[CB_CHURN_LOSSES] - split->after_losses), none};
    for (int o = 0; o < CB_OUTCOMES; o++)
        out->by_outcome[o] = (cb_exposure){(double)s->outcome_s[o] / CB_YEAR_S,
                                           (uint32_t)s->outcome_losses[o], none};
}

static void set_own_terms(cb_churn *out, const cb_churn_state *s, const cb_scope *scope)
{
    for (unsigned v = 0; v < s->splits; v++) {
        cb_churn_terms terms = cb_churn_terms_of(s, scope->settings);
        terms.split = &s->split[v];
        cb_churn_point p = cb_churn_point_of(s, scope, &terms);
        int64_t unvalued = terms.split->listed_with_problem - (int64_t)terms.split->value.n;
        out->own_terms[v] =
            (cb_own_terms){.estimable = !p.own_reason,
                           .excess = p.excess,
                           .known_value_minor = cb_total_double(&terms.split->value),
                           .unvalued = (uint32_t)(unvalued > 0 ? unvalued : 0)};
    }
}

static cb_status set_facts(cb_churn *out, const cb_churn_state *s, const cb_scope *scope,
                           const cb_churn_point *p, cb_error *err)
{
    const cb_assumption *a = scope->settings->assumption;
    uint32_t listed = (uint32_t)s->count[CB_CHURN_LISTED];
    bool fills = a[CB_A_ANNUAL_VALUE].base > 0 && s->value.n < listed;
    out->customers = p->customers;
    out->counted_customers = p->counted;
    out->customers_from = a[CB_A_CUSTOMERS].base > 0 ? "setting"
                          : has_list(scope)          ? "customer list"
                                                     : "customers in the cases";
    out->value_minor = p->value;
    out->valued_customers = (uint32_t)s->value.n;
    out->list_customers = listed;
    out->customers_with_problem = (uint32_t)s->split[CB_SPLIT_BASE].with_problem;
    out->listed_with_problem = (uint32_t)s->split[CB_SPLIT_BASE].listed_with_problem;
    out->person_years = p->years;
    set_own_terms(out, s, scope);
    out->value_from = isnan(p->value) ? "none" : "setting";
    if (s->value.n == 0)
        return CB_OK;
    out->value_from =
        cb_arena_text(scope->arena, "customer list (%u of %u)%s", out->valued_customers, listed,
                      fills ? ", setting for the others" : "")
            .at;
    return out->value_from ? CB_OK : cb_nomem(err, "the value of a customer");
}

static cb_status set_benchmark(cb_churn *out, const draws *d, const cb_scope *scope,
                               const cb_churn_point *p, cb_error *err)
{
    cb_status rc = CB_OK;
    out->benchmark_rate = cb_est_known(p->benchmark_rate);
    if (d->benchmark)
        rc = around(&out->benchmark_rate, p->benchmark_rate, d->benchmark, d->n, scope, err);
    out->benchmark_cost_minor = p->cost_reason
                                    ? cb_est_none(p->cost_reason)
                                    : times(out->benchmark_rate, p->customers * p->value);
    if (!p->cost_reason)
        out->benchmark_cost_minor.value = p->benchmark_cost;
    return rc;
}

static cb_status set_own_figures(cb_churn *out, const draws *d, const cb_churn_state *s,
                                 const cb_scope *scope, const cb_churn_point *p, double weight,
                                 cb_error *err)
{
    out->own_estimable = !p->own_reason;
    out->own_reason = p->own_reason;
    if (p->own_reason) {
        refuse_own(out, s, p->own_reason);
        return CB_OK;
    }
    out->method = CB_CHURN_BLEND;
    set_exposures(out, s, p, weight);
    cb_status rc = around(&out->excess, p->excess, d->excess, d->n, scope, err);
    out->excess_draw = d->excess;
    out->own_rate = times(out->excess, p->own_share);
    out->own_cost_minor =
        isnan(p->own_cost) ? cb_est_none(no_value) : times(out->excess, p->own_value);
    return rc;
}

static cb_status set_headline(cb_churn *out, const draws *d, const cb_scope *scope,
                              const cb_churn_point *p, cb_error *err)
{
    double z = p->credibility;
    double *rate = NULL;
    double *cost = NULL;
    out->reason = p->own_reason;
    out->credibility = z;
    out->rate = out->expected_losses = out->cost_minor =
        cb_est_none(p->customers > 0 ? no_value : no_customer);
    if (!(p->customers > 0))
        return CB_OK;
    out->rate = cb_est_known(p->rate);
    if (!p->cost_reason)
        out->cost_minor = cb_est_known(p->cost);
    bool spreads = d->benchmark || d->excess;
    cb_status rc =
        spreads ? blend(&rate, d, z * p->own_share, 1 - z, p->benchmark_rate, scope->arena, err)
                : CB_OK;
    if (rc == CB_OK && spreads)
        rc = around(&out->rate, p->rate, rate, d->n, scope, err);
    if (rc == CB_OK && spreads && !p->cost_reason)
        rc = blend(&cost, d, z * p->own_value, (1 - z) * p->customers * p->value, p->benchmark_rate,
                   scope->arena, err);
    if (rc == CB_OK && cost)
        rc = around(&out->cost_minor, p->cost, cost, d->n, scope, err);
    out->expected_losses = times(out->rate, p->customers);
    out->rate_draw = rate;
    out->cost_draw = cost;
    return rc;
}

cb_status cb_churn_model(const cb_churn_state *s, const cb_scope *scope, const cb_churn_point *p,
                         cb_churn *out, cb_error *err)
{
    double weight = scope->settings->assumption[CB_A_PRIOR_WEIGHT].base;
    draws d = {.n = scope->settings->draws};
    cb_status rc = set_facts(out, s, scope, p, err);
    if (rc == CB_OK)
        rc = draw_benchmark(&d, scope, p, weight, err);
    if (rc == CB_OK)
        rc = draw_excess(&d, scope, p, err);
    if (rc == CB_OK)
        rc = set_benchmark(out, &d, scope, p, err);
    if (rc == CB_OK)
        rc = set_own_figures(out, &d, s, scope, p, weight, err);
    if (rc == CB_OK)
        rc = set_headline(out, &d, scope, p, err);
    out->draws = (uint32_t)d.n;
    return rc;
}

/* ---- C8 ---- */

/* The terms with one assumption at another value; false where the headline does not know that
 * assumption. */
static bool override_term(cb_churn_terms *t, const cb_churn_state *s, const cb_settings *settings,
                          cb_assumption_ix ix, bool high)
{
    const cb_assumption *a = &settings->assumption[ix];
    double value = high ? a->high : a->low;
    switch (ix) {
    case CB_A_ANNUAL_LOSS_RATE:
        t->rate = value;
        return true;
    case CB_A_SERVICE_SHARE:
        t->share = value;
        return true;
    case CB_A_PRIOR_WEIGHT:
        t->weight = value;
        return true;
    case CB_A_CUSTOMERS:
        t->customers = value;
        return true;
    case CB_A_ANNUAL_VALUE:
        t->annual_value = cb_churn_minor(settings, value);
        return true;
    case CB_A_AFTER_PROBLEM_DAYS:
        t->split = &s->split[high ? CB_SPLIT_HIGH : CB_SPLIT_LOW];
        return true;
    case CB_A_LIFETIME:
        t->lifetime = value;
        return true;
    case CB_A_RETENTION:
        t->retention = value;
        return true;
    case CB_A_DISCOUNT:
        t->discount = value;
        return true;
    default:
        return false;
    }
}

static double width_of(const cb_tornado_bar *bar)
{
    return fabs(bar->high_minor - bar->low_minor);
}

static void insert_bar(cb_churn *out, const cb_tornado_bar *bar)
{
    unsigned at = out->bars++;
    for (; at > 0 && width_of(&out->bar[at - 1]) < width_of(bar); at--)
        out->bar[at] = out->bar[at - 1];
    out->bar[at] = *bar;
}

static bool moves(double cost, double base)
{
    return isfinite(cost) && fabs(cost - base) > 1e-9 * fabs(base);
}

void cb_churn_tornado(const cb_churn_state *s, const cb_scope *scope, const cb_churn_point *base,
                      cb_churn *out)
{
    const cb_settings *settings = scope->settings;
    for (int ix = 0; ix < CB_ASSUMPTIONS && !base->cost_reason; ix++) {
        const cb_assumption *a = &settings->assumption[ix];
        cb_churn_terms low = cb_churn_terms_of(s, settings);
        cb_churn_terms high = low;
        if (!(a->low < a->high) || !override_term(&low, s, settings, (cb_assumption_ix)ix, false))
            continue;
        (void)override_term(&high, s, settings, (cb_assumption_ix)ix, true);
        cb_tornado_bar bar = {.assumption = (cb_assumption_ix)ix,
                              .low_value = a->low,
                              .base_value = a->base,
                              .high_value = a->high,
                              .low_minor = cb_churn_point_of(s, scope, &low).cost,
                              .high_minor = cb_churn_point_of(s, scope, &high).cost};
        if (moves(bar.low_minor, base->cost) || moves(bar.high_minor, base->cost))
            insert_bar(out, &bar);
    }
}
