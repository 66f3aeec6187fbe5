/* The columns that several measures share: a table of cases with every column worked out by hand, and random books
 * against a naive twin of Q1. */
#include "random_book.h"

#include "measures/derived_parts.h"

enum { NO = -1 };

/* 2026-01-05 is a Monday. */
#define T0 (INT64_C(1767571200))
#define AS_OF (T0 + 30 * DAY)

/* ---- one row at a time ---- */

typedef struct row_case {
    const char *name;
    int64_t opened_h, resolved_h, answered_h; /* hours after T0; NO: blank */
    cb_case_status status;
    int64_t loss, consequential, remedy; /* NO: blank */
    const char *remedy_type;
    /* wanted */
    cb_case_state state;
    int64_t elapsed_h, business_h, response_h; /* NO: -1 */
    int responded;
    int64_t loss_total, remedy_total; /* NO: unknown */
    int eligible;
    cb_outcome outcome;
} row_case;

#define OPEN_H (30 * 24)
static const row_case rows[] = {
    {"open, waiting", 0, NO, NO, CB_STATUS_OPEN, NO, NO, NO, NULL, CB_STATE_OPEN, OPEN_H, 22 * 8,
     OPEN_H, 0, NO, 0, 0, CB_OUTCOME_UNRESOLVED},
    {"open, answered", 0, NO, 3, CB_STATUS_PENDING, 500, NO, NO, NULL, CB_STATE_OPEN, OPEN_H,
     22 * 8, 3, 1, 500, 0, 0, CB_OUTCOME_UNRESOLVED},
    {"quick, no loss known", 0, 24, 1, CB_STATUS_RESOLVED, NO, NO, NO, NULL, CB_STATE_RESOLVED, 24,
     8, 1, 1, NO, 0, 0, CB_OUTCOME_QUICK_ADEQUATE},
    {"one hour too late to be quick", 0, 25, NO, CB_STATUS_RESOLVED, NO, NO, NO, NULL,
     CB_STATE_RESOLVED, 25, 8, NO, 0, NO, 0, 0, CB_OUTCOME_ADEQUATE},
    {"over a weekend", 4 * 24 + 16, 7 * 24 + 10, NO, CB_STATUS_CLOSED, NO, NO, NO, NULL,
     CB_STATE_RESOLVED, 66, 2, NO, 0, NO, 0, 0, CB_OUTCOME_ADEQUATE},
    {"remedy equals the loss", 0, 10, NO, CB_STATUS_RESOLVED, 300, 200, 500, "refund",
     CB_STATE_RESOLVED, 10, 1, NO, 0, 500, 500, 1, CB_OUTCOME_QUICK_ADEQUATE},
    {"remedy a cent short", 0, 10, NO, CB_STATUS_RESOLVED, 300, 200, 499, "refund",
     CB_STATE_RESOLVED, 10, 1, NO, 0, 500, 499, 1, CB_OUTCOME_INADEQUATE},
    {"direct loss blank", 0, 10, NO, CB_STATUS_RESOLVED, NO, 200, 100, "refund", CB_STATE_RESOLVED,
     10, 1, NO, 0, 200, 100, 1, CB_OUTCOME_INADEQUATE},
    {"a named remedy without amount", 0, 10, NO, CB_STATUS_RESOLVED, 300, NO, NO, "replacement",
     CB_STATE_RESOLVED, 10, 1, NO, 0, 300, NO, 0, CB_OUTCOME_QUICK_ADEQUATE},
    {"no remedy, in words", 0, 10, NO, CB_STATUS_RESOLVED, 300, NO, NO, "None", CB_STATE_RESOLVED,
     10, 1, NO, 0, 300, 0, 1, CB_OUTCOME_INADEQUATE},
    {"no remedy, nothing said", 0, 10, NO, CB_STATUS_RESOLVED, 300, NO, NO, NULL, CB_STATE_RESOLVED,
     10, 1, NO, 0, 300, 0, 1, CB_OUTCOME_INADEQUATE},
    {"a loss of nothing", 0, 10, NO, CB_STATUS_RESOLVED, 0, NO, NO, NULL, CB_STATE_RESOLVED, 10, 1,
     NO, 0, 0, 0, 0, CB_OUTCOME_QUICK_ADEQUATE},
    {"closed at an unknown time", 0, NO, 2, CB_STATUS_CLOSED, 300, NO, 300, "refund",
     CB_STATE_CLOSED_BLANK, NO, NO, 2, 1, 300, 300, 1, CB_OUTCOME_ADEQUATE},
    {"closed at an unknown time, short", 0, NO, NO, CB_STATUS_RESOLVED, 300, NO, 100, "refund",
     CB_STATE_CLOSED_BLANK, NO, NO, NO, 0, 300, 100, 1, CB_OUTCOME_INADEQUATE},
    {"withdrawn", 0, NO, NO, CB_STATUS_WITHDRAWN, 300, NO, 100, "refund", CB_STATE_WITHDRAWN, NO,
     NO, NO, 0, 300, 100, 0, CB_OUTCOME_UNRESOLVED},
    {"status open, yet resolved", 0, 5, NO, CB_STATUS_OPEN, NO, NO, NO, NULL, CB_STATE_RESOLVED, 5,
     0, NO, 0, NO, 0, 0, CB_OUTCOME_QUICK_ADEQUATE},
    {"resolved at once", 9, 9, 9, CB_STATUS_RESOLVED, NO, NO, NO, NULL, CB_STATE_RESOLVED, 0, 0, 0,
     1, NO, 0, 0, CB_OUTCOME_QUICK_ADEQUATE},
    {"answered before it was opened", 9, 10, 8, CB_STATUS_RESOLVED, NO, NO, NO, NULL,
     CB_STATE_RESOLVED, 1, 1, NO, 0, NO, 0, 0, CB_OUTCOME_QUICK_ADEQUATE},
    {"resolved before it was opened", 9, 5, NO, CB_STATUS_RESOLVED, NO, NO, NO, NULL,
     CB_STATE_RESOLVED, NO, NO, NO, 0, NO, 0, 0, CB_OUTCOME_ADEQUATE},
    {"opened at as_of", OPEN_H, NO, NO, CB_STATUS_UNKNOWN, NO, NO, NO, NULL, CB_STATE_OPEN, 0, 0, 0,
     0, NO, 0, 0, CB_OUTCOME_UNRESOLVED},
};

static const char office_hours[] =
    "[calendar]\nmon = 09:00-17:00\ntue = 09:00-17:00\nwed = 09:00-17:00\n"
    "thu = 09:00-17:00\nfri = 09:00-17:00\nsat = closed\nsun = closed\n";

static void put_hours(test_book *b, uint32_t row, unsigned field, int64_t hours)
{
    if (hours != NO)
        test_time(b, CB_CASES, row, field, T0 + hours * HOUR);
}

static void put_amount(test_book *b, uint32_t row, unsigned field, int64_t minor)
{
    if (minor != NO)
        test_amount(b, CB_CASES, row, field, minor);
}

static void put_row(test_book *b, const row_case *c)
{
    uint32_t row = test_row(b, CB_CASES);
    put_hours(b, row, CB_CASE_OPENED, c->opened_h);
    put_hours(b, row, CB_CASE_RESOLVED, c->resolved_h);
    put_hours(b, row, CB_CASE_FIRST_RESPONSE, c->answered_h);
    test_flag(b, CB_CASES, row, CB_CASE_STATUS, (uint8_t)c->status);
    put_amount(b, row, CB_CASE_LOSS, c->loss);
    put_amount(b, row, CB_CASE_CONSEQUENTIAL, c->consequential);
    put_amount(b, row, CB_CASE_REMEDY, c->remedy);
    if (c->remedy_type)
        test_word(b, CB_CASES, row, CB_CASE_REMEDY_TYPE, c->remedy_type);
}

static int64_t hours_or_no(int64_t hours)
{
    return hours == NO ? -1 : hours * HOUR;
}

static int64_t amount_or_no(int64_t minor)
{
    return minor == NO ? CB_NO_AMOUNT : minor;
}

#define SAME(what, got, want)                                                                      \
    CHECK((int64_t)(got) == (int64_t)(want), "%s: " what " is %lld, not %lld", c->name,            \
          (long long)(got), (long long)(want))

/* The cases stand in the order of opening. */
static uint32_t place_of(size_t nth)
{
    uint32_t place = 0;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        place += rows[i].opened_h < rows[nth].opened_h ||
                 (rows[i].opened_h == rows[nth].opened_h && i < nth);
    return place;
}

static void expect_row(const cb_derived *d, uint32_t row, const row_case *c)
{
    SAME("state", d->state[row], c->state);
    SAME("elapsed_s", cb_elapsed_s(d, row), hours_or_no(c->elapsed_h));
    SAME("business_s", cb_business_s(d, row), hours_or_no(c->business_h));
    SAME("response_s", cb_response_s(d, row), hours_or_no(c->response_h));
    if (cb_response_s(d, row) >= 0)
        SAME("responded", cb_responded(d, row), c->responded);
    SAME("loss_minor", cb_loss_minor(d, row), amount_or_no(c->loss_total));
    SAME("remedy_minor", cb_remedy_minor(d, row), amount_or_no(c->remedy_total));
    SAME("eligible", d->eligible[row], c->eligible);
    SAME("outcome", d->outcome[row], c->outcome);
    SAME("repeat", d->repeat[row], 2);
}

static void rows_by_hand(void **state)
{
    (void)state;
    test_book b;
    test_world w;
    test_book_init(&b);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        put_row(&b, &rows[i]);
    test_world_open(&w, &b, AS_OF, office_hours, 1);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        expect_row(w.derived, place_of(i), &rows[i]);
    test_world_close(&w);
}

/* A column that no input has is unknown, not blank: no response was missed, no remedy refused. */
static void absent_columns(void **state)
{
    (void)state;
    test_book b;
    test_world w;
    test_book_init(&b);
    test_case(&b, &(test_case_row){.opened = T0});
    test_case(&b, &(test_case_row){.opened = T0, .resolved = T0 + HOUR});
    test_amount(&b, CB_CASES, 1, CB_CASE_LOSS, 100);
    test_world_open(&w, &b, AS_OF, TEST_WEEK_24_7, 1);
    assert_true(cb_response_s(w.derived, 0) == -1);
    assert_true(cb_remedy_minor(w.derived, 1) == CB_NO_AMOUNT);
    assert_int_equal(w.derived->eligible[1], 0);
    assert_int_equal(w.derived->outcome[1], CB_OUTCOME_QUICK_ADEQUATE);
    assert_true(cb_business_s(w.derived, 0) == cb_elapsed_s(w.derived, 0)); /* 24/7 */
    test_world_close(&w);
}

/* Longer than 4 bytes hold: from 1920 to 2149, and open since 1910. */
static void centuries(void **state)
{
    const int64_t from = -INT64_C(18250) * DAY, to = INT64_C(65700) * DAY, before = -INT64_C(21900) * DAY;
    (void)state;
    test_book b;
    test_world w;
    test_book_init(&b);
    test_case(&b, &(test_case_row){.opened = from, .resolved = to});
    test_case(&b, &(test_case_row){.opened = before});
    test_world_open(&w, &b, to, TEST_WEEK_24_7, 1);
    assert_true(cb_elapsed_s(w.derived, 1) == to - from);
    assert_true(cb_business_s(w.derived, 1) == to - from);
    assert_true(cb_business_s(w.derived, 0) == to - before);
    test_world_close(&w);
}

static void remedy_type_alone(void **state)
{
    (void)state;
    test_book b;
    test_world w;
    test_book_init(&b);
    const char *type[] = {"none", "refund", NULL};
    const int64_t want[] = {0, CB_NO_AMOUNT, CB_NO_AMOUNT};
    for (size_t i = 0; i < COUNT_OF(type); i++) {
        uint32_t row = test_case(&b, &(test_case_row){.opened = T0, .resolved = T0 + HOUR});
        if (type[i])
            test_word(&b, CB_CASES, row, CB_CASE_REMEDY_TYPE, type[i]);
    }
    test_world_open(&w, &b, AS_OF, NULL, 1);
    for (size_t i = 0; i < COUNT_OF(type); i++)
        CHECK(cb_remedy_minor(w.derived, (uint32_t)i) == want[i], "type %s", type[i] ? type[i] : "blank");
    test_world_close(&w);
}

/* ---- Q1 ---- */

typedef struct repeat_case {
    const char *name, *customer, *kind, *product;
    int64_t day_s; /* opened, seconds after T0 */
    uint8_t want, want_same_product;
} repeat_case;

static const repeat_case repeats[] = {
    {"the first case of all", "a", "late", "x", 0, 2, 2},
    {"a day before the look-back is full", "a", "late", "x", 89 * DAY, 2, 2},
    {"full look-back, last one a day ago", "a", "late", "x", 90 * DAY, 1, 1},
    {"the same moment, later row", "a", "late", "x", 90 * DAY, 1, 1},
    {"another kind", "a", "wrong", "x", 91 * DAY, 0, 0},
    {"another product", "a", "late", "y", 92 * DAY, 1, 0},
    {"another customer", "b", "late", "x", 93 * DAY, 0, 0},
    {"no customer", NULL, "late", "x", 94 * DAY, 2, 2},
    {"no kind", "a", NULL, "x", 94 * DAY, 2, 2},
    {"no product", "a", "late", NULL, 95 * DAY, 1, 2},
    {"90 days after b's", "b", "late", "x", 183 * DAY, 1, 1},
    {"90 days and a second after b's", "b", "late", "x", 273 * DAY + 1, 0, 0},
};

static void repeats_by_hand(void **state)
{
    (void)state;
    for (int same_product = 0; same_product < 2; same_product++) {
        test_book b;
        test_world w;
        test_book_init(&b);
        for (size_t i = 0; i < COUNT_OF(repeats); i++)
            test_case(&b, &(test_case_row){.opened = T0 + repeats[i].day_s,
                                           .customer = repeats[i].customer,
                                           .kind = repeats[i].kind,
                                           .product = repeats[i].product});
        test_world_open(&w, &b, T0 + 400 * DAY, NULL, 1);
        w.settings->repeat_same_product = same_product;
        assert_int_equal(
            cb_derived_new(&w.derived, w.book, w.settings, w.calendar, &w.workers, w.arena, NULL),
            CB_OK);
        for (size_t i = 0; i < COUNT_OF(repeats); i++)
            CHECK(w.derived->repeat[i] ==
                      (same_product ? repeats[i].want_same_product : repeats[i].want),
                  "%s: repeat is %d (same product %d)", repeats[i].name, w.derived->repeat[i],
                  same_product);
        test_world_close(&w);
    }
}

/* The definition, word by word: O(n^2). "Before" among cases of one moment is the order of rows. */
static uint8_t naive_repeat(const test_world *w, uint32_t row)
{
    const cb_table *t = &w->book->table[CB_CASES];
    const cb_settings *s = w->settings;
    int64_t window = (int64_t)s->assumption[CB_A_REPEAT_DAYS].base * DAY;
    int64_t opened = cb_time(t, CB_CASE_OPENED, row);
    bool found = false;
    uint32_t customer = cb_word(t, CB_CASE_CUSTOMER, row);
    uint32_t kind = cb_word(t, CB_CASE_KIND, row);
    uint32_t product = cb_word(t, CB_CASE_PRODUCT, row);
    uint32_t cause = cb_word(t, CB_CASE_CAUSE, row);
    if (!customer || !kind || (s->repeat_same_product && !product) ||
        (s->repeat_same_cause && !cause))
        return 2;
    if (opened < w->book->first_utc_s + window)
        return 2;
    for (uint32_t other = 0; other < t->n; other++) {
        int64_t before = cb_time(t, CB_CASE_OPENED, other);
        bool earlier = before < opened || (before == opened && other < row);
        found |= earlier && opened - before <= window &&
                 cb_word(t, CB_CASE_CUSTOMER, other) == customer &&
                 cb_word(t, CB_CASE_KIND, other) == kind &&
                 (!s->repeat_same_product || cb_word(t, CB_CASE_PRODUCT, other) == product) &&
                 (!s->repeat_same_cause || cb_word(t, CB_CASE_CAUSE, other) == cause);
    }
    return found;
}

/* The latest case before with the same words, however long ago. */
static uint32_t naive_previous(const test_world *w, uint32_t row)
{
    const cb_table *t = &w->book->table[CB_CASES];
    const struct {
        cb_case_field field;
        bool asked;
    } same[] = {{CB_CASE_CUSTOMER, true},
                {CB_CASE_KIND, true},
                {CB_CASE_PRODUCT, w->settings->repeat_same_product},
                {CB_CASE_CAUSE, w->settings->repeat_same_cause}};
    uint32_t best = CB_NO_ROW;
    int64_t opened = cb_time(t, CB_CASE_OPENED, row);
    for (uint32_t other = 0; other < t->n; other++) {
        int64_t at = cb_time(t, CB_CASE_OPENED, other);
        bool alike = at < opened || (at == opened && other < row);
        for (size_t i = 0; i < COUNT_OF(same); i++)
            if (same[i].asked)
                alike &= cb_word(t, same[i].field, other) == cb_word(t, same[i].field, row) &&
                         cb_word(t, same[i].field, row) != CB_UNKNOWN_ID;
        if (alike && (best == CB_NO_ROW || at >= cb_time(t, CB_CASE_OPENED, best)))
            best = other;
    }
    return best;
}

/* Another case of the same problem within the window after this one; nobody knows before the window has passed. */
static uint8_t naive_came_back(const test_world *w, uint32_t row)
{
    const cb_table *t = &w->book->table[CB_CASES];
    const cb_settings *s = w->settings;
    int64_t window = (int64_t)s->assumption[CB_A_REPEAT_DAYS].base * DAY;
    int64_t opened = cb_time(t, CB_CASE_OPENED, row);
    if (!cb_word(t, CB_CASE_CUSTOMER, row) || !cb_word(t, CB_CASE_KIND, row) ||
        (s->repeat_same_product && !cb_word(t, CB_CASE_PRODUCT, row)) ||
        (s->repeat_same_cause && !cb_word(t, CB_CASE_CAUSE, row)) ||
        w->book->as_of_utc_s - opened < window)
        return 2;
    for (uint32_t other = 0; other < t->n; other++)
        if (cb_time(t, CB_CASE_OPENED, other) - opened <= window && naive_previous(w, other) == row)
            return 1;
    return 0;
}

static const char *pick(uint64_t *seed, const char *const *words, int64_t n)
{
    int64_t i = test_between(seed, -1, n);
    return i < 0 ? NULL : words[i];
}

static void random_repeats(uint64_t *seed, bool one_busy_customer)
{
    static const char *const customer[] = {"a", "b", "c", "d", "e"};
    static const char *const kind[] = {"late", "wrong", "broken"};
    static const char *const product[] = {"x", "y"};
    test_book b;
    test_world w;
    test_book_init(&b);
    int64_t n = one_busy_customer ? 600 : test_between(seed, 0, 80);
    int64_t span = test_between(seed, 1, 400);
    int64_t customers = one_busy_customer ? 1 : test_between(seed, 1, 6);
    int64_t causes = one_busy_customer ? 500 : test_between(seed, 1, 40);
    for (int64_t i = 0; i < n; i++) {
        char cause[8];
        (void)snprintf(cause, sizeof cause, "q%d", (int)test_between(seed, 0, causes));
        test_case(&b, &(test_case_row){.opened = T0 + test_between(seed, 0, span) * DAY,
                                       .customer = pick(seed, customer, customers),
                                       .kind = pick(seed, kind, 3),
                                       .cause = test_between(seed, 0, 9) ? cause : NULL,
                                       .product = pick(seed, product, 2)});
    }
    test_world_open(&w, &b, T0 + (span + test_between(seed, 0, 40)) * DAY,
                    "[assumptions]\nrepeat_days = 30\n", 1);
    w.settings->repeat_same_product = test_between(seed, 0, 2);
    w.settings->repeat_same_cause = test_between(seed, 0, 2);
    assert_int_equal(
        cb_derived_new(&w.derived, w.book, w.settings, w.calendar, &w.workers, w.arena, NULL),
        CB_OK);
    for (uint32_t row = 0; row < w.book->table[CB_CASES].n; row++) {
        CHECK(w.derived->repeat[row] == naive_repeat(&w, row), "row %u of %lld: repeat is %d", row,
              (long long)n, w.derived->repeat[row]);
        CHECK(w.derived->came_back[row] == naive_came_back(&w, row),
              "row %u of %lld: came back is %d", row, (long long)n, w.derived->came_back[row]);
        CHECK(w.derived->previous[row] == naive_previous(&w, row), "row %u of %lld: previous is %u",
              row, (long long)n, w.derived->previous[row]);
    }
    test_world_close(&w);
}

static void repeats_against_definition(void **state)
{
    (void)state;
    uint64_t seed = 20260105;
    for (int book = 0; book < test_books(400); book++)
        random_repeats(&seed, book % 40 == 0);
}

/* ---- threads ---- */

static void large_book(test_book *b, uint32_t n)
{
    static const char *const kind[] = {"late", "wrong", "broken", "rude"};
    uint64_t seed = 7;
    char customer[16];
    test_book_init(b);
    for (uint32_t i = 0; i < n; i++) {
        int64_t opened = T0 - test_between(&seed, 0, 300 * DAY);
        (void)snprintf(customer, sizeof customer, "c%d", (int)test_between(&seed, 0, 40000));
        uint32_t row =
            test_case(b, &(test_case_row){.opened = opened,
                                          .resolved = opened + test_between(&seed, 0, 60 * DAY),
                                          .answered = opened + test_between(&seed, -HOUR, DAY),
                                          .customer = customer,
                                          .kind = pick(&seed, kind, 4)});
        test_word(b, CB_CASES, row, CB_CASE_REMEDY_TYPE, customer);
        test_amount(b, CB_CASES, row, CB_CASE_LOSS, test_between(&seed, 0, 1000));
        test_amount(b, CB_CASES, row, CB_CASE_REMEDY, test_between(&seed, 0, 1000));
    }
}

#define EQUAL(column)                                                                              \
    CHECK(!memcmp(got->column, want->column, n * sizeof *got->column),                             \
          #column " depends on threads: %u", w.workers.threads)

static void threads_do_not_show(void **state)
{
    (void)state;
    const uint32_t n = 70000;
    test_book b;
    test_world w;
    large_book(&b, n);
    test_world_open(&w, &b, T0, office_hours, 1);
    const cb_derived *want = w.derived;
    for (unsigned threads = 2; threads <= 7; threads += 5) {
        cb_derived *got = NULL;
        w.workers.threads = threads;
        assert_int_equal(
            cb_derived_new(&got, w.book, w.settings, w.calendar, &w.workers, w.arena, NULL), CB_OK);
        EQUAL(state);
        EQUAL(outcome);
        EQUAL(repeat);
        EQUAL(previous);
        EQUAL(came_back);
        EQUAL(answers);
        EQUAL(business);
        EQUAL(eligible);
    }
    test_world_close(&w);
}

/* ---- many rows at once ---- */

static void money_of_many_rows(void **state)
{
    (void)state;
    uint64_t seed = 12;
    for (int number = 0; number < 60; number++) {
        test_world w;
        random_plan plan = random_shape(&seed, number % 5 ? 60 : 2000);
        random_world_open(&w, &seed, &plan, random_config);
        const uint32_t *order = w.book->opened_order;
        uint32_t n = w.book->table[CB_CASES].n;
        int64_t *loss = calloc((size_t)n + 1, sizeof *loss);
        int64_t *remedy = calloc((size_t)n + 1, sizeof *remedy);
        assert_true(loss && remedy);
        cb_losses_of(w.derived, order, n, loss);
        cb_remedies_of(w.derived, order, n, remedy);
        for (uint32_t i = 0; i < n; i++)
            CHECK(loss[i] == cb_loss_minor(w.derived, order[i]) &&
                      remedy[i] == cb_remedy_minor(w.derived, order[i]),
                  "book %d, row %u", number, order[i]);
        free(loss);
        free(remedy);
        test_world_close(&w);
    }
}

static void targets_by_word(void **state)
{
    (void)state;
    test_book b;
    test_world w;
    test_book_init(&b);
    const char *const priority[] = {"low", "high", "odd", NULL};
    for (size_t i = 0; i < COUNT_OF(priority); i++) {
        uint32_t row = test_case(&b, &(test_case_row){.opened = T0});
        if (priority[i])
            test_word(&b, CB_CASES, row, CB_CASE_PRIORITY, priority[i]);
    }
    test_world_open(&w, &b, T0 + DAY, "[targets]\nhigh = 4h\nlow = 2d\n", 1);
    const int64_t want[] = {2 * DAY, 4 * HOUR, NO, NO};
    for (uint32_t row = 0; row < COUNT_OF(want); row++) {
        const cb_target *target = w.derived->target[cb_dim_word(w.book, CB_DIM_PRIORITY, row)];
        CHECK((target ? target->seconds : NO) == want[row], "row %u", row);
    }
    test_world_close(&w);
}

static void empty_book(void **state)
{
    (void)state;
    test_book b;
    test_world w;
    test_book_init(&b);
    test_world_open(&w, &b, T0, NULL, 3);
    assert_non_null(w.derived);
    test_world_close(&w);
}

static void a_signal_stops(void **state)
{
    (void)state;
    test_world w;
    volatile sig_atomic_t stop = SIGINT;
    cb_derived *got = NULL;
    test_world_of_case(&w, &(test_case_row){.opened = T0}, T0);
    w.workers.stop = &stop;
    assert_int_equal(
        cb_derived_new(&got, w.book, w.settings, w.calendar, &w.workers, w.arena, NULL), CB_EINT);
    assert_null(got);
    test_world_close(&w);
}

/* ---- memory ---- */

static void memory_runs_out(void **state)
{
    (void)state;
    test_book b;
    test_world w;
    large_book(&b, 30000); /* so large that each array is a block of its own */
    test_world_open(&w, &b, T0, NULL, 1);
    const cb_alloc *usual = w.settings->alloc;
    size_t calls = 0;
    for (size_t nth = 1;; nth++) {
        test_alloc heap = {.fail_at = nth};
        cb_alloc alloc = test_alloc_of(&heap);
        cb_derived *got = NULL;
        cb_error err = {.status = CB_OK};
        cb_arena *arena = cb_arena_new(&alloc, 0);
        w.settings->alloc = &alloc;
        cb_status rc =
            arena ? cb_derived_new(&got, w.book, w.settings, w.calendar, &w.workers, arena, &err)
                  : CB_ENOMEM;
        w.settings->alloc = usual;
        cb_arena_free(arena);
        CHECK(heap.live_bytes == 0 && heap.live_blocks == 0, "call %zu: leak", nth);
        CHECK((rc == CB_OK) == (heap.failures == 0), "call %zu: %s", nth, cb_status_text(rc));
        CHECK(rc == CB_OK || rc == CB_ENOMEM, "call %zu: %s", nth, cb_status_text(rc));
        calls = nth;
        if (rc == CB_OK)
            break;
    }
    assert_true(calls > 3);
    test_world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_by_hand),
        cmocka_unit_test(absent_columns),
        cmocka_unit_test(remedy_type_alone),
        cmocka_unit_test(repeats_by_hand),
        cmocka_unit_test(repeats_against_definition),
        cmocka_unit_test(threads_do_not_show),
        cmocka_unit_test(empty_book),
        cmocka_unit_test(money_of_many_rows),
        cmocka_unit_test(targets_by_word),
        cmocka_unit_test(centuries),
        cmocka_unit_test(a_signal_stops),
        cmocka_unit_test(memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
