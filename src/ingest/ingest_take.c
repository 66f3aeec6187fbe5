/* Bytes into chunks. Serial, so it does as little as it can: read, and find where the last whole
 * record ends. */
#include "ingest/ingest_parts.h"

cb_status cb_feed_read(cb_feed *feed, char *into, size_t cap, size_t *got, cb_error *err)
{
    size_t left = feed->ahead.len - feed->ahead_at;
    size_t n = left < cap ? left : cap;
    size_t more = 0;
    cb_status rc = CB_OK;
    if (n)
        memcpy(into, feed->ahead.at + feed->ahead_at, n);
    feed->ahead_at += n;
    if (n < cap && !feed->ended) {
        rc = cb_source_read(feed->source, into + n, cap - n, &more, err);
        feed->ended = more < cap - n;
    }
    *got = n + more;
    return rc;
}

static bool all_read(const cb_feed *feed)
{
    return feed->ended && feed->ahead_at == feed->ahead.len;
}

static cb_status read_more(cb_file *file, cb_slot *slot, size_t bytes, cb_error *err)
{
    size_t got = 0;
    if (cb_buf_reserve(&slot->text, bytes + CB_READ_PAST) != CB_OK)
        return cb_nomem(err, "a chunk of the input");
    cb_status rc = cb_feed_read(&file->feed, slot->text.at + slot->text.len, bytes, &got, err);
    slot->text.len += got;
    return rc;
}

/* Reads until a whole record is there; a long record is read in ever larger steps. */
static cb_status read_chunk(cb_file *file, cb_slot *slot, uint64_t *lines, cb_error *err)
{
    size_t record_limit = (size_t)file->ingest->settings->limits.record_bytes;
    size_t bytes = file->ingest->chunk_bytes;
    slot->len = 0;
    *lines = 0;
    for (; slot->len == 0; bytes *= 2) {
        cb_status rc = read_more(file, slot, bytes, err);
        if (rc != CB_OK)
            return rc;
        bool final = all_read(&file->feed);
        slot->len = cb_record_cut((cb_str){slot->text.at, slot->text.len}, file->delimiter,
                                  record_limit, final, lines);
        if (final)
            break;
    }
    return CB_OK;
}

static void tell_progress(const cb_file *file)
{
    const cb_ingest_options *o = &file->ingest->options;
    if (!o->progress)
        return;
    cb_source_facts facts = cb_source_facts_of(file->feed.source);
    o->progress(o->progress_ctx, file->facts->path.at, facts.done_bytes, facts.total_bytes);
}

cb_status cb_take(void *ctx, void *arg, bool *end, cb_error *err)
{
    cb_file *file = ctx;
    cb_slot *slot = arg;
    cb_feed *feed = &file->feed;
    uint64_t lines = 0;
    slot->text.len = 0;
    cb_status rc = cb_buf_append(&slot->text, feed->carry.at, feed->carry.len);
    if (rc != CB_OK)
        return cb_nomem(err, "a chunk of the input");
    rc = read_chunk(file, slot, &lines, err);
    if (rc != CB_OK)
        return rc;
    feed->carry.len = 0;
    if (cb_buf_append(&feed->carry, slot->text.at + slot->len, slot->text.len - slot->len) != CB_OK)
        return cb_nomem(err, "a chunk of the input");
    slot->first_line = feed->line_no;
    feed->line_no += lines;
    *end = slot->len == 0;
    tell_progress(file);
    return CB_OK;
}

void cb_feed_close(cb_feed *feed)
{
    cb_source_close(feed->source);
    feed->source = NULL;
    cb_buf_free(&feed->ahead);
    cb_buf_free(&feed->carry);
}
