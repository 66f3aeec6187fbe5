/* zip_edit.h - for tests: a package read into memory, a part changed, and written again. Texts are
 * bytes with a NUL behind. */
#ifndef CASEBOOK_TESTS_ZIP_EDIT_H
#define CASEBOOK_TESTS_ZIP_EDIT_H

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "testing.h"

enum { ZIP_MAX_PARTS = 80 };

typedef struct zip_part {
    char name[120];
    char *bytes;
    size_t n;
} zip_part;

typedef struct zip_file {
    zip_part part[ZIP_MAX_PARTS];
    size_t parts;
} zip_file;

static inline void zip_load(zip_file *zip, const char *path)
{
    struct archive *a = archive_read_new();
    struct archive_entry *entry;
    *zip = (zip_file){.parts = 0};
    assert_int_equal(archive_read_support_format_zip(a), ARCHIVE_OK);
    assert_int_equal(archive_read_open_filename(a, path, 4096), ARCHIVE_OK);
    while (archive_read_next_header(a, &entry) == ARCHIVE_OK) {
        assert_true(zip->parts < ZIP_MAX_PARTS);
        zip_part *part = &zip->part[zip->parts++];
        (void)snprintf(part->name, sizeof part->name, "%s", archive_entry_pathname(entry));
        size_t cap = (size_t)1 << 23;
        part->bytes = malloc(cap);
        for (la_ssize_t n;
             (n = archive_read_data(a, part->bytes + part->n, cap - part->n - 1)) > 0;)
            part->n += (size_t)n;
        part->bytes[part->n] = '\0';
        part->bytes = realloc(part->bytes, part->n + 1);
    }
    archive_read_free(a);
}

static inline void zip_free(zip_file *zip)
{
    for (size_t i = 0; i < zip->parts; i++)
        free(zip->part[i].bytes);
    zip->parts = 0;
}

static inline zip_part *zip_find(zip_file *zip, const char *name)
{
    for (size_t i = 0; i < zip->parts; i++) {
        if (!strcmp(zip->part[i].name, name))
            return &zip->part[i];
    }
    return NULL;
}

static inline void zip_save(const zip_file *zip, const char *path)
{
    struct archive *a = archive_write_new();
    (void)unlink(path);
    assert_int_equal(archive_write_set_format_zip(a), ARCHIVE_OK);
    assert_int_equal(archive_write_open_filename(a, path), ARCHIVE_OK);
    for (size_t i = 0; i < zip->parts; i++) {
        struct archive_entry *entry = archive_entry_new();
        archive_entry_set_pathname(entry, zip->part[i].name);
        archive_entry_set_size(entry, (la_int64_t)zip->part[i].n);
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        assert_int_equal(archive_write_header(a, entry), ARCHIVE_OK);
        assert_int_equal(archive_write_data(a, zip->part[i].bytes, zip->part[i].n),
                         (la_ssize_t)zip->part[i].n);
        archive_entry_free(entry);
    }
    assert_int_equal(archive_write_free(a), ARCHIVE_OK);
}

/* Replaces the first `old` after the first `after` ("" : from the start); the test fails if it is
 * not there. */
static inline void zip_replace(zip_file *zip, const char *name, const char *after, const char *old,
                               const char *fresh)
{
    zip_part *part = zip_find(zip, name);
    CHECK(part != NULL, "no part %s", name);
    char *from = strstr(part->bytes, after);
    char *at = from ? strstr(from, old) : NULL;
    CHECK(at != NULL, "%s: no '%s' after '%s'", name, old, after);
    size_t head = (size_t)(at - part->bytes), m = strlen(fresh),
           tail = part->n - head - strlen(old);
    char *bytes = malloc(head + m + tail + 1);
    memcpy(bytes, part->bytes, head);
    memcpy(bytes + head, fresh, m);
    memcpy(bytes + head + m, at + strlen(old), tail + 1);
    free(part->bytes);
    part->bytes = bytes;
    part->n = head + m + tail;
}

/* A folder of its own for a test program, made once. */
static inline const char *test_folder(void)
{
    static char folder[200];
    if (!*folder) {
        const char *base = getenv("TMPDIR");
        (void)snprintf(folder, sizeof folder, "%s/casebook-test-XXXXXX",
                       base && *base ? base : "/tmp");
        assert_non_null(mkdtemp(folder));
    }
    return folder;
}

static inline const char *test_path(char out[320], const char *name)
{
    (void)snprintf(out, 320, "%s/%s", test_folder(), name);
    return out;
}

static inline char *read_whole(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    size_t cap = (size_t)1 << 24;
    char *bytes = malloc(cap);
    *n = fread(bytes, 1, cap - 1, f);
    bytes[*n] = '\0';
    (void)fclose(f);
    return bytes;
}

static inline void write_whole(const char *path, const char *bytes, size_t n)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

#endif
