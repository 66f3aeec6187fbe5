#include "stats/least_squares.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_linalg.h>

/* A column is dependent when so small a part of it is left over by the columns before it. */
static const double dependence = 1e-10;

cb_status cb_ls_new(size_t n, size_t p, cb_arena *arena, cb_ls *out)
{
    size_t cells;
    if (!cb_mul(n, p, &cells))
        return CB_ENOMEM;
    *out = (cb_ls){n,
                   p, cb_arena_array(arena, cells, sizeof(double)),
                   cb_arena_array(arena, p, sizeof(double)),
                   cb_arena_array(arena, p, sizeof(int)), cb_arena_array(arena, n, sizeof(double))};
    return out->a && out->tau && out->exponent && out->work ? CB_OK : CB_ENOMEM;
}

static void scale_column(cb_ls *ls, size_t j)
{
    double largest = 0;
    for (size_t i = 0; i < ls->n; i++)
        largest = fmax(largest, fabs(ls->a[i * ls->p + j]));
    ls->exponent[j] = 0;
    if (largest > 0)
        (void)frexp(largest, &ls->exponent[j]);
    for (size_t i = 0; i < ls->n; i++)
        ls->a[i * ls->p + j] = ldexp(ls->a[i * ls->p + j], -ls->exponent[j]);
}

static double column_length(const cb_ls *ls, size_t j)
{
    double squares = 0;
    for (size_t i = 0; i < ls->n; i++)
        squares += ls->a[i * ls->p + j] * ls->a[i * ls->p + j];
    return sqrt(squares);
}

bool cb_ls_factor(cb_ls *ls)
{
    for (size_t j = 0; j < ls->p; j++) {
        scale_column(ls, j);
        /* tau is not in use yet */
        ls->work[j] = column_length(ls, j);
    }
    gsl_matrix_view a = gsl_matrix_view_array(ls->a, ls->n, ls->p);
    gsl_vector_view tau = gsl_vector_view_array(ls->tau, ls->p);
    if (gsl_linalg_QR_decomp(&a.matrix, &tau.vector))
        return false;
    for (size_t j = 0; j < ls->p; j++)
        if (!(fabs(ls->a[j * ls->p + j]) > dependence * ls->work[j]))
            return false;
    return true;
}

void cb_ls_solve(cb_ls *ls, const double *b, double *x)
{
    memcpy(ls->work, b, ls->n * sizeof *b);
    gsl_matrix_view a = gsl_matrix_view_array(ls->a, ls->n, ls->p);
    gsl_vector_view tau = gsl_vector_view_array(ls->tau, ls->p);
    gsl_vector_view v = gsl_vector_view_array(ls->work, ls->n);
    gsl_linalg_QR_QTvec(&a.matrix, &tau.vector, &v.vector);
    for (size_t i = ls->p; i-- > 0;) {
        double rest = ls->work[i];
        for (size_t j = i + 1; j < ls->p; j++)
            rest -= ls->a[i * ls->p + j] * x[j];
        x[i] = rest / ls->a[i * ls->p + i];
    }
    for (size_t j = 0; j < ls->p; j++)
        x[j] = ldexp(x[j], -ls->exponent[j]);
}

void cb_ls_inverse_norms(const cb_ls *ls, double *norms)
{
    /* (a'a)^-1 = R^-1 R^-T: row j of R^-1, by columns k of R^-1 from back substitution on unit
     * vectors */
    const size_t p = ls->p;
    double *column = ls->work;
    memset(norms, 0, p * sizeof *norms);
    for (size_t k = 0; k < p; k++) {
        for (size_t i = k + 1; i-- > 0;) {
            double rest = i == k ? 1 : 0;
            for (size_t j = i + 1; j <= k; j++)
                rest -= ls->a[i * p + j] * column[j];
            column[i] = rest / ls->a[i * p + i];
            norms[i] += column[i] * column[i];
        }
    }
    for (size_t j = 0; j < p; j++)
        norms[j] = ldexp(sqrt(norms[j]), -ls->exponent[j]);
}
