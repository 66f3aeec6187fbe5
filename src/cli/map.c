/* `casebook map`: the mapping of a header, with what the rows give under it. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

#include "casebook/mapping.h"
#include "samples.h"

typedef struct mapping_run {
    const cb_options *options;
    const char *path;
    cb_role role;      /* CB_ROLES until the header was read */
    const char *given; /* --preset as given, or NULL */
    cb_settings *settings;
    cb_buf map, out;
    cb_ingest *ingest; /* NULL where the rows were not read */
    cb_status read;    /* of the rows as a whole */
    cb_error why;
} mapping_run;

/* --preset NAME is kept with the cases; only NAME:ROLE says a role. */
static void find_role(mapping_run *m)
{
    m->role =
        m->options->words == 0 && m->options->inputs > 0 ? m->options->input[0].role : CB_ROLES;
    for (int role = 0; role < CB_ROLES && !m->given; role++) {
        m->given = m->options->preset[role];
        if (m->given && strchr(m->given, ':'))
            m->role = (cb_role)role;
    }
}

static cb_str preset_of(const mapping_run *m)
{
    return m->given ? (cb_str){m->given, strcspn(m->given, ":")} : CB_LIT("");
}

/* ---- the rows ---- */

/* The section that was printed tells the role. */
static cb_role printed_role(cb_str map)
{
    for (int role = 0; role < CB_ROLES; role++) {
        char section[32];
        int n = snprintf(section, sizeof section, "\n[%s]\n", cb_role_names[role]);
        for (size_t i = 0; i + (size_t)n <= map.len; i++)
            if (memcmp(map.at + i, section, (size_t)n) == 0)
                return (cb_role)role;
    }
    return CB_CASES;
}

static cb_status read_rows(mapping_run *m, cb_error *err)
{
    cb_options *one = malloc(sizeof *one);
    if (!one)
        return cb_nomem(err, "the options");
    *one = *m->options;
    one->inputs = 1;
    one->input[0] = (cb_cli_input){m->role, m->path};
    memset(one->preset, 0, sizeof one->preset);
    one->preset[m->role] = m->given;
    m->read = cb_options_ingest(one, m->settings, &m->ingest, &m->why);
    free(one);
    if (m->read != CB_OK) { /* a column that fits two readings, say: the mapping still stands */
        cb_ingest_free(m->ingest);
        m->ingest = NULL;
        return m->read == CB_EDATA || m->read == CB_ECONFIG
                   ? CB_OK
                   : cb_fail(err, m->read, "%s", m->why.why);
    }
    m->read = cb_ingest_done(m->ingest, &m->why);
    return CB_OK;
}

/* ---- output ---- */

static int field_of_line(const mapping_run *m, cb_str line)
{
    for (unsigned f = 0; f < cb_schemas[m->role].fields; f++) {
        cb_str name = cb_str_of(cb_schemas[m->role].field[f].name);
        if (line.len > name.len + 2 && memcmp(line.at, name.at, name.len) == 0 &&
            memcmp(line.at + name.len, " = ", 3) == 0)
            return (int)f;
    }
    return -1;
}

static cb_status put_lines(mapping_run *m)
{
    cb_status rc = CB_OK;
    bool in_role = true; /* a word of [status] or [kinds] may look like a field */
    for (size_t at = 0; rc == CB_OK && at < m->map.len;) {
        const char *from = m->map.at + at;
        const char *end = memchr(from, '\n', m->map.len - at);
        cb_str line = {from, end ? (size_t)(end - from) + 1 : m->map.len - at};
        at += line.len;
        if (line.at[0] == '[')
            in_role =
                line.at[1] == cb_role_names[m->role][0] && line.at[2] == cb_role_names[m->role][1];
        rc = cb_buf_append(&m->out, line.at, line.len);
        int f = in_role && m->ingest ? field_of_line(m, line) : -1;
        if (rc == CB_OK && f >= 0)
            rc = cb_samples_put(&m->out, m->ingest, m->settings, (unsigned)f, m->read == CB_OK);
    }
    return rc;
}

/* The reason as comment lines, so that all of it can be pasted. */
static cb_status put_reason(mapping_run *m)
{
    cb_status rc = cb_buf_text(&m->out, "\n; %s:\n",
                               m->ingest ? "As it stands, a report would be refused"
                                         : "The rows could not be read");
    for (const char *from = m->why.why; rc == CB_OK && *from;) {
        size_t n = strcspn(from, "\n");
        enum { MOST = 160 };
        size_t part = n < MOST ? n : MOST;
        while (part < n && part > 1 && from[part - 1] != ' ')
            part--;
        rc = cb_buf_text(&m->out, "; %.*s\n", (int)part, from);
        from += part;
        from += *from == '\n';
    }
    return rc;
}

/* Words of the status column that are not known, to be given their meaning. */
static cb_status put_unknown(mapping_run *m)
{
    const cb_unknown_words *words =
        m->ingest ? &cb_ingest_input(m->ingest, 0)->unknown_status : NULL;
    cb_status rc = words && words->n
                       ? cb_buf_text(&m->out, "\n; Not known yet; under [status], each "
                                              "= open, pending, resolved, closed or "
                                              "withdrawn:\n")
                       : CB_OK;
    for (unsigned i = 0; rc == CB_OK && words && i < words->n; i++) {
        rc = cb_buf_text(&m->out, "; ");
        if (rc == CB_OK)
            rc = cb_settings_word(&m->out, cb_str_of(words->word[i]));
        if (rc == CB_OK)
            rc = cb_buf_text(&m->out, " = open\n");
    }
    return rc;
}

/* Kinds of problem as the export calls them, to be given their meaning. */
static cb_status put_kinds(mapping_run *m)
{
    enum { MOST_KINDS = 40 };
    const cb_intern *pool = m->ingest ? cb_ingest_book(m->ingest)->pool[CB_POOL_KIND] : NULL;
    cb_status rc = cb_buf_text(&m->out, "\n; [kinds]: the export's word = one of: ");
    for (int k = 0; rc == CB_OK && k < CB_KINDS; k++)
        rc = cb_buf_text(&m->out, "%s%s", k ? ", " : "", cb_kind_names[k]);
    if (rc == CB_OK)
        rc = cb_buf_text(&m->out, "\n");
    for (uint32_t id = 1; rc == CB_OK && pool && id < cb_intern_count(pool) && id <= MOST_KINDS;
         id++) {
        cb_str word = cb_intern_text(pool, id);
        if (cb_kind_find(word) >= 0 || word.len > CB_MAX_CONFIG_LINE / 2)
            continue;
        rc = cb_buf_text(&m->out, "; ");
        if (rc == CB_OK)
            rc = cb_settings_word(&m->out, word);
        if (rc == CB_OK)
            rc = cb_buf_text(&m->out, " = routine\n");
    }
    return rc;
}

static cb_status compose(mapping_run *m, cb_error *err)
{
    cb_status rc = CB_OK;
    if (m->options->full) {
        rc = cb_buf_text(&m->out, "; Made by `casebook map --full`. A line behind ';' shows the "
                                  "default; take the ';' away to change it.\n\n");
        if (rc == CB_OK)
            rc = cb_settings_print(m->settings, &m->out, err);
    }
    if (rc == CB_OK)
        rc = put_lines(m);
    if (rc == CB_OK)
        rc = put_unknown(m);
    if (rc == CB_OK && m->options->full && m->role == CB_CASES)
        rc = put_kinds(m);
    if (rc == CB_OK && m->read != CB_OK)
        rc = put_reason(m);
    return rc == CB_OK ? CB_OK : cb_nomem(err, "the mapping");
}

static cb_status map_file(mapping_run *m, cb_error *err)
{
    cb_status rc = cb_options_settings(m->options, &m->settings, err);
    if (rc == CB_OK)
        rc = cb_ingest_map(m->settings, m->path, m->role, preset_of(m), &m->map, err);
    if (rc != CB_OK)
        return rc;
    m->role = printed_role((cb_str){m->map.at, m->map.len});
    if (strcmp(m->path, "-") != 0) /* standard input is gone after its header */
        rc = read_rows(m, err);
    return rc == CB_OK ? compose(m, err) : rc;
}

cb_status cb_command_map(const cb_options *options, cb_error *err)
{
    mapping_run m = {.options = options};
    m.path = options->words > 0    ? options->word[0]
             : options->inputs > 0 ? options->input[0].path
                                   : NULL;
    if (!m.path || options->words > 1)
        return cb_fail(err, CB_EUSAGE, "`casebook map` takes one FILE");
    find_role(&m);
    cb_buf_init(&m.map, cb_alloc_libc(), 1 << 24);
    cb_buf_init(&m.out, cb_alloc_libc(), 1 << 24);
    cb_status rc = map_file(&m, err);
    if (rc == CB_OK)
        cb_print("%.*s", (int)m.out.len, m.out.at);
    cb_buf_free(&m.out);
    cb_buf_free(&m.map);
    cb_ingest_free(m.ingest);
    cb_settings_free(m.settings);
    return rc;
}
