#include "casebook/layout.h"

#include <math.h>
#include <stdio.h>

#include "report/layout_parts.h"
#include "report/safe.h"

enum {
    MAX_FORMULA_BYTES = 8192,
    MAX_STORED_BYTES = 1 << 20,
    EPOCH_SERIAL = 25569,
    FIRST_SERIAL = 61,
    END_SERIAL = 2958466
};
#define MAX_EXACT INT64_C(999999999999999) /* 15 digits */

struct cb_cursor {
    const cb_layout *layout;
    const cb_sheet_layout *sheet;
    size_t item;
    uint32_t row; /* within the item */
    unsigned column;
    cb_rows rows;         /* of the item's grid */
    const cb_cell *cells; /* of the row */
    cb_buf text, formula, note;
    cb_status rc;
    cb_error error;
};

double cb_round_15(double value)
{
    char digits[40];
    double rounded = value;
    int n = snprintf(digits, sizeof digits, "%.15g", value);
    if (n <= 0 || !cb_parse_double((cb_str){digits, (size_t)n}, &rounded))
        return value;
    return rounded + 0.0; /* no minus before a zero */
}

int cb_cell_address(char out[24], uint32_t row, unsigned column, bool absolute)
{
    char letters[8];
    int at = (int)sizeof letters - 1;
    letters[at] = '\0';
    for (unsigned c = column + 1; c > 0 && at > 0; c = (c - 1) / 26)
        letters[--at] = (char)('A' + (c - 1) % 26);
    const char *mark = absolute ? "$" : "";
    return snprintf(out, 24, "%s%s%s%lu", mark, letters + at, mark, (unsigned long)row + 1);
}

/* ---- formulas ---- */

typedef struct reference {
    cb_str id; /* "" for {@c} */
    uint64_t column, row;
    bool one; /* a single cell */
    size_t len;
} reference;

static size_t read_digits(cb_str text, size_t at, uint64_t *out)
{
    size_t start = at;
    *out = 0;
    for (; at < text.len && at - start < 9 && text.at[at] >= '0' && text.at[at] <= '9'; at++)
        *out = *out * 10 + (uint64_t)(text.at[at] - '0');
    return at - start;
}

static bool id_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* Reads "{@c}", "{id!c}" or "{id!c,r}" at the start of text. */
static bool read_reference(cb_str text, reference *out)
{
    size_t at = 1, digits;
    *out = (reference){.id = {"", 0}};
    if (at < text.len && text.at[at] == '@') {
        at++;
        out->one = true;
    } else {
        while (at < text.len && id_character(text.at[at]))
            at++;
        if (at == 1 || at >= text.len || text.at[at] != '!')
            return false;
        out->id = (cb_str){text.at + 1, at - 1};
        at++;
    }
    if ((digits = read_digits(text, at, &out->column)) == 0)
        return false;
    at += digits;
    if (out->id.len > 0 && at < text.len && text.at[at] == ',') {
        if ((digits = read_digits(text, at + 1, &out->row)) == 0)
            return false;
        at += digits + 1;
        out->one = true;
    }
    out->len = at + 1;
    return at < text.len && text.at[at] == '}';
}

static cb_status append_reference(cb_cursor *cursor, const reference *ref, const cb_item *here,
                                  uint32_t row)
{
    const cb_item *item = ref->id.len ? cb_layout_item(cursor->layout, ref->id) : here;
    uint64_t data_rows = item ? item->grid->rows - (item->grid->total && item->grid->rows > 0) : 0;
    if (!item || ref->column >= item->grid->columns ||
        (ref->id.len && ref->one && ref->row >= item->grid->rows))
        return cb_fail(&cursor->error, CB_ECANTCREAT,
                       "grid " CB_STR_FMT ": a formula refers to a cell that does not exist",
                       CB_STR_ARG(here->grid->id));
    char first[24], last[24];
    uint32_t from = ref->id.len == 0 ? row : item->row + 1 + (uint32_t)ref->row;
    uint32_t to = ref->one || data_rows == 0 ? from : item->row + (uint32_t)data_rows;
    (void)cb_cell_address(first, from, (unsigned)ref->column, ref->id.len > 0);
    (void)cb_cell_address(last, to, (unsigned)ref->column, ref->id.len > 0);
    cb_status rc = CB_OK;
    if (item->sheet != here->sheet)
        rc = cb_buf_text(&cursor->formula, "'" CB_STR_FMT "'!",
                         CB_STR_ARG(cursor->layout->sheet[item->sheet].sheet->name));
    if (rc == CB_OK)
        rc = cb_buf_text(&cursor->formula, "%s%s%s", first, from == to ? "" : ":",
                         from == to ? "" : last);
    return rc;
}

static cb_status resolve_formula(cb_cursor *cursor, cb_str formula, const cb_item *here,
                                 uint32_t row)
{
    bool quoted = false;
    cb_status rc = CB_OK;
    for (size_t at = 0; at < formula.len && rc == CB_OK;) {
        cb_str rest = {formula.at + at, formula.len - at};
        reference ref;
        quoted ^= *rest.at == '"';
        if (!quoted && *rest.at == '{' && read_reference(rest, &ref)) {
            rc = append_reference(cursor, &ref, here, row);
            at += ref.len;
        } else {
            rc = cb_buf_append(&cursor->formula, rest.at, 1);
            at++;
        }
    }
    return rc == CB_OK ? cb_buf_append(&cursor->formula, "", 1) : rc;
}

/* ---- values ---- */

static void set_number(cb_placed *out, double value)
{
    out->kind = CB_VALUE_NUMBER;
    out->number = cb_round_15(value);
}

static cb_status set_text(cb_cursor *cursor, cb_placed *out, cb_str text)
{
    cb_status rc = cb_safe_cell(&cursor->text, text);
    if (rc != CB_OK || cursor->text.len == 0)
        return rc;
    out->kind = CB_VALUE_TEXT;
    out->text = (cb_str){cursor->text.at, cursor->text.len};
    return CB_OK;
}

static cb_status set_integer(cb_cursor *cursor, cb_placed *out, int64_t value, unsigned digits)
{
    char text[32];
    if (value >= -MAX_EXACT && value <= MAX_EXACT) {
        set_number(out, (double)value / cb_currency_scale(digits));
        return CB_OK;
    }
    int n = cb_amount_text(text, value, digits);
    return set_text(cursor, out, (cb_str){text, (size_t)n});
}

static cb_status set_time(cb_cursor *cursor, cb_placed *out, int64_t utc_s, bool date_only)
{
    const cb_zone *zone = cursor->layout->workbook->zone;
    int64_t local_s = zone ? cb_zone_to_local(zone, utc_s) : utc_s;
    int64_t day = cb_floor_day(local_s);
    if (day + EPOCH_SERIAL >= FIRST_SERIAL && day + EPOCH_SERIAL < END_SERIAL) {
        double part = date_only ? 0 : (double)(local_s - day * CB_DAY_S) / CB_DAY_S;
        set_number(out, (double)(day + EPOCH_SERIAL) + part);
        return CB_OK;
    }
    cb_civil civil = cb_civil_from_s(local_s);
    char text[64];
    int n =
        snprintf(text, sizeof text, "%04ld-%02u-%02u", (long)civil.year, civil.month, civil.day);
    if (!date_only)
        n += snprintf(text + n, sizeof text - (size_t)n, " %02u:%02u", civil.hour, civil.minute);
    return set_text(cursor, out, (cb_str){text, (size_t)n});
}

static cb_status set_none(cb_cursor *cursor, cb_placed *out, const cb_item *item)
{
    if (item->blank_none[out->column] && cb_cell_formula(out->cell).len == 0)
        return CB_OK;
    return set_text(cursor, out, CB_LIT("n/e"));
}

static cb_status set_value(cb_cursor *cursor, cb_placed *out, const cb_item *item)
{
    const cb_cell *cell = out->cell;
    switch (cell->kind) {
    case CB_CELL_TEXT:
        return set_text(cursor, out, cell->text);
    case CB_CELL_COUNT:
        return set_integer(cursor, out, cell->v.i, 0);
    case CB_CELL_MONEY:
        return set_integer(cursor, out, cell->v.i, cursor->layout->workbook->currency_digits);
    case CB_CELL_TIME:
        return set_time(cursor, out, cell->v.i, false);
    case CB_CELL_DATE:
        return set_time(cursor, out, cell->v.i, true);
    case CB_CELL_NONE:
        return set_none(cursor, out, item);
    case CB_CELL_NUMBER:
    case CB_CELL_P:
    case CB_CELL_PERCENT:
        if (!isfinite(cell->v.d))
            return set_text(cursor, out, CB_LIT("n/a"));
        set_number(out, cell->v.d);
        return CB_OK;
    case CB_CELL_EMPTY:
        break;
    }
    return CB_OK;
}

/* ---- cells ---- */

static cb_str none_note(const cb_item *item, unsigned column, uint32_t row)
{
    for (size_t i = 0; i < item->nones; i++) {
        if (item->none[i].column == column && item->none[i].row == row)
            return item->none[i].reason;
    }
    return CB_LIT("");
}

static cb_status set_note(cb_cursor *cursor, cb_placed *out, cb_str note)
{
    if (note.len == 0)
        return CB_OK;
    cb_status rc = cb_safe_cell(&cursor->note, note);
    if (rc == CB_OK)
        out->note = (cb_str){cursor->note.at, cursor->note.len};
    return rc;
}

/* By the square root, so that one giant does not leave all others pale. */
static uint8_t heat_of(const cb_item *item, const cb_cell *cell, uint32_t row, unsigned column)
{
    if (item->heat_max <= 0 || cell->kind != CB_CELL_COUNT || cell->v.i <= 0)
        return 0;
    if (row + 1 == item->grid->rows || column + 1 == item->grid->columns)
        return 0;
    int step = (int)(4 * sqrt((double)cell->v.i / (double)item->heat_max));
    return (uint8_t)(step > 3 ? 4 : step + 1);
}

static cb_style cell_style(const cb_workbook *workbook, const cb_item *item, const cb_cell *cell,
                           uint32_t row, unsigned column)
{
    const cb_grid_column *of = &item->grid->column[column];
    cb_style style = {.role = CB_ROLE_CELL, .strong = cell->strong};
    style.kind = cell->kind == CB_CELL_EMPTY ? of->kind : cell->kind;
    if (style.kind == CB_CELL_NUMBER && of->kind == CB_CELL_P)
        style.kind = CB_CELL_P;
    style.decimals = (uint8_t)cb_cell_decimals(workbook, of, cell, style.kind);
    style.heat = heat_of(item, cell, row, column);
    style.total = item->grid->total && row + 1 == item->grid->rows;
    style.input = item->grid->input && cb_cell_name(cell).len > 0;
    style.link = cb_cell_link(cell).len > 0;
    style.indent = column > 0 && (style.kind == CB_CELL_TEXT || style.kind == CB_CELL_EMPTY ||
                                  cb_kind_is_time(style.kind));
    style.wrap = style.kind == CB_CELL_TEXT && item->wrap[column];
    return style;
}

static cb_status place_cell(cb_cursor *cursor, const cb_item *item, cb_placed *out)
{
    uint32_t row = cursor->row - 1;
    if (cursor->column == 0)
        cursor->cells = cb_rows_at(&cursor->rows, row);
    if (!cursor->cells)
        return cb_rows_status(&cursor->rows, &cursor->error);
    const cb_cell *cell = &cursor->cells[cursor->column];
    out->cell = cell;
    out->style = cell_style(cursor->layout->workbook, item, cell, row, cursor->column);
    out->style.tall = out->row < cursor->sheet->heights_cap && cursor->sheet->height[out->row] > 0;
    if (cb_cell_link(cell).len > 0)
        out->link = cb_layout_item(cursor->layout, cb_cell_link(cell));
    cb_status rc = set_value(cursor, out, item);
    if (rc == CB_OK)
        rc = set_note(cursor, out,
                      cb_cell_note(cell).len       ? cb_cell_note(cell)
                      : cell->kind == CB_CELL_NONE ? none_note(item, out->column, row)
                                                   : CB_LIT(""));
    if (rc != CB_OK || cb_cell_formula(cell).len == 0)
        return rc;
    cursor->formula.len = 0;
    rc = resolve_formula(cursor, cb_cell_formula(cell), item, out->row);
    out->formula = (cb_str){cursor->formula.at, cursor->formula.len ? cursor->formula.len - 1 : 0};
    return rc;
}

static cb_status place_header(cb_cursor *cursor, const cb_item *item, cb_placed *out)
{
    const cb_grid_column *column = &item->grid->column[cursor->column];
    bool right = cb_kind_is_number(column->kind);
    if (cursor->column == 0) {
        cb_rows_close(&cursor->rows);
        cb_rows_open(&cursor->rows, item->grid, NULL);
    }
    out->style = (cb_style){.role = right ? CB_ROLE_HEADER_NUMBER : CB_ROLE_HEADER,
                            .indent = !right && cursor->column > 0};
    cb_status rc = set_text(cursor, out, cb_str_of(column->title));
    return rc == CB_OK && column->note ? set_note(cursor, out, cb_str_of(column->note)) : rc;
}

static cb_status place(cb_cursor *cursor, const cb_item *item, cb_placed *out)
{
    *out = (cb_placed){.row = item->row + cursor->row, .column = cursor->column};
    out->text = out->formula = out->note = CB_LIT("");
    if (!item->grid) {
        out->style = (cb_style){.role = item->role};
        return set_text(cursor, out, item->text);
    }
    return cursor->row == 0 ? place_header(cursor, item, out) : place_cell(cursor, item, out);
}

static void advance(cb_cursor *cursor, const cb_item *item)
{
    unsigned columns = item->grid ? item->grid->columns : 1;
    if (++cursor->column < columns)
        return;
    cursor->column = 0;
    if (++cursor->row < item->rows)
        return;
    cursor->row = 0;
    cursor->item++;
}

cb_status cb_cursor_open(cb_cursor **out, const cb_layout *layout, unsigned sheet, cb_error *err)
{
    const cb_alloc *alloc = cb_alloc_libc();
    cb_cursor *cursor = alloc->resize(alloc->ctx, NULL, 0, sizeof *cursor);
    *out = cursor;
    if (!cursor)
        return cb_nomem(err, "walking a workbook");
    *cursor = (cb_cursor){.layout = layout, .sheet = &layout->sheet[sheet], .rc = CB_OK};
    cb_buf_init(&cursor->text, alloc, MAX_STORED_BYTES);
    cb_buf_init(&cursor->note, alloc, MAX_STORED_BYTES);
    cb_buf_init(&cursor->formula, alloc, MAX_FORMULA_BYTES);
    return CB_OK;
}

bool cb_cursor_next(cb_cursor *cursor, cb_placed *out)
{
    while (cursor->rc == CB_OK && cursor->item < cursor->sheet->items) {
        const cb_item *item = &cursor->sheet->item[cursor->item];
        cursor->rc = place(cursor, item, out);
        advance(cursor, item);
        if (cursor->rc == CB_OK && (item->grid || out->kind != CB_VALUE_BLANK))
            return true;
    }
    return false;
}

cb_status cb_cursor_status(const cb_cursor *cursor, cb_error *err)
{
    if (cursor->rc == CB_OK)
        return CB_OK;
    if (cursor->error.status != CB_OK)
        return cb_fail(err, cursor->rc, "%s", cursor->error.why);
    return cb_fail(err, cursor->rc, "a cell of a workbook cannot be made: %s",
                   cb_status_text(cursor->rc));
}

void cb_cursor_close(cb_cursor *cursor)
{
    if (!cursor)
        return;
    const cb_alloc *alloc = cb_alloc_libc();
    cb_rows_close(&cursor->rows);
    cb_buf_free(&cursor->text);
    cb_buf_free(&cursor->note);
    cb_buf_free(&cursor->formula);
    alloc->resize(alloc->ctx, cursor, sizeof *cursor, 0);
}
