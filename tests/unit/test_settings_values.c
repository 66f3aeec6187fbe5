/* What values mean and where they may lie, and which of several sources counts. */
#include "settings_bench.h"

/* --- values --- */

static void lists(void **state)
{
    (void)state;
    cb_settings *s = of_text("[calendar]\nholidays = 2026-12-25, 2026-01-01\nholidays = 2026-05-01, 2026-01-01\n"
                             "mon = 09:00-12:00, 13:00-17:30\nSunday = 10:00-12:00\n"
                             "[cases]\nproduct.null = -, \"a, b\"\nproduct.null = N/A\nescalated.true = Ja, Oui\n"
                             "[phrases]\npolicy = Company Policy, \"no, never\"\n"
                             "[fixes]\n2026-03-01 = pump, valve\n2025-01-01 = hose\n");
    CHECK(s->week.holidays == 3, "%u holidays", s->week.holidays);
    CHECK(s->week.holiday_days[0] == cb_days_from_civil(2026, 1, 1) &&
              s->week.holiday_days[1] == cb_days_from_civil(2026, 5, 1) &&
              s->week.holiday_days[2] == cb_days_from_civil(2026, 12, 25),
          "holidays ascend");
    CHECK(s->week.day[0].n == 2 && s->week.day[0].shift[1].to_s == 63000 && s->week.day[6].n == 1, "shifts");
    const cb_field_setting *product = &s->role[CB_CASES].field[CB_CASE_PRODUCT];
    CHECK(product->null_words == 3 && cb_str_eq(product->null_word[1], CB_LIT("a, b")) &&
              cb_str_eq(product->null_word[2], CB_LIT("N/A")),
          "null words");
    CHECK(s->role[CB_CASES].field[CB_CASE_ESCALATED].true_words == 2, "true words");
    CHECK(s->phrases.n == 4, "%u phrases", s->phrases.n); /* policy's one is replaced by two, the other two stay */
    CHECK(cb_str_eq(s->phrases.pair[2].meaning, CB_LIT("company policy")) &&
              cb_str_eq(s->phrases.pair[3].meaning, CB_LIT("no, never")),
          "phrases are in lower case");
    CHECK(s->fixes.n == 3, "%u fixes", s->fixes.n);
    cb_settings_free(s);
}

static void list_limits(void **state)
{
    (void)state;
    char ini[8000] = "[cases]\n";
    for (int i = 0; i < CB_MAX_WORDS_OF_FIELD + 1; i++) {
        cb_settings *s = new_settings();
        cb_error err = {0};
        (void)snprintf(ini + strlen(ini), sizeof ini - strlen(ini), "product.null = w%d\n", i);
        cb_status rc = cb_settings_text(s, cb_str_of(ini), "t.ini", &err);
        CHECK(rc == (i < CB_MAX_WORDS_OF_FIELD ? CB_OK : CB_ECONFIG), "%d words: %s", i + 1, err.why);
        cb_settings_free(s);
    }
    (void)snprintf(ini, sizeof ini, "[phrases]\n");
    for (int i = 4; i <= CB_MAX_PHRASES + 1; i++) { /* three are there by default */
        cb_settings *s = new_settings();
        cb_error err = {0};
        (void)snprintf(ini + strlen(ini), sizeof ini - strlen(ini), "p%d = word%d\n", i, i);
        cb_status rc = cb_settings_text(s, cb_str_of(ini), "t.ini", &err);
        CHECK(rc == (i <= CB_MAX_PHRASES ? CB_OK : CB_ECONFIG), "%d phrases: %s", i, err.why);
        cb_settings_free(s);
    }
    (void)snprintf(ini, sizeof ini, "[targets]\n");
    for (int i = 1; i <= CB_MAX_TARGETS + 1; i++) {
        cb_settings *s = new_settings();
        cb_error err = {0};
        (void)snprintf(ini + strlen(ini), sizeof ini - strlen(ini), "p%d = %dh\n", i, i);
        cb_status rc = cb_settings_text(s, cb_str_of(ini), "t.ini", &err);
        CHECK(rc == (i <= CB_MAX_TARGETS ? CB_OK : CB_ECONFIG), "%d targets: %s", i, err.why);
        cb_settings_free(s);
    }
}

static void assumptions_within_their_bounds(void **state)
{
    (void)state;
    for (int a = 0; a < CB_ASSUMPTIONS; a++) {
        const cb_assumption_info *info = &cb_assumption_table[a];
        const double tries[] = {info->min, info->max, info->min - 1, info->max * 1.01 + 1};
        CHECK(info->initial.low >= info->min && info->initial.high <= info->max &&
                  info->initial.low <= info->initial.base && info->initial.base <= info->initial.high,
              "%s: its own default", info->key);
        for (int t = 0; t < 4; t++) {
            char assignment[120];
            bool whole = tries[t] >= 0 && tries[t] < 1e9 && test_near(tries[t], (double)(int64_t)tries[t], 0);
            bool counted = !strcmp(info->unit, "days") || !strcmp(info->unit, "cases") || !strcmp(info->unit, "0 or 1");
            bool good = t < 2 && (whole || !counted);
            (void)snprintf(assignment, sizeof assignment, "assumptions.%s=%.6f", info->key, tries[t]);
            cb_settings *s = new_settings();
            cb_error err = {0};
            cb_status rc = cb_settings_set(s, cb_str_of(assignment), &err);
            CHECK(rc == (good ? CB_OK : CB_ECONFIG), "%s: %s", assignment, err.why);
            if (good)
                CHECK(test_near(s->assumption[a].low, tries[t], 0) && test_near(s->assumption[a].high, tries[t], 0),
                      "%s", info->key);
            cb_settings_free(s);
        }
    }
}

static void limits_at_their_bounds(void **state)
{
    (void)state;
    static const struct {
        const char *set;
        cb_status want;
    } T[] = {
        {"limits.columns=1", CB_OK},
        {"limits.columns=16384", CB_OK},
        {"limits.columns=16385", CB_ECONFIG},
        {"limits.field_bytes=1 GiB", CB_OK},
        {"limits.field_bytes=1073741825", CB_ECONFIG},
        {"limits.rows=50000000", CB_OK},
        {"limits.rows=50000001", CB_ECONFIG},
        {"limits.words=4000000000", CB_OK},
        {"limits.words=4000000001", CB_ECONFIG},
        {"limits.file_bytes=1024 TiB", CB_OK},
        {"limits.file_bytes=1025 TiB", CB_ECONFIG},
        {"limits.expand_ratio=1000000", CB_OK},
        {"limits.expand_ratio=0", CB_ECONFIG},
        {"limits.columns=-1", CB_ECONFIG},
        {"limits.columns=10 MB", CB_ECONFIG},
        {"limits.columns=", CB_ECONFIG},
    };
    for (size_t i = 0; i < COUNT_OF(T); i++) {
        cb_settings *s = new_settings();
        cb_error err = {0};
        cb_status rc = cb_settings_set(s, cb_str_of(T[i].set), &err);
        CHECK(rc == T[i].want, "row %s: %d %s", T[i].set, rc, err.why);
        cb_settings_free(s);
    }
}

static void targets(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t seconds;
        bool business;
    } T[] = {
        {"30m", 1800, false},     {"8h", 28800, false},
        {"2d", 172800, false},    {"8bh", 28800, true},
        {"90bm", 5400, true},     {"1.5h", 5400, false},
        {"2bd", 2 * 27000, true}, /* the week below: 8 + 7 hours on two days, 7.5 on average */
        {"0.5bd", 13500, true},   {"3652d", INT64_C(3652) * 86400, false},
    };
    for (size_t i = 0; i < COUNT_OF(T); i++) {
        char ini[300];
        (void)snprintf(ini, sizeof ini,
                       "[targets]\nUrgent = %s\ndefault = 5d\n[calendar]\ntue = closed\nwed = closed\nthu = closed\n"
                       "fri = 09:00-12:00, 13:00-17:00\n",
                       T[i].text);
        cb_settings *s = finished(ini);
        const cb_target *target = cb_target_for(s, CB_LIT("urgent"));
        CHECK(target && target->seconds == T[i].seconds && target->business == T[i].business, "row %s: %lld", T[i].text,
              target ? (long long)target->seconds : -1);
        CHECK(cb_target_for(s, CB_LIT("Low"))->seconds == 432000, "row %s: default", T[i].text);
        CHECK(cb_target_for(s, CB_LIT(""))->seconds == 432000, "row %s: no priority", T[i].text);
        cb_settings_free(s);
    }
    cb_settings *s = finished("[targets]\n1 - Critical = 4h\n");
    CHECK(cb_target_for(s, CB_LIT("1 - CRITICAL")) && !cb_target_for(s, CB_LIT("2 - High")),
          "a target without a default");
    cb_settings_free(s);
}

static void rates_fixes_reach_currency(void **state)
{
    (void)state;
    cb_settings *s =
        finished("[report]\ncurrency = usd\ntimezone = America/New_York\n[fx]\neur = 1.08\nJPY = 0.0067\nKWD = 3\n"
                 "[fixes]\n2026-07-01 = b\n2026-01-01 = z\n2026-01-01 = a\n[reach]\nInjury = 0.9\n");
    static const struct {
        const char *code;
        bool known;
        int64_t rate;
    } T[] = {{"EUR", true, 1080000}, {"JPY", true, 6700}, {"KWD", true, 3000000}, {"USD", true, 1000000},
             {"", true, 1000000},    {"GBP", false, 0},   {"eur", true, 1080000}};
    for (size_t i = 0; i < COUNT_OF(T); i++) {
        int64_t rate = -1;
        bool known = cb_settings_fx(s, cb_str_of(T[i].code), &rate);
        CHECK(known == T[i].known && (!known || rate == T[i].rate), "row %s: %lld", T[i].code, (long long)rate);
    }
    CHECK(strcmp(s->currency, "USD") == 0 && s->currency_digits == 2, "currency %s", s->currency);
    CHECK(cb_str_eq(s->fixes.pair[0].meaning, CB_LIT("a")) && cb_str_eq(s->fixes.pair[2].meaning, CB_LIT("b")),
          "fixes ascend");
    CHECK(s->fix_utc_s[0] == 1767243600 && s->fix_utc_s[2] == 1782878400,
          "fixes begin at local midnight"); /* date -d TZ=… */
    CHECK(test_near(cb_settings_reach(s, CB_LIT("injury")), 0.9, 0) &&
              test_near(cb_settings_reach(s, CB_LIT("routine")), 0.5, 0),
          "reach");
    cb_error err = {0};
    CHECK(cb_settings_currency(s, CB_LIT("EUR"), &err) == CB_ECONFIG && strstr(err.why, "USD"), "another currency: %s",
          err.why);
    cb_settings_free(s);

    s = finished("");
    cb_error_clear(&err);
    CHECK(cb_settings_currency(s, CB_LIT("Eur"), &err) == CB_ECONFIG, "a word is no currency");
    cb_error_clear(&err);
    CHECK(cb_settings_currency(s, CB_LIT("JPY"), &err) == CB_OK && s->currency_digits == 0, "yen have no decimals: %s",
          err.why);
    cb_settings_free(s);
}

/* --- precedence --- */

static void later_sources_win(void **state)
{
    (void)state;
    static char *const environment[] = {"HOME=/x",
                                        "CASEBOOK_REPORT_TITLE=from environment",
                                        "CASEBOOK_OUT=reports",
                                        "CASEBOOK_AS_OF=2026-01-01",
                                        "CASEBOOK_ASSUMPTIONS_ANNUAL_LOSS_RATE=0.05..0.1..0.2",
                                        "CASEBOOK_CASES_OPENED_AT_FORMAT=%d/%m/%Y",
                                        "CASEBOOK_CASES_PRODUCT_NULL=none",
                                        "CASEBOOK_CALENDAR_HOLIDAYS=2027-01-01",
                                        "CASEBOOK_TARGETS_HIGH=2h",
                                        NULL};
    cb_settings *s = of_text("[report]\ntitle = from file\nmin_group = 3\n[cases]\nproduct.null = a, b\n"
                             "[calendar]\nholidays = 2026-01-01, 2026-01-02\n[status]\nNew = pending\nOld = closed\n"
                             "[targets]\nHigh = 1h\nLow = 9h\n");
    cb_error err = {0};
    CHECK(cb_settings_environment(s, environment, &err) == CB_OK, "%s", err.why);
    CHECK(cb_str_eq(s->title, CB_LIT("from environment")) && s->min_group == 3, "environment over file");
    CHECK(test_near(s->assumption[CB_A_ANNUAL_LOSS_RATE].low, 0.05, 0), "range from the environment");
    CHECK(cb_str_eq(s->role[CB_CASES].field[CB_CASE_OPENED].format, CB_LIT("%d/%m/%Y")), "a field's property");
    CHECK(s->role[CB_CASES].field[CB_CASE_PRODUCT].null_words == 1 && s->week.holidays == 1, "lists are replaced");
    static const char *const sets[] = {"report.title=from option", "status.new=open", "report.title=last option",
                                       "status.\"a=b\"=closed", "calendar.holidays=2028-01-01, 2028-01-02"};
    for (size_t i = 0; i < COUNT_OF(sets); i++)
        CHECK(cb_settings_set(s, cb_str_of(sets[i]), &err) == CB_OK, "%s: %s", sets[i], err.why);
    CHECK(cb_str_eq(s->title, CB_LIT("last option")) && s->week.holidays == 2, "option over environment");
    CHECK(s->status.n == 3 && cb_str_eq(s->status.pair[0].meaning, CB_LIT("open")) &&
              cb_str_eq(s->status.pair[1].meaning, CB_LIT("closed")) &&
              cb_str_eq(s->status.pair[2].word, CB_LIT("a=b")),
          "[status] is replaced word by word");
    CHECK(cb_settings_finish(s, &err) == CB_OK && s->targets == 2 && s->target[0].seconds == 7200, "targets: %s",
          err.why);
    cb_settings_free(s);
}

static void bad_options(void **state)
{
    (void)state;
    static const struct {
        const char *set;
        cb_status want;
        const char *says;
    } T[] = {
        {"", CB_EUSAGE, "section.key=value"},
        {"report", CB_EUSAGE, "section.key=value"},
        {"report=x", CB_EUSAGE, "section.key=value"},
        {"a=b.c", CB_EUSAGE, "section.key=value"},
        {"report.title", CB_EUSAGE, "section.key=value"},
        {".title=x", CB_ECONFIG, "--set"},
        {"report.=x", CB_ECONFIG, "key is missing"},
        {"rpeort.title=x", CB_ECONFIG, "did you mean 'report'?"},
        {"report.title=\"x", CB_ECONFIG, "closing"},
        {"status.\"a=b", CB_EUSAGE, "section.key=value"},
    };
    for (size_t i = 0; i < COUNT_OF(T); i++) {
        cb_settings *s = new_settings();
        cb_error err = {0};
        cb_status rc = cb_settings_set(s, cb_str_of(T[i].set), &err);
        CHECK(rc == T[i].want && strstr(err.why, T[i].says), "row '%s': %d %s", T[i].set, rc, err.why);
        cb_settings_free(s);
    }
    static char *const unknown[] = {"CASEBOOK_REPROT_TITLE=x", NULL}, *const bare[] = {"CASEBOOK_REPORT=x", NULL};
    cb_settings *s = new_settings();
    cb_error err = {0};
    CHECK(cb_settings_environment(s, unknown, &err) == CB_ECONFIG && strstr(err.why, "report"), "%s", err.why);
    cb_error_clear(&err);
    CHECK(cb_settings_environment(s, bare, &err) == CB_ECONFIG, "%s", err.why);
    cb_settings_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists),
        cmocka_unit_test(list_limits),
        cmocka_unit_test(assumptions_within_their_bounds),
        cmocka_unit_test(limits_at_their_bounds),
        cmocka_unit_test(targets),
        cmocka_unit_test(rates_fixes_reach_currency),
        cmocka_unit_test(later_sources_win),
        cmocka_unit_test(bad_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
