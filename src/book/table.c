#include "book/book_parts.h"

#include <string.h>

size_t cb_table_cell_bytes(const cb_table *table, unsigned field)
{
    return table->width[field] ? table->width[field]
                               : cb_type_bytes(cb_schemas[table->role].field[field].type);
}

static cb_type type_of(const cb_table *table, unsigned field)
{
    return cb_schemas[table->role].field[field].type;
}

uint64_t cb_table_mask(const cb_table *table)
{
    uint64_t mask = 0;
    for (unsigned f = 0; f < cb_schemas[table->role].fields; f++)
        mask |= (uint64_t)(table->column[f] != NULL) << f;
    return mask;
}

/* realloc of one column; the old array stays on failure. */
static bool resize(void **array, size_t old_n, size_t new_n, size_t size)
{
    const cb_alloc *libc = cb_alloc_libc();
    size_t bytes = 0;
    if (!cb_mul(new_n, size, &bytes))
        return false;
    void *at = libc->resize(libc->ctx, *array, *array ? old_n * size : 0, bytes);
    if (at)
        *array = at;
    return at != NULL;
}

/* Columns grow by half: large arrays move by remapping pages, and pages that were never written
 * cost nothing. */
static size_t grown(size_t cap, size_t need)
{
    enum { FIRST_ROWS = 1024 };
    size_t want = cap + cap / 2 > FIRST_ROWS ? cap + cap / 2 : FIRST_ROWS;
    want = want > CB_MAX_ROWS ? CB_MAX_ROWS : want;
    return want > need ? want : need;
}

cb_status cb_table_reserve(cb_table *table, size_t n, uint64_t field_mask, cb_error *err)
{
    static const char purpose[] = "the table of rows";
    size_t need = n ? n : 1;
    size_t cap = need > table->cap ? grown(table->cap, need) : table->cap;
    bool grows = cap > table->cap;
    void *input_ix = table->input_ix;
    if (n > CB_MAX_ROWS)
        return cb_fail(err, CB_ELIMIT, "the inputs hold more than %d rows of %s", (int)CB_MAX_ROWS,
                       cb_role_names[table->role]);
    /* A column that cannot be had leaves the others longer than cap says, which is harmless. */
    for (unsigned f = 0; f < cb_schemas[table->role].fields; f++) {
        bool wanted = table->column[f] ? grows : field_mask >> f & 1;
        if (wanted && !resize(&table->column[f], table->cap, cap, cb_table_cell_bytes(table, f)))
            return cb_nomem(err, purpose);
    }
    if ((grows || !input_ix) && !resize(&input_ix, table->cap, cap, sizeof *table->input_ix))
        return cb_nomem(err, purpose);
    table->input_ix = input_ix;
    table->cap = cap;
    return CB_OK;
}

/* Giving memory back may fail too; the column then stays as long as it was, which is harmless. */
void cb_table_trim(cb_table *table)
{
    void *input_ix = table->input_ix;
    size_t n = table->n ? table->n : 1;
    for (unsigned f = 0; f < cb_schemas[table->role].fields; f++)
        if (table->column[f])
            (void)resize(&table->column[f], table->cap, n, cb_table_cell_bytes(table, f));
    if (input_ix)
        (void)resize(&input_ix, table->cap, n, sizeof *table->input_ix);
    table->input_ix = input_ix;
    table->cap = input_ix ? n : 0;
}

void cb_table_free(cb_table *table)
{
    const cb_alloc *libc = cb_alloc_libc();
    for (unsigned f = 0; f < CB_MAX_FIELDS_OF_ROLE; f++)
        if (table->column[f])
            libc->resize(libc->ctx, table->column[f], table->cap, 0);
    if (table->input_ix)
        libc->resize(libc->ctx, table->input_ix, table->cap, 0);
    *table = (cb_table){.role = table->role};
}

/* A byte that, repeated, is an unknown cell; -1: there is none. */
static int unknown_byte(const cb_table *table, unsigned field)
{
    switch (type_of(table, field)) {
    case CB_TYPE_TIME:
    case CB_TYPE_DURATION:
    case CB_TYPE_AMOUNT:
        return table->width[field] ? 0xFF : -1; /* CB_NARROW_UNKNOWN */
    case CB_TYPE_COUNT:
    case CB_TYPE_SCORE:
        return 0xFF; /* CB_NO_COUNT, CB_NO_SCORE */
    case CB_TYPE_FLAG:
        return CB_NO_FLAG;
    case CB_TYPE_STATUS:
        return CB_STATUS_UNKNOWN;
    default:
        return 0; /* CB_UNKNOWN_ID, no bits */
    }
}

void cb_table_blank(cb_table *table, unsigned field, size_t from, size_t to)
{
    int byte = unknown_byte(table, field);
    size_t size = cb_table_cell_bytes(table, field);
    if (byte >= 0) {
        memset((char *)table->column[field] + from * size, byte, (to - from) * size);
        return;
    }
    int64_t *cells = table->column[field]; /* CB_NO_TIME and CB_NO_AMOUNT are the same number */
    for (size_t i = from; i < to; i++)
        cells[i] = CB_NO_TIME;
}

bool cb_cell_known(const cb_table *table, unsigned field, uint32_t row)
{
    if (!table->column[field])
        return false;
    switch (type_of(table, field)) {
    case CB_TYPE_TIME:
    case CB_TYPE_DURATION:
        return cb_time(table, field, row) != CB_NO_TIME;
    case CB_TYPE_AMOUNT:
        return cb_amount(table, field, row) != CB_NO_AMOUNT;
    case CB_TYPE_COUNT:
    case CB_TYPE_SCORE:
        return cb_count(table, field, row) != CB_NO_COUNT;
    case CB_TYPE_FLAG:
        return cb_flag(table, field, row) != CB_NO_FLAG;
    case CB_TYPE_STATUS:
        return cb_status_of(table, row) != CB_STATUS_UNKNOWN;
    case CB_TYPE_TEXT:
        return cb_text_bits(table, field, row) != 0;
    default:
        return cb_word(table, field, row) != CB_UNKNOWN_ID;
    }
}

#define GATHER(type)                                                                               \
    for (uint32_t i = 0; i < n; i++)                                                               \
    ((type *)to)[i] = ((const type *)from)[rows[i]]

static void gather(void *to, const void *from, size_t size, const uint32_t *rows, uint32_t n)
{
    switch (size) {
    case 1:
        GATHER(uint8_t);
        break;
    case 2:
        GATHER(uint16_t);
        break;
    case 4:
        GATHER(uint32_t);
        break;
    default:
        GATHER(uint64_t);
        break;
    }
}

/* In place: row i is read from rows[i] >= i, and everything before i has been written already. */
void cb_table_gather(cb_table *table, const uint32_t *rows, uint32_t n)
{
    for (unsigned f = 0; f < cb_schemas[table->role].fields; f++)
        if (table->column[f])
            gather(table->column[f], table->column[f], cb_table_cell_bytes(table, f), rows, n);
    gather(table->input_ix, table->input_ix, sizeof *table->input_ix, rows, n);
    table->n = n;
}

bool cb_cells_arrange(void **array, size_t cap, size_t size, const uint32_t *rows, uint32_t n)
{
    void *arranged = NULL;
    if (!resize(&arranged, 0, cap, size))
        return false;
    gather(arranged, *array, size, rows, n);
    cb_alloc_libc()->resize(NULL, *array, cap * size, 0);
    *array = arranged;
    return true;
}

/* ---- many cells at once ---- */

/* How wide the cells are is asked once, not at each of them. */
#define COPY_CELLS(type, value)                                                                    \
    do {                                                                                           \
        const type *cells = table->column[field];                                                  \
        for (uint32_t i = 0; rows && i < n; i++) {                                                 \
            type cell = cells[rows[i]];                                                            \
            out[i] = (value);                                                                      \
        }                                                                                          \
        for (uint32_t i = 0; !rows && i < n; i++) {                                                \
            type cell = cells[i];                                                                  \
            out[i] = (value);                                                                      \
        }                                                                                          \
    } while (0)

void cb_words_of(const cb_table *table, unsigned field, const uint32_t *rows, uint32_t n,
                 uint32_t *out)
{
    if (!table->column[field])
        memset(out, 0, n * sizeof *out); /* CB_UNKNOWN_ID */
    else if (table->width[field] == sizeof(uint8_t))
        COPY_CELLS(uint8_t, cell);
    else if (table->width[field] == sizeof(uint16_t))
        COPY_CELLS(uint16_t, cell);
    else
        COPY_CELLS(uint32_t, cell);
}

void cb_times_of(const cb_table *table, unsigned field, const uint32_t *rows, uint32_t n,
                 int64_t *out)
{
    if (!table->column[field])
        for (uint32_t i = 0; i < n; i++)
            out[i] = CB_NO_TIME;
    else if (table->width[field] == sizeof(uint32_t))
        COPY_CELLS(uint32_t, cell == CB_NARROW_UNKNOWN ? CB_NO_TIME : (int64_t)cell);
    else
        COPY_CELLS(int64_t, cell);
}

void cb_amounts_of(const cb_table *table, unsigned field, const uint32_t *rows, uint32_t n,
                   int64_t *out)
{
    if (!table->column[field])
        for (uint32_t i = 0; i < n; i++)
            out[i] = CB_NO_AMOUNT;
    else if (table->width[field] == sizeof(uint32_t))
        COPY_CELLS(uint32_t, cell >= CB_NARROW_UNREAD ? CB_NO_AMOUNT : (int64_t)cell);
    else
        COPY_CELLS(int64_t, cell <= CB_UNREAD_AMOUNT ? CB_NO_AMOUNT : cell);
}
