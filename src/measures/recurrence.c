#include "measures/recurrence_parts.h"

#include "casebook/results.h"
#include "casebook/stats_interval.h"

/* Q1: cases of the window that repeat one of the W days before; cb_derived has judged each case. */
static cb_status count_repeats(cb_recurrences *out, const cb_scope *scope, cb_window_ix ix,
                               cb_error *err)
{
    const cb_slice *cases = &scope->window[ix].cases;
    const uint8_t *repeat = scope->derived->repeat;
    for (int dim = 0; dim < CB_DIMS; dim++) {
        uint32_t groups = cb_dim_groups(scope->book, (cb_dim)dim);
        out->repeat_by[dim] = cb_arena_array(scope->arena, groups, sizeof(uint32_t));
        out->repeat_eligible_by[dim] = cb_arena_array(scope->arena, groups, sizeof(uint32_t));
        if (!out->repeat_by[dim] || !out->repeat_eligible_by[dim])
            return cb_nomem(err, "the repeats");
    }
    for (uint32_t i = 0; i < cases->n; i++) {
        uint32_t row = cases->rows[i];
        if (repeat[row] == 2) {
            out->no_look_back++;
            continue;
        }
        out->eligible++;
        out->repeats += repeat[row];
        for (int dim = 0; dim < CB_DIMS; dim++) {
            uint32_t word = cb_dim_word(scope->book, (cb_dim)dim, row);
            out->repeat_eligible_by[dim][word]++;
            out->repeat_by[dim][word] += repeat[row];
        }
    }
    out->rate = out->eligible > 0
                    ? cb_wilson(out->repeats, out->eligible, CB_LEVEL_95)
                    : cb_est_none("no case with a known customer and kind has enough look-back");
    return CB_OK;
}

static cb_status recurrence_finish(void *state, const cb_scope *scope, cb_window_ix ix,
                                   cb_results *results, cb_error *err)
{
    cb_recurrences *out = &results->recurrence;
    (void)state;
    cb_status rc = count_repeats(out, scope, ix, err);
    if (rc == CB_OK)
        rc = cb_recur_clusters(out, scope, ix, err);
    if (rc != CB_OK || ix != CB_NOW)
        return rc;
    rc = cb_recur_signals(out, scope, err);
    if (rc == CB_OK)
        rc = cb_recur_pairs(out, scope, err);
    if (rc == CB_OK)
        rc = cb_recur_chains(out, scope, err);
    return rc == CB_OK ? cb_recur_mcf(out, scope, err) : rc;
}

const cb_measure cb_measure_recurrence = {
    .name = "recurrence",
    .methods = "Q1-Q6",
    .over = CB_OVER_OPENED,
    .finish = recurrence_finish,
    .compare = cb_recur_worth,
};
