/* Resolution: how long problems took, open ones included; targets; and the flow that adds up. */
#include <math.h>

#include "quarterly.h"

static void res_overall(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {
        {"Time to", CB_CELL_TEXT, 0, 34, NULL},
        {"n", CB_CELL_COUNT, 0, 0, "Cases of the period with a known time: solved + open"},
        {"Solved", CB_CELL_COUNT, 0, 0, NULL},
        {"Open", CB_CELL_COUNT, 0, 0,
         "Open at the as-of time: counted as lasting at least until then"},
        {"Median (h)", CB_CELL_NUMBER, 1, 0,
         "R2: half of all cases, open ones included, took at most this long (Kaplan-Meier)"},
        {"95 % low", CB_CELL_NUMBER, 1, 0, NULL},
        {"95 % high", CB_CELL_NUMBER, 1, 0, NULL},
        {"p90 (h)", CB_CELL_NUMBER, 1, 0, "R2: nine of ten"},
        {"p95 (h)", CB_CELL_NUMBER, 1, 0, "R2"},
        {"Restricted mean (h)", CB_CELL_NUMBER, 1, 0, "R3: mean within the first tau hours"},
        {"tau (h)", CB_CELL_NUMBER, 0, 0, NULL},
        {"Solved only: mean (h)", CB_CELL_NUMBER, 1, 0,
         "R4: of solved cases alone, as other tools count"},
        {"Solved only: median (h)", CB_CELL_NUMBER, 1, 0, "R4"},
        {"Solved only: p90 (h)", CB_CELL_NUMBER, 1, 0, "R4"},
        {"Solved only: p95 (h)", CB_CELL_NUMBER, 1, 0, "R4"}};
    const cb_resolution *r = &c->now->resolution;
    const struct {
        const char *words;
        const cb_res *res;
    } rows[] = {{"solution, elapsed hours", &r->hours},
                {"solution, business hours", &r->business_hours},
                {"first response, elapsed hours", &r->first_response_hours}};
    cb_grid *grid =
        cb_grid_of(c, sheet, "resolution_all", "All cases opened in the period (R1 to R4)", columns,
                   sizeof columns / sizeof columns[0]);
    for (unsigned i = 0; i < 3; i++) {
        const cb_res *res = rows[i].res;
        cb_grid_row(grid);
        cb_put_text(grid, 0, cb_str_of(rows[i].words));
        cb_set_link(grid, 0, "cases");
        cb_put_count(grid, 1, res->n);
        cb_put_count(grid, 2, res->resolved);
        cb_put_count(grid, 3, res->open);
        cb_put_est(grid, 4, res->median_h);
        const cb_est single[] = {res->p90_h,
                                 res->p95_h,
                                 res->restricted_mean_h,
                                 cb_est_known(res->tau_h),
                                 res->resolved_only.mean_h,
                                 res->resolved_only.median_h,
                                 res->resolved_only.p90_h,
                                 res->resolved_only.p95_h};
        for (unsigned k = 0; k < 8; k++) {
            if (cb_est_ok(single[k]))
                cb_put_number(grid, 7 + k, single[k].value);
            else
                cb_put_none(grid, 7 + k, single[k].reason ? single[k].reason : "no case");
        }
    }
}

static void put_single(cb_grid *grid, unsigned column, cb_est est)
{
    if (cb_est_ok(est))
        cb_put_number(grid, column, est.value);
    else
        cb_put_none(grid, column, est.reason ? est.reason : "no case");
}

static const cb_res_change *change_of(const cb_resolution *r, cb_dim dim, uint32_t word)
{
    for (uint32_t i = 0; i < r->versus_previous.changes; i++)
        if (r->versus_previous.change[i].dim == dim && r->versus_previous.change[i].word == word)
            return &r->versus_previous.change[i];
    return NULL;
}

static void change_cells(cb_grid *grid, unsigned column, cb_dim dim, const cb_res_change *change)
{
    if (!change) {
        const char *why = cb_res_compared(dim)
                              ? "too few cases in one of the two periods"
                              : "not compared: R7 is for kinds, products, teams and priorities";
        cb_put_none(grid, column, why);
        cb_put_none(grid, column + 1, why);
        return;
    }
    put_single(grid, column, change->median_before_h);
    if (isfinite(change->p_adjusted))
        cb_put_number(grid, column + 1, change->p_adjusted);
    else
        cb_put_none(grid, column + 1, change->reason ? change->reason : "not estimable");
    if (change->p_adjusted < 0.05)
        cb_set_strong(grid, column + 1, 2);
}

/* A team of a few cases is a person: it goes with the others (fairness.h). */
static bool hidden(const cb_compose *c, cb_dim dim, uint32_t word)
{
    return dim == CB_DIM_TEAM && cb_team_hidden(&c->now->fairness, word);
}

typedef struct rest {
    uint32_t groups, small, cases, resolved, open;
} rest;

/* Groups beyond the top go into one line of counts: a quantile of "others" would need its own
 * computation. */
static void others_row(cb_compose *c, cb_grid *grid, const rest *others)
{
    if (others->groups == 0)
        return;
    cb_grid_row(grid);
    cb_put_others(c, grid, 0, others->groups, others->small ? ", some too small to be shown" : "");
    cb_put_count(grid, 1, others->cases);
    cb_put_count(grid, 2, others->resolved);
    cb_put_count(grid, 3, others->open);
}

enum { COUNT_COLUMNS = 4 };

static void res_row(cb_compose *c, cb_grid *grid, cb_dim dim, const cb_res_group *g)
{
    cb_grid_row(grid);
    cb_put_group(grid, 0, g->text);
    cb_put_count(grid, 1, g->cases);
    cb_put_count(grid, 2, g->hours.resolved);
    cb_put_count(grid, 3, g->hours.open);
    if (grid && grid->columns <= COUNT_COLUMNS)
        return;
    cb_put_est(grid, 4, g->hours.median_h);
    put_single(grid, 7, g->hours.p90_h);
    put_single(grid, 8, g->hours.p95_h);
    put_single(grid, 9, g->hours.restricted_mean_h);
    put_single(grid, 10, g->business_median_h);
    put_single(grid, 11, g->response_median_h);
    change_cells(grid, 12, dim, change_of(&c->now->resolution, dim, g->word));
}

static void res_by(cb_compose *c, cb_sheet *sheet, cb_dim dim)
{
    const cb_grid_column columns[] = {
        {cb_dim_titles[dim], CB_CELL_TEXT, 0, 34, NULL},
        {"Cases", CB_CELL_COUNT, 0, 0, "Opened in the period"},
        {"Solved", CB_CELL_COUNT, 0, 0, NULL},
        {"Open", CB_CELL_COUNT, 0, 0, NULL},
        {"Median (h)", CB_CELL_NUMBER, 1, 0, "R2"},
        {"95 % low", CB_CELL_NUMBER, 1, 0, NULL},
        {"95 % high", CB_CELL_NUMBER, 1, 0, NULL},
        {"p90 (h)", CB_CELL_NUMBER, 1, 0, "R2"},
        {"p95 (h)", CB_CELL_NUMBER, 1, 0, "R2"},
        {"Restricted mean (h)", CB_CELL_NUMBER, 1, 0, "R3"},
        {"Business median (h)", CB_CELL_NUMBER, 1, 0, "R2 in business hours (T4)"},
        {"First response median (h)", CB_CELL_NUMBER, 1, 0, "R2"},
        {"Median before (h)", CB_CELL_NUMBER, 1, 0, "R2 in the period before"},
        {"p adjusted", CB_CELL_P, 3, 0,
         "R7: log-rank against the period before, adjusted for the number of groups. Below 0.05: "
         "beyond chance"}};
    /* Where nothing is known to be solved, only the counts say something. */
    bool timed = c->now->resolution.hours.resolved > 0;
    const cb_res_dim *groups = &c->now->resolution.by[dim];
    if (!groups->present || groups->groups == 0)
        return;
    const char *id = cb_arena_text(c->arena, "resolution_by_%s", cb_dim_names[dim]).at;
    const char *title = cb_arena_text(c->arena, "By %s (R2, R7)", cb_say_dim(dim)).at;
    cb_grid *grid = cb_grid_of(c, sheet, id ? id : "", title ? title : "", columns,
                               timed ? sizeof columns / sizeof columns[0] : COUNT_COLUMNS);
    uint32_t most = groups->groups <= CB_TOP_GROUPS + 1 ? groups->groups : CB_TOP_GROUPS, shown = 0;
    rest others = {0};
    for (uint32_t i = 0; i < groups->groups; i++) {
        const cb_res_group *g = &groups->group[i];
        bool small = hidden(c, dim, g->word);
        if (!small && shown < most) {
            res_row(c, grid, dim, g);
            shown++;
            continue;
        }
        others.groups++;
        others.small += small;
        others.cases += g->cases;
        others.resolved += g->hours.resolved;
        others.open += g->hours.open;
    }
    others_row(c, grid, &others);
}

static void targets(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {
        {"Priority", CB_CELL_TEXT, 0, 34, NULL},
        {"Target (h)", CB_CELL_NUMBER, 1, 0, NULL},
        {"Counted in", CB_CELL_TEXT, 0, 0, NULL},
        {"Within", CB_CELL_COUNT, 0, 0, NULL},
        {"Late", CB_CELL_COUNT, 0, 0, NULL},
        {"Open past target", CB_CELL_COUNT, 0, 0, NULL},
        {"Open, not due yet", CB_CELL_COUNT, 0, 0, "Not judged"},
        {"n", CB_CELL_COUNT, 0, 0, "within + late + open past target"},
        {"Within target (%)", CB_CELL_PERCENT, 1, 0, "R5"},
        {"95 % low", CB_CELL_PERCENT, 1, 0, "Wilson"},
        {"95 % high", CB_CELL_PERCENT, 1, 0, NULL}};
    const cb_resolution *r = &c->now->resolution;
    if (c->settings->targets == 0) {
        cb_sheet_paragraph(sheet, "Share within target: not estimable, no targets are configured "
                                  "([targets] in the config, for example: high = 8h).");
        return;
    }
    cb_grid *grid = cb_grid_of(c, sheet, "targets", "Solved within target (R5)", columns,
                               sizeof columns / sizeof columns[0]);
    for (uint32_t i = 0; i <= r->priorities; i++) {
        bool total = i == r->priorities;
        const cb_res_target *t = total ? &r->target : &r->by_priority[i];
        cb_grid_row(grid);
        if (total) {
            cb_put_text(grid, 0, CB_LIT("All with a target"));
            cb_set_link(grid, 0, "cases");
        } else {
            cb_put_group(grid, 0, t->text);
            cb_put_number(grid, 1, cb_hours_of(t->target_s));
            cb_put_text(grid, 2, t->business ? CB_LIT("business hours") : CB_LIT("elapsed hours"));
        }
        const uint32_t counts[] = {t->within, t->late, t->overdue, t->not_due, t->n};
        for (unsigned k = 0; k < 5; k++)
            cb_put_count(grid, 3 + k, counts[k]);
        cb_put_est(grid, 8, t->share);
    }
    cb_grid_total(grid);
}

static void survival_row(cb_grid *grid, const cb_km_point *p, int64_t time_s)
{
    cb_grid_row(grid);
    cb_put_number(grid, 0, cb_hours_of(time_s));
    cb_put_percent(grid, 1, p->survival);
    cb_put_percent(grid, 2, p->low);
    cb_put_percent(grid, 3, p->high);
    cb_put_count(grid, 4, (uint64_t)p->at_risk);
}

static void survival_grid(cb_compose *c, cb_sheet *sheet, const cb_resolution *r, const char *id,
                          const char *label, cb_grid **out)
{
    static const cb_grid_column columns[] = {{"Hours since opening", CB_CELL_NUMBER, 1, 12, NULL},
                                             {"Still open (%)", CB_CELL_PERCENT, 1, 12, "R2: S(t)"},
                                             {"95 % low", CB_CELL_PERCENT, 1, 12, NULL},
                                             {"95 % high", CB_CELL_PERCENT, 1, 12, NULL},
                                             {"At risk", CB_CELL_COUNT, 0, 10, NULL}};
    *out = NULL;
    if (r->curve_n < 2)
        return;
    *out = cb_grid_of(c, sheet, id, label, columns, 5);
    cb_grid_caption(*out, "Two rows a step, so that the chart falls where a case is solved.");
    for (size_t i = 0; i < r->curve_n; i++) {
        if (i > 0)
            survival_row(*out, &r->curve[i - 1], r->curve[i].time_s);
        survival_row(*out, &r->curve[i], r->curve[i].time_s);
    }
}

static void survival_chart(cb_compose *c, cb_sheet *sheet, cb_sheet *tables)
{
    cb_grid *now = NULL, *before = NULL;
    survival_grid(c, tables, &c->now->resolution, "survival_now",
                  "Share of cases still open, by hours since opening: this period", &now);
    survival_grid(c, tables, &c->before->resolution, "survival_before",
                  "The same, the period before", &before);
    if (!now || c->now->resolution.hours.resolved == 0)
        return;
    cb_chart *chart =
        cb_picture(sheet, CB_CHART_STEP, "hours since opening", "share of cases still open (R2)");
    const cb_est median = c->now->resolution.hours.median_h;
    if (cb_est_ok(median))
        cb_chart_title(chart, "Half of the cases are solved within %s",
                       cb_say_hours(c, median.value));
    else
        cb_chart_title(chart, "Share of cases still open, by time since opening");
    cb_chart_series(chart, now, 0, 1, c->scope->window[CB_NOW].period.label, CB_LOOK_MAIN);
    if (before)
        cb_chart_series(chart, before, 0, 1, c->scope->window[CB_BEFORE].period.label,
                        CB_LOOK_MUTED);
    if (chart) {
        chart->percent_axis = true;
        chart->y_max = 1;
    }
    cb_chart_alt(chart, "Survival curves: share of cases still open by hours since opening, this "
                        "period and the one before");
}

static void flow_rows(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {
        {"Period", CB_CELL_TEXT, 0, 34, NULL},
        {"Open at start", CB_CELL_COUNT, 0, 0, NULL},
        {"Opened", CB_CELL_COUNT, 0, 0, NULL},
        {"Solved", CB_CELL_COUNT, 0, 0, "Without reopenings, which have no date"},
        {"Open at end", CB_CELL_COUNT, 0, 0, NULL}};
    const cb_flow *flow = &c->now->flow;
    cb_grid *grid =
        cb_grid_of(c, sheet, "flow_rows",
                   "Flow: open at start + opened - solved = open at end (R6)", columns, 5);
    for (uint32_t i = flow->first_row; i < flow->rows; i++) {
        cb_grid_row(grid);
        cb_put_text(grid, 0, cb_str_of(flow->row[i].period.label));
        cb_put_count(grid, 1, flow->row[i].open_at_start);
        cb_put_count(grid, 2, flow->row[i].opened);
        cb_put_count(grid, 3, flow->row[i].resolved);
        cb_put_count(grid, 4, flow->row[i].open_at_end);
    }
    cb_grid_row(grid);
    cb_put_text(grid, 0, CB_LIT("Whole period"));
    cb_set_link(grid, 0, "cases");
    cb_put_count(grid, 1, flow->open_at_start);
    cb_put_count(grid, 2, flow->opened);
    cb_put_count(grid, 3, flow->resolved_for_good);
    cb_put_count(grid, 4, flow->open_at_end);
    cb_grid_total(grid);
    cb_grid_caption(grid,
                    "Reopenings of cases opened in the period: %s. Opened in the period but outside "
                    "the flow, since nobody knows when they left it: closed at an unknown time %s, "
                    "withdrawn %s.",
                    cb_say_count(c, flow->reopened), cb_say_count(c, flow->opened_closed_unknown),
                    cb_say_count(c, flow->opened_withdrawn));
}

static void versus(cb_compose *c, cb_sheet *sheet)
{
    const cb_res_versus *v = &c->now->resolution.versus_previous;
    if (!isfinite(v->p_value))
        cb_sheet_paragraph(sheet, "Against the period before: not tested, %s.",
                           v->reason ? v->reason : "no data");
    else
        cb_sheet_paragraph(
            sheet, "Against the period before (log-rank, R7): %s, %s now and %s before: %s.",
            cb_say_p(c, v->p_value), cb_say_several(c, v->n_now, "case"), cb_say_count(c, v->n_before),
            v->p_value >= 0.05                  ? "no evidence of change"
            : v->observed_now > v->expected_now ? "solving became faster"
                                                : "solving became slower");
}

void cb_sheet_resolution(cb_compose *c)
{
    cb_sheet *sheet =
        cb_workbook_sheet(c->workbook, "Resolution", "Resolution time",
                          "How long problems took. Open cases count with the time they have lasted "
                          "(R2), so that a growing backlog cannot look fast.");
    if (c->now->resolution.closed_only)
        cb_sheet_finding(
            sheet,
            "The export holds no open case: only figures of solved cases can be given (R9).");
    if (c->now->resolution.cases > 0 && c->now->resolution.hours.resolved == 0)
        cb_sheet_finding(sheet, "No case of the period is known to be solved: the tables below "
                                "show counts only.");
    versus(c, sheet);
    res_overall(c, sheet);
    survival_chart(c, sheet, c->data);
    targets(c, sheet);
    flow_rows(c, sheet);
    static const cb_dim dims[] = {CB_DIM_KIND,    CB_DIM_PRIORITY, CB_DIM_TEAM,
                                  CB_DIM_CHANNEL, CB_DIM_PRODUCT,  CB_DIM_CAUSE};
    for (unsigned i = 0; i < 6; i++)
        res_by(c, sheet, dims[i]);
}
