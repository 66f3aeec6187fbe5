/* Business time. The twin walks minute by minute and asks of each what the wall clock shows; it
 * knows nothing of tables. */
#include "testing.h"

#include <string.h>

#include "casebook/calendar.h"

static cb_zone *open_zone(const char *name)
{
    cb_zone *zone = NULL;
    assert_int_equal(cb_zone_open(&zone, name, NULL), CB_OK);
    return zone;
}

/* ---- the twin ---- */

static bool open_at(const cb_week *week, const cb_zone *zone, int64_t utc_s)
{
    int64_t local_s = cb_zone_to_local(zone, utc_s);
    int64_t day = cb_floor_day(local_s);
    int64_t clock_s = local_s - day * CB_DAY_S;
    for (unsigned i = 0; i < week->holidays; i++)
        if (week->holiday_days[i] == day)
            return false;
    unsigned weekday = cb_weekday(day);
    for (unsigned i = 0; i < week->day[weekday].n; i++)
        if (clock_s >= week->day[weekday].shift[i].from_s &&
            clock_s < week->day[weekday].shift[i].to_s)
            return true;
    return false;
}

/* from and to on whole minutes, shifts and offsets too. */
static int64_t twin_between(const cb_week *week, const cb_zone *zone, int64_t from, int64_t to)
{
    int64_t sum = 0;
    for (int64_t t = from; t < to; t += 60)
        sum += open_at(week, zone, t) ? 60 : 0;
    return sum;
}

static void random_week(cb_week *week, uint64_t *seed, int64_t around)
{
    memset(week, 0, sizeof *week);
    for (unsigned d = 0; d < 7; d++) {
        unsigned n = (unsigned)test_between(seed, 0, CB_MAX_SHIFTS + 1);
        int32_t at = 0;
        for (unsigned i = 0; i < n && at < 1440; i++) {
            int32_t from = (int32_t)test_between(seed, at, 1440);
            int32_t to = (int32_t)test_between(seed, from + 1, 1441);
            week->day[d].shift[week->day[d].n++] = (cb_shift){from * 60, to * 60};
            at = to;
        }
    }
    int64_t day = cb_floor_day(around) - 20;
    for (unsigned i = 0; i < 6; i++) {
        day += test_between(seed, 1, 9);
        week->holiday_days[week->holidays++] = day;
    }
}

/* Zones and local midnights near which the clocks are changed in every way there is. */
static const struct {
    const char *zone;
    int64_t near_utc_s;
} places[] = {
    {"UTC", 1789392600},
    {"Europe/Berlin", 1774746000}, /* 2026-03-29, 02:00 -> 03:00 */
    {"Europe/Berlin", 1792890000}, /* 2026-10-25, 03:00 -> 02:00 */
    {"America/New_York", 1793512800},
    {"Australia/Lord_Howe", 1775314800}, /* half an hour */
    {"Australia/Lord_Howe", 1791041400},
    {"America/Sao_Paulo", 1541300400}, /* midnight left out */
    {"America/Sao_Paulo", 1518919200}, /* midnight twice */
    {"America/St_Johns", 1257042660},  /* 00:01 -> 23:01 of the day before */
    {"Pacific/Apia", 1325239200},      /* a whole day left out */
    {"Asia/Kathmandu", 1789392600},
    {"America/Havana", 1793509200}, /* 01:00 -> 00:00 */
};

static void the_twin_agrees(void **state)
{
    (void)state;
    uint64_t seed = 2026;
    static cb_week week;
    for (size_t p = 0; p < COUNT_OF(places); p++) {
        cb_zone *zone = open_zone(places[p].zone);
        for (int round = 0; round < 12; round++) {
            int64_t middle = places[p].near_utc_s / 60 * 60;
            random_week(&week, &seed, middle);
            /* a table around the place; one that lies before, behind, or cuts through it */
            int64_t first = middle + test_between(&seed, -40, 40) * CB_DAY_S;
            cb_calendar *calendar = NULL;
            assert_int_equal(cb_calendar_new(&calendar, &week, zone, first, first + 20 * CB_DAY_S,
                                             NULL),
                             CB_OK);
            for (int i = 0; i < 12; i++) {
                int64_t from = middle + test_between(&seed, -4000, 3000) * 60;
                int64_t to = from + test_between(&seed, 1, i < 8 ? 3000 : 20000) * 60;
                int64_t got = cb_calendar_between(calendar, from, to);
                int64_t want = twin_between(&week, zone, from, to);
                CHECK(got == want, "%s round %d, %lld to %lld: %lld, not %lld", places[p].zone,
                      round, (long long)from, (long long)to, (long long)got, (long long)want);
            }
            cb_calendar_free(calendar);
        }
        cb_zone_free(zone);
    }
}

static void sums_hold_at_every_second(void **state)
{
    (void)state;
    uint64_t seed = 77;
    static cb_week week;
    for (size_t p = 0; p < COUNT_OF(places); p++) {
        cb_zone *zone = open_zone(places[p].zone);
        random_week(&week, &seed, places[p].near_utc_s);
        cb_calendar *calendar = NULL;
        int64_t low = places[p].near_utc_s - 400 * CB_DAY_S;
        int64_t high = places[p].near_utc_s + 400 * CB_DAY_S;
        assert_int_equal(cb_calendar_new(&calendar, &week, zone, low + 100 * CB_DAY_S,
                                         high - 100 * CB_DAY_S, NULL),
                         CB_OK);
        for (int i = 0; i < 2000; i++) {
            int64_t a = test_between(&seed, low, high);
            int64_t b = test_between(&seed, low, high);
            int64_t c = test_between(&seed, low, high);
            int64_t from = a < b ? a : b;
            int64_t to = a < b ? b : a;
            c = from + (to > from ? (c - low) % (to - from) : 0);
            int64_t whole = cb_calendar_between(calendar, from, to);
            CHECK(whole ==
                      cb_calendar_between(calendar, from, c) + cb_calendar_between(calendar, c, to),
                  "%s: %lld, %lld, %lld", places[p].zone, (long long)from, (long long)c,
                  (long long)to);
            CHECK(whole >= 0 && whole <= to - from, "%s: %lld of %lld", places[p].zone,
                  (long long)whole, (long long)(to - from));
            CHECK(cb_calendar_between(calendar, to, from) == 0, "%s backwards", places[p].zone);
            int64_t second = cb_calendar_between(calendar, c, c + 1);
            CHECK(second == open_at(&week, zone, c), "%s: second %lld", places[p].zone,
                  (long long)c);
        }
        cb_calendar_free(calendar);
        cb_zone_free(zone);
    }
}

static cb_week always(void)
{
    cb_week week = {.holidays = 0};
    for (unsigned d = 0; d < 7; d++)
        assert_int_equal(cb_shift_parse(&week, d, CB_LIT("00:00-24:00"), NULL), CB_OK);
    return week;
}

static void round_the_clock_is_elapsed_time(void **state)
{
    (void)state;
    cb_week week = always();
    uint64_t seed = 5;
    for (size_t p = 0; p < COUNT_OF(places); p++) {
        cb_zone *zone = open_zone(places[p].zone);
        cb_calendar *calendar = NULL;
        assert_int_equal(cb_calendar_new(&calendar, &week, zone,
                                         places[p].near_utc_s - 5000 * CB_DAY_S,
                                         places[p].near_utc_s + 5000 * CB_DAY_S, NULL),
                         CB_OK);
        for (int i = 0; i < 2000; i++) {
            int64_t from =
                places[p].near_utc_s + test_between(&seed, -6000 * CB_DAY_S, 6000 * CB_DAY_S);
            int64_t to = from + test_between(&seed, 1, 1000 * CB_DAY_S);
            CHECK(cb_calendar_between(calendar, from, to) == to - from, "%s: %lld to %lld",
                  places[p].zone, (long long)from, (long long)to);
        }
        cb_calendar_free(calendar);
        cb_zone_free(zone);
    }
}

/* Figures counted by hand. 2026-03-29 is a Sunday with 23 hours in Berlin, 2026-10-25 one with 25.
 */
static void counted_by_hand(void **state)
{
    (void)state;
    cb_zone *zone = open_zone("Europe/Berlin");
    cb_week week = {.holidays = 0};
    for (unsigned d = 0; d < 5; d++)
        assert_int_equal(cb_shift_parse(&week, d, CB_LIT("09:00-12:00, 13:00-17:30"), NULL), CB_OK);
    assert_int_equal(cb_shift_parse(&week, 6, CB_LIT("01:30-03:30"), NULL), CB_OK);
    week.holiday_days[week.holidays++] = cb_days_from_civil(2026, 4, 3); /* Good Friday */
    week.holiday_days[week.holidays++] = cb_days_from_civil(2026, 4, 6);
    cb_calendar *calendar = NULL;
    assert_int_equal(cb_calendar_new(&calendar, &week, zone, 1767222000, 1798758000, NULL), CB_OK);
    static const struct {
        const char *name;
        cb_civil from, to; /* local */
        int64_t want_s;
    } rows[] = {
        {"a morning", {2026, 9, 14, 9, 0, 0}, {2026, 9, 14, 12, 0, 0}, 3 * 3600},
        {"over lunch", {2026, 9, 14, 11, 59, 59}, {2026, 9, 14, 13, 0, 1}, 2},
        {"a day", {2026, 9, 14, 0, 0, 0}, {2026, 9, 15, 0, 0, 0}, 27000},
        {"before opening", {2026, 9, 14, 0, 0, 0}, {2026, 9, 14, 9, 0, 0}, 0},
        {"a night", {2026, 9, 14, 17, 30, 0}, {2026, 9, 15, 9, 0, 0}, 0},
        {"a week", {2026, 9, 14, 0, 0, 0}, {2026, 9, 21, 0, 0, 0}, 5 * 27000 + 7200},
        {"a weekend", {2026, 9, 18, 17, 30, 0}, {2026, 9, 21, 9, 0, 0}, 7200},
        {"Easter",
         {2026, 4, 2, 17, 30, 0},
         {2026, 4, 7, 9, 0, 0},
         7200}, /* the Sunday's two hours only */
        {"the missing hour", {2026, 3, 29, 0, 0, 0}, {2026, 3, 30, 0, 0, 0}, 3600},
        {"the double hour", {2026, 10, 25, 0, 0, 0}, {2026, 10, 26, 0, 0, 0}, 3 * 3600},
        {"a quarter", {2026, 7, 1, 0, 0, 0}, {2026, 10, 1, 0, 0, 0}, 66 * 27000 + 13 * 7200},
        {"no time", {2026, 9, 14, 10, 0, 0}, {2026, 9, 14, 10, 0, 0}, 0},
        {"backwards", {2026, 9, 14, 11, 0, 0}, {2026, 9, 14, 10, 0, 0}, 0},
        {"outside the table", {1999, 9, 13, 0, 0, 0}, {1999, 9, 20, 0, 0, 0}, 5 * 27000 + 7200},
        {"into the table", {2025, 12, 22, 0, 0, 0}, {2026, 1, 5, 0, 0, 0}, 2 * (5 * 27000 + 7200)},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t from = cb_zone_to_utc(zone, cb_civil_to_s(&rows[i].from));
        int64_t to = cb_zone_to_utc(zone, cb_civil_to_s(&rows[i].to));
        int64_t got = cb_calendar_between(calendar, from, to);
        CHECK(got == rows[i].want_s, "%s: %lld", rows[i].name, (long long)got);
    }
    cb_calendar_free(calendar);
    cb_zone_free(zone);
}

static void odd_ranges(void **state)
{
    (void)state;
    cb_zone *zone = open_zone("Europe/Berlin");
    cb_week week = always();
    static const int64_t ranges[][2] = {{0, 0},
                                        {1000, 0},
                                        {INT64_MIN, INT64_MAX},
                                        {CB_NO_TIME, 1789392600},
                                        {INT64_MAX, INT64_MAX},
                                        {INT64_MIN, INT64_MIN},
                                        {INT64_C(-62135596800), INT64_C(253402300799)}};
    for (size_t i = 0; i < COUNT_OF(ranges); i++) {
        cb_calendar *calendar = NULL;
        assert_int_equal(cb_calendar_new(&calendar, &week, zone, ranges[i][0], ranges[i][1], NULL),
                         CB_OK);
        CHECK(cb_calendar_between(calendar, 1789392600, 1789392600 + 86400) == 86400, "range %zu",
              i);
        CHECK(cb_calendar_between(calendar, INT64_C(253402214400), INT64_MAX) == 0,
              "range %zu: year 10000", i);
        CHECK(cb_calendar_between(calendar, INT64_MIN, INT64_C(-62135596800)) == 0,
              "range %zu: year 0", i);
        CHECK(cb_calendar_between(calendar, 5, 4) == 0, "range %zu", i);
        cb_calendar_free(calendar);
    }
    cb_calendar *calendar = NULL;
    assert_int_equal(cb_calendar_new(&calendar, &week, zone, 0, 1, NULL), CB_OK);
    assert_int_equal(cb_calendar_between(calendar, INT64_MIN, INT64_MAX),
                     INT64_C(253402214400) + INT64_C(62135596800));
    cb_calendar_free(calendar);
    cb_calendar_free(NULL);
    cb_week closed = {.holidays = 0};
    assert_int_equal(cb_calendar_new(&calendar, &closed, zone, 0, 1789392600, NULL), CB_OK);
    assert_int_equal(cb_calendar_between(calendar, -1000000, 1789392600), 0);
    cb_calendar_free(calendar);
    cb_zone_free(zone);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    cb_zone *zone = open_zone("Europe/Berlin");
    cb_week week = {.holidays = 0};
    assert_int_equal(cb_shift_parse(&week, 0, CB_LIT("09:00-17:00"), NULL), CB_OK);
    size_t n = 0;
    for (cb_status rc = CB_ENOMEM; rc != CB_OK;) {
        test_alloc heap = {.fail_at = ++n};
        cb_alloc alloc = test_alloc_of(&heap);
        cb_calendar *calendar = (cb_calendar *)&heap;
        cb_error err = {0};
        rc = cb_calendar_build(&calendar, &alloc, &week, zone, 1700000000, 1789392600, &err);
        CHECK(rc == (heap.failures ? CB_ENOMEM : CB_OK) && err.status == rc, "call %zu: status %d",
              n, (int)rc);
        CHECK(!calendar == (rc != CB_OK), "call %zu", n);
        cb_calendar_free(calendar);
        CHECK(heap.live_bytes == 0 && heap.live_blocks == 0, "call %zu leaks", n);
    }
    CHECK(n >= 6, "only %zu allocations", n);
    cb_zone_free(zone);
}

static void hours_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned n;
        int32_t at[8]; /* minutes */
    } rows[] = {
        {"09:00-17:00", 1, {540, 1020}},
        {" 9:00 - 17:00 ", 1, {540, 1020}},
        {"00:00-24:00", 1, {0, 1440}},
        {"closed", 0, {0}},
        {"Closed ", 0, {0}},
        {"09:00-12:00, 13:00-17:30", 2, {540, 720, 780, 1050}},
        {"09:00-12:00,12:00-13:00", 2, {540, 720, 720, 780}},
        {"01:00-02:00,03:00-04:00 , 05:00-06:00,23:59-24:00",
         4,
         {60, 120, 180, 240, 300, 360, 1439, 1440}},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        cb_week week = always();
        cb_error err = {0};
        CHECK(cb_shift_parse(&week, 3, cb_str_of(rows[i].text), &err) == CB_OK, "%s: %s",
              rows[i].text, err.why);
        CHECK(week.day[3].n == rows[i].n && week.day[2].n == 1 && week.day[4].n == 1, "%s",
              rows[i].text);
        for (unsigned j = 0; j < rows[i].n; j++)
            CHECK(week.day[3].shift[j].from_s == rows[i].at[2 * j] * 60 &&
                      week.day[3].shift[j].to_s == rows[i].at[2 * j + 1] * 60,
                  "%s: shift %u", rows[i].text, j);
    }
}

static void hours_end_with_their_text(void **state)
{
    (void)state;
    static const char whole[] = "09:00-12:00, 13:00-17:30";
    for (size_t len = 0; len < sizeof whole; len++) {
        char *exact = malloc(len ? len : 1);
        memcpy(exact, whole, len);
        cb_week week = {.holidays = 0};
        cb_status rc = cb_shift_parse(&week, 0, (cb_str){exact, len}, NULL);
        CHECK((rc == CB_OK) == (len == 11 || len == 24), "the first %zu bytes", len);
        free(exact);
    }
}

static void wrong_hours_are_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",
        "open",
        "9-17",
        "09:00",
        "09:00-",
        "-17:00",
        "09:00-09:00",
        "17:00-09:00",
        "22:00-06:00",
        "09:00-24:01",
        "09:00-25:00",
        "09:60-10:00",
        "09:0-10:00",
        "09:000-10:00",
        "009:00-10:00",
        "09:00-12:00,",
        "09:00-12:00,11:59-13:00",
        "13:00-17:00,09:00-12:00",
        "09:00-12:00 13:00-14:00",
        "09:00-12:00;13:00-14:00",
        "01:00-02:00,03:00-04:00,05:00-06:00,07:00-08:00,09:00-10:00",
        "9h-17h",
        "09x00-10:00",
        "09:xx-10:00",
        "09:00-1",
        "09:00-17:00 closed",
        "closed,",
        "-1:00-10:00",
        "09:00--10:00"};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        cb_week week = always();
        cb_error err = {0};
        CHECK(cb_shift_parse(&week, 2, cb_str_of(rows[i]), &err) == CB_ECONFIG, "%s is taken",
              rows[i]);
        CHECK(strstr(err.why, "Wednesday") && strstr(err.why, "09:00-17:00"), "%s: %s", rows[i],
              err.why);
        CHECK(week.day[2].n == 1 && week.day[2].shift[0].to_s == 86400, "%s changed the week",
              rows[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_twin_agrees),
        cmocka_unit_test(sums_hold_at_every_second),
        cmocka_unit_test(round_the_clock_is_elapsed_time),
        cmocka_unit_test(counted_by_hand),
        cmocka_unit_test(odd_ranges),
        cmocka_unit_test(hours_are_read),
        cmocka_unit_test(hours_end_with_their_text),
        cmocka_unit_test(wrong_hours_are_refused),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
