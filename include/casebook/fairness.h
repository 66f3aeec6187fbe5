/* fairness.h - F1, F2: teams compared by funnel limits, never ranked.
 *
 * Why: a small team is at the top or the bottom of every league table by chance. Here each team
 * stands against the limits within which a team of its size would lie if all were alike.
 *
 * Sequence: cb_measures_run fills cb_results.fairness of the window that is reported on (CB_NOW);
 * the others' stays zeroed. All lives in the scope's arena.
 *
 * Four shares, over the window's cases of teams that have a name; each case judged at as_of:
 *   in_target  R5: solved in time / (solved + open past target), cases with a target
 *   adequate   A2: remedy >= loss / eligible cases (A1)
 *   repeat     Q1: repeats / cases with look-back
 *   follow_up  followed up within follow_up_days after the solution (not earlier than a day before
 *              it: dates without a time) / cases solved at least so long ago
 * Formulas (stats_funnel.h; Spiegelhalter 2005, Statistics in Medicine 24:1185): target = share of
 * all teams together; exact binomial limits at 95 % and 99.8 %; z winsorised at 10 % and 90 %,
 * tau^2 after DerSimonian and Laird; limits widened by sqrt(1 + tau^2 / s^2). F2: Wilson's interval
 * of the team's own share. By chance one team in 500 lies beyond the 99.8 % limits.
 *
 * Small teams. A figure of a team of a few cases is a figure of a person. `hidden` names the teams
 * that no table by team may show, one set for all tables of a report: those with fewer than
 * min_group cases in the window (or none), and, while these are one alone or have fewer than
 * min_group cases together, the next smallest ones (by cases, then text), because what is hidden
 * can be had by subtraction from a total. A funnel hides in addition the teams whose own n is below
 * min_group, and, if that leaves one alone, again the next smallest in the same order: the order is
 * the same for all, so that no two tables with the same counts hide different ones. Hidden teams
 * take part in target and tau^2; their counts are zeroed here. */
#ifndef CASEBOOK_FAIRNESS_H
#define CASEBOOK_FAIRNESS_H

#include "casebook/measures.h"

typedef enum cb_funnel_measure {
    CB_FUNNEL_IN_TARGET,
    CB_FUNNEL_ADEQUATE,
    CB_FUNNEL_REPEAT,
    CB_FUNNEL_FOLLOW_UP,
    CB_FUNNELS
} cb_funnel_measure;
extern const char *const cb_funnel_names[CB_FUNNELS];
extern const char *const cb_funnel_titles[CB_FUNNELS];

typedef enum cb_funnel_verdict {
    CB_FUNNEL_INSIDE,
    CB_FUNNEL_BEYOND_95,
    CB_FUNNEL_BEYOND_998,
    CB_FUNNEL_SUPPRESSED
} cb_funnel_verdict;

/* Of a suppressed group only word and verdict are set. */
typedef struct cb_funnel_group {
    uint32_t word; /* team; groups by text, ascending: no ranking */
    uint32_t yes, n;
    double share;
    double low95, high95, low998, high998; /* limits at this n, widened for over-dispersion */
    cb_est wilson;
    cb_funnel_verdict verdict;
} cb_funnel_group;

typedef struct cb_funnel_line {
    double n, low95, high95, low998, high998;
} cb_funnel_line; /* for the chart */

typedef struct cb_funnel_result {
    const char *reason; /* not in the input, or fewer than two groups; then nothing below is set */
    double target;      /* overall share */
    double phi, tau2;   /* over-dispersion */
    uint32_t groups, suppressed;
    cb_funnel_group *group;
    unsigned lines;
    cb_funnel_line
        line[40]; /* in equal steps of sqrt(n), from 5 to a little beyond the largest team shown */
} cb_funnel_result;

typedef struct cb_fairness {
    cb_funnel_result funnel[CB_FUNNELS]; /* by team */
    uint32_t teams;                      /* words of the team dimension (cb_dim_groups) */
    bool *hidden;                        /* by word; NULL in the comparison windows */
    uint32_t hidden_teams;
} cb_fairness;

// cb_team_hidden says whether a table by team must not show the team by itself.
static inline bool cb_team_hidden(const cb_fairness *fairness, uint32_t word)
{
    return fairness->hidden && word < fairness->teams && fairness->hidden[word];
}

extern const cb_measure cb_measure_fairness;

#endif
