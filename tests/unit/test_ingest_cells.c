/* Cells of every type, the marks between them, and what makes cases of rows: ids, states, as-of
 * time. */
#include "ingest_reading.h"

/* ---- cells ---- */

/* The bit of a phrase of the configuration. */
static uint32_t phrase_bit(const result *r, const char *words)
{
    const cb_pairs *p = &r->settings->phrases;
    for (unsigned i = 0; i < p->n; i++)
        if (cb_str_eq_nocase(p->pair[i].meaning, cb_str_of(words)))
            return UINT32_C(1) << i;
    fail_msg("no phrase \"%s\"", words);
    return 0;
}

static void every_type(void **state)
{
    // clang-format off
    static const char text[] =
        "case_id,opened_at,kind,priority,status,transfers,escalated,loss_amount,satisfaction,text,currency,customer_id,unit\n"
        "1,2025-01-01,  Two words ,=HYPERLINK(x),Solved,3,ja,\"$1,234.50\",4,we cannot: POLICY,,K1,U1\n"
        "2,2025-01-02,n/a,-,no such status,-1,perhaps,-5,9,,,K1,\n"
        "3,2025-01-03,\"a \"\"b\"\" c\",@x,open,70000,0,(5.00),3.5,fine,,?,\"U\"\"1\"\n";
    // clang-format on
    cb_str kind;
    result r;
    reading how = {.config = "[phrases]\nours = policy, \"we cannot\"\n"
                             "[kinds]\ntwo words = injury\n"};
    (void)state;
    read_text(&r, &how, CB_CASES, text, sizeof text - 1);
    expect_done(&r, "every type");
    const cb_table *t = table_of(&r, CB_CASES);
    const cb_book *book = cb_ingest_book(r.ingest);
    assert_int_equal(t->n, 3);
    kind = cb_intern_text(book->pool[CB_POOL_KIND], cb_word(t, CB_CASE_KIND, 0));
    CHECK(cb_str_eq(kind, CB_LIT("injury")), "kind %.*s", (int)kind.len, kind.at);
    assert_int_equal(cb_word(t, CB_CASE_KIND, 1), CB_UNKNOWN_ID);
    kind = cb_intern_text(book->pool[CB_POOL_KIND], cb_word(t, CB_CASE_KIND, 2));
    CHECK(cb_str_eq(kind, CB_LIT("a \"b\" c")), "kind %.*s", (int)kind.len, kind.at);
    assert_int_equal(cb_status_of(t, 0), CB_STATUS_RESOLVED);
    assert_int_equal(cb_status_of(t, 1), CB_STATUS_UNKNOWN);
    assert_int_equal(cb_count(t, CB_CASE_TRANSFERS, 0), 3);
    assert_int_equal(cb_count(t, CB_CASE_TRANSFERS, 1), CB_NO_COUNT);
    assert_int_equal(cb_count(t, CB_CASE_TRANSFERS, 2), 65534);
    assert_int_equal(cb_flag(t, CB_CASE_ESCALATED, 0), 1);
    assert_int_equal(cb_flag(t, CB_CASE_ESCALATED, 1), CB_NO_FLAG);
    assert_int_equal(cb_flag(t, CB_CASE_ESCALATED, 2), 0);
    assert_int_equal(cb_amount(t, CB_CASE_LOSS, 0), 123450);
    assert_int_equal(cb_amount(t, CB_CASE_LOSS, 1), CB_NO_AMOUNT);
    assert_int_equal(cb_amount(t, CB_CASE_LOSS, 2), CB_NO_AMOUNT);
    assert_int_equal(cb_score(t, CB_CASE_SATISFACTION, 0), 400);
    assert_int_equal(cb_score(t, CB_CASE_SATISFACTION, 1), CB_NO_SCORE);
    assert_int_equal(cb_score(t, CB_CASE_SATISFACTION, 2), 350);
    uint32_t both = phrase_bit(&r, "we cannot") | phrase_bit(&r, "POLICY");
    assert_int_equal(cb_text_bits(t, CB_CASE_TEXT, 0) & (both | CB_TEXT_SEEN), both | CB_TEXT_SEEN);
    assert_int_equal(cb_text_bits(t, CB_CASE_TEXT, 1), 0);
    assert_int_equal(cb_text_bits(t, CB_CASE_TEXT, 2), CB_TEXT_SEEN);
    assert_int_equal(cb_word(t, CB_CASE_CUSTOMER, 0), cb_word(t, CB_CASE_CUSTOMER, 1));
    assert_int_equal(cb_word(t, CB_CASE_CUSTOMER, 2), CB_UNKNOWN_ID);
    assert_int_not_equal(cb_word(t, CB_CASE_UNIT, 2), cb_word(t, CB_CASE_UNIT, 0));
    assert_int_equal(facts_of(&r)->formula_cells, 2);
    const cb_column_facts *loss = column_of(&r, CB_CASE_LOSS);
    assert_int_equal(loss->constraint_errors, 2);
    assert_int_equal(loss->filled, 1);
    assert_int_equal(column_of(&r, CB_CASE_STATUS)->type_errors, 1);
    assert_int_equal(column_of(&r, CB_CASE_TRANSFERS)->constraint_errors, 1);
    assert_int_equal(column_of(&r, CB_CASE_ESCALATED)->type_errors, 1);
    assert_int_equal(column_of(&r, CB_CASE_SATISFACTION)->constraint_errors, 1);
    assert_int_equal(column_of(&r, CB_CASE_KIND)->empty, 1);
    free_result(&r);
}

static void declared_words(void **state)
{
    // clang-format off
    static const char text[] = "case_id,opened_at,escalated,agreed,team\n1,2025-01-01,offen,yes,keine\n2,2025-01-02,zu,no,N/A\n"
                               "3,2025-01-03,yes,N/A,-\n";
    // clang-format on
    result r;
    reading how = {
        .config = "[cases]\nescalated.true = offen\nescalated.false = zu\nteam.null = keine, -\n"};
    (void)state;
    read_text(&r, &how, CB_CASES, text, sizeof text - 1);
    expect_done(&r, "declared words");
    const cb_table *t = table_of(&r, CB_CASES);
    assert_int_equal(cb_flag(t, CB_CASE_ESCALATED, 0), 1);
    assert_int_equal(cb_flag(t, CB_CASE_ESCALATED, 1), 0);
    /* a declared list replaces the built-in one */
    assert_int_equal(cb_flag(t, CB_CASE_ESCALATED, 2), CB_NO_FLAG);
    assert_int_equal(cb_flag(t, CB_CASE_AGREED, 2), CB_NO_FLAG);
    assert_int_equal(cb_word(t, CB_CASE_TEAM, 0), CB_UNKNOWN_ID);
    assert_int_not_equal(cb_word(t, CB_CASE_TEAM, 1), CB_UNKNOWN_ID); /* N/A is a team here */
    assert_int_equal(cb_word(t, CB_CASE_TEAM, 2), CB_UNKNOWN_ID);
    free_result(&r);
}

static void delimiters_and_marks(void **state)
{
    // clang-format off
    static const struct {
        const char *name, *text;
        char delimiter;
        int64_t loss;
        const char *format;
    } t[] = {
        {"comma", "case_id,opened_at,loss_amount\n1,2025-01-01,12.50\n", ',', 1250, "decimal point"},
        {"semicolon, decimal comma", "case_id;opened_at;loss_amount\n1;2025-01-01;1.212,50\n", ';', 121250, "decimal comma"},
        {"tab", "case_id\topened_at\tloss_amount\n1\t2025-01-01\t12,5\n", '\t', 1250, "decimal comma"},
        {"bar", "\xEF\xBB\xBF\"case_id\"|opened_at|loss_amount\n1|2025-01-01|1,234\n", '|', 123400,
         "decimal point (assumed: no cell shows it)"},
        {"blank lines in front", "\n  \ncase_id,opened_at,loss_amount\n1,2025-01-01,12.50\n", ',', 1250, "decimal point"},
        {"CR only", "case_id,opened_at,loss_amount\r1,2025-01-01,12.50\r", ',', 1250, "decimal point"},
        {"majority of commas", "case_id;opened_at;loss_amount\n1;2025-01-01;0,5\n2;2025-01-01;0,5\n3;2025-01-01;0.5\n", ';', 50,
         "decimal comma"},
    };
    // clang-format on
    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        result r;
        reading how = {.config = NULL};
        read_text(&r, &how, CB_CASES, t[i].text, strlen(t[i].text));
        expect_done(&r, t[i].name);
        CHECK(facts_of(&r)->delimiter == t[i].delimiter, "%s: delimiter %d", t[i].name,
              facts_of(&r)->delimiter);
        int64_t loss = cb_amount(table_of(&r, CB_CASES), CB_CASE_LOSS, 0);
        CHECK(loss == t[i].loss, "%s: loss %lld", t[i].name, (long long)loss);
        CHECK(!strcmp(column_of(&r, CB_CASE_LOSS)->format, t[i].format), "%s: %s", t[i].name,
              column_of(&r, CB_CASE_LOSS)->format);
        free_result(&r);
    }
}

/* ---- ids, states and time ---- */

static void line_as_id(void **state)
{
    static const char text[] = "posted_at,rating\n2025-01-01,5\n\n\"2025-01-02\",4\n";
    result r;
    reading how = {.config = "[reviews]\nreview_id = (line)\n"};
    (void)state;
    read_text(&r, &how, CB_REVIEWS, text, sizeof text - 1);
    expect_done(&r, "(line)");
    const cb_book *book = cb_ingest_book(r.ingest);
    assert_int_equal(book->table[CB_REVIEWS].n, 2);
    cb_str id = cb_intern_text(book->pool[CB_POOL_REVIEW],
                               cb_word(&book->table[CB_REVIEWS], CB_REVIEW_ID, 1));
    CHECK(id.len > 2 && !memcmp(id.at + id.len - 2, ":4", 2), "id %.*s", (int)id.len, id.at);
    free_result(&r);
}

static void event_log_as_of(void **state)
{
    // clang-format off
    static const char text[] = "case_id,opened_at,updated_at,resolved_at,status\n"
                               "a,2025-01-01,2025-01-01,,New\na,2025-01-01,2025-01-05,2025-01-05,Resolved\n"
                               "b,2025-01-02,2025-01-09,2025-01-09,Closed\nc,2025-01-08,2025-01-08,,New\n"
                               "d,2025-01-02,2025-01-02,2025-01-02,New\n";
    // clang-format on
    result r;
    reading how = {.config = NULL};
    (void)state;
    read_text(&r, &how, CB_CASES, text, sizeof text - 1);
    expect_done(&r, "latest");
    assert_int_equal(table_of(&r, CB_CASES)->n, 4);
    assert_int_equal(facts_of(&r)->superseded, 1);
    assert_int_equal(facts_of(&r)->contradictions, 1);
    assert_int_equal(cb_case_state_of(table_of(&r, CB_CASES), 0), CB_STATE_RESOLVED);
    free_result(&r);
    how.as_of_utc_s = 1735948800; /* 2025-01-04 */
    read_text(&r, &how, CB_CASES, text, sizeof text - 1);
    expect_done(&r, "as of");
    const cb_table *t = table_of(&r, CB_CASES);
    assert_int_equal(t->n, 3); /* c is not there yet */
    assert_int_equal(cb_case_state_of(t, 0), CB_STATE_OPEN);
    assert_int_equal(cb_case_state_of(t, 1), CB_STATE_OPEN); /* closed only later */
    assert_int_equal(cb_case_state_of(t, 2), CB_STATE_RESOLVED);
    assert_int_equal(facts_of(&r)->future_cells, 2);
    assert_int_equal(facts_of(&r)->accepted, 4);
    free_result(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type),           cmocka_unit_test(declared_words),
        cmocka_unit_test(delimiters_and_marks), cmocka_unit_test(line_as_id),
        cmocka_unit_test(event_log_as_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
