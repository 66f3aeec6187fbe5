/* money.h - exact amounts: int64 minor units (cents), never binary floating point.
 *
 * An export writes one number in several ways; a whole column has one of two readings (the decimal mark is a
 * point or a comma). cb_amount_scan reads a cell into a neutral form that keeps both readings; when all cells
 * of the column are seen, cb_amount_value gives the value under the reading chosen for the column. */
#ifndef CASEBOOK_MONEY_H
#define CASEBOOK_MONEY_H

#include <stdbool.h>
#include <stdint.h>

#include "casebook/text.h"

#define CB_NO_AMOUNT INT64_MIN
/* a cell with something in it that is no amount: unknown like CB_NO_AMOUNT, but not blank (book.h) */
#define CB_UNREAD_AMOUNT (INT64_MIN + 1)
/* largest amount that is accepted: 9e15 minor units, so that sums of 1,000 such still fit */
#define CB_MAX_AMOUNT INT64_C(9000000000000000)

typedef enum cb_mark { CB_MARK_POINT, CB_MARK_COMMA } cb_mark; /* which mark is decimal */

/* Which readings a cell allows. */
enum { CB_READS_POINT = 1, CB_READS_COMMA = 2 };

// cb_amount_scan reads text: optional sign or accounting parentheses, currency sign or ISO code before or behind,
// thousands marks (point, comma, space, NBSP, apostrophe) in groups of three, decimals. On success *packed is
// the neutral form and the result the set of readings (CB_READS_…); 0 if it is no amount or too large (above
// CB_MAX_AMOUNT / 100 units). "1,234" and "1.234" allow both readings with different values, "1234" both with one
// value; "0.123" and "1234.567" are decimal, "1,23,456.00" is Indian grouping. The neutral form is never CB_NO_AMOUNT nor CB_UNREAD_AMOUNT.
unsigned cb_amount_scan(cb_str text, int64_t *packed);

// cb_amount_is_split says whether a scanned cell is like "1.234": a point that is decimal or between thousands.
bool cb_amount_is_split(int64_t packed);

// cb_amount_value returns minor units for a currency with `digits` decimals (0-4), rounded half away from zero;
// CB_NO_AMOUNT if the cell does not allow that reading, or above CB_MAX_AMOUNT, or packed is no amount.
int64_t cb_amount_value(int64_t packed, cb_mark decimal_mark, unsigned digits);

/* Signs and codes of currency in the cells of a column are evidence of what it holds, as decimal marks are. */
enum { CB_MAX_SIGNS = 4, CB_SIGN_BYTES = 4 /* of the longest */ };

// cb_amount_signs finds the signs and codes ("$", "kr", "USD") in a cell that cb_amount_scan reads; returns how many.
unsigned cb_amount_signs(cb_str text, cb_str sign[CB_MAX_SIGNS]);

// cb_currency_codes returns the ISO codes that a sign can stand for, the likeliest first, each 4 bytes behind the last
// ("JPY CNY"); of a code itself; "" for a sign that is not known.
cb_str cb_currency_codes(cb_str sign);

// cb_currency_agree says whether two signs or codes can stand for one currency ("$" and "CAD"). One that is not known agrees with all.
bool cb_currency_agree(cb_str sign, cb_str other);

// cb_currency_is_code: three capital letters.
bool cb_currency_is_code(cb_str text);

// cb_currency_digits returns the decimals of an ISO 4217 code (2 where unknown, 0 for JPY, 3 for KWD, …).
unsigned cb_currency_digits(const char *iso_code);

// cb_currency_scale returns the minor units of a major one for a currency with `digits` decimals (1, 10, 100 …).
static inline double cb_currency_scale(unsigned digits)
{
    double scale = 1;
    for (unsigned i = 0; i < digits; i++)
        scale *= 10;
    return scale;
}

// cb_amount_text writes "-1234.50" (no grouping); returns the length. "" for CB_NO_AMOUNT.
int cb_amount_text(char out[32], int64_t minor, unsigned digits);

// cb_amount_convert multiplies by a rate given in millionths, rounded half away from zero; CB_NO_AMOUNT on
// overflow, beyond CB_MAX_AMOUNT, or for a negative rate. Both currencies must have the same number of decimals.
int64_t cb_amount_convert(int64_t minor, int64_t rate_millionths);

#endif
