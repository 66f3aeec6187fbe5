/* Every allocation of the resolution, recurrence, trend, fairness, review and practice measures
 * fails in turn: no memory is told, nothing leaks. */
#include "random_book.h"

static const cb_measure *const measures[] = {&cb_measure_resolution, &cb_measure_recurrence,
                                             &cb_measure_trend,      &cb_measure_fairness,
                                             &cb_measure_review,     &cb_measure_practice, NULL};

static void memory_runs_out(void **state)
{
    (void)state;
    uint64_t seed = 4;
    test_world w;
    cb_results r[CB_WINDOWS];
    size_t nth = 1;
    random_plan plan = {.cases = 600,
                        .customers = 60,
                        .words = 4,
                        .present_percent = 100,
                        .list = true,
                        .reviews = true};
    random_world_open(&w, &seed, &plan, random_config);
    while (test_world_starve(&w, measures, "2025-Q3", nth, r))
        nth++;
    CHECK(nth > 60, "only %zu allocations", nth);
    test_world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(memory_runs_out)};
    cb_stats_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
