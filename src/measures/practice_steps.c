/* P1: how often each step was done, and outcomes with and without it within kind x band of loss.
 * P2: all steps at once. */
#include <math.h>
#include <string.h>

#include "casebook/stats_interval.h"
#include "casebook/stats_regress.h"
#include "measures/practice_parts.h"

static const cb_case_field step_column[CB_STEPS] = {
    [CB_STEP_APOLOGY] = CB_CASE_APOLOGY,     [CB_STEP_OPTIONS] = CB_CASE_OPTIONS,
    [CB_STEP_AGREED] = CB_CASE_AGREED,       [CB_STEP_PROMISE_KEPT] = CB_CASE_PROMISED,
    [CB_STEP_FOLLOW_UP] = CB_CASE_FOLLOW_UP, [CB_STEP_FIRST_OWNER] = CB_CASE_TRANSFERS,
    [CB_STEP_ADEQUATE] = CB_CASE_LOSS,
};

static const char *const step_absent[CB_STEPS] = {
    [CB_STEP_APOLOGY] = "apology is not in the input",
    [CB_STEP_OPTIONS] = "options_offered is not in the input",
    [CB_STEP_AGREED] = "agreed is not in the input",
    [CB_STEP_PROMISE_KEPT] = "promised_at is not in the input",
    [CB_STEP_FOLLOW_UP] = "follow_up_at is not in the input",
    [CB_STEP_FIRST_OWNER] = "transfers is not in the input",
    [CB_STEP_ADEQUATE] = "loss_amount is not in the input",
};

static void count_effect(cb_effect *out, cb_mh_stratum *s, bool did, bool came)
{
    if (did) {
        out->with_n++;
        out->with_yes += came;
        s->a += came;
        s->b += !came;
    } else {
        out->without_n++;
        out->without_yes += came;
        s->c += came;
        s->d += !came;
    }
}

static void fit_effect(cb_effect *out, const cb_mh_stratum *strata, size_t n)
{
    cb_mh fit = cb_mh_fit(strata, n, CB_LEVEL_95);
    out->strata = (uint32_t)fit.strata_used;
    out->odds_ratio = fit.reason ? cb_est_none(fit.reason) : fit.odds_ratio;
    out->risk_difference = fit.reason ? cb_est_none(fit.reason) : fit.risk_difference;
    out->p = fit.reason ? NAN : fit.p;
}

static void refuse_step(cb_step_figures *f, const char *why)
{
    f->reason = why;
    f->share = cb_est_none(why);
    for (int e = 0; e < CB_EFFECTS; e++) {
        f->effect[e].odds_ratio = f->effect[e].risk_difference = cb_est_none(why);
        f->effect[e].p = NAN;
    }
}

/* strata: n of each effect. */
static void measure_step(cb_practice *out, const cb_practice_look *l, cb_step step,
                         cb_mh_stratum *strata, size_t n)
{
    cb_step_figures *f = &out->step[step];
    f->cases = l->rows->n;
    if (!l->cases->column[step_column[step]]) {
        refuse_step(f, step_absent[step]);
        return;
    }
    memset(strata, 0, n * CB_EFFECTS * sizeof *strata);
    for (uint32_t i = 0; i < l->rows->n; i++) {
        const cb_practice_case *c = &l->seen[i];
        if (c->step[step] == CB_NA)
            continue;
        f->eligible++;
        f->done += c->step[step] == CB_YES;
        for (size_t e = 0; e < CB_EFFECTS; e++)
            if (c->effect[e] != CB_NA)
                count_effect(&f->effect[e],
                             &strata[e * n + (size_t)c->kind * CB_LOSS_BANDS + c->band],
                             c->step[step] == CB_YES, c->effect[e] == CB_YES);
    }
    f->share = f->eligible > 0 ? cb_wilson(f->done, f->eligible, CB_LEVEL_95)
                               : cb_est_none("no case where the step applies and is known");
    for (size_t e = 0; e < CB_EFFECTS; e++)
        fit_effect(&f->effect[e], &strata[e * n], n);
}

static cb_status by_team(cb_practice *out, const cb_practice_look *l, cb_error *err)
{
    uint32_t groups = cb_dim_groups(l->scope->book, CB_DIM_TEAM), n = 0;
    uint32_t *count = cb_arena_array(l->scope->scratch, groups, sizeof *count);
    uint32_t *place = cb_arena_array(l->scope->scratch, groups, sizeof *place);
    const uint32_t *words = NULL;
    if (!count || !place)
        return cb_nomem(err, "the practice by team");
    for (uint32_t i = 0; i < l->rows->n; i++)
        count[cb_dim_word(l->scope->book, CB_DIM_TEAM, l->rows->rows[i])]++;
    cb_status rc =
        cb_dim_ranked(l->scope->book, CB_DIM_TEAM, count, l->scope->scratch, &words, &n, err);
    if (rc != CB_OK)
        return rc;
    out->team = cb_arena_array(l->scope->arena, n, sizeof *out->team);
    if (!out->team)
        return cb_nomem(err, "the practice by team");
    out->teams = n;
    for (uint32_t i = 0; i < n; i++) {
        place[words[i]] = i;
        out->team[i].team = words[i];
    }
    for (uint32_t i = 0; i < l->rows->n; i++) {
        cb_step_group *team =
            &out->team[place[cb_dim_word(l->scope->book, CB_DIM_TEAM, l->rows->rows[i])]];
        for (int step = 0; step < CB_STEPS; step++) {
            uint8_t did = l->seen[i].step[step];
            team->eligible[step] += did != CB_NA;
            team->done[step] += did == CB_YES;
        }
    }
    return CB_OK;
}

cb_status cb_practice_steps(cb_practice *out, const cb_practice_look *l, cb_error *err)
{
    size_t n = (size_t)cb_dim_groups(l->scope->book, CB_DIM_KIND) * CB_LOSS_BANDS;
    cb_mh_stratum *strata = cb_arena_array(l->scope->scratch, n * CB_EFFECTS, sizeof *strata);
    if (!strata)
        return cb_nomem(err, "the strata of the practice");
    for (int step = 0; step < CB_STEPS; step++)
        measure_step(out, l, (cb_step)step, strata, n);
    return by_team(out, l, err);
}

/* ---- P2 ---- */

enum { KIND_DUMMIES = 4, MOST_COLUMNS = 1 + CB_STEPS + KIND_DUMMIES + CB_LOSS_BANDS - 1 };

/* A design: which steps are variables, which kinds have a column of their own. */
typedef struct design {
    unsigned steps;
    cb_step step[CB_STEPS];
    unsigned kinds;
    uint32_t kind[KIND_DUMMIES];
    size_t patterns;
} design;

/* A step is a variable when it is known in at least half of the cases, and done in some and missed
 * in some. */
static void choose_steps(design *d, const cb_practice *p)
{
    for (int s = 0; s < CB_STEPS; s++) {
        const cb_step_figures *f = &p->step[s];
        if (!f->reason && 2 * (uint64_t)f->eligible >= f->cases && f->done > 0 &&
            f->done < f->eligible)
            d->step[d->steps++] = (cb_step)s;
    }
}

static cb_status choose_kinds(design *d, const cb_practice_look *l, cb_error *err)
{
    uint32_t groups = cb_dim_groups(l->scope->book, CB_DIM_KIND), n = 0;
    uint32_t *count = cb_arena_array(l->scope->scratch, groups, sizeof *count);
    const uint32_t *words = NULL;
    if (!count)
        return cb_nomem(err, "the regression");
    for (uint32_t i = 0; i < l->rows->n; i++)
        count[cb_dim_word(l->scope->book, CB_DIM_KIND, l->rows->rows[i])]++;
    cb_status rc =
        cb_dim_ranked(l->scope->book, CB_DIM_KIND, count, l->scope->scratch, &words, &n, err);
    /* The most frequent kind is the reference. */
    for (uint32_t i = 1; rc == CB_OK && i < n && d->kinds < KIND_DUMMIES; i++)
        d->kind[d->kinds++] = words[i];
    d->patterns = ((size_t)1 << d->steps) * (d->kinds + 1) * CB_LOSS_BANDS;
    return rc;
}

/* Cases with the same pattern are one row of the regression; false: a step is not known. */
static bool pattern_of(const design *d, const cb_practice_case *c, size_t *pattern)
{
    size_t bits = 0, kind = 0;
    for (unsigned s = 0; s < d->steps; s++) {
        uint8_t did = c->step[d->step[s]];
        if (did == CB_NA)
            return false;
        bits |= (size_t)(did == CB_YES) << s;
    }
    for (unsigned k = 0; k < d->kinds; k++)
        if (d->kind[k] == c->kind)
            kind = k + 1;
    *pattern = (bits * (d->kinds + 1) + kind) * CB_LOSS_BANDS + c->band;
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
    out->n = (uint32_t)fit->cases;
    out->events = (uint32_t)fit->events;
    out->reason = fit->reason;
    for (unsigned s = 0; !fit->reason && s < d->steps; s++)
        out->row[out->rows++] = (cb_regression_row){cb_step_titles[d->step[s]],
                                                    fit->odds_ratio[1 + s], fit->p_value[1 + s]};
}

/* dissatisfied: the opposite of satisfied. */
static cb_answer outcome_of(const cb_practice_case *c, cb_effect_outcome outcome)
{
    cb_answer answer = (cb_answer)c->effect[outcome];
    if (outcome != CB_EFFECT_SATISFIED || answer == CB_NA)
        return answer;
    return answer == CB_YES ? CB_NO : CB_YES;
}

static cb_status regress(cb_regression *out, const cb_practice_look *l, const design *d,
                         cb_effect_outcome outcome, cb_error *err)
{
    cb_arena *scratch = l->scope->scratch;
    uint64_t *yes = cb_arena_array(scratch, d->patterns, sizeof *yes),
             *n = cb_arena_array(scratch, d->patterns, sizeof *n);
    bool band_used[CB_LOSS_BANDS] = {false}, kind_used[KIND_DUMMIES + 1] = {false};
    size_t rows = 0, columns = 1 + d->steps;
    out->outcome = outcome;
    if (!yes || !n)
        return cb_nomem(err, "the regression");
    for (uint32_t i = 0; i < l->rows->n; i++) {
        size_t pattern;
        cb_answer came = outcome_of(&l->seen[i], outcome);
        if (came == CB_NA || !pattern_of(d, &l->seen[i], &pattern))
            continue;
        rows += n[pattern]++ == 0;
        yes[pattern] += came == CB_YES;
        band_used[pattern % CB_LOSS_BANDS] = true;
        kind_used[pattern / CB_LOSS_BANDS % (d->kinds + 1)] = true;
    }
    for (unsigned k = 1; k <= d->kinds; k++)
        columns += kind_used[k];
    for (unsigned b = 1; b < CB_LOSS_BANDS; b++)
        columns += band_used[b];
    if (rows == 0) {
        out->reason = "no case in which all steps and the outcome are known";
        return CB_OK;
    }
    double *x = cb_arena_array(scratch, rows * columns, sizeof *x);
    if (!x)
        return cb_nomem(err, "the regression");
    size_t at = 0;
    for (size_t p = 0; p < d->patterns; p++) {
        if (n[p] == 0)
            continue;
        expand(d, p, band_used, kind_used, x + at * columns);
        yes[at] = yes[p];
        n[at++] = n[p];
    }
    cb_logit_data data = {rows, columns, x, yes, n};
    cb_logit fit;
    if (cb_logit_fit(&data, CB_LEVEL_95, scratch, &fit) != CB_OK)
        return cb_nomem(err, "the regression");
    fill_rows(out, d, &fit);
    return CB_OK;
}

cb_status cb_practice_regressions(cb_practice *out, const cb_practice_look *l, cb_error *err)
{
    static const cb_effect_outcome outcomes[2] = {CB_EFFECT_CHURN, CB_EFFECT_SATISFIED};
    design d = {0};
    choose_steps(&d, out);
    cb_status rc = choose_kinds(&d, l, err);
    for (int i = 0; rc == CB_OK && i < 2; i++) {
        if (d.steps == 0)
            out->regression[i].reason = "no step is known in at least half of the cases";
        else
            rc = regress(&out->regression[i], l, &d, outcomes[i], err);
    }
    return rc;
}
