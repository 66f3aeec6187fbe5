/* churn_naive.h - C3's person-time counted day by day, and random books on whole days to count it
 * on.
 *
 * Why: the measure works with stretches between openings; the twin asks of every single day "was
 * there a case opened in the after_problem_days before?". Both must agree to the second, so all
 * times of these books lie on midnights. */
#ifndef TESTS_CHURN_NAIVE_H
#define TESTS_CHURN_NAIVE_H

#include "book_builder.h"

enum { NAIVE_DAY = CB_DAY_S };

typedef struct naive_time {
    int64_t seen_s, after_s, outcome_s[CB_OUTCOMES];
    uint32_t losses, after_losses, outcome_losses[CB_OUTCOMES];
    uint32_t listed, with_problem, listed_with_problem, at_risk, recorded, case_customers;
    double listed_value,
        problem_value; /* known ones of the listed, of the listed after a problem */
    uint32_t listed_valued, problem_valued;
} naive_time;

typedef struct naive_view {
    const test_world *w;
    int64_t from, until, at; /* the window's start, first second not seen, E */
    int64_t lasts_s;
} naive_view;

static inline naive_view naive_view_of(const test_world *w, const cb_period *p, int64_t lasts_days)
{
    int64_t as_of = w->book->as_of_utc_s;
    bool whole = p->to_utc_s <= as_of;
    return (naive_view){w, p->from_utc_s, whole ? p->to_utc_s : as_of + 1,
                        whole ? p->to_utc_s : as_of, lasts_days * NAIVE_DAY};
}

/* The customer's latest case opened at or before the instant and seen by E; CB_NO_ROW: none. */
static inline uint32_t naive_latest(const naive_view *v, uint32_t customer, int64_t utc_s)
{
    const cb_table *t = &v->w->book->table[CB_CASES];
    uint32_t latest = CB_NO_ROW;
    for (uint32_t row = 0; row < t->n; row++) {
        int64_t opened = cb_time(t, CB_CASE_OPENED, row);
        if (cb_word(t, CB_CASE_CUSTOMER, row) == customer && opened <= utc_s && opened < v->until &&
            (latest == CB_NO_ROW || opened >= cb_time(t, CB_CASE_OPENED, latest)))
            latest = row;
    }
    return latest;
}

static inline bool naive_after(const naive_view *v, uint32_t row, int64_t utc_s)
{
    return row != CB_NO_ROW &&
           utc_s - cb_time(&v->w->book->table[CB_CASES], CB_CASE_OPENED, row) < v->lasts_s;
}

/* As known at E. */
static inline cb_outcome naive_outcome(const naive_view *v, uint32_t row)
{
    const cb_table *t = &v->w->book->table[CB_CASES];
    cb_case_state state = cb_case_state_of(t, row);
    int64_t resolved = cb_time(t, CB_CASE_RESOLVED, row);
    int64_t loss = cb_amount(t, CB_CASE_LOSS, row);
    int64_t remedy = cb_amount(t, CB_CASE_REMEDY, row);
    if (state == CB_STATE_OPEN || state == CB_STATE_WITHDRAWN)
        return CB_OUTCOME_UNRESOLVED;
    if (resolved != CB_NO_TIME && resolved >= v->until)
        return CB_OUTCOME_UNRESOLVED;
    if (remedy == CB_NO_AMOUNT && t->column[CB_CASE_REMEDY])
        remedy = 0; /* these books have no remedy types */
    if (loss != CB_NO_AMOUNT && loss > 0 && remedy != CB_NO_AMOUNT && remedy < loss)
        return CB_OUTCOME_INADEQUATE;
    bool quick = resolved != CB_NO_TIME && resolved >= cb_time(t, CB_CASE_OPENED, row) &&
                 resolved - cb_time(t, CB_CASE_OPENED, row) <= NAIVE_DAY;
    return quick ? CB_OUTCOME_QUICK_ADEQUATE : CB_OUTCOME_ADEQUATE;
}

static inline uint32_t naive_list_row(const test_world *w, uint32_t customer)
{
    const cb_table *list = &w->book->table[CB_CUSTOMERS];
    for (uint32_t row = 0; row < list->n; row++)
        if (cb_word(list, CB_CUSTOMER_ID, row) == customer)
            return row;
    return CB_NO_ROW;
}

static inline bool naive_left(const naive_view *v, uint32_t row)
{
    int64_t churned = cb_time(&v->w->book->table[CB_CUSTOMERS], CB_CUSTOMER_CHURNED, row);
    return churned != CB_NO_TIME && churned < v->until;
}

static inline void naive_days(const naive_view *v, uint32_t customer, uint32_t row, naive_time *out)
{
    const cb_table *list = &v->w->book->table[CB_CUSTOMERS];
    int64_t since = cb_time(list, CB_CUSTOMER_SINCE, row);
    int64_t churned = cb_time(list, CB_CUSTOMER_CHURNED, row);
    int64_t start = since > v->w->book->first_utc_s ? since : v->w->book->first_utc_s;
    int64_t stop = naive_left(v, row) ? churned : v->at;
    if (v->w->book->table[CB_CASES].n == 0 || start >= stop)
        return;
    for (int64_t day = start; day < stop; day += NAIVE_DAY) {
        uint32_t latest = naive_latest(v, customer, day);
        out->seen_s += NAIVE_DAY;
        if (!naive_after(v, latest, day))
            continue;
        out->after_s += NAIVE_DAY;
        out->outcome_s[naive_outcome(v, latest)] += NAIVE_DAY;
    }
    if (!naive_left(v, row))
        return;
    uint32_t latest = naive_latest(v, customer, churned);
    bool after = naive_after(v, latest, churned);
    out->losses++;
    out->after_losses += after;
    if (after)
        out->outcome_losses[naive_outcome(v, latest)]++;
}

static inline bool naive_recorded(const naive_view *v, uint32_t customer)
{
    const cb_table *t = &v->w->book->table[CB_CASES];
    for (uint32_t row = 0; row < t->n; row++)
        if (cb_word(t, CB_CASE_CUSTOMER, row) == customer &&
            cb_time(t, CB_CASE_OPENED, row) >= v->from &&
            cb_time(t, CB_CASE_OPENED, row) < v->until)
            return true;
    return false;
}

static inline void naive_customer(const naive_view *v, uint32_t customer, naive_time *out)
{
    const cb_table *list = &v->w->book->table[CB_CUSTOMERS];
    uint32_t row = naive_list_row(v->w, customer);
    uint32_t latest = naive_latest(v, customer, v->at);
    bool listed = row != CB_NO_ROW;
    int64_t since = listed ? cb_time(list, CB_CUSTOMER_SINCE, row) : CB_NO_TIME;
    bool here = !listed || (since < v->until && !naive_left(v, row));
    bool after = here && naive_after(v, latest, v->at);
    int64_t value = listed ? cb_amount(list, CB_CUSTOMER_VALUE, row) : CB_NO_AMOUNT;
    out->case_customers += latest != CB_NO_ROW;
    out->recorded += naive_recorded(v, customer);
    out->listed += listed && here;
    out->with_problem += after;
    out->listed_with_problem += after && listed;
    out->at_risk += after && naive_outcome(v, latest) != CB_OUTCOME_QUICK_ADEQUATE;
    if (listed && here && value != CB_NO_AMOUNT) {
        out->listed_value += (double)value;
        out->listed_valued++;
        out->problem_value += after ? (double)value : 0;
        out->problem_valued += after;
    }
    if (listed && since < v->until)
        naive_days(v, customer, row, out);
}

static inline naive_time naive_count(const naive_view *v)
{
    naive_time out = {0};
    uint32_t customers = cb_intern_count(v->w->book->pool[CB_POOL_CUSTOMER]);
    for (uint32_t customer = 1; customer < customers; customer++)
        naive_customer(v, customer, &out);
    return out;
}

/* ---- random books on whole days ---- */

typedef struct naive_shape {
    int64_t customers, cases,
        unlisted; /* customers of the list; cases; customers that only cases name */
    bool list, churned, since, values, amounts;
} naive_shape;

static inline void naive_list(test_book *b, uint64_t *seed, int64_t t0, const naive_shape *shape)
{
    for (int64_t i = 0; i < shape->customers && shape->list; i++) {
        uint32_t row = test_row(b, CB_CUSTOMERS);
        int64_t since = t0 + test_between(seed, -200, 300) * NAIVE_DAY;
        if (shape->since && test_between(seed, 0, 4))
            test_time(b, CB_CUSTOMERS, row, CB_CUSTOMER_SINCE, since);
        if (shape->churned && (i == 0 || test_between(seed, 0, 2)))
            test_time(b, CB_CUSTOMERS, row, CB_CUSTOMER_CHURNED,
                      t0 + test_between(seed, -100, 1000) * NAIVE_DAY);
        if (shape->values && (i == 1 || test_between(seed, 0, 3)))
            test_amount(b, CB_CUSTOMERS, row, CB_CUSTOMER_VALUE, test_between(seed, 0, 100000));
    }
}

static inline void naive_case(test_book *b, uint64_t *seed, int64_t t0, const naive_shape *shape)
{
    static const char *const word[] = {"a", "b", "c", NULL};
    char customer[24];
    (void)snprintf(customer, sizeof customer, "%lld",
                   (long long)test_between(seed, 1, shape->customers + shape->unlisted + 1));
    int64_t opened = t0 + test_between(seed, 0, 700) * NAIVE_DAY;
    int64_t resolved =
        test_between(seed, 0, 4) ? opened + test_between(seed, 0, 60) * NAIVE_DAY : 0;
    static const cb_case_status status[] = {CB_STATUS_OPEN, CB_STATUS_CLOSED, CB_STATUS_WITHDRAWN,
                                            CB_STATUS_UNKNOWN};
    test_case_row c = {.opened = opened,
                       .resolved = resolved,
                       .status = resolved ? CB_STATUS_RESOLVED : status[test_between(seed, 0, 4)],
                       .customer = test_between(seed, 0, 10) ? customer : NULL,
                       .kind = word[test_between(seed, 0, 4)],
                       .cause = word[test_between(seed, 0, 4)],
                       .product = word[test_between(seed, 0, 4)]};
    uint32_t row = test_case(b, &c);
    if (shape->amounts && test_between(seed, 0, 4))
        test_amount(b, CB_CASES, row, CB_CASE_LOSS, test_between(seed, 0, 3) * 10000);
    if (shape->amounts && test_between(seed, 0, 4))
        test_amount(b, CB_CASES, row, CB_CASE_REMEDY, test_between(seed, 0, 3) * 10000);
}

/* The same seed gives the same book. */
static inline void naive_book(test_book *b, uint64_t *seed, int64_t t0, const naive_shape *shape)
{
    test_book_init(b);
    naive_list(b, seed, t0, shape);
    for (int64_t i = 0; i < shape->cases; i++)
        naive_case(b, seed, t0, shape);
}

#endif
