/* Linear regression against NIST's certified values, logistic regression and Mantel-Haenszel against R
 * 4.2.2 (glm, mantelhaen.test), shifted beta-geometric against Fader and Hardie 2007, with more digits by
 * Newton's method in 40-digit arithmetic. */
#include "testing_stats.h"

#include "casebook/stats_regress.h"
#include "casebook/stats_sbg.h"

/* Longley: y, then x1 … x6 (NIST StRD) */
static const double LONGLEY[16][7] = {
    {60323, 83.0, 234289, 2356, 1590, 107608, 1947},  {61122, 88.5, 259426, 2325, 1456, 108632, 1948},
    {60171, 88.2, 258054, 3682, 1616, 109773, 1949},  {61187, 89.5, 284599, 3351, 1650, 110929, 1950},
    {63221, 96.2, 328975, 2099, 3099, 112075, 1951},  {63639, 98.1, 346999, 1932, 3594, 113270, 1952},
    {64989, 99.0, 365385, 1870, 3547, 115094, 1953},  {63761, 100.0, 363112, 3578, 3350, 116219, 1954},
    {66019, 101.2, 397469, 2904, 3048, 117388, 1955}, {67857, 104.6, 419180, 2822, 2857, 118734, 1956},
    {68169, 108.4, 442769, 2936, 2798, 120445, 1957}, {66513, 110.8, 444546, 4681, 2637, 121950, 1958},
    {68655, 112.6, 482704, 3813, 2552, 123366, 1959}, {69564, 114.2, 502601, 3931, 2514, 125368, 1960},
    {69331, 115.7, 518173, 4806, 2572, 127852, 1961}, {70551, 116.9, 554894, 4007, 2827, 130081, 1962},
};
static const double LONGLEY_B[] = {-3482258.63459582, 15.0618722713733, -0.358191792925910E-01,
                                   -2.02022980381683,
                                   -1.03322686717359, -0.511041056535807E-01, 1829.15146461355};
static const double LONGLEY_SE[] = {890420.383607373, 84.9149257747669, 0.334910077722432E-01,
                                    0.488399681651699,
                                    0.214274163161675, 0.226073200069370, 455.478499142212};

static void longley(void **state)
{
    double x[16 * 7], y[16];
    for (size_t i = 0; i < 16; i++) {
        y[i] = LONGLEY[i][0];
        for (size_t j = 0; j < 7; j++)
            x[i * 7 + j] = j == 0 ? 1 : LONGLEY[i][j];
    }
    cb_linear f;
    assert_int_equal(cb_linear_fit(x, y, 16, 7, *state, &f), CB_OK);
    assert_true(!f.reason && f.df == 9);
    for (size_t j = 0; j < 7; j++) {
        CHECK_CLOSE(f.coefficient[j], LONGLEY_B[j], 1e-12, "B%zu", j);
        CHECK_CLOSE(f.standard_error[j], LONGLEY_SE[j], 1e-12, "SE of B%zu", j);
    }
    CHECK_CLOSE(f.residual_sd, 304.854073561965, 1e-12, "residual sd");
    CHECK_CLOSE(f.residual_ss, 836424.055505915, 1e-12, "residual sum of squares");
    CHECK_CLOSE(f.r2, 0.995479004577296, 1e-12, "R2");
    for (size_t i = 0; i < 16; i++) /* a column twice */
        x[i * 7 + 3] = 2 * x[i * 7 + 2];
    assert_int_equal(cb_linear_fit(x, y, 16, 7, *state, &f), CB_OK);
    assert_true(f.reason && !f.coefficient);
}

/* Wampler1: y = 1 + x + … + x^5, x = 0 … 20; all certified values are exact. */
static void wampler_1(void **state)
{
    double x[21 * 6], y[21];
    for (size_t i = 0; i < 21; i++) {
        double power = 1;
        y[i] = 0;
        for (size_t j = 0; j < 6; j++, power *= (double)i)
            y[i] += x[i * 6 + j] = power;
    }
    cb_linear f;
    assert_int_equal(cb_linear_fit(x, y, 21, 6, *state, &f), CB_OK);
    for (size_t j = 0; j < 6; j++) {
        CHECK_CLOSE(f.coefficient[j], 1, 1e-11, "B%zu", j);
        CHECK(f.standard_error[j] < 1e-9, "SE of B%zu: %g", j, f.standard_error[j]);
    }
    CHECK_CLOSE(f.r2, 1, 1e-15, "R2");
}

/* Norris (NIST StRD): y, x */
static const double NORRIS[36][2] = {
    {0.1, 0.2}, {338.8, 337.4}, {118.1, 118.2}, {888.0, 884.6}, {9.2, 10.1}, {228.1, 226.5},
    {668.5, 666.3}, {998.5, 996.3}, {449.1, 448.6}, {778.9, 777.0}, {559.2, 558.2}, {0.3, 0.4},
    {0.1, 0.6}, {778.1, 775.5}, {668.8, 666.9}, {339.3, 338.0}, {448.9, 447.5}, {10.8, 11.6},
    {557.7, 556.0}, {228.3, 228.1}, {998.0, 995.8}, {888.8, 887.6}, {119.6, 120.2}, {0.3, 0.3},
    {0.6, 0.3}, {557.6, 556.8}, {339.3, 339.1}, {888.0, 887.2}, {998.5, 999.0}, {778.9, 779.0},
    {10.2, 11.1}, {117.6, 118.3}, {228.9, 229.2}, {668.4, 669.1}, {449.2, 448.9}, {0.2, 0.5},
};

static void norris(void **state)
{
    double x[36 * 2], y[36];
    for (size_t i = 0; i < 36; i++) {
        y[i] = NORRIS[i][0];
        x[2 * i] = 1;
        x[2 * i + 1] = NORRIS[i][1];
    }
    cb_linear f;
    assert_int_equal(cb_linear_fit(x, y, 36, 2, *state, &f), CB_OK);
    CHECK_CLOSE(f.coefficient[0], -0.262323073774029, 1e-12, "B0");
    CHECK_CLOSE(f.coefficient[1], 1.00211681802045, 1e-13, "B1");
    CHECK_CLOSE(f.standard_error[0], 0.232818234301152, 1e-13, "SE of B0");
    CHECK_CLOSE(f.standard_error[1], 0.429796848199937E-03, 1e-13, "SE of B1");
    CHECK_CLOSE(f.residual_sd, 0.884796396144373, 1e-13, "residual sd");
    CHECK_CLOSE(f.r2, 0.999993745883712, 1e-14, "R2");
}

static void linear_edges(void **state)
{
    cb_linear f;
    double x[] = {1, 1, 1, 2, 1, NAN}, y[] = {1, 2, 3}, zero[] = {1, 0, 1, 0, 1, 0};
    assert_int_equal(cb_linear_fit(x, y, 3, 2, *state, &f), CB_OK);
    assert_non_null(f.reason);
    assert_int_equal(cb_linear_fit(x, y, 2, 2, *state, &f), CB_OK);
    assert_non_null(f.reason);
    assert_int_equal(cb_linear_fit(zero, y, 3, 2, *state, &f), CB_OK);
    assert_non_null(f.reason);
    assert_int_equal(cb_linear_fit(NULL, NULL, 0, 0, *state, &f), CB_OK);
    assert_non_null(f.reason);
    double ones[] = {1, 1, 1}, same[] = {5, 5, 5};
    assert_int_equal(cb_linear_fit(ones, same, 3, 1, *state, &f), CB_OK);
    assert_true(!f.reason && f.coefficient[0] == 5 && f.residual_ss == 0 && isnan(f.r2));
}

/* Coefficients of R's glm; standard errors from the information at the maximum itself (glm's own are those
 * of its last step but one, and differ in the ninth digit). */
/* ---- logistic ------------------------------------------------------------------------------------------ */

static const double GLM_X[] = {1, 0, 0, 1.5, 1, 1, 0, 2.5, 1, 0, 1, .5, 1, 1, 1, 3, 1, 0, 0, 2, 1, 1, 0, 1,
                               1, 0, 1, 0, 1, 1, 1, 4};
static const uint64_t GLM_Y[] = {12, 30, 25, 44, 9, 21, 40, 70}, GLM_M[] = {60, 80, 90, 100, 70, 75, 120,
        110};
static const double GLM_B[] = {-1.7053791732034069, 0.7026325070833387, 0.8158850861076148,
                               0.1168441280780549};
static const double GLM_SE[] = {0.17735665013436094, 0.25876726582808401, 0.17632479617666955,
                                0.09046184914925653};
static const double GLM_P[] = {6.875064369916024e-22, 6.621440531424549e-03, 3.706933952732535e-06,
                               1.964819014070618e-01};

static void check_glm(const char *name, const cb_logit *f)
{
    CHECK(!f->reason, "%s: %s", name, f->reason);
    for (size_t j = 0; j < 4; j++) {
        CHECK_CLOSE(f->coefficient[j], GLM_B[j], 1e-10, "%s coefficient %zu", name, j);
        CHECK_CLOSE(f->standard_error[j], GLM_SE[j], 1e-11, "%s SE %zu", name, j);
        CHECK_CLOSE(f->p_value[j], GLM_P[j], 1e-9, "%s p %zu", name, j);
        CHECK_CLOSE(f->odds_ratio[j].high, exp(GLM_B[j] + 1.959963984540054 * GLM_SE[j]), 1e-9,
                    "%s high %zu", name, j);
    }
}

static void logistic_like_glm(void **state)
{
    cb_logit f;
    assert_int_equal(cb_logit_fit(&(cb_logit_data){8, 4, GLM_X, GLM_Y, GLM_M}, .95, *state, &f), CB_OK);
    check_glm("grouped", &f);
    CHECK_CLOSE(f.deviance, 10.08092102416579, 1e-10, "deviance");
    CHECK_CLOSE(f.null_deviance, 68.98822905776319, 1e-12, "null deviance");
    assert_true(f.cases == 705 && f.events == 251);
    /* one row per case: the same estimates */
    static double x[705 * 4];
    static uint64_t y[705], m[705];
    size_t n = 0;
    for (size_t i = 0; i < 8; i++)
        for (uint64_t k = 0; k < GLM_M[i]; k++, n++) {
            memcpy(&x[n * 4], &GLM_X[i * 4], 4 * sizeof *x);
            y[n] = k < GLM_Y[i];
            m[n] = 1;
        }
    assert_int_equal(cb_logit_fit(&(cb_logit_data){n, 4, x, y, m}, .95, *state, &f), CB_OK);
    check_glm("single", &f);
}

static void logistic_lung(void **state)
{
    static double x[300 * 3];
    static uint64_t y[300], m[300];
    static const double b[] = {0.51506807560532941, 0.03188835527588412, -1.04838785008052970};
    static const double se[] = {1.17421539135705477, 0.01701113948627482, 0.30844500230261312};
    FILE *in = test_shared_open("oracles/survival/lung.csv");
    if (!in)
        return;
    char line[256];
    size_t n = 0;
    assert_non_null(fgets(line, sizeof line, in));
    for (double v[10]; n < 300 && fgets(line, sizeof line, in); n++) {
        assert_int_equal(stats_numbers(line, v, 10), 10);
        x[n * 3] = 1;
        x[n * 3 + 1] = v[3];
        x[n * 3 + 2] = v[4];
        y[n] = v[2] > 1;
        m[n] = 1;
    }
    fclose(in);
    assert_int_equal(n, 228);
    cb_logit f;
    assert_int_equal(cb_logit_fit(&(cb_logit_data){n, 3, x, y, m}, .95, *state, &f), CB_OK);
    assert_null(f.reason);
    for (size_t j = 0; j < 3; j++) {
        CHECK_CLOSE(f.coefficient[j], b[j], 1e-9, "coefficient %zu", j);
        CHECK_CLOSE(f.standard_error[j], se[j], 1e-11, "SE %zu", j);
    }
    CHECK_CLOSE(f.deviance, 251.9296567387873, 1e-11, "deviance");
    CHECK_CLOSE(f.null_deviance, 268.7846248907003, 1e-12, "null deviance");
}

static void logistic_refusals(void **state)
{
    static const double apart[] = {1, 0, 1, 1}, twice[] = {1, 1, 1, 1, 1, 1}, with_nan[] = {1, 0, 1, NAN};
    static const double quasi[] = {1, 0, 0, 1, 1, 0, 1, 0, 1, 1, 1, 1};
    static const double near[] = {1, -3, 1, -2, 1, -1, 1, 1, 1, 2, 1, 3};
    static const struct { const char *name; cb_logit_data d; uint64_t y[6], m[6]; const char *word; } T[] = {
        {"separated", {2, 2, apart, NULL, NULL}, {0, 40}, {40, 40}, "foretells"},
        {"separated by a slope", {6, 2, near, NULL, NULL}, {0, 0, 0, 20, 20, 20}, {20, 20, 20, 20, 20, 20},
         "foretells"},
        {"quasi-separated", {4, 3, quasi, NULL, NULL}, {20, 40, 10, 40}, {40, 40, 40, 40}, "foretells"},
        {"few events", {2, 2, apart, NULL, NULL}, {3, 6}, {40, 40}, "10 outcomes"},
        {"few non-events", {2, 2, apart, NULL, NULL}, {38, 33}, {40, 40}, "10 outcomes"},
        {"no event", {2, 2, apart, NULL, NULL}, {0, 0}, {40, 40}, "same outcome"},
        {"no case", {2, 2, apart, NULL, NULL}, {0, 0}, {0, 0}, "no cases"},
        {"dependent", {3, 2, twice, NULL, NULL}, {15, 15, 15}, {40, 40, 40}, "depend"},
        {"NaN", {2, 2, with_nan, NULL, NULL}, {15, 15}, {40, 40}, "not a number"},
        {"more outcomes than cases", {2, 2, apart, NULL, NULL}, {50, 15}, {40, 40}, "more outcomes"},
        {"empty", {0, 2, apart, NULL, NULL}, {0}, {0}, "no cases"},
    };
    for (size_t i = 0; i < COUNT_OF(T); i++) {
        cb_logit_data d = T[i].d;
        d.successes = T[i].y;
        d.trials = T[i].m;
        cb_logit f;
        assert_int_equal(cb_logit_fit(&d, .95, *state, &f), CB_OK);
        CHECK(f.reason && strstr(f.reason, T[i].word) && !f.coefficient, "%s: %s", T[i].name,
              f.reason ? f.reason : "was fitted");
    }
    uint64_t y[] = {13, 7}, m[] = {40, 40}; /* 2x2: the odds ratio is ad / bc */
    cb_logit f;
    assert_int_equal(cb_logit_fit(&(cb_logit_data){2, 2, apart, y, m}, .95, *state, &f), CB_OK);
    CHECK_CLOSE(f.odds_ratio[1].value, 7.0 / 33 / (13.0 / 27), 1e-12, "2x2");
    CHECK_CLOSE(f.standard_error[1], sqrt(1.0 / 7 + 1.0 / 33 + 1.0 / 13 + 1.0 / 27), 1e-10, "2x2 SE");
}

/* ---- Mantel-Haenszel ----------------------------------------------------------------------------------- */

static void mantel_haenszel_like_r(void **state)
{
    (void)state;
    /* R's UCBAdmissions, and a sparse table, one column of which R prints as a b / c d transposed */
    static const cb_mh_stratum ucb[] = {{512, 89, 313, 19}, {353, 17, 207, 8}, {120, 202, 205, 391}, {138,
            131, 279, 244},
                                        {53, 94, 138, 299}, {22, 24, 351, 317}};
    cb_mh m = cb_mh_fit(ucb, 6, .95);
    CHECK_CLOSE(m.odds_ratio.value, 0.9046968282586231, 1e-12, "UCB odds ratio");
    CHECK_CLOSE(m.odds_ratio.low, 0.7719073617593505, 1e-10, "UCB low");
    CHECK_CLOSE(m.odds_ratio.high, 1.0603297644366556, 1e-10, "UCB high");
    CHECK_CLOSE(m.chi2, 1.524606660443436, 1e-11, "UCB chi2");
    CHECK_CLOSE(m.p, 0.2169236970555184, 1e-10, "UCB p");
    assert_true(m.strata_used == 6 && m.cases_used == 4526);
    static const cb_mh_stratum small[] = {{2, 3, 5, 6}, {0, 0, 7, 1}, {4, 5, 6, 6}, {6, 2, 1, 2}};
    m = cb_mh_fit(small, 4, .95);
    CHECK_CLOSE(m.odds_ratio.value, 1.171073590315387, 1e-12, "small odds ratio");
    CHECK_CLOSE(m.odds_ratio.low, 0.3603475032950976, 1e-10, "small low");
    CHECK_CLOSE(m.odds_ratio.high, 3.8058078421347807, 1e-10, "small high");
    CHECK_CLOSE(m.p, 0.7946556103447467, 1e-10, "small p");
    assert_int_equal(m.strata_used, 3);
}

/* University Group Diabetes Program, two age groups (Rothman and Greenland, Modern Epidemiology, ch. 15):
 * pooled risk ratio 1.33 (0.80, 2.2), risk difference 0.035; its standard error by the plain stratified
 * formula sum w^2 (p1 q1/n1 + p0 q0/n0) / (sum w)^2, w = n1 n0 / n, is 0.0319, near which Sato's has to
 * be. */
static void mantel_haenszel_published(void **state)
{
    (void)state;
    static const cb_mh_stratum ugdp[] = {{8, 98, 5, 115}, {22, 76, 16, 69}};
    cb_mh m = cb_mh_fit(ugdp, 2, .95);
    CHECK(test_near(m.risk_ratio.value, 1.33, .005) && test_near(m.risk_ratio.low, .80, .006) &&
          test_near(m.risk_ratio.high, 2.2, .05),
          "RR %g (%g, %g)", m.risk_ratio.value, m.risk_ratio.low, m.risk_ratio.high);
    double se = (m.risk_difference.high - m.risk_difference.value) / 1.959963984540054;
    CHECK(test_near(m.risk_difference.value, .035, .0005) && test_near(se, .0319, .0002), "RD %g, SE %g",
          m.risk_difference.value, se);
}

static void mantel_haenszel_edges(void **state)
{
    (void)state;
    static const cb_mh_stratum one[] = {{30, 70, 20, 180}}, nobody[] = {{0, 10, 0, 20}}, one_sided[] = {{3,
            4, 0, 0}}, zero[] = {{0, 10, 4, 6}};
    cb_mh m = cb_mh_fit(one, 1, .95); /* one stratum: the plain ratios */
    CHECK_CLOSE(m.odds_ratio.value, 30.0 * 180 / (70 * 20), 1e-14, "odds ratio");
    CHECK_CLOSE(log(m.odds_ratio.high / m.odds_ratio.value) / 1.959963984540054,
                sqrt(1 / 30. + 1 / 70. + 1 / 20. + 1 / 180.), 1e-12, "Woolf");
    CHECK_CLOSE(m.risk_ratio.value, 3, 1e-14, "risk ratio");
    CHECK_CLOSE(log(m.risk_ratio.high / 3) / 1.959963984540054,
                sqrt(1 / 30. - 1 / 100. + 1 / 20. - 1 / 200.), 1e-12, "its SE");
    CHECK_CLOSE(m.risk_difference.value, .2, 1e-14, "risk difference");
    CHECK_CLOSE((m.risk_difference.high - .2) / 1.959963984540054, sqrt(.3 * .7 / 100 + .1 * .9 / 200),
                1e-12, "its SE");
    m = cb_mh_fit(nobody, 1, .95);
    assert_true(m.odds_ratio.reason && m.risk_ratio.reason && m.risk_difference.value == 0 &&
                isnan(m.p) && !m.reason);
    m = cb_mh_fit(one_sided, 1, .95);
    assert_true(m.reason && m.odds_ratio.reason && m.risk_difference.reason && m.strata_used == 0 &&
                isnan(m.chi2));
    m = cb_mh_fit(NULL, 0, .95);
    assert_non_null(m.reason);
    m = cb_mh_fit(zero, 1, .95);
    assert_true(m.odds_ratio.reason && m.risk_ratio.reason && m.risk_difference.value == -.4 && m.p < .05);
}

/* ---- shifted beta-geometric ---------------------------------------------------------------------------- */

static void retention(void **state)
{
    (void)state;
    static const struct { const char *name; uint64_t left[8]; size_t n; double alpha, beta,
                         likelihood; } T[] = {
        {"methods", {1000, 631, 468, 382, 326}, 5, 0.76366506256455265, 1.2958302721825021,
         -1401.559423577449},
        {"regular", {1000, 631, 468, 382, 326, 289, 262, 241}, 8, 0.70407729847351621, 1.1820430262094757,
         -1680.265188463296},
        {"high end", {1000, 869, 743, 653, 593, 551, 517, 491}, 8, 0.66808835110644622, 3.8060949640582669,
         -1611.158147391185},
    };
    for (size_t i = 0; i < COUNT_OF(T); i++) {
        cb_sbg f = cb_sbg_fit(T[i].left, T[i].n);
        CHECK_CLOSE(f.alpha, T[i].alpha, 1e-9, "%s alpha", T[i].name);
        CHECK_CLOSE(f.beta, T[i].beta, 1e-9, "%s beta", T[i].name);
        CHECK_CLOSE(f.log_likelihood, T[i].likelihood, 1e-10, "%s log-likelihood", T[i].name);
    }
    cb_sbg f = {.764, 1.296, 0, NULL};
    CHECK_CLOSE(cb_sbg_retention(&f, 1), 1.296 / 2.06, 1e-14, "r(1)");
    CHECK_CLOSE(cb_sbg_survival(&f, 2), 1.296 / 2.06 * 2.296 / 3.06, 1e-14, "S(2)");
    assert_true(cb_sbg_survival(&f, 0) == 1 && isnan(cb_sbg_retention(&f, 0)));
    CHECK_CLOSE(cb_sbg_residual_periods(&f, 0, .1), 2.882211419530495, 1e-12, "new customer");
    CHECK_CLOSE(cb_sbg_residual_periods(&f, 3, .1), 5.234921609726252, 1e-12, "after three renewals");
    assert_true(isnan(cb_sbg_residual_periods(&f, 0, 0)));
}

static void retention_refusals(void **state)
{
    (void)state;
    static const struct { const char *name; uint64_t left[6]; size_t n; } T[] = {
        {"short", {100, 50}, 2}, {"rising", {100, 50, 60}, 3}, {"no loss", {100, 100, 100}, 3}, {"nobody",
                {100, 50, 0}, 3},
        {"steady", {1000, 900, 810, 729, 656}, 5}, {"falling retention", {1000, 950, 800, 500, 200}, 5},
            {"empty", {0, 0, 0}, 3},
    };
    for (size_t i = 0; i < COUNT_OF(T); i++) {
        cb_sbg f = cb_sbg_fit(T[i].left, T[i].n);
        CHECK(f.reason && isnan(f.alpha) && isnan(cb_sbg_survival(&f, 3)) &&
              isnan(cb_sbg_residual_periods(&f, 1, .1)), "%s: %g %g",
              T[i].name, f.alpha, f.beta);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STATS_TEST(longley), STATS_TEST(wampler_1), STATS_TEST(norris), STATS_TEST(linear_edges),
            STATS_TEST(logistic_like_glm),
        STATS_TEST(logistic_lung), STATS_TEST(logistic_refusals), STATS_TEST(mantel_haenszel_like_r),
            STATS_TEST(mantel_haenszel_published),
        STATS_TEST(mantel_haenszel_edges), STATS_TEST(retention), STATS_TEST(retention_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
