/* The nightly workbook: what must be done today, which customers are at risk, did anything change
 * that is not noise? */
#include <math.h>

#include "actions.h"
#include "quarterly.h"

static void put_stake(cb_grid *grid, unsigned column, const cb_action_list *actions)
{
    int64_t sum = 0;
    bool known = actions->n == 0, too_large = false;
    for (uint32_t i = 0; i < actions->n; i++) {
        known |= actions->action[i].stake_known;
        too_large |= __builtin_add_overflow(sum, actions->action[i].stake_minor, &sum);
    }
    if (!known || too_large)
        cb_put_none(grid, column,
                    known ? "too large to be shown" : "no yearly value and no loss is known");
    else
        cb_put_money(grid, column, sum);
}

static void today_figures(cb_compose *c, cb_sheet *sheet, const cb_action_list *actions)
{
    static const cb_grid_column columns[] = {
        {"Today", CB_CELL_TEXT, 0, 60, NULL},
        {"Number", CB_CELL_COUNT, 0, 12, NULL},
        {"Value at stake", CB_CELL_MONEY, 0, 16,
         "C6: yearly value of the customers; of cases also the loss not made good (A3)"}};
    const cb_churn *churn = &c->now->churn;
    const cb_flow *flow = &c->now->flow;
    cb_grid *grid = cb_grid_of(c, sheet, "today", "At a glance", columns, 3);
    cb_grid_row(grid);
    cb_put_text(grid, 0,
                CB_LIT("Customers at risk: problem not solved quickly and adequately (C3)"));
    cb_put_count(grid, 1, churn->at_risk);
    if (churn->at_risk_value_minor != CB_NO_AMOUNT)
        cb_put_money(grid, 2, churn->at_risk_value_minor);
    else
        cb_put_none(grid, 2, cb_no_value);
    cb_grid_row(grid);
    cb_put_text(grid, 0, CB_LIT("Cases that need someone (see Actions)"));
    cb_put_count(grid, 1, actions->n);
    put_stake(grid, 2, actions);
    if (actions->n > 0)
        cb_set_link(grid, 0, "actions");
    for (int why = 0; why < CB_ACTION_REASONS; why++) {
        cb_grid_row(grid);
        cb_put_textf(grid, 0, "   %s", cb_action_titles[why]);
        cb_put_count(grid, 1, actions->by_reason[why]);
    }
    const struct {
        const char *words;
        uint64_t n;
    } rows[] = {{"Cases opened (R6)", flow->opened},
                {"Cases solved (R6)", flow->resolved_for_good},
                {"Open at the end (R6)", flow->open_at_end}};
    for (unsigned i = 0; i < 3; i++) {
        cb_grid_row(grid);
        cb_put_text(grid, 0, cb_str_of(rows[i].words));
        cb_set_link(grid, 0, "backlog");
        cb_put_count(grid, 1, rows[i].n);
    }
}

static void today(cb_compose *c, cb_sheet *sheet, const cb_action_list *actions)
{
    const cb_churn *churn = &c->now->churn;
    if (churn->at_risk_value_minor != CB_NO_AMOUNT)
        cb_sheet_heading(sheet, "%s at risk, worth %s a year",
                         cb_say_several(c, churn->at_risk, "customer"),
                         cb_say_money(c, (double)churn->at_risk_value_minor));
    else
        cb_sheet_heading(sheet, "%s at risk", cb_say_several(c, churn->at_risk, "customer"));
    cb_sheet_paragraph(sheet,
                       "At risk: their latest case of the last %.0f days is unresolved, was solved "
                       "late, or its remedy fell short of the loss.",
                       c->settings->assumption[CB_A_AFTER_PROBLEM_DAYS].base);
    cb_sheet_heading(sheet, "What changed beyond chance");
    cb_findings(c, sheet);
    today_figures(c, sheet, actions);
    const cb_grid *flow = cb_workbook_find(c->workbook, CB_LIT("flow_days"));
    if (flow && flow->rows > 1) {
        cb_chart *chart = cb_picture(sheet, CB_CHART_LINE, "", "cases a day (R6)");
        cb_chart_title(chart, "%s open at the end, %s at the start of the last four weeks",
                       cb_say_several(c, c->now->flow.open_at_end, "case"),
                       cb_say_count(c, c->now->flow.row[0].open_at_start));
        cb_chart_series(chart, flow, 0, 2, "opened", CB_LOOK_MAIN);
        cb_chart_series(chart, flow, 0, 3, "solved", CB_LOOK_SECOND);
        cb_chart_alt(chart, "Line chart of cases opened and solved a day over the last four weeks");
        if (chart)
            chart->beside = true;
    }
}

static void backlog_grid(cb_compose *c, cb_sheet *sheet)
{
    cb_grid_column columns[CB_AGE_BANDS + 2] = {{"Priority", CB_CELL_TEXT, 0, 0, NULL},
                                                {"Open", CB_CELL_COUNT, 0, 10, NULL}};
    for (int band = 0; band < CB_AGE_BANDS; band++)
        columns[2 + band] = (cb_grid_column){cb_age_band_titles[band], CB_CELL_COUNT, 0, 10, NULL};
    const cb_flow *flow = &c->now->flow;
    cb_grid *grid = cb_grid_of(c, sheet, "backlog", "Open cases by priority and age (R6)", columns,
                               CB_AGE_BANDS + 2);
    uint32_t total = 0;
    for (uint32_t i = 0; i < flow->backlog_rows; i++) {
        cb_grid_row(grid);
        cb_put_word(grid, 0, flow->backlog[i].text);
        cb_put_count(grid, 1, flow->backlog[i].n);
        for (unsigned band = 0; band < CB_AGE_BANDS; band++)
            cb_put_count(grid, 2 + band, flow->backlog[i].by_age[band]);
        total += flow->backlog[i].n;
    }
    cb_grid_row(grid);
    cb_put_text(grid, 0, CB_LIT("All"));
    cb_put_count(grid, 1, total);
    for (unsigned band = 0; band < CB_AGE_BANDS; band++)
        cb_put_count(grid, 2 + band, flow->backlog_by_age[band]);
    cb_grid_total(grid);
}

static void age_chart(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {{"Age", CB_CELL_TEXT, 0, 0, NULL},
                                             {"Open cases", CB_CELL_COUNT, 0, 10, NULL}};
    const cb_flow *flow = &c->now->flow;
    cb_grid *grid = cb_grid_of(c, sheet, "backlog_age", "Open cases by age (R6)", columns, 2);
    for (unsigned band = 0; band < CB_AGE_BANDS; band++) {
        cb_grid_row(grid);
        cb_put_text(grid, 0, cb_str_of(cb_age_band_titles[band]));
        cb_put_count(grid, 1, flow->backlog_by_age[band]);
    }
    cb_chart *chart = cb_picture(sheet, CB_CHART_COLUMN, "age", "open cases (R6)");
    cb_chart_title(
        chart, "%s of %s open cases are older than 30 days",
        cb_say_count(c, flow->backlog_by_age[CB_AGE_90D] + flow->backlog_by_age[CB_AGE_OLDER]),
        cb_say_count(c, flow->open_at_end));
    cb_chart_series(chart, grid, 0, 1, "Open cases", CB_LOOK_MAIN);
    cb_chart_alt(chart, "Column chart of open cases by age");
    if (chart)
        chart->beside = true;
}

static void flow_days(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {{"Day", CB_CELL_TEXT, 0, 0, NULL},
                                             {"Open at start", CB_CELL_COUNT, 0, 10, NULL},
                                             {"Opened", CB_CELL_COUNT, 0, 10, NULL},
                                             {"Solved", CB_CELL_COUNT, 0, 10, NULL},
                                             {"Open at end", CB_CELL_COUNT, 0, 10, NULL}};
    const cb_flow *flow = &c->now->flow;
    cb_grid *grid =
        cb_grid_of(c, sheet, "flow_days",
                   "Flow by day: open at start + opened - solved = open at end (R6)", columns, 5);
    for (uint32_t i = 0; i < flow->rows; i++) {
        cb_grid_row(grid);
        cb_put_text(grid, 0, cb_str_of(flow->row[i].period.label));
        const uint32_t counts[] = {flow->row[i].open_at_start, flow->row[i].opened,
                                   flow->row[i].resolved, flow->row[i].open_at_end};
        for (unsigned k = 0; k < 4; k++)
            cb_put_count(grid, 1 + k, counts[k]);
    }
}

static void backlog(cb_compose *c)
{
    cb_sheet *sheet =
        cb_workbook_sheet(c->workbook, "Backlog", "Backlog and flow",
                          "What is open, how old it is, and whether more comes in than goes out.");
    backlog_grid(c, sheet);
    age_chart(c, sheet);
    flow_days(c, sheet);
}

enum { MOST_NEW_REVIEWS = 1000 };

static uint32_t rows_of_day(cb_compose *c, uint32_t rows[MOST_NEW_REVIEWS], uint32_t *all)
{
    const cb_table *reviews = &c->book->table[CB_REVIEWS];
    const cb_period *day = &c->scope->window[CB_NOW].period;
    uint32_t n = 0;
    *all = 0;
    for (uint32_t row = 0; row < reviews->n; row++) {
        int64_t posted = cb_time(reviews, CB_REVIEW_POSTED, row);
        if (posted < day->from_utc_s || posted >= day->to_utc_s)
            continue;
        if (n < MOST_NEW_REVIEWS)
            rows[n++] = row;
        (*all)++;
    }
    return n;
}

static void new_reviews(cb_compose *c)
{
    static const cb_grid_column columns[] = {
        {"Review", CB_CELL_TEXT, 0, 20, NULL},
        {"Posted", CB_CELL_TIME, 0, 17, NULL},
        {"Rating (1-5)", CB_CELL_NUMBER, 1, 10, NULL},
        {"Product", CB_CELL_TEXT, 0, 26, NULL},
        {"Site", CB_CELL_TEXT, 0, 18, NULL},
        {"Reach (people)", CB_CELL_COUNT, 0, 12, NULL},
        {"Case", CB_CELL_TEXT, 0, 16, "V2: linked by id, else by customer and product"},
        {"Case state", CB_CELL_TEXT, 0, 18, NULL}};
    static const char *const states[] = {"open", "resolved", "closed, time unknown", "withdrawn"};
    cb_sheet *sheet = cb_workbook_sheet(
        c->workbook, "New reviews", "New reviews",
        "Reviews posted in the period, with the case behind them where one is linked.");
    uint32_t *rows = cb_arena_array(c->arena, MOST_NEW_REVIEWS, sizeof *rows), all = 0;
    uint32_t n = rows ? rows_of_day(c, rows, &all) : 0;
    const cb_table *reviews = &c->book->table[CB_REVIEWS];
    if (n == 0) {
        cb_sheet_finding(sheet, "%s",
                         reviews->n == 0 ? "No reviews are in the input."
                                         : "No review was posted in the period.");
        return;
    }
    cb_grid *grid = cb_grid_of(c, sheet, "new_reviews", "Reviews of the period", columns, 8);
    if (all > n)
        cb_grid_caption(grid, "The first %s of %s.", cb_say_count(c, n), cb_say_count(c, all));
    for (uint32_t i = 0; i < n; i++) {
        uint32_t row = rows[i], link = c->book->review_case ? c->book->review_case[row] : CB_NO_ROW;
        cb_grid_row(grid);
        cb_put_text(grid, 0, cb_shown_id(c, CB_POOL_REVIEW, cb_word(reviews, CB_REVIEW_ID, row)));
        cb_put_time(grid, 1, cb_time(reviews, CB_REVIEW_POSTED, row));
        if (cb_score(reviews, CB_REVIEW_RATING, row) != CB_NO_SCORE)
            cb_put_number(grid, 2, cb_score(reviews, CB_REVIEW_RATING, row) / 100.0);
        if (cb_word(reviews, CB_REVIEW_PRODUCT, row) != CB_UNKNOWN_ID)
            cb_put_text(grid, 3,
                        cb_intern_text(c->book->pool[CB_POOL_PRODUCT],
                                       cb_word(reviews, CB_REVIEW_PRODUCT, row)));
        if (cb_word(reviews, CB_REVIEW_SITE, row) != CB_UNKNOWN_ID)
            cb_put_text(
                grid, 4,
                cb_intern_text(c->book->pool[CB_POOL_SITE], cb_word(reviews, CB_REVIEW_SITE, row)));
        if (cb_count(reviews, CB_REVIEW_REACH, row) != CB_NO_COUNT)
            cb_put_count(grid, 5, cb_count(reviews, CB_REVIEW_REACH, row));
        if (link != CB_NO_ROW) {
            cb_put_text(
                grid, 6,
                cb_shown_id(c, CB_POOL_CASE, cb_word(&c->book->table[CB_CASES], CB_CASE_ID, link)));
            cb_put_text(grid, 7, cb_str_of(states[c->scope->derived->state[link]]));
        }
    }
}

cb_status cb_compose_nightly(cb_compose *c)
{
    static const char *const methods[] = {"T1", "T2", "T3", "R1", "R2", "R5", "R6", "R8",
                                          "A1", "A3", "C3", "C7", "Q1", "V1", "V2", NULL};
    const char *title =
        cb_arena_text(c->arena, "Service today, %s", c->scope->window[CB_NOW].period.label).at;
    cb_action_list actions;
    cb_status rc = cb_actions_find(c, &actions);
    if (rc != CB_OK)
        return rc;
    cb_sheet *first =
        cb_workbook_sheet(c->workbook, "Today", title ? title : "Service today",
                          "What needs someone today, and which customers are at risk.");
    cb_sheet_actions(c, &actions);
    backlog(c);
    new_reviews(c);
    cb_sheet_quality(c);
    cb_sheet_checks(c);
    cb_sheet_method(c, methods);
    cb_sheet_run(c);
    today(c, first, &actions);
    return cb_workbook_status(c->workbook, c->err);
}
