#include "config/header.h"

#include <string.h>

/* Text that stands in a comment: on one line, and not longer than a line may be. */
static cb_status put_comment(cb_buf *out, cb_str text)
{
    enum { MOST = 120 };
    cb_status rc = CB_OK;
    size_t n = text.len < MOST ? text.len : MOST;
    while (n < text.len && n > 0 && ((unsigned char)text.at[n] & 0xC0) == 0x80)
        n--; /* not within a character */
    for (size_t i = 0; rc == CB_OK && i < n; i++) {
        char c = (unsigned char)text.at[i] < 0x20 ? ' ' : text.at[i];
        rc = cb_buf_append(out, &c, 1);
    }
    return rc == CB_OK && n < text.len ? cb_buf_text(out, "…") : rc;
}

/* The name alone leads back to the column. */
static bool tells(const cb_mapping *mapping, int column)
{
    cb_str name = mapping->header[column];
    if (name.len == 0 || name.len > CB_MAX_CONFIG_LINE / 3 || !cb_utf8_valid(name))
        return false;
    for (size_t i = 0; i < name.len; i++)
        if ((unsigned char)name.at[i] < 0x20)
            return false;
    for (unsigned c = 0; c < mapping->columns; c++)
        if ((int)c != column && cb_str_eq(mapping->header[c], name))
            return false;
    return true;
}

static cb_status put_source(cb_buf *out, const cb_mapping *mapping, unsigned f)
{
    int column = mapping->field[f].column;
    const char *name = cb_schemas[mapping->role].field[f].name;
    cb_status rc = cb_buf_text(out, "%s = ", name);
    if (rc != CB_OK)
        return rc;
    if (column == CB_COLUMN_LINE)
        rc = cb_buf_text(out, "(line)");
    else if (column == CB_COLUMN_NONE)
        rc = cb_buf_text(out, "(none)");
    else if (tells(mapping, column))
        rc = cb_config_quote(out, mapping->header[column]);
    else
        rc = cb_buf_text(out, "(column %d)", column + 1);
    return rc == CB_OK ? cb_buf_text(out, "\n") : rc;
}

static cb_status put_part(cb_buf *out, const char *field, const char *part, cb_str value)
{
    if (value.len == 0)
        return CB_OK;
    cb_status rc = cb_buf_text(out, "%s.%s = ", field, part);
    if (rc == CB_OK)
        rc = cb_config_quote(out, value);
    return rc == CB_OK ? cb_buf_text(out, "\n") : rc;
}

/* A line a word: together they might be longer than a line may be. */
static cb_status put_words(cb_buf *out, const char *field, const char *part, const cb_str *word,
                           unsigned n)
{
    cb_status rc = CB_OK;
    for (unsigned i = 0; rc == CB_OK && i < n; i++) {
        rc = cb_buf_text(out, "%s.%s = ", field, part);
        if (rc == CB_OK)
            rc = cb_config_quote(out, word[i]);
        if (rc == CB_OK)
            rc = cb_buf_text(out, "\n");
    }
    return rc;
}

static cb_status put_how(cb_buf *out, const char *field, const cb_field_setting *how)
{
    cb_status rc = put_part(out, field, "format", how->format);
    if (rc == CB_OK)
        rc = put_part(out, field, "decimal", how->decimal);
    if (rc == CB_OK)
        rc = put_part(out, field, "zone", how->zone);
    if (rc == CB_OK)
        rc = put_part(out, field, "scale", how->scale);
    if (rc == CB_OK)
        rc = put_part(out, field, "unit", how->unit);
    if (rc == CB_OK)
        rc = put_part(out, field, "clock", how->clock);
    if (rc == CB_OK)
        rc = put_words(out, field, "true", how->true_word, how->true_words);
    if (rc == CB_OK)
        rc = put_words(out, field, "false", how->false_word, how->false_words);
    return rc == CB_OK ? put_words(out, field, "null", how->null_word, how->null_words) : rc;
}

static cb_status put_field(cb_buf *out, const cb_mapping *mapping, unsigned f)
{
    const cb_field *field = &cb_schemas[mapping->role].field[f];
    const cb_field_source *source = &mapping->field[f];
    if (!(mapping->fields >> f & 1) && source->reason == CB_MAP_UNMAPPED)
        return cb_buf_text(out, "; %s =    ; %s%s\n", field->name,
                           field->required ? "required: " : "", field->meaning);
    cb_status rc = put_source(out, mapping, f);
    return rc == CB_OK ? put_how(out, field->name, source->how) : rc;
}

static cb_status put_unused(cb_buf *out, const cb_mapping *mapping)
{
    cb_status rc = CB_OK;
    bool any = false;
    for (unsigned c = 0; rc == CB_OK && c < mapping->columns; c++) {
        bool used = false;
        for (unsigned f = 0; f < cb_schemas[mapping->role].fields; f++)
            used = used || mapping->field[f].column == (int)c || mapping->field[f].clock == (int)c;
        if (used)
            continue;
        rc = any ? CB_OK : cb_buf_text(out, "; columns of the export that no field reads:\n");
        any = true;
        if (rc == CB_OK)
            rc = cb_buf_text(out, ";   %u ", c + 1);
        if (rc == CB_OK)
            rc = put_comment(out, mapping->header[c]);
        if (rc == CB_OK)
            rc = cb_buf_text(out, "\n");
    }
    return rc;
}

static cb_status put_note(cb_buf *out, const cb_label_note *note)
{
    cb_status rc = cb_buf_text(out, "; %s: column %u", note->code, note->column + 1);
    if (rc == CB_OK && note->read >= 0)
        rc = cb_buf_text(out, " (of that name, column %d is read)", note->read + 1);
    return rc == CB_OK ? cb_buf_text(out, "\n") : rc;
}

static cb_status put_notes(cb_buf *out, const cb_mapping *mapping)
{
    cb_status rc = CB_OK;
    for (unsigned i = 0; rc == CB_OK && i < mapping->notes; i++)
        rc = put_note(out, &mapping->note[i]);
    return rc;
}

/* Of equal words the first counts; a second one would be an error when the section is read. */
static bool is_first(const cb_pairs *pairs, unsigned ix)
{
    for (unsigned i = 0; i < ix; i++)
        if (cb_config_words_eq(pairs->pair[i].word, pairs->pair[ix].word))
            return false;
    return true;
}

static cb_status put_pairs(cb_buf *out, const char *section, const cb_pairs *pairs)
{
    cb_status rc = pairs->n ? cb_buf_text(out, "\n[%s]\n", section) : CB_OK;
    for (unsigned i = 0; rc == CB_OK && i < pairs->n; i++) {
        if (!is_first(pairs, i))
            continue;
        rc = cb_config_quote(out, pairs->pair[i].word);
        if (rc == CB_OK)
            rc = cb_buf_text(out, " = " CB_STR_FMT "\n", CB_STR_ARG(pairs->pair[i].meaning));
    }
    return rc;
}

static cb_status put_head(cb_buf *out, const cb_mapping *mapping, const char *file)
{
    const cb_preset *preset = mapping->preset;
    cb_status rc = cb_buf_text(out, "; ");
    if (rc == CB_OK)
        rc = put_comment(out, cb_str_of(file));
    if (rc == CB_OK)
        rc = cb_buf_text(out, ": %u columns, %u of %u required and %u other fields found\n[%s]\n",
                         mapping->columns, mapping->required_found,
                         mapping->required_found +
                             (unsigned)__builtin_popcountll(mapping->required_absent),
                         mapping->optional_found, cb_role_names[mapping->role]);
    if (rc == CB_OK && preset)
        rc = cb_buf_text(out, "; " CB_STR_FMT "\npreset = " CB_STR_FMT "\n",
                         CB_STR_ARG(preset->title), CB_STR_ARG(preset->name));
    if (rc == CB_OK && mapping->encoding.len)
        rc = cb_buf_text(out, "encoding = " CB_STR_FMT "\n", CB_STR_ARG(mapping->encoding));
    if (rc == CB_OK && mapping->delimiter.len)
        rc = cb_buf_text(out, "delimiter = %s\n",
                         mapping->delimiter.at[0] == ','    ? "comma"
                         : mapping->delimiter.at[0] == ';'  ? "semicolon"
                         : mapping->delimiter.at[0] == '\t' ? "tab"
                                                            : "pipe");
    return rc;
}

cb_status cb_mapping_print(const cb_mapping *mapping, const char *file, cb_buf *out)
{
    cb_status rc = put_head(out, mapping, file);
    for (unsigned f = 0; rc == CB_OK && f < cb_schemas[mapping->role].fields; f++)
        rc = put_field(out, mapping, f);
    if (rc == CB_OK)
        rc = put_unused(out, mapping);
    if (rc == CB_OK)
        rc = put_notes(out, mapping);
    if (rc != CB_OK || mapping->role != CB_CASES)
        return rc;
    rc = put_pairs(out, "status", &mapping->status);
    return rc == CB_OK ? put_pairs(out, "kinds", &mapping->kinds) : rc;
}
