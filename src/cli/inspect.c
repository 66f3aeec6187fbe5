/* The commands that look at layouts and write no workbook: map, presets. */
#include "cli.h"

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
