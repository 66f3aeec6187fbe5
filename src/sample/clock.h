/* clock.h - the window's hours: wall-clock text, business time and the rhythm in which cases
 * arrive.
 *
 * The window and some weeks after it are tabulated by UTC hours (about 19,000), which makes every
 * question a look-up: the local wall time of an instant (Europe/Berlin, by the rule of the European
 * Union that has held since 1996, so that no time-zone database is needed), the instant that lies
 * so much business time later, and the instant at which so many of the yearly cases have arrived.
 *
 * Business hours: Mon-Fri 08:00-18:00, Sat 09:00-13:00, less the holidays; casebook.ini says the
 * same. Ownership: cb_clock_new allocates, cb_clock_free frees. Read-only after that. */
#ifndef SAMPLE_CLOCK_H
#define SAMPLE_CLOCK_H

#include <stdint.h>

#include "casebook/status.h"

enum { CB_CLOCK_STAMP_BYTES = 14, CB_CLOCK_TAIL_DAYS = 60 };

typedef struct cb_clock {
    int64_t from_utc_s, to_utc_s; /* the window, as in world.h */
    uint32_t hours;               /* tabulated: the window and CB_CLOCK_TAIL_DAYS */
    uint32_t window_hours;
    char (*stamp)[16];     /* "2024-10-01 00:" by hour */
    uint32_t *open_before; /* business hours before hour h; hours + 1 entries */
    uint32_t *open_hour;   /* the hour of the k-th business hour */
    double *arrived; /* cumulated arrivals of a customer with one case a year; window_hours + 1
                        entries */
} cb_clock;

extern const char *const cb_clock_holidays[]; /* "2024-10-03" …, NULL at the end */

CB_MUST_USE cb_status cb_clock_new(cb_clock *clock, cb_error *err);
void cb_clock_free(cb_clock *clock);

// cb_clock_offset_s returns local - UTC seconds of Europe/Berlin.
int64_t cb_clock_offset_s(int64_t utc_s);

// cb_clock_plain moves an instant in the second pass of autumn's double hour behind it, for the
// wall clock that is written cannot tell it from the first. It keeps the order of instants.
int64_t cb_clock_plain(int64_t utc_s);

// cb_clock_after_work returns the instant that lies business_s of business time after utc_s, or the
// end of the table if it is later. A remainder of less than an hour runs inside its hour.
int64_t cb_clock_after_work(const cb_clock *clock, int64_t utc_s, int64_t business_s);

// cb_clock_arrivals returns how many cases a customer with one a year has had from the window's
// start to utc_s.
double cb_clock_arrivals(const cb_clock *clock, int64_t utc_s);

// cb_clock_arrival is its inverse: the instant by which so many have arrived, or to_utc_s.
int64_t cb_clock_arrival(const cb_clock *clock, double arrivals);

// cb_clock_text writes "2026-09-30 23:59:59" (19 bytes, no NUL), the local wall time of an instant.
void cb_clock_text(const cb_clock *clock, char out[19], int64_t utc_s);

// cb_clock_month returns the local month of an instant of the window, 0 … 23.
unsigned cb_clock_month(const cb_clock *clock, int64_t utc_s);

#endif
