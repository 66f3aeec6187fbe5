#include "casebook/text.h"

#include <stdio.h>

static unsigned char lower(unsigned char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (unsigned char)(byte + ('a' - 'A')) : byte;
}

bool cb_str_eq_nocase(cb_str a, cb_str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower((unsigned char)a.at[i]) != lower((unsigned char)b.at[i]))
            return false;
    return true;
}

int cb_str_cmp(cb_str a, cb_str b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common ? memcmp(a.at, b.at, common) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

/* ---- trimming and folding ---- */

/* Bytes of white space at the front or at the end of text, 0 if there is none. */
static size_t space_ahead(cb_str text)
{
    if (text.len == 0)
        return 0;
    char c = text.at[0];
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
        return 1;
    return text.len >= 2 && c == '\xC2' && text.at[1] == '\xA0' ? 2 : 0;
}

static size_t space_behind(cb_str text)
{
    if (text.len == 0)
        return 0;
    char c = text.at[text.len - 1];
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
        return 1;
    return text.len >= 2 && c == '\xA0' && text.at[text.len - 2] == '\xC2' ? 2 : 0;
}

cb_str cb_str_trim(cb_str text)
{
    for (size_t n; (n = space_ahead(text)) > 0;) {
        text.at += n;
        text.len -= n;
    }
    for (size_t n; (n = space_behind(text)) > 0;)
        text.len -= n;
    return text;
}

/* Bytes at *at that a folded name does not have. */
static size_t fold_skip(cb_str text, size_t at)
{
    cb_str rest = {text.at + at, text.len - at};
    size_t n = space_ahead(rest);
    if (n || rest.len == 0)
        return n;
    if (rest.len >= 3 && !memcmp(rest.at, "\xEF\xBB\xBF", 3))
        return 3;
    return rest.at[0] && strchr("_-.?#:()[]", rest.at[0]) ? 1 : 0;
}

/* The next byte of the folded form, or -1 at the end. */
static int fold_next(cb_str text, size_t *at)
{
    for (size_t n; (n = fold_skip(text, *at)) > 0;)
        *at += n;
    return *at < text.len ? lower((unsigned char)text.at[(*at)++]) : -1;
}

size_t cb_name_fold(cb_str text, char *out, size_t cap)
{
    size_t n = 0;
    size_t at = 0;
    for (int c; n < cap && (c = fold_next(text, &at)) >= 0;)
        out[n++] = (char)c;
    return n;
}

bool cb_name_eq(cb_str a, cb_str b)
{
    size_t at_a = 0;
    size_t at_b = 0;
    int c;
    do {
        c = fold_next(a, &at_a);
        if (c != fold_next(b, &at_b))
            return false;
    } while (c >= 0);
    return true;
}

/* ---- nearest name ---- */

enum { NEAREST_MAX = 64 };

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Damerau-Levenshtein distance (optimal string alignment): insert, delete, replace, swap
 * neighbours. */
static unsigned distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    unsigned rows[3][NEAREST_MAX + 1];
    unsigned *before = rows[0];
    unsigned *last = rows[1];
    unsigned *row = rows[2];
    for (size_t j = 0; j <= b_len; j++)
        last[j] = (unsigned)j;
    for (size_t i = 1; i <= a_len; i++) {
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b_len; j++) {
            unsigned cost = last[j - 1] + (a[i - 1] != b[j - 1]);
            cost = least(cost, least(last[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                cost = least(cost, before[j - 2] + 1);
            row[j] = cost;
        }
        unsigned *oldest = before;
        before = last;
        last = row;
        row = oldest;
    }
    return last[b_len];
}

size_t cb_nearest(cb_str text, const char *const *candidates, size_t n)
{
    char want[NEAREST_MAX];
    char name[NEAREST_MAX];
    size_t want_len = cb_name_fold(text, want, sizeof want);
    size_t best = SIZE_MAX;
    unsigned best_distance = UINT32_MAX;
    for (size_t i = 0; want_len && i < n; i++) {
        size_t len = cb_name_fold(cb_str_of(candidates[i]), name, sizeof name);
        size_t longer = len > want_len ? len : want_len;
        unsigned d = distance(want, want_len, name, len);
        if (d < best_distance && d <= (longer >= 3 ? longer / 3 : 1)) {
            best = i;
            best_distance = d;
        }
    }
    return best;
}

/* ---- UTF-8 ---- */

/* Well-formed sequences by lead byte (the Unicode standard, table 3-7): length, bounds of the
 * second byte. */
static unsigned sequence_shape(unsigned char lead, unsigned char *low, unsigned char *high)
{
    *low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    *high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (lead < 0x80)
        return 1;
    if (lead < 0xC2)
        return 0;
    if (lead < 0xE0)
        return 2;
    if (lead < 0xF0)
        return 3;
    return lead <= 0xF4 ? 4 : 0;
}

/* Length of the well-formed sequence at the start of p[0 … n-1], n > 0; 0 if it is ill-formed. */
static unsigned sequence_len(const unsigned char *p, size_t n)
{
    unsigned char low;
    unsigned char high;
    unsigned len = sequence_shape(p[0], &low, &high);
    if (len == 0 || len > n)
        return 0;
    if (len > 1 && (p[1] < low || p[1] > high))
        return 0;
    for (unsigned i = 2; i < len; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    return len;
}

bool cb_utf8_valid(cb_str text)
{
    const unsigned char *p = (const unsigned char *)text.at;
    size_t i = 0;
    while (i < text.len) {
        uint64_t eight;
        if (text.len - i >= sizeof eight) {
            memcpy(&eight, p + i, sizeof eight);
            if (!(eight & UINT64_C(0x8080808080808080))) {
                i += sizeof eight;
                continue;
            }
        }
        unsigned len = sequence_len(p + i, text.len - i);
        if (len == 0)
            return false;
        i += len;
    }
    return true;
}

size_t cb_utf8_units(cb_str text)
{
    size_t units = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.at[i];
        units += (size_t)((byte & 0xC0) != 0x80) + (byte >= 0xF0);
    }
    return units;
}

uint32_t cb_utf8_next(cb_str text, size_t *at)
{
    static const unsigned char lead_bits[5] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    const unsigned char *p = (const unsigned char *)text.at + *at;
    unsigned len = sequence_len(p, text.len - *at);
    if (len == 0) {
        *at += 1;
        return 0xFFFD;
    }
    uint32_t code = p[0] & lead_bits[len];
    for (unsigned i = 1; i < len; i++)
        code = code << 6 | (p[i] & 0x3FU);
    *at += len;
    return code;
}

/* ---- hash ---- */

/* As cb_eight_at. */
static uint64_t load_u32(const unsigned char *p)
{
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24;
}

/* The last 0-8 bytes as one number; the length is in the seed, so overlapping loads are no
 * ambiguity. */
static uint64_t load_tail(const unsigned char *p, size_t n)
{
    if (n == 8)
        return cb_eight_at((const char *)p);
    if (n >= 4)
        return load_u32(p) | load_u32(p + n - 4) << 32;
    if (n == 0)
        return 0;
    return (uint64_t)p[0] | (uint64_t)p[n / 2] << 8 | (uint64_t)p[n - 1] << 16;
}

/* A word is spread over all 64 bits before it meets the hash: a multiplication alone carries
 * upwards only, and the difference of two high bytes could be cancelled by the next word. */
static uint64_t spread(uint64_t word)
{
    word *= UINT64_C(0x9E3779B97F4A7C15); /* 2^64 / golden ratio, odd */
    return (word << 31 | word >> 33) * UINT64_C(0xD6E8FEB86659FD93);
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash ^= spread(word);
    return (hash << 27 | hash >> 37) * UINT64_C(0xA0761D6478BD642F);
}

uint64_t cb_hash(cb_str text)
{
    const unsigned char *p = (const unsigned char *)text.at;
    size_t n = text.len;
    uint64_t hash = UINT64_C(0x243F6A8885A308D3) ^ n * UINT64_C(0xE7037ED1A0B428DB);
    for (; n > 8; n -= 8, p += 8)
        hash = mix(hash, cb_eight_at((const char *)p));
    hash = mix(hash, load_tail(p, n));
    hash = (hash ^ hash >> 32) * UINT64_C(0x8EBC6AF09C88C6E3);
    return hash ^ hash >> 29;
}

cb_str cb_str_base_name(cb_str path)
{
    size_t from = path.len;
    while (from > 0 && path.at[from - 1] != '/')
        from--;
    return (cb_str){path.at + from, path.len - from};
}

/* ---- figures ---- */

void cb_group_digits(char out[CB_GROUPED_BYTES], uint64_t n)
{
    char plain[24];
    int len = snprintf(plain, sizeof plain, "%llu", (unsigned long long)n);
    size_t k = 0;
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            out[k++] = ',';
        out[k++] = plain[i];
    }
    out[k] = '\0';
}
