/* Day numbers by eras of 400 years that begin on 1 March, so that the leap day is the last of its
 * year: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms" (2013). */
#include "casebook/civil.h"

#include <stdio.h>

enum { ERA_DAYS = 146097, EPOCH_SHIFT = 719468 /* days from 0000-03-01 to 1970-01-01 */ };
/* The days of years INT32_MIN + 1 and INT32_MAX; what lies beyond is held there. */
#define FIRST_DAY INT64_C(-784353015467)
#define LAST_DAY INT64_C(784351576776)

int64_t cb_days_from_civil(int32_t year, unsigned month, unsigned day)
{
    int64_t y = (int64_t)year - (month <= 2);
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t month_from_march = ((int64_t)month + 9) % 12;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + (int64_t)day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * ERA_DAYS + day_of_era - EPOCH_SHIFT;
}

void cb_civil_from_days(int64_t days, int32_t *year, unsigned *month, unsigned *day)
{
    days = days < FIRST_DAY ? FIRST_DAY : days > LAST_DAY ? LAST_DAY : days;
    int64_t z = days + EPOCH_SHIFT;
    int64_t era = (z >= 0 ? z : z - (ERA_DAYS - 1)) / ERA_DAYS;
    uint32_t day_of_era = (uint32_t)(z - era * ERA_DAYS);
    uint32_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / (ERA_DAYS - 1)) / 365;
    uint32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    uint32_t month_from_march = (5 * day_of_year + 2) / 153;
    *day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    *month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    *year = (int32_t)((int64_t)year_of_era + era * 400 + (*month <= 2));
}

unsigned cb_weekday(int64_t days)
{
    int64_t from_monday = (days % 7 + 3) % 7; /* 1970-01-01 was a Thursday */
    return (unsigned)(from_monday < 0 ? from_monday + 7 : from_monday);
}

static unsigned days_of_month(int32_t year, unsigned month)
{
    static const uint8_t days[13] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month] + (unsigned)(leap && month == 2);
}

bool cb_civil_valid(const cb_civil *civil)
{
    return civil->month >= 1 && civil->month <= 12 && civil->day >= 1 &&
           civil->day <= days_of_month(civil->year, civil->month) && civil->hour <= 23 &&
           civil->minute <= 59 && civil->second <= 59;
}

int64_t cb_civil_to_s(const cb_civil *civil)
{
    return cb_days_from_civil(civil->year, civil->month, civil->day) * CB_DAY_S +
           civil->hour * CB_HOUR_S + civil->minute * 60 + civil->second;
}

cb_civil cb_civil_from_s(int64_t local_s)
{
    int64_t days = cb_floor_day(local_s);
    int32_t second = (int32_t)(local_s % CB_DAY_S);
    second += second < 0 ? CB_DAY_S : 0;
    int32_t year;
    unsigned month;
    unsigned day;
    cb_civil_from_days(days, &year, &month, &day);
    return (cb_civil){
        .year = year,
        .month = (uint8_t)month,
        .day = (uint8_t)day,
        .hour = (uint8_t)(second / CB_HOUR_S),
        .minute = (uint8_t)(second / 60 % 60),
        .second = (uint8_t)(second % 60),
    };
}

void cb_time_text(char out[32], int64_t utc_s)
{
    out[0] = '\0';
    if (utc_s == CB_NO_TIME)
        return;
    cb_civil c = cb_civil_from_s(utc_s);
    snprintf(out, 32, "%04d-%02u-%02uT%02u:%02u:%02uZ", c.year, c.month, c.day, c.hour, c.minute,
             c.second);
}

void cb_date_text(char out[32], int64_t utc_s, const cb_zone *zone)
{
    out[0] = '\0';
    if (utc_s == CB_NO_TIME)
        return;
    cb_civil c = cb_civil_from_s(cb_zone_to_local(zone, utc_s));
    snprintf(out, 32, "%04d-%02u-%02u", c.year, c.month, c.day);
}
