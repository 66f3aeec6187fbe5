/* Q5 and Q6 against naive twins on random books: bunches of each customer counted again, exact
 * tests by summing the binomial law. Then a bunch and a true rise of the same counts. */
#include "recurrence_twin.h"

#include "casebook/stats_bunches.h"

/* ---- Q5 ---- */

typedef struct stretch {
    int64_t from[5], to[5]; /* 0: the window */
    int n;
} stretch;

static stretch stretches(const test_world *w)
{
    stretch s = {
        .from = {w->scope.window[CB_NOW].period.from_utc_s}, .to = {end_of(w, CB_NOW)}, .n = 1};
    cb_period p = w->scope.window[CB_NOW].period;
    bool week = p.to_utc_s - p.from_utc_s <= 8 * DAY;
    for (int i = 1; i <= 4; i++) {
        p = cb_period_before(&p, w->settings->zone);
        int64_t from = week ? s.from[0] - i * 7 * DAY : p.from_utc_s,
                to = week ? s.to[0] - i * 7 * DAY : p.to_utc_s;
        if (from < w->book->first_utc_s)
            from = w->book->first_utc_s;
        if (to <= from)
            break;
        s.from[s.n] = from;
        s.to[s.n++] = to;
    }
    return s;
}

/* 1 window, 0 before, -1 neither */
static int side_of(const stretch *s, int64_t t)
{
    for (int i = 0; i < s->n; i++)
        if (t >= s->from[i] && t < s->to[i])
            return i == 0;
    return -1;
}

static double choose_log(double n, double k)
{
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1);
}

static double naive_binomial_p(uint32_t x, uint32_t n, double share)
{
    double sum = 0, mine = choose_log(n, x) + x * log(share) + (n - x) * log1p(-share);
    for (uint32_t k = 0; k <= n; k++) {
        double mass = choose_log(n, k) + k * log(share) + (n - k) * log1p(-share);
        sum += mass <= mine + 1e-7 ? exp(mass) : 0;
    }
    return fmin(1, sum);
}

typedef struct naive_bunches {
    double now, n, customers, squares, whole; /* squares: of residuals */
    bool bunched, estimable;
} naive_bunches;

/* Customer 0 is the unknown one: each of its cases is a customer's only one. */
static naive_bunches bunches_of(const test_world *w, const stretch *s, cb_dim dim, uint32_t word)
{
    naive_bunches b = {0};
    uint32_t customers = cb_intern_count(w->book->pool[CB_POOL_CUSTOMER]);
    for (int pass = 0; pass < 2; pass++)
        for (uint32_t c = 0; c < customers; c++) {
            double x = 0, all = 0, share = pass ? b.now / b.n : 0;
            for (uint32_t row = 0; row < cases_of(w)->n; row++) {
                int side = side_of(s, opened_of(w, row));
                if (side < 0 || cb_dim_word(w->book, dim, row) != word ||
                    word_of(w, CB_CASE_CUSTOMER, row) != c)
                    continue;
                x += side;
                all++;
                if (pass && c == 0)
                    b.squares += (side - share) * (side - share);
            }
            if (pass == 0) {
                b.now += x;
                b.n += all;
                b.customers += c ? all > 0 : all;
                b.whole += c ? all * all : all;
                b.bunched |= c && all > 1;
            } else if (c)
                b.squares += (x - share * all) * (x - share * all);
        }
    b.estimable = b.now > 0 && b.now < b.n && b.customers > 1;
    return b;
}

static double independent_of(const naive_bunches *b)
{
    return b->n * (b->now / b->n) * (1 - b->now / b->n);
}

static double naive_pooled(const test_world *w, const stretch *s, cb_dim dim)
{
    double seen = 0, independent = 0;
    for (uint32_t word = 1; word < cb_dim_groups(w->book, dim); word++) {
        naive_bunches b = bunches_of(w, s, dim, word);
        if (!b.estimable)
            continue;
        seen += b.bunched ? b.customers / (b.customers - 1) * b.squares : independent_of(&b);
        independent += independent_of(&b);
    }
    return independent > 0 ? fmax(1, seen / independent) : 1;
}

static double naive_effect(const naive_bunches *b, double pooled)
{
    if (!b->bunched)
        return 1;
    double whole = fmax(1, b->whole / b->n);
    double own =
        b->estimable ? b->customers / (b->customers - 1) * b->squares / independent_of(b) : whole;
    return fmax(fmax(own, pooled), b->customers < 10 ? whole : 1);
}

static void check_signal(const test_world *w, const stretch *s, const cb_signal *got,
                         const double pooled[CB_DIMS])
{
    uint32_t now = 0, before = 0;
    double days = 0;
    for (uint32_t row = 0; row < cases_of(w)->n; row++) {
        int side =
            cb_dim_word(w->book, got->dim, row) == got->word ? side_of(s, opened_of(w, row)) : -1;
        now += side == 1;
        before += side == 0;
    }
    for (int i = 1; i < s->n; i++)
        days += (double)(s->to[i] - s->from[i]) / CB_DAY_S;
    CHECK(got->word > 0 && got->now == now && got->before == before && now + before >= 5,
          "cases of a signal");
    CHECK(test_near(got->exposure_now, (double)(s->to[0] - s->from[0]) / CB_DAY_S, 1e-9),
          "exposure");
    CHECK(test_near(got->exposure_before, days, 1e-9), "exposure before");
    naive_bunches bunches = bunches_of(w, s, got->dim, got->word);
    double effect = naive_effect(&bunches, pooled[got->dim]);
    CHECK(test_near(got->effect, effect, 1e-9 * effect), "effect %.12f, want %.12f", got->effect,
          effect);
    assert_int_equal(got->customers, (uint32_t)bunches.customers);
    if (effect <= 1)
        CHECK(test_near(got->p,
                        naive_binomial_p(now, now + before,
                                         got->exposure_now / (got->exposure_now + days)),
                        1e-9),
              "p %g of %u and %u", got->p, now, before);
    if (before > 0)
        CHECK(test_near(got->ratio.value, now / got->exposure_now / (before / days), 1e-9),
              "ratio");
    CHECK(got->rising == (now / got->exposure_now > before / days * (1 + 1e-12)) &&
              got->is_new == (before == 0),
          "direction");
}

/* Benjamini and Hochberg: the least m p(k) / k over k >= the rank. */
static double naive_q(const cb_signal *all, uint32_t n, double p)
{
    double q = 1;
    for (uint32_t i = 0; i < n; i++) {
        double rank = 0;
        for (uint32_t k = 0; k < n; k++)
            rank += all[k].p <= all[i].p;
        if (all[i].p >= p)
            q = fmin(q, all[i].p * n / rank);
    }
    return q;
}

static void check_signals(const test_world *w, const cb_recurrences *got)
{
    static const cb_dim dims[] = {CB_DIM_CAUSE, CB_DIM_PRODUCT, CB_DIM_KIND};
    uint32_t groups = 0;
    if (got->signals_reason) {
        assert_int_equal(got->signals, 0);
        CHECK(cases_of(w)->n == 0 || stretches(w).n == 1 ||
                  end_of(w, CB_NOW) <= stretches(w).from[0],
              "why none");
        return;
    }
    stretch s = stretches(w);
    double pooled[CB_DIMS] = {0};
    for (int d = 0; d < 3; d++)
        pooled[dims[d]] = naive_pooled(w, &s, dims[d]);
    for (int d = 0; d < 3; d++)
        for (uint32_t word = 1; word < cb_dim_groups(w->book, dims[d]); word++) {
            uint32_t n = 0;
            for (uint32_t row = 0; row < cases_of(w)->n; row++)
                n += cb_dim_word(w->book, dims[d], row) == word &&
                     side_of(&s, opened_of(w, row)) >= 0;
            groups += n >= 5;
        }
    CHECK(got->signals == groups && got->signals_tested == groups, "%u groups, want %u",
          got->signals, groups);
    for (uint32_t i = 0; i < got->signals; i++) {
        const cb_signal *g = &got->signal[i];
        check_signal(w, &s, g, pooled);
        CHECK(test_near(g->q, naive_q(got->signal, groups, g->p), 1e-12), "q");
        CHECK(g->significant == (g->q < 0.05), "verdict");
        CHECK(i == 0 || g[-1].significant > g->significant ||
                  (g[-1].significant == g->significant && g[-1].q <= g->q),
              "order of signals");
    }
}

/* ---- Q6 ---- */

typedef struct naive_table {
    double once, a, b, n;
} naive_table;

/* Place of a word among the 300 most frequent with 10 cases or more; here: 0 for all others. */
static uint32_t place_of(const test_world *w, cb_dim dim, uint32_t row)
{
    uint32_t word = cb_dim_word(w->book, dim, row), n = 0;
    for (uint32_t other = 0; other < cases_of(w)->n; other++)
        n += in_window(w, CB_NOW, other) && cb_dim_word(w->book, dim, other) == word;
    return word != CB_UNKNOWN_ID && n >= 10 ? word : 0;
}

/* The first case of its customer in its cell? Cases without a customer always are. */
static bool first_of_cell(const test_world *w, const uint32_t *a, const uint32_t *b, uint32_t row)
{
    uint32_t customer = word_of(w, CB_CASE_CUSTOMER, row);
    for (uint32_t other = 0; other < row; other++)
        if (customer && in_window(w, CB_NOW, other) &&
            word_of(w, CB_CASE_CUSTOMER, other) == customer && a[other] == a[row] &&
            b[other] == b[row])
            return false;
    return true;
}

static void places_of(const test_world *w, cb_dim dim, uint32_t *place)
{
    for (uint32_t row = 0; row < cases_of(w)->n; row++)
        place[row] = in_window(w, CB_NOW, row) ? place_of(w, dim, row) : 0;
}

static const cb_pair_lift *find_pair(const cb_recurrences *r, cb_dim da, uint32_t a, cb_dim db,
                                     uint32_t b)
{
    for (uint32_t i = 0; i < r->pairs; i++)
        if (r->pair[i].dim_a == da && r->pair[i].dim_b == db && r->pair[i].word_a == a &&
            r->pair[i].word_b == b)
            return &r->pair[i];
    return NULL;
}

static naive_table table_of(const test_world *w, const uint32_t *pa, const uint32_t *pb,
                            const bool *first, uint32_t a, uint32_t b)
{
    naive_table t = {0};
    for (uint32_t row = 0; row < cases_of(w)->n; row++) {
        if (!first[row])
            continue;
        t.n++;
        t.a += pa[row] == a;
        t.b += pb[row] == b;
        t.once += pa[row] == a && pb[row] == b;
    }
    return t;
}

static void check_pair(const test_world *w, const cb_pair_lift *got, const naive_table *t)
{
    uint32_t n = 0, a = 0, b = 0, both = 0;
    double share = t->a / t->n, p = 0;
    for (uint32_t row = 0; row < cases_of(w)->n; row++) {
        if (!in_window(w, CB_NOW, row))
            continue;
        bool has_a = cb_dim_word(w->book, got->dim_a, row) == got->word_a,
             has_b = cb_dim_word(w->book, got->dim_b, row) == got->word_b;
        n++;
        a += has_a;
        b += has_b;
        both += has_a && has_b;
    }
    CHECK(got->n == n && got->a == a && got->b == b && got->both == both && both >= 10,
          "cases of a pair");
    CHECK(test_near(got->lift, (double)both * n / ((double)a * b), 1e-12) && got->lift > 1, "lift");
    CHECK(test_near(got->leverage, (double)both / n - (double)a / n * b / n, 1e-12), "leverage");
    CHECK(got->once == (uint32_t)t->once, "customers of a pair");
    for (double k = t->once; k <= t->b; k++)
        p += exp(choose_log(t->b, k) + k * log(share) + (t->b - k) * log1p(-share));
    CHECK(test_near(got->p, p, 1e-9), "p of a pair: %g, want %g", got->p, p);
    CHECK(got->q < 0.05 && got->q >= got->p, "q of a pair");
}

static uint32_t check_dims(const test_world *w, const cb_recurrences *got, cb_dim da, cb_dim db)
{
    uint32_t n = cases_of(w)->n, tested = 0;
    uint32_t *pa = calloc(n + 1, sizeof *pa), *pb = calloc(n + 1, sizeof *pb);
    bool *first = calloc(n + 1, sizeof *first);
    assert_true(pa && pb && first);
    places_of(w, da, pa);
    places_of(w, db, pb);
    for (uint32_t row = 0; row < n; row++)
        first[row] = in_window(w, CB_NOW, row) && first_of_cell(w, pa, pb, row);
    for (uint32_t a = 1; a < cb_dim_groups(w->book, da); a++)
        for (uint32_t b = 1; b < cb_dim_groups(w->book, db); b++) {
            naive_table t = table_of(w, pa, pb, first, a, b);
            const cb_pair_lift *pair = find_pair(got, da, a, db, b);
            bool test = t.a > 0 && t.b > 0 && t.a * t.b >= t.n;
            tested += test;
            CHECK(!pair || test, "a pair that was not to be tested");
            if (pair)
                check_pair(w, pair, &t);
        }
    free(pa);
    free(pb);
    free(first);
    return tested;
}

static void check_pairs(const test_world *w, const cb_recurrences *got)
{
    uint32_t tested = 0;
    for (int a = 0; a < CB_DIMS; a++)
        for (int b = a + 1; b < CB_DIMS; b++)
            tested += check_dims(w, got, (cb_dim)a, (cb_dim)b);
    CHECK(got->pairs_tested == tested, "%u pairs tested, want %u", got->pairs_tested, tested);
    for (uint32_t i = 1; i < got->pairs; i++)
        CHECK(got->pair[i - 1].leverage >= got->pair[i].leverage, "order of pairs");
}

/* ---- random books ---- */

static void against_twins(void **state)
{
    (void)state;
    uint64_t seed = 20260806;
    uint32_t significant = 0, pairs = 0;
    for (int book = 0; book < test_books(300); book++) {
        test_world w;
        cb_results results[CB_WINDOWS];
        random_plan plan = random_shape(&seed, book % 5 == 0 ? 260 : 90);
        random_world_open(&w, &seed, &plan, random_config);
        test_world_run(&w, measures, random_period(&seed), results);
        const cb_recurrences *now = &results[CB_NOW].recurrence;
        check_signals(&w, now);
        check_pairs(&w, now);
        for (uint32_t i = 0; i < now->signals; i++)
            significant += now->signal[i].p < 0.2;
        pairs += now->pairs_tested;
        test_world_close(&w);
    }
    CHECK(test_books(300) < 300 || (significant > 20 && pairs > 200),
          "%u low p values, %u pairs tested", significant, pairs);
}

/* So few words that pairs are counted by couples of dimensions, and too many for that; customers
 * with few cases and with many. */
static void pairs_of_more_words(void **state)
{
    uint64_t seed = 20261122;
    (void)state;
    for (int round = 0; round < 4; round++) {
        test_world w;
        cb_results results[CB_WINDOWS];
        random_plan plan = {.cases = 1500,
                            .customers = round % 2 ? 40 : 500,
                            .words = round < 2 ? 7 : 13,
                            .present_percent = 95};
        random_world_open(&w, &seed, &plan, random_config);
        test_world_run(&w, measures, "2025", results);
        assert_true(results[CB_NOW].recurrence.pairs_tested > 100);
        check_pairs(&w, &results[CB_NOW].recurrence);
        test_world_close(&w);
    }
}

/* A group that one customer's bunch has doubled, and one that many customers have: the same counts.
 */
static void a_bunch_is_no_signal(void **state)
{
    (void)state;
    test_book b;
    test_world w;
    cb_results results[CB_WINDOWS];
    char customer[16];
    test_book_init(&b);
    for (int i = 0; i < 120; i++) {
        int64_t opened = i < 80 ? i * 4 * DAY
                                : (330 + i % 20) * DAY; /* 80 before, 40 in the month reported on */
        (void)snprintf(customer, sizeof customer, "c%d", i);
        test_case(&b, &(test_case_row){
                          .opened = RANDOM_T0 + opened, .customer = customer, .cause = "many"});
        (void)snprintf(customer, sizeof customer, "c%d", i < 80 ? i : 500);
        test_case(&b, &(test_case_row){
                          .opened = RANDOM_T0 + opened, .customer = customer, .cause = "one"});
    }
    test_world_open(&w, &b, RANDOM_T0 + 365 * DAY, NULL, 1);
    test_world_run(&w, measures, "2024-12", results);
    const cb_recurrences *r = &results[CB_NOW].recurrence;
    assert_int_equal(r->signals, 2);
    CHECK(r->signal[0].significant &&
              cb_str_eq(cb_dim_text(w.book, CB_DIM_CAUSE, r->signal[0].word), CB_LIT("many")),
          "the group of many customers is a signal");
    CHECK(!r->signal[1].significant && r->signal[1].effect > 8 &&
              r->signal[1].now == r->signal[0].now,
          "the bunch of one customer is none: q = %f, effect %f", r->signal[1].q,
          r->signal[1].effect);
    test_world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bunch_is_no_signal),
        cmocka_unit_test(against_twins),
        cmocka_unit_test(pairs_of_more_words),
    };
    cb_stats_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
