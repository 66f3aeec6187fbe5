/* A run replaces or removes files of its output folder; none of them may be what it reads. Files are
 * told by device and inode, so that links and odd spellings are seen. */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

typedef struct input_id {
    dev_t device;
    ino_t inode;
    const char *path;
} input_id;

typedef struct watch {
    unsigned n;
    input_id *input;
    const char *hit; /* path of an input that the run would take away */
} watch;

static void note_inputs(watch *w, const cb_options *options)
{
    for (unsigned i = 0; i < options->inputs; i++) {
        struct stat st;
        const char *path = options->input[i].path;
        bool standard = strcmp(path, "-") == 0;
        if ((standard ? fstat(STDIN_FILENO, &st) : stat(path, &st)) == 0 && S_ISREG(st.st_mode))
            w->input[w->n++] = (input_id){st.st_dev, st.st_ino, standard ? "standard input" : path};
    }
}

static bool has_prefix(const char *name, const char *prefix)
{
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

static bool has_suffix(const char *name, const char *suffix)
{
    size_t n = strlen(name), m = strlen(suffix);
    return n >= m && strcmp(name + n - m, suffix) == 0;
}

static bool is_report(const char *name)
{
    bool named = false;
    for (int kind = 0; kind < CB_REPORTS; kind++)
        named = named || has_prefix(name, cb_report_names[kind]);
    return (named && (has_suffix(name, ".xlsx") || has_suffix(name, ".json"))) ||
           strcmp(name, "casebook.prom") == 0;
}

/* Rejected rows of earlier runs, and stages that dead runs left. */
static bool is_subfolder(const char *name)
{
    return strcmp(name, "rejected") == 0 || has_prefix(name, ".stage-");
}

static void compare(watch *w, int folder_fd, const char *name)
{
    struct stat st;
    if (fstatat(folder_fd, name, &st, 0) != 0)
        return;
    for (unsigned i = 0; i < w->n && !w->hit; i++)
        if (w->input[i].device == st.st_dev && w->input[i].inode == st.st_ino)
            w->hit = w->input[i].path;
}

/* What cannot be opened is told by publishing. */
static void look_into(watch *w, int parent_fd, const char *name, bool subfolder)
{
    int fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
    if (!folder && fd >= 0)
        (void)close(fd);
    const struct dirent *entry;
    while (folder && !w->hit && (entry = readdir(folder)) != NULL) {
        if (!subfolder && is_subfolder(entry->d_name))
            look_into(w, fd, entry->d_name, true);
        else if (subfolder || is_report(entry->d_name))
            compare(w, fd, entry->d_name);
    }
    if (folder)
        (void)closedir(folder);
}

cb_status cb_options_own_inputs(const cb_options *options, cb_error *err)
{
    watch w = {.input = calloc(options->inputs + 1, sizeof *w.input)};
    if (!w.input)
        return cb_nomem(err, "the list of inputs");
    note_inputs(&w, options);
    if (w.n > 0)
        look_into(&w, AT_FDCWD, options->out, false);
    free(w.input);
    if (!w.hit)
        return CB_OK;
    return cb_fail(err, CB_EUSAGE,
                   "%s is a file of the output folder that this run would replace or remove; "
                   "copy it to a place outside the folder and name that, or give another --out",
                   w.hit);
}
