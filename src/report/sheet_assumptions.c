/* The Assumptions sheet: every number that is not data, and the cost as formulas over them.
 *
 * Cells with a name are live: change one and recalculate, and every cost below follows, to the same
 * cent that casebook gives with --set assumptions.KEY=VALUE. What shapes the counting itself
 * (windows, thresholds) needs a new run and is listed apart. */
#include <math.h>
#include <string.h>

#include "model.h"

static bool integral(double value)
{
    return fabs(value) < 1e15 && value >= 0 && !(floor(value) < value);
}

/* Shares as percent, what is counted as counts, all else as numbers. */
static cb_cell_kind kind_of(const cb_assumption_info *info, const cb_assumption *value)
{
    static const char *const counted[] = {"customers", "0 or 1", "days", "cases", "hours"};
    if (strncmp(info->unit, "share", 5) == 0)
        return CB_CELL_PERCENT;
    for (unsigned i = 0; i < sizeof counted / sizeof counted[0]; i++)
        if (strcmp(info->unit, counted[i]) == 0)
            return integral(value->low) && integral(value->base) && integral(value->high)
                       ? CB_CELL_COUNT
                       : CB_CELL_NUMBER;
    return CB_CELL_NUMBER;
}

static void put_value(cb_grid *grid, unsigned column, cb_cell_kind kind, double value)
{
    if (kind == CB_CELL_COUNT)
        cb_put_count(grid, column, (uint64_t)llround(value));
    else if (kind == CB_CELL_PERCENT)
        cb_put_percent(grid, column, value);
    else
        cb_put_number(grid, column, value);
}

enum { COL_KEY, COL_LOW, COL_BASE, COL_HIGH, COL_SOURCE, COL_UNIT, COL_GRADE, COL_MIN, COL_MAX };
#define UNBOUNDED 1e9

static void assumption_row(cb_compose *c, cb_grid *grid, int a)
{
    static const char *const suffix[] = {"_low", "", "_high"};
    const cb_assumption_info *info = &cb_assumption_table[a];
    const cb_assumption *value = &c->settings->assumption[a];
    const double values[] = {value->low, value->base, value->high};
    cb_cell_kind kind = kind_of(info, value);
    cb_grid_row(grid);
    cb_put_text(grid, COL_KEY, cb_str_of(info->key));
    for (unsigned i = 0; i < 3; i++) {
        const char *name = cb_arena_text(c->arena, "%s%s", info->key, suffix[i]).at;
        put_value(grid, COL_LOW + i, kind, values[i]);
        cb_set_name(grid, COL_LOW + i, name ? name : "");
    }
    cb_put_text(grid, COL_SOURCE, cb_str_of(info->source));
    cb_put_text(grid, COL_UNIT, cb_str_of(info->unit));
    cb_put_text(grid, COL_GRADE, cb_str_of(info->grade));
    put_value(grid, COL_MIN, kind, info->min);
    if (info->max < UNBOUNDED)
        put_value(grid, COL_MAX, kind, info->max);
}

static const cb_grid_column assumption_columns[] = {
    [COL_KEY] = {"Assumption", CB_CELL_TEXT, 0, 50, "The key of --set assumptions.KEY=VALUE"},
    [COL_LOW] = {"Low", CB_CELL_NUMBER, 2, 12, "C8: feeds the tornado"},
    [COL_BASE] = {"Base", CB_CELL_NUMBER, 2, 14, "Change this cell and recalculate"},
    [COL_HIGH] = {"High", CB_CELL_NUMBER, 2, 12, "C8: feeds the tornado"},
    [COL_UNIT] = {"Unit", CB_CELL_TEXT, 0, 26, NULL},
    [COL_GRADE] = {"Evidence", CB_CELL_TEXT, 0, 10,
                   "A: good studies; B: old or stated intent; C: repeated without a traceable "
                   "study; setting: yours to choose"},
    [COL_SOURCE] = {"Source and meaning", CB_CELL_TEXT, 0, 70, NULL},
    [COL_MIN] = {"Min. allowed", CB_CELL_NUMBER, 2, 9, NULL},
    [COL_MAX] = {"Max. allowed", CB_CELL_NUMBER, 2, 9, "Blank: no upper bound"}};
enum { ASSUMPTION_COLUMNS = sizeof assumption_columns / sizeof assumption_columns[0] };

static void list_assumptions(cb_compose *c, cb_sheet *sheet, bool live)
{
    cb_grid *grid = cb_grid_of(c, sheet, live ? "assumptions" : "settings",
                               live ? "Live assumptions" : "Settings that need a new run",
                               assumption_columns, ASSUMPTION_COLUMNS);
    cb_grid_caption(grid, live ? "Change a cell and recalculate: the cost model below and every "
                                 "cost in the workbook follow; low and high move the tornado."
                               : "These decide what is counted. Change them with --set "
                                 "assumptions.KEY=VALUE and run again.");
    for (int a = 0; a < CB_ASSUMPTIONS; a++)
        if (cb_model_live(c, a) == live)
            assumption_row(c, grid, a);
    if (grid)
        grid->input = live;
}

void cb_sheet_assumptions(cb_compose *c)
{
    cb_sheet *sheet = cb_workbook_sheet(
        c->workbook, "Assumptions", "Assumptions and the cost model",
        "Every number that is not data, where it comes from, and what follows from it.");
    list_assumptions(c, sheet, true);
    cb_model_sheet(c, sheet);
    list_assumptions(c, sheet, false);
}
