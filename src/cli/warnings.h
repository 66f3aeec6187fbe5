/* warnings.h - private to src/cli: what is said on standard error of a run that worked.
 *
 * Each is one line, "casebook: warning: …", none with --quiet; the exit status stays 0 and the files
 * are what they would be without it. */
#ifndef CASEBOOK_CLI_WARNINGS_H
#define CASEBOOK_CLI_WARNINGS_H

#include "cli.h"
#include "facts.h"

// cb_warn_ahead: as-of, not given, is the latest event (methods.md T2) and lies more than a day after
// this machine's clock; one mistyped year does that, and every period follows.
void cb_warn_ahead(const cb_options *options, const cb_ingest *ingest);

// cb_warn_empty: reports in whose period no case came, went or was open, and when those of the inputs
// were opened.
void cb_warn_empty(const cb_options *options, const cb_report *reports, unsigned n,
                   const cb_dates *opened);

#endif
