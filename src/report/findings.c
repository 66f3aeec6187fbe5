/* Findings: sentences on what changed, only where a signal survives; each names figure, n, interval
 * and where to look. */
#include <math.h>

#include "quarterly.h"

enum { MOST_SIGNALS = 4, MOST_GROUPS = 3, SETTLED_DAYS = 28 };

static unsigned speed(cb_compose *c, cb_sheet *sheet)
{
    const cb_res_versus *v = &c->now->resolution.versus_previous;
    unsigned said = 0;
    if (isfinite(v->p_value) && v->p_value < 0.05) {
        cb_sheet_finding(sheet,
                         "Solving became %s: median %s now, %s before (log-rank %s, n = %s "
                         "and %s; Resolution).",
                         v->observed_now > v->expected_now ? "faster" : "slower",
                         cb_say_hours(c, c->now->resolution.hours.median_h.value),
                         cb_say_hours(c, c->before->resolution.hours.median_h.value),
                         cb_say_p(c, v->p_value), cb_say_count(c, v->n_now),
                         cb_say_count(c, v->n_before));
        said++;
    }
    unsigned groups = 0;
    for (uint32_t i = 0; i < v->changes && groups < MOST_GROUPS; i++) {
        const cb_res_change *change = &v->change[i];
        bool small = change->dim == CB_DIM_TEAM && cb_team_hidden(&c->now->fairness, change->word);
        if (!(change->p_adjusted < 0.05) || small)
            continue;
        cb_sheet_finding(sheet,
                         "%s %s is solved %s: median %s now, %s before (adjusted %s, n = %u "
                         "and %u; Resolution).",
                         cb_dim_titles[change->dim], cb_say_word(c, change->text),
                         change->observed_now > change->expected_now ? "faster" : "slower",
                         cb_say_hours(c, change->median_now_h.value),
                         cb_say_hours(c, change->median_before_h.value),
                         cb_say_p(c, change->p_adjusted), change->n_now, change->n_before);
        groups++;
    }
    return said + groups;
}

static bool apart(cb_est a, cb_est b)
{
    return cb_est_ok(a) && cb_est_ok(b) && (a.low > b.high || a.high < b.low);
}

static unsigned shares(cb_compose *c, cb_sheet *sheet)
{
    unsigned said = 0;
    const struct {
        const char *words, *where;
        cb_est now, before;
        uint32_t n_now, n_before;
        bool needs_time;
    } rows[] = {{"Remedies that cover the loss", "Remedies", c->now->remedy.all.share_adequate,
                 c->before->remedy.all.share_adequate, c->now->remedy.all.eligible,
                 c->before->remedy.all.eligible, true},
                {"Repeat cases", "Root causes", c->now->recurrence.rate, c->before->recurrence.rate,
                 c->now->recurrence.eligible, c->before->recurrence.eligible, false},
                {"Cases solved within target", "Resolution", c->now->resolution.target.share,
                 c->before->resolution.target.share, c->now->resolution.target.n,
                 c->before->resolution.target.n, true},
                {"Low reviews", "Reviews", c->now->review.all.low, c->before->review.all.low,
                 c->now->review.all.n, c->before->review.all.n, false}};
    /* Of cases opened today only the quick ones are decided yet: their share within target says
     * nothing. */
    const cb_period *now = &c->scope->window[CB_NOW].period;
    bool settled = now->to_utc_s - now->from_utc_s >= SETTLED_DAYS * (int64_t)CB_DAY_S;
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!settled && rows[i].needs_time)
            continue;
        if (!apart(rows[i].now, rows[i].before))
            continue;
        cb_sheet_finding(sheet, "%s %s: %s now (n = %s), %s before (n = %s; %s).", rows[i].words,
                         rows[i].now.value > rows[i].before.value ? "rose" : "fell",
                         cb_say_percent_range(c, rows[i].now), cb_say_count(c, rows[i].n_now),
                         cb_say_percent_range(c, rows[i].before), cb_say_count(c, rows[i].n_before),
                         rows[i].where);
        said++;
    }
    return said;
}

/* Three decimals where two would leave a single digit. */
static const char *ratio_words(cb_compose *c, cb_est ratio)
{
    int decimals = ratio.value < 0.1 ? 3 : 2;
    const char *text = cb_arena_text(c->arena, "%.*f (95 %% interval %.*f to %.*f", decimals,
                                     ratio.value, decimals, ratio.low, decimals, ratio.high)
                           .at;
    return text ? text : "";
}

/* What a signal is compared with, as far as the input covers it. A window of up to 8 days is set
 * against the same weekdays of the weeks before (Q5). */
static const char *before_words(cb_compose *c, const cb_signal *signal)
{
    bool weekdays = signal->exposure_now <= 8;
    const char *text = cb_arena_text(c->arena, "in %s%.0f days %sbefore", weekdays ? "" : "the ",
                                     signal->exposure_before,
                                     weekdays ? "of the same weekdays of the weeks " : "")
                           .at;
    return text ? text : "before";
}

static unsigned risers(cb_compose *c, cb_sheet *sheet)
{
    const cb_recurrences *r = &c->now->recurrence;
    unsigned said = 0;
    for (uint32_t i = 0; i < r->signals && said < MOST_SIGNALS; i++) {
        const cb_signal *signal = &r->signal[i];
        if (!signal->significant)
            continue;
        cb_sheet_finding(sheet,
                         "%s %s %s: %s now, %s %s, rate ratio %s, adjusted %s; Q5).",
                         cb_dim_titles[signal->dim],
                         cb_say_word(c, cb_dim_text(c->book, signal->dim, signal->word)),
                         signal->is_new   ? "is new"
                         : signal->rising ? "rose"
                                          : "fell",
                         cb_say_several(c, signal->now, "case"), cb_say_count(c, signal->before),
                         before_words(c, signal), ratio_words(c, signal->ratio), cb_say_p(c, signal->q));
        said++;
    }
    return said;
}

static unsigned charts(cb_compose *c, cb_sheet *sheet)
{
    unsigned said = 0;
    for (unsigned i = 0; i < c->now->trend.charts && said < MOST_GROUPS; i++) {
        const cb_trend_chart *chart = &c->now->trend.chart[i];
        if (chart->reason || chart->beyond_chance == 0 || chart->has_word)
            continue;
        cb_sheet_finding(sheet,
                         "%s: %u of the period's points %s beyond chance (control chart of %u "
                         "points, adjusted for all charts; Trends).",
                         chart->title, chart->beyond_chance,
                         chart->beyond_chance == 1 ? "lies" : "lie", chart->points);
        said++;
    }
    return said;
}

void cb_findings(cb_compose *c, cb_sheet *sheet)
{
    unsigned said = 0;
    if (c->scope->covered[CB_BEFORE])
        said = speed(c, sheet) + shares(c, sheet);
    said += risers(c, sheet);
    said += charts(c, sheet);
    if (said == 0 && !c->scope->covered[CB_BEFORE])
        cb_sheet_finding(sheet,
                         "No comparison: the input does not reach back to the period before.");
    else if (said == 0)
        cb_sheet_finding(
            sheet, "No evidence of change against the period before (n = %s now, %s before).",
            cb_say_several(c, c->now->resolution.cases, "case"),
            cb_say_count(c, c->before->resolution.cases));
}
