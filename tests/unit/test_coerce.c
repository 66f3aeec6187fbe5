/* Cells of the types with one reading, and which reading a column of amounts has. */
#include "testing.h"

#include <string.h>

#include "casebook/coerce.h"

static void counts(void **state)
{
    static const struct {
        const char *text;
        cb_cell result;
        uint16_t value;
    } t[] = {
        {"0", CB_CELL_OK, 0},
        {"7", CB_CELL_OK, 7},
        {"007", CB_CELL_OK, 7},
        {"+3", CB_CELL_OK, 3},
        {"3.0", CB_CELL_OK, 3},
        {"3.00", CB_CELL_OK, 3},
        {"3,0", CB_CELL_OK, 3},
        {"-0", CB_CELL_OK, 0},
        {"65533", CB_CELL_OK, 65533},
        {"65534", CB_CELL_OK, 65534},
        {"65535", CB_CELL_OK, 65534},
        {"99999999999999999999999", CB_CELL_OK, 65534},
        {"", CB_CELL_EMPTY, CB_NO_COUNT},
        {"-1", CB_CELL_CONSTRAINT, CB_NO_COUNT},
        {"-1.0", CB_CELL_CONSTRAINT, CB_NO_COUNT},
        {"2.5", CB_CELL_TYPE, CB_NO_COUNT},
        {"2.001", CB_CELL_TYPE, CB_NO_COUNT},
        {"0.000001", CB_CELL_TYPE, CB_NO_COUNT},
        {"1.", CB_CELL_TYPE, CB_NO_COUNT},
        {".5", CB_CELL_TYPE, CB_NO_COUNT},
        {"1 2", CB_CELL_TYPE, CB_NO_COUNT},
        {"3x", CB_CELL_TYPE, CB_NO_COUNT},
        {"x", CB_CELL_TYPE, CB_NO_COUNT},
        {"+", CB_CELL_TYPE, CB_NO_COUNT},
        {"1e3", CB_CELL_TYPE, CB_NO_COUNT},
        {"0x10", CB_CELL_TYPE, CB_NO_COUNT},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        uint16_t value = 1234;
        cb_cell result = cb_count_read(cb_str_of(t[i].text), &value);
        CHECK(result == t[i].result && value == t[i].value, "count \"%s\": result %d, value %u", t[i].text, (int)result, value);
    }
}

static void flags(void **state)
{
    static const struct {
        const char *text;
        cb_cell result;
        uint8_t value;
    } t[] = {
        {"yes", CB_CELL_OK, 1},   {"No", CB_CELL_OK, 0},     {"TRUE", CB_CELL_OK, 1},  {"false", CB_CELL_OK, 0},
        {"y", CB_CELL_OK, 1},     {"N", CB_CELL_OK, 0},      {"1", CB_CELL_OK, 1},     {"0", CB_CELL_OK, 0},
        {"1.0", CB_CELL_OK, 1},   {"0.0", CB_CELL_OK, 0},    {"x", CB_CELL_OK, 1},     {"on", CB_CELL_OK, 1},
        {"off", CB_CELL_OK, 0},   {"Ja", CB_CELL_OK, 1},     {"nein", CB_CELL_OK, 0},  {"oui", CB_CELL_OK, 1},
        {"Non", CB_CELL_OK, 0},   {"s\xC3\xAD", CB_CELL_OK, 1}, {"si", CB_CELL_OK, 1}, {"s\xC3\xAC", CB_CELL_OK, 1},
        {"evet", CB_CELL_OK, 1},  {"hay\xC4\xB1r", CB_CELL_OK, 0}, {"tak", CB_CELL_OK, 1}, {"nie", CB_CELL_OK, 0},
        {"sim", CB_CELL_OK, 1},   {"n\xC3\xA3o", CB_CELL_OK, 0}, {"nee", CB_CELL_OK, 0}, {"nej", CB_CELL_OK, 0},
        {"igen", CB_CELL_OK, 1},  {"nem", CB_CELL_OK, 0},
        {"", CB_CELL_EMPTY, CB_NO_FLAG},
        {"2", CB_CELL_TYPE, CB_NO_FLAG},
        {"maybe", CB_CELL_TYPE, CB_NO_FLAG},
        {"yes ", CB_CELL_TYPE, CB_NO_FLAG},
        {"yess", CB_CELL_TYPE, CB_NO_FLAG},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        uint8_t value = 77;
        cb_cell result = cb_flag_read(cb_str_of(t[i].text), &value);
        CHECK(result == t[i].result && value == t[i].value, "flag \"%s\": result %d, value %u", t[i].text, (int)result, value);
    }
}

static void scales(void **state)
{
    static const struct {
        const char *text;
        bool good, words;
        int32_t low, high;
    } t[] = {
        {"", true, false, 100, 500},          {"1-5", true, false, 100, 500},     {" 0-10 ", true, false, 0, 1000},
        {"1-7", true, false, 100, 700},       {"percent", true, false, 0, 10000}, {"stars/10", true, false, 100, 1000},
        {"stars/5", true, false, 100, 500},   {"Good-Bad", true, true, 0, 0},     {"0.5-5", true, false, 50, 500},
        {"5-1", false, false, 0, 0},          {"1-1", false, false, 0, 0},        {"1", false, false, 0, 0},
        {"1-", false, false, 0, 0},           {"-5", false, false, 0, 0},         {"a-b", false, false, 0, 0},
        {"1-5x", false, false, 0, 0},         {"-1-5", false, false, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        cb_scale scale = {false, 0, 0};
        bool good = cb_scale_read(&scale, cb_str_of(t[i].text));
        CHECK(good == t[i].good, "scale \"%s\": %d", t[i].text, good);
        if (good)
            CHECK(scale.words == t[i].words && scale.low == t[i].low && scale.high == t[i].high,
                  "scale \"%s\": %d to %d", t[i].text, scale.low, scale.high);
    }
}

static void scores(void **state)
{
    static const struct {
        const char *scale, *text;
        cb_cell result;
        uint16_t value;
    } t[] = {
        {"1-5", "1", CB_CELL_OK, 100},          {"1-5", "5", CB_CELL_OK, 500},
        {"1-5", "4.5", CB_CELL_OK, 450},        {"1-5", "4,5", CB_CELL_OK, 450},
        {"1-5", "3.75", CB_CELL_OK, 375},       {"1-5", "3.7599", CB_CELL_OK, 375},
        {"1-5", "5 stars", CB_CELL_OK, 500},    {"1-5", "1 Star", CB_CELL_OK, 100},
        {"1-5", "4/5", CB_CELL_OK, 400},        {"1-5", "4 / 5", CB_CELL_OK, 400},
        {"1-5", "4/10", CB_CELL_TYPE, CB_NO_SCORE},
        {"1-5", "0", CB_CELL_CONSTRAINT, CB_NO_SCORE},
        {"1-5", "6", CB_CELL_CONSTRAINT, CB_NO_SCORE},
        {"1-5", "5.01", CB_CELL_CONSTRAINT, CB_NO_SCORE},
        {"1-5", "5.001", CB_CELL_CONSTRAINT, CB_NO_SCORE},
        {"1-5", "-3", CB_CELL_CONSTRAINT, CB_NO_SCORE},
        {"1-5", "good", CB_CELL_TYPE, CB_NO_SCORE},
        {"1-5", "", CB_CELL_EMPTY, CB_NO_SCORE},
        {"1-5", "4 points", CB_CELL_TYPE, CB_NO_SCORE},
        {"0-10", "0", CB_CELL_OK, 100},         {"0-10", "10", CB_CELL_OK, 500},
        {"0-10", "5", CB_CELL_OK, 300},         {"0-10", "7", CB_CELL_OK, 380},
        {"1-7", "4", CB_CELL_OK, 300},          {"1-7", "2", CB_CELL_OK, 167}, /* 1 + 4/6 = 1.6667 */
        {"stars/10", "10", CB_CELL_OK, 500},    {"stars/10", "1", CB_CELL_OK, 100},
        {"percent", "100%", CB_CELL_OK, 500},   {"percent", "50 %", CB_CELL_OK, 300},
        {"percent", "101", CB_CELL_CONSTRAINT, CB_NO_SCORE},
        {"good-bad", "Good", CB_CELL_OK, 500},  {"good-bad", "bad", CB_CELL_OK, 100},
        {"good-bad", "Good with comment", CB_CELL_OK, 500},
        {"good-bad", "Offered", CB_CELL_EMPTY, CB_NO_SCORE},
        {"good-bad", "Unoffered", CB_CELL_EMPTY, CB_NO_SCORE},
        {"good-bad", "4", CB_CELL_TYPE, CB_NO_SCORE},
        {"good-bad", "goodish", CB_CELL_TYPE, CB_NO_SCORE},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        cb_scale scale;
        uint16_t value = 7;
        assert_true(cb_scale_read(&scale, cb_str_of(t[i].scale)));
        cb_cell result = cb_score_read(cb_str_of(t[i].text), &scale, &value);
        CHECK(result == t[i].result && value == t[i].value, "score \"%s\" of %s: result %d, value %u", t[i].text, t[i].scale,
              (int)result, value);
    }
}

static void null_words(void **state)
{
    static const char *const nothing[] = {"",     "-",    "--",     "?",   "n/a",    "N/A", "NA",  "na",        "#N/A", "null",
                                          "NULL", "None", "(none)", "nil", "(null)", "NaN", "nan", "undefined", "Nil"};
    static const char *const something[] = {"0", "no", "nonesuch", "---", "??", "n", "nullx", "undefine", "#", "()", "none at all"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(nothing); i++)
        CHECK(cb_null_word(cb_str_of(nothing[i])), "\"%s\" means nothing", nothing[i]);
    for (size_t i = 0; i < COUNT_OF(something); i++)
        CHECK(!cb_null_word(cb_str_of(something[i])), "\"%s\" means something", something[i]);
}

static void ascii_text(void **state)
{
    char text[40];
    (void)state;
    for (size_t n = 0; n <= sizeof text; n++) {
        memset(text, 'a', sizeof text);
        CHECK(cb_text_ascii((cb_str){text, n}), "%zu plain bytes", n);
        for (size_t i = 0; i < n; i++) {
            static const char bytes[] = {'\0', '\x80', '\xFF', '\x01', '\x7F'};
            for (size_t b = 0; b < sizeof bytes; b++) {
                text[i] = bytes[b];
                CHECK(cb_text_ascii((cb_str){text, n}) == (b >= 3), "byte %u at %zu of %zu", (unsigned char)bytes[b], i, n);
            }
            text[i] = 'a';
        }
    }
}

/* The naive twin of cb_phrase_bits. */
static uint32_t bits_by_hand(const cb_pairs *pairs, cb_str text)
{
    uint32_t found = 0;
    for (unsigned p = 0; p < pairs->n; p++) {
        size_t n = pairs->pair[p].meaning.len;
        for (size_t i = 0; n && i + n <= text.len; i++)
            if (cb_str_eq_nocase((cb_str){text.at + i, n}, pairs->pair[p].meaning))
                found |= UINT32_C(1) << p;
    }
    return found;
}

static void phrases(void **state)
{
    cb_pair pair[] = {{CB_LIT("policy"), CB_LIT("Policy")}, {CB_LIT("no"), CB_LIT("no")},  {CB_LIT("a"), CB_LIT("a")},
                      {CB_LIT("aab"), CB_LIT("aab")},       {CB_LIT("n o"), CB_LIT("n o")}};
    cb_pairs pairs = {COUNT_OF(pair), pair};
    cb_arena *arena = cb_arena_new(NULL, 0);
    cb_phrases *p = cb_phrases_new(arena, &pairs);
    uint64_t seed = 11;
    (void)state;
    assert_non_null(p);
    assert_int_equal(cb_phrase_bits(p, CB_LIT("Our POLICY says so")), 1 << 0 | 1 << 2);
    assert_int_equal(cb_phrase_bits(p, CB_LIT("")), 0);
    assert_int_equal(cb_phrase_bits(p, CB_LIT("polic")), 0);
    assert_int_equal(cb_phrase_bits(p, CB_LIT("kNOw")), 1 << 1);
    for (int i = 0; i < 20000; i++) {
        char text[12];
        size_t n = (size_t)test_between(&seed, 0, sizeof text + 1);
        for (size_t k = 0; k < n; k++)
            text[k] = "aAbnNo P"[test_between(&seed, 0, 8)];
        cb_str t = {text, n};
        CHECK(cb_phrase_bits(p, t) == bits_by_hand(&pairs, t), "phrases in \"%.*s\"", (int)n, text);
    }
    cb_arena_free(arena);
}

static void decimal_mark_of_a_column(void **state)
{
    static const struct {
        const char *name;
        const char *cells[6];
        cb_mark mark;
        const char *text;
    } t[] = {
        {"plain", {"1", "2"}, CB_MARK_POINT, "decimal point (assumed: no cell shows it)"},
        {"points", {"1.50", "2"}, CB_MARK_POINT, "decimal point"},
        {"commas", {"1,50", "2"}, CB_MARK_COMMA, "decimal comma"},
        {"thousands only", {"1,234", "2,500"}, CB_MARK_POINT, "decimal point (assumed: no cell shows it)"},
        {"thousands and comma decimals", {"1.234", "2,5"}, CB_MARK_COMMA, "decimal comma"},
        {"both marks", {"1.234,50"}, CB_MARK_COMMA, "decimal comma"},
        {"majority of points", {"1.5", "2.5", "3,5"}, CB_MARK_POINT, "decimal point"},
        {"majority of commas", {"1,5", "2,5", "3.5"}, CB_MARK_COMMA, "decimal comma"},
        {"a tie is the point", {"1,5", "3.5"}, CB_MARK_POINT, "decimal point"},
        {"no cell at all", {NULL}, CB_MARK_POINT, "decimal point"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        cb_mark_evidence first = {{0}};
        cb_mark_evidence second = {{0}};
        for (size_t k = 0; k < 6 && t[i].cells[k]; k++) {
            int64_t packed;
            cb_mark_see(k % 2 ? &second : &first, cb_amount_scan(cb_str_of(t[i].cells[k]), &packed));
        }
        cb_mark_join(&first, &second);
        cb_mark mark = cb_mark_choose(&first);
        CHECK(mark == t[i].mark, "%s: mark %d", t[i].name, (int)mark);
        CHECK(!strcmp(cb_mark_text(&first, mark), t[i].text), "%s: %s", t[i].name, cb_mark_text(&first, mark));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts),     cmocka_unit_test(flags),      cmocka_unit_test(scales),  cmocka_unit_test(scores),
        cmocka_unit_test(null_words), cmocka_unit_test(ascii_text), cmocka_unit_test(phrases),
        cmocka_unit_test(decimal_mark_of_a_column),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
