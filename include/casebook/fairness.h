/* fairness.h - F1, F2: teams compared by funnel limits, never ranked. */
#ifndef CASEBOOK_FAIRNESS_H
#define CASEBOOK_FAIRNESS_H

#include "casebook/measures.h"

typedef enum cb_funnel_measure { CB_FUNNEL_IN_TARGET, CB_FUNNEL_ADEQUATE, CB_FUNNEL_REPEAT, CB_FUNNEL_FOLLOW_UP, CB_FUNNELS } cb_funnel_measure;
extern const char *const cb_funnel_names[CB_FUNNELS];
extern const char *const cb_funnel_titles[CB_FUNNELS];

typedef enum cb_funnel_verdict { CB_FUNNEL_INSIDE, CB_FUNNEL_BEYOND_95, CB_FUNNEL_BEYOND_998, CB_FUNNEL_SUPPRESSED } cb_funnel_verdict;

typedef struct cb_funnel_group {
    uint32_t word;             /* team; groups by text, ascending: no ranking */
    uint32_t yes, n;           /* n of a suppressed group is not to be shown */
    double share;
    double low95, high95, low998, high998; /* limits at this n, widened for over-dispersion */
    cb_est wilson;
    cb_funnel_verdict verdict;
} cb_funnel_group;

typedef struct cb_funnel_line { double n, low95, high95, low998, high998; } cb_funnel_line; /* for the chart */

typedef struct cb_funnel_result {
    const char *reason;        /* not in the input, or fewer than two groups */
    double target;             /* overall share */
    double phi, tau2;          /* over-dispersion */
    uint32_t groups, suppressed;
    cb_funnel_group *group;
    unsigned lines;
    cb_funnel_line line[40];
} cb_funnel_result;

typedef struct cb_fairness {
    cb_funnel_result funnel[CB_FUNNELS]; /* by team */
} cb_fairness;

extern const cb_measure cb_measure_fairness;

#endif
