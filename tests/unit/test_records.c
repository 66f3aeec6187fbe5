/* Boundaries of records: a table, a naive twin byte by byte over all short strings, random long
 * ones, every chunk size, the limits at -1, 0, +1, and the vector primitives against their scalar
 * twins. */
#include "casebook/records.h"

#include "ingest/scan.h"

#include "random_text.h"

enum { NO_LIMIT = 1 << 20, MAX_RECORDS = 8192 };

static uint64_t random_state = 0x9e3779b97f4a7c15u;

static const char alphabet[] = {'a', ',', '"', '\n', '\r'};

static void expect(bool ok, const char *what, cb_str text)
{
    if (!ok)
        fail_msg("%s: %s", what, shown(text));
}

/* ---- the naive twin: the grammar of records.h, one byte at a time ---- */

static size_t twin_line_end(cb_str text, size_t from)
{
    while (from < text.len && text.at[from] != '\n' && text.at[from] != '\r')
        from++;
    return from;
}

static size_t twin_behind(cb_str text, size_t at)
{
    if (at < text.len && text.at[at] == '\r' && at + 1 < text.len && text.at[at + 1] == '\n')
        return at + 2;
    return at < text.len ? at + 1 : at;
}

typedef enum twin_state { FIELD_START, PLAIN, QUOTED } twin_state;

/* Length of the whole record, or SIZE_MAX where it is none within the rules. *inside: on which side
 * it broke. */
static size_t twin_whole(cb_str text, size_t from, char delimiter, size_t limit, uint32_t *lines,
                         bool *inside)
{
    twin_state state = FIELD_START;
    *lines = 1;
    for (size_t at = from;; at++) {
        *inside = state == QUOTED || *lines > 1;
        if (at == text.len && at - from <= limit)
            return state == QUOTED ? SIZE_MAX : at - from;
        if (at - from > limit)
            return SIZE_MAX;
        char c = text.at[at], next = at + 1 < text.len ? text.at[at + 1] : '\n';
        bool line_end = c == '\n' || c == '\r';
        if (state != QUOTED && line_end)
            return at - from;
        if (at - from >= limit && !line_end)
            return SIZE_MAX;
        if (state == QUOTED && c == '"') {
            if (next == '"')
                at++;
            else if (next == delimiter || next == '\n' || next == '\r')
                state = PLAIN;
            else
                return SIZE_MAX;
        } else if (state == QUOTED) {
            if (c == '\n' || (c == '\r' && next != '\n') || (c == '\r' && at + 1 == text.len))
                ++*lines;
            if (*lines > CB_LOOKAHEAD_LINES)
                return SIZE_MAX;
        } else if (c == '"' && state == FIELD_START) {
            state = QUOTED;
        } else {
            state = c == delimiter ? FIELD_START : PLAIN;
        }
    }
}

static cb_record twin_next(cb_str text, size_t from, char delimiter, size_t limit)
{
    cb_record r = {0};
    bool inside = false;
    size_t len = twin_whole(text, from, delimiter, limit, &r.lines, &inside);
    if (len == SIZE_MAX) {
        size_t line = twin_line_end(text, from) - from;
        r.malformed = inside;
        r.oversize = line > limit;
        r.lines = 1;
        len = r.oversize ? limit : line;
        r.next = twin_behind(text, from + line);
    } else {
        r.next = twin_behind(text, from + len);
    }
    r.text = (cb_str){text.at + from, len};
    r.has_quote = len && memchr(r.text.at, '"', len);
    return r;
}

static bool same_record(cb_record a, cb_record b)
{
    return a.text.at == b.text.at && a.text.len == b.text.len && a.next == b.next &&
           a.lines == b.lines && a.has_quote == b.has_quote && a.malformed == b.malformed &&
           a.oversize == b.oversize;
}

/* ---- lists of records ---- */

typedef struct list {
    unsigned n;
    uint64_t lines;
    cb_record record[MAX_RECORDS]; /* next: offset in the whole text */
} list;

static list whole, pieces; /* large */

static void add_all(list *to, cb_str chunk, size_t base, char delimiter, size_t limit)
{
    for (size_t at = 0; at < chunk.len;) {
        cb_record r = cb_record_next(chunk, at, delimiter, limit);
        expect(r.next > at && r.next <= chunk.len, "no progress", chunk);
        at = r.next;
        r.next += base;
        assert_true(to->n < MAX_RECORDS);
        to->lines += r.lines;
        to->record[to->n++] = r;
    }
}

static void read_whole(cb_str text, char delimiter, size_t limit)
{
    whole.n = 0;
    whole.lines = 0;
    add_all(&whole, text, 0, delimiter, limit);
}

/* The text arrives `step` bytes at a time; each cut is read alone, from memory that ends there. */
static void read_pieces(cb_str text, size_t step, char delimiter, size_t limit)
{
    pieces.n = 0;
    pieces.lines = 0;
    size_t start = 0, end = 0;
    uint64_t cut_lines = 0;
    while (start < text.len) {
        end = text.len - end < step ? text.len : end + step;
        uint64_t lines = 99;
        cb_str so_far = exact_copy((cb_str){text.at + start, end - start});
        size_t cut = cb_record_cut(so_far, delimiter, limit, end == text.len, &lines);
        expect(cut <= so_far.len, "cut behind the end", text);
        expect(cut > 0 || lines == 0, "lines without bytes", text);
        free((void *)(uintptr_t)so_far.at);
        cb_str chunk = exact_copy((cb_str){text.at + start, cut});
        unsigned first = pieces.n;
        add_all(&pieces, chunk, start, delimiter, limit);
        for (unsigned i = first; i < pieces.n; i++)
            pieces.record[i].text.at = text.at + start + (pieces.record[i].text.at - chunk.at);
        free((void *)(uintptr_t)chunk.at);
        cut_lines += lines;
        start += cut;
    }
    expect(cut_lines == pieces.lines, "lines of the cuts are not those of the records", text);
}

static void expect_same_lists(cb_str text, size_t step)
{
    bool same = whole.n == pieces.n;
    for (unsigned i = 0; same && i < whole.n; i++)
        same = same_record(whole.record[i], pieces.record[i]);
    if (!same)
        fail_msg("step %zu differs: %s", step, shown(text));
}

static void expect_any_chunks(cb_str text, char delimiter, size_t limit)
{
    read_whole(text, delimiter, limit);
    for (size_t step = 1; step <= text.len; step++) {
        read_pieces(text, step, delimiter, limit);
        expect_same_lists(text, step);
    }
}

static void expect_like_twin(cb_str text, char delimiter, size_t limit)
{
    for (size_t at = 0; at < text.len;) {
        cb_record got = cb_record_next(text, at, delimiter, limit),
                  want = twin_next(text, at, delimiter, limit);
        if (!same_record(got, want))
            fail_msg("at %zu, limit %zu: len %zu not %zu, next %zu not %zu, lines %u not %u, flags "
                     "%d%d%d not %d%d%d: %s",
                     at, limit, got.text.len, want.text.len, got.next, want.next, got.lines,
                     want.lines, got.has_quote, got.malformed, got.oversize, want.has_quote,
                     want.malformed, want.oversize, shown(text));
        at = want.next;
    }
}

/* ---- tests ---- */

// clang-format off
static const struct {
    const char *name, *in;
    unsigned n;
    const char *marks[6]; /* of each record: its text, and behind '|' m malformed, q has a quote, 2 … lines */
} T[] = {
    {"one line", "a,b", 1, {"a,b|1"}},
    {"LF", "a\nb\n", 2, {"a|1", "b|1"}},
    {"CR LF", "a\r\nb\r\n", 2, {"a|1", "b|1"}},
    {"CR alone", "a\rb\r", 2, {"a|1", "b|1"}},
    {"mixed", "a\rb\nc\r\nd\n\re", 6, {"a|1", "b|1", "c|1", "d|1", "|1", "e|1"}},
    {"blank lines", "\n\r\n\r", 3, {"|1", "|1", "|1"}},
    {"quoted", "\"a\",\"b\"\nc", 2, {"\"a\",\"b\"|1q", "c|1"}},
    {"line end in quotes", "\"a\nb\"\nc", 2, {"\"a\nb\"|2q", "c|1"}},
    {"CR LF in quotes is one line", "x,\"a\r\nb\rc\"\r\nd", 2, {"x,\"a\r\nb\rc\"|3q", "d|1"}},
    {"doubled quotes", "\"a\"\"b\"\"\n\",c\nd", 2, {"\"a\"\"b\"\"\n\",c|2q", "d|1"}},
    {"empty quotes", "\"\",\"\"\n\"\"", 2, {"\"\",\"\"|1q", "\"\"|1q"}},
    {"quote in an unquoted cell", "a\"b,c\nd", 2, {"a\"b,c|1q", "d|1"}},
    {"quote before the line end of an unquoted cell", "5\"\nd", 2, {"5\"|1q", "d|1"}},
    {"never closed", "\"a\nb\nc", 3, {"\"a|1qm", "b|1", "c|1"}},
    {"text behind the quote", "\"a\"b\nc", 2, {"\"a\"b|1qm", "c|1"}},
    {"space behind the quote", "\"a\" ,b\nc", 2, {"\"a\" ,b|1qm", "c|1"}},
    {"broken on its second line", "\"a\nb\"c\nd", 3, {"\"a|1qm", "b\"c|1q", "d|1"}},
    {"a stray quote does not swallow the next", "1,\"x\n2,\"y\"\n3,z\n", 3, {"1,\"x|1qm", "2,\"y\"|1q", "3,z|1"}},
    {"the whole input a quote", "\"", 1, {"\"|1qm"}},
    {"quote at the end opens", "a,\"", 1, {"a,\"|1qm"}},
    {"three quotes", "\"\"\"\nb", 2, {"\"\"\"|1qm", "b|1"}},
    {"closing quote ends the input", "\"a\nb\"", 1, {"\"a\nb\"|2q"}},
    {"delimiter in quotes", "\"a,\nb\",c", 1, {"\"a,\nb\",c|2q"}},
    {"other delimiter is text", "\"a\";b\nc", 2, {"\"a\";b|1qm", "c|1"}},
};
// clang-format on

static void table(void **state)
{
    (void)state;
    for (size_t t = 0; t < sizeof T / sizeof *T; t++) {
        cb_str in = cb_str_of(T[t].in);
        read_whole(in, ',', NO_LIMIT);
        if (whole.n != T[t].n)
            fail_msg("%s: %u records, not %u", T[t].name, whole.n, T[t].n);
        for (unsigned i = 0; i < whole.n; i++) {
            cb_record r = whole.record[i];
            char got[64];
            (void)snprintf(got, sizeof got, "%.*s|%u%s%s", CB_STR_ARG(r.text), r.lines,
                           r.has_quote ? "q" : "", r.malformed ? "m" : "");
            if (strcmp(got, T[t].marks[i]) != 0)
                fail_msg("%s, record %u: %s", T[t].name, i, shown(cb_str_of(got)));
        }
        expect_any_chunks(in, ',', NO_LIMIT);
    }
}

static void fill_nth(char *at, size_t len, unsigned nth)
{
    for (size_t i = 0; i < len; i++, nth /= sizeof alphabet)
        at[i] = alphabet[nth % sizeof alphabet];
}

/* Every string of up to 7 bytes, with no limit and with a limit that some of them exceed. */
static void all_short_strings(void **state)
{
    (void)state;
    char at[8];
    unsigned count = 1;
    for (size_t len = 1; len <= 7; len++) {
        count *= sizeof alphabet;
        for (unsigned nth = 0; nth < count; nth++) {
            fill_nth(at, len, nth);
            cb_str text = {at, len};
            expect_like_twin(text, ',', NO_LIMIT);
            expect_like_twin(text, ',', 1 + nth % 4);
        }
    }
}

static void all_short_strings_in_chunks(void **state)
{
    (void)state;
    char at[8];
    unsigned count = 1;
    for (size_t len = 1; len <= 6; len++) {
        count *= sizeof alphabet;
        for (unsigned nth = 0; nth < count; nth++) {
            fill_nth(at, len, nth);
            expect_any_chunks((cb_str){at, len}, ',', nth % 3 ? NO_LIMIT : 1 + nth % 4);
        }
    }
}

/* Mostly letters, so that runs are longer than a block; weights differ from string to string. */
static size_t random_text(char *at, size_t max, char delimiter)
{
    uint32_t len = 1 + random_below((uint32_t)max), letters = 1 + random_below(40),
             breaks = 1 + random_below(4);
    for (uint32_t i = 0; i < len; i++) {
        uint32_t roll = random_below(letters + 3 + breaks);
        at[i] = 'a';
        if (roll >= letters)
            at[i] = roll < letters + 2    ? '"'
                    : roll == letters + 2 ? delimiter
                    : random_below(2)     ? '\n'
                                          : '\r';
        if (at[i] == '"' && i && random_below(2))
            at[i - 1] = delimiter;
    }
    return len;
}

static void random_strings(void **state)
{
    (void)state;
    static const char delimiters[] = {',', ';', '\t'};
    char at[400];
    for (unsigned round = 0; round < 200000; round++) {
        char delimiter = delimiters[round % 3];
        size_t len = random_text(at, round % 8 ? 60 : sizeof at, delimiter);
        cb_str text = exact_copy((cb_str){at, len});
        expect_like_twin(text, delimiter, round % 2 ? NO_LIMIT : 1 + random_below(80));
        free((void *)(uintptr_t)text.at);
    }
}

static void random_strings_in_chunks(void **state)
{
    (void)state;
    char at[300];
    for (unsigned round = 0; round < 2000; round++) {
        size_t len = random_text(at, round % 10 ? 60 : sizeof at, ';');
        expect_any_chunks((cb_str){at, len}, ';', round % 2 ? NO_LIMIT : 1 + random_below(40));
    }
}

/* limit - 1, limit, limit + 1, on one line, in quotes, and over a line end. */
static void record_limit(void **state)
{
    (void)state;
    // clang-format off
    static const struct {
        const char *name, *in;
        size_t limit, len;
        bool malformed, oversize;
        size_t next;
    } L[] = {
        {"one below", "abcde\nf", 6, 5, false, false, 6},
        {"at the limit", "abcde\nf", 5, 5, false, false, 6},
        {"one above", "abcde\nf", 4, 4, false, true, 6},
        {"at the limit with CR LF", "abcde\r\nf", 5, 5, false, false, 7},
        {"one above with CR LF", "abcde\r\nf", 4, 4, false, true, 7},
        {"end of input at the limit", "abcde", 5, 5, false, false, 5},
        {"end of input above", "abcde", 4, 4, false, true, 5},
        {"quotes at the limit", "\"bcd\"\nf", 5, 5, false, false, 6},
        {"quotes above", "\"bcd\"\nf", 4, 4, true, true, 6},
        {"two lines at the limit", "\"b\nd\"\nf", 5, 5, false, false, 6},
        {"two lines above: the first only", "\"b\nd\"\nf", 4, 2, true, false, 3},
        {"above behind the quotes", "\"b\nd\",e\nf", 6, 2, true, false, 3},
        {"quotes closed before the limit", "\"b\",e\nf", 4, 4, false, true, 6},
        {"a quote behind the limit is not seen", "abc,\"e\nf\"", 4, 4, false, true, 7},
    };
    // clang-format on
    for (size_t t = 0; t < sizeof L / sizeof *L; t++) {
        cb_str in = cb_str_of(L[t].in);
        cb_record r = cb_record_next(in, 0, ',', L[t].limit);
        if (r.text.len != L[t].len || r.malformed != L[t].malformed ||
            r.oversize != L[t].oversize || r.next != L[t].next)
            fail_msg("%s: len %zu, malformed %d, oversize %d, next %zu", L[t].name, r.text.len,
                     r.malformed, r.oversize, r.next);
        expect_any_chunks(in, ',', L[t].limit);
        expect_like_twin(in, ',', L[t].limit);
    }
}

/* A quoted cell over n lines, and a record behind it. */
static cb_str quoted_lines(unsigned n, const char *line_end)
{
    static char at[3 * CB_LOOKAHEAD_LINES + 64];
    size_t len = 0;
    at[len++] = '"';
    for (unsigned i = 1; i < n; i++)
        for (const char *c = line_end; *c; c++)
            at[len++] = *c;
    memcpy(at + len, "x\"\nb\n", 5);
    return (cb_str){at, len + 5};
}

static void look_ahead(void **state)
{
    (void)state;
    static const char *const ends[] = {"\n", "\r", "\r\n"};
    for (int off = -1; off <= 1; off++)
        for (unsigned e = 0; e < 3; e++) {
            unsigned n = (unsigned)(CB_LOOKAHEAD_LINES + off);
            cb_str text = quoted_lines(n, ends[e]);
            cb_record r = cb_record_next(text, 0, ',', NO_LIMIT);
            assert_int_equal(r.malformed, off == 1);
            assert_int_equal(r.lines, off == 1 ? 1 : n);
            expect_like_twin(text, ',', NO_LIMIT);
            read_whole(text, ',', NO_LIMIT);
            assert_int_equal(whole.lines, n + 1);
            for (size_t step = 1; step < text.len; step += 97) {
                read_pieces(text, step, ',', NO_LIMIT);
                expect_same_lists(text, step);
            }
        }
}

/* What the header promises: beyond the limit, 0 means a line without an end. */
static void cut_of_zero(void **state)
{
    (void)state;
    char at[64];
    for (unsigned round = 0; round < 200000; round++) {
        size_t len = random_text(at, sizeof at, ','), limit = 1 + random_below(20);
        uint64_t lines;
        if (len < limit + 2 || cb_record_cut((cb_str){at, len}, ',', limit, false, &lines) > 0)
            continue;
        size_t end = twin_line_end((cb_str){at, len}, 0);
        expect(end == len || (end == len - 1 && at[end] == '\r'), "nothing cut, though a line ends",
               (cb_str){at, len});
    }
}

/* The longest: no later place is a record start that the same bytes already prove. */
static void cut_is_longest(void **state)
{
    (void)state;
    uint64_t lines;
    assert_int_equal(cb_record_cut(CB_LIT("a\nb\nc"), ',', NO_LIMIT, false, &lines), 4);
    assert_int_equal(lines, 2);
    assert_int_equal(cb_record_cut(CB_LIT("a\nb\n"), ',', NO_LIMIT, false, &lines), 4);
    assert_int_equal(cb_record_cut(CB_LIT("a\nb\r"), ',', NO_LIMIT, false, &lines), 2);
    assert_int_equal(cb_record_cut(CB_LIT("a\rb\rc"), ',', NO_LIMIT, false, &lines), 4);
    assert_int_equal(cb_record_cut(CB_LIT("a\n\"b\"\nc"), ',', NO_LIMIT, false, &lines), 6);
    assert_int_equal(cb_record_cut(CB_LIT("a\n\"b\nc"), ',', NO_LIMIT, false, &lines), 2);
    assert_int_equal(cb_record_cut(CB_LIT("\"b\"x\nc"), ',', NO_LIMIT, false, &lines), 5);
    assert_int_equal(cb_record_cut(CB_LIT("a\n\"b\nc"), ',', NO_LIMIT, true, &lines), 6);
    assert_int_equal(lines, 3);
    assert_int_equal(cb_record_cut((cb_str){NULL, 0}, ',', NO_LIMIT, true, &lines), 0);
    assert_int_equal(lines, 0);
    assert_int_equal(cb_record_cut((cb_str){NULL, 0}, ',', NO_LIMIT, false, &lines), 0);
}

static void vector_equals_scalar(void **state)
{
    (void)state;
    static const cb_needles any = {'\n', '\r', '"'};
    char at[700];
    for (unsigned round = 0; round < 20000; round++) {
        size_t len = random_text(at, sizeof at, ',');
        cb_str text = exact_copy((cb_str){at, len});
        expect(cb_line_ends(text) == cb_line_ends_scalar(text, 1), "line ends", text);
        for (size_t i = 0; i + CB_BLOCK <= len; i += 1 + random_below(9))
            expect(cb_mask_block(text.at + i, any) == cb_mask_scalar(text.at + i, any), "mask",
                   text);
        cb_walk walk = cb_walk_begin(text, 0, any);
        for (size_t i = 0; i < len; i++)
            if (text.at[i] == '"' || text.at[i] == '\n' || text.at[i] == '\r')
                expect(cb_walk_next(&walk) == i, "walk", text);
        expect(cb_walk_next(&walk) == len && cb_walk_next(&walk) == len, "walk's end", text);
        free((void *)(uintptr_t)text.at);
    }
}

/* More than 255 blocks of line ends: the byte-wide counters must be emptied in time. */
static void many_line_ends(void **state)
{
    (void)state;
    enum { N = 20000 };
    char *at = malloc(N);
    assert_non_null(at);
    memset(at, '\r', N);
    uint64_t lines;
    assert_int_equal(cb_record_cut((cb_str){at, N}, ',', NO_LIMIT, true, &lines), N);
    assert_int_equal(lines, N);
    for (size_t i = 1; i < N; i += 2)
        at[i] = '\n';
    assert_int_equal(cb_record_cut((cb_str){at, N}, ',', NO_LIMIT, false, &lines), N);
    assert_int_equal(lines, N / 2);
    free(at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(all_short_strings),
        cmocka_unit_test(all_short_strings_in_chunks),
        cmocka_unit_test(random_strings),
        cmocka_unit_test(random_strings_in_chunks),
        cmocka_unit_test(record_limit),
        cmocka_unit_test(look_ahead),
        cmocka_unit_test(cut_of_zero),
        cmocka_unit_test(cut_is_longest),
        cmocka_unit_test(vector_equals_scalar),
        cmocka_unit_test(many_line_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
