/* Threads. What a run gives must not depend on their number: every table is run with 1, 2, 7 and
 * more of them. */
#include "workers_tasks.h"

#include <pthread.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cores.h"

/* ---- independent tasks ---- */

static void every_task_runs_once(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT_OF(thread_counts); n++)
        for (size_t tasks = 0; tasks <= TASKS; tasks += tasks < 10 ? 1 : 245) {
            static each_test t;
            memset(&t, 0, sizeof t);
            cb_workers workers = {.threads = thread_counts[n]};
            cb_error err = {0};
            assert_int_equal(cb_workers_each(&workers, tasks, run_task, &t, &err), CB_OK);
            for (size_t i = 0; i < TASKS; i++) {
                CHECK(t.runs[i] == (i < tasks), "%u threads, task %zu of %zu ran %u times",
                      thread_counts[n], i, tasks, t.runs[i]);
                CHECK(i >= tasks || t.result[i] == dawdle(i), "%u threads, task %zu",
                      thread_counts[n], i);
            }
        }
}

static void the_lowest_failure_is_reported(void **state)
{
    (void)state;
    uint64_t seed = 4;
    for (int round = 0; round < 60; round++)
        for (size_t n = 0; n < COUNT_OF(thread_counts); n++) {
            static bool fails[TASKS];
            static each_test t;
            memset(&t, 0, sizeof t);
            memset(fails, 0, sizeof fails);
            t.fails = fails;
            size_t lowest = TASKS;
            for (int i = 0; i < 5; i++) {
                size_t at = (size_t)test_between(&seed, 0, round % 2 ? TASKS : 20);
                fails[at] = true;
                lowest = at < lowest ? at : lowest;
            }
            cb_workers workers = {.threads = thread_counts[n]};
            cb_error err = {0};
            char want[32];
            snprintf(want, sizeof want, "task %zu", lowest);
            assert_int_equal(cb_workers_each(&workers, TASKS, run_task, &t, &err), CB_EDATA);
            CHECK(err.status == CB_EDATA && !strcmp(err.why, want), "%u threads: %s, not %s",
                  thread_counts[n], err.why, want);
            for (size_t i = 0; i <= lowest; i++)
                CHECK(t.runs[i] == 1, "%u threads: task %zu below %zu was left out",
                      thread_counts[n], i, lowest);
        }
}

static cb_status fail_silently(void *ctx, size_t task, cb_error *err)
{
    (void)ctx;
    (void)err;
    return task == 3 ? CB_EIO : CB_OK;
}

static void a_failure_without_a_sentence_gets_one(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT_OF(thread_counts); n++) {
        cb_workers workers = {.threads = thread_counts[n]};
        cb_error err = {0};
        assert_int_equal(cb_workers_each(&workers, 10, fail_silently, NULL, &err), CB_EIO);
        assert_string_equal(err.why, cb_status_text(CB_EIO));
        assert_int_equal(cb_workers_each(&workers, 10, fail_silently, NULL, NULL), CB_EIO);
    }
}

/* Every item is in one range, ranges follow one another, and no range is longer than it may be. */
static void ranges_cover_all(void **state)
{
    (void)state;
    for (size_t n = 0; n < 40; n++)
        for (size_t each = 1; each < 45; each++) {
            size_t at = 0, tasks = cb_ranges(n, each);
            for (size_t task = 0; task < tasks; task++) {
                cb_range r = cb_range_of(n, each, task);
                CHECK(r.from == at && r.to > at && r.to - at <= each, "%zu by %zu: task %zu", n,
                      each, task);
                at = r.to;
            }
            assert_int_equal(at, n);
            for (size_t behind = tasks; behind < tasks + 3; behind++) {
                cb_range none = cb_range_of(n, each, behind);
                CHECK(none.from == none.to, "%zu by %zu: task %zu is empty", n, each, behind);
            }
        }
}

static void a_flag_that_is_up_lets_nothing_begin(void **state)
{
    (void)state;
    volatile sig_atomic_t stop = SIGTERM;
    for (size_t n = 0; n < COUNT_OF(thread_counts); n++) {
        static each_test t;
        memset(&t, 0, sizeof t);
        cb_workers workers = {.threads = thread_counts[n], .stop = &stop};
        assert_int_equal(cb_workers_each(&workers, TASKS, run_task, &t, NULL), CB_ETERM);
        for (size_t i = 0; i < TASKS; i++)
            CHECK(t.runs[i] == 0, "%u threads: task %zu ran", thread_counts[n], i);
        assert_int_equal(cb_workers_each(&workers, 0, run_task, &t, NULL), CB_OK);
    }
    assert_int_equal(cb_stop_status(NULL), CB_OK);
    assert_int_equal(cb_stop_status(&stop), CB_ETERM);
    stop = SIGINT;
    assert_int_equal(cb_stop_status(&stop), CB_EINT);
    stop = 0;
    assert_int_equal(cb_stop_status(&stop), CB_OK);
}

/* ---- lanes ---- */

enum { LANES = 3, STEPS = 4, MOST_TASKS = 40 };

/* Task t of step k of lane i sets done[i][k][t], having seen the whole step before it done. */
typedef struct lane_test {
    pthread_mutex_t lock;
    size_t tasks[LANES][STEPS];
    unsigned done[LANES][STEPS][MOST_TASKS];
    bool too_soon;
    int fails_in[LANES]; /* the step whose last two tasks fail, -1: none */
} lane_test;

typedef struct lane_step_test {
    lane_test *test;
    size_t lane, step;
} lane_step_test;

static cb_status lane_task(void *ctx, size_t task, cb_error *err)
{
    const lane_step_test *s = ctx;
    lane_test *t = s->test;
    (void)dawdle(s->lane * 1000 + s->step * 100 + task);
    pthread_mutex_lock(&t->lock);
    for (size_t k = 0; k < s->step; k++)
        for (size_t i = 0; i < t->tasks[s->lane][k]; i++)
            t->too_soon |= t->done[s->lane][k][i] != 1;
    t->done[s->lane][s->step][task]++;
    bool fails = t->fails_in[s->lane] == (int)s->step && task + 2 >= t->tasks[s->lane][s->step];
    pthread_mutex_unlock(&t->lock);
    return fails ? cb_fail(err, CB_EDATA, "lane %zu step %zu task %zu", s->lane, s->step, task)
                 : CB_OK;
}

static cb_status run_lanes(lane_test *t, unsigned threads, cb_error *err)
{
    lane_step_test ctx[LANES][STEPS];
    cb_lane_step steps[LANES][STEPS];
    cb_lane lanes[LANES];
    for (size_t i = 0; i < LANES; i++) {
        for (size_t k = 0; k < STEPS; k++) {
            ctx[i][k] = (lane_step_test){t, i, k};
            steps[i][k] = (cb_lane_step){t->tasks[i][k], lane_task, &ctx[i][k]};
        }
        lanes[i] = (cb_lane){steps[i], STEPS};
    }
    memset(t->done, 0, sizeof t->done);
    t->too_soon = false;
    pthread_mutex_init(&t->lock, NULL);
    cb_status rc = cb_workers_lanes(&(cb_workers){.threads = threads}, lanes, LANES, err);
    pthread_mutex_destroy(&t->lock);
    CHECK(!t->too_soon, "%u threads: a task ran before the step before it had ended", threads);
    return rc;
}

static lane_test random_lanes(uint64_t *seed)
{
    lane_test t = {.fails_in = {-1, -1, -1}};
    for (size_t i = 0; i < LANES; i++)
        for (size_t k = 0; k < STEPS; k++)
            t.tasks[i][k] = (size_t)test_between(seed, 0, MOST_TASKS);
    return t;
}

static void expect_done(const lane_test *t, size_t lane, size_t steps)
{
    for (size_t k = 0; k < steps; k++)
        for (size_t i = 0; i < MOST_TASKS; i++)
            CHECK(t->done[lane][k][i] == (i < t->tasks[lane][k]), "lane %zu step %zu task %zu: %u",
                  lane, k, i, t->done[lane][k][i]);
}

static void lanes_keep_the_order_of_their_steps(void **state)
{
    (void)state;
    uint64_t seed = 12;
    for (int round = 0; round < 20; round++) {
        lane_test t = random_lanes(&seed);
        for (size_t n = 0; n < COUNT_OF(thread_counts); n++) {
            cb_error err = {0};
            assert_int_equal(run_lanes(&t, thread_counts[n], &err), CB_OK);
            for (size_t i = 0; i < LANES; i++)
                expect_done(&t, i, STEPS);
        }
    }
    assert_int_equal(cb_workers_lanes(&(cb_workers){.threads = 2}, NULL, 0, NULL), CB_OK);
}

/* The first lane that fails is told, with its lowest task; what lies before it is done, its later
 * steps are not. */
static void the_first_lane_that_fails_is_told(void **state)
{
    (void)state;
    uint64_t seed = 13;
    for (int round = 0; round < 40; round++) {
        lane_test t = random_lanes(&seed);
        size_t first = (size_t)test_between(&seed, 0, LANES - 1);
        size_t step = (size_t)test_between(&seed, 0, STEPS - 1);
        t.tasks[first][step] += 2;
        if (t.tasks[first][step] > MOST_TASKS)
            t.tasks[first][step] = MOST_TASKS;
        t.fails_in[first] = (int)step;
        for (size_t i = first + 1; i < LANES; i++)
            t.fails_in[i] = (int)test_between(&seed, 0, STEPS - 1);
        char want[64];
        snprintf(want, sizeof want, "lane %zu step %zu task %zu", first, step,
                 t.tasks[first][step] - 2);
        for (size_t n = 0; n < COUNT_OF(thread_counts); n++) {
            cb_error err = {0};
            assert_int_equal(run_lanes(&t, thread_counts[n], &err), CB_EDATA);
            CHECK(!strcmp(err.why, want), "%u threads: %s, not %s", thread_counts[n], err.why,
                  want);
            for (size_t i = 0; i < first; i++)
                expect_done(&t, i, STEPS);
            expect_done(&t, first, step);
            for (size_t k = step + 1; k < STEPS; k++)
                for (size_t i = 0; i < MOST_TASKS; i++)
                    CHECK(t.done[first][k][i] == 0, "lane %zu went on to step %zu", first, k);
        }
    }
}

/* ---- threads really run, and side by side ---- */

typedef struct meeting {
    pthread_mutex_t lock;
    pthread_cond_t all_here;
    unsigned here, wanted;
} meeting;

/* Waits until as many tasks as threads are at work at the same time (or ten seconds have gone). */
static cb_status meet(void *ctx, size_t task, cb_error *err)
{
    meeting *m = ctx;
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 10;
    pthread_mutex_lock(&m->lock);
    m->here++;
    pthread_cond_broadcast(&m->all_here);
    int rc = 0;
    while (m->here < m->wanted && rc == 0)
        rc = pthread_cond_timedwait(&m->all_here, &m->lock, &until);
    pthread_mutex_unlock(&m->lock);
    return rc ? cb_fail(err, CB_EBUSY, "task %zu waited in vain", task) : CB_OK;
}

static void tasks_run_side_by_side(void **state)
{
    (void)state;
    for (unsigned threads = 2; threads <= 16; threads *= 2) {
        meeting m = {.wanted = threads};
        pthread_mutex_init(&m.lock, NULL);
        pthread_cond_init(&m.all_here, NULL);
        cb_workers workers = {.threads = threads};
        cb_error err = {0};
        cb_status rc = cb_workers_each(&workers, threads, meet, &m, &err);
        CHECK(rc == CB_OK, "%u threads: %s", threads, err.why);
        pthread_cond_destroy(&m.all_here);
        pthread_mutex_destroy(&m.lock);
    }
}

/* Two tasks fail, in either order of time. */
typedef struct duel {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    unsigned here;
    bool first_is_out;
    size_t first;
} duel;

static cb_status fail_in_turn(void *ctx, size_t task, cb_error *err)
{
    duel *d = ctx;
    pthread_mutex_lock(&d->lock);
    d->here++;
    pthread_cond_broadcast(&d->moved);
    while (d->here < 2 || (task != d->first && !d->first_is_out))
        pthread_cond_wait(&d->moved, &d->lock);
    d->first_is_out = true;
    pthread_cond_broadcast(&d->moved);
    pthread_mutex_unlock(&d->lock);
    if (task != d->first)
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL); /* let the first one report */
    return cb_fail(err, CB_EDATA, "task %zu", task);
}

static void the_lower_failure_wins_in_any_order(void **state)
{
    (void)state;
    for (size_t first = 0; first < 2; first++) {
        duel d = {
            .lock = PTHREAD_MUTEX_INITIALIZER, .moved = PTHREAD_COND_INITIALIZER, .first = first};
        cb_workers workers = {.threads = 2};
        cb_error err = {0};
        assert_int_equal(cb_workers_each(&workers, 2, fail_in_turn, &d, &err), CB_EDATA);
        assert_string_equal(err.why, "task 0");
    }
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

#ifndef SANITIZED
/* In a child whose address space has room for few stacks: 0 if all tasks ran all the same. */
static int run_in_little_room(void)
{
    static each_test t;
    struct rlimit room = {64 << 20, 64 << 20};
    cb_workers workers = {.threads = CB_MAX_THREADS};
    if (setrlimit(RLIMIT_AS, &room))
        return 2;
    if (cb_workers_each(&workers, TASKS, run_task, &t, NULL) != CB_OK)
        return 3;
    for (size_t i = 0; i < TASKS; i++)
        if (t.runs[i] != 1)
            return 4;
    return 0;
}
#endif

static void fewer_threads_than_asked_for_will_do(void **state)
{
    (void)state;
#ifdef SANITIZED
    print_message("skipped: a sanitizer needs the address space\n");
#else
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        exit(run_in_little_room());
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "child: %d", status);
#endif
}

/* Signals stay with the caller's thread. */
static cb_status look_at_mask(void *ctx, size_t task, cb_error *err)
{
    pthread_t *caller = ctx;
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    bool blocked = sigismember(&mask, SIGTERM) == 1 && sigismember(&mask, SIGINT) == 1;
    bool is_caller = pthread_equal(*caller, pthread_self());
    (void)dawdle(task);
    return blocked == is_caller ? cb_fail(err, CB_EDATA, "task %zu", task) : CB_OK;
}

static void signals_stay_with_the_caller(void **state)
{
    (void)state;
    pthread_t self = pthread_self();
    cb_workers workers = {.threads = 7};
    cb_error err = {0};
    CHECK(cb_workers_each(&workers, 2000, look_at_mask, &self, &err) == CB_OK, "%s", err.why);
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    assert_int_equal(sigismember(&mask, SIGTERM), 0);
}

/* ---- cores ---- */

static void cores_are_counted(void **state)
{
    (void)state;
    static const struct {
        const char *list;
        unsigned want;
    } rows[] = {{"0", 1},   {"0-3\n", 4}, {"0-3,8,10-11\n", 7}, {"", 0},   {"x", 0},
                {"5-2", 0}, {"1,", 1},    {"1,,2", 1},          {"3-", 0}, {"0-99999999", 0},
                {"7:8", 1}, {"2-2", 1}};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        CHECK(cb_cores_of_list(rows[i].list) == rows[i].want, "%s: %u", rows[i].list,
              cb_cores_of_list(rows[i].list));
    char path[] = "/tmp/casebook-status-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(cb_cores_allowed(path), 0);
    static const char text[] =
        "Name:\tx\nCpus_allowed:\tff\nCpus_allowed_list:\t0-2,5\nMems_allowed_list:\t0\n";
    assert_int_equal(write(fd, text, sizeof text - 1), sizeof text - 1);
    close(fd);
    assert_int_equal(cb_cores_allowed(path), 4);
    remove(path);
    assert_int_equal(cb_cores_allowed(path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_task_runs_once),
        cmocka_unit_test(the_lowest_failure_is_reported),
        cmocka_unit_test(a_failure_without_a_sentence_gets_one),
        cmocka_unit_test(ranges_cover_all),
        cmocka_unit_test(lanes_keep_the_order_of_their_steps),
        cmocka_unit_test(the_first_lane_that_fails_is_told),
        cmocka_unit_test(cores_are_counted),
        cmocka_unit_test(the_lower_failure_wins_in_any_order),
        cmocka_unit_test(fewer_threads_than_asked_for_will_do),
        cmocka_unit_test(a_flag_that_is_up_lets_nothing_begin),
        cmocka_unit_test(tasks_run_side_by_side),
        cmocka_unit_test(signals_stay_with_the_caller),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
