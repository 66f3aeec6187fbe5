#include "casebook/settings.h"

#include "config/config.h"

#include "casebook/money.h"

#include <stdlib.h>
#include <string.h>

enum { WHOLE_RATE = 1000000 };

/* --- derived lists, one entry a pair --- */

static cb_status finish_fx(cb_settings *settings, cb_error *err)
{
    unsigned n = settings->fx.n;
    if (n && settings->currency[0] == '\0')
        return cb_fail(
            err, CB_ECONFIG,
            "[fx] gives rates into the report's currency, and none is configured: set [report] currency");
    settings->fx_millionths = cb_arena_array(settings->arena, n, sizeof *settings->fx_millionths);
    if (settings->fx_millionths == NULL)
        return cb_nomem(err, "the exchange rates");
    for (unsigned i = 0; i < n; i++) {
        cb_str code = settings->fx.pair[i].word;
        if (!cb_config_rate(settings->fx.pair[i].meaning, &settings->fx_millionths[i]) ||
            (cb_str_eq(code, cb_str_of(settings->currency)) &&
             settings->fx_millionths[i] != WHOLE_RATE))
            return cb_fail(err, CB_ECONFIG,
                           "[fx] " CB_STR_FMT ": the report's own currency has the rate 1",
                           CB_STR_ARG(code));
    }
    return CB_OK;
}

static int by_day(const void *a, const void *b)
{
    const cb_pair *x = a, *y = b;
    int order = cb_str_cmp(x->word, y->word);
    return order ? order : cb_str_cmp(x->meaning, y->meaning);
}

static cb_status finish_fixes(cb_settings *settings, cb_error *err)
{
    cb_pairs *fixes = &settings->fixes;
    settings->fix_utc_s = cb_arena_array(settings->arena, fixes->n, sizeof *settings->fix_utc_s);
    if (settings->fix_utc_s == NULL)
        return cb_nomem(err, "the dates of fixes");
    if (fixes->n)
        qsort(fixes->pair, fixes->n, sizeof *fixes->pair, by_day);
    for (unsigned i = 0; i < fixes->n; i++) {
        int64_t days;
        if (!cb_config_date(fixes->pair[i].word, &days))
            return cb_fail(err, CB_ECONFIG, "[fixes]: a key is no day");
        settings->fix_utc_s[i] = cb_zone_to_utc(settings->zone, days * CB_DAY_S);
    }
    return CB_OK;
}

static cb_status finish_reach(cb_settings *settings, cb_error *err)
{
    settings->kind_reach =
        cb_arena_array(settings->arena, settings->reach.n, sizeof *settings->kind_reach);
    if (settings->kind_reach == NULL)
        return cb_nomem(err, "the reach of kinds");
    for (unsigned i = 0; i < settings->reach.n; i++)
        if (!cb_parse_double(settings->reach.pair[i].meaning, &settings->kind_reach[i]))
            return cb_fail(err, CB_ECONFIG, "[reach]: a value is no number");
    return CB_OK;
}

/* --- targets --- */

static int64_t business_day_s(const cb_week *week)
{
    int64_t sum = 0, days = 0;
    for (unsigned d = 0; d < 7; d++) {
        for (unsigned i = 0; i < week->day[d].n; i++)
            sum += week->day[d].shift[i].to_s - week->day[d].shift[i].from_s;
        days += week->day[d].n > 0;
    }
    return days ? sum / days : 0;
}

static cb_status finish_targets(cb_settings *settings, cb_error *err)
{
    int64_t day_s = business_day_s(&settings->week);
    settings->targets = 0;
    for (unsigned i = 0; i < settings->target_texts.n; i++) {
        const cb_pair *pair = &settings->target_texts.pair[i];
        cb_target *target = &settings->target[i];
        cb_target read = {0};
        if (!cb_config_duration(pair->meaning, day_s, &read) || (read.business && day_s == 0))
            return cb_fail(err, CB_ECONFIG,
                           "[targets] " CB_STR_FMT
                           ": business time is asked for, but [calendar] has no open day "
                           "(or the target is longer than ten years)",
                           CB_STR_ARG(pair->word));
        *target = read;
        target->priority = cb_name_eq(pair->word, CB_LIT("default")) ? CB_LIT("") : pair->word;
        settings->targets = i + 1;
    }
    return CB_OK;
}

const cb_target *cb_target_for(const cb_settings *settings, cb_str priority)
{
    const cb_target *other = NULL;
    for (unsigned i = 0; i < settings->targets; i++) {
        const cb_target *target = &settings->target[i];
        if (target->priority.len == 0)
            other = target;
        else if (cb_config_words_eq(target->priority, priority))
            return target;
    }
    return other;
}

/* --- the whole --- */

cb_status cb_settings_finish(cb_settings *settings, cb_error *err)
{
    cb_status rc = cb_zone_open(&settings->zone, settings->timezone.at, err);
    if (rc == CB_OK)
        rc = finish_fx(settings, err);
    if (rc == CB_OK)
        rc = finish_fixes(settings, err);
    if (rc == CB_OK)
        rc = finish_reach(settings, err);
    if (rc == CB_OK)
        rc = finish_targets(settings, err);
    if (rc == CB_OK && settings->limits.field_bytes > settings->limits.record_bytes)
        rc = cb_fail(
            err, CB_ECONFIG,
            "[limits] field_bytes is larger than record_bytes: a cell cannot be larger than its record");
    if (settings->currency[0])
        settings->currency_digits = cb_currency_digits(settings->currency);
    return rc == CB_OK ? cb_config_list(settings, err) : rc;
}

cb_status cb_settings_currency(cb_settings *settings, cb_str iso_code, cb_error *err)
{
    bool ok = iso_code.len == 3;
    for (size_t i = 0; ok && i < 3; i++)
        ok = iso_code.at[i] >= 'A' && iso_code.at[i] <= 'Z';
    if (!ok)
        return cb_fail(
            err, CB_ECONFIG,
            "a currency is a code of three capital letters (ISO 4217): set [report] currency");
    if (settings->currency[0] && memcmp(settings->currency, iso_code.at, 3) != 0)
        return cb_fail(
            err, CB_ECONFIG,
            "the report's currency is %s and the inputs have %.3s: set [report] currency or a rate in [fx]",
            settings->currency, iso_code.at);
    memcpy(settings->currency, iso_code.at, 3);
    settings->currency[3] = '\0';
    settings->currency_digits = cb_currency_digits(settings->currency);
    return CB_OK;
}

bool cb_settings_fx(const cb_settings *settings, cb_str iso_code, int64_t *rate_millionths)
{
    *rate_millionths = WHOLE_RATE;
    if (iso_code.len == 0 || cb_str_eq_nocase(iso_code, cb_str_of(settings->currency)))
        return true;
    for (unsigned i = 0; i < settings->fx.n; i++) {
        if (cb_str_eq_nocase(iso_code, settings->fx.pair[i].word)) {
            *rate_millionths = settings->fx_millionths[i];
            return true;
        }
    }
    return false;
}

double cb_settings_reach(const cb_settings *settings, cb_str kind)
{
    for (unsigned i = 0; i < settings->reach.n; i++)
        if (cb_config_words_eq(kind, settings->reach.pair[i].word))
            return settings->kind_reach[i];
    return settings->assumption[CB_A_REACH].base;
}
