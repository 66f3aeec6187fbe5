/* R6: the flow by hand on a small book, and on random books against counting every figure by its definition. */
#include "book_builder.h"

#define T0 (INT64_C(1767225600)) /* 2026-01-01T00:00:00Z */

static const cb_measure *const only_flow[] = {&cb_measure_flow, NULL};

/* ---- by hand ---- */

/* Hours after 2026-01-10; 0 as the end: none. The window is January 10 to 12, as_of is the end of the 20th. */
static const struct {
    const char *name;
    int64_t opened_h, ended_h;
    cb_case_status status;
    int reopens; /* -1: not said */
    const char *priority;
} cases[] = {
    {"open since before, still open", -24 * 100, 0, CB_STATUS_OPEN, -1, "high"},
    {"resolved the moment the window begins", -5, 0, CB_STATUS_UNKNOWN, 0, "high"}, /* end set below: hour 0 */
    {"resolved just before", -5, -1, CB_STATUS_RESOLVED, 0, "low"},
    {"opened and resolved in the window, twice", 1, 30, CB_STATUS_RESOLVED, 1, "low"},
    {"opened in it, resolved as it ends", 2, 72, CB_STATUS_RESOLVED, 2, NULL},
    {"opened in it, still open, reopened", 71, 0, CB_STATUS_OPEN, 3, "low"},
    {"opened as it ends", 72, 0, CB_STATUS_OPEN, 4, "low"},
    {"closed at an unknown time", 3, 0, CB_STATUS_CLOSED, 5, "low"},
    {"withdrawn", 4, 0, CB_STATUS_WITHDRAWN, 0, "low"},
    {"closed at an unknown time, before", -4, 0, CB_STATUS_CLOSED, 6, "low"},
    {"opened before, resolved in it, reopened", -1, 5, CB_STATUS_RESOLVED, 7, "high"},
};

static void open_by_hand(test_world *w, int64_t as_of)
{
    const int64_t from = T0 + 9 * DAY;
    test_book b;
    test_book_init(&b);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t end = cases[i].ended_h || i == 1 ? from + cases[i].ended_h * HOUR : 0;
        uint32_t row = test_case(&b, &(test_case_row){.opened = from + cases[i].opened_h * HOUR,
                                                      .resolved = end,
                                                      .status = cases[i].status,
                                                      .priority = cases[i].priority});
        if (cases[i].reopens >= 0)
            test_count(&b, CB_CASES, row, CB_CASE_REOPENS, (uint16_t)cases[i].reopens);
    }
    test_world_open(w, &b, as_of, NULL, 1);
}

static void window_by_hand(void **state)
{
    (void)state;
    test_world w;
    cb_results r[CB_WINDOWS];
    open_by_hand(&w, T0 + 20 * DAY - 1);
    test_world_run(&w, only_flow, "2026-01-10..2026-01-12", r);
    const cb_flow *f = &r[CB_NOW].flow;
    assert_int_equal(f->open_at_start, 3);        /* 0, 1, 10 */
    assert_int_equal(f->opened, 3);               /* 3, 4, 5 */
    assert_int_equal(f->resolved_for_good, 3);    /* 1, 3, 10 */
    assert_int_equal(f->reopened, 1);             /* of 3: the others end elsewhere or later */
    assert_int_equal(f->resolved, 4);
    assert_int_equal(f->open_at_end, 3);          /* 0, 4, 5 */
    assert_int_equal(f->difference, 0);
    assert_int_equal(f->opened_closed_unknown, 1);
    assert_int_equal(f->opened_withdrawn, 1);
    assert_int_equal(f->cases_reopened, 4);       /* 3, 4, 5, 7 */
    assert_int_equal(f->reopened_unplaced, 2 + 3 + 7);
    assert_true(f->reopens_known);

    assert_true(f->by_day);
    assert_int_equal(f->rows, 3);
    assert_int_equal(f->first_row, 0);
    static const uint32_t row[3][4] = {{3, 2, 2, 3}, {3, 0, 1, 2}, {2, 1, 0, 3}};
    for (uint32_t i = 0; i < 3; i++) {
        const cb_flow_row *got = &f->row[i];
        CHECK(got->open_at_start == row[i][0] && got->opened == row[i][1] && got->resolved == row[i][2] &&
                  got->open_at_end == row[i][3],
              "day %u: %u + %u - %u = %u", i, got->open_at_start, got->opened, got->resolved, got->open_at_end);
    }
    assert_string_equal(f->row[1].period.label, "2026-01-11");

    /* The backlog at the window's end: ages 103 d, 70 h, 1 h. */
    assert_true(f->backlog_utc_s == T0 + 12 * DAY);
    static const uint32_t age[CB_AGE_BANDS] = {1, 1, 0, 0, 0, 1};
    assert_memory_equal(f->backlog_by_age, age, sizeof age);
    assert_int_equal(f->backlog_rows, 3);
    assert_true(cb_str_eq(f->backlog[0].text, CB_LIT(""))); /* all have one case: by text */
    assert_true(cb_str_eq(f->backlog[1].text, CB_LIT("high")));
    assert_true(cb_str_eq(f->backlog[2].text, CB_LIT("low")));
    assert_int_equal(f->backlog[1].by_age[CB_AGE_OLDER], 1);
    assert_int_equal(f->backlog[2].by_age[CB_AGE_1D], 1);

    /* The three days before: one case more open at the end than at the start. */
    test_world_run(&w, only_flow, "2026-01-07..2026-01-09", r);
    assert_string_equal(r[CB_NOW].flow.row[0].period.label, "2026-01-07");
    assert_int_equal(r[CB_NOW].flow.open_at_start, 1);
    assert_int_equal(r[CB_NOW].flow.open_at_end, 3);
    test_world_close(&w);
}

/* Age bands hold their upper bound: a case of exactly 1 day is in "0-1 d", a second more is not. */
static void bands_hold_their_bound(void **state)
{
    (void)state;
    static const int64_t bound_d[] = {1, 3, 7, 30, 90};
    const int64_t as_of = T0 + 200 * DAY;
    test_book b;
    test_world w;
    cb_results r[CB_WINDOWS];
    test_book_init(&b);
    for (size_t i = 0; i < COUNT_OF(bound_d); i++) {
        test_case(&b, &(test_case_row){.opened = as_of - bound_d[i] * DAY});
        test_case(&b, &(test_case_row){.opened = as_of - bound_d[i] * DAY - 1});
    }
    test_world_open(&w, &b, as_of, NULL, 1);
    test_world_run(&w, only_flow, "2026", r);
    static const uint32_t want[CB_AGE_BANDS] = {1, 2, 2, 2, 2, 1};
    assert_memory_equal(r[CB_NOW].flow.backlog_by_age, want, sizeof want);
    assert_true(r[CB_NOW].flow.backlog_utc_s == as_of);
    test_world_close(&w);
}

static const struct {
    const char *period;
    bool by_day;
    uint32_t rows, first_row;
    const char *first, *last;
} shapes[] = {
    /* first case 2025-10-02 (100 days before 2026-01-10), as_of 2026-01-20 */
    {"2026-01-15", true, 28, 27, "2025-12-19", "2026-01-15"},
    {"2025-10-05", true, 4, 3, "2025-10-02", "2025-10-05"},
    {"2025-10-02", true, 1, 0, "2025-10-02", "2025-10-02"},
    {"2025-09-30", true, 0, 0, NULL, NULL},
    {"2026-01", true, 20, 0, "2026-01-01", "2026-01-20"},
    {"2025-Q4", false, 3, 0, "2025-10", "2025-12"},
    {"2026-Q1", false, 1, 0, "2026-01", "2026-01"},
    {"2025", false, 3, 0, "2025-10", "2025-12"},
    {"2024", false, 0, 0, NULL, NULL},
    {"2027", false, 0, 0, NULL, NULL},
    {"2025-10-20..2026-01-05", false, 4, 0, "2025-10", "2026-01"},
};

static void shapes_of_rows(void **state)
{
    (void)state;
    test_world w;
    cb_results r[CB_WINDOWS];
    open_by_hand(&w, T0 + 20 * DAY - 1);
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        test_world_run(&w, only_flow, shapes[i].period, r);
        const cb_flow *f = &r[CB_NOW].flow;
        CHECK(f->by_day == shapes[i].by_day && f->rows == shapes[i].rows && f->first_row == shapes[i].first_row,
              "%s: %u rows, first %u", shapes[i].period, f->rows, f->first_row);
        CHECK(f->difference == 0, "%s: difference %lld", shapes[i].period, (long long)f->difference);
        if (f->rows == 0)
            continue;
        CHECK(!strcmp(f->row[0].period.label, shapes[i].first), "%s: begins %s", shapes[i].period,
              f->row[0].period.label);
        CHECK(!strcmp(f->row[f->rows - 1].period.label, shapes[i].last), "%s: ends %s", shapes[i].period,
              f->row[f->rows - 1].period.label);
    }
    test_world_close(&w);
}

/* ---- against counting ---- */

typedef struct naive {
    const test_world *w;
    const cb_table *t;
} naive;

static bool in_stock(const naive *v, uint32_t row)
{
    cb_case_state s = cb_case_state_of(v->t, row);
    return s == CB_STATE_OPEN || s == CB_STATE_RESOLVED;
}

static bool between(int64_t x, int64_t from, int64_t to)
{
    return x != CB_NO_TIME && x >= from && x < to;
}

static uint32_t open_before(const naive *v, int64_t utc_s)
{
    uint32_t n = 0;
    for (uint32_t row = 0; row < v->t->n; row++) {
        int64_t end = cb_time(v->t, CB_CASE_RESOLVED, row);
        n += in_stock(v, row) && cb_time(v->t, CB_CASE_OPENED, row) < utc_s && (end == CB_NO_TIME || end >= utc_s);
    }
    return n;
}

static uint32_t events_between(const naive *v, unsigned field, int64_t from, int64_t to)
{
    uint32_t n = 0;
    for (uint32_t row = 0; row < v->t->n; row++)
        n += in_stock(v, row) && between(cb_time(v->t, field, row), from, to);
    return n;
}

static uint64_t reopenings(const naive *v, const cb_period *p, bool placed)
{
    uint64_t n = 0;
    for (uint32_t row = 0; row < v->t->n; row++) {
        uint16_t times = cb_count(v->t, CB_CASE_REOPENS, row);
        int64_t opened = cb_time(v->t, CB_CASE_OPENED, row);
        int64_t end = cb_time(v->t, CB_CASE_RESOLVED, row);
        end = end == CB_NO_TIME ? v->w->book->as_of_utc_s : end;
        if (times == CB_NO_COUNT || !in_stock(v, row) || end < p->from_utc_s || opened >= p->to_utc_s)
            continue;
        bool within = opened >= p->from_utc_s && end < p->to_utc_s;
        n += within == placed ? times : 0;
    }
    return n;
}

static void check_rows(const naive *v, const cb_flow *f, const cb_period *p)
{
    uint32_t opened = 0;
    uint32_t resolved = 0;
    for (uint32_t i = 0; i < f->rows; i++) {
        const cb_flow_row *row = &f->row[i];
        int64_t from = row->period.from_utc_s;
        int64_t to = row->period.to_utc_s;
        int64_t end = to > v->w->book->as_of_utc_s ? v->w->book->as_of_utc_s + 1 : to;
        CHECK(i == 0 || f->row[i - 1].period.to_utc_s == from, "row %u: gap", i);
        cb_period whole = cb_period_around(f->by_day ? CB_PERIOD_DAY : CB_PERIOD_MONTH, from, v->w->settings->zone);
        CHECK(from == whole.from_utc_s || from == p->from_utc_s, "row %u does not begin with its day or month", i);
        CHECK(to == whole.to_utc_s || to == p->to_utc_s, "row %u does not end with its day or month", i);
        CHECK(row->open_at_start == open_before(v, from), "row %u: open at start %u", i, row->open_at_start);
        CHECK(row->open_at_end == open_before(v, end), "row %u: open at end %u", i, row->open_at_end);
        CHECK(row->opened == events_between(v, CB_CASE_OPENED, from, to), "row %u: opened %u", i, row->opened);
        CHECK(row->resolved == events_between(v, CB_CASE_RESOLVED, from, to), "row %u: resolved %u", i, row->resolved);
        opened += i >= f->first_row ? row->opened : 0;
        resolved += i >= f->first_row ? row->resolved : 0;
    }
    CHECK(opened == f->opened && resolved == f->resolved_for_good, "%s: rows do not sum up", p->label);
}

static void check_backlog(const cb_flow *f)
{
    uint32_t n = 0;
    uint32_t by_age[CB_AGE_BANDS] = {0};
    for (uint32_t i = 0; i < f->backlog_rows; i++) {
        n += f->backlog[i].n;
        for (int band = 0; band < CB_AGE_BANDS; band++)
            by_age[band] += f->backlog[i].by_age[band];
    }
    CHECK(n == f->open_at_end, "backlog %u, open at end %u", n, f->open_at_end);
    CHECK(!memcmp(by_age, f->backlog_by_age, sizeof by_age), "ages of priorities do not sum up");
}

static void check_window(const naive *v, const cb_flow *f, const cb_period *p)
{
    int64_t as_of = v->w->book->as_of_utc_s;
    int64_t end = p->to_utc_s > as_of ? as_of + 1 : p->to_utc_s;
    CHECK(f->difference == 0, "%s: difference %lld", p->label, (long long)f->difference);
    CHECK(f->open_at_start == open_before(v, p->from_utc_s), "%s: open at start %u", p->label, f->open_at_start);
    CHECK(f->open_at_end == open_before(v, end), "%s: open at end %u", p->label, f->open_at_end);
    CHECK(f->opened == events_between(v, CB_CASE_OPENED, p->from_utc_s, p->to_utc_s), "%s: opened", p->label);
    CHECK(f->resolved_for_good == events_between(v, CB_CASE_RESOLVED, p->from_utc_s, p->to_utc_s), "%s: resolved",
          p->label);
    CHECK(f->reopened == reopenings(v, p, true), "%s: reopened %llu", p->label, (unsigned long long)f->reopened);
    CHECK(f->reopened_unplaced == reopenings(v, p, false), "%s: unplaced", p->label);
    check_rows(v, f, p);
    check_backlog(f);
}

static const char *const zones[] = {"UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"};

static void random_book(uint64_t *seed, int number)
{
    static const char *const priority[] = {"high", "low", "middle", NULL};
    static const char *const period[] = {"2026-02-10", "2026-03", "2026-Q1", "2025", "2026-03-20..2026-04-05",
                                         "2026-05"};
    test_book b;
    test_world w;
    cb_results r[CB_WINDOWS];
    char config[64];
    test_book_init(&b);
    int64_t n = test_between(seed, 0, 60);
    int64_t unit = test_between(seed, 0, 3) == 0 ? DAY : 1; /* whole days: many ties at midnight */
    for (int64_t i = 0; i < n; i++) {
        int64_t opened = T0 + test_between(seed, -60 * DAY, 120 * DAY) / unit * unit;
        int64_t end = opened + test_between(seed, 0, test_between(seed, 1, 60 * DAY)) / unit * unit;
        test_case_row c = {.opened = opened, .priority = priority[test_between(seed, 0, 4)]};
        c.resolved = test_between(seed, 0, 4) ? end : 0;
        c.status = c.resolved ? CB_STATUS_RESOLVED : (cb_case_status)test_between(seed, 0, CB_CASE_STATUSES);
        uint32_t row = test_case(&b, &c);
        if (number % 3)
            test_count(&b, CB_CASES, row, CB_CASE_REOPENS, (uint16_t)(test_between(seed, 0, 5) % 4));
    }
    (void)snprintf(config, sizeof config, "[report]\ntimezone = %s\n", zones[number % 4]);
    test_world_open(&w, &b, T0 + test_between(seed, 0, 120 * DAY) / unit * unit, config, 1 + (unsigned)(number % 3));
    naive v = {&w, &w.book->table[CB_CASES]};
    for (size_t i = 0; i < COUNT_OF(period); i++) {
        test_world_run(&w, only_flow, period[i], r);
        check_window(&v, &r[CB_NOW].flow, &w.scope.window[CB_NOW].period);
    }
    test_world_close(&w);
}

static void against_counting(void **state)
{
    (void)state;
    uint64_t seed = 6;
    for (int number = 0; number < test_books(300); number++)
        random_book(&seed, number);
}

/* A century of months, so that the rows are a block of their own. */
static void memory_runs_out(void **state)
{
    (void)state;
    const int64_t century = INT64_C(36524) * DAY;
    test_world w;
    cb_results r[CB_WINDOWS];
    size_t nth = 1;
    test_world_of_case(&w, &(test_case_row){.opened = T0 - century, .priority = "low"}, T0);
    while (test_world_starve(&w, only_flow, "1926-01-01..2026-01-01", nth, r))
        nth++;
    assert_in_range(r[CB_NOW].flow.rows, 1200, 1201);
    test_world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(window_by_hand),
        cmocka_unit_test(bands_hold_their_bound),
        cmocka_unit_test(shapes_of_rows),
        cmocka_unit_test(against_counting),
        cmocka_unit_test(memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
