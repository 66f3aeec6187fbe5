#include <math.h>

#include "compose.h"
#include "summary.h"

static void put_figures(cb_doc *doc, json_t *in, const cb_remedy_figures *f)
{
    cb_doc_count(doc, in, "cases", f->cases);
    cb_doc_count(doc, in, "eligible", f->eligible);
    cb_doc_real(doc, in, "coverage", f->cases ? (double)f->loss_known / f->cases : NAN, "no case");
    cb_doc_money(doc, in, "loss", f->loss_minor);
    cb_doc_money(doc, in, "remedy", f->remedy_minor);
    cb_doc_real(doc, in, "ratio", f->ratio, "no eligible case");
    cb_doc_real(doc, in, "median_ratio", f->median_ratio, "no eligible case");
    cb_doc_est(doc, in, "share_adequate", f->share_adequate);
    cb_doc_money(doc, in, "shortfall", f->shortfall_minor);
    cb_doc_money(doc, in, "excess", f->excess_minor);
    json_t *bands = cb_doc_object(doc, in, "bands");
    for (int band = 0; band < CB_BANDS; band++)
        cb_doc_count(doc, bands, cb_band_names[band], f->bands[band]);
}

void cb_summary_remedy(cb_doc *doc, json_t *root, const cb_report *report)
{
    const cb_remedy *r = &report->results[CB_NOW].remedy;
    json_t *in = cb_doc_object(doc, root, "remedy");
    put_figures(doc, in, &r->all);
    cb_doc_money(doc, in, "direct_loss", r->all.direct_minor);
    cb_doc_money(doc, in, "consequential_loss", r->all.consequential_minor);
    cb_doc_real(doc, in, "largest_losses_share", r->largest_share, "no eligible case");
    put_figures(doc, cb_doc_object(doc, in, "without_largest_losses"), &r->without_largest);
    cb_doc_count(doc, in, "open_cases_with_loss", r->open_cases);
    cb_doc_money(doc, in, "exposure", r->exposure_minor);
    json_t *by = cb_doc_object(doc, in, "by");
    for (int dim = 0; dim < CB_DIMS; dim++) {
        json_t *array = cb_doc_array(doc, by, cb_dim_names[dim]);
        for (uint32_t i = 0; i < r->by[dim].n; i++) {
            if (cb_group_hidden(report, (cb_dim)dim, r->by[dim].group[i].word))
                continue;
            json_t *item = cb_doc_item(doc, array);
            cb_doc_text(doc, item, "key",
                        cb_dim_text(report->scope->book, (cb_dim)dim, r->by[dim].group[i].word));
            put_figures(doc, item, &r->by[dim].group[i].figures);
        }
    }
}

static void put_own(cb_doc *doc, json_t *in, const cb_churn *c)
{
    if (!c->own_estimable) {
        cb_doc_null(doc, in, "own", c->own_reason);
        return;
    }
    json_t *own = cb_doc_object(doc, in, "own");
    cb_doc_real(doc, own, "person_years_after", c->after.person_years, NULL);
    cb_doc_count(doc, own, "losses_after", c->after.losses);
    cb_doc_est(doc, own, "rate_after", c->after.rate);
    cb_doc_real(doc, own, "person_years_clean", c->clean.person_years, NULL);
    cb_doc_count(doc, own, "losses_clean", c->clean.losses);
    cb_doc_est(doc, own, "rate_clean", c->clean.rate);
    cb_doc_est(doc, own, "rate", c->own_rate);
    cb_doc_est_money(doc, own, "cost", c->own_cost_minor);
    json_t *by = cb_doc_array(doc, own, "by_outcome");
    for (int o = 0; o < CB_OUTCOMES; o++) {
        json_t *item = cb_doc_item(doc, by);
        cb_doc_text(doc, item, "key", cb_str_of(cb_outcome_names[o]));
        cb_doc_real(doc, item, "person_years", c->by_outcome[o].person_years, NULL);
        cb_doc_count(doc, item, "losses", c->by_outcome[o].losses);
        cb_doc_est(doc, item, "rate", c->by_outcome[o].rate);
    }
}

static void put_triple(cb_doc *doc, json_t *in, const char *key, const double triple[3],
                       const char *money)
{
    static const char *const names[] = {"low", "base", "high"};
    json_t *object = cb_doc_object(doc, in, key);
    for (int i = 0; i < 3; i++) {
        if (money)
            cb_doc_money_real(doc, object, names[i], triple[i], money);
        else
            cb_doc_real(doc, object, names[i], triple[i], cb_no_case_of_customer);
    }
}

static void put_tornado(cb_doc *doc, json_t *in, const cb_churn *c)
{
    json_t *array = cb_doc_array(doc, in, "tornado");
    for (unsigned i = 0; i < c->bars; i++) {
        const cb_tornado_bar *bar = &c->bar[i];
        json_t *item = cb_doc_item(doc, array);
        cb_doc_text(doc, item, "assumption", cb_str_of(cb_assumption_table[bar->assumption].key));
        cb_doc_money_real(doc, item, "low", bar->low_minor, "not estimable");
        cb_doc_money_real(doc, item, "high", bar->high_minor, "not estimable");
        cb_doc_real(doc, item, "low_value", bar->low_value, NULL);
        cb_doc_real(doc, item, "base_value", bar->base_value, NULL);
        cb_doc_real(doc, item, "high_value", bar->high_value, NULL);
    }
}

static void put_backtest(cb_doc *doc, json_t *in, const cb_churn *c)
{
    if (c->backtests == 0) {
        cb_doc_null(doc, in, "backtest", c->backtest_reason);
        return;
    }
    json_t *array = cb_doc_array(doc, in, "backtest");
    for (unsigned i = 0; i < c->backtests; i++) {
        const cb_backtest_row *row = &c->backtest[i];
        json_t *item = cb_doc_item(doc, array);
        cb_doc_text(doc, item, "quarter", cb_str_of(row->quarter.label));
        cb_doc_est(doc, item, "forecast", cb_est_of(row->forecast, row->low, row->high));
        cb_doc_count(doc, item, "seen", row->seen);
        cb_doc_set(doc, item, "inside", json_boolean(row->inside));
    }
}

static void put_churn_groups(cb_doc *doc, json_t *in, const cb_report *report, const cb_churn *c)
{
    json_t *by = cb_doc_object(doc, in, "by");
    for (int dim = 0; dim < CB_DIMS; dim++) {
        json_t *array = cb_doc_array(doc, by, cb_dim_names[dim]);
        for (uint32_t i = 0; i < c->by[dim].n; i++) {
            const cb_churn_group *group = &c->by[dim].group[i];
            if (cb_group_hidden(report, (cb_dim)dim, group->word))
                continue;
            json_t *item = cb_doc_item(doc, array);
            cb_doc_text(doc, item, "key",
                        cb_dim_text(report->scope->book, (cb_dim)dim, group->word));
            cb_doc_count(doc, item, "customers", group->customers);
            cb_doc_money_real(doc, item, "cost", group->cost_minor, cb_no_value);
            cb_doc_real(doc, item, "customers_lost", group->customers_lost, NULL);
        }
    }
}

void cb_summary_churn(cb_doc *doc, json_t *root, const cb_report *report)
{
    const cb_churn *c = &report->results[CB_NOW].churn;
    json_t *in = cb_doc_object(doc, root, "churn");
    cb_doc_text(doc, in, "method", cb_str_of(c->method == CB_CHURN_BLEND ? "blend" : "benchmark"));
    if (c->reason)
        cb_doc_text(doc, in, "method_reason", cb_str_of(c->reason));
    cb_doc_real(doc, in, "credibility", c->credibility, NULL);
    cb_doc_est(doc, in, "rate", c->rate);
    cb_doc_est(doc, in, "excess", c->excess);
    cb_doc_real(doc, in, "customers", c->customers, "no customer is known");
    cb_doc_text(doc, in, "customers_from", cb_str_of(c->customers_from));
    cb_doc_money_real(doc, in, "value_per_customer", c->value_minor, cb_no_value);
    cb_doc_count(doc, in, "customers_with_problem", c->customers_with_problem);
    cb_doc_est(doc, in, "expected_losses", c->expected_losses);
    cb_doc_est_money(doc, in, "cost", c->cost_minor);
    json_t *benchmark = cb_doc_object(doc, in, "benchmark");
    cb_doc_real(doc, benchmark, "rate", c->benchmark_rate.value, c->benchmark_rate.reason);
    cb_doc_money_real(doc, benchmark, "cost", c->benchmark_cost_minor.value,
                      c->benchmark_cost_minor.reason);
    json_t *bottom_up = cb_doc_object(doc, in, "bottom_up");
    cb_doc_real(doc, bottom_up, "losses", c->bottom_up_losses, cb_no_case_of_customer);
    cb_doc_money_real(doc, bottom_up, "cost", c->bottom_up_cost_minor, cb_why_no_cost(c));
    put_triple(doc, in, "silent", c->silent_leavers, NULL);
    put_triple(doc, in, "silent_cost", c->silent_cost_minor, cb_why_no_cost(c));
    put_own(doc, in, c);
    put_tornado(doc, in, c);
    put_backtest(doc, in, c);
    cb_doc_count(doc, in, "at_risk", c->at_risk);
    cb_doc_money(doc, in, "at_risk_value", c->at_risk_value_minor);
    put_churn_groups(doc, in, report, c);
}
