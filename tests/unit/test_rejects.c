#include "testing.h"

#include <string.h>

#include "casebook/rejects.h"

#define HEADING "line\tfield\tcode\tmessage\n"

static void expect(const cb_buf *buf, const char *text)
{
    CHECK(buf->len == strlen(text) && (buf->len == 0 || !memcmp(buf->at, text, buf->len)), "got \"%.*s\", want \"%s\"",
          (int)buf->len, buf->at ? buf->at : "", text);
}

static void names_are_complete(void **state)
{
    (void)state;
    for (unsigned c = 0; c < CB_REJECT_CODES; c++) {
        CHECK(cb_reject_names[c][0] && cb_reject_meanings[c][0], "code %u", c);
        for (unsigned d = 0; d < c; d++)
            CHECK(strcmp(cb_reject_names[c], cb_reject_names[d]) != 0, "%s stands twice", cb_reject_names[c]);
    }
    assert_string_equal(cb_reject_names[CB_REJECT_ROW_CONSTRAINT], "row-constraint");
    assert_string_equal(cb_reject_names[CB_REJECT_ENCODING_ERROR], "encoding-error");
}

static void records_and_errors(void **state)
{
    cb_reject_log log;
    (void)state;
    cb_reject_log_init(&log, NULL, 1 << 20);
    expect(&log.errors, "");
    cb_reject first = {3, CB_REJECT_EXTRA_CELL, -1};
    cb_reject second = {UINT64_C(12345678901), CB_REJECT_TYPE_ERROR, 2};
    assert_int_equal(cb_reject_add(&log, &first, CB_LIT("a,b,c\r\n"), CB_LIT("")), CB_OK);
    assert_int_equal(cb_reject_add(&log, &second, CB_LIT("\"x\ny\",\xFF\n"), CB_LIT("opened\tat\n")), CB_OK);
    expect(&log.records, "a,b,c\r\n\"x\ny\",\xFF\n");
    expect(&log.errors, HEADING "3\t\textra-cell\tthe row has more cells than the header\n"
                                "12345678901\topened at \ttype-error\tthe cell cannot be read as what its column holds\n");
    assert_int_equal(log.rows, 2);
    assert_int_equal(log.by_code[CB_REJECT_EXTRA_CELL], 1);
    assert_int_equal(log.by_code[CB_REJECT_TYPE_ERROR], 1);
    assert_int_equal(log.not_kept, 0);
    cb_reject_log_free(&log);
    assert_null(log.records.at);
}

/* A record that does not fit is counted, and neither file shows half of it. */
static void limit_of_memory(void **state)
{
    static const char errors[] = HEADING "1\t\textra-cell\tthe row has more cells than the header\n";
    size_t at_limit = sizeof errors - 1;
    (void)state;
    for (size_t max = 0; max <= at_limit + 1; max++) {
        cb_reject_log log;
        cb_reject reject = {1, CB_REJECT_EXTRA_CELL, -1};
        bool fits = max >= at_limit;
        cb_reject_log_init(&log, NULL, max);
        assert_int_equal(cb_reject_add(&log, &reject, CB_LIT("1,2\n"), CB_LIT("")), CB_OK);
        CHECK(log.rows == 1 && log.not_kept == !fits && log.by_code[CB_REJECT_EXTRA_CELL] == 1, "limit %zu", max);
        expect(&log.records, fits ? "1,2\n" : "");
        expect(&log.errors, fits ? errors : "");
        cb_reject_log_free(&log);
    }
}

static void joining(void **state)
{
    cb_reject_log a;
    cb_reject_log b;
    cb_reject_log none;
    cb_reject one = {1, CB_REJECT_EXTRA_CELL, -1};
    cb_reject two = {2, CB_REJECT_QUOTE_ERROR, -1};
    (void)state;
    cb_reject_log_init(&a, NULL, 1 << 10);
    cb_reject_log_init(&b, NULL, 1 << 10);
    cb_reject_log_init(&none, NULL, 1 << 10);
    assert_int_equal(cb_reject_add(&b, &one, CB_LIT("1\n"), CB_LIT("")), CB_OK);
    assert_int_equal(cb_reject_join(&a, &b), CB_OK); /* into an empty log: with its heading */
    assert_int_equal(cb_reject_join(&a, &none), CB_OK);
    b.records.len = b.errors.len = 0;
    assert_int_equal(cb_reject_add(&b, &two, CB_LIT("2\n"), CB_LIT("")), CB_OK);
    assert_int_equal(cb_reject_join(&a, &b), CB_OK); /* b counts both of its rows now */
    expect(&a.records, "1\n2\n");
    expect(&a.errors, HEADING "1\t\textra-cell\tthe row has more cells than the header\n"
                              "2\t\tquote-error\tquoting is broken in this line\n");
    assert_int_equal(a.rows, 3);
    assert_int_equal(a.by_code[CB_REJECT_EXTRA_CELL], 2);
    assert_int_equal(a.by_code[CB_REJECT_QUOTE_ERROR], 1);
    cb_reject_log_free(&a);
    cb_reject_log_free(&b);
    cb_reject_log_free(&none);
}

static void every_allocation_fails_once(void **state)
{
    (void)state;
    for (size_t n = 1;; n++) {
        test_alloc heap = {.fail_at = n};
        cb_alloc alloc = test_alloc_of(&heap);
        cb_reject_log log;
        cb_reject reject = {1, CB_REJECT_TYPE_ERROR, 0};
        cb_reject_log_init(&log, &alloc, 1 << 20);
        for (unsigned i = 0; i < 20; i++) {
            cb_status rc = cb_reject_add(&log, &reject, CB_LIT("some record that takes room\n"), CB_LIT("field"));
            CHECK(rc == CB_OK || rc == CB_ENOMEM, "allocation %zu: status %d", n, (int)rc);
        }
        CHECK(log.rows == 20 - heap.failures, "allocation %zu: %llu rows", n, (unsigned long long)log.rows);
        CHECK(log.records.len == log.rows * 28, "allocation %zu: half a record", n);
        cb_reject_log_free(&log);
        CHECK(heap.live_bytes == 0 && heap.live_blocks == 0, "allocation %zu: leak", n);
        if (!heap.failures)
            break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_complete), cmocka_unit_test(records_and_errors), cmocka_unit_test(limit_of_memory),
        cmocka_unit_test(joining),            cmocka_unit_test(every_allocation_fails_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
