/* civil.h - calendar dates, time zones and periods, without the host's locale or TZ.
 *
 * Time is int64 seconds since 1970-01-01T00:00:00Z (methods.md T1). "Local" seconds are the same count of a
 * wall clock read as if it were UTC. Dates follow the proleptic Gregorian calendar (Hinnant's days-from-civil).
 * Zones are read from the machine's IANA database (TZif files, RFC 8536, with the footer's POSIX rule for
 * times after the table); "UTC" needs no database. */
#ifndef CASEBOOK_CIVIL_H
#define CASEBOOK_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

#include "casebook/alloc.h"
#include "casebook/status.h"
#include "casebook/text.h"

#define CB_NO_TIME INT64_MIN
enum { CB_DAY_S = 86400, CB_HOUR_S = 3600 };

typedef struct cb_civil {
    int32_t year;
    uint8_t month, day;           /* 1-12, 1-31 */
    uint8_t hour, minute, second; /* 0-23, 0-59, 0-59; no leap second */
} cb_civil;

int64_t cb_days_from_civil(int32_t year, unsigned month, unsigned day); /* days since 1970-01-01 */
void cb_civil_from_days(int64_t days, int32_t *year, unsigned *month, unsigned *day);
unsigned cb_weekday(int64_t days); /* 0 Monday … 6 Sunday */
bool cb_civil_valid(const cb_civil *civil);
int64_t cb_civil_to_s(const cb_civil *civil); /* local seconds; civil must be valid */
cb_civil cb_civil_from_s(int64_t local_s);
static inline int64_t cb_floor_day(int64_t s) { return s / CB_DAY_S - (s % CB_DAY_S < 0); } /* day number of s */

typedef struct cb_zone cb_zone;

// cb_zone_open reads the zone (IANA name, e.g. "Europe/Berlin"); CB_ECONFIG with the name and advice if it does
// not exist or is not a plain name; CB_EUNAVAILABLE if the machine has no zone database. Free with cb_zone_free.
CB_MUST_USE cb_status cb_zone_open(cb_zone **out, const char *iana_name, cb_error *err);
void cb_zone_free(cb_zone *zone);
const char *cb_zone_name(const cb_zone *zone);

// cb_zone_to_utc: in the autumn's double hour the first is meant; in spring's missing hour the time moves
// forward by the gap (methods.md T1). Thread-safe. CB_NO_TIME stays CB_NO_TIME in both directions.
int64_t cb_zone_to_utc(const cb_zone *zone, int64_t local_s);
int64_t cb_zone_to_local(const cb_zone *zone, int64_t utc_s);

/* Local times of one zone, [from, until), that have one offset: what the last look-up found, so that the next, which mostly
 * falls into it, needs none. All zeros: nothing yet. It belongs to one thread. */
typedef struct cb_zone_stretch {
    int64_t from_local_s, until_local_s, offset_s;
} cb_zone_stretch;

// cb_zone_to_utc_by is cb_zone_to_utc; cb_zone_look_up always looks up, and remembers.
int64_t cb_zone_look_up(const cb_zone *zone, int64_t local_s, cb_zone_stretch *stretch);
static inline int64_t cb_zone_to_utc_by(const cb_zone *zone, int64_t local_s, cb_zone_stretch *stretch)
{
    bool inside = local_s >= stretch->from_local_s && local_s < stretch->until_local_s;
    return inside ? local_s - stretch->offset_s : cb_zone_look_up(zone, local_s, stretch);
}

/* A period is half open, [from, to), in UTC seconds (methods.md T3). */
typedef struct cb_period {
    char label[48]; /* "2026-Q3", "2026-09", "2026-09-14", "2026-01-01..2026-03-31" */
    int64_t from_utc_s, to_utc_s;
} cb_period;

typedef enum cb_period_kind { CB_PERIOD_DAY, CB_PERIOD_MONTH, CB_PERIOD_QUARTER, CB_PERIOD_YEAR, CB_PERIOD_RANGE } cb_period_kind;

// cb_period_parse reads "2026-Q3", "2026-09", "2026-09-14", "2026" or "FROM..TO" (dates, TO included).
CB_MUST_USE cb_status cb_period_parse(cb_period *out, cb_str text, const cb_zone *zone, cb_error *err);

// cb_period_around gives the day, month, quarter or year that holds the instant.
cb_period cb_period_around(cb_period_kind kind, int64_t utc_s, const cb_zone *zone);

// cb_period_last_quarter gives the last quarter whose last day is not after the day of as_of.
cb_period cb_period_last_quarter(int64_t as_of_utc_s, const cb_zone *zone);

// cb_period_twelve_months gives the 12 months that end with the day of as_of (label FROM..TO).
cb_period cb_period_twelve_months(int64_t as_of_utc_s, const cb_zone *zone);

// cb_period_before gives the period of the same kind before; cb_period_year_before the same one a year earlier.
// A range of n days gives the n days before; whole months and quarters give whole months and quarters.
cb_period cb_period_before(const cb_period *period, const cb_zone *zone);
cb_period cb_period_year_before(const cb_period *period, const cb_zone *zone);

// cb_period_cut shortens a comparison period to as many local days as `running` has until as_of, when `running`
// is still running at as_of (methods.md T3); otherwise it returns `comparison` as it is. A period whose last day has
// come counts as complete. The label of what was cut is FROM..TO.
cb_period cb_period_cut(const cb_period *comparison, const cb_period *running, int64_t as_of_utc_s, const cb_zone *zone);

// cb_time_text writes "2026-09-30T23:59:59Z" (21 bytes with the NUL) for an instant in UTC; "" for CB_NO_TIME, here
// and in cb_date_text.
void cb_time_text(char out[32], int64_t utc_s);
// cb_date_text writes "2026-09-30", the local date of the instant in the zone.
void cb_date_text(char out[32], int64_t utc_s, const cb_zone *zone);

#endif
