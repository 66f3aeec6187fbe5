/* book_builder.h - books for tests of measures, made without an input file.
 *
 * Why: a measure is tested on a table that stands in the test. A test_book is filled row by row and cell by cell
 * through the same doors as ingest uses (cb_table_reserve, cb_intern_put, cb_book_take, cb_book_finish); a column
 * exists as soon as one cell of it was set, all other cells are unknown.
 *
 * Sequence:
 *     test_book b;
 *     test_book_init(&b);
 *     uint32_t row = test_row(&b, CB_CASES);                     // its id is "1", "2", …
 *     test_time(&b, CB_CASES, row, CB_CASE_OPENED, 86400);
 *     test_word(&b, CB_CASES, row, CB_CASE_KIND, "late");
 *     test_world w;
 *     test_world_open(&w, &b, as_of, "[report]\nmin_group = 2\n", 1); // takes the book; makes all beside it
 *     test_world_run(&w, measures, "2026-Q3", results);                // valid until close
 *     test_world_close(&w);
 * Rows keep their order; row numbers in the book are those that test_row gave as long as no row begins after as_of. */
#ifndef TESTS_BOOK_BUILDER_H
#define TESTS_BOOK_BUILDER_H

#include "testing.h"

#include <stdio.h>
#include <string.h>

#include "casebook/measures.h"
#include "casebook/results.h"

#define DAY ((int64_t)CB_DAY_S)
#define HOUR ((int64_t)CB_HOUR_S)

/* How many random books a test makes: CB_BOOKS of the environment (the long run: 2000), else the
 * usual number. */
static inline int test_books(int usual)
{
    const char *asked = getenv("CB_BOOKS");
    long n = asked ? strtol(asked, NULL, 10) : usual;
    return n > 0 && n < 1000000 ? (int)n : usual;
}

typedef struct test_book {
    cb_book *book;
    cb_table rows[CB_ROLES];
} test_book;

static inline void test_book_init(test_book *b)
{
    memset(b, 0, sizeof *b);
    assert_int_equal(cb_book_new(&b->book, NULL, NULL), CB_OK);
    for (int role = 0; role < CB_ROLES; role++)
        b->rows[role].role = (cb_role)role;
}

static inline void test_blank_cell(cb_table *t, unsigned field, size_t row)
{
    switch (cb_schemas[t->role].field[field].type) {
    case CB_TYPE_WORD:
    case CB_TYPE_TEXT:
        ((uint32_t *)t->column[field])[row] = 0;
        break;
    case CB_TYPE_TIME:
    case CB_TYPE_DURATION:
        ((int64_t *)t->column[field])[row] = CB_NO_TIME;
        break;
    case CB_TYPE_AMOUNT:
        ((int64_t *)t->column[field])[row] = CB_NO_AMOUNT;
        break;
    case CB_TYPE_COUNT:
        ((uint16_t *)t->column[field])[row] = CB_NO_COUNT;
        break;
    case CB_TYPE_SCORE:
        ((uint16_t *)t->column[field])[row] = CB_NO_SCORE;
        break;
    case CB_TYPE_FLAG:
        ((uint8_t *)t->column[field])[row] = (uint8_t)CB_NO_FLAG;
        break;
    case CB_TYPE_STATUS:
        ((uint8_t *)t->column[field])[row] = CB_STATUS_UNKNOWN;
        break;
    }
}

/* The cell's array; makes the column if it is not there. */
static inline void *test_column(test_book *b, cb_role role, unsigned field)
{
    cb_table *t = &b->rows[role];
    if (!t->column[field]) {
        assert_int_equal(cb_table_reserve(t, t->n, UINT64_C(1) << field, NULL), CB_OK);
        for (size_t row = 0; row < t->n; row++)
            test_blank_cell(t, field, row);
    }
    return t->column[field];
}

static inline void test_word(test_book *b, cb_role role, uint32_t row, unsigned field,
                             const char *text)
{
    uint32_t *column = test_column(b, role, field);
    column[row] = cb_intern_put(b->book->pool[cb_schemas[role].field[field].pool], cb_str_of(text));
    assert_true(column[row] != CB_NO_ID);
}

/* times and amounts */
static inline void test_time(test_book *b, cb_role role, uint32_t row, unsigned field,
                             int64_t value)
{
    ((int64_t *)test_column(b, role, field))[row] = value;
}

static inline void test_amount(test_book *b, cb_role role, uint32_t row, unsigned field,
                               int64_t minor)
{
    ((int64_t *)test_column(b, role, field))[row] = minor;
}

/* counts and scores */
static inline void test_count(test_book *b, cb_role role, uint32_t row, unsigned field,
                              uint16_t value)
{
    ((uint16_t *)test_column(b, role, field))[row] = value;
}

/* flags and status */
static inline void test_flag(test_book *b, cb_role role, uint32_t row, unsigned field,
                             uint8_t value)
{
    ((uint8_t *)test_column(b, role, field))[row] = value;
}

static inline void test_bits(test_book *b, cb_role role, uint32_t row, unsigned field,
                             uint32_t bits)
{
    ((uint32_t *)test_column(b, role, field))[row] = bits;
}

static inline uint32_t test_row(test_book *b, cb_role role)
{
    cb_table *t = &b->rows[role];
    uint32_t row = t->n;
    char id[16];
    assert_int_equal(cb_table_reserve(t, (size_t)row + 1, 1, NULL), CB_OK);
    t->n++;
    t->input_ix[row] = 0;
    for (unsigned f = 0; f < cb_schemas[role].fields; f++)
        if (t->column[f])
            test_blank_cell(t, f, row);
    (void)snprintf(id, sizeof id, "%u", row + 1);
    test_word(b, role, row, 0, id); /* the id is field 0 of every role */
    return row;
}

/* ---- a case in one line, for tables in tests ---- */

typedef struct test_case_row {
    int64_t opened;
    int64_t resolved, answered; /* 0: none (use 1 … for real ones) */
    cb_case_status status;
    const char *customer, *kind, *cause, *product, *team, *priority, *channel;
} test_case_row;

static inline uint32_t test_case(test_book *b, const test_case_row *c)
{
    const struct {
        unsigned field;
        const char *text;
    } word[] = {
        {CB_CASE_CUSTOMER, c->customer}, {CB_CASE_KIND, c->kind}, {CB_CASE_CAUSE, c->cause},
        {CB_CASE_PRODUCT, c->product},   {CB_CASE_TEAM, c->team}, {CB_CASE_PRIORITY, c->priority},
        {CB_CASE_CHANNEL, c->channel},
    };
    uint32_t row = test_row(b, CB_CASES);
    test_time(b, CB_CASES, row, CB_CASE_OPENED, c->opened);
    if (c->resolved)
        test_time(b, CB_CASES, row, CB_CASE_RESOLVED, c->resolved);
    if (c->answered)
        test_time(b, CB_CASES, row, CB_CASE_FIRST_RESPONSE, c->answered);
    if (c->status)
        test_flag(b, CB_CASES, row, CB_CASE_STATUS, (uint8_t)c->status);
    for (size_t i = 0; i < sizeof word / sizeof *word; i++)
        if (word[i].text)
            test_word(b, CB_CASES, row, word[i].field, word[i].text);
    return row;
}

/* ---- all that a measure needs beside its book ---- */

typedef struct test_world {
    cb_book *book;
    cb_settings *settings;
    cb_calendar *calendar;
    cb_derived *derived;
    cb_arena *arena;
    cb_workers workers;
    cb_scope scope; /* of the latest run */
} test_world;

static inline void test_ok(cb_status rc, const cb_error *err)
{
    CHECK(rc == CB_OK, "%s: %s", cb_status_text(rc), err->why);
}

#define TEST_WEEK_24_7                                                                             \
    "[calendar]\nmon = 00:00-24:00\ntue = 00:00-24:00\nwed = 00:00-24:00\n"                        \
    "thu = 00:00-24:00\nfri = 00:00-24:00\nsat = 00:00-24:00\nsun = 00:00-24:00\n"

/* config: INI text or NULL; as_of CB_NO_TIME: the latest event. */
static inline void test_world_open(test_world *w, test_book *b, int64_t as_of, const char *config,
                                   unsigned threads)
{
    cb_error err = {.status = CB_OK};
    memset(w, 0, sizeof *w);
    w->book = b->book;
    w->workers.threads = threads;
    w->arena = cb_arena_new(NULL, 0);
    assert_non_null(w->arena);
    for (int role = 0; role < CB_ROLES; role++)
        if (b->rows[role].n > 0)
            test_ok(cb_book_take(w->book, &b->rows[role], as_of, &err), &err);
    test_ok(cb_settings_new(&w->settings, NULL, &err), &err);
    if (config)
        test_ok(cb_settings_text(w->settings, cb_str_of(config), "test.ini", &err), &err);
    test_ok(cb_settings_finish(w->settings, &err), &err);
    int64_t link_days = (int64_t)w->settings->assumption[CB_A_REVIEW_LINK_DAYS].base;
    test_ok(cb_book_finish(w->book, as_of, link_days, &(cb_workers){.threads = 2}, &err), &err);
    bool any = w->book->table[CB_CASES].n > 0;
    int64_t from = any ? w->book->first_utc_s : 0;
    test_ok(cb_calendar_new(&w->calendar, &w->settings->week, w->settings->zone, from,
                            any ? w->book->as_of_utc_s : CB_DAY_S, &err),
            &err);
    test_ok(
        cb_derived_new(&w->derived, w->book, w->settings, w->calendar, &w->workers, w->arena, &err),
        &err);
    for (int role = 0; role < CB_ROLES; role++)
        cb_table_free(&b->rows[role]);
}

/* A world of one case. */
static inline void test_world_of_case(test_world *w, const test_case_row *c, int64_t as_of)
{
    test_book b;
    test_book_init(&b);
    test_case(&b, c);
    test_world_open(w, &b, as_of, NULL, 1);
}

/* measures NULL: those of the program. results: CB_WINDOWS of them; they live until
 * test_world_close. */
static inline cb_status test_world_try_period(test_world *w, const cb_measure *const *measures,
                                              const cb_period *period, cb_results *results,
                                              cb_error *err)
{
    cb_scope_init(&w->scope, w->book, w->settings, w->calendar, w->derived, period, &w->workers,
                  w->arena);
    return cb_measures_run_these(measures ? measures : cb_measures, &w->scope, results, err);
}

static inline cb_period test_period(const test_world *w, const char *period)
{
    cb_error err = {.status = CB_OK};
    cb_period p;
    test_ok(cb_period_parse(&p, cb_str_of(period), w->settings->zone, &err), &err);
    return p;
}

static inline cb_status test_world_try(test_world *w, const cb_measure *const *measures,
                                       const char *period, cb_results *results, cb_error *err)
{
    cb_period p = test_period(w, period);
    return test_world_try_period(w, measures, &p, results, err);
}

static inline void test_world_run_period(test_world *w, const cb_measure *const *measures,
                                         const cb_period *period, cb_results *results)
{
    cb_error err = {.status = CB_OK};
    test_ok(test_world_try_period(w, measures, period, results, &err), &err);
}

static inline void test_world_run(test_world *w, const cb_measure *const *measures,
                                  const char *period, cb_results *results)
{
    cb_period p = test_period(w, period);
    test_world_run_period(w, measures, &p, results);
}

/* A run whose nth allocation, from 1, fails: no memory is told, nothing leaks. False if there is
 * no nth. What results point to is gone. */
static inline bool test_world_starve(test_world *w, const cb_measure *const *measures,
                                     const char *period, size_t nth, cb_results *results)
{
    test_alloc heap = {.fail_at = nth};
    cb_alloc alloc = test_alloc_of(&heap);
    cb_error err = {.status = CB_OK};
    cb_period p = test_period(w, period);
    const cb_alloc *usual_alloc = w->settings->alloc;
    cb_arena *usual_arena = w->arena;
    w->arena = cb_arena_new(&alloc, 0);
    w->settings->alloc = &alloc;
    cb_status rc = w->arena ? test_world_try_period(w, measures, &p, results, nth % 2 ? &err : NULL)
                            : CB_ENOMEM;
    cb_arena_free(w->arena);
    w->arena = usual_arena;
    w->settings->alloc = usual_alloc;
    CHECK(rc == (heap.failures ? CB_ENOMEM : CB_OK), "call %zu: %s", nth, cb_status_text(rc));
    CHECK(heap.live_blocks == 0 && heap.live_bytes == 0, "call %zu: %lld bytes leak", nth,
          (long long)heap.live_bytes);
    return heap.failures > 0;
}

static inline void test_world_close(test_world *w)
{
    cb_arena_free(w->arena);
    cb_calendar_free(w->calendar);
    cb_settings_free(w->settings);
    cb_book_free(w->book);
    memset(w, 0, sizeof *w);
}

#endif
