/* review.h - V1 to V3: reviews, their reach, and the cases behind them. Ratings on the 1-5 scale.
 *
 * Sequence: cb_measures_run fills cb_results.review of each window. All lives in the scope's arena.
 * `reason` is set when the input has no reviews at all: then all counts are 0, all estimates
 * worded.
 *
 * What counts: reviews posted in the window with a known rating, whatever scale the export used
 * ([reviews] scale, coerce.h).
 *   V1 mean = sum of ratings / n, exact in hundredths; low = share of ratings of low_rating (2)
 * stars or fewer, Wilson; reach = people reached, summed where the input says it (65,534 stands for
 * that many or more, so that the sum is a lower bound). V2 links are the book's: by case id, else
 * the customer's latest case of the product opened within review_link_days (90) before the review.
 * Time from case to review: type-7 median of posted - opened over linked reviews that were not
 * posted before their case was opened. After an (in)adequate remedy: linked reviews whose case is
 * eligible (A1), by remedy >= loss. V3 phrases of [phrases], found when the texts were read (the
 * texts themselves are not kept); in aggregate only. share = reviews with the phrase / reviews with
 * a text, Wilson. */
#ifndef CASEBOOK_REVIEW_H
#define CASEBOOK_REVIEW_H

#include "casebook/measures.h"

typedef struct cb_review_figures {
    uint32_t n;
    double mean; /* NaN: none */
    cb_est low;  /* share of low ratings */
    uint32_t low_n;
    uint64_t reach, low_reach; /* people, sums where known; low_reach: of the low ones */
    uint32_t reach_known;      /* reviews whose reach is known */
} cb_review_figures;

typedef struct cb_review_group {
    uint32_t word;   /* 0: unknown; not of months */
    cb_period month; /* of months; the first and the last may reach beyond the window, whose part
                        alone counts */
    cb_review_figures figures;
} cb_review_group;

typedef struct cb_review_phrase {
    cb_str name; /* of the settings */
    uint32_t reviews;
    cb_est share; /* of reviews with a text */
    double mean;  /* rating of those with the phrase; NaN: none */
} cb_review_phrase;

typedef struct cb_review {
    cb_review_figures all;
    uint32_t by_star[5]; /* 1 … 5, rounded half up */
    uint32_t products;
    cb_review_group *product; /* by n descending, then text */
    uint32_t sites;
    cb_review_group *site;
    uint32_t months;
    cb_review_group *month;                            /* of the window, all of them, ascending */
    uint32_t linked, linked_by_id, linked_by_customer; /* V2 */
    uint32_t timed;                                    /* behind the median */
    double median_days_case_to_review;                 /* NaN: none */
    cb_review_figures after_adequate, after_inadequate;
    uint32_t texts; /* reviews with a text */
    unsigned phrases;
    cb_review_phrase *phrase; /* in the order of the settings */
    const char *reason;
} cb_review;

extern const cb_measure cb_measure_review;

#endif
