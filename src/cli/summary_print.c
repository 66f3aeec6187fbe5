#include <math.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "facts.h"

enum { FILES_BY_NAME = 6 };

/* "2,638,069": whole units of the currency, in groups of three. */
static void group_digits(char out[64], const cb_settings *settings, double minor)
{
    char digits[CB_GROUPED_BYTES];
    double major = nearbyint(minor / cb_currency_scale(settings->currency_digits));
    cb_group_digits(digits, (uint64_t)fmin(fabs(major), 1e18));
    snprintf(out, 64, "%s%s", major < 0 ? "-" : "", digits);
}

static void input_line(const cb_options *options, const cb_input_facts *input)
{
    const char *slash = strrchr(input->path.at, '/');
    cb_note(options,
            "%-9s %s: rows %llu = accepted %llu + superseded %llu + rejected %llu + blank %llu",
            cb_role_names[input->role], slash ? slash + 1 : input->path.at,
            (unsigned long long)input->rows, (unsigned long long)input->accepted,
            (unsigned long long)input->superseded, (unsigned long long)input->rejected,
            (unsigned long long)input->blank);
}

static void files_by_name(const cb_options *options, const cb_ingest *ingest)
{
    for (unsigned i = 0; i < cb_ingest_inputs(ingest); i++) {
        const cb_input_facts *input = cb_ingest_input(ingest, i);
        input_line(options, input);
        if (input->rejected > 0)
            cb_note(options,
                    "          rejected rows: %s/rejected/" CB_STR_FMT ".csv, reasons beside it",
                    options->out, CB_STR_ARG(input->stem));
    }
}

/* A file a day for a year is no screen. */
static void files_by_role(const cb_options *options, const cb_ingest *ingest)
{
    for (int role = 0; role < CB_ROLES; role++) {
        cb_input_facts sum = {.role = (cb_role)role};
        unsigned files = 0;
        for (unsigned i = 0; i < cb_ingest_inputs(ingest); i++) {
            const cb_input_facts *input = cb_ingest_input(ingest, i);
            if (input->role != (cb_role)role)
                continue;
            files++;
            sum.rows += input->rows;
            sum.accepted += input->accepted;
            sum.superseded += input->superseded;
            sum.rejected += input->rejected;
            sum.blank += input->blank;
        }
        char name[32];
        snprintf(name, sizeof name, "%u files", files);
        sum.path = cb_str_of(name);
        if (files > 0)
            input_line(options, &sum);
        if (sum.rejected > 0)
            cb_note(options, "          rejected rows: below %s/rejected, reasons beside them",
                    options->out);
    }
}

/* "EUR 157", or where the inputs and the settings name no currency "157 (no currency is given)". */
static void money_text(char out[128], const cb_settings *settings, double minor)
{
    char digits[64];
    bool known = settings->currency[0] != '\0';
    group_digits(digits, settings, minor);
    snprintf(out, 128, "%s%s%s%s", settings->currency, known ? " " : "", digits,
             known ? "" : " (no currency is given)");
}

static void cost_line(const cb_options *options, const cb_report *report)
{
    const cb_churn *churn = &report->results[CB_NOW].churn;
    char cost[128], low[64], high[64];
    if (!isfinite(churn->cost_minor.value)) {
        cb_note(options, "  lost customers cost  not estimable: %s",
                churn->cost_minor.reason ? churn->cost_minor.reason : "no data");
        return;
    }
    money_text(cost, report->settings, churn->cost_minor.value);
    group_digits(low, report->settings, churn->cost_minor.low);
    group_digits(high, report->settings, churn->cost_minor.high);
    cb_note(options, "  lost customers cost  %s a year (%s to %s)", cost, low, high);
}

static void remedy_line(const cb_options *options, const cb_report *report)
{
    const cb_remedy_figures *remedy = &report->results[CB_NOW].remedy.all;
    char shortfall[128];
    if (!isfinite(remedy->share_adequate.value)) {
        cb_note(options, "  remedy covers loss   not estimable: %s",
                remedy->share_adequate.reason ? remedy->share_adequate.reason : "no case");
        return;
    }
    money_text(shortfall, report->settings, (double)remedy->shortfall_minor);
    cb_note(options, "  remedy covers loss   %.1f %% (n = %u), shortfall %s",
            100 * remedy->share_adequate.value, remedy->eligible, shortfall);
}

static void figures(const cb_options *options, const cb_report *report)
{
    const cb_resolution *r = &report->results[CB_NOW].resolution;
    cb_note(options, "%s %s: %u case%s", cb_report_names[report->kind],
            report->scope->window[CB_NOW].period.label, r->cases, cb_plural(r->cases));
    if (isfinite(r->hours.median_h.value))
        cb_note(options, "  median resolution    %.1f h (n = %u, %u open included)",
                r->hours.median_h.value, r->hours.n, r->hours.open);
    else
        cb_note(options, "  median resolution    not estimable: %s",
                r->hours.median_h.reason ? r->hours.median_h.reason : "no case");
    remedy_line(options, report);
    cost_line(options, report);
}

static void idle_targets(const cb_options *options, const cb_report *report)
{
    char names[256] = "";
    size_t at = 0;
    for (unsigned t = 0; t < report->settings->targets && at < sizeof names; t++)
        if (cb_facts_idle_target(report->ingest, report->settings, t))
            at += (size_t)snprintf(names + at, sizeof names - at, "%s" CB_STR_FMT, at ? ", " : "",
                                   CB_STR_ARG(report->settings->target[t].priority));
    if (at > 0)
        cb_note(options, "  targets: no case has the priority %s", names);
}

void cb_summary_print(const cb_options *options, const cb_report *reports, unsigned n,
                      char (*stem)[80])
{
    /* From cron nothing is said unless something is wrong. */
    if (n == 0 || options->quiet || !(options->verbose || isatty(STDERR_FILENO)))
        return;
    if (cb_ingest_inputs(reports[0].ingest) <= FILES_BY_NAME)
        files_by_name(options, reports[0].ingest);
    else
        files_by_role(options, reports[0].ingest);
    unsigned shown = n - 1;
    for (unsigned i = 0; i < n; i++)
        if (reports[i].kind == CB_REPORT_QUARTERLY)
            shown = i;
    figures(options, &reports[shown]);
    idle_targets(options, &reports[shown]);
    for (unsigned i = 0; i < n; i++)
        cb_note(options, "wrote %s/%s%s", options->out, stem[i],
                options->xlsx && options->json ? ".xlsx and .json"
                : options->xlsx                ? ".xlsx"
                                               : ".json");
}
