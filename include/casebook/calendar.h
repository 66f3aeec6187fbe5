/* calendar.h - business time: seconds of the configured weekly hours, less holidays (methods.md T4).
 *
 * Sequence: fill a cb_week and the holidays, cb_calendar_new over the range of days that the data span (it tabulates
 * the cumulated business seconds of every local day, with daylight saving), then cb_calendar_between in O(1).
 * Instants outside the range are clamped by walking, correct but slow (a table of at most 120 years is kept; no
 * instant before 0001-01-01 or after 9999-12-31 counts). An instant is business time when the wall clock of the zone
 * shows a time inside a shift: both passes of autumn's double hour count, spring's missing hour has no seconds.
 * Ownership: the calendar copies the week; the zone must outlive it.
 * Invariants, tested: a 24/7 week gives elapsed time; splitting an interval keeps the sum; business <= elapsed. */
#ifndef CASEBOOK_CALENDAR_H
#define CASEBOOK_CALENDAR_H

#include "casebook/civil.h"

enum { CB_MAX_SHIFTS = 4, CB_MAX_HOLIDAYS = 2000 };

typedef struct cb_shift {
    int32_t from_s, to_s; /* seconds after local midnight, 0 <= from < to <= 86400 */
} cb_shift;

typedef struct cb_week {
    struct {
        unsigned n;
        cb_shift shift[CB_MAX_SHIFTS]; /* ascending, not overlapping */
    } day[7];                          /* 0 Monday … 6 Sunday */
    unsigned holidays;
    int64_t holiday_days[CB_MAX_HOLIDAYS]; /* local day numbers, ascending */
} cb_week;

typedef struct cb_calendar cb_calendar;

// cb_shift_parse reads "09:00-17:00" or "09:00-12:00, 13:00-17:30" or "closed" into a weekday.
CB_MUST_USE cb_status cb_shift_parse(cb_week *week, unsigned weekday, cb_str text, cb_error *err);

CB_MUST_USE cb_status cb_calendar_new(cb_calendar **out, const cb_week *week, const cb_zone *zone, int64_t from_utc_s,
                                      int64_t to_utc_s, cb_error *err);
// cb_calendar_build is cb_calendar_new with an allocator (NULL: libc).
CB_MUST_USE cb_status cb_calendar_build(cb_calendar **out, const cb_alloc *alloc, const cb_week *week, const cb_zone *zone,
                                        int64_t from_utc_s, int64_t to_utc_s, cb_error *err);
void cb_calendar_free(cb_calendar *calendar);

// cb_calendar_between returns the business seconds in [from, to), 0 if to <= from. Thread-safe.
int64_t cb_calendar_between(const cb_calendar *calendar, int64_t from_utc_s, int64_t to_utc_s);

#endif
