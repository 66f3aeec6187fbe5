/* Churn cost: three ways to one figure, how much each rests on, and which assumption matters most.
 */
#include <math.h>

#include "quarterly.h"

static const char no_value[] = "no yearly value of a customer is known";

static void way_row(cb_compose *c, cb_grid *grid, const char *words, cb_est cost, double rate,
                    const char *rests_on, const char *name)
{
    cb_grid_row(grid);
    cb_put_text(grid, 0, cb_str_of(words));
    if (!cb_est_ok(cost))
        cb_put_est_none(grid, 1, cost.reason ? cost.reason : no_value);
    else
        cb_put_est(grid, 1, cost);
    if (isfinite(rate))
        cb_put_percent(grid, 4, rate);
    else
        cb_put_none(grid, 4, cost.reason ? cost.reason : "not a rate");
    cb_put_text(grid, 5, cb_str_of(rests_on));
    if (name && cb_est_ok(cost))
        cb_set_formula(grid, 1, "=%s", name);
    (void)c;
}

static void ways(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {
        {"Way", CB_CELL_TEXT, 0, 40, NULL},
        {"Cost a year", CB_CELL_MONEY, 0, 16, "Live: follows the Assumptions sheet"},
        {"95 % low", CB_CELL_MONEY, 0, 16, "Of the run, from 20,000 draws"},
        {"95 % high", CB_CELL_MONEY, 0, 16, NULL},
        {"Share of customers a year", CB_CELL_PERCENT, 2, 12, NULL},
        {"What it rests on", CB_CELL_TEXT, 0, 60, NULL}};
    const cb_churn *churn = &c->now->churn;
    cb_grid *grid =
        cb_sheet_grid(sheet, "churn_ways", "Three ways to the figure, never added up", columns, 6);
    cb_est bottom = isfinite(churn->bottom_up_cost_minor)
                        ? cb_est_known(churn->bottom_up_cost_minor)
                        : cb_est_none(no_value);
    const char *own =
        cb_arena_text(c->arena,
                      "C3: %.0f person-years after a problem with %u leavers, %.0f clean with %u",
                      churn->after.person_years, churn->after.losses, churn->clean.person_years,
                      churn->clean.losses)
            .at;
    const char *blend =
        cb_arena_text(c->arena, "C7: Z = %.3f of own data, the rest benchmark", churn->credibility)
            .at;
    way_row(c, grid, "Headline (blend)", churn->cost_minor, churn->rate.value, blend ? blend : "",
            "headline_cost");
    way_row(c, grid, "Own data",
            churn->own_estimable ? churn->own_cost_minor : cb_est_none(churn->own_reason),
            churn->own_rate.value,
            churn->own_estimable && own ? own : "C3: the company's own leavers",
            churn->own_estimable ? "own_cost" : NULL);
    way_row(c, grid, "Benchmark (top-down)", churn->benchmark_cost_minor,
            churn->benchmark_rate.value, "C2: customers x rate x share x yearly value",
            "benchmark_cost");
    way_row(
        c, grid, "Bottom-up (stated intentions)", bottom,
        churn->customers > 0 ? churn->bottom_up_losses / churn->customers : NAN,
        "C5: what customers said they would do, by outcome and size of loss; cases of the period",
        "bottom_up_cost");
    if (isfinite(churn->ratio_own_benchmark) || isfinite(churn->ratio_bottom_up_benchmark))
        cb_grid_caption(grid, "Own data / benchmark: %s; bottom-up / benchmark: %s%s",
                        isfinite(churn->ratio_own_benchmark)
                            ? cb_arena_text(c->arena, "%.2f", churn->ratio_own_benchmark).at
                            : "n/e",
                        isfinite(churn->ratio_bottom_up_benchmark)
                            ? cb_arena_text(c->arena, "%.2f", churn->ratio_bottom_up_benchmark).at
                            : "n/e",
                        churn->amber ? ". Amber: more than threefold apart." : ".");
}

static void exposure_row(cb_grid *grid, const char *words, const cb_exposure *e)
{
    cb_grid_row(grid);
    cb_put_text(grid, 0, cb_str_of(words));
    cb_put_number(grid, 1, e->person_years);
    cb_put_count(grid, 2, e->losses);
    cb_put_est(grid, 3, e->rate);
}

static void own_data(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {
        {"State", CB_CELL_TEXT, 0, 40, NULL},
        {"Customer-years", CB_CELL_NUMBER, 1, 16, "C3: time under observation in this state"},
        {"Leavers", CB_CELL_COUNT, 0, 16, NULL},
        {"Leaving rate a year", CB_CELL_NUMBER, 4, 16,
         "C3: Gamma(1/2 + e, y); by outcome shrunk to the whole"},
        {"95 % low", CB_CELL_NUMBER, 4, 12, NULL},
        {"95 % high", CB_CELL_NUMBER, 4, 12, NULL}};
    static const char *const words[CB_OUTCOMES] = {"after: quick and adequate",
                                                   "after: adequate, not quick",
                                                   "after: inadequate remedy", "after: unresolved"};
    const cb_churn *churn = &c->now->churn;
    if (!churn->own_estimable) {
        cb_sheet_paragraph(sheet, "Own data: not estimable, %s.",
                           churn->own_reason ? churn->own_reason : "no customer list");
        return;
    }
    cb_grid *grid = cb_sheet_grid(
        sheet, "churn_own", "Own data: who leaves, after a problem and without one", columns, 6);
    exposure_row(grid, "after a problem", &churn->after);
    exposure_row(grid, "clean", &churn->clean);
    for (int o = 0; o < CB_OUTCOMES; o++)
        exposure_row(grid, words[o], &churn->by_outcome[o]);
    cb_grid_caption(grid,
                    "Excess yearly probability of leaving after a problem: %s. An association with "
                    "the problem, seen in the company's own customers.",
                    cb_say_percent_range(c, churn->excess));
    cb_chart *chart = cb_sheet_chart(sheet, CB_CHART_BAR, "", "", "leavers a customer-year");
    cb_chart_title(chart, churn->excess.low > 0
                              ? "Customers leave more often after a problem"
                              : "No evidence that customers leave more often after a problem");
    cb_chart_series(chart, grid, 0, 3, "Leaving rate a year", CB_LOOK_MAIN);
    cb_chart_alt(chart, "Bar chart of yearly leaving rates by state");
}

static void tornado(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {{"Assumption", CB_CELL_TEXT, 0, 40, NULL},
                                             {"Low value", CB_CELL_NUMBER, 2, 16, NULL},
                                             {"High value", CB_CELL_NUMBER, 2, 16, NULL},
                                             {"Headline at low", CB_CELL_MONEY, 0, 16, "C8"},
                                             {"Headline at high", CB_CELL_MONEY, 0, 16, "C8"},
                                             {"Change at low", CB_CELL_MONEY, 0, 16, NULL},
                                             {"Change at high", CB_CELL_MONEY, 0, 16, NULL}};
    const cb_churn *churn = &c->now->churn;
    if (churn->bars == 0)
        return;
    cb_grid *grid = cb_sheet_grid(sheet, "tornado", "Which assumption matters most", columns, 7);
    double base = churn->cost_minor.value;
    for (unsigned i = 0; i < churn->bars; i++) {
        const cb_tornado_bar *bar = &churn->bar[i];
        cb_grid_row(grid);
        cb_put_text(grid, 0, cb_str_of(cb_assumption_table[bar->assumption].key));
        cb_put_number(grid, 1, bar->low_value);
        cb_put_number(grid, 2, bar->high_value);
        cb_put_money(grid, 3, (int64_t)llround(bar->low_minor));
        cb_put_money(grid, 4, (int64_t)llround(bar->high_minor));
        cb_put_money(grid, 5, (int64_t)llround(bar->low_minor - base));
        cb_put_money(grid, 6, (int64_t)llround(bar->high_minor - base));
    }
    cb_chart *chart = cb_sheet_chart(sheet, CB_CHART_STACKED_BAR, "", "",
                                     c->settings->currency[0] ? c->settings->currency : "money");
    cb_chart_title(chart, "The headline depends most on %s",
                   cb_assumption_table[churn->bar[0].assumption].key);
    cb_chart_series(chart, grid, 0, 5, "at its low value", CB_LOOK_MAIN);
    cb_chart_series(chart, grid, 0, 6, "at its high value", CB_LOOK_SECOND);
    cb_chart_alt(chart, "Tornado chart: change of the headline cost with each assumption at its "
                        "low and high value");
}

static void silent(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {{"Silent customers", CB_CELL_TEXT, 0, 40, NULL},
                                             {"Low", CB_CELL_NUMBER, 0, 16, NULL},
                                             {"Base", CB_CELL_NUMBER, 0, 16, "C4"},
                                             {"High", CB_CELL_NUMBER, 0, 16, NULL}};
    const cb_churn *churn = &c->now->churn;
    const struct {
        const char *words;
        const double *value;
        bool money;
    } rows[] = {{"Customers with a problem, recorded or not", churn->silent_havers, false},
                {"Silent leavers", churn->silent_leavers, false},
                {"Their yearly value, in the report's currency", churn->silent_cost_minor, true},
                {"People told by the expected leavers (C9)", churn->reached_people, false}};
    cb_grid *grid = cb_sheet_grid(sheet, "silent",
                                  "Behind the recorded cases: those who said nothing", columns, 4);
    cb_grid_caption(
        grid,
        "From %s customers with a case in the period. A line of its own: it is in no figure above.",
        cb_say_count(c, churn->recorded_customers));
    for (unsigned i = 0; i < 4; i++) {
        cb_grid_row(grid);
        cb_put_text(grid, 0, cb_str_of(rows[i].words));
        for (unsigned k = 0; k < 3; k++) {
            if (!isfinite(rows[i].value[k]))
                cb_put_none(grid, 1 + k, rows[i].money ? no_value : "not estimable");
            else if (rows[i].money)
                cb_put_money(grid, 1 + k, (int64_t)llround(rows[i].value[k]));
            else
                cb_put_number(grid, 1 + k, rows[i].value[k]);
        }
    }
}

static void backtest(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {
        {"Quarter", CB_CELL_TEXT, 0, 40, NULL},
        {"Forecast leavers", CB_CELL_NUMBER, 1, 16,
         "C10: of customers after a problem at the quarter's start"},
        {"95 % low", CB_CELL_NUMBER, 1, 16, NULL},
        {"95 % high", CB_CELL_NUMBER, 1, 16, NULL},
        {"Seen", CB_CELL_COUNT, 0, 12, NULL},
        {"Verdict", CB_CELL_TEXT, 0, 30, NULL}};
    const cb_churn *churn = &c->now->churn;
    if (churn->backtests == 0) {
        cb_sheet_paragraph(sheet, "Back-test (C10): not estimable, %s.",
                           churn->backtest_reason ? churn->backtest_reason : "too little data");
        return;
    }
    cb_grid *grid =
        cb_sheet_grid(sheet, "backtest",
                      "Back-test: what this method would have forecast, and what came", columns, 6);
    unsigned inside = 0;
    for (unsigned i = 0; i < churn->backtests; i++) {
        const cb_backtest_row *row = &churn->backtest[i];
        cb_grid_row(grid);
        cb_put_text(grid, 0, cb_str_of(row->quarter.label));
        cb_put_est(grid, 1, cb_est_of(row->forecast, row->low, row->high));
        cb_put_count(grid, 4, row->seen);
        cb_put_text(grid, 5, row->inside ? CB_LIT("inside the interval") : CB_LIT("MISSED"));
        if (!row->inside)
            cb_set_strong(grid, 5, 2);
        inside += row->inside;
    }
    cb_grid_caption(grid, "%u of %u forecasts held what was seen.%s", inside, churn->backtests,
                    inside < churn->backtests ? " Treat the headline with care where it missed."
                                              : "");
}

static void by_cause(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {
        {"Root cause", CB_CELL_TEXT, 0, 40, NULL},
        {"Customers", CB_CELL_COUNT, 0, 16, "After a problem, latest case of this cause"},
        {"Expected leavers a year", CB_CELL_NUMBER, 1, 16, "Q3"},
        {"Cost a year", CB_CELL_MONEY, 0, 16,
         "Q3: a customer's excess loss divided over the customer's cases"}};
    const cb_churn_groups *groups = &c->now->churn.by[CB_DIM_CAUSE];
    if (groups->n == 0)
        return;
    cb_grid *grid =
        cb_sheet_grid(sheet, "churn_by_cause", "Expected cost by root cause", columns, 4);
    for (uint32_t i = 0; i < groups->n && i < CB_TOP_GROUPS; i++) {
        cb_grid_row(grid);
        cb_put_word(grid, 0, cb_dim_text(c->book, CB_DIM_CAUSE, groups->group[i].word));
        cb_put_count(grid, 1, groups->group[i].customers);
        cb_put_number(grid, 2, groups->group[i].customers_lost);
        if (isfinite(groups->group[i].cost_minor))
            cb_put_money(grid, 3, (int64_t)llround(groups->group[i].cost_minor));
        else
            cb_put_none(grid, 3, no_value);
    }
}

void cb_sheet_churn(cb_compose *c)
{
    const cb_churn *churn = &c->now->churn;
    cb_sheet *sheet =
        cb_workbook_sheet(c->workbook, "Churn cost", "What lost customers cost a year",
                          "The often-quoted 15 % set against the company's own data. Money in the "
                          "report's currency, a year.");
    cb_sheet_paragraph(sheet,
                       "Customer base: %s (%s). Yearly value of a customer: %s (%s). After a "
                       "problem at the period's end: %s customers.",
                       cb_say_count(c, (uint64_t)llround(churn->customers)), churn->customers_from,
                       cb_say_money(c, churn->value_minor), churn->value_from,
                       cb_say_count(c, churn->customers_with_problem));
    if (churn->reason)
        cb_sheet_paragraph(sheet, "Own data are not used: %s.", churn->reason);
    ways(c, sheet);
    own_data(c, sheet);
    tornado(c, sheet);
    backtest(c, sheet);
    silent(c, sheet);
    by_cause(c, sheet);
}
