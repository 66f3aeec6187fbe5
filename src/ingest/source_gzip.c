#include "ingest/source_parts.h"

#include <zlib.h>

#include <stdlib.h>

struct cb_gunzip {
    cb_stored *stored;
    z_stream z;
    bool in_member; /* between the first byte of a member and its checksum */
    uint64_t members;
    unsigned char in[CB_SOURCE_BLOCK];
};

/* 15 bits of window, and 16: gzip's header and trailer, which zlib then verifies. */
enum { GZIP_ONLY = 15 + 16, MOST_AT_ONCE = 1 << 30 };

cb_status cb_gunzip_open(cb_gunzip **out, cb_stored *stored, cb_error *err)
{
    cb_gunzip *g = calloc(1, sizeof *g);
    *out = NULL;
    if (!g || inflateInit2(&g->z, GZIP_ONLY) != Z_OK) {
        free(g);
        return cb_nomem(err, "unpacking gzip");
    }
    g->stored = stored;
    *out = g;
    return CB_OK;
}

static cb_status fail_inflate(const cb_gunzip *g, int result, cb_error *err)
{
    const char *name = g->stored->name;
    if (result == Z_MEM_ERROR)
        return cb_nomem(err, "unpacking gzip");
    if (result == Z_BUF_ERROR)
        return cb_fail(err, CB_EDATA,
                       "%s: its gzip data end too early; the file is cut short, fetch it again",
                       name);
    if (!g->in_member && g->members)
        return cb_fail(err, CB_EDATA,
                       "%s: other bytes follow its gzip data; the file is damaged, fetch it again",
                       name);
    return cb_fail(err, CB_EDATA, "%s: its gzip data are damaged (%s); fetch it again", name,
                   g->z.msg ? g->z.msg : "no reason given");
}

static cb_status refill(cb_gunzip *g, cb_error *err)
{
    size_t got = 0;
    if (g->z.avail_in)
        return CB_OK;
    cb_status status = cb_stored_read(g->stored, g->in, sizeof g->in, &got, err);
    g->z.next_in = g->in;
    g->z.avail_in = (uInt)got;
    return status;
}

/* One call of inflate. Members may follow one another: gzip and log rotation make such files. */
static cb_status inflate_some(cb_gunzip *g, cb_error *err)
{
    int result = inflate(&g->z, Z_NO_FLUSH);
    if (result == Z_STREAM_END) {
        g->in_member = false;
        g->members++;
        return inflateReset(&g->z) == Z_OK ? CB_OK : cb_nomem(err, "unpacking gzip");
    }
    if (result != Z_OK)
        return fail_inflate(g, result, err);
    g->in_member = true;
    return CB_OK;
}

cb_status cb_gunzip_read(cb_gunzip *g, void *into, size_t cap, size_t *got, cb_error *err)
{
    uInt room = cap < MOST_AT_ONCE ? (uInt)cap : MOST_AT_ONCE;
    cb_status status = CB_OK;
    g->z.next_out = into;
    g->z.avail_out = room;
    while (status == CB_OK && g->z.avail_out == room) {
        status = refill(g, err);
        if (status == CB_OK && g->z.avail_in == 0 && !g->in_member)
            break;
        if (status == CB_OK)
            status = g->z.avail_in ? inflate_some(g, err) : fail_inflate(g, Z_BUF_ERROR, err);
    }
    *got = room - g->z.avail_out;
    return status;
}

void cb_gunzip_close(cb_gunzip *g)
{
    if (!g)
        return;
    (void)inflateEnd(&g->z);
    free(g);
}
