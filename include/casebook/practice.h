/* practice.h - P1, P2 and the figures of the service-recovery practice (product.md's table). Association, not proof. */
#ifndef CASEBOOK_PRACTICE_H
#define CASEBOOK_PRACTICE_H

#include "casebook/measures.h"

typedef enum cb_step {
    CB_STEP_APOLOGY, CB_STEP_OPTIONS, CB_STEP_AGREED, CB_STEP_PROMISE_KEPT, CB_STEP_FOLLOW_UP, CB_STEP_FIRST_OWNER,
    CB_STEP_ADEQUATE, CB_STEPS
} cb_step;
extern const char *const cb_step_names[CB_STEPS];  /* "apology", "options", "agreed", "promise_kept", "follow_up", "first_owner", "adequate_remedy" */
extern const char *const cb_step_titles[CB_STEPS];

typedef enum cb_effect_outcome { CB_EFFECT_SATISFIED, CB_EFFECT_REPEAT, CB_EFFECT_CHURN, CB_EFFECTS } cb_effect_outcome;
extern const char *const cb_effect_names[CB_EFFECTS]; /* "satisfied", "repeat", "churn" */

/* P1: an outcome with and without a step, Mantel-Haenszel within kind x loss band. */
typedef struct cb_effect {
    uint32_t with_n, with_yes, without_n, without_yes;
    uint32_t strata;
    cb_est odds_ratio, risk_difference;
    double p;
} cb_effect;

typedef struct cb_step_figures {
    uint32_t done, eligible, cases; /* eligible: cases where the step applies and is known; coverage = eligible / cases */
    cb_est share;                   /* Wilson */
    const char *reason;             /* the column is not in the input */
    cb_effect effect[CB_EFFECTS];
    double missed_cost_minor;       /* expected churn cost + shortfall of the cases that missed it */
    double missed_churn_minor, missed_lost; /* of it the churn cost (0 where there is none), and the expected customers lost a year */
} cb_step_figures;

typedef struct cb_step_group { uint32_t team; uint32_t done[CB_STEPS], eligible[CB_STEPS]; double missed_cost_minor[CB_STEPS]; } cb_step_group;

/* P2 */
typedef struct cb_regression_row { const char *name; cb_est odds_ratio; double p; } cb_regression_row;
typedef struct cb_regression {
    cb_effect_outcome outcome;
    uint32_t n, events;
    unsigned rows;
    cb_regression_row row[16];
    const char *reason;             /* refused: events per variable, separation … */
} cb_regression;

/* A row of counts "share of cases by n of something, with an outcome": transfers, options, agents … */
typedef struct cb_ladder_row { uint32_t level; uint32_t cases; cb_est satisfied; double median_hours; cb_est repeat; } cb_ladder_row;

typedef struct cb_practice {
    cb_step_figures step[CB_STEPS];
    uint32_t teams;
    cb_step_group *team;            /* by cases descending */
    cb_regression regression[2];    /* churn, dissatisfaction */
    cb_ladder_row transfers[5], options[5]; /* 0, 1, 2, 3, 4 or more */
    /* liability: injury and legal exposure go to a supervisor at once */
    uint32_t liability, liability_escalated, liability_missed;
    uint32_t *missed_row; uint32_t missed_n; /* case rows not escalated, oldest first */
    double liability_median_hours;  /* to escalation, of those with a time; NaN */
    /* promises and follow-ups at as_of */
    uint32_t promises, promises_kept, promises_overdue_now;
    uint32_t follow_ups_due, follow_ups_done, follow_ups_overdue_now;
    /* escalated against not, within loss bands */
    struct cb_escalation_row { int64_t from_minor, to_minor; uint32_t escalated, not_escalated; double median_h_escalated, median_h_not; } escalation[4];
    unsigned escalation_rows;
    /* debrief */
    uint32_t avoidable_known, avoidable; double avoidable_cost_minor;
    uint32_t skills; struct cb_skill_row { uint32_t word, cases; } *skill;
    /* survey */
    uint32_t satisfaction_known, satisfied; cb_est satisfied_share; double satisfaction_mean; uint32_t satisfaction_eligible;
    /* over-remedy (do more than is owed) */
    uint32_t over_remedied, over_eligible; int64_t over_cost_minor; cb_effect over_effect[CB_EFFECTS];
    /* phrases, in aggregate only */
    uint32_t texts; unsigned phrases; struct cb_phrase_row { cb_str name; uint32_t cases; cb_est share; cb_est satisfied_with, satisfied_without; } *phrase;
} cb_practice;

extern const cb_measure cb_measure_practice;

#endif
