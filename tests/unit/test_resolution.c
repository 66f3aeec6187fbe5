/* R1-R5, R7-R9 through the measure: published figures, edges by hand, and random books against the definitions, worked
 * out case by case in O(n^2). */
#include "book_builder.h"

#include "measures/resolution_parts.h"

#define DAY CB_DAY_S
#define HOUR CB_HOUR_S
#define T0 (INT64_C(1767225600)) /* 2026-01-01T00:00:00Z, a Thursday */
#define Z95 1.959963984540054

static const cb_measure *const only_resolution[] = {&cb_measure_resolution, NULL};

static void check_est(const char *what, cb_est got, double value, double low, double high, double tolerance)
{
    CHECK(test_near(got.value, value, tolerance), "%s: %.15g, not %.15g", what, got.value, value);
    CHECK(test_near(got.low, low, tolerance), "%s: low %.15g, not %.15g", what, got.low, low);
    CHECK(test_near(got.high, high, tolerance), "%s: high %.15g, not %.15g", what, got.high, high);
    CHECK(isnan(value) == (got.reason != NULL), "%s: reason %s", what, got.reason ? got.reason : "missing");
}

/* An event that lasts so many hours, or a case that has been open for so many at as_of. */
static uint32_t lasting(test_book *b, int64_t as_of, int64_t hours, bool event, const char *kind)
{
    int64_t opened = as_of - hours * HOUR;
    return test_case(b, &(test_case_row){.opened = opened, .resolved = event ? as_of : 0, .kind = kind});
}

/* ---- published figures ---- */

/* methods.md, Oracles: R's survival 3.5 on 10, 15, 23, 30, 35, 52, 100+. The restricted mean to 100 is 37.857142857;
 * tau is 85.6 (type 7 of 95 %), and beyond 52 the curve is 1/7. */
static void seven_points(void **state)
{
    (void)state;
    static const int64_t hours[] = {10, 15, 23, 30, 35, 52, 100};
    const int64_t as_of = T0 + 100 * DAY;
    test_book b;
    test_world w;
    cb_results r[CB_WINDOWS];
    test_book_init(&b);
    for (size_t i = 0; i < COUNT_OF(hours); i++)
        lasting(&b, as_of, hours[i], i < 6, "late");
    test_world_open(&w, &b, as_of, TEST_WEEK_24_7, 1);
    test_world_run(&w, only_resolution, "2026", r);
    const cb_resolution *out = &r[CB_NOW].resolution;
    const cb_res *all[] = {&out->hours, &out->business_hours, &out->by[CB_DIM_KIND].group[0].hours};
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        assert_int_equal(all[i]->n, 7);
        assert_int_equal(all[i]->resolved, 6);
        check_est("median", all[i]->median_h, 30, 10, 52, 1e-9);
        CHECK(test_near(all[i]->tau_h, 85.6, 1e-9), "tau %g", all[i]->tau_h);
        CHECK(test_near(all[i]->restricted_mean_h.value, 37.857142857142857 - 14.4 / 7, 1e-9), "restricted mean %g",
              all[i]->restricted_mean_h.value);
        CHECK(!cb_est_ok(all[i]->p90_h) && all[i]->p90_h.reason, "p90 is not reached");
        CHECK(test_near(all[i]->resolved_only.mean_h.value, 27.5, 1e-12), "mean of resolved");
        CHECK(test_near(all[i]->resolved_only.median_h.value, 26.5, 1e-12), "median of resolved");
    }
    bool seen = false;
    for (size_t i = 0; i < out->curve_n; i++)
        if (out->curve[i].time_s == 30 * HOUR) {
            seen = true;
            CHECK(test_near(out->curve[i].survival, 3.0 / 7, 1e-12), "S(30)");
            CHECK(test_near(out->curve[i].low, 0.09775, 5e-6) && test_near(out->curve[i].high, 0.734, 5e-4), "%g %g",
                  out->curve[i].low, out->curve[i].high);
        }
    assert_true(seen);
    test_world_close(&w);
}

/* R 4.2.2: lung 228 rows, 165 events, median 310 (284-361); veteran 137, 128, 80 (52-100). Days as hours. */
static const struct {
    const char *file;
    int time_column, status_column, event;
    uint32_t n, events;
    double median, low, high;
} published[] = {
    {"lung.csv", 1, 2, 2, 228, 165, 310, 284, 361},
    {"veteran.csv", 2, 3, 1, 137, 128, 80, 52, 100},
};

static long column_of(const char *line, int column)
{
    while (column-- > 0)
        line = strchr(line, ',') + 1;
    return strtol(line, NULL, 10);
}

static FILE *open_shared(const char *file)
{
    const char *shared = getenv("CB_SHARED");
    char path[512];
    (void)snprintf(path, sizeof path, "%s/data/oracles/survival/%s", shared ? shared : "../shared", file);
    return fopen(path, "r");
}

static void published_data(void **state)
{
    (void)state;
    const int64_t as_of = T0 + 300 * DAY;
    char line[256];
    for (size_t i = 0; i < COUNT_OF(published); i++) {
        FILE *in = open_shared(published[i].file);
        if (!in) {
            print_message("%s is not there: skipped\n", published[i].file);
            continue;
        }
        test_book b;
        test_world w;
        cb_results r[CB_WINDOWS];
        test_book_init(&b);
        for (bool header = true; fgets(line, sizeof line, in); header = false)
            if (!header)
                lasting(&b, as_of, column_of(line, published[i].time_column),
                        column_of(line, published[i].status_column) == published[i].event, NULL);
        (void)fclose(in);
        test_world_open(&w, &b, as_of, NULL, 1);
        test_world_run(&w, only_resolution, "2026", r);
        const cb_res *got = &r[CB_NOW].resolution.hours;
        CHECK(got->n == published[i].n && got->resolved == published[i].events, "%s: n", published[i].file);
        check_est(published[i].file, got->median_h, published[i].median, published[i].low, published[i].high, 1e-9);
        test_world_close(&w);
    }
}

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
    CHECK(got->n == x->n && got->resolved == events && got->open == x->n - events, "%s: n %u", what, got->n);
    check_quantile(what, got->median_h, x, 0.5);
    check_quantile(what, got->p90_h, x, 0.9);
    check_quantile(what, got->p95_h, x, 0.95);
    double tau = naive_type7(x, 0.95, true);
    CHECK(test_near(got->tau_h, tau, 1e-9), "%s: tau %g, not %g", what, got->tau_h, tau);
    double rmean = x->n ? naive_rmean(x, tau) : NAN;
    CHECK(test_near(got->restricted_mean_h.value, rmean, 1e-9 * (1 + fabs(tau))), "%s: restricted mean %g, not %g",
          what, got->restricted_mean_h.value, rmean);
    const cb_est r4[] = {got->resolved_only.mean_h, got->resolved_only.median_h, got->resolved_only.p90_h,
                         got->resolved_only.p95_h};
    const double want[] = {naive_mean(x), naive_type7(x, 0.5, false), naive_type7(x, 0.9, false),
                           naive_type7(x, 0.95, false)};
    for (size_t i = 0; i < COUNT_OF(r4); i++)
        CHECK(test_near(r4[i].value, want[i], 1e-9 * (1 + fabs(want[i]))) && isnan(want[i]) == (r4[i].reason != NULL),
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
static sample sample_of(const test_world *w, cb_window_ix ix, int duration, cb_dim dim, uint32_t word)
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
    CHECK(g->closed_unknown == g->cases - x.n, "%s: closed at an unknown time %u", what, g->closed_unknown);
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
        CHECK(a->cases > b->cases || (a->cases == b->cases && cb_str_cmp(a->text, b->text) < 0), "%s: order of groups",
              cb_dim_names[dim]);
    }
    CHECK(cases == w->scope.window[ix].cases.n, "%s: groups hold %u cases", cb_dim_names[dim], cases);
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
        cb_str text = cb_dim_text(w->book, CB_DIM_PRIORITY, cb_dim_word(w->book, CB_DIM_PRIORITY, cases->rows[i]));
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
    CHECK(got->within == within && got->late == late && got->overdue == overdue && got->not_due == not_due,
          "targets: %u %u %u %u, not %u %u %u %u", got->within, got->late, got->overdue, got->not_due, within, late,
          overdue, not_due);
    uint32_t n = within + late + overdue;
    CHECK(test_near(got->share.value, n ? (double)within / n : NAN, 1e-12), "share %g", got->share.value);
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

static void check_p(const char *what, double got, const sample *now, const sample *before, double observed,
                    double expected)
{
    double o, e;
    double want = naive_logrank(now, before, &o, &e);
    CHECK(test_near(got, want, 1e-9), "%s: p %.12g, not %.12g", what, got, want);
    if (isnan(want))
        return;
    CHECK(test_near(observed, o, 1e-9) && test_near(expected, e, 1e-9), "%s: O %g, E %g", what, observed, expected);
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
            CHECK(test_near(c->p_adjusted, naive_bh(v, c->p_value), 1e-12), "adjusted %g", c->p_adjusted);
    }
    uint32_t words = eligible_words(w, CB_DIM_KIND) + eligible_words(w, CB_DIM_PRODUCT) +
                     eligible_words(w, CB_DIM_TEAM) + eligible_words(w, CB_DIM_PRIORITY);
    assert_int_equal(v->changes, words);
}

static const char random_config[] = "[report]\nmin_group = 3\n[targets]\nhigh = 4h\nlow = 2bh\ndefault = 3d\n";

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
    c.status = (cb_case_status)test_between(seed, 0, test_between(seed, 0, 3) ? 3 : CB_CASE_STATUSES);
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
    int64_t unit = test_between(seed, 0, 2) ? 1 : DAY; /* whole days: many ties, many durations of 0 */
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
        CHECK(ix == CB_NOW || (out->business_hours.median_h.reason && out->first_response_hours.tau_h != 0 &&
                               !out->by[CB_DIM_KIND].groups), "a comparison window");
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

/* ---- edges ---- */

static const struct {
    const char *name;
    int n;
    int64_t hours;
    bool event;
    double median, mean;
} uniform[] = {
    {"none", 0, 0, true, NAN, NAN},
    {"one, solved", 1, 5, true, 5, 5},
    {"one, open", 1, 5, false, NAN, NAN},
    {"all open", 9, 5, false, NAN, NAN},
    {"all solved at once", 9, 0, true, 0, 0},
    {"all equal", 9, 7, true, 7, 7},
    {"open since as_of", 3, 0, false, NAN, NAN},
};

static void edges(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(uniform); i++) {
        test_book b;
        test_world w;
        cb_results r[CB_WINDOWS];
        test_book_init(&b);
        for (int k = 0; k < uniform[i].n; k++)
            lasting(&b, T0 + DAY, uniform[i].hours, uniform[i].event, "late");
        test_world_open(&w, &b, T0 + DAY, NULL, 1);
        test_world_run(&w, only_resolution, "2026-01", r);
        const cb_resolution *out = &r[CB_NOW].resolution;
        CHECK(test_near(out->hours.median_h.value, uniform[i].median, 1e-12), "%s: median", uniform[i].name);
        CHECK(isnan(uniform[i].median) == (out->hours.median_h.reason != NULL), "%s: reason", uniform[i].name);
        CHECK(test_near(out->hours.resolved_only.mean_h.value, uniform[i].mean, 1e-12), "%s: mean", uniform[i].name);
        CHECK(isnan(out->versus_previous.p_value) && out->versus_previous.reason, "%s: nothing before",
              uniform[i].name);
        CHECK(!strcmp(out->first_response_hours.median_h.reason, "first_response_at is not in the input"), "%s: %s",
              uniform[i].name, out->first_response_hours.median_h.reason);
        const char *r4 = out->first_response_hours.resolved_only.p95_h.reason;
        CHECK(!strcmp(r4, "first_response_at is not in the input"), "%s: %s", uniform[i].name, r4);
        r4 = out->hours.resolved_only.mean_h.reason;
        if (uniform[i].n > 0 && !uniform[i].event)
            CHECK(!strcmp(r4, "no case is resolved"), "%s: %s", uniform[i].name, r4);
        CHECK(!strcmp(out->target.share.reason, "no target is configured"), "%s: target", uniform[i].name);
        test_world_close(&w);
    }
}

/* R9 begins above 1,000 cases, and one open case anywhere in the input ends it. */
static const struct {
    const char *name;
    int solved, open;
    bool closed_only;
} exports[] = {
    {"1,000 solved", 1000, 0, false},
    {"1,001 solved", 1001, 0, true},
    {"1,001 solved, one open", 1001, 1, false},
};

static void exports_of_closed_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(exports); i++) {
        test_book b;
        test_world w;
        cb_results r[CB_WINDOWS];
        test_book_init(&b);
        for (int k = 0; k < exports[i].solved; k++)
            lasting(&b, T0 + 40 * DAY, 1 + k % 24, true, NULL);
        for (int k = 0; k < exports[i].open; k++)
            lasting(&b, T0 + 40 * DAY, 30 * 24, false, NULL); /* in another month */
        test_world_open(&w, &b, T0 + 40 * DAY, NULL, 1);
        test_world_run(&w, only_resolution, "2026-02", r);
        const cb_resolution *out = &r[CB_NOW].resolution;
        CHECK(out->closed_only == exports[i].closed_only, "%s", exports[i].name);
        CHECK(cb_est_ok(out->hours.median_h) == !exports[i].closed_only, "%s: R2", exports[i].name);
        CHECK(cb_est_ok(out->hours.restricted_mean_h) == !exports[i].closed_only, "%s: R3", exports[i].name);
        CHECK((out->curve != NULL) == !exports[i].closed_only, "%s: curve", exports[i].name);
        CHECK(cb_est_ok(out->hours.resolved_only.p90_h), "%s: R4 stays", exports[i].name);
        test_world_close(&w);
    }
}

/* Groups that cannot be tested are listed with the reason and do not count among the tests; "none" has too few cases.
 */
static void changes_by_hand(void **state)
{
    (void)state;
    static const struct {
        const char *kind;
        int now, before;
        int64_t now_h, before_h; /* how long they took; 0: open */
    } groups[] = {
        {"slower", 8, 8, 50, 5}, {"same", 6, 6, 9, 9}, {"open", 5, 5, 0, 0}, {"none", 4, 40, 9, 9}, {NULL, 9, 9, 7, 1},
    };
    test_book b;
    test_world w;
    cb_results r[CB_WINDOWS];
    test_book_init(&b);
    for (size_t g = 0; g < COUNT_OF(groups); g++)
        for (int i = 0; i < groups[g].now + groups[g].before; i++) {
            bool now = i < groups[g].now;
            int64_t opened = T0 + (now ? 31 : 0) * DAY + i * HOUR;
            int64_t took = now ? groups[g].now_h : groups[g].before_h;
            test_case(&b, &(test_case_row){.opened = opened, .resolved = took ? opened + (took + i % 2) * HOUR : 0,
                                          .kind = groups[g].kind});
        }
    test_world_open(&w, &b, T0 + 90 * DAY, "[report]\nmin_group = 5\n", 1);
    test_world_run(&w, only_resolution, "2026-02", r);
    const cb_res_versus *v = &r[CB_NOW].resolution.versus_previous;
    static const char *const order[] = {"slower", "same", "open"};
    assert_int_equal(v->changes, COUNT_OF(order));
    for (size_t i = 0; i < COUNT_OF(order); i++)
        CHECK(cb_str_eq(v->change[i].text, cb_str_of(order[i])), "place %zu is not %s", i, order[i]);
    assert_true(v->change[0].observed_now < v->change[0].expected_now + 1e-9 && v->change[0].p_value < 0.01);
    CHECK(test_near(v->change[1].p_value, 1, 1e-9), "same: p %g", v->change[1].p_value);
    CHECK(test_near(v->change[0].p_adjusted, 2 * v->change[0].p_value, 1e-12), "two tests were made, not three");
    assert_true(isnan(v->change[2].p_value) && isnan(v->change[2].p_adjusted) && v->change[2].reason);
    assert_true(test_near(v->change[0].median_now_h.value, 50, 0) &&
                test_near(v->change[0].median_before_h.value, 5, 0));
    test_world_close(&w);
}

/* The chart has its limit and its end, and steps downwards. */
static void chart(void **state)
{
    (void)state;
    test_book b;
    test_world w;
    cb_results r[CB_WINDOWS];
    uint64_t seed = 3;
    test_book_init(&b);
    for (int i = 0; i < 5000; i++)
        lasting(&b, T0 + 300 * DAY, test_between(&seed, 1, 2000), i % 5 > 0, NULL);
    test_world_open(&w, &b, T0 + 300 * DAY, NULL, 1);
    test_world_run(&w, only_resolution, "2026", r);
    const cb_resolution *out = &r[CB_NOW].resolution;
    assert_in_range(out->curve_n, 60, CB_RES_CURVE_POINTS);
    assert_true(out->curve[0].time_s == 0 && out->curve[0].survival == 1);
    for (size_t i = 1; i < out->curve_n; i++)
        assert_true(out->curve[i].time_s > out->curve[i - 1].time_s &&
                    out->curve[i].survival <= out->curve[i - 1].survival);
    double end_h = cb_est_ok(out->hours.p90_h) ? out->hours.p90_h.value : out->hours.tau_h;
    assert_true(out->curve[out->curve_n - 1].time_s <= (int64_t)(end_h * HOUR + 0.5));
    test_world_close(&w);
}

/* ---- memory ---- */

/* So many words and cases that each array is a block of its own, and fails by itself. */
static void wide_book(test_book *b, int64_t as_of)
{
    enum { WORDS = 2500 };
    char word[16];
    uint64_t seed = 5;
    test_book_init(b);
    for (int i = 0; i < 2 * WORDS; i++) {
        int64_t opened = as_of - test_between(&seed, 1, 60) * DAY - (i < WORDS ? 0 : 60 * DAY);
        (void)snprintf(word, sizeof word, "w%d", i % WORDS);
        test_case(b, &(test_case_row){.opened = opened,
                                      .resolved = i % 3 ? opened + test_between(&seed, 0, DAY) : 0,
                                      .answered = opened,
                                      .kind = word,
                                      .priority = word});
    }
}

static void memory_runs_out(void **state)
{
    (void)state;
    const cb_measure *const table[] = {&cb_measure_flow, &cb_measure_resolution, NULL};
    const int64_t as_of = T0 + 119 * DAY; /* 2026-04-30 */
    test_book b;
    test_world w;
    size_t nth = 0;
    wide_book(&b, as_of);
    test_world_open(&w, &b, as_of, "[report]\nmin_group = 1\n[targets]\ndefault = 3d\n", 1);
    const cb_alloc *usual = w.settings->alloc;
    cb_period period;
    assert_int_equal(cb_period_parse(&period, CB_LIT("2026-03-01..2026-04-30"), w.settings->zone, NULL), CB_OK);
    for (cb_status rc = CB_ENOMEM; rc != CB_OK;) {
        test_alloc heap = {.fail_at = ++nth};
        cb_alloc alloc = test_alloc_of(&heap);
        cb_results r[CB_WINDOWS];
        cb_error err = {.status = CB_OK};
        cb_scope scope;
        cb_arena *arena = cb_arena_new(&alloc, 0);
        w.settings->alloc = &alloc;
        cb_scope_init(&scope, w.book, w.settings, w.calendar, w.derived, &period, &w.workers, arena);
        rc = arena ? cb_measures_run_these(table, &scope, r, &err) : CB_ENOMEM;
        w.settings->alloc = usual;
        cb_arena_free(arena);
        CHECK(heap.live_blocks == 0 && heap.live_bytes == 0, "call %zu: leak", nth);
        CHECK(rc == (heap.failures ? CB_ENOMEM : CB_OK), "call %zu: %s", nth, cb_status_text(rc));
    }
    CHECK(nth > 100, "only %zu calls", nth);
    print_message("%zu allocations failed in turn\n", nth - 1);
    test_world_close(&w);
}

/* The words of six dimensions on cards: so many words of each dimension (0: the column is there, and blank), so many numbers. */
typedef struct card_case {
    const char *name;
    int words[CB_DIMS];
    unsigned cards;
} card_case;

static void open_words(test_world *w, const card_case *t, int cases)
{
    test_book b;
    test_book_init(&b);
    for (int i = 0; i < cases; i++) {
        uint32_t row = test_case(
            &b, &(test_case_row){.opened = T0 + i * HOUR, .resolved = i % 5 ? T0 + i * HOUR + i * 37 % 401 : 0});
        for (int dim = 0; dim < CB_DIMS; dim++) {
            char word[16] = "";
            if (t->words[dim])
                snprintf(word, sizeof word, "w%d", i * 13 % t->words[dim]);
            test_word(&b, CB_CASES, row, cb_dim_fields[dim], word);
        }
    }
    test_world_open(w, &b, T0 + 100 * DAY, TEST_WEEK_24_7, 1);
}

/* Cards by place and sorted, against the columns; then the durations dealt out by them, against those dealt out by the words. */
static void words_on_cards(void **state)
{
    enum { CASES = 1500 };
    static const card_case t[] = {
        {"eleven bits each", {1500, 1400, 1500, 1500, 1500, 1500}, 2},
        {"all blank", {0}, 1},
        {"one word each", {1, 1, 1, 1, 1, 1}, 1},
        {"blank before many", {0, 0, 1500, 0, 1500, 0}, 1},
        {"blank behind many", {1023, 1023, 1023, 1023, 1023, 0}, 1},
        {"full, then one more", {1400, 1400, 1400, 1400, 1400, 511}, 1},
        {"full, then too many", {1400, 1400, 1400, 1400, 1400, 512}, 2},
    };
    (void)state;
    for (size_t k = 0; k < COUNT_OF(t); k++) {
        test_world w;
        open_words(&w, &t[k], CASES);
        cb_error err;
        cb_arena *arena = cb_arena_new(cb_alloc_libc(), 0);
        const cb_slice cases = {w.book->opened_order, CASES};
        const cb_res_source source = {.derived = w.derived, .key = cb_res_key_elapsed};
        cb_res_order order;
        cb_res_cards by_place, sorted;
        assert_int_equal(cb_res_sort(&order, &cases, &source, arena, arena, &err), CB_OK);
        assert_int_equal(cb_res_cards_of(&by_place, w.book, (1u << CB_DIMS) - 1, &cases, arena, &err), CB_OK);
        assert_int_equal(cb_res_cards_sorted(&sorted, &by_place, &order, arena, &err), CB_OK);
        CHECK(by_place.cards == t[k].cards && order.n == CASES, "%s: %u cards, %u cases", t[k].name, by_place.cards, order.n);
        for (int dim = 0; dim < CB_DIMS; dim++) {
            static uint32_t word[CASES];
            const cb_res_field f = by_place.of[dim];
            const uint32_t words = cb_dim_groups(w.book, (cb_dim)dim);
            cb_res_table table;
            cb_res_split want;
            for (uint32_t i = 0; i < CASES; i++) {
                word[i] = cb_dim_word(w.book, (cb_dim)dim, cases.rows[i]);
                CHECK((by_place.card[f.card][i] >> f.shift & f.mask) == word[i], "%s: %s of %u", t[k].name, cb_dim_names[dim], i);
            }
            assert_int_equal(cb_res_split_at(&want, &order, word, words, arena, &err), CB_OK);
            assert_int_equal(cb_res_new_table(&table, CASES, words, arena, &err), CB_OK);
            cb_res_split got = cb_res_split_by(&order, &sorted, (cb_dim)dim, &table);
            assert_memory_equal(got.offset, want.offset, (2 * words + 1) * sizeof *want.offset);
            assert_memory_equal(got.duration_s, want.duration_s, CASES * sizeof *want.duration_s);
        }
        cb_arena_free(arena);
        test_world_close(&w);
    }
}

/* Every change listed is of a dimension that is said to be compared, and the others have a reason. */
static void compared_dimensions(void **state)
{
    static const bool want[CB_DIMS] = {[CB_DIM_KIND] = true,
                                       [CB_DIM_PRODUCT] = true,
                                       [CB_DIM_TEAM] = true,
                                       [CB_DIM_PRIORITY] = true};
    (void)state;
    for (int dim = 0; dim < CB_DIMS; dim++)
        CHECK(cb_res_compared((cb_dim)dim) == want[dim], "%s", cb_dim_names[dim]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compared_dimensions), cmocka_unit_test(words_on_cards), cmocka_unit_test(seven_points), cmocka_unit_test(published_data),
        cmocka_unit_test(edges),        cmocka_unit_test(exports_of_closed_cases),
        cmocka_unit_test(changes_by_hand), cmocka_unit_test(chart),
        cmocka_unit_test(against_definitions), cmocka_unit_test(memory_runs_out),
    };
    cb_stats_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
