#include "measures/resolution_parts.h"

#include <assert.h>

#include "casebook/stats_order.h"

static const char closed_only_reason[] = "the input holds closed cases only (R9)";

/* Years 1900 to 2200 (coerce.h) are less than 2^34 seconds. */
static_assert(CB_MAX_ROWS <= 1 << CB_RES_PLACE_BITS, "a case's place fits below its duration");

static int64_t key_of(int64_t from, int64_t to, bool censored)
{
    return to != CB_NO_TIME && to >= from ? (to - from) * 2 + censored : -1;
}

void cb_res_key_elapsed(const cb_derived *derived, const uint32_t *rows, uint32_t n, int64_t *key)
{
    const cb_table *cases = &derived->book->table[CB_CASES];
    const int64_t end[] = {[CB_STATE_OPEN] = derived->book->as_of_utc_s,
                           [CB_STATE_CLOSED_BLANK] = CB_NO_TIME,
                           [CB_STATE_WITHDRAWN] = CB_NO_TIME};
    int64_t opened[CB_BLOCK], resolved[CB_BLOCK];
    cb_times_of(cases, CB_CASE_OPENED, rows, n, opened);
    cb_times_of(cases, CB_CASE_RESOLVED, rows, n, resolved);
    for (uint32_t i = 0; i < n; i++) {
        uint8_t state = derived->state[rows[i]];
        bool censored = state != CB_STATE_RESOLVED;
        key[i] = key_of(opened[i], censored ? end[state] : resolved[i], censored);
    }
}

void cb_res_key_business(const cb_derived *derived, const uint32_t *rows, uint32_t n, int64_t *key)
{
    for (uint32_t i = 0; i < n; i++) {
        int64_t lasted_s = cb_business_s(derived, rows[i]);
        bool censored = derived->state[rows[i]] != CB_STATE_RESOLVED;
        key[i] = lasted_s < 0 ? -1 : lasted_s * 2 + censored;
    }
}

void cb_res_key_response(const cb_derived *derived, const uint32_t *rows, uint32_t n, int64_t *key)
{
    const cb_table *cases = &derived->book->table[CB_CASES];
    const int64_t as_of =
        cases->column[CB_CASE_FIRST_RESPONSE] ? derived->book->as_of_utc_s : CB_NO_TIME;
    int64_t opened[CB_BLOCK], answered[CB_BLOCK];
    cb_times_of(cases, CB_CASE_OPENED, rows, n, opened);
    cb_times_of(cases, CB_CASE_FIRST_RESPONSE, rows, n, answered);
    for (uint32_t i = 0; i < n; i++) {
        bool censored = answered[i] == CB_NO_TIME;
        bool open = derived->state[rows[i]] == CB_STATE_OPEN;
        key[i] = key_of(opened[i], censored && open ? as_of : answered[i], censored);
    }
}

/* The keys of the cases that have a duration, in the order of opening. */
static uint32_t pack_keys(uint64_t *out, const cb_slice *cases, const cb_res_source *source)
{
    int64_t key[CB_BLOCK];
    uint32_t n = 0;
    for (uint32_t from = 0; from < cases->n; from += CB_BLOCK) {
        uint32_t block = cb_block_of(cases->n, from);
        source->key(source->derived, cases->rows + from, block, key);
        if (source->tally)
            cb_res_tally_add(source->tally, cases->rows + from, block, key);
        for (uint32_t i = 0; i < block; i++) {
            out[n] = (uint64_t)key[i] << CB_RES_PLACE_BITS | (from + i);
            n += key[i] >= 0;
        }
    }
    return n;
}

cb_status cb_res_sort(cb_res_order *out, const cb_slice *cases, const cb_res_source *source,
                      cb_arena *arena, cb_arena *scratch, cb_error *err)
{
    uint64_t *key = cb_arena_array(arena, cases->n, sizeof *key);
    uint64_t *spare = cb_arena_array(scratch, cases->n, sizeof *spare);
    if (!key || !spare)
        return cb_nomem(err, "the sorted durations");
    *out = (cb_res_order){key, pack_keys(key, cases, source), *cases};
    cb_sort_above_in(key, spare, out->n, CB_RES_PLACE_BITS);
    return CB_OK;
}

cb_status cb_res_split_whole(cb_res_split *out, const cb_res_order *order, cb_arena *arena,
                             cb_error *err)
{
    uint32_t *offset = cb_arena_array(arena, 3, sizeof *offset);
    int64_t *duration_s = cb_arena_array(arena, order->n, sizeof *duration_s);
    if (!offset || !duration_s)
        return cb_nomem(err, "the durations of the period");
    uint32_t at[2] = {0, order->n};
    for (uint32_t i = 0; i < order->n; i++)
        at[1] -= cb_res_censored(order->key[i]);
    offset[1] = at[1];
    offset[2] = order->n;
    for (uint32_t i = 0; i < order->n; i++)
        duration_s[at[cb_res_censored(order->key[i])]++] = cb_res_duration_s(order->key[i]);
    *out = (cb_res_split){1, offset, duration_s};
    return CB_OK;
}

cb_logrank_group cb_res_part(const cb_res_split *split, uint32_t word)
{
    const uint32_t *at = &split->offset[(size_t)word * 2];
    return (cb_logrank_group){
        .event_s = split->duration_s + at[0],
        .n_events = at[1] - at[0],
        .censored_s = split->duration_s + at[1],
        .n_censored = at[2] - at[1],
    };
}

static cb_est hours(cb_est seconds)
{
    return cb_est_scaled(seconds, 1.0 / CB_HOUR_S);
}

/* Why there is no Kaplan-Meier estimate; NULL if there may be one. */
static const char *refusal(const cb_logrank_group *part, const cb_res_rules *rules)
{
    if (part->n_events + part->n_censored == 0)
        return rules->none;
    return rules->closed_only ? closed_only_reason : NULL;
}

static void fill_resolved(cb_res *out, const cb_logrank_group *part, const char *none)
{
    cb_total total = {0};
    if (part->n_events == 0) {
        out->resolved_only.mean_h = out->resolved_only.median_h = cb_est_none(none);
        out->resolved_only.p90_h = out->resolved_only.p95_h = cb_est_none(none);
        return;
    }
    cb_total_add_all(&total, part->event_s, part->n_events);
    out->resolved_only.mean_h = hours(cb_est_known(cb_total_mean(&total)));
    out->resolved_only.median_h = hours(cb_quantile_i64(part->event_s, part->n_events, 0.5));
    out->resolved_only.p90_h = hours(cb_quantile_i64(part->event_s, part->n_events, 0.9));
    out->resolved_only.p95_h = hours(cb_quantile_i64(part->event_s, part->n_events, 0.95));
}

void cb_res_refuse(cb_res *out, const char *why)
{
    cb_est none = cb_est_none(why);
    *out = (cb_res){
        .median_h = none, .p90_h = none, .p95_h = none, .restricted_mean_h = none, .tau_h = NAN};
    out->resolved_only.mean_h = out->resolved_only.median_h = none;
    out->resolved_only.p90_h = out->resolved_only.p95_h = none;
}

static void fill_curve(cb_res *out, const cb_logrank_group *part, cb_km_jump *jump)
{
    cb_km_figures km;
    cb_km_figures_of(part, CB_LEVEL_95, jump, &km);
    out->median_h = hours(km.median_s);
    out->p90_h = hours(km.p90_s);
    out->p95_h = hours(km.p95_s);
    out->restricted_mean_h = hours(km.restricted_mean_s);
    out->tau_h = km.tau_s / CB_HOUR_S;
}

void cb_res_fill(cb_res *out, const cb_logrank_group *part, const cb_res_rules *rules,
                 cb_km_jump *jump)
{
    const char *why = refusal(part, rules);
    out->resolved = (uint32_t)part->n_events;
    out->open = (uint32_t)part->n_censored;
    out->n = out->resolved + out->open;
    fill_resolved(out, part, out->n > 0 ? rules->no_event : rules->none);
    if (!why) {
        fill_curve(out, part, jump);
        return;
    }
    out->median_h = out->p90_h = out->p95_h = out->restricted_mean_h = cb_est_none(why);
    out->tau_h = NAN;
}

cb_est cb_res_median(const cb_logrank_group *part, const cb_res_rules *rules)
{
    const char *why = refusal(part, rules);
    if (why)
        return cb_est_none(why);
    return hours(cb_km_quantile_of(part->event_s, part->n_events, part->censored_s,
                                   part->n_censored, CB_LEVEL_95, 0.5));
}
