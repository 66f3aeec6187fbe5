/* Sources as text: encodings by mark and by name, what is invalid in them, and what is refused
 * because it is no text at all. */
#include "source_testing.h"

/* ---- encodings ---- */

#define BYTES(literal)                                                                             \
    {                                                                                              \
        "" literal, sizeof(literal) - 1                                                            \
    }

// clang-format off
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
// clang-format on

static void encodings(void **state)
{
    (void)state;
    for (size_t e = 0; e < COUNT_OF(E); e++) {
        cb_status status = slurp(put("encoded", E[e].in), E[e].encoding);
        CHECK(status == CB_OK, "%s: %s", E[e].row, error.why);
        CHECK(text_is(E[e].want), "%s: other text (%zu bytes)", E[e].row, text_len);
        CHECK(facts.transcoded == E[e].transcoded, "%s: transcoded", E[e].row);
        CHECK(facts.stored_bytes == E[e].in.len && facts.text_bytes == E[e].want.len, "%s: sizes",
              E[e].row);
        status = slurp_capped(path_of("encoded"), cb_str_of(E[e].encoding), &no_limits, 1);
        CHECK(status == CB_OK && text_is(E[e].want), "%s: byte by byte", E[e].row);
        status = slurp(put("encoded.gz", pack(GZ, E[e].in)), E[e].encoding);
        CHECK(status == CB_OK && text_is(E[e].want), "%s: packed", E[e].row);
    }
}

/* Over several blocks; the twin writes UTF-8 by hand. Offsets shift, so that characters lie across
 * block borders. */
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
            unsigned point =
                (unsigned)test_between(&seed, 1, test_between(&seed, 0, 2) ? 0x800 : 0xd800);
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
    // clang-format off
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
    // clang-format on
    for (size_t r = 0; r < COUNT_OF(R); r++)
        expect_refusal(R[r].row, slurp(put("refused", R[r].in), R[r].encoding), R[r].want,
                       R[r].sentence);
}

/* ---- what is no text ---- */

static void content_refused(void **state)
{
    (void)state;
    // clang-format off
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
        {"lz4", BYTES("\x04\x22\x4d\x18\x64"), "lz4"},
        {"compress", BYTES("\x1f\x9d\x90"), "compress"},
        {"7z", BYTES("7z\xbc\xaf\x27\x1c\0"), "7z"},
        {"RAR", BYTES("Rar!\x1a\x07\x01"), "RAR"},
        {"program", BYTES("\x7f" "ELF\x02"), "program"},
        {"picture", BYTES("\x89PNG\r\n\x1a\n\0"), "picture"},
        {"web page", BYTES("\r\n  <!DOCTYPE html><html>"), "web page"},
        {"web page behind a mark", BYTES("\xef\xbb\xbf<HTML lang=en>"), "web page"},
        {"XML", BYTES("<?xml version=\"1.0\"?>"), "XML"},
    };
    // clang-format on
    for (size_t r = 0; r < COUNT_OF(R); r++)
        for (kind as = PLAIN; as < KINDS; as++) {
            if (as == ZIP && R[r].in.len == 0)
                continue;
            char row[64];
            (void)snprintf(row, sizeof row, "%s, %s", R[r].row, kind_names[as]);
            expect_refusal(row, slurp(put("refused.csv", pack(as, R[r].in)), ""), CB_EDATA,
                           R[r].sentence);
            CHECK(strstr(error.why, "refused.csv: "), "%s: no name in: %s", row, error.why);
        }
    assert_int_equal(slurp(put("ok.csv", CB_LIT("PAR1,BZh,%PD,version\n")), ""),
                     CB_OK); /* near misses are data */
    static char twice[4096];
    memcpy(twice, pack(GZ, CB_LIT("a,b\n")).at, packed.len);
    expect_refusal("twice", slurp(put("twice", pack(ZST, (cb_str){twice, packed.len})), ""),
                   CB_EDATA, "packed twice");
    memset(twice, 0, sizeof twice);
    memcpy(twice, "cases.csv", 9);
    memcpy(twice + 257, "ustar", 5);
    expect_refusal("tar", slurp(put("tar.gz", pack(GZ, (cb_str){twice, sizeof twice})), ""),
                   CB_EDATA, "tar archive");
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
    expect_refusal("link to a folder", slurp(path_of("link-to-folder"), ""), CB_ENOINPUT,
                   "is a folder");
    assert_int_equal(symlink("nowhere", path_of("dangling")), 0);
    expect_refusal("dangling link", slurp(path_of("dangling"), ""), CB_ENOINPUT, "cannot be found");
    assert_int_equal(symlink("loop", path_of("loop")), 0);
    expect_refusal("loop", slurp(path_of("loop"), ""), CB_ENOINPUT, "cannot be found");
    if (geteuid() != 0) {
        assert_int_equal(chmod(target, 0), 0);
        expect_refusal("unreadable", slurp(target, ""), CB_ENOINPUT, "cannot be opened");
    }
}

/* What people really fed to a tool. */
static void real_mistakes(void **state)
{
    (void)state;
    // clang-format off
    static const struct {
        const char *name, *sentence;
    } R[] = {{"csv/telco-977501-NUL-bytes.csv", "NUL bytes"}, {"csv/git-lfs-pointer.csv", "Git LFS"}};
    // clang-format on
    for (size_t r = 0; r < COUNT_OF(R); r++) {
        char path[512];
        if (!test_shared(path, R[r].name))
            skip();
        expect_refusal(R[r].name, slurp(path, ""), CB_EDATA, R[r].sentence);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encodings),         cmocka_unit_test(long_text_converted),
        cmocka_unit_test(encodings_refused), cmocka_unit_test(content_refused),
        cmocka_unit_test(kinds_refused),     cmocka_unit_test(real_mistakes),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
