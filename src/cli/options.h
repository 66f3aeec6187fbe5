/* options.h - private to src/cli: the table of options. */
#ifndef CASEBOOK_CLI_OPTIONS_H
#define CASEBOOK_CLI_OPTIONS_H

#include "cli.h"

typedef enum cb_option_kind {
    CB_OPTION_INPUT,
    CB_OPTION_TEXT,
    CB_OPTION_SET,
    CB_OPTION_PRESET,
    CB_OPTION_FORMAT,
    CB_OPTION_THREADS,
    CB_OPTION_PERCENT,
    CB_OPTION_WHEN,
    CB_OPTION_FLAG
} cb_option_kind;

typedef struct cb_option {
    const char *name;
    cb_option_kind kind;
    size_t at;               /* offset in cb_options, or the role of an input */
    const char *environment; /* variable that stands for it, or NULL */
    const char *value;       /* what follows it, as the help shows it; NULL of a flag */
    const char *help;        /* NULL: another name of the option before */
} cb_option;

extern const cb_option cb_option_table[];
extern const size_t cb_option_rows;

#endif
