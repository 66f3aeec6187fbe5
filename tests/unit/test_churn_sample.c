/* The sample data, whose hazards of leaving were planted: what the churn measure finds in the files
 * against truths.json.
 *
 * 64 of the customers are left out of the list on purpose and some cases lack their customer, so
 * that person-time is a little below what really was; the rates must be those planted all the same.
 */
#include "testing.h"

#include <string.h>

#include <jansson.h>

#include "casebook/ingest.h"
#include "casebook/results.h"
#include "casebook/stats_interval.h"

static const cb_measure *const only_churn[] = {&cb_measure_churn, NULL};

typedef struct sample {
    cb_settings *settings;
    cb_ingest *ingest;
    cb_calendar *calendar;
    cb_derived *derived;
    cb_arena *arena;
    json_t *truths;
} sample;

static void ok(cb_status rc, const cb_error *err)
{
    CHECK(rc == CB_OK, "%s: %s", cb_status_text(rc), err->why);
}

static void open_sample(sample *s)
{
    cb_error err = {.status = CB_OK};
    cb_ingest_options options = {.workers = {.threads = 2}, .as_of_utc_s = CB_NO_TIME};
    s->arena = cb_arena_new(NULL, 0);
    s->truths = json_load_file("sample-data/truths.json", 0, NULL);
    assert_non_null(s->truths);
    ok(cb_settings_new(&s->settings, NULL, &err), &err);
    ok(cb_settings_file(s->settings, "sample-data/casebook.ini", &err), &err);
    ok(cb_settings_finish(s->settings, &err), &err);
    ok(cb_ingest_new(&s->ingest, s->settings, &options, &err), &err);
    ok(cb_ingest_file(s->ingest, CB_CASES, "sample-data/cases.csv", CB_LIT(""), &err), &err);
    ok(cb_ingest_file(s->ingest, CB_CUSTOMERS, "sample-data/customers.csv", CB_LIT(""), &err),
       &err);
    ok(cb_ingest_done(s->ingest, &err), &err);
    const cb_book *book = cb_ingest_book(s->ingest);
    ok(cb_calendar_new(&s->calendar, &s->settings->week, s->settings->zone, book->first_utc_s,
                       book->as_of_utc_s, &err),
       &err);
    ok(cb_derived_new(&s->derived, book, s->settings, s->calendar, &options.workers, s->arena,
                      &err),
       &err);
}

static void close_sample(sample *s)
{
    json_decref(s->truths);
    cb_arena_free(s->arena);
    cb_calendar_free(s->calendar);
    cb_ingest_free(s->ingest);
    cb_settings_free(s->settings);
}

static void run_sample(sample *s, const char *period, cb_results *results)
{
    cb_error err = {.status = CB_OK};
    cb_workers workers = {.threads = 2};
    cb_scope scope;
    cb_period p;
    ok(cb_period_parse(&p, cb_str_of(period), s->settings->zone, &err), &err);
    cb_scope_init(&scope, cb_ingest_book(s->ingest), s->settings, s->calendar, s->derived, &p,
                  &workers, s->arena);
    ok(cb_measures_run_these(only_churn, &scope, results, &err), &err);
}

/* shrinks: of a state with a few hundred years only, far from the whole, n0 = 50 years of the
 * whole's rate move the estimate; there the unshrunk Jeffreys interval of the same losses and years
 * must hold what was planted. */
static void check_state(const sample *s, size_t ix, const char *name, const cb_exposure *got,
                        bool shrinks)
{
    json_t *state =
        json_array_get(json_object_get(json_object_get(s->truths, "leaving"), "states"), ix);
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
    sample s = {0};
    cb_results r[CB_WINDOWS];
    open_sample(&s);
    run_sample(&s, "2026-Q3", r);
    const cb_churn *c = &r[CB_NOW].churn;
    assert_true(c->own_estimable);
    check_state(&s, 0, "clean", &c->clean, false);
    check_state(&s, 1, "quick_adequate", &c->by_outcome[CB_OUTCOME_QUICK_ADEQUATE], false);
    check_state(&s, 2, "adequate", &c->by_outcome[CB_OUTCOME_ADEQUATE], false);
    check_state(&s, 3, "inadequate", &c->by_outcome[CB_OUTCOME_INADEQUATE], false);
    check_state(&s, 4, "unresolved", &c->by_outcome[CB_OUTCOME_UNRESOLVED], true);
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
    close_sample(&s);
}

int main(void)
{
    cb_stats_init();
    const struct CMUnitTest tests[] = {cmocka_unit_test(planted_hazards)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
