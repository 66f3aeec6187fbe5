#include "casebook/layout.h"

#include <stdio.h>

#include "report/layout_parts.h"

enum {
    BLOCK_ROW = 3,
    GAP_PX = 20,
    FREEZE_FROM_ROWS = 20,
    FREEZE_MAX_PX = 360,
    CHART_W = 760,
    CHART_H = 380,
    MAX_SHEET_PX = 1700,
    MAX_DATA_ROWS_IN_PLACE = 24
};

// clang-format off
static const struct { uint16_t row_points; double font_points; } look[] = {
    [CB_ROLE_TITLE] = {27, 18},     [CB_ROLE_SUBTITLE] = {16, CB_BODY_POINTS},     [CB_ROLE_HEADING] = {21, 13},
    [CB_ROLE_PARAGRAPH] = {0, 11},  [CB_ROLE_FINDING] = {16, CB_BODY_POINTS},      [CB_ROLE_FINDING_MORE] = {16, CB_BODY_POINTS},
    [CB_ROLE_GRID_TITLE] = {18, 11}, [CB_ROLE_CAPTION] = {0, CB_SMALL_POINTS},     [CB_ROLE_LEGEND] = {0, CB_SMALL_POINTS},
    [CB_ROLE_HEADER] = {0, 11},     [CB_ROLE_HEADER_NUMBER] = {0, CB_BODY_POINTS}, [CB_ROLE_CELL] = {0, CB_BODY_POINTS},
};
// clang-format on

void cb_flow_no_memory(cb_flow *f)
{
    if (f->rc == CB_OK)
        f->rc = cb_nomem(f->err, "the layout of a workbook");
}

const cb_cell *cb_flow_row(cb_flow *f, cb_rows *rows, uint32_t row)
{
    const cb_cell *cells = f->rc == CB_OK ? cb_rows_at(rows, row) : NULL;
    if (!cells && f->rc == CB_OK)
        f->rc = cb_rows_status(rows, f->err);
    return cells;
}

/* Doubles an array of the arena; the old one stays until the arena goes. */
bool cb_flow_grow(cb_flow *f, void **array, size_t *cap, size_t need, size_t size)
{
    if (f->rc != CB_OK)
        return false;
    if (need <= *cap)
        return true;
    size_t wanted = *cap ? *cap : 64;
    while (wanted < need)
        wanted *= 2;
    char *larger = cb_arena_array(f->layout->arena, wanted, size);
    if (!larger) {
        cb_flow_no_memory(f);
        return false;
    }
    if (*cap)
        memcpy(larger, *array, *cap * size);
    *array = larger;
    *cap = wanted;
    return true;
}

static bool rows_fit(cb_flow *f, uint64_t end)
{
    if (f->rc == CB_OK && end > CB_MAX_LAYOUT_ROWS)
        f->rc = cb_fail(f->err, CB_ELIMIT,
                        "sheet %.*s: more than 1,048,576 rows, which is Excel's limit; narrow the "
                        "period or the detail",
                        CB_STR_ARG(f->sheet->sheet->name));
    return f->rc == CB_OK;
}

void cb_flow_height(cb_flow *f, uint32_t row, unsigned points)
{
    if (points == 0)
        return;
    if (cb_flow_grow(f, (void **)&f->sheet->height, &f->sheet->heights_cap, (size_t)row + 1,
                     sizeof *f->sheet->height))
        f->sheet->height[row] = (uint16_t)(points > 409 ? 409 : points);
}

unsigned cb_height_px(const cb_sheet_layout *sheet, uint32_t row)
{
    unsigned points = row < sheet->heights_cap ? sheet->height[row] : 0;
    return points ? points * 4 / 3 : CB_ROW_PX;
}

static cb_item *add_item(cb_flow *f, cb_role role)
{
    if (!rows_fit(f, (uint64_t)f->next_row + 1))
        return NULL;
    if (!cb_flow_grow(f, (void **)&f->sheet->item, &f->sheet->items_cap, f->sheet->items + 1,
                      sizeof *f->sheet->item))
        return NULL;
    cb_item *item = &f->sheet->item[f->sheet->items++];
    *item =
        (cb_item){.row = f->next_row, .rows = 1, .role = role, .text = {"", 0}, .sheet = f->number};
    return item;
}

unsigned cb_left_px(const cb_sheet_layout *sheet, unsigned column)
{
    unsigned px = 0;
    for (unsigned c = 0; c < column; c++)
        px += cb_width_px(sheet, c);
    return px;
}

static void cover(cb_flow *f, unsigned right_px)
{
    while (cb_left_px(f->sheet, f->sheet->print_columns) < right_px)
        f->sheet->print_columns++;
}

/* ---- text ---- */

static void add_line(cb_flow *f, cb_role role, cb_str text)
{
    cb_item *item = add_item(f, role);
    if (!item)
        return;
    unsigned px = cb_units_px(cb_text_units(text), look[role].font_points) + GAP_PX;
    item->text = text;
    cb_flow_height(f, f->next_row, look[role].row_points);
    cover(f, px);
    f->right_px = px > f->right_px ? px : f->right_px;
    f->next_row++;
}

void cb_flow_lines(cb_flow *f, cb_role role, cb_role more, cb_str text, unsigned px)
{
    unsigned units = cb_px_units(px, look[role].font_points);
    for (cb_role now = role; text.len > 0 && f->rc == CB_OK; now = more)
        add_line(f, now, cb_text_cut(&text, units));
}

static void add_finding(cb_flow *f, cb_str text)
{
    cb_str line = cb_arena_text(f->layout->arena, "\xE2\x80\xA2  " CB_STR_FMT, CB_STR_ARG(text));
    if (!line.at)
        cb_flow_no_memory(f);
    else
        cb_flow_lines(f, CB_ROLE_FINDING, CB_ROLE_FINDING_MORE, line, CB_LINE_PX);
}

/* ---- grids ---- */

static void add_grid(cb_flow *f, const cb_grid *grid, unsigned legend_px)
{
    uint32_t title_row = f->next_row;
    f->right_px = 0;
    cb_flow_lines(f, CB_ROLE_GRID_TITLE, CB_ROLE_GRID_TITLE, grid->title, CB_LINE_PX);
    cb_flow_lines(f, CB_ROLE_CAPTION, CB_ROLE_CAPTION, grid->caption, CB_LINE_PX);
    f->right_px = cb_left_px(f->sheet, grid->columns) + GAP_PX;
    f->content_row = f->next_row;
    cb_item *item = add_item(f, CB_ROLE_CELL);
    if (!item || !cb_flow_prepare_grid(f, item, grid) ||
        !rows_fit(f, (uint64_t)item->row + item->rows + 1))
        return;
    cb_item placed = *item;
    item->title_row = placed.title_row = title_row;
    cb_flow_grid_heights(f, &placed);
    cover(f, f->right_px - GAP_PX);
    f->layout->tables += placed.table;
    f->next_row += placed.rows;
    if (grid->rows == 0)
        add_line(f, CB_ROLE_LEGEND, CB_LIT("(none)"));
    if (placed.nones > 0)
        cb_flow_none_legend(f, &placed, legend_px);
}

/* ---- charts ---- */

uint32_t cb_series_rows(const cb_series *series)
{
    uint32_t all = series->grid->rows - (series->grid->total && series->grid->rows > 0);
    if (series->first_row >= all)
        return 0;
    uint32_t rest = all - series->first_row;
    return series->rows && series->rows < rest ? series->rows : rest;
}

static bool draws_something(const cb_chart *chart)
{
    for (unsigned i = 0; i < chart->series_n; i++) {
        if (cb_series_rows(&chart->series[i]) > 0)
            return true;
    }
    return false;
}

static uint32_t row_below(const cb_sheet_layout *sheet, uint32_t row, unsigned px)
{
    for (unsigned covered = 0; covered < px; row++)
        covered += cb_height_px(sheet, row);
    return row;
}

static void add_frame(cb_flow *f, const cb_chart *chart, uint32_t row, unsigned from_px)
{
    cb_sheet_layout *sheet = f->sheet;
    if (!cb_flow_grow(f, (void **)&sheet->frame, &sheet->frames_cap, sheet->frames + 1,
                      sizeof *sheet->frame))
        return;
    unsigned column = 0, width = chart->width_px ? chart->width_px : CHART_W,
             height = chart->height_px ? chart->height_px : CHART_H;
    while (cb_left_px(sheet, column + 1) <= from_px)
        column++;
    unsigned offset = from_px - cb_left_px(sheet, column);
    sheet->frame[sheet->frames++] = (cb_frame){chart, row, column, offset, width, height};
    cover(f, from_px + width);
    f->right_px = from_px + width + GAP_PX;
    f->content_row = row;
    uint32_t below = row_below(sheet, row, height + CB_FRAME_Y_PX);
    f->next_row = below > f->next_row ? below : f->next_row;
    f->layout->charts++;
    (void)rows_fit(f, (uint64_t)f->next_row + 1);
}

static void add_chart(cb_flow *f, const cb_chart *chart)
{
    if (!draws_something(chart)) {
        cb_str text = cb_arena_text(f->layout->arena, "No data for the chart: " CB_STR_FMT,
                                    CB_STR_ARG(chart->title));
        if (!text.at)
            cb_flow_no_memory(f);
        else
            cb_flow_lines(f, CB_ROLE_LEGEND, CB_ROLE_LEGEND, text, CB_LINE_PX);
    } else if (f->beside) {
        add_frame(f, chart, f->content_row, f->right_px);
    } else {
        add_frame(f, chart, f->next_row, 0);
    }
}

/* ---- sheets ---- */

static bool wants_beside(const cb_block *block)
{
    return block && block->chart && block->chart->beside && draws_something(block->chart);
}

/* A long grid that only feeds a chart would push the chart, and all that follows, off the screen.
 */
static bool is_behind_charts(const cb_sheet *sheet, const cb_grid *grid)
{
    if (!grid || grid->filter || grid->input || grid->rows <= MAX_DATA_ROWS_IN_PLACE)
        return false;
    for (const cb_block *block = sheet->first; block; block = block->next) {
        const cb_chart *chart = block->chart;
        for (unsigned i = 0; chart && cb_chart_draws_gaps(chart->kind) && i < chart->series_n;
             i++) {
            if (chart->series[i].grid == grid)
                return true;
        }
    }
    return false;
}

static bool goes_beside(const cb_flow *f, const cb_block *before, const cb_block *block,
                        bool passed_over)
{
    if (!before || !wants_beside(block) || (passed_over && before->kind != CB_BLOCK_CHART))
        return false;
    unsigned width = block->chart->width_px ? block->chart->width_px : CHART_W;
    return before->kind == CB_BLOCK_GRID || f->right_px + width <= MAX_SHEET_PX;
}

static unsigned legend_room(const cb_flow *f, const cb_block *block)
{
    if (!wants_beside(block->next))
        return CB_LINE_PX;
    unsigned px = cb_left_px(f->sheet, block->grid->columns);
    return px < 160 ? 160 : px > CB_LINE_PX ? CB_LINE_PX : px;
}

/* A blank row between blocks; none below a heading, between findings, and before what stands
 * beside. */
static bool wants_gap(const cb_flow *f, const cb_block *before, const cb_block *block)
{
    if (!before || before->kind == CB_BLOCK_HEADING || f->beside)
        return false;
    return !(before->kind == CB_BLOCK_FINDING && block->kind == CB_BLOCK_FINDING);
}

static void add_band(cb_flow *f)
{
    cb_sheet_layout *sheet = f->sheet;
    if (cb_flow_grow(f, (void **)&sheet->band, &sheet->bands_cap, sheet->bands + 1,
                     sizeof *sheet->band))
        sheet->band[sheet->bands++] = f->next_row;
}

static void add_block(cb_flow *f, const cb_block *before, const cb_block *block)
{
    if (wants_gap(f, before, block))
        f->next_row++;
    if (!f->beside) {
        f->content_row = f->next_row;
        f->right_px = 0;
        if (!before || before->kind != CB_BLOCK_HEADING)
            add_band(f);
    }
    switch (block->kind) {
    case CB_BLOCK_HEADING:
        add_line(f, CB_ROLE_HEADING, block->text);
        break;
    case CB_BLOCK_PARAGRAPH:
        cb_flow_lines(f, CB_ROLE_PARAGRAPH, CB_ROLE_PARAGRAPH, block->text, CB_LINE_PX);
        break;
    case CB_BLOCK_FINDING:
        add_finding(f, block->text);
        break;
    case CB_BLOCK_GRID:
        add_grid(f, block->grid, legend_room(f, block));
        break;
    case CB_BLOCK_CHART:
        add_chart(f, block->chart);
        break;
    }
}

/* The blocks in their order; long data of charts are passed over, and follow at the end. */
static bool place_blocks(cb_flow *f, const cb_block **before)
{
    const cb_sheet *sheet = f->sheet->sheet;
    bool any = false, passed_over = false;
    for (const cb_block *block = sheet->first; block && f->rc == CB_OK; block = block->next) {
        if (is_behind_charts(sheet, block->grid)) {
            any = passed_over = true;
            continue;
        }
        f->beside = goes_beside(f, *before, block, passed_over);
        passed_over = false;
        add_block(f, *before, block);
        *before = block;
    }
    f->beside = false;
    return any;
}

static void place_data(cb_flow *f, const cb_block *before)
{
    static const cb_block heading = {.kind = CB_BLOCK_HEADING,
                                     .text = {"Data behind the charts", 22}};
    const cb_sheet *sheet = f->sheet->sheet;
    add_block(f, before, &heading);
    before = &heading;
    for (const cb_block *block = sheet->first; block && f->rc == CB_OK; block = block->next) {
        if (!is_behind_charts(sheet, block->grid))
            continue;
        add_block(f, before, block);
        before = block;
    }
}

static void find_header_rows(cb_sheet_layout *sheet)
{
    const cb_item *only = NULL;
    unsigned grids = 0, above_px = 0;
    sheet->header_row = UINT32_MAX;
    for (size_t i = 0; i < sheet->items; i++) {
        if (sheet->item[i].grid && grids++ == 0)
            only = &sheet->item[i];
    }
    if (grids != 1)
        return;
    if (only->rows > FREEZE_FROM_ROWS)
        sheet->header_row = only->row;
    for (uint32_t r = 0; r <= only->row; r++)
        above_px += cb_height_px(sheet, r);
    bool chart_above = sheet->frames > 0 && sheet->frame[0].row < only->row;
    if (only->table && only->rows > FREEZE_FROM_ROWS && above_px <= FREEZE_MAX_PX && !chart_above)
        sheet->freeze_row = only->row + 1;
}

static void place_sheet(cb_flow *f, const cb_sheet *sheet)
{
    f->sheet->sheet = sheet;
    f->sheet->print_columns = 1;
    cb_sheet_widths(f);
    add_line(f, CB_ROLE_TITLE, sheet->title);
    cb_flow_lines(f, CB_ROLE_SUBTITLE, CB_ROLE_SUBTITLE, sheet->subtitle, CB_LINE_PX);
    f->next_row = f->next_row < BLOCK_ROW ? BLOCK_ROW : f->next_row + 1;
    const cb_block *before = NULL;
    bool data = place_blocks(f, &before);
    f->sheet->print_rows = f->next_row;
    if (sheet->screen_only) {
        f->sheet->print_rows = BLOCK_ROW;
        f->sheet->print_columns = 1;
        cover(f, CB_LINE_PX);
    }
    if (data && f->rc == CB_OK)
        place_data(f, before);
    f->sheet->rows = f->next_row;
    if (f->rc != CB_OK)
        return;
    find_header_rows(f->sheet);
    cb_flow_pages(f);
}

static cb_status place_all(cb_layout *layout, cb_error *err)
{
    cb_flow f = {.layout = layout, .rc = CB_OK, .err = err};
    const cb_sheet *sheet = layout->workbook->first;
    for (unsigned i = 0; sheet && f.rc == CB_OK; sheet = sheet->next, i++) {
        f = (cb_flow){
            .layout = layout, .sheet = &layout->sheet[i], .number = i, .rc = CB_OK, .err = err};
        place_sheet(&f, sheet);
    }
    return f.rc == CB_OK ? cb_flow_check_cells(&f) : f.rc;
}

cb_status cb_layout_new(cb_layout **out, const cb_workbook *workbook, cb_error *err)
{
    *out = NULL;
    cb_status rc = cb_workbook_status(workbook, err);
    if (rc != CB_OK)
        return rc;
    if (workbook->sheets == 0)
        return cb_fail(err, CB_ECANTCREAT, "workbook " CB_STR_FMT " has no sheet",
                       CB_STR_ARG(workbook->stem));
    cb_arena *arena = cb_arena_new(NULL, 0);
    cb_layout *layout = arena ? cb_arena_get(arena, sizeof *layout) : NULL;
    cb_sheet_layout *sheets =
        layout ? cb_arena_array(arena, workbook->sheets, sizeof *sheets) : NULL;
    if (!sheets) {
        cb_arena_free(arena);
        return cb_nomem(err, "the layout of a workbook");
    }
    *layout = (cb_layout){
        .workbook = workbook, .arena = arena, .sheet = sheets, .sheets = workbook->sheets};
    rc = place_all(layout, err);
    if (rc == CB_OK)
        *out = layout;
    else
        cb_layout_free(layout);
    return rc;
}

void cb_layout_free(cb_layout *layout)
{
    if (layout)
        cb_arena_free(layout->arena);
}
