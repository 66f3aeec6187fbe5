/* Rows of a source: whoever reads them finds what rows of the grid's own would be, in every writer. */
#include "testing.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#include "casebook/twin.h"
#include "casebook/workers.h"
#include "casebook/xlsx.h"
#include "zip_edit.h"

enum { COLUMNS = 9, ROWS = 700 };

static const cb_grid_column columns[COLUMNS] = {
    {"Id", CB_CELL_TEXT, 0, 10, NULL},       {"Word", CB_CELL_TEXT, 0, 14, "a note"},
    {"Opened", CB_CELL_TIME, 0, 17, NULL},   {"Day", CB_CELL_DATE, 0, 12, NULL},
    {"Hours", CB_CELL_NUMBER, 1, 9, NULL},   {"Share", CB_CELL_PERCENT, 1, 9, NULL},
    {"Loss", CB_CELL_MONEY, 2, 9, NULL},     {"Cases", CB_CELL_COUNT, 0, 9, NULL},
    {"Free width", CB_CELL_TEXT, 0, 0, NULL}};

static const char *const words[] = {
    "plain",
    "under_score",
    "K\xC3\xBChlung",
    "bad\xFFutf8",
    "",
    "=1+1",
    "a\nb\tc",
    "a text that is longer than its column is wide and needs a second line",
    "_x0041_",
    "\"quoted\" \\"};

/* All kinds of cells; now and then a row that has none of its own. */
static void fill(const void *ctx, uint32_t row, cb_grid *into)
{
    const uint64_t *seed = ctx;
    uint64_t state = *seed + row * UINT64_C(7919);
    if (test_between(&state, 0, 20) == 0)
        return;
    cb_put_textf(into, 0, "N-%06lu", (unsigned long)row);
    cb_put_lasting(into, 1, cb_str_of(words[test_random(&state) % COUNT_OF(words)]));
    cb_put_time(into, 2, test_between(&state, -100000, 2000000000));
    cb_put_date(into, 3, row % 7 ? test_between(&state, 0, 2000000000) : CB_NO_TIME);
    cb_put_number(into, 4, row % 11 ? (double)test_between(&state, -9, 1 << 30) / 3600 : NAN);
    cb_put_percent(into, 5, (double)test_between(&state, 0, 1000) / 999);
    cb_put_money(into, 6,
                 row % 5 ? test_between(&state, -1000, INT64_C(99999999999)) : CB_NO_AMOUNT);
    if (row % 13 == 0)
        cb_put_none(into, 7, row % 2 ? "none of them" : "not in the input");
    else
        cb_put_count(into, 7, test_random(&state) >> (test_random(&state) % 60));
    cb_put_text(into, 8, cb_str_of(words[row % COUNT_OF(words)]));
    cb_set_strong(into, 6, row % 3 == 0);
    cb_set_decimals(into, 4, (uint8_t)(row % 4));
}

static const uint64_t seed = 77;

static cb_workbook *made(cb_arena *arena, bool lazy, bool filter, bool total)
{
    cb_workbook *w = cb_workbook_new(arena, "rows", "Rows");
    cb_sheet *sheet = cb_workbook_sheet(w, "Cases", "Cases", "of a source");
    cb_grid *g = cb_sheet_grid(sheet, "cases", "Cases", columns, COLUMNS);
    w->created_utc_s = 1790812799;
    g->filter = filter;
    g->heat = !filter;
    if (lazy)
        cb_grid_source(g, ROWS, fill, &seed);
    for (uint32_t r = 0; !lazy && r < ROWS; r++) {
        cb_grid_row(g);
        fill(&seed, r, g);
    }
    g->total = total;
    cb_sheet_paragraph(sheet, "What follows.");
    cb_sheet_grid(sheet, "empty", "Nothing", columns, COLUMNS);
    assert_int_equal(cb_workbook_status(w, NULL), CB_OK);
    return w;
}

static bool same_cell(const cb_cell *a, const cb_cell *b)
{
    return a->kind == b->kind && a->v.i == b->v.i && cb_str_eq(a->text, b->text) &&
           a->precision == b->precision && a->strong == b->strong && !a->more && !b->more;
}

static void check_row(cb_rows *lazy, cb_rows *own, uint32_t row)
{
    const cb_cell *a = cb_rows_at(lazy, row), *b = cb_rows_at(own, row);
    assert_true(a && b && a != b);
    for (unsigned c = 0; c < COLUMNS; c++)
        CHECK(same_cell(&a[c], &b[c]), "row %u, column %u", row, c);
}

static void test_cells(void **state)
{
    (void)state;
    cb_arena *arena = cb_arena_new(NULL, 0);
    cb_workbook *a = made(arena, true, false, false), *b = made(arena, false, false, false);
    cb_rows lazy, own;
    uint64_t any = 5;
    cb_rows_open(&lazy, cb_workbook_find(a, CB_LIT("cases")), NULL);
    cb_rows_open(&own, cb_workbook_find(b, CB_LIT("cases")), NULL);
    for (uint32_t r = 0; r < ROWS; r++)
        check_row(&lazy, &own, r);
    for (int i = 0; i < 5000; i++) /* in any order, and again */
        check_row(&lazy, &own, (uint32_t)(test_random(&any) % ROWS));
    assert_int_equal(cb_rows_status(&lazy, NULL), CB_OK);
    assert_int_equal(cb_rows_status(&own, NULL), CB_OK);
    CHECK(cb_arena_used(lazy.own.arena) < 100000, "%zu bytes", cb_arena_used(lazy.own.arena));
    cb_rows_close(&lazy);
    cb_rows_close(&own);
    cb_rows_close(&own); /* closed is fine */
    cb_arena_free(arena);
}

static const cb_workers one_worker = {.threads = 1};

static cb_buf twin_text(const cb_workbook *w)
{
    cb_buf text;
    cb_buf_init(&text, NULL, SIZE_MAX);
    assert_int_equal(cb_twin_write(w, &one_worker, 0, &text, NULL, NULL), CB_OK);
    return text;
}

static char *package(const cb_workbook *w, const char *name, char path[320], size_t *n)
{
    cb_error err = {.status = CB_OK};
    (void)unlink(test_path(path, name));
    CHECK(cb_xlsx_write(w, path, test_folder(), &err) == CB_OK, "%s", err.why);
    char *bytes = read_whole(path, n);
    assert_non_null(bytes);
    return bytes;
}

/* JSON and xlsx, with filter, heat and a total: the same bytes; and each file is right by the other's model. */
static void test_writers(void **state)
{
    (void)state;
    for (int shape = 0; shape < 4; shape++) {
        cb_arena *arena = cb_arena_new(NULL, 0);
        cb_workbook *lazy = made(arena, true, shape & 1, shape & 2);
        cb_workbook *own = made(arena, false, shape & 1, shape & 2);
        cb_buf a = twin_text(lazy), b = twin_text(own);
        assert_int_equal(a.len, b.len);
        assert_memory_equal(a.at, b.at, a.len);
        assert_true(a.len > 100000);
        char lazy_path[320], own_path[320];
        size_t lazy_n = 0, own_n = 0;
        char *lazy_bytes = package(lazy, "lazy.xlsx", lazy_path, &lazy_n);
        char *own_bytes = package(own, "own.xlsx", own_path, &own_n);
        assert_int_equal(lazy_n, own_n);
        assert_memory_equal(lazy_bytes, own_bytes, own_n);
        cb_error err = {.status = CB_OK};
        CHECK(cb_xlsx_verify(lazy, own_path, &err) == CB_OK, "%s", err.why);
        CHECK(cb_xlsx_verify(own, lazy_path, &err) == CB_OK, "%s", err.why);
        free(lazy_bytes);
        free(own_bytes);
        cb_buf_free(&a);
        cb_buf_free(&b);
        cb_arena_free(arena);
    }
}

static cb_status read_all(void *ctx, size_t task, cb_error *err)
{
    const cb_workbook *const *pair = ctx;
    cb_rows lazy, own;
    (void)task;
    cb_rows_open(&lazy, cb_workbook_find(pair[0], CB_LIT("cases")), NULL);
    cb_rows_open(&own, cb_workbook_find(pair[1], CB_LIT("cases")), NULL);
    for (uint32_t r = 0; r < ROWS; r++)
        check_row(&lazy, &own, r);
    cb_rows_close(&own);
    cb_status rc = cb_rows_status(&lazy, err);
    cb_rows_close(&lazy);
    return rc;
}

static void test_threads(void **state)
{
    (void)state;
    cb_arena *arena = cb_arena_new(NULL, 0);
    const cb_workbook *pair[] = {made(arena, true, false, false), made(arena, false, false, false)};
    assert_int_equal(cb_workers_each(&(cb_workers){.threads = 4}, 16, read_all, pair, NULL), CB_OK);
    cb_arena_free(arena);
}

/* ---- rules ---- */

static cb_grid *source_grid(cb_arena *arena, cb_workbook **w,
                            void (*how)(const void *ctx, uint32_t row, cb_grid *into))
{
    *w = cb_workbook_new(arena, "rows", "Rows");
    cb_grid *g = cb_sheet_grid(cb_workbook_sheet(*w, "s", "t", NULL), "g", "", columns, COLUMNS);
    cb_grid_source(g, 3, how, &seed);
    return g;
}

static void test_no_rows_of_its_own(void **state)
{
    (void)state;
    for (int what = 0; what < 5; what++) {
        cb_arena *arena = cb_arena_new(NULL, 0);
        cb_workbook *w = NULL;
        cb_error err = {.status = CB_OK};
        cb_grid *g = source_grid(arena, &w, fill);
        switch (what) {
        case 0:
            assert_null(cb_grid_row(g));
            break;
        case 1:
            cb_put_count(g, 0, 1);
            break;
        case 2:
            cb_grid_source(g, 4, fill, &seed);
            break;
        case 3:
            cb_grid_total(g);
            break;
        default:
            g = cb_sheet_grid(w->first, "h", "", columns, COLUMNS);
            cb_grid_row(g);
            cb_grid_source(g, 4, fill, &seed);
            break;
        }
        CHECK(cb_workbook_status(w, &err) == CB_ECANTCREAT, "%d: %s", what, err.why);
        cb_arena_free(arena);
    }
    cb_grid_source(NULL, 1, fill, NULL); /* as every function that adds */
}

static void with_name(const void *ctx, uint32_t row, cb_grid *into)
{
    (void)ctx;
    if (row == 2)
        cb_set_name(into, 0, "a_name");
}

static void with_row(const void *ctx, uint32_t row, cb_grid *into)
{
    (void)ctx;
    if (row == 2)
        cb_grid_row(into);
}

static void outside(const void *ctx, uint32_t row, cb_grid *into)
{
    (void)ctx;
    if (row == 2)
        cb_put_count(into, COLUMNS, 1);
}

/* A source that does what it may not: every reader says so, and the workbook stays as it is. */
static void test_broken_source(void **state)
{
    (void)state;
    void (*const broken[])(const void *, uint32_t, cb_grid *) = {with_name, with_row, outside};
    for (size_t i = 0; i < COUNT_OF(broken); i++) {
        cb_arena *arena = cb_arena_new(NULL, 0);
        cb_workbook *w = NULL;
        cb_rows rows;
        cb_buf text;
        char path[320];
        cb_error err = {.status = CB_OK};
        cb_rows_open(&rows, source_grid(arena, &w, broken[i]), NULL);
        assert_non_null(cb_rows_at(&rows, 1));
        assert_null(cb_rows_at(&rows, 2));
        assert_null(cb_rows_at(&rows, 1)); /* ever after */
        assert_int_equal(cb_rows_status(&rows, &err), CB_ECANTCREAT);
        CHECK(strstr(err.why, "workbook rows: g: "), "%s", err.why);
        cb_rows_close(&rows);
        cb_buf_init(&text, NULL, SIZE_MAX);
        assert_int_equal(cb_twin_write(w, &one_worker, 0, &text, NULL, NULL), CB_ECANTCREAT);
        cb_buf_free(&text);
        (void)unlink(test_path(path, "broken.xlsx"));
        assert_int_equal(cb_xlsx_write(w, path, test_folder(), NULL), CB_ECANTCREAT);
        assert_int_equal(access(path, F_OK), -1);
        assert_int_equal(cb_workbook_status(w, NULL), CB_OK);
        cb_arena_free(arena);
    }
}

/* ---- a twin made by several threads ---- */

/* ctx: the row that fails, or any number beyond the rows. */
static void fill_many(const void *ctx, uint32_t row, cb_grid *into)
{
    if (row == *(const uint32_t *)ctx)
        cb_grid_row(into);
    cb_put_count(into, 0, row);
    if (row % 3 == 0)
        cb_put_text(into, 1, CB_LIT("a \"quoted\" text"));
    if (row > 2500 && row % 7 == 0)
        cb_put_none(into, 2, "not in this row");
    else
        cb_put_number(into, 2, row / 8.0);
}

static cb_status many_rows(uint32_t rows, uint32_t fails_at, unsigned threads, cb_buf *text,
                           cb_error *err)
{
    static const cb_grid_column three[] = {{"n", CB_CELL_COUNT, 0, 8, NULL},
                                           {"t", CB_CELL_TEXT, 0, 8, NULL},
                                           {"x", CB_CELL_NUMBER, 3, 8, NULL}};
    cb_arena *arena = cb_arena_new(NULL, 0);
    cb_workbook *w = cb_workbook_new(arena, "w", "t");
    cb_grid *g = cb_sheet_grid(cb_workbook_sheet(w, "s", "t", NULL), "g", "", three, 3);
    cb_grid_source(g, rows, fill_many, &fails_at);
    text->len = 0;
    cb_status rc = cb_twin_write(w, &(cb_workers){.threads = threads}, 0, text, NULL, err);
    cb_arena_free(arena);
    return rc;
}

static void test_many_threads(void **state)
{
    static const uint32_t sizes[] = {2048, 2049, 3072, 5000, 20001};
    static const unsigned threads[] = {2, 3, 7, 64};
    cb_buf one, many;
    (void)state;
    cb_buf_init(&one, NULL, SIZE_MAX);
    cb_buf_init(&many, NULL, SIZE_MAX);
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        assert_int_equal(many_rows(sizes[i], UINT32_MAX, 1, &one, NULL), CB_OK);
        for (size_t k = 0; k < COUNT_OF(threads); k++) {
            cb_error err = {.status = CB_OK};
            assert_int_equal(many_rows(sizes[i], UINT32_MAX, threads[k], &many, &err), CB_OK);
            CHECK(one.len == many.len && !memcmp(one.at, many.at, one.len),
                  "%u rows, %u threads: %zu bytes, not %zu", sizes[i], threads[k], many.len,
                  one.len);
            assert_int_equal(many_rows(sizes[i], sizes[i] - 5, threads[k], &many, &err),
                             CB_ECANTCREAT);
            CHECK(strstr(err.why, "workbook w: g: "), "%s", err.why);
        }
    }
    cb_buf_free(&one);
    cb_buf_free(&many);
}

static void test_every_allocation_fails(void **state)
{
    (void)state;
    cb_arena *arena = cb_arena_new(NULL, 0);
    cb_workbook *w = made(arena, true, false, false);
    cb_error err = {.status = CB_OK};
    size_t n = 1;
    for (;; n++) {
        test_alloc heap = {.fail_at = n};
        cb_alloc alloc = test_alloc_of(&heap);
        cb_rows rows;
        bool read = true;
        cb_rows_open(&rows, cb_workbook_find(w, CB_LIT("cases")), &alloc);
        for (uint32_t r = 0; r < ROWS; r++)
            read = cb_rows_at(&rows, r) && read;
        bool failed = heap.failures > 0;
        CHECK(read == !failed, "allocation %zu", n);
        assert_int_equal(cb_rows_status(&rows, failed ? &err : NULL), failed ? CB_ENOMEM : CB_OK);
        cb_rows_close(&rows);
        CHECK(heap.live_bytes == 0 && heap.live_blocks == 0, "allocation %zu: leak", n);
        if (!failed)
            break;
    }
    CHECK(n > 6, "%zu", n);
    cb_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells),
        cmocka_unit_test(test_writers),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_no_rows_of_its_own),
        cmocka_unit_test(test_many_threads),
        cmocka_unit_test(test_broken_source),
        cmocka_unit_test(test_every_allocation_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
