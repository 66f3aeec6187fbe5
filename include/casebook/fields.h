/* fields.h - one record into its cells; the door to libcsv.
 *
 * libcsv (CSV_STRICT | CSV_STRICT_FINI, no trimming of spaces) is the authority on quoting. A
 * record without a quote is split here at the delimiters, and a record whose quotes are all in
 * their places (a pair around a cell, doubled inside) is unquoted here; a differential fuzz test
 * and a table test show these shortcuts equal to libcsv. Anything else goes to libcsv.
 *
 * The first fault in the order of the bytes is told, and the cells before it are given. CR and LF
 * are ordinary bytes here: a record has none outside quotes.
 *
 * Memory: a cell room of 16 bytes a column, once a record has doubled quotes a buffer of its
 * length, and once one goes to libcsv another; libcsv itself never allocates, it gets a buffer that ends at the field limit.
 * A cell is borrowed: from the record's bytes, or from the splitter's own buffer; valid until the
 * next call and as long as the record's bytes. A splitter belongs to one thread. Behind a cell in the
 * splitter's buffer CB_CELL_SLACK more bytes may be read (they mean nothing): callers that give their
 * records as much room may look at cells in whole words. */
#ifndef CASEBOOK_FIELDS_H
#define CASEBOOK_FIELDS_H

#include "casebook/alloc.h"
#include "casebook/records.h"

typedef struct cb_splitter cb_splitter;

enum { CB_CELL_SLACK = 32 };

typedef enum cb_split {
    CB_SPLIT_OK,
    CB_SPLIT_QUOTES,     /* strict quoting is broken: quote-error */
    CB_SPLIT_FIELD_SIZE, /* a cell longer than the field limit: size-error */
    CB_SPLIT_COLUMNS     /* more cells than the column limit: extra-cell */
} cb_split;

typedef struct cb_cells {
    const cb_str *at;
    unsigned n;        /* all cells, or those before the fault */
    unsigned bad_cell; /* 0-based, where the result is not CB_SPLIT_OK */
} cb_cells;

// cb_splitter_new: max_columns cells, max_field_bytes a cell. NULL: out of memory.
cb_splitter *cb_splitter_new(const cb_alloc *alloc, char delimiter, unsigned max_columns,
                             size_t max_field_bytes);
void cb_splitter_free(cb_splitter *splitter); /* NULL is fine */

// cb_split_record splits record->text. An empty text gives one empty cell. *status is CB_ENOMEM
// where memory ran out (then there are no cells), else CB_OK.
cb_split cb_split_record(cb_splitter *splitter, const cb_record *record, cb_cells *cells,
                         cb_status *status);

// cb_split_by_libcsv is the same, always by libcsv: the reference for the tests.
cb_split cb_split_by_libcsv(cb_splitter *splitter, const cb_record *record, cb_cells *cells,
                            cb_status *status);

#endif
