/* records.h - where one record ends and the next begins: quote state, line numbers, chunks for
 * threads.
 *
 * Grammar (RFC 4180, strict, as libcsv with CSV_STRICT): a quote opens only at the start of a field
 * and closes only before a delimiter or a line end; "" inside is a quote. LF, CR LF and bare CR
 * each end a line; a record ends at the first line end outside quotes. Where this breaks, the
 * record is *malformed*:
 *   - inside quotes a quote is followed by something else than a quote, a delimiter or a line end;
 *   - the input ends inside quotes;
 *   - a record with a line end inside quotes does not end within CB_LOOKAHEAD_LINES physical lines,
 *     or within the record limit.
 *
 * A malformed record is then only its first physical line, and scanning resumes at the next line
 * outside quotes, so that one stray quote costs one line, not the file. (A quote in the middle of
 * an unquoted field does not disturb the boundaries; the splitter refuses that record.)
 *
 * A record whose first physical line is longer than the record limit is *oversize*: again only that
 * line, its text cut at the limit. Both flags may be set (quotes open at the limit); oversize tells
 * the more useful reason then.
 *
 * The rule depends only on the bytes, never on where chunks were cut: a cut is always a record
 * start, and the records of a chunk are the same whether it is read alone or with what follows it.
 *
 * Sequence: fill a buffer -> cb_record_cut -> hand the prefix to a worker, which calls
 * cb_record_next from 0 until record.next == text.len -> move the rest to the front, fill again.
 * Where the cut is 0 the buffer must grow; once it holds two bytes more than the record limit, 0
 * means that its first physical line has no end yet: refuse the input beyond a size of your choice.
 *
 * Both functions are pure, allocate nothing and never fail. Speed: quotes and line ends are found
 * 64 bytes at a time; a cut costs one pass over the chunk, and a walk through the records whose
 * quotes are odd or hold line ends.
 *
 * Caveat: a malformed record costs a look ahead of at most CB_LOOKAHEAD_LINES lines, so hostile
 * input is slower by up to that factor, never by its square. The bound is a thousand lines and not
 * a few dozen because e-mail threads in a text column run to hundreds of lines. */
#ifndef CASEBOOK_RECORDS_H
#define CASEBOOK_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "casebook/text.h"

enum { CB_CHUNK_BYTES = 1 << 19, CB_LOOKAHEAD_LINES = 1024 };

typedef struct cb_record {
    cb_str text;    /* without its line end; borrowed from the text given */
    size_t next;    /* offset of the next record's first byte */
    uint32_t lines; /* physical lines it spans (1 or more) */
    bool has_quote; /* false: no quote character in it */
    bool malformed; /* quoting broken: only the first physical line is in text */
    bool oversize;  /* the first physical line is longer than the record limit: cut there */
} cb_record;

// cb_record_next reads the record that starts at offset `from` of text (from < text.len), whose end
// is the end of the input or of a chunk. delimiter is one byte; record_limit in bytes.
cb_record cb_record_next(cb_str text, size_t from, char delimiter, size_t record_limit);

// cb_record_cut returns the length of the longest prefix of text, which begins at a record start,
// that ends behind a whole record: where a chunk may be cut. 0: no whole record yet, more bytes are
// needed. final: the input ends with text (then all of it). *lines gets the number of physical
// lines in the prefix.
size_t cb_record_cut(cb_str text, char delimiter, size_t record_limit, bool final, uint64_t *lines);

#endif
