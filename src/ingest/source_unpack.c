#include "ingest/source_parts.h"

#include <archive.h>
#include <archive_entry.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Directory and nothing else. */
static const char empty_zip[] = "PK\x05\x06";

// clang-format off
static const struct {
    const char *bytes;
    size_t n;
    cb_packing packing;
} magic_table[] = {
    {"\x1f\x8b", 2, CB_GZIP},
    {"\x28\xb5\x2f\xfd", 4, CB_ZSTD},
    {"\3757zXZ\0", 6, CB_XZ},
    {"PK\x03\x04", 4, CB_ZIP},
    {empty_zip, 4, CB_ZIP},
};
// clang-format on

static const char *const packing_names[] = {
    [CB_PLAIN] = "plain", [CB_GZIP] = "gzip", [CB_ZSTD] = "zstd", [CB_XZ] = "xz", [CB_ZIP] = "zip"};

cb_packing cb_packing_of(cb_str head)
{
    for (size_t i = 0; i < sizeof magic_table / sizeof *magic_table; i++)
        if (head.len >= magic_table[i].n &&
            memcmp(head.at, magic_table[i].bytes, magic_table[i].n) == 0)
            return magic_table[i].packing;
    return CB_PLAIN;
}

struct cb_unpacker {
    cb_packing packing;
    cb_stored *stored;
    cb_gunzip *gunzip;
    struct archive *archive;
    struct archive_entry *entry;
    cb_error below; /* of the layer below, while libarchive is in between */
    bool ended;
    char in[CB_SOURCE_BLOCK];
};

static la_ssize_t give_stored(struct archive *archive, void *ctx, const void **bytes)
{
    cb_unpacker *u = ctx;
    size_t got = 0;
    *bytes = u->in;
    if (cb_stored_read(u->stored, u->in, sizeof u->in, &got, &u->below) == CB_OK)
        return (la_ssize_t)got;
    archive_set_error(archive, EIO, "the file cannot be read");
    return ARCHIVE_FATAL;
}

/* Some of the library's reasons end with a line end. */
static int bare_length(const char *why)
{
    size_t n = strlen(why);
    while (n > 0 && why[n - 1] == '\n')
        n--;
    return (int)n;
}

static cb_status fail_archive(const char *name, cb_packing packing, struct archive *archive,
                              cb_error *err)
{
    const char *given = archive_error_string(archive);
    const char *why = given ? given : "no reason given";
    if (archive_errno(archive) == ENOMEM)
        return cb_nomem(err, "unpacking an input");
    return cb_fail(err, CB_EDATA, "%s: its %s data are damaged or cut short (%.*s); fetch it again",
                   name, packing_names[packing], bare_length(why), why);
}

/* A reading error of the layer below comes first: it is the cause. */
static cb_status fail_unpack(cb_unpacker *u, cb_error *err)
{
    if (u->stored->failed == CB_OK)
        return fail_archive(u->stored->name, u->packing, u->archive, err);
    return cb_fail(err, u->stored->failed, "%s", u->below.why);
}

/* ---- zip: one file in it, folders and the shadow files of macOS aside ---- */

static bool counts_as_file(struct archive_entry *entry)
{
    const char *path = archive_entry_pathname(entry);
    return archive_entry_filetype(entry) != AE_IFDIR &&
           !(path && strncmp(path, "__MACOSX/", 9) == 0);
}

static cb_status check_entry(const char *name, struct archive_entry *entry, cb_error *err)
{
    const char *path = archive_entry_pathname(entry);
    if (archive_entry_is_encrypted(entry))
        return cb_fail(err, CB_EDATA, "%s: is a zip archive with a password; unpack it first",
                       name);
    return path ? cb_refuse_zip_entry(name, path, err) : CB_OK;
}

static cb_status check_count(const char *name, uint64_t files, cb_error *err)
{
    if (files == 1)
        return CB_OK;
    if (files == 0)
        return cb_fail(err, CB_EDATA, "%s: is a zip archive without a file in it", name);
    return cb_fail(
        err, CB_EDATA,
        "%s: is a zip archive with %llu files in it; give one with a single file, or unpack it",
        name, (unsigned long long)files);
}

/* Counts the files from here on; the headers only, their data are skipped. */
static cb_status count_files(const char *name, struct archive *archive, struct archive_entry *entry,
                             uint64_t *files, cb_error *err)
{
    int result;
    while ((result = archive_read_next_header2(archive, entry)) == ARCHIVE_OK) {
        if (!counts_as_file(entry))
            continue;
        cb_status status = check_entry(name, entry, err);
        if (status != CB_OK)
            return status;
        ++*files;
    }
    return result == ARCHIVE_EOF ? CB_OK : fail_archive(name, CB_ZIP, archive, err);
}

/* Reads the directory at the end of a zip file, so that a wrong archive is refused before the first
 * row. */
static cb_status survey_zip(cb_stored *stored, cb_error *err)
{
    off_t here = lseek(stored->fd, 0, SEEK_CUR);
    struct archive *archive = archive_read_new();
    struct archive_entry *entry = archive_entry_new();
    uint64_t files = 0;
    cb_status status = CB_OK;
    if (!archive || !entry)
        status = cb_nomem(err, "unpacking an input");
    else if (here < 0 || lseek(stored->fd, 0, SEEK_SET) != 0 ||
             archive_read_support_format_zip_seekable(archive) != ARCHIVE_OK ||
             archive_read_open_fd(archive, stored->fd, CB_SOURCE_BLOCK) != ARCHIVE_OK)
        status = fail_archive(stored->name, CB_ZIP, archive, err);
    if (status == CB_OK)
        status = count_files(stored->name, archive, entry, &files, err);
    if (status == CB_OK)
        status = check_count(stored->name, files, err);
    archive_entry_free(entry);
    (void)archive_read_free(archive); /* does not close the descriptor */
    if (status == CB_OK && lseek(stored->fd, here, SEEK_SET) != here)
        status = cb_fail(err, CB_EIO, "%s: cannot be read from its beginning again", stored->name);
    return status;
}

/* ---- a stream through libarchive ---- */

static bool set_up(cb_unpacker *u)
{
    switch (u->packing) {
    case CB_ZSTD:
        return archive_read_support_filter_zstd(u->archive) == ARCHIVE_OK &&
               archive_read_support_format_raw(u->archive) == ARCHIVE_OK;
    case CB_XZ:
        return archive_read_support_filter_xz(u->archive) == ARCHIVE_OK &&
               archive_read_support_format_raw(u->archive) == ARCHIVE_OK;
    default:
        return archive_read_support_format_zip_streamable(u->archive) == ARCHIVE_OK;
    }
}

/* To the first file in it. Of nothing packed libarchive knows no format. */
static cb_status find_file(cb_unpacker *u, cb_error *err)
{
    int result;
    do
        result = archive_read_next_header2(u->archive, u->entry);
    while (result == ARCHIVE_OK && !counts_as_file(u->entry));
    if (result == ARCHIVE_OK)
        return u->packing == CB_ZIP ? check_entry(u->stored->name, u->entry, err) : CB_OK;
    if (result == ARCHIVE_EOF && u->packing == CB_ZIP)
        return check_count(u->stored->name, 0, err);
    u->ended = result == ARCHIVE_EOF;
    return u->ended ? CB_OK : fail_unpack(u, err);
}

static cb_status open_archive(cb_unpacker *u, cb_error *err)
{
    u->archive = archive_read_new();
    /* an entry of ours: libarchive uses its own one without a check for NULL */
    u->entry = archive_entry_new();
    if (!u->archive || !u->entry)
        return cb_nomem(err, "unpacking an input");
    if (!set_up(u))
        return cb_fail(err, CB_EUNAVAILABLE,
                       "%s: libarchive cannot unpack %s here; unpack it first", u->stored->name,
                       packing_names[u->packing]);
    if (u->packing != CB_ZIP && archive_read_support_format_empty(u->archive) != ARCHIVE_OK)
        return fail_unpack(u, err);
    if (archive_read_open(u->archive, u, NULL, give_stored, NULL) != ARCHIVE_OK)
        return fail_unpack(u, err);
    return find_file(u, err);
}

cb_status cb_unpack_open(cb_unpacker **out, cb_packing packing, cb_stored *stored, cb_error *err)
{
    cb_unpacker *u = calloc(1, sizeof *u);
    cb_status status = CB_OK;
    *out = u;
    if (!u)
        return cb_nomem(err, "unpacking an input");
    u->packing = packing;
    u->stored = stored;
    if (packing == CB_GZIP)
        return cb_gunzip_open(&u->gunzip, stored, err);
    if (packing == CB_ZIP && stored->head[2] == empty_zip[2])
        return check_count(stored->name, 0, err); /* libarchive does not take it for a zip */
    if (packing == CB_ZIP && stored->whole_file)
        status = survey_zip(stored, err);
    return status == CB_OK ? open_archive(u, err) : status;
}

/* libarchive leaves unread what it cannot make sense of behind the packed data. */
static cb_status check_nothing_follows(cb_unpacker *u, cb_error *err)
{
    cb_status status = CB_OK;
    for (size_t got = 1; status == CB_OK && got;)
        status = cb_stored_read(u->stored, u->in, sizeof u->in, &got, err);
    if (status != CB_OK || (uint64_t)archive_filter_bytes(u->archive, -1) == u->stored->done_bytes)
        return status;
    return cb_fail(err, CB_EDATA,
                   "%s: other bytes follow its %s data; the file is damaged, fetch it again",
                   u->stored->name, packing_names[u->packing]);
}

/* Behind the last byte of the file; a zip that is not a file on disk tells only now whether more
 * files follow. */
static cb_status end_archive(cb_unpacker *u, cb_error *err)
{
    uint64_t files = 1;
    u->ended = true;
    if (u->packing != CB_ZIP)
        return check_nothing_follows(u, err);
    cb_status status = count_files(u->stored->name, u->archive, u->entry, &files, err);
    return status == CB_OK ? check_count(u->stored->name, files, err) : status;
}

cb_status cb_unpack_read(cb_unpacker *u, void *into, size_t cap, size_t *got, cb_error *err)
{
    *got = 0;
    if (u->gunzip)
        return cb_gunzip_read(u->gunzip, into, cap, got, err);
    if (u->ended)
        return CB_OK;
    la_ssize_t n = archive_read_data(u->archive, into, cap);
    if (n < 0)
        return fail_unpack(u, err);
    *got = (size_t)n;
    return n ? CB_OK : end_archive(u, err);
}

void cb_unpack_close(cb_unpacker *u)
{
    if (!u)
        return;
    cb_gunzip_close(u->gunzip);
    archive_entry_free(u->entry);
    (void)archive_read_free(u->archive); /* NULL is fine; only read from */
    free(u);
}
