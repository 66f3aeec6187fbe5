/* A zone is a table of steps: from step.at on, the offset is step.offset. It exists twice, by UTC
 * and by local time, with an index by spans of 2^24 s (194 days) over it, so that a search looks at
 * one or two steps. A footer's rule is written out for 400 years, after which the Gregorian
 * calendar repeats; later times are folded back. */
#include "base/zone_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SPAN_BITS = 24, RULE_YEARS = 400, MAX_ZONE_NAME = 64, MAX_ZONE_BYTES = 1 << 18 };
/* A zone without a table begins to follow its rule here. */
enum { FIRST_RULE_YEAR = 1900 };
#define CYCLE_S (INT64_C(146097) * CB_DAY_S)

typedef struct steps {
    int64_t *at; /* at[0] is INT64_MIN */
    uint32_t
        *span; /* span[i]: the last step that has begun at first + i * 2^24 s; spans + 1 entries */
    size_t n, spans;
    int64_t first;
} steps;

struct cb_zone {
    const cb_alloc *alloc;
    char name[MAX_ZONE_NAME];
    steps utc, local;
    int32_t *offset; /* of step i, in both tables */
    size_t cap;
    int64_t fold_after; /* times from here on repeat every 400 years; INT64_MAX: the last offset
                           stays */
};

/* ---- search ---- */

static size_t find_step(const steps *s, int64_t t)
{
    size_t low = 0;
    size_t high = s->n - 1;
    if (t >= s->first) {
        uint64_t i = ((uint64_t)t - (uint64_t)s->first) >> SPAN_BITS;
        if (i < s->spans) {
            low = s->span[i];
            high = s->span[i + 1];
        }
    }
    while (low < high) {
        size_t middle = low + (high - low + 1) / 2;
        if (s->at[middle] <= t)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

/* Seconds (whole cycles of 400 years) by which t is to be moved back into the table. */
static int64_t cycles_past(const cb_zone *zone, int64_t t)
{
    if (t < zone->fold_after || zone->fold_after == INT64_MAX)
        return 0;
    if (t > INT64_MAX / 4) /* no calendar date: any offset will do, but no overflow */
        t = INT64_MAX / 4;
    return ((t - zone->fold_after) / CYCLE_S + 1) * CYCLE_S;
}

static int32_t offset_at(const cb_zone *zone, const steps *s, int64_t t)
{
    return zone->offset[find_step(s, t - cycles_past(zone, t))];
}

int64_t cb_zone_to_local(const cb_zone *zone, int64_t utc_s)
{
    int64_t local_s = utc_s;
    if (utc_s == CB_NO_TIME ||
        __builtin_add_overflow(utc_s, offset_at(zone, &zone->utc, utc_s), &local_s))
        return utc_s;
    return local_s;
}

int64_t cb_zone_to_utc(const cb_zone *zone, int64_t local_s)
{
    int64_t utc_s = local_s;
    if (local_s == CB_NO_TIME ||
        __builtin_sub_overflow(local_s, offset_at(zone, &zone->local, local_s), &utc_s))
        return local_s;
    return utc_s;
}

/* Times that may be folded back, or near the ends of int64, are looked up each time. */
int64_t cb_zone_look_up(const cb_zone *zone, int64_t local_s, cb_zone_stretch *stretch)
{
    static const int64_t first = INT64_MIN / 2, last = INT64_MAX / 2;
    if (local_s >= first && local_s < last && local_s < zone->fold_after) {
        const steps *s = &zone->local;
        size_t step = find_step(s, local_s);
        int64_t until = step + 1 < s->n && s->at[step + 1] < last ? s->at[step + 1] : last;
        stretch->from_local_s = s->at[step] < first ? first : s->at[step];
        stretch->until_local_s = until < zone->fold_after ? until : zone->fold_after;
        stretch->offset_s = zone->offset[step];
    }
    return cb_zone_to_utc(zone, local_s);
}

int32_t cb_zone_offset(const cb_zone *zone, int64_t utc_s, int64_t *until_utc_s)
{
    int64_t past = cycles_past(zone, utc_s);
    size_t step = find_step(&zone->utc, utc_s - past);
    bool last = step + 1 == zone->utc.n;
    *until_utc_s = last ? INT64_MAX : zone->utc.at[step + 1] + past;
    return zone->offset[step];
}

/* ---- building ---- */

/* The arrays have room for `cap` steps; a change that changes nothing is no step. */
static void add_step(cb_zone *zone, cb_change change)
{
    size_t n = zone->utc.n;
    if (n > 0 && zone->offset[n - 1] == change.offset_s)
        return;
    zone->utc.at[n] = change.at_utc_s;
    zone->offset[n] = change.offset_s;
    zone->utc.n = n + 1;
}

/* A clock that is put back shows a double hour, of which the first is meant; one that is put
 * forward leaves an hour out, and a time in it is read by the old offset. Either way the new offset
 * holds from change + max(old, new) on. */
static void make_local(cb_zone *zone)
{
    zone->local.n = zone->utc.n;
    zone->local.at[0] = INT64_MIN;
    for (size_t i = 1; i < zone->utc.n; i++) {
        int32_t before = zone->offset[i - 1];
        int32_t after = zone->offset[i];
        int64_t at = zone->utc.at[i] + (before > after ? before : after);
        zone->local.at[i] = at > zone->local.at[i - 1] ? at : zone->local.at[i - 1];
    }
}

static bool make_spans(const cb_alloc *alloc, steps *s)
{
    s->first = s->n > 1 ? s->at[1] : 0;
    s->spans = s->n > 1 ? ((uint64_t)(s->at[s->n - 1] - s->first) >> SPAN_BITS) + 1 : 0;
    s->span = alloc->resize(alloc->ctx, NULL, 0, (s->spans + 1) * sizeof *s->span);
    if (!s->span)
        return false;
    size_t step = 0;
    for (size_t i = 0; i <= s->spans; i++) {
        int64_t begin = s->first + (int64_t)((uint64_t)i << SPAN_BITS);
        while (step + 1 < s->n && s->at[step + 1] <= begin)
            step++;
        s->span[i] = (uint32_t)step;
    }
    return true;
}

static int32_t year_of(int64_t utc_s)
{
    return cb_civil_from_s(utc_s).year;
}

/* Writes the rule out from the table's last change on, and 400 years from the year after the next.
 */
static void add_rule(cb_zone *zone, const cb_tzrule *rule, const cb_change *last)
{
    int32_t year = last ? year_of(last->at_utc_s) : FIRST_RULE_YEAR;
    if (!rule->has_daylight) {
        if (last)
            add_step(zone, (cb_change){last->at_utc_s + 1, rule->standard_s});
        return;
    }
    for (int32_t y = year - 1; y <= year + RULE_YEARS + 3; y++) {
        cb_change change[2];
        cb_tzrule_year(rule, y, change);
        for (int i = 0; i < 2; i++)
            if (!last || change[i].at_utc_s > last->at_utc_s)
                add_step(zone, change[i]);
    }
    zone->fold_after = cb_days_from_civil(year + RULE_YEARS + 2, 1, 1) * CB_DAY_S;
}

static bool reserve(cb_zone *zone, size_t cap)
{
    const cb_alloc *alloc = zone->alloc;
    zone->cap = cap;
    zone->offset = alloc->resize(alloc->ctx, NULL, 0, cap * sizeof *zone->offset);
    zone->utc.at = alloc->resize(alloc->ctx, NULL, 0, cap * sizeof *zone->utc.at);
    zone->local.at = alloc->resize(alloc->ctx, NULL, 0, cap * sizeof *zone->local.at);
    return zone->offset && zone->utc.at && zone->local.at;
}

cb_zone *cb_zone_build(const cb_alloc *alloc, const char *name, int32_t first_offset_s,
                       const cb_change *changes, size_t n, const cb_tzrule *rule)
{
    cb_zone *zone = alloc->resize(alloc->ctx, NULL, 0, sizeof *zone);
    if (!zone)
        return NULL;
    *zone = (cb_zone){.alloc = alloc, .fold_after = INT64_MAX};
    snprintf(zone->name, sizeof zone->name, "%s", name);
    if (!reserve(zone, n + 2 + (rule ? 2 * (RULE_YEARS + 5) : 0)))
        goto nomem;
    if (n == 0 && rule)
        first_offset_s = rule->standard_s;
    add_step(zone, (cb_change){INT64_MIN, first_offset_s});
    for (size_t i = 0; i < n; i++)
        add_step(zone, changes[i]);
    if (rule)
        add_rule(zone, rule, n ? &changes[n - 1] : NULL);
    make_local(zone);
    if (make_spans(alloc, &zone->utc) && make_spans(alloc, &zone->local))
        return zone;
nomem:
    cb_zone_free(zone);
    return NULL;
}

static void drop_steps(const cb_alloc *alloc, steps *s, size_t cap)
{
    alloc->resize(alloc->ctx, s->at, cap * sizeof *s->at, 0);
    alloc->resize(alloc->ctx, s->span, (s->spans + 1) * sizeof *s->span, 0);
}

void cb_zone_free(cb_zone *zone)
{
    if (!zone)
        return;
    const cb_alloc *alloc = zone->alloc;
    drop_steps(alloc, &zone->utc, zone->cap);
    drop_steps(alloc, &zone->local, zone->cap);
    alloc->resize(alloc->ctx, zone->offset, zone->cap * sizeof *zone->offset, 0);
    alloc->resize(alloc->ctx, zone, sizeof *zone, 0);
}

const char *cb_zone_name(const cb_zone *zone)
{
    return zone->name;
}

/* ---- the machine's database ---- */

static const char *const zone_folders[] = {"/usr/share/zoneinfo", "/usr/lib/zoneinfo",
                                           "/usr/share/lib/zoneinfo", "/etc/zoneinfo", NULL};

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Letters, digits, + - _ and single slashes between them: the name becomes part of a path. */
static bool is_plain_name(const char *name)
{
    size_t len = strlen(name);
    if (len == 0 || len >= MAX_ZONE_NAME)
        return false;
    for (size_t i = 0; i < len; i++) {
        bool slash = name[i] == '/';
        if (slash && (i == 0 || i + 1 == len || name[i - 1] == '/'))
            return false;
        if (!slash && !is_letter_or_digit(name[i]) && !strchr("+-_", name[i]))
            return false;
    }
    return true;
}

static const char *first_folder(const char *const *folders)
{
    struct stat st;
    while (*folders && (stat(*folders, &st) || !S_ISDIR(st.st_mode)))
        folders++;
    return *folders;
}

static cb_status unknown_zone(const char *name, cb_error *err)
{
    return cb_fail(err, CB_ECONFIG,
                   "time zone \"%s\" is not in this machine's zone database: give an IANA name "
                   "such as Europe/Berlin or America/New_York, or UTC",
                   name);
}

static cb_status read_all(int fd, cb_buf *bytes)
{
    for (;;) {
        cb_status rc = cb_buf_reserve(bytes, 4096);
        if (rc != CB_OK)
            return rc;
        ssize_t n = read(fd, bytes->at + bytes->len, 4096);
        if (n == 0)
            return CB_OK;
        if (n < 0 && errno != EINTR)
            return CB_EIO;
        bytes->len += n > 0 ? (size_t)n : 0;
    }
}

/* CB_ECONFIG: there is no such file. */
static cb_status read_zone_file(const char *folder, const char *name, cb_buf *bytes)
{
    char path[256];
    struct stat st;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? CB_ECONFIG : CB_EIO;
    cb_status rc = CB_EIO;
    if (!fstat(fd, &st))
        rc = S_ISREG(st.st_mode) ? read_all(fd, bytes) : CB_ECONFIG;
    close(fd);
    return rc;
}

static cb_status zone_of_bytes(cb_zone **out, const cb_alloc *alloc, const char *name, cb_str bytes,
                               cb_error *err)
{
    const char *why = NULL;
    if (bytes.len < 4 || memcmp(bytes.at, "TZif", 4) != 0)
        return unknown_zone(name, err);
    if (!cb_tzif_read(out, alloc, name, bytes, &why))
        return cb_fail(err, CB_EUNAVAILABLE,
                       "time zone \"%s\": %s; install the package tzdata again, or give "
                       "another name",
                       name, why);
    return *out ? CB_OK : cb_nomem(err, "a time zone");
}

cb_status cb_zone_open_in(cb_zone **out, const cb_alloc *alloc, const char *const *folders,
                          const char *name, cb_error *err)
{
    cb_buf bytes;
    const char *folder = first_folder(folders);
    *out = NULL;
    if (!folder)
        return cb_fail(err, CB_EUNAVAILABLE,
                       "this machine has no time zone database (%s): install the package tzdata, "
                       "or set timezone = UTC",
                       folders[0]);
    cb_buf_init(&bytes, alloc, MAX_ZONE_BYTES);
    cb_status rc = read_zone_file(folder, name, &bytes);
    if (rc == CB_OK)
        rc = zone_of_bytes(out, alloc, name, (cb_str){bytes.at, bytes.len}, err);
    else if (rc == CB_ECONFIG || rc == CB_ELIMIT)
        rc = unknown_zone(name, err);
    else if (rc == CB_ENOMEM)
        rc = cb_nomem(err, "a time zone");
    else
        rc = cb_fail(err, rc,
                     "cannot read the time zone \"%s\" from %s: check the rights of that folder",
                     name, folder);
    cb_buf_free(&bytes);
    return rc;
}

cb_status cb_zone_open(cb_zone **out, const char *iana_name, cb_error *err)
{
    *out = NULL;
    if (!is_plain_name(iana_name))
        return cb_fail(err, CB_ECONFIG,
                       "the time zone is not a plain name: give an IANA name such as "
                       "Europe/Berlin, or UTC");
    if (strcmp(iana_name, "UTC") != 0 && strcmp(iana_name, "Etc/UTC") != 0)
        return cb_zone_open_in(out, cb_alloc_libc(), zone_folders, iana_name, err);
    *out = cb_zone_build(cb_alloc_libc(), iana_name, 0, NULL, 0, NULL);
    return *out ? CB_OK : cb_nomem(err, "a time zone");
}
