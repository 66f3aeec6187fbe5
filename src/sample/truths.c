#include "truths.h"

#include "json.h"

static const char leaving_rule[] =
    "by the customer's latest case of those days, as the data show it at their end: open or withdrawn is unresolved; "
    "remedy below loss (direct and consequential) is inadequate; else, also where loss or remedy is not known, "
    "adequate, and quick if resolved within quick_hours";

static void write_months(cb_json *json, const uint64_t month[CB_GEN_MONTHS])
{
    cb_json_open(json, "cases_by_month", '[');
    for (unsigned i = 0; i < CB_GEN_MONTHS; i++)
        cb_json_count(json, NULL, month[i]);
    cb_json_close(json, ']');
}

static void write_rows(cb_json *json, const cb_gen_tally *tally, const cb_gen_shown *shown)
{
    cb_json_open(json, "rows", '{');
    cb_json_count(json, "cases", shown->cases);
    cb_json_count(json, "cases_open_at_end", shown->open);
    cb_json_count(json, "reviews", shown->reviews);
    cb_json_count(json, "reviews_with_case_id", shown->reviews_with_case);
    cb_json_count(json, "reviews_with_customer_id", shown->reviews_with_customer);
    cb_json_count(json, "customers", shown->customers);
    cb_json_count(json, "customers_not_listed", shown->customers_not_listed);
    cb_json_count(json, "customers_lost_before_first_day", tally->lost_before);
    cb_json_close(json, '}');
}

static void write_cause(cb_json *json, const char *key, unsigned cause, const char *day_key,
                        const char *day, unsigned per_mille, const cb_gen_shown *shown)
{
    cb_json_open(json, key, '{');
    cb_json_text(json, "root_cause", cb_gen_cause_table[cause].word);
    cb_json_text(json, day_key, day);
    cb_json_real(json, "rate_ratio", per_mille / 1000.0);
    write_months(json, shown->cause_month[cause]);
    cb_json_close(json, '}');
}

static void write_breakdowns(cb_json *json, const cb_gen_tally *tally)
{
    cb_json_open(json, "repeated_breakdown", '{');
    cb_json_text(json, "product", cb_gen_product_table[CB_GEN_LEMON_PRODUCT].word);
    cb_json_text(json, "root_cause", cb_gen_cause_table[cb_gen_lemon_cause].word);
    cb_json_real(json, "cases_per_unit_year", CB_GEN_LEMON_RATE);
    cb_json_count(json, "owners", tally->owners_of_lemon_product);
    cb_json_count(json, "faulty_units", tally->lemons);
    cb_json_count(json, "window_days", CB_GEN_AFTER_DAYS);
    cb_json_count(json, "cases", 3);
    cb_json_open(json, "customers_by_product", '{');
    for (unsigned i = 0; i < CB_GEN_PRODUCTS; i++)
        cb_json_count(json, cb_gen_product_table[i].word, tally->breakdowns[i]);
    cb_json_close(json, '}');
    cb_json_close(json, '}');
}

/* A rare cause's month and how far it is above what the month's share of all constant causes lets
 * expect. */
typedef struct chance {
    unsigned cause, month;
    double expected, excess; /* excess: (cases - expected)^2 / expected */
} chance;

/* Cases by month of the causes whose rates are constant; returns their sum. */
static double constant_causes(const cb_gen_shown *shown, double month_total[CB_GEN_MONTHS])
{
    double total = 0.0;
    for (unsigned m = 0; m < CB_GEN_MONTHS; m++) {
        month_total[m] = 0.0;
        for (unsigned i = 0; i < CB_GEN_CAUSES; i++)
            if (i != cb_gen_rising_cause && i != cb_gen_fixed_cause && i != cb_gen_lemon_cause)
                month_total[m] += (double)shown->cause_month[i][m];
        total += month_total[m];
    }
    return total;
}

static chance find_chance(const cb_gen_shown *shown, unsigned from_month)
{
    double month_total[CB_GEN_MONTHS], total = constant_causes(shown, month_total);
    chance best = {.excess = -1.0};
    for (unsigned i = 0; i < CB_GEN_CAUSES; i++) {
        double all = 0.0;
        for (unsigned m = 0; m < CB_GEN_MONTHS && cb_gen_cause_table[i].rare; m++)
            all += (double)shown->cause_month[i][m];
        for (unsigned m = from_month; m < CB_GEN_MONTHS && all > 0.0; m++) {
            double expected = all * month_total[m] / total;
            double above = (double)shown->cause_month[i][m] - expected;
            if (above > 0.0 && above * above / expected > best.excess)
                best = (chance){i, m, expected, above * above / expected};
        }
    }
    return best;
}

static void write_chance(cb_json *json, const cb_gen_shown *shown, const char *key,
                         unsigned from_month)
{
    chance c = find_chance(shown, from_month);
    char month[8] = "2024-10";
    unsigned since_january = 9 + c.month;
    month[3] = (char)('4' + since_january / 12);
    month[5] = (char)('0' + (since_january % 12 + 1) / 10);
    month[6] = (char)('0' + (since_january % 12 + 1) % 10);
    cb_json_open(json, key, '{');
    cb_json_text(json, "root_cause", cb_gen_cause_table[c.cause].word);
    cb_json_text(json, "month", month);
    cb_json_count(json, "cases", shown->cause_month[c.cause][c.month]);
    cb_json_real(json, "expected", c.expected);
    cb_json_real(json, "excess_squared_over_expected", c.excess);
    cb_json_real(json, "rate_ratio", 1.0);
    write_months(json, shown->cause_month[c.cause]);
    cb_json_close(json, '}');
}

static void write_leaving(cb_json *json, const cb_gen_tally *tally)
{
    cb_json_open(json, "leaving", '{');
    cb_json_text(json, "unit", "per customer-year of 365.25 days");
    cb_json_count(json, "after_problem_days", CB_GEN_AFTER_DAYS);
    cb_json_count(json, "quick_hours", CB_GEN_QUICK_S / 3600);
    cb_json_text(json, "rule", leaving_rule);
    cb_json_open(json, "states", '[');
    for (unsigned i = 0; i < CB_GEN_STATES; i++) {
        cb_json_open(json, NULL, '{');
        cb_json_text(json, "state", cb_gen_state_words[i]);
        cb_json_real(json, "rate", cb_gen_leaving_rate[i]);
        cb_json_real(json, "customer_years", (double)tally->person_s[i] / CB_GEN_YEAR_S);
        cb_json_count(json, "losses", tally->losses[i]);
        cb_json_close(json, '}');
    }
    cb_json_close(json, ']');
    cb_json_close(json, '}');
}

static void write_follow_up(cb_json *json, const cb_gen_shown *shown)
{
    cb_json_open(json, "follow_up", '{');
    cb_json_text(json, "team_that_skips", cb_gen_team_table[CB_GEN_SKIPPING_TEAM].word);
    cb_json_count(json, "within_days", 7);
    cb_json_open(json, "teams", '[');
    for (unsigned i = 0; i < CB_GEN_TEAMS; i++) {
        bool skips = i == CB_GEN_SKIPPING_TEAM;
        unsigned per_mille = skips ? CB_GEN_SKIP_FOLLOW_UP_PER_MILLE : CB_GEN_FOLLOW_UP_PER_MILLE;
        cb_json_open(json, NULL, '{');
        cb_json_text(json, "team", cb_gen_team_table[i].word);
        cb_json_real(json, "chance", per_mille / 1000.0);
        cb_json_count(json, "resolved", shown->team_resolved[i]);
        cb_json_count(json, "followed_up", shown->team_followed_up[i]);
        cb_json_close(json, '}');
    }
    cb_json_close(json, ']');
    cb_json_close(json, '}');
}

static void write_equal(cb_json *json, const char *key, const cb_gen_word *table, unsigned n,
                        const uint64_t *eligible, const uint64_t *adequate)
{
    cb_json_open(json, key, '[');
    for (unsigned i = 0; i < n; i++) {
        cb_json_open(json, NULL, '{');
        cb_json_text(json, key, table[i].word);
        cb_json_count(json, "eligible", eligible[i]);
        cb_json_count(json, "adequate", adequate[i]);
        cb_json_close(json, '}');
    }
    cb_json_close(json, ']');
}

static void write_equals(cb_json *json, const cb_gen_shown *shown)
{
    cb_json_open(json, "equal_adequacy", '{');
    write_equal(json, "team", cb_gen_team_table, CB_GEN_TEAMS, shown->team_eligible,
                shown->team_adequate);
    write_equal(json, "channel", cb_gen_channel_table, CB_GEN_CHANNELS, shown->channel_eligible,
                shown->channel_adequate);
    cb_json_close(json, '}');
}

static void write_rest(cb_json *json, const cb_gen_shown *shown)
{
    cb_json_open(json, "phrases", '{');
    cb_json_count(json, "texts", shown->texts);
    for (unsigned i = 0; i < CB_GEN_PHRASES; i++) {
        cb_json_open(json, cb_gen_phrase_words[i], '{');
        cb_json_real(json, "chance", cb_gen_phrase_per_mille[i] / 1000.0);
        cb_json_count(json, "texts", shown->phrases[i]);
        cb_json_close(json, '}');
    }
    cb_json_close(json, '}');
    cb_json_open(json, "liability", '{');
    cb_json_count(json, "cases", shown->liability);
    cb_json_count(json, "escalated", shown->liability_escalated);
    cb_json_close(json, '}');
    cb_json_cents(json, "largest_loss", shown->largest_loss_cents);
}

cb_status cb_gen_write_truths(const cb_gen_plan *plan, const cb_gen_tally *tally,
                              const cb_gen_shown *shown, cb_error *err)
{
    cb_out out;
    cb_status rc = cb_out_open(&out, plan->dir, "truths.json", err);
    if (rc != CB_OK)
        return rc;
    cb_json json = cb_json_start(&out, 3);
    cb_json_open(&json, NULL, '{');
    cb_json_count(&json, "schema", 1);
    cb_json_count(&json, "seed", plan->seed);
    cb_json_text(&json, "timezone", "Europe/Berlin");
    cb_json_text(&json, "first_day", "2024-10-01");
    cb_json_text(&json, "last_day", "2026-09-30");
    cb_json_text(&json, "first_month_of_series", "2024-10");
    write_rows(&json, tally, shown);
    write_cause(&json, "rising_cause", cb_gen_rising_cause, "from", "2026-07-01",
                CB_GEN_RISE_PER_MILLE, shown);
    write_cause(&json, "fixed_cause", cb_gen_fixed_cause, "fix_date", "2026-02-01",
                CB_GEN_FIX_PER_MILLE, shown);
    write_breakdowns(&json, tally);
    write_chance(&json, shown, "high_by_chance", 0);
    write_chance(&json, shown, "high_by_chance_in_last_quarter", CB_GEN_MONTHS - 3);
    write_leaving(&json, tally);
    write_follow_up(&json, shown);
    write_equals(&json, shown);
    write_rest(&json, shown);
    cb_json_close(&json, '}');
    return cb_out_close(&out, err);
}
