#include "casebook/workbook.h"

enum { SCRATCH_BYTES = 1 << 14 };

void cb_rows_open(cb_rows *rows, const cb_grid *grid, const cb_alloc *alloc)
{
    rows->grid = grid;
    rows->alloc = alloc;
    rows->own.arena = NULL;
    rows->own.status = CB_OK;
    if (!grid->fill)
        return;
    rows->own = *grid->owner;
    rows->own.arena = NULL;
    rows->own.first = rows->own.last = NULL;
    rows->one = *grid;
    rows->one.owner = &rows->own;
    rows->one.fill = NULL; /* the row is its own */
    rows->one.scratch = true;
    rows->one.rows = 1;
    rows->one.cap = 1;
}

/* Texts that had to be copied gather in the arena; now and then it is emptied. */
static bool renew(cb_rows *rows)
{
    cb_arena_free(rows->own.arena);
    rows->own.arena = cb_arena_new(rows->alloc, 0);
    rows->one.cell =
        rows->own.arena ? cb_arena_array(rows->own.arena, rows->one.columns, sizeof *rows->one.cell)
                        : NULL;
    if (!rows->one.cell)
        rows->own.status = cb_nomem(&rows->own.error, "a row of a workbook");
    return rows->one.cell;
}

const cb_cell *cb_rows_filled(cb_rows *rows, uint32_t row)
{
    cb_grid *one = &rows->one;
    if (rows->own.status != CB_OK)
        return NULL;
    if ((!rows->own.arena || cb_arena_used(rows->own.arena) > SCRATCH_BYTES) && !renew(rows))
        return NULL;
    for (unsigned c = 0; c < one->columns; c++)
        one->cell[c] = (cb_cell){.text = CB_LIT("")};
    rows->grid->fill(rows->grid->fill_ctx, row, one);
    return rows->own.status == CB_OK ? one->cell : NULL;
}

cb_status cb_rows_status(const cb_rows *rows, cb_error *err)
{
    return cb_workbook_status(&rows->own, err);
}

void cb_rows_close(cb_rows *rows)
{
    cb_arena_free(rows->own.arena);
    rows->own.arena = NULL;
}
