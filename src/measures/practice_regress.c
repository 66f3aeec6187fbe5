/* P2: all steps at once. */
#include <math.h>

#include "measures/practice_parts.h"

enum { KIND_DUMMIES = 4 };

/* A design: which steps are variables, which kinds have a column of their own. */
typedef struct design {
    unsigned steps;
    cb_step step[CB_STEPS];
    unsigned kinds;
    uint8_t *column; /* kind -> its column, 0: the reference */
    size_t patterns;
} design;

/* A step is a variable when it is known in at least half of the cases, and done in some and missed
 * in some. */
static void choose_steps(design *d, const cb_practice_look *l)
{
    for (unsigned s = 0; s < CB_STEPS; s++) {
        uint32_t done = 0, missed = 0;
        for (uint32_t i = 0; i < l->all_n; i++) {
            done += cb_packed_step(l->all[i], s) == CB_YES;
            missed += cb_packed_step(l->all[i], s) == CB_NO;
        }
        if (2 * ((uint64_t)done + missed) >= l->all_n && done > 0 && missed > 0)
            d->step[d->steps++] = (cb_step)s;
    }
}

static uint32_t kind_of(const cb_practice_look *l, uint32_t place)
{
    return cb_dim_word(l->scope->book, CB_DIM_KIND, l->scope->book->opened_order[place]);
}

static cb_status choose_kinds(design *d, const cb_practice_look *l, cb_error *err)
{
    uint32_t groups = cb_dim_groups(l->scope->book, CB_DIM_KIND), n = 0;
    uint32_t *count = cb_arena_array(l->scope->scratch, groups, sizeof *count);
    const uint32_t *words = NULL;
    d->column = cb_arena_array(l->scope->scratch, groups, sizeof *d->column);
    if (!count || !d->column)
        return cb_nomem(err, "the regression");
    for (uint32_t i = 0; i < l->all_n; i++)
        count[kind_of(l, i)]++;
    cb_status rc =
        cb_dim_ranked(l->scope->book, CB_DIM_KIND, count, l->scope->scratch, &words, &n, err);
    /* The most frequent kind is the reference, with all rare ones. */
    for (uint32_t i = 1; rc == CB_OK && i < n && d->kinds < KIND_DUMMIES; i++)
        d->column[words[i]] = (uint8_t)++d->kinds;
    d->patterns = ((size_t)1 << d->steps) * (d->kinds + 1) * CB_LOSS_BANDS;
    return rc;
}

/* Cases with the same pattern are one row of the regression; false: a step is not known. */
static bool pattern_of(const design *d, const cb_practice_look *l, uint32_t place, size_t *pattern)
{
    uint32_t packed = l->all[place];
    size_t bits = 0;
    for (unsigned s = 0; s < d->steps; s++) {
        cb_answer did = cb_packed_step(packed, d->step[s]);
        if (did == CB_NA)
            return false;
        bits |= (size_t)(did == CB_YES) << s;
    }
    *pattern = (bits * (d->kinds + 1) + d->column[kind_of(l, place)]) * CB_LOSS_BANDS +
               cb_packed_band(packed);
    return true;
}

static void expand(const design *d, size_t pattern, const bool band_used[CB_LOSS_BANDS],
                   const bool kind_used[KIND_DUMMIES + 1], double *x)
{
    size_t band = pattern % CB_LOSS_BANDS, kind = pattern / CB_LOSS_BANDS % (d->kinds + 1),
           bits = pattern / CB_LOSS_BANDS / (d->kinds + 1), at = 0;
    x[at++] = 1;
    for (unsigned s = 0; s < d->steps; s++)
        x[at++] = (double)(bits >> s & 1);
    for (unsigned k = 1; k <= d->kinds; k++)
        if (kind_used[k])
            x[at++] = kind == k;
    for (unsigned b = 1; b < CB_LOSS_BANDS; b++)
        if (band_used[b])
            x[at++] = band == b;
}

static void fill_rows(cb_regression *out, const design *d, const cb_logit *fit)
{
    out->reason = fit->reason;
    for (unsigned s = 0; !fit->reason && s < d->steps; s++)
        out->row[out->rows++] = (cb_regression_row){cb_step_titles[d->step[s]],
                                                    fit->odds_ratio[1 + s], fit->p_value[1 + s]};
}

/* Cases by pattern, and which columns they need. */
typedef struct patterns {
    uint64_t *yes, *n;
    size_t rows, columns;
    uint32_t cases, events;
    bool band_used[CB_LOSS_BANDS], kind_used[KIND_DUMMIES + 1];
} patterns;

/* dissatisfied: the opposite of satisfied. */
static cb_answer outcome_of(uint32_t packed, cb_effect_outcome outcome)
{
    cb_answer answer = cb_packed_effect(packed, outcome);
    if (outcome != CB_EFFECT_SATISFIED || answer == CB_NA)
        return answer;
    return answer == CB_YES ? CB_NO : CB_YES;
}

static void count_patterns(patterns *p, const cb_practice_look *l, const design *d,
                           cb_effect_outcome outcome)
{
    for (uint32_t i = 0; i < l->all_n; i++) {
        size_t at;
        cb_answer came = outcome_of(l->all[i], outcome);
        if (came == CB_NA || !pattern_of(d, l, i, &at))
            continue;
        p->rows += p->n[at]++ == 0;
        p->yes[at] += came == CB_YES;
        p->cases++;
        p->events += came == CB_YES;
        p->band_used[at % CB_LOSS_BANDS] = true;
        p->kind_used[at / CB_LOSS_BANDS % (d->kinds + 1)] = true;
    }
    p->columns = 1 + d->steps;
    for (unsigned k = 1; k <= d->kinds; k++)
        p->columns += p->kind_used[k];
    for (unsigned b = 1; b < CB_LOSS_BANDS; b++)
        p->columns += p->band_used[b];
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
        expand(d, i, p->band_used, p->kind_used, x + at * p->columns);
        p->yes[at] = p->yes[i];
        p->n[at++] = p->n[i];
    }
    cb_logit_data data = {p->rows, p->columns, x, p->yes, p->n};
    if (cb_logit_fit(&data, CB_LEVEL_95, scratch, &fit) != CB_OK)
        return cb_nomem(err, "the regression");
    fill_rows(out, d, &fit);
    return CB_OK;
}

static cb_status regress(cb_regression *out, const cb_practice_look *l, const design *d,
                         cb_error *err)
{
    cb_arena *scratch = l->scope->scratch;
    patterns p = {.yes = cb_arena_array(scratch, d->patterns, sizeof *p.yes),
                  .n = cb_arena_array(scratch, d->patterns, sizeof *p.n)};
    if (!p.yes || !p.n)
        return cb_nomem(err, "the regression");
    count_patterns(&p, l, d, out->outcome);
    out->n = p.cases;
    out->events = p.events;
    if (p.rows == 0) {
        out->reason = "no case in which all steps and the outcome are known";
        return CB_OK;
    }
    return fit_patterns(out, &p, d, scratch, err);
}

cb_status cb_practice_regressions(cb_practice *out, const cb_practice_look *l, cb_error *err)
{
    static const cb_effect_outcome outcomes[2] = {CB_EFFECT_CHURN, CB_EFFECT_SATISFIED};
    design d = {0};
    choose_steps(&d, l);
    cb_status rc = choose_kinds(&d, l, err);
    for (int i = 0; rc == CB_OK && i < 2; i++) {
        out->regression[i].outcome = outcomes[i];
        if (d.steps == 0)
            out->regression[i].reason = "no step is known in at least half of the cases";
        else
            rc = regress(&out->regression[i], l, &d, err);
    }
    return rc;
}
