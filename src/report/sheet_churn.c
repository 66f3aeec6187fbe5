/* Churn cost: three ways to one figure, how much each rests on, and which assumption matters most.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model.h"
#include "quarterly.h"


typedef struct way {
    const char *words, *rests_on, *cost_name, *rate_name, *ratio; /* lines of the model */
    cb_est cost;
    double rate, against; /* against: the benchmark */
    const char *reason;   /* why there is no cost */
} way;

/* A line of the model, or n/e; live in either case. */
static void live_number(cb_grid *grid, unsigned column, cb_cell_kind kind, double value,
                        const char *reason, const char *formula)
{
    if (!isfinite(value))
        cb_put_none(grid, column, reason);
    else if (kind == CB_CELL_PERCENT)
        cb_put_percent(grid, column, value);
    else
        cb_put_number(grid, column, value);
    cb_set_formula(grid, column, "%s", formula);
}

static void put_cost(cb_grid *grid, cb_est cost)
{
    cb_put_est(grid, 1, cost);
    for (unsigned k = 2; isnan(cost.low) && k < 4; k++)
        cb_put_none(grid, k, "stated intentions have no interval");
}

static void way_row(cb_compose *c, cb_grid *grid, const way *w)
{
    double customers = c->now->churn.customers;
    const char *reason = w->reason ? w->reason : cb_no_value;
    char formula[160];
    cb_grid_row(grid);
    cb_put_text(grid, 0, cb_str_of(w->words));
    cb_set_link(grid, 0, "cost_model");
    if (cb_est_ok(w->cost))
        put_cost(grid, w->cost);
    else
        cb_put_est_none(grid, 1, reason);
    cb_set_formula(grid, 1, "=%s", w->cost_name);
    (void)snprintf(formula, sizeof formula, "=IF(model_customers>0,%s,\"n/e\")", w->rate_name);
    live_number(grid, 4, CB_CELL_PERCENT, customers > 0 ? w->rate : NAN, reason, formula);
    (void)snprintf(formula, sizeof formula, "=IF(model_customers>0,(%s)*model_customers,\"n/e\")",
                   w->rate_name);
    live_number(grid, 5, CB_CELL_NUMBER, customers > 0 ? w->rate * customers : NAN, reason,
                formula);
    live_number(grid, 6, CB_CELL_NUMBER, w->against, reason, w->ratio);
    cb_put_text(grid, 7, cb_str_of(w->rests_on));
}

static const char *own_words(cb_compose *c)
{
    const cb_churn *churn = &c->now->churn;
    if (!churn->own_estimable)
        return "C3: the company's own leavers";
    const char *words =
        cb_arena_text(c->arena,
                      "C3: %s customer-years after a problem with %s leavers, %s clean with %s",
                      cb_say_count(c, (uint64_t)churn->after.person_years),
                      cb_say_count(c, churn->after.losses),
                      cb_say_count(c, (uint64_t)churn->clean.person_years),
                      cb_say_count(c, churn->clean.losses))
            .at;
    return words ? words : "";
}

static void ratio_caption(cb_compose *c, cb_grid *grid)
{
    const cb_churn *churn = &c->now->churn;
    double own = churn->ratio_own_benchmark, bottom_up = churn->ratio_bottom_up_benchmark;
    if (!isfinite(own) && !isfinite(bottom_up))
        return;
    cb_grid_caption(grid, "C7: own data / benchmark %s; bottom-up / benchmark %s. %s",
                    isfinite(own) ? cb_arena_text(c->arena, "%.2f", own).at : "n/e",
                    isfinite(bottom_up) ? cb_arena_text(c->arena, "%.2f", bottom_up).at : "n/e",
                    churn->amber
                        ? "AMBER: more than threefold apart, so rest no decision on one way alone."
                        : "Within a factor of three of each other.");
}

static void ways(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {
        {"Way", CB_CELL_TEXT, 0, 0, NULL},
        {"Cost a year", CB_CELL_MONEY, 0, 16, "C7: live, follows the Assumptions sheet"},
        {"95 % low", CB_CELL_MONEY, 0, 16, "C3: of the run, from 20,000 draws; not live"},
        {"95 % high", CB_CELL_MONEY, 0, 16, NULL},
        {"Lost a year (% of customers)", CB_CELL_PERCENT, 2, 12, "C7: live"},
        {"Customers lost a year", CB_CELL_NUMBER, 1, 12, "C7: live"},
        {"Against the benchmark (x)", CB_CELL_NUMBER, 2, 12,
         "C7: reconciliation. Above 3 or below 1/3: amber. Bottom-up is scaled to a year first"},
        {"What it rests on", CB_CELL_TEXT, 0, 60, NULL}};
    const cb_churn *churn = &c->now->churn;
    cb_grid *grid = cb_grid_of(c, sheet, "churn_ways",
                               "Three ways to the figure, never added up (C7)", columns, 8);
    const char *blend =
        cb_arena_text(c->arena, "C7: Z = %.3f of own data, the rest benchmark", churn->credibility)
            .at;
    double bottom_up = churn->bottom_up_cost_minor;
    double benchmark = churn->benchmark_cost_minor.value;
    bool divides = cb_est_ok(churn->cost_minor) && benchmark > 0;
    const char *unknown = cb_why_no_cost(churn);
    const way rows[] = {
        {"Headline (blend)", blend ? blend : "", "headline_cost", "headline_rate",
         "=IF(cost_known*benchmark_raw>0,headline_raw/benchmark_raw,\"n/e\")", churn->cost_minor,
         churn->rate.value, divides ? churn->cost_minor.value / benchmark : NAN,
         churn->cost_minor.reason},
        {"Benchmark (top-down)", "C2: customers x rate x share x yearly value", "benchmark_cost",
         "benchmark_rate", "=IF(cost_known*benchmark_raw>0,1,\"n/e\")", churn->benchmark_cost_minor,
         churn->benchmark_rate.value, divides ? 1 : NAN, churn->benchmark_cost_minor.reason},
        {"Bottom-up (stated intentions)",
         "C5: what customers said they would do, by outcome and size of loss; the period's cases "
         "alone, so a part of a year where the period is (the ratio is scaled to a year)",
         "bottom_up_cost", "bottom_up_losses/model_customers", "=ratio_bottom_up",
         isfinite(bottom_up) ? cb_est_known(bottom_up) : cb_est_none(unknown),
         churn->bottom_up_losses / churn->customers, churn->ratio_bottom_up_benchmark,
         unknown},
        {"Own data", own_words(c), "own_cost", "own_rate", "=ratio_own",
         churn->own_estimable ? churn->own_cost_minor : cb_est_none(churn->own_reason),
         churn->own_rate.value, churn->ratio_own_benchmark,
         churn->own_reason ? churn->own_reason : cb_no_value}};
    /* Own data come last, so that a chart can leave them out where there are none. */
    for (unsigned i = 0; i < 3U + churn->own_estimable; i++)
        way_row(c, grid, &rows[i]);
    if (!churn->own_estimable)
        cb_sheet_paragraph(sheet, "Own data (C3): not estimable, %s.", rows[3].reason);
    ratio_caption(c, grid);
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
        {"State", CB_CELL_TEXT, 0, 0, NULL},
        {"Customer-years", CB_CELL_NUMBER, 1, 16, "C3: time under observation in this state"},
        {"Leavers", CB_CELL_COUNT, 0, 16, NULL},
        {"Leavers a customer-year", CB_CELL_NUMBER, 3, 16,
         "C3: Gamma(1/2 + e, y); by outcome shrunk to the whole"},
        {"95 % low", CB_CELL_NUMBER, 3, 12, NULL},
        {"95 % high", CB_CELL_NUMBER, 3, 12, NULL}};
    static const char *const words[CB_OUTCOMES] = {"after: quick and adequate",
                                                   "after: adequate, not quick",
                                                   "after: inadequate remedy", "after: unresolved"};
    const cb_churn *churn = &c->now->churn;
    if (!churn->own_estimable)
        return;
    cb_grid *grid =
        cb_grid_of(c, sheet, "churn_own",
                   "Own data: who leaves, after a problem and without one (C3)", columns, 6);
    exposure_row(grid, "after a problem", &churn->after);
    exposure_row(grid, "clean", &churn->clean);
    for (int o = 0; o < CB_OUTCOMES; o++)
        exposure_row(grid, words[o], &churn->by_outcome[o]);
    cb_grid_caption(grid,
                    "Excess yearly probability of leaving after a problem: %s. An association with "
                    "the problem, seen in the company's own customers.",
                    cb_say_percent_range(c, churn->excess));
    cb_chart *chart = cb_picture(sheet, CB_CHART_BAR, "", "leavers a customer-year (C3)");
    if (churn->excess.low > 0 && churn->clean.rate.value > 0)
        cb_chart_title(chart, "After a problem customers leave %.1f times as often as without one",
                       churn->after.rate.value / churn->clean.rate.value);
    else
        cb_chart_title(chart, "No evidence that customers leave more often after a problem");
    cb_chart_series(chart, grid, 0, 3, "Leaving rate a year", CB_LOOK_MAIN);
    cb_chart_alt(chart, "Bar chart of yearly leaving rates by state");
}

static void tornado_row(cb_compose *c, cb_grid *grid, const cb_tornado_bar *bar)
{
    const char *key = cb_assumption_table[bar->assumption].key;
    const double ends[] = {bar->low_minor, bar->high_minor};
    const double values[] = {bar->low_value, bar->high_value};
    static const char *const suffix[] = {"low", "high"};
    bool share = strncmp(cb_assumption_table[bar->assumption].unit, "share", 5) == 0;
    cb_grid_row(grid);
    cb_put_text(grid, 0, cb_str_of(key));
    cb_set_link(grid, 0, cb_model_live(c, (int)bar->assumption) ? "assumptions" : "settings");
    for (unsigned end = 0; end < 2; end++) {
        const char *formula = cb_model_swapped(c, "headline_cost", bar->assumption, end == 1);
        if (share)
            cb_put_percent(grid, 1 + end, values[end]);
        else
            cb_put_number(grid, 1 + end, values[end]);
        cb_put_money(grid, 3 + end, (int64_t)llround(ends[end]));
        cb_put_money(grid, 5 + end,
                     (int64_t)llround(ends[end]) -
                         (int64_t)llround(c->now->churn.cost_minor.value));
        cb_set_formula(grid, 5 + end, "=ROUND({@%u}-headline_cost,%u)", 3 + end,
                       c->settings->currency_digits);
        if (*formula == '\0')
            continue;
        cb_set_formula(grid, 1 + end, "=%s_%s", key, suffix[end]);
        cb_set_formula(grid, 3 + end, "%s", formula);
    }
}

static void tornado(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {
        {"Assumption", CB_CELL_TEXT, 0, 0, NULL},
        {"Low value", CB_CELL_NUMBER, 2, 16, NULL},
        {"High value", CB_CELL_NUMBER, 2, 16, NULL},
        {"Headline at low", CB_CELL_MONEY, 0, 16, "C8: the headline with this one changed; live"},
        {"Headline at high", CB_CELL_MONEY, 0, 16, "C8"},
        {"Change at low", CB_CELL_MONEY, 0, 16, "C8: against the headline"},
        {"Change at high", CB_CELL_MONEY, 0, 16, "C8"}};
    const cb_churn *churn = &c->now->churn;
    if (churn->bars == 0) {
        if (cb_est_ok(churn->cost_minor))
            cb_sheet_paragraph(sheet, "Tornado (C8): no assumption with a low and a high value "
                                      "moves the headline.");
        return;
    }
    cb_grid *grid =
        cb_grid_of(c, sheet, "tornado", "Which assumption matters most (C8)", columns, 7);
    cb_grid_caption(grid, "One assumption at a time at its low and its high value, in the order "
                          "of their effect in this run. Live.");
    for (unsigned i = 0; i < churn->bars; i++)
        tornado_row(c, grid, &churn->bar[i]);
    cb_chart *chart = cb_picture(sheet, CB_CHART_STACKED_BAR, "",
                                 cb_say_unit(c, "change of the headline cost a year (C8)"));
    cb_chart_title(chart, "The headline depends most on %s: from %s to %s",
                   cb_assumption_table[churn->bar[0].assumption].key,
                   cb_say_money(c, fmin(churn->bar[0].low_minor, churn->bar[0].high_minor)),
                   cb_say_money(c, fmax(churn->bar[0].low_minor, churn->bar[0].high_minor)));
    cb_chart_series(chart, grid, 0, 5, "at its low value", CB_LOOK_MAIN);
    cb_chart_series(chart, grid, 0, 6, "at its high value", CB_LOOK_SECOND);
    cb_chart_alt(chart, "Tornado chart: change of the headline cost with each assumption at its "
                        "low and high value");
}

typedef struct silent_row {
    const char *words, *method;
    const double *value;
    bool money;
    const char *formula[3]; /* low, base, high */
} silent_row;

#define LEAVERS(leave, reach) "MIN(" leave ",1-" reach ")*recorded_customers/" reach
#define BY_INTENT(reach) "(recorded_customers/" reach "-recorded_customers)*silent_lost_share"
#define IF_RECORDED(what) "=IF(recorded_customers>0," what ",\"n/e\")"
#define IF_VALUED(what)                                                                            \
    "=IF(recorded_customers*value_known>0,ROUND(" what "*model_value,%u),\"n/e\")"
#define TOLD(end) "=IF(model_customers>0,MAX(0,expected_losses)*word_of_mouth" end ",\"n/e\")"

static const char *why_not(const cb_compose *c, const silent_row *row)
{
    return row->money ? cb_why_no_cost(&c->now->churn) : "no customer is known";
}

static void silent_cells(cb_compose *c, cb_grid *grid, const silent_row *row)
{
    /* Single kinds with a reach of their own: counted by the run, not live. */
    bool live = c->settings->reach.n == 0 || strcmp(row->method, "C9") == 0;
    cb_grid_row(grid);
    cb_put_textf(grid, 0, "%s (%s)", row->words, row->method);
    for (unsigned k = 0; k < 3; k++) {
        if (!isfinite(row->value[k]))
            cb_put_none(grid, 1 + k, why_not(c, row));
        else if (row->money)
            cb_put_money(grid, 1 + k, (int64_t)llround(row->value[k]));
        else
            cb_put_number(grid, 1 + k, row->value[k]);
        const char *percent = strstr(row->formula[k], "%u");
        if (live && percent)
            cb_set_formula(grid, 1 + k, "%.*s%u%s", (int)(percent - row->formula[k]),
                           row->formula[k], c->settings->currency_digits, percent + 2);
        else if (live)
            cb_set_formula(grid, 1 + k, "%s", row->formula[k]);
    }
}

static void silent(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {
        {"Silent customers", CB_CELL_TEXT, 0, 0, NULL},
        {"Low", CB_CELL_NUMBER, 0, 16, "C4: reach high, silent_leave low; live"},
        {"Base", CB_CELL_NUMBER, 0, 16, "C4: live"},
        {"High", CB_CELL_NUMBER, 0, 16, "C4: reach low, silent_leave high; live"}};
    const cb_churn *churn = &c->now->churn;
    const char *cost =
        c->settings->currency[0]
            ? cb_arena_text(c->arena, "Their yearly value in %s", c->settings->currency).at
            : "Their yearly value";
    const silent_row rows[] = {
        {"Customers with a problem, recorded or not",
         "C4",
         churn->silent_havers,
         false,
         {IF_RECORDED("recorded_customers/reach_high"), "=silent_havers",
          IF_RECORDED("recorded_customers/reach_low")}},
        {"Silent leavers",
         "C4",
         churn->silent_leavers,
         false,
         {IF_RECORDED(LEAVERS("silent_leave_low", "reach_high")), "=silent_leavers",
          IF_RECORDED(LEAVERS("silent_leave_high", "reach_low"))}},
        {cost ? cost : "",
         "C4",
         churn->silent_cost_minor,
         true,
         {IF_VALUED(LEAVERS("silent_leave_low", "reach_high")), "=silent_cost",
          IF_VALUED(LEAVERS("silent_leave_high", "reach_low"))}},
        {"Silent leavers by what such customers say",
         "C5",
         churn->silent_by_intent,
         false,
         {IF_RECORDED(BY_INTENT("reach_high")), "=silent_by_intent",
          IF_RECORDED(BY_INTENT("reach_low"))}},
        {"People told by the expected leavers",
         "C9",
         churn->reached_people,
         false,
         {TOLD("_low"), "=people_told", TOLD("_high")}}};
    cb_grid *grid = cb_grid_of(
        c, sheet, "silent", "Behind the recorded cases: those who said nothing (C4)", columns, 4);
    cb_grid_caption(
        grid,
        "From %s customers with a case in the period. A line of its own: it is in no figure above.",
        cb_say_count(c, churn->recorded_customers));
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++)
        silent_cells(c, grid, &rows[i]);
    cb_sheet_paragraph(sheet, "Word of mouth (C9): low reviews of the period reached %s people%s",
                       cb_say_count(c, (uint64_t)llround(churn->reach_reviews)),
                       isfinite(churn->word_of_mouth_cost_minor)
                           ? cb_arena_text(c->arena,
                                           "; with the leavers' word, %s at the rate set.",
                                           cb_say_money(c, churn->word_of_mouth_cost_minor))
                                 .at
                           : ". No money is put on it unless word_of_mouth_value is set.");
}

static void backtest(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {
        {"Quarter", CB_CELL_TEXT, 0, 0, NULL},
        {"Forecast leavers", CB_CELL_NUMBER, 1, 16,
         "C10: of customers after a problem at the quarter's start"},
        {"95 % low", CB_CELL_NUMBER, 1, 16, NULL},
        {"95 % high", CB_CELL_NUMBER, 1, 16, NULL},
        {"Seen", CB_CELL_COUNT, 0, 12, NULL},
        {"Verdict", CB_CELL_TEXT, 0, 0, NULL}};
    const cb_churn *churn = &c->now->churn;
    if (churn->backtests == 0) {
        cb_sheet_paragraph(sheet, "Back-test (C10): not estimable, %s.",
                           churn->backtest_reason ? churn->backtest_reason : "too little data");
        return;
    }
    cb_grid *grid = cb_grid_of(
        c, sheet, "backtest",
        "Back-test: what this method would have forecast, and what came (C10)", columns, 6);
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

static void put_cause(cb_compose *c, cb_grid *grid, uint32_t customers, double lost, double cost)
{
    cb_put_count(grid, 1, customers);
    cb_put_share_of_lost(c, grid, 2, lost);
    cb_put_share_of_cost(c, grid, 3, (cb_cost_share){cost, lost, 0, false});
}

static void by_cause(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {
        {"Root cause", CB_CELL_TEXT, 0, 0, NULL},
        {"Customers", CB_CELL_COUNT, 0, 16, "After a problem, latest case of this cause"},
        {"Expected leavers a year", CB_CELL_NUMBER, 1, 16, "Q3"},
        {"Cost a year", CB_CELL_MONEY, 0, 16,
         "Q3: a customer's excess loss divided over the customer's cases"}};
    const cb_churn *churn = &c->now->churn;
    const cb_churn_groups *groups = &churn->by[CB_DIM_CAUSE];
    if (groups->n == 0)
        return;
    cb_grid *grid =
        cb_grid_of(c, sheet, "churn_by_cause", "Expected cost by root cause (Q3)", columns, 4);
    cb_grid_caption(grid,
                    "All customers after a problem at the period's end; a customer's part is "
                    "divided over the customer's cases of the %g days before, so the rows add up "
                    "to the headline.",
                    c->settings->assumption[CB_A_AFTER_PROBLEM_DAYS].base);
    cb_churn_group others = {0};
    for (uint32_t i = 0; i < groups->n; i++) {
        const cb_churn_group *g = &groups->group[i];
        if (i >= CB_TOP_GROUPS) {
            others.customers += g->customers;
            others.customers_lost += g->customers_lost;
            others.cost_minor += g->cost_minor;
            continue;
        }
        cb_grid_row(grid);
        cb_put_group(grid, 0, cb_dim_text(c->book, CB_DIM_CAUSE, g->word));
        put_cause(c, grid, g->customers, g->customers_lost, g->cost_minor);
    }
    if (groups->n > CB_TOP_GROUPS) {
        cb_grid_row(grid);
        cb_put_others(c, grid, 0, groups->n - CB_TOP_GROUPS, "");
        put_cause(c, grid, others.customers, others.customers_lost, others.cost_minor);
    }
    cb_grid_row(grid);
    cb_put_text(grid, 0, CB_LIT("All"));
    put_cause(c, grid, churn->customers_with_problem, churn->expected_losses.value,
              churn->cost_minor.value);
    cb_grid_total(grid);
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
    ways(c, sheet);
    own_data(c, sheet);
    tornado(c, sheet);
    backtest(c, sheet);
    silent(c, sheet);
    by_cause(c, sheet);
}
