#include "summary.h"

static void put_res(cb_doc *doc, json_t *in, const cb_res *res)
{
    cb_doc_count(doc, in, "n", res->n);
    cb_doc_count(doc, in, "resolved", res->resolved);
    cb_doc_count(doc, in, "open", res->open);
    cb_doc_est(doc, in, "median", res->median_h);
    cb_doc_est(doc, in, "p90", res->p90_h);
    cb_doc_est(doc, in, "p95", res->p95_h);
    cb_doc_est(doc, in, "restricted_mean", res->restricted_mean_h);
    cb_doc_real(doc, in, "tau", res->tau_h, "no case");
    json_t *only = cb_doc_object(doc, in, "resolved_only");
    const struct {
        const char *key;
        cb_est est;
    } rows[] = {{"mean", res->resolved_only.mean_h},
                {"median", res->resolved_only.median_h},
                {"p90", res->resolved_only.p90_h},
                {"p95", res->resolved_only.p95_h}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        cb_doc_real(doc, only, rows[i].key, rows[i].est.value, rows[i].est.reason);
}

static void put_group(cb_doc *doc, json_t *array, const cb_res_group *group)
{
    json_t *in = cb_doc_item(doc, array);
    cb_doc_text(doc, in, "key", group->text);
    cb_doc_count(doc, in, "cases", group->cases);
    put_res(doc, in, &group->hours);
    cb_doc_est(doc, in, "business_median", group->business_median_h);
    cb_doc_est(doc, in, "first_response_median", group->response_median_h);
}

static void put_targets(cb_doc *doc, json_t *in, const cb_resolution *r)
{
    json_t *target = cb_doc_object(doc, in, "target");
    cb_doc_count(doc, target, "within", r->target.within);
    cb_doc_count(doc, target, "n", r->target.n);
    cb_doc_est(doc, target, "share", r->target.share);
    json_t *by = cb_doc_array(doc, target, "by_priority");
    for (uint32_t i = 0; i < r->priorities; i++) {
        json_t *item = cb_doc_item(doc, by);
        cb_doc_text(doc, item, "key", r->by_priority[i].text);
        cb_doc_real(doc, item, "target_hours", (double)r->by_priority[i].target_s / CB_HOUR_S,
                    NULL);
        cb_doc_count(doc, item, "within", r->by_priority[i].within);
        cb_doc_count(doc, item, "n", r->by_priority[i].n);
        cb_doc_est(doc, item, "share", r->by_priority[i].share);
    }
}

static void put_versus(cb_doc *doc, json_t *in, const cb_report *report,
                       const cb_res_versus *versus)
{
    json_t *object = cb_doc_object(doc, in, "versus_previous");
    cb_doc_real(doc, object, "p_value", versus->p_value, versus->reason);
    cb_doc_count(doc, object, "n_now", versus->n_now);
    cb_doc_count(doc, object, "n_before", versus->n_before);
    json_t *changes = cb_doc_array(doc, object, "groups");
    for (uint32_t i = 0; i < versus->changes; i++) {
        const cb_res_change *change = &versus->change[i];
        if (cb_group_hidden(report, change->dim, change->word))
            continue;
        json_t *item = cb_doc_item(doc, changes);
        cb_doc_text(doc, item, "by", cb_str_of(cb_dim_names[change->dim]));
        cb_doc_text(doc, item, "key", change->text);
        cb_doc_est(doc, item, "median_now", change->median_now_h);
        cb_doc_est(doc, item, "median_before", change->median_before_h);
        cb_doc_real(doc, item, "p_value", change->p_value, change->reason);
        cb_doc_real(doc, item, "p_adjusted", change->p_adjusted, change->reason);
    }
}

static void put_flow(cb_doc *doc, json_t *root, const cb_flow *flow)
{
    json_t *in = cb_doc_object(doc, root, "flow");
    cb_doc_count(doc, in, "open_at_start", flow->open_at_start);
    cb_doc_count(doc, in, "opened", flow->opened);
    cb_doc_count(doc, in, "reopened", flow->reopened);
    cb_doc_count(doc, in, "resolved", flow->resolved);
    cb_doc_count(doc, in, "open_at_end", flow->open_at_end);
    cb_doc_count(doc, in, "opened_closed_unknown", flow->opened_closed_unknown);
    cb_doc_count(doc, in, "opened_withdrawn", flow->opened_withdrawn);
}

void cb_summary_resolution(cb_doc *doc, json_t *root, const cb_report *report)
{
    const cb_resolution *r = &report->results[CB_NOW].resolution;
    put_flow(doc, root, &report->results[CB_NOW].flow);
    json_t *in = cb_doc_object(doc, root, "resolution");
    cb_doc_count(doc, in, "cases", r->cases);
    cb_doc_count(doc, in, "closed_unknown", r->closed_unknown);
    cb_doc_count(doc, in, "withdrawn", r->withdrawn);
    cb_doc_count(doc, in, "contradictions", r->contradictions);
    put_res(doc, cb_doc_object(doc, in, "hours"), &r->hours);
    put_res(doc, cb_doc_object(doc, in, "business_hours"), &r->business_hours);
    put_res(doc, cb_doc_object(doc, in, "first_response_hours"), &r->first_response_hours);
    json_t *by = cb_doc_object(doc, in, "by");
    for (int dim = 0; dim < CB_DIMS; dim++) {
        json_t *array = cb_doc_array(doc, by, cb_dim_names[dim]);
        for (uint32_t i = 0; i < r->by[dim].groups; i++)
            if (!cb_group_hidden(report, (cb_dim)dim, r->by[dim].group[i].word))
                put_group(doc, array, &r->by[dim].group[i]);
    }
    put_targets(doc, in, r);
    put_versus(doc, in, report, &r->versus_previous);
}
