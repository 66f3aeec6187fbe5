/* practice.h - P1, P2 and the figures of the service-recovery practice (product.md's table).
 *
 * Association, not proof: that a step goes with better outcomes does not say that it brings them
 * about.
 *
 * Sequence: cb_measures_run fills cb_results.practice of the window that is reported on (CB_NOW);
 * the others' stays zeroed. Each case is judged once a run, and its answers packed into a word
 * (cb_derived.answers); the measure folds over the words of all cases. What needs the churn measure
 * (missed costs) or the resolution measure (times to solve) is there when cb_measures_run has
 * returned. All lives in the scope's arena. A NULL
 * reason means that the figures beside it are there.
 *
 * Steps, judged at as_of; a case where the step does not apply or is not known is not eligible:
 *   apology, agreed   the input's flag
 *   options           options_offered >= 2
 *   promise_kept      resolved_at <= promised_at; an open case whose promise is past was not kept,
 *                     one whose promise lies ahead is not eligible
 *   follow_up         followed up within follow_up_days (7) after the solution, of cases solved at
 *                     least so long ago
 *   first_owner       solved without a transfer and without escalation, of solved cases with known
 *                     transfers (an unknown escalation counts as none)
 *   adequate_remedy   remedy >= loss, of eligible cases (A1)
 * share = done / eligible over the window's cases, Wilson; coverage = eligible / cases.
 *
 * Outcomes of a case:
 *   satisfied   satisfaction of 4 or more, where it is known
 *   repeat      another case of the same problem (Q1) within W days after; known once W days have
 *               passed
 *   churn       the listed customer left within outcome_days (180) after the opening; known once so
 *               long has passed; who left before the case has no outcome
 * That they are known late is why effects are taken over all cases of the input opened before the
 * window's end, not over the window alone; each effect states its own n.
 *
 * P1: effect = with the step against without it, Mantel-Haenszel over strata of kind x band of loss:
 * odds ratio with the interval of Robins, Breslow and Greenland (1986), risk difference with that
 * of Sato (1989), Cochran-Mantel-Haenszel p (stats_regress.h). Bands: below a quarter of large_loss,
 * below large_loss, below ten times, above, and not known: a band of its own. Kinds beyond
 * CB_PRACTICE_KINDS share strata.
 *
 * P2: logistic regression (IRLS) of churn, and of dissatisfaction, on all steps that are known in
 * half of these cases or more and were both done and missed, over the cases where all of them and
 * the outcome are known; with columns for the bands of loss, the unknown among them, and for kinds.
 * A band in which all cases have the same outcome tells nothing about the steps: it is left out,
 * and counted. The most frequent kind is the reference. The others, up to 15, have a column each, by
 * frequency, as long as ten of both outcomes are there for each column of the model, and ten among
 * the kind's own cases: fewer might foretell the outcome. All other kinds stand together with the
 * reference. Refused below 10 events per variable (Peduzzi et al. 1996) and under separation.
 *
 * missed_cost: sum of churn.case_cost_minor (Q3's division, a year) + shortfall (A3) over the
 * window's cases that missed the step; without a churn cost (`unpriced` says why) the shortfall
 * alone. Costs of two steps overlap: a case that missed both counts in both. */
#ifndef CASEBOOK_PRACTICE_H
#define CASEBOOK_PRACTICE_H

#include "casebook/measures.h"

typedef enum cb_step {
    CB_STEP_APOLOGY,
    CB_STEP_OPTIONS,
    CB_STEP_AGREED,
    CB_STEP_PROMISE_KEPT,
    CB_STEP_FOLLOW_UP,
    CB_STEP_FIRST_OWNER,
    CB_STEP_ADEQUATE,
    CB_STEPS
} cb_step;
/* "apology", "options", "agreed", "promise_kept", "follow_up", "first_owner", "adequate_remedy" */
extern const char *const cb_step_names[CB_STEPS];
extern const char *const cb_step_titles[CB_STEPS];

typedef enum cb_effect_outcome {
    CB_EFFECT_SATISFIED,
    CB_EFFECT_REPEAT,
    CB_EFFECT_CHURN,
    CB_EFFECTS
} cb_effect_outcome;
extern const char *const cb_effect_names[CB_EFFECTS]; /* "satisfied", "repeat", "churn" */

enum { CB_PRACTICE_KINDS = 4096, CB_LADDER_ROWS = 5, CB_KINDS_NAMED = 8, CB_FOLLOW_UPS_RECENT = 4 };

/* P1 */
typedef struct cb_effect {
    uint32_t with_n, with_yes, without_n, without_yes;
    uint32_t strata; /* with cases on both sides */
    cb_est odds_ratio, risk_difference;
    double p; /* NaN: not tested */
} cb_effect;

typedef struct cb_step_figures {
    uint32_t done, eligible, cases; /* of the window */
    cb_est share;
    const char *reason;           /* the column is not in the input */
    cb_effect effect[CB_EFFECTS]; /* of all cases until the window's end */
    double missed_cost_minor;
    double missed_churn_minor; /* of it the churn cost; 0 where there is none */
    double missed_lost;        /* the expected customers lost a year behind that */
} cb_step_figures;

/* A team in the window; see cb_team_hidden (fairness.h) before showing one. */
typedef struct cb_step_group {
    uint32_t team, cases;
    uint32_t done[CB_STEPS], eligible[CB_STEPS];
    double missed_cost_minor[CB_STEPS];
} cb_step_group;

/* P2 */
typedef struct cb_regression_row {
    const char *name; /* title of the step */
    cb_est odds_ratio;
    double p;
} cb_regression_row;

typedef struct cb_regression {
    cb_effect_outcome outcome; /* CB_EFFECT_SATISFIED: of its opposite */
    uint32_t n, events;
    uint32_t left_out;       /* cases of bands of loss in which all had the same outcome */
    uint32_t kinds_together; /* the reference's kinds; 1: every other kind has a column */
    uint32_t kind_together[CB_KINDS_NAMED]; /* the first of them, by frequency */
    unsigned rows;
    cb_regression_row row[16];
    const char *reason; /* refused: events per variable, separation … */
} cb_regression;

/* Cases of the window by n of something: transfers, options; the last row is "4 or more". */
typedef struct cb_ladder_row {
    uint32_t level, cases;
    cb_est satisfied, repeat; /* Wilson */
    cb_est median_h;          /* R2: time to solve */
} cb_ladder_row;

/* Time to solve within a band of loss (R2); cases of the window that were solved or are open, and
 * whose escalation is known. Bands without any are left out. */
typedef struct cb_escalation_row {
    int64_t from_minor,
        to_minor; /* to: INT64_MAX, no end; both CB_NO_AMOUNT: the loss is not known */
    uint32_t escalated, not_escalated;
    cb_est median_h_escalated, median_h_not;
} cb_escalation_row;

typedef struct cb_skill_row {
    uint32_t word, cases;
} cb_skill_row;

typedef struct cb_phrase_row {
    cb_str name;
    uint32_t cases;
    cb_est share; /* of the window's texts, Wilson */
    cb_est satisfied_with, satisfied_without;
} cb_phrase_row;

typedef struct cb_practice {
    uint32_t
        effect_cases; /* opened before the window's end: effects and regressions are over these */
    cb_step_figures step[CB_STEPS];
    uint32_t teams;
    cb_step_group *team;         /* by cases descending, then text */
    cb_regression regression[2]; /* churn, dissatisfaction */
    cb_ladder_row transfers[CB_LADDER_ROWS], options[CB_LADDER_ROWS];
    /* Injury and legal exposure go to a supervisor at once: cases of the window flagged as
     * liability; escalated: flagged so, or with a time of escalation */
    uint32_t liability, liability_escalated, liability_missed;
    uint32_t *missed_row, missed_n; /* case rows not escalated, oldest first */
    uint32_t liability_timed;       /* escalated at a time not before the opening */
    double liability_median_hours;  /* to escalation, of those; NaN: none */
    /* Promises and follow-ups: of the window's cases; and overdue at as_of, of all cases: open past
     * the promised time; solved follow_up_days to CB_FOLLOW_UPS_RECENT times so long ago and not
     * followed up (a follow-up is asked for while the case is fresh) */
    uint32_t promises_dated; /* with a promised time; promises: those of them that are decided */
    uint32_t promises, promises_kept, promises_overdue_now;
    uint32_t follow_ups_due, follow_ups_done, follow_ups_overdue_now;
    unsigned escalation_rows; /* 0: escalated is not in the input, or of no case */
    cb_escalation_row escalation[5];
    /* Debrief */
    uint32_t avoidable_known, avoidable;
    double avoidable_cost_minor; /* as missed_cost */
    uint32_t skills;
    cb_skill_row *skill; /* by cases descending, then in the order of the input */
    /* Survey, of closed cases of the window */
    uint32_t satisfaction_eligible, satisfaction_known, satisfied;
    cb_est satisfied_share;
    double satisfaction_mean; /* 1-5; NaN: none */
    /* More than is owed (A2), of the window's eligible cases; effects: more than the loss against
     * exactly the loss, as P1 */
    uint32_t over_remedied, over_eligible;
    int64_t over_cost_minor;
    cb_effect over_effect[CB_EFFECTS];
    /* Phrases in the cases' texts, in aggregate only */
    uint32_t texts;
    unsigned phrases;
    cb_phrase_row *phrase;
    const char *unpriced; /* why missed costs lack the churn cost; NULL: they have it */
} cb_practice;

extern const cb_measure cb_measure_practice;

#endif
