/* The Assumptions sheet: every number that is not data, and the cost as formulas over them.
 *
 * Cells with a name are live: change one and recalculate, and every cost below follows, to the same
 * cent that casebook gives with --set assumptions.KEY=VALUE. What shapes the counting itself
 * (windows, thresholds) needs a new run and is listed apart. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "compose.h"

/* Live: the model below is a formula of it. The others change what is counted. */
static const cb_assumption_ix live[] = {CB_A_ANNUAL_LOSS_RATE,
                                        CB_A_SERVICE_SHARE,
                                        CB_A_PRIOR_WEIGHT,
                                        CB_A_CUSTOMERS,
                                        CB_A_REACH,
                                        CB_A_SILENT_LEAVE,
                                        CB_A_STAY_QUICK_SMALL,
                                        CB_A_STAY_QUICK_LARGE,
                                        CB_A_STAY_SATISFIED_SMALL,
                                        CB_A_STAY_SATISFIED_LARGE,
                                        CB_A_STAY_DISSATISFIED_SMALL,
                                        CB_A_STAY_DISSATISFIED_LARGE,
                                        CB_A_STAY_SILENT_SMALL,
                                        CB_A_STAY_SILENT_LARGE,
                                        CB_A_STAY_NO_PROBLEM,
                                        CB_A_LIFETIME,
                                        CB_A_RETENTION,
                                        CB_A_DISCOUNT,
                                        CB_A_WORD_OF_MOUTH,
                                        CB_A_WORD_OF_MOUTH_VALUE};
enum { LIVE = sizeof live / sizeof live[0] };

static bool is_live(const cb_compose *c, int a)
{
    /* A reach of single kinds ([reach]) cannot be undone by one cell. */
    if (a == CB_A_REACH && c->settings->reach.n > 0)
        return false;
    for (unsigned i = 0; i < LIVE; i++)
        if ((int)live[i] == a)
            return true;
    return false;
}

static void assumption_row(cb_compose *c, cb_grid *grid, int a, bool named)
{
    const cb_assumption_info *info = &cb_assumption_table[a];
    const cb_assumption *value = &c->settings->assumption[a];
    cb_grid_row(grid);
    cb_put_text(grid, 0, cb_str_of(info->key));
    cb_put_number(grid, 1, value->low);
    cb_put_number(grid, 2, value->base);
    cb_put_number(grid, 3, value->high);
    cb_put_text(grid, 4, cb_str_of(info->unit));
    cb_put_text(grid, 5, cb_str_of(info->grade));
    cb_put_text(grid, 6, cb_str_of(info->source));
    if (named)
        cb_set_name(grid, 2, info->key);
}

static const cb_grid_column assumption_columns[] = {
    {"Assumption", CB_CELL_TEXT, 0, 24, NULL},
    {"Low", CB_CELL_NUMBER, 2, 9, NULL},
    {"Base", CB_CELL_NUMBER, 2, 9, "Change this cell and recalculate"},
    {"High", CB_CELL_NUMBER, 2, 9, NULL},
    {"Unit", CB_CELL_TEXT, 0, 26, NULL},
    {"Evidence", CB_CELL_TEXT, 0, 10,
     "A: good studies; B: old or stated intent; C: repeated without a traceable study; setting: "
     "yours to choose"},
    {"Source and meaning", CB_CELL_TEXT, 0, 60, NULL}};
enum { ASSUMPTION_COLUMNS = sizeof assumption_columns / sizeof assumption_columns[0] };

static void list_assumptions(cb_compose *c, cb_sheet *sheet, bool named)
{
    cb_grid *grid = cb_sheet_grid(sheet, named ? "assumptions" : "settings",
                                  named ? "Live assumptions" : "Settings that need a new run",
                                  assumption_columns, ASSUMPTION_COLUMNS);
    cb_grid_caption(grid, named
                              ? "The base cells are live: the cost model below and every sheet "
                                "that names them follow. Low and high feed the tornado of the run."
                              : "These decide what is counted. Change them with --set "
                                "assumptions.NAME=VALUE and run again.");
    for (int a = 0; a < CB_ASSUMPTIONS; a++)
        if (is_live(c, a) == named)
            assumption_row(c, grid, a, named);
    if (grid)
        grid->input = named;
}

/* A line of facts from the data that the model's formulas use. */
static void fact(cb_grid *grid, const char *words, const char *name, double value, const char *unit,
                 const char *reason)
{
    cb_grid_row(grid);
    cb_put_text(grid, 0, cb_str_of(words));
    if (isfinite(value))
        cb_put_number(grid, 1, value);
    else
        cb_put_none(grid, 1, reason);
    cb_set_name(grid, 1, name);
    cb_put_text(grid, 2, cb_str_of(unit));
}

static double scale_of(const cb_compose *c)
{
    double scale = 1;
    for (unsigned i = 0; i < c->settings->currency_digits; i++)
        scale *= 10;
    return scale;
}

static double lifetime_factor(const cb_settings *s)
{
    double r = s->assumption[CB_A_RETENTION].base, d = s->assumption[CB_A_DISCOUNT].base;
    return s->assumption[CB_A_LIFETIME].base >= 0.5 ? r / (1 + d - r) : 1;
}

static void list_facts(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {{"Fact from the inputs", CB_CELL_TEXT, 0, 24, NULL},
                                             {"Value", CB_CELL_NUMBER, 2, 9, NULL},
                                             {"Unit", CB_CELL_TEXT, 0, 26, NULL}};
    const cb_churn *churn = &c->now->churn;
    double scale = scale_of(c), factor = lifetime_factor(c->settings);
    cb_grid *grid =
        cb_sheet_grid(sheet, "facts", "Facts from the inputs that the model uses", columns, 3);
    double counted = c->settings->assumption[CB_A_CUSTOMERS].base > 0 ? churn->counted_customers
                                                                      : churn->customers;
    fact(grid, "Customers counted (customer list, else cases)", "counted_customers", counted,
         "customers", "no customer is known");
    fact(grid, "Yearly value of a customer (mean)", "yearly_value",
         churn->value_minor / factor / scale, "money a year",
         "no yearly value of a customer is known");
    fact(grid, "Person-years seen in all (Y)", "own_person_years",
         churn->own_estimable ? churn->person_years : 0, "customer-years", NULL);
    fact(grid, "Own rate: excess x share of customers after a problem", "own_rate",
         churn->own_estimable ? churn->own_rate.value : 0, "share a year", NULL);
    fact(grid, "Own cost a year, at one year's value", "own_cost_one_year",
         churn->own_estimable && isfinite(churn->own_cost_minor.value)
             ? churn->own_cost_minor.value / factor / scale
             : 0,
         "money a year", NULL);
    fact(grid, "Customers with a case in the period (C)", "recorded_customers",
         churn->recorded_customers, "customers", NULL);
    static const char *const outcome_keys[CB_OUTCOMES] = {"quick", "satisfied", "dissatisfied",
                                                          "unresolved"};
    for (int o = 0; o < CB_OUTCOMES; o++)
        for (int large = 0; large < 2; large++) {
            const char *name =
                cb_arena_text(c->arena, "worst_%s_%s", outcome_keys[o], large ? "large" : "small")
                    .at;
            const char *words = cb_arena_text(c->arena, "Customers, worst case %s, %s loss",
                                              cb_outcome_names[o], large ? "large" : "small")
                                    .at;
            fact(grid, words ? words : "", name ? name : "", churn->bottom_up_customers[o][large],
                 "customers", NULL);
        }
}

typedef struct model_line {
    const char *words, *name, *method, *formula; /* formula without "=" */
    bool money;
} model_line;

/* The model of methods C2 to C7 as a spreadsheet would write it. {d} stands for the currency's
 * decimals. */
static const model_line model[] = {
    {"Customers (C2)", "model_customers", "C2", "IF(customers>0,customers,counted_customers)",
     false},
    {"Value of a customer (C6)", "model_value", "C6",
     "yearly_value*IF(lifetime>=0.5,retention/(1+discount-retention),1)", false},
    {"Benchmark rate (C1)", "benchmark_rate", "C1", "annual_loss_rate*service_share", false},
    {"Benchmark cost a year (C2)", "benchmark_cost", "C2",
     "ROUND(model_customers*benchmark_rate*model_value,%u)", true},
    {"Credibility of the own data Z (C3)", "credibility", "C3",
     "IF(own_person_years>0,own_person_years/(prior_weight+own_person_years),0)", false},
    {"Own cost a year (C3)", "own_cost", "C3",
     "ROUND(own_cost_one_year*IF(lifetime>=0.5,retention/(1+discount-retention),1),%u)", true},
    {"Headline rate (C7)", "headline_rate", "C7",
     "credibility*own_rate+(1-credibility)*benchmark_rate", false},
    {"Headline cost a year (C7)", "headline_cost", "C7",
     "ROUND(credibility*own_cost_one_year*IF(lifetime>=0.5,retention/"
     "(1+discount-retention),1)+(1-credibility)*model_customers*benchmark_rate*model_value,%u)",
     true},
    {"Bottom-up losses (C5)", "bottom_up_losses", "C5",
     "worst_quick_small*MAX(0,stay_no_problem-stay_quick_small)+worst_quick_large*MAX(0,stay_no_"
     "problem-stay_quick_large)"
     "+worst_satisfied_small*MAX(0,stay_no_problem-stay_satisfied_small)+worst_satisfied_large*MAX("
     "0,stay_no_problem-stay_satisfied_large)"
     "+(worst_dissatisfied_small+worst_unresolved_small)*MAX(0,stay_no_problem-stay_dissatisfied_"
     "small)"
     "+(worst_dissatisfied_large+worst_unresolved_large)*MAX(0,stay_no_problem-stay_dissatisfied_"
     "large)",
     false},
    {"Bottom-up cost (C5)", "bottom_up_cost", "C5", "ROUND(bottom_up_losses*model_value,%u)", true},
    {"Silent problem-havers (C4)", "silent_havers", "C4", "recorded_customers/reach", false},
    {"Silent leavers (C4)", "silent_leavers", "C4", "MIN(silent_leave,1-reach)*silent_havers",
     false},
};
enum { MODEL = sizeof model / sizeof model[0] };

static void model_values(const cb_compose *c, double value[MODEL])
{
    const cb_churn *churn = &c->now->churn;
    double scale = scale_of(c);
    value[0] = churn->customers;
    value[1] = churn->value_minor / scale;
    value[2] = churn->benchmark_rate.value;
    value[3] = churn->benchmark_cost_minor.value;
    value[4] = churn->credibility;
    value[5] = churn->own_estimable ? churn->own_cost_minor.value : 0;
    value[6] = churn->rate.value;
    value[7] = churn->cost_minor.value;
    value[8] = churn->bottom_up_losses;
    value[9] = churn->bottom_up_cost_minor;
    value[10] = churn->silent_havers[1];
    value[11] = churn->silent_leavers[1];
}

static void list_model(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {{"Figure", CB_CELL_TEXT, 0, 24, NULL},
                                             {"Value", CB_CELL_NUMBER, 4, 9, NULL},
                                             {"Method", CB_CELL_TEXT, 0, 26, NULL},
                                             {"Formula", CB_CELL_TEXT, 0, 9, NULL}};
    double value[MODEL];
    model_values(c, value);
    cb_grid *grid = cb_sheet_grid(sheet, "cost_model", "The cost model, live", columns, 4);
    cb_grid_caption(grid, "Intervals come from 20,000 draws of the run and stay as they are; the "
                          "values follow the cells above.");
    for (unsigned i = 0; i < MODEL; i++) {
        if (c->settings->reach.n > 0 && i >= 10)
            continue;
        const char *formula = cb_arena_text(c->arena, "%s", model[i].formula).at;
        cb_grid_row(grid);
        cb_put_text(grid, 0, cb_str_of(model[i].words));
        if (!isfinite(value[i]))
            cb_put_none(grid, 1,
                        i == 1 || model[i].money ? "no yearly value of a customer is known"
                                                 : "not estimable");
        else if (model[i].money)
            cb_put_money(grid, 1, (int64_t)llround(value[i]));
        else
            cb_put_number(grid, 1, value[i]);
        if (isfinite(value[i])) {
            const char *at = model[i].formula;
            const char *percent = at ? strstr(at, "%u") : NULL;
            if (percent)
                cb_set_formula(grid, 1, "=%.*s%u%s", (int)(percent - at), at,
                               c->settings->currency_digits, percent + 2);
            else
                cb_set_formula(grid, 1, "=%s", at);
        }
        cb_set_name(grid, 1, model[i].name);
        cb_put_text(grid, 2, cb_str_of(model[i].method));
        cb_put_text(grid, 3, cb_str_of(formula ? formula : ""));
    }
}

void cb_sheet_assumptions(cb_compose *c)
{
    cb_sheet *sheet = cb_workbook_sheet(
        c->workbook, "Assumptions", "Assumptions and the cost model",
        "Every number that is not data, where it comes from, and what follows from it.");
    list_assumptions(c, sheet, true);
    list_facts(c, sheet);
    list_model(c, sheet);
    list_assumptions(c, sheet, false);
}
