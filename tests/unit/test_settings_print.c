/* The printed settings: a config file that, read back, gives the same settings. */
#include "testing.h"

#include <string.h>

#include "casebook/settings.h"

static const char *const inis[] = {
    "",
    ("[report]\ntimezone = Europe/Berlin\ncurrency = EUR\ntitle = \"Desk; North = ours, really\"\nmin_group = 3\n"
     "max_rejects = 2.5\nrepeat_same_product = yes\n"),
    "[calendar]\nmon = 09:00-12:00, 13:00-17:30\nsat = closed\nholidays = 2026-12-25, 2026-12-26\n",
    "[assumptions]\nannual_loss_rate = 0.05..0.1..0.3\ncustomers = 12345\nreach = 0.4\n[reach]\ninjury = 0.9\n",
    "[fx]\nUSD = 0.92\nCHF = 1.061234\n[report]\ncurrency = EUR\n",
    "[fixes]\n2026-02-01 = seal leak, \"a, b\"\n2026-03-01 = pump\n[phrases]\nsorry = we are sorry, \"sorry, but\"\n",
    "[targets]\nhigh = 8bh\ndefault = 2bd\nlow = 30m\n[limits]\nrows = 1000\nfile_bytes = 123456\n",
};

static cb_settings *read_settings(const char *ini)
{
    cb_settings *settings = NULL;
    cb_error err = {0};
    CHECK(cb_settings_new(&settings, cb_alloc_libc(), &err) == CB_OK, "new");
    CHECK(cb_settings_text(settings, cb_str_of(ini), "test.ini", &err) == CB_OK, "%s: %s", ini, err.why);
    CHECK(cb_settings_finish(settings, &err) == CB_OK, "%s: %s", ini, err.why);
    return settings;
}

static void list(void *ctx, const char *section, cb_str key, cb_str value)
{
    CHECK(cb_buf_text(ctx, "[%s] " CB_STR_FMT " = " CB_STR_FMT "\n", section, CB_STR_ARG(key), CB_STR_ARG(value)) ==
              CB_OK,
          "list");
}

static void in_list(const cb_settings *settings, cb_buf *out)
{
    cb_buf_init(out, cb_alloc_libc(), 1 << 20);
    cb_settings_each(settings, list, out);
    CHECK(cb_buf_append(out, "", 1) == CB_OK, "list");
}

static void read_back_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof inis / sizeof *inis; i++) {
        cb_settings *settings = read_settings(inis[i]);
        cb_buf text, want, got;
        cb_error err = {0};
        cb_buf_init(&text, cb_alloc_libc(), 1 << 20);
        CHECK(cb_settings_print(settings, &text, &err) == CB_OK && cb_buf_append(&text, "", 1) == CB_OK, "print");
        cb_settings *again = read_settings(text.at);
        in_list(settings, &want);
        in_list(again, &got);
        CHECK(strcmp(want.at, got.at) == 0, "%s\nwanted\n%s\ngot\n%s", inis[i], want.at, got.at);
        CHECK((i == 0) == (strstr(text.at, "\nmin_group") == NULL && strstr(text.at, "\nmon =") == NULL &&
                           strstr(text.at, "\nrows =") == NULL && strstr(text.at, "\nreach =") == NULL &&
                           strstr(text.at, "\nUSD =") == NULL && strstr(text.at, "\npump") == NULL &&
                           strstr(text.at, "\n2026-03-01") == NULL),
              "case %zu: only what is not the default stands without ';'\n%s", i, text.at);
        cb_buf_free(&want);
        cb_buf_free(&got);
        cb_buf_free(&text);
        cb_settings_free(again);
        cb_settings_free(settings);
    }
}

/* Taken out of their comments, the defaults are still the defaults. */
static void defaults_uncommented(void **state)
{
    (void)state;
    cb_settings *settings = read_settings("");
    cb_buf text, want, got;
    cb_error err = {0};
    cb_buf_init(&text, cb_alloc_libc(), 1 << 20);
    CHECK(cb_settings_print(settings, &text, &err) == CB_OK && cb_buf_append(&text, "", 1) == CB_OK, "print");
    size_t n;
    const cb_key_info *info = cb_settings_keys(&n);
    for (char *line = text.at; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
        for (size_t k = 0; k < n; k++)
            if (strncmp(line, "; ", 2) == 0 && strncmp(line + 2, info[k].key, strlen(info[k].key)) == 0 &&
                strncmp(line + 2 + strlen(info[k].key), " = ", 3) == 0)
                line[0] = ' ';
        for (int a = 0; a < CB_ASSUMPTIONS; a++) {
            const char *key = cb_assumption_table[a].key;
            if (strncmp(line, "; ", 2) == 0 && strncmp(line + 2, key, strlen(key)) == 0 &&
                strncmp(line + 2 + strlen(key), " = ", 3) == 0)
                line[0] = ' ';
        }
    }
    cb_settings *again = read_settings(text.at);
    in_list(settings, &want);
    in_list(again, &got);
    CHECK(strcmp(want.at, got.at) == 0, "wanted\n%s\ngot\n%s", want.at, got.at);
    cb_buf_free(&want);
    cb_buf_free(&got);
    cb_buf_free(&text);
    cb_settings_free(again);
    cb_settings_free(settings);
}

static void a_full_buffer_is_told(void **state)
{
    (void)state;
    cb_settings *settings = read_settings(inis[2]);
    for (size_t room = 0; room < 3000; room += 37) {
        cb_buf text;
        cb_error err = {0};
        cb_buf_init(&text, cb_alloc_libc(), room);
        CHECK(cb_settings_print(settings, &text, &err) == CB_ENOMEM, "%zu bytes", room);
        cb_buf_free(&text);
    }
    cb_settings_free(settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_back_the_same),
        cmocka_unit_test(defaults_uncommented),
        cmocka_unit_test(a_full_buffer_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
