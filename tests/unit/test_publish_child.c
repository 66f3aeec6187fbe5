/* Publishing by a child process, and on a full disk: whatever ends it, the old files or the new ones
 * are there. */
#include "publish_folder.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "casebook/xlsx.h"
#include "workbook_demo.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_children, set_up),
        cmocka_unit_test_setup(test_stop_kills_the_child, set_up),
        cmocka_unit_test_setup(test_full_disk, set_up),
        cmocka_unit_test_setup(test_no_space_for_bytes, set_up),
        cmocka_unit_test_setup(test_killed_at_any_time, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
