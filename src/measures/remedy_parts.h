/* remedy_parts.h - what the files of the remedy measure share; private to src/measures. */
#ifndef CASEBOOK_REMEDY_PARTS_H
#define CASEBOOK_REMEDY_PARTS_H

#include "casebook/remedy.h"

typedef struct cb_remedy_loss {
    int64_t loss, remedy;
    uint32_t row, place; /* place: in the window */
} cb_remedy_loss;

/* The ratios remedy / loss of the eligible cases of the report's own period. */
typedef struct cb_remedy_ratios {
    int64_t *key;    /* ratios as integers of the same order, ascending */
    uint32_t *place; /* of the cases in the window; ascending where the ratios are equal */
    size_t n;
    uint32_t largest_n;
    cb_remedy_loss largest[CB_LARGEST_LOSSES]; /* by loss descending, row ascending */
} cb_remedy_ratios;

// cb_remedy_sort fills the ratios of n eligible cases, in the scope's scratch.
CB_MUST_USE cb_status cb_remedy_sort(cb_remedy_ratios *out, const cb_scope *scope, size_t n,
                                     cb_error *err);

// The medians are NaN where there is no ratio.
double cb_remedy_median(const cb_remedy_ratios *all);
double cb_remedy_median_without_largest(const cb_remedy_ratios *all);

// cb_remedy_medians returns the median of each group by the words of a field, of whom `eligible_n` says
// how many there are; in the scope's scratch; NULL: no memory.
double *cb_remedy_medians(const cb_remedy_ratios *all, const cb_scope *scope, cb_case_field field,
                          const uint32_t *eligible_n, uint32_t groups);

// cb_remedy_median_of_window writes the median of a comparison window with n eligible cases.
CB_MUST_USE cb_status cb_remedy_median_of_window(double *out, const cb_scope *scope,
                                                 cb_window_ix ix, size_t n, cb_error *err);

#endif
