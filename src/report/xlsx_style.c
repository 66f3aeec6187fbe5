#include "report/xlsx_private.h"

#include <math.h>
#include <stdio.h>

/* One typographic scale (18, 13, 11, 9 points) in the library's default font, Calibri, for which
 * LibreOffice has Carlito. */
// clang-format off
static const struct role_look {
    double size;
    uint32_t colour;
    bool bold;
    uint8_t indent;
} role_look[] = {
    [CB_ROLE_TITLE] = {18, CB_COLOUR_MAIN, true, 0},      [CB_ROLE_SUBTITLE] = {11, CB_COLOUR_QUIET, false, 0},
    [CB_ROLE_HEADING] = {13, CB_COLOUR_MAIN, true, 0},    [CB_ROLE_PARAGRAPH] = {11, CB_COLOUR_TEXT, false, 0},
    [CB_ROLE_FINDING] = {11, CB_COLOUR_TEXT, false, 0},   [CB_ROLE_FINDING_MORE] = {11, CB_COLOUR_TEXT, false, 1},
    [CB_ROLE_GRID_TITLE] = {11, CB_COLOUR_MAIN, true, 0}, [CB_ROLE_CAPTION] = {9, CB_COLOUR_QUIET, false, 0},
    [CB_ROLE_LEGEND] = {9, CB_COLOUR_QUIET, false, 0},    [CB_ROLE_HEADER] = {11, CB_COLOUR_TEXT, true, 0},
    [CB_ROLE_HEADER_NUMBER] = {11, CB_COLOUR_TEXT, true, 0}, [CB_ROLE_CELL] = {11, CB_COLOUR_TEXT, false, 0},
};
// clang-format on

static uint32_t key_of(const cb_style *style)
{
    uint32_t flags = (uint32_t)style->total | (uint32_t)style->input << 1 |
                     (uint32_t)style->link << 2 | (uint32_t)style->wrap << 3 |
                     (uint32_t)style->indent << 4 | (uint32_t)style->tall << 5 |
                     (uint32_t)(style->heat & 7) << 6;
    return (uint32_t)style->role | (uint32_t)style->kind << 4 | (uint32_t)style->decimals << 8 |
           (uint32_t)(style->strong & 3) << 12 | flags << 14 | 1u << 31;
}

void cb_xlsx_number_format(char out[CB_MAX_NUMBER_FORMAT], cb_cell_kind kind, unsigned decimals)
{
    static const char zeros[] = ".000000000";
    int digits = decimals > 9 ? 10 : decimals ? (int)decimals + 1 : 0;
    const char *pattern = "General";
    switch (kind) {
    case CB_CELL_COUNT:
    case CB_CELL_NUMBER:
    case CB_CELL_MONEY:
        (void)snprintf(out, CB_MAX_NUMBER_FORMAT, "#,##0%.*s", digits, zeros);
        return;
    case CB_CELL_P:
        (void)snprintf(out, CB_MAX_NUMBER_FORMAT, "[<%g]\"< %g\";0%.*s",
                       0.5 * pow(10, -(int)decimals), pow(10, -(int)decimals), digits, zeros);
        return;
    case CB_CELL_PERCENT:
        (void)snprintf(out, CB_MAX_NUMBER_FORMAT, "0%.*s %%", digits, zeros);
        return;
    case CB_CELL_TIME:
        pattern = "yyyy-mm-dd hh:mm";
        break;
    case CB_CELL_DATE:
        pattern = "yyyy-mm-dd";
        break;
    case CB_CELL_TEXT:
        pattern = "@";
        break;
    case CB_CELL_EMPTY:
    case CB_CELL_NONE:
        break;
    }
    (void)snprintf(out, CB_MAX_NUMBER_FORMAT, "%s", pattern);
}

static void dress_header(lxw_format *format, bool number)
{
    format_set_bg_color(format, CB_COLOUR_HEAD);
    format_set_text_wrap(format);
    format_set_bottom(format, LXW_BORDER_THIN);
    format_set_bottom_color(format, CB_COLOUR_MAIN);
    format_set_align(format, LXW_ALIGN_VERTICAL_BOTTOM);
    format_set_align(format, number ? LXW_ALIGN_RIGHT : LXW_ALIGN_LEFT);
}

static void dress_value(lxw_format *format, const cb_style *style)
{
    char pattern[CB_MAX_NUMBER_FORMAT];
    bool time = style->kind == CB_CELL_TIME || style->kind == CB_CELL_DATE;
    bool left = style->kind == CB_CELL_TEXT || style->kind == CB_CELL_EMPTY || time;
    cb_xlsx_number_format(pattern, style->kind, style->decimals);
    /* Text stays General: "@" would keep what the reader types from being a number. */
    if (style->kind != CB_CELL_TEXT)
        format_set_num_format(format, pattern);
    format_set_align(format, left ? LXW_ALIGN_LEFT : LXW_ALIGN_RIGHT);
    if (style->kind == CB_CELL_NONE) {
        format_set_italic(format);
        format_set_font_color(format, CB_COLOUR_GREY);
    }
    if (style->wrap)
        format_set_text_wrap(format);
}

/* Pale to strong, all light enough for dark figures. */
static const uint32_t heat_colour[] = {0, 0xEDF3F9, 0xCFE0F1, 0xA9C8E6, 0x7FAEDB};

static void dress_cell(lxw_format *format, const cb_style *style)
{
    format_set_align(format, style->tall ? LXW_ALIGN_VERTICAL_TOP : LXW_ALIGN_VERTICAL_CENTER);
    format_set_bottom(format, LXW_BORDER_THIN);
    format_set_bottom_color(format, CB_COLOUR_HAIR);
    dress_value(format, style);
    if (style->total) {
        format_set_top(format, LXW_BORDER_THIN);
        format_set_top_color(format, CB_COLOUR_MAIN);
        format_set_bg_color(format, CB_COLOUR_TOTAL);
    }
    if (style->heat > 0)
        format_set_bg_color(format, heat_colour[style->heat > 4 ? 4 : style->heat]);
    if (style->total || style->strong)
        format_set_bold(format);
    if (style->strong > 1)
        format_set_bg_color(format, CB_COLOUR_AMBER);
    if (style->input) {
        format_set_bg_color(format, CB_COLOUR_INPUT);
        format_set_border(format, LXW_BORDER_THIN);
        format_set_border_color(format, CB_COLOUR_MUTED);
    }
    if (style->link) {
        format_set_font_color(format, CB_COLOUR_LINK);
        format_set_underline(format, LXW_UNDERLINE_SINGLE);
    }
}

static void dress(lxw_format *format, const cb_style *style)
{
    const struct role_look *look = &role_look[style->role];
    format_set_font_size(format, look->size);
    format_set_font_color(format, look->colour);
    if (look->bold)
        format_set_bold(format);
    if (look->indent || style->indent)
        format_set_indent(format, look->indent + (uint8_t)style->indent);
    if (style->role == CB_ROLE_CELL)
        dress_cell(format, style);
    else if (style->role == CB_ROLE_HEADER || style->role == CB_ROLE_HEADER_NUMBER)
        dress_header(format, style->role == CB_ROLE_HEADER_NUMBER);
}

lxw_format *cb_xlsx_format(cb_xlsx *x, const cb_style *style)
{
    uint32_t key = key_of(style);
    for (unsigned i = 0; i < x->formats; i++) {
        if (x->key[i] == key)
            return x->format[i];
    }
    lxw_format *format = x->formats < CB_MAX_FORMATS ? workbook_add_format(x->book) : NULL;
    if (!format) {
        x->rc = cb_nomem(x->err, "the formats of a workbook");
        return NULL;
    }
    dress(format, style);
    x->key[x->formats] = key;
    x->format[x->formats++] = format;
    return format;
}
