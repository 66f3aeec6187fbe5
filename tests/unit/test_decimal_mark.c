/* Which decimal mark a column of amounts has: proved by a cell, by the file's other amounts, declared, or not to be known. */
#include "ingest_reading.h"

static void marks(void **state)
{
    static const struct {
        const char *name, *config, *rows; /* cells of loss_amount;remedy_amount */
        cb_status status;
        int64_t loss; /* of the first row, in cents */
    } t[] = {
        {"a point, three digits", "", "1.234;\n950;\n", CB_EDATA, 0},
        {"three digits before it", "", "999.125;\n", CB_EDATA, 0},
        {"with a sign", "", "$1.234;\n", CB_EDATA, 0},
        {"both marks, no proof", "", "1.234;\n1,234;\n", CB_EDATA, 0},
        {"a zero in front", "", "1.234;\n0.500;\n", CB_OK, 123},
        {"four digits before it", "", "1.234;\n1234.567;\n", CB_OK, 123},
        {"two decimals", "", "1.234;\n1.50;\n", CB_OK, 123},
        {"two points", "", "1.234;\n1.234.567;\n", CB_OK, 123400},
        {"a comma and decimals", "", "1.234;\n\"5,50\";\n", CB_OK, 123400},
        {"whole numbers", "", "1234;\n950;\n", CB_OK, 123400},
        {"a comma, three digits", "", "\"1,234\";\n950;\n", CB_OK, 123400},
        {"declared point", "[cases]\nloss_amount.decimal = .\n", "1.234;\n", CB_OK, 123},
        {"declared comma", "[cases]\nloss_amount.decimal = \",\"\n", "1.234;\n", CB_OK, 123400},
        {"the other declared", "[cases]\nremedy_amount.decimal = \",\"\n", "1.234;1\n", CB_OK,
         123400},
        {"the other proves a comma", "", "1.234;\"5,50\"\n", CB_OK, 123400},
        {"the other proves a point", "", "1.234;5.50\n", CB_OK, 123},
        {"the other fits both too", "", "1.234;5.500\n", CB_EDATA, 0},
        {"the other proves both", "", "1.234;\"5,50\"\n;5.50\n", CB_EDATA, 0},
        {"a report in dinars", "[report]\ncurrency = KWD\n", "1.234;\n", CB_OK, 1234},
        {"the other is text", "", "1.234;abc\n", CB_EDATA, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        char text[256] = "case_id;opened_at;loss_amount;remedy_amount\n";
        size_t n = strlen(text);
        int id = 1;
        for (const char *row = t[i].rows; *row; id++) {
            const char *end = strchr(row, '\n') + 1;
            n += (size_t)snprintf(text + n, sizeof text - n, "%d;2025-01-01;%.*s", id,
                                  (int)(end - row), row);
            row = end;
        }
        result r;
        reading how = {.config = t[i].config};
        read_text(&r, &how, CB_CASES, text, n);
        CHECK(r.file_status == t[i].status, "%s: %d %s", t[i].name, (int)r.file_status, r.err.why);
        if (t[i].status == CB_OK) {
            int64_t loss = cb_amount(table_of(&r, CB_CASES), CB_CASE_LOSS, 0);
            CHECK(loss == t[i].loss, "%s: %lld", t[i].name, (long long)loss);
        } else {
            CHECK(strstr(r.err.why, "loss_amount.decimal = . ") &&
                      strstr(r.err.why, "loss_amount.decimal = , "),
                  "%s: %s", t[i].name, r.err.why);
        }
        free_result(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
