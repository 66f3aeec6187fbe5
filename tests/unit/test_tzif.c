/* TZif files built here: the rules of a footer, old versions, damaged bytes, databases of every kind. No
 * release of tzdata can change what is checked. The figures are those of Python's zoneinfo over the same
 * bytes; those of the rule by day numbers are glibc's (Python 3.11 counts such days from 1, not 0). */
#include "testing.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/zone_parts.h"

static void put(cb_buf *b, uint64_t value, unsigned bytes)
{
    while (bytes-- > 0) {
        char c = (char)(bytes < 8 ? value >> bytes * 8 & 0xFF : 0);
        assert_int_equal(cb_buf_append(b, &c, 1), CB_OK);
    }
}

static void put_head(cb_buf *b, char version, unsigned leaps, unsigned times, unsigned types)
{
    assert_int_equal(cb_buf_text(b, "TZif%c", version), CB_OK);
    put(b, 0, 15);
    put(b, 0, 8);
    put(b, leaps, 4);
    put(b, times, 4);
    put(b, types, 4);
    put(b, 4, 4);
}

static void put_type(cb_buf *b, int32_t offset)
{
    put(b, (uint32_t)offset, 4);
    put(b, 0, 2);
    put(b, 0x58585800, 4); /* "XXX" */
}

/* Version 2, one change at 2000-01-01T00:00:00Z to the offset that holds before it too, and a
 * footer. */
static cb_buf file_with_footer(const char *footer, int32_t offset)
{
    cb_buf b;
    cb_buf_init(&b, NULL, 1000);
    put_head(&b, '2', 0, 0, 1);
    put_type(&b, offset);
    put_head(&b, '2', 0, 1, 1);
    put(&b, 946684800, 8);
    put(&b, 0, 1);
    put_type(&b, offset);
    assert_int_equal(cb_buf_text(&b, "\n%s\n", footer), CB_OK);
    return b;
}

static cb_zone *zone_of(const cb_buf *b)
{
    cb_zone *zone = NULL;
    const char *why = NULL;
    CHECK(cb_tzif_read(&zone, cb_alloc_libc(), "Test", (cb_str){b->at, b->len}, &why), "%s", why);
    assert_non_null(zone);
    return zone;
}

static const struct {
    const char *footer;
    int32_t offset_s;
    struct {
        int64_t at_utc_s;
        int32_t before_s, after_s;
    } change[16];
} footers[] = {
    {"CET-1CEST,M3.5.0,M10.5.0/3", 3600, {
        {INT64_C(1679792400), 3600, 7200}, {INT64_C(1698541200), 7200, 3600}, {INT64_C(1711846800), 3600, 7200},
        {INT64_C(1729990800), 7200, 3600}, {INT64_C(13545363600), 3600, 7200}, {INT64_C(13564112400), 7200, 3600},
        {INT64_C(13576813200), 3600, 7200}, {INT64_C(13595562000), 7200, 3600}, {INT64_C(13608262800), 3600, 7200},
        {INT64_C(13627011600), 7200, 3600}, {INT64_C(26988858000), 3600, 7200}, {INT64_C(27007002000), 7200, 3600},
        {INT64_C(253283850000), 3600, 7200}, {INT64_C(253301994000), 7200, 3600}}},
    {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", -7200, {
        {INT64_C(1679792400), -7200, -3600}, {INT64_C(1698541200), -3600, -7200}, {INT64_C(1711846800), -7200, -3600},
        {INT64_C(1729990800), -3600, -7200}, {INT64_C(13545363600), -7200, -3600},
        {INT64_C(13564112400), -3600, -7200}, {INT64_C(13576813200), -7200, -3600},
        {INT64_C(13595562000), -3600, -7200}, {INT64_C(13608262800), -7200, -3600},
        {INT64_C(13627011600), -3600, -7200}, {INT64_C(26988858000), -7200, -3600},
        {INT64_C(27007002000), -3600, -7200}, {INT64_C(253283850000), -7200, -3600},
        {INT64_C(253301994000), -3600, -7200}}},
    {"EET-2EEST,M3.4.4/50,M10.4.4/50", 7200, {
        {INT64_C(1679702400), 7200, 10800}, {INT64_C(1698447600), 10800, 7200}, {INT64_C(1711756800), 7200, 10800},
        {INT64_C(1729897200), 10800, 7200}, {INT64_C(13545273600), 7200, 10800}, {INT64_C(13564018800), 10800, 7200},
        {INT64_C(13576723200), 7200, 10800}, {INT64_C(13595468400), 10800, 7200}, {INT64_C(13608172800), 7200, 10800},
        {INT64_C(13626918000), 10800, 7200}, {INT64_C(26988768000), 7200, 10800}, {INT64_C(27006908400), 10800, 7200},
        {INT64_C(253283760000), 7200, 10800}, {INT64_C(253301900400), 10800, 7200}}},
    {"<+0845>-8:45", 31500, {
        {INT64_C(4102444800), 31500, 31500}}},
    {"AAA3BBB,J60/0,J300/1:30:15", -10800, {
        {INT64_C(1677639600), -10800, -7200}, {INT64_C(1698377415), -7200, -10800},
        {INT64_C(1709262000), -10800, -7200}, {INT64_C(1729999815), -7200, -10800},
        {INT64_C(13543038000), -10800, -7200}, {INT64_C(13563775815), -7200, -10800},
        {INT64_C(13574660400), -10800, -7200}, {INT64_C(13595398215), -7200, -10800},
        {INT64_C(13606196400), -10800, -7200}, {INT64_C(13626934215), -7200, -10800},
        {INT64_C(26986359600), -10800, -7200}, {INT64_C(27007097415), -7200, -10800},
        {INT64_C(253281265200), -10800, -7200}, {INT64_C(253302003015), -7200, -10800}}},
    {"AAA-5:30BBB-6,59/2,299/-3", 19800, {
        {INT64_C(1677616200), 19800, 21600}, {INT64_C(1698332400), 21600, 19800}, {INT64_C(1709152200), 19800, 21600},
        {INT64_C(1729868400), 21600, 19800}, {INT64_C(13543014600), 19800, 21600},
        {INT64_C(13563730800), 21600, 19800}, {INT64_C(13574550600), 19800, 21600},
        {INT64_C(13595266800), 21600, 19800}, {INT64_C(13606173000), 19800, 21600},
        {INT64_C(13626889200), 21600, 19800}, {INT64_C(26986336200), 19800, 21600},
        {INT64_C(27007052400), 21600, 19800}, {INT64_C(253281155400), 19800, 21600},
        {INT64_C(253301871600), 21600, 19800}}},
    {"IST-1GMT0,M10.5.0,M3.5.0/1", 3600, {
        {INT64_C(1679792400), 0, 3600}, {INT64_C(1698541200), 3600, 0}, {INT64_C(1711846800), 0, 3600},
        {INT64_C(1729990800), 3600, 0}, {INT64_C(13545363600), 0, 3600}, {INT64_C(13564112400), 3600, 0},
        {INT64_C(13576813200), 0, 3600}, {INT64_C(13595562000), 3600, 0}, {INT64_C(13608262800), 0, 3600},
        {INT64_C(13627011600), 3600, 0}, {INT64_C(26988858000), 0, 3600}, {INT64_C(27007002000), 3600, 0},
        {INT64_C(253283850000), 0, 3600}, {INT64_C(253301994000), 3600, 0}}},
    {"AAA4BBB,M12.5.6/24,M1.1.0/0", -14400, {
        {INT64_C(1703995200), -14400, -10800}, {INT64_C(1704596400), -10800, -14400},
        {INT64_C(1735444800), -14400, -10800}, {INT64_C(13538113200), -10800, -14400},
        {INT64_C(13568961600), -14400, -10800}, {INT64_C(13569562800), -10800, -14400},
        {INT64_C(13569562800), -10800, -14400}, {INT64_C(13601016000), -14400, -10800},
        {INT64_C(13601617200), -10800, -14400}, {INT64_C(13632465600), -14400, -10800},
        {INT64_C(26981607600), -10800, -14400}, {INT64_C(27012456000), -14400, -10800},
        {INT64_C(27013057200), -10800, -14400}, {INT64_C(253276599600), -10800, -14400},
        {INT64_C(253307448000), -14400, -10800}}},
    {"XYZ-10:30ABC-11,M10.1.0,M4.1.0", 37800, {
        {INT64_C(1680361200), 39600, 37800}, {INT64_C(1696087800), 37800, 39600}, {INT64_C(1712415600), 39600, 37800},
        {INT64_C(1728142200), 37800, 39600}, {INT64_C(13545932400), 39600, 37800},
        {INT64_C(13561659000), 37800, 39600}, {INT64_C(13577382000), 39600, 37800},
        {INT64_C(13593108600), 37800, 39600}, {INT64_C(13608831600), 39600, 37800},
        {INT64_C(13625163000), 37800, 39600}, {INT64_C(26989426800), 39600, 37800},
        {INT64_C(27005153400), 37800, 39600}, {INT64_C(253284418800), 39600, 37800},
        {INT64_C(253300145400), 37800, 39600}}},
    {"AAA12BBB11,M2.5.1/167,M8.1.3/-167", -43200, {
        {INT64_C(1678100400), -43200, -39600}, {INT64_C(1690372800), -39600, -43200},
        {INT64_C(1709550000), -43200, -39600}, {INT64_C(1722427200), -39600, -43200},
        {INT64_C(13543066800), -43200, -39600}, {INT64_C(13555944000), -39600, -43200},
        {INT64_C(13575121200), -43200, -39600}, {INT64_C(13587393600), -39600, -43200},
        {INT64_C(13606570800), -43200, -39600}, {INT64_C(13618843200), -39600, -43200},
        {INT64_C(26986561200), -43200, -39600}, {INT64_C(26999438400), -39600, -43200},
        {INT64_C(253281553200), -43200, -39600}, {INT64_C(253294430400), -39600, -43200}}},
};

static void footers_are_followed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(footers); i++) {
        cb_buf b = file_with_footer(footers[i].footer, footers[i].offset_s);
        cb_zone *zone = zone_of(&b);
        for (size_t j = 0; j < COUNT_OF(footers[i].change) && footers[i].change[j].at_utc_s; j++) {
            int64_t at = footers[i].change[j].at_utc_s;
            int64_t before = cb_zone_to_local(zone, at - 1) - (at - 1);
            int64_t after = cb_zone_to_local(zone, at) - at;
            CHECK(before == footers[i].change[j].before_s && after == footers[i].change[j].after_s,
                  "%s at %lld: %lld, %lld", footers[i].footer, (long long)at, (long long)before,
                  (long long)after);
        }
        cb_zone_free(zone);
        cb_buf_free(&b);
    }
}

static void footers_that_are_none(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "CET",
        "C-1",
        "-1",
        "CET-25",
        "CET-1CEST",
        "CET-1CEST,M3.5.0",
        "CET-1CEST,M13.5.0,M10.5.0",
        "CET-1CEST,M0.5.0,M10.5.0",
        "CET-1CEST,M3.6.0,M10.5.0",
        "CET-1CEST,M3.0.0,M10.5.0",
        "CET-1CEST,M3.5.7,M10.5.0",
        "CET-1CEST,J0,J365",
        "CET-1CEST,J366,J365",
        "CET-1CEST,366,3",
        "CET-1CEST,M3.5.0,M10.5.0/168",
        "CET-1CEST,M3.5.0,M10.5.0/3x",
        "CET-1CEST,M3.5.0,M10.5.0/",
        "<CET-1",
        "CET-1:60",
        "CET-1:0:60",
        "CET-1 ",
        "CET--1",
        "CET-1CEST,M3,M10.5.0",
        "CET-1CEST,M3.5,M10.5.0",
        "CET-1CE,M3.5.0,M10.5.0",
        "CET1:",
        "CET1:1:",
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        cb_tzrule rule;
        CHECK(!cb_tzrule_parse(&rule, cb_str_of(rows[i])), "row %zu (%s)", i, rows[i]);
        cb_buf b = file_with_footer(rows[i], 0);
        cb_zone *zone = NULL;
        const char *why = NULL;
        CHECK(!cb_tzif_read(&zone, cb_alloc_libc(), "Test", (cb_str){b.at, b.len}, &why) && !zone,
              "row %zu (%s)", i, rows[i]);
        cb_buf_free(&b);
    }
    static const char whole[] = "<-02>+2:00:00<-01>1:0:0,M13.5.0/-1,J365/0:0:0";
    for (size_t len = 0; len < sizeof whole; len++) { /* nothing behind the end is read */
        char *exact = malloc(len ? len : 1);
        memcpy(exact, whole, len);
        cb_tzrule cut;
        bool good = cb_tzrule_parse(&cut, (cb_str){exact, len});
        bool want = len == 7 || len == 9 || len == 10 || len == 12 || len == 13;
        CHECK(good == want, "the first %zu bytes", len);
        free(exact);
    }
    cb_tzrule rule;
    assert_true(cb_tzrule_parse(&rule, CB_LIT("ABC+3:30:15")));
    assert_int_equal(rule.standard_s, -12615);
    assert_false(rule.has_daylight);
}

/* Version 1: 32-bit times, no footer, the last offset stays. */
static void old_files_are_read(void **state)
{
    (void)state;
    cb_buf b;
    cb_buf_init(&b, NULL, 1000);
    put_head(&b, '\0', 0, 2, 2);
    put(&b, (uint32_t)-1000, 4);
    put(&b, 1000, 4);
    put(&b, 0x0100, 2);
    put(&b, 3600, 4);
    put(&b, 0, 2);
    put_type(&b, -7200);
    cb_zone *zone = zone_of(&b);
    static const struct {
        int64_t at;
        int32_t offset;
    } rows[] = {
        {-1001, 3600}, {-1000, -7200}, {999, -7200}, {1000, 3600}, {INT64_C(253402300799), 3600}};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        CHECK(cb_zone_to_local(zone, rows[i].at) - rows[i].at == rows[i].offset, "row %zu", i);
    cb_zone_free(zone);
    cb_buf_free(&b);
}

/* Without any change the rule holds always; without a rule, type 0. */
static void files_without_changes(void **state)
{
    (void)state;
    for (int with_rule = 0; with_rule < 2; with_rule++) {
        cb_buf b;
        cb_buf_init(&b, NULL, 1000);
        put_head(&b, '3', 0, 0, 1);
        put_type(&b, 3600);
        put_head(&b, '3', 0, 0, 1);
        put_type(&b, 3600);
        assert_int_equal(cb_buf_text(&b, "\n%s\n", with_rule ? "CET-1CEST,M3.5.0,M10.5.0/3" : ""),
                         CB_OK);
        cb_zone *zone = zone_of(&b);
        assert_true(cb_zone_to_local(zone, 1782900000) == 1782900000 + (with_rule ? 7200 : 3600));
        assert_true(cb_zone_to_local(zone, 1767265200) == 1767265200 + 3600);
        assert_true(cb_zone_to_local(zone, INT64_C(-60000000000)) == INT64_C(-60000000000) + 3600);
        assert_true(cb_zone_to_local(zone, INT64_C(19896166000)) ==
                    INT64_C(19896166000) + (with_rule ? 7200 : 3600));
        cb_zone_free(zone);
        cb_buf_free(&b);
    }
}

static void leap_seconds_are_refused(void **state)
{
    (void)state;
    cb_buf b;
    cb_buf_init(&b, NULL, 1000);
    put_head(&b, '2', 0, 0, 1);
    put_type(&b, 0);
    put_head(&b, '2', 1, 0, 1);
    put_type(&b, 0);
    put(&b, 78796800, 8);
    put(&b, 1, 4);
    assert_int_equal(cb_buf_text(&b, "\nUTC0\n"), CB_OK);
    cb_zone *zone = NULL;
    const char *why = NULL;
    assert_false(cb_tzif_read(&zone, cb_alloc_libc(), "right/UTC", (cb_str){b.at, b.len}, &why));
    assert_non_null(strstr(why, "leap seconds"));
    cb_buf_free(&b);
}

/* Looks at a zone that came out of damaged bytes: it must be whole, whatever it says. */
static void look_around(const cb_zone *zone)
{
    int64_t t = INT64_C(-5000000000);
    for (int i = 0; i < 200; i++, t += 123456789) {
        int64_t until;
        (void)cb_zone_to_utc(zone, t);
        (void)cb_zone_to_local(zone, t);
        (void)cb_zone_offset(zone, t, &until);
        CHECK(until > t, "the next change is not later");
    }
}

static void damaged_files_do_no_harm(void **state)
{
    (void)state;
    cb_buf b = file_with_footer("CET-1CEST,M3.5.0,M10.5.0/3", 3600);
    const char *why = NULL;
    for (size_t len = 0; len < b.len; len++) {
        char *exact = malloc(len ? len : 1);
        memcpy(exact, b.at, len);
        cb_zone *zone = NULL;
        CHECK(!cb_tzif_read(&zone, cb_alloc_libc(), "Test", (cb_str){exact, len}, &why) && !zone,
              "cut at %zu is taken", len);
        free(exact);
    }
    size_t taken = 0;
    for (size_t at = 0; at < b.len; at++)
        for (unsigned value = 0; value < 256; value++) {
            char *copy = malloc(b.len);
            memcpy(copy, b.at, b.len);
            copy[at] = (char)value;
            cb_zone *zone = NULL;
            if (cb_tzif_read(&zone, cb_alloc_libc(), "Test", (cb_str){copy, b.len}, &why)) {
                look_around(zone);
                cb_zone_free(zone);
                taken++;
            }
            free(copy);
        }
    CHECK(taken > 1000, "only %zu of the changed files are readable", taken);
    cb_buf_free(&b);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    cb_buf b = file_with_footer("CET-1CEST,M3.5.0,M10.5.0/3", 3600);
    size_t n = 0;
    for (cb_zone *zone = NULL; !zone;) {
        test_alloc heap = {.fail_at = ++n};
        cb_alloc alloc = test_alloc_of(&heap);
        const char *why = NULL;
        CHECK(cb_tzif_read(&zone, &alloc, "Test", (cb_str){b.at, b.len}, &why), "call %zu: %s", n,
              why);
        CHECK(!zone == (heap.failures == 1), "call %zu", n);
        cb_zone_free(zone);
        CHECK(heap.live_bytes == 0 && heap.live_blocks == 0, "call %zu leaks", n);
    }
    assert_int_equal(n, 8);
    cb_buf_free(&b);
}

/* Day 59 by J is 28 February in every year, day 60 is 1 March. */
static void days_that_skip_the_leap_day(void **state)
{
    (void)state;
    static const struct {
        const char *footer;
        int64_t at_utc_s;
    } rows[] = {{"AAA0BBB,J59/0,J300", 1677542400},
                {"AAA0BBB,J59/0,J300", 1709078400},
                {"AAA0BBB,J60/0,J300", 1677628800},
                {"AAA0BBB,J60/0,J300", 1709251200}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        cb_buf b = file_with_footer(rows[i].footer, 0);
        cb_zone *zone = zone_of(&b);
        CHECK(cb_zone_to_local(zone, rows[i].at_utc_s - 1) == rows[i].at_utc_s - 1,
              "row %zu before", i);
        CHECK(cb_zone_to_local(zone, rows[i].at_utc_s) == rows[i].at_utc_s + 3600, "row %zu", i);
        cb_zone_free(zone);
        cb_buf_free(&b);
    }
}

/* ---- a database of our own ---- */

static void write_file(const char *folder, const char *name, const void *bytes, size_t n)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static void remove_file(const char *folder, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(remove(path), 0);
}

static void databases_of_every_kind(void **state)
{
    (void)state;
    static char big[(1 << 18) + 1];
    char folder[] = "/tmp/casebook-zones-XXXXXX";
    assert_non_null(mkdtemp(folder));
    cb_buf b = file_with_footer("CET-1CEST,M3.5.0,M10.5.0/3", 3600);
    write_file(folder, "Good", b.at, b.len);
    write_file(folder, "Cut", b.at, b.len - 3);
    write_file(folder, "Short", "TZi", 3);
    write_file(folder, "Text", "no zone at all", 14);
    write_file(folder, "Big", big, sizeof big);
    char file[300];
    snprintf(file, sizeof file, "%s/Loop", folder);
    assert_int_equal(symlink("Loop", file), 0);
    snprintf(file, sizeof file, "%s/Good", folder);
    const char *const found[] = {"/nowhere", file, folder, NULL};
    const char *const none[] = {"/nowhere", file, NULL};
    static const struct {
        const char *name;
        cb_status want;
        const char *says;
    } rows[] = {
        {"Good", CB_OK, ""},
        {"Cut", CB_EUNAVAILABLE, "damaged"},
        {"Short", CB_ECONFIG, "IANA"},
        {"Text", CB_ECONFIG, "IANA"},
        {"Big", CB_ECONFIG, "IANA"},
        {"Missing", CB_ECONFIG, "IANA"},
        {"Good/x", CB_ECONFIG, "IANA"},
        {".", CB_ECONFIG, "IANA"},
        {"Loop", CB_EIO, "rights"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        cb_zone *zone = NULL;
        cb_error err = {0};
        cb_status rc = cb_zone_open_in(&zone, cb_alloc_libc(), found, rows[i].name, &err);
        CHECK(rc == rows[i].want && !zone == (rc != CB_OK), "%s: status %d", rows[i].name, (int)rc);
        CHECK(strstr(err.why, rows[i].says), "%s: %s", rows[i].name, err.why);
        cb_zone_free(zone);
        err = (cb_error){0};
        assert_int_equal(cb_zone_open_in(&zone, cb_alloc_libc(), none, rows[i].name, &err),
                         CB_EUNAVAILABLE);
        CHECK(strstr(err.why, "tzdata"), "no advice: %s", err.why);
    }
    size_t n = 0;
    for (cb_status rc = CB_ENOMEM; rc != CB_OK;) {
        test_alloc heap = {.fail_at = ++n};
        cb_alloc alloc = test_alloc_of(&heap);
        cb_zone *zone = NULL;
        cb_error err = {0};
        rc = cb_zone_open_in(&zone, &alloc, found, "Good", &err);
        CHECK(rc == (heap.failures ? CB_ENOMEM : CB_OK) && err.status == rc, "call %zu: status %d",
              n, (int)rc);
        cb_zone_free(zone);
        CHECK(heap.live_bytes == 0 && heap.live_blocks == 0, "call %zu leaks", n);
    }
    assert_true(n > 8);
    static const char *const names[] = {"Good", "Cut", "Short", "Text", "Big", "Loop"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        remove_file(folder, names[i]);
    assert_int_equal(remove(folder), 0);
    cb_buf_free(&b);
}

/* Counts beyond what a real file has, in a file that is long enough for them. */
static void counts_are_limited(void **state)
{
    (void)state;
    enum { ROOM = 200000 };
    static const struct {
        const char *name;
        unsigned count[6]; /* as in the file: UTC flags, standard flags, leaps, times, types, chars */
        bool good;
    } rows[] = {
        {"least", {0, 0, 0, 0, 1, 0}, true},
        {"no type", {0, 0, 0, 0, 0, 4}, false},
        {"all types", {256, 256, 0, 0, 256, 10000}, true},
        {"types", {0, 0, 0, 0, 257, 4}, false},
        {"UTC flags", {257, 0, 0, 0, 1, 4}, false},
        {"standard flags", {0, 257, 0, 0, 1, 4}, false},
        {"letters", {0, 0, 0, 0, 1, 10001}, false},
        {"times", {0, 0, 0, 10001, 1, 4}, false},
        {"leaps", {0, 0, 10001, 0, 1, 4}, false},
        {"overflow", {0, 0, 0, 0, 1, UINT32_MAX}, false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        cb_buf b;
        cb_buf_init(&b, NULL, ROOM + 100);
        assert_int_equal(cb_buf_append(&b, "TZif", 5), CB_OK);
        put(&b, 0, 15);
        for (unsigned c = 0; c < 6; c++)
            put(&b, rows[i].count[c], 4);
        put(&b, 0, ROOM);
        cb_zone *zone = NULL;
        const char *why = NULL;
        bool good = cb_tzif_read(&zone, cb_alloc_libc(), "Test", (cb_str){b.at, b.len}, &why);
        CHECK(good == rows[i].good, "%s", rows[i].name);
        CHECK(good || strstr(why, "damaged"), "%s: %s", rows[i].name, why);
        cb_zone_free(zone);
        cb_buf_free(&b);
    }
}

static void wrong_tables_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t at[2];
        unsigned type[2];
        int32_t offset;
    } rows[] = {
        {"descending", {1000, 999}, {0, 0}, 0},
        {"twice", {1000, 1000}, {0, 0}, 0},
        {"no such type", {1000, 2000}, {0, 1}, 0},
        {"offset of 27 h", {1000, 2000}, {0, 0}, 97200},
        {"offset of -27 h", {1000, 2000}, {0, 0}, -97200},
        {"beyond all years", {1000, INT64_C(1) << 50}, {0, 0}, 0},
    };
    for (size_t i = 0; i <= COUNT_OF(rows); i++) {
        size_t r = i % COUNT_OF(rows);
        bool good = i == COUNT_OF(rows); /* the first row, in order: the way it is built is right */
        cb_buf b;
        cb_buf_init(&b, NULL, 1000);
        put_head(&b, '2', 0, 0, 1);
        put_type(&b, 0);
        put_head(&b, '2', 0, 2, 1);
        put(&b, (uint64_t)rows[r].at[good], 8);
        put(&b, (uint64_t)rows[r].at[!good], 8);
        put(&b, rows[r].type[0], 1);
        put(&b, rows[r].type[1], 1);
        put_type(&b, rows[r].offset);
        assert_int_equal(cb_buf_text(&b, "\n\n"), CB_OK);
        cb_zone *zone = NULL;
        const char *why = NULL;
        CHECK(cb_tzif_read(&zone, cb_alloc_libc(), "Test", (cb_str){b.at, b.len}, &why) == good,
              "%s", good ? "good" : rows[r].name);
        cb_zone_free(zone);
        cb_buf_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(footers_are_followed),
        cmocka_unit_test(footers_that_are_none),
        cmocka_unit_test(old_files_are_read),
        cmocka_unit_test(files_without_changes),
        cmocka_unit_test(leap_seconds_are_refused),
        cmocka_unit_test(damaged_files_do_no_harm),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(days_that_skip_the_leap_day),
        cmocka_unit_test(databases_of_every_kind),
        cmocka_unit_test(counts_are_limited),
        cmocka_unit_test(wrong_tables_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
