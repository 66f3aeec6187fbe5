#include "report/json_text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { DIGITS = 15, NUMBER_ROOM = 40 };

/* ---- reals ---- */

/* All exact. */
static const double power[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                               1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

/* value * scale to the nearest whole number, a tie to the even one: value * scale is high + low
 * exactly, and the fraction of high, a multiple of 1/64, is farther from a half than low reaches,
 * or it is a half. */
static int64_t rounded_product(double value, double scale)
{
    double high = value * scale;
    double low = fma(value, scale, -high);
    double whole = floor(high);
    double rest = high - whole;
    int64_t n = (int64_t)whole;
    if (rest < 0.5 || (!(rest > 0.5) && (low < 0 || (!(low > 0) && n % 2 == 0))))
        return n;
    return n + 1;
}

static size_t put_digits(char *out, uint64_t n)
{
    char digits[20];
    size_t at = sizeof digits;
    do
        digits[--at] = (char)('0' + n % 10);
    while ((n /= 10) > 0);
    memcpy(out, digits + at, sizeof digits - at);
    return sizeof digits - at;
}

/* 1 <= value < 1e15: most of a report's numbers, ten times faster than printf. */
static size_t common_text(char *out, double value)
{
    int before = 1;
    while (value >= power[before])
        before++;
    int64_t n = rounded_product(value, power[DIGITS - before]);
    before += n >= (int64_t)power[DIGITS];
    size_t len = put_digits(out, (uint64_t)n);
    size_t point = (size_t)before;
    while (len > point && out[len - 1] == '0')
        len--;
    if (len == point)
        out[len++] = '0';
    memmove(out + point + 1, out + point, len - point);
    out[point] = '.';
    return len + 1;
}

/* "1e+20" is "1e20", "1e-05" is "1e-5". */
static size_t short_exponent(char *text, size_t len)
{
    char *e = memchr(text, 'e', len);
    if (!e)
        return len;
    char *to = e + 1, *from = e + 1, *end = text + len;
    if (*from == '-')
        to++;
    if (*from == '-' || *from == '+')
        from++;
    while (from + 1 < end && *from == '0')
        from++;
    memmove(to, from, (size_t)(end - from));
    return len - (size_t)(from - to);
}

size_t cb_real_text(char out[40], double value)
{
    size_t sign = value < 0;
    double size = fabs(value);
    out[0] = '-';
    if (size >= 1 && size < power[DIGITS] - 1)
        return sign + common_text(out + sign, size);
    int n = snprintf(out, NUMBER_ROOM, "%.15g", size > 0 ? value : 0.0);
    size_t len = n > 0 && n < NUMBER_ROOM - 2 ? (size_t)n : 0;
    if (!memchr(out, 'e', len) && !memchr(out, '.', len)) {
        memcpy(out + len, ".0", 2);
        return len + 2;
    }
    return short_exponent(out, len);
}

/* ---- items ---- */

cb_json cb_json_begin(cb_buf *out, unsigned depth)
{
    return (cb_json){.out = out, .rc = CB_OK, .depth = depth, .first = true};
}

/* Room for n more bytes; NULL once something has failed. */
static char *room(cb_json *json, size_t n)
{
    if (json->rc == CB_OK)
        json->rc = cb_buf_reserve(json->out, n);
    return json->rc == CB_OK ? json->out->at + json->out->len : NULL;
}

static void put(cb_json *json, const char *bytes, size_t n)
{
    char *at = room(json, n);
    if (!at)
        return;
    memcpy(at, bytes, n);
    json->out->len += n;
}

static void new_line(cb_json *json)
{
    char *at = room(json, (size_t)json->depth + 1);
    if (!at)
        return;
    at[0] = '\n';
    memset(at + 1, ' ', json->depth);
    json->out->len += (size_t)json->depth + 1;
}

/* What stands before a value: the comma, the line, the key. Before the outermost one there is
 * nothing. */
static void lead(cb_json *json, const char *key)
{
    if (json->inside == 0)
        return;
    if (!json->first)
        put(json, ",", 1);
    json->first = false;
    new_line(json);
    if (!key)
        return;
    put(json, "\"", 1);
    put(json, key, strlen(key));
    put(json, "\": ", 3);
}

void cb_json_open(cb_json *json, const char *key, char bracket)
{
    lead(json, key);
    put(json, &bracket, 1);
    json->inside++;
    json->depth++;
    json->first = true;
}

void cb_json_close(cb_json *json, char bracket)
{
    json->inside--;
    json->depth--;
    if (!json->first)
        new_line(json);
    put(json, &bracket, 1);
    json->first = false;
}

static bool needs_escape(char c)
{
    return (unsigned char)c < 0x20 || c == '"' || c == '\\';
}

static void put_escape(cb_json *json, char c)
{
    static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
    const char *known = strchr(from, c);
    char text[8];
    int n = known && c ? snprintf(text, sizeof text, "\\%c", to[known - from])
                       : snprintf(text, sizeof text, "\\u%04X", (unsigned)c);
    put(json, text, (size_t)n);
}

void cb_json_text(cb_json *json, const char *key, cb_str text)
{
    lead(json, key);
    put(json, "\"", 1);
    for (size_t at = 0, from = 0; at <= text.len; at++) {
        if (at < text.len && !needs_escape(text.at[at]))
            continue;
        if (at > from)
            put(json, text.at + from, at - from);
        if (at < text.len)
            put_escape(json, text.at[at]);
        from = at + 1;
    }
    put(json, "\"", 1);
}

void cb_json_count(cb_json *json, const char *key, int64_t count)
{
    char text[24] = "-";
    size_t sign = count < 0;
    uint64_t size = sign ? 0 - (uint64_t)count : (uint64_t)count;
    lead(json, key);
    put(json, text, sign + put_digits(text + sign, size));
}

void cb_json_real(cb_json *json, const char *key, double value)
{
    char text[NUMBER_ROOM];
    lead(json, key);
    put(json, text, cb_real_text(text, value));
}

void cb_json_word(cb_json *json, const char *key, const char *word)
{
    lead(json, key);
    put(json, word, strlen(word));
}
