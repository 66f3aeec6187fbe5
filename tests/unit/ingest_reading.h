/* ingest_reading.h - inputs of a test read through the whole of ingest. */
#ifndef CB_TEST_INGEST_READING_H
#define CB_TEST_INGEST_READING_H

#include "testing.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ingest/ingest_parts.h"

/* ---- files for a test ---- */

static inline const char *temp_folder(void)
{
    const char *folder = getenv("TMPDIR");
    return folder && *folder ? folder : "/tmp";
}

/* Writes bytes into a new file; the name is made from `name`. The caller removes it. */
static inline void write_file(char path[256], const char *name, const void *bytes, size_t n)
{
    snprintf(path, 256, "%s/casebook-test-%ld-%s", temp_folder(), (long)getpid(), name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    for (size_t at = 0; at < n;) {
        ssize_t done = write(fd, (const char *)bytes + at, n - at);
        assert_true(done > 0);
        at += (size_t)done;
    }
    assert_int_equal(close(fd), 0);
}

/* ---- one reading of some inputs ---- */

typedef struct input {
    cb_role role;
    const char *path;
    const char *preset;
} input;

typedef struct reading {
    const char *config;
    unsigned threads;
    size_t chunk_bytes;
    int64_t as_of_utc_s; /* 0: the latest event */
    const cb_alloc *alloc;
} reading;

typedef struct result {
    cb_settings *settings;
    cb_ingest *ingest;
    cb_error err;
    cb_status file_status, done_status;
} result;

static inline cb_status prepare(result *r, const reading *how)
{
    cb_ingest_options options = {.alloc = how->alloc,
                                 .workers = {.threads = how->threads ? how->threads : 1}};
    options.as_of_utc_s = how->as_of_utc_s ? how->as_of_utc_s : CB_NO_TIME;
    cb_status rc = cb_settings_new(&r->settings, how->alloc, &r->err);
    if (rc == CB_OK && how->config)
        rc = cb_settings_text(r->settings, cb_str_of(how->config), "test.ini", &r->err);
    if (rc == CB_OK)
        rc = cb_settings_finish(r->settings, &r->err);
    if (rc == CB_OK)
        rc = cb_ingest_new(&r->ingest, r->settings, &options, &r->err);
    if (rc == CB_OK && how->chunk_bytes)
        cb_ingest_chunk_bytes(r->ingest, how->chunk_bytes);
    return rc;
}

static inline void read_inputs(result *r, const reading *how, const input *inputs, size_t n)
{
    memset(r, 0, sizeof *r);
    r->done_status = CB_EUSAGE;
    r->file_status = prepare(r, how);
    for (size_t i = 0; i < n && r->file_status == CB_OK; i++)
        r->file_status =
            cb_ingest_file(r->ingest, inputs[i].role, inputs[i].path,
                           cb_str_of(inputs[i].preset ? inputs[i].preset : ""), &r->err);
    if (r->file_status == CB_OK)
        r->done_status = cb_ingest_done(r->ingest, &r->err);
}

static inline void free_result(result *r)
{
    cb_ingest_free(r->ingest);
    cb_settings_free(r->settings);
}

static inline void read_text(result *r, const reading *how, cb_role role, const void *text,
                             size_t n)
{
    char path[256];
    write_file(path, "in.csv", text, n);
    read_inputs(r, how, &(input){role, path, NULL}, 1);
    assert_int_equal(unlink(path), 0);
}

static inline const cb_table *table_of(const result *r, cb_role role)
{
    return &cb_ingest_book(r->ingest)->table[role];
}

static inline const cb_input_facts *facts_of(const result *r)
{
    return cb_ingest_input(r->ingest, 0);
}

static inline const cb_column_facts *column_of(const result *r, int field)
{
    const cb_input_facts *f = facts_of(r);
    for (unsigned c = 0; c < f->columns; c++)
        if (f->column[c].field == field)
            return &f->column[c];
    fail_msg("no column feeds field %d", field);
    return NULL;
}

static inline void expect_done(const result *r, const char *name)
{
    CHECK(r->file_status == CB_OK && r->done_status == CB_OK, "%s: %s", name, r->err.why);
}

/* ---- bytes ---- */

static inline void put(cb_buf *out, const void *bytes, size_t n)
{
    assert_int_equal(cb_buf_append(out, bytes, n), CB_OK);
}

static inline bool same_bytes(const cb_buf *a, const cb_buf *b)
{
    return a->len == b->len && !memcmp(a->at, b->at, a->len);
}

/* The columns of small files of cases. */
#define HEADER "case_id,opened_at,resolved_at,satisfaction,loss_amount\n"

#endif
