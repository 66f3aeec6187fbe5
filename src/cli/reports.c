#include "cli.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "casebook/publish.h"
#include "casebook/xlsx.h"

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
    cb_scope scope[CB_REPORTS];
    cb_results results[CB_REPORTS][CB_WINDOWS]; /* once a report is staged: figures, what they point
                                                   to is freed */
    char stem[CB_REPORTS][80];
    int64_t started_ms;
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

static cb_status stage_json(run *r, const cb_report *report, const cb_workbook *workbook,
                            const char *stem, cb_error *err)
{
    char name[96];
    snprintf(name, sizeof name, "%s.json", stem);
    cb_publish_file *file = NULL;
    cb_status rc = cb_publish_open(&file, r->publish, name, 0644, err);
    if (rc == CB_OK)
        rc = cb_report_json(report, workbook, &(cb_taker){append_piece, file}, err);
    cb_status closed = cb_publish_close(&file, err);
    return rc == CB_OK ? closed : rc;
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
        rc = stage_json(r, report, workbook, r->stem[ix], err);
    cb_arena_free(arena);
    return rc;
}

static cb_status stage_rejected(run *r, cb_error *err)
{
    cb_status rc = CB_OK;
    for (unsigned i = 0; rc == CB_OK && i < cb_ingest_inputs(r->ingest); i++) {
        const cb_input_facts *input = cb_ingest_input(r->ingest, i);
        char rows[160], errors[160];
        snprintf(rows, sizeof rows, "rejected/" CB_STR_FMT ".csv", CB_STR_ARG(input->stem));
        snprintf(errors, sizeof errors, "rejected/" CB_STR_FMT ".errors.tsv",
                 CB_STR_ARG(input->stem));
        if (input->rejects.rows == 0) {
            cb_publish_remove(r->publish, rows);
            cb_publish_remove(r->publish, errors);
            continue;
        }
        cb_buf content;
        cb_buf_init(&content, cb_alloc_libc(), SIZE_MAX / 2);
        rc = cb_buf_append(&content, input->rejects.header.at, input->rejects.header.len);
        if (rc == CB_OK)
            rc = cb_buf_append(&content, input->rejects.records.at, input->rejects.records.len);
        if (rc != CB_OK)
            rc = cb_nomem(err, "the rejected rows");
        if (rc == CB_OK)
            rc = cb_publish_bytes(r->publish, rows, (cb_str){content.at, content.len}, 0600, err);
        if (rc == CB_OK)
            rc = cb_publish_bytes(r->publish, errors,
                                  (cb_str){input->rejects.errors.at, input->rejects.errors.len},
                                  0600, err);
        cb_buf_free(&content);
    }
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

/* What a report does not show is not measured. */
static void leave_out(cb_scope *scope, cb_report_kind kind)
{
    static const unsigned not_shown[CB_REPORTS] = {
        [CB_REPORT_NIGHTLY] = CB_PART_COURSES | CB_PART_RECOVERY | CB_PART_FUNNELS,
        [CB_REPORT_QUARTERLY] = CB_PART_COURSES,
        [CB_REPORT_ROOT_CAUSE] = CB_PART_RECOVERY | CB_PART_FUNNELS,
    };
    scope->left_out = not_shown[kind];
    if (kind != CB_REPORT_QUARTERLY)
        cb_scope_skip(scope, CB_YEAR_BEFORE);
}

static cb_status plan_report(run *r, cb_report_kind kind, cb_error *err)
{
    unsigned ix = r->reports;
    const cb_book *book = cb_ingest_book(r->ingest);
    cb_period period = cb_report_default_period(kind, book->as_of_utc_s, r->settings->zone);
    if (r->options->period) {
        cb_status rc =
            cb_period_parse(&period, cb_str_of(r->options->period), r->settings->zone, err);
        if (rc != CB_OK)
            return CB_EUSAGE;
    }
    cb_workers workers = cb_options_workers(r->options);
    cb_report_stem(r->stem[ix], kind, &period, r->settings->zone);
    cb_scope_init(&r->scope[ix], book, r->settings, r->calendar, r->derived, &period, &workers,
                  NULL);
    leave_out(&r->scope[ix], kind);
    r->report[ix] = (cb_report){.kind = kind,
                                .ingest = r->ingest,
                                .settings = r->settings,
                                .scope = &r->scope[ix],
                                .results = r->results[ix],
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

static cb_status measure_report(run *r, unsigned ix, cb_error *err)
{
    r->scope[ix].arena = cb_arena_new(cb_alloc_libc(), 0);
    if (!r->scope[ix].arena)
        return cb_nomem(err, "the measures");
    return cb_measures_run(&r->scope[ix], r->results[ix], err);
}

/* The results of one report are gone before the next needs memory. */
static cb_status finish_report(run *r, unsigned ix, cb_error *err)
{
    cb_status rc = stage_report(r, ix, err);
    cb_arena_free(r->scope[ix].arena);
    r->scope[ix].arena = NULL;
    return rc;
}

/* Two things that do not touch each other: one report is measured, the one before it is written. */
typedef struct step {
    run *r;
    unsigned measured; /* reports that are measured when the step begins */
} step;

static cb_status step_task(void *ctx, size_t task, cb_error *err)
{
    const step *s = ctx;
    unsigned left = s->r->reports - s->measured; /* the last is made first: it takes longest to write */
    if (task == 0)
        return s->measured > 0 ? finish_report(s->r, left, err) : CB_OK;
    return left > 0 ? measure_report(s->r, left - 1, err) : CB_OK;
}

/* A workbook is written by a child process, and no thread may be alive when that is made: then one
 * thing after the other. */
static cb_status make_reports(run *r, cb_error *err)
{
    cb_workers workers = cb_options_workers(r->options);
    cb_status rc = CB_OK;
    if (r->options->xlsx)
        workers.threads = 1;
    for (unsigned i = 0; rc == CB_OK && i <= r->reports; i++)
        rc = cb_workers_each(&workers, 2, step_task, &(step){r, i}, err);
    return rc;
}

/* A period that cannot be read is told before the inputs are, not after. */
static cb_status check_period(const run *r, cb_error *err)
{
    cb_period ignored;
    if (!r->options->period)
        return CB_OK;
    cb_str text = cb_str_of(r->options->period);
    return cb_period_parse(&ignored, text, r->settings->zone, err) == CB_OK ? CB_OK : CB_EUSAGE;
}

static cb_status run_all(run *r, unsigned wanted, cb_error *err)
{
    cb_status rc = cb_options_settings(r->options, &r->settings, err);
    if (rc == CB_OK)
        rc = check_period(r, err);
    if (rc == CB_OK)
        rc = cb_options_pseudonym_key(r->options, r->settings, r->pseudonym_key, err);
    if (rc == CB_OK)
        rc = cb_publish_begin(&r->publish, r->options->out, &cb_stop_signal, err);
    if (rc == CB_OK)
        rc = cb_options_ingest(r->options, r->settings, true, &r->ingest, err);
    if (rc == CB_OK)
        rc = prepare(r, wanted, err);
    if (rc == CB_OK)
        rc = make_reports(r, err);
    if (rc == CB_OK)
        rc = stage_rejected(r, err);
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
    for (unsigned i = 0; i < r->reports; i++)
        cb_arena_free(r->scope[i].arena);
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
    cb_status rc = CB_OK;
    if (options->words > 0)
        rc = cb_fail(err, CB_EUSAGE,
                     "'%s' is not an option; input files follow --cases, --reviews or --customers",
                     options->word[0]);
    if (rc == CB_OK)
        rc = run_all(r, cb_command_find(options->command)->reports, err);
    if (rc == CB_OK)
        cb_summary_print(options, r->report, r->reports, r->stem);
    run_free(r);
    return rc;
}
