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
        uint32_t id = cb_intern_put_hashed(pool, cb_intern_text(own, b->given[p]),
                                           cb_intern_hash(own, b->given[p]));
        b->global[p][b->given[p]] = id;
        rc = id == CB_NO_ID ? CB_ENOMEM : CB_OK;
    }
    return rc == CB_OK ? CB_OK : cb_nomem(err, "the words of the input");
}

static cb_status give_words(const cb_file *file, cb_batch *b, const cb_plan *plan, uint32_t *to,
                            cb_error *err)
{
    cb_status rc = learn_words(file, b, plan->pool, err);
    if (rc != CB_OK)
        return rc;
    const uint32_t *global = b->global[plan->pool];
    const uint32_t *from = b->cells[plan->field];
    for (uint32_t i = 0; i < b->rows; i++)
        to[i] = global[from[i]];
    return check_words(file, plan, err);
}

/* ---- ids ---- */

static cb_status give_ids(const cb_file *file, const cb_slot *slot, const cb_plan *plan,
                          uint32_t *to, cb_error *err)
{
    const cb_batch *b = &slot->batch;
    const cb_id_cell *from = b->cells[plan->field];
    cb_intern *pool = file->ingest->book->pool[plan->pool];
    for (uint32_t i = 0; i < b->rows; i++) {
        if (i + PREFETCH_ROWS < b->rows)
            cb_intern_prefetch(pool, from[i + PREFETCH_ROWS].hash);
        bool spilled = from[i].at & CB_SPILLED;
        const char *at =
            spilled ? b->spill.at + (from[i].at & ~CB_SPILLED) : slot->text.at + from[i].at;
        to[i] = cb_intern_put_hashed(pool, (cb_str){at, from[i].len}, from[i].hash);
        if (to[i] == CB_NO_ID)
            return cb_nomem(err, "the ids of the input");
    }
    return check_words(file, plan, err);
}

static cb_status give_cells(cb_file *file, cb_slot *slot, cb_error *err)
{
    cb_status rc = CB_OK;
    for (unsigned p = 0; p < file->plans && rc == CB_OK; p++) {
        const cb_plan *plan = &file->plan[p];
        size_t size = cb_type_bytes(plan->type);
        char *to = (char *)file->raw.column[plan->field] + (size_t)file->raw.n * size;
        if (plan->many_words)
            rc = give_ids(file, slot, plan, (uint32_t *)(void *)to, err);
        else if (plan->type == CB_TYPE_WORD)
            rc = give_words(file, &slot->batch, plan, (uint32_t *)(void *)to, err);
        else
            memcpy(to, slot->batch.cells[plan->field], slot->batch.rows * size);
    }
    for (uint32_t i = 0; i < slot->batch.rows; i++)
        file->raw.input_ix[file->raw.n + i] = file->input_ix;
    return rc;
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
        cb_time_join(&t->times[f], &later->times[f]);
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
    uint64_t mask = 0;
    uint64_t limit = file->ingest->settings->limits.rows;
    uint64_t rows =
        (uint64_t)file->ingest->book->table[file->role].n + file->raw.n + slot->batch.rows;
    for (unsigned p = 0; p < file->plans; p++)
        mask |= UINT64_C(1) << file->plan[p].field;
    if (rows > limit)
        return cb_fail(err, CB_ELIMIT, CB_STR_FMT ": more than %llu rows of %s ([limits] rows)",
                       CB_STR_ARG(file->facts->path), (unsigned long long)limit,
                       cb_role_names[file->role]);
    cb_status rc = cb_table_reserve(&file->raw, (size_t)file->raw.n + slot->batch.rows, mask, err);
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
