/* testing.h - what the unit tests share: cmocka with its headers, an allocator that fails on
 * purpose, random numbers that are the same in every run, and checks whose message names the row of
 * the table.
 *
 * CHECK(condition, "row %s: …", name) fails with the message; cmocka 1.1.5 compares floats only, so
 * doubles are compared with CHECK(test_near(got, want, tolerance), …). */
#ifndef TESTS_TESTING_H
#define TESTS_TESTING_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "casebook/alloc.h"

#define COUNT_OF(table) (sizeof(table) / sizeof *(table))
#define CHECK(condition, ...)                                                                      \
    do {                                                                                           \
        if (!(condition))                                                                          \
            fail_msg(__VA_ARGS__);                                                                 \
    } while (0)

/* With DIFFERENCES in the environment a program tells at its end how far the figures that must be
 * equal but for rounding (tolerance of a millionth or less) were from what was wanted. */
static struct {
    uint64_t n;
    double largest; /* |got - want| / max(1, |want|) */
} test_seen;

static inline void test_tell(void)
{
    printf("  %9llu comparisons, largest difference %.1e\n", (unsigned long long)test_seen.n,
           test_seen.largest);
}

static inline void test_see(double got, double want, double tolerance)
{
    double size = fmax(1, fabs(want));
    if (!getenv("DIFFERENCES") || tolerance > 1e-6 * size || !isfinite(want))
        return;
    if (test_seen.n++ == 0)
        (void)atexit(test_tell);
    test_seen.largest = fmax(test_seen.largest, fabs(got - want) / size);
}

static inline bool test_near(double got, double want, double tolerance)
{
    bool near = got == want || (isnan(got) && isnan(want)) || fabs(got - want) <= tolerance;
    if (near)
        test_see(got, want, tolerance);
    return near;
}

/* SplitMix64: the state is the seed. */
static inline uint64_t test_random(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

/* low <= result < high */
static inline int64_t test_between(uint64_t *state, int64_t low, int64_t high)
{
    return low + (int64_t)(test_random(state) % (uint64_t)(high - low));
}

/* The path of a file under data/ in the shared folder (CB_SHARED, else ../shared), which may be
 * absent: then false, with a notice. */
static inline bool test_shared(char path[512], const char *name)
{
    const char *shared = getenv("CB_SHARED");
    (void)snprintf(path, 512, "%s/data/%s", shared && *shared ? shared : "../shared", name);
    if (access(path, R_OK) == 0)
        return true;
    print_message("          skipped: %s is not there\n", path);
    return false;
}

static inline FILE *test_shared_open(const char *name)
{
    char path[512];
    return test_shared(path, name) ? fopen(path, "rb") : NULL;
}

/* An allocator whose call number fail_at (1 is the first) fails, and all later ones too if for_ever
 * is set; fail_at 0 never fails. It counts the bytes that are alive by the sizes its caller states,
 * so that a wrong old_n shows.
 *
 *     test_alloc heap = {.fail_at = n};
 *     cb_alloc alloc = test_alloc_of(&heap);
 *     … CHECK(heap.live_bytes == 0, "leak"); */
typedef struct test_alloc {
    size_t fail_at, calls, failures;
    bool for_ever;
    int64_t live_bytes, live_blocks;
} test_alloc;

static inline void *test_alloc_resize(void *ctx, void *old, size_t old_n, size_t new_n)
{
    test_alloc *heap = ctx;
    if (new_n == 0) {
        if (old) {
            heap->live_bytes -= (int64_t)old_n;
            heap->live_blocks--;
        }
        free(old);
        return NULL;
    }
    heap->calls++;
    if (heap->fail_at &&
        (heap->calls == heap->fail_at || (heap->for_ever && heap->calls > heap->fail_at))) {
        heap->failures++;
        return NULL;
    }
    /* always a new place, so that a pointer kept across growth is found by the sanitizer */
    char *fresh = malloc(new_n);
    if (!fresh)
        return NULL;
    memset(fresh, 0xA5, new_n);
    if (old)
        memcpy(fresh, old, old_n < new_n ? old_n : new_n);
    heap->live_bytes += (int64_t)new_n - (old ? (int64_t)old_n : 0);
    heap->live_blocks += !old;
    free(old);
    return fresh;
}

static inline cb_alloc test_alloc_of(test_alloc *heap)
{
    return (cb_alloc){test_alloc_resize, heap};
}

#endif
