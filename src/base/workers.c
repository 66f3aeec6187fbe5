#include "base/cores.h"
#include "casebook/workers.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_CORES = 65536 };

/* ---- cores ---- */

unsigned cb_cores_of_list(const char *list)
{
    unsigned cores = 0;
    bool more = true;
    while (more && *list >= '0' && *list <= '9') {
        char *end = NULL;
        unsigned long from = strtoul(list, &end, 10);
        unsigned long to = *end == '-' ? strtoul(end + 1, &end, 10) : from;
        if (to >= from && to - from < MAX_CORES)
            cores += (unsigned)(to - from + 1);
        more = *end == ',';
        list = end + 1;
    }
    return cores;
}

unsigned cb_cores_allowed(const char *status_path)
{
    static const char key[] = "Cpus_allowed_list:\t";
    char line[512];
    unsigned cores = 0;
    FILE *status = fopen(status_path, "re");
    if (!status)
        return 0;
    while (!cores && fgets(line, sizeof line, status))
        if (!strncmp(line, key, sizeof key - 1))
            cores = cb_cores_of_list(line + sizeof key - 1);
    fclose(status);
    return cores;
}

unsigned cb_workers_cores(void)
{
    unsigned cores = cb_cores_allowed("/proc/self/status");
    long online = cores ? 0 : sysconf(_SC_NPROCESSORS_ONLN);
    if (online > 0)
        cores = online < MAX_CORES ? (unsigned)online : MAX_CORES;
    return cores ? cores : 1;
}

cb_status cb_stop_status(const volatile sig_atomic_t *stop)
{
    int signal_number = stop ? (int)*stop : 0;
    if (signal_number == 0)
        return CB_OK;
    return signal_number == SIGTERM ? CB_ETERM : CB_EINT;
}

/* ---- what both ways of working share ---- */

#define NONE SIZE_MAX

typedef struct crew {
    const cb_workers *workers;
    pthread_mutex_t lock;   /* over turn, failed_at, status, err; over next in cb_workers_each */
    pthread_cond_t turned;  /* turn has moved */
    pthread_mutex_t taking; /* around take(): over next and ended in cb_workers_pipe */
    size_t next;            /* number of the next task or chunk */
    size_t turn;            /* the chunk whose give() is due */
    bool ended;             /* take() said so */
    size_t failed_at;       /* the lowest number that failed, NONE: none */
    cb_status status;
    cb_error err;        /* sentence of that failure */
    const cb_pipe *pipe; /* of cb_workers_pipe; the rest is of cb_workers_each */
    size_t tasks;
    cb_status (*run)(void *ctx, size_t task, cb_error *err);
    void *ctx;
} crew;

/* What every crew begins with. */
#define NEW_CREW                                                                                   \
    .lock = PTHREAD_MUTEX_INITIALIZER, .turned = PTHREAD_COND_INITIALIZER,                         \
    .taking = PTHREAD_MUTEX_INITIALIZER, .failed_at = NONE

typedef struct hand {
    crew *crew;
    unsigned number;
    void (*loop)(crew *crew, unsigned number);
    pthread_t thread;
} hand;

static bool has_failed(crew *c)
{
    pthread_mutex_lock(&c->lock);
    bool failed = c->failed_at != NONE;
    pthread_mutex_unlock(&c->lock);
    return failed;
}

/* Keeps the failure if it has the lowest number so far. */
static void report(crew *c, size_t number, cb_status status, const cb_error *err)
{
    pthread_mutex_lock(&c->lock);
    if (number < c->failed_at) {
        c->failed_at = number;
        c->status = status;
        c->err = *err;
    }
    pthread_mutex_unlock(&c->lock);
}

static cb_status look_at_stop(const cb_workers *workers, cb_error *err)
{
    cb_status rc = cb_stop_status(workers->stop);
    return rc == CB_OK ? CB_OK : cb_fail(err, rc, "stopped by a signal");
}

static void *start_hand(void *arg)
{
    hand *h = arg;
    h->loop(h->crew, h->number);
    return NULL;
}

/* Signals stay with the caller's thread: a handler runs where the caller expects it. */
static unsigned start_hands(hand *hands, unsigned n)
{
    sigset_t all;
    sigset_t old;
    unsigned started = 1;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &old);
    while (started < n &&
           !pthread_create(&hands[started].thread, NULL, start_hand, &hands[started]))
        started++;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return started;
}

/* The caller is hand 0. A system that refuses a thread gets fewer of them: only speed depends on
 * it. */
static void run_hands(crew *c, unsigned n, void (*loop)(crew *, unsigned))
{
    hand hands[CB_MAX_THREADS];
    if (n > CB_MAX_THREADS)
        n = CB_MAX_THREADS;
    for (unsigned i = 0; i < n; i++)
        hands[i] = (hand){.crew = c, .number = i, .loop = loop};
    unsigned started = n > 1 ? start_hands(hands, n) : 1;
    loop(c, 0);
    for (unsigned i = 1; i < started; i++)
        pthread_join(hands[i].thread, NULL);
}

static cb_status work_together(crew *c, unsigned n, void (*loop)(crew *, unsigned), cb_error *err)
{
    run_hands(c, n, loop);
    pthread_cond_destroy(&c->turned);
    pthread_mutex_destroy(&c->taking);
    pthread_mutex_destroy(&c->lock);
    if (c->status == CB_OK)
        return CB_OK;
    return cb_fail(err, c->status, "%s", c->err.status ? c->err.why : cb_status_text(c->status));
}

/* ---- independent tasks ---- */

/* Tasks are handed out in order, so that whatever is below a failure was started and will report
 * too. */
static bool next_task(crew *c, size_t *task)
{
    pthread_mutex_lock(&c->lock);
    bool more = c->next < c->tasks && c->failed_at == NONE;
    if (more)
        *task = c->next++;
    pthread_mutex_unlock(&c->lock);
    return more;
}

static void each_loop(crew *c, unsigned number)
{
    (void)number;
    for (size_t task; next_task(c, &task);) {
        cb_error why = {0};
        cb_status rc = look_at_stop(c->workers, &why);
        if (rc == CB_OK)
            rc = c->run(c->ctx, task, &why);
        if (rc != CB_OK)
            report(c, task, rc, &why);
    }
}

cb_status cb_workers_each(const cb_workers *workers, size_t tasks,
                          cb_status (*run)(void *ctx, size_t task, cb_error *err), void *ctx,
                          cb_error *err)
{
    crew c = {NEW_CREW, .workers = workers, .tasks = tasks, .run = run, .ctx = ctx};
    unsigned n = workers->threads < tasks ? workers->threads : (unsigned)tasks;
    return work_together(&c, n ? n : 1, each_loop, err);
}

/* ---- a stream of chunks ---- */

/* Takes a chunk into slot; false: no more. A failure counts as the failure of the chunk that was to
 * come. */
static bool take_chunk(crew *c, void *slot, size_t *chunk)
{
    cb_error why = {0};
    bool end = false;
    bool taken = false;
    pthread_mutex_lock(&c->taking);
    if (!c->ended && !has_failed(c)) {
        cb_status rc = look_at_stop(c->workers, &why);
        if (rc == CB_OK)
            rc = c->pipe->take(c->pipe->ctx, slot, &end, &why);
        *chunk = c->next;
        taken = rc == CB_OK && !end;
        c->ended = !taken;
        c->next += taken;
        if (rc != CB_OK)
            report(c, *chunk, rc, &why);
    }
    pthread_mutex_unlock(&c->taking);
    return taken;
}

/* Waits for the chunk's turn; true if no chunk up to it has failed. */
static bool wait_turn(crew *c, size_t chunk)
{
    pthread_mutex_lock(&c->lock);
    while (c->turn != chunk)
        pthread_cond_wait(&c->turned, &c->lock);
    bool good = chunk < c->failed_at;
    pthread_mutex_unlock(&c->lock);
    return good;
}

static void end_turn(crew *c)
{
    pthread_mutex_lock(&c->lock);
    c->turn++;
    pthread_cond_broadcast(&c->turned);
    pthread_mutex_unlock(&c->lock);
}

static void pipe_loop(crew *c, unsigned number)
{
    const cb_pipe *pipe = c->pipe;
    void *slot = pipe->slots[number];
    for (size_t chunk; take_chunk(c, slot, &chunk);) {
        cb_error why = {0};
        cb_status rc = pipe->work(pipe->ctx, slot, &why);
        if (rc != CB_OK)
            report(c, chunk, rc, &why);
        if (wait_turn(c, chunk)) {
            rc = pipe->give(pipe->ctx, slot, &why);
            if (rc != CB_OK)
                report(c, chunk, rc, &why);
        }
        end_turn(c);
    }
}

cb_status cb_workers_pipe(const cb_workers *workers, const cb_pipe *pipe, cb_error *err)
{
    crew c = {NEW_CREW, .workers = workers, .pipe = pipe};
    return work_together(&c, workers->threads ? workers->threads : 1, pipe_loop, err);
}
