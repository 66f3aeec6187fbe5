#include "json.h"

static void line_break(cb_json *json)
{
    cb_out_char(json->out, '\n');
    for (unsigned i = 0; i < json->depth; i++)
        cb_out_text(json->out, "  ");
}

static void name(cb_json *json, const char *key)
{
    bool flat = json->depth >= json->flat;
    if (json->begun[json->depth])
        cb_out_text(json->out, flat ? ", " : ",");
    if (json->depth > 0 && !flat)
        line_break(json);
    json->begun[json->depth] = true;
    if (key)
        cb_out_print(json->out, "\"%s\": ", key);
}

cb_json cb_json_start(cb_out *out, unsigned flat)
{
    return (cb_json){.out = out, .flat = flat};
}

void cb_json_open(cb_json *json, const char *key, char bracket)
{
    name(json, key);
    cb_out_char(json->out, bracket);
    if (json->depth + 1 < CB_JSON_MAX_DEPTH)
        json->begun[++json->depth] = false;
    else
        json->out->status = CB_ELIMIT;
}

void cb_json_close(cb_json *json, char bracket)
{
    bool broken = json->begun[json->depth] && json->depth < json->flat;
    if (json->depth > 0)
        json->depth--;
    if (broken)
        line_break(json);
    cb_out_char(json->out, bracket);
    if (json->depth == 0)
        cb_out_char(json->out, '\n');
}

void cb_json_text(cb_json *json, const char *key, const char *text)
{
    name(json, key);
    cb_out_print(json->out, "\"%s\"", text);
}

void cb_json_count(cb_json *json, const char *key, uint64_t count)
{
    name(json, key);
    cb_out_padded(json->out, count, 1);
}

void cb_json_real(cb_json *json, const char *key, double value)
{
    name(json, key);
    cb_out_print(json->out, "%.3f", value);
}

void cb_json_cents(cb_json *json, const char *key, int64_t cents)
{
    name(json, key);
    cb_out_cents(json->out, cents);
}
