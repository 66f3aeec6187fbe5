/* scan.h - private to src/ingest: which of 64 bytes are the ones looked for, as a bit mask; and a
 * walk over all hits.
 *
 * Why: boundaries and cells are found by a handful of characters among hundreds. SSE2 belongs to
 * every x86-64, so it needs no detection at run time; other machines take the scalar twin. Both are
 * compiled here on x86-64, so that a test can hold them against each other byte for byte.
 *
 * Nothing here reads a byte outside the text: a last part of less than 64 bytes is read as the last
 * 64 bytes of the text, shifted, or copied into a block of its own if the text is shorter than
 * that.
 *
 * Sequence of a walk: cb_walk_begin -> cb_walk_next until it returns text.len. */
#ifndef CASEBOOK_INGEST_SCAN_H
#define CASEBOOK_INGEST_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "casebook/text.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { CB_BLOCK = 64 };

/* Up to three characters looked for at once; fewer: repeat one. */
typedef struct cb_needles {
    char a, b, c;
} cb_needles;

// cb_mask_scalar returns bit i set where at[i] is one of the needles, for the 64 bytes at `at`.
static inline uint64_t cb_mask_scalar(const char *at, cb_needles any)
{
    uint64_t mask = 0;
    for (unsigned i = 0; i < CB_BLOCK; i++)
        mask |= (uint64_t)(at[i] == any.a || at[i] == any.b || at[i] == any.c) << i;
    return mask;
}

#ifdef __SSE2__
// cb_mask_16 is cb_mask_scalar over 16 bytes.
static inline uint64_t cb_mask_16(const char *at, __m128i a, __m128i b, __m128i c)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
    __m128i hit = _mm_or_si128(_mm_cmpeq_epi8(bytes, a),
                               _mm_or_si128(_mm_cmpeq_epi8(bytes, b), _mm_cmpeq_epi8(bytes, c)));
    return (uint64_t)(uint32_t)_mm_movemask_epi8(hit);
}

// cb_mask_block is cb_mask_scalar, 16 bytes at a time.
static inline uint64_t cb_mask_block(const char *at, cb_needles any)
{
    const __m128i a = _mm_set1_epi8(any.a), b = _mm_set1_epi8(any.b), c = _mm_set1_epi8(any.c);
    return cb_mask_16(at, a, b, c) | cb_mask_16(at + 16, a, b, c) << 16 |
           cb_mask_16(at + 32, a, b, c) << 32 | cb_mask_16(at + 48, a, b, c) << 48;
}
#else
static inline uint64_t cb_mask_block(const char *at, cb_needles any)
{
    return cb_mask_scalar(at, any);
}
#endif

// cb_mask_at returns the mask of the bytes text.at[from …], at most 64 of them; bits behind the end
// are 0. from < text.len.
static inline uint64_t cb_mask_at(cb_str text, size_t from, cb_needles any)
{
    size_t left = text.len - from;
    if (left >= CB_BLOCK)
        return cb_mask_block(text.at + from, any);
    if (text.len >= CB_BLOCK)
        return cb_mask_block(text.at + text.len - CB_BLOCK, any) >> (CB_BLOCK - left);
    char block[CB_BLOCK] = {0};
    memcpy(block, text.at + from, left);
    return cb_mask_block(block, any) & (((uint64_t)1 << left) - 1);
}

/* A walk over the positions of the needles. */
typedef struct cb_walk {
    cb_str text;
    cb_needles any;
    size_t base;   /* where the block of `mask` begins */
    uint64_t mask; /* hits of the block not yet handed out */
} cb_walk;

static inline cb_walk cb_walk_begin(cb_str text, size_t from, cb_needles any)
{
    return (cb_walk){text, any, from, from < text.len ? cb_mask_at(text, from, any) : 0};
}

// cb_walk_next returns the next position, or text.len when there is none.
static inline size_t cb_walk_next(cb_walk *walk)
{
    while (!walk->mask) {
        if (walk->text.len - walk->base <= CB_BLOCK)
            return walk->text.len;
        walk->base += CB_BLOCK;
        walk->mask = cb_mask_at(walk->text, walk->base, walk->any);
    }
    size_t at = walk->base + (size_t)__builtin_ctzll(walk->mask);
    walk->mask &= walk->mask - 1;
    return at;
}

// cb_is_line_end says whether byte is the first byte of a line end, `before` the byte before it:
// the LF of CR LF is not.
static inline bool cb_is_line_end(char before, char byte)
{
    return byte == '\r' || (byte == '\n' && before != '\r');
}

// cb_line_ends_scalar returns the number of line ends (LF, CR LF, CR) in text[from …], from >= 1.
static inline uint64_t cb_line_ends_scalar(cb_str text, size_t from)
{
    uint64_t n = 0;
    for (size_t i = from; i < text.len; i++)
        n += cb_is_line_end(text.at[i - 1], text.at[i]);
    return n;
}

#ifdef __SSE2__
// cb_line_ends_run adds up to 255 blocks of 16 bytes in byte-wide counters, which cannot overflow
// in so many.
static inline uint64_t cb_line_ends_run(const char *at, size_t blocks)
{
    const __m128i lf = _mm_set1_epi8('\n'), cr = _mm_set1_epi8('\r');
    __m128i sum = _mm_setzero_si128();
    for (size_t k = 0; k < blocks; k++, at += 16) {
        __m128i before = _mm_loadu_si128((const __m128i *)(const void *)(at - 1));
        __m128i byte = _mm_loadu_si128((const __m128i *)(const void *)at);
        __m128i lone_lf = _mm_andnot_si128(_mm_cmpeq_epi8(before, cr), _mm_cmpeq_epi8(byte, lf));
        sum = _mm_sub_epi8(sum, _mm_or_si128(_mm_cmpeq_epi8(byte, cr), lone_lf));
    }
    uint64_t half[2];
    _mm_storeu_si128((__m128i *)(void *)half, _mm_sad_epu8(sum, _mm_setzero_si128()));
    return half[0] + half[1];
}

// cb_line_ends is cb_line_ends_scalar from 1, 16 bytes at a time.
static inline uint64_t cb_line_ends(cb_str text)
{
    uint64_t n = 0;
    size_t at = 1;
    while (text.len > at && text.len - at >= 16) {
        size_t blocks = (text.len - at) / 16 < 255 ? (text.len - at) / 16 : 255;
        n += cb_line_ends_run(text.at + at, blocks);
        at += blocks * 16;
    }
    return n + cb_line_ends_scalar(text, at);
}
#else
static inline uint64_t cb_line_ends(cb_str text)
{
    return cb_line_ends_scalar(text, 1);
}
#endif

#endif
