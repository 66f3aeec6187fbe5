#include "options.h"

#include <string.h>

#define REPORT_BIT(kind) (1u << (kind))

static const char status_help[] = "Exit status: 0 done; 64 usage; 65 input data; 66 an input is "
                                  "missing; 69 the machine lacks something;\n"
                                  "73 cannot create output; 74 read or write error; 75 another run "
                                  "holds the output folder; 78 configuration;\n"
                                  "130, 143 after SIGINT, SIGTERM. Whatever the status, the output "
                                  "folder never holds a half-written file.\n";

const cb_command cb_commands[] = {
    {"nightly", "[inputs] [options]", "the workbook for one day: what must be done today",
     cb_command_reports, true, REPORT_BIT(CB_REPORT_NIGHTLY),
     "Writes nightly-DATE.xlsx and .json. The period is the day of --as-of unless --period says "
     "otherwise.\n",
     0},
    {"quarterly", "[inputs] [options]", "the management review: what unsatisfactory service cost",
     cb_command_reports, true, REPORT_BIT(CB_REPORT_QUARTERLY),
     "Writes quarterly-2026-Q3.xlsx and .json. The period is the last quarter whose last day is "
     "not after --as-of.\n",
     0},
    {"root-cause", "[inputs] [options]",
     "the recurring problems, and what fixing each would be worth", cb_command_reports, true,
     REPORT_BIT(CB_REPORT_ROOT_CAUSE),
     "Writes root-cause-2026-Q3.xlsx and .json. The period is the 12 months that end with the day "
     "of --as-of.\n",
     0},
    {"all", "[inputs] [options]", "the three, from one reading of the inputs", cb_command_reports,
     true,
     REPORT_BIT(CB_REPORT_NIGHTLY) | REPORT_BIT(CB_REPORT_QUARTERLY) |
         REPORT_BIT(CB_REPORT_ROOT_CAUSE),
     "Writes the three workbooks with their JSON twins, rejected/ and casebook.prom.\n", 0},
    {"check", "[inputs] [options]", "validates only: mapping, coverage, rejects; writes nothing",
     cb_command_check, true, 0,
     "Prints a table, or with --format json a document, to standard output: coverage by column, "
     "rejects by code, range\nof dates, gaps that chance does not explain, duplicates, age of the "
     "newest event (to --as-of, else to now).\n",
     0},
    {"map", "FILE", "prints the mapping it would use for that header, as a config section",
     cb_command_map, false, 0,
     "Paste the section into a config file and change what is wrong. Under each field stand its "
     "coverage, the reading\nand three values as they were understood; texts and names of agents "
     "are not shown. --full prints a whole config\nfile with every section and its comments. The "
     "role "
     "is found from the header; force it with --preset NAME:ROLE.\n",
     1},
    {"presets", "", "lists the vendors' layouts that are known", cb_command_presets, false, 0, "",
     1},
    {"explain", "[FIGURE...]", "says what a figure is and how it is computed", cb_command_explain,
     false, 0,
     "FIGURE is a method id (R2), a key of the JSON (resolution.hours.median) or a word of it. "
     "Without it: all.\n",
     8},
    {"version", "", "prints the version", cb_command_version, false, 0, "", 0},
    {"help", "[COMMAND]", "prints this, or the help of a command", cb_command_help, false, 0, "",
     1},
    {NULL, NULL, NULL, NULL, false, 0, NULL, 0},
};

const cb_command *cb_command_find(const char *name)
{
    for (const cb_command *c = cb_commands; c->name; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

cb_status cb_command_version(const cb_options *options, cb_error *err)
{
    (void)options;
    (void)err;
    cb_print("casebook %s\n", CB_VERSION);
    return CB_OK;
}

/* Inputs stand first in the table, with --preset as the last of them. */
static void help_options(bool inputs)
{
    enum { COLUMN = 25 };
    bool at_inputs = true;
    cb_print(
        inputs
            ? "Inputs (each may be repeated and take several files; plain, .gz, .zst, .xz, .zip; "
              "'-' is standard input):\n"
            : "Options:\n");
    for (size_t i = 0; i < cb_option_rows; i++) {
        const cb_option *row = &cb_option_table[i];
        if (row->help && at_inputs == inputs) {
            int wide = (int)(strlen(row->name) + (row->value ? strlen(row->value) + 1 : 0));
            cb_print("  %s%s%s%*s%s\n", row->name, row->value ? " " : "",
                     row->value ? row->value : "", wide < COLUMN ? COLUMN - wide : 1, "",
                     row->help);
        }
        at_inputs = at_inputs && row->kind != CB_OPTION_PRESET;
    }
    cb_print("\n");
}

static void help_tail(void)
{
    help_options(true);
    help_options(false);
    cb_print("%s", status_help);
}

static void help_overview(void)
{
    cb_print("casebook reads exported customer-service cases and reviews and writes workbooks on "
             "resolution times,\n"
             "adequacy of remedies, the cost of lost customers and root causes.\n\nCommands:\n");
    for (const cb_command *c = cb_commands; c->name; c++)
        cb_print("  casebook %-10s %-19s %s\n", c->name, c->operands, c->purpose);
    cb_print("\n");
    help_tail();
}

static cb_status unknown_command(const char *name, cb_error *err)
{
    const char *names[16];
    size_t n = 0;
    for (const cb_command *c = cb_commands; c->name && n < 16; c++)
        names[n++] = c->name;
    size_t near = cb_nearest(cb_str_of(name), names, n);
    if (near == SIZE_MAX)
        return cb_fail(err, CB_EUSAGE, "unknown command '%s'; `casebook help` lists the commands",
                       name);
    return cb_fail(err, CB_EUSAGE, "unknown command '%s'; did you mean %s?", name, names[near]);
}

/* A cron line that lost its command must not succeed for ever. */
static cb_status no_command(cb_error *err)
{
    const char *name[sizeof cb_commands / sizeof *cb_commands];
    char names[256];
    size_t n = 0;
    for (const cb_command *c = cb_commands; c->name; c++)
        name[n++] = c->name;
    cb_list_or(names, sizeof names, name, n);
    return cb_fail(err, CB_EUSAGE,
                   "no command is given: casebook COMMAND [inputs] [options], where COMMAND is %s; "
                   "`casebook help` says more",
                   names);
}

/* What a command would not look at is no part of it. */
static cb_status check_words(const cb_options *options, const cb_command *command, cb_error *err)
{
    bool maps = strcmp(command->name, "map") == 0;
    if (options->words > command->most_words && command->reads_inputs)
        return cb_fail(
            err, CB_EUSAGE,
            "'%s' is not an option; input files follow --cases, --reviews or --customers",
            options->word[0]);
    if (options->words > command->most_words && !maps)
        return cb_fail(err, CB_EUSAGE, "'%s' is too much: the command is casebook %s%s%s",
                       options->word[command->most_words], command->name,
                       command->operands[0] ? " " : "", command->operands);
    if (options->inputs > 0 && !command->reads_inputs && !maps)
        return cb_fail(err, CB_EUSAGE, "`casebook %s` reads no inputs", command->name);
    if (options->full && !maps)
        return cb_fail(err, CB_EUSAGE, "--full is an option of `casebook map`, not of %s",
                       command->name);
    return CB_OK;
}

cb_status cb_command_run(const cb_options *options, cb_error *err)
{
    if (!options->command)
        return no_command(err);
    const cb_command *command = cb_command_find(options->command);
    if (!command)
        return unknown_command(options->command, err);
    cb_status rc = check_words(options, command, err);
    return rc == CB_OK ? command->run(options, err) : rc;
}

cb_status cb_command_help(const cb_options *options, cb_error *err)
{
    const char *name = options->command;
    if (name && strcmp(name, "help") == 0)
        name = options->words > 0 ? options->word[0] : NULL;
    const cb_command *command = name ? cb_command_find(name) : NULL;
    if (name && !command)
        return unknown_command(name, err);
    if (!command) {
        help_overview();
        return CB_OK;
    }
    cb_print("casebook %s %s\n  %s\n\n%s", command->name, command->operands, command->purpose,
             command->help);
    if (command->reads_inputs) {
        cb_print("\n");
        help_tail();
    }
    return CB_OK;
}

static bool method_matches(const cb_method *method, cb_str wanted)
{
    if (cb_str_eq_nocase(wanted, cb_str_of(method->id)))
        return true;
    for (const char *key = method->keys; *key;) {
        size_t len = strcspn(key, " ");
        cb_str one = {key, len};
        bool below = wanted.len > len && strncmp(wanted.at, key, len) == 0 && wanted.at[len] == '.';
        bool above =
            wanted.len < len && strncmp(key, wanted.at, wanted.len) == 0 && key[wanted.len] == '.';
        if (cb_str_eq(wanted, one) || below || above)
            return true;
        key += len + (key[len] == ' ');
    }
    return false;
}

static cb_status unknown_figure(const char *word, cb_error *err)
{
    enum { MOST_NAMES = 512 };
    const char *names[MOST_NAMES];
    size_t n = 0;
    for (const cb_method *m = cb_methods; m->id && n < MOST_NAMES; m++)
        names[n++] = m->id;
    size_t near = cb_nearest(cb_str_of(word), names, n);
    if (near != SIZE_MAX)
        return cb_fail(err, CB_EUSAGE,
                       "no figure '%s'; did you mean %s? `casebook explain` lists all", word,
                       names[near]);
    return cb_fail(err, CB_EUSAGE, "no figure '%s'; `casebook explain` lists all", word);
}

static bool is_figure(const char *word)
{
    const cb_method *m = cb_methods;
    while (m->id && !method_matches(m, cb_str_of(word)))
        m++;
    return m->id != NULL;
}

static bool is_wanted(const cb_options *options, const cb_method *method)
{
    bool wanted = options->words == 0;
    for (unsigned w = 0; w < options->words; w++)
        wanted = wanted || method_matches(method, cb_str_of(options->word[w]));
    return wanted;
}

cb_status cb_command_explain(const cb_options *options, cb_error *err)
{
    bool found = false;
    for (unsigned w = 0; w < options->words; w++)
        if (!is_figure(options->word[w]))
            return unknown_figure(options->word[w], err);
    for (const cb_method *m = cb_methods; m->id; m++) {
        if (!is_wanted(options, m))
            continue;
        cb_print("%s%s  %s\n  %s\n  %s\n  JSON: %s\n", found ? "\n" : "", m->id, m->name, m->words,
                 m->formula, m->keys);
        found = true;
    }
    return CB_OK;
}
