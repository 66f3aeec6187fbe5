/* coerce_parts.h - what the scanner of detected times and that of declared formats share.
 * Private to src/ingest. */
#ifndef CB_INGEST_COERCE_PARTS_H
#define CB_INGEST_COERCE_PARTS_H

#include "casebook/coerce.h"

enum { CB_FIRST_YEAR = 1900, CB_LAST_YEAR = 2200 };

/* The neutral form of a time (coerce_time.c): its kind in the two upper bits, seconds biased. */
enum { CB_TIME_KIND_AT = 60, CB_TIME_SECONDS_BITS = 42 };
enum { CB_TIME_LOCAL, CB_TIME_UTC, CB_TIME_NUMBERS }; /* cb_time_is_plain knows the last */
#define CB_TIME_BIAS (INT64_C(1) << 40)

static inline int64_t cb_time_pack(int64_t s, bool absolute)
{
    return (int64_t)(absolute ? CB_TIME_UTC : CB_TIME_LOCAL) << CB_TIME_KIND_AT |
           (s + CB_TIME_BIAS);
}
static inline int64_t cb_time_seconds(int64_t packed)
{
    return (packed & ((INT64_C(1) << CB_TIME_SECONDS_BITS) - 1)) - CB_TIME_BIAS;
}

// cb_time_plain_utc is cb_time_to_utc of a cell that is plain.
static inline int64_t cb_time_plain_utc(int64_t packed, const cb_zone *zone,
                                        cb_zone_stretch *stretch)
{
    if (packed == CB_NO_TIME)
        return CB_NO_TIME;
    int64_t s = cb_time_seconds(packed);
    return packed >> CB_TIME_KIND_AT == CB_TIME_UTC ? s : cb_zone_to_utc_by(zone, s, stretch);
}

/* A cursor over a cell; shape collects CB_SHAPE_… bits. */
typedef struct cb_scan {
    const char *at, *end;
    uint32_t shape;
} cb_scan;

typedef struct cb_time_parts {
    int year;
    unsigned month, day;
    int32_t clock_s;    /* second of the day */
    bool zoned;         /* offset_min says how far east of Greenwich */
    int32_t offset_min;
} cb_time_parts;

/* Each reads one part at the cursor and moves behind it, or returns false. */
bool cb_scan_number(cb_scan *in, unsigned max, unsigned *digits, unsigned *value);
bool cb_scan_month(cb_scan *in, unsigned *month);
bool cb_scan_am_pm(cb_scan *in, bool *pm);
bool cb_scan_zone(cb_scan *in, int32_t *offset_min);
void cb_scan_spaces(cb_scan *in);

int cb_year_of_two_digits(unsigned year);

/* The neutral form of a date that has one reading, or of an epoch; 0 if it is no date or out of
 * range. */
unsigned cb_time_pack_date(const cb_time_parts *parts, int64_t *packed);
unsigned cb_time_pack_epoch(int64_t s, int64_t *packed);

#endif
