/* Times: every format of the contract, declared formats, and the choice of one reading for a column. */
#include "testing.h"

#include <stdio.h>
#include <string.h>

#include "casebook/coerce.h"

enum { DAY = CB_READS_DAY_FIRST, MONTH = CB_READS_MONTH_FIRST, BOTH = DAY | MONTH, SAME = BOTH | CB_READS_SAME };

/* Naive twin of the calendar: counts days year by year. */
static int64_t seconds_of(int y, int mo, int d, int h, int mi, int s)
{
    static const int length[13] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t days = 0;
    for (int i = 1970; i < y; i++)
        days += 365 + ((i % 4 == 0 && i % 100 != 0) || i % 400 == 0);
    for (int i = y; i < 1970; i++)
        days -= 365 + ((i % 4 == 0 && i % 100 != 0) || i % 400 == 0);
    for (int i = 1; i < mo; i++)
        days += length[i] + (i == 2 && ((y % 4 == 0 && y % 100 != 0) || y % 400 == 0));
    return (days + d - 1) * 86400 + h * 3600 + mi * 60 + s;
}

/* ---- detected formats ---- */

static void detected_formats(void **state)
{
    static const struct {
        const char *text;
        unsigned readings;
        int at[6];       /* under day first where both differ */
        bool absolute;
        const char *layout;
    } t[] = {
        {"2018-08-15 04:10:37", SAME, {2018, 8, 15, 4, 10, 37}, false, "ISO 8601"},
        {"2018-08-15T04:10:37", SAME, {2018, 8, 15, 4, 10, 37}, false, "ISO 8601"},
        {"2016-06-08T19:04:33Z", SAME, {2016, 6, 8, 19, 4, 33}, true, "ISO 8601 with zone"},
        {"2016-06-08t19:04:33z", SAME, {2016, 6, 8, 19, 4, 33}, true, "ISO 8601 with zone"},
        {"2023-12-10T12:00:00.000", SAME, {2023, 12, 10, 12, 0, 0}, false, "ISO 8601"},
        {"2023-12-10 12:00:00,999", SAME, {2023, 12, 10, 12, 0, 0}, false, "ISO 8601"},
        {"2026-02-25 16:38:58.679", SAME, {2026, 2, 25, 16, 38, 58}, false, "ISO 8601"},
        {"2023-12-10T12:00:00.000Z", SAME, {2023, 12, 10, 12, 0, 0}, true, "ISO 8601 with zone"},
        {"2023-12-10T12:00:00+02:00", SAME, {2023, 12, 10, 10, 0, 0}, true, "ISO 8601 with zone"},
        {"2023-12-10T12:00:00+0200", SAME, {2023, 12, 10, 10, 0, 0}, true, "ISO 8601 with zone"},
        {"2023-12-10T12:00:00+02", SAME, {2023, 12, 10, 10, 0, 0}, true, "ISO 8601 with zone"},
        {"2023-12-10 12:00:00 -05:30", SAME, {2023, 12, 10, 17, 30, 0}, true, "ISO 8601 with zone"},
        {"2023-12-31 23:00:00 -0200", SAME, {2024, 1, 1, 1, 0, 0}, true, "ISO 8601 with zone"},
        {"2026-01-05 13:00:00 UTC", SAME, {2026, 1, 5, 13, 0, 0}, true, "ISO 8601 with zone"},
        {"2023-08-25", SAME, {2023, 8, 25, 0, 0, 0}, false, "ISO 8601"},
        {"2023-8-5 7:05", SAME, {2023, 8, 5, 7, 5, 0}, false, "ISO 8601"},
        {"2026/01/05 13:00", SAME, {2026, 1, 5, 13, 0, 0}, false, "YYYY/M/D H:MM"},
        {"2026.01.05", SAME, {2026, 1, 5, 0, 0, 0}, false, "YYYY.M.D"},
        {"1465412673276", SAME, {2016, 6, 8, 19, 4, 33}, true, "epoch milliseconds"},
        {"1465412673", SAME, {2016, 6, 8, 19, 4, 33}, true, "epoch seconds"},
        {"100000000", SAME, {1973, 3, 3, 9, 46, 40}, true, "epoch seconds"},
        {"09/12/2016", BOTH, {2016, 12, 9, 0, 0, 0}, false, "D/M/YYYY"},
        {"3/19/2015", MONTH, {2015, 3, 19, 0, 0, 0}, false, "M/D/YYYY"},
        {"3/17/2025 6:04", MONTH, {2025, 3, 17, 6, 4, 0}, false, "M/D/YYYY H:MM"},
        {"06/26/2018 10:58:54 AM", MONTH, {2018, 6, 26, 10, 58, 54}, false, "M/D/YYYY h:mm:ss AM"},
        {"06/26/2018 12:00:01 am", MONTH, {2018, 6, 26, 0, 0, 1}, false, "M/D/YYYY h:mm:ss AM"},
        {"06/26/2018 12:30 PM", MONTH, {2018, 6, 26, 12, 30, 0}, false, "M/D/YYYY h:mm AM"},
        {"06/26/2018 1:30PM", MONTH, {2018, 6, 26, 13, 30, 0}, false, "M/D/YYYY h:mm AM"},
        {"29/2/2016 01:16", DAY, {2016, 2, 29, 1, 16, 0}, false, "D/M/YYYY H:MM"},
        {"29-02-2016 01:16", DAY, {2016, 2, 29, 1, 16, 0}, false, "D-M-YYYY H:MM"},
        {"24-02-2015 11.35", DAY, {2015, 2, 24, 11, 35, 0}, false, "D-M-YYYY H.MM"},
        {"24.02.2015 11.35.09", DAY, {2015, 2, 24, 11, 35, 9}, false, "D.M.YYYY H.MM.SS"},
        {"22-04-15", DAY, {2015, 4, 22, 0, 0, 0}, false, "D-M-YY"},
        {"12.03.2026 10:15", BOTH, {2026, 3, 12, 10, 15, 0}, false, "D.M.YYYY H:MM"},
        {"05/05/2016", SAME, {2016, 5, 5, 0, 0, 0}, false, "D/M/YYYY"},
        {"13/12/68", DAY, {2068, 12, 13, 0, 0, 0}, false, "D/M/YY"},
        {"13/12/69", DAY, {1969, 12, 13, 0, 0, 0}, false, "D/M/YY"},
        {"13/12/00", DAY, {2000, 12, 13, 0, 0, 0}, false, "D/M/YY"},
        {"13/12/99", DAY, {1999, 12, 13, 0, 0, 0}, false, "D/M/YY"},
        {"31-Jul-18", SAME, {2018, 7, 31, 0, 0, 0}, false, "D-Mon-YY"},
        {"7-Jan-14", SAME, {2014, 1, 7, 0, 0, 0}, false, "D-Mon-YY"},
        {"03-NOV-2006 00:00", SAME, {2006, 11, 3, 0, 0, 0}, false, "D-Mon-YYYY H:MM"},
        {"25/Feb/26 10:17 PM", SAME, {2026, 2, 25, 22, 17, 0}, false, "D/Mon/YY h:mm AM"},
        {"30/Sep/26 12:00 AM", SAME, {2026, 9, 30, 0, 0, 0}, false, "D/Mon/YY h:mm AM"},
        {"11/September/24", SAME, {2024, 9, 11, 0, 0, 0}, false, "D/Mon/YY"},
        {"11 Sept 2024", SAME, {2024, 9, 11, 0, 0, 0}, false, "D Mon YYYY"},
        {"1900-01-01", SAME, {1900, 1, 1, 0, 0, 0}, false, "ISO 8601"},
        {"2200-12-31 23:59:59", SAME, {2200, 12, 31, 23, 59, 59}, false, "ISO 8601"},
        {"29/02/2000", DAY, {2000, 2, 29, 0, 0, 0}, false, "D/M/YYYY"},
        {"13/01/2016 10:00 +0100", DAY, {2016, 1, 13, 9, 0, 0}, true, "D/M/YYYY H:MM"},
        {"01/13/2016 00:30 +02:00", MONTH, {2016, 1, 12, 22, 30, 0}, true, "M/D/YYYY H:MM"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        int64_t packed = 0;
        uint32_t shape = 0;
        bool absolute = false;
        char layout[48];
        cb_order order = t[i].readings & DAY ? CB_DAY_FIRST : CB_MONTH_FIRST;
        unsigned readings = cb_time_scan(cb_str_of(t[i].text), &packed, &shape);
        CHECK(readings == t[i].readings, "%s: readings %u", t[i].text, readings);
        int64_t want = seconds_of(t[i].at[0], t[i].at[1], t[i].at[2], t[i].at[3], t[i].at[4], t[i].at[5]);
        int64_t got = cb_time_value(packed, order, &absolute);
        CHECK(got == want && absolute == t[i].absolute, "%s: %lld, want %lld, absolute %d", t[i].text, (long long)got,
              (long long)want, absolute);
        cb_time_layout(layout, shape, order);
        CHECK(!strcmp(layout, t[i].layout), "%s: layout \"%s\"", t[i].text, layout);
    }
}

static void unreadable(void **state)
{
    static const char *const t[] = {
        "", " ", "-", "x", "2018", "201808", "20180815", "43000", "43000.5", "20180815041037", "12345678901", "-1465412673",
        "9999999999", /* seconds, but of the year 2286 */
        "2018-08", "2018-08-", "2018-08-15T", "2018-08-15 ", "2018-08-15 4", "2018-08-15 04:", "2018-08-15 04:1", "2018-08-15 04:10:",
        "2018-08-15 04:10:3", "2018-08-15 24:00:00", "2018-08-15 04:60:00", "2016-12-31T23:59:60Z", "2025-02-29", "2018-13-01",
        "2018-00-10", "2018-10-00", "2018-04-31", "1899-12-31", "2201-01-01", "0206-11-03", "03-NOV-0206 00:00", "1900-02-29",
        "2018-08/15", "2018 08 15", "01/02-2016", "1/2/3", "1/2/201", "1/2/20166", "1/2", "32/1/2016", "13/13/2016", "0/1/2016",
        "1/0/2016", "31/4/2016", "29/02/2015", "111/1/2016", "5-Foo-18", "5-Ju-18", "5-July-2018x", "Jul-5-18", "5-Jul", "5--Jul-18",
        "3:53:50 PM", "06/26/2018 13:00 PM", "06/26/2018 0:30 AM", "06/26/2018 10:58 XM", "06/26/2018 10:58 A", "06/26/2018 AM",
        "2018-08-15 04:10:37 CEST", "2018-08-15 04:10:37 +2", "2018-08-15 04:10:37 +25:00", "2018-08-15 04:10:37 +02:6",
        "2018-08-15 04:10:37Zx", "2018-08-15Z", "2018-08-15 04:10:37.", "2018-08-15_04:10:37", "15/08/2018T", "1 2 2018",
        "2018-08-15 04.10:37", "2018-08-15 04:10.37", "1465412673.5", "14654126732", "99999999999999999999",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        int64_t packed = 0;
        uint32_t shape = 0;
        unsigned readings = cb_time_scan(cb_str_of(t[i]), &packed, &shape);
        CHECK(readings == 0 && packed == CB_NO_TIME && shape == 0, "\"%s\": readings %u", t[i], readings);
    }
}

/* ---- random times, written in every layout and read again ---- */

typedef struct moment {
    int y, mo, d, h, mi, s;
} moment;

static moment random_moment(uint64_t *seed)
{
    moment m;
    do
        m = (moment){(int)test_between(seed, 1900, 2201), (int)test_between(seed, 1, 13), (int)test_between(seed, 1, 32),
                     (int)test_between(seed, 0, 24),      (int)test_between(seed, 0, 60), (int)test_between(seed, 0, 60)};
    while (m.d > 28 && seconds_of(m.y, m.mo, m.d, 0, 0, 0) >= seconds_of(m.y + m.mo / 12, m.mo % 12 + 1, 1, 0, 0, 0));
    return m;
}

static const char *const month_names[] = {"Jan", "feb", "MAR", "Apr", "May", "Jun", "Jul", "aug", "SEP", "Oct", "Nov", "December"};

/* Writes m in layout `kind`; says which parts of the clock are lost, and the order in which it must be read. */
static void write_moment(char *out, size_t cap, const moment *m, int kind, char mark, bool *day_first, int *clock)
{
    int h12 = m->h % 12 ? m->h % 12 : 12;
    const char *half = m->h < 12 ? "AM" : "pm";
    *day_first = kind % 2 == 0;
    int a = *day_first ? m->d : m->mo;
    int b = *day_first ? m->mo : m->d;
    *clock = 2;
    switch (kind / 2) {
    case 0: snprintf(out, cap, "%04d-%02d-%02d %02d:%02d:%02d", m->y, m->mo, m->d, m->h, m->mi, m->s); break;
    case 1: snprintf(out, cap, "%d%c%d%c%04d %d:%02d:%02d", a, mark, b, mark, m->y, m->h, m->mi, m->s); break;
    case 2: snprintf(out, cap, "%02d%c%02d%c%04d %d.%02d", a, mark, b, mark, m->y, m->h, m->mi); *clock = 1; break;
    case 3: snprintf(out, cap, "%d%c%d%c%04d", a, mark, b, mark, m->y); *clock = 0; break;
    case 4: snprintf(out, cap, "%d%c%d%c%04d %d:%02d:%02d %s", a, mark, b, mark, m->y, h12, m->mi, m->s, half); break;
    default:
        snprintf(out, cap, "%d%c%s%c%04d %02d:%02d:%02d%s", m->d, mark, month_names[m->mo - 1], mark, m->y, m->h, m->mi, m->s,
                 kind % 2 ? "" : ".25");
    }
}

static void written_and_read_again(void **state)
{
    uint64_t seed = 5;
    (void)state;
    for (int i = 0; i < 40000; i++) {
        char text[64];
        bool day_first;
        bool absolute;
        int clock;
        int64_t packed;
        uint32_t shape;
        moment m = random_moment(&seed);
        write_moment(text, sizeof text, &m, i % 12, "/-."[i % 3], &day_first, &clock);
        int64_t want = seconds_of(m.y, m.mo, m.d, clock ? m.h : 0, clock ? m.mi : 0, clock > 1 ? m.s : 0);
        unsigned readings = cb_time_scan(cb_str_of(text), &packed, &shape);
        CHECK(readings & (day_first ? DAY : MONTH), "%s: not read", text);
        int64_t got = cb_time_value(packed, day_first ? CB_DAY_FIRST : CB_MONTH_FIRST, &absolute);
        CHECK(got == want && !absolute, "%s: %lld, want %lld", text, (long long)got, (long long)want);
    }
}

/* No input, however odd, gives a time out of range; what is read once is read alike under a declared twin. */
static void any_bytes(void **state)
{
    static const char letters[] = "0123456789012345678901//--..::  TZ+aApPmMJanfeb";
    uint64_t seed = 77;
    (void)state;
    for (int i = 0; i < 200000; i++) {
        char text[24];
        bool absolute;
        int64_t packed;
        uint32_t shape;
        size_t n = (size_t)test_between(&seed, 0, sizeof text);
        for (size_t k = 0; k < n; k++)
            text[k] = letters[test_between(&seed, 0, sizeof letters - 1)];
        unsigned readings = cb_time_scan((cb_str){text, n}, &packed, &shape);
        for (unsigned o = 0; o < 2; o++) {
            int64_t s = cb_time_value(packed, (cb_order)o, &absolute);
            CHECK((s != CB_NO_TIME) == (readings >> o & 1), "%.*s: order %u", (int)n, text, o);
            CHECK(s == CB_NO_TIME || (s > INT64_C(-2209200000) && s < INT64_C(7289800000)), "%.*s: %lld", (int)n, text,
                  (long long)s);
        }
    }
}

/* ---- declared formats ---- */

static void declared_formats(void **state)
{
    static const struct {
        const char *format, *text;
        bool good;
        int at[6];
        bool absolute;
    } t[] = {
        {"%d/%m/%Y %H:%M", "03/04/2025 09:30", true, {2025, 4, 3, 9, 30, 0}, false},
        {"%m/%d/%Y %H:%M", "03/04/2025 09:30", true, {2025, 3, 4, 9, 30, 0}, false},
        {"%d/%m/%Y %H:%M", "3/4/2025 9:30", true, {2025, 4, 3, 9, 30, 0}, false},
        {"%d/%m/%Y %H:%M", "03/04/2025", false, {0}, false},
        {"%d/%m/%Y %H:%M", "03/04/2025 09:30:00", false, {0}, false},
        {"%d/%m/%Y %H:%M", "03-04-2025 09:30", false, {0}, false},
        {"%d/%m/%Y %H:%M", "31/02/2025 09:30", false, {0}, false},
        {"%d/%m/%Y %H:%M", "03/04/2025 24:00", false, {0}, false},
        {"%d/%m/%Y %H:%M", "03/04/2025 09:60", false, {0}, false},
        {"%Y%m%d", "20250403", true, {2025, 4, 3, 0, 0, 0}, false},
        {"%Y%m%d%H%M%S", "20250403093015", true, {2025, 4, 3, 9, 30, 15}, false},
        {"%d.%m.%y", "03.04.25", true, {2025, 4, 3, 0, 0, 0}, false},
        {"%y-%m-%d", "25-04-03", true, {2025, 4, 3, 0, 0, 0}, false},
        {"%d.%m.%y", "03.04.2025", false, {0}, false},
        {"%d %b %Y", "03 Apr 2025", true, {2025, 4, 3, 0, 0, 0}, false},
        {"%B %d, %Y", "April 3, 2025", true, {2025, 4, 3, 0, 0, 0}, false},
        {"%m/%d/%Y %I:%M %p", "04/03/2025 12:05 am", true, {2025, 4, 3, 0, 5, 0}, false},
        {"%m/%d/%Y %I:%M:%S %p", "04/03/2025 11:05:06 PM", true, {2025, 4, 3, 23, 5, 6}, false},
        {"%m/%d/%Y %I:%M %p", "04/03/2025 13:05 PM", false, {0}, false},
        {"%m/%d/%Y %I:%M %p", "04/03/2025 0:05 AM", false, {0}, false},
        {"%Y-%m-%dT%H:%M:%S%z", "2025-04-03T09:30:15+02:00", true, {2025, 4, 3, 7, 30, 15}, true},
        {"%Y-%m-%dT%H:%M:%S%z", "2025-04-03T09:30:15Z", true, {2025, 4, 3, 9, 30, 15}, true},
        {"%Y-%m-%d %H:%M:%S %z", "2025-04-03 09:30:15 -0730", true, {2025, 4, 3, 17, 0, 15}, true},
        {"%Y-%m-%dT%H:%M:%S%z", "2025-04-03T09:30:15", false, {0}, false},
        {"%Y-%m-%d %H:%M:%S.%f", "2025-04-03 09:30:15.123456", true, {2025, 4, 3, 9, 30, 15}, false},
        {"%s", "1743672615", true, {2025, 4, 3, 9, 30, 15}, true},
        {"%s", "0", true, {1970, 1, 1, 0, 0, 0}, true},
        {"%s", "-86400", true, {1969, 12, 31, 0, 0, 0}, true},
        {"%s.%f", "1743672615.25", true, {2025, 4, 3, 9, 30, 15}, true},
        {"%s", "99999999999", false, {0}, false},
        {"%s", "x", false, {0}, false},
        {"%d%%%m%%%Y", "03%04%2025", true, {2025, 4, 3, 0, 0, 0}, false},
        {"%d/%m/%Y", "03/04/2201", false, {0}, false},
        {"%d/%m/%Y", "", false, {0}, false},
        {"%d/%m/%Y  %H:%M", "03/04/2025 09:30", true, {2025, 4, 3, 9, 30, 0}, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        cb_time_format format;
        const char *why = "";
        bool absolute = false;
        int64_t packed = 0;
        CHECK(cb_time_format_read(&format, cb_str_of(t[i].format), &why), "%s: %s", t[i].format, why);
        unsigned readings = cb_time_scan_as(&format, cb_str_of(t[i].text), &packed);
        CHECK(readings == (t[i].good ? SAME : 0), "%s by %s: readings %u", t[i].text, t[i].format, readings);
        if (!t[i].good) {
            CHECK(packed == CB_NO_TIME, "%s by %s", t[i].text, t[i].format);
            continue;
        }
        int64_t want = seconds_of(t[i].at[0], t[i].at[1], t[i].at[2], t[i].at[3], t[i].at[4], t[i].at[5]);
        int64_t got = cb_time_value(packed, CB_MONTH_FIRST, &absolute);
        CHECK(got == want && absolute == t[i].absolute, "%s by %s: %lld, want %lld", t[i].text, t[i].format, (long long)got,
              (long long)want);
    }
}

static void wrong_formats(void **state)
{
    static const char *const t[] = {"", "%d/%m", "%H:%M", "%m/%Y", "%d/%Y", "%q", "%", "%d/%m/%", "%d/%m/%Y %I:%M",
                                    "%d/%m/%Y ------------------------------------------------"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        cb_time_format format;
        const char *why = NULL;
        CHECK(!cb_time_format_read(&format, cb_str_of(t[i]), &why) && why && *why, "\"%s\" is no format", t[i]);
    }
}

/* ---- one reading for a column ---- */

static cb_time_evidence evidence_of(const char *const *cells, size_t n)
{
    cb_time_evidence all = {{0}, 0};
    for (size_t i = 0; i < n && cells[i]; i++) {
        cb_time_evidence one = {{0}, 0};
        int64_t packed;
        uint32_t shape;
        unsigned readings = cb_time_scan(cb_str_of(cells[i]), &packed, &shape);
        cb_time_see(&one, readings, shape);
        cb_time_join(&all, &one);
    }
    return all;
}

static void choices(void **state)
{
    static const struct {
        const char *name;
        const char *cells[14];
        cb_choice choice;
        cb_order order;
    } t[] = {
        {"no cell", {NULL}, CB_CHOSEN, CB_DAY_FIRST},
        {"fixed", {"2018-08-15", "31-Jul-18"}, CB_CHOSEN, CB_DAY_FIRST},
        {"one proof of day first", {"1/2/2016", "13/2/2016"}, CB_CHOSEN, CB_DAY_FIRST},
        {"one proof of month first", {"1/2/2016", "2/13/2016"}, CB_CHOSEN, CB_MONTH_FIRST},
        {"no proof", {"1/2/2016", "2/12/2016"}, CB_AMBIGUOUS, CB_DAY_FIRST},
        {"no proof, but the readings agree", {"1/1/2016", "12/12/2016"}, CB_CHOSEN, CB_DAY_FIRST},
        {"fixed cells prove nothing", {"2018-08-15", "2/12/2016"}, CB_AMBIGUOUS, CB_DAY_FIRST},
        {"one against one", {"13/2/2016", "2/13/2016"}, CB_MIXED, CB_DAY_FIRST},
        {"two against one", {"13/2/2016", "14/2/2016", "2/13/2016"}, CB_CHOSEN, CB_DAY_FIRST},
        {"three against two", {"13/2/2016", "14/2/2016", "15/2/2016", "2/13/2016", "2/14/2016"}, CB_MIXED, CB_DAY_FIRST},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        cb_time_evidence e = evidence_of(t[i].cells, 14);
        cb_order order = CB_DAY_FIRST;
        cb_choice choice = cb_time_choose(&e, &order);
        CHECK(choice == t[i].choice, "%s: choice %d", t[i].name, (int)choice);
        CHECK(choice != CB_CHOSEN || order == t[i].order, "%s: order %d", t[i].name, (int)order);
    }
}

static void choices_by_number(void **state)
{
    static const struct {
        uint64_t day, month;
        cb_choice choice;
        cb_order order;
    } t[] = {
        {10, 1, CB_CHOSEN, CB_DAY_FIRST},       {19, 2, CB_MIXED, CB_DAY_FIRST},     {20, 2, CB_CHOSEN, CB_DAY_FIRST},
        {2, 20, CB_CHOSEN, CB_MONTH_FIRST},     {0, 1, CB_CHOSEN, CB_MONTH_FIRST},   {9990, 999, CB_CHOSEN, CB_DAY_FIRST},
        {9989, 999, CB_MIXED, CB_DAY_FIRST},    {999, 9990, CB_CHOSEN, CB_MONTH_FIRST},
        {1000000, 1000, CB_MIXED, CB_DAY_FIRST}, {1000, 1000000, CB_MIXED, CB_DAY_FIRST},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        cb_time_evidence e = {{0}, CB_SHAPE_NUMERIC};
        cb_order order;
        e.cells[DAY] = t[i].day;
        e.cells[MONTH] = t[i].month;
        e.cells[BOTH] = 5000;
        cb_choice choice = cb_time_choose(&e, &order);
        CHECK(choice == t[i].choice && (choice != CB_CHOSEN || order == t[i].order), "%llu against %llu: %d, order %d",
              (unsigned long long)t[i].day, (unsigned long long)t[i].month, (int)choice, (int)order);
    }
}

static void same_layout(void **state)
{
    static const struct {
        const char *a, *b;
        bool same;
    } t[] = {
        {"1/2/2016", "3/4/2017", true},          {"1/2/2016 10:00", "3/4/2017", true},
        {"1/2/2016", "3-4-2017", false},         {"1/2/2016", "3/4/17", false},
        {"1/2/2016 9:00 AM", "3/4/2017 9:00", false}, {"1/2/2016 9:00 AM", "3/4/2017", true},
        {"2016-01-02", "2016-01-03", false},     {"1/2/2016", "3/Apr/2017", false},
        {"1/2/2016 9:00:00 AM", "3/4/2017 9:00 PM", true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        cb_time_evidence a = evidence_of(&t[i].a, 1);
        cb_time_evidence b = evidence_of(&t[i].b, 1);
        CHECK(cb_time_same_layout(a.shape, b.shape) == t[i].same, "%s and %s", t[i].a, t[i].b);
        CHECK(cb_time_same_layout(b.shape, a.shape) == t[i].same, "%s and %s", t[i].b, t[i].a);
    }
}

static void shape_of_a_declared_format(void **state)
{
    static const struct {
        const char *format, *cell; /* NULL: no shape */
        cb_order order;
    } t[] = {
        {"%d/%m/%Y %H:%M", "1/2/2016 10:00", CB_DAY_FIRST}, {"%m/%d/%Y", "1/2/2016", CB_MONTH_FIRST},
        {"%d.%m.%y", "1.2.16 10:00", CB_DAY_FIRST},         {"%m-%d-%Y %I:%M %p", "1-2-2016 9:00 AM", CB_MONTH_FIRST},
        {"%Y-%m-%d", NULL, CB_DAY_FIRST},                   {"%d %m %Y", NULL, CB_DAY_FIRST},
        {"%d/%m-%Y", NULL, CB_DAY_FIRST},                   {"%d/%b/%Y", NULL, CB_DAY_FIRST},
        {"%s", NULL, CB_DAY_FIRST},                         {"%d%m%Y%H%M", NULL, CB_DAY_FIRST},
        {"%H:%M %d/%m/%Y", NULL, CB_DAY_FIRST},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        cb_time_format format;
        cb_order order = CB_DAY_FIRST;
        const char *why = "";
        assert_true(cb_time_format_read(&format, cb_str_of(t[i].format), &why));
        uint32_t shape = cb_time_format_shape(&format, &order);
        CHECK((shape != 0) == (t[i].cell != NULL), "%s: shape %u", t[i].format, shape);
        if (t[i].cell) {
            cb_time_evidence e = evidence_of(&t[i].cell, 1);
            CHECK(cb_time_same_layout(shape, e.shape) && order == t[i].order, "%s and %s", t[i].format, t[i].cell);
        }
    }
}

/* What a message tells the user to declare must read the column; the example must be of the same layout. */
static void advice(void **state)
{
    static const char *const t[] = {"1/2/2016",        "1.2.2016 10:15", "01-02-16 10.15",      "1/2/2016 9:30 AM",
                                    "1/2/16 9:30:59 PM", "1.2.16 10:15:20", "1-2-2016 10.15.20"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++)
        for (unsigned o = 0; o < 2; o++) {
            cb_time_evidence e = evidence_of(&t[i], 1);
            cb_time_format format;
            char text[48];
            char example[48];
            const char *why = "";
            bool absolute;
            int64_t declared;
            int64_t detected;
            uint32_t shape;
            cb_time_format_text(text, e.shape, (cb_order)o);
            cb_time_example(example, e.shape);
            CHECK(cb_time_format_read(&format, cb_str_of(text), &why), "%s: %s", text, why);
            CHECK(cb_time_scan_as(&format, cb_str_of(t[i]), &declared), "%s does not read %s", text, t[i]);
            assert_int_equal(cb_time_scan(cb_str_of(t[i]), &detected, &shape), BOTH);
            CHECK(cb_time_value(declared, CB_DAY_FIRST, &absolute) == cb_time_value(detected, (cb_order)o, &absolute),
                  "%s reads %s in another way than detection does", text, t[i]);
            CHECK(cb_time_scan(cb_str_of(example), &detected, &shape) == BOTH && shape == e.shape, "%s for %s", example, t[i]);
        }
}

static void zones(void **state)
{
    static const struct {
        const char *text, *zone;
        int64_t utc_s;
    } t[] = {
        {"2025-03-30 01:59:59", "Europe/Berlin", 1743296399},  /* still winter time: 00:59:59Z */
        {"2025-03-30 02:30:00", "Europe/Berlin", 1743298200},  /* in the gap: moves to 03:30 summer time, 01:30Z */
        {"2025-10-26 02:30:00", "Europe/Berlin", 1761438600},  /* double hour: the first, 00:30Z */
        {"2025-10-26T02:30:00+01:00", "Europe/Berlin", 1761442200}, /* a stated offset is taken as it is: 01:30Z */
        {"2025-07-01", "America/New_York", 1751342400},        /* midnight is 04:00Z */
        {"2025-07-01 00:00:00Z", "America/New_York", 1751328000},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        cb_error err = {0};
        cb_zone *zone = NULL;
        int64_t packed;
        uint32_t shape;
        if (cb_zone_open(&zone, t[i].zone, &err) == CB_EUNAVAILABLE)
            skip();
        assert_non_null(zone);
        assert_int_not_equal(cb_time_scan(cb_str_of(t[i].text), &packed, &shape), 0);
        int64_t got = cb_time_to_utc(packed, CB_DAY_FIRST, zone);
        CHECK(got == t[i].utc_s, "%s in %s: %lld", t[i].text, t[i].zone, (long long)got);
        CHECK(cb_time_to_utc(CB_NO_TIME, CB_DAY_FIRST, zone) == CB_NO_TIME, "unknown stays unknown");
        cb_zone_free(zone);
    }
}

/* The shortcut for YYYY-MM-DD HH:MM:SS against the long way, which a fraction makes it go. */
static void expect_the_long_way(const char *text)
{
    char longer[40];
    size_t len = strlen(text);
    snprintf(longer, sizeof longer, "%.19s.0%s", text, text + 19);
    int64_t got = 7, want = 7;
    uint32_t shape = 0, other = 0;
    unsigned reads = cb_time_scan((cb_str){text, len}, &got, &shape);
    unsigned wanted = cb_time_scan(cb_str_of(longer), &want, &other);
    if (reads != wanted || got != want || (reads && shape != other))
        fail_msg("%s: reads %u not %u, %lld not %lld, shape %x not %x", text, reads, wanted,
                 (long long)got, (long long)want, shape, other);
}

static void iso_is_the_long_way(void **state)
{
    (void)state;
    char text[40];
    unsigned n = 0;
    for (unsigned year = 1899; year <= 2201; year++)
        for (unsigned month = 0; month <= 13; month++)
            for (unsigned day = 0; day <= 32; day++, n++) {
                snprintf(text, sizeof text, "%04u-%02u-%02u%c%02u:%02u:%02u%s", year, month, day,
                         n % 3 ? ' ' : 'T', n % 26, n / 26 % 62, n / 7 % 62, n % 5 ? "" : "Z");
                expect_the_long_way(text);
            }
    static const char usual[] = "2024-02-29 23:59:59Z", odd[] = "/:-0 T9aZ.";
    for (unsigned at = 0; at < 20; at++)
        for (size_t i = 0; i < sizeof odd; i++)
            for (unsigned len = 19; len <= 20; len++) {
                memcpy(text, usual, sizeof usual);
                text[at] = odd[i] ? odd[i] : '\xB0';
                text[len] = '\0';
                if (at < 19) /* a digit too many is no fraction */
                    expect_the_long_way(text);
            }
}

/* Every date there may be, against the calendar of civil.c. */
static void every_day(void **state)
{
    (void)state;
    int64_t first = cb_days_from_civil(1900, 1, 1), last = cb_days_from_civil(2200, 12, 31);
    for (int64_t days = first; days <= last; days++) {
        char text[40];
        int32_t year;
        unsigned month, day;
        int64_t packed;
        uint32_t shape;
        bool absolute;
        cb_civil_from_days(days, &year, &month, &day);
        snprintf(text, sizeof text, "%04d-%02u-%02u", year, month, day);
        assert_true(cb_time_scan(cb_str_of(text), &packed, &shape) & CB_READS_SAME);
        assert_int_equal(cb_time_value(packed, CB_DAY_FIRST, &absolute), days * CB_DAY_S);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(detected_formats),  cmocka_unit_test(unreadable),    cmocka_unit_test(written_and_read_again),
        cmocka_unit_test(any_bytes),         cmocka_unit_test(declared_formats), cmocka_unit_test(wrong_formats),
        cmocka_unit_test(choices),           cmocka_unit_test(choices_by_number), cmocka_unit_test(same_layout),
        cmocka_unit_test(shape_of_a_declared_format), cmocka_unit_test(advice), cmocka_unit_test(zones),
        cmocka_unit_test(iso_is_the_long_way), cmocka_unit_test(every_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
