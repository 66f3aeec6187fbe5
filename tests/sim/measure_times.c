/* measure_times.c - milliseconds of processor time that each measure takes, all its windows
 * together, on one set of inputs.
 *
 *     measure_times CONFIG CASES REVIEWS CUSTOMERS PERIOD [THREADS] [REPEATS]
 *
 * The inputs are read once ("reading": with links and orders); then each measure of the table runs alone through
 * cb_measures_run_these, and last all of them together. The least of the repeats is printed, of
 * processor time over all threads: what others do on the machine matters little. "-" leaves an
 * input out. The recurrence and practice measures' comparisons read the churn measure, which
 * therefore runs beside them; the line "churn" says what it takes alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "casebook/ingest.h"
#include "casebook/results.h"

enum { MOST = 32 };

typedef struct bench {
    cb_settings *settings;
    cb_ingest *ingest;
    cb_calendar *calendar;
    cb_derived *derived;
    cb_arena *arena;
    cb_workers workers;
    cb_period period;
    int repeats;
} bench;

static double now_ms(void)
{
    struct timespec t;
    return clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) == 0
               ? (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6
               : 0;
}

static cb_status read_inputs(bench *b, char **arg, cb_error *err)
{
    static const cb_role roles[] = {CB_CASES, CB_REVIEWS, CB_CUSTOMERS};
    cb_ingest_options options = {
        .alloc = cb_alloc_libc(), .workers = b->workers, .as_of_utc_s = CB_NO_TIME};
    cb_status rc = cb_settings_new(&b->settings, cb_alloc_libc(), err);
    if (rc == CB_OK && strcmp(arg[0], "-") != 0)
        rc = cb_settings_file(b->settings, arg[0], err);
    if (rc == CB_OK)
        rc = cb_settings_finish(b->settings, err);
    if (rc == CB_OK)
        rc = cb_ingest_new(&b->ingest, b->settings, &options, err);
    for (int i = 0; rc == CB_OK && i < 3; i++)
        if (strcmp(arg[1 + i], "-") != 0)
            rc = cb_ingest_file(b->ingest, roles[i], arg[1 + i], CB_LIT(""), err);
    return rc == CB_OK ? cb_ingest_done(b->ingest, err) : rc;
}

static cb_status prepare(bench *b, const char *period, cb_error *err)
{
    const cb_book *book = cb_ingest_book(b->ingest);
    b->arena = cb_arena_new(cb_alloc_libc(), 0);
    cb_status rc = b->arena ? cb_period_parse(&b->period, cb_str_of(period), b->settings->zone, err)
                            : CB_ENOMEM;
    if (rc == CB_OK)
        rc = cb_calendar_new(&b->calendar, &b->settings->week, b->settings->zone, book->first_utc_s,
                             book->as_of_utc_s + CB_DAY_S, err);
    double from = now_ms();
    if (rc == CB_OK)
        rc =
            cb_derived_new(&b->derived, book, b->settings, b->calendar, &b->workers, b->arena, err);
    printf("%-12s %9.1f ms\n", "(derived)", now_ms() - from);
    return rc;
}

static cb_status time_these(bench *b, const char *name, const cb_measure *const *measures,
                            cb_error *err)
{
    cb_results *results = calloc(CB_WINDOWS, sizeof *results);
    double best = -1;
    cb_status rc = results ? CB_OK : CB_ENOMEM;
    for (int i = 0; rc == CB_OK && i < b->repeats; i++) {
        cb_scope scope;
        cb_arena *arena = cb_arena_new(cb_alloc_libc(), 0);
        if (!arena)
            break;
        cb_scope_init(&scope, cb_ingest_book(b->ingest), b->settings, b->calendar, b->derived,
                      &b->period, &b->workers, arena);
        double from = now_ms();
        rc = cb_measures_run_these(measures, &scope, results, err);
        double ms = now_ms() - from;
        best = best < 0 || ms < best ? ms : best;
        cb_arena_free(arena);
    }
    printf("%-12s %9.1f ms\n", name, best);
    free(results);
    return rc;
}

static cb_status time_all(bench *b, cb_error *err)
{
    cb_status rc = CB_OK;
    for (int i = 0; rc == CB_OK && cb_measures[i]; i++) {
        const cb_measure *one[2] = {cb_measures[i], NULL};
        rc = time_these(b, cb_measures[i]->name, one, err);
    }
    return rc == CB_OK ? time_these(b, "all", cb_measures, err) : rc;
}

int main(int argc, char **argv)
{
    bench b = {.workers.threads = 1, .repeats = 3};
    cb_error err = {.status = CB_OK};
    if (argc < 6) {
        fputs("usage: measure_times CONFIG CASES REVIEWS CUSTOMERS PERIOD [THREADS] [REPEATS]\n",
              stderr);
        return 64;
    }
    b.workers.threads = argc > 6 ? (unsigned)strtoul(argv[6], NULL, 10) : 1;
    b.repeats = argc > 7 ? (int)strtol(argv[7], NULL, 10) : 3;
    cb_stats_init();
    double from = now_ms();
    cb_status rc = read_inputs(&b, argv + 1, &err);
    printf("%-12s %9.1f ms\n", "(reading)", now_ms() - from);
    if (rc == CB_OK)
        rc = prepare(&b, argv[5], &err);
    if (rc == CB_OK)
        rc = time_all(&b, &err);
    if (rc != CB_OK)
        fprintf(stderr, "measure_times: %s: %s\n", cb_status_text(rc), err.why);
    cb_arena_free(b.arena);
    cb_calendar_free(b.calendar);
    cb_ingest_free(b.ingest);
    cb_settings_free(b.settings);
    return rc == CB_OK ? 0 : 1;
}
