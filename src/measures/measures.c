#include "casebook/measures.h"

#include "casebook/churn.h"
#include "casebook/fairness.h"
#include "casebook/flow.h"
#include "casebook/practice.h"
#include "casebook/recurrence.h"
#include "casebook/remedy.h"
#include "casebook/resolution.h"
#include "casebook/review.h"
#include "casebook/trend.h"

/* A new measure is a file in this folder, a member of cb_results and a line here. */
const cb_measure *const cb_measures[] = {
    &cb_measure_flow,
    &cb_measure_resolution,
    &cb_measure_remedy,
    &cb_measure_churn,
    &cb_measure_recurrence,
    &cb_measure_review,
    &cb_measure_fairness,
    &cb_measure_trend,
    &cb_measure_practice,
    NULL,
};
