#include "measures/resolution_parts.h"

#include "casebook/results.h"
#include "casebook/stats_interval.h"

static const cb_dim compared[] = {CB_DIM_KIND, CB_DIM_PRODUCT, CB_DIM_TEAM, CB_DIM_PRIORITY};

enum { COMPARED = sizeof compared / sizeof *compared };

bool cb_res_compared(cb_dim dim)
{
    for (size_t i = 0; i < COMPARED; i++)
        if (compared[i] == dim)
            return true;
    return false;
}

/* The two periods, split alike. */
typedef struct pair {
    const cb_scope *scope;
    const cb_resolution *now, *before;
    cb_res_split split_now, split_before;
    cb_arena *scratch; /* of the split at work: freed before the next one */
} pair;

/* Runs one split, with memory of its own. */
static cb_status with_scratch(pair *p, cb_status (*run)(void *, pair *, cb_error *), void *ctx,
                              cb_error *err)
{
    p->scratch = cb_arena_new(p->scope->settings->alloc, 0);
    cb_status rc = p->scratch ? run(ctx, p, err) : cb_nomem(err, "the comparison of periods");
    cb_arena_free(p->scratch);
    p->scratch = NULL;
    return rc;
}

static cb_status split_dim(cb_res_split *out, const cb_res_order *order, pair *p, cb_dim dim,
                           cb_error *err)
{
    const uint32_t *word = cb_res_words(p->scope, dim, &order->cases, p->scratch);
    if (!word)
        return cb_nomem(err, "the comparison of periods");
    return cb_res_split_at(out, order, word, cb_dim_groups(p->scope->book, dim), p->scratch, err);
}

static cb_status test_word(const pair *p, uint32_t word, cb_logrank *test, cb_error *err)
{
    cb_logrank_group both[2] = {cb_res_part(&p->split_now, word),
                                cb_res_part(&p->split_before, word)};
    cb_status rc = cb_logrank_test(both, 2, p->scratch, test);
    return rc == CB_OK ? CB_OK : cb_nomem(err, "the comparison of periods");
}

static uint32_t size_of(const cb_res_split *split, uint32_t word)
{
    return split->offset[(size_t)word * 2 + 2] - split->offset[(size_t)word * 2];
}

/* ---- overall ---- */

static const char *refusal(const cb_res_versus *v, const cb_resolution *now)
{
    if (now->closed_only)
        return "the input holds closed cases only (R9)";
    if (v->n_now == 0)
        return "no case with a known duration in the period";
    return v->n_before == 0 ? "no case with a known duration in the period before" : NULL;
}

static cb_status compare_all(void *ctx, pair *p, cb_error *err)
{
    cb_res_versus *v = ctx;
    cb_logrank test;
    cb_status rc = cb_res_split_whole(&p->split_now, &p->now->order, p->scratch, err);
    if (rc == CB_OK)
        rc = cb_res_split_whole(&p->split_before, &p->before->order, p->scratch, err);
    if (rc == CB_OK)
        rc = test_word(p, 0, &test, err);
    if (rc != CB_OK)
        return rc;
    v->p_value = test.p;
    v->chi2 = test.chi2;
    v->reason = test.reason;
    v->observed_now = test.reason ? NAN : test.observed[0];
    v->expected_now = test.reason ? NAN : test.expected[0];
    return CB_OK;
}

/* ---- groups ---- */

static bool large_enough(const pair *p, uint32_t word)
{
    uint32_t least = p->scope->settings->min_group > 1 ? p->scope->settings->min_group : 1;
    return word != CB_UNKNOWN_ID && size_of(&p->split_now, word) >= least &&
           size_of(&p->split_before, word) >= least;
}

/* What finish found of the period; only words with a group are asked for. */
static cb_est *medians_now(const pair *p, cb_dim dim, cb_error *err)
{
    const cb_res_dim *by = &p->now->by[dim];
    cb_est *median = cb_arena_array(p->scratch, cb_dim_groups(p->scope->book, dim), sizeof *median);
    if (!median)
        (void)cb_nomem(err, "the comparison of periods");
    for (uint32_t g = 0; median && g < by->groups; g++)
        median[by->group[g].word] = by->group[g].hours.median_h;
    return median;
}

/* Where anything is compared, the input does not hold closed cases only. */
static cb_est median_before(const pair *p, uint32_t word)
{
    static const cb_res_rules rules = {false, "no case with a known duration", ""};
    cb_logrank_group part = cb_res_part(&p->split_before, word);
    return cb_res_median(&part, &rules);
}

static cb_status compare_word(cb_res_change *out, const pair *p, cb_dim dim, uint32_t word,
                              const cb_est *median_now, cb_error *err)
{
    cb_logrank test;
    cb_status rc = test_word(p, word, &test, err);
    if (rc != CB_OK)
        return rc;
    *out = (cb_res_change){
        .dim = dim,
        .word = word,
        .text = cb_dim_text(p->scope->book, dim, word),
        .n_now = size_of(&p->split_now, word),
        .n_before = size_of(&p->split_before, word),
        .median_now_h = median_now[word],
        .median_before_h = median_before(p, word),
        .observed_now = test.reason ? NAN : test.observed[0],
        .expected_now = test.reason ? NAN : test.expected[0],
        .p_value = test.p,
        .p_adjusted = test.p,
        .reason = test.reason,
    };
    return CB_OK;
}

/* The words to be compared, in order. */
static cb_status list_words(const pair *p, cb_dim dim, const uint32_t **word, uint32_t *n,
                            cb_error *err)
{
    uint32_t words = cb_dim_groups(p->scope->book, dim);
    uint32_t *count = cb_arena_array(p->scratch, words, sizeof *count);
    if (!count)
        return cb_nomem(err, "the comparison of periods");
    for (uint32_t w = 0; w < words; w++)
        count[w] = large_enough(p, w) ? size_of(&p->split_now, w) : 0;
    return cb_dim_ranked(p->scope->book, dim, count, p->scratch, word, n, err);
}

typedef struct changes {
    cb_res_versus *versus;
    cb_res_change *change;
    cb_dim dim;
} changes;

static cb_status compare_dim(void *ctx, pair *p, cb_error *err)
{
    const changes *c = ctx;
    const cb_dim dim = c->dim;
    const uint32_t *word = NULL;
    uint32_t n = 0;
    cb_est *median = medians_now(p, dim, err);
    cb_status rc = median ? split_dim(&p->split_now, &p->now->order, p, dim, err) : CB_ENOMEM;
    if (rc == CB_OK)
        rc = split_dim(&p->split_before, &p->before->order, p, dim, err);
    if (rc == CB_OK)
        rc = list_words(p, dim, &word, &n, err);
    for (uint32_t i = 0; rc == CB_OK && i < n; i++)
        rc = compare_word(&c->change[c->versus->changes++], p, dim, word[i], median, err);
    return rc;
}

/* No dimension has more groups of min_group cases than the period has groups at all. */
static size_t most_changes(const cb_resolution *now)
{
    size_t most = 0;
    for (int i = 0; i < COMPARED; i++)
        most += now->by[compared[i]].groups;
    return most;
}

static cb_status adjust_in(cb_res_change *change, uint32_t n, cb_arena *scratch)
{
    double *p = cb_arena_array(scratch, n, sizeof *p);
    if (!p)
        return CB_ENOMEM;
    for (uint32_t i = 0; i < n; i++)
        p[i] = change[i].p_value;
    cb_status rc = cb_bh_adjust(p, p, n, scratch);
    for (uint32_t i = 0; rc == CB_OK && i < n; i++)
        change[i].p_adjusted = p[i];
    return rc;
}

static cb_status adjust(cb_res_change *change, uint32_t n, const cb_alloc *alloc, cb_error *err)
{
    cb_arena *scratch = cb_arena_new(alloc, 0);
    cb_status rc = scratch ? adjust_in(change, n, scratch) : CB_ENOMEM;
    cb_arena_free(scratch);
    return rc == CB_OK ? CB_OK
                       : cb_fail(err, rc, "the p values of the comparison of periods: %s",
                                 cb_status_text(rc));
}

static cb_status compare_groups(cb_res_versus *v, pair *p, cb_error *err)
{
    cb_res_change *change = cb_arena_array(p->scope->arena, most_changes(p->now), sizeof *change);
    cb_status rc = change ? CB_OK : cb_nomem(err, "the comparison of periods");
    for (int i = 0; rc == CB_OK && i < COMPARED; i++) {
        changes c = {v, change, compared[i]};
        if (cb_dim_present(p->scope->book, compared[i]))
            rc = with_scratch(p, compare_dim, &c, err);
    }
    if (rc == CB_OK)
        rc = adjust(change, v->changes, p->scope->settings->alloc, err);
    v->change = change;
    return rc;
}

cb_status cb_res_compare(const cb_scope *scope, cb_results *out, cb_error *err)
{
    cb_res_versus *v = &out[CB_NOW].resolution.versus_previous;
    pair p = {.scope = scope, .now = &out[CB_NOW].resolution, .before = &out[CB_BEFORE].resolution};
    v->n_now = p.now->hours.n;
    v->n_before = p.before->hours.n;
    v->reason = refusal(v, p.now);
    if (v->reason) {
        v->p_value = v->chi2 = v->observed_now = v->expected_now = NAN;
        return CB_OK;
    }
    cb_status rc = with_scratch(&p, compare_all, v, err);
    return rc == CB_OK ? compare_groups(v, &p, err) : rc;
}
