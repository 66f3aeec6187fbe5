/* Funnel limits against R 4.2.2 (qbinom, pbinom, qpois, ppois put together as in Spiegelhalter 2005), and
 * over-dispersion. */
#include "testing_stats.h"

#include "casebook/stats_funnel.h"
#include "stats/tails.h"

static const struct { bool share; double size, target, limit[4]; } LIMITS[] = {
    {true, 50, .14, {0.04130010668230392, 0.23364047353500189, 0.00217207739805565, 0.29918202798867632}},
    {true, 7, .02, {0, 0.1231094613167038, 0, 0.2718592765029451}},
    {true, 10000, .5, {0.4901499221328437, 0.5097500778671563, 0.4844999375302731, 0.5154000624697269}},
    {true, 3, .9, {0.2962962962962964, 0.9885688157293094, 0, 0.9995427526291724}},
    {false, 12.5, .8, {0.30201503581507222, 1.29279605386758312, 0.09764234527169073, 1.65296006687959940}},
    {false, .5, .1, {0, 0.9995727586649379, 0, 2.3517204474369149}},
    {false, 40000, 2, {1.986140294644926, 2.013858382883242, 1.978171910008656, 2.021874325153357}},
};

static void exact_limits(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(LIMITS); i++) {
        cb_funnel_limits l = LIMITS[i].share ? cb_funnel_share_limits(LIMITS[i].target, LIMITS[i].size)
                                             : cb_funnel_rate_limits(LIMITS[i].target, LIMITS[i].size);
        CHECK_CLOSE(l.low_95, LIMITS[i].limit[0], 1e-10, "row %zu low 95", i);
        CHECK_CLOSE(l.high_95, LIMITS[i].limit[1], 1e-10, "row %zu high 95", i);
        CHECK_CLOSE(l.low_998, LIMITS[i].limit[2], 1e-9, "row %zu low 99.8", i);
        CHECK_CLOSE(l.high_998, LIMITS[i].limit[3], 1e-10, "row %zu high 99.8", i);
    }
    assert_true(isnan(cb_funnel_share_limits(0, 5).low_95) && isnan(cb_funnel_share_limits(.5, 0).low_95) &&
                isnan(cb_funnel_rate_limits(NAN, 1).low_95) && isnan(cb_funnel_rate_limits(1, 0).low_95));
}

/* The search begins at a guess: against the halving of all counts there can be, to the last bit. */
static double at_most(bool share, double k, double n, double p)
{
    return (share ? cb_binomial_tails(k, n, p) : cb_poisson_tails(k, n * p)).lower;
}

static double plain_limit(bool share, double n, double target, double p)
{
    double low = 0, high = share ? n : 4 * n * target + 40;
    while (low < high) {
        double mid = floor((low + high) / 2);
        if (at_most(share, mid, n, target) > p)
            high = mid;
        else
            low = mid + 1;
    }
    double above = at_most(share, low, n, target), below = at_most(share, low - 1, n, target);
    return fmax(0, low - (above - p) / (above - below)) / n;
}

static void limits_like_halving(void **state)
{
    static const double SIZE[] = {1, 2, 3, 7, 20, 61, 400, 5003, 120000, 3000000};
    static const double TARGET[] = {1e-7, .0004, .01, .2, .5, .77, .993, .99999};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(SIZE); i++)
        for (size_t k = 0; k < COUNT_OF(TARGET) * 2; k++) {
            const bool share = k % 2;
            const double n = SIZE[i], t = TARGET[k / 2];
            cb_funnel_limits l = share ? cb_funnel_share_limits(t, n) : cb_funnel_rate_limits(t, n);
            CHECK(l.low_95 == plain_limit(share, n, t, .025) && l.high_95 == plain_limit(share, n, t, .975) &&
                  l.low_998 == plain_limit(share, n, t, .001) && l.high_998 == plain_limit(share, n, t, .999),
                  "%g of %g: %.17g %.17g %.17g %.17g", t, n, l.low_998, l.low_95, l.high_95, l.high_998);
        }
}

static const uint64_t HITS[] = {12, 30, 5, 44, 9, 0, 61, 7, 80}, SIZES[] = {60, 200, 80, 160, 70, 0, 175,
        20, 410};
static const struct { double z, z_adjusted, low_95, high_95, low_998, high_998; int place; } WANT[] = {
    {-0.2100164291467111, -0.1376775350205086, 0.0473386259774955, 0.3635608776481730, 0,
     0.4663119145226470, 0},
    {-2.1162705860979085, -0.9087606081936604, 0.07655495647215105, 0.34026896947625923,
     0.00777347534919778, 0.42208636164792179, 0},
    {-3.2563437118515299, -1.9568232024892620, 0.0568508149781637, 0.3553093918871926, 0,
     0.4515409324875637, 0},
    {1.9818864518942485, 0.9303054545173572, 0.07305320634646026, 0.34297571331311161, 0.00371621389655155,
     0.42664156202155767, 0},
    {-1.6913563743042173, -1.0595702020138524, 0.0535264152197985, 0.3587639926944908, 0,
     0.4581067937951878, 0},
    {NAN, NAN, NAN, NAN, NAN, NAN, 0},
    {4.4577723054114884, 2.0199749158858040, 0.07481591282508021, 0.34178836937771617, 0.00524061636348738,
     0.42474755826152449, 1},
    {1.5226583915782663, 1.2678677764124311, 0, 0.4155477822600064, 0, 0.5563226284692179, 0},
    {-0.7910493612386045, -0.2493148895742181, 0.0840102512704437, 0.3347423950747027, 0.0161350649871334,
     0.4110011806345420, 0},
};

static void over_dispersion(void **state)
{
    cb_funnel f;
    assert_int_equal(cb_funnel_shares(HITS, SIZES, 9, *state, &f), CB_OK);
    assert_true(!f.reason && f.n == 9 && f.n_used == 8);
    CHECK_CLOSE(f.target, 0.211063829787234, 1e-13, "target");
    CHECK_CLOSE(f.phi, 3.465305980441065, 1e-12, "phi");
    CHECK_CLOSE(f.tau2, 0.003682538403722598, 1e-12, "tau2");
    for (size_t i = 0; i < 9; i++) {
        const cb_funnel_point *p = &f.points[i];
        CHECK_CLOSE(p->z, WANT[i].z, 1e-11, "z of %zu", i);
        CHECK_CLOSE(p->z_adjusted, WANT[i].z_adjusted, 1e-11, "adjusted z of %zu", i);
        CHECK_CLOSE(p->widened.low_95, WANT[i].low_95, 1e-9, "low 95 of %zu", i);
        CHECK_CLOSE(p->widened.high_95, WANT[i].high_95, 1e-10, "high 95 of %zu", i);
        CHECK_CLOSE(p->widened.low_998, WANT[i].low_998, 1e-8, "low 99.8 of %zu", i);
        CHECK_CLOSE(p->widened.high_998, WANT[i].high_998, 1e-10, "high 99.8 of %zu", i);
        CHECK(p->place == WANT[i].place, "place of %zu is %d", i, p->place);
    }
}

static void places(void **state)
{
    /* four alike and one far off, fewer than five groups or not dispersed: exact limits stand */
    uint64_t events[] = {100, 105, 95, 160}, even[] = {100, 101, 99, 100, 100, 102};
    double exposure[] = {10, 10, 10, 10, 10, 10};
    cb_funnel f;
    assert_int_equal(cb_funnel_rates(events, exposure, 4, *state, &f), CB_OK);
    assert_true(f.tau2 == 0 && f.target == 11.5 && f.points[3].place == 2 && f.points[1].place == 0);
    CHECK_CLOSE(f.points[3].widened.high_95, f.points[3].exact.high_95, 1e-15, "not widened");
    assert_int_equal(cb_funnel_rates(even, exposure, 6, *state, &f), CB_OK);
    assert_true(f.tau2 == 0 && f.phi < 1);
}

static void edges(void **state)
{
    cb_funnel f;
    uint64_t none[] = {0, 0, 0}, some[] = {3, 4, 5};
    double zero[] = {0, 0, 0}, bad[] = {1, NAN, 1}, mixed[] = {0, 1, 1};
    assert_int_equal(cb_funnel_shares(NULL, NULL, 0, *state, &f), CB_OK);
    assert_non_null(f.reason);
    assert_int_equal(cb_funnel_shares(some, some, 1, *state, &f), CB_OK); /* one group */
    assert_non_null(f.reason);
    assert_int_equal(cb_funnel_shares(some, some, 3, *state, &f), CB_OK); /* all hits */
    assert_true(f.reason && f.points[0].value == 1);
    assert_int_equal(cb_funnel_shares(none, some, 3, *state, &f), CB_OK);
    assert_non_null(f.reason);
    assert_int_equal(cb_funnel_shares(some, none, 3, *state, &f), CB_OK); /* more hits than cases */
    assert_non_null(f.reason);
    assert_int_equal(cb_funnel_rates(none, zero, 3, *state, &f), CB_OK); /* no person-years at all */
    assert_true(f.reason && f.n_used == 0);
    assert_int_equal(cb_funnel_rates(some, bad, 3, *state, &f), CB_OK);
    assert_non_null(f.reason);
    assert_int_equal(cb_funnel_rates(some, mixed, 3, *state, &f), CB_OK);
    assert_non_null(f.reason);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STATS_TEST(exact_limits), STATS_TEST(limits_like_halving), STATS_TEST(over_dispersion), STATS_TEST(places), STATS_TEST(edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
