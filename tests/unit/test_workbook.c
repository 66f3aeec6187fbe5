/* The model of a workbook, the texts made safe, and the layout. */
#include "testing.h"

#include <string.h>

#include "casebook/layout.h"
#include "report/layout_parts.h"
#include "report/safe.h"
#include "workbook_demo.h"

/* ---- texts ---- */

// clang-format off
static const struct {
    const char *name, *in, *text, *stored; /* text NULL: unchanged; stored NULL: as text */
} texts[] = {
    {"plain", "a plain word", NULL, NULL},
    {"empty", "", NULL, NULL},
    {"umlaut", "Gr\xC3\xBC\xC3\x9F" "e", NULL, NULL},
    {"emoji", "\xF0\x9F\x98\x80", NULL, NULL},
    {"formula is text", "=1+1", NULL, NULL},
    {"escape", "a_x0041_b", NULL, "a_x005F_x0041_b"},
    {"escape, small hex", "_x00e9_", NULL, "_x005F_x00e9_"},
    {"escapes that share a bar", "_x0041_x0042_", NULL, "_x005F_x0041_x005F_x0042_"},
    {"three digits", "_x004_", NULL, NULL},
    {"five digits", "_x00411_", NULL, NULL},
    {"no hex", "_x00g1_", NULL, NULL},
    {"capital X", "_X0041_", NULL, NULL},
    {"tab", "a\tb", "a b", NULL},
    {"CR LF", "a\r\nb", "a\nb", NULL},
    {"CR", "a\rb\r", "a\nb\n", NULL},
    {"LF", "a\nb", NULL, NULL},
    {"bell", "a\ab", "a\xEF\xBF\xBD" "b", NULL},
    {"escape sequence", "\x1B[31m", "\xEF\xBF\xBD[31m", NULL},
    {"delete", "\x7F", "\xEF\xBF\xBD", NULL},
    {"C1 control", "\xC2\x85", "\xEF\xBF\xBD", NULL},
    {"stray byte", "a\xFF" "b", "a\xEF\xBF\xBD" "b", NULL},
    {"Latin-1", "caf\xE9", "caf\xEF\xBF\xBD", NULL},
    {"overlong slash", "\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD", NULL},
    {"lone surrogate", "\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD", NULL},
    {"U+FFFE", "\xEF\xBF\xBE", "\xEF\xBF\xBD", NULL},
    {"U+FFFF", "\xEF\xBF\xBF", "\xEF\xBF\xBD", NULL},
    {"U+FFFD itself", "\xEF\xBF\xBD", NULL, NULL},
    {"beyond U+10FFFF", "\xF4\x90\x80\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD", NULL},
};
// clang-format on

static void test_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        cb_arena *arena = cb_arena_new(NULL, 0);
        cb_buf buf;
        bool changed = true;
        cb_buf_init(&buf, NULL, (size_t)1 << 20);
        const char *text = texts[i].text ? texts[i].text : texts[i].in;
        cb_str got = cb_safe_text(arena, cb_str_of(texts[i].in), &changed);
        CHECK(cb_str_eq(got, cb_str_of(text)), "row %s: text", texts[i].name);
        CHECK(changed == (texts[i].text != NULL), "row %s: changed", texts[i].name);
        cb_str again = cb_safe_text(arena, got, &changed);
        CHECK(cb_str_eq(again, got) && !changed, "row %s: not idempotent", texts[i].name);
        CHECK(cb_safe_cell(&buf, cb_str_of(texts[i].in)) == CB_OK, "row %s", texts[i].name);
        CHECK(cb_str_eq((cb_str){buf.at, buf.len},
                        cb_str_of(texts[i].stored ? texts[i].stored : text)),
              "row %s: stored", texts[i].name);
        CHECK(buf.at[buf.len] == '\0', "row %s: no NUL", texts[i].name);
        cb_buf_free(&buf);
        cb_arena_free(arena);
    }
}

static void test_nul_is_data(void **state)
{
    (void)state;
    cb_arena *arena = cb_arena_new(NULL, 0);
    cb_str got = cb_safe_text(arena, (cb_str){"a\0b", 3}, NULL);
    assert_true(cb_str_eq(got, CB_LIT("a\xEF\xBF\xBD"
                                      "b")));
    cb_arena_free(arena);
}

/* n times `unit`, then what must be stored: its UTF-16 units, and whether it was cut */
// clang-format off
static const struct {
    const char *name, *unit;
    size_t n, units;
    const char *end; /* of the stored text; NULL: not cut */
} lengths[] = {
    {"at the limit", "x", 32767, 32767, NULL},
    {"one beyond", "x", 32768, 32700 + 16, "\xE2\x80\xA6 [truncated 68]"},
    {"far beyond", "x", 100000, 32700 + 19, "\xE2\x80\xA6 [truncated 67300]"},
    {"emoji at the limit", "\xF0\x9F\x98\x80", 16383, 32766, NULL},
    {"emoji beyond", "\xF0\x9F\x98\x80", 20000, 32700 + 18, "\xE2\x80\xA6 [truncated 3650]"},
    {"escapes count as stored", "_x0041_", 2400, 2400 * 13, NULL},
    {"escapes beyond", "_x0041_", 2600, 0, "]"},
    {"line feeds at the limit", "\n", 253, 253, NULL},
};
// clang-format on

static void test_lengths(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        size_t size = strlen(lengths[i].unit), n = lengths[i].n * size;
        char *text = malloc(n + 1);
        cb_buf buf;
        cb_buf_init(&buf, NULL, (size_t)1 << 20);
        for (size_t k = 0; k < lengths[i].n; k++)
            memcpy(text + k * size, lengths[i].unit, size);
        CHECK(cb_safe_cell(&buf, (cb_str){text, n}) == CB_OK, "row %s", lengths[i].name);
        size_t units = cb_utf8_units((cb_str){buf.at, buf.len});
        CHECK(units <= CB_CELL_MAX_UNITS, "row %s: %zu units", lengths[i].name, units);
        CHECK(lengths[i].units == 0 || units == lengths[i].units, "row %s: %zu units",
              lengths[i].name, units);
        if (lengths[i].end) {
            size_t m = strlen(lengths[i].end);
            CHECK(buf.len > m && !memcmp(buf.at + buf.len - m, lengths[i].end, m), "row %s: end",
                  lengths[i].name);
        }
        CHECK(cb_utf8_valid((cb_str){buf.at, buf.len}), "row %s: cut within a character",
              lengths[i].name);
        free(text);
        cb_buf_free(&buf);
    }
}

static void test_line_feeds(void **state)
{
    (void)state;
    char text[600];
    size_t feeds = 0;
    cb_arena *arena = cb_arena_new(NULL, 0);
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = i % 2 ? '\n' : 'x';
    cb_str got = cb_safe_text(arena, (cb_str){text, sizeof text}, NULL);
    for (size_t i = 0; i < got.len; i++)
        feeds += got.at[i] == '\n';
    assert_int_equal(got.len, sizeof text);
    assert_int_equal(feeds, 253);
    assert_int_equal(got.at[599], ' ');
    cb_arena_free(arena);
}

static void test_random_bytes_become_safe(void **state)
{
    (void)state;
    uint64_t seed = 20261121;
    static const char pieces[][8] = {
        "_x0041_", "\xF0\x9F\x98\x80", "\xED\xA0\x80", "\r\n", "_x", "41_", "\xC3", "=", "\x01"};
    for (int round = 0; round < 4000; round++) {
        char text[96];
        size_t n = 0;
        while (n < 80) {
            const char *piece = pieces[test_random(&seed) % COUNT_OF(pieces)];
            size_t m = strlen(piece);
            memcpy(text + n, piece, m);
            n += m;
            if (test_random(&seed) % 3 == 0)
                text[n++] = (char)test_random(&seed);
        }
        cb_arena *arena = cb_arena_new(NULL, 0);
        bool changed = false;
        cb_str once = cb_safe_text(arena, (cb_str){text, n}, &changed);
        CHECK(cb_utf8_valid(once), "round %d: not UTF-8", round);
        for (size_t i = 0; i < once.len; i++)
            CHECK((unsigned char)once.at[i] >= 0x20 || once.at[i] == '\n',
                  "round %d: control character", round);
        CHECK(changed || cb_str_eq(once, (cb_str){text, n}), "round %d: changed in silence", round);
        cb_arena_free(arena);
    }
}

/* ---- the model ---- */

// clang-format off
static const cb_grid_column two[] = {{"Name", CB_CELL_TEXT, 0, 0, NULL}, {"Value", CB_CELL_NUMBER, 1, 0, NULL}};
// clang-format on

static cb_workbook *small(cb_arena *arena, cb_sheet **sheet, cb_grid **grid)
{
    cb_workbook *w = cb_workbook_new(arena, "small", "Small");
    *sheet = cb_workbook_sheet(w, "One", "Title", "Subtitle");
    *grid = cb_sheet_grid(*sheet, "g", "Grid", two, 2);
    return w;
}

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

/* ---- the layout ---- */

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
        {"short", 24, false, CB_CHART_LINE, false},   {"long", 25, false, CB_CHART_LINE, true},
        {"filter", 25, true, CB_CHART_LINE, false},   {"bars", 25, false, CB_CHART_BAR, false},
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
        cb_chart_series(cb_sheet_chart(s, cases[i].kind, "t", "x", "y"), g, 0, 1, "s", CB_LOOK_MAIN);
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
            at_block |= sheet->item[k].row == sheet->page[i] && sheet->item[k].role == CB_ROLE_HEADING;
        CHECK(at_block, "break %zu at row %lu", i, (unsigned long)sheet->page[i]);
        CHECK(sheet->page[i] > start && sheet->page[i] - start <= 33, "page %zu has %lu rows", i,
              (unsigned long)(sheet->page[i] - start));
        start = sheet->page[i];
    }
    cb_layout_free(layout);
    cb_arena_free(arena);
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
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_nul_is_data),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_line_feeds),
        cmocka_unit_test(test_random_bytes_become_safe),
        cmocka_unit_test(test_null_is_taken_everywhere),
        cmocka_unit_test(test_cells),
        cmocka_unit_test(test_estimates),
        cmocka_unit_test(test_broken_rules),
        cmocka_unit_test(test_names_of_cells),
        cmocka_unit_test(test_every_allocation_fails),
        cmocka_unit_test(test_nothing_covers_anything),
        cmocka_unit_test(test_cells_come_in_order_and_whole),
        cmocka_unit_test(test_formulas),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_none_is_noted_once),
        cmocka_unit_test(test_heat),
        cmocka_unit_test(test_data_behind_charts),
        cmocka_unit_test(test_pages),
        cmocka_unit_test(test_text_is_measured),
        cmocka_unit_test(test_too_many_rows),
        cmocka_unit_test(test_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
