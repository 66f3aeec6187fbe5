/* Header to fields: the order of the rules, what is refused and how it is said, spelling that does
 * not matter, delimiter and role by the header, words. */
#include "mapping_headers.h"

/* --- the order of the rules --- */

static void order_of_the_rules(void **state)
{
    (void)state;
    static const struct {
        const char *name, *ini, *header, *fields;
        cb_map_reason reason; /* of opened_at */
    } T[] = {
        {"config over own name", "[cases]\nopened_at = Created\n", "case_id,opened_at,Created", "opened_at=Created",
         CB_MAP_CONFIG},
        {"config: the first that is there", "[cases]\nopened_at = Born | Created | opened_at\n",
         "case_id,opened_at,Created", "opened_at=Created", CB_MAP_CONFIG},
        {"config by place", "[cases]\nopened_at = (column 3)\n", "case_id,opened_at,,", "opened_at=#3", CB_MAP_CONFIG},
        {"config by place, else by name", "[cases]\nopened_at = (column 9) | Created\n", "case_id,opened_at,Created",
         "opened_at=Created", CB_MAP_CONFIG},
        {"a column that is named like a place", "[cases]\nopened_at = \"(column 3)\"\n", "(column 3),case_id,x",
         "opened_at=#1", CB_MAP_CONFIG},
        {"a name that holds the mark", "[cases]\nopened_at = \"a|b\"\n", "case_id,a|b,a,b", "opened_at=a|b",
         CB_MAP_CONFIG},
        {"such a name without quotes", "[cases]\nopened_at = a|b\n", "case_id,a|b,a,b", "opened_at=a|b", CB_MAP_CONFIG},
        {"config: no column", "[cases]\nopened_at = (none)\n", "case_id,opened_at", "opened_at=-", CB_MAP_CONFIG},
        {"own name over preset, spelled exactly", "",
         "Id,Requester id,Via,Created at,Solved at,Full resolution time in minutes,"
         "opened_at",
         "opened_at=opened_at", CB_MAP_NAME},
        {"preset over own name in another spelling", "",
         "Id,Requester id,Via,Created at,Solved at,Full resolution time in minutes,"
         "Opened At",
         "opened_at=Created at", CB_MAP_PRESET},
        {"own name over alias", "", "Ticket,Created at,Opened At", "case_id=Ticket,opened_at=Opened At", CB_MAP_NAME},
        {"a plain word is anyone's", "[cases]\npreset = jira\n", "Issue key,Created,status,Status Category",
         "status=Status Category", CB_MAP_PRESET},
        {"alias", "", "Ticket,Created at", "case_id=Ticket", CB_MAP_ALIAS},
        {"an earlier alias over a later one", "", "Ticket,Reported at,Date opened", "opened_at=Date opened",
         CB_MAP_ALIAS},
        {"an alias in use is passed over", "[cases]\nteam = Source\n", "id,created,Source,Via",
         "team=Source,channel=Via", CB_MAP_ALIAS},
        {"exact over folded", "", "OPENED_AT,opened_at,case_id", "opened_at=#2", CB_MAP_NAME},
        {"the left of two optional ones", "", "case_id,opened_at,Status,status ,STATUS", "status=#4", CB_MAP_NAME},
        {"forced preset", "[cases]\npreset = jira\n", "Issue key,Created,Status Category,Status",
         "status=Status Category", CB_MAP_PRESET},
        {"one column, two fields", "[cases]\nteam = Desk\nagent = Desk\n", "case_id,opened_at,Desk",
         "team=Desk,agent=Desk", CB_MAP_NAME},
    };
    for (size_t i = 0; i < COUNT_OF(T); i++) {
        bench b = new_bench(T[i].ini);
        cb_mapping *mapping = map_header(&b, CB_CASES, T[i].header);
        check_fields(T[i].name, mapping, T[i].fields);
        CHECK(mapping->field[CB_CASE_OPENED].reason == T[i].reason, "%s: reason %s", T[i].name,
              cb_map_reason_names[mapping->field[CB_CASE_OPENED].reason]);
        free_bench(&b);
    }
}

/* --- what is refused --- */

static void refusals(void **state)
{
    (void)state;
    static const struct {
        const char *name, *ini, *header;
        cb_role role;
        cb_status want;
        const char *says[3];
    } T[] = {
        {"configured column",
         "[cases]\nopened_at = Creatd at\n",
         "case_id,Created at,opened_at",
         CB_CASES,
         CB_ECONFIG,
         {"x.csv: [cases] opened_at", "Creatd at", "nearest is 'Created at'"}},
        {"second of two configured",
         "[cases]\nproduct = Xyzzy | Prodct\n",
         "case_id,opened_at,Product",
         CB_CASES,
         CB_ECONFIG,
         {"[cases] product", "nearest is 'Product'"}},
        {"configured far off",
         "[cases]\nopened_at = Quux\n",
         "case_id,opened_at",
         CB_CASES,
         CB_ECONFIG,
         {"none of its 2 names"}},
        {"configured place",
         "[cases]\nopened_at = (column 3)\n",
         "case_id,opened_at",
         CB_CASES,
         CB_ECONFIG,
         {"(column 3)"}},
        {"place 0", "[cases]\nopened_at = (column 0)\n", "case_id,opened_at", CB_CASES, CB_ECONFIG, {"(column 0)"}},
        {"no opening",
         "",
         "case_id,Creatde at",
         CB_CASES,
         CB_EDATA,
         {"no column for opened_at (when", "nearest is 'Creatde at'", "\n[cases]\nopened_at = Creatde at"}},
        {"no id",
         "",
         "when,opened_at",
         CB_CASES,
         CB_EDATA,
         {"no column for case_id", "case_id = name of the column", "= (line)"}},
        {"both", "", "foo,bar", CB_CASES, CB_EDATA, {"case_id", "nor for opened_at", "first row a header?"}},
        {"reviews", "", "review_id,posted_at", CB_REVIEWS, CB_EDATA, {"no column for rating"}},
        {"turned off",
         "[cases]\nopened_at = (none)\n",
         "case_id,opened_at",
         CB_CASES,
         CB_EDATA,
         {"no column for opened_at"}},
        {"two ids",
         "",
         "case_id,opened_at,case_id",
         CB_CASES,
         CB_EDATA,
         {"more than one column is named 'case_id'", "duplicate-label", "\n[cases]\ncase_id = (column 1)"}},
        {"two ids in one spelling or another",
         "",
         "Case ID,opened_at,Case-ID",
         CB_CASES,
         CB_EDATA,
         {"more than one column"}},
        {"the exact spelling and another",
         "",
         "Case ID,case_id,opened_at",
         CB_CASES,
         CB_EDATA,
         {"more than one column is named 'case_id'", "duplicate-label", "\n[cases]\ncase_id = (column 2)"}},
        {"no column", "", "", CB_CASES, CB_EDATA, {"no column for case_id"}},
        {"two ids, one chosen",
         "[cases]\ncase_id = (column 3)\n",
         "case_id,opened_at,case_id",
         CB_CASES,
         CB_OK,
         {NULL}},
        {"two of an optional name", "", "case_id,opened_at,kind,kind", CB_CASES, CB_OK, {NULL}},
    };
    for (size_t i = 0; i < COUNT_OF(T); i++) {
        bench b = new_bench(T[i].ini);
        cb_mapping *mapping = map_header(&b, T[i].role, T[i].header);
        cb_mapping_request request = request_of(&b, T[i].role);
        cb_error err = {0};
        cb_status rc = cb_mapping_check(mapping, &request, &err);
        CHECK(rc == T[i].want, "%s: %d %s", T[i].name, rc, err.why);
        for (size_t p = 0; p < 3 && T[i].says[p]; p++)
            CHECK(strstr(err.why, T[i].says[p]), "%s: '%s' lacks '%s'", T[i].name, err.why, T[i].says[p]);
        free_bench(&b);
    }
}

static void forced_presets(void **state)
{
    (void)state;
    bench b = new_bench("[reviews]\npreset = olist\n");
    cb_str cells[2] = {CB_LIT("case_id"), CB_LIT("opened_at")};
    cb_mapping_request request = request_of(&b, CB_CASES);
    cb_mapping *mapping = NULL;
    cb_error err = {0};
    request.preset = CB_LIT("alexa-reviews");
    CHECK(cb_mapping_new(&mapping, &request, cells, 2, b.arena, &err) == CB_ECONFIG &&
              strstr(err.why, "is for reviews, not for cases"),
          "%s", err.why);
    cb_error_clear(&err);
    request.role = CB_ROLES;
    CHECK(cb_mapping_new(&mapping, &request, cells, 2, b.arena, &err) == CB_OK && mapping->role == CB_REVIEWS, "%s",
          err.why);
    request = request_of(&b, CB_REVIEWS);
    CHECK(cb_mapping_new(&mapping, &request, cells, 2, b.arena, &err) == CB_ECONFIG && strstr(err.why, "olist-reviews"),
          "%s", err.why);
    free_bench(&b);
}

/* --- spelling --- */

enum { SPELLINGS = 7 };

static void respell(cb_str name, int spelling, bool first, char out[300])
{
    char *to = out;
    if (first && spelling != 3)
        to += snprintf(to, 8, "\xEF\xBB\xBF");
    if (spelling == 4)
        to += snprintf(to, 8, "  \t");
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        bool gap = c == ' ' || c == '_';
        if (gap && spelling == 2)
            continue;
        if (gap && (spelling == 1 || spelling == 5))
            c = spelling == 1 ? '_' : '-';
        if (spelling == 0 && c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        if (spelling == 6 && c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        *to++ = c;
    }
    if (spelling == 4)
        to += snprintf(to, 8, " \xC2\xA0 ");
    *to = '\0';
}

/* Own names exactly spelled beat a preset; in these headers no field is named twice, so the columns stay the same. */
static void spelling_does_not_matter(void **state)
{
    (void)state;
    bench b = new_bench("");
    for (size_t i = 0; i < COUNT_OF(header_cases); i++) {
        cb_str cells[MAX_CELLS];
        size_t n = cut_header(header_cases[i].header, ',', cells);
        cb_mapping *plain = map_cells(&b, header_cases[i].role, cells, n);
        for (int spelling = 0; spelling < SPELLINGS; spelling++) {
            static char texts[MAX_CELLS][300];
            cb_str other[MAX_CELLS];
            for (size_t c = 0; c < n; c++) {
                respell(cells[c], spelling, c == 0, texts[c]);
                other[c] = cb_str_of(texts[c]);
            }
            cb_mapping *mapping = map_cells(&b, header_cases[i].role, other, n);
            CHECK(mapping->preset == plain->preset, "%s, spelling %d: preset", header_cases[i].name, spelling);
            for (unsigned f = 0; f < cb_schemas[plain->role].fields; f++)
                CHECK(mapping->field[f].column == plain->field[f].column, "%s, spelling %d: %s reads column %d, not %d",
                      header_cases[i].name, spelling, cb_schemas[plain->role].field[f].name, mapping->field[f].column,
                      plain->field[f].column);
        }
    }
    free_bench(&b);
}

/* --- delimiter and role follow from the header --- */

static void the_delimiter_that_finds_fields_wins(void **state)
{
    (void)state;
    static const char marks[] = ",;\t|";
    bench b = new_bench("");
    for (size_t i = 0; i < COUNT_OF(header_cases); i++) {
        for (size_t true_mark = 0; true_mark < 4; true_mark++) {
            char header[MAX_HEADER];
            (void)snprintf(header, sizeof header, "%s", header_cases[i].header);
            for (char *at = header; *at; at++)
                *at = *at == ',' ? marks[true_mark] : *at;
            cb_mapping *best = NULL;
            size_t best_mark = 9;
            for (size_t m = 0; m < 4; m++) {
                cb_str cells[MAX_CELLS];
                cb_mapping *mapping = map_cells(&b, header_cases[i].role, cells, cut_header(header, marks[m], cells));
                if (best == NULL || cb_mapping_better(mapping, best)) {
                    best = mapping;
                    best_mark = m;
                }
            }
            CHECK(best_mark == true_mark, "%s: delimiter '%c', not '%c'", header_cases[i].name, marks[best_mark],
                  marks[true_mark]);
        }
    }
    free_bench(&b);
}

static void the_role_is_found(void **state)
{
    (void)state;
    bench b = new_bench("");
    for (size_t i = 0; i < COUNT_OF(header_cases); i++) {
        cb_mapping *mapping = map_header(&b, CB_ROLES, header_cases[i].header);
        CHECK(mapping->role == header_cases[i].role, "%s: %s", header_cases[i].name, cb_role_names[mapping->role]);
    }
    free_bench(&b);
}

static void better(void **state)
{
    (void)state;
    const cb_preset preset = {.role = CB_CASES};
    const cb_mapping whole = {.required_found = 2, .optional_found = 1},
                     more = {.required_found = 2, .optional_found = 2},
                     part = {.required_found = 1, .required_absent = 2, .optional_found = 30},
                     none = {.required_absent = 3},
                     known = {.required_found = 2, .optional_found = 1, .preset = &preset};
    static const char *const names[] = {"none", "part", "whole", "known", "more"};
    const cb_mapping *const order[] = {&none, &part, &whole, &known, &more};
    for (size_t i = 0; i < COUNT_OF(order); i++)
        for (size_t k = 0; k < COUNT_OF(order); k++)
            CHECK(cb_mapping_better(order[i], order[k]) == (i > k), "%s better than %s", names[i], names[k]);
}

/* --- notes --- */

static void notes(void **state)
{
    (void)state;
    bench b = new_bench("");
    static const struct {
        const char *header;
        const char *want; /* code:column:used … */
    } T[] = {
        {"case_id,opened_at", ""},
        {",case_id,opened_at, ", "missing-label:0:0 missing-label:3:0 "},
        {"case_id,opened_at,x,y,x", "duplicate-label:4:0 "},
        {"case_id,opened_at,x,Y,X,y,y", "duplicate-label:4:0 duplicate-label:5:0 duplicate-label:6:0 "},
        {"case_id,opened_at,Kind,kind,KIND", "duplicate-label:3:1 duplicate-label:4:1 "},
        {"case_id,opened_at,kind,kind,", "duplicate-label:3:1 missing-label:4:0 "},
        {"\xEF\xBB\xBF"
         "case_id,opened_at,case_id",
         "duplicate-label:2:1 "},
    };
    for (size_t i = 0; i < COUNT_OF(T); i++) {
        cb_mapping *mapping = map_header(&b, CB_CASES, T[i].header);
        char got[400] = "";
        for (unsigned k = 0; k < mapping->notes; k++)
            (void)snprintf(got + strlen(got), sizeof got - strlen(got), "%s:%u:%d ", mapping->note[k].code,
                           mapping->note[k].column, mapping->note[k].read >= 0);
        CHECK(strcmp(got, T[i].want) == 0, "%s: %s", T[i].header, got);
    }
    bench blank = new_bench("[cases]\nkind = (column 1)\n");
    cb_mapping *mapping = map_header(&blank, CB_CASES, ",case_id,opened_at");
    CHECK(mapping->notes == 1 && mapping->note[0].read == 0 && mapping->field[CB_CASE_KIND].column == 0,
          "a blank label in use");
    free_bench(&blank);
    free_bench(&b);
}

/* --- words --- */

static void neutral_words(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        cb_case_status want;
    } T[] = {
        {"open", CB_STATUS_OPEN},
        {" New ", CB_STATUS_OPEN},
        {"IN-PROGRESS", CB_STATUS_OPEN},
        {"Re-opened", CB_STATUS_OPEN},
        {"On-Hold", CB_STATUS_PENDING},
        {"pending", CB_STATUS_PENDING},
        {"Waiting on Customer", CB_STATUS_PENDING},
        {"resolved", CB_STATUS_RESOLVED},
        {"Solved", CB_STATUS_RESOLVED},
        {"done", CB_STATUS_RESOLVED},
        {"closed", CB_STATUS_CLOSED},
        {"CLOSED", CB_STATUS_CLOSED},
        {"withdrawn", CB_STATUS_WITHDRAWN},
        {"Cancelled", CB_STATUS_WITHDRAWN},
        {"canceled", CB_STATUS_WITHDRAWN},
        {"spam", CB_STATUS_WITHDRAWN},
        {"merged", CB_STATUS_WITHDRAWN},
        {"duplicate", CB_STATUS_WITHDRAWN},
        {"", CB_STATUS_UNKNOWN},
        {"-", CB_STATUS_UNKNOWN},
        {"?", CB_STATUS_UNKNOWN},
        {"opening", CB_STATUS_UNKNOWN},
        {"unknown", CB_STATUS_UNKNOWN},
        {"closed by bob", CB_STATUS_UNKNOWN},
    };
    bench b = new_bench("");
    cb_mapping *mapping = map_header(&b, CB_CASES, "case_id,opened_at");
    for (size_t i = 0; i < COUNT_OF(T); i++)
        CHECK(cb_mapping_status(mapping, cb_str_of(T[i].word)) == T[i].want, "'%s' is %s", T[i].word,
              cb_case_status_names[cb_mapping_status(mapping, cb_str_of(T[i].word))]);
    free_bench(&b);
    bench c = new_bench("[status]\nopen = pending\n- = closed\n? = open\n");
    mapping = map_header(&c, CB_CASES, header_cases[0].header);
    CHECK(cb_mapping_status(mapping, CB_LIT("Open")) == CB_STATUS_PENDING, "config over preset and neutral");
    CHECK(cb_mapping_status(mapping, CB_LIT("hold")) == CB_STATUS_PENDING, "preset where the config is silent");
    CHECK(cb_mapping_status(mapping, CB_LIT("-")) == CB_STATUS_CLOSED &&
              cb_mapping_status(mapping, CB_LIT("?")) == CB_STATUS_OPEN,
          "words without letters stay apart");
    free_bench(&c);
}

static void kinds(void **state)
{
    (void)state;
    static const struct {
        const char *word, *want;
    } T[] = {
        {"Injury", "injury"},
        {"personal injury", "injury"},
        {"Wrong Item Sent", "wrong part"},
        {"Defective", "defective product"},
        {"Damaged-Product", "defective product"},
        {"rude staff", "mistreated by staff"},
        {"LATE_URGENT_ORDER", "late urgent order"},
        {"Billing", "Billing"},
        {" Noise - Residential ", "Noise - Residential"},
        {"Burn", "injury"},
        {"", ""},
    };
    bench b = new_bench("[kinds]\nburn = Injury\n");
    cb_mapping *mapping = map_header(&b, CB_CASES, "case_id,opened_at,kind");
    for (size_t i = 0; i < COUNT_OF(T); i++) {
        cb_str got = cb_mapping_kind(mapping, cb_str_of(T[i].word));
        CHECK(cb_str_eq(got, cb_str_of(T[i].want)), "'%s' is '%.*s'", T[i].word, (int)got.len, got.at);
    }
    free_bench(&b);
}

/* --- no memory, no sense --- */

static void every_allocation_may_fail(void **state)
{
    (void)state;
    bench b = new_bench("[status]\nx = open\n");
    static cb_str cells[16384];
    for (size_t i = 0; i < COUNT_OF(cells); i++)
        cells[i] = CB_LIT("some longer name of a column, so that the arena needs many blocks");
    cells[0] = CB_LIT("case_id");
    cells[1] = CB_LIT("opened_at");
    size_t failures = 0;
    for (size_t n = 1;; n++) {
        test_alloc heap = {.fail_at = n, .for_ever = true};
        cb_alloc alloc = test_alloc_of(&heap);
        cb_arena *arena = cb_arena_new(&alloc, 0);
        cb_mapping_request request = request_of(&b, CB_ROLES);
        cb_mapping *mapping = NULL;
        cb_error err = {0};
        cb_status rc = arena ? cb_mapping_new(&mapping, &request, cells, COUNT_OF(cells), arena, &err) : CB_ENOMEM;
        bool whole = heap.failures == 0;
        CHECK(rc == (whole ? CB_OK : CB_ENOMEM), "failure %zu: %d %s", n, rc, err.why);
        cb_arena_free(arena);
        CHECK(heap.live_blocks == 0, "failure %zu leaks", n);
        if (whole)
            break;
        failures++;
    }
    CHECK(failures > 5, "only %zu failures", failures);
    free_bench(&b);
}

static void random_headers(void **state)
{
    (void)state;
    bench b = new_bench("");
    uint64_t seed = 11;
    for (int run = 0; run < 3000; run++) {
        char bytes[200];
        cb_str cells[20];
        size_t n = (size_t)test_between(&seed, 0, 20);
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (char)test_between(&seed, 0, 256);
        for (size_t c = 0; c < n; c++)
            cells[c] = (cb_str){bytes + test_between(&seed, 0, 100), (size_t)test_between(&seed, 0, 100)};
        if (n > 2)
            cells[test_between(&seed, 0, (int64_t)n)] = CB_LIT("case_id");
        cb_mapping_request request = request_of(&b, (cb_role)test_between(&seed, 0, CB_ROLES + 1));
        cb_arena *arena = cb_arena_new(NULL, 0);
        cb_mapping *mapping = NULL;
        cb_error err = {0};
        CHECK(cb_mapping_new(&mapping, &request, cells, n, arena, &err) == CB_OK, "run %d: %s", run, err.why);
        for (unsigned f = 0; f < cb_schemas[mapping->role].fields; f++)
            CHECK(mapping->field[f].column < (int)n, "run %d: field %u", run, f);
        cb_status rc = cb_mapping_check(mapping, &request, &err);
        CHECK((rc == CB_OK) == (mapping->required_absent == 0 && mapping->ambiguous == 0), "run %d: %s", run, err.why);
        cb_arena_free(arena);
    }
    free_bench(&b);
}

/* --- real files, where they are --- */

static void real_headers(void **state)
{
    (void)state;
    static const struct {
        const char *path, *preset;
        cb_role role;
        char delimiter;
        cb_status want;
    } T[] = {
        {"cases/cfpb-2015-slice-28k.csv", "cfpb", CB_CASES, ',', CB_OK},
        {"cases/cfpb-2016-mdy.csv", "cfpb", CB_CASES, ',', CB_OK},
        {"cases/nyc311-2018-portal-1000.csv", "nyc311", CB_CASES, ',', CB_OK},
        {"cases/servicenow-list.csv", "servicenow-list", CB_CASES, ',', CB_OK},
        {"cases/tsa-claims-2014-us-notation.csv", "tsa-claims", CB_CASES, ',', CB_OK},
        {"cases/tsa-claims-2014-iso-notation.csv", "tsa-claims", CB_CASES, ',', CB_OK},
        {"cases/tsa-claim-and-close-amount.csv", "", CB_CASES, ',', CB_EDATA},
        {"reviews/amazon_alexa.tsv", "alexa-reviews", CB_REVIEWS, '\t', CB_OK},
        {"customers/telco-semicolon-decimal-comma.csv", "telco-churn", CB_CUSTOMERS, ';', CB_OK},
    };
    bench b = new_bench("");
    for (size_t i = 0; i < COUNT_OF(T); i++) {
        const char *path = T[i].path;
        char line[MAX_HEADER];
        FILE *file = test_shared_open(path);
        if (!file)
            continue;
        CHECK(fgets(line, sizeof line, file) != NULL, "%s", path);
        (void)fclose(file);
        cb_str cells[MAX_CELLS];
        cb_mapping *mapping = map_cells(&b, T[i].role, cells, cut_header(line, T[i].delimiter, cells));
        CHECK(strcmp(mapping->preset ? mapping->preset->name.at : "", T[i].preset) == 0, "%s: preset", path);
        cb_mapping_request request = request_of(&b, T[i].role);
        cb_error err = {0};
        CHECK(cb_mapping_check(mapping, &request, &err) == T[i].want, "%s: %s", path, err.why);
    }
    free_bench(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_of_the_rules),
        cmocka_unit_test(refusals),
        cmocka_unit_test(forced_presets),
        cmocka_unit_test(spelling_does_not_matter),
        cmocka_unit_test(the_delimiter_that_finds_fields_wins),
        cmocka_unit_test(the_role_is_found),
        cmocka_unit_test(better),
        cmocka_unit_test(notes),
        cmocka_unit_test(neutral_words),
        cmocka_unit_test(kinds),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(random_headers),
        cmocka_unit_test(real_headers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
