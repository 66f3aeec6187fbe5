/* workbook.h - the model of a workbook as plain data: sheets of headings, paragraphs, grids and
 * charts.
 *
 * Why: the workbook is data before it is a file. xlsx (xlsx.h) and JSON (the twin in "sheets") are
 * written from this one model, so they cannot disagree, and what is read back from the file is
 * compared with it.
 *
 * Sequence: cb_workbook_new -> cb_workbook_sheet -> cb_sheet_… in the order in which a reader meets
 * them -> cb_workbook_status (sticky: a failed allocation or a broken rule anywhere shows here) ->
 * writers.
 * Every function that adds returns NULL, or does nothing, once the status is not CB_OK, and every
 * function takes NULL, so that composers need no check per cell.
 * Ownership: all is taken from the arena handed in; texts are copied. Rows of a grid may be added
 * while it is filled.
 * Names: `currency`, `currency_digits` (2), `zone` (NULL: UTC), `footer`, `subject`,
 * `created_utc_s` are set by the composer after cb_workbook_new. Texts are made fit for a cell when
 * they are put in (report/safe.h).
 * Rows of a source: a grid of very many rows need not hold them. cb_grid_source says how many there
 * are and how one is made; it is made anew for each reader that comes to it. Whoever reads cells goes
 * through a cb_rows, for which both kinds of grids look alike.
 * Layout: blocks flow downwards; a chart stands below the block before it, or beside it.
 * Formulas name cells by what they are, since only the layout knows where they stand. In a formula
 *     {@c}      is the cell of column c (0-based) in the same row,
 *     {id!c}    is column c of the grid `id`, all data rows without the total,
 *     {id!c,r}  is one cell of it (row r, 0-based);
 * e.g. "=annual_loss_rate*{@2}", "=SUM({costs!3})". Formulas come from composers only, never from
 * data.
 * Units belong in column headings; every number that is an estimate has n and interval in columns
 * of the same row. */
#ifndef CASEBOOK_WORKBOOK_H
#define CASEBOOK_WORKBOOK_H

#include "casebook/alloc.h"
#include "casebook/civil.h"
#include "casebook/money.h"
#include "casebook/stats.h"

typedef enum cb_cell_kind {
    CB_CELL_EMPTY,
    CB_CELL_TEXT,
    CB_CELL_COUNT,   /* int64, shown 1,234 */
    CB_CELL_NUMBER,  /* double, decimals of its column */
    CB_CELL_PERCENT, /* double 0-1, shown 12.3 % */
    CB_CELL_MONEY, /* int64 minor units, shown in major units with the currency's decimals (or none:
                      column.decimals = 0) */
    CB_CELL_TIME,  /* UTC seconds, shown in the workbook's zone */
    CB_CELL_DATE,  /* UTC seconds, its local date */
    CB_CELL_NONE, /* not estimable, suppressed, not in the input: text holds the reason; shown "n/e"
                     with it as a note */
    CB_CELL_P     /* of a column only: NUMBERs that are p values; what its decimals cannot show prints
                     as "< 0.001", not as 0.000 */
} cb_cell_kind;

/* What few cells have; "" where there is none. */
typedef struct cb_cell_more {
    cb_str formula; /* "=…" over defined names and grid cells (see above); v is its computed value */
    cb_str name;    /* defined name of this cell, e.g. "annual_loss_rate" */
    cb_str link;    /* id of a grid in this workbook to jump to */
    cb_str note;    /* a comment shown on the cell */
} cb_cell_more;

/* A sheet may have a million of them. */
typedef struct cb_cell {
    union {
        int64_t i; /* COUNT, MONEY, TIME, DATE */
        double d;  /* NUMBER, PERCENT */
    } v;
    cb_str text;        /* TEXT; NONE: the reason */
    cb_cell_more *more; /* NULL: nothing; read by the functions below, set by cb_set_… */
    cb_cell_kind kind;
    uint8_t precision; /* decimals + 1, as of a column; 0: the column's */
    uint8_t strong; /* 1: bold, as totals are; 2: attention (amber fill and a word, never colour alone) */
} cb_cell;

static inline cb_str cb_cell_formula(const cb_cell *cell) { return cell->more ? cell->more->formula : CB_LIT(""); }
static inline cb_str cb_cell_name(const cb_cell *cell) { return cell->more ? cell->more->name : CB_LIT(""); }
static inline cb_str cb_cell_link(const cb_cell *cell) { return cell->more ? cell->more->link : CB_LIT(""); }
static inline cb_str cb_cell_note(const cb_cell *cell) { return cell->more ? cell->more->note : CB_LIT(""); }

typedef struct cb_grid_column {
    const char *title; /* "Median (h)": unit in parentheses */
    cb_cell_kind kind; /* what its cells mostly are: format and alignment */
    uint8_t decimals;  /* NUMBER, PERCENT, MONEY */
    uint8_t width;     /* characters, 0: fits the content (8 to 60, wrapped beyond) */
    const char *note;  /* method id and meaning, shown as a note on the heading: "R2: …" */
} cb_grid_column;

typedef struct cb_grid {
    cb_str id; /* unique in the workbook, [a-z0-9_]+: key in the JSON twin, target of links, Excel
                  table name */
    cb_str title, caption; /* heading above; a line below the heading (what, n, how to read) */
    unsigned columns;
    cb_grid_column *column;
    uint32_t rows;
    cb_cell *cell; /* rows * columns; NULL in a grid of a source; read through cb_rows */
    bool total;    /* the last row is a total */
    bool filter;   /* an Excel table with filter buttons (needs unique, non-empty titles) */
    bool heat;  /* counts are shaded by size (with the number always readable), the last column and
                   row apart */
    bool input; /* named cells may be edited by the reader (Assumptions): shown as inputs, with data
                 * validation between the numbers of the row's columns titled "Min…" and "Max…";
                 * without such: 0-1 for PERCENT, >= 0 else */
    size_t cap; /* private, as what follows */
    void (*fill)(const void *ctx, uint32_t row, struct cb_grid *into);
    const void *fill_ctx;
    bool scratch; /* the one row that a source is asked to fill */
    struct cb_workbook *owner;
} cb_grid;

typedef enum cb_chart_kind {
    CB_CHART_BAR,
    CB_CHART_COLUMN,
    CB_CHART_LINE,
    CB_CHART_STEP,
    CB_CHART_SCATTER,
    CB_CHART_STACKED_COLUMN,
    CB_CHART_STACKED_BAR
} cb_chart_kind;

enum { CB_MAX_SERIES = 8 };

typedef enum cb_series_look {
    CB_LOOK_MAIN,
    CB_LOOK_SECOND,
    CB_LOOK_THIRD,
    CB_LOOK_LIMIT,
    CB_LOOK_MEAN,
    CB_LOOK_MUTED,
    CB_LOOK_POINTS,
    CB_LOOK_SIGNAL
} cb_series_look;

typedef struct cb_series {
    const cb_grid *grid; /* must stand in the same workbook */
    unsigned x_column, y_column;
    uint32_t first_row, rows; /* rows 0: all but a total row */
    cb_str title;
    cb_series_look look;
} cb_series;

typedef struct cb_chart {
    cb_chart_kind kind;
    cb_str title;            /* states the finding */
    cb_str x_title, y_title; /* with unit */
    cb_str alt;              /* alternative text */
    unsigned series_n;
    cb_series series[CB_MAX_SERIES];
    unsigned width_px, height_px; /* 0: 760 x 380 */
    bool beside;                  /* to the right of the block before, instead of below */
    double y_max, x_max;          /* NaN or 0: automatic */
    bool percent_axis;
    struct cb_workbook *owner;
} cb_chart;

typedef enum cb_block_kind {
    CB_BLOCK_HEADING,
    CB_BLOCK_PARAGRAPH,
    CB_BLOCK_FINDING,
    CB_BLOCK_GRID,
    CB_BLOCK_CHART
} cb_block_kind;

typedef struct cb_block {
    cb_block_kind kind;
    cb_str text; /* HEADING, PARAGRAPH, FINDING (a bulleted sentence) */
    cb_grid *grid;
    cb_chart *chart;
    struct cb_block *next;
} cb_block;

typedef struct cb_sheet {
    cb_str name;            /* <= 31 characters, fixed by the composer, never from data */
    cb_str title, subtitle; /* in the first two rows */
    bool portrait;          /* default landscape */
    bool gridlines;         /* default none */
    bool screen_only;       /* only title and subtitle are printed */
    cb_block *first, *last;
    struct cb_sheet *next;
    struct cb_workbook *owner;
} cb_sheet;

typedef struct cb_workbook {
    cb_arena *arena;
    cb_status status;
    cb_error error;
    cb_str stem;           /* "quarterly-2026-Q3": file name without extension */
    cb_str title, subject; /* document properties */
    cb_str footer;         /* run id, in the footer of every printed page */
    char currency[4];
    unsigned currency_digits;
    const cb_zone *zone;   /* for TIME and DATE cells */
    int64_t created_utc_s; /* as_of: the same bytes on a second run */
    cb_sheet *first, *last;
    unsigned sheets;
    uint64_t texts_mended; /* texts that no cell could hold as they came (bad UTF-8, control
                              characters, too long) */
} cb_workbook;

cb_workbook *cb_workbook_new(cb_arena *arena, const char *stem,
                             const char *title); /* NULL: no memory */
cb_status cb_workbook_status(const cb_workbook *workbook, cb_error *err);

cb_sheet *cb_workbook_sheet(cb_workbook *workbook, const char *name, const char *title,
                            const char *subtitle);
void cb_sheet_heading(cb_sheet *sheet, const char *format, ...) CB_PRINTF(2, 3);
void cb_sheet_paragraph(cb_sheet *sheet, const char *format, ...) CB_PRINTF(2, 3);
void cb_sheet_finding(cb_sheet *sheet, const char *format, ...) CB_PRINTF(2, 3);
cb_grid *cb_sheet_grid(cb_sheet *sheet, const char *id, const char *title,
                       const cb_grid_column *columns, unsigned n);
void cb_grid_caption(cb_grid *grid, const char *format, ...) CB_PRINTF(2, 3);

// cb_grid_row appends an empty row and returns its first cell (columns cells), valid until the next
// cb_grid_row. NULL once something failed: the setters below take NULL + index: use cb_put_… with
// (grid, column), which set in the last row.
cb_cell *cb_grid_row(cb_grid *grid);
void cb_grid_reserve(
    cb_grid *grid,
    uint32_t rows); /* optional, before the first row: room for that many, spares memory */
void cb_put_text(cb_grid *grid, unsigned column, cb_str text);
// cb_put_lasting is cb_put_text of a text that lives as long as the workbook (a word of the book, a
// constant, what its arena holds): it is not copied where it is fit as it is.
void cb_put_lasting(cb_grid *grid, unsigned column, cb_str text);
void cb_put_textf(cb_grid *grid, unsigned column, const char *format, ...) CB_PRINTF(3, 4);
void cb_put_count(cb_grid *grid, unsigned column, uint64_t count);
void cb_put_number(cb_grid *grid, unsigned column,
                   double value); /* NaN: NONE with "not estimable" */
void cb_put_percent(cb_grid *grid, unsigned column, double share);
void cb_put_money(cb_grid *grid, unsigned column, int64_t minor);
void cb_put_time(cb_grid *grid, unsigned column, int64_t utc_s); /* CB_NO_TIME: empty */
void cb_put_date(cb_grid *grid, unsigned column, int64_t utc_s);
void cb_put_none(cb_grid *grid, unsigned column, const char *reason);
// cb_put_est puts value, low, high in column, column + 1, column + 2, in the kind of those columns
// (PERCENT, NUMBER; MONEY: the values are minor units as doubles); a missing value or bound is NONE
// with est.reason.
void cb_put_est(cb_grid *grid, unsigned column, cb_est est);
// cb_last_cell returns the cell of the last row for setting formula, name, link, note, strong; NULL
// once failed.
cb_cell *cb_last_cell(cb_grid *grid, unsigned column);
void cb_set_formula(cb_grid *grid, unsigned column, const char *format, ...) CB_PRINTF(3, 4);
void cb_set_name(cb_grid *grid, unsigned column, const char *name);
void cb_set_link(cb_grid *grid, unsigned column, const char *grid_id);
void cb_set_note(cb_grid *grid, unsigned column, const char *format, ...) CB_PRINTF(3, 4);
void cb_set_strong(cb_grid *grid, unsigned column, uint8_t strong);
void cb_set_decimals(cb_grid *grid, unsigned column, uint8_t decimals); /* other than its column's */
void cb_grid_total(cb_grid *grid); /* the last row becomes a total */

// cb_grid_source makes rows that stand nowhere: fill sets the cells of one with cb_put_… on `into`, a
// grid of that row alone, whenever a reader comes to it. It gives the same cells each time, in any
// process or thread, several at once; ctx lives as long as the workbook is read. Such cells have no
// formula, name, link or note. Instead of cb_grid_row, not beside it; texts that are mended on the
// way are not counted.
void cb_grid_source(cb_grid *grid, uint32_t rows,
                    void (*fill)(const void *ctx, uint32_t row, cb_grid *into), const void *ctx);

cb_chart *cb_sheet_chart(cb_sheet *sheet, cb_chart_kind kind, const char *title,
                         const char *x_title, const char *y_title);
void cb_chart_series(cb_chart *chart, const cb_grid *grid, unsigned x_column, unsigned y_column,
                     const char *title, cb_series_look look);
void cb_chart_title(cb_chart *chart, const char *format, ...) CB_PRINTF(2, 3);
void cb_chart_alt(cb_chart *chart, const char *format, ...) CB_PRINTF(2, 3);

// cb_workbook_find returns the grid of that id, or NULL.
cb_grid *cb_workbook_find(const cb_workbook *workbook, cb_str id);

/* Reading the cells of a grid: cb_rows_open, cb_rows_at row after row, cb_rows_close. A reader belongs
 * to one thread, and stays where it was opened. */
typedef struct cb_rows {
    const cb_grid *grid;
    cb_grid one;     /* private: the row that a source fills, */
    cb_workbook own; /* and what that is put in */
    const cb_alloc *alloc;
} cb_rows;

void cb_rows_open(cb_rows *rows, const cb_grid *grid, const cb_alloc *alloc); /* NULL: libc */
const cb_cell *cb_rows_filled(cb_rows *rows, uint32_t row);                   /* private */
// cb_rows_status tells why cb_rows_at returned NULL.
CB_MUST_USE cb_status cb_rows_status(const cb_rows *rows, cb_error *err);
void cb_rows_close(cb_rows *rows); /* a reader of zeroes is fine */

// cb_rows_at returns the cells of a row (< rows), one a column, valid until the next call; NULL: a
// source failed, then and ever after.
static inline const cb_cell *cb_rows_at(cb_rows *rows, uint32_t row)
{
    const cb_grid *grid = rows->grid;
    return grid->fill ? cb_rows_filled(rows, row) : grid->cell + (size_t)row * grid->columns;
}

#endif
