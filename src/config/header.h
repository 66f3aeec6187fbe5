/* header.h - inside src/config: the names of a header row, and how one is found. */
#ifndef CONFIG_HEADER_H
#define CONFIG_HEADER_H

#include "config/config.h"

#include "casebook/mapping.h"

typedef struct cb_header {
    unsigned n;
    cb_str *name;       /* trimmed, no byte-order mark */
    cb_str *fold;       /* as names are compared */
    const char **label; /* for messages */
    cb_arena *arena;
} cb_header;

CB_MUST_USE cb_status cb_header_new(cb_header **out, const cb_str *cells, size_t n, cb_arena *arena,
                                    cb_error *err);

// cb_header_find returns the column of that name, or CB_COLUMN_NONE; *equals counts the columns
// that fit it as well.
int cb_header_find(const cb_header *header, cb_str name, unsigned *equals);

// cb_header_alike counts the columns whose names match, spelled exactly so or not.
unsigned cb_header_alike(const cb_header *header, cb_str name);

/* No column of a list of names is there. */
enum { CB_COLUMN_ABSENT = -3 };

// cb_header_choose returns the first of the names parted by '|' that is there (an index,
// CB_COLUMN_NONE or CB_COLUMN_LINE), else CB_COLUMN_ABSENT. raw is as written in a config: quotes
// still on, checked when it was read.
int cb_header_choose(const cb_header *header, cb_str raw, unsigned *equals);

// cb_header_notes lists blank and repeated labels, by column.
CB_MUST_USE cb_status cb_header_notes(const cb_header *header, const cb_mapping *mapping,
                                      const cb_label_note **out, unsigned *n, cb_error *err);

// cb_alias_next gives the next name that exports use for a field: start with *at = NULL.
bool cb_alias_next(cb_role role, unsigned field, const char **at, cb_str *alias);

// cb_header_is_data says whether the first row looks like data: a time in it, or mostly numbers, ids,
// addresses and sentences.
bool cb_header_is_data(const cb_mapping *mapping);

// cb_nearest_labels writes up to `most` header columns near to the wanted names (parted by '|')
// and, if field is not negative, to the field's aliases, of which only hints; returns how many.
unsigned cb_nearest_labels(const cb_mapping *mapping, cb_str wanted, int field, unsigned *column,
                           unsigned most);

#endif
