/* R1-R5, R7-R9 on random books against the definitions, worked out case by case in O(n^2). */
#include "resolution_book.h"

#define Z95 1.959963984540054

/* ---- the definitions ---- */

enum { MOST = 200 };

typedef struct sample {
    uint32_t n;
    int64_t s[MOST];
    bool event[MOST];
} sample;

static uint32_t at_risk(const sample *x, int64_t t)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < x->n; i++)
        n += x->s[i] >= t;
    return n;
}

static uint32_t deaths(const sample *x, int64_t t)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < x->n; i++)
        n += x->event[i] && x->s[i] == t;
    return n;
}

/* The next distinct time after t, or -1. */
static int64_t next_time(const sample *x, int64_t t)
{
    int64_t next = -1;
    for (uint32_t i = 0; i < x->n; i++)
        if (x->s[i] > t && (next < 0 || x->s[i] < next))
            next = x->s[i];
    return next;
}

static cb_est naive_quantile(const sample *x, double q)
{
    const double edge = 1 - q + 1.5e-8;
    cb_est got = {NAN, NAN, NAN, NULL};
    double s = 1;
    double g = 0;
    for (int64_t t = next_time(x, -1); t >= 0; t = next_time(x, t)) {
        double n = at_risk(x, t);
        double d = deaths(x, t);
        s *= 1 - d / n;
        g += d < n ? d / (n * (n - d)) : INFINITY;
        double half = Z95 * sqrt(g) / log(s);
        double low = exp(-exp(log(-log(s)) - half));
        double high = exp(-exp(log(-log(s)) + half));
        if (isnan(got.value) && s <= edge)
            got.value = (double)t / HOUR;
        if (isnan(got.low) && s < 1 && s > 0 && low <= edge)
            got.low = (double)t / HOUR;
        if (isnan(got.high) && s < 1 && s > 0 && high <= edge)
            got.high = (double)t / HOUR;
    }
    return isnan(got.value) ? (cb_est){NAN, NAN, NAN, "not reached"} : got;
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Type 7 over events only, or over all. Hours. */
static double naive_type7(const sample *x, double q, bool all)
{
    int64_t s[MOST];
    uint32_t n = 0;
    for (uint32_t i = 0; i < x->n; i++)
        if (all || x->event[i])
            s[n++] = x->s[i];
    if (n == 0)
        return NAN;
    qsort(s, n, sizeof *s, by_value);
    double h = (n - 1) * q;
    uint32_t k = (uint32_t)h;
    double next = k + 1 < n ? (double)s[k + 1] : (double)s[k];
    return ((double)s[k] + (h - k) * (next - (double)s[k])) / HOUR;
}

/* The area under the curve up to tau, as a sum over the seconds' steps. */
static double naive_rmean(const sample *x, double tau_h)
{
    double tau = tau_h * HOUR;
    double s = 1;
    double area = 0;
    double before = 0;
    for (int64_t t = next_time(x, -1); t >= 0 && (double)t < tau; t = next_time(x, t)) {
        area += s * ((double)t - before);
        before = (double)t;
        s *= 1 - (double)deaths(x, t) / at_risk(x, t);
    }
    return (area + s * (tau - before)) / HOUR;
}

static double naive_mean(const sample *x)
{
    double sum = 0;
    double n = 0;
    for (uint32_t i = 0; i < x->n; i++) {
        sum += x->event[i] ? (double)x->s[i] : 0;
        n += x->event[i];
    }
    return n > 0 ? sum / n / HOUR : NAN;
}

static void check_quantile(const char *what, cb_est got, const sample *x, double q)
{
    cb_est want = naive_quantile(x, q);
    if (isnan(want.value)) {
        CHECK(!cb_est_ok(got) && got.reason, "%s: %g, but it is not reached", what, got.value);
        return;
    }
    check_est(what, got, want.value, want.low, want.high, 1e-9);
}

static void check_res(const char *what, const cb_res *got, const sample *x)
{
    uint32_t events = 0;
    for (uint32_t i = 0; i < x->n; i++)
        events += x->event[i];
    CHECK(got->n == x->n && got->resolved == events && got->open == x->n - events, "%s: n %u", what,
          got->n);
    check_quantile(what, got->median_h, x, 0.5);
    check_quantile(what, got->p90_h, x, 0.9);
    check_quantile(what, got->p95_h, x, 0.95);
    double tau = naive_type7(x, 0.95, true);
    CHECK(test_near(got->tau_h, tau, 1e-9), "%s: tau %g, not %g", what, got->tau_h, tau);
    double rmean = x->n ? naive_rmean(x, tau) : NAN;
    CHECK(test_near(got->restricted_mean_h.value, rmean, 1e-9 * (1 + fabs(tau))),
          "%s: restricted mean %g, not %g", what, got->restricted_mean_h.value, rmean);
    const cb_est r4[] = {got->resolved_only.mean_h, got->resolved_only.median_h,
                         got->resolved_only.p90_h, got->resolved_only.p95_h};
    const double want[] = {naive_mean(x), naive_type7(x, 0.5, false), naive_type7(x, 0.9, false),
                           naive_type7(x, 0.95, false)};
    for (size_t i = 0; i < COUNT_OF(r4); i++)
        CHECK(test_near(r4[i].value, want[i], 1e-9 * (1 + fabs(want[i]))) &&
                  isnan(want[i]) == (r4[i].reason != NULL),
              "%s: R4 figure %zu is %g, not %g", what, i, r4[i].value, want[i]);
}

/* ---- random books ---- */

enum { ELAPSED, BUSINESS, RESPONSE };

/* The duration of a case from the table alone; false: none. */
static bool duration_of(const test_world *w, int duration, uint32_t row, int64_t *s, bool *event)
{
    const cb_table *t = &w->book->table[CB_CASES];
    int64_t opened = cb_time(t, CB_CASE_OPENED, row);
    int64_t resolved = cb_time(t, CB_CASE_RESOLVED, row);
    cb_case_status status = cb_status_of(t, row);
    bool open = resolved == CB_NO_TIME && status <= CB_STATUS_PENDING;
    int64_t end = duration == RESPONSE ? cb_time(t, CB_CASE_FIRST_RESPONSE, row) : resolved;
    *event = end != CB_NO_TIME;
    if (!*event && (!open || (duration == RESPONSE && !t->column[CB_CASE_FIRST_RESPONSE])))
        return false;
    end = *event ? end : w->book->as_of_utc_s;
    *s = duration == BUSINESS ? cb_calendar_between(w->calendar, opened, end) : end - opened;
    return *s >= 0;
}

/* Cases of the window with that word; dim CB_DIMS: all. */
static sample sample_of(const test_world *w, cb_window_ix ix, int duration, cb_dim dim,
                        uint32_t word)
{
    const cb_slice *cases = &w->scope.window[ix].cases;
    sample x = {0};
    for (uint32_t i = 0; i < cases->n; i++) {
        uint32_t row = cases->rows[i];
        if (dim < CB_DIMS && cb_dim_word(w->book, dim, row) != word)
            continue;
        x.n += duration_of(w, duration, row, &x.s[x.n], &x.event[x.n]);
    }
    return x;
}

static uint32_t cases_of_word(const test_world *w, cb_window_ix ix, cb_dim dim, uint32_t word)
{
    const cb_slice *cases = &w->scope.window[ix].cases;
    uint32_t n = 0;
    for (uint32_t i = 0; i < cases->n; i++)
        n += cb_dim_word(w->book, dim, cases->rows[i]) == word;
    return n;
}

static void check_group(const test_world *w, cb_window_ix ix, cb_dim dim, const cb_res_group *g)
{
    char what[64];
    (void)snprintf(what, sizeof what, "window %d, %s %u", ix, cb_dim_names[dim], g->word);
    sample x = sample_of(w, ix, ELAPSED, dim, g->word);
    check_res(what, &g->hours, &x);
    CHECK(g->cases == cases_of_word(w, ix, dim, g->word), "%s: cases %u", what, g->cases);
    CHECK(g->closed_unknown == g->cases - x.n, "%s: closed at an unknown time %u", what,
          g->closed_unknown);
    x = sample_of(w, ix, BUSINESS, dim, g->word);
    CHECK(g->business_n == x.n, "%s: business n", what);
    check_quantile(what, g->business_median_h, &x, 0.5);
    x = sample_of(w, ix, RESPONSE, dim, g->word);
    CHECK(g->response_n == x.n, "%s: response n", what);
    check_quantile(what, g->response_median_h, &x, 0.5);
}

static void check_dim(const test_world *w, cb_window_ix ix, cb_dim dim, const cb_res_dim *by)
{
    uint32_t cases = 0;
    if (!by->present) {
        assert_int_equal(by->groups, 0);
        return;
    }
    for (uint32_t g = 0; g < by->groups; g++) {
        check_group(w, ix, dim, &by->group[g]);
        cases += by->group[g].cases;
        if (g == 0)
            continue;
        const cb_res_group *a = &by->group[g - 1];
        const cb_res_group *b = &by->group[g];
        CHECK(a->cases > b->cases || (a->cases == b->cases && cb_str_cmp(a->text, b->text) < 0),
              "%s: order of groups", cb_dim_names[dim]);
    }
    CHECK(cases == w->scope.window[ix].cases.n, "%s: groups hold %u cases", cb_dim_names[dim],
          cases);
}

static void check_counts(const test_world *w, cb_window_ix ix, const cb_resolution *out)
{
    const cb_table *t = &w->book->table[CB_CASES];
    const cb_slice *cases = &w->scope.window[ix].cases;
    uint32_t blank = 0, withdrawn = 0, contradictions = 0, unanswered = 0;
    for (uint32_t i = 0; i < cases->n; i++) {
        uint32_t row = cases->rows[i];
        int64_t s;
        bool event;
        bool resolved = cb_time(t, CB_CASE_RESOLVED, row) != CB_NO_TIME;
        cb_case_status status = cb_status_of(t, row);
        blank += !resolved && (status == CB_STATUS_RESOLVED || status == CB_STATUS_CLOSED);
        withdrawn += !resolved && status == CB_STATUS_WITHDRAWN;
        contradictions += resolved && (status == CB_STATUS_OPEN || status == CB_STATUS_PENDING);
        unanswered += !duration_of(w, RESPONSE, row, &s, &event);
    }
    assert_int_equal(out->cases, cases->n);
    assert_int_equal(out->closed_unknown, blank);
    assert_int_equal(out->withdrawn, withdrawn);
    assert_int_equal(out->contradictions, contradictions);
    assert_int_equal(out->response_unknown, ix == CB_NOW ? unanswered : 0);
    assert_int_equal(out->hours.n + blank + withdrawn, cases->n);
}

/* R5; targets of random_config: high 4 hours, low 2 business hours, all others 3 days. */
static void check_targets(const test_world *w, cb_window_ix ix, const cb_resolution *out)
{
    const cb_slice *cases = &w->scope.window[ix].cases;
    uint32_t within = 0, late = 0, overdue = 0, not_due = 0, sum = 0;
    for (uint32_t i = 0; i < cases->n; i++) {
        cb_str text = cb_dim_text(w->book, CB_DIM_PRIORITY,
                                  cb_dim_word(w->book, CB_DIM_PRIORITY, cases->rows[i]));
        bool low = cb_str_eq(text, CB_LIT("low"));
        int64_t target = cb_str_eq(text, CB_LIT("high")) ? 4 * HOUR : low ? 2 * HOUR : 3 * DAY;
        int64_t s;
        bool event;
        if (!duration_of(w, low ? BUSINESS : ELAPSED, cases->rows[i], &s, &event))
            continue;
        within += event && s <= target;
        late += event && s > target;
        overdue += !event && s > target;
        not_due += !event && s <= target;
    }
    const cb_res_target *got = &out->target;
    CHECK(got->within == within && got->late == late && got->overdue == overdue &&
              got->not_due == not_due,
          "targets: %u %u %u %u, not %u %u %u %u", got->within, got->late, got->overdue,
          got->not_due, within, late, overdue, not_due);
    uint32_t n = within + late + overdue;
    CHECK(test_near(got->share.value, n ? (double)within / n : NAN, 1e-12), "share %g",
          got->share.value);
    for (uint32_t i = 0; i < out->priorities; i++)
        sum += out->by_priority[i].n;
    CHECK(sum == got->n && got->n == n, "lines of priorities hold %u", sum);
}

/* The two-group log-rank test by its definition. */
static double naive_logrank(const sample *a, const sample *b, double *observed, double *expected)
{
    double o = 0, e = 0, v = 0;
    for (int64_t t = 0; t >= 0;) {
        double d1 = deaths(a, t), d = d1 + deaths(b, t);
        double n1 = at_risk(a, t), n = n1 + at_risk(b, t);
        if (d > 0) {
            o += d1;
            e += d * n1 / n;
            v += n > 1 ? d * (n1 / n) * (1 - n1 / n) * (n - d) / (n - 1) : 0;
        }
        int64_t next_a = next_time(a, t), next_b = next_time(b, t);
        t = next_a < 0 || (next_b >= 0 && next_b < next_a) ? next_b : next_a;
    }
    *observed = o;
    *expected = e;
    return v > 1e-12 ? erfc(sqrt((o - e) * (o - e) / v / 2)) : NAN;
}

static void check_p(const char *what, double got, const sample *now, const sample *before,
                    double observed, double expected)
{
    double o, e;
    double want = naive_logrank(now, before, &o, &e);
    CHECK(test_near(got, want, 1e-9), "%s: p %.12g, not %.12g", what, got, want);
    if (isnan(want))
        return;
    CHECK(test_near(observed, o, 1e-9) && test_near(expected, e, 1e-9), "%s: O %g, E %g", what,
          observed, expected);
}

/* Benjamini and Hochberg by their definition: the least of p_j * m / rank_j over all p_j >= p_i. */
static double naive_bh(const cb_res_versus *v, double p)
{
    double least = 1;
    uint32_t m = 0;
    for (uint32_t i = 0; i < v->changes; i++)
        m += isnan(v->change[i].p_value) ? 0 : 1;
    for (uint32_t j = 0; j < v->changes; j++) {
        double pj = v->change[j].p_value;
        uint32_t rank = 0;
        for (uint32_t k = 0; k < v->changes; k++)
            rank += v->change[k].p_value <= pj;
        if (pj >= p && pj * m / rank < least)
            least = pj * m / rank;
    }
    return least;
}

static uint32_t eligible_words(const test_world *w, cb_dim dim)
{
    uint32_t n = 0;
    for (uint32_t word = 1; word < cb_dim_groups(w->book, dim); word++)
        n += sample_of(w, CB_NOW, ELAPSED, dim, word).n >= w->settings->min_group &&
             sample_of(w, CB_BEFORE, ELAPSED, dim, word).n >= w->settings->min_group;
    return n;
}

static void check_versus(const test_world *w, const cb_results *r)
{
    const cb_res_versus *v = &r[CB_NOW].resolution.versus_previous;
    sample now = sample_of(w, CB_NOW, ELAPSED, CB_DIMS, 0);
    sample before = sample_of(w, CB_BEFORE, ELAPSED, CB_DIMS, 0);
    assert_int_equal(v->n_now, now.n);
    assert_int_equal(v->n_before, before.n);
    assert_true(isnan(v->p_value) == (v->reason != NULL));
    if (now.n == 0 || before.n == 0) {
        assert_true(isnan(v->p_value) && v->changes == 0);
        return;
    }
    check_p("overall", v->p_value, &now, &before, v->observed_now, v->expected_now);
    for (uint32_t i = 0; i < v->changes; i++) {
        const cb_res_change *c = &v->change[i];
        now = sample_of(w, CB_NOW, ELAPSED, c->dim, c->word);
        before = sample_of(w, CB_BEFORE, ELAPSED, c->dim, c->word);
        assert_true(c->n_now == now.n && c->n_before == before.n && c->word != 0);
        assert_true(now.n >= w->settings->min_group && before.n >= w->settings->min_group);
        check_p(cb_dim_names[c->dim], c->p_value, &now, &before, c->observed_now, c->expected_now);
        check_quantile("now", c->median_now_h, &now, 0.5);
        check_quantile("before", c->median_before_h, &before, 0.5);
        if (!isnan(c->p_value))
            CHECK(test_near(c->p_adjusted, naive_bh(v, c->p_value), 1e-12), "adjusted %g",
                  c->p_adjusted);
    }
    uint32_t words = eligible_words(w, CB_DIM_KIND) + eligible_words(w, CB_DIM_PRODUCT) +
                     eligible_words(w, CB_DIM_TEAM) + eligible_words(w, CB_DIM_PRIORITY);
    assert_int_equal(v->changes, words);
}

static const char random_config[] =
    "[report]\nmin_group = 3\n[targets]\nhigh = 4h\nlow = 2bh\ndefault = 3d\n";

static const char *pick(uint64_t *seed, const char *const *words, int64_t n)
{
    int64_t i = test_between(seed, -1, n);
    return i < 0 ? NULL : words[i];
}

static void random_case(test_book *b, uint64_t *seed, int64_t as_of, int64_t unit, bool columns)
{
    static const char *const word[] = {"late", "wrong", "broken", "rude"};
    static const char *const priority[] = {"high", "low", "middle"};
    int64_t opened = as_of - test_between(seed, 0, 200 * DAY) / unit * unit;
    int64_t end = opened + test_between(seed, 0, test_between(seed, 1, 30) * DAY) / unit * unit;
    bool resolved = test_between(seed, 0, 4) > 0;
    test_case_row c = {.opened = opened, .resolved = resolved ? end : 0};
    c.status =
        (cb_case_status)test_between(seed, 0, test_between(seed, 0, 3) ? 3 : CB_CASE_STATUSES);
    if (columns) {
        c.answered = test_between(seed, 0, 3) ? opened + test_between(seed, 0, 3 * DAY) : 0;
        c.kind = pick(seed, word, 2);
        c.cause = pick(seed, word, 4);
        c.product = pick(seed, word, 3);
        c.team = pick(seed, word, 1);
        c.priority = pick(seed, priority, 3);
        c.channel = pick(seed, word, 4);
    }
    test_case(b, &c);
}

static void check_now(const test_world *w, const cb_resolution *now)
{
    sample x = sample_of(w, CB_NOW, BUSINESS, CB_DIMS, 0);
    check_res("business", &now->business_hours, &x);
    x = sample_of(w, CB_NOW, RESPONSE, CB_DIMS, 0);
    check_res("response", &now->first_response_hours, &x);
    for (int dim = 0; dim < CB_DIMS; dim++)
        check_dim(w, CB_NOW, (cb_dim)dim, &now->by[dim]);
}

static void random_book(uint64_t *seed, int number)
{
    static const char *const period[] = {"2026-Q2", "2026-06", "2026"};
    const int64_t as_of = T0 + 170 * DAY + test_between(seed, 0, DAY);
    test_book b;
    test_world w;
    cb_results r[CB_WINDOWS];
    test_book_init(&b);
    int64_t n = number < 8 ? number : test_between(seed, 0, MOST);
    int64_t unit =
        test_between(seed, 0, 2) ? 1 : DAY; /* whole days: many ties, many durations of 0 */
    for (int64_t i = 0; i < n; i++)
        random_case(&b, seed, as_of, unit, number % 5 > 0);
    test_world_open(&w, &b, as_of, random_config, 1 + (unsigned)number % 2);
    test_world_run(&w, only_resolution, period[number % 3], r);
    for (int ix = 0; ix < CB_WINDOWS; ix++) {
        const cb_resolution *out = &r[ix].resolution;
        sample x = sample_of(&w, (cb_window_ix)ix, ELAPSED, CB_DIMS, 0);
        check_res("whole", &out->hours, &x);
        check_counts(&w, (cb_window_ix)ix, out);
        check_targets(&w, (cb_window_ix)ix, out);
        CHECK(ix == CB_NOW ||
                  (out->business_hours.median_h.reason && out->first_response_hours.tau_h != 0 &&
                   !out->by[CB_DIM_KIND].groups),
              "a comparison window");
    }
    check_now(&w, &r[CB_NOW].resolution);
    check_versus(&w, r);
    test_world_close(&w);
}

static void against_definitions(void **state)
{
    (void)state;
    uint64_t seed = 11;
    for (int number = 0; number < test_books(300); number++)
        random_book(&seed, number);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(against_definitions),
    };
    cb_stats_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
