/* km_band.h - the log(-log) band of one step of a Kaplan-Meier curve. Internal to src/stats. */
#ifndef CB_STATS_KM_BAND_H
#define CB_STATS_KM_BAND_H

#include "casebook/stats_survival.h"

typedef struct cb_km_band {
    double low, high;
} cb_km_band;

// cb_km_band_of returns the limits of S at a step, z = cb_level_z(level); NaN where S is 1 or 0.
cb_km_band cb_km_band_of(const cb_km_step *step, double z);

// cb_km_area returns a restricted mean of that standard error with its normal interval, cut to
// 0 … tau_s: no mean of durations of up to tau_s lies elsewhere.
cb_est cb_km_area(double mean_s, double se_s, double level, double tau_s);

#endif
