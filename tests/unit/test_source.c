/* Sources: packed by libarchive here, cut at every length and with every bit turned; encodings; refusals; limits at -1, 0, +1;
 * standard input in small pieces under signals. SHA-256 against the examples of FIPS 180-4. */
#include "casebook/source.h"

#include "testing.h"

#include <archive.h>
#include <archive_entry.h>
#include <openssl/evp.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROOMY = 1 << 22 };

static char folder[512], path_buffer[1024];

static const cb_limits no_limits = {.file_bytes = UINT64_C(1) << 33, .expand_ratio = 1000};

/* The path of a file in the test's own folder; one at a time. */
static const char *path_of(const char *name)
{
    (void)snprintf(path_buffer, sizeof path_buffer, "%s/%s", folder, name);
    return path_buffer;
}

static const char *put(const char *name, cb_str bytes)
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
static cb_status slurp_capped(const char *path, cb_str encoding, const cb_limits *limits, size_t cap)
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

static cb_status slurp(const char *path, const char *encoding)
{
    return slurp_capped(path, cb_str_of(encoding), &no_limits, 65536);
}

static bool text_is(cb_str want) { return cb_str_eq((cb_str){text, text_len}, want); }

/* ---- packing, with libarchive's writer ---- */

typedef enum kind { PLAIN, GZ, ZST, XZ, ZIP, KINDS } kind;
static const char *const kind_names[KINDS] = {"plain", "gzip", "zstd", "xz", "zip"};

static char packed_at[ROOMY];
static cb_str packed;

static void add_file(struct archive *archive, const char *name, cb_str bytes)
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

static struct archive *begin_pack(kind as, size_t *used)
{
    struct archive *archive = archive_write_new();
    assert_non_null(archive);
    if (as == GZ)
        assert_int_equal(archive_write_add_filter_gzip(archive), ARCHIVE_OK);
    if (as == ZST)
        assert_int_equal(archive_write_add_filter_zstd(archive), ARCHIVE_OK);
    if (as == XZ)
        assert_int_equal(archive_write_add_filter_xz(archive), ARCHIVE_OK);
    assert_int_equal(as == ZIP ? archive_write_set_format_zip(archive) : archive_write_set_format_raw(archive), ARCHIVE_OK);
    assert_int_equal(archive_write_set_bytes_in_last_block(archive, 1), ARCHIVE_OK);
    assert_int_equal(archive_write_open_memory(archive, packed_at, sizeof packed_at, used), ARCHIVE_OK);
    return archive;
}

static cb_str pack(kind as, cb_str bytes)
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

static cb_str pack_zip(const char *const *names, unsigned n, cb_str bytes)
{
    size_t used = 0;
    struct archive *archive = begin_pack(ZIP, &used);
    for (unsigned i = 0; i < n; i++)
        add_file(archive, names[i], names[i][strlen(names[i]) - 1] == '/' ? (cb_str){"", 0} : bytes);
    assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
    assert_int_equal(archive_write_free(archive), ARCHIVE_OK);
    return packed = (cb_str){packed_at, used};
}

/* Rows that do not compress to nothing. */
static cb_str sample_rows(size_t bytes)
{
    static char at[1 << 20];
    size_t len = (size_t)snprintf(at, sizeof at, "case_id,opened_at,text\n");
    uint64_t seed = 1;
    for (unsigned row = 1; len + 64 < bytes; row++)
        len += (size_t)snprintf(at + len, 64, "%u,2026-01-%02u,%016llx\n", row, row % 28 + 1, (unsigned long long)test_random(&seed));
    return (cb_str){at, len};
}

/* In one call, over the bytes in memory. */
static const char *sha256_of(cb_str bytes)
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

/* ---- tests ---- */

static void every_kind(void **state)
{
    (void)state;
    static const size_t caps[] = {1, 7, 4096, 65536, 1 << 20};
    cb_str rows = sample_rows(400000);
    for (kind as = PLAIN; as < KINDS; as++) {
        const char *path = put("sample", pack(as, rows));
        for (size_t c = 0; c < COUNT_OF(caps); c++) {
            if (caps[c] == 1 && as != GZ)
                continue; /* once is enough */
            cb_status status = slurp_capped(path, CB_LIT(""), &no_limits, caps[c]);
            CHECK(status == CB_OK && text_is(rows), "%s, %zu at a time: %s", kind_names[as], caps[c], error.why);
            CHECK(facts.stored_bytes == packed.len && facts.done_bytes == packed.len, "%s: stored", kind_names[as]);
            CHECK(facts.total_bytes == (int64_t)packed.len && facts.text_bytes == rows.len, "%s: sizes", kind_names[as]);
            CHECK(!facts.transcoded && strcmp(facts.sha256, sha256_of(packed)) == 0, "%s: facts", kind_names[as]);
        }
    }
}

/* FIPS 180-4's examples: "abc", and a million times 'a'. */
static void sha256(void **state)
{
    (void)state;
    assert_int_equal(slurp(put("abc", CB_LIT("abc")), ""), CB_OK);
    assert_string_equal(facts.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    static char million[1000000];
    memset(million, 'a', sizeof million);
    assert_int_equal(slurp(put("million", (cb_str){million, sizeof million}), ""), CB_OK);
    assert_string_equal(facts.sha256, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* No packed file that was cut short is ever taken for whole. */
static void cut_short(void **state)
{
    (void)state;
    cb_str rows = sample_rows(600);
    for (kind as = GZ; as < KINDS; as++) {
        size_t whole = pack(as, rows).len;
        for (size_t len = 6; len < whole; len++) {
            cb_status status = slurp(put("cut", (cb_str){packed_at, len}), "");
            CHECK(status == CB_EDATA, "%s, %zu of %zu bytes: %d", kind_names[as], len, whole, status);
        }
    }
}

/* Any bit turned: refused, or the very same text (a bit of a time stamp or a name). zstd has no checksum unless asked for. */
static void bits_turned(void **state)
{
    (void)state;
    static const kind kinds[] = {GZ, XZ, ZIP};
    cb_str rows = sample_rows(400);
    for (size_t k = 0; k < COUNT_OF(kinds); k++) {
        unsigned refused = 0;
        size_t whole = pack(kinds[k], rows).len;
        for (size_t bit = 0; bit < 8 * whole; bit++) {
            packed_at[bit / 8] = (char)(packed_at[bit / 8] ^ 1 << bit % 8);
            cb_status status = slurp(put("turned", packed), "");
            /* without its magic number a file is plain text */
            bool plain = status == CB_OK && text_is(packed);
            CHECK(status != CB_OK || plain || text_is(rows), "%s, bit %zu: other text", kind_names[kinds[k]], bit);
            refused += status != CB_OK;
            packed_at[bit / 8] = (char)(packed_at[bit / 8] ^ 1 << bit % 8);
        }
        CHECK(refused > 4 * whole, "%s: %u refused", kind_names[kinds[k]], refused);
    }
}

static void bytes_follow(void **state)
{
    (void)state;
    static const char *const tails[] = {"x", "\n", "trailing garbage", "\x1f\x8b"};
    cb_str rows = sample_rows(2000);
    for (kind as = GZ; as <= XZ; as++)
        for (size_t t = 0; t < COUNT_OF(tails); t++) {
            size_t whole = pack(as, rows).len;
            memcpy(packed_at + whole, tails[t], strlen(tails[t]));
            cb_status status = slurp(put("tail", (cb_str){packed_at, whole + strlen(tails[t])}), "");
            CHECK(status == CB_EDATA, "%s, tail %zu: %d", kind_names[as], t, status);
        }
}

static void members_follow(void **state)
{
    (void)state;
    cb_str rows = sample_rows(200000);
    static char both[2 << 20];
    for (kind as = GZ; as <= XZ; as++) {
        size_t len = pack(as, rows).len;
        memcpy(both, packed.at, len);
        memcpy(both + len, packed.at, len);
        cb_status status = slurp(put("members", (cb_str){both, 2 * len}), "");
        CHECK(status == CB_OK && text_len == 2 * rows.len, "%s: %s", kind_names[as], error.why);
        CHECK(!memcmp(text, rows.at, rows.len) && !memcmp(text + rows.len, rows.at, rows.len), "%s: text", kind_names[as]);
    }
}

static void expect_refusal(const char *row, cb_status status, cb_status want, const char *sentence)
{
    CHECK(status == want, "%s: status %d, not %d (%s)", row, status, want, error.why);
    CHECK(strstr(error.why, sentence), "%s: '%s' is not in: %s", row, sentence, error.why);
}

static void zip_contents(void **state)
{
    (void)state;
    static const struct {
        const char *row, *names[4];
        unsigned n;
        cb_status want;
        const char *sentence;
    } Z[] = {
        {"one", {"a.csv"}, 1, CB_OK, ""},
        {"in a folder, with macOS's shadow", {"export/", "export/a.csv", "__MACOSX/export/._a.csv"}, 3, CB_OK, ""},
        {"shadow first", {"__MACOSX/._a.csv", "a.csv"}, 2, CB_OK, ""},
        {"none", {0}, 0, CB_EDATA, "without a file"},
        {"a folder only", {"export/"}, 1, CB_EDATA, "without a file"},
        {"two", {"a.csv", "b.csv"}, 2, CB_EDATA, "with 2 files"},
        {"three", {"a.csv", "b.csv", "c.csv"}, 3, CB_EDATA, "with 3 files"},
        {"xlsx", {"[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"}, 3, CB_EDATA, "Office document"},
        {"xlsx in another order", {"xl/workbook.xml", "[Content_Types].xml"}, 2, CB_EDATA, "Excel workbook"},
        {"ods", {"mimetype", "content.xml"}, 2, CB_EDATA, "OpenDocument"},
    };
    for (size_t z = 0; z < COUNT_OF(Z); z++) {
        cb_status status = slurp(put("some.zip", pack_zip(Z[z].names, Z[z].n, CB_LIT("a,b\n1,2\n"))), "");
        expect_refusal(Z[z].row, status, Z[z].want, Z[z].sentence);
        CHECK(status != CB_OK || text_is(CB_LIT("a,b\n1,2\n")), "%s: text", Z[z].row);
    }
    static const char *const names[] = {"a.csv", "__MACOSX/._a.csv"};
    cb_str rows = sample_rows(300000); /* the second entry is far from the first block */
    assert_int_equal(slurp(put("some.zip", pack_zip(names, 2, rows)), ""), CB_OK);
    assert_true(text_is(rows));
}

static void zip_with_password(void **state)
{
    (void)state;
    size_t used = 0;
    struct archive *archive = archive_write_new();
    assert_non_null(archive);
    assert_int_equal(archive_write_set_format_zip(archive), ARCHIVE_OK);
    if (archive_write_set_options(archive, "zip:encryption=traditional") != ARCHIVE_OK) {
        print_message("libarchive cannot encrypt here: skipped\n");
        assert_int_equal(archive_write_free(archive), ARCHIVE_OK);
        skip();
    }
    assert_int_equal(archive_write_set_passphrase(archive, "secret"), ARCHIVE_OK);
    assert_int_equal(archive_write_set_bytes_in_last_block(archive, 1), ARCHIVE_OK);
    assert_int_equal(archive_write_open_memory(archive, packed_at, sizeof packed_at, &used), ARCHIVE_OK);
    add_file(archive, "cases.csv", CB_LIT("a,b\n1,2\n"));
    assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
    assert_int_equal(archive_write_free(archive), ARCHIVE_OK);
    expect_refusal("password", slurp(put("some.zip", (cb_str){packed_at, used}), ""), CB_EDATA, "with a password");
}

/* ---- encodings ---- */

#define BYTES(literal) {"" literal, sizeof(literal) - 1}

static const struct {
    const char *row, *encoding;
    cb_str in, want;
    bool transcoded;
} E[] = {
    {"plain", "", BYTES("a,b\n"), BYTES("a,b\n"), false},
    {"NUL in a cell", "", BYTES("a,b\n1\0,2"), BYTES("a,b\n1\0,2"), false},
    {"UTF-8 mark", "", BYTES("\xef\xbb\xbf" "a,b"), BYTES("a,b"), false},
    {"a second mark is data", "", BYTES("\xef\xbb\xbf\xef\xbb\xbf" "a"), BYTES("\xef\xbb\xbf" "a"), false},
    {"the mark wins", "windows-1252", BYTES("\xef\xbb\xbf\xc3\xa9"), BYTES("\xc3\xa9"), false},
    {"invalid UTF-8 stays", "", BYTES("a\xff\xc3(b"), BYTES("a\xff\xc3(b"), false},
    {"declared UTF-8", "UTF-8", BYTES("\xc3\xa9"), BYTES("\xc3\xa9"), false},
    {"UTF-16LE by mark", "", BYTES("\xff\xfe" "a\0,\0\xe9\0\n\0\x3d\xd8\x00\xde"), BYTES("a,\xc3\xa9\n\xf0\x9f\x98\x80"), true},
    {"UTF-16BE by mark", "", BYTES("\xfe\xff\0a\0,\0\xe9\0\n\xd8\x3d\xde\x00"), BYTES("a,\xc3\xa9\n\xf0\x9f\x98\x80"), true},
    {"UTF-16 declared, BE by mark", "utf-16", BYTES("\xfe\xff\0a"), BYTES("a"), true},
    {"UTF-16 declared, no mark", "utf-16", BYTES("a\0b\0"), BYTES("ab"), true},
    {"UTF-16LE declared", "utf-16le", BYTES("a\0b\0"), BYTES("ab"), true},
    {"UTF-16BE declared", "UTF-16BE", BYTES("\0a\0b"), BYTES("ab"), true},
    {"UTF-32LE by mark", "", BYTES("\xff\xfe\0\0" "a\0\0\0\x00\xf6\x01\0"), BYTES("a\xf0\x9f\x98\x80"), true},
    {"high surrogate alone", "utf-16le", BYTES("a\0\x3d\xd8" "b\0"), BYTES("a\xff" "b"), true},
    {"low surrogate alone", "utf-16le", BYTES("a\0\x00\xde" "b\0"), BYTES("a\xff" "b"), true},
    {"high surrogate at the end", "utf-16le", BYTES("a\0b\0\x3d\xd8"), BYTES("ab\xff"), true},
    {"half a unit at the end", "utf-16le", BYTES("a\0b\0c"), BYTES("ab\xff"), true},
    {"Latin-1", "latin-1", BYTES("\xe9\x80\xff"), BYTES("\xc3\xa9\xc2\x80\xc3\xbf"), true},
    {"ISO 8859-1 by its own name", "ISO-8859-1", BYTES("\xe9"), BYTES("\xc3\xa9"), true},
    {"Latin-9", "latin9", BYTES("\xa4"), BYTES("\xe2\x82\xac"), true},
    {"Windows 1252", "windows-1252", BYTES("\x80 \x93q\x94"), BYTES("\xe2\x82\xac \xe2\x80\x9cq\xe2\x80\x9d"), true},
    {"undefined in Windows 1252", "cp1252", BYTES("a\x81" "b\x9d"), BYTES("a\xff" "b\xff"), true},
    {"Shift-JIS", "SHIFT_JIS", BYTES("\x83\x65\x83\x58,\x31"), BYTES("\xe3\x83\x86\xe3\x82\xb9,1"), true},
    {"half a Shift-JIS character", "SHIFT_JIS", BYTES("a\x83"), BYTES("a\xff"), true},
    {"ISO-2022-JP, with its states", "ISO-2022-JP", BYTES("\x1b$B%F%9\x1b(B,1"), BYTES("\xe3\x83\x86\xe3\x82\xb9,1"), true},
    {"held back until the end", "CP1255", BYTES("a\xe9"), BYTES("a\xd7\x99"), true},
    {"ASCII with a byte too many", "us-ascii", BYTES("a\xe9" "b"), BYTES("a\xff" "b"), true},
};

static void encodings(void **state)
{
    (void)state;
    for (size_t e = 0; e < COUNT_OF(E); e++) {
        cb_status status = slurp(put("encoded", E[e].in), E[e].encoding);
        CHECK(status == CB_OK, "%s: %s", E[e].row, error.why);
        CHECK(text_is(E[e].want), "%s: other text (%zu bytes)", E[e].row, text_len);
        CHECK(facts.transcoded == E[e].transcoded, "%s: transcoded", E[e].row);
        CHECK(facts.stored_bytes == E[e].in.len && facts.text_bytes == E[e].want.len, "%s: sizes", E[e].row);
        status = slurp_capped(path_of("encoded"), cb_str_of(E[e].encoding), &no_limits, 1);
        CHECK(status == CB_OK && text_is(E[e].want), "%s: byte by byte", E[e].row);
        status = slurp(put("encoded.gz", pack(GZ, E[e].in)), E[e].encoding);
        CHECK(status == CB_OK && text_is(E[e].want), "%s: packed", E[e].row);
    }
}

/* Over several blocks; the twin writes UTF-8 by hand. Offsets shift, so that characters lie across block borders. */
static void long_text_converted(void **state)
{
    (void)state;
    enum { N = 300001 };
    static char units[2 * N + 3], want[4 * N];
    for (unsigned odd = 0; odd < 3; odd++) {
        size_t in = 0, out = 0;
        uint64_t seed = odd;
        units[in++] = '\xff';
        units[in++] = '\xfe';
        for (unsigned i = 0; i < N - 2 - odd; i++) {
            unsigned point = (unsigned)test_between(&seed, 1, test_between(&seed, 0, 2) ? 0x800 : 0xd800);
            units[in++] = (char)(point & 255);
            units[in++] = (char)(point >> 8);
            if (point >= 0x800)
                want[out++] = (char)(0xe0 | point >> 12);
            if (point >= 0x80)
                want[out++] = (char)(point >= 0x800 ? 0x80 | (point >> 6 & 63) : 0xc0 | point >> 6);
            want[out++] = (char)(point >= 0x80 ? 0x80 | (point & 63) : point);
        }
        cb_str bytes = {units, in - odd % 2}; /* once half a unit at the end */
        if (odd % 2) {
            while (((unsigned char)want[out - 1] & 0xc0) == 0x80)
                out--;
            want[out - 1] = '\xff';
        }
        assert_int_equal(slurp_capped(put("long", bytes), CB_LIT(""), &no_limits, 10007), CB_OK);
        CHECK(text_is((cb_str){want, out}), "round %u: %zu bytes, not %zu", odd, text_len, out);
    }
}

static void encodings_refused(void **state)
{
    (void)state;
    static const struct {
        const char *row, *encoding;
        cb_str in;
        cb_status want;
        const char *sentence;
    } R[] = {
        {"unknown", "klingon", BYTES("a,b\n"), CB_ECONFIG, "'klingon' is not known"},
        {"iconv's switch", "latin1//TRANSLIT", BYTES("a,b\n"), CB_ECONFIG, "is not known"},
        {"iconv's other switch", "ascii//IGNORE", BYTES("a,b\n"), CB_ECONFIG, "is not known"},
        {"endless name", "0123456789012345678901234567890123456789012345678901234567890123456789", BYTES("a"), CB_ECONFIG, "is not known"},
        {"UTF-16LE without mark", "", BYTES("c\0a\0s\0e\0_\0i\0d\0,\0x\0\n\0"), CB_EDATA, "encoding = utf-16le"},
        {"UTF-16BE without mark", "", BYTES("\0c\0a\0s\0e\0_\0i\0d\0,\0x\0\n"), CB_EDATA, "encoding = utf-16be"},
        {"mark and nothing else", "", BYTES("\xef\xbb\xbf"), CB_EDATA, "but for a byte-order mark"},
        {"UTF-16 mark and nothing else", "", BYTES("\xff\xfe"), CB_EDATA, "but for a byte-order mark"},
    };
    for (size_t r = 0; r < COUNT_OF(R); r++)
        expect_refusal(R[r].row, slurp(put("refused", R[r].in), R[r].encoding), R[r].want, R[r].sentence);
}

/* ---- what is no text ---- */

static void content_refused(void **state)
{
    (void)state;
    static const struct {
        const char *row;
        cb_str in;
        const char *sentence;
    } R[] = {
        {"empty", BYTES(""), "is empty"},
        {"LFS", BYTES("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"), "Git LFS"},
        {"NUL", BYTES("\0\0\0\0\0\0\0\0"), "8 NUL bytes"},
        {"PDF", BYTES("%PDF-1.7\n%\xe2\xe3"), "PDF"},
        {"SQLite", BYTES("SQLite format 3\0\x10"), "SQLite"},
        {"xls", BYTES("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0"), "old Office"},
        {"Parquet", BYTES("PAR1\x15\0"), "Parquet"},
        {"bzip2", BYTES("BZh91AY&SY\0"), "bzip2"},
        {"7z", BYTES("7z\xbc\xaf\x27\x1c\0"), "7z"},
        {"RAR", BYTES("Rar!\x1a\x07\x01"), "RAR"},
        {"program", BYTES("\x7f" "ELF\x02"), "program"},
        {"picture", BYTES("\x89PNG\r\n\x1a\n\0"), "picture"},
        {"web page", BYTES("\r\n  <!DOCTYPE html><html>"), "web page"},
        {"web page behind a mark", BYTES("\xef\xbb\xbf<HTML lang=en>"), "web page"},
        {"XML", BYTES("<?xml version=\"1.0\"?>"), "XML"},
    };
    for (size_t r = 0; r < COUNT_OF(R); r++)
        for (kind as = PLAIN; as < KINDS; as++) {
            if (as == ZIP && R[r].in.len == 0)
                continue;
            char row[64];
            (void)snprintf(row, sizeof row, "%s, %s", R[r].row, kind_names[as]);
            expect_refusal(row, slurp(put("refused.csv", pack(as, R[r].in)), ""), CB_EDATA, R[r].sentence);
            CHECK(strstr(error.why, "refused.csv: "), "%s: no name in: %s", row, error.why);
        }
    assert_int_equal(slurp(put("ok.csv", CB_LIT("PAR1,BZh,%PD,version\n")), ""), CB_OK); /* near misses are data */
    static char twice[4096];
    memcpy(twice, pack(GZ, CB_LIT("a,b\n")).at, packed.len);
    expect_refusal("twice", slurp(put("twice", pack(ZST, (cb_str){twice, packed.len})), ""), CB_EDATA, "packed twice");
    memset(twice, 0, sizeof twice);
    memcpy(twice, "cases.csv", 9);
    memcpy(twice + 257, "ustar", 5);
    expect_refusal("tar", slurp(put("tar.gz", pack(GZ, (cb_str){twice, sizeof twice})), ""), CB_EDATA, "tar archive");
}

static void kinds_refused(void **state)
{
    (void)state;
    char target[1024];
    expect_refusal("missing", slurp(path_of("none"), ""), CB_ENOINPUT, "/none: cannot be found: ");
    expect_refusal("folder", slurp(folder, ""), CB_ENOINPUT, "is a folder");
    expect_refusal("device", slurp("/dev/null", ""), CB_ENOINPUT, "is a device");
    expect_refusal("endless device", slurp("/dev/zero", ""), CB_ENOINPUT, "is a device");
    assert_int_equal(mkfifo(path_of("fifo"), 0600), 0);
    expect_refusal("pipe", slurp(path_of("fifo"), ""), CB_ENOINPUT, "is a pipe");
    (void)snprintf(target, sizeof target, "%s", put("target", CB_LIT("a,b\n")));
    assert_int_equal(symlink(target, path_of("link")), 0);
    assert_int_equal(slurp(path_of("link"), ""), CB_OK);
    assert_true(text_is(CB_LIT("a,b\n")));
    assert_int_equal(symlink(folder, path_of("link-to-folder")), 0);
    expect_refusal("link to a folder", slurp(path_of("link-to-folder"), ""), CB_ENOINPUT, "is a folder");
    assert_int_equal(symlink("nowhere", path_of("dangling")), 0);
    expect_refusal("dangling link", slurp(path_of("dangling"), ""), CB_ENOINPUT, "cannot be found");
    assert_int_equal(symlink("loop", path_of("loop")), 0);
    expect_refusal("loop", slurp(path_of("loop"), ""), CB_ENOINPUT, "cannot be found");
    if (geteuid() != 0) {
        assert_int_equal(chmod(target, 0), 0);
        expect_refusal("unreadable", slurp(target, ""), CB_ENOINPUT, "cannot be opened");
    }
}

static void changed_meanwhile(void **state)
{
    (void)state;
    cb_source *source;
    size_t got;
    cb_error why = {0};
    const char *path = put("growing", sample_rows(500000));
    assert_int_equal(cb_source_open(&source, path, CB_LIT(""), &no_limits, &why), CB_OK);
    assert_int_equal(cb_source_read(source, text, 1000, &got, &why), CB_OK);
    FILE *file = fopen(path, "ab");
    assert_non_null(file);
    assert_true(fputs("one more\n", file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(cb_source_read(source, text, sizeof text, &got, &why), CB_EIO);
    assert_non_null(strstr(why.why, "was changed while"));
    assert_string_equal(cb_source_facts_of(source).sha256, "");
    cb_source_close(source);
}

/* ---- limits ---- */

static void file_limit(void **state)
{
    (void)state;
    static const size_t sizes[] = {100, 65536, 200000};
    for (size_t s = 0; s < COUNT_OF(sizes); s++)
        for (kind as = PLAIN; as < KINDS; as++)
            for (int over = -1; over <= 1; over++) {
                cb_str rows = {sample_rows(500000).at, (size_t)((int)sizes[s] + over)};
                cb_limits limits = {.file_bytes = sizes[s], .expand_ratio = 1000};
                cb_status status = slurp_capped(put("limited", pack(as, rows)), CB_LIT(""), &limits, 65536);
                CHECK(status == (over == 1 ? CB_ELIMIT : CB_OK), "%s, limit %zu, %+d: %d", kind_names[as], sizes[s], over, status);
                CHECK(status == CB_OK || strstr(error.why, "file_bytes in [limits]"), "%s", error.why);
                CHECK(status == CB_OK || as != PLAIN || strstr(error.why, ": has "), "read before refused: %s", error.why);
                CHECK(status != CB_OK || text_is(rows), "%s: text", kind_names[as]);
            }
}

/* Texts are sought whose size is an exact multiple of their packed size, and one byte above. */
static void ratio_limit(void **state)
{
    (void)state;
    static char letters[20000];
    memset(letters, 'a', sizeof letters);
    unsigned exact = 0, above = 0;
    for (size_t len = 5000; len < sizeof letters && (exact < 3 || above < 3); len++) {
        const char *path = put("bomb", pack(GZ, (cb_str){letters, len}));
        size_t rest = len % packed.len;
        if (rest > 1)
            continue;
        cb_limits limits = {.file_bytes = 1 << 20, .expand_ratio = len / packed.len};
        cb_status status = slurp_capped(path, CB_LIT(""), &limits, 65536);
        CHECK(status == (rest ? CB_ELIMIT : CB_OK), "%zu bytes from %zu: %d", len, packed.len, status);
        CHECK(status == CB_OK || strstr(error.why, "expand_ratio in [limits]"), "%s", error.why);
        limits.expand_ratio++;
        assert_int_equal(slurp_capped(path, CB_LIT(""), &limits, 65536), CB_OK);
        exact += rest == 0;
        above += rest == 1;
    }
    assert_true(exact >= 1 && above >= 1);
    static char zeros[4 << 20];
    memset(zeros, 'z', sizeof zeros);
    cb_limits usual = {.file_bytes = UINT64_C(1) << 33, .expand_ratio = 1000};
    (void)pack(XZ, (cb_str){zeros, sizeof zeros});
    assert_int_equal(slurp_capped(put("bomb", packed), CB_LIT(""), &usual, 65536), CB_ELIMIT);
}

/* ---- standard input ---- */

static void ignore_signal(int number) { (void)number; }

/* A child writes `bytes` into standard input in small pieces and sends a signal with each. */
static cb_status slurp_pipe(cb_str bytes, size_t piece, int flags)
{
    int ends[2], saved = dup(STDIN_FILENO);
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)close(ends[0]);
        for (size_t at = 0; at < bytes.len;) {
            ssize_t n = write(ends[1], bytes.at + at, bytes.len - at < piece ? bytes.len - at : piece);
            if (n <= 0)
                _exit(0); /* the reader refused */
            at += (size_t)n;
            (void)kill(getppid(), SIGUSR1);
        }
        _exit(0);
    }
    assert_int_equal(fcntl(ends[0], F_SETFL, flags), 0);
    assert_true(dup2(ends[0], STDIN_FILENO) == STDIN_FILENO);
    (void)close(ends[0]);
    (void)close(ends[1]);
    cb_status status = slurp("-", "");
    assert_true(dup2(saved, STDIN_FILENO) == STDIN_FILENO);
    (void)close(saved);
    int exit_status;
    while (waitpid(child, &exit_status, 0) < 0)
        assert_int_equal(errno, EINTR);
    return status;
}

static void standard_input(void **state)
{
    (void)state;
    struct sigaction handler = {.sa_handler = ignore_signal}; /* no SA_RESTART: reads give EINTR */
    assert_int_equal(sigaction(SIGUSR1, &handler, NULL), 0);
    struct sigaction quiet = {.sa_handler = SIG_IGN};
    assert_int_equal(sigaction(SIGPIPE, &quiet, NULL), 0);
    cb_str rows = sample_rows(150000);
    for (int flags = 0; flags <= O_NONBLOCK; flags += O_NONBLOCK)
        for (kind as = PLAIN; as < KINDS; as++) {
            cb_status status = slurp_pipe(pack(as, rows), 777, flags);
            CHECK(status == CB_OK && text_is(rows), "%s, flags %d: %s", kind_names[as], flags, error.why);
            CHECK(facts.stored_bytes == packed.len && facts.total_bytes == -1, "%s: facts", kind_names[as]);
            assert_string_equal(facts.sha256, sha256_of(packed));
        }
    static const char *const two[] = {"a.csv", "b.csv"};
    expect_refusal("zip of two", slurp_pipe(pack_zip(two, 2, rows), 4096, 0), CB_EDATA, "standard input: is a zip archive with 2 files");
    expect_refusal("empty", slurp_pipe(CB_LIT(""), 1, 0), CB_EDATA, "standard input: is empty");
    expect_refusal("cut", slurp_pipe((cb_str){pack(GZ, rows).at, packed.len - 1}, 4096, 0), CB_EDATA, "end too early");
}

static void standard_input_is_file(void **state)
{
    (void)state;
    cb_str rows = sample_rows(100000);
    for (kind as = PLAIN; as < KINDS; as++) {
        int fd = open(put("redirected", pack(as, rows)), O_RDONLY), saved = dup(STDIN_FILENO);
        assert_true(fd >= 0 && dup2(fd, STDIN_FILENO) == STDIN_FILENO);
        cb_status status = slurp("-", "");
        CHECK(status == CB_OK && text_is(rows), "%s: %s", kind_names[as], error.why);
        CHECK(facts.total_bytes == (int64_t)packed.len, "%s: total", kind_names[as]);
        assert_true(lseek(STDIN_FILENO, 0, SEEK_CUR) == (off_t)packed.len); /* ours to leave open */
        assert_true(dup2(saved, STDIN_FILENO) == STDIN_FILENO);
        (void)close(fd);
        (void)close(saved);
    }
    int fd = open(folder, O_RDONLY), saved = dup(STDIN_FILENO);
    assert_true(fd >= 0 && dup2(fd, STDIN_FILENO) == STDIN_FILENO);
    expect_refusal("folder", slurp("-", ""), CB_ENOINPUT, "standard input: is a folder");
    assert_true(dup2(saved, STDIN_FILENO) == STDIN_FILENO);
    (void)close(fd);
    (void)close(saved);
}

/* What people really fed to a tool. */
static void real_mistakes(void **state)
{
    (void)state;
    static const struct {
        const char *name, *sentence;
    } R[] = {{"telco-977501-NUL-bytes.csv", "NUL bytes"}, {"git-lfs-pointer.csv", "Git LFS"}};
    const char *shared = getenv("CB_SHARED");
    for (size_t r = 0; r < COUNT_OF(R); r++) {
        char path[1024];
        (void)snprintf(path, sizeof path, "%s/data/csv/%s", shared ? shared : "../shared", R[r].name);
        if (access(path, R_OK) != 0) {
            print_message("no %s: skipped\n", path);
            skip();
        }
        expect_refusal(R[r].name, slurp(path, ""), CB_EDATA, R[r].sentence);
    }
}

static int make_folder(void **state)
{
    (void)state;
    const char *base = getenv("TMPDIR");
    (void)snprintf(folder, sizeof folder, "%s/casebook-source-XXXXXX", base ? base : "/tmp");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    static const char *const names[] = {
        "sample", "abc", "million", "cut", "turned", "tail", "members", "some.zip", "encoded", "encoded.gz", "long", "refused",
        "refused.csv", "ok.csv", "twice", "tar.gz", "fifo", "target", "link", "link-to-folder", "dangling", "loop", "growing",
        "limited", "bomb", "redirected"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        (void)unlink(path_of(names[i]));
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind),
        cmocka_unit_test(sha256),
        cmocka_unit_test(cut_short),
        cmocka_unit_test(bits_turned),
        cmocka_unit_test(bytes_follow),
        cmocka_unit_test(members_follow),
        cmocka_unit_test(zip_contents),
        cmocka_unit_test(zip_with_password),
        cmocka_unit_test(encodings),
        cmocka_unit_test(long_text_converted),
        cmocka_unit_test(encodings_refused),
        cmocka_unit_test(content_refused),
        cmocka_unit_test(kinds_refused),
        cmocka_unit_test(changed_meanwhile),
        cmocka_unit_test(file_limit),
        cmocka_unit_test(ratio_limit),
        cmocka_unit_test(standard_input),
        cmocka_unit_test(standard_input_is_file),
        cmocka_unit_test(real_mistakes),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
