#include "ingest/lines.h"

#include "ingest/fields_parts.h"
#include "ingest/scan.h"

/* Where the 64 bytes at `at` are what is looked for. */
typedef struct marks {
    uint64_t delimiter, quote, lf, cr;
    bool odd; /* a byte 0 or over 127 */
} marks;

#ifdef __SSE2__
static inline uint64_t mask_of(const __m128i b[4], __m128i like)
{
    uint32_t low = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(b[0], like)) |
                   (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(b[1], like)) << 16;
    uint32_t high = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(b[2], like)) |
                    (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(b[3], like)) << 16;
    return low | (uint64_t)high << 32;
}

static inline bool is_any(const __m128i b[4], __m128i like)
{
    __m128i any =
        _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(b[0], like), _mm_cmpeq_epi8(b[1], like)),
                     _mm_or_si128(_mm_cmpeq_epi8(b[2], like), _mm_cmpeq_epi8(b[3], like)));
    return _mm_movemask_epi8(any) != 0;
}

/* A top bit, or a byte 0. */
static inline bool is_odd(const __m128i b[4])
{
    __m128i tops = _mm_or_si128(_mm_or_si128(b[0], b[1]), _mm_or_si128(b[2], b[3]));
    __m128i least = _mm_min_epu8(_mm_min_epu8(b[0], b[1]), _mm_min_epu8(b[2], b[3]));
    return _mm_movemask_epi8(_mm_or_si128(tops, _mm_cmpeq_epi8(least, _mm_setzero_si128()))) != 0;
}

static inline marks marks_of(const char *at, char delimiter)
{
    const __m128i *from = (const __m128i *)(const void *)at;
    const __m128i b[4] = {_mm_loadu_si128(from), _mm_loadu_si128(from + 1),
                          _mm_loadu_si128(from + 2), _mm_loadu_si128(from + 3)};
    const __m128i cr = _mm_set1_epi8('\r');
    return (marks){mask_of(b, _mm_set1_epi8(delimiter)), mask_of(b, _mm_set1_epi8('"')),
                   mask_of(b, _mm_set1_epi8('\n')), is_any(b, cr) ? mask_of(b, cr) : 0, is_odd(b)};
}
#else
static inline marks marks_of(const char *at, char delimiter)
{
    marks m = {cb_mask_scalar(at, (cb_needles){delimiter, delimiter, delimiter}),
               cb_mask_scalar(at, (cb_needles){'"', '"', '"'}),
               cb_mask_scalar(at, (cb_needles){'\n', '\n', '\n'}),
               cb_mask_scalar(at, (cb_needles){'\r', '\r', '\r'}), false};
    for (unsigned i = 0; i < CB_BLOCK; i++)
        m.odd |= (signed char)at[i] <= 0;
    return m;
}
#endif

/* A last part of less than 64 bytes, as a block of its own. */
static marks marks_of_rest(cb_str rest, char delimiter)
{
    char block[CB_BLOCK];
    memset(block, 'x', sizeof block);
    memcpy(block, rest.at, rest.len);
    marks m = marks_of(block, delimiter);
    uint64_t real = ((uint64_t)1 << rest.len) - 1; /* the delimiter may be an x */
    m.delimiter &= real;
    return m;
}

/* Bit i is set where an odd number of bits is set in mask up to and including i: inside quotes. */
static inline uint64_t parity(uint64_t mask)
{
    mask ^= mask << 1;
    mask ^= mask << 2;
    mask ^= mask << 4;
    mask ^= mask << 8;
    mask ^= mask << 16;
    return mask ^ mask << 32;
}

static inline void read_block(cb_lines *l)
{
    const char *at = l->text.at + l->base;
    size_t left = l->text.len - l->base;
    marks m = left >= CB_BLOCK ? marks_of(at, l->delimiter)
                               : marks_of_rest((cb_str){at, left}, l->delimiter);
    uint64_t inside = l->inside;
    uint64_t ends = m.lf;
    if (m.cr || l->after_cr) { /* the LF of CR LF is no line end of its own */
        ends = m.cr | (m.lf & ~(m.cr << 1 | (uint64_t)l->after_cr));
        l->after_cr = m.cr >> 63;
    }
    if (m.quote) {
        inside ^= parity(m.quote);
        l->inside = (uint64_t)0 - (inside >> 63);
    }
    l->quotes = m.quote;
    l->delimiters = m.delimiter & ~inside;
    l->ends = ends & ~inside;
    l->inner_ends = ends & inside;
    l->block_odd = m.odd;
}

void cb_lines_seek(cb_lines *lines, size_t from)
{
    lines->base = from;
    lines->inside = 0;
    lines->after_cr = false;
    if (from < lines->text.len)
        read_block(lines);
}

cb_lines cb_lines_begin(cb_str text, char delimiter, size_t record_limit)
{
    cb_lines lines = {.text = text, .delimiter = delimiter, .record_limit = record_limit};
    cb_lines_seek(&lines, 0);
    return lines;
}

/* The record in hand. */
typedef struct progress {
    const char *start; /* of its next cell */
    cb_str *cell;      /* where that goes */
    size_t quotes;
    cb_str *first_quoted; /* no cell before it has a quote */
    uint64_t lines;
} progress;

/* The part of the block before the bits `behind` is the record's. */
static inline void take_block(cb_lines *l, progress *p, uint64_t behind)
{
    const char *block = l->text.at + l->base;
    if (l->quotes & ~behind) {
        p->first_quoted = p->quotes ? p->first_quoted : p->cell;
        p->quotes += (size_t)__builtin_popcountll(l->quotes & ~behind);
    }
    if (l->inner_ends)
        p->lines += (uint64_t)__builtin_popcountll(l->inner_ends & ~behind);
    for (uint64_t mask = l->delimiters & ~behind; mask; mask &= mask - 1) {
        const char *end = block + __builtin_ctzll(mask);
        *p->cell++ = (cb_str){p->start, (size_t)(end - p->start)};
        p->start = end + 1;
    }
}

/* Up to the block in which the record ends, or the last of the text. */
static inline bool take_blocks(cb_lines *l, progress *p, const cb_str *last_cell, bool *odd)
{
    while (!l->ends && l->text.len - l->base > CB_BLOCK) {
        take_block(l, p, 0);
        if (p->cell > last_cell || p->lines > CB_LOOKAHEAD_LINES)
            return false;
        l->base += CB_BLOCK;
        read_block(l);
        *odd |= l->block_odd;
    }
    return true;
}

/* The last part of the record. Returns where it ends. */
static inline size_t take_end(cb_lines *l, progress *p)
{
    uint64_t end = l->ends & (0 - l->ends);
    uint64_t behind = 0 - end;
    take_block(l, p, behind);
    l->quotes &= behind;
    l->inner_ends &= behind;
    l->delimiters &= behind;
    l->ends ^= end;
    return end ? l->base + (size_t)__builtin_ctzll(end) : l->text.len;
}

static size_t behind_line_end(cb_str text, size_t at)
{
    bool is_crlf = at + 1 < text.len && text.at[at] == '\r' && text.at[at + 1] == '\n';
    return at >= text.len ? text.len : at + (is_crlf ? 2 : 1);
}

bool cb_line_next(cb_lines *l, cb_splitter *splitter, size_t from, cb_line *line, cb_cells *cells,
                  cb_status *status)
{
    progress p = {.start = l->text.at + from, .cell = splitter->cell, .lines = 1};
    line->ascii = !l->block_odd;
    bool odd = false;
    *status = CB_OK;
    if (!take_blocks(l, &p, splitter->cell + splitter->max_columns, &odd))
        return false;
    bool open = !l->ends && l->inside; /* the text ends inside quotes */
    size_t end = take_end(l, &p);
    *p.cell++ = (cb_str){p.start, (size_t)(l->text.at + end - p.start)};
    cb_str text = {l->text.at + from, end - from};
    unsigned n = (unsigned)(p.cell - splitter->cell);
    if (open || text.len > l->record_limit || text.len > splitter->max_field_bytes ||
        n > splitter->max_columns || p.lines > CB_LOOKAHEAD_LINES)
        return false;
    if (p.quotes && !cb_cells_unquote(splitter, text, (unsigned)(p.first_quoted - splitter->cell),
                                      n, p.quotes, status))
        return false;
    line->ascii &= !odd;
    line->record = (cb_record){.text = text,
                               .next = behind_line_end(l->text, end),
                               .lines = (uint32_t)p.lines,
                               .has_quote = p.quotes > 0};
    *cells = (cb_cells){splitter->cell, n, 0};
    return true;
}
