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

static void money_or_none(cb_grid *grid, unsigned column, double minor)
{
    if (isfinite(minor))
        cb_put_money(grid, column, (int64_t)llround(minor));
    else
        cb_put_none(grid, column, "no yearly value of a customer is known");
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

void cb_cluster_cells(cb_compose *c, cb_grid *grid, const cb_cluster *k)
{
    cb_put_word(grid, 0, cb_dim_text(c->book, CB_DIM_CAUSE, k->cause));
    cb_put_word(grid, 1, cb_dim_text(c->book, CB_DIM_PRODUCT, k->product));
    cb_put_count(grid, 2, k->cases);
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
    cb_put_money(grid, 7, k->shortfall_minor);
    double cost = k->cost_minor.value;
    double rest = k->worth_minor.value - (isfinite(cost) ? cost : 0);
    cb_put_share_of_lost(c, grid, 8, k->customers_lost);
    cb_put_share_of_cost(c, grid, 9, (cb_cost_share){cost, k->customers_lost, 0, false});
    cb_put_share_of_cost(c, grid, 10, (cb_cost_share){cost, k->customers_lost, rest, true});
    unsigned large = largest_in(c, k);
    if (large > 0)
        cb_set_note(grid, 10,
                    "Holds %u of the ten largest losses of the period: see Remedies before "
                    "deciding on it.",
                    large);
    money_or_none(grid, 11, k->worth_minor.low);
    money_or_none(grid, 12, k->worth_minor.high);
}

const cb_grid_column cb_cluster_columns[CB_CLUSTER_COLUMNS] = {
    {"Root cause", CB_CELL_TEXT, 0, 30, NULL},
    {"Product", CB_CELL_TEXT, 0, 26, NULL},
    {"Cases", CB_CELL_COUNT, 0, 9, "Q3: opened in the period"},
    {"Customers", CB_CELL_COUNT, 0, 10, NULL},
    {"Repeats", CB_CELL_COUNT, 0, 9, "Q1: same customer and kind in the 90 days before"},
    {"Repeat rate (%)", CB_CELL_PERCENT, 1, 9, "Q1, over cases with look-back"},
    {"Median (h)", CB_CELL_NUMBER, 1, 9, "R2"},
    {"Shortfall", CB_CELL_MONEY, 0, 12, "A3"},
    {"Customers lost a year", CB_CELL_NUMBER, 1, 10,
     "Q3: expected, a customer's excess loss divided over the customer's cases"},
    {"Churn cost a year", CB_CELL_MONEY, 0, 12, "Q3"},
    {"Worth of a fix a year", CB_CELL_MONEY, 0, 13,
     "Q4: churn cost + shortfall + handling cost, a year"},
    {"95 % low", CB_CELL_MONEY, 0, 12, NULL},
    {"95 % high", CB_CELL_MONEY, 0, 12, NULL},
};

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

cb_grid *cb_pareto_grid(cb_compose *c, cb_sheet *sheet, cb_pareto_order order, const char *id,
                        const char *title, uint32_t most)
{
    const cb_recurrences *r = &c->now->recurrence;
    cb_grid_column columns[CB_CLUSTER_COLUMNS + 2];
    for (unsigned i = 0; i < CB_CLUSTER_COLUMNS; i++)
        columns[i] = cb_cluster_columns[i];
    columns[CB_CLUSTER_COLUMNS] =
        (cb_grid_column){"Share (%)", CB_CELL_PERCENT, 1, 9, "Of the total of this order"};
    columns[CB_CLUSTER_COLUMNS + 1] =
        (cb_grid_column){"Cumulated (%)", CB_CELL_PERCENT, 1, 10, NULL};
    uint32_t *top = cb_arena_array(c->arena, most, sizeof *top);
    if (!top || r->clusters == 0)
        return NULL;
    uint32_t n = take_top(r, weights[order], top, most);
    double total = total_of(r, weights[order]), cumulated = 0;
    cb_grid *grid = cb_sheet_grid(sheet, id, title, columns, CB_CLUSTER_COLUMNS + 2);
    for (uint32_t i = 0; i < n; i++) {
        double weight = weights[order](&r->cluster[top[i]]);
        cumulated += weight;
        cb_grid_row(grid);
        cb_cluster_cells(c, grid, &r->cluster[top[i]]);
        pareto_cells(grid, total > 0 ? weight / total : NAN, total > 0 ? cumulated / total : NAN);
    }
    if (n < r->clusters)
        cb_grid_caption(grid, "The first %u of %u clusters.", n, r->clusters);
    return grid;
}

void cb_pareto_chart(cb_compose *c, cb_sheet *sheet, const cb_grid *pareto, unsigned column,
                     const char *what)
{
    const char *axis = c->settings->currency[0] ? c->settings->currency : "money";
    const cb_grid_column columns[] = {{"Cluster", CB_CELL_TEXT, 0, 50, NULL},
                                      {what, CB_CELL_MONEY, 0, 16, NULL}};
    if (!pareto || pareto->rows < 2)
        return;
    const char *id = cb_arena_text(c->arena, CB_STR_FMT "_chart", CB_STR_ARG(pareto->id)).at;
    cb_grid *grid = cb_sheet_grid(c->data, id ? id : "", what, columns, 2);
    for (uint32_t row = 0; row < pareto->rows && row < CB_CHART_GROUPS; row++) {
        const cb_cell *cells = &pareto->cell[(size_t)row * pareto->columns];
        cb_grid_row(grid);
        cb_put_textf(grid, 0, "%s, %s", cb_say_word(c, cells[0].text),
                     cb_say_word(c, cells[1].text));
        cb_put_money(grid, 1, cells[column].v.i);
    }
    cb_chart *chart = cb_sheet_chart(sheet, CB_CHART_BAR, "", "", axis);
    cb_chart_title(chart, "%s: most for %s on %s", what, cb_say_word(c, pareto->cell[0].text),
                   cb_say_word(c, pareto->cell[1].text));
    cb_chart_series(chart, grid, 0, 1, what, CB_LOOK_MAIN);
    cb_chart_alt(chart, "Bar chart of %s by cluster of cause and product, largest first", what);
}

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
    cb_sheet_paragraph(sheet,
                       "Repeats (Q1): %s of %s cases with look-back, %s. Details, charts and the "
                       "rows behind every cluster are in the root-cause workbook.",
                       cb_say_count(c, r->repeats), cb_say_count(c, r->eligible),
                       cb_say_percent_range(c, r->rate));
    cb_pareto_grid(c, sheet, CB_PARETO_COUNT, "clusters_by_count", "By number of cases", 15);
    cb_grid *money =
        cb_pareto_grid(c, sheet, CB_PARETO_MONEY, "clusters_by_money", "By worth of a fix", 15);
    cb_pareto_chart(c, sheet, money, 10, "Worth of a fix a year");
    cb_pareto_grid(c, sheet, CB_PARETO_LOST, "clusters_by_lost", "By customers lost", 15);
}
