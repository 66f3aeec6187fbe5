/* One record: the rules in the order of rejects.h, the first that fails decides. */
#include "ingest/coerce_parts.h"
#include "ingest/ingest_parts.h"
#include "ingest/lines.h"

typedef struct fault {
    cb_reject_code code;
    int column;
} fault;

enum { NO_FAULT = CB_REJECT_CODES };

static fault no_fault(void)
{
    return (fault){(cb_reject_code)NO_FAULT, -1};
}

/* ---- the record as text ---- */

/* A byte 0 is valid UTF-8, but no text that any output could carry. */
static bool well_encoded(cb_str text)
{
    if (cb_text_ascii(text))
        return true;
    return !memchr(text.at, 0, text.len) && cb_utf8_valid(text);
}

/* Whether the record may be blank: nothing in it but marks and spaces. */
static bool looks_blank(cb_str text, char delimiter)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (c != delimiter && c != ' ' && c != '\t' && c != '"' && c != '\r' && c != '\n')
            return false;
    }
    return true;
}

static bool all_empty(const cb_cells *cells)
{
    for (unsigned i = 0; i < cells->n; i++)
        if (cb_str_trim(cells->at[i]).len)
            return false;
    return true;
}

static fault fault_of_split(cb_split split, const cb_cells *cells)
{
    switch (split) {
    case CB_SPLIT_QUOTES:
        return (fault){CB_REJECT_QUOTE_ERROR, -1};
    case CB_SPLIT_FIELD_SIZE:
        return (fault){CB_REJECT_SIZE_ERROR, (int)cells->bad_cell};
    case CB_SPLIT_COLUMNS:
        return (fault){CB_REJECT_EXTRA_CELL, -1};
    case CB_SPLIT_OK:
        break;
    }
    return no_fault();
}

static fault fault_of_count(const cb_slot *slot, const cb_cells *cells)
{
    unsigned columns = slot->file->columns;
    if (cells->n > columns)
        return (fault){CB_REJECT_EXTRA_CELL, -1};
    return cells->n < columns ? (fault){CB_REJECT_MISSING_CELL, (int)cells->n} : no_fault();
}

/* ---- its cells ---- */

typedef struct row_state {
    cb_slot *slot;
    cb_cells cells;
    const cb_record *record;
    size_t at;                               /* where the record begins in the chunk */
    bool is_split, ascii;                    /* by the shortcut */
    uint64_t type_errors, constraint_errors; /* of optional cells, by field */
    uint64_t formulas_before;                /* in the tally */
    uint32_t row;
} row_state;

/* "(line)": the record's place in the input is its id. */
static cb_cell line_as_id(row_state *r, const cb_plan *plan)
{
    cb_slot *slot = r->slot;
    cb_id_cell *cell = (cb_id_cell *)slot->batch.cells[plan->field] + r->row;
    size_t at = slot->batch.spill.len;
    cb_str stem = slot->file->facts->stem;
    cb_status rc = cb_buf_text(&slot->batch.spill, CB_STR_FMT ":%llu", CB_STR_ARG(stem),
                               (unsigned long long)slot->line_no);
    if (rc != CB_OK) {
        slot->status = rc;
    } else {
        cb_str id = {slot->batch.spill.at + at, slot->batch.spill.len - at};
        *cell = (cb_id_cell){cb_hash(id), (uint32_t)at | CB_SPILLED, (uint32_t)id.len};
    }
    return CB_CELL_OK;
}

/* A date and its time of day, from two cells. Without the one or the other the date's cell is all
 * there is; so it is where together they are longer than any time. */
static cb_cell read_joined(row_state *r, const cb_plan *plan)
{
    enum { MOST = 120 };
    char joined[MOST];
    cb_str date = cb_str_trim(r->cells.at[plan->column]);
    cb_str clock = cb_str_trim(r->cells.at[plan->clock]);
    if (cb_null_word(date) || cb_null_word(clock) || date.len + 1 + clock.len > MOST)
        return plan->read(r->slot, plan, date, r->row);
    memcpy(joined, date.at, date.len);
    joined[date.len] = ' ';
    memcpy(joined + date.len + 1, clock.at, clock.len);
    return plan->read(r->slot, plan, (cb_str){joined, date.len + 1 + clock.len}, r->row);
}

static cb_cell read_composed(row_state *r, const cb_plan *plan)
{
    return plan->column == CB_COLUMN_LINE ? line_as_id(r, plan) : read_joined(r, plan);
}

static inline cb_cell read_planned(row_state *r, const cb_plan *plan)
{
    if (plan->composed)
        return read_composed(r, plan);
    return plan->read(r->slot, plan, r->cells.at[plan->column], r->row);
}

static fault read_required(row_state *r)
{
    static const cb_reject_code code[] = {[CB_CELL_OK] = (cb_reject_code)NO_FAULT,
                                          [CB_CELL_EMPTY] = CB_REJECT_MISSING_VALUE,
                                          [CB_CELL_TYPE] = CB_REJECT_TYPE_ERROR,
                                          [CB_CELL_CONSTRAINT] = CB_REJECT_CONSTRAINT_ERROR};
    fault first = no_fault();
    for (unsigned p = 0; p < r->slot->file->required && r->slot->status == CB_OK; p++) {
        const cb_plan *plan = &r->slot->file->plan[p];
        fault f = {code[read_planned(r, plan)], plan->column};
        bool sooner = first.code == (cb_reject_code)NO_FAULT ||
                      (f.code == CB_REJECT_MISSING_VALUE && first.code != CB_REJECT_MISSING_VALUE);
        if (f.code != (cb_reject_code)NO_FAULT && sooner)
            first = f;
    }
    return first;
}

static void read_optional(row_state *r)
{
    const cb_file *file = r->slot->file;
    const cb_plan *end = file->plan + file->plans;
    for (const cb_plan *plan = file->plan + file->required; plan < end; plan++) {
        cb_cell result = read_planned(r, plan);
        if (result >= CB_CELL_TYPE)
            *(result == CB_CELL_TYPE ? &r->type_errors : &r->constraint_errors) |= UINT64_C(1)
                                                                                   << plan->field;
    }
}

/* ---- rows that may yet fail ---- */

/* The orders under which a cell may still come to be read. */
static unsigned orders_open(const cb_file *file, unsigned field, unsigned readings)
{
    if (readings & CB_READS_SAME)
        return CB_READS_DAY_FIRST;
    int settled = atomic_load_explicit(&file->settled[field], memory_order_relaxed);
    return settled < 0 ? CB_READS_DAY_FIRST | CB_READS_MONTH_FIRST : 1u << settled;
}

static bool required_time_may_fail(const row_state *r)
{
    const cb_file *file = r->slot->file;
    for (unsigned p = 0; p < file->required; p++) {
        unsigned field = file->plan[p].field;
        if (file->plan[p].type == CB_TYPE_TIME &&
            orders_open(file, field, r->slot->readings[field]) & ~r->slot->readings[field])
            return true;
    }
    return false;
}

static int64_t utc_under(const row_state *r, unsigned field, cb_order order)
{
    const cb_file *file = r->slot->file;
    const cb_zone *zone = file->plan[file->plan_of[field]].zone;
    int64_t packed = ((const int64_t *)r->slot->batch.cells[field])[r->row];
    return cb_time_is_plain(packed) ? cb_time_plain_utc(packed, zone, &r->slot->stretch[field])
                                    : cb_time_to_utc(packed, order, zone);
}

static bool may_resolve_before_opening(const row_state *r)
{
    const cb_file *file = r->slot->file;
    if (file->role != CB_CASES || file->plan_of[CB_CASE_RESOLVED] < 0 ||
        !r->slot->readings[CB_CASE_RESOLVED])
        return false;
    unsigned opened = orders_open(file, CB_CASE_OPENED, r->slot->readings[CB_CASE_OPENED]);
    unsigned resolved = orders_open(file, CB_CASE_RESOLVED, r->slot->readings[CB_CASE_RESOLVED]);
    for (unsigned o = 0; o < 2; o++)
        for (unsigned s = 0; s < 2; s++) {
            if (!(opened >> o & 1) || !(resolved >> s & 1))
                continue;
            int64_t end = utc_under(r, CB_CASE_RESOLVED, (cb_order)s);
            if (end != CB_NO_TIME && end < utc_under(r, CB_CASE_OPENED, (cb_order)o))
                return true;
        }
    return false;
}

/* ---- the batch ---- */

static cb_status keep(const row_state *r, fault f)
{
    cb_batch *b = &r->slot->batch;
    bool rejected = f.code != (cb_reject_code)NO_FAULT;
    void *array = b->kept;
    cb_status rc = cb_grow(r->slot->file->ingest->alloc, &array, &b->kept_cap, b->n_kept + 1,
                           sizeof *b->kept, UINT32_MAX);
    b->kept = array;
    if (rc == CB_OK)
        b->kept[b->n_kept++] =
            (cb_kept){.line_no = r->slot->line_no,
                      .type_errors = r->type_errors,
                      .constraint_errors = r->constraint_errors,
                      .at = r->at,
                      .len = r->record->next - r->at,
                      .row = rejected ? CB_NO_ROW : r->row,
                      .formulas = (uint32_t)(b->tally.formulas - r->formulas_before),
                      .code = rejected ? f.code : (cb_reject_code)0,
                      .column = f.column};
    return rc;
}

static void count_errors(cb_tally *tally, const row_state *r)
{
    for (uint64_t m = r->type_errors; m; m &= m - 1)
        tally->type_errors[__builtin_ctzll(m)]++;
    for (uint64_t m = r->constraint_errors; m; m &= m - 1)
        tally->constraint_errors[__builtin_ctzll(m)]++;
}

/* Reads the cells of a record that splits well into row r->row. */
static fault read_cells(row_state *r)
{
    cb_tally *tally = &r->slot->batch.tally;
    fault f = read_required(r);
    if (f.code != (cb_reject_code)NO_FAULT) {
        tally->formulas = r->formulas_before;
        return f;
    }
    r->slot->signed_amounts = 0;
    read_optional(r);
    if (r->slot->signed_amounts && r->slot->status == CB_OK)
        cb_signs_see(r->slot, &r->cells, r->row);
    count_errors(tally, r);
    return f;
}

/* The cell with the broken bytes, or -1 where the record does not split. */
static int ill_encoded_cell(row_state *r, const cb_record *record)
{
    cb_slot *slot = r->slot;
    if (record->malformed || record->oversize ||
        cb_split_record(slot->splitter, record, &r->cells, &slot->status) != CB_SPLIT_OK)
        return -1;
    for (unsigned i = 0; i < r->cells.n && i < slot->file->columns; i++)
        if (!well_encoded(r->cells.at[i]))
            return (int)i;
    return -1;
}

static fault fault_of_text(row_state *r)
{
    const cb_record *record = r->record;
    if (!well_encoded(record->text))
        return (fault){CB_REJECT_ENCODING_ERROR, ill_encoded_cell(r, record)};
    if (record->oversize)
        return (fault){CB_REJECT_SIZE_ERROR, -1};
    return record->malformed ? (fault){CB_REJECT_QUOTE_ERROR, -1} : no_fault();
}

static fault read_record(row_state *r, bool *blank)
{
    cb_slot *slot = r->slot;
    fault f = r->ascii ? no_fault() : fault_of_text(r);
    if (f.code != (cb_reject_code)NO_FAULT)
        return f;
    if (!r->is_split)
        f = fault_of_split(cb_split_record(slot->splitter, r->record, &r->cells, &slot->status),
                           &r->cells);
    if (slot->status != CB_OK)
        return f;
    if (f.code != CB_REJECT_QUOTE_ERROR && looks_blank(r->record->text, slot->file->delimiter) &&
        all_empty(&r->cells)) {
        *blank = true;
        return no_fault();
    }
    if (f.code == (cb_reject_code)NO_FAULT)
        f = fault_of_count(slot, &r->cells);
    return f.code == (cb_reject_code)NO_FAULT ? read_cells(r) : f;
}

static cb_status take_record(row_state *r)
{
    cb_slot *slot = r->slot;
    cb_batch *b = &slot->batch;
    bool blank = false;
    r->formulas_before = b->tally.formulas;
    fault f = read_record(r, &blank);
    if (slot->status != CB_OK)
        return slot->status;
    b->tally.rows++;
    b->tally.blank += blank;
    if (blank)
        return CB_OK;
    if (f.code != (cb_reject_code)NO_FAULT)
        return keep(r, f);
    b->rows++;
    return required_time_may_fail(r) || may_resolve_before_opening(r) ? keep(r, f) : CB_OK;
}

/* Reads the record at `at` into the batch, by the shortcut where that can. */
static cb_status next_record(cb_slot *slot, cb_lines *lines, size_t at, uint64_t line_no,
                             cb_line *line)
{
    row_state r = {.slot = slot, .record = &line->record, .at = at, .row = slot->batch.rows};
    slot->line_no = line_no;
    r.is_split = cb_line_next(lines, slot->splitter, at, line, &r.cells, &slot->status);
    if (slot->status != CB_OK)
        return slot->status;
    r.ascii = r.is_split && line->ascii;
    if (!r.is_split) {
        line->record = cb_record_next(lines->text, at, lines->delimiter, lines->record_limit);
        cb_lines_seek(lines, line->record.next);
    }
    return take_record(&r);
}

cb_status cb_work(void *ctx, void *arg, cb_error *err)
{
    cb_file *file = ctx;
    cb_slot *slot = arg;
    cb_str text = {slot->text.at, slot->len};
    uint64_t line_no = slot->first_line;
    cb_line line = {.ascii = false};
    cb_lines lines =
        cb_lines_begin(text, file->delimiter, (size_t)file->ingest->settings->limits.record_bytes);
    cb_status rc = cb_batch_begin(slot, err);
    for (size_t at = 0; rc == CB_OK && at < text.len; at = line.record.next) {
        rc = slot->batch.rows == slot->batch.cap ? cb_batch_room(slot, err) : CB_OK;
        if (rc == CB_OK && (rc = next_record(slot, &lines, at, line_no, &line)) != CB_OK)
            rc = cb_fail(err, rc, CB_STR_FMT ", line %llu: no memory for its records",
                         CB_STR_ARG(file->facts->path), (unsigned long long)line_no);
        line_no += line.record.lines;
    }
    if (rc == CB_OK)
        cb_batch_times(slot);
    return rc;
}
