/* resolution.h - R1-R5, R7-R9: how long problems took, open ones included.
 *
 * Cohort: the cases opened in the window. Three durations: elapsed (R1), business (T4) and to first response. An
 * open case has lasted at least until as_of: it is censored there (Kaplan-Meier, stats_survival.h). A reopened case counts with
 * its last resolution: its problem was not over before.
 * Left out of R1-R3, and counted: cases closed at an unknown time (R8) and withdrawn ones; in the first response also
 * those closed without a time of a response.
 *
 * Of a comparison window only what is compared is there: the counts, hours with its curve, target,
 * by_priority and order; business_hours and first_response_hours hold a reason, by holds no groups, response_unknown is 0.
 *
 * Units: hours in every `_h`; durations in seconds where it says `_s`. Estimates carry a reason where there is no value.
 * Suppression of small groups (min_group) is the report's: every group has its n.
 * Ownership: the scope's arena. */
#ifndef CASEBOOK_RESOLUTION_H
#define CASEBOOK_RESOLUTION_H

#include "casebook/measures.h"
#include "casebook/stats_survival.h"

/* One duration of one group of cases; JSON's RES. */
typedef struct cb_res {
    uint32_t n;             /* resolved + open */
    uint32_t resolved;      /* for the first response: answered */
    uint32_t open;          /* still open, and for the first response not answered */
    cb_est median_h, p90_h, p95_h; /* R2, with Brookmeyer-Crowley intervals; none when R9 applies */
    cb_est restricted_mean_h;      /* R3: mean of the first tau hours; none when R9 applies */
    double tau_h;                  /* 95th percentile of follow-up; NaN where there is no restricted mean */
    struct {
        cb_est mean_h, median_h, p90_h, p95_h; /* R4: of resolved cases only; no interval */
    } resolved_only;
} cb_res;

typedef struct cb_res_group {
    uint32_t word;           /* of the dimension, 0: not stated */
    cb_str text;             /* "" not stated */
    uint32_t cases;          /* opened in the window */
    uint32_t closed_unknown; /* withdrawn ones too */
    cb_res hours;
    uint32_t business_n, response_n; /* behind the next two */
    cb_est business_median_h, response_median_h; /* R2 */
} cb_res_group;

typedef struct cb_res_dim {
    bool present;            /* some input has the column; no groups if not */
    const cb_res_group *group; /* with cases >= 1, by cases descending, then text */
    uint32_t groups;
} cb_res_dim;

/* R5: share = within / n, n = resolved + open past the target. Priorities whose cases are all still in time have n 0. */
typedef struct cb_res_target {
    uint32_t priority;       /* word; 0 in the overall line and where no priority is stated */
    cb_str text;
    int64_t target_s;        /* 0 in the overall line: each case has its priority's */
    bool business;           /* the target counts business time */
    uint32_t within, late;   /* resolved in time, resolved late */
    uint32_t overdue;        /* open past the target */
    uint32_t not_due;        /* open and in time: not in n */
    uint32_t n;              /* within + late + overdue */
    cb_est share;            /* Wilson */
} cb_res_target;

/* R7 for one group: now against the period before. */
typedef struct cb_res_change {
    cb_dim dim;
    uint32_t word;
    cb_str text;
    uint32_t n_now, n_before;             /* in R1 */
    cb_est median_now_h, median_before_h;
    double observed_now, expected_now;    /* resolutions in the window now, and as many as expected without a change: more is faster */
    double p_value;                       /* log-rank; NaN with reason */
    double p_adjusted;                    /* Benjamini-Hochberg over all tested groups of all dimensions */
    const char *reason;                   /* of p_value: NULL when there is one */
} cb_res_change;

typedef struct cb_res_versus {
    uint32_t n_now, n_before;
    double observed_now, expected_now, chi2;
    double p_value;                       /* NaN with reason */
    const char *reason;                   /* of p_value: NULL when there is one */
    const cb_res_change *change;          /* kind, product, team, priority: groups with min_group or more in both windows; in the
                                             order of dimension, then of n_now descending, then text */
    uint32_t changes;
} cb_res_versus;

/* The cohort's cases with a known duration, ascending by duration, events before censorings of the same time, then by opening.
 * A key packs duration, whether it is censored, and the case's place among the window's cases (cb_res_place …). */
typedef struct cb_res_order {
    const uint64_t *key;
    uint32_t n;
    cb_slice cases;          /* of the window */
} cb_res_order;

enum { CB_RES_PLACE_BITS = 26 };
static inline uint32_t cb_res_place(uint64_t key) { return (uint32_t)(key & ((1u << CB_RES_PLACE_BITS) - 1)); }
static inline bool cb_res_censored(uint64_t key) { return key >> CB_RES_PLACE_BITS & 1; }
static inline int64_t cb_res_duration_s(uint64_t key) { return (int64_t)(key >> (CB_RES_PLACE_BITS + 1)); }

typedef struct cb_resolution {
    uint32_t cases;            /* opened in the window */
    uint32_t closed_unknown;   /* R8 */
    uint32_t withdrawn;
    uint32_t contradictions;   /* resolved_at is known, the status says open or pending: the time wins */
    uint32_t response_unknown; /* closed in some way, without a first response time */
    bool closed_only;          /* R9: more than CB_CLOSED_ONLY_MIN cases in the input and none of them open */
    cb_res hours, business_hours, first_response_hours;
    const cb_km_point *curve;  /* S(t) of elapsed time, at most CB_RES_CURVE_POINTS, up to the 90th percentile or tau; NULL: none */
    size_t curve_n;
    cb_res_dim by[CB_DIMS];
    cb_res_target target;      /* all targets together */
    const cb_res_target *by_priority; /* priorities with a target and a case, by cases descending, then text */
    uint32_t priorities;
    cb_res_order order;        /* by elapsed time: what R7 compares */
    cb_res_versus versus_previous; /* only in out[CB_NOW] */
} cb_resolution;

enum { CB_RES_CURVE_POINTS = 120, CB_CLOSED_ONLY_MIN = 1000 };

// cb_res_compared says whether R7 compares the groups of a dimension (kind, product, team, priority).
bool cb_res_compared(cb_dim dim);

extern const cb_measure cb_measure_resolution;

#endif
