/* Practice: which steps of service recovery were done, and what goes with them. Association, not
 * proof. */
#include <math.h>

#include "model.h"
#include "quarterly.h"

static const char not_in_input[] = "not in the input";

static const char *say_days(cb_compose *c, double days)
{
    return cb_say_several(c, (uint64_t)(days + 0.5), "day");
}

static void steps_chart(cb_compose *c, cb_sheet *sheet, const cb_grid *grid)
{
    const cb_step_figures *step = c->now->practice.step;
    int least = -1;
    for (int s = 0; s < CB_STEPS; s++)
        if (cb_est_ok(step[s].share) &&
            (least < 0 || step[s].share.value < step[least].share.value))
            least = s;
    if (least < 0)
        return;
    cb_chart *chart = cb_picture(sheet, CB_CHART_BAR, "", "share of cases where the step applies");
    cb_chart_title(chart, "Done least: %s, in %s of the cases", cb_step_titles[least],
                   cb_say_percent(c, step[least].share.value));
    cb_chart_series(chart, grid, 0, 4, "Done", CB_LOOK_MAIN);
    if (chart) {
        chart->percent_axis = true;
        chart->y_max = 1;
    }
    cb_chart_alt(chart, "Bar chart of the share of cases in which each step was done");
}

static void steps(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {
        {"Step", CB_CELL_TEXT, 0, 0, NULL},
        {"Done", CB_CELL_COUNT, 0, 10, NULL},
        {"n", CB_CELL_COUNT, 0, 10, "Cases where the step applies and is known"},
        {"Coverage (%)", CB_CELL_PERCENT, 1, 10, "n / cases of the period"},
        {"Done (%)", CB_CELL_PERCENT, 1, 10, "P1"},
        {"95 % low", CB_CELL_PERCENT, 1, 10, "Wilson"},
        {"95 % high", CB_CELL_PERCENT, 1, 10, NULL},
        {"Cost of what was missed", CB_CELL_MONEY, 0, 14,
         "Expected churn cost + shortfall of the cases that missed the step"}};
    const cb_practice *p = &c->now->practice;
    cb_grid *grid =
        cb_grid_of(c, sheet, "practice_steps", "Steps of the practice (P1)", columns, 8);
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
    steps_chart(c, sheet, grid);
}

static void share_cell(cb_grid *grid, unsigned column, uint32_t yes, uint32_t n)
{
    if (n > 0)
        cb_put_percent(grid, column, (double)yes / n);
    else
        cb_put_none(grid, column, "no case");
}

static bool has_effects(const cb_effect effects[CB_EFFECTS])
{
    for (int e = 0; e < CB_EFFECTS; e++)
        if (effects[e].with_n + effects[e].without_n > 0)
            return true;
    return false;
}

static void effect_rows(cb_grid *grid, const char *step, const cb_effect effects[CB_EFFECTS])
{
    static const char *const outcomes[CB_EFFECTS] = {
        "satisfied (4 or 5)", "repeat within the window", "left within the window"};
    for (int e = 0; e < CB_EFFECTS; e++) {
        const cb_effect *effect = &effects[e];
        if (effect->with_n + effect->without_n == 0)
            continue;
        cb_grid_row(grid);
        cb_put_textf(grid, 0, "%s: %s", step, outcomes[e]);
        cb_put_count(grid, 1, effect->with_n);
        share_cell(grid, 2, effect->with_yes, effect->with_n);
        cb_put_count(grid, 3, effect->without_n);
        share_cell(grid, 4, effect->without_yes, effect->without_n);
        cb_put_est(grid, 5, effect->odds_ratio);
        cb_put_est(grid, 8, effect->risk_difference);
    }
}

static void effects(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {
        {"Step and outcome", CB_CELL_TEXT, 0, 0, NULL},
        {"n with it", CB_CELL_COUNT, 0, 10, "P1: the step was done and the outcome is known"},
        {"Outcome with it (%)", CB_CELL_PERCENT, 1, 10, "P1"},
        {"n without it", CB_CELL_COUNT, 0, 10, "P1"},
        {"Outcome without it (%)", CB_CELL_PERCENT, 1, 10, "P1"},
        {"Odds ratio", CB_CELL_NUMBER, 2, 10, "P1: Mantel-Haenszel within kind and band of loss"},
        {"95 % low", CB_CELL_NUMBER, 2, 10, NULL},
        {"95 % high", CB_CELL_NUMBER, 2, 10, NULL},
        {"Risk difference (% points)", CB_CELL_PERCENT, 1, 10, "P1"},
        {"Its 95 % low", CB_CELL_PERCENT, 1, 10, NULL},
        {"Its 95 % high", CB_CELL_PERCENT, 1, 10, NULL}};
    const cb_assumption *a = c->settings->assumption;
    const cb_practice *p = &c->now->practice;
    bool any = has_effects(p->over_effect);
    for (int s = 0; s < CB_STEPS; s++)
        any |= !p->step[s].reason && has_effects(p->step[s].effect);
    if (!any) {
        cb_sheet_paragraph(sheet, "Outcomes with and without each step (P1): not estimable, no "
                                  "case has both a known step and a known outcome.");
        return;
    }
    cb_grid *grid =
        cb_grid_of(c, sheet, "practice_effects",
                   "Outcomes with and without each step: association, not proof (P1)", columns, 11);
    cb_grid_caption(
        grid,
        "All cases opened before the period's end (%s), whenever that was: outcomes are known "
        "late. A repeat is judged %s after the opening, leaving after %s: "
        "younger cases are left out, whatever happened to them.",
        cb_say_count(c, p->effect_cases), say_days(c, a[CB_A_REPEAT_DAYS].base),
        say_days(c, a[CB_A_OUTCOME_DAYS].base));
    for (int s = 0; s < CB_STEPS; s++)
        if (!p->step[s].reason)
            effect_rows(grid, cb_step_titles[s], p->step[s].effect);
    effect_rows(grid, "Remedy above the loss", p->over_effect);
}

static const char *kind_text(cb_compose *c, uint32_t word)
{
    return cb_say_word(c, cb_dim_text(c->book, CB_DIM_KIND, word));
}

/* Which kinds have no term of their own. */
static const char *rare_kinds(cb_compose *c, const cb_regression *r)
{
    uint32_t named = r->kinds_together < CB_KINDS_NAMED ? r->kinds_together : CB_KINDS_NAMED;
    const char *text = "";
    for (uint32_t i = 1; text && i < named; i++)
        text = cb_arena_text(c->arena, "%s%s%s", text, i > 1 ? ", " : "",
                             kind_text(c, r->kind_together[i]))
                   .at;
    if (text && r->kinds_together > named)
        text = cb_arena_text(c->arena, "%s, and %s more", text,
                             cb_say_count(c, r->kinds_together - named))
                   .at;
    return text ? text : "";
}

static void regression_caption(cb_compose *c, cb_grid *grid, const cb_regression *r)
{
    const char *rare = "", *left_out = "";
    if (r->kinds_together > 1)
        rare = cb_arena_text(c->arena,
                             " Too rare to be told apart from %s, the most frequent kind: %s.",
                             kind_text(c, r->kind_together[0]), rare_kinds(c, r))
                   .at;
    if (r->left_out > 0)
        left_out = cb_arena_text(c->arena,
                                 " Left out: %s in bands of loss where all had the same outcome.",
                                 cb_say_several(c, r->left_out, "case"))
                       .at;
    cb_grid_caption(grid,
                    "P2: n = %s, %s, of all cases opened before the period's end. Kind and band of "
                    "loss are in the model too.%s%s",
                    cb_say_several(c, r->n, "case"), cb_say_several(c, r->events, "event"),
                    rare ? rare : "", left_out ? left_out : "");
}

static void regression(cb_compose *c, cb_sheet *sheet, const cb_regression *r, const char *id,
                       const char *title)
{
    static const cb_grid_column columns[] = {{"Variable", CB_CELL_TEXT, 0, 0, NULL},
                                             {"Odds ratio", CB_CELL_NUMBER, 2, 10, "P2"},
                                             {"95 % low", CB_CELL_NUMBER, 2, 10, NULL},
                                             {"95 % high", CB_CELL_NUMBER, 2, 10, NULL},
                                             {"p", CB_CELL_P, 3, 10, NULL}};
    if (r->reason || r->rows == 0) {
        cb_sheet_paragraph(sheet, "%s (P2): not estimable, %s.", title,
                           r->reason ? r->reason : "no data");
        return;
    }
    cb_grid *grid = cb_grid_of(c, sheet, id, title, columns, 5);
    regression_caption(c, grid, r);
    for (unsigned i = 0; i < r->rows; i++) {
        cb_grid_row(grid);
        cb_put_text(grid, 0, cb_str_of(r->row[i].name));
        cb_put_est(grid, 1, r->row[i].odds_ratio);
        cb_put_number(grid, 4, r->row[i].p);
    }
}

static void ladder(cb_compose *c, cb_sheet *sheet, const cb_ladder_row rows[5], const char *id,
                   const char *title, const char *first)
{
    const cb_grid_column columns[] = {
        {first, CB_CELL_TEXT, 0, 0, NULL},
        {"Cases", CB_CELL_COUNT, 0, 10, NULL},
        {"Median (h)", CB_CELL_NUMBER, 1, 10,
         "R2: open cases count with the time they have lasted"},
        {"Median 95 % low", CB_CELL_NUMBER, 1, 10, NULL},
        {"Median 95 % high", CB_CELL_NUMBER, 1, 10, NULL},
        {"Satisfied (%)", CB_CELL_PERCENT, 1, 10, "Of those who answered"},
        {"95 % low", CB_CELL_PERCENT, 1, 10, NULL},
        {"95 % high", CB_CELL_PERCENT, 1, 10, NULL},
        {"Repeat (%)", CB_CELL_PERCENT, 1, 10, "Q1"},
        {"Repeat 95 % low", CB_CELL_PERCENT, 1, 10, NULL},
        {"Repeat 95 % high", CB_CELL_PERCENT, 1, 10, NULL}};
    uint32_t cases = 0;
    for (int i = 0; i < 5; i++)
        cases += rows[i].cases;
    if (cases == 0) {
        cb_sheet_paragraph(sheet, "%s: %s.", title, not_in_input);
        return;
    }
    cb_grid *grid = cb_grid_of(c, sheet, id, title, columns, 11);
    for (int i = 0; i < 5; i++) {
        cb_grid_row(grid);
        cb_put_textf(grid, 0, "%d%s", i, i == 4 ? " or more" : "");
        cb_put_count(grid, 1, rows[i].cases);
        cb_put_est(grid, 2, rows[i].median_h);
        cb_put_est(grid, 5, rows[i].satisfied);
        cb_put_est(grid, 8, rows[i].repeat);
    }
}

static void promises(cb_compose *c, cb_sheet *sheet, bool there)
{
    const cb_practice *p = &c->now->practice;
    if (!there) {
        cb_sheet_paragraph(sheet, "Promises: %s.", not_in_input);
        return;
    }
    cb_sheet_paragraph(
        sheet,
        "Promises: %s of the period with a date, %s solved or past it, of which %s kept%s. Overdue "
        "now, of all cases whenever opened: %s.",
        cb_say_several(c, p->promises_dated, "case"), cb_say_count(c, p->promises),
        cb_say_count(c, p->promises_kept),
        p->promises < p->promises_dated ? "; the others are open with the date ahead, or closed "
                                          "without a time of solution"
                                        : "",
        cb_say_count(c, p->promises_overdue_now));
}

static void follow_ups(cb_compose *c, cb_sheet *sheet, bool there)
{
    const cb_practice *p = &c->now->practice;
    const double days = c->settings->assumption[CB_A_FOLLOW_UP_DAYS].base;
    if (!there) {
        cb_sheet_paragraph(sheet, "Follow-ups: %s.", not_in_input);
        return;
    }
    cb_sheet_paragraph(
        sheet,
        "Follow-ups: %s of the period solved %s ago or more, %s followed up within that "
        "time. Overdue now, of all cases solved %.0f to %.0f days ago: %s; after that nobody is "
        "asked to do it any more.",
        cb_say_several(c, p->follow_ups_due, "case"), say_days(c, days),
        cb_say_count(c, p->follow_ups_done), days, CB_FOLLOW_UPS_RECENT * days,
        cb_say_count(c, p->follow_ups_overdue_now));
}

static const char *escalated_after(cb_compose *c)
{
    const cb_practice *p = &c->now->practice;
    if (p->liability_timed == 0)
        return "no time of escalation is known";
    cb_str text = cb_arena_text(c->arena, "median time to escalation %s, of the %s with a time",
                                cb_say_hours(c, p->liability_median_hours),
                                cb_say_count(c, p->liability_timed));
    return text.at ? text.at : "";
}

static void liability(cb_compose *c, cb_sheet *sheet)
{
    const cb_practice *p = &c->now->practice;
    const void *const *has = (const void *const *)c->book->table[CB_CASES].column;
    cb_sheet_heading(sheet, "Injury and legal exposure, promises, follow-ups, debrief");
    if (!has[CB_CASE_LIABILITY])
        cb_sheet_paragraph(sheet, "Liability cases: %s.", not_in_input);
    else
        cb_sheet_paragraph(sheet, "Liability cases: %s, escalated %s, not escalated %s; %s.",
                           cb_say_count(c, p->liability), cb_say_count(c, p->liability_escalated),
                           cb_say_count(c, p->liability_missed), escalated_after(c));
    promises(c, sheet, has[CB_CASE_PROMISED] != NULL);
    follow_ups(c, sheet, has[CB_CASE_FOLLOW_UP] != NULL);
    if (p->avoidable_known > 0)
        cb_sheet_paragraph(
            sheet, "Avoidable: %s of %s (%s); their expected churn cost and shortfall: %s.",
            cb_say_count(c, p->avoidable), cb_say_several(c, p->avoidable_known, "judged case"),
            cb_say_percent(c, (double)p->avoidable / p->avoidable_known),
            cb_say_money(c, p->avoidable_cost_minor));
    else
        cb_sheet_paragraph(sheet, "Avoidable: %s.", not_in_input);
    if (p->over_eligible > 0)
        cb_sheet_paragraph(sheet, "More than was owed: %s of %s (%s), %s above the losses.",
                           cb_say_count(c, p->over_remedied),
                           cb_say_several(c, p->over_eligible, "eligible case"),
                           cb_say_percent(c, (double)p->over_remedied / p->over_eligible),
                           cb_say_money(c, (double)p->over_cost_minor));
    if (p->satisfaction_eligible > 0)
        cb_sheet_paragraph(
            sheet,
            "Survey: answers to %s of %s (%s); satisfied %s, mean %.2f of 5. Those who "
            "did not answer may think otherwise.",
            cb_say_count(c, p->satisfaction_known),
            cb_say_several(c, p->satisfaction_eligible, "closed case"),
            cb_say_percent(c, (double)p->satisfaction_known / p->satisfaction_eligible),
            cb_say_percent_range(c, p->satisfied_share),
            isfinite(p->satisfaction_mean) ? p->satisfaction_mean : 0.0);
}

enum { MOST_NOT_ESCALATED = 25 };

static void not_escalated(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {{"Case: kind", CB_CELL_TEXT, 0, 0, NULL},
                                             {"Opened", CB_CELL_DATE, 0, 11, NULL}};
    const cb_practice *p = &c->now->practice;
    const cb_table *cases = &c->book->table[CB_CASES];
    if (p->missed_n == 0)
        return;
    cb_grid *grid = cb_grid_of(c, sheet, "liability_missed",
                               "Injury or legal exposure, not escalated (P1)", columns, 2);
    if (p->missed_n > MOST_NOT_ESCALATED)
        cb_grid_caption(grid, "The %u oldest of %s.", MOST_NOT_ESCALATED,
                        cb_say_count(c, p->missed_n));
    for (uint32_t i = 0; i < p->missed_n && i < MOST_NOT_ESCALATED; i++) {
        uint32_t row = p->missed_row[i];
        cb_grid_row(grid);
        cb_put_textf(grid, 0, CB_STR_FMT ": %s",
                     CB_STR_ARG(cb_shown_id(c, CB_POOL_CASE, cb_word(cases, CB_CASE_ID, row))),
                     cb_say_word(c, cb_dim_text(c->book, CB_DIM_KIND,
                                                cb_dim_word(c->book, CB_DIM_KIND, row))));
        cb_put_date(grid, 1, cb_time(cases, CB_CASE_OPENED, row));
    }
}

/* The step of a team whose omission costs most; -1: none is missed. */
static int missed_most(const cb_step_group *team)
{
    int most = -1;
    for (int s = 0; s < CB_STEPS; s++)
        if (team->done[s] < team->eligible[s] &&
            (most < 0 || team->missed_cost_minor[s] > team->missed_cost_minor[most]))
            most = s;
    return most;
}

static void missed_row(cb_compose *c, cb_grid *grid, const cb_step_group *team, int step)
{
    uint32_t missed = team->eligible[step] - team->done[step];
    cb_grid_row(grid);
    cb_put_textf(grid, 0, "%s: %s", cb_say_word(c, cb_dim_text(c->book, CB_DIM_TEAM, team->team)),
                 cb_step_titles[step]);
    cb_put_count(grid, 1, missed);
    cb_put_count(grid, 2, team->eligible[step]);
    cb_put_percent(grid, 3, (double)missed / team->eligible[step]);
    cb_put_minor(grid, 4, team->missed_cost_minor[step], "not estimable");
}

/* Train: which step each team misses most, by what it costs. Small teams stay unnamed (F1). */
static void missed_by_team(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {
        {"Team: step to train first", CB_CELL_TEXT, 0, 0, NULL},
        {"Missed", CB_CELL_COUNT, 0, 10, "P1: cases where the step applies and was not done"},
        {"n", CB_CELL_COUNT, 0, 10, "Cases where it applies and is known"},
        {"Missed (%)", CB_CELL_PERCENT, 1, 10, "P1"},
        {"Cost of what was missed", CB_CELL_MONEY, 0, 10,
         "Expected churn cost + shortfall of these cases; of the run, not live"}};
    const cb_practice *p = &c->now->practice;
    cb_grid *grid = NULL;
    uint32_t shown = 0;
    for (uint32_t t = 0; t < p->teams && shown < CB_TOP_GROUPS; t++) {
        const cb_step_group *team = &p->team[t];
        int step = missed_most(team);
        if (step < 0 || team->team == 0 || cb_team_hidden(&c->now->fairness, team->team) ||
            team->eligible[step] < c->settings->min_group)
            continue;
        if (!grid)
            grid =
                cb_grid_of(c, sheet, "missed_by_team", "What to train, by team (P1)", columns, 5);
        missed_row(c, grid, team, step);
        shown++;
    }
    cb_grid_caption(grid, "Of each team the step whose omission costs most. Teams in the order of "
                          "their cases; those too small to be shown are left out (F1).");
}

static void skills(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {{"Skill needed", CB_CELL_TEXT, 0, 0, NULL},
                                             {"Cases", CB_CELL_COUNT, 0, 10, NULL}};
    const cb_practice *p = &c->now->practice;
    if (p->skills == 0)
        return;
    cb_grid *grid =
        cb_grid_of(c, sheet, "skills", "Skills that the debrief names (P1)", columns, 2);
    for (uint32_t i = 0; i < p->skills && i < CB_TOP_GROUPS; i++) {
        cb_grid_row(grid);
        cb_put_word(grid, 0, cb_intern_text(c->book->pool[CB_POOL_SKILL], p->skill[i].word));
        cb_put_count(grid, 1, p->skill[i].cases);
    }
}

static void share_known(cb_grid *grid, unsigned column, cb_est share)
{
    if (cb_est_ok(share))
        cb_put_percent(grid, column, share.value);
    else
        cb_put_none(grid, column, share.reason);
}

static void phrases(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {
        {"Phrase", CB_CELL_TEXT, 0, 0, NULL},
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
        cb_grid_of(c, sheet, "phrases", "Words that were used, in aggregate only (V3)", columns, 7);
    cb_grid_caption(grid, "A text is there for %s of %s.", cb_say_count(c, p->texts),
                    cb_say_several(c, c->now->resolution.cases, "case"));
    for (unsigned i = 0; i < p->phrases; i++) {
        cb_grid_row(grid);
        cb_put_text(grid, 0, p->phrase[i].name);
        cb_put_count(grid, 1, p->phrase[i].cases);
        cb_put_est(grid, 2, p->phrase[i].share);
        share_known(grid, 5, p->phrase[i].satisfied_with);
        share_known(grid, 6, p->phrase[i].satisfied_without);
    }
}

static void escalation(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {
        {"Loss", CB_CELL_TEXT, 0, 0, NULL},
        {"Escalated", CB_CELL_COUNT, 0, 10,
         "Cases of the period that were escalated, solved or open"},
        {"Median of these (h)", CB_CELL_NUMBER, 1, 10, "R2"},
        {"95 % low", CB_CELL_NUMBER, 1, 10, NULL},
        {"95 % high", CB_CELL_NUMBER, 1, 10, NULL},
        {"Not escalated", CB_CELL_COUNT, 0, 10,
         "Cases of the period that were not, solved or open"},
        {"Median of those (h)", CB_CELL_NUMBER, 1, 10, "R2"},
        {"Its 95 % low", CB_CELL_NUMBER, 1, 10, NULL},
        {"Its 95 % high", CB_CELL_NUMBER, 1, 10, NULL}};
    const cb_practice *p = &c->now->practice;
    if (p->escalation_rows == 0)
        return;
    cb_grid *grid =
        cb_grid_of(c, sheet, "escalation",
                   "Front line or escalated: time to solve, within bands of loss", columns, 9);
    for (unsigned i = 0; i < p->escalation_rows; i++) {
        const struct cb_escalation_row *row = &p->escalation[i];
        cb_grid_row(grid);
        if (row->from_minor == CB_NO_AMOUNT)
            cb_put_text(grid, 0, CB_LIT("Not known"));
        else if (row->to_minor == INT64_MAX)
            cb_put_textf(grid, 0, "%s or more", cb_say_money(c, (double)row->from_minor));
        else
            cb_put_textf(grid, 0, "%s to below %s", cb_say_money(c, (double)row->from_minor),
                         cb_say_money(c, (double)row->to_minor));
        cb_put_count(grid, 1, row->escalated);
        cb_put_est(grid, 2, row->median_h_escalated);
        cb_put_count(grid, 5, row->not_escalated);
        cb_put_est(grid, 6, row->median_h_not);
    }
}

static bool any_step(const cb_compose *c)
{
    for (int s = 0; s < CB_STEPS; s++)
        if (!c->now->practice.step[s].reason)
            return true;
    return false;
}

void cb_sheet_practice(cb_compose *c)
{
    cb_sheet *sheet = cb_workbook_sheet(c->workbook, "Practice",
                                        "Practice: what the desk did, and what goes with it",
                                        "Steps of service recovery, in the cases of the period "
                                        "where nothing else is said. Differences are associations "
                                        "within kind and band of loss, not proof of cause.");
    if (!any_step(c)) {
        cb_sheet_finding(sheet, "Not estimable: none of the columns that tell what the desk did "
                                "is in the input (apology, options_offered, agreed, promised_at, "
                                "follow_up_at, transfers, loss_amount).");
        liability(c, sheet);
        phrases(c, sheet);
        return;
    }
    steps(c, sheet);
    effects(c, sheet);
    regression(c, sheet, &c->now->practice.regression[0], "regression_churn",
               "All steps at once: leaving");
    regression(c, sheet, &c->now->practice.regression[1], "regression_dissatisfied",
               "All steps at once: dissatisfaction");
    missed_by_team(c, sheet);
    ladder(c, sheet, c->now->practice.transfers, "transfers",
           "Passed from one worker to the next (P1)", "Transfers");
    ladder(c, sheet, c->now->practice.options, "options", "Options offered to the customer (P1)",
           "Options");
    liability(c, sheet);
    not_escalated(c, sheet);
    escalation(c, sheet);
    skills(c, sheet);
    phrases(c, sheet);
}
