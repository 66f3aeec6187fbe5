/* Teams: funnel limits instead of a league table. Groups below min_group are not shown. */
#include <math.h>

#include "quarterly.h"

static const char *verdict_words(cb_funnel_verdict verdict)
{
    static const char *const words[] = {"within the limits", "beyond the 95 % limit: look",
                                        "beyond the 99.8 % limit: a signal", "suppressed"};
    return words[verdict];
}

static cb_grid *groups_grid(cb_compose *c, cb_sheet *sheet, const cb_funnel_result *f, int ix)
{
    static const cb_grid_column columns[] = {
        {"Team", CB_CELL_TEXT, 0, 0, NULL},
        {"n", CB_CELL_COUNT, 0, 10, NULL},
        {"Share (%)", CB_CELL_PERCENT, 1, 10, "F2"},
        {"95 % low", CB_CELL_PERCENT, 1, 10, "F2: Wilson interval of the team's share"},
        {"95 % high", CB_CELL_PERCENT, 1, 10, NULL},
        {"Funnel 95 % low", CB_CELL_PERCENT, 1, 10,
         "F1: where a team of this size would be by chance"},
        {"Funnel 95 % high", CB_CELL_PERCENT, 1, 10, NULL},
        {"Funnel 99.8 % low", CB_CELL_PERCENT, 1, 10, NULL},
        {"Funnel 99.8 % high", CB_CELL_PERCENT, 1, 10, NULL},
        {"Verdict", CB_CELL_TEXT, 0, 0, NULL}};
    const char *id = cb_arena_text(c->arena, "funnel_%s", cb_funnel_names[ix]).at;
    const char *title = cb_arena_text(c->arena, "%s (F1)", cb_funnel_titles[ix]).at;
    cb_grid *grid =
        cb_grid_of(c, sheet, id ? id : "", title ? title : cb_funnel_titles[ix], columns, 10);
    for (uint32_t i = 0; i < f->groups; i++) {
        const cb_funnel_group *g = &f->group[i];
        cb_grid_row(grid);
        cb_put_word(grid, 0, cb_dim_text(c->book, CB_DIM_TEAM, g->word));
        cb_put_text(grid, 9, cb_str_of(verdict_words(g->verdict)));
        if (g->verdict == CB_FUNNEL_SUPPRESSED) {
            for (unsigned k = 1; k < 9; k++)
                cb_put_none(grid, k, "suppressed: a group this small could be a person");
            continue;
        }
        cb_put_count(grid, 1, g->n);
        cb_put_percent(grid, 2, g->share);
        cb_put_percent(grid, 3, g->wilson.low);
        cb_put_percent(grid, 4, g->wilson.high);
        const double limits[] = {g->low95, g->high95, g->low998, g->high998};
        for (unsigned k = 0; k < 4; k++)
            cb_put_percent(grid, 5 + k, limits[k]);
        if (g->verdict == CB_FUNNEL_BEYOND_998)
            cb_set_strong(grid, 9, 2);
    }
    return grid;
}

static cb_grid *lines_grid(cb_compose *c, cb_sheet *sheet, const cb_funnel_result *f, int ix)
{
    static const cb_grid_column columns[] = {{"n", CB_CELL_NUMBER, 0, 30, NULL},
                                             {"Overall (%)", CB_CELL_PERCENT, 1, 10, NULL},
                                             {"95 % low", CB_CELL_PERCENT, 1, 10, NULL},
                                             {"95 % high", CB_CELL_PERCENT, 1, 10, NULL},
                                             {"99.8 % low", CB_CELL_PERCENT, 1, 10, NULL},
                                             {"99.8 % high", CB_CELL_PERCENT, 1, 10, NULL}};
    const char *id = cb_arena_text(c->arena, "funnel_lines_%s", cb_funnel_names[ix]).at;
    const char *title =
        cb_arena_text(c->arena, "%s: limits by number of cases", cb_funnel_titles[ix]).at;
    cb_grid *grid =
        cb_grid_of(c, sheet, id ? id : "", title ? title : "Limits by number of cases", columns, 6);
    for (unsigned i = 0; i < f->lines; i++) {
        cb_grid_row(grid);
        cb_put_number(grid, 0, f->line[i].n);
        const double values[] = {f->target, f->line[i].low95, f->line[i].high95, f->line[i].low998,
                                 f->line[i].high998};
        for (unsigned k = 0; k < 5; k++)
            cb_put_percent(grid, 1 + k, values[k]);
    }
    return grid;
}

static void funnel(cb_compose *c, cb_sheet *sheet, int ix)
{
    const cb_funnel_result *f = &c->now->fairness.funnel[ix];
    if (f->reason) {
        cb_sheet_paragraph(sheet, "%s: not compared, %s.", cb_funnel_titles[ix], f->reason);
        return;
    }
    cb_grid *groups = groups_grid(c, sheet, f, ix);
    cb_grid_caption(groups, "Overall %s; over-dispersion phi %.2f. %u of %u groups suppressed.",
                    cb_say_percent(c, f->target), f->phi, f->suppressed, f->groups);
    unsigned beyond = 0;
    for (uint32_t i = 0; i < f->groups; i++)
        beyond += f->group[i].verdict == CB_FUNNEL_BEYOND_998;
    cb_chart *chart = cb_picture(sheet, CB_CHART_SCATTER, "cases of the team (n)", "share (F1)");
    cb_chart_title(chart, "%s: %s", cb_funnel_titles[ix],
                   beyond == 0 ? "no team differs beyond chance"
                   : beyond == 1
                       ? "one team differs beyond chance"
                       : cb_arena_text(c->arena, "%u teams differ beyond chance", beyond).at);
    cb_grid *lines = lines_grid(c, c->data, f, ix);
    cb_chart_series(chart, groups, 1, 2, "teams", CB_LOOK_POINTS);
    cb_chart_series(chart, lines, 0, 1, "overall", CB_LOOK_MEAN);
    cb_chart_series(chart, lines, 0, 2, "95 % limits", CB_LOOK_MUTED);
    cb_chart_series(chart, lines, 0, 3, "95 % limits, upper", CB_LOOK_MUTED);
    cb_chart_series(chart, lines, 0, 4, "99.8 % limits", CB_LOOK_LIMIT);
    cb_chart_series(chart, lines, 0, 5, "99.8 % limits, upper", CB_LOOK_LIMIT);
    if (chart) {
        chart->percent_axis = true;
        chart->y_max = f->lines > 0 && f->line[0].high998 > 0.8 ? 1 : NAN;
    }
    cb_chart_alt(
        chart,
        "Funnel chart: share by team against number of cases, with 95 %% and 99.8 %% limits");
}

void cb_sheet_teams(cb_compose *c)
{
    cb_sheet *sheet = cb_workbook_sheet(c->workbook, "Teams", "Teams: fair comparison",
                                        "Teams in alphabetical order against the limits of chance "
                                        "(F1). No ranking, and no persons.");
    for (int ix = 0; ix < CB_FUNNELS; ix++)
        funnel(c, sheet, ix);
}
