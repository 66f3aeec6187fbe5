/* settings.h - the effective configuration of a run: defaults < config file < CASEBOOK_* environment < options.
 *
 * One table (settings_table.c) lists every key with section, type, default, bounds, unit, source and evidence
 * grade; parsing, `--set`, error messages with the nearest name, the JSON's "config", the Assumptions sheet
 * and the man page all read it. Free sections ([kinds], [status], [fx], [targets], the fields of a role) are word lists.
 *
 * Sequence: cb_settings_new (defaults) -> cb_settings_file -> cb_settings_environment -> cb_settings_set for
 * each --set -> cb_settings_finish (derived values: zone, calendar week, fx in millionths; cross checks).
 * Errors: CB_ECONFIG with file, line, section.key, what is allowed and the nearest name. */
#ifndef CASEBOOK_SETTINGS_H
#define CASEBOOK_SETTINGS_H

#include "casebook/alloc.h"
#include "casebook/calendar.h"
#include "casebook/civil.h"
#include "casebook/schema.h"

/* Assumptions of methods.md section C and the windows: X(NAME, key, low, base, high, min, max, unit, evidence grade, source).
 * `key` is the key in [assumptions], the name in the tornado and of the cell in the Assumptions sheet. A value given
 * as one number sets low = base = high. 0 as base of customers, annual_value, customer_base, word_of_mouth_value, handling_cost means "not set". */
#define CB_ASSUMPTION_MAP(X)                                                                                                   \
    X(ANNUAL_LOSS_RATE, annual_loss_rate, 0.10, 0.15, 0.20, 0, 0.95, "share of customers a year", "C",                       \
      "widely repeated figure without a traceable study")                                                                    \
    X(SERVICE_SHARE, service_share, 0.14, 1.00, 1.00, 0, 1, "share of the loss", "C",                                         \
      "1.00: all of it is put down to service; tellings with 0.82 (68 % indifference + 14 % complaints) and 0.14 exist")    \
    X(PRIOR_WEIGHT, prior_weight, 25, 50, 100, 0, 1e9, "customer-years", "setting", "weight of the benchmark against own data") \
    X(CUSTOMERS, customers, 0, 0, 0, 0, 1e12, "customers", "setting", "customer base; 0: the customer list, else those in the cases") \
    X(ANNUAL_VALUE, annual_value, 0, 0, 0, 0, 1e12, "money a customer-year", "setting", "used where the customer list has no value; 0: none") \
    X(AFTER_PROBLEM_DAYS, after_problem_days, 180, 365, 365, 1, 3650, "days", "setting", "how long a customer counts as after a problem") \
    X(REACH, reach, 0.35, 0.50, 0.75, 0.01, 1, "share of problems", "B", "about half of those with a problem complain (TARP)")  \
    X(SILENT_LEAVE, silent_leave, 0.30, 0.50, 0.63, 0, 1, "share of problem-havers", "C", "about half go elsewhere without a word") \
    X(STAY_QUICK_SMALL, stay_quick_small, 0.95, 0.95, 0.95, 0, 1, "share buying again", "B", "TARP, stated intent")             \
    X(STAY_QUICK_LARGE, stay_quick_large, 0.82, 0.82, 0.82, 0, 1, "share buying again", "B", "TARP, stated intent")             \
    X(STAY_SATISFIED_SMALL, stay_satisfied_small, 0.70, 0.70, 0.70, 0, 1, "share buying again", "B", "TARP, stated intent")      \
    X(STAY_SATISFIED_LARGE, stay_satisfied_large, 0.54, 0.54, 0.54, 0, 1, "share buying again", "B", "TARP, stated intent")      \
    X(STAY_DISSATISFIED_SMALL, stay_dissatisfied_small, 0.46, 0.46, 0.46, 0, 1, "share buying again", "B", "TARP, stated intent") \
    X(STAY_DISSATISFIED_LARGE, stay_dissatisfied_large, 0.19, 0.19, 0.19, 0, 1, "share buying again", "B", "TARP, stated intent") \
    X(STAY_SILENT_SMALL, stay_silent_small, 0.37, 0.37, 0.37, 0, 1, "share buying again", "B", "TARP, stated intent")           \
    X(STAY_SILENT_LARGE, stay_silent_large, 0.09, 0.09, 0.09, 0, 1, "share buying again", "B", "TARP, stated intent")           \
    X(STAY_NO_PROBLEM, stay_no_problem, 0.95, 0.95, 0.95, 0, 1, "share buying again", "B", "TARP, customers without a problem")  \
    X(LARGE_LOSS, large_loss, 100, 100, 100, 0, 1e12, "money", "setting", "from which loss on the 'large loss' column counts (TARP: over 100 USD)") \
    X(QUICK_HOURS, quick_hours, 24, 24, 24, 0, 87600, "hours", "setting", "solved within this elapsed time is 'quickly'")         \
    X(LIFETIME, lifetime, 0, 0, 0, 0, 1, "0 or 1", "setting", "1: lifetime value m*r/(1+d-r) instead of one year")              \
    X(RETENTION, retention, 0.70, 0.80, 0.90, 0, 0.999, "share a year", "setting", "r of the lifetime value")                    \
    X(DISCOUNT, discount, 0.08, 0.10, 0.12, 0, 1, "share a year", "setting", "d of the lifetime value")                          \
    X(WORD_OF_MOUTH, word_of_mouth, 8, 12, 16, 0, 10000, "people told a leaver", "C", "8 to 16 people hear of a bad experience (TARP)") \
    X(WORD_OF_MOUTH_VALUE, word_of_mouth_value, 0, 0, 0, 0, 1e9, "money a person reached", "setting", "0: no money is put on it") \
    X(HANDLING_COST, handling_cost, 0, 0, 0, 0, 1e9, "money a case", "setting", "0: not known, left out of the worth of a fix")    \
    X(REPEAT_DAYS, repeat_days, 90, 90, 90, 1, 3650, "days", "setting", "W of Q1")                                               \
    X(BREAKDOWN_DAYS, breakdown_days, 365, 365, 365, 1, 3650, "days", "setting", "window of repeated breakdown")                 \
    X(BREAKDOWN_CASES, breakdown_cases, 3, 3, 3, 2, 1000, "cases", "setting", "cases of one customer and product that make a repeated breakdown") \
    X(FOLLOW_UP_DAYS, follow_up_days, 7, 7, 7, 1, 365, "days", "setting", "follow-up is due within this after the solution")     \
    X(OUTCOME_DAYS, outcome_days, 180, 180, 180, 1, 3650, "days", "setting", "window of leaving as an outcome (P1)")             \
    X(REVIEW_LINK_DAYS, review_link_days, 90, 90, 90, 1, 3650, "days", "setting", "V2's window")                                 \
    X(LOW_RATING, low_rating, 2, 2, 2, 1, 5, "stars of 5", "setting", "a review of this or fewer stars is low")

typedef enum cb_assumption_ix {
#define CB_ASSUMPTION_NAME(NAME, ...) CB_A_##NAME,
    CB_ASSUMPTION_MAP(CB_ASSUMPTION_NAME)
#undef CB_ASSUMPTION_NAME
    CB_ASSUMPTIONS
} cb_assumption_ix;

typedef struct cb_assumption {
    double low, base, high;
} cb_assumption;

typedef struct cb_assumption_info {
    const char *key;
    cb_assumption initial;
    double min, max;
    const char *unit, *grade, *source;
} cb_assumption_info;
extern const cb_assumption_info cb_assumption_table[CB_ASSUMPTIONS];

enum { CB_MAX_PHRASES = 30 /* a bit each below CB_TEXT_SEEN */ };
enum { CB_MAX_PAIRS = 20000, CB_MAX_TARGETS = 64, CB_MAX_WORDS_OF_FIELD = 16, CB_MAX_CONFIG_LINE = 197, CB_MAX_CONFIG_BYTES = 1 << 20 };

/* Bounds on what an input may ask of the machine, [limits]: X(field, default, min, max, what is bounded). A sum or a product of them
 * still fits 64 bits. Passing one is CB_ELIMIT, never a cut. */
#define CB_LIMIT_MAP(X)                                                               \
    X(field_bytes, 1048576, 1, 1073741824, "bytes of one cell")                       \
    X(record_bytes, 8388608, 1, 1073741824, "bytes of one record")                    \
    X(columns, 512, 1, 16384, "columns of a header")                                  \
    X(file_bytes, 8589934592, 1, 1125899906842624, "bytes of an input, expanded")     \
    X(rows, 50000000, 1, 50000000, "rows of all inputs of a role")                    \
    X(words, 20000000, 1, 4000000000, "distinct words of a column")                   \
    X(expand_ratio, 1000, 1, 1000000, "expanded bytes for a compressed byte")

typedef struct cb_limits {
#define CB_LIMIT_FIELD(name, initial, min, max, what) uint64_t name;
    CB_LIMIT_MAP(CB_LIMIT_FIELD)
#undef CB_LIMIT_FIELD
} cb_limits;

/* An entry of a free section: the export's word and what it means. */
typedef struct cb_pair {
    cb_str word, meaning;
} cb_pair;

typedef struct cb_pairs {
    unsigned n;
    cb_pair *pair;
} cb_pairs;

typedef struct cb_target {
    cb_str priority;    /* "" is the default for all others */
    int64_t seconds;
    bool business;      /* counted in business time: "8bh" or "2bd"; else elapsed: "8h", "2d", "30m" */
} cb_target;

/* How one field of one role is read; empty texts mean "detect" or "default". Words are compared trimmed, without regard to case
 * (cb_str_eq_nocase): "-" and "?" are different words. */
typedef struct cb_field_setting {
    cb_str column;                                  /* as written: names parted by '|', (line), (none), see mapping.h */
    cb_str format;                                  /* %d/%m/%Y %H:%M (strptime letters d m b y Y H I M S p z f s) */
    cb_str decimal;                                 /* "." or "," */
    cb_str zone;                                    /* zone of this column if not [report] timezone */
    cb_str scale;                                   /* of a score: "1-5" (default), any "LOW-HIGH", "good-bad", "stars/10", "percent" (coerce.h) */
    cb_str clock;                                   /* of a time: the column that holds its time of day, "" none */
    cb_str unit;                                    /* of a duration's plain numbers: seconds, minutes, hours, days; "": as the column's name says */
    unsigned true_words, false_words, null_words;   /* 0: the built-in lists */
    cb_str true_word[CB_MAX_WORDS_OF_FIELD], false_word[CB_MAX_WORDS_OF_FIELD], null_word[CB_MAX_WORDS_OF_FIELD];
} cb_field_setting;

typedef struct cb_role_setting {
    cb_str preset, encoding, delimiter;             /* "" detect */
    cb_field_setting field[CB_MAX_FIELDS_OF_ROLE];
} cb_role_setting;

typedef struct cb_settings {
    cb_arena *arena;                 /* owns every text below */
    cb_str timezone, title;
    cb_str pseudonym_key_file;       /* "": none */
    char currency[4];                /* ISO 4217; "" until a currency is known: then "XXX" is printed as "" */
    unsigned currency_digits;
    uint32_t min_group;              /* F1, default 10 */
    double max_rejects_percent;      /* default 5 */
    double quantile_confidence;      /* 0.95, fixed; here so that no literal is repeated */
    uint32_t draws;                  /* 20,000 */
    uint64_t seed;                   /* 20260101 */
    cb_week week;
    cb_assumption assumption[CB_ASSUMPTIONS];
    unsigned targets;
    cb_target target[CB_MAX_TARGETS]; /* set by cb_settings_finish; a business day is the mean length of the week's open days */
    cb_pairs kinds, status, fx, fixes; /* fixes: [fixes] date = cause or product, for Q7 */
    cb_pairs phrases;                /* [phrases] name = words, …: what P and V3 look for in texts, a pair for each, lower case; at most CB_MAX_PHRASES */
    cb_pairs target_texts;           /* [targets] as written; see target */
    cb_pairs reach;                  /* [reach] kind = share: C4's c of single kinds */
    bool repeat_same_product, repeat_same_cause; /* Q1's options, default no */
    cb_limits limits;
    cb_role_setting role[CB_ROLES];
    cb_zone *zone;                   /* of timezone, opened by cb_settings_finish */
    /* derived by cb_settings_finish, one for each pair of the same place in the list */
    int64_t *fx_millionths;          /* fx: a unit of that currency in the report's */
    int64_t *fix_utc_s;              /* fixes, ascending: local midnight that begins the day */
    double *kind_reach;              /* reach */
    const cb_alloc *alloc;
    struct cb_config_names *names;   /* private: which keys were given, by which source */
    struct cb_config_lines *lines;   /* private: what cb_settings_each shows */
} cb_settings;

CB_MUST_USE cb_status cb_settings_new(cb_settings **out, const cb_alloc *alloc, cb_error *err);
void cb_settings_free(cb_settings *settings);

/* The INI dialect, the same in config files and presets: [section], key = value (or key: value on a line without '='), comment lines that
 * begin with ; or #, and " ;" before a comment behind a value. A key, a value or an item of a list that holds ; : = # , or
 * begins with a space is put in double quotes ("" is a quote within). A line has at most CB_MAX_CONFIG_LINE bytes: a longer list is
 * written as several lines with the same key. Leading blanks mean nothing; a key given twice in one file is an error, except for lists. A
 * list of a later source replaces that of the earlier one; so does [status] word by word. UTF-8, with or without a byte-order mark. */

// cb_settings_file reads an INI file over what is there. A mistake names file and line.
CB_MUST_USE cb_status cb_settings_file(cb_settings *settings, const char *path, cb_error *err);

// cb_settings_text is cb_settings_file on text in memory; `name` stands for the file in messages (presets, tests, fuzzing).
CB_MUST_USE cb_status cb_settings_text(cb_settings *settings, cb_str ini, const char *name, cb_error *err);

// cb_settings_environment reads CASEBOOK_SECTION_KEY (upper case; "CASEBOOK_ASSUMPTIONS_ANNUAL_LOSS_RATE=0.1",
// "CASEBOOK_CASES_OPENED_AT_FORMAT=%d/%m/%Y"). Names of command-line options (CASEBOOK_OUT, …: settings_list.c) are left to the cli.
CB_MUST_USE cb_status cb_settings_environment(cb_settings *settings, char *const *environment, cb_error *err);

// cb_settings_set takes "section.key=value", as on the command line.
CB_MUST_USE cb_status cb_settings_set(cb_settings *settings, cb_str assignment, cb_error *err);

// cb_settings_finish derives zone, week, fx, fixes and checks what one key alone cannot show. Call it once, after all sources.
CB_MUST_USE cb_status cb_settings_finish(cb_settings *settings, cb_error *err);

// cb_settings_currency fixes the report's currency where the config names none: ingest calls it with the one currency that the
// inputs speak of. CB_ECONFIG if iso_code is not three letters or another currency is configured.
CB_MUST_USE cb_status cb_settings_currency(cb_settings *settings, cb_str iso_code, cb_error *err);

// cb_settings_fx writes the rate, in millionths, that turns an amount of that currency into the report's (1,000,000 for the report's own
// and for "" = not said); false if [fx] has none.
bool cb_settings_fx(const cb_settings *settings, cb_str iso_code, int64_t *rate_millionths);

// cb_settings_reach returns C4's c for a kind: [reach] if it names the kind, else the assumption's base.
double cb_settings_reach(const cb_settings *settings, cb_str kind);

/* Keys with a value each, for `explain`, the man page and messages. */
typedef struct cb_key_info {
    const char *section, *key, *initial, *allowed, *meaning;
} cb_key_info;
// cb_settings_keys returns the table of the [report] and [limits] keys ([assumptions]: cb_assumption_table; the others are lists).
const cb_key_info *cb_settings_keys(size_t *n);

// cb_settings_each (after cb_settings_finish) calls see() with every effective section, key and value in a fixed order (JSON "config", Run sheet).
void cb_settings_each(const cb_settings *settings, void (*see)(void *ctx, const char *section, cb_str key, cb_str value), void *ctx);

// cb_settings_print (after cb_settings_finish) appends a commented config file: [report], [calendar], [targets], [fx], [assumptions],
// [fixes], [phrases], [reach] and [limits], each key with its meaning; what is the default stands in a comment. Read back, it
// gives the same settings. [status], [kinds] and the columns are cb_mapping_print's. CB_ENOMEM.
CB_MUST_USE cb_status cb_settings_print(const cb_settings *settings, cb_buf *out, cb_error *err);

// cb_settings_word appends a word as a key or an item of a list must be written: in quotes where it needs them.
CB_MUST_USE cb_status cb_settings_word(cb_buf *out, cb_str word);

// cb_target_for returns the target of a priority (by its word), or NULL if none is configured.
const cb_target *cb_target_for(const cb_settings *settings, cb_str priority);

#endif
