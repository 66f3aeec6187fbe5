/* Q6: attributes that occur together more often than chance would have it. */
#include <math.h>
#include <stdlib.h>

#include "casebook/stats_interval.h"
#include "measures/recurrence_parts.h"

/* Words beyond the most frequent MOST_WORDS of a dimension have too few cases to say anything. */
enum { MOST_WORDS = 300, MOST_PAIRS = 1000 };
/* A pair is tested where chance alone would bring it about at least so often: a rule on the
 * margins, which are no part of what is tested, so that it does not pick out the high ones. */
static const double least_expected = 1;

typedef struct attribute {
    cb_dim dim;
    const uint32_t *words; /* the most frequent, by count */
    uint32_t n;
    const uint32_t *count; /* by word */
    uint16_t *place; /* case of the window -> place of its word in words + 1, 0 none of them */
} attribute;

/* The window's cases, those of one customer side by side. */
typedef struct basket {
    uint32_t n;
    uint32_t *to, *customer; /* to: case of the window -> its place; customer: by place */
    attribute attribute[CB_DIMS];
} basket;

static uint32_t customer_of(const cb_scope *scope, uint32_t row)
{
    return cb_word(&scope->book->table[CB_CASES], CB_CASE_CUSTOMER, row);
}

/* By counting: at[c + 1] is where the next case of customer c goes. */
static cb_status sort_by_customer(basket *b, const cb_scope *scope, cb_error *err)
{
    const cb_slice *cases = &scope->window[CB_NOW].cases;
    uint32_t customers = cb_intern_count(scope->book->pool[CB_POOL_CUSTOMER]);
    uint32_t *at = cb_arena_array(scope->scratch, (size_t)customers + 2, sizeof *at);
    b->n = cases->n;
    b->to = cb_arena_array(scope->scratch, cases->n, sizeof *b->to);
    b->customer = cb_arena_array(scope->scratch, cases->n, sizeof *b->customer);
    if (!at || !b->to || !b->customer)
        return cb_nomem(err, "the pairs");
    for (uint32_t i = 0; i < cases->n; i++)
        at[customer_of(scope, cases->rows[i]) + 2]++;
    for (uint32_t c = 2; c < customers + 2; c++)
        at[c] += at[c - 1];
    for (uint32_t i = 0; i < cases->n; i++) {
        uint32_t customer = customer_of(scope, cases->rows[i]), to = at[customer + 1]++;
        b->to[i] = to;
        b->customer[to] = customer;
    }
    return CB_OK;
}

static cb_status look_at(const basket *b, attribute *a, const cb_scope *scope, cb_dim dim,
                         cb_error *err)
{
    const uint32_t *rows = scope->window[CB_NOW].cases.rows;
    uint32_t groups = cb_dim_groups(scope->book, dim), kept = 0;
    uint32_t *count = cb_arena_array(scope->scratch, groups, sizeof *count);
    uint16_t *place = cb_arena_array(scope->scratch, groups, sizeof *place);
    a->dim = dim;
    a->place = cb_arena_array(scope->scratch, b->n, sizeof *a->place);
    if (!count || !place || !a->place)
        return cb_nomem(err, "the pairs");
    for (uint32_t i = 0; i < b->n; i++)
        count[cb_dim_word(scope->book, dim, rows[i])]++;
    count[CB_UNKNOWN_ID] = 0;
    a->count = count;
    cb_status rc = cb_dim_ranked(scope->book, dim, count, scope->scratch, &a->words, &a->n, err);
    if (rc != CB_OK)
        return rc;
    while (kept < a->n && kept < MOST_WORDS && count[a->words[kept]] >= CB_PAIR_SUPPORT)
        kept++;
    a->n = kept;
    for (uint16_t i = 0; i < kept; i++)
        place[a->words[i]] = (uint16_t)(i + 1);
    for (uint32_t i = 0; i < b->n; i++)
        a->place[b->to[i]] = place[cb_dim_word(scope->book, dim, rows[i])];
    return CB_OK;
}

typedef struct pair_list {
    const cb_alloc *alloc;
    cb_pair_lift *at;
    size_t n, cap;
} pair_list;

static cb_status keep(pair_list *list, const cb_pair_lift *pair, cb_error *err)
{
    void *items = list->at;
    cb_status rc =
        cb_grow(list->alloc, &items, &list->cap, list->n + 1, sizeof *list->at, 100000000);
    list->at = items;
    if (rc != CB_OK)
        return cb_nomem(err, "the pairs");
    list->at[list->n++] = *pair;
    return CB_OK;
}

/* Counts of a pair of dimensions: rows and columns are places, 0 for all other words. A customer
 * counts once in a cell of `once`; cases without a customer count each. */
typedef struct cross {
    uint32_t rows, columns;
    uint32_t *all, *once, *last;         /* last: the customer that a cell of `once` counted last */
    uint64_t *row_sum, *column_sum, sum; /* of once */
} cross;

static cb_status cross_new(cross *x, const attribute *a, const attribute *b, cb_arena *scratch,
                           cb_error *err)
{
    *x = (cross){.rows = a->n + 1, .columns = b->n + 1};
    size_t cells = (size_t)x->rows * x->columns;
    x->all = cb_arena_array(scratch, cells, sizeof *x->all);
    x->once = cb_arena_array(scratch, cells, sizeof *x->once);
    x->last = cb_arena_array(scratch, cells, sizeof *x->last);
    x->row_sum = cb_arena_array(scratch, x->rows, sizeof *x->row_sum);
    x->column_sum = cb_arena_array(scratch, x->columns, sizeof *x->column_sum);
    return x->all && x->once && x->last && x->row_sum && x->column_sum ? CB_OK
                                                                       : cb_nomem(err, "the pairs");
}

static void count_cells(cross *x, const basket *cases, const attribute *a, const attribute *b)
{
    for (uint32_t i = 0; i < cases->n; i++) {
        size_t cell = (size_t)a->place[i] * x->columns + b->place[i];
        uint32_t customer = cases->customer[i];
        x->all[cell]++;
        if (customer != CB_UNKNOWN_ID && x->last[cell] == customer)
            continue;
        x->last[cell] = customer;
        x->once[cell]++;
    }
    for (uint32_t i = 0; i < x->rows; i++)
        for (uint32_t k = 0; k < x->columns; k++) {
            uint32_t n = x->once[(size_t)i * x->columns + k];
            x->row_sum[i] += n;
            x->column_sum[k] += n;
            x->sum += n;
        }
}

/* One-sided: given the b's, is an a more frequent among them than chance? The binomial law is a
 * little wider than the hypergeometric one of the table, so the test errs to the safe side. */
static double p_of(const cross *x, uint32_t i, uint32_t k)
{
    uint64_t both = x->once[(size_t)i * x->columns + k], a = x->row_sum[i], b = x->column_sum[k];
    if (a >= x->sum || (double)both * (double)x->sum <= (double)a * (double)b)
        return 1;
    return cb_rate_test(both, (double)a, b - both, (double)(x->sum - a)).greater;
}

static cb_pair_lift judge(const cross *x, const attribute *a, const attribute *b, uint32_t i,
                          uint32_t k, uint32_t n)
{
    cb_pair_lift p = {.dim_a = a->dim,
                      .dim_b = b->dim,
                      .word_a = a->words[i - 1],
                      .word_b = b->words[k - 1],
                      .both = x->all[(size_t)i * x->columns + k],
                      .once = x->once[(size_t)i * x->columns + k],
                      .n = n,
                      .p = p_of(x, i, k)};
    p.a = a->count[p.word_a];
    p.b = b->count[p.word_b];
    p.lift = p.both * (double)n / ((double)p.a * p.b);
    p.leverage = p.both / (double)n - ((double)p.a / n) * ((double)p.b / n);
    return p;
}

static cb_status test_cells(pair_list *list, const basket *cases, const attribute *a,
                            const attribute *b, cb_arena *scratch, cb_error *err)
{
    cross x;
    cb_status rc = cross_new(&x, a, b, scratch, err);
    if (rc != CB_OK)
        return rc;
    count_cells(&x, cases, a, b);
    for (uint32_t i = 1; i < x.rows; i++)
        for (uint32_t k = 1; rc == CB_OK && k < x.columns; k++) {
            if ((double)x.row_sum[i] * (double)x.column_sum[k] < least_expected * (double)x.sum)
                continue;
            cb_pair_lift pair = judge(&x, a, b, i, k, cases->n);
            rc = keep(list, &pair, err);
        }
    return rc;
}

static int by_leverage(const void *x, const void *y)
{
    const cb_pair_lift *a = x, *b = y;
    if (a->leverage < b->leverage || a->leverage > b->leverage)
        return a->leverage > b->leverage ? -1 : 1;
    if (a->dim_a != b->dim_a)
        return a->dim_a < b->dim_a ? -1 : 1;
    if (a->dim_b != b->dim_b)
        return a->dim_b < b->dim_b ? -1 : 1;
    if (a->word_a != b->word_a)
        return a->word_a < b->word_a ? -1 : 1;
    return a->word_b < b->word_b ? -1 : a->word_b > b->word_b;
}

/* Only pairs that go together (lift above 1), often enough, are findings. */
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
        if (p[i] < CB_SIGNAL_LEVEL && list->at[i].lift > 1 && list->at[i].both >= CB_PAIR_SUPPORT)
            list->at[n++] = list->at[i];
    }
    if (n > 1)
        qsort(list->at, n, sizeof *list->at, by_leverage);
    out->pairs_found = (uint32_t)n;
    out->pairs = (uint32_t)(n < MOST_PAIRS ? n : MOST_PAIRS);
    out->pair = cb_arena_array(scope->arena, out->pairs, sizeof *out->pair);
    if (!out->pair)
        return cb_nomem(err, "the pairs");
    for (size_t i = 0; i < out->pairs; i++)
        out->pair[i] = list->at[i];
    return CB_OK;
}

cb_status cb_recur_pairs(cb_recurrences *out, const cb_scope *scope, cb_error *err)
{
    basket b = {0};
    const cb_alloc *alloc = scope->settings->alloc ? scope->settings->alloc : cb_alloc_libc();
    pair_list list = {.alloc = alloc};
    cb_status rc = sort_by_customer(&b, scope, err);
    for (int dim = 0; rc == CB_OK && dim < CB_DIMS; dim++)
        rc = look_at(&b, &b.attribute[dim], scope, (cb_dim)dim, err);
    for (int i = 0; rc == CB_OK && i < CB_DIMS; i++)
        for (int k = i + 1; rc == CB_OK && k < CB_DIMS; k++)
            if (b.attribute[i].n > 0 && b.attribute[k].n > 0)
                rc = test_cells(&list, &b, &b.attribute[i], &b.attribute[k], scope->scratch, err);
    out->pairs_tested = (uint32_t)list.n;
    if (rc == CB_OK)
        rc = choose(out, &list, scope, err);
    void *items = list.at;
    cb_drop(alloc, &items, &list.cap, sizeof *list.at);
    return rc;
}
