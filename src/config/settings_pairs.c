#include "config/config.h"

#include <string.h>

const char *const cb_free_names[CB_FREE_SECTIONS] = {"kinds",   "status", "fx",     "fixes",
                                                     "phrases", "reach",  "targets"};

cb_pairs *cb_config_pairs(cb_settings *settings, cb_free_section section)
{
    cb_pairs *const pairs[CB_FREE_SECTIONS] = {
        &settings->kinds,   &settings->status, &settings->fx,          &settings->fixes,
        &settings->phrases, &settings->reach,  &settings->target_texts};
    return pairs[section];
}

/* --- what each section allows on both sides; both may be replaced by a canonical form --- */

static cb_status check_kind(cb_config *config, cb_pair *pair, cb_error *err)
{
    int kind = cb_kind_find(pair->meaning);
    if (kind < 0)
        return cb_config_unknown(config, "problem kind", pair->meaning, cb_kind_names, CB_KINDS,
                                 err);
    pair->meaning = cb_str_of(cb_kind_names[kind]);
    return CB_OK;
}

static cb_status check_status(cb_config *config, cb_pair *pair, cb_error *err)
{
    for (int s = CB_STATUS_OPEN; s < CB_CASE_STATUSES; s++) {
        if (cb_name_eq(pair->meaning, cb_str_of(cb_case_status_names[s]))) {
            pair->meaning = cb_str_of(cb_case_status_names[s]);
            return CB_OK;
        }
    }
    return cb_config_unknown(config, "status", pair->meaning, cb_case_status_names + CB_STATUS_OPEN,
                             CB_CASE_STATUSES - CB_STATUS_OPEN, err);
}

static cb_status check_fx(cb_config *config, cb_pair *pair, cb_error *err)
{
    int64_t rate;
    char *code = cb_arena_get(config->arena, 4);
    if (code == NULL)
        return cb_nomem(err, "the configuration");
    for (size_t i = 0; i < pair->word.len; i++) {
        char c = pair->word.at[i];
        char upper = (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
        if (pair->word.len != 3 || upper < 'A' || upper > 'Z')
            return cb_config_fail(config, err,
                                  "the key must be a currency of three letters, e.g. EUR");
        code[i] = upper;
    }
    pair->word = (cb_str){code, 3};
    if (!cb_config_rate(pair->meaning, &rate))
        return cb_config_fail(
            config, err,
            "write what one unit is worth in the report's currency: a number above 0 and up to "
            "1000000, with at most six decimals");
    return CB_OK;
}

static cb_status check_fix(cb_config *config, cb_pair *pair, cb_error *err)
{
    int64_t days;
    if (!cb_config_date(pair->word, &days))
        return cb_config_fail(config, err, "the key must be the day of the fix, as 2026-03-01");
    return CB_OK;
}

static cb_status check_phrase(cb_config *config, cb_pair *pair, cb_error *err)
{
    char folded[2];
    if (cb_name_fold(pair->meaning, folded, sizeof folded) == 0)
        return cb_config_fail(config, err, "a phrase needs at least one letter");
    char *lower = cb_arena_get(config->arena, pair->meaning.len + 1);
    if (lower == NULL)
        return cb_nomem(err, "the configuration");
    for (size_t i = 0; i < pair->meaning.len; i++) {
        char c = pair->meaning.at[i];
        lower[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    pair->meaning.at = lower;
    return CB_OK;
}

static cb_status check_reach(cb_config *config, cb_pair *pair, cb_error *err)
{
    const cb_assumption_info *info = &cb_assumption_table[CB_A_REACH];
    double share;
    if (!cb_parse_double(pair->meaning, &share) || !(share >= info->min && share <= info->max))
        return cb_config_fail(config, err, "must be from %.15g to %.15g (%s)", info->min, info->max,
                              info->unit);
    return CB_OK;
}

static cb_status check_target(cb_config *config, cb_pair *pair, cb_error *err)
{
    cb_target target;
    if (!cb_config_duration(pair->meaning, CB_DAY_S, &target))
        return cb_config_fail(config, err,
                              "write a time: 30m, 8h, 2d elapsed, or 8bh, 2bd in business time");
    return CB_OK;
}

static const struct {
    cb_status (*check)(cb_config *config, cb_pair *pair, cb_error *err);
    bool list; /* key = several meanings, a pair each */
    unsigned max;
} rules[CB_FREE_SECTIONS] = {
    [CB_FREE_KINDS] = {check_kind, false, CB_MAX_PAIRS},
    [CB_FREE_STATUS] = {check_status, false, CB_MAX_PAIRS},
    [CB_FREE_FX] = {check_fx, false, CB_MAX_PAIRS},
    [CB_FREE_FIXES] = {check_fix, true, CB_MAX_PAIRS},
    [CB_FREE_PHRASES] = {check_phrase, true, CB_MAX_PHRASES},
    [CB_FREE_REACH] = {check_reach, false, CB_MAX_PAIRS},
    [CB_FREE_TARGETS] = {check_target, false, CB_MAX_TARGETS},
};

/* --- the lists --- */

/* The array doubles at 8, 16, 32 … entries, so that the count alone says when it is full. */
static cb_status append(cb_config *config, cb_pairs *pairs, cb_pair pair, unsigned max,
                        cb_error *err)
{
    enum { FIRST = 8 };
    if (pairs->n == max)
        return cb_config_fail(config, err, "the section has more than %u entries", max);
    bool full = pairs->n == 0 || (pairs->n >= FIRST && (pairs->n & (pairs->n - 1)) == 0);
    if (full) {
        cb_pair *wider =
            cb_arena_array(config->arena, pairs->n ? 2 * (size_t)pairs->n : FIRST, sizeof *wider);
        if (wider == NULL)
            return cb_nomem(err, "the configuration");
        if (pairs->n)
            memcpy(wider, pairs->pair, pairs->n * sizeof *wider);
        pairs->pair = wider;
    }
    pairs->pair[pairs->n++] = pair;
    return CB_OK;
}

static void remove_word(cb_pairs *pairs, cb_str word)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < pairs->n; i++)
        if (!cb_config_words_eq(pairs->pair[i].word, word))
            pairs->pair[kept++] = pairs->pair[i];
    pairs->n = kept;
}

static cb_status put_list(cb_config *config, cb_free_section section, cb_pairs *pairs, cb_str word,
                          cb_str value, cb_error *err)
{
    bool first;
    cb_status rc = cb_config_first(config, config->key, &first, err);
    if (rc == CB_OK && first)
        remove_word(pairs, word);
    cb_str rest = cb_str_trim(value), item;
    while (rc == CB_OK && rest.len && cb_config_item(&rest, ',', &item)) {
        cb_pair pair = {.word = word};
        if (item.len == 0)
            return cb_config_fail(config, err, "an item of the list is empty");
        rc = cb_config_unquote(config, item, &pair.meaning, err);
        if (rc == CB_OK)
            rc = rules[section].check(config, &pair, err);
        if (rc == CB_OK)
            rc = append(config, pairs, pair, rules[section].max, err);
    }
    return rc;
}

static cb_status put_one(cb_config *config, cb_free_section section, cb_pairs *pairs, cb_str word,
                         cb_str value, cb_error *err)
{
    cb_pair pair = {.word = word};
    cb_config_name *name;
    cb_status rc = cb_config_unquote(config, value, &pair.meaning, err);
    if (rc == CB_OK && pair.meaning.len == 0)
        rc = cb_config_fail(config, err, "a value is missing behind '='");
    if (rc == CB_OK)
        rc = rules[section].check(config, &pair, err);
    if (rc == CB_OK)
        rc = cb_config_once(config, err);
    if (rc == CB_OK)
        rc = cb_config_name_of(config, config->key, &name, err);
    if (rc != CB_OK)
        return rc;
    if (name->ix) {
        pairs->pair[name->ix - 1].meaning = pair.meaning;
        return CB_OK;
    }
    rc = append(config, pairs, pair, rules[section].max, err);
    if (rc == CB_OK)
        name->ix = pairs->n;
    return rc;
}

cb_status cb_config_pair(cb_config *config, cb_free_section section, cb_pairs *pairs, cb_str value,
                         cb_error *err)
{
    cb_str word;
    cb_status rc = cb_config_unquote(config, config->key, &word, err);
    if (rc != CB_OK)
        return rc;
    if (word.len == 0)
        return cb_config_fail(config, err, "a key is missing before '='");
    config->key = word;
    return rules[section].list ? put_list(config, section, pairs, word, value, err)
                               : put_one(config, section, pairs, word, value, err);
}
