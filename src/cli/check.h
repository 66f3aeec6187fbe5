/* check.h - private to src/cli: `casebook check`, as a table and as a document. */
#ifndef CASEBOOK_CLI_CHECK_H
#define CASEBOOK_CLI_CHECK_H

#include "cli.h"
#include "facts.h"

/* What is checked against what: the age of the data is counted to --as-of, else to the clock. */
typedef struct cb_check {
    const cb_facts *facts;
    const cb_settings *settings;
    int64_t now_utc_s;
    bool as_of_given;
    bool everything;   /* --verbose: every file and every field, however many */
    cb_status verdict; /* of cb_ingest_done */
    const char *why;   /* "" if all is well */
} cb_check;

// cb_check_age returns the whole days from the newest event of a role, which has one, to now;
// negative where it lies after now.
int64_t cb_check_age(const cb_check *check, cb_role role);

// cb_check_field returns the column of an input that feeds a field, or -1.
int cb_check_field(const cb_input_facts *input, unsigned field);

void cb_check_table(const cb_check *check);
CB_MUST_USE cb_status cb_check_json(const cb_check *check, cb_error *err);

#endif
