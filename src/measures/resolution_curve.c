#include "measures/resolution_parts.h"

#include "casebook/stats_order.h"

static const char closed_only_reason[] = "the input holds closed cases only (R9)";

static int64_t key_of(int64_t duration_s, bool censored)
{
    return duration_s < 0 ? -1 : duration_s * 2 + censored;
}

int64_t cb_res_key_elapsed(const cb_derived *derived, uint32_t row)
{
    return key_of(cb_elapsed_s(derived, row), derived->state[row] != CB_STATE_RESOLVED);
}

int64_t cb_res_key_business(const cb_derived *derived, uint32_t row)
{
    return key_of(cb_business_s(derived, row), derived->state[row] != CB_STATE_RESOLVED);
}

int64_t cb_res_key_response(const cb_derived *derived, uint32_t row)
{
    return key_of(cb_response_s(derived, row), !cb_responded(derived, row));
}

cb_status cb_res_sort(cb_res_order *out, const cb_slice *cases, const cb_res_source *source,
                      cb_arena *arena, cb_arena *scratch, cb_error *err)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < cases->n; i++)
        n += source->key(source->derived, cases->rows[i]) >= 0;
    int64_t *key = cb_arena_array(arena, n, sizeof *key);
    uint32_t *row = cb_arena_array(arena, n, sizeof *row);
    if (!key || !row)
        return cb_nomem(err, "the sorted durations");
    for (uint32_t i = 0, k = 0; i < cases->n; i++) {
        int64_t one = source->key(source->derived, cases->rows[i]);
        if (one < 0)
            continue;
        key[k] = one;
        row[k++] = cases->rows[i];
    }
    *out = (cb_res_order){key, row, n};
    return cb_sort_pairs(key, row, n, scratch) == CB_OK ? CB_OK
                                                        : cb_nomem(err, "the sorted durations");
}

static uint32_t place_of(const cb_res_order *order, const uint32_t *word, uint32_t i)
{
    return (word ? word[order->row[i]] : 0) * 2 + (uint32_t)(order->key[i] & 1);
}

cb_status cb_res_split_by(cb_res_split *out, const cb_res_order *order, const uint32_t *word,
                          uint32_t groups, cb_arena *arena, cb_error *err)
{
    /* at[p + 2] counts place p, then at[p + 1] is where the next one of place p goes, and at the
     * end at[p] where p begins. */
    size_t places = (size_t)groups * 2;
    uint32_t *at = cb_arena_array(arena, places + 2, sizeof *at);
    uint32_t *place = cb_arena_array(arena, order->n, sizeof *place);
    int64_t *duration_s = cb_arena_array(arena, order->n, sizeof *duration_s);
    if (!at || !place || !duration_s)
        return cb_nomem(err, "the durations of groups");
    for (uint32_t i = 0; i < order->n; i++) {
        place[i] = place_of(order, word, i);
        at[place[i] + 2]++;
    }
    for (size_t p = 2; p < places + 2; p++)
        at[p] += at[p - 1];
    for (uint32_t i = 0; i < order->n; i++)
        duration_s[at[place[i] + 1]++] = order->key[i] >> 1;
    *out = (cb_res_split){groups, at, duration_s};
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

static void fill_curve(cb_res *out, const cb_km *km)
{
    double tau_s = cb_km_follow_up(km, 0.95);
    out->median_h = hours(cb_km_quantile(km, 0.5));
    out->p90_h = hours(cb_km_quantile(km, 0.9));
    out->p95_h = hours(cb_km_quantile(km, 0.95));
    out->restricted_mean_h = hours(cb_km_rmean(km, tau_s, NULL));
    out->tau_h = tau_s / CB_HOUR_S;
}

void cb_res_fill(cb_res *out, const cb_logrank_group *part, const cb_res_rules *rules,
                 cb_km_step *steps, cb_km *km)
{
    const char *why = refusal(part, rules);
    out->resolved = (uint32_t)part->n_events;
    out->open = (uint32_t)part->n_censored;
    out->n = out->resolved + out->open;
    fill_resolved(out, part, out->n > 0 ? rules->no_event : rules->none);
    *km = (cb_km){.reason = why};
    if (why) {
        out->median_h = out->p90_h = out->p95_h = out->restricted_mean_h = cb_est_none(why);
        out->tau_h = NAN;
        return;
    }
    cb_km_fit_into(part->event_s, part->n_events, part->censored_s, part->n_censored, CB_LEVEL_95,
                   steps, km);
    fill_curve(out, km);
}

cb_est cb_res_median(const cb_logrank_group *part, const cb_res_rules *rules)
{
    const char *why = refusal(part, rules);
    if (why)
        return cb_est_none(why);
    return hours(cb_km_quantile_of(part->event_s, part->n_events, part->censored_s,
                                   part->n_censored, CB_LEVEL_95, 0.5));
}
