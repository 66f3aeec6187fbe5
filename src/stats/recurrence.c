#include "casebook/stats_recurrence.h"

#include <math.h>

#include "casebook/stats_order.h"

/* The running sums. past[i] is sum d_ik / n_k over the ages passed: what unit i adds to the
 * covariances with later ages; past_at_risk is its sum over the units still observed. */
typedef struct sums {
    double *past;
    double past_at_risk, at_risk;
    double mean, variance;
} sums;

/* Events and ends in the order of age, each with its unit. */
typedef struct timeline {
    int64_t *event_age, *end_age;
    uint32_t *event_unit, *end_unit;
    size_t n_events, n_units;
} timeline;

static const char *data_fault(const cb_event_history *data)
{
    if (data->n_units == 0)
        return "no customers";
    if (data->n_units > UINT32_MAX || data->first[data->n_units] > UINT32_MAX)
        return "too many customers or cases";
    for (size_t i = 0; i < data->n_units; i++) {
        if (data->end_age_s[i] < 0 || data->first[i] > data->first[i + 1])
            return "an observation ends before it begins";
        for (size_t k = data->first[i]; k < data->first[i + 1]; k++)
            if (data->event_age_s[k] < 0 || data->event_age_s[k] > data->end_age_s[i])
                return "a case lies outside its customer's observation";
    }
    return NULL;
}

static cb_status timeline_of(const cb_event_history *data, cb_arena *arena, timeline *t)
{
    *t = (timeline){.n_units = data->n_units};
    t->n_events = data->first[data->n_units] - data->first[0];
    t->event_age = cb_arena_array(arena, t->n_events, sizeof *t->event_age);
    t->event_unit = cb_arena_array(arena, t->n_events, sizeof *t->event_unit);
    t->end_age = cb_arena_array(arena, t->n_units, sizeof *t->end_age);
    t->end_unit = cb_arena_array(arena, t->n_units, sizeof *t->end_unit);
    if (!t->event_age || !t->event_unit || !t->end_age || !t->end_unit)
        return CB_ENOMEM;
    size_t at = 0;
    for (size_t i = 0; i < data->n_units; i++) {
        t->end_age[i] = data->end_age_s[i];
        t->end_unit[i] = (uint32_t)i;
        for (size_t k = data->first[i]; k < data->first[i + 1]; k++, at++) {
            t->event_age[at] = data->event_age_s[k];
            t->event_unit[at] = (uint32_t)i;
        }
    }
    cb_status rc = cb_sort_pairs(t->event_age, t->event_unit, t->n_events, arena);
    if (rc == CB_OK)
        rc = cb_sort_pairs(t->end_age, t->end_unit, t->n_units, arena);
    return rc;
}

static size_t distinct_ages(const timeline *t)
{
    size_t n = t->n_events > 0;
    for (size_t i = 1; i < t->n_events; i++)
        n += t->event_age[i] != t->event_age[i - 1];
    return n;
}

/* One age, events [from, to): the sort is stable, so the events of one unit lie side by side. */
static void add_age(sums *s, const timeline *t, size_t from, size_t to)
{
    const double n = s->at_risk;
    double squares = 0, with_past = 0, all = (double)(to - from), added = 0;
    for (size_t i = from, next; i < to; i = next) {
        uint32_t unit = t->event_unit[i];
        for (next = i + 1; next < to && t->event_unit[next] == unit; next++)
            ;
        double d = (double)(next - i);
        squares += d * d;
        with_past += d * s->past[unit];
        s->past[unit] += d / n;
        added += d / n;
    }
    double mean = all / n;
    if (n > 1) {
        double own = (squares - all * mean) / n;
        double shared = with_past - mean * s->past_at_risk;
        s->variance += (own + 2 * shared) / (n - 1);
    } else
        s->variance = NAN;
    s->mean += mean;
    s->past_at_risk += added;
}

static cb_mcf_step step_of(const sums *s, int64_t age_s, size_t events, double z)
{
    cb_mcf_step step = {age_s, s->mean, s->variance, NAN, NAN, (uint32_t)s->at_risk,
                        (uint32_t)events};
    if (s->variance >= 0) {
        double half = z * sqrt(s->variance);
        step.low = fmax(0, s->mean - half);
        step.high = s->mean + half;
    }
    return step;
}

static void walk(const timeline *t, sums *s, double z, cb_mcf_step *steps)
{
    size_t gone = 0;
    for (size_t from = 0, to; from < t->n_events; from = to) {
        int64_t age = t->event_age[from];
        for (to = from + 1; to < t->n_events && t->event_age[to] == age; to++)
            ;
        for (; gone < t->n_units && t->end_age[gone] < age; gone++) {
            s->at_risk--;
            s->past_at_risk -= s->past[t->end_unit[gone]];
        }
        add_age(s, t, from, to);
        *steps++ = step_of(s, age, to - from, z);
    }
}

cb_status cb_mcf_fit(const cb_event_history *data, double level, cb_arena *arena, cb_mcf *out)
{
    *out = (cb_mcf){.reason = data_fault(data)};
    if (out->reason)
        return CB_OK;
    timeline t;
    cb_status rc = timeline_of(data, arena, &t);
    if (rc != CB_OK)
        return rc;
    out->n_units = t.n_units;
    out->n_events = t.n_events;
    out->n_steps = distinct_ages(&t);
    out->last_age_s = t.end_age[t.n_units - 1];
    cb_mcf_step *steps = cb_arena_array(arena, out->n_steps, sizeof *steps);
    sums s = {.past = cb_arena_array(arena, t.n_units, sizeof *s.past),
              .at_risk = (double)t.n_units};
    if (!steps || !s.past)
        return CB_ENOMEM;
    walk(&t, &s, cb_level_z(level), steps);
    out->steps = steps;
    return CB_OK;
}

cb_est cb_mcf_at(const cb_mcf *mcf, int64_t age_s)
{
    if (mcf->reason)
        return cb_est_none(mcf->reason);
    if (age_s > mcf->last_age_s)
        return cb_est_none("no customer was observed for so long");
    size_t low = 0, high = mcf->n_steps;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (mcf->steps[mid].age_s <= age_s)
            low = mid + 1;
        else
            high = mid;
    }
    if (low == 0)
        return cb_est_known(0);
    const cb_mcf_step *s = &mcf->steps[low - 1];
    return cb_est_of(s->mean, s->low, s->high);
}
