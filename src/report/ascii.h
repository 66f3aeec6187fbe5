/* ascii.h - private to src/report: is a text nothing but printable ASCII? Eight bytes at a time.
 *
 * Why: nearly every text of a report is, and is then stored and written as it is. */
#ifndef CASEBOOK_REPORT_ASCII_H
#define CASEBOOK_REPORT_ASCII_H

#include "casebook/text.h"

/* The same byte eight times. */
#define CB_EIGHT(byte) (UINT64_C(0x0101010101010101) * (unsigned char)(byte))

/* Not 0 if one of the eight bytes is not printable ASCII, 0x20 to 0x7E. In a word without high bits
 * each of the sums here and below stays within its byte. */
static inline uint64_t cb_not_printable(uint64_t eight)
{
    uint64_t control = ~(eight + CB_EIGHT(0x60)), del = eight + CB_EIGHT(1);
    return (eight | control | del) & CB_EIGHT(0x80);
}

/* Not 0 if a word of printable ASCII has the byte. */
static inline uint64_t cb_has_byte(uint64_t eight, char byte)
{
    return ~((eight ^ CB_EIGHT(byte)) + CB_EIGHT(0x7F)) & CB_EIGHT(0x80);
}

/* The last eight bytes of a text, or all of a shorter one and blanks. */
static inline uint64_t cb_last_eight(cb_str text)
{
    uint64_t eight = CB_EIGHT(' ');
    if (text.len >= sizeof eight)
        memcpy(&eight, text.at + text.len - sizeof eight, sizeof eight);
    else if (text.len > 0)
        memcpy(&eight, text.at, text.len);
    return eight;
}

// cb_ascii_printable says whether text is printable ASCII.
static inline bool cb_ascii_printable(cb_str text)
{
    uint64_t eight, wrong = 0;
    for (size_t at = 0; text.len - at > sizeof eight; at += sizeof eight) {
        memcpy(&eight, text.at + at, sizeof eight);
        wrong |= cb_not_printable(eight);
    }
    return (wrong | cb_not_printable(cb_last_eight(text))) == 0;
}

#endif
