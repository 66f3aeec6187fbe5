/* Root causes: clusters of cause x product in three Pareto orders - by count, by money, by
 * customers lost. */
#include <math.h>

#include "clusters.h"
#include "model.h"

typedef double (*weigh)(const cb_cluster *cluster);

static double by_cases(const cb_cluster *k)
{
    return k->cases;
}
static double by_worth(const cb_cluster *k)
{
    return isfinite(k->worth_minor.value) ? k->worth_minor.value : (double)k->shortfall_minor;
}
static double by_lost(const cb_cluster *k)
{
    return isfinite(k->customers_lost) ? k->customers_lost : 0;
}

static const weigh weights[CB_PARETO_ORDERS] = {by_cases, by_worth, by_lost};

/* Insertion of the best few: the order is total (ties by the given order), so it is the same
 * everywhere. */
static uint32_t take_top(const cb_recurrences *r, weigh weight, uint32_t top[], uint32_t most)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->clusters; i++) {
        double w = weight(&r->cluster[i]);
        uint32_t at = n;
        while (at > 0 && weight(&r->cluster[top[at - 1]]) < w)
            at--;
        if (at >= most)
            continue;
        uint32_t last = n < most ? n++ : most - 1;
        for (uint32_t k = last; k > at; k--)
            top[k] = top[k - 1];
        top[at] = i;
    }
    return n;
}

/* Without a column of losses a shortfall of 0 would be a claim. */
static void put_shortfall(cb_compose *c, cb_grid *grid, int64_t minor)
{
    if (c->now->remedy.has_loss)
        cb_put_money(grid, 7, minor);
    else
        cb_put_none(grid, 7, "loss_amount is not in the input");
}

static bool knows_rest(const cb_compose *c)
{
    return c->now->remedy.has_loss || c->settings->assumption[CB_A_HANDLING_COST].base > 0;
}

/* One absurd amount must not pass for a cluster's worth unseen. */
static unsigned largest_in(const cb_compose *c, const cb_cluster *k)
{
    const cb_remedy *r = &c->now->remedy;
    unsigned n = 0;
    for (uint32_t i = 0; i < r->largest_n; i++)
        n += cb_dim_word(c->book, CB_DIM_CAUSE, r->largest_row[i]) == k->cause &&
             cb_dim_word(c->book, CB_DIM_PRODUCT, r->largest_row[i]) == k->product;
    return n;
}

/* Of a cluster's worth what is not churn cost. */
static double other_of(const cb_compose *c, const cb_cluster *k)
{
    double cost = k->cost_minor.value;
    return k->worth_minor.value - (isfinite(cost) ? cost * c->now->recurrence.churn_yearly : 0);
}

static void put_worth(cb_compose *c, cb_grid *grid, double cost, double lost, double other)
{
    double yearly = c->now->recurrence.churn_yearly;
    cb_put_share_of_cost(c, grid, 10,
                         (cb_cost_share){cost * yearly, lost * yearly, other, knows_rest(c)});
}

void cb_cluster_cells(cb_compose *c, cb_grid *grid, const cb_cluster *k)
{
    cb_put_group(grid, 0, cb_dim_text(c->book, CB_DIM_CAUSE, k->cause));
    cb_put_group(grid, 1, cb_dim_text(c->book, CB_DIM_PRODUCT, k->product));
    cb_put_count(grid, 2, k->cases);
    if (grid && !grid->filter)
        cb_set_link(grid, 2, "cases");
    cb_put_count(grid, 3, k->customers);
    cb_put_count(grid, 4, k->repeats);
    if (k->repeat_eligible > 0)
        cb_put_percent(grid, 5, (double)k->repeats / k->repeat_eligible);
    else
        cb_put_none(grid, 5, "no case with look-back");
    if (cb_est_ok(k->median_hours))
        cb_put_number(grid, 6, k->median_hours.value);
    else
        cb_put_none(grid, 6, k->median_hours.reason ? k->median_hours.reason : "no case");
    put_shortfall(c, grid, k->shortfall_minor);
    double cost = k->cost_minor.value, lost = k->customers_lost;
    cb_put_share_of_lost(c, grid, 8, lost);
    cb_put_share_of_cost(c, grid, 9, (cb_cost_share){cost, lost, 0, false});
    put_worth(c, grid, cost, lost, other_of(c, k));
    unsigned large = largest_in(c, k);
    if (large > 0)
        cb_set_note(grid, 10,
                    "Holds %u of the ten largest losses of the period: see Remedies before "
                    "deciding on it.",
                    large);
    bool worth = isfinite(cost) || knows_rest(c);
    cb_put_minor(grid, 11, worth ? k->worth_minor.low : NAN, cb_no_value);
    cb_put_minor(grid, 12, worth ? k->worth_minor.high : NAN, cb_no_value);
}

const cb_grid_column cb_cluster_columns[CB_CLUSTER_COLUMNS] = {
    {"Root cause", CB_CELL_TEXT, 0, 0, NULL},
    {"Product", CB_CELL_TEXT, 0, 0, NULL},
    {"Cases", CB_CELL_COUNT, 0, 9, "Q3: opened in the period; leads to the rows"},
    {"Customers", CB_CELL_COUNT, 0, 10, "Q3: known ones"},
    {"Repeats", CB_CELL_COUNT, 0, 9, "Q1: same customer and kind in the 90 days before"},
    {"Repeat rate (%)", CB_CELL_PERCENT, 1, 9, "Q1, over cases with look-back"},
    {"Median (h)", CB_CELL_NUMBER, 1, 9, "R2"},
    {"Shortfall", CB_CELL_MONEY, 0, 12, "A3"},
    {"Customers lost a year", CB_CELL_NUMBER, 1, 10,
     "Q3: expected, a customer's excess loss divided over the customer's cases"},
    {"Churn cost a year", CB_CELL_MONEY, 0, 12,
     "Q3: the part of the yearly headline that these cases carry"},
    {"Worth of a fix a year", CB_CELL_MONEY, 0, 13,
     "Q4: churn cost + shortfall + handling cost of a year of such cases"},
    {"95 % low", CB_CELL_MONEY, 0, 12,
     "Q4: limits of the churn cost and of the number of cases (exact Poisson) at once"},
    {"95 % high", CB_CELL_MONEY, 0, 12, NULL},
};

/* What the clusters beyond the first few add up to. */
typedef struct rest {
    uint32_t clusters, cases, repeats, eligible;
    int64_t shortfall_minor;
    double lost, cost_minor, other_minor; /* other: of the worth */
} rest;

static void add_rest(const cb_compose *c, rest *r, const cb_cluster *k)
{
    r->clusters++;
    r->cases += k->cases;
    r->repeats += k->repeats;
    r->eligible += k->repeat_eligible;
    r->shortfall_minor += k->shortfall_minor;
    r->lost += k->customers_lost;
    r->cost_minor += k->cost_minor.value;
    r->other_minor += other_of(c, k);
}

static void rest_row(cb_compose *c, cb_grid *grid, const rest *r)
{
    static const char why[] = "not made for several clusters together";
    cb_grid_row(grid);
    cb_put_others(c, grid, 0, r->clusters, "");
    cb_put_count(grid, 2, r->cases);
    cb_put_none(grid, 3, why);
    cb_put_count(grid, 4, r->repeats);
    if (r->eligible > 0)
        cb_put_percent(grid, 5, (double)r->repeats / r->eligible);
    cb_put_none(grid, 6, why);
    put_shortfall(c, grid, r->shortfall_minor);
    cb_put_share_of_lost(c, grid, 8, r->lost);
    cb_put_share_of_cost(c, grid, 9, (cb_cost_share){r->cost_minor, r->lost, 0, false});
    put_worth(c, grid, r->cost_minor, r->lost, r->other_minor);
    cb_put_none(grid, 11, why);
    cb_put_none(grid, 12, why);
}

static void pareto_cells(cb_grid *grid, double share, double cumulated)
{
    cb_put_percent(grid, CB_CLUSTER_COLUMNS, share);
    cb_put_percent(grid, CB_CLUSTER_COLUMNS + 1, cumulated);
}

static double total_of(const cb_recurrences *r, weigh weight)
{
    double sum = 0;
    for (uint32_t i = 0; i < r->clusters; i++)
        sum += weight(&r->cluster[i]);
    return sum;
}

static rest rest_of(const cb_compose *c, const uint32_t top[], uint32_t n)
{
    const cb_recurrences *r = &c->now->recurrence;
    rest all = {0}, shown = {0};
    for (uint32_t i = 0; i < r->clusters; i++)
        add_rest(c, &all, &r->cluster[i]);
    for (uint32_t i = 0; i < n; i++)
        add_rest(c, &shown, &r->cluster[top[i]]);
    return (rest){all.clusters - shown.clusters,
                  all.cases - shown.cases,
                  all.repeats - shown.repeats,
                  all.eligible - shown.eligible,
                  all.shortfall_minor - shown.shortfall_minor,
                  all.lost - shown.lost,
                  all.cost_minor - shown.cost_minor,
                  all.other_minor - shown.other_minor};
}

static cb_grid *pareto_table(cb_compose *c, cb_sheet *sheet, const char *id, const char *title)
{
    cb_grid_column columns[CB_CLUSTER_COLUMNS + 2];
    for (unsigned i = 0; i < CB_CLUSTER_COLUMNS; i++)
        columns[i] = cb_cluster_columns[i];
    columns[CB_CLUSTER_COLUMNS] =
        (cb_grid_column){"Share (%)", CB_CELL_PERCENT, 1, 9, "Q3: of the total of this order"};
    columns[CB_CLUSTER_COLUMNS + 1] =
        (cb_grid_column){"Cumulated (%)", CB_CELL_PERCENT, 1, 10, NULL};
    return cb_grid_of(c, sheet, id, title, columns, CB_CLUSTER_COLUMNS + 2);
}

cb_grid *cb_pareto_grid(cb_compose *c, cb_sheet *sheet, cb_pareto_order order, const char *id,
                        const char *title, uint32_t most)
{
    const cb_recurrences *r = &c->now->recurrence;
    uint32_t *top = cb_arena_array(c->arena, most, sizeof *top);
    if (!top || r->clusters == 0)
        return NULL;
    uint32_t n = take_top(r, weights[order], top, most);
    double total = total_of(r, weights[order]), cumulated = 0;
    if (order == CB_PARETO_MONEY && !(total > 0)) {
        cb_sheet_paragraph(sheet, "By worth of a fix (Q4): not estimable, %s.",
                           r->unpriced ? r->unpriced : "no loss and no churn cost is known");
        return NULL;
    }
    cb_grid *grid = pareto_table(c, sheet, id, title);
    if (grid)
        grid->filter = most > CB_TOP_GROUPS;
    for (uint32_t i = 0; i < n; i++) {
        double weight = weights[order](&r->cluster[top[i]]);
        cumulated += weight;
        cb_grid_row(grid);
        cb_cluster_cells(c, grid, &r->cluster[top[i]]);
        pareto_cells(grid, total > 0 ? weight / total : NAN, total > 0 ? cumulated / total : NAN);
    }
    if (n < r->clusters) {
        rest others = rest_of(c, top, n);
        rest_row(c, grid, &others);
        pareto_cells(grid, total > 0 ? 1 - cumulated / total : NAN, total > 0 ? 1 : NAN);
        cb_grid_caption(grid, "The first %s of %s clusters of cause and product, and the rest.",
                        cb_say_count(c, n), cb_say_count(c, r->clusters));
    }
    return grid;
}

void cb_pareto_chart(cb_compose *c, cb_sheet *sheet, const cb_grid *pareto, unsigned column,
                     const char *what)
{
    const cb_grid_column columns[] = {{"Cluster", CB_CELL_TEXT, 0, 0, NULL},
                                      {what, CB_CELL_MONEY, 0, 0, NULL}};
    if (!pareto || pareto->rows < 2 || pareto->cell[column].kind != CB_CELL_MONEY ||
        pareto->cell[column].v.i <= 0)
        return;
    const char *id = cb_arena_text(c->arena, CB_STR_FMT "_chart", CB_STR_ARG(pareto->id)).at;
    cb_grid *grid = cb_grid_of(c, c->data, id ? id : "", what, columns, 2);
    uint32_t rows = c->now->recurrence.clusters;
    rows = rows < CB_CHART_GROUPS ? rows : CB_CHART_GROUPS;
    for (uint32_t row = 0; row < pareto->rows && row < rows; row++) {
        const cb_cell *cells = &pareto->cell[(size_t)row * pareto->columns];
        if (cells[column].kind != CB_CELL_MONEY)
            continue;
        cb_grid_row(grid);
        cb_put_textf(grid, 0, "%s, %s", cb_say_word(c, cells[0].text),
                     cb_say_word(c, cells[1].text));
        cb_put_money(grid, 1, cells[column].v.i);
        if (cb_model_has(c))
            cb_set_formula(grid, 1, "={" CB_STR_FMT "!%u,%u}", CB_STR_ARG(pareto->id), column, row);
    }
    cb_chart *chart = cb_picture(sheet, CB_CHART_BAR, "", cb_say_unit(c, what));
    cb_chart_title(chart, "%s on %s: %s a year", cb_say_word(c, pareto->cell[0].text),
                   cb_say_word(c, pareto->cell[1].text),
                   cb_say_money(c, (double)pareto->cell[column].v.i));
    cb_chart_series(chart, grid, 0, 1, what, CB_LOOK_MAIN);
    cb_chart_alt(chart, "Bar chart of %s by cluster of cause and product, largest first", what);
}

enum { SHORT_LIST = 12 };

void cb_sheet_clusters_short(cb_compose *c)
{
    const cb_recurrences *r = &c->now->recurrence;
    cb_sheet *sheet =
        cb_workbook_sheet(c->workbook, "Root causes",
                          "Root causes: what keeps coming, what it costs, whom it drives away",
                          "Clusters of cause and product, in three orders. The most frequent is "
                          "seldom the most expensive.");
    if (r->clusters == 0) {
        cb_sheet_finding(sheet, "No case was opened in the period.");
        return;
    }
    cb_sheet_paragraph(
        sheet,
        "Repeats (Q1): %s of %s cases with look-back, %s. Details and control charts "
        "are in the root-cause workbook.",
        cb_say_count(c, r->repeats), cb_say_count(c, r->eligible),
        cb_say_percent_range(c, r->rate));
    cb_grid *money = cb_pareto_grid(c, sheet, CB_PARETO_MONEY, "clusters_by_money",
                                    "By worth of a fix (Q4)", SHORT_LIST);
    cb_pareto_chart(c, sheet, money, 10, "Worth of a fix a year");
    cb_pareto_grid(c, sheet, CB_PARETO_COUNT, "clusters_by_count", "By number of cases (Q3)",
                   SHORT_LIST);
    if (isfinite(c->now->churn.expected_losses.value) && c->now->churn.case_lost)
        cb_pareto_grid(c, sheet, CB_PARETO_LOST, "clusters_by_lost", "By customers lost (Q3)",
                       SHORT_LIST);
    else
        cb_sheet_paragraph(sheet, "By customers lost: not estimable, %s.",
                           c->now->churn.division_reason ? c->now->churn.division_reason
                                                         : cb_no_value);
    cb_kinds_table(c, sheet);
}
