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

enum { FIRST_YEAR = 1900 };

static bool is_before_first_year(int64_t utc_s, const cb_zone *zone)
{
    return cb_civil_from_s(cb_zone_to_local(zone, utc_s)).year < FIRST_YEAR;
}

cb_status cb_options_period(const cb_options *options, const cb_settings *settings,
                            cb_period *period, cb_error *err)
{
    if (cb_period_parse(period, cb_str_of(options->period), settings->zone, err) != CB_OK)
        return CB_EUSAGE;
    if (is_before_first_year(period->from_utc_s, settings->zone))
        return cb_fail(err, CB_EUSAGE, "--period: a year from %d to 9999 is wanted", FIRST_YEAR);
    return CB_OK;
}

/* "T23:59:59" in its several spellings; returns seconds of the day, or -1. */
static int64_t parse_clock(cb_str text)
{
    unsigned part[3] = {0, 0, 0}, n = 0;
    for (size_t i = 0; i < text.len && n < 3; n++) {
        if (i + 2 > text.len || text.at[i] < '0' || text.at[i] > '9' || text.at[i + 1] < '0' ||
            text.at[i + 1] > '9')
            return -1;
        part[n] = (unsigned)(text.at[i] - '0') * 10 + (unsigned)(text.at[i + 1] - '0');
        i += 2;
        if (i < text.len && text.at[i++] != ':')
            return -1;
        if (i == text.len && n < 2 && text.at[i - 1] == ':')
            return -1;
    }
    bool sized = text.len == 5 || text.len == 8;
    return sized && part[0] < 24 && part[1] < 60 && part[2] < 60
               ? (int64_t)part[0] * 3600 + part[1] * 60 + part[2]
               : -1;
}

cb_status cb_options_as_of(const cb_options *options, const cb_settings *settings,
                           int64_t *as_of_utc_s, cb_error *err)
{
    *as_of_utc_s = CB_NO_TIME;
    if (!options->as_of)
        return CB_OK;
    cb_str text = cb_str_of(options->as_of);
    bool utc = text.len > 0 && text.at[text.len - 1] == 'Z';
    cb_str day_text = {text.at, text.len < 10 ? text.len : 10};
    cb_period day;
    cb_error ignored = {0};
    if (day_text.len != 10 || cb_period_parse(&day, day_text, settings->zone, &ignored) != CB_OK)
        return cb_fail(err, CB_EUSAGE,
                       "--as-of: a date (2026-09-30: its last second) or a time "
                       "(2026-09-30T18:00:00, with Z for UTC) is wanted");
    if (is_before_first_year(day.from_utc_s, settings->zone))
        return cb_fail(err, CB_EUSAGE, "--as-of: a year from %d to 9999 is wanted", FIRST_YEAR);
    if (text.len == 10) {
        *as_of_utc_s = day.to_utc_s - 1;
        return CB_OK;
    }
    cb_str clock = {text.at + 11, text.len - 11 - (utc ? 1 : 0)};
    int64_t clock_s = text.at[10] == 'T' || text.at[10] == ' ' ? parse_clock(clock) : -1;
    if (clock_s < 0)
        return cb_fail(err, CB_EUSAGE, "--as-of: the time of day is not HH:MM or HH:MM:SS");
    cb_civil civil = cb_civil_from_s(cb_zone_to_local(settings->zone, day.from_utc_s));
    int64_t local_s = cb_days_from_civil(civil.year, civil.month, civil.day) * CB_DAY_S + clock_s;
    *as_of_utc_s = utc ? local_s : cb_zone_to_utc(settings->zone, local_s);
    return CB_OK;
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

/* NAME:ROLE says for which inputs; NAME alone is for those of the preset's own role. */
static cb_status set_preset(cb_settings *settings, cb_role role, const char *value, cb_error *err)
{
    cb_presets *presets = NULL;
    const cb_preset *preset = NULL;
    cb_str name = {value, strcspn(value, ":")};
    if (value[name.len] == ':') {
        settings->role[role].preset = name;
        return CB_OK;
    }
    cb_status rc = cb_presets_new(&presets, cb_alloc_libc(), err);
    if (rc == CB_OK)
        rc = cb_presets_find(presets, name, &preset, err);
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
            rc = set_preset(settings, (cb_role)role, options->preset[role], err);
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
