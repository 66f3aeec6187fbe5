/* The beginning of an input: source, delimiter, header, mapping. The delimiter is the one under
 * which the header fits best; the rows are not looked at. */
#include "ingest/ingest_parts.h"

enum { HEADER_STEP = 1 << 16 };

static const char usual[] = {',', ';', '\t', '|'}; /* delimiters */

typedef struct opening {
    cb_file *file;
    cb_arena *arena;
    cb_mapping_request request;
    cb_str encoding;  /* the source was opened with it */
    char separator;   /* of a first line "sep=;", which only spreadsheets read; 0: none */
    size_t body_at;   /* in feed.ahead, behind that line */
    size_t header_at; /* of the header record in feed.ahead, behind blank lines */
    uint64_t header_line;
    cb_record record; /* under the delimiter chosen */
} opening;

/* ---- the header record ---- */

static bool blank_line(cb_str line)
{
    return cb_str_trim(line).len == 0;
}

/* Finds the first record that is not blank; false: more bytes are needed. */
static bool find_header(opening *o, char delimiter, size_t limit)
{
    const cb_feed *feed = &o->file->feed;
    cb_str text = {feed->ahead.at, feed->ahead.len};
    o->header_line = o->separator ? 2 : 1;
    for (o->header_at = o->body_at; o->header_at < text.len; o->header_at = o->record.next) {
        o->record = cb_record_next(text, o->header_at, delimiter, limit);
        if (o->record.next >= text.len && !feed->ended)
            return false;
        if (!blank_line(o->record.text))
            return true;
        o->header_line += o->record.lines;
    }
    return feed->ended;
}

static cb_status read_ahead(cb_feed *feed, cb_error *err)
{
    size_t more = 0;
    if (cb_buf_reserve(&feed->ahead, HEADER_STEP) != CB_OK)
        return cb_nomem(err, "the header");
    cb_status rc =
        cb_source_read(feed->source, feed->ahead.at + feed->ahead.len, HEADER_STEP, &more, err);
    feed->ahead.len += more;
    feed->ended = rc == CB_OK && more < HEADER_STEP;
    return rc;
}

/* "sep=;" alone on the first line, perhaps in quotes. */
static cb_status find_separator(opening *o, cb_error *err)
{
    cb_feed *feed = &o->file->feed;
    cb_status rc = read_ahead(feed, err);
    o->separator = 0;
    o->body_at = 0;
    if (rc != CB_OK || feed->ahead.len == 0)
        return rc;
    const char *at = feed->ahead.at, *end = at + feed->ahead.len, *lf = NULL;
    at += end - at >= 3 && !memcmp(at, "\xEF\xBB\xBF", 3) ? 3 : 0;
    bool quoted = at < end && *at == '"';
    at += quoted;
    if (end - at < 5 || !cb_str_eq_nocase((cb_str){at, 4}, CB_LIT("sep=")) ||
        !memchr(usual, at[4], sizeof usual))
        return CB_OK;
    lf = at + 5 + quoted;
    if (lf >= end || (quoted && at[5] != '"') || (*lf != '\r' && *lf != '\n'))
        return CB_OK;
    lf += *lf == '\r' && lf + 1 < end && lf[1] == '\n';
    o->separator = at[4];
    o->body_at = (size_t)(lf + 1 - feed->ahead.at);
    return CB_OK;
}

static cb_status read_header(opening *o, char delimiter, cb_error *err)
{
    const char *path = o->request.file;
    size_t limit = (size_t)o->file->ingest->settings->limits.record_bytes;
    cb_status rc = CB_OK;
    while (!find_header(o, delimiter, limit)) {
        rc = read_ahead(&o->file->feed, err);
        if (rc != CB_OK)
            return rc;
    }
    if (o->header_at >= o->file->feed.ahead.len)
        return cb_fail(err, CB_EDATA, "%s: no header: there is nothing but blank lines in it",
                       path);
    if (o->record.oversize)
        return cb_fail(err, CB_EDATA,
                       "%s, line %llu: the header is longer than %zu bytes ([limits] record_bytes)",
                       path, (unsigned long long)o->header_line, limit);
    return CB_OK;
}

/* ---- one delimiter tried ---- */

static cb_status cells_of_header(opening *o, cb_splitter *splitter, cb_cells *cells, cb_error *err)
{
    cb_status rc = CB_OK;
    const char *path = o->request.file;
    cb_split split = cb_split_record(splitter, &o->record, cells, &rc);
    if (rc != CB_OK)
        return cb_nomem(err, "the header");
    if (o->record.malformed || split == CB_SPLIT_QUOTES)
        return cb_fail(err, CB_EDATA, "%s, line %llu: the quoting of the header is broken", path,
                       (unsigned long long)o->header_line);
    if (split == CB_SPLIT_COLUMNS)
        return cb_fail(err, CB_ELIMIT,
                       "%s: the header has more than %llu columns ([limits] columns)", path,
                       (unsigned long long)o->file->ingest->settings->limits.columns);
    if (split == CB_SPLIT_FIELD_SIZE)
        return cb_fail(err, CB_ELIMIT,
                       "%s: a column's name is longer than %llu bytes ([limits] field_bytes)", path,
                       (unsigned long long)o->file->ingest->settings->limits.field_bytes);
    if (!cb_utf8_valid(o->record.text))
        return cb_fail(
            err, CB_EDATA,
            "%s: the header is not UTF-8: say how the file is encoded, under [%s], such as "
            "encoding = "
            "windows-1252",
            path, cb_role_names[o->request.role < CB_ROLES ? o->request.role : CB_CASES]);
    return CB_OK;
}

static cb_status try_delimiter(opening *o, char delimiter, cb_mapping **out, cb_error *err)
{
    const cb_limits *limits = &o->file->ingest->settings->limits;
    cb_cells cells = {0};
    *out = NULL;
    cb_status rc = read_header(o, delimiter, err);
    if (rc != CB_OK)
        return rc;
    cb_splitter *splitter = cb_splitter_new(o->file->ingest->alloc, delimiter,
                                            (unsigned)limits->columns, (size_t)limits->field_bytes);
    if (!splitter)
        return cb_nomem(err, "the header");
    rc = cells_of_header(o, splitter, &cells, err);
    if (rc == CB_OK)
        rc = cb_mapping_new(out, &o->request, cells.at, cells.n, o->arena, err);
    cb_splitter_free(splitter);
    return rc;
}

/* Where a header holds none of the fields, the delimiter that parts it most often. */
static bool fits_better(const cb_mapping *a, const cb_mapping *b)
{
    if (cb_mapping_better(a, b) || cb_mapping_better(b, a))
        return cb_mapping_better(a, b);
    return a->required_absent && a->columns > b->columns;
}

/* A header that is broken under one delimiter may be whole under another, as one with that other
 * in a quoted name is: the first such failure is told where no delimiter parts it. */
static bool is_broken(const cb_mapping *mapping, const cb_error *first)
{
    if (first->status == CB_OK || !mapping)
        return first->status != CB_OK;
    return mapping->required_absent && (first->status == CB_ELIMIT || mapping->columns < 2);
}

static cb_status choose_delimiter(opening *o, cb_str declared, cb_error *err)
{
    bool known = declared.len == 1;
    cb_error first = {0};
    for (unsigned i = 0; i < (known ? 1 : sizeof usual); i++) {
        cb_error why = {0};
        cb_mapping *mapping = NULL;
        char delimiter = known ? declared.at[0] : usual[i];
        cb_status rc = try_delimiter(o, delimiter, &mapping, &why);
        if (rc != CB_OK && rc != CB_EDATA && rc != CB_ELIMIT)
            return cb_fail(err, rc, "%s", why.why);
        if (rc != CB_OK && first.status == CB_OK)
            first = why;
        if (rc == CB_OK && (!o->file->mapping || fits_better(mapping, o->file->mapping))) {
            o->file->mapping = mapping;
            o->file->delimiter = delimiter;
        }
    }
    if (is_broken(o->file->mapping, &first))
        return cb_fail(err, first.status, "%s", first.why);
    return read_header(o, o->file->delimiter, err);
}

/* ---- the source ---- */

static cb_status open_source(opening *o, cb_error *err)
{
    cb_file *file = o->file;
    cb_feed_close(&file->feed);
    file->feed = (cb_feed){.line_no = 1};
    cb_buf_init(&file->feed.ahead, file->ingest->alloc, SIZE_MAX);
    cb_buf_init(&file->feed.carry, file->ingest->alloc, SIZE_MAX);
    file->mapping = NULL;
    return cb_source_open(&file->feed.source, o->request.file, o->encoding,
                          &file->ingest->settings->limits, err);
}

/* What config or a forced preset say of the whole input, before anything of it was read. */
static cb_status declared_of(const opening *o, cb_str *encoding, cb_str *delimiter, cb_error *err)
{
    const cb_mapping_request *q = &o->request;
    const cb_role_setting *config = &q->settings->role[q->role < CB_ROLES ? q->role : CB_CASES];
    cb_str name = q->preset.len ? q->preset : config->preset;
    const cb_preset *preset = NULL;
    cb_status rc = name.len ? cb_presets_find(q->presets, name, &preset, err) : CB_OK;
    if (rc != CB_OK)
        return rc;
    if (q->role == CB_ROLES)
        config = NULL;
    *encoding = config && config->encoding.len ? config->encoding
                : preset                       ? preset->setting->encoding
                                               : CB_LIT("");
    *delimiter = config && config->delimiter.len ? config->delimiter
                 : preset                        ? preset->setting->delimiter
                                                 : CB_LIT("");
    return CB_OK;
}

static cb_status open_and_map(opening *o, cb_str delimiter, cb_error *err)
{
    cb_status rc = open_source(o, err);
    if (rc == CB_OK)
        rc = find_separator(o, err);
    if (delimiter.len == 0 && o->separator)
        delimiter = (cb_str){&o->separator, 1};
    return rc == CB_OK ? choose_delimiter(o, delimiter, err) : rc;
}

/* The header may name a preset that names an encoding: then the input is opened once more with
 * it. */
static cb_status open_as_declared(opening *o, cb_error *err)
{
    cb_str delimiter = CB_LIT("");
    cb_status rc = declared_of(o, &o->encoding, &delimiter, err);
    if (rc == CB_OK)
        rc = open_and_map(o, delimiter, err);
    if (rc != CB_OK)
        return rc;
    cb_str wanted = o->file->mapping->encoding;
    bool again =
        wanted.len && !cb_str_eq_nocase(wanted, o->encoding) && strcmp(o->request.file, "-") != 0;
    if (!again)
        return CB_OK;
    o->encoding = wanted;
    return open_and_map(o, delimiter, err);
}

/* ---- facts of the header ---- */

static cb_status note_header(opening *o, cb_error *err)
{
    cb_file *file = o->file;
    cb_input_facts *facts = file->facts;
    const cb_mapping *m = file->mapping;
    facts->delimiter = file->delimiter;
    facts->columns = file->columns = m->columns;
    facts->preset = m->preset ? m->preset->name : CB_LIT("");
    facts->column = cb_arena_array(o->arena, m->columns, sizeof *facts->column);
    if (!facts->column)
        return cb_nomem(err, "the facts of the columns");
    for (unsigned c = 0; c < m->columns; c++)
        facts->column[c] = (cb_column_facts){.field = -1, .label = m->header[c], .format = ""};
    for (unsigned i = 0; i < m->notes; i++) {
        bool twice = !strcmp(m->note[i].code, cb_reject_names[CB_REJECT_DUPLICATE_LABEL]);
        facts->duplicate_labels += twice;
        facts->missing_labels += !twice;
    }
    return CB_OK;
}

/* Mended rejects must read as the input did: its own header, and the mark of UTF-8 where the
 * input was something else. */
static cb_status keep_header(opening *o, cb_error *err)
{
    cb_buf *header = &o->file->facts->rejects.header;
    bool transcoded = cb_source_facts_of(o->file->feed.source).transcoded;
    cb_status rc = transcoded ? cb_buf_append(header, "\xEF\xBB\xBF", 3) : CB_OK;
    if (rc == CB_OK)
        rc = cb_buf_append(header, o->file->feed.ahead.at + o->header_at,
                           o->record.next - o->header_at);
    return rc == CB_OK ? CB_OK : cb_nomem(err, "the header");
}

cb_status cb_file_open(cb_file *file, const char *path, cb_str preset, cb_error *err)
{
    cb_ingest *in = file->ingest;
    opening o = {.file = file, .arena = in->arena};
    o.request = (cb_mapping_request){in->settings, in->presets, file->role, preset, path};
    cb_status rc = open_as_declared(&o, err);
    if (rc == CB_OK)
        rc = cb_mapping_check(file->mapping, &o.request, err);
    if (rc == CB_OK)
        rc = note_header(&o, err);
    if (rc == CB_OK)
        rc = keep_header(&o, err);
    if (rc != CB_OK)
        return rc;
    file->feed.ahead_at = o.record.next;
    file->feed.line_no = o.header_line + o.record.lines;
    return CB_OK;
}

cb_status cb_ingest_map(cb_settings *settings, const char *path, cb_role role, cb_str preset,
                        cb_buf *print, cb_error *err)
{
    cb_ingest in = {.alloc = cb_alloc_libc(), .settings = settings};
    cb_file file = {.ingest = &in, .role = role};
    opening o = {.file = &file};
    cb_status rc = cb_presets_new(&in.presets, in.alloc, err);
    if (rc != CB_OK)
        return rc;
    o.arena = in.arena = cb_arena_new(in.alloc, 0);
    o.request = (cb_mapping_request){settings, in.presets, role, preset, path};
    rc = o.arena ? open_as_declared(&o, err) : cb_nomem(err, "the mapping");
    if (rc == CB_OK && cb_mapping_print(file.mapping, path, print) != CB_OK)
        rc = cb_nomem(err, "the mapping");
    cb_feed_close(&file.feed);
    cb_arena_free(in.arena);
    cb_presets_free(in.presets);
    return rc;
}
