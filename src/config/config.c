#include "config/config.h"

#include "casebook/intern.h"

#include <stdarg.h>
#include <stdio.h>

enum { MAX_NAMES = 200000 };

struct cb_config_names {
    const cb_alloc *alloc;
    cb_intern *pool; /* section, 0x1f, folded key */
    cb_config_name *name;
    size_t cap;
    unsigned source;
};

cb_config_names *cb_config_names_new(const cb_alloc *alloc)
{
    cb_config_names *names = alloc->resize(alloc->ctx, NULL, 0, sizeof *names);
    if (names == NULL)
        return NULL;
    *names =
        (cb_config_names){.alloc = alloc, .pool = cb_intern_new(alloc, MAX_NAMES), .source = 1};
    if (names->pool == NULL) {
        alloc->resize(alloc->ctx, names, sizeof *names, 0);
        return NULL;
    }
    return names;
}

void cb_config_names_free(cb_config_names *names)
{
    if (names == NULL)
        return;
    const cb_alloc *alloc = names->alloc;
    void *array = names->name;
    cb_drop(alloc, &array, &names->cap, sizeof *names->name);
    cb_intern_free(names->pool);
    alloc->resize(alloc->ctx, names, sizeof *names, 0);
}

void cb_config_names_next_source(cb_config_names *names)
{
    names->source++;
}

static cb_status grow_names(cb_config_names *names, uint32_t id, cb_error *err)
{
    void *array = names->name;
    size_t old = names->cap;
    cb_status rc = cb_grow(names->alloc, &array, &names->cap, (size_t)id + 1, sizeof *names->name,
                           (size_t)MAX_NAMES + 1);
    names->name = array;
    if (rc != CB_OK)
        return cb_nomem(err, "the configuration");
    for (size_t i = old; i < names->cap; i++)
        names->name[i] = (cb_config_name){0};
    return CB_OK;
}

cb_status cb_config_name_of(cb_config *config, cb_str key, cb_config_name **out, cb_error *err)
{
    char text[2 * CB_MAX_CONFIG_LINE + 2];
    if (key.len > CB_MAX_CONFIG_LINE)
        return cb_config_fail(config, err, "the key is longer than %d bytes", CB_MAX_CONFIG_LINE);
    size_t n = cb_name_fold(config->section, text, CB_MAX_CONFIG_LINE);
    text[n++] = '\x1f';
    size_t folded = cb_name_fold(key, text + n, CB_MAX_CONFIG_LINE);
    if (folded == 0 && key.len) { /* "-" and "?" stay apart */
        memcpy(text + n, key.at, key.len);
        folded = key.len;
    }
    uint32_t id = cb_intern_put(config->names->pool, (cb_str){text, n + folded});
    if (id == CB_NO_ID)
        return cb_intern_count(config->names->pool) > MAX_NAMES / 2
                   ? cb_config_fail(config, err, "the configuration has too many different keys")
                   : cb_nomem(err, "the configuration");
    if (id >= config->names->cap) {
        cb_status rc = grow_names(config->names, id, err);
        if (rc != CB_OK)
            return rc;
    }
    *out = &config->names->name[id];
    return CB_OK;
}

cb_status cb_config_first(cb_config *config, cb_str key, bool *first, cb_error *err)
{
    cb_config_name *name;
    cb_status rc = cb_config_name_of(config, key, &name, err);
    if (rc != CB_OK)
        return rc;
    *first = name->source != config->names->source;
    name->source = config->names->source;
    if (*first)
        name->line = config->line;
    return CB_OK;
}

cb_status cb_config_once(cb_config *config, cb_error *err)
{
    bool first;
    cb_status rc = cb_config_first(config, config->key, &first, err);
    if (rc != CB_OK || first)
        return rc;
    cb_config_name *name;
    rc = cb_config_name_of(config, config->key, &name, err);
    return rc != CB_OK
               ? rc
               : cb_config_fail(config, err,
                                "the key is given twice, first in line %u; keep one of the two",
                                name->line);
}

/* A long text is cut for the message; config text is the user's own, not a cell. */
enum { SHOWN = 60 };
static int shown(cb_str text)
{
    return (int)(text.len < SHOWN ? text.len : SHOWN);
}

cb_status cb_config_fail(const cb_config *config, cb_error *err, const char *format, ...)
{
    char why[CB_MAX_WHY], line[16] = "";
    va_list values;
    va_start(values, format);
    (void)vsnprintf(why, sizeof why, format, values);
    va_end(values);
    if (config->line)
        (void)snprintf(line, sizeof line, ":%u", config->line);
    if (config->section.len == 0)
        return cb_fail(err, CB_ECONFIG, "%s%s: %s", config->source, line, why);
    return cb_fail(err, CB_ECONFIG, "%s%s: [%.*s]%s%.*s: %s", config->source, line,
                   shown(config->section), config->section.at, config->key.len ? " " : "",
                   shown(config->key), config->key.len ? config->key.at : "", why);
}

/* "'colour' is no key; did you mean 'color'?" or, with nothing near, the whole list. */
cb_status cb_config_unknown(const cb_config *config, const char *what, cb_str given,
                            const char *const *right, size_t n, cb_error *err)
{
    size_t near = cb_nearest(given, right, n);
    if (near != SIZE_MAX)
        return cb_config_fail(config, err, "'%.*s' is no %s; did you mean '%s'?", shown(given),
                              given.at, what, right[near]);
    char list[512];
    size_t used = 0;
    list[0] = '\0';
    for (size_t i = 0; i < n && used < sizeof list; i++) {
        int wrote = snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", right[i]);
        used += wrote > 0 ? (size_t)wrote : 0;
    }
    return cb_config_fail(config, err, "'%.*s' is no %s; there are: %s%s", shown(given), given.at,
                          what, list, used >= sizeof list ? " …" : "");
}
