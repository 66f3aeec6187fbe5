#include <stdio.h>

#include "publish/readback_parts.h"

static bool is(const char *element, const char *name)
{
    return strcmp(element, name) == 0;
}

static void collect_from(cb_part *part)
{
    part->text.len = 0;
    part->collect = true;
}

static cb_str collected(cb_part *part)
{
    part->collect = false;
    return (cb_str){part->text.len ? part->text.at : "", part->text.len};
}

/* ---- shared strings: <si><t>…</t></si>, each in one piece ---- */

static void string_start(cb_part *part, const char *element, const char **attributes)
{
    (void)attributes;
    if (is(element, "t"))
        collect_from(part);
    else if (is(element, "r"))
        cb_part_fail(part, part->name, "a text of several looks, which was never written");
}

static void string_end(cb_part *part, const char *element)
{
    if (is(element, "t"))
        part->collect = false;
    if (!is(element, "si"))
        return;
    (void)cb_readback_keep(part->rb, &part->rb->string, collected(part));
    part->text.len = 0;
}

/* ---- workbook: the names of sheets and cells ---- */

static void workbook_start(cb_part *part, const char *element, const char **attributes)
{
    const char *name = cb_attribute(attributes, "name");
    if (is(element, "sheet"))
        (void)cb_readback_keep(part->rb, &part->rb->sheet, cb_str_of(name ? name : ""));
    if (!is(element, "definedName"))
        return;
    if (!name)
        cb_part_fail(part, part->name, "a name of a cell is missing");
    else if (strncmp(name, "_xlnm.", 6) != 0 &&
             cb_readback_keep(part->rb, &part->rb->name, cb_str_of(name)))
        collect_from(part);
}

static void workbook_end(cb_part *part, const char *element)
{
    if (is(element, "definedName") && part->collect)
        (void)cb_readback_keep(part->rb, &part->rb->place, collected(part));
}

/* ---- relations and content types: which parts must exist ---- */

static void keep_target(cb_part *part, cb_str folder, cb_str target)
{
    char path[512];
    if (target.len > 0 && target.at[0] == '/') {
        folder.len = 0;
        target = (cb_str){target.at + 1, target.len - 1};
    }
    while (target.len >= 3 && memcmp(target.at, "../", 3) == 0 && folder.len > 0) {
        target = (cb_str){target.at + 3, target.len - 3};
        for (folder.len--; folder.len > 0 && folder.at[folder.len - 1] != '/';)
            folder.len--;
    }
    if (folder.len + target.len >= sizeof path) {
        cb_part_fail(part, part->name, "the name of a part is too long");
        return;
    }
    memcpy(path, folder.at, folder.len);
    memcpy(path + folder.len, target.at, target.len);
    (void)cb_readback_keep(part->rb, &part->rb->target, (cb_str){path, folder.len + target.len});
}

/* "xl/_rels/workbook.xml.rels" speaks of files in "xl/" */
static cb_str rels_folder(const char *name)
{
    const char *at = strstr(name, "_rels/");
    return (cb_str){name, at ? (size_t)(at - name) : 0};
}

void cb_relation_used(cb_part *part, const char *id)
{
    char text[512];
    const char *slash = strrchr(part->name, '/');
    size_t folder = slash ? (size_t)(slash - part->name) + 1 : 0;
    int n = snprintf(text, sizeof text, "%.*s_rels/%s.rels#%s", (int)folder, part->name,
                     part->name + folder, id);
    if (n <= 0 || (size_t)n >= sizeof text)
        cb_part_fail(part, part->name, "a relation with too long a name");
    else
        (void)cb_readback_keep(part->rb, &part->rb->used, (cb_str){text, (size_t)n});
}

void cb_relation_given(cb_part *part, const char *id)
{
    char text[512];
    int n = snprintf(text, sizeof text, "%s#%s", part->name, id);
    if (n <= 0 || (size_t)n >= sizeof text)
        cb_part_fail(part, part->name, "a relation with too long a name");
    else
        (void)cb_readback_keep(part->rb, &part->rb->given, (cb_str){text, (size_t)n});
}

static void rels_start(cb_part *part, const char *element, const char **attributes)
{
    if (!is(element, "Relationship"))
        return;
    const char *target = cb_attribute(attributes, "Target"), *id = cb_attribute(attributes, "Id");
    if (!target || !id || cb_attribute(attributes, "TargetMode"))
        cb_part_fail(part, part->name,
                     "a relation without a target, or to something outside the workbook");
    else
        keep_target(part, rels_folder(part->name), cb_str_of(target));
    if (part->rb->rc == CB_OK)
        cb_relation_given(part, id);
}

static void types_start(cb_part *part, const char *element, const char **attributes)
{
    const char *name = cb_attribute(attributes, "PartName");
    if (is(element, "Override") && name)
        keep_target(part, CB_LIT(""), cb_str_of(name));
}

/* ---- notes ---- */

static bool add_note(cb_readback *rb, unsigned number, const char *address)
{
    if (rb->notes == rb->notes_cap) {
        size_t cap = rb->notes_cap ? rb->notes_cap * 2 : 64;
        cb_read_note *larger = cb_arena_array(rb->arena, cap, sizeof *larger);
        if (!larger) {
            rb->rc = cb_nomem(rb->err, "reading a workbook back");
            return false;
        }
        if (rb->notes > 0)
            memcpy(larger, rb->note, rb->notes * sizeof *larger);
        rb->note = larger;
        rb->notes_cap = cap;
    }
    rb->note[rb->notes++] =
        (cb_read_note){number, cb_arena_copy(rb->arena, cb_str_of(address)), CB_LIT("")};
    return rb->note[rb->notes - 1].address.at != NULL;
}

static void note_start(cb_part *part, const char *element, const char **attributes)
{
    const char *address = cb_attribute(attributes, "ref");
    if (is(element, "comment") && address)
        (void)add_note(part->rb, cb_part_number(part->name, "xl/comments", ".xml"), address);
    else if (is(element, "t"))
        collect_from(part);
}

static void note_end(cb_part *part, const char *element)
{
    cb_readback *rb = part->rb;
    if (!is(element, "t") || rb->notes == 0)
        return;
    rb->note[rb->notes - 1].text = cb_arena_copy(rb->arena, collected(part));
    if (!rb->note[rb->notes - 1].text.at)
        rb->rc = cb_nomem(rb->err, "reading a workbook back");
}

/* ---- which part is read how ---- */

static bool ends_with(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);
    return n >= m && strcmp(name + n - m, end) == 0;
}

cb_visit cb_words_choose(cb_part *part)
{
    cb_readback *rb = part->rb;
    for (size_t i = 0; i < rb->part.n; i++) {
        if (strcmp(rb->part.at[i].at, part->name) == 0) {
            (void)cb_readback_fail(rb, CB_EIO, part->name, "the part is there twice");
            return CB_VISIT_ERROR;
        }
    }
    if (!cb_readback_keep(rb, &rb->part, cb_str_of(part->name)))
        return CB_VISIT_ERROR;
    if (cb_part_number(part->name, "xl/worksheets/sheet", ".xml"))
        return CB_VISIT_SKIP; /* its turn comes when the strings are known */
    if (is(part->name, "xl/sharedStrings.xml")) {
        part->start = string_start;
        part->end = string_end;
    } else if (is(part->name, "xl/workbook.xml")) {
        part->start = workbook_start;
        part->end = workbook_end;
    } else if (ends_with(part->name, ".rels")) {
        part->start = rels_start;
    } else if (is(part->name, "[Content_Types].xml")) {
        part->start = types_start;
    } else if (cb_part_number(part->name, "xl/comments", ".xml")) {
        part->start = note_start;
        part->end = note_end;
    }
    return CB_VISIT_READ;
}
