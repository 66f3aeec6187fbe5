/* churn.h - C1 to C10: what poor service costs in lost customers.
 *
 * One headline (C7) with an interval, and beside it the three ways to it: benchmark (C2, top-down),
 * own data (C3), bottom-up (C5); never added up. Money in minor units, as doubles where it is an
 * expectation; rates are shares of customers a year. A year is 365.25 days.
 *
 * State at the window's end E = min(period.to, as_of); person-time: all the input covers up to E.
 * Draws: 20,000, GSL's mt19937, seed of the settings, a stream of its own for each quantity; 4,000
 * for each quarter of the back-test.
 *
 * C3 in detail. A customer of the list is under observation from the later of `since` (blank: since
 * ever) and the first case of the input to the earlier of churned_at and E, and is after a problem
 * in [opened, opened + after_problem_days) of each case, overlaps counted once, clean else; who
 * leaves counts in the state of that instant. The state's outcome is that of the latest case until
 * then, as known at E (resolved later is unresolved at E). Customers that cases name and the list
 * does not have no person-time. Seconds and counts are integers until the last step.
 *
 *     lambda          ~ Gamma(1/2 + e, y); point: mean (1/2 + e) / y; interval: its quantiles
 *     excess          = exp(-lambda clean) - exp(-lambda after); point: the posterior mean, where
 *                       E exp(-lambda) = (y / (y + 1))^(1/2 + e)
 *     own rate        = excess x listed_with_problem / list_customers
 *     own cost        = excess x sum of the values of listed_with_problem
 *     headline        = Z own + (1 - Z) benchmark, Z = Y / (n0 + Y)
 *     expected_losses = headline rate x customers
 *
 * An interval always holds its point: it is widened to it where a prior weight far below 1 makes
 * the draws so skew. Value of a customer: annual_value of the list, else the setting, else the mean
 * of the known ones; times m*r/(1+d-r) with the switch (C6). The mean is over the customers of the
 * list that have not left at E.
 *
 * Q3's division. The headline cost is shared out over all customers after a problem at E who have
 * not left, listed or not, in proportion to their value, and each one's share equally over the
 * customer's cases of the after_problem_days before E. With Z = 1 and all customers listed a
 * customer's share is value x excess; with Z = 0 it is the benchmark, put on those who had a
 * problem. Shares of cases of the window and cost_outside_minor (cases before the window) sum up to
 * the headline. Being proportional, every sum of shares has the headline's interval, scaled; its
 * draws are cost_draw, scaled.
 *
 * C4: a customer of several kinds counts under the kind of the latest case of the window. C5 judges
 * the cases of the window by what is known at as_of; cases without a customer are in neither. */
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

typedef struct cb_own_terms {
    bool estimable;
    double excess, known_value_minor;
    uint32_t unvalued; /* of listed_with_problem, without a value of their own */
} cb_own_terms;

typedef struct cb_tornado_bar {
    cb_assumption_ix assumption;
    double low_minor,
        high_minor; /* headline cost with the assumption at its low and at its high value */
    double low_value, base_value, high_value;
} cb_tornado_bar;

typedef struct cb_churn_group {
    uint32_t word;
    uint32_t customers;    /* after a problem at E, whose latest case is of the group */
    /* Q3's division over the customer's cases near E, those before the window too: all groups
     * together are the headline. NaN: case_cost_minor is NULL */
    double cost_minor;
    double customers_lost; /* expected a year, likewise */
} cb_churn_group;

typedef struct cb_churn_groups {
    uint32_t n;
    cb_churn_group *group; /* by cost descending, then text */
} cb_churn_groups;

typedef struct cb_backtest_row {
    cb_period quarter;
    double forecast, low, high; /* losses of customers after a problem at its start, during the
                                   quarter; predictive interval */
    uint32_t seen;
    bool inside;
} cb_backtest_row;

enum { CB_MAX_BACKTEST = 40 };

typedef struct cb_churn {
    cb_churn_method method;
    const char *reason;     /* why Z is 0, where it is: static text */
    double credibility;     /* Z */
    cb_est rate;            /* headline: service-caused loss a year as a share of customers */
    cb_est cost_minor;      /* headline */
    cb_est expected_losses; /* customers a year */
    /* base */
    double customers;         /* C2's base */
    double counted_customers; /* the customer list's count, else those in the cases: what customers
                                 would be without the setting */
    const char *customers_from; /* "setting", "customer list", "customers in the cases" */
    double value_minor; /* mean yearly value (or lifetime value, C6) a customer; NaN: none known */
    const char *value_from;                    /* "customer list (n of m)", "setting", "none" */
    uint32_t valued_customers, list_customers; /* of the list: customers at E (came and not left)
                                                  with a value; all of them */
    uint32_t
        customers_with_problem; /* after a problem at E and not known to have left, listed or not */
    uint32_t listed_with_problem; /* those of them that the customer list has: what own rate and own
                                     cost are about */
    /* C2 */
    cb_est benchmark_rate, benchmark_cost_minor;
    /* C3 */
    bool own_estimable;
    const char *own_reason;
    cb_exposure after, clean;
    cb_exposure by_outcome[CB_OUTCOMES]; /* shrunk to the whole */
    cb_est excess; /* yearly loss probability of a customer after a problem above a clean one's */
    cb_est own_rate, own_cost_minor;
    double person_years; /* Y */
    /* What own cost is made of, for the live formulas of the workbook: excess x (known_value +
     * unvalued x the value of a customer whose own is not known) x C6's factor, credibility Y / (n0
     * + Y). At the base, and for the window CB_NOW at the low and the high value of
     * after_problem_days too. */
    cb_own_terms own_terms[3];
    double list_value_minor; /* sum of the known yearly values of list_customers, valued_customers
                                of them */
    /* All that follows is made for the window CB_NOW alone, but for the draws. */
    /* C4: low, base, high of silent problem-havers and silent leavers in the window, from C
     * recorded */
    uint32_t recorded_customers; /* C: customers with a case in the window */
    double silent_havers[3], silent_leavers[3], silent_cost_minor[3];
    /* The same silent problem-havers by what such customers say (C5's shares for silence): P - C times the
     * baseline less those who would buy again, small and large losses mixed as in the worst cases
     * recorded */
    double silent_lost_share, silent_by_intent[3];
    /* C5 */
    double bottom_up_losses, bottom_up_cost_minor;
    uint32_t bottom_up_customers[CB_OUTCOMES][2]; /* worst case of the window by outcome and small /
                                                     large loss */
    /* C7 */
    /* NaN where one is not there. A window shorter than a year holds a part of a year's cases:
     * bottom-up is scaled to a year here. */
    double ratio_own_benchmark, ratio_bottom_up_benchmark;
    bool amber; /* a ratio beyond 3 or below 1/3 */
    /* C8 */
    unsigned bars;
    cb_tornado_bar bar[CB_ASSUMPTIONS]; /* by the width of its effect, largest first; only those
                                           that move the headline */
    /* C9 */
    double reached_people[3];        /* leavers x word_of_mouth low, base, high */
    double reach_reviews;            /* sum of review reach of low reviews in the window */
    double word_of_mouth_cost_minor; /* NaN while no value is set */
    /* C10, of the window CB_NOW: quarters that have ended by E and begin two quarters or more after
     * the first case, the last 40 of them. Known at a quarter's start q: the posteriors of C3 from
     * what happened before q, and who is after a problem then, for how long yet if no case follows.
     * Leavers: a binomial draw for each draw of the rates. */
    unsigned backtests;
    cb_backtest_row backtest[CB_MAX_BACKTEST];
    const char *backtest_reason;
    cb_churn_groups by[CB_DIMS]; /* of the window CB_NOW */
    /* Expected churn cost a case row (Q3's division), minor units, for the rows of the window;
     * indexed like window.cases.rows */
    double *case_cost_minor;
    double *case_lost; /* the same in customers lost a year, for the recurrence measure (Q3) */
    uint32_t carriers_from, carriers_to; /* outside these cases of the window all of both is 0 */
    double cost_outside_minor;   /* the headline's part that no case of the window carries; NaN:
                                    case_cost_minor is NULL */
    const char *division_reason; /* why case_cost_minor is NULL: static text */
    /* The draws behind the intervals, for sums that share them; NULL where the figure is not
     * estimable */
    uint32_t draws;
    const double *excess_draw, *rate_draw, *cost_draw;
    /* Customers at risk at E: after a problem with an outcome that is not quick-and-adequate; and
     * their yearly value (one year's, whatever the lifetime switch; CB_NO_AMOUNT: no value is
     * known) */
    uint32_t at_risk;
    int64_t at_risk_value_minor;
} cb_churn;

extern const cb_measure cb_measure_churn;

#endif
