/* The short form of tests/sim/false_signals.c: 60 books without any effect, of every sort of desk.
 * With a true rate of 5 %, 8 or more of 60 show a signal once in 50 runs; the seed is fixed.
 * Without the allowance for bunches 30 of them do. */
#include "../sim/null_books.h"

static void books_without_effect(void **state)
{
    (void)state;
    for (int sort = 0; sort < NULL_SORTS; sort++) {
        null_tally t = null_run(sort, 60, 3000, "2025-Q3", 20260301 + (uint64_t)sort);
        CHECK(t.with_signal <= 7, "%s: %d of 60 books with a false signal of Q5", null_names[sort],
              t.with_signal);
        CHECK(t.with_pair <= 7, "%s: %d of 60 books with a false pair of Q6", null_names[sort],
              t.with_pair);
        CHECK(t.tests > 60 * 30 && t.pairs_tested > 60 * 100, "there was something to test");
        CHECK(t.below_05 > 0, "no test below 0.05 at all: the test has no power");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(books_without_effect)};
    cb_stats_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
