/* readback_parts.h - what the files of the read-back share.
 *
 * readback.c       cb_xlsx_verify: two passes over the package, and the checks between parts
 * readback_zip.c   libarchive and expat: every part of the package through an XML parser
 * readback_words.c the parts that hold texts and names: shared strings, workbook, relations,
 * content types, notes readback_sheet.c a sheet's cells, links and notes against the layout */
#ifndef CASEBOOK_PUBLISH_READBACK_PARTS_H
#define CASEBOOK_PUBLISH_READBACK_PARTS_H

#include <expat.h>

#include "casebook/layout.h"

typedef struct cb_texts {
    cb_str *at;
    size_t n, cap;
} cb_texts;

/* A note as it was read: the cell's address and its text. */
typedef struct cb_read_note {
    unsigned part; /* number in the part's name, comments1.xml */
    cb_str address, text;
} cb_read_note;

typedef struct cb_readback {
    const cb_layout *layout;
    cb_arena *arena;      /* of what was read */
    cb_texts part;        /* names of the package's parts */
    cb_texts target;      /* parts that others refer to */
    cb_texts used, given; /* relations "PART.rels#ID" that parts use, and that exist */
    cb_texts string;      /* the shared strings */
    cb_texts sheet;       /* names of the sheets */
    cb_texts name, place; /* named cells and their addresses */
    cb_read_note *note;
    size_t notes, notes_cap, notes_seen;
    unsigned notes_part; /* of the sheet being compared; 0: none */
    bool *sheet_seen;
    cb_status rc;
    cb_error *err;
} cb_readback;

// cb_readback_fail sets the status and the sentence: "workbook STEM, WHERE: WHAT". Returns false.
bool cb_readback_fail(cb_readback *rb, cb_status status, const char *where, const char *what);

// cb_readback_keep adds a copy of text to a list.
bool cb_readback_keep(cb_readback *rb, cb_texts *list, cb_str text);

/* ---- a part under way ---- */

typedef struct cb_part cb_part;
typedef void cb_part_start(cb_part *part, const char *element, const char **attributes);
typedef void cb_part_end(cb_part *part, const char *element);

struct cb_part {
    cb_readback *rb;
    const char *name; /* in the package */
    XML_Parser parser;
    cb_part_start *start; /* NULL: well-formedness only */
    cb_part_end *end;
    cb_buf text; /* characters since `collect` was set */
    bool collect;
    void *own; /* the handler's state */
};

// cb_part_fail ends the part with a fault at `where`.
void cb_part_fail(cb_part *part, const char *where, const char *what);

// cb_attribute returns the value of an attribute, or NULL.
const char *cb_attribute(const char **attributes, const char *name);

typedef enum cb_visit { CB_VISIT_SKIP, CB_VISIT_READ, CB_VISIT_ERROR } cb_visit;

// cb_readback_walk reads the package at path; for each part, `choose` sets the handlers (or says
// that the part is skipped), and `done` is called after the part's end. Zip errors, CRC errors and
// ill-formed XML set the status.
void cb_readback_walk(cb_readback *rb, const char *path, cb_visit (*choose)(cb_part *part),
                      void (*done)(cb_part *part));

// cb_relation_used and cb_relation_given remember that the part at hand uses relation `id`, or
// (being a .rels part) gives it.
void cb_relation_used(cb_part *part, const char *id);
void cb_relation_given(cb_part *part, const char *id);

// cb_words_choose sets the handlers for the parts of the first pass.
cb_visit cb_words_choose(cb_part *part);

// cb_sheet_choose and cb_sheet_done compare the sheets in the second pass.
cb_visit cb_sheet_choose(cb_part *part);
void cb_sheet_done(cb_part *part);

// cb_part_number returns n for "xl/worksheets/sheet<n>.xml" with prefix "xl/worksheets/sheet" and
// suffix ".xml", or 0.
unsigned cb_part_number(const char *name, const char *prefix, const char *suffix);

#endif
