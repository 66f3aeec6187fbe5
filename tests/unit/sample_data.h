/* sample_data.h - sample-data read and measured as a report would have it, for tests of what was
 * planted there. Run from the root of the repository.
 *
 * Sequence: sample_open(&s) -> sample_run(&s, measures, period) -> s.results -> sample_close(&s). */
#ifndef TESTS_SAMPLE_DATA_H
#define TESTS_SAMPLE_DATA_H

#include "testing.h"

#include <string.h>

#include "casebook/ingest.h"
#include "casebook/results.h"

typedef struct sample {
    cb_settings *settings;
    cb_ingest *ingest;
    cb_calendar *calendar;
    cb_derived *derived;
    cb_arena *arena;
    cb_workers workers;
    cb_scope scope; /* of the latest run, as results */
    cb_results results[CB_WINDOWS];
} sample;

static inline void sample_ok(cb_status rc, const cb_error *err)
{
    CHECK(rc == CB_OK, "%s: %s", cb_status_text(rc), err->why);
}

static inline void sample_open(sample *s)
{
    static const struct {
        cb_role role;
        const char *path;
    } inputs[] = {{CB_CASES, "sample-data/cases.csv"},
                  {CB_REVIEWS, "sample-data/reviews.csv"},
                  {CB_CUSTOMERS, "sample-data/customers.csv"}};
    cb_error err = {.status = CB_OK};
    *s = (sample){.arena = cb_arena_new(NULL, 0), .workers = {.threads = 2}};
    cb_ingest_options options = {
        .alloc = cb_alloc_libc(), .workers = s->workers, .as_of_utc_s = CB_NO_TIME};
    sample_ok(cb_settings_new(&s->settings, NULL, &err), &err);
    sample_ok(cb_settings_file(s->settings, "sample-data/casebook.ini", &err), &err);
    sample_ok(cb_settings_finish(s->settings, &err), &err);
    sample_ok(cb_ingest_new(&s->ingest, s->settings, &options, &err), &err);
    for (size_t i = 0; i < COUNT_OF(inputs); i++)
        sample_ok(cb_ingest_file(s->ingest, inputs[i].role, inputs[i].path, CB_LIT(""), &err),
                  &err);
    sample_ok(cb_ingest_done(s->ingest, &err), &err);
    const cb_book *book = cb_ingest_book(s->ingest);
    sample_ok(cb_calendar_new(&s->calendar, &s->settings->week, s->settings->zone,
                              book->first_utc_s, book->as_of_utc_s + CB_DAY_S, &err),
              &err);
    sample_ok(
        cb_derived_new(&s->derived, book, s->settings, s->calendar, &s->workers, s->arena, &err),
        &err);
}

static inline void sample_run(sample *s, const cb_measure *const *measures, const char *period)
{
    cb_error err = {.status = CB_OK};
    cb_period p;
    sample_ok(cb_period_parse(&p, cb_str_of(period), s->settings->zone, &err), &err);
    cb_scope_init(&s->scope, cb_ingest_book(s->ingest), s->settings, s->calendar, s->derived, &p,
                  &s->workers, s->arena);
    sample_ok(cb_measures_run_these(measures, &s->scope, s->results, &err), &err);
}

static inline void sample_close(sample *s)
{
    cb_arena_free(s->arena);
    cb_calendar_free(s->calendar);
    cb_ingest_free(s->ingest);
    cb_settings_free(s->settings);
}

#endif
