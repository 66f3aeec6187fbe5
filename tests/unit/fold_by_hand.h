/* fold_by_hand.h - a measure folded piece by piece, as the engine does it with threads, but in
 * pieces of any size.
 *
 * Why: the engine cuts only above some thousand items. A test of a measure must see many pieces of
 * few items, empty ones among them, and the result must be that of one piece.
 *
 * Sequence: test_world_run first (it sets w->scope), then fold_by_hand(&w, measure, ix, pieces,
 * &seed, &results): the results live until test_world_close. Only the measure's own part of results
 * is written. */
#ifndef TESTS_FOLD_BY_HAND_H
#define TESTS_FOLD_BY_HAND_H

#include "book_builder.h"

enum { FOLD_MAX_PIECES = 16 };

static inline cb_span fold_items(const test_world *w, const cb_measure *measure, cb_window_ix ix)
{
    const cb_scope *scope = &w->scope;
    switch (measure->over) {
    case CB_OVER_OPENED:
        return (cb_span){scope->window[ix].cases.rows, 0, scope->window[ix].cases.n};
    case CB_OVER_CASES:
        return (cb_span){w->book->opened_order, 0, w->book->table[CB_CASES].n};
    case CB_OVER_CUSTOMERS:
        return (cb_span){NULL, 1, w->book->cases_of.groups > 1 ? w->book->cases_of.groups - 1 : 0};
    default:
        return (cb_span){NULL, 0, w->book->table[CB_REVIEWS].n};
    }
}

static inline cb_span fold_part(const cb_span *all, uint32_t from, uint32_t to)
{
    return (cb_span){all->rows ? all->rows + from : NULL, all->rows ? 0 : all->first + from,
                     to - from};
}

/* Adds [from, to) in spans of random sizes. */
static inline void fold_add(const cb_measure *measure, void *state, const cb_scope *scope,
                            cb_window_ix ix, const cb_span *all, uint32_t from, uint32_t to,
                            uint64_t *seed)
{
    cb_error err = {.status = CB_OK};
    while (from < to) {
        uint32_t n = (uint32_t)test_between(seed, 1, (int64_t)(to - from) + 1);
        cb_span part = fold_part(all, from, from + n);
        test_ok(measure->add(state, scope, ix, &part, &err), &err);
        from += n;
    }
}

static inline void fold_by_hand(test_world *w, const cb_measure *measure, cb_window_ix ix,
                                unsigned pieces, uint64_t *seed, cb_results *out)
{
    cb_error err = {.status = CB_OK};
    void *state[FOLD_MAX_PIECES];
    cb_arena *scratch[FOLD_MAX_PIECES];
    cb_span all = fold_items(w, measure, ix);
    uint32_t at = 0;
    memset(out, 0, sizeof *out);
    for (unsigned i = 0; i < pieces; i++) {
        cb_scope scope = w->scope;
        scope.arena = NULL;
        scope.scratch = scratch[i] = cb_arena_new(NULL, 0);
        state[i] = cb_arena_get(scope.scratch, measure->state_bytes);
        uint32_t to =
            i + 1 == pieces ? all.n : (uint32_t)test_between(seed, at, (int64_t)all.n + 1);
        if (measure->begin)
            test_ok(measure->begin(state[i], &scope, ix, &err), &err);
        fold_add(measure, state[i], &scope, ix, &all, at, to, seed);
        at = to;
    }
    for (unsigned i = 1; i < pieces; i++)
        test_ok(measure->merge(state[0], state[i], &err), &err);
    cb_scope scope = w->scope;
    scope.arena = w->arena;
    scope.scratch = cb_arena_new(NULL, 0);
    test_ok(measure->finish(state[0], &scope, ix, out, &err), &err);
    cb_arena_free(scope.scratch);
    for (unsigned i = 0; i < pieces; i++) {
        if (measure->end)
            measure->end(state[i]);
        cb_arena_free(scratch[i]);
    }
}

#endif
