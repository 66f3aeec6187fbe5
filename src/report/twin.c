#include "casebook/twin.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "casebook/layout.h"
#include "report/json_text.h"
#include "report/safe.h"

#define MAX_EXACT INT64_C(999999999999999) /* 15 digits */

// clang-format off
static const char *const kind_names[] = {
    [CB_CELL_EMPTY] = "empty",     [CB_CELL_TEXT] = "text",   [CB_CELL_COUNT] = "count", [CB_CELL_NUMBER] = "number",
    [CB_CELL_PERCENT] = "percent", [CB_CELL_MONEY] = "money", [CB_CELL_TIME] = "time",   [CB_CELL_DATE] = "date",
    [CB_CELL_NONE] = "none",       [CB_CELL_P] = "number",
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

typedef struct twin {
    const cb_workbook *workbook;
    const cb_workers *workers;
    cb_json json;
} twin;

/* Texts were made valid when they were put in; one that a composer set past that is made so here.
 */
static void put_other_text(twin *t, const char *key, cb_str text)
{
    if (cb_utf8_valid(text)) {
        cb_json_text(&t->json, key, text);
        return;
    }
    cb_arena *scratch = cb_arena_new(t->json.out->alloc, 0);
    cb_str mended = scratch ? cb_safe_text(scratch, text, NULL) : (cb_str){NULL, 0};
    if (mended.at)
        cb_json_text(&t->json, key, mended);
    else
        t->json.rc = CB_ENOMEM;
    cb_arena_free(scratch);
}

static inline void put_text(twin *t, const char *key, cb_str text)
{
    if (!cb_json_plain(&t->json, key, text))
        put_other_text(t, key, text);
}

/* ---- cells ---- */

/* What the double nearest to the amount is printed as: its decimals without zeros at the end. */
static void put_amount(twin *t, int64_t value, unsigned digits)
{
    char text[32];
    if (value >= -MAX_EXACT && value <= MAX_EXACT) {
        cb_json_amount(&t->json, NULL, value, digits);
        return;
    }
    int len = cb_amount_text(text, value, digits);
    cb_json_text(&t->json, NULL, (cb_str){text, (size_t)len});
}

static void put_moment(twin *t, int64_t utc_s, bool date_only)
{
    const cb_zone *zone = t->workbook->zone;
    if (date_only)
        cb_json_date(&t->json, NULL, zone ? cb_zone_to_local(zone, utc_s) : utc_s);
    else
        cb_json_time(&t->json, NULL, utc_s);
}

static void put_value(twin *t, const cb_cell *cell)
{
    switch (cell->kind) {
    case CB_CELL_TEXT:
        put_text(t, NULL, cell->text);
        return;
    case CB_CELL_COUNT:
        put_amount(t, cell->v.i, 0);
        return;
    case CB_CELL_MONEY:
        put_amount(t, cell->v.i, t->workbook->currency_digits);
        return;
    case CB_CELL_TIME:
    case CB_CELL_DATE:
        put_moment(t, cell->v.i, cell->kind == CB_CELL_DATE);
        return;
    case CB_CELL_NUMBER:
    case CB_CELL_P:
    case CB_CELL_PERCENT:
        if (isfinite(cell->v.d)) {
            cb_json_real(&t->json, NULL, cell->v.d);
            return;
        }
        break;
    case CB_CELL_EMPTY:
    case CB_CELL_NONE:
        break;
    }
    cb_json_word(&t->json, NULL, "null");
}

/* ---- grids ---- */

static void put_columns(twin *t, const cb_grid *grid)
{
    cb_json_open(&t->json, "columns", '[');
    for (unsigned c = 0; c < grid->columns; c++) {
        const cb_grid_column *column = &grid->column[c];
        bool money = column->kind == CB_CELL_MONEY;
        cb_json_open(&t->json, NULL, '{');
        put_text(t, "title", cb_str_of(column->title));
        put_text(t, "kind", cb_str_of(kind_names[column->kind]));
        cb_json_count(&t->json, "decimals",
                      money ? t->workbook->currency_digits : column->decimals);
        if (column->note)
            put_text(t, "note", cb_str_of(column->note));
        cb_json_close(&t->json, '}');
    }
    cb_json_close(&t->json, ']');
}

/* The cells of a row; NULL once something has failed. */
static const cb_cell *row_at(twin *t, cb_rows *rows, uint32_t row)
{
    const cb_cell *cells = t->json.rc == CB_OK ? cb_rows_at(rows, row) : NULL;
    if (!cells && t->json.rc == CB_OK)
        t->json.rc = cb_rows_status(rows, t->json.err);
    return cells;
}

/* Rows from … to - 1. Returns the first of them with a cell that has a reason, or `to`. */
static uint32_t put_some_rows(twin *t, cb_rows *rows, uint32_t from, uint32_t to)
{
    uint32_t reason = to;
    for (uint32_t r = from; r < to; r++) {
        const cb_cell *cells = row_at(t, rows, r);
        if (!cells)
            break;
        cb_json_open_row(&t->json);
        for (unsigned c = 0; c < rows->grid->columns; c++) {
            put_value(t, &cells[c]);
            if (cells[c].kind == CB_CELL_NONE && reason == to)
                reason = r;
        }
        cb_json_close_row(&t->json);
    }
    return reason;
}

/* ---- rows of a large grid: made and written side by side, a run of them a slot ---- */

enum { ROWS_OF_RUN = 1024, MOST_SLOTS = 8 };

typedef struct run {
    twin twin; /* its JSON goes into text */
    cb_rows rows;
    cb_buf text;
    uint32_t from, to, reason;
} run;

typedef struct runs {
    twin *twin;      /* of give_run alone */
    const twin form; /* as twin was before the first row */
    const cb_grid *grid;
    uint32_t next, reason;
} runs;

static cb_status take_run(void *ctx, void *slot, bool *end, cb_error *err)
{
    runs *all = ctx;
    run *one = slot;
    uint32_t left = all->grid->rows - all->next;
    (void)err;
    *end = left == 0;
    one->from = all->next;
    all->next += left < ROWS_OF_RUN ? left : ROWS_OF_RUN;
    one->to = all->next;
    return CB_OK;
}

static cb_status write_run(void *ctx, void *slot, cb_error *err)
{
    const runs *all = ctx;
    run *one = slot;
    one->text.len = 0;
    one->twin = all->form;
    one->twin.json = cb_json_part(&all->form.json, &one->text, one->from == 0, err);
    one->reason = put_some_rows(&one->twin, &one->rows, one->from, one->to);
    return cb_json_end(&one->twin.json);
}

static cb_status give_run(void *ctx, void *slot, cb_error *err)
{
    runs *all = ctx;
    const run *one = slot;
    (void)err;
    if (one->reason < one->to && all->reason == all->grid->rows)
        all->reason = one->reason;
    cb_json_join(&all->twin->json, (cb_str){one->text.at, one->text.len});
    return all->twin->json.rc;
}

static uint32_t put_many_rows(twin *t, const cb_grid *grid)
{
    run slots[MOST_SLOTS];
    void *slot_at[MOST_SLOTS];
    cb_workers workers = *t->workers;
    runs all = {.twin = t, .form = *t, .grid = grid, .reason = grid->rows};
    if (workers.threads > MOST_SLOTS / 2)
        workers.threads = MOST_SLOTS / 2;
    size_t n = 2 * (size_t)workers.threads;
    for (size_t i = 0; i < n; i++) {
        slot_at[i] = &slots[i];
        cb_rows_open(&slots[i].rows, grid, t->json.out->alloc);
        cb_buf_init(&slots[i].text, t->json.out->alloc, SIZE_MAX);
    }
    cb_pipe pipe = {take_run, write_run, give_run, &all, slot_at, n};
    cb_status rc = cb_workers_pipe(&workers, &pipe, t->json.err);
    if (t->json.rc == CB_OK && rc != CB_OK)
        t->json.rc = rc;
    for (size_t i = 0; i < n; i++) {
        cb_rows_close(&slots[i].rows);
        cb_buf_free(&slots[i].text);
    }
    return all.reason;
}

/* Returns the first row with a cell that has a reason. */
static uint32_t put_rows(twin *t, cb_rows *rows)
{
    uint32_t n = rows->grid->rows, reason;
    cb_json_open(&t->json, "rows", '[');
    if (t->workers->threads > 1 && n > 2 * ROWS_OF_RUN && t->json.rc == CB_OK)
        reason = put_many_rows(t, rows->grid);
    else
        reason = put_some_rows(t, rows, 0, n);
    cb_json_close(&t->json, ']');
    return reason;
}

static void put_reasons(twin *t, cb_rows *rows, uint32_t first)
{
    cb_json_open(&t->json, "reasons", '{');
    for (uint32_t r = first; r < rows->grid->rows; r++) {
        const cb_cell *cells = row_at(t, rows, r);
        for (unsigned c = 0; cells && c < rows->grid->columns; c++) {
            char place[32];
            if (cells[c].kind != CB_CELL_NONE)
                continue;
            (void)snprintf(place, sizeof place, "%lu,%u", (unsigned long)r, c);
            put_text(t, place, cells[c].text);
        }
        if (!cells)
            break;
    }
    cb_json_close(&t->json, '}');
}

static void put_grid(twin *t, const cb_grid *grid)
{
    cb_rows rows;
    put_text(t, "id", grid->id);
    put_text(t, "title", grid->title);
    put_text(t, "caption", grid->caption);
    cb_json_word(&t->json, "total", grid->total ? "true" : "false");
    put_columns(t, grid);
    cb_rows_open(&rows, grid, t->json.out->alloc);
    put_reasons(t, &rows, put_rows(t, &rows));
    cb_rows_close(&rows);
}

/* ---- charts ---- */

static void put_series(twin *t, const cb_series *series)
{
    cb_json_open(&t->json, NULL, '{');
    put_text(t, "grid", series->grid->id);
    cb_json_count(&t->json, "x_column", series->x_column);
    cb_json_count(&t->json, "y_column", series->y_column);
    cb_json_count(&t->json, "first_row", series->first_row);
    cb_json_count(&t->json, "rows", cb_series_rows(series));
    put_text(t, "title", series->title);
    put_text(t, "look", cb_str_of(look_names[series->look]));
    cb_json_close(&t->json, '}');
}

static void put_chart(twin *t, const cb_chart *chart)
{
    put_text(t, "kind", cb_str_of(chart_names[chart->kind]));
    put_text(t, "title", chart->title);
    put_text(t, "x_title", chart->x_title);
    put_text(t, "y_title", chart->y_title);
    put_text(t, "alt", chart->alt);
    cb_json_open(&t->json, "series", '[');
    for (unsigned i = 0; i < chart->series_n; i++)
        put_series(t, &chart->series[i]);
    cb_json_close(&t->json, ']');
}

/* ---- sheets ---- */

static void put_block(twin *t, const cb_block *block)
{
    cb_json_open(&t->json, NULL, '{');
    put_text(t, "type", cb_str_of(block_names[block->kind]));
    if (block->grid)
        put_grid(t, block->grid);
    else if (block->chart)
        put_chart(t, block->chart);
    else
        put_text(t, "text", block->text);
    cb_json_close(&t->json, '}');
}

static void put_sheet(twin *t, const cb_sheet *sheet)
{
    cb_json_open(&t->json, NULL, '{');
    put_text(t, "name", sheet->name);
    put_text(t, "title", sheet->title);
    put_text(t, "subtitle", sheet->subtitle);
    cb_json_open(&t->json, "blocks", '[');
    for (const cb_block *block = sheet->first; block; block = block->next)
        put_block(t, block);
    cb_json_close(&t->json, ']');
    cb_json_close(&t->json, '}');
}

cb_status cb_twin_write(const cb_workbook *workbook, const cb_workers *workers, unsigned depth,
                        cb_buf *out, const cb_taker *to, cb_error *err)
{
    twin t = {workbook, workers, cb_json_begin(out, to, depth, err)};
    cb_json_open(&t.json, NULL, '[');
    for (const cb_sheet *sheet = workbook->first; sheet && t.json.rc == CB_OK; sheet = sheet->next)
        put_sheet(&t, sheet);
    cb_json_close(&t.json, ']');
    return cb_json_end(&t.json);
}
