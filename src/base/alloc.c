#include "casebook/alloc.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    ARENA_ALIGN = 16,
    ARENA_FIRST_BLOCK = 1 << 14,
    ARENA_MAX_BLOCK = 1 << 20,
    GROW_FIRST_ITEMS = 16
};

static void *libc_resize(void *ctx, void *old, size_t old_n, size_t new_n)
{
    (void)ctx;
    (void)old_n;
    if (new_n == 0) {
        free(old);
        return NULL;
    }
    return realloc(old, new_n);
}

const cb_alloc *cb_alloc_libc(void)
{
    static const cb_alloc libc_alloc = {libc_resize, NULL};
    return &libc_alloc;
}

static const cb_alloc *or_libc(const cb_alloc *alloc)
{
    return alloc ? alloc : cb_alloc_libc();
}

/* ---- arena ---- */

typedef struct block {
    struct block *before;
    size_t bytes; /* of the whole block, this head included */
} block;

struct cb_arena {
    const cb_alloc *alloc;
    block *newest;
    char *at; /* free space of the block that small pieces come from */
    size_t left;
    size_t used, cap;
    size_t next_block;
    cb_arena *child; /* the newest of those that are freed with this one */
    cb_arena *sibling;
};

/* The head is padded so that what follows it is aligned. */
enum { BLOCK_HEAD = (sizeof(block) + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN };

cb_arena *cb_arena_new(const cb_alloc *alloc, size_t cap_bytes)
{
    alloc = or_libc(alloc);
    cb_arena *arena = alloc->resize(alloc->ctx, NULL, 0, sizeof *arena);
    if (arena)
        *arena = (cb_arena){.alloc = alloc,
                            .cap = cap_bytes ? cap_bytes : SIZE_MAX,
                            .next_block = ARENA_FIRST_BLOCK};
    return arena;
}

cb_arena *cb_arena_child(cb_arena *parent)
{
    cb_arena *child = cb_arena_new(parent->alloc, 0);
    if (!child)
        return NULL;
    child->sibling = parent->child;
    parent->child = child;
    return child;
}

void cb_arena_free(cb_arena *arena)
{
    if (!arena)
        return;
    const cb_alloc *alloc = arena->alloc;
    while (arena->child) {
        cb_arena *gone = arena->child;
        arena->child = gone->sibling;
        cb_arena_free(gone);
    }
    while (arena->newest) {
        block *gone = arena->newest;
        arena->newest = gone->before;
        alloc->resize(alloc->ctx, gone, gone->bytes, 0);
    }
    alloc->resize(alloc->ctx, arena, sizeof *arena, 0);
}

static char *new_block(cb_arena *arena, size_t body)
{
    size_t bytes = 0;
    if (!cb_add(body, BLOCK_HEAD, &bytes))
        return NULL;
    block *fresh = arena->alloc->resize(arena->alloc->ctx, NULL, 0, bytes);
    if (!fresh)
        return NULL;
    *fresh = (block){arena->newest, bytes};
    arena->newest = fresh;
    return (char *)fresh + BLOCK_HEAD;
}

/* Large pieces get a block of their own, so that the space left in the current one is not lost. */
static char *take_slow(cb_arena *arena, size_t n)
{
    if (n > arena->next_block / 4)
        return new_block(arena, n);
    char *at = new_block(arena, arena->next_block);
    if (!at)
        return NULL;
    arena->at = at + n;
    arena->left = arena->next_block - n;
    if (arena->next_block < ARENA_MAX_BLOCK)
        arena->next_block *= 2;
    return at;
}

static char *take(cb_arena *arena, size_t n)
{
    if (n > arena->left)
        return take_slow(arena, n);
    char *at = arena->at;
    arena->at += n;
    arena->left -= n;
    return at;
}

void *cb_arena_get(cb_arena *arena, size_t n)
{
    size_t rounded = 0;
    if (!cb_add(n ? n : 1, ARENA_ALIGN - 1, &rounded))
        return NULL;
    rounded -= rounded % ARENA_ALIGN;
    if (rounded > arena->cap - arena->used)
        return NULL;
    char *at = take(arena, rounded);
    if (!at)
        return NULL;
    arena->used += rounded;
    return memset(at, 0, rounded);
}

void *cb_arena_array(cb_arena *arena, size_t n, size_t size)
{
    size_t bytes = 0;
    return cb_mul(n, size, &bytes) ? cb_arena_get(arena, bytes) : NULL;
}

cb_str cb_arena_copy(cb_arena *arena, cb_str text)
{
    char *at = text.len < SIZE_MAX ? cb_arena_get(arena, text.len + 1) : NULL;
    if (!at)
        return (cb_str){NULL, 0};
    if (text.len)
        memcpy(at, text.at, text.len);
    return (cb_str){at, text.len};
}

CB_PRINTF(3, 0)
static cb_str arena_format(cb_arena *arena, size_t len, const char *format, va_list values)
{
    char *at = cb_arena_get(arena, len + 1);
    if (!at)
        return (cb_str){NULL, 0};
    vsnprintf(at, len + 1, format, values);
    return (cb_str){at, len};
}

cb_str cb_arena_text(cb_arena *arena, const char *format, ...)
{
    va_list values;
    va_list again;
    va_start(values, format);
    va_copy(again, values);
    int len = vsnprintf(NULL, 0, format, values);
    cb_str text = len < 0 ? (cb_str){NULL, 0} : arena_format(arena, (size_t)len, format, again);
    va_end(again);
    va_end(values);
    return text;
}

size_t cb_arena_used(const cb_arena *arena)
{
    return arena->used;
}

/* ---- byte buffer ---- */

void cb_buf_init(cb_buf *buf, const cb_alloc *alloc, size_t max_bytes)
{
    *buf = (cb_buf){.max_bytes = max_bytes, .alloc = or_libc(alloc)};
}

/* Doubles from the present size; never beyond max, never below need (need <= max). */
static size_t grown(size_t cap, size_t need, size_t first, size_t max)
{
    size_t want = cap > max / 2 ? max : cap * 2;
    if (want < first)
        want = first;
    if (want < need)
        want = need;
    return want > max ? max : want;
}

cb_status cb_buf_reserve(cb_buf *buf, size_t n)
{
    size_t need = 0;
    if (!cb_add(buf->len, n, &need) || need > buf->max_bytes || need == SIZE_MAX)
        return CB_ELIMIT;
    /* One byte more than asked for: the place of vsnprintf's NUL. */
    if (buf->at && need < buf->cap)
        return CB_OK;
    size_t max = buf->max_bytes < SIZE_MAX - 1 ? buf->max_bytes : SIZE_MAX - 1;
    size_t cap = grown(buf->cap, need, 64, max) + 1;
    char *at = buf->alloc->resize(buf->alloc->ctx, buf->at, buf->cap, cap);
    if (!at)
        return CB_ENOMEM;
    buf->at = at;
    buf->cap = cap;
    return CB_OK;
}

cb_status cb_buf_append(cb_buf *buf, const void *bytes, size_t n)
{
    cb_status rc = cb_buf_reserve(buf, n);
    if (rc != CB_OK || n == 0)
        return rc;
    memcpy(buf->at + buf->len, bytes, n);
    buf->len += n;
    return CB_OK;
}

CB_PRINTF(3, 0)
static cb_status buf_format(cb_buf *buf, size_t len, const char *format, va_list values)
{
    cb_status rc = cb_buf_reserve(buf, len);
    if (rc != CB_OK)
        return rc;
    vsnprintf(buf->at + buf->len, len + 1, format, values);
    buf->len += len;
    return CB_OK;
}

cb_status cb_buf_text(cb_buf *buf, const char *format, ...)
{
    va_list values;
    va_list again;
    va_start(values, format);
    va_copy(again, values);
    int len = vsnprintf(NULL, 0, format, values);
    cb_status rc = len < 0 ? CB_ELIMIT : buf_format(buf, (size_t)len, format, again);
    va_end(again);
    va_end(values);
    return rc;
}

void cb_buf_free(cb_buf *buf)
{
    if (buf->at)
        buf->alloc->resize(buf->alloc->ctx, buf->at, buf->cap, 0);
    buf->at = NULL;
    buf->len = 0;
    buf->cap = 0;
}

/* ---- arrays ---- */

cb_status cb_grow(const cb_alloc *alloc, void **array, size_t *cap, size_t need, size_t size,
                  size_t max_items)
{
    if (need <= *cap)
        return CB_OK;
    if (need > max_items)
        return CB_ELIMIT;
    alloc = or_libc(alloc);
    size_t items = grown(*cap, need, GROW_FIRST_ITEMS, max_items);
    size_t bytes = 0;
    if (!cb_mul(items, size, &bytes))
        return CB_ENOMEM;
    void *at = alloc->resize(alloc->ctx, *array, *cap * size, bytes);
    if (!at)
        return CB_ENOMEM;
    *array = at;
    *cap = items;
    return CB_OK;
}

void cb_drop(const cb_alloc *alloc, void **array, size_t *cap, size_t size)
{
    alloc = or_libc(alloc);
    if (*array)
        alloc->resize(alloc->ctx, *array, *cap * size, 0);
    *array = NULL;
    *cap = 0;
}
