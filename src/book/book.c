#include "book/book_parts.h"

unsigned cb_book_id_field(cb_role role)
{
    static const unsigned field[CB_ROLES] = {CB_CASE_ID, CB_REVIEW_ID, CB_CUSTOMER_ID};
    return field[role];
}

unsigned cb_book_begin_field(cb_role role)
{
    static const unsigned field[CB_ROLES] = {CB_CASE_OPENED, CB_REVIEW_POSTED, CB_CUSTOMER_SINCE};
    return field[role];
}

cb_status cb_book_new(cb_book **out, const cb_alloc *alloc, cb_error *err)
{
    static const char purpose[] = "the case book";
    alloc = alloc ? alloc : cb_alloc_libc();
    cb_book *book = alloc->resize(alloc->ctx, NULL, 0, sizeof *book);
    *out = NULL;
    if (!book)
        return cb_nomem(err, purpose);
    *book = (cb_book){.alloc = alloc,
                      .as_of_utc_s = CB_NO_TIME,
                      .first_utc_s = CB_NO_TIME,
                      .last_utc_s = CB_NO_TIME};
    for (unsigned r = 0; r < CB_ROLES; r++)
        book->table[r].role = (cb_role)r;
    bool good = (book->arena = cb_arena_new(alloc, 0)) != NULL;
    for (unsigned p = 0; good && p < CB_POOLS; p++)
        good = (book->pool[p] = cb_intern_new(alloc, UINT32_MAX - 1)) != NULL;
    if (!good) {
        cb_book_free(book);
        return cb_nomem(err, purpose);
    }
    *out = book;
    return CB_OK;
}

static void free_slots(cb_book *book)
{
    for (unsigned r = 0; r < CB_ROLES; r++) {
        void *slots = book->slot[r];
        cb_drop(book->alloc, &slots, &book->slot_cap[r], sizeof *book->slot[r]);
        book->slot[r] = NULL;
    }
}

void cb_book_free(cb_book *book)
{
    if (!book)
        return;
    for (unsigned r = 0; r < CB_ROLES; r++)
        cb_table_free(&book->table[r]);
    for (unsigned p = 0; p < CB_POOLS; p++)
        cb_intern_free(book->pool[p]);
    free_slots(book);
    cb_arena_free(book->arena);
    book->alloc->resize(book->alloc->ctx, book, sizeof *book, 0);
}

/* ---- T5: which row of an id counts ---- */

/* A taking: the book's rows 0 … old-1 and the rows of the new table, and for each row of the
 * result its source. */
typedef struct taking {
    cb_book *book;
    cb_table *have, *rows;
    int64_t as_of_utc_s;
    uint32_t *source; /* of result row i: a row of `rows`, or CB_NO_ROW: the book's own row i */
    uint32_t old, n;  /* rows of the book before, of the result */
    uint32_t moved;   /* result rows below `old` with a new source */
    bool duplicates;
} taking;

static cb_status slots_for(cb_book *book, cb_role role, uint32_t ids, cb_error *err)
{
    void *slots = book->slot[role];
    size_t before = book->slot_cap[role];
    cb_status rc = cb_grow(book->alloc, &slots, &book->slot_cap[role], ids,
                           sizeof *book->slot[role], UINT32_MAX);
    book->slot[role] = slots;
    if (rc != CB_OK)
        return cb_nomem(err, "the index of ids");
    for (size_t i = before; i < book->slot_cap[role]; i++)
        book->slot[role][i] = CB_NO_ROW;
    return CB_OK;
}

static int64_t updated_of(const taking *t, uint32_t result_row)
{
    uint32_t source = t->source[result_row];
    return source == CB_NO_ROW ? cb_time(t->have, CB_CASE_UPDATED, result_row)
                               : cb_time(t->rows, CB_CASE_UPDATED, source);
}

/* Whether a state seen at `later` in the order of the rows counts before one seen earlier.
 * CB_NO_TIME is less than all times. */
static bool later_counts(const taking *t, int64_t earlier, int64_t later)
{
    bool earlier_ahead = t->as_of_utc_s != CB_NO_TIME && earlier > t->as_of_utc_s;
    bool later_ahead = t->as_of_utc_s != CB_NO_TIME && later > t->as_of_utc_s;
    if (earlier_ahead != later_ahead)
        return earlier_ahead;
    return earlier_ahead ? later < earlier : later >= earlier;
}

static uint16_t input_of(const taking *t, uint32_t result_row)
{
    uint32_t source = t->source[result_row];
    return source == CB_NO_ROW ? t->have->input_ix[result_row] : t->rows->input_ix[source];
}

static void meet_again(taking *t, uint32_t result_row, uint32_t row)
{
    bool wins = t->have->role != CB_CASES ||
                later_counts(t, updated_of(t, result_row), cb_time(t->rows, CB_CASE_UPDATED, row));
    t->duplicates = true;
    if (!wins) {
        t->book->superseded[t->rows->input_ix[row]]++;
        return;
    }
    t->book->superseded[input_of(t, result_row)]++;
    t->moved += result_row < t->old && t->source[result_row] == CB_NO_ROW;
    t->source[result_row] = row;
}

static void choose_rows(taking *t)
{
    cb_role role = t->have->role;
    uint32_t *slot = t->book->slot[role];
    unsigned id_field = cb_book_id_field(role);
    for (uint32_t row = 0; row < t->rows->n; row++) {
        uint32_t id = cb_word(t->rows, id_field, row);
        if (id != CB_UNKNOWN_ID && slot[id] != CB_NO_ROW) {
            meet_again(t, slot[id], row);
            continue;
        }
        if (id != CB_UNKNOWN_ID)
            slot[id] = t->n;
        t->source[t->n++] = row;
    }
}

/* ---- moving rows over ---- */

#define COPY(type)                                                                                 \
    for (uint32_t i = from; i < t->n; i++)                                                         \
        if (t->source[i] != CB_NO_ROW)                                                             \
    ((type *)to)[i] = ((const type *)in)[t->source[i]]

static void copy_column(const taking *t, void *to, const void *in, size_t size)
{
    uint32_t from = t->moved ? 0 : t->old;
    switch (size) {
    case 1:
        COPY(uint8_t);
        break;
    case 2:
        COPY(uint16_t);
        break;
    case 4:
        COPY(uint32_t);
        break;
    default:
        COPY(uint64_t);
        break;
    }
}

/* Rows that come from a file without this column do not know it. */
static void blank_sources(const taking *t, unsigned field)
{
    for (uint32_t i = t->moved ? 0 : t->old; i < t->n; i++)
        if (t->source[i] != CB_NO_ROW)
            cb_table_blank(t->have, field, i, (size_t)i + 1);
}

/* A column that both tables have becomes as wide as the wider of them; one that is new takes the
 * width it comes with. */
static cb_status match_widths(taking *t, cb_error *err)
{
    cb_status rc = CB_OK;
    for (unsigned f = 0; f < cb_schemas[t->have->role].fields && rc == CB_OK; f++) {
        if (!t->rows->column[f])
            continue;
        if (!t->have->column[f])
            t->have->width[f] = t->rows->width[f];
        rc = cb_table_widen(t->have, f, cb_table_cell_bytes(t->rows, f), err);
        if (rc == CB_OK)
            rc = cb_table_widen(t->rows, f, cb_table_cell_bytes(t->have, f), err);
    }
    return rc;
}

static cb_status copy_rows(taking *t, cb_error *err)
{
    uint64_t before = cb_table_mask(t->have);
    uint64_t added = cb_table_mask(t->rows);
    cb_status rc = match_widths(t, err);
    if (rc == CB_OK)
        rc = cb_table_reserve(t->have, t->n, before | added, err);
    if (rc != CB_OK)
        return rc;
    for (unsigned f = 0; f < cb_schemas[t->have->role].fields; f++) {
        if (!t->have->column[f])
            continue;
        if (!(before >> f & 1))
            cb_table_blank(t->have, f, 0, t->old);
        if (added >> f & 1)
            copy_column(t, t->have->column[f], t->rows->column[f], cb_table_cell_bytes(t->have, f));
        else
            blank_sources(t, f);
    }
    copy_column(t, t->have->input_ix, t->rows->input_ix, sizeof *t->rows->input_ix);
    t->have->n = t->n;
    cb_table_free(t->rows);
    return CB_OK;
}

/* The first table of a role becomes the book's as it is. */
static void adopt_rows(taking *t)
{
    cb_table_free(t->have);
    *t->have = *t->rows;
    *t->rows = (cb_table){.role = t->have->role};
    if (!t->duplicates)
        return;
    cb_table_gather(t->have, t->source, t->n);
    cb_table_trim(t->have); /* an event log shrinks to a fraction */
}

cb_status cb_book_take(cb_book *book, cb_table *rows, int64_t as_of_utc_s, cb_error *err)
{
    taking t = {
        .book = book, .have = &book->table[rows->role], .rows = rows, .as_of_utc_s = as_of_utc_s};
    size_t sources = (size_t)t.have->n + rows->n;
    if (rows->n == 0) {
        cb_table_free(rows);
        return CB_OK;
    }
    if (sources > CB_MAX_ROWS)
        return cb_fail(err, CB_ELIMIT, "the inputs hold more than %d rows of %s", (int)CB_MAX_ROWS,
                       cb_role_names[rows->role]);
    cb_pool pool = cb_schemas[rows->role].field[cb_book_id_field(rows->role)].pool;
    cb_status rc = slots_for(book, rows->role, cb_intern_count(book->pool[pool]), err);
    if (rc != CB_OK)
        return rc;
    t.source = book->alloc->resize(book->alloc->ctx, NULL, 0, sources * sizeof *t.source);
    if (!t.source)
        return cb_nomem(err, "the index of rows");
    t.n = t.old = t.have->n;
    for (uint32_t i = 0; i < t.old; i++)
        t.source[i] = CB_NO_ROW;
    choose_rows(&t);
    if (t.old == 0)
        adopt_rows(&t);
    else
        rc = copy_rows(&t, err);
    book->alloc->resize(book->alloc->ctx, t.source, sources * sizeof *t.source, 0);
    return rc;
}

/* ---- the finished book ---- */

/* Pools of mostly distinct words: nobody looks a word up in them any more. */
static void seal_ids(cb_book *book)
{
    static const cb_pool ids[] = {CB_POOL_CASE, CB_POOL_CUSTOMER, CB_POOL_REVIEW, CB_POOL_UNIT};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        cb_intern_seal(book->pool[ids[i]]);
}

/* Nothing lies behind the latest event, so there is nothing to cut then. */
static cb_status cut_at(cb_book *book, int64_t as_of_utc_s, cb_error *err)
{
    if (as_of_utc_s == CB_NO_TIME) {
        book->as_of_utc_s = book->last_utc_s = cb_book_latest(book);
        return CB_OK;
    }
    book->as_of_utc_s = as_of_utc_s;
    cb_status rc = cb_book_cut(book, as_of_utc_s, err);
    book->last_utc_s = cb_book_latest(book);
    return rc;
}

static bool is_in_order(const uint32_t *order, uint32_t n)
{
    uint32_t i = 0;
    while (i < n && order[i] == i)
        i++;
    return i == n;
}

static cb_status tidy_tables(cb_book *book, const cb_workers *workers, cb_error *err)
{
    uint32_t *order = NULL;
    cb_status rc = cb_book_order(book, &order, err);
    for (unsigned r = 0; rc == CB_OK && r < CB_ROLES; r++) {
        cb_table *table = &book->table[r];
        bool moves = r == CB_CASES && !is_in_order(order, table->n);
        rc = cb_table_tidy(table, moves ? order : NULL, workers, err);
    }
    for (uint32_t i = 0; rc == CB_OK && i < book->table[CB_CASES].n; i++)
        order[i] = i;
    return rc;
}

cb_status cb_book_finish(cb_book *book, int64_t as_of_utc_s, int64_t link_days,
                         const cb_workers *workers, cb_error *err)
{
    if (book->finished)
        return cb_fail(err, CB_EUSAGE, "the case book is finished already");
    book->finished = true;
    free_slots(book);
    cb_status rc = cut_at(book, as_of_utc_s, err);
    if (rc != CB_OK)
        return rc;
    rc = tidy_tables(book, workers, err);
    if (rc != CB_OK)
        return rc;
    seal_ids(book);
    return cb_book_link(book, link_days, err);
}

cb_case_state cb_case_state_of(const cb_table *cases, uint32_t row)
{
    if (cb_time(cases, CB_CASE_RESOLVED, row) != CB_NO_TIME)
        return CB_STATE_RESOLVED;
    switch (cb_status_of(cases, row)) {
    case CB_STATUS_RESOLVED:
    case CB_STATUS_CLOSED:
        return CB_STATE_CLOSED_BLANK;
    case CB_STATUS_WITHDRAWN:
        return CB_STATE_WITHDRAWN;
    default:
        return CB_STATE_OPEN;
    }
}

/* The first place in opened_order whose case opened at t or later. */
static uint32_t lower_bound(const cb_book *book, int64_t t)
{
    const cb_table *cases = &book->table[CB_CASES];
    uint32_t low = 0;
    uint32_t high = cases->n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (cb_time(cases, CB_CASE_OPENED, book->opened_order[middle]) < t)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

cb_slice cb_cases_opened(const cb_book *book, int64_t from_utc_s, int64_t to_utc_s)
{
    uint32_t from = lower_bound(book, from_utc_s);
    uint32_t to = lower_bound(book, to_utc_s);
    return (cb_slice){book->opened_order ? book->opened_order + from : NULL,
                      to > from ? to - from : 0};
}
