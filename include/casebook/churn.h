/* churn.h - C1 to C10: what poor service costs in lost customers.
 *
 * One headline (C7) with an interval, and beside it the three ways to it: benchmark (C2, top-down), own data (C3), bottom-up (C5); never added up.
 * Money in minor units, as doubles where it is an expectation; rates are shares of customers a year.
 * State at the window's end E = min(period.to, as_of). Person-time of C3: all the input covers up to E.
 * Draws: 20,000, GSL's mt19937, seed of the settings, a stream of its own for each quantity. */
#ifndef CASEBOOK_CHURN_H
#define CASEBOOK_CHURN_H

#include "casebook/measures.h"

typedef enum cb_churn_method { CB_CHURN_BENCHMARK, CB_CHURN_BLEND } cb_churn_method;

/* Person-time and losses of one state of C3. */
typedef struct cb_exposure {
    double person_years;
    uint32_t losses;
    cb_est rate; /* lambda, losses a person-year: Gamma(1/2 + e, y) */
} cb_exposure;

typedef struct cb_tornado_bar {
    cb_assumption_ix assumption;
    double low_minor, high_minor; /* headline cost with the assumption at its low and at its high value */
    double low_value, base_value, high_value;
} cb_tornado_bar;

typedef struct cb_churn_group {
    uint32_t word;
    uint32_t customers;       /* after a problem at E, whose latest case is of the group */
    double cost_minor;        /* expected churn cost by Q3's division over the customer's cases */
    double customers_lost;    /* expected */
} cb_churn_group;

typedef struct cb_churn_groups {
    uint32_t n;
    cb_churn_group *group;    /* by cost descending, then text */
} cb_churn_groups;

typedef struct cb_backtest_row {
    cb_period quarter;
    double forecast, low, high; /* losses of customers after a problem at its start, during the quarter */
    uint32_t seen;
    bool inside;
} cb_backtest_row;

enum { CB_MAX_BACKTEST = 40 };

typedef struct cb_churn {
    cb_churn_method method;
    const char *reason;        /* why Z is 0, where it is: static text */
    double credibility;        /* Z */
    cb_est rate;               /* headline: service-caused loss a year as a share of customers */
    cb_est cost_minor;         /* headline */
    cb_est expected_losses;    /* customers a year */
    /* base */
    double customers;          /* C2's base */
    double counted_customers;  /* the customer list's count, else those in the cases: what customers would be without the setting */
    const char *customers_from;/* "setting", "customer list", "customers in the cases" */
    double value_minor;        /* mean yearly value (or lifetime value, C6) a customer; NaN: none known */
    const char *value_from;    /* "customer list (n of m)", "setting", "none" */
    uint32_t valued_customers, list_customers;
    uint32_t customers_with_problem; /* after a problem at E */
    /* C2 */
    cb_est benchmark_rate, benchmark_cost_minor;
    /* C3 */
    bool own_estimable;
    const char *own_reason;
    cb_exposure after, clean;
    cb_exposure by_outcome[CB_OUTCOMES];      /* shrunk to the whole */
    cb_est excess;             /* yearly loss probability of a customer after a problem above a clean one's */
    cb_est own_rate, own_cost_minor;
    double person_years;       /* Y */
    /* C4: low, base, high of silent problem-havers and silent leavers in the window, from C recorded */
    uint32_t recorded_customers; /* C: customers with a case in the window */
    double silent_havers[3], silent_leavers[3], silent_cost_minor[3];
    /* C5 */
    double bottom_up_losses, bottom_up_cost_minor;
    uint32_t bottom_up_customers[CB_OUTCOMES][2]; /* worst case of the window by outcome and small / large loss */
    /* C7 */
    double ratio_own_benchmark, ratio_bottom_up_benchmark; /* NaN where one is not there */
    bool amber;                /* a ratio beyond 3 or below 1/3 */
    /* C8 */
    unsigned bars;
    cb_tornado_bar bar[CB_ASSUMPTIONS]; /* by the width of its effect, largest first; only those that move the headline */
    /* C9 */
    double reached_people[3];  /* leavers x word_of_mouth low, base, high */
    double reach_reviews;      /* sum of review reach of low reviews in the window */
    double word_of_mouth_cost_minor; /* NaN while no value is set */
    /* C10 */
    unsigned backtests;
    cb_backtest_row backtest[CB_MAX_BACKTEST];
    const char *backtest_reason;
    cb_churn_groups by[CB_DIMS];
    /* Expected churn cost a case row (Q3's division), minor units, for the rows of the window; indexed like window.cases.rows */
    double *case_cost_minor;
    double *case_lost; /* the same in customers lost a year, for the recurrence measure (Q3) */
    /* Customers at risk at E: after a problem with an outcome that is not quick-and-adequate; and their yearly value */
    uint32_t at_risk;
    int64_t at_risk_value_minor;
} cb_churn;

extern const cb_measure cb_measure_churn;

#endif
