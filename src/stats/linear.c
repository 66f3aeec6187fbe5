#include "casebook/stats_regress.h"

#include <math.h>
#include <string.h>

#include "stats/least_squares.h"

enum { REFINEMENTS = 2 };

/* y - x b with the rounding of every product and sum carried along, so that refinement has
 * something to refine. */
static double exact_residual(double y, const double *x, const double *b, size_t p)
{
    double sum = y, lost = 0;
    for (size_t j = 0; j < p; j++) {
        double product = -x[j] * b[j], product_lost = fma(-x[j], b[j], -product);
        double next = sum + product;
        lost += fabs(sum) >= fabs(product) ? (sum - next) + product : (product - next) + sum;
        lost += product_lost;
        sum = next;
    }
    return sum + lost;
}

static bool has_constant(const double *x, size_t n, size_t p)
{
    for (size_t j = 0; j < p; j++) {
        size_t i = 1;
        while (i < n && x[i * p + j] == x[j])
            i++;
        if (i == n && x[j] != 0)
            return true;
    }
    return false;
}

static double total_squares(const double *y, size_t n, bool about_mean)
{
    double mean = 0, squares = 0;
    for (size_t i = 0; about_mean && i < n; i++)
        mean += y[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (y[i] - mean) * (y[i] - mean);
    return squares;
}

static const char *data_fault(const double *x, const double *y, size_t n, size_t p)
{
    if (p == 0 || n <= p)
        return "too few rows for so many columns";
    return cb_all_finite(x, n * p) && cb_all_finite(y, n) ? NULL : "a value is not a number";
}

static void solve_refined(cb_ls *ls, const double *x, const double *y, double *b,
                          double *residual, double *step)
{
    cb_ls_solve(ls, y, b);
    for (int round = 0;; round++) {
        for (size_t i = 0; i < ls->n; i++)
            residual[i] = exact_residual(y[i], x + i * ls->p, b, ls->p);
        if (round == REFINEMENTS)
            return;
        cb_ls_solve(ls, residual, step);
        for (size_t j = 0; j < ls->p; j++)
            b[j] += step[j];
    }
}

cb_status cb_linear_fit(const double *x, const double *y, size_t n, size_t p, cb_arena *arena,
                        cb_linear *out)
{
    *out = (cb_linear){.n = n, .p = p, .residual_sd = NAN, .residual_ss = NAN, .r2 = NAN};
    out->reason = data_fault(x, y, n, p);
    if (out->reason)
        return CB_OK;
    cb_ls ls;
    cb_status rc = cb_ls_new(n, p, arena, &ls);
    double *b = cb_arena_array(arena, p, sizeof *b), *se = cb_arena_array(arena, p, sizeof *se);
    double *step = cb_arena_array(arena, p, sizeof *step);
    double *residual = cb_arena_array(arena, n, sizeof *residual);
    if (rc != CB_OK || !b || !se || !step || !residual)
        return CB_ENOMEM;
    memcpy(ls.a, x, n * p * sizeof *x);
    if (!cb_ls_factor(&ls)) {
        out->reason = "columns depend on each other";
        return CB_OK;
    }
    solve_refined(&ls, x, y, b, residual, step);
    out->df = n - p;
    out->residual_ss = 0;
    for (size_t i = 0; i < n; i++)
        out->residual_ss += residual[i] * residual[i];
    out->residual_sd = sqrt(out->residual_ss / (double)out->df);
    cb_ls_inverse_norms(&ls, se);
    for (size_t j = 0; j < p; j++)
        se[j] *= out->residual_sd;
    double total = total_squares(y, n, has_constant(x, n, p));
    out->r2 = total > 0 ? 1 - out->residual_ss / total : NAN;
    out->coefficient = b;
    out->standard_error = se;
    return CB_OK;
}
