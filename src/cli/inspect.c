/* The commands that look at inputs and write no workbook: check, map, presets. */
#include "cli.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "casebook/mapping.h"

static cb_role role_of_preset(const cb_options *options, cb_str *name)
{
    for (int role = 0; role < CB_ROLES; role++)
        if (options->preset[role]) {
            const char *colon = strchr(options->preset[role], ':');
            *name = (cb_str){options->preset[role], strcspn(options->preset[role], ":")};
            return colon ? (cb_role)role : CB_ROLES;
        }
    *name = CB_LIT("");
    return CB_ROLES;
}

cb_status cb_command_map(const cb_options *options, cb_error *err)
{
    const char *path = options->words > 0    ? options->word[0]
                       : options->inputs > 0 ? options->input[0].path
                                             : NULL;
    if (!path || options->words > 1)
        return cb_fail(err, CB_EUSAGE, "`casebook map` takes one FILE");
    cb_settings *settings = NULL;
    cb_status rc = cb_options_settings(options, &settings, err);
    if (rc != CB_OK)
        return rc;
    cb_str preset;
    cb_role role = role_of_preset(options, &preset);
    if (options->words == 0)
        role = options->input[0].role;
    cb_buf text;
    cb_buf_init(&text, cb_alloc_libc(), 1 << 24);
    rc = cb_ingest_map(settings, path, role, preset, &text, err);
    if (rc == CB_OK)
        cb_print("%.*s", (int)text.len, text.at);
    cb_buf_free(&text);
    cb_settings_free(settings);
    return rc;
}

static void print_preset(const cb_preset *preset)
{
    cb_print(CB_STR_FMT " (%s): " CB_STR_FMT "\n  maps:", CB_STR_ARG(preset->name),
             cb_role_names[preset->role], CB_STR_ARG(preset->title));
    const cb_schema *schema = &cb_schemas[preset->role];
    for (unsigned f = 0; f < schema->fields; f++)
        if (preset->setting->field[f].column.len > 0)
            cb_print(" %s", schema->field[f].name);
    cb_print("\n  lacks:");
    for (unsigned f = 0; f < schema->fields; f++)
        if (preset->setting->field[f].column.len == 0)
            cb_print(" %s", schema->field[f].name);
    cb_print("\n");
}

cb_status cb_command_presets(const cb_options *options, cb_error *err)
{
    cb_presets *presets = NULL;
    cb_status rc = cb_presets_new(&presets, cb_alloc_libc(), err);
    if (rc != CB_OK)
        return rc;
    const cb_preset *one = NULL;
    if (options->words > 0)
        rc = cb_presets_find(presets, cb_str_of(options->word[0]), &one, err);
    for (unsigned i = 0; rc == CB_OK && i < presets->n; i++)
        if (!one || one == &presets->preset[i])
            print_preset(&presets->preset[i]);
    cb_presets_free(presets);
    return rc;
}

static void check_columns(const cb_input_facts *input)
{
    const cb_schema *schema = &cb_schemas[input->role];
    uint64_t rows = input->accepted + input->superseded;
    cb_print("  %-28s %-20s %10s %10s %10s  %s\n", "column", "field", "filled", "empty",
             "unreadable", "read as");
    for (unsigned c = 0; c < input->columns; c++) {
        const cb_column_facts *column = &input->column[c];
        if (column->field < 0)
            continue;
        cb_print("  %-28.*s %-20s %9.1f%% %10llu %10llu  %s\n",
                 (int)(column->label.len < 28 ? column->label.len : 28), column->label.at,
                 schema->field[column->field].name,
                 rows ? 100.0 * (double)column->filled / (double)rows : 0.0,
                 (unsigned long long)column->empty, (unsigned long long)column->unreadable,
                 column->format ? column->format : "");
    }
    cb_print("  fields not in the input:");
    for (unsigned f = 0; f < schema->fields; f++) {
        bool there = false;
        for (unsigned c = 0; c < input->columns; c++)
            there |= input->column[c].field == (int)f;
        if (!there)
            cb_print(" %s", schema->field[f].name);
    }
    cb_print("\n");
}

static void check_input(const cb_input_facts *input)
{
    cb_print("%s: " CB_STR_FMT "\n", cb_role_names[input->role], CB_STR_ARG(input->path));
    cb_print("  layout: " CB_STR_FMT ", delimiter %s, %u columns, %llu bytes, sha256 %s\n",
             CB_STR_ARG(input->preset.len ? input->preset : CB_LIT("own names")),
             input->delimiter == '\t' ? "tab" : (char[2]){input->delimiter, 0}, input->columns,
             (unsigned long long)input->source.stored_bytes, input->source.sha256);
    cb_print("  rows read %llu = accepted %llu + superseded %llu + rejected %llu + blank %llu\n",
             (unsigned long long)input->rows, (unsigned long long)input->accepted,
             (unsigned long long)input->superseded, (unsigned long long)input->rejected,
             (unsigned long long)input->blank);
    for (int code = 0; code < CB_REJECT_CODES; code++)
        if (input->rejects.by_code[code] > 0)
            cb_print("  rejected, %s: %llu (%s)\n", cb_reject_names[code],
                     (unsigned long long)input->rejects.by_code[code], cb_reject_meanings[code]);
    check_columns(input);
}

static json_t *check_json(const cb_input_facts *input)
{
    json_t *columns = json_array(), *rejects = json_object();
    for (unsigned c = 0; c < input->columns; c++) {
        const cb_column_facts *column = &input->column[c];
        const char *field =
            column->field < 0 ? NULL : cb_schemas[input->role].field[column->field].name;
        json_array_append_new(columns, json_pack("{s:s%,s:s?,s:I,s:I,s:I,s:s}", "column",
                                                 column->label.at, column->label.len, "field",
                                                 field, "filled", (json_int_t)column->filled,
                                                 "empty", (json_int_t)column->empty, "unreadable",
                                                 (json_int_t)column->unreadable, "read_as",
                                                 column->format ? column->format : ""));
    }
    for (int code = 0; code < CB_REJECT_CODES; code++)
        if (input->rejects.by_code[code] > 0)
            json_object_set_new(rejects, cb_reject_names[code],
                                json_integer((json_int_t)input->rejects.by_code[code]));
    return json_pack("{s:s,s:s%,s:s%,s:s,s:I,s:I,s:I,s:I,s:I,s:o,s:o}", "role",
                     cb_role_names[input->role], "file", input->path.at, input->path.len, "preset",
                     input->preset.len ? input->preset.at : "", input->preset.len, "sha256",
                     input->source.sha256, "rows", (json_int_t)input->rows, "accepted",
                     (json_int_t)input->accepted, "superseded", (json_int_t)input->superseded,
                     "rejected", (json_int_t)input->rejected, "blank", (json_int_t)input->blank,
                     "rejects", rejects, "columns", columns);
}

static cb_status check_print_json(const cb_ingest *ingest, cb_error *err)
{
    json_t *inputs = json_array();
    for (unsigned i = 0; i < cb_ingest_inputs(ingest); i++)
        json_array_append_new(inputs, check_json(cb_ingest_input(ingest, i)));
    json_t *all = json_pack("{s:i,s:o}", "schema", 1, "inputs", inputs);
    char *text = all ? json_dumps(all, JSON_INDENT(2) | JSON_PRESERVE_ORDER) : NULL;
    if (text)
        cb_print("%s\n", text);
    free(text);
    json_decref(all);
    return text ? CB_OK : cb_nomem(err, "the JSON document");
}

cb_status cb_command_check(const cb_options *options, cb_error *err)
{
    cb_settings *settings = NULL;
    cb_ingest *ingest = NULL;
    cb_status rc = cb_options_settings(options, &settings, err);
    if (rc == CB_OK && options->words > 0)
        rc = cb_fail(err, CB_EUSAGE,
                     "'%s' is not an option; input files follow --cases, --reviews or --customers",
                     options->word[0]);
    if (rc == CB_OK)
        rc = cb_options_ingest(options, settings, false, &ingest, err);
    /* What is wrong as a whole is told after the tables, which show why. */
    cb_status verdict = rc == CB_OK ? cb_ingest_done(ingest, err) : rc;
    if (rc == CB_OK && options->format_given && options->json)
        rc = check_print_json(ingest, err);
    else if (rc == CB_OK)
        for (unsigned i = 0; i < cb_ingest_inputs(ingest); i++)
            check_input(cb_ingest_input(ingest, i));
    cb_ingest_free(ingest);
    cb_settings_free(settings);
    return rc == CB_OK ? verdict : rc;
}
