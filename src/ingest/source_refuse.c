#include "ingest/source_parts.h"

cb_status cb_refuse_kind(const char *name, mode_t mode, bool is_standard_input, cb_error *err)
{
    if (S_ISDIR(mode))
        return cb_fail(err, CB_ENOINPUT, "%s: is a folder; name the files in it", name);
    if (S_ISREG(mode) || is_standard_input)
        return CB_OK;
    if (S_ISFIFO(mode) || S_ISSOCK(mode))
        return cb_fail(err, CB_ENOINPUT,
                       "%s: is a pipe, not a file; read it from standard input, as '-'", name);
    return cb_fail(err, CB_ENOINPUT, "%s: is a device, not a file", name);
}

#define AS_CSV "; save the table as CSV and give that"

/* What people feed to a CSV reader by mistake: first bytes, what it is and what to do. */
// clang-format off
static const struct {
    const char *bytes;
    size_t n;
    const char *is;
} content_table[] = {
#define ROW(bytes, is) {bytes, sizeof(bytes) - 1, is}
    ROW("version https://git-lfs.github.com/spec/",
        "is a Git LFS pointer, not the file itself; fetch it with 'git lfs pull'"),
    ROW("%PDF-", "is a PDF document; get the data as CSV"),
    ROW("SQLite format 3\0", "is a SQLite database" AS_CSV),
    ROW("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is a file of old Office (.xls, .doc)" AS_CSV),
    ROW("PAR1\x15", "is a Parquet file" AS_CSV),
    ROW("{\\rtf", "is a rich text document" AS_CSV),
    ROW("BZh91AY&SY", "is packed with bzip2, which is not read here; unpack it first"),
    ROW("\x04\x22\x4d\x18", "is packed with lz4, which is not read here; unpack it first"),
    ROW("\x1f\x9d", "is packed with compress (.Z), which is not read here; unpack it first"),
    ROW("7z\xbc\xaf\x27\x1c", "is a 7z archive, which is not read here; unpack it first"),
    ROW("Rar!\x1a\x07", "is a RAR archive, which is not read here; unpack it first"),
    ROW("\x1f\x8b", "is packed twice; unpack it first"),
    ROW("\x28\xb5\x2f\xfd", "is packed twice; unpack it first"),
    ROW("\3757zXZ\0", "is packed twice; unpack it first"),
    ROW("PK\x03\x04", "is packed twice, or an Office document within an archive; unpack it first"),
    ROW("\177ELF", "is a program, not a table"),
    ROW("\x89PNG\r\n\x1a\n", "is a picture, not a table"),
    ROW("\xff\xd8\xff", "is a picture, not a table"),
#undef ROW
};
// clang-format on

#define WEB_PAGE                                                                                   \
    "is a web page, most often the sign-in or error page of a failed download; fetch the CSV "     \
    "again"

/* Compared without regard to case, behind white space and a byte-order mark. */
static const struct {
    const char *text, *is;
} markup_table[] = {
    {"<!doctype html", WEB_PAGE},
    {"<html", WEB_PAGE},
    {"<?xml", "is an XML document" AS_CSV},
};

static cb_str behind_blank(cb_str text)
{
    if (text.len >= 3 && memcmp(text.at, "\xef\xbb\xbf", 3) == 0)
        text = (cb_str){text.at + 3, text.len - 3};
    while (text.len && strchr(" \t\r\n", text.at[0]) && text.at[0])
        text = (cb_str){text.at + 1, text.len - 1};
    return text;
}

static const char *markup_of(cb_str head)
{
    cb_str text = behind_blank(head);
    for (size_t i = 0; i < sizeof markup_table / sizeof *markup_table; i++) {
        size_t n = strlen(markup_table[i].text);
        if (text.len >= n &&
            cb_str_eq_nocase((cb_str){text.at, n}, (cb_str){markup_table[i].text, n}))
            return markup_table[i].is;
    }
    return NULL;
}

static const char *content_of(cb_str head)
{
    for (size_t i = 0; i < sizeof content_table / sizeof *content_table; i++)
        if (head.len >= content_table[i].n &&
            memcmp(head.at, content_table[i].bytes, content_table[i].n) == 0)
            return content_table[i].is;
    if (head.len >= 512 && memcmp(head.at + 257, "ustar", 5) == 0)
        return "is a tar archive; unpack it and give the CSV files in it";
    return markup_of(head);
}

static bool is_all_nul(cb_str head)
{
    for (size_t i = 0; i < head.len; i++)
        if (head.at[i])
            return false;
    return true;
}

cb_status cb_refuse_content(const char *name, cb_str head, cb_error *err)
{
    if (head.len == 0)
        return cb_fail(err, CB_EDATA, "%s: is empty; a header row is the least", name);
    if (is_all_nul(head))
        return cb_fail(
            err, CB_EDATA,
            "%s: begins with %zu NUL bytes, no text; its copy or download failed, fetch it again",
            name, head.len);
    const char *is = content_of(head);
    return is ? cb_fail(err, CB_EDATA, "%s: %s", name, is) : CB_OK;
}

// clang-format off
static const struct {
    const char *start, *is;
} entry_table[] = {
    {"[Content_Types].xml", "is an Office document (.xlsx, .docx)"},
    {"_rels/", "is an Office document (.xlsx, .docx)"},
    {"docProps/", "is an Office document (.xlsx, .docx)"},
    {"xl/", "is an Excel workbook (.xlsx)"},
    {"mimetype", "is an OpenDocument file (.ods)"},
    {"Index/Document.iwa", "is a Numbers document"},
};
// clang-format on

cb_status cb_refuse_zip_entry(const char *name, const char *entry, cb_error *err)
{
    for (size_t i = 0; i < sizeof entry_table / sizeof *entry_table; i++)
        if (strncmp(entry, entry_table[i].start, strlen(entry_table[i].start)) == 0)
            return cb_fail(err, CB_EDATA, "%s: %s" AS_CSV, name, entry_table[i].is);
    return CB_OK;
}
