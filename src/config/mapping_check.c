#include "config/header.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { NEAR = 3 };

/* A sentence that grows; what does not fit any more is left out. */
typedef struct sentence {
    char text[CB_MAX_WHY];
    size_t n;
} sentence;

static void say(sentence *s, const char *format, ...) CB_PRINTF(2, 3);
static void say(sentence *s, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    int wrote = s->n < sizeof s->text
                    ? vsnprintf(s->text + s->n, sizeof s->text - s->n, format, values)
                    : 0;
    va_end(values);
    s->n += wrote > 0 ? (size_t)wrote : 0;
}

static void say_near(sentence *s, const cb_mapping *mapping, cb_str wanted, int field,
                     unsigned *first)
{
    unsigned column[NEAR], n = 0;
    *first = UINT32_MAX;
    if (cb_header_is_data(mapping))
        return;
    n = cb_nearest_labels(mapping, wanted, field, column, NEAR);
    *first = n ? column[0] : UINT32_MAX;
    for (unsigned i = 0; i < n; i++)
        say(s, "%s'%.60s'",
            i       ? ", "
            : n > 1 ? "; the nearest are "
                    : "; the nearest is ",
            mapping->label[column[i]]);
    if (n == 0)
        say(s, "; none of its %u names is near", mapping->columns);
}

static cb_status say_absent(const cb_mapping *mapping, const cb_mapping_request *request,
                            unsigned f, cb_error *err)
{
    sentence s = {.n = 0};
    unsigned near;
    const char *field = cb_schemas[mapping->role].field[f].name;
    const cb_field_setting *config = &request->settings->role[mapping->role].field[f];
    cb_str raw = mapping->fields >> f & 1 ? config->clock : config->column;
    say(&s, "%s: [%s] %s names the column %.*s, which the header does not have", request->file,
        cb_role_names[mapping->role], field, (int)(raw.len < 100 ? raw.len : 100), raw.at);
    if (cb_header_is_data(mapping))
        say(&s, ": its first row does not look like a header");
    say_near(&s, mapping, raw, -1, &near);
    return cb_fail(err, CB_ECONFIG, "%s", s.text);
}

static cb_status say_ambiguous(const cb_mapping *mapping, const cb_mapping_request *request,
                               unsigned f, cb_error *err)
{
    const char *field = cb_schemas[mapping->role].field[f].name;
    const char *role = cb_role_names[mapping->role];
    int column = mapping->field[f].column;
    return cb_fail(err, CB_EDATA,
                   "%s: more than one column is named '%.60s' (case, spaces and '_' do not count), "
                   "and %s needs one of them "
                   "(duplicate-label). Write in the config which:\n[%s]\n%s = (column %d)",
                   request->file, mapping->label[column], field, role, field, column + 1);
}

static cb_status say_missing(const cb_mapping *mapping, const cb_mapping_request *request,
                             cb_error *err)
{
    const cb_schema *schema = &cb_schemas[mapping->role];
    unsigned near[CB_MAX_FIELDS_OF_ROLE];
    sentence s = {.n = 0};
    bool data = cb_header_is_data(mapping), more = false;
    say(&s, "%s: %s no column for ", request->file,
        data ? "its first row does not look like a header, and has" : "the header has");
    for (unsigned f = 0; f < schema->fields; f++) {
        if (!(mapping->required_absent >> f & 1))
            continue;
        say(&s, "%s%s (%s)", more ? "; nor for " : "", schema->field[f].name,
            schema->field[f].meaning);
        say_near(&s, mapping, cb_str_of(schema->field[f].name), (int)f, &near[f]);
        more = true;
    }
    say(&s, ". Every row of %s needs it. %s write in the config:\n[%s]",
        cb_role_names[mapping->role],
        data ? "Put a row of names in front; if it is one," : "Is the first row a header? Then",
        cb_role_names[mapping->role]);
    for (unsigned f = 0; f < schema->fields; f++)
        if (mapping->required_absent >> f & 1)
            say(&s, "\n%s = %.60s", schema->field[f].name,
                near[f] == UINT32_MAX ? "name of the column" : mapping->label[near[f]]);
    if (mapping->required_absent & 1)
        say(&s, "\nAn export without ids: %s = (line)", schema->field[0].name);
    return cb_fail(err, CB_EDATA, "%s", s.text);
}

cb_status cb_mapping_check(const cb_mapping *mapping, const cb_mapping_request *request,
                           cb_error *err)
{
    for (unsigned f = 0; f < cb_schemas[mapping->role].fields; f++)
        if (mapping->config_absent >> f & 1)
            return say_absent(mapping, request, f, err);
    if (mapping->required_absent)
        return say_missing(mapping, request, err);
    for (unsigned f = 0; f < cb_schemas[mapping->role].fields; f++)
        if (mapping->ambiguous >> f & 1)
            return say_ambiguous(mapping, request, f, err);
    return CB_OK;
}
