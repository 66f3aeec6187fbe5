/* Signs and codes of currency: what they can stand for, and what they prove of a column, whatever the size of chunks. */
#include "ingest_reading.h"

static void signs_of_cells(void **state)
{
    static const struct {
        const char *cell, *signs; /* each followed by a '|' */
    } t[] = {
        {"12.50", ""},
        {"$12.50", "$|"},
        {"-12.50", ""},
        {"(€12)", "€|"},
        {"USD $5", "USD|$|"},
        {"5,00 kr.", "kr.|"},
        {"kr 5", "kr|"},
        {"US$5 USD", "US$|USD|"},
        {"5 z\xC5\x82", "zł|"},
        {".5", ""},
        {"\xC2\xA3"
         "1,200",
         "£|"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        cb_str sign[CB_MAX_SIGNS];
        char got[64] = "";
        size_t at = 0;
        unsigned n = cb_amount_signs(cb_str_of(t[i].cell), sign);
        for (unsigned k = 0; k < n; k++) {
            CHECK(sign[k].len <= CB_SIGN_BYTES, "%s: a sign is too long", t[i].cell);
            at += (size_t)snprintf(got + at, sizeof got - at, CB_STR_FMT "|", CB_STR_ARG(sign[k]));
        }
        CHECK(!strcmp(got, t[i].signs), "%s: %s", t[i].cell, got);
        int64_t packed;
        CHECK(cb_amount_scan(cb_str_of(t[i].cell), &packed), "%s is an amount", t[i].cell);
    }
}

static void what_agrees(void **state)
{
    static const struct {
        const char *sign, *other;
        bool agree;
    } t[] = {
        {"$", "USD", true},   {"$", "CAD", true},    {"$", "EUR", false},  {"$", "US$", true},
        {"C$", "US$", false}, {"¥", "JPY", true},    {"¥", "CNY", true},   {"¥", "$", false},
        {"kr", "SEK", true},  {"kr.", "DKK", true},  {"kr", "EUR", false}, {"€", "EUR", true},
        {"€", "£", false},    {"USD", "EUR", false}, {"XTS", "XTS", true}, {"₠", "USD", true},
        {"Rs", "₹", true},    {"RMB", "CNY", true},  {"£", "EGP", true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        cb_str a = cb_str_of(t[i].sign), b = cb_str_of(t[i].other);
        CHECK(cb_currency_agree(a, b) == t[i].agree && cb_currency_agree(b, a) == t[i].agree,
              "%s and %s", t[i].sign, t[i].other);
    }
}

/* One contradiction behind many rows that agree, in any chunk and on any thread. */
static void far_behind(void **state)
{
    cb_buf text;
    (void)state;
    cb_buf_init(&text, NULL, SIZE_MAX);
    assert_int_equal(cb_buf_text(&text, "case_id,opened_at,loss_amount,currency\n"), CB_OK);
    for (unsigned i = 0; i < 3000; i++)
        assert_int_equal(cb_buf_text(&text, "%u,2025-01-01,%s%u,%s\n", i, i % 2 ? "$" : "", i,
                                     i % 7 ? "USD" : ""),
                         CB_OK);
    assert_int_equal(cb_buf_text(&text, "x,2025-01-01,€4,USD\ny,2025-01-01,£4,USD\n"), CB_OK);
    static const size_t chunk_bytes[] = {200, 5000, 0};
    for (size_t k = 0; k < COUNT_OF(chunk_bytes); k++) {
        result r;
        reading how = {.threads = 1 + (unsigned)k, .chunk_bytes = chunk_bytes[k]};
        read_text(&r, &how, CB_CASES, text.at, text.len);
        CHECK(r.file_status == CB_OK && r.done_status == CB_ECONFIG, "chunks of %zu",
              chunk_bytes[k]);
        CHECK(strstr(r.err.why, "amounts with € (line 3002), but the row names the currency USD"),
              "chunks of %zu: %s", chunk_bytes[k], r.err.why);
        free_result(&r);
    }
    cb_buf_free(&text);
}

/* Rows in many currencies, so that their words need more room while signs are looked at. */
static void memory_runs_out(void **state)
{
    char text[60000] = "case_id,opened_at,loss_amount,currency\n";
    size_t n = strlen(text);
    (void)state;
    for (int i = 0; i < 1500; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%d,2025-01-01,X%c%c %d,X%c%c\n", i,
                              'A' + i % 26, 'A' + i / 26 % 26, i, 'A' + i % 26, 'A' + i / 26 % 26);
    for (int for_ever = 0; for_ever < 2; for_ever++) {
        size_t failures = 1;
        for (size_t at = 1; failures; at++) {
            test_alloc heap = {.fail_at = at, .for_ever = for_ever};
            cb_alloc alloc = test_alloc_of(&heap);
            reading how = {.config = "[report]\ncurrency = USD\n", .alloc = &alloc};
            result r;
            read_text(&r, &how, CB_CASES, text, n);
            cb_status rc = r.file_status != CB_OK ? r.file_status : r.done_status;
            CHECK(rc == CB_OK || rc == CB_ENOMEM, "allocation %zu: %d %s", at, (int)rc, r.err.why);
            free_result(&r);
            CHECK(heap.live_bytes == 0, "allocation %zu: %lld bytes left", at,
                  (long long)heap.live_bytes);
            failures = heap.failures;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_of_cells),
        cmocka_unit_test(what_agrees),
        cmocka_unit_test(far_behind),
        cmocka_unit_test(memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
