/* resolution_book.h - what the tests of the resolution measure share: cases that last so long, and
 * estimates compared. */
#ifndef TESTS_RESOLUTION_BOOK_H
#define TESTS_RESOLUTION_BOOK_H

#include "book_builder.h"

#define T0 (INT64_C(1767225600)) /* 2026-01-01T00:00:00Z, a Thursday */

static const cb_measure *const only_resolution[] = {&cb_measure_resolution, NULL};

static inline void check_est(const char *what, cb_est got, double value, double low, double high,
                             double tolerance)
{
    CHECK(test_near(got.value, value, tolerance), "%s: %.15g, not %.15g", what, got.value, value);
    CHECK(test_near(got.low, low, tolerance), "%s: low %.15g, not %.15g", what, got.low, low);
    CHECK(test_near(got.high, high, tolerance), "%s: high %.15g, not %.15g", what, got.high, high);
    CHECK(isnan(value) == (got.reason != NULL), "%s: reason %s", what,
          got.reason ? got.reason : "missing");
}

/* An event that lasts so many hours, or a case that has been open for so many at as_of. */
static inline uint32_t lasting(test_book *b, int64_t as_of, int64_t hours, bool event,
                               const char *kind)
{
    int64_t opened = as_of - hours * HOUR;
    return test_case(
        b, &(test_case_row){.opened = opened, .resolved = event ? as_of : 0, .kind = kind});
}

#endif
