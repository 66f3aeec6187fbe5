/* V1 to V3 against a naive twin on random books; by hand: stars, links, nothing. */
#include "random_book.h"

#include "casebook/stats_interval.h"

static const cb_measure *const measures[] = {&cb_measure_review, NULL};

typedef bool (*chooser)(const test_world *w, uint32_t row, uint32_t word);

static const cb_table *reviews_of(const test_world *w)
{
    return &w->book->table[CB_REVIEWS];
}

static bool counted(const test_world *w, int ix, uint32_t row)
{
    int64_t posted = cb_time(reviews_of(w), CB_REVIEW_POSTED, row);
    return cb_score(reviews_of(w), CB_REVIEW_RATING, row) != CB_NO_SCORE &&
           posted >= w->scope.window[ix].period.from_utc_s &&
           posted < w->scope.window[ix].period.to_utc_s;
}

static void check_figures(const test_world *w, int ix, const cb_review_figures *got, chooser mine,
                          uint32_t word, const char *what)
{
    double sum = 0;
    uint32_t n = 0, low = 0, known = 0;
    uint64_t reach = 0, low_reach = 0;
    for (uint32_t row = 0; row < reviews_of(w)->n; row++) {
        if (!counted(w, ix, row) || !mine(w, row, word))
            continue;
        double stars = cb_score(reviews_of(w), CB_REVIEW_RATING, row) / 100.0;
        uint16_t people = cb_count(reviews_of(w), CB_REVIEW_REACH, row);
        n++;
        sum += stars;
        low += stars <= 2;
        known += people != CB_NO_COUNT;
        reach += people != CB_NO_COUNT ? people : 0;
        low_reach += people != CB_NO_COUNT && stars <= 2 ? people : 0;
    }
    CHECK(got->n == n && got->low_n == low && got->reach_known == known && got->reach == reach &&
              got->low_reach == low_reach,
          "%s: n %u, want %u", what, got->n, n);
    CHECK(test_near(got->mean, n ? sum / n : NAN, 1e-12), "%s: mean %f", what, got->mean);
    CHECK(n ? test_near(got->low.high, cb_wilson(low, n, .95).high, 1e-15)
            : got->low.reason != NULL,
          "%s: low", what);
}

static bool every(const test_world *w, uint32_t row, uint32_t word)
{
    (void)w;
    (void)row;
    (void)word;
    return true;
}

static bool of_product(const test_world *w, uint32_t row, uint32_t word)
{
    return cb_word(reviews_of(w), CB_REVIEW_PRODUCT, row) == word;
}
static bool of_site(const test_world *w, uint32_t row, uint32_t word)
{
    return cb_word(reviews_of(w), CB_REVIEW_SITE, row) == word;
}

static bool of_month(const test_world *w, uint32_t row, uint32_t month)
{
    cb_civil c =
        cb_civil_from_s(cb_time(reviews_of(w), CB_REVIEW_POSTED, row)); /* the books' zone is UTC */
    return (uint32_t)c.year * 12 + c.month == month;
}

static bool of_remedy(const test_world *w, uint32_t row, uint32_t adequate)
{
    uint32_t link = w->book->review_case[row];
    return link != CB_NO_ROW && w->derived->eligible[link] &&
           (cb_remedy_minor(w->derived, link) >= cb_loss_minor(w->derived, link)) ==
               (adequate == 1);
}

static int compare_i64(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static void check_links(const test_world *w, int ix, const cb_review *got)
{
    uint32_t by_id = 0, by_customer = 0, n = 0;
    int64_t *spent = malloc((reviews_of(w)->n + 1) * sizeof *spent);
    assert_non_null(spent);
    for (uint32_t row = 0; row < reviews_of(w)->n; row++) {
        uint32_t link = w->book->review_case[row];
        if (!counted(w, ix, row) || link == CB_NO_ROW)
            continue;
        bool named = cb_word(reviews_of(w), CB_REVIEW_CASE, row) ==
                     cb_word(&w->book->table[CB_CASES], CB_CASE_ID, link);
        by_id += named;
        by_customer += !named;
        int64_t took = cb_time(reviews_of(w), CB_REVIEW_POSTED, row) -
                       cb_time(&w->book->table[CB_CASES], CB_CASE_OPENED, link);
        if (took >= 0)
            spent[n++] = took;
        CHECK(named || took <= 90 * DAY, "a link after %d days", (int)(took / DAY));
    }
    qsort(spent, n, sizeof *spent, compare_i64);
    double median = n ? ((double)spent[(n - 1) / 2] + (double)spent[n / 2]) / 2 / CB_DAY_S : NAN;
    CHECK(got->linked_by_id == by_id && got->linked_by_customer == by_customer &&
              got->linked == by_id + by_customer,
          "links");
    CHECK(got->timed == n && test_near(got->median_days_case_to_review, median, 1e-9),
          "days %f, want %f", got->median_days_case_to_review, median);
    free(spent);
}

static void check_phrases(const test_world *w, int ix, const cb_review *got)
{
    uint32_t texts = 0;
    assert_int_equal(got->phrases, w->settings->phrases.n);
    assert_true(got->phrases >= 3);
    for (unsigned p = 0; p < got->phrases; p++) {
        CHECK(cb_str_eq(got->phrase[p].name, w->settings->phrases.pair[p].word),
              "name of phrase %u", p);
        uint32_t n = 0;
        double sum = 0;
        texts = 0;
        for (uint32_t row = 0; row < reviews_of(w)->n; row++) {
            uint32_t bits = cb_text_bits(reviews_of(w), CB_REVIEW_TEXT, row);
            if (!counted(w, ix, row) || !(bits & CB_TEXT_SEEN))
                continue;
            texts++;
            n += bits >> p & 1;
            sum += bits >> p & 1 ? cb_score(reviews_of(w), CB_REVIEW_RATING, row) / 100.0 : 0;
        }
        CHECK(got->phrase[p].reviews == n &&
                  test_near(got->phrase[p].mean, n ? sum / n : NAN, 1e-12),
              "phrase %u", p);
        CHECK(texts ? test_near(got->phrase[p].share.value, (double)n / texts, 1e-15)
                    : got->phrase[p].share.reason != NULL,
              "share of phrase %u", p);
    }
    assert_int_equal(got->texts, texts);
}

static void check_groups(const test_world *w, int ix, const cb_review_group *group, uint32_t n,
                         chooser mine, cb_pool pool, const char *what)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        check_figures(w, ix, &group[i].figures, mine, group[i].word, what);
        sum += group[i].figures.n;
        if (i == 0)
            continue;
        cb_str before =
            group[i - 1].word ? cb_intern_text(w->book->pool[pool], group[i - 1].word) : CB_LIT("");
        cb_str mine_text =
            group[i].word ? cb_intern_text(w->book->pool[pool], group[i].word) : CB_LIT("");
        CHECK(
            group[i - 1].figures.n > group[i].figures.n ||
                (group[i - 1].figures.n == group[i].figures.n && cb_str_cmp(before, mine_text) < 0),
            "order of %ss", what);
    }
    CHECK(n == 0 || sum > 0, "groups of nothing");
}

static void check_window(const test_world *w, int ix, const cb_review *got)
{
    uint32_t stars[5] = {0}, in_months = 0;
    check_figures(w, ix, &got->all, every, 0, "all");
    for (uint32_t row = 0; row < reviews_of(w)->n; row++)
        if (counted(w, ix, row))
            stars[(int)floor(cb_score(reviews_of(w), CB_REVIEW_RATING, row) / 100.0 + 0.5) - 1]++;
    for (int i = 0; i < 5; i++)
        CHECK(got->by_star[i] == stars[i], "%d stars: %u, want %u", i + 1, got->by_star[i],
              stars[i]);
    check_groups(w, ix, got->product, got->products, of_product, CB_POOL_PRODUCT, "product");
    check_groups(w, ix, got->site, got->sites, of_site, CB_POOL_SITE, "site");
    for (uint32_t i = 0; i < got->months; i++) {
        cb_civil c = cb_civil_from_s(got->month[i].month.from_utc_s);
        check_figures(w, ix, &got->month[i].figures, of_month, (uint32_t)c.year * 12 + c.month,
                      "month");
        in_months += got->month[i].figures.n;
    }
    assert_int_equal(in_months, got->all.n);
    check_links(w, ix, got);
    check_figures(w, ix, &got->after_adequate, of_remedy, 1, "after an adequate remedy");
    check_figures(w, ix, &got->after_inadequate, of_remedy, 0, "after an inadequate remedy");
    check_phrases(w, ix, got);
}

static void against_twins(void **state)
{
    (void)state;
    uint64_t seed = 20260804;
    uint32_t linked = 0, remedies = 0;
    for (int book = 0; book < test_books(300); book++) {
        test_world w;
        cb_results results[CB_WINDOWS];
        random_plan plan = random_shape(&seed, 200);
        plan.reviews = true;
        random_world_open(&w, &seed, &plan, random_config);
        test_world_run(&w, measures, random_period(&seed), results);
        for (int ix = 0; ix < CB_WINDOWS; ix++) {
            const cb_review *got = &results[ix].review;
            CHECK((got->reason != NULL) == (reviews_of(&w)->n == 0), "reason");
            if (!got->reason)
                check_window(&w, ix, got);
            linked += got->linked_by_customer;
            remedies += got->after_inadequate.n;
        }
        test_world_close(&w);
    }
    CHECK(test_books(300) < 300 || (linked > 50 && remedies > 20),
          "%u linked by customer, %u after an inadequate remedy", linked, remedies);
}

static void no_reviews(void **state)
{
    (void)state;
    test_world w;
    cb_results results[CB_WINDOWS];
    test_world_of_case(&w, &(test_case_row){.opened = RANDOM_T0}, RANDOM_T0 + DAY);
    test_world_run(&w, measures, "2024-01", results);
    const cb_review *r = &results[CB_NOW].review;
    CHECK(r->reason && r->all.n == 0 && r->all.low.reason && isnan(r->all.mean) &&
              isnan(r->median_days_case_to_review) && r->after_adequate.low.reason &&
              isnan(r->after_inadequate.mean),
          "no reviews");
    test_world_close(&w);
}

/* A rating of 1.5 is 2 stars, of 2.49 too; 2.00 is low, 2.01 is not. A review before its case has
 * no time. */
static void stars_by_hand(void **state)
{
    static const uint16_t ratings[] = {100, 149, 150, 200, 201, 249, 250, 500};
    static const uint32_t want[5] = {2, 4, 1, 0, 1};
    (void)state;
    test_book b;
    test_world w;
    cb_results results[CB_WINDOWS];
    test_book_init(&b);
    test_case(&b, &(test_case_row){.opened = RANDOM_T0 + 5 * DAY});
    for (size_t i = 0; i < COUNT_OF(ratings); i++) {
        uint32_t row = test_row(&b, CB_REVIEWS);
        test_time(&b, CB_REVIEWS, row, CB_REVIEW_POSTED, RANDOM_T0 + 2 * (int64_t)i * DAY);
        test_count(&b, CB_REVIEWS, row, CB_REVIEW_RATING, ratings[i]);
        test_word(&b, CB_REVIEWS, row, CB_REVIEW_CASE, "1");
    }
    test_world_open(&w, &b, RANDOM_T0 + 30 * DAY, NULL, 1);
    test_world_run(&w, measures, "2024-01", results);
    const cb_review *r = &results[CB_NOW].review;
    for (int i = 0; i < 5; i++)
        CHECK(r->by_star[i] == want[i], "%d stars: %u, want %u", i + 1, r->by_star[i], want[i]);
    CHECK(r->all.low_n == 4 && r->linked == 8 && r->timed == 5 &&
              test_near(r->median_days_case_to_review, 5, 1e-12),
          "%u low, %u linked, %u timed, %f days", r->all.low_n, r->linked, r->timed,
          r->median_days_case_to_review);
    test_world_close(&w);
}

/* Field by field: between the fields there may be anything. */
static bool same(const cb_review_figures *a, const cb_review_figures *b)
{
    return a->n == b->n && a->low_n == b->low_n && a->reach == b->reach &&
           a->low_reach == b->low_reach && test_near(a->mean, b->mean, 0) &&
           test_near(a->low.value, b->low.value, 0) && test_near(a->low.low, b->low.low, 0);
}

static void compare(const cb_results *got, const cb_results *want, unsigned threads)
{
    for (int ix = 0; ix < CB_WINDOWS; ix++) {
        const cb_review *a = &got[ix].review, *e = &want[ix].review;
        CHECK(same(&a->all, &e->all) && same(&a->after_adequate, &e->after_adequate) &&
                  a->products == e->products &&
                  test_near(a->median_days_case_to_review, e->median_days_case_to_review, 0),
              "reviews depend on threads: %u", threads);
        for (uint32_t i = 0; i < a->products; i++)
            CHECK(a->product[i].word == e->product[i].word &&
                      same(&a->product[i].figures, &e->product[i].figures),
                  "product %u depends on threads: %u", i, threads);
    }
}

static void threads_do_not_show(void **state)
{
    (void)state;
    random_plan plan = {
        .cases = 30000, .customers = 9000, .words = 9, .present_percent = 100, .reviews = true};
    random_on_threads(NULL, 6, &plan, compare);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stars_by_hand),
        cmocka_unit_test(no_reviews),
        cmocka_unit_test(against_twins),
        cmocka_unit_test(threads_do_not_show),
    };
    cb_stats_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
