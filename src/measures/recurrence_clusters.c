/* Clusters: cause x product (Q3), and what ending each would be worth a year (Q4). */
#include <math.h>
#include <stdlib.h>

#include "casebook/results.h"
#include "casebook/stats_order.h"
#include "measures/recurrence_parts.h"
#include "measures/resolution_parts.h"

enum { LEAST_TABLE = 1024 };

/* ---- which cluster ---- */

/* Finds clusters, which are in the order of their keys: by a table where causes x products are not
 * many more than there are cases, else by halving. */
typedef struct finder {
    uint32_t products, n;
    const cb_cluster *cluster;
    const uint32_t *at; /* by key; NULL: too many */
} finder;

static uint64_t key_of(uint32_t cause, uint32_t product, uint32_t products)
{
    return (uint64_t)cause * products + product;
}

/* Keys there can be; 0: too many for a table. */
static uint32_t keys_in_table(const cb_scope *scope, uint32_t cases)
{
    uint64_t most = cases > LEAST_TABLE ? cases : LEAST_TABLE;
    uint64_t keys = key_of(cb_dim_groups(scope->book, CB_DIM_CAUSE), 0,
                           cb_dim_groups(scope->book, CB_DIM_PRODUCT));
    return keys <= most ? (uint32_t)keys : 0;
}

static cb_status finder_new(finder *f, const cb_recurrences *out, const cb_scope *scope,
                            uint32_t cases, cb_error *err)
{
    uint32_t keys = keys_in_table(scope, cases);
    *f = (finder){cb_dim_groups(scope->book, CB_DIM_PRODUCT), out->clusters, out->cluster, NULL};
    if (keys == 0)
        return CB_OK;
    uint32_t *at = cb_arena_array(scope->scratch, keys, sizeof *at);
    if (!at)
        return cb_nomem(err, "the clusters");
    for (uint32_t k = 0; k < f->n; k++)
        at[key_of(f->cluster[k].cause, f->cluster[k].product, f->products)] = k;
    f->at = at;
    return CB_OK;
}

static uint32_t find(const finder *f, uint32_t cause, uint32_t product)
{
    uint64_t key = key_of(cause, product, f->products);
    uint32_t low = 0, high = f->n;
    if (f->at)
        return f->at[key];
    while (high - low > 1) {
        uint32_t mid = low + (high - low) / 2;
        if (key_of(f->cluster[mid].cause, f->cluster[mid].product, f->products) <= key)
            low = mid;
        else
            high = mid;
    }
    return low;
}

static void words_of(const cb_scope *scope, const cb_slice *part, uint32_t *cause,
                     uint32_t *product)
{
    const cb_table *cases = &scope->book->table[CB_CASES];
    cb_words_of(cases, cb_dim_fields[CB_DIM_CAUSE], part->rows, part->n, cause);
    cb_words_of(cases, cb_dim_fields[CB_DIM_PRODUCT], part->rows, part->n, product);
}

/* The clusters of cases, at most CB_RECUR_BLOCK. */
static void find_all(const finder *f, const cb_scope *scope, const cb_slice *part, uint32_t *out)
{
    uint32_t cause[CB_RECUR_BLOCK], product[CB_RECUR_BLOCK];
    words_of(scope, part, cause, product);
    for (uint32_t i = 0; i < part->n; i++)
        out[i] = find(f, cause[i], product[i]);
}

/* ---- which there are ---- */

static cb_status new_clusters(cb_recurrences *out, const cb_scope *scope, const int64_t *key,
                              uint32_t n, cb_error *err)
{
    uint32_t products = cb_dim_groups(scope->book, CB_DIM_PRODUCT);
    for (uint32_t i = 0; i < n; i++)
        out->clusters += i == 0 || key[i] != key[i - 1];
    out->cluster = cb_arena_array(scope->arena, out->clusters, sizeof *out->cluster);
    if (!out->cluster)
        return cb_nomem(err, "the clusters");
    for (uint32_t i = 0, k = 0; i < n; i++)
        if (i == 0 || key[i] != key[i - 1]) {
            out->cluster[k].cause = (uint32_t)(key[i] / products);
            out->cluster[k++].product = (uint32_t)(key[i] % products);
        }
    return CB_OK;
}

/* The keys of cases, ascending; with a table each once. */
static cb_status list_keys(int64_t *key, uint32_t *n, const cb_slice *cases, uint8_t *there,
                           uint32_t keys, const cb_scope *scope, cb_error *err)
{
    uint32_t products = cb_dim_groups(scope->book, CB_DIM_PRODUCT);
    uint32_t cause[CB_RECUR_BLOCK], product[CB_RECUR_BLOCK];
    *n = 0;
    for (uint32_t at = 0; at < cases->n; at += CB_RECUR_BLOCK) {
        cb_slice part = cb_recur_part(cases, at);
        words_of(scope, &part, cause, product);
        for (uint32_t i = 0; i < part.n; i++) {
            uint64_t one = key_of(cause[i], product[i], products);
            if (keys > 0)
                there[one] = 1;
            else
                key[(*n)++] = (int64_t)one;
        }
    }
    for (uint32_t k = 0; k < keys; k++)
        if (there[k])
            key[(*n)++] = k;
    if (keys == 0 && cb_sort_i64(key, *n, scope->scratch) != CB_OK)
        return cb_nomem(err, "the clusters");
    return CB_OK;
}

static cb_status list_clusters(cb_recurrences *out, const cb_scope *scope, const cb_slice *cases,
                               cb_error *err)
{
    uint32_t keys = keys_in_table(scope, cases->n), n = 0;
    uint8_t *there = cb_arena_array(scope->scratch, keys, sizeof *there);
    int64_t *key = cb_arena_array(scope->scratch, keys > 0 ? keys : cases->n, sizeof *key);
    if (!there || !key)
        return cb_nomem(err, "the clusters");
    cb_status rc = list_keys(key, &n, cases, there, keys, scope, err);
    return rc == CB_OK ? new_clusters(out, scope, key, n, err) : rc;
}

/* ---- their cases and customers ---- */

/* The outcome is inadequate where an eligible case's remedy falls short of the loss (A1, C3). */
static void count_case(cb_cluster *k, const cb_derived *d, uint32_t row)
{
    k->cases++;
    k->repeats += d->repeat[row] == 1;
    k->repeat_eligible += d->repeat[row] != 2;
    if (d->outcome[row] == CB_OUTCOME_INADEQUATE)
        k->shortfall_minor += cb_loss_minor(d, row) - cb_remedy_minor(d, row);
}

/* Of the n customers of one cluster; bits: one a customer, all 0 before and after. */
static uint32_t distinct(const uint32_t *customer, uint32_t n, uint64_t *bits)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t bit = UINT64_C(1) << customer[i] % 64, *at = &bits[customer[i] / 64];
        found += customer[i] != CB_UNKNOWN_ID && !(*at & bit);
        *at |= bit;
    }
    for (uint32_t i = 0; i < n; i++)
        bits[customer[i] / 64] = 0;
    return found;
}

/* The customers of the cases, dealt out to their clusters. */
static cb_status count_customers(cb_recurrences *out, const cb_scope *scope, const cb_slice *cases,
                                 const uint32_t *cluster, cb_error *err)
{
    const cb_book *book = scope->book;
    size_t parts = cb_intern_count(book->pool[CB_POOL_CUSTOMER]) / 64 + 1;
    uint32_t one[CB_RECUR_BLOCK], from = 0;
    uint32_t *customer = cb_arena_array(scope->scratch, cases->n, sizeof *customer);
    uint32_t *at = cb_arena_array(scope->scratch, out->clusters, sizeof *at);
    uint64_t *bits = cb_arena_array(scope->scratch, parts, sizeof *bits);
    if (!customer || !at || !bits)
        return cb_nomem(err, "the clusters");
    for (uint32_t k = 1; k < out->clusters; k++)
        at[k] = at[k - 1] + out->cluster[k - 1].cases;
    for (uint32_t begin = 0; begin < cases->n; begin += CB_RECUR_BLOCK) {
        cb_slice part = cb_recur_part(cases, begin);
        cb_words_of(&book->table[CB_CASES], CB_CASE_CUSTOMER, part.rows, part.n, one);
        for (uint32_t i = 0; i < part.n; i++)
            customer[at[cluster[begin + i]]++] = one[i];
    }
    for (uint32_t k = 0; k < out->clusters; from = at[k++])
        out->cluster[k].customers = distinct(customer + from, at[k] - from, bits);
    return CB_OK;
}

static cb_status count_cases(cb_recurrences *out, const cb_scope *scope, const cb_slice *cases,
                             const finder *f, cb_error *err)
{
    uint32_t *cluster = cb_arena_array(scope->scratch, cases->n, sizeof *cluster);
    if (!cluster)
        return cb_nomem(err, "the clusters");
    for (uint32_t at = 0; at < cases->n; at += CB_RECUR_BLOCK) {
        cb_slice part = cb_recur_part(cases, at);
        find_all(f, scope, &part, cluster + at);
        for (uint32_t i = 0; i < part.n; i++)
            count_case(&out->cluster[cluster[at + i]], scope->derived, part.rows[i]);
    }
    return count_customers(out, scope, cases, cluster, err);
}

/* ---- medians ---- */

/* The window's sorted durations: the resolution measure's, where it ran before. */
static cb_status order_of(cb_res_order *order, const cb_slice *cases, const cb_res_source *source,
                          const cb_resolution *resolution, const cb_scope *scope, cb_error *err)
{
    if (resolution->order.key) {
        *order = resolution->order;
        return CB_OK;
    }
    return cb_res_sort(order, cases, source, scope->scratch, scope->scratch, err);
}

static cb_status split_durations(cb_res_split *out, const cb_res_order *order, const finder *f,
                                 const cb_scope *scope, cb_error *err)
{
    const cb_slice *cases = &order->cases;
    uint32_t *cluster = cb_arena_array(scope->scratch, cases->n, sizeof *cluster);
    if (!cluster)
        return cb_nomem(err, "the durations of the clusters");
    for (uint32_t at = 0; at < cases->n; at += CB_RECUR_BLOCK) {
        cb_slice part = cb_recur_part(cases, at);
        find_all(f, scope, &part, cluster + at);
    }
    return cb_res_split_at(out, order, cluster, f->n, scope->scratch, err);
}

static cb_status medians(cb_recurrences *out, const cb_scope *scope, const cb_slice *cases,
                         const cb_resolution *resolution, const finder *f, cb_error *err)
{
    cb_res_source source = {
        .derived = scope->derived,
        .key = cb_res_key_elapsed,
        .rules = {.closed_only = resolution->closed_only, .none = "no case with a known duration"}};
    cb_res_order order = {0};
    cb_res_split split;
    cb_status rc = order_of(&order, cases, &source, resolution, scope, err);
    if (rc == CB_OK)
        rc = split_durations(&split, &order, f, scope, err);
    for (uint32_t k = 0; rc == CB_OK && k < out->clusters; k++) {
        cb_logrank_group part = cb_res_part(&split, k);
        out->cluster[k].median_hours = cb_res_median(&part, &source.rules);
    }
    return rc;
}

/* The parts one after the other give back what they took. */
static cb_status in_own_scratch(cb_recurrences *out, const cb_scope *scope, const cb_slice *cases,
                                const cb_resolution *resolution, bool counts, cb_error *err)
{
    cb_scope own = *scope;
    finder f;
    own.scratch = cb_arena_new(scope->settings->alloc, 0);
    if (!own.scratch)
        return cb_nomem(err, "the clusters");
    cb_status rc = counts ? list_clusters(out, &own, cases, err) : CB_OK;
    if (rc == CB_OK)
        rc = finder_new(&f, out, &own, cases->n, err);
    if (rc == CB_OK)
        rc = counts ? count_cases(out, &own, cases, &f, err)
                    : medians(out, &own, cases, resolution, &f, err);
    cb_arena_free(own.scratch);
    return rc;
}

cb_status cb_recur_clusters(cb_recurrences *out, const cb_scope *scope, cb_window_ix ix,
                            const cb_resolution *resolution, cb_error *err)
{
    const cb_slice *cases = &scope->window[ix].cases;
    cb_status rc = in_own_scratch(out, scope, cases, resolution, true, err);
    return rc == CB_OK ? in_own_scratch(out, scope, cases, resolution, false, err) : rc;
}

/* ---- worth ---- */

/* A cost of the window in proportion to the headline has the headline's relative interval. */
static cb_est in_proportion(double minor, cb_est headline)
{
    double one = headline.value;
    if (!(one > 0 || one < 0))
        return cb_est_of(minor, minor, minor);
    return cb_est_of(minor, minor * (headline.low / one), minor * (headline.high / one));
}

static cb_status add_costs(cb_recurrences *out, const cb_scope *scope, const cb_churn *churn,
                           cb_error *err)
{
    const cb_slice *window = &scope->window[CB_NOW].cases;
    const cb_slice carriers = {window->rows, churn->carriers_to};
    cb_part_sum *cost = cb_arena_array(scope->scratch, out->clusters, sizeof *cost);
    cb_part_sum *lost = cb_arena_array(scope->scratch, out->clusters, sizeof *lost);
    finder f;
    if (!cost || !lost)
        return cb_nomem(err, "the churn cost of the clusters");
    cb_status rc = finder_new(&f, out, scope, window->n, err);
    if (rc != CB_OK)
        return rc;
    for (uint32_t at = churn->carriers_from; at < carriers.n; at += CB_RECUR_BLOCK) {
        uint32_t cluster[CB_RECUR_BLOCK];
        cb_slice part = cb_recur_part(&carriers, at);
        find_all(&f, scope, &part, cluster);
        for (uint32_t i = 0; churn->case_cost_minor && i < part.n; i++)
            cb_part_add(&cost[cluster[i]], churn->case_cost_minor[at + i]);
        for (uint32_t i = 0; churn->case_lost && i < part.n; i++)
            cb_part_add(&lost[cluster[i]], churn->case_lost[at + i]);
    }
    for (uint32_t k = 0; k < out->clusters; k++) {
        out->cluster[k].cost_minor.value = cb_part_total(&cost[k]);
        out->cluster[k].customers_lost = churn->case_lost ? cb_part_total(&lost[k]) : NAN;
    }
    return CB_OK;
}

const char *cb_recur_unpriced(const cb_churn *churn)
{
    if (churn->case_cost_minor && cb_est_ok(churn->cost_minor))
        return NULL;
    return churn->division_reason     ? churn->division_reason
           : churn->cost_minor.reason ? churn->cost_minor.reason
                                      : "the churn cost is not known";
}

/* What makes a year's worth of the window's figures. */
typedef struct yearly {
    double rest;  /* of shortfall and handling cost */
    double churn; /* of the churn cost, whose cases lie within after_problem_days */
    double handling_minor;
} yearly;

/* Both limits at once: those of the cost for each case and those of the number of cases. */
static cb_est worth_between(double value, double low, double high, uint32_t cases)
{
    cb_est rate = cb_poisson_rate(cases, cases > 0 ? cases : 1, CB_LEVEL_95);
    return cb_est_of(value, low * (low < 0 ? rate.high : rate.low),
                     high * (high < 0 ? rate.low : rate.high));
}

static void finish_cluster(cb_cluster *k, const cb_churn *churn, const yearly *y,
                           const char *unpriced)
{
    k->handling_minor = k->cases * y->handling_minor * y->rest;
    double rest = (double)k->shortfall_minor * y->rest + k->handling_minor;
    if (unpriced) {
        k->cost_minor = cb_est_none(unpriced);
        k->worth_minor = worth_between(rest, rest, rest, k->cases);
        return;
    }
    k->cost_minor = in_proportion(k->cost_minor.value, churn->cost_minor);
    k->worth_minor = worth_between(k->cost_minor.value * y->churn + rest,
                                   k->cost_minor.low * y->churn + rest,
                                   k->cost_minor.high * y->churn + rest, k->cases);
}

typedef struct ranked {
    cb_cluster cluster;
    cb_str cause, product;
} ranked;

static int by_worth(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    double wx = x->cluster.worth_minor.value, wy = y->cluster.worth_minor.value;
    if (wx < wy || wx > wy)
        return wx > wy ? -1 : 1;
    if (x->cluster.cases != y->cluster.cases)
        return x->cluster.cases > y->cluster.cases ? -1 : 1;
    int order = cb_str_cmp(x->cause, y->cause);
    return order ? order : cb_str_cmp(x->product, y->product);
}

static cb_status rank(cb_recurrences *out, const cb_scope *scope, cb_error *err)
{
    ranked *order = cb_arena_array(scope->scratch, out->clusters, sizeof *order);
    if (!order)
        return cb_nomem(err, "the order of the clusters");
    for (uint32_t k = 0; k < out->clusters; k++)
        order[k] =
            (ranked){out->cluster[k], cb_dim_text(scope->book, CB_DIM_CAUSE, out->cluster[k].cause),
                     cb_dim_text(scope->book, CB_DIM_PRODUCT, out->cluster[k].product)};
    if (out->clusters > 1)
        qsort(order, out->clusters, sizeof *order, by_worth);
    for (uint32_t k = 0; k < out->clusters; k++)
        out->cluster[k] = order[k].cluster;
    return CB_OK;
}

static void shares(cb_recurrences *out)
{
    double cases = 0, worth = 0, lost = 0;
    for (uint32_t k = 0; k < out->clusters; k++) {
        cases += out->cluster[k].cases;
        worth += out->cluster[k].worth_minor.value;
        lost += isfinite(out->cluster[k].customers_lost) ? out->cluster[k].customers_lost : 0;
    }
    for (uint32_t k = 0; k < out->clusters; k++) {
        cb_cluster *c = &out->cluster[k];
        c->share_cases = cases > 0 ? c->cases / cases : NAN;
        c->share_worth = worth > 0 ? c->worth_minor.value / worth : NAN;
        c->share_customers_lost = lost > 0 ? c->customers_lost / lost : NAN;
    }
}

static yearly yearly_of(const cb_scope *scope)
{
    const cb_assumption *a = scope->settings->assumption;
    double seconds =
        (double)(cb_recur_end(scope, CB_NOW) - scope->window[CB_NOW].period.from_utc_s);
    double lasts_s = a[CB_A_AFTER_PROBLEM_DAYS].base * CB_DAY_S;
    yearly y = {.churn = 1,
                .handling_minor = a[CB_A_HANDLING_COST].base *
                                  cb_currency_scale(scope->settings->currency_digits)};
    if (seconds > 0) {
        y.rest = 365.25 * CB_DAY_S / seconds;
        y.churn = lasts_s > seconds ? lasts_s / seconds : 1;
    }
    return y;
}

cb_status cb_recur_worth(const cb_scope *scope, cb_results *out, cb_error *err)
{
    const cb_churn *churn = &out[CB_NOW].churn;
    cb_recurrences *r = &out[CB_NOW].recurrence;
    yearly y = yearly_of(scope);
    cb_status rc = add_costs(r, scope, churn, err);
    r->unpriced = cb_recur_unpriced(churn);
    r->churn_yearly = y.churn;
    for (uint32_t k = 0; rc == CB_OK && k < r->clusters; k++)
        finish_cluster(&r->cluster[k], churn, &y, r->unpriced);
    if (rc == CB_OK)
        rc = rank(r, scope, err);
    shares(r);
    return rc;
}
