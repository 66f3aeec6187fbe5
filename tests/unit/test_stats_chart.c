/* Control charts: the XmR example of the methods of record, Laney's charts against R (formulas written out
 * there), and each signal rule at its edge. */
#include "testing_stats.h"

#include "casebook/stats_chart.h"

static void xmr_example(void **state)
{
    static const double v[] = {1, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1};
    cb_control_chart c;
    assert_int_equal(cb_chart_xmr(v, COUNT_OF(v), 0, *state, &c), CB_OK);
    const cb_control_segment *s = &c.segments[0];
    assert_true(!c.reason && !s->reason && c.n_segments == 1 && s->screened == 2 && !s->provisional);
    CHECK(test_near(s->centre, 1.94, .005) && test_near(s->high_unscreened, 6.95, .005) &&
          test_near(s->low_unscreened, -3.06, .005),
          "unscreened: %g %g %g", s->centre, s->low_unscreened, s->high_unscreened);
    CHECK(test_near(c.points[3].high, 4.6, .005) && test_near(c.points[3].low, -.72, .005),
          "screened: %g %g", c.points[3].low,
          c.points[3].high);
    for (size_t i = 0; i < c.n; i++)
        CHECK((c.points[i].signals & CB_SIGNAL_OUTSIDE) == (i == 4 ? CB_SIGNAL_OUTSIDE : 0), "point %zu", i);
    assert_string_equal(cb_chart_signal_text(c.points[4].signals), "outside the limits");
    assert_string_equal(cb_chart_signal_text(0), "");
}

static const uint64_t HITS[] = {120, 130, 118, 140, 200, 131, 128, 125, 139, 120, 133, 129, 410, 131};
static const uint64_t SIZES[] = {1000, 1100, 950, 1200, 1500, 1050, 1000, 990, 1100, 980, 1080, 1020, 1100,
                                 1040};

static void laney_p(void **state)
{
    cb_control_chart c;
    assert_int_equal(cb_chart_p(HITS, SIZES, 14, 0, *state, &c), CB_OK);
    CHECK_CLOSE(c.segments[0].centre, 0.142554599602912, 1e-12, "centre");
    CHECK_CLOSE(c.segments[0].mean_range_unscreened, 3.996251303228154, 1e-12, "range");
    CHECK_CLOSE(c.segments[0].sigma_z, 0.4256235492810106, 1e-12, "sigma z");
    assert_int_equal(c.segments[0].screened, 2);
    CHECK_CLOSE(c.points[4].low, 0.1310281613265044, 1e-12, "low");
    CHECK_CLOSE(c.points[2].high, 0.1570382807651809, 1e-12, "high");
    CHECK_CLOSE(c.points[4].high_third,
                0.142554599602912 + (0.1540810378793196 - 0.142554599602912) * 2 / 3, 1e-12, "third");
    assert_true((c.points[12].signals & CB_SIGNAL_OUTSIDE) && !(c.points[4].signals & CB_SIGNAL_OUTSIDE));
}

static void laney_u(void **state)
{
    cb_control_chart c;
    double exposure[13];
    uint64_t events[13];
    for (size_t i = 0; i < 13; i++) { /* a gap in the middle changes nothing */
        exposure[i] = i == 6 ? 0 : (double)SIZES[i - (i > 6)] / 100;
        events[i] = i == 6 ? 0 : HITS[i - (i > 6)];
    }
    assert_int_equal(cb_chart_u(events, exposure, 13, 0, *state, &c), CB_OK);
    CHECK_CLOSE(c.segments[0].centre, 12.43639167309175, 1e-12, "centre");
    CHECK_CLOSE(c.segments[0].sigma_z, 0.3220667378539368, 1e-12, "sigma z");
    CHECK_CLOSE(c.points[0].low, 11.35889900213619, 1e-12, "low");
    CHECK_CLOSE(c.points[12].high, 13.50326839381378, 1e-12, "high of the last");
    assert_true(isnan(c.points[6].value) && isnan(c.points[6].low) && c.points[6].signals == 0);
}

/* A row of values whose limits are known: alternating 9, 11 before the pattern keeps centre and ranges
 * near 10 and 2. */
static void check_signals(const char *name, const double *v, size_t n, unsigned signal, size_t from,
                          size_t to, cb_arena *arena)
{
    cb_control_chart c;
    assert_int_equal(cb_chart_xmr(v, n, 0, arena, &c), CB_OK);
    for (size_t i = 0; i < n; i++)
        CHECK(((c.points[i].signals & signal) != 0) == (i >= from && i < to), "%s: point %zu has %x", name,
              i, c.points[i].signals);
}

static void rules_at_their_edges(void **state)
{
    /* centre 0 by symmetry */
    static const double seven_up[] = {1, 2, 1, 2, 1, 2, 1, -1, -2, -1, 2, -2, -1, -2};
    static const double six_up[] = {1, 2, 1, 2, 1, 2, -1, -2, -1, -2, -1, -2};
    static const double on_centre[] = {1, 2, 1, 0, 2, 1, 2, 1, -1, -2, -1, 0, -2, -1, -2, -1};
    static const double rise_7[] = {0, -3, -2, -1, 0, 1, 2, 3, 0}, rise_6[] = {0, -2, -1, 0, 1, 2, 3, 0, -3};
    static const double level[] = {0, -3, -2, -1, -1, 0, 1, 2, 3, 0}, fall_8[] = {4, 3, 2, 1, -1, -2, -3,
            -4, 0};
    check_signals("7 on one side", seven_up, 14, CB_SIGNAL_ONE_SIDE, 0, 7, *state);
    check_signals("6 on one side", six_up, 12, CB_SIGNAL_ONE_SIDE, 0, 0, *state);
    check_signals("the centre ends a run", on_centre, 16, CB_SIGNAL_ONE_SIDE, 0, 0, *state);
    check_signals("7 rising", rise_7, 9, CB_SIGNAL_TREND, 1, 8, *state);
    check_signals("6 rising", rise_6, 9, CB_SIGNAL_TREND, 0, 0, *state);
    check_signals("level ends a trend", level, 10, CB_SIGNAL_TREND, 0, 0, *state);
    check_signals("8 falling", fall_8, 9, CB_SIGNAL_TREND, 0, 8, *state);
}

static void two_of_three(void **state)
{
    /* ranges: half width is 2.66 * mean range; the pair at 5 and 7 lies beyond 2/3 of it, on one side */
    double v[24];
    for (size_t i = 0; i < 24; i++)
        v[i] = i % 2 ? 1 : -1;
    v[6] = v[8] = 4.6;
    v[7] = 1;
    cb_control_chart c;
    assert_int_equal(cb_chart_xmr(v, 24, 0, *state, &c), CB_OK);
    CHECK(v[6] > c.points[6].high_third && v[6] < c.points[6].high,
          "the example is not in the outer third: %g %g", c.points[6].high_third,
          c.points[6].high);
    for (size_t i = 0; i < 24; i++)
        CHECK(((c.points[i].signals & CB_SIGNAL_TWO_OF_THREE) != 0) == (i == 6 || i == 8), "point %zu", i);
    v[8] = 1;
    v[9] = 4.6; /* three apart */
    assert_int_equal(cb_chart_xmr(v, 24, 0, *state, &c), CB_OK);
    for (size_t i = 0; i < 24; i++)
        CHECK(!(c.points[i].signals & CB_SIGNAL_TWO_OF_THREE), "three apart: point %zu", i);
    v[9] = 1;
    v[8] = -4.6; /* opposite sides */
    assert_int_equal(cb_chart_xmr(v, 24, 0, *state, &c), CB_OK);
    for (size_t i = 0; i < 24; i++)
        CHECK(!(c.points[i].signals & CB_SIGNAL_TWO_OF_THREE), "opposite sides: point %zu", i);
}

static void split_at_a_fix(void **state)
{
    static const double v[] = {10, 12, 11, 10, 12, 11, 10, 12, 3, 4, 3, 4, 3, 4, 3, 4};
    cb_control_chart c;
    assert_int_equal(cb_chart_xmr(v, 16, 8, *state, &c), CB_OK);
    assert_true(c.n_segments == 2 && c.segments[0].to == 8 && c.segments[1].from == 8 &&
                c.segments[1].to == 16);
    CHECK_CLOSE(c.points[7].centre, 11, 1e-15, "before");
    CHECK_CLOSE(c.points[8].centre, 3.5, 1e-15, "after");
    for (size_t i = 0; i < 16; i++)
        CHECK(c.points[i].signals == 0, "point %zu: %x", i, c.points[i].signals);
    assert_int_equal(cb_chart_xmr(v, 16, 0, *state, &c), CB_OK);
    assert_true(c.n_segments == 1 && (c.points[0].signals & CB_SIGNAL_ONE_SIDE));
    assert_int_equal(cb_chart_xmr(v, 16, 14, *state, &c), CB_OK); /* too short a second part */
    assert_true(!c.segments[0].reason && c.segments[1].reason && isnan(c.points[15].high) &&
                c.points[15].value == 4);
    assert_int_equal(cb_chart_xmr(v, 16, 16, *state, &c), CB_OK);
    assert_int_equal(c.n_segments, 1);
}

static void edges(void **state)
{
    cb_control_chart c;
    double flat[10], bad[] = {1, NAN, 2};
    for (size_t i = 0; i < 10; i++)
        flat[i] = .1;
    assert_int_equal(cb_chart_xmr(flat, 10, 0, *state, &c), CB_OK);
    assert_true(!c.segments[0].reason && c.segments[0].screened == 0 && c.segments[0].provisional);
    for (size_t i = 0; i < 10; i++)
        CHECK(c.points[i].signals == 0, "all equal: point %zu", i);
    assert_int_equal(cb_chart_xmr(NULL, 0, 0, *state, &c), CB_OK);
    assert_non_null(c.reason);
    assert_int_equal(cb_chart_xmr(bad, 3, 0, *state, &c), CB_OK);
    assert_non_null(c.reason);
    assert_int_equal(cb_chart_xmr(flat, 2, 0, *state, &c), CB_OK);
    assert_true(!c.reason && c.segments[0].reason && c.points[0].value == .1);
    uint64_t none[] = {0, 0, 0, 0}, all[] = {5, 5, 5, 5}, sizes[] = {5, 5, 5, 5};
    assert_int_equal(cb_chart_p(none, sizes, 4, 0, *state, &c), CB_OK);
    assert_true(c.segments[0].reason && c.points[0].value == 0 && isnan(c.points[0].low));
    assert_int_equal(cb_chart_p(all, sizes, 4, 0, *state, &c), CB_OK);
    assert_true(c.segments[0].reason != NULL);
    assert_int_equal(cb_chart_p(sizes, none, 4, 0, *state, &c), CB_OK);
    assert_true(c.reason != NULL);
    assert_int_equal(cb_chart_p(none, none, 4, 0, *state, &c), CB_OK);
    assert_true(c.segments[0].reason && isnan(c.points[1].value));
    double exposure[] = {1, -1, 1, 1}, zero[] = {0, 1, 1, 1};
    assert_int_equal(cb_chart_u(all, exposure, 4, 0, *state, &c), CB_OK);
    assert_non_null(c.reason);
    assert_int_equal(cb_chart_u(all, zero, 4, 0, *state, &c), CB_OK);
    assert_non_null(c.reason);
    assert_int_equal(cb_chart_u(NULL, NULL, 0, 0, *state, &c), CB_OK);
    assert_non_null(c.reason);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STATS_TEST(xmr_example), STATS_TEST(laney_p), STATS_TEST(laney_u), STATS_TEST(rules_at_their_edges),
        STATS_TEST(two_of_three), STATS_TEST(split_at_a_fix), STATS_TEST(edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
