/* report.h - the three workbooks, the JSON summary and the metrics file, composed from the measures' results.
 *
 * One engine, one set of definitions: a figure is computed once, in src/measures, and only *placed* here; the same number
 * stands in every sheet, every workbook and the JSON. Nothing here computes more than a share or a difference.
 *
 * Sequence: fill a cb_report (inputs, scope, results) -> cb_report_compose (the workbook model) -> cb_xlsx_write on it and
 * cb_report_json (the contract's keys, with the twin of the sheets) -> cb_report_prom over all reports of the run.
 * Ownership: the workbook lives in the arena handed in, and reads the report while it is written (rows of a source, workbook.h): inputs,
 * scope and results stay until then. The prom text is in the caller's buffer. */
#ifndef CASEBOOK_REPORT_H
#define CASEBOOK_REPORT_H

#include "casebook/ingest.h"
#include "casebook/measures.h"
#include "casebook/results.h"
#include "casebook/twin.h"
#include "casebook/workbook.h"

typedef enum cb_report_kind { CB_REPORT_NIGHTLY, CB_REPORT_QUARTERLY, CB_REPORT_ROOT_CAUSE, CB_REPORTS } cb_report_kind;
extern const char *const cb_report_names[CB_REPORTS];  /* "nightly", "quarterly", "root-cause": file names and JSON */
extern const char *const cb_report_titles[CB_REPORTS];

typedef struct cb_report {
    cb_report_kind kind;
    const cb_ingest *ingest;
    const cb_settings *settings;
    const cb_scope *scope;
    const cb_results *results;   /* CB_WINDOWS of them */
    const char *pseudonym_key;   /* NULL: ids are shown as they are */
    char run_id[17];             /* of inputs, configuration, as_of and version: cb_report_run_id */
} cb_report;

// cb_report_default_period gives the period of a report when none is asked for (contract.md).
cb_period cb_report_default_period(cb_report_kind kind, int64_t as_of_utc_s, const cb_zone *zone);

// cb_report_stem writes "quarterly-2026-Q3": name of the files of a report. The 12 months of a root-cause report are
// named by the quarter that holds their last day; every other period by its label.
void cb_report_stem(char out[80], cb_report_kind kind, const cb_period *period, const cb_zone *zone);

// cb_report_run_id writes 16 hex digits: the same for the same inputs, configuration, as_of and version.
void cb_report_run_id(char out[17], const cb_ingest *ingest, const cb_settings *settings);

CB_MUST_USE cb_status cb_report_compose(const cb_report *report, cb_arena *arena, cb_workbook **out, cb_error *err);

// cb_report_json hands on, piece by piece, the summary of contract.md with "sheets", the workbook's twin.
CB_MUST_USE cb_status cb_report_json(const cb_report *report, const cb_workbook *workbook, const cb_taker *to, cb_error *err);

/* What casebook.prom adds to the results: facts of the run itself, which differ from run to run. */
typedef struct cb_run_facts {
    int64_t finished_utc_s;
    double seconds;
    uint64_t peak_bytes;
} cb_run_facts;

CB_MUST_USE cb_status cb_report_prom(const cb_report *const *reports, unsigned n, const cb_run_facts *facts, cb_buf *out, cb_error *err);

/* A method of record: the Method sheets and `casebook explain` print it. */
typedef struct cb_method {
    const char *id;       /* "R2" */
    const char *name;     /* "Resolution time with open cases (Kaplan-Meier)" */
    const char *keys;     /* JSON keys it stands behind, space separated: "resolution.hours.median" */
    const char *words;    /* in a manager's words */
    const char *formula;  /* short, with source */
} cb_method;
extern const cb_method cb_methods[]; /* id NULL ends it */

#endif
