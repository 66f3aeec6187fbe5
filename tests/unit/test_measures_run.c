/* The engine: toy measures that record what they were given, failures at every step, and the program's own measures
 * on 1, 2 and 7 threads, compared to the last bit. */
#include "book_builder.h"

#include <inttypes.h>
#include <pthread.h>

#define T0 (INT64_C(1767225600)) /* 2026-01-01T00:00:00Z */

/* ---- a toy: an order-sensitive digest of all items, so that a lost, doubled or misplaced one shows ---- */

/* Digest of a sequence that merges: h(ab) = h(a) * P^len(b) + h(b), modulo 2^64. */
#define PRIME UINT64_C(1099511628211)

typedef struct toy_state {
    uint64_t digest, power;
    uint32_t n, spans;
    void *outside; /* taken with malloc: end must free it */
} toy_state;

/* What the toys saw; a mutex, as they run side by side. */
static struct {
    pthread_mutex_t lock;
    int begun, ended, finished, compared, finished_at_stage[3];
    uint64_t digest[CB_WINDOWS];
    uint32_t n[CB_WINDOWS], spans[CB_WINDOWS];
    bool later_saw_earlier, compare_saw_all;
    int fail_at; /* which step fails, 0 none */
} seen = {.lock = PTHREAD_MUTEX_INITIALIZER};

enum { FAIL_NOT, FAIL_BEGIN, FAIL_ADD, FAIL_MERGE, FAIL_FINISH, FAIL_COMPARE, FAILS };

static void seen_clear(int fail_at)
{
    pthread_mutex_t lock = seen.lock;
    memset(&seen, 0, sizeof seen);
    seen.lock = lock;
    seen.fail_at = fail_at;
}

static cb_status fail_if(int step, cb_error *err)
{
    return seen.fail_at == step ? cb_fail(err, CB_EDATA, "step %d", step) : CB_OK;
}

static cb_status toy_begin(void *state, const cb_scope *scope, cb_window_ix ix, cb_error *err)
{
    toy_state *s = state;
    (void)ix;
    assert_null(scope->arena);
    assert_true(s->digest == 0 && s->n == 0);
    s->power = 1;
    s->outside = malloc(8);
    pthread_mutex_lock(&seen.lock);
    seen.begun++;
    pthread_mutex_unlock(&seen.lock);
    return cb_arena_get(scope->scratch, 100000) ? fail_if(FAIL_BEGIN, err) : cb_nomem(err, "a toy");
}

static cb_status toy_add(void *state, const cb_scope *scope, cb_window_ix ix, const cb_span *span, cb_error *err)
{
    toy_state *s = state;
    (void)scope;
    (void)ix;
    for (uint32_t i = 0; i < span->n; i++) {
        s->digest = s->digest * PRIME + cb_span_item(span, i) + 1;
        s->power *= PRIME;
    }
    s->n += span->n;
    s->spans++;
    return fail_if(FAIL_ADD, err);
}

static cb_status toy_merge(void *into, void *from, cb_error *err)
{
    toy_state *a = into;
    const toy_state *b = from;
    a->digest = a->digest * b->power + b->digest;
    a->power *= b->power;
    a->n += b->n;
    a->spans += b->spans;
    return fail_if(FAIL_MERGE, err);
}

static cb_status toy_finish(void *state, const cb_scope *scope, cb_window_ix ix, cb_results *out, cb_error *err)
{
    const toy_state *s = state;
    assert_non_null(scope->arena);
    assert_non_null(scope->scratch);
    assert_ptr_not_equal(scope->arena, scope->scratch);
    uint32_t *kept = cb_arena_get(scope->arena, sizeof *kept);
    if (!kept)
        return cb_nomem(err, "a toy");
    *kept = s->n;
    out->flow.row = (const void *)kept; /* any pointer of the results */
    pthread_mutex_lock(&seen.lock);
    seen.finished++;
    seen.digest[ix] = s->digest;
    seen.n[ix] = s->n;
    seen.spans[ix] = s->spans;
    pthread_mutex_unlock(&seen.lock);
    return fail_if(FAIL_FINISH, err);
}

static cb_status toy_compare(const cb_scope *scope, cb_results *out, cb_error *err)
{
    bool all = scope->arena && scope->scratch;
    for (int ix = 0; ix < CB_WINDOWS; ix++)
        all = all && out[ix].flow.row && *(const uint32_t *)(const void *)out[ix].flow.row == seen.n[ix];
    pthread_mutex_lock(&seen.lock);
    seen.compared++;
    seen.compare_saw_all = all;
    pthread_mutex_unlock(&seen.lock);
    return fail_if(FAIL_COMPARE, err);
}

static void toy_end(void *state)
{
    toy_state *s = state;
    free(s->outside);
    s->outside = NULL;
    pthread_mutex_lock(&seen.lock);
    seen.ended++;
    pthread_mutex_unlock(&seen.lock);
}

#define TOY(over_what)                                                                                              \
    {                                                                                                               \
        .name = "toy", .over = over_what, .state_bytes = sizeof(toy_state), .begin = toy_begin, .add = toy_add,     \
        .merge = toy_merge, .finish = toy_finish, .compare = toy_compare, .end = toy_end                            \
    }
static const cb_measure toys[] = {
    [CB_OVER_OPENED] = TOY(CB_OVER_OPENED),
    [CB_OVER_CASES] = TOY(CB_OVER_CASES),
    [CB_OVER_CUSTOMERS] = TOY(CB_OVER_CUSTOMERS),
    [CB_OVER_REVIEWS] = TOY(CB_OVER_REVIEWS),
};

/* The definition: one state, all items in order. */
static void want_digest(const test_world *w, cb_over over, cb_window_ix ix, uint64_t *digest, uint32_t *n)
{
    const cb_slice *opened = &w->scope.window[ix].cases;
    const uint32_t sizes[] = {opened->n, w->book->table[CB_CASES].n, w->book->cases_of.groups - 1,
                              w->book->table[CB_REVIEWS].n};
    *n = sizes[over];
    *digest = 0;
    for (uint32_t i = 0; i < *n; i++) {
        uint32_t item = over == CB_OVER_OPENED      ? opened->rows[i]
                        : over == CB_OVER_CASES     ? w->book->opened_order[i]
                        : over == CB_OVER_CUSTOMERS ? i + 1
                                                    : i;
        *digest = *digest * PRIME + item + 1;
    }
}

static void fill(test_book *b, int cases, uint64_t seed)
{
    static const char *const word[] = {"late", "wrong", "broken", NULL};
    char customer[16];
    test_book_init(b);
    for (int i = 0; i < cases; i++) {
        int64_t opened = T0 + test_between(&seed, 0, 365 * DAY);
        int64_t end = opened + test_between(&seed, 0, 20 * DAY);
        (void)snprintf(customer, sizeof customer, "c%d", (int)test_between(&seed, 0, 30000));
        uint32_t row = test_case(b, &(test_case_row){.opened = opened,
                                                     .resolved = test_between(&seed, 0, 9) ? end : 0,
                                                     .answered = opened + test_between(&seed, 0, DAY),
                                                     .customer = customer,
                                                     .kind = word[test_between(&seed, 0, 4)],
                                                     .product = word[test_between(&seed, 0, 4)],
                                                     .team = word[test_between(&seed, 0, 4)],
                                                     .priority = word[test_between(&seed, 0, 4)]});
        test_count(b, CB_CASES, row, CB_CASE_REOPENS, (uint16_t)test_between(&seed, 0, 3));
        if (i % 2)
            continue;
        row = test_row(b, CB_REVIEWS);
        test_time(b, CB_REVIEWS, row, CB_REVIEW_POSTED, opened + DAY);
        test_count(b, CB_REVIEWS, row, CB_REVIEW_RATING, 300);
    }
}

static void every_item_once_in_order(void **state)
{
    (void)state;
    static const unsigned threads[] = {1, 2, 7};
    test_book b;
    test_world w;
    cb_results r[CB_WINDOWS];
    fill(&b, 90000, 1);
    test_world_open(&w, &b, T0 + 370 * DAY, NULL, 1);
    for (int over = 0; over <= CB_OVER_REVIEWS; over++)
        for (size_t t = 0; t < COUNT_OF(threads); t++) {
            const cb_measure *const table[] = {&toys[over], NULL};
            seen_clear(FAIL_NOT);
            w.workers.threads = threads[t];
            test_world_run(&w, table, "2026-Q3", r);
            for (int ix = 0; ix < CB_WINDOWS; ix++) {
                uint64_t digest;
                uint32_t n;
                want_digest(&w, (cb_over)over, (cb_window_ix)ix, &digest, &n);
                CHECK(seen.n[ix] == n && seen.digest[ix] == digest,
                      "over %d, %u threads, window %d: %u items, not %u", over, threads[t], ix, seen.n[ix], n);
            }
            CHECK(seen.begun == seen.ended && seen.begun >= CB_WINDOWS, "begun %d, ended %d", seen.begun, seen.ended);
            CHECK(seen.finished == CB_WINDOWS && seen.compared == 1 && seen.compare_saw_all, "compare");
            if (over == CB_OVER_CASES)
                CHECK(seen.begun == CB_WINDOWS * (int)threads[t] && seen.spans[0] >= 2, "pieces %d, spans %u",
                      seen.begun, seen.spans[0]);
        }
    test_world_close(&w);
}

/* ---- stages, only_now, measures that are all finish ---- */

static cb_status early_finish(void *state, const cb_scope *scope, cb_window_ix ix, cb_results *out, cb_error *err)
{
    (void)scope;
    (void)ix;
    (void)err;
    for (size_t i = 0; i < 64; i++)
        assert_true(((const unsigned char *)state)[i] == 0);
    out->flow.opened = 42;
    pthread_mutex_lock(&seen.lock);
    seen.finished_at_stage[0]++;
    pthread_mutex_unlock(&seen.lock);
    return CB_OK;
}

static cb_status late_finish(void *state, const cb_scope *scope, cb_window_ix ix, cb_results *out, cb_error *err)
{
    (void)state;
    (void)scope;
    (void)err;
    pthread_mutex_lock(&seen.lock);
    seen.finished_at_stage[1]++;
    seen.later_saw_earlier = out->flow.opened == 42 && ix == CB_NOW && seen.finished_at_stage[0] == CB_WINDOWS;
    pthread_mutex_unlock(&seen.lock);
    out->flow.open_at_end = 7;
    return CB_OK;
}

static void stages(void **state)
{
    (void)state;
    static const cb_measure late = {.name = "late", .stage = 2, .only_now = true, .finish = late_finish};
    static const cb_measure early = {.name = "early", .state_bytes = 64, .finish = early_finish};
    static const cb_measure *const table[] = {&late, &early, NULL};
    test_book b;
    test_world w;
    cb_results r[CB_WINDOWS];
    memset(r, 0xFF, sizeof r);
    fill(&b, 10, 1);
    test_world_open(&w, &b, T0 + 370 * DAY, NULL, 3);
    seen_clear(FAIL_NOT);
    test_world_run(&w, table, "2026-Q3", r);
    assert_true(seen.later_saw_earlier);
    assert_int_equal(seen.finished_at_stage[1], 1);
    assert_int_equal(r[CB_NOW].flow.open_at_end, 7);
    assert_int_equal(r[CB_BEFORE].flow.open_at_end, 0);
    assert_int_equal(r[CB_BEFORE].flow.opened, 42);
    test_world_close(&w);
}

/* ---- failures ---- */

static void failures_end_all_states(void **state)
{
    (void)state;
    test_book b;
    test_world w;
    cb_results r[CB_WINDOWS];
    fill(&b, 40000, 1);
    test_world_open(&w, &b, T0 + 370 * DAY, NULL, 1);
    for (int fail_at = FAIL_BEGIN; fail_at < FAILS; fail_at++)
        for (unsigned threads = 1; threads <= 4; threads += 3) {
            const cb_measure *const table[] = {&toys[CB_OVER_CASES], NULL};
            cb_error err = {.status = CB_OK};
            char want[32];
            seen_clear(fail_at);
            w.workers.threads = threads;
            cb_status rc = test_world_try(&w, table, "2026-Q3", r, &err);
            bool merges = threads > 1;
            (void)snprintf(want, sizeof want, "step %d", fail_at);
            if (fail_at == FAIL_MERGE && !merges) {
                assert_int_equal(rc, CB_OK);
            } else {
                CHECK(rc == CB_EDATA && !strcmp(err.why, want), "step %d, %u threads: %s", fail_at, threads, err.why);
            }
            CHECK(seen.begun == seen.ended, "step %d: begun %d, ended %d", fail_at, seen.begun, seen.ended);
        }
    test_world_close(&w);
}

/* Without a merge all items go to one state. */
static cb_status toy_count(void *state, const cb_scope *scope, cb_window_ix ix, const cb_span *span, cb_error *err)
{
    (void)scope;
    (void)ix;
    (void)err;
    *(uint32_t *)state += span->n;
    return CB_OK;
}

static cb_status toy_counted(void *state, const cb_scope *scope, cb_window_ix ix, cb_results *out, cb_error *err)
{
    (void)out;
    (void)err;
    assert_int_equal(*(uint32_t *)state, scope->window[ix].cases.n);
    return CB_OK;
}

static void memory_runs_out(void **state)
{
    (void)state;
    test_book b;
    test_world w;
    cb_results r[CB_WINDOWS];
    size_t nth = 1;
    fill(&b, 200, 1);
    test_world_open(&w, &b, T0 + 370 * DAY, NULL, 1);
    /* so many measures that each table of the engine is a block of its own */
    static const cb_measure plain = {
        .name = "plain", .add = toy_count, .state_bytes = sizeof(uint32_t), .finish = toy_counted};
    const cb_measure *table[1000] = {&toys[CB_OVER_CASES], &cb_measure_flow};
    for (size_t i = 2; i + 1 < COUNT_OF(table); i++)
        table[i] = &plain;
    for (bool failed = true; failed; nth += failed) {
        seen_clear(FAIL_NOT);
        failed = test_world_starve(&w, table, "2026-Q3", nth, r);
        CHECK(seen.begun == seen.ended, "call %zu: begun %d, ended %d", nth, seen.begun, seen.ended);
        nth += failed && nth > 20 ? 97 : 0; /* then all measures are alike */
    }
    CHECK(nth > 15, "only %zu calls", nth);
    test_world_close(&w);
}

static void a_signal_stops(void **state)
{
    (void)state;
    test_book b;
    test_world w;
    cb_results r[CB_WINDOWS];
    volatile sig_atomic_t stop = SIGTERM;
    const cb_measure *const table[] = {&cb_measure_flow, NULL};
    fill(&b, 20, 1);
    test_world_open(&w, &b, T0 + 370 * DAY, NULL, 2);
    w.workers.stop = &stop;
    assert_int_equal(test_world_try(&w, table, "2026-Q3", r, NULL), CB_ETERM);
    test_world_close(&w);
}

/* A signal in the middle of a long piece ends it after the span that runs. */
static volatile sig_atomic_t stop_now;

static cb_status stopping_add(void *state, const cb_scope *scope, cb_window_ix ix, const cb_span *span, cb_error *err)
{
    (void)scope;
    (void)ix;
    (void)span;
    (void)err;
    CHECK(++*(int *)state == 1, "add is called after the signal");
    stop_now = SIGINT;
    return CB_OK;
}

static void a_signal_stops_a_long_piece(void **state)
{
    (void)state;
    static const cb_measure stopping = {
        .name = "s", .over = CB_OVER_CASES, .add = stopping_add, .state_bytes = sizeof(int), .finish = toy_finish};
    const cb_measure *const table[] = {&stopping, NULL};
    test_book b;
    test_world w;
    cb_results r[CB_WINDOWS];
    fill(&b, 90000, 1);
    test_world_open(&w, &b, T0 + 370 * DAY, NULL, 1);
    stop_now = 0;
    w.workers.stop = &stop_now;
    assert_int_equal(test_world_try(&w, table, "2026-Q3", r, NULL), CB_EINT);
    test_world_close(&w);
}

/* ---- scope ---- */

static const struct {
    const char *period, *as_of, *before, *year_before; /* as_of is a day; the windows as FROM TO (days, TO included) */
    bool covered, covered_before;
} scopes[] = {
    {"2026-Q3", "2026-10-20", "2026-04-01 2026-06-30", "2025-07-01 2025-09-30", true, true},
    {"2026-Q3", "2026-07-10", "2026-04-01 2026-04-10", "2025-07-01 2025-07-10", true, true},
    {"2026-05-05", "2026-05-05", "2026-05-04 2026-05-04", "2025-05-05 2025-05-05", true, true},
    {"2026-01", "2026-12-31", "2025-12-01 2025-12-31", "2025-01-01 2025-01-31", false, false},
    {"2026-01-04", "2026-12-31", "2026-01-03 2026-01-03", "2025-01-04 2025-01-04", true, false},
    {"2026-02", "2026-12-31", "2026-01-01 2026-01-31", "2025-02-01 2025-02-28", true, false},
};

static int64_t day_of(const char *date)
{
    cb_str text = {date, 10};
    cb_period p;
    cb_zone *utc = NULL;
    assert_int_equal(cb_zone_open(&utc, "UTC", NULL), CB_OK);
    assert_int_equal(cb_period_parse(&p, text, utc, NULL), CB_OK);
    cb_zone_free(utc);
    return p.from_utc_s;
}

static void windows_of_a_scope(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(scopes); i++) {
        test_book b;
        test_world w;
        test_book_init(&b);
        test_case(&b, &(test_case_row){.opened = T0 + 3 * DAY});
        test_case(&b, &(test_case_row){.opened = day_of("2026-04-05")});
        test_case(&b, &(test_case_row){.opened = day_of("2026-06-30")});
        test_world_open(&w, &b, day_of(scopes[i].as_of) + DAY - 1, NULL, 1);
        cb_period p = test_period(&w, scopes[i].period);
        cb_scope_init(&w.scope, w.book, w.settings, w.calendar, w.derived, &p, &w.workers, w.arena);
        const char *const want[] = {scopes[i].before, scopes[i].year_before};
        for (int k = 0; k < 2; k++) {
            const cb_window *got = &w.scope.window[CB_BEFORE + k];
            CHECK(got->period.from_utc_s == day_of(want[k]), "row %zu: window %d begins wrong", i, k);
            CHECK(got->period.to_utc_s == day_of(want[k] + 11) + DAY, "row %zu: window %d ends wrong", i, k);
            cb_slice cases = cb_cases_opened(w.book, got->period.from_utc_s, got->period.to_utc_s);
            CHECK(got->cases.n == cases.n && got->cases.rows == cases.rows, "row %zu: cases", i);
        }
        CHECK(w.scope.covered[CB_NOW] == scopes[i].covered, "row %zu: covered", i);
        CHECK(w.scope.covered[CB_BEFORE] == scopes[i].covered_before, "row %zu: covered before", i);
        test_world_close(&w);
    }
}

/* ---- dimensions ---- */

static void dimensions(void **state)
{
    (void)state;
    test_book b;
    test_world w;
    test_book_init(&b);
    static const char *const team[] = {"west", "east", "east", "north", NULL, "south", "north"};
    for (size_t i = 0; i < COUNT_OF(team); i++)
        test_case(&b, &(test_case_row){.opened = T0, .team = team[i]});
    test_world_open(&w, &b, T0 + DAY, NULL, 1);
    assert_int_equal(cb_dim_groups(w.book, CB_DIM_TEAM), 5);
    assert_int_equal(cb_dim_groups(w.book, CB_DIM_KIND), 1);
    assert_true(cb_dim_present(w.book, CB_DIM_TEAM) && !cb_dim_present(w.book, CB_DIM_KIND));
    assert_int_equal(cb_dim_word(w.book, CB_DIM_KIND, 0), CB_UNKNOWN_ID);
    uint32_t count[5] = {0};
    for (uint32_t row = 0; row < COUNT_OF(team); row++)
        count[cb_dim_word(w.book, CB_DIM_TEAM, row)]++;
    const uint32_t *words = NULL;
    uint32_t n = 0;
    assert_int_equal(cb_dim_ranked(w.book, CB_DIM_TEAM, count, w.arena, &words, &n, NULL), CB_OK);
    static const char *const want[] = {"east", "north", "", "south", "west"};
    assert_int_equal(n, 5);
    for (uint32_t i = 0; i < n; i++)
        CHECK(cb_str_eq(cb_dim_text(w.book, CB_DIM_TEAM, words[i]), cb_str_of(want[i])), "place %u is not %s", i,
              want[i]);
    count[words[0]] = 0;
    assert_int_equal(cb_dim_ranked(w.book, CB_DIM_TEAM, count, w.arena, &words, &n, NULL), CB_OK);
    assert_int_equal(n, 4);
    for (int dim = 0; dim < CB_DIMS; dim++)
        assert_true(cb_dim_names[dim] && cb_dim_titles[dim] &&
                    cb_schemas[CB_CASES].field[cb_dim_fields[dim]].type == CB_TYPE_WORD);
    test_world_close(&w);
}

/* ---- the program's flow and resolution, to the last bit ---- */

static void write_est(cb_buf *to, cb_est e)
{
    assert_int_equal(cb_buf_text(to, "%a %a %a %s\n", e.value, e.low, e.high, e.reason ? e.reason : "-"), CB_OK);
}

static void write_res(cb_buf *to, const cb_res *r)
{
    assert_int_equal(cb_buf_text(to, "%u %u %u %a\n", r->n, r->resolved, r->open, r->tau_h), CB_OK);
    const cb_est est[] = {r->median_h, r->p90_h, r->p95_h, r->restricted_mean_h, r->resolved_only.mean_h,
                          r->resolved_only.median_h, r->resolved_only.p90_h, r->resolved_only.p95_h};
    for (size_t i = 0; i < COUNT_OF(est); i++)
        write_est(to, est[i]);
}

static void write_flow(cb_buf *to, const cb_flow *f)
{
    assert_int_equal(cb_buf_text(to, "%u %u %u %" PRIu64 " %" PRIu64 " %u %u %u %u %" PRIu64 "\n", f->open_at_start,
                                 f->opened, f->open_at_end, f->reopened, f->resolved, f->resolved_for_good,
                                 f->opened_closed_unknown, f->opened_withdrawn, f->cases_reopened,
                                 f->reopened_unplaced),
                     CB_OK);
    for (uint32_t i = 0; i < f->rows; i++)
        assert_int_equal(cb_buf_text(to, "%s %u %u %u %u\n", f->row[i].period.label, f->row[i].open_at_start,
                                     f->row[i].opened, f->row[i].resolved, f->row[i].open_at_end),
                         CB_OK);
    for (uint32_t i = 0; i < f->backlog_rows; i++)
        for (int band = 0; band < CB_AGE_BANDS; band++)
            assert_int_equal(cb_buf_text(to, "%u %u\n", f->backlog[i].priority, f->backlog[i].by_age[band]), CB_OK);
}

static void write_resolution(cb_buf *to, const cb_resolution *r)
{
    write_res(to, &r->hours);
    write_res(to, &r->business_hours);
    write_res(to, &r->first_response_hours);
    for (int dim = 0; dim < CB_DIMS; dim++)
        for (uint32_t g = 0; g < r->by[dim].groups; g++) {
            const cb_res_group *group = &r->by[dim].group[g];
            assert_int_equal(cb_buf_text(to, "%u %u %u\n", group->word, group->cases, group->closed_unknown), CB_OK);
            write_res(to, &group->hours);
            write_est(to, group->business_median_h);
            write_est(to, group->response_median_h);
        }
    for (size_t i = 0; i < r->curve_n; i++)
        assert_int_equal(cb_buf_text(to, "%" PRId64 " %a %a %a\n", r->curve[i].time_s, r->curve[i].survival,
                                     r->curve[i].low, r->curve[i].high),
                         CB_OK);
    for (uint32_t i = 0; i < r->versus_previous.changes; i++)
        assert_int_equal(cb_buf_text(to, "%u %a %a\n", r->versus_previous.change[i].word,
                                     r->versus_previous.change[i].p_value, r->versus_previous.change[i].p_adjusted),
                         CB_OK);
    write_est(to, r->target.share);
}

static void threads_do_not_show(void **state)
{
    (void)state;
    static const unsigned threads[] = {1, 2, 7};
    const cb_measure *const table[] = {&cb_measure_flow, &cb_measure_resolution, NULL};
    test_book b;
    test_world w;
    cb_results r[CB_WINDOWS];
    cb_buf text[COUNT_OF(threads)];
    fill(&b, 60000, 9);
    test_world_open(&w, &b, T0 + 370 * DAY, "[targets]\ndefault = 3d\n", 1);
    for (size_t t = 0; t < COUNT_OF(threads); t++) {
        cb_buf_init(&text[t], cb_alloc_libc(), 1 << 24);
        w.workers.threads = threads[t];
        test_world_run(&w, table, "2026-Q3", r);
        for (int ix = 0; ix < CB_WINDOWS; ix++) {
            write_flow(&text[t], &r[ix].flow);
            write_resolution(&text[t], &r[ix].resolution);
        }
        CHECK(text[t].len == text[0].len && !memcmp(text[t].at, text[0].at, text[0].len),
              "%u threads give other figures", threads[t]);
    }
    assert_true(text[0].len > 4000);
    assert_true(r[CB_NOW].resolution.versus_previous.changes > 0);
    for (size_t t = 0; t < COUNT_OF(threads); t++)
        cb_buf_free(&text[t]);
    test_world_close(&w);
}

static void an_empty_book(void **state)
{
    (void)state;
    const cb_measure *const table[] = {&cb_measure_flow, &cb_measure_resolution, &toys[CB_OVER_CUSTOMERS], NULL};
    test_book b;
    test_world w;
    cb_results r[CB_WINDOWS];
    test_book_init(&b);
    test_world_open(&w, &b, T0, NULL, 4);
    seen_clear(FAIL_NOT);
    test_world_run(&w, table, "2026-Q3", r);
    assert_int_equal(seen.n[CB_NOW], 0);
    assert_int_equal(r[CB_NOW].flow.open_at_end, 0);
    assert_true(!cb_est_ok(r[CB_NOW].resolution.hours.median_h) && r[CB_NOW].resolution.hours.median_h.reason);
    assert_false(w.scope.covered[CB_NOW]);
    test_world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_item_once_in_order), cmocka_unit_test(stages),
        cmocka_unit_test(failures_end_all_states),  cmocka_unit_test(memory_runs_out),
        cmocka_unit_test(a_signal_stops),           cmocka_unit_test(a_signal_stops_a_long_piece),
               cmocka_unit_test(windows_of_a_scope),
        cmocka_unit_test(dimensions),               cmocka_unit_test(threads_do_not_show),
        cmocka_unit_test(an_empty_book),
    };
    cb_stats_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
