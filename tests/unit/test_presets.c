/* The embedded layouts: each reads the header it is for, recognises it, and knows its words. */
#include "mapping_headers.h"

static void all_are_embedded(void **state)
{
    (void)state;
    static const char *const names[] = {"alexa-reviews",    "cfpb",
                                        "fcc-comcast",      "freshdesk",
                                        "freshservice",     "generic",
                                        "google-play",      "google-play-scraper",
                                        "helpdesk-tr",      "jira",
                                        "nyc311",           "olist-reviews",
                                        "salesforce-api",   "salesforce-report",
                                        "servicenow-audit", "servicenow-list",
                                        "skytrax",          "survey-tr",
                                        "telco-churn",      "tsa-claims",
                                        "zendesk-api",      "zendesk-explore",
                                        "zendesk-export"};
    bench b = new_bench("");
    CHECK(b.presets->n == COUNT_OF(names), "%u presets", b.presets->n);
    for (unsigned i = 0; i < b.presets->n; i++) {
        const cb_preset *preset = &b.presets->preset[i], *found = NULL;
        CHECK(cb_str_eq(preset->name, cb_str_of(names[i])), "preset %u is %.*s", i, (int)preset->name.len,
              preset->name.at);
        CHECK(preset->title.len && preset->requires > 0, "%s: title and require", names[i]);
        CHECK(cb_presets_find(b.presets, cb_str_of(names[i]), &found, NULL) == CB_OK && found == preset, "%s is found",
              names[i]);
    }
    free_bench(&b);
}

static void verbatim_headers(void **state)
{
    (void)state;
    bench b = new_bench("");
    bool seen[64] = {false};
    for (size_t i = 0; i < COUNT_OF(header_cases); i++) {
        const header_case *c = &header_cases[i];
        cb_mapping *mapping = map_header(&b, c->role, c->header);
        const char *preset = mapping->preset ? mapping->preset->name.at : "";
        CHECK(strcmp(preset, c->preset) == 0, "%s: preset '%s', not '%s'", c->name, preset, c->preset);
        check_fields(c->name, mapping, c->fields);
        cb_mapping_request request = request_of(&b, c->role);
        cb_error err = {0};
        CHECK(cb_mapping_check(mapping, &request, &err) == CB_OK, "%s: %s", c->name, err.why);
        if (mapping->preset)
            seen[mapping->preset - b.presets->preset] = true;
    }
    for (unsigned i = 0; i < b.presets->n; i++)
        CHECK(seen[i], "no header for the preset %s", b.presets->preset[i].name.at);
    free_bench(&b);
}

/* Every column that a preset names, alone with the required ones, leads to its field: no name is misspelt
 * into another's. */
static void every_name_leads_to_its_field(void **state)
{
    (void)state;
    bench b = new_bench("");
    for (unsigned i = 0; i < b.presets->n; i++) {
        const cb_preset *preset = &b.presets->preset[i];
        for (unsigned f = 0; f < cb_schemas[preset->role].fields; f++) {
            cb_str raw = preset->setting->field[f].column;
            cb_str names[MAX_CELLS];
            size_t n = raw.len ? cut_header(raw.at, '|', names) : 0;
            for (size_t k = 0; k < n; k++) {
                cb_str name = cb_str_trim(names[k]);
                if (name.at[0] == '(')
                    continue;
                cb_mapping_request request = request_of(&b, preset->role);
                request.preset = preset->name;
                cb_mapping *mapping = NULL;
                CHECK(cb_mapping_new(&mapping, &request, &name, 1, b.arena, NULL) == CB_OK, "%s", preset->name.at);
                CHECK(mapping->field[f].column == 0, "%s: %.*s does not feed %s", preset->name.at, (int)name.len,
                      name.at, cb_schemas[preset->role].field[f].name);
            }
        }
    }
    free_bench(&b);
}

static void words_of_states(void **state)
{
    (void)state;
    static const struct {
        const char *preset, *word;
        cb_case_status want;
    } T[] = {
        {"zendesk-export", "New", CB_STATUS_OPEN},
        {"zendesk-export", "Hold", CB_STATUS_PENDING},
        {"zendesk-export", "Solved", CB_STATUS_RESOLVED},
        {"zendesk-export", "Closed", CB_STATUS_CLOSED},
        {"zendesk-api", "solved", CB_STATUS_RESOLVED},
        {"zendesk-api", "deleted", CB_STATUS_WITHDRAWN},
        {"freshdesk", "Waiting on Customer", CB_STATUS_PENDING},
        {"jira", "To Do", CB_STATUS_OPEN},
        {"jira", "In Progress", CB_STATUS_OPEN},
        {"jira", "Done", CB_STATUS_RESOLVED},
        {"jira", "Canceled", CB_STATUS_WITHDRAWN},
        {"servicenow-audit", "New", CB_STATUS_OPEN},
        {"servicenow-audit", "Active", CB_STATUS_OPEN},
        {"servicenow-audit", "Awaiting User Info", CB_STATUS_PENDING},
        {"servicenow-audit", "Awaiting Evidence", CB_STATUS_PENDING},
        {"servicenow-audit", "Resolved", CB_STATUS_RESOLVED},
        {"servicenow-audit", "Closed", CB_STATUS_CLOSED},
        {"servicenow-audit", "-100", CB_STATUS_UNKNOWN},
        {"servicenow-list", "On Hold", CB_STATUS_PENDING},
        {"cfpb", "In progress", CB_STATUS_OPEN},
        {"cfpb", "Closed with monetary relief", CB_STATUS_CLOSED},
        {"cfpb", "Closed with non-monetary relief", CB_STATUS_CLOSED},
        {"cfpb", "Untimely response", CB_STATUS_OPEN},
        {"nyc311", "Assigned", CB_STATUS_OPEN},
        {"nyc311", "Email Sent", CB_STATUS_PENDING},
        {"nyc311", "Closed", CB_STATUS_CLOSED},
        {"tsa-claims", "Deny", CB_STATUS_CLOSED},
        {"tsa-claims", "Approve in Full", CB_STATUS_CLOSED},
        {"tsa-claims", "Settle", CB_STATUS_CLOSED},
        {"tsa-claims", "Canceled", CB_STATUS_WITHDRAWN},
        {"helpdesk-tr", "\xC3\x87\xC3\xB6z\xC3\xBCld\xC3\xBC", CB_STATUS_RESOLVED},
    };
    bench b = new_bench("");
    for (size_t i = 0; i < COUNT_OF(T); i++) {
        cb_mapping_request request = request_of(&b, CB_CASES);
        cb_mapping *mapping = NULL;
        cb_str cell = CB_LIT("x");
        request.preset = cb_str_of(T[i].preset);
        CHECK(cb_mapping_new(&mapping, &request, &cell, 1, b.arena, NULL) == CB_OK, "%s", T[i].preset);
        CHECK(cb_mapping_status(mapping, cb_str_of(T[i].word)) == T[i].want, "%s: %s is %s", T[i].preset, T[i].word,
              cb_case_status_names[cb_mapping_status(mapping, cb_str_of(T[i].word))]);
    }
    free_bench(&b);
}

static void how_fields_are_read(void **state)
{
    (void)state;
    bench b = new_bench("[cases]\nsatisfaction.null = none\n[reviews]\nrating.scale = 1-5\n");
    cb_mapping *zendesk = map_header(&b, CB_CASES, header_cases[0].header);
    const cb_field_setting *how = zendesk->field[CB_CASE_SATISFACTION].how;
    CHECK(cb_str_eq(how->scale, CB_LIT("good-bad")), "the preset's scale");
    CHECK(how->null_words == 1 && cb_str_eq(how->null_word[0], CB_LIT("none")), "the config's words over the preset's");
    cb_mapping *skytrax = map_header(&b, CB_REVIEWS, "airline_name,author,date,content,overall_rating");
    CHECK(cb_str_eq(skytrax->field[CB_REVIEW_RATING].how->scale, CB_LIT("1-5")),
          "the config's scale over the preset's");
    CHECK(map_header(&b, CB_CASES, "a,b")->field[CB_CASE_KIND].how != NULL, "how is never NULL");
    free_bench(&b);
}

static void unknown_names(void **state)
{
    (void)state;
    bench b = new_bench("");
    const cb_preset *preset = NULL;
    cb_error err = {0};
    CHECK(cb_presets_find(b.presets, CB_LIT("zendesk-exprot"), &preset, &err) == CB_ECONFIG &&
              strstr(err.why, "did you mean 'zendesk-export'?"),
          "%s", err.why);
    cb_error_clear(&err);
    CHECK(cb_presets_find(b.presets, CB_LIT("remedyforce-2"), &preset, &err) == CB_ECONFIG &&
              strstr(err.why, "casebook presets"),
          "%s", err.why);
    CHECK(cb_presets_find(b.presets, CB_LIT("Zendesk_Export"), &preset, NULL) == CB_OK, "names match as everywhere");
    free_bench(&b);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    size_t failures = 0;
    for (int for_ever = 0; for_ever < 2; for_ever++) {
        for (size_t n = 1;; n++) {
            test_alloc heap = {.fail_at = n, .for_ever = for_ever};
            cb_alloc alloc = test_alloc_of(&heap);
            cb_presets *presets = NULL;
            cb_error err = {0};
            cb_status rc = cb_presets_new(&presets, &alloc, &err);
            cb_presets_free(presets);
            CHECK(heap.live_bytes == 0 && heap.live_blocks == 0, "failure %zu leaks", n);
            if (heap.failures == 0) {
                CHECK(rc == CB_OK, "%s", err.why);
                break;
            }
            CHECK(rc == CB_ENOMEM && presets == NULL, "failure %zu: %d %s", n, rc, err.why);
            failures++;
        }
    }
    CHECK(failures > 100, "only %zu failures", failures);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_are_embedded),
        cmocka_unit_test(verbatim_headers),
        cmocka_unit_test(every_name_leads_to_its_field),
        cmocka_unit_test(words_of_states),
        cmocka_unit_test(how_fields_are_read),
        cmocka_unit_test(unknown_names),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
