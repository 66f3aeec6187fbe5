#include "base/zone_parts.h"

/* ---- reading: every take_… moves *at behind what it read ---- */

static bool take_char(cb_str text, size_t *at, char c)
{
    if (*at == text.len || text.at[*at] != c)
        return false;
    *at += 1;
    return true;
}

static bool take_number(cb_str text, size_t *at, unsigned max, unsigned *out)
{
    size_t from = *at;
    unsigned value = 0;
    for (; *at < text.len && text.at[*at] >= '0' && text.at[*at] <= '9'; *at += 1) {
        value = value * 10 + (unsigned)(text.at[*at] - '0');
        if (value > max)
            return false;
    }
    *out = value;
    return *at > from;
}

/* [+-]h[h[h]][:mm[:ss]] in seconds. */
static bool take_time(cb_str text, size_t *at, unsigned max_hours, int32_t *out)
{
    unsigned hours = 0;
    unsigned minutes = 0;
    unsigned seconds = 0;
    bool negative = take_char(text, at, '-');
    if (!negative)
        (void)take_char(text, at, '+');
    if (!take_number(text, at, max_hours, &hours))
        return false;
    if (take_char(text, at, ':')) {
        if (!take_number(text, at, 59, &minutes))
            return false;
        if (take_char(text, at, ':') && !take_number(text, at, 59, &seconds))
            return false;
    }
    int32_t value = (int32_t)(hours * 3600 + minutes * 60 + seconds);
    *out = negative ? -value : value;
    return true;
}

/* "CET" or "<+0330>"; the name itself is not needed. */
static bool take_name(cb_str text, size_t *at)
{
    size_t from = *at;
    if (take_char(text, at, '<')) {
        while (*at < text.len && text.at[*at] != '>')
            *at += 1;
        return take_char(text, at, '>');
    }
    while (*at < text.len && ((text.at[*at] | 0x20) >= 'a' && (text.at[*at] | 0x20) <= 'z'))
        *at += 1;
    return *at - from >= 3;
}

/* POSIX counts offsets westward; casebook counts local - UTC. */
static bool take_offset(cb_str text, size_t *at, int32_t *out)
{
    int32_t west = 0;
    if (!take_time(text, at, 24, &west))
        return false;
    *out = -west;
    return true;
}

static bool take_month_day(cb_str text, size_t *at, cb_tzdate *out)
{
    return take_number(text, at, 12, &out->month) && out->month >= 1 && take_char(text, at, '.') &&
           take_number(text, at, 5, &out->week) && out->week >= 1 && take_char(text, at, '.') &&
           take_number(text, at, 6, &out->weekday);
}

static bool take_date(cb_str text, size_t *at, cb_tzdate *out)
{
    *out = (cb_tzdate){.kind = '0', .time_s = 2 * CB_HOUR_S};
    bool good = take_char(text, at, ',');
    if (good && take_char(text, at, 'M')) {
        out->kind = 'M';
        good = take_month_day(text, at, out);
    } else if (good && take_char(text, at, 'J')) {
        out->kind = 'J';
        good = take_number(text, at, 365, &out->day) && out->day >= 1;
    } else if (good) {
        good = take_number(text, at, 365, &out->day);
    }
    if (good && take_char(text, at, '/'))
        good = take_time(text, at, 167, &out->time_s);
    return good;
}

bool cb_tzrule_parse(cb_tzrule *out, cb_str text)
{
    size_t at = 0;
    *out = (cb_tzrule){.has_daylight = false};
    if (!take_name(text, &at) || !take_offset(text, &at, &out->standard_s))
        return false;
    if (at == text.len)
        return true;
    out->has_daylight = true;
    out->daylight_s = out->standard_s + CB_HOUR_S;
    if (!take_name(text, &at))
        return false;
    if (at < text.len && text.at[at] != ',' && !take_offset(text, &at, &out->daylight_s))
        return false;
    return take_date(text, &at, &out->start) && take_date(text, &at, &out->end) && at == text.len;
}

/* ---- the changes of a year ---- */

static bool is_leap(int32_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int64_t month_rule_day(const cb_tzdate *date, int32_t year)
{
    int64_t first = cb_days_from_civil(year, date->month, 1);
    unsigned sunday_first = (cb_weekday(first) + 1) % 7;
    int64_t day = first + (date->weekday + 7 - sunday_first) % 7 + 7 * ((int64_t)date->week - 1);
    int64_t next_month = date->month == 12 ? cb_days_from_civil(year + 1, 1, 1)
                                           : cb_days_from_civil(year, date->month + 1, 1);
    return day < next_month ? day : day - 7; /* week 5 of a month that has four such days */
}

/* Local seconds of the date in the year. */
static int64_t date_in_year(const cb_tzdate *date, int32_t year)
{
    int64_t day = cb_days_from_civil(year, 1, 1);
    if (date->kind == 'M')
        day = month_rule_day(date, year);
    else if (date->kind == 'J')
        day += (int64_t)date->day - 1 + (is_leap(year) && date->day >= 60);
    else
        day += date->day;
    return day * CB_DAY_S + date->time_s;
}

void cb_tzrule_year(const cb_tzrule *rule, int32_t year, cb_change out[2])
{
    cb_change start = {date_in_year(&rule->start, year) - rule->standard_s, rule->daylight_s};
    cb_change end = {date_in_year(&rule->end, year) - rule->daylight_s, rule->standard_s};
    bool north = start.at_utc_s <= end.at_utc_s;
    out[0] = north ? start : end;
    out[1] = north ? end : start;
}
