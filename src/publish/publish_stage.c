#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "publish/publish_parts.h"

static const char stage_prefix[] = ".stage-";
static const char lock_name[] = ".lock";

cb_status cb_publish_os_fail(const cb_publish *publish, cb_status status, const char *name,
                             const char *what, cb_error *err)
{
    return cb_fail(err, status, CB_STR_FMT "%s%s: %s: %s", CB_STR_ARG(publish->dir),
                   *name ? "/" : "", name, what, strerror(errno));
}

cb_status cb_publish_stopped(const cb_publish *publish, cb_error *err)
{
    int signal_number = publish->stop ? (int)*publish->stop : 0;
    if (signal_number == 0)
        return CB_OK;
    cb_status status = signal_number == SIGTERM ? CB_ETERM : CB_EINT;
    return cb_fail(err, status, "%s: the files in " CB_STR_FMT " are as they were",
                   cb_status_text(status), CB_STR_ARG(publish->dir));
}

/* ---- names ---- */

static bool part_fits(const char *part, size_t n)
{
    if (n == 0 || n > 200 || part[0] == '.')
        return false;
    for (size_t i = 0; i < n; i++) {
        char c = part[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && c != '.' && c != '_' && c != '-')
            return false;
    }
    return true;
}

static bool name_fits(const char *name)
{
    const char *slash = strchr(name, '/');
    if (!slash)
        return part_fits(name, strlen(name));
    return part_fits(name, (size_t)(slash - name)) && part_fits(slash + 1, strlen(slash + 1));
}

cb_status cb_stage_add(cb_publish *publish, const char *name, bool removal, staged **out,
                       cb_error *err)
{
    if (!name_fits(name))
        return cb_fail(err, CB_ECANTCREAT,
                       "a file of the output folder has a name of letters, digits, '.', '_' and "
                       "'-', and at most one folder");
    for (const staged *known = publish->first; known; known = known->next) {
        if (strcmp(known->name.at, name) == 0)
            return cb_fail(err, CB_ECANTCREAT, CB_STR_FMT "/%s: published twice in one run",
                           CB_STR_ARG(publish->dir), name);
    }
    staged *entry = cb_arena_get(publish->arena, sizeof *entry);
    if (!entry)
        return cb_nomem(err, "publishing");
    entry->name = cb_arena_copy(publish->arena, cb_str_of(name));
    entry->file = cb_arena_text(publish->arena, "f%u", publish->entries);
    entry->path = cb_arena_text(publish->arena, CB_STR_FMT "/f%u", CB_STR_ARG(publish->stage),
                                publish->entries);
    entry->removal = removal;
    entry->folder_fd = -1;
    if (!entry->name.at || !entry->file.at || !entry->path.at)
        return cb_nomem(err, "publishing");
    publish->entries++;
    *(publish->last ? &publish->last->next : &publish->first) = entry;
    publish->last = entry;
    *out = entry;
    return CB_OK;
}

/* ---- the folder ---- */

/* Makes the folder and those above it; what exists already is no error here, opening tells. *why is
 * the errno of the first that could not be made. */
static bool make_folders(cb_publish *publish, int *why)
{
    char *path = cb_arena_get(publish->arena, publish->dir.len + 1);
    if (!path)
        return false;
    memcpy(path, publish->dir.at, publish->dir.len);
    for (size_t i = 1; i <= publish->dir.len; i++) {
        if (i < publish->dir.len && path[i] != '/')
            continue;
        char kept = path[i];
        path[i] = '\0';
        if (mkdir(path, 0755) == 0 || errno == EEXIST)
            *why = 0;
        else if (*why == 0)
            *why = errno;
        path[i] = kept;
    }
    return true;
}

static cb_status open_folder(cb_publish *publish, cb_error *err)
{
    struct stat st;
    int unmade = 0;
    if (!make_folders(publish, &unmade))
        return cb_nomem(err, "publishing");
    publish->dir_fd = open(publish->dir.at, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (publish->dir_fd >= 0)
        return CB_OK;
    int why = errno == ENOENT && unmade ? unmade : errno;
    if (lstat(publish->dir.at, &st) == 0 && S_ISLNK(st.st_mode))
        return cb_fail(err, CB_ECANTCREAT,
                       CB_STR_FMT
                       ": the output folder is a symbolic link; name the folder that it leads to",
                       CB_STR_ARG(publish->dir));
    errno = why;
    return cb_publish_os_fail(publish, CB_ECANTCREAT, "", "the output folder cannot be used", err);
}

static cb_status take_lock(cb_publish *publish, cb_error *err)
{
    struct stat st;
    publish->lock_fd = openat(publish->dir_fd, lock_name,
                              O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (publish->lock_fd < 0)
        return cb_publish_os_fail(publish, CB_ECANTCREAT, lock_name, "the lock cannot be opened",
                                  err);
    if (fstat(publish->lock_fd, &st) != 0 || !S_ISREG(st.st_mode))
        return cb_fail(err, CB_ECANTCREAT, CB_STR_FMT "/%s: not a regular file",
                       CB_STR_ARG(publish->dir), lock_name);
    while (flock(publish->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            return cb_fail(err, CB_EBUSY,
                           CB_STR_FMT ": another run is writing there; wait until it has ended, or "
                                      "name another folder with --out",
                           CB_STR_ARG(publish->dir));
        if (errno != EINTR)
            return cb_publish_os_fail(publish, CB_ECANTCREAT, lock_name,
                                      "the folder cannot be locked", err);
    }
    return CB_OK;
}

/* ---- stages ---- */

static void remove_stage(int dir_fd, const char *name)
{
    int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *stage = fd >= 0 ? fdopendir(fd) : NULL;
    if (!stage) {
        if (fd >= 0)
            (void)close(fd);
        return;
    }
    for (const struct dirent *entry = readdir(stage); entry; entry = readdir(stage)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            unlinkat(fd, entry->d_name, 0) != 0)
            (void)unlinkat(fd, entry->d_name, AT_REMOVEDIR);
    }
    (void)closedir(stage);
    (void)unlinkat(dir_fd, name, AT_REMOVEDIR);
}

/* We hold the lock, so whoever made another stage is dead. */
static void sweep(const cb_publish *publish)
{
    int fd = openat(publish->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
    if (!folder) {
        if (fd >= 0)
            (void)close(fd);
        return;
    }
    for (const struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        if (strncmp(entry->d_name, stage_prefix, sizeof stage_prefix - 1) == 0)
            remove_stage(publish->dir_fd, entry->d_name);
    }
    (void)closedir(folder);
}

static cb_status make_stage(cb_publish *publish, cb_error *err)
{
    cb_str path = cb_arena_text(publish->arena, CB_STR_FMT "/%sXXXXXX", CB_STR_ARG(publish->dir),
                                stage_prefix);
    char *made = path.at ? cb_arena_get(publish->arena, path.len + 1) : NULL;
    if (!made)
        return cb_nomem(err, "publishing");
    memcpy(made, path.at, path.len);
    if (!mkdtemp(made))
        return cb_publish_os_fail(publish, CB_ECANTCREAT, "",
                                  "no file can be made in the output folder", err);
    publish->stage = (cb_str){made, path.len};
    publish->stage_name = (cb_str){made + publish->dir.len + 1, path.len - publish->dir.len - 1};
    publish->stage_fd = openat(publish->dir_fd, publish->stage_name.at,
                               O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return publish->stage_fd >= 0 ? CB_OK
                                  : cb_publish_os_fail(publish, CB_EIO, publish->stage_name.at,
                                                       "cannot be opened", err);
}

cb_status cb_stage_open(cb_publish *publish, cb_error *err)
{
    cb_status rc = open_folder(publish, err);
    if (rc == CB_OK)
        rc = take_lock(publish, err);
    if (rc != CB_OK)
        return rc;
    sweep(publish);
    return make_stage(publish, err);
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

void cb_stage_close(cb_publish *publish)
{
    /* Our own files first: that needs no memory. */
    for (const staged *entry = publish->first; entry && publish->stage_fd >= 0; entry = entry->next)
        (void)unlinkat(publish->stage_fd, entry->file.at, 0);
    close_fd(&publish->stage_fd);
    if (publish->stage_name.len > 0 &&
        unlinkat(publish->dir_fd, publish->stage_name.at, AT_REMOVEDIR) != 0)
        remove_stage(publish->dir_fd, publish->stage_name.at);
    close_fd(&publish->lock_fd);
    close_fd(&publish->dir_fd);
}
