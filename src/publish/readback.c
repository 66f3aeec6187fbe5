#include "casebook/xlsx.h"

#include "publish/readback_parts.h"

static bool has(const cb_texts *list, cb_str text)
{
    for (size_t i = 0; i < list->n; i++) {
        if (cb_str_eq(list->at[i], text))
            return true;
    }
    return false;
}

static size_t count_parts(const cb_readback *rb, const char *prefix)
{
    size_t n = 0;
    for (size_t i = 0; i < rb->part.n; i++)
        n += cb_part_number(rb->part.at[i].at, prefix, ".xml") > 0;
    return n;
}

static void check_package(cb_readback *rb)
{
    static const char *const needed[] = {"[Content_Types].xml", "_rels/.rels",
                                         "xl/workbook.xml",     "xl/_rels/workbook.xml.rels",
                                         "xl/styles.xml",       "xl/sharedStrings.xml",
                                         "docProps/core.xml"};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        if (!has(&rb->part, cb_str_of(needed[i])))
            (void)cb_readback_fail(rb, CB_EIO, needed[i], "the part is missing");
    }
    for (size_t i = 0; i < rb->target.n; i++) {
        if (!has(&rb->part, rb->target.at[i]))
            (void)cb_readback_fail(rb, CB_EIO, rb->target.at[i].at,
                                   "the part is referred to, and missing");
    }
    if (count_parts(rb, "xl/charts/chart") != rb->layout->charts)
        (void)cb_readback_fail(rb, CB_EIO, "the package",
                               "the number of charts differs from what was meant");
    if (count_parts(rb, "xl/tables/table") != rb->layout->tables)
        (void)cb_readback_fail(rb, CB_EIO, "the package",
                               "the number of tables differs from what was meant");
}

static void check_names(cb_readback *rb)
{
    if (rb->sheet.n != rb->layout->sheets)
        (void)cb_readback_fail(rb, CB_EIO, "xl/workbook.xml",
                               "the number of sheets differs from what was meant");
    for (size_t i = 0; i < rb->sheet.n && rb->rc == CB_OK; i++) {
        if (!cb_str_eq(rb->sheet.at[i], rb->layout->sheet[i].sheet->name))
            (void)cb_readback_fail(rb, CB_EIO, "xl/workbook.xml",
                                   "the name of a sheet differs from what was meant");
    }
    if (rb->name.n != rb->layout->names || rb->place.n != rb->name.n)
        (void)cb_readback_fail(rb, CB_EIO, "xl/workbook.xml",
                               "the number of named cells differs from what was meant");
}

static void check_sheets(cb_readback *rb)
{
    for (unsigned i = 0; i < rb->layout->sheets; i++) {
        if (!rb->sheet_seen[i])
            (void)cb_readback_fail(rb, CB_EIO, rb->layout->sheet[i].sheet->name.at,
                                   "the sheet is missing");
    }
    if (rb->notes_seen != rb->notes)
        (void)cb_readback_fail(rb, CB_EIO, "the package",
                               "the number of notes differs from what was meant");
}

static void check_relations(cb_readback *rb)
{
    for (size_t i = 0; i < rb->used.n; i++) {
        if (!has(&rb->given, rb->used.at[i]))
            (void)cb_readback_fail(rb, CB_EIO, rb->used.at[i].at,
                                   "a part uses a relation that is missing");
    }
}

static void read_back(cb_readback *rb, const char *path)
{
    rb->sheet_seen = cb_arena_array(rb->arena, rb->layout->sheets, sizeof *rb->sheet_seen);
    if (!rb->sheet_seen) {
        rb->rc = cb_nomem(rb->err, "reading a workbook back");
        return;
    }
    cb_readback_walk(rb, path, cb_words_choose, NULL);
    if (rb->rc == CB_OK)
        check_package(rb);
    if (rb->rc == CB_OK)
        check_names(rb);
    if (rb->rc == CB_OK)
        cb_readback_walk(rb, path, cb_sheet_choose, cb_sheet_done);
    if (rb->rc == CB_OK)
        check_sheets(rb);
    if (rb->rc == CB_OK)
        check_relations(rb);
}

cb_status cb_xlsx_verify(const cb_workbook *workbook, const char *path, cb_error *err)
{
    cb_layout *layout = NULL;
    cb_status rc = cb_layout_new(&layout, workbook, err);
    if (rc != CB_OK)
        return rc;
    cb_readback rb = {.layout = layout, .arena = cb_arena_new(NULL, 0), .rc = CB_OK, .err = err};
    if (rb.arena)
        read_back(&rb, path);
    else
        rb.rc = cb_nomem(err, "reading a workbook back");
    cb_arena_free(rb.arena);
    cb_layout_free(layout);
    return rb.rc;
}
