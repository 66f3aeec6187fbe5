#include "casebook/layout.h"

#include "report/layout_parts.h"

enum { MAX_NONE_NOTES = 64 };

bool cb_chart_draws_gaps(cb_chart_kind kind)
{
    return kind == CB_CHART_LINE || kind == CB_CHART_STEP || kind == CB_CHART_SCATTER;
}

static void mark_gaps(const cb_workbook *workbook, const cb_grid *grid, bool *blank)
{
    for (const cb_sheet *sheet = workbook->first; sheet; sheet = sheet->next) {
        for (const cb_block *block = sheet->first; block; block = block->next) {
            const cb_chart *chart = block->chart;
            for (unsigned i = 0; chart && cb_chart_draws_gaps(chart->kind) && i < chart->series_n;
                 i++) {
                if (chart->series[i].grid != grid)
                    continue;
                blank[chart->series[i].x_column] = true;
                blank[chart->series[i].y_column] = true;
            }
        }
    }
}

static bool none_is_known(const cb_item *item, unsigned column, cb_str reason)
{
    for (size_t i = 0; i < item->nones; i++) {
        if (item->none[i].column == column && cb_str_eq(item->none[i].reason, reason))
            return true;
    }
    return false;
}

/* The first of each reason in each column, up to a limit that no reader would read beyond. */
static void collect_none(cb_item *item)
{
    const cb_grid *grid = item->grid;
    for (uint32_t r = 0; r < grid->rows; r++) {
        for (unsigned c = 0; c < grid->columns && item->nones < MAX_NONE_NOTES; c++) {
            const cb_cell *cell = &grid->cell[(size_t)r * grid->columns + c];
            if (cell->kind == CB_CELL_NONE && !none_is_known(item, c, cell->text))
                item->none[item->nones++] = (cb_none_note){c, r, cell->text};
        }
    }
}

/* The last row and column are sums or the rest, and would outshine all others. */
static int64_t largest_count(const cb_grid *grid)
{
    int64_t max = 0;
    for (uint32_t r = 0; grid->heat && r + 1 < grid->rows; r++) {
        for (unsigned c = 0; c + 1 < grid->columns; c++) {
            const cb_cell *cell = &grid->cell[(size_t)r * grid->columns + c];
            if (cell->kind == CB_CELL_COUNT && cell->v.i > max)
                max = cell->v.i;
        }
    }
    return max;
}

static bool reason_before(const cb_item *item, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (cb_str_eq(item->none[i].reason, item->none[at].reason))
            return true;
    }
    return false;
}

void cb_flow_none_legend(cb_flow *f, const cb_item *item, unsigned px)
{
    bool blanks = false;
    for (size_t i = 0; i < item->nones; i++)
        blanks |= item->blank_none[item->none[i].column];
    cb_str text = cb_arena_text(f->layout->arena, "%s", blanks ? "n/e or blank: " : "n/e: ");
    for (size_t i = 0; i < item->nones && text.at; i++) {
        if (!reason_before(item, i))
            text = cb_arena_text(f->layout->arena, CB_STR_FMT "%s" CB_STR_FMT, CB_STR_ARG(text),
                                 i ? "; " : "", CB_STR_ARG(item->none[i].reason));
    }
    if (!text.at)
        cb_flow_no_memory(f);
    else
        cb_flow_lines(f, CB_ROLE_LEGEND, CB_ROLE_LEGEND, text, px);
}

static void mark_wraps(cb_flow *f, cb_item *item)
{
    const cb_grid *grid = item->grid;
    unsigned room[CB_MAX_LAYOUT_COLUMNS];
    for (unsigned c = 0; c < grid->columns; c++)
        room[c] = cb_column_units(f->sheet, grid, c, false);
    for (size_t i = 0; i < (size_t)grid->rows * grid->columns; i++) {
        unsigned c = (unsigned)(i % grid->columns);
        const cb_cell *cell = &grid->cell[i];
        if (cell->kind != CB_CELL_TEXT || item->wrap[c])
            continue;
        bool line_feed = cell->text.len && memchr(cell->text.at, '\n', cell->text.len);
        item->wrap[c] = line_feed || cb_text_units(cell->text) > room[c];
    }
}

void cb_flow_grid_heights(cb_flow *f, const cb_item *item)
{
    const cb_grid *grid = item->grid;
    unsigned header = 1;
    for (unsigned c = 0; c < grid->columns; c++) {
        unsigned lines = cb_text_rows(cb_str_of(grid->column[c].title),
                                      cb_column_units(f->sheet, grid, c, true));
        header = lines > header ? lines : header;
    }
    cb_flow_height(f, item->row, header * 15 + 4);
    for (uint32_t r = 0; r < grid->rows && f->rc == CB_OK; r++) {
        unsigned lines = 1;
        for (unsigned c = 0; c < grid->columns; c++) {
            const cb_cell *cell = &grid->cell[(size_t)r * grid->columns + c];
            if (!item->wrap[c] || cell->kind != CB_CELL_TEXT)
                continue;
            unsigned n = cb_text_rows(cell->text, cb_column_units(f->sheet, grid, c, false));
            lines = n > lines ? n : lines;
        }
        cb_flow_height(f, item->row + 1 + r, lines > 1 ? lines * 15 : 0);
    }
}

static bool titles_are_unique(const cb_grid *grid)
{
    for (unsigned c = 0; c < grid->columns; c++) {
        cb_str title = cb_str_of(grid->column[c].title);
        if (title.len == 0 || title.len > 255 || memchr(title.at, '\n', title.len))
            return false;
        for (unsigned d = 0; d < c; d++) {
            if (cb_str_eq_nocase(title, cb_str_of(grid->column[d].title)))
                return false;
        }
    }
    return true;
}

bool cb_flow_prepare_grid(cb_flow *f, cb_item *item, const cb_grid *grid)
{
    item->grid = grid;
    item->blank_none = cb_arena_array(f->layout->arena, grid->columns, sizeof *item->blank_none);
    item->wrap = cb_arena_array(f->layout->arena, grid->columns, sizeof *item->wrap);
    item->none = cb_arena_array(f->layout->arena, MAX_NONE_NOTES, sizeof *item->none);
    if (!item->blank_none || !item->wrap || !item->none) {
        cb_flow_no_memory(f);
        return false;
    }
    if (grid->filter && !titles_are_unique(grid))
        f->rc = cb_fail(f->err, CB_ECANTCREAT,
                        "grid " CB_STR_FMT
                        ": a grid with filters needs column titles that are unique and not empty",
                        CB_STR_ARG(grid->id));
    item->rows = 1 + grid->rows;
    item->table = grid->filter && grid->rows > (grid->total ? 1U : 0U);
    item->heat_max = largest_count(grid);
    mark_gaps(f->layout->workbook, grid, item->blank_none);
    mark_wraps(f, item);
    collect_none(item);
    return f->rc == CB_OK;
}
