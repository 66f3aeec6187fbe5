/* settings_bench.h - settings for the tests: of defaults, of a text, finished. Each fails the test when it cannot. */
#ifndef TESTS_SETTINGS_BENCH_H
#define TESTS_SETTINGS_BENCH_H

#include "testing.h"

#include "casebook/settings.h"

#include <stdio.h>
#include <string.h>

static inline cb_settings *new_settings(void)
{
    cb_settings *settings = NULL;
    cb_error err = {0};
    CHECK(cb_settings_new(&settings, NULL, &err) == CB_OK, "defaults: %s", err.why);
    return settings;
}

static inline cb_settings *of_text(const char *ini)
{
    cb_settings *settings = new_settings();
    cb_error err = {0};
    CHECK(cb_settings_text(settings, cb_str_of(ini), "t.ini", &err) == CB_OK, "%s: %s", ini, err.why);
    return settings;
}

static inline cb_settings *finished(const char *ini)
{
    cb_settings *settings = of_text(ini);
    cb_error err = {0};
    CHECK(cb_settings_finish(settings, &err) == CB_OK, "%s: %s", ini, err.why);
    return settings;
}

#endif
