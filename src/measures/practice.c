#include "casebook/practice.h"

#include <math.h>

#include "casebook/results.h"
#include "measures/derived_parts.h"
#include "measures/practice_parts.h"

/* ---- the fold ---- */

/* A case counts in many cells of its stratum: for each step by the answers to all outcomes. Lanes
 * of a word count them with one addition for a pair of steps, until a lane could overflow: a lane
 * for each known answer to an outcome, and one for all cases. */
enum { LANE_BITS = 9, LANE_FULL = (1 << LANE_BITS) - 1, LANE_ALL = CB_EFFECTS * 2, LANES };
enum { PAIRS = CB_JUDGED / 2, ANSWERS_OF_PAIR = 1 << 4 };
_Static_assert(LANES *LANE_BITS <= 64, "the lanes fit a word");
_Static_assert(CB_JUDGED % 2 == 0, "steps are counted in pairs");

typedef struct stratum_lanes {
    uint64_t lanes[PAIRS][ANSWERS_OF_PAIR];
    uint32_t cases; /* in the lanes */
} stratum_lanes;

typedef struct practice_state {
    cb_practice_stratum *strata; /* kind x band */
    stratum_lanes *pending;      /* not yet in strata */
    uint32_t n;
    uint32_t cases;                    /* opened before the window's end */
    uint64_t one[1 << 2 * CB_EFFECTS]; /* a case in the lanes, by its outcomes */
} practice_state;

static void set_bands(cb_practice_look *l)
{
    const cb_settings *settings = l->scope->settings;
    double large =
        settings->assumption[CB_A_LARGE_LOSS].base * cb_currency_scale(settings->currency_digits);
    l->band_from_minor[1] = (int64_t)(large / 4);
    l->band_from_minor[2] = (int64_t)large;
    l->band_from_minor[3] = (int64_t)(large * 10);
}

cb_practice_look cb_practice_look_of(const cb_scope *scope, cb_window_ix ix)
{
    const cb_assumption *a = scope->settings->assumption;
    cb_practice_look l = {.scope = scope,
                          .cases = &scope->book->table[CB_CASES],
                          .rows = &scope->window[ix].cases,
                          .end = cb_recur_end(scope, ix),
                          .follow_up_s = (int64_t)(a[CB_A_FOLLOW_UP_DAYS].base * CB_DAY_S),
                          .outcome_s = (int64_t)(a[CB_A_OUTCOME_DAYS].base * CB_DAY_S)};
    set_bands(&l);
    l.all = l.answers = scope->derived->answers;
    if (l.rows->n > 0)
        l.answers += l.rows->rows - scope->book->opened_order;
    return l;
}

static uint64_t one_of(uint32_t outcomes)
{
    uint64_t one = UINT64_C(1) << LANE_ALL * LANE_BITS;
    for (unsigned e = 0; e < CB_EFFECTS; e++) {
        unsigned came = outcomes >> 2 * e & 3;
        if (came == CB_YES || came == CB_NO)
            one |= UINT64_C(1) << (2 * e + came) * LANE_BITS;
    }
    return one;
}

static cb_status practice_begin(void *state, const cb_scope *scope, cb_window_ix ix, cb_error *err)
{
    practice_state *s = state;
    uint32_t kinds = cb_dim_groups(scope->book, CB_DIM_KIND);
    (void)ix;
    s->n = (kinds < CB_PRACTICE_KINDS ? kinds : CB_PRACTICE_KINDS + 1) * CB_LOSS_BANDS;
    s->strata = cb_arena_array(scope->scratch, s->n, sizeof *s->strata);
    s->pending = cb_arena_array(scope->scratch, s->n, sizeof *s->pending);
    for (uint32_t outcomes = 0; outcomes < 1 << 2 * CB_EFFECTS; outcomes++)
        s->one[outcomes] = one_of(outcomes);
    return s->strata && s->pending ? CB_OK : cb_nomem(err, "the strata of the practice");
}

static void add_lanes(cb_practice_stratum *into, unsigned step, unsigned did, uint64_t lanes)
{
    for (unsigned lane = 0; did < CB_NA && lane < LANE_ALL; lane++)
        into->n[step][lane / 2][did][lane % 2] += (uint32_t)(lanes >> lane * LANE_BITS & LANE_FULL);
    into->did[step][did] += (uint32_t)(lanes >> LANE_ALL * LANE_BITS);
}

static void empty_lanes(cb_practice_stratum *into, stratum_lanes *from)
{
    for (unsigned pair = 0; from->cases > 0 && pair < PAIRS; pair++)
        for (unsigned answers = 0; answers < ANSWERS_OF_PAIR; answers++) {
            uint64_t lanes = from->lanes[pair][answers];
            if (lanes == 0)
                continue;
            add_lanes(into, 2 * pair, answers & 3, lanes);
            add_lanes(into, 2 * pair + 1, answers >> 2, lanes);
            from->lanes[pair][answers] = 0;
        }
    from->cases = 0;
}

static void count(practice_state *s, uint32_t stratum, uint32_t packed)
{
    stratum_lanes *to = &s->pending[stratum];
    uint64_t one = s->one[packed >> 2 * CB_JUDGED & ((1 << 2 * CB_EFFECTS) - 1)];
    for (unsigned pair = 0; pair < PAIRS; pair++)
        to->lanes[pair][packed >> 4 * pair & (ANSWERS_OF_PAIR - 1)] += one;
    if (++to->cases == LANE_FULL)
        empty_lanes(&s->strata[stratum], to);
}

static void empty_all_lanes(practice_state *s)
{
    for (uint32_t i = 0; i < s->n; i++)
        empty_lanes(&s->strata[i], &s->pending[i]);
}

static void add_counts(cb_practice_stratum *into, const cb_practice_stratum *from)
{
    for (unsigned s = 0; s < CB_JUDGED; s++) {
        for (unsigned did = 0; did <= CB_NA; did++)
            into->did[s][did] += from->did[s][did];
        for (unsigned e = 0; e < CB_EFFECTS; e++)
            for (unsigned did = 0; did <= CB_YES; did++)
                for (unsigned came = 0; came <= CB_YES; came++)
                    into->n[s][e][did][came] += from->n[s][e][did][came];
    }
}

/* The rows are in the order of opening. */
static uint32_t before_end(const cb_practice_look *l, const cb_span *span)
{
    uint32_t n = span->n;
    while (n > 0 && cb_time(l->cases, CB_CASE_OPENED, span->rows[n - 1]) >= l->end)
        n--;
    return n;
}

static cb_status practice_add(void *state, const cb_scope *scope, cb_window_ix ix,
                              const cb_span *span, cb_error *err)
{
    practice_state *s = state;
    const cb_practice_look l = cb_practice_look_of(scope, ix);
    const uint32_t *packed = scope->derived->answers + (span->rows - scope->book->opened_order);
    uint32_t n = before_end(&l, span);
    (void)err;
    for (uint32_t from = 0; from < n; from += CB_BLOCK) {
        uint32_t part = cb_block_of(n, from), kinds[CB_BLOCK];
        cb_words_of(l.cases, CB_CASE_KIND, span->rows + from, part, kinds);
        for (uint32_t i = 0; i < part; i++) {
            uint32_t kind = kinds[i] < CB_PRACTICE_KINDS ? kinds[i] : CB_PRACTICE_KINDS;
            uint32_t answers = packed[from + i];
            count(s, kind * CB_LOSS_BANDS + cb_packed_band(answers), answers);
        }
    }
    s->cases += n;
    return CB_OK;
}

static cb_status practice_merge(void *into, void *from, cb_error *err)
{
    practice_state *a = into;
    practice_state *b = from;
    (void)err;
    empty_all_lanes(b);
    a->cases += b->cases;
    for (uint32_t i = 0; i < a->n; i++)
        add_counts(&a->strata[i], &b->strata[i]);
    return CB_OK;
}

static cb_status practice_finish(void *state, const cb_scope *scope, cb_window_ix ix,
                                 cb_results *results, cb_error *err)
{
    practice_state *s = state;
    cb_practice *out = &results->practice;
    cb_practice_look l = cb_practice_look_of(scope, ix);
    l.all_n = s->cases;
    empty_all_lanes(s);
    cb_status rc = cb_practice_effects(out, &l, s->strata, s->n, err);
    if (rc != CB_OK || scope->left_out & CB_PART_RECOVERY)
        return rc;
    rc = cb_practice_regressions(out, &l, s->strata, s->n, err);
    return rc == CB_OK ? cb_practice_tables(out, &l, err) : rc;
}

/* ---- what was missed costs, and times: need the churn and the resolution measure ---- */

/* Parts apart: the workbook's live formulas follow the headline cost. */
typedef struct missed {
    cb_part_sum churn, lost, shortfall;
} missed;

/* What one case adds: nothing to most parts, which then need no addition. */
typedef struct costs {
    double churn, lost, shortfall;
} costs;

/* A block of the window's cases. */
typedef struct cases_at_hand {
    const uint32_t *rows;
    uint32_t from, n;
    uint32_t team[CB_BLOCK];
    int64_t loss[CB_BLOCK], remedy[CB_BLOCK];
} cases_at_hand;

static void fetch(cases_at_hand *h, const cb_scope *scope, uint32_t from)
{
    const cb_slice *cases = &scope->window[CB_NOW].cases;
    h->rows = cases->rows + from;
    h->from = from;
    h->n = cb_block_of(cases->n, from);
    cb_words_of(&scope->book->table[CB_CASES], CB_CASE_TEAM, h->rows, h->n, h->team);
    cb_losses_of(scope->derived, h->rows, h->n, h->loss);
    cb_remedies_of(scope->derived, h->rows, h->n, h->remedy);
}

static costs costs_of(const cases_at_hand *h, const cb_derived *d, const cb_churn *churn,
                      uint32_t i)
{
    bool short_of = d->eligible[h->rows[i]] == 1 && h->remedy[i] < h->loss[i];
    return (costs){churn->case_cost_minor ? churn->case_cost_minor[h->from + i] : 0,
                   churn->case_lost ? churn->case_lost[h->from + i] : 0,
                   short_of ? (double)(h->loss[i] - h->remedy[i]) : 0};
}

/* The steps that were missed, two bits each: 1 where it was. */
static uint32_t missed_of(uint32_t packed)
{
    _Static_assert((int)CB_NO == 0, "both bits of an answer are 0");
    return ~(packed | packed >> 1) & UINT32_C(0x55555555) & ((UINT32_C(1) << 2 * CB_STEPS) - 1);
}

static void add_part(cb_part_sum *sum, double part)
{
    if (part > 0 || part < 0)
        cb_part_add(sum, part);
}

static void add_case(missed *m, const costs *c)
{
    add_part(&m->churn, c->churn);
    add_part(&m->lost, c->lost);
    add_part(&m->shortfall, c->shortfall);
}

static double cost_of(const missed *m)
{
    return cb_part_total(&m->churn) + cb_part_total(&m->shortfall);
}

typedef struct missed_steps {
    missed step[CB_STEPS];
} missed_steps;

typedef struct all_missed {
    missed_steps all, *team; /* team: by word */
    missed avoidable;
} all_missed;

static void add_missed(all_missed *m, const cb_practice_look *l, const cb_churn *churn)
{
    const cb_scope *scope = l->scope;
    cases_at_hand h;
    for (uint32_t from = 0; from < l->rows->n; from += CB_BLOCK) {
        fetch(&h, scope, from);
        for (uint32_t i = 0; i < h.n; i++) {
            const costs c = costs_of(&h, scope->derived, churn, i);
            for (uint32_t left = missed_of(l->answers[from + i]); left; left &= left - 1) {
                unsigned s = (unsigned)__builtin_ctz(left) / 2;
                add_case(&m->all.step[s], &c);
                add_case(&m->team[h.team[i]].step[s], &c);
            }
            if (cb_flag(l->cases, CB_CASE_AVOIDABLE, h.rows[i]) == 1)
                add_case(&m->avoidable, &c);
        }
    }
}

static cb_status practice_compare(const cb_scope *scope, cb_results *out, cb_error *err)
{
    cb_practice *p = &out[CB_NOW].practice;
    const cb_churn *churn = &out[CB_NOW].churn;
    const cb_practice_look l = cb_practice_look_of(scope, CB_NOW);
    uint32_t groups = cb_dim_groups(scope->book, CB_DIM_TEAM);
    all_missed m = {.team = cb_arena_array(scope->scratch, groups, sizeof *m.team)};
    if (scope->left_out & CB_PART_RECOVERY)
        return CB_OK;
    if (!m.team)
        return cb_nomem(err, "the practice");
    add_missed(&m, &l, churn);
    for (unsigned s = 0; s < CB_STEPS; s++) {
        p->step[s].missed_cost_minor = cost_of(&m.all.step[s]);
        p->step[s].missed_churn_minor = cb_part_total(&m.all.step[s].churn);
        p->step[s].missed_lost = cb_part_total(&m.all.step[s].lost);
        for (uint32_t t = 0; t < p->teams; t++)
            p->team[t].missed_cost_minor[s] = cost_of(&m.team[p->team[t].team].step[s]);
    }
    p->avoidable_cost_minor = cost_of(&m.avoidable);
    p->unpriced = cb_recur_unpriced(churn);
    return cb_practice_times(p, &l, &out[CB_NOW].resolution, err);
}

const cb_measure cb_measure_practice = {.name = "practice",
                                        .methods = "P1, P2",
                                        .over = CB_OVER_CASES,
                                        .only_now = true,
                                        .state_bytes = sizeof(practice_state),
                                        .begin = practice_begin,
                                        .add = practice_add,
                                        .merge = practice_merge,
                                        .finish = practice_finish,
                                        .compare = practice_compare};
