/* Kinds of problems side by side: those that the service-recovery practice singles out, and the
 * export's own. What other sheets give one figure at a time stands here in one row. */
#include "clusters.h"
#include "model.h"

enum {
    COL_KIND,
    COL_SPECIAL,
    COL_CASES,
    COL_MEDIAN, /* and its interval */
    COL_ELIGIBLE = COL_MEDIAN + 3,
    COL_ADEQUATE,
    COL_SHORTFALL,
    COL_LOOK_BACK,
    COL_REPEAT, /* and its interval */
    COL_COST = COL_REPEAT + 3,
    COLUMNS
};

static const cb_grid_column columns[COLUMNS] = {
    [COL_KIND] = {"Kind", CB_CELL_TEXT, 0, 24, NULL},
    [COL_SPECIAL] = {"Of the practice", CB_CELL_TEXT, 0, 10,
                     "special: one of the problems that the service-recovery practice singles out; "
                     "routine: mapped to routine; blank: a word of the export, mapped to none"},
    [COL_CASES] = {"Cases", CB_CELL_COUNT, 0, 0, "Opened in the period"},
    [COL_MEDIAN] = {"Median (h)", CB_CELL_NUMBER, 1, 0, "R2: time to the solution"},
    [COL_MEDIAN + 1] = {"Median low", CB_CELL_NUMBER, 1, 0, "95 %"},
    [COL_MEDIAN + 2] = {"Median high", CB_CELL_NUMBER, 1, 0, "95 %"},
    [COL_ELIGIBLE] = {"Eligible", CB_CELL_COUNT, 0, 0, "A1: solved, loss above 0, remedy known"},
    [COL_ADEQUATE] = {"Adequate (%)", CB_CELL_PERCENT, 1, 0, "A3: remedy of the loss or more"},
    [COL_SHORTFALL] = {"Shortfall", CB_CELL_MONEY, 0, 0, "A3: of the period"},
    [COL_LOOK_BACK] = {"With look-back", CB_CELL_COUNT, 0, 0, "Q1: cases that can be judged"},
    [COL_REPEAT] = {"Repeat (%)", CB_CELL_PERCENT, 1, 0, "Q1"},
    [COL_REPEAT + 1] = {"Repeat low", CB_CELL_PERCENT, 1, 0, "Wilson, 95 %"},
    [COL_REPEAT + 2] = {"Repeat high", CB_CELL_PERCENT, 1, 0, "Wilson, 95 %"},
    [COL_COST] = {"Churn cost a year", CB_CELL_MONEY, 0, 0,
                  "Q3: of all customers after a problem at the period's end, divided over their "
                  "cases of the days before (after_problem_days)"}};

static const char *special(cb_str kind)
{
    int known = cb_kind_find(kind);
    return known < 0 ? "" : known == CB_KIND_ROUTINE ? "routine" : "special";
}

static void put_adequacy(cb_compose *c, cb_grid *grid, uint32_t word)
{
    const cb_remedy *r = &c->now->remedy;
    const cb_remedy_groups *groups = &r->by[CB_DIM_KIND];
    const char *absent = "loss_amount is not in the input";
    uint32_t i = 0;
    while (i < groups->n && groups->group[i].word != word)
        i++;
    bool any = i < groups->n && groups->group[i].figures.eligible > 0;
    cb_put_count(grid, COL_ELIGIBLE, any ? groups->group[i].figures.eligible : 0);
    if (any) {
        cb_put_percent(grid, COL_ADEQUATE, groups->group[i].figures.share_adequate.value);
        cb_put_money(grid, COL_SHORTFALL, groups->group[i].figures.shortfall_minor);
        return;
    }
    const char *why = r->has_loss ? "no eligible case (A1)" : absent;
    cb_put_none(grid, COL_ADEQUATE, why);
    cb_put_none(grid, COL_SHORTFALL, why);
}

static void put_repeats(cb_compose *c, cb_grid *grid, uint32_t word)
{
    const cb_repeats *kind = &c->now->recurrence.repeats_of_kind[word];
    cb_put_count(grid, COL_LOOK_BACK, kind->eligible);
    cb_put_est(grid, COL_REPEAT, kind->rate);
}

static void put_cost(cb_compose *c, cb_grid *grid, uint32_t word)
{
    const cb_churn *churn = &c->now->churn;
    const cb_churn_groups *groups = &churn->by[CB_DIM_KIND];
    uint32_t i = 0;
    while (i < groups->n && groups->group[i].word != word)
        i++;
    if (i < groups->n)
        cb_put_share_of_cost(c, grid, COL_COST,
                             (cb_cost_share){groups->group[i].cost_minor,
                                             groups->group[i].customers_lost, 0, false});
    else
        cb_put_none(grid, COL_COST,
                    churn->division_reason ? churn->division_reason
                                           : "no customer is after such a problem");
}

static void put_kind(cb_compose *c, cb_grid *grid, const cb_res_group *g)
{
    cb_grid_row(grid);
    cb_put_group(grid, COL_KIND, g->text);
    cb_put_text(grid, COL_SPECIAL, cb_str_of(special(g->text)));
    cb_put_count(grid, COL_CASES, g->cases);
    cb_put_est(grid, COL_MEDIAN, g->hours.median_h);
    put_adequacy(c, grid, g->word);
    put_repeats(c, grid, g->word);
    put_cost(c, grid, g->word);
}

void cb_kinds_table(cb_compose *c, cb_sheet *sheet)
{
    const cb_res_dim *kinds = &c->now->resolution.by[CB_DIM_KIND];
    if (!kinds->present) {
        cb_sheet_paragraph(sheet, "Kinds of problems: kind is not in the input.");
        return;
    }
    cb_grid *grid =
        cb_grid_of(c, sheet, "kinds", "Special problems and routine, side by side (R2, A3, Q1, Q3)",
                   columns, COLUMNS);
    cb_grid_caption(grid, "[kinds] in the configuration maps the export's words to the problems of "
                          "the practice.");
    uint32_t cases = 0;
    for (uint32_t i = 0; i < kinds->groups; i++) {
        if (i < CB_TOP_GROUPS)
            put_kind(c, grid, &kinds->group[i]);
        else
            cases += kinds->group[i].cases;
    }
    if (kinds->groups <= CB_TOP_GROUPS)
        return;
    cb_grid_row(grid);
    cb_put_others(c, grid, COL_KIND, kinds->groups - CB_TOP_GROUPS, "");
    cb_put_count(grid, COL_CASES, cases);
}
