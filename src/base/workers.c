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
    pthread_mutex_t lock;  /* over all below; not held while a task or a stage runs */
    pthread_cond_t turned; /* something has ended */
    cb_status status;      /* of the failure that is told */
    cb_error err;
    struct walk *walk; /* cb_workers_lanes: one a lane */
    size_t n_lanes;
    const cb_pipe *pipe; /* cb_workers_pipe, and the rest */
    struct place *place; /* one a slot */
    size_t next, turn;   /* chunks: the one to take, the one to give */
    bool taking, giving; /* a thread is at it */
    bool ended;          /* take() said so */
    size_t failed_at;    /* the lowest chunk that failed, NONE: none */
} crew;

/* What every crew begins with. */
#define NEW_CREW                                                                                   \
    .lock = PTHREAD_MUTEX_INITIALIZER, .turned = PTHREAD_COND_INITIALIZER, .failed_at = NONE

typedef struct hand {
    crew *crew;
    unsigned number;
    void (*loop)(crew *crew, unsigned number);
    pthread_t thread;
} hand;

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

static cb_status end_crew(crew *c, cb_error *err)
{
    pthread_cond_destroy(&c->turned);
    pthread_mutex_destroy(&c->lock);
    if (c->status == CB_OK)
        return CB_OK;
    return cb_fail(err, c->status, "%s", c->err.status ? c->err.why : cb_status_text(c->status));
}

/* ---- independent tasks: lanes of steps ---- */

/* How far a lane has come. A lane that failed goes no further. */
typedef struct walk {
    const cb_lane *lane;
    size_t step, next, running; /* of the step: the task to start next, tasks under way */
    size_t failed_at;           /* the step's lowest task that failed, NONE: none */
    cb_status status;
    cb_error err;
} walk;

static void next_step(walk *w)
{
    const cb_lane *lane = w->lane;
    while (w->step < lane->steps && w->next == lane->step[w->step].tasks) {
        w->step++;
        w->next = 0;
    }
}

/* The first lane with a task to start, NULL: none now. */
static walk *open_lane(crew *c)
{
    for (size_t i = 0; i < c->n_lanes && c->walk[i].failed_at == NONE; i++) {
        walk *w = &c->walk[i];
        if (w->step < w->lane->steps && w->next < w->lane->step[w->step].tasks)
            return w;
    }
    return NULL;
}

static bool lanes_rest(const crew *c)
{
    for (size_t i = 0; i < c->n_lanes; i++)
        if (c->walk[i].running > 0)
            return false;
    return true;
}

/* The lock is held before and after. */
static void run_task(crew *c, walk *w)
{
    const cb_lane_step *step = &w->lane->step[w->step];
    size_t task = w->next++;
    cb_error why = {0};
    w->running++;
    pthread_mutex_unlock(&c->lock);
    cb_status rc = look_at_stop(c->workers, &why);
    if (rc == CB_OK)
        rc = step->run(step->ctx, task, &why);
    pthread_mutex_lock(&c->lock);
    if (rc != CB_OK && task < w->failed_at) {
        w->failed_at = task;
        w->status = rc;
        w->err = why;
    }
    if (--w->running == 0 && w->failed_at == NONE)
        next_step(w);
    pthread_cond_broadcast(&c->turned);
}

static void lanes_loop(crew *c, unsigned number)
{
    (void)number;
    pthread_mutex_lock(&c->lock);
    for (walk *w; (w = open_lane(c)) || !lanes_rest(c);) {
        if (w)
            run_task(c, w);
        else
            pthread_cond_wait(&c->turned, &c->lock);
    }
    pthread_mutex_unlock(&c->lock);
}

/* No step has use for more hands than it has tasks. */
static unsigned useful_hands(const cb_workers *workers, const cb_lane *lanes, size_t n_lanes)
{
    size_t most = 0;
    for (size_t i = 0; i < n_lanes; i++) {
        size_t widest = 0;
        for (size_t k = 0; k < lanes[i].steps; k++)
            widest = lanes[i].step[k].tasks > widest ? lanes[i].step[k].tasks : widest;
        most += widest;
    }
    unsigned n = workers->threads < most ? workers->threads : (unsigned)most;
    return n ? n : 1;
}

cb_status cb_workers_lanes(const cb_workers *workers, const cb_lane *lanes, size_t n_lanes,
                           cb_error *err)
{
    walk walks[CB_MAX_LANES];
    crew c = {NEW_CREW, .workers = workers, .walk = walks, .n_lanes = n_lanes};
    for (size_t i = 0; i < n_lanes; i++) {
        walks[i] = (walk){.lane = &lanes[i], .failed_at = NONE};
        next_step(&walks[i]);
    }
    run_hands(&c, useful_hands(workers, lanes, n_lanes), lanes_loop);
    for (size_t i = 0; i < n_lanes && c.status == CB_OK; i++) {
        c.status = walks[i].status;
        c.err = walks[i].err;
    }
    return end_crew(&c, err);
}

cb_status cb_workers_each(const cb_workers *workers, size_t tasks,
                          cb_status (*run)(void *ctx, size_t task, cb_error *err), void *ctx,
                          cb_error *err)
{
    cb_lane_step step = {tasks, run, ctx};
    return cb_workers_lanes(workers, &(cb_lane){&step, 1}, 1, err);
}

/* ---- a stream of chunks ---- */

/* A slot and what stands in it. BUSY: a thread has it. */
typedef struct place {
    void *slot;
    enum { FREE, TAKEN, WORKED, BUSY } at;
    size_t chunk; /* unless FREE */
} place;

static place *place_at(const crew *c, int at)
{
    for (size_t i = 0; i < c->pipe->n_slots; i++)
        if ((int)c->place[i].at == at)
            return &c->place[i];
    return NULL;
}

/* The place of the lowest chunk that was taken and not worked on. */
static place *next_to_work(const crew *c)
{
    place *lowest = NULL;
    for (size_t i = 0; i < c->pipe->n_slots; i++)
        if (c->place[i].at == TAKEN && (!lowest || c->place[i].chunk < lowest->chunk))
            lowest = &c->place[i];
    return lowest;
}

static place *next_to_give(const crew *c)
{
    for (size_t i = 0; i < c->pipe->n_slots && !c->giving; i++)
        if (c->place[i].at == WORKED && c->place[i].chunk == c->turn)
            return &c->place[i];
    return NULL;
}

/* Room for a chunk more: as many stand ready at most as there are slots to spare, so that no thread
 * has to wait for another that is taking. */
static place *next_to_take(const crew *c)
{
    size_t ready = 0;
    size_t spare =
        c->pipe->n_slots > c->workers->threads ? c->pipe->n_slots - c->workers->threads : 1;
    if (c->taking || c->ended || c->failed_at != NONE)
        return NULL;
    for (size_t i = 0; i < c->pipe->n_slots; i++)
        ready += c->place[i].at == TAKEN;
    return ready < spare ? place_at(c, FREE) : NULL;
}

static bool pipe_is_empty(const crew *c)
{
    for (size_t i = 0; i < c->pipe->n_slots; i++)
        if (c->place[i].at != FREE)
            return false;
    return c->ended || c->failed_at != NONE;
}

/* A thread lets the others in while it works at a place, and notes what came of it. */
static void leave(crew *c, place *p)
{
    p->at = BUSY;
    pthread_mutex_unlock(&c->lock);
}

static void come_back(crew *c, const place *p, cb_status status, const cb_error *err)
{
    pthread_mutex_lock(&c->lock);
    if (status != CB_OK && p->chunk < c->failed_at) {
        c->failed_at = p->chunk;
        c->status = status;
        c->err = *err;
    }
    pthread_cond_broadcast(&c->turned);
}

/* A failure counts as the failure of the chunk that was to come. */
static void take_chunk(crew *c, place *p)
{
    cb_error why = {0};
    bool end = false;
    c->taking = true;
    p->chunk = c->next;
    leave(c, p);
    cb_status rc = look_at_stop(c->workers, &why);
    if (rc == CB_OK)
        rc = c->pipe->take(c->pipe->ctx, p->slot, &end, &why);
    come_back(c, p, rc, &why);
    c->taking = false;
    c->ended = end;
    p->at = rc == CB_OK && !end ? TAKEN : FREE;
    c->next += p->at == TAKEN;
}

/* From a failure on chunks are only let go. */
static void work_chunk(crew *c, place *p)
{
    cb_error why = {0};
    if (p->chunk < c->failed_at) {
        leave(c, p);
        cb_status rc = c->pipe->work(c->pipe->ctx, p->slot, &why);
        come_back(c, p, rc, &why);
    }
    p->at = WORKED;
}

static void give_chunk(crew *c, place *p)
{
    cb_error why = {0};
    if (p->chunk < c->failed_at) {
        c->giving = true;
        leave(c, p);
        cb_status rc = c->pipe->give(c->pipe->ctx, p->slot, &why);
        come_back(c, p, rc, &why);
        c->giving = false;
    }
    p->at = FREE;
    c->turn++;
}

static void pipe_loop(crew *c, unsigned number)
{
    (void)number;
    pthread_mutex_lock(&c->lock);
    while (!pipe_is_empty(c)) {
        place *p = NULL;
        if ((p = next_to_give(c)))
            give_chunk(c, p);
        else if ((p = next_to_take(c)))
            take_chunk(c, p);
        else if ((p = next_to_work(c)))
            work_chunk(c, p);
        else
            pthread_cond_wait(&c->turned, &c->lock);
    }
    pthread_cond_broadcast(&c->turned);
    pthread_mutex_unlock(&c->lock);
}

cb_status cb_workers_pipe(const cb_workers *workers, const cb_pipe *pipe, cb_error *err)
{
    place places[CB_MAX_SLOTS];
    crew c = {NEW_CREW, .workers = workers, .pipe = pipe, .place = places};
    for (size_t i = 0; i < pipe->n_slots; i++)
        places[i] = (place){.slot = pipe->slots[i]};
    run_hands(&c, workers->threads ? workers->threads : 1, pipe_loop);
    return end_crew(&c, err);
}
