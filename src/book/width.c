/* Columns as narrow as what they hold. */
#include "book/book_parts.h"

static bool is_word(const cb_table *table, unsigned field)
{
    return cb_schemas[table->role].field[field].type == CB_TYPE_WORD;
}

static bool is_number(const cb_table *table, unsigned field)
{
    cb_type type = cb_schemas[table->role].field[field].type;
    return type == CB_TYPE_TIME || type == CB_TYPE_AMOUNT || type == CB_TYPE_DURATION;
}

/* ---- one cell from one width to another ---- */

static void put_word(void *column, size_t bytes, size_t row, uint32_t word)
{
    switch (bytes) {
    case 1:
        ((uint8_t *)column)[row] = (uint8_t)word;
        break;
    case 2:
        ((uint16_t *)column)[row] = (uint16_t)word;
        break;
    default:
        ((uint32_t *)column)[row] = word;
        break;
    }
}

static bool is_amount(const cb_table *table, unsigned field)
{
    return cb_schemas[table->role].field[field].type == CB_TYPE_AMOUNT;
}

/* As it is stored: an amount that could not be read stays one. */
static int64_t number_at(const cb_table *table, unsigned field, uint32_t row)
{
    if (is_amount(table, field) && cb_amount_unread(table, field, row))
        return CB_UNREAD_AMOUNT;
    return cb_time(table, field, row);
}

static void put_number(void *column, size_t bytes, size_t row, int64_t value)
{
    if (bytes == sizeof(uint32_t))
        ((uint32_t *)column)[row] =
            value == CB_UNREAD_AMOUNT ? CB_NARROW_UNREAD : cb_narrowed(value);
    else
        ((int64_t *)column)[row] = value;
}

/* In place: the cell is read, then written where nothing is left to be read. */
static void recode_row(cb_table *table, unsigned field, size_t bytes, uint32_t row)
{
    void *column = table->column[field];
    if (is_word(table, field))
        put_word(column, bytes, row, cb_word(table, field, row));
    else
        put_number(column, bytes, row, number_at(table, field, row));
}

static bool resize(cb_table *table, unsigned field, size_t bytes)
{
    const cb_alloc *libc = cb_alloc_libc();
    size_t old = table->cap * cb_table_cell_bytes(table, field);
    size_t new = 0;
    if (!cb_mul(table->cap, bytes, &new))
        return false;
    void *at = libc->resize(libc->ctx, table->column[field], old, new);
    if (at)
        table->column[field] = at;
    return at != NULL;
}

static void set_width(cb_table *table, unsigned field, size_t bytes)
{
    size_t whole = cb_type_bytes(cb_schemas[table->role].field[field].type);
    table->width[field] = (uint8_t)(bytes == whole ? 0 : bytes);
}

/* ---- public ---- */

cb_status cb_table_widen(cb_table *table, unsigned field, size_t bytes, cb_error *err)
{
    if (!table->column[field] || cb_table_cell_bytes(table, field) >= bytes)
        return CB_OK;
    if (!resize(table, field, bytes))
        return cb_nomem(err, "the table of rows");
    for (uint32_t row = table->n; row-- > 0;)
        recode_row(table, field, bytes, row);
    set_width(table, field, bytes);
    return CB_OK;
}

static size_t bytes_of_words(const cb_table *table, unsigned field)
{
    uint32_t most = 0;
    for (uint32_t row = 0; row < table->n; row++) {
        uint32_t word = cb_word(table, field, row);
        most = word > most ? word : most;
    }
    return most <= UINT8_MAX ? 1 : most <= UINT16_MAX ? 2 : 4;
}

static size_t bytes_of_numbers(const cb_table *table, unsigned field)
{
    bool fits = true;
    for (uint32_t row = 0; is_amount(table, field) && row < table->n; row++) {
        int64_t amount = cb_amount(table, field, row);
        fits &= amount == CB_NO_AMOUNT || (uint64_t)amount < CB_NARROW_UNREAD;
    }
    for (uint32_t row = 0; !is_amount(table, field) && row < table->n; row++)
        fits &= cb_narrow_fits(cb_time(table, field, row));
    return fits ? sizeof(uint32_t) : sizeof(int64_t);
}

static void narrow(cb_table *table, unsigned field, size_t bytes)
{
    if (bytes >= cb_table_cell_bytes(table, field))
        return;
    for (uint32_t row = 0; row < table->n; row++)
        recode_row(table, field, bytes, row);
    (void)resize(table, field,
                 bytes); /* where it fails the column stays as long as it was: harmless */
    set_width(table, field, bytes);
}

typedef struct tidying {
    cb_table *table;
    const uint32_t *order; /* NULL: the rows stay */
} tidying;

static void narrow_column(cb_table *table, unsigned field)
{
    if (table->width[field]) /* a narrow one was made as wide as it must be */
        return;
    if (is_word(table, field))
        narrow(table, field, bytes_of_words(table, field));
    else if (is_number(table, field))
        narrow(table, field, bytes_of_numbers(table, field));
}

static bool tidy_inputs(const tidying *t)
{
    cb_table *table = t->table;
    void *inputs = table->input_ix;
    bool good = !t->order || !inputs ||
                cb_cells_arrange(&inputs, table->cap, sizeof *table->input_ix, t->order, table->n);
    table->input_ix = inputs;
    return good;
}

static bool tidy_field(const tidying *t, unsigned field)
{
    cb_table *table = t->table;
    if (!table->column[field])
        return true;
    narrow_column(table, field);
    return !t->order || cb_cells_arrange(&table->column[field], table->cap,
                                         cb_table_cell_bytes(table, field), t->order, table->n);
}

/* The column behind the last field is input_ix. */
static cb_status tidy_column(void *ctx, size_t column, cb_error *err)
{
    const tidying *t = ctx;
    bool is_field = column < cb_schemas[t->table->role].fields;
    bool good = is_field ? tidy_field(t, (unsigned)column) : tidy_inputs(t);
    return good ? CB_OK : cb_nomem(err, "the table of rows");
}

cb_status cb_table_tidy(cb_table *table, const uint32_t *order, const cb_workers *workers,
                        cb_error *err)
{
    tidying t = {table, order};
    return cb_workers_each(workers, cb_schemas[table->role].fields + 1U, tidy_column, &t, err);
}
