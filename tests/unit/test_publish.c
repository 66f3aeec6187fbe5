/* Publishing: files become visible whole or not at all, whatever fails. */
#include "testing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "casebook/publish.h"
#include "casebook/xlsx.h"
#include "workbook_demo.h"
#include "zip_edit.h"

static char out_dir[320];

static void clear(const char *path)
{
    DIR *dir = opendir(path);
    if (!dir)
        return;
    for (const struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        char inner[700];
        struct stat st;
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
            continue;
        (void)snprintf(inner, sizeof inner, "%s/%s", path, e->d_name);
        if (lstat(inner, &st) == 0 && S_ISDIR(st.st_mode))
            clear(inner);
        else
            (void)unlink(inner);
    }
    (void)closedir(dir);
    (void)rmdir(path);
}

static int set_up(void **state)
{
    (void)state;
    test_path(out_dir, "out");
    clear(out_dir);
    return 0;
}

static int end(void **state)
{
    (void)state;
    clear(test_folder());
    return 0;
}

// clang-format off
static const char *in_dir(char path[640], const char *name)
{
    (void)snprintf(path, 640, "%s/%s", out_dir, name);
    return path;
}

static bool holds(const char *name, const char *want)
{
    char path[640];
    size_t n = 0;
    char *bytes = read_whole(in_dir(path, name), &n);
    bool same = bytes && n == strlen(want) && !memcmp(bytes, want, n);
    free(bytes);
    return same;
}

static bool exists(const char *name)
{
    char path[640];
    struct stat st;
    return lstat(in_dir(path, name), &st) == 0;
}

/* everything in the folder but the lock */
static unsigned count_files(void)
{
    unsigned n = 0;
    DIR *dir = opendir(out_dir);
    for (const struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir))
        n += strcmp(e->d_name, ".") && strcmp(e->d_name, "..") && strcmp(e->d_name, ".lock");
    if (dir)
        (void)closedir(dir);
    return n;
}

static cb_publish *begin(void)
{
    cb_publish *p = NULL;
    cb_error err = {.status = CB_OK};
    // clang-format on
    CHECK(cb_publish_begin(&p, out_dir, NULL, &err) == CB_OK, "%s", err.why);
    return p;
}

static void publish_two(const char *a, const char *b)
{
    cb_publish *p = begin();
    cb_error err = {.status = CB_OK};
    CHECK(cb_publish_bytes(p, "a.txt", cb_str_of(a), 0644, &err) == CB_OK, "%s", err.why);
    CHECK(cb_publish_bytes(p, "rejected/b.csv", cb_str_of(b), 0600, &err) == CB_OK, "%s", err.why);
    CHECK(cb_publish_commit(p, &err) == CB_OK, "%s", err.why);
}

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

/* ---- children ---- */

typedef struct plan {
    char mode;
    const char *text;
    volatile sig_atomic_t *stop;
} plan;

static cb_status write_plan(void *ctx, const char *path, const char *tmp_dir, cb_error *err)
{
    const plan *of = ctx;
    char other[400];
    switch (of->mode) {
    case 'k':
        (void)raise(SIGKILL);
        break;
    case 's':
        (void)signal(SIGSEGV, SIG_DFL);
        (void)raise(SIGSEGV);
        break;
    case 'x':
        _exit(0); /* claims success, says nothing */
    case '1':
        _exit(7);
    case 'n':
        return CB_OK; /* says it wrote, did not */
    case 'e':
        return cb_fail(err, CB_ELIMIT, "too many rows for the sheet");
    case 'h':
        for (;;)
            (void)pause();
    case 'l':
        return symlink("/etc/passwd", path) == 0 ? CB_OK : CB_EIO;
    case 'd':
        return mkdir(path, 0700) == 0 ? CB_OK : CB_EIO;
    case 'f':
        return mkfifo(path, 0600) == 0 ? CB_OK : CB_EIO;
    case 'o': /* as a library whose memory ran short in one of two processes */
        (void)snprintf(other, sizeof other, "%ld", (long)getpid());
        write_whole(path, other, strlen(other));
        return CB_OK;
    case 'p':
        printf("noise on standard output\n");
        (void)fflush(stdout);
        break;
    default:
        break;
    }
    (void)snprintf(other, sizeof other, "%s/temporary", tmp_dir);
    write_whole(other, "x", 1);
    write_whole(path, of->text, strlen(of->text));
    return CB_OK;
}

static cb_status verify_plan(void *ctx, const char *path, cb_error *err)
{
    const plan *of = ctx;
    size_t n = 0;
    if (of->mode == 'K')
        (void)raise(SIGKILL);
    if (of->mode == 'X')
        _exit(0);
    char *bytes = read_whole(path, &n);
    bool same = bytes && of->mode != 'v' && n == strlen(of->text) && !memcmp(bytes, of->text, n);
    free(bytes);
    return same ? CB_OK : cb_fail(err, CB_EIO, "the content differs");
}

// clang-format off
static const struct { const char *name; char mode; cb_status want; const char *why; } children[] = {
    {"writes", 'w', CB_OK, ""},
    {"prints", 'p', CB_OK, ""},
    {"killed", 'k', CB_EIO, "ended by signal 9"},
    {"crashes", 's', CB_EIO, "fail"},
    {"leaves with 0", 'x', CB_EIO, "failed"},
    {"leaves with 7", '1', CB_EIO, "failed"},
    {"writes nothing", 'n', CB_EIO, "was not written"},
    {"says why", 'e', CB_ELIMIT, "too many rows for the sheet"},
    {"writes otherwise in each process", 'o', CB_EIO, "did not write it alike"},
    {"symlink", 'l', CB_EIO, "was not written"},
    {"folder", 'd', CB_EIO, "not a regular file"},
    {"fifo", 'f', CB_EIO, "not a regular file"},
    {"killed reading back", 'K', CB_EIO, "reads it back was ended by signal 9"},
    {"leaves reading back", 'X', CB_EIO, "reads it back failed"},
    {"read back differs", 'v', CB_EIO, "the content differs"},
};
// clang-format on

static void test_children(void **state)
{
    (void)state;
    publish_two("one", "two");
    for (size_t i = 0; i < COUNT_OF(children); i++) {
        plan of = {children[i].mode, "from a child", NULL};
        cb_error err = {.status = CB_OK};
        cb_publish *p = begin();
        cb_status rc = cb_publish_child(p, "a.txt", write_plan, verify_plan, &of, &err);
        CHECK(rc == children[i].want, "row %s: %d %s", children[i].name, (int)rc, err.why);
        /* a sanitizer turns the crash into an exit, so only the common word is asked for */
        CHECK(children[i].mode == 's' || strstr(err.why, children[i].why) != NULL, "row %s: %s",
              children[i].name, err.why);
        CHECK(holds("a.txt", "one"), "row %s: visible before the commit", children[i].name);
        cb_publish_abort(p);
        CHECK(count_files() == 2, "row %s: something is left", children[i].name);
    }
    plan of = {'w', "from a child", NULL};
    cb_publish *p = begin();
    assert_int_equal(cb_publish_child(p, "a.txt", write_plan, verify_plan, &of, NULL), CB_OK);
    assert_int_equal(cb_publish_commit(p, NULL), CB_OK);
    assert_true(holds("a.txt", "from a child") && count_files() == 2);
}

static volatile sig_atomic_t alarm_stop;

static void on_alarm(int number)
{
    (void)number;
    alarm_stop = SIGTERM;
}

static void test_stop_kills_the_child(void **state)
{
    (void)state;
    struct sigaction action = {.sa_handler = on_alarm}, before;
    plan of = {'h', "", NULL};
    cb_publish *p = NULL;
    alarm_stop = 0;
    assert_int_equal(cb_publish_begin(&p, out_dir, &alarm_stop, NULL), CB_OK);
    assert_int_equal(sigaction(SIGALRM, &action, &before), 0);
    (void)alarm(1);
    assert_int_equal(cb_publish_child(p, "a.txt", write_plan, verify_plan, &of, NULL), CB_ETERM);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
    assert_int_equal(errno, ECHILD);
    cb_publish_abort(p);
    assert_int_equal(count_files(), 0);
    (void)sigaction(SIGALRM, &before, NULL);
}

/* ---- a disk that is full ---- */

static cb_status write_demo(void *ctx, const char *path, const char *tmp_dir, cb_error *err)
{
    return cb_xlsx_write(ctx, path, tmp_dir, err);
}

static cb_status verify_demo(void *ctx, const char *path, cb_error *err)
{
    return cb_xlsx_verify(ctx, path, err);
}

/* In a process of its own with a limit on the size of files: 0 it was published, 1 it was refused,
 * 2 something is wrong. */
static int publish_under_limit(cb_workbook *w, rlim_t limit)
{
    pid_t child = fork();
    if (child == 0) {
        struct rlimit r = {limit, limit};
        cb_publish *p = NULL;
        (void)signal(SIGXFSZ, SIG_IGN);
        if (setrlimit(RLIMIT_FSIZE, &r) != 0 || cb_publish_begin(&p, out_dir, NULL, NULL) != CB_OK)
            _exit(2);
        cb_status rc = cb_publish_child(p, "w.xlsx", write_demo, verify_demo, w, NULL);
        if (rc == CB_OK)
            rc = cb_publish_bytes(p, "w.json", cb_str_of("{\"about\": \"as large as this text\"}"),
                                  0644, NULL);
        if (rc == CB_OK)
            _exit(cb_publish_commit(p, NULL) == CB_OK ? 0 : 2);
        cb_publish_abort(p);
        _exit(1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}

static void test_full_disk(void **state)
{
    (void)state;
    cb_arena *arena = cb_arena_new(NULL, 0);
    cb_workbook *w = demo_workbook(arena, 300);
    char path[640];
    unsigned refused = 0, published = 0;
    for (rlim_t limit = 0; limit < 200000; limit += limit < 40000 ? 1531 : 9973) {
        int result = publish_under_limit(w, limit);
        CHECK(result != 2, "limit %lu: went wrong", (unsigned long)limit);
        refused += result == 1;
        published += result == 0;
        if (result == 0)
            CHECK(cb_xlsx_verify(w, in_dir(path, "w.xlsx"), NULL) == CB_OK && exists("w.json"),
                  "limit %lu: a wrong file", (unsigned long)limit);
        CHECK(result == 0 || published || count_files() == 0, "limit %lu: something is left",
              (unsigned long)limit);
    }
    CHECK(refused > 10 && published > 5, "%u refused, %u published", refused, published);
    cb_arena_free(arena);
}

static void test_no_space_for_bytes(void **state)
{
    (void)state;
    publish_two("one", "two");
    pid_t child = fork();
    if (child == 0) {
        struct rlimit r = {100, 100};
        char large[5000];
        cb_publish *p = NULL;
        cb_error err = {.status = CB_OK};
        memset(large, 'x', sizeof large);
        (void)signal(SIGXFSZ, SIG_IGN);
        bool ok =
            setrlimit(RLIMIT_FSIZE, &r) == 0 && cb_publish_begin(&p, out_dir, NULL, NULL) == CB_OK;
        ok = ok &&
             cb_publish_bytes(p, "a.txt", (cb_str){large, sizeof large}, 0644, &err) == CB_EIO &&
             strstr(err.why, "a.txt");
        if (ok)
            cb_publish_abort(p);
        _exit(ok ? 0 : 1);
    }
    int status = 1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_true(holds("a.txt", "one") && count_files() == 2);
}

/* ---- the whole way, killed at random times ---- */

static void test_killed_at_any_time(void **state)
{
    (void)state;
    cb_arena *arena = cb_arena_new(NULL, 0);
    cb_workbook *old = demo_workbook(arena, 100), *fresh = demo_workbook(arena, 120);
    char path[640];
    uint64_t seed = 5;
    cb_publish *p = begin();
    assert_int_equal(cb_publish_child(p, "w.xlsx", write_demo, verify_demo, old, NULL), CB_OK);
    assert_int_equal(cb_publish_commit(p, NULL), CB_OK);
    for (int i = 0; i < 40; i++) {
        pid_t child = fork();
        if (child == 0) {
            cb_publish *q = NULL;
            if (cb_publish_begin(&q, out_dir, NULL, NULL) != CB_OK ||
                cb_publish_child(q, "w.xlsx", write_demo, verify_demo, fresh, NULL) != CB_OK)
                _exit(1);
            _exit(cb_publish_commit(q, NULL) == CB_OK ? 0 : 1);
        }
        struct timespec pause_for = {0, test_between(&seed, 0, 60000000)};
        (void)nanosleep(&pause_for, NULL);
        (void)kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
        in_dir(path, "w.xlsx");
        CHECK(cb_xlsx_verify(old, path, NULL) == CB_OK ||
                  cb_xlsx_verify(fresh, path, NULL) == CB_OK,
              "round %d: neither old nor new", i);
        for (int k = 0; k < 200; k++) { /* a writer that outlives its parent goes at once */
            cb_publish *q = NULL;
            if (cb_publish_begin(&q, out_dir, NULL, NULL) == CB_OK) {
                cb_publish_abort(q);
                break;
            }
            CHECK(k < 199, "round %d: the lock stays", i);
            (void)nanosleep(&(struct timespec){0, 5000000}, NULL);
        }
    }
    publish_two("one", "two");
    assert_int_equal(count_files(), 3);
    cb_arena_free(arena);
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
        cmocka_unit_test_setup(test_children, set_up),
        cmocka_unit_test_setup(test_stop_kills_the_child, set_up),
        cmocka_unit_test_setup(test_full_disk, set_up),
        cmocka_unit_test_setup(test_no_space_for_bytes, set_up),
        cmocka_unit_test_setup(test_killed_at_any_time, set_up),
        cmocka_unit_test_setup(test_prom_comes_last, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
