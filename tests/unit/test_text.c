#include "testing.h"

#include <stdio.h>
#include <string.h>

#include "casebook/text.h"

static int sign(int n)
{
    return (n > 0) - (n < 0);
}

static void texts_compare_bytewise(void **state)
{
    (void)state;
    static const struct {
        cb_str a, b;
        int cmp;
        bool same_nocase;
    } rows[] = {
        {CB_LIT_INIT(""), CB_LIT_INIT(""), 0, true},
        {CB_LIT_INIT(""), CB_LIT_INIT("a"), -1, false},
        {CB_LIT_INIT("a"), CB_LIT_INIT("a"), 0, true},
        {CB_LIT_INIT("A"), CB_LIT_INIT("a"), -1, true},
        {CB_LIT_INIT("ab"), CB_LIT_INIT("a"), 1, false},
        {CB_LIT_INIT("b"), CB_LIT_INIT("ab"), 1, false},
        {CB_LIT_INIT("a\0b"), CB_LIT_INIT("a\0c"), -1, false},
        {CB_LIT_INIT("a\0b"), CB_LIT_INIT("A\0B"), 1, true},
        {CB_LIT_INIT("\xC3\xA4"), CB_LIT_INIT("z"), 1, false},
        {CB_LIT_INIT("\xC3\x84"), CB_LIT_INIT("\xC3\xA4"), -1, false}, /* only ASCII folds */
        {CB_LIT_INIT("[z{@"), CB_LIT_INIT("{Z[`"), -1, false},
        {{NULL, 0}, CB_LIT_INIT(""), 0, true},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        CHECK(sign(cb_str_cmp(rows[i].a, rows[i].b)) == rows[i].cmp, "row %zu", i);
        CHECK(sign(cb_str_cmp(rows[i].b, rows[i].a)) == -rows[i].cmp, "row %zu turned", i);
        CHECK(cb_str_eq(rows[i].a, rows[i].b) == (rows[i].cmp == 0), "row %zu", i);
        CHECK(cb_str_eq_nocase(rows[i].a, rows[i].b) == rows[i].same_nocase, "row %zu", i);
    }
}

static void white_space_is_trimmed(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"", ""},
        {" ", ""},
        {"\xC2\xA0", ""},
        {" \t\r\n\xC2\xA0 a b \xC2\xA0\n\t", "a b"},
        {"a", "a"},
        {"\xC2", "\xC2"},
        {"\xA0", "\xA0"},
        {"\xC3\xA0", "\xC3\xA0"}, /* à ends with the byte of NBSP */
        {"x\xC3\xA0 ", "x\xC3\xA0"},
        {"\v", "\v"},
        {"\rx\r", "x"},
        {"\xC2\xA9", "\xC2\xA9"},
        {"\xE2\x89\xA0", "\xE2\x89\xA0"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        cb_str got = cb_str_trim(cb_str_of(rows[i][0]));
        CHECK(cb_str_eq(got, cb_str_of(rows[i][1])), "row %zu: %zu bytes", i, got.len);
    }
    assert_int_equal(cb_str_trim((cb_str){NULL, 0}).len, 0);
}

static void names_are_folded(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"Created at", "createdat"},
        {"\xEF\xBB\xBF\"Id\"", "\"id\""},
        {"\xEF\xBB\xBFTicket_ID", "ticketid"},
        {"Sub-Category", "subcategory"},
        {"Resolved? (y/n)", "resolvedy/n"},
        {"# [of]: Contacts.", "ofcontacts"},
        {"Stra\xC3\x9F"
         "E",
         "stra\xC3\x9F"
         "e"},
        {"A\xC2\xA0"
         "B\t",
         "ab"},
        {"_-.?#:()[] ", ""},
        {"A\xC2\xA0", "a"},
        {"a,b;c'd\"e/f\\g{h}", "a,b;c'd\"e/f\\g{h}"},
        {"\xEF\xBB", "\xEF\xBB"},
        {"", ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char out[64];
        size_t n = cb_name_fold(cb_str_of(rows[i][0]), out, sizeof out);
        CHECK(cb_str_eq((cb_str){out, n}, cb_str_of(rows[i][1])), "row %zu: %.*s", i, (int)n, out);
        CHECK(cb_name_eq(cb_str_of(rows[i][0]), cb_str_of(rows[i][1])), "row %zu", i);
        for (size_t j = 0; j < i; j++)
            CHECK(cb_name_eq(cb_str_of(rows[i][0]), cb_str_of(rows[j][0])) ==
                      !strcmp(rows[i][1], rows[j][1]),
                  "rows %zu and %zu", i, j);
        for (size_t cap = 0; cap < n; cap++) {
            char cut[64] = "";
            cut[cap] = '!';
            CHECK(cb_name_fold(cb_str_of(rows[i][0]), cut, cap) == cap && cut[cap] == '!',
                  "row %zu cap %zu", i, cap);
        }
    }
    cb_str nul = {"a\0b", 3};
    char out[8];
    assert_int_equal(cb_name_fold(nul, out, sizeof out), 3);
    assert_memory_equal(out, "a\0b", 3);
    assert_false(cb_name_eq(nul, CB_LIT("ab")));
    assert_false(cb_name_eq(CB_LIT("ab"), CB_LIT("abc")));
    assert_false(cb_name_eq(CB_LIT("abc"), CB_LIT("ab")));
}

static void the_nearest_name_is_found(void **state)
{
    (void)state;
    static const char *const names[] = {"timezone",  "currency",    "title", "min_group",
                                        "opened_at", "resolved_at", "id"};
    static const struct {
        const char *text;
        int want; /* -1: none */
    } rows[] = {
        {"timezone", 0},
        {"Time Zone", 0},
        {"timzone", 0},
        {"itmezone", 0},
        {"curency", 1},
        {"currnecy", 1},
        {"titel", 2},
        {"tilte", 2},
        {"mingrp", 3},
        {"opened", 4},
        {"openedat", 4},
        {"openat", 4}, /* 2 of 8 */
        {"resolvedat", 5},
        {"resolvd_on", 5},
        {"ik", 6},
        {"", -1},
        {"xyz", -1},
        {"completely_other", -1},
        {"-_-", -1},
        {"tmzn", -1},
        {"timezones_of_the_report_and_a_lot_more_than_sixty-four_bytes_of_text_in_all", -1},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t got = cb_nearest(cb_str_of(rows[i].text), names, COUNT_OF(names));
        size_t want = rows[i].want < 0 ? SIZE_MAX : (size_t)rows[i].want;
        CHECK(got == want, "row %zu (%s): %zd", i, rows[i].text, (ssize_t)got);
    }
    assert_int_equal(cb_nearest(CB_LIT("x"), names, 0), SIZE_MAX);
}

/* ---- UTF-8: Unicode standard, table 3-7, both sides of every bound ---- */

static void utf8_is_checked(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t first; /* what cb_utf8_next says */
        unsigned moves;
        bool valid;
        unsigned units;
    } rows[] = {
        {"a", 'a', 1, true, 1},
        {"\x7F", 0x7F, 1, true, 1},
        {"\x80", 0xFFFD, 1, false, 0},
        {"\xBF", 0xFFFD, 1, false, 0},
        {"\xC0\x80", 0xFFFD, 1, false, 0}, /* overlong NUL */
        {"\xC1\xBF", 0xFFFD, 1, false, 0},
        {"\xC2\x80", 0x80, 2, true, 1},
        {"\xDF\xBF", 0x7FF, 2, true, 1},
        {"\xC2", 0xFFFD, 1, false, 0},
        {"\xC2\x7F", 0xFFFD, 1, false, 0},
        {"\xC2\xC0", 0xFFFD, 1, false, 0},
        {"\xE0\x9F\xBF", 0xFFFD, 1, false, 0}, /* overlong */
        {"\xE0\xA0\x80", 0x800, 3, true, 1},
        {"\xE1\x80\x80", 0x1000, 3, true, 1},
        {"\xE2\x82\xAC", 0x20AC, 3, true, 1},
        {"\xE2\x82", 0xFFFD, 1, false, 0},
        {"\xE2\x28\xA1", 0xFFFD, 1, false, 0},
        {"\xE2\x82\x28", 0xFFFD, 1, false, 0},
        {"\xED\x9F\xBF", 0xD7FF, 3, true, 1},
        {"\xED\xA0\x80", 0xFFFD, 1, false, 0}, /* surrogates */
        {"\xED\xBF\xBF", 0xFFFD, 1, false, 0},
        {"\xEE\x80\x80", 0xE000, 3, true, 1},
        {"\xEF\xBF\xBF", 0xFFFF, 3, true, 1},
        {"\xF0\x8F\xBF\xBF", 0xFFFD, 1, false, 0}, /* overlong */
        {"\xF0\x90\x80\x80", 0x10000, 4, true, 2},
        {"\xF0\x9F\x98\x80", 0x1F600, 4, true, 2},
        {"\xF1\x80\x80\x80", 0x40000, 4, true, 2},
        {"\xF4\x8F\xBF\xBF", 0x10FFFF, 4, true, 2},
        {"\xF4\x90\x80\x80", 0xFFFD, 1, false, 0}, /* beyond U+10FFFF */
        {"\xF0\x9F\x98", 0xFFFD, 1, false, 0},
        {"\xF0\x9F\x98\x28", 0xFFFD, 1, false, 0},
        {"\xF5\x80\x80\x80", 0xFFFD, 1, false, 0},
        {"\xFF", 0xFFFD, 1, false, 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t pad = 0; pad < 20; pad++) { /* at every place of the eight-byte stride */
            char text[32] = "";
            memset(text, 'x', pad);
            strncpy(text + pad, rows[i].text, 8);
            size_t len = pad + strlen(rows[i].text);
            char *exact = malloc(len); /* so that a read past the end is seen */
            memcpy(exact, text, len);
            cb_str s = {exact, len};
            size_t at = pad;
            CHECK(cb_utf8_valid(s) == rows[i].valid, "row %zu pad %zu", i, pad);
            CHECK(cb_utf8_next(s, &at) == rows[i].first && at == pad + rows[i].moves,
                  "row %zu pad %zu", i, pad);
            if (rows[i].valid)
                CHECK(cb_utf8_units(s) == pad + rows[i].units, "row %zu pad %zu: %zu", i, pad,
                      cb_utf8_units(s));
            free(exact);
        }
    assert_true(cb_utf8_valid((cb_str){NULL, 0}));
    assert_int_equal(cb_utf8_units((cb_str){NULL, 0}), 0);
    assert_true(cb_utf8_valid((cb_str){"a\0b", 3}));
}

static size_t encode(uint32_t code, char *out)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t n = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3F));
    out[0] = (char)((0xF00U >> n & 0xF0U) | code);
    return n;
}

static void every_code_point_decodes(void **state)
{
    (void)state;
    for (uint32_t code = 0; code <= 0x110000; code++) {
        char bytes[4];
        size_t n = encode(code, bytes);
        size_t at = 0;
        bool good = code < 0x110000 && (code < 0xD800 || code > 0xDFFF);
        cb_str s = {bytes, n};
        CHECK(cb_utf8_valid(s) == good, "U+%04X", code);
        CHECK(cb_utf8_next(s, &at) == (good ? code : 0xFFFD), "U+%04X", code);
        CHECK(at == (good ? n : 1), "U+%04X", code);
    }
}

/* ---- hash: figures from a second implementation, in another language ---- */

static void hashes_are_the_same_everywhere(void **state)
{
    (void)state;
    static const struct {
        cb_str text;
        uint64_t want;
    } rows[] = {
        {CB_LIT_INIT(""), 0x90cd88b1bab79dba},
        {CB_LIT_INIT("a"), 0xe43037646e64ae82},
        {CB_LIT_INIT("ab"), 0x29fe30eb8b5653ce},
        {CB_LIT_INIT("abc"), 0x9fd10e194401b474},
        {CB_LIT_INIT("abcd"), 0x71c2d6887310f8fe},
        {CB_LIT_INIT("abcdefg"), 0x80f624909e8ded42},
        {CB_LIT_INIT("abcdefgh"), 0xb08dc29c187cd3ae},
        {CB_LIT_INIT("abcdefghi"), 0xad4249b71b0d5e75},
        {CB_LIT_INIT("INC0000045"), 0xf9847ccc2f7f6c7e},
        {CB_LIT_INIT("\0"), 0x504ab55aa0734948},
        {CB_LIT_INIT("\xFF\xFE\xFD"), 0x1275acac6a188f77},
        {CB_LIT_INIT("The quick brown fox jumps over the lazy dog"), 0xdaf71491aa7817a5},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        CHECK(cb_hash(rows[i].text) == rows[i].want, "row %zu: %llx", i,
              (unsigned long long)cb_hash(rows[i].text));
}

static int order_u64(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Zeros of every length, one bit set anywhere, and running numbers: what a weak mix confuses. */
static void similar_texts_have_different_hashes(void **state)
{
    (void)state;
    enum { N = 65 + 8 * 64 * 65 / 2 + 100000 };
    static uint64_t hash[N];
    char zeros[64] = {0};
    size_t n = 0;
    for (size_t len = 0; len <= 64; len++)
        hash[n++] = cb_hash((cb_str){zeros, len});
    for (size_t len = 1; len <= 64; len++)
        for (size_t bit = 0; bit < len * 8; bit++) {
            char text[64] = {0};
            text[bit / 8] = (char)(1U << bit % 8);
            hash[n++] = cb_hash((cb_str){text, len});
        }
    for (unsigned i = 0; i < 100000; i++) {
        char text[16];
        hash[n++] = cb_hash((cb_str){text, (size_t)snprintf(text, sizeof text, "CASE-%07u", i)});
    }
    assert_int_equal(n, N);
    qsort(hash, n, sizeof *hash, order_u64);
    for (size_t i = 1; i < n; i++)
        CHECK(hash[i] != hash[i - 1], "two of %zu texts have one hash", n);
    size_t high[256] = {0};
    for (size_t i = 0; i < n; i++)
        high[hash[i] & 0xFF]++;
    for (size_t i = 0; i < 256; i++)
        CHECK(high[i] > n / 256 * 8 / 10 && high[i] < n / 256 * 12 / 10, "bin %zu holds %zu of %zu",
              i, high[i], n);
}

/* ---- numbers ---- */

static void whole_numbers_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good;
        int64_t want;
    } rows[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"+7", true, 7},
        {"007", true, 7},
        {"9223372036854775807", true, INT64_MAX},
        {"9223372036854775808", false, 0},
        {"-9223372036854775808", true, INT64_MIN},
        {"-9223372036854775809", false, 0},
        {"92233720368547758070", false, 0},
        {"", false, 0},
        {"-", false, 0},
        {"+", false, 0},
        {"--1", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"1.0", false, 0},
        {"1e3", false, 0},
        {"0x1", false, 0},
        {"1:", false, 0},
        {"1/", false, 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t got = 12345;
        bool good = cb_parse_i64(cb_str_of(rows[i].text), &got);
        CHECK(good == rows[i].good, "row %zu (%s)", i, rows[i].text);
        CHECK(got == (good ? rows[i].want : 12345), "row %zu (%s): %lld", i, rows[i].text,
              (long long)got);
    }
    int64_t got;
    assert_false(cb_parse_i64((cb_str){"1\0", 2}, &got));
    char *exact = malloc(2); /* nothing behind the end is read */
    exact[0] = '-';
    exact[1] = '7';
    assert_false(cb_parse_i64((cb_str){exact + 2, 0}, &got));
    assert_true(cb_parse_i64((cb_str){exact, 2}, &got) && got == -7);
    free(exact);
}

/* The compiler reads the same digits, correctly rounded: it is the oracle. */
#define NUMBER(literal) {#literal, literal}

static void decimal_numbers_are_rounded_correctly(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double want;
    } rows[] = {
        NUMBER(0.),
        NUMBER(.5),
        NUMBER(5.),
        NUMBER(0.1),
        NUMBER(0.15),
        NUMBER(12.50),
        NUMBER(1e9),
        NUMBER(1E-3),
        NUMBER(1e+5),
        NUMBER(123456789012345.),
        NUMBER(0.000001),
        NUMBER(1e22),
        NUMBER(1e23),
        NUMBER(8.5e23),
        NUMBER(9007199254740992.),
        NUMBER(9007199254740993.),
        NUMBER(9007199254740994.),
        NUMBER(9007199254740995.),
        NUMBER(9007199254740993.0000000000000000000000000000000000001),
        NUMBER(1.7976931348623157e308),
        NUMBER(1.7976931348623158e308),
        NUMBER(2.2250738585072014e-308),
        NUMBER(2.2250738585072011e-308),
        NUMBER(4.9406564584124654e-324),
        NUMBER(2.4703282292062328e-324),
        NUMBER(3.1e-310),
        NUMBER(1.189812960535814e-271),
        NUMBER(0.30000000000000004),
        NUMBER(179769313486231570000e288),
        NUMBER(
            0.000000000000000000000000000000000000000000000000000000000000000000000000000000001e80),
        NUMBER(7.2057594037927933e16),
        NUMBER(6.02214076e23),
        NUMBER(1.0000000000000002220446049250313080847263336181640625),
        NUMBER(1.00000000000000011102230246251565404236316680908203125),
        NUMBER(1.00000000000000011102230246251565404236316680908203124),
        NUMBER(1.00000000000000011102230246251565404236316680908203126),
        
        NUMBER(7e1), NUMBER(7e2), NUMBER(7e3), NUMBER(7e4), NUMBER(7e5), NUMBER(7e6), NUMBER(7e7),
        NUMBER(7e8), NUMBER(7e9), NUMBER(7e10), NUMBER(7e11), NUMBER(7e12), NUMBER(7e13),
        NUMBER(7e14), NUMBER(7e15), NUMBER(7e16), NUMBER(7e17), NUMBER(7e18), NUMBER(7e19),
        NUMBER(7e20), NUMBER(7e21), NUMBER(7e22), NUMBER(123e-1), NUMBER(123e-2), NUMBER(123e-3),
        NUMBER(123e-4), NUMBER(123e-5), NUMBER(123e-6), NUMBER(123e-7), NUMBER(123e-8),
        NUMBER(123e-9), NUMBER(123e-10), NUMBER(123e-11), NUMBER(123e-12), NUMBER(123e-13),
        NUMBER(123e-14), NUMBER(123e-15), NUMBER(123e-16), NUMBER(123e-17), NUMBER(123e-18),
        NUMBER(123e-19), NUMBER(123e-20), NUMBER(123e-21), NUMBER(123e-22),
        NUMBER(5e-324),
        NUMBER(5192296858534832240216514756608000.),
        NUMBER(3.141592653589793238462643),
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (int negative = 0; negative < 2; negative++) {
            char text[128];
            double got = -1;
            snprintf(text, sizeof text, "%s%s", negative ? "-" : "", rows[i].text);
            CHECK(cb_parse_double(cb_str_of(text), &got), "row %zu: %s refused", i, text);
            CHECK(got == (negative ? -rows[i].want : rows[i].want), "row %zu: %s gives %.17g", i,
                  text, got);
            CHECK(!signbit(got) == !negative, "row %zu: sign of %s", i, text);
        }
}

static void what_is_no_decimal_number_is_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",         "-",         "+",         ".",          " 1",
        "1 ",       "1e",        "1e+",       "e5",         "1.2.3",
        "inf",      "nan",       "-Infinity", "0x10",       "1,5",
        "--1",      "1e5.0",     "1_0",       "1e309",      "-1e309",
        "1.8e308",  "1f",        "1e1e1",     "\xC2\xA0.1", "1e99999999999999999999",
        "1e100001", "1e-100001", "1e500",     "1e-",        "1-"};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        double got = 42;
        CHECK(!cb_parse_double(cb_str_of(rows[i]), &got) && got == 42, "row %zu (%s)", i, rows[i]);
    }
    double tiny = 1;
    assert_true(cb_parse_double(CB_LIT("1e-400"), &tiny) && tiny == 0);
    assert_true(cb_parse_double(CB_LIT("12345678901234567e-500"), &tiny) && tiny == 0);
    assert_true(cb_parse_double(CB_LIT("2.4703282292062327e-324"), &tiny) && tiny == 0);
    assert_true(cb_parse_double(CB_LIT("0e99999"), &tiny) && tiny == 0);
    assert_true(cb_parse_double(CB_LIT("0.00"), &tiny) && tiny == 0);
}

/* More digits than are kept: a half, and a half with a digit far behind it. */
static void very_long_numbers_are_read(void **state)
{
    (void)state;
    enum { N = 2000 };
    static char text[N + 1];
    double got = 0;
    memset(text, '0', N);
    memcpy(text, "9007199254740993.", 17);
    assert_true(cb_parse_double((cb_str){text, N}, &got) && got == 9007199254740992.0);
    text[N - 1] = '1';
    assert_true(cb_parse_double((cb_str){text, N}, &got) && got == 9007199254740994.0);
    memset(text, '0', N);
    text[0] = '.';
    memcpy(text + N - 5, "7e", 2);
    memcpy(text + N - 3, "997", 3);
    assert_true(cb_parse_double((cb_str){text, N}, &got));
    CHECK(got == 0, "7e-1994 * 1e997 is below every double: %g", got);
    static char huge[200001];
    memset(huge, '1', sizeof huge);
    assert_false(cb_parse_double((cb_str){huge, sizeof huge}, &got));
}

static void base_names(void **state)
{
    static const struct {
        const char *path, *name;
    } rows[] = {{"cases.csv", "cases.csv"}, {"/a/b/cases.csv", "cases.csv"}, {"a/", ""}, {"", ""}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_true(cb_str_eq(cb_str_base_name(cb_str_of(rows[i].path)), cb_str_of(rows[i].name)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base_names),
        cmocka_unit_test(texts_compare_bytewise),
        cmocka_unit_test(white_space_is_trimmed),
        cmocka_unit_test(names_are_folded),
        cmocka_unit_test(the_nearest_name_is_found),
        cmocka_unit_test(utf8_is_checked),
        cmocka_unit_test(every_code_point_decodes),
        cmocka_unit_test(hashes_are_the_same_everywhere),
        cmocka_unit_test(similar_texts_have_different_hashes),
        cmocka_unit_test(whole_numbers_are_read),
        cmocka_unit_test(decimal_numbers_are_rounded_correctly),
        cmocka_unit_test(what_is_no_decimal_number_is_refused),
        cmocka_unit_test(very_long_numbers_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
