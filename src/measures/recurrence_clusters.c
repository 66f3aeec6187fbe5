/* Clusters: cause x product (Q3), and what ending each would be worth a year (Q4). */
#include <math.h>
#include <stdlib.h>

#include "casebook/results.h"
#include "casebook/stats_order.h"
#include "measures/recurrence_parts.h"
#include "measures/resolution_parts.h"

/* The window's cases, sorted by cluster. */
typedef struct sorted {
    uint32_t n, clusters;
    int64_t *key;      /* cause * products + product, ascending */
    uint32_t *at;      /* index into the window's rows */
    uint32_t *cluster; /* case row -> cluster; only rows of the window are set */
} sorted;

static int64_t key_of(const cb_scope *scope, uint32_t row, uint32_t products)
{
    return (int64_t)cb_dim_word(scope->book, CB_DIM_CAUSE, row) * products +
           cb_dim_word(scope->book, CB_DIM_PRODUCT, row);
}

static cb_status sort_cases(sorted *s, const cb_scope *scope, cb_window_ix ix, cb_error *err)
{
    const cb_slice *cases = &scope->window[ix].cases;
    uint32_t products = cb_dim_groups(scope->book, CB_DIM_PRODUCT);
    s->n = cases->n;
    s->key = cb_arena_array(scope->scratch, s->n, sizeof *s->key);
    s->at = cb_arena_array(scope->scratch, s->n, sizeof *s->at);
    s->cluster = cb_arena_array(scope->scratch, scope->book->table[CB_CASES].n, sizeof *s->cluster);
    if (!s->key || !s->at || !s->cluster)
        return cb_nomem(err, "the clusters");
    for (uint32_t i = 0; i < s->n; i++) {
        s->key[i] = key_of(scope, cases->rows[i], products);
        s->at[i] = i;
    }
    if (cb_sort_pairs(s->key, s->at, s->n, scope->scratch) != CB_OK)
        return cb_nomem(err, "the clusters");
    for (uint32_t i = 0; i < s->n; i++) {
        s->clusters += i == 0 || s->key[i] != s->key[i - 1];
        s->cluster[cases->rows[s->at[i]]] = s->clusters - 1;
    }
    return CB_OK;
}

/* seen[customer] is the last cluster + 1 that counted the customer. */
static void count_case(cb_cluster *k, const cb_scope *scope, uint32_t row, uint32_t *seen,
                       uint32_t mark)
{
    const cb_derived *d = scope->derived;
    uint32_t customer = cb_word(&scope->book->table[CB_CASES], CB_CASE_CUSTOMER, row);
    k->cases++;
    if (customer != CB_UNKNOWN_ID && seen[customer] != mark) {
        seen[customer] = mark;
        k->customers++;
    }
    k->repeats += d->repeat[row] == 1;
    k->repeat_eligible += d->repeat[row] != 2;
    if (d->eligible[row] == 1 && cb_remedy_minor(d, row) < cb_loss_minor(d, row))
        k->shortfall_minor += cb_loss_minor(d, row) - cb_remedy_minor(d, row);
}

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

static cb_status medians(cb_recurrences *out, const cb_scope *scope, const cb_slice *cases,
                         const cb_resolution *resolution, const sorted *s, cb_error *err)
{
    cb_res_source source = {
        .derived = scope->derived,
        .key = cb_res_key_elapsed,
        .rules = {.closed_only = resolution->closed_only, .none = "no case with a known duration"}};
    cb_res_order order = {0};
    cb_res_split split;
    cb_status rc = order_of(&order, cases, &source, resolution, scope, err);
    if (rc == CB_OK)
        rc = cb_res_split_by(&split, &order, s->cluster, s->clusters, scope->scratch, err);
    for (uint32_t k = 0; rc == CB_OK && k < s->clusters; k++) {
        cb_logrank_group part = cb_res_part(&split, k);
        out->cluster[k].median_hours = cb_res_median(&part, &source.rules);
    }
    return rc;
}

cb_status cb_recur_clusters(cb_recurrences *out, const cb_scope *scope, cb_window_ix ix,
                            const cb_resolution *resolution, cb_error *err)
{
    sorted s = {0};
    const cb_slice *cases = &scope->window[ix].cases;
    cb_status rc = sort_cases(&s, scope, ix, err);
    if (rc != CB_OK)
        return rc;
    uint32_t *seen = cb_arena_array(
        scope->scratch, cb_intern_count(scope->book->pool[CB_POOL_CUSTOMER]), sizeof *seen);
    out->cluster = cb_arena_array(scope->arena, s.clusters, sizeof *out->cluster);
    if (!seen || !out->cluster)
        return cb_nomem(err, "the clusters");
    out->clusters = s.clusters;
    for (uint32_t i = 0; i < s.n; i++) {
        uint32_t row = cases->rows[s.at[i]], mark = s.cluster[row];
        cb_cluster *k = &out->cluster[mark];
        k->cause = cb_dim_word(scope->book, CB_DIM_CAUSE, row);
        k->product = cb_dim_word(scope->book, CB_DIM_PRODUCT, row);
        count_case(k, scope, row, seen, mark + 1);
    }
    return medians(out, scope, cases, resolution, &s, err);
}

/* ---- worth ---- */

static int64_t cluster_key(const cb_cluster *k, uint32_t products)
{
    return (int64_t)k->cause * products + k->product;
}

/* Clusters are in the order of their keys until cb_recur_worth has ordered them. */
static uint32_t find(const cb_recurrences *r, int64_t key, uint32_t products)
{
    uint32_t low = 0, high = r->clusters;
    while (high - low > 1) {
        uint32_t mid = low + (high - low) / 2;
        if (cluster_key(&r->cluster[mid], products) <= key)
            low = mid;
        else
            high = mid;
    }
    return low;
}

/* A cost of the window in proportion to the headline has the headline's relative interval. */
static cb_est in_proportion(double minor, cb_est headline)
{
    double one = headline.value;
    if (!(one > 0 || one < 0))
        return cb_est_of(minor, minor, minor);
    return cb_est_of(minor, minor * (headline.low / one), minor * (headline.high / one));
}

static cb_status add_costs(cb_recurrences *out, const cb_scope *scope, cb_window_ix ix,
                           const cb_churn *churn, cb_error *err)
{
    const cb_slice *cases = &scope->window[ix].cases;
    uint32_t products = cb_dim_groups(scope->book, CB_DIM_PRODUCT);
    cb_part_sum *cost = cb_arena_array(scope->scratch, out->clusters, sizeof *cost);
    cb_part_sum *lost = cb_arena_array(scope->scratch, out->clusters, sizeof *lost);
    if (!cost || !lost)
        return cb_nomem(err, "the churn cost of the clusters");
    for (uint32_t i = 0; i < cases->n; i++) {
        uint32_t k = find(out, key_of(scope, cases->rows[i], products), products);
        if (churn->case_cost_minor)
            cb_part_add(&cost[k], churn->case_cost_minor[i]);
        if (churn->case_lost)
            cb_part_add(&lost[k], churn->case_lost[i]);
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

static void finish_cluster(cb_cluster *k, const cb_churn *churn, double yearly,
                           double handling_minor, const char *unpriced)
{
    k->handling_minor = k->cases * handling_minor * yearly;
    double rest = (double)k->shortfall_minor * yearly + k->handling_minor;
    if (unpriced) {
        k->cost_minor = cb_est_none(unpriced);
        k->worth_minor = cb_est_of(rest, rest, rest);
        return;
    }
    k->cost_minor = in_proportion(k->cost_minor.value, churn->cost_minor);
    k->worth_minor =
        cb_est_of(k->cost_minor.value + rest, k->cost_minor.low + rest, k->cost_minor.high + rest);
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

static cb_status worth_of(cb_recurrences *r, const cb_scope *scope, cb_window_ix ix,
                          const cb_churn *churn, double handling_minor, cb_error *err)
{
    double seconds = (double)(cb_recur_end(scope, ix) - scope->window[ix].period.from_utc_s);
    double yearly = seconds > 0 ? 365.25 * CB_DAY_S / seconds : 0;
    const char *unpriced = cb_recur_unpriced(churn);
    cb_status rc = add_costs(r, scope, ix, churn, err);
    r->unpriced = unpriced;
    for (uint32_t k = 0; rc == CB_OK && k < r->clusters; k++)
        finish_cluster(&r->cluster[k], churn, yearly, handling_minor, unpriced);
    if (rc == CB_OK)
        rc = rank(r, scope, err);
    shares(r);
    return rc;
}

cb_status cb_recur_worth(const cb_scope *scope, cb_results *out, cb_error *err)
{
    double handling = scope->settings->assumption[CB_A_HANDLING_COST].base *
                      cb_currency_scale(scope->settings->currency_digits);
    return worth_of(&out[CB_NOW].recurrence, scope, CB_NOW, &out[CB_NOW].churn, handling, err);
}
