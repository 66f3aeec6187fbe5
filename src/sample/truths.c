#include "truths.h"

static void write_months(cb_out *out, const char *key, const uint64_t month[CB_GEN_MONTHS])
{
    cb_out_print(out, "    \"%s\": [", key);
    for (unsigned i = 0; i < CB_GEN_MONTHS; i++) {
        cb_out_text(out, i ? ", " : "");
        cb_out_number(out, (int64_t)month[i]);
    }
    cb_out_text(out, "]");
}

static void write_head(cb_out *out, const cb_gen_plan *plan, const cb_gen_tally *tally, const cb_gen_shown *shown)
{
    cb_out_text(out, "{\n  \"schema\": 1,\n  \"seed\": ");
    cb_out_padded(out, plan->seed, 1);
    cb_out_print(out, ",\n  \"timezone\": \"Europe/Berlin\",\n  \"first_day\": \"2024-10-01\",\n"
                      "  \"last_day\": \"2026-09-30\",\n  \"first_month_of_series\": \"2024-10\",\n");
    cb_out_print(out, "  \"rows\": {\"cases\": %llu, \"cases_open_at_end\": %llu, \"reviews\": %llu, "
                      "\"reviews_with_case_id\": %llu, \"reviews_with_customer_id\": %llu, \"customers\": %llu, "
                      "\"customers_not_listed\": %llu, \"customers_lost_before_first_day\": %llu},\n",
                 (unsigned long long)shown->cases, (unsigned long long)shown->open, (unsigned long long)shown->reviews,
                 (unsigned long long)shown->reviews_with_case, (unsigned long long)shown->reviews_with_customer,
                 (unsigned long long)shown->customers, (unsigned long long)shown->customers_not_listed,
                 (unsigned long long)tally->lost_before);
}

static void write_causes(cb_out *out, const cb_gen_tally *tally, const cb_gen_shown *shown)
{
    cb_out_print(out, "  \"rising_cause\": {\n    \"root_cause\": \"%s\", \"from\": \"2026-07-01\", \"rate_ratio\": %.3f,\n",
                 cb_gen_cause_table[cb_gen_rising_cause].word, CB_GEN_RISE_PER_MILLE / 1000.0);
    write_months(out, "cases_by_month", shown->cause_month[cb_gen_rising_cause]);
    cb_out_print(out, "\n  },\n  \"fixed_cause\": {\n    \"root_cause\": \"%s\", \"fix_date\": \"2026-02-01\", "
                      "\"rate_ratio\": %.3f,\n",
                 cb_gen_cause_table[cb_gen_fixed_cause].word, CB_GEN_FIX_PER_MILLE / 1000.0);
    write_months(out, "cases_by_month", shown->cause_month[cb_gen_fixed_cause]);
    cb_out_print(out, "\n  },\n  \"repeated_breakdown\": {\n    \"product\": \"%s\", \"root_cause\": \"%s\", "
                      "\"cases_per_unit_year\": %.3f,\n    \"owners\": %llu, \"faulty_units\": %llu, "
                      "\"window_days\": %d, \"cases\": 3,\n    \"customers_by_product\": {",
                 cb_gen_product_table[CB_GEN_LEMON_PRODUCT].word, cb_gen_cause_table[cb_gen_lemon_cause].word,
                 CB_GEN_LEMON_RATE, (unsigned long long)tally->owners_of_lemon_product,
                 (unsigned long long)tally->lemons, (int)CB_GEN_AFTER_DAYS);
    for (unsigned i = 0; i < CB_GEN_PRODUCTS; i++)
        cb_out_print(out, "%s\"%s\": %llu", i ? ", " : "", cb_gen_product_table[i].word,
                     (unsigned long long)tally->breakdowns[i]);
    cb_out_text(out, "}\n  },\n");
}

static bool is_constant(unsigned cause)
{
    return cause != cb_gen_rising_cause && cause != cb_gen_fixed_cause && cause != cb_gen_lemon_cause;
}

/* Against the months' totals of all causes whose rates are constant, the largest excess in units of sqrt(expected). */
typedef struct chance {
    unsigned cause, month;
    double expected, excess;
} chance;

static chance find_chance(const cb_gen_shown *shown, unsigned from_month)
{
    double month_total[CB_GEN_MONTHS] = {0}, total = 0.0;
    chance best = {.excess = -1.0};
    for (unsigned i = 0; i < CB_GEN_CAUSES; i++)
        for (unsigned m = 0; m < CB_GEN_MONTHS && is_constant(i); m++) {
            month_total[m] += (double)shown->cause_month[i][m];
            total += (double)shown->cause_month[i][m];
        }
    for (unsigned i = 0; i < CB_GEN_CAUSES; i++) {
        double all = 0.0;
        for (unsigned m = 0; m < CB_GEN_MONTHS; m++)
            all += (double)shown->cause_month[i][m];
        for (unsigned m = from_month; m < CB_GEN_MONTHS && cb_gen_cause_table[i].rare && total > 0.0; m++) {
            double expected = all * month_total[m] / total, above = (double)shown->cause_month[i][m] - expected;
            double excess = above > 0.0 && expected > 0.0 ? above * above / expected : 0.0;
            if (excess > best.excess)
                best = (chance){i, m, expected, excess};
        }
    }
    return best;
}

static void write_chance(cb_out *out, const cb_gen_shown *shown, const char *key, unsigned from_month)
{
    chance c = find_chance(shown, from_month);
    unsigned month = (9 + c.month) % 12 + 1, year = 2024 + (9 + c.month) / 12;
    cb_out_print(out, "  \"%s\": {\n    \"root_cause\": \"%s\", \"month\": \"%04u-%02u\", \"cases\": %llu, "
                      "\"expected\": %.3f, \"excess_squared_over_expected\": %.3f, \"rate_ratio\": 1.000,\n",
                 key, cb_gen_cause_table[c.cause].word, year, month,
                 (unsigned long long)shown->cause_month[c.cause][c.month], c.expected, c.excess);
    write_months(out, "cases_by_month", shown->cause_month[c.cause]);
    cb_out_text(out, "\n  },\n");
}

static void write_leaving(cb_out *out, const cb_gen_tally *tally)
{
    cb_out_print(out, "  \"leaving\": {\n    \"unit\": \"per customer-year of 365.25 days\", \"after_problem_days\": %d, "
                      "\"quick_hours\": %d,\n"
                      "    \"rule\": \"by the customer's latest case of those days, as the data show it at their end: open or "
                      "withdrawn is unresolved; remedy below loss (direct and consequential) is inadequate; else, also "
                      "where loss or remedy is not known, adequate, and quick if resolved within quick_hours\",\n"
                      "    \"states\": [\n",
                 (int)CB_GEN_AFTER_DAYS, CB_GEN_QUICK_S / 3600);
    for (unsigned i = 0; i < CB_GEN_STATES; i++)
        cb_out_print(out, "      {\"state\": \"%s\", \"rate\": %.3f, \"customer_years\": %.3f, \"losses\": %llu}%s\n",
                     cb_gen_state_words[i], cb_gen_leaving_rate[i], (double)tally->person_s[i] / CB_GEN_YEAR_S,
                     (unsigned long long)tally->losses[i], i + 1 < CB_GEN_STATES ? "," : "");
    cb_out_text(out, "    ]\n  },\n");
}

static void write_follow_up(cb_out *out, const cb_gen_shown *shown)
{
    cb_out_print(out, "  \"follow_up\": {\n    \"team_that_skips\": \"%s\", \"within_days\": 7,\n    \"teams\": [\n",
                 cb_gen_team_table[CB_GEN_SKIPPING_TEAM].word);
    for (unsigned i = 0; i < CB_GEN_TEAMS; i++)
        cb_out_print(out, "      {\"team\": \"%s\", \"chance\": %.3f, \"resolved\": %llu, \"followed_up\": %llu}%s\n",
                     cb_gen_team_table[i].word,
                     (i == CB_GEN_SKIPPING_TEAM ? CB_GEN_SKIP_FOLLOW_UP_PER_MILLE : CB_GEN_FOLLOW_UP_PER_MILLE) / 1000.0,
                     (unsigned long long)shown->team_resolved[i], (unsigned long long)shown->team_followed_up[i],
                     i + 1 < CB_GEN_TEAMS ? "," : "");
    cb_out_text(out, "    ]\n  },\n");
}

static void write_fair(cb_out *out, const char *key, const cb_gen_word *table, unsigned n, const uint64_t *eligible,
                       const uint64_t *adequate)
{
    cb_out_print(out, "    \"%s\": [\n", key);
    for (unsigned i = 0; i < n; i++)
        cb_out_print(out, "      {\"%s\": \"%s\", \"eligible\": %llu, \"adequate\": %llu}%s\n", key, table[i].word,
                     (unsigned long long)eligible[i], (unsigned long long)adequate[i], i + 1 < n ? "," : "");
    cb_out_text(out, "    ]");
}

static void write_rest(cb_out *out, const cb_gen_shown *shown)
{
    cb_out_text(out, "  \"equal_adequacy\": {\n");
    write_fair(out, "team", cb_gen_team_table, CB_GEN_TEAMS, shown->team_eligible, shown->team_adequate);
    cb_out_text(out, ",\n");
    write_fair(out, "channel", cb_gen_channel_table, CB_GEN_CHANNELS, shown->channel_eligible, shown->channel_adequate);
    cb_out_print(out, "\n  },\n  \"phrases\": {\n    \"texts\": %llu,\n", (unsigned long long)shown->texts);
    for (unsigned i = 0; i < CB_GEN_PHRASES; i++)
        cb_out_print(out, "    \"%s\": {\"chance\": %.3f, \"texts\": %llu}%s\n", cb_gen_phrase_words[i],
                     cb_gen_phrase_per_mille[i] / 1000.0, (unsigned long long)shown->phrases[i],
                     i + 1 < CB_GEN_PHRASES ? "," : "");
    cb_out_print(out, "  },\n  \"liability\": {\"cases\": %llu, \"escalated\": %llu},\n",
                 (unsigned long long)shown->liability, (unsigned long long)shown->liability_escalated);
    cb_out_text(out, "  \"largest_loss\": ");
    cb_out_cents(out, shown->largest_loss_cents);
    cb_out_text(out, "\n}\n");
}

cb_status cb_gen_write_truths(const cb_gen_plan *plan, const cb_gen_tally *tally, const cb_gen_shown *shown,
                              cb_error *err)
{
    cb_out out;
    cb_status rc = cb_out_open(&out, plan->dir, "truths.json", err);
    if (rc != CB_OK)
        return rc;
    write_head(&out, plan, tally, shown);
    write_causes(&out, tally, shown);
    write_chance(&out, shown, "high_by_chance", 0);
    write_chance(&out, shown, "high_by_chance_in_last_quarter", CB_GEN_MONTHS - 3);
    write_leaving(&out, tally);
    write_follow_up(&out, shown);
    write_rest(&out, shown);
    return cb_out_close(&out, err);
}
