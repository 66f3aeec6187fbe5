#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
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
        word.status = work->verify(work->ctx, work->entry->path.at, &error);
    else
        word.status = work->write(work->ctx, work->entry->path.at, work->publish->stage.at, &error);
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

static cb_status fork_and_wait(const job *work)
{
    int ends[2];
    if (pipe(ends) != 0)
        return cb_publish_os_fail(work->publish, CB_EUNAVAILABLE, work->entry->name.at,
                                  "no pipe can be made", work->err);
    pid_t parent = getpid(), child = fork();
    if (child == 0) {
        (void)close(ends[0]);
        run_child(work, ends[1], parent);
    }
    (void)close(ends[1]);
    cb_status rc = child > 0
                       ? wait_for(work, ends[0], child)
                       : cb_publish_os_fail(work->publish, CB_EUNAVAILABLE, work->entry->name.at,
                                            "no process can be made", work->err);
    (void)close(ends[0]);
    return rc;
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
    job work = {publish, entry, write_file, verify, false, ctx, err};
    rc = fork_and_wait(&work);
    if (rc == CB_OK)
        rc = settle(&work);
    if (rc != CB_OK)
        return rc;
    work.reading =
        true; /* in a process of its own, too: libarchive ends its process when memory fails */
    return fork_and_wait(&work);
}
