/* Mean cumulative function: the valve-seat data (Nelson 1995; R's survival::valveSeat), expected values
 * from its increments and their sample covariances written out in R 4.2.2; and a naive twin on random
 * data. */
#include "testing_stats.h"

#include "casebook/stats_recurrence.h"

static const int32_t VALVE_END[] = {761, 759, 667, 667, 665, 667, 663, 653, 653, 651, 650, 648, 644, 642,
                                    641, 649, 631, 596, 614, 582, 589, 593, 589, 606, 594, 613, 595, 389,
                                    601, 601, 611, 608, 587, 603, 585, 587, 578, 578, 586, 585, 582};
static const uint32_t VALVE_COUNT[] = {0, 0, 1, 3, 0, 1, 1, 1, 1, 0, 4, 2, 4, 2, 1, 3, 0, 0, 2, 2, 2,
                                     0, 1, 3, 1, 2, 2, 3, 0, 2, 0, 0, 0, 1, 3, 0, 0, 0, 0, 0, 0};
static const int32_t VALVE_EVENT[] = {98,  326, 653, 653, 84,  87,  646, 92,  258, 328, 377, 621, 61,  539,
                                      254, 276,
                                      298, 640, 76,  538, 635, 349, 404, 561, 120, 479, 323, 449, 139, 139,
                                          573, 165,
                                      408, 604, 249, 344, 497, 265, 586, 166, 206, 348, 410, 581, 367, 202,
                                          563, 570};
static const struct { int32_t age; uint32_t at_risk, events; double mean, variance; } VALVE[] = {
    {61, 41, 1, 0.024390243902439025, 0.000594883997620464},  {76, 41, 1, 0.048780487804878050,
            0.001160023795359905},
    {92, 41, 1, 0.121951219512195119, 0.002676977989292088},  {166, 41, 1, 0.2682926829268293,
            0.006127305175490779},
    {326, 41, 1, 0.51219512195121952, 0.01234384295062463},   {449, 40, 1, 0.75853658536585367,
            0.02087493707957718},
    {640, 16, 1, 1.24354221441173052, 0.05327849663429652},   {646, 13, 1, 1.32046529133480739,
            0.05435301577663378},
    {653, 9, 2, 1.5426875135570295, 0.1048822817530542},
};

static void valve_seats(void **state)
{
    uint32_t first[42] = {0};
    for (size_t i = 0; i < 41; i++)
        first[i + 1] = first[i] + VALVE_COUNT[i];
    assert_int_equal(first[41], COUNT_OF(VALVE_EVENT));
    cb_event_history data = {41, VALVE_END, first, VALVE_EVENT};
    cb_mcf m;
    assert_int_equal(cb_mcf_fit(&data, CB_LEVEL_95, *state, &m), CB_OK);
    assert_true(!m.reason && m.n_steps == 46 && m.n_events == 48 && m.n_units == 41 && m.last_age == 761);
    for (size_t i = 0; i < COUNT_OF(VALVE); i++) {
        const cb_mcf_step *s = m.steps;
        while (s < m.steps + m.n_steps && s->age != VALVE[i].age)
            s++;
        CHECK(s < m.steps + m.n_steps && s->at_risk == VALVE[i].at_risk && s->events == VALVE[i].events,
              "counts at %d", (int)VALVE[i].age);
        CHECK_CLOSE(s->mean, VALVE[i].mean, 1e-12, "M(%d)", (int)VALVE[i].age);
        CHECK_CLOSE(s->variance, VALVE[i].variance, 1e-10, "variance at %d", (int)VALVE[i].age);
        cb_est e = cb_mcf_at(&m, VALVE[i].age);
        CHECK_CLOSE(e.high, VALVE[i].mean + 1.959963984540054 * sqrt(VALVE[i].variance), 1e-10,
                    "high at %d", (int)VALVE[i].age);
    }
    assert_true(cb_mcf_at(&m, 60).value == 0 && cb_mcf_at(&m, 700).value == m.steps[45].mean &&
                cb_mcf_at(&m, 762).reason);
    assert_true(cb_mcf_at(&m, 61).low == 0);
}

/* ---- naive twin --------------------------------------------------------------------------------------- */

enum { UNITS = 12, AGES = 9 };

static double covariance(int d[UNITS][AGES], const int32_t *end, int64_t k, int64_t v)
{
    double n = 0, mean_k = 0, mean_v = 0, sum = 0, n_k = 0;
    for (size_t i = 0; i < UNITS; i++) {
        n_k += end[i] >= k;
        if (end[i] >= v) {
            n++;
            mean_k += d[i][k];
            mean_v += d[i][v];
        }
    }
    for (size_t i = 0; i < UNITS; i++)
        if (end[i] >= v)
            sum += (d[i][k] - mean_k / n) * (d[i][v] - mean_v / n);
    return sum / (n - 1) / n_k;
}

static void like_its_definition(void **state)
{
    uint64_t seed = 99;
    for (int round = 0; round < 200; round++) {
        int d[UNITS][AGES] = {{0}};
        int32_t end[UNITS], event[400];
        uint32_t first[UNITS + 1] = {0}, at = 0;
        for (size_t i = 0; i < UNITS; i++) {
            end[i] = i < 2 ? AGES - 1 : (int32_t)test_between(&seed, 0, AGES);
            for (int64_t n = test_between(&seed, 0, 6); n > 0; n--) {
                event[at] = (int32_t)test_between(&seed, 0, end[i] + 1);
                d[i][event[at++]]++;
            }
            first[i + 1] = at;
        }
        cb_event_history data = {UNITS, end, first, event};
        cb_mcf m;
        assert_int_equal(cb_mcf_fit(&data, CB_LEVEL_95, *state, &m), CB_OK);
        double mean = 0, variance = 0;
        size_t step = 0;
        for (int32_t v = 0; v < AGES; v++) {
            double n = 0, events = 0;
            for (size_t i = 0; i < UNITS; i++) {
                n += end[i] >= v;
                events += d[i][v];
            }
            mean += events / n;
            for (int64_t k = 0; k <= v; k++)
                variance += (k == v ? 1 : 2) * covariance(d, end, k, v);
            if (events <= 0)
                continue;
            CHECK(step < m.n_steps && m.steps[step].age == v, "round %d: step at %d", round, (int)v);
            CHECK_CLOSE(m.steps[step].mean, mean, 1e-12, "round %d: mean at %d", round, (int)v);
            CHECK(test_near(m.steps[step].variance, variance, 1e-12),
                  "round %d: variance at %d: %g, not %g", round, (int)v,
                  m.steps[step].variance, variance);
            step++;
        }
        assert_int_equal(step, m.n_steps);
    }
}

static void edges(void **state)
{
    cb_mcf m;
    uint32_t none[] = {0, 0}, one[] = {0, 1}, two[] = {0, 2};
    int32_t end[] = {10}, event[] = {5, 11}, negative[] = {-1};
    assert_int_equal(cb_mcf_fit(&(cb_event_history){0, end, none, event}, .95, *state, &m), CB_OK);
    assert_non_null(m.reason);
    /* after the end */
    assert_int_equal(cb_mcf_fit(&(cb_event_history){1, end, two, event}, .95, *state, &m), CB_OK);
    assert_non_null(m.reason);
    assert_int_equal(cb_mcf_fit(&(cb_event_history){1, end, one, negative}, .95, *state, &m), CB_OK);
    assert_true(m.reason && cb_mcf_at(&m, 1).reason);
    assert_int_equal(cb_mcf_fit(&(cb_event_history){1, end, none, NULL}, .95, *state, &m), CB_OK); /* no event */
    assert_true(!m.reason && m.n_steps == 0 && cb_mcf_at(&m, 10).value == 0);
    /* one unit: no variance */
    assert_int_equal(cb_mcf_fit(&(cb_event_history){1, end, one, event}, .95, *state, &m), CB_OK);
    assert_true(m.steps[0].mean == 1 && isnan(m.steps[0].variance) && isnan(cb_mcf_at(&m, 5).high));
}

int main(void)
{
    const struct CMUnitTest tests[] = {STATS_TEST(valve_seats), STATS_TEST(like_its_definition),
                                       STATS_TEST(edges)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
