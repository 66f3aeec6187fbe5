/* The root-cause workbook: which problems keep coming back, where, what each would be worth fixing,
 * did the last fix work? */
#include <math.h>
#include <string.h>

#include "clusters.h"

enum { MOST_CLUSTERS = 2000, SHORT_LIST = 15 };

static void clusters_sheet(cb_compose *c, cb_sheet *sheet)
{
    const cb_recurrences *r = &c->now->recurrence;
    cb_findings(c, sheet);
    if (r->clusters == 0)
        return;
    cb_sheet_paragraph(sheet,
                       "%s in %s. Repeats (Q1): %s of %s with look-back, %s.",
                       cb_say_several(c, c->now->resolution.cases, "case"),
                       cb_say_several(c, r->clusters, "cluster"),
                       cb_say_count(c, r->repeats), cb_say_several(c, r->eligible, "case"),
                       cb_say_percent_range(c, r->rate));
    cb_grid *worth = cb_pareto_grid(c, sheet, CB_PARETO_MONEY, "clusters_by_worth",
                                    "What ending each would be worth a year (Q4)", SHORT_LIST);
    cb_pareto_chart(c, sheet, worth, 10, "Worth of a fix a year");
    cb_pareto_grid(c, sheet, CB_PARETO_COUNT, "clusters_by_count", "By number of cases (Q3)",
                   SHORT_LIST);
    if (c->now->churn.case_lost)
        cb_pareto_grid(c, sheet, CB_PARETO_LOST, "clusters_by_lost", "By customers lost (Q3)",
                       SHORT_LIST);
    else
        cb_sheet_paragraph(sheet, "By customers lost: not estimable, %s.",
                           c->now->churn.division_reason ? c->now->churn.division_reason
                                                         : "no customer is known");
}

static void all_clusters(cb_compose *c)
{
    if (c->now->recurrence.clusters <= SHORT_LIST)
        return;
    cb_sheet *sheet = cb_workbook_sheet(c->workbook, "All clusters", "All clusters",
                                        "Every cluster of cause and product (Q3, Q4). Filter by "
                                        "cause or product.");
    if (cb_workbook_find(c->workbook, CB_LIT("clusters_by_worth")))
        cb_pareto_grid(c, sheet, CB_PARETO_MONEY, "clusters_all", "By worth of a fix",
                       MOST_CLUSTERS);
    else
        cb_pareto_grid(c, sheet, CB_PARETO_COUNT, "clusters_all", "By number of cases",
                       MOST_CLUSTERS);
}

enum { HEAT_ROWS = 25, HEAT_COLUMNS = 12 };

/* Words of a dimension by number of cases, from the resolution tables, which hold all groups in
 * that order. */
static uint32_t top_words(const cb_compose *c, cb_dim dim, uint32_t words[], uint32_t most)
{
    const cb_res_dim *groups = &c->now->resolution.by[dim];
    uint32_t n = groups->groups < most ? groups->groups : most;
    for (uint32_t i = 0; i < n; i++)
        words[i] = groups->group[i].word;
    return n;
}

static uint32_t index_in(const uint32_t words[], uint32_t n, uint32_t word)
{
    for (uint32_t i = 0; i < n; i++)
        if (words[i] == word)
            return i;
    return n;
}

static void heat_map(cb_compose *c)
{
    cb_sheet *sheet =
        cb_workbook_sheet(c->workbook, "Heat map", "Heat map: cases by root cause and product",
                          "Counts of cases of the period; the rest is in 'others'.");
    uint32_t causes[HEAT_ROWS], products[HEAT_COLUMNS],
        cell[HEAT_ROWS + 1][HEAT_COLUMNS + 1] = {{0}};
    uint32_t rows = top_words(c, CB_DIM_CAUSE, causes, HEAT_ROWS),
             cols = top_words(c, CB_DIM_PRODUCT, products, HEAT_COLUMNS);
    if (rows == 0 || cols == 0) {
        cb_sheet_finding(sheet, "Not estimable: %s is not in the input.",
                         rows == 0 ? "root_cause" : "product");
        return;
    }
    const cb_recurrences *r = &c->now->recurrence;
    for (uint32_t i = 0; i < r->clusters; i++)
        cell[index_in(causes, rows, r->cluster[i].cause)]
            [index_in(products, cols, r->cluster[i].product)] += r->cluster[i].cases;
    cb_grid_column columns[HEAT_COLUMNS + 3] = {{"Root cause", CB_CELL_TEXT, 0, 34, NULL}};
    for (uint32_t k = 0; k < cols; k++)
        columns[1 + k] =
            (cb_grid_column){cb_say_word(c, cb_dim_text(c->book, CB_DIM_PRODUCT, products[k])),
                             CB_CELL_COUNT, 0, 12, NULL};
    columns[1 + cols] = (cb_grid_column){"Others", CB_CELL_COUNT, 0, 10, NULL};
    columns[2 + cols] = (cb_grid_column){"All", CB_CELL_COUNT, 0, 10, NULL};
    cb_grid *grid = cb_grid_of(c, sheet, "heat_map", "Cases (Q3)", columns, cols + 3);
    if (grid)
        grid->heat = true;
    for (uint32_t i = 0; i <= rows; i++) {
        uint32_t sum = 0;
        cb_grid_row(grid);
        if (i < rows)
            cb_put_word(grid, 0, cb_dim_text(c->book, CB_DIM_CAUSE, causes[i]));
        else
            cb_put_text(grid, 0, CB_LIT("Others"));
        for (uint32_t k = 0; k <= cols; k++) {
            sum += cell[i][k];
            cb_put_count(grid, 1 + k, cell[i][k]);
        }
        cb_put_count(grid, cols + 2, sum);
    }
}

static void rising(cb_compose *c)
{
    static const cb_grid_column columns[] = {
        {"What", CB_CELL_TEXT, 0, 14, NULL},
        {"Group", CB_CELL_TEXT, 0, 0, NULL},
        {"Cases now", CB_CELL_COUNT, 0, 10, NULL},
        {"Cases before", CB_CELL_COUNT, 0, 11,
         "In the four periods before, as far as the input covers them: see the days"},
        {"Days before", CB_CELL_COUNT, 0, 9, "Of those periods; a day or week: the same weekdays"},
        {"Rate ratio", CB_CELL_NUMBER, 2, 10, "Q5: cases a day now / before"},
        {"95 % low", CB_CELL_NUMBER, 2, 10, NULL},
        {"95 % high", CB_CELL_NUMBER, 2, 10, NULL},
        {"Customers", CB_CELL_COUNT, 0, 10, "With a case in either"},
        {"Bunching", CB_CELL_NUMBER, 2, 10,
         "Design effect: cases of one customer count as so many times fewer; 1: no bunches"},
        {"p", CB_CELL_P, 3, 9, "Exact conditional Poisson, bunches allowed for"},
        {"p adjusted", CB_CELL_P, 3, 9, "Benjamini-Hochberg over all tested"},
        {"Verdict", CB_CELL_TEXT, 0, 26, NULL}};
    const cb_recurrences *r = &c->now->recurrence;
    cb_sheet *sheet = cb_workbook_sheet(c->workbook, "Rising and new", "Rising and new",
                                        "Groups with more cases than the four periods before, as "
                                        "far as the input covers them, lead one to expect, beyond "
                                        "chance (Q5).");
    uint32_t significant = 0;
    for (uint32_t i = 0; i < r->signals; i++)
        significant += r->signal[i].significant;
    if (r->signals_reason)
        cb_sheet_finding(sheet, "Not tested: %s.", r->signals_reason);
    else if (significant == 0)
        cb_sheet_finding(sheet, "%s tested, no evidence of change in any.",
                         cb_say_several(c, r->signals_tested, "group"));
    else
        cb_sheet_finding(sheet, "%s tested, %u changed beyond chance.",
                         cb_say_several(c, r->signals_tested, "group"), significant);
    if (r->signals == 0)
        return;
    cb_grid *grid = cb_grid_of(c, sheet, "signals", "Groups tested (Q5)", columns, 13);
    for (uint32_t i = 0; i < r->signals && i < 200; i++) {
        const cb_signal *s = &r->signal[i];
        cb_grid_row(grid);
        cb_put_text(grid, 0, cb_str_of(cb_dim_titles[s->dim]));
        cb_put_word(grid, 1, cb_dim_text(c->book, s->dim, s->word));
        cb_put_count(grid, 2, s->now);
        cb_put_count(grid, 3, s->before);
        cb_put_count(grid, 4, (uint64_t)llround(s->exposure_before));
        cb_put_est(grid, 5, s->ratio);
        cb_put_count(grid, 8, s->customers);
        cb_put_number(grid, 9, s->effect);
        cb_put_number(grid, 10, s->p);
        cb_put_number(grid, 11, s->q);
        cb_put_text(grid, 12,
                    !s->significant ? CB_LIT("no evidence of change")
                    : s->is_new     ? CB_LIT("new")
                    : s->rising     ? CB_LIT("rising")
                                    : CB_LIT("falling"));
        if (s->significant)
            cb_set_strong(grid, 12, 2);
    }
}

static void mcf_row(cb_grid *grid, const cb_mcf_point *p, double days)
{
    cb_grid_row(grid);
    cb_put_number(grid, 0, days);
    cb_put_number(grid, 1, p->mean);
    cb_put_number(grid, 2, p->low);
    cb_put_number(grid, 3, p->high);
    cb_put_count(grid, 4, p->at_risk);
}

static void mcf_chart(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {
        {"Days under observation", CB_CELL_NUMBER, 0, 14, NULL},
        {"Mean cases a customer", CB_CELL_NUMBER, 3, 12, "Q2: Nelson's estimate"},
        {"95 % low", CB_CELL_NUMBER, 3, 10, NULL},
        {"95 % high", CB_CELL_NUMBER, 3, 10, NULL},
        {"Customers", CB_CELL_COUNT, 0, 10, "Still under observation"}};
    const cb_recurrences *r = &c->now->recurrence;
    if (r->mcf_points < 2) {
        cb_sheet_paragraph(sheet, "Mean cumulative number of cases a customer: not estimable, %s.",
                           r->mcf_reason ? r->mcf_reason : "too few cases");
        return;
    }
    cb_grid *grid = cb_grid_of(c, c->data, "mcf", "Mean cumulative number of cases a customer (Q2)",
                               columns, 5);
    cb_grid_caption(grid, "Two rows a step, so that the chart rises where a case is opened.");
    for (unsigned i = 0; i < r->mcf_points; i++) {
        if (i > 0)
            mcf_row(grid, &r->mcf[i - 1], r->mcf[i].days);
        mcf_row(grid, &r->mcf[i], r->mcf[i].days);
    }
    const cb_mcf_point *last = &r->mcf[r->mcf_points - 1];
    cb_chart *chart =
        cb_picture(sheet, CB_CHART_STEP, "days under observation", "cases a customer (Q2)");
    cb_chart_title(chart, "After %.0f days a customer has had %.2f cases on average", last->days,
                   last->mean);
    cb_chart_series(chart, grid, 0, 1, "mean", CB_LOOK_MAIN);
    cb_chart_series(chart, grid, 0, 2, "95 % low", CB_LOOK_LIMIT);
    cb_chart_series(chart, grid, 0, 3, "95 % high", CB_LOOK_LIMIT);
    cb_chart_alt(chart, "Mean cumulative function of cases per customer, with 95 %% limits");
    if (chart)
        chart->beside = true;
}

static void chains(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {{"Cases in a row", CB_CELL_TEXT, 0, 36, NULL},
                                             {"Chains", CB_CELL_COUNT, 0, 12, NULL}};
    const cb_recurrences *r = &c->now->recurrence;
    cb_grid *grid = cb_grid_of(
        c, sheet, "chains",
        "Chains: cases of one customer and kind, each within the window of the one before (Q1)",
        columns, 2);
    for (unsigned i = 0; i < 12; i++) {
        if (r->chain[i].chains == 0)
            continue;
        cb_grid_row(grid);
        cb_put_textf(grid, 0, "%u%s", r->chain[i].length, i == 11 ? " or more" : "");
        cb_put_count(grid, 1, r->chain[i].chains);
    }
}

static void breakdown_products(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {{"Product", CB_CELL_TEXT, 0, 36, NULL},
                                             {"Customers", CB_CELL_COUNT, 0, 12, NULL},
                                             {"Cases", CB_CELL_COUNT, 0, 12, NULL}};
    const cb_recurrences *r = &c->now->recurrence;
    cb_grid *grid = cb_grid_of(c, sheet, "breakdown_products",
                               "Repeated breakdowns by product (Q1)", columns, 3);
    for (uint32_t i = 0; i < r->breakdown_products && i < CB_TOP_GROUPS; i++) {
        cb_grid_row(grid);
        cb_put_word(grid, 0, cb_dim_text(c->book, CB_DIM_PRODUCT, r->breakdown_product[i].product));
        cb_put_count(grid, 1, r->breakdown_product[i].customers);
        cb_put_count(grid, 2, r->breakdown_product[i].cases);
    }
}

enum { BREAKDOWNS_SHOWN = 100 };

static void breakdowns(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {
        {"Customer", CB_CELL_TEXT, 0, 36, NULL}, {"Product", CB_CELL_TEXT, 0, 26, NULL},
        {"Unit", CB_CELL_TEXT, 0, 18, NULL},     {"Cases", CB_CELL_COUNT, 0, 12, NULL},
        {"First", CB_CELL_DATE, 0, 12, NULL},    {"Last", CB_CELL_DATE, 0, 12, NULL}};
    const cb_recurrences *r = &c->now->recurrence;
    cb_grid *grid =
        cb_grid_of(c, sheet, "breakdowns", "Customers with repeated breakdowns (Q1)", columns, 6);
    for (uint32_t i = 0; i < r->breakdowns && i < BREAKDOWNS_SHOWN; i++) {
        const cb_breakdown *b = &r->breakdown[i];
        cb_grid_row(grid);
        cb_put_text(grid, 0, cb_shown_id(c, CB_POOL_CUSTOMER, b->customer));
        cb_put_word(grid, 1, cb_dim_text(c->book, CB_DIM_PRODUCT, b->product));
        if (b->unit != CB_UNKNOWN_ID)
            cb_put_text(grid, 2, cb_intern_text(c->book->pool[CB_POOL_UNIT], b->unit));
        cb_put_count(grid, 3, b->cases);
        cb_put_date(grid, 4, b->first_utc_s);
        cb_put_date(grid, 5, b->last_utc_s);
    }
    if (r->breakdowns > BREAKDOWNS_SHOWN)
        cb_grid_caption(grid, "The first %d of %s.", BREAKDOWNS_SHOWN,
                        cb_say_count(c, r->breakdowns));
}

static void repeats(cb_compose *c)
{
    const cb_recurrences *r = &c->now->recurrence;
    cb_sheet *sheet =
        cb_workbook_sheet(c->workbook, "Repeats and chains", "Repeats and chains",
                          "A problem that returns is a process at fault, not a person.");
    chains(c, sheet);
    if (r->breakdown_products > 0)
        breakdown_products(c, sheet);
    else if (r->breakdowns_reason)
        cb_sheet_paragraph(sheet, "Repeated breakdowns: not estimable, %s.", r->breakdowns_reason);
    else
        cb_sheet_paragraph(sheet,
                           "No customer had a repeated breakdown (%.0f or more cases of one "
                           "product within %.0f days).",
                           c->settings->assumption[CB_A_BREAKDOWN_CASES].base,
                           c->settings->assumption[CB_A_BREAKDOWN_DAYS].base);
    mcf_chart(c, sheet);
    if (r->breakdowns > 0)
        breakdowns(c, sheet);
}

static void pairs(cb_compose *c)
{
    static const cb_grid_column columns[] = {
        {"Attribute", CB_CELL_TEXT, 0, 36, NULL},
        {"goes with", CB_CELL_TEXT, 0, 36, NULL},
        {"Both", CB_CELL_COUNT, 0, 10, NULL},
        {"First", CB_CELL_COUNT, 0, 10, NULL},
        {"Second", CB_CELL_COUNT, 0, 10, NULL},
        {"Lift", CB_CELL_NUMBER, 2, 10, "Q6: how many times more often together than by chance"},
        {"Leverage (%)", CB_CELL_PERCENT, 2, 10, "Q6: share of all cases above chance"},
        {"p adjusted", CB_CELL_P, 3, 10, "Benjamini-Hochberg"}};
    const cb_recurrences *r = &c->now->recurrence;
    cb_sheet *sheet =
        cb_workbook_sheet(c->workbook, "Pairs", "Pairs that occur together more often than chance",
                          "Lift and leverage of two attributes of a case (Q6).");
    cb_sheet_finding(sheet, "%s tested, %s beyond chance.", cb_say_several(c, r->pairs_tested, "pair"),
                     cb_say_count(c, r->pairs_found));
    if (r->pairs == 0)
        return;
    cb_grid *grid = cb_grid_of(c, sheet, "pairs", "Pairs", columns, 8);
    for (uint32_t i = 0; i < r->pairs && i < 200; i++) {
        const cb_pair_lift *p = &r->pair[i];
        cb_grid_row(grid);
        cb_put_textf(grid, 0, "%s: %s", cb_dim_titles[p->dim_a],
                     cb_say_word(c, cb_dim_text(c->book, p->dim_a, p->word_a)));
        cb_put_textf(grid, 1, "%s: %s", cb_dim_titles[p->dim_b],
                     cb_say_word(c, cb_dim_text(c->book, p->dim_b, p->word_b)));
        cb_put_count(grid, 2, p->both);
        cb_put_count(grid, 3, p->a);
        cb_put_count(grid, 4, p->b);
        cb_put_number(grid, 5, p->lift);
        cb_put_percent(grid, 6, p->leverage);
        cb_put_number(grid, 7, p->q);
    }
}

static void fixes(cb_compose *c)
{
    static const cb_grid_column columns[] = {{"Group", CB_CELL_TEXT, 0, 36, NULL},
                                             {"Fixed on", CB_CELL_DATE, 0, 12, NULL},
                                             {"Rate after / before", CB_CELL_NUMBER, 2, 12, "Q7"},
                                             {"95 % low", CB_CELL_NUMBER, 2, 10, NULL},
                                             {"95 % high", CB_CELL_NUMBER, 2, 10, NULL},
                                             {"Verdict", CB_CELL_TEXT, 0, 30, NULL}};
    const cb_trend *trend = &c->now->trend;
    cb_sheet *sheet = cb_workbook_sheet(
        c->workbook, "Fixes", "Fixes: did the last fix work?",
        "Rate of cases after a configured fix date against before ([fixes] in the config).");
    cb_grid *grid = NULL;
    for (unsigned i = 0; i < trend->charts; i++) {
        const cb_trend_chart *chart = &trend->chart[i];
        if (!chart->has_fix)
            continue;
        if (!grid)
            grid = cb_grid_of(c, sheet, "fixes", "Before and after", columns, 6);
        cb_grid_row(grid);
        cb_put_word(grid, 0, cb_dim_text(c->book, chart->dim, chart->word));
        cb_put_date(grid, 1, chart->fix_utc_s);
        cb_put_est(grid, 2, chart->fix_ratio);
        bool lower = chart->fix_ratio.high<1, higher = chart->fix_ratio.low> 1;
        cb_put_text(grid, 5,
                    lower    ? CB_LIT("fewer cases than before")
                    : higher ? CB_LIT("MORE cases than before")
                             : CB_LIT("no evidence of change"));
    }
    for (unsigned i = 0; i < trend->fixes_unknown; i++)
        cb_sheet_paragraph(sheet,
                           "%s: not estimable, no cause, product or kind of that name is in "
                           "the input.",
                           cb_say_word(c, trend->fix_unknown[i]));
    if (!grid && trend->fixes_unknown == 0)
        cb_sheet_paragraph(
            sheet, "No fix date is configured. Write for example: [fixes] 2026-05-01 = seal leak");
}

cb_status cb_compose_root_cause(cb_compose *c)
{
    const char *title =
        cb_arena_text(c->arena, "Root causes %s", c->scope->window[CB_NOW].period.label).at;
    cb_sheet *first = cb_workbook_sheet(
        c->workbook, "Clusters", title ? title : "Root causes",
        "Which problems keep coming back, where, and what each would be worth fixing.");
    clusters_sheet(c, first);
    all_clusters(c);
    heat_map(c);
    rising(c);
    cb_sheet_trends(c);
    repeats(c);
    pairs(c);
    fixes(c);
    cb_sheet_cases(c);
    cb_sheet_checks(c);
    cb_sheet_quality(c);
    cb_sheet_method(c, NULL);
    cb_sheet_run(c);
    return cb_workbook_status(c->workbook, c->err);
}
