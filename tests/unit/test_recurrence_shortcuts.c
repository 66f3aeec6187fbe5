/* The shortcuts of the recurrence measure against the long way: only customers met twice or all;
 * clusters of more causes and products than a table has room for; breakdowns of which not all are
 * kept. Folded in pieces of any size. */
#include <stdlib.h>

#include "fold_by_hand.h"
#include "recurrence_twin.h"

static const char config[] = "[report]\ntimezone = Europe/Berlin\n";

/* Many pieces: few of the cases are seen as few. One thread: customers met twice alone. */
static void fold(test_world *w, unsigned threads, uint64_t *seed, cb_results *out)
{
    w->scope.workers.threads = threads;
    fold_by_hand(w, &cb_measure_recurrence, CB_NOW, (unsigned)test_between(seed, 1, 6), seed, out);
}

static void same(const cb_recurrences *a, const cb_recurrences *b)
{
    assert_int_equal(a->signals, b->signals);
    assert_memory_equal(a->signal, b->signal, a->signals * sizeof *a->signal);
    assert_int_equal(a->pairs_tested, b->pairs_tested);
    assert_int_equal(a->pairs, b->pairs);
    assert_memory_equal(a->pair, b->pair, a->pairs * sizeof *a->pair);
    assert_int_equal(a->breakdowns, b->breakdowns);
    for (uint32_t i = 0; i < a->breakdowns && i < CB_BREAKDOWNS_LISTED; i++)
        assert_memory_equal(&a->breakdown[i], &b->breakdown[i], sizeof a->breakdown[i]);
    assert_memory_equal(a->chain, b->chain, sizeof a->chain);
}

static void few_or_all(void **state)
{
    static const char *const periods[] = {"2025-11-20", "2025-05-12..2025-05-18",
                                          "2025-11-01..2025-11-08", "2025-08-05",
                                          "2025-10-01..2025-10-15"};
    uint64_t seed = 41;
    unsigned signals = 0, breakdowns = 0;
    (void)state;
    for (int round = 0; round < 40; round++) {
        static cb_results usual[CB_WINDOWS], few, all;
        test_world w;
        random_plan plan = {.cases = 4000,
                            .customers = (int)test_between(&seed, 20, 900),
                            .words = (int)test_between(&seed, 1, 9),
                            .present_percent = 95,
                            .list = round % 2};
        random_world_open(&w, &seed, &plan, config);
        test_world_run(&w, measures, periods[round % (int)COUNT_OF(periods)], usual);
        fold(&w, 1, &seed, &few);
        fold(&w, 1u << 20, &seed, &all);
        same(&few.recurrence, &all.recurrence);
        signals += all.recurrence.signals;
        breakdowns += all.recurrence.breakdowns;
        test_world_close(&w);
    }
    CHECK(signals > 100 && breakdowns > 100, "%u signals, %u breakdowns", signals, breakdowns);
}

static void check_clusters(const test_world *w, const cb_recurrences *got)
{
    uint32_t cases = 0, customers = cb_intern_count(w->book->pool[CB_POOL_CUSTOMER]);
    uint8_t *seen = malloc(customers);
    for (uint32_t k = 0; k < got->clusters; k++) {
        const cb_cluster *one = &got->cluster[k];
        uint32_t n = 0, known = 0;
        memset(seen, 0, customers);
        for (uint32_t row = 0; row < cases_of(w)->n; row++) {
            uint32_t customer = word_of(w, CB_CASE_CUSTOMER, row);
            if (!in_window(w, CB_NOW, row) || word_of(w, CB_CASE_CAUSE, row) != one->cause ||
                word_of(w, CB_CASE_PRODUCT, row) != one->product)
                continue;
            n++;
            known += customer != CB_UNKNOWN_ID && !seen[customer];
            seen[customer] = 1;
        }
        CHECK(one->cases == n && n > 0 && one->customers == known, "cluster %u", k);
        cases += n;
    }
    free(seen);
    assert_int_equal(cases, w->scope.window[CB_NOW].cases.n);
}

/* Causes x products beside the number of cases: by a table, and by halving. */
static void clusters_of_many_words(void **state)
{
    static const int words[] = {3, 30, 60, 200};
    uint64_t seed = 42;
    (void)state;
    for (int round = 0; round < 16; round++) {
        static cb_results usual[CB_WINDOWS], got;
        test_world w;
        random_plan plan = {
            .cases = 900, .customers = 60, .words = words[round % 4], .present_percent = 100};
        random_world_open(&w, &seed, &plan, config);
        test_world_run(&w, measures, "2025-Q3", usual);
        fold(&w, 1, &seed, &got);
        check_clusters(&w, &got.recurrence);
        check_clusters(&w, &usual[CB_NOW].recurrence);
        test_world_close(&w);
    }
}

/* ---- breakdowns ---- */

static int by_cases(const void *a, const void *b)
{
    const cb_breakdown *x = a, *y = b;
    if (x->cases != y->cases)
        return x->cases > y->cases ? -1 : 1;
    if (x->last_utc_s != y->last_utc_s)
        return x->last_utc_s > y->last_utc_s ? -1 : 1;
    if (x->customer != y->customer)
        return x->customer < y->customer ? -1 : 1;
    return x->product < y->product ? -1 : x->product > y->product;
}

/* Of one customer and product: every pair of ends is tried. */
static cb_breakdown naive_breakdown(const test_world *w, uint32_t customer, uint32_t product)
{
    const cb_rows_by *by = &w->book->cases_of;
    cb_breakdown best = {.customer = customer, .product = product};
    for (uint32_t i = by->offset[customer]; i < by->offset[customer + 1]; i++) {
        int64_t last = opened_of(w, by->rows[i]);
        int64_t first = last;
        uint32_t n = 0;
        for (uint32_t k = by->offset[customer]; k < by->offset[customer + 1] && k <= i; k++)
            if (word_of(w, CB_CASE_PRODUCT, by->rows[k]) == product &&
                last - opened_of(w, by->rows[k]) <= 365 * DAY) {
                first = n++ == 0 ? opened_of(w, by->rows[k]) : first;
            }
        if (in_window(w, CB_NOW, by->rows[i]) &&
            word_of(w, CB_CASE_PRODUCT, by->rows[i]) == product && n > best.cases)
            best = (cb_breakdown){customer, product, 0, n, first, last};
    }
    return best;
}

static void check_breakdowns(const test_world *w, const cb_recurrences *got)
{
    uint32_t n = 0, products = cb_dim_groups(w->book, CB_DIM_PRODUCT), sum = 0;
    uint32_t customers = w->book->cases_of.groups;
    cb_breakdown *want = malloc((size_t)customers * products * sizeof *want);
    for (uint32_t c = 1; c < customers; c++)
        for (uint32_t p = 1; p < products; p++) {
            want[n] = naive_breakdown(w, c, p);
            n += want[n].cases >= 3;
        }
    qsort(want, n, sizeof *want, by_cases);
    assert_int_equal(got->breakdowns, n);
    CHECK(n > 2 * CB_BREAKDOWNS_LISTED, "more than are kept: %u", n);
    for (uint32_t i = 0; i < CB_BREAKDOWNS_LISTED; i++) {
        want[i].unit = got->breakdown[i].unit; /* test_recurrence.c looks at it */
        assert_memory_equal(&got->breakdown[i], &want[i], sizeof *want);
    }
    for (uint32_t i = 0; i < got->breakdown_products; i++) {
        for (uint32_t k = 0; k < n; k++)
            sum += want[k].product == got->breakdown_product[i].product ? want[k].cases : 0;
        CHECK(sum == got->breakdown_product[i].cases, "cases of a product");
        sum = 0;
    }
    free(want);
}

static void more_breakdowns_than_are_kept(void **state)
{
    uint64_t seed = 43;
    (void)state;
    for (int round = 0; round < 8; round++) {
        static cb_results usual[CB_WINDOWS], got;
        test_world w;
        random_plan plan = {.cases = 6000,
                            .customers = (int)test_between(&seed, 150, 400),
                            .words = round % 2 ? 4 : 9,
                            .present_percent = 100};
        random_world_open(&w, &seed, &plan, config);
        test_world_run(&w, measures, "2025", usual);
        fold(&w, 1, &seed, &got);
        check_breakdowns(&w, &usual[CB_NOW].recurrence);
        check_breakdowns(&w, &got.recurrence);
        test_world_close(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_or_all),
        cmocka_unit_test(clusters_of_many_words),
        cmocka_unit_test(more_breakdowns_than_are_kept),
    };
    cb_stats_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
