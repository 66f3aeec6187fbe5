#include "casebook/workbook.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "report/safe.h"

enum { CB_MAX_GRID_COLUMNS = 256, CB_MAX_SHEET_NAME = 31, CB_FIRST_ROWS = 16 };

static const char none_reason[] = "not estimable";
static const char bound_reason[] = "bound not reached by the data";

/* The first thing that breaks stays; everything after it does nothing. */
static void break_workbook(cb_workbook *workbook, cb_status status, const char *what,
                           const char *name)
{
    if (workbook->status != CB_OK)
        return;
    workbook->status = cb_fail(&workbook->error, status, "workbook %.*s: %s: %s",
                               CB_STR_ARG(workbook->stem), name, what);
}

static void no_memory(cb_workbook *workbook)
{
    if (workbook->status == CB_OK)
        workbook->status = cb_nomem(&workbook->error, "a workbook");
}

static void *take(cb_workbook *workbook, size_t n, size_t size)
{
    if (!workbook || workbook->status != CB_OK)
        return NULL;
    void *out = cb_arena_array(workbook->arena, n, size);
    if (!out)
        no_memory(workbook);
    return out;
}

static cb_str keep(cb_workbook *workbook, cb_str text)
{
    bool changed = false;
    if (workbook->status != CB_OK)
        return (cb_str){"", 0};
    cb_str out = cb_safe_text(workbook->arena, text, &changed);
    workbook->texts_mended += changed;
    if (!out.at) {
        no_memory(workbook);
        return (cb_str){"", 0};
    }
    return out;
}

CB_PRINTF(2, 0)
static cb_str keep_format(cb_workbook *workbook, const char *format, va_list values)
{
    char small[512];
    va_list again;
    va_copy(again, values);
    int n = vsnprintf(small, sizeof small, format, values);
    cb_str out = {"", 0};
    if (n < 0) {
        break_workbook(workbook, CB_ECANTCREAT, "a text cannot be formatted", format);
    } else if ((size_t)n < sizeof small) {
        out = keep(workbook, (cb_str){small, (size_t)n});
    } else {
        char *large = take(workbook, (size_t)n + 1, 1);
        if (large && vsnprintf(large, (size_t)n + 1, format, again) == n)
            out = keep(workbook, (cb_str){large, (size_t)n});
    }
    va_end(again);
    return out;
}

/* ---- workbook and sheets ---- */

cb_workbook *cb_workbook_new(cb_arena *arena, const char *stem, const char *title)
{
    cb_workbook *workbook = cb_arena_get(arena, sizeof *workbook);
    if (!workbook)
        return NULL;
    workbook->arena = arena;
    workbook->currency_digits = 2;
    workbook->subject = workbook->footer = CB_LIT("");
    workbook->stem = keep(workbook, cb_str_of(stem));
    workbook->title = keep(workbook, cb_str_of(title));
    return workbook;
}

cb_status cb_workbook_status(const cb_workbook *workbook, cb_error *err)
{
    if (!workbook)
        return cb_nomem(err, "a workbook");
    return workbook->status == CB_OK ? CB_OK
                                     : cb_fail(err, workbook->status, "%s", workbook->error.why);
}

static bool sheet_name_fits(cb_str name)
{
    if (name.len == 0 || name.len > CB_MAX_SHEET_NAME || cb_str_eq_nocase(name, CB_LIT("History")))
        return false;
    for (size_t i = 0; i < name.len; i++) {
        if (name.at[i] < 0x20 || name.at[i] >= 0x7F || strchr("[]:*?/\\'", name.at[i]))
            return false;
    }
    return true;
}

static bool sheet_name_taken(const cb_workbook *workbook, cb_str name)
{
    for (const cb_sheet *sheet = workbook->first; sheet; sheet = sheet->next) {
        if (cb_str_eq_nocase(sheet->name, name))
            return true;
    }
    return false;
}

cb_sheet *cb_workbook_sheet(cb_workbook *workbook, const char *name, const char *title,
                            const char *subtitle)
{
    cb_sheet *sheet = take(workbook, 1, sizeof *sheet);
    if (!sheet)
        return NULL;
    if (!sheet_name_fits(cb_str_of(name)))
        break_workbook(workbook, CB_ECANTCREAT, "this cannot be the name of a sheet", name);
    else if (sheet_name_taken(workbook, cb_str_of(name)))
        break_workbook(workbook, CB_ECANTCREAT, "two sheets have this name", name);
    sheet->owner = workbook;
    sheet->name = keep(workbook, cb_str_of(name));
    sheet->title = keep(workbook, cb_str_of(title));
    sheet->subtitle = keep(workbook, cb_str_of(subtitle));
    if (workbook->status != CB_OK)
        return NULL;
    if (workbook->last)
        workbook->last->next = sheet;
    else
        workbook->first = sheet;
    workbook->last = sheet;
    workbook->sheets++;
    return sheet;
}

static cb_block *add_block(cb_sheet *sheet, cb_block_kind kind)
{
    cb_block *block = sheet ? take(sheet->owner, 1, sizeof *block) : NULL;
    if (!block)
        return NULL;
    block->kind = kind;
    block->text = CB_LIT("");
    if (sheet->last)
        sheet->last->next = block;
    else
        sheet->first = block;
    sheet->last = block;
    return block;
}

CB_PRINTF(3, 0)
static void add_text(cb_sheet *sheet, cb_block_kind kind, const char *format, va_list values)
{
    cb_block *block = add_block(sheet, kind);
    if (block)
        block->text = keep_format(sheet->owner, format, values);
}

#define CB_ADD_TEXT(kind)                                                                          \
    va_list values;                                                                                \
    va_start(values, format);                                                                      \
    add_text(sheet, (kind), format, values);                                                       \
    va_end(values)

void cb_sheet_heading(cb_sheet *sheet, const char *format, ...)
{
    CB_ADD_TEXT(CB_BLOCK_HEADING);
}

void cb_sheet_paragraph(cb_sheet *sheet, const char *format, ...)
{
    CB_ADD_TEXT(CB_BLOCK_PARAGRAPH);
}

void cb_sheet_finding(cb_sheet *sheet, const char *format, ...)
{
    CB_ADD_TEXT(CB_BLOCK_FINDING);
}

/* ---- grids ---- */

static bool id_fits(cb_str id)
{
    if (id.len == 0 || id.len > 60)
        return false;
    for (size_t i = 0; i < id.len; i++) {
        char c = id.at[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
            return false;
    }
    return true;
}

cb_grid *cb_workbook_find(const cb_workbook *workbook, cb_str id)
{
    for (const cb_sheet *sheet = workbook ? workbook->first : NULL; sheet; sheet = sheet->next) {
        for (const cb_block *block = sheet->first; block; block = block->next) {
            if (block->grid && cb_str_eq(block->grid->id, id))
                return block->grid;
        }
    }
    return NULL;
}

static bool copy_columns(cb_grid *grid, const cb_grid_column *columns, unsigned n)
{
    grid->column = take(grid->owner, n, sizeof *columns);
    for (unsigned i = 0; grid->column && i < n; i++) {
        grid->column[i] = columns[i];
        grid->column[i].title = keep(grid->owner, cb_str_of(columns[i].title)).at;
        if (columns[i].note)
            grid->column[i].note = keep(grid->owner, cb_str_of(columns[i].note)).at;
    }
    grid->columns = n;
    return grid->owner->status == CB_OK;
}

cb_grid *cb_sheet_grid(cb_sheet *sheet, const char *id, const char *title,
                       const cb_grid_column *columns, unsigned n)
{
    cb_workbook *workbook = sheet ? sheet->owner : NULL;
    cb_grid *grid = take(workbook, 1, sizeof *grid);
    if (!grid)
        return NULL;
    if (!id_fits(cb_str_of(id)))
        break_workbook(workbook, CB_ECANTCREAT, "this cannot be the id of a grid", id);
    else if (cb_workbook_find(workbook, cb_str_of(id)))
        break_workbook(workbook, CB_ECANTCREAT, "two grids have this id", id);
    else if (n == 0 || n > CB_MAX_GRID_COLUMNS)
        break_workbook(workbook, CB_ELIMIT, "a grid has 1 to 256 columns", id);
    grid->owner = workbook;
    grid->id = keep(workbook, cb_str_of(id));
    grid->title = keep(workbook, cb_str_of(title));
    grid->caption = CB_LIT("");
    if (workbook->status != CB_OK || !copy_columns(grid, columns, n))
        return NULL;
    cb_block *block = add_block(sheet, CB_BLOCK_GRID);
    if (!block)
        return NULL;
    block->grid = grid;
    return grid;
}

void cb_grid_caption(cb_grid *grid, const char *format, ...)
{
    if (!grid)
        return;
    va_list values;
    va_start(values, format);
    grid->caption = keep_format(grid->owner, format, values);
    va_end(values);
}

static bool resize_rows(cb_grid *grid, size_t cap)
{
    size_t cells = 0;
    cb_cell *cell =
        cb_mul(cap, grid->columns, &cells) ? take(grid->owner, cells, sizeof *cell) : NULL;
    if (!cell)
        return false;
    if (grid->rows > 0)
        memcpy(cell, grid->cell, (size_t)grid->rows * grid->columns * sizeof *cell);
    grid->cell = cell;
    grid->cap = cap;
    return true;
}

void cb_grid_reserve(cb_grid *grid, uint32_t rows)
{
    if (grid && grid->owner->status == CB_OK && rows > grid->cap)
        (void)resize_rows(grid, rows); /* a failure is kept in the workbook's status */
}

cb_cell *cb_grid_row(cb_grid *grid)
{
    if (!grid || grid->owner->status != CB_OK)
        return NULL;
    if (grid->fill || grid->scratch)
        break_workbook(grid->owner, CB_ECANTCREAT, "its rows come from a source", grid->id.at);
    else if (grid->rows == UINT32_MAX)
        break_workbook(grid->owner, CB_ELIMIT, "too many rows", grid->id.at);
    else if (grid->rows == grid->cap)
        (void)resize_rows(grid, grid->cap ? grid->cap * 2 : CB_FIRST_ROWS);
    if (grid->owner->status != CB_OK)
        return NULL;
    cb_cell *row = grid->cell + (size_t)grid->rows * grid->columns;
    for (unsigned i = 0; i < grid->columns; i++)
        row[i].text = CB_LIT("");
    grid->rows++;
    return row;
}

void cb_grid_source(cb_grid *grid, uint32_t rows,
                    void (*fill)(const void *ctx, uint32_t row, cb_grid *into), const void *ctx)
{
    if (!grid || grid->owner->status != CB_OK)
        return;
    if (grid->rows > 0 || grid->fill || grid->scratch) {
        break_workbook(grid->owner, CB_ECANTCREAT, "it has rows already", grid->id.at);
        return;
    }
    grid->rows = rows;
    grid->fill = fill;
    grid->fill_ctx = ctx;
}

static cb_cell *outside(cb_grid *grid)
{
    break_workbook(grid->owner, CB_ECANTCREAT, "a cell outside the grid was set", grid->id.at);
    return NULL;
}

static inline cb_cell *last_cell(cb_grid *grid, unsigned column)
{
    if (!grid || grid->owner->status != CB_OK)
        return NULL;
    if (grid->rows == 0 || grid->fill || column >= grid->columns)
        return outside(grid);
    return grid->cell + (size_t)(grid->rows - 1) * grid->columns + column;
}

cb_cell *cb_last_cell(cb_grid *grid, unsigned column)
{
    return last_cell(grid, column);
}

/* ---- cells ---- */

static void put_i64(cb_grid *grid, unsigned column, cb_cell_kind kind, int64_t value)
{
    cb_cell *cell = last_cell(grid, column);
    if (!cell)
        return;
    cell->kind = kind;
    cell->v.i = value;
}

static void put_double(cb_grid *grid, unsigned column, cb_cell_kind kind, double value)
{
    if (!isfinite(value)) {
        cb_put_none(grid, column, none_reason);
        return;
    }
    cb_cell *cell = last_cell(grid, column);
    if (!cell)
        return;
    cell->kind = kind;
    cell->v.d = value;
}

void cb_put_text(cb_grid *grid, unsigned column, cb_str text)
{
    cb_cell *cell = last_cell(grid, column);
    if (!cell)
        return;
    cell->kind = CB_CELL_TEXT;
    cell->text = keep(grid->owner, text);
}

void cb_put_lasting(cb_grid *grid, unsigned column, cb_str text)
{
    cb_cell *cell = last_cell(grid, column);
    if (!cell)
        return;
    cell->kind = CB_CELL_TEXT;
    cell->text = text.at && cb_text_is_fit(text) ? text : keep(grid->owner, text);
}

void cb_put_textf(cb_grid *grid, unsigned column, const char *format, ...)
{
    cb_cell *cell = last_cell(grid, column);
    if (!cell)
        return;
    va_list values;
    va_start(values, format);
    cell->kind = CB_CELL_TEXT;
    cell->text = keep_format(grid->owner, format, values);
    va_end(values);
}

void cb_put_count(cb_grid *grid, unsigned column, uint64_t count)
{
    put_i64(grid, column, CB_CELL_COUNT, count > INT64_MAX ? INT64_MAX : (int64_t)count);
}

void cb_put_number(cb_grid *grid, unsigned column, double value)
{
    put_double(grid, column, CB_CELL_NUMBER, value);
}

void cb_put_percent(cb_grid *grid, unsigned column, double share)
{
    put_double(grid, column, CB_CELL_PERCENT, share);
}

void cb_put_money(cb_grid *grid, unsigned column, int64_t minor)
{
    if (minor == CB_NO_AMOUNT)
        cb_put_none(grid, column, "not known");
    else
        put_i64(grid, column, CB_CELL_MONEY, minor);
}

void cb_put_time(cb_grid *grid, unsigned column, int64_t utc_s)
{
    put_i64(grid, column, utc_s == CB_NO_TIME ? CB_CELL_EMPTY : CB_CELL_TIME, utc_s);
}

void cb_put_date(cb_grid *grid, unsigned column, int64_t utc_s)
{
    put_i64(grid, column, utc_s == CB_NO_TIME ? CB_CELL_EMPTY : CB_CELL_DATE, utc_s);
}

void cb_put_none(cb_grid *grid, unsigned column, const char *reason)
{
    cb_cell *cell = last_cell(grid, column);
    if (!cell)
        return;
    cell->kind = CB_CELL_NONE;
    cell->text = keep(grid->owner, cb_str_of(reason && *reason ? reason : none_reason));
}

/* Doubles up to 9e18 fit an int64; what an estimate of money beyond that means, nobody can say. */
static void put_rounded(cb_grid *grid, unsigned column, cb_cell_kind kind, double value)
{
    if (fabs(value) < 9e18)
        put_i64(grid, column, kind, (int64_t)llround(value));
    else
        cb_put_none(grid, column, "too large to be shown");
}

static void put_estimated(cb_grid *grid, unsigned column, double value, const char *reason)
{
    cb_cell_kind kind = grid && column < grid->columns ? grid->column[column].kind : CB_CELL_NUMBER;
    if (!isfinite(value))
        cb_put_none(grid, column, reason);
    else if (kind == CB_CELL_MONEY || kind == CB_CELL_COUNT)
        put_rounded(grid, column, kind, value);
    else
        put_double(grid, column, kind == CB_CELL_PERCENT ? CB_CELL_PERCENT : CB_CELL_NUMBER, value);
}

void cb_put_est(cb_grid *grid, unsigned column, cb_est est)
{
    const char *missing = est.reason ? est.reason : none_reason;
    put_estimated(grid, column, est.value, missing);
    put_estimated(grid, column + 1, est.low, est.reason ? est.reason : bound_reason);
    put_estimated(grid, column + 2, est.high, est.reason ? est.reason : bound_reason);
}

/* NULL: no such cell, or no memory. */
static cb_cell_more *more_of(cb_grid *grid, unsigned column)
{
    cb_cell *cell = last_cell(grid, column);
    if (!cell || cell->more)
        return cell ? cell->more : NULL;
    if (grid->scratch) {
        break_workbook(grid->owner, CB_ECANTCREAT,
                       "a cell of a source has no formula, name, link or note", grid->id.at);
        return NULL;
    }
    cell->more = take(grid->owner, 1, sizeof *cell->more);
    if (cell->more)
        *cell->more = (cb_cell_more){CB_LIT(""), CB_LIT(""), CB_LIT(""), CB_LIT("")};
    return cell->more;
}

void cb_set_formula(cb_grid *grid, unsigned column, const char *format, ...)
{
    cb_cell_more *more = more_of(grid, column);
    if (!more)
        return;
    va_list values;
    va_start(values, format);
    more->formula = keep_format(grid->owner, format, values);
    va_end(values);
}

void cb_set_name(cb_grid *grid, unsigned column, const char *name)
{
    cb_cell_more *more = more_of(grid, column);
    if (more)
        more->name = keep(grid->owner, cb_str_of(name));
}

void cb_set_link(cb_grid *grid, unsigned column, const char *grid_id)
{
    cb_cell_more *more = more_of(grid, column);
    if (more)
        more->link = keep(grid->owner, cb_str_of(grid_id));
}

void cb_set_note(cb_grid *grid, unsigned column, const char *format, ...)
{
    cb_cell_more *more = more_of(grid, column);
    if (!more)
        return;
    va_list values;
    va_start(values, format);
    more->note = keep_format(grid->owner, format, values);
    va_end(values);
}

void cb_set_decimals(cb_grid *grid, unsigned column, uint8_t decimals)
{
    cb_cell *cell = last_cell(grid, column);
    if (cell)
        cell->precision = (uint8_t)(decimals + 1);
}

void cb_set_strong(cb_grid *grid, unsigned column, uint8_t strong)
{
    cb_cell *cell = last_cell(grid, column);
    if (cell)
        cell->strong = strong;
}

void cb_grid_total(cb_grid *grid)
{
    if (cb_last_cell(grid, 0))
        grid->total = true;
}

/* ---- charts ---- */

cb_chart *cb_sheet_chart(cb_sheet *sheet, cb_chart_kind kind, const char *title,
                         const char *x_title, const char *y_title)
{
    cb_workbook *workbook = sheet ? sheet->owner : NULL;
    cb_chart *chart = take(workbook, 1, sizeof *chart);
    cb_block *block = chart ? add_block(sheet, CB_BLOCK_CHART) : NULL;
    if (!block)
        return NULL;
    block->chart = chart;
    chart->kind = kind;
    chart->owner = workbook;
    chart->title = keep(workbook, cb_str_of(title));
    chart->x_title = keep(workbook, cb_str_of(x_title));
    chart->y_title = keep(workbook, cb_str_of(y_title));
    chart->alt = CB_LIT("");
    return workbook->status == CB_OK ? chart : NULL;
}

void cb_chart_series(cb_chart *chart, const cb_grid *grid, unsigned x_column, unsigned y_column,
                     const char *title, cb_series_look look)
{
    if (!chart || !grid || chart->owner->status != CB_OK)
        return;
    if (grid->owner != chart->owner || x_column >= grid->columns || y_column >= grid->columns) {
        break_workbook(chart->owner, CB_ECANTCREAT, "a series of a chart stands outside the grid",
                       grid->id.at);
        return;
    }
    if (chart->series_n == CB_MAX_SERIES) {
        break_workbook(chart->owner, CB_ELIMIT, "a chart has at most 8 series", grid->id.at);
        return;
    }
    chart->series[chart->series_n++] = (cb_series){.grid = grid,
                                                   .x_column = x_column,
                                                   .y_column = y_column,
                                                   .title = keep(chart->owner, cb_str_of(title)),
                                                   .look = look};
}

void cb_chart_title(cb_chart *chart, const char *format, ...)
{
    if (!chart)
        return;
    va_list values;
    va_start(values, format);
    chart->title = keep_format(chart->owner, format, values);
    va_end(values);
}

void cb_chart_alt(cb_chart *chart, const char *format, ...)
{
    if (!chart)
        return;
    va_list values;
    va_start(values, format);
    chart->alt = keep_format(chart->owner, format, values);
    va_end(values);
}
