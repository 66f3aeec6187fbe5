/* Draws: the same seed gives the same bytes, streams do not disturb one another, and the laws are right. */
#include "testing_stats.h"

#include "casebook/stats_draws.h"
#include "casebook/stats_interval.h"
#include "casebook/stats_order.h"

enum { N = 20000 };

static void same_seed_same_bytes(void **state)
{
    static double a[N], b[N], other[N];
    cb_draws *first = cb_draws_new(*state, 42, 7), *again = cb_draws_new(*state, 42, 7),
        *stream_8 = cb_draws_new(*state, 42, 8);
    cb_draws *seed_43 = cb_draws_new(*state, 43, 7);
    assert_true(first && again && stream_8 && seed_43);
    assert_int_equal(cb_draws_gamma(first, 7.5, 50, a, N), CB_OK);
    assert_int_equal(cb_draws_gamma(stream_8, 7.5, 50, other, N), CB_OK); /* in between: must not matter */
    assert_int_equal(cb_draws_gamma(again, 7.5, 50, b, N), CB_OK);
    assert_memory_equal(a, b, sizeof a);
    assert_memory_not_equal(a, other, sizeof a);
    assert_int_equal(cb_draws_gamma(seed_43, 7.5, 50, other, N), CB_OK);
    assert_memory_not_equal(a, other, sizeof a);
    double together = 0;
    for (size_t i = 0; i < N; i++)
        together += (a[i] - .15) * (other[i] - .15);
    /* a correlation of independent draws stays within 5 / sqrt(N) */
    assert_true(fabs(together / N / (7.5 / 2500)) < 5 / sqrt(N));
}

/* Pins the bytes of one stream: a change of seeding or of the generator would change every report. */
static void pinned(void **state)
{
    double u[3];
    cb_draws *d = cb_draws_new(*state, 1, 2);
    cb_draws_uniform(d, u, 3);
    for (size_t i = 0; i < 3; i++)
        CHECK(u[i] * 0x1p32 == floor(u[i] * 0x1p32) && u[i] > 0 && u[i] < 1, "draw %zu", i);
    static const uint32_t want[3] = {2761801343u, 3914604560u, 3559909142u};
    for (size_t i = 0; i < 3; i++)
        CHECK((uint32_t)(u[i] * 0x1p32) == want[i], "draw %zu is %u", i, (uint32_t)(u[i] * 0x1p32));
}

/* Kolmogorov's distance to the law, by the quantile function: below 1.95 / sqrt(N) in 99.9 % of seeds. */
static void check_law(const char *name, double *x, double (*quantile)(double, double, double), double a,
                      double b, cb_arena *arena)
{
    double worst = 0;
    assert_int_equal(cb_sort_f64(x, N, arena), CB_OK);
    for (size_t at = 0, k = 1; k < 200; k++) {
        double p = (double)k / 200, cut = quantile(p, a, b);
        while (at < N && x[at] <= cut)
            at++;
        worst = fmax(worst, fabs((double)at / N - p));
    }
    CHECK(worst < 1.95 / sqrt(N), "%s: distance %g", name, worst);
}

static double normal_quantile(double p, double mean, double sd) { return mean + sd * cb_normal_quantile(p); }
static double uniform_quantile(double p, double low, double high) { return low + (high - low) * p; }

static void laws(void **state)
{
    static double x[N];
    cb_draws *d = cb_draws_new(*state, 20261, 1);
    cb_draws_uniform(d, x, N);
    check_law("uniform", x, uniform_quantile, 0, 1, *state);
    assert_int_equal(cb_draws_normal(d, 10, 3, x, N), CB_OK);
    check_law("normal", x, normal_quantile, 10, 3, *state);
    static const double shapes[] = {0.5, 1, 8.1, 400};
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        assert_int_equal(cb_draws_gamma(d, shapes[i], 50, x, N), CB_OK);
        check_law("gamma", x, cb_gamma_quantile, shapes[i], 50, *state);
        assert_int_equal(cb_draws_beta(d, shapes[i], 3, x, N), CB_OK);
        check_law("beta", x, cb_beta_quantile, shapes[i], 3, *state);
    }
}

/* methods of record: Beta(7.5, 42.5) + 6 of 100 -> mean .0900 (.0498-.1405) */
static void summary(void **state)
{
    static double x[N], before[N];
    cb_est e;
    cb_draws *d = cb_draws_new(*state, 5, 5);
    assert_int_equal(cb_draws_beta(d, 13.5, 136.5, x, N), CB_OK);
    memcpy(before, x, sizeof x);
    assert_int_equal(cb_draws_summary(x, N, CB_LEVEL_95, *state, &e), CB_OK);
    assert_memory_equal(x, before, sizeof x);
    CHECK(test_near(e.value, .0900, .0007) && test_near(e.low, .0498, .0015) && test_near(e.high, .1405,
            .0025), "%g (%g-%g)",
          e.value, e.low, e.high);
    double four[] = {4, 1, 3, 2};
    assert_int_equal(cb_draws_summary(four, 4, .5, *state, &e), CB_OK);
    assert_true(e.value == 2.5 && e.low == 1.75 && e.high == 3.25);
}

static void edges(void **state)
{
    cb_draws *d = cb_draws_new(*state, 0, 0);
    double x[2] = {NAN, 1};
    cb_est e;
    static const double bad[] = {0, -1, NAN, INFINITY};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        CHECK(cb_draws_gamma(d, bad[i], 1, x, 1) == CB_EDATA && cb_draws_gamma(d, 1, bad[i], x,
                1) == CB_EDATA, "gamma %zu", i);
        CHECK(cb_draws_beta(d, bad[i], 1, x, 1) == CB_EDATA && cb_draws_beta(d, 1, bad[i], x,
                1) == CB_EDATA, "beta %zu", i);
    }
    assert_true(cb_draws_normal(d, NAN, 1, x, 1) == CB_EDATA && cb_draws_normal(d, 0, -1, x, 1) == CB_EDATA);
    assert_int_equal(cb_draws_summary(x, 2, .95, *state, &e), CB_OK);
    assert_non_null(e.reason);
    assert_int_equal(cb_draws_summary(x, 0, .95, *state, &e), CB_OK);
    assert_non_null(e.reason);
    assert_int_equal(cb_draws_normal(d, 3, 0, x, 2), CB_OK);
    assert_true(x[0] == 3 && x[1] == 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STATS_TEST(same_seed_same_bytes), STATS_TEST(pinned), STATS_TEST(laws), STATS_TEST(summary),
            STATS_TEST(edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
