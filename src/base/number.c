/* Numbers from text, in no locale. cb_parse_double is correctly rounded: a short number by one
 * exact operation (Clinger 1990, fast path), any other by shifting its decimal digits by powers of
 * two until the 53 bits of the mantissa stand before the point. */
#include "casebook/text.h"

#include <float.h>
#include <math.h>

enum { MAX_DIGITS = 800, MAX_SHIFT = 50, MAX_EXPONENT = 100000 };

/* 0.d1d2d3… × 10^point. */
typedef struct decimal {
    int n;
    int point;
    bool negative;
    bool more; /* digits that are not 0 were cut off at the end */
    unsigned char digit[MAX_DIGITS];
} decimal;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool take_sign(cb_str text, size_t *at)
{
    bool negative = *at < text.len && text.at[*at] == '-';
    if (*at < text.len && (negative || text.at[*at] == '+'))
        *at += 1;
    return negative;
}

bool cb_parse_i64(cb_str text, int64_t *out)
{
    size_t at = 0;
    int64_t value = 0;
    bool negative = take_sign(text, &at);
    if (at == text.len)
        return false;
    for (; at < text.len; at++) {
        if (!is_digit(text.at[at]))
            return false;
        int64_t digit = negative ? '0' - text.at[at] : text.at[at] - '0';
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, digit, &value))
            return false;
    }
    *out = value;
    return true;
}

static void put_digit(decimal *d, unsigned char digit)
{
    if (d->n < MAX_DIGITS)
        d->digit[d->n++] = digit;
    else
        d->more |= digit != 0;
}

static void trim(decimal *d)
{
    while (d->n > 0 && d->digit[d->n - 1] == 0)
        d->n--;
    if (d->n == 0)
        d->point = 0;
}

/* Digits and one point; false if there is no digit. Leading zeros are not kept. */
static bool read_digits(cb_str text, size_t *at, decimal *d)
{
    bool any = false;
    bool point = false;
    for (; *at < text.len; *at += 1) {
        char c = text.at[*at];
        if (c == '.' && !point) {
            point = true;
            continue;
        }
        if (!is_digit(c))
            break;
        any = true;
        if (c != '0' || d->n > 0) {
            put_digit(d, (unsigned char)(c - '0'));
            d->point += !point;
        } else {
            d->point -= point;
        }
    }
    return any;
}

static bool read_exponent(cb_str text, size_t *at, decimal *d)
{
    if (*at == text.len)
        return true;
    int64_t exponent = 0;
    if (text.at[*at] != 'e' && text.at[*at] != 'E')
        return false;
    cb_str rest = {text.at + *at + 1, text.len - *at - 1};
    if (!cb_parse_i64(rest, &exponent) || exponent < -MAX_EXPONENT || exponent > MAX_EXPONENT)
        return false;
    d->point += (int)exponent;
    return true;
}

static bool read_decimal(cb_str text, decimal *d)
{
    size_t at = 0;
    if (text.len > MAX_EXPONENT)
        return false;
    d->negative = take_sign(text, &at);
    if (!read_digits(text, &at, d) || !read_exponent(text, &at, d))
        return false;
    trim(d);
    return true;
}

/* Divides by 2^shift: long division from the left. d is not 0. */
static void shift_right(decimal *d, unsigned shift)
{
    uint64_t rest = 0;
    int from = 0;
    for (; rest >> shift == 0; from++) {
        rest = rest * 10 + (from < d->n ? d->digit[from] : 0U);
    }
    d->point -= from - 1;
    decimal out = {.point = d->point, .negative = d->negative, .more = d->more};
    uint64_t mask = (UINT64_C(1) << shift) - 1;
    for (; from < d->n || rest; from++) {
        put_digit(&out, (unsigned char)(rest >> shift));
        rest = (rest & mask) * 10 + (from < d->n ? d->digit[from] : 0U);
    }
    trim(&out);
    *d = out;
}

/* Multiplies by 2^shift from the right; the digits that come in front move the rest along. */
static void shift_left(decimal *d, unsigned shift)
{
    unsigned char wide[MAX_DIGITS + 20];
    int at = (int)sizeof wide;
    uint64_t carry = 0;
    for (int i = d->n - 1; i >= 0 || carry; i--) {
        carry += i >= 0 ? (uint64_t)d->digit[i] << shift : 0;
        wide[--at] = (unsigned char)(carry % 10);
        carry /= 10;
    }
    int n = (int)sizeof wide - at;
    decimal out = {.point = d->point + n - d->n, .negative = d->negative, .more = d->more};
    for (int i = at; i < (int)sizeof wide; i++)
        put_digit(&out, wide[i]);
    trim(&out);
    *d = out;
}

/* The whole part, rounded half to even; 0 <= point <= 19. */
static uint64_t rounded(const decimal *d)
{
    uint64_t whole = 0;
    for (int i = 0; i < d->point; i++)
        whole = whole * 10 + (i < d->n ? d->digit[i] : 0U);
    if (d->point >= d->n)
        return whole;
    bool exactly_half = d->digit[d->point] == 5 && d->point + 1 == d->n && !d->more;
    bool up = exactly_half ? whole & 1 : d->digit[d->point] >= 5;
    return whole + up;
}

/* Brings d into [1/2, 1) and returns the power of two that was taken out. */
static int normalise(decimal *d)
{
    int power = 0;
    while (d->point > 0) {
        unsigned shift = d->point >= 15 ? MAX_SHIFT : (unsigned)(d->point * 3);
        shift_right(d, shift);
        power += (int)shift;
    }
    while (d->point < 0 || d->digit[0] < 5) {
        /* 2^50 < 10^16 and 8 < 10: the value stays below 1 */
        unsigned shift = d->point <= -16 ? MAX_SHIFT
                         : d->point < 0  ? (unsigned)(-d->point * 3)
                                         : 1U;
        shift_left(d, shift);
        power -= (int)shift;
    }
    return power;
}

static double slow_double(decimal *d)
{
    if (d->n == 0 || d->point < -400)
        return 0;
    if (d->point > 400)
        return INFINITY;
    int power = normalise(d);
    int bits = DBL_MANT_DIG;
    if (power < DBL_MIN_EXP) /* subnormal: fewer bits */
        bits -= DBL_MIN_EXP - power;
    if (bits < 0)
        return 0;
    if (bits > 0)
        shift_left(d, (unsigned)(bits > MAX_SHIFT ? MAX_SHIFT : bits));
    if (bits > MAX_SHIFT)
        shift_left(d, (unsigned)(bits - MAX_SHIFT));
    return ldexp((double)rounded(d), power - bits);
}

/* Up to 15 digits and a power of ten up to 10^22 are exact doubles: one operation, one rounding. */
static bool fast_double(const decimal *d, double *out)
{
    static const double tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                  1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    int exponent = d->point - d->n;
    if (d->n > 15 || exponent < -22 || exponent > 22)
        return false;
    int64_t whole = 0;
    for (int i = 0; i < d->n; i++)
        whole = whole * 10 + d->digit[i];
    *out = exponent < 0 ? (double)whole / tens[-exponent] : (double)whole * tens[exponent];
    return true;
}

bool cb_parse_double(cb_str text, double *out)
{
    decimal d = {0};
    double value = 0;
    if (!read_decimal(text, &d))
        return false;
    bool negative = d.negative;
    if (!fast_double(&d, &value))
        value = slow_double(&d);
    if (!isfinite(value))
        return false;
    *out = negative ? -value : value;
    return true;
}
