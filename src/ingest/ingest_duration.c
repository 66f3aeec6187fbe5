/* Durations of a file into times, once its times are UTC: used where the time is unknown, compared
 * where it is not. The book gets times only. */
#include "ingest/ingest_parts.h"

static const struct pair {
    unsigned duration, time;
} pairs[] = {
    {CB_CASE_FIRST_RESPONSE_DURATION, CB_CASE_FIRST_RESPONSE},
    {CB_CASE_RESOLUTION_DURATION, CB_CASE_RESOLVED},
};

/* The duration of an open case is its age so far. */
static bool is_open(const cb_table *raw, uint32_t row)
{
    cb_case_status status = cb_status_of(raw, row);
    return status == CB_STATUS_OPEN || status == CB_STATUS_PENDING;
}

/* Exports round to their unit; more than that apart is a disagreement. */
static void fold_row(cb_file *file, const struct pair *pair, uint32_t row, int64_t slack_s)
{
    cb_table *raw = &file->raw;
    int64_t *time = (int64_t *)raw->column[pair->time] + row;
    int64_t seconds = ((const int64_t *)raw->column[pair->duration])[row];
    int64_t opened = cb_time(raw, CB_CASE_OPENED, row);
    if (seconds == CB_NO_TIME || opened == CB_NO_TIME)
        return;
    if (*time == CB_NO_TIME) {
        if (pair->time == CB_CASE_RESOLVED && is_open(raw, row))
            return;
        *time = opened + seconds;
        file->facts->durations_used++;
        return;
    }
    int64_t apart = *time - opened - seconds;
    file->facts->durations_apart += apart > slack_s || apart < -slack_s;
}

static const char *unit_name(int64_t unit_s)
{
    switch (unit_s) {
    case 1:
        return "seconds";
    case 60:
        return "minutes";
    case CB_HOUR_S:
        return "hours";
    case CB_DAY_S:
        return "days";
    case 7 * CB_DAY_S:
        return "weeks";
    default:
        return "durations that say their unit (plain numbers: set its .unit)";
    }
}

static void drop_column(cb_table *raw, unsigned field)
{
    const cb_alloc *libc = cb_alloc_libc();
    libc->resize(libc->ctx, raw->column[field], raw->cap * sizeof(int64_t), 0);
    raw->column[field] = NULL;
}

static cb_status fold(cb_file *file, const struct pair *pair, int64_t unit_s, cb_error *err)
{
    cb_table *raw = &file->raw;
    if (!raw->column[pair->time]) {
        cb_status rc = cb_table_reserve(raw, raw->n, UINT64_C(1) << pair->time, err);
        if (rc != CB_OK)
            return rc;
        cb_table_blank(raw, pair->time, 0, raw->n);
    }
    cb_status rc = cb_table_widen(raw, pair->time, sizeof(int64_t), err);
    if (rc != CB_OK)
        return rc;
    for (uint32_t row = 0; row < raw->n; row++)
        fold_row(file, pair, row, unit_s ? unit_s : 60);
    return CB_OK;
}

cb_status cb_file_durations(cb_file *file, cb_error *err)
{
    cb_status rc = CB_OK;
    for (size_t i = 0; file->role == CB_CASES && i < sizeof pairs / sizeof *pairs; i++) {
        if (!file->raw.column[pairs[i].duration])
            continue;
        const cb_plan *plan = &file->plan[file->plan_of[pairs[i].duration]];
        file->facts->column[plan->column].format = unit_name(plan->unit_s);
        if (rc == CB_OK)
            rc = fold(file, &pairs[i], plan->unit_s, err);
        drop_column(&file->raw, pairs[i].duration);
    }
    return rc;
}
