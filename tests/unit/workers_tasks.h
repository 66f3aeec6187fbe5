/* workers_tasks.h - what the tests of threads share: numbers of threads to run with, and tasks that
 * overtake each other and are counted. */
#ifndef TESTS_WORKERS_TASKS_H
#define TESTS_WORKERS_TASKS_H

#include "testing.h"

#include <string.h>

#include "casebook/workers.h"

static const unsigned thread_counts[] = {1, 2, 7, 64};

/* Keeps a thread busy for a time that differs from item to item, so that they overtake each other.
 */
static inline uint64_t dawdle(uint64_t item)
{
    uint64_t seed = item;
    uint64_t turns = test_random(&seed) % 4000;
    for (uint64_t i = 0; i < turns; i++)
        (void)test_random(&seed);
    return seed;
}

enum { TASKS = 500 };

typedef struct each_test {
    uint64_t result[TASKS];
    unsigned runs[TASKS];
    const bool *fails;
} each_test;

static inline cb_status run_task(void *ctx, size_t task, cb_error *err)
{
    each_test *t = ctx;
    t->result[task] = dawdle(task);
    t->runs[task]++;
    if (t->fails && t->fails[task])
        return cb_fail(err, CB_EDATA, "task %zu", task);
    return CB_OK;
}

#endif
