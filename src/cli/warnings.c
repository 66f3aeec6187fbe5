/* What a run that worked wants to be looked at all the same. */
#include "warnings.h"

#include <stdlib.h>

void cb_warn_ahead(const cb_options *options, const cb_ingest *ingest)
{
    unsigned n = cb_ingest_inputs(ingest), files = 0, first = 0;
    int64_t as_of_utc_s = cb_ingest_book(ingest)->as_of_utc_s, now_utc_s = cb_clock_utc_s();
    if (options->as_of || as_of_utc_s <= now_utc_s + CB_DAY_S)
        return;
    uint64_t *ahead = calloc(n + 1, sizeof *ahead), times = 0;
    if (ahead)
        cb_facts_ahead(ingest, now_utc_s, ahead);
    for (unsigned i = n; ahead && i-- > 0;)
        if (ahead[i] > 0) {
            times += ahead[i];
            files++;
            first = i;
        }
    char when[32];
    cb_time_text(when, as_of_utc_s);
    if (files > 0)
        cb_note(options,
                "casebook: warning: as-of is the latest event of the inputs, %s, which is later "
                "than now (%llu such time%s, %s" CB_STR_FMT
                "); --as-of TIME leaves out what lies later",
                when, (unsigned long long)times, cb_plural(times),
                files == 1 ? "in " : "the first in ",
                CB_STR_ARG(cb_ingest_input(ingest, first)->path));
    free(ahead);
}

/* ---- a period without a case ---- */

/* A day without a case is nothing odd within the range of the input. */
static bool is_empty(const cb_report *report, const cb_dates *opened)
{
    const cb_book *book = cb_ingest_book(report->ingest);
    const cb_period *period = &report->scope->window[CB_NOW].period;
    const cb_flow *flow = &report->results[CB_NOW].flow;
    uint64_t cases = flow->open_at_start + flow->opened + flow->reopened + flow->resolved +
                     flow->opened_closed_unknown + flow->opened_withdrawn;
    return book->table[CB_CASES].n == 0 || period->from_utc_s > book->as_of_utc_s ||
           period->to_utc_s <= opened->first_utc_s ||
           (cases == 0 && report->kind != CB_REPORT_NIGHTLY);
}

void cb_warn_empty(const cb_options *options, const cb_report *reports, unsigned n,
                   const cb_dates *opened)
{
    char name[CB_REPORTS][80], names[CB_REPORTS * 80], from[32], to[32];
    const char *empty[CB_REPORTS];
    size_t m = 0;
    for (unsigned i = 0; i < n; i++) {
        if (!is_empty(&reports[i], opened))
            continue;
        snprintf(name[m], sizeof name[m], "%s %s", cb_report_names[reports[i].kind],
                 reports[i].scope->window[CB_NOW].period.label);
        empty[m] = name[m];
        m++;
    }
    if (m == 0 || opened->first_utc_s == CB_NO_TIME)
        return;
    cb_list_or(names, sizeof names, empty, m);
    cb_date_text(from, opened->first_utc_s, reports[0].settings->zone);
    cb_date_text(to, opened->last_utc_s, reports[0].settings->zone);
    cb_note(options,
            "casebook: warning: no case falls into the period of %s; the cases of the inputs were "
            "opened from %s to %s",
            names, from, to);
}
