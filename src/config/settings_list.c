#include "config/config.h"

#include <stdio.h>
#include <string.h>

/* The list is text made once, at cb_settings_finish: cb_settings_each then cannot fail. */
typedef struct listing {
    cb_settings *settings;
    cb_config_lines *lines;
    const char *section;
    cb_buf text; /* of the value being written */
    cb_error *err;
} listing;

static cb_status add_line(listing *l, cb_str key, cb_str value)
{
    cb_config_lines *lines = l->lines;
    if (lines->n == lines->cap) {
        enum { FIRST = 256 };
        size_t cap = lines->cap ? 2 * lines->cap : FIRST;
        cb_config_line *wider = cb_arena_array(l->settings->arena, cap, sizeof *wider);
        if (wider == NULL)
            return cb_nomem(l->err, "the list of settings");
        if (lines->n)
            memcpy(wider, lines->line, lines->n * sizeof *wider);
        lines->line = wider;
        lines->cap = cap;
    }
    cb_str kept = cb_arena_copy(l->settings->arena, value);
    if (kept.at == NULL)
        return cb_nomem(l->err, "the list of settings");
    lines->line[lines->n++] = (cb_config_line){l->section, key, kept};
    return CB_OK;
}

static cb_status add_text(listing *l, cb_str key)
{
    cb_status rc = add_line(l, key, (cb_str){l->text.at ? l->text.at : "", l->text.len});
    l->text.len = 0;
    return rc;
}

static void put_number(double number, char *out, size_t cap)
{
    (void)snprintf(out, cap, "%.15g", number);
    double back;
    if (!cb_parse_double(cb_str_of(out), &back) || back < number || back > number)
        (void)snprintf(out, cap, "%.17g", number);
}

static cb_status list_key(listing *l, size_t k)
{
    const cb_key_rule *rule = &cb_key_rules[k];
    const void *from = (const char *)l->settings + rule->offset;
    cb_str key = cb_str_of(cb_key_table[k].key);
    char text[40] = "";
    l->section = cb_key_table[k].section;
    switch (rule->type) {
    case CB_KEY_TEXT:
    case CB_KEY_ZONE:
        return add_line(l, key, *(const cb_str *)from);
    case CB_KEY_CURRENCY:
        (void)snprintf(text, sizeof text, "%s", (const char *)from);
        break;
    case CB_KEY_BOOL:
        (void)snprintf(text, sizeof text, "%s", *(const bool *)from ? "yes" : "no");
        break;
    case CB_KEY_PERCENT:
        put_number(*(const double *)from, text, sizeof text);
        break;
    case CB_KEY_COUNT:
        (void)snprintf(text, sizeof text, "%lu", (unsigned long)*(const uint32_t *)from);
        break;
    case CB_KEY_LIMIT:
        (void)snprintf(text, sizeof text, "%llu", (unsigned long long)*(const uint64_t *)from);
        break;
    }
    return add_line(l, key, cb_str_of(text));
}

static cb_status list_keys(listing *l, const char *section)
{
    cb_status rc = CB_OK;
    for (size_t k = 0; rc == CB_OK && k < cb_keys; k++)
        if (!strcmp(cb_key_table[k].section, section))
            rc = list_key(l, k);
    return rc;
}

static cb_status put_shift(listing *l, cb_shift shift, const char *before)
{
    return cb_buf_text(&l->text, "%s%02d:%02d-%02d:%02d", before, (int)shift.from_s / CB_HOUR_S,
                       (int)shift.from_s / 60 % 60, (int)shift.to_s / CB_HOUR_S,
                       (int)shift.to_s / 60 % 60);
}

static cb_status list_calendar(listing *l)
{
    static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    const cb_week *week = &l->settings->week;
    cb_status rc = CB_OK;
    l->section = "calendar";
    for (unsigned d = 0; rc == CB_OK && d < 7; d++) {
        if (week->day[d].n == 0)
            rc = cb_buf_text(&l->text, "closed");
        for (unsigned i = 0; rc == CB_OK && i < week->day[d].n; i++)
            rc = put_shift(l, week->day[d].shift[i], i ? ", " : "");
        if (rc == CB_OK)
            rc = add_text(l, cb_str_of(days[d]));
    }
    for (unsigned i = 0; rc == CB_OK && i < week->holidays; i++) {
        int32_t year;
        unsigned month, day;
        cb_civil_from_days(week->holiday_days[i], &year, &month, &day);
        rc = cb_buf_text(&l->text, "%s%04d-%02u-%02u", i ? ", " : "", (int)year, month, day);
    }
    return rc == CB_OK ? add_text(l, CB_LIT("holidays")) : rc;
}

static cb_status list_assumptions(listing *l)
{
    cb_status rc = CB_OK;
    l->section = "assumptions";
    for (int a = 0; rc == CB_OK && a < CB_ASSUMPTIONS; a++) {
        const cb_assumption *range = &l->settings->assumption[a];
        char low[32], base[32], high[32];
        put_number(range->low, low, sizeof low);
        put_number(range->base, base, sizeof base);
        put_number(range->high, high, sizeof high);
        bool one = !strcmp(low, base) && !strcmp(base, high);
        rc = one ? cb_buf_text(&l->text, "%s", base)
                 : cb_buf_text(&l->text, "%s..%s..%s", low, base, high);
        if (rc == CB_OK)
            rc = add_text(l, cb_str_of(cb_assumption_table[a].key));
    }
    return rc;
}

/* Neighbours with the same word are one list. */
static cb_status list_pairs(listing *l, cb_free_section section)
{
    const cb_pairs *pairs = cb_config_pairs(l->settings, section);
    cb_status rc = CB_OK;
    bool list = section == CB_FREE_FIXES || section == CB_FREE_PHRASES;
    l->section = cb_free_names[section];
    for (unsigned i = 0; rc == CB_OK && i < pairs->n; i++) {
        bool more =
            list && i + 1 < pairs->n && cb_str_eq(pairs->pair[i].word, pairs->pair[i + 1].word);
        rc = list ? cb_config_quote(&l->text, pairs->pair[i].meaning)
                  : cb_buf_append(&l->text, pairs->pair[i].meaning.at, pairs->pair[i].meaning.len);
        if (rc == CB_OK)
            rc = more ? cb_buf_append(&l->text, ", ", 2) : add_text(l, pairs->pair[i].word);
    }
    return rc;
}

static cb_status add_attribute(listing *l, const char *field, const char *attribute, cb_str value)
{
    if (value.len == 0)
        return CB_OK;
    cb_str key =
        cb_arena_text(l->settings->arena, "%s%s%s", field, attribute[0] ? "." : "", attribute);
    return key.at ? add_line(l, key, value) : cb_nomem(l->err, "the list of settings");
}

static cb_status add_words(listing *l, const char *field, const char *attribute, const cb_str *word,
                           unsigned n)
{
    cb_status rc = CB_OK;
    for (unsigned i = 0; rc == CB_OK && i < n; i++) {
        rc = i ? cb_buf_append(&l->text, ", ", 2) : CB_OK;
        if (rc == CB_OK)
            rc = cb_config_quote(&l->text, word[i]);
    }
    if (rc == CB_OK)
        rc = add_attribute(l, field, attribute, (cb_str){l->text.at, l->text.len});
    l->text.len = 0;
    return rc;
}

static cb_status list_field(listing *l, const char *name, const cb_field_setting *field)
{
    const struct {
        const char *attribute;
        cb_str value;
    } texts[] = {{"", field->column},
                 {"format", field->format},
                 {"decimal", field->decimal},
                 {"zone", field->zone},
                 {"scale", field->scale},
                 {"unit", field->unit},
                 {"clock", field->clock}};
    cb_status rc = CB_OK;
    for (size_t i = 0; rc == CB_OK && i < sizeof texts / sizeof *texts; i++)
        rc = add_attribute(l, name, texts[i].attribute, texts[i].value);
    if (rc == CB_OK)
        rc = add_words(l, name, "true", field->true_word, field->true_words);
    if (rc == CB_OK)
        rc = add_words(l, name, "false", field->false_word, field->false_words);
    return rc == CB_OK ? add_words(l, name, "null", field->null_word, field->null_words) : rc;
}

static cb_status list_role(listing *l, cb_role role)
{
    const cb_role_setting *setting = &l->settings->role[role];
    bool tab = cb_str_eq(setting->delimiter, CB_LIT("\t"));
    l->section = cb_role_names[role];
    cb_status rc = add_attribute(l, "preset", "", setting->preset);
    if (rc == CB_OK)
        rc = add_attribute(l, "encoding", "", setting->encoding);
    if (rc == CB_OK)
        rc = add_attribute(l, "delimiter", "", tab ? CB_LIT("tab") : setting->delimiter);
    for (unsigned f = 0; rc == CB_OK && f < cb_schemas[role].fields; f++)
        rc = list_field(l, cb_schemas[role].field[f].name, &setting->field[f]);
    return rc;
}

static cb_status list_all(listing *l)
{
    cb_status rc = list_keys(l, "report");
    if (rc == CB_OK)
        rc = list_calendar(l);
    if (rc == CB_OK)
        rc = list_assumptions(l);
    for (int s = 0; rc == CB_OK && s < CB_FREE_SECTIONS; s++)
        rc = list_pairs(l, (cb_free_section)s);
    for (int r = 0; rc == CB_OK && r < CB_ROLES; r++)
        rc = list_role(l, (cb_role)r);
    return rc == CB_OK ? list_keys(l, "limits") : rc;
}

cb_status cb_config_list(cb_settings *settings, cb_error *err)
{
    listing l = {.settings = settings, .err = err};
    l.lines = cb_arena_get(settings->arena, sizeof *l.lines);
    if (l.lines == NULL)
        return cb_nomem(err, "the list of settings");
    cb_buf_init(&l.text, settings->alloc, CB_MAX_CONFIG_BYTES);
    cb_status rc = list_all(&l);
    cb_buf_free(&l.text);
    if (rc == CB_OK)
        settings->lines = l.lines;
    return rc == CB_ENOMEM || rc == CB_ELIMIT ? cb_nomem(err, "the list of settings") : rc;
}

/* The currency may be found by ingest after the list was made. */
void cb_settings_each(const cb_settings *settings,
                      void (*see)(void *ctx, const char *section, cb_str key, cb_str value),
                      void *ctx)
{
    for (size_t i = 0; settings->lines && i < settings->lines->n; i++) {
        const cb_config_line *line = &settings->lines->line[i];
        bool currency =
            !strcmp(line->section, "report") && cb_str_eq(line->key, CB_LIT("currency"));
        see(ctx, line->section, line->key, currency ? cb_str_of(settings->currency) : line->value);
    }
}
