/* recurrence_twin.h - what the naive twins of the recurrence measure share: problems that come
 * again. */
#ifndef TESTS_RECURRENCE_TWIN_H
#define TESTS_RECURRENCE_TWIN_H

#include "random_book.h"

static const cb_measure *const measures[] = {&cb_measure_resolution, &cb_measure_churn,
                                             &cb_measure_recurrence, NULL};

static inline bool same_problem(const test_world *w, uint32_t a, uint32_t b)
{
    return word_of(w, CB_CASE_CUSTOMER, a) == word_of(w, CB_CASE_CUSTOMER, b) &&
           word_of(w, CB_CASE_KIND, a) == word_of(w, CB_CASE_KIND, b) &&
           word_of(w, CB_CASE_KIND, a) && word_of(w, CB_CASE_CUSTOMER, a);
}

/* The case that follows in the chain, in the order of (opened, row); CB_NO_ROW: none within W and
 * before the end. */
static inline uint32_t follower(const test_world *w, uint32_t row)
{
    uint32_t best = CB_NO_ROW;
    for (uint32_t other = 0; other < cases_of(w)->n; other++) {
        int64_t gap = opened_of(w, other) - opened_of(w, row);
        bool after = gap > 0 || (gap == 0 && other > row);
        if (!after || !same_problem(w, row, other) || opened_of(w, other) >= end_of(w, CB_NOW) ||
            gap > 90 * DAY)
            continue;
        if (best == CB_NO_ROW || opened_of(w, other) < opened_of(w, best))
            best = other;
    }
    return best;
}

#endif
