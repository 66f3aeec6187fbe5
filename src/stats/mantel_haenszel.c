#include "casebook/stats_regress.h"

#include <math.h>

/* Sums over strata; names as in the formulas of the papers named in the header. */
typedef struct sums {
    double r, s, pr, ps_qr, qs;               /* odds ratio */
    double rr_with, rr_without, rr_variance;  /* risk ratio */
    double rd, weight, rd_p, rd_q;            /* risk difference */
    double off, variance;                     /* test */
} sums;

static void add_odds(sums *t, double a, double b, double c, double d, double n)
{
    double p = (a + d) / n, q = (b + c) / n, r = a * d / n, s = b * c / n;
    t->r += r;
    t->s += s;
    t->pr += p * r;
    t->ps_qr += p * s + q * r;
    t->qs += q * s;
}

static void add_stratum(sums *t, const cb_mh_stratum *stratum)
{
    double a = (double)stratum->a, b = (double)stratum->b;
    double c = (double)stratum->c, d = (double)stratum->d;
    double n1 = a + b, n0 = c + d, m1 = a + c, n = n1 + n0, w = n1 * n0 / n;
    add_odds(t, a, b, c, d, n);
    t->rr_with += a * n0 / n;
    t->rr_without += c * n1 / n;
    t->rr_variance += (n1 * n0 * m1 - a * c * n) / (n * n);
    t->rd += (a * n0 - c * n1) / n;
    t->weight += w;
    t->rd_p += (n1 * n1 * c - n0 * n0 * a + n1 * n0 * (n0 - n1) / 2) / (n * n);
    t->rd_q += (a * (n0 - c) + c * (n1 - a)) / (2 * n);
    t->off += a - n1 * m1 / n;
    t->variance += w * m1 * (n - m1) / (n * (n - 1));
}

static cb_est ratio_of(double value, double log_variance, double z)
{
    double half = z * sqrt(log_variance);
    return cb_est_of(value, value * exp(-half), value * exp(half));
}

static cb_est odds_ratio(const sums *t, double z)
{
    if (!(t->r > 0 && t->s > 0))
        return cb_est_none("too few outcomes, or cases without it, on one side");
    double r = t->r, s = t->s;
    return ratio_of(r / s, t->pr / (2 * r * r) + t->ps_qr / (2 * r * s) + t->qs / (2 * s * s), z);
}

static cb_est risk_ratio(const sums *t, double z)
{
    if (!(t->rr_with > 0 && t->rr_without > 0))
        return cb_est_none("one side has no outcome");
    return ratio_of(t->rr_with / t->rr_without, t->rr_variance / (t->rr_with * t->rr_without), z);
}

static cb_est risk_difference(const sums *t, double z)
{
    double value = t->rd / t->weight;
    double half = z * sqrt(fmax(0, value * t->rd_p + t->rd_q)) / t->weight;
    return cb_est_of(value, fmax(-1, value - half), fmin(1, value + half));
}

cb_mh cb_mh_fit(const cb_mh_stratum *strata, size_t n, double level)
{
    cb_mh out = {.chi2 = NAN, .p = NAN};
    sums t = {0};
    for (size_t i = 0; i < n; i++) {
        const cb_mh_stratum *s = &strata[i];
        if (s->a + s->b == 0 || s->c + s->d == 0)
            continue;
        out.strata_used++;
        out.cases_used += s->a + s->b + s->c + s->d;
        add_stratum(&t, s);
    }
    if (out.strata_used == 0) {
        out.reason = "no group of like cases has both sides";
        out.odds_ratio = out.risk_ratio = out.risk_difference = cb_est_none(out.reason);
        return out;
    }
    double z = cb_level_z(level);
    out.odds_ratio = odds_ratio(&t, z);
    out.risk_ratio = risk_ratio(&t, z);
    out.risk_difference = risk_difference(&t, z);
    if (t.variance > 0) {
        out.chi2 = t.off * t.off / t.variance;
        out.p = cb_chi2_upper(out.chi2, 1);
    }
    return out;
}
