/* Kaplan-Meier and log-rank against R 4.2.2's survival 3.5 (survfit conf.type = "log-log", quantile,
 * survmean, survdiff); the values for R's data sets lung, leukemia and veteran are checked from the shared
 * folder, when there. */
#include "testing_stats.h"

#include "casebook/stats_order.h"
#include "casebook/stats_survival.h"

enum { MAX_CASES = 6000 };

typedef struct cohort {
    int64_t event[MAX_CASES], censored[MAX_CASES];
    size_t n_events, n_censored;
} cohort;

static void add_case(cohort *c, int64_t t, bool event)
{
    if (event)
        c->event[c->n_events++] = t;
    else
        c->censored[c->n_censored++] = t;
}

static cb_km fit(cohort *c, cb_arena *arena)
{
    cb_km km;
    assert_int_equal(cb_sort_i64(c->event, c->n_events, arena), CB_OK);
    assert_int_equal(cb_sort_i64(c->censored, c->n_censored, arena), CB_OK);
    assert_int_equal(cb_km_fit(c->event, c->n_events, c->censored, c->n_censored, CB_LEVEL_95, arena, &km),
                     CB_OK);
    return km;
}

/* Durations with the sign of what ended them: negative means censored; 0 censored is written as
 * CENSORED_0. */
#define CENSORED_0 INT64_MIN
static cohort cohort_of(const int64_t *signed_s, size_t n)
{
    cohort c = {.n_events = 0};
    for (size_t i = 0; i < n; i++)
        add_case(&c, signed_s[i] == CENSORED_0 ? 0 : llabs(signed_s[i]), signed_s[i] >= 0);
    return c;
}

static const int64_t SEVEN[] = {10, 15, 23, 30, 35, 52, -100};
static const int64_t ZEROS[] = {0, CENSORED_0, 1, 2, 2, -3, 5, 5, -8, 9};
static const int64_t FLAT[] = {1, 2, 3, 4};

typedef struct step_want {
    int64_t t;
    uint32_t at_risk, events, censored;
    double survival, greenwood, low, high;
} step_want;

static const step_want SEVEN_STEPS[] = {
    {10, 7, 1, 0, 0.8571428571428571, 0.02380952380952381, 0.3340538792922222, 0.9785610585261755},
    {15, 6, 1, 0, 0.7142857142857143, 0.05714285714285714, 0.258153665458795, 0.9197974560448583},
    {23, 5, 1, 0, 0.5714285714285715, 0.1071428571428572, 0.1718660155287751, 0.8370827803491807},
    {52, 2, 1, 0, 0.1428571428571428, 0.8571428571428571, 0.007123864076238467, 0.4649413553155068},
    {100, 1, 0, 1, 0.1428571428571428, 0.8571428571428571, 0.007123864076238467, 0.4649413553155068},
};
static const step_want ZEROS_STEPS[] = {
    {0, 10, 1, 1, 0.9, 0.01111111111111111, 0.4730092713620505, 0.9852813933673431},
    {1, 8, 1, 0, 0.7875, 0.02896825396825397, 0.3808815232054965, 0.9425909522237037},
    {2, 7, 2, 0, 0.5625, 0.08611111111111112, 0.2094212437104718, 0.8091709215309918},
    {8, 2, 0, 1, 0.28125, 0.3361111111111111, 0.04474140297448458, 0.5957549589507842},
    {9, 1, 1, 0, 0, INFINITY, NAN, NAN},
};
static const step_want LUNG_STEPS[] = {
    {5, 228, 1, 0, 0.9956140350877193, 1.932143133163305e-05, 0.9692770362188886, 0.9993810114387387},
    {11, 227, 3, 0, 0.9824561403508771, 7.832080200501254e-05, 0.9539352302060817, 0.9933791327895395},
    {272, 107, 0, 1, 0.5753102388629211, 0.003443380692978562, 0.5062650400826092, 0.6382600161818094},
    {1022, 1, 0, 1, 0.05034556807081046, 0.2059566165698238, 0.01786617109285267, 0.1086621760309187},
};
static const step_want VETERAN_STEPS[] = {
    {1, 137, 2, 0, 0.9854014598540146, 0.0001081373344147067, 0.9428931086190266, 0.9963288282717547},
    {95, 60, 2, 0, 0.4412164242632811, 0.009351982518193153, 0.3564680333588679, 0.5225512981513672},
    {991, 2, 1, 0, 0.009004510676078785, 0.9864448424880162, 0.000808293847055193, 0.04435509638794669},
    {999, 1, 1, 0, 0, INFINITY, NAN, NAN},
};

static void check_steps(const char *name, const cb_km *km, const step_want *want, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const step_want *w = &want[i];
        const cb_km_step *got = km->steps;
        while (got < km->steps + km->n_steps && got->time_s != w->t)
            got++;
        CHECK(got < km->steps + km->n_steps, "%s: no step at %d", name, (int)w->t);
        CHECK(got->at_risk == w->at_risk && got->events == w->events && got->censored == w->censored,
              "%s at %d: counts %u %u %u", name, (int)w->t, got->at_risk, got->events, got->censored);
        CHECK_CLOSE(got->survival, w->survival, 1e-12, "%s at %d: S", name, (int)w->t);
        CHECK_CLOSE(got->greenwood, w->greenwood, 1e-12, "%s at %d: Greenwood", name, (int)w->t);
        cb_est at = cb_km_at(km, w->t);
        CHECK_CLOSE(at.value, w->survival, 1e-12, "%s at %d: value", name, (int)w->t);
        CHECK_CLOSE(at.low, w->low, 1e-9, "%s at %d: low", name, (int)w->t);
        CHECK_CLOSE(at.high, w->high, 1e-9, "%s at %d: high", name, (int)w->t);
    }
}

typedef struct quantile_want {
    double q, value, low, high;
} quantile_want;

static const quantile_want SEVEN_Q[] = {{.25, 15, 10, 30}, {.5, 30, 10, 52}, {.75, 52, 23, NAN}, {.9, NAN,
        30, NAN}};
static const quantile_want ZEROS_Q[] = {{.25, 2, 0, 5}, {.5, 5, 0, NAN}, {.75, 9, 2, NAN}, {.9, 9, 5, NAN}};
static const quantile_want LUNG_Q[] = {{.25, 170, 144, 194}, {.5, 310, 284, 361}, {.75, 550, 457, 643}, {.9,
        735, 687, NAN}};
static const quantile_want VETERAN_Q[] = {{.25, 25, 18, 33}, {.5, 80, 52, 100}, {.75, 162, 132, 231}, {.9,
        340, 250, 411}};
/* R's quantile() gives 1.5, 2.5, 3.5: the middle of the flat step. By the method of record (R2) it is the
 * left end. */
static const quantile_want FLAT_Q[] = {{.25, 1, 1, 3}, {.5, 2, 1, NAN}, {.75, 3, 1, NAN}, {.9, 4, 2, NAN}};

static void check_quantiles(const char *name, const cb_km *km, const quantile_want *want, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        cb_est q = cb_km_quantile(km, want[i].q);
        CHECK(test_near(q.value, want[i].value, 0) && test_near(q.low, want[i].low, 0) && test_near(q.high,
                want[i].high, 0),
              "%s q %g: %g (%g-%g)", name, want[i].q, q.value, q.low, q.high);
        CHECK((q.reason == NULL) == !isnan(q.value), "%s q %g: reason", name, want[i].q);
    }
}

static void check_rmean(const char *name, const cb_km *km, double tau, double mean, double se)
{
    double got_se;
    cb_est m = cb_km_rmean(km, tau, &got_se);
    CHECK_CLOSE(m.value, mean, 1e-12, "%s restricted mean to %g", name, tau);
    CHECK_CLOSE(got_se, se, 1e-12, "%s its standard error", name);
    CHECK_CLOSE(m.high, fmin(tau, mean + 1.959963984540054 * se), 1e-12, "%s its upper bound", name);
}

/* Two cases, 1 and 1,000 seconds: +- 1.96 standard errors would reach from -191 to 1,192. */
static void mean_within_its_limits(void **state)
{
    static const int64_t apart[] = {1, 1000};
    cb_km_jump jump[COUNT_OF(apart)];
    cb_logrank_group cases = {apart, COUNT_OF(apart), NULL, 0};
    cb_km_figures figures;
    cb_km km;
    double se;
    assert_int_equal(cb_km_fit(apart, COUNT_OF(apart), NULL, 0, .95, *state, &km), CB_OK);
    cb_est mean = cb_km_rmean(&km, 1000, &se);
    assert_true(mean.value == 500.5 && mean.low == 0 && mean.high == 1000);
    CHECK_CLOSE(se, 499.5 / sqrt(2), 1e-14, "standard error, not cut");
    cb_km_figures_of(&cases, .95, jump, &figures);
    assert_true(figures.restricted_mean_s.low == 0 && figures.restricted_mean_s.high == figures.tau_s);
}

static void small_cohorts(void **state)
{
    cohort c = cohort_of(SEVEN, COUNT_OF(SEVEN));
    cb_km km = fit(&c, *state);
    assert_true(km.n == 7 && km.n_events == 6 && km.n_censored == 1);
    check_steps("seven", &km, SEVEN_STEPS, COUNT_OF(SEVEN_STEPS));
    check_quantiles("seven", &km, SEVEN_Q, COUNT_OF(SEVEN_Q));
    CHECK_CLOSE(cb_km_follow_up(&km, .95), 85.6, 1e-14, "tau");
    check_rmean("seven", &km, 85.6, 35.8, 9.078883326102364);
    check_rmean("seven", &km, 100, 37.85714285714286, 10.73888332930151);
    assert_true(cb_km_rmean(&km, 101, NULL).reason != NULL && cb_km_at(&km, 101).reason != NULL);

    c = cohort_of(ZEROS, COUNT_OF(ZEROS));
    km = fit(&c, *state);
    check_steps("zeros", &km, ZEROS_STEPS, COUNT_OF(ZEROS_STEPS));
    check_quantiles("zeros", &km, ZEROS_Q, COUNT_OF(ZEROS_Q));
    check_rmean("zeros", &km, cb_km_follow_up(&km, .95), 4.3734375, 1.043756110807336);
    check_rmean("zeros", &km, 9, 4.5, 1.106726592253028);
    check_rmean("zeros, beyond the last event", &km, 12, 4.5, 1.106726592253028);
    assert_true(cb_km_at(&km, 12).value == 0);

    c = cohort_of(FLAT, COUNT_OF(FLAT));
    km = fit(&c, *state);
    check_quantiles("flat", &km, FLAT_Q, COUNT_OF(FLAT_Q));
    check_rmean("flat", &km, 3.85, 2.4625, 0.5342562002447889);
}

/* ---- R's data sets ------------------------------------------------------------------------------------- */

enum { MAX_GROUPS = 8 };

/* Reads time and status; group_col < 0: all in one. A group is the number in its column, or, where that is
 * a name, the order of first appearance. */
static bool read_groups(const char *file, size_t time_col, size_t status_col, double event_at_least,
                        int group_col,
                        cohort groups[MAX_GROUPS], size_t *n_groups)
{
    char line[512], names[MAX_GROUPS][64];
    *n_groups = group_col < 0;
    memset(groups, 0, MAX_GROUPS * sizeof *groups);
    FILE *in = test_shared_open(file);
    if (!in)
        return false;
    assert_non_null(fgets(line, sizeof line, in));
    while (fgets(line, sizeof line, in)) {
        double v[16] = {0};
        size_t n = stats_numbers(line, v, 16), g = 0;
        assert_true(n > time_col && n > status_col);
        if (group_col >= 0) {
            const char *at = line;
            for (int i = 0; i < group_col; i++)
                at = strchr(at, ',') + 1;
            size_t len = strcspn(at, ",\r\n");
            for (g = 0; g < *n_groups && (strlen(names[g]) != len || memcmp(names[g], at, len)); g++)
                ;
            if (g == *n_groups) {
                assert_true(g < MAX_GROUPS && len < 64);
                memcpy(names[g], at, len);
                names[g][len] = 0;
                ++*n_groups;
            }
        }
        add_case(&groups[g], (int64_t)v[time_col], v[status_col] >= event_at_least);
    }
    fclose(in);
    return true;
}

static void r_data_sets(void **state)
{
    static cohort groups[MAX_GROUPS];
    size_t n;
    if (read_groups("oracles/survival/lung.csv", 1, 2, 2, -1, groups, &n)) {
        cb_km km = fit(&groups[0], *state);
        assert_true(km.n == 228 && km.n_events == 165);
        check_steps("lung", &km, LUNG_STEPS, COUNT_OF(LUNG_STEPS));
        check_quantiles("lung", &km, LUNG_Q, COUNT_OF(LUNG_Q));
        check_rmean("lung", &km, cb_km_follow_up(&km, .95), 357.466608144669, 16.27370409626259);
        check_rmean("lung", &km, 1022, 376.2747461478497, 19.70779142133987);
    }
    if (read_groups("oracles/survival/veteran.csv", 2, 3, 1, -1, groups, &n)) {
        cb_km km = fit(&groups[0], *state);
        assert_true(km.n == 137 && km.n_events == 128);
        check_steps("veteran", &km, VETERAN_STEPS, COUNT_OF(VETERAN_STEPS));
        check_quantiles("veteran", &km, VETERAN_Q, COUNT_OF(VETERAN_Q));
        check_rmean("veteran", &km, cb_km_follow_up(&km, .95), 117.7140448886155, 10.30746339920091);
    }
}

/* Every row of the oracle's own table (its limits are of the "log" type; S and the standard error are the
 * same). */
static void r_table_of_lung(void **state)
{
    static cohort groups[MAX_GROUPS];
    size_t n_groups, row = 0;
    char line[512];
    if (!read_groups("oracles/survival/lung.csv", 1, 2, 2, -1, groups, &n_groups))
        return;
    cb_km km = fit(&groups[0], *state);
    FILE *in = test_shared_open("oracles/survival/KM-lung-all.csv");
    if (!in)
        return;
    assert_non_null(fgets(line, sizeof line, in));
    for (; fgets(line, sizeof line, in); row++) {
        double v[10];
        assert_int_equal(stats_numbers(line, v, 10), 10);
        const cb_km_step *s = &km.steps[row];
        CHECK(row < km.n_steps && s->time_s == (int64_t)v[1] && s->at_risk == (uint32_t)v[2] &&
              s->events == (uint32_t)v[3] &&
              s->censored == (uint32_t)v[4], "counts of row %zu", row);
        CHECK_CLOSE(s->survival, v[5], 1e-9, "S of row %zu", row);
        CHECK_CLOSE(sqrt(s->greenwood), v[6], 1e-9, "standard error of row %zu", row);
    }
    fclose(in);
    assert_int_equal(row, km.n_steps);
}

/* ---- log-rank ------------------------------------------------------------------------------------------ */

static const struct { const char *file; size_t time_col,
                     status_col; double event; int group_col; size_t df; double chi2, p,
                         expected_0; } LOGRANK[] = {
    {"oracles/survival/leukemia.csv", 0, 1, 1, 2, 1, 3.396388698977601, 0.0653393220405052,
     10.689335992300725},
    {"oracles/survival/lung.csv", 1, 2, 2, 4, 1, 10.32674195488563, 0.00131116452035551, 91.58173902957280},
    {"oracles/survival/veteran.csv", 2, 3, 1, 1, 3, 25.40370034578536, 1.27124593900518e-05,
     47.65467767247537},
};

static cb_logrank test_of(cohort *groups, size_t n, cb_arena *arena)
{
    cb_logrank_group g[MAX_GROUPS];
    cb_logrank out;
    for (size_t i = 0; i < n; i++) {
        fit(&groups[i], arena);
        g[i] = (cb_logrank_group){groups[i].event, groups[i].n_events, groups[i].censored,
                                  groups[i].n_censored};
    }
    assert_int_equal(cb_logrank_test(g, n, arena, &out), CB_OK);
    return out;
}

static void logrank_like_survdiff(void **state)
{
    static cohort groups[MAX_GROUPS];
    for (size_t i = 0; i < COUNT_OF(LOGRANK); i++) {
        size_t n;
        if (!read_groups(LOGRANK[i].file, LOGRANK[i].time_col, LOGRANK[i].status_col, LOGRANK[i].event,
                         LOGRANK[i].group_col, groups, &n))
            continue;
        cb_logrank t = test_of(groups, n, *state);
        CHECK(t.df == LOGRANK[i].df && !t.reason, "%s df", LOGRANK[i].file);
        CHECK_CLOSE(t.chi2, LOGRANK[i].chi2, 1e-10, "%s chi2", LOGRANK[i].file);
        CHECK_CLOSE(t.p, LOGRANK[i].p, 1e-9, "%s p", LOGRANK[i].file);
        CHECK_CLOSE(t.expected[0], LOGRANK[i].expected_0, 1e-12, "%s expected", LOGRANK[i].file);
    }
}

/* The leukemia data (Miller 1997), embedded so that this holds without the shared folder. */
static void logrank_embedded(void **state)
{
    static const int64_t kept[] = {9, 13, -13, 18, 23, -28, 31, 34, -45, 48, -161};
    static const int64_t not_kept[] = {5, 5, 8, 8, 12, -16, 23, 27, 30, 33, 43, 45};
    static cohort groups[3];
    groups[0] = cohort_of(kept, COUNT_OF(kept));
    groups[1] = cohort_of(not_kept, COUNT_OF(not_kept));
    cb_logrank t = test_of(groups, 2, *state);
    CHECK_CLOSE(t.chi2, 3.396388698977601, 1e-12, "chi2");
    CHECK_CLOSE(t.p, 0.0653393220405052, 1e-12, "p");
    CHECK_CLOSE(t.expected[1], 7.310664007699276, 1e-12, "expected");
    assert_true(t.df == 1 && t.observed[0] == 7 && t.observed[1] == 11);
    groups[2] = cohort_of(NULL, 0); /* a group without a case changes nothing */
    cb_logrank u = test_of(groups, 3, *state);
    assert_true(u.df == 1 && test_close(u.chi2, t.chi2, 1e-12));
    groups[2] = groups[0]; /* the order of groups does not matter */
    groups[0] = groups[1];
    groups[1] = groups[2];
    assert_true(test_close(test_of(groups, 2, *state).chi2, t.chi2, 1e-12));
    assert_true(test_of(groups, 1, *state).reason && isnan(test_of(groups, 1, *state).p));
    groups[1] = cohort_of(NULL, 0);
    assert_true(test_of(groups, 2, *state).reason != NULL);
    static const int64_t open[] = {-3, -4}, early[] = {-1, -2};
    groups[0] = cohort_of(open, 2);
    groups[1] = cohort_of(early, 2);
    u = test_of(groups, 2, *state); /* all censored */
    assert_true(u.reason && isnan(u.chi2) && isnan(u.p));
}

static int by_mark(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Sorted together; those of one time and kind in any order of their groups. */
static size_t marks_of(const cohort groups[2], uint64_t *mark)
{
    size_t n = 0;
    for (uint64_t g = 0; g < 2; g++) {
        for (size_t i = 0; i < groups[g].n_events; i++)
            mark[n++] = (uint64_t)groups[g].event[i] << 2 | g;
        for (size_t i = 0; i < groups[g].n_censored; i++)
            mark[n++] = (uint64_t)groups[g].censored[i] << 2 | 2 | g;
    }
    qsort(mark, n, sizeof *mark, by_mark);
    for (size_t i = 1; i < n; i += 2)
        if (mark[i] >> 1 == mark[i - 1] >> 1) {
            uint64_t swap = mark[i];
            mark[i] = mark[i - 1];
            mark[i - 1] = swap;
        }
    return n;
}

/* Two groups sorted together have a way of their own: against that of any number. */
static void logrank_of_two_like_of_more(void **state)
{
    uint64_t seed = 1966;
    static cohort groups[2];
    static uint64_t mark[2 * MAX_CASES];
    for (int round = 0; round < 300; round++) {
        const int64_t spread = test_between(&seed, 1, 2000), open = test_between(&seed, 1, 20);
        for (size_t g = 0; g < 2; g++) {
            groups[g] = cohort_of(NULL, 0);
            for (int64_t n = test_between(&seed, 0, round % 4 ? 30 : 800); n > 0; n--)
                add_case(&groups[g], test_between(&seed, 0, spread), test_between(&seed, 0, open) != 0);
        }
        cb_logrank any = test_of(groups, 2, *state);
        cb_logrank_two two;
        cb_logrank_pair(mark, marks_of(groups, mark), &two);
        CHECK(test_near(two.chi2, any.chi2, 0) && test_near(two.p, any.p, 0) && !two.reason == !any.reason,
              "round %d: chi2 %.17g, not %.17g", round, two.chi2, any.chi2);
        CHECK(!any.observed || (two.observed == any.observed[0] && two.expected == any.expected[0]),
              "round %d: %.17g of %.17g", round, two.observed, two.expected);
        CHECK(!two.reason || strcmp(two.reason, any.reason) == 0, "round %d: %s", round, two.reason);
    }
    static const uint64_t unsorted[] = {8, 5, 4};
    cb_logrank_two two;
    cb_logrank_pair(unsorted, 3, &two);
    assert_true(two.reason && isnan(two.p));
    cb_logrank_pair(NULL, 0, &two);
    assert_true(two.reason && isnan(two.chi2));
}

/* ---- edges, charts, size ------------------------------------------------------------------------------- */

static void edges(void **state)
{
    cb_km km;
    assert_int_equal(cb_km_fit(NULL, 0, NULL, 0, .95, *state, &km), CB_OK);
    assert_true(km.reason && km.n_steps == 0 && cb_km_quantile(&km, .5).reason && cb_km_rmean(&km, 1,
            NULL).reason);
    assert_true(isnan(cb_km_follow_up(&km, .95)) && cb_km_at(&km, 0).reason);
    int64_t bad[] = {-1, 2}, wrong_order[] = {3, 2}, one[] = {5}, same[] = {4, 4, 4};
    assert_int_equal(cb_km_fit(bad, 2, NULL, 0, .95, *state, &km), CB_OK);
    assert_non_null(km.reason);
    assert_int_equal(cb_km_fit(one, 1, wrong_order, 2, .95, *state, &km), CB_OK);
    assert_non_null(km.reason);
    assert_int_equal(cb_km_fit(NULL, 0, same, 3, .95, *state, &km), CB_OK); /* all still open */
    assert_true(cb_km_quantile_of(NULL, 0, NULL, 0, .95, .5).reason && cb_km_quantile_of(bad, 2, NULL, 0, .95, .5).reason &&
                cb_km_quantile_of(one, 1, NULL, 0, .95, 1).reason && cb_km_quantile_of(NULL, 0, same, 3, .95, .5).reason);
    cb_est median = cb_km_quantile(&km, .5);
    assert_true(!km.reason && !cb_est_ok(median) && median.reason && km.n_steps == 1);
    assert_true(cb_km_rmean(&km, 4, NULL).value == 4 && cb_km_at(&km, 4).value == 1);
    assert_int_equal(cb_km_fit(same, 3, NULL, 0, .95, *state, &km), CB_OK); /* all at once */
    assert_true(cb_km_quantile(&km, .5).value == 4 && cb_km_at(&km, 3).value == 1 && cb_km_at(&km,
            4).value == 0);
    assert_int_equal(cb_km_fit(one, 1, NULL, 0, .95, *state, &km), CB_OK);
    assert_true(cb_km_quantile(&km, .9).value == 5 && cb_km_rmean(&km, 5, NULL).value == 5);
    assert_true(cb_km_quantile(&km, 0).reason && cb_km_quantile(&km, NAN).reason && cb_km_rmean(&km, NAN,
            NULL).reason);
}

/* The search for a quantile takes no limit where bounds tell it apart: against every limit computed. */
static cb_est plain_quantile(const cb_km *km, double q)
{
    cb_est est = {NAN, NAN, NAN, NULL};
    const double target = 1 - q + 1.4901161193847656e-8;
    for (size_t i = km->n_steps; i-- > 0;) {
        if (km->steps[i].events == 0)
            continue;
        cb_est at = cb_km_at(km, km->steps[i].time_s);
        double t = (double)km->steps[i].time_s;
        est.value = at.value <= target ? t : est.value;
        est.low = at.low <= target ? t : est.low;
        est.high = at.high <= target ? t : est.high;
    }
    return est;
}

static void quantiles_like_every_limit(void **state)
{
    static const double Q[] = {.01, .1, .25, .5, .75, .9, .95, .99};
    uint64_t seed = 4711;
    static cohort c;
    for (int round = 0; round < 300; round++) {
        c.n_events = c.n_censored = 0;
        const int64_t n = test_between(&seed, 1, round % 8 ? 512 : MAX_CASES), spread = test_between(&seed, 1, n * 4),
            open = test_between(&seed, 1, 20);
        for (int64_t i = 0; i < n; i++)
            add_case(&c, test_between(&seed, 0, spread), test_between(&seed, 0, open) != 0);
        cb_km km = fit(&c, *state);
        for (size_t k = 0; k < COUNT_OF(Q); k++) {
            cb_est got = cb_km_quantile(&km, Q[k]), want = plain_quantile(&km, Q[k]);
            cb_est kept = cb_km_quantile_of(c.event, c.n_events, c.censored, c.n_censored, CB_LEVEL_95, Q[k]);
            CHECK(test_near(kept.value, got.value, 0) && test_near(kept.low, got.low, 0) &&
                  test_near(kept.high, got.high, 0) && !kept.reason == !got.reason,
                  "round %d, q %g: without the curve %g (%g-%g), not %g (%g-%g)", round, Q[k], kept.value, kept.low,
                      kept.high, got.value, got.low, got.high);
            CHECK(test_near(got.value, want.value, 0) && test_near(got.low, want.low, 0) &&
                  test_near(got.high, want.high, 0),
                  "round %d, q %g: %g (%g-%g), not %g (%g-%g)", round, Q[k], got.value, got.low, got.high,
                      want.value, want.low, want.high);
        }
    }
}

static bool same(cb_est a, cb_est b)
{
    return test_near(a.value, b.value, 0) && test_near(a.low, b.low, 0) && test_near(a.high, b.high, 0) &&
           a.reason == b.reason;
}

/* Without keeping the curve: the figures of the kept one, to the last bit. */
static void figures_like_those_of_the_curve(void **state)
{
    static cb_km_jump jump[MAX_CASES];
    static cohort c;
    uint64_t seed = 1958;
    for (int round = 0; round < 400; round++) {
        c.n_events = c.n_censored = 0;
        const int64_t n = test_between(&seed, 0, round % 8 ? 40 : MAX_CASES), spread = test_between(&seed, 1, n * 4 + 2),
            open = test_between(&seed, 1, 20);
        for (int64_t i = 0; i < n; i++)
            add_case(&c, test_between(&seed, 0, spread), test_between(&seed, 0, open) != 0);
        cb_km km = fit(&c, *state);
        const cb_logrank_group cases = {c.event, c.n_events, c.censored, c.n_censored};
        cb_km_figures got;
        cb_km_figures_of(&cases, CB_LEVEL_95, jump, &got);
        const double tau_s = cb_km_follow_up(&km, .95);
        CHECK(same(got.median_s, cb_km_quantile(&km, .5)) && same(got.p90_s, cb_km_quantile(&km, .9)) &&
              same(got.p95_s, cb_km_quantile(&km, .95)), "round %d: quantiles", round);
        CHECK(test_near(got.tau_s, tau_s, 0) && same(got.restricted_mean_s, cb_km_rmean(&km, tau_s, NULL)),
              "round %d: mean of the first %g: %.17g, not of %g: %.17g", round, got.tau_s, got.restricted_mean_s.value,
              tau_s, cb_km_rmean(&km, tau_s, NULL).value);
    }
}

static void flags_are_the_same(void **state)
{
    static const int64_t t[] = {0, 0, 1, 2, 2, 3, 5, 5, 8, 9};
    static const uint8_t event[] = {1, 0, 1, 1, 1, 0, 1, 1, 0, 1};
    cb_km km;
    assert_int_equal(cb_km_fit_flags(t, event, 10, .95, *state, &km), CB_OK);
    check_steps("flags", &km, ZEROS_STEPS, COUNT_OF(ZEROS_STEPS));
}

static void chart_is_decimated(void **state)
{
    enum { N = 20000 };
    static int64_t t[N], open[N / 4];
    for (size_t i = 0; i < N; i++)
        t[i] = (int64_t)(i * i / 7);
    for (size_t i = 0; i < N / 4; i++)
        open[i] = (int64_t)(i * 4 * i * 4 / 7);
    cb_km km;
    assert_int_equal(cb_km_fit(t, N, open, N / 4, .95, *state, &km), CB_OK);
    const cb_logrank_group cases = {t, N, open, N / 4};
    static const size_t room[] = {2, 3, 50, 400, 100000};
    for (size_t r = 0; r < COUNT_OF(room); r++) {
        const cb_km_point *p;
        size_t n;
        assert_int_equal(cb_km_chart(&cases, .95, -1, room[r], *state, &p, &n), CB_OK);
        CHECK(n <= room[r] && n >= (room[r] > 400 ? 19000 : room[r] * 9 / 10), "room %zu: %zu points",
              room[r], n);
        CHECK(p[0].time_s == 0 && p[0].survival == 1 && p[0].at_risk == km.n, "room %zu: first", room[r]);
        CHECK(p[n - 1].time_s == t[N - 1] && p[n - 1].survival == 0, "room %zu: last", room[r]);
        for (size_t i = 1; i + 1 < n; i++)
            CHECK(p[i].time_s >= p[i - 1].time_s && p[i].survival == cb_km_at(&km, p[i].time_s).value &&
                  p[i].low <= p[i].survival,
                  "room %zu: point %zu", room[r], i);
    }
    const cb_km_point *p;
    size_t n;
    assert_int_equal(cb_km_chart(&cases, .95, 1000000, 40, *state, &p, &n), CB_OK);
    assert_true(n <= 40 && p[n - 1].time_s <= 1000000 && p[n - 1].time_s > 990000);
    assert_int_equal(cb_km_chart(&cases, .95, -1, 1, *state, &p, &n), CB_OK);
    assert_true(n == 0);
}

/* Without memory: CB_ENOMEM, wherever it ends. */
static void out_of_memory(void **state)
{
    (void)state;
    int64_t t[100], open[100];
    for (int64_t i = 0; i < 100; i++)
        t[i] = open[i] = i;
    for (size_t n = 1; n < 12; n++) {
        test_alloc heap = {.fail_at = n, .for_ever = true};
        cb_alloc alloc = test_alloc_of(&heap);
        cb_arena *arena = cb_arena_new(&alloc, 0);
        cb_km km;
        cb_logrank test;
        cb_logrank_group groups[] = {{t, 100, open, 100}, {t, 50, NULL, 0}};
        if (arena) {
            cb_status a = cb_km_fit(t, 100, open, 100, .95, arena, &km), b = cb_logrank_test(groups, 2,
                    arena, &test);
            CHECK((a == CB_OK || a == CB_ENOMEM) && (b == CB_OK || b == CB_ENOMEM), "failing call %zu", n);
            CHECK(heap.failures == 0 || a == CB_ENOMEM || b == CB_ENOMEM, "failing call %zu went unseen", n);
        }
        cb_arena_free(arena);
        CHECK(heap.live_bytes == 0, "leak after failing call %zu", n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STATS_TEST(small_cohorts), STATS_TEST(mean_within_its_limits), STATS_TEST(r_data_sets), STATS_TEST(r_table_of_lung),
            STATS_TEST(logrank_like_survdiff),
        STATS_TEST(logrank_embedded), STATS_TEST(logrank_of_two_like_of_more), STATS_TEST(edges), STATS_TEST(quantiles_like_every_limit),
            STATS_TEST(flags_are_the_same), STATS_TEST(figures_like_those_of_the_curve), STATS_TEST(chart_is_decimated),
        STATS_TEST(out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
