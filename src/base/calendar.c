/* An instant is business time when the wall clock shows a time inside a shift of that weekday and
 * the day is no holiday. Between two changes of the zone's offset the wall clock runs evenly, so
 * the shifts of each local day are cut to that stretch: the hour that daylight saving leaves out
 * has no seconds, the double hour has both. */
#include "casebook/calendar.h"

#include "base/zone_parts.h"

#include <string.h>

enum { MAX_TABLE_DAYS = 120 * 366, MARGIN_DAYS = 2 };
/* 0001-01-01 and 9999-12-31 as day numbers: beyond, there is no business. */
enum { FIRST_DAY = -719162, LAST_DAY = 2932896 };

/* Business time without a break, and all business seconds of the table before it. */
typedef struct stretch {
    int64_t from, to, before;
} stretch;

struct cb_calendar {
    const cb_alloc *alloc;
    cb_week week;
    const cb_zone *zone;
    int64_t from, to; /* what the table covers, whole UTC days */
    stretch *stretches;
    size_t n, cap;
    uint32_t *first_of_day; /* by UTC day after `from`: the first stretch that ends after its begin;
                               days + 1 */
    size_t days;
    int64_t total;
};

/* ---- shifts ---- */

static bool take_two_digits(cb_str *text, int32_t *out)
{
    size_t n = 0;
    int32_t value = 0;
    while (n < 2 && n < text->len && text->at[n] >= '0' && text->at[n] <= '9')
        value = value * 10 + (text->at[n++] - '0');
    text->at += n;
    text->len -= n;
    *out = value;
    return n > 0;
}

static bool take_mark(cb_str *text, char mark)
{
    *text = cb_str_trim(*text);
    if (text->len == 0 || text->at[0] != mark)
        return false;
    *text = cb_str_trim((cb_str){text->at + 1, text->len - 1});
    return true;
}

static bool take_clock(cb_str *text, int32_t *out_s)
{
    int32_t hour = 0;
    int32_t minute = 0;
    if (!take_two_digits(text, &hour) || text->len < 3 || text->at[0] != ':')
        return false;
    *text = (cb_str){text->at + 1, text->len - 1};
    size_t before = text->len;
    if (!take_two_digits(text, &minute) || before - text->len != 2)
        return false;
    *out_s = hour * CB_HOUR_S + minute * 60;
    return minute < 60 && *out_s <= CB_DAY_S;
}

static bool parse_shifts(cb_str text, cb_shift *shift, unsigned *n)
{
    *n = 0;
    text = cb_str_trim(text);
    if (cb_str_eq_nocase(text, CB_LIT("closed")))
        return true;
    do {
        cb_shift s = {0, 0};
        if (*n == CB_MAX_SHIFTS || !take_clock(&text, &s.from_s) || !take_mark(&text, '-') ||
            !take_clock(&text, &s.to_s))
            return false;
        if (s.from_s >= s.to_s || (*n > 0 && s.from_s < shift[*n - 1].to_s))
            return false;
        shift[(*n)++] = s;
    } while (take_mark(&text, ','));
    return text.len == 0;
}

cb_status cb_shift_parse(cb_week *week, unsigned weekday, cb_str text, cb_error *err)
{
    static const char *const names[7] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                         "Friday", "Saturday", "Sunday"};
    cb_shift shift[CB_MAX_SHIFTS];
    unsigned n = 0;
    if (!parse_shifts(text, shift, &n))
        return cb_fail(err, CB_ECONFIG,
                       "the hours of %s are not hours of a day: write 09:00-17:00, or up to %d "
                       "shifts in order as 09:00-12:00, 13:00-17:30, or closed (a shift over "
                       "midnight is two: 22:00-24:00 and 00:00-06:00 on the day after)",
                       names[weekday % 7], (int)CB_MAX_SHIFTS);
    week->day[weekday % 7].n = n;
    memcpy(week->day[weekday % 7].shift, shift, n * sizeof *shift);
    return CB_OK;
}

/* ---- walking ---- */

typedef struct walk {
    const cb_calendar *calendar;
    bool (*see)(void *ctx, int64_t from, int64_t to); /* false ends the walk */
    void *ctx;
} walk;

static bool is_holiday(const cb_week *week, int64_t day)
{
    unsigned low = 0;
    unsigned high = week->holidays;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (week->holiday_days[middle] < day)
            low = middle + 1;
        else
            high = middle;
    }
    return low < week->holidays && week->holiday_days[low] == day;
}

/* The shifts of one local day, cut to [from, to) in local seconds. */
static bool walk_day(const walk *w, int64_t day, int64_t from, int64_t to, int32_t offset)
{
    const cb_week *week = &w->calendar->week;
    unsigned weekday = cb_weekday(day);
    if (is_holiday(week, day))
        return true;
    for (unsigned i = 0; i < week->day[weekday].n; i++) {
        int64_t begin = day * CB_DAY_S + week->day[weekday].shift[i].from_s;
        int64_t end = day * CB_DAY_S + week->day[weekday].shift[i].to_s;
        begin = begin > from ? begin : from;
        end = end < to ? end : to;
        if (begin < end && !w->see(w->ctx, begin - offset, end - offset))
            return false;
    }
    return true;
}

/* Shows all business time in [from, to), ascending, in UTC. */
static bool walk_between(const walk *w, int64_t from, int64_t to)
{
    while (from < to) {
        int64_t until = INT64_MAX;
        int32_t offset = cb_zone_offset(w->calendar->zone, from, &until);
        until = until < to ? until : to;
        int64_t local_from = from + offset;
        int64_t local_to = until + offset;
        for (int64_t day = cb_floor_day(local_from); day * CB_DAY_S < local_to; day++)
            if (!walk_day(w, day, local_from, local_to, offset))
                return false;
        from = until;
    }
    return true;
}

static bool see_sum(void *ctx, int64_t from, int64_t to)
{
    int64_t *sum = ctx;
    *sum += to - from;
    return true;
}

static int64_t walked(const cb_calendar *calendar, int64_t from, int64_t to)
{
    int64_t sum = 0;
    walk w = {calendar, see_sum, &sum};
    (void)walk_between(&w, from, to);
    return sum;
}

/* ---- table ---- */

/* A stretch that touches the one before prolongs it: a 24/7 week is one stretch. */
static bool see_stretch(void *ctx, int64_t from, int64_t to)
{
    cb_calendar *c = ctx;
    bool touches = c->n > 0 && c->stretches[c->n - 1].to == from;
    if (!touches) {
        void *array = c->stretches;
        cb_status rc =
            cb_grow(c->alloc, &array, &c->cap, c->n + 1, sizeof *c->stretches, UINT32_MAX);
        c->stretches = array;
        if (rc != CB_OK)
            return false;
        c->stretches[c->n++] = (stretch){from, to, c->total};
    }
    c->stretches[c->n - 1].to = to;
    c->total += to - from;
    return true;
}

static bool make_index(cb_calendar *c)
{
    const cb_alloc *alloc = c->alloc;
    c->days = (size_t)((c->to - c->from) / CB_DAY_S);
    c->first_of_day = alloc->resize(alloc->ctx, NULL, 0, (c->days + 1) * sizeof *c->first_of_day);
    if (!c->first_of_day)
        return false;
    size_t i = 0;
    for (size_t day = 0; day <= c->days; day++) {
        int64_t begin = c->from + (int64_t)day * CB_DAY_S;
        while (i < c->n && c->stretches[i].to <= begin)
            i++;
        c->first_of_day[day] = (uint32_t)i;
    }
    return true;
}

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

/* Whole UTC days around the wanted range, in the years that a calendar has. */
static void set_range(cb_calendar *c, int64_t from, int64_t to)
{
    int64_t a = clamp(cb_floor_day(from) - MARGIN_DAYS, FIRST_DAY, LAST_DAY);
    int64_t b = to > from ? clamp(cb_floor_day(to) + MARGIN_DAYS, a, LAST_DAY) : a;
    if (b - a > MAX_TABLE_DAYS) /* the end of the data is where most of them are */
        a = b - MAX_TABLE_DAYS;
    c->from = a * CB_DAY_S;
    c->to = b * CB_DAY_S;
}

cb_status cb_calendar_build(cb_calendar **out, const cb_alloc *alloc, const cb_week *week,
                            const cb_zone *zone, int64_t from_utc_s, int64_t to_utc_s,
                            cb_error *err)
{
    if (!alloc)
        alloc = cb_alloc_libc();
    cb_calendar *c = alloc->resize(alloc->ctx, NULL, 0, sizeof *c);
    *out = NULL;
    if (!c)
        return cb_nomem(err, "the business calendar");
    memset(c, 0, sizeof *c);
    c->alloc = alloc;
    c->week = *week;
    c->zone = zone;
    set_range(c, from_utc_s, to_utc_s);
    walk w = {c, see_stretch, c};
    if (!walk_between(&w, c->from, c->to) || !make_index(c)) {
        cb_calendar_free(c);
        return cb_nomem(err, "the business calendar");
    }
    *out = c;
    return CB_OK;
}

cb_status cb_calendar_new(cb_calendar **out, const cb_week *week, const cb_zone *zone,
                          int64_t from_utc_s, int64_t to_utc_s, cb_error *err)
{
    return cb_calendar_build(out, NULL, week, zone, from_utc_s, to_utc_s, err);
}

void cb_calendar_free(cb_calendar *calendar)
{
    if (!calendar)
        return;
    const cb_alloc *alloc = calendar->alloc;
    void *stretches = calendar->stretches;
    cb_drop(alloc, &stretches, &calendar->cap, sizeof *calendar->stretches);
    alloc->resize(alloc->ctx, calendar->first_of_day,
                  (calendar->days + 1) * sizeof *calendar->first_of_day, 0);
    alloc->resize(alloc->ctx, calendar, sizeof *calendar, 0);
}

/* Business seconds of the table before t, from <= t <= to. */
static int64_t until(const cb_calendar *c, int64_t t)
{
    size_t i = c->first_of_day[(size_t)((t - c->from) / CB_DAY_S)];
    while (i < c->n && c->stretches[i].to <= t)
        i++;
    if (i == c->n)
        return c->total;
    const stretch *s = &c->stretches[i];
    return s->before + (t > s->from ? t - s->from : 0);
}

int64_t cb_calendar_between(const cb_calendar *calendar, int64_t from_utc_s, int64_t to_utc_s)
{
    const cb_calendar *c = calendar;
    int64_t from = clamp(from_utc_s, (int64_t)FIRST_DAY * CB_DAY_S, (int64_t)LAST_DAY * CB_DAY_S);
    int64_t to = clamp(to_utc_s, (int64_t)FIRST_DAY * CB_DAY_S, (int64_t)LAST_DAY * CB_DAY_S);
    int64_t outside = 0;
    if (to <= from)
        return 0;
    if (from >= c->to || to <= c->from)
        return walked(c, from, to);
    if (from < c->from)
        outside += walked(c, from, c->from);
    if (to > c->to)
        outside += walked(c, c->to, to);
    return outside + until(c, clamp(to, c->from, c->to)) - until(c, clamp(from, c->from, c->to));
}
