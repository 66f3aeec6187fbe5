/* Amounts of several currencies become amounts of the report's, or unknown: by hand, and in a
 * file of many ranges of rows. */
#include "ingest_reading.h"

/* ---- one by one ---- */

static void currencies(void **state)
{
    static const struct {
        const char *name, *config, *rows;
        cb_status done;
        const char *says, *currency;
        int64_t loss[3];
    } t[] = {
        {"none named", "", ",1.50\n,2\n,\n", CB_OK, "", "", {150, 200, CB_NO_AMOUNT}},
        {"one named", "", "EUR,1.50\n,2\nEUR,\n", CB_OK, "", "EUR", {150, 200, CB_NO_AMOUNT}},
        {"one in small letters",
         "",
         "eur,1.50\nEUR,2\n,\n",
         CB_OK,
         "",
         "EUR",
         {150, 200, CB_NO_AMOUNT}},
        {"one without decimals",
         "",
         "JPY,1500\nJPY,2.5\n,\n",
         CB_OK,
         "",
         "JPY",
         {1500, 3, CB_NO_AMOUNT}},
        {"two, none chosen",
         "",
         "EUR,1\nUSD,2\n,\n",
         CB_ECONFIG,
         "[report] currency = EUR",
         "",
         {0}},
        {"two, one only where nothing is known",
         "",
         "EUR,1\nUSD,\n,3\n",
         CB_OK,
         "",
         "EUR",
         {100, CB_NO_AMOUNT, 300}},
        {"a rate",
         "[report]\ncurrency = USD\n[fx]\nEUR = 1.08\n",
         "EUR,10.01\nUSD,2\n,3\n",
         CB_OK,
         "",
         "USD",
         {1081, 200, 300}},
        {"a currency without decimals",
         "[report]\ncurrency = USD\n[fx]\nJPY = 0.0067\n",
         "JPY,1000\nUSD,2\n,3\n",
         CB_OK,
         "",
         "USD",
         {670, 200, 300}},
        {"a currency with three decimals",
         "[report]\ncurrency = USD\n[fx]\nKWD = 3.25\n",
         "KWD,1.234\nKWD,0.001\n,3\n",
         CB_OK,
         "",
         "USD",
         {401, 0, 300}}, /* 4.0105 and 0.00325 */
        {"rounded half away from zero",
         "[report]\ncurrency = USD\n[fx]\nKWD = 2.5\n",
         "KWD,0.002\nKWD,0.001\n,3\n",
         CB_OK,
         "",
         "USD",
         {1, 0, 300}}, /* 0.005 and 0.0025 */
        {"no rate",
         "[report]\ncurrency = USD\n",
         "EUR,10\nUSD,2\n,3\n",
         CB_OK,
         "",
         "USD",
         {CB_NO_AMOUNT, 200, 300}},
        {"no code",
         "[report]\ncurrency = USD\n",
         "US dollars,10\nUSD,2\n,3\n",
         CB_OK,
         "",
         "USD",
         {CB_NO_AMOUNT, 200, 300}},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        char text[256] = "case_id,opened_at,currency,loss_amount\n";
        char rows[128];
        result r;
        reading how = {.config = t[i].config};
        snprintf(rows, sizeof rows, "%s", t[i].rows);
        size_t n = strlen(text);
        int id = 1;
        for (const char *row = rows; *row; id++) {
            const char *end = strchr(row, '\n') + 1;
            n += (size_t)snprintf(text + n, sizeof text - n, "%d,2025-01-01,%.*s", id,
                                  (int)(end - row), row);
            row = end;
        }
        read_text(&r, &how, CB_CASES, text, n);
        CHECK(r.file_status == CB_OK && r.done_status == t[i].done, "%s: %d %s", t[i].name,
              (int)r.done_status, r.err.why);
        CHECK(strstr(r.err.why, t[i].says), "%s: says \"%s\"", t[i].name, r.err.why);
        if (t[i].done == CB_OK) {
            CHECK(!strcmp(r.settings->currency, t[i].currency), "%s: currency %s", t[i].name,
                  r.settings->currency);
            uint64_t unknown = 0;
            for (unsigned k = 0; k < 3; k++) {
                int64_t loss = cb_amount(table_of(&r, CB_CASES), CB_CASE_LOSS, k);
                CHECK(loss == t[i].loss[k], "%s: row %u has %lld", t[i].name, k, (long long)loss);
                unknown += loss == CB_NO_AMOUNT;
            }
            const cb_column_facts *c = column_of(&r, CB_CASE_LOSS);
            CHECK(c->filled == 3 - unknown && c->filled + c->empty + c->unreadable == 3,
                  "%s: facts", t[i].name);
        }
        free_result(&r);
    }
}

/* ---- many ---- */

enum { MANY = 150000 };

/* A third of the rows each in the report's currency, at a rate of a half, and without a rate. */
static const char *const codes[] = {"USD", "EUR", "XTS"};

static int64_t wanted(uint32_t number)
{
    int64_t cents = (int64_t)number * 100 + 25;
    switch (number % 3) {
    case 0:
        return cents;
    case 1:
        return cents / 2 + cents % 2; /* half away from zero */
    default:
        return CB_NO_AMOUNT;
    }
}

static void many_rows(void **state)
{
    cb_buf text;
    (void)state;
    cb_buf_init(&text, NULL, SIZE_MAX);
    assert_int_equal(cb_buf_text(&text, "case_id,opened_at,currency,loss_amount,remedy_amount\n"),
                     CB_OK);
    for (uint32_t i = 0; i < MANY; i++)
        assert_int_equal(
            cb_buf_text(&text, "%u,2025-01-01,%s,%u.25,%s\n", i, codes[i % 3], i, i % 5 ? "1" : ""),
            CB_OK);
    for (unsigned threads = 1; threads <= 5; threads += 2) {
        result r;
        reading how = {.threads = threads, .config = "[report]\ncurrency = USD\n[fx]\nEUR = 0.5\n"};
        read_text(&r, &how, CB_CASES, text.at, text.len);
        CHECK(r.file_status == CB_OK && r.done_status == CB_OK, "%u threads: %s", threads,
              r.err.why);
        const cb_table *cases = table_of(&r, CB_CASES);
        assert_int_equal(cases->n, MANY);
        for (uint32_t i = 0; i < MANY; i++)
            CHECK(cb_amount(cases, CB_CASE_LOSS, i) == wanted(i), "%u threads: row %u has %lld",
                  threads, i, (long long)cb_amount(cases, CB_CASE_LOSS, i));
        assert_int_equal(column_of(&r, CB_CASE_LOSS)->constraint_errors, MANY / 3);
        assert_int_equal(column_of(&r, CB_CASE_LOSS)->filled, MANY / 3 * 2);
        assert_int_equal(column_of(&r, CB_CASE_REMEDY)->constraint_errors, MANY / 3 - MANY / 15);
        assert_int_equal(column_of(&r, CB_CASE_REMEDY)->empty, MANY / 5);
        free_result(&r);
    }
    cb_buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(currencies),
        cmocka_unit_test(many_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
