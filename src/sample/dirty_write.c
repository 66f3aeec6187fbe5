#include "dirty_parts.h"

enum { FIRST_FAULT_ROW = 6, ROWS_BETWEEN_FAULTS = 8 };

/* The next row of clean text, with its line end: a line end inside quotes does not end it. */
static cb_str next_row(cb_str *rest)
{
    bool quoted = false;
    size_t n = 0;
    while (n < rest->len && (quoted || rest->at[n] != '\n'))
        quoted ^= rest->at[n++] == '"';
    cb_str row = {rest->at, n < rest->len ? n + 1 : n};
    *rest = (cb_str){rest->at + row.len, rest->len - row.len};
    return row;
}

/* Cells of a clean row without quotes; the line end is in none. */
static unsigned split(cb_str row, cb_str cell[CB_DIRTY_MAX_CELLS])
{
    unsigned n = 0;
    size_t from = 0;
    for (size_t i = 0; i < row.len && n < CB_DIRTY_MAX_CELLS; i++)
        if (row.at[i] == ',' || row.at[i] == '\n') {
            cell[n++] = (cb_str){row.at + from, i - from};
            from = i + 1;
        }
    return n;
}

static void count_lines(cb_dirty_table *table, cb_str bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        table->line += bytes.at[i] == '\n';
}

static void mark(cb_dirty_table *table, const cb_dirty_fault *fault)
{
    if (table->marks < CB_DIRTY_MAX_MARKS)
        table->mark[table->marks++] = (cb_dirty_mark){table->line, fault};
}

static void put_cells(cb_out *out, cb_dirty_table *table, const cb_str *cell, unsigned n,
                      const char *end)
{
    for (unsigned i = 0; i < n; i++) {
        cb_out_text(out, i ? "," : "");
        cb_out_bytes(out, cell[i].at, cell[i].len);
    }
    cb_out_text(out, end);
    table->rows++;
    table->line++;
}

/* The row twice: which of the two is superseded is said by the action. */
static void put_twice(cb_out *out, cb_dirty_table *table, const cb_dirty_fault *fault, cb_str *cell,
                      unsigned n)
{
    bool outdated = fault->what == CB_DIRTY_OUTDATED;
    if (!outdated)
        mark(table, fault);
    put_cells(out, table, cell, n, "\n");
    if (outdated)
        mark(table, fault);
    if (outdated)
        cell[fault->column] = cell[1];
    else if (fault->text)
        cell[fault->column] = cb_str_of(fault->text);
    put_cells(out, table, cell, n, "\n");
}

static void put_faulty(cb_out *out, cb_dirty_table *table, const cb_dirty_fault *fault, cb_str row)
{
    cb_str cell[CB_DIRTY_MAX_CELLS + 1];
    unsigned n = split(row, cell);
    if (fault->what == CB_DIRTY_AGAIN || fault->what == CB_DIRTY_OUTDATED) {
        put_twice(out, table, fault, cell, n);
        return;
    }
    mark(table, fault);
    if (fault->what == CB_DIRTY_LINE)
        put_cells(out, table, &(cb_str){fault->text, strlen(fault->text)}, 1, "\n");
    if (fault->what == CB_DIRTY_SET)
        cell[fault->column] = cb_str_of(fault->text);
    if (fault->what == CB_DIRTY_ADD)
        cell[n++] = cb_str_of(fault->text);
    if (fault->what == CB_DIRTY_KEEP)
        n = fault->column;
    put_cells(out, table, cell, n, fault->what == CB_DIRTY_CRLF ? "\r\n" : "\n");
}

/* A fault goes into the first row from its place on that holds no quote, and whose two times differ
 * if the second copy is to be the older one. */
static bool takes(cb_str row, const cb_dirty_fault *fault)
{
    cb_str cell[CB_DIRTY_MAX_CELLS];
    if (memchr(row.at, '"', row.len))
        return false;
    (void)split(row, cell);
    return fault->what != CB_DIRTY_OUTDATED || !cb_str_eq(cell[1], cell[fault->column]);
}

static void put_rows(cb_out *out, cb_dirty_table *table, cb_str rest)
{
    unsigned done = 0;
    for (uint64_t i = 0; rest.len; i++) {
        cb_str row = next_row(&rest);
        bool due =
            done < table->faults && i >= FIRST_FAULT_ROW + done * (uint64_t)ROWS_BETWEEN_FAULTS;
        if (due && takes(row, &table->fault[done])) {
            put_faulty(out, table, &table->fault[done++], row);
            continue;
        }
        if (!rest.len && table->last_line_open)
            row.len--;
        cb_out_bytes(out, row.at, row.len);
        table->rows++;
        count_lines(table, row);
    }
    if (done < table->faults)
        out->status = CB_ELIMIT;
}

cb_status cb_dirty_write(cb_dirty_table *table, const char *dir, cb_str clean_rows, cb_error *err)
{
    cb_out out;
    cb_status rc = cb_out_open(&out, dir, table->file, err);
    if (rc != CB_OK)
        return rc;
    cb_out_text(&out, table->byte_order_mark ? "\xef\xbb\xbf" : "");
    cb_out_text(&out, table->header);
    table->rows = 0;
    table->marks = 0;
    table->line = 2;
    put_rows(&out, table, clean_rows);
    if (out.status == CB_ELIMIT)
        cb_fail(err, CB_ELIMIT, "%s: too few rows for all faults; ask for more cases", table->file);
    return cb_out_close(&out, err);
}

void cb_dirty_label(char out[64], const char *header, unsigned column)
{
    for (unsigned i = 0; i < column && header; i++) {
        header = strchr(header, ',');
        header = header ? header + 1 : NULL;
    }
    size_t n = header ? strcspn(header, ",\n") : 0;
    n = n < 63 ? n : 63;
    if (n)
        memcpy(out, header, n);
    out[n] = '\0';
}

static unsigned count_effect(const cb_dirty_table *table, cb_dirty_effect effect)
{
    unsigned n = 0;
    for (unsigned i = 0; i < table->marks; i++)
        n += table->mark[i].fault->effect == effect;
    return n;
}

static bool same_group(const cb_dirty_fault *a, const cb_dirty_fault *b, bool by_code)
{
    return a->effect == b->effect && (by_code ? !strcmp(a->code, b->code) : a->column == b->column);
}

/* {"extra-cell": 2, …} by code or {"loss_amount": 2, …} by column: each group at its first mark. */
static void expect_counts(cb_json *json, const cb_dirty_table *table, const char *key,
                          cb_dirty_effect effect, bool by_code)
{
    cb_json_open(json, key, '{');
    for (unsigned i = 0; i < table->marks; i++) {
        const cb_dirty_fault *fault = table->mark[i].fault;
        unsigned n = 0, before = 0;
        for (unsigned k = 0; k < table->marks; k++) {
            bool same = same_group(fault, table->mark[k].fault, by_code);
            n += same;
            before += same && k < i;
        }
        if (fault->effect != effect || before)
            continue;
        char label[64];
        cb_dirty_label(label, table->header, fault->column);
        cb_json_count(json, by_code ? fault->code : label, n);
    }
    cb_json_close(json, '}');
}

static void expect_lines(cb_json *json, const cb_dirty_table *table, const char *key,
                         cb_dirty_effect effect)
{
    cb_json_open(json, key, '[');
    for (unsigned i = 0; i < table->marks; i++) {
        const cb_dirty_fault *fault = table->mark[i].fault;
        if (fault->effect != effect)
            continue;
        cb_json_open(json, NULL, '{');
        cb_json_count(json, "line", table->mark[i].line);
        cb_json_text(json, "code", fault->code);
        if (fault->what == CB_DIRTY_SET && strcmp(fault->code, "quote-error") != 0) {
            char label[64];
            cb_dirty_label(label, table->header, fault->column);
            cb_json_text(json, "field", label);
        }
        cb_json_close(json, '}');
    }
    cb_json_close(json, ']');
}

void cb_dirty_expect(cb_json *json, const cb_dirty_table *table)
{
    unsigned rejected = count_effect(table, CB_DIRTY_REJECTED);
    unsigned blank = count_effect(table, CB_DIRTY_BLANK);
    unsigned superseded = count_effect(table, CB_DIRTY_SUPERSEDED);
    cb_json_open(json, NULL, '{');
    cb_json_text(json, "role", table->role);
    cb_json_text(json, "file", table->file);
    cb_json_count(json, "rows", table->rows);
    cb_json_count(json, "accepted", table->rows - rejected - blank - superseded);
    cb_json_count(json, "superseded", superseded);
    cb_json_count(json, "rejected", rejected);
    cb_json_count(json, "blank", blank);
    cb_json_count(json, "planted_unlinked", count_effect(table, CB_DIRTY_UNLINKED));
    expect_counts(json, table, "rejects", CB_DIRTY_REJECTED, true);
    expect_counts(json, table, "unknown_cells", CB_DIRTY_UNKNOWN, false);
    expect_lines(json, table, "rejected_rows", CB_DIRTY_REJECTED);
    expect_lines(json, table, "unknown_rows", CB_DIRTY_UNKNOWN);
    expect_lines(json, table, "superseded_rows", CB_DIRTY_SUPERSEDED);
    expect_lines(json, table, "blank_rows", CB_DIRTY_BLANK);
    expect_lines(json, table, "planted_unlinked_rows", CB_DIRTY_UNLINKED);
    cb_json_close(json, '}');
}
