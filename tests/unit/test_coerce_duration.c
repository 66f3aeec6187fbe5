/* Elapsed times in the forms of exports. */
#include "casebook/coerce.h"
#include "testing.h"

#include <stdio.h>

enum { MIN = 60, HOUR = 3600, DAY = 86400 };
#define TYPE INT64_C(-1)
#define CONSTRAINT INT64_C(-2)

static const struct reading {
    const char *text;
    int64_t unit_s;
    char mark;
    int64_t seconds; /* or the fault */
} readings[] = {
    /* numbers */
    {"0", MIN, '.', 0},
    {"90", MIN, '.', 5400},
    {"2.5", HOUR, '.', 9000},
    {"2,5", HOUR, ',', 9000},
    {"2,5", HOUR, '.', TYPE}, /* is it two and a half, or a list? */
    {"1,440", MIN, '.', TYPE},
    {"0.0001", HOUR, '.', 0},
    {"0.0002", HOUR, '.', 1}, /* 0.72 s */
    {"0.3333333333", HOUR, '.', 1200},
    {"1.", HOUR, '.', TYPE},
    {".5", HOUR, '.', TYPE},
    {"5", 0, '.', TYPE}, /* of what? */
    {"-5", MIN, '.', CONSTRAINT},
    {"-0", MIN, '.', 0},
    {"36525", DAY, '.', INT64_C(36525) * DAY},
    {"36526", DAY, '.', CONSTRAINT},
    {"9999999999", DAY, '.', CONSTRAINT},
    {"10000000000", DAY, '.', TYPE},
    {"99999999999999999999", DAY, '.', TYPE},
    {"1e3", MIN, '.', TYPE},
    /* clocks */
    {"00:00:00", 0, '.', 0},
    {"26:38:02", 0, '.', 26 * HOUR + 38 * MIN + 2},
    {"126:00:59", HOUR, '.', 126 * HOUR + 59},
    {"3 12:00:00", 0, '.', 3 * DAY + 12 * HOUR},
    {"12:30", HOUR, '.', 12 * HOUR + 30 * MIN},
    {"12:30", MIN, '.', 12 * MIN + 30},
    {"12:30", 0, '.', TYPE}, /* hours or minutes? */
    {"12:30", DAY, '.', TYPE},
    {"1:60:00", 0, '.', TYPE},
    {"1:00:60", 0, '.', TYPE},
    {"1:0:00", 0, '.', TYPE},
    {"1:00:00:00", 0, '.', TYPE},
    {"-1:00:00", 0, '.', CONSTRAINT},
    {"3 ", DAY, '.', TYPE},
    {"3 12", DAY, '.', TYPE},
    /* words */
    {"3 Days 12 Hours", 0, '.', 3 * DAY + 12 * HOUR},
    {"3 days, 12 hours, 5 minutes", 0, '.', 3 * DAY + 12 * HOUR + 5 * MIN},
    {"1h 30m", 0, '.', 5400},
    {"1h30m10s", 0, '.', 5410},
    {"45 min", HOUR, '.', 45 * MIN},
    {"1.5 hrs", 0, '.', 5400},
    {"2w", 0, '.', 14 * DAY},
    {"3 months", 0, '.', TYPE},
    {"h", 0, '.', TYPE},
    {"3 days 12", 0, '.', TYPE},
    {"soon", HOUR, '.', TYPE},
    {"", HOUR, '.', TYPE},
    {"-", HOUR, '.', TYPE},
};

static void cells(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof readings / sizeof *readings; i++) {
        const struct reading *r = &readings[i];
        int64_t got = 7;
        cb_cell cell = cb_duration_read(cb_str_of(r->text), r->unit_s,
                                        r->mark == ',' ? CB_MARK_COMMA : CB_MARK_POINT, &got);
        cb_cell want = r->seconds == TYPE         ? CB_CELL_TYPE
                       : r->seconds == CONSTRAINT ? CB_CELL_CONSTRAINT
                                                  : CB_CELL_OK;
        CHECK(cell == want, "'%s' by %lld: %d", r->text, (long long)r->unit_s, cell);
        CHECK(got == (want == CB_CELL_OK ? r->seconds : CB_NO_TIME), "'%s' by %lld: %lld", r->text,
              (long long)r->unit_s, (long long)got);
    }
}

/* Every whole second of two days, written as a clock, comes back. */
static void clocks_round_trip(void **state)
{
    (void)state;
    for (int64_t s = 0; s < 2 * DAY; s += 7) {
        char text[48];
        int64_t got;
        snprintf(text, sizeof text, "%d:%02d:%02d", (int)(s / HOUR), (int)(s / MIN % 60),
                 (int)(s % 60));
        CHECK(cb_duration_read(cb_str_of(text), 0, CB_MARK_POINT, &got) == CB_CELL_OK && got == s,
              "%s: %lld", text, (long long)got);
    }
}

static void units_of_labels(void **state)
{
    static const struct {
        const char *label;
        int64_t unit_s;
    } labels[] = {
        {"Resolution time (in hrs)", HOUR},
        {"First Response Time (in Hrs)", HOUR},
        {"First reply time in minutes", MIN},
        {"resolution_seconds", 1},
        {"Days to resolve", DAY},
        {"Time to resolve (h)", HOUR},
        {"metric_set.reply_time_in_minutes.calendar", MIN},
        {"minutes", MIN},
        {"Resolution time", 0},
        {"Dauer", 0},
        {"m", 0},
        {"Hourly rate", 0},
        {"", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        CHECK(cb_duration_unit(cb_str_of(labels[i].label)) == labels[i].unit_s, "%s",
              labels[i].label);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells),
        cmocka_unit_test(clocks_round_trip),
        cmocka_unit_test(units_of_labels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
