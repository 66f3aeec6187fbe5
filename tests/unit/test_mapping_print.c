/* The printed mapping: a config section that, read back, gives the same mapping. */
#include "mapping_headers.h"

/* --- the printed mapping, read back --- */

static void same_pairs(const char *name, const cb_mapping *a, const cb_mapping *b)
{
    for (unsigned i = 0; i < a->status.n; i++)
        CHECK(cb_mapping_status(a, a->status.pair[i].word) == cb_mapping_status(b, a->status.pair[i].word),
              "%s: status %.*s", name, (int)a->status.pair[i].word.len, a->status.pair[i].word.at);
    for (unsigned i = 0; i < a->kinds.n; i++)
        CHECK(cb_str_eq(cb_mapping_kind(a, a->kinds.pair[i].word), cb_mapping_kind(b, a->kinds.pair[i].word)),
              "%s: kind", name);
}

static void same_how(const char *name, const cb_field_setting *a, const cb_field_setting *b)
{
    CHECK(cb_str_eq(a->format, b->format) && cb_str_eq(a->decimal, b->decimal) && cb_str_eq(a->zone, b->zone) &&
              cb_str_eq(a->scale, b->scale),
          "%s: format, decimal, zone or scale", name);
    CHECK(a->null_words == b->null_words && a->true_words == b->true_words && a->false_words == b->false_words,
          "%s: words", name);
    for (unsigned i = 0; i < a->null_words; i++)
        CHECK(cb_str_eq(a->null_word[i], b->null_word[i]), "%s: null word %u", name, i);
    for (unsigned i = 0; i < a->true_words; i++)
        CHECK(cb_str_eq(a->true_word[i], b->true_word[i]), "%s: true word %u", name, i);
}

static void round_trip(const char *name, const char *ini, cb_role role, const cb_str *cells, size_t n)
{
    bench b = new_bench(ini);
    cb_mapping *mapping = map_cells(&b, role, cells, n);
    cb_buf text;
    cb_buf_init(&text, cb_alloc_libc(), 1 << 20);
    CHECK(cb_mapping_print(mapping, "x.csv", &text) == CB_OK && cb_buf_append(&text, "", 1) == CB_OK, "%s: print",
          name);
    bench again = new_bench(text.at);
    cb_mapping *other = map_cells(&again, role, cells, n);
    CHECK((mapping->preset == NULL) == (other->preset == NULL), "%s: preset", name);
    CHECK(mapping->preset == NULL || cb_str_eq(mapping->preset->name, other->preset->name), "%s: preset", name);
    for (unsigned f = 0; f < cb_schemas[role].fields; f++) {
        CHECK(mapping->field[f].column == other->field[f].column, "%s: %s reads %d, then %d\n%s", name,
              cb_schemas[role].field[f].name, mapping->field[f].column, other->field[f].column, text.at);
        if (mapping->fields >> f & 1)
            same_how(name, mapping->field[f].how, other->field[f].how);
    }
    CHECK(cb_str_eq(mapping->encoding, other->encoding) && cb_str_eq(mapping->delimiter, other->delimiter),
          "%s: encoding", name);
    same_pairs(name, mapping, other);
    same_pairs(name, other, mapping);
    cb_buf_free(&text);
    free_bench(&again);
    free_bench(&b);
}

static void printed_mappings_read_back(void **state)
{
    (void)state;
    cb_str cells[MAX_CELLS];
    for (size_t i = 0; i < COUNT_OF(header_cases); i++)
        round_trip(header_cases[i].name, "", header_cases[i].role, cells,
                   cut_header(header_cases[i].header, ',', cells));
    round_trip(
        "words and formats",
        "[cases]\npreset = zendesk-api\ndelimiter = semicolon\nencoding = latin-1\nopened_at.format = %d.%m.%Y %H:%M\n"
        "opened_at.zone = Europe/Berlin\nloss_amount = a\nloss_amount.decimal = comma\nescalated = b\nescalated.true = Ja, \"x, y\"\n"
        "escalated.false = Nein\nkind = c\nkind.null = \"-\", \" \", \"; ;\"\nteam = (none)\nagent = nobody | x\n"
        "[status]\nnew = pending\n\"a = b\" = closed\n\"; x\" = open\n\"[y]\" = open\n\"say \"\"no\"\"\" = closed\n"
        "[kinds]\nBurn: hand = injury\n",
        CB_CASES, cells, cut_header("id;created_at;a;b;c;group_id;x", ';', cells));
}

static void strange_names_read_back(void **state)
{
    (void)state;
    static char long_name[400];
    memset(long_name, 'n', sizeof long_name - 1);
    const char *const strange[] = {"a = b", "a ; b",     "; a",           "# a",      "[a]",        "a|b",     "a, b",
                                   "\"a\"", "say \"x\"", "(line)",        "(none)",   "(column 1)", "a\nb",    "",
                                   "twice", "twice",     "TWICE",         "\xFF\xFE", "a:b",        long_name, "=",
                                   "?",     "-",         "\xCE\xA3 Time", "a\tb",     "a\x01",      "'",       "%d"};
    for (size_t i = 0; i < COUNT_OF(strange); i++) {
        cb_str cells[COUNT_OF(strange) + 2] = {CB_LIT("case_id"), CB_LIT("opened_at")};
        char ini[60];
        for (size_t k = 0; k < COUNT_OF(strange); k++)
            cells[k + 2] = cb_str_of(strange[k]);
        (void)snprintf(ini, sizeof ini, "[cases]\nproduct = (column %zu)\n", i + 3);
        round_trip(strange[i], ini, CB_CASES, cells, COUNT_OF(cells));
    }
}

static void printing_into_a_small_buffer(void **state)
{
    (void)state;
    bench b = new_bench("");
    cb_mapping *mapping = map_header(&b, CB_CASES, header_cases[0].header);
    for (size_t cap = 0; cap < 5000; cap += 7) {
        cb_buf text;
        cb_buf_init(&text, cb_alloc_libc(), cap);
        cb_status rc = cb_mapping_print(mapping, "x.csv", &text);
        CHECK(rc == CB_ELIMIT || (rc == CB_OK && text.len <= cap && text.len > 1000), "%zu bytes: %d, %zu written", cap,
              rc, text.len);
        cb_buf_free(&text);
    }
    free_bench(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(printed_mappings_read_back),
        cmocka_unit_test(strange_names_read_back),
        cmocka_unit_test(printing_into_a_small_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
