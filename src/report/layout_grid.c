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
static void collect_none(cb_flow *f, cb_item *item, uint32_t row, unsigned c, cb_str reason)
{
    if (item->nones == MAX_NONE_NOTES || none_is_known(item, c, reason))
        return;
    cb_str own = cb_arena_copy(f->layout->arena, reason);
    if (own.at)
        item->none[item->nones++] = (cb_none_note){c, row, own};
    else
        cb_flow_no_memory(f);
}

/* The last row and column are sums or the rest, and would outshine all others. */
static void look_for_heat(cb_item *item, uint32_t row, unsigned c, const cb_cell *cell)
{
    const cb_grid *grid = item->grid;
    if (grid->heat && row + 1 < grid->rows && c + 1 < grid->columns && cell->v.i > item->heat_max)
        item->heat_max = cell->v.i;
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

static bool needs_wrap(cb_str text, unsigned room)
{
    return (text.len && memchr(text.at, '\n', text.len)) || cb_text_units(text) > room;
}

/* What the layout must know of the cells: wraps, reasons, the largest count. */
static void look_at_cells(cb_flow *f, cb_item *item)
{
    const cb_grid *grid = item->grid;
    unsigned room[CB_MAX_LAYOUT_COLUMNS];
    cb_rows rows;
    for (unsigned c = 0; c < grid->columns; c++)
        room[c] = cb_column_units(f->sheet, grid, c, false);
    cb_rows_open(&rows, grid, NULL);
    for (uint32_t r = 0; r < grid->rows && f->rc == CB_OK; r++) {
        const cb_cell *cells = cb_flow_row(f, &rows, r);
        for (unsigned c = 0; cells && c < grid->columns; c++) {
            if (cells[c].kind == CB_CELL_TEXT && !item->wrap[c])
                item->wrap[c] = needs_wrap(cells[c].text, room[c]);
            else if (cells[c].kind == CB_CELL_NONE)
                collect_none(f, item, r, c, cells[c].text);
            else if (cells[c].kind == CB_CELL_COUNT)
                look_for_heat(item, r, c, &cells[c]);
        }
    }
    cb_rows_close(&rows);
}

static bool any_wraps(const cb_item *item)
{
    for (unsigned c = 0; c < item->grid->columns; c++) {
        if (item->wrap[c])
            return true;
    }
    return false;
}

static unsigned lines_of(const cb_flow *f, const cb_item *item, const cb_cell *cells)
{
    unsigned lines = 1;
    for (unsigned c = 0; c < item->grid->columns; c++) {
        if (!item->wrap[c] || cells[c].kind != CB_CELL_TEXT)
            continue;
        unsigned n = cb_text_rows(cells[c].text, cb_column_units(f->sheet, item->grid, c, false));
        lines = n > lines ? n : lines;
    }
    return lines;
}

void cb_flow_grid_heights(cb_flow *f, const cb_item *item)
{
    const cb_grid *grid = item->grid;
    unsigned header = 1;
    cb_rows rows;
    for (unsigned c = 0; c < grid->columns; c++) {
        unsigned lines = cb_text_rows(cb_str_of(grid->column[c].title),
                                      cb_column_units(f->sheet, grid, c, true));
        header = lines > header ? lines : header;
    }
    cb_flow_height(f, item->row, header * 15 + 4);
    cb_rows_open(&rows, grid, NULL);
    for (uint32_t r = 0; any_wraps(item) && r < grid->rows && f->rc == CB_OK; r++) {
        const cb_cell *cells = cb_flow_row(f, &rows, r);
        unsigned lines = cells ? lines_of(f, item, cells) : 1;
        cb_flow_height(f, item->row + 1 + r, lines > 1 ? lines * 15 : 0);
    }
    cb_rows_close(&rows);
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
    mark_gaps(f->layout->workbook, grid, item->blank_none);
    look_at_cells(f, item);
    return f->rc == CB_OK;
}
