#include "testing.h"

#include <stdio.h>
#include <string.h>

#include "casebook/numbering.h"

static void numbers_are_read_in_the_way_of_the_first(void **state)
{
    (void)state;
    static const struct {
        const char *first, *text;
        uint32_t number;
    } T[] = {
        {"C-000001", "C-000001", 1},
        {"C-000001", "C-999999", 999999},
        {"C-000001", "C-1000000", 1000000},
        {"C-000001", "C-0100000", 0},
        {"C-000001", "C-99999999", 99999999},
        {"C-000001", "C-100000000", 0},
        {"C-000001", "C-00001", 0},
        {"C-000001", "C-000000", 0},
        {"C-000001", "c-000001", 0},
        {"C-000001", "D-000001", 0},
        {"C-000001", "C+000001", 0},
        {"C-000001", "C-00000:", 0},
        {"C-000001", "C-00000/", 0},
        {"C-000001", "C-/00001", 0},
        {"C-000001", "C-00\xb1\x30\x30\x31", 0},
        {"C-000001", "C-000 01", 0},
        {"C-000001", "C-", 0},
        {"C-000001", "C", 0},
        {"C-000001", "", 0},
        {"C-000001", "000001", 0},
        {"7", "7", 7},
        {"7", "10", 10},
        {"7", "07", 0},
        {"7", "0", 0},
        {"7", "99999999", 99999999},
        {"7", "100000000", 0},
        {"007", "7", 0},
        {"007", "08", 0},
        {"007", "010", 10},
        {"007", "1000", 1000},
        {"00000007", "12345678", 12345678},
        {"20260000123", "20260000124", 60000124},
        {"20260000123", "20360000124", 0},
        {"20260000123", "2026000124", 0},
        {"Caller 2403", "Caller 17000", 17000},
        {"ABCDEFGH12345678", "ABCDEFGH12345679", 12345679},
        {"ABCDEFGH12345678", "ABCDEFGX12345679", 0},
        {"ABCDEFGH12345678", "XBCDEFGH12345679", 0},
        {"ABCDEFGH12345678", "ABCDEFGH123456790", 0},
        {"ABCDEFGHI1", "ABCDEFGHI1", 0},
        {"12345678901234567", "12345678901234567", 0},
        {"K1A", "K1A", 0},
        {"", "1", 0},
        {"\xc3\x84-1", "\xc3\x84-2", 2},
    };
    for (size_t i = 0; i < COUNT_OF(T); i++) {
        cb_numbering how = cb_numbering_of(cb_str_of(T[i].first));
        uint32_t number = cb_number_of(&how, cb_str_of(T[i].text));
        CHECK(number == T[i].number, "\"%s\" after \"%s\": %u", T[i].text, T[i].first, number);
    }
}

/* The number that text must have: the one that is written like it. */
static uint32_t naive_number(const char *prefix, int width, cb_str text)
{
    char back[64];
    size_t from = strlen(prefix);
    uint32_t number = 0;
    for (size_t i = from; i < text.len; i++)
        number = number * 10 + (uint32_t)(unsigned char)text.at[i] - '0';
    int n = snprintf(back, sizeof back, "%s%0*u", prefix, width, number);
    return cb_str_eq(text, (cb_str){back, (size_t)n}) ? number : 0;
}

/* Every text of six bytes of a small alphabet and every beginning of it. */
static void a_number_is_written_as_it_was_read(void **state)
{
    (void)state;
    static const char alphabet[] = {'0', '1', '9', 'C', ':', '/', '\0'};
    static const struct {
        const char *first, *prefix;
        int width;
    } T[] = {{"1", "", 1}, {"C10", "C", 2}, {"C:001", "C:", 3}, {"C/C1", "C/C", 1}};
    enum { MOST = 6, TEXTS = 117649 /* 7^6 */ };
    for (unsigned code = 0; code < TEXTS; code++) {
        char text[CB_NUMBERED_READ];
        memset(text, '3', sizeof text); /* what is behind a text does not matter */
        for (unsigned i = 0, rest = code; i < MOST; i++, rest /= 7)
            text[i] = alphabet[rest % 7];
        for (size_t i = 0; i < MOST * COUNT_OF(T); i++) {
            size_t t = i % COUNT_OF(T);
            cb_str word = {text, i / COUNT_OF(T) + 1};
            cb_numbering how = cb_numbering_of(cb_str_of(T[t].first));
            uint32_t number = cb_number_within(&how, word);
            CHECK(number == naive_number(T[t].prefix, T[t].width, word), "%.*s after %s: %u",
                  (int)word.len, text, T[t].first, number);
            CHECK(number == cb_number_of(&how, word), "%.*s", (int)word.len, text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_read_in_the_way_of_the_first),
        cmocka_unit_test(a_number_is_written_as_it_was_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
