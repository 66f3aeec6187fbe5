/* Trends: control charts with limits and marked signals. What is inside the limits is noise and
 * gets no comment. */
#include <math.h>

#include "quarterly.h"

enum { CHARTS_SHOWN = 16 };

static const char *signal_words(cb_compose *c, unsigned signals)
{
    const char *text =
        cb_arena_text(c->arena, "%s%s%s%s",
                      signals & CB_TREND_OUTSIDE ? "outside the limits; " : "",
                      signals & CB_TREND_SEVEN_SIDE ? "seven on one side; " : "",
                      signals & CB_TREND_SEVEN_RUN ? "seven rising or falling; " : "",
                      signals & CB_TREND_TWO_OF_THREE ? "two of three in the outer third; " : "")
            .at;
    return text ? text : "";
}

static cb_cell_kind kind_of(const cb_trend_chart *chart)
{
    return chart->kind == CB_TREND_P ? CB_CELL_PERCENT : CB_CELL_NUMBER;
}

static void put(cb_grid *grid, unsigned column, cb_cell_kind kind, double value)
{
    if (!isfinite(value))
        return;
    if (kind == CB_CELL_PERCENT)
        cb_put_percent(grid, column, value);
    else
        cb_put_number(grid, column, value);
}

static cb_grid *chart_grid(cb_compose *c, cb_sheet *sheet, const cb_trend_chart *chart, unsigned ix)
{
    cb_cell_kind kind = kind_of(chart);
    uint8_t decimals = kind == CB_CELL_PERCENT ? 1 : 2;
    const cb_grid_column columns[] = {
        {"Period", CB_CELL_TEXT, 0, 26, NULL},
        {"Value", kind, decimals, 10, "Q7"},
        {"Mean", kind, decimals, 10, NULL},
        {"Lower limit", kind, decimals, 10, NULL},
        {"Upper limit", kind, decimals, 10, NULL},
        {"Marked value", kind, decimals, 10, "The value again where a mark is"},
        {"n", CB_CELL_NUMBER, 0, 10, NULL},
        {"Mark", CB_CELL_TEXT, 0, 30, NULL}};
    const char *id = cb_arena_text(c->arena, "trend_%u", ix).at;
    const char *word =
        chart->has_word ? cb_say_word(c, cb_dim_text(c->book, chart->dim, chart->word)) : "";
    const char *title = cb_arena_text(c->arena, "%s%s%s (%s)", chart->title,
                                      chart->has_word ? ": " : "", word, chart->unit)
                            .at;
    cb_grid *grid = cb_grid_of(c, sheet, id ? id : "", title ? title : "", columns, 8);
    for (unsigned i = 0; i < chart->points; i++) {
        const cb_trend_point *p = &chart->point[i];
        cb_grid_row(grid);
        cb_put_text(grid, 0, cb_str_of(p->period.label));
        if (!isfinite(p->value))
            cb_put_none(grid, 1, "no case");
        put(grid, 1, kind, p->value);
        put(grid, 2, kind, p->mean);
        put(grid, 3, kind, p->low);
        put(grid, 4, kind, p->high);
        if (p->signals)
            put(grid, 5, kind, p->value);
        cb_put_number(grid, 6, p->n);
        if (p->signals)
            cb_put_text(grid, 7, cb_str_of(signal_words(c, p->signals)));
    }
    return grid;
}

static unsigned signals_of(const cb_trend_chart *chart)
{
    unsigned signals = 0;
    for (unsigned i = 0; i < chart->points; i++)
        signals += chart->point[i].signals != 0;
    return signals;
}

static const char *name_of(cb_compose *c, const cb_trend_chart *chart)
{
    if (!chart->has_word)
        return chart->title;
    const char *name = cb_arena_text(c->arena, "%s: %s", chart->title,
                                     cb_say_word(c, cb_dim_text(c->book, chart->dim, chart->word)))
                           .at;
    return name ? name : chart->title;
}

/* What a chart says, for its title and for the table. Only beyond_chance is evidence (trend.h). */
static const char *finding_of(cb_compose *c, const cb_trend_chart *chart)
{
    unsigned marks = signals_of(chart);
    const char *text = "within its limits";
    if (chart->split >= 0 && cb_est_ok(chart->fix_ratio))
        text =
            cb_arena_text(c->arena, "%.2f times as many cases a day since the fix (%.2f to %.2f)",
                          chart->fix_ratio.value, chart->fix_ratio.low, chart->fix_ratio.high)
                .at;
    else if (chart->beyond_chance > 0)
        text = "changed beyond chance in the period";
    else if (chart->signals_now > 0)
        text = cb_arena_text(c->arena, "%u mark%s in the period: ask why", chart->signals_now,
                             chart->signals_now == 1 ? "" : "s")
                   .at;
    else if (marks > 0)
        text = "marks earlier, none in the period";
    return text ? text : "";
}

/* Two charts a row: an odd one stands beside the even one before it. */
static void draw(cb_compose *c, cb_sheet *sheet, const cb_trend_chart *chart, unsigned ix,
                 bool beside)
{
    cb_grid *grid = chart_grid(c, c->data, chart, ix);
    cb_chart *picture = cb_sheet_chart(sheet, CB_CHART_LINE, "", "", chart->unit);
    unsigned signals = signals_of(chart);
    cb_chart_title(picture, "%s: %s", name_of(c, chart), finding_of(c, chart));
    cb_chart_series(picture, grid, 0, 1, "value", CB_LOOK_MAIN);
    cb_chart_series(picture, grid, 0, 2, "mean", CB_LOOK_MEAN);
    cb_chart_series(picture, grid, 0, 3, "lower limit", CB_LOOK_LIMIT);
    cb_chart_series(picture, grid, 0, 4, "upper limit", CB_LOOK_LIMIT);
    if (signals > 0)
        cb_chart_series(picture, grid, 0, 5, "mark", CB_LOOK_SIGNAL);
    if (picture) {
        picture->beside = beside;
        picture->percent_axis = kind_of(chart) == CB_CELL_PERCENT;
        picture->width_px = 640;
        picture->height_px = 310;
    }
    cb_chart_alt(picture, "Control chart of %s with mean, limits and %s", name_of(c, chart),
                 cb_say_several(c, signals, "mark"));
}

/* What the charts say, in one table: a chart without a signal is noise. */
static void verdicts(cb_compose *c, cb_sheet *sheet, const cb_trend_chart *const *charts,
                     unsigned n)
{
    static const cb_grid_column columns[] = {
        {"Chart", CB_CELL_TEXT, 0, 0, NULL},
        {"Unit", CB_CELL_TEXT, 0, 0, NULL},
        {"Points", CB_CELL_COUNT, 0, 9, NULL},
        {"Marks in all", CB_CELL_COUNT, 0, 9, "Q7: points that one of the four rules marks"},
        {"Marks in the period", CB_CELL_COUNT, 0, 9, "Q7"},
        {"Beyond chance", CB_CELL_COUNT, 0, 9,
         "Q7: points of the period that survive a test over all charts of the whole desk"},
        {"After / before fix", CB_CELL_NUMBER, 2, 11, "Q7: rate ratio about a configured fix date"},
        {"95 % low", CB_CELL_NUMBER, 2, 9, NULL},
        {"95 % high", CB_CELL_NUMBER, 2, 9, NULL},
        {"Verdict", CB_CELL_TEXT, 0, 0, NULL}};
    cb_grid *grid = cb_grid_of(c, sheet, "trend_verdicts", "What the charts say (Q7)", columns, 10);
    for (unsigned i = 0; i < n; i++) {
        const cb_trend_chart *chart = charts[i];
        cb_grid_row(grid);
        cb_put_text(grid, 0, cb_str_of(name_of(c, chart)));
        cb_put_text(grid, 1, cb_str_of(chart->unit));
        cb_put_count(grid, 2, chart->points);
        if (chart->reason) {
            cb_put_none(grid, 3, chart->reason);
            cb_put_none(grid, 4, chart->reason);
            cb_put_none(grid, 5, chart->reason);
            cb_put_textf(grid, 9, "no chart: %s", chart->reason);
            continue;
        }
        cb_put_count(grid, 3, signals_of(chart));
        cb_put_count(grid, 4, chart->signals_now);
        if (!chart->has_word)
            cb_put_count(grid, 5, chart->beyond_chance);
        if (chart->split >= 0)
            cb_put_est(grid, 6, chart->fix_ratio);
        cb_put_text(grid, 9, cb_str_of(finding_of(c, chart)));
        if (chart->beyond_chance > 0)
            cb_set_strong(grid, 9, 2);
    }
}

void cb_sheet_trends(cb_compose *c)
{
    cb_sheet *sheet = cb_workbook_sheet(
        c->workbook, c->report->kind == CB_REPORT_ROOT_CAUSE ? "Control charts" : "Trends",
        "Control charts: signals, not noise",
        "Limits come from the series itself (Q7). A mark is worth a question; about one chart in "
        "five "
        "has one in a quarter without any change. What is said to have changed survives a test "
        "over "
        "all charts.");
    const cb_trend *trend = &c->now->trend;
    const cb_trend_chart *shown[CHARTS_SHOWN];
    unsigned n = 0, drawn = 0;
    for (unsigned i = 0; i < trend->charts && n < CHARTS_SHOWN; i++)
        if (!trend->chart[i].has_word || c->report->kind == CB_REPORT_ROOT_CAUSE)
            shown[n++] = &trend->chart[i];
    if (n == 0)
        cb_sheet_finding(sheet, "No chart: the input covers too little time.");
    else
        verdicts(c, sheet, shown, n);
    for (unsigned i = 0; i < n; i++)
        if (!shown[i]->reason)
            draw(c, sheet, shown[i], i, drawn++ % 2 == 1);
}
