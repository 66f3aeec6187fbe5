#include "config/config.h"

#include "casebook/calendar.h"

#include <string.h>

static cb_status not_allowed(const cb_config *config, const char *allowed, cb_error *err)
{
    return cb_config_fail(config, err, "the value is not allowed; write %s", allowed);
}

/* --- [report], [limits] --- */

static cb_status store_text(cb_config *config, cb_str value, cb_str *into, cb_error *err)
{
    cb_str text;
    cb_status rc = cb_config_unquote(config, value, &text, err);
    if (rc == CB_OK)
        *into = text;
    return rc;
}

static cb_status check_zone(cb_config *config, cb_str name, cb_error *err)
{
    cb_zone *zone = NULL;
    cb_error why = {0};
    cb_status rc = cb_zone_open(&zone, name.at, &why);
    cb_zone_free(zone);
    if (rc == CB_ECONFIG)
        return cb_config_fail(config, err, "%s", why.why);
    return rc == CB_OK ? CB_OK : cb_fail(err, rc, "%s", why.why);
}

static cb_status store_zone(cb_config *config, cb_str value, cb_str *into, cb_error *err)
{
    cb_str name;
    cb_status rc = cb_config_unquote(config, value, &name, err);
    if (rc == CB_OK)
        rc = check_zone(config, name, err);
    if (rc == CB_OK)
        *into = name;
    return rc;
}

static bool is_currency(cb_str text, char out[4])
{
    if (text.len != 3)
        return false;
    for (int i = 0; i < 3; i++) {
        char c = text.at[i];
        out[i] = (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
        if (out[i] < 'A' || out[i] > 'Z')
            return false;
    }
    out[3] = '\0';
    return true;
}

static cb_status store_currency(cb_config *config, cb_str text, char into[4], const char *allowed,
                                cb_error *err)
{
    char code[4] = "";
    if (text.len && !is_currency(text, code))
        return not_allowed(config, allowed, err);
    memcpy(into, code, sizeof code);
    return CB_OK;
}

static cb_status store_number(cb_config *config, const cb_key_rule *rule, cb_str text, void *into,
                              const char *allowed, cb_error *err)
{
    double number = 0;
    uint64_t whole = 0;
    bool ok = rule->type == CB_KEY_PERCENT ? cb_parse_double(text, &number)
                                           : cb_config_whole(text, &whole);
    if (rule->type != CB_KEY_PERCENT)
        number = (double)whole;
    if (!ok || !(number >= rule->min && number <= rule->max))
        return not_allowed(config, allowed, err);
    if (rule->type == CB_KEY_PERCENT)
        *(double *)into = number;
    else if (rule->type == CB_KEY_COUNT)
        *(uint32_t *)into = (uint32_t)whole;
    else
        *(uint64_t *)into = whole;
    return CB_OK;
}

static cb_status store_key(cb_config *config, size_t k, cb_str value, cb_error *err)
{
    const cb_key_rule *rule = &cb_key_rules[k];
    const char *allowed = cb_key_table[k].allowed;
    void *into = (char *)config->settings + rule->offset;
    cb_str text;
    cb_status rc = cb_config_unquote(config, value, &text, err);
    if (rc != CB_OK)
        return rc;
    switch (rule->type) {
    case CB_KEY_TEXT:
        return store_text(config, value, into, err);
    case CB_KEY_ZONE:
        return store_zone(config, value, into, err);
    case CB_KEY_CURRENCY:
        return store_currency(config, text, into, allowed, err);
    case CB_KEY_BOOL:
        return cb_config_bool(text, into) ? CB_OK : not_allowed(config, allowed, err);
    case CB_KEY_COUNT:
    case CB_KEY_PERCENT:
    case CB_KEY_LIMIT:
        break;
    }
    return store_number(config, rule, text, into, allowed, err);
}

static cb_status assign_key(cb_config *config, cb_str value, cb_error *err)
{
    enum { MAX_KEYS = 32 };
    const char *right[MAX_KEYS];
    size_t n = 0;
    for (size_t k = 0; k < cb_keys && n < MAX_KEYS; k++) {
        if (!cb_name_eq(config->section, cb_str_of(cb_key_table[k].section)))
            continue;
        right[n++] = cb_key_table[k].key;
        if (!cb_name_eq(config->key, cb_str_of(cb_key_table[k].key)))
            continue;
        cb_status rc = cb_config_once(config, err);
        return rc == CB_OK ? store_key(config, k, value, err) : rc;
    }
    return cb_config_unknown(config, "key of this section", config->key, right, n, err);
}

/* --- [assumptions] --- */

static bool in_bounds(const cb_assumption *range, const cb_assumption_info *info)
{
    return range->low >= info->min && range->low <= range->base && range->base <= range->high &&
           range->high <= info->max;
}

/* Days and cases are counted; so is the switch. */
static bool is_counted(const cb_assumption_info *info)
{
    return !strcmp(info->unit, "days") || !strcmp(info->unit, "cases") ||
           !strcmp(info->unit, "0 or 1");
}

static bool is_whole(double x)
{
    return x >= 0 && x < 1e9 && x == (double)(int64_t)x;
}

static cb_status store_assumption(cb_config *config, cb_assumption_ix ix, cb_str value,
                                  cb_error *err)
{
    const cb_assumption_info *info = &cb_assumption_table[ix];
    cb_assumption range;
    cb_str text;
    cb_status rc = cb_config_unquote(config, value, &text, err);
    if (rc != CB_OK)
        return rc;
    if (!cb_config_range(text, &range))
        return cb_config_fail(config, err,
                              "write one number or low..base..high, with a decimal point (%s)",
                              info->unit);
    if (!in_bounds(&range, info))
        return cb_config_fail(config, err,
                              "must be from %.15g to %.15g with low <= base <= high (%s)",
                              info->min, info->max, info->unit);
    if (is_counted(info) && !(is_whole(range.low) && is_whole(range.base) && is_whole(range.high)))
        return cb_config_fail(config, err, "must be a whole number (%s)", info->unit);
    config->settings->assumption[ix] = range;
    return CB_OK;
}

static cb_status assign_assumption(cb_config *config, cb_str value, cb_error *err)
{
    const char *right[CB_ASSUMPTIONS];
    for (int a = 0; a < CB_ASSUMPTIONS; a++) {
        right[a] = cb_assumption_table[a].key;
        if (!cb_name_eq(config->key, cb_str_of(right[a])))
            continue;
        cb_status rc = cb_config_once(config, err);
        return rc == CB_OK ? store_assumption(config, (cb_assumption_ix)a, value, err) : rc;
    }
    return cb_config_unknown(config, "assumption", config->key, right, CB_ASSUMPTIONS, err);
}

/* --- [calendar] --- */

static cb_status add_holiday(cb_config *config, int64_t day, cb_error *err)
{
    cb_week *week = &config->settings->week;
    unsigned at = 0;
    while (at < week->holidays && week->holiday_days[at] < day)
        at++;
    if (at < week->holidays && week->holiday_days[at] == day)
        return CB_OK;
    if (week->holidays == CB_MAX_HOLIDAYS)
        return cb_config_fail(config, err, "there are more than %d holidays", CB_MAX_HOLIDAYS);
    memmove(&week->holiday_days[at + 1], &week->holiday_days[at],
            (week->holidays - at) * sizeof *week->holiday_days);
    week->holiday_days[at] = day;
    week->holidays++;
    return CB_OK;
}

static cb_status assign_holidays(cb_config *config, cb_str value, cb_error *err)
{
    bool first;
    cb_status rc = cb_config_first(config, config->key, &first, err);
    if (rc != CB_OK)
        return rc;
    if (first)
        config->settings->week.holidays = 0;
    cb_str rest = cb_str_trim(value), item;
    while (rc == CB_OK && rest.len && cb_config_item(&rest, ',', &item)) {
        int64_t day;
        rc = cb_config_date(item, &day)
                 ? add_holiday(config, day, err)
                 : not_allowed(config, "days as 2026-12-25, parted by commas", err);
    }
    return rc;
}

static cb_status store_shifts(cb_config *config, unsigned weekday, cb_str value, cb_error *err)
{
    cb_str text;
    cb_error why = {0};
    cb_status rc = cb_config_unquote(config, value, &text, err);
    if (rc != CB_OK)
        return rc;
    rc = cb_shift_parse(&config->settings->week, weekday, text, &why);
    if (rc == CB_ECONFIG || rc == CB_EDATA || rc == CB_EUSAGE)
        return cb_config_fail(config, err, "%s", why.why);
    return rc == CB_OK ? CB_OK : cb_fail(err, rc, "%s", why.why);
}

static cb_status assign_calendar(cb_config *config, cb_str value, cb_error *err)
{
    enum { DAYS = 7 };
    static const char *const right[] = {"mon", "tue", "wed", "thu",
                                        "fri", "sat", "sun", "holidays"};
    static const char *const full[DAYS] = {"monday", "tuesday",  "wednesday", "thursday",
                                           "friday", "saturday", "sunday"};
    if (cb_name_eq(config->key, cb_str_of("holidays")))
        return assign_holidays(config, value, err);
    for (unsigned d = 0; d < DAYS; d++) {
        if (!cb_name_eq(config->key, cb_str_of(right[d])) &&
            !cb_name_eq(config->key, cb_str_of(full[d])))
            continue;
        config->key = cb_str_of(right[d]); /* so that mon and monday are one */
        cb_status rc = cb_config_once(config, err);
        return rc == CB_OK ? store_shifts(config, d, value, err) : rc;
    }
    return cb_config_unknown(config, "day", config->key, right, DAYS + 1, err);
}

/* --- the table of sections --- */

static cb_status assign_free(cb_config *config, cb_str value, cb_error *err)
{
    int s = 0;
    while (s < CB_FREE_TARGETS && !cb_name_eq(config->section, cb_str_of(cb_free_names[s])))
        s++;
    cb_free_section section = (cb_free_section)s;
    return cb_config_pair(config, section, cb_config_pairs(config->settings, section), value, err);
}

static cb_status assign_role(cb_config *config, cb_str value, cb_error *err)
{
    int r = 0;
    while (r < CB_CUSTOMERS && !cb_name_eq(config->section, cb_str_of(cb_role_names[r])))
        r++;
    return cb_config_role(config, (cb_role)r, &config->settings->role[r], value, err);
}

static const char *const section_names[] = {"report", "calendar", "targets", "assumptions", "kinds",
                                            "status", "fx",       "fixes",   "phrases",     "reach",
                                            "limits", "cases",    "reviews", "customers"};
static const cb_config_assign section_assign[] = {
    assign_key,  assign_calendar, assign_free, assign_assumption, assign_free,
    assign_free, assign_free,     assign_free, assign_free,       assign_free,
    assign_key,  assign_role,     assign_role, assign_role};
enum { SECTIONS = sizeof section_names / sizeof *section_names };
_Static_assert(SECTIONS == sizeof section_assign / sizeof *section_assign,
               "a function for each section");

cb_status cb_config_settings(cb_config *config, cb_str value, cb_error *err)
{
    size_t s = 0;
    if (config->section.len == 0)
        return cb_config_fail(config, err, "a key stands before the first [section]");
    while (s < SECTIONS && !cb_name_eq(config->section, cb_str_of(section_names[s])))
        s++;
    if (s == SECTIONS) {
        cb_str given = config->section;
        return cb_config_unknown(config, "section", given, section_names, SECTIONS, err);
    }
    if (config->key.at == NULL)
        return CB_OK;
    if (config->key.len == 0)
        return cb_config_fail(config, err, "a key is missing before '='");
    return section_assign[s](config, value, err);
}
