/* remedy_parts.h - what the files of the remedy measure share; private to src/measures. */
#ifndef CASEBOOK_REMEDY_PARTS_H
#define CASEBOOK_REMEDY_PARTS_H

#include "casebook/remedy.h"

/* Ratios remedy / loss of some eligible cases, as the fold meets them. */
typedef struct cb_remedy_met {
    struct cb_remedy_met *next;
    uint32_t n;
    double *ratio;
    uint32_t *place; /* in the window, ascending; NULL in a comparison window */
} cb_remedy_met;

typedef struct cb_remedy_list {
    cb_remedy_met *first, *last;
} cb_remedy_list;

void cb_remedy_join(cb_remedy_list *into, const cb_remedy_list *later);

typedef struct cb_remedy_loss {
    int64_t loss, remedy, direct;
    uint32_t row, place;
} cb_remedy_loss;

/* By loss descending, row ascending. */
typedef struct cb_remedy_largest {
    uint32_t n;
    cb_remedy_loss item[CB_LARGEST_LOSSES];
} cb_remedy_largest;

void cb_remedy_put_largest(cb_remedy_largest *to, const cb_remedy_loss *loss);

/* The ratios of the report's own period. */
typedef struct cb_remedy_ratios {
    int64_t *key;    /* ratios as integers of the same order, ascending */
    uint32_t *place; /* of the cases in the window; ascending where the ratios are equal */
    uint32_t *row;   /* of them */
    size_t n;
} cb_remedy_ratios;

// cb_remedy_sort fills the ratios of n eligible cases, in the scope's scratch.
CB_MUST_USE cb_status cb_remedy_sort(cb_remedy_ratios *out, const cb_remedy_list *list,
                                     const cb_scope *scope, size_t n, cb_error *err);

// The medians are NaN where there is no ratio.
double cb_remedy_median(const cb_remedy_ratios *all);
double cb_remedy_median_without_largest(const cb_remedy_ratios *all,
                                        const cb_remedy_largest *largest);

// cb_remedy_medians returns the median of each group by the words of a field, of whom `eligible_n` says
// how many there are; in the scope's scratch; NULL: no memory.
double *cb_remedy_medians(const cb_remedy_ratios *all, const cb_scope *scope, cb_case_field field,
                          const uint32_t *eligible_n, uint32_t groups);

// cb_remedy_median_of_list writes the median of n ratios.
CB_MUST_USE cb_status cb_remedy_median_of_list(double *out, const cb_remedy_list *list,
                                               const cb_scope *scope, size_t n, cb_error *err);

#endif
