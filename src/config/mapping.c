#include "casebook/mapping.h"

#include "config/header.h"

const char *const cb_map_reason_names[CB_MAP_REASONS] = {"not in the header", "config", "name",
                                                         "preset", "alias"};

typedef struct builder {
    cb_mapping *mapping;
    const cb_header *header;
    const cb_role_setting *config;
    cb_arena *arena;
    cb_error *err;
} builder;

static uint64_t bit(unsigned field)
{
    return UINT64_C(1) << field;
}

static cb_str own_name(cb_role role, unsigned field)
{
    return cb_str_of(cb_schemas[role].field[field].name);
}

/* --- one field --- */

static void take(builder *b, unsigned field, int column, cb_map_reason reason, unsigned equals)
{
    cb_field_source *source = &b->mapping->field[field];
    source->column = column;
    source->reason = reason;
    if (column == CB_COLUMN_NONE)
        return;
    b->mapping->fields |= bit(field);
    if (equals > 1 && cb_schemas[b->mapping->role].field[field].required)
        b->mapping->ambiguous |= bit(field);
}

/* True: the config speaks of this field, whether the column is there or not. */
static bool take_configured(builder *b, unsigned field)
{
    unsigned equals;
    cb_str raw = b->config->field[field].column;
    if (raw.len == 0)
        return false;
    int column = cb_header_choose(b->header, raw, &equals);
    if (column == CB_COLUMN_ABSENT)
        b->mapping->config_absent |= bit(field);
    else
        take(b, field, column, CB_MAP_CONFIG, equals);
    return true;
}

/* Exactly spelled, opened_at is casebook's own; "status" is anyone's word. */
static bool take_named(builder *b, unsigned field, bool exactly)
{
    unsigned equals;
    cb_str name = own_name(b->mapping->role, field);
    int column = cb_header_find(b->header, name, &equals);
    if (column < 0 ||
        (exactly && (!memchr(name.at, '_', name.len) || !cb_str_eq(b->header->name[column], name))))
        return false;
    take(b, field, column, CB_MAP_NAME, cb_header_alike(b->header, name));
    return true;
}

static bool take_preset(builder *b, unsigned field)
{
    unsigned equals;
    cb_str raw =
        b->mapping->preset ? b->mapping->preset->setting->field[field].column : (cb_str){NULL, 0};
    int column = raw.len ? cb_header_choose(b->header, raw, &equals) : CB_COLUMN_ABSENT;
    if (column == CB_COLUMN_ABSENT)
        return false;
    take(b, field, column, CB_MAP_PRESET, equals);
    return true;
}

static bool in_use(const cb_mapping *mapping, int column)
{
    for (unsigned f = 0; f < cb_schemas[mapping->role].fields; f++)
        if (mapping->field[f].column == column)
            return true;
    return false;
}

static void take_alias(builder *b, unsigned field)
{
    const char *at = NULL;
    cb_str alias;
    unsigned equals;
    while (cb_alias_next(b->mapping->role, field, &at, &alias)) {
        int column = cb_header_find(b->header, alias, &equals);
        if (column >= 0 && !in_use(b->mapping, column)) {
            take(b, field, column, CB_MAP_ALIAS, equals);
            return;
        }
    }
}

static void take_fields(builder *b)
{
    unsigned n = cb_schemas[b->mapping->role].fields;
    uint64_t settled = 0;
    for (unsigned f = 0; f < n; f++)
        b->mapping->field[f].column = CB_COLUMN_NONE;
    for (unsigned f = 0; f < n; f++)
        if (take_configured(b, f) || take_named(b, f, true) || take_preset(b, f) ||
            take_named(b, f, false))
            settled |= bit(f);
    for (unsigned f = 0; f < n; f++)
        if (!(settled & bit(f)))
            take_alias(b, f);
}

static bool is_a_field(cb_str name)
{
    for (int role = 0; role < CB_ROLES; role++)
        if (cb_field_find((cb_role)role, name) >= 0)
            return true;
    return false;
}

static cb_status find_hints(builder *b)
{
    cb_mapping *m = b->mapping;
    const char **hint = cb_arena_array(b->arena, m->columns, sizeof *hint);
    if (hint == NULL)
        return cb_nomem(b->err, "the mapping");
    for (unsigned c = 0; c < m->columns; c++)
        hint[c] = in_use(m, (int)c) || is_a_field(m->header[c]) ? "" : m->label[c];
    m->hint = hint;
    return CB_OK;
}

static void count_fields(cb_mapping *mapping)
{
    const cb_schema *schema = &cb_schemas[mapping->role];
    for (unsigned f = 0; f < schema->fields; f++) {
        bool found = mapping->fields & bit(f);
        if (schema->field[f].required) {
            mapping->required_found += found;
            mapping->required_absent |= found ? 0 : bit(f);
        } else {
            mapping->optional_found += found;
        }
    }
}

/* --- how a field is read: the config's part, else the preset's --- */

static void merge_words(cb_str *word, unsigned *n, const cb_str *from, unsigned from_n)
{
    for (; *n < from_n; ++*n)
        word[*n] = from[*n];
}

static void merge(cb_field_setting *how, const cb_field_setting *preset)
{
    cb_str *const into[] = {&how->column, &how->format, &how->decimal, &how->zone,
                            &how->scale,  &how->unit,   &how->clock};
    const cb_str from[] = {preset->column, preset->format, preset->decimal, preset->zone,
                           preset->scale,  preset->unit,   preset->clock};
    for (size_t i = 0; i < sizeof from / sizeof *from; i++)
        if (into[i]->len == 0)
            *into[i] = from[i];
    if (how->true_words == 0)
        merge_words(how->true_word, &how->true_words, preset->true_word, preset->true_words);
    if (how->false_words == 0)
        merge_words(how->false_word, &how->false_words, preset->false_word, preset->false_words);
    if (how->null_words == 0)
        merge_words(how->null_word, &how->null_words, preset->null_word, preset->null_words);
}

/* A date and its time of day in two columns. The preset's may be missing, the config's may not. */
static void take_clock(builder *b, unsigned field)
{
    unsigned equals;
    cb_field_source *source = &b->mapping->field[field];
    source->clock = source->how->clock.len && source->column >= 0
                        ? cb_header_find(b->header, source->how->clock, &equals)
                        : CB_COLUMN_NONE;
    if (b->config->field[field].clock.len && source->clock < 0)
        b->mapping->config_absent |= bit(field);
}

static cb_status take_settings(builder *b)
{
    const cb_preset *preset = b->mapping->preset;
    unsigned n = cb_schemas[b->mapping->role].fields;
    const cb_field_setting *how = b->config->field;
    if (preset) {
        cb_field_setting *merged = cb_arena_array(b->arena, n, sizeof *merged);
        if (merged == NULL)
            return cb_nomem(b->err, "the mapping");
        for (unsigned f = 0; f < n; f++) {
            merged[f] = b->config->field[f];
            merge(&merged[f], &preset->setting->field[f]);
        }
        how = merged;
    }
    for (unsigned f = 0; f < n; f++) {
        b->mapping->field[f].how = &how[f];
        take_clock(b, f);
    }
    cb_mapping *m = b->mapping;
    m->encoding =
        b->config->encoding.len || !preset ? b->config->encoding : preset->setting->encoding;
    m->delimiter =
        b->config->delimiter.len || !preset ? b->config->delimiter : preset->setting->delimiter;
    return CB_OK;
}

/* The config's words stand before the preset's: the first that fits counts. */
static cb_status join_words(builder *b, const cb_pairs *config, const cb_pairs *preset,
                            cb_pairs *out)
{
    *out = *config;
    if (preset == NULL || preset->n == 0)
        return CB_OK;
    cb_pair *pair = cb_arena_array(b->arena, (size_t)config->n + preset->n, sizeof *pair);
    if (pair == NULL)
        return cb_nomem(b->err, "the mapping");
    for (unsigned i = 0; i < config->n; i++)
        pair[i] = config->pair[i];
    for (unsigned i = 0; i < preset->n; i++)
        pair[config->n + i] = preset->pair[i];
    *out = (cb_pairs){config->n + preset->n, pair};
    return CB_OK;
}

/* --- the whole under one role and preset --- */

static cb_status build(cb_mapping **out, const cb_mapping_request *request, cb_role role,
                       const cb_preset *preset, const cb_header *header, cb_error *err)
{
    cb_mapping *mapping = cb_arena_get(header->arena, sizeof *mapping);
    if (mapping == NULL)
        return cb_nomem(err, "the mapping");
    *mapping = (cb_mapping){.role = role,
                            .preset = preset,
                            .columns = header->n,
                            .header = header->name,
                            .label = header->label};
    builder b = {mapping, header, &request->settings->role[role], header->arena, err};
    take_fields(&b);
    count_fields(mapping);
    cb_status rc = mapping->required_absent ? find_hints(&b) : CB_OK;
    if (rc == CB_OK)
        rc = take_settings(&b);
    if (rc == CB_OK)
        rc = join_words(&b, &request->settings->status, preset ? &preset->status : NULL,
                        &mapping->status);
    if (rc == CB_OK)
        rc = join_words(&b, &request->settings->kinds, preset ? &preset->kinds : NULL,
                        &mapping->kinds);
    if (rc == CB_OK)
        rc = cb_header_notes(header, mapping, &mapping->note, &mapping->notes, err);
    *out = mapping;
    return rc;
}

static bool fits(const cb_preset *preset, const cb_header *header)
{
    unsigned equals;
    for (unsigned i = 0; i < preset->requires; i++)
        if (cb_header_choose(header, preset->require[i], &equals) < 0)
            return false;
    return true;
}

static unsigned columns_found(const cb_preset *preset, const cb_header *header)
{
    unsigned n = 0, equals;
    for (unsigned f = 0; f < cb_schemas[preset->role].fields; f++) {
        cb_str raw = preset->setting->field[f].column;
        n += raw.len && cb_header_choose(header, raw, &equals) >= 0;
    }
    return n;
}

static const cb_preset *recognise(const cb_presets *presets, cb_role role, const cb_header *header)
{
    const cb_preset *best = NULL;
    for (unsigned i = 0; i < presets->n; i++) {
        const cb_preset *preset = &presets->preset[i];
        if (preset->role != role || !fits(preset, header))
            continue;
        if (best == NULL || preset->requires > best->requires ||
            (preset->requires == best->requires &&
             columns_found(preset, header) > columns_found(best, header)))
            best = preset;
    }
    return best;
}

static cb_status map_role(cb_mapping **out, const cb_mapping_request *request, cb_role role,
                          const cb_header *header, cb_error *err)
{
    const cb_preset *preset = NULL;
    cb_str forced = request->preset.len ? request->preset : request->settings->role[role].preset;
    cb_status rc = forced.len ? cb_presets_find(request->presets, forced, &preset, err) : CB_OK;
    if (rc != CB_OK)
        return rc;
    if (preset && preset->role != role)
        return cb_fail(err, CB_ECONFIG, "%s: the preset " CB_STR_FMT " is for %s, not for %s",
                       request->file, CB_STR_ARG(preset->name), cb_role_names[preset->role],
                       cb_role_names[role]);
    return build(out, request, role, preset ? preset : recognise(request->presets, role, header),
                 header, err);
}

/* Role not said: a recognised layout says it, else the role whose fields are found. */
static cb_status find_role(cb_mapping **out, const cb_mapping_request *request,
                           const cb_header *header, cb_error *err)
{
    const cb_preset *forced = NULL;
    cb_status rc = request->preset.len
                       ? cb_presets_find(request->presets, request->preset, &forced, err)
                       : CB_OK;
    if (rc != CB_OK || forced)
        return rc == CB_OK ? map_role(out, request, forced->role, header, err) : rc;
    *out = NULL;
    for (int role = 0; rc == CB_OK && role < CB_ROLES; role++) {
        cb_mapping *mapping;
        rc = map_role(&mapping, request, (cb_role)role, header, err);
        if (rc != CB_OK)
            break;
        bool more_known = *out && (mapping->preset != NULL) > ((*out)->preset != NULL);
        bool less_known = *out && (mapping->preset != NULL) < ((*out)->preset != NULL);
        if (*out == NULL || more_known || (!less_known && cb_mapping_better(mapping, *out)))
            *out = mapping;
    }
    return rc;
}

cb_status cb_mapping_new(cb_mapping **out, const cb_mapping_request *request, const cb_str *header,
                         size_t columns, cb_arena *arena, cb_error *err)
{
    cb_header *names;
    *out = NULL;
    cb_status rc = cb_header_new(&names, header, columns, arena, err);
    if (rc != CB_OK)
        return rc;
    return request->role == CB_ROLES ? find_role(out, request, names, err)
                                     : map_role(out, request, request->role, names, err);
}

bool cb_mapping_better(const cb_mapping *a, const cb_mapping *b)
{
    bool a_whole = a->required_absent == 0, b_whole = b->required_absent == 0;
    if (a_whole != b_whole)
        return a_whole;
    if (a->required_found != b->required_found)
        return a->required_found > b->required_found;
    if (a->optional_found != b->optional_found)
        return a->optional_found > b->optional_found;
    return (a->preset != NULL) > (b->preset != NULL);
}
