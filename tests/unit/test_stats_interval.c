/* Intervals and tests of counts against R 4.2.2 (binom.test, prop.test, poisson.test, p.adjust,
 * fisher.test, qgamma, qbeta) and published examples. */
#include "testing_stats.h"

#include "casebook/stats_interval.h"

static const struct { double p, a, want; } GAMMA[] = {
    {.001, .5, 7.8539857463124521e-07}, {.001, 7.5, 1.7413422329644772}, {.001, 500, 433.7395413036383},
    {.001, 5e4, 49311.851908184799}, {.001, 5e6, 4993092.8802444246}, {.025, .5, 0.00049103455858762809},
    {.025, 7.5, 3.1310688975216254}, {.5, 500, 499.66670620169049}, {.5, 5e6, 4999999.6666666707},
    {.975, .5, 2.5119430936574423}, {.975, 5e4, 50439.207652832789}, {.975, 5e6, 5004383.5597789055},
    {.999, 7.5, 18.848649109176911}, {.999, 5e6, 5006912.8194458857},
};
static const struct { double p, a, b, want; } BETA[] = {
    {.001, .5, .5, 2.4673990709169446e-06}, {.001, .5, 50, 1.5786706587275014e-08},
    {.001, 5e3, 5e4, 0.087163528550354558}, {.001, 5e5, 5e6, 0.090530708743066887},
    {.001, 1, 5e6, 2.0010006669668658e-10}, {.025, 7.5, 42.5, 0.066245730705646572},
    {.5, 5e5, 5e6, 0.090909041322314768}, {.5, 1, 5e6, 1.3862942650292915e-07},
    {.975, .5, .5, 0.99845866686656404}, {.975, 7.5, 42.5, 0.26013551507085775},
    {.975, .5, 50, 0.049236196384272457}, {.975, 5e5, 5e6, 0.091149487645570626}, {.999, 1, 5e6,
            1.3815501014552076e-06},
};

static void quantiles_like_r(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(GAMMA); i++) {
        CHECK_CLOSE(cb_gamma_quantile(GAMMA[i].p, GAMMA[i].a, 1), GAMMA[i].want, 1e-11, "gamma row %zu", i);
        CHECK_CLOSE(cb_gamma_quantile(GAMMA[i].p, GAMMA[i].a, 4), GAMMA[i].want / 4, 1e-11,
                    "gamma rate, row %zu", i);
    }
    for (size_t i = 0; i < COUNT_OF(BETA); i++) {
        CHECK_CLOSE(cb_beta_quantile(BETA[i].p, BETA[i].a, BETA[i].b), BETA[i].want, 1e-10, "beta row %zu",
                    i);
        CHECK_CLOSE(cb_beta_quantile(1 - BETA[i].p, BETA[i].b, BETA[i].a), 1 - BETA[i].want, 1e-11,
                    "mirrored row %zu", i);
    }
    /* methods C3: Beta(7.5, 42.5) after 6 of 100, and after 120 of 2,000 */
    assert_true(test_near(cb_beta_quantile(.025, 13.5, 136.5), .0498, 5e-5) &&
                test_near(cb_beta_quantile(.975, 13.5, 136.5), .1405, 5e-5));
    assert_true(test_near(cb_beta_quantile(.025, 127.5, 1922.5), .0522, 5e-5) &&
                test_near(cb_beta_quantile(.975, 127.5, 1922.5), .0730, 5e-5));
    assert_true(isnan(cb_beta_quantile(.5, 0, 1)) && isnan(cb_gamma_quantile(.5, 1, 0)) &&
                isnan(cb_gamma_quantile(NAN, 1, 1)));
    assert_true(cb_beta_quantile(0, 2, 2) == 0 && cb_beta_quantile(1, 2, 2) == 1 &&
                isinf(cb_gamma_quantile(1, 2, 2)));
}

static void share_intervals(void **state)
{
    (void)state;
    static const struct { const char *name; cb_est (*of)(uint64_t, uint64_t, double); uint64_t x,
                         n; double level, low, high; } T[] = {
        {"Wilson 7/50", cb_wilson, 7, 50, .95, 0.06950833427016292, 0.26186193710585542},
        {"Wilson 0/10", cb_wilson, 0, 10, .95, 0, 0.2775327998628891},
        {"Wilson 10/10", cb_wilson, 10, 10, .95, 1 - 0.2775327998628891, 1},
        {"exact 7/50", cb_clopper_pearson, 7, 50, .95, 0.05819170034037211, 0.26739600249700846},
        {"exact 1/1e6", cb_clopper_pearson, 1, 1000000, .95, 2.531780766379421e-08, 5.571630655172237e-06},
        {"exact half of 1e6", cb_clopper_pearson, 500000, 1000000, .95, 0.4990195191953118,
         0.5009804808046882},
        {"exact 499/500 at 99.8 %", cb_clopper_pearson, 499, 500, .998, 0.9816844561338748,
         0.9999979990013348},
        {"exact 0/3", cb_clopper_pearson, 0, 3, .95, 0, 0.707598226178713},
    };
    for (size_t i = 0; i < COUNT_OF(T); i++) {
        cb_est e = T[i].of(T[i].x, T[i].n, T[i].level);
        CHECK_CLOSE(e.value, (double)T[i].x / (double)T[i].n, 1e-15, "%s", T[i].name);
        CHECK_CLOSE(e.low, T[i].low, 1e-11, "%s low", T[i].name);
        CHECK_CLOSE(e.high, T[i].high, 1e-11, "%s high", T[i].name);
    }
    assert_true(cb_wilson(0, 0, .95).reason && cb_wilson(2, 1, .95).reason && cb_wilson(1, 2,
            NAN).reason && cb_clopper_pearson(0, 0, .95).reason);
}

static void rates(void **state)
{
    (void)state;
    static const struct { uint64_t x; double t, low, high; } T[] = {
        {10, 2.5, 1.918155478452974, 7.356142416807112}, {0, 3, 0, 1.229626484704645},
        {1000000, 100, 9980.409833402939, 10019.619119454323},
    };
    for (size_t i = 0; i < COUNT_OF(T); i++) {
        cb_est e = cb_poisson_rate(T[i].x, T[i].t, CB_LEVEL_95);
        CHECK_CLOSE(e.low, T[i].low, 1e-11, "row %zu low", i);
        CHECK_CLOSE(e.high, T[i].high, 1e-11, "row %zu high", i);
    }
    assert_true(cb_poisson_rate(0, 0, .95).reason && cb_poisson_rate(1, NAN, .95).reason &&
                cb_poisson_rate(1, -1, .95).reason);
}

static const struct { uint64_t x1; double t1; uint64_t x2; double t2, both, greater, less, ratio, low,
                     high; } TWO_RATES[] = {
    {11, 800, 23, 3011, 0.13663444706428246, 0.08292991279180424, 0.96128079145342926, 1.80005434782608709,
     0.79220508583300653, 3.84386274039495168},
    {5, 10, 1, 10, 0.21875, 0.109375, 0.984375, 5, 0.5594916942300864, 236.4876928673625969},
    {0, 10, 4, 10, 0.125, 1, 0.0625, 0, 0, 1.51486685936587},
    {120, 1, 60, 4, 8.388186996197679e-42, 8.388186996197679e-42, 1, 8, 5.820781431625438, 11.09654852508383},
    {3000, 100, 2800, 100, 0.008969436001193442, 0.004484718000596721, 0.995848402658428444,
     1.071428571428571397, 1.017304753950179386, 1.128458086298885110},
    {2, 1, 3, 1, 1, 0.8125, 0.5, 0.6666666666666666, 0.0556818890072143, 5.8197565789607753},
};

static void two_rates(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(TWO_RATES); i++) {
        const double tolerance = 1e-10;
        cb_test p = cb_rate_test(TWO_RATES[i].x1, TWO_RATES[i].t1, TWO_RATES[i].x2, TWO_RATES[i].t2);
        CHECK_CLOSE(p.two_sided, TWO_RATES[i].both, tolerance, "row %zu two-sided", i);
        CHECK_CLOSE(p.greater, TWO_RATES[i].greater, tolerance, "row %zu greater", i);
        CHECK_CLOSE(p.less, TWO_RATES[i].less, tolerance, "row %zu less", i);
        cb_est r = cb_rate_ratio(TWO_RATES[i].x1, TWO_RATES[i].t1, TWO_RATES[i].x2, TWO_RATES[i].t2, .95);
        CHECK_CLOSE(r.value, TWO_RATES[i].ratio, tolerance, "row %zu ratio", i);
        CHECK_CLOSE(r.low, TWO_RATES[i].low, tolerance, "row %zu low", i);
        CHECK_CLOSE(r.high, TWO_RATES[i].high, tolerance, "row %zu high", i);
    }
    assert_true(cb_rate_test(0, 1, 0, 1).reason && cb_rate_test(1, 0, 0, 1).reason && cb_rate_test(1, 1, 1,
            NAN).reason);
    cb_est unbounded = cb_rate_ratio(5, 1, 0, 1, .95);
    assert_true(!cb_est_ok(unbounded) && unbounded.reason && unbounded.low > 0.9 && isnan(unbounded.high));
}

/* Against the definition, every outcome summed. */
static void rate_test_like_its_definition(void **state)
{
    (void)state;
    for (unsigned n = 1; n <= 60; n += 3)
        for (unsigned x = 0; x <= n; x++) {
            const double p = 0.3;
            double mass[64], sum = 0;
            for (unsigned k = 0; k <= n; k++)
                mass[k] = exp(lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0) + k * log(p) +
                              (n - k) * log1p(-p));
            for (unsigned k = 0; k <= n; k++)
                sum += mass[k] <= mass[x] * (1 + 1e-7) ? mass[k] : 0;
            CHECK_CLOSE(cb_rate_test(x, 3, n - x, 7).two_sided, fmin(1, sum), 1e-9, "%u of %u", x, n);
        }
}

static void two_shares(void **state)
{
    (void)state;
    /* Newcombe 1998, table II: 56/70 against 48/80, method 10: .0524 to .3339 */
    cb_est d = cb_share_difference(56, 70, 48, 80, .95);
    assert_true(test_near(d.value, .2, 1e-15) && test_near(d.low, .0524, 5e-5) && test_near(d.high, .3339,
            5e-5));
    d = cb_share_difference(9, 10, 3, 10, .95); /* .1705 to .8090 there */
    assert_true(test_near(d.low, .1705, 5e-5) && test_near(d.high, .8090, 5e-5));
    CHECK_CLOSE(cb_share_test(56, 70, 48, 80).two_sided, 0.008045081368196564, 1e-11, "56/70");
    CHECK_CLOSE(cb_share_test(56, 70, 48, 80).greater, 0.004022540684098286, 1e-11, "56/70");
    CHECK_CLOSE(cb_share_test(3, 10, 9, 10).less, 0.00308494966027208, 1e-11, "3/10");
    assert_true(cb_share_test(0, 10, 0, 20).two_sided == 1 && cb_share_test(10, 10, 20, 20).two_sided == 1);
    assert_true(cb_share_test(0, 0, 1, 2).reason && cb_share_difference(1, 2, 0, 0, .95).reason);
}

static void many_tests(void **state)
{
    static const double p[] = {.01, .04, .03, .005, .55, .005, NAN, 1, 0};
    static const double want[] = {.02, .05333333333333333, .048, .01333333333333333, .62857142857142856,
                                  .01333333333333333, NAN, 1, 0};
    double got[9];
    assert_int_equal(cb_bh_adjust(p, got, 9, *state), CB_OK);
    for (size_t i = 0; i < 9; i++)
        CHECK_CLOSE(got[i], want[i], 1e-14, "p.adjust, row %zu", i);
    memcpy(got, p, sizeof p);
    assert_int_equal(cb_bh_adjust(got, got, 9, *state), CB_OK);
    CHECK_CLOSE(got[1], want[1], 1e-14, "in place");
    double bad[] = {.5, 1.2};
    assert_int_equal(cb_bh_adjust(bad, got, 2, *state), CB_EDATA);
    assert_int_equal(cb_bh_adjust(bad, got, 0, *state), CB_OK);
}

static void fisher(void **state)
{
    (void)state;
    static const struct { uint64_t a, b, c, d; double want; } T[] = {
        {3, 1, 1, 3, 0.4857142857142858}, {10, 2, 3, 15, 0.0005367241191434359}, {1, 24, 5, 15,
                0.07408907976122954},
        {400, 600, 500, 500, 8.453719674485645e-06}, {0, 5, 5, 0, 0.00793650793650794},
    };
    for (size_t i = 0; i < COUNT_OF(T); i++)
        CHECK_CLOSE(cb_fisher_two_sided(T[i].a, T[i].b, T[i].c, T[i].d), T[i].want, 1e-10, "row %zu", i);
    assert_true(isnan(cb_fisher_two_sided(0, 0, 1, 2)) && isnan(cb_fisher_two_sided(0, 3, 0, 2)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STATS_TEST(quantiles_like_r), STATS_TEST(share_intervals), STATS_TEST(rates), STATS_TEST(two_rates),
        STATS_TEST(rate_test_like_its_definition), STATS_TEST(two_shares), STATS_TEST(many_tests),
            STATS_TEST(fisher),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
