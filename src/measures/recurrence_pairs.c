/* Q6: attributes that occur together more often than chance would have it. */
#include <math.h>
#include <stdlib.h>

#include "casebook/stats_interval.h"
#include "measures/recurrence_parts.h"

/* Words beyond the most frequent MOST_WORDS of a dimension have too few cases to say anything. */
enum { MOST_WORDS = 300, LEAST_SUPPORT = 10, MOST_PAIRS = 1000 };

typedef struct attribute {
    cb_dim dim;
    const uint32_t *words; /* the most frequent, by count */
    uint32_t n;
    const uint32_t *count; /* by word */
    uint32_t *place;       /* word -> place in words + 1, 0 none */
} attribute;

static cb_status look_at(attribute *a, const cb_scope *scope, cb_dim dim, cb_error *err)
{
    const cb_slice *cases = &scope->window[CB_NOW].cases;
    uint32_t groups = cb_dim_groups(scope->book, dim), kept = 0;
    uint32_t *count = cb_arena_array(scope->scratch, groups, sizeof *count);
    a->dim = dim;
    a->place = cb_arena_array(scope->scratch, groups, sizeof *a->place);
    if (!count || !a->place)
        return cb_nomem(err, "the pairs");
    for (uint32_t i = 0; i < cases->n; i++)
        count[cb_dim_word(scope->book, dim, cases->rows[i])]++;
    count[CB_UNKNOWN_ID] = 0;
    a->count = count;
    cb_status rc = cb_dim_ranked(scope->book, dim, count, scope->scratch, &a->words, &a->n, err);
    for (uint32_t i = 0;
         rc == CB_OK && i < a->n && i < MOST_WORDS && count[a->words[i]] >= LEAST_SUPPORT; i++)
        a->place[a->words[i]] = ++kept;
    a->n = kept;
    return rc;
}

typedef struct pair_list {
    cb_pair_lift *at;
    size_t n, cap;
} pair_list;

static cb_status keep(pair_list *list, const cb_pair_lift *pair, cb_error *err)
{
    void *items = list->at;
    cb_status rc =
        cb_grow(cb_alloc_libc(), &items, &list->cap, list->n + 1, sizeof *list->at, 100000000);
    list->at = items;
    if (rc != CB_OK)
        return cb_nomem(err, "the pairs");
    list->at[list->n++] = *pair;
    return CB_OK;
}

static cb_pair_lift judge(const attribute *a, const attribute *b, uint32_t i, uint32_t j,
                          uint32_t both, uint32_t n)
{
    cb_pair_lift p = {.dim_a = a->dim,
                      .dim_b = b->dim,
                      .word_a = a->words[i],
                      .word_b = b->words[j],
                      .both = both,
                      .n = n};
    p.a = a->count[p.word_a];
    p.b = b->count[p.word_b];
    double total = n;
    p.lift = both * total / ((double)p.a * p.b);
    p.leverage = both / total - ((double)p.a / total) * (p.b / total);
    p.p = p.a < n ? cb_share_test(both, p.a, p.b - both, n - p.a).greater : NAN;
    return p;
}

/* table is a->n * b->n counts, zeroed. */
static cb_status count_pairs(pair_list *list, const cb_scope *scope, const attribute *a,
                             const attribute *b, uint32_t *table, cb_error *err)
{
    const cb_slice *cases = &scope->window[CB_NOW].cases;
    for (uint32_t i = 0; i < cases->n; i++) {
        uint32_t x = a->place[cb_dim_word(scope->book, a->dim, cases->rows[i])];
        uint32_t y = b->place[cb_dim_word(scope->book, b->dim, cases->rows[i])];
        if (x && y)
            table[(size_t)(x - 1) * b->n + (y - 1)]++;
    }
    cb_status rc = CB_OK;
    for (uint32_t i = 0; i < a->n; i++)
        for (uint32_t j = 0; rc == CB_OK && j < b->n; j++) {
            uint32_t both = table[(size_t)i * b->n + j];
            if (both < LEAST_SUPPORT)
                continue;
            cb_pair_lift pair = judge(a, b, i, j, both, cases->n);
            rc = keep(list, &pair, err);
        }
    return rc;
}

static int by_leverage(const void *x, const void *y)
{
    const cb_pair_lift *a = x, *b = y;
    if (a->leverage != b->leverage)
        return a->leverage > b->leverage ? -1 : 1;
    if (a->dim_a != b->dim_a)
        return a->dim_a < b->dim_a ? -1 : 1;
    if (a->dim_b != b->dim_b)
        return a->dim_b < b->dim_b ? -1 : 1;
    if (a->word_a != b->word_a)
        return a->word_a < b->word_a ? -1 : 1;
    return a->word_b < b->word_b ? -1 : a->word_b > b->word_b;
}

/* Only pairs that go together (lift above 1) are findings. */
static cb_status choose(cb_recurrences *out, pair_list *list, const cb_scope *scope, cb_error *err)
{
    double *p = cb_arena_array(scope->scratch, list->n, sizeof *p);
    if (!p)
        return cb_nomem(err, "the pairs");
    for (size_t i = 0; i < list->n; i++)
        p[i] = list->at[i].p;
    if (cb_bh_adjust(p, p, list->n, scope->scratch) != CB_OK)
        return cb_nomem(err, "the pairs");
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++) {
        list->at[i].q = p[i];
        if (p[i] < 0.05 && list->at[i].lift > 1)
            list->at[n++] = list->at[i];
    }
    if (n > 1)
        qsort(list->at, n, sizeof *list->at, by_leverage);
    out->pairs = (uint32_t)n;
    size_t kept = n < MOST_PAIRS ? n : MOST_PAIRS;
    out->pair = cb_arena_array(scope->arena, kept, sizeof *out->pair);
    if (!out->pair)
        return cb_nomem(err, "the pairs");
    for (size_t i = 0; i < kept; i++)
        out->pair[i] = list->at[i];
    return CB_OK;
}

cb_status cb_recur_pairs(cb_recurrences *out, const cb_scope *scope, cb_error *err)
{
    attribute attributes[CB_DIMS] = {{0}};
    pair_list list = {0};
    cb_status rc = CB_OK;
    for (int dim = 0; rc == CB_OK && dim < CB_DIMS; dim++)
        rc = look_at(&attributes[dim], scope, (cb_dim)dim, err);
    for (int i = 0; rc == CB_OK && i < CB_DIMS; i++)
        for (int j = i + 1; rc == CB_OK && j < CB_DIMS; j++) {
            size_t cells = (size_t)attributes[i].n * attributes[j].n;
            uint32_t *table = cb_arena_array(scope->scratch, cells, sizeof *table);
            rc = table ? count_pairs(&list, scope, &attributes[i], &attributes[j], table, err)
                       : cb_nomem(err, "the pairs");
        }
    out->pairs_tested = (uint32_t)list.n;
    if (rc == CB_OK)
        rc = choose(out, &list, scope, err);
    free(list.at);
    return rc;
}
