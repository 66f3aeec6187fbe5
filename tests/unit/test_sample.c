/* The generator of sample data: its arithmetic against known values and libm, its clock against
 * casebook's own zone and calendar (two implementations that share nothing), its model against its
 * own rules. */
#include "testing.h"

#include <stdio.h>
#include <unistd.h>

#include "casebook/calendar.h"
#include "casebook/civil.h"
#include "casebook/settings.h"
#include "sample/clock.c"
#include "sample/model.c"
#include "sample/out.c"
#include "sample/random.c"
#include "sample/texts.c"
#include "sample/world.c"

/* splitmix64 from seed 1234567, as published with several implementations of it. */
static void random_bits_are_splitmix64(void **state)
{
    static const uint64_t want[] = {UINT64_C(6457827717110365317), UINT64_C(3203168211198807973),
                                    UINT64_C(9817491932198370423), UINT64_C(4593380528125082431),
                                    UINT64_C(16408922859458223821)};
    cb_rng rng = {1234567};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(want); i++)
        CHECK(cb_rng_next(&rng) == want[i], "draw %zu", i);
}

static void logarithm_agrees_with_libm(void **state)
{
    uint64_t seed = 7;
    (void)state;
    for (int i = 0; i < 100000; i++) {
        double x = 1.0 + (double)(test_random(&seed) >> 12) / (double)(UINT64_C(1) << 52);
        CHECK(test_near(log_of_mantissa(x), log(x), 4e-16), "ln %.17g: %.17g", x,
              log_of_mantissa(x));
    }
    CHECK(log_of_mantissa(1.0) == 0.0, "ln 1");
}

/* Against the exponential distribution itself: shares beyond 0, 1, 2 … and the mean, within 5
 * standard errors. */
static void exponential_has_its_distribution(void **state)
{
    enum { DRAWS = 400000 };
    cb_rng rng = {42};
    double sum = 0.0, beyond[6] = {0};
    (void)state;
    for (int i = 0; i < DRAWS; i++) {
        double x = cb_rng_exponential(&rng);
        sum += x;
        for (int k = 0; k < 6; k++)
            beyond[k] += x >= k;
    }
    CHECK(test_near(sum / DRAWS, 1.0, 5.0 / sqrt(DRAWS)), "mean %g", sum / DRAWS);
    for (int k = 0; k < 6; k++) {
        double p = exp(-k), error = sqrt(p * (1 - p) / DRAWS);
        CHECK(test_near(beyond[k] / DRAWS, p, 5 * error), "beyond %d: %g, not %g", k,
              beyond[k] / DRAWS, p);
    }
}

static void picks_follow_weights(void **state)
{
    static const uint16_t weight[5] = {0, 100, 300, 0, 600};
    enum { DRAWS = 100000 };
    unsigned seen[5] = {0};
    cb_rng rng = {3};
    (void)state;
    for (int i = 0; i < DRAWS; i++)
        seen[cb_rng_pick(&rng, weight, 5)]++;
    for (int i = 0; i < 5; i++)
        CHECK(test_near(seen[i], weight[i] * (DRAWS / 1000.0), 800), "weight %d: %u", i, seen[i]);
}

static void bounds_are_kept(void **state)
{
    cb_rng rng = {9};
    unsigned low = 0, high = 0;
    (void)state;
    for (int i = 0; i < 100000; i++) {
        int64_t x = cb_rng_range(&rng, -3, 4), y = cb_rng_skewed(&rng, 1000);
        CHECK(x >= -3 && x <= 4, "range");
        CHECK(y >= 45 && y <= 21982, "skewed %lld", (long long)y);
        low += y < 1000;
        high += y < 2718; /* one standard deviation above the median: 0.8413 of a normal */
    }
    CHECK(cb_rng_below(&rng, 0) == 0 && cb_rng_below(&rng, 1) == 0, "below 0 and 1");
    CHECK(test_near(low, 50000, 800) && test_near(high, 84134, 800), "skewed: %u, %u", low, high);
}

static void streams_differ(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 1000; i++) {
        cb_rng a = cb_rng_of(1, i, 1), b = cb_rng_of(1, i + 1, 1), c = cb_rng_of(1, i, 2),
               d = cb_rng_of(2, i, 1);
        uint64_t x = cb_rng_next(&a);
        CHECK(x != cb_rng_next(&b) && x != cb_rng_next(&c) && x != cb_rng_next(&d), "stream %d",
              (int)i);
    }
}

static cb_settings *sample_settings(void)
{
    cb_settings *settings = NULL;
    cb_error err = {0};
    CHECK(cb_settings_new(&settings, NULL, &err) == CB_OK, "%s", err.why);
    CHECK(cb_settings_file(settings, "sample-data/casebook.ini", &err) == CB_OK, "%s", err.why);
    CHECK(cb_settings_finish(settings, &err) == CB_OK, "%s", err.why);
    return settings;
}

static cb_clock new_clock(void)
{
    cb_clock clock;
    CHECK(cb_clock_new(&clock, NULL) == CB_OK, "clock");
    return clock;
}

static void wall_time_agrees_with_the_zone_database(void **state)
{
    cb_settings *settings = sample_settings();
    (void)state;
    int64_t from_s = cb_days_from_civil(2009, 1, 1) * CB_DAY_S,
            to_s = cb_days_from_civil(2027, 1, 1) * CB_DAY_S;
    for (int64_t s = from_s; s < to_s; s += CB_HOUR_S / 2)
        CHECK(s + cb_clock_offset_s(s) == cb_zone_to_local(settings->zone, s), "%lld",
              (long long)s);
    cb_settings_free(settings);
}

/* What is written must be read as the instant that was meant: no time falls into the double hour's
 * second pass. */
static void plain_times_read_back(void **state)
{
    cb_settings *settings = sample_settings();
    int64_t before_s = INT64_MIN;
    (void)state;
    for (int64_t s = CB_GEN_FROM_UTC_S; s < CB_GEN_TO_UTC_S; s += 1200) {
        int64_t plain_s = cb_clock_plain(s);
        CHECK(plain_s >= before_s && plain_s >= s && plain_s - s <= CB_HOUR_S, "order at %lld",
              (long long)s);
        CHECK(cb_zone_to_utc(settings->zone, plain_s + cb_clock_offset_s(plain_s)) == plain_s,
              "%lld", (long long)s);
        before_s = plain_s;
    }
    cb_settings_free(settings);
}

static void clock_text_is_the_local_time(void **state)
{
    cb_clock clock = new_clock();
    uint64_t seed = 5;
    (void)state;
    for (int i = 0; i < 20000; i++) {
        int64_t s = test_between(&seed, CB_GEN_FROM_UTC_S, CB_GEN_TO_UTC_S);
        cb_civil c = cb_civil_from_s(s + cb_clock_offset_s(s));
        char got[20] = {0}, want[48];
        cb_clock_text(&clock, got, s);
        (void)snprintf(want, sizeof want, "%04d-%02d-%02d %02d:%02d:%02d", (int)c.year, c.month,
                       c.day, c.hour, c.minute, c.second);
        assert_string_equal(got, want);
        CHECK(cb_clock_month(&clock, s) == (unsigned)((c.year - 2024) * 12 + c.month - 10),
              "month of %s", want);
    }
    cb_clock_free(&clock);
}

static void work_agrees_with_the_calendar(void **state)
{
    cb_settings *settings = sample_settings();
    cb_calendar *calendar = NULL;
    cb_clock clock = new_clock();
    uint64_t seed = 11;
    (void)state;
    CHECK(cb_calendar_new(&calendar, &settings->week, settings->zone, CB_GEN_FROM_UTC_S,
                          CB_GEN_TO_UTC_S, NULL) == CB_OK,
          "calendar");
    for (int i = 0; i < 20000; i++) {
        int64_t s = test_between(&seed, CB_GEN_FROM_UTC_S, CB_GEN_TO_UTC_S - 30 * CB_DAY_S);
        int64_t work_s = test_between(&seed, 1, 60 * CB_HOUR_S),
                end_s = cb_clock_after_work(&clock, s, work_s);
        CHECK(cb_calendar_between(calendar, s, end_s) == work_s, "%lld s of work from %lld",
              (long long)work_s, (long long)s);
    }
    int64_t table_end_s = CB_GEN_TO_UTC_S + (int64_t)CB_CLOCK_TAIL_DAYS * CB_DAY_S;
    CHECK(cb_clock_after_work(&clock, table_end_s + 5, 1) == table_end_s, "start behind the table");
    CHECK(cb_clock_after_work(&clock, CB_GEN_TO_UTC_S, INT64_C(1) << 40) == table_end_s,
          "end behind the table");
    cb_calendar_free(calendar);
    cb_clock_free(&clock);
    cb_settings_free(settings);
}

static void arrivals_and_their_inverse(void **state)
{
    cb_clock clock = new_clock();
    uint64_t seed = 13;
    (void)state;
    for (int i = 0; i < 20000; i++) {
        int64_t s = test_between(&seed, CB_GEN_FROM_UTC_S, CB_GEN_TO_UTC_S);
        int64_t back_s = cb_clock_arrival(&clock, cb_clock_arrivals(&clock, s));
        CHECK(llabs(back_s - s) <= 1, "%lld came back as %lld", (long long)s, (long long)back_s);
    }
    double all = cb_clock_arrivals(&clock, CB_GEN_TO_UTC_S);
    CHECK(test_near(all, 2.0, 0.1), "two years: %g",
          all); /* less and more by the planted changes */
    CHECK(cb_clock_arrival(&clock, all) == CB_GEN_TO_UTC_S, "nothing arrives after the end");
    cb_clock_free(&clock);
}

static cb_gen_block new_block(cb_clock *clock, cb_gen_tally *tally)
{
    cb_gen_block block;
    *clock = new_clock();
    *tally = (cb_gen_tally){0};
    CHECK(cb_gen_block_make(&block, clock, 99, 0, 6000, tally, NULL) == CB_OK, "block");
    return block;
}

static cb_gen_state naive_state(const cb_gen_case *c)
{
    bool known = !c->loss_blank && (!c->remedy_blank || c->band == CB_GEN_NO_REMEDY);
    if (c->status < CB_GEN_RESOLVED || c->status == CB_GEN_GIVEN_UP)
        return CB_GEN_UNRESOLVED;
    if (known && c->band < CB_GEN_MADE_GOOD)
        return CB_GEN_INADEQUATE;
    return c->resolved_utc_s != CB_GEN_NEVER && c->resolved_utc_s - c->opened_utc_s <= CB_DAY_S
               ? CB_GEN_QUICK
               : CB_GEN_ADEQUATE;
}

static void cases_keep_the_rules(void **state)
{
    cb_clock clock;
    cb_gen_tally tally;
    cb_gen_block block = new_block(&clock, &tally);
    unsigned absurd = 0;
    (void)state;
    CHECK(block.cases > 7000, "%u cases", block.cases);
    for (uint32_t i = 0; i < block.cases; i++) {
        const cb_gen_case *c = &block.cases_at[i];
        CHECK(!i || c[-1].opened_utc_s <= c->opened_utc_s, "order of case %u", i);
        CHECK(c->opened_utc_s >= CB_GEN_FROM_UTC_S && c->opened_utc_s < CB_GEN_TO_UTC_S,
              "case %u in the window", i);
        CHECK(c->resolved_utc_s == CB_GEN_NEVER ||
                  (c->resolved_utc_s >= c->opened_utc_s && c->resolved_utc_s < CB_GEN_TO_UTC_S),
              "end of case %u", i);
        CHECK((cb_gen_state)c->state == naive_state(c), "state of case %u", i);
        absurd += c->absurd;
        if (c->customer == CB_GEN_NONE)
            continue;
        const cb_gen_customer *customer = &block.customer[c->customer];
        CHECK(c->opened_utc_s <= customer->churned_utc_s, "case %u after leaving", i);
        CHECK(c->opened_utc_s >= customer->since_day * CB_DAY_S - 2 * CB_HOUR_S,
              "case %u before since", i);
        CHECK(c->opened_utc_s <= customer->last_case_utc_s, "last case of case %u", i);
    }
    assert_int_equal(absurd, 1);
    cb_gen_block_free(&block);
    cb_clock_free(&clock);
}

/* Time told and losses against the customers themselves. */
static void tally_adds_up(void **state)
{
    cb_clock clock;
    cb_gen_tally tally;
    cb_gen_block block = new_block(&clock, &tally);
    int64_t person_s = 0, told_s = 0;
    uint64_t losses = 0, left = 0;
    (void)state;
    for (uint32_t i = 0; i < block.customers; i++) {
        const cb_gen_customer *customer = &block.customer[i];
        int64_t from_s = customer->since_day * CB_DAY_S, to_s = customer->churned_utc_s;
        from_s -= cb_clock_offset_s(from_s - 2 * CB_HOUR_S);
        from_s = from_s > CB_GEN_FROM_UTC_S ? from_s : CB_GEN_FROM_UTC_S;
        if (to_s < CB_GEN_FROM_UTC_S)
            continue;
        left += to_s != CB_GEN_NEVER;
        person_s += (to_s == CB_GEN_NEVER ? CB_GEN_TO_UTC_S : to_s) - from_s;
    }
    for (unsigned i = 0; i < CB_GEN_STATES; i++) {
        told_s += tally.person_s[i];
        losses += tally.losses[i];
    }
    assert_int_equal(losses, left);
    CHECK(llabs(told_s - person_s) <= (int64_t)left * CB_HOUR_S / 1000, "%lld s told, %lld s lived",
          (long long)told_s, (long long)person_s); /* only leavers within a double hour differ */
    for (unsigned i = 0; i < CB_GEN_STATES; i++) {
        double expected = cb_gen_leaving_rate[i] * (double)tally.person_s[i] / CB_GEN_YEAR_S;
        CHECK(test_near((double)tally.losses[i], expected, 4 * sqrt(expected)),
              "%s: %llu, expected %g", cb_gen_state_words[i], (unsigned long long)tally.losses[i],
              expected);
    }
    cb_gen_block_free(&block);
    cb_clock_free(&clock);
}

/* A customer is the same whatever block it is drawn in. */
static void blocks_do_not_matter(void **state)
{
    cb_clock clock;
    cb_gen_tally tally;
    cb_gen_block whole = new_block(&clock, &tally), part;
    (void)state;
    CHECK(cb_gen_block_make(&part, &clock, 99, 5000, 100, &tally, NULL) == CB_OK, "block");
    for (uint32_t i = 0; i < 100; i++)
        CHECK(part.customer[i].detail == whole.customer[5000 + i].detail &&
                  part.customer[i].churned_utc_s == whole.customer[5000 + i].churned_utc_s &&
                  part.customer[i].last_case_utc_s == whole.customer[5000 + i].last_case_utc_s,
              "customer %u", i);
    cb_gen_block_free(&part);
    cb_gen_block_free(&whole);
    cb_clock_free(&clock);
}

static bool holds(const char *text, size_t n, const char *phrase)
{
    for (size_t i = 0; i + strlen(phrase) <= n; i++)
        if (cb_str_eq_nocase((cb_str){text + i, strlen(phrase)}, cb_str_of(phrase)))
            return true;
    return false;
}

static void phrases_are_where_they_are_counted(void **state)
{
    cb_rng rng = {17};
    char text[CB_TEXT_BYTES];
    (void)state;
    for (unsigned i = 0; i < 50000; i++) {
        cb_gen_phrase phrase;
        size_t n = cb_gen_case_text(text, &rng, (cb_gen_kind)(i % CB_GEN_KINDS), &phrase);
        for (unsigned k = 0; k < CB_GEN_PHRASES; k++)
            CHECK(holds(text, n, cb_gen_phrase_words[k]) == (k == phrase), "phrase %u of text %u",
                  k, i);
        CHECK(n > 0 && n < CB_TEXT_BYTES && cb_utf8_valid((cb_str){text, n}), "text %u", i);
        n = cb_gen_review_text(text, &rng, 1 + i % 5);
        CHECK(n > 0 && n < CB_TEXT_BYTES && cb_utf8_valid((cb_str){text, n}), "review %u", i);
    }
}

static void cells_are_quoted(void **state)
{
    static const struct {
        const char *in, *want;
    } table[] = {
        {"", ""},
        {"plain", "plain"},
        {"a,b", "\"a,b\""},
        {"say \"hi\"", "\"say \"\"hi\"\"\""},
        {"two\nlines", "\"two\nlines\""},
        {"cr\r", "\"cr\r\""},
        {"\"", "\"\"\"\""},
    };
    cb_out out;
    (void)state;
    CHECK(cb_out_memory(&out, NULL) == CB_OK, "memory");
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        out.len = 0;
        cb_out_cell(&out, table[i].in, strlen(table[i].in));
        CHECK(cb_str_eq((cb_str){out.at, out.len}, cb_str_of(table[i].want)), "cell %zu", i);
    }
    CHECK(cb_out_close(&out, NULL) == CB_OK, "close");
}

static void numbers_are_written_out(void **state)
{
    cb_out out;
    (void)state;
    CHECK(cb_out_memory(&out, NULL) == CB_OK, "memory");
    cb_out_padded(&out, 42, 6);
    cb_out_padded(&out, 1234567, 6);
    cb_out_char(&out, ' ');
    cb_out_number(&out, INT64_MIN);
    cb_out_char(&out, ' ');
    cb_out_cents(&out, 40000000);
    cb_out_cents(&out, 5);
    cb_out_print(&out, " %.3f", 0.25);
    cb_out_char(&out, '\0');
    assert_string_equal(out.at, "0000421234567 -9223372036854775808 400000.000.05 0.250");
    for (int i = 0; i < 400000; i++)
        cb_out_char(&out, 'x');
    CHECK(out.len > CB_OUT_BLOCK_BYTES && out.at[out.len - 1] == 'x', "a memory output grows");
    CHECK(cb_out_close(&out, NULL) == CB_OK, "close");
}

static void faults_of_files_are_told(void **state)
{
    cb_out out;
    cb_error err = {0};
    (void)state;
    CHECK(cb_out_open(&out, "/nonexistent-folder", "x", &err) == CB_ECANTCREAT && err.why[0],
          "no folder");
    cb_error_clear(&err);
    if (access("/dev/full", W_OK) != 0)
        skip();
    CHECK(cb_out_open(&out, "/dev", "full", &err) == CB_OK, "%s", err.why);
    cb_out_text(&out, "lost");
    CHECK(cb_out_close(&out, &err) == CB_EIO && strstr(err.why, "/dev/full"), "%s", err.why);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_bits_are_splitmix64),
        cmocka_unit_test(logarithm_agrees_with_libm),
        cmocka_unit_test(exponential_has_its_distribution),
        cmocka_unit_test(picks_follow_weights),
        cmocka_unit_test(bounds_are_kept),
        cmocka_unit_test(streams_differ),
        cmocka_unit_test(wall_time_agrees_with_the_zone_database),
        cmocka_unit_test(plain_times_read_back),
        cmocka_unit_test(clock_text_is_the_local_time),
        cmocka_unit_test(work_agrees_with_the_calendar),
        cmocka_unit_test(arrivals_and_their_inverse),
        cmocka_unit_test(cases_keep_the_rules),
        cmocka_unit_test(tally_adds_up),
        cmocka_unit_test(blocks_do_not_matter),
        cmocka_unit_test(phrases_are_where_they_are_counted),
        cmocka_unit_test(cells_are_quoted),
        cmocka_unit_test(numbers_are_written_out),
        cmocka_unit_test(faults_of_files_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
