/* Any header under any config: fields read columns that are there, and the printed mapping, read back as a config, gives
 * the same columns. Input: config text, a byte 1, then the names of the header parted by line ends. */
#include "casebook/mapping.h"

#include <stdlib.h>
#include <string.h>

#define PIECES "[cases]\n", "[reviews]\n", "product = ", "kind = ", "status = ", "(column 2)", "(line)", "(none)", "\"", "|", "\n", \
    "\x01", "case_id", "opened_at", "Id", "Created at", "Status", "Product", "Issue key", "Created", "Issue Type", "preset = jira\n", \
    "rating", "date", "variation", "verified_reviews", "a;b", "a = b", "#", "[x]", " ", "_", "\xEF\xBB\xBF"

#include "loop.h"

enum { MAX_NAMES = 64, MAX_PRINT = 1 << 20 };

static void must(bool holds)
{
    if (!holds)
        abort();
}

static cb_settings *settings_of(cb_str ini)
{
    cb_settings *settings = NULL;
    cb_error err = {0};
    must(cb_settings_new(&settings, cb_alloc_libc(), &err) == CB_OK);
    if (cb_settings_text(settings, ini, "f.ini", &err) == CB_OK)
        return settings;
    cb_settings_free(settings);
    return NULL;
}

static const cb_mapping *map(const cb_settings *settings, const cb_presets *presets, cb_role role, const cb_str *names, size_t n,
                             cb_arena *arena)
{
    cb_mapping_request request = {settings, presets, role, {"", 0}, "f.csv"};
    cb_mapping *mapping = NULL;
    cb_error err = {0};
    cb_status rc = cb_mapping_new(&mapping, &request, names, n, arena, &err);
    must(rc == CB_OK || rc == CB_ECONFIG);
    if (rc != CB_OK)
        return NULL;
    for (unsigned f = 0; f < cb_schemas[mapping->role].fields; f++)
        must(mapping->field[f].column < (int)n && mapping->field[f].how);
    rc = cb_mapping_check(mapping, &request, &err);
    must(mapping->config_absent ? rc == CB_ECONFIG : (rc == CB_OK) == !(mapping->required_absent | mapping->ambiguous));
    return mapping;
}

/* Required fields of equal names are refused anyway: the reading back names one of them. */
static void check_print(const cb_mapping *mapping, const cb_presets *presets, const cb_str *names, size_t n, cb_arena *arena)
{
    cb_buf text;
    cb_buf_init(&text, cb_alloc_libc(), MAX_PRINT);
    must(cb_mapping_print(mapping, "f.csv", &text) == CB_OK);
    cb_settings *again = settings_of((cb_str){text.at, text.len});
    must(again != NULL);
    const cb_mapping *other = map(again, presets, mapping->role, names, n, arena);
    must(other != NULL && other->config_absent == 0);
    for (unsigned f = 0; f < cb_schemas[mapping->role].fields; f++)
        must((mapping->config_absent >> f & 1) || other->field[f].column == mapping->field[f].column);
    cb_settings_free(again);
    cb_buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const uint8_t *end = n ? memchr(bytes, 1, n) : NULL;
    if (end == NULL)
        return 0;
    cb_settings *settings = settings_of((cb_str){(const char *)bytes, (size_t)(end - bytes)});
    if (settings == NULL)
        return 0;
    cb_str names[MAX_NAMES];
    size_t columns = 0;
    const char *at = (const char *)end + 1, *stop = (const char *)bytes + n;
    while (columns < MAX_NAMES && at <= stop) {
        const char *line = at < stop ? memchr(at, '\n', (size_t)(stop - at)) : NULL;
        const char *to = line ? line : stop;
        names[columns++] = (cb_str){at, (size_t)(to - at)};
        at = to + 1;
    }
    static cb_presets *presets; /* read-only, made once */
    cb_arena *arena = cb_arena_new(cb_alloc_libc(), 0);
    must(arena && (presets || cb_presets_new(&presets, cb_alloc_libc(), NULL) == CB_OK));
    const cb_mapping *mapping = map(settings, presets, (cb_role)(n % (CB_ROLES + 1)), names, columns, arena);
    if (mapping)
        check_print(mapping, presets, names, columns, arena);
    cb_arena_free(arena);
    cb_settings_free(settings);
    return 0;
}
