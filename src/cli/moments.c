/* --as-of and --period: moments that a person types. */
#include "cli.h"

enum { FIRST_YEAR = 1900 };

static bool is_before_first_year(int64_t utc_s, const cb_zone *zone)
{
    return cb_civil_from_s(cb_zone_to_local(zone, utc_s)).year < FIRST_YEAR;
}

cb_status cb_options_period(const cb_options *options, const cb_settings *settings,
                            cb_period *period, cb_error *err)
{
    if (cb_period_parse(period, cb_str_of(options->period), settings->zone, err) != CB_OK)
        return CB_EUSAGE;
    if (is_before_first_year(period->from_utc_s, settings->zone))
        return cb_fail(err, CB_EUSAGE, "--period: a year from %d to 9999 is wanted", FIRST_YEAR);
    return CB_OK;
}

/* "T23:59:59" in its several spellings; returns seconds of the day, or -1. */
static int64_t parse_clock(cb_str text)
{
    unsigned part[3] = {0, 0, 0}, n = 0;
    for (size_t i = 0; i < text.len && n < 3; n++) {
        if (i + 2 > text.len || text.at[i] < '0' || text.at[i] > '9' || text.at[i + 1] < '0' ||
            text.at[i + 1] > '9')
            return -1;
        part[n] = (unsigned)(text.at[i] - '0') * 10 + (unsigned)(text.at[i + 1] - '0');
        i += 2;
        if (i < text.len && text.at[i++] != ':')
            return -1;
        if (i == text.len && n < 2 && text.at[i - 1] == ':')
            return -1;
    }
    bool sized = text.len == 5 || text.len == 8;
    return sized && part[0] < 24 && part[1] < 60 && part[2] < 60
               ? (int64_t)part[0] * 3600 + part[1] * 60 + part[2]
               : -1;
}

/* "Z", "+02:00" or "-0530" at the end of a time; text is what stands before it. False: no offset that
 * there is. */
static bool take_offset(cb_str *text, bool *given, int64_t *offset_s)
{
    enum { MOST_OFFSET_S = 14 * CB_HOUR_S };
    size_t at = text->len;
    *offset_s = 0;
    while (at > 0 && text->at[at - 1] != '+' && text->at[at - 1] != '-' && text->at[at - 1] != 'Z')
        at--;
    *given = at > 0;
    if (at == 0)
        return true;
    char sign = text->at[at - 1];
    cb_str digits = {text->at + at, text->len - at};
    text->len = at - 1;
    if (sign == 'Z')
        return digits.len == 0;
    char clock[6] = "";
    if (digits.len == 4)
        snprintf(clock, sizeof clock, "%.2s:%.2s", digits.at, digits.at + 2);
    int64_t s = parse_clock(digits.len == 4 ? cb_str_of(clock) : digits);
    *offset_s = sign == '-' ? -s : s;
    return digits.len <= 5 && s >= 0 && s <= MOST_OFFSET_S;
}

static cb_status time_of_day(cb_str text, int64_t day_local_s, const cb_zone *zone,
                             int64_t *as_of_utc_s, cb_error *err)
{
    cb_str clock = {text.at + 1, text.len - 1};
    int64_t offset_s = 0;
    bool absolute = false;
    if (!take_offset(&clock, &absolute, &offset_s))
        return cb_fail(err, CB_EUSAGE,
                       "--as-of: the offset from UTC is not Z, +HH:MM or +HHMM, at most 14 hours");
    int64_t clock_s = text.at[0] == 'T' || text.at[0] == ' ' ? parse_clock(clock) : -1;
    if (clock_s < 0)
        return cb_fail(err, CB_EUSAGE, "--as-of: the time of day is not HH:MM or HH:MM:SS");
    int64_t local_s = day_local_s + clock_s;
    *as_of_utc_s = absolute ? local_s - offset_s : cb_zone_to_utc(zone, local_s);
    return CB_OK;
}

cb_status cb_options_as_of(const cb_options *options, const cb_settings *settings,
                           int64_t *as_of_utc_s, cb_error *err)
{
    *as_of_utc_s = CB_NO_TIME;
    if (!options->as_of)
        return CB_OK;
    cb_str text = cb_str_of(options->as_of);
    cb_str day_text = {text.at, text.len < 10 ? text.len : 10};
    cb_period day;
    cb_error ignored = {0};
    if (day_text.len != 10 || cb_period_parse(&day, day_text, settings->zone, &ignored) != CB_OK)
        return cb_fail(err, CB_EUSAGE,
                       "--as-of: a date (2026-09-30: its last second) or a time "
                       "(2026-09-30T18:00:00, with Z or +02:00 behind it) is wanted");
    if (is_before_first_year(day.from_utc_s, settings->zone))
        return cb_fail(err, CB_EUSAGE, "--as-of: a year from %d to 9999 is wanted", FIRST_YEAR);
    if (text.len == 10) {
        *as_of_utc_s = day.to_utc_s - 1;
        return CB_OK;
    }
    int64_t day_local_s = cb_floor_day(cb_zone_to_local(settings->zone, day.from_utc_s)) * CB_DAY_S;
    return time_of_day((cb_str){text.at + 10, text.len - 10}, day_local_s, settings->zone,
                       as_of_utc_s, err);
}
