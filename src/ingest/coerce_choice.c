/* Which reading a whole column has, and how to speak of it. */
#include <stdio.h>

#include "ingest/coerce_parts.h"

void cb_time_join(cb_time_evidence *evidence, const cb_time_evidence *other)
{
    for (unsigned i = 0; i < CB_TIME_READINGS; i++)
        evidence->cells[i] += other->cells[i];
    evidence->shape |= other->shape;
}

void cb_mark_join(cb_mark_evidence *evidence, const cb_mark_evidence *other)
{
    for (unsigned i = 0; i < 4; i++)
        evidence->cells[i] += other->cells[i];
}

cb_choice cb_time_choose(const cb_time_evidence *evidence, cb_order *order)
{
    uint64_t day = evidence->cells[CB_READS_DAY_FIRST];
    uint64_t month = evidence->cells[CB_READS_MONTH_FIRST];
    uint64_t either = evidence->cells[CB_READS_DAY_FIRST | CB_READS_MONTH_FIRST];
    uint64_t most = day > month ? day : month;
    uint64_t least = day > month ? month : day;
    *order = month > day ? CB_MONTH_FIRST : CB_DAY_FIRST;
    if (most == 0)
        return either ? CB_AMBIGUOUS : CB_CHOSEN;
    if (least == 0)
        return CB_CHOSEN;
    bool typing_errors =
        least < most && (least == 1 || (least < CB_SETTLED_CELLS && least <= most / 10));
    return typing_errors ? CB_CHOSEN : CB_MIXED;
}

bool cb_time_same_layout(uint32_t shape_a, uint32_t shape_b)
{
    static const uint32_t layout = CB_SHAPE_SLASH | CB_SHAPE_DASH | CB_SHAPE_DOT | CB_SHAPE_YEAR2 |
                                   CB_SHAPE_YEAR4 | CB_SHAPE_NUMERIC;
    uint32_t clock = shape_a & shape_b & CB_SHAPE_CLOCK ? (uint32_t)CB_SHAPE_AM_PM : 0;
    return (shape_a & CB_SHAPE_NUMERIC) && ((shape_a ^ shape_b) & (layout | clock)) == 0;
}

/* ---- words for a layout ---- */

typedef struct layout_words {
    const char *day, *month, *named, *year2, *year4;
    const char *clock, *clock_dot, *seconds, *seconds_dot, *clock12, *seconds12;
} layout_words;

static char mark_of(uint32_t shape)
{
    if (shape & CB_SHAPE_SLASH)
        return '/';
    if (shape & CB_SHAPE_DOT)
        return '.';
    return shape & CB_SHAPE_DASH ? '-' : ' ';
}

static const char *clock_of(uint32_t shape, const layout_words *w)
{
    bool seconds = shape & CB_SHAPE_SECONDS;
    if (!(shape & CB_SHAPE_CLOCK))
        return "";
    if (shape & CB_SHAPE_AM_PM)
        return seconds ? w->seconds12 : w->clock12;
    if (shape & CB_SHAPE_CLOCK_DOT)
        return seconds ? w->seconds_dot : w->clock_dot;
    return seconds ? w->seconds : w->clock;
}

static void write_layout(char out[48], uint32_t shape, cb_order order, const layout_words *w)
{
    const char *year = shape & CB_SHAPE_YEAR4 ? w->year4 : w->year2;
    const char *month = shape & CB_SHAPE_MONTH_NAME ? w->named : w->month;
    char mark = mark_of(shape);
    bool day_first = order == CB_DAY_FIRST || !(shape & CB_SHAPE_NUMERIC);
    const char *first = day_first ? w->day : month;
    const char *second = day_first ? month : w->day;
    if (shape & CB_SHAPE_YEAR_FIRST)
        snprintf(out, 48, "%s%c%s%c%s%s", w->year4, mark, w->month, mark, w->day,
                 clock_of(shape, w));
    else
        snprintf(out, 48, "%s%c%s%c%s%s", first, mark, second, mark, year, clock_of(shape, w));
}

void cb_time_layout(char out[48], uint32_t shape, cb_order order)
{
    static const layout_words words = {"D",        "M",        "Mon",        "YY",
                                       "YYYY",     " H:MM",    " H.MM",      " H:MM:SS",
                                       " H.MM.SS", " h:mm AM", " h:mm:ss AM"};
    if (shape & CB_SHAPE_EPOCH_MS)
        snprintf(out, 48, "epoch milliseconds");
    else if (shape & CB_SHAPE_EPOCH_S)
        snprintf(out, 48, "epoch seconds");
    else if ((shape & CB_SHAPE_YEAR_FIRST) && (shape & CB_SHAPE_DASH) &&
             !(shape & (CB_SHAPE_NUMERIC | CB_SHAPE_MONTH_NAME)))
        snprintf(out, 48, "ISO 8601%s", shape & CB_SHAPE_ZONE ? " with zone" : "");
    else if (shape)
        write_layout(out, shape, order, &words);
    else
        out[0] = '\0';
}

void cb_time_format_text(char out[48], uint32_t shape, cb_order order)
{
    static const layout_words words = {"%d",        "%m",        "%b",          "%y",
                                       "%Y",        " %H:%M",    " %H.%M",      " %H:%M:%S",
                                       " %H.%M.%S", " %I:%M %p", " %I:%M:%S %p"};
    write_layout(out, shape, order, &words);
}

void cb_time_example(char out[48], uint32_t shape)
{
    static const layout_words words = {"03",        "04",       "Apr",        "25",
                                       "2025",      " 09:30",   " 09.30",     " 09:30:00",
                                       " 09.30.00", " 9:30 AM", " 9:30:00 AM"};
    if (shape & (CB_SHAPE_EPOCH_S | CB_SHAPE_EPOCH_MS))
        snprintf(out, 48, "1743672600%s", shape & CB_SHAPE_EPOCH_MS ? "000" : "");
    else
        write_layout(out, shape, CB_DAY_FIRST, &words);
}

/* ---- amounts ---- */

bool cb_mark_proved(const cb_mark_evidence *evidence)
{
    return evidence->cells[CB_READS_COMMA] != evidence->cells[CB_READS_POINT];
}

cb_mark cb_mark_choose(const cb_mark_evidence *evidence)
{
    return evidence->cells[CB_READS_COMMA] > evidence->cells[CB_READS_POINT] ? CB_MARK_COMMA
                                                                             : CB_MARK_POINT;
}

const char *cb_mark_text(const cb_mark_evidence *evidence, cb_mark mark)
{
    if (mark == CB_MARK_COMMA)
        return "decimal comma";
    return evidence->cells[CB_READS_POINT] || !evidence->cells[CB_READS_POINT | CB_READS_COMMA]
               ? "decimal point"
               : "decimal point (assumed: no cell shows it)";
}
