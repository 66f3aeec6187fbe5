/* C1 to C10 against the definitions: person-time day by day, the money by its formulas, every end
 * of the tornado by another run with that setting, every forecast of the back-test by a run of the
 * period that ended then. */
#include "churn_naive.h"
#include "fold_by_hand.h"

#include "casebook/stats_interval.h"

static const cb_measure *const only_churn[] = {&cb_measure_churn, NULL};

static const int64_t T0 = INT64_C(1704067200); /* 2024-01-01T00:00:00Z */
static const double YEAR_S = 365.25 * CB_DAY_S;

static bool near(double got, double want)
{
    return test_near(got, want, 1e-9 * (1 + fabs(want)));
}

/* ---- person-time and state ---- */

static void check_time(const char *what, const cb_churn *got, const naive_time *want)
{
    int64_t clean_s = want->seen_s - want->after_s;
    CHECK(near(got->person_years, (double)want->seen_s / YEAR_S), "%s: Y %g", what,
          got->person_years);
    CHECK(near(got->after.person_years, (double)want->after_s / YEAR_S),
          "%s: after %.9g years, want %.9g", what, got->after.person_years,
          (double)want->after_s / YEAR_S);
    CHECK(near(got->clean.person_years, (double)clean_s / YEAR_S), "%s: clean %g years", what,
          got->clean.person_years);
    CHECK(got->after.losses == want->after_losses, "%s: after %u losses, want %u", what,
          got->after.losses, want->after_losses);
    CHECK(got->clean.losses == want->losses - want->after_losses, "%s: clean %u losses", what,
          got->clean.losses);
    for (int o = 0; o < CB_OUTCOMES; o++)
        CHECK(near(got->by_outcome[o].person_years, (double)want->outcome_s[o] / YEAR_S) &&
                  got->by_outcome[o].losses == want->outcome_losses[o],
              "%s: %s %g years, %u losses, want %g and %u", what, cb_outcome_names[o],
              got->by_outcome[o].person_years, got->by_outcome[o].losses,
              (double)want->outcome_s[o] / YEAR_S, want->outcome_losses[o]);
    CHECK(got->list_customers == want->listed, "%s: listed %u, want %u", what, got->list_customers,
          want->listed);
    CHECK(got->valued_customers == want->listed_valued, "%s: valued %u", what,
          got->valued_customers);
    CHECK(got->customers_with_problem == want->with_problem, "%s: with problem %u, want %u", what,
          got->customers_with_problem, want->with_problem);
    CHECK(got->listed_with_problem == want->listed_with_problem, "%s: listed with problem", what);
    CHECK(got->at_risk == want->at_risk, "%s: at risk %u, want %u", what, got->at_risk,
          want->at_risk);
    CHECK(got->recorded_customers == want->recorded, "%s: recorded %u, want %u", what,
          got->recorded_customers, want->recorded);
}

/* ---- the money by its formulas ---- */

static double base_of(const test_world *w, cb_assumption_ix ix)
{
    return w->settings->assumption[ix].base;
}

static double mean_exp(double losses, double years)
{
    return pow(years / (years + 1), 0.5 + losses);
}

static void check_money(const char *what, const test_world *w, const cb_churn *got,
                        const naive_time *t)
{
    double setting = base_of(w, CB_A_ANNUAL_VALUE) * 100;
    double r = base_of(w, CB_A_RETENTION);
    double factor = base_of(w, CB_A_LIFETIME) >= 0.5 ? r / (1 + base_of(w, CB_A_DISCOUNT) - r) : 1;
    bool list = w->book->table[CB_CUSTOMERS].n > 0;
    double counted = list ? t->listed : t->case_customers;
    double customers = base_of(w, CB_A_CUSTOMERS) > 0 ? base_of(w, CB_A_CUSTOMERS) : counted;
    double blank = setting > 0        ? setting
                   : t->listed_valued ? t->listed_value / t->listed_valued
                                      : NAN;
    double value =
        t->listed_valued
            ? (t->listed_value +
               (t->listed > t->listed_valued ? (t->listed - t->listed_valued) * blank : 0)) /
                  t->listed
            : blank;
    double rate = base_of(w, CB_A_ANNUAL_LOSS_RATE) * base_of(w, CB_A_SERVICE_SHARE);
    double benchmark = customers > 0 ? customers * rate * value * factor : NAN;
    CHECK(near(got->counted_customers, counted) && near(got->customers, customers),
          "%s: customers %g", what, got->customers);
    CHECK(near(got->value_minor, value * factor), "%s: value %g, want %g", what, got->value_minor,
          value * factor);
    CHECK(near(got->benchmark_rate.value, rate), "%s: benchmark rate", what);
    CHECK(near(got->benchmark_cost_minor.value, benchmark), "%s: benchmark cost %g, want %g", what,
          got->benchmark_cost_minor.value, benchmark);
    double after_y = (double)t->after_s / YEAR_S;
    double clean_y = (double)(t->seen_s - t->after_s) / YEAR_S;
    bool own = list && w->book->table[CB_CUSTOMERS].column[CB_CUSTOMER_CHURNED] && after_y > 0 &&
               clean_y > 0 && t->listed > 0;
    CHECK(got->own_estimable == own, "%s: own estimable %d: %s", what, got->own_estimable,
          got->own_reason ? got->own_reason : "");
    double z = 0, own_rate = 0, own_cost = 0;
    if (own) {
        double excess =
            mean_exp(t->losses - t->after_losses, clean_y) - mean_exp(t->after_losses, after_y);
        double own_value =
            t->problem_value + (t->listed_with_problem > t->problem_valued
                                    ? (t->listed_with_problem - t->problem_valued) * blank
                                    : 0);
        z = (after_y + clean_y) / (base_of(w, CB_A_PRIOR_WEIGHT) + after_y + clean_y);
        own_rate = excess * t->listed_with_problem / t->listed;
        own_cost = isnan(value) ? NAN : excess * own_value * factor;
        double lambda = (0.5 + t->after_losses) / after_y;
        double n0 = base_of(w, CB_A_PRIOR_WEIGHT);
        for (int o = 0; o < CB_OUTCOMES; o++)
            CHECK(near(got->by_outcome[o].rate.value, (n0 * lambda + t->outcome_losses[o]) /
                                                          (n0 + (double)t->outcome_s[o] / YEAR_S)),
                  "%s: rate of %s", what, cb_outcome_names[o]);
        CHECK(test_near(got->excess.value, excess, 1e-12), "%s: excess %g, want %g", what,
              got->excess.value, excess);
        CHECK(near(got->own_rate.value, own_rate), "%s: own rate", what);
        CHECK(near(got->own_cost_minor.value, own_cost), "%s: own cost %g, want %g", what,
              got->own_cost_minor.value, own_cost);
    }
    CHECK(near(got->credibility, z), "%s: Z %g, want %g", what, got->credibility, z);
    CHECK(near(got->cost_minor.value, customers > 0 ? z * own_cost + (1 - z) * benchmark : NAN),
          "%s: headline %g", what, got->cost_minor.value);
    CHECK(near(got->rate.value, customers > 0 ? z * own_rate + (1 - z) * rate : NAN),
          "%s: headline rate %g", what, got->rate.value);
    CHECK(near(got->expected_losses.value, got->rate.value * customers), "%s: expected losses",
          what);
}

/* No figure is missing without a reason; no interval leaves its point out. */
static void check_est(const char *what, const char *name, cb_est e)
{
    CHECK(cb_est_ok(e) || e.reason, "%s: %s has neither value nor reason", what, name);
    CHECK(!cb_est_ok(e) || isfinite(e.value), "%s: %s is infinite", what, name);
    CHECK(isnan(e.low) || (e.low <= e.value && e.value <= e.high), "%s: %s: %g not in %g to %g",
          what, name, e.value, e.low, e.high);
}

static void check_reasons(const char *what, const cb_churn *c)
{
    check_est(what, "rate", c->rate);
    check_est(what, "cost", c->cost_minor);
    check_est(what, "expected losses", c->expected_losses);
    check_est(what, "benchmark rate", c->benchmark_rate);
    check_est(what, "benchmark cost", c->benchmark_cost_minor);
    check_est(what, "excess", c->excess);
    check_est(what, "own rate", c->own_rate);
    check_est(what, "own cost", c->own_cost_minor);
    check_est(what, "after", c->after.rate);
    check_est(what, "clean", c->clean.rate);
    for (int o = 0; o < CB_OUTCOMES; o++)
        check_est(what, cb_outcome_names[o], c->by_outcome[o].rate);
    CHECK(c->own_estimable == (c->own_reason == NULL) &&
              c->own_estimable == (c->method == CB_CHURN_BLEND),
          "%s: method", what);
    CHECK(c->own_estimable || (c->credibility == 0 && c->reason), "%s: Z without own data", what);
    CHECK(c->customers_from && c->value_from, "%s: origin of customers and value", what);
    CHECK((c->case_cost_minor == NULL) == (c->division_reason != NULL), "%s: division %s", what,
          c->division_reason ? c->division_reason : "made");
}

/* ---- Q3's division ---- */

static double naive_lost(const naive_view *v, uint32_t row, const cb_churn *c)
{
    const cb_table *t = &v->w->book->table[CB_CASES];
    uint32_t customer = cb_word(t, CB_CASE_CUSTOMER, row), sharing = 0;
    uint32_t listed = customer ? naive_list_row(v->w, customer) : CB_NO_ROW;
    bool here = customer && (listed == CB_NO_ROW || !naive_left(v, listed)) &&
                cb_time(t, CB_CASE_OPENED, row) < v->until;
    here = here && (listed == CB_NO_ROW || cb_time(&v->w->book->table[CB_CUSTOMERS],
                                                   CB_CUSTOMER_SINCE, listed) < v->until);
    for (uint32_t other = 0; other < t->n; other++)
        sharing += cb_word(t, CB_CASE_CUSTOMER, other) == customer &&
                   cb_time(t, CB_CASE_OPENED, other) < v->until &&
                   v->at - cb_time(t, CB_CASE_OPENED, other) < v->lasts_s;
    bool shares = here && v->at - cb_time(t, CB_CASE_OPENED, row) < v->lasts_s;
    return shares ? c->expected_losses.value / c->customers_with_problem / sharing : 0;
}

/* The headline is shared out over all cases near E, those before the window too. */
static void check_groups(const char *what, const naive_view *v, const cb_churn *c, cb_dim dim)
{
    const cb_churn_groups *by = &c->by[dim];
    double cost = 0, lost = 0;
    uint32_t customers = 0;
    for (uint32_t i = 0; i < by->n; i++) {
        const cb_churn_group *g = &by->group[i];
        double want = 0;
        for (uint32_t row = 0; c->case_lost && row < v->w->book->table[CB_CASES].n; row++)
            if (cb_dim_word(v->w->book, dim, row) == g->word)
                want += naive_lost(v, row, c);
        CHECK(near(g->customers_lost, want), "%s: %s %u loses %g, want %g", what, cb_dim_names[dim],
              g->word, g->customers_lost, want);
        CHECK(i == 0 || isnan(g->cost_minor) || !(g->cost_minor > by->group[i - 1].cost_minor),
              "%s: order of groups", what);
        cost += g->cost_minor;
        lost += g->customers_lost;
        customers += g->customers;
    }
    CHECK(customers == c->customers_with_problem, "%s: %s: %u customers", what, cb_dim_names[dim],
          customers);
    CHECK(customers == 0 || !c->case_lost || near(lost, c->expected_losses.value),
          "%s: %s: losses of the groups %g", what, cb_dim_names[dim], lost);
    CHECK(customers == 0 || near(cost, c->case_cost_minor ? c->cost_minor.value : NAN),
          "%s: %s: cost of the groups %g", what, cb_dim_names[dim], cost);
}

static void check_division(const char *what, const naive_view *v, cb_window_ix ix,
                           const cb_churn *c)
{
    const cb_slice *cases = &v->w->scope.window[ix].cases;
    double cost = 0;
    for (uint32_t i = 0; i < cases->n && c->case_lost; i++) {
        double want = naive_lost(v, cases->rows[i], c);
        CHECK(near(c->case_lost[i], want), "%s: case %u loses %g, want %g", what, cases->rows[i],
              c->case_lost[i], want);
        CHECK(!(c->case_lost[i] > 0 || c->case_lost[i] < 0) ||
                  (i >= c->carriers_from && i < c->carriers_to),
              "%s: case %u carries a loss", what, cases->rows[i]);
        cost += c->case_cost_minor ? c->case_cost_minor[i] : 0;
    }
    CHECK(ix == CB_NOW || !c->case_lost, "%s: a comparison window is divided", what);
    CHECK(!c->case_cost_minor || near(cost + c->cost_outside_minor, c->cost_minor.value),
          "%s: shares and rest are not the whole", what);
    for (int dim = 0; dim < CB_DIMS && ix == CB_NOW; dim++)
        check_groups(what, v, c, (cb_dim)dim);
}

/* ---- random books ---- */

static const char *const periods[] = {"2025-Q2",    "2025-Q4", "2024-Q3", "2025",
                                      "2025-05-07", "2026-Q1", "2023-Q4", "2024-10-01..2025-03-31"};

static naive_shape random_shape(uint64_t *seed, int number)
{
    naive_shape s = {.customers = test_between(seed, 1, 14),
                     .cases = test_between(seed, 0, 40),
                     .unlisted = test_between(seed, 0, 4)};
    s.list = number % 7 != 1;
    s.churned = number % 11 != 2;
    s.since = number % 5 != 3;
    s.values = number % 6 != 4;
    s.amounts = number % 4 != 1;
    return s;
}

static const char *random_config(uint64_t *seed, char *text, size_t size, int64_t *lasts_days)
{
    static const int64_t lasts[] = {365, 180, 30, 1, 700};
    *lasts_days = lasts[test_between(seed, 0, 5)];
    (void)snprintf(
        text, size,
        "[report]\ncurrency = EUR\n[assumptions]\nafter_problem_days = %lld\nannual_value = %s\n"
        "lifetime = %s\ncustomers = %s\nprior_weight = %s\n",
        (long long)*lasts_days, test_between(seed, 0, 2) ? "0" : "120.50",
        test_between(seed, 0, 3) ? "0" : "1", test_between(seed, 0, 4) ? "0" : "5000",
        test_between(seed, 0, 4) ? "50" : "3");
    return text;
}

static void same_figures(const char *what, const cb_churn *a, const cb_churn *b)
{
    CHECK(!memcmp(&a->cost_minor, &b->cost_minor, 3 * sizeof(double)) &&
              !memcmp(&a->rate, &b->rate, 3 * sizeof(double)),
          "%s: headline differs", what);
    CHECK(!memcmp(&a->excess, &b->excess, 3 * sizeof(double)), "%s: excess differs", what);
    CHECK(!memcmp(a->bottom_up_customers, b->bottom_up_customers, sizeof a->bottom_up_customers),
          "%s: bottom-up differs", what);
    CHECK(!memcmp(a->silent_leavers, b->silent_leavers, sizeof a->silent_leavers),
          "%s: silent leavers differ", what);
    CHECK(a->at_risk_value_minor == b->at_risk_value_minor && a->backtests == b->backtests &&
              a->bars == b->bars,
          "%s: counts differ", what);
    for (unsigned i = 0; i < a->backtests; i++)
        CHECK(!memcmp(&a->backtest[i].forecast, &b->backtest[i].forecast, 3 * sizeof(double)) &&
                  a->backtest[i].seen == b->backtest[i].seen,
              "%s: back-test differs", what);
}

static void random_book(uint64_t *seed, int number)
{
    char config[512], what[64];
    test_book b;
    test_world w;
    cb_results r[CB_WINDOWS];
    cb_results by_hand;
    int64_t lasts_days = 0;
    naive_shape shape = random_shape(seed, number);
    naive_book(&b, seed, T0, &shape);
    (void)random_config(seed, config, sizeof config, &lasts_days);
    test_world_open(&w, &b, T0 + test_between(seed, 300, 800) * DAY, config, 1);
    w.settings->draws = 200;
    test_world_run(&w, only_churn, periods[number % (int)COUNT_OF(periods)], r);
    for (int ix = 0; ix < CB_WINDOWS; ix++) {
        naive_view v = naive_view_of(&w, &w.scope.window[ix].period, lasts_days);
        naive_time want = naive_count(&v);
        if (ix != CB_NOW) /* the headline alone */
            want.at_risk = want.recorded = 0;
        (void)snprintf(what, sizeof what, "book %d, %s", number, w.scope.window[ix].period.label);
        check_time(what, &r[ix].churn, &want);
        check_money(what, &w, &r[ix].churn, &want);
        check_reasons(what, &r[ix].churn);
        check_division(what, &v, (cb_window_ix)ix, &r[ix].churn);
        fold_by_hand(&w, &cb_measure_churn, (cb_window_ix)ix, (unsigned)test_between(seed, 1, 8),
                     seed, &by_hand);
        check_time(what, &by_hand.churn, &want);
        check_division(what, &v, (cb_window_ix)ix, &by_hand.churn);
        same_figures(what, &r[ix].churn, &by_hand.churn);
    }
    test_world_close(&w);
}

static void against_counting_days(void **state)
{
    (void)state;
    uint64_t seed = 31;
    for (int number = 0; number < 400; number++)
        random_book(&seed, number);
}

/* ---- C8: every end of a bar is the headline of a run with that setting ---- */

static const char tornado_config[] =
    "[report]\ncurrency = EUR\n[assumptions]\nannual_loss_rate = 0.05..0.15..0.30\nservice_share = "
    "0.2..0.9..1\n"
    "prior_weight = 1..20..400\ncustomers = 20..40..90\nannual_value = "
    "50..200..300\nafter_problem_days = 90..300..400\n"
    "lifetime = 0..1..1\nretention = 0.6..0.8..0.85\ndiscount = 0.05..0.1..0.2\nreach = "
    "0.2..0.5..0.9\n";

static void open_tornado(test_world *w, const char *set)
{
    uint64_t seed = 5;
    test_book b;
    cb_error err = {.status = CB_OK};
    naive_shape shape = {.customers = 30,
                         .cases = 60,
                         .unlisted = 2,
                         .list = true,
                         .churned = true,
                         .since = true,
                         .values = true,
                         .amounts = true};
    naive_book(&b, &seed, T0, &shape);
    test_world_open(w, &b, T0 + 720 * DAY, tornado_config, 1);
    if (set)
        test_ok(cb_settings_set(w->settings, cb_str_of(set), &err), &err);
    w->settings->draws = 100;
}

static double headline_with(cb_assumption_ix ix, double value)
{
    char set[96];
    test_world w;
    cb_results r[CB_WINDOWS];
    (void)snprintf(set, sizeof set, "assumptions.%s=%.17g", cb_assumption_table[ix].key, value);
    open_tornado(&w, set);
    test_world_run(&w, only_churn, "2025-Q4", r);
    double cost = r[CB_NOW].churn.cost_minor.value;
    test_world_close(&w);
    return cost;
}

static void tornado_is_other_runs(void **state)
{
    (void)state;
    static const cb_assumption_ix moving[] = {
        CB_A_ANNUAL_LOSS_RATE, CB_A_SERVICE_SHARE, CB_A_PRIOR_WEIGHT,
        CB_A_CUSTOMERS,        CB_A_ANNUAL_VALUE,  CB_A_AFTER_PROBLEM_DAYS,
        CB_A_LIFETIME,         CB_A_RETENTION,     CB_A_DISCOUNT};
    test_world w;
    cb_results r[CB_WINDOWS];
    open_tornado(&w, NULL);
    test_world_run(&w, only_churn, "2025-Q4", r);
    const cb_churn *c = &r[CB_NOW].churn;
    assert_true(c->own_estimable);
    assert_int_equal(c->bars, COUNT_OF(moving));
    for (unsigned i = 0; i < c->bars; i++) {
        const cb_tornado_bar *bar = &c->bar[i];
        const char *key = cb_assumption_table[bar->assumption].key;
        bool listed = false;
        for (size_t m = 0; m < COUNT_OF(moving); m++)
            listed |= moving[m] == bar->assumption;
        CHECK(listed, "%s moves no headline", key);
        CHECK(near(bar->low_minor, headline_with(bar->assumption, bar->low_value)), "%s at low: %g",
              key, bar->low_minor);
        CHECK(near(bar->high_minor, headline_with(bar->assumption, bar->high_value)),
              "%s at high: %g", key, bar->high_minor);
        CHECK(near(bar->base_value, w.settings->assumption[bar->assumption].base), "%s base", key);
        if (i > 0)
            CHECK(fabs(c->bar[i - 1].high_minor - c->bar[i - 1].low_minor) >=
                      fabs(bar->high_minor - bar->low_minor),
                  "%s: order", key);
    }
    assert_int_equal(r[CB_BEFORE].churn.bars, 0);
    test_world_close(&w);
}

/* ---- C10: every forecast from a run of the period that ended then ---- */

typedef struct forecast {
    double mean;
    uint32_t seen;
} forecast;

/* Customers after a problem at q by what was known then, each with the time left. */
static forecast naive_forecast(const test_world *w, const cb_period *quarter, const cb_churn *then,
                               int64_t lasts_days, int64_t end)
{
    forecast f = {0};
    cb_period until = {.from_utc_s = 0, .to_utc_s = quarter->from_utc_s};
    naive_view v = naive_view_of(w, &until, lasts_days);
    const cb_table *list = &w->book->table[CB_CUSTOMERS];
    double length_s =
        (double)((quarter->to_utc_s < end ? quarter->to_utc_s : end) - quarter->from_utc_s);
    double ya = then->after.person_years, yc = then->clean.person_years;
    for (uint32_t row = 0; row < list->n; row++) {
        uint32_t latest = naive_latest(&v, cb_word(list, CB_CUSTOMER_ID, row), v.at);
        if (naive_left(&v, row) || cb_time(list, CB_CUSTOMER_SINCE, row) >= v.until ||
            !naive_after(&v, latest, v.at))
            continue;
        double left_s = (double)(cb_time(&w->book->table[CB_CASES], CB_CASE_OPENED, latest) +
                                 lasts_days * DAY - quarter->from_utc_s);
        double a = fmin(left_s, length_s) / YEAR_S;
        double stays = pow(ya / (ya + a), 0.5 + then->after.losses) *
                       pow(yc / (yc + length_s / YEAR_S - a), 0.5 + then->clean.losses);
        int64_t churned = cb_time(list, CB_CUSTOMER_CHURNED, row);
        f.mean += 1 - stays;
        f.seen += churned != CB_NO_TIME && churned < quarter->to_utc_s && churned <= end;
    }
    return f;
}

static void backtest_is_other_runs(void **state)
{
    (void)state;
    uint64_t seed = 77;
    test_book b;
    test_world w;
    cb_results r[CB_WINDOWS], then[CB_WINDOWS];
    naive_shape shape = {.customers = 300,
                         .cases = 500,
                         .unlisted = 5,
                         .list = true,
                         .churned = true,
                         .since = true};
    naive_book(&b, &seed, T0, &shape);
    test_world_open(&w, &b, T0 + 800 * DAY, "[assumptions]\nafter_problem_days = 200\n", 1);
    test_world_run(&w, only_churn, "2026-Q1", r);
    const cb_churn *c = &r[CB_NOW].churn;
    int64_t as_of = w.book->as_of_utc_s;
    /* First case on day 0-2; as_of 2026-03-11: quarters 2024-Q3 to 2025-Q4 have ended. */
    assert_int_equal(c->backtests, 6);
    for (unsigned i = 0; i < c->backtests; i++) {
        const cb_backtest_row *row = &c->backtest[i];
        cb_period before = cb_period_before(&row->quarter, w.settings->zone);
        test_world_run_period(&w, only_churn, &before, then);
        forecast want = naive_forecast(&w, &row->quarter, &then[CB_NOW].churn, 200, as_of);
        CHECK(row->seen == want.seen, "%s: seen %u, want %u", row->quarter.label, row->seen,
              want.seen);
        CHECK(test_near(row->forecast, want.mean, 0.005 * want.mean), "%s: forecast %g, want %g",
              row->quarter.label, row->forecast, want.mean);
        CHECK(row->low <= row->forecast && row->forecast <= row->high, "%s: interval",
              row->quarter.label);
        CHECK(row->inside == (row->seen >= row->low && row->seen <= row->high), "%s: verdict",
              row->quarter.label);
    }
    assert_string_equal(c->backtest[0].quarter.label, "2024-Q3");
    assert_string_equal(c->backtest[5].quarter.label, "2025-Q4");
    test_world_close(&w);
}

/* ---- threads ---- */

static void threads_do_not_show(void **state)
{
    (void)state;
    static const unsigned threads[] = {1, 2, 7};
    cb_churn first = {0};
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        uint64_t seed = 11;
        test_book b;
        test_world w;
        cb_results r[CB_WINDOWS];
        naive_shape shape = {.customers = 60000,
                             .cases = 30000,
                             .unlisted = 100,
                             .list = true,
                             .churned = true,
                             .since = true,
                             .values = true};
        naive_book(&b, &seed, T0, &shape);
        test_world_open(&w, &b, T0 + 720 * DAY, "[report]\ncurrency = EUR\n", threads[i]);
        test_world_run(&w, only_churn, "2025-Q3", r);
        CHECK(r[CB_NOW].churn.own_estimable, "%u threads: %s", threads[i],
              r[CB_NOW].churn.own_reason);
        if (i == 0)
            first = r[CB_NOW].churn;
        same_figures("threads", &first, &r[CB_NOW].churn);
        test_world_close(&w);
    }
}

int main(void)
{
    cb_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(against_counting_days),
        cmocka_unit_test(tornado_is_other_runs),
        cmocka_unit_test(backtest_is_other_runs),
        cmocka_unit_test(threads_do_not_show),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
