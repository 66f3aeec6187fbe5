#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "publish/publish_parts.h"

enum { LOOK_MS = 100 };

/* What the child says before it ends; shorter than PIPE_BUF, so that it comes whole or not at all.
 */
typedef struct last_word {
    cb_status status;
    char why[CB_MAX_WHY];
} last_word;

typedef struct job {
    cb_publish *publish;
    const staged *entry;
    const char *path; /* of the file that the child writes or reads */
    cb_status (*write)(void *ctx, const char *path, const char *tmp_dir, cb_error *err);
    cb_status (*verify)(void *ctx, const char *path, cb_error *err);
    bool reading; /* false: the writer's turn */
    void *ctx;
    cb_error *err;
} job;

static void die_with(pid_t parent)
{
#ifdef __linux__
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    if (getppid() != parent)
        _exit(1);
}

/* The library prints warnings; in a cron job they would be mail. */
static void be_silent(void)
{
    int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)dup2(fd, STDOUT_FILENO);
    (void)dup2(fd, STDERR_FILENO);
    (void)close(fd);
}

/* A build that measures coverage (-DCB_COVERAGE) loses the counts of a process that ends by _exit.
 */
static void end_child(int status)
{
#ifdef CB_COVERAGE
    extern void __gcov_dump(void);
    __gcov_dump();
#endif
    _exit(status);
}

static void run_child(const job *work, int to_parent, pid_t parent)
{
    struct sigaction default_action = {.sa_handler = SIG_DFL};
    cb_error error = {.status = CB_OK};
    last_word word = {.status = CB_EIO};
    (void)sigemptyset(&default_action.sa_mask);
    (void)sigaction(SIGINT, &default_action, NULL);
    (void)sigaction(SIGTERM, &default_action, NULL);
    die_with(parent);
    be_silent();
    (void)close(work->publish->lock_fd); /* the lock is the parent's alone */
    /* where a library cannot use the stage, it looks here: what it leaves behind is swept, too */
    (void)setenv("TMPDIR", work->publish->stage.at, 1);
    if (work->reading)
        word.status = work->verify(work->ctx, work->path, &error);
    else
        word.status = work->write(work->ctx, work->path, work->publish->stage.at, &error);
    (void)snprintf(word.why, sizeof word.why, "%s", error.why);
    bool said = write(to_parent, &word, sizeof word) == (ssize_t)sizeof word;
    end_child(said && word.status == CB_OK ? 0 : 1);
}

/* Reads until the child's end of the pipe is closed, which is when it ended; true if its last word
 * came whole. */
static bool listen_to(const job *work, int from_child, pid_t child, last_word *word, cb_status *rc)
{
    size_t got = 0;
    for (;;) {
        struct pollfd look = {.fd = from_child, .events = POLLIN};
        if (*rc == CB_OK && (*rc = cb_publish_stopped(work->publish, work->err)) != CB_OK)
            (void)kill(child, SIGKILL);
        int ready = poll(&look, 1, LOOK_MS);
        if (ready == 0 || (ready < 0 && errno == EINTR))
            continue;
        ssize_t n = ready < 0 ? -1 : read(from_child, (char *)word + got, sizeof *word - got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return got == sizeof *word;
        got += (size_t)n;
        if (got == sizeof *word)
            return true;
    }
}

static cb_status judge(const job *work, int status, bool heard, const last_word *word)
{
    const char *name = work->entry->name.at, *does = work->reading ? "reads it back" : "writes it";
    cb_str dir = work->publish->dir;
    if (WIFSIGNALED(status))
        return cb_fail(
            work->err, CB_EIO,
            CB_STR_FMT
            "/%s: the process that %s was ended by signal %d; the file was not published",
            CB_STR_ARG(dir), name, does, WTERMSIG(status));
    if (heard && word->status == CB_OK && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return CB_OK;
    if (heard && word->status > CB_OK && word->status < CB_STATUS_COUNT)
        return cb_fail(work->err, word->status, "%.*s", (int)sizeof word->why - 1, word->why);
    return cb_fail(work->err, CB_EIO,
                   CB_STR_FMT "/%s: the process that %s failed; the file was not published",
                   CB_STR_ARG(dir), name, does);
}

static cb_status wait_for(const job *work, int from_child, pid_t child)
{
    last_word word = {.status = CB_EIO};
    cb_status stopped = CB_OK;
    int status = 0;
    bool heard = listen_to(work, from_child, child, &word, &stopped);
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR)
            return cb_publish_os_fail(work->publish, CB_EIO, work->entry->name.at,
                                      "its process is lost", work->err);
    }
    if (stopped == CB_OK) /* Ctrl-C reaches both, and the child may have been quicker */
        stopped = cb_publish_stopped(work->publish, work->err);
    return stopped == CB_OK ? judge(work, status, heard, &word) : stopped;
}

typedef struct running {
    pid_t pid;
    int from_child;
} running;

static cb_status start(const job *work, running *child)
{
    int ends[2];
    if (pipe(ends) != 0)
        return cb_publish_os_fail(work->publish, CB_EUNAVAILABLE, work->entry->name.at,
                                  "no pipe can be made", work->err);
    pid_t parent = getpid();
    *child = (running){fork(), ends[0]};
    if (child->pid == 0) {
        (void)close(ends[0]);
        run_child(work, ends[1], parent);
    }
    cb_status rc = child->pid > 0
                       ? CB_OK
                       : cb_publish_os_fail(work->publish, CB_EUNAVAILABLE, work->entry->name.at,
                                            "no process can be made", work->err);
    (void)close(ends[1]);
    if (rc != CB_OK)
        (void)close(ends[0]);
    return rc;
}

static cb_status finish(const job *work, const running *child)
{
    cb_status rc = wait_for(work, child->from_child, child->pid);
    (void)close(child->from_child);
    return rc;
}

static cb_status fork_and_wait(const job *work)
{
    running child;
    cb_status rc = start(work, &child);
    return rc == CB_OK ? finish(work, &child) : rc;
}

/* A regular file that nobody else may change; what the umask took away stays away. */
static cb_status settle(const job *work)
{
    struct stat st;
    int fd = openat(work->publish->stage_fd, work->entry->file.at,
                    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return cb_publish_os_fail(work->publish, CB_EIO, work->entry->name.at, "was not written",
                                  work->err);
    bool good = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && fchmod(fd, st.st_mode & 0644) == 0;
    (void)close(fd);
    return good ? CB_OK
                : cb_fail(work->err, CB_EIO, CB_STR_FMT "/%s: not a regular file",
                          CB_STR_ARG(work->publish->dir), work->entry->name.at);
}

/* ---- two writers ---- */

/* Reads n bytes, fewer at the end only; -1: it cannot be read. */
static ssize_t read_piece(int fd, char *piece, size_t n)
{
    size_t got = 0;
    while (got < n) {
        ssize_t more = read(fd, piece + got, n - got);
        if (more < 0 && errno == EINTR)
            continue;
        if (more < 0)
            return -1;
        if (more == 0)
            break;
        got += (size_t)more;
    }
    return (ssize_t)got;
}

static bool same_bytes(int one, int other)
{
    char piece[1 << 14], twin[1 << 14];
    ssize_t n = 0;
    do {
        n = read_piece(one, piece, sizeof piece);
        if (n < 0 || read_piece(other, twin, sizeof twin) != n ||
            memcmp(piece, twin, (size_t)n) != 0)
            return false;
    } while (n > 0);
    return true;
}

static cb_status compare(const job *work, const char *twin)
{
    int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    int stage = work->publish->stage_fd;
    int one = openat(stage, work->entry->file.at, flags);
    int other = openat(stage, twin, flags);
    bool same = one >= 0 && other >= 0 && same_bytes(one, other);
    if (one >= 0)
        (void)close(one);
    if (other >= 0)
        (void)close(other);
    return same ? CB_OK
                : cb_fail(work->err, CB_EIO,
                          CB_STR_FMT "/%s: two processes did not write it alike, so one of them "
                                     "was short of memory or room; the file was not published",
                          CB_STR_ARG(work->publish->dir), work->entry->name.at);
}

static cb_status finish_both(const job *work, const running *child, const job *twin)
{
    running other;
    cb_status started = start(twin, &other);
    cb_status rc = finish(work, child);
    if (started == CB_OK && rc != CB_OK)
        (void)kill(other.pid, SIGKILL);
    cb_status also = started == CB_OK ? finish(twin, &other) : started;
    return rc == CB_OK && also != CB_OK ? cb_fail(work->err, also, "%s", twin->err->why) : rc;
}

/* The library swallows many an allocation that fails, and a workbook lacks a colour or an attribute
 * that nobody looks for. Two processes that write the same, side by side, are not both short of
 * memory at the same place. */
static cb_status write_twice(const job *work)
{
    cb_error other = {.status = CB_OK};
    running child;
    char name[32], path[PATH_MAX];
    job twin = *work;
    twin.err = &other;
    twin.path = path;
    (void)snprintf(name, sizeof name, CB_STR_FMT "t", CB_STR_ARG(work->entry->file));
    if (snprintf(path, sizeof path, CB_STR_FMT "t", CB_STR_ARG(work->entry->path)) >= PATH_MAX)
        return cb_fail(work->err, CB_ECANTCREAT, "the path of the output folder is too long");
    cb_status rc = start(work, &child);
    if (rc == CB_OK)
        rc = finish_both(work, &child, &twin);
    if (rc == CB_OK)
        rc = settle(work);
    if (rc == CB_OK)
        rc = compare(work, name);
    (void)unlinkat(work->publish->stage_fd, name, 0);
    return rc;
}

cb_status cb_publish_child(cb_publish *publish, const char *name,
                           cb_status (*write_file)(void *ctx, const char *path, const char *tmp_dir,
                                                   cb_error *err),
                           cb_status (*verify)(void *ctx, const char *path, cb_error *err),
                           void *ctx, cb_error *err)
{
    staged *entry = NULL;
    cb_status rc = cb_publish_stopped(publish, err);
    if (rc == CB_OK)
        rc = cb_stage_add(publish, name, false, &entry, err);
    if (rc != CB_OK)
        return rc;
    job work = {publish, entry, entry->path.at, write_file, verify, false, ctx, err};
    rc = write_twice(&work);
    if (rc != CB_OK)
        return rc;
    work.reading =
        true; /* in a process of its own, too: libarchive ends its process when memory fails */
    return fork_and_wait(&work);
}
