/* flow.h - R6: how many cases came, went and stayed, so that it adds up.
 *
 * Identity, exact for every window and every row:
 *     open_at_start + opened + reopened - resolved = open_at_end
 * What makes it exact:
 * - A case is in the stock from opened_at until resolved_at (the final one: an export gives only the last). Open at an instant t:
 *   opened before t and not resolved before t.
 * - A case that is closed at an unknown time (R8) and a withdrawn one leave the stock at a time that nobody knows. They
 *   are never in the stock, and so in none of the five figures; those opened in the window are counted apart.
 * - The column `reopens` has no times. A reopening is placed in the window where it can have been nowhere else: the case was opened in
 *   the window and its life (to resolved_at, or to as_of when open) ends in it. Each reopening undoes an earlier
 *   resolution, which then lies in the window too: both sides get it (`resolved` is gross, `resolved_for_good` net).
 *   Reopenings that cannot be placed are counted apart.
 * - The end is the window's end; nothing happens after as_of (T2), so a running window ends at as_of.
 *
 * Backlog: the cases open at the window's end, or at as_of if that is earlier (backlog_utc_s), by age (up to and including the
 * bound) and priority. Its total is open_at_end. For the window that holds as_of it is today's backlog.
 * Of the report's own period only: nothing compares flows. */
#ifndef CASEBOOK_FLOW_H
#define CASEBOOK_FLOW_H

#include "casebook/measures.h"

typedef enum cb_age_band {
    CB_AGE_1D,   /* up to 1 day */
    CB_AGE_3D,
    CB_AGE_7D,
    CB_AGE_30D,
    CB_AGE_90D,
    CB_AGE_OLDER,/* more than 90 days */
    CB_AGE_BANDS
} cb_age_band;
extern const char *const cb_age_band_titles[CB_AGE_BANDS]; /* "0-1 d", "1-3 d", … "> 90 d" */

/* A month or a day of local time. opened, resolved: without reopenings, which have no day: open_at_start + opened -
 * resolved = open_at_end, and the sums of a window's rows are flow.opened and flow.resolved_for_good. */
typedef struct cb_flow_row {
    cb_period period; /* cut at the window's ends */
    uint32_t open_at_start, opened, resolved, open_at_end;
} cb_flow_row;

typedef struct cb_backlog_row {
    uint32_t priority; /* word of CB_DIM_PRIORITY, 0: unknown */
    cb_str text;       /* "" unknown */
    uint32_t n, by_age[CB_AGE_BANDS];
} cb_backlog_row;

typedef struct cb_flow {
    uint32_t open_at_start, opened, open_at_end;
    uint64_t reopened;          /* placed reopenings */
    uint64_t resolved;          /* resolved_for_good + reopened */
    uint32_t resolved_for_good; /* cases with resolved_at in the window */
    int64_t difference;         /* open_at_start + opened + reopened - resolved - open_at_end: the check, 0 */

    /* beside the identity */
    uint32_t opened_closed_unknown, opened_withdrawn; /* opened in the window, never in the stock */
    uint32_t cases_reopened;    /* cases opened in the window with reopens >= 1, closed_unknown and withdrawn too */
    uint64_t reopened_unplaced; /* reopenings of cases whose life touches the window without lying in it */
    bool reopens_known;         /* some input has the column */

    /* Rows: days for a window of up to CB_FLOW_MAX_DAYS days, else months; none before the first case or after as_of. A
     * window of one day also gets the CB_FLOW_LEAD_DAYS days before it, so that the day can be seen in its row. */
    const cb_flow_row *row;
    uint32_t rows;
    uint32_t first_row; /* first one of the window itself; rows when it has none */
    bool by_day;

    int64_t backlog_utc_s;
    const cb_backlog_row *backlog; /* priorities with a case open, by n descending, then text */
    uint32_t backlog_rows;
    uint32_t backlog_by_age[CB_AGE_BANDS];
} cb_flow;

enum { CB_FLOW_MAX_DAYS = 62, CB_FLOW_LEAD_DAYS = 27 };

extern const cb_measure cb_measure_flow;

#endif
