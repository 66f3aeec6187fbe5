/* Rejected rows: where they are kept, and what a message says of them. */
#include "rejected.h"

#include <string.h>

/* ---- the two files ---- */

static cb_status join_rows(cb_buf *content, const cb_reject_log *log, cb_error *err)
{
    cb_status rc = cb_buf_append(content, log->header.at, log->header.len);
    if (rc == CB_OK)
        rc = cb_buf_append(content, log->records.at, log->records.len);
    return rc == CB_OK ? rc : cb_nomem(err, "the rejected rows");
}

static cb_status stage_input(cb_publish *publish, const cb_reject_log *log, const char *rows,
                             const char *errors, cb_error *err)
{
    cb_buf content;
    cb_buf_init(&content, cb_alloc_libc(), SIZE_MAX / 2);
    cb_status rc = join_rows(&content, log, err);
    if (rc == CB_OK)
        rc = cb_publish_bytes(publish, rows, (cb_str){content.at, content.len}, 0600, err);
    if (rc == CB_OK)
        rc =
            cb_publish_bytes(publish, errors, (cb_str){log->errors.at, log->errors.len}, 0600, err);
    cb_buf_free(&content);
    return rc;
}

cb_status cb_rejected_stage(cb_publish *publish, const cb_ingest *ingest, bool remove_old,
                            cb_error *err)
{
    cb_status rc = CB_OK;
    for (unsigned i = 0; rc == CB_OK && i < cb_ingest_inputs(ingest); i++) {
        const cb_input_facts *input = cb_ingest_input(ingest, i);
        char rows[160], errors[160];
        snprintf(rows, sizeof rows, "rejected/" CB_STR_FMT ".csv", CB_STR_ARG(input->stem));
        snprintf(errors, sizeof errors, "rejected/" CB_STR_FMT ".errors.tsv",
                 CB_STR_ARG(input->stem));
        if (input->rejects.rows > 0) {
            rc = stage_input(publish, &input->rejects, rows, errors, err);
        } else if (remove_old) {
            cb_publish_remove(publish, rows);
            cb_publish_remove(publish, errors);
        }
    }
    return rc;
}

/* ---- the first of them ---- */

static cb_str until(cb_str *rest, char end)
{
    const char *at = memchr(rest->at, end, rest->len);
    cb_str part = {rest->at, at ? (size_t)(at - rest->at) : rest->len};
    size_t taken = part.len + (at != NULL);
    *rest = (cb_str){rest->at + taken, rest->len - taken};
    return part;
}

/* The name of the field, not of the column: what an export calls a column may be a cell where the
 * header is missing. */
static const char *field_of(const cb_input_facts *input, cb_str label)
{
    for (unsigned c = 0; c < input->columns; c++)
        if (input->column[c].field >= 0 && cb_str_eq(input->column[c].label, label))
            return cb_schemas[input->role].field[input->column[c].field].name;
    return NULL;
}

static const cb_input_facts *first_flawed(const cb_ingest *ingest, const cb_settings *settings)
{
    for (unsigned i = 0; i < cb_ingest_inputs(ingest); i++) {
        const cb_input_facts *input = cb_ingest_input(ingest, i);
        uint64_t rows = input->rows - input->blank;
        double percent = rows ? 100.0 * (double)input->rejected / (double)rows : 0;
        if (input->rejects.errors.len > 0 &&
            (input->rejected == rows || percent > settings->max_rejects_percent))
            return input;
    }
    return NULL;
}

static void tell_first(char *out, size_t cap, const cb_input_facts *input, bool alone)
{
    cb_str rest = {input->rejects.errors.at, input->rejects.errors.len};
    (void)until(&rest, '\n');
    cb_str line = until(&rest, '\t');
    const char *field = field_of(input, until(&rest, '\t'));
    cb_str code = until(&rest, '\t');
    const char *slash = strrchr(input->path.at, '/');
    snprintf(out, cap, "; the first is line " CB_STR_FMT "%s%.80s%s%s: " CB_STR_FMT,
             CB_STR_ARG(line), alone ? "" : " of ",
             alone   ? ""
             : slash ? slash + 1
                     : input->path.at,
             field ? ", field " : "", field ? field : "", CB_STR_ARG(code));
}

/* Puts more behind the sentence; where there is no room for both, the sentence is cut. */
static void add_to_sentence(cb_error *err, const char *more)
{
    size_t room = sizeof err->why - 1, n = strlen(err->why), wanted = strlen(more);
    if (n + wanted > room) {
        n = room - wanted;
        while (n > 0 && ((unsigned char)err->why[n] & 0xC0) == 0x80)
            n--;
    }
    memcpy(err->why + n, more, wanted + 1);
}

bool cb_rejected_tell(const cb_ingest *ingest, const cb_settings *settings, cb_error *err)
{
    const cb_input_facts *input = first_flawed(ingest, settings);
    char more[256];
    if (!input)
        return false;
    tell_first(more, sizeof more, input, cb_ingest_inputs(ingest) == 1);
    add_to_sentence(err, more);
    return true;
}

cb_status cb_rejected_keep(cb_publish **publish, const cb_ingest *ingest, const char *out,
                           cb_error *err)
{
    cb_error own = {0};
    char more[CB_MAX_WHY / 2];
    cb_status rc = cb_rejected_stage(*publish, ingest, false, &own);
    if (rc == CB_OK) {
        cb_publish *whole = *publish;
        *publish = NULL;
        rc = cb_publish_commit(whole, &own);
    }
    if (rc == CB_EINT || rc == CB_ETERM) {
        *err = own;
        return rc;
    }
    snprintf(more, sizeof more,
             rc == CB_OK ? "; the rows are in %s/rejected, reasons beside them"
                         : "; the rows could not be kept: %s",
             rc == CB_OK ? out : own.why);
    add_to_sentence(err, more);
    return err->status;
}
