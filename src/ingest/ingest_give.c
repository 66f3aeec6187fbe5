/* A batch onto the end of the file's raw table, in the order of the input. Serial: copies, and
 * the pooling of new words. */
#include "ingest/ingest_parts.h"

enum { PREFETCH_ROWS = 16 };

static cb_status too_many_words(const cb_file *file, const cb_plan *plan, cb_error *err)
{
    return cb_fail(err, CB_ELIMIT,
                   CB_STR_FMT ": column \"" CB_STR_FMT
                              "\" brings more than %llu distinct words ([limits] words)",
                   CB_STR_ARG(file->facts->path), CB_STR_ARG(plan->label),
                   (unsigned long long)file->ingest->settings->limits.words);
}

static cb_status check_words(const cb_file *file, const cb_plan *plan, cb_error *err)
{
    uint64_t words = cb_intern_count(file->ingest->book->pool[plan->pool]);
    return words > file->ingest->settings->limits.words + 1 ? too_many_words(file, plan, err)
                                                            : CB_OK;
}

/* ---- words of few distinct values: the batch's ids become the book's ---- */

static cb_status learn_words(const cb_file *file, cb_batch *b, cb_pool p, cb_error *err)
{
    cb_intern *own = b->pool[p];
    cb_intern *pool = file->ingest->book->pool[p];
    uint32_t words = cb_intern_count(own);
    void *global = b->global[p];
    cb_status rc = cb_grow(file->ingest->alloc, &global, &b->global_cap[p], words,
                           sizeof *b->global[p], UINT32_MAX);
    b->global[p] = global;
    for (; rc == CB_OK && b->given[p] < words; b->given[p]++) {
        uint32_t id = cb_intern_put(pool, cb_intern_text(own, b->given[p]));
        b->global[p][b->given[p]] = id;
        rc = id == CB_NO_ID ? CB_ENOMEM : CB_OK;
    }
    return rc == CB_OK ? CB_OK : cb_nomem(err, "the words of the input");
}

static void put_words(void *column, size_t bytes, size_t at, const uint32_t *global,
                      const uint32_t *from, uint32_t n)
{
    switch (bytes) {
    case 1:
        for (uint32_t i = 0; i < n; i++)
            ((uint8_t *)column)[at + i] = (uint8_t)global[from[i]];
        break;
    case 2:
        for (uint32_t i = 0; i < n; i++)
            ((uint16_t *)column)[at + i] = (uint16_t)global[from[i]];
        break;
    default:
        for (uint32_t i = 0; i < n; i++)
            ((uint32_t *)column)[at + i] = global[from[i]];
        break;
    }
}

static cb_status give_words(cb_file *file, cb_batch *b, const cb_plan *plan, cb_error *err)
{
    unsigned f = plan->field;
    cb_status rc = learn_words(file, b, plan->pool, err);
    uint32_t most = cb_intern_count(file->ingest->book->pool[plan->pool]) - 1;
    if (rc == CB_OK && most > UINT8_MAX)
        rc = cb_table_widen(&file->raw, f, most > UINT16_MAX ? 4 : 2, err);
    if (rc != CB_OK)
        return rc;
    put_words(file->raw.column[f], cb_table_cell_bytes(&file->raw, f), file->raw.n,
              b->global[plan->pool], b->cells[f], b->rows);
    return check_words(file, plan, err);
}

/* ---- times: narrow until a batch comes that is not ---- */

static cb_status widen_times(cb_table *raw, unsigned field, cb_error *err)
{
    if (raw->width[field] == 0)
        return CB_OK;
    cb_status rc = cb_table_widen(raw, field, sizeof(int64_t), err);
    int64_t *cell = raw->column[field];
    for (uint32_t row = 0; rc == CB_OK && row < raw->n; row++)
        cell[row] = cb_time_of_utc(cell[row]);
    return rc;
}

static void put_neutral(int64_t *to, const cb_batch *b, unsigned field)
{
    if (!b->narrow[field]) {
        memcpy(to, b->cells[field], b->rows * sizeof *to);
        return;
    }
    const uint32_t *utc = b->cells[field];
    for (uint32_t i = 0; i < b->rows; i++)
        to[i] = utc[i] == CB_NARROW_UNKNOWN ? CB_NO_TIME : cb_time_of_utc(utc[i]);
}

static cb_status give_times(cb_table *raw, const cb_batch *b, unsigned field, cb_error *err)
{
    cb_status rc = b->narrow[field] ? CB_OK : widen_times(raw, field, err);
    if (rc != CB_OK)
        return rc;
    if (raw->width[field] == 0)
        put_neutral((int64_t *)raw->column[field] + raw->n, b, field);
    else
        memcpy((uint32_t *)raw->column[field] + raw->n, b->cells[field],
               b->rows * sizeof(uint32_t));
    return CB_OK;
}

/* ---- ids ---- */

static bool is_numbered(const cb_id_cell *cell)
{
    return cell->len & CB_NUMBERED;
}

static bool mostly_numbered(const cb_id_cell *cells, uint32_t n)
{
    uint32_t numbered = 0;
    for (uint32_t i = 0; i < n; i++)
        numbered += is_numbered(&cells[i]);
    return numbered > n / 2;
}

/* Whether the numbers in the batch are the pool's. If not, the slot's next batch is read in the
 * pool's way, or, where it has none, in the way of its own first id. */
static bool agree_on_numbering(cb_numbering *how, cb_intern *pool, const cb_id_cell *cells,
                               uint32_t n)
{
    if (cb_intern_numbering(pool).width == 0 && mostly_numbered(cells, n))
        cb_intern_number(pool, *how);
    cb_numbering pools = cb_intern_numbering(pool);
    bool agreed = cb_numbering_eq(*how, pools);
    *how = pools;
    return agreed;
}

static cb_str id_text(const cb_slot *slot, const cb_id_cell *cell)
{
    bool spilled = cell->at & CB_SPILLED;
    const char *from = spilled ? slot->batch.spill.at : slot->text.at;
    return (cb_str){from + (cell->at & ~CB_SPILLED), cell->len & ~CB_NUMBERED};
}

static void prefetch_id(const cb_intern *pool, const cb_id_cell *cell, cb_str text)
{
    if (is_numbered(cell))
        cb_intern_prefetch_number(pool, text, (uint32_t)cell->key);
    else
        cb_intern_prefetch(pool, cell->key);
}

static uint32_t put_id(cb_intern *pool, const cb_id_cell *cell, cb_str text, bool agreed)
{
    if (!is_numbered(cell))
        return cb_intern_put_hashed(pool, text, cell->key);
    return agreed ? cb_intern_put_numbered(pool, text, (uint32_t)cell->key)
                  : cb_intern_put(pool, text);
}

static cb_status give_ids(const cb_file *file, cb_slot *slot, const cb_plan *plan, uint32_t *to,
                          cb_error *err)
{
    const cb_batch *b = &slot->batch;
    const cb_id_cell *from = b->cells[plan->field];
    cb_intern *pool = file->ingest->book->pool[plan->pool];
    cb_intern_expect(pool, file->raw.cap);
    bool agreed = agree_on_numbering(&slot->numbering[plan->field], pool, from, b->rows);
    for (uint32_t i = 0; i < b->rows; i++) {
        const cb_id_cell *ahead = i + PREFETCH_ROWS < b->rows ? &from[i + PREFETCH_ROWS] : NULL;
        if (ahead)
            prefetch_id(pool, ahead, id_text(slot, ahead));
        to[i] = put_id(pool, &from[i], id_text(slot, &from[i]), agreed);
        if (to[i] == CB_NO_ID)
            return cb_nomem(err, "the ids of the input");
    }
    return check_words(file, plan, err);
}

static cb_status give_column(cb_file *file, cb_slot *slot, const cb_plan *plan, cb_error *err)
{
    cb_table *raw = &file->raw;
    if (plan->many_words)
        return give_ids(file, slot, plan, (uint32_t *)raw->column[plan->field] + raw->n, err);
    if (plan->type == CB_TYPE_WORD)
        return give_words(file, &slot->batch, plan, err);
    if (plan->type == CB_TYPE_TIME)
        return give_times(raw, &slot->batch, plan->field, err);
    size_t size = cb_type_bytes(plan->type);
    memcpy((char *)raw->column[plan->field] + raw->n * size, slot->batch.cells[plan->field],
           slot->batch.rows * size);
    return CB_OK;
}

static cb_status give_cells(cb_file *file, cb_slot *slot, cb_error *err)
{
    cb_status rc = CB_OK;
    for (unsigned p = 0; p < file->plans && rc == CB_OK; p++)
        rc = give_column(file, slot, &file->plan[p], err);
    for (uint32_t i = 0; i < slot->batch.rows; i++)
        file->raw.input_ix[file->raw.n + i] = file->input_ix;
    return rc;
}

/* ---- room ---- */

/* The rows that the whole file will have if it goes on as it began: to have room for them at once
 * spares the columns' growing, and what is never written costs nothing. */
static size_t rows_ahead(const cb_file *file, const cb_slot *slot)
{
    double rows = (double)slot->batch.rows * (double)file->expected_bytes / (double)slot->len;
    double most = (double)file->ingest->settings->limits.rows;
    return (size_t)(rows * 1.02 < most ? rows * 1.02 : most);
}

static cb_status make_room(cb_file *file, const cb_slot *slot, cb_error *err)
{
    uint64_t mask = 0;
    size_t need = (size_t)file->raw.n + slot->batch.rows;
    for (unsigned p = 0; p < file->plans; p++)
        mask |= UINT64_C(1) << file->plan[p].field;
    if (file->raw.n == 0 && file->expected_bytes > 0 && slot->len > 0) {
        size_t ahead = rows_ahead(file, slot);
        if (ahead > need && cb_table_reserve(&file->raw, ahead, mask, err) == CB_OK)
            return CB_OK;
    }
    return cb_table_reserve(&file->raw, need, mask, err);
}

/* ---- tallies, kept rows ---- */

/* From CB_SETTLED_CELLS proofs on the other order can no longer be chosen: the column would be mixed
 * (cb_time_choose). */
static void settle(cb_file *file, unsigned field)
{
    const uint64_t *cells = file->tally.times[field].cells;
    int order = -1;
    if (cells[CB_READS_DAY_FIRST] >= CB_SETTLED_CELLS)
        order = CB_DAY_FIRST;
    else if (cells[CB_READS_MONTH_FIRST] >= CB_SETTLED_CELLS)
        order = CB_MONTH_FIRST;
    if (order >= 0)
        atomic_store_explicit(&file->settled[field], order, memory_order_relaxed);
}

static void join_tally(cb_file *file, const cb_tally *later)
{
    cb_tally *t = &file->tally;
    t->rows += later->rows;
    t->blank += later->blank;
    t->formulas += later->formulas;
    for (unsigned i = 0; i < later->unknown_status.n; i++)
        cb_unknown_word(&t->unknown_status, cb_str_of(later->unknown_status.word[i]));
    for (unsigned p = 0; p < file->plans; p++) {
        unsigned f = file->plan[p].field;
        t->type_errors[f] += later->type_errors[f];
        t->constraint_errors[f] += later->constraint_errors[f];
        cb_mark_join(&t->marks[f], &later->marks[f]);
        cb_signs_join(&t->signs[f], &later->signs[f]);
        cb_time_join(&t->times[f], &later->times[f]);
        cb_shapes_join(&t->shapes[f], &later->shapes[f]);
        if (file->plan[p].type == CB_TYPE_TIME)
            settle(file, f);
    }
}

static cb_status keep_rows(cb_file *file, const cb_slot *slot, cb_error *err)
{
    const cb_batch *b = &slot->batch;
    void *array = file->kept;
    cb_status rc = cb_grow(file->ingest->alloc, &array, &file->kept_cap, file->n_kept + b->n_kept,
                           sizeof *file->kept, UINT32_MAX);
    file->kept = array;
    for (size_t i = 0; rc == CB_OK && i < b->n_kept; i++) {
        cb_kept kept = b->kept[i];
        kept.row += kept.row == CB_NO_ROW ? 0 : file->raw.n;
        kept.at = file->kept_bytes.len;
        rc = cb_buf_append(&file->kept_bytes, slot->text.at + b->kept[i].at, kept.len);
        if (rc == CB_ELIMIT) {
            kept.len = 0;
            rc = CB_OK;
        }
        file->kept[file->n_kept++] = kept;
    }
    return rc == CB_OK ? CB_OK : cb_nomem(err, "the rejected rows");
}

cb_status cb_give(void *ctx, void *arg, cb_error *err)
{
    cb_file *file = ctx;
    cb_slot *slot = arg;
    uint64_t limit = file->ingest->settings->limits.rows;
    uint64_t rows =
        (uint64_t)file->ingest->book->table[file->role].n + file->raw.n + slot->batch.rows;
    if (rows > limit)
        return cb_fail(err, CB_ELIMIT, CB_STR_FMT ": more than %llu rows of %s ([limits] rows)",
                       CB_STR_ARG(file->facts->path), (unsigned long long)limit,
                       cb_role_names[file->role]);
    cb_status rc = make_room(file, slot, err);
    if (rc == CB_OK)
        rc = give_cells(file, slot, err);
    if (rc == CB_OK)
        rc = keep_rows(file, slot, err);
    if (rc == CB_OK) {
        join_tally(file, &slot->batch.tally);
        file->raw.n += slot->batch.rows;
    }
    return rc;
}
