/* samples.h - private to src/cli: what `casebook map` shows of a field's values.
 *
 * Values as they were understood, not as they stood in the file: times in UTC, amounts in the
 * report's currency, scores of 5. Of texts and of agents nothing is shown, and of a word at most 32
 * bytes. */
#ifndef CASEBOOK_CLI_SAMPLES_H
#define CASEBOOK_CLI_SAMPLES_H

#include "casebook/ingest.h"

// cb_samples_put appends a comment line: coverage, reading, and up to three different values of a
// field. Nothing is appended for a field that the (only) input of the ingest does not have.
// `amounts`: they are final (cb_ingest_done).
CB_MUST_USE cb_status cb_samples_put(cb_buf *out, const cb_ingest *ingest,
                                     const cb_settings *settings, unsigned field, bool amounts);

#endif
