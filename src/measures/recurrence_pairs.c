/* Q6: attributes that occur together more often than chance would have it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

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
    const uint16_t *place; /* word -> its place in words + 1, 0 none of them */
} attribute;

/* The unknown word is none. */
static cb_status look_at(attribute *a, uint32_t *count, const cb_scope *scope, cb_dim dim,
                         cb_error *err)
{
    uint32_t groups = cb_dim_groups(scope->book, dim), kept = 0;
    uint16_t *place = cb_arena_array(scope->scratch, groups, sizeof *place);
    if (!place)
        return cb_nomem(err, "the pairs");
    count[CB_UNKNOWN_ID] = 0;
    *a = (attribute){.dim = dim, .count = count, .place = place};
    cb_status rc = cb_dim_ranked(scope->book, dim, count, scope->scratch, &a->words, &a->n, err);
    if (rc != CB_OK)
        return rc;
    while (kept < a->n && kept < MOST_WORDS && count[a->words[kept]] >= CB_PAIR_SUPPORT)
        kept++;
    a->n = kept;
    for (uint16_t i = 0; i < kept; i++)
        place[a->words[i]] = (uint16_t)(i + 1);
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
 * counts once in a cell; cases without a customer count each. */
typedef struct cross {
    unsigned a, b; /* which of the attributes */
    uint32_t rows, columns;
    uint32_t *all, *again;               /* again: those whose customer was in the cell before */
    uint32_t *last;                      /* NULL until a customer has many cases: who was there */
    uint64_t *row_sum, *column_sum, sum; /* of all - again */
} cross;

enum { CROSSES = CB_DIMS * (CB_DIMS - 1) / 2, FEW_CASES = 12 };

typedef struct crosses {
    unsigned attributes, n;
    attribute attribute[CB_DIMS];
    cross cross[CROSSES];
    uint16_t crosses_of[1 << CB_DIMS]; /* attributes that two cases share -> crosses, as bits */
} crosses;

static size_t cells_of(const cross *x)
{
    return (size_t)x->rows * x->columns;
}

static cb_status cross_new(cross *x, const crosses *all, unsigned a, unsigned b, cb_arena *scratch,
                           cb_error *err)
{
    *x = (cross){a, b, all->attribute[a].n + 1, all->attribute[b].n + 1, .sum = 0};
    x->all = cb_arena_array(scratch, cells_of(x), sizeof *x->all);
    x->again = cb_arena_array(scratch, cells_of(x), sizeof *x->again);
    x->row_sum = cb_arena_array(scratch, x->rows, sizeof *x->row_sum);
    x->column_sum = cb_arena_array(scratch, x->columns, sizeof *x->column_sum);
    return x->all && x->again && x->row_sum && x->column_sum ? CB_OK : cb_nomem(err, "the pairs");
}

static cb_status crosses_new(crosses *all, uint32_t *const count[CB_DIMS], const cb_scope *scope,
                             cb_error *err)
{
    cb_status rc = CB_OK;
    for (int dim = 0; rc == CB_OK && dim < CB_DIMS; dim++) {
        attribute *a = &all->attribute[all->attributes];
        rc = look_at(a, count[dim], scope, (cb_dim)dim, err);
        all->attributes += rc == CB_OK && a->n > 0;
    }
    for (unsigned a = 0; rc == CB_OK && a < all->attributes; a++)
        for (unsigned b = a + 1; rc == CB_OK && b < all->attributes; b++) {
            for (unsigned shared = 0; shared < 1u << CB_DIMS; shared++)
                if (shared >> a & shared >> b & 1)
                    all->crosses_of[shared] |= (uint16_t)(1u << all->n);
            rc = cross_new(&all->cross[all->n++], all, a, b, scope->scratch, err);
        }
    return rc;
}

/* ---- all cases ---- */

/* Attributes two by two, those with many places beside those with few. A case counts in one cell
 * for each two of such couples, and the cells are dealt out to the crosses afterwards: three
 * counts, not fifteen. */
enum { COUPLES = (CB_DIMS + 1) / 2, TABLES = COUPLES * (COUPLES - 1) / 2, MOST_CELLS = 1 << 16 };

typedef struct couple {
    unsigned a, b;    /* attributes; the same one: it is alone */
    uint32_t columns; /* places of b; 1: a is alone */
    uint32_t cells;
} couple;

typedef struct table {
    const couple *one, *other;
    uint32_t *count;
    uint16_t crosses; /* as bits: those that get its cells */
} table;

typedef struct couples {
    unsigned n, tables;
    couple couple[COUPLES];
    table table[TABLES];
} couples;

static void couple_up(couples *out, const crosses *all)
{
    unsigned order[CB_DIMS], n = all->attributes;
    for (unsigned i = 0; i < n; i++) {
        unsigned at = i;
        for (; at > 0 && all->attribute[order[at - 1]].n < all->attribute[i].n; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    for (unsigned i = 0; 2 * i < n; i++) {
        couple *c = &out->couple[out->n++];
        *c = (couple){.a = order[i], .b = order[n - 1 - i], .columns = 1};
        if (c->a != c->b)
            c->columns = all->attribute[c->b].n + 1;
        c->cells = (all->attribute[c->a].n + 1) * c->columns;
    }
}

static bool holds(const couple *c, unsigned a)
{
    return c->a == a || c->b == a;
}

/* A cross gets the cells of one table that has both its attributes: each cross of the first. */
static void assign(couples *out, const crosses *all)
{
    unsigned given = 0;
    for (unsigned t = 0; t < out->tables; t++)
        for (unsigned c = 0; c < all->n; c++) {
            const table *one = &out->table[t];
            const cross *x = &all->cross[c];
            bool has = (holds(one->one, x->a) || holds(one->other, x->a)) &&
                       (holds(one->one, x->b) || holds(one->other, x->b));
            if (has && !(given >> c & 1))
                out->table[t].crosses |= (uint16_t)(1U << c);
            given |= (unsigned)has << c;
        }
}

/* No tables where they would be large, or where there is but one couple. */
static cb_status tables_new(couples *out, const crosses *all, cb_arena *scratch, cb_error *err)
{
    uint64_t cells = 0;
    couple_up(out, all);
    for (unsigned i = 0; i < out->n; i++)
        for (unsigned k = i + 1; k < out->n; k++)
            cells += (uint64_t)out->couple[i].cells * out->couple[k].cells;
    for (unsigned i = 0; cells <= MOST_CELLS && i < out->n; i++)
        for (unsigned k = i + 1; k < out->n; k++) {
            table *t = &out->table[out->tables++];
            *t = (table){.one = &out->couple[i], .other = &out->couple[k]};
            t->count =
                cb_arena_array(scratch, (size_t)t->one->cells * t->other->cells, sizeof *t->count);
            if (!t->count)
                return cb_nomem(err, "the pairs");
        }
    assign(out, all);
    return CB_OK;
}

/* Of the cases of a block, by attribute. */
typedef struct place_block {
    uint16_t of[CB_DIMS][CB_RECUR_BLOCK];
} place_block;

static void count_in_crosses(const crosses *all, const place_block *place, uint32_t n)
{
    for (unsigned c = 0; c < all->n; c++) {
        const cross *x = &all->cross[c];
        const uint16_t *row = place->of[x->a], *column = place->of[x->b];
        for (uint32_t i = 0; i < n; i++)
            x->all[(size_t)row[i] * x->columns + column[i]]++;
    }
}

static void count_in_tables(const couples *by, const place_block *place, uint32_t n)
{
    uint32_t cell[COUPLES][CB_RECUR_BLOCK];
    for (unsigned k = 0; k < by->n; k++) {
        const couple *c = &by->couple[k];
        for (uint32_t i = 0; i < n; i++)
            cell[k][i] =
                place->of[c->a][i] * c->columns + (c->columns > 1 ? place->of[c->b][i] : 0);
    }
    for (unsigned t = 0; t < by->tables; t++) {
        const table *to = &by->table[t];
        const uint32_t *one = cell[to->one - by->couple], *other = cell[to->other - by->couple];
        for (uint32_t i = 0; i < n; i++)
            to->count[(size_t)one[i] * to->other->cells + other[i]]++;
    }
}

static void count_part(const crosses *all, const couples *by, const cb_scope *scope,
                       const cb_slice *part)
{
    uint32_t word[CB_RECUR_BLOCK];
    place_block place;
    for (unsigned a = 0; a < all->attributes; a++) {
        const attribute *one = &all->attribute[a];
        cb_words_of(&scope->book->table[CB_CASES], cb_dim_fields[one->dim], part->rows, part->n,
                    word);
        for (uint32_t i = 0; i < part->n; i++)
            place.of[a][i] = one->place[word[i]];
    }
    if (by->tables > 0)
        count_in_tables(by, &place, part->n);
    else
        count_in_crosses(all, &place, part->n);
}

static void deal_out(const crosses *all, const table *t)
{
    uint32_t place[CB_DIMS] = {0};
    for (uint32_t i = 0; i < t->one->cells; i++)
        for (uint32_t k = 0; k < t->other->cells; k++) {
            uint32_t n = t->count[(size_t)i * t->other->cells + k];
            if (n == 0)
                continue;
            place[t->one->b] = i % t->one->columns;
            place[t->one->a] = i / t->one->columns;
            place[t->other->b] = k % t->other->columns;
            place[t->other->a] = k / t->other->columns;
            for (unsigned left = t->crosses; left; left &= left - 1) {
                const cross *x = &all->cross[__builtin_ctz(left)];
                x->all[(size_t)place[x->a] * x->columns + place[x->b]] += n;
            }
        }
}

static cb_status count_all(const crosses *all, const cb_scope *scope, cb_error *err)
{
    const cb_slice *cases = &scope->window[CB_NOW].cases;
    couples by = {.n = 0};
    cb_status rc = tables_new(&by, all, scope->scratch, err);
    for (uint32_t at = 0; rc == CB_OK && at < cases->n; at += CB_RECUR_BLOCK) {
        cb_slice part = cb_recur_part(cases, at);
        count_part(all, &by, scope, &part);
    }
    for (unsigned t = 0; rc == CB_OK && t < by.tables; t++)
        deal_out(all, &by.table[t]);
    return rc;
}

/* ---- cases of one customer ---- */

/* The window's cases of customers with two or more. */
static void pick(cb_recur_block *b, const cb_scope *scope)
{
    const cb_period *now = &scope->window[CB_NOW].period;
    const uint32_t *offset = scope->book->cases_of.offset;
    cb_recur_pick_begin(b);
    for (uint32_t c = b->first; c < b->end; c++) {
        uint32_t from = offset[c] - offset[b->first], to = offset[c + 1] - offset[b->first];
        for (uint32_t i = from; i < to && to - from > 1; i++)
            cb_recur_pick(b, b->rows[i], true,
                          b->opened[i] >= now->from_utc_s && b->opened[i] < now->to_utc_s);
        cb_recur_picked(b, c, 2);
    }
}

/* The places of a case's attributes, in lanes of a word, each below its lane's highest bit. */
enum { LANE_BITS = 10, LANE = (1 << LANE_BITS) - 1 };
_Static_assert(MOST_WORDS < 1 << (LANE_BITS - 1) && CB_DIMS * LANE_BITS <= 64, "the lanes fit");

/* Beside the rows that were picked. */
static const uint64_t *places_of(const crosses *all, cb_recur_block *b, const cb_book *book)
{
    uint64_t *places = (uint64_t *)b->spare;
    memset(places, 0, b->picked * sizeof *places);
    for (unsigned a = 0; a < all->attributes; a++) {
        const attribute *one = &all->attribute[a];
        const uint32_t *word = b->word[one->dim];
        cb_recur_words(b, book, one->dim);
        for (uint32_t i = 0; i < b->picked; i++)
            places[i] |= (uint64_t)one->place[word[i]] << LANE_BITS * a;
    }
    return places;
}

static size_t cell_of(const cross *x, uint64_t places)
{
    size_t row = places >> LANE_BITS * x->a & LANE, column = places >> LANE_BITS * x->b & LANE;
    return row * x->columns + column;
}

/* The attributes that two cases share, as bits. The highest bit of a lane is left where nothing is
 * taken from it; the product moves each to its place at the top, and no two to the same one. */
static unsigned shared_by(uint64_t places, uint64_t others)
{
    static const uint64_t high = UINT64_C(1) << 9 | UINT64_C(1) << 19 | UINT64_C(1) << 29 |
                                 UINT64_C(1) << 39 | UINT64_C(1) << 49 | UINT64_C(1) << 59;
    static const uint64_t moves = UINT64_C(1) << 49 | UINT64_C(1) << 40 | UINT64_C(1) << 31 |
                                  UINT64_C(1) << 22 | UINT64_C(1) << 13 | UINT64_C(1) << 4;
    return (unsigned)(((high - (places ^ others)) & high) * moves >> 58);
}
_Static_assert(LANE_BITS == 10 && CB_DIMS == 6, "as shared_by has it");

static void again_of_few(const crosses *all, const uint64_t *places, uint32_t from, uint32_t to)
{
    for (uint32_t i = from + 1; i < to; i++) {
        unsigned met = 0; /* crosses in which the case is in the cell of one before it */
        for (uint32_t k = from; k < i; k++)
            met |= all->crosses_of[shared_by(places[k], places[i])];
        for (; met; met &= met - 1) {
            const cross *x = &all->cross[__builtin_ctz(met)];
            x->again[cell_of(x, places[i])]++;
        }
    }
}

static cb_status again_of_many(crosses *all, const uint64_t *places, uint32_t from, uint32_t to,
                               uint32_t customer, cb_arena *scratch, cb_error *err)
{
    for (unsigned c = 0; c < all->n; c++) {
        cross *x = &all->cross[c];
        if (!x->last)
            x->last = cb_arena_array(scratch, cells_of(x), sizeof *x->last);
        if (!x->last)
            return cb_nomem(err, "the pairs");
        for (uint32_t i = from; i < to; i++) {
            size_t cell = cell_of(x, places[i]);
            x->again[cell] += x->last[cell] == customer;
            x->last[cell] = customer;
        }
    }
    return CB_OK;
}

static cb_status count_again(crosses *all, cb_recur_block *b, const cb_scope *scope, cb_error *err)
{
    cb_status rc = CB_OK;
    pick(b, scope);
    const uint64_t *places = places_of(all, b, scope->book);
    for (uint32_t c = 0; rc == CB_OK && c < b->customers; c++) {
        if (b->from[c + 1] - b->from[c] <= FEW_CASES)
            again_of_few(all, places, b->from[c], b->from[c + 1]);
        else
            rc = again_of_many(all, places, b->from[c], b->from[c + 1], b->customer[c],
                               scope->scratch, err);
    }
    return rc;
}

static void sum_up(cross *x)
{
    for (uint32_t i = 0; i < x->rows; i++)
        for (uint32_t k = 0; k < x->columns; k++) {
            size_t cell = (size_t)i * x->columns + k;
            uint32_t n = x->all[cell] - x->again[cell];
            x->row_sum[i] += n;
            x->column_sum[k] += n;
            x->sum += n;
        }
}

static cb_status count_cells(crosses *all, cb_recur_state *s, const cb_scope *scope, cb_error *err)
{
    bool more = all->n > 0;
    cb_status rc = more ? count_all(all, scope, err) : CB_OK;
    for (uint32_t at = 1; more && rc == CB_OK;) {
        rc = cb_recur_next(s, scope->book, &at, scope->book->cases_of.groups, &more, err);
        if (rc == CB_OK && more)
            rc = count_again(all, &s->block, scope, err);
    }
    for (unsigned c = 0; c < all->n; c++)
        sum_up(&all->cross[c]);
    return rc;
}

/* ---- tests ---- */

/* One-sided: given the b's, is an a more frequent among them than chance? The binomial law is a
 * little wider than the hypergeometric one of the table, so the test errs to the safe side. */
static double p_of(const cross *x, uint32_t i, uint32_t k, uint32_t once)
{
    uint64_t both = once, a = x->row_sum[i], b = x->column_sum[k];
    if (a >= x->sum || (double)both * (double)x->sum <= (double)a * (double)b)
        return 1;
    return cb_rate_test(both, (double)a, b - both, (double)(x->sum - a)).greater;
}

static cb_pair_lift judge(const cross *x, const crosses *all, uint32_t i, uint32_t k, uint32_t n)
{
    const attribute *a = &all->attribute[x->a], *b = &all->attribute[x->b];
    size_t cell = (size_t)i * x->columns + k;
    cb_pair_lift p = {.dim_a = a->dim,
                      .dim_b = b->dim,
                      .word_a = a->words[i - 1],
                      .word_b = b->words[k - 1],
                      .both = x->all[cell],
                      .once = x->all[cell] - x->again[cell],
                      .n = n};
    p.p = p_of(x, i, k, p.once);
    p.a = a->count[p.word_a];
    p.b = b->count[p.word_b];
    p.lift = p.both * (double)n / ((double)p.a * p.b);
    p.leverage = p.both / (double)n - ((double)p.a / n) * ((double)p.b / n);
    return p;
}

static cb_status test_cells(pair_list *list, const crosses *all, const cross *x, uint32_t n,
                            cb_error *err)
{
    cb_status rc = CB_OK;
    for (uint32_t i = 1; i < x->rows; i++)
        for (uint32_t k = 1; rc == CB_OK && k < x->columns; k++) {
            if ((double)x->row_sum[i] * (double)x->column_sum[k] < least_expected * (double)x->sum)
                continue;
            cb_pair_lift pair = judge(x, all, i, k, n);
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

static cb_status find_pairs(pair_list *list, cb_recur_state *s, const cb_scope *scope,
                            cb_error *err)
{
    cb_scope own = *scope;
    crosses all = {0};
    own.scratch = cb_arena_new(s->alloc, 0);
    if (!own.scratch)
        return cb_nomem(err, "the pairs");
    cb_status rc = crosses_new(&all, s->count, &own, err);
    if (rc == CB_OK)
        rc = count_cells(&all, s, &own, err);
    for (unsigned c = 0; rc == CB_OK && c < all.n; c++)
        rc = test_cells(list, &all, &all.cross[c], scope->window[CB_NOW].cases.n, err);
    cb_arena_free(own.scratch);
    return rc;
}

cb_status cb_recur_pairs(cb_recurrences *out, cb_recur_state *s, const cb_scope *scope,
                         cb_error *err)
{
    pair_list list = {.alloc = s->alloc};
    cb_status rc = find_pairs(&list, s, scope, err);
    out->pairs_tested = (uint32_t)list.n;
    if (rc == CB_OK)
        rc = choose(out, &list, scope, err);
    void *items = list.at;
    cb_drop(s->alloc, &items, &list.cap, sizeof *list.at);
    return rc;
}
