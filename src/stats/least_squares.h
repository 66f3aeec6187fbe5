/* least_squares.h - one weighted least squares problem by Householder QR. Internal to src/stats.
 *
 * Sequence: cb_ls_new once; per problem fill `a` (n x p, row-major) and call cb_ls_factor, then
 * any number of cb_ls_solve; cb_ls_inverse_norms for standard errors. Columns are scaled by powers of 2 (exact)
 * to a length of about 1, so that the test of dependence has one meaning. */
#ifndef CB_STATS_LEAST_SQUARES_H
#define CB_STATS_LEAST_SQUARES_H

#include "casebook/stats.h"

typedef struct cb_ls {
    size_t n, p;
    double *a;     /* the matrix; its factors after cb_ls_factor */
    double *tau;   /* p */
    int *exponent; /* p: columns were multiplied by 2^-exponent */
    double *work;  /* n */
} cb_ls;

CB_MUST_USE cb_status cb_ls_new(size_t n, size_t p, cb_arena *arena, cb_ls *out);

// cb_ls_factor factors a in place; false when a column depends on those before it.
bool cb_ls_factor(cb_ls *ls);

// cb_ls_solve writes the x (p) that minimises |a x - b|.
void cb_ls_solve(cb_ls *ls, const double *b, double *x);

// cb_ls_inverse_norms writes, for each j, sqrt of the j-th diagonal entry of (a'a)^-1.
void cb_ls_inverse_norms(const cb_ls *ls, double *norms);

#endif
