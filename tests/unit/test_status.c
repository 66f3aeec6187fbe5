#include "testing.h"

#include <string.h>
#include <wchar.h>

static void every_code_has_its_exit_status(void **state)
{
    (void)state;
    static const struct {
        cb_status status;
        int want;
    } rows[] = {
        {CB_OK, 0},        {CB_EUSAGE, 64}, {CB_EDATA, 65},        {CB_ELIMIT, 65},
        {CB_ENOINPUT, 66}, {CB_ENOMEM, 69}, {CB_EUNAVAILABLE, 69}, {CB_ECANTCREAT, 73},
        {CB_EIO, 74},      {CB_EBUSY, 75},  {CB_ECONFIG, 78},      {CB_EINT, 130},
        {CB_ETERM, 143},
    };
    assert_int_equal(COUNT_OF(rows), CB_STATUS_COUNT);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        CHECK(cb_exit_status(rows[i].status) == rows[i].want, "status %zu: exit %d", i,
              cb_exit_status(rows[i].status));
        CHECK(strlen(cb_status_text(rows[i].status)) >= 4, "status %zu has no text", i);
        for (size_t j = 0; j < i; j++)
            CHECK(strcmp(cb_status_text(rows[i].status), cb_status_text(rows[j].status)) != 0,
                  "status %zu and %zu", i, j);
    }
}

static void an_unknown_code_is_a_software_error(void **state)
{
    (void)state;
    assert_int_equal(cb_exit_status(CB_STATUS_COUNT), 70);
    assert_int_equal(cb_exit_status((cb_status)1000), 70);
    assert_int_equal(cb_exit_status((cb_status)-1), 70);
    assert_string_equal(cb_status_text(CB_STATUS_COUNT), "internal error");
}

static void the_first_sentence_wins(void **state)
{
    (void)state;
    cb_error err = {0};
    assert_int_equal(cb_fail(&err, CB_EDATA, "line %d", 7), CB_EDATA);
    assert_int_equal(cb_fail(&err, CB_EIO, "later"), CB_EIO);
    assert_int_equal(err.status, CB_EDATA);
    assert_string_equal(err.why, "line 7");
    cb_error_clear(&err);
    assert_int_equal(err.status, CB_OK);
    assert_string_equal(err.why, "");
    assert_int_equal(cb_nomem(&err, "the case table"), CB_ENOMEM);
    assert_non_null(strstr(err.why, "the case table"));
}

static void no_error_is_wanted(void **state)
{
    (void)state;
    assert_int_equal(cb_fail(NULL, CB_EBUSY, "%s", "x"), CB_EBUSY);
    assert_int_equal(cb_nomem(NULL, "x"), CB_ENOMEM);
    cb_error_clear(NULL);
}

/* A long sentence is cut, never inside a character: é has two bytes, € three, 😀 four. */
static void a_cut_sentence_stays_utf8(void **state)
{
    (void)state;
    static const char *const marks[] = {"a", "\xC3\xA9", "\xE2\x82\xAC", "\xE0\xA4\x85", "\xF0\x9F\x98\x80"};
    for (size_t m = 0; m < COUNT_OF(marks); m++)
        for (size_t shift = 0; shift < 5; shift++) {
            char text[3000] = "";
            size_t n = shift;
            memset(text, 'x', shift);
            for (; n + 5 < 2048; n += strlen(marks[m]))
                memcpy(text + n, marks[m], strlen(marks[m]));
            cb_error err = {0};
            (void)cb_fail(&err, CB_EDATA, "%s", text);
            cb_str why = cb_str_of(err.why);
            CHECK(cb_utf8_valid(why), "mark %zu shift %zu", m, shift);
            size_t width = strlen(marks[m]);
            size_t want = shift + (CB_MAX_WHY - 1 - shift) / width * width;
            CHECK(why.len == want, "mark %zu shift %zu: %zu", m, shift, why.len);
        }
}

static void a_sentence_that_cannot_be_formatted(void **state)
{
    (void)state;
    cb_error err = {.why = "rubbish"};
    assert_int_equal(cb_fail(&err, CB_EIO, "%lc", (wint_t)0x20AC), CB_EIO);
    assert_int_equal(err.status, CB_EIO);
    assert_string_equal(err.why, "");
}

/* A sentence that just fits keeps its last character. */
static void a_full_sentence_is_whole(void **state)
{
    (void)state;
    char text[CB_MAX_WHY] = "";
    memset(text, 'x', CB_MAX_WHY - 1);
    memcpy(text + CB_MAX_WHY - 3, "\xC3\xA9", 2);
    cb_error err = {0};
    (void)cb_fail(&err, CB_EDATA, "%s", text);
    assert_string_equal(err.why, text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_has_its_exit_status),
        cmocka_unit_test(an_unknown_code_is_a_software_error),
        cmocka_unit_test(the_first_sentence_wins),
        cmocka_unit_test(no_error_is_wanted),
        cmocka_unit_test(a_cut_sentence_stays_utf8),
        cmocka_unit_test(a_full_sentence_is_whole),
        cmocka_unit_test(a_sentence_that_cannot_be_formatted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
