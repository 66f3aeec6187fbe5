/* How JSON writes reals, amounts, times and plain texts: as the general functions do. */
#include "testing.h"

#include <inttypes.h>
#include <string.h>

#include "casebook/civil.h"
#include "casebook/money.h"
#include "report/json_text.h"

static void check_real(double value)
{
    char got[40], want[48];
    size_t len = cb_real_text(got, value);
    (void)snprintf(want, sizeof want, "%.15g", value);
    if (!strpbrk(want, ".e"))
        strncat(want, ".0", 3);
    char *e = strpbrk(want, "e");
    if (e) /* e+20 is e20, e-05 is e-5 */
        (void)snprintf(e + 1, 8, "%d", atoi(e + 1));
    CHECK(len == strlen(want) && !memcmp(got, want, len), "%.17g: %.*s, not %s", value, (int)len,
          got, want);
}

static void test_reals(void **state)
{
    (void)state;
    static const double fixed[] = {0,
                                   1,
                                   9.5,
                                   -1,
                                   10,
                                   1e14,
                                   999999999999999,
                                   1e15,
                                   99999999999999.95,
                                   9.999999999999995,
                                   9.9999999999999995,
                                   1e-4,
                                   9.99e-5,
                                   1e300,
                                   -2.5e-300,
                                   0.1,
                                   0.01,
                                   0.001,
                                   0.0001,
                                   0.00099999999999999999,
                                   0.099999999999999992,
                                   0.0099999999999999985,
                                   0.99999999999999989,
                                   0.9999999999999996,
                                   0.09999999999999996,
                                   0.00010000000000000002,
                                   0.00009999999999999999,
                                   1.0 / 3,
                                   2.5e15,
                                   123456789012345.6,
                                   1e22,
                                   5e-324,
                                   99999.99999999995};
    uint64_t seed = 9;
    for (size_t i = 0; i < COUNT_OF(fixed); i++)
        check_real(fixed[i]);
    for (int i = 0; i < 400000; i++) {
        int64_t whole = (int64_t)(test_random(&seed) >> (test_random(&seed) % 60));
        double parts[] = {3600, 1, 100, 7, 0x1p20, 0x1p33, 0x1p50, 1e9};
        check_real((double)whole / parts[i % 8]);
        check_real((double)whole / parts[i % 8] + 0.5);
        check_real((double)(whole % 1000000) + (double)(i % 64) / 64 + 0x1p-30);
        check_real((double)(whole % 100000) / 100000);
        check_real((double)whole / 0x1p61);
        check_real((double)(1 + i % 3000) / (double)(1 + whole % 40000));
    }
}

static void check_written(const cb_buf *buf, const char *want, const char *what, int64_t value)
{
    CHECK(buf->len == strlen(want) && !memcmp(buf->at, want, buf->len),
          "%s of %" PRId64 ": %.*s, not %s", what, value, (int)buf->len, buf->at, want);
}

/* Amounts and times as the general functions write them. */
static void check_amount(cb_buf *buf, int64_t minor, unsigned digits)
{
    char want[32];
    int len = cb_amount_text(want, minor, digits);
    while (digits > 0 && want[len - 1] == '0' && want[len - 2] != '.')
        want[--len] = '\0';
    cb_json json = cb_json_begin(buf, NULL, 0, NULL);
    buf->len = 0;
    cb_json_amount(&json, NULL, minor, digits);
    check_written(buf, want, "amount", minor);
}

static void check_moment(cb_buf *buf, int64_t s)
{
    char text[32], want[40];
    cb_json json = cb_json_begin(buf, NULL, 0, NULL);
    cb_time_text(text, s);
    (void)snprintf(want, sizeof want, "\"%s\"", text);
    buf->len = 0;
    cb_json_time(&json, NULL, s);
    check_written(buf, want, "time", s);
    text[strcspn(text, "T")] = '\0';
    (void)snprintf(want, sizeof want, "\"%s\"", text);
    buf->len = 0;
    cb_json_date(&json, NULL, s);
    check_written(buf, want, "date", s);
}

static void test_amounts_and_times(void **state)
{
    (void)state;
    static const int64_t fixed[] = {0,
                                    1,
                                    -1,
                                    9,
                                    10,
                                    -10,
                                    100,
                                    12340,
                                    99999,
                                    INT64_C(-999999999999999),
                                    CB_NO_TIME,
                                    INT64_C(-62167219201),
                                    INT64_C(-62167219200),
                                    INT64_C(253402300799),
                                    INT64_C(253402300800),
                                    INT64_C(9999999999999)};
    uint64_t seed = 21;
    cb_buf buf;
    cb_buf_init(&buf, NULL, SIZE_MAX);
    for (size_t i = 0; i < 200000; i++) {
        int64_t value =
            i < COUNT_OF(fixed) ? fixed[i] : (int64_t)test_random(&seed) >> (14 + i % 50);
        for (unsigned digits = 0; digits <= 4 && value > -INT64_C(1000000000000000); digits++)
            check_amount(&buf, value, digits);
        check_moment(&buf,
                     value > INT64_C(60000000000000) ? value % INT64_C(60000000000000) : value);
    }
    cb_buf_free(&buf);
}

/* Every byte in every place of texts of every length: plain or not, as one byte after the other
 * says. */
static void test_plain_texts(void **state)
{
    (void)state;
    cb_buf buf;
    cb_buf_init(&buf, NULL, SIZE_MAX);
    for (size_t len = 0; len <= 26; len++) {
        for (size_t at = 0; at < (len ? len : 1); at++) {
            for (int c = 0; c < 256; c++) {
                char text[32];
                memset(text, 'a' + (int)len, sizeof text);
                text[at] = (char)c;
                bool plain = len == 0 || (c >= 0x20 && c < 0x7F && c != '"' && c != '\\');
                cb_json json = cb_json_begin(&buf, NULL, 0, NULL);
                buf.len = 0;
                CHECK(cb_json_plain(&json, NULL, (cb_str){text, len}) == plain,
                      "byte %d at %zu of %zu", c, at, len);
                CHECK(buf.len == (plain ? len + 2 : 0) &&
                          (!plain || !memcmp(buf.at + 1, text, len)),
                      "%d", c);
            }
        }
    }
    cb_buf_free(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reals),
        cmocka_unit_test(test_amounts_and_times),
        cmocka_unit_test(test_plain_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
