/* Orders, and the links between cases, customers and reviews. */
#include "book/book_parts.h"

static cb_status order_by_opening(cb_book *book, uint32_t *order)
{
    const cb_table *cases = &book->table[CB_CASES];
    size_t bytes = (size_t)cases->n * sizeof(int64_t);
    int64_t *opened = book->alloc->resize(book->alloc->ctx, NULL, 0, bytes);
    if (!opened)
        return CB_ENOMEM;
    cb_times_of(cases, CB_CASE_OPENED, NULL, cases->n, opened);
    cb_status rc = cb_sort_by_time(book->alloc, opened, cases->n, order);
    book->alloc->resize(book->alloc->ctx, opened, bytes, 0);
    return rc;
}

cb_status cb_book_order(cb_book *book, uint32_t **order, cb_error *err)
{
    const cb_table *cases = &book->table[CB_CASES];
    *order = cb_arena_array(book->arena, cases->n, sizeof **order);
    if (!*order || (cases->n && order_by_opening(book, *order) != CB_OK))
        return cb_nomem(err, "the order of the cases");
    book->opened_order = *order;
    return CB_OK;
}

static cb_status group_by_customer(cb_book *book, cb_error *err)
{
    const cb_table *cases = &book->table[CB_CASES];
    uint32_t customers = cb_intern_count(book->pool[CB_POOL_CUSTOMER]);
    uint32_t grouped = cases->column[CB_CASE_CUSTOMER] ? cases->n : 0;
    size_t bytes = ((size_t)grouped + 1) * sizeof(uint32_t);
    uint32_t *customer = book->alloc->resize(book->alloc->ctx, NULL, 0, bytes);
    if (!customer)
        return cb_nomem(err, "the order of the cases");
    cb_words_of(cases, CB_CASE_CUSTOMER, NULL, grouped, customer);
    cb_status rc = cb_group_rows(book->arena, &book->cases_of, customer, customers,
                                 book->opened_order, grouped);
    book->alloc->resize(book->alloc->ctx, customer, bytes, 0);
    return rc == CB_OK ? CB_OK : cb_nomem(err, "the order of the cases");
}

/* An index from the ids of a pool to the rows of a table; NULL: no memory. */
static uint32_t *rows_by_id(cb_arena *arena, const cb_table *table, uint32_t ids)
{
    uint32_t *row_of = cb_arena_array(arena, ids, sizeof *row_of);
    unsigned field = cb_book_id_field(table->role);
    if (!row_of)
        return NULL;
    for (uint32_t id = 0; id < ids; id++)
        row_of[id] = CB_NO_ROW;
    for (uint32_t row = 0; row < table->n; row++)
        if (cb_word(table, field, row) != CB_UNKNOWN_ID)
            row_of[cb_word(table, field, row)] = row;
    return row_of;
}

static cb_status link_customers(cb_book *book, cb_error *err)
{
    if (book->table[CB_CUSTOMERS].n == 0)
        return CB_OK;
    uint32_t ids = cb_intern_count(book->pool[CB_POOL_CUSTOMER]);
    uint32_t *row_of = rows_by_id(book->arena, &book->table[CB_CUSTOMERS], ids);
    if (!row_of)
        return cb_nomem(err, "the index of customers");
    for (uint32_t id = 1; id < ids; id++)
        book->unlinked_customers +=
            row_of[id] == CB_NO_ROW && book->cases_of.offset[id + 1] > book->cases_of.offset[id];
    book->customer_row = row_of;
    return CB_OK;
}

/* ---- reviews (V2) ---- */

typedef struct linker {
    const cb_book *book;
    const cb_table *cases, *reviews;
    const uint32_t *case_row; /* case id -> row */
    int64_t window_s;
} linker;

static uint32_t case_by_id(const linker *l, uint32_t review, bool *named)
{
    uint32_t id = cb_word(l->reviews, CB_REVIEW_CASE, review);
    *named = id != CB_UNKNOWN_ID;
    return *named ? l->case_row[id] : CB_NO_ROW;
}

/* How many of the customer's cases had been opened when the review was posted. */
static uint32_t opened_before(const linker *l, uint32_t from, uint32_t to, int64_t posted)
{
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        if (cb_time(l->cases, CB_CASE_OPENED, l->book->cases_of.rows[middle]) <= posted)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static uint32_t case_by_customer(const linker *l, uint32_t review)
{
    uint32_t customer = cb_word(l->reviews, CB_REVIEW_CUSTOMER, review);
    uint32_t product = cb_word(l->reviews, CB_REVIEW_PRODUCT, review);
    int64_t posted = cb_time(l->reviews, CB_REVIEW_POSTED, review);
    if (customer == CB_UNKNOWN_ID || product == CB_UNKNOWN_ID)
        return CB_NO_ROW;
    const cb_rows_by *by = &l->book->cases_of;
    uint32_t first = by->offset[customer];
    for (uint32_t i = opened_before(l, first, by->offset[customer + 1], posted); i > first; i--) {
        uint32_t row = by->rows[i - 1];
        if (posted - cb_time(l->cases, CB_CASE_OPENED, row) > l->window_s)
            break;
        if (cb_word(l->cases, CB_CASE_PRODUCT, row) == product)
            return row;
    }
    return CB_NO_ROW;
}

static cb_status link_reviews(cb_book *book, int64_t link_days, cb_error *err)
{
    linker l = {.book = book,
                .cases = &book->table[CB_CASES],
                .reviews = &book->table[CB_REVIEWS],
                .window_s = link_days * CB_DAY_S};
    uint32_t *linked = cb_arena_array(book->arena, l.reviews->n, sizeof *linked);
    l.case_row = l.reviews->n
                     ? rows_by_id(book->arena, l.cases, cb_intern_count(book->pool[CB_POOL_CASE]))
                     : NULL;
    if (!linked || (l.reviews->n && !l.case_row))
        return cb_nomem(err, "the links of the reviews");
    for (uint32_t review = 0; review < l.reviews->n; review++) {
        bool named = false;
        linked[review] = case_by_id(&l, review, &named);
        book->reviews_by_id += linked[review] != CB_NO_ROW;
        book->unlinked_reviews += named && linked[review] == CB_NO_ROW;
        if (linked[review] == CB_NO_ROW) {
            linked[review] = case_by_customer(&l, review);
            book->reviews_by_customer += linked[review] != CB_NO_ROW;
        }
    }
    book->review_case = linked;
    return CB_OK;
}

cb_status cb_book_link(cb_book *book, int64_t link_days, cb_error *err)
{
    const cb_table *cases = &book->table[CB_CASES];
    book->first_utc_s = cases->n ? cb_time(cases, CB_CASE_OPENED, 0) : CB_NO_TIME;
    cb_status rc = group_by_customer(book, err);
    if (rc == CB_OK)
        rc = link_customers(book, err);
    if (rc == CB_OK)
        rc = link_reviews(book, link_days, err);
    return rc;
}
