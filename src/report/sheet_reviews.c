/* Reviews: ratings, their reach, and the cases behind them. */
#include <math.h>

#include "quarterly.h"

#define REVIEW_COLUMNS                                                                             \
    {"Reviews", CB_CELL_COUNT, 0, 10, "V1: posted in the period, rating known"},                   \
        {"Mean (1-5)", CB_CELL_NUMBER, 2, 10, "V1"},                                               \
        {"Low (%)", CB_CELL_PERCENT, 1, 10, "V1: 2 stars or fewer, as configured"},                \
        {"95 % low", CB_CELL_PERCENT, 1, 10, "Wilson"},                                            \
        {"95 % high", CB_CELL_PERCENT, 1, 10, NULL},                                               \
        {"Reach (people)", CB_CELL_COUNT, 0, 12, "C9: as stated in the input"},                    \
    {                                                                                              \
        "Reach of low ones", CB_CELL_COUNT, 0, 12, NULL                                            \
    }

static void figures_row(cb_grid *grid, const char *name, const cb_review_figures *f)
{
    cb_grid_row(grid);
    cb_put_text(grid, 0, cb_str_of(name));
    cb_put_count(grid, 1, f->n);
    if (isfinite(f->mean))
        cb_put_number(grid, 2, f->mean);
    else
        cb_put_none(grid, 2, "no review");
    cb_put_est(grid, 3, f->low);
    cb_put_count(grid, 6, f->reach);
    cb_put_count(grid, 7, f->low_reach);
}

static cb_grid *groups_grid(cb_compose *c, cb_sheet *sheet, const char *id, const char *title,
                            const char *first, const cb_review_group *groups, uint32_t n,
                            cb_pool pool)
{
    const cb_grid_column columns[] = {{first, CB_CELL_TEXT, 0, 40, NULL}, REVIEW_COLUMNS};
    if (n == 0)
        return NULL;
    cb_grid *grid = cb_sheet_grid(sheet, id, title, columns, 8);
    for (uint32_t i = 0; i < n && i < CB_TOP_GROUPS; i++)
        figures_row(grid,
                    pool == CB_POOLS
                        ? groups[i].month.label
                        : cb_say_word(c, cb_intern_text(c->book->pool[pool], groups[i].word)),
                    &groups[i].figures);
    return grid;
}

static void stars(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {{"Stars", CB_CELL_TEXT, 0, 40, NULL},
                                             {"Reviews", CB_CELL_COUNT, 0, 10, NULL}};
    const cb_review *r = &c->now->review;
    cb_grid *grid = cb_sheet_grid(sheet, "review_stars", "Ratings (V1)", columns, 2);
    for (unsigned i = 0; i < 5; i++) {
        cb_grid_row(grid);
        cb_put_textf(grid, 0, "%u", i + 1);
        cb_put_count(grid, 1, r->by_star[i]);
    }
    cb_chart *chart = cb_sheet_chart(sheet, CB_CHART_COLUMN, "", "stars", "reviews");
    cb_chart_title(chart, "%s of %s reviews are low", cb_say_percent(c, r->all.low.value),
                   cb_say_count(c, r->all.n));
    cb_chart_series(chart, grid, 0, 1, "Reviews", CB_LOOK_MAIN);
    cb_chart_alt(chart, "Column chart of reviews by stars");
    if (chart) {
        chart->beside = true;
        chart->width_px = 520;
        chart->height_px = 280;
    }
}

static void phrases(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {
        {"Phrase", CB_CELL_TEXT, 0, 40, NULL},
        {"Reviews", CB_CELL_COUNT, 0, 10, NULL},
        {"Share of texts (%)", CB_CELL_PERCENT, 1, 10, "V3"},
        {"95 % low", CB_CELL_PERCENT, 1, 10, "Wilson"},
        {"95 % high", CB_CELL_PERCENT, 1, 10, NULL},
        {"Mean rating (1-5)", CB_CELL_NUMBER, 2, 10, "Of the reviews with the phrase"}};
    const cb_review *r = &c->now->review;
    if (r->texts == 0 || r->phrases == 0) {
        cb_sheet_paragraph(sheet, "Words in reviews (V3): not estimable, %s.",
                           r->phrases == 0 ? "no phrases are configured ([phrases])"
                                           : "no review of the period has a text");
        return;
    }
    cb_grid *grid =
        cb_sheet_grid(sheet, "review_phrases", "Words in reviews, in aggregate only", columns, 6);
    cb_grid_caption(grid, "%s of %s reviews have a text.", cb_say_count(c, r->texts),
                    cb_say_count(c, r->all.n));
    for (unsigned i = 0; i < r->phrases; i++) {
        cb_grid_row(grid);
        cb_put_text(grid, 0, r->phrase[i].name);
        cb_put_count(grid, 1, r->phrase[i].reviews);
        cb_put_est(grid, 2, r->phrase[i].share);
        if (isfinite(r->phrase[i].mean))
            cb_put_number(grid, 5, r->phrase[i].mean);
        else
            cb_put_none(grid, 5, "no review has it");
    }
}

void cb_sheet_reviews(cb_compose *c)
{
    static const cb_grid_column columns[] = {{"Reviews of", CB_CELL_TEXT, 0, 40, NULL},
                                             REVIEW_COLUMNS};
    const cb_review *r = &c->now->review;
    cb_sheet *sheet = cb_workbook_sheet(c->workbook, "Reviews", "Reviews",
                                        "What customers tell others, and the cases behind it.");
    if (r->reason) {
        cb_sheet_finding(sheet, "Not estimable: %s.", r->reason);
        return;
    }
    cb_grid *grid =
        cb_sheet_grid(sheet, "review_all", "All reviews, and those linked to a case", columns, 8);
    figures_row(grid, "the period", &r->all);
    figures_row(grid, "the period before", &c->before->review.all);
    figures_row(grid, "linked: after an adequate remedy", &r->after_adequate);
    figures_row(grid, "linked: after an inadequate remedy", &r->after_inadequate);
    cb_grid_caption(grid,
                    "%s of %s reviews are linked to a case (%s by id, %s by customer and product, "
                    "V2); median %s from case to review.",
                    cb_say_count(c, r->linked), cb_say_count(c, r->all.n),
                    cb_say_count(c, r->linked_by_id), cb_say_count(c, r->linked_by_customer),
                    isfinite(r->median_days_case_to_review)
                        ? cb_arena_text(c->arena, "%.1f days", r->median_days_case_to_review).at
                        : "not estimable");
    if (r->all.n > 0)
        stars(c, sheet);
    groups_grid(c, sheet, "review_months", "By month", "Month", r->month, r->months, CB_POOLS);
    groups_grid(c, sheet, "review_products", "By product", "Product", r->product, r->products,
                CB_POOL_PRODUCT);
    groups_grid(c, sheet, "review_sites", "By site", "Site", r->site, r->sites, CB_POOL_SITE);
    phrases(c, sheet);
}
