#include "casebook/stats_recurrence.h"

#include <math.h>

/* The running sums. past[i] is sum d_ik / n_k over the ages passed: what unit i adds to the
 * covariances with later ages; past_at_risk is its sum over the units still observed. */
typedef struct sums {
    double *past;
    double past_at_risk, at_risk;
    double mean, variance;
} sums;

/* Units by the age of their events and of their ends, those of one age in the order of units; ages
 * run from 0 to the longest. Of age a are event_unit[event_at[a]] … event_unit[event_at[a + 1] - 1],
 * likewise the ends. */
typedef struct timeline {
    int32_t longest;
    uint32_t *event_at, *end_at;
    uint32_t *event_unit, *end_unit;
    uint32_t n_events, n_units;
} timeline;

static const char *unit_fault(const cb_event_history *data, uint32_t unit)
{
    int32_t end = data->end_age[unit];
    if (end < 0 || data->first[unit] > data->first[unit + 1])
        return "an observation ends before it begins";
    if (end > CB_MCF_LONGEST)
        return "an observation is too long";
    for (uint32_t k = data->first[unit]; k < data->first[unit + 1]; k++)
        if (data->event_age[k] < 0 || data->event_age[k] > end)
            return "a case lies outside its customer's observation";
    return NULL;
}

static const char *data_fault(const cb_event_history *data)
{
    const char *fault = data->n_units == 0 ? "no customers" : NULL;
    for (uint32_t i = 0; !fault && i < data->n_units; i++)
        fault = unit_fault(data, i);
    return fault;
}

/* at[a + 2] counts age a; afterwards at[a + 1] is where the first of age a goes. */
static void add_up(uint32_t *at, int32_t longest)
{
    for (int32_t a = 2; a < longest + 2; a++)
        at[a] += at[a - 1];
}

static void deal_events(timeline *t, const cb_event_history *data)
{
    uint32_t *at = t->event_at;
    for (uint32_t k = 0; k < t->n_events; k++)
        at[data->event_age[k] + 2]++;
    add_up(at, t->longest);
    for (uint32_t i = 0; i < data->n_units; i++)
        for (uint32_t k = data->first[i]; k < data->first[i + 1]; k++)
            t->event_unit[at[data->event_age[k] + 1]++] = i;
}

static void deal_ends(timeline *t, const cb_event_history *data)
{
    uint32_t *at = t->end_at;
    for (uint32_t i = 0; i < data->n_units; i++)
        at[data->end_age[i] + 2]++;
    add_up(at, t->longest);
    for (uint32_t i = 0; i < data->n_units; i++)
        t->end_unit[at[data->end_age[i] + 1]++] = i;
}

static cb_status timeline_of(const cb_event_history *data, cb_arena *arena, timeline *t)
{
    *t = (timeline){.n_units = data->n_units, .n_events = data->first[data->n_units]};
    for (uint32_t i = 0; i < data->n_units; i++)
        t->longest = data->end_age[i] > t->longest ? data->end_age[i] : t->longest;
    size_t ages = (size_t)t->longest + 3;
    t->event_at = cb_arena_array(arena, ages, sizeof *t->event_at);
    t->end_at = cb_arena_array(arena, ages, sizeof *t->end_at);
    t->event_unit = cb_arena_array(arena, t->n_events, sizeof *t->event_unit);
    t->end_unit = cb_arena_array(arena, t->n_units, sizeof *t->end_unit);
    if (!t->event_at || !t->end_at || !t->event_unit || !t->end_unit)
        return CB_ENOMEM;
    deal_events(t, data);
    deal_ends(t, data);
    return CB_OK;
}

static size_t distinct_ages(const timeline *t)
{
    size_t n = 0;
    for (int32_t a = 0; a <= t->longest; a++)
        n += t->event_at[a + 1] > t->event_at[a];
    return n;
}

/* One age, events [from, to): those of one unit lie side by side. */
static void add_age(sums *s, const timeline *t, uint32_t from, uint32_t to)
{
    const double n = s->at_risk;
    double squares = 0, with_past = 0, all = (double)(to - from), added = 0;
    for (uint32_t i = from, next; i < to; i = next) {
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

static cb_mcf_step step_of(const sums *s, int32_t age, uint32_t events, double z)
{
    cb_mcf_step step = {age, s->mean, s->variance, NAN, NAN, (uint32_t)s->at_risk, events};
    if (s->variance >= 0) {
        double half = z * sqrt(s->variance);
        step.low = fmax(0, s->mean - half);
        step.high = s->mean + half;
    }
    return step;
}

static void walk(const timeline *t, sums *s, double z, cb_mcf_step *steps)
{
    uint32_t gone = 0;
    for (int32_t age = 0; age <= t->longest; age++) {
        uint32_t from = t->event_at[age], to = t->event_at[age + 1];
        if (from == to)
            continue;
        for (; gone < t->end_at[age]; gone++) {
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
    out->last_age = t.longest;
    cb_mcf_step *steps = cb_arena_array(arena, out->n_steps, sizeof *steps);
    sums s = {.past = cb_arena_array(arena, t.n_units, sizeof *s.past),
              .at_risk = (double)t.n_units};
    if (!steps || !s.past)
        return CB_ENOMEM;
    walk(&t, &s, cb_level_z(level), steps);
    out->steps = steps;
    return CB_OK;
}

cb_est cb_mcf_at(const cb_mcf *mcf, int32_t age)
{
    if (mcf->reason)
        return cb_est_none(mcf->reason);
    if (age > mcf->last_age)
        return cb_est_none("no customer was observed for so long");
    size_t low = 0, high = mcf->n_steps;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (mcf->steps[mid].age <= age)
            low = mid + 1;
        else
            high = mid;
    }
    if (low == 0)
        return cb_est_known(0);
    const cb_mcf_step *s = &mcf->steps[low - 1];
    return cb_est_of(s->mean, s->low, s->high);
}
