#include "measures/recurrence_parts.h"

#include "casebook/results.h"
#include "casebook/stats_interval.h"

static cb_est rate_of(uint32_t repeats, uint32_t eligible)
{
    return eligible > 0
               ? cb_wilson(repeats, eligible, CB_LEVEL_95)
               : cb_est_none("no case with a known customer and kind has enough look-back");
}

/* Q1: cases of the window that repeat one of the W days before; cb_derived has judged each case. */
static void count_repeats(cb_recurrences *out, const cb_scope *scope, const cb_slice *cases)
{
    const cb_table *table = &scope->book->table[CB_CASES];
    int64_t look_back_s = (int64_t)(scope->settings->assumption[CB_A_REPEAT_DAYS].base * CB_DAY_S);
    for (uint32_t i = 0; i < cases->n; i++) {
        uint32_t row = cases->rows[i];
        uint8_t repeat = scope->derived->repeat[row];
        out->eligible += repeat != 2;
        out->repeats += repeat == 1;
        if (repeat == 2)
            out->no_look_back +=
                cb_time(table, CB_CASE_OPENED, row) - scope->book->first_utc_s < look_back_s;
    }
    out->unknown = cases->n - out->eligible - out->no_look_back;
    out->rate = rate_of(out->repeats, out->eligible);
}

static void count_kinds(cb_repeats *kind, const cb_scope *scope, const cb_slice *cases)
{
    uint32_t word[CB_RECUR_BLOCK];
    cb_words_of(&scope->book->table[CB_CASES], CB_CASE_KIND, cases->rows, cases->n, word);
    for (uint32_t i = 0; i < cases->n; i++) {
        uint8_t repeat = scope->derived->repeat[cases->rows[i]];
        kind[word[i]].eligible += repeat != 2;
        kind[word[i]].repeats += repeat == 1;
    }
}

static cb_status count_by_kind(cb_recurrences *out, const cb_scope *scope, const cb_slice *cases,
                               cb_error *err)
{
    uint32_t kinds = cb_dim_groups(scope->book, CB_DIM_KIND);
    cb_repeats *kind = cb_arena_array(scope->arena, kinds, sizeof *kind);
    if (!kind)
        return cb_nomem(err, "the repeats");
    for (uint32_t at = 0; at < cases->n; at += CB_RECUR_BLOCK) {
        cb_slice part = cb_recur_part(cases, at);
        count_kinds(kind, scope, &part);
    }
    for (uint32_t k = 0; k < kinds; k++)
        kind[k].rate = rate_of(kind[k].repeats, kind[k].eligible);
    out->repeats_of_kind = kind;
    return CB_OK;
}

/* By the words of a dimension ask the signals and the pairs. */
static bool asked_for(const cb_scope *scope, cb_dim dim)
{
    bool asked = !(scope->left_out & CB_PART_COURSES);
    for (unsigned d = 0; d < CB_SIGNAL_DIMS; d++)
        asked = asked || cb_signal_dims[d] == dim;
    return asked;
}

/* The window's cases by word. */
static cb_status count_words(cb_recur_state *s, const cb_scope *scope, const cb_slice *cases,
                             cb_dim dim, cb_error *err)
{
    uint32_t word[CB_RECUR_BLOCK];
    uint32_t *count =
        cb_arena_array(scope->scratch, cb_dim_groups(scope->book, dim), sizeof *count);
    if (!count)
        return cb_nomem(err, "the words of the window");
    for (uint32_t at = 0; at < cases->n; at += CB_RECUR_BLOCK) {
        cb_slice part = cb_recur_part(cases, at);
        cb_words_of(&scope->book->table[CB_CASES], cb_dim_fields[dim], part.rows, part.n, word);
        for (uint32_t i = 0; i < part.n; i++)
            count[word[i]]++;
    }
    s->count[dim] = count;
    return CB_OK;
}

static cb_status recurrence_begin(void *state, const cb_scope *scope, cb_window_ix ix,
                                  cb_error *err)
{
    cb_recur_state *s = state;
    s->alloc = scope->settings->alloc ? scope->settings->alloc : cb_alloc_libc();
    s->works = ix == CB_NOW;
    cb_status rc = s->works ? cb_recur_bunches_begin(s, scope, err) : CB_OK;
    if (rc == CB_OK && s->works)
        rc = cb_recur_breakdowns_begin(s, scope, err);
    return rc == CB_OK && s->works ? cb_recur_few(s, scope, err) : rc;
}

static cb_status recurrence_add(void *state, const cb_scope *scope, cb_window_ix ix,
                                const cb_span *span, cb_error *err)
{
    cb_recur_state *s = state;
    uint32_t at = span->first, end = span->first + span->n;
    bool more = s->works;
    cb_status rc = CB_OK;
    (void)ix;
    while (more && rc == CB_OK) {
        rc = cb_recur_next(s, scope->book, &at, end, &more, err);
        if (rc != CB_OK || !more)
            break;
        cb_recur_bunches_add(s, scope);
        cb_recur_breakdowns_add(s, scope);
    }
    return rc;
}

static cb_status recurrence_merge(void *into, void *from, cb_error *err)
{
    cb_recur_state *s = into;
    (void)err;
    if (!s->works)
        return CB_OK;
    cb_recur_bunches_merge(s, from);
    cb_recur_breakdowns_merge(s, from);
    return CB_OK;
}

static void recurrence_end(void *state)
{
    cb_recur_state *s = state;
    if (s->alloc)
        cb_recur_block_end(&s->block, s->alloc);
}

static cb_status of_now(cb_recurrences *out, cb_recur_state *s, const cb_scope *scope,
                        cb_error *err)
{
    cb_status rc = cb_recur_signals(out, s, scope, err);
    if (rc != CB_OK || scope->left_out & CB_PART_COURSES)
        return rc;
    rc = cb_recur_breakdowns(out, s, scope, err);
    cb_recur_chains(out, scope);
    if (rc == CB_OK)
        rc = cb_recur_pairs(out, s, scope, err);
    return rc == CB_OK ? cb_recur_mcf(out, s, scope, err) : rc;
}

static cb_status recurrence_finish(void *state, const cb_scope *scope, cb_window_ix ix,
                                   cb_results *results, cb_error *err)
{
    cb_recurrences *out = &results->recurrence;
    const cb_slice *cases = &scope->window[ix].cases;
    count_repeats(out, scope, cases);
    if (ix != CB_NOW)
        return CB_OK;
    cb_status rc = count_by_kind(out, scope, cases, err);
    for (int dim = 0; rc == CB_OK && dim < CB_DIMS; dim++)
        if (asked_for(scope, (cb_dim)dim))
            rc = count_words(state, scope, cases, (cb_dim)dim, err);
    if (rc == CB_OK)
        rc = cb_recur_clusters(out, scope, ix, &results->resolution, err);
    return rc == CB_OK ? of_now(out, state, scope, err) : rc;
}

const cb_measure cb_measure_recurrence = {
    .name = "recurrence",
    .methods = "Q1-Q6",
    .over = CB_OVER_CUSTOMERS,
    .stage = 1,
    .state_bytes = sizeof(cb_recur_state),
    .begin = recurrence_begin,
    .add = recurrence_add,
    .merge = recurrence_merge,
    .finish = recurrence_finish,
    .compare = cb_recur_worth,
    .end = recurrence_end,
};
