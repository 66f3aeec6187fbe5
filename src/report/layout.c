#include "casebook/layout.h"

#include <stdio.h>

#include "report/layout_parts.h"

enum { BLOCK_ROW = 3, MAX_NONE_NOTES = 64, GAP_PX = 20, FREEZE_FROM_ROWS = 20, FREEZE_MAX_PX = 360, CHART_W = 760, CHART_H = 380 };

/* A column's width counts digits; letters are narrower on average (1.23 in Calibri). A little less, to be safe. */
#define CHARACTERS_PER_WIDTH 1.12
#define BOLD_PER_WIDTH 1.05

/* The block that was placed last: what stands beside it starts at content_row, right of right_px. */
typedef struct flow {
    cb_layout *layout;
    cb_sheet_layout *sheet;
    unsigned number;
    uint32_t next_row, content_row;
    unsigned right_px;
    bool any;
    cb_status rc;
    cb_error *err;
} flow;

static const struct { uint16_t points; double px_per_character; } look[] = {
    [CB_ROLE_TITLE] = {27, 9.6},      [CB_ROLE_SUBTITLE] = {16, 6},     [CB_ROLE_HEADING] = {21, 7.2}, [CB_ROLE_PARAGRAPH] = {0, 6},
    [CB_ROLE_FINDING] = {16, 6.2},    [CB_ROLE_FINDING_MORE] = {16, 6.2}, [CB_ROLE_GRID_TITLE] = {18, 6.6}, [CB_ROLE_CAPTION] = {0, 5.4},
    [CB_ROLE_LEGEND] = {0, 5.4},      [CB_ROLE_HEADER] = {0, 6},        [CB_ROLE_HEADER_NUMBER] = {0, 6}, [CB_ROLE_CELL] = {0, 6},
};

static void no_memory(flow *f)
{
    if (f->rc == CB_OK)
        f->rc = cb_nomem(f->err, "the layout of a workbook");
}

/* Doubles an array of the arena; the old one stays until the arena goes. */
static bool grow(flow *f, void **array, size_t *cap, size_t need, size_t size)
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
        no_memory(f);
        return false;
    }
    if (*cap)
        memcpy(larger, *array, *cap * size);
    *array = larger;
    *cap = wanted;
    return true;
}

static bool rows_fit(flow *f, uint64_t end)
{
    if (f->rc == CB_OK && end > CB_MAX_LAYOUT_ROWS)
        f->rc = cb_fail(f->err, CB_ELIMIT, "sheet %.*s: more than 1,048,576 rows, which is Excel's limit; narrow the period or the detail",
                        CB_STR_ARG(f->sheet->sheet->name));
    return f->rc == CB_OK;
}

static void set_height(flow *f, uint32_t row, unsigned points)
{
    if (points == 0)
        return;
    if (grow(f, (void **)&f->sheet->height, &f->sheet->heights_cap, (size_t)row + 1, sizeof *f->sheet->height))
        f->sheet->height[row] = (uint16_t)(points > 409 ? 409 : points);
}

static unsigned height_px(const cb_sheet_layout *sheet, uint32_t row)
{
    unsigned points = row < sheet->heights_cap ? sheet->height[row] : 0;
    return points ? points * 4 / 3 : CB_ROW_PX;
}

static cb_item *add_item(flow *f, cb_role role)
{
    if (!rows_fit(f, (uint64_t)f->next_row + 1))
        return NULL;
    if (!grow(f, (void **)&f->sheet->item, &f->sheet->items_cap, f->sheet->items + 1, sizeof *f->sheet->item))
        return NULL;
    cb_item *item = &f->sheet->item[f->sheet->items++];
    *item = (cb_item){.row = f->next_row, .rows = 1, .role = role, .text = {"", 0}, .sheet = f->number};
    return item;
}

static unsigned left_px(const cb_sheet_layout *sheet, unsigned column)
{
    unsigned px = 0;
    for (unsigned c = 0; c < column; c++)
        px += cb_width_px(sheet, c);
    return px;
}

static void cover(flow *f, unsigned right_px)
{
    while (left_px(f->sheet, f->sheet->print_columns) < right_px)
        f->sheet->print_columns++;
}

/* ---- text ---- */

static void add_line(flow *f, cb_role role, cb_str text)
{
    cb_item *item = add_item(f, role);
    if (!item)
        return;
    unsigned px = (unsigned)(cb_text_characters(text) * look[role].px_per_character) + GAP_PX;
    item->text = text;
    set_height(f, f->next_row, look[role].points);
    cover(f, px);
    f->right_px = px > f->right_px ? px : f->right_px;
    f->next_row++;
}

static void add_lines(flow *f, cb_role role, cb_role more, cb_str text, unsigned characters)
{
    for (cb_role now = role; text.len > 0 && f->rc == CB_OK; now = more)
        add_line(f, now, cb_text_cut(&text, characters));
}

static void add_finding(flow *f, cb_str text)
{
    cb_str line = cb_arena_text(f->layout->arena, "\xE2\x80\xA2  " CB_STR_FMT, CB_STR_ARG(text));
    if (!line.at)
        no_memory(f);
    else
        add_lines(f, CB_ROLE_FINDING, CB_ROLE_FINDING_MORE, line, CB_LINE_CHARACTERS);
}

/* ---- grids ---- */

static bool draws_gaps(cb_chart_kind kind)
{
    return kind == CB_CHART_LINE || kind == CB_CHART_STEP || kind == CB_CHART_SCATTER;
}

static void mark_gaps(const cb_workbook *workbook, const cb_grid *grid, bool *blank)
{
    for (const cb_sheet *sheet = workbook->first; sheet; sheet = sheet->next) {
        for (const cb_block *block = sheet->first; block; block = block->next) {
            const cb_chart *chart = block->chart;
            for (unsigned i = 0; chart && draws_gaps(chart->kind) && i < chart->series_n; i++) {
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

static bool reason_before(const cb_item *item, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (cb_str_eq(item->none[i].reason, item->none[at].reason))
            return true;
    }
    return false;
}

static void add_none_legend(flow *f, const cb_item *item, unsigned characters)
{
    bool blanks = false;
    for (size_t i = 0; i < item->nones; i++)
        blanks |= item->blank_none[item->none[i].column];
    cb_str text = cb_arena_text(f->layout->arena, "%s", blanks ? "n/e or blank: " : "n/e: ");
    for (size_t i = 0; i < item->nones && text.at; i++) {
        if (!reason_before(item, i))
            text = cb_arena_text(f->layout->arena, CB_STR_FMT "%s" CB_STR_FMT, CB_STR_ARG(text), i ? "; " : "",
                                 CB_STR_ARG(item->none[i].reason));
    }
    if (!text.at)
        no_memory(f);
    else
        add_lines(f, CB_ROLE_LEGEND, CB_ROLE_LEGEND, text, characters);
}

static void mark_wraps(flow *f, cb_item *item)
{
    const cb_grid *grid = item->grid;
    for (size_t i = 0; i < (size_t)grid->rows * grid->columns; i++) {
        unsigned c = (unsigned)(i % grid->columns);
        const cb_cell *cell = &grid->cell[i];
        if (cell->kind != CB_CELL_TEXT || item->wrap[c])
            continue;
        bool line_feed = cell->text.len && memchr(cell->text.at, '\n', cell->text.len);
        item->wrap[c] = line_feed || cb_text_characters(cell->text) > (unsigned)f->sheet->width[c];
    }
}

static void set_grid_heights(flow *f, const cb_item *item)
{
    const cb_grid *grid = item->grid;
    unsigned header = 1;
    for (unsigned c = 0; c < grid->columns; c++) {
        double room = f->sheet->width[c] - (grid->filter ? 3 : 0);
        unsigned lines = cb_text_rows(cb_str_of(grid->column[c].title), (unsigned)(room * BOLD_PER_WIDTH));
        header = lines > header ? lines : header;
    }
    set_height(f, item->row, header * 15 + 4);
    for (uint32_t r = 0; r < grid->rows && f->rc == CB_OK; r++) {
        unsigned lines = 1;
        for (unsigned c = 0; c < grid->columns; c++) {
            const cb_cell *cell = &grid->cell[(size_t)r * grid->columns + c];
            if (!item->wrap[c] || cell->kind != CB_CELL_TEXT)
                continue;
            unsigned n = cb_text_rows(cell->text, (unsigned)(f->sheet->width[c] * CHARACTERS_PER_WIDTH));
            lines = n > lines ? n : lines;
        }
        set_height(f, item->row + 1 + r, lines > 1 ? lines * 15 : 0);
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

static bool prepare_grid(flow *f, cb_item *item, const cb_grid *grid)
{
    item->grid = grid;
    item->blank_none = cb_arena_array(f->layout->arena, grid->columns, sizeof *item->blank_none);
    item->wrap = cb_arena_array(f->layout->arena, grid->columns, sizeof *item->wrap);
    item->none = cb_arena_array(f->layout->arena, MAX_NONE_NOTES, sizeof *item->none);
    if (!item->blank_none || !item->wrap || !item->none) {
        no_memory(f);
        return false;
    }
    if (grid->filter && !titles_are_unique(grid))
        f->rc = cb_fail(f->err, CB_ECANTCREAT, "grid " CB_STR_FMT ": a grid with filters needs column titles that are unique and not empty",
                        CB_STR_ARG(grid->id));
    item->rows = 1 + grid->rows;
    item->table = grid->filter && grid->rows > (grid->total ? 1U : 0U);
    mark_gaps(f->layout->workbook, grid, item->blank_none);
    mark_wraps(f, item);
    collect_none(item);
    return f->rc == CB_OK;
}

static void add_grid(flow *f, const cb_grid *grid, unsigned legend_characters)
{
    uint32_t title_row = f->next_row;
    f->right_px = 0;
    add_lines(f, CB_ROLE_GRID_TITLE, CB_ROLE_GRID_TITLE, grid->title, CB_LINE_CHARACTERS);
    add_lines(f, CB_ROLE_CAPTION, CB_ROLE_CAPTION, grid->caption, CB_LINE_CHARACTERS + 10);
    f->right_px = left_px(f->sheet, grid->columns) + GAP_PX;
    f->content_row = f->next_row;
    cb_item *item = add_item(f, CB_ROLE_CELL);
    if (!item || !prepare_grid(f, item, grid) || !rows_fit(f, (uint64_t)item->row + item->rows + 1))
        return;
    cb_item placed = *item;
    item->title_row = placed.title_row = title_row;
    set_grid_heights(f, &placed);
    cover(f, f->right_px - GAP_PX);
    f->layout->tables += placed.table;
    f->next_row += placed.rows;
    if (grid->rows == 0)
        add_line(f, CB_ROLE_LEGEND, CB_LIT("(none)"));
    if (placed.nones > 0)
        add_none_legend(f, &placed, legend_characters);
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
        covered += height_px(sheet, row);
    return row;
}

static void add_frame(flow *f, const cb_chart *chart, uint32_t row, unsigned from_px)
{
    cb_sheet_layout *sheet = f->sheet;
    if (!grow(f, (void **)&sheet->frame, &sheet->frames_cap, sheet->frames + 1, sizeof *sheet->frame))
        return;
    unsigned column = 0, width = chart->width_px ? chart->width_px : CHART_W, height = chart->height_px ? chart->height_px : CHART_H;
    while (left_px(sheet, column + 1) <= from_px)
        column++;
    unsigned offset = from_px - left_px(sheet, column);
    sheet->frame[sheet->frames++] = (cb_frame){chart, row, column, offset, width, height};
    cover(f, from_px + width);
    f->right_px = from_px + width + GAP_PX;
    f->content_row = row;
    uint32_t below = row_below(sheet, row, height);
    f->next_row = below > f->next_row ? below : f->next_row;
    f->layout->charts++;
    (void)rows_fit(f, (uint64_t)f->next_row + 1);
}

static void add_chart(flow *f, const cb_chart *chart)
{
    if (!draws_something(chart)) {
        cb_str text = cb_arena_text(f->layout->arena, "No data for the chart: " CB_STR_FMT, CB_STR_ARG(chart->title));
        if (!text.at)
            no_memory(f);
        else
            add_lines(f, CB_ROLE_LEGEND, CB_ROLE_LEGEND, text, CB_LINE_CHARACTERS);
    } else if (chart->beside && f->any) {
        add_frame(f, chart, f->content_row, f->right_px);
    } else {
        add_frame(f, chart, f->next_row, 0);
    }
}

/* ---- sheets ---- */

static bool is_beside(const cb_block *block)
{
    return block && block->chart && block->chart->beside && draws_something(block->chart);
}

static unsigned legend_room(const flow *f, const cb_block *block)
{
    if (!is_beside(block->next))
        return CB_LINE_CHARACTERS;
    unsigned characters = left_px(f->sheet, block->grid->columns) / 6;
    return characters < 24 ? 24 : characters > CB_LINE_CHARACTERS ? CB_LINE_CHARACTERS : characters;
}

/* A blank row between blocks; none below a heading, between findings, and before what stands beside. */
static bool wants_gap(const flow *f, const cb_block *before, const cb_block *block)
{
    if (!before || before->kind == CB_BLOCK_HEADING || (f->any && is_beside(block)))
        return false;
    return !(before->kind == CB_BLOCK_FINDING && block->kind == CB_BLOCK_FINDING);
}

static void add_block(flow *f, const cb_block *block)
{
    if (!is_beside(block)) {
        f->content_row = f->next_row;
        f->right_px = 0;
    }
    switch (block->kind) {
    case CB_BLOCK_HEADING: add_line(f, CB_ROLE_HEADING, block->text); break;
    case CB_BLOCK_PARAGRAPH: add_lines(f, CB_ROLE_PARAGRAPH, CB_ROLE_PARAGRAPH, block->text, CB_LINE_CHARACTERS); break;
    case CB_BLOCK_FINDING: add_finding(f, block->text); break;
    case CB_BLOCK_GRID: add_grid(f, block->grid, legend_room(f, block)); break;
    case CB_BLOCK_CHART: add_chart(f, block->chart); break;
    }
    f->any = true;
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
    sheet->header_row = only->row;
    for (uint32_t r = 0; r <= only->row; r++)
        above_px += height_px(sheet, r);
    bool chart_above = sheet->frames > 0 && sheet->frame[0].row < only->row;
    if (only->table && only->rows > FREEZE_FROM_ROWS && above_px <= FREEZE_MAX_PX && !chart_above)
        sheet->freeze_row = only->row + 1;
}

static void place_sheet(flow *f, const cb_sheet *sheet)
{
    f->sheet->sheet = sheet;
    f->sheet->print_columns = 1;
    cb_sheet_widths(f->layout->workbook, f->sheet);
    add_line(f, CB_ROLE_TITLE, sheet->title);
    add_lines(f, CB_ROLE_SUBTITLE, CB_ROLE_SUBTITLE, sheet->subtitle, CB_LINE_CHARACTERS);
    f->next_row = f->next_row < BLOCK_ROW ? BLOCK_ROW : f->next_row + 1;
    const cb_block *before = NULL;
    for (const cb_block *block = sheet->first; block && f->rc == CB_OK; block = block->next) {
        f->next_row += wants_gap(f, before, block);
        add_block(f, block);
        before = block;
    }
    f->sheet->rows = f->next_row;
    if (f->rc == CB_OK)
        find_header_rows(f->sheet);
}

/* ---- names and links ---- */

static bool looks_like_address(cb_str name)
{
    size_t letters = 0, i;
    while (letters < name.len && ((name.at[letters] | 0x20) >= 'a' && (name.at[letters] | 0x20) <= 'z'))
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
    return cb_fail(err, CB_ECANTCREAT, "grid " CB_STR_FMT ": " CB_STR_FMT ": %s", CB_STR_ARG(grid->id), CB_STR_ARG(word), what);
}

static cb_status check_cell(flow *f, const cb_grid *grid, const cb_cell *cell, cb_buf *names)
{
    if (cell->link.len > 0) {
        if (!cb_layout_item(f->layout, cell->link))
            return broken_cell(grid, cell->link, "a link to a grid that does not exist", f->err);
        if (++f->layout->links > CB_MAX_LINKS)
            return cb_fail(f->err, CB_ELIMIT, "grid " CB_STR_FMT ": more than 65,530 links in a workbook", CB_STR_ARG(grid->id));
    }
    if (cell->name.len == 0)
        return CB_OK;
    if (!cb_name_fits(cell->name))
        return broken_cell(grid, cell->name, "this cannot be the name of a cell", f->err);
    for (size_t i = 0; i < f->layout->names; i++) {
        cb_str known;
        memcpy(&known, names->at + i * sizeof known, sizeof known);
        if (cb_str_eq_nocase(known, cell->name))
            return broken_cell(grid, cell->name, "two cells have this name", f->err);
    }
    f->layout->names++;
    return cb_buf_append(names, &cell->name, sizeof cell->name) == CB_OK ? CB_OK : cb_nomem(f->err, "the names of a workbook");
}

static cb_status check_cells(flow *f)
{
    cb_buf names;
    cb_buf_init(&names, cb_alloc_libc(), (size_t)1 << 26);
    for (unsigned s = 0; s < f->layout->sheets && f->rc == CB_OK; s++) {
        const cb_sheet_layout *sheet = &f->layout->sheet[s];
        for (size_t i = 0; i < sheet->items && f->rc == CB_OK; i++) {
            const cb_grid *grid = sheet->item[i].grid;
            size_t cells = grid ? (size_t)grid->rows * grid->columns : 0;
            for (size_t c = 0; c < cells && f->rc == CB_OK; c++)
                f->rc = check_cell(f, grid, &grid->cell[c], &names);
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

static cb_status place_all(cb_layout *layout, cb_error *err)
{
    flow f = {.layout = layout, .rc = CB_OK, .err = err};
    const cb_sheet *sheet = layout->workbook->first;
    for (unsigned i = 0; sheet && f.rc == CB_OK; sheet = sheet->next, i++) {
        f = (flow){.layout = layout, .sheet = &layout->sheet[i], .number = i, .rc = CB_OK, .err = err};
        place_sheet(&f, sheet);
    }
    return f.rc == CB_OK ? check_cells(&f) : f.rc;
}

cb_status cb_layout_new(cb_layout **out, const cb_workbook *workbook, cb_error *err)
{
    *out = NULL;
    cb_status rc = cb_workbook_status(workbook, err);
    if (rc != CB_OK)
        return rc;
    if (workbook->sheets == 0)
        return cb_fail(err, CB_ECANTCREAT, "workbook " CB_STR_FMT " has no sheet", CB_STR_ARG(workbook->stem));
    cb_arena *arena = cb_arena_new(NULL, 0);
    cb_layout *layout = arena ? cb_arena_get(arena, sizeof *layout) : NULL;
    cb_sheet_layout *sheets = layout ? cb_arena_array(arena, workbook->sheets, sizeof *sheets) : NULL;
    if (!sheets) {
        cb_arena_free(arena);
        return cb_nomem(err, "the layout of a workbook");
    }
    *layout = (cb_layout){.workbook = workbook, .arena = arena, .sheet = sheets, .sheets = workbook->sheets};
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
