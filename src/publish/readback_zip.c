#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>

#include "publish/readback_parts.h"

enum { ZIP_BLOCK = 1 << 16, PIECE = 1 << 16, MAX_TEXT = 1 << 20 };

bool cb_readback_fail(cb_readback *rb, cb_status status, const char *where, const char *what)
{
    if (rb->rc == CB_OK)
        rb->rc =
            cb_fail(rb->err, status, "workbook " CB_STR_FMT ", %s: %s; the file was not published",
                    CB_STR_ARG(rb->layout->workbook->stem), where, what);
    return false;
}

static bool no_memory(cb_readback *rb)
{
    if (rb->rc == CB_OK)
        rb->rc = cb_nomem(rb->err, "reading a workbook back");
    return false;
}

bool cb_readback_keep(cb_readback *rb, cb_texts *list, cb_str text)
{
    if (rb->rc != CB_OK)
        return false;
    if (list->n == list->cap) {
        size_t cap = list->cap ? list->cap * 2 : 64;
        cb_str *larger = cb_arena_array(rb->arena, cap, sizeof *larger);
        if (!larger)
            return no_memory(rb);
        if (list->n > 0)
            memcpy(larger, list->at, list->n * sizeof *larger);
        list->at = larger;
        list->cap = cap;
    }
    cb_str copy = cb_arena_copy(rb->arena, text);
    if (!copy.at)
        return no_memory(rb);
    list->at[list->n++] = copy;
    return true;
}

void cb_part_fail(cb_part *part, const char *where, const char *what)
{
    (void)cb_readback_fail(part->rb, CB_EIO, where, what);
    (void)XML_StopParser(part->parser, XML_FALSE);
}

const char *cb_attribute(const char **attributes, const char *name)
{
    for (; attributes[0]; attributes += 2) {
        if (strcmp(attributes[0], name) == 0)
            return attributes[1];
    }
    return NULL;
}

unsigned cb_part_number(const char *name, const char *prefix, const char *suffix)
{
    size_t n = strlen(prefix), length = strlen(name), end = strlen(suffix);
    unsigned number = 0;
    if (length <= n + end || length > n + end + 6 || memcmp(name, prefix, n) != 0 ||
        strcmp(name + length - end, suffix) != 0)
        return 0;
    for (size_t i = n; i < length - end; i++) {
        if (name[i] < '0' || name[i] > '9')
            return 0;
        number = number * 10 + (unsigned)(name[i] - '0');
    }
    return number;
}

/* ---- expat ---- */

static void XMLCALL on_start(void *ctx, const char *element, const char **attributes)
{
    cb_part *part = ctx;
    const char *relation = cb_attribute(attributes, "r:id");
    if (relation && part->rb->rc == CB_OK)
        cb_relation_used(part, relation);
    if (part->start && part->rb->rc == CB_OK)
        part->start(part, element, attributes);
}

static void XMLCALL on_end(void *ctx, const char *element)
{
    cb_part *part = ctx;
    if (part->end && part->rb->rc == CB_OK)
        part->end(part, element);
}

static void XMLCALL on_text(void *ctx, const char *bytes, int n)
{
    cb_part *part = ctx;
    if (!part->collect || part->rb->rc != CB_OK)
        return;
    cb_status rc = cb_buf_append(&part->text, bytes, (size_t)n);
    if (rc == CB_ENOMEM)
        (void)no_memory(part->rb);
    else if (rc != CB_OK)
        cb_part_fail(part, part->name, "a text is longer than any that was written");
}

/* No part that we write declares a document type; entities in it could expand without end. */
static void XMLCALL on_doctype(void *ctx, const char *name, const char *system_id,
                               const char *public_id, int has_subset)
{
    (void)name;
    (void)system_id;
    (void)public_id;
    (void)has_subset;
    cb_part *part = ctx;
    cb_part_fail(part, part->name, "a document type declaration, which was never written");
}

static bool feed(cb_part *part, const void *bytes, size_t n, bool last)
{
    if (XML_Parse(part->parser, bytes, (int)n, last) != XML_STATUS_ERROR && part->rb->rc == CB_OK)
        return true;
    if (part->rb->rc == CB_OK && XML_GetErrorCode(part->parser) == XML_ERROR_NO_MEMORY)
        return no_memory(part->rb);
    return cb_readback_fail(part->rb, CB_EIO, part->name, "the part is not well-formed XML");
}

/* ---- libarchive ---- */

static void read_entry(cb_part *part, struct archive *zip)
{
    static const char cannot[] = "the part cannot be unpacked";
    char piece[PIECE];
    for (;;) {
        la_ssize_t n = archive_read_data(zip, piece, sizeof piece);
        if (n < 0) {
            (void)cb_readback_fail(part->rb, CB_EIO, part->name, cannot);
            return;
        }
        if (!feed(part, piece, (size_t)n, n == 0) || n == 0)
            return;
    }
}

static void read_part(cb_readback *rb, struct archive *zip, const char *name,
                      cb_visit (*choose)(cb_part *part), void (*done)(cb_part *part))
{
    cb_part part = {.rb = rb, .name = name};
    cb_visit visit = choose(&part);
    if (visit != CB_VISIT_READ || rb->rc != CB_OK)
        return;
    cb_buf_init(&part.text, cb_alloc_libc(), MAX_TEXT);
    part.parser = XML_ParserCreate(NULL);
    if (part.parser) {
        XML_SetUserData(part.parser, &part);
        XML_SetElementHandler(part.parser, on_start, on_end);
        XML_SetCharacterDataHandler(part.parser, on_text);
        XML_SetStartDoctypeDeclHandler(part.parser, on_doctype);
        read_entry(&part, zip);
    } else {
        (void)no_memory(rb);
    }
    if (done)
        done(&part);
    XML_ParserFree(part.parser);
    cb_buf_free(&part.text);
}

static void walk_entries(cb_readback *rb, struct archive *zip, cb_visit (*choose)(cb_part *part),
                         void (*done)(cb_part *part))
{
    struct archive_entry *entry = NULL;
    int got = ARCHIVE_OK;
    while (rb->rc == CB_OK && (got = archive_read_next_header(zip, &entry)) == ARCHIVE_OK) {
        const char *name = archive_entry_pathname(entry);
        if (!name)
            (void)cb_readback_fail(rb, CB_EIO, "the package", "a part without a name");
        else
            read_part(rb, zip, name, choose, done);
    }
    if (rb->rc == CB_OK && got != ARCHIVE_EOF)
        (void)cb_readback_fail(rb, CB_EIO, "the package", "the zip archive is damaged");
}

void cb_readback_walk(cb_readback *rb, const char *path, cb_visit (*choose)(cb_part *part),
                      void (*done)(cb_part *part))
{
    struct archive *zip = archive_read_new();
    if (!zip) {
        (void)no_memory(rb);
        return;
    }
    if (archive_read_support_format_zip_seekable(zip) != ARCHIVE_OK ||
        archive_read_open_filename(zip, path, ZIP_BLOCK) != ARCHIVE_OK)
        (void)cb_readback_fail(rb, CB_EIO, "the package",
                               "the file cannot be opened as a zip archive");
    else
        walk_entries(rb, zip, choose, done);
    if (archive_read_free(zip) != ARCHIVE_OK)
        (void)cb_readback_fail(rb, CB_EIO, "the package", "the zip archive cannot be closed");
}
