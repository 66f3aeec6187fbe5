/* What a measure is given: the windows of a scope, and the words of a dimension. */
#include "book_builder.h"

#define T0 (INT64_C(1767225600)) /* 2026-01-01T00:00:00Z */

/* ---- scope ---- */

// clang-format off
static const struct {
    const char *period, *as_of, *before, *year_before; /* as_of is a day; the windows as FROM TO (days, TO included) */
    bool covered, covered_before;
} scopes[] = {
    {"2026-Q3", "2026-10-20", "2026-04-01 2026-06-30", "2025-07-01 2025-09-30", true, true},
    {"2026-Q3", "2026-07-10", "2026-04-01 2026-04-10", "2025-07-01 2025-07-10", true, true},
    {"2026-05-05", "2026-05-05", "2026-05-04 2026-05-04", "2025-05-05 2025-05-05", true, true},
    {"2026-01", "2026-12-31", "2025-12-01 2025-12-31", "2025-01-01 2025-01-31", false, false},
    {"2026-01-04", "2026-12-31", "2026-01-03 2026-01-03", "2025-01-04 2025-01-04", true, false},
    {"2026-02", "2026-12-31", "2026-01-01 2026-01-31", "2025-02-01 2025-02-28", true, false},
};
// clang-format on

static int64_t day_of(const char *date)
{
    cb_str text = {date, 10};
    cb_period p;
    cb_zone *utc = NULL;
    assert_int_equal(cb_zone_open(&utc, "UTC", NULL), CB_OK);
    assert_int_equal(cb_period_parse(&p, text, utc, NULL), CB_OK);
    cb_zone_free(utc);
    return p.from_utc_s;
}

static void windows_of_a_scope(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(scopes); i++) {
        test_book b;
        test_world w;
        test_book_init(&b);
        test_case(&b, &(test_case_row){.opened = T0 + 3 * DAY});
        test_case(&b, &(test_case_row){.opened = day_of("2026-04-05")});
        test_case(&b, &(test_case_row){.opened = day_of("2026-06-30")});
        test_world_open(&w, &b, day_of(scopes[i].as_of) + DAY - 1, NULL, 1);
        cb_period p = test_period(&w, scopes[i].period);
        cb_scope_init(&w.scope, w.book, w.settings, w.calendar, w.derived, &p, &w.workers, w.arena);
        const char *const want[] = {scopes[i].before, scopes[i].year_before};
        for (int k = 0; k < 2; k++) {
            const cb_window *got = &w.scope.window[CB_BEFORE + k];
            CHECK(got->period.from_utc_s == day_of(want[k]), "row %zu: window %d begins wrong", i,
                  k);
            CHECK(got->period.to_utc_s == day_of(want[k] + 11) + DAY,
                  "row %zu: window %d ends wrong", i, k);
            cb_slice cases = cb_cases_opened(w.book, got->period.from_utc_s, got->period.to_utc_s);
            CHECK(got->cases.n == cases.n && got->cases.rows == cases.rows, "row %zu: cases", i);
        }
        CHECK(w.scope.covered[CB_NOW] == scopes[i].covered, "row %zu: covered", i);
        CHECK(w.scope.covered[CB_BEFORE] == scopes[i].covered_before, "row %zu: covered before", i);
        test_world_close(&w);
    }
}

/* ---- dimensions ---- */

static void dimensions(void **state)
{
    (void)state;
    test_book b;
    test_world w;
    test_book_init(&b);
    static const char *const team[] = {"west", "east", "east", "north", NULL, "south", "north"};
    for (size_t i = 0; i < COUNT_OF(team); i++)
        test_case(&b, &(test_case_row){.opened = T0, .team = team[i]});
    test_world_open(&w, &b, T0 + DAY, NULL, 1);
    assert_int_equal(cb_dim_groups(w.book, CB_DIM_TEAM), 5);
    assert_int_equal(cb_dim_groups(w.book, CB_DIM_KIND), 1);
    assert_true(cb_dim_present(w.book, CB_DIM_TEAM) && !cb_dim_present(w.book, CB_DIM_KIND));
    assert_int_equal(cb_dim_word(w.book, CB_DIM_KIND, 0), CB_UNKNOWN_ID);
    uint32_t count[5] = {0};
    for (uint32_t row = 0; row < COUNT_OF(team); row++)
        count[cb_dim_word(w.book, CB_DIM_TEAM, row)]++;
    const uint32_t *words = NULL;
    uint32_t n = 0;
    assert_int_equal(cb_dim_ranked(w.book, CB_DIM_TEAM, count, w.arena, &words, &n, NULL), CB_OK);
    static const char *const want[] = {"east", "north", "", "south", "west"};
    assert_int_equal(n, 5);
    for (uint32_t i = 0; i < n; i++)
        CHECK(cb_str_eq(cb_dim_text(w.book, CB_DIM_TEAM, words[i]), cb_str_of(want[i])),
              "place %u is not %s", i, want[i]);
    count[words[0]] = 0;
    assert_int_equal(cb_dim_ranked(w.book, CB_DIM_TEAM, count, w.arena, &words, &n, NULL), CB_OK);
    assert_int_equal(n, 4);
    for (int dim = 0; dim < CB_DIMS; dim++)
        assert_true(cb_dim_names[dim] && cb_dim_titles[dim] &&
                    cb_schemas[CB_CASES].field[cb_dim_fields[dim]].type == CB_TYPE_WORD);
    test_world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_of_a_scope),
        cmocka_unit_test(dimensions),
    };
    cb_stats_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
