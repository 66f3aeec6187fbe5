/* A period's kind and its local dates follow from its label, so that "the one before" needs no more
 * than the period. */
#include "casebook/civil.h"

#include <stdio.h>

/* Local day numbers, both included. */
typedef struct span {
    cb_period_kind kind;
    int64_t first, last;
} span;

typedef struct date {
    int32_t year;
    unsigned month, day;
} date;

static date date_of(int64_t days)
{
    date d;
    cb_civil_from_days(days, &d.year, &d.month, &d.day);
    return d;
}

/* The first of the month `months` after the month of d (it may be negative). */
static int64_t month_start(date d, int months)
{
    int64_t month = (int64_t)d.year * 12 + d.month - 1 + months;
    int64_t year = (month >= 0 ? month : month - 11) / 12;
    return cb_days_from_civil((int32_t)year, (unsigned)(month - year * 12) + 1, 1);
}

static unsigned months_of(cb_period_kind kind)
{
    return kind == CB_PERIOD_YEAR ? 12 : kind == CB_PERIOD_QUARTER ? 3 : 1;
}

/* The day, month, quarter or year that begins with or holds the day. */
static span span_around(cb_period_kind kind, int64_t day)
{
    if (kind == CB_PERIOD_DAY || kind == CB_PERIOD_RANGE)
        return (span){CB_PERIOD_DAY, day, day};
    unsigned width = months_of(kind);
    date d = date_of(day);
    int back = (int)((d.month - 1) % width);
    return (span){kind, month_start(d, -back), month_start(d, (int)width - back) - 1};
}

/* ---- text ---- */

static void write_label(char *out, size_t cap, const span *s)
{
    date a = date_of(s->first);
    date b = date_of(s->last);
    switch (s->kind) {
    case CB_PERIOD_DAY:
        snprintf(out, cap, "%04d-%02u-%02u", a.year, a.month, a.day);
        break;
    case CB_PERIOD_MONTH:
        snprintf(out, cap, "%04d-%02u", a.year, a.month);
        break;
    case CB_PERIOD_QUARTER:
        snprintf(out, cap, "%04d-Q%u", a.year, (a.month - 1) / 3 + 1);
        break;
    case CB_PERIOD_YEAR:
        snprintf(out, cap, "%04d", a.year);
        break;
    case CB_PERIOD_RANGE:
    default:
        snprintf(out, cap, "%04d-%02u-%02u..%04d-%02u-%02u", a.year, a.month, a.day, b.year,
                 b.month, b.day);
        break;
    }
}

static cb_period period_of(const span *s, const cb_zone *zone)
{
    cb_period p = {.label = "",
                   .from_utc_s = cb_zone_to_utc(zone, s->first * CB_DAY_S),
                   .to_utc_s = cb_zone_to_utc(zone, (s->last + 1) * CB_DAY_S)};
    write_label(p.label, sizeof p.label, s);
    return p;
}

/* Reads exactly `width` digits. */
static bool take_digits(cb_str *text, unsigned width, unsigned *out)
{
    unsigned value = 0;
    if (text->len < width)
        return false;
    for (unsigned i = 0; i < width; i++) {
        if (text->at[i] < '0' || text->at[i] > '9')
            return false;
        value = value * 10 + (unsigned)(text->at[i] - '0');
    }
    text->at += width;
    text->len -= width;
    *out = value;
    return true;
}

static bool take_char(cb_str *text, char c)
{
    if (text->len == 0 || text->at[0] != c)
        return false;
    text->at++;
    text->len--;
    return true;
}

/* Reads a year, quarter, month or day and the rest that follows. */
static bool take_span(cb_str *text, span *out)
{
    unsigned year = 0;
    unsigned month = 1;
    unsigned quarter = 1;
    unsigned day = 1;
    cb_period_kind kind = CB_PERIOD_YEAR;
    if (!take_digits(text, 4, &year) || year == 0)
        return false;
    if (take_char(text, '-')) {
        kind = CB_PERIOD_QUARTER;
        if (take_char(text, 'Q') || take_char(text, 'q')) {
            if (!take_digits(text, 1, &quarter) || quarter < 1 || quarter > 4)
                return false;
            month = quarter * 3 - 2;
        } else {
            kind = CB_PERIOD_MONTH;
            if (!take_digits(text, 2, &month))
                return false;
            if (take_char(text, '-')) {
                kind = CB_PERIOD_DAY;
                if (!take_digits(text, 2, &day))
                    return false;
            }
        }
    }
    cb_civil c = {.year = (int32_t)year, .month = (uint8_t)month, .day = (uint8_t)day};
    if (!cb_civil_valid(&c))
        return false;
    *out = span_around(kind, cb_days_from_civil(c.year, month, day));
    return true;
}

static bool parse_span(cb_str text, span *out)
{
    span end;
    if (!take_span(&text, out))
        return false;
    if (text.len == 0)
        return true;
    if (!take_char(&text, '.') || !take_char(&text, '.') || !take_span(&text, &end) || text.len)
        return false;
    bool dates = out->kind == CB_PERIOD_DAY && end.kind == CB_PERIOD_DAY;
    *out = (span){CB_PERIOD_RANGE, out->first, end.last};
    return dates && out->first <= out->last;
}

cb_status cb_period_parse(cb_period *out, cb_str text, const cb_zone *zone, cb_error *err)
{
    span s;
    if (!parse_span(cb_str_trim(text), &s))
        return cb_fail(err, CB_EUSAGE,
                       "the period is none of 2026-Q3, 2026-09, 2026-09-14, 2026 or "
                       "2026-01-01..2026-03-31 (dates that exist, the earlier first)");
    *out = period_of(&s, zone);
    return CB_OK;
}

/* ---- periods from instants ---- */

static int64_t local_day(int64_t utc_s, const cb_zone *zone)
{
    return cb_floor_day(cb_zone_to_local(zone, utc_s));
}

cb_period cb_period_around(cb_period_kind kind, int64_t utc_s, const cb_zone *zone)
{
    span s = span_around(kind, local_day(utc_s, zone));
    return period_of(&s, zone);
}

cb_period cb_period_last_quarter(int64_t as_of_utc_s, const cb_zone *zone)
{
    int64_t day = local_day(as_of_utc_s, zone);
    span s = span_around(CB_PERIOD_QUARTER, day);
    if (s.last > day)
        s = span_around(CB_PERIOD_QUARTER, s.first - 1);
    return period_of(&s, zone);
}

cb_period cb_period_twelve_months(int64_t as_of_utc_s, const cb_zone *zone)
{
    int64_t last = local_day(as_of_utc_s, zone);
    date end = date_of(last + 1);
    /* In a year without 29 February this is 1 March. */
    span s = {CB_PERIOD_RANGE, cb_days_from_civil(end.year - 1, end.month, end.day), last};
    return period_of(&s, zone);
}

/* ---- comparisons ---- */

/* The span behind a period: by its label, or, for one that a caller made by hand, by its instants.
 */
static span span_of(const cb_period *period, const cb_zone *zone)
{
    span s;
    if (!parse_span(cb_str_of(period->label), &s))
        s = (span){CB_PERIOD_RANGE, local_day(period->from_utc_s, zone),
                   local_day(period->to_utc_s - 1, zone)};
    return s;
}

/* Calendar months of a range that begins on a first and ends with a month's last day, else 0. */
static int whole_months(const span *s)
{
    date a = date_of(s->first);
    date b = date_of(s->last + 1);
    return a.day == 1 && b.day == 1 ? (b.year - a.year) * 12 + (int)b.month - (int)a.month : 0;
}

/* The same range of whole months, n months earlier. */
static span months_back(const span *s, int n)
{
    return (span){s->kind, month_start(date_of(s->first), -n),
                  month_start(date_of(s->last + 1), -n) - 1};
}

cb_period cb_period_before(const cb_period *period, const cb_zone *zone)
{
    span s = span_of(period, zone);
    int months = s.kind == CB_PERIOD_DAY ? 0 : whole_months(&s);
    int64_t days = s.last - s.first + 1;
    span before = months ? months_back(&s, months) : (span){s.kind, s.first - days, s.first - 1};
    return period_of(&before, zone);
}

/* The same date a year earlier; 28 February for 29 February. */
static int64_t year_back(int64_t day)
{
    date d = date_of(day);
    return cb_days_from_civil(d.year - 1, d.month, d.month == 2 && d.day == 29 ? 28 : d.day);
}

cb_period cb_period_year_before(const cb_period *period, const cb_zone *zone)
{
    span s = span_of(period, zone);
    bool months = s.kind != CB_PERIOD_DAY && whole_months(&s) > 0;
    span before =
        months ? months_back(&s, 12) : (span){s.kind, year_back(s.first), year_back(s.last)};
    return period_of(&before, zone);
}

cb_period cb_period_cut(const cb_period *comparison, const cb_period *running, int64_t as_of_utc_s,
                        const cb_zone *zone)
{
    span r = span_of(running, zone);
    span c = span_of(comparison, zone);
    int64_t day = local_day(as_of_utc_s, zone);
    int64_t days = day - r.first + 1;
    bool runs = day >= r.first && day < r.last;
    if (!runs || days >= c.last - c.first + 1)
        return *comparison;
    span cut = {CB_PERIOD_RANGE, c.first, c.first + days - 1};
    return period_of(&cut, zone);
}
