/* F1: teams against funnel limits. Small groups are hidden so that they cannot be derived by
 * subtraction. */
#include "casebook/fairness.h"

#include <math.h>
#include <stdlib.h>

#include "casebook/results.h"
#include "casebook/stats_funnel.h"
#include "casebook/stats_interval.h"
#include "measures/practice_parts.h"
#include "measures/resolution_parts.h"

enum { LINES = sizeof((cb_funnel_result *)0)->line / sizeof((cb_funnel_result *)0)->line[0] };

typedef struct teams {
    const cb_scope *scope;
    uint32_t groups;
    const uint32_t *team; /* words of the window's cases */
    uint64_t *yes, *n;    /* by word, of the funnel at work */
    uint64_t *cases;      /* by word, of the window */
    uint32_t *by_size;    /* words with a case, fewest cases first, then by text */
    uint32_t sized;
    bool *hidden; /* by word, for all tables */
} teams;

/* Of a case in a funnel. */
enum { NOT_COUNTED, NO, YES };

/* Each answers for up to CB_BLOCK rows. */
static void in_target(const cb_scope *scope, const uint32_t *rows, uint32_t n, uint8_t *answer)
{
    const cb_target *const *target = scope->derived->target;
    int64_t elapsed[CB_BLOCK], business[CB_BLOCK];
    uint32_t word[CB_BLOCK];
    cb_words_of(&scope->book->table[CB_CASES], cb_dim_fields[CB_DIM_PRIORITY], rows, n, word);
    cb_res_key_elapsed(scope->derived, rows, n, elapsed);
    cb_res_key_business(scope->derived, rows, n, business);
    for (uint32_t i = 0; i < n; i++) {
        const cb_target *own = target[word[i]];
        const int64_t key = own && own->business ? business[i] : elapsed[i];
        const bool open = key & 1, late = own && key >> 1 > own->seconds;
        const bool counts = own && key >= 0 && (late || !open);
        answer[i] = counts ? (late ? NO : YES) : NOT_COUNTED;
    }
}

/* What is known to fall short has that as its outcome. */
static void adequate(const cb_scope *scope, const uint32_t *rows, uint32_t n, uint8_t *answer)
{
    const cb_derived *d = scope->derived;
    for (uint32_t i = 0; i < n; i++) {
        const bool counts = d->eligible[rows[i]] == 1;
        const bool yes = d->outcome[rows[i]] != CB_OUTCOME_INADEQUATE;
        answer[i] = (uint8_t)(counts * (NO + yes));
    }
}

static void repeated(const cb_scope *scope, const uint32_t *rows, uint32_t n, uint8_t *answer)
{
    static const uint8_t answers[] = {NO, YES, NOT_COUNTED}; /* by cb_derived.repeat */
    for (uint32_t i = 0; i < n; i++)
        answer[i] = answers[scope->derived->repeat[rows[i]]];
}

static void followed_up(const cb_scope *scope, const uint32_t *rows, uint32_t n, uint8_t *answer)
{
    for (uint32_t i = 0; i < n; i++) {
        const cb_answer done = cb_followed_up(scope, rows[i]);
        answer[i] = done == CB_NA ? NOT_COUNTED : done == CB_YES ? YES : NO;
    }
}

static void (*const judge[CB_FUNNELS])(const cb_scope *, const uint32_t *, uint32_t, uint8_t *) = {
    [CB_FUNNEL_IN_TARGET] = in_target,
    [CB_FUNNEL_ADEQUATE] = adequate,
    [CB_FUNNEL_REPEAT] = repeated,
    [CB_FUNNEL_FOLLOW_UP] = followed_up,
};

static const char *missing(const cb_scope *scope, cb_funnel_measure what)
{
    const cb_table *cases = &scope->book->table[CB_CASES];
    if (!cases->column[CB_CASE_TEAM])
        return "team is not in the input";
    if (what == CB_FUNNEL_IN_TARGET && scope->settings->targets == 0)
        return "no targets are configured";
    if (what == CB_FUNNEL_ADEQUATE && !cases->column[CB_CASE_LOSS])
        return "loss_amount is not in the input";
    if (what == CB_FUNNEL_FOLLOW_UP && !cases->column[CB_CASE_FOLLOW_UP])
        return "follow_up_at is not in the input";
    return NULL;
}

static void count(teams *t, cb_funnel_measure what)
{
    const cb_slice *cases = &t->scope->window[CB_NOW].cases;
    for (uint32_t g = 0; g < t->groups; g++)
        t->yes[g] = t->n[g] = 0;
    uint8_t answer[CB_BLOCK];
    for (uint32_t from = 0; from < cases->n; from += CB_BLOCK) {
        const uint32_t block = cb_block_of(cases->n, from), *team = t->team + from;
        judge[what](t->scope, cases->rows + from, block, answer);
        for (uint32_t i = 0; i < block; i++) {
            t->n[team[i]] += answer[i] != NOT_COUNTED;
            t->yes[team[i]] += answer[i] == YES;
        }
    }
}

typedef struct named {
    uint32_t word;
    cb_str text;
} named;

static int by_text(const void *a, const void *b)
{
    return cb_str_cmp(((const named *)a)->text, ((const named *)b)->text);
}

/* ---- small teams ---- */

static cb_status order_by_size(teams *t, cb_error *err)
{
    const cb_slice *cases = &t->scope->window[CB_NOW].cases;
    const uint32_t *words = NULL;
    uint32_t n = 0;
    uint32_t *count = cb_arena_array(t->scope->scratch, t->groups, sizeof *count);
    if (!count)
        return cb_nomem(err, "the comparison of teams");
    for (uint32_t i = 0; i < cases->n; i++)
        count[t->team[i]]++;
    count[CB_UNKNOWN_ID] = 0;
    cb_status rc =
        cb_dim_ranked(t->scope->book, CB_DIM_TEAM, count, t->scope->scratch, &words, &n, err);
    for (uint32_t i = 0; rc == CB_OK && i < n; i++) {
        t->by_size[i] = words[n - 1 - i];
        t->cases[words[i]] = count[words[i]];
    }
    t->sized = n;
    return rc;
}

/* size: by word, the counts that a total could give away; teams of size 0 are not in the table. */
static bool can_be_told(const teams *t, const bool *hidden, const uint64_t *size)
{
    uint64_t sum = 0;
    uint32_t count = 0;
    for (uint32_t i = 0; i < t->sized; i++)
        if (hidden[t->by_size[i]] && size[t->by_size[i]] > 0) {
            sum += size[t->by_size[i]];
            count++;
        }
    return count == 1 || (count > 1 && sum < t->scope->settings->min_group);
}

/* Hides the small teams, then the next smallest ones until those hidden cannot be told apart. */
static void hide(const teams *t, bool *hidden, const uint64_t *size)
{
    for (uint32_t i = 0; i < t->sized; i++)
        hidden[t->by_size[i]] |= size[t->by_size[i]] < t->scope->settings->min_group;
    for (uint32_t i = 0; i < t->sized && can_be_told(t, hidden, size); i++)
        hidden[t->by_size[i]] |= size[t->by_size[i]] > 0;
}

/* Of a funnel: the hidden ones, and those whose n of this funnel is small. */
static void suppress(const teams *t, cb_funnel_result *out, bool *hidden)
{
    for (uint32_t g = 0; g < t->groups; g++)
        hidden[g] = t->hidden[g];
    hide(t, hidden, t->n);
    for (uint32_t i = 0; i < out->groups; i++) {
        cb_funnel_group *g = &out->group[i];
        if (!hidden[g->word])
            continue;
        *g = (cb_funnel_group){.word = g->word,
                               .share = NAN,
                               .low95 = NAN,
                               .high95 = NAN,
                               .low998 = NAN,
                               .high998 = NAN,
                               .wilson = cb_est_none("the team is too small to be shown"),
                               .verdict = CB_FUNNEL_SUPPRESSED};
        out->suppressed++;
    }
}

/* ---- limits ---- */

static void draw_lines(cb_funnel_result *out, const cb_funnel *funnel)
{
    double largest = 5;
    for (uint32_t i = 0; i < out->groups; i++)
        largest = fmax(largest, out->group[i].n);
    /* Limits in equal steps of the square root of n: dense where they bend. */
    for (unsigned i = 0; i < LINES; i++) {
        double root = sqrt(5.0) + (sqrt(largest * 1.05) - sqrt(5.0)) * i / (LINES - 1);
        double n = root * root;
        cb_funnel_limits exact = cb_funnel_share_limits(funnel->target, n);
        cb_funnel_limits wide = cb_funnel_widen(
            exact, funnel->target, funnel->target * (1 - funnel->target) / n, funnel->tau2);
        out->line[out->lines++] = (cb_funnel_line){n, wide.low_95, fmin(1, wide.high_95),
                                                   wide.low_998, fmin(1, wide.high_998)};
    }
}

static cb_funnel_verdict verdict_of(int place)
{
    return place == 0        ? CB_FUNNEL_INSIDE
           : abs(place) == 1 ? CB_FUNNEL_BEYOND_95
                             : CB_FUNNEL_BEYOND_998;
}

static void fill(cb_funnel_result *out, const teams *t, const named *order, const cb_funnel *funnel)
{
    for (uint32_t i = 0; i < out->groups; i++) {
        const cb_funnel_point *p = &funnel->points[i];
        uint32_t word = order[i].word;
        out->group[i] =
            (cb_funnel_group){.word = word,
                              .yes = (uint32_t)t->yes[word],
                              .n = (uint32_t)t->n[word],
                              .share = p->value,
                              .low95 = p->widened.low_95,
                              .high95 = p->widened.high_95,
                              .low998 = p->widened.low_998,
                              .high998 = p->widened.high_998,
                              .wilson = cb_wilson(t->yes[word], t->n[word], CB_LEVEL_95),
                              .verdict = verdict_of(p->place)};
    }
}

static cb_status compare_teams(const teams *t, cb_funnel_result *out, cb_error *err)
{
    cb_arena *scratch = t->scope->scratch;
    named *order = cb_arena_array(scratch, t->groups, sizeof *order);
    uint64_t *yes = cb_arena_array(scratch, t->groups, sizeof *yes),
             *n = cb_arena_array(scratch, t->groups, sizeof *n);
    cb_funnel funnel;
    if (!order || !yes || !n)
        return cb_nomem(err, "the comparison of teams");
    for (uint32_t g = 1; g < t->groups; g++)
        if (t->n[g] > 0)
            order[out->groups++] = (named){g, cb_dim_text(t->scope->book, CB_DIM_TEAM, g)};
    if (out->groups > 1)
        qsort(order, out->groups, sizeof *order, by_text);
    for (uint32_t i = 0; i < out->groups; i++) {
        yes[i] = t->yes[order[i].word];
        n[i] = t->n[order[i].word];
    }
    if (cb_funnel_shares(yes, n, out->groups, scratch, &funnel) != CB_OK)
        return cb_nomem(err, "the comparison of teams");
    out->reason = funnel.reason;
    if (funnel.reason) {
        out->groups = 0;
        return CB_OK;
    }
    out->target = funnel.target;
    out->phi = funnel.phi;
    out->tau2 = funnel.tau2;
    out->group = cb_arena_array(t->scope->arena, out->groups, sizeof *out->group);
    if (!out->group)
        return cb_nomem(err, "the comparison of teams");
    bool *hidden = cb_arena_array(scratch, t->groups, sizeof *hidden);
    if (!hidden)
        return cb_nomem(err, "the comparison of teams");
    fill(out, t, order, &funnel);
    suppress(t, out, hidden);
    draw_lines(out, &funnel);
    return CB_OK;
}

static const uint32_t *team_words(const cb_scope *scope)
{
    const cb_slice *cases = &scope->window[CB_NOW].cases;
    uint32_t *team = cb_arena_array(scope->scratch, cases->n, sizeof *team);
    if (team)
        cb_words_of(&scope->book->table[CB_CASES], CB_CASE_TEAM, cases->rows, cases->n, team);
    return team;
}

static cb_status set_teams(teams *t, cb_fairness *out, cb_error *err)
{
    const cb_scope *scope = t->scope;
    t->team = team_words(scope);
    t->yes = cb_arena_array(scope->scratch, t->groups, sizeof *t->yes);
    t->n = cb_arena_array(scope->scratch, t->groups, sizeof *t->n);
    t->cases = cb_arena_array(scope->scratch, t->groups, sizeof *t->cases);
    t->by_size = cb_arena_array(scope->scratch, t->groups, sizeof *t->by_size);
    t->hidden = cb_arena_array(scope->arena, t->groups, sizeof *t->hidden);
    if (!t->team || !t->yes || !t->n || !t->cases || !t->by_size || !t->hidden)
        return cb_nomem(err, "the comparison of teams");
    cb_status rc = order_by_size(t, err);
    for (uint32_t word = 1; word < t->groups; word++)
        t->hidden[word] = t->cases[word] == 0;
    hide(t, t->hidden, t->cases);
    for (uint32_t i = 0; i < t->sized; i++)
        out->hidden_teams += t->hidden[t->by_size[i]];
    out->hidden = t->hidden;
    out->teams = t->groups;
    return rc;
}

static cb_status fairness_finish(void *state, const cb_scope *scope, cb_window_ix ix,
                                 cb_results *results, cb_error *err)
{
    teams t = {.scope = scope, .groups = cb_dim_groups(scope->book, CB_DIM_TEAM)};
    (void)state;
    (void)ix; /* only now */
    cb_status rc = set_teams(&t, &results->fairness, err);
    int funnels = scope->left_out & CB_PART_FUNNELS ? 0 : CB_FUNNELS;
    for (int what = 0; rc == CB_OK && what < funnels; what++) {
        cb_funnel_result *out = &results->fairness.funnel[what];
        out->reason = missing(scope, (cb_funnel_measure)what);
        if (out->reason)
            continue;
        count(&t, (cb_funnel_measure)what);
        rc = compare_teams(&t, out, err);
    }
    return rc;
}

const cb_measure cb_measure_fairness = {.name = "fairness",
                                        .methods = "F1, F2",
                                        .over = CB_OVER_OPENED,
                                        .only_now = true,
                                        .finish = fairness_finish};
