/* Rates of events in bunches: equal to the plain test without bunches, to a table by hand with
 * them, and true to the level where a simulation knows it. */
#include "testing_stats.h"

#include "casebook/stats_bunches.h"

static void without_bunches(void **state)
{
    (void)state;
    for (uint64_t now = 0; now < 12; now++)
        for (uint64_t before = 0; before < 12; before++) {
            cb_bunches b = {0}, singles = {0};
            for (uint64_t i = 0; i < now + before; i++)
                cb_bunches_add(&b, i < now, 1);
            cb_bunches_singles(&singles, now, now + before);
            CHECK(!memcmp(&b, &singles, sizeof b), "singles are customers with one event each");
            CHECK(cb_bunches_effect(&b) <= 1 && cb_bunches_effect(&b) >= 1, "effect of singles");
            cb_test got = cb_bunches_test(&b, 1, 90, 365),
                    want = cb_rate_test(now, 90, before, 365);
            CHECK_CLOSE(got.two_sided, want.two_sided, 0, "%d and %d", (int)now, (int)before);
            cb_est ratio = cb_bunches_ratio(&b, 1, 90, 365, .95),
                   plain = cb_rate_ratio(now, 90, before, 365, .95);
            CHECK_CLOSE(ratio.value, plain.value, 0, "ratio of %d and %d", (int)now, (int)before);
            CHECK_CLOSE(ratio.high, plain.high, 0, "upper end of %d and %d", (int)now, (int)before);
        }
}

/* Twelve customers: six with two events now and two before, six with none now and four before; P =
 * 12 / 48. e = 2 - 1 = 1 and 0 - 1 = -1, so sum e^2 = 12, D = 12 / 11 * 12 / (48 * 3 / 16) = 12 *
 * 12 / (11 * 9) = 1.4545... */
static void effect_by_hand(void **state)
{
    (void)state;
    cb_bunches b = {0}, half[2] = {{0}};
    for (int i = 0; i < 12; i++) {
        cb_bunches_add(&b, i < 6 ? 2 : 0, 4);
        cb_bunches_add(&half[i % 2], i < 6 ? 2 : 0, 4);
    }
    cb_bunches_add(&b, 0, 0); /* a customer without an event is none */
    CHECK_CLOSE(cb_bunches_effect(&b), 144.0 / 99, 1e-14, "effect");
    cb_bunches_merge(&half[0], &half[1]);
    CHECK(!memcmp(&b, &half[0], sizeof b), "merged parts are the whole");
    /* effective counts: 48 / D = 33 in all, 8.25 now, 24.75 before; equal exposures:
     * P(Beta(9.25, 24.75) > 1/2) and P(Beta(8.25, 25.75) < 1/2), by Simpson's rule outside of the
     * program */
    cb_test t = cb_bunches_test(&b, 144.0 / 99, 1, 1);
    CHECK_CLOSE(t.less, 0.0030286995285657703, 1e-10, "lower tail");
    CHECK_CLOSE(t.greater, 0.9990879115611241, 1e-10, "upper tail");
    CHECK(test_near(t.two_sided, 2 * t.less, 1e-15), "both sides");
    CHECK(t.two_sided > cb_rate_test(12, 1, 36, 1).two_sided, "bunches widen");
    cb_est r = cb_bunches_ratio(&b, 144.0 / 99, 1, 1, .95),
           plain = cb_rate_ratio(12, 1, 36, 1, .95);
    CHECK(test_near(r.value, 1.0 / 3, 1e-15) && r.low < plain.low && r.high > plain.high,
          "a wider interval about the same ratio");
}

/* Few customers, or all on one side: each customer is one bunch. */
static void whole_bunches(void **state)
{
    (void)state;
    cb_bunches few = {0}, fresh = {0};
    cb_bunches_add(&few, 5, 5);
    cb_bunches_add(&few, 0, 3);
    CHECK(cb_bunches_effect(&few) >= 34.0 / 8 - 1e-12, "two customers: %f",
          cb_bunches_effect(&few));
    for (int i = 0; i < 20; i++)
        cb_bunches_add(&fresh, 3, 3);
    CHECK_CLOSE(cb_bunches_effect(&fresh), 3, 1e-14, "a new group");
    cb_est r = cb_bunches_ratio(&fresh, 3, 1, 4, .95);
    CHECK(isnan(r.value) && r.reason && r.low > 1, "no events before");
    CHECK(cb_bunches_test(&fresh, 3, 0, 1).reason &&
              cb_bunches_test(&(cb_bunches){0}, 1, 1, 1).reason,
          "no test");
    cb_bunches groups[2] = {fresh, few};
    CHECK(cb_bunches_pooled(groups, 1) <= 1 && cb_bunches_pooled(groups, 2) > 1,
          "pooled over what is estimable");
}

/* 4,000 groups of 40 bunches of 1 to 5 events, each in one of five stretches by chance: the test
 * that knows of bunches keeps 5 %, the one that does not shows about one in three. */
static void keeps_its_level(void **state)
{
    (void)state;
    uint64_t seed = 42;
    int aware = 0, naive = 0, groups = 4000;
    for (int g = 0; g < groups; g++) {
        cb_bunches b = {0};
        for (int i = 0; i < 40; i++) {
            uint64_t n = (uint64_t)test_between(&seed, 1, 6);
            cb_bunches_add(&b, test_between(&seed, 0, 5) == 0 ? n : 0, n);
        }
        aware += cb_bunches_test(&b, cb_bunches_effect(&b), 1, 4).two_sided < 0.05;
        naive += cb_rate_test(b.now, 1, b.all - b.now, 4).two_sided < 0.05;
    }
    CHECK(aware > groups * 0.02 && aware < groups * 0.06, "%d of %d below 0.05", aware, groups);
    CHECK(naive > groups * 0.20, "without allowance only %d", naive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STATS_TEST(without_bunches),
        STATS_TEST(effect_by_hand),
        STATS_TEST(whole_bunches),
        STATS_TEST(keeps_its_level),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
