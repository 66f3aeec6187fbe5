/* The facts from the inputs that the live cost model uses: named cells that a formula can read. */
#include <math.h>
#include <string.h>

#include "model.h"

static double or_zero(double value)
{
    return isfinite(value) ? value : 0;
}

static const char *method_of_fact(const char *name)
{
    static const struct {
        const char *begins, *method;
    } methods[] = {{"counted", "C2"}, {"own", "C3"},   {"problem", "C3"},
                   {"valued", "C6"},  {"known", "C6"}, {"recorded", "C4"},
                   {"reach", "C9"},   {"worst", "C5"}, {"period", "T3"}};
    for (unsigned i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (strncmp(name, methods[i].begins, strlen(methods[i].begins)) == 0)
            return methods[i].method;
    return "";
}

static void fact(cb_grid *grid, const char *words, const char *name, double value, const char *unit)
{
    cb_grid_row(grid);
    cb_put_text(grid, 0, cb_str_of(words));
    cb_put_number(grid, 1, or_zero(value));
    cb_set_name(grid, 1, name);
    cb_put_text(grid, 2, cb_str_of(unit));
    cb_put_text(grid, 3, cb_str_of(method_of_fact(name)));
    cb_put_text(grid, 4, cb_str_of(name));
}

static void fact_count(cb_grid *grid, const char *words, const char *name, double count,
                       const char *unit)
{
    fact(grid, words, name, count, unit);
    cb_put_count(grid, 1, (uint64_t)or_zero(count));
}

static void fact_share(cb_grid *grid, const char *words, const char *name, double share,
                       const char *unit)
{
    fact(grid, words, name, share, unit);
    cb_put_percent(grid, 1, or_zero(share));
}

static const cb_results *results_of(const cb_compose *c, cb_window_ix window)
{
    return window == CB_NOW ? c->now : window == CB_BEFORE ? c->before : c->year_before;
}

typedef struct fact_row {
    const char *words, *name, *unit;
    double value;
    cb_cell_kind kind;
} fact_row;

static void put_facts(cb_compose *c, cb_grid *grid, const fact_row *rows, unsigned n,
                      const char *words, const char *suffix)
{
    for (unsigned i = 0; i < n; i++) {
        const char *text = cb_arena_text(c->arena, "%s%s", rows[i].words, words).at;
        const char *name = cb_arena_text(c->arena, "%s%s", rows[i].name, suffix).at;
        if (!text || !name)
            return;
        if (rows[i].kind == CB_CELL_COUNT)
            fact_count(grid, text, name, rows[i].value, rows[i].unit);
        else if (rows[i].kind == CB_CELL_PERCENT)
            fact_share(grid, text, name, rows[i].value, rows[i].unit);
        else
            fact(grid, text, name, rows[i].value, rows[i].unit);
    }
}

static void period_facts(cb_compose *c, cb_grid *grid)
{
    const cb_churn *churn = &c->now->churn;
    int64_t to = c->scope->window[CB_NOW].period.to_utc_s;
    int64_t until = to < c->book->as_of_utc_s ? to : c->book->as_of_utc_s;
    double years =
        (double)(until - c->scope->window[CB_NOW].period.from_utc_s) / (365.25 * CB_DAY_S);
    const fact_row rows[] = {
        {"Length of the period, a year at most", "period_years", "years", years < 1 ? years : 1,
         CB_CELL_NUMBER},
        {"Customers with a case in the period", "recorded_customers", "customers",
         churn->recorded_customers, CB_CELL_COUNT},
        {"People reached by low reviews of the period", "reach_reviews", "people",
         churn->reach_reviews, CB_CELL_COUNT},
        {"Listed customers after a problem, of all listed", "problem_share", "share",
         churn->list_customers > 0 ? (double)churn->listed_with_problem / churn->list_customers : 0,
         CB_CELL_PERCENT}};
    put_facts(c, grid, rows, sizeof rows / sizeof rows[0], "", "");
}

static void base_facts(cb_compose *c, cb_grid *grid, cb_window_ix window, const char *words)
{
    const cb_churn *churn = &results_of(c, window)->churn;
    bool valued = churn->valued_customers > 0;
    const fact_row rows[] = {
        {"Customers: of the customer list, else of the cases", "counted_customers", "customers",
         churn->counted_customers, CB_CELL_COUNT},
        {"Customers of the list with a yearly value", "valued_customers", "customers",
         churn->valued_customers, CB_CELL_COUNT},
        {"Yearly value of a customer by the list (mean)", "known_value", "money a year",
         valued ? churn->value_minor / cb_model_years(c->settings) / cb_model_scale(c) : 0,
         CB_CELL_NUMBER}};
    put_facts(c, grid, rows, sizeof rows / sizeof rows[0], words, cb_model_windows[window]);
}

/* end: 0 base, 1 low, 2 high of after_problem_days. */
static void own_facts(cb_compose *c, cb_grid *grid, const cb_churn *churn, unsigned end,
                      const char *words, const char *suffix)
{
    const cb_own_terms *own = &churn->own_terms[end];
    /* With a list of values those without one have the setting's, else the mean: a sum of the run.
     */
    bool valued = churn->valued_customers > 0;
    double each = c->settings->assumption[CB_A_ANNUAL_VALUE].base * cb_model_scale(c);
    if (!(each > 0))
        each = churn->value_minor / cb_model_years(c->settings);
    double sum = valued ? (own->known_value_minor + own->unvalued * each) / cb_model_scale(c) : 0;
    const fact_row rows[] = {{"Customer-years of own data seen (0: none that can be used)",
                              "own_person_years", "customer-years",
                              own->estimable ? churn->person_years : 0, CB_CELL_NUMBER},
                             {"Excess yearly chance of leaving after a problem", "own_excess",
                              "share a year", own->excess, CB_CELL_PERCENT},
                             {"Sum of the values of the listed customers after a problem",
                              "problem_values", "money a year", sum, CB_CELL_NUMBER},
                             {"Of these customers those that get annual_value", "problem_unvalued",
                              "customers", valued ? 0 : own->unvalued, CB_CELL_COUNT}};
    put_facts(c, grid, rows, sizeof rows / sizeof rows[0], words, suffix);
}

static void worst_facts(cb_compose *c, cb_grid *grid)
{
    static const char *const keys[CB_OUTCOMES] = {"quick", "satisfied", "dissatisfied",
                                                  "unresolved"};
    for (int o = 0; o < CB_OUTCOMES; o++)
        for (int large = 0; large < 2; large++) {
            const char *size = large ? "large" : "small";
            const char *name = cb_arena_text(c->arena, "worst_%s_%s", keys[o], size).at;
            const char *words = cb_arena_text(c->arena, "Customers, worst case %s, %s loss",
                                              cb_outcome_names[o], size)
                                    .at;
            if (name && words)
                fact_count(grid, words, name, c->now->churn.bottom_up_customers[o][large],
                           "customers");
        }
}

void cb_model_facts(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {{"Fact from the inputs", CB_CELL_TEXT, 0, 60, NULL},
                                             {"Value", CB_CELL_NUMBER, 2, 12, NULL},
                                             {"Unit", CB_CELL_TEXT, 0, 14, NULL},
                                             {"Method", CB_CELL_TEXT, 0, 12, NULL},
                                             {"Name in formulas", CB_CELL_TEXT, 0, 70, NULL}};
    const cb_assumption *days = &c->settings->assumption[CB_A_AFTER_PROBLEM_DAYS];
    cb_grid *grid = cb_grid_of(c, sheet, "facts", "Facts that the model uses", columns, 5);
    cb_grid_caption(grid, "Counted from the inputs by this run; not to be changed here.");
    period_facts(c, grid);
    base_facts(c, grid, CB_NOW, "");
    own_facts(c, grid, &c->now->churn, 0, "", "");
    for (unsigned end = 1; days->low < days->high && end < 3; end++)
        own_facts(c, grid, &c->now->churn, end,
                  end == 1 ? ", with the low after_problem_days"
                           : ", with the high after_problem_days",
                  end == 1 ? "_low" : "_high");
    worst_facts(c, grid);
    for (cb_window_ix window = CB_BEFORE; window <= CB_YEAR_BEFORE; window++) {
        const char *words =
            cb_arena_text(c->arena, ", %s", c->scope->window[window].period.label).at;
        if (!c->scope->covered[window] || !words)
            continue;
        base_facts(c, grid, window, words);
        own_facts(c, grid, &results_of(c, window)->churn, 0, words, cb_model_windows[window]);
    }
}
