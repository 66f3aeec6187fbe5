/* layout_parts.h - what the files of the layout share.
 *
 * layout.c        blocks flow downwards: text, grids, charts, sheets
 * layout_grid.c   what a grid needs: heights, wraps, reasons of what is not estimable
 * layout_text.c   how wide texts are, where they break
 * layout_size.c   how wide cells are, the widths of columns
 * layout_pages.c  where printed pages break
 * layout_check.c  names and links
 * layout_cells.c  the cursor: values, formulas, notes */
#ifndef CASEBOOK_REPORT_LAYOUT_PARTS_H
#define CASEBOOK_REPORT_LAYOUT_PARTS_H

#include "casebook/layout.h"

/* The block that was placed last: what stands beside it starts at content_row, right of right_px.
 */
typedef struct cb_flow {
    cb_layout *layout;
    cb_sheet_layout *sheet;
    unsigned number;
    uint32_t next_row, content_row;
    unsigned right_px;
    bool beside; /* the block under way goes beside the one before */
    cb_status rc;
    cb_error *err;
} cb_flow;

void cb_flow_no_memory(cb_flow *f);
// cb_flow_row is cb_rows_at; NULL once the status is set.
const cb_cell *cb_flow_row(cb_flow *f, cb_rows *rows, uint32_t row);
// cb_flow_grow makes an array of the layout's arena hold `need` items, doubling.
bool cb_flow_grow(cb_flow *f, void **array, size_t *cap, size_t need, size_t size);
// cb_flow_pages decides where printed pages break.
void cb_flow_pages(cb_flow *f);
void cb_flow_height(cb_flow *f, uint32_t row, unsigned points); /* 0: ordinary */
// cb_flow_lines adds text as rows of at most so many pixels, the first in role, the others in more.
void cb_flow_lines(cb_flow *f, cb_role role, cb_role more, cb_str text, unsigned px);
// cb_flow_prepare_grid fills the item of a grid; false once the status is set.
bool cb_flow_prepare_grid(cb_flow *f, cb_item *item, const cb_grid *grid);
void cb_flow_grid_heights(cb_flow *f, const cb_item *item);
// cb_flow_none_legend adds the line "n/e: …" below a grid.
void cb_flow_none_legend(cb_flow *f, const cb_item *item, unsigned px);
CB_MUST_USE cb_status cb_flow_check_cells(cb_flow *f);

// cb_chart_draws_gaps says whether a blank cell is a gap in charts of that kind (and a text would
// be a 0).
bool cb_chart_draws_gaps(cb_chart_kind kind);

/* Texts are measured in units of 1/2048 em of Calibri, so that what wraps is known without a
 * screen. */

// cb_text_units returns the width of the longest line of text; cb_word_units that of the longest
// word.
unsigned cb_text_units(cb_str text);
unsigned cb_word_units(cb_str text);

// cb_text_cut returns the first line of at most so many units of *text, cut at a word end or a line
// feed, and moves *text behind it.
cb_str cb_text_cut(cb_str *text, unsigned units);

// cb_text_rows returns how many lines text takes in that room, broken at word ends.
unsigned cb_text_rows(cb_str text, unsigned units);

// cb_units_px and cb_px_units turn units into pixels (96 an inch) at a size of font, and back.
unsigned cb_units_px(unsigned units, double points);
unsigned cb_px_units(unsigned px, double points);

#define CB_BODY_POINTS 11.0
#define CB_SMALL_POINTS 9.0

// cb_cell_characters returns how many digits wide a number or time is shown, with grouping and
// decimals.
unsigned cb_cell_characters(const cb_workbook *workbook, const cb_grid_column *column,
                            const cb_cell *cell);

// cb_cell_decimals returns the decimals under which a cell is shown.
unsigned cb_cell_decimals(const cb_workbook *workbook, const cb_grid_column *column,
                          const cb_cell *cell, cb_cell_kind kind);

// cb_kind_is_number says whether cells of that kind stand to the right.
bool cb_kind_is_number(cb_cell_kind kind);

static inline bool cb_kind_is_time(cb_cell_kind kind)
{
    return kind == CB_CELL_TIME || kind == CB_CELL_DATE;
}

// cb_sheet_widths sets the widths of the columns that the grids of the sheet share.
void cb_sheet_widths(cb_flow *f);

// cb_column_units returns the room for text in a column of a grid (its heading gives way to a
// filter's button).
unsigned cb_column_units(const cb_sheet_layout *sheet, const cb_grid *grid, unsigned column,
                         bool header);

// cb_left_px returns where a column starts; cb_height_px how high a row is.
unsigned cb_left_px(const cb_sheet_layout *sheet, unsigned column);
unsigned cb_height_px(const cb_sheet_layout *sheet, uint32_t row);

// cb_width_px returns the pixels of a column of the sheet.
unsigned cb_width_px(const cb_sheet_layout *sheet, unsigned column);

#endif
