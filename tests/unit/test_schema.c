/* The fields of the contract: names, types, which are required. */
#include "testing.h"

#include "casebook/schema.h"

/* contract.md, Inputs, in its order and spelling */
static const char *const contract[CB_ROLES] = {
    "case_id, opened_at, customer_id, first_response_at, resolved_at, updated_at, promised_at, follow_up_at, status, kind, "
    "root_cause, product, unit, channel, team, agent, priority, region, transfers, contacts, reopens, escalated, escalated_at, "
    "liability, apology, options_offered, agreed, loss_amount, consequential_loss, currency, remedy_type, remedy_amount, "
    "satisfaction, avoidable, skill_needed, text, first_response_duration, resolution_duration",
    "review_id, posted_at, rating, customer_id, case_id, product, site, reach, text",
    "customer_id, since, annual_value, currency, segment, churned_at, last_active_at",
};

static void names_are_the_contract(void **state)
{
    (void)state;
    for (int r = 0; r < CB_ROLES; r++) {
        const char *at = contract[r];
        for (unsigned f = 0; f < cb_schemas[r].fields; f++) {
            const char *name = cb_schemas[r].field[f].name;
            size_t n = strlen(name);
            CHECK(strncmp(at, name, n) == 0 && (at[n] == ',' || at[n] == '\0'), "%s %u: %s, contract: %.20s",
                  cb_role_names[r], f, name, at);
            at += n + (at[n] == ',' ? 2 : 0);
            CHECK(cb_schemas[r].field[f].meaning[0] != '\0', "%s has no meaning", name);
        }
        CHECK(*at == '\0', "%s: the contract goes on with %s", cb_role_names[r], at);
    }
}

static void required_fields(void **state)
{
    (void)state;
    static const uint64_t required[CB_ROLES] = {3, 7, 1}; /* the bold names: the first two, three and one */
    for (int r = 0; r < CB_ROLES; r++)
        for (unsigned f = 0; f < cb_schemas[r].fields; f++)
            CHECK(cb_schemas[r].field[f].required == (required[r] >> f & 1), "%s %s", cb_role_names[r],
                  cb_schemas[r].field[f].name);
}

static void a_pool_for_each_word(void **state)
{
    (void)state;
    for (int r = 0; r < CB_ROLES; r++) {
        for (unsigned f = 0; f < cb_schemas[r].fields; f++) {
            const cb_field *field = &cb_schemas[r].field[f];
            CHECK((field->type == CB_TYPE_WORD) == (field->pool < CB_POOLS), "%s", field->name);
        }
    }
    CHECK(cb_schemas[CB_CASES].field[CB_CASE_PRODUCT].pool == cb_schemas[CB_REVIEWS].field[CB_REVIEW_PRODUCT].pool,
          "product");
    CHECK(cb_schemas[CB_CASES].field[CB_CASE_CUSTOMER].pool == cb_schemas[CB_CUSTOMERS].field[CB_CUSTOMER_ID].pool,
          "customer");
    CHECK(cb_schemas[CB_CASES].field[CB_CASE_ID].pool == cb_schemas[CB_REVIEWS].field[CB_REVIEW_CASE].pool, "case");
}

static void fields_by_name(void **state)
{
    (void)state;
    static const struct {
        cb_role role;
        const char *name;
        int want;
    } T[] = {
        {CB_CASES, "opened_at", CB_CASE_OPENED},
        {CB_CASES, "Opened At", CB_CASE_OPENED},
        {CB_CASES, "OPENEDAT", CB_CASE_OPENED},
        {CB_CASES,
         "\xEF\xBB\xBF"
         "case id",
         CB_CASE_ID},
        {CB_CASES, "text", CB_CASE_TEXT},
        {CB_CASES, "rating", -1},
        {CB_REVIEWS, "rating", CB_REVIEW_RATING},
        {CB_REVIEWS, "case_id", CB_REVIEW_CASE},
        {CB_CUSTOMERS, "churned-at", CB_CUSTOMER_CHURNED},
        {CB_CUSTOMERS, "", -1},
        {CB_CASES, "opened_at ", CB_CASE_OPENED},
        {CB_CASES, "opened_a", -1},
    };
    for (size_t i = 0; i < COUNT_OF(T); i++) {
        int got = cb_field_find(T[i].role, cb_str_of(T[i].name));
        CHECK(got == T[i].want, "row %s: %d, not %d", T[i].name, got, T[i].want);
    }
    for (int r = 0; r < CB_ROLES; r++)
        for (unsigned f = 0; f < cb_schemas[r].fields; f++)
            CHECK(cb_field_find((cb_role)r, cb_str_of(cb_schemas[r].field[f].name)) == (int)f,
                  "%s is not found as itself", cb_schemas[r].field[f].name);
}

static void kinds_by_name(void **state)
{
    (void)state;
    CHECK(cb_kind_find(cb_str_of("Late-Urgent Order")) == CB_KIND_LATE_URGENT, "late urgent order");
    CHECK(cb_kind_find(cb_str_of("injury")) == CB_KIND_INJURY, "injury");
    CHECK(cb_kind_find(cb_str_of("injuries")) == -1, "injuries");
    for (int k = 0; k < CB_KINDS; k++)
        CHECK(cb_kind_find(cb_str_of(cb_kind_names[k])) == k, "%s", cb_kind_names[k]);
}

static void bytes_of_cells(void **state)
{
    (void)state;
    static const size_t want[] = {4, 8, 8, 2, 1, 2, 1, 4, 8};
    for (int t = CB_TYPE_WORD; t <= CB_TYPE_DURATION; t++)
        CHECK(cb_type_bytes((cb_type)t) == want[t], "type %d: %zu", t, cb_type_bytes((cb_type)t));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_the_contract), cmocka_unit_test(required_fields),
        cmocka_unit_test(a_pool_for_each_word),   cmocka_unit_test(fields_by_name),
        cmocka_unit_test(kinds_by_name),          cmocka_unit_test(bytes_of_cells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
