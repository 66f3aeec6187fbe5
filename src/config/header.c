#include "config/header.h"

#include <stdlib.h>
#include <string.h>

static cb_str without_mark(cb_str name)
{
    name = cb_str_trim(name);
    if (name.len >= 3 && !memcmp(name.at, "\xEF\xBB\xBF", 3))
        name = cb_str_trim((cb_str){name.at + 3, name.len - 3});
    return name;
}

static bool take_name(cb_header *header, unsigned c, cb_str cell)
{
    cb_str name = cb_arena_copy(header->arena, without_mark(cell));
    char *fold = name.at ? cb_arena_get(header->arena, name.len + 1) : NULL;
    char *label = fold ? cb_arena_get(header->arena, name.len + 1) : NULL;
    if (label == NULL)
        return false;
    for (size_t i = 0; i < name.len; i++)
        label[i] = (unsigned char)name.at[i] < 0x20 ? ' ' : name.at[i];
    header->name[c] = name;
    header->fold[c] = (cb_str){fold, cb_name_fold(name, fold, name.len)};
    header->label[c] = label;
    return true;
}

cb_status cb_header_new(cb_header **out, const cb_str *cells, size_t n, cb_arena *arena,
                        cb_error *err)
{
    if (n > UINT16_MAX)
        return cb_fail(err, CB_ELIMIT, "the header has more than %d columns", (int)UINT16_MAX);
    cb_header *header = cb_arena_get(arena, sizeof *header);
    if (header == NULL)
        return cb_nomem(err, "the header");
    *header = (cb_header){.n = (unsigned)n, .arena = arena};
    header->name = cb_arena_array(arena, n, sizeof *header->name);
    header->fold = cb_arena_array(arena, n, sizeof *header->fold);
    header->label = cb_arena_array(arena, n, sizeof *header->label);
    bool ok = header->name && header->fold && header->label;
    for (unsigned c = 0; ok && c < n; c++)
        ok = take_name(header, c, cells[c]);
    *out = header;
    return ok ? CB_OK : cb_nomem(err, "the header");
}

int cb_header_find(const cb_header *header, cb_str name, unsigned *equals)
{
    char fold[512];
    int exact = CB_COLUMN_NONE, folded = CB_COLUMN_NONE;
    unsigned exacts = 0, foldeds = 0;
    name = without_mark(name);
    cb_str want = {fold, name.len <= sizeof fold ? cb_name_fold(name, fold, sizeof fold) : 0};
    for (unsigned c = 0; name.len && c < header->n; c++) {
        if (cb_str_eq(header->name[c], name)) {
            exact = exacts++ ? exact : (int)c;
            continue;
        }
        if (want.len && cb_str_eq(header->fold[c], want))
            folded = foldeds++ ? folded : (int)c;
    }
    *equals = exacts ? exacts : foldeds;
    return exacts ? exact : folded;
}

unsigned cb_header_alike(const cb_header *header, cb_str name)
{
    unsigned n = 0;
    for (unsigned c = 0; c < header->n; c++)
        n += cb_name_eq(header->name[c], name);
    return n;
}

/* "(line)", "(none)", "(column 3)": unquoted only. */
static bool directive(const cb_header *header, cb_str item, int *column)
{
    static const char begin[] = "(column ";
    int64_t number;
    if (cb_str_eq_nocase(item, CB_LIT("(line)"))) {
        *column = CB_COLUMN_LINE;
        return true;
    }
    if (cb_str_eq_nocase(item, CB_LIT("(none)"))) {
        *column = CB_COLUMN_NONE;
        return true;
    }
    size_t n = sizeof begin - 1;
    if (item.len <= n + 1 || item.at[item.len - 1] != ')' ||
        !cb_str_eq_nocase((cb_str){item.at, n}, CB_LIT("(column ")) ||
        !cb_parse_i64(cb_str_trim((cb_str){item.at + n, item.len - n - 1}), &number))
        return false;
    *column = number >= 1 && number <= (int64_t)header->n ? (int)number - 1 : CB_COLUMN_ABSENT;
    return true;
}

/* Quotes were checked when the config was read: here they only come off. */
static cb_str plain(cb_str item, char *into, size_t cap)
{
    size_t n = 0;
    if (item.len < 2 || item.at[0] != '"')
        return item;
    for (size_t i = 1; i + 1 < item.len && n < cap; i++) {
        into[n++] = item.at[i];
        i += item.at[i] == '"';
    }
    return (cb_str){into, n};
}

int cb_header_choose(const cb_header *header, cb_str raw, unsigned *equals)
{
    char text[512];
    cb_str rest = raw, item;
    int column = cb_header_find(header, raw, equals);
    if (column >= 0 && cb_str_eq(header->name[column], raw) && memchr(raw.at, '|', raw.len))
        return column; /* a name that holds '|' itself */
    column = CB_COLUMN_ABSENT;
    *equals = 1;
    while (column < 0 && cb_config_item(&rest, '|', &item)) {
        if (directive(header, item, &column)) {
            if (column != CB_COLUMN_ABSENT)
                return column;
            continue;
        }
        column = cb_header_find(header, plain(item, text, sizeof text), equals);
    }
    return column >= 0 ? column : CB_COLUMN_ABSENT;
}

/* --- notes --- */

typedef struct label {
    cb_str fold;
    unsigned column;
} label;

static int by_label(const void *a, const void *b)
{
    const label *x = a, *y = b;
    int order = cb_str_cmp(x->fold, y->fold);
    return order ? order : (x->column > y->column) - (x->column < y->column);
}

static int by_column(const void *a, const void *b)
{
    const cb_label_note *x = a, *y = b;
    return (x->column > y->column) - (x->column < y->column);
}

/* Of labels[from] … [to - 1], which are alike, the column that a field reads. */
static int column_read(const cb_mapping *mapping, const label *labels, unsigned from, unsigned to)
{
    for (unsigned f = 0; f < cb_schemas[mapping->role].fields; f++)
        for (unsigned i = from; i < to; i++)
            if (mapping->field[f].column == (int)labels[i].column)
                return mapping->field[f].column;
    return CB_COLUMN_NONE;
}

static void note_alike(const cb_mapping *mapping, const label *labels, unsigned from, unsigned to,
                       cb_label_note *notes, unsigned *n)
{
    bool blank = labels[from].fold.len == 0;
    int read = column_read(mapping, labels, from, to);
    for (unsigned i = blank ? from : from + 1; i < to; i++) {
        unsigned column = labels[i].column;
        notes[(*n)++] = blank ? (cb_label_note){"missing-label", column,
                                                read == (int)column ? read : CB_COLUMN_NONE}
                              : (cb_label_note){"duplicate-label", column, read};
    }
}

cb_status cb_header_notes(const cb_header *header, const cb_mapping *mapping,
                          const cb_label_note **out, unsigned *n, cb_error *err)
{
    label *labels = cb_arena_array(header->arena, header->n, sizeof *labels);
    cb_label_note *notes = cb_arena_array(header->arena, header->n, sizeof *notes);
    if (labels == NULL || notes == NULL)
        return cb_nomem(err, "the header");
    for (unsigned c = 0; c < header->n; c++)
        labels[c] = (label){header->fold[c].len ? header->fold[c] : header->name[c], c};
    if (header->n)
        qsort(labels, header->n, sizeof *labels, by_label);
    *n = 0;
    for (unsigned from = 0, to; from < header->n; from = to) {
        for (to = from + 1; to < header->n && cb_str_eq(labels[to].fold, labels[from].fold);)
            to++;
        note_alike(mapping, labels, from, to, notes, n);
    }
    if (*n)
        qsort(notes, *n, sizeof *notes, by_column);
    *out = notes;
    return CB_OK;
}

/* --- nearest names --- */

static unsigned add_near(const cb_mapping *mapping, cb_str wanted, bool hint, unsigned *column,
                         unsigned n)
{
    const char *const *names = hint ? mapping->hint : mapping->label;
    size_t near = wanted.len ? cb_nearest(wanted, names, mapping->columns) : SIZE_MAX;
    if (near == SIZE_MAX)
        return n;
    for (unsigned i = 0; i < n; i++)
        if (column[i] == near)
            return n;
    column[n] = (unsigned)near;
    return n + 1;
}

unsigned cb_nearest_labels(const cb_mapping *mapping, cb_str wanted, int field, unsigned *column,
                           unsigned most)
{
    char text[512];
    unsigned n = 0;
    const char *at = NULL;
    cb_str rest = wanted, item, alias;
    while (n < most && cb_config_item(&rest, '|', &item))
        n = add_near(mapping, plain(item, text, sizeof text), field >= 0, column, n);
    while (field >= 0 && n < most && cb_alias_next(mapping->role, (unsigned)field, &at, &alias))
        n = add_near(mapping, alias, true, column, n);
    return n;
}
