/* Sources whose every own call to the system or a library fails in turn: a sentence or the right
 * text, nothing leaked, and a reading error is told as one, whatever the file is packed with.
 *
 * The sources are compiled into this test with those calls renamed, so that only their own calls
 * fail and not those within the libraries (libarchive does not survive that). */
#include "casebook/source.h"

#include "testing.h"

#include <archive.h>
#include <archive_entry.h>
#include <zlib.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef enum call { ANY_CALL, MEMORY, READ, OTHER } call;

static struct {
    unsigned left; /* calls until the failing one, which is number 1 */
    call only;
    unsigned seen, failed;
    int blocks, files;
} fault;

static bool fails(call what)
{
    if (fault.only != ANY_CALL && fault.only != what)
        return false;
    fault.seen++;
    if (fault.left == 0 || --fault.left > 0)
        return false;
    fault.failed++;
    errno = what == MEMORY ? ENOMEM : EIO;
    return true;
}

static void *fault_malloc(size_t n)
{
    void *at = fails(MEMORY) ? NULL : malloc(n);
    fault.blocks += at != NULL;
    return at;
}

static void *fault_calloc(size_t n, size_t size)
{
    void *at = fails(MEMORY) ? NULL : calloc(n, size);
    fault.blocks += at != NULL;
    return at;
}

static void fault_free(void *at)
{
    fault.blocks -= at != NULL;
    free(at);
}

static int fault_open(const char *path, int flags)
{
    int fd = fails(OTHER) ? -1 : open(path, flags);
    fault.files += fd >= 0;
    return fd;
}

static int fault_close(int fd)
{
    fault.files--;
    return close(fd);
}

static ssize_t fault_read(int fd, void *into, size_t n)
{
    return fails(READ) ? -1 : read(fd, into, n);
}

static int fault_fstat(int fd, struct stat *into)
{
    return fails(OTHER) ? -1 : fstat(fd, into);
}

static off_t fault_lseek(int fd, off_t at, int from)
{
    return fails(OTHER) ? -1 : lseek(fd, at, from);
}

static iconv_t fault_iconv_open(const char *to, const char *from)
{
    return fails(MEMORY) ? (iconv_t)-1 : iconv_open(to, from);
}

static struct archive *fault_archive_new(void)
{
    return fails(MEMORY) ? NULL : archive_read_new();
}

static struct archive_entry *fault_entry_new(void)
{
    return fails(MEMORY) ? NULL : archive_entry_new();
}

static int fault_support_raw(struct archive *archive)
{
    return fails(OTHER) ? ARCHIVE_FATAL : archive_read_support_format_raw(archive);
}

static int fault_support_zip(struct archive *archive)
{
    return fails(OTHER) ? ARCHIVE_FATAL : archive_read_support_format_zip_streamable(archive);
}

static int fault_inflate_init(z_stream *z, int bits)
{
    return fails(MEMORY) ? Z_MEM_ERROR : inflateInit2(z, bits);
}

static int fault_inflate(z_stream *z, int flush)
{
    return fails(MEMORY) ? Z_MEM_ERROR : inflate(z, flush);
}

static int fault_inflate_reset(z_stream *z)
{
    return fails(MEMORY) ? Z_STREAM_ERROR : inflateReset(z);
}

#undef inflateInit2
#define malloc fault_malloc
#define calloc fault_calloc
#define free fault_free
#define open fault_open
#define close fault_close
#define read fault_read
#define fstat fault_fstat
#define lseek fault_lseek
#define iconv_open fault_iconv_open
#define archive_read_new fault_archive_new
#define archive_entry_new fault_entry_new
#define archive_read_support_format_raw fault_support_raw
#define archive_read_support_format_zip_streamable fault_support_zip
#define inflateInit2 fault_inflate_init
#define inflate fault_inflate
#define inflateReset fault_inflate_reset

#include "ingest/source.c"
#include "ingest/source_stored.c"
#include "ingest/source_refuse.c"
#include "ingest/source_unpack.c"
#define refill refill_gzip
#include "ingest/source_gzip.c"
#undef refill
#include "ingest/source_text.c"

#undef malloc
#undef calloc
#undef free
#undef open
#undef close
#undef read
#undef fstat
#undef lseek
#undef iconv_open
#undef archive_read_new
#undef archive_entry_new
#undef archive_read_support_format_raw
#undef archive_read_support_format_zip_streamable

/* Behind the sources, whose variables have some of its names. */
#include "source_testing.h"

/* Every kind plain, and gzip and plain converted. */
static const struct {
    kind as;
    const char *encoding;
} S[] = {{PLAIN, ""}, {GZ, ""}, {ZST, ""}, {XZ, ""}, {ZIP, ""}, {PLAIN, "latin-1"}, {GZ, "cp1252"}};

static void check_one(size_t s, unsigned nth, cb_status status, cb_str rows)
{
    const char *row = kind_names[S[s].as];
    CHECK(fault.blocks == 0 && fault.files == 0, "%s, call %u: %d blocks, %d files left", row, nth,
          fault.blocks, fault.files);
    CHECK(status != CB_OK || text_is(rows), "%s, call %u: other text", row, nth);
    CHECK(status == CB_OK || error.why[0], "%s, call %u: no sentence", row, nth);
}

/* The n-th call of a sort fails, for all n. Returns how many did. */
static unsigned sweep(call only, unsigned *ended_well)
{
    unsigned failed = 0;
    cb_str rows = sample_rows(300000);
    for (size_t s = 0; s < COUNT_OF(S); s++) {
        char path[1024];
        (void)snprintf(path, sizeof path, "%s", put("faulty", pack(S[s].as, rows)));
        fault.left = fault.seen = 0;
        fault.only = only;
        assert_int_equal(slurp(path, S[s].encoding), CB_OK);
        for (unsigned nth = 1, calls = fault.seen; nth <= calls; nth++) {
            fault.left = nth;
            fault.failed = 0;
            cb_status status = slurp(path, S[s].encoding);
            check_one(s, nth, status, rows);
            failed += fault.failed;
            *ended_well += status == CB_OK;
            CHECK(only != READ || status == CB_EIO, "%s, read %u: %d, %s", kind_names[S[s].as], nth,
                  status, error.why);
            CHECK(only != MEMORY || status == CB_ENOMEM, "%s, memory %u: %d, %s",
                  kind_names[S[s].as], nth, status, error.why);
        }
    }
    fault.left = 0;
    return failed;
}

static void reads_fail(void **state)
{
    (void)state;
    unsigned ended_well = 0;
    assert_true(sweep(READ, &ended_well) > 20);
    assert_int_equal(ended_well, 0);
}

static void memory_fails(void **state)
{
    (void)state;
    unsigned ended_well = 0;
    assert_true(sweep(MEMORY, &ended_well) > 30);
    assert_int_equal(ended_well, 0);
}

/* lseek tells whether a file is read from its beginning; where it fails, it is read as a stream. */
static void others_fail(void **state)
{
    (void)state;
    unsigned ended_well = 0;
    assert_true(sweep(OTHER, &ended_well) > 30);
    assert_int_equal(ended_well, COUNT_OF(S));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_fail),
        cmocka_unit_test(memory_fails),
        cmocka_unit_test(others_fail),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
