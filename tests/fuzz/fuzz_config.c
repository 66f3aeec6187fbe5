/* Any text as a config file: accepted or refused with its line, never cut, and what is in effect can be listed, every
 * value within its bounds. */
#include "casebook/settings.h"

#include <stdlib.h>
#include <string.h>

#define PIECES "[report]\n", "[cases]\n", "[status]\n", "[phrases]\n", "[assumptions]\n", "[targets]\n", "[fx]\n", "[fixes]\n", \
    "[calendar]\n", "[limits]\n", "title", "currency = USD\n", "reach = 0.1..0.2..0.3\n", "opened_at.format = %d.%m.%Y\n",     \
    "product.null = ", "a = open\n", "= ", ": ", "\"", "\"\"", " ; ", "#", ", ", "|", "\n", "\r\n", "..", "1", "0.5", "EUR", \
    "high = 8bh\n", "2026-03-01", "mon = 09:00-17:00\n", "(line)", "(column 3)", "x"

#include "loop.h"

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void see(void *ctx, const char *section, cb_str key, cb_str value)
{
    must(section[0] && key.len && (value.len == 0 || value.at));
    ++*(size_t *)ctx;
}

static void check_settings(cb_settings *settings)
{
    for (int a = 0; a < CB_ASSUMPTIONS; a++) {
        const cb_assumption_info *info = &cb_assumption_table[a];
        const cb_assumption *range = &settings->assumption[a];
        must(range->low >= info->min && range->low <= range->base && range->base <= range->high && range->high <= info->max);
    }
    must(settings->phrases.n <= CB_MAX_PHRASES && settings->week.holidays <= CB_MAX_HOLIDAYS);
    must(settings->limits.columns >= 1 && settings->limits.columns <= 16384 && settings->min_group >= 1);
    cb_error err = {0};
    size_t seen = 0;
    if (cb_settings_finish(settings, &err) == CB_OK)
        cb_settings_each(settings, see, &seen);
    must(err.status == CB_OK ? seen >= CB_ASSUMPTIONS : err.status == CB_ECONFIG && err.why[0]);
    for (unsigned i = 0; i < settings->targets; i++)
        must(settings->target[i].seconds > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    cb_settings *settings = NULL;
    cb_error err = {0};
    must(cb_settings_new(&settings, cb_alloc_libc(), &err) == CB_OK);
    cb_status rc = cb_settings_text(settings, (cb_str){(const char *)bytes, n}, "f.ini", &err);
    must(rc == CB_OK || (rc == CB_ECONFIG && strncmp(err.why, "f.ini:", 6) == 0));
    if (rc == CB_OK)
        check_settings(settings);
    cb_settings_free(settings);
    return 0;
}
