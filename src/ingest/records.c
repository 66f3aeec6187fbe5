#include "casebook/records.h"

#include "ingest/marks.h"

static const cb_needles ends_and_quotes = {'\n', '\r', '"'};
static const cb_needles line_ends = {'\n', '\r', '\r'};

/* How the search for the end of a record goes on, or came out. */
typedef enum ending {
    GO_ON,
    ENDS,     /* at a line end outside quotes, or with the input */
    BROKEN,   /* malformed */
    TOO_LONG, /* over the limit, on its first line and outside quotes */
    UNKNOWN   /* more bytes are needed to tell */
} ending;

typedef struct search {
    cb_str text;
    size_t from, limit;
    char delimiter;
    bool final;
    bool in_quotes, has_quote;
    uint32_t lines;
} search;

static bool is_crlf(cb_str text, size_t at)
{
    return text.at[at] == '\r' && at + 1 < text.len && text.at[at + 1] == '\n';
}

/* A CR as the last byte so far may be half of CR LF. */
static bool is_open_cr(const search *s, size_t at)
{
    return !s->final && at + 1 == s->text.len && s->text.at[at] == '\r';
}

static ending meet_line_end(search *s, cb_walk *walk, size_t at)
{
    if (!s->in_quotes)
        return is_open_cr(s, at) ? UNKNOWN : ENDS;
    if (is_crlf(s->text, at))
        (void)cb_walk_next(walk);
    return ++s->lines > CB_LOOKAHEAD_LINES ? BROKEN : GO_ON;
}

static ending meet_quote_inside(search *s, cb_walk *walk, size_t at)
{
    char next = at + 1 < s->text.len ? s->text.at[at + 1]
                                     : '\n'; /* what it is, if not final, meet_stop leaves open */
    if (next == '"') {
        (void)cb_walk_next(walk);
        return GO_ON;
    }
    s->in_quotes = false;
    return next == s->delimiter || next == '\n' || next == '\r' ? GO_ON : BROKEN;
}

static ending meet_quote(search *s, cb_walk *walk, size_t at)
{
    s->has_quote = true;
    if (s->in_quotes)
        return meet_quote_inside(s, walk, at);
    s->in_quotes = at == s->from || s->text.at[at - 1] == s->delimiter;
    return GO_ON;
}

/* No line end outside quotes within the limit or the text. */
static ending meet_stop(const search *s)
{
    if (s->text.len - s->from > s->limit)
        return s->in_quotes || s->lines > 1 ? BROKEN : TOO_LONG;
    if (!s->final)
        return UNKNOWN;
    return s->in_quotes ? BROKEN : ENDS;
}

/* *end gets where the text of the record ends, for ENDS. The byte behind the limit is looked at,
 * for it may be the line end. */
static ending find_end(search *s, size_t *end)
{
    size_t left = s->text.len - s->from;
    size_t last = left > s->limit ? s->from + s->limit : s->text.len;
    size_t stop = last < s->text.len ? last + 1 : last;
    cb_walk walk = cb_walk_begin((cb_str){s->text.at, stop}, s->from, ends_and_quotes);
    ending found = GO_ON;
    while (found == GO_ON) {
        size_t at = *end = cb_walk_next(&walk);
        bool is_quote = at < stop && s->text.at[at] == '"';
        if (at >= stop || (is_quote && at >= last))
            found = meet_stop(s);
        else
            found = is_quote ? meet_quote(s, &walk, at) : meet_line_end(s, &walk, at);
    }
    return found;
}

static size_t behind_line_end(cb_str text, size_t at)
{
    if (at >= text.len)
        return text.len;
    return at + (is_crlf(text, at) ? 2 : 1);
}

/* The first physical line only, cut at the limit; false where its end is not in the text yet. */
static bool first_line(const search *s, cb_record *record)
{
    cb_walk walk = cb_walk_begin(s->text, s->from, line_ends);
    size_t end = cb_walk_next(&walk);
    if (!s->final && (end == s->text.len || is_open_cr(s, end)))
        return false;
    size_t len = end - s->from;
    record->oversize = len > s->limit;
    record->text = (cb_str){s->text.at + s->from, record->oversize ? s->limit : len};
    record->next = behind_line_end(s->text, end);
    record->lines = 1;
    return true;
}

/* false: more bytes are needed to tell. */
static bool read_record(search *s, cb_record *record)
{
    size_t end = 0;
    ending found = find_end(s, &end);
    if (found == UNKNOWN)
        return false;
    record->has_quote = s->has_quote;
    record->malformed = found == BROKEN;
    if (found != ENDS)
        return first_line(s, record);
    record->text = (cb_str){s->text.at + s->from, end - s->from};
    record->next = behind_line_end(s->text, end);
    record->lines = s->lines;
    record->oversize = false;
    return true;
}

cb_record cb_record_next(cb_str text, size_t from, char delimiter, size_t record_limit)
{
    search s = {text, from, record_limit, delimiter, true, false, false, 1};
    cb_record record = {0};
    (void)read_record(&s, &record); /* a final text leaves nothing unknown */
    return record;
}

/* What is known of the quotes before a block. */
typedef struct quotes {
    uint64_t inside; /* all ones: the block begins inside quotes */
    uint64_t closed; /* 1: the byte before it closed quotes */
    uint64_t may_open;
} quotes;

/* Where the strict grammar and the mere toggling of quotes may part: at a quote that opens behind
 * something else than a mark or a quote, at what stands behind a closing one if it is neither; and
 * at a line end inside quotes, behind which lie the limits. */
static uint64_t doubts(quotes *q, const cb_marks *m, uint64_t ends)
{
    uint64_t fitting = m->delimiter | m->lf | m->cr | m->quote;
    uint64_t bad = 0;
    if (m->quote | q->inside | q->closed) {
        uint64_t inside = cb_parity(m->quote) ^ q->inside;
        uint64_t closing = m->quote & ~inside;
        bad = (m->quote & inside & ~(fitting << 1 | q->may_open)) |
              ((closing << 1 | q->closed) & ~fitting) | (ends & inside);
        q->inside = (uint64_t)0 - (inside >> 63);
        q->closed = closing >> 63;
    }
    q->may_open = fitting >> 63;
    return bad;
}

/* The bits of a block that are in the text, and a line end only where its length is known. */
static uint64_t known_ends(cb_str text, size_t base, uint64_t ends)
{
    size_t left = text.len - base;
    if (left > CB_BLOCK || text.at[text.len - 1] != '\r')
        return ends;
    return ends & ~((uint64_t)1 << (left - 1));
}

/* Where it is known how the records go on. */
typedef struct skim {
    cb_str text;
    size_t start; /* of the record in hand */
    uint64_t lines;
    quotes quotes;
    bool after_cr;
    bool doubtful; /* the record in hand is not a plain one */
} skim;

static void skim_block(skim *s, const cb_marks *m, size_t base)
{
    size_t left = s->text.len - base;
    uint64_t ends = known_ends(s->text, base, cb_ends_of(m, s->after_cr));
    uint64_t bad = doubts(&s->quotes, m, ends);
    if (left < CB_BLOCK)
        bad &= ((uint64_t)1 << left) - 1;
    s->doubtful = bad != 0;
    s->after_cr = m->cr >> 63;
    ends &= (bad & (0 - bad)) - 1; /* before the first doubt */
    if (!ends)
        return;
    s->lines += (uint64_t)__builtin_popcountll(ends);
    s->start = behind_line_end(s->text, base + 63 - (unsigned)__builtin_clzll(ends));
}

/* Goes over whole records from s->start on whose quotes leave no doubt. The next one is doubtful,
 * or its end is not in the text yet. */
static void skip_plain(skim *s, char delimiter)
{
    cb_marks marks[CB_MARKS_RUN];
    s->quotes = (quotes){.may_open = 1};
    s->after_cr = s->doubtful = false;
    for (size_t base = s->start; base < s->text.len && !s->doubtful;) {
        unsigned n = cb_marks_of((cb_str){s->text.at + base, s->text.len - base}, delimiter, marks);
        for (unsigned i = 0; i < n && !s->doubtful; i++, base += CB_BLOCK)
            skim_block(s, &marks[i], base);
    }
}

/* Only doubtful records are walked through. */
static size_t last_record_start(cb_str text, char delimiter, size_t record_limit, uint64_t *lines)
{
    for (skim s = {.text = text};;) {
        skip_plain(&s, delimiter);
        *lines = s.lines;
        search in = {text, s.start, record_limit, delimiter, false, false, false, 1};
        cb_record record = {0};
        if (!s.doubtful || !read_record(&in, &record))
            return s.start;
        s.lines += record.lines;
        s.start = record.next;
    }
}

static uint64_t count_lines(cb_str text)
{
    if (text.len == 0)
        return 0;
    char last = text.at[text.len - 1];
    return cb_is_line_end('\0', text.at[0]) + cb_line_ends(text) + (last != '\n' && last != '\r');
}

size_t cb_record_cut(cb_str text, char delimiter, size_t record_limit, bool final, uint64_t *lines)
{
    if (!final)
        return last_record_start(text, delimiter, record_limit, lines);
    *lines = count_lines(text);
    return text.len;
}
