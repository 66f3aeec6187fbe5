/* random_book.h - random books with every column, for naive twins of the measures.
 *
 * Why: a twin that works a figure out again, word by word, finds what a table of hand-made rows
 * does not think of - provided that the books are small, full of ties, unknowns and absent columns,
 * and reach over the borders of the window.
 *
 * Sequence: random_world_open(&w, &seed, plan, random_config), or random_book_fill and
 * test_world_open -> test_world_run(&w, NULL, random_period(&seed), results). Case rows keep their
 * numbers (none begins after as_of). random_on_threads compares figures of 1, 2 and 7 threads. */
#ifndef TESTS_RANDOM_BOOK_H
#define TESTS_RANDOM_BOOK_H

#include "book_builder.h"

#define RANDOM_T0 INT64_C(1704067200) /* 2024-01-01T00:00:00Z */
enum { RANDOM_DAYS = 700 };
#define RANDOM_AS_OF (RANDOM_T0 + RANDOM_DAYS * (int64_t)CB_DAY_S) /* 2025-12-01 */

static const char random_config[] =
    "[report]\nmin_group = 4\ncurrency = EUR\n" TEST_WEEK_24_7 "[targets]\nhigh = 2d\nlow = 5d\n"
    "[phrases]\npolicy = policy\nno = cannot\noffer = here is what\n"
    "[fixes]\n2020-01-01 = p1\n2025-03-01 = c1\n2025-06-01 = c1\n2025-06-20 = k0\n2025-07-15 = "
    "p2\n2025-08-01 = nobody\n"
    "[assumptions]\nannual_value = 1000\nhandling_cost = 12.5\nlarge_loss = 20\n";

typedef struct random_plan {
    int cases, customers, words; /* words of each dimension */
    int present_percent;         /* chance that a column is there */
    bool list, reviews;
    int last_day; /* no case is opened from this day on; 0: RANDOM_DAYS */
} random_plan;

/* ---- what twins look at: a case, and the window ---- */

static inline const cb_table *cases_of(const test_world *w)
{
    return &w->book->table[CB_CASES];
}

static inline int64_t time_of(const test_world *w, cb_case_field field, uint32_t row)
{
    return cb_time(cases_of(w), field, row);
}

static inline int64_t opened_of(const test_world *w, uint32_t row)
{
    return time_of(w, CB_CASE_OPENED, row);
}

static inline uint32_t word_of(const test_world *w, cb_case_field field, uint32_t row)
{
    return cb_word(cases_of(w), field, row);
}

static inline int64_t end_of(const test_world *w, int ix)
{
    int64_t to = w->scope.window[ix].period.to_utc_s;
    return to <= w->book->as_of_utc_s ? to : w->book->as_of_utc_s + 1;
}

static inline bool in_window(const test_world *w, int ix, uint32_t row)
{
    const cb_period *p = &w->scope.window[ix].period;
    return opened_of(w, row) >= p->from_utc_s && opened_of(w, row) < p->to_utc_s;
}

/* ---- books ---- */

static inline const char *random_period(uint64_t *seed)
{
    static const char *const periods[] = {
        "2025-Q3", "2025-07", "2025-07-14", "2024-11-10..2025-04-03", "2025-Q4", "2025",
        "2025-11", "2024-Q1", "2023-05"};
    return periods[test_between(seed, 0, 9)];
}

static inline bool random_chance(uint64_t *seed, int percent)
{
    return test_between(seed, 0, 100) < percent;
}

static inline void random_words(test_book *b, uint64_t *seed, const random_plan *plan,
                                uint64_t there, uint32_t row)
{
    static const struct {
        cb_case_field field;
        const char *stem;
    } fields[] = {{CB_CASE_KIND, "k"}, {CB_CASE_CAUSE, "c"}, {CB_CASE_PRODUCT, "p"},
                  {CB_CASE_TEAM, "t"}, {CB_CASE_UNIT, "u"},  {CB_CASE_CHANNEL, "ch"},
                  {CB_CASE_SKILL, "s"}};
    static const char *const priorities[] = {"high", "low", "none"}, *const remedies[] = {"none",
                                                                                          "refund"};
    char text[24];
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        (void)snprintf(text, sizeof text, "%s%d", fields[i].stem,
                       (int)(test_between(seed, 0, plan->words) *
                             test_between(seed, 0, plan->words) / plan->words));
        if (there >> fields[i].field & 1 && random_chance(seed, 88))
            test_word(b, CB_CASES, row, fields[i].field, text);
    }
    if (there >> CB_CASE_PRIORITY & 1 && random_chance(seed, 80))
        test_word(b, CB_CASES, row, CB_CASE_PRIORITY, priorities[test_between(seed, 0, 3)]);
    if (there >> CB_CASE_REMEDY_TYPE & 1 && random_chance(seed, 50))
        test_word(b, CB_CASES, row, CB_CASE_REMEDY_TYPE, remedies[test_between(seed, 0, 2)]);
    (void)snprintf(text, sizeof text, "x%d", (int)test_between(seed, 0, plan->customers));
    if (there >> CB_CASE_CUSTOMER & 1 && random_chance(seed, 93))
        test_word(b, CB_CASES, row, CB_CASE_CUSTOMER, text);
}

static inline void random_times(test_book *b, uint64_t *seed, uint64_t there, uint32_t row,
                                int64_t opened)
{
    static const cb_case_status open_ones[] = {CB_STATUS_OPEN, CB_STATUS_PENDING, CB_STATUS_CLOSED,
                                               CB_STATUS_WITHDRAWN, CB_STATUS_UNKNOWN};
    int64_t resolved = opened + test_between(seed, 0, 400) * CB_HOUR_S;
    bool solved = random_chance(seed, 75);
    test_time(b, CB_CASES, row, CB_CASE_OPENED, opened);
    if (solved && resolved <= RANDOM_AS_OF)
        test_time(b, CB_CASES, row, CB_CASE_RESOLVED, resolved);
    else if (there >> CB_CASE_STATUS & 1)
        test_flag(b, CB_CASES, row, CB_CASE_STATUS, (uint8_t)open_ones[test_between(seed, 0, 5)]);
    if (there >> CB_CASE_PROMISED & 1 && random_chance(seed, 60))
        test_time(b, CB_CASES, row, CB_CASE_PROMISED,
                  opened + test_between(seed, 0, 400) * CB_HOUR_S);
    if (there >> CB_CASE_FOLLOW_UP & 1 && solved && random_chance(seed, 60))
        test_time(b, CB_CASES, row, CB_CASE_FOLLOW_UP,
                  resolved + test_between(seed, -1, 10) * CB_DAY_S);
    if (there >> CB_CASE_ESCALATED_AT & 1 && random_chance(seed, 15))
        test_time(b, CB_CASES, row, CB_CASE_ESCALATED_AT,
                  opened + test_between(seed, -5, 90) * CB_HOUR_S);
}

static inline void random_rest(test_book *b, uint64_t *seed, uint64_t there, uint32_t row)
{
    static const cb_case_field flags[] = {CB_CASE_ESCALATED, CB_CASE_LIABILITY, CB_CASE_APOLOGY,
                                          CB_CASE_AGREED, CB_CASE_AVOIDABLE};
    for (size_t i = 0; i < COUNT_OF(flags); i++)
        if (there >> flags[i] & 1 && random_chance(seed, 80))
            test_flag(b, CB_CASES, row, flags[i], (uint8_t)test_between(seed, 0, 2));
    if (there >> CB_CASE_TRANSFERS & 1 && random_chance(seed, 85))
        test_count(b, CB_CASES, row, CB_CASE_TRANSFERS, (uint16_t)test_between(seed, 0, 7));
    if (there >> CB_CASE_OPTIONS & 1 && random_chance(seed, 85))
        test_count(b, CB_CASES, row, CB_CASE_OPTIONS, (uint16_t)test_between(seed, 0, 6));
    if (there >> CB_CASE_LOSS & 1 && random_chance(seed, 80))
        test_amount(b, CB_CASES, row, CB_CASE_LOSS,
                    test_between(seed, 0, 60) * test_between(seed, 0, 500));
    if (there >> CB_CASE_CONSEQUENTIAL & 1 && random_chance(seed, 20))
        test_amount(b, CB_CASES, row, CB_CASE_CONSEQUENTIAL, test_between(seed, 0, 5000));
    if (there >> CB_CASE_REMEDY & 1 && random_chance(seed, 70))
        test_amount(b, CB_CASES, row, CB_CASE_REMEDY,
                    test_between(seed, 0, 60) * test_between(seed, 0, 600));
    if (there >> CB_CASE_SATISFACTION & 1 && random_chance(seed, 60))
        test_count(b, CB_CASES, row, CB_CASE_SATISFACTION,
                   (uint16_t)(100 + 50 * test_between(seed, 0, 9)));
    if (there >> CB_CASE_TEXT & 1 && random_chance(seed, 70))
        test_bits(b, CB_CASES, row, CB_CASE_TEXT,
                  CB_TEXT_SEEN | (uint32_t)test_between(seed, 0, 8));
}

static inline void random_customers(test_book *b, uint64_t *seed, const random_plan *plan)
{
    char text[24];
    for (int i = 0; i < plan->customers + 3; i++) {
        if (random_chance(seed, 10))
            continue;
        uint32_t row = test_row(b, CB_CUSTOMERS);
        int64_t since = RANDOM_T0 + test_between(seed, -300, RANDOM_DAYS) * CB_DAY_S;
        (void)snprintf(text, sizeof text, "x%d", i);
        test_word(b, CB_CUSTOMERS, row, CB_CUSTOMER_ID, text);
        if (random_chance(seed, 80))
            test_time(b, CB_CUSTOMERS, row, CB_CUSTOMER_SINCE, since);
        if (random_chance(seed, 35))
            test_time(b, CB_CUSTOMERS, row, CB_CUSTOMER_CHURNED,
                      since + test_between(seed, 0, 500) * CB_DAY_S);
        if (random_chance(seed, 70))
            test_amount(b, CB_CUSTOMERS, row, CB_CUSTOMER_VALUE, test_between(seed, 0, 500000));
    }
}

static inline void random_reviews(test_book *b, uint64_t *seed, const random_plan *plan)
{
    static const char *const sites[] = {"star", "forum", "shop"};
    uint64_t there = 0;
    char text[24];
    for (unsigned f = 0; f < CB_REVIEW_FIELDS; f++)
        there |= (uint64_t)random_chance(seed, plan->present_percent) << f;
    for (int64_t i = test_between(seed, 0, plan->cases + 2); i > 0; i--) {
        uint32_t row = test_row(b, CB_REVIEWS);
        test_time(b, CB_REVIEWS, row, CB_REVIEW_POSTED,
                  RANDOM_T0 + test_between(seed, 0, RANDOM_DAYS * 24) * CB_HOUR_S);
        if (random_chance(seed, 90))
            test_count(b, CB_REVIEWS, row, CB_REVIEW_RATING,
                       (uint16_t)(100 + 25 * test_between(seed, 0, 17)));
        (void)snprintf(text, sizeof text, "x%d", (int)test_between(seed, 0, plan->customers));
        if (there >> CB_REVIEW_CUSTOMER & 1 && random_chance(seed, 80))
            test_word(b, CB_REVIEWS, row, CB_REVIEW_CUSTOMER, text);
        (void)snprintf(text, sizeof text, "%d", (int)test_between(seed, 1, plan->cases + 20));
        if (there >> CB_REVIEW_CASE & 1 && random_chance(seed, 40))
            test_word(b, CB_REVIEWS, row, CB_REVIEW_CASE, text);
        (void)snprintf(text, sizeof text, "p%d", (int)test_between(seed, 0, plan->words));
        if (there >> CB_REVIEW_PRODUCT & 1 && random_chance(seed, 80))
            test_word(b, CB_REVIEWS, row, CB_REVIEW_PRODUCT, text);
        if (there >> CB_REVIEW_SITE & 1 && random_chance(seed, 80))
            test_word(b, CB_REVIEWS, row, CB_REVIEW_SITE, sites[test_between(seed, 0, 3)]);
        if (there >> CB_REVIEW_REACH & 1 && random_chance(seed, 70))
            test_count(b, CB_REVIEWS, row, CB_REVIEW_REACH, (uint16_t)test_between(seed, 0, 65535));
        if (there >> CB_REVIEW_TEXT & 1 && random_chance(seed, 70))
            test_bits(b, CB_REVIEWS, row, CB_REVIEW_TEXT,
                      CB_TEXT_SEEN | (uint32_t)test_between(seed, 0, 8));
    }
}

static inline void random_book_fill(test_book *b, uint64_t *seed, const random_plan *plan)
{
    uint64_t there = 0;
    int last_day = plan->last_day ? plan->last_day : RANDOM_DAYS;
    test_book_init(b);
    for (unsigned f = 0; f < CB_CASE_FIELDS; f++)
        there |= (uint64_t)random_chance(seed, plan->present_percent) << f;
    for (int i = 0; i < plan->cases; i++) {
        uint32_t row = test_row(b, CB_CASES);
        int64_t opened = RANDOM_T0 + test_between(seed, 0, last_day) * CB_DAY_S;
        opened += random_chance(seed, 30) ? test_between(seed, 0, CB_DAY_S) : 0;
        random_times(b, seed, there, row, opened);
        random_words(b, seed, plan, there, row);
        random_rest(b, seed, there, row);
    }
    if (plan->list)
        random_customers(b, seed, plan);
    if (plan->reviews)
        random_reviews(b, seed, plan);
}

static inline void random_world_open(test_world *w, uint64_t *seed, const random_plan *plan,
                                     const char *config)
{
    test_book b;
    random_book_fill(&b, seed, plan);
    test_world_open(w, &b, RANDOM_AS_OF, config, 1);
}

/* Of every size: empty, one case, few customers with many cases, many with few; columns may be
 * missing. */
static inline random_plan random_shape(uint64_t *seed, int most_cases)
{
    random_plan plan = {.cases = (int)test_between(seed, 0, most_cases),
                        .customers = (int)test_between(seed, 1, 40),
                        .words = (int)test_between(seed, 1, 7),
                        .present_percent = random_chance(seed, 60) ? 100 : 75,
                        .list = random_chance(seed, 60),
                        .reviews = random_chance(seed, 60)};
    if (random_chance(seed, 10))
        plan.cases = (int)test_between(seed, 0, 3);
    return plan;
}

/* Looks at the results of so many threads beside those of one, CB_WINDOWS of each. */
typedef void (*random_compare)(const cb_results *got, const cb_results *want, unsigned threads);

/* The measures (NULL: those of the program) of one random book on 1, 2 and 7 threads. */
static inline void random_on_threads(const cb_measure *const *measures, uint64_t seed,
                                     const random_plan *plan, random_compare compare)
{
    test_world w;
    cb_results want[CB_WINDOWS], got[CB_WINDOWS];
    random_world_open(&w, &seed, plan, random_config);
    test_world_run(&w, measures, "2025-Q3", want);
    for (unsigned threads = 2; threads <= 7; threads += 5) {
        w.workers.threads = threads;
        test_world_run(&w, measures, "2025-Q3", got);
        compare(got, want, threads);
    }
    test_world_close(&w);
}

#endif
