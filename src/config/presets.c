#include "casebook/mapping.h"

#include "config/config.h"
#include "config/presets_data.h"

#include <stdlib.h>
#include <string.h>

enum { ARENA_BYTES = 64 << 20, MAX_REQUIRE = 16 };

static cb_status set_text(cb_config *config, cb_str value, cb_str *into, cb_error *err)
{
    cb_status rc = cb_config_once(config, err);
    return rc == CB_OK ? cb_config_unquote(config, value, into, err) : rc;
}

static cb_status set_role(cb_config *config, cb_str value, cb_role *into, cb_error *err)
{
    for (int r = 0; r < CB_ROLES; r++) {
        if (cb_name_eq(value, cb_str_of(cb_role_names[r]))) {
            *into = (cb_role)r;
            return cb_config_once(config, err);
        }
    }
    return cb_config_unknown(config, "role", value, cb_role_names, CB_ROLES, err);
}

/* Kept raw: each item may name alternatives parted by '|'. */
static cb_status add_require(cb_config *config, cb_str value, cb_preset *preset, cb_error *err)
{
    cb_str rest = value, item;
    if (preset->require == NULL)
        preset->require = cb_arena_array(config->arena, MAX_REQUIRE, sizeof *preset->require);
    if (preset->require == NULL)
        return cb_nomem(err, "the presets");
    while (cb_config_item(&rest, ',', &item)) {
        if (item.len == 0 || preset->requires == MAX_REQUIRE)
            return cb_config_fail(config, err, "a preset requires 1 to %d columns", MAX_REQUIRE);
        preset->require[preset->requires] = cb_arena_copy(config->arena, item);
        if (preset->require[preset->requires ++].at == NULL)
            return cb_nomem(err, "the presets");
    }
    return CB_OK;
}

static cb_status set_footer(cb_config *config, cb_str value, cb_preset *preset, cb_error *err)
{
    enum { MOST_LINES = 100 };
    int64_t lines;
    if (!cb_parse_i64(cb_str_trim(value), &lines) || lines < 1 || lines > MOST_LINES)
        return cb_config_fail(config, err, "a number of lines from 1 to %d is wanted", MOST_LINES);
    preset->footer = (unsigned)lines;
    return CB_OK;
}

static cb_status assign_preset(cb_config *config, cb_preset *preset, cb_str value, cb_error *err)
{
    static const char *const right[] = {"name", "title", "role", "require", "footer"};
    size_t k = 0;
    while (k < 5 && !cb_name_eq(config->key, cb_str_of(right[k])))
        k++;
    switch (k) {
    case 0:
        return set_text(config, value, &preset->name, err);
    case 1:
        return set_text(config, value, &preset->title, err);
    case 2:
        return set_role(config, value, &preset->role, err);
    case 3:
        return add_require(config, value, preset, err);
    case 4:
        return set_footer(config, value, preset, err);
    default:
        return cb_config_unknown(config, "key of this section", config->key, right, 5, err);
    }
}

static cb_status assign(cb_config *config, cb_str value, cb_error *err)
{
    static const char *const sections[] = {"preset",    "cases",  "reviews",
                                           "customers", "status", "kinds"};
    cb_preset *preset = config->target;
    size_t s = 0;
    while (s < 6 && !cb_name_eq(config->section, cb_str_of(sections[s])))
        s++;
    if (s == 6)
        return cb_config_unknown(config, "section of a preset", config->section, sections, 6, err);
    if (config->key.at == NULL)
        return CB_OK;
    if (s == 0)
        return assign_preset(config, preset, value, err);
    if (s == 4)
        return cb_config_pair(config, CB_FREE_STATUS, &preset->status, value, err);
    if (s == 5)
        return cb_config_pair(config, CB_FREE_KINDS, &preset->kinds, value, err);
    if (preset->role != (cb_role)(s - 1))
        return cb_config_fail(config, err, "the preset's role is %s", cb_role_names[preset->role]);
    return cb_config_role(config, preset->role, preset->setting, value, err);
}

static cb_status read_preset(cb_preset *preset, const cb_preset_text *text, cb_arena *arena,
                             const cb_alloc *alloc, cb_error *err)
{
    cb_config config = {.arena = arena, .target = preset, .source = text->name};
    preset->setting = cb_arena_get(arena, sizeof *preset->setting);
    config.names = preset->setting ? cb_config_names_new(alloc) : NULL;
    if (config.names == NULL)
        return cb_nomem(err, "the presets");
    cb_status rc = cb_config_ini(&config, (cb_str){(const char *)text->at, text->len}, assign, err);
    if (rc == CB_OK && (!cb_str_eq(preset->name, cb_str_of(text->name)) || preset->requires == 0))
        rc = cb_fail(err, CB_ECONFIG, "%s: a preset has the name of its file and requires columns",
                     text->name);
    cb_config_names_free(config.names);
    return rc;
}

static int by_name(const void *a, const void *b)
{
    return cb_str_cmp(((const cb_preset *)a)->name, ((const cb_preset *)b)->name);
}

cb_status cb_presets_new(cb_presets **out, const cb_alloc *alloc, cb_error *err)
{
    *out = NULL;
    alloc = alloc ? alloc : cb_alloc_libc();
    cb_arena *arena = cb_arena_new(alloc, ARENA_BYTES);
    cb_presets *presets = arena ? cb_arena_get(arena, sizeof *presets) : NULL;
    cb_preset *preset = presets ? cb_arena_array(arena, cb_preset_text_n, sizeof *preset) : NULL;
    cb_status rc = preset ? CB_OK : cb_nomem(err, "the presets");
    for (unsigned i = 0; rc == CB_OK && i < cb_preset_text_n; i++)
        rc = read_preset(&preset[i], &cb_preset_texts[i], arena, alloc, err);
    if (rc != CB_OK) {
        cb_arena_free(arena);
        return rc;
    }
    qsort(preset, cb_preset_text_n, sizeof *preset, by_name);
    *presets = (cb_presets){.n = cb_preset_text_n, .preset = preset, .arena = arena};
    *out = presets;
    return CB_OK;
}

void cb_presets_free(cb_presets *presets)
{
    if (presets)
        cb_arena_free(presets->arena);
}

/* The nearest name, or the first that begins so: "zendesk". */
static const char *suggest(const cb_presets *presets, cb_str name)
{
    enum { MAX_PRESETS = 256 };
    const char *names[MAX_PRESETS] = {NULL};
    size_t n = 0;
    for (; n < presets->n && n < MAX_PRESETS; n++)
        names[n] = presets->preset[n].name.at;
    size_t near = cb_nearest(name, names, n);
    for (size_t i = 0; near == SIZE_MAX && i < n && name.len; i++)
        if (!strncmp(names[i], name.at, name.len))
            near = i;
    return near == SIZE_MAX ? NULL : names[near];
}

cb_status cb_presets_find(const cb_presets *presets, cb_str name, const cb_preset **out,
                          cb_error *err)
{
    enum { SHOWN = 60 };
    for (unsigned i = 0; i < presets->n; i++) {
        if (cb_name_eq(presets->preset[i].name, name)) {
            *out = &presets->preset[i];
            return CB_OK;
        }
    }
    const char *near = suggest(presets, name);
    int shown = (int)(name.len < SHOWN ? name.len : SHOWN);
    if (near)
        return cb_fail(err, CB_ECONFIG, "there is no preset '%.*s'; did you mean '%s'?", shown,
                       name.at, near);
    return cb_fail(err, CB_ECONFIG, "there is no preset '%.*s'; 'casebook presets' lists them",
                   shown, name.at);
}
