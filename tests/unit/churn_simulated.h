/* churn_simulated.h - customers who open cases and leave by hazards that are known.
 *
 * Why: whether an interval holds what it says can only be seen where the truth is known. Each
 * customer comes before or during the two years of the book, opens cases as a Poisson process, and
 * leaves with a constant hazard in each of the two states of C3. Nothing here comes from the
 * measure: time is continuous, the hazard is used up against one exponential draw. */
#ifndef TESTS_CHURN_SIMULATED_H
#define TESTS_CHURN_SIMULATED_H

#include "book_builder.h"

enum { SIMULATED_DAYS = 730, SIMULATED_MAX_CASES = 64 };
#define SIMULATED_T0 INT64_C(1704067200) /* 2024-01-01T00:00:00Z */
#define SIMULATED_YEAR_S 31557600.0

typedef struct simulated {
    const char *name, *config;
    uint32_t customers;
    double clean, after; /* hazards a year */
    double cases_a_year;
    double cases_multiple; /* 0: the same for all; else half of the customers have so many times the
                              cases */
} simulated;

static inline double simulated_uniform(uint64_t *seed)
{
    return ((double)(test_random(seed) >> 11) + 0.5) / 9007199254740992.0;
}

static inline double simulated_wait_s(uint64_t *seed, double a_year)
{
    return -log(simulated_uniform(seed)) / a_year * SIMULATED_YEAR_S;
}

/* One customer: openings in seconds since T0 until leaving; returns leaving, or infinity. */
static inline double simulated_life(const simulated *s, uint64_t *seed, double start_s, double rate,
                                    double *opened, unsigned *n)
{
    const double lasts_s = 365.0 * CB_DAY_S;
    double patience = -log(simulated_uniform(seed));
    double at = start_s;
    double clean_from = start_s; /* end of the state after a problem */
    double next = at + simulated_wait_s(seed, rate);
    *n = 0;
    for (;;) {
        bool after = at < clean_from;
        double hazard = (after ? s->after : s->clean) / SIMULATED_YEAR_S;
        double until = after && clean_from < next ? clean_from : next;
        if (patience <= hazard * (until - at))
            return at + patience / hazard;
        patience -= hazard * (until - at);
        at = until;
        if (at >= SIMULATED_DAYS * (double)CB_DAY_S || *n == SIMULATED_MAX_CASES)
            return INFINITY;
        if (at < next)
            continue;
        opened[(*n)++] = at;
        clean_from = at + lasts_s;
        next = at + simulated_wait_s(seed, rate);
    }
}

static inline void simulated_customer(test_book *b, const simulated *s, uint64_t *seed,
                                      uint32_t number)
{
    const double end_s = SIMULATED_DAYS * (double)CB_DAY_S;
    double opened[SIMULATED_MAX_CASES];
    unsigned n = 0;
    char id[16];
    double start_s = simulated_uniform(seed) < 0.5 ? 0 : simulated_uniform(seed) * 0.8 * end_s;
    double multiple = s->cases_multiple > 0 && number % 2 ? s->cases_multiple : 1;
    double left_s = simulated_life(s, seed, start_s, s->cases_a_year * multiple, opened, &n);
    uint32_t row = test_row(b, CB_CUSTOMERS);
    test_time(b, CB_CUSTOMERS, row, CB_CUSTOMER_SINCE, SIMULATED_T0 + (int64_t)start_s);
    test_amount(b, CB_CUSTOMERS, row, CB_CUSTOMER_VALUE, 10000 + number % 7 * 5000);
    if (left_s < end_s)
        test_time(b, CB_CUSTOMERS, row, CB_CUSTOMER_CHURNED, SIMULATED_T0 + (int64_t)left_s);
    (void)snprintf(id, sizeof id, "%u", row + 1);
    for (unsigned i = 0; i < n; i++)
        if (opened[i] < end_s)
            test_case(b, &(test_case_row){.opened = SIMULATED_T0 + (int64_t)opened[i],
                                          .status = CB_STATUS_OPEN,
                                          .customer = id});
}

/* The first case of the input begins the observation: a case without a customer stands at T0. */
static inline void simulated_book(test_book *b, const simulated *s, uint64_t *seed)
{
    test_book_init(b);
    test_case(b, &(test_case_row){.opened = SIMULATED_T0, .status = CB_STATUS_OPEN});
    for (uint32_t i = 0; i < s->customers; i++)
        simulated_customer(b, s, seed, i);
    if (!b->rows[CB_CUSTOMERS].column[CB_CUSTOMER_CHURNED])
        (void)test_column(b, CB_CUSTOMERS, CB_CUSTOMER_CHURNED);
}

static inline double simulated_excess(const simulated *s)
{
    return exp(-s->clean) - exp(-s->after);
}

/* How often what was true or came was inside. */
typedef struct simulated_tally {
    unsigned books, estimable, excess, after, clean, cost, headline, forecasts, forecasts_inside;
    double excess_sum, width_sum;
} simulated_tally;

static inline bool simulated_inside(cb_est e, double truth)
{
    return e.low <= truth && truth <= e.high;
}

static inline void simulated_run(const simulated *s, uint64_t *seed, simulated_tally *out)
{
    static const cb_measure *const only_churn[] = {&cb_measure_churn, NULL};
    test_book b;
    test_world w;
    cb_results r[CB_WINDOWS];
    simulated_book(&b, s, seed);
    test_world_open(&w, &b, SIMULATED_T0 + (int64_t)SIMULATED_DAYS * CB_DAY_S, s->config, 1);
    test_world_run(&w, only_churn, "2025-Q4", r);
    const cb_churn *c = &r[CB_NOW].churn;
    double truth = simulated_excess(s);
    out->books++;
    out->estimable += c->own_estimable;
    if (c->own_estimable) {
        double share = (double)c->listed_with_problem / c->list_customers;
        /* Values do not depend on hazards: the sum of those after a problem is known, so the cost's
         * truth is too. */
        double value = c->excess.value > 0 || c->excess.value < 0
                           ? c->own_cost_minor.value / c->excess.value
                           : 0;
        out->excess += simulated_inside(c->excess, truth);
        out->after += simulated_inside(c->after.rate, s->after);
        out->clean += simulated_inside(c->clean.rate, s->clean);
        out->cost += simulated_inside(c->own_cost_minor, truth * value);
        out->headline += simulated_inside(c->rate, truth * share);
        out->excess_sum += c->excess.value;
        out->width_sum += c->excess.high - c->excess.low;
    }
    for (unsigned i = 0; i < c->backtests; i++) {
        out->forecasts++;
        out->forecasts_inside += c->backtest[i].inside;
    }
    test_world_close(&w);
}

#endif
