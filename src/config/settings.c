#include "casebook/settings.h"

#include "config/config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { ARENA_BYTES = 256 << 20 };

static const char built_in[] = "[phrases]\n"
                               "policy = policy\n"
                               "refusal = \"no, i cannot\"\n"
                               "offer = here is what i can do\n";

/* The table's first values go through the same door as a file's, so that a default that breaks its
 * own rule shows. */
static cb_status set_defaults(cb_settings *settings, cb_error *err)
{
    cb_config config = {.arena = settings->arena,
                        .names = settings->names,
                        .settings = settings,
                        .source = "built-in"};
    cb_status rc = CB_OK;
    for (size_t k = 0; rc == CB_OK && k < cb_keys; k++) {
        config.section = cb_str_of(cb_key_table[k].section);
        config.key = cb_str_of(cb_key_table[k].key);
        rc = cb_config_settings(&config, cb_str_of(cb_key_table[k].initial), err);
    }
    for (int a = 0; a < CB_ASSUMPTIONS; a++)
        settings->assumption[a] = cb_assumption_table[a].initial;
    for (unsigned day = 0; day < 5; day++) {
        settings->week.day[day].n = 1;
        settings->week.day[day].shift[0] = (cb_shift){9 * CB_HOUR_S, 17 * CB_HOUR_S};
    }
    settings->quantile_confidence = 0.95;
    settings->draws = 20000;
    settings->seed = 20260101;
    settings->currency_digits = 2;
    return rc == CB_OK ? cb_settings_text(settings, cb_str_of(built_in), "built-in", err) : rc;
}

cb_status cb_settings_new(cb_settings **out, const cb_alloc *alloc, cb_error *err)
{
    *out = NULL;
    alloc = alloc ? alloc : cb_alloc_libc();
    cb_arena *arena = cb_arena_new(alloc, ARENA_BYTES);
    cb_settings *settings = arena ? cb_arena_get(arena, sizeof *settings) : NULL;
    if (settings == NULL) {
        cb_arena_free(arena);
        return cb_nomem(err, "the configuration");
    }
    settings->arena = arena;
    settings->alloc = alloc;
    settings->names = cb_config_names_new(alloc);
    cb_status rc =
        settings->names ? set_defaults(settings, err) : cb_nomem(err, "the configuration");
    if (rc != CB_OK) {
        cb_settings_free(settings);
        return rc;
    }
    *out = settings;
    return CB_OK;
}

void cb_settings_free(cb_settings *settings)
{
    if (settings == NULL)
        return;
    cb_zone_free(settings->zone);
    cb_config_names_free(settings->names);
    cb_arena_free(settings->arena);
}

cb_status cb_settings_text(cb_settings *settings, cb_str ini, const char *name, cb_error *err)
{
    cb_config config = {
        .arena = settings->arena, .names = settings->names, .settings = settings, .source = name};
    cb_config_names_next_source(settings->names);
    return cb_config_ini(&config, ini, cb_config_settings, err);
}

static cb_status read_all(FILE *file, const char *path, cb_buf *text, cb_error *err)
{
    enum { STEP = 8192 };
    for (;;) {
        cb_status rc = cb_buf_reserve(text, STEP);
        if (rc == CB_ELIMIT)
            return cb_fail(err, CB_ECONFIG, "%s: a config file has at most %d bytes", path,
                           CB_MAX_CONFIG_BYTES);
        if (rc != CB_OK)
            return cb_nomem(err, "the config file");
        size_t got = fread(text->at + text->len, 1, STEP, file);
        text->len += got;
        if (ferror(file))
            return cb_fail(err, CB_ECONFIG, "%s: cannot read the config file: %s", path,
                           strerror(errno));
        if (got < STEP)
            return CB_OK;
    }
}

cb_status cb_settings_file(cb_settings *settings, const char *path, cb_error *err)
{
    enum { SLACK = 8192 };
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return cb_fail(err, CB_ECONFIG, "%s: cannot open the config file: %s", path,
                       strerror(errno));
    cb_buf text;
    cb_buf_init(&text, settings->alloc, CB_MAX_CONFIG_BYTES + SLACK);
    cb_status rc = read_all(file, path, &text, err);
    if (rc == CB_OK)
        rc = cb_settings_text(settings, (cb_str){text.at, text.len}, path, err);
    cb_buf_free(&text);
    (void)fclose(file); /* only read from */
    return rc;
}

cb_status cb_settings_set(cb_settings *settings, cb_str assignment, cb_error *err)
{
    cb_config config = {.arena = settings->arena,
                        .names = settings->names,
                        .settings = settings,
                        .source = "--set"};
    size_t from = 0;
    const char *dot = assignment.len ? memchr(assignment.at, '.', assignment.len) : NULL;
    if (dot && dot + 1 < assignment.at + assignment.len && dot[1] == '"') {
        cb_str behind = {dot + 2, assignment.len - (size_t)(dot + 2 - assignment.at)};
        const char *close = behind.len ? memchr(behind.at, '"', behind.len) : NULL;
        from = close ? (size_t)(close - assignment.at) : assignment.len;
    }
    const char *equals =
        assignment.len > from ? memchr(assignment.at + from, '=', assignment.len - from) : NULL;
    if (dot == NULL || equals == NULL || equals < dot)
        return cb_fail(err, CB_EUSAGE,
                       "--set takes section.key=value, e.g. --set report.currency=EUR");
    config.section = cb_str_trim((cb_str){assignment.at, (size_t)(dot - assignment.at)});
    config.key = cb_str_trim((cb_str){dot + 1, (size_t)(equals - dot - 1)});
    cb_str value = {equals + 1, assignment.len - (size_t)(equals + 1 - assignment.at)};
    cb_config_names_next_source(settings->names);
    return cb_config_settings(&config, value, err);
}

/* Options of the command line have names of their own in the environment; the cli reads them. */
static bool is_option(cb_str name)
{
    static const char *const options[] = {"CONFIG", "AS_OF",   "PERIOD",       "OUT",
                                          "FORMAT", "THREADS", "MAX_REJECTS",  "PROGRESS",
                                          "QUIET",  "VERBOSE", "PSEUDONYMISE", "PRESET"};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (cb_str_eq(name, cb_str_of(options[i])))
            return true;
    return false;
}

static cb_status set_variable(cb_settings *settings, const char *variable, cb_error *err)
{
    enum { PREFIX = 9 };
    const char *equals = strchr(variable, '=');
    if (strncmp(variable, "CASEBOOK_", PREFIX) != 0 || equals == NULL || equals < variable + PREFIX)
        return CB_OK;
    cb_str name = {variable + PREFIX, (size_t)(equals - variable) - PREFIX};
    if (is_option(name))
        return CB_OK;
    const char *line = name.len ? memchr(name.at, '_', name.len) : NULL;
    cb_config config = {.arena = settings->arena, .names = settings->names, .settings = settings};
    config.source =
        cb_arena_copy(settings->arena, (cb_str){variable, (size_t)(equals - variable)}).at;
    if (config.source == NULL)
        return cb_nomem(err, "the configuration");
    config.section = (cb_str){name.at, line ? (size_t)(line - name.at) : name.len};
    config.key =
        line ? (cb_str){line + 1, name.len - config.section.len - 1} : (cb_str){name.at, 0};
    if (!line || config.key.len == 0)
        return cb_fail(err, CB_ECONFIG,
                       "environment variable %s names no section.key; a setting is "
                       "CASEBOOK_SECTION_KEY, as in CASEBOOK_REPORT_CURRENCY",
                       config.source);
    cb_config_names_next_source(settings->names);
    return cb_config_settings(&config, cb_str_of(equals + 1), err);
}

cb_status cb_settings_environment(cb_settings *settings, char *const *environment, cb_error *err)
{
    cb_status rc = CB_OK;
    for (char *const *variable = environment; rc == CB_OK && variable && *variable; variable++)
        rc = set_variable(settings, *variable, err);
    return rc;
}
