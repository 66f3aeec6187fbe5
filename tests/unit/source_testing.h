/* source_testing.h - what the tests of sources share: files in a folder of the test's own, packing
 * with libarchive's writer, reading a source to its end.
 *
 * Sequence: make_folder as group setup -> put(…, pack(…)) -> slurp -> text, facts, error ->
 * remove_folder as group teardown. */
#ifndef TESTS_SOURCE_TESTING_H
#define TESTS_SOURCE_TESTING_H

#include "casebook/source.h"

#include "testing.h"

#include <archive.h>
#include <archive_entry.h>
#include <openssl/evp.h>

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROOMY = 1 << 22 };

static char folder[512], path_buffer[1024];

static const cb_limits no_limits = {.file_bytes = UINT64_C(1) << 33, .expand_ratio = 1000};

/* The path of a file in the test's own folder; one at a time. */
static inline const char *path_of(const char *name)
{
    (void)snprintf(path_buffer, sizeof path_buffer, "%s/%s", folder, name);
    return path_buffer;
}

static inline const char *put(const char *name, cb_str bytes)
{
    const char *path = path_of(name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.at, 1, bytes.len, file), bytes.len);
    assert_int_equal(fclose(file), 0);
    return path;
}

static char text[ROOMY];
static size_t text_len;
static cb_source_facts facts;
static cb_error error;

/* Reads a whole source, cap bytes at a time, into text, text_len, facts and error. */
static inline cb_status slurp_capped(const char *path, cb_str encoding, const cb_limits *limits,
                                     size_t cap)
{
    cb_source *source;
    error = (cb_error){0};
    text_len = 0;
    cb_status status = cb_source_open(&source, path, encoding, limits, &error);
    if (status != CB_OK) {
        assert_null(source);
        assert_true(error.status == status && error.why[0]);
        return status;
    }
    size_t got;
    do {
        assert_true(text_len + cap <= ROOMY);
        status = cb_source_read(source, text + text_len, cap, &got, &error);
        text_len += got;
    } while (status == CB_OK && got == cap);
    if (status == CB_OK) {
        assert_int_equal(cb_source_read(source, text + text_len, cap, &got, &error), CB_OK);
        assert_int_equal(got, 0);
    } else {
        cb_error again = {0};
        assert_int_equal(cb_source_read(source, text, cap, &got, &again), status);
        assert_string_equal(again.why, error.why);
    }
    facts = cb_source_facts_of(source);
    cb_source_close(source);
    return status;
}

static inline cb_status slurp(const char *path, const char *encoding)
{
    return slurp_capped(path, cb_str_of(encoding), &no_limits, 65536);
}

static inline bool text_is(cb_str want)
{
    return cb_str_eq((cb_str){text, text_len}, want);
}

/* ---- packing, with libarchive's writer ---- */

typedef enum kind { PLAIN, GZ, ZST, XZ, ZIP, KINDS } kind;
static const char *const kind_names[KINDS] = {"plain", "gzip", "zstd", "xz", "zip"};

static char packed_at[ROOMY];
static cb_str packed;

static inline void add_file(struct archive *archive, const char *name, cb_str bytes)
{
    struct archive_entry *entry = archive_entry_new();
    assert_non_null(entry);
    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, name[strlen(name) - 1] == '/' ? AE_IFDIR : AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, (la_int64_t)bytes.len);
    assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
    assert_int_equal(archive_write_data(archive, bytes.at, bytes.len), (la_ssize_t)bytes.len);
    archive_entry_free(entry);
}

static inline struct archive *begin_pack(kind as, size_t *used)
{
    struct archive *archive = archive_write_new();
    assert_non_null(archive);
    if (as == GZ)
        assert_int_equal(archive_write_add_filter_gzip(archive), ARCHIVE_OK);
    if (as == ZST)
        assert_int_equal(archive_write_add_filter_zstd(archive), ARCHIVE_OK);
    if (as == XZ)
        assert_int_equal(archive_write_add_filter_xz(archive), ARCHIVE_OK);
    assert_int_equal(as == ZIP ? archive_write_set_format_zip(archive)
                               : archive_write_set_format_raw(archive),
                     ARCHIVE_OK);
    assert_int_equal(archive_write_set_bytes_in_last_block(archive, 1), ARCHIVE_OK);
    assert_int_equal(archive_write_open_memory(archive, packed_at, sizeof packed_at, used),
                     ARCHIVE_OK);
    return archive;
}

static inline cb_str pack(kind as, cb_str bytes)
{
    size_t used = 0;
    if (as == PLAIN)
        return packed = bytes;
    struct archive *archive = begin_pack(as, &used);
    add_file(archive, "cases.csv", bytes);
    assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
    assert_int_equal(archive_write_free(archive), ARCHIVE_OK);
    return packed = (cb_str){packed_at, used};
}

static inline cb_str pack_zip(const char *const *names, unsigned n, cb_str bytes)
{
    size_t used = 0;
    struct archive *archive = begin_pack(ZIP, &used);
    for (unsigned i = 0; i < n; i++)
        add_file(archive, names[i],
                 names[i][strlen(names[i]) - 1] == '/' ? (cb_str){"", 0} : bytes);
    assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
    assert_int_equal(archive_write_free(archive), ARCHIVE_OK);
    return packed = (cb_str){packed_at, used};
}

/* Rows that do not compress to nothing. */
static inline cb_str sample_rows(size_t bytes)
{
    static char at[1 << 20];
    size_t len = (size_t)snprintf(at, sizeof at, "case_id,opened_at,text\n");
    uint64_t seed = 1;
    for (unsigned row = 1; len + 64 < bytes; row++)
        len += (size_t)snprintf(at + len, 64, "%u,2026-01-%02u,%016llx\n", row, row % 28 + 1,
                                (unsigned long long)test_random(&seed));
    return (cb_str){at, len};
}

/* In one call, over the bytes in memory. */
static inline const char *sha256_of(cb_str bytes)
{
    static char hex[65];
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    assert_int_equal(EVP_Digest(bytes.at, bytes.len, digest, &n, EVP_sha256(), NULL), 1);
    assert_int_equal(n, 32);
    for (unsigned i = 0; i < n; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    return hex;
}

static inline void expect_refusal(const char *row, cb_status status, cb_status want,
                                  const char *sentence)
{
    CHECK(status == want, "%s: status %d, not %d (%s)", row, status, want, error.why);
    CHECK(strstr(error.why, sentence), "%s: '%s' is not in: %s", row, sentence, error.why);
}

static inline int make_folder(void **state)
{
    (void)state;
    const char *base = getenv("TMPDIR");
    (void)snprintf(folder, sizeof folder, "%s/casebook-source-XXXXXX", base ? base : "/tmp");
    return mkdtemp(folder) ? 0 : -1;
}

static inline int remove_folder(void **state)
{
    (void)state;
    DIR *dir = opendir(folder);
    if (!dir)
        return -1;
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            (void)unlink(path_of(entry->d_name));
    (void)closedir(dir);
    return rmdir(folder);
}

#endif
