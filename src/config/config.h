/* config.h - inside src/config: one source of configuration while it is read.
 *
 * A source is a file, a preset, the environment or one --set. cb_config carries what every message
 * needs (source, line, section, key) and where texts are kept. Assignments arrive one by one;
 * values are raw: quotes still on, so that lists can be cut before the quotes are taken off. */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "casebook/alloc.h"
#include "casebook/settings.h"
#include "casebook/status.h"

/* Which keys were given, by which source: a scalar key once per source, a list's first line
 * replaces what an earlier source said. Names of different sections do not meet. */
typedef struct cb_config_names cb_config_names;

typedef struct cb_config_name {
    unsigned source; /* number of the last source that gave it; 0 none */
    unsigned line;
    unsigned ix; /* of a pair: its place in the list */
} cb_config_name;

cb_config_names *cb_config_names_new(const cb_alloc *alloc); /* NULL: no memory */
void cb_config_names_free(cb_config_names *names);
void cb_config_names_next_source(cb_config_names *names);

typedef struct cb_config {
    cb_arena *arena;
    cb_config_names *names;
    cb_settings *settings; /* NULL while a preset is read */
    void *target;          /* what a preset's reader fills */
    const char *source;    /* "casebook.ini", "--set", "CASEBOOK_…" */
    unsigned line;         /* 0: the source has no lines */
    cb_str section, key;   /* of the assignment at hand; key.at NULL: a section begins */
} cb_config;

typedef cb_status (*cb_config_assign)(cb_config *config, cb_str value, cb_error *err);

// cb_config_ini cuts text into assignments by inih, under the dialect of settings.h.
CB_MUST_USE cb_status cb_config_ini(cb_config *config, cb_str text, cb_config_assign assign,
                                    cb_error *err);

// cb_config_fail says "source:line: [section] key: " and the sentence; returns CB_ECONFIG.
cb_status cb_config_fail(const cb_config *config, cb_error *err, const char *format, ...)
    CB_PRINTF(3, 4);

// cb_config_unknown says that given is no `what` and which of the right ones is nearest, or all of
// them.
cb_status cb_config_unknown(const cb_config *config, const char *what, cb_str given,
                            const char *const *right, size_t n, cb_error *err);

// cb_config_name_of finds or adds the entry of config->section and key.
CB_MUST_USE cb_status cb_config_name_of(cb_config *config, cb_str key, cb_config_name **out,
                                        cb_error *err);

// cb_config_once marks the scalar config->key as given; CB_ECONFIG if this source gave it before.
CB_MUST_USE cb_status cb_config_once(cb_config *config, cb_error *err);

// cb_config_first marks a list key as given and says whether this source gives it for the first
// time.
CB_MUST_USE cb_status cb_config_first(cb_config *config, cb_str key, bool *first, cb_error *err);

/* --- texts (config_text.c) --- */

// cb_config_item cuts the next item, trimmed and with its quotes, from *rest; false at the end.
bool cb_config_item(cb_str *rest, char separator, cb_str *item);

// cb_config_unquote takes the quotes off and copies the text into the arena.
CB_MUST_USE cb_status cb_config_unquote(cb_config *config, cb_str value, cb_str *out,
                                        cb_error *err);

// cb_config_quote appends text so that it reads back as one key, value or item.
CB_MUST_USE cb_status cb_config_quote(cb_buf *out, cb_str text);

// cb_config_words_eq compares words of an export: by cb_name_eq, or bytewise where nothing is left
// of one ("-", "?").
bool cb_config_words_eq(cb_str a, cb_str b);

bool cb_config_bool(cb_str text, bool *out);           /* yes no true false on off 1 0 */
bool cb_config_date(cb_str text, int64_t *days);       /* 2026-12-25 */
bool cb_config_whole(cb_str text, uint64_t *out);      /* 512, "8 MiB" */
bool cb_config_range(cb_str text, cb_assumption *out); /* "0.15" or "0.10..0.15..0.20" */
bool cb_config_duration(cb_str text, int64_t business_day_s,
                        cb_target *out);               /* "8h", "30m", "2d", "8bh", "2bd" */
bool cb_config_rate(cb_str text, int64_t *millionths); /* "1.08": at most six decimals, > 0 */

/* --- sections --- */

// cb_config_settings assigns to config->settings (every section of a config file).
cb_status cb_config_settings(cb_config *config, cb_str value, cb_error *err);

// cb_config_role assigns a key of [cases], [reviews] or [customers].
CB_MUST_USE cb_status cb_config_role(cb_config *config, cb_role role, cb_role_setting *setting,
                                     cb_str value, cb_error *err);

/* The free sections: words on the left, meanings on the right. */
typedef enum cb_free_section {
    CB_FREE_KINDS,
    CB_FREE_STATUS,
    CB_FREE_FX,
    CB_FREE_FIXES,
    CB_FREE_PHRASES,
    CB_FREE_REACH,
    CB_FREE_TARGETS,
    CB_FREE_SECTIONS
} cb_free_section;
extern const char *const cb_free_names[CB_FREE_SECTIONS];

// cb_config_pair assigns config->key = value to the list of a free section.
CB_MUST_USE cb_status cb_config_pair(cb_config *config, cb_free_section section, cb_pairs *pairs,
                                     cb_str value, cb_error *err);

cb_pairs *cb_config_pairs(cb_settings *settings, cb_free_section section);

/* [report] and [limits] */
typedef enum cb_key_type {
    CB_KEY_TEXT,
    CB_KEY_ZONE,
    CB_KEY_CURRENCY,
    CB_KEY_COUNT,
    CB_KEY_PERCENT,
    CB_KEY_BOOL,
    CB_KEY_LIMIT
} cb_key_type;

typedef struct cb_key_rule {
    cb_key_type type;
    size_t offset; /* into cb_settings */
    double min, max;
} cb_key_rule;
extern const cb_key_info cb_key_table[];
extern const cb_key_rule cb_key_rules[];
extern const size_t cb_keys;

/* What cb_settings_each shows, made by cb_settings_finish. */
typedef struct cb_config_line {
    const char *section;
    cb_str key, value;
} cb_config_line;

typedef struct cb_config_lines {
    size_t n, cap;
    cb_config_line *line;
} cb_config_lines;

CB_MUST_USE cb_status cb_config_list(cb_settings *settings, cb_error *err);

#endif
