/* A1 to A4: by hand on a small table, and on random books against working every figure out again
 * from the cells. */
#include "fold_by_hand.h"

static const cb_measure *const only_remedy[] = {&cb_measure_remedy, NULL};

static const int64_t T0 = INT64_C(1767225600); /* 2026-01-01T00:00:00Z */

/* ---- by hand ---- */

/* Amounts in cents; NONE: blank. */
#define NONE CB_NO_AMOUNT

typedef struct money_row {
    const char *name;
    cb_case_status status;
    int64_t loss, more, remedy;
    const char *type;
    int band; /* -1: not eligible */
} money_row;

static const money_row table[] = {
    {"nothing given", CB_STATUS_RESOLVED, 1000, NONE, 0, "none", CB_BAND_NONE},
    {"blank amount, blank type", CB_STATUS_RESOLVED, 1000, NONE, NONE, NULL, CB_BAND_NONE},
    {"blank amount, type none", CB_STATUS_RESOLVED, 1000, NONE, NONE, "None", CB_BAND_NONE},
    {"blank amount, named type", CB_STATUS_RESOLVED, 1000, NONE, NONE, "voucher", -1},
    {"one cent of it", CB_STATUS_RESOLVED, 1000, NONE, 1, "refund", CB_BAND_PARTIAL},
    {"a cent short", CB_STATUS_CLOSED, 1000, NONE, 999, "refund", CB_BAND_PARTIAL},
    {"exact", CB_STATUS_RESOLVED, 1000, NONE, 1000, "refund", CB_BAND_ADEQUATE},
    {"exactly one and a half", CB_STATUS_RESOLVED, 1000, NONE, 1500, "refund", CB_BAND_ADEQUATE},
    {"a cent above one and a half", CB_STATUS_RESOLVED, 1000, NONE, 1501, "refund",
     CB_BAND_GENEROUS},
    {"odd loss, half of it rounded down", CB_STATUS_RESOLVED, 3, NONE, 4, "refund",
     CB_BAND_ADEQUATE},
    {"odd loss, above", CB_STATUS_RESOLVED, 3, NONE, 5, "refund", CB_BAND_GENEROUS},
    {"the consequence makes it short", CB_STATUS_RESOLVED, 1000, 500, 1000, "refund",
     CB_BAND_PARTIAL},
    {"only the consequence is known", CB_STATUS_RESOLVED, NONE, 700, 700, "refund",
     CB_BAND_ADEQUATE},
    {"loss of zero", CB_STATUS_RESOLVED, 0, NONE, 100, "refund", -1},
    {"loss below zero", CB_STATUS_RESOLVED, -5, NONE, 100, "refund", -1},
    {"loss not known", CB_STATUS_RESOLVED, NONE, NONE, 100, "refund", -1},
    {"open", CB_STATUS_OPEN, 20000, 30, 100, "refund", -1},
    {"withdrawn", CB_STATUS_WITHDRAWN, 1000, NONE, 100, "refund", -1},
    {"money taken from the customer", CB_STATUS_RESOLVED, 1000, NONE, -200, "refund", CB_BAND_NONE},
};

static void add_row(test_book *b, const money_row *m, int64_t opened)
{
    uint32_t row =
        test_case(b, &(test_case_row){.opened = opened, .status = m->status, .kind = "k"});
    if (m->loss != NONE)
        test_amount(b, CB_CASES, row, CB_CASE_LOSS, m->loss);
    if (m->more != NONE)
        test_amount(b, CB_CASES, row, CB_CASE_CONSEQUENTIAL, m->more);
    if (m->remedy != NONE)
        test_amount(b, CB_CASES, row, CB_CASE_REMEDY, m->remedy);
    if (m->type)
        test_word(b, CB_CASES, row, CB_CASE_REMEDY_TYPE, m->type);
}

/* Each row alone in a day of its own, so that a wrong band names its row. */
static void bands_by_hand(void **state)
{
    (void)state;
    test_book b;
    test_world w;
    cb_results r[CB_WINDOWS];
    test_book_init(&b);
    for (size_t i = 0; i < COUNT_OF(table); i++)
        add_row(&b, &table[i], T0 + (int64_t)i * DAY + 3600);
    test_world_open(&w, &b, T0 + 40 * DAY, NULL, 1);
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        cb_period p = cb_period_around(CB_PERIOD_DAY, T0 + (int64_t)i * DAY, w.settings->zone);
        test_world_run_period(&w, only_remedy, &p, r);
        const cb_remedy_figures *f = &r[CB_NOW].remedy.all;
        CHECK(f->cases == 1, "%s: %u cases", table[i].name, f->cases);
        CHECK(f->eligible == (table[i].band >= 0), "%s: eligible %u", table[i].name, f->eligible);
        for (int band = 0; band < CB_BANDS; band++)
            CHECK(f->bands[band] == (band == table[i].band), "%s: band %s", table[i].name,
                  cb_band_names[band]);
        CHECK(cb_est_ok(f->share_adequate) == (table[i].band >= 0), "%s: share", table[i].name);
        CHECK(cb_est_ok(f->share_adequate) || f->share_adequate.reason, "%s: no reason",
              table[i].name);
    }
    test_world_close(&w);
}

static void sums_by_hand(void **state)
{
    (void)state;
    test_book b;
    test_world w;
    cb_results r[CB_WINDOWS];
    test_book_init(&b);
    for (size_t i = 0; i < COUNT_OF(table); i++)
        add_row(&b, &table[i], T0 + (int64_t)i * 3600);
    test_world_open(&w, &b, T0 + 40 * DAY, NULL, 1);
    test_world_run(&w, only_remedy, "2026-01", r);
    const cb_remedy *got = &r[CB_NOW].remedy;
    const cb_remedy_figures *f = &got->all;
    assert_int_equal(f->cases, 19);
    assert_int_equal(f->loss_known, 18);
    assert_int_equal(f->eligible, 13);
    assert_int_equal(f->loss_minor, 9 * 1000 + 3 + 3 + 1500 + 700);
    assert_int_equal(f->consequential_minor, 500 + 700);
    assert_int_equal(f->direct_minor, 9 * 1000 + 3 + 3 + 1000);
    assert_int_equal(f->remedy_minor, 1 + 999 + 1000 + 1500 + 1501 + 4 + 5 + 1000 + 700 - 200);
    assert_int_equal(f->shortfall_minor, 3 * 1000 + 999 + 1 + 500 + 1200);
    assert_int_equal(f->excess_minor, 500 + 501 + 1 + 2);
    assert_int_equal(f->over_remedied, 4);
    /* ratios -.2 0 0 0 .001 2/3 .999 1 1 4/3 1.5 1.501 5/3 */
    CHECK(test_near(f->median_ratio, 0.999, 1e-12), "median %g", f->median_ratio);
    CHECK(test_near(f->ratio, 6510.0 / 11206, 1e-12), "ratio %g", f->ratio);
    CHECK(test_near(f->share_adequate.value, 6.0 / 13, 1e-12), "share");
    assert_int_equal(got->open_cases, 1);
    assert_int_equal(got->exposure_minor, 20030);
    assert_int_equal(got->largest_n, 10);
    assert_int_equal(got->largest_row[0], 11); /* 1,500; then the nine of 1,000 by row */
    assert_int_equal(got->largest_row[1], 0);
    assert_int_equal(got->largest_row[9], 18);
    CHECK(test_near(got->largest_share, 10500.0 / 11206, 1e-12), "largest share %g",
          got->largest_share);
    assert_int_equal(got->without_largest.eligible, 3);
    assert_int_equal(got->without_largest.cases, 9);
    assert_int_equal(got->without_largest.loss_known, 8);
    assert_int_equal(got->without_largest.loss_minor, 706);
    CHECK(test_near(got->without_largest.median_ratio, 4.0 / 3, 1e-12), "median without");
    assert_true(got->has_loss && got->has_remedy && got->has_consequential);
    test_world_close(&w);
}

/* ---- against working it out again ---- */

typedef struct naive {
    const test_world *w;
    const cb_table *t;
    const cb_period *period;
    int split;        /* -1: all; CB_DIMS: remedy type */
    const char *text; /* of the group */
    const uint32_t *without;
    uint32_t without_n;
} naive;

static bool in_group(const naive *v, uint32_t row)
{
    int64_t opened = cb_time(v->t, CB_CASE_OPENED, row);
    if (opened < v->period->from_utc_s || opened >= v->period->to_utc_s)
        return false;
    for (uint32_t i = 0; i < v->without_n; i++)
        if (v->without[i] == row)
            return false;
    if (v->split < 0)
        return true;
    unsigned field =
        v->split < CB_DIMS ? (unsigned)cb_dim_fields[v->split] : (unsigned)CB_CASE_REMEDY_TYPE;
    uint32_t word = cb_word(v->t, field, row);
    cb_str text =
        word ? cb_intern_text(v->w->book->pool[cb_schemas[CB_CASES].field[field].pool], word)
             : CB_LIT("");
    return cb_str_eq(text, cb_str_of(v->text));
}

static bool known_loss(const naive *v, uint32_t row, int64_t *loss)
{
    int64_t direct = cb_amount(v->t, CB_CASE_LOSS, row);
    int64_t more = cb_amount(v->t, CB_CASE_CONSEQUENTIAL, row);
    *loss = (direct == NONE ? 0 : direct) + (more == NONE ? 0 : more);
    return direct != NONE || more != NONE;
}

static bool known_remedy(const naive *v, uint32_t row, int64_t *remedy)
{
    uint32_t type = cb_word(v->t, CB_CASE_REMEDY_TYPE, row);
    bool none = type && cb_str_eq_nocase(cb_intern_text(v->w->book->pool[CB_POOL_REMEDY], type),
                                         CB_LIT("none"));
    *remedy = cb_amount(v->t, CB_CASE_REMEDY, row);
    if (*remedy != NONE)
        return true;
    *remedy = 0;
    return none || (!type && v->t->column[CB_CASE_REMEDY]);
}

static int naive_band(int64_t loss, int64_t remedy)
{
    if (remedy <= 0)
        return 0;
    return remedy < loss ? 1 : 2 * remedy <= 3 * loss ? 2 : 3;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static cb_remedy_figures work_out(const naive *v)
{
    cb_remedy_figures f = {0};
    double ratio[512];
    for (uint32_t row = 0; row < v->t->n; row++) {
        int64_t loss = 0;
        int64_t remedy = 0;
        if (!in_group(v, row))
            continue;
        bool has_loss = known_loss(v, row, &loss);
        bool has_remedy = known_remedy(v, row, &remedy);
        cb_case_state s = cb_case_state_of(v->t, row);
        f.cases++;
        f.loss_known += has_loss;
        if (!has_loss || !has_remedy || loss <= 0 || s == CB_STATE_OPEN || s == CB_STATE_WITHDRAWN)
            continue;
        int64_t direct = cb_amount(v->t, CB_CASE_LOSS, row);
        int band = naive_band(loss, remedy);
        ratio[f.eligible++] = (double)remedy / (double)loss;
        f.loss_minor += loss;
        f.remedy_minor += remedy;
        f.direct_minor += direct == NONE ? 0 : direct;
        f.shortfall_minor += remedy < loss ? loss - remedy : 0;
        f.excess_minor += remedy > loss ? remedy - loss : 0;
        f.over_remedied += remedy > loss;
        f.bands[band]++;
        f.band_shortfall_minor[band] += remedy < loss ? loss - remedy : 0;
    }
    f.consequential_minor = f.loss_minor - f.direct_minor;
    f.ratio = f.eligible ? (double)f.remedy_minor / (double)f.loss_minor : NAN;
    qsort(ratio, f.eligible, sizeof *ratio, by_value);
    uint32_t middle = f.eligible / 2;
    f.median_ratio = !f.eligible      ? NAN
                     : f.eligible % 2 ? ratio[middle]
                                      : (ratio[middle - 1] + ratio[middle]) / 2;
    return f;
}

static void check_figures(const naive *v, const cb_remedy_figures *got, const char *what)
{
    cb_remedy_figures want = work_out(v);
    const char *text = v->text ? v->text : "";
    CHECK(got->cases == want.cases && got->loss_known == want.loss_known &&
              got->eligible == want.eligible,
          "%s '%s': cases %u/%u, loss known %u/%u, eligible %u/%u", what, text, got->cases,
          want.cases, got->loss_known, want.loss_known, got->eligible, want.eligible);
    CHECK(got->loss_minor == want.loss_minor && got->remedy_minor == want.remedy_minor &&
              got->direct_minor == want.direct_minor &&
              got->consequential_minor == want.consequential_minor,
          "%s '%s': sums", what, text);
    CHECK(got->shortfall_minor == want.shortfall_minor && got->excess_minor == want.excess_minor &&
              got->over_remedied == want.over_remedied,
          "%s '%s': shortfall and excess", what, text);
    CHECK(!memcmp(got->bands, want.bands, sizeof want.bands), "%s '%s': bands", what, text);
    CHECK(!memcmp(got->band_shortfall_minor, want.band_shortfall_minor,
                  sizeof want.band_shortfall_minor),
          "%s '%s': shortfall by band", what, text);
    CHECK(test_near(got->ratio, want.ratio, 1e-12 * (1 + fabs(want.ratio))),
          "%s '%s': ratio %g, want %g", what, text, got->ratio, want.ratio);
    CHECK(test_near(got->median_ratio, want.median_ratio, 1e-12 * (1 + fabs(want.median_ratio))),
          "%s '%s': median %g, want %g", what, text, got->median_ratio, want.median_ratio);
    double share = want.eligible ? (double)(want.bands[2] + want.bands[3]) / want.eligible : NAN;
    CHECK(test_near(got->share_adequate.value, share, 1e-12), "%s '%s': share", what, text);
}

static void check_groups(const test_world *w, const cb_period *p, int split,
                         const cb_remedy_groups *groups)
{
    cb_pool pool =
        split < CB_DIMS ? cb_schemas[CB_CASES].field[cb_dim_fields[split]].pool : CB_POOL_REMEDY;
    uint32_t cases = 0;
    cb_str before = CB_LIT("");
    for (uint32_t i = 0; i < groups->n; i++) {
        const cb_remedy_group *g = &groups->group[i];
        cb_str text = g->word ? cb_intern_text(w->book->pool[pool], g->word) : CB_LIT("");
        char name[32] = "";
        memcpy(name, text.at, text.len);
        naive v = {
            .w = w, .t = &w->book->table[CB_CASES], .period = p, .split = split, .text = name};
        check_figures(&v, &g->figures, "group");
        CHECK(g->figures.cases > 0, "an empty group");
        if (i > 0) {
            int64_t more = groups->group[i - 1].figures.shortfall_minor;
            CHECK(more > g->figures.shortfall_minor ||
                      (more == g->figures.shortfall_minor && cb_str_cmp(before, text) < 0),
                  "order of groups at '%s'", name);
        }
        before = text;
        cases += g->figures.cases;
    }
    naive all = {.w = w, .t = &w->book->table[CB_CASES], .period = p, .split = -1};
    CHECK(cases == work_out(&all).cases, "groups of split %d do not hold all cases", split);
}

/* Each of the largest is eligible, no other eligible case is larger, and they are in order. */
static void check_largest(const naive *v, const cb_remedy *got)
{
    cb_remedy_figures all = work_out(v);
    uint32_t want = all.eligible < CB_LARGEST_LOSSES ? all.eligible : CB_LARGEST_LOSSES;
    CHECK(got->largest_n == want, "largest %u, want %u", got->largest_n, want);
    naive rest = *v;
    rest.without = got->largest_row;
    rest.without_n = got->largest_n;
    check_figures(&rest, &got->without_largest, "without the largest");
    CHECK(test_near(got->largest_share,
                    all.eligible ? (double)(all.loss_minor - work_out(&rest).loss_minor) /
                                       (double)all.loss_minor
                                 : NAN,
                    1e-12),
          "share of the largest");
    int64_t least = INT64_MAX;
    for (uint32_t i = 0; i < got->largest_n; i++) {
        int64_t loss = 0;
        (void)known_loss(v, got->largest_row[i], &loss);
        CHECK(loss < least || (loss == least && got->largest_row[i] > got->largest_row[i - 1]),
              "order of the largest");
        least = loss;
    }
    for (uint32_t row = 0; row < v->t->n && got->largest_n > 0; row++) {
        int64_t loss = 0;
        if (in_group(&rest, row) && v->w->derived->eligible[row] && known_loss(v, row, &loss))
            CHECK(loss <= least, "row %u is larger than the smallest of the ten largest", row);
    }
}

static void check_remedy(const test_world *w, const cb_period *p, const cb_remedy *got)
{
    naive v = {.w = w, .t = &w->book->table[CB_CASES], .period = p, .split = -1};
    uint32_t open = 0;
    int64_t exposure = 0;
    check_figures(&v, &got->all, "all");
    check_largest(&v, got);
    for (int dim = 0; dim < CB_DIMS; dim++)
        check_groups(w, p, dim, &got->by[dim]);
    check_groups(w, p, CB_DIMS, &got->by_type);
    for (uint32_t row = 0; row < v.t->n; row++) {
        int64_t loss = 0;
        bool counts =
            cb_case_state_of(v.t, row) == CB_STATE_OPEN && known_loss(&v, row, &loss) && loss > 0;
        open += counts;
        exposure += counts ? loss : 0;
    }
    CHECK(got->open_cases == open && got->exposure_minor == exposure, "exposure %u",
          got->open_cases);
    CHECK(got->has_loss == (v.t->column[CB_CASE_LOSS] || v.t->column[CB_CASE_CONSEQUENTIAL]),
          "has_loss");
    CHECK(got->has_remedy == (v.t->column[CB_CASE_REMEDY] != NULL), "has_remedy");
}

static int64_t random_amount(uint64_t *seed)
{
    static const int64_t amount[] = {NONE, NONE, 0, 1, 2, 3, 100, 101, 150, 151, 200, -7, 99999999};
    if (test_between(seed, 0, 3) == 0)
        return test_between(seed, 0, 1000);
    return amount[test_between(seed, 0, (int64_t)COUNT_OF(amount))];
}

static void random_case(test_book *b, uint64_t *seed, uint64_t columns)
{
    static const char *const word[] = {NULL, "a", "b", "ba", "c"};
    static const char *const type[] = {NULL, NULL, "none", "NONE", "refund", "voucher"};
    money_row m = {.status = (cb_case_status)test_between(seed, 0, CB_CASE_STATUSES)};
    m.loss = columns & 1 ? random_amount(seed) : NONE;
    m.more = columns & 2 ? random_amount(seed) : NONE;
    m.remedy = columns & 4 ? random_amount(seed) : NONE;
    m.type = columns & 8 ? type[test_between(seed, 0, 6)] : NULL;
    int64_t opened = T0 + test_between(seed, -40 * DAY, 60 * DAY);
    uint32_t row = b->rows[CB_CASES].n;
    add_row(b, &m, opened);
    if (test_between(seed, 0, 2))
        test_time(b, CB_CASES, row, CB_CASE_RESOLVED, opened + test_between(seed, 0, 20 * DAY));
    for (int dim = 1; dim < CB_DIMS; dim++) {
        const char *text = word[test_between(seed, 0, 5)];
        if (text && columns & 16)
            test_word(b, CB_CASES, row, cb_dim_fields[dim], text);
    }
}

static void random_book(uint64_t *seed, int number)
{
    static const char *const period[] = {"2026-01", "2025", "2026-01-10..2026-02-20"};
    test_book b;
    test_world w;
    cb_results r[CB_WINDOWS];
    cb_results by_hand;
    test_book_init(&b);
    uint64_t columns = number % 3 ? 31 : test_random(seed);
    int64_t n = number % 10 ? test_between(seed, 0, 60) : test_between(seed, 0, 4);
    n = number % 100 == 7 ? 1700 : n; /* several blocks */
    for (int64_t i = 0; i < n; i++)
        random_case(&b, seed, columns);
    test_world_open(&w, &b, T0 + test_between(seed, 0, 90 * DAY), NULL, 1 + (unsigned)number % 3);
    test_world_run(&w, only_remedy, period[number % 3], r);
    check_remedy(&w, &w.scope.window[CB_NOW].period, &r[CB_NOW].remedy);
    fold_by_hand(&w, &cb_measure_remedy, CB_NOW, (unsigned)test_between(seed, 1, 8), seed, &by_hand);
    check_remedy(&w, &w.scope.window[CB_NOW].period, &by_hand.remedy);
    for (int ix = CB_BEFORE; ix < CB_WINDOWS; ix++) {
        naive v = {.w = &w, .t = &w.book->table[CB_CASES], .period = &w.scope.window[ix].period, .split = -1};
        check_figures(&v, &r[ix].remedy.all, "all of a comparison window");
        fold_by_hand(&w, &cb_measure_remedy, (cb_window_ix)ix, (unsigned)test_between(seed, 1, 8),
                     seed, &by_hand);
        check_figures(&v, &by_hand.remedy.all, "all, by hand");
        CHECK(!r[ix].remedy.by_type.n && !r[ix].remedy.open_cases, "more of a comparison window");
    }
    test_world_close(&w);
}

static void against_working_out(void **state)
{
    (void)state;
    uint64_t seed = 20260101;
    for (int number = 0; number < 600; number++)
        random_book(&seed, number);
}

/* Sums beyond 64 bits end the run with a sentence, not with a wrong figure. */
static void absurd_amounts(void **state)
{
    (void)state;
    test_book b;
    test_world w;
    cb_results r[CB_WINDOWS];
    cb_error err = {.status = CB_OK};
    test_book_init(&b);
    for (int i = 0; i < 1100; i++) {
        uint32_t row =
            test_case(&b, &(test_case_row){.opened = T0 + i, .status = CB_STATUS_RESOLVED});
        test_amount(&b, CB_CASES, row, CB_CASE_LOSS, CB_MAX_AMOUNT);
        test_amount(&b, CB_CASES, row, CB_CASE_REMEDY, 0);
    }
    test_world_open(&w, &b, T0 + DAY, NULL, 1);
    assert_int_equal(test_world_try(&w, only_remedy, "2026-01", r, &err), CB_ELIMIT);
    assert_non_null(strstr(err.why, "64-bit"));
    test_world_close(&w);
}

/* Every allocation of the measure fails once: a status, no leak, no crash. */
static void failing_memory(void **state)
{
    (void)state;
    test_book b;
    test_world w;
    cb_results r[CB_WINDOWS];
    uint64_t seed = 3;
    size_t nth = 1;
    test_book_init(&b);
    for (int i = 0; i < 40; i++)
        random_case(&b, &seed, 31);
    test_world_open(&w, &b, T0 + 60 * DAY, NULL, 1);
    while (test_world_starve(&w, only_remedy, "2026-01", nth, r))
        nth++;
    CHECK(nth > 10, "only %zu calls", nth);
    test_world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bands_by_hand),       cmocka_unit_test(sums_by_hand),
        cmocka_unit_test(against_working_out), cmocka_unit_test(absurd_amounts),
        cmocka_unit_test(failing_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
