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
 * Exactness: an amount of up to 15 digits is the real nearest to its decimal text, and printed with
 * CB_TWIN_DUMP_FLAGS (15 digits, never fewer than the amount has) it reads back as the same minor
 * units; a longer amount, and a longer count, is a string of its exact decimals, as it is text in
 * the workbook.
 * Ownership: the caller owns the new reference. NULL: no memory. */
#ifndef CASEBOOK_TWIN_H
#define CASEBOOK_TWIN_H

#include <jansson.h>

#include "casebook/workbook.h"

/* for json_dump…: 15 significant digits, so that 0.1 is printed as 0.1 */
#define CB_TWIN_DUMP_FLAGS JSON_REAL_PRECISION(15)

json_t *cb_twin_json(const cb_workbook *workbook);

#endif
