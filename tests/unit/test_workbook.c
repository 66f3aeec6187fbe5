/* The model of a workbook: what is put into it, and the rules that it keeps. */
#include "testing.h"

#include "casebook/layout.h"
#include "workbook_demo.h"
#include "workbook_small.h"

static void test_null_is_taken_everywhere(void **state)
{
    (void)state;
    assert_null(cb_workbook_sheet(NULL, "a", "b", NULL));
    cb_sheet_heading(NULL, "%d", 1);
    cb_sheet_paragraph(NULL, "%d", 1);
    cb_sheet_finding(NULL, "%d", 1);
    assert_null(cb_sheet_grid(NULL, "g", "t", two, 2));
    cb_grid_caption(NULL, "x");
    cb_grid_reserve(NULL, 5);
    assert_null(cb_grid_row(NULL));
    cb_put_text(NULL, 0, CB_LIT("x"));
    cb_put_textf(NULL, 0, "x");
    cb_put_count(NULL, 0, 1);
    cb_put_number(NULL, 0, NAN);
    cb_put_percent(NULL, 0, 0.5);
    cb_put_money(NULL, 0, 5);
    cb_put_time(NULL, 0, 5);
    cb_put_date(NULL, 0, 5);
    cb_put_none(NULL, 0, "r");
    cb_put_est(NULL, 0, cb_est_known(1));
    cb_set_formula(NULL, 0, "=1");
    cb_set_name(NULL, 0, "n");
    cb_set_link(NULL, 0, "n");
    cb_set_note(NULL, 0, "n");
    cb_set_strong(NULL, 0, 1);
    cb_grid_total(NULL);
    assert_null(cb_sheet_chart(NULL, CB_CHART_BAR, "t", "x", "y"));
    cb_chart_series(NULL, NULL, 0, 0, "t", CB_LOOK_MAIN);
    cb_chart_title(NULL, "t");
    cb_chart_alt(NULL, "t");
    assert_null(cb_workbook_find(NULL, CB_LIT("g")));
    assert_null(cb_last_cell(NULL, 0));
    assert_int_equal(cb_workbook_status(NULL, NULL), CB_ENOMEM);
}

static void test_cells(void **state)
{
    (void)state;
    cb_arena *arena = cb_arena_new(NULL, 0);
    cb_sheet *s;
    cb_grid *g;
    cb_workbook *w = small(arena, &s, &g);
    cb_grid_row(g);
    cb_put_text(g, 0, CB_LIT("bad\xFF"));
    cb_put_number(g, 1, INFINITY);
    assert_int_equal(g->cell[1].kind, CB_CELL_NONE);
    assert_int_equal(w->texts_mended, 1);
    for (unsigned i = 0; i < 40; i++)
        cb_grid_row(g);
    assert_int_equal(g->rows, 41);
    assert_true(cb_str_eq(g->cell[0].text, CB_LIT("bad\xEF\xBF\xBD")));
    cb_put_time(g, 1, CB_NO_TIME);
    assert_int_equal(cb_last_cell(g, 1)->kind, CB_CELL_EMPTY);
    cb_put_money(g, 1, CB_NO_AMOUNT);
    assert_int_equal(cb_last_cell(g, 1)->kind, CB_CELL_NONE);
    cb_put_count(g, 1, UINT64_MAX);
    assert_true(cb_last_cell(g, 1)->v.i == INT64_MAX);
    assert_int_equal(cb_workbook_status(w, NULL), CB_OK);
    assert_ptr_equal(cb_workbook_find(w, CB_LIT("g")), g);
    cb_arena_free(arena);
}

static void test_estimates(void **state)
{
    (void)state;
    static const cb_grid_column columns[] = {{"a", CB_CELL_MONEY, 2, 0, NULL},
                                             {"b", CB_CELL_PERCENT, 1, 0, NULL},
                                             {"c", CB_CELL_NUMBER, 1, 0, NULL}};
    cb_arena *arena = cb_arena_new(NULL, 0);
    cb_workbook *w = cb_workbook_new(arena, "e", "E");
    cb_grid *g = cb_sheet_grid(cb_workbook_sheet(w, "s", "t", NULL), "g", "", columns, 3);
    cb_grid_row(g);
    cb_put_est(g, 0, cb_est_of(123.5, NAN, 0.25));
    assert_int_equal(g->cell[0].kind, CB_CELL_MONEY);
    assert_int_equal(g->cell[0].v.i, 124);
    assert_int_equal(g->cell[1].kind, CB_CELL_NONE);
    assert_true(cb_str_eq(g->cell[1].text, CB_LIT("bound not reached by the data")));
    assert_int_equal(g->cell[2].kind, CB_CELL_NUMBER);
    cb_grid_row(g);
    cb_put_est(g, 0, cb_est_none("too few"));
    for (unsigned c = 0; c < 3; c++)
        assert_true(cb_str_eq(cb_last_cell(g, c)->text, CB_LIT("too few")));
    cb_grid_row(g);
    cb_put_est(g, 0, cb_est_known(1e19));
    assert_int_equal(cb_last_cell(g, 0)->kind, CB_CELL_NONE);
    assert_int_equal(cb_workbook_status(w, NULL), CB_OK);
    cb_put_est(g, 1, cb_est_known(1)); /* would need a fourth column */
    assert_int_equal(cb_workbook_status(w, NULL), CB_ECANTCREAT);
    cb_arena_free(arena);
}

static void break_sheet_name(cb_workbook *w, cb_sheet *s, cb_grid *g)
{
    (void)s;
    (void)g;
    cb_workbook_sheet(w, "a/b", "t", NULL);
}
static void break_sheet_length(cb_workbook *w, cb_sheet *s, cb_grid *g)
{
    (void)s;
    (void)g;
    cb_workbook_sheet(w, "12345678901234567890123456789012", "t", NULL);
}
static void break_sheet_twice(cb_workbook *w, cb_sheet *s, cb_grid *g)
{
    (void)s;
    (void)g;
    cb_workbook_sheet(w, "ONE", "t", NULL);
}
static void break_sheet_history(cb_workbook *w, cb_sheet *s, cb_grid *g)
{
    (void)s;
    (void)g;
    cb_workbook_sheet(w, "History", "t", NULL);
}
static void break_id(cb_workbook *w, cb_sheet *s, cb_grid *g)
{
    (void)w;
    (void)g;
    cb_sheet_grid(s, "A b", "t", two, 2);
}
static void break_id_twice(cb_workbook *w, cb_sheet *s, cb_grid *g)
{
    (void)w;
    (void)g;
    cb_sheet_grid(s, "g", "t", two, 2);
}
static void break_no_columns(cb_workbook *w, cb_sheet *s, cb_grid *g)
{
    (void)w;
    (void)g;
    cb_sheet_grid(s, "h", "t", two, 0);
}
static void break_no_row(cb_workbook *w, cb_sheet *s, cb_grid *g)
{
    (void)w;
    (void)s;
    cb_put_count(g, 0, 1);
}
static void break_column(cb_workbook *w, cb_sheet *s, cb_grid *g)
{
    (void)w;
    (void)s;
    cb_grid_row(g);
    cb_put_count(g, 2, 1);
}
static void break_series(cb_workbook *w, cb_sheet *s, cb_grid *g)
{
    (void)w;
    cb_chart_series(cb_sheet_chart(s, CB_CHART_LINE, "t", "x", "y"), g, 0, 2, "s", CB_LOOK_MAIN);
}
static void break_series_n(cb_workbook *w, cb_sheet *s, cb_grid *g)
{
    (void)w;
    cb_chart *c = cb_sheet_chart(s, CB_CHART_LINE, "t", "x", "y");
    for (int i = 0; i < 9; i++)
        cb_chart_series(c, g, 0, 1, "s", CB_LOOK_MAIN);
}

/* found by the layout */
static void break_link(cb_workbook *w, cb_sheet *s, cb_grid *g)
{
    (void)w;
    (void)s;
    cb_grid_row(g);
    cb_set_link(g, 0, "nowhere");
}
static void break_name(cb_workbook *w, cb_sheet *s, cb_grid *g)
{
    (void)w;
    (void)s;
    cb_grid_row(g);
    cb_set_name(g, 0, "q3");
}
static void break_name_twice(cb_workbook *w, cb_sheet *s, cb_grid *g)
{
    (void)w;
    (void)s;
    cb_grid_row(g);
    cb_set_name(g, 0, "loss_rate");
    cb_set_name(g, 1, "LOSS_rate");
}
static void break_titles(cb_workbook *w, cb_sheet *s, cb_grid *g)
{
    static const cb_grid_column same[] = {{"a", CB_CELL_TEXT, 0, 0, NULL},
                                          {"A", CB_CELL_TEXT, 0, 0, NULL}};
    (void)w;
    (void)g;
    cb_grid *h = cb_sheet_grid(s, "h", "t", same, 2);
    h->filter = true;
    cb_grid_row(h);
}

// clang-format off
static const struct {
    const char *name;
    void (*act)(cb_workbook *w, cb_sheet *s, cb_grid *g);
    cb_status want;
} rules[] = {
    {"sheet name", break_sheet_name, CB_ECANTCREAT},   {"32 characters", break_sheet_length, CB_ECANTCREAT},
    {"sheet twice", break_sheet_twice, CB_ECANTCREAT}, {"History", break_sheet_history, CB_ECANTCREAT},
    {"id", break_id, CB_ECANTCREAT},                   {"id twice", break_id_twice, CB_ECANTCREAT},
    {"no columns", break_no_columns, CB_ELIMIT},       {"no row", break_no_row, CB_ECANTCREAT},
    {"column", break_column, CB_ECANTCREAT},           {"series", break_series, CB_ECANTCREAT},
    {"nine series", break_series_n, CB_ELIMIT},        {"link", break_link, CB_ECANTCREAT},
    {"name like an address", break_name, CB_ECANTCREAT}, {"name twice", break_name_twice, CB_ECANTCREAT},
    {"titles of a filter", break_titles, CB_ECANTCREAT},
};
// clang-format on

static void test_broken_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        cb_arena *arena = cb_arena_new(NULL, 0);
        cb_sheet *s;
        cb_grid *g;
        cb_layout *layout = NULL;
        cb_error err = {.status = CB_OK};
        cb_workbook *w = small(arena, &s, &g);
        rules[i].act(w, s, g);
        CHECK(cb_layout_new(&layout, w, &err) == rules[i].want, "row %s: status %d", rules[i].name,
              (int)err.status);
        CHECK(err.why[0] != '\0' && !layout, "row %s", rules[i].name);
        if (cb_workbook_status(w, NULL) != CB_OK)
            CHECK(!cb_grid_row(g) && !cb_workbook_sheet(w, "later", "t", NULL), "row %s: goes on",
                  rules[i].name);
        cb_arena_free(arena);
    }
}

// clang-format off
static const struct { const char *name; bool fits; } cell_names[] = {
    {"annual_loss_rate", true}, {"q3", false},      {"Q3", false},       {"r", false},        {"c", false},      {"R1C1", false},
    {"xfd1", false},            {"abcd1", true},    {"tax2026", false},  {"rate_2026", true}, {"_x", true},      {"1rate", false},
    {"", false},                {"a b", false},     {"tbl_x", false},    {"value", true},     {"abc", false},    {"a.b", true},
};
// clang-format on

static void test_names_of_cells(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cell_names); i++)
        CHECK(cb_name_fits(cb_str_of(cell_names[i].name)) == cell_names[i].fits, "row %s",
              cell_names[i].name);
}

static void test_every_allocation_fails(void **state)
{
    (void)state;
    size_t failures = 0;
    for (size_t n = 1;; n++) {
        test_alloc heap = {.fail_at = n};
        cb_alloc alloc = test_alloc_of(&heap);
        cb_arena *arena = cb_arena_new(&alloc, 0);
        cb_workbook *w = arena ? demo_workbook(arena, 700) : NULL;
        cb_status rc = cb_workbook_status(w, NULL);
        cb_arena_free(arena);
        CHECK(heap.live_bytes == 0, "allocation %zu: leak", n);
        if (heap.failures == 0) {
            CHECK(rc == CB_OK, "no allocation failed, status %d", (int)rc);
            break;
        }
        CHECK(rc == CB_ENOMEM, "allocation %zu: status %d", n, (int)rc);
        failures++;
    }
    assert_true(failures > 3);
}

static void test_lasting(void **state)
{
    (void)state;
    cb_arena *arena = cb_arena_new(NULL, 0);
    cb_sheet *s;
    cb_grid *g;
    (void)small(arena, &s, &g);
    static const char plain[] = "late delivery", control[] = "a\tb";
    cb_grid_row(g);
    cb_put_lasting(g, 0, cb_str_of(plain));
    assert_ptr_equal(cb_last_cell(g, 0)->text.at, plain);
    cb_put_lasting(g, 0, cb_str_of(control));
    assert_true(cb_str_eq(cb_last_cell(g, 0)->text, CB_LIT("a b")));
    cb_put_lasting(g, 0, (cb_str){NULL, 0});
    assert_true(cb_last_cell(g, 0)->text.at && cb_last_cell(g, 0)->kind == CB_CELL_TEXT);
    cb_put_lasting(NULL, 0, cb_str_of(plain));
    cb_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lasting),
        cmocka_unit_test(test_null_is_taken_everywhere),
        cmocka_unit_test(test_cells),
        cmocka_unit_test(test_estimates),
        cmocka_unit_test(test_broken_rules),
        cmocka_unit_test(test_names_of_cells),
        cmocka_unit_test(test_every_allocation_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
