/* fields_parts.h - the splitter from inside: for fields.c and lines.c, which share its room for
 * cells and its buffer of unquoted text. Private to src/ingest. */
#ifndef CB_INGEST_FIELDS_PARTS_H
#define CB_INGEST_FIELDS_PARTS_H

#include "casebook/fields.h"

struct cb_splitter {
    const cb_alloc *alloc;
    char delimiter;
    unsigned max_columns;
    size_t max_field_bytes;
    cb_str *cell; /* room for max_columns, and for the cells of one more block and the last */
    size_t cell_room;
    unsigned char *entry; /* libcsv's buffer of one cell, ours so that libcsv never allocates */
    size_t entry_room;
    char *text; /* the unquoted cells */
    size_t text_room;
    /* while libcsv runs */
    size_t text_used;
    unsigned n;
    cb_split found;
};

// cb_cells_unquote takes the quotes off cell[first … n) of a record of that text, cut at the
// delimiters outside quotes, with `quotes` quote characters in all; doubled ones become one. false:
// some are neither around a cell nor doubled inside (the cells then mean nothing), or *status says
// that memory ran out.
bool cb_cells_unquote(cb_splitter *splitter, cb_str text, unsigned first, unsigned n,
                      size_t quotes, cb_status *status);

#endif
