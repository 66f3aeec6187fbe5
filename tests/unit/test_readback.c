/* The read-back: whatever differs from the model is found, and named by sheet and cell. */
#include "testing.h"

#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>

#include "casebook/layout.h"
#include "casebook/xlsx.h"
#include "workbook_demo.h"
#include "zip_edit.h"

enum { DEMO_CASES = 40 };

/* The n-th realloc fails, where the C library lets a program stand in for it (not under a
 * sanitizer). */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define UNDER_SANITIZER
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define UNDER_SANITIZER
#endif
#if defined(__GLIBC__) && !defined(UNDER_SANITIZER)
#define CAN_FAIL_MEMORY
extern void *__libc_realloc(void *old, size_t n);
static size_t calls, fail_at;

void *realloc(void *old, size_t n)
{
    return fail_at && ++calls == fail_at ? NULL : __libc_realloc(old, n);
}
#endif

typedef struct fixture {
    cb_arena *arena;
    cb_workbook *workbook;
    char good[320], changed[320];
} fixture;

static int set_up(void **state)
{
    static fixture f;
    cb_error err = {.status = CB_OK};
    f.arena = cb_arena_new(NULL, 0);
    f.workbook = demo_workbook(f.arena, DEMO_CASES);
    test_path(f.good, "good.xlsx");
    test_path(f.changed, "changed.xlsx");
    CHECK(cb_xlsx_write(f.workbook, f.good, test_folder(), &err) == CB_OK, "%s", err.why);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    cb_arena_free(f->arena);
    (void)unlink(f->good);
    (void)unlink(f->changed);
    return rmdir(test_folder());
}

static void test_as_written(void **state)
{
    fixture *f = *state;
    cb_error err = {.status = CB_OK};
    zip_file zip;
    CHECK(cb_xlsx_verify(f->workbook, f->good, &err) == CB_OK, "%s", err.why);
    zip_load(&zip, f->good); /* packed anew by another library: the same content */
    zip_save(&zip, f->changed);
    CHECK(cb_xlsx_verify(f->workbook, f->changed, &err) == CB_OK, "%s", err.why);
    zip_free(&zip);
}

/* One edit of one part each; `where` must be in the sentence. */
// clang-format off
static const struct {
    const char *name, *part, *after, *old, *fresh, *where;
} edits[] = {
    {"changed number", "xl/worksheets/sheet1.xml", "r=\"C18\"", "<v>900000</v>", "<v>900001</v>", "sheet Summary, cell C18"},
    {"last digit", "xl/worksheets/sheet1.xml", "r=\"C19\"", "<v>0.0871</v>", "<v>0.0871000000000001</v>", "sheet Summary, cell C19"},
    {"NaN", "xl/worksheets/sheet1.xml", "r=\"C19\"", "<v>0.0871</v>", "<v>NAN</v>", "sheet Summary, cell C19"},
    {"no value", "xl/worksheets/sheet1.xml", "r=\"C19\"", "<v>0.0871</v>", "", "sheet Summary, cell C19"},
    {"number becomes text", "xl/worksheets/sheet1.xml", "", "<c r=\"C19\" s=\"15\">", "<c r=\"C19\" s=\"15\" t=\"str\">", "sheet Summary, cell C19"},
    {"changed formula", "xl/worksheets/sheet1.xml", "", "annual_value,2)</f>", "annual_value,1)</f>", "sheet Summary, cell B18"},
    {"lost formula", "xl/worksheets/sheet2.xml", "", "<f>SUM($B$7:$B$12)</f>", "", "sheet Problems, cell B13"},
    {"new formula", "xl/worksheets/sheet1.xml", "r=\"C18\"", "<v>900000</v>", "<f>1</f><v>900000</v>", "sheet Summary, cell C18"},
    {"stored value of a formula", "xl/worksheets/sheet2.xml", "", "<v>2021</v>", "<v>2020</v>", "sheet Problems, cell B13"},
    {"missing cell", "xl/worksheets/sheet1.xml", "", "<c r=\"E18\" s=\"13\"><v>5432</v></c>", "", "sheet Summary, cell E18"},
    {"missing last cell", "xl/worksheets/sheet1.xml", "", "<c r=\"A22\" s=\"7\" t=\"s\"><v>26</v></c>", "", "sheet Summary, cell A22"},
    {"extra cell in a row", "xl/worksheets/sheet1.xml", "", "<c r=\"B18\"", "<c r=\"A18\"><v>1</v></c><c r=\"B18\"", "sheet Summary, cell B18"},
    {"extra last cell", "xl/worksheets/sheet1.xml", "", "</sheetData>", "<row r=\"99\"><c r=\"A99\"><v>1</v></c></row></sheetData>", "sheet Summary, cell A99"},
    {"cell without its format", "xl/worksheets/sheet1.xml", "", "<c r=\"E18\" s=\"13\">", "<c r=\"E18\">", "sheet Summary, cell E18"},
    {"moved cell", "xl/worksheets/sheet1.xml", "", "<c r=\"E18\"", "<c r=\"G18\"", "sheet Summary, cell E18"},
    {"wrong string", "xl/worksheets/sheet1.xml", "", "<c r=\"A19\" s=\"11\" t=\"s\"><v>21</v>", "<c r=\"A19\" s=\"11\" t=\"s\"><v>22</v>", "sheet Summary, cell A19"},
    {"string out of range", "xl/worksheets/sheet1.xml", "", "<c r=\"A19\" s=\"11\" t=\"s\"><v>21</v>", "<c r=\"A19\" s=\"11\" t=\"s\"><v>99999</v>", "sheet Summary, cell A19"},
    {"negative string", "xl/worksheets/sheet1.xml", "", "<c r=\"A19\" s=\"11\" t=\"s\"><v>21</v>", "<c r=\"A19\" s=\"11\" t=\"s\"><v>-1</v>", "sheet Summary, cell A19"},
    {"changed string", "xl/sharedStrings.xml", "", "What happened", "What happened?", "sheet Summary, cell A4"},
    {"lost string", "xl/sharedStrings.xml", "", "<si><t>What happened</t></si>", "", "sheet Summary, cell A4"},
    {"undone escape", "xl/sharedStrings.xml", "", "_x005F_x0041_", "_x0041_", "sheet Cases, cell H6"},
    {"rich text", "xl/sharedStrings.xml", "", "<t>What happened</t>", "<r><t>What happened</t></r>", "xl/sharedStrings.xml"},
    {"blank becomes value", "xl/worksheets/sheet1.xml", "", "<c r=\"F20\" s=\"19\"/>", "<c r=\"F20\" s=\"19\"><v>1</v></c>", "sheet Summary, cell F20"},
    {"merged cells", "xl/worksheets/sheet1.xml", "", "</sheetData>", "</sheetData><mergeCells count=\"1\"><mergeCell ref=\"A1:B1\"/></mergeCells>", "xl/worksheets/sheet1.xml"},
    {"link elsewhere", "xl/worksheets/sheet1.xml", "", "location=\"'Problems'!A4\"", "location=\"'Problems'!A5\"", "sheet Summary, cell F18"},
    {"link to outside", "xl/worksheets/sheet1.xml", "", "<hyperlink ref=\"F18\" location=\"'Problems'!A4\"", "<hyperlink ref=\"F18\" r:id=\"rId1\" location=\"'Problems'!A4\"", "sheet Summary, cell F18"},
    {"lost link", "xl/worksheets/sheet1.xml", "", "<hyperlink ref=\"F19\" location=\"'Assumptions'!A4\" display=\"Assumptions\"/>", "", "xl/worksheets/sheet1.xml"},
    {"new link", "xl/worksheets/sheet2.xml", "", "</sheetData>", "</sheetData><hyperlinks><hyperlink ref=\"A1\" location=\"B1\"/></hyperlinks>", "sheet Problems, cell A1"},
    {"note of a heading", "xl/comments1.xml", "", "95 % interval: methods R2 and C3", "95 % interval", "sheet Summary, cell D17"},
    {"note elsewhere", "xl/comments1.xml", "", "ref=\"D17\"", "ref=\"C17\"", "sheet Summary, cell D17"},
    {"sheet name", "xl/workbook.xml", "", "name=\"Signals\"", "name=\"Signal\"", "xl/workbook.xml"},
    {"lost sheet", "xl/workbook.xml", "", "<sheet name=\"Method\" sheetId=\"7\" r:id=\"rId7\"/>", "", "xl/workbook.xml"},
    {"name elsewhere", "xl/workbook.xml", "", "'Assumptions'!$B$6", "'Assumptions'!$B$7", "sheet Assumptions, cell B6"},
    {"lost name", "xl/workbook.xml", "", "<definedName name=\"annual_value\">'Assumptions'!$B$8</definedName>", "", "xl/workbook.xml"},
    {"renamed name", "xl/workbook.xml", "", "name=\"annual_value\"", "name=\"annual_valuf\"", "sheet Assumptions, cell B8"},
    {"external relation", "xl/_rels/workbook.xml.rels", "", "Target=\"worksheets/sheet1.xml\"", "Target=\"http://x.example\" TargetMode=\"External\"", "xl/_rels/workbook.xml.rels"},
    {"dangling relation", "xl/_rels/workbook.xml.rels", "", "Target=\"worksheets/sheet1.xml\"", "Target=\"worksheets/sheet9.xml\"", "xl/worksheets/sheet9.xml"},
    {"dangling type", "[Content_Types].xml", "", "/xl/styles.xml", "/xl/stiles.xml", "xl/stiles.xml"},
    {"ill-formed sheet", "xl/worksheets/sheet3.xml", "", "</sheetData>", "</sheetDat>", "xl/worksheets/sheet3.xml"},
    {"ill-formed chart", "xl/charts/chart1.xml", "", "</c:chart>", "", "xl/charts/chart1.xml"},
    {"ill-formed styles", "xl/styles.xml", "", "</styleSheet>", "", "xl/styles.xml"},
    {"bad UTF-8", "xl/sharedStrings.xml", "", "What happened", "What \xFF happened", "xl/sharedStrings.xml"},
    {"document type", "xl/sharedStrings.xml", "", "<sst ", "<!DOCTYPE sst [<!ENTITY a \"b\">]><sst ", "xl/sharedStrings.xml"},
};
// clang-format on

static void test_edits(void **state)
{
    fixture *f = *state;
    unsigned edited = 0;
    for (size_t i = 0; i < COUNT_OF(edits); i++) {
        zip_file zip;
        cb_error err = {.status = CB_OK};
        zip_load(&zip, f->good);
        zip_replace(&zip, edits[i].part, edits[i].after, edits[i].old, edits[i].fresh);
        zip_save(&zip, f->changed);
        CHECK(cb_xlsx_verify(f->workbook, f->changed, &err) == CB_EIO, "row %s: not found",
              edits[i].name);
        CHECK(strstr(err.why, edits[i].where) != NULL, "row %s: %s", edits[i].name, err.why);
        CHECK(!strstr(err.why, "happened"), "row %s: a cell's content is in the message",
              edits[i].name);
        zip_free(&zip);
        edited++;
    }
    assert_true(edited >= 40);
}

static void test_every_part_is_needed(void **state)
{
    fixture *f = *state;
    zip_file zip;
    zip_load(&zip, f->good);
    for (size_t i = 0; i < zip.parts; i++) {
        zip_file less = {.parts = 0};
        for (size_t k = 0; k < zip.parts; k++) {
            if (k != i)
                less.part[less.parts++] = zip.part[k];
        }
        zip_save(&less, f->changed);
        CHECK(cb_xlsx_verify(f->workbook, f->changed, NULL) == CB_EIO, "without %s",
              zip.part[i].name);
        less = zip;
        CHECK(less.parts < ZIP_MAX_PARTS, "too many parts");
        less.part[less.parts++] = zip.part[i];
        zip_save(&less, f->changed);
        CHECK(cb_xlsx_verify(f->workbook, f->changed, NULL) == CB_EIO, "twice %s",
              zip.part[i].name);
    }
    zip_free(&zip);
}

static void test_cut_files(void **state)
{
    fixture *f = *state;
    size_t n = 0;
    char *bytes = read_whole(f->good, &n);
    for (size_t cut = 0; cut < n; cut += cut < 100 || cut + 100 > n ? 1 : n / 97) {
        write_whole(f->changed, bytes, cut);
        CHECK(cb_xlsx_verify(f->workbook, f->changed, NULL) == CB_EIO, "cut at %zu of %zu", cut, n);
    }
    free(bytes);
    assert_int_equal(cb_xlsx_verify(f->workbook, test_folder(), NULL), CB_EIO);
    (void)unlink(f->changed);
    assert_int_equal(cb_xlsx_verify(f->workbook, f->changed, NULL), CB_EIO);
}

static bool same_parts(zip_file *a, zip_file *b)
{
    bool same = a->parts == b->parts;
    for (size_t i = 0; same && i < a->parts; i++)
        same = !strcmp(a->part[i].name, b->part[i].name) && a->part[i].n == b->part[i].n &&
               !memcmp(a->part[i].bytes, b->part[i].bytes, a->part[i].n);
    return same;
}

// clang-format off
static const char *differing(zip_file *a, zip_file *b)
{
    for (size_t i = 0; i < a->parts && i < b->parts; i++) {
        if (strcmp(a->part[i].name, b->part[i].name) != 0 || a->part[i].n != b->part[i].n)
            return b->part[i].name;
    }
    return "content";
}

/* A flipped bit is found, or it stands where it changes nothing that is read (a time stamp, a version number). */
static void test_flipped_bits(void **state)
{
    fixture *f = *state;
    size_t n = 0, found = 0, harmless = 0;
    uint64_t seed = 42;
    zip_file good, bad;
    char *bytes = read_whole(f->good, &n);
    zip_load(&good, f->good);
    for (int i = 0; i < 600; i++) {
        size_t at = test_random(&seed) % n;
        char bit = (char)(1 << test_random(&seed) % 8);
        bytes[at] ^= bit;
        write_whole(f->changed, bytes, n);
        if (cb_xlsx_verify(f->workbook, f->changed, NULL) == CB_EIO) {
            found++;
        } else {
            zip_load(&bad, f->changed);
            CHECK(same_parts(&good, &bad), "byte %zu: changed content was not found: %s", at, differing(&good, &bad));
            zip_free(&bad);
            harmless++;
        }
        bytes[at] ^= bit;
    }
    zip_free(&good);
    free(bytes);
    CHECK(found > 450, "%zu found, %zu harmless", found, harmless);
}

static void test_another_workbook(void **state)
{
    fixture *f = *state;
    cb_arena *arena = cb_arena_new(NULL, 0);
    cb_error err = {.status = CB_OK};
    // clang-format on
    cb_workbook *more = demo_workbook(arena, DEMO_CASES + 1),
                *fewer = demo_workbook(arena, DEMO_CASES - 1);
    assert_int_equal(cb_xlsx_verify(more, f->good, &err), CB_EIO);
    CHECK(strstr(err.why, "cell A46") != NULL, "%s", err.why);
    cb_error_clear(&err);
    assert_int_equal(cb_xlsx_verify(fewer, f->good, &err), CB_EIO);
    CHECK(strstr(err.why, "cell A45") != NULL, "%s", err.why);
    cb_arena_free(arena);
}

static void test_random_workbooks_round_trip(void **state)
{
    fixture *f = *state;
    uint64_t seed = 99;
    for (int round = 0; round < 40; round++) {
        cb_grid_column columns[6];
        cb_arena *arena = cb_arena_new(NULL, 0);
        cb_error err = {.status = CB_OK};
        cb_workbook *w = cb_workbook_new(arena, "random", "Random");
        cb_sheet *s = cb_workbook_sheet(w, "Random", "t", "s");
        for (unsigned c = 0; c < 6; c++)
            columns[c] = (cb_grid_column){"Column", (cb_cell_kind)(test_random(&seed) % 9),
                                          (uint8_t)(test_random(&seed) % 5), 0, NULL};
        cb_grid *g = cb_sheet_grid(s, "g", "Grid", columns, 1 + (unsigned)(test_random(&seed) % 6));
        for (uint64_t r = test_random(&seed) % 30; r > 0; r--) {
            cb_cell *row = cb_grid_row(g);
            for (unsigned c = 0; c < g->columns; c++) {
                char bytes[24];
                for (size_t i = 0; i < sizeof bytes; i++)
                    bytes[i] = (char)(test_random(&seed) % 3 ? 'a' + test_random(&seed) % 26
                                                             : test_random(&seed));
                row[c].kind = (cb_cell_kind)(test_random(&seed) % 9);
                row[c].v.i = (int64_t)test_random(&seed) >> (test_random(&seed) % 64);
                if (row[c].kind == CB_CELL_NUMBER || row[c].kind == CB_CELL_PERCENT)
                    row[c].v.d = (double)(int64_t)test_random(&seed) / 1e7;
                row[c].text = cb_arena_copy(
                    arena, (cb_str){bytes, sizeof bytes}); /* past the model's own door */
                if (test_random(&seed) % 4 == 0) {
                    cb_set_note(g, c, "n");
                    row[c].more->note = row[c].text;
                }
                row[c].strong = (uint8_t)(test_random(&seed) % 3);
            }
        }
        (void)unlink(f->changed);
        CHECK(cb_xlsx_write(w, f->changed, test_folder(), &err) == CB_OK, "round %d: %s", round,
              err.why);
        CHECK(cb_xlsx_verify(w, f->changed, &err) == CB_OK, "round %d: %s", round, err.why);
        cb_arena_free(arena);
    }
}

#ifdef CAN_FAIL_MEMORY
static void test_layout_without_memory(void **state)
{
    fixture *f = *state;
    size_t failures = 0;
    for (size_t n = 1;; n++) {
        cb_layout *layout = NULL;
        calls = 0;
        fail_at = n;
        cb_status rc = cb_layout_new(&layout, f->workbook, NULL);
        bool hit = calls >= n;
        fail_at = 0;
        CHECK(rc == (hit ? CB_ENOMEM : CB_OK), "allocation %zu: status %d", n, (int)rc);
        CHECK(hit == (layout == NULL), "allocation %zu", n);
        cb_layout_free(layout);
        if (!hit)
            break;
        failures++;
    }
    assert_true(failures >= 3);
}

/* In a process each, as in publishing: libarchive ends its process when it gets no memory. */
static void test_read_back_without_memory(void **state)
{
    fixture *f = *state;
    unsigned said = 0, fine = 0;
    for (size_t n = 1; n < 2000 && fine == 0; n++) {
        pid_t child = fork();
        if (child == 0) {
            (void)freopen("/dev/null", "w", stderr); /* libarchive says why it ends */
            calls = 0;
            fail_at = n;
            cb_status rc = cb_xlsx_verify(f->workbook, f->good, NULL);
            bool hit = calls >= n;
            fail_at = 0;
            exit(rc == CB_OK ? hit ? 4 : 0 : rc == CB_ENOMEM ? 2 : 3);
        }
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        CHECK(WIFEXITED(status), "allocation %zu: signal", n);
        said += WEXITSTATUS(status) == 2;
        fine += WEXITSTATUS(status) == 0;
    }
    CHECK(said > 5 && fine == 1, "%u said so, %u fine", said, fine);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_written),
        cmocka_unit_test(test_edits),
        cmocka_unit_test(test_every_part_is_needed),
        cmocka_unit_test(test_cut_files),
        cmocka_unit_test(test_flipped_bits),
        cmocka_unit_test(test_another_workbook),
        cmocka_unit_test(test_random_workbooks_round_trip),
#ifdef CAN_FAIL_MEMORY
        cmocka_unit_test(test_layout_without_memory),
        cmocka_unit_test(test_read_back_without_memory),
#endif
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
