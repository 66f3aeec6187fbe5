/* source_parts.h - private to source*.c: the four layers of a source, each a read(into, cap, &got)
 * over the one below.
 *
 * stored: the bytes as on disk or received, with file descriptor, SHA-256 and progress.
 *     source_stored.c, libcrypto
 *
 * unpack: out of .gz, .zst, .xz, .zip; checksums verified, nothing may follow.
 *     source_unpack.c, libarchive; source_gzip.c, zlib
 *
 * content: limits, refusals, byte-order mark; what cb_source itself does.
 *     source.c, source_refuse.c
 *
 * text: other encodings to UTF-8.
 *     source_text.c, iconv
 *
 * Every read gives at least one byte, or *got == 0 at the end, and may give less than asked for.
 * After an error a layer is only closed. Closing takes NULL or a zeroed struct.
 *
 * gzip does not go through libarchive, which does not verify a member's CRC-32 and length (seen in
 * 3.6.2). Caveat: where an allocation of its own fails, libarchive ends the process or reads NULL
 * (3.6.2), which no caller can prevent; it allocates little, and only while it opens. */
#ifndef CASEBOOK_INGEST_SOURCE_PARTS_H
#define CASEBOOK_INGEST_SOURCE_PARTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "casebook/sha256.h"
#include "casebook/source.h"

enum { CB_SOURCE_BLOCK = 64 * 1024 };

/* ---- stored ---- */

typedef struct cb_stored {
    const char *name; /* for messages; borrowed */
    int fd;
    bool opened_here; /* close it again */
    bool whole_file;  /* a regular file, read from its beginning */
    bool ended;
    struct stat at_open;
    cb_sha256 hash;
    char *head; /* read ahead, to see what it is */
    size_t head_len, head_at;
    uint64_t done_bytes; /* read from fd */
    cb_status failed;    /* CB_OK, or what went wrong: for callers behind a library's callback */
} cb_stored;

// cb_stored_open opens path ("-": standard input; CB_ENOINPUT) and reads ahead the first block,
// which stays to be read.
CB_MUST_USE cb_status cb_stored_open(cb_stored *stored, const char *path, cb_error *err);
CB_MUST_USE cb_status cb_stored_read(cb_stored *stored, void *into, size_t cap, size_t *got,
                                     cb_error *err);

// cb_stored_finish reads what is left, checks that the file did not change meanwhile (CB_EIO) and
// writes the digest in hex, NUL-terminated.
CB_MUST_USE cb_status cb_stored_finish(cb_stored *stored, char hex[2 * CB_SHA256_BYTES + 1],
                                       cb_error *err);

// cb_stored_total returns the size of a regular file, -1 where it is not known.
int64_t cb_stored_total(const cb_stored *stored);
void cb_stored_close(cb_stored *stored);

/* ---- unpack ---- */

typedef enum cb_packing { CB_PLAIN, CB_GZIP, CB_ZSTD, CB_XZ, CB_ZIP } cb_packing;

// cb_packing_of tells by the first bytes.
cb_packing cb_packing_of(cb_str head);

typedef struct cb_unpacker cb_unpacker;

// cb_unpack_open begins to unpack `stored`, which must outlive it. A .zip is looked through for the
// one file in it.
CB_MUST_USE cb_status cb_unpack_open(cb_unpacker **out, cb_packing packing, cb_stored *stored,
                                     cb_error *err);
CB_MUST_USE cb_status cb_unpack_read(cb_unpacker *unpacker, void *into, size_t cap, size_t *got,
                                     cb_error *err);
void cb_unpack_close(cb_unpacker *unpacker);

typedef struct cb_gunzip cb_gunzip;
CB_MUST_USE cb_status cb_gunzip_open(cb_gunzip **out, cb_stored *stored, cb_error *err);
CB_MUST_USE cb_status cb_gunzip_read(cb_gunzip *gunzip, void *into, size_t cap, size_t *got,
                                     cb_error *err);
void cb_gunzip_close(cb_gunzip *gunzip);

/* ---- content ---- */

// cb_refuse_kind refuses what is not a regular file, or for standard input a folder. CB_ENOINPUT.
CB_MUST_USE cb_status cb_refuse_kind(const char *name, mode_t mode, bool is_standard_input,
                                     cb_error *err);

// cb_refuse_content refuses, by its first bytes, what is no CSV text. CB_EDATA, with what to do.
CB_MUST_USE cb_status cb_refuse_content(const char *name, cb_str head, cb_error *err);

// cb_refuse_zip_entry refuses the files that are zip archives without being packed CSV (xlsx, ods,
// …), by the name of an entry.
CB_MUST_USE cb_status cb_refuse_zip_entry(const char *name, const char *entry, cb_error *err);

/* ---- text ---- */

/* How the content is to be read. */
typedef struct cb_encoding {
    size_t mark_bytes;   /* of the byte-order mark at the front, 0 without one */
    char iconv_name[64]; /* "" for UTF-8: nothing to do */
} cb_encoding;

// cb_encoding_find decides by the mark, which wins, and by the encoding declared ("" none). UTF-16
// without a mark and undeclared is CB_EDATA with advice; a name that cannot be one is CB_ECONFIG.
CB_MUST_USE cb_status cb_encoding_find(cb_encoding *found, const char *name, cb_str declared,
                                       cb_str head, cb_error *err);

/* Where a decoder takes its bytes from. */
typedef struct cb_byte_stream {
    cb_status (*read)(void *ctx, void *into, size_t cap, size_t *got, cb_error *err);
    void *ctx;
} cb_byte_stream;

typedef struct cb_decoder cb_decoder;

// cb_decoder_open: CB_ECONFIG where this machine does not know the encoding. A sequence that is
// invalid in it becomes the byte FF, which UTF-8 never has: so the row is refused later, as an
// encoding error, and no other.
CB_MUST_USE cb_status cb_decoder_open(cb_decoder **out, const char *name,
                                      const cb_encoding *encoding, cb_byte_stream from,
                                      cb_error *err);
CB_MUST_USE cb_status cb_decoder_read(cb_decoder *decoder, void *into, size_t cap, size_t *got,
                                      cb_error *err);
void cb_decoder_close(cb_decoder *decoder);

#endif
