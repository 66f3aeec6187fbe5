/* Cells: the shortcuts against libcsv over all short strings and random long ones, a table, the
 * limits, failing memory, and whole texts against libcsv alone. */
#include "casebook/fields.h"

#include <csv.h>

#include "random_text.h"

enum { COLUMNS = 64, FIELD_BYTES = 4096, NO_LIMIT = 1 << 20 };

static uint64_t random_state = 0x2545f4914f6cdd1du;

static cb_record record_of(cb_str text)
{
    return (cb_record){
        .text = text, .lines = 1, .has_quote = text.len && memchr(text.at, '"', text.len)};
}

/* ---- the shortcuts are libcsv ---- */

static bool same_cells(cb_cells a, cb_cells b)
{
    bool same = a.n == b.n && a.bad_cell == b.bad_cell;
    for (unsigned i = 0; same && i < a.n; i++)
        same = cb_str_eq(a.at[i], b.at[i]);
    return same;
}

/* Two splitters, because cells live until the next call. */
typedef struct pair {
    cb_splitter *mine, *libcsv;
} pair;

static pair pair_new(char delimiter, unsigned columns, size_t field_bytes)
{
    pair p = {cb_splitter_new(cb_alloc_libc(), delimiter, columns, field_bytes),
              cb_splitter_new(cb_alloc_libc(), delimiter, columns, field_bytes)};
    assert_non_null(p.mine);
    assert_non_null(p.libcsv);
    return p;
}

static void pair_free(pair p)
{
    cb_splitter_free(p.mine);
    cb_splitter_free(p.libcsv);
}

static cb_split expect_like_libcsv(pair p, cb_str text)
{
    cb_str copy = exact_copy(text);
    cb_record record = record_of(copy);
    cb_cells got, want;
    cb_status status, other;
    cb_split split = cb_split_record(p.mine, &record, &got, &status);
    cb_split wanted = cb_split_by_libcsv(p.libcsv, &record, &want, &other);
    assert_int_equal(status, CB_OK);
    assert_int_equal(other, CB_OK);
    if (split != wanted || !same_cells(got, want))
        fail_msg("result %d not %d, %u cells not %u, bad cell %u not %u: %s", split, wanted, got.n,
                 want.n, got.bad_cell, want.bad_cell, shown(text));
    free((void *)(uintptr_t)copy.at);
    return split;
}

/* Every string of up to 7 bytes; line ends are plain bytes within one record. */
static void all_short_strings(void **state)
{
    (void)state;
    static const char delimiters[] = {',', ';', '\t', ' '};
    for (size_t d = 0; d < sizeof delimiters; d++) {
        const char alphabet[] = {'a', delimiters[d], '"', '\n', '\r'};
        pair roomy = pair_new(delimiters[d], COLUMNS, FIELD_BYTES),
             tight = pair_new(delimiters[d], 2, 2);
        unsigned count = 1;
        for (size_t len = 0; len <= 7; len++, count *= sizeof alphabet)
            for (unsigned nth = 0; nth < count; nth++) {
                char at[8];
                for (unsigned i = 0, rest = nth; i < len; i++, rest /= sizeof alphabet)
                    at[i] = alphabet[rest % sizeof alphabet];
                (void)expect_like_libcsv(roomy, (cb_str){at, len});
                (void)expect_like_libcsv(tight, (cb_str){at, len});
            }
        pair_free(roomy);
        pair_free(tight);
    }
}

/* Cells of random kinds, mostly well-formed, of all lengths around a block, any byte. */
static size_t random_record(char *at, size_t max, char delimiter)
{
    size_t len = 0;
    unsigned cells = 1 + random_below(random_below(4) ? 12 : 90), broken = random_below(4);
    for (unsigned c = 0; c < cells; c++) {
        unsigned kind = random_below(8), n = random_below(random_below(10) ? 12 : 200);
        if (len + 2 * n + 4 > max)
            break;
        if (c)
            at[len++] = delimiter;
        if (kind < 4)
            at[len++] = '"';
        for (unsigned i = 0; i < n; i++) {
            char byte = (char)random_below(256);
            bool special = byte == '"' || byte == delimiter;
            if (special && !(kind == 0 || (kind < 4 && byte == delimiter) ||
                             (broken == 0 && !random_below(20))))
                byte = 'x';
            if (byte == '"' && kind == 0)
                at[len++] = '"';
            at[len++] = byte;
        }
        if (kind < 4)
            at[len++] = '"';
    }
    return len;
}

static void random_records(void **state)
{
    (void)state;
    static const char delimiters[] = {',', ';', '\t', '|'};
    static char at[8192];
    unsigned seen[4] = {0};
    for (unsigned d = 0; d < sizeof delimiters; d++) {
        pair roomy = pair_new(delimiters[d], 200, FIELD_BYTES),
             tight = pair_new(delimiters[d], 40, 100);
        for (unsigned round = 0; round < 40000; round++) {
            cb_str text = {at, random_record(at, sizeof at, delimiters[d])};
            seen[expect_like_libcsv(roomy, text)]++;
            seen[expect_like_libcsv(tight, text)]++;
        }
        pair_free(roomy);
        pair_free(tight);
    }
    for (unsigned i = 0; i < 4; i++)
        assert_true(seen[i] > 500); /* every result was met */
}

/* ---- a table, written by hand ---- */

// clang-format off
static const struct {
    const char *name, *in;
    cb_split split;
    unsigned n;
    const char *cell[5];
    unsigned bad_cell;
} T[] = {
    {"plain", "a,b,c", CB_SPLIT_OK, 3, {"a", "b", "c"}, 0},
    {"empty text", "", CB_SPLIT_OK, 1, {""}, 0},
    {"two empty cells", ",", CB_SPLIT_OK, 2, {"", ""}, 0},
    {"spaces stay", " a , b ,\tc\t", CB_SPLIT_OK, 3, {" a ", " b ", "\tc\t"}, 0},
    {"quoted", "\"a\",\"b,c\",d", CB_SPLIT_OK, 3, {"a", "b,c", "d"}, 0},
    {"spaces in quotes stay", "\" a \",\" \"", CB_SPLIT_OK, 2, {" a ", " "}, 0},
    {"empty quotes", "\"\",x,\"\"", CB_SPLIT_OK, 3, {"", "x", ""}, 0},
    {"doubled", "\"a\"\"b\",\"\"\"\"", CB_SPLIT_OK, 2, {"a\"b", "\""}, 0},
    {"line ends in quotes", "\"a\r\nb\",\"\n\"", CB_SPLIT_OK, 2, {"a\r\nb", "\n"}, 0},
    {"inch mark", "1,5\",x", CB_SPLIT_QUOTES, 1, {"1"}, 1},
    {"quote in the middle", "1,a\"b\"c", CB_SPLIT_QUOTES, 1, {"1"}, 1},
    {"text behind the quote", "\"a\"b,c", CB_SPLIT_QUOTES, 0, {0}, 0},
    {"space behind the quote", "x,\"a\" ,c", CB_SPLIT_QUOTES, 1, {"x"}, 1},
    {"space before the quote", "x, \"a\",c", CB_SPLIT_QUOTES, 1, {"x"}, 1},
    {"never closed", "x,y,\"a", CB_SPLIT_QUOTES, 2, {"x", "y"}, 2},
    {"five are too many", "1,2,3,4,5,6", CB_SPLIT_COLUMNS, 5, {"1", "2", "3", "4", "5"}, 5},
    {"six with quotes", "1,\"2\",3,4,5,6", CB_SPLIT_COLUMNS, 5, {"1", "2", "3", "4", "5"}, 5},
    {"ten bytes", "1,0123456789", CB_SPLIT_OK, 2, {"1", "0123456789"}, 0},
    {"eleven bytes", "1,0123456789a,c", CB_SPLIT_FIELD_SIZE, 1, {"1"}, 1},
    {"ten in quotes", "1,\"0123456789\"", CB_SPLIT_OK, 2, {"1", "0123456789"}, 0},
    {"eleven in quotes", "1,\"0123456789a\",c", CB_SPLIT_FIELD_SIZE, 1, {"1"}, 1},
    {"ten with a doubled quote", "\"012345678\"\"\"", CB_SPLIT_OK, 1, {"012345678\""}, 0},
    {"sixth cell too long", "1,2,3,4,5,0123456789a", CB_SPLIT_FIELD_SIZE, 5, {"1", "2", "3", "4", "5"}, 5},
};
// clang-format on

static void table(void **state)
{
    (void)state;
    pair p = pair_new(',', 5, 10);
    for (size_t t = 0; t < sizeof T / sizeof *T; t++) {
        cb_record record = record_of(cb_str_of(T[t].in));
        cb_cells cells;
        cb_status status;
        cb_split split = cb_split_record(p.mine, &record, &cells, &status);
        if (split != T[t].split || cells.n != T[t].n || cells.bad_cell != T[t].bad_cell ||
            status != CB_OK)
            fail_msg("%s: result %d, %u cells, bad cell %u", T[t].name, split, cells.n,
                     cells.bad_cell);
        for (unsigned i = 0; i < cells.n; i++)
            if (!cb_str_eq(cells.at[i], cb_str_of(T[t].cell[i])))
                fail_msg("%s: cell %u is %s", T[t].name, i, shown(cells.at[i]));
        (void)expect_like_libcsv(p, record.text);
    }
    pair_free(p);
}

static void nul_is_data(void **state)
{
    (void)state;
    static const char *const forms[] = {"a\0b,c\0", "\"a\0b\",c\0", "\"a\0b\",\"c\0\""};
    static const size_t lens[] = {6, 8, 10};
    pair p = pair_new(',', 5, 10);
    for (unsigned f = 0; f < 3; f++) {
        cb_record record = record_of((cb_str){forms[f], lens[f]});
        cb_cells cells;
        cb_status status;
        assert_int_equal(cb_split_record(p.mine, &record, &cells, &status), CB_SPLIT_OK);
        assert_int_equal(cells.n, 2);
        assert_true(cb_str_eq(cells.at[0], (cb_str){"a\0b", 3}));
        assert_true(cb_str_eq(cells.at[1], (cb_str){"c\0", 2}));
        (void)expect_like_libcsv(p, record.text);
    }
    pair_free(p);
}

/* A cell larger than libcsv's feed and than its block, and the limits of a whole record of 512
 * cells. */
static void large_cells(void **state)
{
    (void)state;
    enum { FIELD = 300000 };
    char *at = malloc(2 * FIELD + 16);
    assert_non_null(at);
    for (int over = -1; over <= 1; over++)
        for (int quoted = 0; quoted < 3; quoted++) {
            size_t len = 0, body = (size_t)(FIELD + over) - (quoted == 2);
            if (quoted)
                at[len++] = '"';
            memset(at + len, 'z', body);
            len += body;
            if (quoted == 2)
                len += (size_t)snprintf(at + len, 3, "\"\"");
            if (quoted)
                at[len++] = '"';
            len += (size_t)snprintf(at + len, 3, ",b");
            pair p = pair_new(',', 3, FIELD);
            assert_int_equal(expect_like_libcsv(p, (cb_str){at, len}),
                             over == 1 ? CB_SPLIT_FIELD_SIZE : CB_SPLIT_OK);
            pair_free(p);
        }
    free(at);
}

static void column_limit(void **state)
{
    (void)state;
    char at[1200];
    for (unsigned cells = 511; cells <= 513; cells++)
        for (int quoted = 0; quoted < 2; quoted++) {
            size_t len = 0;
            if (quoted)
                len += (size_t)snprintf(at, 3, "\"\"");
            memset(at + len, ',', cells - 1);
            len += cells - 1;
            pair p = pair_new(',', 512, FIELD_BYTES);
            assert_int_equal(expect_like_libcsv(p, (cb_str){at, len}),
                             cells > 512 ? CB_SPLIT_COLUMNS : CB_SPLIT_OK);
            pair_free(p);
        }
}

/* ---- memory ---- */

typedef struct failing {
    unsigned left;
    size_t held;
} failing;

static void *failing_resize(void *ctx, void *old, size_t old_n, size_t new_n)
{
    failing *f = ctx;
    if (new_n && f->left-- == 0) {
        f->left = 0;
        return NULL;
    }
    void *new = cb_alloc_libc()->resize(NULL, old, old_n, new_n);
    f->held += new_n - old_n;
    return new;
}

typedef cb_split split_fn(cb_splitter *, const cb_record *, cb_cells *, cb_status *);

/* Lets each allocation fail in turn; returns how often that was told. */
static unsigned times_told(split_fn *split_it)
{
    cb_record record = record_of(CB_LIT("\"a\"\"b\",c"));
    unsigned told = 0;
    for (unsigned nth = 0; nth < 5; nth++) {
        failing f = {nth, 0};
        cb_alloc alloc = {failing_resize, &f};
        cb_splitter *splitter = cb_splitter_new(&alloc, ',', COLUMNS, FIELD_BYTES);
        if (!splitter) {
            assert_int_equal(f.held, 0);
            told++;
            continue;
        }
        cb_cells cells;
        cb_status status;
        cb_split split = split_it(splitter, &record, &cells, &status);
        told += status == CB_ENOMEM;
        assert_true(status == CB_ENOMEM ? cells.n == 0 : split == CB_SPLIT_OK && cells.n == 2);
        f.left = 9;
        assert_int_equal(split_it(splitter, &record, &cells, &status),
                         CB_SPLIT_OK); /* usable again */
        assert_int_equal(status, CB_OK);
        cb_splitter_free(splitter);
        assert_int_equal(f.held, 0);
    }
    return told;
}

static void memory_fails(void **state)
{
    (void)state;
    assert_int_equal(times_told(cb_split_record), 3); /* the splitter, its cells, the text */
    assert_int_equal(times_told(cb_split_by_libcsv), 4); /* … and libcsv's buffer */
    cb_splitter_free(NULL);
}

/* ---- records and fields together against libcsv over a whole text ---- */

enum { MAX_CELLS = 4096 };

typedef struct rows {
    unsigned n, cells, width[MAX_CELLS];
    struct {
        size_t at, len;
    } cell[MAX_CELLS];
    char text[MAX_CELLS];
    size_t used;
} rows;

static void rows_cell(void *bytes, size_t len, void *ctx)
{
    rows *r = ctx;
    assert_true(r->cells < MAX_CELLS && r->used + len <= MAX_CELLS);
    if (len)
        memcpy(r->text + r->used, bytes, len);
    r->cell[r->cells].at = r->used;
    r->cell[r->cells++].len = len;
    r->width[r->n]++;
    r->used += len;
}

static void rows_end(int byte, void *ctx)
{
    (void)byte;
    rows *r = ctx;
    r->width[++r->n] = 0;
}

static int no_space(unsigned char byte)
{
    (void)byte;
    return 0;
}

static bool rows_by_libcsv(rows *r, cb_str text)
{
    struct csv_parser parser;
    assert_int_equal(csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI), 0);
    csv_set_space_func(&parser, no_space);
    r->n = r->cells = r->width[0] = 0;
    r->used = 0;
    bool ok = csv_parse(&parser, text.at, text.len, rows_cell, rows_end, r) == text.len &&
              csv_fini(&parser, rows_cell, rows_end, r) == 0;
    csv_free(&parser);
    return ok;
}

/* false: some record is malformed or refused. Blank lines, which libcsv leaves out, are left out.
 */
static bool rows_by_us(rows *r, cb_splitter *splitter, cb_str text)
{
    r->n = r->cells = r->width[0] = 0;
    r->used = 0;
    for (size_t at = 0; at < text.len;) {
        cb_record record = cb_record_next(text, at, ',', NO_LIMIT);
        cb_cells cells;
        cb_status status;
        cb_split split = cb_split_record(splitter, &record, &cells, &status);
        at = record.next;
        if (record.malformed && split != CB_SPLIT_QUOTES)
            fail_msg("a malformed record was split: %s", shown(text));
        if (split == CB_SPLIT_QUOTES)
            return false;
        assert_int_equal(split, CB_SPLIT_OK);
        for (unsigned i = 0; i < cells.n && record.text.len; i++)
            rows_cell((void *)(uintptr_t)cells.at[i].at, cells.at[i].len, r);
        if (record.text.len)
            rows_end(0, r);
    }
    return true;
}

static bool same_rows(const rows *a, const rows *b)
{
    if (a->n != b->n || a->cells != b->cells || a->used != b->used ||
        memcmp(a->text, b->text, a->used) != 0)
        return false;
    for (unsigned i = 0; i < a->n; i++)
        if (a->width[i] != b->width[i])
            return false;
    for (unsigned i = 0; i < a->cells; i++)
        if (a->cell[i].at != b->cell[i].at || a->cell[i].len != b->cell[i].len)
            return false;
    return true;
}

static void whole_texts(void **state)
{
    (void)state;
    static const char alphabet[] = {'a', ',', '"', '\n', '\r', 'b'};
    static rows got, want;
    cb_splitter *splitter = cb_splitter_new(cb_alloc_libc(), ',', COLUMNS, FIELD_BYTES);
    assert_non_null(splitter);
    unsigned well_formed = 0, refused = 0;
    for (unsigned round = 0; round < 400000; round++) {
        char at[40];
        uint32_t len = 1 + random_below(round % 4 ? 12 : sizeof at), quotes = random_below(6);
        for (uint32_t i = 0; i < len; i++) {
            at[i] = alphabet[random_below(sizeof alphabet)];
            if (at[i] == '"' && quotes == 0)
                at[i] = 'q';
        }
        cb_str text = {at, len};
        bool ok = rows_by_us(&got, splitter, text), libcsv_ok = rows_by_libcsv(&want, text);
        if (ok != libcsv_ok || (ok && !same_rows(&got, &want)))
            fail_msg("we %d, libcsv %d: %s", ok, libcsv_ok, shown(text));
        well_formed += ok;
        refused += !ok;
    }
    assert_true(well_formed > 50000 && refused > 50000);
    cb_splitter_free(splitter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),          cmocka_unit_test(all_short_strings),
        cmocka_unit_test(random_records), cmocka_unit_test(nul_is_data),
        cmocka_unit_test(large_cells),    cmocka_unit_test(column_limit),
        cmocka_unit_test(memory_fails),   cmocka_unit_test(whole_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
