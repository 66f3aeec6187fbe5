/* cli.h - private to src/cli: what the command line says, and the few places that print.
 *
 * Only this part writes to the terminal, handles signals and knows the clock. Data go to standard output, messages to
 * standard error; colour and progress only on a terminal. */
#ifndef CASEBOOK_CLI_H
#define CASEBOOK_CLI_H

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>

#include "casebook/report.h"
#include "casebook/settings.h"

enum { CB_MAX_CLI_INPUTS = 4096, CB_MAX_SETS = 256 };

typedef enum cb_when { CB_WHEN_AUTO, CB_WHEN_ALWAYS, CB_WHEN_NEVER } cb_when;

typedef struct cb_cli_input {
    cb_role role;
    const char *path;
} cb_cli_input;

typedef struct cb_options {
    const char *command;            /* a name of the table of commands */
    unsigned words;                 /* operands of map, explain, help */
    const char *word[8];
    unsigned inputs;
    cb_cli_input input[CB_MAX_CLI_INPUTS];
    const char *preset[CB_ROLES];   /* NULL: by header */
    const char *config, *as_of, *period, *out;
    bool xlsx, json, table;         /* --format */
    bool format_given;
    unsigned sets;
    const char *set[CB_MAX_SETS];
    unsigned threads;               /* 0: all cores */
    double max_rejects_percent;     /* < 0: as configured */
    bool pseudonymise, full, quiet, verbose, help, version;
    cb_when progress;
} cb_options;

typedef struct cb_command {
    const char *name, *operands, *purpose;
    cb_status (*run)(const cb_options *options, cb_error *err);
    bool reads_inputs;
    unsigned reports;               /* bit per cb_report_kind */
    const char *help;
    unsigned most_words;            /* operands that it takes */
} cb_command;
extern const cb_command cb_commands[];
const cb_command *cb_command_find(const char *name);

// cb_command_run runs the command of the command line. CB_EUSAGE with the nearest name if there is none such.
CB_MUST_USE cb_status cb_command_run(const cb_options *options, cb_error *err);

// cb_options_parse reads argv and the CASEBOOK_… environment of options. CB_EUSAGE with the nearest name.
CB_MUST_USE cb_status cb_options_parse(cb_options *options, int argc, char *const *argv, char *const *environment, cb_error *err);

// cb_options_settings gives the effective settings: defaults, file, environment, --set, finished.
CB_MUST_USE cb_status cb_options_settings(const cb_options *options, cb_settings **out, cb_error *err);

// cb_options_period reads --period, which is given, in the zone of the settings. CB_EUSAGE, also for years before 1900, whose
// clocks no zone knows.
CB_MUST_USE cb_status cb_options_period(const cb_options *options, const cb_settings *settings, cb_period *period, cb_error *err);

// cb_options_as_of reads --as-of in the zone of the settings; CB_NO_TIME where it is not given.
CB_MUST_USE cb_status cb_options_as_of(const cb_options *options, const cb_settings *settings, int64_t *as_of_utc_s, cb_error *err);

// cb_options_ingest reads all inputs of the command line, with progress; cb_ingest_done is the caller's, who frees *out and
// *settings.
CB_MUST_USE cb_status cb_options_ingest(const cb_options *options, cb_settings *settings, cb_ingest **out, cb_error *err);

// cb_options_own_inputs refuses (CB_EUSAGE) an input that is a report, a metric file or a file of rejected rows in the output
// folder: the run would replace or remove it.
CB_MUST_USE cb_status cb_options_own_inputs(const cb_options *options, cb_error *err);

// cb_options_pseudonym_key reads the key of --pseudonymise into key; key[0] is NUL without that option.
enum { CB_MAX_KEY = 4096, CB_LEAST_KEY = 16 };
CB_MUST_USE cb_status cb_options_pseudonym_key(const cb_options *options,
                                               const cb_settings *settings, char key[CB_MAX_KEY],
                                               cb_error *err);

cb_workers cb_options_workers(const cb_options *options);

cb_status cb_command_reports(const cb_options *options, cb_error *err);
cb_status cb_command_check(const cb_options *options, cb_error *err);
cb_status cb_command_map(const cb_options *options, cb_error *err);
cb_status cb_command_presets(const cb_options *options, cb_error *err);
cb_status cb_command_explain(const cb_options *options, cb_error *err);
cb_status cb_command_version(const cb_options *options, cb_error *err);
cb_status cb_command_help(const cb_options *options, cb_error *err);

// cb_summary_print says at the end of a run, in one screen, the three figures that matter and where the files are.
void cb_summary_print(const cb_options *options, const cb_report *reports, unsigned n, char (*stem)[80]);

extern volatile sig_atomic_t cb_stop_signal; /* 0, SIGINT or SIGTERM */

/* Progress on a terminal: a line that is rewritten at most five times a second. */
typedef struct cb_progress {
    bool shown;
    int64_t started_ms, last_ms;
} cb_progress;
void cb_progress_begin(cb_progress *progress, const cb_options *options);
void cb_progress_tell(void *progress, const char *path, uint64_t done_bytes, int64_t total_bytes);
void cb_progress_end(cb_progress *progress);

int64_t cb_clock_ms(void);      /* monotonic */
int64_t cb_clock_utc_s(void);   /* for casebook.prom only */

static inline const char *cb_plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

// cb_list_or writes "a, b or c" into out, cut where there is no more room.
void cb_list_or(char *out, size_t cap, const char *const *words, size_t n);

// cb_note writes a message to standard error unless --quiet.
void cb_note(const cb_options *options, const char *format, ...) CB_PRINTF(2, 3);

// cb_tell_failure writes the one message of a failed run: "casebook: …", the name in red on a terminal that has colours
// unless NO_COLOR is set.
void cb_tell_failure(const char *why);

// cb_print writes to standard output; a failed write is CB_EIO at cb_print_done.
void cb_print(const char *format, ...) CB_PRINTF(1, 2);
CB_MUST_USE cb_status cb_print_done(cb_error *err);

#endif
