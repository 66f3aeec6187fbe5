/* json.h - writes a JSON text member by member; commas and line breaks follow by themselves.
 *
 * Sequence: cb_json_start, then members; every cb_json_open is matched by a cb_json_close; the
 * outermost one ends the text. `key` is NULL inside an array. Containers at depth `flat` and deeper
 * stay on one line. Texts are written as they are: they come from the generator's own tables and
 * need no escapes. */
#ifndef SAMPLE_JSON_H
#define SAMPLE_JSON_H

#include "out.h"

enum { CB_JSON_MAX_DEPTH = 8 };

typedef struct cb_json {
    cb_out *out;
    unsigned depth, flat;
    bool begun[CB_JSON_MAX_DEPTH]; /* the container at that depth has a member */
} cb_json;

cb_json cb_json_start(cb_out *out, unsigned flat);
void cb_json_open(cb_json *json, const char *key, char bracket); /* '{' or '[' */
void cb_json_close(cb_json *json, char bracket);                 /* '}' or ']' */
void cb_json_text(cb_json *json, const char *key, const char *text);
void cb_json_count(cb_json *json, const char *key, uint64_t count);
void cb_json_real(cb_json *json, const char *key, double value); /* three decimals */
void cb_json_cents(cb_json *json, const char *key, int64_t cents);

#endif
