/* Zones of the machine's database, at changes that are past or fixed by law for long. The figures are those of Python's
 * zoneinfo. Files that are built by the test itself are in test_tzif.c. */
#include "testing.h"

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
        CHECK(utc_s == known[i].utc_s, "%s, %s: %lld", known[i].zone, known[i].name,
              (long long)utc_s);
        int64_t back_s = cb_zone_to_local(zone, known[i].utc_s);
        CHECK(back_s == known[i].back_s, "%s, %s: back %lld", known[i].zone, known[i].name,
              (long long)back_s);
        assert_string_equal(cb_zone_name(zone), known[i].zone);
        cb_zone_free(zone);
    }
}

/* There and back: the same instant, or, in the second pass of a double hour, the first one; a local
 * time comes back the same or, out of a gap, moved forward. Any zone, any time. */
static void there_and_back(void **state)
{
    (void)state;
    static const char *const names[] = {"UTC",
                                        "Europe/Berlin",
                                        "America/New_York",
                                        "Australia/Lord_Howe",
                                        "America/St_Johns",
                                        "Pacific/Apia",
                                        "Asia/Kolkata",
                                        "Africa/Monrovia"};
    uint64_t seed = 3;
    for (size_t z = 0; z < COUNT_OF(names); z++) {
        cb_zone *zone = open_zone(names[z]);
        for (int i = 0; i < 20000; i++) {
            int64_t t = test_between(&seed, INT64_C(-62135596800) + 86400, INT64_C(253402300799));
            int64_t there = cb_zone_to_utc(zone, cb_zone_to_local(zone, t));
            CHECK(there <= t && t - there <= 2 * CB_DAY_S, "%s %lld: %lld", names[z], (long long)t,
                  (long long)there);
            CHECK(cb_zone_to_local(zone, there) == cb_zone_to_local(zone, t), "%s %lld", names[z],
                  (long long)t);
            int64_t back = cb_zone_to_local(zone, cb_zone_to_utc(zone, t));
            CHECK(back >= t && back - t <= CB_DAY_S, "%s local %lld: %lld", names[z], (long long)t,
                  (long long)back);
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
        CHECK(cb_zone_to_local(zone, until - 1) - (until - 1) == offset, "before %lld",
              (long long)until);
        CHECK(cb_zone_to_local(zone, until) - until == (offset == 3600 ? 7200 : 3600), "at %lld",
              (long long)until);
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
    static const char *const rows[] = {
        "",
        "/etc/passwd",
        "../zoneinfo/UTC",
        "Europe/../UTC",
        "Europe/Berlin/",
        "Europe//Berlin",
        "Europe/Berlin\n",
        "Europe Berlin",
        "posixrules.",
        "zone.tab",
        "tzdata.zi",
        "Europe",
        "Europe/Atlantis",
        "Mars",
        "Mars~",
        "Mars[",
        "Mars:",
        "europe/berlin\xC3\xA4",
        "A234567890123456789012345678901234567890123456789012345678901234",
        "%s%s%n"};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        cb_zone *zone = (cb_zone *)&rows;
        cb_error err = {0};
        cb_status rc = cb_zone_open(&zone, rows[i], &err);
        CHECK(rc == CB_ECONFIG && !zone, "row %zu: status %d", i, (int)rc);
        CHECK(strstr(err.why, "UTC") && strstr(err.why, "Europe/Berlin"),
              "row %zu gives no advice: %s", i, err.why);
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

/* Looked up or in the stretch of the last look-up, the result is the same: near changes, on long
 * ways through the centuries, and where all ends. */
static void stretches_are_look_ups(void **state)
{
    (void)state;
    static const int64_t odd[] = {CB_NO_TIME,    INT64_MIN + 1, INT64_MAX, INT64_MAX / 2,
                                  INT64_MIN / 2, INT64_MAX - 1, 0,         INT64_MAX / 2 - 1};
    uint64_t random = 7;
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        cb_zone *zone = open_zone(known[i].zone);
        cb_zone_stretch stretch = {0};
        for (int64_t step = -4000; step <= 4000; step++) {
            random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
            int64_t t = known[i].local_s + step * 17;
            if (random >> 60 == 0)
                t = (int64_t)(random >> 28) - (INT64_C(1) << 35);
            else if (random >> 60 == 1)
                t = odd[(random >> 40) % COUNT_OF(odd)];
            CHECK(cb_zone_to_utc_by(zone, t, &stretch) == cb_zone_to_utc(zone, t), "%s %lld",
                  known[i].zone, (long long)t);
        }
        cb_zone_free(zone);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_times),
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(no_time_stays_no_time),
        cmocka_unit_test(changes_are_listed),
        cmocka_unit_test(names_are_checked),
        cmocka_unit_test(utc_is_utc),
        cmocka_unit_test(stretches_are_look_ups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
