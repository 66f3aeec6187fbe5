/* The engine: toy measures that record what they were given, and failures at every step. */
#include "measures_book.h"

#include <pthread.h>

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

static cb_status toy_add(void *state, const cb_scope *scope, cb_window_ix ix, const cb_span *span,
                         cb_error *err)
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

static cb_status toy_finish(void *state, const cb_scope *scope, cb_window_ix ix, cb_results *out,
                            cb_error *err)
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
        all = all && out[ix].flow.row &&
              *(const uint32_t *)(const void *)out[ix].flow.row == seen.n[ix];
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

#define TOY(over_what)                                                                             \
    {                                                                                              \
        .name = "toy", .over = over_what, .state_bytes = sizeof(toy_state), .begin = toy_begin,    \
        .add = toy_add, .merge = toy_merge, .finish = toy_finish, .compare = toy_compare,          \
        .end = toy_end                                                                             \
    }
static const cb_measure toys[] = {
    [CB_OVER_OPENED] = TOY(CB_OVER_OPENED),
    [CB_OVER_CASES] = TOY(CB_OVER_CASES),
    [CB_OVER_CUSTOMERS] = TOY(CB_OVER_CUSTOMERS),
    [CB_OVER_REVIEWS] = TOY(CB_OVER_REVIEWS),
};

/* The definition: one state, all items in order. */
static void want_digest(const test_world *w, cb_over over, cb_window_ix ix, uint64_t *digest,
                        uint32_t *n)
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
                      "over %d, %u threads, window %d: %u items, not %u", over, threads[t], ix,
                      seen.n[ix], n);
            }
            CHECK(seen.begun == seen.ended && seen.begun >= CB_WINDOWS, "begun %d, ended %d",
                  seen.begun, seen.ended);
            CHECK(seen.finished == CB_WINDOWS && seen.compared == 1 && seen.compare_saw_all,
                  "compare");
            if (over == CB_OVER_CASES)
                CHECK(seen.begun == CB_WINDOWS * (int)threads[t] && seen.spans[0] >= 2,
                      "pieces %d, spans %u", seen.begun, seen.spans[0]);
        }
    test_world_close(&w);
}

/* ---- stages, only_now, measures that are all finish ---- */

static cb_status early_finish(void *state, const cb_scope *scope, cb_window_ix ix, cb_results *out,
                              cb_error *err)
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

static cb_status late_finish(void *state, const cb_scope *scope, cb_window_ix ix, cb_results *out,
                             cb_error *err)
{
    (void)state;
    (void)scope;
    (void)err;
    pthread_mutex_lock(&seen.lock);
    seen.finished_at_stage[1]++;
    seen.later_saw_earlier =
        out->flow.opened == 42 && ix == CB_NOW && seen.finished_at_stage[0] == CB_WINDOWS;
    pthread_mutex_unlock(&seen.lock);
    out->flow.open_at_end = 7;
    return CB_OK;
}

static void stages(void **state)
{
    (void)state;
    static const cb_measure late = {
        .name = "late", .stage = 2, .only_now = true, .finish = late_finish};
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
                CHECK(rc == CB_EDATA && !strcmp(err.why, want), "step %d, %u threads: %s", fail_at,
                      threads, err.why);
            }
            CHECK(seen.begun == seen.ended, "step %d: begun %d, ended %d", fail_at, seen.begun,
                  seen.ended);
        }
    test_world_close(&w);
}

/* Without a merge all items go to one state. */
static cb_status toy_count(void *state, const cb_scope *scope, cb_window_ix ix, const cb_span *span,
                           cb_error *err)
{
    (void)scope;
    (void)ix;
    (void)err;
    *(uint32_t *)state += span->n;
    return CB_OK;
}

static cb_status toy_counted(void *state, const cb_scope *scope, cb_window_ix ix, cb_results *out,
                             cb_error *err)
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
        CHECK(seen.begun == seen.ended, "call %zu: begun %d, ended %d", nth, seen.begun,
              seen.ended);
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

static cb_status stopping_add(void *state, const cb_scope *scope, cb_window_ix ix,
                              const cb_span *span, cb_error *err)
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
    static const cb_measure stopping = {.name = "s",
                                        .over = CB_OVER_CASES,
                                        .add = stopping_add,
                                        .state_bytes = sizeof(int),
                                        .finish = toy_finish};
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

static void an_empty_book(void **state)
{
    (void)state;
    const cb_measure *const table[] = {&cb_measure_flow, &cb_measure_resolution,
                                       &toys[CB_OVER_CUSTOMERS], NULL};
    test_book b;
    test_world w;
    cb_results r[CB_WINDOWS];
    test_book_init(&b);
    test_world_open(&w, &b, T0, NULL, 4);
    seen_clear(FAIL_NOT);
    test_world_run(&w, table, "2026-Q3", r);
    assert_int_equal(seen.n[CB_NOW], 0);
    assert_int_equal(r[CB_NOW].flow.open_at_end, 0);
    assert_true(!cb_est_ok(r[CB_NOW].resolution.hours.median_h) &&
                r[CB_NOW].resolution.hours.median_h.reason);
    assert_false(w.scope.covered[CB_NOW]);
    test_world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_item_once_in_order),
        cmocka_unit_test(stages),
        cmocka_unit_test(failures_end_all_states),
        cmocka_unit_test(memory_runs_out),
        cmocka_unit_test(a_signal_stops),
        cmocka_unit_test(a_signal_stops_a_long_piece),
        cmocka_unit_test(an_empty_book),
    };
    cb_stats_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
