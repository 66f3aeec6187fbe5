/* json_text.h - private to src/report: JSON written straight into a buffer, in the form of jansson's
 * JSON_INDENT(1): one line an item, one blank a level, reals of 15 significant digits.
 *
 * Why: the twin of a large sheet has millions of values; a tree of them takes ten times the memory
 * of its text.
 * Sequence: cb_json_begin, then open / values / close in order; a value inside an object has a key
 * (plain ASCII, a constant), inside an array NULL. The first failure stays
 * in rc, and all that follows it does nothing. */
#ifndef CASEBOOK_REPORT_JSON_TEXT_H
#define CASEBOOK_REPORT_JSON_TEXT_H

#include "casebook/alloc.h"

typedef struct cb_json {
    cb_buf *out;
    cb_status rc;
    unsigned depth;  /* levels around the next item */
    unsigned inside; /* those of them that were opened here */
    bool first;      /* no item since the last bracket was opened */
} cb_json;

// cb_json_begin starts a value that stands within depth levels of a document.
cb_json cb_json_begin(cb_buf *out, unsigned depth);

void cb_json_open(cb_json *json, const char *key, char bracket); /* '{' or '[' */
void cb_json_close(cb_json *json, char bracket);                 /* '}' or ']' */
void cb_json_text(cb_json *json, const char *key, cb_str text);  /* valid UTF-8 */
void cb_json_count(cb_json *json, const char *key, int64_t count);
void cb_json_real(cb_json *json, const char *key, double value); /* finite */
void cb_json_word(cb_json *json, const char *key, const char *word); /* null, true, false, a number */

// cb_real_text writes what "%.15g" writes, with ".0" where that has neither point nor exponent;
// returns its length. Zero has no sign.
size_t cb_real_text(char out[40], double value);

#endif
