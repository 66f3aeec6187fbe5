#include "ingest/fields_parts.h"

#include "ingest/scan.h"

#include <csv.h>

/* libcsv is fed so much at a time, because its callbacks cannot stop it; buffers grow by as much.
 */
enum { FEED_BYTES = 64 * 1024 };

cb_splitter *cb_splitter_new(const cb_alloc *alloc, char delimiter, unsigned max_columns,
                             size_t max_field_bytes)
{
    cb_splitter *splitter = alloc->resize(alloc->ctx, NULL, 0, sizeof *splitter);
    if (!splitter)
        return NULL;
    *splitter = (cb_splitter){.alloc = alloc,
                              .delimiter = delimiter,
                              .max_columns = max_columns,
                              .max_field_bytes = max_field_bytes,
                              .cell_room = (size_t)max_columns + CB_BLOCK + 1};
    size_t bytes;
    if (cb_mul(splitter->cell_room, sizeof *splitter->cell, &bytes))
        splitter->cell = alloc->resize(alloc->ctx, NULL, 0, bytes);
    if (!splitter->cell) {
        alloc->resize(alloc->ctx, splitter, sizeof *splitter, 0);
        return NULL;
    }
    return splitter;
}

static void drop(const cb_alloc *alloc, void *at, size_t n)
{
    if (at)
        alloc->resize(alloc->ctx, at, n, 0);
}

void cb_splitter_free(cb_splitter *splitter)
{
    if (!splitter)
        return;
    const cb_alloc *alloc = splitter->alloc;
    drop(alloc, splitter->text, splitter->text_room);
    drop(alloc, splitter->entry, splitter->entry_room);
    drop(alloc, splitter->cell, splitter->cell_room * sizeof *splitter->cell);
    drop(alloc, splitter, sizeof *splitter);
}

/* Forgets what *at held. Grows in steps, so that records of creeping length do not each allocate.
 */
static bool make_room(const cb_alloc *alloc, void **at, size_t *room, size_t need)
{
    if (need <= *room)
        return true;
    drop(alloc, *at, *room);
    need += FEED_BYTES - need % FEED_BYTES;
    *at = alloc->resize(alloc->ctx, NULL, 0, need);
    *room = *at ? need : 0;
    return *at != NULL;
}

static cb_split give(cb_splitter *splitter, cb_cells *cells, cb_split found, unsigned n)
{
    *cells = (cb_cells){splitter->cell, n, found == CB_SPLIT_OK ? 0 : n};
    return found;
}

/* ---- libcsv ---- */

static int never(unsigned char byte)
{
    (void)byte;
    return 0;
}

/* The cap on a cell: libcsv asks for more only where a cell is longer than max_field_bytes. */
static void *refuse_more(void *at, size_t n)
{
    (void)at;
    (void)n;
    return NULL;
}

static void take_cell(void *bytes, size_t len, void *ctx)
{
    cb_splitter *splitter = ctx;
    if (splitter->found != CB_SPLIT_OK)
        return;
    if (len > splitter->max_field_bytes) {
        splitter->found = CB_SPLIT_FIELD_SIZE;
    } else if (splitter->n == splitter->max_columns) {
        splitter->found = CB_SPLIT_COLUMNS;
    } else {
        char *at = splitter->text + splitter->text_used;
        memcpy(at, bytes, len);
        splitter->cell[splitter->n++] = (cb_str){at, len};
        splitter->text_used += len;
    }
}

static void take_row(int byte, void *ctx)
{
    (void)byte;
    (void)ctx;
}

static void note_fault(cb_splitter *splitter, struct csv_parser *parser)
{
    if (splitter->found == CB_SPLIT_OK)
        splitter->found = csv_error(parser) == CSV_ENOMEM ? CB_SPLIT_FIELD_SIZE : CB_SPLIT_QUOTES;
}

/* The closing quote passes through the buffer, and libcsv asks for room before it looks at the next
 * byte. */
static size_t entry_size(const cb_splitter *splitter, size_t text_len)
{
    return (text_len < splitter->max_field_bytes ? text_len : splitter->max_field_bytes) + 2;
}

static void feed(cb_splitter *splitter, cb_str text)
{
    struct csv_parser parser;
    (void)csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI); /* fails for a NULL parser only */
    csv_set_delim(&parser, (unsigned char)splitter->delimiter);
    csv_set_space_func(&parser, never); /* nothing is trimmed */
    csv_set_term_func(&parser, never);  /* the record ends where text ends */
    csv_set_realloc_func(&parser, refuse_more);
    parser.entry_buf = splitter->entry;
    parser.entry_size = entry_size(splitter, text.len);
    for (size_t at = 0; at < text.len && splitter->found == CB_SPLIT_OK;) {
        size_t n = text.len - at < FEED_BYTES ? text.len - at : FEED_BYTES;
        if (csv_parse(&parser, text.at + at, n, take_cell, take_row, splitter) != n)
            note_fault(splitter, &parser);
        at += n;
    }
    if (splitter->found == CB_SPLIT_OK && csv_fini(&parser, take_cell, take_row, splitter) != 0)
        note_fault(splitter, &parser);
}

static bool make_entry_room(cb_splitter *splitter, size_t text_len)
{
    void *entry = splitter->entry;
    bool ok =
        make_room(splitter->alloc, &entry, &splitter->entry_room, entry_size(splitter, text_len));
    splitter->entry = entry;
    return ok;
}

static bool make_text_room(cb_splitter *splitter, size_t text_len)
{
    void *text = splitter->text;
    bool ok = make_room(splitter->alloc, &text, &splitter->text_room, text_len + 1 + CB_CELL_SLACK);
    splitter->text = text;
    return ok;
}

cb_split cb_split_by_libcsv(cb_splitter *splitter, const cb_record *record, cb_cells *cells,
                            cb_status *status)
{
    *status = CB_OK;
    splitter->n = 0;
    splitter->text_used = 0;
    splitter->found = CB_SPLIT_OK;
    if (!make_entry_room(splitter, record->text.len) ||
        !make_text_room(splitter, record->text.len)) {
        *status = CB_ENOMEM;
        return give(splitter, cells, CB_SPLIT_OK, 0);
    }
    feed(splitter, record->text);
    if (record->text.len == 0)
        take_cell(splitter->text, 0, splitter); /* to libcsv an empty line is no row */
    return give(splitter, cells, splitter->found, splitter->n);
}

/* ---- the shortcuts ---- */

/* Bit i is set where an odd number of bits is set in mask up to and including i: inside quotes. */
static uint64_t parity(uint64_t mask)
{
    for (unsigned shift = 1; shift < 64; shift *= 2)
        mask ^= mask << shift;
    return mask;
}

/* Where the delimiters outside quotes are, block by block. */
typedef struct outside {
    cb_needles delimiter, quote;
    bool has_quote;
    uint64_t carry; /* all ones: the block begins inside quotes */
    size_t quotes;  /* seen so far */
} outside;

static uint64_t delimiters_at(outside *o, cb_str text, size_t from)
{
    uint64_t mask = cb_mask_at(text, from, o->delimiter);
    if (!o->has_quote)
        return mask;
    uint64_t quotes = cb_mask_at(text, from, o->quote);
    uint64_t inside = parity(quotes) ^ o->carry;
    o->carry = (uint64_t)0 - (inside >> 63);
    o->quotes += (size_t)__builtin_popcountll(quotes);
    return mask & ~inside;
}

/* Stops with more than max_columns cells as soon as it has them. Returns the number of cells, all
 * whole. */
static unsigned cut_at_delimiters(cb_splitter *splitter, cb_str text, outside *o)
{
    cb_str *cell = splitter->cell;
    const char *start = text.at;
    for (size_t base = 0; base < text.len; base += CB_BLOCK) {
        for (uint64_t mask = delimiters_at(o, text, base); mask; mask &= mask - 1) {
            const char *end = text.at + base + __builtin_ctzll(mask);
            *cell++ = (cb_str){start, (size_t)(end - start)};
            start = end + 1;
        }
        if ((size_t)(cell - splitter->cell) > splitter->max_columns)
            return (unsigned)(cell - splitter->cell);
    }
    *cell++ = (cb_str){start, (size_t)(text.at + text.len - start)};
    return (unsigned)(cell - splitter->cell);
}

/* The first fault in the order of the cells, as libcsv would meet it. */
static cb_split check_limits(cb_splitter *splitter, cb_str text, unsigned n, cb_cells *cells)
{
    unsigned at = text.len > splitter->max_field_bytes ? 0 : n;
    while (at < n && splitter->cell[at].len <= splitter->max_field_bytes)
        at++;
    if (at < n && at <= splitter->max_columns)
        return give(splitter, cells, CB_SPLIT_FIELD_SIZE, at);
    if (n > splitter->max_columns)
        return give(splitter, cells, CB_SPLIT_COLUMNS, splitter->max_columns);
    return give(splitter, cells, CB_SPLIT_OK, n);
}

/* One pair around each cell that has it. Returns how many quotes these are. */
static size_t take_pairs_off(cb_str *cell, unsigned first, unsigned n)
{
    size_t paired = 0;
    for (unsigned i = first; i < n; i++) {
        size_t len = cell[i].len;
        if (len < 2 || cell[i].at[0] != '"' || cell[i].at[len - 1] != '"')
            continue;
        cell[i] = (cb_str){cell[i].at + 1, len - 2};
        paired += 2;
    }
    return paired;
}

/* Copies what stood between quotes, "" as ". *doubled gets the quotes read; false: one is alone. */
static bool undouble(cb_str *cell, char *into, size_t *doubled)
{
    const char *at = cell->at, *end = cell->at + cell->len;
    char *to = into;
    for (const char *quote; (quote = memchr(at, '"', (size_t)(end - at)));) {
        if (end - quote < 2 || quote[1] != '"')
            return false;
        memcpy(to, at, (size_t)(quote + 1 - at));
        to += quote + 1 - at;
        at = quote + 2;
        *doubled += 2;
    }
    if (to == into)
        return true; /* none: it stays where it is */
    memcpy(to, at, (size_t)(end - at));
    *cell = (cb_str){into, (size_t)(to + (end - at) - into)};
    return true;
}

bool cb_cells_unquote(cb_splitter *splitter, cb_str text, unsigned first, unsigned n, size_t quotes,
                      cb_status *status)
{
    cb_str *cell = splitter->cell;
    size_t met = take_pairs_off(cell, first, n);
    if (met == quotes)
        return true;
    if (!make_text_room(splitter, text.len)) {
        *status = CB_ENOMEM;
        return false;
    }
    for (unsigned i = first; i < n; i++) {
        char *into = splitter->text + (cell[i].at - text.at); /* unquoted it is no longer */
        bool was_quoted = cell[i].at > text.at && cell[i].at[-1] == '"';
        if (was_quoted && !undouble(&cell[i], into, &met))
            return false;
    }
    return met == quotes;
}

cb_split cb_split_record(cb_splitter *splitter, const cb_record *record, cb_cells *cells,
                         cb_status *status)
{
    cb_str text = record->text.at ? record->text : CB_LIT("");
    *status = CB_OK;
    /* a cell's length counts without its quotes: long records with quotes are not for the shortcut
     */
    if (record->has_quote && (record->malformed || text.len > splitter->max_field_bytes))
        return cb_split_by_libcsv(splitter, record, cells, status);
    outside o = {{splitter->delimiter, splitter->delimiter, splitter->delimiter},
                 {'"', '"', '"'},
                 record->has_quote,
                 0,
                 0};
    unsigned n = cut_at_delimiters(splitter, text, &o);
    if (!record->has_quote)
        return check_limits(splitter, text, n, cells);
    if (n > splitter->max_columns || !cb_cells_unquote(splitter, text, 0, n, o.quotes, status))
        return *status == CB_OK ? cb_split_by_libcsv(splitter, record, cells, status)
                                : give(splitter, cells, CB_SPLIT_OK, 0);
    return give(splitter, cells, CB_SPLIT_OK, n);
}
