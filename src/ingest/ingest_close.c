/* The file has ended and its readings are chosen: reject what fails under them, make times UTC,
 * count, and hand the table to the book. Amounts stay neutral until the currency is known
 * (ingest_money.c). */
#include "ingest/ingest_parts.h"

/* ---- rows that fail only now ---- */

static int64_t final_utc(const cb_file *file, unsigned field, uint32_t row)
{
    const cb_plan *plan = &file->plan[file->plan_of[field]];
    int64_t cell = cb_time(&file->raw, field, row);
    return file->raw.width[field] ? cell : cb_time_to_utc(cell, file->order[field], plan->zone);
}

/* Whether a kept row fails under the chosen readings; sets its code and column. */
static bool fails(const cb_file *file, cb_kept *kept)
{
    for (unsigned p = 0; p < file->required; p++)
        if (file->plan[p].type == CB_TYPE_TIME &&
            final_utc(file, file->plan[p].field, kept->row) == CB_NO_TIME) {
            kept->code = CB_REJECT_TYPE_ERROR;
            kept->column = file->plan[p].column;
            return true;
        }
    if (file->role != CB_CASES || file->plan_of[CB_CASE_RESOLVED] < 0)
        return false;
    int64_t resolved = final_utc(file, CB_CASE_RESOLVED, kept->row);
    kept->code = CB_REJECT_ROW_CONSTRAINT;
    kept->column = file->plan[file->plan_of[CB_CASE_RESOLVED]].column;
    return resolved != CB_NO_TIME && resolved < final_utc(file, CB_CASE_OPENED, kept->row);
}

static void uncount(cb_tally *tally, const cb_kept *kept)
{
    tally->formulas -= kept->formulas;
    for (uint64_t m = kept->type_errors; m; m &= m - 1)
        tally->type_errors[__builtin_ctzll(m)]--;
    for (uint64_t m = kept->constraint_errors; m; m &= m - 1)
        tally->constraint_errors[__builtin_ctzll(m)]--;
}

static cb_status add_reject(const cb_file *file, const cb_kept *kept)
{
    cb_reject_log *log = &file->facts->rejects;
    cb_reject reject = {kept->line_no, kept->code, kept->column};
    cb_str label = kept->column >= 0 ? file->mapping->header[kept->column] : CB_LIT("");
    cb_str record = {file->kept_bytes.at + kept->at, kept->len};
    log->not_kept += kept->len == 0;
    return cb_reject_add(log, &reject, record, label);
}

/* Writes the log in the order of the lines; *gone counts the rows that leave the raw table. */
static cb_status reject_rows(cb_file *file, uint32_t *gone)
{
    cb_status rc = CB_OK;
    *gone = 0;
    for (size_t i = 0; i < file->n_kept && rc == CB_OK; i++) {
        cb_kept *kept = &file->kept[i];
        if (kept->row != CB_NO_ROW) {
            if (!fails(file, kept)) {
                kept->row = CB_NO_ROW;
                continue;
            }
            uncount(&file->tally, kept);
            ++*gone;
        }
        rc = add_reject(file, kept);
    }
    return rc;
}

/* After reject_rows the kept rows that still have a row number are those to take out; they are
 * in order. */
static cb_status remove_rows(cb_file *file, uint32_t gone)
{
    const cb_alloc *alloc = file->ingest->alloc;
    size_t bytes = (size_t)(file->raw.n - gone) * sizeof(uint32_t);
    uint32_t n = 0;
    size_t next = 0;
    if (gone == 0)
        return CB_OK;
    uint32_t *rows = alloc->resize(alloc->ctx, NULL, 0, bytes ? bytes : 1);
    if (!rows)
        return CB_ENOMEM;
    for (uint32_t row = 0; row < file->raw.n; row++) {
        while (next < file->n_kept &&
               (file->kept[next].row == CB_NO_ROW || file->kept[next].row < row))
            next++;
        if (next == file->n_kept || file->kept[next].row != row)
            rows[n++] = row;
    }
    cb_table_gather(&file->raw, rows, n);
    alloc->resize(alloc->ctx, rows, bytes ? bytes : 1, 0);
    return CB_OK;
}

/* What a report writes below its rows: the file's last lines, each of one cell, behind a blank one.
 * Where a preset speaks of such a block, its lines are no rows that were lost. */
static void drop_footer(cb_file *file)
{
    unsigned most = file->mapping->preset ? file->mapping->preset->footer : 0;
    uint64_t below = file->feed.line_no; /* behind the last line */
    size_t n = 0;
    if (most == 0 || file->tally.blank == 0)
        return;
    while (n < file->n_kept && n <= most) {
        const cb_kept *kept = &file->kept[file->n_kept - 1 - n];
        bool last =
            n == 0 ? kept->line_no + file->tally.blank >= below - 1 : kept->line_no + 1 == below;
        if (kept->code != CB_REJECT_MISSING_CELL || kept->column != 1 || !last)
            break;
        below = kept->line_no;
        n++;
    }
    if (n > most)
        return;
    file->n_kept -= n;
    file->tally.blank += n;
}

/* ---- all cells, in ranges of rows ---- */

typedef struct range_count {
    uint64_t filled[CB_MAX_FIELDS_OF_ROLE], unfit[CB_MAX_FIELDS_OF_ROLE];
} range_count;

typedef struct closing {
    cb_file *file;
    range_count *count;
} closing;

static uint64_t finish_times(const cb_file *file, const cb_plan *plan, uint32_t from, uint32_t to)
{
    int64_t *cell = file->raw.column[plan->field];
    cb_order order = file->order[plan->field];
    uint64_t unfit = 0;
    if (file->raw.width[plan->field]) /* UTC already */
        return 0;
    for (uint32_t i = from; i < to; i++) {
        int64_t utc_s = cb_time_to_utc(cell[i], order, plan->zone);
        unfit += utc_s == CB_NO_TIME && cell[i] != CB_NO_TIME;
        cell[i] = utc_s;
    }
    return unfit;
}

/* Amounts that the chosen mark cannot read become unread; the others stay neutral. */
static uint64_t check_amounts(const cb_file *file, const cb_plan *plan, uint32_t from, uint32_t to)
{
    int64_t *cell = file->raw.column[plan->field];
    cb_mark mark = file->mark[plan->field];
    uint64_t unfit = 0;
    /* Nothing to look for where no cell allows the other mark only. */
    if (!file->tally.marks[plan->field]
             .cells[mark == CB_MARK_POINT ? CB_READS_COMMA : CB_READS_POINT])
        return 0;
    for (uint32_t i = from; i < to; i++)
        if (cell[i] > CB_UNREAD_AMOUNT && cb_amount_value(cell[i], mark, 0) == CB_NO_AMOUNT) {
            cell[i] = CB_UNREAD_AMOUNT;
            unfit++;
        }
    return unfit;
}

#define COUNT_KNOWN(type, unknown)                                                                 \
    for (uint32_t i = from; i < to; i++)                                                           \
    filled += ((const type *)column)[i] != (type)(unknown)

static uint64_t count_words(const cb_table *table, unsigned field, uint32_t from, uint32_t to)
{
    const void *column = table->column[field];
    uint64_t filled = 0;
    switch (cb_table_cell_bytes(table, field)) {
    case 1:
        COUNT_KNOWN(uint8_t, 0);
        break;
    case 2:
        COUNT_KNOWN(uint16_t, 0);
        break;
    default:
        COUNT_KNOWN(uint32_t, 0);
        break;
    }
    return filled;
}

static uint64_t count_filled(const cb_table *table, const cb_plan *plan, uint32_t from, uint32_t to)
{
    const void *column = table->column[plan->field];
    uint64_t filled = 0;
    switch (plan->type) {
    case CB_TYPE_AMOUNT: /* as wide as amounts are, until the book is finished */
        for (uint32_t i = from; i < to; i++)
            filled += ((const int64_t *)column)[i] > CB_UNREAD_AMOUNT;
        break;
    case CB_TYPE_TIME:
    case CB_TYPE_DURATION:
        if (table->width[plan->field])
            COUNT_KNOWN(uint32_t, CB_NARROW_UNKNOWN);
        else
            COUNT_KNOWN(int64_t, CB_NO_TIME);
        break;
    case CB_TYPE_COUNT:
    case CB_TYPE_SCORE:
        COUNT_KNOWN(uint16_t, CB_NO_COUNT);
        break;
    case CB_TYPE_FLAG:
        COUNT_KNOWN(uint8_t, CB_NO_FLAG);
        break;
    case CB_TYPE_STATUS:
        COUNT_KNOWN(uint8_t, CB_STATUS_UNKNOWN);
        break;
    case CB_TYPE_WORD:
        filled = count_words(table, plan->field, from, to);
        break;
    case CB_TYPE_TEXT:
        COUNT_KNOWN(uint32_t, 0);
        break;
    }
    return filled;
}

static cb_status close_range(void *ctx, size_t task, cb_error *err)
{
    closing *c = ctx;
    const cb_file *file = c->file;
    cb_range rows = cb_range_of(file->raw.n, CB_RANGE_ROWS, task);
    uint32_t from = (uint32_t)rows.from, to = (uint32_t)rows.to;
    (void)err;
    for (unsigned p = 0; p < file->plans; p++) {
        const cb_plan *plan = &file->plan[p];
        if (plan->type == CB_TYPE_TIME)
            c->count[task].unfit[plan->field] = finish_times(file, plan, from, to);
        else if (plan->type == CB_TYPE_AMOUNT)
            c->count[task].unfit[plan->field] = check_amounts(file, plan, from, to);
        c->count[task].filled[plan->field] = count_filled(&file->raw, plan, from, to);
    }
    return CB_OK;
}

static void note_column(cb_file *file, const cb_plan *plan, const range_count *sum)
{
    unsigned f = plan->field;
    if (plan->column < 0)
        return;
    cb_column_facts *facts = &file->facts->column[plan->column];
    facts->field = (int)f;
    facts->filled = sum->filled[f];
    facts->type_errors = file->tally.type_errors[f] + sum->unfit[f];
    facts->constraint_errors = file->tally.constraint_errors[f];
    facts->unreadable = facts->type_errors + facts->constraint_errors;
    facts->empty = file->raw.n - facts->filled - facts->unreadable;
}

static cb_status finish_cells(cb_file *file, cb_error *err)
{
    cb_ingest *in = file->ingest;
    size_t tasks = cb_ranges(file->raw.n, CB_RANGE_ROWS);
    size_t bytes = (tasks ? tasks : 1) * sizeof(range_count);
    closing c = {file, in->alloc->resize(in->alloc->ctx, NULL, 0, bytes)};
    if (!c.count)
        return cb_nomem(err, "the facts of the columns");
    memset(c.count, 0, bytes);
    cb_status rc = cb_workers_each(&in->options.workers, tasks, close_range, &c, err);
    for (size_t t = 1; t < tasks; t++)
        for (unsigned f = 0; f < CB_MAX_FIELDS_OF_ROLE; f++) {
            c.count[0].filled[f] += c.count[t].filled[f];
            c.count[0].unfit[f] += c.count[t].unfit[f];
        }
    for (unsigned p = 0; p < file->plans; p++)
        note_column(file, &file->plan[p], c.count);
    in->alloc->resize(in->alloc->ctx, c.count, bytes, 0);
    return rc;
}

/* ---- the whole ---- */

static void note_file(cb_file *file, cb_input *input)
{
    cb_input_facts *facts = file->facts;
    facts->rows = file->tally.rows;
    facts->blank = file->tally.blank;
    facts->rejected = facts->rejects.rows;
    facts->formula_cells = file->tally.formulas;
    facts->unknown_status = file->tally.unknown_status;
    facts->rejects.by_code[CB_REJECT_BLANK_ROW] = 0;
    input->taken = file->raw.n;
    for (unsigned f = 0; f < CB_MAX_FIELDS_OF_ROLE; f++) {
        int p = file->plan_of[f];
        input->mark[f] = file->mark[f];
        input->signs[f] = file->tally.signs[f];
        input->column_of[f] = p >= 0 && file->plan[p].column >= 0 ? file->plan[p].column : -1;
    }
}

cb_status cb_file_close(cb_file *file, cb_error *err)
{
    cb_ingest *in = file->ingest;
    uint32_t gone = 0;
    drop_footer(file);
    cb_status rc = reject_rows(file, &gone);
    if (rc == CB_OK)
        rc = remove_rows(file, gone);
    if (rc != CB_OK)
        return cb_nomem(err, "the rejected rows");
    rc = finish_cells(file, err);
    if (rc != CB_OK)
        return rc;
    note_file(file, in->input[file->input_ix]);
    rc = cb_file_durations(file, err);
    if (rc != CB_OK)
        return rc;
    return cb_book_take(in->book, &file->raw, in->options.as_of_utc_s, err);
}
