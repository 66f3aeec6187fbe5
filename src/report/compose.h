/* compose.h - private to src/report: what the composers of the three workbooks share.
 *
 * A composer is a function that adds one sheet. It places figures of the results and words them; it computes shares and
 * differences at most. Conventions: the first grid of a sheet starts under title and subtitle; every heading carries its unit; every figure its
 * n and interval; every column heading the id of its method in the note. Groups of fewer than min_group cases are shown in the tables of one's own
 * organisation (kinds, causes, products), but teams only through the funnel rules of F1. */
#ifndef CASEBOOK_REPORT_COMPOSE_H
#define CASEBOOK_REPORT_COMPOSE_H

#include "casebook/report.h"

enum { CB_TOP_GROUPS = 25, CB_CHART_GROUPS = 10, CB_MAX_CASE_ROWS = 100000 };

/* What every composer is handed. */
typedef struct cb_compose {
    const cb_report *report;
    const cb_results *now, *before, *year_before; /* before and year_before are valid structs, n == 0 where not covered */
    const cb_scope *scope;
    const cb_book *book;
    const cb_settings *settings;
    cb_workbook *workbook;
    cb_sheet *data; /* "Chart data": the long tables that only charts read; the last sheet */
    cb_arena *arena;
    cb_error *err;
} cb_compose;

/* the three workbooks */
cb_status cb_compose_nightly(cb_compose *c);
cb_status cb_compose_quarterly(cb_compose *c);
cb_status cb_compose_root_cause(cb_compose *c);

/* sheets of all workbooks (sheets_common.c, sheet_assumptions.c) */
void cb_sheet_assumptions(cb_compose *c);
void cb_sheet_quality(cb_compose *c);
void cb_sheet_checks(cb_compose *c);
void cb_sheet_method(cb_compose *c, const char *const *ids); /* NULL-terminated ids of cb_methods to list; NULL: all */
void cb_sheet_run(cb_compose *c);

// cb_grid_of is cb_sheet_grid with the unit of money in the headings of its columns: "Loss (EUR)".
cb_grid *cb_grid_of(cb_compose *c, cb_sheet *sheet, const char *id, const char *title, const cb_grid_column *columns, unsigned n);
// cb_put_minor puts an amount that may be missing (NaN), n/e with the reason.
void cb_put_minor(cb_grid *grid, unsigned column, double minor, const char *reason);
// cb_picture is cb_sheet_chart in the size that leaves room for a table on a printed page.
cb_chart *cb_picture(cb_sheet *sheet, cb_chart_kind kind, const char *x_title, const char *y_title);

/* words.c: figures in sentences. All return text in the arena; a missing value gives its reason in words. */
const char *cb_say_money(cb_compose *c, double minor);           /* "USD 1,234,567" (no decimals from 1,000 on) */
const char *cb_say_money_range(cb_compose *c, cb_est minor);     /* "USD 1.2 m (0.9 m to 1.6 m)" */
const char *cb_say_hours(cb_compose *c, double hours);           /* "5.2 h", from 48 h on "3.1 days" */
const char *cb_say_percent(cb_compose *c, double share);         /* "12.3 %" */
const char *cb_say_percent_range(cb_compose *c, cb_est share);   /* "12.3 % (10.1 % to 14.9 %)" */
const char *cb_say_unit(cb_compose *c, const char *what);         /* axis title: "what (EUR)", without a currency "what (money)" */
const char *cb_say_p(cb_compose *c, double p);                   /* "p = 0.032", "p < 0.001" */
const char *cb_say_count(cb_compose *c, uint64_t n);             /* "1,234" */
const char *cb_say_several(cb_compose *c, uint64_t n, const char *what); /* "1 case", "1,234 cases" */
const char *cb_say_word(cb_compose *c, cb_str word);             /* the word, or "(not stated)" when empty; cut at 80 characters */
const char *cb_say_dim(cb_dim dim);                               /* its title within a sentence: "root cause" */

/* Why a cost is not known: without a yearly value of a customer; cb_why_no_cost where it rests on the
 * period's customers, too. */
extern const char cb_no_value[], cb_no_case_of_customer[];
const char *cb_why_no_cost(const cb_churn *churn);

/* group words in cells: "(not stated)" when empty; not copied (cb_put_lasting) */
void cb_put_word(cb_grid *grid, unsigned column, cb_str word);  /* cut at 80 bytes */
void cb_put_group(cb_grid *grid, unsigned column, cb_str word); /* and the whole of it as a note */
// cb_put_others names the line of all groups that are not listed: "1,234 others" and what more there is to say.
void cb_put_others(cb_compose *c, cb_grid *grid, unsigned column, uint64_t n, const char *more);
// cb_shown_id gives an id of a customer or case as it may be shown (pseudonymised if asked for).
cb_str cb_shown_id(cb_compose *c, cb_pool pool, uint32_t id);
// cb_put_id puts it into a cell; for rows of a source, too.
void cb_put_id(const cb_report *report, cb_grid *grid, unsigned column, cb_pool pool, uint32_t id);

/* "n/e" in three columns with one reason */
void cb_put_est_none(cb_grid *grid, unsigned column, const char *reason);

/* An estimate of hours as value, low, high in three columns. */
static inline double cb_hours_of(int64_t seconds) { return (double)seconds / CB_HOUR_S; }

#endif
