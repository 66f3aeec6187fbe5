#include "cli.h"

#include <stdlib.h>
#include <string.h>

#include "casebook/mapping.h"

extern char **environ;

/* Options have environment variables of their own; what is left is CASEBOOK_SECTION_KEY of the
 * settings. */
static bool is_option_variable(const char *entry)
{
    static const char *const names[] = {
        "CASEBOOK_CONFIG=", "CASEBOOK_AS_OF=",   "CASEBOOK_PERIOD=",      "CASEBOOK_OUT=",
        "CASEBOOK_FORMAT=", "CASEBOOK_THREADS=", "CASEBOOK_MAX_REJECTS=", "CASEBOOK_PROGRESS="};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strncmp(entry, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

static cb_status settings_environment(cb_settings *settings, cb_error *err)
{
    size_t n = 0;
    while (environ && environ[n])
        n++;
    char **kept = calloc(n + 1, sizeof *kept);
    if (!kept)
        return cb_nomem(err, "the environment");
    size_t k = 0;
    for (size_t i = 0; i < n; i++)
        if (!is_option_variable(environ[i]))
            kept[k++] = environ[i];
    cb_status rc = cb_settings_environment(settings, kept, err);
    free(kept);
    return rc;
}

static cb_status fill_settings(const cb_options *options, cb_settings *settings, cb_error *err)
{
    cb_status rc = CB_OK;
    if (options->config)
        rc = cb_settings_file(settings, options->config, err);
    if (rc == CB_OK)
        rc = settings_environment(settings, err);
    for (unsigned i = 0; rc == CB_OK && i < options->sets; i++)
        rc = cb_settings_set(settings, cb_str_of(options->set[i]), err);
    if (rc == CB_OK && options->max_rejects_percent >= 0)
        settings->max_rejects_percent = options->max_rejects_percent;
    if (rc == CB_OK)
        rc = cb_settings_finish(settings, err);
    return rc;
}

cb_status cb_options_settings(const cb_options *options, cb_settings **out, cb_error *err)
{
    cb_status rc = cb_settings_new(out, cb_alloc_libc(), err);
    if (rc != CB_OK)
        return rc;
    rc = fill_settings(options, *out, err);
    if (rc != CB_OK) {
        cb_settings_free(*out);
        *out = NULL;
    }
    return rc;
}

cb_workers cb_options_workers(const cb_options *options)
{
    return (cb_workers){.threads = options->threads ? options->threads : cb_workers_cores(),
                        .stop = &cb_stop_signal};
}

static cb_status require_inputs(const cb_options *options, bool cases, cb_error *err)
{
    unsigned n = 0, stdins = 0;
    for (unsigned i = 0; i < options->inputs; i++) {
        n += options->input[i].role == CB_CASES;
        stdins += strcmp(options->input[i].path, "-") == 0;
    }
    if (stdins > 1)
        return cb_fail(err, CB_EUSAGE, "'-' (standard input) can stand for one input only");
    if (cases && n == 0)
        return cb_fail(err, CB_EUSAGE, "no cases: name at least one file with --cases FILE");
    if (options->inputs == 0)
        return cb_fail(err, CB_EUSAGE, "no input: name files with --cases, --reviews, --customers");
    return CB_OK;
}

static cb_status ingest_all(const cb_options *options, cb_ingest *ingest, cb_error *err)
{
    cb_status rc = CB_OK;
    for (unsigned i = 0; rc == CB_OK && i < options->inputs; i++) {
        const cb_cli_input *input = &options->input[i];
        rc = cb_ingest_file(ingest, input->role, input->path,
                            cb_str_of(options->preset[input->role]), err);
    }
    return rc;
}

static bool has_input(const cb_options *options, cb_role role)
{
    bool has = false;
    for (unsigned i = 0; i < options->inputs; i++)
        has = has || options->input[i].role == role;
    return has;
}

/* NAME:ROLE says for which inputs; NAME alone is for those of the preset's own role. */
static cb_status set_preset(const cb_options *options, cb_settings *settings, cb_role role,
                            cb_error *err)
{
    const char *value = options->preset[role];
    cb_presets *presets = NULL;
    const cb_preset *preset = NULL;
    cb_str name = {value, strcspn(value, ":")};
    cb_status rc = cb_presets_new(&presets, cb_alloc_libc(), err);
    if (rc == CB_OK)
        rc = cb_presets_find(presets, name, &preset, err);
    if (rc == CB_OK && value[name.len] == ':' && preset->role != role)
        rc = cb_fail(err, CB_ECONFIG, "--preset %s: that preset is for %s", value,
                     cb_role_names[preset->role]);
    if (rc == CB_OK && !has_input(options, preset->role))
        rc = cb_fail(err, CB_EUSAGE, "--preset %s is for %s, and there is no --%s FILE", value,
                     cb_role_names[preset->role], cb_role_names[preset->role]);
    if (rc == CB_OK)
        settings->role[preset->role].preset = name;
    cb_presets_free(presets);
    return rc;
}

cb_status cb_options_ingest(const cb_options *options, cb_settings *settings, cb_ingest **out,
                            cb_error *err)
{
    *out = NULL;
    cb_options named = *options;
    cb_status rc = CB_OK;
    for (int role = 0; rc == CB_OK && role < CB_ROLES; role++)
        if (options->preset[role])
            rc = set_preset(options, settings, (cb_role)role, err);
    memset(named.preset, 0, sizeof named.preset);
    cb_progress progress;
    cb_ingest_options wanted = {.alloc = cb_alloc_libc(),
                                .workers = cb_options_workers(options),
                                .progress = cb_progress_tell,
                                .progress_ctx = &progress};
    if (rc == CB_OK)
        rc = require_inputs(options, cb_command_find(options->command)->reports != 0, err);
    if (rc == CB_OK)
        rc = cb_options_as_of(options, settings, &wanted.as_of_utc_s, err);
    if (rc == CB_OK)
        rc = cb_ingest_new(out, settings, &wanted, err);
    if (rc != CB_OK)
        return rc;
    cb_progress_begin(&progress, options);
    rc = ingest_all(&named, *out, err);
    cb_progress_end(&progress);
    return rc;
}
