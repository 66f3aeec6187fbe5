/* twin.h - the JSON twin of a workbook's sheets: the same model, for programs.
 *
 * Shape: an array, in the order of the sheets, of
 *   {"name", "title", "subtitle", "blocks": [BLOCK…]}
 *   BLOCK = {"type": "heading" | "paragraph" | "finding", "text"}
 *         | {"type": "grid", "id", "title", "caption", "total": bool,
 *            "columns": [{"title", "kind", "decimals", "note"}…],
 *            "rows": [[value…]…], "reasons": {"<row>,<column>": "why it is null"}}
 *         | {"type": "chart", "kind", "title", "x_title", "y_title", "alt",
 *            "series": [{"grid", "x_column", "y_column", "first_row", "rows", "title", "look"}…]}
 * Values: counts are integers; numbers and percents (0-1) are reals of 15 significant digits, the
 * same that the workbook holds; money is in major units; times are "2026-09-30T23:59:59Z", dates
 * the local "2026-09-30"; an empty cell and one that is not estimable are null, the latter with its
 * reason. Rows and columns count from 0; a total is the last row where "total" is true.
 * Exactness: an amount of up to 15 digits is a number of its own decimals, without zeros at the end;
 * a longer amount, and a longer count, is a string of its exact decimals, as it is text in the
 * workbook.
 * Form: one item a line, indented by one blank a level, but a row of a grid in one line; written straight into a buffer of 256 KiB
 * that is handed on when it is full, since a sheet may have a million values.
 * Errors: CB_ENOMEM, CB_ELIMIT of the buffer, or what the taker returned; what was written then is of
 * no use. */
#ifndef CASEBOOK_TWIN_H
#define CASEBOOK_TWIN_H

#include "casebook/workbook.h"
#include "casebook/workers.h"

/* Who takes a document piece by piece, in order. What it returns other than CB_OK ends the document,
 * and it has said why in err. */
typedef struct cb_taker {
    cb_status (*take)(void *ctx, cb_str piece, cb_error *err);
    void *ctx;
} cb_taker;

// cb_twin_write appends the array to out, which is handed on whenever it is full, in whole pieces of
// 64 KiB (to NULL: it holds all); what is in it at the end is the caller's to hand on. depth is the
// number of levels around the array in the document. Rows of large grids are made by all workers: a grid's
// source must not mind (workbook.h).
CB_MUST_USE cb_status cb_twin_write(const cb_workbook *workbook, const cb_workers *workers, unsigned depth,
                                    cb_buf *out, const cb_taker *to, cb_error *err);

#endif
