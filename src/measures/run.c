#include "casebook/measures.h"

#include <string.h>

#include "casebook/results.h"

/* A fold is one measure over one window. Its items are cut into pieces, one a thread at most, each
 * with a state and an arena of its own. The first step runs the pieces of all folds side by side,
 * then a step for each stage merges and finishes its folds, then one makes the comparisons. Nothing
 * is shared between tasks but what is read. */

enum { MIN_ITEMS_OF_PIECE = 1 << 13, ITEMS_OF_ADD = 1 << 16 };

typedef struct piece {
    struct fold *fold;
    void *state;       /* NULL: not begun, or ended */
    cb_arena *scratch; /* holds the state; NULL: freed */
    uint32_t from, to;
} piece;

typedef struct fold {
    const cb_measure *measure;
    cb_window_ix ix;
    cb_span span; /* all items */
    piece *piece;
    uint32_t pieces;
    cb_arena *arena; /* of finish: child of the scope's */
} fold;

typedef struct stage {
    struct cb_measuring *of;
    fold **folds;
    size_t n;
} stage;

struct cb_measuring {
    const cb_scope *scope;
    cb_results *out;
    const cb_measure *const *measures;
    cb_arena *own; /* holds this and the tables below */
    fold *folds;
    piece *pieces;
    size_t n_measures, n_folds, n_pieces;
    stage stage[CB_MAX_STAGE + 1];
    cb_arena **compare_arena; /* one a measure */
    cb_lane_step step[CB_MEASURING_STEPS];
};

typedef cb_measuring run;

/* ---- scope ---- */

void cb_scope_init(cb_scope *scope, const cb_book *book, const cb_settings *settings,
                   const cb_calendar *calendar, const cb_derived *derived, const cb_period *period,
                   const cb_workers *workers, cb_arena *arena)
{
    *scope = (cb_scope){.book = book,
                        .settings = settings,
                        .calendar = calendar,
                        .derived = derived,
                        .workers = *workers,
                        .arena = arena};
    cb_period before = cb_period_before(period, settings->zone);
    cb_period year_before = cb_period_year_before(period, settings->zone);
    scope->window[CB_NOW].period = *period;
    scope->window[CB_BEFORE].period =
        cb_period_cut(&before, period, book->as_of_utc_s, settings->zone);
    scope->window[CB_YEAR_BEFORE].period =
        cb_period_cut(&year_before, period, book->as_of_utc_s, settings->zone);
    for (int ix = 0; ix < CB_WINDOWS; ix++) {
        cb_window *window = &scope->window[ix];
        window->cases = cb_cases_opened(book, window->period.from_utc_s, window->period.to_utc_s);
        scope->covered[ix] =
            book->table[CB_CASES].n > 0 && book->first_utc_s <= window->period.from_utc_s;
    }
}

void cb_scope_skip(cb_scope *scope, cb_window_ix ix)
{
    scope->skipped[ix] = true;
    scope->covered[ix] = false;
}

/* ---- plan ---- */

static cb_span items_of(const cb_scope *scope, cb_over over, cb_window_ix ix)
{
    const cb_book *book = scope->book;
    switch (over) {
    case CB_OVER_OPENED:
        return (cb_span){scope->window[ix].cases.rows, 0, scope->window[ix].cases.n};
    case CB_OVER_CASES:
        return (cb_span){book->opened_order, 0, book->table[CB_CASES].n};
    case CB_OVER_CUSTOMERS:
        return (cb_span){NULL, 1, book->cases_of.groups > 1 ? book->cases_of.groups - 1 : 0};
    default:
        return (cb_span){NULL, 0, book->table[CB_REVIEWS].n};
    }
}

static uint32_t pieces_of(const fold *f, unsigned threads)
{
    uint32_t useful = f->span.n / MIN_ITEMS_OF_PIECE + 1;
    if (!f->measure->add || !f->measure->merge)
        return 1;
    return useful < threads ? useful : threads;
}

static cb_span part_of(const cb_span *span, uint32_t from, uint32_t to)
{
    return (cb_span){span->rows ? span->rows + from : NULL, span->rows ? 0 : span->first + from,
                     to - from};
}

static cb_status plan_pieces(run *r, fold *f, cb_error *err)
{
    f->piece = &r->pieces[r->n_pieces];
    for (uint32_t i = 0; i < f->pieces; i++) {
        piece *p = &f->piece[i];
        p->fold = f;
        p->from = (uint32_t)((uint64_t)f->span.n * i / f->pieces);
        p->to = (uint32_t)((uint64_t)f->span.n * (i + 1) / f->pieces);
        p->scratch = cb_arena_new(r->scope->settings->alloc, 0);
        r->n_pieces++;
        if (!p->scratch)
            return cb_nomem(err, "the work of a measure");
    }
    f->arena = cb_arena_child(r->scope->arena);
    return f->arena ? CB_OK : cb_nomem(err, "the results of a measure");
}

static size_t plan_folds(run *r)
{
    size_t pieces = 0;
    for (int ix = 0; ix < CB_WINDOWS; ix++) {
        for (size_t m = 0; m < r->n_measures; m++) {
            const cb_measure *measure = r->measures[m];
            if (r->scope->skipped[ix] || (measure->only_now && ix != CB_NOW))
                continue;
            fold *f = &r->folds[r->n_folds++];
            f->measure = measure;
            f->ix = (cb_window_ix)ix;
            f->span = items_of(r->scope, measure->over, f->ix);
            f->pieces = pieces_of(f, r->scope->workers.threads);
            pieces += f->pieces;
        }
    }
    return pieces;
}

static cb_status plan(run *r, cb_error *err)
{
    while (r->measures[r->n_measures])
        r->n_measures++;
    size_t folds = r->n_measures * CB_WINDOWS;
    r->folds = cb_arena_array(r->own, folds, sizeof *r->folds);
    r->compare_arena = cb_arena_array(r->own, r->n_measures, sizeof *r->compare_arena);
    if (!r->folds || !r->compare_arena)
        return cb_nomem(err, "the table of measures");
    r->pieces = cb_arena_array(r->own, plan_folds(r), sizeof *r->pieces);
    if (!r->pieces)
        return cb_nomem(err, "the table of measures");
    cb_status rc = CB_OK;
    for (size_t i = 0; rc == CB_OK && i < r->n_folds; i++)
        rc = plan_pieces(r, &r->folds[i], err);
    for (size_t m = 0; rc == CB_OK && m < r->n_measures; m++)
        if (r->measures[m]->compare && !(r->compare_arena[m] = cb_arena_child(r->scope->arena)))
            rc = cb_nomem(err, "the comparison of periods");
    return rc;
}

/* ---- pieces: begin, add ---- */

static cb_status add_all(const piece *p, const cb_scope *scope, cb_error *err)
{
    const fold *f = p->fold;
    cb_status rc = CB_OK;
    for (uint32_t from = p->from; rc == CB_OK && from < p->to;) {
        uint32_t to = p->to - from > ITEMS_OF_ADD ? from + ITEMS_OF_ADD : p->to;
        cb_span part = part_of(&f->span, from, to);
        rc = cb_stop_status(scope->workers.stop);
        if (rc == CB_OK)
            rc = f->measure->add(p->state, scope, f->ix, &part, err);
        from = to;
    }
    return rc;
}

static cb_status piece_task(void *ctx, size_t task, cb_error *err)
{
    run *r = ctx;
    piece *p = &r->pieces[task];
    const cb_measure *measure = p->fold->measure;
    cb_scope scope = *r->scope;
    scope.arena = NULL;
    scope.scratch = p->scratch;
    p->state = cb_arena_get(p->scratch, measure->state_bytes);
    if (!p->state)
        return cb_nomem(err, "the work of a measure");
    cb_status rc = measure->begin ? measure->begin(p->state, &scope, p->fold->ix, err) : CB_OK;
    if (rc == CB_OK && measure->add)
        rc = add_all(p, &scope, err);
    return rc;
}

static void end_piece(piece *p)
{
    if (p->state && p->fold->measure->end)
        p->fold->measure->end(p->state);
    p->state = NULL;
    cb_arena_free(p->scratch);
    p->scratch = NULL;
}

/* ---- folds: merge, finish ---- */

static cb_status finish_fold(run *r, fold *f, cb_arena *scratch, cb_error *err)
{
    cb_status rc = CB_OK;
    for (uint32_t i = 1; rc == CB_OK && i < f->pieces; i++)
        rc = f->measure->merge(f->piece[0].state, f->piece[i].state, err);
    if (rc != CB_OK)
        return rc;
    cb_scope scope = *r->scope;
    scope.arena = f->arena;
    scope.scratch = scratch;
    return f->measure->finish(f->piece[0].state, &scope, f->ix, &r->out[f->ix], err);
}

static cb_status fold_task(void *ctx, size_t task, cb_error *err)
{
    const stage *s = ctx;
    fold *f = s->folds[task];
    cb_arena *scratch = cb_arena_new(s->of->scope->settings->alloc, 0);
    if (!scratch)
        return cb_nomem(err, "the work of a measure");
    cb_status rc = finish_fold(s->of, f, scratch, err);
    cb_arena_free(scratch);
    for (uint32_t i = 0; i < f->pieces; i++)
        end_piece(&f->piece[i]);
    return rc;
}

/* ---- comparisons ---- */

static cb_status compare_task(void *ctx, size_t task, cb_error *err)
{
    run *r = ctx;
    const cb_measure *measure = r->measures[task];
    if (!measure->compare)
        return CB_OK;
    cb_scope scope = *r->scope;
    scope.arena = r->compare_arena[task];
    scope.scratch = cb_arena_new(r->scope->settings->alloc, 0);
    if (!scope.scratch)
        return cb_nomem(err, "the comparison of periods");
    cb_status rc = measure->compare(&scope, r->out, err);
    cb_arena_free(scope.scratch);
    return rc;
}

/* ---- all ---- */

static cb_status plan_stages(run *r, cb_error *err)
{
    for (unsigned k = 0; k <= CB_MAX_STAGE; k++) {
        stage *s = &r->stage[k];
        s->of = r;
        s->folds = cb_arena_array(r->own, r->n_folds, sizeof(fold *));
        if (!s->folds)
            return cb_nomem(err, "the table of measures");
        for (size_t i = 0; i < r->n_folds; i++)
            if (r->folds[i].measure->stage == k)
                s->folds[s->n++] = &r->folds[i];
    }
    return CB_OK;
}

static void plan_steps(run *r)
{
    cb_lane_step *step = r->step;
    *step++ = (cb_lane_step){r->n_pieces, piece_task, r};
    for (unsigned k = 0; k <= CB_MAX_STAGE; k++)
        *step++ = (cb_lane_step){r->stage[k].n, fold_task, &r->stage[k]};
    *step = (cb_lane_step){r->n_measures, compare_task, r};
}

cb_status cb_measuring_new(cb_measuring **out, const cb_measure *const *measures,
                           const cb_scope *scope, cb_results *results, cb_error *err)
{
    *out = NULL;
    cb_arena *own = cb_arena_new(scope->settings->alloc, 0);
    run *r = own ? cb_arena_get(own, sizeof *r) : NULL;
    if (!r) {
        cb_arena_free(own);
        return cb_nomem(err, "the table of measures");
    }
    *r = (run){.scope = scope, .out = results, .measures = measures, .own = own};
    memset(results, 0, CB_WINDOWS * sizeof *results);
    cb_status rc = plan(r, err);
    if (rc == CB_OK)
        rc = plan_stages(r, err);
    if (rc != CB_OK) {
        cb_measuring_free(r);
        return rc;
    }
    plan_steps(r);
    *out = r;
    return CB_OK;
}

cb_lane cb_measuring_lane(const cb_measuring *measuring)
{
    return (cb_lane){measuring->step, CB_MEASURING_STEPS};
}

void cb_measuring_free(cb_measuring *measuring)
{
    if (!measuring)
        return;
    for (size_t i = 0; i < measuring->n_pieces; i++)
        end_piece(&measuring->pieces[i]);
    cb_arena_free(measuring->own);
}

cb_status cb_measures_run_these(const cb_measure *const *measures, const cb_scope *scope,
                                cb_results *out, cb_error *err)
{
    cb_measuring *measuring = NULL;
    cb_status rc = cb_measuring_new(&measuring, measures, scope, out, err);
    if (rc == CB_OK) {
        cb_lane lane = cb_measuring_lane(measuring);
        rc = cb_workers_lanes(&scope->workers, &lane, 1, err);
    }
    cb_measuring_free(measuring);
    return rc;
}

cb_status cb_measures_run(const cb_scope *scope, cb_results *out, cb_error *err)
{
    return cb_measures_run_these(cb_measures, scope, out, err);
}
