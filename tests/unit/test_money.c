/* Amounts. Every row states both readings, so that a cell read too freely shows as much as one read
 * wrongly. */
#include "testing.h"

#include <stdio.h>
#include <string.h>

#include "casebook/money.h"

#define NBSP "\xC2\xA0"
#define NARROW "\xE2\x80\xAF"
#define THIN "\xE2\x80\x89"
#define QUOTE "\xE2\x80\x99"
#define MINUS "\xE2\x88\x92"
#define EURO "\xE2\x82\xAC"
#define NO CB_NO_AMOUNT

/* Values in cents; NO: the cell does not allow the reading. */
static const struct {
    const char *text;
    int64_t point, comma;
} amounts[] = {
    /* one reading */
    {"12.50", 1250, NO},
    {"12,50", NO, 1250},
    {"12.5", 1250, NO},
    {"0.5", 50, NO},
    {".5", 50, NO},
    {",5", NO, 50},
    {"5.", 500, NO},
    {"5,", NO, 500},
    {"0.123", 12, NO},
    {"0,125", NO, 13},
    {"00.125", 13, NO},
    {"01.234", 123, NO},
    {"1234.567", 123457, NO},
    {"1234,567", NO, 123457},
    {"1.2345", 123, NO},
    {"1,234.56", 123456, NO},
    {"1.234,56", NO, 123456},
    {"1,234.5", 123450, NO},
    {"1,234.567", 123457, NO},
    {"1,234,567", 123456700, NO},
    {"1.234.567", NO, 123456700},
    {"1,234,567.89", 123456789, NO},
    {"1.234.567,89", NO, 123456789},
    {"123,456,789,012.34", 12345678901234, NO},
    /* both */
    {"1,234", 123400, 123},
    {"1.234", 123, 123400},
    {"12.345", 1235, 1234500},
    {"999,999", 99999900, 100000},
    {"1234", 123400, 123400},
    {"0", 0, 0},
    {"007", 700, 700},
    {"-1.005", -101, -100500},
    {"-1,004", -100400, -100},
    /* white space and apostrophes between thousands */
    {"1 234,50", NO, 123450},
    {"1 234.50", 123450, NO},
    {"1" NBSP "234,50", NO, 123450},
    {"1" NARROW "234" NARROW "567,8", NO, 123456780},
    {"1" THIN "234", 123400, 123400},
    {"1 234", 123400, 123400},
    {"1 234,567", NO, 123457},
    {"1'234.50", 123450, NO},
    {"1" QUOTE "234" QUOTE "567", 123456700, 123456700},
    /* Indian groups */
    {"1,23,456.00", 12345600, NO},
    {"1,23,456", 12345600, NO},
    {"12,34,56,789.5", 12345678950, NO},
    {"\xE2\x82\xB9 1,00,000", 10000000, NO},
    /* currency */
    {"$50.00 ", 5000, NO},
    {"$ 50", 5000, 5000},
    {"50$", 5000, 5000},
    {"EUR 5", 500, 500},
    {"5 EUR", 500, 500},
    {"EUR5.00", 500, NO},
    {"5 " EURO, 500, 500},
    {EURO "5,00", NO, 500},
    {"5,00" NBSP EURO, NO, 500},
    {"\xC2\xA3"
     "1,234.56",
     123456, NO},
    {"\xC2\xA5"
     "1,234",
     123400, 123},
    {"US$ 12.50", 1250, NO},
    {"R$ 1.234,56", NO, 123456},
    {"USD $5.00", 500, NO},
    {"$5.00 USD", 500, NO},
    {"1 234,50 kr", NO, 123450},
    {"12,50 z\xC5\x82", NO, 1250},
    {"Rs. 500", 50000, 50000},
    {"CHF 1'234.50", 123450, NO},
    {"\xE0\xB8\xBF"
     "20",
     2000, 2000},
    {"\xE2\x82\xBF 20", 2000, 2000},
    {"\xE2\x82\xA0"
     "20",
     2000, 2000},
    {"20\xE2\x83\x80", 2000, 2000},
    {"20\xE2\x83\x8F", 2000, 2000},
    {"20\xE2\x83\x90", NO, NO},
    {"20\xE2\x82\x9F", NO, NO},
    {"20\xE2\x84\xA0", NO, NO},
    /* signs */
    {"-5", -500, -500},
    {"+5", 500, 500},
    {MINUS "5.25", -525, NO},
    {"5.00-", -500, NO},
    {"5.00" MINUS, -500, NO},
    {"- 5", -500, -500},
    {"(12.00)", -1200, NO},
    {"($12.00)", -1200, NO},
    {"$(12.00)", -1200, NO},
    {"(1.234,50 " EURO ")", NO, -123450},
    {"( 12 )", -1200, -1200},
    {"-$5.00", -500, NO},
    {"$-5.00", -500, NO},
    {"-0", 0, 0},
    {"-0.004", 0, NO},
    {"\t7.25 \t", 725, NO},
    /* rounding: half away from zero, from all digits at once */
    {"1.005", 101, 100500},
    {"12.345000", 1235, NO},
    {"12.344999999999", 1234, NO},
    {"12.3449999", 1234, NO},
    {"-12.345001", -1235, NO},
    {"-12.3450", -1235, NO},
    {"0.994999", 99, NO},
    {"0.995", 100, NO},
    {"3.14159265358979323846264338327950288", 314, NO},
    {"0.000000000000000000000000000000001", 0, NO},
    /* size */
    {"90000000000000", CB_MAX_AMOUNT, CB_MAX_AMOUNT},
    {"90,000,000,000,000.00", CB_MAX_AMOUNT, NO},
    {"-90000000000000", -CB_MAX_AMOUNT, -CB_MAX_AMOUNT},
    {"0000000000000000000000000000090000000000000", CB_MAX_AMOUNT, CB_MAX_AMOUNT},
    {"90000000000000.01", NO, NO},
    {"90000000000001", NO, NO},
    {"9223372036854775807", NO, NO},
    {"99999999999999999999999999", NO, NO},
    /* nothing */
    {"", NO, NO},
    {" ", NO, NO},
    {"-", NO, NO},
    {"--", NO, NO},
    {"$", NO, NO},
    {"$ -", NO, NO},
    {".", NO, NO},
    {",", NO, NO},
    {"EUR", NO, NO},
    {"()", NO, NO},
    /* no amounts */
    {"N/A", NO, NO},
    {"abc", NO, NO},
    {"12 apples", NO, NO},
    {"1.2.3", NO, NO},
    {"1,2,3", NO, NO},
    {"1,23", NO, 123},
    {"1,23,45", NO, NO},
    {"1,23.45", NO, NO},
    {"1.23.456", NO, NO},
    {"12,3456.00", NO, NO},
    {"1234,567.00", NO, NO},
    {"1,2345,678", NO, NO},
    {"0,123,456", NO, NO},
    {"1,234 567", NO, NO},
    {"1 2", NO, NO},
    {"1  234", NO, NO},
    {"1.234,567.89", NO, NO},
    {"1,234.567,89", NO, NO},
    {"12.50.", NO, NO},
    {"1..5", NO, NO},
    {"1,.5", NO, NO},
    {".,5", NO, NO},
    {"--5", NO, NO},
    {"-5-", NO, NO},
    {"-(5)", NO, NO},
    {"(5", NO, NO},
    {"5)", NO, NO},
    {"((5))", NO, NO},
    {")5(", NO, NO},
    {"5%", NO, NO},
    {"1e5", NO, NO},
    {"0x10", NO, NO},
    {"1_000", NO, NO},
    {"5 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5", NO, NO},
    {"1,111,111,111,111,111,111,111,111,111,111,111,111,111", NO, NO},
    {"2026-09-14", NO, NO},
    {"09:30", NO, NO},
    {"EUR USD EUR 5", NO, NO},
    {"REFUND 5", NO, NO},
    {"5 REFUND", NO, NO},
    {"EURUSD5", NO, NO},
    {"5EURUSD", NO, NO},
    {"EUR USD 5", 500, 500},
    {"5 EUR USD", 500, 500},
    {"\xE2\x82", NO, NO},
    {"\xC2", NO, NO},
    {"5\xC2", NO, NO},
};

static void cells_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(amounts); i++) {
        size_t len = strlen(amounts[i].text);
        char *exact = malloc(len ? len : 1); /* so that a read past the end is seen */
        memcpy(exact, amounts[i].text, len);
        int64_t packed = 77;
        unsigned readings = cb_amount_scan((cb_str){exact, len}, &packed);
        unsigned want = (amounts[i].point != NO ? CB_READS_POINT : 0U) |
                        (amounts[i].comma != NO ? CB_READS_COMMA : 0U);
        if (readings == 0)
            packed = CB_NO_AMOUNT;
        int64_t point = cb_amount_value(packed, CB_MARK_POINT, 2);
        int64_t comma = cb_amount_value(packed, CB_MARK_COMMA, 2);
        CHECK(readings == want, "\"%s\": readings %u, not %u", amounts[i].text, readings, want);
        CHECK(point == amounts[i].point, "\"%s\": point %lld", amounts[i].text, (long long)point);
        CHECK(comma == amounts[i].comma, "\"%s\": comma %lld", amounts[i].text, (long long)comma);
        free(exact);
    }
    int64_t packed;
    assert_int_equal(cb_amount_scan((cb_str){NULL, 0}, &packed), 0);
    assert_int_equal(cb_amount_scan((cb_str){"5\0", 2}, &packed), 0);
}

static void each_currency_rounds_from_the_cell(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t want[5]; /* by decimals of the currency */
    } rows[] = {
        {"1234.5", {1235, 12345, 123450, 1234500, 12345000}},
        {"0.49999", {0, 5, 50, 500, 5000}},
        {"0.44449", {0, 4, 44, 444, 4445}},
        {"0.00005", {0, 0, 0, 0, 1}},
        {"0.00004999", {0, 0, 0, 0, 0}},
        {"-0.55555", {-1, -6, -56, -556, -5556}},
        {"-2.5", {-3, -25, -250, -2500, -25000}},
        {"7", {7, 70, 700, 7000, 70000}},
        {"90000000000000", {90000000000000, 900000000000000, CB_MAX_AMOUNT, NO, NO}},
        {"900000000000",
         {900000000000, 9000000000000, 90000000000000, 900000000000000, CB_MAX_AMOUNT}},
        {"900000000000.0001", {900000000000, 9000000000000, 90000000000000, 900000000000000, NO}},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t packed = 0;
        assert_true(cb_amount_scan(cb_str_of(rows[i].text), &packed) & CB_READS_POINT);
        for (unsigned digits = 0; digits <= 4; digits++) {
            int64_t got = cb_amount_value(packed, CB_MARK_POINT, digits);
            CHECK(got == rows[i].want[digits], "%s with %u decimals: %lld", rows[i].text, digits,
                  (long long)got);
        }
        CHECK(cb_amount_value(packed, CB_MARK_POINT, 9) == rows[i].want[4], "%s with 9 decimals",
              rows[i].text);
    }
}

/* Numbers made up from their value: any grouping, either mark; the digits are counted by hand. */
static void made_up_amounts_come_back(void **state)
{
    (void)state;
    static const char *const groupings[] = {"", ",", ".", " ", "'", NBSP, NARROW};
    uint64_t seed = 12;
    for (int i = 0; i < 200000; i++) {
        int64_t cents = test_between(&seed, 0, i % 3 ? 100000000 : CB_MAX_AMOUNT);
        const char *group = groupings[test_between(&seed, 0, COUNT_OF(groupings))];
        char mark = *group == ',' || (*group != '.' && i % 2) ? '.' : ',';
        bool negative = i % 5 == 0;
        char digits[32];
        char text[96];
        int n = snprintf(digits, sizeof digits, "%lld", (long long)(cents / 100));
        int at = snprintf(text, sizeof text, "%s", negative ? "-" : "");
        for (int d = 0; d < n; d++)
            at += snprintf(text + at, sizeof text - (size_t)at, "%s%c",
                           d && (n - d) % 3 == 0 ? group : "", digits[d]);
        snprintf(text + at, sizeof text - (size_t)at, "%c%02d", mark, (int)(cents % 100));
        int64_t packed = 0;
        unsigned readings = cb_amount_scan(cb_str_of(text), &packed);
        CHECK(readings == (mark == '.' ? CB_READS_POINT : CB_READS_COMMA), "%s: %u", text,
              readings);
        CHECK(packed != CB_NO_AMOUNT, "%s", text);
        int64_t got = cb_amount_value(packed, mark == '.' ? CB_MARK_POINT : CB_MARK_COMMA, 2);
        CHECK(got == (negative ? -cents : cents), "%s: %lld", text, (long long)got);
        char back[32];
        int len = cb_amount_text(back, got, 2);
        CHECK(len == (int)strlen(back), "%s: length %d", back, len);
        CHECK(cb_amount_scan(cb_str_of(back), &packed) == CB_READS_POINT &&
                  cb_amount_value(packed, CB_MARK_POINT, 2) == got,
              "%s", back);
    }
}

/* Bytes of amounts in any order: nothing but a set of readings comes out, and every reading has a
 * value. */
static void any_bytes_do_no_harm(void **state)
{
    (void)state;
    static const char alphabet[] = "0123456789012345..,,  ''-+()$EURk\xC2\xA0\xE2\x82\xAC\x80\xAF";
    uint64_t seed = 99;
    size_t read = 0;
    for (int i = 0; i < 1000000; i++) {
        char text[16];
        size_t len = (size_t)test_between(&seed, 0, 12);
        char *exact = text + sizeof text - len; /* at the end of the array */
        for (size_t j = 0; j < len; j++)
            exact[j] = alphabet[test_between(&seed, 0, sizeof alphabet - 1)];
        int64_t packed = 0;
        unsigned readings = cb_amount_scan((cb_str){exact, len}, &packed);
        if (!readings)
            continue;
        read++;
        CHECK(readings <= 3 && packed != CB_NO_AMOUNT, "readings %u", readings);
        CHECK((cb_amount_value(packed, CB_MARK_POINT, 2) != NO) == !!(readings & CB_READS_POINT),
              "%.*s", (int)len, exact);
        CHECK((cb_amount_value(packed, CB_MARK_COMMA, 2) != NO) == !!(readings & CB_READS_COMMA),
              "%.*s", (int)len, exact);
    }
    CHECK(read > 10000, "only %zu amounts among the texts", read);
}

static void the_fifth_decimal_under_a_comma(void **state)
{
    (void)state;
    int64_t packed = 0;
    assert_int_equal(cb_amount_scan(CB_LIT("1,00005"), &packed), CB_READS_COMMA);
    assert_int_equal(cb_amount_value(packed, CB_MARK_COMMA, 4), 10001);
    assert_int_equal(cb_amount_value(packed, CB_MARK_COMMA, 3), 1000);
}

static void damaged_forms_have_no_value(void **state)
{
    (void)state;
    assert_true(cb_amount_value(CB_NO_AMOUNT, CB_MARK_POINT, 2) == NO);
    assert_true(cb_amount_value(7, CB_MARK_POINT, 2) == NO); /* no shape has this number */
    assert_true(cb_amount_value(-1, CB_MARK_COMMA, 2) == NO);
    assert_true(cb_amount_value(INT64_MAX, CB_MARK_COMMA, 2) == NO);
}

static void currencies_have_their_decimals(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        unsigned digits;
    } rows[] = {{"USD", 2}, {"EUR", 2}, {"JPY", 0}, {"KRW", 0}, {"XPF", 0},  {"BIF", 0},
                {"KWD", 3}, {"TND", 3}, {"BHD", 3}, {"CLF", 4}, {"UYW", 4},  {"CLP", 0},
                {"XXX", 2}, {"", 2},    {"J", 2},   {"JP", 2},  {"JPYX", 2}, {"jpy", 2},
                {"PY ", 2}, {"ISK", 0}, {"HUF", 2}, {"VND", 0}, {"IQD", 3}};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        CHECK(cb_currency_digits(rows[i].code) == rows[i].digits, "%s: %u", rows[i].code,
              cb_currency_digits(rows[i].code));
}

static void amounts_are_written(void **state)
{
    (void)state;
    static const struct {
        int64_t minor;
        unsigned digits;
        const char *want;
    } rows[] = {
        {123450, 2, "1234.50"},
        {-123450, 2, "-1234.50"},
        {5, 2, "0.05"},
        {-5, 2, "-0.05"},
        {0, 2, "0.00"},
        {15, 1, "1.5"},
        {5, 0, "5"},
        {-5, 0, "-5"},
        {5, 3, "0.005"},
        {12345, 4, "1.2345"},
        {12345, 9, "1.2345"},
        {CB_MAX_AMOUNT, 2, "90000000000000.00"},
        {INT64_MAX, 2, "92233720368547758.07"},
        {INT64_MIN + 1, 4, "-922337203685477.5807"},
        {CB_NO_AMOUNT, 2, ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char out[32];
        int n = cb_amount_text(out, rows[i].minor, rows[i].digits);
        CHECK(!strcmp(out, rows[i].want) && n == (int)strlen(out), "row %zu: %s", i, out);
    }
}

static void amounts_are_converted(void **state)
{
    (void)state;
    static const struct {
        int64_t minor, rate, want;
    } rows[] = {
        {1000, 1000000, 1000},
        {1000, 1085000, 1085},
        {1001, 500000, 501}, /* 500.5 */
        {-1001, 500000, -501},
        {999, 500000, 500},
        {1, 499999, 0},
        {1, 500000, 1},
        {-1, 500000, -1},
        {0, 1085000, 0},
        {123456789012345, 1234567, 152415677640604}, /* ...603.729615 */
        {CB_MAX_AMOUNT, 1000000, CB_MAX_AMOUNT},
        {CB_MAX_AMOUNT, 1000001, NO},
        {-CB_MAX_AMOUNT, 1000001, NO},
        {CB_MAX_AMOUNT, INT64_MAX, NO},
        {999999, INT64_MAX, NO},
        {1, INT64_C(9000000000000000), INT64_C(9000000000)},
        {5, 0, 0},
        {5, -1, NO},
        {CB_NO_AMOUNT, 1000000, NO},
        {INT64_MAX, 1, INT64_C(9223372036855)},
        {INT64_C(1024819999999), INT64_C(9000000000000), NO}, /* each part fits, the sum does not */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t got = cb_amount_convert(rows[i].minor, rows[i].rate);
        CHECK(got == rows[i].want, "row %zu: %lld", i, (long long)got);
    }
}

/* The shortcut for "12.34" against the long way, which a space in front makes it go. */
static void shortcut_is_the_long_way(void **state)
{
    (void)state;
    static const char bytes[] = "0123456789.,-+a/:~ '";
    uint64_t random = 1;
    unsigned cents = 0;
    for (unsigned round = 0; round < 1000000; round++) {
        char text[16] = " ";
        random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
        size_t len = 1 + (random >> 40) % 10, kinds = (random >> 50) % 4 ? 10 : sizeof bytes - 1;
        for (size_t i = 0; i < len; i++) {
            random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
            text[1 + i] = bytes[(random >> 40) % kinds];
        }
        if (len >= 3 && (random >> 60) % 4)
            text[len - 2] = '.';
        int64_t got = 7, want = 7;
        unsigned short_way = cb_amount_scan((cb_str){text + 1, len}, &got);
        assert_int_equal(short_way, cb_amount_scan((cb_str){text, len + 1}, &want));
        assert_true(!short_way || got == want);
        cents += short_way == CB_READS_POINT;
    }
    assert_true(cents > 100000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_are_read),
        cmocka_unit_test(each_currency_rounds_from_the_cell),
        cmocka_unit_test(made_up_amounts_come_back),
        cmocka_unit_test(any_bytes_do_no_harm),
        cmocka_unit_test(damaged_forms_have_no_value),
        cmocka_unit_test(the_fifth_decimal_under_a_comma),
        cmocka_unit_test(currencies_have_their_decimals),
        cmocka_unit_test(amounts_are_written),
        cmocka_unit_test(amounts_are_converted),
        cmocka_unit_test(shortcut_is_the_long_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
