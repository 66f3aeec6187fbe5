#include "summary.h"

enum { CLUSTERS_IN_SUMMARY = 100 };

static cb_str word_of(const cb_report *report, cb_dim dim, uint32_t word)
{
    return cb_dim_text(report->scope->book, dim, word);
}

static void put_signals(cb_doc *doc, json_t *in, const cb_report *report, const cb_recurrences *r)
{
    json_t *array = cb_doc_array(doc, in, "signals");
    for (uint32_t i = 0; i < r->signals; i++) {
        const cb_signal *signal = &r->signal[i];
        if (!signal->significant)
            continue;
        json_t *item = cb_doc_item(doc, array);
        cb_doc_text(doc, item, "by", cb_str_of(cb_dim_names[signal->dim]));
        cb_doc_text(doc, item, "key", word_of(report, signal->dim, signal->word));
        cb_doc_count(doc, item, "now", signal->now);
        cb_doc_count(doc, item, "before", signal->before);
        cb_doc_est(doc, item, "rate_ratio", signal->ratio);
        cb_doc_real(doc, item, "p_adjusted", signal->q, NULL);
        cb_doc_set(doc, item, "rising", json_boolean(signal->rising));
    }
}

void cb_summary_recurrence(cb_doc *doc, json_t *root, const cb_report *report)
{
    const cb_recurrences *r = &report->results[CB_NOW].recurrence;
    json_t *in = cb_doc_object(doc, root, "recurrence");
    cb_doc_count(doc, in, "repeats", r->repeats);
    cb_doc_count(doc, in, "eligible", r->eligible);
    cb_doc_est(doc, in, "rate", r->rate);
    json_t *array = cb_doc_array(doc, in, "clusters");
    for (uint32_t i = 0; i < r->clusters && i < CLUSTERS_IN_SUMMARY; i++) {
        const cb_cluster *cluster = &r->cluster[i];
        json_t *item = cb_doc_item(doc, array);
        cb_doc_text(doc, item, "root_cause", word_of(report, CB_DIM_CAUSE, cluster->cause));
        cb_doc_text(doc, item, "product", word_of(report, CB_DIM_PRODUCT, cluster->product));
        cb_doc_count(doc, item, "cases", cluster->cases);
        cb_doc_count(doc, item, "customers", cluster->customers);
        cb_doc_count(doc, item, "repeats", cluster->repeats);
        cb_doc_money(doc, item, "shortfall", cluster->shortfall_minor);
        cb_doc_est_money(doc, item, "cost", cluster->cost_minor);
        cb_doc_est_money(doc, item, "worth", cluster->worth_minor);
        cb_doc_real(doc, item, "share", cluster->share_cases, "no case");
    }
    cb_doc_count(doc, in, "clusters_in_all", r->clusters);
    put_signals(doc, in, report, r);
}

static void put_effect(cb_doc *doc, json_t *array, const char *name, const cb_effect *effect)
{
    json_t *item = cb_doc_item(doc, array);
    cb_doc_text(doc, item, "outcome", cb_str_of(name));
    cb_doc_count(doc, item, "with_n", effect->with_n);
    cb_doc_count(doc, item, "with_yes", effect->with_yes);
    cb_doc_count(doc, item, "without_n", effect->without_n);
    cb_doc_count(doc, item, "without_yes", effect->without_yes);
    cb_doc_est(doc, item, "odds_ratio", effect->odds_ratio);
    cb_doc_est(doc, item, "risk_difference", effect->risk_difference);
}

static void put_reviews(cb_doc *doc, json_t *root, const cb_review *r)
{
    json_t *in = cb_doc_object(doc, root, "reviews");
    cb_doc_count(doc, in, "n", r->all.n);
    cb_doc_real(doc, in, "mean", r->all.mean, r->reason ? r->reason : "no review in the period");
    cb_doc_est(doc, in, "low", r->all.low);
    cb_doc_count(doc, in, "linked", r->linked);
    cb_doc_count(doc, in, "reach", r->all.reach);
}

void cb_summary_practice(cb_doc *doc, json_t *root, const cb_report *report)
{
    const cb_practice *p = &report->results[CB_NOW].practice;
    json_t *array = cb_doc_array(doc, root, "practice");
    for (int step = 0; step < CB_STEPS; step++) {
        const cb_step_figures *figures = &p->step[step];
        json_t *item = cb_doc_item(doc, array);
        cb_doc_text(doc, item, "step", cb_str_of(cb_step_names[step]));
        cb_doc_count(doc, item, "done", figures->done);
        cb_doc_count(doc, item, "eligible", figures->eligible);
        cb_doc_est(doc, item, "share", figures->share);
        json_t *effects = cb_doc_array(doc, item, "effects");
        for (int e = 0; e < CB_EFFECTS; e++)
            put_effect(doc, effects, cb_effect_names[e], &figures->effect[e]);
    }
    put_reviews(doc, root, &report->results[CB_NOW].review);
}
