#include "config/config.h"

#include "casebook/civil.h"

#include <math.h>
#include <string.h>

bool cb_config_item(cb_str *rest, char separator, cb_str *item)
{
    if (rest->at == NULL)
        return false;
    bool quoted = false, fresh = true; /* a quote opens only where an item begins */
    size_t end = 0;
    for (; end < rest->len; end++) {
        char c = rest->at[end];
        if (c == '"' && (quoted || fresh))
            quoted = !quoted; /* "" inside quotes closes and opens again */
        else if (c == separator && !quoted)
            break;
        fresh = quoted ? false : fresh && (c == ' ' || c == '\t');
        if (c == '"' && !quoted)
            fresh = end + 1 < rest->len && rest->at[end + 1] == '"';
    }
    *item = cb_str_trim((cb_str){rest->at, end});
    *rest = end < rest->len ? (cb_str){rest->at + end + 1, rest->len - end - 1} : (cb_str){NULL, 0};
    return true;
}

static bool unquote_into(cb_str text, char *out, size_t *n)
{
    bool closed = false;
    *n = 0;
    for (size_t i = 1; i < text.len; i++) {
        if (closed)
            return false;
        if (text.at[i] == '"' && i + 1 < text.len && text.at[i + 1] == '"')
            out[(*n)++] = text.at[i++];
        else if (text.at[i] == '"')
            closed = true;
        else
            out[(*n)++] = text.at[i];
    }
    return closed;
}

cb_status cb_config_unquote(cb_config *config, cb_str value, cb_str *out, cb_error *err)
{
    cb_str text = cb_str_trim(value);
    cb_str copy = cb_arena_copy(config->arena, text);
    if (copy.at == NULL)
        return cb_nomem(err, "the configuration");
    *out = copy;
    if (text.len == 0 || text.at[0] != '"')
        return CB_OK;
    char *into = cb_arena_get(config->arena, text.len + 1);
    size_t n = 0;
    if (into == NULL)
        return cb_nomem(err, "the configuration");
    if (!unquote_into(text, into, &n))
        return cb_config_fail(config, err, "a quoted text must end with its closing '\"'");
    *out = (cb_str){into, n};
    return CB_OK;
}

static bool needs_quotes(cb_str text)
{
    if (text.len == 0 || !cb_str_eq(text, cb_str_trim(text)) || strchr("[(", text.at[0]) != NULL)
        return true;
    for (size_t i = 0; i < text.len; i++)
        if (strchr(";=:#,|\"", text.at[i]) != NULL && text.at[i] != '\0')
            return true;
    return false;
}

cb_status cb_config_quote(cb_buf *out, cb_str text)
{
    if (!needs_quotes(text))
        return cb_buf_append(out, text.at, text.len);
    cb_status rc = cb_buf_append(out, "\"", 1);
    for (size_t i = 0; rc == CB_OK && i < text.len; i++) {
        rc = cb_buf_append(out, &text.at[i], 1);
        if (rc == CB_OK && text.at[i] == '"')
            rc = cb_buf_append(out, "\"", 1);
    }
    return rc == CB_OK ? cb_buf_append(out, "\"", 1) : rc;
}

bool cb_config_words_eq(cb_str a, cb_str b)
{
    char fold_a[8];
    a = cb_str_trim(a);
    b = cb_str_trim(b);
    if (cb_name_fold(a, fold_a, sizeof fold_a) == 0)
        return cb_str_eq(a, b);
    return cb_name_eq(a, b);
}

bool cb_config_bool(cb_str text, bool *out)
{
    static const struct {
        const char *word;
        bool value;
    } words[] = {{"yes", true}, {"true", true},   {"on", true},   {"1", true},
                 {"no", false}, {"false", false}, {"off", false}, {"0", false}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (cb_str_eq_nocase(text, cb_str_of(words[i].word))) {
            *out = words[i].value;
            return true;
        }
    }
    return false;
}

bool cb_config_date(cb_str text, int64_t *days)
{
    int64_t part[3];
    static const struct {
        size_t from, n;
    } at[3] = {{0, 4}, {5, 2}, {8, 2}};
    if (text.len != 10 || text.at[4] != '-' || text.at[7] != '-')
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (i != 4 && i != 7 && (text.at[i] < '0' || text.at[i] > '9'))
            return false;
    for (int i = 0; i < 3; i++)
        if (!cb_parse_i64((cb_str){text.at + at[i].from, at[i].n}, &part[i]))
            return false;
    cb_civil civil = {.year = (int32_t)part[0], .month = (uint8_t)part[1], .day = (uint8_t)part[2]};
    if (!cb_civil_valid(&civil))
        return false;
    *days = cb_days_from_civil(civil.year, civil.month, civil.day);
    return true;
}

bool cb_config_whole(cb_str text, uint64_t *out)
{
    static const struct {
        const char *unit;
        uint64_t times;
    } units[] = {{"KiB", UINT64_C(1) << 10},
                 {"MiB", UINT64_C(1) << 20},
                 {"GiB", UINT64_C(1) << 30},
                 {"TiB", UINT64_C(1) << 40}};
    uint64_t times = 1;
    for (size_t i = 0; text.len > 3 && i < sizeof units / sizeof *units; i++) {
        if (cb_str_eq_nocase((cb_str){text.at + text.len - 3, 3}, cb_str_of(units[i].unit))) {
            times = units[i].times;
            text.len -= 3;
            break;
        }
    }
    int64_t n;
    if (!cb_parse_i64(cb_str_trim(text), &n) || n < 0)
        return false;
    return !__builtin_mul_overflow((uint64_t)n, times, out);
}

static size_t find_dots(cb_str text)
{
    for (size_t i = 0; i + 1 < text.len; i++)
        if (text.at[i] == '.' && text.at[i + 1] == '.')
            return i;
    return SIZE_MAX;
}

bool cb_config_range(cb_str text, cb_assumption *out)
{
    double part[3];
    unsigned n = 0;
    for (;;) {
        size_t at = find_dots(text);
        cb_str number = {text.at, at == SIZE_MAX ? text.len : at};
        if (n == 3 || !cb_parse_double(cb_str_trim(number), &part[n++]))
            return false;
        if (at == SIZE_MAX)
            break;
        text = (cb_str){text.at + at + 2, text.len - at - 2};
    }
    if (n == 2)
        return false;
    *out = n == 1 ? (cb_assumption){part[0], part[0], part[0]}
                  : (cb_assumption){part[0], part[1], part[2]};
    return true;
}

bool cb_config_duration(cb_str text, int64_t business_day_s, cb_target *out)
{
    enum { TEN_YEARS_S = 315576000 };
    if (text.len < 2)
        return false;
    char unit = text.at[text.len - 1];
    bool business = text.at[text.len - 2] == 'b';
    double unit_s = unit == 'm' ? 60 : unit == 'h' ? CB_HOUR_S : unit == 'd' ? CB_DAY_S : 0;
    if (business && unit == 'd')
        unit_s = (double)business_day_s;
    double number;
    if (unit_s <= 0 ||
        !cb_parse_double(cb_str_trim((cb_str){text.at, text.len - 1 - business}), &number))
        return false;
    double seconds = round(number * unit_s);
    if (!(seconds >= 1 && seconds <= TEN_YEARS_S))
        return false;
    out->seconds = (int64_t)seconds;
    out->business = business;
    return true;
}

bool cb_config_rate(cb_str text, int64_t *millionths)
{
    enum { DECIMALS = 6, MAX_DIGITS = 15 };
    int64_t value = 0;
    int decimals = -1, digits = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '.' && decimals < 0) {
            decimals = 0;
            continue;
        }
        if (text.at[i] < '0' || text.at[i] > '9' || ++digits > MAX_DIGITS || decimals == DECIMALS)
            return false;
        value = value * 10 + (text.at[i] - '0');
        decimals += decimals >= 0;
    }
    for (int i = decimals < 0 ? 0 : decimals; i < DECIMALS; i++)
        if (__builtin_mul_overflow(value, INT64_C(10), &value))
            return false;
    *millionths = value;
    return value > 0 && value <= INT64_C(1000000) * 1000000;
}
