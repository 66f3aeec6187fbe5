/* zone_parts.h - what the files about time zones share: the rule of a footer and the table of a
 * zone.
 *
 * Sequence: cb_tzif_read (tzif.c) takes the bytes of a TZif file apart, cb_tzrule_parse (tzrule.c)
 * its footer; both hand over to cb_zone_build (zone.c), which makes the table that cb_zone_to_utc
 * and cb_zone_to_local search. RFC 8536 (TZif), POSIX.1 base definitions 8.3 (TZ). */
#ifndef BASE_ZONE_PARTS_H
#define BASE_ZONE_PARTS_H

#include "casebook/civil.h"

/* One end of daylight saving time, as in M3.5.0/2, J60 or 59. */
typedef struct cb_tzdate {
    char kind; /* 'M', 'J' (day 1-365, 29 February never counted), '0' (day 0-365) */
    unsigned month, week, weekday, day; /* weekday 0 Sunday; week 5 is the last */
    int32_t time_s;                     /* after local midnight of the day, -167 h … 167 h */
} cb_tzdate;

typedef struct cb_tzrule {
    int32_t standard_s, daylight_s; /* local - UTC */
    bool has_daylight;
    cb_tzdate start, end;
} cb_tzrule;

// cb_tzrule_parse reads a TZ string such as "CET-1CEST,M3.5.0,M10.5.0/3"; false if it is not one,
// or has daylight saving time without dates.
bool cb_tzrule_parse(cb_tzrule *out, cb_str text);

/* From this instant on the offset is offset_s. */
typedef struct cb_change {
    int64_t at_utc_s;
    int32_t offset_s;
} cb_change;

// cb_tzrule_year writes the two changes of a local year in ascending order.
void cb_tzrule_year(const cb_tzrule *rule, int32_t year, cb_change out[2]);

// cb_tzif_read makes a zone of the bytes of a TZif file; false with *why (a static text) if they
// are damaged or count leap seconds, true with *out == NULL if there is no memory.
bool cb_tzif_read(cb_zone **out, const cb_alloc *alloc, const char *name, cb_str bytes,
                  const char **why);

// cb_zone_build makes a zone of ascending changes, the offset before the first of them and the rule
// for the time after the last (NULL: none). NULL if there is no memory.
cb_zone *cb_zone_build(const cb_alloc *alloc, const char *name, int32_t first_offset_s,
                       const cb_change *changes, size_t n, const cb_tzrule *rule);

// cb_zone_open_in is cb_zone_open for a plain name in the first of the folders (a list that ends
// with NULL) that exists.
CB_MUST_USE cb_status cb_zone_open_in(cb_zone **out, const cb_alloc *alloc,
                                      const char *const *folders, const char *name, cb_error *err);

// cb_zone_offset returns the offset in force at the instant, and in *until_utc_s when the next
// change comes (INT64_MAX: never).
int32_t cb_zone_offset(const cb_zone *zone, int64_t utc_s, int64_t *until_utc_s);

#endif
