/* The management review: what did unsatisfactory service cost, how sure are we, is it getting
 * better, and why? */
#include "quarterly.h"
#include "model.h"

#include <math.h>

enum { KEY_FIGURES = 6 };
enum {
    COL_FIGURE,
    COL_UNIT,
    COL_NOW,
    COL_LOW,
    COL_HIGH,
    COL_N,
    COL_BEFORE,
    COL_CHANGE,
    COL_YEAR,
    KEY_COLUMNS
};

/* Value now, before, a year before, with n. */
typedef struct key_figure {
    const char *words, *method, *unit, *link;
    cb_cell_kind kind;
    cb_est now;
    uint64_t n;
    double before, year_before;
    const char *reason; /* of now */
    const char *note;   /* beside now, or NULL */
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

static key_figure shortfall_figure(const cb_remedy_figures *now, const cb_remedy_figures *before,
                                   const cb_remedy_figures *year)
{
    return (key_figure){.words = "Shortfall: losses not made good",
                        .method = "A3",
                        .unit = "money",
                        .link = "remedy_by_root_cause",
                        .kind = CB_CELL_MONEY,
                        .now = now->eligible ? cb_est_known((double)now->shortfall_minor)
                                             : cb_est_none("no eligible case"),
                        .n = now->eligible,
                        .before = before->eligible ? (double)before->shortfall_minor : NAN,
                        .year_before = year->eligible ? (double)year->shortfall_minor : NAN};
}

/* A figure that all three windows have as an estimate: now with n, the other two by value. */
static key_figure estimated(key_figure figure, cb_est now, uint64_t n, cb_est before, cb_est year)
{
    figure.now = now;
    figure.n = n;
    figure.before = before.value;
    figure.year_before = year.value;
    return figure;
}

static const char *opened_note(cb_compose *c)
{
    const cb_flow *flow = &c->now->flow;
    return cb_arena_text(c->arena,
                         "%s in the flow (R6, Resolution), %s closed at an unknown time (R8), %s "
                         "withdrawn.",
                         cb_say_count(c, flow->opened),
                         cb_say_count(c, flow->opened_closed_unknown),
                         cb_say_count(c, flow->opened_withdrawn))
        .at;
}

static void gather(cb_compose *c, key_figure figures[KEY_FIGURES])
{
    const cb_results *now = c->now, *before = c->before, *year = c->year_before;
    static const key_figure cost = {.words = "Expected cost of customers lost to service, a year",
                                    .method = "C7",
                                    .unit = "money",
                                    .link = "churn_ways",
                                    .kind = CB_CELL_MONEY};
    static const key_figure opened = {.words = "Cases opened, all",
                                      .method = "R6",
                                      .unit = "cases",
                                      .link = "cases",
                                      .kind = CB_CELL_COUNT};
    static const key_figure median = {.words = "Median resolution time, open cases included",
                                      .method = "R2",
                                      .unit = "hours",
                                      .link = "resolution_by_kind",
                                      .kind = CB_CELL_NUMBER};
    static const key_figure covered = {.words = "Remedies that cover the loss",
                                       .method = "A3",
                                       .unit = "share",
                                       .link = "remedy_bands",
                                       .kind = CB_CELL_PERCENT};
    static const key_figure repeat = {.words = "Cases that repeat an earlier one",
                                      .method = "Q1",
                                      .unit = "share",
                                      .link = "clusters_by_count",
                                      .kind = CB_CELL_PERCENT};
    figures[0] = estimated(cost, now->churn.cost_minor, now->churn.customers_with_problem,
                           before->churn.cost_minor, year->churn.cost_minor);
    figures[1] =
        estimated(opened, cb_est_known(now->resolution.cases), now->resolution.cases,
                  cb_est_known(before->resolution.cases), cb_est_known(year->resolution.cases));
    figures[1].note = opened_note(c);
    figures[2] = estimated(median, now->resolution.hours.median_h, now->resolution.hours.n,
                           before->resolution.hours.median_h, year->resolution.hours.median_h);
    figures[3] = estimated(covered, now->remedy.all.share_adequate, now->remedy.all.eligible,
                           before->remedy.all.share_adequate, year->remedy.all.share_adequate);
    figures[4] = shortfall_figure(&now->remedy.all, &before->remedy.all, &year->remedy.all);
    figures[5] = estimated(repeat, now->recurrence.rate, now->recurrence.eligible,
                           before->recurrence.rate, year->recurrence.rate);
    for (int i = 0; i < KEY_FIGURES; i++) {
        figures[i].reason = figures[i].now.reason ? figures[i].now.reason : "no case in the period";
        if (!c->scope->covered[CB_BEFORE])
            figures[i].before = NAN;
        if (!c->scope->covered[CB_YEAR_BEFORE])
            figures[i].year_before = NAN;
    }
}

/* Relative to the period before, live for the headline. */
static void put_change(cb_grid *grid, unsigned column, const key_figure *figure, bool live)
{
    if (!isfinite(figure->now.value) || !isfinite(figure->before))
        cb_put_none(grid, column, "one of the two periods has no figure");
    else if (!(figure->before > 0))
        cb_put_none(grid, column, "nothing in the period before");
    else if (figure->kind ==
             CB_CELL_MONEY) /* of the amounts as shown, so that the formula agrees */
        cb_put_percent(grid, column, round(figure->now.value) / round(figure->before) - 1);
    else
        cb_put_percent(grid, column, figure->now.value / figure->before - 1);
    if (live && figure->before > 0 && isfinite(figure->now.value))
        cb_set_formula(grid, column, "={@%d}/{@%d}-1", COL_NOW, COL_BEFORE);
}

static void key_row(cb_compose *c, cb_grid *grid, const key_figure *f, bool live)
{
    static const char no_bound[] = "this bound is not reached by the data";
    const char *none[] = {c->scope->covered[CB_BEFORE] ? "no data" : "not covered by the input",
                          c->scope->covered[CB_YEAR_BEFORE] ? "no data"
                                                            : "not covered by the input"};
    bool money = f->kind == CB_CELL_MONEY && c->settings->currency[0];
    cb_grid_row(grid);
    cb_put_textf(grid, COL_FIGURE, "%s (%s)", f->words, f->method);
    if (cb_workbook_find(c->workbook, cb_str_of(f->link)))
        cb_set_link(grid, COL_FIGURE, f->link);
    cb_put_text(grid, COL_UNIT, cb_str_of(money ? c->settings->currency : f->unit));
    put_key_value(grid, COL_NOW, f->kind, f->now.value, f->reason);
    if (live)
        cb_set_formula(grid, COL_NOW, "=headline_cost");
    if (f->note)
        cb_set_note(grid, COL_NOW, "%s", f->note);
    if (isfinite(f->now.low) || isfinite(f->now.high)) {
        put_key_value(grid, COL_LOW, f->kind, f->now.low, no_bound);
        put_key_value(grid, COL_HIGH, f->kind, f->now.high, no_bound);
    }
    cb_put_count(grid, COL_N, f->n);
    put_key_value(grid, COL_BEFORE, f->kind, f->before, none[0]);
    if (live && c->scope->covered[CB_BEFORE])
        cb_set_formula(grid, COL_BEFORE, "%s", cb_model_of_window(c, "headline_cost", CB_BEFORE));
    put_change(grid, COL_CHANGE, f, live);
    put_key_value(grid, COL_YEAR, f->kind, f->year_before, none[1]);
    if (live && c->scope->covered[CB_YEAR_BEFORE])
        cb_set_formula(grid, COL_YEAR, "%s",
                       cb_model_of_window(c, "headline_cost", CB_YEAR_BEFORE));
    const unsigned amounts[] = {COL_NOW, COL_LOW, COL_HIGH, COL_BEFORE, COL_YEAR};
    for (unsigned i = 0; f->kind == CB_CELL_MONEY && i < 5; i++)
        cb_set_decimals(grid, amounts[i], 0);
}

static void key_figures(cb_compose *c, cb_sheet *sheet)
{
    const cb_grid_column columns[KEY_COLUMNS] = {
        [COL_FIGURE] = {"Key figure", CB_CELL_TEXT, 0, 0, "The method's id; leads to its table"},
        [COL_UNIT] = {"Unit", CB_CELL_TEXT, 0, 8, NULL},
        [COL_NOW] = {c->scope->window[CB_NOW].period.label, CB_CELL_NUMBER, 1, 13, NULL},
        [COL_LOW] = {"95 % low", CB_CELL_NUMBER, 1, 13, NULL},
        [COL_HIGH] = {"95 % high", CB_CELL_NUMBER, 1, 13, NULL},
        [COL_N] = {"n", CB_CELL_COUNT, 0, 9,
                   "What the figure rests on: cases, or customers for the cost"},
        [COL_BEFORE] = {c->scope->window[CB_BEFORE].period.label, CB_CELL_NUMBER, 1, 13,
                        "The period before"},
        [COL_CHANGE] = {"Change (%)", CB_CELL_PERCENT, 1, 12,
                        "Against the period before, relative. Only the findings above say whether "
                        "it is beyond chance."},
        [COL_YEAR] = {c->scope->window[CB_YEAR_BEFORE].period.label, CB_CELL_NUMBER, 1, 13,
                      "The same period a year earlier"}};
    key_figure figures[KEY_FIGURES];
    gather(c, figures);
    cb_grid *grid = cb_grid_of(c, sheet, "key_figures", "Key figures", columns, KEY_COLUMNS);
    for (int i = 0; i < KEY_FIGURES; i++)
        key_row(c, grid, &figures[i], i == 0);
}

static void no_headline(cb_compose *c, cb_sheet *sheet)
{
    const cb_churn *churn = &c->now->churn;
    cb_sheet_heading(sheet, "The cost of customers lost to service is not estimable: %s",
                     churn->cost_minor.reason ? churn->cost_minor.reason : "no data");
    if (churn->customers > 0)
        cb_sheet_paragraph(sheet, "Type a yearly value of a customer into annual_value on the "
                                  "Assumptions sheet and recalculate, or run with --set "
                                  "assumptions.annual_value=VALUE: every cost then follows.");
}

/* A default period that lies before or after what the input covers would leave the reader at a
 * loss. */
static void coverage(cb_compose *c, cb_sheet *sheet)
{
    char first[32], last[32];
    if (c->now->resolution.cases > 0 || c->book->first_utc_s == CB_NO_TIME)
        return;
    cb_date_text(first, c->book->first_utc_s, c->settings->zone);
    cb_date_text(last, c->book->as_of_utc_s, c->settings->zone);
    cb_sheet_finding(sheet,
                     "No case was opened in %s. The input covers %s to %s: choose a period of it "
                     "with --period.",
                     c->scope->window[CB_NOW].period.label, first, last);
}

static void headline(cb_compose *c, cb_sheet *sheet)
{
    const cb_churn *churn = &c->now->churn;
    if (cb_est_ok(churn->cost_minor))
        cb_sheet_heading(sheet, "Customers lost to unsatisfactory service: %s a year",
                         cb_say_money_range(c, churn->cost_minor));
    else
        no_headline(c, sheet);
    if (cb_est_ok(churn->expected_losses))
        cb_sheet_paragraph(sheet, "In customers: %s of %s a year (%s; method C7, see Churn cost).",
                           cb_say_percent_range(c, churn->rate),
                           cb_say_count(c, (uint64_t)llround(churn->customers)),
                           churn->customers_from);
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

enum { SUMMARY_CHART_PX = 270 }; /* the summary is to fit a page */

static void cost_chart(cb_compose *c, cb_sheet *sheet, const cb_grid *ways)
{
    const cb_churn *churn = &c->now->churn;
    cb_chart *cost = cb_picture(sheet, CB_CHART_BAR, "", cb_say_unit(c, "cost a year (C7)"));
    if (churn->method == CB_CHURN_BLEND)
        cb_chart_title(cost, "Lost customers cost %s a year; the quoted rate would mean %s",
                       cb_say_money(c, churn->cost_minor.value),
                       cb_say_money(c, churn->benchmark_cost_minor.value));
    else
        cb_chart_title(cost, "At the quoted %s a year lost customers cost %s",
                       cb_say_percent(c, churn->benchmark_rate.value),
                       cb_say_money(c, churn->cost_minor.value));
    cb_chart_series(cost, ways, 0, 1, "Cost a year", CB_LOOK_MAIN);
    if (cost)
        cost->height_px = SUMMARY_CHART_PX;
    cb_chart_alt(cost, "Bar chart of the yearly cost of lost customers: headline, benchmark, "
                       "bottom-up and own data");
}

static void flow_chart(cb_compose *c, cb_sheet *sheet, const cb_grid *flow, bool beside)
{
    cb_chart *trend = cb_picture(sheet, CB_CHART_LINE, "", "cases (R6)");
    uint32_t start = c->now->flow.open_at_start, end = c->now->flow.open_at_end;
    cb_chart_title(trend, "%s open at the end, %s at the start", cb_say_several(c, end, "case"),
                   cb_say_count(c, start));
    cb_chart_series(trend, flow, 0, 2, "opened", CB_LOOK_MAIN);
    cb_chart_series(trend, flow, 0, 3, "solved", CB_LOOK_SECOND);
    cb_chart_series(trend, flow, 0, 4, "open at the end", CB_LOOK_THIRD);
    cb_chart_alt(trend, "Line chart of cases opened, solved and open by month");
    if (trend) {
        trend->beside = beside;
        trend->height_px = SUMMARY_CHART_PX;
    }
}

static void summary_charts(cb_compose *c, cb_sheet *sheet)
{
    const cb_grid *ways = cb_workbook_find(c->workbook, CB_LIT("churn_ways"));
    const cb_grid *flow = cb_workbook_find(c->workbook, CB_LIT("flow_rows"));
    bool priced = ways && cb_est_ok(c->now->churn.cost_minor);
    if (priced)
        cost_chart(c, sheet, ways);
    if (flow && flow->rows > 2)
        flow_chart(c, sheet, flow, priced);
}

static void summary(cb_compose *c, cb_sheet *sheet)
{
    coverage(c, sheet);
    headline(c, sheet);
    cb_sheet_heading(sheet, "What changed");
    cb_findings(c, sheet);
    key_figures(c, sheet);
    summary_charts(c, sheet);
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
    cb_sheet_cases(c);
    cb_sheet_assumptions(c);
    cb_sheet_quality(c);
    cb_sheet_checks(c);
    cb_sheet_method(c, NULL);
    cb_sheet_run(c);
    summary(c, first); /* last, since it points at grids of the other sheets */
    return cb_workbook_status(c->workbook, c->err);
}
