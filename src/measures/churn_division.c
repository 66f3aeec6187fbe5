/* Q3's division of the headline over the cases of the window, and the groups made of it. */
#include "measures/churn_parts.h"
#include "measures/derived_parts.h"

#include <stdlib.h>

typedef struct divider {
    const cb_churn_state *s;
    const cb_scope *scope;
    const cb_slice *cases;
    double blank;
    double cost_of_value; /* headline cost for each minor unit of yearly value of those after a
                             problem */
    double cost_each;     /* used instead where their values do not sum up to more than 0 */
    double lost_each;     /* expected losses for each of them */
    cb_slice near_e;      /* cases of the after_problem_days before E */
    uint32_t *cases_at_e; /* of them by customer */
    uint32_t *latest;     /* rows of their latest cases, ascending */
    uint32_t n_latest;
} divider;

static bool names_customers(const cb_scope *scope, const cb_slice *cases)
{
    for (uint32_t i = 0; i < cases->n; i++)
        if (cb_word(&scope->book->table[CB_CASES], CB_CASE_CUSTOMER, cases->rows[i]) !=
            CB_UNKNOWN_ID)
            return true;
    return cases->n == 0;
}

static void set_factors(divider *d, const cb_churn_point *p, const cb_churn *out)
{
    const cb_churn_split *split = &d->s->split[CB_SPLIT_BASE];
    double n = (double)split->with_problem;
    double value = cb_churn_values_sum(&split->value, split->with_problem, p->blank);
    d->blank = p->blank;
    if (n <= 0)
        return;
    d->lost_each = out->expected_losses.value / n;
    if (value > 0)
        d->cost_of_value = out->cost_minor.value / value;
    else
        d->cost_each = out->cost_minor.value / n;
}

/* ---- rows ---- */

/* Counted over all who opened a case in the time before E: the rows lie in the order of opening. */
static cb_status count_at_e(divider *d, cb_error *err)
{
    const cb_churn_state *s = d->s;
    const cb_book *book = d->scope->book;
    d->near_e = cb_cases_opened(book, s->at - s->split[CB_SPLIT_BASE].lasts_s + 1, s->until);
    d->cases_at_e = cb_arena_array(d->scope->scratch, book->cases_of.groups, sizeof *d->cases_at_e);
    if (!d->cases_at_e)
        return cb_nomem(err, "the churn cost of the cases");
    for (uint32_t from = 0; from < d->near_e.n; from += CB_BLOCK) {
        uint32_t n = cb_block_of(d->near_e.n, from), customer[CB_BLOCK];
        cb_words_of(&book->table[CB_CASES], CB_CASE_CUSTOMER, d->near_e.rows + from, n, customer);
        for (uint32_t i = 0; i < n; i++)
            d->cases_at_e[customer[i]]++;
    }
    return CB_OK;
}

/* Of a case near E: the customer's cases that share the customer's loss, 0 where there is no such
 * loss. */
static uint32_t sharers(const divider *d, uint32_t customer, uint32_t listed)
{
    bool lost = customer != CB_UNKNOWN_ID && cb_churn_life_of(d->s, d->scope->book, listed).here;
    return lost ? d->cases_at_e[customer] : 0;
}

static double cost_of_customer(const divider *d, uint32_t listed)
{
    if (d->cost_each > 0 || d->cost_each < 0)
        return d->cost_each;
    int64_t value = listed == CB_NO_ROW ? CB_NO_AMOUNT
                                        : cb_amount(&d->scope->book->table[CB_CUSTOMERS],
                                                    CB_CUSTOMER_VALUE, listed);
    return d->cost_of_value * (value == CB_NO_AMOUNT ? d->blank : (double)value);
}

static void set_block(const divider *d, const uint32_t *rows, uint32_t n, bool priced,
                      double *cost, double *lost)
{
    const cb_book *book = d->scope->book;
    uint32_t customer[CB_BLOCK];
    cb_words_of(&book->table[CB_CASES], CB_CASE_CUSTOMER, rows, n, customer);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t listed = book->customer_row ? book->customer_row[customer[i]] : CB_NO_ROW;
        uint32_t shares = sharers(d, customer[i], listed);
        lost[i] = shares > 0 ? d->lost_each / shares : 0;
        cost[i] = shares > 0 && priced ? cost_of_customer(d, listed) / shares : 0;
    }
}

/* The window's cases that are near E; the others carry nothing. */
static void find_carriers(const divider *d, cb_churn *out)
{
    const uint32_t *order = d->scope->book->opened_order;
    uint32_t window = (uint32_t)(d->cases->rows - order), end = window + d->cases->n;
    uint32_t first = (uint32_t)(d->near_e.rows - order), last = first + d->near_e.n;
    uint32_t from = first > window ? first : window, to = last < end ? last : end;
    out->carriers_from = from < to ? from - window : 0;
    out->carriers_to = from < to ? to - window : 0;
}

static void set_carriers(const divider *d, const cb_churn *out, bool priced, double *cost,
                         double *lost)
{
    for (uint32_t at = out->carriers_from; at < out->carriers_to; at += CB_BLOCK)
        set_block(d, d->cases->rows + at, cb_block_of(out->carriers_to, at), priced, cost + at,
                  lost + at);
}

static cb_status set_rows(divider *d, cb_churn *out, cb_error *err)
{
    bool priced = cb_est_ok(out->cost_minor);
    double *cost = cb_arena_array(d->scope->arena, d->cases->n, sizeof *cost);
    double *lost = cb_arena_array(d->scope->arena, d->cases->n, sizeof *lost);
    if (!cost || !lost)
        return cb_nomem(err, "the churn cost of the cases");
    cb_status rc = count_at_e(d, err);
    if (rc != CB_OK)
        return rc;
    find_carriers(d, out);
    set_carriers(d, out, priced, cost, lost);
    out->case_lost = lost;
    if (!priced)
        return CB_OK;
    out->case_cost_minor = cost;
    out->cost_outside_minor =
        out->cost_minor.value -
        cb_sum_f64(cost + out->carriers_from, out->carriers_to - out->carriers_from);
    return CB_OK;
}

/* ---- groups ---- */

typedef struct ranked {
    cb_churn_group group;
    cb_str text;
} ranked;

static int by_cost_then_text(const void *a, const void *b)
{
    const ranked *x = a;
    const ranked *y = b;
    if (x->group.cost_minor > y->group.cost_minor || x->group.cost_minor < y->group.cost_minor)
        return x->group.cost_minor > y->group.cost_minor ? -1 : 1;
    if (x->group.customers_lost > y->group.customers_lost ||
        x->group.customers_lost < y->group.customers_lost)
        return x->group.customers_lost > y->group.customers_lost ? -1 : 1;
    return cb_str_cmp(x->text, y->text);
}

/* One group a word, of all dimensions at once: every case is looked at once. */
typedef struct tally {
    ranked *group[CB_DIMS];
    uint32_t words[CB_DIMS];
} tally;

static cb_status tally_new(tally *t, const divider *d, bool priced, cb_error *err)
{
    for (int dim = 0; dim < CB_DIMS; dim++) {
        t->words[dim] = cb_dim_groups(d->scope->book, (cb_dim)dim);
        t->group[dim] = cb_arena_array(d->scope->scratch, t->words[dim], sizeof *t->group[dim]);
        if (!t->group[dim])
            return cb_nomem(err, "the groups of the churn cost");
        for (uint32_t w = 0; w < t->words[dim]; w++) {
            t->group[dim][w].group.word = w;
            t->group[dim][w].group.cost_minor = priced ? 0 : NAN;
            t->group[dim][w].text = cb_dim_text(d->scope->book, (cb_dim)dim, w);
        }
    }
    return CB_OK;
}

/* By the customer's latest case. */
static void tally_customers(const divider *d, int dim, ranked *group)
{
    const cb_table *cases = &d->scope->book->table[CB_CASES];
    uint32_t word[CB_BLOCK];
    for (uint32_t from = 0; from < d->n_latest; from += CB_BLOCK) {
        uint32_t part = cb_block_of(d->n_latest, from);
        cb_words_of(cases, cb_dim_fields[dim], d->latest + from, part, word);
        for (uint32_t i = 0; i < part; i++)
            group[word[i]].group.customers++;
    }
}

/* cost NULL: the headline has no price. */
static void tally_block(const divider *d, tally *t, const uint32_t *rows, uint32_t n,
                        const double *cost, const double *lost)
{
    const cb_table *cases = &d->scope->book->table[CB_CASES];
    uint32_t word[CB_BLOCK];
    for (int dim = 0; dim < CB_DIMS; dim++) {
        ranked *group = t->group[dim];
        cb_words_of(cases, cb_dim_fields[dim], rows, n, word);
        for (uint32_t i = 0; i < n; i++)
            group[word[i]].group.customers_lost += lost[i];
        for (uint32_t i = 0; cost && i < n; i++)
            group[word[i]].group.cost_minor += cost[i];
    }
}

/* Cases near E that are not of the window: what they carry is kept nowhere. */
static void tally_outside(const divider *d, tally *t, const cb_churn *out, uint32_t from,
                          uint32_t to)
{
    bool priced = out->case_cost_minor != NULL;
    double cost[CB_BLOCK], lost[CB_BLOCK];
    for (uint32_t at = from; at < to; at += CB_BLOCK) {
        uint32_t n = cb_block_of(to, at);
        set_block(d, d->near_e.rows + at, n, priced, cost, lost);
        tally_block(d, t, d->near_e.rows + at, n, priced ? cost : NULL, lost);
    }
}

/* All that the headline is shared out over, whether of the window or before it. */
static void tally_costs(const divider *d, tally *t, const cb_churn *out)
{
    const uint32_t *rows = d->cases->rows;
    uint32_t from = out->carriers_from, to = out->carriers_to;
    uint32_t window = from < to ? (uint32_t)(rows + from - d->near_e.rows) : 0;
    tally_outside(d, t, out, 0, window);
    for (uint32_t at = from; at < to; at += CB_BLOCK)
        tally_block(d, t, rows + at, cb_block_of(to, at),
                    out->case_cost_minor ? out->case_cost_minor + at : NULL, out->case_lost + at);
    tally_outside(d, t, out, window + (to - from), d->near_e.n);
}

static cb_status rank_groups(const divider *d, ranked *group, uint32_t words,
                             cb_churn_groups *groups, cb_error *err)
{
    uint32_t n = 0;
    for (uint32_t w = 0; w < words; w++)
        if (group[w].group.customers > 0 || fabs(group[w].group.customers_lost) > 0)
            group[n++] = group[w];
    if (n > 1)
        qsort(group, n, sizeof *group, by_cost_then_text);
    groups->n = n;
    groups->group = cb_arena_array(d->scope->arena, n, sizeof *groups->group);
    if (!groups->group)
        return cb_nomem(err, "the groups of the churn cost");
    for (uint32_t i = 0; i < n; i++)
        groups->group[i] = group[i].group;
    return CB_OK;
}

/* ---- all ---- */

static cb_status list_latest(divider *d, cb_error *err)
{
    const cb_churn_state *s = d->s;
    d->latest = cb_arena_array(d->scope->scratch, (size_t)s->split[CB_SPLIT_BASE].with_problem,
                               sizeof *d->latest);
    if (!d->latest)
        return cb_nomem(err, "the customers after a problem");
    for (size_t i = 0; i < s->latest_bytes; i++)
        for (unsigned bits = s->latest[i]; bits; bits &= bits - 1)
            d->latest[d->n_latest++] = (uint32_t)(8 * i) + (uint32_t)__builtin_ctz(bits);
    return CB_OK;
}

static cb_status set_all_groups(divider *d, cb_churn *out, cb_error *err)
{
    tally t;
    bool priced = out->case_cost_minor != NULL;
    cb_status rc = list_latest(d, err);
    if (rc == CB_OK)
        rc = tally_new(&t, d, priced, err);
    for (int dim = 0; rc == CB_OK && dim < CB_DIMS; dim++)
        tally_customers(d, dim, t.group[dim]);
    if (rc == CB_OK && out->case_lost)
        tally_costs(d, &t, out);
    for (int dim = 0; rc == CB_OK && dim < CB_DIMS; dim++)
        rc = rank_groups(d, t.group[dim], t.words[dim], &out->by[dim], err);
    return rc;
}

cb_status cb_churn_divide(const cb_churn_state *s, const cb_scope *scope, const cb_churn_point *p,
                          cb_churn *out, cb_error *err)
{
    divider d = {.s = s, .scope = scope, .cases = &scope->window[CB_NOW].cases};
    cb_status rc = CB_OK;
    out->cost_outside_minor = NAN;
    out->division_reason = cb_est_ok(out->cost_minor) ? NULL : out->cost_minor.reason;
    set_factors(&d, p, out);
    if (!cb_est_ok(out->expected_losses))
        out->division_reason = out->expected_losses.reason;
    else if (!names_customers(scope, d.cases))
        out->division_reason = "no case of the period names its customer";
    else
        rc = set_rows(&d, out, err);
    return rc == CB_OK ? set_all_groups(&d, out, err) : rc;
}
