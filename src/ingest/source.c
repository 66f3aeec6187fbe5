#include "casebook/source.h"

#include "ingest/source_parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct cb_source {
    cb_limits limits;
    cb_stored stored;
    cb_unpacker *unpacker; /* NULL: plain */
    cb_decoder *decoder;   /* NULL: UTF-8 */
    char *head;            /* read ahead of the content, to see what it is */
    size_t head_len, head_at;
    uint64_t content_bytes; /* unpacked, before any conversion */
    bool content_ended, ended;
    cb_status failed;
    cb_error why; /* what is told again to whoever reads on after an error */
    char *name;
    cb_source_facts facts;
};

/* ---- content: unpacked, within the limits ---- */

static cb_status check_limits(const cb_source *source, cb_error *err)
{
    const char *name = source->stored.name;
    uint64_t file_bytes = source->limits.file_bytes, ratio = source->limits.expand_ratio, most;
    if (source->content_bytes > file_bytes)
        return cb_fail(err, CB_ELIMIT,
                       "%s: is longer than %" PRIu64
                       " bytes%s; split it, or raise file_bytes in [limits]",
                       name, file_bytes, source->unpacker ? " unpacked" : "");
    if (!source->unpacker || __builtin_mul_overflow(source->stored.done_bytes, ratio, &most) ||
        source->content_bytes <= most)
        return CB_OK;
    return cb_fail(
        err, CB_ELIMIT,
        "%s: unpacks to more than %" PRIu64
        " times its size, as hostile archives do; unpack it first, or raise expand_ratio "
        "in [limits]",
        name, ratio);
}

/* Any number of bytes up to cap; 0 at the end. */
static cb_status read_new_content(cb_source *source, void *into, size_t cap, size_t *got,
                                  cb_error *err)
{
    cb_status status = source->unpacker ? cb_unpack_read(source->unpacker, into, cap, got, err)
                                        : cb_stored_read(&source->stored, into, cap, got, err);
    if (status != CB_OK)
        return status;
    source->content_ended = *got == 0;
    source->content_bytes += *got;
    return check_limits(source, err);
}

static cb_status read_content(void *ctx, void *into, size_t cap, size_t *got, cb_error *err)
{
    cb_source *source = ctx;
    size_t ahead = source->head_len - source->head_at;
    *got = ahead < cap ? ahead : cap;
    if (ahead) {
        memcpy(into, source->head + source->head_at, *got);
        source->head_at += *got;
        return CB_OK;
    }
    return read_new_content(source, into, cap, got, err);
}

/* ---- opening ---- */

static cb_status read_head(cb_source *source, cb_error *err)
{
    cb_status status = CB_OK;
    source->head = malloc(CB_SOURCE_BLOCK);
    if (!source->head)
        return cb_nomem(err, "the first block of an input");
    while (status == CB_OK && !source->content_ended && source->head_len < CB_SOURCE_BLOCK) {
        size_t got = 0;
        status = read_new_content(source, source->head + source->head_len,
                                  CB_SOURCE_BLOCK - source->head_len, &got, err);
        source->head_len += got;
    }
    return status;
}

static cb_status open_text(cb_source *source, cb_str encoding, cb_error *err)
{
    cb_str head = {source->head, source->head_len};
    cb_encoding found;
    cb_status status = cb_refuse_content(source->stored.name, head, err);
    if (status == CB_OK)
        status = cb_encoding_find(&found, source->stored.name, encoding, head, err);
    if (status != CB_OK)
        return status;
    source->head_at = found.mark_bytes;
    if (found.mark_bytes == head.len)
        return cb_fail(err, CB_EDATA,
                       "%s: is empty but for a byte-order mark; a header row is the least",
                       source->stored.name);
    if (!found.iconv_name[0])
        return CB_OK;
    source->facts.transcoded = true;
    return cb_decoder_open(&source->decoder, source->stored.name, &found,
                           (cb_byte_stream){read_content, source}, err);
}

/* A plain file that is too long is refused before a byte of it is used. */
static cb_status check_size(const cb_source *source, cb_error *err)
{
    int64_t total = cb_stored_total(&source->stored);
    if (source->unpacker || total < 0 || (uint64_t)total <= source->limits.file_bytes)
        return CB_OK;
    return cb_fail(err, CB_ELIMIT,
                   "%s: has %" PRId64 " bytes, more than %" PRIu64
                   "; split it, or raise file_bytes in [limits]",
                   source->stored.name, total, source->limits.file_bytes);
}

static cb_status open_layers(cb_source *source, cb_str encoding, cb_error *err)
{
    cb_status status = cb_stored_open(&source->stored, source->name, err);
    if (status != CB_OK)
        return status;
    cb_packing packing = cb_packing_of((cb_str){source->stored.head, source->stored.head_len});
    if (packing != CB_PLAIN)
        status = cb_unpack_open(&source->unpacker, packing, &source->stored, err);
    if (status == CB_OK)
        status = check_size(source, err);
    if (status == CB_OK)
        status = read_head(source, err);
    return status == CB_OK ? open_text(source, encoding, err) : status;
}

static cb_source *source_new(const char *path, const cb_limits *limits)
{
    size_t len = strlen(path) + 1;
    cb_source *source = calloc(1, sizeof *source);
    if (!source)
        return NULL;
    source->stored.fd = -1;
    source->limits = *limits;
    source->name = malloc(len);
    if (!source->name) {
        free(source);
        return NULL;
    }
    memcpy(source->name, path, len);
    return source;
}

cb_status cb_source_open(cb_source **out, const char *path, cb_str encoding,
                         const cb_limits *limits, cb_error *err)
{
    *out = NULL;
    cb_source *source = source_new(path, limits);
    if (!source)
        return cb_nomem(err, "opening an input");
    cb_status status = open_layers(source, encoding, err);
    if (status == CB_OK)
        *out = source;
    else
        cb_source_close(source);
    return status;
}

/* ---- reading ---- */

static cb_status finish(cb_source *source, cb_error *err)
{
    source->ended = true;
    return cb_stored_finish(&source->stored, source->facts.sha256, err);
}

static cb_status read_text(cb_source *source, char *into, size_t cap, size_t *got, cb_error *err)
{
    cb_status status = CB_OK;
    while (status == CB_OK && !source->ended && *got < cap) {
        size_t n = 0;
        status = source->decoder
                     ? cb_decoder_read(source->decoder, into + *got, cap - *got, &n, err)
                     : read_content(source, into + *got, cap - *got, &n, err);
        *got += n;
        if (status == CB_OK && n == 0)
            status = finish(source, err);
    }
    return status;
}

cb_status cb_source_read(cb_source *source, char *into, size_t cap, size_t *got, cb_error *err)
{
    *got = 0;
    if (source->failed == CB_OK)
        source->failed = read_text(source, into, cap, got, &source->why);
    if (source->failed != CB_OK) {
        *got = 0;
        return cb_fail(err, source->failed, "%s", source->why.why);
    }
    source->facts.text_bytes += *got;
    return CB_OK;
}

cb_source_facts cb_source_facts_of(const cb_source *source)
{
    cb_source_facts facts = source->facts;
    facts.total_bytes = cb_stored_total(&source->stored);
    facts.done_bytes = source->stored.done_bytes;
    facts.stored_bytes =
        source->ended || facts.total_bytes < 0 ? facts.done_bytes : (uint64_t)facts.total_bytes;
    return facts;
}

void cb_source_close(cb_source *source)
{
    if (!source)
        return;
    cb_decoder_close(source->decoder);
    cb_unpack_close(source->unpacker);
    cb_stored_close(&source->stored);
    free(source->head);
    free(source->name);
    free(source);
}
