#include "ingest/source_parts.h"


#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "<name>: cannot be <doing>: <reason>" */
static cb_status fail_errno(const char *name, cb_status status, const char *doing, cb_error *err)
{
    char reason[128];
    int number = errno;
    if (strerror_r(number, reason, sizeof reason) != 0)
        return cb_fail(err, status, "%s: cannot be %s (error %d)", name, doing, number);
    return cb_fail(err, status, "%s: cannot be %s: %s", name, doing, reason);
}

static cb_status open_path(cb_stored *stored, const char *path, cb_error *err)
{
    struct stat seen;
    if (stat(path, &seen) != 0)
        return fail_errno(path, CB_ENOINPUT, "found", err);
    cb_status status = cb_refuse_kind(path, seen.st_mode, false, err);
    if (status != CB_OK)
        return status;
    /* O_NONBLOCK: should a pipe stand there by now, open must not wait for its writer */
    stored->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (stored->fd < 0)
        return fail_errno(path, CB_ENOINPUT, "opened", err);
    stored->opened_here = true;
    return CB_OK;
}

static cb_status look_at(cb_stored *stored, cb_error *err)
{
    if (fstat(stored->fd, &stored->at_open) != 0)
        return fail_errno(stored->name, CB_ENOINPUT, "opened", err);
    cb_status status =
        cb_refuse_kind(stored->name, stored->at_open.st_mode, !stored->opened_here, err);
    if (status != CB_OK)
        return status;
    stored->whole_file = S_ISREG(stored->at_open.st_mode) && lseek(stored->fd, 0, SEEK_CUR) == 0;
    if (stored->whole_file)
        (void)posix_fadvise(stored->fd, 0, 0, POSIX_FADV_SEQUENTIAL); /* advice only */
    return CB_OK;
}

static cb_status wait_for_bytes(cb_stored *stored, cb_error *err)
{
    struct pollfd waiting = {.fd = stored->fd, .events = POLLIN};
    if (poll(&waiting, 1, -1) < 0 && errno != EINTR)
        return fail_errno(stored->name, CB_EIO, "read", err);
    return CB_OK;
}

static cb_status read_fd(cb_stored *stored, void *into, size_t cap, size_t *got, cb_error *err)
{
    ssize_t n;
    *got = 0;
    while ((n = read(stored->fd, into, cap)) < 0) {
        cb_status status = CB_OK;
        if (errno == EAGAIN || errno == EWOULDBLOCK)
            status = wait_for_bytes(stored, err);
        else if (errno != EINTR)
            status = fail_errno(stored->name, CB_EIO, "read", err);
        if (status != CB_OK)
            return status;
    }
    *got = (size_t)n;
    stored->ended = n == 0;
    stored->done_bytes += *got;
    cb_sha256_add(&stored->hash, into, *got);
    return CB_OK;
}

static cb_status read_ahead(cb_stored *stored, cb_error *err)
{
    stored->head = malloc(CB_SOURCE_BLOCK);
    if (!stored->head)
        return cb_nomem(err, "the first block of an input");
    cb_status status = CB_OK;
    while (status == CB_OK && !stored->ended && stored->head_len < CB_SOURCE_BLOCK) {
        size_t got;
        status = read_fd(stored, stored->head + stored->head_len,
                         CB_SOURCE_BLOCK - stored->head_len, &got, err);
        stored->head_len += got;
    }
    return status;
}

cb_status cb_stored_open(cb_stored *stored, const char *path, cb_error *err)
{
    bool is_standard_input = strcmp(path, "-") == 0;
    *stored = (cb_stored){.name = is_standard_input ? "standard input" : path, .fd = STDIN_FILENO};
    cb_status status = is_standard_input ? CB_OK : open_path(stored, path, err);
    if (status == CB_OK)
        status = look_at(stored, err);
    cb_sha256_begin(&stored->hash);
    if (status == CB_OK)
        status = read_ahead(stored, err);
    stored->failed = status;
    return status;
}

cb_status cb_stored_read(cb_stored *stored, void *into, size_t cap, size_t *got, cb_error *err)
{
    size_t ahead = stored->head_len - stored->head_at;
    *got = 0;
    if (ahead) {
        *got = ahead < cap ? ahead : cap;
        memcpy(into, stored->head + stored->head_at, *got);
        stored->head_at += *got;
        return CB_OK;
    }
    if (stored->ended || stored->failed != CB_OK)
        return stored->failed;
    stored->failed = read_fd(stored, into, cap, got, err);
    return stored->failed;
}

static bool is_same_file_state(const struct stat *a, const struct stat *b)
{
    return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static cb_status check_unchanged(cb_stored *stored, cb_error *err)
{
    struct stat now;
    if (!stored->whole_file)
        return CB_OK;
    if (fstat(stored->fd, &now) != 0)
        return fail_errno(stored->name, CB_EIO, "read", err);
    if (is_same_file_state(&now, &stored->at_open))
        return CB_OK;
    return cb_fail(err, CB_EIO,
                   "%s: was changed while it was read; run again when its export is finished",
                   stored->name);
}

static void to_hex(const unsigned char *bytes, size_t n, char *hex)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        hex[2 * i] = digits[bytes[i] >> 4];
        hex[2 * i + 1] = digits[bytes[i] & 15];
    }
    hex[2 * n] = '\0';
}

cb_status cb_stored_finish(cb_stored *stored, char hex[2 * CB_SHA256_BYTES + 1], cb_error *err)
{
    unsigned char digest[CB_SHA256_BYTES];
    cb_status status = CB_OK;
    while (status == CB_OK && !stored->ended) {
        size_t got;
        status = read_fd(stored, stored->head, CB_SOURCE_BLOCK, &got, err);
    }
    if (status == CB_OK)
        status = check_unchanged(stored, err);
    if (status != CB_OK)
        return status;
    cb_sha256_end(&stored->hash, digest);
    to_hex(digest, sizeof digest, hex);
    return CB_OK;
}

int64_t cb_stored_total(const cb_stored *stored)
{
    return stored->whole_file ? (int64_t)stored->at_open.st_size : -1;
}

void cb_stored_close(cb_stored *stored)
{
    free(stored->head);
    if (stored->opened_here)
        (void)close(stored->fd); /* only read from: nothing can be lost */
    *stored = (cb_stored){.fd = -1};
}
