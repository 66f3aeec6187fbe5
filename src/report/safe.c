#include "report/safe.h"

#include <stdio.h>

enum { REPLACEMENT = 0xFFFD, MAX_STORED_BYTES = 1 << 20 };

typedef struct scan {
    cb_str in;
    size_t at;
    unsigned line_feeds;
    bool changed;
} scan;

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* "_xHHHH_" at position at */
static bool is_escape(cb_str in, size_t at)
{
    if (in.len - at < 7 || in.at[at] != '_' || in.at[at + 1] != 'x' || in.at[at + 6] != '_')
        return false;
    return is_hex(in.at[at + 2]) && is_hex(in.at[at + 3]) && is_hex(in.at[at + 4]) &&
           is_hex(in.at[at + 5]);
}

static bool is_illegal(uint32_t point)
{
    return point < 0x20 || (point >= 0x7F && point < 0xA0) || point == 0xFFFE || point == 0xFFFF;
}

static uint32_t mended(scan *s, uint32_t point)
{
    if (point == '\r') {
        s->changed = true;
        if (s->at < s->in.len && s->in.at[s->at] == '\n')
            s->at++;
        point = '\n';
    }
    if (point == '\n') {
        s->line_feeds++;
        s->changed |= s->line_feeds > CB_CELL_MAX_LINE_FEEDS;
        return s->line_feeds > CB_CELL_MAX_LINE_FEEDS ? ' ' : '\n';
    }
    if (!is_illegal(point))
        return point;
    s->changed = true;
    return point == '\t' ? ' ' : REPLACEMENT;
}

static uint32_t next(scan *s)
{
    size_t before = s->at;
    uint32_t point = cb_utf8_next(s->in, &s->at);
    /* a replacement of one byte stands for ill-formed bytes; a genuine U+FFFD takes three */
    s->changed |= point == REPLACEMENT && s->at - before == 1;
    return mended(s, point);
}

static size_t encode(char out[4], uint32_t point)
{
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    size_t n = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (point & 0x3F));
        point >>= 6;
    }
    static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    out[0] = (char)(lead[n] | point);
    return n;
}

static size_t units_of(cb_str in, size_t at, uint32_t point)
{
    return is_escape(in, at) ? CB_ESCAPE_UNITS : point >= 0x10000 ? 2 : 1;
}

static size_t stored_units(cb_str text, bool *changed)
{
    scan s = {text, 0, 0, false};
    size_t units = 0;
    while (s.at < text.len) {
        size_t at = s.at;
        units += units_of(text, at, next(&s));
    }
    *changed = s.changed || units > CB_CELL_MAX_UNITS;
    return units;
}

static cb_status append_cut_mark(cb_buf *buf, scan *s)
{
    size_t left_out = 0;
    for (; s->at < s->in.len; left_out++)
        (void)next(s);
    return cb_buf_text(buf, "\xE2\x80\xA6 [truncated %zu]", left_out);
}

static cb_status append_safe(cb_buf *buf, cb_str text, size_t max_units, bool escape)
{
    scan s = {text, 0, 0, false};
    size_t units = 0;
    cb_status rc = CB_OK;
    while (s.at < text.len && rc == CB_OK) {
        scan before = s;
        uint32_t point = next(&s);
        char bytes[4];
        units += units_of(text, before.at, point);
        if (units > max_units)
            return append_cut_mark(buf, &before);
        rc = escape && is_escape(text, before.at) ? cb_buf_append(buf, "_x005F_", 7)
                                                  : cb_buf_append(buf, bytes, encode(bytes, point));
    }
    return rc;
}

static cb_status make_safe(cb_buf *buf, cb_str text, bool escape, bool *changed)
{
    size_t units = stored_units(text, changed);
    size_t max_units = units > CB_CELL_MAX_UNITS ? CB_CELL_CUT_UNITS : CB_CELL_MAX_UNITS;
    cb_status rc = append_safe(buf, text, max_units, escape);
    return rc == CB_OK ? cb_buf_append(buf, "", 1) : rc;
}

/* Most texts are plain: printable ASCII, short, nothing to escape. */
bool cb_text_is_plain(cb_str text)
{
    return text.len <= CB_CELL_CUT_UNITS && cb_ascii_printable(text) &&
           (text.len == 0 || !memchr(text.at, '_', text.len));
}

bool cb_text_stays(cb_str text)
{
    bool changed = false;
    (void)stored_units(text, &changed);
    return !changed;
}

cb_str cb_safe_text(cb_arena *arena, cb_str text, bool *changed)
{
    bool any = false;
    cb_str out = {NULL, 0};
    if (changed)
        *changed = false;
    if (cb_text_is_plain(text))
        return cb_arena_copy(arena, text);
    cb_buf buf;
    cb_buf_init(&buf, cb_alloc_libc(), MAX_STORED_BYTES);
    if (make_safe(&buf, text, false, &any) == CB_OK)
        out = cb_arena_copy(arena, (cb_str){buf.at, buf.len - 1});
    cb_buf_free(&buf);
    if (changed)
        *changed = any;
    return out;
}

cb_status cb_safe_cell(cb_buf *buf, cb_str text)
{
    bool changed = false;
    cb_status rc = CB_OK;
    buf->len = 0;
    if (!cb_text_is_plain(text))
        rc = make_safe(buf, text, true, &changed);
    else if ((rc = cb_buf_append(buf, text.at, text.len)) == CB_OK)
        rc = cb_buf_append(buf, "", 1);
    if (rc == CB_OK)
        buf->len--;
    return rc;
}
