/* publish_parts.h - what the files of publishing share.
 *
 * publish.c       the set of files: begin, commit, abort
 * publish_bytes.c a file written piece by piece, each piece read back
 * publish_stage.c the output folder, its lock, the staging folder, sweeping
 * publish_child.c a file written by a child process */
#ifndef CASEBOOK_PUBLISH_PUBLISH_PARTS_H
#define CASEBOOK_PUBLISH_PUBLISH_PARTS_H

#include "casebook/publish.h"

typedef struct staged {
    cb_str name; /* under the output folder */
    cb_str file; /* under the stage: "f3" */
    cb_str path; /* of the staged file */
    bool removal;
    int folder_fd; /* while committing: where it goes, dir_fd or a subfolder's own */
    struct staged *next;
} staged;

struct cb_publish {
    cb_arena *arena;
    cb_str dir, stage_name, stage; /* stage: DIR/.stage-XXXXXX */
    int dir_fd, lock_fd, stage_fd; /* -1: not open */
    staged *first, *last;
    unsigned entries;
    const volatile sig_atomic_t *stop;
    cb_status rc; /* of cb_publish_remove, which cannot return it */
    cb_error error;
};

// cb_stage_open makes and opens the folder, takes the lock, sweeps what dead runs left, makes the
// stage.
CB_MUST_USE cb_status cb_stage_open(cb_publish *publish, cb_error *err);
// cb_stage_close removes the stage with all that is in it and frees the lock.
void cb_stage_close(cb_publish *publish);

// cb_stage_add checks the name and adds an entry.
CB_MUST_USE cb_status cb_stage_add(cb_publish *publish, const char *name, bool removal,
                                   staged **out, cb_error *err);

// cb_publish_os_fail is cb_fail with the file's name and errno's text. CB_EIO, or CB_ECANTCREAT
// where it fits better.
cb_status cb_publish_os_fail(const cb_publish *publish, cb_status status, const char *name,
                             const char *what, cb_error *err);

// cb_publish_stopped is CB_EINT or CB_ETERM once the flag holds a signal's number, else CB_OK.
CB_MUST_USE cb_status cb_publish_stopped(const cb_publish *publish, cb_error *err);

#endif
