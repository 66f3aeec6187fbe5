/* lines.h - the records of a chunk, found and split in one pass over its bytes. Private to
 * src/ingest.
 *
 * Why: cb_record_next and cb_split_record each look at every byte again. Here delimiters, quotes and
 * line ends of 64 bytes are found together, and each block is looked at once however many records
 * lie in it.
 *
 * A quote toggles "inside quotes" here, whatever stands beside it. Where every quote of a record
 * then is one of a pair around a cell, or one of a doubled pair inside, the strict grammar of
 * records.h reads the same record and the same cells. Any other record, and one over a limit, is
 * not for this shortcut: cb_line_next says so, and the caller goes the long way. A test holds both
 * ways against each other.
 *
 * Sequence: cb_lines_begin -> for each record cb_line_next; where it says false: cb_record_next,
 * cb_split_record, cb_lines_seek to the next record. */
#ifndef CB_INGEST_LINES_H
#define CB_INGEST_LINES_H

#include "casebook/fields.h"
#include "ingest/marks.h"

typedef struct cb_lines {
    cb_str text;
    char delimiter;
    size_t record_limit;
    size_t base;                 /* where the block in hand begins */
    uint64_t delimiters, ends;   /* of the block, outside quotes, not yet handed out */
    uint64_t quotes, inner_ends; /* of the block, from the record's start on */
    uint64_t inside;             /* all ones: the next block begins inside quotes */
    bool after_cr;               /* the next block begins behind a CR */
    bool block_odd;              /* the block has bytes beyond 1 … 127 */
    unsigned run, run_at;        /* blocks in `marks`, and those of them that were in hand */
    cb_marks marks[CB_MARKS_RUN];
} cb_lines;

typedef struct cb_line {
    cb_record record;
    bool ascii; /* nothing but bytes 1 … 127; false: it may be so all the same */
} cb_line;

cb_lines cb_lines_begin(cb_str text, char delimiter, size_t record_limit);

// cb_lines_seek goes to the record that begins at `from` (at most the length of the text).
void cb_lines_seek(cb_lines *lines, size_t from);

// cb_line_next reads the record at `from`, where the last one ended or was sought, and splits it as
// cb_split_record does. false: it is not for the shortcut, or *status says that memory ran out.
bool cb_line_next(cb_lines *lines, cb_splitter *splitter, size_t from, cb_line *line,
                  cb_cells *cells, cb_status *status);

#endif
