/* rejected.h - private to src/cli: rejected rows are kept and told of, also where they end the run.
 *
 * Sequence of a run: cb_ingest_done; where that is CB_EDATA, cb_rejected_tell names the first bad
 * line of the first input that is not usable, and cb_rejected_keep publishes the rows alone: older
 * reports and the metric file stay as they are. In a run that goes on, cb_rejected_stage puts them
 * among its files. */
#ifndef CASEBOOK_CLI_REJECTED_H
#define CASEBOOK_CLI_REJECTED_H

#include "casebook/publish.h"
#include "cli.h"

// cb_rejected_stage stages both files of every input that has rejected rows; with remove_old those
// of an earlier run go where this one has none.
CB_MUST_USE cb_status cb_rejected_stage(cb_publish *publish, const cb_ingest *ingest,
                                        bool remove_old, cb_error *err);

// cb_rejected_tell adds line, field and code of the first bad row to the sentence; false where no
// input has more rejected rows than it may.
bool cb_rejected_tell(const cb_ingest *ingest, const cb_settings *settings, cb_error *err);

// cb_rejected_keep publishes the rejected rows alone (it ends *publish and sets it to NULL, unless
// staging fails) and adds to the sentence where they are, or why they could not be kept. It returns
// the status of err, or that of a signal.
CB_MUST_USE cb_status cb_rejected_keep(cb_publish **publish, const cb_ingest *ingest,
                                       const char *out, cb_error *err);

#endif
