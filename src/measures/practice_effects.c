/* P1: how often each step was done, and outcomes with and without it within kind x band of loss. */
#include <math.h>

#include "casebook/stats_interval.h"
#include "measures/practice_parts.h"

static const struct {
    cb_case_field column;
    const char *absent;
} step_column[CB_STEPS] = {
    [CB_STEP_APOLOGY] = {CB_CASE_APOLOGY, "apology is not in the input"},
    [CB_STEP_OPTIONS] = {CB_CASE_OPTIONS, "options_offered is not in the input"},
    [CB_STEP_AGREED] = {CB_CASE_AGREED, "agreed is not in the input"},
    [CB_STEP_PROMISE_KEPT] = {CB_CASE_PROMISED, "promised_at is not in the input"},
    [CB_STEP_FOLLOW_UP] = {CB_CASE_FOLLOW_UP, "follow_up_at is not in the input"},
    [CB_STEP_FIRST_OWNER] = {CB_CASE_TRANSFERS, "transfers is not in the input"},
    [CB_STEP_ADEQUATE] = {CB_CASE_LOSS, "loss_amount is not in the input"},
};

const char *cb_practice_absent(const cb_practice_look *l, cb_step step)
{
    const cb_table *cases = l->cases;
    bool there = cases->column[step_column[step].column] ||
                 (step == CB_STEP_ADEQUATE && cases->column[CB_CASE_CONSEQUENTIAL]);
    return there ? NULL : step_column[step].absent;
}

static void no_effect(cb_effect *out, const char *reason)
{
    out->odds_ratio = out->risk_difference = cb_est_none(reason);
    out->p = NAN;
}

static void set_effect(cb_effect *out, const cb_practice_stratum *strata, uint32_t n, unsigned step,
                       unsigned effect, cb_mh_stratum *spare)
{
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t(*n_of)[CB_NA + 1] = strata[i].n[step][effect];
        cb_mh_stratum s = {n_of[CB_YES][CB_YES], n_of[CB_YES][CB_NO], n_of[CB_NO][CB_YES],
                           n_of[CB_NO][CB_NO]};
        out->with_n += (uint32_t)(s.a + s.b);
        out->with_yes += (uint32_t)s.a;
        out->without_n += (uint32_t)(s.c + s.d);
        out->without_yes += (uint32_t)s.c;
        spare[i] = s;
    }
    cb_mh fit = cb_mh_fit(spare, n, CB_LEVEL_95);
    out->strata = (uint32_t)fit.strata_used;
    if (fit.reason) {
        no_effect(out, fit.reason);
        return;
    }
    out->odds_ratio = fit.odds_ratio;
    out->risk_difference = fit.risk_difference;
    out->p = fit.p;
}

static void set_step(cb_practice *out, const cb_practice_look *l, cb_step step)
{
    cb_step_figures *f = &out->step[step];
    f->cases = l->rows->n;
    f->reason = cb_practice_absent(l, step);
    for (uint32_t i = 0; !f->reason && i < l->rows->n; i++) {
        cb_answer did = cb_packed_step(l->answers[i], step);
        f->eligible += did != CB_NA;
        f->done += did == CB_YES;
    }
    f->share = f->reason         ? cb_est_none(f->reason)
               : f->eligible > 0 ? cb_wilson(f->done, f->eligible, CB_LEVEL_95)
                                 : cb_est_none("no case where the step applies and is known");
}

static cb_status by_team(cb_practice *out, const cb_practice_look *l, cb_error *err)
{
    const cb_book *book = l->scope->book;
    uint32_t groups = cb_dim_groups(book, CB_DIM_TEAM), n = 0;
    uint32_t *count = cb_arena_array(l->scope->scratch, groups, sizeof *count);
    uint32_t *place = cb_arena_array(l->scope->scratch, groups, sizeof *place);
    const uint32_t *words = NULL;
    if (!count || !place)
        return cb_nomem(err, "the practice by team");
    for (uint32_t i = 0; i < l->rows->n; i++)
        count[cb_dim_word(book, CB_DIM_TEAM, l->rows->rows[i])]++;
    cb_status rc = cb_dim_ranked(book, CB_DIM_TEAM, count, l->scope->scratch, &words, &n, err);
    if (rc != CB_OK)
        return rc;
    out->team = cb_arena_array(l->scope->arena, n, sizeof *out->team);
    if (!out->team)
        return cb_nomem(err, "the practice by team");
    out->teams = n;
    for (uint32_t i = 0; i < n; i++) {
        place[words[i]] = i;
        out->team[i].team = words[i];
        out->team[i].cases = count[words[i]];
    }
    for (uint32_t i = 0; i < l->rows->n; i++) {
        cb_step_group *team = &out->team[place[cb_dim_word(book, CB_DIM_TEAM, l->rows->rows[i])]];
        for (unsigned s = 0; s < CB_STEPS; s++) {
            team->eligible[s] += cb_packed_step(l->answers[i], s) != CB_NA;
            team->done[s] += cb_packed_step(l->answers[i], s) == CB_YES;
        }
    }
    return CB_OK;
}

cb_status cb_practice_effects(cb_practice *out, const cb_practice_look *l,
                              const cb_practice_stratum *strata, uint32_t n, cb_error *err)
{
    cb_mh_stratum *spare = cb_arena_array(l->scope->scratch, n, sizeof *spare);
    if (!spare)
        return cb_nomem(err, "the strata of the practice");
    for (unsigned s = 0; s < CB_STEPS; s++) {
        cb_step_figures *f = &out->step[s];
        set_step(out, l, (cb_step)s);
        for (unsigned e = 0; e < CB_EFFECTS; e++)
            if (f->reason)
                no_effect(&f->effect[e], f->reason);
            else
                set_effect(&f->effect[e], strata, n, s, e, spare);
    }
    for (unsigned e = 0; e < CB_EFFECTS; e++)
        set_effect(&out->over_effect[e], strata, n, CB_OVER, e, spare);
    return by_team(out, l, err);
}
