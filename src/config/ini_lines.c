#include "config/config.h"

#include <ini.h>

#include <string.h>

/* inih hands lines to a reader function and takes back keys and values, but tells no line number,
 * cuts a line of 200 bytes in two, takes an indented line for a continuation and splits at the
 * first '=' or ':' wherever it stands. So the reader below feeds it one checked line at a time,
 * knows the number, and hides marks that are part of a text. */
static const char hidden_marks[] = ";=:";

typedef struct feed {
    cb_config *config;
    cb_str rest;
    cb_config_assign assign;
    cb_error *err;
    cb_status rc;
} feed;

static char hide(char c)
{
    const char *at = c ? strchr(hidden_marks, c) : NULL;
    return at ? (char)(at - hidden_marks + 1) : c;
}

static cb_str show(const char *hidden, char *out, size_t cap)
{
    size_t n = 0;
    for (; hidden[n] && n < cap; n++)
        out[n] = hidden[n] >= 1 && hidden[n] <= 3 ? hidden_marks[hidden[n] - 1] : hidden[n];
    return (cb_str){out, n};
}

static bool take_line(cb_str *rest, cb_str *line)
{
    if (rest->len == 0)
        return false;
    const char *end = memchr(rest->at, '\n', rest->len);
    size_t n = end ? (size_t)(end - rest->at) : rest->len;
    *line = cb_str_trim((cb_str){rest->at, n});
    size_t step = n + (end != NULL);
    *rest = (cb_str){rest->at + step, rest->len - step};
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_plain(cb_str line)
{
    for (size_t i = 0; i < line.len; i++)
        if ((unsigned char)line.at[i] < 0x20 && line.at[i] != '\t')
            return false;
    return true;
}

/* Index behind the quoted run that begins at `at`, or SIZE_MAX when it is not closed. */
static size_t behind_quotes(cb_str line, size_t at)
{
    for (size_t i = at + 1; i < line.len; i++) {
        if (line.at[i] != '"')
            continue;
        if (i + 1 == line.len || line.at[i + 1] != '"')
            return i + 1;
        i++;
    }
    return SIZE_MAX;
}

static size_t find_from(cb_str line, size_t from, char mark)
{
    const char *at = from < line.len ? memchr(line.at + from, mark, line.len - from) : NULL;
    return at ? (size_t)(at - line.at) : SIZE_MAX;
}

/* The mark between key and value: the first '=', or on a line without one the first ':'. */
static size_t separator_of(cb_str line)
{
    size_t from = line.at[0] == '"' ? behind_quotes(line, 0) : 0;
    if (from == SIZE_MAX)
        return SIZE_MAX;
    size_t at = find_from(line, from, '=');
    return at != SIZE_MAX ? at : find_from(line, from, ':');
}

static cb_status feed_value(feed *f, cb_str line, size_t from, char *out, size_t *n)
{
    bool fresh = true; /* a quote here opens a quoted item */
    for (size_t i = from; i < line.len;) {
        if (line.at[i] == ';' && is_blank(line.at[i - 1]))
            break;
        if (fresh && line.at[i] == '"') {
            size_t end = behind_quotes(line, i);
            if (end == SIZE_MAX)
                return cb_config_fail(f->config, f->err, "a quoted text has no closing '\"'");
            for (; i < end; i++)
                out[(*n)++] = hide(line.at[i]);
            fresh = false;
            continue;
        }
        fresh = line.at[i] == ',' || line.at[i] == '|' || (fresh && is_blank(line.at[i]));
        out[(*n)++] = line.at[i++];
    }
    return CB_OK;
}

static cb_status feed_assignment(feed *f, cb_str line, char *out, size_t *n)
{
    size_t at = separator_of(line);
    if (at == SIZE_MAX)
        return cb_config_fail(f->config, f->err,
                              "the line is neither a [section] nor 'key = value'");
    for (size_t i = 0; i < at; i++)
        out[(*n)++] = hide(line.at[i]);
    out[(*n)++] = '=';
    out[(*n)++] = ' ';
    return feed_value(f, line, at + 1, out, n);
}

static cb_status feed_section(feed *f, cb_str line, char *out, size_t *n)
{
    size_t end = find_from(line, 0, ']');
    cb_str behind =
        end == SIZE_MAX ? line : cb_str_trim((cb_str){line.at + end + 1, line.len - end - 1});
    if (end == SIZE_MAX || (behind.len && behind.at[0] != ';' && behind.at[0] != '#'))
        return cb_config_fail(f->config, f->err, "a section is written [name], alone on its line");
    f->config->section = cb_str_trim((cb_str){line.at + 1, end - 1});
    f->config->key = (cb_str){NULL, 0};
    memcpy(out, line.at, end + 1);
    *n = end + 1;
    return f->assign(f->config, (cb_str){NULL, 0}, f->err);
}

/* Keys that several lines may give. */
static bool is_list(cb_str section, cb_str line)
{
    static const char *const words[] = {".null", ".true", ".false"};
    size_t at = separator_of(line);
    cb_str key = cb_str_trim((cb_str){line.at, at == SIZE_MAX ? 0 : at});
    bool list = cb_name_eq(section, CB_LIT("fixes")) || cb_name_eq(section, CB_LIT("phrases")) ||
                (cb_name_eq(section, CB_LIT("calendar")) && cb_name_eq(key, CB_LIT("holidays")));
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        cb_str end = cb_str_of(words[i]);
        list = list ||
               (key.len > end.len && cb_str_eq((cb_str){key.at + key.len - end.len, end.len}, end));
    }
    return list;
}

static cb_status feed_line(feed *f, cb_str line, char *out, size_t room)
{
    size_t n = 0;
    cb_status rc = CB_OK;
    bool comment = line.len == 0 || line.at[0] == ';' || line.at[0] == '#';
    if (comment)
        ; /* whatever its length: inih gets an empty line */
    else if (line.len > CB_MAX_CONFIG_LINE || line.len + 3 > room)
        rc = cb_config_fail(f->config, f->err, "the line is longer than %d bytes; %s",
                            CB_MAX_CONFIG_LINE,
                            is_list(f->config->section, line)
                                ? "give a long list as several lines with the same key"
                                : "shorten it");
    else if (!is_plain(line))
        rc = cb_config_fail(f->config, f->err, "the line holds a control character");
    else if (!cb_utf8_valid(line))
        rc = cb_config_fail(f->config, f->err, "the line is not UTF-8; save the file as UTF-8");
    else
        rc = line.at[0] == '[' ? feed_section(f, line, out, &n) : feed_assignment(f, line, out, &n);
    out[n] = '\n';
    out[n + 1] = '\0';
    return rc;
}

static char *read_line(char *out, int room, void *stream)
{
    feed *f = stream;
    cb_str line;
    if (f->rc != CB_OK || !take_line(&f->rest, &line))
        return NULL;
    f->config->line++;
    f->config->key = (cb_str){NULL, 0};
    f->rc = feed_line(f, line, out, (size_t)room);
    return f->rc == CB_OK ? out : NULL;
}

static int take_pair(void *user, const char *section, const char *name, const char *value)
{
    feed *f = user;
    char key_text[CB_MAX_CONFIG_LINE + 3], value_text[CB_MAX_CONFIG_LINE + 3];
    (void)section; /* feed_section keeps it whole; inih's copy is cut at 50 bytes */
    if (f->rc != CB_OK)
        return 1;
    f->config->key = show(name, key_text, sizeof key_text);
    f->rc = f->assign(f->config, show(value, value_text, sizeof value_text), f->err);
    f->config->key = (cb_str){NULL, 0};
    return 1;
}

cb_status cb_config_ini(cb_config *config, cb_str text, cb_config_assign assign, cb_error *err)
{
    feed f = {.config = config, .rest = text, .assign = assign, .err = err, .rc = CB_OK};
    config->line = 0;
    config->section = config->key = (cb_str){NULL, 0};
    if (text.len >= 3 && !memcmp(text.at, "\xEF\xBB\xBF", 3))
        f.rest = (cb_str){text.at + 3, text.len - 3};
    int bad_line = ini_parse_stream(read_line, &f, take_pair, &f);
    if (f.rc == CB_OK && bad_line != 0)
        f.rc = cb_config_fail(config, err, "the line is neither a [section] nor 'key = value'");
    return f.rc;
}
