#include "casebook/stats_survival.h"

#include <math.h>

#include "stats/km_band.h"

/* Walks over two ascending arrays by distinct time. */
typedef struct walk {
    const int64_t *event, *event_end, *censored, *censored_end;
} walk;

static bool next_time(walk *w, cb_km_step *step)
{
    bool more_events = w->event < w->event_end, more_censored = w->censored < w->censored_end;
    if (!more_events && !more_censored)
        return false;
    bool event_first = more_events && (!more_censored || *w->event <= *w->censored);
    int64_t t = event_first ? *w->event : *w->censored;
    *step = (cb_km_step){.time_s = t};
    for (; w->event < w->event_end && *w->event == t; w->event++)
        step->events++;
    for (; w->censored < w->censored_end && *w->censored == t; w->censored++)
        step->censored++;
    return true;
}

static const char *array_fault(const int64_t *sorted, size_t n)
{
    if (n > 0 && sorted[0] < 0)
        return "a duration is negative";
    for (size_t i = 1; i < n; i++)
        if (sorted[i] < sorted[i - 1])
            return "the durations are not in order";
    return NULL;
}

static const char *input_fault(const int64_t *event_s, size_t n_events, const int64_t *censored_s,
                               size_t n_censored)
{
    if (n_events + n_censored == 0)
        return "no cases";
    if (n_events + n_censored > UINT32_MAX)
        return "too many cases";
    const char *fault = array_fault(event_s, n_events);
    return fault ? fault : array_fault(censored_s, n_censored);
}

static void fill_steps(walk w, uint32_t at_risk, cb_km_step *steps)
{
    double survival = 1, greenwood = 0;
    for (cb_km_step *s = steps; next_time(&w, s); s++) {
        s->at_risk = at_risk;
        if (s->events > 0) {
            double n = at_risk, left = n - s->events;
            survival = left > 0 ? survival * (left / n) : 0;
            greenwood += left > 0 ? s->events / (n * left) : INFINITY;
        }
        s->survival = survival;
        s->greenwood = greenwood;
        at_risk -= s->events + s->censored;
    }
}

cb_status cb_km_fit(const int64_t *event_s, size_t n_events, const int64_t *censored_s,
                    size_t n_censored, double level, cb_arena *arena, cb_km *out)
{
    *out = (cb_km){.level = level};
    out->reason = input_fault(event_s, n_events, censored_s, n_censored);
    if (out->reason)
        return CB_OK;
    /* NULL + 0 is undefined in C */
    const walk start = {event_s, n_events ? event_s + n_events : event_s, censored_s,
                        n_censored ? censored_s + n_censored : censored_s};
    size_t n_steps = 0;
    cb_km_step step;
    for (walk w = start; next_time(&w, &step);)
        n_steps++;
    cb_km_step *steps = cb_arena_array(arena, n_steps, sizeof *steps);
    if (!steps)
        return CB_ENOMEM;
    out->n = (uint32_t)(n_events + n_censored);
    out->n_events = (uint32_t)n_events;
    out->n_censored = (uint32_t)n_censored;
    fill_steps(start, out->n, steps);
    out->steps = steps;
    out->n_steps = n_steps;
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
