#include "config/config.h"

#include <string.h>

/* --- keys of the whole input: preset, encoding, delimiter --- */

static cb_status set_name(cb_config *config, cb_str text, cb_str *into, cb_error *err)
{
    enum { MAX_NAME_BYTES = 60 };
    bool ok = text.len <= MAX_NAME_BYTES;
    for (size_t i = 0; ok && i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             strchr("-_.:", c) != NULL;
    }
    if (!ok)
        return cb_config_fail(config, err,
                              "a name has letters, digits, '-', '_', '.' and ':' only");
    *into = text;
    return CB_OK;
}

static cb_status set_delimiter(cb_config *config, cb_str text, cb_str *into, cb_error *err)
{
    static const char *const names[] = {"comma", "semicolon", "tab", "pipe"};
    static const char *const marks[] = {",", ";", "\t", "|"};
    for (size_t i = 0; i < 4; i++) {
        if (cb_str_eq_nocase(text, cb_str_of(names[i])) || cb_str_eq(text, cb_str_of(marks[i]))) {
            *into = cb_str_of(marks[i]);
            return CB_OK;
        }
    }
    return cb_config_unknown(config, "delimiter", text, names, 4, err);
}

static const char *const whole_names[] = {"preset", "encoding", "delimiter"};
enum { WHOLE = 3 };

static cb_status assign_whole(cb_config *config, int ix, cb_role_setting *setting, cb_str value,
                              cb_error *err)
{
    cb_str *const into[WHOLE] = {&setting->preset, &setting->encoding, &setting->delimiter};
    cb_str text;
    cb_status rc = cb_config_once(config, err);
    if (rc == CB_OK)
        rc = cb_config_unquote(config, value, &text, err);
    if (rc != CB_OK)
        return rc;
    return ix == 2 && text.len ? set_delimiter(config, text, into[ix], err)
                               : set_name(config, text, into[ix], err);
}

/* --- attributes of a field --- */

static cb_status set_format(cb_config *config, cb_str text, cb_field_setting *field, cb_error *err)
{
    enum { MAX_FORMAT = 48 }; /* what the reader of times keeps */
    bool has[128] = {false};
    if (text.len > MAX_FORMAT)
        return cb_config_fail(config, err, "a format has at most %d characters", MAX_FORMAT);
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] != '%')
            continue;
        char c = ++i < text.len ? text.at[i] : '\0';
        if (c == '\0' || strchr("dmbByYHIMSpzfs%", c) == NULL)
            return cb_config_fail(
                config, err,
                "after '%%' stands one of d m b B y Y H I M S p z f s, as in %%d/%%m/%%Y %%H:%%M");
        has[(unsigned char)c] = true;
    }
    bool date = has['d'] && (has['m'] || has['b'] || has['B']) && (has['y'] || has['Y']);
    if (!date && !has['s'])
        return cb_config_fail(
            config, err,
            "a format needs day, month and year (%%d %%m %%Y), or %%s for seconds since 1970");
    if (has['I'] && !has['p'])
        return cb_config_fail(config, err, "a 12-hour clock (%%I) needs %%p for AM or PM");
    field->format = text;
    return CB_OK;
}

static cb_status set_decimal(cb_config *config, cb_str text, cb_field_setting *field, cb_error *err)
{
    bool comma = cb_str_eq(text, CB_LIT(",")) || cb_str_eq_nocase(text, CB_LIT("comma"));
    bool point = cb_str_eq(text, CB_LIT(".")) || cb_str_eq_nocase(text, CB_LIT("point"));
    if (!comma && !point)
        return cb_config_fail(config, err, "the decimal mark is point or comma");
    field->decimal = comma ? CB_LIT(",") : CB_LIT(".");
    return CB_OK;
}

static cb_status set_zone(cb_config *config, cb_str text, cb_field_setting *field, cb_error *err)
{
    cb_zone *zone = NULL;
    cb_error why = {0};
    cb_status rc = cb_zone_open(&zone, text.at, &why);
    cb_zone_free(zone);
    if (rc == CB_ECONFIG)
        return cb_config_fail(config, err, "%s", why.why);
    if (rc != CB_OK)
        return cb_fail(err, rc, "%s", why.why);
    field->zone = text;
    return CB_OK;
}

static cb_status set_scale(cb_config *config, cb_str text, cb_field_setting *field, cb_error *err)
{
    double low, high;
    const char *dash = memchr(text.at, '-', text.len);
    size_t at = dash ? (size_t)(dash - text.at) : 0;
    bool words = cb_str_eq_nocase(text, CB_LIT("good-bad")) ||
                 cb_str_eq_nocase(text, CB_LIT("stars/10")) ||
                 cb_str_eq_nocase(text, CB_LIT("percent"));
    bool range =
        at > 0 && cb_parse_double(cb_str_trim((cb_str){text.at, at}), &low) &&
        cb_parse_double(cb_str_trim((cb_str){text.at + at + 1, text.len - at - 1}), &high) &&
        low < high;
    if (!words && !range)
        return cb_config_fail(
            config, err, "a scale is LOW-HIGH, as 1-5 or 0-10, or good-bad, stars/10, percent");
    field->scale = text;
    return CB_OK;
}

static cb_status set_words(cb_config *config, cb_str value, cb_str *word, unsigned *n,
                           cb_error *err)
{
    bool first;
    cb_status rc = cb_config_first(config, config->key, &first, err);
    if (rc == CB_OK && first)
        *n = 0;
    cb_str rest = cb_str_trim(value), item;
    while (rc == CB_OK && cb_config_item(&rest, ',', &item)) {
        if (item.len == 0)
            return cb_config_fail(config, err,
                                  "an item of the list is empty; a blank cell is always unknown");
        if (*n == CB_MAX_WORDS_OF_FIELD)
            return cb_config_fail(config, err, "the list has more than %d words",
                                  CB_MAX_WORDS_OF_FIELD);
        rc = cb_config_unquote(config, item, &word[*n], err);
        *n += rc == CB_OK;
    }
    return rc;
}

static cb_status set_clock(cb_config *config, cb_str text, cb_field_setting *field, cb_error *err)
{
    if (text.len == 0)
        return cb_config_fail(config, err, "name the column that holds the time of day");
    field->clock = text;
    return CB_OK;
}

static cb_status set_unit(cb_config *config, cb_str text, cb_field_setting *field, cb_error *err)
{
    static const char *const units[] = {"seconds", "minutes", "hours", "days"};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (cb_str_eq_nocase(text, cb_str_of(units[i]))) {
            field->unit = cb_str_of(units[i]);
            return CB_OK;
        }
    return cb_config_unknown(config, "unit of time", text, units, sizeof units / sizeof *units,
                             err);
}

/* Names parted by '|': each is something, and only a first field can be the line's number. */
static cb_status set_column(cb_config *config, bool first_field, cb_str value,
                            cb_field_setting *field, cb_error *err)
{
    cb_str text = cb_arena_copy(config->arena, cb_str_trim(value));
    cb_str rest = text, item, name;
    cb_status rc = text.at ? cb_config_once(config, err) : cb_nomem(err, "the configuration");
    while (rc == CB_OK && cb_config_item(&rest, '|', &item)) {
        rc = cb_config_unquote(config, item, &name, err);
        if (rc == CB_OK && name.len == 0)
            rc = cb_config_fail(config, err, "name the export's column, (column 3), or (none)");
        if (rc == CB_OK && cb_str_eq_nocase(item, CB_LIT("(line)")) && !first_field)
            rc = cb_config_fail(
                config, err,
                "(line) stands for an id that the export lacks, not for another field");
    }
    if (rc == CB_OK)
        field->column = text;
    return rc;
}

#define FOR(type) (1U << CB_TYPE_##type)
enum { ANY_TYPE = ~0U >> 1 };

static const struct attribute {
    const char *name;
    unsigned types;
    cb_status (*set)(cb_config *config, cb_str text, cb_field_setting *field,
                     cb_error *err); /* NULL: a list of words */
} attributes[] = {
    {"format", FOR(TIME), set_format}, {"decimal", FOR(AMOUNT) | FOR(DURATION), set_decimal},
    {"zone", FOR(TIME), set_zone},     {"scale", FOR(SCORE), set_scale},
    {"true", FOR(FLAG), NULL},         {"false", FOR(FLAG), NULL},
    {"clock", FOR(TIME), set_clock},   {"unit", FOR(DURATION), set_unit},
    {"null", ANY_TYPE, NULL},
};
enum { ATTRIBUTES = sizeof attributes / sizeof *attributes };

static int find_attribute(cb_str name)
{
    for (int a = 0; a < ATTRIBUTES; a++)
        if (cb_name_eq(name, cb_str_of(attributes[a].name)))
            return a;
    return -1;
}

static cb_status set_attribute(cb_config *config, const struct attribute *attribute, cb_str value,
                               cb_field_setting *field, cb_error *err)
{
    if (attribute->set == NULL) {
        cb_str *const word[] = {field->true_word, field->false_word, field->null_word};
        unsigned *const n[] = {&field->true_words, &field->false_words, &field->null_words};
        int list = attribute->name[0] == 't' ? 0 : attribute->name[0] == 'f' ? 1 : 2;
        return set_words(config, value, word[list], n[list], err);
    }
    cb_str text;
    cb_status rc = cb_config_once(config, err);
    if (rc == CB_OK)
        rc = cb_config_unquote(config, value, &text, err);
    return rc == CB_OK ? attribute->set(config, text, field, err) : rc;
}

static cb_status unknown_attribute(cb_config *config, cb_str given, cb_error *err)
{
    const char *names[ATTRIBUTES];
    for (int a = 0; a < ATTRIBUTES; a++)
        names[a] = attributes[a].name;
    return cb_config_unknown(config, "property of a field", given, names, ATTRIBUTES, err);
}

static cb_status unknown_field(cb_config *config, cb_role role, cb_str given, cb_error *err)
{
    const char *names[CB_MAX_FIELDS_OF_ROLE + WHOLE];
    unsigned n = cb_schemas[role].fields;
    for (unsigned f = 0; f < n; f++)
        names[f] = cb_schemas[role].field[f].name;
    for (int w = 0; w < WHOLE; w++)
        names[n + (unsigned)w] = whole_names[w];
    return cb_config_unknown(config, "field", given, names, n + WHOLE, err);
}

static size_t find_last(cb_str text, char mark)
{
    for (size_t i = text.len; i > 0; i--)
        if (text.at[i - 1] == mark)
            return i - 1;
    return SIZE_MAX;
}

/* opened_at.format, or opened_at_format as the environment must write it. */
static void split_key(cb_role role, cb_str key, cb_str *field, cb_str *attribute)
{
    size_t dot = find_last(key, '.'), line = find_last(key, '_');
    size_t at = dot;
    *field = key;
    *attribute = (cb_str){NULL, 0};
    if (dot == SIZE_MAX && line != SIZE_MAX && cb_field_find(role, key) < 0 &&
        find_attribute((cb_str){key.at + line + 1, key.len - line - 1}) >= 0)
        at = line;
    if (at == SIZE_MAX)
        return;
    *field = (cb_str){key.at, at};
    *attribute = (cb_str){key.at + at + 1, key.len - at - 1};
}

cb_status cb_config_role(cb_config *config, cb_role role, cb_role_setting *setting, cb_str value,
                         cb_error *err)
{
    cb_str name, attribute_name;
    for (int w = 0; w < WHOLE; w++)
        if (cb_name_eq(config->key, cb_str_of(whole_names[w])))
            return assign_whole(config, w, setting, value, err);
    split_key(role, config->key, &name, &attribute_name);
    int f = cb_field_find(role, name);
    if (f < 0)
        return unknown_field(config, role, name, err);
    if (attribute_name.at == NULL)
        return set_column(config, f == 0, value, &setting->field[f], err);
    int a = find_attribute(attribute_name);
    if (a < 0)
        return unknown_attribute(config, attribute_name, err);
    if (!(attributes[a].types & 1U << cb_schemas[role].field[f].type))
        return cb_config_fail(config, err, "a %s has no '%s'",
                              (const char *const[]){"word", "time", "amount", "count",
                                                    "yes/no field", "score", "status", "text",
                                                    "duration"}[cb_schemas[role].field[f].type],
                              attributes[a].name);
    return set_attribute(config, &attributes[a], value, &setting->field[f], err);
}
