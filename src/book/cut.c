/* T2: what happened after as_of does not exist. */
#include "book/book_parts.h"

/* An unknown cell plus one is 0. */
static int64_t latest_of_narrow(const uint32_t *cells, uint32_t n)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < n; i++)
        most = cells[i] + 1 > most ? cells[i] + 1 : most;
    return most ? (int64_t)most - 1 : CB_NO_TIME;
}

/* CB_NO_TIME is less than all times. */
static int64_t latest_of(const cb_table *table, unsigned field)
{
    const int64_t *cells = table->column[field];
    int64_t latest = CB_NO_TIME;
    if (table->width[field])
        return latest_of_narrow(table->column[field], table->n);
    for (uint32_t i = 0; cells && i < table->n; i++)
        latest = cells[i] > latest ? cells[i] : latest;
    return latest;
}

int64_t cb_book_latest(const cb_book *book)
{
    int64_t latest = CB_NO_TIME;
    for (unsigned r = 0; r < CB_ROLES; r++)
        for (unsigned f = 0; f < cb_schemas[r].fields; f++) {
            int64_t t = cb_is_event((cb_role)r, f) ? latest_of(&book->table[r], f) : CB_NO_TIME;
            latest = t > latest ? t : latest;
        }
    return latest;
}

/* ---- rows that begin later ---- */

static cb_status drop_later_rows(cb_book *book, cb_table *table, int64_t as_of_utc_s, cb_error *err)
{
    unsigned begin = cb_book_begin_field(table->role);
    uint32_t later = 0;
    for (uint32_t i = 0; table->column[begin] && i < table->n; i++)
        later += cb_time(table, begin, i) > as_of_utc_s;
    book->opened_after_as_of[table->role] = later;
    if (later == 0)
        return CB_OK;
    size_t bytes = (table->n - later) * sizeof(uint32_t);
    uint32_t *keep = book->alloc->resize(book->alloc->ctx, NULL, 0, bytes ? bytes : 1);
    if (!keep)
        return cb_nomem(err, "the rows before as-of");
    uint32_t n = 0;
    for (uint32_t i = 0; i < table->n; i++)
        if (cb_time(table, begin, i) <= as_of_utc_s)
            keep[n++] = i;
        else
            book->later_rows[table->input_ix[i]]++;
    cb_table_gather(table, keep, n);
    book->alloc->resize(book->alloc->ctx, keep, bytes ? bytes : 1, 0);
    return CB_OK;
}

/* ---- cells that lie later ---- */

/* A row whose solution is still to come shows a later status: as of now the case is open. */
static void reopen(cb_table *cases, uint32_t row)
{
    uint8_t *status = cases->column[CB_CASE_STATUS];
    if (status && (status[row] == CB_STATUS_RESOLVED || status[row] == CB_STATUS_CLOSED ||
                   status[row] == CB_STATUS_WITHDRAWN))
        status[row] = CB_STATUS_OPEN;
}

static void blank_later_cells(cb_book *book, cb_table *table, unsigned field, int64_t as_of_utc_s)
{
    bool resolved = table->role == CB_CASES && field == CB_CASE_RESOLVED;
    for (uint32_t i = 0; table->column[field] && i < table->n; i++) {
        if (cb_time(table, field, i) <= as_of_utc_s)
            continue;
        cb_table_blank(table, field, i, (size_t)i + 1);
        book->future_cells[table->input_ix[i]]++;
        if (resolved)
            reopen(table, i);
    }
}

cb_status cb_book_cut(cb_book *book, int64_t as_of_utc_s, cb_error *err)
{
    cb_status rc = CB_OK;
    for (unsigned r = 0; r < CB_ROLES && rc == CB_OK; r++) {
        cb_table *table = &book->table[r];
        rc = drop_later_rows(book, table, as_of_utc_s, err);
        for (unsigned f = 0; rc == CB_OK && f < cb_schemas[r].fields; f++)
            if (cb_is_event((cb_role)r, f))
                blank_later_cells(book, table, f, as_of_utc_s);
    }
    return rc;
}
