/* C4, C5, C9, the ratios of C7 and the customers at risk: lines beside the headline, in no other
 * figure. */
#include "measures/churn_parts.h"

/* ---- C4 ---- */

/* [reach] of single kinds has one value; the others take the assumption's. */
static double reach_of(const cb_settings *settings, cb_str kind, double of_others)
{
    cb_str word = cb_str_trim(kind);
    for (unsigned i = 0; i < settings->reach.n; i++)
        if (cb_str_eq_nocase(word, cb_str_trim(settings->reach.pair[i].word)))
            return settings->kind_reach[i];
    return of_others;
}

static void add_silent(cb_churn *out, int end, int64_t recorded, double reach, double leave)
{
    double havers = (double)recorded / reach;
    out->silent_havers[end] += havers;
    out->silent_leavers[end] += fmin(leave, 1 - reach) * havers;
}

/* Both figures fall as reach rises and leavers rise with s: so the low end has the high reach. */
static void set_silent_end(cb_churn *out, const cb_churn_state *s, const cb_scope *scope, int end,
                           double reach, double leave)
{
    out->silent_havers[end] = out->silent_leavers[end] = s->count[CB_CHURN_RECORDED] > 0 ? 0 : NAN;
    if (!s->kinds)
        add_silent(out, end, s->count[CB_CHURN_RECORDED], reach, leave);
    for (uint32_t kind = 0; kind < s->kind_words; kind++) {
        cb_str word = cb_dim_text(scope->book, CB_DIM_KIND, kind);
        if (s->kinds[kind] > 0)
            add_silent(out, end, s->kinds[kind], reach_of(scope->settings, word, reach), leave);
    }
    out->silent_cost_minor[end] = out->silent_leavers[end] * out->value_minor;
}

static void set_silent(cb_churn *out, const cb_churn_state *s, const cb_scope *scope)
{
    const cb_assumption *reach = &scope->settings->assumption[CB_A_REACH];
    const cb_assumption *leave = &scope->settings->assumption[CB_A_SILENT_LEAVE];
    out->recorded_customers = (uint32_t)s->count[CB_CHURN_RECORDED];
    set_silent_end(out, s, scope, 0, reach->high, leave->low);
    set_silent_end(out, s, scope, 1, reach->base, leave->base);
    set_silent_end(out, s, scope, 2, reach->low, leave->high);
}

/* ---- C5 ---- */

static void set_bottom_up(cb_churn *out, const cb_churn_state *s, const cb_settings *settings)
{
    double no_problem = settings->assumption[CB_A_STAY_NO_PROBLEM].base;
    double losses = 0;
    for (int o = 0; o < CB_OUTCOMES; o++)
        for (int large = 0; large < 2; large++) {
            out->bottom_up_customers[o][large] = s->worst[o][large];
            losses += s->worst[o][large] * fmax(0, no_problem - s->stay[o][large]);
        }
    out->bottom_up_losses = s->count[CB_CHURN_RECORDED] > 0 ? losses : NAN;
    out->bottom_up_cost_minor = out->bottom_up_losses * out->value_minor;
}

static double lost_in_silence(const cb_churn_state *s, const cb_settings *settings)
{
    double no_problem = settings->assumption[CB_A_STAY_NO_PROBLEM].base;
    double small = 0;
    double large = 0;
    for (int o = 0; o < CB_OUTCOMES; o++) {
        small += s->worst[o][0];
        large += s->worst[o][1];
    }
    return (small * fmax(0, no_problem - settings->assumption[CB_A_STAY_SILENT_SMALL].base) +
            large * fmax(0, no_problem - settings->assumption[CB_A_STAY_SILENT_LARGE].base)) /
           (small + large);
}

static void set_silent_by_intent(cb_churn *out, const cb_churn_state *s,
                                 const cb_settings *settings)
{
    out->silent_lost_share = s->count[CB_CHURN_RECORDED] > 0 ? lost_in_silence(s, settings) : NAN;
    for (int end = 0; end < 3; end++)
        out->silent_by_intent[end] =
            (out->silent_havers[end] - out->recorded_customers) * out->silent_lost_share;
}

/* ---- C7 ---- */

static bool far_apart(double ratio)
{
    return isfinite(ratio) && (ratio > 3 || ratio < 1.0 / 3);
}

static void set_ratios(cb_churn *out, const cb_churn_state *s)
{
    double benchmark = out->benchmark_cost_minor.value;
    double years = (double)(s->at - s->from) / CB_YEAR_S;
    double bottom_up = out->bottom_up_cost_minor / (years < 1 ? years : 1);
    bool divides = benchmark > 0;
    out->ratio_own_benchmark = divides ? out->own_cost_minor.value / benchmark : NAN;
    out->ratio_bottom_up_benchmark = divides && years > 0 ? bottom_up / benchmark : NAN;
    out->amber = far_apart(out->ratio_own_benchmark) || far_apart(out->ratio_bottom_up_benchmark);
}

/* ---- C9 ---- */

static double low_reach(const cb_churn_state *s, const cb_scope *scope)
{
    const cb_table *reviews = &scope->book->table[CB_REVIEWS];
    double low = scope->settings->assumption[CB_A_LOW_RATING].base * 100;
    int64_t people = 0;
    for (uint32_t row = 0; reviews->column[CB_REVIEW_REACH] && row < reviews->n; row++) {
        int64_t posted = cb_time(reviews, CB_REVIEW_POSTED, row);
        uint16_t rating = cb_score(reviews, CB_REVIEW_RATING, row);
        uint16_t reach = cb_count(reviews, CB_REVIEW_REACH, row);
        if (posted >= s->from && posted < s->until && rating != CB_NO_SCORE && rating <= low &&
            reach != CB_NO_COUNT)
            people += reach;
    }
    return (double)people;
}

static void set_word_of_mouth(cb_churn *out, const cb_churn_state *s, const cb_scope *scope)
{
    const cb_assumption *told = &scope->settings->assumption[CB_A_WORD_OF_MOUTH];
    double worth =
        cb_churn_minor(scope->settings, scope->settings->assumption[CB_A_WORD_OF_MOUTH_VALUE].base);
    double leavers = fmax(0, out->expected_losses.value);
    if (!cb_est_ok(out->expected_losses))
        leavers = NAN;
    out->reached_people[0] = leavers * told->low;
    out->reached_people[1] = leavers * told->base;
    out->reached_people[2] = leavers * told->high;
    out->reach_reviews = low_reach(s, scope);
    out->word_of_mouth_cost_minor =
        worth > 0 ? (out->reached_people[1] + out->reach_reviews) * worth : NAN;
}

/* ---- at risk ---- */

static void set_at_risk(cb_churn *out, const cb_churn_state *s, double blank)
{
    double value = cb_churn_values_sum(&s->at_risk_value, s->count[CB_CHURN_AT_RISK], blank);
    out->at_risk = (uint32_t)s->count[CB_CHURN_AT_RISK];
    out->at_risk_value_minor = fabs(value) < 9e18 ? llround(value) : CB_NO_AMOUNT;
    if (isnan(blank))
        out->at_risk_value_minor = CB_NO_AMOUNT;
}

void cb_churn_beside(const cb_churn_state *s, const cb_scope *scope, const cb_churn_point *p,
                     cb_churn *out)
{
    set_silent(out, s, scope);
    set_bottom_up(out, s, scope->settings);
    set_silent_by_intent(out, s, scope->settings);
    set_ratios(out, s);
    set_word_of_mouth(out, s, scope);
    set_at_risk(out, s, p->blank);
}
