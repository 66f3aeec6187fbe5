/* layout.h - where every cell of a workbook stands, and what exactly is stored in it.
 *
 * Why: the writer (xlsx.c) and the read-back (publish/readback.c) both walk the same cells, so that
 * what is compared is what was meant to be written; charts never cover a cell; formulas and links
 * get their addresses.
 * Sequence: cb_layout_new (checks the model: ids, names, references, Excel's limits) -> per sheet
 * its items, frames, widths and heights -> cb_cursor_open, cb_cursor_next until false,
 * cb_cursor_close -> cb_layout_free.
 * Places: rows and columns are 0-based; cells come in the order of rows, then columns. Title in row
 * 0, subtitle in row 1, blocks below; paragraphs are split at word ends into rows of about 110
 * characters, since no cells are merged. A grid of more than 24 rows that a line, step or scatter
 * chart draws, without filter or input, moves to the end of its sheet under "Data behind the
 * charts", which is not printed; the charts keep their places.
 * Values: numbers are rounded to 15 significant digits (what a workbook can hold), here and in the
 * JSON twin alike. Integers and amounts beyond 15 digits, and times before 1900-03-01, are text.
 * CB_CELL_NONE is shown as "n/e"; where a line, step or scatter chart draws the column it is left
 * blank (a text there would be drawn as 0); the first of each reason in a column carries the reason
 * as a note; all reasons stand in a line below the grid.
 * Ownership: the layout borrows the workbook; all of it belongs to the layout. */
#ifndef CASEBOOK_LAYOUT_H
#define CASEBOOK_LAYOUT_H

#include "casebook/workbook.h"

enum {
    CB_MAX_LAYOUT_COLUMNS = 256, /* of a grid */
    CB_MAX_LAYOUT_ROWS = 1048576,
    CB_MAX_LINKS = 65530,
    CB_ROW_PX = 20,   /* an ordinary row: 15 points */
    CB_LINE_PX = 680, /* a line of text: about 110 characters */
    CB_FRAME_Y_PX = 4 /* a chart starts that far below the top of its row, off a page's edge */
};

typedef enum cb_role {
    CB_ROLE_TITLE,
    CB_ROLE_SUBTITLE,
    CB_ROLE_HEADING,
    CB_ROLE_PARAGRAPH,
    CB_ROLE_FINDING,      /* first line of a finding, with its bullet */
    CB_ROLE_FINDING_MORE, /* its other lines */
    CB_ROLE_GRID_TITLE,
    CB_ROLE_CAPTION,
    CB_ROLE_LEGEND,        /* "n/e: …" below a grid; "(none)" in an empty one */
    CB_ROLE_HEADER,        /* column headings: text, */
    CB_ROLE_HEADER_NUMBER, /* and those of numbers, right-aligned */
    CB_ROLE_CELL
} cb_role;

/* How a cell looks: equal styles share a format. */
typedef struct cb_style {
    cb_role role;
    cb_cell_kind kind; /* CELL: number format and alignment */
    uint8_t decimals;
    uint8_t strong;
    bool total, input, link, wrap;
    uint8_t heat; /* 1 (few) to 4 (many): shaded by size; 0: not */
    bool tall;   /* in a row of several lines: stands at its top, else in the middle */
    bool indent; /* text right of another column keeps off the numbers there */
} cb_style;

typedef struct cb_none_note {
    unsigned column;
    uint32_t row;
    cb_str reason;
} cb_none_note;

/* One line of text (grid NULL), or a grid from its header row on. */
typedef struct cb_item {
    uint32_t row, rows;
    cb_role role;
    cb_str text;
    const cb_grid *grid;
    unsigned sheet;     /* number of the sheet, 0-based */
    uint32_t title_row; /* where links lead to */
    bool
        table; /* becomes an Excel table with filter buttons: the header and all rows but a total */
    bool *blank_none;   /* per column: NONE is left blank */
    bool *wrap;         /* per column: texts are wrapped */
    int64_t heat_max;        /* of a grid with heat: its largest shaded count */
    cb_none_note *none; /* the first NONE of each reason and column */
    size_t nones;
} cb_item;

typedef struct cb_frame {
    const cb_chart *chart;
    uint32_t row;
    unsigned column;
    unsigned x_offset_px, width_px, height_px;
} cb_frame;

typedef struct cb_sheet_layout {
    const cb_sheet *sheet;
    cb_item *item;
    size_t items, items_cap;
    cb_frame *frame;
    size_t frames, frames_cap;
    unsigned columns;                    /* that grids use */
    double width[CB_MAX_LAYOUT_COLUMNS]; /* characters */
    uint16_t *height;                    /* points per row, 0: ordinary */
    size_t heights_cap;
    uint32_t rows;       /* of the sheet, charts included */
    uint32_t print_rows; /* of these, without the data behind the charts, which are not printed */
    unsigned print_columns; /* that print: grids, charts and text */
    uint32_t header_row; /* to repeat when printed, where the sheet has one, long grid; UINT32_MAX:
                            none */
    uint32_t freeze_row; /* rows above stay in view; 0: none */
    uint32_t *band;      /* rows where a block starts that may be kept whole on a page */
    size_t bands, bands_cap;
    uint32_t *page; /* first rows of printed pages after the first */
    size_t pages;
    bool one_page; /* a little more than a page: printed a little smaller, on one */
} cb_sheet_layout;

typedef struct cb_layout {
    const cb_workbook *workbook;
    cb_arena *arena;
    cb_sheet_layout *sheet;
    unsigned sheets;
    size_t links, names, tables, charts; /* what the file must hold */
} cb_layout;

CB_MUST_USE cb_status cb_layout_new(cb_layout **out, const cb_workbook *workbook, cb_error *err);
void cb_layout_free(cb_layout *layout); /* NULL is fine */

// cb_layout_item returns the item of the grid with that id, or NULL.
const cb_item *cb_layout_item(const cb_layout *layout, cb_str id);

typedef enum cb_value_kind { CB_VALUE_BLANK, CB_VALUE_TEXT, CB_VALUE_NUMBER } cb_value_kind;

/* A cell as it is stored. Texts are valid until the next cb_cursor_next, NUL-terminated, "" where
 * there is none. */
typedef struct cb_placed {
    uint32_t row;
    unsigned column;
    cb_value_kind kind;
    double number;
    cb_str text;    /* as stored (safe.h) */
    cb_str formula; /* "=…" with addresses */
    cb_str note;
    const cb_item *link; /* NULL: none */
    cb_style style;
    const cb_cell *cell; /* NULL outside the rows of a grid */
} cb_placed;

typedef struct cb_cursor cb_cursor;

CB_MUST_USE cb_status cb_cursor_open(cb_cursor **out, const cb_layout *layout, unsigned sheet,
                                     cb_error *err);
// cb_cursor_next gives the next cell; false at the end of the sheet or on an error, which
// cb_cursor_status tells apart.
bool cb_cursor_next(cb_cursor *cursor, cb_placed *out);
CB_MUST_USE cb_status cb_cursor_status(const cb_cursor *cursor, cb_error *err);
void cb_cursor_close(cb_cursor *cursor); /* NULL is fine */

// cb_cell_address writes "C5", or "$C$5" if absolute; returns its length.
int cb_cell_address(char out[24], uint32_t row, unsigned column, bool absolute);

// cb_round_15 returns value rounded to 15 significant decimal digits.
double cb_round_15(double value);

// cb_series_rows returns how many rows of its grid a series draws (without a total row).
uint32_t cb_series_rows(const cb_series *series);

// cb_name_fits says whether Excel takes name as the name of a cell: letters, digits, '_', '.', not
// like an address.
bool cb_name_fits(cb_str name);

#endif
