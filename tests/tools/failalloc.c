/* failalloc.c - an LD_PRELOAD shim under which one allocation fails, or all from one on.
 *
 *   FAILALLOC_COUNTS=FILE  counts allocations of the first process and of its children into FILE, 8-byte integers by process
 *   FAILALLOC_PROCESS=P    0: the process that was started; 1, 2, …: its first, second, … child
 *   FAILALLOC_AT=N         its N-th allocation fails (from 1; none if absent), FAILALLOC_FOREVER=1: and all that follow
 *
 * malloc, calloc, realloc, reallocarray, aligned_alloc, posix_memalign and memalign count, as well when a library calls them.
 * free, and realloc to size 0, never fail. Needs glibc, whose __libc_ functions do the work.
 *
 * Build: cc -shared -fPIC -O2 -o failalloc.so failalloc.c */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PROCESSES = 64 };

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static _Atomic uint64_t spare[PROCESSES];
static _Atomic uint64_t *counts = spare;
static unsigned process, forks;
static uint64_t fail_process = UINT64_MAX, fail_at;
static bool fail_forever;

static void in_parent(void)
{
    forks++;
}

static void in_child(void)
{
    process = ++forks < PROCESSES ? forks : PROCESSES - 1;
}

static uint64_t number_of(const char *name, uint64_t absent)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 10) : absent;
}

/* Shared with the children, so that the counts of those that end by _exit or a signal are kept. */
static void share_counts(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return;
    if (ftruncate(fd, sizeof spare) == 0) {
        void *map = mmap(NULL, sizeof spare, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (map != MAP_FAILED)
            counts = map;
    }
    close(fd);
}

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("FAILALLOC_COUNTS");
    if (path)
        share_counts(path);
    pthread_atfork(NULL, in_parent, in_child);
    fail_forever = number_of("FAILALLOC_FOREVER", 0) != 0;
    fail_process = number_of("FAILALLOC_PROCESS", 0);
    fail_at = number_of("FAILALLOC_AT", 0);
}

static bool fails(void)
{
    uint64_t n = atomic_fetch_add(&counts[process], 1) + 1;
    bool now = fail_at > 0 && process == fail_process && (n == fail_at || (fail_forever && n > fail_at));
    if (now)
        errno = ENOMEM;
    return now;
}

void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    return fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
    return size > 0 && fails() ? NULL : __libc_realloc(old, size);
}

void *reallocarray(void *old, size_t n, size_t size)
{
    size_t all = 0;
    if (__builtin_mul_overflow(n, size, &all)) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(old, all);
}

void *memalign(size_t alignment, size_t size)
{
    return fails() ? NULL : __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    void *got = fails() ? NULL : __libc_memalign(alignment, size);
    if (got)
        *out = got;
    return got ? 0 : ENOMEM;
}
