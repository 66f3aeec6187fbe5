/* dirty_parts.h - shared by dirty.c (the tables of faults) and dirty_write.c (which applies them).
 */
#ifndef SAMPLE_DIRTY_PARTS_H
#define SAMPLE_DIRTY_PARTS_H

#include "casebook/text.h"
#include "dirty.h"
#include "json.h"

enum { CB_DIRTY_MAX_CELLS = 64, CB_DIRTY_MAX_MARKS = 128 };

typedef enum cb_dirty_do {
    CB_DIRTY_SET,   /* the cell holds `text`, byte for byte */
    CB_DIRTY_KEEP,  /* only the first `column` cells are left */
    CB_DIRTY_ADD,   /* `text` follows the last cell */
    CB_DIRTY_LINE,  /* a line `text` stands before the row */
    CB_DIRTY_AGAIN, /* the row comes twice; the second time the cell holds `text`, NULL: the same */
    CB_DIRTY_OUTDATED, /* the row comes twice; the second time the cell holds what the second cell
                          (opened_at) holds */
    CB_DIRTY_CRLF      /* the row ends in CR LF */
} cb_dirty_do;

typedef enum cb_dirty_effect {
    CB_DIRTY_ACCEPTED,
    CB_DIRTY_REJECTED,
    CB_DIRTY_UNKNOWN,
    CB_DIRTY_BLANK,
    CB_DIRTY_SUPERSEDED,
    CB_DIRTY_UNLINKED
} cb_dirty_effect;

typedef struct cb_dirty_fault {
    cb_dirty_do what;
    unsigned column; /* 0-based */
    const char *text;
    cb_dirty_effect effect;
    const char *code;
} cb_dirty_fault;

/* A line of the file to which something happened. */
typedef struct cb_dirty_mark {
    uint64_t line; /* 1-based, of the file; where the record starts */
    const cb_dirty_fault *fault;
} cb_dirty_mark;

typedef struct cb_dirty_table {
    const char *role, *file, *header;
    const cb_dirty_fault *fault;
    unsigned faults;
    bool byte_order_mark, last_line_open;
    /* found while writing */
    uint64_t rows, line;
    unsigned marks;
    cb_dirty_mark mark[CB_DIRTY_MAX_MARKS];
} cb_dirty_table;

// cb_dirty_write writes the file of a table from its clean rows, with the faults in, and fills rows
// and marks.
CB_MUST_USE cb_status cb_dirty_write(cb_dirty_table *table, const char *dir, cb_str clean_rows,
                                     cb_error *err);

// cb_dirty_expect writes what must come of the table: an object of expected.json.
void cb_dirty_expect(cb_json *json, const cb_dirty_table *table);

// cb_dirty_label copies the name of a column out of a header.
void cb_dirty_label(char out[64], const char *header, unsigned column);

#endif
