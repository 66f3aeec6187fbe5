/* Practice: which steps of service recovery were done, and what goes with them. Association, not
 * proof. */
#include <math.h>

#include "model.h"
#include "quarterly.h"

static const char not_in_input[] = "not in the input";

static void steps(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {
        {"Step", CB_CELL_TEXT, 0, 40, NULL},
        {"Done", CB_CELL_COUNT, 0, 10, NULL},
        {"n", CB_CELL_COUNT, 0, 10, "Cases where the step applies and is known"},
        {"Coverage (%)", CB_CELL_PERCENT, 1, 10, "n / cases of the period"},
        {"Done (%)", CB_CELL_PERCENT, 1, 10, "P1"},
        {"95 % low", CB_CELL_PERCENT, 1, 10, "Wilson"},
        {"95 % high", CB_CELL_PERCENT, 1, 10, NULL},
        {"Cost of what was missed", CB_CELL_MONEY, 0, 14,
         "Expected churn cost + shortfall of the cases that missed the step"}};
    const cb_practice *p = &c->now->practice;
    cb_grid *grid = cb_sheet_grid(sheet, "practice_steps", "Steps of the practice", columns, 8);
    for (int s = 0; s < CB_STEPS; s++) {
        const cb_step_figures *f = &p->step[s];
        cb_grid_row(grid);
        cb_put_text(grid, 0, cb_str_of(cb_step_titles[s]));
        if (f->reason) {
            for (unsigned k = 1; k < 8; k++)
                cb_put_none(grid, k, f->reason);
            continue;
        }
        cb_put_count(grid, 1, f->done);
        cb_put_count(grid, 2, f->eligible);
        cb_put_percent(grid, 3, f->cases ? (double)f->eligible / f->cases : NAN);
        cb_put_est(grid, 4, f->share);
        bool priced = cb_est_ok(c->now->churn.cost_minor);
        cb_cost_share missed = {priced ? f->missed_churn_minor : NAN, f->missed_lost,
                                f->missed_cost_minor - f->missed_churn_minor, true};
        cb_put_share_of_cost(c, grid, 7, missed);
    }
    cb_chart *chart = cb_sheet_chart(sheet, CB_CHART_BAR, "How often each step was done", "",
                                     "share of cases where it applies");
    cb_chart_series(chart, grid, 0, 4, "Done", CB_LOOK_MAIN);
    if (chart)
        chart->percent_axis = true;
    cb_chart_alt(chart, "Bar chart of the share of cases in which each step was done");
}

static void share_cell(cb_grid *grid, unsigned column, uint32_t yes, uint32_t n)
{
    if (n > 0)
        cb_put_percent(grid, column, (double)yes / n);
    else
        cb_put_none(grid, column, "no case");
}

static void effects(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {
        {"Step and outcome", CB_CELL_TEXT, 0, 40, NULL},
        {"With: n", CB_CELL_COUNT, 0, 10, NULL},
        {"outcome (%)", CB_CELL_PERCENT, 1, 10, NULL},
        {"Without: n", CB_CELL_COUNT, 0, 10, NULL},
        {"outcome (%), without", CB_CELL_PERCENT, 1, 10, NULL},
        {"Odds ratio", CB_CELL_NUMBER, 2, 10, "P1: Mantel-Haenszel within kind and band of loss"},
        {"95 % low", CB_CELL_NUMBER, 2, 10, NULL},
        {"95 % high", CB_CELL_NUMBER, 2, 10, NULL},
        {"Risk difference", CB_CELL_PERCENT, 1, 10, "P1"},
        {"diff. low", CB_CELL_PERCENT, 1, 10, NULL},
        {"diff. high", CB_CELL_PERCENT, 1, 10, NULL}};
    static const char *const outcomes[CB_EFFECTS] = {
        "satisfied (4 or 5)", "repeat within the window", "left within the window"};
    const cb_practice *p = &c->now->practice;
    cb_grid *grid = NULL;
    for (int s = 0; s < CB_STEPS; s++) {
        if (p->step[s].reason)
            continue;
        for (int e = 0; e < CB_EFFECTS; e++) {
            const cb_effect *effect = &p->step[s].effect[e];
            if (effect->with_n + effect->without_n == 0)
                continue;
            if (!grid)
                grid = cb_sheet_grid(sheet, "practice_effects",
                                     "Outcomes with and without each step: association, not proof",
                                     columns, 11);
            cb_grid_row(grid);
            cb_put_textf(grid, 0, "%s: %s", cb_step_titles[s], outcomes[e]);
            cb_put_count(grid, 1, effect->with_n);
            share_cell(grid, 2, effect->with_yes, effect->with_n);
            cb_put_count(grid, 3, effect->without_n);
            share_cell(grid, 4, effect->without_yes, effect->without_n);
            cb_put_est(grid, 5, effect->odds_ratio);
            cb_put_est(grid, 8, effect->risk_difference);
        }
    }
    (void)c;
}

static void regression(cb_sheet *sheet, const cb_regression *r, const char *id, const char *title)
{
    static const cb_grid_column columns[] = {{"Variable", CB_CELL_TEXT, 0, 40, NULL},
                                             {"Odds ratio", CB_CELL_NUMBER, 2, 10, "P2"},
                                             {"95 % low", CB_CELL_NUMBER, 2, 10, NULL},
                                             {"95 % high", CB_CELL_NUMBER, 2, 10, NULL},
                                             {"p", CB_CELL_NUMBER, 3, 10, NULL}};
    if (r->reason || r->rows == 0) {
        cb_sheet_paragraph(sheet, "%s (P2): not estimable, %s.", title,
                           r->reason ? r->reason : "no data");
        return;
    }
    cb_grid *grid = cb_sheet_grid(sheet, id, title, columns, 5);
    cb_grid_caption(grid, "n = %u cases, %u events. Kind and band of loss are in the model too.",
                    r->n, r->events);
    for (unsigned i = 0; i < r->rows; i++) {
        cb_grid_row(grid);
        cb_put_text(grid, 0, cb_str_of(r->row[i].name));
        cb_put_est(grid, 1, r->row[i].odds_ratio);
        cb_put_number(grid, 4, r->row[i].p);
    }
}

static void ladder(cb_sheet *sheet, const cb_ladder_row rows[5], const char *id, const char *title,
                   const char *first)
{
    const cb_grid_column columns[] = {
        {first, CB_CELL_TEXT, 0, 40, NULL},
        {"Cases", CB_CELL_COUNT, 0, 10, NULL},
        {"Median (h)", CB_CELL_NUMBER, 1, 10, NULL},
        {"Satisfied (%)", CB_CELL_PERCENT, 1, 10, "Of those who answered"},
        {"95 % low", CB_CELL_PERCENT, 1, 10, NULL},
        {"95 % high", CB_CELL_PERCENT, 1, 10, NULL},
        {"Repeat (%)", CB_CELL_PERCENT, 1, 10, "Q1"},
        {"low", CB_CELL_PERCENT, 1, 10, NULL},
        {"high", CB_CELL_PERCENT, 1, 10, NULL}};
    uint32_t cases = 0;
    for (int i = 0; i < 5; i++)
        cases += rows[i].cases;
    if (cases == 0) {
        cb_sheet_paragraph(sheet, "%s: %s.", title, not_in_input);
        return;
    }
    cb_grid *grid = cb_sheet_grid(sheet, id, title, columns, 9);
    for (int i = 0; i < 5; i++) {
        cb_grid_row(grid);
        cb_put_textf(grid, 0, "%d%s", i, i == 4 ? " or more" : "");
        cb_put_count(grid, 1, rows[i].cases);
        cb_put_number(grid, 2, rows[i].median_hours);
        cb_put_est(grid, 3, rows[i].satisfied);
        cb_put_est(grid, 6, rows[i].repeat);
    }
}

static void liability(cb_compose *c, cb_sheet *sheet)
{
    const cb_practice *p = &c->now->practice;
    cb_sheet_heading(sheet, "Injury and legal exposure, promises, follow-ups, debrief");
    cb_sheet_paragraph(
        sheet, "Liability cases: %s, escalated %s, not escalated %s; median time to escalation %s.",
        cb_say_count(c, p->liability), cb_say_count(c, p->liability_escalated),
        cb_say_count(c, p->liability_missed), cb_say_hours(c, p->liability_median_hours));
    cb_sheet_paragraph(sheet,
                       "Promises: %s with a date, %s kept; overdue now: %s. Follow-ups due: %s, "
                       "done within the window: %s; overdue now: %s.",
                       cb_say_count(c, p->promises), cb_say_count(c, p->promises_kept),
                       cb_say_count(c, p->promises_overdue_now), cb_say_count(c, p->follow_ups_due),
                       cb_say_count(c, p->follow_ups_done),
                       cb_say_count(c, p->follow_ups_overdue_now));
    if (p->avoidable_known > 0)
        cb_sheet_paragraph(
            sheet,
            "Avoidable: %s of %s cases judged (%s); their expected churn cost and shortfall: %s.",
            cb_say_count(c, p->avoidable), cb_say_count(c, p->avoidable_known),
            cb_say_percent(c, (double)p->avoidable / p->avoidable_known),
            cb_say_money(c, p->avoidable_cost_minor));
    else
        cb_sheet_paragraph(sheet, "Avoidable: %s.", not_in_input);
    if (p->over_eligible > 0)
        cb_sheet_paragraph(sheet,
                           "More than was owed: %s of %s eligible cases (%s), %s above the losses.",
                           cb_say_count(c, p->over_remedied), cb_say_count(c, p->over_eligible),
                           cb_say_percent(c, (double)p->over_remedied / p->over_eligible),
                           cb_say_money(c, (double)p->over_cost_minor));
    if (p->satisfaction_eligible > 0)
        cb_sheet_paragraph(
            sheet,
            "Survey: %s of %s closed cases answered (%s); satisfied %s, mean %.2f of 5. Those who "
            "did not answer may think otherwise.",
            cb_say_count(c, p->satisfaction_known), cb_say_count(c, p->satisfaction_eligible),
            cb_say_percent(c, (double)p->satisfaction_known / p->satisfaction_eligible),
            cb_say_percent_range(c, p->satisfied_share),
            isfinite(p->satisfaction_mean) ? p->satisfaction_mean : 0.0);
}

static void skills(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {{"Skill needed", CB_CELL_TEXT, 0, 40, NULL},
                                             {"Cases", CB_CELL_COUNT, 0, 10, NULL}};
    const cb_practice *p = &c->now->practice;
    if (p->skills == 0)
        return;
    cb_grid *grid = cb_sheet_grid(sheet, "skills", "Skills that the debrief names", columns, 2);
    for (uint32_t i = 0; i < p->skills && i < CB_TOP_GROUPS; i++) {
        cb_grid_row(grid);
        cb_put_word(grid, 0, cb_intern_text(c->book->pool[CB_POOL_SKILL], p->skill[i].word));
        cb_put_count(grid, 1, p->skill[i].cases);
    }
}

static void phrases(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {
        {"Phrase", CB_CELL_TEXT, 0, 40, NULL},
        {"Cases", CB_CELL_COUNT, 0, 10, NULL},
        {"Share of texts (%)", CB_CELL_PERCENT, 1, 10, "V3"},
        {"95 % low", CB_CELL_PERCENT, 1, 10, NULL},
        {"95 % high", CB_CELL_PERCENT, 1, 10, NULL},
        {"Satisfied with it (%)", CB_CELL_PERCENT, 1, 10, NULL},
        {"Satisfied without it (%)", CB_CELL_PERCENT, 1, 10, NULL}};
    const cb_practice *p = &c->now->practice;
    if (p->texts == 0) {
        cb_sheet_paragraph(sheet, "Words such as \"policy\" and \"no\" (V3): %s.", not_in_input);
        return;
    }
    cb_grid *grid =
        cb_sheet_grid(sheet, "phrases", "Words that were used, in aggregate only", columns, 7);
    cb_grid_caption(grid, "%s of %s cases have a text.", cb_say_count(c, p->texts),
                    cb_say_count(c, c->now->resolution.cases));
    for (unsigned i = 0; i < p->phrases; i++) {
        cb_grid_row(grid);
        cb_put_text(grid, 0, p->phrase[i].name);
        cb_put_count(grid, 1, p->phrase[i].cases);
        cb_put_est(grid, 2, p->phrase[i].share);
        cb_put_number(grid, 5, NAN);
        if (cb_est_ok(p->phrase[i].satisfied_with))
            cb_put_percent(grid, 5, p->phrase[i].satisfied_with.value);
        if (cb_est_ok(p->phrase[i].satisfied_without))
            cb_put_percent(grid, 6, p->phrase[i].satisfied_without.value);
    }
}

static void escalation(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {{"Loss", CB_CELL_TEXT, 0, 40, NULL},
                                             {"Escalated", CB_CELL_COUNT, 0, 10, NULL},
                                             {"median (h)", CB_CELL_NUMBER, 1, 10, NULL},
                                             {"Not escalated", CB_CELL_COUNT, 0, 10, NULL},
                                             {"median (h), not", CB_CELL_NUMBER, 1, 10, NULL}};
    const cb_practice *p = &c->now->practice;
    if (p->escalation_rows == 0)
        return;
    cb_grid *grid =
        cb_sheet_grid(sheet, "escalation",
                      "Front line or escalated: time to solve, within bands of loss", columns, 5);
    for (unsigned i = 0; i < p->escalation_rows; i++) {
        const struct cb_escalation_row *row = &p->escalation[i];
        cb_grid_row(grid);
        if (row->to_minor == INT64_MAX)
            cb_put_textf(grid, 0, "%s or more", cb_say_money(c, (double)row->from_minor));
        else
            cb_put_textf(grid, 0, "%s to below %s", cb_say_money(c, (double)row->from_minor),
                         cb_say_money(c, (double)row->to_minor));
        cb_put_count(grid, 1, row->escalated);
        cb_put_number(grid, 2, row->median_h_escalated);
        cb_put_count(grid, 3, row->not_escalated);
        cb_put_number(grid, 4, row->median_h_not);
    }
}

void cb_sheet_practice(cb_compose *c)
{
    cb_sheet *sheet = cb_workbook_sheet(c->workbook, "Practice",
                                        "Practice: what the desk did, and what goes with it",
                                        "Steps of service recovery. Differences are associations "
                                        "within kind and band of loss, not proof of cause.");
    steps(c, sheet);
    effects(c, sheet);
    regression(sheet, &c->now->practice.regression[0], "regression_churn",
               "All steps at once: leaving");
    regression(sheet, &c->now->practice.regression[1], "regression_dissatisfied",
               "All steps at once: dissatisfaction");
    ladder(sheet, c->now->practice.transfers, "transfers", "Passed from one worker to the next",
           "Transfers");
    ladder(sheet, c->now->practice.options, "options", "Options offered to the customer",
           "Options");
    liability(c, sheet);
    escalation(c, sheet);
    skills(c, sheet);
    phrases(c, sheet);
}
