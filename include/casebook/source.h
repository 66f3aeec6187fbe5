/* source.h - the bytes of an input as one stream of UTF-8, whatever it comes from.
 *
 * A source is a regular file (plain, .gz, .zst, .xz, or a .zip with one file in it; told by content, not by name) or
 * standard input ("-"). A byte-order mark is removed; UTF-16 with a mark, and the encodings declared in the config
 * ("utf-16", "latin-1", "windows-1252", any name iconv knows) become UTF-8. SHA-256 and size are of the bytes as stored.
 * What is no text is refused at once, in a sentence: a folder, a FIFO, a device, a file of NUL bytes, a Git LFS pointer, an
 * xlsx or PDF under the name .csv, an empty file; UTF-16 without mark with advice.
 * Limits (cb_limits): expanded size, ratio of expansion.
 * Sequence: cb_source_open -> cb_source_read until 0 -> cb_source_facts -> cb_source_close.
 * Door to libarchive, iconv and libcrypto (SHA-256); no other file includes them (publish: libarchive to read back). */
#ifndef CASEBOOK_SOURCE_H
#define CASEBOOK_SOURCE_H

#include "casebook/settings.h"

typedef struct cb_source cb_source;

typedef struct cb_source_facts {
    uint64_t stored_bytes;   /* as on disk or received */
    uint64_t text_bytes;     /* UTF-8 handed out */
    char sha256[65];         /* of the stored bytes, hex; complete once the source was read to its end */
    bool transcoded;         /* the UTF-8 handed out is not the stored (or unpacked) bytes */
    int64_t total_bytes;     /* stored size where known before the end, else -1: for progress */
    uint64_t done_bytes;     /* stored bytes read so far: for progress */
} cb_source_facts;

// cb_source_open opens path ("-": standard input). encoding "" means UTF-8 or by its mark. CB_ENOINPUT: missing,
// unreadable, not a regular file; CB_EDATA: no text. `name` in messages is the path as given.
CB_MUST_USE cb_status cb_source_open(cb_source **out, const char *path, cb_str encoding, const cb_limits *limits, cb_error *err);

// cb_source_read fills at most cap bytes and sets *got; 0 at the end. It never cuts short but at the end.
CB_MUST_USE cb_status cb_source_read(cb_source *source, char *into, size_t cap, size_t *got, cb_error *err);

cb_source_facts cb_source_facts_of(const cb_source *source);
void cb_source_close(cb_source *source);

#endif
