/* records.h - where one record ends and the next begins: quote state, line numbers, chunks for threads.
 *
 * Grammar (RFC 4180, strict, as libcsv with CSV_STRICT): a quote opens only at the start of a field and closes only
 * before a delimiter or a line end; "" inside is a quote. LF, CR LF and bare CR each end a line; a record ends at the first
 * line end outside quotes. Where this breaks, the record is *malformed*:
 *   - a quoted field is not closed within CB_LOOKAHEAD_LINES physical lines, the record limit or the end of the input;
 *   - inside quotes a quote is followed by something else than a quote, a delimiter or a line end.
 * A malformed record is then only its first physical line, and scanning resumes at the next line outside quotes, so that
 * one stray quote costs one line, not the file. (A quote in the middle of an unquoted field does not disturb the
 * boundaries; the splitter refuses that record.)
 * The rule depends only on the bytes, never on where chunks were cut: a cut is always a record start.
 *
 * Both functions are pure. Speed: quotes and line ends are found 16-32 bytes at a time; a chunk without quotes costs one pass. */
#ifndef CASEBOOK_RECORDS_H
#define CASEBOOK_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "casebook/text.h"

enum { CB_CHUNK_BYTES = 1 << 20, CB_LOOKAHEAD_LINES = 64 };

typedef struct cb_record {
    cb_str text;            /* without its line end */
    size_t next;            /* offset of the next record's first byte */
    uint32_t lines;         /* physical lines it spans (1 or more) */
    bool has_quote;         /* false: no quote character in it */
    bool malformed;         /* quoting broken: only the first physical line is in text */
    bool oversize;          /* longer than the record limit: only the first physical line (cut at the limit) is in text */
} cb_record;

// cb_record_next reads the record that starts at offset `from` of text (from < text.len), whose end is the end of the
// input or of a chunk. delimiter is one byte; record_limit in bytes.
cb_record cb_record_next(cb_str text, size_t from, char delimiter, size_t record_limit);

// cb_record_cut returns the length of the longest prefix of text, which begins at a record start, that ends behind a whole
// record: where a chunk may be cut. 0: no whole record yet, more bytes are needed. final: the input ends with text (then all of it).
// *lines gets the number of physical lines in the prefix.
size_t cb_record_cut(cb_str text, char delimiter, size_t record_limit, bool final, uint64_t *lines);

#endif
