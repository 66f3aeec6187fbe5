/* summary.h - private to src/report: the parts of the JSON summary, and the checks that it shares with the Checks sheet. */
#ifndef CASEBOOK_REPORT_SUMMARY_H
#define CASEBOOK_REPORT_SUMMARY_H

#include "casebook/report.h"
#include "casebook/results.h"
#include "json_doc.h"

void cb_summary_resolution(cb_doc *doc, json_t *root, const cb_report *report); /* flow, resolution */
void cb_summary_remedy(cb_doc *doc, json_t *root, const cb_report *report);
void cb_summary_churn(cb_doc *doc, json_t *root, const cb_report *report);
void cb_summary_recurrence(cb_doc *doc, json_t *root, const cb_report *report);
void cb_summary_practice(cb_doc *doc, json_t *root, const cb_report *report);   /* practice, reviews */

// cb_group_hidden says whether a group is a team too small to be given by itself (fairness.h).
static inline bool cb_group_hidden(const cb_report *report, cb_dim dim, uint32_t word)
{
    return dim == CB_DIM_TEAM && cb_team_hidden(&report->results[CB_NOW].fairness, word);
}

enum { CB_MAX_CHECKS = 64 };

/* A reconciliation: left = right, with what both sides are. */
typedef struct cb_check {
    char name[160];
    int64_t left, right, difference; /* difference = left - right: 0 */
} cb_check;

// cb_checks_of computes every reconciliation of a report anew, from the inputs' facts and the results; at most CB_MAX_CHECKS.
unsigned cb_checks_of(const cb_report *report, cb_check checks[CB_MAX_CHECKS]);

#endif
