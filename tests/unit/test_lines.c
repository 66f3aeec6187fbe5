/* The one pass over a chunk against the long way: the same records, cells, lines, over all short
 * texts, random long ones, and every limit. */
#include "ingest/lines.h"
#include "ingest/marks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "random_text.h"

static uint64_t random_state = 0x9e3779b97f4a7c15u;

typedef struct ways {
    char delimiter;
    size_t limit;
    cb_splitter *mine, *slow;
    unsigned shortcuts, others;
} ways;

static ways ways_of(char delimiter, unsigned columns, size_t field_bytes, size_t limit)
{
    ways w = {delimiter,
              limit,
              cb_splitter_new(cb_alloc_libc(), delimiter, columns, field_bytes),
              cb_splitter_new(cb_alloc_libc(), delimiter, columns, field_bytes),
              0,
              0};
    assert_non_null(w.mine);
    assert_non_null(w.slow);
    return w;
}

static void ways_free(ways *w)
{
    cb_splitter_free(w->mine);
    cb_splitter_free(w->slow);
}

static bool is_ascii(cb_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] > 127 || text.at[i] == 0)
            return false;
    return true;
}

static bool same_record(const cb_record *a, const cb_record *b)
{
    return a->text.at == b->text.at && a->text.len == b->text.len && a->next == b->next &&
           a->lines == b->lines && a->has_quote == b->has_quote && !b->malformed && !b->oversize;
}

static bool same_cells(const cb_cells *a, const cb_cells *b)
{
    bool same = a->n == b->n;
    for (unsigned i = 0; same && i < a->n; i++)
        same = cb_str_eq(a->at[i], b->at[i]);
    return same;
}

/* What the shortcut says must be what the long way says. Returns where the next record begins. */
static size_t expect_same(ways *w, cb_lines *lines, cb_str text, size_t at)
{
    cb_line line;
    cb_cells got, want;
    cb_status status, other;
    cb_record record = cb_record_next(text, at, w->delimiter, w->limit);
    cb_split split = cb_split_by_libcsv(w->slow, &record, &want, &other);
    bool done = cb_line_next(lines, w->mine, at, &line, &got, &status);
    assert_int_equal(status, CB_OK);
    assert_int_equal(other, CB_OK);
    if (done) {
        w->shortcuts++;
        if (split != CB_SPLIT_OK || !same_record(&line.record, &record) ||
            !same_cells(&got, &want) || (line.ascii && !is_ascii(record.text)))
            fail_msg("at %zu of %s", at, shown(text));
        return record.next;
    }
    w->others++;
    cb_lines_seek(lines, record.next);
    return record.next;
}

static void expect_all_same(ways *w, cb_str text)
{
    char *exact = malloc(text.len ? text.len : 1); /* ends where its memory ends */
    assert_non_null(exact);
    if (text.len)
        memcpy(exact, text.at, text.len);
    cb_str copy = {exact, text.len};
    cb_lines lines = cb_lines_begin(copy, w->delimiter, w->limit);
    for (size_t at = 0; at < copy.len;)
        at = expect_same(w, &lines, copy, at);
    free(exact);
}

/* Every text of up to 7 bytes, also where it lies across two blocks. */
static void all_short_texts(void **state)
{
    (void)state;
    static const char alphabet[] = {'a', ',', '"', '\n', '\r'};
    ways roomy = ways_of(',', 64, 4096, 1 << 20), tight = ways_of(',', 2, 3, 4);
    unsigned count = 1;
    for (size_t len = 0; len <= 7; len++, count *= sizeof alphabet)
        for (unsigned nth = 0; nth < count; nth++) {
            char at[72];
            memset(at, 'x', 60);
            at[59] = nth % 2 ? '\n' : ',';
            for (unsigned i = 0, rest = nth; i < len; i++, rest /= sizeof alphabet)
                at[60 + i] = alphabet[rest % sizeof alphabet];
            expect_all_same(&roomy, (cb_str){at + 60, len});
            expect_all_same(&tight, (cb_str){at + 60, len});
            expect_all_same(&roomy, (cb_str){at, 60 + len});
        }
    assert_true(roomy.shortcuts > 100000 && roomy.others > 10000);
    ways_free(&roomy);
    ways_free(&tight);
}

/* Texts of pieces: mostly records that are well formed, with line ends of every kind. */
static size_t random_text(char *at, size_t max, char delimiter)
{
    static const char *const piece[] = {
        "a",        "12.50",
        "\"a b\"",  "\"a\"\"b\"",
        "\"\"\"\"", "\"x\n\"\"y\"",
        "\"\r\n\"", "\n",
        "\r\n",     "\r",
        "\n",       "\n",
        "\"\"",     "\xC3\xA9",
        " ",        "x\"y",
        "\"",       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
    unsigned usual = random_below(2) ? 15 : 18; /* without the broken ones or with them */
    size_t len = 0, want = random_below((uint32_t)max - 100);
    while (len < want) {
        const char *next = piece[random_below(usual)];
        if (usual == 15 && random_below(12) == 0)
            next = piece[17];
        memcpy(at + len, next, strlen(next));
        len += strlen(next);
        bool line_end = next[0] == '\n' || next[0] == '\r';
        if (!line_end && random_below(8))
            at[len++] = random_below(10) ? delimiter : '\n';
        if (random_below(400) == 0)
            at[len++] = (char)random_below(256);
    }
    return len;
}

static void random_texts(void **state)
{
    (void)state;
    static const char delimiters[] = {',', ';', '\t', 'x'};
    static char at[2048];
    for (unsigned d = 0; d < sizeof delimiters; d++) {
        ways roomy = ways_of(delimiters[d], 300, 4096, 1 << 20),
             tight = ways_of(delimiters[d], 12, 70, 150);
        for (unsigned round = 0; round < 15000; round++) {
            cb_str text = {at, random_text(at, sizeof at, delimiters[d])};
            expect_all_same(&roomy, text);
            expect_all_same(&tight, text);
        }
        assert_true(roomy.shortcuts > 50000 && roomy.others > 5000);
        assert_true(tight.shortcuts > 50000 && tight.others > 5000);
        ways_free(&roomy);
        ways_free(&tight);
    }
}

/* As many line ends inside quotes as a record may have, and one more. */
static void many_lines(void **state)
{
    (void)state;
    char at[CB_LOOKAHEAD_LINES + 16];
    for (size_t ends = CB_LOOKAHEAD_LINES - 2; ends <= CB_LOOKAHEAD_LINES + 1; ends++) {
        ways w = ways_of(',', 3, 4096, 1 << 20);
        at[0] = '"';
        memset(at + 1, '\n', ends);
        memcpy(at + 1 + ends, "\",b\nc", 5);
        expect_all_same(&w, (cb_str){at, ends + 6});
        assert_true((w.others > 0) == (ends >= CB_LOOKAHEAD_LINES));
        ways_free(&w);
    }
}

/* Plain records, and those with doubled quotes or line ends inside, all take the shortcut. */
static void the_shortcut_is_taken(void **state)
{
    (void)state;
    ways w = ways_of(',', 8, 4096, 1 << 20);
    expect_all_same(&w, CB_LIT("a,b\r\n\"x\"\"y\",\"\"\n,,\r\"1\n2\",3\n\n\"\"\"\",z"));
    assert_int_equal(w.shortcuts, 6);
    assert_int_equal(w.others, 0);
    ways_free(&w);
}

static void *no_more(void *ctx, void *old, size_t old_n, size_t new_n)
{
    unsigned *left = ctx;
    if (new_n && (*left)-- == 0) {
        *left = 0;
        return NULL;
    }
    return cb_alloc_libc()->resize(NULL, old, old_n, new_n);
}

static void memory_fails(void **state)
{
    (void)state;
    unsigned left = 2; /* the splitter and its cells */
    cb_alloc alloc = {no_more, &left};
    cb_splitter *splitter = cb_splitter_new(&alloc, ',', 8, 4096);
    assert_non_null(splitter);
    cb_str text = CB_LIT("a,\"b\"\"c\"\n");
    cb_lines lines = cb_lines_begin(text, ',', 1 << 20);
    cb_line line;
    cb_cells cells;
    cb_status status;
    assert_false(cb_line_next(&lines, splitter, 0, &line, &cells, &status));
    assert_int_equal(status, CB_ENOMEM);
    left = 1;
    cb_lines_seek(&lines, 0);
    assert_true(cb_line_next(&lines, splitter, 0, &line, &cells, &status));
    assert_int_equal(status, CB_OK);
    assert_true(cb_str_eq(cells.at[1], CB_LIT("b\"c")));
    cb_splitter_free(splitter);
}

static bool same_marks(const cb_marks *a, const cb_marks *b)
{
    return a->delimiter == b->delimiter && a->quote == b->quote && a->lf == b->lf &&
           a->cr == b->cr && a->odd == b->odd;
}

static void expect_marks(const char *at, char delimiter)
{
    cb_marks want = cb_marks_scalar(at, delimiter);
    cb_marks by_16 = cb_marks_by_16(at, delimiter);
    cb_marks by_32 = want;
    (void)cb_marks_by_32(at, delimiter, &by_32);
    assert_true(same_marks(&want, &by_16) && same_marks(&want, &by_32));
}

/* Bytes of few kinds, each at every place; texts of all lengths up to more than a run. */
static void marks_are_equal(void **state)
{
    (void)state;
    enum { MOST = (CB_MARKS_RUN + 1) * CB_BLOCK };
    static const char few[] = {',', '"', '\n', '\r', 'a', 'x', ' ', '~'};
    for (unsigned round = 0; round < 20000; round++) {
        char at[MOST + CB_BLOCK] = {0};
        char delimiter = few[random_below(8) & ~2u];
        size_t len = 1 + random_below(MOST);
        unsigned odd_one_in = random_below(2) ? 1000 : 40, n = 0;
        for (size_t i = 0; i < len; i++)
            at[i] = random_below(odd_one_in) ? few[random_below(8)] : (char)random_below(256);
        cb_marks got[CB_MARKS_RUN];
        unsigned blocks = cb_marks_of((cb_str){at, len}, delimiter, got);
        for (size_t from = 0; from < len && n < CB_MARKS_RUN; from += CB_BLOCK, n++) {
            size_t left = len - from < CB_BLOCK ? len - from : CB_BLOCK;
            expect_marks(at + from, delimiter);
            cb_marks want = cb_marks_scalar(at + from, delimiter); /* behind the end are zeros */
            want.odd = !is_ascii((cb_str){at + from, left});
            assert_true(same_marks(&got[n], &want));
        }
        assert_int_equal(blocks, n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_short_texts),       cmocka_unit_test(random_texts),
        cmocka_unit_test(the_shortcut_is_taken), cmocka_unit_test(many_lines),
        cmocka_unit_test(memory_fails),          cmocka_unit_test(marks_are_equal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
