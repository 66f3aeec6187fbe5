/* measures_book.h - a book of a year that the tests of the engine run measures on. */
#ifndef TESTS_MEASURES_BOOK_H
#define TESTS_MEASURES_BOOK_H

#include "book_builder.h"

#define T0 (INT64_C(1767225600)) /* 2026-01-01T00:00:00Z */

static inline void fill(test_book *b, int cases, uint64_t seed)
{
    static const char *const word[] = {"late", "wrong", "broken", NULL};
    char customer[16];
    test_book_init(b);
    for (int i = 0; i < cases; i++) {
        int64_t opened = T0 + test_between(&seed, 0, 365 * DAY);
        int64_t end = opened + test_between(&seed, 0, 20 * DAY);
        (void)snprintf(customer, sizeof customer, "c%d", (int)test_between(&seed, 0, 30000));
        uint32_t row =
            test_case(b, &(test_case_row){.opened = opened,
                                          .resolved = test_between(&seed, 0, 9) ? end : 0,
                                          .answered = opened + test_between(&seed, 0, DAY),
                                          .customer = customer,
                                          .kind = word[test_between(&seed, 0, 4)],
                                          .product = word[test_between(&seed, 0, 4)],
                                          .team = word[test_between(&seed, 0, 4)],
                                          .priority = word[test_between(&seed, 0, 4)]});
        test_count(b, CB_CASES, row, CB_CASE_REOPENS, (uint16_t)test_between(&seed, 0, 3));
        if (i % 2)
            continue;
        row = test_row(b, CB_REVIEWS);
        test_time(b, CB_REVIEWS, row, CB_REVIEW_POSTED, opened + DAY);
        test_count(b, CB_REVIEWS, row, CB_REVIEW_RATING, 300);
    }
}

#endif
