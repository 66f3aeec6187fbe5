/* Remedies: was the customer's loss made good? */
#include <math.h>

#include "quarterly.h"

static double share_of(double part, double whole)
{
    return whole > 0 ? part / whole : NAN;
}

static void bands(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {
        {"Remedy", CB_CELL_TEXT, 0, 0, NULL},
        {"Cases", CB_CELL_COUNT, 0, 0, "A1: solved, loss known and above 0, remedy known"},
        {"Share (%)", CB_CELL_PERCENT, 1, 0, NULL},
        {"Shortfall", CB_CELL_MONEY, 0, 0, "A3: losses not made good"}};
    static const char *const words[CB_BANDS] = {"none (0)", "partial (below the loss)",
                                                "adequate (1 to 1.5 times the loss)",
                                                "generous (more than 1.5 times)"};
    const cb_remedy_figures *all = &c->now->remedy.all;
    cb_grid *grid =
        cb_grid_of(c, sheet, "remedy_bands", "Adequacy: remedy against loss (A2)", columns, 4);
    for (int band = 0; band < CB_BANDS; band++) {
        cb_grid_row(grid);
        cb_put_text(grid, 0, cb_str_of(words[band]));
        cb_put_count(grid, 1, all->bands[band]);
        cb_put_percent(grid, 2, share_of(all->bands[band], all->eligible));
        cb_put_money(grid, 3, all->band_shortfall_minor[band]);
    }
    cb_grid_row(grid);
    cb_put_text(grid, 0, CB_LIT("All eligible cases"));
    cb_set_link(grid, 0, "cases");
    cb_put_count(grid, 1, all->eligible);
    cb_put_percent(grid, 2, share_of(all->eligible, all->eligible));
    cb_put_money(grid, 3, all->shortfall_minor);
    cb_grid_total(grid);
    if (all->eligible == 0)
        return;
    cb_chart *chart = cb_picture(sheet, CB_CHART_COLUMN, "remedy against loss (A2)", "cases");
    cb_chart_title(chart, "%s of the remedies cover the loss",
                   cb_say_percent(c, all->share_adequate.value));
    cb_chart_series(chart, grid, 0, 1, "Cases", CB_LOOK_MAIN);
    cb_chart_alt(chart, "Column chart of cases by band of adequacy");
    if (chart) {
        chart->beside = true;
        chart->width_px = 560;
    }
}

static void totals_row(cb_grid *grid, const char *name, const cb_remedy_figures *f)
{
    cb_grid_row(grid);
    cb_put_text(grid, 0, cb_str_of(name));
    cb_put_count(grid, 1, f->eligible);
    cb_put_money(grid, 2, f->loss_minor);
    cb_put_money(grid, 3, f->remedy_minor);
    if (f->eligible > 0)
        cb_put_number(grid, 4, f->ratio);
    else
        cb_put_none(grid, 4, "no eligible case");
    cb_put_number(grid, 5, f->median_ratio);
    cb_put_est(grid, 6, f->share_adequate);
    cb_put_money(grid, 9, f->shortfall_minor);
    cb_put_money(grid, 10, f->excess_minor);
}

#define TOTAL_COLUMNS                                                                              \
    {"Eligible", CB_CELL_COUNT, 0, 0, "A1"},                                                       \
        {"Loss", CB_CELL_MONEY, 0, 0, "A1: direct + consequential"},                               \
        {"Remedy", CB_CELL_MONEY, 0, 0, "A1"},                                                     \
        {"Remedy / loss", CB_CELL_NUMBER, 2, 0, "A3: sum of remedies over sum of losses"},         \
        {"Median ratio", CB_CELL_NUMBER, 2, 0, "A3"},                                              \
        {"Adequate (%)", CB_CELL_PERCENT, 1, 0, "A3: remedy covers the loss"},                     \
        {"95 % low", CB_CELL_PERCENT, 1, 0, "Wilson"}, {"95 % high", CB_CELL_PERCENT, 1, 0, NULL}, \
        {"Shortfall", CB_CELL_MONEY, 0, 0, "A3"},                                                  \
    {                                                                                              \
        "Excess", CB_CELL_MONEY, 0, 0, "A3: above the loss"                                        \
    }

static void totals(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {{"Cases", CB_CELL_TEXT, 0, 0, NULL}, TOTAL_COLUMNS};
    const cb_remedy *r = &c->now->remedy;
    cb_grid *grid =
        cb_grid_of(c, sheet, "remedy_totals", "Totals, with and without the largest losses (A3)",
                   columns, sizeof columns / sizeof columns[0]);
    totals_row(grid, "All eligible cases", &r->all);
    totals_row(grid, "Without the ten largest losses", &r->without_largest);
    totals_row(grid, "The period before", &c->before->remedy.all);
    if (isfinite(r->largest_share))
        cb_grid_caption(
            grid,
            "The ten largest losses are %s of all losses. Direct loss %s, consequential loss %s.",
            cb_say_percent(c, r->largest_share), cb_say_money(c, (double)r->all.direct_minor),
            cb_say_money(c, (double)r->all.consequential_minor));
}

/* Sums can be added up; a median or an interval of several groups cannot. */
static void others_row(cb_compose *c, cb_grid *grid, uint32_t groups, const cb_remedy_figures *rest)
{
    static const char why[] = "not made for several groups together";
    cb_grid_row(grid);
    cb_put_others(c, grid, 0, groups, "");
    cb_put_count(grid, 1, rest->eligible);
    cb_put_money(grid, 2, rest->loss_minor);
    cb_put_money(grid, 3, rest->remedy_minor);
    cb_put_number(grid, 4, share_of((double)rest->remedy_minor, (double)rest->loss_minor));
    cb_put_none(grid, 5, why);
    cb_put_est_none(grid, 6, why);
    cb_put_money(grid, 9, rest->shortfall_minor);
    cb_put_money(grid, 10, rest->excess_minor);
}

static void add_rest(cb_remedy_figures *rest, const cb_remedy_figures *f)
{
    rest->eligible += f->eligible;
    rest->loss_minor += f->loss_minor;
    rest->remedy_minor += f->remedy_minor;
    rest->shortfall_minor += f->shortfall_minor;
    rest->excess_minor += f->excess_minor;
}

static void by_groups(cb_compose *c, cb_sheet *sheet, const char *id, const char *title,
                      const char *first, const cb_remedy_groups *groups, cb_pool pool)
{
    const cb_grid_column columns[] = {{first, CB_CELL_TEXT, 0, 0, NULL}, TOTAL_COLUMNS};
    if (groups->n == 0)
        return;
    cb_grid *grid = cb_grid_of(c, sheet, id, title, columns, sizeof columns / sizeof columns[0]);
    uint32_t shown = 0, others = 0;
    cb_remedy_figures rest = {0};
    for (uint32_t i = 0; i < groups->n; i++) {
        const cb_remedy_group *g = &groups->group[i];
        if (g->figures.eligible == 0)
            continue;
        if (shown == CB_TOP_GROUPS) {
            others++;
            add_rest(&rest, &g->figures);
            continue;
        }
        totals_row(grid, cb_say_word(c, cb_intern_text(c->book->pool[pool], g->word)), &g->figures);
        shown++;
    }
    if (others > 0) {
        others_row(c, grid, others, &rest);
        cb_grid_caption(grid, "The %u with the largest shortfall, and all others together.", shown);
    }
}

static const char *case_words(cb_compose *c, uint32_t row)
{
    const cb_table *cases = &c->book->table[CB_CASES];
    cb_str id = cb_shown_id(c, CB_POOL_CASE, cb_word(cases, CB_CASE_ID, row));
    const char *words =
        cb_arena_text(c->arena, CB_STR_FMT ": %s, %s", CB_STR_ARG(id),
                      cb_say_word(c, cb_dim_text(c->book, CB_DIM_CAUSE,
                                                 cb_dim_word(c->book, CB_DIM_CAUSE, row))),
                      cb_say_word(c, cb_dim_text(c->book, CB_DIM_PRODUCT,
                                                 cb_dim_word(c->book, CB_DIM_PRODUCT, row))))
            .at;
    return words ? words : "";
}

static void largest(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {
        {"Case: root cause, product", CB_CELL_TEXT, 0, 0, NULL},
        {"Opened", CB_CELL_DATE, 0, 0, NULL},
        {"Loss", CB_CELL_MONEY, 0, 0, "A1"},
        {"Remedy", CB_CELL_MONEY, 0, 0, "A1"},
        {"Shortfall", CB_CELL_MONEY, 0, 0, "A3"}};
    const cb_remedy *r = &c->now->remedy;
    const cb_table *cases = &c->book->table[CB_CASES];
    if (r->largest_n == 0)
        return;
    cb_grid *grid = cb_grid_of(c, sheet, "largest_losses",
                               "The largest losses: is each of them real? (A3)", columns, 5);
    for (uint32_t i = 0; i < r->largest_n; i++) {
        uint32_t row = r->largest_row[i];
        int64_t loss = cb_loss_minor(c->scope->derived, row);
        int64_t remedy = cb_remedy_minor(c->scope->derived, row);
        cb_grid_row(grid);
        cb_put_text(grid, 0, cb_str_of(case_words(c, row)));
        cb_put_date(grid, 1, cb_time(cases, CB_CASE_OPENED, row));
        cb_put_money(grid, 2, loss);
        cb_put_money(grid, 3, remedy);
        cb_put_money(grid, 4, loss > remedy ? loss - remedy : 0);
    }
}

static void shortfall_chart(cb_compose *c, cb_sheet *sheet)
{
    const cb_grid *grid = cb_workbook_find(c->workbook, CB_LIT("remedy_by_root_cause"));
    if (!grid || grid->rows < 2)
        return;
    const cb_remedy *r = &c->now->remedy;
    const cb_remedy_group *top = &r->by[CB_DIM_CAUSE].group[0];
    if (r->all.shortfall_minor <= 0)
        return;
    cb_chart *chart = cb_picture(sheet, CB_CHART_BAR, "", cb_say_unit(c, "shortfall"));
    cb_chart_title(
        chart, "%s: %s of the shortfall",
        cb_say_word(c, cb_dim_text(c->book, CB_DIM_CAUSE, top->word)),
        cb_say_percent(c, (double)top->figures.shortfall_minor / (double)r->all.shortfall_minor));
    cb_chart_series(chart, grid, 0, 9, "Shortfall", CB_LOOK_MAIN);
    if (chart)
        chart->series[0].rows = grid->rows < CB_CHART_GROUPS ? grid->rows : CB_CHART_GROUPS;
    cb_chart_alt(chart, "Bar chart of the shortfall by cause, largest first");
}

void cb_sheet_remedies(cb_compose *c)
{
    const cb_remedy *r = &c->now->remedy;
    cb_sheet *sheet =
        cb_workbook_sheet(c->workbook, "Remedies", "Remedies against losses",
                          "A problem is over when the customer is whole again: remedy / loss of 1 "
                          "or more.");
    if (!r->has_loss) {
        cb_sheet_finding(
            sheet, "Adequacy is not estimable: the input has no column with the customer's loss.");
        return;
    }
    cb_sheet_paragraph(
        sheet,
        "The loss is known for %s of %s cases of the period (%s); %s cases are eligible (A1).",
        cb_say_count(c, r->all.loss_known), cb_say_count(c, r->all.cases),
        cb_say_percent(c, share_of(r->all.loss_known, r->all.cases)),
        cb_say_count(c, r->all.eligible));
    cb_sheet_paragraph(sheet,
                       "Exposure: %s open cases have known losses of %s, not counted above (A4).",
                       cb_say_count(c, r->open_cases), cb_say_money(c, (double)r->exposure_minor));
    if (!r->has_remedy)
        cb_sheet_paragraph(sheet, "The input has no column with the remedy's amount: a remedy is "
                                  "taken as 0 only where its type is blank or none.");
    if (r->all.eligible == 0) {
        cb_sheet_finding(sheet, "Adequacy is not estimable: no case of the period is solved with a "
                                "known loss above 0 and a known remedy.");
        return;
    }
    bands(c, sheet);
    totals(c, sheet);
    by_groups(c, sheet, "remedy_by_root_cause", "By root cause (A3)", "Root cause",
              &r->by[CB_DIM_CAUSE], CB_POOL_CAUSE);
    shortfall_chart(c, sheet);
    by_groups(c, sheet, "remedy_by_type", "By type of remedy (A3)", "Type of remedy", &r->by_type,
              CB_POOL_REMEDY);
    by_groups(c, sheet, "remedy_by_kind", "By kind of problem (A3)", "Kind", &r->by[CB_DIM_KIND],
              CB_POOL_KIND);
    by_groups(c, sheet, "remedy_by_product", "By product (A3)", "Product", &r->by[CB_DIM_PRODUCT],
              CB_POOL_PRODUCT);
    largest(c, sheet);
}
