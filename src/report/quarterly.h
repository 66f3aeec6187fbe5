/* quarterly.h - private to src/report: the sheets of the management review; some are used by the other workbooks too. */
#ifndef CASEBOOK_REPORT_QUARTERLY_H
#define CASEBOOK_REPORT_QUARTERLY_H

#include "compose.h"

void cb_sheet_resolution(cb_compose *c);     /* sheet_resolution.c */
void cb_sheet_remedies(cb_compose *c);       /* sheet_remedies.c */
void cb_sheet_churn(cb_compose *c);          /* sheet_churn.c */
void cb_sheet_clusters_short(cb_compose *c); /* sheet_clusters.c: three Pareto orders */
void cb_sheet_trends(cb_compose *c);         /* sheet_trends.c */
void cb_sheet_practice(cb_compose *c);       /* sheet_practice.c */
void cb_sheet_teams(cb_compose *c);          /* sheet_teams.c */
void cb_sheet_reviews(cb_compose *c);        /* sheet_reviews.c */

void cb_sheet_cases(cb_compose *c);          /* sheet_cases.c: grid "cases", the rows behind the totals */
// cb_cases_shown returns how many of the period's cases, the latest ones, a workbook has room for.
uint32_t cb_cases_shown(const cb_book *book, cb_slice rows);

// cb_findings adds sentences on what changed beyond chance, or the one sentence that there is no evidence of change (findings.c).
void cb_findings(cb_compose *c, cb_sheet *sheet);

#endif
