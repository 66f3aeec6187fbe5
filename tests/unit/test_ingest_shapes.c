/* A column of dates that are not written alike: the message shows two of them, and offers no format. */
#include "ingest_reading.h"

static void not_alike(void **state)
{
    static const struct {
        const char *name, *cells; /* of opened_at, parted by '|' */
        const char *says; /* NULL: it can be read; "": refused with formats to choose from */
    } t[] = {
        {"ISO and slashes", "2026-07-01|07/02/2026|2026-07-03 10:00:00",
         "one like 03/04/2025 in line 3, one like 2025-04-03 in line 2,"},
        {"slashes first", "07/02/2026|2026-07-01",
         "one like 03/04/2025 in line 2, one like 2025-04-03 in line 3,"},
        {"slashes last", "2026-07-01|2026-07-03 10:00:00|1-Feb-2026|07/02/2026",
         "one like 03/04/2025 in line 5, one like 2025-04-03 in line 2,"},
        {"two marks", "07/02/2026|07.02.2026",
         "one like 03/04/2025 in line 2, one like 03.04.2025 in line 3,"},
        {"some with a clock", "07/02/2026|07/02/2026 10:00",
         "one like 03/04/2025 in line 2, one like 03/04/2025 09:30 in line 3,"},
        {"epoch", "1743672600|07/02/26",
         "one like 03/04/25 in line 3, one like 1743672600 in line 2,"},
        {"proofs of both", "31/12/2026|12/31/2026|2026-07-01",
         "1 can only be day before month, 1 only month before day; one like 03/04/2025 in line 2,"},
        {"alike", "07/02/2026|08/02/2026", ""},
        {"alike, proofs of both", "31/12/2026|12/31/2026", ""},
        {"not alike, but proved", "31/12/2026|2026-07-01|01/02/2026", NULL},
        {"ISO in several forms", "2026-07-01|2026-07-01 10:00|2026-07-01T10:00:00Z", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        char text[400] = "case_id,opened_at\n";
        size_t n = strlen(text);
        int id = 1;
        for (const char *cell = t[i].cells; *cell; id++) {
            int len = (int)strcspn(cell, "|");
            n += (size_t)snprintf(text + n, sizeof text - n, "%d,%.*s\n", id, len, cell);
            cell += len + (cell[len] == '|');
        }
        for (size_t chunk = 0; chunk < 60; chunk += 25) {
            result r;
            reading how = {.chunk_bytes = chunk};
            read_text(&r, &how, CB_CASES, text, n);
            CHECK(r.file_status == (t[i].says ? CB_EDATA : CB_OK), "%s: %d %s", t[i].name,
                  (int)r.file_status, r.err.why);
            bool offers = strstr(r.err.why, "opened_at.format =") != NULL;
            CHECK(!t[i].says || (strstr(r.err.why, t[i].says) && offers == !*t[i].says), "%s: %s",
                  t[i].name, r.err.why);
            free_result(&r);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(not_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
