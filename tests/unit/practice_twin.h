/* practice_twin.h - what the naive twins of the practice measure share: each case's answers, judged
 * again. */
#ifndef TESTS_PRACTICE_TWIN_H
#define TESTS_PRACTICE_TWIN_H

#include "random_book.h"

static const cb_measure *const measures[] = {&cb_measure_resolution, &cb_measure_churn,
                                             &cb_measure_practice, NULL};

/* ---- answers: 0 no, 1 yes, -1 does not apply or is not known ---- */

static inline int of_flag(uint8_t flag)
{
    return flag == 2 ? -1 : flag;
}

static inline int promise_kept(const test_world *w, uint32_t row)
{
    int64_t promised = time_of(w, CB_CASE_PROMISED, row),
            resolved = time_of(w, CB_CASE_RESOLVED, row);
    if (promised == CB_NO_TIME)
        return -1;
    if (resolved != CB_NO_TIME)
        return resolved <= promised;
    return w->derived->state[row] == CB_STATE_OPEN && promised < w->book->as_of_utc_s ? 0 : -1;
}

static inline int followed_up(const test_world *w, uint32_t row)
{
    int64_t resolved = time_of(w, CB_CASE_RESOLVED, row), done = time_of(w, CB_CASE_FOLLOW_UP, row);
    if (!cases_of(w)->column[CB_CASE_FOLLOW_UP] || resolved == CB_NO_TIME ||
        resolved + 7 * DAY > w->book->as_of_utc_s)
        return -1;
    return done != CB_NO_TIME && done <= resolved + 7 * DAY && done > resolved - DAY;
}

enum { OVER = CB_STEPS };

static inline int step_of(const test_world *w, int step, uint32_t row)
{
    const cb_derived *d = w->derived;
    uint16_t options = cb_count(cases_of(w), CB_CASE_OPTIONS, row),
             transfers = cb_count(cases_of(w), CB_CASE_TRANSFERS, row);
    switch (step) {
    case CB_STEP_APOLOGY:
        return of_flag(cb_flag(cases_of(w), CB_CASE_APOLOGY, row));
    case CB_STEP_OPTIONS:
        return options == CB_NO_COUNT ? -1 : options > 1;
    case CB_STEP_AGREED:
        return of_flag(cb_flag(cases_of(w), CB_CASE_AGREED, row));
    case CB_STEP_PROMISE_KEPT:
        return promise_kept(w, row);
    case CB_STEP_FOLLOW_UP:
        return followed_up(w, row);
    case CB_STEP_FIRST_OWNER:
        return transfers == CB_NO_COUNT || d->state[row] != CB_STATE_RESOLVED
                   ? -1
                   : transfers == 0 && cb_flag(cases_of(w), CB_CASE_ESCALATED, row) != 1;
    case CB_STEP_ADEQUATE:
        return d->eligible[row] ? cb_remedy_minor(d, row) >= cb_loss_minor(d, row) : -1;
    default:
        return d->eligible[row] && cb_remedy_minor(d, row) >= cb_loss_minor(d, row)
                   ? cb_remedy_minor(d, row) > cb_loss_minor(d, row)
                   : -1;
    }
}

static inline int effect_of(const test_world *w, int effect, uint32_t row)
{
    uint16_t score = cb_score(cases_of(w), CB_CASE_SATISFACTION, row);
    int64_t opened = opened_of(w, row);
    if (effect == CB_EFFECT_SATISFIED)
        return score == CB_NO_SCORE ? -1 : score >= 400;
    if (effect == CB_EFFECT_REPEAT)
        return w->derived->came_back[row] == 2 ? -1 : w->derived->came_back[row];
    uint32_t customer = cb_word(cases_of(w), CB_CASE_CUSTOMER, row);
    if (!w->book->customer_row || !customer || w->book->customer_row[customer] == CB_NO_ROW ||
        !w->book->table[CB_CUSTOMERS].column[CB_CUSTOMER_CHURNED] ||
        opened + 180 * DAY > w->book->as_of_utc_s)
        return -1;
    int64_t left = cb_time(&w->book->table[CB_CUSTOMERS], CB_CUSTOMER_CHURNED,
                           w->book->customer_row[customer]);
    return left == CB_NO_TIME ? 0 : left < opened ? -1 : left <= opened + 180 * DAY;
}

enum { BANDS = 5 };

/* large_loss = 20.00: bands from 5, 20 and 200; the last one is of the unknown */
static inline unsigned band_of(const test_world *w, uint32_t row)
{
    int64_t loss = cb_loss_minor(w->derived, row);
    return loss == CB_NO_AMOUNT ? 4 : loss < 500 ? 0 : loss < 2000 ? 1 : loss < 20000 ? 2 : 3;
}

#endif
