/* The JSON summary of contract.md: keys are stable, numbers are numbers, null has a sibling
 * "<key>_reason". */
#include "summary.h"

#include <stdlib.h>
#include <string.h>

#include "casebook/twin.h"

static void put_period(cb_doc *doc, json_t *in, const char *key, const cb_period *period)
{
    json_t *object = cb_doc_object(doc, in, key);
    cb_doc_text(doc, object, "label", cb_str_of(period->label));
    cb_doc_time(doc, object, "from", period->from_utc_s);
    cb_doc_time(doc, object, "to", period->to_utc_s);
}

typedef struct config_see {
    cb_doc *doc;
    json_t *in;
} config_see;

static void see_setting(void *ctx, const char *section, cb_str key, cb_str value)
{
    config_see *see = ctx;
    json_t *object = json_object_get(see->in, section);
    if (!object)
        object = cb_doc_object(see->doc, see->in, section);
    char name[512];
    size_t len = key.len < sizeof name - 1 ? key.len : sizeof name - 1;
    memcpy(name, key.at, len);
    name[len] = '\0';
    cb_doc_text(see->doc, object, name, value);
}

static void put_unknown_cells(cb_doc *doc, json_t *in, const cb_input_facts *input)
{
    json_t *object = cb_doc_object(doc, in, "unknown_cells");
    for (unsigned c = 0; c < input->columns; c++) {
        const cb_column_facts *column = &input->column[c];
        if (column->field >= 0 && column->unreadable > 0)
            cb_doc_count(doc, object, cb_schemas[input->role].field[column->field].name,
                         column->unreadable);
    }
}

static void put_input(cb_doc *doc, json_t *array, const cb_input_facts *input)
{
    json_t *in = cb_doc_item(doc, array);
    cb_doc_text(doc, in, "role", cb_str_of(cb_role_names[input->role]));
    cb_doc_text(doc, in, "file", cb_str_base_name(input->path));
    cb_doc_text(doc, in, "preset", input->preset);
    cb_doc_count(doc, in, "bytes", input->source.stored_bytes);
    cb_doc_text(doc, in, "sha256", cb_str_of(input->source.sha256));
    cb_doc_count(doc, in, "rows", input->rows);
    cb_doc_count(doc, in, "accepted", input->accepted);
    cb_doc_count(doc, in, "superseded", input->superseded);
    cb_doc_count(doc, in, "rejected", input->rejected);
    cb_doc_count(doc, in, "blank", input->blank);
    cb_doc_count(doc, in, "durations_used", input->durations_used);
    cb_doc_count(doc, in, "durations_apart", input->durations_apart);
    json_t *rejects = cb_doc_object(doc, in, "rejects");
    for (int code = 0; code < CB_REJECT_CODES; code++)
        if (input->rejects.by_code[code] > 0)
            cb_doc_count(doc, rejects, cb_reject_names[code], input->rejects.by_code[code]);
    put_unknown_cells(doc, in, input);
}

static void put_head(cb_doc *doc, json_t *root, const cb_report *report)
{
    const cb_book *book = report->scope->book;
    cb_doc_count(doc, root, "schema", 1);
    cb_doc_text(doc, root, "version", cb_str_of(CB_VERSION));
    cb_doc_text(doc, root, "report", cb_str_of(cb_report_names[report->kind]));
    cb_doc_text(doc, root, "run_id", cb_str_of(report->run_id));
    cb_doc_time(doc, root, "as_of", book->as_of_utc_s);
    put_period(doc, root, "period", &report->scope->window[CB_NOW].period);
    put_period(doc, root, "previous_period", &report->scope->window[CB_BEFORE].period);
    put_period(doc, root, "year_before_period", &report->scope->window[CB_YEAR_BEFORE].period);
    cb_doc_text(doc, root, "currency", cb_str_of(report->settings->currency));
    config_see see = {doc, cb_doc_object(doc, root, "config")};
    cb_settings_each(report->settings, see_setting, &see);
    json_t *inputs = cb_doc_array(doc, root, "inputs");
    for (unsigned i = 0; i < cb_ingest_inputs(report->ingest); i++)
        put_input(doc, inputs, cb_ingest_input(report->ingest, i));
}

static void put_checks(cb_doc *doc, json_t *root, const cb_report *report,
                       const cb_workbook *workbook)
{
    json_t *array = cb_doc_array(doc, root, "checks");
    cb_check checks[CB_MAX_CHECKS];
    unsigned n = cb_checks_of(report, checks);
    (void)workbook;
    for (unsigned i = 0; i < n; i++) {
        json_t *item = cb_doc_item(doc, array);
        cb_doc_text(doc, item, "name", cb_str_of(checks[i].name));
        cb_doc_set(doc, item, "ok", json_boolean(checks[i].difference == 0));
        cb_doc_set(doc, item, "difference", json_integer(checks[i].difference));
    }
}

static int append(const char *bytes, size_t n, void *out)
{
    return cb_buf_append(out, bytes, n) == CB_OK ? 0 : -1;
}

static cb_status append_twin(const cb_workbook *workbook, const cb_workers *workers, cb_buf *out,
                             const cb_taker *to, cb_error *err)
{
    if (cb_buf_text(out, ",\n \"sheets\": ") != CB_OK)
        return cb_nomem(err, "the JSON summary");
    cb_status rc = cb_twin_write(workbook, workers, 1, out, to, err);
    if (rc == CB_OK && cb_buf_text(out, "\n}\n") != CB_OK)
        rc = cb_nomem(err, "the JSON summary");
    return rc == CB_OK ? to->take(to->ctx, (cb_str){out->at, out->len}, err) : rc;
}

/* The twin of the sheets is the last key of the document: it goes before the end of what jansson
 * writes. The tree is gone before the twin is made. */
static cb_status write_document(json_t *root, const cb_workbook *workbook,
                                const cb_workers *workers, const cb_taker *to, cb_error *err)
{
    const size_t flags = JSON_INDENT(1) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(15);
    cb_status rc = CB_OK;
    cb_buf out;
    cb_buf_init(&out, cb_alloc_libc(), (size_t)1 << 31);
    if (json_dump_callback(root, append, &out, flags) != 0)
        rc = cb_nomem(err, "the JSON summary");
    json_decref(root);
    if (rc == CB_OK) {
        out.len -= strlen("\n}");
        rc = append_twin(workbook, workers, &out, to, err);
    }
    cb_buf_free(&out);
    return rc;
}

cb_status cb_report_json(const cb_report *report, const cb_workbook *workbook, const cb_taker *to,
                         cb_error *err)
{
    cb_doc doc = {.digits = report->settings->currency_digits};
    json_t *root = cb_doc_object(&doc, NULL, NULL);
    put_head(&doc, root, report);
    cb_summary_resolution(&doc, root, report);
    cb_summary_remedy(&doc, root, report);
    cb_summary_churn(&doc, root, report);
    cb_summary_recurrence(&doc, root, report);
    cb_summary_practice(&doc, root, report);
    put_checks(&doc, root, report, workbook);
    if (!doc.failed)
        return write_document(root, workbook, &report->scope->workers, to, err);
    json_decref(root);
    return cb_nomem(err, "the JSON summary");
}
