#include "model.h"

#include <math.h>
#include <string.h>

static const char no_customer[] = "no customer is known";

static const cb_assumption_ix live[] = {CB_A_ANNUAL_LOSS_RATE,
                                        CB_A_SERVICE_SHARE,
                                        CB_A_PRIOR_WEIGHT,
                                        CB_A_CUSTOMERS,
                                        CB_A_ANNUAL_VALUE,
                                        CB_A_LIFETIME,
                                        CB_A_RETENTION,
                                        CB_A_DISCOUNT,
                                        CB_A_REACH,
                                        CB_A_SILENT_LEAVE,
                                        CB_A_STAY_QUICK_SMALL,
                                        CB_A_STAY_QUICK_LARGE,
                                        CB_A_STAY_SATISFIED_SMALL,
                                        CB_A_STAY_SATISFIED_LARGE,
                                        CB_A_STAY_DISSATISFIED_SMALL,
                                        CB_A_STAY_DISSATISFIED_LARGE,
                                        CB_A_STAY_NO_PROBLEM,
                                        CB_A_WORD_OF_MOUTH,
                                        CB_A_WORD_OF_MOUTH_VALUE};
enum { LIVE = sizeof live / sizeof live[0] };

bool cb_model_live(const cb_compose *c, int a)
{
    /* A reach of single kinds ([reach]) cannot be undone by one cell, nor what the setting fills in
     * among known values: the shares of the cost follow from each customer's. */
    if ((a == CB_A_REACH && c->settings->reach.n > 0) ||
        (a == CB_A_ANNUAL_VALUE && c->now->churn.valued_customers > 0))
        return false;
    for (unsigned i = 0; i < LIVE; i++)
        if ((int)live[i] == a)
            return true;
    return false;
}

/* ---- lines ---- */

typedef enum line_ix {
    LINE_CUSTOMERS,
    LINE_FACTOR,
    LINE_VALUE,
    LINE_VALUE_KNOWN,
    LINE_COST_KNOWN,
    LINE_BENCHMARK_RATE,
    LINE_BENCHMARK_RAW,
    LINE_BENCHMARK_COST,
    LINE_CREDIBILITY,
    LINE_OWN_RATE,
    LINE_OWN_RAW,
    LINE_OWN_COST,
    LINE_HEADLINE_RATE,
    LINE_LOSSES,
    LINE_HEADLINE_RAW,
    LINE_HEADLINE_COST,
    LINE_BOTTOM_UP_LOSSES,
    LINE_BOTTOM_UP_COST,
    LINE_RATIO_OWN,
    LINE_RATIO_BOTTOM_UP,
    LINE_SILENT_HAVERS,
    LINE_SILENT_LEAVERS,
    LINE_SILENT_COST,
    LINE_SILENT_LOST,
    LINE_SILENT_BY_INTENT,
    LINE_PEOPLE_TOLD,
    LINE_WORD_OF_MOUTH,
    LINES
} line_ix;

typedef struct model_line {
    const char *words, *name, *method, *formula; /* without '='; "digits" is the currency's */
    cb_cell_kind kind;
    bool silent;      /* not live where single kinds have a reach of their own */
    uint8_t decimals; /* 0: two */
} model_line;

// clang-format off
#define LOST(customers, outcome, size) customers "*MAX(0,stay_no_problem-stay_" outcome "_" size ")"
#define BOTTOM_UP                                                                          \
    LOST("worst_quick_small", "quick", "small") "+"                                        \
    LOST("worst_quick_large", "quick", "large") "+"                                        \
    LOST("worst_satisfied_small", "satisfied", "small") "+"                                \
    LOST("worst_satisfied_large", "satisfied", "large") "+"                                \
    LOST("(worst_dissatisfied_small+worst_unresolved_small)", "dissatisfied", "small") "+" \
    LOST("(worst_dissatisfied_large+worst_unresolved_large)", "dissatisfied", "large")
#define WORST(size) "(worst_quick_" size "+worst_satisfied_" size "+worst_dissatisfied_" size "+worst_unresolved_" size ")"
#define SILENT_SHARE                                                      \
    "(" LOST(WORST("small"), "silent", "small") "+"                       \
    LOST(WORST("large"), "silent", "large") ")/recorded_customers"
// clang-format on

static const model_line lines[LINES] = {
    [LINE_CUSTOMERS] = {"Customers", "model_customers", "C2",
                        "IF(customers>0,customers,counted_customers)", CB_CELL_NUMBER, false, 0},
    [LINE_FACTOR] = {"Years that a customer's value counts", "value_years", "C6",
                     "IF(lifetime>=0.5,retention/(1+discount-retention),1)", CB_CELL_NUMBER, false,
                     0},
    [LINE_VALUE] = {"Value of a customer", "model_value", "C6",
                    "value_years*IF(valued_customers>0,known_value,annual_value)", CB_CELL_NUMBER,
                    false, 0},
    [LINE_VALUE_KNOWN] = {"1: a value is known", "value_known", "C6",
                          "IF(valued_customers>0,1,IF(annual_value>0,1,0))", CB_CELL_COUNT, false,
                          0},
    [LINE_COST_KNOWN] = {"1: a cost can be given", "cost_known", "C7",
                         "IF(model_customers>0,value_known,0)", CB_CELL_COUNT, false, 0},
    [LINE_BENCHMARK_RATE] = {"Benchmark rate", "benchmark_rate", "C1",
                             "annual_loss_rate*service_share", CB_CELL_PERCENT, false, 0},
    [LINE_BENCHMARK_RAW] = {"Benchmark cost, not rounded", "benchmark_raw", "C2",
                            "model_customers*benchmark_rate*model_value", CB_CELL_NUMBER, false, 4},
    [LINE_BENCHMARK_COST] = {"Benchmark cost a year", "benchmark_cost", "C2",
                             "IF(cost_known=1,ROUND(benchmark_raw,digits),\"n/e\")", CB_CELL_MONEY,
                             false, 0},
    [LINE_CREDIBILITY] = {"Credibility of the own data, Z", "credibility", "C3",
                          "IF(own_person_years>0,own_person_years/(prior_weight+own_person_years),"
                          "0)",
                          CB_CELL_NUMBER, false, 4},
    [LINE_OWN_RATE] = {"Own rate", "own_rate", "C3", "own_excess*problem_share", CB_CELL_PERCENT,
                       false, 3},
    [LINE_OWN_RAW] = {"Own cost, not rounded", "own_raw", "C3",
                      "own_excess*value_years*(problem_values+problem_unvalued*annual_value)",
                      CB_CELL_NUMBER, false, 4},
    [LINE_OWN_COST] = {"Own cost a year", "own_cost", "C3",
                       "IF(own_person_years>0,IF(value_known=1,ROUND(own_raw,digits),\"n/e\"),"
                       "\"n/e\")",
                       CB_CELL_MONEY, false, 0},
    [LINE_HEADLINE_RATE] = {"Headline rate", "headline_rate", "C7",
                            "credibility*own_rate+(1-credibility)*benchmark_rate", CB_CELL_PERCENT,
                            false, 3},
    [LINE_LOSSES] = {"Expected customers lost a year", "expected_losses", "C7",
                     "headline_rate*model_customers", CB_CELL_NUMBER, false, 0},
    [LINE_HEADLINE_RAW] = {"Headline cost, not rounded", "headline_raw", "C7",
                           "credibility*own_raw+(1-credibility)*benchmark_raw", CB_CELL_NUMBER,
                           false, 4},
    [LINE_HEADLINE_COST] = {"Headline cost a year", "headline_cost", "C7",
                            "IF(cost_known=1,ROUND(headline_raw,digits),\"n/e\")", CB_CELL_MONEY,
                            false, 0},
    [LINE_BOTTOM_UP_LOSSES] = {"Bottom-up: customers lost, from the period's cases",
                               "bottom_up_losses", "C5", BOTTOM_UP, CB_CELL_NUMBER, false, 0},
    [LINE_BOTTOM_UP_COST] = {"Bottom-up cost", "bottom_up_cost", "C5",
                             "IF(recorded_customers>0,IF(value_known=1,"
                             "ROUND(bottom_up_losses*model_value,digits),\"n/e\"),\"n/e\")",
                             CB_CELL_MONEY, false, 0},
    [LINE_RATIO_OWN] = {"Reconciliation: own data / benchmark", "ratio_own", "C7",
                        "IF(own_person_years*cost_known*benchmark_raw>0,own_raw/benchmark_raw,"
                        "\"n/e\")",
                        CB_CELL_NUMBER, false, 0},
    [LINE_RATIO_BOTTOM_UP] = {"Reconciliation: bottom-up, scaled to a year / benchmark",
                              "ratio_bottom_up", "C7",
                              "IF(recorded_customers*period_years*cost_known*benchmark_raw>0,"
                              "bottom_up_losses*model_value/period_years/benchmark_raw,\"n/e\")",
                              CB_CELL_NUMBER, false, 0},
    [LINE_SILENT_HAVERS] = {"Customers with a problem, recorded or not", "silent_havers", "C4",
                            "IF(recorded_customers>0,recorded_customers/reach,\"n/e\")",
                            CB_CELL_NUMBER, true, 0},
    [LINE_SILENT_LEAVERS] = {"Silent leavers", "silent_leavers", "C4",
                             "IF(recorded_customers>0,MIN(silent_leave,1-reach)*"
                             "recorded_customers/reach,\"n/e\")",
                             CB_CELL_NUMBER, true, 0},
    [LINE_SILENT_COST] = {"Their yearly value", "silent_cost", "C4",
                          "IF(recorded_customers*value_known>0,"
                          "ROUND(MIN(silent_leave,1-reach)*recorded_customers/reach*model_value,"
                          "digits),\"n/e\")",
                          CB_CELL_MONEY, true, 0},
    [LINE_SILENT_LOST] = {"Share of silent customers lost, by what such customers say",
                          "silent_lost_share", "C5",
                          "IF(recorded_customers>0," SILENT_SHARE ",\"n/e\")", CB_CELL_PERCENT,
                          false, 0},
    [LINE_SILENT_BY_INTENT] = {"Silent leavers by what such customers say", "silent_by_intent",
                               "C5",
                               "IF(recorded_customers>0,(silent_havers-recorded_customers)*"
                               "silent_lost_share,\"n/e\")",
                               CB_CELL_NUMBER, true, 0},
    [LINE_PEOPLE_TOLD] = {"People told by the expected leavers", "people_told", "C9",
                          "IF(model_customers>0,MAX(0,expected_losses)*word_of_mouth,\"n/e\")",
                          CB_CELL_NUMBER, false, 0},
    [LINE_WORD_OF_MOUTH] = {"Word of mouth in money", "word_of_mouth_cost", "C9",
                            "IF(model_customers*word_of_mouth_value>0,ROUND((people_told+"
                            "reach_reviews)*word_of_mouth_value,digits),\"n/e\")",
                            CB_CELL_MONEY, false, 0},
};

double cb_model_scale(const cb_compose *c)
{
    return cb_currency_scale(c->settings->currency_digits);
}

double cb_model_years(const cb_settings *s)
{
    double r = s->assumption[CB_A_RETENTION].base, d = s->assumption[CB_A_DISCOUNT].base;
    return s->assumption[CB_A_LIFETIME].base >= 0.5 ? r / (1 + d - r) : 1;
}

static double or_zero(double value)
{
    return isfinite(value) ? value : 0;
}

/* Money in minor units, all else as shown. NaN: not estimable. */
static void values_of(const cb_compose *c, double v[LINES])
{
    const cb_churn *churn = &c->now->churn;
    double scale = cb_model_scale(c);
    bool valued = isfinite(churn->value_minor);
    v[LINE_CUSTOMERS] = churn->customers;
    v[LINE_FACTOR] = cb_model_years(c->settings);
    v[LINE_VALUE] = or_zero(churn->value_minor / scale);
    v[LINE_VALUE_KNOWN] = valued;
    v[LINE_COST_KNOWN] = valued && churn->customers > 0;
    v[LINE_BENCHMARK_RATE] = churn->benchmark_rate.value;
    v[LINE_BENCHMARK_COST] = churn->benchmark_cost_minor.value;
    v[LINE_BENCHMARK_RAW] = or_zero(churn->benchmark_cost_minor.value / scale);
    v[LINE_CREDIBILITY] = churn->credibility;
    v[LINE_OWN_RATE] = or_zero(churn->own_rate.value);
    v[LINE_OWN_COST] = churn->own_cost_minor.value;
    v[LINE_OWN_RAW] = or_zero(churn->own_cost_minor.value / scale);
    v[LINE_HEADLINE_RATE] =
        cb_est_ok(churn->rate) ? churn->rate.value : churn->benchmark_rate.value;
    v[LINE_LOSSES] = or_zero(churn->expected_losses.value);
    v[LINE_HEADLINE_COST] = churn->cost_minor.value;
    v[LINE_HEADLINE_RAW] = or_zero(churn->cost_minor.value / scale);
    v[LINE_BOTTOM_UP_LOSSES] = or_zero(churn->bottom_up_losses);
    v[LINE_BOTTOM_UP_COST] = churn->bottom_up_cost_minor;
    v[LINE_RATIO_OWN] = churn->ratio_own_benchmark;
    v[LINE_RATIO_BOTTOM_UP] = churn->ratio_bottom_up_benchmark;
    v[LINE_SILENT_HAVERS] = churn->silent_havers[1];
    v[LINE_SILENT_LEAVERS] = churn->silent_leavers[1];
    v[LINE_SILENT_COST] = churn->silent_cost_minor[1];
    v[LINE_SILENT_LOST] = churn->silent_lost_share;
    v[LINE_SILENT_BY_INTENT] = churn->silent_by_intent[1];
    v[LINE_PEOPLE_TOLD] = churn->reached_people[1];
    v[LINE_WORD_OF_MOUTH] = churn->word_of_mouth_cost_minor;
}

static const char *why_not(const cb_compose *c, int line)
{
    const cb_churn *churn = &c->now->churn;
    if (line == LINE_WORD_OF_MOUTH)
        return "no value is put on a person reached";
    if (line == LINE_PEOPLE_TOLD)
        return no_customer;
    if (lines[line].silent || line == LINE_SILENT_LOST || line == LINE_RATIO_BOTTOM_UP ||
        line == LINE_BOTTOM_UP_COST)
        return cb_why_no_cost(churn);
    if (line == LINE_OWN_COST || line == LINE_RATIO_OWN)
        return churn->own_reason ? churn->own_reason : cb_no_value;
    return churn->customers > 0 ? cb_no_value : no_customer;
}

/* ---- formulas ---- */

/* What a formula is written with: names that get a suffix. */
typedef struct swap {
    const char *const *name;
    unsigned names;
    const char *suffix;
    unsigned digits;
} swap;

static bool name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.';
}

static cb_str token_at(const char *at)
{
    size_t n = 0;
    while (name_char(at[n]))
        n++;
    return (cb_str){at, n > 0 ? n : 1};
}

static const model_line *line_of(cb_str name)
{
    for (unsigned i = 0; i < LINES; i++)
        if (cb_str_eq(name, cb_str_of(lines[i].name)))
            return &lines[i];
    return NULL;
}

static bool swaps(const swap *s, cb_str name)
{
    for (unsigned i = 0; i < s->names; i++)
        if (cb_str_eq(name, cb_str_of(s->name[i])))
            return true;
    return false;
}

/* Lines name only lines above them, so this ends. */
static bool depends(const swap *s, const char *formula)
{
    for (const char *at = formula; *at;) {
        cb_str token = token_at(at);
        const model_line *line = line_of(token);
        if (swaps(s, token) || (line && depends(s, line->formula)))
            return true;
        at += token.len;
    }
    return false;
}

static cb_status write_formula(cb_buf *out, const swap *s, const char *formula)
{
    cb_status rc = CB_OK;
    for (const char *at = formula; rc == CB_OK && *at;) {
        cb_str token = token_at(at);
        const model_line *line = line_of(token);
        if (swaps(s, token))
            rc = cb_buf_text(out, CB_STR_FMT "%s", CB_STR_ARG(token), s->suffix);
        else if (cb_str_eq(token, CB_LIT("digits")))
            rc = cb_buf_text(out, "%u", s->digits);
        else if (line && depends(s, line->formula)) {
            rc = cb_buf_append(out, "(", 1);
            if (rc == CB_OK)
                rc = write_formula(out, s, line->formula);
            if (rc == CB_OK)
                rc = cb_buf_append(out, ")", 1);
        } else
            rc = cb_buf_append(out, token.at, token.len);
        at += token.len;
    }
    return rc;
}

static const char *formula_with(cb_compose *c, const char *formula, const swap *s)
{
    cb_buf buf;
    cb_buf_init(&buf, c->settings->alloc, 8000 /* Excel's formulas end at 8,192 */);
    cb_status rc = cb_buf_append(&buf, "=", 1);
    if (rc == CB_OK)
        rc = write_formula(&buf, s, formula);
    cb_str text = rc == CB_OK ? cb_arena_copy(c->arena, (cb_str){buf.at, buf.len}) : CB_LIT("");
    cb_buf_free(&buf);
    return text.at ? text.at : "";
}

const char *cb_model_swapped(cb_compose *c, const char *name, cb_assumption_ix assumption,
                             bool high)
{
    /* What after_problem_days decides was counted at its low and its high value, too. */
    static const char *const counted[] = {"own_person_years", "own_excess", "problem_values",
                                          "problem_unvalued"};
    const char *key = cb_assumption_table[assumption].key;
    bool days = assumption == CB_A_AFTER_PROBLEM_DAYS;
    swap s = {days ? counted : &key, days ? 4 : 1, high ? "_high" : "_low",
              c->settings->currency_digits};
    const model_line *line = line_of(cb_str_of(name));
    if (!days && !cb_model_live(c, (int)assumption))
        return "";
    return line ? formula_with(c, line->formula, &s) : "";
}

const char *const cb_model_windows[CB_WINDOWS] = {
    [CB_NOW] = "", [CB_BEFORE] = "_before", [CB_YEAR_BEFORE] = "_year_before"};

const char *cb_model_of_window(cb_compose *c, const char *name, cb_window_ix window)
{
    static const char *const facts[] = {"counted_customers", "valued_customers", "known_value",
                                        "own_person_years",  "own_excess",       "problem_values",
                                        "problem_unvalued"};
    const swap s = {facts, sizeof facts / sizeof facts[0], cb_model_windows[window],
                    c->settings->currency_digits};
    const model_line *line = line_of(cb_str_of(name));
    return line ? formula_with(c, line->formula, &s) : "";
}

/* ---- shares of the cost ---- */

/* Where no cost is known every customer has the same value, so the share of the lost will do. */
static double share_of(const cb_compose *c, cb_cost_share share)
{
    const cb_churn *churn = &c->now->churn;
    if (isfinite(share.cost_minor))
        return share.cost_minor / churn->cost_minor.value;
    return churn->value_minor > 0 ? NAN : share.lost / churn->expected_losses.value;
}

void cb_put_share_of_cost(cb_compose *c, cb_grid *grid, unsigned column, cb_cost_share share)
{
    double rest = share.rest_minor, whole = share.cost_minor + rest;
    if (share.rest_alone && !isfinite(share.cost_minor))
        whole = rest;
    if (fabs(whole) < 9e18)
        cb_put_money(grid, column, (int64_t)llround(whole));
    else
        cb_put_none(grid, column, cb_no_value);
    double part = share_of(c, share), more = rest / cb_model_scale(c);
    unsigned digits = c->settings->currency_digits;
    if (!cb_model_has(c) || !isfinite(part))
        return;
    if (share.rest_alone)
        cb_set_formula(grid, column, "=ROUND(IF(cost_known=1,headline_raw*%.15g,0)%+.15g,%u)", part,
                       more, digits);
    else
        cb_set_formula(grid, column, "=IF(cost_known=1,ROUND(headline_raw*%.15g%+.15g,%u),\"n/e\")",
                       part, more, digits);
}

void cb_put_share_of_lost(cb_compose *c, cb_grid *grid, unsigned column, double lost)
{
    cb_put_number(grid, column, lost);
    double part = lost / c->now->churn.expected_losses.value;
    if (cb_model_has(c) && isfinite(part))
        cb_set_formula(grid, column, "=expected_losses*%.15g", part);
}

/* ---- the model ---- */

static void put_line(cb_compose *c, cb_grid *grid, int ix, double value)
{
    const model_line *line = &lines[ix];
    const swap none = {NULL, 0, "", c->settings->currency_digits};
    const char *formula = formula_with(c, line->formula, &none);
    cb_grid_row(grid);
    cb_put_text(grid, 0, cb_str_of(line->words));
    if (!isfinite(value) || fabs(value) >= 9e18)
        cb_put_none(grid, 1, why_not(c, ix));
    else if (line->kind == CB_CELL_MONEY)
        cb_put_money(grid, 1, (int64_t)llround(value));
    else if (line->kind == CB_CELL_PERCENT)
        cb_put_percent(grid, 1, value);
    else
        cb_put_number(grid, 1, value);
    cb_set_name(grid, 1, line->name);
    if (line->decimals)
        cb_set_decimals(grid, 1, line->decimals);
    cb_put_text(grid, 2, cb_str_of(line->name));
    cb_put_text(grid, 3, cb_str_of(line->method));
    if (line->silent && c->settings->reach.n > 0) {
        cb_put_text(grid, 4, CB_LIT("not live: single kinds have a reach of their own, see Run"));
        return;
    }
    cb_set_formula(grid, 1, "%s", formula);
    cb_put_text(grid, 4, cb_str_of(*formula ? formula + 1 : ""));
}

static void list_lines(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {{"Figure", CB_CELL_TEXT, 0, 50, NULL},
                                             {"Value", CB_CELL_NUMBER, 2, 12, NULL},
                                             {"Name", CB_CELL_TEXT, 0, 20, NULL},
                                             {"Method", CB_CELL_TEXT, 0, 12, NULL},
                                             {"Formula", CB_CELL_TEXT, 0, 70, NULL}};
    double value[LINES];
    values_of(c, value);
    cb_grid *grid = cb_grid_of(c, sheet, "cost_model", "The cost model, live", columns, 5);
    cb_grid_caption(grid, "Every value follows the cells above. Intervals come from 20,000 draws "
                          "of the run and stay as they are.");
    for (int i = 0; i < LINES; i++)
        put_line(c, grid, i, value[i]);
}

void cb_model_sheet(cb_compose *c, cb_sheet *sheet)
{
    cb_model_facts(c, sheet);
    list_lines(c, sheet);
}
