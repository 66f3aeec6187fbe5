/* The slots of the pipeline and the batches of cells in them. */
#include "ingest/coerce_parts.h"
#include "ingest/ingest_parts.h"

enum { FIRST_BATCH_ROWS = 1024, POOL_WORDS = 1 << 16, MAX_POOL_WORDS = 1 << 28 };

static const char purpose[] = "a chunk's cells";

static size_t cell_bytes(const cb_plan *plan)
{
    return plan->many_words ? sizeof(cb_id_cell) : cb_type_bytes(plan->type);
}

static bool is_remembered(const cb_plan *plan)
{
    return !plan->many_words && plan->type != CB_TYPE_TIME && plan->type != CB_TYPE_AMOUNT &&
           plan->type != CB_TYPE_TEXT && plan->type != CB_TYPE_DURATION;
}

static void *get(const cb_alloc *alloc, size_t bytes)
{
    void *at = alloc->resize(alloc->ctx, NULL, 0, bytes);
    if (at)
        memset(at, 0, bytes);
    return at;
}

static bool batch_init(cb_slot *slot)
{
    const cb_file *file = slot->file;
    const cb_alloc *alloc = file->ingest->alloc;
    cb_batch *b = &slot->batch;
    for (unsigned p = 0; p < file->plans; p++) {
        const cb_plan *plan = &file->plan[p];
        if (is_remembered(plan) && !(b->memo[plan->field] = get(alloc, CB_MEMOS * sizeof(cb_memo))))
            return false;
        if (plan->type == CB_TYPE_WORD && !plan->many_words && !b->pool[plan->pool] &&
            !(b->pool[plan->pool] = cb_intern_new(alloc, MAX_POOL_WORDS)))
            return false;
    }
    cb_buf_init(&b->spill, alloc, CB_SPILLED - 1);
    return true;
}

cb_status cb_slot_new(cb_slot **out, cb_file *file, cb_error *err)
{
    const cb_alloc *alloc = file->ingest->alloc;
    const cb_limits *limits = &file->ingest->settings->limits;
    cb_slot *slot = get(alloc, sizeof *slot);
    *out = slot;
    if (!slot)
        return cb_nomem(err, purpose);
    slot->file = file;
    cb_buf_init(&slot->text, alloc, CB_SPILLED - 1);
    slot->splitter = cb_splitter_new(alloc, file->delimiter, (unsigned)limits->columns,
                                     (size_t)limits->field_bytes);
    return slot->splitter && batch_init(slot) ? CB_OK : cb_nomem(err, purpose);
}

static void batch_free(cb_slot *slot)
{
    const cb_alloc *alloc = slot->file->ingest->alloc;
    cb_batch *b = &slot->batch;
    for (unsigned f = 0; f < CB_MAX_FIELDS_OF_ROLE; f++) {
        if (b->cells[f])
            alloc->resize(alloc->ctx, b->cells[f], b->cell_bytes[f], 0);
        if (b->memo[f])
            alloc->resize(alloc->ctx, b->memo[f], CB_MEMOS * sizeof(cb_memo), 0);
    }
    for (unsigned p = 0; p < CB_POOLS; p++) {
        void *global = b->global[p];
        cb_intern_free(b->pool[p]);
        cb_drop(alloc, &global, &b->global_cap[p], sizeof *b->global[p]);
    }
    void *kept = b->kept;
    cb_drop(alloc, &kept, &b->kept_cap, sizeof *b->kept);
    cb_buf_free(&b->spill);
}

void cb_slot_free(cb_slot *slot)
{
    if (!slot)
        return;
    const cb_alloc *alloc = slot->file->ingest->alloc;
    batch_free(slot);
    cb_splitter_free(slot->splitter);
    cb_buf_free(&slot->text);
    alloc->resize(alloc->ctx, slot, sizeof *slot, 0);
}

/* A pool of too many words is emptied, and with it every memo, which holds ids of it. */
static void forget_words(cb_batch *b)
{
    bool full = false;
    for (unsigned p = 0; p < CB_POOLS; p++)
        full |= b->pool[p] && cb_intern_count(b->pool[p]) > POOL_WORDS;
    if (!full)
        return;
    for (unsigned p = 0; p < CB_POOLS; p++)
        if (b->pool[p]) {
            cb_intern_reset(b->pool[p]);
            b->given[p] = 0;
        }
    for (unsigned f = 0; f < CB_MAX_FIELDS_OF_ROLE; f++)
        if (b->memo[f])
            memset(b->memo[f], 0, CB_MEMOS * sizeof(cb_memo));
}

cb_status cb_batch_begin(cb_slot *slot, cb_error *err)
{
    cb_batch *b = &slot->batch;
    b->rows = 0;
    b->n_kept = 0;
    b->spill.len = 0;
    b->tally = (cb_tally){.rows = 0};
    forget_words(b);
    return b->cap ? CB_OK : cb_batch_room(slot, err);
}

cb_status cb_batch_room(cb_slot *slot, cb_error *err)
{
    const cb_file *file = slot->file;
    const cb_alloc *alloc = file->ingest->alloc;
    cb_batch *b = &slot->batch;
    size_t cap = b->cap ? b->cap * 2 : FIRST_BATCH_ROWS;
    for (unsigned p = 0; p < file->plans; p++) {
        const cb_plan *plan = &file->plan[p];
        size_t bytes = cap * cell_bytes(plan);
        void *cells =
            alloc->resize(alloc->ctx, b->cells[plan->field], b->cell_bytes[plan->field], bytes);
        if (!cells)
            return cb_nomem(err, purpose);
        b->cells[plan->field] = cells;
        b->cell_bytes[plan->field] = bytes;
    }
    b->cap = cap;
    return CB_OK;
}

/* The zone is looked up while the cells are at hand, and by many threads; only cells that the choice
 * of an order may change stay for the end of the file (ingest_close.c). Says whether all fit into
 * 4 bytes. */
static bool times_to_utc(const cb_plan *plan, cb_zone_stretch *stretch, int64_t *cell,
                         uint32_t rows)
{
    bool fits = true;
    for (uint32_t i = 0; i < rows; i++) {
        if (!cb_time_is_plain(cell[i])) {
            fits = false;
            continue;
        }
        int64_t utc_s = cb_time_plain_utc(cell[i], plan->zone, stretch);
        fits &= cb_narrow_fits(utc_s);
        cell[i] = utc_s == CB_NO_TIME ? CB_NO_TIME : cb_time_pack(utc_s, true);
    }
    return fits;
}

/* In place: every cell is read before anything is written over it. */
static void narrow_times(void *cells, uint32_t rows)
{
    for (uint32_t i = 0; i < rows; i++) {
        int64_t neutral;
        memcpy(&neutral, (char *)cells + i * sizeof neutral, sizeof neutral);
        uint32_t utc = cb_narrowed(neutral == CB_NO_TIME ? neutral : cb_time_seconds(neutral));
        memcpy((char *)cells + i * sizeof utc, &utc, sizeof utc);
    }
}

void cb_batch_times(cb_slot *slot)
{
    const cb_file *file = slot->file;
    cb_batch *b = &slot->batch;
    for (unsigned p = 0; p < file->plans; p++) {
        const cb_plan *plan = &file->plan[p];
        void *cells = b->cells[plan->field];
        if (plan->type != CB_TYPE_TIME)
            continue;
        b->narrow[plan->field] = times_to_utc(plan, &slot->stretch[plan->field], cells, b->rows);
        if (b->narrow[plan->field])
            narrow_times(cells, b->rows);
    }
}
