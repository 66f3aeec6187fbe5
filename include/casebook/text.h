/* text.h - borrowed text as a slice, and the few things done with it.
 *
 * Why: a cell is bytes with a length; a NUL in it is data, not an end. A cb_str never owns; it is
 * valid as long as what it was cut from (a chunk, an arena, a pool) and that is said where it is
 * handed out. All functions work on bytes in the C locale; none allocates. */
#ifndef CASEBOOK_TEXT_H
#define CASEBOOK_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct cb_str {
    const char *at;
    size_t len;
} cb_str;

/* "%.*s" and its two arguments */
#define CB_STR_FMT "%.*s"
#define CB_STR_ARG(text) (int)(text).len, (text).at
/* a literal as a slice; CB_LIT_INIT is the form for the rows of a static table */
#define CB_LIT(literal) ((cb_str){"" literal, sizeof(literal) - 1})
#define CB_LIT_INIT(literal) {"" literal, sizeof(literal) - 1}

static inline cb_str cb_str_of(const char *c_string) { return (cb_str){c_string, c_string ? strlen(c_string) : 0}; }
static inline bool cb_str_eq(cb_str a, cb_str b) { return a.len == b.len && (a.len == 0 || !memcmp(a.at, b.at, a.len)); }

// cb_eight_at loads eight bytes as one number, the first byte the lowest on every machine; compilers make one load of it.
static inline uint64_t cb_eight_at(const char *at)
{
    const unsigned char *p = (const unsigned char *)at;
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
           (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 | (uint64_t)p[7] << 56;
}

// cb_str_eq_nocase compares without regard to ASCII case.
bool cb_str_eq_nocase(cb_str a, cb_str b);

// cb_str_cmp orders bytewise, shorter first on a tie: the order used for every sorted output.
int cb_str_cmp(cb_str a, cb_str b);

// cb_str_trim returns text without spaces, tabs, CR, LF, NBSP (U+00A0) at both ends.
cb_str cb_str_trim(cb_str text);

// cb_str_base_name returns what stands behind the last '/' of a path.
cb_str cb_str_base_name(cb_str path);

// cb_name_fold writes the form under which column names, section names and words are compared: a
// byte-order mark, white space (as cb_str_trim), '_', '-', '.' and the marks ? # : ( ) [ ] are dropped, ASCII letters are
// lower case, other bytes stay. Returns the length written (at most cap, cut beyond).
size_t cb_name_fold(cb_str text, char *out, size_t cap);

// cb_name_eq compares two names by their folded form.
bool cb_name_eq(cb_str a, cb_str b);

// cb_nearest returns the index of the candidate nearest to text (Damerau-Levenshtein over folded names), or
// SIZE_MAX if none is within a third of the longer length (at least 1): for "did you mean".
size_t cb_nearest(cb_str text, const char *const *candidates, size_t n);

// cb_utf8_valid says whether text is well-formed UTF-8 (no overlong forms, no surrogates, <= U+10FFFF).
bool cb_utf8_valid(cb_str text);

// cb_utf8_units returns the number of UTF-16 units that valid UTF-8 text takes (Excel's unit of length).
size_t cb_utf8_units(cb_str text);

// cb_utf8_next decodes the code point at *at (*at < text.len) and moves *at behind it. Ill-formed bytes
// give U+FFFD and move by one byte.
uint32_t cb_utf8_next(cb_str text, size_t *at);

// cb_hash returns a 64-bit hash of the bytes: the same on every machine and in every run.
uint64_t cb_hash(cb_str text);

// cb_parse_i64 and cb_parse_double read the whole of text as a decimal number, '.' as the mark, in no
// locale; false if anything else is in it or it does not fit (double: inf and nan are refused).
bool cb_parse_i64(cb_str text, int64_t *out);
bool cb_parse_double(cb_str text, double *out);

/* ---- figures ---- */

enum { CB_GROUPED_BYTES = 32 }; /* room for any, with its NUL */
// cb_group_digits writes 1234567 as "1,234,567".
void cb_group_digits(char out[CB_GROUPED_BYTES], uint64_t n);

#endif
