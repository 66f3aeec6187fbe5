/* P1: how often each step was done, and outcomes with and without it within kind x band of loss. */
#include <math.h>
#include <string.h>

#include "casebook/stats_interval.h"
#include "measures/derived_parts.h"
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
        const uint32_t(*n_of)[CB_YES + 1] = strata[i].n[step][effect];
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

/* ---- the window's cases by team ---- */

/* Steps done and steps known, counted four at a time in lanes of a word until one is full. */
enum { STEPS_OF_WORD = 4, WORDS = (CB_STEPS + STEPS_OF_WORD - 1) / STEPS_OF_WORD };
enum { LANE_BITS = 16, LANE_FULL = (1 << LANE_BITS) - 1 };

typedef struct team_count {
    uint64_t done[WORDS], known[WORDS];
    uint32_t pending; /* cases in the lanes */
    uint32_t cases;   /* before those */
    uint32_t done_n[CB_STEPS], known_n[CB_STEPS];
} team_count;

/* The lanes of four answers. */
typedef struct lanes_of {
    uint64_t done[1 << 2 * STEPS_OF_WORD], known[1 << 2 * STEPS_OF_WORD];
} lanes_of;

static void fill_lanes(lanes_of *of)
{
    for (unsigned answers = 0; answers < 1 << 2 * STEPS_OF_WORD; answers++) {
        of->done[answers] = of->known[answers] = 0;
        for (unsigned s = 0; s < STEPS_OF_WORD; s++) {
            of->done[answers] |= (uint64_t)(cb_packed_step(answers, s) == CB_YES) << s * LANE_BITS;
            of->known[answers] |= (uint64_t)(cb_packed_step(answers, s) != CB_NA) << s * LANE_BITS;
        }
    }
}

static void empty_lanes(team_count *t)
{
    for (unsigned s = 0; s < CB_STEPS; s++) {
        unsigned shift = s % STEPS_OF_WORD * LANE_BITS;
        t->done_n[s] += (uint32_t)(t->done[s / STEPS_OF_WORD] >> shift & LANE_FULL);
        t->known_n[s] += (uint32_t)(t->known[s / STEPS_OF_WORD] >> shift & LANE_FULL);
    }
    for (unsigned w = 0; w < WORDS; w++)
        t->done[w] = t->known[w] = 0;
    t->cases += t->pending;
    t->pending = 0;
}

static void count_case(team_count *t, const lanes_of *of, uint32_t packed)
{
    for (unsigned w = 0; w < WORDS; w++) {
        uint32_t answers = packed >> 2 * STEPS_OF_WORD * w & ((1 << 2 * STEPS_OF_WORD) - 1);
        t->done[w] += of->done[answers];
        t->known[w] += of->known[answers];
    }
    if (++t->pending == LANE_FULL)
        empty_lanes(t);
}

static void count_teams(team_count *team, uint32_t teams, const cb_practice_look *l)
{
    lanes_of of;
    fill_lanes(&of);
    for (uint32_t from = 0; from < l->rows->n; from += CB_BLOCK) {
        uint32_t n = cb_block_of(l->rows->n, from), word[CB_BLOCK];
        cb_words_of(l->cases, CB_CASE_TEAM, l->rows->rows + from, n, word);
        for (uint32_t i = 0; i < n; i++)
            count_case(&team[word[i]], &of, l->answers[from + i]);
    }
    for (uint32_t t = 0; t < teams; t++)
        empty_lanes(&team[t]);
}

static cb_status by_team(cb_practice *out, const cb_practice_look *l, cb_error *err)
{
    const cb_book *book = l->scope->book;
    uint32_t groups = cb_dim_groups(book, CB_DIM_TEAM), n = 0;
    uint32_t *count = cb_arena_array(l->scope->scratch, groups, sizeof *count);
    team_count *team = cb_arena_array(l->scope->scratch, groups, sizeof *team);
    const uint32_t *words = NULL;
    if (!count || !team)
        return cb_nomem(err, "the practice by team");
    count_teams(team, groups, l);
    for (uint32_t w = 0; w < groups; w++)
        count[w] = team[w].cases;
    cb_status rc = cb_dim_ranked(book, CB_DIM_TEAM, count, l->scope->scratch, &words, &n, err);
    if (rc != CB_OK)
        return rc;
    out->team = cb_arena_array(l->scope->arena, n, sizeof *out->team);
    if (!out->team)
        return cb_nomem(err, "the practice by team");
    out->teams = n;
    for (uint32_t i = 0; i < n; i++) {
        const team_count *t = &team[words[i]];
        out->team[i] = (cb_step_group){.team = words[i], .cases = t->cases};
        memcpy(out->team[i].done, t->done_n, sizeof t->done_n);
        memcpy(out->team[i].eligible, t->known_n, sizeof t->known_n);
    }
    return CB_OK;
}

/* ---- steps ---- */

/* After by_team: a step's cases are those of all teams. */
static void set_step(cb_practice *out, const cb_practice_look *l, cb_step step)
{
    cb_step_figures *f = &out->step[step];
    f->cases = l->rows->n;
    f->reason = cb_practice_absent(l, step);
    for (uint32_t t = 0; !f->reason && t < out->teams; t++) {
        f->eligible += out->team[t].eligible[step];
        f->done += out->team[t].done[step];
    }
    f->share = f->reason         ? cb_est_none(f->reason)
               : f->eligible > 0 ? cb_wilson(f->done, f->eligible, CB_LEVEL_95)
                                 : cb_est_none("no case where the step applies and is known");
}

cb_status cb_practice_effects(cb_practice *out, const cb_practice_look *l,
                              const cb_practice_stratum *strata, uint32_t n, cb_error *err)
{
    cb_mh_stratum *spare = cb_arena_array(l->scope->scratch, n, sizeof *spare);
    if (!spare)
        return cb_nomem(err, "the strata of the practice");
    out->effect_cases = l->all_n;
    cb_status rc = by_team(out, l, err);
    for (unsigned s = 0; rc == CB_OK && s < CB_STEPS; s++) {
        cb_step_figures *f = &out->step[s];
        set_step(out, l, (cb_step)s);
        for (unsigned e = 0; e < CB_EFFECTS; e++)
            if (f->reason)
                no_effect(&f->effect[e], f->reason);
            else
                set_effect(&f->effect[e], strata, n, s, e, spare);
    }
    for (unsigned e = 0; rc == CB_OK && e < CB_EFFECTS; e++)
        set_effect(&out->over_effect[e], strata, n, CB_OVER, e, spare);
    return rc;
}
