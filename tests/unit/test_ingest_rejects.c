/* Rows that are rejected, and why; files that are refused: limits, shares of rejected rows. */
#include "ingest_reading.h"

static void rejects(void **state)
{
    // clang-format off
    static const struct {
        const char *name, *rows; /* behind two good rows */
        const char *error;       /* "line\tfield\tcode", NULL: none */
        const char *record;
        uint64_t blank, accepted;
    } t[] = {
        {"good", "c,2025-01-03,,,\n", NULL, "", 0, 3},
        {"good without a line end", "c,2025-01-03,,,", NULL, "", 0, 3},
        {"good with CR LF", "c,2025-01-03,,,\r\n", NULL, "", 0, 3},
        {"good, quoted", "\"c\",\"2025-01-03\",\"\",\"4\",\"1,5\"\n", NULL, "", 0, 3},
        {"spaces around", " c , 2025-01-03 ,\t, 4 ,  \n", NULL, "", 0, 3},
        {"one cell more", "c,2025-01-03,,,,x\n", "4\t\textra-cell", "c,2025-01-03,,,,x\n", 0, 2},
        {"an empty cell more", "c,2025-01-03,,,,\n", "4\t\textra-cell", "c,2025-01-03,,,,\n", 0, 2},
        {"one cell less", "c,2025-01-03,,\n", "4\tloss_amount\tmissing-cell", "c,2025-01-03,,\n", 0, 2},
        {"empty line", "\n", NULL, "", 1, 2},
        {"line of marks", " , ,\t,,\n", NULL, "", 1, 2},
        {"line of too many marks", ",,,,,,,,\n", NULL, "", 1, 2},
        {"line of quoted nothing", "\"\",\" \",,,\n", NULL, "", 1, 2},
        {"quoted commas are something", "\",,\",,,,\n", "4\topened_at\tmissing-value", "\",,\",,,,\n", 0, 2},
        {"no id", ",2025-01-03,,,\n", "4\tcase_id\tmissing-value", ",2025-01-03,,,\n", 0, 2},
        {"null word as id", "N/A,2025-01-03,,,\n", "4\tcase_id\tmissing-value", "N/A,2025-01-03,,,\n", 0, 2},
        {"no opening", "c,,,,\n", "4\topened_at\tmissing-value", "c,,,,\n", 0, 2},
        {"unreadable opening", "c,soon,,,\n", "4\topened_at\ttype-error", "c,soon,,,\n", 0, 2},
        {"missing id before unreadable opening", "?,soon,,,\n", "4\tcase_id\tmissing-value", "?,soon,,,\n", 0, 2},
        {"solved before it was opened", "c,2025-01-03,2025-01-02,,\n", "4\tresolved_at\trow-constraint",
         "c,2025-01-03,2025-01-02,,\n", 0, 2},
        {"solved as it was opened", "c,2025-01-03,2025-01-03,,\n", NULL, "", 0, 3},
        {"stray quote", "c,2025-01-03,,,1\"5\n", "4\t\tquote-error", "c,2025-01-03,,,1\"5\n", 0, 2},
        {"quote never closed", "c,2025-01-03,,,\"15\n", "4\t\tquote-error", "c,2025-01-03,,,\"15\n", 0, 2},
        {"text behind a quote", "c,2025-01-03,,,\"1\"5\n", "4\t\tquote-error", "c,2025-01-03,,,\"1\"5\n", 0, 2},
        {"quoted line end", "\"c\nd\",2025-01-03,,,\n", NULL, "", 0, 3},
        {"quoted line end, then unreadable", "\"c\nd\",soon,,,\n", "4\topened_at\ttype-error", "\"c\nd\",soon,,,\n", 0, 2},
        {"broken UTF-8", "c\xFF,2025-01-03,,,\n", "4\tcase_id\tencoding-error", "c\xFF,2025-01-03,,,\n", 0, 2},
        {"overlong UTF-8", "c\xC0\x80,2025-01-03,,,\n", "4\tcase_id\tencoding-error", "c\xC0\x80,2025-01-03,,,\n", 0, 2},
        {"encoding before quotes", "c,2025-01-03,,,\"\xFF\n", "4\t\tencoding-error", "c,2025-01-03,,,\"\xFF\n", 0, 2},
        {"good UTF-8", "\xC3\xA4\xE2\x82\xAC,2025-01-03,,,\n", NULL, "", 0, 3},
        {"unreadable optional cells", "c,2025-01-03,never,great,lots\n", NULL, "", 0, 3},
        {"two bad rows", "c,soon,,,\nd,2025-01-04,,,\n,,,,7\n",
         "4\topened_at\ttype-error\tthe cell cannot be read as what its column holds\n6\tcase_id\tmissing-value",
         "c,soon,,,\n,,,,7\n", 0, 3},
    };
    // clang-format on
    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        char text[512];
        char want[512] = "";
        result r;
        reading how = {.config = "[report]\nmax_rejects = 100\n"};
        int n =
            snprintf(text, sizeof text, HEADER "a,2025-01-01,,,\nb,2025-01-02,,,\n%s", t[i].rows);
        read_text(&r, &how, CB_CASES, text, (size_t)n);
        expect_done(&r, t[i].name);
        const cb_input_facts *f = facts_of(&r);
        CHECK(f->accepted == t[i].accepted && f->blank == t[i].blank,
              "%s: %llu accepted, %llu blank", t[i].name, (unsigned long long)f->accepted,
              (unsigned long long)f->blank);
        cb_str records = {f->rejects.records.at, f->rejects.records.len};
        CHECK(cb_str_eq(records, cb_str_of(t[i].record)), "%s: kept \"%.*s\"", t[i].name,
              (int)records.len, records.at);
        if (t[i].error)
            snprintf(want, sizeof want, "line\tfield\tcode\tmessage\n%s\t", t[i].error);
        CHECK(f->rejects.errors.len >= strlen(want) &&
                  !strncmp(f->rejects.errors.at ? f->rejects.errors.at : "", want, strlen(want)),
              "%s: errors \"%.*s\"", t[i].name, (int)f->rejects.errors.len, f->rejects.errors.at);
        CHECK(t[i].error || f->rejects.errors.len == 0, "%s: an error too many", t[i].name);
        if (t[i].error)
            CHECK(f->rejects.header.len == strlen(HEADER) &&
                      !memcmp(f->rejects.header.at, HEADER, strlen(HEADER)),
                  "%s: header", t[i].name);
        free_result(&r);
    }
}

static void limits(void **state)
{
    // clang-format off
    static const struct {
        const char *config;
        cb_status file, done;
        const char *says;
    } t[] = {
        {"[limits]\nrows = 3\n", CB_OK, CB_OK, ""},
        {"[limits]\nrows = 2\n", CB_ELIMIT, CB_EUSAGE, "[limits] rows"},
        {"[limits]\ncolumns = 5\n", CB_OK, CB_OK, ""},
        {"[limits]\ncolumns = 4\n", CB_ELIMIT, CB_EUSAGE, "[limits] columns"},
        {"[limits]\nwords = 3\n", CB_OK, CB_OK, ""},
        {"[limits]\nwords = 2\n", CB_ELIMIT, CB_EUSAGE, "[limits] words"},
        {"[limits]\nfield_bytes = 12\n", CB_OK, CB_OK, ""},
        {"[limits]\nfield_bytes = 11\n", CB_ELIMIT, CB_EUSAGE, "[limits] field_bytes"},
        {"[limits]\nfield_bytes = 12\nrecord_bytes = 54\n", CB_OK, CB_OK, ""},
        {"[limits]\nfield_bytes = 12\nrecord_bytes = 53\n", CB_EDATA, CB_EUSAGE, "header is longer"},
        {"[cases]\nopened_at = Created\n", CB_ECONFIG, CB_EUSAGE, "Created"},
        {"[cases]\nopened_at.format = %d\n", CB_ECONFIG, CB_EUSAGE, "format"},
        {"[cases]\nopened_at.zone = Mars/Base\n", CB_ECONFIG, CB_EUSAGE, "Mars/Base"},
    };
    // clang-format on
    static const char text[] = HEADER "a,2025-01-01,,,\nb,2025-01-02,,,\nc,2025-01-03,,,\n";
    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        result r;
        reading how = {.config = t[i].config};
        read_text(&r, &how, CB_CASES, text, sizeof text - 1);
        CHECK(r.file_status == t[i].file && r.done_status == t[i].done, "%s: %d and %d: %s",
              t[i].config, (int)r.file_status, (int)r.done_status, r.err.why);
        CHECK(strstr(r.err.why, t[i].says), "%s: says \"%s\"", t[i].config, r.err.why);
        free_result(&r);
    }
}

static void thresholds(void **state)
{
    // clang-format off
    static const struct {
        const char *config, *rows;
        cb_status done;
        const char *says;
    } t[] = {
        {"[report]\nmax_rejects = 50\n", "a,2025-01-01,,,\nb,soon,,,\n", CB_OK, ""},
        {"[report]\nmax_rejects = 49.9\n", "a,2025-01-01,,,\nb,soon,,,\n", CB_EDATA, "1 of 2 rows rejected (50.0 %"},
        {"[report]\nmax_rejects = 100\n", "b,soon,,,\n", CB_EDATA, "no usable row"},
        {"", "", CB_EDATA, "no usable row: there is nothing behind the header"},
        {"", "\n\n", CB_EDATA, "no usable row"},
        {"", "a,2025-01-01,,,\n\n\n\n\n\n", CB_OK, ""}, /* blank rows are not rejected ones */
    };
    // clang-format on
    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        char text[256];
        result r;
        reading how = {.config = t[i].config};
        int n = snprintf(text, sizeof text, HEADER "%s", t[i].rows);
        read_text(&r, &how, CB_CASES, text, (size_t)n);
        CHECK(r.file_status == CB_OK && r.done_status == t[i].done, "%zu: %s", i, r.err.why);
        CHECK(strstr(r.err.why, t[i].says), "%zu: says \"%s\"", i, r.err.why);
        CHECK(!strstr(r.err.why, "soon"), "%zu: a cell in a message", i);
        free_result(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rejects),
        cmocka_unit_test(limits),
        cmocka_unit_test(thresholds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
