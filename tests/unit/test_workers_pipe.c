/* Threads that take, work on and give a stream of chunks: what a run gives must not depend on their
 * number. */
#include "workers_tasks.h"

#include <pthread.h>
#include <stdio.h>

enum { CHUNKS = 400, SLOTS = 64 };
typedef enum stage { TAKE, WORK, GIVE, STAGES } stage;

typedef struct slot {
    size_t chunk;
    uint64_t value;
    bool in_use;
} slot;

typedef struct pipe_test {
    size_t chunks;
    size_t taken, given; /* of take() and give() alone: the pipe lets one thread at a time in */
    size_t value_sum;
    size_t fail_at[STAGES]; /* chunk, SIZE_MAX: none */
    volatile sig_atomic_t stop;
    size_t stop_after; /* take() raises the flag with this chunk; 0: never */
    int stop_value;
    pthread_mutex_t lock;
    unsigned inside[STAGES];
    size_t n_slots;
    const char *wrong; /* what a thread saw go wrong; cmocka can only fail in its own thread */
} pipe_test;

static void enter(pipe_test *t, stage s)
{
    pthread_mutex_lock(&t->lock);
    t->inside[s]++;
    if (s != WORK && t->inside[s] > 1)
        t->wrong = "take() or give() ran twice at a time";
    pthread_mutex_unlock(&t->lock);
}

static void expect(pipe_test *t, bool good, const char *what)
{
    pthread_mutex_lock(&t->lock);
    if (!good)
        t->wrong = what;
    pthread_mutex_unlock(&t->lock);
}

static cb_status leave(pipe_test *t, stage s, size_t chunk, cb_error *err)
{
    static const cb_status status[] = {CB_EIO, CB_EDATA, CB_ENOMEM};
    static const char *const names[] = {"take", "work", "give"};
    pthread_mutex_lock(&t->lock);
    t->inside[s]--;
    pthread_mutex_unlock(&t->lock);
    return t->fail_at[s] == chunk ? cb_fail(err, status[s], "%s %zu", names[s], chunk) : CB_OK;
}

static cb_status take(void *ctx, void *slot_at, bool *end, cb_error *err)
{
    pipe_test *t = ctx;
    slot *s = slot_at;
    if (t->taken == t->chunks) {
        *end = true;
        return CB_OK;
    }
    enter(t, TAKE);
    expect(t, !s->in_use, "a slot was handed out twice");
    *s = (slot){.chunk = t->taken, .in_use = true};
    if (t->stop_after && t->taken == t->stop_after)
        t->stop = t->stop_value;
    cb_status rc = leave(t, TAKE, t->taken, err);
    s->in_use = rc == CB_OK;
    t->taken += rc == CB_OK;
    return rc;
}

static cb_status work(void *ctx, void *slot_at, cb_error *err)
{
    pipe_test *t = ctx;
    slot *s = slot_at;
    enter(t, WORK);
    s->value = dawdle(s->chunk);
    cb_status rc = leave(t, WORK, s->chunk, err);
    s->in_use = rc == CB_OK;
    return rc;
}

static cb_status give(void *ctx, void *slot_at, cb_error *err)
{
    pipe_test *t = ctx;
    slot *s = slot_at;
    enter(t, GIVE);
    expect(t, s->in_use, "a chunk whose work failed was given");
    expect(t, s->chunk == t->given, "a chunk was given out of order");
    expect(t, s->value == dawdle(s->chunk), "a chunk has the work of another");
    cb_status rc = leave(t, GIVE, s->chunk, err);
    t->given += rc == CB_OK;
    s->in_use = false;
    return rc;
}

static cb_status run_pipe(pipe_test *t, unsigned threads, cb_error *err)
{
    static slot slots[SLOTS];
    void *slot_at[SLOTS];
    memset(slots, 0, sizeof slots);
    for (size_t i = 0; i < SLOTS; i++)
        slot_at[i] = &slots[i];
    pthread_mutex_init(&t->lock, NULL);
    cb_workers workers = {.threads = threads, .stop = &t->stop};
    cb_pipe pipe = {.take = take,
                    .work = work,
                    .give = give,
                    .ctx = t,
                    .slots = slot_at,
                    .n_slots = t->n_slots};
    cb_status rc = cb_workers_pipe(&workers, &pipe, err);
    pthread_mutex_destroy(&t->lock);
    CHECK(!t->wrong, "%u threads: %s", threads, t->wrong);
    return rc;
}

static pipe_test new_pipe(size_t chunks)
{
    return (pipe_test){
        .chunks = chunks, .n_slots = SLOTS, .fail_at = {SIZE_MAX, SIZE_MAX, SIZE_MAX}};
}

static void odd_numbers_of_threads(void **state)
{
    (void)state;
    static const unsigned counts[] = {0, CB_MAX_THREADS, CB_MAX_THREADS + 1, 100000};
    for (size_t n = 0; n < COUNT_OF(counts); n++) {
        static each_test t;
        memset(&t, 0, sizeof t);
        cb_workers workers = {.threads = counts[n]};
        assert_int_equal(cb_workers_each(&workers, TASKS, run_task, &t, NULL), CB_OK);
        for (size_t i = 0; i < TASKS; i++)
            CHECK(t.runs[i] == 1, "%u threads: task %zu", counts[n], i);
    }
    assert_true(cb_workers_cores() >= 1);
    pipe_test t = new_pipe(3);
    assert_int_equal(run_pipe(&t, 0, NULL), CB_OK);
    assert_int_equal(t.given, 3);
}

static void chunks_come_in_order(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT_OF(thread_counts); n++)
        for (size_t chunks = 0; chunks <= CHUNKS; chunks += chunks < 5 ? 1 : 79) {
            pipe_test t = new_pipe(chunks);
            t.n_slots = 1 + chunks % SLOTS;
            cb_error err = {0};
            assert_int_equal(run_pipe(&t, thread_counts[n], &err), CB_OK);
            CHECK(t.given == chunks && t.taken == chunks, "%u threads: %zu of %zu",
                  thread_counts[n], t.given, chunks);
        }
}

/* Of all stages' failures the one of the lowest chunk is reported, and exactly the chunks before it
 * are given. */
static void the_lowest_chunk_that_fails_is_reported(void **state)
{
    (void)state;
    static const cb_status status[] = {CB_EIO, CB_EDATA, CB_ENOMEM};
    static const char *const names[] = {"take", "work", "give"};
    uint64_t seed = 8;
    for (int round = 0; round < 150; round++) {
        size_t at[STAGES];
        for (stage s = TAKE; s < STAGES; s++)
            at[s] = test_between(&seed, 0, 3)
                        ? (size_t)test_between(&seed, 0, round % 3 ? CHUNKS : 12)
                        : SIZE_MAX;
        stage first = TAKE; /* of two failures of one chunk, the earlier stage happens */
        for (stage s = WORK; s < STAGES; s++)
            if (at[s] < at[first])
                first = s;
        for (size_t n = 0; n < COUNT_OF(thread_counts); n++) {
            pipe_test t = new_pipe(CHUNKS);
            t.n_slots = round % 2 ? SLOTS : 1 + (size_t)round % 5;
            memcpy(t.fail_at, at, sizeof at);
            cb_error err = {0};
            char want[32] = "";
            bool fails = at[first] < CHUNKS;
            if (fails)
                snprintf(want, sizeof want, "%s %zu", names[first], at[first]);
            cb_status rc = run_pipe(&t, thread_counts[n], &err);
            CHECK(rc == (fails ? status[first] : CB_OK), "%u threads, %s: status %d",
                  thread_counts[n], want, (int)rc);
            CHECK(!strcmp(err.why, want), "%u threads: %s, not %s", thread_counts[n], err.why,
                  want);
            CHECK(t.given == (fails ? at[first] : CHUNKS), "%u threads, %s: %zu given",
                  thread_counts[n], want, t.given);
        }
    }
}

static void the_flag_stops_a_run(void **state)
{
    (void)state;
    static const struct {
        int value;
        cb_status want;
    } rows[] = {{SIGINT, CB_EINT}, {SIGTERM, CB_ETERM}, {SIGHUP, CB_EINT}};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t n = 0; n < COUNT_OF(thread_counts); n++) {
            pipe_test t = new_pipe(CHUNKS);
            t.stop_after = 50;
            t.stop_value = rows[i].value;
            cb_error err = {0};
            assert_int_equal(run_pipe(&t, thread_counts[n], &err), rows[i].want);
            CHECK(t.taken == 51 && t.given == 51, "%u threads: %zu taken, %zu given",
                  thread_counts[n], t.taken, t.given);
            assert_true(strlen(err.why) > 0);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(odd_numbers_of_threads),
        cmocka_unit_test(chunks_come_in_order),
        cmocka_unit_test(the_lowest_chunk_that_fails_is_reported),
        cmocka_unit_test(the_flag_stops_a_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
