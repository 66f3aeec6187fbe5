#include "ingest/lines.h"

#include "ingest/fields_parts.h"

static void look_ahead(cb_lines *l)
{
    l->run =
        cb_marks_of((cb_str){l->text.at + l->base, l->text.len - l->base}, l->delimiter, l->marks);
    l->run_at = 0;
}

/* The block at l->base, which is in the text. */
static inline void read_block(cb_lines *l)
{
    if (l->run_at == l->run)
        look_ahead(l);
    const cb_marks *m = &l->marks[l->run_at++];
    uint64_t inside = l->inside;
    uint64_t ends = cb_ends_of(m, l->after_cr);
    l->after_cr = m->cr >> 63;
    if (m->quote) {
        inside ^= cb_parity(m->quote);
        l->inside = (uint64_t)0 - (inside >> 63);
    }
    l->quotes = m->quote;
    l->delimiters = m->delimiter & ~inside;
    l->ends = ends & ~inside;
    l->inner_ends = ends & inside;
    l->block_odd = m->odd;
}

void cb_lines_seek(cb_lines *lines, size_t from)
{
    lines->base = from;
    lines->inside = 0;
    lines->run = lines->run_at = 0;
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
    const char *start = p->start;
    cb_str *cell = p->cell;
    if (l->quotes & ~behind) {
        p->first_quoted = p->quotes ? p->first_quoted : p->cell;
        p->quotes += (size_t)__builtin_popcountll(l->quotes & ~behind);
    }
    if (l->inner_ends)
        p->lines += (uint64_t)__builtin_popcountll(l->inner_ends & ~behind);
    for (uint64_t mask = l->delimiters & ~behind; mask; mask &= mask - 1) {
        const char *end = block + (unsigned)__builtin_ctzll(mask);
        *cell++ = (cb_str){start, (size_t)(end - start)};
        start = end + 1;
    }
    p->cell = cell;
    p->start = start;
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
