#include "json_doc.h"

#include <math.h>
#include <stdio.h>

#include "casebook/civil.h"
#include "casebook/money.h"

void cb_doc_set(cb_doc *doc, json_t *in, const char *key, json_t *value)
{
    if (!in || !value || json_object_set_new(in, key, value) != 0)
        doc->failed = true;
}

json_t *cb_doc_object(cb_doc *doc, json_t *in, const char *key)
{
    json_t *object = json_object();
    if (!object)
        doc->failed = true;
    if (in)
        cb_doc_set(doc, in, key, object);
    return doc->failed && in ? NULL : object;
}

json_t *cb_doc_array(cb_doc *doc, json_t *in, const char *key)
{
    json_t *array = json_array();
    cb_doc_set(doc, in, key, array);
    return doc->failed ? NULL : array;
}

json_t *cb_doc_item(cb_doc *doc, json_t *array)
{
    json_t *item = json_object();
    if (!array || !item || json_array_append_new(array, item) != 0) {
        doc->failed = true;
        return NULL;
    }
    return item;
}

void cb_doc_text(cb_doc *doc, json_t *in, const char *key, cb_str text)
{
    cb_doc_set(doc, in, key, json_stringn(text.at ? text.at : "", text.len));
}

void cb_doc_count(cb_doc *doc, json_t *in, const char *key, uint64_t count)
{
    cb_doc_set(doc, in, key, json_integer((json_int_t)count));
}

void cb_doc_null(cb_doc *doc, json_t *in, const char *key, const char *reason)
{
    char name[96];
    snprintf(name, sizeof name, "%s_reason", key);
    cb_doc_set(doc, in, key, json_null());
    cb_doc_text(doc, in, name, cb_str_of(reason ? reason : "not estimable"));
}

void cb_doc_real(cb_doc *doc, json_t *in, const char *key, double value, const char *reason)
{
    if (isfinite(value))
        cb_doc_set(doc, in, key, json_real(value));
    else
        cb_doc_null(doc, in, key, reason);
}

void cb_doc_money(cb_doc *doc, json_t *in, const char *key, int64_t minor)
{
    if (minor == CB_NO_AMOUNT)
        cb_doc_null(doc, in, key, "not in the input");
    else
        cb_doc_set(doc, in, key, json_real((double)minor / cb_currency_scale(doc->digits)));
}

void cb_doc_money_real(cb_doc *doc, json_t *in, const char *key, double minor, const char *reason)
{
    cb_doc_real(doc, in, key, round(minor) / cb_currency_scale(doc->digits), reason);
}

void cb_doc_est(cb_doc *doc, json_t *in, const char *key, cb_est est)
{
    if (!cb_est_ok(est)) {
        cb_doc_null(doc, in, key, est.reason);
        return;
    }
    json_t *object = cb_doc_object(doc, in, key);
    cb_doc_real(doc, object, "value", est.value, NULL);
    cb_doc_real(doc, object, "low", est.low, "this bound is not reached by the data");
    cb_doc_real(doc, object, "high", est.high, "this bound is not reached by the data");
}

void cb_doc_est_money(cb_doc *doc, json_t *in, const char *key, cb_est minor)
{
    double scale = cb_currency_scale(doc->digits);
    cb_doc_est(doc, in, key,
               (cb_est){round(minor.value) / scale, round(minor.low) / scale,
                        round(minor.high) / scale, minor.reason});
}

void cb_doc_time(cb_doc *doc, json_t *in, const char *key, int64_t utc_s)
{
    char text[32];
    cb_time_text(text, utc_s);
    cb_doc_text(doc, in, key, cb_str_of(text));
}
