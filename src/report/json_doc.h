/* json_doc.h - private to src/report: setting keys of JSON objects with a sticky failure, the contract's EST and null-with-reason. */
#ifndef CASEBOOK_REPORT_JSON_DOC_H
#define CASEBOOK_REPORT_JSON_DOC_H

#include <jansson.h>

#include "casebook/stats.h"
#include "casebook/text.h"

typedef struct cb_doc {
    bool failed;          /* a call ran out of memory: the document is not to be used */
    unsigned digits;      /* decimals of the currency */
} cb_doc;

json_t *cb_doc_object(cb_doc *doc, json_t *in, const char *key); /* in NULL: a root */
json_t *cb_doc_array(cb_doc *doc, json_t *in, const char *key);
json_t *cb_doc_item(cb_doc *doc, json_t *array);                 /* appends an object */
void cb_doc_set(cb_doc *doc, json_t *in, const char *key, json_t *value); /* takes value; NULL is a failure */

void cb_doc_text(cb_doc *doc, json_t *in, const char *key, cb_str text);
void cb_doc_count(cb_doc *doc, json_t *in, const char *key, uint64_t count);
// A NaN becomes null, with "<key>_reason" beside it.
void cb_doc_real(cb_doc *doc, json_t *in, const char *key, double value, const char *reason);
void cb_doc_money(cb_doc *doc, json_t *in, const char *key, int64_t minor);       /* major units */
void cb_doc_money_real(cb_doc *doc, json_t *in, const char *key, double minor, const char *reason); /* rounded to the minor unit */
void cb_doc_est(cb_doc *doc, json_t *in, const char *key, cb_est est);            /* {value, low, high} or null */
void cb_doc_est_money(cb_doc *doc, json_t *in, const char *key, cb_est minor);
void cb_doc_null(cb_doc *doc, json_t *in, const char *key, const char *reason);
void cb_doc_time(cb_doc *doc, json_t *in, const char *key, int64_t utc_s);

#endif
