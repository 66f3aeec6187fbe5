#include "ingest/marks.h"

#if defined(__x86_64__) && defined(__SSE2__)
#define HAS_VECTORS
#include <immintrin.h>
#endif

cb_marks cb_marks_scalar(const char *at, char delimiter)
{
    cb_marks m = {cb_mask_scalar(at, (cb_needles){delimiter, delimiter, delimiter}),
                  cb_mask_scalar(at, (cb_needles){'"', '"', '"'}),
                  cb_mask_scalar(at, (cb_needles){'\n', '\n', '\n'}),
                  cb_mask_scalar(at, (cb_needles){'\r', '\r', '\r'}), false};
    for (unsigned i = 0; i < CB_BLOCK; i++)
        m.odd |= (signed char)at[i] <= 0;
    return m;
}

#ifdef HAS_VECTORS
static inline uint64_t mask_by_16(const __m128i b[4], char needle)
{
    const __m128i like = _mm_set1_epi8(needle);
    uint32_t low = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(b[0], like)) |
                   (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(b[1], like)) << 16;
    uint32_t high = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(b[2], like)) |
                    (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(b[3], like)) << 16;
    return low | (uint64_t)high << 32;
}

/* A top bit, or a byte 0. */
static inline bool is_odd_by_16(const __m128i b[4])
{
    __m128i tops = _mm_or_si128(_mm_or_si128(b[0], b[1]), _mm_or_si128(b[2], b[3]));
    __m128i least = _mm_min_epu8(_mm_min_epu8(b[0], b[1]), _mm_min_epu8(b[2], b[3]));
    return _mm_movemask_epi8(_mm_or_si128(tops, _mm_cmpeq_epi8(least, _mm_setzero_si128()))) != 0;
}

static inline cb_marks marks_by_16(const char *at, char delimiter)
{
    const __m128i *from = (const __m128i *)(const void *)at;
    const __m128i b[4] = {_mm_loadu_si128(from), _mm_loadu_si128(from + 1),
                          _mm_loadu_si128(from + 2), _mm_loadu_si128(from + 3)};
    return (cb_marks){mask_by_16(b, delimiter), mask_by_16(b, '"'), mask_by_16(b, '\n'),
                      mask_by_16(b, '\r'), is_odd_by_16(b)};
}

#define WITH_AVX2 __attribute__((target("avx2")))

WITH_AVX2 static inline uint64_t mask_by_32(__m256i low, __m256i high, char needle)
{
    const __m256i like = _mm256_set1_epi8(needle);
    return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, like)) |
           (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, like)) << 32;
}

WITH_AVX2 static inline cb_marks marks_by_32(const char *at, char delimiter)
{
    const __m256i *from = (const __m256i *)(const void *)at;
    __m256i low = _mm256_loadu_si256(from);
    __m256i high = _mm256_loadu_si256(from + 1);
    __m256i least = _mm256_min_epi8(low, high); /* signed: 1 … 127 are those above 0 */
    __m256i good = _mm256_cmpgt_epi8(least, _mm256_setzero_si256());
    return (cb_marks){mask_by_32(low, high, delimiter), mask_by_32(low, high, '"'),
                      mask_by_32(low, high, '\n'), mask_by_32(low, high, '\r'),
                      _mm256_movemask_epi8(good) != -1};
}

cb_marks cb_marks_by_16(const char *at, char delimiter)
{
    return marks_by_16(at, delimiter);
}

WITH_AVX2 static void run_by_32(const char *at, unsigned blocks, char delimiter, cb_marks *out)
{
    for (unsigned i = 0; i < blocks; i++)
        out[i] = marks_by_32(at + (size_t)i * CB_BLOCK, delimiter);
}

bool cb_marks_by_32(const char *at, char delimiter, cb_marks *out)
{
    if (!__builtin_cpu_supports("avx2"))
        return false;
    run_by_32(at, 1, delimiter, out);
    return true;
}

static void run(const char *at, unsigned blocks, char delimiter, cb_marks *out)
{
    if (__builtin_cpu_supports("avx2")) {
        run_by_32(at, blocks, delimiter, out);
        return;
    }
    for (unsigned i = 0; i < blocks; i++)
        out[i] = marks_by_16(at + (size_t)i * CB_BLOCK, delimiter);
}
#else
cb_marks cb_marks_by_16(const char *at, char delimiter)
{
    return cb_marks_scalar(at, delimiter);
}

bool cb_marks_by_32(const char *at, char delimiter, cb_marks *out)
{
    (void)at;
    (void)delimiter;
    (void)out;
    return false;
}

static void run(const char *at, unsigned blocks, char delimiter, cb_marks *out)
{
    for (unsigned i = 0; i < blocks; i++)
        out[i] = cb_marks_scalar(at + (size_t)i * CB_BLOCK, delimiter);
}
#endif

/* A last part of less than 64 bytes, as a block of its own. */
static cb_marks marks_of_part(cb_str part, char delimiter)
{
    char block[CB_BLOCK];
    cb_marks m;
    memset(block, 'x', sizeof block);
    memcpy(block, part.at, part.len);
    run(block, 1, delimiter, &m);
    m.delimiter &= ((uint64_t)1 << part.len) - 1; /* it may be an x */
    return m;
}

unsigned cb_marks_of(cb_str rest, char delimiter, cb_marks out[CB_MARKS_RUN])
{
    size_t whole = rest.len / CB_BLOCK;
    unsigned n = whole < CB_MARKS_RUN ? (unsigned)whole : CB_MARKS_RUN;
    size_t at = (size_t)n * CB_BLOCK;
    run(rest.at, n, delimiter, out);
    if (n < CB_MARKS_RUN && at < rest.len)
        out[n++] = marks_of_part((cb_str){rest.at + at, rest.len - at}, delimiter);
    return n;
}
