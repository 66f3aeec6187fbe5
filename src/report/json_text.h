/* json_text.h - private to src/report: JSON written straight into a buffer, in the form of jansson's
 * JSON_INDENT(1): one line an item, one blank a level, reals of 15 significant digits. But a row of a table is a line.
 *
 * Why: the twin of a large sheet has millions of values; a tree of them takes ten times the memory
 * of its text, and the text itself need not be in memory as a whole: what is in the buffer goes to a
 * taker, if there is one, whenever it holds 256 KiB.
 * Sequence: cb_json_begin, then open / values / close in order; a value inside an object has a key
 * (plain ASCII, a constant), inside an array NULL. The first failure stays
 * in rc, and all that follows it does nothing. */
#ifndef CASEBOOK_REPORT_JSON_TEXT_H
#define CASEBOOK_REPORT_JSON_TEXT_H

#include "casebook/alloc.h"
#include "casebook/twin.h"

typedef struct cb_json {
    cb_buf *out;
    const cb_taker *to; /* NULL: all stays in out */
    cb_error *err;
    cb_status rc;
    unsigned depth;  /* levels around the next item */
    unsigned inside; /* those of them that were opened here */
    bool first;      /* no item since the last bracket was opened */
    bool in_row;
} cb_json;

// cb_json_begin starts a value that stands within depth levels of a document. cb_json_end returns the
// status, and says in err what failed; what is still in the buffer then is the caller's to hand on.
cb_json cb_json_begin(cb_buf *out, const cb_taker *to, unsigned depth, cb_error *err);
CB_MUST_USE cb_status cb_json_end(const cb_json *json);

// cb_json_part begins a part of `whole`, in a buffer of its own: items of what is open there, written side
// by side with others of them. first: nothing stands before the part since the bracket. cb_json_join puts a part's text in.
cb_json cb_json_part(const cb_json *whole, cb_buf *out, bool first, cb_error *err);
void cb_json_join(cb_json *json, cb_str items);

void cb_json_open(cb_json *json, const char *key, char bracket); /* '{' or '[' */
void cb_json_close(cb_json *json, char bracket);                 /* '}' or ']' */
// cb_json_open_row opens an array whose values, none of them an array or object, stand in one line.
void cb_json_open_row(cb_json *json);
void cb_json_close_row(cb_json *json);
void cb_json_text(cb_json *json, const char *key, cb_str text); /* valid UTF-8 */
// cb_json_plain writes a text of printable ASCII that needs no escape; else it does nothing and
// returns false.
bool cb_json_plain(cb_json *json, const char *key, cb_str text);
void cb_json_count(cb_json *json, const char *key, int64_t count);
void cb_json_real(cb_json *json, const char *key, double value); /* finite */
// cb_json_amount writes |minor| < 10^15 in major units: its decimals without zeros at the end, but one.
void cb_json_amount(cb_json *json, const char *key, int64_t minor, unsigned digits);
// cb_json_time writes "2026-09-30T23:59:59Z", cb_json_date "2026-09-30".
void cb_json_time(cb_json *json, const char *key, int64_t utc_s);
void cb_json_date(cb_json *json, const char *key, int64_t local_s);
void cb_json_word(cb_json *json, const char *key,
                  const char *word); /* null, true, false, a number */

// cb_real_text writes what "%.15g" writes, with ".0" where that has neither point nor exponent;
// returns its length. Zero has no sign.
size_t cb_real_text(char out[40], double value);

#endif
