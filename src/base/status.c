#include "casebook/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    int exit_status;
    const char *text;
} status_table[] = {
#define STATUS_ROW(code, exit_status, text) [code] = {exit_status, text},
    CB_STATUS_MAP(STATUS_ROW)
#undef STATUS_ROW
};

/* A number that no table row has is a fault of ours: EX_SOFTWARE. */
enum { EXIT_SOFTWARE = 70 };

static int known(cb_status status)
{
    return (int)status >= 0 && status < CB_STATUS_COUNT;
}

int cb_exit_status(cb_status status)
{
    return known(status) ? status_table[status].exit_status : EXIT_SOFTWARE;
}

const char *cb_status_text(cb_status status)
{
    return known(status) ? status_table[status].text : "internal error";
}

/* A sentence that was cut (it fills why) must not end inside a UTF-8 sequence. */
static void drop_broken_end(char *why)
{
    size_t len = CB_MAX_WHY - 1;
    size_t from = len;
    while (len - from < 3 && ((unsigned char)why[from - 1] & 0xC0) == 0x80)
        from--;
    unsigned char lead = (unsigned char)why[from - 1];
    size_t wanted = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
    if (wanted > len - from)
        why[from - 1] = '\0';
}

cb_status cb_fail(cb_error *err, cb_status status, const char *format, ...)
{
    if (!err || err->status != CB_OK)
        return status;
    err->status = status;
    va_list values;
    va_start(values, format);
    int n = vsnprintf(err->why, sizeof err->why, format, values);
    va_end(values);
    if (n < 0)
        err->why[0] = '\0';
    else if ((size_t)n >= sizeof err->why)
        drop_broken_end(err->why);
    return status;
}

cb_status cb_nomem(cb_error *err, const char *purpose)
{
    return cb_fail(err, CB_ENOMEM,
                   "out of memory for %s: give the process more memory or fewer input rows",
                   purpose);
}

void cb_error_clear(cb_error *err)
{
    if (!err)
        return;
    err->status = CB_OK;
    err->why[0] = '\0';
}
