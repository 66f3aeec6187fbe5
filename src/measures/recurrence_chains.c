/* Chains of cases of one customer and kind; repeated breakdowns of one customer and product. */
#include <stdlib.h>

#include "measures/recurrence_parts.h"

enum { CHAIN_ROWS = sizeof((cb_recurrences *)0)->chain / sizeof((cb_recurrences *)0)->chain[0] };

/* A case of one customer, as the two counts need it. */
typedef struct event {
    uint32_t word, row;
    int64_t opened;
} event;

static int by_word_then_time(const void *a, const void *b)
{
    const event *x = a, *y = b;
    if (x->word != y->word)
        return x->word < y->word ? -1 : 1;
    if (x->opened != y->opened)
        return x->opened < y->opened ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

typedef struct look {
    cb_recurrences *out;
    const cb_scope *scope;
    int64_t end, from, repeat_s, breakdown_s;
    uint32_t breakdown_cases;
    event *event;
    size_t cap;
    cb_breakdown *found;
    size_t found_n, found_cap;
} look;

static cb_status events_of(look *l, uint32_t customer, cb_case_field field, uint32_t *n,
                           cb_error *err)
{
    const cb_book *book = l->scope->book;
    const cb_table *cases = &book->table[CB_CASES];
    uint32_t from = book->cases_of.offset[customer], to = book->cases_of.offset[customer + 1];
    void *events = l->event;
    cb_status rc =
        cb_grow(cb_alloc_libc(), &events, &l->cap, to - from, sizeof *l->event, CB_MAX_ROWS);
    l->event = events;
    *n = 0;
    if (rc != CB_OK)
        return cb_nomem(err, "the chains of cases");
    for (uint32_t i = from; i < to; i++) {
        uint32_t row = book->cases_of.rows[i], word = cb_word(cases, field, row);
        int64_t opened = cb_time(cases, CB_CASE_OPENED, row);
        if (word != CB_UNKNOWN_ID && opened < l->end)
            l->event[(*n)++] = (event){word, row, opened};
    }
    if (*n > 1)
        qsort(l->event, *n, sizeof *l->event, by_word_then_time);
    return CB_OK;
}

/* A chain counts for the window in which its last case was opened. */
static void end_chain(look *l, uint32_t length, int64_t last)
{
    if (last < l->from)
        return;
    uint32_t at = length < CHAIN_ROWS ? length - 1 : CHAIN_ROWS - 1;
    l->out->chain[at].chains++;
}

static cb_status chains_of(look *l, uint32_t customer, cb_error *err)
{
    uint32_t n, length = 0;
    cb_status rc = events_of(l, customer, CB_CASE_KIND, &n, err);
    for (uint32_t i = 0; rc == CB_OK && i < n; i++) {
        bool linked = i > 0 && l->event[i].word == l->event[i - 1].word &&
                      l->event[i].opened - l->event[i - 1].opened <= l->repeat_s;
        if (!linked && i > 0)
            end_chain(l, length, l->event[i - 1].opened);
        length = linked ? length + 1 : 1;
    }
    if (rc == CB_OK && n > 0)
        end_chain(l, length, l->event[n - 1].opened);
    return rc;
}

/* The serial number of most of the cases; ties to the lower id. */
static uint32_t unit_of(const look *l, uint32_t from, uint32_t to)
{
    const cb_table *cases = &l->scope->book->table[CB_CASES];
    uint32_t best = CB_UNKNOWN_ID, most = 0;
    for (uint32_t i = from; i < to; i++) {
        uint32_t unit = cb_word(cases, CB_CASE_UNIT, l->event[i].row), n = 0;
        for (uint32_t k = from; k < to; k++)
            n += cb_word(cases, CB_CASE_UNIT, l->event[k].row) == unit;
        if (unit != CB_UNKNOWN_ID && (n > most || (n == most && unit < best))) {
            best = unit;
            most = n;
        }
    }
    return best;
}

static cb_status keep_breakdown(look *l, uint32_t customer, uint32_t from, uint32_t to,
                                cb_error *err)
{
    void *found = l->found;
    cb_status rc = cb_grow(cb_alloc_libc(), &found, &l->found_cap, l->found_n + 1, sizeof *l->found,
                           CB_MAX_ROWS);
    l->found = found;
    if (rc != CB_OK)
        return cb_nomem(err, "the repeated breakdowns");
    l->found[l->found_n++] = (cb_breakdown){.customer = customer,
                                            .product = l->event[from].word,
                                            .unit = unit_of(l, from, to),
                                            .cases = to - from,
                                            .first_utc_s = l->event[from].opened,
                                            .last_utc_s = l->event[to - 1].opened};
    return CB_OK;
}

/* The densest window of breakdown_days of one product that reaches into the window reported on. */
static cb_status breakdowns_of(look *l, uint32_t customer, cb_error *err)
{
    uint32_t n;
    cb_status rc = events_of(l, customer, CB_CASE_PRODUCT, &n, err);
    for (uint32_t start = 0; rc == CB_OK && start < n;) {
        uint32_t end = start, best_from = start, best = 0, low = start;
        while (end < n && l->event[end].word == l->event[start].word) {
            while (l->event[end].opened - l->event[low].opened > l->breakdown_s)
                low++;
            if (l->event[end].opened >= l->from && end - low + 1 > best) {
                best = end - low + 1;
                best_from = low;
            }
            end++;
        }
        if (best >= l->breakdown_cases)
            rc = keep_breakdown(l, customer, best_from, best_from + best, err);
        start = end;
    }
    return rc;
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

static cb_status keep_all(look *l, cb_error *err)
{
    cb_recurrences *out = l->out;
    if (l->found_n > 1)
        qsort(l->found, l->found_n, sizeof *l->found, by_cases);
    out->breakdowns = (uint32_t)l->found_n;
    out->breakdown = cb_arena_array(l->scope->arena, l->found_n, sizeof *out->breakdown);
    if (!out->breakdown)
        return cb_nomem(err, "the repeated breakdowns");
    for (size_t i = 0; i < l->found_n; i++)
        out->breakdown[i] = l->found[i];
    return by_product(out, l->scope, err);
}

cb_status cb_recur_chains(cb_recurrences *out, const cb_scope *scope, cb_error *err)
{
    const cb_assumption *a = scope->settings->assumption;
    look l = {.out = out,
              .scope = scope,
              .end = cb_recur_end(scope, CB_NOW),
              .from = scope->window[CB_NOW].period.from_utc_s,
              .repeat_s = (int64_t)(a[CB_A_REPEAT_DAYS].base * CB_DAY_S),
              .breakdown_s = (int64_t)(a[CB_A_BREAKDOWN_DAYS].base * CB_DAY_S),
              .breakdown_cases = (uint32_t)a[CB_A_BREAKDOWN_CASES].base};
    cb_status rc = CB_OK;
    for (uint32_t i = 0; i < CHAIN_ROWS; i++)
        out->chain[i].length = i + 1;
    for (uint32_t customer = 1; rc == CB_OK && customer < scope->book->cases_of.groups;
         customer++) {
        rc = chains_of(&l, customer, err);
        if (rc == CB_OK)
            rc = breakdowns_of(&l, customer, err);
    }
    if (rc == CB_OK)
        rc = keep_all(&l, err);
    free(l.event);
    free(l.found);
    return rc;
}
