/* workbook_demo.h - a workbook with every kind of block, cell and chart, for the tests of writer,
 * read-back, twin and publishing. */
#ifndef CASEBOOK_TESTS_WORKBOOK_DEMO_H
#define CASEBOOK_TESTS_WORKBOOK_DEMO_H

#include <math.h>
#include <stdio.h>

#include "casebook/workbook.h"

#define DEMO_AS_OF INT64_C(1790812799) /* 2026-09-30T23:59:59Z */

static void demo_summary(cb_workbook *w)
{
    static const cb_grid_column kpi[] = {
        {"Figure", CB_CELL_TEXT, 0, 0, NULL},
        {"Value", CB_CELL_NUMBER, 1, 0, NULL},
        {"Low (95 %)", CB_CELL_NUMBER, 1, 0, NULL},
        {"High (95 %)", CB_CELL_NUMBER, 1, 0, "95 % interval: methods R2 and C3"},
        {"n", CB_CELL_COUNT, 0, 0, NULL},
        {"Where", CB_CELL_TEXT, 0, 0, NULL},
    };
    cb_sheet *s = cb_workbook_sheet(
        w, "Summary", "Unsatisfactory service cost about 1.2 million USD this quarter",
        "2026-Q3, 1 July to 30 September 2026, as of 2026-09-30 23:59 UTC");
    cb_sheet_heading(s, "What happened");
    cb_sheet_finding(s, "Expected yearly loss from customers after a problem: 1,234,544.22 USD "
                        "(interval 0.9 to 1.6 million); the benchmark "
                        "says 15 %% of customers a year, the company's own data say 11 %%, and the "
                        "blend gives the own data a weight of 0.82.");
    cb_sheet_finding(
        s, "Half of the cases are solved within 20.5 hours; one in ten takes longer than 6 days.");
    cb_sheet_finding(
        s, "No evidence of a change in the resolution time against the quarter before (p = 0.41).");
    cb_sheet_paragraph(s, "Every figure stands with its number of cases and its 95 %% interval. A "
                          "figure that the input does not carry is shown "
                          "as n/e with the reason. The Method sheet says in words how each is "
                          "worked out, and the Assumptions sheet holds the "
                          "numbers that you may change: every cost in this workbook follows.");
    cb_grid *g = cb_sheet_grid(s, "headline", "Headline figures", kpi, 6);
    cb_grid_caption(g, "Costs are yearly, in USD. Intervals from 20,000 draws.");
    cb_grid_row(g);
    cb_put_text(g, 0, CB_LIT("Expected churn cost (USD a year)"));
    cb_put_money(g, 1, 123454422); /* 5,432 customers, 0.15, 1,515.15 each */
    cb_set_formula(g, 1, "=ROUND(customers_after_problem*annual_loss_rate*annual_value,2)");
    cb_set_name(g, 1, "expected_cost");
    cb_put_money(g, 2, 90000000);
    cb_put_money(g, 3, 160000050);
    cb_put_count(g, 4, 5432);
    cb_put_text(g, 5, CB_LIT("Churn"));
    cb_set_link(g, 5, "by_kind");
    cb_grid_row(g);
    cb_put_text(g, 0, CB_LIT("Share of customers lost"));
    cb_put_percent(g, 1, 0.1134);
    cb_put_percent(g, 2, 0.0871);
    cb_put_percent(g, 3, 0.1402);
    cb_put_count(g, 4, 5432);
    cb_put_text(g, 5, CB_LIT("Assumptions"));
    cb_set_link(g, 5, "assumptions");
    cb_grid_row(g);
    cb_put_text(g, 0, CB_LIT("Median time to resolution (h)"));
    cb_put_est(g, 1, cb_est_of(20.5, 19.1, NAN));
    cb_put_count(g, 4, 18211);
    cb_set_strong(g, 1, 2);
    cb_grid_row(g);
    cb_put_text(g, 0, CB_LIT("Adequacy of the remedy"));
    cb_put_est(g, 1, cb_est_none("no loss amount in the input"));
    cb_put_count(g, 4, 0);
}

static void demo_kinds(cb_workbook *w)
{
    static const cb_grid_column columns[] = {
        {"Kind of problem", CB_CELL_TEXT, 0, 0, NULL},
        {"Cases", CB_CELL_COUNT, 0, 0, NULL},
        {"Median (h)", CB_CELL_NUMBER, 1, 0,
         "R2: Kaplan-Meier median over all cases opened in the period; open cases are counted as "
         "censored."},
        {"Within target", CB_CELL_PERCENT, 1, 0, NULL},
        {"Shortfall (USD)", CB_CELL_MONEY, 2, 0,
         "A3: sum of loss less remedy where the remedy was smaller"},
        {"Churn cost a year (USD)", CB_CELL_MONEY, 0, 0, NULL},
    };
    static const struct {
        const char *kind;
        unsigned cases;
        double median, share;
        int64_t shortfall, cost;
    } rows[] = {
        {"Late urgent order", 812, 41.25, 0.612, 4125050, 31200000},
        {"Wrong part", 640, 30.5, 0.701, 1800025, 22500000},
        {"Defective product", 402, 66.1, 0.442, 7812599, 41000000},
        {"Mistreated by staff", 97, 12.4, 0.9, 120000, 9900000},
        {"False promise", 61, 55.9, 0.39, 455010, 8700000},
        {"Injury", 9, 5.2, 1, 0, 2100000},
    };
    cb_sheet *s = cb_workbook_sheet(
        w, "Problems", "Defective products are 1 in 5 cases and a third of the cost", "2026-Q3");
    cb_grid *g = cb_sheet_grid(s, "by_kind", "By kind of problem", columns, 6);
    cb_grid_caption(g, "Cases opened in the period, by their kind; the total counts a case once.");
    unsigned cases = 0;
    int64_t shortfall = 0, cost = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cb_grid_row(g);
        cb_put_textf(g, 0, "%s", rows[i].kind);
        cb_put_count(g, 1, rows[i].cases);
        if (rows[i].cases < 10)
            cb_put_none(g, 2, "fewer than 10 cases");
        else
            cb_put_number(g, 2, rows[i].median);
        cb_put_percent(g, 3, rows[i].share);
        cb_put_money(g, 4, rows[i].shortfall);
        cb_put_money(g, 5, rows[i].cost);
        cases += rows[i].cases;
        shortfall += rows[i].shortfall;
        cost += rows[i].cost;
    }
    cb_grid_row(g);
    cb_put_text(g, 0, CB_LIT("Total"));
    cb_put_count(g, 1, cases);
    cb_set_formula(g, 1, "=SUM({by_kind!1})");
    cb_put_number(g, 2, 38.4);
    cb_put_percent(g, 3, 0.613);
    cb_put_money(g, 4, shortfall);
    cb_set_formula(g, 4, "=SUM({by_kind!4})");
    cb_put_money(g, 5, cost);
    cb_grid_total(g);
    cb_chart *c =
        cb_sheet_chart(s, CB_CHART_BAR, "Defective products cost most: 410,000 USD a year", "Kind",
                       "Churn cost a year (USD)");
    cb_chart_series(c, g, 0, 5, "Churn cost", CB_LOOK_MAIN);
    cb_chart_alt(c, "Bar chart of the yearly churn cost by kind of problem; defective products "
                    "lead with 410,000 USD.");
    if (c) {
        c->beside = true;
        c->width_px = 560;
        c->height_px = 300;
    }
    c = cb_sheet_chart(s, CB_CHART_COLUMN, "Late urgent orders are the most frequent", "Kind",
                       "Cases");
    cb_chart_series(c, g, 0, 1, "Cases", CB_LOOK_MAIN);
    c = cb_sheet_chart(s, CB_CHART_COLUMN, "Share within target by kind", "Kind", "Within target");
    cb_chart_series(c, g, 0, 3, "Within target", CB_LOOK_SECOND);
    if (c) {
        c->beside = c->percent_axis = true;
        c->width_px = 520;
        c->y_max = 1;
    }
}

static void demo_stacks(cb_workbook *w)
{
    static const cb_grid_column columns[] = {{"Quarter", CB_CELL_TEXT, 0, 0, NULL},
                                             {"None", CB_CELL_COUNT, 0, 0, NULL},
                                             {"Partial", CB_CELL_COUNT, 0, 0, NULL},
                                             {"Adequate", CB_CELL_COUNT, 0, 0, NULL},
                                             {"Generous", CB_CELL_COUNT, 0, 0, NULL}};
    static const cb_series_look looks[] = {CB_LOOK_SECOND, CB_LOOK_MUTED, CB_LOOK_MAIN,
                                           CB_LOOK_THIRD};
    cb_sheet *s =
        cb_workbook_sheet(w, "Remedy", "One remedy in three is smaller than the loss", NULL);
    cb_grid *g = cb_sheet_grid(s, "bands", "Remedies by band", columns, 5);
    for (unsigned i = 0; i < 4; i++) {
        cb_grid_row(g);
        cb_put_textf(g, 0, "2025-Q%u", i + 1);
        for (unsigned k = 0; k < 4; k++)
            cb_put_count(g, k + 1, 20 + 13 * k + 7 * i * (k % 2));
    }
    static const cb_chart_kind kinds[] = {CB_CHART_STACKED_COLUMN, CB_CHART_STACKED_BAR};
    for (unsigned k = 0; k < 2; k++) {
        cb_chart *c = cb_sheet_chart(s, kinds[k], "Adequate remedies grow", "Quarter", "Cases");
        for (unsigned i = 0; i < 4; i++)
            cb_chart_series(c, g, 0, i + 1, columns[i + 1].title, looks[i]);
        if (c && k) {
            c->beside = true;
            c->width_px = 480;
        } else if (c) {
            c->width_px = 480;
        }
    }
}

static void demo_control(cb_sheet *s)
{
    static const cb_grid_column columns[] = {
        {"Week of", CB_CELL_DATE, 0, 0, NULL},       {"Cases", CB_CELL_NUMBER, 0, 0, NULL},
        {"Mean", CB_CELL_NUMBER, 1, 0, NULL},        {"Lower limit", CB_CELL_NUMBER, 1, 0, NULL},
        {"Upper limit", CB_CELL_NUMBER, 1, 0, NULL}, {"Signal", CB_CELL_NUMBER, 0, 0, NULL}};
    cb_grid *g = cb_sheet_grid(s, "weekly", "Cases a week", columns, 6);
    for (int i = 0; i < 26; i++) {
        double y = 100 + 9 * sin(i * 1.7) + (i == 20 ? 46 : 0);
        cb_grid_row(g);
        cb_put_date(g, 0, DEMO_AS_OF - (int64_t)(26 - i) * 7 * CB_DAY_S);
        cb_put_number(g, 1, floor(y));
        cb_put_number(g, 2, 100.4);
        cb_put_number(g, 3, 70.3);
        cb_put_number(g, 4, 130.5);
        if (i == 20)
            cb_put_number(g, 5, floor(y));
        else
            cb_put_none(g, 5, "no signal");
    }
    cb_chart *c =
        cb_sheet_chart(s, CB_CHART_LINE, "Week of 12 August: more cases than chance explains",
                       "Week of", "Cases a week");
    cb_chart_series(c, g, 0, 1, "Cases", CB_LOOK_MAIN);
    cb_chart_series(c, g, 0, 2, "Mean", CB_LOOK_MEAN);
    cb_chart_series(c, g, 0, 3, "Lower limit", CB_LOOK_LIMIT);
    cb_chart_series(c, g, 0, 4, "Upper limit", CB_LOOK_LIMIT);
    cb_chart_series(c, g, 0, 5, "Signal", CB_LOOK_SIGNAL);
    if (c)
        c->beside = true;
}

static void demo_curves(cb_sheet *s)
{
    static const cb_grid_column curve[] = {
        {"Hours", CB_CELL_NUMBER, 1, 0, NULL},
        {"Still open, this quarter", CB_CELL_PERCENT, 1, 0, NULL},
        {"Still open, last quarter", CB_CELL_PERCENT, 1, 0, NULL}};
    static const cb_grid_column funnel[] = {{"Cases", CB_CELL_COUNT, 0, 0, NULL},
                                            {"Share adequate", CB_CELL_PERCENT, 1, 0, NULL},
                                            {"Lower", CB_CELL_PERCENT, 1, 0, NULL},
                                            {"Upper", CB_CELL_PERCENT, 1, 0, NULL},
                                            {"Outside", CB_CELL_PERCENT, 1, 0, NULL}};
    cb_grid *g = cb_sheet_grid(s, "curve", "Time to resolution", curve, 3);
    double a = 1, b = 1;
    for (int i = 0; i < 24; i++) {
        cb_grid_row(g);
        cb_put_number(g, 0, 6.0 * ((i + 1) / 2));
        cb_put_percent(g, 1, a);
        cb_put_percent(g, 2, b);
        a *= i % 2 ? 0.8 : 1;
        b *= i % 2 ? 0.86 : 1;
    }
    cb_chart *c =
        cb_sheet_chart(s, CB_CHART_STEP, "Cases are solved sooner than in the quarter before",
                       "Hours since opening", "Still open");
    cb_chart_series(c, g, 0, 1, "2026-Q3", CB_LOOK_MAIN);
    cb_chart_series(c, g, 0, 2, "2026-Q2", CB_LOOK_MUTED);
    if (c) {
        c->beside = c->percent_axis = true;
        c->y_max = 1;
    }
    g = cb_sheet_grid(s, "funnel", "Teams", funnel, 5);
    for (int i = 0; i < 14; i++) {
        double n = 20 + 25 * i, half = 3 * sqrt(0.6 * 0.4 / n);
        bool out = i == 9;
        cb_grid_row(g);
        cb_put_count(g, 0, (uint64_t)n);
        cb_put_percent(g, 1, out ? 0.42 : 0.6 + half * 0.6 * sin(i * 2.1));
        cb_put_percent(g, 2, 0.6 - half);
        cb_put_percent(g, 3, 0.6 + half);
        if (out)
            cb_put_percent(g, 4, 0.42);
        else
            cb_put_none(g, 4, "inside the limits");
    }
    c = cb_sheet_chart(s, CB_CHART_SCATTER, "One team differs by more than chance",
                       "Cases of the team", "Share adequate");
    cb_chart_series(c, g, 0, 1, "Teams", CB_LOOK_POINTS);
    cb_chart_series(c, g, 0, 2, "Limits (99.8 %)", CB_LOOK_LIMIT);
    cb_chart_series(c, g, 0, 3, "", CB_LOOK_LIMIT);
    cb_chart_series(c, g, 0, 4, "Outside the limits", CB_LOOK_SIGNAL);
    if (c)
        c->beside = c->percent_axis = true;
}

static void demo_assumptions(cb_workbook *w)
{
    static const cb_grid_column columns[] = {
        {"Assumption", CB_CELL_TEXT, 0, 0, NULL},    {"Value", CB_CELL_NUMBER, 2, 0, NULL},
        {"Min", CB_CELL_NUMBER, 2, 0, NULL},         {"Max", CB_CELL_NUMBER, 2, 0, NULL},
        {"What it means", CB_CELL_TEXT, 0, 0, NULL}, {"Evidence", CB_CELL_TEXT, 0, 0, NULL}};
    cb_sheet *s = cb_workbook_sheet(
        w, "Assumptions", "Assumptions: change the yellow cells and every cost follows", NULL);
    cb_grid *g = cb_sheet_grid(s, "assumptions", "Assumptions", columns, 6);
    if (g)
        g->input = true;
    cb_grid_row(g);
    cb_put_text(g, 0, CB_LIT("Yearly loss to unsatisfactory service"));
    cb_put_percent(g, 1, 0.15);
    cb_set_name(g, 1, "annual_loss_rate");
    cb_put_percent(g, 2, 0);
    cb_put_percent(g, 3, 0.5);
    cb_put_text(
        g, 4,
        CB_LIT("Share of customers that a company loses in a year because of unsatisfactory "
               "service. A widely repeated figure "
               "without a traceable study; the company's own data replace it as they grow."));
    cb_put_text(g, 5, CB_LIT("C"));
    cb_grid_row(g);
    cb_put_text(g, 0, CB_LIT("Customers after a problem"));
    cb_put_count(g, 1, 5432);
    cb_set_name(g, 1, "customers_after_problem");
    cb_put_text(g, 5, CB_LIT("input"));
    cb_grid_row(g);
    cb_put_text(g, 0, CB_LIT("Yearly value of a customer (USD)"));
    cb_put_number(g, 1, 1515.15);
    cb_set_name(g, 1, "annual_value");
    cb_put_text(g, 5, CB_LIT("config"));
}

static void demo_cases(cb_workbook *w, unsigned rows)
{
    static const cb_grid_column columns[] = {
        {"Case", CB_CELL_TEXT, 0, 0, NULL},        {"Opened", CB_CELL_TIME, 0, 0, NULL},
        {"Promised", CB_CELL_DATE, 0, 0, NULL},    {"Kind", CB_CELL_TEXT, 0, 0, NULL},
        {"Loss (USD)", CB_CELL_MONEY, 2, 0, NULL}, {"Remedy ÷ loss", CB_CELL_PERCENT, 0, 0, NULL},
        {"Transfers", CB_CELL_COUNT, 0, 0, NULL},  {"Remark", CB_CELL_TEXT, 0, 0, NULL}};
    cb_sheet *s = cb_workbook_sheet(w, "Cases", "Cases behind the totals", "Filter by any column");
    cb_grid *g = cb_sheet_grid(s, "cases", "One row per case", columns, 8);
    if (g)
        g->filter = true;
    cb_grid_reserve(g, rows);
    for (unsigned i = 0; i < rows; i++) {
        cb_grid_row(g);
        cb_put_textf(g, 0, "%08u", 100200 + i);
        cb_put_time(g, 1, DEMO_AS_OF - (int64_t)i * 54321);
        if (i % 5)
            cb_put_date(g, 2, DEMO_AS_OF - (int64_t)i * 54321 + 3 * CB_DAY_S);
        cb_put_text(g, 3, i % 3 ? CB_LIT("Wrong part") : CB_LIT("=HYPERLINK(\"http://x\",\"y\")"));
        cb_put_money(g, 4, (int64_t)i * 12345 - 5000);
        if (i % 4)
            cb_put_percent(g, 5, (i % 7) / 5.0);
        else
            cb_put_none(g, 5, "loss not known");
        cb_put_count(g, 6, i % 4);
        cb_put_text(g, 7,
                    i % 9 ? CB_LIT("ok")
                          : CB_LIT("Second visit agreed with the customer for next Monday; part "
                                   "_x0041_ in stock"));
    }
}

static void demo_method(cb_workbook *w)
{
    cb_sheet *s = cb_workbook_sheet(w, "Method", "How the figures are worked out", NULL);
    cb_sheet_heading(s, "Time to resolution (R2)");
    for (int i = 0; i < 3; i++)
        cb_sheet_paragraph(s, "The curve of cases still open is the Kaplan-Meier estimate: each "
                              "case counts for as long as it has been seen, and "
                              "a case that is still open is not left out. That is why a growing "
                              "backlog cannot make the median look better.");
    if (s)
        s->portrait = true;
}

static cb_workbook *demo_workbook(cb_arena *arena, unsigned cases)
{
    cb_workbook *w = cb_workbook_new(arena, "quarterly-2026-Q3", "casebook quarterly 2026-Q3");
    if (!w)
        return NULL;
    (void)snprintf(w->currency, sizeof w->currency, "USD");
    w->footer = CB_LIT("casebook run 3f2a9c & co, as of 2026-09-30T23:59:59Z");
    w->created_utc_s = DEMO_AS_OF;
    demo_summary(w);
    demo_kinds(w);
    demo_stacks(w);
    cb_sheet *s = cb_workbook_sheet(w, "Signals",
                                    "One signal in 26 weeks; everything else is noise", "2026-Q3");
    cb_sheet_heading(s, "Control charts");
    demo_control(s);
    demo_curves(s);
    demo_assumptions(w);
    demo_cases(w, cases);
    demo_method(w);
    return w;
}

#endif
