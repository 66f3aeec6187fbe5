/* results.h - all that the measures of one window have found; what the reports are composed from.
 *
 * One member a measure, each with a header of its own that defines its shape, units and formulas. */
#ifndef CASEBOOK_RESULTS_H
#define CASEBOOK_RESULTS_H

#include "casebook/churn.h"
#include "casebook/fairness.h"
#include "casebook/flow.h"
#include "casebook/practice.h"
#include "casebook/recurrence.h"
#include "casebook/remedy.h"
#include "casebook/resolution.h"
#include "casebook/review.h"
#include "casebook/trend.h"

typedef struct cb_results {
    cb_flow flow;             /* R6 */
    cb_resolution resolution; /* R1-R5, R7-R9 */
    cb_remedy remedy;         /* A1-A4 */
    cb_churn churn;           /* C1-C10 */
    cb_recurrences recurrence; /* Q1-Q6 */
    cb_trend trend;           /* Q7: control charts */
    cb_practice practice;     /* P1, P2, and the step counts of the recovery practice */
    cb_fairness fairness;     /* F1, F2 */
    cb_review review;         /* V1-V3 */
} cb_results;

#endif
