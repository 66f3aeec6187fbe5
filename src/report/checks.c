#include <stdarg.h>
#include <stdio.h>

#include "summary.h"

typedef struct list {
    cb_check *at;
    unsigned n;
} list;

static void add(list *checks, int64_t left, int64_t right, const char *format, ...) CB_PRINTF(4, 5);

static void add(list *checks, int64_t left, int64_t right, const char *format, ...)
{
    if (checks->n == CB_MAX_CHECKS)
        return;
    cb_check *check = &checks->at[checks->n++];
    va_list values;
    va_start(values, format);
    if (vsnprintf(check->name, sizeof check->name, format, values) < 0)
        check->name[0] = '\0';
    va_end(values);
    check->left = left;
    check->right = right;
    check->difference = left - right;
}

static void check_inputs(list *checks, const cb_ingest *ingest)
{
    uint64_t rows[CB_ROLES] = {0}, sum[CB_ROLES] = {0}, accepted[CB_ROLES] = {0};
    bool used[CB_ROLES] = {false};
    for (unsigned i = 0; i < cb_ingest_inputs(ingest); i++) {
        const cb_input_facts *input = cb_ingest_input(ingest, i);
        rows[input->role] += input->rows;
        sum[input->role] += input->accepted + input->superseded + input->rejected + input->blank;
        accepted[input->role] += input->accepted;
        used[input->role] = true;
    }
    const cb_book *book = cb_ingest_book(ingest);
    for (int role = 0; role < CB_ROLES; role++) {
        if (!used[role])
            continue;
        add(checks, (int64_t)rows[role], (int64_t)sum[role],
            "%s: rows read = accepted + superseded + rejected + blank", cb_role_names[role]);
        add(checks, (int64_t)accepted[role],
            (int64_t)(book->table[role].n + book->opened_after_as_of[role]),
            "%s: accepted = in the book + later than as-of", cb_role_names[role]);
    }
}

static void check_flow(list *checks, const cb_flow *flow, const char *which)
{
    add(checks,
        (int64_t)flow->open_at_start + flow->opened + (int64_t)flow->reopened -
            (int64_t)flow->resolved,
        flow->open_at_end, "Flow, %s: open at start + opened + reopened - resolved = open at end",
        which);
    int64_t backlog = 0;
    for (uint32_t i = 0; i < flow->backlog_rows; i++)
        backlog += flow->backlog[i].n;
    add(checks, backlog, flow->open_at_end, "Flow, %s: backlog by priority = open at end", which);
}

static void check_resolution(list *checks, const cb_resolution *r)
{
    add(checks, r->cases, (int64_t)r->hours.n + r->closed_unknown + r->withdrawn,
        "Resolution: cases = timed + closed at an unknown time + withdrawn");
    add(checks, r->hours.n, (int64_t)r->hours.resolved + r->hours.open,
        "Resolution: timed = resolved + open");
    for (int dim = 0; dim < CB_DIMS; dim++) {
        int64_t sum = 0;
        if (!r->by[dim].present)
            continue;
        for (uint32_t i = 0; i < r->by[dim].groups; i++)
            sum += r->by[dim].group[i].cases;
        add(checks, sum, r->cases, "Resolution: sum over groups of %s = cases", cb_dim_names[dim]);
    }
}

static void check_remedy(list *checks, const cb_remedy *r)
{
    int64_t bands = 0;
    for (int band = 0; band < CB_BANDS; band++)
        bands += r->all.bands[band];
    add(checks, bands, r->all.eligible, "Remedies: sum of the bands = eligible cases");
    add(checks, r->all.loss_minor - r->all.remedy_minor,
        r->all.shortfall_minor - r->all.excess_minor,
        "Remedies: loss - remedy = shortfall - excess (minor units)");
    add(checks, r->all.direct_minor + r->all.consequential_minor, r->all.loss_minor,
        "Remedies: direct + consequential = loss (minor units)");
    for (int dim = 0; dim < CB_DIMS; dim++) {
        int64_t shortfall = 0;
        if (r->by[dim].n == 0)
            continue;
        for (uint32_t i = 0; i < r->by[dim].n; i++)
            shortfall += r->by[dim].group[i].figures.shortfall_minor;
        add(checks, shortfall, r->all.shortfall_minor,
            "Remedies: sum of shortfall over %s = shortfall (minor units)", cb_dim_names[dim]);
    }
}

static void check_recurrence(list *checks, const cb_results *now)
{
    int64_t cases = 0, shortfall = 0;
    for (uint32_t i = 0; i < now->recurrence.clusters; i++) {
        cases += now->recurrence.cluster[i].cases;
        shortfall += now->recurrence.cluster[i].shortfall_minor;
    }
    add(checks, cases, now->resolution.cases, "Root causes: sum of cases over clusters = cases");
    add(checks, shortfall, now->remedy.all.shortfall_minor,
        "Root causes: sum of shortfall over clusters = shortfall (minor units)");
}

unsigned cb_checks_of(const cb_report *report, cb_check checks[CB_MAX_CHECKS])
{
    list all = {checks, 0};
    const cb_results *now = &report->results[CB_NOW];
    check_inputs(&all, report->ingest);
    check_flow(&all, &now->flow, report->scope->window[CB_NOW].period.label);
    check_resolution(&all, &now->resolution);
    check_remedy(&all, &now->remedy);
    check_recurrence(&all, now);
    return all.n;
}
