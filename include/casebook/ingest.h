/* ingest.h - inputs into the book: source -> records -> fields -> typed columns | rejects.
 *
 * Sequence: cb_ingest_new -> cb_ingest_file for each input, customers, cases and reviews in any order -> cb_ingest_done
 * (checks limits and thresholds, fixes the currency, calls cb_book_finish) -> read the facts -> cb_ingest_free.
 * A first line "sep=;" (as Excel writes it) says the delimiter where the config does not, and is no row.
 * Order of the rows, ids and rejects is that of the files, whatever the number of threads.
 * How a column is read is decided for the whole column of a file (dates, decimal mark): chunks store neutral forms
 * (coerce.h) and the reading is chosen when the file has ended; a column that fits two readings is CB_EDATA with both options.
 * An amount counts in its row's currency, else in the report's; a sign in its cell that contradicts it is CB_ECONFIG.
 * Accounting, checked at run time: rows read = accepted + superseded + rejected + blank. */
#ifndef CASEBOOK_INGEST_H
#define CASEBOOK_INGEST_H

#include "casebook/book.h"
#include "casebook/mapping.h"
#include "casebook/rejects.h"
#include "casebook/source.h"
#include "casebook/workers.h"

/* What became of a column of an input. */
typedef struct cb_column_facts {
    int field;                /* field of the role, or -1: not used */
    cb_str label;             /* header text */
    uint64_t filled;          /* accepted rows with a usable value (before T5) */
    uint64_t empty;           /* blank or a null word */
    uint64_t unreadable;      /* optional cells that could not be read: unknown, by reason below */
    uint64_t type_errors, constraint_errors;
    const char *format;       /* the reading chosen: "D/M/YYYY HH:MM", "decimal comma", … ; "" for words. Amounts: also "no rate for some currencies: EUR" */
} cb_column_facts;

/* The first words of a status column that neither config, preset nor the neutral vocabulary know, in the order
 * of the input, for `check` and `map` to say what to write under [status]. Longer ones are left out: they are
 * no states, but texts in the wrong column. For standard output only: they are content of cells. */
enum { CB_UNKNOWN_WORDS = 8, CB_UNKNOWN_BYTES = 32 };
typedef struct cb_unknown_words {
    unsigned n;
    char word[CB_UNKNOWN_WORDS][CB_UNKNOWN_BYTES + 1];
} cb_unknown_words;

typedef struct cb_input_facts {
    cb_role role;
    cb_str path;              /* as given */
    cb_str stem;              /* of rejected/<stem>.csv: [a-z0-9-]+, unique within the run */
    cb_source_facts source;
    uint64_t rows, accepted, superseded, rejected, blank; /* rows = accepted + superseded + rejected + blank */
    char delimiter;
    cb_str preset;
    unsigned columns;
    cb_column_facts *column;
    uint64_t duplicate_labels, missing_labels;
    uint64_t formula_cells;   /* words that begin with = + - @ TAB CR LF: stored as text, counted */
    uint64_t contradictions;  /* resolved_at with an open status (R8) */
    cb_unknown_words unknown_status;
    uint64_t durations_used;  /* times worked out from a duration, where the export has no time */
    uint64_t durations_apart; /* durations that differ from the export's own times by more than a unit */
    uint64_t later_rows;      /* accepted, but opened, posted or since after as_of: left out (T2) */
    uint64_t future_cells;    /* times after as_of in other rows, blanked (T2) */
    cb_reject_log rejects;
} cb_input_facts;

typedef struct cb_ingest cb_ingest;

typedef struct cb_ingest_options {
    const cb_alloc *alloc;
    cb_workers workers;
    int64_t as_of_utc_s;      /* CB_NO_TIME: the latest event */
    /* called now and then with bytes done and total (-1 unknown); may be NULL */
    void (*progress)(void *ctx, const char *path, uint64_t done_bytes, int64_t total_bytes);
    void *progress_ctx;
} cb_ingest_options;

CB_MUST_USE cb_status cb_ingest_new(cb_ingest **out, cb_settings *settings, const cb_ingest_options *options, cb_error *err);

// cb_ingest_file reads a whole input. preset "" means by header. CB_ENOINPUT, CB_EDATA, CB_ECONFIG, CB_ELIMIT, CB_EIO …
// A file whose rejected share exceeds settings->max_rejects_percent, or without a usable row, is CB_EDATA (told by cb_ingest_done,
// after all files are read, so that the message can name all of them and `check` can show them).
CB_MUST_USE cb_status cb_ingest_file(cb_ingest *ingest, cb_role role, const char *path, cb_str preset, cb_error *err);

CB_MUST_USE cb_status cb_ingest_done(cb_ingest *ingest, cb_error *err);

// cb_ingest_map reads only the header of a file and gives the mapping it would use (`casebook map`). role CB_ROLES: find out.
CB_MUST_USE cb_status cb_ingest_map(cb_settings *settings, const char *path, cb_role role, cb_str preset, cb_buf *print, cb_error *err);

const cb_book *cb_ingest_book(const cb_ingest *ingest);
unsigned cb_ingest_inputs(const cb_ingest *ingest);
const cb_input_facts *cb_ingest_input(const cb_ingest *ingest, unsigned ix);
void cb_ingest_free(cb_ingest *ingest); /* and the book */

#endif
