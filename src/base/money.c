/* The neutral form is |amount| in 1/10000, times 8, plus a shape, with the sign of the amount on
 * the value: 9e17 * 8 fits into int64, and INT64_MIN never occurs. Decimals beyond the fourth are
 * cut; whether they reach a half is kept in the shape, so that rounding to any number of digits
 * from 0 to 4 is right (and never done twice). */
#include "casebook/money.h"

#include <stdio.h>

typedef enum shape {
    SHAPE_BOTH,  /* no decimal mark: one value */
    SHAPE_POINT, /* only the reading with a decimal point */
    SHAPE_COMMA,
    SHAPE_POINT_UP, /* as SHAPE_POINT, and what was cut off is at least half of 1/10000 */
    SHAPE_COMMA_UP,
    SHAPE_ONE_POINT, /* "1.234": the value under a decimal point, a thousand times it under a
                        decimal comma */
    SHAPE_ONE_COMMA  /* "1,234": the other way round */
} shape;

static const uint8_t shape_readings[] = {
    [SHAPE_BOTH] = CB_READS_POINT | CB_READS_COMMA,
    [SHAPE_POINT] = CB_READS_POINT,
    [SHAPE_COMMA] = CB_READS_COMMA,
    [SHAPE_POINT_UP] = CB_READS_POINT,
    [SHAPE_COMMA_UP] = CB_READS_COMMA,
    [SHAPE_ONE_POINT] = CB_READS_POINT | CB_READS_COMMA,
    [SHAPE_ONE_COMMA] = CB_READS_POINT | CB_READS_COMMA,
};

enum { UNIT = 10000, UNIT_DIGITS = 4, SHAPES = 8, MAX_GROUPS = 12 };
/* In units: CB_MAX_AMOUNT minor units of a currency with two decimals. */
#define MAX_WHOLE (CB_MAX_AMOUNT / 100)

/* ---- what stands around the number ---- */

typedef struct token {
    const char *text;
    uint8_t len;
} token;
#define TOKEN(literal)                                                                             \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

/* White space that a spreadsheet or a web page puts into numbers: space, tab, NBSP, narrow NBSP,
 * thin, figure space. */
static const token spaces[] = {TOKEN(" "),
                               TOKEN("\t"),
                               TOKEN("\xC2\xA0"),
                               TOKEN("\xE2\x80\xAF"),
                               TOKEN("\xE2\x80\x89"),
                               TOKEN("\xE2\x80\x87")};
static const token apostrophes[] = {TOKEN("'"), TOKEN("\xE2\x80\x99")};
static const token minus_signs[] = {TOKEN("-"), TOKEN("\xE2\x88\x92")};
/* Currency words that are neither a sign of Unicode's block nor an ISO code. Longer ones before
 * their beginnings. */
static const token currency_words[] = {
    TOKEN("US$"), TOKEN("CA$"),       TOKEN("AU$"),       TOKEN("NZ$"),
    TOKEN("HK$"), TOKEN("A$"),        TOKEN("C$"),        TOKEN("R$"),
    TOKEN("S$"),  TOKEN("$"),         TOKEN("\xC2\xA3"),  TOKEN("\xC2\xA5"),
    TOKEN("Rs."), TOKEN("Rs"),        TOKEN("kr."),       TOKEN("kr"),
    TOKEN("Fr."), TOKEN("z\xC5\x82"), TOKEN("K\xC4\x8D"), TOKEN("\xE0\xB8\xBF")};
#define COUNT(table) (sizeof(table) / sizeof *(table))

static size_t token_ahead(cb_str text, const token *table, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (text.len >= table[i].len && !memcmp(text.at, table[i].text, table[i].len))
            return table[i].len;
    return 0;
}

static size_t token_behind(cb_str text, const token *table, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (text.len >= table[i].len &&
            !memcmp(text.at + text.len - table[i].len, table[i].text, table[i].len))
            return table[i].len;
    return 0;
}

/* Unicode's block of currency signs, U+20A0 to U+20CF. */
static bool is_sign(const char *p)
{
    return p[0] == '\xE2' && (p[1] == '\x82' || p[1] == '\x83') &&
           (p[1] == '\x82' ? (unsigned char)p[2] >= 0xA0 : (unsigned char)p[2] <= 0x8F);
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_iso(const char *p)
{
    return is_upper(p[0]) && is_upper(p[1]) && is_upper(p[2]);
}

static size_t currency_ahead(cb_str text)
{
    size_t n = token_ahead(text, currency_words, COUNT(currency_words));
    if (n || text.len < 3)
        return n;
    bool alone = text.len == 3 || !is_upper(text.at[3]); /* a code, not a word */
    return is_sign(text.at) || (alone && is_iso(text.at)) ? 3 : 0;
}

static size_t currency_behind(cb_str text)
{
    size_t n = token_behind(text, currency_words, COUNT(currency_words));
    if (n || text.len < 3)
        return n;
    const char *last = text.at + text.len - 3;
    bool alone = text.len == 3 || !is_upper(last[-1]);
    return is_sign(last) || (alone && is_iso(last)) ? 3 : 0;
}

/* What was met on the way to the number: one sign or pair of parentheses, a code and a sign of
 * currency ("USD $") on a side. */
typedef struct wrapping {
    unsigned signs, opened, closed, before, behind;
    bool negative;
} wrapping;

static bool is_digit(char c)
{
    return (unsigned)c - '0' <= 9;
}

static bool is_number_byte(char c)
{
    return is_digit(c) || c == '.' || c == ',';
}

static size_t unwrap_ahead(cb_str text, wrapping *w)
{
    size_t n = token_ahead(text, spaces, COUNT(spaces));
    if (n)
        return n;
    if ((n = token_ahead(text, minus_signs, COUNT(minus_signs))) > 0 || text.at[0] == '+') {
        w->signs++;
        w->negative |= n > 0;
        return n ? n : 1;
    }
    if (text.at[0] == '(') {
        w->opened++;
        return 1;
    }
    n = currency_ahead(text);
    w->before += n > 0;
    return n;
}

static size_t unwrap_behind(cb_str text, wrapping *w)
{
    size_t n = token_behind(text, spaces, COUNT(spaces));
    if (n)
        return n;
    n = token_behind(text, minus_signs, COUNT(minus_signs));
    if (n) {
        w->signs++;
        w->negative = true;
        return n;
    }
    if (text.at[text.len - 1] == ')') {
        w->closed++;
        return 1;
    }
    n = currency_behind(text);
    w->behind += n > 0;
    return n;
}

/* Not "kr.", whose point is its own. */
static bool ends_in_number(cb_str text)
{
    char last = text.at[text.len - 1];
    return is_digit(last) || last == ',' || (last == '.' && !currency_behind(text));
}

/* Reduces text to the number itself; false if anything else is in it. */
static bool unwrap(cb_str *text, bool *negative)
{
    wrapping w = {.signs = 0};
    while (text->len && !is_number_byte(text->at[0])) {
        size_t n = unwrap_ahead(*text, &w);
        if (!n)
            return false;
        text->at += n;
        text->len -= n;
    }
    while (text->len && !ends_in_number(*text)) {
        size_t n = unwrap_behind(*text, &w);
        if (!n)
            return false;
        text->len -= n;
    }
    *negative = w.negative || w.opened;
    return text->len && w.opened == w.closed && w.opened + w.signs <= 1 && w.before <= 2 &&
           w.behind <= 2;
}

unsigned cb_amount_signs(cb_str text, cb_str sign[CB_MAX_SIGNS])
{
    wrapping w = {.signs = 0};
    unsigned n = 0;
    for (size_t len = 1; len && text.len && !is_number_byte(text.at[0]);) {
        len = unwrap_ahead(text, &w);
        if (w.before + w.behind > n && n < CB_MAX_SIGNS)
            sign[n++] = (cb_str){text.at, len};
        text.at += len;
        text.len -= len;
    }
    for (size_t len = 1; len && text.len && !ends_in_number(text);) {
        len = unwrap_behind(text, &w);
        text.len -= len;
        if (w.before + w.behind > n && n < CB_MAX_SIGNS)
            sign[n++] = (cb_str){text.at + text.len, len};
    }
    return n;
}

/* ---- the number itself ---- */

/* Groups of digits and the marks between them: "1.234,50" is 1 . 3 , 2. */
typedef struct groups {
    unsigned n;               /* groups; one more than marks */
    char mark[MAX_GROUPS];    /* behind group i: '.', ',', ' ' (any white space), '\'' */
    unsigned len[MAX_GROUPS]; /* digits; the first and the last may have none */
    size_t last_at;           /* where the last group begins */
    bool leading_zero;
} groups;

static size_t mark_at(cb_str rest, char *mark)
{
    if (rest.at[0] == '.' || rest.at[0] == ',') {
        *mark = rest.at[0];
        return 1;
    }
    size_t n = token_ahead(rest, spaces, COUNT(spaces));
    *mark = ' ';
    if (!n) {
        n = token_ahead(rest, apostrophes, COUNT(apostrophes));
        *mark = '\'';
    }
    return n;
}

static bool split_groups(cb_str text, groups *g)
{
    *g = (groups){.n = 1, .leading_zero = text.at[0] == '0'};
    for (size_t i = 0; i < text.len;) {
        if (is_digit(text.at[i])) {
            g->len[g->n - 1]++;
            i++;
            continue;
        }
        size_t n = mark_at((cb_str){text.at + i, text.len - i}, &g->mark[g->n - 1]);
        if (!n || g->n == MAX_GROUPS)
            return false;
        i += n;
        g->last_at = i;
        g->n++;
    }
    return true;
}

/* Whether groups 0 … n-1 are thousands: one kind of mark, three digits in each but the first, or,
 * between commas, Indian groups (two digits in each but the first and the last). */
static bool are_thousands(const groups *g, unsigned n)
{
    bool by_two = n > 2 && g->mark[0] == ',' && g->len[1] == 2;
    unsigned width = by_two ? 2 : 3;
    if (n == 1)
        return true;
    if (g->leading_zero || g->len[0] < 1 || g->len[0] > width || g->len[n - 1] != 3)
        return false;
    for (unsigned i = 1; i + 1 < n; i++)
        if (g->len[i] != width || g->mark[i] != g->mark[0])
            return false;
    return true;
}

/* Whether the number can be read with `decimal` as its decimal mark; *decimals: its last group is
 * decimals. */
static bool reads_with(const groups *g, char decimal, bool *decimals)
{
    unsigned whole = g->n;
    *decimals = g->n > 1 && g->mark[g->n - 2] == decimal;
    whole -= *decimals;
    if (whole > 1 && g->mark[0] == decimal)
        return false;
    return are_thousands(g, whole);
}

/* Digits of text before `end`, marks skipped; false if they are more than casebook keeps. */
static bool whole_part(cb_str text, size_t end, int64_t *out)
{
    int64_t value = 0;
    for (size_t i = 0; i < end; i++) {
        if (!is_digit(text.at[i]))
            continue;
        value = value * 10 + (text.at[i] - '0');
        if (value > MAX_WHOLE)
            return false;
    }
    *out = value;
    return true;
}

/* Four decimals from `at`; *up: the fifth is 5 or more. */
static int64_t decimal_part(cb_str text, size_t at, bool *up)
{
    int64_t value = 0;
    for (unsigned i = 0; i < UNIT_DIGITS; i++, at++)
        value = value * 10 + (at < text.len ? text.at[at] - '0' : 0);
    *up = at < text.len && text.at[at] >= '5';
    return value;
}

static shape shape_of(bool point, bool point_decimals, bool comma, bool comma_decimals, bool up)
{
    if (point && comma && !point_decimals && !comma_decimals)
        return SHAPE_BOTH;
    if (point && comma)
        return point_decimals ? SHAPE_ONE_POINT : SHAPE_ONE_COMMA;
    if (point)
        return up ? SHAPE_POINT_UP : SHAPE_POINT;
    return up ? SHAPE_COMMA_UP : SHAPE_COMMA;
}

/* ---- the common case without branches per character: 1 to 5 digits, a point, 2 digits ---- */

/* Little-endian on every machine; compilers make one load of it. */
static inline uint64_t four_at(const char *at)
{
    const unsigned char *p = (const unsigned char *)at;
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24;
}

/* Eight digits, one in a byte, the first in the lowest: two, then four, then all become a number. */
static inline uint64_t number_of(uint64_t digits)
{
    digits = (digits * 10 + (digits >> 8)) & UINT64_C(0x00FF00FF00FF00FF);
    digits = (digits * 100 + (digits >> 16)) & UINT64_C(0x0000FFFF0000FFFF);
    return (digits * 10000 + (digits >> 32)) & UINT64_C(0xFFFFFFFF);
}

static inline bool scan_cents(cb_str text, int64_t *packed)
{
    static const uint64_t zeros = UINT64_C(0x3030303030303030);
    static const uint64_t whole = (UINT64_C(1) << 40) - 1, decimals = UINT64_C(0xFFFF) << 48;
    if (text.len < 4 || text.len > 8 || text.at[text.len - 3] != '.')
        return false;
    unsigned missing = 64 - 8 * (unsigned)text.len; /* bits; the text stands in the upper ones */
    uint64_t last = four_at(text.at + text.len - 4) << 32;
    uint64_t bytes = last | four_at(text.at) << missing | (zeros & (((uint64_t)1 << missing) - 1));
    uint64_t digits = (bytes ^ zeros) & (whole | decimals);
    if (((digits + UINT64_C(0x7676767676767676)) | digits) & UINT64_C(0x8080808080808080))
        return false;
    uint64_t cents = number_of((digits & whole) << 8 | (digits & decimals));
    *packed = (int64_t)cents * (UNIT / 100) * SHAPES + SHAPE_POINT;
    return true;
}

static unsigned scan_any(cb_str text, int64_t *packed)
{
    groups g;
    bool negative = false;
    bool up = false;
    bool point_decimals = false;
    bool comma_decimals = false;
    if (!unwrap(&text, &negative) || !split_groups(text, &g))
        return 0;
    bool point = reads_with(&g, '.', &point_decimals);
    bool comma = reads_with(&g, ',', &comma_decimals);
    if ((!point && !comma) || (g.n == 2 && g.len[0] + g.len[1] == 0))
        return 0;
    bool decimals = (point && point_decimals) || (comma && comma_decimals);
    int64_t value = 0;
    if (!whole_part(text, decimals ? g.last_at : text.len, &value))
        return 0;
    value = value * UNIT + (decimals ? decimal_part(text, g.last_at, &up) : 0);
    if (value > MAX_WHOLE * UNIT)
        return 0;
    shape s = shape_of(point, point_decimals, comma, comma_decimals, up);
    *packed = (negative ? -value : value) * SHAPES + (int64_t)s;
    return shape_readings[s];
}

unsigned cb_amount_scan(cb_str text, int64_t *packed)
{
    return scan_cents(text, packed) ? CB_READS_POINT : scan_any(text, packed);
}

bool cb_amount_is_split(int64_t packed)
{
    return packed > CB_UNREAD_AMOUNT && (uint64_t)packed % SHAPES == SHAPE_ONE_POINT;
}

int64_t cb_amount_value(int64_t packed, cb_mark decimal_mark, unsigned digits)
{
    static const int64_t tens[] = {1, 10, 100, 1000, 10000};
    shape s = (shape)((uint64_t)packed % SHAPES);
    unsigned reading = decimal_mark == CB_MARK_POINT ? CB_READS_POINT : CB_READS_COMMA;
    if (packed <= CB_UNREAD_AMOUNT || (unsigned)s >= COUNT(shape_readings) ||
        !(shape_readings[s] & reading))
        return CB_NO_AMOUNT;
    int64_t value = (packed - (int64_t)s) / SHAPES;
    int64_t magnitude = value < 0 ? -value : value;
    if ((s == SHAPE_ONE_POINT && reading == CB_READS_COMMA) ||
        (s == SHAPE_ONE_COMMA && reading == CB_READS_POINT))
        magnitude *= 1000;
    if (digits >= UNIT_DIGITS)
        magnitude += s == SHAPE_POINT_UP || s == SHAPE_COMMA_UP;
    else
        magnitude = (magnitude + tens[UNIT_DIGITS - digits] / 2) / tens[UNIT_DIGITS - digits];
    if (magnitude > CB_MAX_AMOUNT)
        return CB_NO_AMOUNT;
    return value < 0 ? -magnitude : magnitude;
}

/* ---- currencies ---- */

unsigned cb_currency_digits(const char *iso_code)
{
    /* ISO 4217 list one: every code whose minor unit is not two decimals */
    static const struct {
        unsigned digits;
        const char *codes;
    } table[] = {
        {0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF "},
        {3, "BHD IQD JOD KWD LYD OMR TND "},
        {4, "CLF UYW "},
    };
    for (size_t i = 0; i < COUNT(table); i++)
        for (const char *code = table[i].codes; *code; code += 4)
            if (!strncmp(code, iso_code, 3) && iso_code[3] == '\0')
                return table[i].digits;
    return 2;
}

int cb_amount_text(char out[32], int64_t minor, unsigned digits)
{
    static const uint64_t tens[] = {1, 10, 100, 1000, 10000};
    out[0] = '\0';
    if (minor == CB_NO_AMOUNT)
        return 0;
    digits = digits > UNIT_DIGITS ? UNIT_DIGITS : digits;
    const char *sign = minor < 0 ? "-" : "";
    uint64_t magnitude = (uint64_t)(minor < 0 ? -minor : minor);
    unsigned long long whole = magnitude / tens[digits];
    unsigned long long part = magnitude % tens[digits];
    if (digits == 0)
        return snprintf(out, 32, "%s%llu", sign, whole);
    return snprintf(out, 32, "%s%llu.%0*llu", sign, whole, (int)digits, part);
}

int64_t cb_amount_convert(int64_t minor, int64_t rate_millionths)
{
    enum { MILLION = 1000000 };
    int64_t whole = 0;
    int64_t part = 0;
    int64_t sum = 0;
    if (minor == CB_NO_AMOUNT || rate_millionths < 0)
        return CB_NO_AMOUNT;
    int64_t magnitude = minor < 0 ? -minor : minor;
    if (__builtin_mul_overflow(magnitude / MILLION, rate_millionths, &whole) ||
        __builtin_mul_overflow(magnitude % MILLION, rate_millionths, &part) ||
        __builtin_add_overflow(whole, part / MILLION + (part % MILLION >= MILLION / 2), &sum) ||
        sum > CB_MAX_AMOUNT)
        return CB_NO_AMOUNT;
    return minor < 0 ? -sum : sum;
}
