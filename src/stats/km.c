#include "casebook/stats_survival.h"

#include <math.h>

#include "stats/km_band.h"
#include "stats/km_walk.h"

static const char *array_fault(const int64_t *sorted, size_t n)
{
    if (n > 0 && sorted[0] < 0)
        return "a duration is negative";
    for (size_t i = 1; i < n; i++)
        if (sorted[i] < sorted[i - 1])
            return "the durations are not in order";
    return NULL;
}

const char *cb_km_fault(const int64_t *event_s, size_t n_events, const int64_t *censored_s,
                        size_t n_censored)
{
    if (n_events + n_censored == 0)
        return "no cases";
    if (n_events + n_censored > UINT32_MAX)
        return "too many cases";
    const char *fault = array_fault(event_s, n_events);
    return fault ? fault : array_fault(censored_s, n_censored);
}

static void fit_into(const int64_t *event_s, size_t n_events, const int64_t *censored_s,
                     size_t n_censored, double level, cb_km_step *steps, cb_km *out)
{
    *out = (cb_km){.level = level};
    out->reason = cb_km_fault(event_s, n_events, censored_s, n_censored);
    if (out->reason)
        return;
    cb_km_walk walk = cb_km_walk_of(event_s, n_events, censored_s, n_censored);
    out->n = walk.at_risk;
    out->n_events = (uint32_t)n_events;
    out->n_censored = (uint32_t)n_censored;
    out->steps = steps;
    while (cb_km_walk_next(&walk, &steps[out->n_steps]))
        out->n_steps++;
}

cb_status cb_km_fit(const int64_t *event_s, size_t n_events, const int64_t *censored_s,
                    size_t n_censored, double level, cb_arena *arena, cb_km *out)
{
    *out = (cb_km){.level = level};
    out->reason = cb_km_fault(event_s, n_events, censored_s, n_censored);
    if (out->reason)
        return CB_OK;
    size_t n_steps = 0;
    cb_km_step step;
    cb_km_walk walk = cb_km_walk_of(event_s, n_events, censored_s, n_censored);
    while (cb_km_walk_next(&walk, &step))
        n_steps++;
    cb_km_step *steps = cb_arena_array(arena, n_steps, sizeof *steps);
    if (!steps)
        return CB_ENOMEM;
    fit_into(event_s, n_events, censored_s, n_censored, level, steps, out);
    return CB_OK;
}

cb_status cb_km_fit_flags(const int64_t *duration_s, const uint8_t *is_event, size_t n,
                          double level, cb_arena *arena, cb_km *out)
{
    *out = (cb_km){.level = level};
    int64_t *split = cb_arena_array(arena, n, sizeof *split);
    if (!split)
        return CB_ENOMEM;
    size_t n_events = 0, n_censored = 0;
    for (size_t i = 0; i < n; i++)
        n_events += is_event[i] != 0;
    for (size_t i = 0, events = 0; i < n; i++) {
        if (is_event[i])
            split[events++] = duration_s[i];
        else
            split[n_events + n_censored++] = duration_s[i];
    }
    return cb_km_fit(split, n_events, split + n_events, n_censored, level, arena, out);
}

cb_km_band cb_km_band_of(const cb_km_step *step, double z)
{
    if (!(step->survival > 0 && step->survival < 1))
        return (cb_km_band){NAN, NAN};
    double log_s = log(step->survival), shift = z * sqrt(step->greenwood) / log_s;
    double centre = log(-log_s);
    return (cb_km_band){exp(-exp(centre - shift)), exp(-exp(centre + shift))};
}
