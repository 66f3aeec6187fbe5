#include "report/layout_parts.h"

#include <math.h>

enum {
    MIN_WIDTH = 8,
    MAX_WIDTH = 60,
    MAX_SHARED_TEXT_WIDTH = 34, /* a text column that stands above or below a column of numbers */
    ORDINARY_COLUMN_PX = 64,
    FILTER_BUTTON = 3
};

/* ---- characters ---- */

static unsigned code_points(cb_str text)
{
    unsigned n = 0;
    for (size_t i = 0; i < text.len; i++)
        n += ((unsigned char)text.at[i] & 0xC0) != 0x80;
    return n;
}

static cb_str take_line(cb_str *text)
{
    const char *end = text->len ? memchr(text->at, '\n', text->len) : NULL;
    cb_str line = {text->at, end ? (size_t)(end - text->at) : text->len};
    size_t used = line.len + (end != NULL);
    *text = (cb_str){text->at + used, text->len - used};
    return line;
}

unsigned cb_text_characters(cb_str text)
{
    unsigned longest = 0;
    while (text.len > 0) {
        unsigned n = code_points(take_line(&text));
        longest = n > longest ? n : longest;
    }
    return longest;
}

static size_t byte_after(cb_str text, unsigned characters)
{
    size_t at = 0;
    for (unsigned n = 0; at < text.len; at++) {
        if (((unsigned char)text.at[at] & 0xC0) != 0x80 && n++ == characters)
            break;
    }
    return at;
}

/* Where a line of at most `characters` ends: at the last space that leaves it half full, else in the word. */
static size_t break_at(cb_str line, unsigned characters)
{
    size_t end = byte_after(line, characters);
    if (end == line.len || line.at[end] == ' ')
        return end;
    for (size_t i = end; i > end / 2; i--) {
        if (line.at[i - 1] == ' ')
            return i - 1;
    }
    return end;
}

cb_str cb_text_cut(cb_str *text, unsigned characters)
{
    cb_str rest = *text;
    cb_str line = take_line(&rest);
    size_t end = break_at(line, characters ? characters : 1);
    if (end == line.len) {
        *text = rest;
        return line;
    }
    size_t next = end;
    while (next < line.len && line.at[next] == ' ')
        next++;
    *text = (cb_str){text->at + next, text->len - next};
    return (cb_str){line.at, end};
}

unsigned cb_text_rows(cb_str text, unsigned characters)
{
    unsigned rows = 0;
    while (text.len > 0) {
        (void)cb_text_cut(&text, characters);
        rows++;
    }
    return rows ? rows : 1;
}

/* ---- cells ---- */

bool cb_kind_is_number(cb_cell_kind kind)
{
    return kind == CB_CELL_COUNT || kind == CB_CELL_NUMBER || kind == CB_CELL_PERCENT || kind == CB_CELL_MONEY;
}

unsigned cb_cell_decimals(const cb_workbook *workbook, const cb_grid_column *column, cb_cell_kind kind)
{
    unsigned shown = column->decimals > 9 ? 9 : column->decimals;
    if (kind == CB_CELL_MONEY)
        return column->decimals ? workbook->currency_digits : 0;
    return kind == CB_CELL_NUMBER || kind == CB_CELL_PERCENT ? shown : 0;
}

static unsigned grouped_digits(double value, unsigned decimals)
{
    double whole = floor(fabs(value) + 0.5);
    unsigned digits = whole < 10 ? 1 : (unsigned)log10(whole) + 1;
    return digits + (digits - 1) / 3 + (decimals ? decimals + 1 : 0) + (value < 0);
}

unsigned cb_cell_characters(const cb_workbook *workbook, const cb_grid_column *column, const cb_cell *cell)
{
    unsigned decimals = cb_cell_decimals(workbook, column, cell->kind);
    switch (cell->kind) {
    case CB_CELL_COUNT: return grouped_digits((double)cell->v.i, 0);
    case CB_CELL_NUMBER: return grouped_digits(cell->v.d, decimals);
    case CB_CELL_PERCENT: return grouped_digits(cell->v.d * 100, decimals) + 2;
    case CB_CELL_MONEY: return grouped_digits((double)cell->v.i / pow(10, workbook->currency_digits), decimals);
    case CB_CELL_TIME: return 16;
    case CB_CELL_DATE: return 10;
    case CB_CELL_TEXT: return cb_text_characters(cell->text);
    case CB_CELL_NONE: return 3;
    case CB_CELL_EMPTY: break;
    }
    return 0;
}

/* ---- widths ---- */

typedef struct measure {
    unsigned number, text, header, fixed;
    bool numbers; /* some grid has numbers in this column */
} measure;

static unsigned longest_word(cb_str text)
{
    unsigned longest = 0;
    for (size_t i = 0, start = 0; i <= text.len; i++) {
        if (i < text.len && text.at[i] != ' ' && text.at[i] != '\n')
            continue;
        unsigned n = code_points((cb_str){text.at + start, i - start});
        longest = n > longest ? n : longest;
        start = i + 1;
    }
    return longest;
}

static unsigned max_of(unsigned a, unsigned b)
{
    return a > b ? a : b;
}

/* A heading takes up to three lines. */
static unsigned header_width(const cb_grid *grid, const cb_grid_column *column)
{
    cb_str title = cb_str_of(column->title);
    unsigned third = (code_points(title) + 2) / 3;
    return max_of(longest_word(title), third + 2) + (grid->filter ? FILTER_BUTTON : 0) + 1;
}

static void measure_column(const cb_workbook *workbook, const cb_grid *grid, unsigned c, measure *m)
{
    const cb_grid_column *column = &grid->column[c];
    m->header = max_of(m->header, header_width(grid, column));
    m->numbers |= cb_kind_is_number(column->kind);
    if (column->width) {
        m->fixed = max_of(m->fixed, column->width);
        return;
    }
    for (uint32_t r = 0; r < grid->rows; r++) {
        const cb_cell *cell = &grid->cell[(size_t)r * grid->columns + c];
        unsigned n = cb_cell_characters(workbook, column, cell);
        if (cell->kind == CB_CELL_TEXT)
            m->text = max_of(m->text, n + 1 + (c > 0));
        else
            m->number = max_of(m->number, n + 2 + (c > 0));
    }
}

static double width_of(const measure *m)
{
    unsigned cap = m->numbers ? MAX_SHARED_TEXT_WIDTH : MAX_WIDTH;
    unsigned text = m->text > cap ? cap : m->text;
    unsigned width = max_of(max_of(m->number, text), max_of(m->header, m->fixed));
    return width < MIN_WIDTH ? MIN_WIDTH : width > MAX_WIDTH ? MAX_WIDTH : width;
}

void cb_sheet_widths(const cb_workbook *workbook, cb_sheet_layout *sheet)
{
    for (const cb_block *block = sheet->sheet->first; block; block = block->next) {
        if (block->grid && block->grid->columns > sheet->columns)
            sheet->columns = block->grid->columns;
    }
    for (unsigned c = 0; c < sheet->columns; c++) {
        measure m = {0};
        for (const cb_block *block = sheet->sheet->first; block; block = block->next) {
            if (block->grid && c < block->grid->columns)
                measure_column(workbook, block->grid, c, &m);
        }
        sheet->width[c] = width_of(&m);
    }
}

unsigned cb_width_px(const cb_sheet_layout *sheet, unsigned column)
{
    return column < sheet->columns ? (unsigned)(sheet->width[column] * 7 + 0.5) + 5 : ORDINARY_COLUMN_PX;
}
