#include "casebook/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "publish/publish_parts.h"

cb_status cb_publish_begin(cb_publish **out, const char *dir, const volatile sig_atomic_t *stop,
                           cb_error *err)
{
    *out = NULL;
    cb_arena *arena = cb_arena_new(NULL, 0);
    cb_publish *publish = arena ? cb_arena_get(arena, sizeof *publish) : NULL;
    size_t length = strlen(dir);
    while (length > 1 && dir[length - 1] == '/')
        length--;
    if (publish) {
        *publish = (cb_publish){
            .arena = arena, .dir_fd = -1, .lock_fd = -1, .stage_fd = -1, .stop = stop, .rc = CB_OK};
        publish->dir = cb_arena_copy(arena, (cb_str){dir, length});
    }
    if (!publish || !publish->dir.at) {
        cb_arena_free(arena);
        return cb_nomem(err, "publishing");
    }
    cb_status rc = length ? cb_stage_open(publish, err)
                          : cb_fail(err, CB_ECANTCREAT, "the output folder has no name");
    if (rc == CB_OK)
        *out = publish;
    else
        cb_publish_abort(publish);
    return rc;
}

void cb_publish_abort(cb_publish *publish)
{
    if (!publish)
        return;
    cb_stage_close(publish);
    cb_arena_free(publish->arena);
}

/* ---- removal ---- */

void cb_publish_remove(cb_publish *publish, const char *name)
{
    staged *entry = NULL;
    if (publish->rc == CB_OK)
        publish->rc = cb_stage_add(publish, name, true, &entry, &publish->error);
}

/* ---- commit ---- */

static const char *leaf_of(const staged *entry)
{
    const char *slash = strchr(entry->name.at, '/');
    return slash ? slash + 1 : entry->name.at;
}

static cb_status sync_file(cb_publish *publish, const staged *entry, cb_error *err)
{
    int fd = openat(publish->stage_fd, entry->file.at, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return cb_publish_os_fail(publish, CB_EIO, entry->name.at, "cannot be opened again", err);
    cb_status rc = fsync(fd) == 0 ? CB_OK
                                  : cb_publish_os_fail(publish, CB_EIO, entry->name.at,
                                                       "cannot be brought to the disk", err);
    (void)close(fd);
    return rc;
}

/* Opens the folder that the file goes to, making it if it is missing and something goes in. */
static cb_status open_target_folder(cb_publish *publish, staged *entry, cb_error *err)
{
    size_t length = (size_t)(leaf_of(entry) - entry->name.at);
    if (length == 0) {
        entry->folder_fd = publish->dir_fd;
        return CB_OK;
    }
    cb_str folder = cb_arena_copy(publish->arena, (cb_str){entry->name.at, length - 1});
    if (!folder.at)
        return cb_nomem(err, "publishing");
    if (!entry->removal && mkdirat(publish->dir_fd, folder.at, 0755) != 0 && errno != EEXIST)
        return cb_publish_os_fail(publish, CB_ECANTCREAT, folder.at, "the folder cannot be made",
                                  err);
    entry->folder_fd =
        openat(publish->dir_fd, folder.at, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (entry->folder_fd >= 0 || (entry->removal && errno == ENOENT))
        return CB_OK;
    return cb_publish_os_fail(publish, CB_ECANTCREAT, folder.at,
                              "not a folder that can be written to", err);
}

/* All that can be known to fail is looked at before the first file becomes visible. */
static cb_status prepare(cb_publish *publish, staged *entry, cb_error *err)
{
    struct stat st;
    cb_status rc = entry->removal ? CB_OK : sync_file(publish, entry, err);
    if (rc == CB_OK)
        rc = open_target_folder(publish, entry, err);
    if (rc != CB_OK || entry->folder_fd < 0)
        return rc;
    if (fstatat(entry->folder_fd, leaf_of(entry), &st, AT_SYMLINK_NOFOLLOW) == 0 &&
        S_ISDIR(st.st_mode))
        return cb_fail(err, CB_ECANTCREAT,
                       CB_STR_FMT "/%s: a folder stands where the file should go",
                       CB_STR_ARG(publish->dir), entry->name.at);
    if (faccessat(entry->folder_fd, ".", W_OK | X_OK, 0) != 0)
        return cb_publish_os_fail(publish, CB_ECANTCREAT, entry->name.at,
                                  "its folder cannot be written to", err);
    return CB_OK;
}

static bool is_prom(const staged *entry)
{
    return entry->name.len > 5 && strcmp(entry->name.at + entry->name.len - 5, ".prom") == 0;
}

static cb_status make_visible(cb_publish *publish, bool prom, cb_error *err)
{
    for (const staged *entry = publish->first; entry; entry = entry->next) {
        if (entry->removal || is_prom(entry) != prom)
            continue;
        if (renameat(publish->stage_fd, entry->file.at, entry->folder_fd, leaf_of(entry)) != 0)
            return cb_publish_os_fail(publish, CB_EIO, entry->name.at, "cannot be put in its place",
                                      err);
    }
    return CB_OK;
}

/* A subfolder that has become empty goes too; if it has not, the system refuses, which is right. */
static cb_status remove_old(cb_publish *publish, cb_error *err)
{
    for (const staged *entry = publish->first; entry; entry = entry->next) {
        if (!entry->removal || entry->folder_fd < 0)
            continue;
        if (unlinkat(entry->folder_fd, leaf_of(entry), 0) != 0 && errno != ENOENT)
            return cb_publish_os_fail(publish, CB_EIO, entry->name.at,
                                      "the file of an earlier run cannot be removed", err);
        size_t length = (size_t)(leaf_of(entry) - entry->name.at);
        cb_str folder = length ? cb_arena_copy(publish->arena, (cb_str){entry->name.at, length - 1})
                               : CB_LIT("");
        if (length && folder.at)
            (void)unlinkat(publish->dir_fd, folder.at, AT_REMOVEDIR);
    }
    return CB_OK;
}

static cb_status sync_folders(cb_publish *publish, cb_error *err)
{
    for (const staged *entry = publish->first; entry; entry = entry->next) {
        if (entry->folder_fd >= 0 && entry->folder_fd != publish->dir_fd &&
            fsync(entry->folder_fd) != 0)
            return cb_publish_os_fail(publish, CB_EIO, entry->name.at,
                                      "its folder cannot be brought to the disk", err);
    }
    return fsync(publish->dir_fd) == 0
               ? CB_OK
               : cb_publish_os_fail(publish, CB_EIO, "", "cannot be brought to the disk", err);
}

static void close_folders(cb_publish *publish)
{
    for (staged *entry = publish->first; entry; entry = entry->next) {
        if (entry->folder_fd >= 0 && entry->folder_fd != publish->dir_fd)
            (void)close(entry->folder_fd);
        entry->folder_fd = -1;
    }
}

static cb_status commit(cb_publish *publish, cb_error *err)
{
    cb_status rc =
        publish->rc == CB_OK ? CB_OK : cb_fail(err, publish->rc, "%s", publish->error.why);
    for (staged *entry = publish->first; entry && rc == CB_OK; entry = entry->next)
        rc = prepare(publish, entry, err);
    if (rc == CB_OK)
        rc = cb_publish_stopped(publish, err);
    if (rc == CB_OK)
        rc = make_visible(publish, false, err);
    if (rc == CB_OK)
        rc = remove_old(publish, err);
    if (rc == CB_OK)
        rc = make_visible(publish, true, err);
    return rc == CB_OK ? sync_folders(publish, err) : rc;
}

cb_status cb_publish_commit(cb_publish *publish, cb_error *err)
{
    cb_status rc = commit(publish, err);
    close_folders(publish);
    cb_publish_abort(publish); /* the stage is empty now, or holds what failed */
    return rc;
}
