/* Publishing: files become visible whole or not at all, whatever fails. */
#include "publish_folder.h"

#include <fcntl.h>
#include <sys/wait.h>

static void test_old_or_new(void **state)
{
    (void)state;
    struct stat st;
    char path[640];
    publish_two("one", "two");
    assert_true(holds("a.txt", "one") && holds("rejected/b.csv", "two"));
    cb_publish *p = begin();
    assert_int_equal(cb_publish_bytes(p, "a.txt", CB_LIT("new"), 0644, NULL), CB_OK);
    assert_true(holds("a.txt", "one"));
    cb_publish_abort(p);
    assert_true(holds("a.txt", "one"));
    assert_int_equal(count_files(), 2);
    publish_two("ONE", "");
    assert_true(holds("a.txt", "ONE") && holds("rejected/b.csv", ""));
    assert_int_equal(stat(in_dir(path, "rejected/b.csv"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    cb_publish_abort(NULL);
}

static void test_large_content(void **state)
{
    (void)state;
    size_t n = 3000001;
    char *bytes = malloc(n + 1);
    for (size_t i = 0; i < n; i++)
        bytes[i] = (char)('a' + i * 31 % 26);
    bytes[n] = '\0';
    publish_two(bytes, "x");
    assert_true(holds("a.txt", bytes));
    free(bytes);
}

/* Pieces of every size make the same file as the whole. */
static void test_piece_by_piece(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 7, 4096, 65535, 65536, 65537, 150000, 200001};
    enum { BYTES = 200001 };
    char *bytes = malloc(BYTES + 1);
    for (size_t i = 0; i < BYTES; i++)
        bytes[i] = (char)('a' + i * 31 % 26);
    bytes[BYTES] = '\0';
    for (size_t s = 0; s < COUNT_OF(sizes); s++) {
        size_t n = sizes[s] == 1 ? 300 : BYTES;
        cb_publish *p = begin();
        cb_publish_file *file = NULL, *other = NULL;
        assert_int_equal(cb_publish_open(&file, p, "a.txt", 0644, NULL), CB_OK);
        assert_int_equal(cb_publish_open(&other, p, "b.txt", 0600, NULL), CB_OK);
        for (size_t at = 0; at < n; at += sizes[s]) {
            cb_str piece = {bytes + at, n - at < sizes[s] ? n - at : sizes[s]};
            assert_int_equal(cb_publish_append(file, piece, NULL), CB_OK);
        }
        assert_int_equal(cb_publish_append(file, CB_LIT(""), NULL), CB_OK);
        assert_int_equal(cb_publish_sync(file, NULL), CB_OK);
        assert_int_equal(cb_publish_close(&file, NULL), CB_OK);
        assert_null(file);
        assert_int_equal(cb_publish_close(&other, NULL), CB_OK);
        assert_int_equal(cb_publish_close(&other, NULL), CB_OK); /* NULL is fine */
        assert_int_equal(cb_publish_commit(p, NULL), CB_OK);
        bytes[n] = '\0';
        CHECK(holds("a.txt", bytes) && holds("b.txt", ""), "pieces of %zu", sizes[s]);
        bytes[n] = (char)('a' + n * 31 % 26);
    }
    free(bytes);
}

/* the only file of the only stage */
static int open_staged(void)
{
    char path[700];
    DIR *dir = opendir(out_dir);
    int fd = -1;
    for (const struct dirent *e = dir ? readdir(dir) : NULL; e && fd < 0; e = readdir(dir)) {
        (void)snprintf(path, sizeof path, "%s/%.200s/f0", out_dir, e->d_name);
        if (strncmp(e->d_name, ".stage-", 7) == 0)
            fd = open(path, O_RDWR);
    }
    if (dir)
        (void)closedir(dir);
    return fd;
}

/* What is not as it was written is found: before a piece, behind the last one, or cut off. */
static void test_spoiled_while_written(void **state)
{
    (void)state;
    for (int spoil = 0; spoil < 4; spoil++) {
        cb_publish *p = begin();
        cb_publish_file *file = NULL;
        cb_error err = {.status = CB_OK};
        assert_int_equal(cb_publish_open(&file, p, "a.txt", 0644, NULL), CB_OK);
        assert_int_equal(cb_publish_append(file, CB_LIT("12345"), NULL), CB_OK);
        int fd = open_staged();
        assert_true(fd >= 0);
        if (spoil == 1)
            assert_int_equal(pwrite(fd, "x", 1, 10), 1);
        else if (spoil > 1)
            assert_int_equal(ftruncate(fd, spoil), 0);
        (void)close(fd);
        cb_status rc = spoil < 3 ? CB_OK : cb_publish_append(file, CB_LIT(""), &err);
        assert_int_equal(rc, CB_OK);
        rc = cb_publish_close(&file, &err);
        CHECK(rc == (spoil ? CB_EIO : CB_OK), "%d: %s", spoil, err.why);
        CHECK(!spoil || strstr(err.why, "read back differs"), "%s", err.why);
        cb_publish_abort(p);
        assert_int_equal(count_files(), 0);
    }
}

/* A failure stays, and leaves no descriptor open. */
static void test_failure_of_a_piece(void **state)
{
    (void)state;
    volatile sig_atomic_t stop = 0;
    cb_publish *p = NULL;
    cb_publish_file *file = NULL;
    assert_int_equal(cb_publish_begin(&p, out_dir, &stop, NULL), CB_OK);
    int before = dup(0);
    assert_int_equal(cb_publish_open(&file, p, "a.txt", 0644, NULL), CB_OK);
    assert_int_equal(cb_publish_append(file, CB_LIT("one"), NULL), CB_OK);
    stop = SIGTERM;
    assert_int_equal(cb_publish_append(file, CB_LIT("two"), NULL), CB_ETERM);
    stop = 0;
    assert_int_equal(cb_publish_append(file, CB_LIT("three"), NULL), CB_ETERM);
    assert_int_equal(cb_publish_sync(file, NULL), CB_ETERM);
    assert_int_equal(cb_publish_close(&file, NULL), CB_ETERM);
    assert_int_equal(cb_publish_open(&file, p, "a.txt", 0644, NULL), CB_ECANTCREAT); /* twice */
    assert_null(file);
    (void)close(before);
    int after = dup(0);
    assert_int_equal(after, before);
    (void)close(after);
    cb_publish_abort(p);
}

static void test_makes_folders(void **state)
{
    (void)state;
    char deep[700], path[800];
    cb_publish *p = NULL;
    (void)snprintf(deep, sizeof deep, "%s/x/y//z/", out_dir);
    assert_int_equal(cb_publish_begin(&p, deep, NULL, NULL), CB_OK);
    assert_int_equal(cb_publish_bytes(p, "a.txt", CB_LIT("deep"), 0644, NULL), CB_OK);
    assert_int_equal(cb_publish_commit(p, NULL), CB_OK);
    (void)snprintf(path, sizeof path, "%s/a.txt", deep);
    size_t n = 0;
    char *bytes = read_whole(path, &n);
    assert_string_equal(bytes, "deep");
    free(bytes);
}

// clang-format off
static const struct { const char *name; bool fits; } names[] = {
    {"quarterly-2026-Q3.xlsx", true}, {"a", true},          {"a/b", true},      {"", false},     {"a/b/c", false}, {"/a", false}, {"a/", false},
    {"../a", false},                  {"a/../b", false},    {".lock", false},   {".a", false},   {"a/.b", false},  {"a b", false}, {"a\nb", false},
    {"\xC3\xA4", false},              {"a//b", false},      {"..", false},      {"a*", false},   {"casebook.prom", true},
};
// clang-format on

static void test_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        cb_publish *p = begin();
        cb_status want = names[i].fits ? CB_OK : CB_ECANTCREAT;
        CHECK(cb_publish_bytes(p, names[i].name, CB_LIT("x"), 0644, NULL) == want, "row '%s'",
              names[i].name);
        cb_publish_abort(p);
        p = begin();
        cb_publish_remove(p, names[i].name);
        CHECK(cb_publish_commit(p, NULL) == want, "row '%s': remove", names[i].name);
    }
    cb_publish *p = begin();
    assert_int_equal(cb_publish_bytes(p, "a", CB_LIT("x"), 0644, NULL), CB_OK);
    assert_int_equal(cb_publish_bytes(p, "a", CB_LIT("x"), 0644, NULL), CB_ECANTCREAT);
    cb_publish_abort(p);
}

static void test_removal(void **state)
{
    (void)state;
    publish_two("one", "two");
    cb_publish *p = begin();
    cb_publish_remove(p, "rejected/b.csv");
    cb_publish_remove(p, "never/was.csv");
    cb_publish_remove(p, "nor.this");
    assert_true(exists("rejected/b.csv"));
    cb_publish_abort(p);
    assert_true(exists("rejected/b.csv"));
    p = begin();
    cb_publish_remove(p, "rejected/b.csv");
    assert_int_equal(cb_publish_commit(p, NULL), CB_OK);
    assert_false(exists("rejected/b.csv") || exists("rejected"));
    assert_true(holds("a.txt", "one"));
}

/* ---- hostile folders ---- */

static void test_symlinks(void **state)
{
    (void)state;
    char victim[320], path[640];
    cb_publish *p = NULL;
    cb_error err = {.status = CB_OK};
    write_whole(test_path(victim, "victim"), "keep", 4);
    publish_two("one", "two");
    assert_int_equal(unlink(in_dir(path, "a.txt")), 0);
    assert_int_equal(symlink(victim, path), 0);
    publish_two("new", "two"); /* the link is replaced, not followed */
    assert_true(holds("a.txt", "new"));
    size_t n = 0;
    char *bytes = read_whole(victim, &n);
    assert_string_equal(bytes, "keep");
    free(bytes);

    char away[320]; /* a subfolder that leads elsewhere */
    assert_int_equal(mkdir(test_path(away, "away"), 0755), 0);
    assert_int_equal(unlink(in_dir(path, "rejected/b.csv")), 0);
    assert_int_equal(rmdir(in_dir(path, "rejected")), 0);
    assert_int_equal(symlink(away, path), 0);
    p = begin();
    assert_int_equal(cb_publish_bytes(p, "a.txt", CB_LIT("newer"), 0644, NULL), CB_OK);
    assert_int_equal(cb_publish_bytes(p, "rejected/b.csv", CB_LIT("x"), 0600, NULL), CB_OK);
    assert_int_equal(cb_publish_commit(p, &err), CB_ECANTCREAT);
    CHECK(holds("a.txt", "new"), "a file became visible although the commit failed");
    assert_int_equal(rmdir(away), 0);
    assert_int_equal(unlink(path), 0);

    assert_int_equal(unlink(in_dir(path, ".lock")), 0); /* the lock as a link */
    assert_int_equal(symlink(victim, path), 0);
    assert_int_equal(cb_publish_begin(&p, out_dir, NULL, NULL), CB_ECANTCREAT);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(cb_publish_begin(&p, out_dir, NULL, NULL), CB_ECANTCREAT);
    assert_int_equal(unlink(path), 0);

    char link[320]; /* the folder itself as a link */
    cb_error_clear(&err);
    assert_int_equal(symlink(out_dir, test_path(link, "link")), 0);
    assert_int_equal(cb_publish_begin(&p, link, NULL, &err), CB_ECANTCREAT);
    CHECK(strstr(err.why, "symbolic link") != NULL, "%s", err.why);
    char slash[340];
    (void)snprintf(slash, sizeof slash, "%s/", link);
    assert_int_equal(cb_publish_begin(&p, slash, NULL, NULL), CB_ECANTCREAT);
    assert_int_equal(cb_publish_begin(&p, victim, NULL, NULL), CB_ECANTCREAT); /* a file */
    assert_int_equal(cb_publish_begin(&p, "", NULL, NULL), CB_ECANTCREAT);
    assert_null(p);
    assert_int_equal(unlink(link), 0);
}

static void test_a_folder_in_the_way(void **state)
{
    (void)state;
    char path[640];
    publish_two("one", "two");
    assert_int_equal(mkdir(in_dir(path, "z.txt"), 0755), 0);
    cb_publish *p = begin();
    assert_int_equal(cb_publish_bytes(p, "a.txt", CB_LIT("new"), 0644, NULL), CB_OK);
    assert_int_equal(cb_publish_bytes(p, "z.txt", CB_LIT("new"), 0644, NULL), CB_OK);
    assert_int_equal(cb_publish_commit(p, NULL), CB_ECANTCREAT);
    assert_true(holds("a.txt", "one"));
    assert_int_equal(rmdir(path), 0);
}

/* ---- lock and leftovers ---- */

static void test_busy(void **state)
{
    (void)state;
    int ready[2], done[2];
    char byte = 'x';
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(done), 0);
    pid_t child = fork();
    if (child == 0) {
        cb_publish *p = NULL;
        bool ok = cb_publish_begin(&p, out_dir, NULL, NULL) == CB_OK;
        ok = ok && write(ready[1], &byte, 1) == 1 && read(done[0], &byte, 1) == 1;
        _exit(ok ? 0 : 1); /* dies with its stage */
    }
    cb_publish *p = NULL;
    cb_error err = {.status = CB_OK};
    int status = 0;
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(cb_publish_begin(&p, out_dir, NULL, &err), CB_EBUSY);
    assert_null(p);
    assert_int_equal(count_files(), 1); /* the other's stage is not touched */
    assert_int_equal(write(done[1], &byte, 1), 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(count_files(), 1);
    publish_two("one", "two");
    assert_int_equal(count_files(), 2); /* swept */
    for (int i = 0; i < 2; i++) {
        (void)close(ready[i]);
        (void)close(done[i]);
    }
}

static void test_sweeping_keeps_what_is_not_ours(void **state)
{
    (void)state;
    char path[640], victim[320], inner[700];
    publish_two("one", "two");
    write_whole(test_path(victim, "victim"), "keep", 4);
    assert_int_equal(mkdir(in_dir(path, ".stage-dead01"), 0700), 0);
    (void)snprintf(inner, sizeof inner, "%s/f0", path);
    write_whole(inner, "torso", 5);
    (void)snprintf(inner, sizeof inner, "%s/f1", path);
    assert_int_equal(symlink(victim, inner), 0);
    assert_int_equal(symlink(test_folder(), in_dir(path, ".stage-link")), 0);
    assert_int_equal(mkdir(in_dir(path, "stage-mine"), 0700), 0);
    publish_two("one", "two");
    assert_false(exists(".stage-dead01"));
    assert_true(exists(".stage-link") && exists("stage-mine"));
    size_t n = 0;
    char *bytes = read_whole(victim, &n);
    assert_string_equal(bytes, "keep");
    free(bytes);
}

/* ---- stop ---- */

static void test_stop(void **state)
{
    (void)state;
    volatile sig_atomic_t stop = 0;
    cb_publish *p = NULL;
    publish_two("one", "two");
    static const struct {
        int number;
        cb_status want;
    } signals[] = {{SIGINT, CB_EINT}, {SIGTERM, CB_ETERM}};
    for (size_t i = 0; i < COUNT_OF(signals); i++) {
        stop = 0;
        assert_int_equal(cb_publish_begin(&p, out_dir, &stop, NULL), CB_OK);
        assert_int_equal(cb_publish_bytes(p, "a.txt", CB_LIT("new"), 0644, NULL), CB_OK);
        stop = signals[i].number;
        CHECK(cb_publish_bytes(p, "c.txt", CB_LIT("new"), 0644, NULL) == signals[i].want, "row %zu",
              i);
        CHECK(cb_publish_commit(p, NULL) == signals[i].want, "row %zu: commit", i);
        CHECK(holds("a.txt", "one") && count_files() == 2, "row %zu: something is left", i);
    }
}

static void test_prom_comes_last(void **state)
{
    (void)state;
    char path[640];
    /* A rename changes the time of the file's status: the order shows, as far as the clock of the
     * file system goes. */
    cb_publish *p = begin();
    assert_int_equal(cb_publish_bytes(p, "casebook.prom", CB_LIT("casebook_up 1\n"), 0644, NULL),
                     CB_OK);
    assert_int_equal(cb_publish_bytes(p, "z.json", CB_LIT("{}"), 0644, NULL), CB_OK);
    assert_int_equal(cb_publish_commit(p, NULL), CB_OK);
    struct stat prom, json;
    assert_int_equal(stat(in_dir(path, "casebook.prom"), &prom), 0);
    assert_int_equal(stat(in_dir(path, "z.json"), &json), 0);
    assert_true(prom.st_ctim.tv_sec > json.st_ctim.tv_sec ||
                (prom.st_ctim.tv_sec == json.st_ctim.tv_sec &&
                 prom.st_ctim.tv_nsec >= json.st_ctim.tv_nsec));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_old_or_new, set_up),
        cmocka_unit_test_setup(test_large_content, set_up),
        cmocka_unit_test_setup(test_piece_by_piece, set_up),
        cmocka_unit_test_setup(test_spoiled_while_written, set_up),
        cmocka_unit_test_setup(test_failure_of_a_piece, set_up),
        cmocka_unit_test_setup(test_makes_folders, set_up),
        cmocka_unit_test_setup(test_names, set_up),
        cmocka_unit_test_setup(test_removal, set_up),
        cmocka_unit_test_setup(test_symlinks, set_up),
        cmocka_unit_test_setup(test_a_folder_in_the_way, set_up),
        cmocka_unit_test_setup(test_busy, set_up),
        cmocka_unit_test_setup(test_sweeping_keeps_what_is_not_ours, set_up),
        cmocka_unit_test_setup(test_stop, set_up),
        cmocka_unit_test_setup(test_prom_comes_last, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
