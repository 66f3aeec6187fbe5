/* `casebook presets`: the layouts that are known. */
#include "cli.h"

#include "casebook/mapping.h"

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
