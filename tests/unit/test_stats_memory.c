/* Every function of src/stats that takes memory, at every failing allocation: CB_ENOMEM, no crash, no leak; and once with
 * enough of it. */
#include "testing_stats.h"

#include "casebook/stats_chart.h"
#include "casebook/stats_draws.h"
#include "casebook/stats_funnel.h"
#include "casebook/stats_interval.h"
#include "casebook/stats_order.h"
#include "casebook/stats_recurrence.h"
#include "casebook/stats_regress.h"
#include "casebook/stats_survival.h"

enum { N = 6000 };
static int64_t seconds[N], others[N];
static double values[N], twice[2 * N];
static uint64_t counts[N], sizes[N];
static uint32_t payload[N];
static uint8_t flags[N];
static uint32_t first[N + 1];
static int32_t ages[N];

static void fill(void)
{
    uint64_t seed = 1;
    for (size_t i = 0; i < N; i++) {
        seconds[i] = test_between(&seed, 0, 1000000);
        others[i] = (int64_t)i;
        ages[i] = (int32_t)i;
        values[i] = (double)test_between(&seed, 1, 1000);
        twice[2 * i] = 1;
        twice[2 * i + 1] = values[i];
        sizes[i] = 20;
        counts[i] = (uint64_t)test_between(&seed, 1, 20);
        flags[i] = i % 3 == 0;
        first[i + 1] = (uint32_t)i + 1;
    }
}

static cb_status sort_seconds(cb_arena *a) { return cb_sort_i64(seconds, N, a); }
static cb_status sort_pairs(cb_arena *a) { return cb_sort_pairs(seconds, payload, N, a); }
static cb_status sort_values(cb_arena *a) { return cb_sort_f64(values, N, a); }

static cb_status ratio(cb_arena *a)
{
    cb_est e;
    return cb_median_ratio(others, others + 1, 0, .95, a, &e) == CB_OK
               ? cb_median_ratio(others + 1, others + 1, N - 1, .95, a, &e)
               : CB_EDATA;
}

static cb_status survival(cb_arena *a)
{
    cb_km km;
    const cb_km_point *points;
    size_t n;
    const cb_logrank_group cases = {others, N, NULL, 0};
    cb_status rc = cb_km_fit_flags(others, flags, N, .95, a, &km);
    return rc == CB_OK ? cb_km_chart(&cases, .95, -1, 100, a, &points, &n) : rc;
}

static cb_status logrank(cb_arena *a)
{
    cb_logrank_group groups[] = {{others, N, NULL, 0}, {others, N / 2, others, N / 2}};
    cb_logrank out;
    return cb_logrank_test(groups, 2, a, &out);
}

static cb_status adjust(cb_arena *a)
{
    double p[100];
    for (size_t i = 0; i < 100; i++)
        p[i] = 1 / (double)(i + 1);
    return cb_bh_adjust(p, p, 100, a);
}

static cb_status draws(cb_arena *a)
{
    cb_est e;
    cb_draws *d = cb_draws_new(a, 1, 1);
    return d ? cb_draws_summary(values, N, .95, a, &e) : CB_ENOMEM;
}

static cb_status charts(cb_arena *a)
{
    cb_control_chart c;
    cb_status rc = cb_chart_xmr(values, N, 0, a, &c);
    if (rc == CB_OK)
        rc = cb_chart_u(counts, values, N, 0, a, &c);
    return rc == CB_OK ? cb_chart_p(counts, sizes, N, 5, a, &c) : rc;
}

static cb_status funnels(cb_arena *a)
{
    cb_funnel f;
    cb_status rc = cb_funnel_rates(counts, values, 100, a, &f);
    return rc == CB_OK ? cb_funnel_shares(counts, sizes, 100, a, &f) : rc;
}

static cb_status recurrence(cb_arena *a)
{
    cb_mcf m;
    return cb_mcf_fit(&(cb_event_history){N, ages, first, ages}, .95, a, &m);
}

static cb_status linear(cb_arena *a)
{
    cb_linear f;
    return cb_linear_fit(twice, values, N, 2, a, &f);
}

static cb_status logistic(cb_arena *a)
{
    cb_logit f;
    return cb_logit_fit(&(cb_logit_data){N, 2, twice, counts, sizes}, .95, a, &f);
}

static const struct { const char *name; cb_status (*run)(cb_arena *); } T[] = {
    {"sort", sort_seconds}, {"pairs", sort_pairs},   {"doubles", sort_values}, {"ratio", ratio},
    {"survival", survival}, {"log-rank", logrank},   {"adjust", adjust},       {"draws", draws},
    {"charts", charts},     {"funnels", funnels},    {"recurrence", recurrence}, {"linear", linear},
    {"logistic", logistic},
};

static void every_failing_allocation(void **state)
{
    (void)state;
    cb_stats_init();
    for (size_t i = 0; i < COUNT_OF(T); i++) {
        size_t failed = 0;
        for (size_t n = 1;; n++) {
            fill();
            test_alloc heap = {.fail_at = n};
            cb_alloc alloc = test_alloc_of(&heap);
            cb_arena *arena = cb_arena_new(&alloc, 0);
            cb_status rc = arena ? T[i].run(arena) : CB_ENOMEM;
            cb_arena_free(arena);
            CHECK(heap.live_bytes == 0 && heap.live_blocks == 0, "%s: leak at call %zu", T[i].name, n);
            CHECK(rc == (heap.failures ? CB_ENOMEM : CB_OK), "%s: status %d at call %zu", T[i].name, rc, n);
            if (heap.failures == 0)
                break;
            failed++;
        }
        CHECK(failed >= 2, "%s: only %zu failures staged", T[i].name, failed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_failing_allocation)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
