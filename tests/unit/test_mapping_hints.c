/* What a message suggests where a required field has no column: never another field, never a customer's words. */
#include "mapping_headers.h"

#include "config/header.h"

static void suggestions(void **state)
{
    (void)state;
    static const struct {
        cb_role role;
        const char *header, *says;
    } T[] = {
        {CB_CASES, "case_id,resolved_at", "\nopened_at = name of the column"},
        {CB_CASES, "case_id,resolved_at,opend_at", "\nopened_at = opend_at"},
        {CB_CASES, "case_id,Resolved At", "\nopened_at = name of the column"},
        {CB_CASES, "case_id,Solved at",
         "\nopened_at = name of the column"}, /* resolved_at reads it */
        {CB_CASES, "case_id,posted_at", "\nopened_at = name of the column"}, /* of reviews */
        {CB_REVIEWS, "review_id,posted_at,status", "\nrating = name of the column"},
        {CB_REVIEWS, "review_id,posted_at,ratng,status", "\nrating = ratng"},
    };
    bench b = new_bench("");
    for (size_t i = 0; i < COUNT_OF(T); i++) {
        cb_mapping_request request = request_of(&b, T[i].role);
        cb_error err = {0};
        CHECK(cb_mapping_check(map_header(&b, T[i].role, T[i].header), &request, &err) == CB_EDATA,
              "%s", T[i].header);
        CHECK(strstr(err.why, T[i].says), "%s: %s", T[i].header, err.why);
    }
    free_bench(&b);
}

static void rows_of_data(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        bool data;
    } T[] = {
        {"Mr Smith case id broken,2026-07-01,opened at home", true},
        {"4711,2026-07-01 10:00,Opened parcel", true},
        {"C-1,1/2/26,late", true},
        {"C-1,01.02.2026 9:30 AM,late", true},
        {"C-1,1-Feb-2026,late", true},
        {"C-1,2026-07-01T10:00:00+02:00,late", true},
        {"C-1,1743672600,late", true},
        {"4711,12.50", true},
        {"INC0012345,4", true},
        {"anna@example.org,Where is my parcel that I sent to you last week", true},
        {"Vorgang,Eingang,Wert", false},
        {"Vorgang,Eingang,2025,2026", false},
        {"Q1,Q2,Address 2,Line 1", false},
        {"How satisfied were you with the solution of your problem,Date,Name,Shop", false},
        {"", false},
        {",,", false},
    };
    bench b = new_bench("");
    for (size_t i = 0; i < COUNT_OF(T); i++)
        CHECK(cb_header_is_data(map_header(&b, CB_CASES, T[i].header)) == T[i].data, "%s",
              T[i].header);
    for (size_t i = 0; i < COUNT_OF(header_cases); i++)
        CHECK(!cb_header_is_data(map_header(&b, header_cases[i].role, header_cases[i].header)),
              "%s", header_cases[i].name);
    free_bench(&b);
}

static void words_of_customers(void **state)
{
    (void)state;
    static const struct {
        const char *ini, *header, *says;
        cb_status want;
    } T[] = {
        {"", "4711,2026-07-01,opened CANARY,case id", "its first row does not look like a header",
         CB_EDATA},
        {"", "CANARY 1,2026-07-01,opened at", "\ncase_id = name of the column", CB_EDATA},
        {"[cases]\ncase_id = CANARY 2\n", "CANARY 1,2026-07-01,opened at",
         "its first row does not look like a header", CB_ECONFIG},
    };
    for (size_t i = 0; i < COUNT_OF(T); i++) {
        bench b = new_bench(T[i].ini);
        cb_mapping_request request = request_of(&b, CB_CASES);
        cb_error err = {0};
        CHECK(cb_mapping_check(map_header(&b, CB_CASES, T[i].header), &request, &err) == T[i].want,
              "%s", T[i].header);
        CHECK(strstr(err.why, T[i].says), "%s: %s", T[i].header, err.why);
        CHECK(!strstr(err.why, "CANARY 1") && !strstr(err.why, "opened CANARY") &&
                  !strstr(err.why, "opened at") && !strstr(err.why, "= case id"),
              "%s: %s", T[i].header, err.why);
        free_bench(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(suggestions),
        cmocka_unit_test(rows_of_data),
        cmocka_unit_test(words_of_customers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
