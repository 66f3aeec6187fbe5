#include "options.h"

#include <stddef.h>

/* What --help, the completions, the man page and the environment know of an option stands here
 * only; a test holds the other texts against it. */
const cb_option cb_option_table[] = {
    {"--cases", CB_OPTION_INPUT, CB_CASES, NULL, "FILE...",
     "cases, or an event log with one row per change"},
    {"--reviews", CB_OPTION_INPUT, CB_REVIEWS, NULL, "FILE...", "reviews"},
    {"--customers", CB_OPTION_INPUT, CB_CUSTOMERS, NULL, "FILE...",
     "customer list, with value and leaving dates where known"},
    {"--preset", CB_OPTION_PRESET, 0, NULL, "NAME[:ROLE]",
     "forces a vendor's layout (see `casebook presets`)"},
    {"--config", CB_OPTION_TEXT, offsetof(cb_options, config), "CASEBOOK_CONFIG", "FILE",
     "settings, mapping and assumptions (INI)"},
    {"--as-of", CB_OPTION_TEXT, offsetof(cb_options, as_of), "CASEBOOK_AS_OF", "TIME",
     "what happened later does not exist (default: latest event in the inputs)"},
    {"--period", CB_OPTION_TEXT, offsetof(cb_options, period), "CASEBOOK_PERIOD", "P",
     "2026-Q3, 2026-09, 2026-09-14, 2026 or FROM..TO"},
    {"--out", CB_OPTION_TEXT, offsetof(cb_options, out), "CASEBOOK_OUT", "DIR",
     "output folder (default: reports)"},
    {"--format", CB_OPTION_FORMAT, 0, "CASEBOOK_FORMAT", "xlsx,json",
     "which files to write (default: both; check: table or json)"},
    {"--set", CB_OPTION_SET, 0, NULL, "section.key=value",
     "one setting; may be repeated; wins over environment and file"},
    {"--threads", CB_OPTION_THREADS, 0, "CASEBOOK_THREADS", "N",
     "default: all cores; the results are the same on any number"},
    {"--max-rejects", CB_OPTION_PERCENT, 0, "CASEBOOK_MAX_REJECTS", "PERCENT",
     "more rejected rows than this end with status 65 (default: 5)"},
    {"--pseudonymise", CB_OPTION_FLAG, offsetof(cb_options, pseudonymise), NULL, NULL,
     "ids as codes keyed by [report] pseudonym_key_file"},
    {"--full", CB_OPTION_FLAG, offsetof(cb_options, full), NULL, NULL,
     "map: a whole config file, every section with comments"},
    {"--progress", CB_OPTION_WHEN, 0, "CASEBOOK_PROGRESS", "WHEN",
     "auto (on a terminal), always or never"},
    {"--quiet", CB_OPTION_FLAG, offsetof(cb_options, quiet), NULL, NULL, "errors only"},
    {"--verbose", CB_OPTION_FLAG, offsetof(cb_options, verbose), NULL, NULL,
     "the summary also without a terminal; check: every file"},
    {"--version", CB_OPTION_FLAG, offsetof(cb_options, version), NULL, NULL, "prints the version"},
    {"--help", CB_OPTION_FLAG, offsetof(cb_options, help), NULL, NULL,
     "prints this, or the help of a command"},
    {"-h", CB_OPTION_FLAG, offsetof(cb_options, help), NULL, NULL, NULL},
};

const size_t cb_option_rows = sizeof cb_option_table / sizeof cb_option_table[0];
