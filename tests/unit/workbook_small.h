/* workbook_small.h - a workbook of one sheet with one grid of two columns, for the tests of the
 * model and of the layout. */
#ifndef TESTS_WORKBOOK_SMALL_H
#define TESTS_WORKBOOK_SMALL_H

#include "casebook/workbook.h"

// clang-format off
static const cb_grid_column two[] = {{"Name", CB_CELL_TEXT, 0, 0, NULL}, {"Value", CB_CELL_NUMBER, 1, 0, NULL}};
// clang-format on

static inline cb_workbook *small(cb_arena *arena, cb_sheet **sheet, cb_grid **grid)
{
    cb_workbook *w = cb_workbook_new(arena, "small", "Small");
    *sheet = cb_workbook_sheet(w, "One", "Title", "Subtitle");
    *grid = cb_sheet_grid(*sheet, "g", "Grid", two, 2);
    return w;
}

#endif
