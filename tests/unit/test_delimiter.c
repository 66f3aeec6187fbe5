/* The delimiter of an input, found by its header: also where no field is known, and names hold another delimiter in quotes. */
#include "ingest_reading.h"

static void headers(void **state)
{
    static const struct {
        const char *name, *text;
        cb_status status;
        const char *says; /* in the mapping or the message */
    } t[] = {
        {"a comma in quotes", "Vorgang,Eingang,\"Wert, EUR\"\n1,2,3\n", CB_OK, ": 3 columns"},
        {"all in quotes", "\"Vorgang\",\"Eingang\",\"Wert, EUR\"\n1,2,3\n", CB_OK, ": 3 columns"},
        {"a semicolon in quotes", "Vorgang;Eingang;\"Wert; EUR\"\n1;2;3\n", CB_OK, ": 3 columns"},
        {"both in quotes", "\"A;B\";\"C,D\";\"E,F;G\"\n1;2;3\n", CB_OK, ": 3 columns"},
        {"nothing in quotes", "Vorgang;Eingang;Wert\n1;2;3\n", CB_OK, ": 3 columns"},
        {"a few of another", "Vorgang;Ort, Land;Wert\n1;2;3\n", CB_OK, ": 3 columns"},
        {"tabs", "Vorgang\t\"Eingang\tam\"\tWert\n1\t2\t3\n", CB_OK, ": 3 columns"},
        {"one known field", "number,\"opened, at\",Wert\n1,2,3\n", CB_OK, ": 3 columns"},
        {"text behind a quote", "Vorgang,\"Eingang\" am,Wert\n1,2,3\n", CB_EDATA,
         "quoting of the header is broken"},
        {"a quote within", "case_id,opened \"at\",Wert\n1,2,3\n", CB_EDATA,
         "quoting of the header is broken"},
        {"sep", "sep=;\nA;B,C,D\n1;2\n", CB_OK, ": 2 columns"},
        {"sep, CR LF", "SEP=,\r\nA;B;C,D\r\n1;2\r\n", CB_OK, ": 2 columns"},
        {"sep, a mark, quotes", "\xEF\xBB\xBF\"sep=|\"\r\n\r\nA|B,C,D\n", CB_OK, ": 2 columns"},
        {"sep, tab", "sep=\t\nA\tB,C,D\n", CB_OK, ": 2 columns"},
        {"sep alone", "sep=;\n", CB_EDATA, "nothing but blank lines"},
        {"a column named so", "sep=;b;c\n1;2;3\n", CB_OK, ": 3 columns"},
        {"never closed", "case_id,\"opened_at,Wert\n1,2,3\n", CB_EDATA,
         "quoting of the header is broken"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        char path[256];
        cb_settings *settings;
        cb_error err = {0};
        cb_buf print;
        cb_buf_init(&print, NULL, SIZE_MAX);
        write_file(path, "delimiter.csv", t[i].text, strlen(t[i].text));
        assert_int_equal(cb_settings_new(&settings, NULL, &err), CB_OK);
        assert_int_equal(cb_settings_finish(settings, &err), CB_OK);
        cb_status rc = cb_ingest_map(settings, path, CB_ROLES, CB_LIT(""), &print, &err);
        CHECK(rc == t[i].status, "%s: %d %s", t[i].name, (int)rc, err.why);
        assert_int_equal(cb_buf_append(&print, "", 1), CB_OK);
        CHECK(strstr(rc == CB_OK ? print.at : err.why, t[i].says), "%s: %s", t[i].name,
              rc == CB_OK ? print.at : err.why);
        cb_buf_free(&print);
        cb_settings_free(settings);
        unlink(path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
