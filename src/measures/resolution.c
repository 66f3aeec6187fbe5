#include "measures/resolution_parts.h"

#include "casebook/results.h"

static const char not_compared[] = "made for the report's own period only";

static void count_cases(cb_resolution *out, const cb_scope *scope, const cb_slice *cases)
{
    const cb_table *table = &scope->book->table[CB_CASES];
    uint32_t blank = 0, withdrawn = 0, contradictions = 0;
    for (uint32_t i = 0; i < cases->n; i++) {
        uint8_t state = scope->derived->state[cases->rows[i]];
        cb_case_status says = cb_status_of(table, cases->rows[i]);
        blank += state == CB_STATE_CLOSED_BLANK;
        withdrawn += state == CB_STATE_WITHDRAWN;
        contradictions +=
            (state == CB_STATE_RESOLVED) & ((says == CB_STATUS_OPEN) | (says == CB_STATUS_PENDING));
    }
    out->cases = cases->n;
    out->closed_unknown = blank;
    out->withdrawn = withdrawn;
    out->contradictions = contradictions;
}

/* R9 looks at the whole input: a cohort of long ago may well be all resolved. */
static bool closed_only(const cb_scope *scope)
{
    uint32_t n = scope->book->table[CB_CASES].n;
    const uint8_t *state = scope->derived->state;
    if (n <= CB_CLOSED_ONLY_MIN)
        return false;
    for (uint32_t row = 0; row < n; row++)
        if (state[row] == CB_STATE_OPEN)
            return false;
    return true;
}

static void set_sources(cb_res_source source[CB_RES_DURATIONS], const cb_scope *scope,
                        bool only_closed)
{
    const cb_derived *d = scope->derived;
    bool answers = scope->book->table[CB_CASES].column[CB_CASE_FIRST_RESPONSE] != NULL;
    cb_res_rules rules = {only_closed, "no case with a known duration", "no case is resolved"};
    cb_res_rules answer_rules = {only_closed, "no case with a known first response",
                                 "no case has a first response"};
    if (!answers)
        answer_rules.none = "first_response_at is not in the input";
    source[CB_RES_ELAPSED] = (cb_res_source){d, cb_res_key_elapsed, rules, NULL};
    source[CB_RES_BUSINESS] = (cb_res_source){d, cb_res_key_business, rules, NULL};
    source[CB_RES_RESPONSE] = (cb_res_source){d, cb_res_key_response, answer_rules, NULL};
}

/* The chart ends where nine tenths are solved: beyond it the axis would be all tail. */
static cb_status set_chart(cb_resolution *out, const cb_logrank_group *all, cb_arena *arena,
                           cb_error *err)
{
    double to_h = cb_est_ok(out->hours.p90_h) ? out->hours.p90_h.value : out->hours.tau_h;
    if (isnan(out->hours.tau_h))
        return CB_OK;
    cb_status rc = cb_km_chart(all, CB_LEVEL_95, (int64_t)(to_h * CB_HOUR_S + 0.5),
                               CB_RES_CURVE_POINTS, arena, &out->curve, &out->curve_n);
    return rc == CB_OK ? CB_OK : cb_nomem(err, "the survival curve");
}

static cb_status set_whole(cb_res *out, const cb_res_order *order, const cb_res_source *source,
                           cb_resolution *chart, const cb_scope *scope, cb_error *err)
{
    cb_res_split all;
    cb_status rc = CB_OK;
    cb_arena *scratch = cb_arena_new(scope->settings->alloc, 0);
    cb_km_jump *jump = scratch ? cb_arena_array(scratch, order->n, sizeof *jump) : NULL;
    if (!jump)
        rc = cb_nomem(err, "the survival curve");
    if (rc == CB_OK)
        rc = cb_res_split_whole(&all, order, scratch, err);
    if (rc == CB_OK) {
        cb_logrank_group part = cb_res_part(&all, 0);
        cb_res_fill(out, &part, &source->rules, jump);
        if (chart)
            rc = set_chart(chart, &part, scope->arena, err);
    }
    cb_arena_free(scratch);
    return rc;
}

typedef struct sorted {
    cb_res_source source[CB_RES_DURATIONS];
    cb_res_order order[CB_RES_DURATIONS];
} sorted;

static cb_status sort_by(cb_res_order *order, const cb_slice *cases, const cb_res_source *source,
                         cb_arena *arena, const cb_scope *scope, cb_error *err)
{
    cb_arena *spare = cb_arena_new(scope->settings->alloc, 0);
    cb_status rc = spare ? cb_res_sort(order, cases, source, arena, spare, err)
                         : cb_nomem(err, "the sorted durations");
    cb_arena_free(spare);
    return rc;
}

/* What only the report's own period shows. */
static cb_status set_now(cb_resolution *out, sorted *s, const cb_scope *scope, cb_error *err)
{
    const cb_slice *cases = &scope->window[CB_NOW].cases;
    cb_res *whole[CB_RES_DURATIONS] = {NULL, &out->business_hours, &out->first_response_hours};
    cb_status rc = CB_OK;
    for (int i = CB_RES_BUSINESS; rc == CB_OK && i < CB_RES_DURATIONS; i++) {
        rc = sort_by(&s->order[i], cases, &s->source[i], scope->scratch, scope, err);
        if (rc == CB_OK)
            rc = set_whole(whole[i], &s->order[i], &s->source[i], NULL, scope, err);
    }
    out->response_unknown = cases->n - s->order[CB_RES_RESPONSE].n;
    return rc == CB_OK ? cb_res_dims(out, scope, cases, s->order, s->source, err) : rc;
}

static cb_status resolution_finish(void *state, const cb_scope *scope, cb_window_ix ix,
                                   cb_results *results, cb_error *err)
{
    cb_resolution *out = &results->resolution;
    const cb_slice *cases = &scope->window[ix].cases;
    sorted s = {.order = {{0}}};
    (void)state;
    out->closed_only = closed_only(scope);
    count_cases(out, scope, cases);
    set_sources(s.source, scope, out->closed_only);
    cb_res_tally *tally = s.source[CB_RES_ELAPSED].tally = cb_res_tally_new(scope);
    if (!tally)
        return cb_nomem(err, "the targets");
    cb_status rc = sort_by(&s.order[CB_RES_ELAPSED], cases, &s.source[CB_RES_ELAPSED], scope->arena,
                           scope, err);
    out->order = s.order[CB_RES_ELAPSED];
    if (rc == CB_OK)
        rc = set_whole(&out->hours, &out->order, &s.source[CB_RES_ELAPSED], out, scope, err);
    cb_res_refuse(&out->business_hours, not_compared);
    cb_res_refuse(&out->first_response_hours, not_compared);
    if (rc == CB_OK && ix == CB_NOW)
        rc = set_now(out, &s, scope, err);
    return rc == CB_OK ? cb_res_targets(out, tally, err) : rc;
}

const cb_measure cb_measure_resolution = {
    .name = "resolution",
    .methods = "R1-R5, R7-R9",
    .over = CB_OVER_OPENED,
    .finish = resolution_finish,
    .compare = cb_res_compare,
};
