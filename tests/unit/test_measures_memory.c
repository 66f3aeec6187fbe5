/* Every allocation of the resolution, recurrence, trend, fairness, review and practice measures fails in turn: no memory is told, nothing
 * leaks. */
#include "random_book.h"

static const cb_measure *const measures[] = {&cb_measure_resolution, &cb_measure_recurrence,
                                             &cb_measure_trend,      &cb_measure_fairness,
                                             &cb_measure_review,     &cb_measure_practice, NULL};

static void memory_runs_out(void **state)
{
    (void)state;
    uint64_t seed = 4;
    test_book b;
    test_world w;
    cb_period period;
    random_plan plan = {.cases = 600,
                        .customers = 60,
                        .words = 4,
                        .present_percent = 100,
                        .list = true,
                        .reviews = true};
    random_book_fill(&b, &seed, &plan);
    test_world_open(&w, &b, RANDOM_AS_OF, random_config, 1);
    assert_int_equal(cb_period_parse(&period, CB_LIT("2025-Q3"), w.settings->zone, NULL), CB_OK);
    const cb_alloc *usual = w.settings->alloc;
    size_t nth = 0;
    for (cb_status rc = CB_ENOMEM; rc != CB_OK;) {
        test_alloc heap = {.fail_at = ++nth};
        cb_alloc alloc = test_alloc_of(&heap);
        cb_results r[CB_WINDOWS];
        cb_arena *arena = cb_arena_new(&alloc, 0);
        w.settings->alloc = &alloc;
        cb_scope_init(&w.scope, w.book, w.settings, w.calendar, w.derived, &period, &w.workers,
                      arena);
        rc = arena ? cb_measures_run_these(measures, &w.scope, r, NULL) : CB_ENOMEM;
        w.settings->alloc = usual;
        CHECK(rc == (heap.failures ? CB_ENOMEM : CB_OK), "call %zu: %s", nth, cb_status_text(rc));
        cb_arena_free(arena);
        CHECK(heap.live_blocks == 0, "call %zu: leak", nth);
    }
    CHECK(nth > 60, "only %zu allocations", nth);
    test_world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(memory_runs_out)};
    cb_stats_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
