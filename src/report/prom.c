/* casebook.prom: OpenMetrics text for a node exporter's textfile folder. No names, no ids: figures
 * only. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "casebook/report.h"

typedef struct out {
    cb_buf *text;
    cb_status rc;
} out;

static void family(out *o, const char *name, const char *type, const char *help)
{
    if (o->rc == CB_OK)
        o->rc = cb_buf_text(o->text, "# TYPE %s %s\n# HELP %s %s\n", name, type, name, help);
}

static void sample(out *o, const char *name, const char *labels, double value)
{
    if (o->rc == CB_OK && isfinite(value))
        o->rc = cb_buf_text(o->text, "%s%s %.15g\n", name, labels, value);
}

static void run_facts(out *o, const cb_run_facts *facts)
{
    family(o, "casebook_last_success_timestamp_seconds", "gauge",
           "When the last successful run ended.");
    sample(o, "casebook_last_success_timestamp_seconds", "", (double)facts->finished_utc_s);
    family(o, "casebook_duration_seconds", "gauge", "How long it took.");
    sample(o, "casebook_duration_seconds", "", facts->seconds);
    family(o, "casebook_peak_memory_bytes", "gauge", "Its largest resident memory.");
    sample(o, "casebook_peak_memory_bytes", "", (double)facts->peak_bytes);
}

static void rows_by_role(out *o, const cb_ingest *ingest)
{
    static const char *const outcomes[] = {"accepted", "superseded", "rejected", "blank"};
    uint64_t rows[CB_ROLES][4] = {{0}};
    for (unsigned i = 0; i < cb_ingest_inputs(ingest); i++) {
        const cb_input_facts *input = cb_ingest_input(ingest, i);
        rows[input->role][0] += input->accepted;
        rows[input->role][1] += input->superseded;
        rows[input->role][2] += input->rejected;
        rows[input->role][3] += input->blank;
    }
    family(o, "casebook_rows", "gauge", "Rows read by role and what became of them.");
    for (int role = 0; role < CB_ROLES; role++)
        for (int k = 0; k < 4; k++) {
            char labels[96];
            snprintf(labels, sizeof labels, "{role=\"%s\",outcome=\"%s\"}", cb_role_names[role],
                     outcomes[k]);
            sample(o, "casebook_rows", labels, (double)rows[role][k]);
        }
}

typedef struct figure {
    const char *name, *help;
    double (*value)(const cb_report *report);
} figure;

static double major(const cb_report *report, double minor)
{
    return minor / cb_currency_scale(report->settings->currency_digits);
}

static double open_cases(const cb_report *r)
{
    return r->results[CB_NOW].flow.open_at_end;
}
static double median_hours(const cb_report *r)
{
    return r->results[CB_NOW].resolution.hours.median_h.value;
}
static double adequate(const cb_report *r)
{
    return r->results[CB_NOW].remedy.all.share_adequate.value;
}
static double shortfall(const cb_report *r)
{
    return major(r, (double)r->results[CB_NOW].remedy.all.shortfall_minor);
}
static double repeat_share(const cb_report *r)
{
    return r->results[CB_NOW].recurrence.rate.value;
}
static double churn_cost(const cb_report *r)
{
    return major(r, r->results[CB_NOW].churn.cost_minor.value);
}
static double at_risk(const cb_report *r)
{
    return r->results[CB_NOW].churn.at_risk;
}

static const figure figures[] = {
    {"casebook_open_cases", "Cases open at the period's end.", open_cases},
    {"casebook_resolution_median_hours", "Median resolution time, open cases included.",
     median_hours},
    {"casebook_remedies_adequate_ratio", "Share of remedies that cover the loss.", adequate},
    {"casebook_shortfall", "Losses not made good, in the report's currency.", shortfall},
    {"casebook_repeat_ratio", "Share of cases that repeat an earlier one.", repeat_share},
    {"casebook_churn_cost", "Expected yearly cost of lost customers, in the report's currency.",
     churn_cost},
    {"casebook_customers_at_risk",
     "Customers after a problem that was not solved quickly and adequately.", at_risk},
};

cb_status cb_report_prom(const cb_report *const *reports, unsigned n, const cb_run_facts *facts,
                         cb_buf *text, cb_error *err)
{
    out o = {text, CB_OK};
    run_facts(&o, facts);
    if (n > 0)
        rows_by_role(&o, reports[0]->ingest);
    for (size_t f = 0; f < sizeof figures / sizeof figures[0]; f++) {
        family(&o, figures[f].name, "gauge", figures[f].help);
        for (unsigned i = 0; i < n; i++) {
            char labels[64];
            snprintf(labels, sizeof labels, "{report=\"%s\"}", cb_report_names[reports[i]->kind]);
            sample(&o, figures[f].name, labels, figures[f].value(reports[i]));
        }
    }
    if (o.rc == CB_OK)
        o.rc = cb_buf_text(text, "# EOF\n");
    return o.rc == CB_OK ? CB_OK : cb_nomem(err, "casebook.prom");
}
