/* Texts made safe for the cells of a workbook. */
#include "testing.h"

#include <string.h>

#include "report/safe.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_nul_is_data),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_line_feeds),
        cmocka_unit_test(test_random_bytes_become_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
