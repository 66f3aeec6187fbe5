#include "report/json_text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "casebook/civil.h"
#include "report/ascii.h"

enum {
    DIGITS = 15,
    NUMBER_ROOM = 40,
    PIECE = 1 << 16,
    BUFFER = 4 * PIECE,
    INDENT = 16,
    SMALLEST_DECADE = 4
};

/* ---- reals ---- */

/* All exact. */
static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
                               1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};
/* No double lies between one of these and the decimal number that it stands for. */
static const double part[] = {1e0, 1e-1, 1e-2, 1e-3, 1e-4};

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

static const char pairs[] = "0001020304050607080910111213141516171819"
                            "2021222324252627282930313233343536373839"
                            "4041424344454647484950515253545556575859"
                            "6061626364656667686970717273747576777879"
                            "8081828384858687888990919293949596979899";

enum { MOST_DIGITS = 20 };

/* out has MOST_DIGITS bytes of room: a copy of constant size is a machine's word or two. */
static size_t put_digits(char *out, uint64_t n)
{
    char digits[2 * MOST_DIGITS] = {0};
    size_t at = MOST_DIGITS;
    for (; n >= 100; n /= 100)
        memcpy(digits + (at -= 2), pairs + 2 * (n % 100), 2);
    if (n >= 10)
        memcpy(digits + (at -= 2), pairs + 2 * n, 2);
    else
        digits[--at] = (char)('0' + n);
    memcpy(out, digits + at, MOST_DIGITS);
    return MOST_DIGITS - at;
}

static char *put_pair(char *out, unsigned n)
{
    memcpy(out, pairs + 2 * (n % 100), 2);
    return out + 2;
}

/* How many digits stand before the point; 0 or less: as many zeros follow it. */
static int digits_before(double value)
{
    int before = value >= 1;
    if (before)
        while (value >= power[before])
            before++;
    else
        while (value < part[1 - before])
            before--;
    return before;
}

/* 1e-4 <= value < 1e15 - 1: most of a report's numbers, ten times faster than printf. */
static size_t common_text(char *out, double value)
{
    char digits[MOST_DIGITS];
    int before = digits_before(value);
    int64_t n = rounded_product(value, power[DIGITS - before]);
    before += n >= (int64_t)power[DIGITS];
    size_t len = put_digits(digits, (uint64_t)n);
    size_t whole = before > 0 ? (size_t)before : 0, zeros = before < 0 ? (size_t)-before : 0;
    while (len > whole && digits[len - 1] == '0')
        len--;
    char *to = out;
    if (whole == 0)
        *to++ = '0';
    memcpy(to, digits, whole);
    to += whole;
    *to++ = '.';
    memset(to, '0', zeros + 1); /* the one, where no digit follows */
    to += zeros;
    memcpy(to, digits + whole, len - whole);
    to += len > whole ? len - whole : 1;
    return (size_t)(to - out);
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
    if (size >= part[SMALLEST_DECADE] && size < power[DIGITS] - 1)
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

cb_json cb_json_begin(cb_buf *out, const cb_taker *to, unsigned depth, cb_error *err)
{
    return (cb_json){.out = out, .to = to, .err = err, .rc = CB_OK, .depth = depth, .first = true};
}

cb_status cb_json_end(const cb_json *json)
{
    if (json->rc == CB_ENOMEM)
        return cb_nomem(json->err, "a JSON text");
    return json->rc == CB_OK ? CB_OK
                             : cb_fail(json->err, json->rc, "a JSON text cannot be written: %s",
                                       cb_status_text(json->rc));
}

/* Whole pieces only, each of which begins at a page of the file: the kernel takes half the time. */
static cb_status hand_on(const cb_json *json)
{
    cb_buf *out = json->out;
    size_t whole = out->len - out->len % PIECE, rest = out->len - whole;
    if (whole == 0)
        return CB_OK;
    cb_status rc = json->to->take(json->to->ctx, (cb_str){out->at, whole}, json->err);
    memmove(out->at, out->at + whole, rest);
    out->len = rest;
    return rc;
}

/* Where somebody takes what is there, the buffer does not grow. */
static char *make_room(cb_json *json, size_t n)
{
    cb_buf *out = json->out;
    size_t wanted = n;
    if (json->rc == CB_OK && json->to) {
        json->rc = hand_on(json);
        wanted = n < BUFFER - out->len ? BUFFER - out->len : n;
    }
    if (json->rc == CB_OK)
        json->rc = cb_buf_reserve(out, wanted);
    return json->rc == CB_OK ? out->at + out->len : NULL;
}

/* Room for n more bytes; NULL once something has failed. */
static inline char *room(cb_json *json, size_t n)
{
    const cb_buf *out = json->out;
    if (json->rc == CB_OK && out->at && n < out->cap - out->len)
        return out->at + out->len;
    return make_room(json, n);
}

static inline void written(cb_json *json, const char *end)
{
    json->out->len = (size_t)(end - json->out->at);
}

static inline char *new_line(const cb_json *json, char *at)
{
    static const char blanks[] = "                ";
    *at++ = '\n';
    if (json->depth <= INDENT)
        memcpy(at, blanks, INDENT);
    else
        memset(at, ' ', json->depth);
    return at + json->depth;
}

static char *put_key(char *at, const char *key)
{
    size_t n = strlen(key);
    *at++ = '"';
    memcpy(at, key, n);
    memcpy(at + n, "\": ", 3);
    return at + n + 3;
}

static inline char *lead_in_row(cb_json *json, char *at)
{
    memcpy(at, ", ", 2);
    at += json->first ? 0 : 2;
    json->first = false;
    return at;
}

/* What stands before a value: the comma, the line, the key. Before the outermost one there is
 * nothing. Returns where the value goes, with room for n bytes; NULL once something has failed. */
static inline char *lead(cb_json *json, const char *key, size_t n)
{
    char *at = room(json, n + (key ? strlen(key) : 0) + json->depth + INDENT + 6);
    if (!at || json->inside == 0)
        return at;
    if (json->in_row)
        return lead_in_row(json, at);
    *at = ',';
    at = new_line(json, at + !json->first);
    json->first = false;
    return key ? put_key(at, key) : at;
}

static void put(cb_json *json, const char *bytes, size_t n)
{
    char *at = room(json, n);
    if (!at)
        return;
    memcpy(at, bytes, n);
    written(json, at + n);
}

cb_json cb_json_part(const cb_json *whole, cb_buf *out, bool first, cb_error *err)
{
    cb_json items = *whole;
    items.out = out;
    items.to = NULL;
    items.err = err;
    items.rc = CB_OK;
    items.first = first;
    return items;
}

void cb_json_join(cb_json *json, cb_str items)
{
    put(json, items.at, items.len);
    if (items.len > 0)
        json->first = false;
}

void cb_json_open(cb_json *json, const char *key, char bracket)
{
    char *at = lead(json, key, 1);
    if (at) {
        *at = bracket;
        written(json, at + 1);
    }
    json->inside++;
    json->depth++;
    json->first = true;
}

void cb_json_close(cb_json *json, char bracket)
{
    json->inside--;
    json->depth--;
    char *at = room(json, json->depth + INDENT + 2);
    if (at) {
        if (!json->first)
            at = new_line(json, at);
        *at = bracket;
        written(json, at + 1);
    }
    json->first = false;
}

void cb_json_open_row(cb_json *json)
{
    cb_json_open(json, NULL, '[');
    json->in_row = true;
}

void cb_json_close_row(cb_json *json)
{
    json->in_row = false;
    json->first = true; /* no line before the bracket */
    cb_json_close(json, ']');
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

static void put_escaped(cb_json *json, cb_str text)
{
    for (size_t at = 0, from = 0; at <= text.len; at++) {
        if (at < text.len && !needs_escape(text.at[at]))
            continue;
        if (at > from)
            put(json, text.at + from, at - from);
        if (at < text.len)
            put_escape(json, text.at[at]);
        from = at + 1;
    }
}

/* Copies text as long as it is printable ASCII without a character to escape. */
static inline bool copy_plain(char *to, cb_str text)
{
    uint64_t eight, wrong = 0;
    for (size_t at = 0; text.len - at > sizeof eight; at += sizeof eight) {
        memcpy(&eight, text.at + at, sizeof eight);
        memcpy(to + at, &eight, sizeof eight);
        wrong |= cb_not_printable(eight) | cb_has_byte(eight, '"') | cb_has_byte(eight, '\\');
    }
    eight = cb_last_eight(text);
    memcpy(text.len >= sizeof eight ? to + text.len - sizeof eight : to, &eight, sizeof eight);
    wrong |= cb_not_printable(eight) | cb_has_byte(eight, '"') | cb_has_byte(eight, '\\');
    return wrong == 0;
}

bool cb_json_plain(cb_json *json, const char *key, cb_str text)
{
    bool first = json->first;
    char *at = lead(json, key, text.len + 2 + sizeof(uint64_t));
    if (!at)
        return true;
    *at++ = '"';
    if (!copy_plain(at, text)) { /* what was copied is behind the end */
        json->first = first;
        return false;
    }
    at[text.len] = '"';
    written(json, at + text.len + 1);
    return true;
}

void cb_json_text(cb_json *json, const char *key, cb_str text)
{
    if (cb_json_plain(json, key, text))
        return;
    char *at = lead(json, key, 1);
    if (!at)
        return;
    *at = '"';
    written(json, at + 1);
    put_escaped(json, text);
    put(json, "\"", 1);
}

void cb_json_count(cb_json *json, const char *key, int64_t count)
{
    char *at = lead(json, key, NUMBER_ROOM);
    if (!at)
        return;
    if (count < 0)
        *at++ = '-';
    uint64_t size = count < 0 ? 0 - (uint64_t)count : (uint64_t)count;
    written(json, at + put_digits(at, size));
}

void cb_json_real(cb_json *json, const char *key, double value)
{
    char *at = lead(json, key, NUMBER_ROOM);
    if (at)
        written(json, at + cb_real_text(at, value));
}

/* The decimals of an amount without zeros at the end, but one. */
static char *put_decimals(char *at, uint64_t rest, uint64_t scale)
{
    do {
        scale /= 10;
        *at++ = (char)('0' + rest / scale);
        rest %= scale;
    } while (rest > 0);
    return at;
}

void cb_json_amount(cb_json *json, const char *key, int64_t minor, unsigned digits)
{
    char *at = digits > 0 ? lead(json, key, NUMBER_ROOM) : NULL;
    if (!at) {
        cb_json_count(json, key, minor);
        return;
    }
    if (minor < 0)
        *at++ = '-';
    uint64_t size = minor < 0 ? 0 - (uint64_t)minor : (uint64_t)minor;
    if (digits == 2) { /* most currencies: no division by what the compiler does not know */
        at += put_digits(at, size / 100);
        *at++ = '.';
        at = put_pair(at, (unsigned)(size % 100));
        at -= size % 10 == 0;
    } else {
        uint64_t scale = (uint64_t)power[digits];
        at += put_digits(at, size / scale);
        *at++ = '.';
        at = put_decimals(at, size % scale, scale);
    }
    written(json, at);
}

/* "2026-09-30"; false where the year does not have four digits */
static bool put_date(char *to, const cb_civil *civil)
{
    if (civil->year < 0 || civil->year > 9999)
        return false;
    to = put_pair(put_pair(to, (unsigned)civil->year / 100), (unsigned)civil->year);
    *to++ = '-';
    to = put_pair(to, civil->month);
    *to++ = '-';
    (void)put_pair(to, civil->day);
    return true;
}

static void put_clock(char *to, const cb_civil *civil)
{
    to = put_pair(to, civil->hour);
    *to++ = ':';
    to = put_pair(to, civil->minute);
    *to++ = ':';
    *put_pair(to, civil->second) = 'Z';
}

void cb_json_time(cb_json *json, const char *key, int64_t utc_s)
{
    char text[32] = "0000-00-00T00:00:00Z";
    cb_civil civil = cb_civil_from_s(utc_s);
    if (utc_s != CB_NO_TIME && put_date(text, &civil))
        put_clock(text + strlen("0000-00-00T"), &civil);
    else
        cb_time_text(text, utc_s);
    (void)cb_json_plain(json, key, cb_str_of(text));
}

void cb_json_date(cb_json *json, const char *key, int64_t local_s)
{
    char text[32] = "0000-00-00";
    cb_civil civil = cb_civil_from_s(local_s);
    if (local_s == CB_NO_TIME || !put_date(text, &civil))
        cb_time_text(text, local_s);
    (void)cb_json_plain(json, key, (cb_str){text, strcspn(text, "T")});
}

void cb_json_word(cb_json *json, const char *key, const char *word)
{
    size_t n = strlen(word);
    char *at = lead(json, key, n);
    if (!at)
        return;
    memcpy(at, word, n);
    written(json, at + n);
}
