/* R1-R5, R7-R9 through the measure: published figures, edges by hand, memory. Against the
 * definitions: test_resolution_definitions.c. */
#include "resolution_book.h"

/* ---- published figures ---- */

/* methods.md, Oracles: R's survival 3.5 on 10, 15, 23, 30, 35, 52, 100+. The restricted mean to 100
 * is 37.857142857; tau is 85.6 (type 7 of 95 %), and beyond 52 the curve is 1/7. */
static void seven_points(void **state)
{
    (void)state;
    static const int64_t hours[] = {10, 15, 23, 30, 35, 52, 100};
    const int64_t as_of = T0 + 100 * DAY;
    test_book b;
    test_world w;
    cb_results r[CB_WINDOWS];
    test_book_init(&b);
    for (size_t i = 0; i < COUNT_OF(hours); i++)
        lasting(&b, as_of, hours[i], i < 6, "late");
    test_world_open(&w, &b, as_of, TEST_WEEK_24_7, 1);
    test_world_run(&w, only_resolution, "2026", r);
    const cb_resolution *out = &r[CB_NOW].resolution;
    const cb_res *all[] = {&out->hours, &out->business_hours, &out->by[CB_DIM_KIND].group[0].hours};
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        assert_int_equal(all[i]->n, 7);
        assert_int_equal(all[i]->resolved, 6);
        check_est("median", all[i]->median_h, 30, 10, 52, 1e-9);
        CHECK(test_near(all[i]->tau_h, 85.6, 1e-9), "tau %g", all[i]->tau_h);
        CHECK(test_near(all[i]->restricted_mean_h.value, 37.857142857142857 - 14.4 / 7, 1e-9),
              "restricted mean %g", all[i]->restricted_mean_h.value);
        CHECK(!cb_est_ok(all[i]->p90_h) && all[i]->p90_h.reason, "p90 is not reached");
        CHECK(test_near(all[i]->resolved_only.mean_h.value, 27.5, 1e-12), "mean of resolved");
        CHECK(test_near(all[i]->resolved_only.median_h.value, 26.5, 1e-12), "median of resolved");
    }
    bool seen = false;
    for (size_t i = 0; i < out->curve_n; i++)
        if (out->curve[i].time_s == 30 * HOUR) {
            seen = true;
            CHECK(test_near(out->curve[i].survival, 3.0 / 7, 1e-12), "S(30)");
            CHECK(test_near(out->curve[i].low, 0.09775, 5e-6) &&
                      test_near(out->curve[i].high, 0.734, 5e-4),
                  "%g %g", out->curve[i].low, out->curve[i].high);
        }
    assert_true(seen);
    test_world_close(&w);
}

/* R 4.2.2: lung 228 rows, 165 events, median 310 (284-361); veteran 137, 128, 80 (52-100). Days as
 * hours. */
static const struct {
    const char *file;
    int time_column, status_column, event;
    uint32_t n, events;
    double median, low, high;
} published[] = {
    {"oracles/survival/lung.csv", 1, 2, 2, 228, 165, 310, 284, 361},
    {"oracles/survival/veteran.csv", 2, 3, 1, 137, 128, 80, 52, 100},
};

static long column_of(const char *line, int column)
{
    while (column-- > 0)
        line = strchr(line, ',') + 1;
    return strtol(line, NULL, 10);
}

static void published_data(void **state)
{
    (void)state;
    const int64_t as_of = T0 + 300 * DAY;
    char line[256];
    for (size_t i = 0; i < COUNT_OF(published); i++) {
        FILE *in = test_shared_open(published[i].file);
        if (!in)
            continue;
        test_book b;
        test_world w;
        cb_results r[CB_WINDOWS];
        test_book_init(&b);
        for (bool header = true; fgets(line, sizeof line, in); header = false)
            if (!header)
                lasting(&b, as_of, column_of(line, published[i].time_column),
                        column_of(line, published[i].status_column) == published[i].event, NULL);
        (void)fclose(in);
        test_world_open(&w, &b, as_of, NULL, 1);
        test_world_run(&w, only_resolution, "2026", r);
        const cb_res *got = &r[CB_NOW].resolution.hours;
        CHECK(got->n == published[i].n && got->resolved == published[i].events, "%s: n",
              published[i].file);
        check_est(published[i].file, got->median_h, published[i].median, published[i].low,
                  published[i].high, 1e-9);
        test_world_close(&w);
    }
}

/* ---- edges ---- */

static const struct {
    const char *name;
    int n;
    int64_t hours;
    bool event;
    double median, mean;
} uniform[] = {
    {"none", 0, 0, true, NAN, NAN},
    {"one, solved", 1, 5, true, 5, 5},
    {"one, open", 1, 5, false, NAN, NAN},
    {"all open", 9, 5, false, NAN, NAN},
    {"all solved at once", 9, 0, true, 0, 0},
    {"all equal", 9, 7, true, 7, 7},
    {"open since as_of", 3, 0, false, NAN, NAN},
};

static void edges(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(uniform); i++) {
        test_book b;
        test_world w;
        cb_results r[CB_WINDOWS];
        test_book_init(&b);
        for (int k = 0; k < uniform[i].n; k++)
            lasting(&b, T0 + DAY, uniform[i].hours, uniform[i].event, "late");
        test_world_open(&w, &b, T0 + DAY, NULL, 1);
        test_world_run(&w, only_resolution, "2026-01", r);
        const cb_resolution *out = &r[CB_NOW].resolution;
        CHECK(test_near(out->hours.median_h.value, uniform[i].median, 1e-12), "%s: median",
              uniform[i].name);
        CHECK(isnan(uniform[i].median) == (out->hours.median_h.reason != NULL), "%s: reason",
              uniform[i].name);
        CHECK(test_near(out->hours.resolved_only.mean_h.value, uniform[i].mean, 1e-12), "%s: mean",
              uniform[i].name);
        CHECK(isnan(out->versus_previous.p_value) && out->versus_previous.reason,
              "%s: nothing before", uniform[i].name);
        CHECK(!strcmp(out->first_response_hours.median_h.reason,
                      "first_response_at is not in the input"),
              "%s: %s", uniform[i].name, out->first_response_hours.median_h.reason);
        const char *r4 = out->first_response_hours.resolved_only.p95_h.reason;
        CHECK(!strcmp(r4, "first_response_at is not in the input"), "%s: %s", uniform[i].name, r4);
        r4 = out->hours.resolved_only.mean_h.reason;
        if (uniform[i].n > 0 && !uniform[i].event)
            CHECK(!strcmp(r4, "no case is resolved"), "%s: %s", uniform[i].name, r4);
        CHECK(!strcmp(out->target.share.reason, "no target is configured"), "%s: target",
              uniform[i].name);
        test_world_close(&w);
    }
}

/* R9 begins above 1,000 cases, and one open case anywhere in the input ends it. */
static const struct {
    const char *name;
    int solved, open;
    bool closed_only;
} exports[] = {
    {"1,000 solved", 1000, 0, false},
    {"1,001 solved", 1001, 0, true},
    {"1,001 solved, one open", 1001, 1, false},
};

static void exports_of_closed_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(exports); i++) {
        test_book b;
        test_world w;
        cb_results r[CB_WINDOWS];
        test_book_init(&b);
        for (int k = 0; k < exports[i].solved; k++)
            lasting(&b, T0 + 40 * DAY, 1 + k % 24, true, NULL);
        for (int k = 0; k < exports[i].open; k++)
            lasting(&b, T0 + 40 * DAY, 30 * 24, false, NULL); /* in another month */
        test_world_open(&w, &b, T0 + 40 * DAY, NULL, 1);
        test_world_run(&w, only_resolution, "2026-02", r);
        const cb_resolution *out = &r[CB_NOW].resolution;
        CHECK(out->closed_only == exports[i].closed_only, "%s", exports[i].name);
        CHECK(cb_est_ok(out->hours.median_h) == !exports[i].closed_only, "%s: R2", exports[i].name);
        CHECK(cb_est_ok(out->hours.restricted_mean_h) == !exports[i].closed_only, "%s: R3",
              exports[i].name);
        CHECK((out->curve != NULL) == !exports[i].closed_only, "%s: curve", exports[i].name);
        CHECK(cb_est_ok(out->hours.resolved_only.p90_h), "%s: R4 stays", exports[i].name);
        test_world_close(&w);
    }
}

/* Groups that cannot be tested are listed with the reason and do not count among the tests; "none"
 * has too few cases. */
static void changes_by_hand(void **state)
{
    (void)state;
    // clang-format off
    static const struct {
        const char *kind;
        int now, before;
        int64_t now_h, before_h; /* how long they took; 0: open */
    } groups[] = {
        {"slower", 8, 8, 50, 5}, {"same", 6, 6, 9, 9}, {"open", 5, 5, 0, 0}, {"none", 4, 40, 9, 9}, {NULL, 9, 9, 7, 1},
    };
    // clang-format on
    test_book b;
    test_world w;
    cb_results r[CB_WINDOWS];
    test_book_init(&b);
    for (size_t g = 0; g < COUNT_OF(groups); g++)
        for (int i = 0; i < groups[g].now + groups[g].before; i++) {
            bool now = i < groups[g].now;
            int64_t opened = T0 + (now ? 31 : 0) * DAY + i * HOUR;
            int64_t took = now ? groups[g].now_h : groups[g].before_h;
            test_case(&b, &(test_case_row){.opened = opened,
                                           .resolved = took ? opened + (took + i % 2) * HOUR : 0,
                                           .kind = groups[g].kind});
        }
    test_world_open(&w, &b, T0 + 90 * DAY, "[report]\nmin_group = 5\n", 1);
    test_world_run(&w, only_resolution, "2026-02", r);
    const cb_res_versus *v = &r[CB_NOW].resolution.versus_previous;
    static const char *const order[] = {"slower", "same", "open"};
    assert_int_equal(v->changes, COUNT_OF(order));
    for (size_t i = 0; i < COUNT_OF(order); i++)
        CHECK(cb_str_eq(v->change[i].text, cb_str_of(order[i])), "place %zu is not %s", i,
              order[i]);
    assert_true(v->change[0].observed_now < v->change[0].expected_now + 1e-9 &&
                v->change[0].p_value < 0.01);
    CHECK(test_near(v->change[1].p_value, 1, 1e-9), "same: p %g", v->change[1].p_value);
    CHECK(test_near(v->change[0].p_adjusted, 2 * v->change[0].p_value, 1e-12),
          "two tests were made, not three");
    assert_true(isnan(v->change[2].p_value) && isnan(v->change[2].p_adjusted) &&
                v->change[2].reason);
    assert_true(test_near(v->change[0].median_now_h.value, 50, 0) &&
                test_near(v->change[0].median_before_h.value, 5, 0));
    test_world_close(&w);
}

/* The chart has its limit and its end, and steps downwards. */
static void chart(void **state)
{
    (void)state;
    test_book b;
    test_world w;
    cb_results r[CB_WINDOWS];
    uint64_t seed = 3;
    test_book_init(&b);
    for (int i = 0; i < 5000; i++)
        lasting(&b, T0 + 300 * DAY, test_between(&seed, 1, 2000), i % 5 > 0, NULL);
    test_world_open(&w, &b, T0 + 300 * DAY, NULL, 1);
    test_world_run(&w, only_resolution, "2026", r);
    const cb_resolution *out = &r[CB_NOW].resolution;
    assert_in_range(out->curve_n, 60, CB_RES_CURVE_POINTS);
    assert_true(out->curve[0].time_s == 0 && out->curve[0].survival == 1);
    for (size_t i = 1; i < out->curve_n; i++)
        assert_true(out->curve[i].time_s > out->curve[i - 1].time_s &&
                    out->curve[i].survival <= out->curve[i - 1].survival);
    double end_h = cb_est_ok(out->hours.p90_h) ? out->hours.p90_h.value : out->hours.tau_h;
    assert_true(out->curve[out->curve_n - 1].time_s <= (int64_t)(end_h * HOUR + 0.5));
    test_world_close(&w);
}

/* ---- memory ---- */

/* So many words and cases that each array is a block of its own, and fails by itself. */
static void wide_book(test_book *b, int64_t as_of)
{
    enum { WORDS = 2500 };
    char word[16];
    uint64_t seed = 5;
    test_book_init(b);
    for (int i = 0; i < 2 * WORDS; i++) {
        int64_t opened = as_of - test_between(&seed, 1, 60) * DAY - (i < WORDS ? 0 : 60 * DAY);
        (void)snprintf(word, sizeof word, "w%d", i % WORDS);
        test_case(b, &(test_case_row){.opened = opened,
                                      .resolved = i % 3 ? opened + test_between(&seed, 0, DAY) : 0,
                                      .answered = opened,
                                      .kind = word,
                                      .priority = word});
    }
}

static void memory_runs_out(void **state)
{
    (void)state;
    const cb_measure *const table[] = {&cb_measure_flow, &cb_measure_resolution, NULL};
    const int64_t as_of = T0 + 119 * DAY; /* 2026-04-30 */
    test_book b;
    test_world w;
    cb_results r[CB_WINDOWS];
    size_t nth = 1;
    wide_book(&b, as_of);
    test_world_open(&w, &b, as_of, "[report]\nmin_group = 1\n[targets]\ndefault = 3d\n", 1);
    while (test_world_starve(&w, table, "2026-03-01..2026-04-30", nth, r))
        nth++;
    CHECK(nth > 100, "only %zu calls", nth);
    print_message("%zu allocations failed in turn\n", nth - 1);
    test_world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seven_points),    cmocka_unit_test(published_data),
        cmocka_unit_test(edges),           cmocka_unit_test(exports_of_closed_cases),
        cmocka_unit_test(changes_by_hand), cmocka_unit_test(chart),
        cmocka_unit_test(memory_runs_out),
    };
    cb_stats_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
