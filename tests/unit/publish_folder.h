/* publish_folder.h - what the tests of publishing share: a folder that is empty before each test, and
 * looking at what is visible in it.
 *
 * Sequence: set_up before each test -> publish_two, or begin and what follows it -> holds, exists,
 * count_files -> end as group teardown. */
#ifndef TESTS_PUBLISH_FOLDER_H
#define TESTS_PUBLISH_FOLDER_H

#include "testing.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "casebook/publish.h"
#include "zip_edit.h"

static char out_dir[320];

static void clear(const char *path)
{
    DIR *dir = opendir(path);
    if (!dir)
        return;
    for (const struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        char inner[700];
        struct stat st;
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
            continue;
        (void)snprintf(inner, sizeof inner, "%s/%s", path, e->d_name);
        if (lstat(inner, &st) == 0 && S_ISDIR(st.st_mode))
            clear(inner);
        else
            (void)unlink(inner);
    }
    (void)closedir(dir);
    (void)rmdir(path);
}

static inline int set_up(void **state)
{
    (void)state;
    test_path(out_dir, "out");
    clear(out_dir);
    return 0;
}

static inline int end(void **state)
{
    (void)state;
    clear(test_folder());
    return 0;
}

static inline const char *in_dir(char path[640], const char *name)
{
    (void)snprintf(path, 640, "%s/%s", out_dir, name);
    return path;
}

static inline bool holds(const char *name, const char *want)
{
    char path[640];
    size_t n = 0;
    char *bytes = read_whole(in_dir(path, name), &n);
    bool same = bytes && n == strlen(want) && !memcmp(bytes, want, n);
    free(bytes);
    return same;
}

static inline bool exists(const char *name)
{
    char path[640];
    struct stat st;
    return lstat(in_dir(path, name), &st) == 0;
}

/* everything in the folder but the lock */
static inline unsigned count_files(void)
{
    unsigned n = 0;
    DIR *dir = opendir(out_dir);
    for (const struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir))
        n += strcmp(e->d_name, ".") && strcmp(e->d_name, "..") && strcmp(e->d_name, ".lock");
    if (dir)
        (void)closedir(dir);
    return n;
}

static inline cb_publish *begin(void)
{
    cb_publish *p = NULL;
    cb_error err = {.status = CB_OK};
    CHECK(cb_publish_begin(&p, out_dir, NULL, &err) == CB_OK, "%s", err.why);
    return p;
}

static inline void publish_two(const char *a, const char *b)
{
    cb_publish *p = begin();
    cb_error err = {.status = CB_OK};
    CHECK(cb_publish_bytes(p, "a.txt", cb_str_of(a), 0644, &err) == CB_OK, "%s", err.why);
    CHECK(cb_publish_bytes(p, "rejected/b.csv", cb_str_of(b), 0600, &err) == CB_OK, "%s", err.why);
    CHECK(cb_publish_commit(p, &err) == CB_OK, "%s", err.why);
}

#endif
