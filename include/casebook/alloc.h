/* alloc.h - memory: the allocator as a parameter, arenas, growable arrays and byte buffers.
 *
 * Why: what lives together is freed together (an arena per phase, as git's mem-pool), every growing
 * thing is born with its limit (as curl's dynbuf), and an allocator that fails at the n-th call can
 * be handed to any part (as libcsv's).
 *
 * Ownership: an arena owns all that was taken from it until cb_arena_free. An arena may be used by
 * one thread at a time. Memory from an arena is zeroed and aligned to 16 bytes.
 * Errors: NULL or CB_ENOMEM / CB_ELIMIT; nothing here prints or aborts. */
#ifndef CASEBOOK_ALLOC_H
#define CASEBOOK_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

#include "casebook/status.h"
#include "casebook/text.h"

/* resize: new_n == 0 frees and returns NULL; old == NULL allocates; else grows or shrinks like
 * realloc. old_n is what the caller asked for before. */
typedef struct cb_alloc {
    void *(*resize)(void *ctx, void *old, size_t old_n, size_t new_n);
    void *ctx;
} cb_alloc;

// cb_alloc_libc returns the allocator over realloc and free; it lives for ever.
const cb_alloc *cb_alloc_libc(void);

// cb_mul writes a*b and returns true, or returns false on overflow. Likewise cb_add.
static inline bool cb_mul(size_t a, size_t b, size_t *out) { return !__builtin_mul_overflow(a, b, out); }
static inline bool cb_add(size_t a, size_t b, size_t *out) { return !__builtin_add_overflow(a, b, out); }

typedef struct cb_arena cb_arena;

// cb_arena_new returns an empty arena, or NULL. alloc NULL means libc. cap_bytes is a hard limit
// on all that is taken together, each piece rounded up to 16 bytes (0: none). The caller frees it with cb_arena_free.
cb_arena *cb_arena_new(const cb_alloc *alloc, size_t cap_bytes);
void cb_arena_free(cb_arena *arena); /* NULL is fine; frees its children too */

// cb_arena_child returns an empty arena without limit that is freed with its parent, and never before
// it: what another thread makes while the parent is in use elsewhere. NULL: no memory. Call it in
// the parent's thread, before the child goes to its own; do not call cb_arena_free on a child.
cb_arena *cb_arena_child(cb_arena *parent);

// cb_arena_get returns n zeroed bytes, or NULL. n == 0 gives a valid pointer.
void *cb_arena_get(cb_arena *arena, size_t n);

// cb_arena_array returns n zeroed items of size bytes, or NULL (also on overflow).
void *cb_arena_array(cb_arena *arena, size_t n, size_t size);

// cb_arena_copy returns a copy of text that the arena owns; copy.at[copy.len] is NUL. copy.at is NULL
// when there is no memory.
cb_str cb_arena_copy(cb_arena *arena, cb_str text);

// cb_arena_text formats like printf into the arena and returns the text (NUL-terminated; .at NULL: no memory).
cb_str cb_arena_text(cb_arena *arena, const char *format, ...) CB_PRINTF(2, 3);

// cb_arena_used returns the bytes taken so far.
size_t cb_arena_used(const cb_arena *arena);

/* Growable byte buffer. Zero-initialise through cb_buf_init; append past max_bytes is CB_ELIMIT (max_bytes 0 holds
 * nothing; SIZE_MAX is no limit). There is always room for a NUL behind what was reserved. */
typedef struct cb_buf {
    char *at;
    size_t len, cap, max_bytes;
    const cb_alloc *alloc;
} cb_buf;

void cb_buf_init(cb_buf *buf, const cb_alloc *alloc, size_t max_bytes);
CB_MUST_USE cb_status cb_buf_append(cb_buf *buf, const void *bytes, size_t n);
CB_MUST_USE cb_status cb_buf_text(cb_buf *buf, const char *format, ...) CB_PRINTF(2, 3);
// cb_buf_reserve makes room for n more bytes, so that they may be written at buf->at + buf->len.
CB_MUST_USE cb_status cb_buf_reserve(cb_buf *buf, size_t n);
void cb_buf_free(cb_buf *buf);

// cb_grow makes *array (of *cap items of size bytes) hold at least need items, doubling; at most
// max_items (CB_ELIMIT beyond). New bytes are not zeroed. Free with alloc->resize(…, 0) or cb_drop.
CB_MUST_USE cb_status cb_grow(const cb_alloc *alloc, void **array, size_t *cap, size_t need, size_t size,
                              size_t max_items);
// cb_drop frees an array that cb_grow made and sets it to NULL.
void cb_drop(const cb_alloc *alloc, void **array, size_t *cap, size_t size);

#endif
