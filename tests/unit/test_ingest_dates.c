/* Columns of dates: one reading for a column, and what becomes of the cells that it does not
 * fit. */
#include "ingest_reading.h"

static void date_columns(void **state)
{
    // clang-format off
    static const struct {
        const char *name, *config, *rows;
        cb_status file;
        const char *says[4];     /* of the message */
        const char *format;      /* of opened_at */
        int64_t opened;          /* of the first row */
    } t[] = {
        {"day first by one cell", "", "a,03/04/2025,13/04/2025\nb,25/12/2025,\n", CB_OK, {NULL}, "D/M/YYYY", 1743638400},
        {"month first by one cell", "", "a,03/04/2025,\nb,12/25/2025,\n", CB_OK, {NULL}, "M/D/YYYY", 1741046400},
        {"ambiguous", "", "a,03/04/2025,\nb,12/11/2025,\n", CB_EDATA,
         {"opened_at.format = %d/%m/%Y", "opened_at.format = %m/%d/%Y", "[cases]", "3 April"}, NULL, 0},
        {"ambiguous with a clock", "", "a,3.4.2025 10:15,\nb,12.11.2025 10:15,\n", CB_EDATA,
         {"opened_at.format = %d.%m.%Y %H:%M", "03.04.2025 09:30", "%m.%d.%Y %H:%M", "\"opened_at\""}, NULL, 0},
        {"ambiguous, declared", "[cases]\nopened_at.format = %m/%d/%Y\n", "a,03/04/2025,\nb,12/11/2025,\n", CB_OK, {NULL},
         "%m/%d/%Y (declared)", 1741046400},
        {"proved by another column", "", "a,03/04/2025,25/04/2025\nb,12/11/2025,\n", CB_OK, {NULL},
         "D/M/YYYY (as the file's other dates)", 1743638400},
        {"another column, but written in another way", "", "a,03/04/2025,25.12.2025\nb,12/11/2025,\n", CB_EDATA, {"two readings"},
         NULL, 0},
        {"an optional column is ambiguous", "", "a,2025-01-01,03/04/2025\n", CB_EDATA, {"resolved_at.format", "\"resolved_at\""}, NULL, 0},
        {"a declared column serves one written alike", "[cases]\nresolved_at.format = %m/%d/%Y\n", "a,03/04/2025,12/11/2025\n",
         CB_OK, {NULL}, "M/D/YYYY (as the file's other dates)", 1741046400},
        {"a declared column of another layout", "[cases]\nresolved_at.format = %m-%d-%Y\n", "a,03/04/2025,12-11-2025\n", CB_EDATA,
         {"two readings"}, NULL, 0},
        {"all readings agree", "", "a,04/04/2025,\nb,12/12/2025,\n", CB_OK, {NULL}, "D/M/YYYY", 1743724800},
        {"both orders are proved", "", "a,13/04/2025,\nb,04/13/2025,\n", CB_EDATA, {"1 of its dates", "only month before day"}, NULL, 0},
        {"a declared format that fits nothing", "[report]\nmax_rejects = 100\n[cases]\nopened_at.format = %Y%m%d\n",
         "a,03/04/2025,\nb,20250101,\n", CB_OK, {NULL}, "%Y%m%d (declared)", 1735689600},
    };
    // clang-format on
    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        char text[256];
        result r;
        reading how = {.config = t[i].config};
        int n = snprintf(text, sizeof text, "case_id,opened_at,resolved_at\n%s", t[i].rows);
        read_text(&r, &how, CB_CASES, text, (size_t)n);
        CHECK(r.file_status == t[i].file, "%s: %d %s", t[i].name, (int)r.file_status, r.err.why);
        for (unsigned k = 0; k < 4 && t[i].says[k]; k++)
            CHECK(strstr(r.err.why, t[i].says[k]), "%s: does not say \"%s\": %s", t[i].name,
                  t[i].says[k], r.err.why);
        CHECK(!strstr(r.err.why, "12/11") && !strstr(r.err.why, "12.11"), "%s: a cell in a message",
              t[i].name);
        if (t[i].format) {
            expect_done(&r, t[i].name);
            CHECK(!strcmp(column_of(&r, CB_CASE_OPENED)->format, t[i].format), "%s: format %s",
                  t[i].name, column_of(&r, CB_CASE_OPENED)->format);
            int64_t got = cb_time(table_of(&r, CB_CASES), CB_CASE_OPENED, 0);
            CHECK(got == t[i].opened, "%s: opened %lld", t[i].name, (long long)got);
        }
        free_result(&r);
    }
}

/* A cell that the chosen order cannot read rejects its row, though that is known only at the
 * end. */
static void rows_that_fail_at_the_end(void **state)
{
    char text[4096] = "case_id,opened_at,resolved_at\n";
    size_t n = strlen(text);
    result r;
    reading how = {.chunk_bytes = 64, .threads = 3};
    (void)state;
    for (int i = 0; i < 60; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "c%d,%d/%d/2025,%d/%d/2025\n", i,
                              i % 28 + 1, i % 12 + 1, i % 28 + 1, i % 12 + 1);
    n += (size_t)snprintf(text + n, sizeof text - n,
                          "late,2/13/2025,\nback,5/3/2025,4/3/2025\nblank,6/3/2025,3/30/2025\n");
    read_text(&r, &how, CB_CASES, text, n);
    expect_done(&r, "late rejects");
    const cb_input_facts *f = facts_of(&r);
    assert_int_equal(f->rejected, 2);
    assert_int_equal(f->accepted, 61);
    cb_str records = {f->rejects.records.at, f->rejects.records.len};
    CHECK(cb_str_eq(records, CB_LIT("late,2/13/2025,\nback,5/3/2025,4/3/2025\n")), "%.*s",
          (int)records.len, records.at);
    assert_non_null(strstr(f->rejects.errors.at, "62\topened_at\ttype-error"));
    assert_non_null(strstr(f->rejects.errors.at, "63\tresolved_at\trow-constraint"));
    assert_int_equal(column_of(&r, CB_CASE_RESOLVED)->type_errors, 1);
    assert_int_equal(column_of(&r, CB_CASE_RESOLVED)->filled, 60);
    assert_int_equal(column_of(&r, CB_CASE_OPENED)->filled, 61);
    free_result(&r);
}

/* Thousands of rows prove the order long before the end; what fails under it is kept before and
 * after that. */
static void typing_errors_among_thousands(void **state)
{
    static const int bad[] = {3, 700, 2500, 3999};
    enum { ROWS = 4000 };
    cb_buf text;
    cb_buf want;
    (void)state;
    cb_buf_init(&text, NULL, SIZE_MAX);
    cb_buf_init(&want, NULL, SIZE_MAX);
    assert_int_equal(cb_buf_text(&text, "case_id,opened_at,resolved_at\n"), CB_OK);
    for (int i = 0; i < ROWS; i++) {
        size_t at = text.len;
        bool typo = false;
        for (size_t k = 0; k < COUNT_OF(bad); k++)
            typo |= bad[k] == i;
        bool back = i % 997 == 5;
        int day = back && i % 2 ? 2 : i % 28 + 1;
        if (typo)
            assert_int_equal(cb_buf_text(&text, "c%d,2/13/2025,\n", i), CB_OK);
        else
            assert_int_equal(cb_buf_text(&text, "c%d,%d/2/2025,%d/%d/2025\n", i, day, back ? 1 : 28,
                                         back ? 2 - (day == 1) : 12),
                             CB_OK);
        if (typo || back)
            put(&want, text.at + at, text.len - at);
    }
    for (unsigned way = 0; way < 3; way++) {
        static const size_t chunk[] = {256, 5000, 1 << 20};
        result r;
        reading how = {.threads = way + 1, .chunk_bytes = chunk[way]};
        read_text(&r, &how, CB_CASES, text.at, text.len);
        expect_done(&r, "typing errors");
        const cb_reject_log *log = &facts_of(&r)->rejects;
        CHECK(same_bytes(&log->records, &want), "way %u: kept \"%.*s\", want \"%.*s\"", way,
              (int)log->records.len, log->records.at, (int)want.len, want.at);
        assert_int_equal(log->by_code[CB_REJECT_TYPE_ERROR], COUNT_OF(bad));
        assert_int_equal(facts_of(&r)->accepted + log->rows, ROWS);
        free_result(&r);
    }
    cb_buf_free(&text);
    cb_buf_free(&want);
}

static void zones_of_columns(void **state)
{
    // clang-format off
    static const char text[] = "case_id,opened_at,resolved_at\na,2025-07-01 12:00:00,2025-07-01 12:00:00\n"
                               "b,2025-07-01T12:00:00Z,2025-01-01\nc,2025-07-01,2025-07-01 04:00\n";
    // clang-format on
    result r;
    reading how = {.config = "[report]\ntimezone = America/New_York\nmax_rejects = 100\n"
                             "[cases]\nresolved_at.zone = UTC\n"};
    (void)state;
    read_text(&r, &how, CB_CASES, text, sizeof text - 1);
    if (r.file_status == CB_EUNAVAILABLE)
        skip();
    /* 12:00 in New York is 16:00Z, so the first was solved four hours before it was opened */
    expect_done(&r, "zones");
    assert_int_equal(facts_of(&r)->rejected, 2);
    free_result(&r);
    how.config = "[report]\ntimezone = UTC\nmax_rejects = 100\n"
                 "[cases]\nresolved_at.zone = America/New_York\n";
    read_text(&r, &how, CB_CASES, text, sizeof text - 1);
    /* c was opened first */
    assert_int_equal(facts_of(&r)->accepted, 2);
    assert_int_equal(cb_time(table_of(&r, CB_CASES), CB_CASE_RESOLVED, 0) -
                         cb_time(table_of(&r, CB_CASES), CB_CASE_OPENED, 0),
                     8 * CB_HOUR_S);
    assert_int_equal(cb_time(table_of(&r, CB_CASES), CB_CASE_RESOLVED, 1) -
                         cb_time(table_of(&r, CB_CASES), CB_CASE_OPENED, 1),
                     4 * CB_HOUR_S);
    free_result(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(date_columns),
        cmocka_unit_test(rows_that_fail_at_the_end),
        cmocka_unit_test(typing_errors_among_thousands),
        cmocka_unit_test(zones_of_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
