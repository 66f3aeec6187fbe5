/* status.h - how every part of casebook says that something went wrong.
 *
 * Why: one type of status, one place for the sentence that a person will read, and one table from
 * which the process's exit status follows (sysexits.h), so that code, text and exit never drift.
 *
 * Sequence: a function that can fail returns cb_status and takes a `cb_error *err` as its last
 * argument; the part that finds the fault writes the whole sentence with cb_fail() and returns what
 * it returns; every caller passes the status up unchanged. Only src/cli prints, only main exits.
 *
 * Rules: the sentence names file, line, column and rule where they are known, and says what to do;
 * it never holds the content of a cell (a customer's words do not belong in a log).
 * `err` may be NULL where the caller does not want the sentence. The first sentence wins:
 * cb_fail() on an error that is already set leaves it as it is. */
#ifndef CASEBOOK_STATUS_H
#define CASEBOOK_STATUS_H

#define CB_MUST_USE __attribute__((warn_unused_result))
#define CB_PRINTF(format_at, values_at) __attribute__((format(printf, format_at, values_at)))

/* X(code, exit status, text) */
#define CB_STATUS_MAP(X)                                        \
    X(CB_OK, 0, "done")                                         \
    X(CB_EUSAGE, 64, "usage")                                   \
    X(CB_EDATA, 65, "input data")                               \
    X(CB_ELIMIT, 65, "a limit of the input is exceeded")        \
    X(CB_ENOINPUT, 66, "an input is missing")                   \
    X(CB_ENOMEM, 69, "out of memory")                           \
    X(CB_EUNAVAILABLE, 69, "the machine lacks something")       \
    X(CB_ECANTCREAT, 73, "cannot create output")                \
    X(CB_EIO, 74, "read or write error")                        \
    X(CB_EBUSY, 75, "another run holds the output folder")      \
    X(CB_ECONFIG, 78, "configuration")                          \
    X(CB_EINT, 130, "interrupted")                              \
    X(CB_ETERM, 143, "terminated")

typedef enum cb_status {
#define CB_STATUS_NAME(code, exit_status, text) code,
    CB_STATUS_MAP(CB_STATUS_NAME)
#undef CB_STATUS_NAME
    CB_STATUS_COUNT
} cb_status;

enum { CB_MAX_WHY = 1024 };

typedef struct cb_error {
    cb_status status;
    char why[CB_MAX_WHY]; /* one sentence or more, no trailing newline; "" while status is CB_OK */
} cb_error;

// cb_exit_status returns the process exit status that belongs to a status (0, 64 … 78, 130, 143).
int cb_exit_status(cb_status status);

// cb_status_text returns the short text of a status, a static string.
const char *cb_status_text(cb_status status);

// cb_fail writes the sentence into err (if err is not NULL and not yet set) and returns status.
cb_status cb_fail(cb_error *err, cb_status status, const char *format, ...) CB_PRINTF(3, 4);

// cb_nomem is cb_fail for a failed allocation of what `purpose` names ("the case table").
cb_status cb_nomem(cb_error *err, const char *purpose);

// cb_error_clear makes err empty, so that it can take a sentence again.
void cb_error_clear(cb_error *err);

#endif
