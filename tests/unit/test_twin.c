/* The JSON twin: the shape, exact amounts, and the same values as the cells of the workbook. */
#include "testing.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "casebook/layout.h"
#include "casebook/twin.h"
#include "workbook_demo.h"

static const cb_workers one_worker = {.threads = 1};

static cb_buf text_of(const cb_workbook *w)
{
    cb_buf text;
    cb_buf_init(&text, NULL, SIZE_MAX);
    assert_int_equal(cb_twin_write(w, &one_worker, 0, &text, NULL, NULL), CB_OK);
    return text;
}

static json_t *twin_of(const cb_workbook *w)
{
    cb_buf text = text_of(w);
    json_error_t err;
    json_t *sheets = json_loadb(text.at, text.len, JSON_REJECT_DUPLICATES, &err);
    CHECK(sheets != NULL, "line %d: %s", err.line, err.text);
    cb_buf_free(&text);
    return sheets;
}

static json_t *block_of(const json_t *sheets, const char *sheet, const char *id)
{
    size_t i, k;
    json_t *s, *b;
    json_array_foreach(sheets, i, s)
    {
        if (strcmp(json_string_value(json_object_get(s, "name")), sheet) != 0)
            continue;
        json_array_foreach(json_object_get(s, "blocks"), k, b)
        {
            const char *got = json_string_value(json_object_get(b, "id"));
            if (got && !strcmp(got, id))
                return b;
        }
    }
    return NULL;
}

static json_t *value_at(const json_t *grid, size_t row, size_t column)
{
    return json_array_get(json_array_get(json_object_get(grid, "rows"), row), column);
}

static void test_demo(void **state)
{
    (void)state;
    cb_arena *arena = cb_arena_new(NULL, 0);
    json_t *sheets = twin_of(demo_workbook(arena, 30));
    assert_int_equal(json_array_size(sheets), 7);
    json_t *blocks = json_object_get(json_array_get(sheets, 0), "blocks");
    assert_string_equal(json_string_value(json_object_get(json_array_get(blocks, 0), "type")),
                        "heading");
    assert_string_equal(json_string_value(json_object_get(json_array_get(blocks, 0), "text")),
                        "What happened");
    assert_string_equal(json_string_value(json_object_get(json_array_get(blocks, 1), "type")),
                        "finding");
    assert_string_equal(json_string_value(json_object_get(json_array_get(blocks, 4), "type")),
                        "paragraph");
    json_t *g = block_of(sheets, "Summary", "headline");
    assert_non_null(g);
    assert_true(json_real_value(value_at(g, 0, 1)) == 1234544.22);
    assert_true(json_is_integer(value_at(g, 0, 4)) &&
                json_integer_value(value_at(g, 0, 4)) == 5432);
    assert_true(json_real_value(value_at(g, 1, 1)) == 0.1134);
    assert_true(json_is_null(value_at(g, 2, 3)));
    assert_string_equal(json_string_value(json_object_get(json_object_get(g, "reasons"), "2,3")),
                        "bound not reached by the data");
    assert_string_equal(json_string_value(json_object_get(json_object_get(g, "reasons"), "3,1")),
                        "no loss amount in the input");
    assert_int_equal(json_object_size(json_object_get(g, "reasons")), 4);
    json_t *column = json_array_get(json_object_get(g, "columns"), 3);
    assert_string_equal(json_string_value(json_object_get(column, "kind")), "number");
    assert_string_equal(json_string_value(json_object_get(column, "note")),
                        "95 % interval: methods R2 and C3");
    g = block_of(sheets, "Problems", "by_kind");
    assert_true(json_is_true(json_object_get(g, "total")));
    assert_int_equal(json_array_size(json_object_get(g, "rows")), 7);
    g = block_of(sheets, "Cases", "cases");
    assert_string_equal(json_string_value(value_at(g, 0, 0)), "00100200");
    assert_string_equal(json_string_value(value_at(g, 0, 1)), "2026-09-30T23:59:59Z");
    assert_true(json_is_null(value_at(g, 0, 2)));
    assert_string_equal(json_string_value(value_at(g, 1, 2)), "2026-10-03");
    assert_true(json_real_value(value_at(g, 0, 4)) == -50);
    json_decref(sheets);
    cb_arena_free(arena);
}

static void test_charts(void **state)
{
    (void)state;
    static const char *const kinds[] = {"bar",         "column", "column", "stacked-column",
                                        "stacked-bar", "line",   "step",   "scatter"};
    cb_arena *arena = cb_arena_new(NULL, 0);
    json_t *sheets = twin_of(demo_workbook(arena, 3)), *sheet, *block;
    size_t i, k, charts = 0;
    json_array_foreach(sheets, i, sheet)
    {
        json_array_foreach(json_object_get(sheet, "blocks"), k, block)
        {
            if (strcmp(json_string_value(json_object_get(block, "type")), "chart") != 0)
                continue;
            assert_true(charts < COUNT_OF(kinds));
            assert_string_equal(json_string_value(json_object_get(block, "kind")), kinds[charts++]);
        }
    }
    assert_int_equal(charts, COUNT_OF(kinds));
    block = json_array_get(json_object_get(json_array_get(sheets, 1), "blocks"), 1);
    json_t *series = json_array_get(json_object_get(block, "series"), 0);
    assert_string_equal(json_string_value(json_object_get(series, "grid")), "by_kind");
    assert_int_equal(json_integer_value(json_object_get(series, "y_column")), 5);
    assert_int_equal(json_integer_value(json_object_get(series, "rows")),
                     6); /* without the total */
    assert_string_equal(json_string_value(json_object_get(series, "look")), "main");
    json_decref(sheets);
    cb_arena_free(arena);
}

static cb_workbook *one_cell(cb_arena *arena, cb_grid **grid, unsigned digits)
{
    static const cb_grid_column column[] = {{"v", CB_CELL_MONEY, 2, 0, NULL}};
    cb_workbook *w = cb_workbook_new(arena, "one", "One");
    w->currency_digits = digits;
    *grid = cb_sheet_grid(cb_workbook_sheet(w, "s", "t", NULL), "g", "", column, 1);
    return w;
}

static int64_t minor_of(const json_t *value, unsigned digits)
{
    double unit = pow(10, digits);
    if (json_is_string(value)) {
        uint64_t n = 0;
        const char *text = json_string_value(value);
        for (const char *c = text; *c; c++) {
            if (*c >= '0' && *c <= '9')
                n = n * 10 + (uint64_t)(*c - '0');
        }
        return *text == '-' ? (int64_t)(0 - n) : (int64_t)n;
    }
    return llround(json_number_value(value) * unit);
}

/* What is written and loaded again is the same number of minor units. */
static void test_amounts_are_exact(void **state)
{
    (void)state;
    static const int64_t fixed[] = {0,
                                    1,
                                    -1,
                                    9,
                                    10,
                                    99,
                                    100,
                                    995,
                                    123450,
                                    -123456,
                                    INT64_C(999999999999999),
                                    INT64_C(-999999999999999),
                                    INT64_C(1000000000000000),
                                    INT64_C(8999999999999999),
                                    INT64_MAX,
                                    -INT64_MAX};
    uint64_t seed = 3;
    for (unsigned digits = 0; digits <= 4; digits++) {
        cb_arena *arena = cb_arena_new(NULL, 0);
        cb_grid *g;
        cb_workbook *w = one_cell(arena, &g, digits);
        for (size_t i = 0; i < 5000; i++) {
            cb_grid_row(g);
            cb_put_money(g, 0,
                         i < COUNT_OF(fixed) ? fixed[i] : (int64_t)test_random(&seed) >> (i % 62));
        }
        json_t *sheets = twin_of(w);
        json_t *grid = block_of(sheets, "s", "g");
        for (size_t i = 0; i < g->rows; i++)
            CHECK(minor_of(value_at(grid, i, 0), digits) == g->cell[i].v.i,
                  "%u digits, row %zu: %" PRId64, digits, i, g->cell[i].v.i);
        json_decref(sheets);
        cb_arena_free(arena);
    }
}

static void test_printed_short(void **state)
{
    (void)state;
    cb_arena *arena = cb_arena_new(NULL, 0);
    cb_grid *g;
    cb_workbook *w = one_cell(arena, &g, 2);
    cb_grid_row(g);
    cb_put_money(g, 0, 123450);
    cb_grid_row(g);
    cb_put_number(g, 0, 0.1);
    cb_grid_row(g);
    cb_put_number(g, 0, 2.0 / 3);
    cb_grid_row(g);
    cb_put_number(g, 0, -0.0);
    cb_buf text = text_of(w);
    static const char want[] =
        "\n     [1234.5],\n     [0.1],\n     [0.666666666666667],\n     [0.0]\n";
    assert_int_equal(cb_buf_append(&text, "", 1), CB_OK);
    CHECK(strstr(text.at, want) != NULL, "%s", text.at);
    cb_buf_free(&text);
    cb_arena_free(arena);
}

/* Takes the line breaks out of the arrays in "rows": of jansson's text. */
static void rows_in_lines(char *text)
{
    static const char rows[] = "\"rows\": [";
    char *to = text;
    int depth = 0; /* brackets within rows */
    bool string = false;
    for (const char *from = text; *from; from++) {
        if (depth == 0 && !strncmp(from, rows, sizeof rows - 1)) {
            memmove(to, from, sizeof rows - 1);
            to += sizeof rows - 1;
            from += sizeof rows - 2;
            depth = 1;
            continue;
        }
        if (string && *from == '\\')
            *to++ = *from++;
        else if (*from == '"')
            string = !string;
        if (!string && depth > 0)
            depth += (*from == '[') - (*from == ']');
        if (!string && *from == '\n' && depth > 1) {
            from += strspn(from + 1, " ");
            if (to[-1] == ',')
                *to++ = ' ';
            continue;
        }
        *to++ = *from;
    }
    *to = '\0';
}

/* jansson, given what it reads of the text, writes the same text, but for the rows in one line. */
static void test_form(void **state)
{
    (void)state;
    cb_arena *arena = cb_arena_new(NULL, 0);
    cb_grid *g;
    cb_workbook *w = demo_workbook(arena, 40);
    static const cb_grid_column column[] = {{"v", CB_CELL_TEXT, 2, 0, NULL}};
    g = cb_sheet_grid(cb_workbook_sheet(w, "texts", "t", NULL), "texts", "", column, 1);
    for (int c = 1; c < 128; c++) {
        const char text[] = {'a', (char)c, (char)c, 'b', '\0'};
        cb_grid_row(g)->kind = CB_CELL_TEXT;
        cb_last_cell(g, 0)->text = cb_arena_copy(arena, cb_str_of(text));
    }
    cb_sheet_grid(cb_workbook_sheet(w, "none", "t", NULL), "none", "", column, 1);
    cb_buf text = text_of(w);
    json_t *sheets = twin_of(w);
    char *again = json_dumps(sheets, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
    rows_in_lines(again);
    assert_int_equal(strlen(again), text.len);
    assert_memory_equal(again, text.at, text.len);
    free(again);
    json_decref(sheets);
    cb_buf_free(&text);
    cb_arena_free(arena);
}

/* ---- piece by piece ---- */

typedef struct pieces {
    cb_buf all;
    size_t taken, most, refuse_at; /* refuse_at: the piece that is not taken, from 1 */
} pieces;

static cb_status take(void *ctx, cb_str piece, cb_error *err)
{
    pieces *p = ctx;
    if (++p->taken == p->refuse_at)
        return cb_fail(err, CB_EIO, "the disk is full");
    p->most = piece.len > p->most ? piece.len : p->most;
    return cb_buf_append(&p->all, piece.at, piece.len);
}

static void test_pieces(void **state)
{
    (void)state;
    cb_arena *arena = cb_arena_new(NULL, 0);
    cb_workbook *w = demo_workbook(arena, 16000);
    cb_buf whole = text_of(w);
    size_t n = 0;
    for (size_t refuse_at = 0; refuse_at == 0 || refuse_at <= n; refuse_at++) {
        pieces p = {.refuse_at = refuse_at};
        cb_buf buf;
        cb_error err = {.status = CB_OK};
        cb_buf_init(&buf, NULL, SIZE_MAX);
        cb_buf_init(&p.all, NULL, SIZE_MAX);
        cb_status rc = cb_twin_write(w, &one_worker, 0, &buf, &(cb_taker){take, &p}, &err);
        if (refuse_at == 0) {
            assert_int_equal(rc, CB_OK);
            n = p.taken;
            assert_int_equal(cb_buf_append(&p.all, buf.at, buf.len), CB_OK);
            assert_int_equal(p.all.len, whole.len);
            assert_memory_equal(p.all.at, whole.at, whole.len);
        } else {
            assert_int_equal(rc, CB_EIO);
            assert_string_equal(err.why, "the disk is full");
            assert_int_equal(p.taken, refuse_at); /* and no more pieces */
        }
        CHECK(buf.cap < 300000 && p.most % 65536 == 0, "%zu bytes, piece %zu", buf.cap, p.most);
        cb_buf_free(&p.all);
        cb_buf_free(&buf);
    }
    CHECK(n > 5, "%zu pieces", n);
    cb_buf_free(&whole);
    cb_arena_free(arena);
}

/* Each number of a cell is the number in the workbook (dates and times apart, which are text here).
 */
static void test_same_as_the_workbook(void **state)
{
    (void)state;
    cb_arena *arena = cb_arena_new(NULL, 0);
    cb_layout *layout = NULL;
    cb_workbook *w = demo_workbook(arena, 60);
    json_t *sheets = twin_of(w);
    size_t compared = 0;
    assert_int_equal(cb_layout_new(&layout, w, NULL), CB_OK);
    for (unsigned n = 0; n < layout->sheets; n++) {
        cb_cursor *cursor = NULL;
        cb_placed cell;
        assert_int_equal(cb_cursor_open(&cursor, layout, n, NULL), CB_OK);
        while (cb_cursor_next(cursor, &cell)) {
            if (!cell.cell || cell.cell->kind == CB_CELL_TIME || cell.cell->kind == CB_CELL_DATE)
                continue;
            for (size_t i = 0; i < layout->sheet[n].items; i++) {
                const cb_item *item = &layout->sheet[n].item[i];
                if (!item->grid || cell.row <= item->row || cell.row >= item->row + item->rows)
                    continue;
                json_t *grid = block_of(sheets, layout->sheet[n].sheet->name.at, item->grid->id.at);
                json_t *value = value_at(grid, cell.row - item->row - 1, cell.column);
                if (cell.kind == CB_VALUE_NUMBER)
                    CHECK(json_number_value(value) == cell.number, "sheet %u, row %u", n, cell.row);
                else
                    CHECK(json_is_null(value) || json_is_string(value), "sheet %u, row %u", n,
                          cell.row);
                compared++;
            }
        }
        cb_cursor_close(cursor);
    }
    assert_true(compared > 400);
    json_decref(sheets);
    cb_layout_free(layout);
    cb_arena_free(arena);
}

static void test_text_past_the_door(void **state)
{
    (void)state;
    cb_arena *arena = cb_arena_new(NULL, 0);
    cb_grid *g;
    cb_workbook *w = one_cell(arena, &g, 2);
    cb_cell *row = cb_grid_row(g);
    row[0].kind = CB_CELL_TEXT;
    row[0].text = CB_LIT("bad\xFF");
    json_t *sheets = twin_of(w);
    assert_non_null(sheets);
    assert_string_equal(json_string_value(value_at(block_of(sheets, "s", "g"), 0, 0)),
                        "bad\xEF\xBF\xBD");
    json_decref(sheets);
    cb_arena_free(arena);
}

/* ---- memory ---- */

static void test_every_allocation_fails(void **state)
{
    (void)state;
    cb_arena *arena = cb_arena_new(NULL, 0);
    cb_workbook *w = demo_workbook(arena, 4);
    w->first->title = CB_LIT("bad\xFF");
    size_t failures = 0;
    for (size_t n = 1;; n++) {
        test_alloc heap = {.fail_at = n};
        cb_alloc alloc = test_alloc_of(&heap);
        cb_buf text;
        cb_buf_init(&text, &alloc, SIZE_MAX);
        cb_status rc = cb_twin_write(w, &one_worker, 0, &text, NULL, NULL);
        CHECK((heap.failures > 0) == (rc == CB_ENOMEM), "allocation %zu", n);
        cb_buf_free(&text);
        CHECK(heap.live_bytes == 0 && heap.live_blocks == 0, "allocation %zu: leak", n);
        if (!heap.failures)
            break;
        failures++;
    }
    CHECK(failures > 8, "%zu", failures);
    cb_arena_free(arena);
}

static void test_a_limit(void **state)
{
    (void)state;
    cb_arena *arena = cb_arena_new(NULL, 0);
    cb_buf text;
    cb_buf_init(&text, NULL, 1000);
    assert_int_equal(cb_twin_write(demo_workbook(arena, 4), &one_worker, 0, &text, NULL, NULL),
                     CB_ELIMIT);
    cb_buf_free(&text);
    cb_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_demo),
        cmocka_unit_test(test_charts),
        cmocka_unit_test(test_amounts_are_exact),
        cmocka_unit_test(test_printed_short),
        cmocka_unit_test(test_same_as_the_workbook),
        cmocka_unit_test(test_text_past_the_door),
        cmocka_unit_test(test_form),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_every_allocation_fails),
        cmocka_unit_test(test_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
