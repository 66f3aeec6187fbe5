/* Medians of remedy / loss: the ratios of the report's own period are sorted once, and the medians
 * of its groups found on one walk over them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "casebook/stats_order.h"
#include "measures/derived_parts.h"
#include "measures/remedy_parts.h"

static const char no_memory[] = "the ratios of remedies";

/* A double's bits, so that their order as signed integers is the doubles' own; its own inverse. */
static int64_t flipped(int64_t bits)
{
    return bits < 0 ? bits ^ INT64_MAX : bits;
}

static int64_t key_of(double ratio)
{
    int64_t bits = 0;
    memcpy(&bits, &ratio, sizeof bits);
    return flipped(bits);
}

static double ratio_at(const cb_remedy_ratios *all, size_t i)
{
    int64_t bits = flipped(all->key[i]);
    double ratio = 0;
    memcpy(&ratio, &bits, sizeof ratio);
    return ratio;
}

/* The two in the middle of n, 0-based; the same one where n is odd. */
static size_t low_middle(size_t n)
{
    return (n - 1) / 2;
}

static size_t high_middle(size_t n)
{
    return n / 2;
}

static double median_between(double low, double high)
{
    return cb_quantile_f64((const double[2]){low, high}, 2, 0.5).value;
}

void cb_remedy_join(cb_remedy_list *into, const cb_remedy_list *later)
{
    if (!later->first)
        return;
    if (into->last)
        into->last->next = later->first;
    else
        into->first = later->first;
    into->last = later->last;
}

void cb_remedy_put_largest(cb_remedy_largest *to, const cb_remedy_loss *loss)
{
    uint32_t at = to->n;
    while (at > 0 && (to->item[at - 1].loss < loss->loss ||
                      (to->item[at - 1].loss == loss->loss && to->item[at - 1].row > loss->row)))
        at--;
    if (at >= CB_LARGEST_LOSSES)
        return;
    uint32_t last = to->n < CB_LARGEST_LOSSES ? to->n++ : CB_LARGEST_LOSSES - 1;
    for (uint32_t k = last; k > at; k--)
        to->item[k] = to->item[k - 1];
    to->item[at] = *loss;
}

static void read_ratios(cb_remedy_ratios *all, const cb_remedy_list *list)
{
    for (const cb_remedy_met *m = list->first; m; m = m->next)
        for (uint32_t i = 0; i < m->n; i++) {
            all->key[all->n] = key_of(m->ratio[i]);
            all->place[all->n++] = m->place[i];
        }
}

cb_status cb_remedy_sort(cb_remedy_ratios *all, const cb_remedy_list *list, const cb_scope *scope,
                         size_t n, cb_error *err)
{
    const uint32_t *window = scope->window[CB_NOW].cases.rows;
    *all = (cb_remedy_ratios){.key = cb_arena_array(scope->scratch, n, sizeof *all->key),
                              .place = cb_arena_array(scope->scratch, n, sizeof *all->place),
                              .row = cb_arena_array(scope->scratch, n, sizeof *all->row)};
    int64_t *spare = cb_arena_array(scope->scratch, n, sizeof *spare);
    if (!all->key || !all->place || !all->row || !spare)
        return cb_nomem(err, no_memory);
    read_ratios(all, list);
    cb_sort_pairs_in(all->key, spare, all->place, all->row, all->n);
    for (size_t i = 0; i < all->n; i++)
        all->row[i] = window[all->place[i]];
    return CB_OK;
}

double cb_remedy_median(const cb_remedy_ratios *all)
{
    return all->n > 0 ? median_between(ratio_at(all, low_middle(all->n)),
                                       ratio_at(all, high_middle(all->n)))
                      : NAN;
}

static size_t position_of(const cb_remedy_ratios *all, int64_t key, uint32_t place)
{
    size_t low = 0, high = all->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (all->key[middle] < key || (all->key[middle] == key && all->place[middle] < place))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int by_position(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return x < y ? -1 : x > y;
}

/* The ratio of a rank among those that are left when the ones at the positions are gone. */
static double ratio_left(const cb_remedy_ratios *all, const size_t *gone, uint32_t n_gone,
                         size_t rank)
{
    for (uint32_t k = 0; k < n_gone && gone[k] <= rank; k++)
        rank++;
    return ratio_at(all, rank);
}

double cb_remedy_median_without_largest(const cb_remedy_ratios *all,
                                        const cb_remedy_largest *largest)
{
    size_t gone[CB_LARGEST_LOSSES], left = all->n - largest->n;
    uint32_t n = largest->n;
    if (left == 0)
        return NAN;
    for (uint32_t k = 0; k < n; k++) {
        const cb_remedy_loss *l = &largest->item[k];
        gone[k] = position_of(all, key_of((double)l->remedy / (double)l->loss), l->place);
    }
    qsort(gone, n, sizeof *gone, by_position);
    return median_between(ratio_left(all, gone, n, low_middle(left)),
                          ratio_left(all, gone, n, high_middle(left)));
}

/* ---- groups: their medians are met on one walk ---- */

/* The middle of a group's ratios, as the walk meets them: where they are among all. */
typedef struct middle {
    uint32_t seen, low_at, high_at;
    uint32_t low, high;
} middle;

static void meet(middle *m, uint32_t at)
{
    if (m->seen == m->low_at)
        m->low = at;
    if (m->seen == m->high_at)
        m->high = at;
    m->seen++;
}

static void walk_ratios(middle *m, const cb_remedy_ratios *all, const cb_scope *scope,
                        cb_case_field field)
{
    const uint32_t total = (uint32_t)all->n;
    for (uint32_t from = 0; from < total; from += CB_BLOCK) {
        uint32_t n = cb_block_of(total, from), word[CB_BLOCK];
        cb_words_of(&scope->book->table[CB_CASES], field, all->row + from, n, word);
        for (uint32_t i = 0; i < n; i++)
            meet(&m[word[i]], from + i);
    }
}

double *cb_remedy_medians(const cb_remedy_ratios *all, const cb_scope *scope, cb_case_field field,
                          const uint32_t *eligible_n, uint32_t groups)
{
    middle *m = cb_arena_array(scope->scratch, groups, sizeof *m);
    double *median = cb_arena_array(scope->scratch, groups, sizeof *median);
    if (!m || !median)
        return NULL;
    for (uint32_t g = 0; g < groups; g++)
        if (eligible_n[g] > 0)
            m[g] = (middle){.low_at = (uint32_t)low_middle(eligible_n[g]),
                            .high_at = (uint32_t)high_middle(eligible_n[g])};
    walk_ratios(m, all, scope, field);
    for (uint32_t g = 0; g < groups; g++)
        median[g] = eligible_n[g] > 0
                        ? median_between(ratio_at(all, m[g].low), ratio_at(all, m[g].high))
                        : NAN;
    return median;
}

/* ---- a comparison window: no groups, no sorting ---- */

cb_status cb_remedy_median_of_list(double *out, const cb_remedy_list *list, const cb_scope *scope,
                                   size_t n, cb_error *err)
{
    double *ratio = cb_arena_array(scope->scratch, n, sizeof *ratio);
    size_t at = 0;
    if (!ratio)
        return cb_nomem(err, no_memory);
    for (const cb_remedy_met *m = list->first; m; at += m->n, m = m->next)
        memcpy(ratio + at, m->ratio, m->n * sizeof *ratio);
    *out = at > 0 ? cb_quantile_f64_of(ratio, at, 0.5).value : NAN;
    return CB_OK;
}
