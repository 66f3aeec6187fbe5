/* Repeated breakdowns of one customer and product. */
#include <stdlib.h>

#include "measures/recurrence_parts.h"

static uint32_t least_cases(const cb_scope *scope)
{
    return (uint32_t)scope->settings->assumption[CB_A_BREAKDOWN_CASES].base;
}

/* ---- the list ---- */

static int by_cases(const void *a, const void *b)
{
    const cb_breakdown *x = a, *y = b;
    if (x->cases != y->cases)
        return x->cases > y->cases ? -1 : 1;
    if (x->last_utc_s != y->last_utc_s)
        return x->last_utc_s > y->last_utc_s ? -1 : 1;
    if (x->customer != y->customer)
        return x->customer < y->customer ? -1 : 1;
    return x->product < y->product ? -1 : x->product > y->product;
}

static void shorten(cb_recur_breakdown_list *list)
{
    if (list->n > 1)
        qsort(list->item, list->n, sizeof *list->item, by_cases);
    if (list->n >= CB_BREAKDOWNS_LISTED) {
        list->n = CB_BREAKDOWNS_LISTED;
        list->full = true;
    }
}

/* The list has room for twice what is kept: it is sorted only when that is used up. */
static void offer(cb_recur_breakdown_list *list, const cb_breakdown *b)
{
    if (list->full && by_cases(b, &list->item[CB_BREAKDOWNS_LISTED - 1]) > 0)
        return;
    list->item[list->n++] = *b;
    if (list->n == CB_RECUR_LIST_ROOM)
        shorten(list);
}

cb_status cb_recur_breakdowns_begin(cb_recur_state *s, const cb_scope *scope, cb_error *err)
{
    s->breaks = !(scope->left_out & CB_PART_COURSES) && cb_dim_present(scope->book, CB_DIM_PRODUCT);
    if (!s->breaks)
        return CB_OK;
    s->products = cb_dim_groups(scope->book, CB_DIM_PRODUCT);
    s->by_product = cb_arena_array(scope->scratch, s->products, sizeof *s->by_product);
    s->list = cb_arena_get(scope->scratch, sizeof *s->list);
    return s->by_product && s->list ? CB_OK : cb_nomem(err, "the repeated breakdowns");
}

/* ---- the fold ---- */

/* Of the n cases of one product, opened ascending: the most that lie within breakdown_days and end
 * in the window; of equally many the earliest. */
static uint32_t densest(const int64_t *opened, uint32_t n, const cb_scope *scope, uint32_t *first)
{
    int64_t span_s = (int64_t)(scope->settings->assumption[CB_A_BREAKDOWN_DAYS].base * CB_DAY_S);
    int64_t window = scope->window[CB_NOW].period.from_utc_s;
    uint32_t best = 0;
    for (uint32_t i = 0, low = 0; i < n; i++) {
        while (opened[i] - opened[low] > span_s)
            low++;
        if (opened[i] >= window && i - low + 1 > best) {
            best = i - low + 1;
            *first = low;
        }
    }
    return best;
}

static void add_product(cb_recur_state *s, const cb_scope *scope, uint32_t customer,
                        uint32_t product, const int64_t *opened, uint32_t n)
{
    uint32_t first = 0, cases = densest(opened, n, scope, &first);
    if (cases == 0 || cases < least_cases(scope))
        return;
    cb_breakdown b = {.customer = customer,
                      .product = product,
                      .cases = cases,
                      .first_utc_s = opened[first],
                      .last_utc_s = opened[first + cases - 1]};
    offer(s->list, &b);
    s->found++;
    s->by_product[product].customers++;
    s->by_product[product].cases += cases;
}

/* Whether a product may have as many cases as `least`, but for words that share a bit: looks for a
 * bit met three times. */
static bool may_have(const uint32_t *product, uint32_t n, uint32_t least)
{
    uint64_t once = 0, twice = 0, more = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t bit = UINT64_C(1) << product[i] % 64;
        more |= twice & bit;
        twice |= once & bit;
        once |= bit;
    }
    return (least < 2 ? once : least == 2 ? twice : more) != 0;
}

/* Deals the opening times out to the products with enough cases: those of tally[word] end at its
 * `now` in spare. */
static uint32_t deal_out(cb_recur_state *s, const int64_t *opened, const uint32_t *product,
                         uint32_t n, uint32_t least)
{
    cb_tally *tally = s->tally[CB_RECUR_PRODUCT];
    uint32_t *touched = s->touched[CB_RECUR_PRODUCT], words = 0, at = 0;
    for (uint32_t i = 0; i < n; i++)
        if (product[i] != CB_UNKNOWN_ID && tally[product[i]].all++ == 0)
            touched[words++] = product[i];
    for (uint32_t w = 0; w < words; w++) {
        cb_tally *t = &tally[touched[w]];
        t->all = t->all < least ? 0 : t->all;
        t->now = at;
        at += t->all;
    }
    for (uint32_t i = 0; i < n; i++)
        if (tally[product[i]].all > 0)
            s->block.spare[tally[product[i]].now++] = opened[i];
    return words;
}

static void add_customer(cb_recur_state *s, const cb_scope *scope, uint32_t customer,
                         const int64_t *opened, const uint32_t *product, uint32_t n)
{
    cb_tally *tally = s->tally[CB_RECUR_PRODUCT];
    const uint32_t *touched = s->touched[CB_RECUR_PRODUCT];
    uint32_t words = deal_out(s, opened, product, n, least_cases(scope));
    for (uint32_t w = 0; w < words; w++) {
        cb_tally *t = &tally[touched[w]];
        if (t->all > 0)
            add_product(s, scope, customer, touched[w], s->block.spare + t->now - t->all, t->all);
        *t = (cb_tally){0, 0};
    }
}

/* Only customers with enough cases, the last of them in the window or later, can have one. */
void cb_recur_breakdowns_add(cb_recur_state *s, const cb_scope *scope)
{
    cb_recur_block *b = &s->block;
    const uint32_t *offset = scope->book->cases_of.offset, *product = b->word[CB_DIM_PRODUCT];
    int64_t window = scope->window[CB_NOW].period.from_utc_s, end = cb_recur_end(scope, CB_NOW);
    uint32_t least = least_cases(scope);
    if (!s->breaks)
        return;
    cb_recur_all_words(b, scope->book, CB_DIM_PRODUCT);
    for (uint32_t c = b->first; c < b->end; c++) {
        uint32_t from = offset[c] - offset[b->first], n = offset[c + 1] - offset[c];
        if (n < least || n == 0 || b->opened[from + n - 1] < window ||
            !may_have(product + from, n, least))
            continue;
        while (n > 0 && b->opened[from + n - 1] >= end)
            n--;
        add_customer(s, scope, c, b->opened + from, product + from, n);
    }
}

void cb_recur_breakdowns_merge(cb_recur_state *into, const cb_recur_state *from)
{
    if (!into->breaks)
        return;
    into->found += from->found;
    for (uint32_t i = 0; i < from->list->n; i++)
        offer(into->list, &from->list->item[i]);
    for (uint32_t w = 0; w < into->products; w++) {
        into->by_product[w].customers += from->by_product[w].customers;
        into->by_product[w].cases += from->by_product[w].cases;
    }
}

/* ---- finish ---- */

static int by_id(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* The id that is there most often; ties to the lower one, which was seen first. */
static uint32_t most_frequent(uint32_t *ids, uint32_t n)
{
    uint32_t most = 0, found = CB_UNKNOWN_ID;
    if (n > 1)
        qsort(ids, n, sizeof *ids, by_id);
    for (uint32_t i = 0, run = 0; i < n; i++) {
        run = i > 0 && ids[i] == ids[i - 1] ? run + 1 : 1;
        if (ids[i] != CB_UNKNOWN_ID && run > most) {
            most = run;
            found = ids[i];
        }
    }
    return found;
}

/* The serial number of most of the cases. */
static cb_status set_unit(cb_breakdown *found, cb_recur_state *s, const cb_scope *scope,
                          cb_error *err)
{
    cb_recur_block *b = &s->block;
    cb_status rc =
        cb_recur_read(b, scope->book, s->alloc, found->customer, found->customer + 1, err);
    if (rc != CB_OK)
        return rc;
    cb_recur_all_words(b, scope->book, CB_DIM_PRODUCT);
    cb_recur_pick_begin(b);
    for (uint32_t i = 0; i < b->n; i++)
        if (b->word[CB_DIM_PRODUCT][i] == found->product && b->opened[i] >= found->first_utc_s &&
            b->opened[i] <= found->last_utc_s)
            cb_recur_pick(b, b->rows[i], false);
    cb_words_of(&scope->book->table[CB_CASES], CB_CASE_UNIT, b->row, b->picked,
                b->word[CB_DIM_PRODUCT]);
    found->unit = most_frequent(b->word[CB_DIM_PRODUCT], b->picked);
    return CB_OK;
}

static int by_customers(const void *a, const void *b)
{
    const cb_recur_product *x = a, *y = b;
    if (x->customers != y->customers)
        return x->customers > y->customers ? -1 : 1;
    if (x->cases != y->cases)
        return x->cases > y->cases ? -1 : 1;
    return x->product < y->product ? -1 : x->product > y->product;
}

static cb_status list_products(cb_recurrences *out, const cb_recur_state *s, const cb_scope *scope,
                               cb_error *err)
{
    uint32_t n = 0;
    for (uint32_t w = 0; w < s->products; w++)
        n += s->by_product[w].customers > 0;
    cb_recur_product *row = cb_arena_array(scope->arena, n, sizeof *row);
    if (!row)
        return cb_nomem(err, "the repeated breakdowns");
    n = 0;
    for (uint32_t w = 0; w < s->products; w++)
        if (s->by_product[w].customers > 0) {
            row[n] = s->by_product[w];
            row[n++].product = w;
        }
    if (n > 1)
        qsort(row, n, sizeof *row, by_customers);
    out->breakdown_product = row;
    out->breakdown_products = n;
    return CB_OK;
}

static const char *no_breakdowns(const cb_scope *scope)
{
    const cb_table *cases = &scope->book->table[CB_CASES];
    return !cases->column[CB_CASE_CUSTOMER]  ? "customer_id is not in the input"
           : !cases->column[CB_CASE_PRODUCT] ? "product is not in the input"
                                             : NULL;
}

cb_status cb_recur_breakdowns(cb_recurrences *out, cb_recur_state *s, const cb_scope *scope,
                              cb_error *err)
{
    cb_status rc = CB_OK;
    out->breakdowns_reason = no_breakdowns(scope);
    if (!s->breaks)
        return CB_OK;
    shorten(s->list);
    out->breakdowns = s->found;
    out->breakdown = cb_arena_array(scope->arena, s->list->n, sizeof *out->breakdown);
    if (!out->breakdown)
        return cb_nomem(err, "the repeated breakdowns");
    for (uint32_t i = 0; rc == CB_OK && i < s->list->n; i++) {
        out->breakdown[i] = s->list->item[i];
        rc = set_unit(&out->breakdown[i], s, scope, err);
    }
    return rc == CB_OK ? list_products(out, s, scope, err) : rc;
}
