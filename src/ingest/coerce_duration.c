/* An elapsed time in the forms of exports: a number of a known unit, a clock that runs on past 24
 * hours, or words. */
#include "casebook/coerce.h"

enum { MICRO = 1000000, HUNDRED_YEARS_DAYS = 36525, MOST_DIGITS = 10 };

static const struct unit_word {
    const char *word;
    int32_t seconds;
    bool in_label; /* a lone letter in a column's name is no unit */
} unit_words[] = {
    {"s", 1, false},
    {"sec", 1, true},
    {"secs", 1, true},
    {"second", 1, true},
    {"seconds", 1, true},
    {"m", 60, false},
    {"min", 60, true},
    {"mins", 60, true},
    {"minute", 60, true},
    {"minutes", 60, true},
    {"h", CB_HOUR_S, true},
    {"hr", CB_HOUR_S, true},
    {"hrs", CB_HOUR_S, true},
    {"hour", CB_HOUR_S, true},
    {"hours", CB_HOUR_S, true},
    {"d", CB_DAY_S, false},
    {"day", CB_DAY_S, true},
    {"days", CB_DAY_S, true},
    {"w", 7 * CB_DAY_S, false},
    {"week", 7 * CB_DAY_S, true},
    {"weeks", 7 * CB_DAY_S, true},
};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static cb_str take_letters(cb_str text, size_t *at)
{
    size_t from = *at;
    while (*at < text.len && is_letter(text.at[*at]))
        ++*at;
    return (cb_str){text.at + from, *at - from};
}

static int64_t unit_of(cb_str word, bool label)
{
    for (size_t i = 0; i < sizeof unit_words / sizeof *unit_words; i++)
        if (cb_str_eq_nocase(word, cb_str_of(unit_words[i].word)) &&
            (!label || unit_words[i].in_label))
            return unit_words[i].seconds;
    return 0;
}

int64_t cb_duration_unit(cb_str label)
{
    int64_t found = 0;
    for (size_t at = 0; at < label.len;) {
        cb_str word = take_letters(label, &at);
        int64_t seconds = unit_of(word, true);
        found = seconds ? seconds : found;
        at += word.len == 0;
    }
    return found;
}

/* ---- numbers ---- */

typedef struct quantity {
    int64_t whole, micro;
} quantity;

static bool take_whole(cb_str text, size_t *at, int64_t *whole)
{
    size_t from = *at;
    *whole = 0;
    for (; *at < text.len && is_digit(text.at[*at]) && *at - from < MOST_DIGITS; ++*at)
        *whole = *whole * 10 + (text.at[*at] - '0');
    return *at > from && (*at == text.len || !is_digit(text.at[*at]));
}

/* Digits behind the sixth are dropped. */
static bool take_number(cb_str text, size_t *at, char mark, quantity *q)
{
    int64_t place = MICRO / 10;
    q->micro = 0;
    if (!take_whole(text, at, &q->whole))
        return false;
    if (*at == text.len || text.at[*at] != mark)
        return true;
    size_t from = ++*at;
    for (; *at < text.len && is_digit(text.at[*at]); ++*at, place /= 10)
        q->micro += place * (text.at[*at] - '0');
    return *at > from;
}

/* Half a second counts as one. At most 1e10 weeks and 1e6 * 604,800: no overflow. */
static int64_t in_seconds(quantity q, int64_t unit_s)
{
    return q.whole * unit_s + (q.micro * unit_s + MICRO / 2) / MICRO;
}

/* ---- a clock: H:MM:SS with as many hours as it takes, days before it; H:MM or M:SS by the unit
 * ---- */

static bool read_clock(cb_str text, int64_t unit_s, int64_t *seconds)
{
    int64_t days = 0, part[3] = {0};
    size_t at = 0, n = 0;
    if (!take_whole(text, &at, &part[n++]))
        return false;
    if (at < text.len && text.at[at] == ' ') {
        days = part[0];
        at++;
        if (!take_whole(text, &at, &part[0]))
            return false;
    }
    for (; n < 3 && at < text.len && text.at[at] == ':'; n++) {
        size_t from = ++at;
        if (!take_whole(text, &at, &part[n]) || at - from != 2 || part[n] > 59)
            return false;
    }
    if (at != text.len || n == 1 || (n == 2 && unit_s != CB_HOUR_S && unit_s != 60))
        return false;
    int64_t first_s = n == 3 ? CB_HOUR_S : unit_s;
    *seconds = days * CB_DAY_S + part[0] * first_s + part[1] * (first_s / 60) + part[2];
    return true;
}

/* ---- words: "3 Days 12 Hours", "1h 30m", "45 min" ---- */

static void skip_between(cb_str text, size_t *at)
{
    while (*at < text.len && (text.at[*at] == ' ' || text.at[*at] == ','))
        ++*at;
}

static bool read_words(cb_str text, char mark, int64_t *seconds)
{
    size_t at = 0;
    *seconds = 0;
    while (at < text.len) {
        quantity q;
        if (!take_number(text, &at, mark, &q))
            return false;
        skip_between(text, &at);
        int64_t unit_s = unit_of(take_letters(text, &at), false);
        if (unit_s == 0 || __builtin_add_overflow(*seconds, in_seconds(q, unit_s), seconds))
            return false;
        skip_between(text, &at);
    }
    return text.len > 0;
}

static bool read_number(cb_str text, int64_t unit_s, char mark, int64_t *seconds)
{
    quantity q;
    size_t at = 0;
    if (unit_s == 0 || !take_number(text, &at, mark, &q) || at != text.len)
        return false;
    *seconds = in_seconds(q, unit_s);
    return true;
}

cb_cell cb_duration_read(cb_str text, int64_t unit_s, cb_mark mark, int64_t *seconds)
{
    char point = mark == CB_MARK_COMMA ? ',' : '.';
    bool negative = text.len > 0 && text.at[0] == '-';
    int64_t value = 0;
    *seconds = CB_NO_TIME;
    if (negative)
        text = (cb_str){text.at + 1, text.len - 1};
    if (!read_number(text, unit_s, point, &value) && !read_clock(text, unit_s, &value) &&
        !read_words(text, point, &value))
        return CB_CELL_TYPE;
    if ((negative && value > 0) || value > (int64_t)HUNDRED_YEARS_DAYS * CB_DAY_S)
        return CB_CELL_CONSTRAINT;
    *seconds = value;
    return CB_CELL_OK;
}
