/* churn_coverage - do the intervals of the churn cost hold the truth as often as they say?
 *
 * Books with known hazards are made, measured, and counted: how often the 95 % interval of the
 * excess, of either rate, of the own cost and of the headline holds what is true, and how often the
 * back-test's intervals hold what came. The intervals of excess, rates and own cost must hold it in
 * 93 to 97 % of the books, also where the prior is far off: the run fails where a count lies more
 * than two standard errors outside. The headline leans on the prior by design: with few data it is
 * only reported, with many data it must hold too.
 *
 *     churn_coverage [books [n]]   1,000 books a scenario by default; only the n-th scenario
 *
 * Run by `make sim`; takes about three minutes. The short form is in tests/unit/test_churn_lines.c.
 */
#include "churn_simulated.h"

typedef struct scenario {
    simulated world;
    bool headline; /* enough data that the headline must hold the truth too */
} scenario;

static const scenario scenarios[] = {
    {{"usual, 1,000 customers", NULL, 1000, 0.06, 0.22, 0.5, 0}, false},
    {{"small, 150 customers", NULL, 150, 0.06, 0.22, 0.5, 0}, false},
    {{"rare leaving", NULL, 600, 0.02, 0.03, 0.4, 0}, false},
    {{"no effect", NULL, 600, 0.2, 0.2, 0.7, 0}, false},
    {{"a protective case", NULL, 600, 0.3, 0.1, 0.7, 0}, false},
    {{"half have 6 times the cases", NULL, 600, 0.08, 0.3, 0.2, 6}, false},
    {{"prior far off, few data", "[assumptions]\nannual_loss_rate = 0.9\n", 200, 0.06, 0.22, 0.5,
      0},
     false},
    {{"prior far off, many data", "[assumptions]\nannual_loss_rate = 0.3\n", 20000, 0.06, 0.22, 0.5,
      0},
     true},
};

static unsigned failures;

static void say(const char *what, unsigned held, unsigned n, bool must)
{
    double share = n ? (double)held / n : 0;
    double slack = 2 * sqrt(0.93 * 0.07 / (n ? n : 1));
    bool good = share >= 0.93 - slack && share <= 0.97 + slack;
    printf("  %-34s %6u of %6u  %5.1f %%%s\n", what, held, n, 100 * share,
           good   ? ""
           : must ? "  FAILED"
                  : "  (reported only)");
    failures += must && !good;
}

static void run_scenario(const scenario *s, unsigned books, uint64_t *seed)
{
    simulated_tally t = {0};
    for (unsigned i = 0; i < books; i++)
        simulated_run(&s->world, seed, &t);
    printf("%s: excess %.4f, mean estimate %.4f, mean width %.4f\n", s->world.name,
           simulated_excess(&s->world), t.excess_sum / t.estimable, t.width_sum / t.estimable);
    say("excess", t.excess, t.estimable, true);
    say("rate after a problem", t.after, t.estimable, true);
    say("rate of the clean", t.clean, t.estimable, true);
    say("own cost", t.cost, t.estimable, true);
    say("headline rate", t.headline, t.estimable, s->headline);
    say("back-test's forecasts", t.forecasts_inside, t.forecasts, false);
}

typedef struct wish {
    unsigned books, only; /* only: 0 is all */
} wish;

static void coverage(void **state)
{
    const wish *wanted = *state;
    for (unsigned i = 0; i < COUNT_OF(scenarios); i++) {
        uint64_t seed = 20260101 + i;
        if (wanted->only == 0 || wanted->only == i + 1)
            run_scenario(&scenarios[i], wanted->books, &seed);
    }
    CHECK(failures == 0, "%u coverages are not 93 to 97 %%", failures);
}

int main(int argc, char **argv)
{
    wish given = {.books = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1000,
                  .only = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 0};
    cb_stats_init();
    const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(coverage, &given)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
