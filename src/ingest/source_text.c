#include "ingest/source_parts.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- which encoding ---- */

// clang-format off
static const struct {
    const char *bytes;
    size_t n;
    const char *iconv_name;
} mark_table[] = {
    {"\xef\xbb\xbf", 3, ""},
    {"\xff\xfe\0\0", 4, "UTF-32LE"}, /* before UTF-16LE, whose mark it begins with */
    {"\0\0\xfe\xff", 4, "UTF-32BE"},
    {"\xff\xfe", 2, "UTF-16LE"},
    {"\xfe\xff", 2, "UTF-16BE"},
};
// clang-format on

/* Names that people write and iconv does not know, or knows otherwise; folded. */
// clang-format off
static const struct {
    const char *folded, *iconv_name;
} alias_table[] = {
    {"utf8", ""},
    {"utf8bom", ""},
    {"utf8sig", ""},
    {"unicode", "UTF-16LE"}, /* Windows' word for it */
    {"utf16", "UTF-16LE"},   /* without a mark; with one the mark tells */
    {"utf16le", "UTF-16LE"},
    {"utf16be", "UTF-16BE"},
    {"utf32", "UTF-32LE"},
    {"ucs2", "UTF-16LE"},
    {"latin1", "ISO-8859-1"},
    {"latin9", "ISO-8859-15"},
    {"ansi", "WINDOWS-1252"},
    {"cp1252", "WINDOWS-1252"},
    {"windows1252", "WINDOWS-1252"},
    {"macroman", "MACINTOSH"},
};
// clang-format on

static bool find_alias(cb_str declared, char *iconv_name, size_t cap)
{
    for (size_t i = 0; i < sizeof alias_table / sizeof *alias_table; i++)
        if (cb_name_eq(declared, cb_str_of(alias_table[i].folded))) {
            (void)snprintf(iconv_name, cap, "%s", alias_table[i].iconv_name);
            return true;
        }
    return false;
}

/* A '/' would reach iconv's own switches (//TRANSLIT, //IGNORE), which replace what cannot be read
 * without a word. */
static bool is_plain_name(cb_str name, size_t cap)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && (!c || !strchr("-_.:+()", c)))
            return false;
    }
    return name.len && name.len < cap;
}

static cb_status fail_unknown(const char *name, cb_str encoding, cb_error *err)
{
    int shown = encoding.len < 64 ? (int)encoding.len : 64;
    return cb_fail(err, CB_ECONFIG,
                   "%s: the encoding '%.*s' is not known on this machine; write utf-8, utf-16le, "
                   "latin-1, windows-1252 or another name "
                   "that 'iconv -l' lists",
                   name, shown, encoding.at);
}

/* Header rows are mostly ASCII, so that in UTF-16 nearly every other byte is NUL. */
static const char *unmarked_utf16(cb_str head)
{
    size_t pairs = (head.len < 512 ? head.len : 512) / 2, first = 0, second = 0;
    for (size_t i = 0; i < pairs; i++) {
        first += head.at[2 * i] == '\0';
        second += head.at[2 * i + 1] == '\0';
    }
    if (pairs && second * 4 >= pairs * 3 && first == 0)
        return "utf-16le";
    return pairs && first * 4 >= pairs * 3 && second == 0 ? "utf-16be" : NULL;
}

static const char *find_mark(cb_str head, size_t *mark_bytes)
{
    for (size_t i = 0; i < sizeof mark_table / sizeof *mark_table; i++)
        if (head.len >= mark_table[i].n &&
            memcmp(head.at, mark_table[i].bytes, mark_table[i].n) == 0) {
            *mark_bytes = mark_table[i].n;
            return mark_table[i].iconv_name;
        }
    return NULL;
}

static cb_status find_undeclared(const char *name, cb_str head, cb_error *err)
{
    const char *looks = unmarked_utf16(head);
    if (!looks)
        return CB_OK;
    return cb_fail(err, CB_EDATA,
                   "%s: looks like UTF-16 without a byte-order mark; set encoding = %s in the "
                   "section of this input ([cases], [reviews] "
                   "or [customers]), or save it as UTF-8",
                   name, looks);
}

cb_status cb_encoding_find(cb_encoding *found, const char *name, cb_str declared, cb_str head,
                           cb_error *err)
{
    *found = (cb_encoding){0};
    const char *by_mark = find_mark(head, &found->mark_bytes);
    if (by_mark) {
        (void)snprintf(found->iconv_name, sizeof found->iconv_name, "%s", by_mark);
        return CB_OK;
    }
    if (declared.len == 0)
        return find_undeclared(name, head, err);
    if (find_alias(declared, found->iconv_name, sizeof found->iconv_name))
        return CB_OK;
    if (!is_plain_name(declared, sizeof found->iconv_name))
        return fail_unknown(name, declared, err);
    memcpy(found->iconv_name, declared.at, declared.len);
    return CB_OK;
}

/* ---- decoding ---- */

struct cb_decoder {
    const char *name;
    cb_byte_stream from;
    iconv_t cd;
    size_t unit; /* bytes stepped over where a sequence is invalid */
    size_t in_at, in_len, out_at, out_len;
    bool starved; /* what is left of `in` is the beginning of a sequence */
    bool in_ended, flushed;
    char in[CB_SOURCE_BLOCK], out[CB_SOURCE_BLOCK];
};

static const char invalid_utf8 = '\xff';

static size_t unit_of(const char *iconv_name)
{
    static const struct {
        const char *start;
        size_t unit;
    } units[] = {{"utf16", 2}, {"ucs2", 2}, {"utf32", 4}, {"ucs4", 4}};
    char folded[64];
    size_t len = cb_name_fold(cb_str_of(iconv_name), folded, sizeof folded);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (len >= strlen(units[i].start) &&
            memcmp(folded, units[i].start, strlen(units[i].start)) == 0)
            return units[i].unit;
    return 1;
}

cb_status cb_decoder_open(cb_decoder **out, const char *name, const cb_encoding *encoding,
                          cb_byte_stream from, cb_error *err)
{
    *out = NULL;
    iconv_t cd = iconv_open("UTF-8", encoding->iconv_name);
    if (cd == (iconv_t)-1) /* iconv.h has no name for it */
        return errno == ENOMEM ? cb_nomem(err, "the conversion of an input")
                               : fail_unknown(name, cb_str_of(encoding->iconv_name), err);
    cb_decoder *d = calloc(1, sizeof *d);
    if (!d) {
        (void)iconv_close(cd);
        return cb_nomem(err, "the conversion of an input");
    }
    d->name = name;
    d->from = from;
    d->cd = cd;
    d->unit = unit_of(encoding->iconv_name);
    *out = d;
    return CB_OK;
}

static cb_status refill(cb_decoder *d, cb_error *err)
{
    size_t got = 0;
    memmove(d->in, d->in + d->in_at, d->in_len - d->in_at);
    d->in_len -= d->in_at;
    d->in_at = 0;
    cb_status status =
        d->from.read(d->from.ctx, d->in + d->in_len, sizeof d->in - d->in_len, &got, err);
    d->in_len += got;
    d->in_ended = got == 0;
    d->starved = false;
    return status;
}

static void step_over(cb_decoder *d, size_t n)
{
    size_t left = d->in_len - d->in_at;
    d->in_at += n < left ? n : left;
    d->out[d->out_len++] = invalid_utf8;
}

/* Some encodings hold a character back until they know that nothing combines with it. */
static cb_status convert(cb_decoder *d, bool flush, cb_error *err)
{
    char *in = d->in + d->in_at, *out = d->out;
    size_t in_left = d->in_len - d->in_at, out_left = sizeof d->out - 1; /* one for invalid_utf8 */
    size_t result = iconv(d->cd, flush ? NULL : &in, flush ? NULL : &in_left, &out, &out_left);
    int number = result == (size_t)-1 ? errno : 0;
    d->in_at = d->in_len - in_left;
    d->out_at = 0;
    d->out_len = (size_t)(out - d->out);
    if (number == EILSEQ)
        step_over(d, d->unit);
    else if (number == EINVAL && d->in_ended)
        step_over(d, in_left);
    else if (number == EINVAL)
        d->starved = true;
    else if (number && number != E2BIG)
        return cb_fail(err, CB_EDATA, "%s: cannot be converted to UTF-8; convert it before",
                       d->name);
    return CB_OK;
}

cb_status cb_decoder_read(cb_decoder *d, void *into, size_t cap, size_t *got, cb_error *err)
{
    cb_status status = CB_OK;
    while (status == CB_OK && d->out_at == d->out_len && !d->flushed) {
        if (!d->in_ended && (d->in_at == d->in_len || d->starved))
            status = refill(d, err);
        d->flushed = d->in_ended && d->in_at == d->in_len;
        if (status == CB_OK)
            status = convert(d, d->flushed, err);
    }
    *got = d->out_len - d->out_at < cap ? d->out_len - d->out_at : cap;
    memcpy(into, d->out + d->out_at, *got);
    d->out_at += *got;
    return status;
}

void cb_decoder_close(cb_decoder *d)
{
    if (!d)
        return;
    (void)iconv_close(d->cd);
    free(d);
}
