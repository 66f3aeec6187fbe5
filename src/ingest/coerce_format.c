/* Times by a declared format (strptime's letters). */
#include "ingest/coerce_parts.h"

bool cb_time_format_read(cb_time_format *out, cb_str text, const char **why)
{
    unsigned seen[128] = {0};
    *out = (cb_time_format){0};
    for (size_t i = 0; i < text.len; i++) {
        if (out->n == CB_MAX_FORMAT) {
            *why = "the format is too long";
            return false;
        }
        char c = text.at[i];
        if (c != '%') {
            out->part[out->n++].literal = c;
            continue;
        }
        char letter = ++i < text.len ? text.at[i] : '\0';
        if (letter == '%') {
            out->part[out->n++].literal = '%';
            continue;
        }
        if (!letter || !strchr("dmbByYHIMSpzfs", letter)) {
            *why = "after % one of d m b B y Y H I M S p z f s is allowed";
            return false;
        }
        seen[(unsigned char)letter]++;
        out->part[out->n++].letter = letter;
    }
    bool whole = seen['d'] && (seen['m'] || seen['b'] || seen['B']) && (seen['y'] || seen['Y']);
    *why = whole || seen['s'] ? "" : "the format names no whole date: day, month and year, or %s";
    if ((whole || seen['s']) && seen['I'] && !seen['p'])
        *why = "the format has %I (12-hour clock) without %p";
    return !**why;
}

static uint32_t shape_of_mark(char mark)
{
    switch (mark) {
    case '/': return CB_SHAPE_SLASH;
    case '-': return CB_SHAPE_DASH;
    case '.': return CB_SHAPE_DOT;
    default: return 0;
    }
}

uint32_t cb_time_format_shape(const cb_time_format *format, cb_order *order)
{
    char first = format->part[0].letter;
    char second = format->part[2].letter;
    char year = format->part[4].letter;
    uint32_t mark = shape_of_mark(format->part[1].literal);
    bool day_first = first == 'd' && second == 'm';
    uint32_t clock = 0;
    if (format->n < 5 || !mark || format->part[3].literal != format->part[1].literal ||
        (!day_first && !(first == 'm' && second == 'd')) || (year != 'Y' && year != 'y'))
        return 0;
    for (unsigned i = 5; i < format->n; i++) {
        clock |= format->part[i].letter == 'M' ? (uint32_t)CB_SHAPE_CLOCK : 0;
        clock |= format->part[i].letter == 'p' ? (uint32_t)CB_SHAPE_AM_PM : 0;
    }
    *order = day_first ? CB_DAY_FIRST : CB_MONTH_FIRST;
    return CB_SHAPE_NUMERIC | mark | clock | (year == 'Y' ? CB_SHAPE_YEAR4 : CB_SHAPE_YEAR2);
}

typedef struct clock_parts {
    unsigned hour, minute, second;
    bool twelve, pm, epoch;
    int64_t epoch_s;
} clock_parts;

static bool read_number(cb_scan *in, unsigned max, unsigned *value)
{
    unsigned digits = 0;
    return cb_scan_number(in, max, &digits, value);
}

static bool read_fraction(cb_scan *in)
{
    const char *from = in->at;
    while (in->at < in->end && *in->at >= '0' && *in->at <= '9')
        in->at++;
    return in->at > from;
}

static bool read_epoch(cb_scan *in, clock_parts *clock)
{
    const char *from = in->at;
    if (in->at < in->end && *in->at == '-')
        in->at++;
    if (!read_fraction(in))
        return false;
    clock->epoch = true;
    return cb_parse_i64((cb_str){from, (size_t)(in->at - from)}, &clock->epoch_s);
}

static bool read_year(cb_scan *in, unsigned want, cb_time_parts *p)
{
    unsigned digits = 0;
    unsigned value = 0;
    if (!cb_scan_number(in, want, &digits, &value) || digits != want)
        return false;
    p->year = want == 2 ? cb_year_of_two_digits(value) : (int)value;
    return true;
}

static bool read_letter(cb_scan *in, char letter, cb_time_parts *p, clock_parts *clock)
{
    switch (letter) {
    case 'd': return read_number(in, 2, &p->day);
    case 'm': return read_number(in, 2, &p->month);
    case 'b':
    case 'B': return cb_scan_month(in, &p->month);
    case 'y': return read_year(in, 2, p);
    case 'Y': return read_year(in, 4, p);
    case 'I': clock->twelve = true; /* fall through */
    case 'H': return read_number(in, 2, &clock->hour);
    case 'M': return read_number(in, 2, &clock->minute) && clock->minute < 60;
    case 'S': return read_number(in, 2, &clock->second) && clock->second < 60;
    case 'p': return cb_scan_am_pm(in, &clock->pm);
    case 'f': return read_fraction(in);
    case 's': return read_epoch(in, clock);
    default: return p->zoned = cb_scan_zone(in, &p->offset_min);
    }
}

static bool read_literal(cb_scan *in, char literal)
{
    if (literal == ' ') {
        cb_scan_spaces(in);
        return true;
    }
    return in->at < in->end && *in->at++ == literal;
}

static bool clock_fits(clock_parts *clock)
{
    if (!clock->twelve)
        return clock->hour < 24;
    if (clock->hour < 1 || clock->hour > 12)
        return false;
    clock->hour = clock->hour % 12 + (clock->pm ? 12 : 0);
    return true;
}

unsigned cb_time_scan_as(const cb_time_format *format, cb_str text, int64_t *packed)
{
    cb_scan in = {text.at, text.at + text.len, 0};
    cb_time_parts p = {0};
    clock_parts clock = {0};
    *packed = CB_NO_TIME;
    for (unsigned i = 0; i < format->n; i++) {
        char letter = format->part[i].letter;
        if (letter ? !read_letter(&in, letter, &p, &clock)
                   : !read_literal(&in, format->part[i].literal))
            return 0;
    }
    if (in.at != in.end)
        return 0;
    if (clock.epoch)
        return cb_time_pack_epoch(clock.epoch_s, packed);
    if (!clock_fits(&clock))
        return 0;
    p.clock_s = (int32_t)(clock.hour * 3600 + clock.minute * 60 + clock.second);
    return cb_time_pack_date(&p, packed);
}
