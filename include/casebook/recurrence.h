/* recurrence.h - Q1 to Q6: problems that return, clusters of them, what ending one is worth, what
 * is new or rising.
 *
 * Sequence: cb_measures_run fills cb_results.recurrence for each window; of a comparison window
 * only Q1's counts and rate. The measure folds over customers, finishes after the resolution
 * measure (stage 1) and compares after the churn measure: the clusters' costs are there when
 * cb_measures_run has returned. Everything lives in the scope's arena.
 *
 * A window's cases are those opened in it. "Until the window's end" means min(period.to, just after
 * as_of). W is repeat_days (90). A NULL reason means that the figures beside it are there.
 *
 * Q1 Repeats. A case repeats when its customer opened another of the same kind (options
 *   repeat_same_product, repeat_same_cause: and product, cause) in the W days before, both ends
 *   included; cb_derived.repeat holds the verdict. rate = repeats / eligible, Wilson; cases opened
 *   less than W days after the first case of the input have no look-back and are not eligible.
 *   Chains: cases of one problem of a customer, each within W days of the one before; counted by
 *   length in the window in which their last case so far was opened.
 *   Repeated breakdown: breakdown_cases (3) or more cases of one customer and product within
 *   breakdown_days (365), whatever their kind, the last of them in the window; of several such
 *   stretches the one with most cases.
 * Q2 Mean cumulative function: M(t) = sum over days s <= t of d(s) / n(s), d cases of the n
 * customers still observed, with Nelson's variance (Nelson 1995, J. of Quality Technology 27:2;
 *   stats_recurrence.h). With a customer list the clock starts with the later of `since` and the
 *   input's first case and ends with leaving; without one only customers with a case are known, the
 *   clock starts at their first case, and M counts further ones.
 * Q3 Clusters: cause x product, the unknown words included, so that the counts add up to the
 * window's cases. cost_minor: sum of churn.case_cost_minor over the cluster's cases (churn.h, Q3's
 *   division); as every share is in proportion to the headline, so is its interval.
 * Q4 worth = churn cost x after_problem_days / days + (shortfall + cases x handling_cost) x 365.25 /
 *   days of the window: what a year of such cases costs. The headline is a yearly figure already, but
 *   the cases of all after_problem_days share it, of which a shorter window holds a part; of a
 *   window as long or longer the factor is 1. Without a churn cost (`unpriced` says why) worth is
 *   the rest. Interval: the limits of the churn cost (draws) and the exact Poisson limits of the
 *   number of cases (Garwood 1936), both at once, so that one case is seen to prove little.
 * Q5 Signals: cases of a group in the window against the four periods before (windows of 8 days or
 *   less: the same weekdays of the four weeks before), by exposure in days, cut to what the input
 *   covers. Exact conditional test of two Poisson rates (Przyborowski and Wilenski 1940); cases of
 *   one customer come in bunches, so the counts are divided by the design effect (Rao and Scott
 *   1992; stats_bunches.h): that of the group, or of all groups of its dimension together if that
 * is more, because bunches show little in a small group; 1 where each of the group's customers has
 * one case. Tested are all known words of cause, product and kind with 5 or more cases in both
 *   together - a rule on the total, on which the test is conditioned -, and Benjamini-Hochberg at 5
 * % runs over all of them. Q6 Pairs of words of two dimensions (the 300 most frequent of each):
 * lift = P(a and b) / (P(a) P(b)), leverage = P(a and b) - P(a) P(b), over the window's cases
 * (Piatetsky-Shapiro 1991; Brin et al. 1997, SIGMOD). Test: one-sided exact binomial, given the
 * margins, on a table in which a customer counts once in each cell. Tested are pairs that chance
 * alone would bring about at least once; Benjamini-Hochberg at 5 %; found are those with lift > 1
 * and support of 10 or more.
 *
 * tests/sim/false_signals.c measures how often books without any effect show a signal. */
#ifndef CASEBOOK_RECURRENCE_H
#define CASEBOOK_RECURRENCE_H

#include "casebook/measures.h"

#define CB_SIGNAL_LEVEL 0.05 /* Benjamini-Hochberg of Q5 and Q6 */
enum { CB_PAIR_SUPPORT = 10, CB_MCF_POINTS = 120, CB_BREAKDOWNS_LISTED = 100 };

/* Q3, Q4: cause x product. */
typedef struct cb_cluster {
    uint32_t cause, product;   /* words; 0 unknown */
    uint32_t cases, customers; /* customers: known ones */
    uint32_t repeats, repeat_eligible;
    cb_est median_hours;     /* R2 */
    int64_t shortfall_minor; /* A3, of the window */
    cb_est cost_minor;       /* expected churn cost a year (Q3), with interval */
    double customers_lost;   /* a year, expected; NaN: not estimable */
    double handling_minor;   /* cases x handling cost, a year; 0 while not set */
    cb_est worth_minor;      /* Q4 */
    double share_cases, share_worth,
        share_customers_lost; /* of the window's total, 0-1; NaN: no total above 0 */
} cb_cluster;

/* Q5 */
typedef struct cb_signal {
    cb_dim dim;
    uint32_t word;
    uint32_t now, before; /* cases in the window, in the four periods before */
    uint32_t customers;   /* with a case in either; one without a customer counts as one */
    double exposure_now, exposure_before; /* days */
    double effect;                        /* design effect of bunches, 1 or more */
    cb_est ratio;                         /* rate ratio, exact interval of the effective counts */
    double p, q;                          /* two-sided; Benjamini-Hochberg over all tested */
    bool significant, rising, is_new;     /* is_new: none before */
} cb_signal;

/* Q6 */
typedef struct cb_pair_lift {
    cb_dim dim_a, dim_b;
    uint32_t word_a, word_b;
    uint32_t both, a, b, n; /* cases */
    uint32_t
        once; /* customers with such a case, and such cases without a customer: what is tested */
    double lift, leverage, p, q;
} cb_pair_lift;

/* Q2 */
typedef struct cb_mcf_point {
    double days, mean, low, high; /* bounds NaN while only one customer is observed */
    uint32_t at_risk;
} cb_mcf_point;

typedef struct cb_breakdown {
    uint32_t customer, product, unit; /* unit: the serial number of most of them, 0 unknown */
    uint32_t cases;
    int64_t first_utc_s, last_utc_s;
} cb_breakdown;

typedef struct cb_repeats {
    uint32_t repeats, eligible;
    cb_est rate; /* Wilson */
} cb_repeats;

typedef struct cb_recurrences {
    uint32_t repeats, eligible; /* Q1 over the cases of the window */
    cb_est rate;                /* Wilson */
    uint32_t no_look_back;      /* cases without W days of look-back */
    uint32_t unknown; /* customer, kind or what else must be the same is unknown; eligible +
                         no_look_back + unknown = the window's cases */
    /* of the window reported on alone: */
    cb_repeats *repeats_of_kind; /* by word of the kind */
    uint32_t clusters;
    double churn_yearly;  /* Q4's factor of the churn cost, 1 or more */
    cb_cluster *cluster;  /* by worth descending, then cases, then text */
    const char *unpriced; /* why worth lacks the churn cost; NULL: it has it */
    uint32_t signals_tested, signals;
    cb_signal *signal;          /* significant ones first by q, then all others by q, p */
    const char *signals_reason; /* nothing to compare with */
    uint32_t pairs_tested, pairs_found, pairs; /* pairs: at most 1,000 of those found */
    cb_pair_lift *pair;                        /* by leverage descending */
    unsigned mcf_points;
    cb_mcf_point
        *mcf; /* at most CB_MCF_POINTS, spread evenly over the days with a case; the last is kept */
    uint32_t mcf_customers; /* under observation at some time */
    const char *mcf_reason;
    uint32_t breakdowns;
    cb_breakdown *breakdown; /* by cases descending, then last: the first CB_BREAKDOWNS_LISTED */
    const char *breakdowns_reason;
    struct cb_breakdown_product {
        uint32_t product, customers, cases;
    } * breakdown_product; /* by customers, then cases */
    uint32_t breakdown_products;
    struct cb_chain_length {
        uint32_t length, chains;
    } chain[12]; /* last: 12 or more */
} cb_recurrences;

extern const cb_measure cb_measure_recurrence;

#endif
