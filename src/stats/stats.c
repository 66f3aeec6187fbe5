#include "casebook/stats.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>

void cb_stats_init(void) { gsl_set_error_handler_off(); }

double cb_normal_quantile(double p)
{
    return p > 0 && p < 1 ? gsl_cdf_ugaussian_Pinv(p) : NAN;
}

double cb_normal_two_sided(double z) { return isnan(z) ? NAN : fmin(1,
                           2 * gsl_cdf_ugaussian_Q(fabs(z))); }

double cb_chi2_upper(double chi2, double df)
{
    if (isnan(chi2) || !(df > 0))
        return NAN;
    return chi2 <= 0 ? 1 : gsl_cdf_chisq_Q(chi2, df);
}

double cb_level_z(double level)
{
    return level > 0 && level < 1 ? gsl_cdf_ugaussian_Qinv((1 - level) / 2) : NAN;
}

bool cb_all_finite(const double *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(values[i]))
            return false;
    return true;
}
