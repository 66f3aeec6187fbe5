#include "casebook/twin.h"

#include <math.h>
#include <stdio.h>

#include "casebook/layout.h"
#include "report/safe.h"

#define MAX_EXACT INT64_C(999999999999999) /* 15 digits */

// clang-format off
static const char *const kind_names[] = {
    [CB_CELL_EMPTY] = "empty",     [CB_CELL_TEXT] = "text",   [CB_CELL_COUNT] = "count", [CB_CELL_NUMBER] = "number",
    [CB_CELL_PERCENT] = "percent", [CB_CELL_MONEY] = "money", [CB_CELL_TIME] = "time",   [CB_CELL_DATE] = "date",
    [CB_CELL_NONE] = "none",
};
// clang-format on
// clang-format off
static const char *const chart_names[] = {
    [CB_CHART_BAR] = "bar",   [CB_CHART_COLUMN] = "column",   [CB_CHART_LINE] = "line", [CB_CHART_STEP] = "step",
    [CB_CHART_SCATTER] = "scatter", [CB_CHART_STACKED_COLUMN] = "stacked-column", [CB_CHART_STACKED_BAR] = "stacked-bar",
};
// clang-format on
// clang-format off
static const char *const look_names[] = {
    [CB_LOOK_MAIN] = "main", [CB_LOOK_SECOND] = "second", [CB_LOOK_THIRD] = "third",   [CB_LOOK_LIMIT] = "limit",
    [CB_LOOK_MEAN] = "mean", [CB_LOOK_MUTED] = "muted",   [CB_LOOK_POINTS] = "points", [CB_LOOK_SIGNAL] = "signal",
};
// clang-format on
// clang-format off
static const char *const block_names[] = {
    [CB_BLOCK_HEADING] = "heading", [CB_BLOCK_PARAGRAPH] = "paragraph", [CB_BLOCK_FINDING] = "finding",
    [CB_BLOCK_GRID] = "grid",       [CB_BLOCK_CHART] = "chart",
};
// clang-format on

/* ---- setting, with one sticky failure ---- */

typedef struct twin {
    const cb_workbook *workbook;
    bool failed;
} twin;

static void set(twin *t, json_t *object, const char *key, json_t *value)
{
    if (!value || json_object_set_new(object, key, value) != 0)
        t->failed = true;
}

static void append(twin *t, json_t *array, json_t *value)
{
    if (!value || json_array_append_new(array, value) != 0)
        t->failed = true;
}

/* Texts were made valid when they were put in; one that a composer set past that is made so here.
 */
static json_t *text_of(cb_str text)
{
    if (cb_utf8_valid(text))
        return json_stringn(text.len ? text.at : "", text.len);
    cb_arena *scratch = cb_arena_new(NULL, 0);
    cb_str mended = scratch ? cb_safe_text(scratch, text, NULL) : (cb_str){NULL, 0};
    json_t *out = mended.at ? json_stringn(mended.at, mended.len) : NULL;
    cb_arena_free(scratch);
    return out;
}

/* A new array or object that already stands in its parent; NULL once failed. */
static json_t *open_in(twin *t, json_t *object, const char *key, json_t *child)
{
    set(t, object, key, child);
    return t->failed ? NULL : child;
}

static json_t *open_last(twin *t, json_t *array, json_t *child)
{
    append(t, array, child);
    return t->failed ? NULL : child;
}

/* ---- cells ---- */

static json_t *amount(int64_t value, unsigned digits)
{
    char text[32];
    double unit = 1;
    for (unsigned i = 0; i < digits; i++)
        unit *= 10;
    if (value < -MAX_EXACT || value > MAX_EXACT)
        return json_stringn(text, (size_t)cb_amount_text(text, value, digits));
    return digits ? json_real((double)value / unit) : json_integer((json_int_t)value);
}

static json_t *moment(const twin *t, int64_t utc_s, bool date_only)
{
    char text[32];
    const cb_zone *zone = t->workbook->zone;
    if (!date_only) {
        cb_time_text(text, utc_s);
        return json_string(text);
    }
    if (zone) {
        cb_date_text(text, utc_s, zone);
        return json_string(text);
    }
    cb_time_text(text, utc_s);
    return json_stringn(text, strlen(text) - strlen("T00:00:00Z"));
}

static json_t *value_of(const twin *t, const cb_cell *cell)
{
    switch (cell->kind) {
    case CB_CELL_TEXT:
        return text_of(cell->text);
    case CB_CELL_COUNT:
        return amount(cell->v.i, 0);
    case CB_CELL_MONEY:
        return amount(cell->v.i, t->workbook->currency_digits);
    case CB_CELL_TIME:
        return moment(t, cell->v.i, false);
    case CB_CELL_DATE:
        return moment(t, cell->v.i, true);
    case CB_CELL_NUMBER:
    case CB_CELL_PERCENT:
        return isfinite(cell->v.d) ? json_real(cb_round_15(cell->v.d)) : json_null();
    case CB_CELL_EMPTY:
    case CB_CELL_NONE:
        break;
    }
    return json_null();
}

/* ---- grids ---- */

static void add_columns(twin *t, json_t *object, const cb_grid *grid)
{
    json_t *columns = open_in(t, object, "columns", json_array());
    for (unsigned c = 0; c < grid->columns && !t->failed; c++) {
        const cb_grid_column *from = &grid->column[c];
        json_t *column = open_last(t, columns, json_object());
        if (!column)
            return;
        set(t, column, "title", text_of(cb_str_of(from->title)));
        set(t, column, "kind", json_string(kind_names[from->kind]));
        set(t, column, "decimals",
            json_integer(from->kind == CB_CELL_MONEY ? (json_int_t)t->workbook->currency_digits
                                                     : from->decimals));
        if (from->note)
            set(t, column, "note", text_of(cb_str_of(from->note)));
    }
}

static void add_row(twin *t, json_t *rows, json_t *reasons, const cb_grid *grid, uint32_t r)
{
    json_t *row = open_last(t, rows, json_array());
    for (unsigned c = 0; c < grid->columns && !t->failed; c++) {
        const cb_cell *cell = &grid->cell[(size_t)r * grid->columns + c];
        append(t, row, value_of(t, cell));
        if (cell->kind != CB_CELL_NONE)
            continue;
        char place[32];
        (void)snprintf(place, sizeof place, "%lu,%u", (unsigned long)r, c);
        set(t, reasons, place, text_of(cell->text));
    }
}

static void add_grid(twin *t, json_t *object, const cb_grid *grid)
{
    set(t, object, "id", text_of(grid->id));
    set(t, object, "title", text_of(grid->title));
    set(t, object, "caption", text_of(grid->caption));
    set(t, object, "total", json_boolean(grid->total));
    add_columns(t, object, grid);
    json_t *rows = open_in(t, object, "rows", json_array());
    json_t *reasons = open_in(t, object, "reasons", json_object());
    for (uint32_t r = 0; r < grid->rows && !t->failed; r++)
        add_row(t, rows, reasons, grid, r);
}

/* ---- charts ---- */

static void add_series(twin *t, json_t *list, const cb_series *from)
{
    json_t *series = open_last(t, list, json_object());
    if (!series)
        return;
    set(t, series, "grid", text_of(from->grid->id));
    set(t, series, "x_column", json_integer(from->x_column));
    set(t, series, "y_column", json_integer(from->y_column));
    set(t, series, "first_row", json_integer(from->first_row));
    set(t, series, "rows", json_integer(cb_series_rows(from)));
    set(t, series, "title", text_of(from->title));
    set(t, series, "look", json_string(look_names[from->look]));
}

static void add_chart(twin *t, json_t *object, const cb_chart *chart)
{
    set(t, object, "kind", json_string(chart_names[chart->kind]));
    set(t, object, "title", text_of(chart->title));
    set(t, object, "x_title", text_of(chart->x_title));
    set(t, object, "y_title", text_of(chart->y_title));
    set(t, object, "alt", text_of(chart->alt));
    json_t *list = open_in(t, object, "series", json_array());
    for (unsigned i = 0; i < chart->series_n && !t->failed; i++)
        add_series(t, list, &chart->series[i]);
}

/* ---- sheets ---- */

static void add_block(twin *t, json_t *blocks, const cb_block *from)
{
    json_t *block = open_last(t, blocks, json_object());
    if (!block)
        return;
    set(t, block, "type", json_string(block_names[from->kind]));
    if (from->grid)
        add_grid(t, block, from->grid);
    else if (from->chart)
        add_chart(t, block, from->chart);
    else
        set(t, block, "text", text_of(from->text));
}

static void add_sheet(twin *t, json_t *sheets, const cb_sheet *from)
{
    json_t *sheet = open_last(t, sheets, json_object());
    if (!sheet)
        return;
    set(t, sheet, "name", text_of(from->name));
    set(t, sheet, "title", text_of(from->title));
    set(t, sheet, "subtitle", text_of(from->subtitle));
    json_t *blocks = open_in(t, sheet, "blocks", json_array());
    for (const cb_block *block = from->first; block && !t->failed; block = block->next)
        add_block(t, blocks, block);
}

json_t *cb_twin_json(const cb_workbook *workbook)
{
    twin t = {workbook, false};
    json_t *sheets = json_array();
    if (!sheets)
        return NULL;
    for (const cb_sheet *sheet = workbook->first; sheet && !t.failed; sheet = sheet->next)
        add_sheet(&t, sheets, sheet);
    if (!t.failed)
        return sheets;
    json_decref(sheets);
    return NULL;
}
