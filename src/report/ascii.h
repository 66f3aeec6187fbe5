/* ascii.h - private to src/report: is a text nothing but printable ASCII? Eight bytes at a time.
 *
 * Why: nearly every text of a report is, and is then stored and written as it is. */
#ifndef CASEBOOK_REPORT_ASCII_H
#define CASEBOOK_REPORT_ASCII_H

#include "casebook/text.h"

/* The same byte eight times. */
#define CB_EIGHT(byte) (UINT64_C(0x0101010101010101) * (unsigned char)(byte))

/* Not 0 if one of the eight bytes is not printable ASCII (0x20 to 0x7E), or is a or b. In a word
 * without high bits each of the four sums below stays within its byte. */
static inline uint64_t cb_not_plain(uint64_t eight, char a, char b)
{
    const uint64_t high = CB_EIGHT(0x80), ones = CB_EIGHT(0x7F);
    uint64_t control = ~(eight + CB_EIGHT(0x60)), del = eight + CB_EIGHT(1);
    uint64_t is_a = ~((eight ^ CB_EIGHT(a)) + ones), is_b = ~((eight ^ CB_EIGHT(b)) + ones);
    return (eight | control | del | is_a | is_b) & high;
}

// cb_ascii_without says whether text is printable ASCII without the characters a and b, which are
// ASCII themselves.
static inline bool cb_ascii_without(cb_str text, char a, char b)
{
    uint64_t eight, wrong = 0;
    size_t at = 0;
    for (; text.len - at >= sizeof eight; at += sizeof eight) {
        memcpy(&eight, text.at + at, sizeof eight);
        wrong |= cb_not_plain(eight, a, b);
    }
    if (at == text.len)
        return wrong == 0;
    eight = CB_EIGHT(' ');
    if (at > 0)
        memcpy(&eight, text.at + text.len - sizeof eight, sizeof eight);
    else
        memcpy(&eight, text.at, text.len);
    return (wrong | cb_not_plain(eight, a, b)) == 0;
}

#endif
