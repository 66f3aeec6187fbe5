#include "clock.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "casebook/civil.h"
#include "world.h"

const char *const cb_clock_holidays[] = {
    "2024-10-03", "2024-12-25", "2024-12-26", "2025-01-01", "2025-04-18",
    "2025-04-21", "2025-05-01", "2025-05-29", "2025-06-09", "2025-10-03",
    "2025-12-25", "2025-12-26", "2026-01-01", "2026-04-03", "2026-04-06",
    "2026-05-01", "2026-05-14", "2026-05-25", "2026-10-03", NULL,
};

/* The rhythm of arrivals, in thousandths: by month of the year, by weekday, by hour of the day. */
static const uint16_t month_rhythm[12] = {1050, 1000, 1020, 990,  970,  980,
                                          950,  920,  1010, 1050, 1100, 960};
static const uint16_t weekday_rhythm[7] = {1300, 1160, 1100, 1060, 1010, 380, 220};
static const uint16_t hour_rhythm[24] = {4,  2,  2,   2,  3,  8,  25, 60, 95, 122, 124, 112,
                                         84, 92, 102, 98, 84, 60, 42, 34, 30, 24,  14,  8};
enum { HOLIDAY_RHYTHM = 250 };

static int64_t last_sunday_utc_s(int32_t year, unsigned month)
{
    int64_t day = cb_days_from_civil(year, month, 31);
    return (day - (int64_t)((cb_weekday(day) + 1) % 7)) * CB_DAY_S + CB_HOUR_S;
}

int64_t cb_clock_offset_s(int64_t utc_s)
{
    int32_t year;
    unsigned month, day;
    cb_civil_from_days(cb_floor_day(utc_s), &year, &month, &day);
    bool summer = utc_s >= last_sunday_utc_s(year, 3) && utc_s < last_sunday_utc_s(year, 10);
    return summer ? 2 * CB_HOUR_S : CB_HOUR_S;
}

int64_t cb_clock_plain(int64_t utc_s)
{
    if (cb_clock_offset_s(utc_s) == CB_HOUR_S &&
        cb_clock_offset_s(utc_s - CB_HOUR_S) == 2 * CB_HOUR_S)
        return utc_s - utc_s % CB_HOUR_S + CB_HOUR_S;
    return utc_s;
}

static bool is_holiday(int64_t local_s)
{
    char date[CB_CLOCK_STAMP_BYTES + 2];
    cb_civil c = cb_civil_from_s(local_s);
    (void)snprintf(date, sizeof date, "%04d-%02u-%02u", (int)c.year % 10000, c.month % 100u,
                   c.day % 100u);
    for (unsigned i = 0; cb_clock_holidays[i]; i++)
        if (!strcmp(cb_clock_holidays[i], date))
            return true;
    return false;
}

static bool is_open(unsigned weekday, unsigned hour)
{
    return weekday < 5 ? hour >= 8 && hour < 18 : weekday == 5 && hour >= 9 && hour < 13;
}

/* The weight of all causes together, against what it is without the planted changes. */
static double causes_total(int64_t utc_s)
{
    uint64_t now = 0, base = 0;
    for (unsigned i = 0; i < CB_GEN_CAUSES; i++) {
        now += cb_gen_cause_weight(i, utc_s);
        base += cb_gen_cause_table[i].weight * UINT64_C(1000);
    }
    return (double)now / (double)base;
}

/* Fills the entries of one hour; returns its rhythm, without the planted changes. */
static double fill_hour(cb_clock *clock, uint32_t h)
{
    int64_t utc_s = clock->from_utc_s + (int64_t)h * CB_HOUR_S;
    int64_t local_s = utc_s + cb_clock_offset_s(utc_s);
    cb_civil c = cb_civil_from_s(local_s);
    unsigned weekday = cb_weekday(cb_floor_day(local_s));
    bool holiday = is_holiday(local_s), open = !holiday && is_open(weekday, c.hour);
    (void)snprintf(clock->stamp[h], sizeof clock->stamp[h],
                   "%04d-%02u-%02u %02u:", (int)c.year % 10000, c.month % 100u, c.day % 100u,
                   c.hour % 100u);
    if (open)
        clock->open_hour[clock->open_before[h]] = h;
    clock->open_before[h + 1] = clock->open_before[h] + open;
    return (double)month_rhythm[c.month - 1] * weekday_rhythm[weekday] * hour_rhythm[c.hour] *
           (holiday ? HOLIDAY_RHYTHM : 1000);
}

static void fill(cb_clock *clock)
{
    double rhythm_sum = 0.0;
    for (uint32_t h = 0; h < clock->hours; h++) {
        double rhythm = fill_hour(clock, h);
        if (h >= clock->window_hours)
            continue;
        int64_t utc_s = clock->from_utc_s + (int64_t)h * CB_HOUR_S;
        clock->arrived[h + 1] = clock->arrived[h] + rhythm * causes_total(utc_s);
        rhythm_sum += rhythm;
    }
    double years = (double)(clock->to_utc_s - clock->from_utc_s) / CB_GEN_YEAR_S;
    for (uint32_t h = 0; h <= clock->window_hours; h++)
        clock->arrived[h] *= years / rhythm_sum;
}

cb_status cb_clock_new(cb_clock *clock, cb_error *err)
{
    *clock = (cb_clock){.from_utc_s = CB_GEN_FROM_UTC_S, .to_utc_s = CB_GEN_TO_UTC_S};
    clock->window_hours = (uint32_t)((CB_GEN_TO_UTC_S - CB_GEN_FROM_UTC_S) / CB_HOUR_S);
    clock->hours = clock->window_hours + CB_CLOCK_TAIL_DAYS * 24;
    clock->stamp = calloc(clock->hours, sizeof *clock->stamp);
    clock->open_before = calloc(clock->hours + 1, sizeof *clock->open_before);
    clock->open_hour = calloc(clock->hours, sizeof *clock->open_hour);
    clock->arrived = calloc(clock->window_hours + 1, sizeof *clock->arrived);
    if (!clock->stamp || !clock->open_before || !clock->open_hour || !clock->arrived) {
        cb_clock_free(clock);
        return cb_nomem(err, "the table of hours");
    }
    fill(clock);
    return CB_OK;
}

void cb_clock_free(cb_clock *clock)
{
    free(clock->stamp);
    free(clock->open_before);
    free(clock->open_hour);
    free(clock->arrived);
    *clock = (cb_clock){0};
}

int64_t cb_clock_after_work(const cb_clock *clock, int64_t utc_s, int64_t business_s)
{
    int64_t end_utc_s = clock->from_utc_s + (int64_t)clock->hours * CB_HOUR_S;
    if (utc_s >= end_utc_s)
        return end_utc_s;
    uint32_t h = (uint32_t)((utc_s - clock->from_utc_s) / CB_HOUR_S);
    bool open = clock->open_before[h + 1] > clock->open_before[h];
    int64_t worked_s = clock->open_before[h] * (int64_t)CB_HOUR_S + business_s;
    if (open)
        worked_s += (utc_s - clock->from_utc_s) % CB_HOUR_S;
    int64_t k = worked_s / CB_HOUR_S;
    if (k >= clock->open_before[clock->hours])
        return end_utc_s;
    return clock->from_utc_s + clock->open_hour[k] * (int64_t)CB_HOUR_S + worked_s % CB_HOUR_S;
}

double cb_clock_arrivals(const cb_clock *clock, int64_t utc_s)
{
    uint32_t h = (uint32_t)((utc_s - clock->from_utc_s) / CB_HOUR_S);
    if (h >= clock->window_hours)
        return clock->arrived[clock->window_hours];
    double within = (double)((utc_s - clock->from_utc_s) % CB_HOUR_S) / CB_HOUR_S;
    return clock->arrived[h] + within * (clock->arrived[h + 1] - clock->arrived[h]);
}

int64_t cb_clock_arrival(const cb_clock *clock, double arrivals)
{
    if (arrivals >= clock->arrived[clock->window_hours])
        return clock->to_utc_s;
    uint32_t low = 0, high = clock->window_hours; /* arrived[low] <= arrivals < arrived[high] */
    while (high - low > 1) {
        uint32_t mid = low + (high - low) / 2;
        if (clock->arrived[mid] <= arrivals)
            low = mid;
        else
            high = mid;
    }
    double within = (arrivals - clock->arrived[low]) / (clock->arrived[high] - clock->arrived[low]);
    return clock->from_utc_s + (int64_t)low * CB_HOUR_S + (int64_t)(within * CB_HOUR_S);
}

static void two_digits(char *out, int64_t value)
{
    out[0] = (char)('0' + value / 10 % 10);
    out[1] = (char)('0' + value % 10);
}

void cb_clock_text(const cb_clock *clock, char out[19], int64_t utc_s)
{
    int64_t since_s = utc_s - clock->from_utc_s;
    memcpy(out, clock->stamp[since_s / CB_HOUR_S], CB_CLOCK_STAMP_BYTES);
    two_digits(out + 14, since_s % CB_HOUR_S / 60);
    out[16] = ':';
    two_digits(out + 17, since_s % 60);
}

unsigned cb_clock_month(const cb_clock *clock, int64_t utc_s)
{
    const char *stamp = clock->stamp[(utc_s - clock->from_utc_s) / CB_HOUR_S];
    unsigned year = (unsigned)(stamp[3] - '0'),
             month = (unsigned)(stamp[5] - '0') * 10 + (unsigned)(stamp[6] - '0');
    return year * 12 + month - (4 * 12 + 10); /* the window begins in October 2024 */
}
