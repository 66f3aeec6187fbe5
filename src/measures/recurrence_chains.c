/* Chains of cases of one problem of a customer; repeated breakdowns of one customer and product. */
#include <stdlib.h>

#include "measures/recurrence_parts.h"

enum { CHAIN_ROWS = sizeof((cb_recurrences *)0)->chain / sizeof((cb_recurrences *)0)->chain[0] };

static bool comparable(const cb_scope *scope, uint32_t row)
{
    const cb_table *cases = &scope->book->table[CB_CASES];
    const cb_settings *s = scope->settings;
    return cb_word(cases, CB_CASE_CUSTOMER, row) != CB_UNKNOWN_ID &&
           cb_word(cases, CB_CASE_KIND, row) != CB_UNKNOWN_ID &&
           (!s->repeat_same_product || cb_word(cases, CB_CASE_PRODUCT, row) != CB_UNKNOWN_ID) &&
           (!s->repeat_same_cause || cb_word(cases, CB_CASE_CAUSE, row) != CB_UNKNOWN_ID);
}

/* ---- chains ---- */

/* The case before it in its chain, or CB_NO_ROW. Q1's verdict says whether there is one, but where
 * the look-back is short. */
static uint32_t link_of(const cb_scope *scope, uint32_t row, int64_t repeat_s)
{
    const cb_table *cases = &scope->book->table[CB_CASES];
    uint8_t repeat = scope->derived->repeat[row];
    uint32_t before = repeat != 0 ? scope->derived->previous[row] : CB_NO_ROW;
    if (repeat == 2 && before != CB_NO_ROW &&
        cb_time(cases, CB_CASE_OPENED, row) - cb_time(cases, CB_CASE_OPENED, before) > repeat_s)
        return CB_NO_ROW;
    return before;
}

/* The cases of a chain that ends with a row, at most CHAIN_ROWS + 1. */
static uint32_t length_of(const cb_scope *scope, uint32_t row, int64_t repeat_s)
{
    uint32_t length = 0;
    for (; row != CB_NO_ROW && length <= CHAIN_ROWS; length++)
        row = link_of(scope, row, repeat_s);
    return length;
}

static struct cb_chain_length *chain_of(cb_recurrences *out, uint32_t length)
{
    return &out->chain[(length < CHAIN_ROWS ? length : CHAIN_ROWS) - 1];
}

/* A chain counts for the window in which its last case was opened: a case of the window ends a
 * chain of its length until the next case of the chain shows that it did not. */
void cb_recur_chains(cb_recurrences *out, const cb_scope *scope)
{
    const cb_table *table = &scope->book->table[CB_CASES];
    int64_t from = scope->window[CB_NOW].period.from_utc_s;
    cb_slice cases = cb_cases_opened(scope->book, from, cb_recur_end(scope, CB_NOW));
    int64_t repeat_s = (int64_t)(scope->settings->assumption[CB_A_REPEAT_DAYS].base * CB_DAY_S);
    for (uint32_t i = 0; i < CHAIN_ROWS; i++)
        out->chain[i].length = i + 1;
    for (uint32_t i = 0; i < cases.n; i++) {
        uint32_t row = cases.rows[i], before = link_of(scope, row, repeat_s), length = 1;
        if (before == CB_NO_ROW && scope->derived->repeat[row] == 2 && !comparable(scope, row))
            continue;
        if (before != CB_NO_ROW) {
            length = length_of(scope, row, repeat_s);
            if (cb_time(table, CB_CASE_OPENED, before) >= from)
                chain_of(out, length - 1)->chains--;
        }
        chain_of(out, length)->chains++;
    }
}

/* ---- repeated breakdowns ---- */

static int by_product_then_time(const void *a, const void *b)
{
    const cb_product_event *x = a, *y = b;
    if (x->product != y->product)
        return x->product < y->product ? -1 : 1;
    if (x->opened != y->opened)
        return x->opened < y->opened ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

static cb_status events_of(cb_recur_state *s, const cb_scope *scope, uint32_t customer, uint32_t *n,
                           cb_error *err)
{
    const cb_book *book = scope->book;
    const cb_table *cases = &book->table[CB_CASES];
    uint32_t from = book->cases_of.offset[customer], to = book->cases_of.offset[customer + 1];
    int64_t end = cb_recur_end(scope, CB_NOW);
    void *events = s->event;
    cb_status rc =
        cb_grow(s->alloc, &events, &s->event_cap, to - from, sizeof *s->event, CB_MAX_ROWS);
    s->event = events;
    *n = 0;
    if (rc != CB_OK)
        return cb_nomem(err, "the repeated breakdowns");
    for (uint32_t i = from; i < to; i++) {
        uint32_t row = book->cases_of.rows[i], word = cb_word(cases, CB_CASE_PRODUCT, row);
        int64_t opened = cb_time(cases, CB_CASE_OPENED, row);
        if (word != CB_UNKNOWN_ID && opened < end)
            s->event[(*n)++] = (cb_product_event){opened, word, row};
    }
    if (*n > 1)
        qsort(s->event, *n, sizeof *s->event, by_product_then_time);
    return CB_OK;
}

static int by_id(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* The serial number of most of the cases; ties to the lower id, which was seen first. */
static cb_status unit_of(const cb_recur_state *s, const cb_scope *scope, uint32_t from, uint32_t n,
                         uint32_t *unit, cb_error *err)
{
    const cb_table *cases = &scope->book->table[CB_CASES];
    uint32_t *ids = NULL, most = 0;
    size_t cap = 0;
    void *block = NULL;
    *unit = CB_UNKNOWN_ID;
    if (!cases->column[CB_CASE_UNIT])
        return CB_OK;
    if (cb_grow(s->alloc, &block, &cap, n, sizeof *ids, CB_MAX_ROWS) != CB_OK)
        return cb_nomem(err, "the repeated breakdowns");
    ids = block;
    for (uint32_t i = 0; i < n; i++)
        ids[i] = cb_word(cases, CB_CASE_UNIT, s->event[from + i].row);
    qsort(ids, n, sizeof *ids, by_id);
    for (uint32_t i = 0, run = 0; i < n; i++) {
        run = i > 0 && ids[i] == ids[i - 1] ? run + 1 : 1;
        if (ids[i] != CB_UNKNOWN_ID && run > most) {
            most = run;
            *unit = ids[i];
        }
    }
    cb_drop(s->alloc, &block, &cap, sizeof *ids);
    return CB_OK;
}

static cb_status keep(cb_recur_state *s, const cb_breakdown *found, size_t n, cb_error *err)
{
    void *all = s->found;
    cb_status rc =
        cb_grow(s->alloc, &all, &s->found_cap, s->found_n + n, sizeof *s->found, CB_MAX_ROWS);
    s->found = all;
    if (rc != CB_OK)
        return cb_nomem(err, "the repeated breakdowns");
    for (size_t i = 0; i < n; i++)
        s->found[s->found_n++] = found[i];
    return CB_OK;
}

/* Of the n cases of one product from `start` on: the most that lie within breakdown_days and end in
 * the window; of equally many the earliest. */
static void densest(const cb_recur_state *s, const cb_scope *scope, uint32_t start, uint32_t n,
                    uint32_t *best_from, uint32_t *best)
{
    int64_t span_s = (int64_t)(scope->settings->assumption[CB_A_BREAKDOWN_DAYS].base * CB_DAY_S);
    int64_t from = scope->window[CB_NOW].period.from_utc_s;
    *best = 0;
    for (uint32_t i = start, low = start; i < start + n; i++) {
        while (s->event[i].opened - s->event[low].opened > span_s)
            low++;
        if (s->event[i].opened >= from && i - low + 1 > *best) {
            *best = i - low + 1;
            *best_from = low;
        }
    }
}

static cb_status add_product(cb_recur_state *s, const cb_scope *scope, uint32_t customer,
                             uint32_t start, uint32_t n, cb_error *err)
{
    uint32_t from = start, cases = 0;
    uint32_t least = (uint32_t)scope->settings->assumption[CB_A_BREAKDOWN_CASES].base;
    if (n < least)
        return CB_OK;
    densest(s, scope, start, n, &from, &cases);
    if (cases < least)
        return CB_OK;
    cb_breakdown b = {.customer = customer,
                      .product = s->event[start].product,
                      .cases = cases,
                      .first_utc_s = s->event[from].opened,
                      .last_utc_s = s->event[from + cases - 1].opened};
    cb_status rc = unit_of(s, scope, from, cases, &b.unit, err);
    return rc == CB_OK ? keep(s, &b, 1, err) : rc;
}

/* Customers with enough cases, the last of them in the window or later. */
static void pick(cb_recur_block *b, const cb_scope *scope, uint32_t least)
{
    const uint32_t *offset = scope->book->cases_of.offset;
    int64_t window = scope->window[CB_NOW].period.from_utc_s;
    cb_recur_pick_begin(b);
    for (uint32_t c = b->first; c < b->end; c++) {
        uint32_t from = offset[c] - offset[b->first], to = offset[c + 1] - offset[b->first];
        if (to - from < least || to == from || b->opened[to - 1] < window)
            continue;
        for (uint32_t i = from; i < to; i++)
            cb_recur_pick(b, b->rows[i], false);
        cb_recur_picked(b, c, least);
    }
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

static cb_status add_customer(cb_recur_state *s, const cb_scope *scope, uint32_t customer,
                              cb_error *err)
{
    uint32_t n = 0;
    cb_status rc = events_of(s, scope, customer, &n, err);
    for (uint32_t start = 0, end; rc == CB_OK && start < n; start = end) {
        for (end = start + 1; end < n && s->event[end].product == s->event[start].product; end++)
            ;
        rc = add_product(s, scope, customer, start, end - start, err);
    }
    return rc;
}

cb_status cb_recur_breakdowns_add(cb_recur_state *s, const cb_scope *scope, cb_error *err)
{
    cb_recur_block *b = &s->block;
    uint32_t least = (uint32_t)scope->settings->assumption[CB_A_BREAKDOWN_CASES].base;
    cb_status rc = CB_OK;
    if (!cb_dim_present(scope->book, CB_DIM_PRODUCT))
        return CB_OK;
    pick(b, scope, least);
    cb_recur_words(b, scope->book, CB_DIM_PRODUCT);
    for (uint32_t c = 0; rc == CB_OK && c < b->customers; c++) {
        const uint32_t *product = b->word[CB_DIM_PRODUCT] + b->from[c];
        if (may_have(product, b->from[c + 1] - b->from[c], least))
            rc = add_customer(s, scope, b->customer[c], err);
    }
    return rc;
}

cb_status cb_recur_breakdowns_merge(cb_recur_state *into, const cb_recur_state *from, cb_error *err)
{
    return from->found_n > 0 ? keep(into, from->found, from->found_n, err) : CB_OK;
}

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

typedef struct cb_breakdown_product product_row;

static int by_customers(const void *a, const void *b)
{
    const product_row *x = a, *y = b;
    if (x->customers != y->customers)
        return x->customers > y->customers ? -1 : 1;
    if (x->cases != y->cases)
        return x->cases > y->cases ? -1 : 1;
    return x->product < y->product ? -1 : x->product > y->product;
}

static cb_status by_product(cb_recurrences *out, const cb_scope *scope, cb_error *err)
{
    uint32_t groups = cb_dim_groups(scope->book, CB_DIM_PRODUCT);
    product_row *row = cb_arena_array(scope->arena, groups, sizeof *row);
    if (!row)
        return cb_nomem(err, "the repeated breakdowns");
    for (uint32_t i = 0; i < out->breakdowns; i++) {
        product_row *r = &row[out->breakdown[i].product];
        r->product = out->breakdown[i].product;
        r->customers++;
        r->cases += out->breakdown[i].cases;
    }
    qsort(row, groups, sizeof *row, by_customers);
    while (out->breakdown_products < groups && row[out->breakdown_products].customers > 0)
        out->breakdown_products++;
    out->breakdown_product = row;
    return CB_OK;
}

static const char *no_breakdowns(const cb_scope *scope)
{
    const cb_table *cases = &scope->book->table[CB_CASES];
    return !cases->column[CB_CASE_CUSTOMER]  ? "customer_id is not in the input"
           : !cases->column[CB_CASE_PRODUCT] ? "product is not in the input"
                                             : NULL;
}

cb_status cb_recur_breakdowns(cb_recurrences *out, const cb_recur_state *s, const cb_scope *scope,
                              cb_error *err)
{
    out->breakdowns_reason = no_breakdowns(scope);
    out->breakdowns = (uint32_t)s->found_n;
    out->breakdown = cb_arena_array(scope->arena, s->found_n, sizeof *out->breakdown);
    if (!out->breakdown)
        return cb_nomem(err, "the repeated breakdowns");
    for (size_t i = 0; i < s->found_n; i++)
        out->breakdown[i] = s->found[i];
    if (out->breakdowns > 1)
        qsort(out->breakdown, out->breakdowns, sizeof *out->breakdown, by_cases);
    return by_product(out, scope, err);
}
