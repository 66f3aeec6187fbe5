/* recurrence.h - Q1 to Q6: problems that return, clusters of them, what fixing one is worth, and what is new or rising. */
#ifndef CASEBOOK_RECURRENCE_H
#define CASEBOOK_RECURRENCE_H

#include "casebook/measures.h"

/* Q3, Q4: cause x product. */
typedef struct cb_cluster {
    uint32_t cause, product;
    uint32_t cases, customers;
    uint32_t repeats, repeat_eligible;
    cb_est median_hours;          /* R2 */
    int64_t shortfall_minor;      /* A3 */
    cb_est cost_minor;            /* expected churn cost a year (Q3), with interval */
    double customers_lost;
    double handling_minor;        /* cases x handling cost, a year; 0 while not set */
    cb_est worth_minor;           /* Q4: churn cost + shortfall + handling, a year */
    double share_cases, share_worth, share_customers_lost; /* of the window's total, 0-1 */
} cb_cluster;

/* Q5: a group whose rate in the window is compared with the four periods before by exposure. */
typedef struct cb_signal {
    cb_dim dim;
    uint32_t word;
    uint32_t now, before;         /* cases in the window, in the four periods before */
    double exposure_now, exposure_before; /* days */
    cb_est ratio;                 /* rate ratio, exact interval */
    double p, q;                  /* two-sided conditional Poisson; Benjamini-Hochberg over all tested */
    bool significant, rising, is_new; /* is_new: none before */
} cb_signal;

/* Q6 */
typedef struct cb_pair_lift {
    cb_dim dim_a, dim_b;
    uint32_t word_a, word_b;
    uint32_t both, a, b, n;
    double lift, leverage, p, q;
} cb_pair_lift;

/* Q2: mean cumulative number of cases a customer, by days since the customer came under observation. */
typedef struct cb_mcf_point {
    double days, mean, low, high;
    uint32_t at_risk;
} cb_mcf_point;

/* Repeated breakdown: a customer and product with breakdown_cases or more cases within breakdown_days. */
typedef struct cb_breakdown {
    uint32_t customer, product, unit; /* unit: the serial number of most of them, 0 unknown */
    uint32_t cases;
    int64_t first_utc_s, last_utc_s;
} cb_breakdown;

typedef struct cb_recurrences {
    uint32_t repeats, eligible;   /* Q1 over the cases of the window */
    cb_est rate;                  /* Wilson */
    uint32_t no_look_back;        /* cases without W days of look-back */
    uint32_t clusters;
    cb_cluster *cluster;          /* by worth descending, then cases, then text */
    uint32_t signals_tested, signals;
    cb_signal *signal;            /* significant ones first by q, then all others by p */
    uint32_t pairs_tested, pairs;
    cb_pair_lift *pair;           /* significant ones by leverage descending */
    unsigned mcf_points;
    cb_mcf_point *mcf;            /* at most 120 points */
    uint32_t breakdowns;
    cb_breakdown *breakdown;      /* by cases descending, then last */
    struct cb_breakdown_product { uint32_t product, customers, cases; } *breakdown_product; /* repeated breakdowns by product */
    uint32_t breakdown_products;
    uint32_t *repeat_by[CB_DIMS], *repeat_eligible_by[CB_DIMS]; /* by word id */
    struct cb_chain_length { uint32_t length, chains; } chain[12]; /* cases of the same customer and kind in a row within W; last: 12 or more */
} cb_recurrences;

extern const cb_measure cb_measure_recurrence;

#endif
