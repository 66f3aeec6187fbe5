#include "casebook/rejects.h"

#define REJECT_TEXT(NAME, text, meaning) text,
#define REJECT_MEANING(NAME, text, meaning) meaning,
const char *const cb_reject_names[CB_REJECT_CODES] = {CB_REJECT_MAP(REJECT_TEXT)};
const char *const cb_reject_meanings[CB_REJECT_CODES] = {CB_REJECT_MAP(REJECT_MEANING)};

/* The list of errors is small beside the records; it gets as much room again. */
void cb_reject_log_init(cb_reject_log *log, const cb_alloc *alloc, size_t max_bytes)
{
    *log = (cb_reject_log){.alloc = alloc ? alloc : cb_alloc_libc()};
    cb_buf_init(&log->header, alloc, SIZE_MAX);
    cb_buf_init(&log->records, alloc, max_bytes);
    cb_buf_init(&log->errors, alloc, max_bytes);
}

void cb_reject_log_free(cb_reject_log *log)
{
    cb_buf_free(&log->header);
    cb_buf_free(&log->records);
    cb_buf_free(&log->errors);
}

static const cb_str heading = {"line\tfield\tcode\tmessage\n", 24};

static void count(cb_reject_log *log, cb_reject_code code)
{
    log->rows++;
    log->by_code[code]++;
}

/* A column's name comes from the input: a tab or line end in it would break the list's own
 * lines. */
static cb_status append_name(cb_buf *out, cb_str name)
{
    cb_status rc = CB_OK;
    for (size_t i = 0; i < name.len && rc == CB_OK; i++) {
        char c = name.at[i] == '\t' || name.at[i] == '\n' || name.at[i] == '\r' ? ' ' : name.at[i];
        rc = cb_buf_append(out, &c, 1);
    }
    return rc;
}

static cb_status append_error(cb_buf *out, const cb_reject *reject, cb_str field_name)
{
    cb_status rc = out->len ? CB_OK : cb_buf_append(out, heading.at, heading.len);
    if (rc == CB_OK)
        rc = cb_buf_text(out, "%llu\t", (unsigned long long)reject->line_no);
    if (rc == CB_OK)
        rc = append_name(out, field_name);
    return rc == CB_OK ? cb_buf_text(out, "\t%s\t%s\n", cb_reject_names[reject->code],
                                     cb_reject_meanings[reject->code])
                       : rc;
}

/* Either both files get their part, or neither does. */
cb_status cb_reject_add(cb_reject_log *log, const cb_reject *reject, cb_str record,
                        cb_str field_name)
{
    size_t records = log->records.len;
    size_t errors = log->errors.len;
    cb_status rc = cb_buf_append(&log->records, record.at, record.len);
    if (rc == CB_OK)
        rc = append_error(&log->errors, reject, field_name);
    if (rc != CB_OK) {
        log->records.len = records;
        log->errors.len = errors;
        if (rc != CB_ELIMIT)
            return rc;
        log->not_kept++;
    }
    count(log, reject->code);
    return CB_OK;
}

cb_status cb_reject_join(cb_reject_log *log, const cb_reject_log *later)
{
    size_t records = log->records.len;
    size_t skip =
        log->errors.len && later->errors.len ? heading.len : 0; /* one heading is enough */
    cb_status rc = cb_buf_append(&log->records, later->records.at, later->records.len);
    if (rc == CB_OK && later->errors.len)
        rc = cb_buf_append(&log->errors, later->errors.at + skip, later->errors.len - skip);
    if (rc != CB_OK) {
        log->records.len = records;
        if (rc != CB_ELIMIT)
            return rc;
        log->not_kept += later->rows - later->not_kept;
    }
    log->not_kept += later->not_kept;
    log->rows += later->rows;
    for (unsigned c = 0; c < CB_REJECT_CODES; c++)
        log->by_code[c] += later->by_code[c];
    return CB_OK;
}
