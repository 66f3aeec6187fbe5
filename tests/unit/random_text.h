/* random_text.h - random numbers and the sight of a text, for tests of records and fields. The test
 * says where the numbers begin: static uint64_t random_state = … */
#ifndef TESTS_RANDOM_TEXT_H
#define TESTS_RANDOM_TEXT_H

#include "testing.h"

#include <string.h>

#include "casebook/text.h"

static uint64_t random_state;

static inline uint32_t random_below(uint32_t n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 33) % n;
}

/* Bytes as C text, for failure messages; valid until the next call. */
static inline const char *shown(cb_str text)
{
    static char out[8192];
    size_t n = 0;
    for (size_t i = 0; i < text.len && n + 8 < sizeof out; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c == '\n' || c == '\r')
            n += (size_t)snprintf(out + n, 8, "\\%c", c == '\n' ? 'n' : 'r');
        else
            n += (size_t)snprintf(out + n, 8, c < 32 || c > 126 ? "\\x%02x" : "%c", c);
    }
    out[n] = '\0';
    return out;
}

/* A copy that ends where its memory ends, so that a sanitizer sees one byte too far. */
static inline cb_str exact_copy(cb_str text)
{
    char *at = malloc(text.len ? text.len : 1);
    assert_non_null(at);
    if (text.len)
        memcpy(at, text.at, text.len);
    return (cb_str){at, text.len};
}

#endif
