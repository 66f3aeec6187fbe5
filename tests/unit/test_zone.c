/* Zones. The figures are those of Python's zoneinfo: over the machine's database for changes that are past or fixed by law
 * for long, and over TZif files built here for the rules of a footer, so that no release of tzdata can change them. Those
 * of the rule by day numbers are glibc's (Python 3.11 counts such days from 1 instead of 0). */
#include "testing.h"

#include <stdio.h>
#include <string.h>

#include "base/zone_parts.h"

static cb_zone *open_zone(const char *name)
{
    cb_zone *zone = NULL;
    cb_error err = {0};
    cb_status rc = cb_zone_open(&zone, name, &err);
    CHECK(rc == CB_OK, "%s: %s", name, err.why);
    return zone;
}

static const struct {
    const char *name, *zone;
    int64_t local_s, utc_s, back_s; /* back_s: local time of utc_s; differs in a missing hour */
} known[] = {
    {"summer", "Europe/Berlin", INT64_C(1782907200), INT64_C(1782900000), INT64_C(1782907200)},
    {"winter", "Europe/Berlin", INT64_C(1767268800), INT64_C(1767265200), INT64_C(1767268800)},
    {"before the missing hour", "Europe/Berlin", INT64_C(1743299999), INT64_C(1743296399), INT64_C(1743299999)},
    {"missing hour begins", "Europe/Berlin", INT64_C(1743300000), INT64_C(1743296400), INT64_C(1743303600)},
    {"missing hour ends", "Europe/Berlin", INT64_C(1743303599), INT64_C(1743299999), INT64_C(1743307199)},
    {"after the missing hour", "Europe/Berlin", INT64_C(1743303600), INT64_C(1743296400), INT64_C(1743303600)},
    {"before the double hour", "Europe/Berlin", INT64_C(1761443999), INT64_C(1761436799), INT64_C(1761443999)},
    {"double hour begins", "Europe/Berlin", INT64_C(1761444000), INT64_C(1761436800), INT64_C(1761444000)},
    {"double hour ends", "Europe/Berlin", INT64_C(1761447599), INT64_C(1761440399), INT64_C(1761447599)},
    {"after the double hour", "Europe/Berlin", INT64_C(1761447600), INT64_C(1761444000), INT64_C(1761447600)},
    {"double summer time", "Europe/Berlin", INT64_C(-775828800), INT64_C(-775839600), INT64_C(-775828800)},
    {"local mean time", "Europe/Berlin", INT64_C(-3786825600), INT64_C(-3786828808), INT64_C(-3786825600)},
    {"by the footer", "Europe/Berlin", INT64_C(19896580800), INT64_C(19896573600), INT64_C(19896580800)},
    {"far future missing", "Europe/Berlin", INT64_C(253346754600), INT64_C(253346751000), INT64_C(253346758200)},
    {"far future double", "Europe/Berlin", INT64_C(253396953000), INT64_C(253396945800), INT64_C(253396953000)},
    {"400 years on", "Europe/Berlin", INT64_C(14762831400), INT64_C(14762824200), INT64_C(14762831400)},
    {"401 years on", "Europe/Berlin", INT64_C(14776137000), INT64_C(14776133400), INT64_C(14776140600)},
    {"402", "Europe/Berlin", INT64_C(14807586600), INT64_C(14807583000), INT64_C(14807590200)},
    {"missing", "America/New_York", INT64_C(1772937000), INT64_C(1772955000), INT64_C(1772940600)},
    {"double", "America/New_York", INT64_C(1793496600), INT64_C(1793511000), INT64_C(1793496600)},
    {"old rule", "America/New_York", INT64_C(1143945000), INT64_C(1143963000), INT64_C(1143948600)},
    {"war time", "America/New_York", INT64_C(-852076800), INT64_C(-852062400), INT64_C(-852076800)},
    {"south, summer", "Australia/Sydney", INT64_C(1768478400), INT64_C(1768438800), INT64_C(1768478400)},
    {"south, winter", "Australia/Sydney", INT64_C(1784116800), INT64_C(1784080800), INT64_C(1784116800)},
    {"south, missing", "Australia/Sydney", INT64_C(1791081000), INT64_C(1791045000), INT64_C(1791084600)},
    {"south, double", "Australia/Sydney", INT64_C(1775356200), INT64_C(1775316600), INT64_C(1775356200)},
    {"south, far", "Australia/Sydney", INT64_C(32504932800), INT64_C(32504893200), INT64_C(32504932800)},
    {"south, New Year", "Australia/Sydney", INT64_C(4102444800), INT64_C(4102405200), INT64_C(4102444800)},
    {"half hour missing", "Australia/Lord_Howe", INT64_C(1791080100), INT64_C(1791042300), INT64_C(1791081900)},
    {"after it", "Australia/Lord_Howe", INT64_C(1791081000), INT64_C(1791041400), INT64_C(1791081000)},
    {"half hour double", "Australia/Lord_Howe", INT64_C(1775353500), INT64_C(1775313900), INT64_C(1775353500)},
    {"before it", "Australia/Lord_Howe", INT64_C(1775352599), INT64_C(1775312999), INT64_C(1775352599)},
    {"after the double", "Australia/Lord_Howe", INT64_C(1775354400), INT64_C(1775316600), INT64_C(1775354400)},
    {"far", "Australia/Lord_Howe", INT64_C(16725225600), INT64_C(16725186000), INT64_C(16725225600)},
    {"5:30", "Asia/Kolkata", INT64_C(1789376400), INT64_C(1789356600), INT64_C(1789376400)},
    {"5:45", "Asia/Kathmandu", INT64_C(1789376400), INT64_C(1789355700), INT64_C(1789376400)},
    {"Chatham missing", "Pacific/Chatham", INT64_C(1790478000), INT64_C(1790432100), INT64_C(1790481600)},
    {"Chatham double", "Pacific/Chatham", INT64_C(1775358000), INT64_C(1775308500), INT64_C(1775358000)},
    {"a day left out", "Pacific/Apia", INT64_C(1325246400), INT64_C(1325282400), INT64_C(1325332800)},
    {"the day before", "Pacific/Apia", INT64_C(1325203199), INT64_C(1325239199), INT64_C(1325203199)},
    {"the day after", "Pacific/Apia", INT64_C(1325289600), INT64_C(1325239200), INT64_C(1325289600)},
    {"change at 00:01", "America/St_Johns", INT64_C(1257033630), INT64_C(1257042630), INT64_C(1257033630)},
    {"double", "America/St_Johns", INT64_C(1257031800), INT64_C(1257040800), INT64_C(1257031800)},
    {"midnight missing", "America/Sao_Paulo", INT64_C(1541291400), INT64_C(1541302200), INT64_C(1541295000)},
    {"midnight double", "America/Sao_Paulo", INT64_C(1518910200), INT64_C(1518917400), INT64_C(1518910200)},
    {"winter is daylight time", "Europe/Dublin", INT64_C(1767268800), INT64_C(1767268800), INT64_C(1767268800)},
    {"summer is standard", "Europe/Dublin", INT64_C(1782907200), INT64_C(1782903600), INT64_C(1782907200)},
    {"double", "Europe/Dublin", INT64_C(1792891800), INT64_C(1792888200), INT64_C(1792891800)},
    {"rule time beyond 24 h", "Asia/Jerusalem", INT64_C(1774578600), INT64_C(1774571400), INT64_C(1774582200)},
    {"UTC", "UTC", INT64_C(1789376400), INT64_C(1789376400), INT64_C(1789376400)},
    {"etc", "Etc/GMT+12", INT64_C(1789376400), INT64_C(1789419600), INT64_C(1789376400)},
    {"abbreviation zone", "EST5EDT", INT64_C(1782864000), INT64_C(1782878400), INT64_C(1782864000)},
    {"year 2", "Asia/Tokyo", INT64_C(-62104060800), INT64_C(-62104094339), INT64_C(-62104060800)},
    {"year 9999", "Asia/Tokyo", INT64_C(253402128000), INT64_C(253402095600), INT64_C(253402128000)},
};

static void known_times(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        cb_zone *zone = open_zone(known[i].zone);
        int64_t utc_s = cb_zone_to_utc(zone, known[i].local_s);
        CHECK(utc_s == known[i].utc_s, "%s, %s: %lld", known[i].zone, known[i].name, (long long)utc_s);
        int64_t back_s = cb_zone_to_local(zone, known[i].utc_s);
        CHECK(back_s == known[i].back_s, "%s, %s: back %lld", known[i].zone, known[i].name, (long long)back_s);
        assert_string_equal(cb_zone_name(zone), known[i].zone);
        cb_zone_free(zone);
    }
}

/* There and back: the same instant, or, in the second pass of a double hour, the first one; a local time comes back
 * the same or, out of a gap, moved forward. Any zone, any time. */
static void there_and_back(void **state)
{
    (void)state;
    static const char *const names[] = {"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe",
                                        "America/St_Johns", "Pacific/Apia", "Asia/Kolkata", "Africa/Monrovia"};
    uint64_t seed = 3;
    for (size_t z = 0; z < COUNT_OF(names); z++) {
        cb_zone *zone = open_zone(names[z]);
        for (int i = 0; i < 20000; i++) {
            int64_t t = test_between(&seed, INT64_C(-62135596800) + 86400, INT64_C(253402300799));
            int64_t there = cb_zone_to_utc(zone, cb_zone_to_local(zone, t));
            CHECK(there <= t && t - there <= 2 * CB_DAY_S, "%s %lld: %lld", names[z], (long long)t, (long long)there);
            CHECK(cb_zone_to_local(zone, there) == cb_zone_to_local(zone, t), "%s %lld", names[z], (long long)t);
            int64_t back = cb_zone_to_local(zone, cb_zone_to_utc(zone, t));
            CHECK(back >= t && back - t <= CB_DAY_S, "%s local %lld: %lld", names[z], (long long)t, (long long)back);
        }
        cb_zone_free(zone);
    }
}

static void no_time_stays_no_time(void **state)
{
    (void)state;
    static const char *const names[] = {"UTC", "Europe/Berlin", "America/New_York"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        cb_zone *zone = open_zone(names[i]);
        assert_true(cb_zone_to_utc(zone, CB_NO_TIME) == CB_NO_TIME);
        assert_true(cb_zone_to_local(zone, CB_NO_TIME) == CB_NO_TIME);
        static const int64_t extremes[] = {INT64_MIN + 1, INT64_MAX, INT64_MAX / 2, INT64_MIN / 2};
        for (size_t j = 0; j < COUNT_OF(extremes); j++) {
            int64_t until;
            (void)cb_zone_to_utc(zone, extremes[j]);
            (void)cb_zone_to_local(zone, extremes[j]);
            int32_t offset = cb_zone_offset(zone, extremes[j], &until);
            CHECK(until > extremes[j] || until == INT64_MAX, "%s %zu", names[i], j);
            CHECK(offset > -90000 && offset < 90000, "%s %zu", names[i], j);
        }
        cb_zone_free(zone);
    }
    cb_zone_free(NULL);
}

/* The offset holds from one change to the next, and not longer. */
static void changes_are_listed(void **state)
{
    (void)state;
    cb_zone *zone = open_zone("Europe/Berlin");
    int64_t t = INT64_C(1704067200); /* 2024-01-01 */
    unsigned changes = 0;
    while (t < INT64_C(32503680000)) { /* 3000-01-01 */
        int64_t until;
        int32_t offset = cb_zone_offset(zone, t, &until);
        CHECK(cb_zone_to_local(zone, until - 1) - (until - 1) == offset, "before %lld", (long long)until);
        CHECK(cb_zone_to_local(zone, until) - until == (offset == 3600 ? 7200 : 3600), "at %lld", (long long)until);
        t = until;
        changes++;
    }
    assert_int_equal(changes, 976 * 2 + 1);
    cb_zone_free(zone);
}

/* ---- names ---- */

static void names_are_checked(void **state)
{
    (void)state;
    static const char *const rows[] = {"",       "/etc/passwd", "../zoneinfo/UTC", "Europe/../UTC", "Europe/Berlin/",
                                       "Europe//Berlin", "Europe/Berlin\n", "Europe Berlin", "posixrules.", "zone.tab",
                                       "tzdata.zi", "Europe", "Europe/Atlantis", "Mars", "Mars~", "Mars[", "Mars:", "europe/berlin\xC3\xA4",
                                       "A234567890123456789012345678901234567890123456789012345678901234", "%s%s%n"};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        cb_zone *zone = (cb_zone *)&rows;
        cb_error err = {0};
        cb_status rc = cb_zone_open(&zone, rows[i], &err);
        CHECK(rc == CB_ECONFIG && !zone, "row %zu: status %d", i, (int)rc);
        CHECK(strstr(err.why, "UTC") && strstr(err.why, "Europe/Berlin"), "row %zu gives no advice: %s", i, err.why);
    }
}

static void utc_is_utc(void **state)
{
    (void)state;
    static const char *const names[] = {"UTC", "Etc/UTC"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        cb_zone *zone = open_zone(names[i]);
        assert_true(cb_zone_to_utc(zone, 1789392615) == 1789392615);
        assert_true(cb_zone_to_local(zone, -5) == -5);
        cb_zone_free(zone);
    }
}

/* ---- files built here ---- */

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

/* Version 2, one change at 2000-01-01T00:00:00Z to the offset that holds before it too, and a footer. */
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
        {INT64_C(1679792400), 3600, 7200}, {INT64_C(1698541200), 7200, 3600},
        {INT64_C(1711846800), 3600, 7200}, {INT64_C(1729990800), 7200, 3600},
        {INT64_C(13545363600), 3600, 7200}, {INT64_C(13564112400), 7200, 3600},
        {INT64_C(13576813200), 3600, 7200}, {INT64_C(13595562000), 7200, 3600},
        {INT64_C(13608262800), 3600, 7200}, {INT64_C(13627011600), 7200, 3600},
        {INT64_C(26988858000), 3600, 7200}, {INT64_C(27007002000), 7200, 3600},
        {INT64_C(253283850000), 3600, 7200}, {INT64_C(253301994000), 7200, 3600}}},
    {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", -7200, {
        {INT64_C(1679792400), -7200, -3600}, {INT64_C(1698541200), -3600, -7200},
        {INT64_C(1711846800), -7200, -3600}, {INT64_C(1729990800), -3600, -7200},
        {INT64_C(13545363600), -7200, -3600}, {INT64_C(13564112400), -3600, -7200},
        {INT64_C(13576813200), -7200, -3600}, {INT64_C(13595562000), -3600, -7200},
        {INT64_C(13608262800), -7200, -3600}, {INT64_C(13627011600), -3600, -7200},
        {INT64_C(26988858000), -7200, -3600}, {INT64_C(27007002000), -3600, -7200},
        {INT64_C(253283850000), -7200, -3600}, {INT64_C(253301994000), -3600, -7200}}},
    {"EET-2EEST,M3.4.4/50,M10.4.4/50", 7200, {
        {INT64_C(1679702400), 7200, 10800}, {INT64_C(1698447600), 10800, 7200},
        {INT64_C(1711756800), 7200, 10800}, {INT64_C(1729897200), 10800, 7200},
        {INT64_C(13545273600), 7200, 10800}, {INT64_C(13564018800), 10800, 7200},
        {INT64_C(13576723200), 7200, 10800}, {INT64_C(13595468400), 10800, 7200},
        {INT64_C(13608172800), 7200, 10800}, {INT64_C(13626918000), 10800, 7200},
        {INT64_C(26988768000), 7200, 10800}, {INT64_C(27006908400), 10800, 7200},
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
        {INT64_C(1677616200), 19800, 21600}, {INT64_C(1698332400), 21600, 19800},
        {INT64_C(1709152200), 19800, 21600}, {INT64_C(1729868400), 21600, 19800},
        {INT64_C(13543014600), 19800, 21600}, {INT64_C(13563730800), 21600, 19800},
        {INT64_C(13574550600), 19800, 21600}, {INT64_C(13595266800), 21600, 19800},
        {INT64_C(13606173000), 19800, 21600}, {INT64_C(13626889200), 21600, 19800},
        {INT64_C(26986336200), 19800, 21600}, {INT64_C(27007052400), 21600, 19800},
        {INT64_C(253281155400), 19800, 21600}, {INT64_C(253301871600), 21600, 19800}}},
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
        {INT64_C(1680361200), 39600, 37800}, {INT64_C(1696087800), 37800, 39600},
        {INT64_C(1712415600), 39600, 37800}, {INT64_C(1728142200), 37800, 39600},
        {INT64_C(13545932400), 39600, 37800}, {INT64_C(13561659000), 37800, 39600},
        {INT64_C(13577382000), 39600, 37800}, {INT64_C(13593108600), 37800, 39600},
        {INT64_C(13608831600), 39600, 37800}, {INT64_C(13625163000), 37800, 39600},
        {INT64_C(26989426800), 39600, 37800}, {INT64_C(27005153400), 37800, 39600},
        {INT64_C(253284418800), 39600, 37800}, {INT64_C(253300145400), 37800, 39600}}},
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
                  "%s at %lld: %lld, %lld", footers[i].footer, (long long)at, (long long)before, (long long)after);
        }
        cb_zone_free(zone);
        cb_buf_free(&b);
    }
}

static void footers_that_are_none(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "CET", "C-1", "-1", "CET-25", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0",
        "CET-1CEST,M0.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.0.0,M10.5.0",
        "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,J0,J365", "CET-1CEST,J366,J365", "CET-1CEST,366,3",
        "CET-1CEST,M3.5.0,M10.5.0/168", "CET-1CEST,M3.5.0,M10.5.0/3x", "CET-1CEST,M3.5.0,M10.5.0/", "<CET-1",
        "CET-1:60", "CET-1:0:60", "CET-1 ", "CET--1", "CET-1CEST,M3,M10.5.0", "CET-1CEST,M3.5,M10.5.0",
        "CET-1CE,M3.5.0,M10.5.0", "CET1:", "CET1:1:",
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        cb_tzrule rule;
        CHECK(!cb_tzrule_parse(&rule, cb_str_of(rows[i])), "row %zu (%s)", i, rows[i]);
        cb_buf b = file_with_footer(rows[i], 0);
        cb_zone *zone = NULL;
        const char *why = NULL;
        CHECK(!cb_tzif_read(&zone, cb_alloc_libc(), "Test", (cb_str){b.at, b.len}, &why) && !zone, "row %zu (%s)", i, rows[i]);
        cb_buf_free(&b);
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
    } rows[] = {{-1001, 3600}, {-1000, -7200}, {999, -7200}, {1000, 3600}, {INT64_C(253402300799), 3600}};
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
        assert_int_equal(cb_buf_text(&b, "\n%s\n", with_rule ? "CET-1CEST,M3.5.0,M10.5.0/3" : ""), CB_OK);
        cb_zone *zone = zone_of(&b);
        assert_true(cb_zone_to_local(zone, 1782900000) == 1782900000 + (with_rule ? 7200 : 3600));
        assert_true(cb_zone_to_local(zone, 1767265200) == 1767265200 + 3600);
        assert_true(cb_zone_to_local(zone, INT64_C(-60000000000)) == INT64_C(-60000000000) + 3600);
        assert_true(cb_zone_to_local(zone, INT64_C(19896166000)) == INT64_C(19896166000) + (with_rule ? 7200 : 3600));
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
        CHECK(!cb_tzif_read(&zone, cb_alloc_libc(), "Test", (cb_str){exact, len}, &why) && !zone, "cut at %zu is taken", len);
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
        CHECK(cb_tzif_read(&zone, &alloc, "Test", (cb_str){b.at, b.len}, &why), "call %zu: %s", n, why);
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
    } rows[] = {{"AAA0BBB,J59/0,J300", 1677542400}, {"AAA0BBB,J59/0,J300", 1709078400},
                {"AAA0BBB,J60/0,J300", 1677628800}, {"AAA0BBB,J60/0,J300", 1709251200}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        cb_buf b = file_with_footer(rows[i].footer, 0);
        cb_zone *zone = zone_of(&b);
        CHECK(cb_zone_to_local(zone, rows[i].at_utc_s - 1) == rows[i].at_utc_s - 1, "row %zu before", i);
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
    snprintf(file, sizeof file, "%s/Good", folder);
    const char *const found[] = {"/nowhere", file, folder, NULL};
    const char *const none[] = {"/nowhere", file, NULL};
    static const struct {
        const char *name;
        cb_status want;
        const char *says;
    } rows[] = {
        {"Good", CB_OK, ""},           {"Cut", CB_EUNAVAILABLE, "damaged"}, {"Short", CB_ECONFIG, "IANA"},
        {"Text", CB_ECONFIG, "IANA"},  {"Big", CB_ECONFIG, "IANA"},         {"Missing", CB_ECONFIG, "IANA"},
        {"Good/x", CB_ECONFIG, "IANA"}, {".", CB_ECONFIG, "IANA"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        cb_zone *zone = NULL;
        cb_error err = {0};
        cb_status rc = cb_zone_open_in(&zone, cb_alloc_libc(), found, rows[i].name, &err);
        CHECK(rc == rows[i].want && !zone == (rc != CB_OK), "%s: status %d", rows[i].name, (int)rc);
        CHECK(strstr(err.why, rows[i].says), "%s: %s", rows[i].name, err.why);
        cb_zone_free(zone);
        err = (cb_error){0};
        assert_int_equal(cb_zone_open_in(&zone, cb_alloc_libc(), none, rows[i].name, &err), CB_EUNAVAILABLE);
        CHECK(strstr(err.why, "tzdata"), "no advice: %s", err.why);
    }
    size_t n = 0;
    for (cb_status rc = CB_ENOMEM; rc != CB_OK;) {
        test_alloc heap = {.fail_at = ++n};
        cb_alloc alloc = test_alloc_of(&heap);
        cb_zone *zone = NULL;
        cb_error err = {0};
        rc = cb_zone_open_in(&zone, &alloc, found, "Good", &err);
        CHECK(rc == (heap.failures ? CB_ENOMEM : CB_OK) && err.status == rc, "call %zu: status %d", n, (int)rc);
        cb_zone_free(zone);
        CHECK(heap.live_bytes == 0 && heap.live_blocks == 0, "call %zu leaks", n);
    }
    assert_true(n > 8);
    static const char *const names[] = {"Good", "Cut", "Short", "Text", "Big"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        remove_file(folder, names[i]);
    assert_int_equal(remove(folder), 0);
    cb_buf_free(&b);
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
        CHECK(cb_tzif_read(&zone, cb_alloc_libc(), "Test", (cb_str){b.at, b.len}, &why) == good, "%s", good ? "good" : rows[r].name);
        cb_zone_free(zone);
        cb_buf_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_times),          cmocka_unit_test(there_and_back),
        cmocka_unit_test(no_time_stays_no_time), cmocka_unit_test(changes_are_listed),
        cmocka_unit_test(names_are_checked),    cmocka_unit_test(utc_is_utc),
        cmocka_unit_test(footers_are_followed), cmocka_unit_test(footers_that_are_none),
        cmocka_unit_test(old_files_are_read),   cmocka_unit_test(files_without_changes),
        cmocka_unit_test(leap_seconds_are_refused), cmocka_unit_test(damaged_files_do_no_harm),
        cmocka_unit_test(wrong_tables_are_refused), cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(days_that_skip_the_leap_day), cmocka_unit_test(databases_of_every_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
