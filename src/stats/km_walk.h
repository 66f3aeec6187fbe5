/* km_walk.h - two ascending arrays of durations, walked step by step of the Kaplan-Meier curve.
 * Internal to src/stats. */
#ifndef CB_STATS_KM_WALK_H
#define CB_STATS_KM_WALK_H

#include <math.h>

#include "casebook/stats_survival.h"

typedef struct cb_km_walk {
    const int64_t *event, *event_end, *censored, *censored_end;
    uint32_t at_risk; /* from the next step on */
    double survival, greenwood;
} cb_km_walk;

// cb_km_fault tells why there can be no curve, or NULL.
const char *cb_km_fault(const int64_t *event_s, size_t n_events, const int64_t *censored_s,
                        size_t n_censored);

static inline cb_km_walk cb_km_walk_of(const int64_t *event_s, size_t n_events,
                                       const int64_t *censored_s, size_t n_censored)
{
    /* NULL + 0 is undefined in C */
    return (cb_km_walk){.event = event_s,
                        .event_end = n_events ? event_s + n_events : event_s,
                        .censored = censored_s,
                        .censored_end = n_censored ? censored_s + n_censored : censored_s,
                        .at_risk = (uint32_t)(n_events + n_censored),
                        .survival = 1};
}

static inline uint32_t cb_km_run(const int64_t **at, const int64_t *end, int64_t time_s)
{
    const int64_t *from = *at;
    while (*at < end && **at == time_s)
        (*at)++;
    return (uint32_t)(*at - from);
}

// cb_km_walk_next writes the next distinct time's step; false: there is none.
static inline bool cb_km_walk_next(cb_km_walk *w, cb_km_step *step)
{
    bool more_events = w->event < w->event_end, more_censored = w->censored < w->censored_end;
    if (!more_events && !more_censored)
        return false;
    bool event_first = more_events && (!more_censored || *w->event <= *w->censored);
    int64_t time_s = event_first ? *w->event : *w->censored;
    uint32_t events = cb_km_run(&w->event, w->event_end, time_s);
    uint32_t censored = cb_km_run(&w->censored, w->censored_end, time_s);
    if (events > 0) {
        double n = w->at_risk, left = n - events;
        w->survival = left > 0 ? w->survival * (left / n) : 0;
        w->greenwood += left > 0 ? events / (n * left) : INFINITY;
    }
    *step = (cb_km_step){time_s, w->survival, w->greenwood, w->at_risk, events, censored};
    w->at_risk -= events + censored;
    return true;
}

#endif
