/* review.h - V1 to V3: reviews, their reach, and the cases behind them. Ratings on the 1-5 scale. */
#ifndef CASEBOOK_REVIEW_H
#define CASEBOOK_REVIEW_H

#include "casebook/measures.h"

typedef struct cb_review_figures {
    uint32_t n;                /* posted in the window, rating known */
    double mean;               /* NaN: none */
    cb_est low;                /* share of low ratings (low_rating stars or fewer), Wilson */
    uint32_t low_n;
    uint64_t reach, low_reach; /* sums where known */
    uint32_t reach_known;
} cb_review_figures;

typedef struct cb_review_group { uint32_t word; cb_period month; cb_review_figures figures; } cb_review_group;

typedef struct cb_review {
    cb_review_figures all;
    uint32_t by_star[5];       /* 1 … 5, rounded half up */
    uint32_t products; cb_review_group *product; /* by n descending, then text */
    uint32_t sites; cb_review_group *site;
    uint32_t months; cb_review_group *month;     /* of the window */
    uint32_t linked, linked_by_id, linked_by_customer; /* V2 */
    double median_days_case_to_review;           /* NaN */
    cb_review_figures after_adequate, after_inadequate; /* linked reviews by the case's remedy */
    uint32_t texts; unsigned phrases;            /* V3 */
    struct cb_review_phrase { cb_str name; uint32_t reviews; double mean; } *phrase;
    const char *reason;        /* no reviews in the input */
} cb_review;

extern const cb_measure cb_measure_review;

#endif
