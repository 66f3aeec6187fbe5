#include "report/xlsx_private.h"

#include <math.h>
#include <stdio.h>

enum { MAX_LABELLED_ROWS = 16, MAX_MARKED_ROWS = 60, MAX_ALT_BYTES = 1000, MAX_TITLE_BYTES = 250 };

typedef struct look {
    uint32_t colour;
    uint8_t marker;
    uint8_t marker_size;
    double width; /* of the line, points; 0: no line */
    uint8_t dash;
} look;

/* Where a line is drawn through the values (LINE, STEP). Shape and dash tell the series apart as
 * well as colour does. */
// clang-format off
static const look line_look[] = {
    [CB_LOOK_MAIN] = {CB_COLOUR_MAIN, LXW_CHART_MARKER_NONE, 0, 2.25, LXW_CHART_LINE_DASH_SOLID},
    [CB_LOOK_SECOND] = {CB_COLOUR_SECOND, LXW_CHART_MARKER_NONE, 0, 2.25, LXW_CHART_LINE_DASH_SOLID},
    [CB_LOOK_THIRD] = {CB_COLOUR_THIRD, LXW_CHART_MARKER_NONE, 0, 2.25, LXW_CHART_LINE_DASH_LONG_DASH},
    [CB_LOOK_LIMIT] = {CB_COLOUR_GREY, LXW_CHART_MARKER_NONE, 0, 1.25, LXW_CHART_LINE_DASH_DASH},
    [CB_LOOK_MEAN] = {CB_COLOUR_QUIET, LXW_CHART_MARKER_NONE, 0, 1, LXW_CHART_LINE_DASH_SOLID},
    [CB_LOOK_MUTED] = {CB_COLOUR_MUTED, LXW_CHART_MARKER_NONE, 0, 1.5, LXW_CHART_LINE_DASH_SOLID},
    [CB_LOOK_POINTS] = {CB_COLOUR_MAIN, LXW_CHART_MARKER_CIRCLE, 5, 0, LXW_CHART_LINE_DASH_SOLID},
    [CB_LOOK_SIGNAL] = {CB_COLOUR_SIGNAL, LXW_CHART_MARKER_DIAMOND, 10, 0, LXW_CHART_LINE_DASH_SOLID},
};
// clang-format on

/* In a scatter chart only limits, means and what is muted are lines. */
// clang-format off
static const look point_look[] = {
    [CB_LOOK_MAIN] = {CB_COLOUR_MAIN, LXW_CHART_MARKER_CIRCLE, 6, 0, LXW_CHART_LINE_DASH_SOLID},
    [CB_LOOK_SECOND] = {CB_COLOUR_SECOND, LXW_CHART_MARKER_SQUARE, 6, 0, LXW_CHART_LINE_DASH_SOLID},
    [CB_LOOK_THIRD] = {CB_COLOUR_THIRD, LXW_CHART_MARKER_TRIANGLE, 7, 0, LXW_CHART_LINE_DASH_SOLID},
    [CB_LOOK_LIMIT] = {CB_COLOUR_GREY, LXW_CHART_MARKER_NONE, 0, 1.25, LXW_CHART_LINE_DASH_DASH},
    [CB_LOOK_MEAN] = {CB_COLOUR_QUIET, LXW_CHART_MARKER_NONE, 0, 1, LXW_CHART_LINE_DASH_SOLID},
    [CB_LOOK_MUTED] = {CB_COLOUR_MUTED, LXW_CHART_MARKER_NONE, 0, 1.25, LXW_CHART_LINE_DASH_ROUND_DOT},
    [CB_LOOK_POINTS] = {CB_COLOUR_MAIN, LXW_CHART_MARKER_CIRCLE, 6, 0, LXW_CHART_LINE_DASH_SOLID},
    [CB_LOOK_SIGNAL] = {CB_COLOUR_SIGNAL, LXW_CHART_MARKER_DIAMOND, 10, 0, LXW_CHART_LINE_DASH_SOLID},
};
// clang-format on

// clang-format off
static const struct { uint8_t type; bool bars, across, scatter; } kinds[] = {
    [CB_CHART_BAR] = {LXW_CHART_BAR, true, true, false},
    [CB_CHART_COLUMN] = {LXW_CHART_COLUMN, true, false, false},
    [CB_CHART_LINE] = {LXW_CHART_LINE, false, false, false},
    [CB_CHART_STEP] = {LXW_CHART_SCATTER_STRAIGHT_WITH_MARKERS, false, false, true},
    [CB_CHART_SCATTER] = {LXW_CHART_SCATTER_STRAIGHT_WITH_MARKERS, false, false, true},
    [CB_CHART_STACKED_COLUMN] = {LXW_CHART_COLUMN_STACKED, true, false, false},
    [CB_CHART_STACKED_BAR] = {LXW_CHART_BAR_STACKED, true, true, false},
};
// clang-format on

/* A text that the library would take for a formula, or cut within a character. */
static char *plain_text(char *out, size_t cap, cb_str text)
{
    size_t n = text.len, at = 0;
    if (n > cap - 3) {
        for (n = cap - 3; n > 0 && ((unsigned char)text.at[n] & 0xC0) == 0x80; n--)
            ;
    }
    if (n > 0 && text.at[0] == '=')
        out[at++] = ' ';
    memcpy(out + at, text.at, n);
    out[at + n] = '\0';
    return out;
}

static void dress_bars(lxw_chart_series *series, cb_series_look of)
{
    lxw_chart_fill fill = {.color = line_look[of].colour};
    lxw_chart_line border = {.color = 0xFFFFFF, .width = 0.75f};
    chart_series_set_fill(series, &fill);
    chart_series_set_line(series, &border);
}

static void dress_line(lxw_chart_series *series, const look *l, bool mark)
{
    lxw_chart_line line = {
        .color = l->colour, .width = (float)l->width, .dash_type = l->dash, .none = l->width <= 0};
    lxw_chart_line rim = {.color = 0xFFFFFF, .width = 0.5f};
    lxw_chart_fill fill = {.color = l->colour};
    uint8_t marker = mark && l->marker == LXW_CHART_MARKER_NONE && l->width > 2
                         ? LXW_CHART_MARKER_CIRCLE
                         : l->marker;
    chart_series_set_line(series, &line);
    chart_series_set_marker_type(series, marker);
    if (marker == LXW_CHART_MARKER_NONE)
        return;
    chart_series_set_marker_size(series, l->marker_size ? l->marker_size : 5);
    chart_series_set_marker_fill(series, &fill);
    chart_series_set_marker_line(series, &rim);
}

static void label_bars(lxw_chart_series *series, const cb_series *of)
{
    char pattern[CB_MAX_NUMBER_FORMAT];
    lxw_chart_font font = {.size = 9, .color = CB_COLOUR_TEXT};
    const cb_grid_column *column = &of->grid->column[of->y_column];
    unsigned decimals = column->kind == CB_CELL_NUMBER ? column->decimals : 0;
    cb_xlsx_number_format(pattern, column->kind, decimals);
    chart_series_set_labels(series);
    chart_series_set_labels_font(series, &font);
    chart_series_set_labels_num_format(series, pattern);
}

static void add_series(cb_xlsx *x, lxw_chart *chart, const cb_chart *of, unsigned at)
{
    const cb_series *from = &of->series[at];
    uint32_t rows = cb_series_rows(from);
    const cb_item *item = cb_layout_item(x->layout, from->grid->id);
    if (rows == 0 || !item)
        return;
    const char *sheet = x->layout->sheet[item->sheet].sheet->name.at;
    lxw_chart_series *series = chart_add_series(chart, NULL, NULL);
    if (!series) {
        x->rc = cb_nomem(x->err, "a chart");
        return;
    }
    char title[MAX_TITLE_BYTES + 3];
    uint32_t first = item->row + 1 + from->first_row, last = first + rows - 1;
    chart_series_set_categories(series, sheet, first, (lxw_col_t)from->x_column, last,
                                (lxw_col_t)from->x_column);
    chart_series_set_values(series, sheet, first, (lxw_col_t)from->y_column, last,
                            (lxw_col_t)from->y_column);
    if (from->title.len > 0)
        chart_series_set_name(series, plain_text(title, sizeof title, from->title));
    if (kinds[of->kind].bars)
        dress_bars(series, from->look);
    else
        dress_line(series,
                   of->kind == CB_CHART_SCATTER ? &point_look[from->look] : &line_look[from->look],
                   of->kind == CB_CHART_LINE && rows <= MAX_MARKED_ROWS);
    if (kinds[of->kind].bars && of->series_n == 1 && rows <= MAX_LABELLED_ROWS)
        label_bars(series, from);
}

/* ---- axes ---- */

typedef struct axis_plan {
    cb_str title;
    cb_cell_kind kind;
    unsigned decimals;
    bool percent, category, gridlines, no_line;
    double max;
} axis_plan;

static void set_axis_numbers(lxw_chart_axis *axis, const axis_plan *plan)
{
    char pattern[CB_MAX_NUMBER_FORMAT];
    if (plan->percent) {
        chart_axis_set_num_format(axis, "0 %");
        chart_axis_set_min(axis, 0);
    } else if (plan->kind != CB_CELL_TEXT && plan->kind != CB_CELL_NUMBER &&
               plan->kind != CB_CELL_EMPTY) {
        cb_xlsx_number_format(pattern, plan->kind == CB_CELL_TIME ? CB_CELL_DATE : plan->kind, 0);
        chart_axis_set_num_format(axis, pattern);
    }
    if (isfinite(plan->max) && plan->max > 0)
        chart_axis_set_max(axis, plan->max);
}

static void set_axis(lxw_chart_axis *axis, const axis_plan *plan)
{
    char title[MAX_TITLE_BYTES + 3];
    lxw_chart_font name_font = {.size = 10, .color = CB_COLOUR_QUIET};
    lxw_chart_font number_font = {.size = 9, .color = CB_COLOUR_QUIET};
    lxw_chart_line line = {.color = CB_COLOUR_MUTED, .width = 0.75f, .none = plan->no_line};
    lxw_chart_line grid = {.color = CB_COLOUR_HAIR, .width = 0.5f};
    if (plan->title.len > 0) {
        chart_axis_set_name(axis, plain_text(title, sizeof title, plan->title));
        chart_axis_set_name_font(axis, &name_font);
    }
    chart_axis_set_num_font(axis, &number_font);
    chart_axis_set_line(axis, &line);
    chart_axis_set_label_position(axis, LXW_CHART_AXIS_LABEL_POSITION_LOW);
    if (plan->category || plan->no_line)
        chart_axis_set_major_tick_mark(axis, LXW_CHART_AXIS_TICK_MARK_NONE);
    chart_axis_major_gridlines_set_visible(axis, plan->gridlines);
    if (plan->gridlines)
        chart_axis_major_gridlines_set_line(axis, &grid);
    set_axis_numbers(axis, plan);
}

static void set_axes(lxw_chart *chart, const cb_chart *of)
{
    const cb_series *from = &of->series[0];
    const cb_grid_column *x_column = &from->grid->column[from->x_column];
    const cb_grid_column *y_column = &from->grid->column[from->y_column];
    bool scatter = kinds[of->kind].scatter;
    uint32_t rows = cb_series_rows(from);
    axis_plan x = {.title = of->x_title,
                   .kind = x_column->kind,
                   .percent = scatter && x_column->kind == CB_CELL_PERCENT,
                   .category = !scatter,
                   .max = scatter ? of->x_max : NAN};
    axis_plan y = {.title = of->y_title,
                   .kind = y_column->kind,
                   .percent = of->percent_axis || y_column->kind == CB_CELL_PERCENT,
                   .gridlines = true,
                   .no_line = kinds[of->kind].bars,
                   .max = of->y_max};
    /* The library names the axes of a bar chart by where they stand: its x axis is the horizontal
     * one, of the values. */
    lxw_chart_axis *categories = kinds[of->kind].across ? chart->y_axis : chart->x_axis;
    lxw_chart_axis *values = kinds[of->kind].across ? chart->x_axis : chart->y_axis;
    set_axis(categories, &x);
    set_axis(values, &y);
    if (scatter)
        chart_axis_set_min(categories, 0);
    if (of->kind == CB_CHART_LINE && rows > 14 && x_column->kind == CB_CELL_TEXT)
        chart_axis_set_interval_unit(categories, (uint16_t)(rows > 60000 ? 5000 : rows / 12 + 1));
    if (kinds[of->kind].across) {
        chart_axis_set_reverse(categories);
        chart_axis_set_label_position(values, LXW_CHART_AXIS_LABEL_POSITION_HIGH);
    }
}

/* ---- the chart ---- */

static void set_bars(lxw_chart *chart, const cb_chart *of)
{
    bool stacked = of->kind == CB_CHART_STACKED_BAR || of->kind == CB_CHART_STACKED_COLUMN;
    chart_set_series_gap(chart, of->series_n > 1 && !stacked ? 80 : 45);
    if (stacked)
        chart_set_series_overlap(chart, 100);
}

/* A series without a title (the second of two limits) does not show in the legend. */
static void leave_out_of_legend(lxw_chart *chart, const cb_chart *of)
{
    int16_t untitled[CB_MAX_SERIES + 1];
    unsigned n = 0, drawn = 0;
    for (unsigned i = 0; i < of->series_n; i++) {
        if (cb_series_rows(&of->series[i]) == 0)
            continue;
        if (of->series[i].title.len == 0)
            untitled[n++] = (int16_t)drawn;
        drawn++;
    }
    untitled[n] = -1;
    if (n > 0 && drawn > 1)
        (void)chart_legend_delete_series(
            chart, untitled); /* fails only for want of memory, and then the legend is longer */
}

static void set_frame(lxw_chart *chart, const cb_chart *of)
{
    char title[MAX_TITLE_BYTES + 3];
    lxw_chart_font title_font = {.size = 12, .bold = LXW_TRUE, .color = CB_COLOUR_TEXT};
    lxw_chart_font legend_font = {.size = 9, .color = CB_COLOUR_TEXT};
    lxw_chart_line border = {.color = CB_COLOUR_HAIR, .width = 0.75f};
    if (of->title.len > 0) {
        chart_title_set_name(chart, plain_text(title, sizeof title, of->title));
        chart_title_set_name_font(chart, &title_font);
    } else {
        chart_title_off(chart);
    }
    chart_legend_set_position(chart,
                              of->series_n > 1 ? LXW_CHART_LEGEND_BOTTOM : LXW_CHART_LEGEND_NONE);
    chart_legend_set_font(chart, &legend_font);
    leave_out_of_legend(chart, of);
    chart_chartarea_set_line(chart, &border);
    chart_show_blanks_as(chart, LXW_CHART_BLANKS_AS_GAP);
}

static void insert(cb_xlsx *x, lxw_chart *chart, const cb_frame *frame)
{
    char alt[MAX_ALT_BYTES + 3];
    cb_str text = frame->chart->alt.len ? frame->chart->alt : frame->chart->title;
    lxw_chart_options options = {
        .x_offset = (int32_t)frame->x_offset_px,
        .y_offset = CB_FRAME_Y_PX,
        .x_scale = frame->width_px / 480.0,
        .y_scale = frame->height_px / 288.0,
        .object_position = LXW_OBJECT_MOVE_DONT_SIZE,
        .description = plain_text(alt, sizeof alt, text),
    };
    (void)cb_xlsx_ok(
        x,
        worksheet_insert_chart_opt(x->sheet, frame->row, (lxw_col_t)frame->column, chart, &options),
        "a chart");
}

void cb_xlsx_chart(cb_xlsx *x, const cb_frame *frame)
{
    const cb_chart *of = frame->chart;
    lxw_chart *chart = workbook_add_chart(x->book, kinds[of->kind].type);
    if (!chart) {
        x->rc = cb_nomem(x->err, "a chart");
        return;
    }
    for (unsigned i = 0; i < of->series_n && x->rc == CB_OK; i++)
        add_series(x, chart, of, i);
    if (x->rc != CB_OK)
        return;
    set_axes(chart, of);
    set_frame(chart, of);
    if (kinds[of->kind].bars)
        set_bars(chart, of);
    insert(x, chart, frame);
}
