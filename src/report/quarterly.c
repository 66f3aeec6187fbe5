/* The management review: what did unsatisfactory service cost, how sure are we, is it getting
 * better, and why? */
#include "quarterly.h"

#include <math.h>

enum { KEY_FIGURES = 6 };

/* Value now, before, a year before, with n. */
typedef struct key_figure {
    const char *words, *unit, *link;
    cb_cell_kind kind;
    cb_est now;
    uint64_t n;
    double before, year_before;
    const char *reason; /* of now */
} key_figure;

static void put_key_value(cb_grid *grid, unsigned column, cb_cell_kind kind, double value,
                          const char *reason)
{
    if (!isfinite(value)) {
        cb_put_none(grid, column, reason);
        return;
    }
    if (kind == CB_CELL_MONEY)
        cb_put_money(grid, column, (int64_t)llround(value));
    else if (kind == CB_CELL_COUNT)
        cb_put_count(grid, column, (uint64_t)llround(value));
    else if (kind == CB_CELL_PERCENT)
        cb_put_percent(grid, column, value);
    else
        cb_put_number(grid, column, value);
}

static double remedy_share(const cb_results *r)
{
    return r->remedy.all.share_adequate.value;
}

static void gather(cb_compose *c, key_figure figures[KEY_FIGURES])
{
    const cb_results *now = c->now, *before = c->before, *year = c->year_before;
    const cb_est none = cb_est_none("not covered by the input");
    figures[0] = (key_figure){"Expected cost of customers lost to service, a year",
                              "money",
                              "churn_ways",
                              CB_CELL_MONEY,
                              now->churn.cost_minor,
                              now->churn.customers_with_problem,
                              before->churn.cost_minor.value,
                              year->churn.cost_minor.value,
                              NULL};
    figures[1] = (key_figure){"Cases opened",
                              "cases",
                              "flow_rows",
                              CB_CELL_COUNT,
                              cb_est_known(now->resolution.cases),
                              now->resolution.cases,
                              before->resolution.cases,
                              year->resolution.cases,
                              NULL};
    figures[2] = (key_figure){"Median resolution time, open cases included",
                              "hours",
                              "resolution_by_kind",
                              CB_CELL_NUMBER,
                              now->resolution.hours.median_h,
                              now->resolution.hours.n,
                              before->resolution.hours.median_h.value,
                              year->resolution.hours.median_h.value,
                              NULL};
    figures[3] = (key_figure){"Remedies that cover the loss",
                              "share",
                              "remedy_bands",
                              CB_CELL_PERCENT,
                              now->remedy.all.share_adequate,
                              now->remedy.all.eligible,
                              remedy_share(before),
                              remedy_share(year),
                              NULL};
    figures[4] = (key_figure){
        "Shortfall: losses not made good",
        "money",
        "remedy_by_root_cause",
        CB_CELL_MONEY,
        now->remedy.all.eligible ? cb_est_known((double)now->remedy.all.shortfall_minor)
                                 : cb_est_none("no eligible case"),
        now->remedy.all.eligible,
        before->remedy.all.eligible ? (double)before->remedy.all.shortfall_minor : NAN,
        year->remedy.all.eligible ? (double)year->remedy.all.shortfall_minor : NAN,
        NULL};
    figures[5] = (key_figure){"Cases that repeat one of the 90 days before",
                              "share",
                              "clusters_by_count",
                              CB_CELL_PERCENT,
                              now->recurrence.rate,
                              now->recurrence.eligible,
                              before->recurrence.rate.value,
                              year->recurrence.rate.value,
                              NULL};
    for (int i = 0; i < KEY_FIGURES; i++) {
        figures[i].reason = figures[i].now.reason ? figures[i].now.reason : "no case in the period";
        if (!c->scope->covered[CB_BEFORE])
            figures[i].before = none.value;
        if (!c->scope->covered[CB_YEAR_BEFORE])
            figures[i].year_before = none.value;
    }
}

static const char *change_words(cb_compose *c, const key_figure *figure)
{
    if (!isfinite(figure->now.value) || !isfinite(figure->before))
        return "";
    if (figure->before == 0)
        return figure->now.value == 0 ? "unchanged" : "from zero";
    double change = figure->now.value / figure->before - 1;
    const char *text = cb_arena_text(c->arena, "%+.1f %%", 100 * change).at;
    return text ? text : "";
}

static void key_figures(cb_compose *c, cb_sheet *sheet)
{
    const char *before = c->scope->window[CB_BEFORE].period.label,
               *year = c->scope->window[CB_YEAR_BEFORE].period.label;
    const cb_grid_column columns[] = {
        {"Key figure", CB_CELL_TEXT, 0, 46, NULL},
        {"Unit", CB_CELL_TEXT, 0, 10, NULL},
        {c->scope->window[CB_NOW].period.label, CB_CELL_NUMBER, 1, 14, NULL},
        {"95 % low", CB_CELL_NUMBER, 1, 12, NULL},
        {"95 % high", CB_CELL_NUMBER, 1, 12, NULL},
        {"n", CB_CELL_COUNT, 0, 9, "What the figure rests on: cases, or customers for the cost"},
        {before, CB_CELL_NUMBER, 1, 14, "The period before"},
        {"Change", CB_CELL_TEXT, 0, 10,
         "Difference to the period before. Only the findings above say whether it is beyond "
         "chance."},
        {year, CB_CELL_NUMBER, 1, 14, "The same period a year earlier"}};
    key_figure figures[KEY_FIGURES];
    gather(c, figures);
    cb_grid *grid = cb_sheet_grid(sheet, "key_figures", "Key figures", columns, 9);
    for (int i = 0; i < KEY_FIGURES; i++) {
        const key_figure *f = &figures[i];
        cb_grid_row(grid);
        cb_put_text(grid, 0, cb_str_of(f->words));
        if (cb_workbook_find(c->workbook, cb_str_of(f->link)))
            cb_set_link(grid, 0, f->link);
        cb_put_text(grid, 1,
                    f->kind == CB_CELL_MONEY && c->settings->currency[0]
                        ? cb_str_of(c->settings->currency)
                        : cb_str_of(f->unit));
        put_key_value(grid, 2, f->kind, f->now.value, f->reason);
        if (i == 0)
            cb_set_formula(grid, 2, "=headline_cost");
        if (isfinite(f->now.low) || isfinite(f->now.high)) {
            put_key_value(grid, 3, f->kind, f->now.low, "this bound is not reached by the data");
            put_key_value(grid, 4, f->kind, f->now.high, "this bound is not reached by the data");
        }
        cb_put_count(grid, 5, f->n);
        put_key_value(grid, 6, f->kind, f->before,
                      c->scope->covered[CB_BEFORE] ? "no data" : "not covered by the input");
        cb_put_text(grid, 7, cb_str_of(change_words(c, f)));
        put_key_value(grid, 8, f->kind, f->year_before,
                      c->scope->covered[CB_YEAR_BEFORE] ? "no data" : "not covered by the input");
    }
}

static void headline(cb_compose *c, cb_sheet *sheet)
{
    const cb_churn *churn = &c->now->churn;
    if (cb_est_ok(churn->cost_minor))
        cb_sheet_heading(sheet, "Customers lost to unsatisfactory service: %s a year",
                         cb_say_money_range(c, churn->cost_minor));
    else
        cb_sheet_heading(sheet, "The cost of customers lost to service is not estimable: %s",
                         churn->cost_minor.reason ? churn->cost_minor.reason : "no data");
    if (cb_est_ok(churn->expected_losses))
        cb_sheet_paragraph(
            sheet, "That is %s of %s customers a year (%s; method C7, see Churn cost).",
            cb_say_percent_range(c, churn->rate),
            cb_say_count(c, (uint64_t)llround(churn->customers)), churn->customers_from);
    if (churn->method == CB_CHURN_BLEND)
        cb_sheet_paragraph(
            sheet,
            "The company's own data carry %s of this figure, the often-quoted %s a year the rest.",
            cb_say_percent(c, churn->credibility),
            cb_say_percent(c, c->settings->assumption[CB_A_ANNUAL_LOSS_RATE].base));
    else
        cb_sheet_paragraph(sheet,
                           "This is the often-quoted %s a year, not the company's own data: %s.",
                           cb_say_percent(c, c->settings->assumption[CB_A_ANNUAL_LOSS_RATE].base),
                           churn->reason ? churn->reason : "no own data");
    if (churn->amber)
        cb_sheet_paragraph(sheet, "Amber: the ways to this figure differ more than threefold; the "
                                  "Churn cost sheet shows them side by side.");
}

static void summary_chart(cb_compose *c, cb_sheet *sheet)
{
    const cb_grid *ways = cb_workbook_find(c->workbook, CB_LIT("churn_ways"));
    const cb_grid *flow = cb_workbook_find(c->workbook, CB_LIT("flow_rows"));
    bool priced = ways && cb_est_ok(c->now->churn.cost_minor);
    if (priced) {
        cb_chart *cost = cb_sheet_chart(sheet, CB_CHART_BAR,
                                        "Yearly cost of lost customers, by way of estimating", "",
                                        c->settings->currency[0] ? c->settings->currency : "money");
        cb_chart_title(cost, "Lost customers cost %s a year; the quoted rate would mean %s",
                       cb_say_money(c, c->now->churn.cost_minor.value),
                       cb_say_money(c, c->now->churn.benchmark_cost_minor.value));
        cb_chart_series(cost, ways, 0, 1, "Cost a year", CB_LOOK_MAIN);
        cb_chart_alt(cost, "Bar chart of the yearly cost of lost customers: headline, own data, "
                           "benchmark and bottom-up");
    }
    if (flow && flow->rows > 1) {
        cb_chart *trend = cb_sheet_chart(
            sheet, CB_CHART_LINE, "Cases opened and solved, and what stays open", "", "cases");
        cb_chart_title(trend, "%s cases open at the end, %s at the start",
                       cb_say_count(c, c->now->flow.open_at_end),
                       cb_say_count(c, c->now->flow.open_at_start));
        cb_chart_series(trend, flow, 0, 2, "opened", CB_LOOK_MAIN);
        cb_chart_series(trend, flow, 0, 3, "resolved", CB_LOOK_SECOND);
        cb_chart_series(trend, flow, 0, 4, "open at end", CB_LOOK_THIRD);
        cb_chart_alt(trend, "Line chart of cases opened, resolved and open by period");
        if (trend && priced)
            trend->beside = true;
    }
}

static void summary(cb_compose *c, cb_sheet *sheet)
{
    headline(c, sheet);
    cb_sheet_heading(sheet, "What changed");
    cb_findings(c, sheet);
    key_figures(c, sheet);
    summary_chart(c, sheet);
}

cb_status cb_compose_quarterly(cb_compose *c)
{
    const char *title =
        cb_arena_text(c->arena, "Service review %s", c->scope->window[CB_NOW].period.label).at;
    cb_sheet *first =
        cb_workbook_sheet(c->workbook, "Summary", title ? title : "Service review",
                          "What unsatisfactory service cost, how sure that is, and what changed.");
    cb_sheet_resolution(c);
    cb_sheet_remedies(c);
    cb_sheet_churn(c);
    cb_sheet_clusters_short(c);
    cb_sheet_trends(c);
    cb_sheet_practice(c);
    cb_sheet_teams(c);
    cb_sheet_reviews(c);
    cb_sheet_assumptions(c);
    cb_sheet_quality(c);
    cb_sheet_checks(c);
    cb_sheet_method(c, NULL);
    cb_sheet_run(c);
    summary(c, first); /* last, since it points at grids of the other sheets */
    return cb_workbook_status(c->workbook, c->err);
}
