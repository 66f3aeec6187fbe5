/* The layout of a workbook: where everything stands, what cells hold, and where pages break. */
#include "testing.h"

#include <string.h>

#include "casebook/layout.h"
#include "report/layout_parts.h"
#include "workbook_demo.h"
#include "workbook_small.h"

static void test_nothing_covers_anything(void **state)
{
    (void)state;
    cb_arena *arena = cb_arena_new(NULL, 0);
    cb_layout *layout = NULL;
    cb_workbook *w = demo_workbook(arena, 60);
    assert_int_equal(cb_layout_new(&layout, w, NULL), CB_OK);
    for (unsigned n = 0; n < layout->sheets; n++) {
        const cb_sheet_layout *s = &layout->sheet[n];
        uint32_t after = 0;
        for (size_t i = 0; i < s->items; i++) {
            CHECK(s->item[i].row >= after, "sheet %u: item %zu overlaps", n, i);
            after = s->item[i].row + s->item[i].rows;
        }
        for (size_t k = 0; k < s->frames; k++) {
            const cb_frame *f = &s->frame[k];
            uint32_t end = f->row;
            for (unsigned px = 0; px < f->height_px; end++)
                px += end < s->heights_cap && s->height[end] ? s->height[end] * 4U / 3 : CB_ROW_PX;
            for (size_t i = 0; i < s->items; i++) {
                const cb_item *item = &s->item[i];
                bool beside = item->row < end && item->row + item->rows > f->row;
                unsigned columns = item->grid ? item->grid->columns : 1;
                CHECK(!beside || f->column >= columns, "sheet %u: chart %zu covers item %zu", n, k,
                      i);
            }
        }
    }
    cb_layout_free(layout);
    cb_arena_free(arena);
}

static void test_cells_come_in_order_and_whole(void **state)
{
    (void)state;
    cb_arena *arena = cb_arena_new(NULL, 0);
    cb_layout *layout = NULL;
    cb_workbook *w = demo_workbook(arena, 60);
    assert_int_equal(cb_layout_new(&layout, w, NULL), CB_OK);
    size_t grid_cells = 0, placed_cells = 0;
    for (unsigned n = 0; n < layout->sheets; n++) {
        cb_cursor *cursor = NULL;
        cb_placed cell;
        uint64_t last = 0;
        for (const cb_block *b = layout->sheet[n].sheet->first; b; b = b->next)
            grid_cells += b->grid ? (size_t)b->grid->rows * b->grid->columns : 0;
        assert_int_equal(cb_cursor_open(&cursor, layout, n, NULL), CB_OK);
        while (cb_cursor_next(cursor, &cell)) {
            uint64_t place = ((uint64_t)cell.row << 16) + cell.column + 1;
            CHECK(place > last, "sheet %u: row %lu", n, (unsigned long)cell.row);
            last = place;
            placed_cells += cell.cell != NULL;
        }
        assert_int_equal(cb_cursor_status(cursor, NULL), CB_OK);
        cb_cursor_close(cursor);
    }
    assert_int_equal(placed_cells, grid_cells);
    cb_layout_free(layout);
    cb_arena_free(arena);
}

// clang-format off
static const struct { const char *name, *formula, *want; } formulas[] = {
    {"names", "=annual_loss_rate*2", "=annual_loss_rate*2"},
    {"same row", "={@1}*2", "=B6*2"},
    {"column", "=SUM({h!1})", "=SUM('Two'!$B$5:$B$6)"},
    {"one cell", "={h!0,1}+1", "='Two'!$A$6+1"},
    {"total is reached by its row", "={h!1,2}", "='Two'!$B$7"},
    {"own sheet", "=SUM({g!1})", "=SUM($B$6)"},
    {"array constant", "=SUM({1,2})", "=SUM({1,2})"},
    {"in a text", "=\"{h!1}\"&{@0}", "=\"{h!1}\"&A6"},
    {"no such grid", "={nowhere!1}", NULL},
    {"no such column", "={h!2}", NULL},
    {"no such row", "={h!1,3}", NULL},
};
// clang-format on

static void test_formulas(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(formulas); i++) {
        cb_arena *arena = cb_arena_new(NULL, 0);
        cb_sheet *s;
        cb_grid *g;
        cb_workbook *w = small(arena, &s, &g);
        cb_grid *h = cb_sheet_grid(cb_workbook_sheet(w, "Two", "t", NULL), "h", "", two, 2);
        for (int r = 0; r < 3; r++) {
            cb_grid_row(h);
            cb_put_number(h, 1, r);
        }
        cb_grid_total(h);
        cb_grid_row(g);
        cb_put_number(g, 0, 1);
        cb_put_number(g, 1, 1);
        cb_set_formula(g, 0, "%s", formulas[i].formula);
        cb_layout *layout = NULL;
        cb_cursor *cursor = NULL;
        cb_placed cell;
        bool seen = false;
        assert_int_equal(cb_layout_new(&layout, w, NULL), CB_OK);
        assert_int_equal(cb_cursor_open(&cursor, layout, 0, NULL), CB_OK);
        while (cb_cursor_next(cursor, &cell)) {
            if (cell.formula.len == 0)
                continue;
            seen = true;
            CHECK(formulas[i].want && cb_str_eq(cell.formula, cb_str_of(formulas[i].want)),
                  "row %s: " CB_STR_FMT, formulas[i].name, CB_STR_ARG(cell.formula));
        }
        CHECK(seen == (formulas[i].want != NULL), "row %s", formulas[i].name);
        CHECK(cb_cursor_status(cursor, NULL) == (seen ? CB_OK : CB_ECANTCREAT), "row %s: status",
              formulas[i].name);
        cb_cursor_close(cursor);
        cb_layout_free(layout);
        cb_arena_free(arena);
    }
}

/* Serial numbers as Excel counts days (1900-03-01 is 61), by hand and by other spreadsheets. */
// clang-format off
static const struct {
    const char *name;
    cb_cell_kind kind;
    int64_t i;
    double d, number;
    const char *text; /* NULL: a number */
} values[] = {
    {"count", CB_CELL_COUNT, 1234, 0, 1234, NULL},
    {"15 digits", CB_CELL_COUNT, INT64_C(999999999999999), 0, 999999999999999.0, NULL},
    {"16 digits", CB_CELL_COUNT, INT64_C(1000000000000000), 0, 0, "1000000000000000"},
    {"money", CB_CELL_MONEY, -123450, 0, -1234.5, NULL},
    {"money of 15 digits", CB_CELL_MONEY, INT64_C(999999999999999), 0, 9999999999999.99, NULL},
    {"money beyond", CB_CELL_MONEY, INT64_C(-1000000000000001), 0, 0, "-10000000000000.01"},
    {"time", CB_CELL_TIME, DEMO_AS_OF, 0, 46295.9999884259, NULL},
    {"date", CB_CELL_DATE, DEMO_AS_OF, 0, 46295, NULL},
    {"epoch", CB_CELL_TIME, 0, 0, 25569, NULL},
    {"leap day", CB_CELL_DATE, INT64_C(1709164800), 0, 45351, NULL},
    {"1900-03-01", CB_CELL_DATE, INT64_C(-2203891200), 0, 61, NULL},
    {"1900-02-28", CB_CELL_DATE, INT64_C(-2203891201), 0, 0, "1900-02-28"},
    {"1900-02-28 23:59", CB_CELL_TIME, INT64_C(-2203891201), 0, 0, "1900-02-28 23:59"},
    {"number", CB_CELL_NUMBER, 0, 1.0 / 3, 0.333333333333333, NULL},
    {"percent", CB_CELL_PERCENT, 0, 0.125, 0.125, NULL},
    {"NaN past the door", CB_CELL_NUMBER, 0, NAN, 0, "n/a"},
    {"none", CB_CELL_NONE, 0, 0, 0, "n/e"},
};
// clang-format on

static void test_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        cb_arena *arena = cb_arena_new(NULL, 0);
        cb_sheet *s;
        cb_grid *g;
        cb_workbook *w = small(arena, &s, &g);
        cb_cell *row = cb_grid_row(g);
        row[0].kind = values[i].kind;
        if (values[i].kind == CB_CELL_NUMBER || values[i].kind == CB_CELL_PERCENT)
            row[0].v.d = values[i].d;
        else
            row[0].v.i = values[i].i;
        cb_layout *layout = NULL;
        cb_cursor *cursor = NULL;
        cb_placed cell;
        assert_int_equal(cb_layout_new(&layout, w, NULL), CB_OK);
        assert_int_equal(cb_cursor_open(&cursor, layout, 0, NULL), CB_OK);
        while (cb_cursor_next(cursor, &cell) && !cell.cell)
            ;
        if (values[i].text)
            CHECK(cell.kind == CB_VALUE_TEXT && cb_str_eq(cell.text, cb_str_of(values[i].text)),
                  "row %s: text", values[i].name);
        else
            CHECK(cell.kind == CB_VALUE_NUMBER && test_near(cell.number, values[i].number, 1e-9),
                  "row %s: %.17g", values[i].name, cell.number);
        cb_cursor_close(cursor);
        cb_layout_free(layout);
        cb_arena_free(arena);
    }
}

static void test_none_is_noted_once(void **state)
{
    (void)state;
    cb_arena *arena = cb_arena_new(NULL, 0);
    cb_sheet *s;
    cb_grid *g;
    cb_workbook *w = small(arena, &s, &g);
    for (int i = 0; i < 10; i++) {
        cb_grid_row(g);
        cb_put_none(g, 1, i % 2 ? "too few" : "not in the input");
    }
    cb_layout *layout = NULL;
    cb_cursor *cursor = NULL;
    cb_placed cell;
    unsigned notes = 0, legends = 0;
    assert_int_equal(cb_layout_new(&layout, w, NULL), CB_OK);
    assert_int_equal(cb_cursor_open(&cursor, layout, 0, NULL), CB_OK);
    while (cb_cursor_next(cursor, &cell)) {
        notes += cell.note.len > 0;
        legends += cell.style.role == CB_ROLE_LEGEND &&
                   cb_str_eq(cell.text, CB_LIT("n/e: not in the input; too few"));
    }
    assert_int_equal(notes, 2);
    assert_int_equal(legends, 1);
    cb_cursor_close(cursor);
    cb_layout_free(layout);
    cb_arena_free(arena);
}

/* 0 to 4 by the square root of the share of the largest; sums in the last row and column apart. */
static void test_heat(void **state)
{
    (void)state;
    static const uint64_t counts[3][3] = {{0, 1, 500}, {25, 100, 600}, {25, 101, 1226}};
    static const uint8_t want[3][3] = {{0, 1, 0}, {3, 4, 0}, {0, 0, 0}};
    static const cb_grid_column columns[] = {{"a", CB_CELL_COUNT, 0, 0, NULL},
                                             {"b", CB_CELL_COUNT, 0, 0, NULL},
                                             {"all", CB_CELL_COUNT, 0, 0, NULL}};
    cb_arena *arena = cb_arena_new(NULL, 0);
    cb_workbook *w = cb_workbook_new(arena, "heat", "Heat");
    cb_grid *g = cb_sheet_grid(cb_workbook_sheet(w, "Heat", "t", NULL), "g", "", columns, 3);
    g->heat = true;
    for (unsigned r = 0; r < 3; r++) {
        cb_grid_row(g);
        for (unsigned c = 0; c < 3; c++)
            cb_put_count(g, c, counts[r][c]);
    }
    cb_layout *layout = NULL;
    cb_cursor *cursor = NULL;
    cb_placed cell;
    unsigned n = 0;
    assert_int_equal(cb_layout_new(&layout, w, NULL), CB_OK);
    assert_int_equal(cb_cursor_open(&cursor, layout, 0, NULL), CB_OK);
    while (cb_cursor_next(cursor, &cell)) {
        if (!cell.cell)
            continue;
        CHECK(cell.style.heat == want[n / 3][n % 3], "cell %u: %u", n, cell.style.heat);
        n++;
    }
    assert_int_equal(n, 9);
    cb_cursor_close(cursor);
    cb_layout_free(layout);
    cb_arena_free(arena);
}

/* A long grid that only a line chart draws goes to the end, and is not printed. */
static void test_data_behind_charts(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t rows;
        bool filter;
        cb_chart_kind kind;
        bool moved;
    } cases[] = {
        {"short", 24, false, CB_CHART_LINE, false},     {"long", 25, false, CB_CHART_LINE, true},
        {"filter", 25, true, CB_CHART_LINE, false},     {"bars", 25, false, CB_CHART_BAR, false},
        {"scatter", 99, false, CB_CHART_SCATTER, true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        cb_arena *arena = cb_arena_new(NULL, 0);
        cb_sheet *s;
        cb_grid *g;
        cb_workbook *w = small(arena, &s, &g);
        g->filter = cases[i].filter;
        for (uint32_t r = 0; r < cases[i].rows; r++) {
            cb_grid_row(g);
            cb_put_number(g, 1, r);
        }
        cb_chart_series(cb_sheet_chart(s, cases[i].kind, "t", "x", "y"), g, 0, 1, "s",
                        CB_LOOK_MAIN);
        cb_layout *layout = NULL;
        assert_int_equal(cb_layout_new(&layout, w, NULL), CB_OK);
        const cb_item *item = cb_layout_item(layout, CB_LIT("g"));
        bool below = item->row > layout->sheet[0].frame[0].row;
        bool printed = item->row < layout->sheet[0].print_rows;
        CHECK(below == cases[i].moved, "row %s: place", cases[i].name);
        CHECK(printed != cases[i].moved, "row %s: print", cases[i].name);
        cb_layout_free(layout);
        cb_arena_free(arena);
    }
}

/* A break comes before a block that a page would cut, never within one that fits on a page. */
static void test_pages(void **state)
{
    (void)state;
    cb_arena *arena = cb_arena_new(NULL, 0);
    cb_workbook *w = cb_workbook_new(arena, "pages", "Pages");
    cb_sheet *s = cb_workbook_sheet(w, "Pages", "t", NULL);
    for (unsigned i = 0; i < 12; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "g%u", i);
        cb_sheet_heading(s, "Heading %u", i);
        cb_grid *g = cb_sheet_grid(s, id, "Grid", two, 2);
        for (unsigned r = 0; r < 5 + 3 * (i % 4); r++)
            cb_grid_row(g);
    }
    cb_layout *layout = NULL;
    assert_int_equal(cb_layout_new(&layout, w, NULL), CB_OK);
    const cb_sheet_layout *sheet = &layout->sheet[0];
    CHECK(sheet->pages >= 3, "%zu breaks", sheet->pages);
    uint32_t start = 0;
    for (size_t i = 0; i < sheet->pages; i++) {
        bool at_block = false;
        for (size_t k = 0; k < sheet->items; k++)
            at_block |=
                sheet->item[k].row == sheet->page[i] && sheet->item[k].role == CB_ROLE_HEADING;
        CHECK(at_block, "break %zu at row %lu", i, (unsigned long)sheet->page[i]);
        CHECK(sheet->page[i] > start && sheet->page[i] - start <= 33, "page %zu has %lu rows", i,
              (unsigned long)(sheet->page[i] - start));
        start = sheet->page[i];
    }
    cb_layout_free(layout);
    cb_arena_free(arena);
}

/* A page has room for 32 ordinary rows; up to a fifth more are printed a little smaller. */
static void test_a_little_more_than_a_page(void **state)
{
    static const struct {
        unsigned rows;
        bool one_page;
    } cases[] = {{20, false}, {31, true}, {33, true}, {45, false}};
    (void)state;
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cb_arena *arena = cb_arena_new(NULL, 0);
        cb_workbook *w = cb_workbook_new(arena, "pages", "Pages");
        cb_sheet *s = cb_workbook_sheet(w, "Pages", "t", NULL);
        cb_layout *layout = NULL;
        for (unsigned k = 0; k < 2; k++) {
            cb_grid *g = cb_sheet_grid(s, k ? "b" : "a", "Grid", two, 2);
            for (unsigned r = 0; r < (k ? 3 : cases[i].rows - 9); r++)
                cb_grid_row(g);
        }
        assert_int_equal(cb_layout_new(&layout, w, NULL), CB_OK);
        CHECK(layout->sheet[0].one_page == cases[i].one_page, "%u rows: one page",
              layout->sheet[0].print_rows);
        CHECK(!cases[i].one_page || layout->sheet[0].pages == 0, "%u rows: %zu breaks",
              layout->sheet[0].print_rows, layout->sheet[0].pages);
        cb_layout_free(layout);
        cb_arena_free(arena);
    }
}

/* Widths by hand from Calibri's advance widths: "mm" = 2 x 1636, "ii" = 2 x 470, a space 463. */
static void test_text_is_measured(void **state)
{
    (void)state;
    assert_int_equal(cb_text_units(CB_LIT("mm ii")), 2 * 1636 + 463 + 2 * 470);
    assert_int_equal(cb_text_units(CB_LIT("i\nmm\ni")), 2 * 1636);
    assert_int_equal(cb_word_units(CB_LIT("i mm ii")), 2 * 1636);
    static const struct {
        const char *name, *text;
        unsigned units, rows;
        const char *first;
    } cuts[] = {
        {"fits", "one two", 9999, 1, "one two"},
        {"at a word", "one two three", 4600, 3, "one"},
        {"long word", "mmmmmmmm", 3300, 4, "mm"},
        {"too narrow for a letter", "mm", 10, 2, "m"},
        {"line feed", "a\nb c", 9999, 2, "a"},
        {"characters stay whole", "\xE4\xB8\xAD\xE6\x96\x87", 2100, 2, "\xE4\xB8\xAD"},
        {"empty", "", 100, 1, ""},
    };
    for (size_t i = 0; i < COUNT_OF(cuts); i++) {
        cb_str text = cb_str_of(cuts[i].text);
        CHECK(cb_text_rows(text, cuts[i].units) == cuts[i].rows, "row %s: %u rows", cuts[i].name,
              cb_text_rows(text, cuts[i].units));
        CHECK(cb_str_eq(cb_text_cut(&text, cuts[i].units), cb_str_of(cuts[i].first)), "row %s",
              cuts[i].name);
    }
}

static void test_too_many_rows(void **state)
{
    (void)state;
    static const cb_grid_column one[] = {{"n", CB_CELL_COUNT, 0, 0, NULL}};
    static const struct {
        uint32_t rows;
        cb_status want;
    } limits[] = {{1048570, CB_OK}, {1048575, CB_ELIMIT}};
    for (size_t i = 0; i < COUNT_OF(limits); i++) {
        cb_arena *arena = cb_arena_new(NULL, 0);
        cb_layout *layout = NULL;
        cb_error err = {.status = CB_OK};
        cb_workbook *w = cb_workbook_new(arena, "long", "Long");
        cb_grid *g = cb_sheet_grid(cb_workbook_sheet(w, "Rows", "t", NULL), "g", "t", one, 1);
        cb_grid_reserve(g, limits[i].rows);
        for (uint32_t r = 0; r < limits[i].rows; r++)
            cb_grid_row(g);
        CHECK(cb_layout_new(&layout, w, &err) == limits[i].want, "%u rows: %s", limits[i].rows,
              err.why);
        cb_layout_free(layout);
        cb_arena_free(arena);
    }
}

static void test_addresses(void **state)
{
    (void)state;
    static const struct {
        uint32_t row;
        unsigned column;
        bool absolute;
        const char *want;
    } table[] = {{0, 0, false, "A1"},     {1, 25, false, "Z2"},
                 {2, 26, true, "$AA$3"},  {1048575, 16383, false, "XFD1048576"},
                 {9, 701, false, "ZZ10"}, {9, 702, false, "AAA10"}};
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        char got[24];
        int n = cb_cell_address(got, table[i].row, table[i].column, table[i].absolute);
        CHECK(n == (int)strlen(table[i].want) && !strcmp(got, table[i].want), "row %s: %s",
              table[i].want, got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_covers_anything),
        cmocka_unit_test(test_cells_come_in_order_and_whole),
        cmocka_unit_test(test_formulas),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_none_is_noted_once),
        cmocka_unit_test(test_heat),
        cmocka_unit_test(test_data_behind_charts),
        cmocka_unit_test(test_pages), cmocka_unit_test(test_a_little_more_than_a_page),
        cmocka_unit_test(test_text_is_measured),
        cmocka_unit_test(test_too_many_rows),
        cmocka_unit_test(test_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
