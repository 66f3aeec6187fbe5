/* An amount that could not be read is unknown everywhere, and for A1 no blank: in the book at any width, in the remedy of a
 * case, and as ingest leaves it. */
#include "ingest_reading.h"

#include "book/book_parts.h"
#include "measures/derived_parts.h"

/* ---- in the book ---- */

static int64_t cell_of(const cb_table *t, uint32_t row)
{
    int64_t one[3], by_row[3];
    const uint32_t rows[3] = {0, 1, 2};
    cb_amounts_of(t, CB_CASE_REMEDY, NULL, 3, one);
    cb_amounts_of(t, CB_CASE_REMEDY, rows, 3, by_row);
    assert_true(one[row] == cb_amount(t, CB_CASE_REMEDY, row) && by_row[row] == one[row]);
    assert_true(cb_cell_known(t, CB_CASE_REMEDY, row) == (one[row] != CB_NO_AMOUNT));
    return one[row];
}

static void at_any_width(void **state)
{
    static const int64_t largest[] = {0,          5000,         UINT32_MAX - 2, UINT32_MAX - 1,
                                      UINT32_MAX, CB_MAX_AMOUNT};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(largest); i++) {
        cb_table t = {.role = CB_CASES, .n = 3};
        cb_workers workers = {.threads = 1};
        assert_int_equal(cb_table_reserve(&t, 3, UINT64_C(1) << CB_CASE_REMEDY, NULL), CB_OK);
        int64_t *cells = t.column[CB_CASE_REMEDY];
        cells[0] = CB_UNREAD_AMOUNT;
        cells[1] = CB_NO_AMOUNT;
        cells[2] = largest[i];
        for (unsigned step = 0; step < 3; step++) {
            if (step == 1)
                assert_int_equal(cb_table_tidy(&t, NULL, &workers, NULL), CB_OK);
            else if (step == 2)
                assert_int_equal(cb_table_widen(&t, CB_CASE_REMEDY, sizeof(int64_t), NULL), CB_OK);
            bool narrow = step == 1 && largest[i] < UINT32_MAX - 1;
            assert_int_equal(cb_table_cell_bytes(&t, CB_CASE_REMEDY), narrow ? 4 : 8);
            assert_true(cell_of(&t, 0) == CB_NO_AMOUNT && cell_of(&t, 1) == CB_NO_AMOUNT);
            assert_true(cell_of(&t, 2) == largest[i]);
            assert_true(cb_amount_unread(&t, CB_CASE_REMEDY, 0));
            assert_false(cb_amount_unread(&t, CB_CASE_REMEDY, 1));
            assert_false(cb_amount_unread(&t, CB_CASE_REMEDY, 2));
        }
        cb_table_free(&t);
        assert_false(cb_amount_unread(&t, CB_CASE_REMEDY, 0));
    }
    for (unsigned digits = 0; digits <= 4; digits++)
        assert_true(cb_amount_value(CB_UNREAD_AMOUNT, CB_MARK_POINT, digits) == CB_NO_AMOUNT);
    assert_false(cb_amount_is_split(CB_UNREAD_AMOUNT));
}

/* ---- from the cells of an input to the remedy of a case ---- */

static void remedies(void **state)
{
    static const struct {
        const char *name, *cells; /* remedy_amount;remedy_type;currency */
        bool unread;
        int64_t remedy;
    } t[] = {
        {"text", "abc;;", true, CB_NO_AMOUNT},
        {"negative", "-5;;", true, CB_NO_AMOUNT},
        {"text, type none", "abc;none;", true, CB_NO_AMOUNT},
        {"text, a type", "abc;refund;", true, CB_NO_AMOUNT},
        {"no rate", "5;;EUR", true, CB_NO_AMOUNT},
        {"no code", "5;;some", true, CB_NO_AMOUNT},
        {"another mark", "\"5,50\";;", true, CB_NO_AMOUNT},
        {"too large", "90000000000001;;", true, CB_NO_AMOUNT},
        {"blank", ";;", false, 0},
        {"a word for nothing", "n/a;;", false, 0},
        {"blank, type none", ";none;", false, 0},
        {"blank, a type", ";refund;", false, CB_NO_AMOUNT},
        {"blank, no rate", ";;EUR", false, 0},
        {"an amount", "5.50;;USD", false, 550},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        char text[256];
        int n = snprintf(text, sizeof text,
                         "case_id;opened_at;remedy_amount;remedy_type;currency\n"
                         "1;2025-01-01;%s\n2;2025-01-02;1.50;;\n3;2025-01-03;2.50;;\n",
                         t[i].cells);
        result r;
        reading how = {.config = "[report]\ncurrency = USD\n"};
        read_text(&r, &how, CB_CASES, text, (size_t)n);
        CHECK(r.done_status == CB_OK, "%s: %s", t[i].name, r.err.why);
        const cb_table *cases = table_of(&r, CB_CASES);
        const cb_column_facts *facts = column_of(&r, CB_CASE_REMEDY);
        bool known = cb_amount(cases, CB_CASE_REMEDY, 0) != CB_NO_AMOUNT;
        CHECK(facts->unreadable == t[i].unread && facts->filled == 2u + known &&
                  facts->empty == (uint64_t)(!t[i].unread && !known),
              "%s: %llu filled, %llu empty, %llu unreadable", t[i].name,
              (unsigned long long)facts->filled, (unsigned long long)facts->empty,
              (unsigned long long)facts->unreadable);
        const cb_book *book = cb_ingest_book(r.ingest);
        cb_arena *arena = cb_arena_new(NULL, 0);
        cb_calendar *calendar;
        cb_derived *derived = NULL;
        cb_workers workers = {.threads = 1};
        assert_int_equal(cb_calendar_new(&calendar, &r.settings->week, r.settings->zone,
                                         book->first_utc_s, book->as_of_utc_s, &r.err),
                         CB_OK);
        assert_int_equal(
            cb_derived_new(&derived, book, r.settings, calendar, &workers, arena, &r.err), CB_OK);
        const uint32_t rows[] = {0};
        int64_t block;
        cb_remedies_of(derived, rows, 1, &block);
        CHECK(cb_remedy_minor(derived, 0) == t[i].remedy && block == t[i].remedy,
              "%s: %lld, in a block %lld", t[i].name, (long long)cb_remedy_minor(derived, 0),
              (long long)block);
        cb_calendar_free(calendar);
        cb_arena_free(arena);
        free_result(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_any_width),
        cmocka_unit_test(remedies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
