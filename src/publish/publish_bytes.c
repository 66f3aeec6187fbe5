#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "publish/publish_parts.h"

enum { PIECE = 1 << 16 };

/* Two descriptors, each with its own place in the file: what was written is read back while it is
 * still in the processor's caches. */
struct cb_publish_file {
    cb_publish *publish;
    const staged *entry;
    int write_fd, read_fd; /* -1: not open */
    uint64_t bytes;
    cb_status rc; /* the first failure */
};

static cb_status os_fail(const cb_publish_file *file, cb_status status, const char *what,
                         cb_error *err)
{
    return cb_publish_os_fail(file->publish, status, file->entry->name.at, what, err);
}

/* ---- a piece ---- */

static cb_status write_piece(const cb_publish_file *file, cb_str piece, cb_error *err)
{
    for (size_t at = 0; at < piece.len;) {
        cb_status rc = cb_publish_stopped(file->publish, err);
        if (rc != CB_OK)
            return rc;
        ssize_t n = write(file->write_fd, piece.at + at, piece.len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return os_fail(file, CB_EIO, "cannot be written", err);
        at += (size_t)n;
    }
    return CB_OK;
}

static cb_status differs(const cb_publish_file *file, cb_error *err)
{
    return cb_fail(err, CB_EIO, CB_STR_FMT "/%s: what was read back differs from what was written",
                   CB_STR_ARG(file->publish->dir), file->entry->name.at);
}

/* piece is at most PIECE bytes */
static cb_status compare_piece(const cb_publish_file *file, cb_str piece, cb_error *err)
{
    char read_back[PIECE];
    for (size_t at = 0; at < piece.len;) {
        ssize_t n = read(file->read_fd, read_back, piece.len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return os_fail(file, CB_EIO, "cannot be read back", err);
        if (n == 0 || memcmp(read_back, piece.at + at, (size_t)n) != 0)
            return differs(file, err);
        at += (size_t)n;
    }
    return CB_OK;
}

static cb_status compare_size(const cb_publish_file *file, cb_error *err)
{
    struct stat st;
    if (fstat(file->read_fd, &st) != 0)
        return os_fail(file, CB_EIO, "cannot be read back", err);
    return (uint64_t)st.st_size == file->bytes ? CB_OK : differs(file, err);
}

/* ---- a file ---- */

static cb_status open_both(cb_publish_file *file, unsigned mode, cb_error *err)
{
    const int dir_fd = file->publish->stage_fd;
    const char *name = file->entry->file.at;
    file->write_fd =
        openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, (mode_t)mode);
    if (file->write_fd < 0)
        return os_fail(file, CB_ECANTCREAT, "cannot be made", err);
    file->read_fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    return file->read_fd >= 0 ? CB_OK : os_fail(file, CB_EIO, "cannot be read back", err);
}

cb_status cb_publish_open(cb_publish_file **out, cb_publish *publish, const char *name,
                          unsigned mode, cb_error *err)
{
    staged *entry = NULL;
    *out = NULL;
    cb_status rc = cb_publish_stopped(publish, err);
    if (rc == CB_OK)
        rc = cb_stage_add(publish, name, false, &entry, err);
    if (rc != CB_OK)
        return rc;
    cb_publish_file *file = cb_arena_get(publish->arena, sizeof *file);
    if (!file)
        return cb_nomem(err, "publishing");
    *file = (cb_publish_file){.publish = publish, .entry = entry, .write_fd = -1, .read_fd = -1};
    file->rc = open_both(file, mode, err);
    *out = file;
    return file->rc == CB_OK ? CB_OK : cb_publish_close(out, err);
}

cb_status cb_publish_append(cb_publish_file *file, cb_str content, cb_error *err)
{
    for (size_t at = 0; at < content.len && file->rc == CB_OK;) {
        size_t left = content.len - at;
        cb_str piece = {content.at + at, left < PIECE ? left : PIECE};
        file->rc = write_piece(file, piece, err);
        if (file->rc == CB_OK)
            file->rc = compare_piece(file, piece, err);
        at += piece.len;
    }
    file->bytes += content.len;
    return file->rc;
}

cb_status cb_publish_sync(cb_publish_file *file, cb_error *err)
{
    if (file->rc == CB_OK && fsync(file->write_fd) != 0)
        file->rc = os_fail(file, CB_EIO, "cannot be brought to the disk", err);
    return file->rc;
}

cb_status cb_publish_close(cb_publish_file **open_file, cb_error *err)
{
    cb_publish_file *file = *open_file;
    *open_file = NULL;
    if (!file)
        return CB_OK;
    if (file->write_fd >= 0 && close(file->write_fd) != 0 && file->rc == CB_OK)
        file->rc = os_fail(file, CB_EIO, "cannot be written", err);
    if (file->rc == CB_OK)
        file->rc = compare_size(file, err);
    if (file->read_fd >= 0)
        (void)close(file->read_fd);
    return file->rc;
}

cb_status cb_publish_bytes(cb_publish *publish, const char *name, cb_str content, unsigned mode,
                           cb_error *err)
{
    cb_publish_file *file = NULL;
    cb_status rc = cb_publish_open(&file, publish, name, mode, err);
    if (rc == CB_OK)
        rc = cb_publish_append(file, content, err);
    cb_status closed = cb_publish_close(&file, err);
    return rc == CB_OK ? closed : rc;
}
