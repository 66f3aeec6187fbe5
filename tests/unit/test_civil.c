/* Days and dates. The figures are Python's datetime; the walk counts every day from year 1 to 9999
 * by the rules of the calendar alone. */
#include "testing.h"

#include <string.h>

#include "casebook/civil.h"

static const struct {
    cb_civil civil;
    int64_t want_s;
    unsigned weekday;
} known[] = {
    {{1, 1, 1, 0, 0, 0}, INT64_C(-62135596800), 0},
    {{1, 12, 31, 23, 59, 59}, INT64_C(-62104060801), 0},
    {{4, 2, 29, 12, 0, 0}, INT64_C(-62035848000), 6},
    {{100, 2, 28, 0, 0, 0}, INT64_C(-59006448000), 6},
    {{100, 3, 1, 0, 0, 0}, INT64_C(-59006361600), 0},
    {{400, 2, 29, 6, 7, 8}, INT64_C(-49539318772), 1},
    {{999, 12, 31, 23, 0, 1}, INT64_C(-30610227599), 1},
    {{1582, 10, 4, 0, 0, 0}, INT64_C(-12220243200), 0},
    {{1582, 10, 15, 0, 0, 0}, INT64_C(-12219292800), 4},
    {{1600, 2, 29, 1, 1, 1}, INT64_C(-11670994739), 1},
    {{1699, 12, 31, 0, 0, 0}, INT64_C(-8520422400), 3},
    {{1752, 9, 2, 9, 9, 9}, INT64_C(-6858226251), 5},
    {{1900, 2, 28, 23, 59, 59}, INT64_C(-2203891201), 2},
    {{1900, 3, 1, 0, 0, 0}, INT64_C(-2203891200), 3},
    {{1901, 12, 13, 20, 45, 52}, INT64_C(-2147483648), 4},
    {{1904, 2, 29, 0, 0, 0}, INT64_C(-2077747200), 0},
    {{1969, 12, 31, 23, 59, 59}, INT64_C(-1), 2},
    {{1970, 1, 1, 0, 0, 0}, INT64_C(0), 3},
    {{1972, 2, 29, 0, 0, 1}, INT64_C(68169601), 1},
    {{1999, 12, 31, 23, 59, 59}, INT64_C(946684799), 4},
    {{2000, 2, 29, 12, 34, 56}, INT64_C(951827696), 1},
    {{2000, 12, 31, 0, 0, 0}, INT64_C(978220800), 6},
    {{2016, 12, 31, 23, 59, 59}, INT64_C(1483228799), 5},
    {{2026, 9, 14, 13, 30, 15}, INT64_C(1789392615), 0},
    {{2038, 1, 19, 3, 14, 7}, INT64_C(2147483647), 1},
    {{2100, 2, 28, 23, 59, 59}, INT64_C(4107542399), 6},
    {{2100, 3, 1, 0, 0, 0}, INT64_C(4107542400), 0},
    {{2400, 2, 29, 0, 0, 0}, INT64_C(13574563200), 1},
    {{9999, 1, 1, 0, 0, 0}, INT64_C(253370764800), 4},
    {{9999, 12, 31, 23, 59, 59}, INT64_C(253402300799), 4},
};

static bool same(const cb_civil *a, const cb_civil *b)
{
    return a->year == b->year && a->month == b->month && a->day == b->day && a->hour == b->hour &&
           a->minute == b->minute && a->second == b->second;
}

static void known_dates(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        const cb_civil *c = &known[i].civil;
        cb_civil back = cb_civil_from_s(known[i].want_s);
        CHECK(cb_civil_valid(c), "row %zu", i);
        CHECK(cb_civil_to_s(c) == known[i].want_s, "row %zu (year %d): %lld", i, c->year,
              (long long)cb_civil_to_s(c));
        CHECK(same(&back, c), "row %zu (year %d) back", i, c->year);
        CHECK(cb_weekday(cb_floor_day(known[i].want_s)) == known[i].weekday, "row %zu: weekday", i);
    }
}

static unsigned last_day(int32_t year, unsigned month)
{
    if (month == 2)
        return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

static void every_day_of_9999_years(void **state)
{
    (void)state;
    int64_t days = -719162; /* 0001-01-01, a Monday */
    unsigned weekday = 0;
    for (int32_t y = 1; y <= 9999; y++)
        for (unsigned m = 1; m <= 12; m++)
            for (unsigned d = 1; d <= last_day(y, m); d++, days++, weekday = (weekday + 1) % 7) {
                int32_t year;
                unsigned month;
                unsigned day;
                cb_civil_from_days(days, &year, &month, &day);
                CHECK(year == y && month == m && day == d, "day %lld", (long long)days);
                CHECK(cb_days_from_civil(y, m, d) == days, "%04d-%02u-%02u", y, m, d);
                CHECK(cb_weekday(days) == weekday, "%04d-%02u-%02u", y, m, d);
            }
    assert_int_equal(days, 2932897);
}

static void years_of_any_size(void **state)
{
    (void)state;
    uint64_t seed = 7;
    for (int i = 0; i < 200000; i++) {
        int32_t year = (int32_t)test_between(&seed, INT32_MIN + 1, (int64_t)INT32_MAX + 1);
        unsigned month = (unsigned)test_between(&seed, 1, 13);
        unsigned day = (unsigned)test_between(&seed, 1, 29);
        int32_t y;
        unsigned m;
        unsigned d;
        cb_civil_from_days(cb_days_from_civil(year, month, day), &y, &m, &d);
        CHECK(y == year && m == month && d == day, "%d-%u-%u gives %d-%u-%u", year, month, day, y,
              m, d);
    }
    int32_t y;
    unsigned m;
    unsigned d;
    cb_civil_from_days(INT64_MAX, &y, &m, &d);
    assert_true(y == INT32_MAX && m == 12 && d == 31);
    cb_civil_from_days(INT64_MIN, &y, &m, &d);
    assert_true(y == INT32_MIN + 1 && m == 1 && d == 1);
    (void)cb_weekday(INT64_MAX);
    assert_true(cb_weekday(INT64_MIN) < 7);
}

static void what_is_no_date_is_invalid(void **state)
{
    (void)state;
    static const struct {
        cb_civil civil;
        bool valid;
    } rows[] = {
        {{2024, 2, 29, 0, 0, 0}, true},     {{2025, 2, 29, 0, 0, 0}, false},
        {{1900, 2, 29, 0, 0, 0}, false},    {{2000, 2, 29, 0, 0, 0}, true},
        {{2026, 4, 30, 0, 0, 0}, true},     {{2026, 4, 31, 0, 0, 0}, false},
        {{2026, 12, 31, 23, 59, 59}, true}, {{2026, 12, 32, 0, 0, 0}, false},
        {{2026, 13, 1, 0, 0, 0}, false},    {{2026, 0, 1, 0, 0, 0}, false},
        {{2026, 1, 0, 0, 0, 0}, false},     {{2026, 1, 1, 24, 0, 0}, false},
        {{2026, 1, 1, 0, 60, 0}, false},    {{2016, 12, 31, 23, 59, 60}, false},
        {{2026, 255, 255, 0, 0, 0}, false}, {{2026, 6, 31, 0, 0, 0}, false},
        {{2026, 9, 31, 0, 0, 0}, false},    {{2026, 11, 31, 0, 0, 0}, false},
        {{2026, 1, 31, 0, 0, 0}, true},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        CHECK(cb_civil_valid(&rows[i].civil) == rows[i].valid, "row %zu", i);
}

static void floor_day_goes_down(void **state)
{
    (void)state;
    static const int64_t rows[][2] = {{0, 0},   {86399, 0},   {86400, 1},
                                      {-1, -1}, {-86400, -1}, {-86401, -2}};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        CHECK(cb_floor_day(rows[i][0]) == rows[i][1], "row %zu", i);
}

static void instants_are_written(void **state)
{
    (void)state;
    static const struct {
        int64_t utc_s;
        const char *time, *date;
    } rows[] = {
        {0, "1970-01-01T00:00:00Z", "1970-01-01"},
        {-1, "1969-12-31T23:59:59Z", "1969-12-31"},
        {INT64_C(1789392615), "2026-09-14T13:30:15Z", "2026-09-14"},
        {INT64_C(253402300799), "9999-12-31T23:59:59Z", "9999-12-31"},
        {INT64_C(-62135596800), "0001-01-01T00:00:00Z", "0001-01-01"},
        {CB_NO_TIME, "", ""},
    };
    cb_zone *utc = NULL;
    assert_int_equal(cb_zone_open(&utc, "UTC", NULL), CB_OK);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char out[32];
        cb_time_text(out, rows[i].utc_s);
        CHECK(!strcmp(out, rows[i].time), "row %zu: %s", i, out);
        cb_date_text(out, rows[i].utc_s, utc);
        CHECK(!strcmp(out, rows[i].date), "row %zu: %s", i, out);
    }
    char out[32];
    cb_time_text(out, INT64_MAX);
    assert_true(strlen(out) > 20 && strlen(out) < sizeof out);
    cb_time_text(out, INT64_MIN + 1);
    assert_true(strlen(out) > 20 && strlen(out) < sizeof out);
    cb_zone_free(utc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_dates),         cmocka_unit_test(every_day_of_9999_years),
        cmocka_unit_test(years_of_any_size),   cmocka_unit_test(what_is_no_date_is_invalid),
        cmocka_unit_test(floor_day_goes_down), cmocka_unit_test(instants_are_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
