/* testing_stats.h - what the tests of src/stats share: relative comparison, an arena per test, and the
 * numbers of a line of the oracle files. */
#ifndef TESTS_TESTING_STATS_H
#define TESTS_TESTING_STATS_H

#include "testing.h"

#include <stdio.h>
#include <string.h>

#include "casebook/stats.h"
#include "casebook/text.h"

/* |got - want| <= tolerance * max(|want|, floor at 1e-300); NaN equals NaN, infinities equal themselves */
static inline bool test_close(double got, double want, double tolerance)
{
    bool close =
        got == want || (isnan(got) && isnan(want)) || fabs(got - want) <= tolerance * fabs(want);
    if (close)
        test_see(got, want, tolerance * fabs(want));
    return close;
}

#define CHECK_CLOSE(got, want, tolerance, ...)                                                               \
    do {                                                                                                     \
        double got_ = (got), want_ = (want);                                                                 \
        if (!test_close(got_, want_, (tolerance))) {                                                         \
            print_error("got %.17g, want %.17g: ", got_, want_);                                             \
            fail_msg(__VA_ARGS__);                                                                           \
        }                                                                                                    \
    } while (0)

static inline int stats_set_up(void **state)
{
    cb_stats_init();
    *state = cb_arena_new(NULL, 0);
    return *state ? 0 : -1;
}

static inline int stats_tear_down(void **state)
{
    cb_arena_free(*state);
    return 0;
}

#define STATS_TEST(function) cmocka_unit_test_setup_teardown(function, stats_set_up, stats_tear_down)

/* Reads the numbers of a line cut at commas and blanks; what is no number (a name, an empty cell) becomes NaN. */
static inline size_t stats_numbers(const char *line, double *out, size_t max)
{
    size_t n = 0;
    bool comma = strchr(line, ',') != NULL;
    const char *cut = comma ? ",\r\n" : " \t\r\n";
    while (n < max && *line) {
        size_t len = strcspn(line, cut);
        if (len > 0 || comma)
            if (!cb_parse_double(cb_str_trim((cb_str){line, len}), &out[n++]))
                out[n - 1] = NAN;
        line += len;
        if (*line == '\r' || *line == '\n')
            break;
        line += *line != 0;
    }
    return n;
}

#endif
