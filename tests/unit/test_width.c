/* Narrow columns: what goes in comes out, whatever the width, the order of widening and narrowing, and what is done to the rows
 * in between; and files whose cells need different widths from one chunk to the next. */
#include "ingest_reading.h"

enum { ROWS = 500 };

/* ---- tables ---- */

static const unsigned fields[] = {CB_CASE_KIND, CB_CASE_OPENED, CB_CASE_LOSS};

typedef struct plain {
    uint32_t n;
    int64_t cell[COUNT_OF(fields)][ROWS];
} plain;

static int64_t get(const cb_table *t, size_t f, uint32_t row)
{
    return f == 0   ? (int64_t)cb_word(t, fields[f], row)
           : f == 1 ? cb_time(t, fields[f], row)
                    : cb_amount(t, fields[f], row);
}

static void expect_same(const cb_table *t, const plain *p, const char *when)
{
    static uint32_t word[ROWS];
    static int64_t number[ROWS];
    for (size_t f = 0; f < COUNT_OF(fields); f++) {
        if (f == 0)
            cb_words_of(t, fields[f], NULL, p->n, word);
        else if (f == 1)
            cb_times_of(t, fields[f], NULL, p->n, number);
        else
            cb_amounts_of(t, fields[f], NULL, p->n, number);
        for (uint32_t row = 0; row < p->n; row++) {
            int64_t want = p->cell[f][row];
            CHECK(get(t, f, row) == want, "%s: field %zu row %u", when, f, row);
            CHECK((f == 0 ? (int64_t)word[row] : number[row]) == want,
                  "%s: field %zu row %u, gathered", when, f, row);
            CHECK(cb_cell_known(t, fields[f], row) == (want != (f == 0 ? 0 : CB_NO_TIME)),
                  "%s: field %zu row %u known", when, f, row);
        }
    }
}

/* The largest values are those on either side of a width's limit. */
static int64_t random_cell(uint64_t *seed, size_t f, unsigned most)
{
    static const uint32_t words[] = {255, 256, 65535, 65536, UINT32_MAX - 1};
    static const int64_t numbers[] = {0,
                                      1,
                                      INT64_C(4294967293),
                                      INT64_C(4294967294),
                                      INT64_C(4294967295),
                                      INT64_C(4294967296),
                                      -1,
                                      INT64_C(7258118400)};
    if (test_between(seed, 0, 5) == 0)
        return f == 0 ? 0 : CB_NO_TIME;
    if (test_between(seed, 0, 50) == 0)
        return f == 0 ? words[test_between(seed, 0, most % 5 + 1)]
                      : numbers[test_between(seed, 0, most % 8 + 1)];
    return test_between(seed, 0, 200);
}

static void fill(cb_table *t, plain *p, uint64_t *seed)
{
    uint64_t mask = 0;
    unsigned most = (unsigned)test_between(seed, 0, 100);
    p->n = (uint32_t)test_between(seed, 1, ROWS);
    for (size_t f = 0; f < COUNT_OF(fields); f++)
        mask |= UINT64_C(1) << fields[f];
    assert_int_equal(cb_table_reserve(t, p->n, mask, NULL), CB_OK);
    t->n = p->n;
    for (uint32_t row = 0; row < p->n; row++) {
        t->input_ix[row] = 7;
        for (size_t f = 0; f < COUNT_OF(fields); f++) {
            p->cell[f][row] = random_cell(seed, f, most);
            if (f == 0)
                ((uint32_t *)t->column[fields[f]])[row] = (uint32_t)p->cell[f][row];
            else
                ((int64_t *)t->column[fields[f]])[row] = p->cell[f][row];
        }
    }
}

/* The narrowest width that holds a column. */
static size_t least_bytes(const plain *p, size_t f)
{
    int64_t most = 0;
    int64_t end = fields[f] == CB_CASE_LOSS ? INT64_C(4294967294) : INT64_C(4294967295);
    bool fits = true;
    for (uint32_t row = 0; row < p->n; row++) {
        int64_t v = p->cell[f][row];
        most = v > most ? v : most;
        fits &= v == CB_NO_TIME || (v >= 0 && v < end);
    }
    if (f == 0)
        return most < 256 ? 1 : most < 65536 ? 2 : 4;
    return fits ? 4 : 8;
}

static void keep_every_other(cb_table *t, plain *p)
{
    uint32_t rows[ROWS];
    uint32_t n = 0;
    for (uint32_t row = 0; row < p->n; row += 2) {
        for (size_t f = 0; f < COUNT_OF(fields); f++)
            p->cell[f][n] = p->cell[f][row];
        rows[n++] = row;
    }
    p->n = n;
    cb_table_gather(t, rows, n);
}

static void blank_some(cb_table *t, plain *p, uint64_t *seed)
{
    uint32_t from = (uint32_t)test_between(seed, 0, p->n);
    for (size_t f = 0; f < COUNT_OF(fields); f++) {
        cb_table_blank(t, fields[f], from, p->n);
        for (uint32_t row = from; row < p->n; row++)
            p->cell[f][row] = f == 0 ? 0 : CB_NO_TIME;
    }
}

static void widths_do_not_change_cells(void **state)
{
    uint64_t seed = 20261121;
    (void)state;
    for (int round = 0; round < 300; round++) {
        static plain p;
        cb_table t = {.role = CB_CASES};
        fill(&t, &p, &seed);
        expect_same(&t, &p, "as made");
        assert_int_equal(cb_table_tidy(&t, NULL, &(cb_workers){.threads = 2}, NULL), CB_OK);
        expect_same(&t, &p, "narrow");
        for (size_t f = 0; f < COUNT_OF(fields); f++)
            CHECK(cb_table_cell_bytes(&t, fields[f]) == least_bytes(&p, f),
                  "field %zu takes %zu bytes, not %zu", f, cb_table_cell_bytes(&t, fields[f]),
                  least_bytes(&p, f));
        blank_some(&t, &p, &seed);
        keep_every_other(&t, &p);
        expect_same(&t, &p, "blanked, fewer");
        for (size_t f = 0; f < COUNT_OF(fields); f++)
            assert_int_equal(cb_table_widen(&t, fields[f],
                                            f == 0 ? (size_t)test_between(&seed, 1, 3) * 2 : 8,
                                            NULL),
                             CB_OK);
        assert_int_equal(cb_table_reserve(&t, 2 * ROWS, 0, NULL), CB_OK);
        expect_same(&t, &p, "wide again");
        assert_int_equal(cb_table_widen(&t, CB_CASE_TEAM, 4, NULL),
                         CB_OK); /* no such column: nothing to do */
        assert_null(t.column[CB_CASE_TEAM]);
        cb_table_free(&t);
    }
}

/* ---- files ---- */

enum { CASES = 3000 };

typedef struct made {
    int64_t opened, resolved, loss;
    char kind[32];
} made;

/* Dates of 1950 and 2150, dates by day and month, losses of 50 million and words by the hundred begin somewhere in the file. */
static void make_case(made *m, unsigned i, unsigned phase)
{
    bool late = i >= phase;
    int64_t day = late && i % 5 == 0   ? (int64_t)(i % 20) - 7000
                  : late && i % 5 == 1 ? 65800 + i % 20
                                       : 20000 + i % 300;
    m->opened = day * CB_DAY_S;
    m->resolved = i % 3 == 0 ? CB_NO_TIME : m->opened + 3600 * (i % 50);
    m->loss = i % 4 == 0 ? CB_NO_AMOUNT : late && i % 7 == 0 ? INT64_C(5000000000) + i : 100 + i;
    snprintf(m->kind, sizeof m->kind, "kind %u", late ? i % 700 : i % 40);
}

static void put_time(cb_buf *text, int64_t utc_s, bool numbers)
{
    char iso[32];
    if (utc_s == CB_NO_TIME)
        return;
    cb_time_text(iso, utc_s);
    if (numbers)
        assert_int_equal(cb_buf_text(text, "%.2s/%.2s/%.4s %.5s", iso + 8, iso + 5, iso, iso + 11),
                         CB_OK);
    else
        assert_int_equal(cb_buf_text(text, "%.10s %.8s", iso, iso + 11), CB_OK);
}

static void put_case(cb_buf *text, const made *m, unsigned i, unsigned phase)
{
    bool numbers = i >= phase + phase / 2 && i % 2 == 0;
    assert_int_equal(cb_buf_text(text, "C%u,", i), CB_OK);
    put_time(text, m->opened, numbers);
    assert_int_equal(cb_buf_append(text, ",", 1), CB_OK);
    put_time(text, m->resolved, numbers);
    assert_int_equal(cb_buf_text(text, ",%s,", m->kind), CB_OK);
    if (m->loss != CB_NO_AMOUNT)
        assert_int_equal(cb_buf_text(text, "%lld.%02lld", (long long)(m->loss / 100),
                                     (long long)(m->loss % 100)),
                         CB_OK);
    assert_int_equal(cb_buf_append(text, "\n", 1), CB_OK);
}

/* Of the case in a row: its id is "C" and the number. */
static unsigned number_of(const cb_book *book, uint32_t row)
{
    cb_str id =
        cb_intern_text(book->pool[CB_POOL_CASE], cb_word(&book->table[CB_CASES], CB_CASE_ID, row));
    unsigned number = 0;
    for (size_t i = 1; i < id.len; i++)
        number = number * 10 + (unsigned)(id.at[i] - '0');
    return number < CASES ? number : 0;
}

static void expect_cases(const result *r, const made *want, const char *name)
{
    unsigned seen[CASES] = {0};
    const cb_book *book = cb_ingest_book(r->ingest);
    const cb_table *t = &book->table[CB_CASES];
    CHECK(r->file_status == CB_OK && r->done_status == CB_OK, "%s: %s", name, r->err.why);
    assert_int_equal(t->n, CASES);
    for (uint32_t i = 0; i < CASES; i++) {
        const made *m = &want[number_of(book, i)];
        CHECK(cb_time(t, CB_CASE_OPENED, i) == m->opened, "%s: row %u opened", name, i);
        CHECK(cb_time(t, CB_CASE_RESOLVED, i) == m->resolved, "%s: row %u resolved", name, i);
        CHECK(cb_amount(t, CB_CASE_LOSS, i) == m->loss, "%s: row %u loss", name, i);
        CHECK(cb_str_eq(cb_intern_text(book->pool[CB_POOL_KIND], cb_word(t, CB_CASE_KIND, i)),
                        cb_str_of(m->kind)),
              "%s: row %u kind", name, i);
        seen[number_of(book, i)]++;
    }
    for (uint32_t i = 0; i < CASES; i++)
        CHECK(seen[i] == 1, "%s: C%u is there %u times", name, i, seen[i]);
}

static void files_whose_cells_grow(void **state)
{
    static const unsigned phases[] = {0, 1, 500, 2900, CASES};
    (void)state;
    for (size_t p = 0; p < COUNT_OF(phases); p++)
        for (unsigned threads = 1; threads <= 3; threads++) {
            static made want[CASES];
            cb_buf text;
            cb_buf_init(&text, cb_alloc_libc(), SIZE_MAX);
            assert_int_equal(cb_buf_text(&text, "case_id,opened_at,resolved_at,kind,loss_amount\n"),
                             CB_OK);
            for (unsigned i = 0; i < CASES; i++) {
                make_case(&want[i], i, phases[p]);
                put_case(&text, &want[i], i, phases[p]);
            }
            result r;
            char name[64];
            snprintf(name, sizeof name, "from row %u, %u threads", phases[p], threads);
            read_text(&r,
                      &(reading){NULL, threads, 4000, 5 * INT64_C(1000000000) + INT64_C(2000000000),
                                 NULL},
                      CB_CASES, text.at, text.len);
            expect_cases(&r, want, name);
            free_result(&r);
            cb_buf_free(&text);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(widths_do_not_change_cells),
        cmocka_unit_test(files_whose_cells_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
