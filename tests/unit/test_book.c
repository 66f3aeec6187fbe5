/* The book against a naive twin: what the rows of several files come to, by methods.md T5, T2 and V2. */
#include "testing.h"

#include <string.h>

#include "casebook/book.h"

enum { MAX_ROWS_OF_TEST = 80, MAX_FILES = 4, IDS = 12 };

/* A row as the test writes it; ids and words are small numbers, 0 unknown. */
typedef struct test_case {
    unsigned id, customer, product;
    int64_t opened, resolved, updated, promised;
    uint8_t status;
    uint16_t file;
} test_case;

typedef struct test_review {
    unsigned id, customer, product, case_id;
    int64_t posted;
    uint16_t file;
} test_review;

static uint32_t word_of(cb_book *book, cb_pool pool, unsigned number)
{
    char text[2] = {(char)('a' + number), '\0'};
    return number ? cb_intern_put(book->pool[pool], cb_str_of(text)) : CB_UNKNOWN_ID;
}

/* The number behind an id of the book. */
static unsigned number_of(const cb_book *book, cb_pool pool, uint32_t id)
{
    return id ? (unsigned)(cb_intern_text(book->pool[pool], id).at[0] - 'a') : 0;
}

#define SET(table, type, field, row, value) (((type *)(table)->column[field])[row] = (value))

/* The columns that the test sets. */
static const uint64_t used = UINT64_C(1) << CB_CASE_CUSTOMER | UINT64_C(1) << CB_CASE_PRODUCT |
                             UINT64_C(1) << CB_CASE_RESOLVED | UINT64_C(1) << CB_CASE_UPDATED |
                             UINT64_C(1) << CB_CASE_PROMISED | UINT64_C(1) << CB_CASE_STATUS;

/* Columns of a file: all files have the id and the opening, the others if their bit is in `mask`. */
static void add_cases(cb_book *book, const test_case *rows, uint32_t n, uint64_t mask,
                      int64_t as_of)
{
    cb_table t = {.role = CB_CASES};
    bool narrow = mask >> 62 & 1;
    mask = (mask & used) | UINT64_C(1) << CB_CASE_ID | UINT64_C(1) << CB_CASE_OPENED;
    assert_int_equal(cb_table_reserve(&t, n, mask, NULL), CB_OK);
    t.n = n;
    for (uint32_t i = 0; i < n; i++) {
        SET(&t, uint32_t, CB_CASE_ID, i, word_of(book, CB_POOL_CASE, rows[i].id));
        SET(&t, int64_t, CB_CASE_OPENED, i, rows[i].opened);
        if (t.column[CB_CASE_CUSTOMER])
            SET(&t, uint32_t, CB_CASE_CUSTOMER, i,
                word_of(book, CB_POOL_CUSTOMER, rows[i].customer));
        if (t.column[CB_CASE_PRODUCT])
            SET(&t, uint32_t, CB_CASE_PRODUCT, i, word_of(book, CB_POOL_PRODUCT, rows[i].product));
        if (t.column[CB_CASE_RESOLVED])
            SET(&t, int64_t, CB_CASE_RESOLVED, i, rows[i].resolved);
        if (t.column[CB_CASE_UPDATED])
            SET(&t, int64_t, CB_CASE_UPDATED, i, rows[i].updated);
        if (t.column[CB_CASE_PROMISED])
            SET(&t, int64_t, CB_CASE_PROMISED, i, rows[i].promised);
        if (t.column[CB_CASE_STATUS])
            SET(&t, uint8_t, CB_CASE_STATUS, i, rows[i].status);
        t.input_ix[i] = rows[i].file;
    }
    if (narrow) /* files need not be alike in it */
        assert_int_equal(cb_table_tidy(&t, NULL, &(cb_workers){.threads = 2}, NULL), CB_OK);
    assert_int_equal(cb_book_take(book, &t, as_of, NULL), CB_OK);
    assert_int_equal(t.n, 0);
    assert_null(t.column[CB_CASE_ID]);
    cb_table_free(&t);
}

static void add_reviews(cb_book *book, const test_review *rows, uint32_t n)
{
    cb_table t = {.role = CB_REVIEWS};
    uint64_t mask = UINT64_C(1) << CB_REVIEW_ID | UINT64_C(1) << CB_REVIEW_POSTED |
                    UINT64_C(1) << CB_REVIEW_CUSTOMER | UINT64_C(1) << CB_REVIEW_CASE |
                    UINT64_C(1) << CB_REVIEW_PRODUCT;
    assert_int_equal(cb_table_reserve(&t, n, mask, NULL), CB_OK);
    t.n = n;
    for (uint32_t i = 0; i < n; i++) {
        SET(&t, uint32_t, CB_REVIEW_ID, i, word_of(book, CB_POOL_REVIEW, rows[i].id));
        SET(&t, uint32_t, CB_REVIEW_CUSTOMER, i, word_of(book, CB_POOL_CUSTOMER, rows[i].customer));
        SET(&t, uint32_t, CB_REVIEW_CASE, i, word_of(book, CB_POOL_CASE, rows[i].case_id));
        SET(&t, uint32_t, CB_REVIEW_PRODUCT, i, word_of(book, CB_POOL_PRODUCT, rows[i].product));
        SET(&t, int64_t, CB_REVIEW_POSTED, i, rows[i].posted);
        t.input_ix[i] = rows[i].file;
    }
    assert_int_equal(cb_book_take(book, &t, CB_NO_TIME, NULL), CB_OK);
}

static void add_customers(cb_book *book, const unsigned *ids, const int64_t *since, uint32_t n,
                          uint16_t file)
{
    cb_table t = {.role = CB_CUSTOMERS};
    assert_int_equal(
        cb_table_reserve(&t, n, UINT64_C(1) << CB_CUSTOMER_ID | UINT64_C(1) << CB_CUSTOMER_SINCE,
                         NULL),
        CB_OK);
    t.n = n;
    for (uint32_t i = 0; i < n; i++) {
        SET(&t, uint32_t, CB_CUSTOMER_ID, i, word_of(book, CB_POOL_CUSTOMER, ids[i]));
        SET(&t, int64_t, CB_CUSTOMER_SINCE, i, since[i]);
        t.input_ix[i] = file;
    }
    assert_int_equal(cb_book_take(book, &t, CB_NO_TIME, NULL), CB_OK);
}

/* ---- the naive twin ---- */

typedef struct twin {
    test_case cases[MAX_ROWS_OF_TEST];
    uint32_t n;
    uint64_t superseded[MAX_FILES];
    uint64_t later;
} twin;

static bool later_state_counts(const test_case *had, const test_case *new_one, int64_t as_of)
{
    bool had_ahead = as_of != CB_NO_TIME && had->updated != CB_NO_TIME && had->updated > as_of;
    bool new_ahead =
        as_of != CB_NO_TIME && new_one->updated != CB_NO_TIME && new_one->updated > as_of;
    if (had_ahead && new_ahead)
        return new_one->updated < had->updated;
    if (had_ahead || new_ahead)
        return had_ahead;
    if (had->updated == CB_NO_TIME)
        return true;
    return new_one->updated != CB_NO_TIME && new_one->updated >= had->updated;
}

static void twin_take(twin *w, const test_case *rows, uint32_t n, uint64_t mask, int64_t as_of)
{
    for (uint32_t i = 0; i < n; i++) {
        test_case row = rows[i];
        uint32_t at = 0;
        if (!(mask >> CB_CASE_UPDATED & 1))
            row.updated = CB_NO_TIME;
        if (!(mask >> CB_CASE_RESOLVED & 1))
            row.resolved = CB_NO_TIME;
        if (!(mask >> CB_CASE_PROMISED & 1))
            row.promised = CB_NO_TIME;
        if (!(mask >> CB_CASE_STATUS & 1))
            row.status = CB_STATUS_UNKNOWN;
        if (!(mask >> CB_CASE_CUSTOMER & 1))
            row.customer = 0;
        if (!(mask >> CB_CASE_PRODUCT & 1))
            row.product = 0;
        while (at < w->n && w->cases[at].id != row.id)
            at++;
        if (at == w->n) {
            w->cases[w->n++] = row;
        } else if (later_state_counts(&w->cases[at], &row, as_of)) {
            w->superseded[w->cases[at].file]++;
            w->cases[at] = row;
        } else {
            w->superseded[row.file]++;
        }
    }
}

static void twin_cut(twin *w, int64_t as_of)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < w->n; i++) {
        test_case row = w->cases[i];
        if (row.opened > as_of) {
            w->later++;
            continue;
        }
        if (row.resolved != CB_NO_TIME && row.resolved > as_of) {
            row.resolved = CB_NO_TIME;
            if (row.status == CB_STATUS_RESOLVED || row.status == CB_STATUS_CLOSED ||
                row.status == CB_STATUS_WITHDRAWN)
                row.status = CB_STATUS_OPEN;
        }
        if (row.updated != CB_NO_TIME && row.updated > as_of)
            row.updated = CB_NO_TIME;
        w->cases[n++] = row;
    }
    w->n = n;
}

static int64_t twin_latest(const twin *w, const test_review *reviews, uint32_t n)
{
    int64_t latest = CB_NO_TIME;
    for (uint32_t i = 0; i < w->n; i++) {
        const int64_t t[] = {w->cases[i].opened, w->cases[i].resolved, w->cases[i].updated};
        for (size_t k = 0; k < COUNT_OF(t); k++)
            latest = t[k] > latest ? t[k] : latest;
    }
    for (uint32_t i = 0; i < n; i++)
        latest = reviews[i].posted > latest ? reviews[i].posted : latest;
    return latest;
}

/* The case that a review is linked to, by the whole table. */
static uint32_t twin_link(const twin *w, const test_review *r, int64_t days)
{
    uint32_t best = CB_NO_ROW;
    for (uint32_t i = 0; i < w->n; i++)
        if (r->case_id && w->cases[i].id == r->case_id)
            return i;
    for (uint32_t i = 0; i < w->n; i++) {
        const test_case *c = &w->cases[i];
        if (r->customer && r->product && c->customer == r->customer && c->product == r->product &&
            c->opened <= r->posted && r->posted - c->opened <= days * CB_DAY_S &&
            (best == CB_NO_ROW || c->opened >= w->cases[best].opened))
            best = i;
    }
    return best;
}

/* The cases stand in the order of opening; those opened together as they came. */
static void twin_order(twin *w)
{
    for (uint32_t i = 1; i < w->n; i++) {
        test_case moved = w->cases[i];
        uint32_t at = i;
        for (; at > 0 && w->cases[at - 1].opened > moved.opened; at--)
            w->cases[at] = w->cases[at - 1];
        w->cases[at] = moved;
    }
}

/* ---- comparison ---- */

static void same_rows(const cb_book *book, const twin *w, int round)
{
    const cb_table *t = &book->table[CB_CASES];
    CHECK(t->n == w->n, "round %d: %u cases, want %u", round, t->n, w->n);
    for (uint32_t i = 0; i < t->n; i++) {
        const test_case *c = &w->cases[i];
        bool same =
            number_of(book, CB_POOL_CASE, cb_word(t, CB_CASE_ID, i)) == c->id &&
            number_of(book, CB_POOL_CUSTOMER, cb_word(t, CB_CASE_CUSTOMER, i)) == c->customer &&
            number_of(book, CB_POOL_PRODUCT, cb_word(t, CB_CASE_PRODUCT, i)) == c->product &&
            cb_time(t, CB_CASE_OPENED, i) == c->opened &&
            cb_time(t, CB_CASE_RESOLVED, i) == c->resolved &&
            cb_time(t, CB_CASE_UPDATED, i) == c->updated &&
            cb_time(t, CB_CASE_PROMISED, i) == c->promised &&
            cb_status_of(t, i) == (cb_case_status)c->status && t->input_ix[i] == c->file;
        CHECK(same, "round %d: row %u differs", round, i);
    }
}

static void same_order(const cb_book *book, int round)
{
    const cb_table *t = &book->table[CB_CASES];
    bool seen[MAX_ROWS_OF_TEST] = {false};
    for (uint32_t i = 0; i < t->n; i++) {
        uint32_t row = book->opened_order[i];
        CHECK(row < t->n && !seen[row], "round %d: row %u twice in the order", round, row);
        seen[row] = true;
        if (i == 0)
            continue;
        uint32_t before = book->opened_order[i - 1];
        int64_t a = cb_time(t, CB_CASE_OPENED, before);
        int64_t b = cb_time(t, CB_CASE_OPENED, row);
        CHECK(a <= b && row == before + 1, "round %d: place %u is out of order", round, i);
    }
    CHECK(book->first_utc_s ==
              (t->n ? cb_time(t, CB_CASE_OPENED, book->opened_order[0]) : CB_NO_TIME),
          "round %d: first", round);
}

static void same_groups(const cb_book *book, int round)
{
    const cb_table *t = &book->table[CB_CASES];
    const cb_rows_by *by = &book->cases_of;
    uint32_t known = 0;
    assert_int_equal(by->groups, cb_intern_count(book->pool[CB_POOL_CUSTOMER]));
    CHECK(by->offset[0] == 0 && by->offset[1] == 0, "round %d: the unknown customer has cases",
          round);
    for (uint32_t g = 1; g < by->groups; g++) {
        uint32_t at = by->offset[g];
        for (uint32_t i = 0; i < t->n; i++) {
            uint32_t row = book->opened_order[i];
            if (cb_word(t, CB_CASE_CUSTOMER, row) == g) {
                CHECK(at < by->offset[g + 1] && by->rows[at] == row, "round %d: customer %u", round,
                      g);
                at++;
                known++;
            }
        }
        CHECK(at == by->offset[g + 1], "round %d: customer %u has too many", round, g);
    }
    CHECK(by->offset[by->groups] == known, "round %d: end of the groups", round);
}

static void same_links(const cb_book *book, const twin *w, const test_review *reviews, uint32_t n,
                       int64_t days, int round)
{
    uint32_t by_id = 0;
    uint32_t by_customer = 0;
    uint64_t unlinked = 0;
    const cb_table *t = &book->table[CB_REVIEWS];
    for (uint32_t i = 0; i < t->n; i++) {
        uint32_t k = 0;
        while (k < n &&
               reviews[k].id != number_of(book, CB_POOL_REVIEW, cb_word(t, CB_REVIEW_ID, i)))
            k++;
        assert_true(k < n);
        uint32_t want = twin_link(w, &reviews[k], days);
        CHECK(book->review_case[i] == want, "round %d: review %u is linked to %u, want %u", round,
              i, book->review_case[i], want);
        bool id_found =
            want != CB_NO_ROW && reviews[k].case_id && w->cases[want].id == reviews[k].case_id;
        by_id += id_found;
        by_customer += want != CB_NO_ROW && !id_found;
        unlinked += reviews[k].case_id && !id_found;
    }
    CHECK(book->reviews_by_id == by_id && book->reviews_by_customer == by_customer &&
              book->unlinked_reviews == unlinked,
          "round %d: counts of links", round);
}

static int64_t random_time(uint64_t *seed, bool may_be_unknown)
{
    if (may_be_unknown && test_between(seed, 0, 4) == 0)
        return CB_NO_TIME;
    return test_between(seed, 0, 40) * CB_DAY_S / 2 +
           (test_between(seed, 0, 3) == 0 ? INT64_C(6000000000) : 0);
}

static test_case random_case(uint64_t *seed, uint16_t file)
{
    return (test_case){.id = (unsigned)test_between(seed, 1, IDS),
                       .customer = (unsigned)test_between(seed, 0, 4),
                       .product = (unsigned)test_between(seed, 0, 3),
                       .opened = random_time(seed, false),
                       .resolved = random_time(seed, true),
                       .updated = random_time(seed, true),
                       .promised = random_time(seed, true),
                       .status = (uint8_t)test_between(seed, 0, CB_CASE_STATUSES),
                       .file = file};
}

static void against_the_twin(void **state)
{
    uint64_t seed = 3;
    (void)state;
    for (int round = 0; round < 3000; round++) {
        cb_book *book = NULL;
        twin w = {.n = 0};
        test_review reviews[6];
        int64_t days = test_between(&seed, 0, 10);
        int64_t as_of = test_between(&seed, 0, 2) ? CB_NO_TIME : random_time(&seed, false);
        assert_int_equal(cb_book_new(&book, NULL, NULL), CB_OK);
        uint16_t files = (uint16_t)test_between(&seed, 1, MAX_FILES);
        for (uint16_t f = 0; f < files; f++) {
            test_case rows[MAX_ROWS_OF_TEST / MAX_FILES];
            uint32_t n = (uint32_t)test_between(&seed, 0, (int64_t)COUNT_OF(rows) + 1);
            uint64_t mask = test_random(&seed) | test_random(&seed);
            for (uint32_t i = 0; i < n; i++)
                rows[i] = random_case(&seed, f);
            add_cases(book, rows, n, mask, as_of);
            twin_take(&w, rows, n, mask, as_of);
        }
        for (unsigned i = 0; i < COUNT_OF(reviews); i++)
            reviews[i] = (test_review){i + 1,
                                       (unsigned)test_between(&seed, 0, 4),
                                       (unsigned)test_between(&seed, 0, 3),
                                       (unsigned)test_between(&seed, 0, IDS),
                                       random_time(&seed, false),
                                       0};
        add_reviews(book, reviews, COUNT_OF(reviews));
        int64_t latest = twin_latest(&w, reviews, COUNT_OF(reviews));
        int64_t effective = as_of == CB_NO_TIME ? latest : as_of;
        assert_int_equal(cb_book_finish(book, as_of, days, &(cb_workers){.threads = 2}, NULL),
                         CB_OK);
        twin_cut(&w, effective);
        twin_order(&w);
        CHECK(book->as_of_utc_s == effective, "round %d: as of", round);
        CHECK(book->opened_after_as_of[CB_CASES] == w.later, "round %d: opened later", round);
        uint64_t later = 0;
        for (int f = 0; f < CB_MAX_INPUTS; f++)
            later += book->later_rows[f];
        CHECK(later == book->opened_after_as_of[CB_CASES] + book->opened_after_as_of[CB_REVIEWS],
              "round %d: later rows by input", round);
        for (uint16_t f = 0; f < files; f++)
            CHECK(book->superseded[f] == w.superseded[f], "round %d: superseded of file %u", round,
                  f);
        same_rows(book, &w, round);
        same_order(book, round);
        same_groups(book, round);
        same_links(book, &w, reviews, COUNT_OF(reviews), days, round);
        CHECK(cb_book_finish(book, as_of, days, &(cb_workers){.threads = 2}, NULL) == CB_EUSAGE,
              "a book is finished once");
        cb_book_free(book);
    }
}

/* ---- single rules ---- */

static void later_customer_row_counts(void **state)
{
    cb_book *book = NULL;
    const unsigned first[] = {1, 2, 1};
    const int64_t since[] = {10, 20, 30};
    const unsigned second[] = {2, 3};
    const int64_t later[] = {40, 50};
    test_case c = {.id = 1,
                   .customer = 4,
                   .opened = 60,
                   .resolved = CB_NO_TIME,
                   .updated = CB_NO_TIME,
                   .promised = 99};
    (void)state;
    assert_int_equal(cb_book_new(&book, NULL, NULL), CB_OK);
    add_customers(book, first, since, 3, 0);
    add_customers(book, second, later, 2, 1);
    add_cases(book, &c, 1, UINT64_MAX, CB_NO_TIME);
    assert_int_equal(cb_book_finish(book, CB_NO_TIME, 90, &(cb_workers){.threads = 2}, NULL),
                     CB_OK);
    const cb_table *t = &book->table[CB_CUSTOMERS];
    assert_int_equal(t->n, 3);
    assert_int_equal(cb_time(t, CB_CUSTOMER_SINCE, 0), 30);
    assert_int_equal(cb_time(t, CB_CUSTOMER_SINCE, 1), 40);
    assert_int_equal(cb_time(t, CB_CUSTOMER_SINCE, 2), 50);
    assert_int_equal(book->superseded[0], 2);
    assert_int_equal(book->superseded[1], 0);
    assert_int_equal(book->as_of_utc_s, 60); /* promised_at lies ahead and is no event */
    assert_int_equal(cb_time(&book->table[CB_CASES], CB_CASE_PROMISED, 0), 99);
    assert_int_equal(book->unlinked_customers, 1);
    uint32_t three = cb_intern_find(book->pool[CB_POOL_CUSTOMER], CB_LIT("d"));
    assert_int_equal(book->customer_row[three], 2);
    cb_book_free(book);
}

static void states_of_cases(void **state)
{
    static const struct {
        uint8_t status;
        int64_t resolved;
        cb_case_state want;
    } t[] = {
        {CB_STATUS_UNKNOWN, CB_NO_TIME, CB_STATE_OPEN},
        {CB_STATUS_OPEN, CB_NO_TIME, CB_STATE_OPEN},
        {CB_STATUS_PENDING, CB_NO_TIME, CB_STATE_OPEN},
        {CB_STATUS_RESOLVED, CB_NO_TIME, CB_STATE_CLOSED_BLANK},
        {CB_STATUS_CLOSED, CB_NO_TIME, CB_STATE_CLOSED_BLANK},
        {CB_STATUS_WITHDRAWN, CB_NO_TIME, CB_STATE_WITHDRAWN},
        {CB_STATUS_OPEN, 5, CB_STATE_RESOLVED},
        {CB_STATUS_CLOSED, 5, CB_STATE_RESOLVED},
        {CB_STATUS_WITHDRAWN, 5, CB_STATE_RESOLVED},
        {CB_STATUS_UNKNOWN, 5, CB_STATE_RESOLVED},
    };
    cb_book *book = NULL;
    (void)state;
    assert_int_equal(cb_book_new(&book, NULL, NULL), CB_OK);
    for (unsigned i = 0; i < COUNT_OF(t); i++) {
        test_case c = {.id = i + 1,
                       .opened = 0,
                       .resolved = t[i].resolved,
                       .updated = 9,
                       .status = t[i].status};
        add_cases(book, &c, 1, UINT64_MAX, CB_NO_TIME);
    }
    for (unsigned i = 0; i < COUNT_OF(t); i++)
        CHECK(cb_case_state_of(&book->table[CB_CASES], i) == t[i].want, "row %u: state %d", i,
              (int)cb_case_state_of(&book->table[CB_CASES], i));
    cb_book_free(book);
}

static void slices_of_the_order(void **state)
{
    cb_book *book = NULL;
    uint64_t seed = 8;
    test_case rows[11];
    (void)state;
    assert_int_equal(cb_book_new(&book, NULL, NULL), CB_OK);
    for (unsigned i = 0; i < COUNT_OF(rows); i++)
        rows[i] = (test_case){.id = i + 1,
                              .opened = test_between(&seed, 0, 8),
                              .resolved = CB_NO_TIME,
                              .updated = CB_NO_TIME};
    add_cases(book, rows, COUNT_OF(rows), 0, CB_NO_TIME);
    assert_int_equal(cb_book_finish(book, CB_NO_TIME, 90, &(cb_workers){.threads = 2}, NULL),
                     CB_OK);
    for (int64_t from = -1; from < 10; from++)
        for (int64_t to = -1; to < 10; to++) {
            uint32_t want = 0;
            for (unsigned i = 0; i < COUNT_OF(rows); i++)
                want += rows[i].opened >= from && rows[i].opened < to;
            cb_slice s = cb_cases_opened(book, from, to);
            CHECK(s.n == want, "[%d, %d): %u", (int)from, (int)to, s.n);
            for (uint32_t i = 0; i < s.n; i++)
                CHECK(cb_time(&book->table[CB_CASES], CB_CASE_OPENED, s.rows[i]) >= from,
                      "[%d, %d)", (int)from, (int)to);
        }
    cb_book_free(book);
}

static void an_empty_book(void **state)
{
    cb_book *book = NULL;
    cb_table none = {.role = CB_CASES};
    (void)state;
    assert_int_equal(cb_book_new(&book, NULL, NULL), CB_OK);
    assert_int_equal(cb_book_take(book, &none, CB_NO_TIME, NULL), CB_OK);
    assert_int_equal(cb_book_finish(book, CB_NO_TIME, 90, &(cb_workers){.threads = 2}, NULL),
                     CB_OK);
    assert_int_equal(book->as_of_utc_s, CB_NO_TIME);
    assert_int_equal(book->cases_of.groups, 1);
    assert_int_equal(cb_cases_opened(book, 0, 100).n, 0);
    assert_int_equal(cb_word(&book->table[CB_CASES], CB_CASE_KIND, 0), CB_UNKNOWN_ID);
    cb_book_free(book);
}

static void cells_known(void **state)
{
    cb_table t = {.role = CB_CASES};
    uint64_t all = (UINT64_C(1) << CB_CASE_FIELDS) - 1;
    (void)state;
    assert_false(cb_cell_known(&t, CB_CASE_KIND, 0));
    assert_int_equal(cb_table_reserve(&t, 3, all, NULL), CB_OK);
    assert_int_equal(cb_table_mask(&t), all);
    for (unsigned f = 0; f < CB_CASE_FIELDS; f++) {
        size_t size = cb_type_bytes(cb_schemas[CB_CASES].field[f].type);
        memset(t.column[f], 1, 3 * size);
        cb_table_blank(&t, f, 1, 2);
        CHECK(cb_cell_known(&t, f, 0) && !cb_cell_known(&t, f, 1) && cb_cell_known(&t, f, 2),
              "field %s", cb_schemas[CB_CASES].field[f].name);
    }
    assert_int_equal(cb_table_reserve(&t, (size_t)CB_MAX_ROWS + 1, all, NULL), CB_ELIMIT);
    cb_table_free(&t);
}

static void every_allocation_fails_once(void **state)
{
    (void)state;
    for (size_t n = 1; n < 400; n++) {
        test_alloc heap = {.fail_at = n};
        cb_alloc alloc = test_alloc_of(&heap);
        cb_book *book = NULL;
        cb_error err = {0};
        cb_status rc = cb_book_new(&book, &alloc, &err);
        for (unsigned f = 0; f < 2 && rc == CB_OK; f++) {
            cb_table t = {.role = CB_CASES};
            assert_int_equal(cb_table_reserve(&t, 2, 3, NULL), CB_OK);
            t.n = 2;
            for (uint32_t i = 0; i < 2; i++) {
                uint32_t id =
                    cb_intern_put(book->pool[CB_POOL_CASE], f + i ? CB_LIT("b") : CB_LIT("a"));
                SET(&t, uint32_t, CB_CASE_ID, i, id == CB_NO_ID ? CB_UNKNOWN_ID : id);
                SET(&t, int64_t, CB_CASE_OPENED, i, 100 - i);
                t.input_ix[i] = 0;
            }
            rc = cb_book_take(book, &t, CB_NO_TIME, &err);
            cb_table_free(&t);
        }
        if (rc == CB_OK)
            rc = cb_book_finish(book, CB_NO_TIME, 90, &(cb_workers){.threads = 2}, &err);
        CHECK(rc == CB_OK || (rc == CB_ENOMEM && err.why[0]), "allocation %zu: status %d", n,
              (int)rc);
        cb_book_free(book);
        CHECK(heap.live_bytes == 0 && heap.live_blocks == 0, "allocation %zu: %lld bytes left", n,
              (long long)heap.live_bytes);
        if (!heap.failures)
            return;
    }
    fail_msg("the sweep did not come to its end");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(against_the_twin),
        cmocka_unit_test(later_customer_row_counts),
        cmocka_unit_test(states_of_cases),
        cmocka_unit_test(slices_of_the_order),
        cmocka_unit_test(an_empty_book),
        cmocka_unit_test(cells_known),
        cmocka_unit_test(every_allocation_fails_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
