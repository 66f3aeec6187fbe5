#include "out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PRINT_BYTES = 2048 };

static cb_status start(cb_out *out, int fd, cb_error *err)
{
    *out = (cb_out){.fd = fd, .cap = CB_OUT_BLOCK_BYTES, .status = CB_OK};
    out->at = malloc(out->cap);
    return out->at ? CB_OK : cb_nomem(err, "an output buffer");
}

cb_status cb_out_memory(cb_out *out, cb_error *err)
{
    return start(out, -1, err);
}

cb_status cb_out_open(cb_out *out, const char *dir, const char *name, cb_error *err)
{
    cb_status rc = start(out, -1, err);
    if (rc != CB_OK)
        return rc;
    int n = snprintf(out->path, sizeof out->path, "%s/%s", dir, name);
    if (n > 0 && (size_t)n < sizeof out->path)
        out->fd = open(out->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    else
        errno = ENAMETOOLONG;
    if (out->fd >= 0)
        return CB_OK;
    rc = cb_fail(err, CB_ECANTCREAT, "%s/%s: cannot be created (%s)", dir, name, strerror(errno));
    free(out->at);
    out->at = NULL;
    return rc;
}

static void flush(cb_out *out)
{
    for (size_t done = 0; done < out->len && out->status == CB_OK;) {
        ssize_t n = write(out->fd, out->at + done, out->len - done);
        if (n >= 0)
            done += (size_t)n;
        else if (errno != EINTR)
            out->status = CB_EIO, out->fault = errno;
    }
    out->written += out->len;
    out->len = 0;
}

/* Room for n more bytes: a file's buffer is emptied, a memory buffer grows. */
static bool room(cb_out *out, size_t n)
{
    if (out->status == CB_OK && out->fd >= 0 && out->cap - out->len < n)
        flush(out);
    while (out->status == CB_OK && out->cap - out->len < n) {
        char *at = realloc(out->at, out->cap * 2);
        if (!at)
            out->status = CB_ENOMEM;
        else
            out->at = at, out->cap *= 2;
    }
    return out->status == CB_OK;
}

cb_status cb_out_close(cb_out *out, cb_error *err)
{
    cb_status rc = out->status;
    if (out->fd >= 0) {
        flush(out);
        rc = out->status;
        if (close(out->fd) != 0 && rc == CB_OK)
            rc = CB_EIO, out->fault = errno;
    }
    if (rc != CB_OK)
        rc = cb_fail(err, rc, "%s: %s", out->path,
                     rc == CB_ENOMEM ? "out of memory" : strerror(out->fault));
    free(out->at);
    out->at = NULL;
    out->fd = -1;
    return rc;
}

void cb_out_bytes(cb_out *out, const void *bytes, size_t n)
{
    if (!room(out, n))
        return;
    memcpy(out->at + out->len, bytes, n);
    out->len += n;
}

void cb_out_padded(cb_out *out, uint64_t value, unsigned digits)
{
    char text[24];
    size_t at = sizeof text;
    do {
        text[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value || (sizeof text - at < digits && at > 0));
    cb_out_bytes(out, text + at, sizeof text - at);
}

void cb_out_number(cb_out *out, int64_t value)
{
    if (value < 0)
        cb_out_char(out, '-');
    cb_out_padded(out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 1);
}

void cb_out_cents(cb_out *out, int64_t cents)
{
    cb_out_number(out, cents / 100);
    cb_out_char(out, '.');
    cb_out_padded(out, (uint64_t)(cents % 100), 2);
}

void cb_out_print(cb_out *out, const char *format, ...)
{
    if (!room(out, PRINT_BYTES))
        return;
    va_list values;
    va_start(values, format);
    int n = vsnprintf(out->at + out->len, PRINT_BYTES, format, values);
    va_end(values);
    if (n < 0 || n >= PRINT_BYTES)
        out->status = CB_ELIMIT;
    else
        out->len += (size_t)n;
}

static bool needs_quotes(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (text[i] == ',' || text[i] == '"' || text[i] == '\n' || text[i] == '\r')
            return true;
    return false;
}

void cb_out_cell(cb_out *out, const char *text, size_t n)
{
    if (!needs_quotes(text, n)) {
        cb_out_bytes(out, text, n);
        return;
    }
    cb_out_char(out, '"');
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '"')
            cb_out_char(out, '"');
        cb_out_char(out, text[i]);
    }
    cb_out_char(out, '"');
}
