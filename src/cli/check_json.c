#include <jansson.h>
#include <stdlib.h>

#include "check.h"

/* A value that could not be made is NULL, which jansson's setters pass on as a failure. */
static int put(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value);
}

static json_t *number(uint64_t n)
{
    return json_integer((json_int_t)n);
}

static json_t *text(cb_str s)
{
    return json_stringn(s.at ? s.at : "", s.len);
}

static json_t *date(int64_t utc_s, const cb_zone *zone)
{
    char out[32];
    cb_date_text(out, utc_s, zone);
    return out[0] ? json_string(out) : json_null();
}

static int put_span(json_t *object, const cb_dates *span, const cb_zone *zone)
{
    return put(object, "from", date(span->first_utc_s, zone)) |
           put(object, "to", date(span->last_utc_s, zone));
}

static json_t *column_json(const cb_input_facts *input, const cb_column_facts *c)
{
    json_t *o = json_object();
    const char *field = c->field < 0 ? NULL : cb_schemas[input->role].field[c->field].name;
    int bad = put(o, "column", text(c->label)) |
              put(o, "field", field ? json_string(field) : json_null()) |
              put(o, "filled", number(c->filled)) | put(o, "empty", number(c->empty)) |
              put(o, "unreadable", number(c->unreadable)) |
              put(o, "read_as", json_string(c->format));
    return bad ? (json_decref(o), NULL) : o;
}

static json_t *columns_json(const cb_input_facts *input)
{
    json_t *columns = json_array();
    int bad = 0;
    for (unsigned c = 0; c < input->columns; c++)
        bad |= json_array_append_new(columns, column_json(input, &input->column[c]));
    return bad ? (json_decref(columns), NULL) : columns;
}

/* The fields that have a column, or those that have none; an id by line has none, but is there. */
static json_t *fields_json(const cb_input_facts *input, bool mapped)
{
    const cb_schema *schema = &cb_schemas[input->role];
    json_t *fields = json_array();
    int bad = 0;
    for (unsigned f = 0; f < schema->fields; f++) {
        bool there = cb_check_field(input, f) >= 0 || schema->field[f].required;
        if (there == mapped)
            bad |= json_array_append_new(fields, json_string(schema->field[f].name));
    }
    return bad ? (json_decref(fields), NULL) : fields;
}

static json_t *rejects_json(const cb_input_facts *input)
{
    json_t *rejects = json_object();
    int bad = 0;
    for (int code = 0; code < CB_REJECT_CODES; code++)
        if (input->rejects.by_code[code] > 0)
            bad |= put(rejects, cb_reject_names[code], number(input->rejects.by_code[code]));
    return bad ? (json_decref(rejects), NULL) : rejects;
}

static json_t *input_json(const cb_check *check, unsigned ix)
{
    const cb_input_facts *input = cb_ingest_input(check->facts->ingest, ix);
    const cb_input_facts *twin = cb_ingest_input(check->facts->ingest, check->facts->twin[ix]);
    json_t *o = json_object();
    int bad = put(o, "role", json_string(cb_role_names[input->role])) |
              put(o, "file", text(input->path)) | put(o, "preset", text(input->preset)) |
              put(o, "delimiter", json_stringn(&input->delimiter, 1)) |
              put(o, "bytes", number(input->source.stored_bytes)) |
              put(o, "sha256", json_string(input->source.sha256)) |
              put(o, "same_bytes_as", twin == input ? json_null() : text(twin->path)) |
              put(o, "rows", number(input->rows)) | put(o, "accepted", number(input->accepted)) |
              put(o, "superseded", number(input->superseded)) |
              put(o, "rejected", number(input->rejected)) | put(o, "blank", number(input->blank)) |
              put_span(o, &check->facts->input[ix], check->settings->zone) |
              put(o, "rejects", rejects_json(input)) |
              put(o, "duplicate_labels", number(input->duplicate_labels)) |
              put(o, "missing_labels", number(input->missing_labels)) |
              put(o, "formula_cells", number(input->formula_cells)) |
              put(o, "contradictions", number(input->contradictions)) |
              put(o, "later_rows", number(input->later_rows)) |
              put(o, "future_cells", number(check->facts->ahead[ix])) |
        put(o, "durations_used", number(input->durations_used)) |
        put(o, "durations_apart", number(input->durations_apart)) |
              put(o, "mapped", fields_json(input, true)) |
              put(o, "missing", fields_json(input, false)) | put(o, "columns", columns_json(input));
    return bad ? (json_decref(o), NULL) : o;
}

static json_t *gaps_json(const cb_check *check, const cb_role_facts *r)
{
    json_t *gaps = json_array();
    int bad = 0;
    for (unsigned g = 0; g < r->gaps && g < CB_MAX_GAPS; g++) {
        int64_t noon_s =
            cb_zone_to_utc(check->settings->zone, r->gap[g].from_day * CB_DAY_S + CB_DAY_S / 2);
        json_t *gap = json_object();
        bad |= put(gap, "from", date(noon_s, check->settings->zone)) |
               put(gap, "days", json_integer(r->gap[g].days)) | json_array_append_new(gaps, gap);
    }
    return bad ? (json_decref(gaps), NULL) : gaps;
}

static json_t *role_json(const cb_check *check, cb_role role)
{
    const cb_role_facts *r = &check->facts->role[role];
    char newest[32];
    cb_time_text(newest, r->newest_utc_s);
    json_t *age = newest[0] ? json_integer(cb_check_age(check, role)) : json_null();
    json_t *o = json_object();
    int bad = put(o, "role", json_string(cb_role_names[role])) | put(o, "rows", number(r->rows)) |
              put_span(o, &r->span, check->settings->zone) |
              put(o, "newest_event", newest[0] ? json_string(newest) : json_null()) |
              put(o, "age_days", age) |
              put(o, "age_against", json_string(check->as_of_given ? "as_of" : "clock")) |
              put(o, "empty_days", json_integer(r->empty_days)) | put(o, "gaps", number(r->gaps)) |
              put(o, "longest_gaps", gaps_json(check, r)) |
              put(o, "superseded", number(r->superseded)) |
              put(o, "same_customer_kind_and_second", number(r->same_moment));
    return bad ? (json_decref(o), NULL) : o;
}

static json_t *idle_targets_json(const cb_check *check)
{
    json_t *targets = json_array();
    int bad = 0;
    for (unsigned t = 0; t < check->settings->targets; t++)
        if (cb_facts_idle_target(check->facts->ingest, check->settings, t))
            bad |= json_array_append_new(targets, text(check->settings->target[t].priority));
    return bad ? (json_decref(targets), NULL) : targets;
}

static json_t *document(const cb_check *check)
{
    json_t *inputs = json_array(), *roles = json_array(), *all = json_object();
    int bad = 0;
    for (unsigned i = 0; i < check->facts->inputs; i++)
        bad |= json_array_append_new(inputs, input_json(check, i));
    for (int role = 0; role < CB_ROLES; role++)
        if (check->facts->role[role].rows > 0)
            bad |= json_array_append_new(roles, role_json(check, (cb_role)role));
    bad |= put(all, "schema", json_integer(1)) |
           put(all, "ok", json_boolean(check->verdict == CB_OK)) |
           put(all, "why", check->why[0] ? json_string(check->why) : json_null()) |
           put(all, "inputs", inputs) | put(all, "roles", roles) |
           put(all, "targets_without_cases", idle_targets_json(check));
    return bad ? (json_decref(all), NULL) : all;
}

cb_status cb_check_json(const cb_check *check, cb_error *err)
{
    json_t *all = document(check);
    char *out = all ? json_dumps(all, JSON_INDENT(2) | JSON_PRESERVE_ORDER) : NULL;
    if (out)
        cb_print("%s\n", out);
    free(out);
    json_decref(all);
    return out ? CB_OK : cb_nomem(err, "the JSON document");
}
