#include "measures/resolution_parts.h"

#include "casebook/results.h"
#include "casebook/stats_interval.h"

static const cb_dim compared[] = {CB_DIM_KIND, CB_DIM_PRODUCT, CB_DIM_TEAM, CB_DIM_PRIORITY};

static const char what[] = "the comparison of periods";

enum { COMPARED = sizeof compared / sizeof *compared };

bool cb_res_compared(cb_dim dim)
{
    for (size_t i = 0; i < COMPARED; i++)
        if (compared[i] == dim)
            return true;
    return false;
}

/* The two periods, dealt out together. */
typedef struct pair {
    const cb_scope *scope;
    const cb_resolution *now, *before;
    cb_res_both both;
    cb_res_marks marks;
    uint32_t *n_before; /* by word: marks of the period before */
    cb_arena *scratch;  /* of the dimension at work: freed before the next one */
} pair;

/* Runs one dimension, with memory of its own. */
static cb_status with_scratch(pair *p, cb_status (*run)(void *, pair *, cb_error *), void *ctx,
                              cb_error *err)
{
    p->scratch = cb_arena_new(p->scope->settings->alloc, 0);
    cb_status rc = p->scratch ? run(ctx, p, err) : cb_nomem(err, what);
    cb_arena_free(p->scratch);
    p->scratch = NULL;
    return rc;
}

static uint32_t size_of(const pair *p, uint32_t word)
{
    return p->marks.offset[word + 1] - p->marks.offset[word];
}

static void test_word(const pair *p, uint32_t word, cb_logrank_two *test)
{
    cb_logrank_pair(p->marks.mark + p->marks.offset[word], size_of(p, word), test);
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

static void compare_all(cb_res_versus *v, const pair *p)
{
    cb_logrank_two test;
    cb_logrank_pair(p->both.mark, p->both.n, &test);
    v->p_value = test.p;
    v->chi2 = test.chi2;
    v->reason = test.reason;
    v->observed_now = test.reason ? NAN : test.observed;
    v->expected_now = test.reason ? NAN : test.expected;
}

/* ---- groups ---- */

static uint32_t n_now(const pair *p, uint32_t word)
{
    return size_of(p, word) - p->n_before[word];
}

static bool large_enough(const pair *p, uint32_t word)
{
    uint32_t least = p->scope->settings->min_group > 1 ? p->scope->settings->min_group : 1;
    return word != CB_UNKNOWN_ID && n_now(p, word) >= least && p->n_before[word] >= least;
}

/* Durations of one word; as many as any has, and one that is written and does not count. */
typedef struct lists {
    int64_t *event_s, *censored_s;
} lists;

static cb_status make_room(lists *out, const pair *p, cb_dim dim, cb_error *err)
{
    size_t most = 0;
    for (uint32_t w = 0; w < cb_dim_groups(p->scope->book, dim); w++)
        most = p->n_before[w] > most ? p->n_before[w] : most;
    out->event_s = cb_arena_array(p->scratch, most + 1, sizeof *out->event_s);
    out->censored_s = cb_arena_array(p->scratch, most + 1, sizeof *out->censored_s);
    return out->event_s && out->censored_s ? CB_OK : cb_nomem(err, what);
}

/* Deals the cases of both periods out to the dimension's words. */
static cb_status set_marks(pair *p, cb_dim dim, cb_error *err)
{
    uint32_t words = cb_dim_groups(p->scope->book, dim);
    cb_res_table table;
    cb_status rc = cb_res_new_table(&table, p->both.n, words, p->scratch, err);
    p->n_before = cb_arena_array(p->scratch, words, sizeof *p->n_before);
    if (rc != CB_OK || !p->n_before)
        return rc != CB_OK ? rc : cb_nomem(err, what);
    p->marks = cb_res_marks_of(&p->both, dim, &table);
    for (uint32_t w = 0; w < words; w++)
        for (uint32_t i = p->marks.offset[w]; i < p->marks.offset[w + 1]; i++)
            p->n_before[w] += p->marks.mark[i] & 1;
    return CB_OK;
}

/* What finish found of the period; only words with a group are asked for. */
static cb_est *medians_now(const pair *p, cb_dim dim, cb_error *err)
{
    const cb_res_dim *by = &p->now->by[dim];
    cb_est *median = cb_arena_array(p->scratch, cb_dim_groups(p->scope->book, dim), sizeof *median);
    if (!median)
        (void)cb_nomem(err, what);
    for (uint32_t g = 0; median && g < by->groups; g++)
        median[by->group[g].word] = by->group[g].hours.median_h;
    return median;
}

/* The durations of the period before; room for `largest` of each. */
static cb_logrank_group cases_before(const pair *p, uint32_t word, const lists *room)
{
    const uint64_t *mark = p->marks.mark + p->marks.offset[word];
    size_t n = 0, events = 0, all = size_of(p, word);
    for (size_t i = 0; i < all; i++) {
        const bool before = mark[i] & 1, censored = mark[i] & 2;
        room->event_s[events] = room->censored_s[n - events] = (int64_t)(mark[i] >> 2);
        n += before;
        events += before & !censored;
    }
    return (cb_logrank_group){room->event_s, events, room->censored_s, n - events};
}

/* Where anything is compared, the input does not hold closed cases only. */
static cb_est median_before(const pair *p, uint32_t word, const lists *room)
{
    static const cb_res_rules rules = {false, "no case with a known duration", ""};
    cb_logrank_group part = cases_before(p, word, room);
    return cb_res_median(&part, &rules);
}

static cb_res_change compare_word(const pair *p, cb_dim dim, uint32_t word,
                                  const cb_est *median_now, const lists *room)
{
    cb_logrank_two test;
    test_word(p, word, &test);
    return (cb_res_change){
        .dim = dim,
        .word = word,
        .text = cb_dim_text(p->scope->book, dim, word),
        .n_now = n_now(p, word),
        .n_before = p->n_before[word],
        .median_now_h = median_now[word],
        .median_before_h = median_before(p, word, room),
        .observed_now = test.reason ? NAN : test.observed,
        .expected_now = test.reason ? NAN : test.expected,
        .p_value = test.p,
        .p_adjusted = test.p,
        .reason = test.reason,
    };
}

/* The words to be compared, in order. */
static cb_status list_words(const pair *p, cb_dim dim, const uint32_t **word, uint32_t *n,
                            cb_error *err)
{
    uint32_t words = cb_dim_groups(p->scope->book, dim);
    uint32_t *count = cb_arena_array(p->scratch, words, sizeof *count);
    if (!count)
        return cb_nomem(err, what);
    for (uint32_t w = 0; w < words; w++)
        count[w] = large_enough(p, w) ? n_now(p, w) : 0;
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
    lists room = {0};
    cb_status rc = median ? set_marks(p, dim, err) : CB_ENOMEM;
    if (rc == CB_OK)
        rc = make_room(&room, p, dim, err);
    if (rc == CB_OK)
        rc = list_words(p, dim, &word, &n, err);
    for (uint32_t i = 0; rc == CB_OK && i < n; i++)
        c->change[c->versus->changes++] = compare_word(p, dim, word[i], median, &room);
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
    cb_status rc = change ? CB_OK : cb_nomem(err, what);
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

static cb_status merge_cohorts(pair *p, cb_arena *arena, cb_error *err)
{
    const cb_book *book = p->scope->book;
    unsigned dims = 0;
    for (int i = 0; i < COMPARED; i++)
        dims |= cb_dim_present(book, compared[i]) ? 1u << compared[i] : 0;
    cb_arena *scratch = cb_arena_new(p->scope->settings->alloc, 0);
    cb_status rc = scratch ? cb_res_merge(&p->both, &p->now->order, &p->before->order, book, dims,
                                          arena, scratch, err)
                           : cb_nomem(err, what);
    cb_arena_free(scratch);
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
    cb_arena *merged = cb_arena_new(scope->settings->alloc, 0);
    cb_status rc = merged ? merge_cohorts(&p, merged, err) : cb_nomem(err, what);
    if (rc == CB_OK) {
        compare_all(v, &p);
        rc = compare_groups(v, &p, err);
    }
    cb_arena_free(merged);
    return rc;
}
