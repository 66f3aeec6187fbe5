/* null_books.h - books in which nothing changes and nothing goes together, for counting false
 * signals.
 *
 * Incidents come as a Poisson process over five quarters, at a constant rate; each hits a customer,
 * and brings one case or, in bunched books, 1 + Geometric cases of the same customer, kind, cause
 * and product within a month. Kind, cause, product, team, channel and priority of an incident are
 * independent of each other and of time. Three sorts of desk: plain    each incident is one case of
 * one of many customers bunched  incidents bring 2.5 cases on average heavy    as bunched, and
 * twenty large customers, each with products of its own liking, have half of all incidents So
 * whatever Q5, Q6 or Q7 signal is false. */
#ifndef TESTS_NULL_BOOKS_H
#define TESTS_NULL_BOOKS_H

#include "book_builder.h"

enum { NULL_PLAIN, NULL_BUNCHED, NULL_HEAVY, NULL_SORTS };
static const char *const null_names[NULL_SORTS] = {"plain", "bunched", "heavy"};

#define NULL_FROM INT64_C(1719792000) /* 2024-07-01 */
enum { NULL_DAYS = 457 };             /* to 2025-09-30 */

static inline double null_share(uint64_t *seed)
{
    return (double)(test_random(seed) >> 11) * 0x1p-53;
}

/* One of n, the first the most frequent (density falling as 1 - x). */
static inline int null_pick(uint64_t *seed, int n)
{
    double a = null_share(seed), b = null_share(seed);
    return (int)((a < b ? a : b) * n);
}

static inline void null_case(test_book *b, int64_t opened, const int word[6], int customer)
{
    static const char *const stems[] = {"kind", "cause", "product", "team", "channel", "priority"};
    char text[6][24], name[24];
    for (int i = 0; i < 6; i++)
        (void)snprintf(text[i], sizeof text[i], "%s %d", stems[i], word[i]);
    (void)snprintf(name, sizeof name, "customer %d", customer);
    test_case(b, &(test_case_row){.opened = opened,
                                  .customer = name,
                                  .kind = text[0],
                                  .cause = text[1],
                                  .product = text[2],
                                  .team = text[3],
                                  .channel = text[4],
                                  .priority = text[5]});
}

static inline void null_incident(test_book *b, uint64_t *seed, int sort)
{
    static const int words[] = {8, 30, 15, 6, 4, 3};
    int word[6], customer = (int)test_between(seed, 0, 3000);
    int64_t opened = NULL_FROM + test_between(seed, 0, NULL_DAYS * (int64_t)CB_DAY_S);
    for (int i = 0; i < 6; i++)
        word[i] = null_pick(seed, words[i]);
    if (sort == NULL_HEAVY && null_share(seed) < 0.5) {
        customer = 5000 + (int)test_between(seed, 0, 20);
        word[2] = (customer * 7 + (int)test_between(seed, 0, 3)) % words[2];
    }
    do {
        if (opened < NULL_FROM + NULL_DAYS * (int64_t)CB_DAY_S)
            null_case(b, opened, word, customer);
        opened += test_between(seed, 1, 20 * (int64_t)CB_DAY_S);
    } while (sort != NULL_PLAIN && null_share(seed) < 0.6);
}

/* about `cases` cases */
static inline void null_book_fill(test_book *b, uint64_t *seed, int sort, int cases)
{
    test_book_init(b);
    for (int i = sort == NULL_PLAIN ? cases : cases * 2 / 5; i > 0; i--)
        null_incident(b, seed, sort);
}

typedef struct null_tally {
    int books, with_signal, with_chart, with_pair, with_evidence;
    double tests, below_05, charts, charts_signal, pairs_tested, pairs_found, signals;
} null_tally;

static inline void null_count(null_tally *t, const cb_results *r)
{
    const cb_recurrences *q = &r->recurrence;
    uint32_t significant = 0, charts = 0, beyond = 0;
    for (uint32_t i = 0; i < q->signals; i++) {
        significant += q->signal[i].significant;
        t->below_05 += q->signal[i].p < 0.05;
    }
    for (unsigned i = 0; i < r->trend.charts; i++) {
        const cb_trend_chart *chart = &r->trend.chart[i];
        t->charts += chart->reason == NULL;
        charts += chart->reason == NULL && chart->signals_now > 0;
        beyond += chart->beyond_chance;
    }
    t->books++;
    t->tests += q->signals_tested;
    t->signals += significant;
    t->with_signal += significant > 0;
    t->pairs_tested += q->pairs_tested;
    t->pairs_found += q->pairs_found;
    t->with_pair += q->pairs_found > 0;
    t->charts_signal += charts;
    t->with_chart += charts > 0;
    t->with_evidence += beyond > 0;
}

/* Runs `books` books of a sort for one period each. */
static inline null_tally null_run(int sort, int books, int cases, const char *period, uint64_t seed)
{
    static const cb_measure *const measures[] = {&cb_measure_recurrence, &cb_measure_trend, NULL};
    null_tally t = {0};
    for (int i = 0; i < books; i++) {
        test_book b;
        test_world w;
        cb_results results[CB_WINDOWS];
        null_book_fill(&b, &seed, sort, cases);
        test_world_open(&w, &b, NULL_FROM + NULL_DAYS * (int64_t)CB_DAY_S - 1, NULL, 1);
        test_world_run(&w, measures, period, results);
        null_count(&t, &results[CB_NOW]);
        test_world_close(&w);
    }
    return t;
}

#endif
