/* Rows of the workbooks that are found by a short look: the cases that need someone, and how many cases are shown. */
#include "random_book.h"

#include "report/actions.h"
#include "report/quarterly.h"

/* ---- the cases that need someone, by the words of actions.h ---- */

typedef struct naive {
    unsigned reasons;
    int64_t since;
} naive;

static void add(naive *n, cb_action_reason why, int64_t since)
{
    n->since = n->reasons == 0 || since < n->since ? since : n->since;
    n->reasons |= 1u << why;
}

static void naive_open(naive *n, const test_world *w, uint32_t row, int64_t opened)
{
    const cb_table *t = &w->book->table[CB_CASES];
    int64_t promised = cb_time(t, CB_CASE_PROMISED, row);
    cb_str priority = cb_dim_text(w->book, CB_DIM_PRIORITY, cb_word(t, CB_CASE_PRIORITY, row));
    int64_t target = cb_str_eq(priority, CB_LIT("high"))  ? 2 * CB_DAY_S
                     : cb_str_eq(priority, CB_LIT("low")) ? 5 * CB_DAY_S
                                                          : INT64_MAX; /* random_config */
    if (promised != CB_NO_TIME && promised < RANDOM_AS_OF)
        add(n, CB_ACTION_PROMISE, promised);
    if (target < INT64_MAX && RANDOM_AS_OF - opened > target)
        add(n, CB_ACTION_TARGET, opened + target);
    if (w->derived->repeat[row] == 1)
        add(n, CB_ACTION_REPEAT, opened);
}

static void naive_solved(naive *n, const test_world *w, uint32_t row, int64_t resolved)
{
    const cb_table *t = &w->book->table[CB_CASES];
    int64_t follow_up = (int64_t)(w->settings->assumption[CB_A_FOLLOW_UP_DAYS].base * CB_DAY_S);
    if (resolved == CB_NO_TIME || RANDOM_AS_OF - resolved > 4 * follow_up)
        return;
    int64_t age = RANDOM_AS_OF - resolved;
    if (w->derived->eligible[row] == 1 &&
        cb_remedy_minor(w->derived, row) < cb_loss_minor(w->derived, row))
        add(n, CB_ACTION_SHORTFALL, resolved);
    if (t->column[CB_CASE_FOLLOW_UP] && cb_time(t, CB_CASE_FOLLOW_UP, row) == CB_NO_TIME &&
        age >= follow_up)
        add(n, CB_ACTION_FOLLOW_UP, resolved + follow_up);
}

static naive naive_look(const test_world *w, uint32_t row)
{
    const cb_table *t = &w->book->table[CB_CASES];
    naive n = {0};
    cb_case_state state = cb_case_state_of(t, row);
    int64_t opened = cb_time(t, CB_CASE_OPENED, row), resolved = cb_time(t, CB_CASE_RESOLVED, row);
    if (state == CB_STATE_WITHDRAWN)
        return n;
    bool escalated = cb_flag(t, CB_CASE_ESCALATED, row) == 1 ||
                     cb_time(t, CB_CASE_ESCALATED_AT, row) != CB_NO_TIME;
    bool in_the_year =
        state == CB_STATE_OPEN ||
        (resolved != CB_NO_TIME && resolved >= RANDOM_AS_OF - 365 * (int64_t)CB_DAY_S);
    if (cb_flag(t, CB_CASE_LIABILITY, row) == 1 && in_the_year && !escalated)
        add(&n, CB_ACTION_LIABILITY, opened);
    if (state == CB_STATE_OPEN)
        naive_open(&n, w, row, opened);
    else
        naive_solved(&n, w, row, resolved);
    return n;
}

static uint32_t check_actions(const test_world *w, const cb_action_list *got)
{
    uint32_t n = 0, by_reason[CB_ACTION_REASONS] = {0};
    for (uint32_t row = 0; row < w->book->table[CB_CASES].n; row++) {
        naive want = naive_look(w, row);
        const cb_action *found = NULL;
        for (uint32_t i = 0; i < got->n && !found; i++)
            found = got->action[i].row == row ? &got->action[i] : NULL;
        CHECK((want.reasons != 0) == (found != NULL), "row %u: reasons %x", row, want.reasons);
        if (!found)
            continue;
        CHECK(found->reasons == want.reasons && found->since_utc_s == want.since,
              "row %u: %x, not %x", row, found->reasons, want.reasons);
        for (int why = 0; why < CB_ACTION_REASONS; why++)
            by_reason[why] += want.reasons >> why & 1;
        n++;
    }
    assert_int_equal(got->n, n);
    assert_memory_equal(got->by_reason, by_reason, sizeof by_reason);
    for (uint32_t i = 1; i < n; i++)
        CHECK(got->action[i - 1].stake_minor >= got->action[i].stake_minor, "place %u", i);
    return n;
}

static void test_actions(void **state)
{
    (void)state;
    uint64_t seed = 2026;
    uint32_t listed = 0, seen = 0;
    for (int number = 0; number < test_books(150); number++) {
        test_book b;
        test_world w;
        cb_results results[CB_WINDOWS];
        cb_action_list got;
        random_plan plan = {.cases = (int)test_between(&seed, 0, 250),
                            .customers = (int)test_between(&seed, 1, 40),
                            .words = (int)test_between(&seed, 1, 6),
                            .present_percent = (int)test_between(&seed, 50, 101),
                            .list = number % 2,
                            .reviews = false};
        if (number == 1)
            plan.cases = 10000; /* searched in several ranges */
        random_book_fill(&b, &seed, &plan);
        test_world_open(&w, &b, RANDOM_AS_OF, random_config, 1 + (unsigned)number % 3);
        static const cb_measure *const none[] = {NULL};
        test_world_run(&w, none, "2025-11", results);
        cb_compose c = {
            .scope = &w.scope, .book = w.book, .settings = w.settings, .arena = w.arena};
        assert_int_equal(cb_actions_find(&c, &got), CB_OK);
        listed += check_actions(&w, &got);
        seen += w.book->table[CB_CASES].n;
        test_world_close(&w);
    }
    CHECK(listed > seen / 20 && listed < seen, "%u of %u", listed, seen);
}

/* ---- how many cases are shown ---- */

static size_t shown_len(const cb_book *book, cb_dim dim, uint32_t row)
{
    size_t len = cb_dim_text(book, dim, cb_dim_word(book, dim, row)).len;
    return len < 80 ? len : 80;
}

static size_t id_len(const cb_book *book, cb_case_field field, uint32_t row)
{
    uint32_t word = cb_word(&book->table[CB_CASES], field, row);
    return cb_intern_text(book->pool[cb_schemas[CB_CASES].field[field].pool], word).len;
}

/* One row after the other, from the last. */
static uint32_t naive_shown(const cb_book *book, cb_slice rows)
{
    uint32_t shown = 0;
    for (double packed = 0; shown < rows.n && packed < 16e6; shown++) {
        uint32_t row = rows.rows[rows.n - 1 - shown];
        size_t bytes = shown_len(book, CB_DIM_CAUSE, row) + shown_len(book, CB_DIM_PRODUCT, row) +
                       shown_len(book, CB_DIM_KIND, row) + shown_len(book, CB_DIM_TEAM, row) +
                       shown_len(book, CB_DIM_PRIORITY, row);
        bytes += id_len(book, CB_CASE_ID, row) + id_len(book, CB_CASE_CUSTOMER, row) +
                 id_len(book, CB_CASE_UNIT, row);
        packed += 60 + 0.7 * (double)bytes;
    }
    return shown;
}

/* A unit of so many bytes in every nth case. */
static void check_shown(int cases, size_t bytes, int every, bool all)
{
    test_book b;
    test_world w;
    char *unit = malloc(bytes + 24);
    assert_non_null(unit);
    memset(unit, 'u', bytes);
    test_book_init(&b);
    for (int i = 0; i < cases; i++) {
        uint32_t row =
            test_case(&b, &(test_case_row){.opened = RANDOM_T0 + i,
                                           .kind = "a kind",
                                           .team = i % 3 ? "one" : NULL,
                                           .cause = "a cause that is longer than the eighty bytes "
                                                    "which are shown of the words of a group"});
        (void)snprintf(unit + bytes, 24, "%d", i);
        test_word(&b, CB_CASES, row, CB_CASE_UNIT, i % every ? "7" : unit);
    }
    free(unit);
    test_world_open(&w, &b, RANDOM_AS_OF, random_config, 1);
    cb_slice rows = cb_cases_opened(w.book, RANDOM_T0, RANDOM_AS_OF);
    assert_int_equal(rows.n, cases);
    uint32_t want = naive_shown(w.book, rows);
    CHECK(cb_cases_shown(w.book, rows) == want, "%d cases, %zu bytes: not %u", cases, bytes, want);
    CHECK((want == rows.n) == all, "%u of %d", want, cases);
    test_world_close(&w);
}

static void test_shown(void **state)
{
    (void)state;
    check_shown(0, 1, 1, true);
    check_shown(2000, 10, 1, true);
    check_shown(1500, 15030, 1, true); /* the longest words alone say so, nearly not */
    check_shown(1500, 15160, 1, false);
    check_shown(1500, 60000, 1, false);
    check_shown(1500, 60000, 50, true); /* the longest words do not, a look at each does */
    check_shown(1500, 60000, 2, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_actions),
        cmocka_unit_test(test_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
