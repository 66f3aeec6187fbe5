#include "config/config.h"

#include <stddef.h>

const cb_assumption_info cb_assumption_table[CB_ASSUMPTIONS] = {
#define ASSUMPTION(NAME, key, low, base, high, min, max, unit, grade, source) \
    [CB_A_##NAME] = {#key, {low, base, high}, min, max, unit, grade, source},
    CB_ASSUMPTION_MAP(ASSUMPTION)
#undef ASSUMPTION
};

/* X(section, key, type, member, min, max, initial, allowed, meaning) */
#define KEY_MAP(X)                                                                                                             \
    X("report", "timezone", ZONE, timezone, 0, 0, "UTC", "an IANA zone, e.g. Europe/Berlin",                                  \
      "zone of times that do not say one, of days and of periods")                                                           \
    X("report", "currency", CURRENCY, currency, 0, 0, "", "an ISO 4217 code, e.g. USD",                                       \
      "currency of all amounts; blank: the one that the inputs have")                                                        \
    X("report", "title", TEXT, title, 0, 0, "", "any text", "name of the company or department on the cover")                 \
    X("report", "min_group", COUNT, min_group, 1, 1000000, "10", "1 to 1000000",                                              \
      "groups with fewer cases are not shown by themselves")                                                                 \
    X("report", "max_rejects", PERCENT, max_rejects_percent, 0, 100, "5", "0 to 100",                                         \
      "percent of an input's rows that may be rejected before the run fails")                                                \
    X("report", "repeat_same_product", BOOL, repeat_same_product, 0, 1, "no", "yes or no",                                    \
      "a repeat is a case of the same kind and of the same product")                                                         \
    X("report", "repeat_same_cause", BOOL, repeat_same_cause, 0, 1, "no", "yes or no",                                        \
      "a repeat is a case of the same kind and of the same root cause")                                                      \
    X("report", "pseudonym_key_file", TEXT, pseudonym_key_file, 0, 0, "", "the path of a file",                               \
      "with --pseudonymise: the secret under which ids become codes, the same in every run with the same file")

#define LIMIT_KEYS(X, name, initial, min, max, what) \
    X("limits", #name, LIMIT, limits.name, min, max, #initial, #min " to " #max, what)

const cb_key_info cb_key_table[] = {
#define INFO(section, key, type, member, min, max, initial, allowed, meaning) {section, key, initial, allowed, meaning},
    KEY_MAP(INFO)
#define LIMIT_INFO(name, initial, min, max, what) LIMIT_KEYS(INFO, name, initial, min, max, what)
    CB_LIMIT_MAP(LIMIT_INFO)
};

const cb_key_rule cb_key_rules[] = {
#define RULE(section, key, type, member, min, max, initial, allowed, meaning) \
    {CB_KEY_##type, offsetof(cb_settings, member), (double)(min), (double)(max)},
    KEY_MAP(RULE)
#define LIMIT_RULE(name, initial, min, max, what) LIMIT_KEYS(RULE, name, initial, min, max, what)
    CB_LIMIT_MAP(LIMIT_RULE)
};

const size_t cb_keys = sizeof cb_key_table / sizeof *cb_key_table;

const cb_key_info *cb_settings_keys(size_t *n)
{
    *n = cb_keys;
    return cb_key_table;
}
