/* layout_parts.h - what layout.c (blocks), layout_size.c (widths, heights) and layout_cells.c (values) share. */
#ifndef CASEBOOK_REPORT_LAYOUT_PARTS_H
#define CASEBOOK_REPORT_LAYOUT_PARTS_H

#include "casebook/layout.h"

// cb_text_characters returns the code points of the longest line of text.
unsigned cb_text_characters(cb_str text);

// cb_text_rows returns how many lines text takes in a column of that many characters, broken at word ends.
unsigned cb_text_rows(cb_str text, unsigned characters);

// cb_text_cut returns the first line of at most `characters` of *text, cut at a word end or a line feed, and moves *text behind it.
cb_str cb_text_cut(cb_str *text, unsigned characters);

// cb_cell_characters returns how wide a cell is shown, numbers with their grouping and decimals.
unsigned cb_cell_characters(const cb_workbook *workbook, const cb_grid_column *column, const cb_cell *cell);

// cb_cell_decimals returns the decimals under which a cell is shown.
unsigned cb_cell_decimals(const cb_workbook *workbook, const cb_grid_column *column, cb_cell_kind kind);

// cb_kind_is_number says whether cells of that kind stand to the right.
bool cb_kind_is_number(cb_cell_kind kind);

static inline bool cb_kind_is_time(cb_cell_kind kind) { return kind == CB_CELL_TIME || kind == CB_CELL_DATE; }

// cb_sheet_widths sets the widths of the columns that the grids of the sheet share.
void cb_sheet_widths(const cb_workbook *workbook, cb_sheet_layout *sheet);

// cb_width_px returns the pixels of a column of the sheet.
unsigned cb_width_px(const cb_sheet_layout *sheet, unsigned column);

#endif
