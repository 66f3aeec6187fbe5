/* P2: all steps at once. */
#include <math.h>

#include "measures/derived_parts.h"
#include "measures/practice_parts.h"

enum { KIND_COLUMNS = 15 }; /* at most: every kind multiplies the patterns */

/* A design: which steps are variables, which kinds may have a column of their own. */
typedef struct design {
    unsigned steps;
    cb_step step[CB_STEPS];
    unsigned kinds;
    uint8_t *slot;         /* kind -> by frequency; 0: the most frequent, and all beyond the last */
    uint32_t ranked;       /* kinds in all */
    const uint32_t *words; /* of them, by frequency */
    size_t patterns;
} design;

/* A step is a variable when it is known in at least half of the cases, and done in some and missed
 * in some. */
static void choose_steps(design *d, const cb_practice_look *l, const cb_practice_stratum *strata,
                         uint32_t n)
{
    for (unsigned s = 0; s < CB_STEPS; s++) {
        uint64_t done = 0, missed = 0;
        for (uint32_t i = 0; i < n; i++) {
            done += strata[i].did[s][CB_YES];
            missed += strata[i].did[s][CB_NO];
        }
        if (2 * (done + missed) >= l->all_n && done > 0 && missed > 0)
            d->step[d->steps++] = (cb_step)s;
    }
}

static cb_status choose_kinds(design *d, const cb_practice_look *l, cb_error *err)
{
    uint32_t groups = cb_dim_groups(l->scope->book, CB_DIM_KIND);
    const uint32_t *rows = l->scope->book->opened_order;
    uint32_t *count = cb_arena_array(l->scope->scratch, groups, sizeof *count);
    d->slot = cb_arena_array(l->scope->scratch, groups, sizeof *d->slot);
    if (!count || !d->slot)
        return cb_nomem(err, "the regression");
    for (uint32_t from = 0; from < l->all_n; from += CB_BLOCK) {
        uint32_t part = cb_block_of(l->all_n, from), kind[CB_BLOCK];
        cb_words_of(l->cases, CB_CASE_KIND, rows + from, part, kind);
        for (uint32_t i = 0; i < part; i++)
            count[kind[i]]++;
    }
    cb_status rc = cb_dim_ranked(l->scope->book, CB_DIM_KIND, count, l->scope->scratch, &d->words,
                                 &d->ranked, err);
    for (uint32_t i = 1; rc == CB_OK && i < d->ranked && d->kinds < KIND_COLUMNS; i++)
        d->slot[d->words[i]] = (uint8_t)++d->kinds;
    d->patterns = ((size_t)1 << d->steps) * (d->kinds + 1) * CB_LOSS_BANDS;
    return rc;
}

static void fill_rows(cb_regression *out, const design *d, const cb_logit *fit)
{
    out->reason = fit->reason;
    for (unsigned s = 0; !fit->reason && s < d->steps; s++)
        out->row[out->rows++] = (cb_regression_row){cb_step_titles[d->step[s]],
                                                    fit->odds_ratio[1 + s], fit->p_value[1 + s]};
}

/* ---- cases by pattern ---- */

/* Cases with the same pattern are one row of the regression. A pattern's cases are counted by the
 * answers to all outcomes, so that one look at the cases serves every regression. */
enum { OUTCOMES = 1 << 2 * CB_EFFECTS, HALF_STEPS = 4, HALVES = 1 << 2 * HALF_STEPS };
#define UNKNOWN_STEP UINT16_MAX

/* The pattern's bits of the lower and the upper half of the packed steps. */
typedef struct bits_of {
    uint16_t half[2][HALVES];
} bits_of;

static uint16_t bits_of_half(const design *d, unsigned half, uint32_t answers)
{
    unsigned bits = 0;
    for (unsigned s = 0; s < d->steps; s++) {
        if (d->step[s] / HALF_STEPS != half)
            continue;
        cb_answer did = cb_packed_step(answers, d->step[s] % HALF_STEPS);
        if (did != CB_YES && did != CB_NO)
            return UNKNOWN_STEP;
        bits |= (unsigned)(did == CB_YES) << s;
    }
    return (uint16_t)bits;
}

static void fill_bits(bits_of *of, const design *d)
{
    for (unsigned half = 0; half < 2; half++)
        for (uint32_t answers = 0; answers < HALVES; answers++)
            of->half[half][answers] = bits_of_half(d, half, answers);
}

static void count_case(uint32_t *cases, const design *d, const bits_of *of, uint32_t kind,
                       uint32_t packed)
{
    unsigned low = of->half[0][packed & (HALVES - 1)];
    unsigned high = of->half[1][packed >> 2 * HALF_STEPS & (HALVES - 1)];
    if (low == UNKNOWN_STEP || high == UNKNOWN_STEP)
        return;
    size_t pattern = (size_t)((low | high) * (d->kinds + 1) + d->slot[kind]) * CB_LOSS_BANDS +
                     cb_packed_band(packed);
    cases[pattern * OUTCOMES + (packed >> 2 * CB_JUDGED & (OUTCOMES - 1))]++;
}

static void count_cases(uint32_t *cases, const cb_practice_look *l, const design *d)
{
    const uint32_t *rows = l->scope->book->opened_order;
    bits_of of;
    fill_bits(&of, d);
    for (uint32_t from = 0; from < l->all_n; from += CB_BLOCK) {
        uint32_t part = cb_block_of(l->all_n, from), kind[CB_BLOCK];
        cb_words_of(l->cases, CB_CASE_KIND, rows + from, part, kind);
        for (uint32_t i = 0; i < part; i++)
            count_case(cases, d, &of, kind[i], l->all[from + i]);
    }
}

/* Cases by pattern, and the columns of a kind and of a band of loss; 0: it is in the reference. */
typedef struct patterns {
    uint64_t *yes, *n;
    size_t rows, columns;
    uint32_t cases, events, left_out;
    unsigned kind_column[KIND_COLUMNS + 1], band_column[CB_LOSS_BANDS];
} patterns;

static void add_pattern(patterns *p, size_t at, cb_effect_outcome outcome, const uint32_t *cases)
{
    uint64_t n[CB_NA + 2] = {0};
    for (unsigned o = 0; o < OUTCOMES; o++)
        n[o >> 2 * outcome & 3] += cases[o];
    /* dissatisfied: the opposite of satisfied */
    p->yes[at] = outcome == CB_EFFECT_SATISFIED ? n[CB_NO] : n[CB_YES];
    p->n[at] = n[CB_YES] + n[CB_NO];
}

static size_t band_of(size_t pattern)
{
    return pattern % CB_LOSS_BANDS;
}

static size_t kind_of(const design *d, size_t pattern)
{
    return pattern / CB_LOSS_BANDS % (d->kinds + 1);
}

static size_t steps_of(const design *d, size_t pattern)
{
    return pattern / CB_LOSS_BANDS / (d->kinds + 1);
}

/* Outcomes of a band, or of a kind. */
typedef struct tally {
    uint64_t yes, n;
} tally;

static bool differ(const tally *o)
{
    return o->yes > 0 && o->yes < o->n;
}

/* A band whose cases all have the same outcome tells nothing about the steps (its own column would
 * explain them all): they are left out, unless that leaves none. */
static void leave_out_bands(patterns *p, const design *d)
{
    tally band[CB_LOSS_BANDS] = {{0, 0}};
    bool any = false;
    for (size_t at = 0; at < d->patterns; at++) {
        band[band_of(at)].yes += p->yes[at];
        band[band_of(at)].n += p->n[at];
    }
    for (unsigned b = 0; b < CB_LOSS_BANDS; b++)
        any |= differ(&band[b]);
    for (size_t at = 0; any && at < d->patterns; at++) {
        if (differ(&band[band_of(at)]))
            continue;
        p->left_out += (uint32_t)p->n[at];
        p->n[at] = p->yes[at] = 0;
    }
}

static void sum_patterns(patterns *p, const design *d, cb_effect_outcome outcome,
                         const uint32_t *cases)
{
    for (size_t at = 0; at < d->patterns; at++)
        add_pattern(p, at, outcome, cases + at * OUTCOMES);
    leave_out_bands(p, d);
    for (size_t at = 0; at < d->patterns; at++) {
        p->rows += p->n[at] > 0;
        p->cases += (uint32_t)p->n[at];
        p->events += (uint32_t)p->yes[at];
    }
}

static bool enough(const tally *o)
{
    return o->yes >= CB_LOGIT_EVENTS_PER_VARIABLE && o->n - o->yes >= CB_LOGIT_EVENTS_PER_VARIABLE;
}

/* The first band with a case is the reference: a column of its own would follow from the others. */
static void choose_band_columns(patterns *p, const design *d)
{
    bool used[CB_LOSS_BANDS] = {false}, first = true;
    for (size_t at = 0; at < d->patterns; at++)
        used[band_of(at)] |= p->n[at] > 0;
    for (unsigned b = 0; b < CB_LOSS_BANDS; b++) {
        if (used[b] && !first)
            p->band_column[b] = (unsigned)p->columns++;
        first &= !used[b];
    }
}

static void share_reference(cb_regression *out, uint32_t kind)
{
    if (out->kinds_together < CB_KINDS_NAMED)
        out->kind_together[out->kinds_together] = kind;
    out->kinds_together++;
}

/* The most frequent kind is the reference. The others have a column of their own, by frequency, as
 * long as ten of both outcomes are there for each column of the model, and ten in the kind itself;
 * else they stay with the reference. */
static void choose_kind_columns(cb_regression *out, patterns *p, const design *d)
{
    tally kind[KIND_COLUMNS + 1] = {{0, 0}};
    uint64_t others = p->cases - p->events, rarer = p->events < others ? p->events : others;
    for (size_t at = 0; at < d->patterns; at++) {
        kind[kind_of(d, at)].yes += p->yes[at];
        kind[kind_of(d, at)].n += p->n[at];
    }
    for (unsigned k = 0; k <= d->kinds; k++) {
        if (kind[k].n == 0)
            continue;
        bool room = rarer >= CB_LOGIT_EVENTS_PER_VARIABLE * p->columns;
        if (out->kinds_together > 0 && room && enough(&kind[k]))
            p->kind_column[k] = (unsigned)p->columns++;
        else
            share_reference(out, d->words[k]);
    }
    for (uint32_t i = d->kinds + 1; i < d->ranked; i++)
        share_reference(out, d->words[i]);
}

static void expand(const patterns *p, const design *d, size_t pattern, double *x)
{
    unsigned kind = p->kind_column[kind_of(d, pattern)], band = p->band_column[band_of(pattern)];
    x[0] = 1;
    for (unsigned s = 0; s < d->steps; s++)
        x[1 + s] = (double)(steps_of(d, pattern) >> s & 1);
    if (kind)
        x[kind] = 1;
    if (band)
        x[band] = 1;
}

static cb_status fit_patterns(cb_regression *out, const patterns *p, const design *d,
                              cb_arena *scratch, cb_error *err)
{
    double *x = cb_arena_array(scratch, p->rows * p->columns, sizeof *x);
    size_t at = 0;
    cb_logit fit;
    if (!x)
        return cb_nomem(err, "the regression");
    for (size_t i = 0; i < d->patterns; i++) {
        if (p->n[i] == 0)
            continue;
        expand(p, d, i, x + at * p->columns);
        p->yes[at] = p->yes[i];
        p->n[at++] = p->n[i];
    }
    cb_logit_data data = {p->rows, p->columns, x, p->yes, p->n};
    if (cb_logit_fit(&data, CB_LEVEL_95, scratch, &fit) != CB_OK)
        return cb_nomem(err, "the regression");
    fill_rows(out, d, &fit);
    return CB_OK;
}

static cb_status regress(cb_regression *out, const design *d, const uint32_t *cases,
                         cb_arena *scratch, cb_error *err)
{
    patterns p = {.yes = cb_arena_array(scratch, d->patterns, sizeof *p.yes),
                  .n = cb_arena_array(scratch, d->patterns, sizeof *p.n)};
    if (!p.yes || !p.n)
        return cb_nomem(err, "the regression");
    sum_patterns(&p, d, out->outcome, cases);
    out->n = p.cases;
    out->events = p.events;
    out->left_out = p.left_out;
    if (p.rows == 0) {
        out->reason = "no case in which all steps and the outcome are known";
        return CB_OK;
    }
    p.columns = 1 + d->steps;
    choose_band_columns(&p, d);
    choose_kind_columns(out, &p, d);
    return fit_patterns(out, &p, d, scratch, err);
}

cb_status cb_practice_regressions(cb_practice *out, const cb_practice_look *l,
                                  const cb_practice_stratum *strata, uint32_t n, cb_error *err)
{
    static const cb_effect_outcome outcomes[2] = {CB_EFFECT_CHURN, CB_EFFECT_SATISFIED};
    cb_arena *scratch = l->scope->scratch;
    design d = {0};
    choose_steps(&d, l, strata, n);
    cb_status rc = choose_kinds(&d, l, err);
    if (rc != CB_OK)
        return rc;
    uint32_t *cases = cb_arena_array(scratch, d.patterns * OUTCOMES, sizeof *cases);
    if (!cases)
        return cb_nomem(err, "the regression");
    if (d.steps > 0)
        count_cases(cases, l, &d);
    for (int i = 0; rc == CB_OK && i < 2; i++) {
        out->regression[i].outcome = outcomes[i];
        if (d.steps == 0)
            out->regression[i].reason = "no step is known in at least half of the cases";
        else
            rc = regress(&out->regression[i], &d, cases, scratch, err);
    }
    return rc;
}
