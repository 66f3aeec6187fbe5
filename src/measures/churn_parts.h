/* churn_parts.h - what the files of the churn measure share; private to src/measures.
 *
 * Sequence: churn.c walks every customer who has person-time once a window and keeps integers
 * (churn_state); churn_unseen.c adds the others. In finish, churn_terms says which assumptions hold, cb_churn_point turns state and terms into the money
 * model's figures by formula alone, without draws: the headline is one call of it, each end of a
 * tornado's bar another. The rest adds intervals (churn_model.c), the lines beside the headline
 * (churn_beside.c), the shares of the cases (churn_division.c) and the back-test
 * (churn_backtest.c). */
#ifndef CASEBOOK_CHURN_PARTS_H
#define CASEBOOK_CHURN_PARTS_H

#include "casebook/churn.h"
#include "casebook/results.h"
#include "casebook/stats_draws.h"
#include "casebook/stats_order.h"

#define CB_YEAR_S 31557600.0 /* 365.25 days */
enum { CB_LEAST_BACKTEST_DAYS = 180 /* two quarters before a first forecast */ };

/* What depends on after_problem_days: the base, and for the tornado its low and its high value. */
enum { CB_SPLIT_BASE, CB_SPLIT_LOW, CB_SPLIT_HIGH, CB_SPLITS };
typedef struct cb_churn_split {
    int64_t lasts_s;
    int64_t after_s, after_losses;
    int64_t with_problem, listed_with_problem; /* at E */
    cb_total value; /* known yearly values of with_problem: only the listed have one */
} cb_churn_split;

enum {
    CB_CHURN_SEEN_S,         /* person-time */
    CB_CHURN_LOSSES,         /* in it */
    CB_CHURN_LISTED,         /* customers of the list at E */
    CB_CHURN_CASE_CUSTOMERS, /* customers with a case by E; asked for only without a list */
    CB_CHURN_RECORDED,       /* customers with a case in the window */
    CB_CHURN_AT_RISK,
    CB_CHURN_COUNTS
};

/* A quarter of the back-test. Person-time before the start of quarter q is the sum over edges k <=
 * q of from(q) * n - sum: a stretch of person-time has an edge +1 where it begins and -1 where it
 * ends, kept under the first quarter that starts later. */
typedef struct cb_churn_edge {
    int64_t n, sum_s;
} cb_churn_edge;

typedef struct cb_churn_quarter {
    cb_churn_edge seen, after;    /* edges of all person-time, and of that after a problem */
    int64_t losses, after_losses; /* since the quarter before began */
    int64_t full, part, part_s; /* customers after a problem at the start, for the whole quarter or
                                   a part; the parts' sum */
    int64_t left;               /* of them, in the quarter */
} cb_churn_quarter;

/* What the walk needs of a case. */
typedef struct cb_churn_case {
    int64_t opened;
    uint8_t outcome;       /* as known at E */
    uint8_t judged, large; /* C5, of a case of the window: outcome as known at as_of, large loss */
} cb_churn_case;

typedef struct cb_churn_state {
    const cb_alloc *alloc;
    bool whole;   /* the report's own period; of a comparison window only the headline is made */
    int64_t from; /* the window's first second; INT64_MAX: nobody asks what was opened in it */
    int64_t until, at; /* first second not seen; E */
    int64_t first;     /* first case of the input */
    bool judge_at_e;   /* E is before as_of: what was resolved later is open at E */
    int64_t large_minor;
    double stay[CB_OUTCOMES][2];
    unsigned splits;
    cb_churn_split split[CB_SPLITS];
    int64_t count[CB_CHURN_COUNTS];
    int64_t outcome_s[CB_OUTCOMES], outcome_losses[CB_OUTCOMES];
    uint32_t worst[CB_OUTCOMES][2];
    cb_total value, at_risk_value; /* known yearly values of CB_CHURN_LISTED, CB_CHURN_AT_RISK */
    uint8_t *latest; /* a bit a case row: the latest case of a customer after a problem at E; NULL
                        but for the report's own period */
    size_t latest_bytes;
    uint32_t *kinds; /* CB_CHURN_RECORDED by kind of their latest case in the window; NULL: no kind
                        has a reach of its own */
    uint32_t kind_words;
    unsigned quarters;
    cb_period quarter_period[CB_MAX_BACKTEST];
    int64_t quarter_from[CB_MAX_BACKTEST + 1]; /* their starts, then INT64_MAX */
    cb_churn_quarter quarter[CB_MAX_BACKTEST];
    bool unseen; /* there are customers with cases and without person-time */
} cb_churn_state;

typedef struct cb_churn_life {
    int64_t start, stop; /* under observation */
    bool listed, here;   /* here: came and did not leave by E */
    bool left;           /* stop is leaving */
    bool seen;           /* has person-time */
    int64_t value_minor;
} cb_churn_life;

// cb_churn_life_of: listed is the customer's row in the list, or CB_NO_ROW.
cb_churn_life cb_churn_life_of(const cb_churn_state *s, const cb_book *book, uint32_t listed);

// cb_churn_add_latest takes in the latest case of a customer before the first second not seen.
void cb_churn_add_latest(cb_churn_state *s, const cb_churn_life *l, const cb_churn_case *latest,
                         uint32_t row);

// cb_churn_unseen takes in all customers without person-time, after the walk over the others.
CB_MUST_USE cb_status cb_churn_unseen(cb_churn_state *s, const cb_scope *scope, cb_error *err);

/* The assumptions of the money model; amounts in minor units. */
typedef struct cb_churn_terms {
    double rate, share, weight, customers, annual_value, lifetime, retention, discount;
    const cb_churn_split *split;
} cb_churn_terms;

/* lambda ~ Gamma(shape, years) */
typedef struct cb_churn_lambda {
    double shape, years;
} cb_churn_lambda;

typedef struct cb_churn_point {
    double counted, customers; /* C2's base without the setting, and with it */
    double one_year, factor,
        value;    /* mean value of a customer: a year's, C6's factor, both; NaN: none known */
    double blank; /* a year's value of a customer whose own is not known */
    double benchmark_rate, benchmark_cost;
    const char *own_reason; /* NULL: C3 can be made */
    cb_churn_lambda after, clean;
    double excess, own_share,
        own_value; /* of the listed after a problem: share of the list, sum of values (C6) */
    double own_rate, own_cost, years, credibility, rate, cost;
    const char *cost_reason; /* why cost is NaN */
} cb_churn_point;

cb_churn_terms cb_churn_terms_of(const cb_churn_state *s, const cb_settings *settings);
cb_churn_point cb_churn_point_of(const cb_churn_state *s, const cb_scope *scope,
                                 const cb_churn_terms *terms);

// cb_churn_mean_exp returns the posterior mean of exp(-lambda).
double cb_churn_mean_exp(const cb_churn_lambda *lambda);

// cb_churn_minor turns an amount of the settings into minor units.
double cb_churn_minor(const cb_settings *settings, double major);

// cb_churn_values_sum returns the sum of the yearly values of n customers of whom `known` holds the
// known ones.
double cb_churn_values_sum(const cb_total *known, int64_t n, double blank);

// cb_churn_draw returns a generator for a quantity of this measure.
cb_draws *cb_churn_draw(const cb_scope *scope, uint64_t quantity);
enum {
    CB_CHURN_STREAM_AFTER = 1,
    CB_CHURN_STREAM_CLEAN,
    CB_CHURN_STREAM_BENCHMARK,
    CB_CHURN_STREAM_BACKTEST = 16
};

CB_MUST_USE cb_status cb_churn_model(const cb_churn_state *s, const cb_scope *scope,
                                     const cb_churn_point *p, cb_churn *out, cb_error *err);
void cb_churn_tornado(const cb_churn_state *s, const cb_scope *scope, const cb_churn_point *base,
                      cb_churn *out);
void cb_churn_beside(const cb_churn_state *s, const cb_scope *scope, const cb_churn_point *p,
                     cb_churn *out);
CB_MUST_USE cb_status cb_churn_divide(const cb_churn_state *s, const cb_scope *scope,
                                      const cb_churn_point *p, cb_churn *out, cb_error *err);
void cb_churn_plan_quarters(cb_churn_state *s, const cb_scope *scope);
CB_MUST_USE cb_status cb_churn_backtest(const cb_churn_state *s, const cb_scope *scope,
                                        const cb_churn_point *p, cb_churn *out, cb_error *err);

#endif
