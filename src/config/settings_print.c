#include "config/config.h"

#include <string.h>

/* What stands above each section of the printed file. A blank note: the section is not printed. */
static const struct {
    const char *section, *note;
} notes[] = {
    {"report", ""},
    {"calendar",
     "; business time, in the zone above: shifts a day, or closed; holidays as dates\n"},
    {"assumptions", "; each as base or low..base..high; the range is what the tornado shows\n"},
    {"fx", "; what a unit of another currency is worth in the report's\n; EUR = 1.08\n"},
    {"fixes", "; since when a cause or product is mended: charts are split there\n"
              "; 2026-02-01 = seal leak\n"},
    {"phrases", "; words looked for in texts, counted in groups only\n"},
    {"reach", "; share of those with a problem who complain, for single kinds of problem\n"
              "; injury = 0.90\n"},
    {"targets", "; by priority, default for all others: h d m are elapsed time, bh bd business time\n"
                "; high = 8bh\n; default = 2bd\n"},
    {"limits", "; bounds on what an input may ask of the machine\n"},
};

static const char *note_of(const char *section)
{
    for (size_t i = 0; i < sizeof notes / sizeof *notes; i++)
        if (!strcmp(notes[i].section, section))
            return notes[i].note;
    return NULL;
}

typedef struct printing {
    const cb_settings *defaults;
    const char *section; /* at hand */
    cb_buf *out;
    cb_status rc;
} printing;

/* ---- is it what would be anyway? ---- */

typedef struct search {
    const char *section;
    cb_str key, value;
    bool same;
} search;

static void compare(void *ctx, const char *section, cb_str key, cb_str value)
{
    search *s = ctx;
    s->same |= !strcmp(s->section, section) && cb_str_eq(s->key, key) && cb_str_eq(s->value, value);
}

static bool is_default(const printing *p, cb_str key, cb_str value)
{
    search s = {.section = p->section, .key = key, .value = value};
    cb_settings_each(p->defaults, compare, &s);
    return s.same;
}

/* ---- what a key means ---- */

static cb_status put_meaning(const printing *p, cb_str key)
{
    size_t n;
    const cb_key_info *info = cb_settings_keys(&n);
    for (size_t i = 0; i < n; i++)
        if (!strcmp(info[i].section, p->section) && cb_str_eq(key, cb_str_of(info[i].key)))
            return cb_buf_text(p->out, "; %s (%s)\n", info[i].meaning, info[i].allowed);
    for (int a = 0; !strcmp(p->section, "assumptions") && a < CB_ASSUMPTIONS; a++) {
        const cb_assumption_info *one = &cb_assumption_table[a];
        if (cb_str_eq(key, cb_str_of(one->key)))
            return cb_buf_text(p->out, "; %s; evidence: %s; %s\n", one->unit, one->grade,
                               one->source);
    }
    return CB_OK;
}

/* ---- lines ---- */

static cb_status put_line(const printing *p, const char *mark, cb_str key, cb_str value, bool raw)
{
    cb_status rc = cb_buf_text(p->out, "%s", mark);
    if (rc == CB_OK)
        rc = cb_config_quote(p->out, key);
    if (rc == CB_OK)
        rc = cb_buf_text(p->out, " = ");
    if (rc == CB_OK)
        rc = raw ? cb_buf_append(p->out, value.at, value.len) : cb_config_quote(p->out, value);
    return rc == CB_OK ? cb_buf_append(p->out, "\n", 1) : rc;
}

/* A line an item: together they might be longer than a line may be. */
static cb_status put_items(const printing *p, const char *mark, cb_str key, cb_str value)
{
    cb_str rest = value, item;
    cb_status rc = CB_OK;
    while (rc == CB_OK && cb_config_item(&rest, ',', &item))
        rc = put_line(p, mark, key, item, true);
    return rc;
}

static void see(void *ctx, const char *section, cb_str key, cb_str value)
{
    printing *p = ctx;
    const char *note = note_of(section);
    if (p->rc != CB_OK || !note || strcmp(section, p->section) != 0)
        return;
    const char *mark = is_default(p, key, value) ? "; " : "";
    bool text = !strcmp(section, "report");
    bool list = !strcmp(section, "phrases") || !strcmp(section, "fixes");
    p->rc = put_meaning(p, key);
    if (p->rc == CB_OK && (list || cb_str_eq(key, CB_LIT("holidays"))))
        p->rc = put_items(p, mark, key, value);
    else if (p->rc == CB_OK)
        p->rc = put_line(p, mark, key, value, !text);
}

cb_status cb_settings_print(const cb_settings *settings, cb_buf *out, cb_error *err)
{
    cb_settings *defaults = NULL;
    cb_status rc = cb_settings_new(&defaults, settings->alloc, err);
    if (rc == CB_OK)
        rc = cb_settings_finish(defaults, err);
    printing p = {.defaults = defaults, .out = out, .rc = CB_OK};
    for (size_t i = 0; rc == CB_OK && i < sizeof notes / sizeof *notes; i++) {
        p.section = notes[i].section;
        p.rc = cb_buf_text(out, "[%s]\n%s", p.section, notes[i].note);
        if (p.rc == CB_OK)
            cb_settings_each(settings, see, &p);
        if (p.rc == CB_OK)
            p.rc = cb_buf_text(out, "\n");
        rc = p.rc == CB_OK ? CB_OK : cb_nomem(err, "the printed settings");
    }
    cb_settings_free(defaults);
    return rc;
}

cb_status cb_settings_word(cb_buf *out, cb_str word)
{
    return cb_config_quote(out, word);
}
