/* workers.h - threads whose number never shows in a result.
 *
 * cb_workers_each runs independent tasks, each with a slot of its own for its result. cb_workers_pipe runs a
 * stream of chunks: take() one at a time in order, work() side by side, give() one at a time in the order in which
 * they were taken. Both return the failure of the lowest-numbered task or chunk, so that errors too do not
 * depend on the number of threads. threads == 1 runs in the caller's thread. No thread is alive after the
 * return: the process may fork.
 * cb_workers_lanes runs several sequences of steps side by side, each step a set of independent tasks: what a short sequence has
 * to do fills the time in which a long one has too few tasks for all threads.
 * take() and give() may run at the same time as each other and as work(): what they share in ctx needs a lock, or
 * is split between them. After a failure of chunk k nothing more is taken, and exactly the chunks before k are given.
 * A system that refuses to start a thread gets fewer of them.
 * `stop`, if not NULL, is looked at before each task or chunk; not 0 ends the run with CB_EINT (2) or CB_ETERM (15). */
#ifndef CASEBOOK_WORKERS_H
#define CASEBOOK_WORKERS_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "casebook/status.h"

enum { CB_MAX_THREADS = 256, CB_MAX_LANES = 16, CB_MAX_SLOTS = 2 * CB_MAX_THREADS };

typedef struct cb_workers {
    unsigned threads; /* 1 … CB_MAX_THREADS */
    const volatile sig_atomic_t *stop;
} cb_workers;

// cb_workers_cores returns the number of cores the process may use (at least 1).
unsigned cb_workers_cores(void);

CB_MUST_USE cb_status cb_workers_each(const cb_workers *workers, size_t tasks,
                                      cb_status (*run)(void *ctx, size_t task, cb_error *err), void *ctx, cb_error *err);

/* Items 0 … n - 1 as tasks: each has a range of `each` of them, the last what is left; a task behind the last has none. */
typedef struct cb_range {
    size_t from, to; /* to: behind the last */
} cb_range;
static inline size_t cb_ranges(size_t n, size_t each) { return n / each + (n % each > 0); }
static inline cb_range cb_range_of(size_t n, size_t each, size_t task)
{
    size_t from = task < n / each + 1 ? task * each : n;
    return (cb_range){from, n - from < each ? n : from + each};
}

/* Tasks 0 … tasks - 1 of a step run side by side, once all of the lane's steps before have ended. */
typedef struct cb_lane_step {
    size_t tasks; /* may be 0 */
    cb_status (*run)(void *ctx, size_t task, cb_error *err);
    void *ctx;
} cb_lane_step;

typedef struct cb_lane {
    const cb_lane_step *step;
    size_t steps;
} cb_lane;

// cb_workers_lanes runs all lanes (at most CB_MAX_LANES) to their ends. A free thread takes the next task of the first lane that has one to do: put the
// longest lane first. The failure returned is that of the first lane that fails; lanes before it are run to their ends.
CB_MUST_USE cb_status cb_workers_lanes(const cb_workers *workers, const cb_lane *lanes, size_t n_lanes, cb_error *err);

typedef struct cb_pipe {
    /* each gets one of the slot pointers that the caller made; a chunk keeps its slot from take to give */
    cb_status (*take)(void *ctx, void *slot, bool *end, cb_error *err); /* *end = true: nothing taken, no more */
    cb_status (*work)(void *ctx, void *slot, cb_error *err);
    cb_status (*give)(void *ctx, void *slot, cb_error *err);
    void *ctx;
    void **slots;
    size_t n_slots; /* 1 … CB_MAX_SLOTS; twice the threads: nobody waits */
} cb_pipe;

CB_MUST_USE cb_status cb_workers_pipe(const cb_workers *workers, const cb_pipe *pipe, cb_error *err);

// cb_stop_status turns the value of a stop flag (0, SIGINT, SIGTERM) into CB_OK, CB_EINT or CB_ETERM.
cb_status cb_stop_status(const volatile sig_atomic_t *stop);

#endif
