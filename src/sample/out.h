/* out.h - buffered output of the generator: cells, amounts and times without printf's cost.
 *
 * Sequence: cb_out_open on a path, or cb_out_memory for a buffer to look at; append; cb_out_close,
 * which tells whether all that was written has reached the file. The first fault sticks: later
 * calls do nothing, so that only the close need be checked. A memory output is read at out->at,
 * out->len until it is closed. */
#ifndef SAMPLE_OUT_H
#define SAMPLE_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "casebook/status.h"

enum { CB_OUT_BLOCK_BYTES = 1 << 18, CB_OUT_PATH_BYTES = 4096 };

typedef struct cb_out {
    char *at;
    size_t len, cap;
    int fd; /* -1: in memory */
    cb_status status;
    int fault;        /* errno of the first fault */
    uint64_t written; /* bytes handed to the file */
    char path[CB_OUT_PATH_BYTES];
} cb_out;

// cb_out_open creates or empties dir/name.
CB_MUST_USE cb_status cb_out_open(cb_out *out, const char *dir, const char *name, cb_error *err);
CB_MUST_USE cb_status cb_out_memory(cb_out *out, cb_error *err);
CB_MUST_USE cb_status cb_out_close(cb_out *out, cb_error *err);

void cb_out_bytes(cb_out *out, const void *bytes, size_t n);
void cb_out_number(cb_out *out, int64_t value);
void cb_out_padded(cb_out *out, uint64_t value, unsigned digits); /* with leading zeros */
void cb_out_cents(cb_out *out, int64_t cents);                    /* "1234.50"; cents >= 0 */
void cb_out_print(cb_out *out, const char *format, ...) CB_PRINTF(2, 3);

static inline void cb_out_text(cb_out *out, const char *text)
{
    cb_out_bytes(out, text, strlen(text));
}
static inline void cb_out_char(cb_out *out, char c)
{
    cb_out_bytes(out, &c, 1);
}

// cb_out_cell writes a CSV cell, quoted if it holds a comma, a quote or a line end.
void cb_out_cell(cb_out *out, const char *text, size_t n);

#endif
