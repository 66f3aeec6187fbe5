/* remedy.h - A1 to A4: did the remedy make good the customer's loss?
 *
 * Money is int64 minor units of the report's currency. No mean of ratios anywhere: one case with a loss of a cent must not weigh
 * as much as one of a thousand. Loss = direct + consequential loss (cb_loss_minor).
 * Eligible (A1): opened in the window, resolved or closed, loss known and > 0, remedy known.
 * Of a comparison window only `all` and has_… are there; the rest stays zeroed. */
#ifndef CASEBOOK_REMEDY_H
#define CASEBOOK_REMEDY_H

#include "casebook/measures.h"

enum { CB_BAND_NONE, CB_BAND_PARTIAL, CB_BAND_ADEQUATE, CB_BAND_GENEROUS, CB_BANDS };
extern const char *const cb_band_names[CB_BANDS]; /* "none", "partial", "adequate", "generous" */
enum { CB_LARGEST_LOSSES = 10 };

typedef struct cb_remedy_figures {
    uint32_t cases;             /* of the window (group) */
    uint32_t loss_known;        /* coverage of the loss column: loss_known / cases */
    uint32_t eligible;
    int64_t loss_minor, remedy_minor;      /* sums over the eligible */
    int64_t direct_minor, consequential_minor; /* parts of loss_minor */
    double ratio;               /* remedy / loss; NaN: no eligible case */
    double median_ratio;        /* A3 */
    cb_est share_adequate;      /* ratio >= 1, Wilson */
    int64_t shortfall_minor, excess_minor; /* sums of max(0, loss - remedy), max(0, remedy - loss) */
    uint32_t over_remedied;     /* ratio > 1 */
    uint32_t bands[CB_BANDS];
    int64_t band_shortfall_minor[CB_BANDS];
} cb_remedy_figures;

typedef struct cb_remedy_group {
    uint32_t word;              /* id in the dimension's pool; 0 unknown */
    cb_remedy_figures figures;
} cb_remedy_group;

typedef struct cb_remedy_groups {
    uint32_t n;
    cb_remedy_group *group;     /* by shortfall descending, then by text */
} cb_remedy_groups;

typedef struct cb_remedy {
    cb_remedy_figures all;
    cb_remedy_figures without_largest;      /* without the ten largest losses */
    uint32_t largest_n;
    uint32_t largest_row[CB_LARGEST_LOSSES]; /* case rows, by loss descending (row ascending on ties) */
    double largest_share;                   /* of the total loss of the eligible */
    cb_remedy_groups by[CB_DIMS];
    cb_remedy_groups by_type;               /* by remedy type (CB_POOL_REMEDY) */
    uint32_t open_cases;                    /* A4: open at as_of with a known loss, of all cases, apart from the above */
    int64_t exposure_minor;
    bool has_loss, has_remedy, has_consequential; /* the input has the column */
} cb_remedy;

extern const cb_measure cb_measure_remedy;

#endif
