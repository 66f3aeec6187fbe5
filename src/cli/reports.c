#include "cli.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "casebook/xlsx.h"
#include "rejected.h"
#include "warnings.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

/* Arenas come and go with every measure. What they free stays with the process, in one heap: to get
 * zeroed pages from the kernel again and again is a tenth of the time. Only speed depends on it. */
static void keep_freed_memory(void)
{
#ifdef __GLIBC__
    enum { KEPT_BLOCK = 32 << 20, KEPT_BYTES = 1 << 30 };
    (void)mallopt(M_MMAP_THRESHOLD, KEPT_BLOCK);
    (void)mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
    (void)mallopt(M_ARENA_MAX, 1);
#endif
}

/* What is measured once for all reports of one period. */
typedef struct look {
    struct run *run;
    cb_scope scope;
    cb_results
        results[CB_WINDOWS]; /* once its reports are staged: figures, what they point to is freed */
    unsigned left_out;       /* parts that none of the reports shows */
    bool year_before;        /* one of them shows it */
    cb_measuring *measuring;
    unsigned reports;
    unsigned report[CB_REPORTS];
    cb_lane_step step[CB_MEASURING_STEPS + 2]; /* and: its reports are written, its results go */
} look;

/* Everything one run holds; freed as a whole. */
typedef struct run {
    const cb_options *options;
    cb_settings *settings;
    cb_ingest *ingest;
    cb_calendar *calendar;
    cb_derived *derived;
    cb_arena *arena; /* the derived columns */
    cb_publish *publish;
    unsigned reports;
    cb_report report[CB_REPORTS];
    cb_publish_file *json[CB_REPORTS]; /* open while the report is written */
    char stem[CB_REPORTS][80];
    unsigned looks;
    look look[CB_REPORTS];
    int64_t started_ms;
    cb_dates opened; /* the cases of the inputs, also those after as-of */
    char pseudonym_key[CB_MAX_KEY];
} run;

static cb_status write_child(void *ctx, const char *path, const char *tmp_dir, cb_error *err)
{
    return cb_xlsx_write(ctx, path, tmp_dir, err);
}

static cb_status verify_child(void *ctx, const char *path, cb_error *err)
{
    return cb_xlsx_verify(ctx, path, err);
}

static cb_status append_piece(void *ctx, cb_str piece, cb_error *err)
{
    return cb_publish_append(ctx, piece, err);
}

static cb_status stage_report(run *r, unsigned ix, cb_error *err)
{
    const cb_report *report = &r->report[ix];
    cb_arena *arena = cb_arena_new(cb_alloc_libc(), 0);
    if (!arena)
        return cb_nomem(err, "the workbook");
    cb_workbook *workbook = NULL;
    char name[96];
    snprintf(name, sizeof name, "%s.xlsx", r->stem[ix]);
    cb_status rc = cb_report_compose(report, arena, &workbook, err);
    if (rc == CB_OK && r->options->xlsx)
        rc = cb_publish_child(r->publish, name, write_child, verify_child, workbook, err);
    if (rc == CB_OK && r->options->json)
        rc = cb_report_json(report, workbook, &(cb_taker){append_piece, r->json[ix]}, err);
    cb_arena_free(arena);
    if (rc == CB_OK && r->options->json)
        rc = cb_publish_sync(r->json[ix], err); /* while another report is measured */
    return rc;
}

static uint64_t peak_bytes(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? (uint64_t)usage.ru_maxrss * 1024 : 0;
}

static cb_status stage_prom(run *r, cb_error *err)
{
    const cb_report *reports[CB_REPORTS];
    for (unsigned i = 0; i < r->reports; i++)
        reports[i] = &r->report[i];
    cb_run_facts facts = {.finished_utc_s = cb_clock_utc_s(),
                          .seconds = (double)(cb_clock_ms() - r->started_ms) / 1000.0,
                          .peak_bytes = peak_bytes()};
    cb_buf text;
    cb_buf_init(&text, cb_alloc_libc(), 1 << 24);
    cb_status rc = cb_report_prom(reports, r->reports, &facts, &text, err);
    if (rc == CB_OK)
        rc = cb_publish_bytes(r->publish, "casebook.prom", (cb_str){text.at, text.len}, 0644, err);
    cb_buf_free(&text);
    return rc;
}

/* What no report shows is not measured. */
static void show(look *l, cb_report_kind kind)
{
    static const unsigned not_shown[CB_REPORTS] = {
        [CB_REPORT_NIGHTLY] = CB_PART_COURSES | CB_PART_RECOVERY | CB_PART_FUNNELS,
        [CB_REPORT_QUARTERLY] = CB_PART_COURSES,
        [CB_REPORT_ROOT_CAUSE] = CB_PART_RECOVERY | CB_PART_FUNNELS,
    };
    l->left_out &= not_shown[kind];
    l->year_before |= kind == CB_REPORT_QUARTERLY;
}

static look *look_at(run *r, const cb_period *period)
{
    for (unsigned i = 0; i < r->looks; i++) {
        const cb_period *known = &r->look[i].scope.window[CB_NOW].period;
        if (known->from_utc_s == period->from_utc_s && known->to_utc_s == period->to_utc_s &&
            !strcmp(known->label, period->label))
            return &r->look[i];
    }
    look *l = &r->look[r->looks++];
    l->run = r;
    cb_workers workers = cb_options_workers(r->options);
    cb_scope_init(&l->scope, cb_ingest_book(r->ingest), r->settings, r->calendar, r->derived,
                  period, &workers, NULL);
    l->left_out = UINT_MAX;
    return l;
}

static cb_status plan_report(run *r, cb_report_kind kind, cb_error *err)
{
    unsigned ix = r->reports;
    const cb_book *book = cb_ingest_book(r->ingest);
    cb_period period = cb_report_default_period(kind, book->as_of_utc_s, r->settings->zone);
    if (r->options->period) {
        cb_status rc = cb_options_period(r->options, r->settings, &period, err);
        if (rc != CB_OK)
            return rc;
    }
    cb_report_stem(r->stem[ix], kind, &period, r->settings->zone);
    look *l = look_at(r, &period);
    show(l, kind);
    l->report[l->reports++] = ix;
    r->report[ix] = (cb_report){.kind = kind,
                                .ingest = r->ingest,
                                .settings = r->settings,
                                .scope = &l->scope,
                                .results = l->results,
                                .pseudonym_key = r->pseudonym_key[0] ? r->pseudonym_key : NULL};
    r->reports++;
    cb_report_run_id(r->report[ix].run_id, r->ingest, r->settings);
    return CB_OK;
}

static cb_status prepare(run *r, unsigned wanted, cb_error *err)
{
    const cb_book *book = cb_ingest_book(r->ingest);
    cb_workers workers = cb_options_workers(r->options);
    r->arena = cb_arena_new(cb_alloc_libc(), 0);
    if (!r->arena)
        return cb_nomem(err, "the measures");
    cb_status rc = cb_calendar_new(&r->calendar, &r->settings->week, r->settings->zone,
                                   book->first_utc_s, book->as_of_utc_s + CB_DAY_S, err);
    if (rc == CB_OK)
        rc = cb_derived_new(&r->derived, book, r->settings, r->calendar, &workers, r->arena, err);
    for (int kind = 0; rc == CB_OK && kind < CB_REPORTS; kind++)
        if (wanted & (1u << kind))
            rc = plan_report(r, (cb_report_kind)kind, err);
    return rc;
}

/* ---- looks side by side ---- */

static cb_status write_task(void *ctx, size_t task, cb_error *err)
{
    look *l = ctx;
    return stage_report(l->run, l->report[task], err);
}

static void drop_results(look *l)
{
    cb_measuring_free(l->measuring);
    l->measuring = NULL;
    cb_arena_free(l->scope.arena);
    l->scope.arena = NULL;
}

static cb_status drop_task(void *ctx, size_t task, cb_error *err)
{
    (void)task;
    (void)err;
    drop_results(ctx);
    return CB_OK;
}

static cb_status begin_look(look *l, cb_error *err)
{
    l->scope.left_out = l->left_out;
    if (!l->year_before)
        cb_scope_skip(&l->scope, CB_YEAR_BEFORE);
    l->scope.arena = cb_arena_new(cb_alloc_libc(), 0);
    if (!l->scope.arena)
        return cb_nomem(err, "the measures");
    cb_status rc = cb_measuring_new(&l->measuring, cb_measures, &l->scope, l->results, err);
    if (rc != CB_OK)
        return rc;
    cb_lane lane = cb_measuring_lane(l->measuring);
    memcpy(l->step, lane.step, lane.steps * sizeof *l->step);
    l->step[lane.steps] = (cb_lane_step){l->reports, write_task, l};
    l->step[lane.steps + 1] = (cb_lane_step){1, drop_task, l};
    return CB_OK;
}

static cb_status open_json(run *r, cb_error *err)
{
    cb_status rc = CB_OK;
    for (unsigned ix = 0; rc == CB_OK && r->options->json && ix < r->reports; ix++) {
        char name[96];
        snprintf(name, sizeof name, "%s.json", r->stem[ix]);
        rc = cb_publish_open(&r->json[ix], r->publish, name, 0644, err);
    }
    return rc;
}

static cb_status close_json(run *r, cb_status rc, cb_error *err)
{
    for (unsigned ix = 0; ix < r->reports; ix++) {
        cb_status closed = cb_publish_close(&r->json[ix], err);
        rc = rc == CB_OK ? closed : rc;
    }
    return rc;
}

/* A workbook is written by a child process, and no thread may be alive when that is made: then one
 * look after the other is measured by all threads, written by one, and gone before the next needs
 * memory. */
static cb_status take_look_alone(look *l, cb_error *err)
{
    cb_workers one = {.threads = 1, .stop = l->scope.workers.stop};
    cb_status rc = begin_look(l, err);
    if (rc == CB_OK)
        rc = cb_workers_lanes(&l->scope.workers, &(cb_lane){l->step, CB_MEASURING_STEPS}, 1, err);
    if (rc == CB_OK)
        rc = cb_workers_lanes(&one, &(cb_lane){l->step + CB_MEASURING_STEPS, 2}, 1, err);
    return rc;
}

static cb_status take_looks_together(run *r, cb_error *err)
{
    cb_workers workers = cb_options_workers(r->options);
    cb_lane lanes[CB_REPORTS];
    cb_status rc = CB_OK;
    for (unsigned i = 0; rc == CB_OK && i < r->looks; i++) {
        look *l = &r->look[r->looks - 1 - i];
        rc = begin_look(l, err);
        lanes[i] = (cb_lane){l->step, CB_MEASURING_STEPS + 2};
    }
    return rc == CB_OK ? cb_workers_lanes(&workers, lanes, r->looks, err) : rc;
}

/* The last look is the first: it covers most, and its reports take longest to write. */
static cb_status make_reports(run *r, cb_error *err)
{
    cb_status rc = open_json(r, err);
    if (rc == CB_OK && !r->options->xlsx)
        rc = take_looks_together(r, err);
    for (unsigned i = r->looks; rc == CB_OK && r->options->xlsx && i > 0; i--)
        rc = take_look_alone(&r->look[i - 1], err);
    return close_json(r, rc, err);
}

/* A period that cannot be read is told before the inputs are, not after. */
static cb_status check_period(const run *r, cb_error *err)
{
    cb_period ignored;
    return r->options->period ? cb_options_period(r->options, r->settings, &ignored, err) : CB_OK;
}

/* Rows that end the run are kept all the same: somebody has to find them. */
static cb_status read_inputs(run *r, cb_error *err)
{
    cb_status rc = cb_options_ingest(r->options, r->settings, &r->ingest, err);
    if (rc != CB_OK)
        return rc;
    r->opened = cb_facts_span(r->ingest, CB_CASES);
    rc = cb_ingest_done(r->ingest, err);
    if (rc == CB_EDATA && cb_rejected_tell(r->ingest, r->settings, err))
        rc = cb_rejected_keep(&r->publish, r->ingest, r->options->out, err);
    return rc;
}

static cb_status run_all(run *r, unsigned wanted, cb_error *err)
{
    cb_status rc = cb_options_settings(r->options, &r->settings, err);
    if (rc == CB_OK)
        rc = check_period(r, err);
    if (rc == CB_OK)
        rc = cb_options_own_inputs(r->options, err);
    if (rc == CB_OK)
        rc = cb_options_pseudonym_key(r->options, r->settings, r->pseudonym_key, err);
    if (rc == CB_OK)
        rc = cb_publish_begin(&r->publish, r->options->out, &cb_stop_signal, err);
    if (rc == CB_OK)
        rc = read_inputs(r, err);
    if (rc == CB_OK)
        rc = prepare(r, wanted, err);
    if (rc == CB_OK)
        rc = make_reports(r, err);
    if (rc == CB_OK)
        rc = cb_rejected_stage(r->publish, r->ingest, true, err);
    if (rc == CB_OK)
        rc = stage_prom(r, err);
    if (rc == CB_OK)
        rc = cb_stop_status(&cb_stop_signal);
    if (rc == CB_OK) {
        cb_publish *publish = r->publish;
        r->publish = NULL;
        rc = cb_publish_commit(publish, err);
    }
    return rc;
}

static void run_free(run *r)
{
    cb_publish_abort(r->publish);
    for (unsigned i = 0; i < r->looks; i++)
        drop_results(&r->look[i]);
    cb_arena_free(r->arena);
    cb_calendar_free(r->calendar);
    cb_ingest_free(r->ingest);
    cb_settings_free(r->settings);
    free(r);
}

cb_status cb_command_reports(const cb_options *options, cb_error *err)
{
    run *r = calloc(1, sizeof *r);
    if (!r)
        return cb_nomem(err, "the run");
    keep_freed_memory();
    r->options = options;
    r->started_ms = cb_clock_ms();
    cb_status rc = run_all(r, cb_command_find(options->command)->reports, err);
    if (rc == CB_OK) {
        cb_warn_ahead(options, r->ingest);
        cb_warn_empty(options, r->report, r->reports, &r->opened);
        cb_summary_print(options, r->report, r->reports, r->stem);
    }
    run_free(r);
    return rc;
}
