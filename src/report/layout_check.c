#include "casebook/layout.h"

#include "report/layout_parts.h"

static bool looks_like_address(cb_str name)
{
    size_t letters = 0, i;
    while (letters < name.len &&
           ((name.at[letters] | 0x20) >= 'a' && (name.at[letters] | 0x20) <= 'z'))
        letters++;
    for (i = letters; i < name.len && name.at[i] >= '0' && name.at[i] <= '9'; i++)
        ;
    if (i < name.len)
        return name.len > 1 && (name.at[0] | 0x20) == 'r' && name.at[1] >= '0' && name.at[1] <= '9';
    return letters <= 3; /* "q3", and "r", "c" of the R1C1 notation */
}

bool cb_name_fits(cb_str name)
{
    if (name.len == 0 || name.len > 100 || (name.len >= 4 && !memcmp(name.at, "tbl_", 4)))
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        bool digit = (c >= '0' && c <= '9') || c == '.';
        if (!letter && (i == 0 || !digit))
            return false;
    }
    return !looks_like_address(name);
}

static cb_status broken_cell(const cb_grid *grid, cb_str word, const char *what, cb_error *err)
{
    return cb_fail(err, CB_ECANTCREAT, "grid " CB_STR_FMT ": " CB_STR_FMT ": %s",
                   CB_STR_ARG(grid->id), CB_STR_ARG(word), what);
}

static cb_status check_cell(cb_flow *f, const cb_grid *grid, const cb_cell *cell, cb_buf *names)
{
    const cb_str link = cb_cell_link(cell), name = cb_cell_name(cell);
    if (link.len > 0) {
        if (!cb_layout_item(f->layout, link))
            return broken_cell(grid, link, "a link to a grid that does not exist", f->err);
        if (++f->layout->links > CB_MAX_LINKS)
            return cb_fail(f->err, CB_ELIMIT,
                           "grid " CB_STR_FMT ": more than 65,530 links in a workbook",
                           CB_STR_ARG(grid->id));
    }
    if (name.len == 0)
        return CB_OK;
    if (!cb_name_fits(name))
        return broken_cell(grid, name, "this cannot be the name of a cell", f->err);
    for (size_t i = 0; i < f->layout->names; i++) {
        cb_str known;
        memcpy(&known, names->at + i * sizeof known, sizeof known);
        if (cb_str_eq_nocase(known, name))
            return broken_cell(grid, name, "two cells have this name", f->err);
    }
    f->layout->names++;
    return cb_buf_append(names, &name, sizeof name) == CB_OK
               ? CB_OK
               : cb_nomem(f->err, "the names of a workbook");
}

static void check_grid(cb_flow *f, const cb_grid *grid, cb_buf *names)
{
    const size_t cells = (size_t)grid->rows * grid->columns;
    for (size_t c = 0; c < cells && f->rc == CB_OK; c++) {
        if (grid->cell[c].more)
            f->rc = check_cell(f, grid, &grid->cell[c], names);
    }
}

cb_status cb_flow_check_cells(cb_flow *f)
{
    cb_buf names;
    cb_buf_init(&names, cb_alloc_libc(), (size_t)1 << 26);
    for (unsigned s = 0; s < f->layout->sheets && f->rc == CB_OK; s++) {
        const cb_sheet_layout *sheet = &f->layout->sheet[s];
        for (size_t i = 0; i < sheet->items && f->rc == CB_OK; i++) {
            const cb_grid *grid = sheet->item[i].grid;
            if (grid && !grid->fill) /* cells of a source have neither name nor link */
                check_grid(f, grid, &names);
        }
    }
    cb_buf_free(&names);
    return f->rc;
}

const cb_item *cb_layout_item(const cb_layout *layout, cb_str id)
{
    for (unsigned s = 0; s < layout->sheets; s++) {
        for (size_t i = 0; i < layout->sheet[s].items; i++) {
            const cb_item *item = &layout->sheet[s].item[i];
            if (item->grid && cb_str_eq(item->grid->id, id))
                return item;
        }
    }
    return NULL;
}
