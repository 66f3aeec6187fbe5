/* publish.h - a set of files becomes visible whole, or not at all (reliability.md section 3).
 *
 * Why: readers poll the folder and must see the old file or the new one, never half; and a writer
 * that claims success is not proof.
 * Sequence: cb_publish_begin (creates DIR if missing, lock DIR/.lock by flock: busy is CB_EBUSY,
 * sweeps dead stages, mkdtemp DIR/.stage-XXXXXX 0700) -> cb_publish_bytes / cb_publish_open … /
 * cb_publish_child for each file -> cb_publish_commit (fsync each, rename each, fsync DIR) | cb_publish_abort.
 * A file in a subfolder ("rejected/cases.csv") gets its folder.
 * cb_publish_remove names a file of an earlier run that this run does not have any more (done at
 * commit). On any error the visible files are untouched.
 * Names are [a-z0-9A-Z._-] with at most one '/'; O_NOFOLLOW, O_EXCL; the output folder must not be
 * a symlink's victim.
 * Caveat: atomic per file; between two renames of one commit a kill leaves some new and some old
 * files, each whole; the commit order is the order of adding, .prom last. */
#ifndef CASEBOOK_PUBLISH_H
#define CASEBOOK_PUBLISH_H

#include <signal.h>

#include "casebook/alloc.h"

typedef struct cb_publish cb_publish;

CB_MUST_USE cb_status cb_publish_begin(cb_publish **out, const char *dir,
                                       const volatile sig_atomic_t *stop, cb_error *err);

// cb_publish_bytes stages a file with the given content, mode 0644 or 0600, and reads it back.
CB_MUST_USE cb_status cb_publish_bytes(cb_publish *publish, const char *name, cb_str content,
                                       unsigned mode, cb_error *err);

// A file of any size, piece by piece: cb_publish_open stages it, cb_publish_append writes a piece
// and reads it back, cb_publish_close looks that nothing else is in it, and sets *file to NULL. A
// failure stays: what follows it does nothing and returns it. A file that was opened is closed before
// commit or abort, also after a failure (of whoever makes the pieces, too: then comes abort); *file
// NULL is fine. Several files may be open, and each be written by a thread of its own; opened and
// closed they are by one.
// cb_publish_sync brings to the disk what was appended: for a thread that would wait otherwise, since
// commit, which does the same with all files, then has nothing to wait for.
typedef struct cb_publish_file cb_publish_file;
CB_MUST_USE cb_status cb_publish_open(cb_publish_file **out, cb_publish *publish, const char *name,
                                      unsigned mode, cb_error *err);
CB_MUST_USE cb_status cb_publish_append(cb_publish_file *file, cb_str content, cb_error *err);
CB_MUST_USE cb_status cb_publish_sync(cb_publish_file *file, cb_error *err);
CB_MUST_USE cb_status cb_publish_close(cb_publish_file **file, cb_error *err);

// cb_publish_child forks twice; both children call write(ctx, path, tmp_dir), each with a path of its
// own, and exit; the two files must be the same bytes (a library that swallows a failed allocation is
// found out that way), and one is kept. Then a third child calls verify(ctx, path): what the three do
// in memory is lost, only status and sentence come back,
// through a pipe (libxlsxwriter may crash and libarchive exits when memory fails). A child that
// dies by a signal or fails is CB_EIO, or its own status and sentence. SIGINT / SIGTERM (the flag)
// kill the child. The children's standard output and error are closed. Must be called while no
// other thread is alive.
CB_MUST_USE cb_status cb_publish_child(
    cb_publish *publish, const char *name,
    cb_status (*write)(void *ctx, const char *path, const char *tmp_dir, cb_error *err),
    cb_status (*verify)(void *ctx, const char *path, cb_error *err), void *ctx, cb_error *err);

void cb_publish_remove(cb_publish *publish, const char *name);

CB_MUST_USE cb_status cb_publish_commit(cb_publish *publish,
                                        cb_error *err); /* ends publish, also on error */
void cb_publish_abort(cb_publish *publish);             /* NULL is fine */

#endif
