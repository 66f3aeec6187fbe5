/* numbering.h - ids that are a prefix and a number: "C-000123", "INC0012345", "4711".
 *
 * Why: nearly all ids of a file are numbered in one way. Where the way is known, the number stands for
 * the text, and what belongs to an id is found by index, without a hash or a look at the bytes (intern.h).
 * A numbering is a prefix and a width: the text of a number is the prefix, then the number, with zeros in
 * front up to the width; a number too long for the width takes more digits. So a text has at most one number,
 * and different texts have different numbers: of prefix "C" and width 2, "C07" is 7 and "C123" is 123,
 * but "C7", "C0123" and "c07" have none. Zero is not used: "C00" has none either. */
#ifndef CASEBOOK_NUMBERING_H
#define CASEBOOK_NUMBERING_H

#include "casebook/text.h"

/* Of a prefix, and of a number; CB_NUMBERED_READ bytes from the beginning of a text are loaded. */
enum { CB_MAX_PREFIX = 8, CB_MAX_DIGITS = 8, CB_NUMBERED_READ = CB_MAX_PREFIX + 8 };

typedef struct cb_numbering {
    uint64_t prefix;    /* its first byte is the lowest */
    uint32_t prefix_len;
    uint32_t width;     /* digits at least; 0: no text has a number */
} cb_numbering;

// cb_numbering_of returns the numbering in which text would be written, or one of width 0.
cb_numbering cb_numbering_of(cb_str text);

static inline bool cb_numbering_eq(cb_numbering a, cb_numbering b) { return a.prefix == b.prefix && a.prefix_len == b.prefix_len && a.width == b.width; }

// cb_number_of returns the number of text, 1 … 99,999,999, or 0: it has none.
uint32_t cb_number_of(const cb_numbering *how, cb_str text);

/* Eight bytes of the values 0 … 9, the most significant in the lowest byte, as one number: pairs, fours, all. */
static inline uint32_t cb_numbering_join(uint64_t digits)
{
    const uint64_t fours = UINT64_C(0x000000FF000000FF);
    uint64_t pairs = digits * 10 + (digits >> 8);
    return (uint32_t)(((pairs & fours) * UINT64_C(0x000F424000000064) +
                       (pairs >> 16 & fours) * UINT64_C(0x0000271000000001)) >> 32);
}

// cb_number_within is cb_number_of where CB_NUMBERED_READ bytes may be loaded from text.at, whatever
// its length.
static inline uint32_t cb_number_within(const cb_numbering *how, cb_str text)
{
    size_t n = text.len - how->prefix_len;
    if (how->width == 0 || text.len <= how->prefix_len || n < how->width || n > CB_MAX_DIGITS)
        return 0;
    uint64_t others = cb_eight_at(text.at) ^ how->prefix;
    if (how->prefix_len > 0 && others << (64 - 8 * how->prefix_len) != 0)
        return 0;
    const char *first = text.at + how->prefix_len;
    if (n > how->width && *first == '0')
        return 0;
    uint64_t digits = (cb_eight_at(first) ^ UINT64_C(0x3030303030303030)) << (64 - 8 * n);
    bool all = (((digits + UINT64_C(0x7676767676767676)) | digits) & UINT64_C(0x8080808080808080)) == 0;
    return all ? cb_numbering_join(digits) : 0;
}

#endif
