/* Sources as bytes: packed by libarchive here, cut at every length and with every bit turned;
 * limits at -1, 0, +1; standard input in small pieces under signals. SHA-256 against the examples
 * of FIPS 180-4. */
#include "source_testing.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

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
            CHECK(status == CB_OK && text_is(rows), "%s, %zu at a time: %s", kind_names[as],
                  caps[c], error.why);
            CHECK(facts.stored_bytes == packed.len && facts.done_bytes == packed.len, "%s: stored",
                  kind_names[as]);
            CHECK(facts.total_bytes == (int64_t)packed.len && facts.text_bytes == rows.len,
                  "%s: sizes", kind_names[as]);
            CHECK(!facts.transcoded && strcmp(facts.sha256, sha256_of(packed)) == 0, "%s: facts",
                  kind_names[as]);
        }
    }
}

/* FIPS 180-4's examples: "abc", and a million times 'a'. */
static void sha256(void **state)
{
    (void)state;
    assert_int_equal(slurp(put("abc", CB_LIT("abc")), ""), CB_OK);
    assert_string_equal(facts.sha256,
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    static char million[1000000];
    memset(million, 'a', sizeof million);
    assert_int_equal(slurp(put("million", (cb_str){million, sizeof million}), ""), CB_OK);
    assert_string_equal(facts.sha256,
                        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
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
            CHECK(status == CB_EDATA, "%s, %zu of %zu bytes: %d", kind_names[as], len, whole,
                  status);
        }
    }
}

/* Any bit turned: refused, or the very same text (a bit of a time stamp or a name). zstd has no
 * checksum unless asked for. */
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
            CHECK(status != CB_OK || plain || text_is(rows), "%s, bit %zu: other text",
                  kind_names[kinds[k]], bit);
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
            cb_status status =
                slurp(put("tail", (cb_str){packed_at, whole + strlen(tails[t])}), "");
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
        CHECK(!memcmp(text, rows.at, rows.len) && !memcmp(text + rows.len, rows.at, rows.len),
              "%s: text", kind_names[as]);
    }
}

static void zip_contents(void **state)
{
    (void)state;
    // clang-format off
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
    // clang-format on
    for (size_t z = 0; z < COUNT_OF(Z); z++) {
        cb_status status =
            slurp(put("some.zip", pack_zip(Z[z].names, Z[z].n, CB_LIT("a,b\n1,2\n"))), "");
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
    assert_int_equal(archive_write_open_memory(archive, packed_at, sizeof packed_at, &used),
                     ARCHIVE_OK);
    add_file(archive, "cases.csv", CB_LIT("a,b\n1,2\n"));
    assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
    assert_int_equal(archive_write_free(archive), ARCHIVE_OK);
    expect_refusal("password", slurp(put("some.zip", (cb_str){packed_at, used}), ""), CB_EDATA,
                   "with a password");
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
                cb_status status =
                    slurp_capped(put("limited", pack(as, rows)), CB_LIT(""), &limits, 65536);
                CHECK(status == (over == 1 ? CB_ELIMIT : CB_OK), "%s, limit %zu, %+d: %d",
                      kind_names[as], sizes[s], over, status);
                CHECK(status == CB_OK || strstr(error.why, "file_bytes in [limits]"), "%s",
                      error.why);
                CHECK(status == CB_OK || as != PLAIN || strstr(error.why, ": has "),
                      "read before refused: %s", error.why);
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
        CHECK(status == (rest ? CB_ELIMIT : CB_OK), "%zu bytes from %zu: %d", len, packed.len,
              status);
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

static void ignore_signal(int number)
{
    (void)number;
}

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
            ssize_t n =
                write(ends[1], bytes.at + at, bytes.len - at < piece ? bytes.len - at : piece);
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
            CHECK(status == CB_OK && text_is(rows), "%s, flags %d: %s", kind_names[as], flags,
                  error.why);
            CHECK(facts.stored_bytes == packed.len && facts.total_bytes == -1, "%s: facts",
                  kind_names[as]);
            assert_string_equal(facts.sha256, sha256_of(packed));
        }
    static const char *const two[] = {"a.csv", "b.csv"};
    expect_refusal("zip of two", slurp_pipe(pack_zip(two, 2, rows), 4096, 0), CB_EDATA,
                   "standard input: is a zip archive with 2 files");
    expect_refusal("empty", slurp_pipe(CB_LIT(""), 1, 0), CB_EDATA, "standard input: is empty");
    expect_refusal("cut", slurp_pipe((cb_str){pack(GZ, rows).at, packed.len - 1}, 4096, 0),
                   CB_EDATA, "end too early");
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
        cmocka_unit_test(changed_meanwhile),
        cmocka_unit_test(file_limit),
        cmocka_unit_test(ratio_limit),
        cmocka_unit_test(standard_input),
        cmocka_unit_test(standard_input_is_file),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
