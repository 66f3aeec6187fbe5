#include "options.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static void *member(cb_options *options, size_t at)
{
    return (char *)options + at;
}

static const cb_option *find_option(cb_str name)
{
    for (size_t i = 0; i < cb_option_rows; i++)
        if (cb_str_eq(name, cb_str_of(cb_option_table[i].name)))
            return &cb_option_table[i];
    return NULL;
}

enum { MOST_OPTIONS = 64 };

/* "-o": the options that begin so. */
static cb_status unknown_letter(cb_str name, cb_error *err)
{
    const char *begin[MOST_OPTIONS] = {0};
    size_t n = 0;
    char list[256];
    for (size_t i = 0; i < cb_option_rows && n < MOST_OPTIONS; i++)
        if (strncmp(cb_option_table[i].name, "--", 2) == 0 &&
            cb_option_table[i].name[2] == name.at[1])
            begin[n++] = cb_option_table[i].name;
    cb_list_or(list, sizeof list, begin, n);
    return cb_fail(err, CB_EUSAGE, "unknown option " CB_STR_FMT "%s%s%s", CB_STR_ARG(name),
                   n ? "; did you mean " : "", list,
                   n ? "?" : "; `casebook help` lists the options");
}

static cb_status unknown_option(cb_str name, cb_error *err)
{
    if (name.len == 2)
        return unknown_letter(name, err);
    const char *names[MOST_OPTIONS];
    size_t n = 0;
    for (size_t i = 0; i < cb_option_rows && n < MOST_OPTIONS; i++)
        names[n++] = cb_option_table[i].name;
    size_t near = cb_nearest(name, names, n);
    if (near == SIZE_MAX)
        return cb_fail(err, CB_EUSAGE,
                       "unknown option " CB_STR_FMT "; `casebook help` lists the options",
                       CB_STR_ARG(name));
    return cb_fail(err, CB_EUSAGE, "unknown option " CB_STR_FMT "; did you mean %s?",
                   CB_STR_ARG(name), names[near]);
}

/* "unknown format 'xslx'; did you mean xlsx?", or with nothing near what there is. */
static cb_status unknown_word(const char *what, cb_str given, const char *const *right, size_t n,
                              const char *list, cb_error *err)
{
    size_t near = cb_nearest(given, right, n);
    if (near != SIZE_MAX)
        return cb_fail(err, CB_EUSAGE, "%s '" CB_STR_FMT "'; did you mean %s?", what,
                       CB_STR_ARG(given), right[near]);
    return cb_fail(err, CB_EUSAGE, "%s '" CB_STR_FMT "'; %s", what, CB_STR_ARG(given), list);
}

static cb_status add_input(cb_options *options, cb_role role, const char *path, cb_error *err)
{
    if (options->inputs == CB_MAX_CLI_INPUTS)
        return cb_fail(err, CB_EUSAGE, "more than %d input files", CB_MAX_CLI_INPUTS);
    options->input[options->inputs++] = (cb_cli_input){role, path};
    return CB_OK;
}

static cb_status set_preset(cb_options *options, const char *value, cb_error *err)
{
    const char *colon = strchr(value, ':');
    if (!colon) {
        options->preset[CB_CASES] = value;
        return CB_OK;
    }
    for (int role = 0; role < CB_ROLES; role++)
        if (strcmp(colon + 1, cb_role_names[role]) == 0) {
            options->preset[role] = value;
            return CB_OK;
        }
    return unknown_word("--preset NAME:ROLE: unknown role", cb_str_of(colon + 1), cb_role_names,
                        CB_ROLES, "one of cases, reviews, customers", err);
}

static cb_status set_format(cb_options *options, const char *value, cb_error *err)
{
    static const char *const names[] = {"xlsx", "json", "table"};
    options->format_given = true;
    options->xlsx = options->json = options->table = false;
    for (const char *from = value; *from;) {
        size_t len = strcspn(from, ",");
        cb_str word = {from, len};
        if (cb_str_eq(word, CB_LIT("xlsx")))
            options->xlsx = true;
        else if (cb_str_eq(word, CB_LIT("json")))
            options->json = true;
        else if (cb_str_eq(word, CB_LIT("table")))
            options->table = true;
        else
            return unknown_word("--format: unknown format", word, names, 3,
                                "xlsx, json or xlsx,json (check: table or json)", err);
        from += len + (from[len] == ',');
    }
    if (!options->xlsx && !options->json && !options->table)
        return cb_fail(err, CB_EUSAGE, "--format needs xlsx, json or both (check: table or json)");
    return CB_OK;
}

static cb_status set_threads(cb_options *options, const char *value, cb_error *err)
{
    int64_t n;
    if (!cb_parse_i64(cb_str_of(value), &n) || n < 1 || n > CB_MAX_THREADS)
        return cb_fail(err, CB_EUSAGE, "--threads: a whole number from 1 to %d is wanted",
                       CB_MAX_THREADS);
    options->threads = (unsigned)n;
    return CB_OK;
}

static cb_status set_percent(cb_options *options, const char *value, cb_error *err)
{
    double percent;
    if (!cb_parse_double(cb_str_of(value), &percent) || percent < 0 || percent > 100)
        return cb_fail(err, CB_EUSAGE, "--max-rejects: a percentage from 0 to 100 is wanted");
    options->max_rejects_percent = percent;
    return CB_OK;
}

static cb_status set_when(cb_options *options, const char *value, cb_error *err)
{
    static const char *const names[] = {"auto", "always", "never"};
    for (unsigned i = 0; i < 3; i++)
        if (strcmp(value, names[i]) == 0) {
            options->progress = (cb_when)i;
            return CB_OK;
        }
    return unknown_word("--progress: unknown word", cb_str_of(value), names, 3,
                        "auto, always or never is wanted", err);
}

static cb_status set_value(cb_options *options, const cb_option *row, const char *value,
                           cb_error *err)
{
    switch (row->kind) {
    case CB_OPTION_INPUT:
        return add_input(options, (cb_role)row->at, value, err);
    case CB_OPTION_TEXT:
        *(const char **)member(options, row->at) = value;
        return CB_OK;
    case CB_OPTION_SET:
        if (options->sets == CB_MAX_SETS)
            return cb_fail(err, CB_EUSAGE, "more than %d times --set", CB_MAX_SETS);
        options->set[options->sets++] = value;
        return CB_OK;
    case CB_OPTION_PRESET:
        return set_preset(options, value, err);
    case CB_OPTION_FORMAT:
        return set_format(options, value, err);
    case CB_OPTION_THREADS:
        return set_threads(options, value, err);
    case CB_OPTION_PERCENT:
        return set_percent(options, value, err);
    case CB_OPTION_WHEN:
        return set_when(options, value, err);
    case CB_OPTION_FLAG:
        break;
    }
    return cb_fail(err, CB_EUSAGE, "%s takes no value", row->name);
}

/* A table is what `check` prints; a report would be written in no form at all. The variable of the
 * environment is one for both: what is not for `check` is for the reports. */
static cb_status check_format(const cb_options *options, cb_error *err)
{
    const cb_command *command = options->command ? cb_command_find(options->command) : NULL;
    if (command && command->reports && !options->xlsx && !options->json)
        return cb_fail(
            err, CB_EUSAGE,
            "--format table is for `casebook check`; here it is xlsx, json or xlsx,json");
    if (command && command->run == cb_command_check && options->format_given &&
        (options->xlsx || (options->json && options->table)))
        return cb_fail(err, CB_EUSAGE, "--format: `casebook check` prints table or json");
    return CB_OK;
}

/* State while argv is walked: after --cases further words are files of that role. */
typedef struct walk {
    cb_options *options;
    const cb_option *files;
    int argc, at;
    char *const *argv;
} walk;

static cb_status take_option(walk *w, const char *arg, cb_error *err)
{
    const char *equals = strchr(arg, '=');
    cb_str name = {arg, equals ? (size_t)(equals - arg) : strlen(arg)};
    const cb_option *row = find_option(name);
    if (!row)
        return unknown_option(name, err);
    w->files = row->kind == CB_OPTION_INPUT ? row : NULL;
    if (row->kind == CB_OPTION_FLAG && !equals) {
        *(bool *)member(w->options, row->at) = true;
        return CB_OK;
    }
    if (equals)
        return set_value(w->options, row, equals + 1, err);
    if (w->at + 1 >= w->argc)
        return cb_fail(err, CB_EUSAGE, "%s needs a value", row->name);
    return set_value(w->options, row, w->argv[++w->at], err);
}

static cb_status take_word(walk *w, const char *arg, cb_error *err)
{
    cb_options *options = w->options;
    if (!options->command) {
        options->command = arg;
        return CB_OK;
    }
    if (w->files)
        return add_input(options, (cb_role)w->files->at, arg, err);
    if (options->words == sizeof options->word / sizeof options->word[0])
        return cb_fail(err, CB_EUSAGE, "too many words after '%s'", options->command);
    options->word[options->words++] = arg;
    return CB_OK;
}

static const char *environment_value(char *const *environment, const char *name)
{
    size_t len = strlen(name);
    for (; environment && *environment; environment++)
        if (strncmp(*environment, name, len) == 0 && (*environment)[len] == '=')
            return *environment + len + 1;
    return NULL;
}

static cb_status options_from_environment(cb_options *options, char *const *environment,
                                          cb_error *err)
{
    for (size_t i = 0; i < cb_option_rows; i++) {
        const char *name = cb_option_table[i].environment;
        const char *value = name ? environment_value(environment, name) : NULL;
        if (!value || !*value)
            continue;
        cb_error inner = {0};
        cb_status rc = set_value(options, &cb_option_table[i], value, &inner);
        if (rc != CB_OK)
            return cb_fail(err, CB_ECONFIG, "environment variable %s: %s", name, inner.why);
    }
    return CB_OK;
}

cb_status cb_options_parse(cb_options *options, int argc, char *const *argv,
                           char *const *environment, cb_error *err)
{
    memset(options, 0, sizeof *options);
    options->xlsx = options->json = true;
    options->max_rejects_percent = -1;
    options->out = "reports";
    cb_status rc = options_from_environment(options, environment, err);
    options->format_given = false;
    walk w = {.options = options, .argc = argc, .argv = argv};
    bool only_words = false;
    for (w.at = 1; rc == CB_OK && w.at < argc; w.at++) {
        const char *arg = argv[w.at];
        if (!only_words && strcmp(arg, "--") == 0)
            only_words = true;
        else if (!only_words && arg[0] == '-' && arg[1] != '\0')
            rc = take_option(&w, arg, err);
        else
            rc = take_word(&w, arg, err);
    }
    return rc == CB_OK ? check_format(options, err) : rc;
}
