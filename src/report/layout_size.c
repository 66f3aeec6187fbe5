#include "report/layout_parts.h"

#include <math.h>

enum {
    MIN_WIDTH = 8,
    MAX_WIDTH = 60,
    MAX_SHARED_TEXT_WIDTH = 34, /* a text column that stands above or below a column of numbers */
    ORDINARY_COLUMN_PX = 64,
    FILTER_BUTTON_PX = 18,
    INDENT_PX = 9,
    PADDING_PX = 3
};

/* What is added to be safe: bold letters are 2 to 3 % wider, and screens round. */
#define ROOM 1.03

/* ---- cells ---- */

bool cb_kind_is_number(cb_cell_kind kind)
{
    return kind == CB_CELL_COUNT || kind == CB_CELL_NUMBER || kind == CB_CELL_PERCENT ||
           kind == CB_CELL_MONEY || kind == CB_CELL_P;
}

unsigned cb_cell_decimals(const cb_workbook *workbook, const cb_grid_column *column,
                          const cb_cell *cell, cb_cell_kind kind)
{
    unsigned asked = cell->precision ? cell->precision - 1U : column->decimals;
    unsigned shown = asked > 9 ? 9 : asked;
    if (kind == CB_CELL_MONEY)
        return asked ? workbook->currency_digits : 0;
    return kind == CB_CELL_NUMBER || kind == CB_CELL_PERCENT || kind == CB_CELL_P ? shown : 0;
}

static unsigned grouped_digits(double value, unsigned decimals)
{
    double whole = floor(fabs(value) + 0.5);
    unsigned digits = whole < 10 ? 1 : (unsigned)log10(whole) + 1;
    return digits + (digits - 1) / 3 + (decimals ? decimals + 1 : 0) + (value < 0);
}

unsigned cb_cell_characters(const cb_workbook *workbook, const cb_grid_column *column,
                            const cb_cell *cell)
{
    unsigned decimals = cb_cell_decimals(workbook, column, cell, cell->kind);
    switch (cell->kind) {
    case CB_CELL_COUNT:
        return grouped_digits((double)cell->v.i, 0);
    case CB_CELL_NUMBER:
    case CB_CELL_P:
        return grouped_digits(cell->v.d, decimals);
    case CB_CELL_PERCENT:
        return grouped_digits(cell->v.d * 100, decimals) + 2;
    case CB_CELL_MONEY:
        return grouped_digits((double)cell->v.i / pow(10, workbook->currency_digits), decimals);
    case CB_CELL_TIME:
        return 16;
    case CB_CELL_DATE:
        return 10;
    case CB_CELL_NONE:
        return 3;
    case CB_CELL_TEXT:
    case CB_CELL_EMPTY:
        break;
    }
    return 0;
}

/* ---- widths ---- */

typedef struct measure {
    unsigned number, text, header, fixed;
    bool numbers; /* some grid has numbers in this column */
} measure;

static unsigned max_of(unsigned a, unsigned b)
{
    return a > b ? a : b;
}

static unsigned reserved_px(const cb_grid *grid, unsigned column, bool header)
{
    bool indented = column > 0; /* or, for numbers, kept off the column before */
    unsigned button = header && grid->filter ? FILTER_BUTTON_PX : 0;
    return PADDING_PX + button + (indented ? INDENT_PX : 0U);
}

/* The width of a column, in digits of 7 pixels, that gives text so many units of room. */
static unsigned width_for(unsigned units, unsigned reserved)
{
    return (unsigned)((cb_units_px(units, CB_BODY_POINTS) * ROOM + reserved) / 7) + 1;
}

unsigned cb_column_units(const cb_sheet_layout *sheet, const cb_grid *grid, unsigned column,
                         bool header)
{
    double px = (sheet->width[column] * 7 + 5 - 2 - reserved_px(grid, column, header)) / ROOM;
    return cb_px_units((unsigned)px, CB_BODY_POINTS);
}

/* A heading takes up to three lines. */
static unsigned header_width(const cb_grid *grid, unsigned c)
{
    cb_str title = cb_str_of(grid->column[c].title);
    unsigned third = cb_text_units(title) * 2 / 5;
    return width_for(max_of(cb_word_units(title), third), reserved_px(grid, c, true));
}

static void measure_heading(const cb_grid *grid, unsigned c, measure *m)
{
    const cb_grid_column *column = &grid->column[c];
    m->header = max_of(m->header, header_width(grid, c));
    m->numbers |= cb_kind_is_number(column->kind);
    m->fixed = max_of(m->fixed, column->width);
}

static void measure_cell(const cb_grid *grid, unsigned c, const cb_cell *cell, measure *m)
{
    const cb_grid_column *column = &grid->column[c];
    bool text = cell->kind == CB_CELL_TEXT;
    if (text && !column->width)
        m->text =
            max_of(m->text, width_for(cb_text_units(cell->text), reserved_px(grid, c, false)));
    else if (!text) /* a number that does not fit would be shown as "###" */
        m->number = max_of(m->number, cb_cell_characters(grid->owner, column, cell) + 2 + (c > 0));
}

static void measure_grid(cb_flow *f, const cb_grid *grid, measure *m)
{
    cb_rows rows;
    cb_rows_open(&rows, grid, NULL);
    for (unsigned c = 0; c < grid->columns; c++)
        measure_heading(grid, c, &m[c]);
    for (uint32_t r = 0; r < grid->rows && f->rc == CB_OK; r++) {
        const cb_cell *cells = cb_flow_row(f, &rows, r);
        for (unsigned c = 0; cells && c < grid->columns; c++)
            measure_cell(grid, c, &cells[c], &m[c]);
    }
    cb_rows_close(&rows);
}

static double width_of(const measure *m)
{
    unsigned cap = m->numbers ? MAX_SHARED_TEXT_WIDTH : MAX_WIDTH;
    unsigned text = m->text > cap ? cap : m->text;
    unsigned width = max_of(max_of(m->number, text), m->header);
    width = width < MIN_WIDTH ? MIN_WIDTH : width > MAX_WIDTH ? MAX_WIDTH : width;
    return max_of(width, m->fixed);
}

void cb_sheet_widths(cb_flow *f)
{
    cb_sheet_layout *sheet = f->sheet;
    measure m[CB_MAX_LAYOUT_COLUMNS] = {0};
    for (const cb_block *block = sheet->sheet->first; block; block = block->next) {
        if (!block->grid)
            continue;
        sheet->columns = max_of(sheet->columns, block->grid->columns);
        measure_grid(f, block->grid, m);
    }
    for (unsigned c = 0; c < sheet->columns; c++)
        sheet->width[c] = width_of(&m[c]);
}

unsigned cb_width_px(const cb_sheet_layout *sheet, unsigned column)
{
    return column < sheet->columns ? (unsigned)(sheet->width[column] * 7 + 0.5) + 5
                                   : ORDINARY_COLUMN_PX;
}
