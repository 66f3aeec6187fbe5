/* facts.h - private to src/cli: what `check` says of the rows as a whole: range, gaps, doubles,
 * age.
 *
 * All figures come from the book after reading, so they cost a scan of few columns. A gap is a run
 * of whole days (of the report's zone) without a case or review that chance does not explain: with
 * r(w) the mean number a day on weekday w, a run of days is a gap if (days of the range) * exp(-sum
 * of r over the run) < 0.01, that is if a run so empty would be met anywhere in the range once in a
 * hundred times, were arrivals independent. Weekends and quiet desks are no gaps. Ownership:
 * cb_facts_free gives back what cb_facts_new made. */
#ifndef CASEBOOK_CLI_FACTS_H
#define CASEBOOK_CLI_FACTS_H

#include "casebook/ingest.h"

enum { CB_MAX_GAPS = 5 };
#define CB_GAP_CHANCE 0.01

typedef struct cb_gap {
    int64_t from_day; /* days since 1970-01-01, in the report's zone */
    int64_t days;
} cb_gap;

typedef struct cb_dates {
    int64_t first_utc_s, last_utc_s; /* of opened_at, posted_at or since; CB_NO_TIME: none */
} cb_dates;

typedef struct cb_role_facts {
    uint32_t rows; /* in the book */
    cb_dates span;
    int64_t newest_utc_s;    /* the latest time of any column but promised_at */
    int64_t empty_days;      /* days of the span without a row; cases and reviews only */
    unsigned gaps;           /* all gaps found … */
    cb_gap gap[CB_MAX_GAPS]; /* … and the longest, longest first */
    uint64_t superseded;     /* rows whose id stands in a later state too */
    uint32_t
        same_moment; /* cases of one customer opened in the same second as another of that kind */
} cb_role_facts;

typedef struct cb_facts {
    const cb_ingest *ingest;
    cb_role_facts role[CB_ROLES];
    unsigned inputs;
    cb_dates *input; /* of the rows that count, by input */
    unsigned *twin;  /* an earlier input with the same bytes, or the input itself */
    uint64_t *ahead; /* times later than now, by input */
} cb_facts;

CB_MUST_USE cb_status cb_facts_new(cb_facts **out, const cb_ingest *ingest, const cb_zone *zone,
                                   int64_t now_utc_s, cb_error *err);
// cb_facts_idle_target: a target of the settings is for a priority that no case has, a mistyped one perhaps.
bool cb_facts_idle_target(const cb_ingest *ingest, const cb_settings *settings, unsigned target);
// cb_facts_span is the range of opened_at, posted_at or since of what was read; before cb_ingest_done
// also of what --as-of will cut off.
cb_dates cb_facts_span(const cb_ingest *ingest, cb_role role);
// cb_facts_ahead adds to by_input how many times of events lie later than utc_s, by input.
void cb_facts_ahead(const cb_ingest *ingest, int64_t utc_s, uint64_t *by_input);
void cb_facts_free(cb_facts *facts); /* NULL is fine */

#endif
