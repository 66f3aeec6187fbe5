#include <math.h>
#include <stdio.h>
#include <string.h>

#include "compose.h"

static const char *said(cb_str text)
{
    return text.at ? text.at : "";
}

const char cb_no_value[] = "no yearly value of a customer is known";
const char cb_no_case_of_customer[] = "no customer with a case in the period";

const char *cb_why_no_cost(const cb_churn *churn)
{
    return churn->recorded_customers == 0 ? cb_no_case_of_customer : cb_no_value;
}

const char *cb_say_count(cb_compose *c, uint64_t n)
{
    char digits[CB_GROUPED_BYTES];
    cb_group_digits(digits, n);
    return said(cb_arena_text(c->arena, "%s", digits));
}

const char *cb_say_several(cb_compose *c, uint64_t n, const char *what)
{
    return said(
        cb_arena_text(c->arena, "%s %s%s", cb_say_count(c, n), what, n == 1 ? "" : "s"));
}

static double major_of(const cb_compose *c, double minor)
{
    return minor / cb_currency_scale(c->settings->currency_digits);
}

/* Without currency: "1.2 m", "345,678", "12.50". */
static const char *money_figure(cb_compose *c, double minor)
{
    double major = major_of(c, minor), size = fabs(major);
    const char *sign = major < 0 ? "-" : "";
    if (size >= 1e9)
        return said(cb_arena_text(c->arena, "%s%.2f bn", sign, size / 1e9));
    if (size >= 1e6)
        return said(cb_arena_text(c->arena, "%s%.2f m", sign, size / 1e6));
    if (size >= 1000)
        return said(
            cb_arena_text(c->arena, "%s%s", sign, cb_say_count(c, (uint64_t)llround(size))));
    return said(cb_arena_text(c->arena, "%s%.*f", sign, (int)c->settings->currency_digits, size));
}

const char *cb_say_money(cb_compose *c, double minor)
{
    if (!isfinite(minor))
        return "not estimable";
    const char *space = c->settings->currency[0] ? " " : "";
    return said(
        cb_arena_text(c->arena, "%s%s%s", c->settings->currency, space, money_figure(c, minor)));
}

const char *cb_say_money_range(cb_compose *c, cb_est minor)
{
    if (!cb_est_ok(minor))
        return said(
            cb_arena_text(c->arena, "not estimable (%s)", minor.reason ? minor.reason : "no data"));
    if (isnan(minor.low) || isnan(minor.high))
        return cb_say_money(c, minor.value);
    return said(cb_arena_text(c->arena, "%s (95 %% interval %s to %s)",
                              cb_say_money(c, minor.value), money_figure(c, minor.low),
                              money_figure(c, minor.high)));
}

const char *cb_say_unit(cb_compose *c, const char *what)
{
    const char *unit = c->settings->currency[0] ? c->settings->currency : "money";
    return said(cb_arena_text(c->arena, "%s (%s)", what, unit));
}

const char *cb_say_hours(cb_compose *c, double hours)
{
    if (!isfinite(hours))
        return "not estimable";
    if (hours >= 48)
        return said(cb_arena_text(c->arena, "%.1f days", hours / 24));
    return said(cb_arena_text(c->arena, "%.1f h", hours));
}

const char *cb_say_p(cb_compose *c, double p)
{
    if (!isfinite(p))
        return "p not estimable";
    return p < 0.001 ? "p < 0.001" : said(cb_arena_text(c->arena, "p = %.3f", p));
}

const char *cb_say_percent(cb_compose *c, double share)
{
    return isfinite(share) ? said(cb_arena_text(c->arena, "%.1f %%", 100 * share))
                           : "not estimable";
}

const char *cb_say_percent_range(cb_compose *c, cb_est share)
{
    if (!cb_est_ok(share))
        return said(
            cb_arena_text(c->arena, "not estimable (%s)", share.reason ? share.reason : "no data"));
    if (isnan(share.low) || isnan(share.high))
        return cb_say_percent(c, share.value);
    return said(cb_arena_text(c->arena, "%.1f %% (95 %% interval %.1f %% to %.1f %%)",
                              100 * share.value, 100 * share.low, 100 * share.high));
}

/* Cut at a whole code point. */
static size_t cut_at(cb_str text, size_t max)
{
    if (text.len <= max)
        return text.len;
    size_t end = max;
    while (end > 0 && ((unsigned char)text.at[end] & 0xC0) == 0x80)
        end--;
    return end;
}

/* A word of a right-to-left script would pull the digits and marks beside it to its other side. */
static bool runs_left(cb_str word)
{
    for (size_t at = 0; at < word.len;) {
        uint32_t point = cb_utf8_next(word, &at);
        if ((point >= 0x590 && point <= 0x8FF) || (point >= 0xFB1D && point <= 0xFEFC))
            return true;
    }
    return false;
}

enum { LONGEST_WORD = 80 };
#define LEFT_TO_RIGHT_MARK "\xE2\x80\x8E"

const char *cb_say_word(cb_compose *c, cb_str word)
{
    if (word.len == 0)
        return "(not stated)";
    size_t end = cut_at(word, LONGEST_WORD);
    const char *mark = runs_left(word) ? LEFT_TO_RIGHT_MARK : "";
    return said(cb_arena_text(c->arena, "%s%.*s%s%s", mark, (int)end, word.at,
                              end < word.len ? "…" : "", mark));
}

const char *cb_say_dim(cb_dim dim)
{
    static const char *const words[CB_DIMS] = {
        [CB_DIM_KIND] = "kind", [CB_DIM_CAUSE] = "root cause",  [CB_DIM_PRODUCT] = "product",
        [CB_DIM_TEAM] = "team", [CB_DIM_PRIORITY] = "priority", [CB_DIM_CHANNEL] = "channel"};
    return words[dim] ? words[dim] : cb_dim_titles[dim];
}

cb_grid *cb_grid_of(cb_compose *c, cb_sheet *sheet, const char *id, const char *title,
                    const cb_grid_column *columns, unsigned n)
{
    const char *unit = c->settings->currency[0] ? c->settings->currency : "money";
    cb_grid_column *own = cb_arena_array(c->arena, n, sizeof *own);
    for (unsigned i = 0; own && i < n; i++) {
        own[i] = columns[i];
        if (columns[i].kind != CB_CELL_MONEY || strchr(columns[i].title, '('))
            continue;
        const char *titled = cb_arena_text(c->arena, "%s (%s)", columns[i].title, unit).at;
        own[i].title = titled ? titled : columns[i].title;
    }
    return cb_sheet_grid(sheet, id, title, own ? own : columns, n);
}

void cb_put_minor(cb_grid *grid, unsigned column, double minor, const char *reason)
{
    if (fabs(minor) < 9e18)
        cb_put_money(grid, column, (int64_t)llround(minor));
    else
        cb_put_none(grid, column, isfinite(minor) ? "too large to be shown" : reason);
}

cb_chart *cb_picture(cb_sheet *sheet, cb_chart_kind kind, const char *x_title, const char *y_title)
{
    cb_chart *chart = cb_sheet_chart(sheet, kind, "", x_title, y_title);
    if (chart) {
        chart->width_px = 700;
        chart->height_px = 310;
    }
    return chart;
}

void cb_put_word(cb_grid *grid, unsigned column, cb_str word)
{
    size_t end = cut_at(word, LONGEST_WORD);
    if (word.len == 0)
        cb_put_lasting(grid, column, CB_LIT("(not stated)"));
    else if (end == word.len)
        cb_put_lasting(grid, column, word);
    else
        cb_put_textf(grid, column, "%.*s…", (int)end, word.at);
}

void cb_put_group(cb_grid *grid, unsigned column, cb_str word)
{
    cb_put_word(grid, column, word);
    if (word.len > LONGEST_WORD)
        cb_set_note(grid, column, CB_STR_FMT, CB_STR_ARG(word));
}

void cb_put_others(cb_compose *c, cb_grid *grid, unsigned column, uint64_t n, const char *more)
{
    cb_put_textf(grid, column, "%s other%s%s", cb_say_count(c, n), n == 1 ? "" : "s", more);
}

void cb_put_est_none(cb_grid *grid, unsigned column, const char *reason)
{
    for (unsigned i = 0; i < 3; i++)
        cb_put_none(grid, column + i, reason);
}
