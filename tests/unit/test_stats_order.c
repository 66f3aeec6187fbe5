/* Order, sums and quantiles: naive twins, NIST StRD certified values, R 4.2.2's quantile type 7 and
 * t.test. */
#include "testing_stats.h"

#include <inttypes.h>

#include "casebook/stats_order.h"

static int compare_i64(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int compare_f64(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static const struct { const char *name; int64_t low, high; } RANGES[] = {
    {"bytes", 0, 200}, {"seconds", 0, 40000000}, {"signed", -1000000, 1000000}, {"wide",
            -(INT64_C(1) << 61), INT64_C(1) << 61},
    {"constant", 7, 8}, {"high digits only", INT64_C(1) << 40, (INT64_C(1) << 40) + 5},
};
static const size_t SIZES[] = {0, 1, 2, 48, 49, 50, 1000, 4095, 4096, 4097, 30000};

static void sorts_like_qsort(void **state)
{
    uint64_t seed = 11;
    for (size_t r = 0; r < COUNT_OF(RANGES); r++)
        for (size_t s = 0; s < COUNT_OF(SIZES); s++) {
            size_t n = SIZES[s];
            int64_t *a = malloc((n + 1) * sizeof *a), *b = malloc((n + 1) * sizeof *b);
            assert_non_null(a);
            assert_non_null(b);
            for (size_t i = 0; i < n; i++)
                a[i] = b[i] = test_between(&seed, RANGES[r].low, RANGES[r].high);
            if (n > 3)
                a[0] = b[0] = INT64_MIN, a[n / 2] = b[n / 2] = INT64_MAX;
            assert_int_equal(cb_sort_i64(a, n, *state), CB_OK);
            qsort(b, n, sizeof *b, compare_i64);
            CHECK(memcmp(a, b, n * sizeof *a) == 0, "%s, n = %zu", RANGES[r].name, n);
            assert_int_equal(cb_sort_i64(a, n, *state), CB_OK);
            CHECK(memcmp(a, b, n * sizeof *a) == 0, "%s, n = %zu, sorted twice", RANGES[r].name, n);
            free(a);
            free(b);
        }
}

static void pairs_are_stable(void **state)
{
    uint64_t seed = 5;
    for (size_t s = 0; s < COUNT_OF(SIZES); s++) {
        size_t n = SIZES[s];
        int64_t *keys = malloc((n + 1) * sizeof *keys), *before = malloc((n + 1) * sizeof *before);
        uint32_t *load = malloc((n + 1) * sizeof *load);
        for (size_t i = 0; i < n; i++) {
            keys[i] = before[i] = test_between(&seed, -40, 40) * 100000;
            load[i] = (uint32_t)i;
        }
        assert_int_equal(cb_sort_pairs(keys, load, n, *state), CB_OK);
        for (size_t i = 0; i < n; i++) {
            CHECK(before[load[i]] == keys[i], "n = %zu: payload %zu left its key", n, i);
            CHECK(i == 0 || keys[i - 1] < keys[i] || (keys[i - 1] == keys[i] && load[i - 1] < load[i]),
                  "n = %zu: order at %zu", n, i);
        }
        free(keys);
        free(before);
        free(load);
    }
}

static void sorts_doubles(void **state)
{
    uint64_t seed = 3;
    enum { N = 5000 };
    static double a[N], b[N];
    for (size_t i = 0; i < N; i++)
        a[i] = b[i] = ldexp((double)test_between(&seed, -1000000, 1000000), (int)test_between(&seed, -300,
                300));
    a[7] = b[7] = INFINITY;
    a[8] = b[8] = -INFINITY;
    a[9] = b[9] = 0;
    assert_int_equal(cb_sort_f64(a, N, *state), CB_OK);
    qsort(b, N, sizeof *b, compare_f64);
    for (size_t i = 0; i < N; i++)
        CHECK(a[i] == b[i], "double at %zu", i);
    double zeros[] = {0.0, -0.0, 1, -1};
    assert_int_equal(cb_sort_f64(zeros, 4, *state), CB_OK);
    assert_true(signbit(zeros[1]) && !signbit(zeros[2]) && zeros[0] < 0 && zeros[3] > 0);
    double with_nan[] = {3, NAN, 1};
    assert_int_equal(cb_sort_f64(with_nan, 3, *state), CB_EDATA);
    assert_true(with_nan[0] == 3 && with_nan[2] == 1);
}

static void totals_are_exact(void **state)
{
    (void)state;
    const int64_t big = INT64_MAX;
    int64_t values[] = {big, big, big, -big, 5, big, -1};
    cb_total all = {0}, one = {0}, two = {0};
    cb_total_add_all(&all, values, 7);
    for (size_t i = 0; i < 7; i++)
        cb_total_add(i % 2 ? &one : &two, values[i]);
    cb_total_merge(&one, &two);
    assert_memory_equal(&all, &one, sizeof all);
    int64_t sum = 0;
    assert_false(cb_total_i64(&all, &sum));
    CHECK_CLOSE(cb_total_double(&all), 0x1.8p64, 0, "3 * (2^63 - 1) + 4 rounds to 3 * 2^63");
    CHECK_CLOSE(cb_total_mean(&all), 0x1.8p64 / 7, 1.2e-16, "mean beyond 64 bits");
    cb_total negative = {0};
    cb_total_add(&negative, INT64_MIN);
    cb_total_add(&negative, INT64_MIN);
    assert_false(cb_total_i64(&negative, &sum));
    CHECK_CLOSE(cb_total_double(&negative), -0x1p64, 0, "negative");
    cb_total_add(&negative, INT64_MAX);
    cb_total_add(&negative, INT64_MAX);
    assert_true(cb_total_i64(&negative, &sum));
    assert_int_equal(sum, -2);
    cb_total empty = {0};
    assert_true(isnan(cb_total_mean(&empty)) && cb_total_double(&empty) == 0 && isnan(cb_total_ratio(&all,
            &empty)));
}

/* With sums below 2^53 both operands of the hardware's division are exact, so it rounds correctly. */
static void means_round_correctly(void **state)
{
    (void)state;
    uint64_t seed = 77;
    for (int round = 0; round < 20000; round++) {
        cb_total t = {0};
        cb_total_add(&t, test_between(&seed, -(INT64_C(1) << 53), INT64_C(1) << 53) >> test_between(&seed,
                0, 50));
        t.n = (uint64_t)test_between(&seed, 1, (INT64_C(1) << 53)) >> test_between(&seed, 0, 50) | 1;
        int64_t sum = 0;
        assert_true(cb_total_i64(&t, &sum));
        CHECK_CLOSE(cb_total_mean(&t), (double)sum / (double)t.n, 0, "%" PRId64 " / %" PRIu64, sum, t.n);
    }
    cb_total tie = {0}; /* 2^53 + 1 is half way: to even; 2^53 + 3 too, upwards */
    cb_total_add(&tie, (INT64_C(1) << 53) + 1);
    CHECK_CLOSE(cb_total_mean(&tie), 0x1p53, 0, "tie to even, down");
    cb_total_add(&tie, 2);
    CHECK_CLOSE(cb_total_double(&tie), 0x1p53 + 4, 0, "tie to even, up");
}

static void sums_of_doubles_keep_small_terms(void **state)
{
    (void)state;
    double v[] = {1e100, 1, -1e100, 1};
    CHECK_CLOSE(cb_sum_f64(v, 4), 2, 0, "Neumaier's example");
    CHECK_CLOSE(cb_sum_f64(v, 0), 0, 0, "empty");
}

/* ---- NIST StRD univariate: the constructed sets are embedded, the files are read when there ------------ */

/* NumAcc3, NumAcc4: x.2, then 500 times x.1, x.3; mean x.2 and sd 0.1 exactly. In tenths the integers are
 * exact. As doubles the data themselves are off by up to 6e-11 (1e-9) of which the sd keeps 9 (8) digits. */
static void nist_constructed(void **state)
{
    (void)state;
    static const struct { const char *name; double base; int64_t tenths; double mean_tolerance,
                         sd_tolerance; } T[] = {
        {"NumAcc3", 1000000, 10000000, 1e-15, 1e-9}, {"NumAcc4", 10000000, 100000000, 1e-15, 2e-8},
    };
    for (size_t t = 0; t < COUNT_OF(T); t++) {
        static double f[1001];
        static int64_t i64[1001];
        for (size_t i = 0; i < 1001; i++) {
            int64_t tenth = i == 0 ? 2 : i % 2 ? 1 : 3;
            i64[i] = T[t].tenths + tenth;
            f[i] = (double)i64[i] / 10;
        }
        cb_moments exact = cb_moments_i64(i64, 1001), doubles = cb_moments_f64(f, 1001);
        CHECK_CLOSE(exact.mean / 10, T[t].base + 0.2, 1e-15, "%s mean, integers", T[t].name);
        CHECK_CLOSE(exact.sd / 10, 0.1, 1e-14, "%s sd, integers", T[t].name);
        CHECK_CLOSE(doubles.mean, T[t].base + 0.2, T[t].mean_tolerance, "%s mean, doubles", T[t].name);
        CHECK_CLOSE(doubles.sd, 0.1, T[t].sd_tolerance, "%s sd, doubles", T[t].name);
    }
    int64_t acc1[] = {10000001, 10000003, 10000002};
    cb_moments m = cb_moments_i64(acc1, 3);
    assert_true(m.mean == 10000002 && m.sd == 1);
}

static void nist_files(void **state)
{
    (void)state;
    static const struct { const char *file; size_t skip, n; double mean, sd; } T[] = {
        {"Lew", 60, 200, -177.435, 277.332168044316},
        {"Lottery", 60, 218, 518.958715596330, 291.699727470969},
        {"Michelso", 60, 100, 299.8524, 0.0790105478190518},
    };
    for (size_t t = 0; t < COUNT_OF(T); t++) {
        char name[64], line[256];
        snprintf(name, sizeof name, "oracles/nist/%s.dat", T[t].file);
        FILE *in = test_shared_open(name);
        if (!in)
            continue;
        static double v[512];
        size_t n = 0;
        for (size_t at = 0; n < 512 && fgets(line, sizeof line, in); at++)
            if (at >= T[t].skip && stats_numbers(line, &v[n], 1) == 1)
                n++;
        fclose(in);
        CHECK(n == T[t].n, "%s: %zu values", T[t].file, n);
        cb_moments m = cb_moments_f64(v, n);
        CHECK_CLOSE(m.mean, T[t].mean, 1e-14, "%s mean", T[t].file);
        CHECK_CLOSE(m.sd, T[t].sd, 1e-12, "%s sd", T[t].file);
    }
}

/* ---- quantiles --------------------------------------------------------------------------------------- */

static const int64_t TEN[] = {2, 4, 4, 5, 7, 9, 12, 15, 20, 31};
static const struct { double q, want; } TYPE7[] = {{0, 2}, {.1, 3.8}, {.25, 4.25}, {.5, 8}, {.9, 21.1},
                                                   {.95, 26.05}, {1, 31}};

static void quantiles_are_type_7(void **state)
{
    (void)state;
    double f[10];
    for (size_t i = 0; i < 10; i++)
        f[i] = (double)TEN[i];
    for (size_t t = 0; t < COUNT_OF(TYPE7); t++) {
        CHECK_CLOSE(cb_quantile_i64(TEN, 10, TYPE7[t].q).value, TYPE7[t].want, 1e-15, "i64 q = %g",
                    TYPE7[t].q);
        CHECK_CLOSE(cb_quantile_f64(f, 10, TYPE7[t].q).value, TYPE7[t].want, 1e-15, "f64 q = %g", TYPE7[t].q);
    }
    cb_moments m = cb_moments_f64(f, 10);
    cb_est mean = cb_mean_interval(&m, CB_LEVEL_95);
    CHECK_CLOSE(mean.value, 10.9, 1e-15, "mean");
    CHECK_CLOSE(mean.low, 4.44458926265888, 1e-13, "t interval, low");
    CHECK_CLOSE(mean.high, 17.35541073734112, 1e-13, "t interval, high");
}

/* Few and many values, with and without ties, of both signs and of all sizes: the sorted array's quantile. */
static void quantiles_without_sorting(void **state)
{
    static const double Q[] = {0, .001, .25, .5, .75, .95, 1};
    static const size_t N[] = {1, 2, 63, 64, 65, 66, 200, 4097, 20000};
    static double v[20000], used[20000], sorted[20000];
    uint64_t seed = 77;
    for (int shape = 0; shape < 6; shape++)
        for (size_t k = 0; k < COUNT_OF(N); k++) {
            for (size_t i = 0; i < N[k]; i++) {
                double u = (double)test_between(&seed, -1000000, 1000000);
                v[i] = shape == 0   ? u
                       : shape == 1 ? fabs(u) / 1e6
                       : shape == 2 ? (double)(int64_t)(u / 250000)
                       : shape == 3 ? u * pow(10, (double)test_between(&seed, -300, 290))
                       : shape == 4 ? 1 + fabs(u) * 0x1p-52
                                    : 3.25;
            }
            memcpy(sorted, v, sizeof sorted);
            assert_int_equal(cb_sort_f64(sorted, N[k], *state), CB_OK);
            for (size_t q = 0; q < COUNT_OF(Q); q++) {
                memcpy(used, v, sizeof used);
                double got = cb_quantile_f64_of(used, N[k], Q[q]).value;
                CHECK(got == cb_quantile_f64(sorted, N[k], Q[q]).value, "shape %d, n %zu, q %g: %.17g", shape, N[k],
                      Q[q], got);
            }
        }
    assert_true(cb_quantile_f64_of(v, 0, .5).reason && cb_quantile_f64_of(v, 10, -1).reason);
    assert_true(cb_quantile_f64_of(v, 100, 1.5).reason && cb_quantile_f64_of(v, 100, NAN).reason);
}

/* Coverage by the naive sum of binomial terms for every pair of ranks. */
static double covered(size_t n, double q, size_t from, size_t to)
{
    double sum = 0, m = (double)n;
    for (size_t i = from; i <= to; i++) {
        double k = (double)i;
        sum += exp(lgamma(m + 1) - lgamma(k + 1) - lgamma(m - k + 1) + k * log(q) + (m - k) * log1p(-q));
    }
    return sum;
}

static void quantile_ranks_cover_and_are_narrow(void **state)
{
    (void)state;
    static const double Q[] = {0.05, 0.25, 0.5, 0.9, 0.95};
    for (size_t t = 0; t < COUNT_OF(Q); t++)
        for (size_t n = 1; n <= 300; n++) {
            size_t low, high;
            cb_quantile_ranks(n, Q[t], 0.95, &low, &high);
            /* X(l+1) above the quantile: at most l observations below it */
            size_t l = low == SIZE_MAX ? 0 : low + 1, u = high == SIZE_MAX ? n + 1 : high + 1;
            double below = l ? covered(n, Q[t], 0, l - 1) : 0, above = u <= n ? covered(n, Q[t], u, n) : 0;
            CHECK(below <= 0.025 + 1e-12 && above <= 0.025 + 1e-12, "q %g n %zu: %g and %g", Q[t], n, below,
                  above);
            CHECK(covered(n, Q[t], 0, l) > 0.025 - 1e-12, "q %g n %zu: low rank could be higher", Q[t], n);
            CHECK(u <= 1 || covered(n, Q[t], u - 1, n) > 0.025 - 1e-12,
                  "q %g n %zu: high rank could be lower", Q[t], n);
        }
    size_t low, high;
    cb_quantile_ranks(1000000, 0.5, 0.95, &low, &high); /* qbinom(c(.025, .975), 1e6, .5) is 499020, 500980 */
    assert_int_equal(low, 499019);
    assert_int_equal(high, 500980);
}

static void median_ratio(void **state)
{
    int64_t remedy[] = {0, 50, 100, 300, 90}, loss[] = {100, 100, 100, 100, 30};
    cb_est est;
    assert_int_equal(cb_median_ratio(remedy, loss, 5, CB_LEVEL_95, *state, &est), CB_OK);
    CHECK_CLOSE(est.value, 1, 0, "median of 0, .5, 1, 3, 3");
    loss[2] = 0;
    assert_int_equal(cb_median_ratio(remedy, loss, 5, CB_LEVEL_95, *state, &est), CB_OK);
    assert_true(!cb_est_ok(est) && est.reason);
    assert_int_equal(cb_median_ratio(NULL, NULL, 0, CB_LEVEL_95, *state, &est), CB_OK);
    assert_true(!cb_est_ok(est) && est.reason);
}

static void edges_have_reasons(void **state)
{
    (void)state;
    double nan_in[] = {1, NAN}, same[] = {4, 4, 4};
    assert_true(cb_quantile_i64(NULL, 0, .5).reason && cb_quantile_f64(NULL, 0, .5).reason);
    assert_true(cb_quantile_i64(TEN, 10, 1.5).reason && cb_quantile_i64(TEN, 10, NAN).reason);
    assert_true(cb_quantile_f64(nan_in, 2, .5).reason != NULL);
    assert_true(cb_moments_f64(NULL, 0).reason && cb_moments_f64(nan_in, 2).reason && cb_moments_i64(NULL,
            0).reason);
    cb_moments one = cb_moments_i64(TEN, 1), flat = cb_moments_f64(same, 3);
    assert_true(one.mean == 2 && isnan(one.sd) && isnan(cb_mean_interval(&one, .95).low));
    assert_true(flat.mean == 4 && flat.sd == 0);
    int64_t extremes[] = {INT64_MIN, INT64_MAX, INT64_MAX};
    CHECK_CLOSE(cb_moments_i64(extremes, 3).mean, 0x1p63 / 3, 1e-15, "mean of extremes");
}

/* The bits below do not count and move along: as pairs do. */
static void packed_like_pairs(void **state)
{
    enum { N = 9000, LOW = 26 };
    static uint64_t packed[N], spare[N];
    static int64_t key[N];
    static uint32_t load[N];
    uint64_t seed = 26;
    for (int round = 0; round < 60; round++) {
        const size_t n = (size_t)test_between(&seed, 0, round % 4 ? 100 : N);
        const int64_t most = (int64_t)1 << test_between(&seed, 1, 38);
        for (size_t i = 0; i < n; i++) {
            key[i] = test_between(&seed, 0, most);
            load[i] = (uint32_t)test_between(&seed, 0, 1 << LOW);
            packed[i] = (uint64_t)key[i] << LOW | load[i];
        }
        cb_sort_above_in(packed, spare, n, LOW);
        assert_int_equal(cb_sort_pairs(key, load, n, *state), CB_OK);
        for (size_t i = 0; i < n; i++)
            CHECK(packed[i] == ((uint64_t)key[i] << LOW | load[i]), "round %d: item %zu of %zu", round, i, n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STATS_TEST(packed_like_pairs), STATS_TEST(sorts_like_qsort), STATS_TEST(pairs_are_stable), STATS_TEST(sorts_doubles),
            STATS_TEST(totals_are_exact),
        STATS_TEST(means_round_correctly), STATS_TEST(sums_of_doubles_keep_small_terms),
            STATS_TEST(nist_constructed),
        STATS_TEST(nist_files), STATS_TEST(quantiles_are_type_7), STATS_TEST(quantiles_without_sorting),
            STATS_TEST(quantile_ranks_cover_and_are_narrow),
        STATS_TEST(median_ratio), STATS_TEST(edges_have_reasons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
