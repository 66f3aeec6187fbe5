/* Periods. Begin and end are given as local wall clock times and turned into UTC by hand (the
 * offset stands beside them). */
#include "testing.h"

#include <stdio.h>
#include <string.h>

#include "casebook/civil.h"

static cb_zone *utc, *berlin, *sao_paulo;

static int open_zones(void **state)
{
    (void)state;
    return cb_zone_open(&utc, "UTC", NULL) || cb_zone_open(&berlin, "Europe/Berlin", NULL) ||
           cb_zone_open(&sao_paulo, "America/Sao_Paulo", NULL);
}

static int close_zones(void **state)
{
    (void)state;
    cb_zone_free(utc);
    cb_zone_free(berlin);
    cb_zone_free(sao_paulo);
    return 0;
}

/* "2026-09-14T13:30:15" in seconds, as if it were UTC. */
static int64_t at(const char *text)
{
    int v[6] = {0};
    int n = sscanf(text, "%d-%d-%dT%d:%d:%d", &v[0], &v[1], &v[2], &v[3], &v[4], &v[5]);
    CHECK(n >= 3, "the test's own time %s", text);
    return cb_days_from_civil(v[0], (unsigned)v[1], (unsigned)v[2]) * 86400 + v[3] * 3600 +
           v[4] * 60 + v[5];
}

static cb_period parse(const char *text, const cb_zone *zone)
{
    cb_period p;
    cb_error err = {0};
    CHECK(cb_period_parse(&p, cb_str_of(text), zone, &err) == CB_OK, "%s: %s", text, err.why);
    return p;
}

static void periods_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text, *label, *from, *to;
    } rows[] = {
        {"2026-Q1", "2026-Q1", "2026-01-01", "2026-04-01"},
        {"2026-Q3", "2026-Q3", "2026-07-01", "2026-10-01"},
        {"2026-q4", "2026-Q4", "2026-10-01", "2027-01-01"},
        {"2026-09", "2026-09", "2026-09-01", "2026-10-01"},
        {"2026-12", "2026-12", "2026-12-01", "2027-01-01"},
        {"2024-02", "2024-02", "2024-02-01", "2024-03-01"},
        {"2026-09-14", "2026-09-14", "2026-09-14", "2026-09-15"},
        {"2024-02-29", "2024-02-29", "2024-02-29", "2024-03-01"},
        {"2026-12-31", "2026-12-31", "2026-12-31", "2027-01-01"},
        {"2026", "2026", "2026-01-01", "2027-01-01"},
        {" 2026 ", "2026", "2026-01-01", "2027-01-01"},
        {"2026-01-01..2026-03-31", "2026-01-01..2026-03-31", "2026-01-01", "2026-04-01"},
        {"2026-09-14..2026-09-14", "2026-09-14..2026-09-14", "2026-09-14", "2026-09-15"},
        {"2025-12-30..2026-01-02", "2025-12-30..2026-01-02", "2025-12-30", "2026-01-03"},
        {"0001", "0001", "0001-01-01", "0002-01-01"},
        {"9999-Q4", "9999-Q4", "9999-10-01", "10000-01-01"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        cb_period p = parse(rows[i].text, utc);
        CHECK(!strcmp(p.label, rows[i].label), "%s: label %s", rows[i].text, p.label);
        CHECK(p.from_utc_s == at(rows[i].from) && p.to_utc_s == at(rows[i].to), "%s: bounds",
              rows[i].text);
    }
}

static void what_is_no_period_is_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {"",
                                       "2026-Q0",
                                       "2026-Q5",
                                       "2026-Q",
                                       "2026Q3",
                                       "2026-13",
                                       "2026-00",
                                       "2026-9",
                                       "2026-02-29",
                                       "2026-04-31",
                                       "2026-9-14",
                                       "26-09-14",
                                       "2026-09-14T00:00",
                                       "2026-09-14..",
                                       "..2026-09-14",
                                       "2026-09-14..2026-09-13",
                                       "2026-09-14.2026-09-15",
                                       "2026-09-14..2026-09",
                                       "2026-09-14..2026-09-15x",
                                       "2026-09..2026-10",
                                       "2026-Q1..2026-Q2",
                                       "2026..2026",
                                       "2026-09-14...2026-09-15",
                                       "2026-09-14..2026-09-15..2026-09-16",
                                       "2026-09-14 .. 2026-09-15",
                                       "last quarter",
                                       "0000",
                                       "0000-01-01",
                                       "2026-",
                                       "2026-09-",
                                       "2026-Q33",
                                       "20260914",
                                       "-2026",
        "2026-0:",
        "2026-09-1:",
        "202:",
        "202/"};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        cb_period p;
        cb_error err = {0};
        CHECK(cb_period_parse(&p, cb_str_of(rows[i]), utc, &err) == CB_EUSAGE, "%s is taken",
              rows[i]);
        CHECK(strstr(err.why, "2026-Q3"), "%s: no advice", rows[i]);
    }
}

/* Local days begin where the zone says: Berlin at +1 and +2, Sao Paulo's day of 23 hours that
 * begins at 01:00. */
static void days_are_local(void **state)
{
    (void)state;
    cb_period q = parse("2026-Q1", berlin);
    assert_int_equal(q.from_utc_s, at("2025-12-31T23:00:00"));
    assert_int_equal(q.to_utc_s, at("2026-03-31T22:00:00"));
    cb_period spring = parse("2026-03-29", berlin);
    assert_int_equal(spring.to_utc_s - spring.from_utc_s, 23 * 3600);
    cb_period autumn = parse("2026-10-25", berlin);
    assert_int_equal(autumn.to_utc_s - autumn.from_utc_s, 25 * 3600);
    cb_period late = parse("2018-11-04", sao_paulo);
    assert_int_equal(late.from_utc_s, at("2018-11-04T03:00:00"));
    assert_int_equal(late.to_utc_s, at("2018-11-05T02:00:00"));
    cb_period before = cb_period_before(&late, sao_paulo);
    assert_string_equal(before.label, "2018-11-03");
    assert_int_equal(before.to_utc_s, late.from_utc_s);
    cb_period around = cb_period_around(CB_PERIOD_DAY, at("2018-11-04T03:00:00"), sao_paulo);
    assert_string_equal(around.label, "2018-11-04");
}

static void periods_hold_their_instant(void **state)
{
    (void)state;
    static const struct {
        cb_period_kind kind;
        const char *utc_time, *label;
    } rows[] = {
        {CB_PERIOD_DAY, "2026-09-14T21:59:59", "2026-09-14"},
        {CB_PERIOD_DAY, "2026-09-14T22:00:00", "2026-09-15"},
        {CB_PERIOD_MONTH, "2026-08-31T21:59:59", "2026-08"},
        {CB_PERIOD_MONTH, "2026-08-31T22:00:00", "2026-09"},
        {CB_PERIOD_QUARTER, "2026-09-30T21:59:59", "2026-Q3"},
        {CB_PERIOD_QUARTER, "2026-09-30T22:00:00", "2026-Q4"},
        {CB_PERIOD_YEAR, "2026-12-31T22:59:59", "2026"},
        {CB_PERIOD_YEAR, "2026-12-31T23:00:00", "2027"},
        {CB_PERIOD_RANGE, "2026-09-14T12:00:00", "2026-09-14"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        cb_period p = cb_period_around(rows[i].kind, at(rows[i].utc_time), berlin);
        CHECK(!strcmp(p.label, rows[i].label), "row %zu: %s", i, p.label);
        CHECK(p.from_utc_s <= at(rows[i].utc_time) && at(rows[i].utc_time) < p.to_utc_s, "row %zu",
              i);
    }
    uint64_t seed = 9;
    for (int i = 0; i < 20000; i++) {
        int64_t t = test_between(&seed, at("1890-01-01"), at("2600-01-01"));
        for (cb_period_kind kind = CB_PERIOD_DAY; kind <= CB_PERIOD_YEAR; kind++) {
            cb_period p = cb_period_around(kind, t, berlin);
            CHECK(p.from_utc_s <= t && t < p.to_utc_s, "kind %d at %lld: %s", (int)kind,
                  (long long)t, p.label);
            cb_period again = parse(p.label, berlin);
            CHECK(!memcmp(&again.from_utc_s, &p.from_utc_s, 16), "label %s", p.label);
            cb_period before = cb_period_before(&p, berlin);
            CHECK(before.to_utc_s == p.from_utc_s && before.from_utc_s < before.to_utc_s,
                  "before %s: %s", p.label, before.label);
        }
    }
}

static void defaults_by_as_of(void **state)
{
    (void)state;
    static const struct {
        const char *as_of, *quarter, *twelve;
    } rows[] = {
        {"2026-09-30T00:00:00", "2026-Q3", "2025-10-01..2026-09-30"},
        {"2026-09-29T12:00:00", "2026-Q2", "2025-09-30..2026-09-29"},
        {"2026-09-30T21:59:59", "2026-Q3", "2025-10-01..2026-09-30"},
        {"2026-09-30T22:00:00", "2026-Q3",
         "2025-10-02..2026-10-01"}, /* already 1 October in Berlin */
        {"2026-03-30T23:00:00", "2026-Q1", "2025-04-01..2026-03-31"}, /* already 31 March */
        {"2026-02-14T09:00:00", "2025-Q4", "2025-02-15..2026-02-14"},
        {"2025-02-28T09:00:00", "2024-Q4", "2024-03-01..2025-02-28"},
        {"2024-02-29T09:00:00", "2023-Q4", "2023-03-01..2024-02-29"},
        {"2024-02-28T09:00:00", "2023-Q4", "2023-03-01..2024-02-28"},
        {"2025-12-31T09:00:00", "2025-Q4", "2025-01-01..2025-12-31"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        cb_period q = cb_period_last_quarter(at(rows[i].as_of), berlin);
        cb_period t = cb_period_twelve_months(at(rows[i].as_of), berlin);
        CHECK(!strcmp(q.label, rows[i].quarter), "%s: %s", rows[i].as_of, q.label);
        CHECK(!strcmp(t.label, rows[i].twelve), "%s: %s", rows[i].as_of, t.label);
    }
}

static void comparisons(void **state)
{
    (void)state;
    static const struct {
        const char *period, *before, *year_before;
    } rows[] = {
        {"2026-Q3", "2026-Q2", "2025-Q3"},
        {"2026-Q1", "2025-Q4", "2025-Q1"},
        {"2026-09", "2026-08", "2025-09"},
        {"2026-01", "2025-12", "2025-01"},
        {"2025-02", "2025-01", "2024-02"},
        {"2026", "2025", "2025"},
        {"2026-09-14", "2026-09-13", "2025-09-14"},
        {"2026-03-01", "2026-02-28", "2025-03-01"},
        {"2024-02-29", "2024-02-28", "2023-02-28"},
        {"2025-02-28", "2025-02-27", "2024-02-28"},
        /* n days: the n days before; the dates of a year ago */
        {"2026-09-10..2026-09-14", "2026-09-05..2026-09-09", "2025-09-10..2025-09-14"},
        {"2024-02-29..2024-03-02", "2024-02-26..2024-02-28", "2023-02-28..2023-03-02"},
        {"2025-09-15..2026-09-14", "2024-09-15..2025-09-14", "2024-09-15..2025-09-14"},
        /* whole months */
        {"2026-01-01..2026-03-31", "2025-10-01..2025-12-31", "2025-01-01..2025-03-31"},
        {"2026-02-01..2026-02-28", "2026-01-01..2026-01-31", "2025-02-01..2025-02-28"},
        {"2025-01-01..2025-02-28", "2024-11-01..2024-12-31", "2024-01-01..2024-02-29"},
        {"2025-10-01..2026-09-30", "2024-10-01..2025-09-30", "2024-10-01..2025-09-30"},
        {"2024-02-01..2024-02-28", "2024-01-04..2024-01-31", "2023-02-01..2023-02-28"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        cb_period p = parse(rows[i].period, berlin);
        cb_period b = cb_period_before(&p, berlin);
        cb_period y = cb_period_year_before(&p, berlin);
        CHECK(!strcmp(b.label, rows[i].before), "%s: before %s", rows[i].period, b.label);
        CHECK(!strcmp(y.label, rows[i].year_before), "%s: year before %s", rows[i].period, y.label);
        cb_period same = parse(b.label, berlin);
        CHECK(same.from_utc_s == b.from_utc_s && same.to_utc_s == b.to_utc_s, "%s: bounds of %s",
              rows[i].period, b.label);
        CHECK(b.to_utc_s == p.from_utc_s, "%s: a gap before it", rows[i].period);
    }
}

static void running_periods_cut_their_comparison(void **state)
{
    (void)state;
    static const struct {
        const char *running, *comparison, *as_of, *want;
    } rows[] = {
        {"2026-Q3", "2026-Q2", "2026-07-01T10:00:00", "2026-04-01..2026-04-01"},
        {"2026-Q3", "2026-Q2", "2026-08-14T10:00:00",
         "2026-04-01..2026-05-15"}, /* day 45 of both */
        {"2026-Q3", "2025-Q3", "2026-08-14T10:00:00", "2025-07-01..2025-08-14"},
        {"2026-Q3", "2026-Q2", "2026-08-14T22:00:00",
         "2026-04-01..2026-05-16"}, /* 15 August in Berlin */
        {"2026-Q3", "2026-Q2", "2026-09-28T10:00:00", "2026-04-01..2026-06-29"}, /* day 90 of 91 */
        {"2026-Q3", "2026-Q2", "2026-09-29T10:00:00", "2026-Q2"},                /* day 91 */
        {"2026-Q3", "2026-Q2", "2026-09-30T10:00:00", "2026-Q2"}, /* the last day has come */
        {"2026-Q1", "2025-Q4", "2026-03-31T10:00:00", "2025-Q4"},
        {"2026-Q1", "2025-Q4", "2026-03-30T10:00:00", "2025-10-01..2025-12-28"},
        {"2026-Q3", "2026-Q2", "2026-12-24T10:00:00", "2026-Q2"}, /* over */
        {"2026-Q3", "2026-Q2", "2026-06-30T10:00:00", "2026-Q2"}, /* not begun */
        {"2026", "2025", "2026-02-28T10:00:00", "2025-01-01..2025-02-28"},
        {"2024", "2023", "2024-02-29T10:00:00", "2023-01-01..2023-03-01"}, /* 60 days */
        {"2026-09-14", "2026-09-13", "2026-09-14T10:00:00", "2026-09-13"},
        {"2026-09-10..2026-09-20", "2026-08-30..2026-09-09", "2026-09-12T10:00:00",
         "2026-08-30..2026-09-01"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        cb_period r = parse(rows[i].running, berlin);
        cb_period c = parse(rows[i].comparison, berlin);
        cb_period cut = cb_period_cut(&c, &r, at(rows[i].as_of), berlin);
        cb_period want = parse(rows[i].want, berlin);
        CHECK(!strcmp(cut.label, want.label), "row %zu: %s", i, cut.label);
        CHECK(cut.from_utc_s == want.from_utc_s && cut.to_utc_s == want.to_utc_s, "row %zu: bounds",
              i);
    }
}

static void periods_before_year_one(void **state)
{
    (void)state;
    cb_period p = parse("0001", utc);
    cb_period before = cb_period_before(&p, utc);
    assert_int_equal(before.to_utc_s, p.from_utc_s);
    assert_int_equal(before.to_utc_s - before.from_utc_s, 366 * 86400); /* year 0 is a leap year */
    before = cb_period_year_before(&before, utc);
    assert_int_equal(before.to_utc_s - before.from_utc_s, 365 * 86400);
    assert_int_equal(before.to_utc_s, p.from_utc_s - 366 * 86400);
}

/* A period that a caller made by hand has no label to go by. */
static void periods_without_a_label(void **state)
{
    (void)state;
    cb_period p = {.label = "",
                   .from_utc_s = at("2026-06-30T22:00:00"),
                   .to_utc_s = at("2026-09-30T22:00:00")};
    assert_string_equal(cb_period_before(&p, berlin).label, "2026-04-01..2026-06-30");
    assert_string_equal(cb_period_year_before(&p, berlin).label, "2025-07-01..2025-09-30");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(periods_are_read),
        cmocka_unit_test(what_is_no_period_is_refused),
        cmocka_unit_test(days_are_local),
        cmocka_unit_test(periods_hold_their_instant),
        cmocka_unit_test(defaults_by_as_of),
        cmocka_unit_test(comparisons),
        cmocka_unit_test(running_periods_cut_their_comparison),
        cmocka_unit_test(periods_without_a_label),
        cmocka_unit_test(periods_before_year_one),
    };
    return cmocka_run_group_tests(tests, open_zones, close_zones);
}
