/* The lines beside the headline by hand (C4, C5, C6, C9), what is said where a figure cannot be
 * made, immortal time, coverage in short, and memory that fails. */
#include "churn_simulated.h"

#include "casebook/stats_draws.h"

static const cb_measure *const only_churn[] = {&cb_measure_churn, NULL};

static const int64_t T0 = INT64_C(1767225600); /* 2026-01-01T00:00:00Z */

static bool near(double got, double want)
{
    return test_near(got, want, 1e-9 * (1 + fabs(want)));
}

/* ---- by hand ---- */

static void hand_case(test_book *b, const char *customer, const char *kind, int day, int solved_day,
                      int64_t loss, int64_t remedy)
{
    uint32_t row = test_case(
        b, &(test_case_row){.opened = T0 + day * DAY,
                            .resolved = solved_day >= 0 ? T0 + solved_day * DAY : 0,
                            .status = solved_day >= 0 ? CB_STATUS_RESOLVED : CB_STATUS_OPEN,
                            .customer = customer,
                            .kind = kind});
    test_amount(b, CB_CASES, row, CB_CASE_LOSS, loss);
    test_amount(b, CB_CASES, row, CB_CASE_REMEDY, remedy);
}

static void hand_customer(test_book *b, int since_day, int churned_day, int64_t value)
{
    uint32_t row = test_row(b, CB_CUSTOMERS);
    if (since_day >= 0)
        test_time(b, CB_CUSTOMERS, row, CB_CUSTOMER_SINCE, T0 + since_day * DAY);
    if (churned_day >= 0)
        test_time(b, CB_CUSTOMERS, row, CB_CUSTOMER_CHURNED, T0 + churned_day * DAY);
    if (value >= 0)
        test_amount(b, CB_CUSTOMERS, row, CB_CUSTOMER_VALUE, value);
}

static void hand_review(test_book *b, int day, uint16_t score, uint16_t reach)
{
    uint32_t row = test_row(b, CB_REVIEWS);
    test_time(b, CB_REVIEWS, row, CB_REVIEW_POSTED, T0 + day * DAY);
    test_count(b, CB_REVIEWS, row, CB_REVIEW_RATING, score);
    test_count(b, CB_REVIEWS, row, CB_REVIEW_REACH, reach);
}

/* after_problem_days 20; the window is January 2026, as_of day 40. */
static void open_by_hand(test_world *w, const char *more)
{
    char config[1024];
    test_book b;
    test_book_init(&b);
    hand_customer(&b, -1, -1, 100000); /* 1: day 0 on */
    hand_customer(&b, 10, -1, 300000); /* 2: comes on day 10 */
    hand_customer(&b, -1, 12, 500000); /* 3: leaves on day 12, after a problem of day 5 */
    hand_customer(&b, -1, 25, -1);     /* 4: leaves on day 25 = 5 + 20: clean since that second */
    hand_customer(&b, -1, -1, -1);     /* 5: no case */
    hand_customer(&b, 35, -1, 900000); /* 6: comes after the window */
    hand_case(&b, "1", "late", 0, 0, 0, 0);           /* quick and adequate */
    hand_case(&b, "1", "late", 14, 14, 20000, 20000); /* large, quick */
    hand_case(&b, "2", "late", 20, 33, 9999,
              9999); /* solved after the window: unresolved at its end */
    hand_case(&b, "3", "broken", 5, 9, 10000, 0);   /* inadequate, large */
    hand_case(&b, "4", "broken", 5, 9, 5000, 5000); /* adequate, small */
    hand_case(&b, "9", "broken", 28, -1, 0, 0);     /* not in the list; open */
    hand_case(&b, NULL, "late", 3, -1, 99999, 0);   /* customer not known */
    hand_review(&b, 3, 200, 100);
    hand_review(&b, 4, 250, 1000); /* not low */
    hand_review(&b, 5, 100, 30);
    hand_review(&b, 33, 100, 7000); /* after the window */
    (void)snprintf(config, sizeof config,
                   "[report]\ncurrency = EUR\n[assumptions]\nafter_problem_days = 20\n%s", more);
    test_world_open(w, &b, T0 + 40 * DAY, config, 1);
}

static void figures_by_hand(void **state)
{
    (void)state;
    test_world w;
    cb_results r[CB_WINDOWS];
    open_by_hand(&w, "");
    test_world_run(&w, only_churn, "2026-01", r);
    const cb_churn *c = &r[CB_NOW].churn;
    /* E is day 31. Seen: 31 + 21 + 12 + 25 + 31 days; after: 1 days 0-31 (14 + 20 > 31), 2 11 days,
     * 3 7 days, 4 20 days. */
    CHECK(near(c->person_years, 120 / 365.25), "Y %g", c->person_years);
    CHECK(near(c->after.person_years, (31 + 11 + 7 + 20) / 365.25), "after %g",
          c->after.person_years * 365.25);
    assert_int_equal(c->after.losses, 1);
    assert_int_equal(c->clean.losses, 1);
    /* By outcome: 1 quick 31; 3 inadequate 7; 4 adequate 20; 2 unresolved 11, for it was solved on
     * day 33. */
    static const double days[CB_OUTCOMES] = {31, 20, 7, 11};
    for (int o = 0; o < CB_OUTCOMES; o++)
        CHECK(near(c->by_outcome[o].person_years, days[o] / 365.25), "%s: %g days",
              cb_outcome_names[o], c->by_outcome[o].person_years * 365.25);
    assert_int_equal(c->by_outcome[CB_OUTCOME_INADEQUATE].losses, 1);
    assert_int_equal(c->list_customers, 3); /* 1, 2, 5 */
    assert_int_equal(c->valued_customers, 2);
    assert_string_equal(c->value_from, "customer list (2 of 3)");
    assert_string_equal(c->customers_from, "customer list");
    CHECK(near(c->value_minor, 200000), "value %g", c->value_minor);
    assert_int_equal(c->customers_with_problem, 3); /* 1, 2, 9 */
    assert_int_equal(c->listed_with_problem, 2);
    /* 2 (unresolved at E) and 9; 9 has no value of its own */
    assert_int_equal(c->at_risk, 2);
    assert_int_equal(c->at_risk_value_minor, 300000 + 200000);
    double y = 69 / 365.25, clean = 51 / 365.25;
    double excess = pow(clean / (clean + 1), 1.5) - pow(y / (y + 1), 1.5);
    double z = 120 / 365.25 / (50 + 120 / 365.25);
    CHECK(near(c->excess.value, excess), "excess %g", c->excess.value);
    CHECK(near(c->after.rate.value, 1.5 / y), "lambda %g", c->after.rate.value);
    CHECK(near(c->cost_minor.value, z * excess * 400000 + (1 - z) * 3 * 0.15 * 200000), "cost %g",
          c->cost_minor.value);
    /* Shares: values 1, 3 and (not listed) 2; customer 1 has its case of day 14 only in the 20 days
     * before day 31. */
    double per_value = c->cost_minor.value / 600000;
    const cb_slice *cases = &w.scope.window[CB_NOW].cases;
    static const double value[] = {0, 0, 0, 0, 100000, 300000, 200000}; /* by day of opening */
    assert_int_equal(cases->n, COUNT_OF(value));
    for (uint32_t i = 0; i < cases->n; i++)
        CHECK(near(c->case_cost_minor[i], value[i] * per_value), "case %u: %g", i,
              c->case_cost_minor[i]);
    CHECK(near(c->cost_outside_minor, 0), "outside %g", c->cost_outside_minor);
    test_world_close(&w);
}

static void lines_by_hand(void **state)
{
    (void)state;
    test_world w;
    cb_results r[CB_WINDOWS];
    open_by_hand(&w, "word_of_mouth_value = 0.5\n");
    test_world_run(&w, only_churn, "2026-01", r);
    const cb_churn *c = &r[CB_NOW].churn;
    assert_int_equal(c->recorded_customers, 5); /* 1, 2, 3, 4, 9 */
    static const double havers[] = {5 / 0.75, 5 / 0.5, 5 / 0.35},
                        leavers[] = {0.25 * 5 / 0.75, 0.5 * 5 / 0.5, 0.63 * 5 / 0.35};
    for (int i = 0; i < 3; i++) {
        CHECK(near(c->silent_havers[i], havers[i]), "havers %d: %g", i, c->silent_havers[i]);
        CHECK(near(c->silent_leavers[i], leavers[i]), "leavers %d: %g", i, c->silent_leavers[i]);
        CHECK(near(c->silent_cost_minor[i], leavers[i] * 200000), "silent cost %d", i);
        CHECK(near(c->silent_by_intent[i], (havers[i] - 5) * (3 * 0.58 + 2 * 0.86) / 5),
              "silent by intent %d: %g", i, c->silent_by_intent[i]);
        CHECK(near(c->reached_people[i], c->expected_losses.value * (8 + 4 * i)), "reached %d", i);
    }
    /* Worst: 1 quick, large loss (.82 below .95); 2 solved on day 33, so as of day 40 adequate,
     * small; 3 inadequate, large; 4 adequate, small; 9 unresolved, small. */
    static const uint32_t want[CB_OUTCOMES][2] = {{0, 1}, {2, 0}, {0, 1}, {1, 0}};
    assert_memory_equal(c->bottom_up_customers, want, sizeof want);
    CHECK(near(c->bottom_up_losses, 0.13 + 2 * 0.25 + 0.76 + 0.49), "bottom-up %g",
          c->bottom_up_losses);
    CHECK(near(c->bottom_up_cost_minor, 1.88 * 200000), "bottom-up cost %g",
          c->bottom_up_cost_minor);
    /* Scaled from 31 days to a year. */
    CHECK(near(c->ratio_bottom_up_benchmark, 1.88 * 200000 * 365.25 / 31 / (3 * 0.15 * 200000)),
          "ratio %g", c->ratio_bottom_up_benchmark);
    assert_true(c->amber);
    CHECK(near(c->reach_reviews, 130), "reach %g", c->reach_reviews);
    CHECK(near(c->word_of_mouth_cost_minor, (c->expected_losses.value * 12 + 130) * 50),
          "word of mouth %g", c->word_of_mouth_cost_minor);
    test_world_close(&w);
}

/* What happens at the very end of a period belongs to the next one, also where as_of is that
 * second; where the period still runs, as_of's own second counts. Of two cases that leave as many
 * the unresolved one is the worse. */
static void edges_of_the_window(void **state)
{
    (void)state;
    static const struct {
        const char *period;
        uint32_t recorded, listed, with_problem;
    } want[] = {{"2026-01", 1, 2, 1}, {"2026-02", 2, 1, 2}};
    test_book b;
    test_world w;
    cb_results r[CB_WINDOWS];
    test_book_init(&b);
    hand_customer(&b, -1, 31, -1);
    hand_customer(&b, -1, -1, -1);
    hand_case(&b, "2", "k", 30, 30, 100, 0);
    hand_case(&b, "2", "k", 31, -1, 100, 0);
    hand_case(&b, "2", "k", 31, 31, 100, 0);
    hand_case(&b, "7", "k", 31, 31, 0, 0);
    test_world_open(&w, &b, T0 + 31 * DAY, NULL, 1);
    for (size_t i = 0; i < COUNT_OF(want); i++) {
        test_world_run(&w, only_churn, want[i].period, r);
        const cb_churn *c = &r[CB_NOW].churn;
        CHECK(c->recorded_customers == want[i].recorded, "%s: recorded %u", want[i].period,
              c->recorded_customers);
        CHECK(c->list_customers == want[i].listed, "%s: listed %u", want[i].period,
              c->list_customers);
        CHECK(c->customers_with_problem == want[i].with_problem, "%s: with a problem %u",
              want[i].period, c->customers_with_problem);
    }
    assert_int_equal(r[CB_NOW].churn.bottom_up_customers[CB_OUTCOME_UNRESOLVED][0], 1);
    assert_int_equal(r[CB_NOW].churn.bottom_up_customers[CB_OUTCOME_INADEQUATE][0], 0);
    test_world_close(&w);
}

/* [reach] of a kind: one value for it, low to high for the others. A customer counts under the
 * latest case's kind. */
static void reach_of_kinds(void **state)
{
    (void)state;
    test_world w;
    cb_results r[CB_WINDOWS];
    open_by_hand(&w, "[reach]\nBroken = 0.2\n");
    test_world_run(&w, only_churn, "2026-01", r);
    const cb_churn *c = &r[CB_NOW].churn;
    static const double havers[] = {2 / 0.75 + 15, 4 + 15, 2 / 0.35 + 15};
    static const double leavers[] = {0.25 * 2 / 0.75 + 0.3 * 15, 0.5 * 4 + 0.5 * 15,
                                     0.63 * 2 / 0.35 + 0.63 * 15};
    for (int i = 0; i < 3; i++) {
        CHECK(near(c->silent_havers[i], havers[i]), "havers %d: %g", i, c->silent_havers[i]);
        CHECK(near(c->silent_leavers[i], leavers[i]), "leavers %d: %g", i, c->silent_leavers[i]);
        CHECK(near(c->silent_by_intent[i], (havers[i] - 5) * (3 * 0.58 + 2 * 0.86) / 5),
              "silent by intent %d: %g", i, c->silent_by_intent[i]);
    }
    test_world_close(&w);
}

/* ---- settings that change the model ---- */

static const struct {
    const char *name, *config;
    double customers, value; /* value: minor units */
    const char *customers_from, *value_from;
} settings_table[] = {
    {"as it is", "", 3, 200000, "customer list", "customer list (2 of 3)"},
    {"customers set", "customers = 70\n", 70, 200000, "setting", "customer list (2 of 3)"},
    {"value for the blanks", "annual_value = 800\n", 3, (400000 + 80000) / 3.0, "customer list",
     "customer list (2 of 3), setting for the others"},
    {"lifetime", "lifetime = 1\nretention = 0.8\ndiscount = 0.1\n", 3, 200000 * 0.8 / 0.3,
     "customer list", "customer list (2 of 3)"},
};

static void settings_of_the_model(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(settings_table); i++) {
        test_world w;
        cb_results r[CB_WINDOWS];
        open_by_hand(&w, settings_table[i].config);
        test_world_run(&w, only_churn, "2026-01", r);
        const cb_churn *c = &r[CB_NOW].churn;
        const char *name = settings_table[i].name;
        CHECK(near(c->customers, settings_table[i].customers), "%s: customers %g", name,
              c->customers);
        CHECK(near(c->counted_customers, 3), "%s: counted %g", name, c->counted_customers);
        CHECK(near(c->value_minor, settings_table[i].value), "%s: value %g", name, c->value_minor);
        CHECK(!strcmp(c->customers_from, settings_table[i].customers_from), "%s: %s", name,
              c->customers_from);
        CHECK(!strcmp(c->value_from, settings_table[i].value_from), "%s: %s", name, c->value_from);
        CHECK(near(c->benchmark_cost_minor.value,
                   settings_table[i].customers * 0.15 * settings_table[i].value),
              "%s: benchmark", name);
        test_world_close(&w);
    }
}

/* ---- what is said where there is nothing ---- */

enum { LIST = 1, CHURNED = 2, VALUE = 4, CASES = 8, NAMED = 16, CLEAN = 32, STAYS = 64 };

static const struct {
    const char *name;
    unsigned has;
    const char *config, *own_reason, *cost_reason, *division_reason; /* NULL: the figure is there */
} nothing[] = {
    {"all", LIST | CHURNED | VALUE | CASES | NAMED | CLEAN | STAYS, "", NULL, NULL, NULL},
    {"no list", CASES | NAMED, "annual_value = 10\n", "no customer list in the input", NULL, NULL},
    {"no list, no value", CASES | NAMED, "", "no customer list in the input",
     "no yearly value of a customer is known", "no yearly value of a customer is known"},
    {"no customer at all", CASES, "annual_value = 10\n", "no customer list in the input",
     "no customer is known", "no customer is known"},
    {"a number of customers without names", CASES, "annual_value = 10\ncustomers = 1000\n",
     "no customer list in the input", NULL, "no case of the period names its customer"},
    {"list without churned_at", LIST | VALUE | CASES | NAMED | CLEAN | STAYS, "",
     "no churned_at column in the customer list", NULL, NULL},
    {"no case", LIST | CHURNED | VALUE | CLEAN | STAYS, "", "no case in the input", NULL, NULL},
    {"no clean time", LIST | CHURNED | VALUE | CASES | NAMED | STAYS, "",
     "no clean time: every customer of the list was after a problem all the time", NULL, NULL},
    {"nobody had a problem", LIST | CHURNED | VALUE | CASES | CLEAN | STAYS, "",
     "no time after a problem: no customer of the list opened a case", NULL,
     "no case of the period names its customer"},
    {"everyone left", LIST | CHURNED | VALUE | CASES | NAMED | CLEAN, "annual_value = 10\n",
     "no customer of the list is left at the period's end", "no customer is known",
     "no customer is known"},
    {"no value", LIST | CHURNED | CASES | NAMED | CLEAN | STAYS, "", NULL,
     "no yearly value of a customer is known", "no yearly value of a customer is known"},
    {"no prior", LIST | CHURNED | VALUE | CASES | NAMED | CLEAN | STAYS, "prior_weight = 0\n", NULL,
     NULL, NULL},
    {"no prior, no own data", CASES | NAMED, "annual_value = 10\nprior_weight = 0\n",
     "no customer list in the input", NULL, NULL},
    {"no loss assumed", LIST | CHURNED | VALUE | CASES | NAMED | CLEAN | STAYS,
     "annual_loss_rate = 0\n", NULL, NULL, NULL},
    {"hardly a prior", CASES | NAMED, "annual_value = 10\nprior_weight = 0.001\n",
     "no customer list in the input", NULL, NULL},
};

/* Customer 1 has a case from the first second; customer 2 has none, or one then too. */
static void open_nothing(test_world *w, unsigned has, const char *config)
{
    char text[512];
    test_book b;
    test_book_init(&b);
    for (int i = 0; i < 2 && has & LIST; i++)
        hand_customer(&b, -1, has & CHURNED && (i == 0 || !(has & STAYS)) ? 8 : -1,
                      has & VALUE ? 1000 : -1);
    for (int i = 0; i < 2 && has & CASES; i++)
        hand_case(&b, has & NAMED ? i == 0 || has & CLEAN ? "1" : "2" : NULL, "k", 0, 2, 0, 0);
    (void)snprintf(text, sizeof text, "[report]\ncurrency = EUR\n[assumptions]\n%s", config);
    test_world_open(w, &b, T0 + 20 * DAY, text, 1);
    w->settings->draws = 500;
}

static bool same_reason(const char *got, const char *want)
{
    return got == want || (got && want && !strcmp(got, want));
}

static void check_nothing(const char *name, const cb_churn *c)
{
    const cb_est est[] = {
        c->rate,   c->cost_minor, c->expected_losses, c->benchmark_rate, c->benchmark_cost_minor,
        c->excess, c->own_rate,   c->own_cost_minor,  c->after.rate,     c->clean.rate};
    for (size_t k = 0; k < COUNT_OF(est); k++) {
        CHECK(isfinite(est[k].value) || est[k].reason,
              "%s: figure %zu has neither value nor reason", name, k);
        CHECK(isnan(est[k].low) || (est[k].low <= est[k].value && est[k].value <= est[k].high),
              "%s: figure %zu outside its interval", name, k);
    }
    CHECK(c->backtests > 0 || c->backtest_reason, "%s: back-test without a reason", name);
    CHECK(c->credibility >= 0 && c->credibility <= 1, "%s: Z %g", name, c->credibility);
}

static void said_where_there_is_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(nothing); i++) {
        test_world w;
        cb_results r[CB_WINDOWS];
        const char *name = nothing[i].name;
        open_nothing(&w, nothing[i].has, nothing[i].config);
        test_world_run(&w, only_churn, "2026-01", r);
        const cb_churn *c = &r[CB_NOW].churn;
        CHECK(same_reason(c->own_reason, nothing[i].own_reason), "%s: own: %s", name,
              c->own_reason ? c->own_reason : "there");
        CHECK(same_reason(c->cost_minor.reason, nothing[i].cost_reason), "%s: cost: %s", name,
              c->cost_minor.reason ? c->cost_minor.reason : "there");
        CHECK(same_reason(c->division_reason, nothing[i].division_reason), "%s: division: %s", name,
              c->division_reason ? c->division_reason : "there");
        for (int ix = 0; ix < CB_WINDOWS; ix++)
            check_nothing(name, &r[ix].churn);
        test_world_close(&w);
    }
}

/* ---- immortal time ---- */

/* A case changes nothing here: who stays longer has more time to open one. To call everyone with a
 * case "with a problem" from the first day credits that group with years in which it could not
 * leave by definition; the measure starts the clock at the case. */
static void immortal_time(void **state)
{
    (void)state;
    static const simulated no_effect = {
        .name = "no effect", .customers = 20000, .clean = 0.5, .after = 0.5, .cases_a_year = 0.7};
    uint64_t seed = 4;
    test_book b;
    test_world w;
    cb_results r[CB_WINDOWS];
    simulated_book(&b, &no_effect, &seed);
    test_world_open(&w, &b, SIMULATED_T0 + (int64_t)SIMULATED_DAYS * DAY, NULL, 1);
    test_world_run(&w, only_churn, "2025-Q4", r);
    const cb_churn *c = &r[CB_NOW].churn;
    const cb_table *list = &w.book->table[CB_CUSTOMERS];
    double years[2] = {0, 0};
    double losses[2] = {0, 0};
    for (uint32_t row = 0; row < list->n; row++) {
        uint32_t id = cb_word(list, CB_CUSTOMER_ID, row);
        int64_t churned = cb_time(list, CB_CUSTOMER_CHURNED, row);
        bool ever = w.book->cases_of.offset[id + 1] > w.book->cases_of.offset[id];
        years[ever] += (double)((churned == CB_NO_TIME ? w.book->as_of_utc_s : churned) -
                                cb_time(list, CB_CUSTOMER_SINCE, row)) /
                       SIMULATED_YEAR_S;
        losses[ever] += churned != CB_NO_TIME;
    }
    double naive = exp(-losses[0] / years[0]) - exp(-losses[1] / years[1]);
    CHECK(naive < -0.1, "the naive split shows %g: this test shows nothing", naive);
    CHECK(simulated_inside(c->excess, 0), "excess %g (%g to %g)", c->excess.value, c->excess.low,
          c->excess.high);
    CHECK(simulated_inside(c->after.rate, 0.5) && simulated_inside(c->clean.rate, 0.5),
          "rates %g and %g", c->after.rate.value, c->clean.rate.value);
    test_world_close(&w);
}

/* ---- coverage in short; tests/sim/churn_coverage.c is the long form ---- */

static void coverage_in_short(void **state)
{
    (void)state;
    static const simulated shapes[] = {
        {.name = "usual", .customers = 300, .clean = 0.06, .after = 0.25, .cases_a_year = 0.5},
        {.name = "prior far off",
         .config = "[assumptions]\nannual_loss_rate = 0.9\n",
         .customers = 300,
         .clean = 0.3,
         .after = 0.5,
         .cases_a_year = 1},
    };
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        uint64_t seed = 100 + i;
        simulated_tally tally = {0};
        for (int book = 0; book < 60; book++)
            simulated_run(&shapes[i], &seed, &tally);
        /* Of 60 at 95 %, fewer than 51 come once in 2,000 times. */
        CHECK(tally.estimable == 60 && tally.excess >= 51, "%s: excess held %u of %u",
              shapes[i].name, tally.excess, tally.books);
        CHECK(tally.excess == tally.cost, "%s: cost held %u", shapes[i].name, tally.cost);
        CHECK(tally.forecasts_inside * 100 >= tally.forecasts * 88, "%s: forecasts held %u of %u",
              shapes[i].name, tally.forecasts_inside, tally.forecasts);
    }
}

/* ---- draws ---- */

static void binomial_draws(void **state)
{
    (void)state;
    enum { N = 20000 };
    cb_arena *arena = cb_arena_new(NULL, 0);
    double *chance = cb_arena_array(arena, N, sizeof *chance);
    double *out = cb_arena_array(arena, N, sizeof *out);
    cb_draws *draws = cb_draws_new(arena, 1, 2);
    static const struct {
        uint32_t trials;
        double chance;
    } shape[] = {{0, 0.5}, {10, 0}, {10, 1}, {7, 0.3}, {5000, 0.02}, {100000, 0.4}};
    for (size_t k = 0; k < COUNT_OF(shape); k++) {
        double mean = 0, square = 0, n = shape[k].trials, p = shape[k].chance;
        for (size_t i = 0; i < N; i++)
            chance[i] = p;
        assert_int_equal(cb_draws_binomial(draws, shape[k].trials, chance, out, N), CB_OK);
        for (size_t i = 0; i < N; i++) {
            CHECK(out[i] >= 0 && out[i] <= n, "%u x %g: %g", shape[k].trials, p, out[i]);
            mean += out[i] / N;
            square += (out[i] - n * p) * (out[i] - n * p) / N;
        }
        CHECK(test_near(mean, n * p, 5 * sqrt(n * p * (1 - p) / N) + 1e-9 * n), "%u x %g: mean %g",
              shape[k].trials, p, mean);
        CHECK(test_near(square, n * p * (1 - p), 0.06 * n * p * (1 - p)), "%u x %g: variance %g",
              shape[k].trials, p, square);
    }
    chance[N - 1] = 1.5;
    assert_int_equal(cb_draws_binomial(draws, 5, chance, out, N), CB_EDATA);
    chance[N - 1] = NAN;
    assert_int_equal(cb_draws_binomial(draws, 5, chance, out, N), CB_EDATA);
    cb_arena_free(arena);
}

/* ---- memory ---- */

static void failing_memory(void **state)
{
    (void)state;
    static const simulated some = {
        .name = "some", .customers = 40, .clean = 0.3, .after = 0.6, .cases_a_year = 1};
    uint64_t seed = 9;
    test_book b;
    test_world w;
    cb_results r[CB_WINDOWS];
    size_t nth = 1;
    simulated_book(&b, &some, &seed);
    test_world_open(&w, &b, SIMULATED_T0 + (int64_t)SIMULATED_DAYS * DAY,
                    "[report]\ncurrency = EUR\n", 1);
    w.settings->draws = 50;
    while (test_world_starve(&w, only_churn, "2025-Q4", nth, r))
        nth++;
    CHECK(nth > 20, "only %zu calls", nth);
    test_world_close(&w);
}

int main(void)
{
    cb_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_by_hand),       cmocka_unit_test(lines_by_hand),
        cmocka_unit_test(edges_of_the_window),   cmocka_unit_test(reach_of_kinds),
        cmocka_unit_test(settings_of_the_model), cmocka_unit_test(said_where_there_is_nothing),
        cmocka_unit_test(immortal_time),         cmocka_unit_test(coverage_in_short),
        cmocka_unit_test(binomial_draws),        cmocka_unit_test(failing_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
