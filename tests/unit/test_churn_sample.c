/* The sample data, whose hazards of leaving were planted: what the churn measure finds in the files
 * against truths.json.
 *
 * 64 of the customers are left out of the list on purpose and some cases lack their customer, so
 * that person-time is a little below what really was; the rates must be those planted all the same.
 */
#include "sample_data.h"

#include <jansson.h>

#include "casebook/stats_interval.h"

static const cb_measure *const only_churn[] = {&cb_measure_churn, NULL};

/* shrinks: of a state with a few hundred years only, far from the whole, n0 = 50 years of the
 * whole's rate move the estimate; there the unshrunk Jeffreys interval of the same losses and years
 * must hold what was planted. */
static void check_state(const json_t *truths, size_t ix, const char *name, const cb_exposure *got,
                        bool shrinks)
{
    json_t *state =
        json_array_get(json_object_get(json_object_get(truths, "leaving"), "states"), ix);
    double planted = json_number_value(json_object_get(state, "rate"));
    double years = json_number_value(json_object_get(state, "customer_years"));
    double losses = json_number_value(json_object_get(state, "losses"));
    double shape = 0.5 + got->losses;
    double low = shrinks ? cb_gamma_quantile(0.025, shape, got->person_years) : got->rate.low;
    double high = shrinks ? cb_gamma_quantile(0.975, shape, got->person_years) : got->rate.high;
    CHECK(!strcmp(json_string_value(json_object_get(state, "state")), name), "state %zu is not %s",
          ix, name);
    CHECK(fabs(got->person_years - years) < 0.02 * years, "%s: %g years, truly %g", name,
          got->person_years, years);
    CHECK(fabs(got->losses - losses) <= 0.02 * losses, "%s: %u losses, truly %g", name, got->losses,
          losses);
    CHECK(low <= planted && planted <= high, "%s: planted %g, found %g (%g to %g)", name, planted,
          got->rate.value, low, high);
}

static void planted_hazards(void **state)
{
    (void)state;
    sample s;
    json_t *truths = json_load_file("sample-data/truths.json", 0, NULL);
    assert_non_null(truths);
    sample_open(&s);
    sample_run(&s, only_churn, "2026-Q3");
    const cb_churn *c = &s.results[CB_NOW].churn;
    assert_true(c->own_estimable);
    check_state(truths, 0, "clean", &c->clean, false);
    check_state(truths, 1, "quick_adequate", &c->by_outcome[CB_OUTCOME_QUICK_ADEQUATE], false);
    check_state(truths, 2, "adequate", &c->by_outcome[CB_OUTCOME_ADEQUATE], false);
    check_state(truths, 3, "inadequate", &c->by_outcome[CB_OUTCOME_INADEQUATE], false);
    check_state(truths, 4, "unresolved", &c->by_outcome[CB_OUTCOME_UNRESOLVED], true);
    CHECK(c->by_outcome[CB_OUTCOME_UNRESOLVED].rate.value < 0.8,
          "the shrunk rate lies between the whole's and the state's own");
    CHECK(c->by_outcome[CB_OUTCOME_UNRESOLVED].rate.value > 3 * c->after.rate.value,
          "unresolved stands out");
    /* Quarters that have ended and begin half a year or more after the data: 2025-Q2 to 2026-Q3. */
    assert_int_equal(c->backtests, 6);
    unsigned inside = 0;
    for (unsigned i = 0; i < c->backtests; i++)
        inside += c->backtest[i].inside;
    CHECK(inside >= 5, "only %u of 6 forecasts held", inside);
    sample_close(&s);
    json_decref(truths);
}

int main(void)
{
    cb_stats_init();
    const struct CMUnitTest tests[] = {cmocka_unit_test(planted_hazards)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
