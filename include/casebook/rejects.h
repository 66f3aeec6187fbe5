/* rejects.h - what could not be used: counted by code, kept byte for byte, never lost, never shown in a message.
 *
 * rejected/<stem>.csv gets the original header and the rejected records as they were (behind a UTF-8 mark where the input
 * was transcoded); rejected/<stem>.errors.tsv gets line, field, code and message without cell content, mode 0600.
 * Both are staged with the reports and become visible with them; an input without rejects has neither (older ones are removed
 * by publish). Codes are frictionless's where they exist. */
#ifndef CASEBOOK_REJECTS_H
#define CASEBOOK_REJECTS_H

#include "casebook/alloc.h"
#include "casebook/schema.h"

#define CB_REJECT_MAP(X)                                                                          \
    X(EXTRA_CELL, "extra-cell", "the row has more cells than the header")                         \
    X(MISSING_CELL, "missing-cell", "the row has fewer cells than the header")                    \
    X(BLANK_ROW, "blank-row", "the row is blank (counted, not rejected)")                         \
    X(TYPE_ERROR, "type-error", "the cell cannot be read as what its column holds")               \
    X(MISSING_VALUE, "missing-value", "a required cell is empty")                                 \
    X(UNIQUE_ERROR, "unique-error", "superseded by a later row with the same id (counted, not rejected)") \
    X(CONSTRAINT_ERROR, "constraint-error", "the value is outside what the field allows")         \
    X(ENCODING_ERROR, "encoding-error", "the row is not valid in the input's encoding")           \
    X(ROW_CONSTRAINT, "row-constraint", "the cells of the row contradict one another")            \
    X(DUPLICATE_LABEL, "duplicate-label", "a column name stands twice in the header")             \
    X(MISSING_LABEL, "missing-label", "a column has no name")                                     \
    X(FOREIGN_KEY, "foreign-key", "the id named is not in the other input (counted, cell unknown)") \
    X(QUOTE_ERROR, "quote-error", "quoting is broken in this line")                               \
    X(SIZE_ERROR, "size-error", "a cell or record is longer than the limit")

typedef enum cb_reject_code {
#define CB_REJECT_NAME(NAME, text, meaning) CB_REJECT_##NAME,
    CB_REJECT_MAP(CB_REJECT_NAME)
#undef CB_REJECT_NAME
    CB_REJECT_CODES
} cb_reject_code;
extern const char *const cb_reject_names[CB_REJECT_CODES];
extern const char *const cb_reject_meanings[CB_REJECT_CODES];

typedef struct cb_reject {
    uint64_t line_no;       /* 1-based physical line where the record starts */
    cb_reject_code code;
    int column;             /* 0-based column of the input, -1: the whole row */
} cb_reject;

/* The rejected rows of one input, in order; bytes are kept in memory up to max_bytes, then counted only (said in the report). */
typedef struct cb_reject_log {
    const cb_alloc *alloc;
    cb_buf header, records, errors; /* ready-made content of the two files */
    uint64_t rows;                  /* rejected rows */
    uint64_t by_code[CB_REJECT_CODES]; /* rejected rows by their (first) code */
    uint64_t not_kept;              /* rows beyond the memory limit */
} cb_reject_log;

void cb_reject_log_init(cb_reject_log *log, const cb_alloc *alloc, size_t max_bytes);
void cb_reject_log_free(cb_reject_log *log);
// cb_reject_add appends a record (bytes with its line end) and its reason. field_name names the column ("" whole row).
CB_MUST_USE cb_status cb_reject_add(cb_reject_log *log, const cb_reject *reject, cb_str record, cb_str field_name);
// cb_reject_join appends what `later` holds (of the next chunk) to log.
CB_MUST_USE cb_status cb_reject_join(cb_reject_log *log, const cb_reject_log *later);

#endif
