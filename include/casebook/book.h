/* book.h - the case, review and customer tables: one array per column, ids for words, links between the three.
 *
 * Why columns: every measure is a scan over few columns, grouped by array index. A column that the inputs do not
 * have is NULL (take the accessors below: they answer "unknown").
 *
 * Sequence: cb_book_new; ingest appends whole files with cb_book_take (last state of each case, methods.md T5);
 * cb_book_finish once (as-of clipping T2, links, orders); from then on read-only and shared by all threads.
 * Ownership: the book owns all columns, pools and indexes until cb_book_free.
 * Memory: a column is as narrow as what it holds allows: words take 1, 2 or 4 bytes, times and amounts 4 (1970 to 2106, up to
 * 42 million in cents) or 8. With all columns mapped that is some 90 bytes a case, besides the pools' text. Only the accessors
 * below know the width; they cost a predictable branch, and cb_words_of … take a whole block of cells. */
#ifndef CASEBOOK_BOOK_H
#define CASEBOOK_BOOK_H

#include "casebook/civil.h"
#include "casebook/intern.h"
#include "casebook/money.h"
#include "casebook/schema.h"
#include "casebook/workers.h"

enum { CB_MAX_INPUTS = 4096, CB_MAX_ROWS = 50000000 };

typedef struct cb_table {
    cb_role role;
    uint32_t n;                            /* rows */
    size_t cap;                            /* rows that fit */
    void *column[CB_MAX_FIELDS_OF_ROLE];   /* NULL: no input has the column; types as the schema says */
    uint8_t width[CB_MAX_FIELDS_OF_ROLE];  /* bytes of a narrow column's cells, see below; 0: as wide as its type */
    uint16_t *input_ix;                    /* which input the row came from */
} cb_table;

/* Rows of one customer, or all rows, in an order: rows[offset[i]] … rows[offset[i + 1] - 1]. */
typedef struct cb_rows_by {
    uint32_t groups;
    const uint32_t *offset; /* groups + 1 */
    const uint32_t *rows;
} cb_rows_by;

typedef struct cb_book {
    cb_table table[CB_ROLES];
    cb_intern *pool[CB_POOLS];
    int64_t as_of_utc_s;
    int64_t first_utc_s, last_utc_s; /* earliest case opening; latest event (T2) in the inputs not after as_of */

    /* set by cb_book_finish */
    const uint32_t *opened_order;   /* 0 … n - 1: the cases stand in the order of (opened, place in the inputs) */
    cb_rows_by cases_of;            /* customer id -> case rows by (opened, row); group 0 (unknown customer) is empty */
    const uint32_t *customer_row;   /* customer id -> row of the customer table, or CB_NO_ROW; NULL without a list */
    const uint32_t *review_case;    /* review row -> case row by id or by customer and product (V2), or CB_NO_ROW */
    uint32_t reviews_by_id, reviews_by_customer; /* links found by either rule */
    uint64_t opened_after_as_of[CB_ROLES]; /* rows left out: opened, posted or since after as_of */
    uint64_t unlinked_customers, unlinked_reviews; /* foreign-key: named, but not in the other table */
    uint64_t superseded[CB_MAX_INPUTS];    /* by input: rows replaced by a later state (T5) */
    uint64_t later_rows[CB_MAX_INPUTS];    /* by input: the rows of opened_after_as_of */
    uint64_t future_cells[CB_MAX_INPUTS];  /* by input: times after as_of that were blanked (T2) */

    /* private to src/book */
    const cb_alloc *alloc;
    cb_arena *arena;                       /* owns orders and links */
    uint32_t *slot[CB_ROLES];              /* id of a case, review, customer -> its row, while files are taken */
    size_t slot_cap[CB_ROLES];
    bool finished;
} cb_book;

#define CB_NO_ROW UINT32_MAX

CB_MUST_USE cb_status cb_book_new(cb_book **out, const cb_alloc *alloc, cb_error *err);
void cb_book_free(cb_book *book);

// cb_book_take moves the rows of a finished raw table (times in UTC, words in the book's pools; amounts are not looked at)
// into the book's table of that role; an id already there is decided by T5: of two rows the later updated_at wins, else the
// later row (a row without updated_at counts as updated before all others). With an explicit as_of (not CB_NO_TIME) a row updated
// after it counts only where the case has none before; of several such rows the earliest. Of two rows of a review or a customer
// the later row wins. A case keeps the place of its first row. `rows` is emptied. Counts superseded rows by their own input_ix.
CB_MUST_USE cb_status cb_book_take(cb_book *book, cb_table *rows, int64_t as_of_utc_s, cb_error *err);

// cb_book_finish fixes as_of (CB_NO_TIME: the latest event), removes rows that begin later, blanks later times, builds
// the links and orders. link_days: V2's window for reviews without a case id (default 90). Call it once.
// Events are all times but promised_at, which may lie ahead. A case whose resolved_at is blanked is open again: a status
// resolved, closed or withdrawn in that row becomes open. The cases are put in the order of opening, so that those of a period stand side by side.
// A review is linked by its case id; else, where customer and product are both known, to that customer's latest case of that
// product opened at most link_days before the review was posted. unlinked_reviews counts reviews whose case id is not among the cases,
// unlinked_customers the customers named by cases that a customer list does not have.
CB_MUST_USE cb_status cb_book_finish(cb_book *book, int64_t as_of_utc_s, int64_t link_days, const cb_workers *workers,
                                     cb_error *err);

// cb_table_reserve makes room for n rows in all columns of the fields set in the mask and in input_ix (new cells unset).
CB_MUST_USE cb_status cb_table_reserve(cb_table *table, size_t n, uint64_t field_mask, cb_error *err);
void cb_table_free(cb_table *table);

/* Narrow columns. Words: 1 or 2 bytes. Times and amounts: 4 bytes, CB_NARROW_UNKNOWN for none. Whoever makes a column says
 * its width before cb_table_reserve; what does not fit any more has it widened first. */
#define CB_NARROW_UNKNOWN UINT32_MAX
#define CB_NARROW_UNREAD (UINT32_MAX - 1) /* of amounts: CB_UNREAD_AMOUNT */

// cb_table_cell_bytes returns the bytes of a cell of the field as the table stores it.
size_t cb_table_cell_bytes(const cb_table *table, unsigned field);

// cb_table_widen makes the cells of a column at least `bytes` wide, keeping what they hold.
CB_MUST_USE cb_status cb_table_widen(cb_table *table, unsigned field, size_t bytes, cb_error *err);

// cb_table_tidy makes every column that is as wide as its type as narrow as what it holds allows, and gives the
// rest of its memory back; with an order, row order[i] becomes row i (every row is in it once). Columns side by side.
CB_MUST_USE cb_status cb_table_tidy(cb_table *table, const uint32_t *order, const cb_workers *workers, cb_error *err);

// cb_narrow_fits says whether a time or amount, or none, can be stored in 4 bytes.
static inline bool cb_narrow_fits(int64_t value)
{
    return value == CB_NO_TIME || (uint64_t)value < CB_NARROW_UNKNOWN;
}
static inline uint32_t cb_narrowed(int64_t value)
{
    return value == CB_NO_TIME ? CB_NARROW_UNKNOWN : (uint32_t)value;
}

// cb_table_blank makes cells [from, to) of a field unknown; the column must be there.
void cb_table_blank(cb_table *table, unsigned field, size_t from, size_t to);

// cb_table_gather keeps the rows rows[0 … n-1] in that order: row i becomes what row rows[i] was. rows[i] >= i.
void cb_table_gather(cb_table *table, const uint32_t *rows, uint32_t n);

// cb_table_trim gives back the memory beyond the rows that are there.
void cb_table_trim(cb_table *table);

// cb_table_mask returns the bits of the fields that have a column.
uint64_t cb_table_mask(const cb_table *table);

// cb_cell_known says whether the cell of a field is known; false where the column is absent.
bool cb_cell_known(const cb_table *table, unsigned field, uint32_t row);

/* Accessors: unknown where the column is absent. An amount that could not be read is unknown like a blank one, but for
 * cb_amount_unread: A1 takes a blank remedy for none. */
static inline uint32_t cb_word(const cb_table *t, unsigned field, uint32_t row)
{
    const void *column = t->column[field];
    if (!column)
        return CB_UNKNOWN_ID;
    switch (t->width[field]) {
    case 1: return ((const uint8_t *)column)[row];
    case 2: return ((const uint16_t *)column)[row];
    default: return ((const uint32_t *)column)[row];
    }
}
static inline int64_t cb_time(const cb_table *t, unsigned field, uint32_t row)
{
    const void *column = t->column[field];
    if (!column)
        return CB_NO_TIME;
    if (t->width[field] != sizeof(uint32_t))
        return ((const int64_t *)column)[row];
    uint32_t narrow = ((const uint32_t *)column)[row];
    return narrow == CB_NARROW_UNKNOWN ? CB_NO_TIME : (int64_t)narrow;
}
static inline int64_t cb_amount(const cb_table *t, unsigned field, uint32_t row)
{
    const void *column = t->column[field];
    if (!column)
        return CB_NO_AMOUNT;
    if (t->width[field] != sizeof(uint32_t)) {
        int64_t wide = ((const int64_t *)column)[row];
        return wide <= CB_UNREAD_AMOUNT ? CB_NO_AMOUNT : wide;
    }
    uint32_t narrow = ((const uint32_t *)column)[row];
    return narrow >= CB_NARROW_UNREAD ? CB_NO_AMOUNT : (int64_t)narrow;
}
// cb_is_event says whether a field holds times of events: not what was promised, which may lie ahead by its nature.
static inline bool cb_is_event(cb_role role, unsigned field)
{
    return cb_schemas[role].field[field].type == CB_TYPE_TIME && !(role == CB_CASES && field == CB_CASE_PROMISED);
}
// cb_amount_unread says whether the cell of an unknown amount holds something that could not be read, or not be converted.
static inline bool cb_amount_unread(const cb_table *t, unsigned field, uint32_t row)
{
    const void *column = t->column[field];
    if (!column)
        return false;
    return t->width[field] == sizeof(uint32_t) ? ((const uint32_t *)column)[row] == CB_NARROW_UNREAD
                                               : ((const int64_t *)column)[row] == CB_UNREAD_AMOUNT;
}
static inline uint16_t cb_count(const cb_table *t, unsigned field, uint32_t row)
{
    return t->column[field] ? ((const uint16_t *)t->column[field])[row] : CB_NO_COUNT;
}
static inline uint16_t cb_score(const cb_table *t, unsigned field, uint32_t row)
{
    return t->column[field] ? ((const uint16_t *)t->column[field])[row] : CB_NO_SCORE;
}
static inline uint8_t cb_flag(const cb_table *t, unsigned field, uint32_t row)
{
    return t->column[field] ? ((const uint8_t *)t->column[field])[row] : (uint8_t)CB_NO_FLAG;
}
static inline cb_case_status cb_status_of(const cb_table *t, uint32_t row)
{
    return t->column[CB_CASE_STATUS] ? (cb_case_status)((const uint8_t *)t->column[CB_CASE_STATUS])[row] : CB_STATUS_UNKNOWN;
}
static inline uint32_t cb_text_bits(const cb_table *t, unsigned field, uint32_t row)
{
    return t->column[field] ? ((const uint32_t *)t->column[field])[row] : 0;
}

// cb_words_of copies the words of rows[0 … n-1] (rows NULL: 0 … n-1) to out; likewise times and amounts. In a loop over many
// rows it is faster than a look at each cell, which has to ask how wide the column is.
void cb_words_of(const cb_table *table, unsigned field, const uint32_t *rows, uint32_t n, uint32_t *out);
void cb_times_of(const cb_table *table, unsigned field, const uint32_t *rows, uint32_t n, int64_t *out);
void cb_amounts_of(const cb_table *table, unsigned field, const uint32_t *rows, uint32_t n, int64_t *out);

/* What a case is at as_of, in the sense of R1, R8. */
typedef enum cb_case_state {
    CB_STATE_OPEN,        /* no resolved_at, status not closed: censored at as_of */
    CB_STATE_RESOLVED,    /* resolved_at is known (also where the status still says open: a contradiction, counted) */
    CB_STATE_CLOSED_BLANK,/* status resolved or closed without resolved_at: closed at an unknown time (R8) */
    CB_STATE_WITHDRAWN    /* status withdrawn, no resolved_at: treated as CLOSED_BLANK in R, never eligible in A */
} cb_case_state;
cb_case_state cb_case_state_of(const cb_table *cases, uint32_t row);

// cb_cases_opened returns the case rows opened in [from, to) as a slice of opened_order.
typedef struct cb_slice {
    const uint32_t *rows;
    uint32_t n;
} cb_slice;
cb_slice cb_cases_opened(const cb_book *book, int64_t from_utc_s, int64_t to_utc_s);

#endif
