/* source.h - the bytes of an input as one stream of UTF-8, whatever it comes from.
 *
 * A source is a regular file (plain, .gz, .zst, .xz, or a .zip with one file in it; told by
 * content, not by name; a symbolic link to one is fine) or standard input ("-"). Packed data are
 * verified by the checksums of their format; a file that is cut short, or followed by other bytes,
 * is CB_EDATA, and so is a zip with several files (folders and __MACOSX aside).
 *
 * A byte-order mark is removed, and it wins over an encoding declared. UTF-16 and UTF-32 with a
 * mark, and the encodings declared in the config ("utf-16le", "latin-1", "windows-1252", any name
 * iconv knows) become UTF-8. What is invalid in the encoding declared becomes the byte FF, which no
 * UTF-8 has: cb_utf8_valid then fails for that row and no other. UTF-8 itself is handed out as it
 * is, valid or not.
 *
 * SHA-256 and size are of the bytes as stored, each read and hashed once. (A zip on disk has its
 * directory read besides.)
 *
 * What is no text is refused at once, in a sentence: a folder, a pipe, a device, an empty file, a
 * file of NUL bytes, a Git LFS pointer, a workbook, PDF, database or web page under the name .csv;
 * UTF-16 without mark with advice. A file that changes while it is read is CB_EIO.
 *
 * Limits: file_bytes (unpacked), expand_ratio (unpacked for a packed byte read so far); CB_ELIMIT.
 *
 * Sequence: cb_source_open -> cb_source_read until 0 -> cb_source_facts_of -> cb_source_close.
 * Nothing that was read may be relied on before the end was: a packed file may prove damaged by its
 * last byte. Reads are repeated after a signal; a caller that wants to stop looks at its flag
 * between two calls. A source belongs to one thread.
 *
 * Door to libarchive, zlib, iconv and libcrypto (SHA-256); no other file includes them (publish:
 * libarchive to read back). */
#ifndef CASEBOOK_SOURCE_H
#define CASEBOOK_SOURCE_H

#include "casebook/settings.h"

typedef struct cb_source cb_source;

typedef struct cb_source_facts {
    uint64_t stored_bytes; /* as on disk or received; of standard input: so far */
    uint64_t text_bytes;   /* UTF-8 handed out */
    char sha256[65];       /* of the stored bytes, hex; "" until the source was read to its end */
    bool transcoded;       /* the UTF-8 is not the stored (or unpacked) bytes, a mark aside */
    int64_t total_bytes;   /* stored size where known before the end, else -1: for progress */
    uint64_t done_bytes;   /* stored bytes read so far: for progress */
} cb_source_facts;

// cb_source_open opens path ("-": standard input). encoding "" means UTF-8 or by its mark.
// CB_ENOINPUT: missing, unreadable, not a regular file; CB_EDATA: no text, or damaged; CB_ELIMIT;
// CB_ECONFIG: an encoding that this machine does not know; CB_EIO. The name in messages is the path
// as given. limits are copied. *out is NULL on failure; else the caller closes it.
CB_MUST_USE cb_status cb_source_open(cb_source **out, const char *path, cb_str encoding,
                                     const cb_limits *limits, cb_error *err);

// cb_source_read fills at most cap bytes (cap > 0) and sets *got; 0 at the end. It never cuts short
// but at the end. After an error it gives the same error again.
CB_MUST_USE cb_status cb_source_read(cb_source *source, char *into, size_t cap, size_t *got,
                                     cb_error *err);

cb_source_facts cb_source_facts_of(const cb_source *source);
void cb_source_close(cb_source *source); /* NULL is fine */

#endif
