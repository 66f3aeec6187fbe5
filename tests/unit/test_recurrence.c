/* Q1 to Q4 against naive twins on random books: every figure worked out again from its definition,
 * in O(n^2) where that is plainer. Then tables by hand, absent columns, threads. Q5 and Q6:
 * test_recurrence_signals.c. */
#include "recurrence_twin.h"

#include "casebook/stats_interval.h"

/* ---- Q1 ---- */

static void check_repeats(const test_world *w, int ix, const cb_recurrences *got)
{
    uint32_t eligible = 0, repeats = 0, recent = 0, all = 0;
    for (uint32_t row = 0; row < cases_of(w)->n; row++) {
        if (!in_window(w, ix, row))
            continue;
        all++;
        eligible += w->derived->repeat[row] != 2;
        repeats += w->derived->repeat[row] == 1;
        recent += opened_of(w, row) - w->book->first_utc_s < 90 * DAY;
    }
    assert_int_equal(got->eligible, eligible);
    assert_int_equal(got->repeats, repeats);
    assert_int_equal(got->no_look_back, recent);
    assert_int_equal(got->eligible + got->no_look_back + got->unknown, all);
    CHECK(eligible ? test_near(got->rate.value, (double)repeats / eligible, 1e-15)
                   : got->rate.reason != NULL,
          "rate");
    CHECK(ix == CB_NOW || (!got->clusters && !got->repeats_of_kind), "more of a comparison window");
    for (uint32_t word = 0; ix == CB_NOW && word < cb_dim_groups(w->book, CB_DIM_KIND); word++) {
        const cb_repeats *kind = &got->repeats_of_kind[word];
        uint32_t n = 0, yes = 0;
        for (uint32_t row = 0; row < cases_of(w)->n; row++) {
            bool mine = in_window(w, ix, row) && word_of(w, CB_CASE_KIND, row) == word;
            n += mine && w->derived->repeat[row] != 2;
            yes += mine && w->derived->repeat[row] == 1;
        }
        CHECK(kind->eligible == n && kind->repeats == yes, "kind %u", word);
        CHECK(n ? test_near(kind->rate.value, (double)yes / n, 1e-15) : kind->rate.reason != NULL,
              "rate of kind %u", word);
    }
}

/* ---- Q3, Q4 ---- */

static bool of_cluster(const test_world *w, int ix, const cb_cluster *k, uint32_t row)
{
    return in_window(w, ix, row) && word_of(w, CB_CASE_CAUSE, row) == k->cause &&
           word_of(w, CB_CASE_PRODUCT, row) == k->product;
}

/* Kaplan-Meier's median by the definition: S(t) over all distinct event times. */
static double naive_median_h(const test_world *w, int ix, const cb_cluster *k)
{
    const cb_derived *d = w->derived;
    double survival = 1;
    for (int64_t last = -1;;) {
        int64_t t = INT64_MAX;
        double at_risk = 0, events = 0;
        for (uint32_t row = 0; row < cases_of(w)->n; row++)
            if (of_cluster(w, ix, k, row) && d->state[row] == CB_STATE_RESOLVED &&
                cb_elapsed_s(d, row) > last && cb_elapsed_s(d, row) < t)
                t = cb_elapsed_s(d, row);
        if (t == INT64_MAX)
            return NAN;
        for (uint32_t row = 0; row < cases_of(w)->n; row++) {
            bool mine = of_cluster(w, ix, k, row) && cb_elapsed_s(d, row) >= 0;
            at_risk += mine && cb_elapsed_s(d, row) >= t;
            events += mine && cb_elapsed_s(d, row) == t && d->state[row] == CB_STATE_RESOLVED;
        }
        survival *= 1 - events / at_risk;
        if (survival <= 0.5 + 1e-9)
            return (double)t / CB_HOUR_S;
        last = t;
    }
}

static uint32_t distinct_customers(const test_world *w, int ix, const cb_cluster *k)
{
    uint32_t n = 0;
    for (uint32_t c = 1; c < cb_intern_count(w->book->pool[CB_POOL_CUSTOMER]); c++) {
        bool found = false;
        for (uint32_t row = 0; row < cases_of(w)->n; row++)
            found |= of_cluster(w, ix, k, row) && word_of(w, CB_CASE_CUSTOMER, row) == c;
        n += found;
    }
    return n;
}

static void check_money(const test_world *w, int ix, const cb_cluster *k, const cb_churn *churn,
                        const char *unpriced)
{
    const cb_slice *rows = &w->scope.window[ix].cases;
    double cost = 0, lost = 0,
           days = (double)(end_of(w, ix) - w->scope.window[ix].period.from_utc_s) / CB_DAY_S;
    for (uint32_t i = 0; i < rows->n; i++)
        if (of_cluster(w, ix, k, rows->rows[i])) {
            cost += churn->case_cost_minor ? churn->case_cost_minor[i] : 0;
            lost += churn->case_lost ? churn->case_lost[i] : 0;
        }
    double rest = ((double)k->shortfall_minor + k->cases * 1250.0) * 365.25 / days;
    double lasts = w->scope.settings->assumption[CB_A_AFTER_PROBLEM_DAYS].base;
    double year = days < lasts ? lasts / days : 1;
    double few = cb_gamma_quantile(.025, k->cases, 1) / k->cases,
           many = cb_gamma_quantile(.975, k->cases + 1.0, 1) / k->cases;
    CHECK(test_near(k->handling_minor, k->cases * 1250.0 * 365.25 / days, 1e-6), "handling");
    if (unpriced) {
        CHECK(isnan(k->cost_minor.value) && k->cost_minor.reason, "a cost without a price");
        CHECK(test_near(k->worth_minor.value, rest, 1e-6 * rest), "worth %f, want %f",
              k->worth_minor.value, rest);
        CHECK(test_near(k->worth_minor.high, rest * many, 1e-6 * rest * many), "upper end");
        return;
    }
    CHECK(test_near(k->cost_minor.value, cost, 1e-9 * fabs(cost)), "cost");
    CHECK(test_near(k->customers_lost, lost, 1e-12 * (1 + lost)), "customers lost");
    CHECK(test_near(k->worth_minor.value, cost * year + rest, 1e-9 * (cost * year + rest)),
          "worth");
    double scale = churn->cost_minor.value > 0 ? cost * year / churn->cost_minor.value : 0;
    double low = churn->cost_minor.low * scale + rest;
    CHECK(test_near(k->worth_minor.high, (churn->cost_minor.high * scale + rest) * many,
                    1e-8 * k->worth_minor.high),
          "upper end");
    CHECK(test_near(k->worth_minor.low, low * (low < 0 ? many : few), 1e-8 * k->worth_minor.high),
          "lower end");
}

static void check_cluster(const test_world *w, int ix, const cb_cluster *k)
{
    const cb_derived *d = w->derived;
    uint32_t n = 0, repeats = 0, eligible = 0;
    int64_t shortfall = 0;
    for (uint32_t row = 0; row < cases_of(w)->n; row++) {
        if (!of_cluster(w, ix, k, row))
            continue;
        n++;
        repeats += d->repeat[row] == 1;
        eligible += d->repeat[row] < 2;
        if (d->eligible[row] && cb_loss_minor(d, row) > cb_remedy_minor(d, row))
            shortfall += cb_loss_minor(d, row) - cb_remedy_minor(d, row);
    }
    CHECK(n > 0 && k->cases == n && k->repeats == repeats && k->repeat_eligible == eligible,
          "counts of a cluster");
    assert_int_equal(k->shortfall_minor, shortfall);
    assert_int_equal(k->customers, distinct_customers(w, ix, k));
    CHECK(test_near(k->median_hours.value, naive_median_h(w, ix, k), 1e-9), "median %f, want %f",
          k->median_hours.value, naive_median_h(w, ix, k));
}

static void check_clusters(const test_world *w, int ix, const cb_results *results)
{
    const cb_recurrences *got = &results->recurrence;
    double worth = 0, lost = 0;
    uint32_t cases = 0;
    for (uint32_t i = 0; i < got->clusters; i++) {
        const cb_cluster *k = &got->cluster[i];
        check_cluster(w, ix, k);
        check_money(w, ix, k, &results->churn, got->unpriced);
        cases += k->cases;
        worth += k->worth_minor.value;
        lost += isfinite(k->customers_lost) ? k->customers_lost : 0;
        for (uint32_t j = 0; j < i; j++)
            CHECK(got->cluster[j].cause != k->cause || got->cluster[j].product != k->product,
                  "a cluster twice");
        CHECK(i == 0 || k[-1].worth_minor.value > k->worth_minor.value ||
                  (k[-1].worth_minor.value >= k->worth_minor.value && k[-1].cases >= k->cases),
              "order of clusters");
    }
    assert_int_equal(cases, w->scope.window[ix].cases.n);
    for (uint32_t i = 0; i < got->clusters; i++) {
        const cb_cluster *k = &got->cluster[i];
        CHECK(test_near(k->share_cases, (double)k->cases / cases, 1e-12), "share of cases");
        CHECK(test_near(k->share_worth, worth > 0 ? k->worth_minor.value / worth : NAN, 1e-9),
              "share of worth");
        CHECK(test_near(k->share_customers_lost, lost > 0 ? k->customers_lost / lost : NAN, 1e-9),
              "share of lost");
    }
}

/* ---- chains, breakdowns ---- */

static void check_chains(const test_world *w, const cb_recurrences *got)
{
    uint32_t want[12] = {0}, n = cases_of(w)->n;
    uint32_t *next = calloc(n + 1, sizeof *next);
    bool *has_before = calloc(n + 1, sizeof *has_before);
    assert_true(next && has_before);
    for (uint32_t row = 0; row < n; row++) {
        next[row] = follower(w, row);
        if (next[row] != CB_NO_ROW)
            has_before[next[row]] = true;
    }
    for (uint32_t row = 0; row < n; row++) {
        uint32_t last = row, length = 1;
        if (has_before[row] || !word_of(w, CB_CASE_KIND, row) ||
            !word_of(w, CB_CASE_CUSTOMER, row) || opened_of(w, row) >= end_of(w, CB_NOW))
            continue;
        for (; next[last] != CB_NO_ROW; last = next[last])
            length++;
        if (opened_of(w, last) >= w->scope.window[CB_NOW].period.from_utc_s)
            want[length < 12 ? length - 1 : 11]++;
    }
    for (uint32_t i = 0; i < 12; i++)
        CHECK(got->chain[i].length == i + 1 && got->chain[i].chains == want[i],
              "chains of %u: %u, want %u", i + 1, got->chain[i].chains, want[i]);
    free(next);
    free(has_before);
}

/* Of the stretches of 365 days that end with a case of the window: the most cases; of equal ones
 * the earliest. */
static uint32_t naive_breakdown(const test_world *w, uint32_t customer, uint32_t product,
                                int64_t *first, int64_t *last)
{
    uint32_t best = 0;
    for (uint32_t row = 0; row < cases_of(w)->n; row++) {
        uint32_t n = 0;
        int64_t to = opened_of(w, row), from = to;
        if (word_of(w, CB_CASE_CUSTOMER, row) != customer ||
            word_of(w, CB_CASE_PRODUCT, row) != product || to >= end_of(w, CB_NOW) ||
            to < w->scope.window[CB_NOW].period.from_utc_s)
            continue;
        for (uint32_t other = 0; other < cases_of(w)->n; other++) {
            int64_t at = opened_of(w, other);
            if (word_of(w, CB_CASE_CUSTOMER, other) == customer &&
                word_of(w, CB_CASE_PRODUCT, other) == product && at <= to && to - at <= 365 * DAY) {
                n++;
                from = at < from ? at : from;
            }
        }
        if (n > best || (n == best && to < *last)) {
            best = n;
            *first = from;
            *last = to;
        }
    }
    return best;
}

/* Is the unit one of those that most of the stretch's cases name? */
static void check_unit(const test_world *w, const cb_breakdown *b)
{
    uint32_t most = 0, mine = 0;
    for (uint32_t unit = 1; unit < cb_intern_count(w->book->pool[CB_POOL_UNIT]); unit++) {
        uint32_t n = 0;
        for (uint32_t row = 0; row < cases_of(w)->n; row++)
            n += word_of(w, CB_CASE_CUSTOMER, row) == b->customer &&
                 word_of(w, CB_CASE_PRODUCT, row) == b->product &&
                 opened_of(w, row) >= b->first_utc_s && opened_of(w, row) <= b->last_utc_s &&
                 word_of(w, CB_CASE_UNIT, row) == unit;
        most = n > most ? n : most;
        mine = unit == b->unit ? n : mine;
    }
    CHECK(mine == most && (b->unit != 0) == (most > 0), "unit named by %u, most by %u", mine, most);
}

static void check_breakdowns(const test_world *w, const cb_recurrences *got)
{
    uint32_t n = 0, customers = 0, cases = 0;
    for (uint32_t c = 1; c < cb_intern_count(w->book->pool[CB_POOL_CUSTOMER]); c++)
        for (uint32_t p = 1; p < cb_intern_count(w->book->pool[CB_POOL_PRODUCT]); p++) {
            int64_t first = 0, last = 0;
            uint32_t want = naive_breakdown(w, c, p, &first, &last);
            if (want < 3)
                continue;
            n++;
            uint32_t i = 0;
            while (i < got->breakdowns &&
                   (got->breakdown[i].customer != c || got->breakdown[i].product != p))
                i++;
            CHECK(i < got->breakdowns, "a breakdown is missing");
            const cb_breakdown *b = &got->breakdown[i];
            CHECK(b->cases == want && b->first_utc_s == first && b->last_utc_s == last,
                  "%u cases, want %u", b->cases, want);
            check_unit(w, b);
        }
    assert_int_equal(got->breakdowns, n);
    for (uint32_t i = 0; i < got->breakdown_products; i++) {
        customers += got->breakdown_product[i].customers;
        cases += got->breakdown_product[i].cases;
    }
    assert_int_equal(customers, n);
    for (uint32_t i = 0; i < got->breakdowns; i++) {
        cases -= got->breakdown[i].cases;
        CHECK(i == 0 || got->breakdown[i - 1].cases >= got->breakdown[i].cases,
              "order of breakdowns");
    }
    assert_int_equal(cases, 0);
}

/* ---- Q2 ---- */

enum { MOST_UNITS = 64, MOST_STEPS = RANDOM_DAYS + 2 };

typedef struct naive_units {
    unsigned n;
    int64_t end[MOST_UNITS];
    uint32_t events[MOST_UNITS][MOST_STEPS]; /* by day */
} naive_units;

static bool stay_of(const test_world *w, uint32_t customer, int64_t *from, int64_t *last,
                    uint32_t *skip)
{
    const cb_table *list = &w->book->table[CB_CUSTOMERS];
    *last = end_of(w, CB_NOW) - 1;
    *from = w->book->first_utc_s;
    *skip = CB_NO_ROW;
    if (w->book->customer_row) {
        uint32_t row = w->book->customer_row[customer];
        if (row == CB_NO_ROW)
            return false;
        int64_t since = cb_time(list, CB_CUSTOMER_SINCE, row),
                left = cb_time(list, CB_CUSTOMER_CHURNED, row);
        *from = since > *from ? since : *from;
        *last = left != CB_NO_TIME && left < *last ? left : *last;
        return *from <= *last;
    }
    for (uint32_t row = 0; row < cases_of(w)->n; row++)
        if (word_of(w, CB_CASE_CUSTOMER, row) == customer &&
            (*skip == CB_NO_ROW || opened_of(w, row) < opened_of(w, *skip)))
            *skip = row;
    *from = *skip == CB_NO_ROW ? 0 : opened_of(w, *skip);
    return *skip != CB_NO_ROW && *from <= *last;
}

static void collect(const test_world *w, naive_units *u)
{
    memset(u, 0, sizeof *u);
    for (uint32_t c = 1; c < cb_intern_count(w->book->pool[CB_POOL_CUSTOMER]); c++) {
        int64_t from, last;
        uint32_t skip;
        if (!stay_of(w, c, &from, &last, &skip))
            continue;
        assert_true(u->n < MOST_UNITS);
        u->end[u->n] = from == CB_NO_TIME ? -1 : (last - from) / DAY; /* no case at all */
        for (uint32_t row = 0; row < cases_of(w)->n; row++)
            if (row != skip && word_of(w, CB_CASE_CUSTOMER, row) == c &&
                opened_of(w, row) >= from && opened_of(w, row) <= last)
                u->events[u->n][(opened_of(w, row) - from) / DAY]++;
        u->n++;
    }
}

/* Nelson's variance of M at a day, from all pairs of days up to it. */
static double naive_variance(const naive_units *u, int64_t day)
{
    double variance = 0;
    for (int64_t v = 0; v <= day; v++)
        for (int64_t k = 0; k <= v; k++) {
            double nk = 0, nv = 0, mean_k = 0, mean_v = 0, product = 0;
            for (unsigned i = 0; i < u->n; i++) {
                nk += u->end[i] >= k;
                if (u->end[i] < v)
                    continue;
                nv++;
                mean_k += u->events[i][k];
                mean_v += u->events[i][v];
                product += (double)u->events[i][k] * u->events[i][v];
            }
            if (nv > 0 && mean_v > 0 && mean_k > 0)
                variance += (k < v ? 2 : 1) * (product - mean_k * mean_v / nv) / (nv - 1) / nk;
        }
    return variance;
}

static void check_mcf(const test_world *w, const cb_recurrences *got, bool with_variance)
{
    naive_units *u = malloc(sizeof *u);
    double mean = 0;
    unsigned point = 0, steps = 0;
    assert_non_null(u);
    collect(w, u);
    assert_int_equal(got->mcf_customers, u->n);
    for (int64_t day = 0; day < MOST_STEPS; day++) {
        double events = 0, at_risk = 0;
        for (unsigned i = 0; i < u->n; i++) {
            events += u->events[i][day];
            at_risk += u->end[i] >= day;
        }
        if (events <= 0)
            continue;
        steps++;
        mean += events / at_risk;
        if (point >= got->mcf_points || !test_near(got->mcf[point].days, (double)day, 1e-9))
            continue;
        const cb_mcf_point *p = &got->mcf[point++];
        CHECK(test_near(p->mean, mean, 1e-9) && p->at_risk == (uint32_t)at_risk,
              "M(%d) = %.12f, want %.12f", (int)day, p->mean, mean);
        double variance = with_variance && at_risk > 1 ? naive_variance(u, day) : -1;
        if (variance >= 1e-9)
            CHECK(test_near(p->high, mean + 1.959963984540054 * sqrt(variance), 1e-7),
                  "upper end of M(%d)", (int)day);
    }
    CHECK(point == got->mcf_points && point == (steps < 120 ? steps : 120), "%u points of %u steps",
          point, steps);
    CHECK((got->mcf_reason != NULL) == (steps == 0), "why there is no function");
    free(u);
}

/* ---- random books ---- */

static void check_book(const test_world *w, const cb_results *results, int book)
{
    for (int ix = 0; ix < CB_WINDOWS; ix++)
        check_repeats(w, ix, &results[ix].recurrence);
    check_clusters(w, CB_NOW, &results[CB_NOW]);
    const cb_recurrences *now = &results[CB_NOW].recurrence;
    check_chains(w, now);
    check_breakdowns(w, now);
    check_mcf(w, now, book % 20 == 0);
}

static void against_twins(void **state)
{
    (void)state;
    uint64_t seed = 20260801;
    for (int book = 0; book < test_books(300); book++) {
        test_world w;
        cb_results results[CB_WINDOWS];
        random_plan plan = random_shape(&seed, book % 5 == 0 ? 260 : 90);
        random_world_open(&w, &seed, &plan, random_config);
        test_world_run(&w, measures, random_period(&seed), results);
        check_book(&w, results, book);
        test_world_close(&w);
    }
}

/* ---- by hand ---- */

/* Three breakdowns of a machine, one of another; a chain of three late deliveries, then one 91 days
 * later. */
static void by_hand(void **state)
{
    static const struct {
        int day;
        const char *customer, *kind, *product, *unit;
    } rows[] = {{0, "a", "late", "x", "u1"},    {100, "a", "late", "x", "u1"},
                {190, "a", "late", "x", "u2"},  {281, "a", "late", "y", "u1"},
                {365, "a", "wrong", "x", "u1"}, {366, "b", "late", "x", NULL}};
    (void)state;
    test_book b;
    test_world w;
    cb_results results[CB_WINDOWS];
    test_book_init(&b);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        uint32_t row = test_case(&b, &(test_case_row){.opened = RANDOM_T0 + rows[i].day * DAY,
                                                      .customer = rows[i].customer,
                                                      .kind = rows[i].kind,
                                                      .product = rows[i].product});
        if (rows[i].unit)
            test_word(&b, CB_CASES, row, CB_CASE_UNIT, rows[i].unit);
    }
    test_world_open(&w, &b, RANDOM_T0 + 400 * DAY, NULL, 1);
    test_world_run(&w, measures, "2024-01-01..2025-01-31", results);
    const cb_recurrences *r = &results[CB_NOW].recurrence;
    assert_int_equal(r->breakdowns, 1);
    assert_int_equal(r->breakdown[0].cases, 4); /* day 0 to 365, both ends in */
    CHECK(cb_str_eq(cb_intern_text(w.book->pool[CB_POOL_UNIT], r->breakdown[0].unit), CB_LIT("u1")),
          "the unit of most");
    assert_int_equal(r->chain[0].chains, 4); /* day 0; day 281; wrong; b */
    assert_int_equal(r->chain[1].chains, 1); /* day 100 and 190: 90 days apart */
    assert_int_equal(r->repeats, 1);
    assert_int_equal(r->eligible, 5);
    assert_int_equal(r->no_look_back, 1);
    test_world_close(&w);
}

/* Nothing, or nothing known: worded, never a 0 that means unknown. */
static void nothing_to_see(void **state)
{
    (void)state;
    for (int n = 0; n < 3; n++) {
        test_book b;
        test_world w;
        cb_results results[CB_WINDOWS];
        test_book_init(&b);
        for (int i = 0; i < n; i++) {
            uint32_t row = test_row(&b, CB_CASES);
            test_time(&b, CB_CASES, row, CB_CASE_OPENED, RANDOM_T0 + 200 * DAY * i);
        }
        test_world_open(&w, &b, RANDOM_T0 + 300 * DAY, NULL, 1);
        test_world_run(&w, measures, "2024-Q3", results);
        const cb_recurrences *r = &results[CB_NOW].recurrence;
        assert_int_equal(r->clusters, n == 2);
        CHECK(r->rate.reason && isnan(r->rate.value), "a rate of no case");
        CHECK(r->mcf_reason && r->mcf_points == 0, "a function without customers");
        CHECK(r->breakdowns_reason && strstr(r->breakdowns_reason, "customer_id"),
              "breakdowns without customers");
        CHECK((r->signals_reason != NULL) == (n == 0), "signals of %d cases", n);
        CHECK(n < 2 || (r->unpriced && r->cluster[0].cost_minor.reason &&
                        isnan(r->cluster[0].customers_lost)),
              "a cost");
        assert_int_equal(r->pairs_tested, 0);
        test_world_close(&w);
    }
}

/* ---- threads ---- */

#define SAME(array, n)                                                                             \
    CHECK((n) == 0 || !memcmp(a->array, b->array, (n) * sizeof *a->array),                         \
          #array " depends on threads: %u", threads)

static void compare_window(const cb_recurrences *a, const cb_recurrences *b, unsigned threads)
{
    CHECK(a->clusters == b->clusters && a->signals == b->signals && a->pairs == b->pairs &&
              a->breakdowns == b->breakdowns && a->mcf_points == b->mcf_points &&
              a->breakdown_products == b->breakdown_products,
          "counts depend on threads: %u", threads);
    SAME(cluster, a->clusters);
    SAME(signal, a->signals);
    SAME(pair, a->pairs);
    SAME(breakdown, a->breakdowns);
    SAME(breakdown_product, a->breakdown_products);
    SAME(mcf, a->mcf_points);
    CHECK(!memcmp(a->chain, b->chain, sizeof a->chain) &&
              !memcmp(&a->rate, &b->rate, sizeof a->rate),
          "chains or rate");
}

static void compare(const cb_results *got, const cb_results *want, unsigned threads)
{
    CHECK(want->recurrence.breakdowns > 10 && want->recurrence.signals > 10,
          "a book with something to compare");
    for (int ix = 0; ix < CB_WINDOWS; ix++)
        compare_window(&got[ix].recurrence, &want[ix].recurrence, threads);
}

static void threads_do_not_show(void **state)
{
    (void)state;
    random_plan plan = {
        .cases = 60000, .customers = 30000, .words = 12, .present_percent = 100, .list = true};
    random_on_threads(measures, 77, &plan, compare);
}

/* What a report leaves out is not there; all else is as with it. */
static void parts_left_out(void **state)
{
    (void)state;
    uint64_t seed = 78;
    test_book b;
    test_world w;
    cb_results whole[CB_WINDOWS], less[CB_WINDOWS];
    random_plan plan = {
        .cases = 3000, .customers = 700, .words = 5, .present_percent = 95, .list = true};
    random_book_fill(&b, &seed, &plan);
    test_world_open(&w, &b, RANDOM_AS_OF, random_config, 2);
    test_world_run(&w, cb_measures, "2025-Q3", whole);
    w.scope.left_out = CB_PART_COURSES | CB_PART_RECOVERY | CB_PART_FUNNELS;
    assert_int_equal(cb_measures_run(&w.scope, less, NULL), CB_OK);
    const cb_results *a = &whole[CB_NOW], *z = &less[CB_NOW];
    assert_true(a->recurrence.mcf_points && a->recurrence.chain[0].chains &&
                a->practice.regression[0].n);
    assert_true(a->fairness.funnel[CB_FUNNEL_REPEAT].groups && a->recurrence.pairs_tested);
    assert_true(!z->recurrence.mcf_points && !z->recurrence.breakdowns &&
                !z->recurrence.chain[0].chains && !z->recurrence.pairs_tested);
    assert_true(!z->practice.regression[0].n && !z->practice.liability &&
                !z->fairness.funnel[CB_FUNNEL_REPEAT].groups);
    assert_int_equal(a->recurrence.clusters, z->recurrence.clusters);
    assert_memory_equal(a->recurrence.cluster, z->recurrence.cluster,
                        a->recurrence.clusters * sizeof *a->recurrence.cluster);
    assert_int_equal(a->recurrence.signals, z->recurrence.signals);
    assert_memory_equal(a->recurrence.signal, z->recurrence.signal,
                        a->recurrence.signals * sizeof *a->recurrence.signal);
    for (int step = 0; step < CB_STEPS; step++) {
        assert_int_equal(a->practice.step[step].done, z->practice.step[step].done);
        assert_memory_equal(a->practice.step[step].effect, z->practice.step[step].effect,
                            sizeof a->practice.step[step].effect);
    }
    assert_int_equal(a->fairness.hidden_teams, z->fairness.hidden_teams);
    test_world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),        cmocka_unit_test(nothing_to_see),
        cmocka_unit_test(against_twins),  cmocka_unit_test(threads_do_not_show),
        cmocka_unit_test(parts_left_out),
    };
    cb_stats_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
