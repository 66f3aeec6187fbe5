/* dirty.h - the dirty twin: a small sample in which every kind of fault occurs, and what must come
 * of it.
 *
 * Each fault is a line of a table (dirty.c): what is done to which cell of a row, the code under
 * which a reader must reject it, or that only the cell becomes unknown. expected.json then states
 * for each file, to the row: rows = accepted + superseded + rejected + blank, the rejects by code
 * with their line, unknown cells by column.
 *
 * What counts as what: a required cell (ids, opened_at, posted_at, rating) that is blank or cannot
 * be read rejects the row; an optional one becomes unknown. A negative amount or a score off its
 * scale cannot be read. A line without a cell that holds anything is blank. A quote that is never
 * closed costs the line on which its record starts and no more; a quote inside a bare cell, or text
 * behind a closing quote, costs its row. Of rows with the same id the one with the latest
 * updated_at stays, of equal ones the last; the others are superseded. A name that is not in the
 * other table is counted, not rejected; expected.json lists the planted ones, to which come the
 * rows whose partner was rejected. */
#ifndef SAMPLE_DIRTY_H
#define SAMPLE_DIRTY_H

#include "truths.h"

enum { CB_GEN_DIRTY_MIN_CASES = 500 };

// cb_gen_write_dirty writes the twin into plan->dir: the three files, two files with a faulty
// header, casebook.ini and expected.json. CB_EUSAGE if the plan has fewer than
// CB_GEN_DIRTY_MIN_CASES cases.
CB_MUST_USE cb_status cb_gen_write_dirty(const cb_gen_plan *plan, cb_error *err);

#endif
