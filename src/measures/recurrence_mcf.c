/* Q2: mean cumulative number of cases a customer, by time under observation.
 *
 * A customer comes under observation with the later of `since` and the first case in the input when
 * the list says so, else with the first case of the input; it ends with leaving, or with the
 * window's end. Without a list only customers with a case are seen, and the clock starts at their
 * first case, which is then not counted: the curve is that of further cases. */
#include <string.h>

#include "casebook/stats_recurrence.h"
#include "measures/recurrence_parts.h"

enum { POINTS = 120 };

typedef struct units {
    cb_event_history data;
    int64_t *end_age;
    size_t *first;
    int64_t *event;
    size_t n, events;
} units;

static int64_t begin_of(const cb_scope *scope, uint32_t customer, bool list)
{
    const cb_book *book = scope->book;
    if (!list)
        return cb_time(&book->table[CB_CASES], CB_CASE_OPENED,
                       book->cases_of.rows[book->cases_of.offset[customer]]);
    int64_t since =
        cb_time(&book->table[CB_CUSTOMERS], CB_CUSTOMER_SINCE, book->customer_row[customer]);
    return since != CB_NO_TIME && since > book->first_utc_s ? since : book->first_utc_s;
}

static void add_unit(units *u, const cb_scope *scope, uint32_t customer, int64_t end)
{
    const cb_book *book = scope->book;
    bool list = book->customer_row != NULL;
    int64_t begin = begin_of(scope, customer, list), left = CB_NO_TIME;
    if (list)
        left =
            cb_time(&book->table[CB_CUSTOMERS], CB_CUSTOMER_CHURNED, book->customer_row[customer]);
    if (left != CB_NO_TIME && left < end)
        end = left;
    if (end <= begin)
        return;
    u->end_age[u->n] = end - begin;
    u->first[u->n++] = u->events;
    for (uint32_t i = book->cases_of.offset[customer] + !list;
         i < book->cases_of.offset[customer + 1]; i++) {
        int64_t opened = cb_time(&book->table[CB_CASES], CB_CASE_OPENED, book->cases_of.rows[i]);
        if (opened >= begin && opened <= end)
            u->event[u->events++] = opened - begin;
    }
}

static bool seen(const cb_book *book, uint32_t customer)
{
    if (book->customer_row)
        return book->customer_row[customer] != CB_NO_ROW;
    return book->cases_of.offset[customer + 1] > book->cases_of.offset[customer];
}

/* Points evenly spread over the steps; the last is kept. */
static cb_status thin(cb_recurrences *out, const cb_mcf *mcf, cb_arena *arena, cb_error *err)
{
    size_t n = mcf->n_steps < POINTS ? mcf->n_steps : POINTS;
    out->mcf = cb_arena_array(arena, n, sizeof *out->mcf);
    if (!out->mcf)
        return cb_nomem(err, "the mean cumulative function");
    for (size_t i = 0; i < n; i++) {
        const cb_mcf_step *s = &mcf->steps[n == 1 ? 0 : i * (mcf->n_steps - 1) / (n - 1)];
        out->mcf[i] =
            (cb_mcf_point){(double)s->age_s / CB_DAY_S, s->mean, s->low, s->high, s->at_risk};
    }
    out->mcf_points = (unsigned)n;
    return CB_OK;
}

cb_status cb_recur_mcf(cb_recurrences *out, const cb_scope *scope, cb_error *err)
{
    const cb_book *book = scope->book;
    uint32_t customers = book->cases_of.groups;
    int64_t end = cb_recur_end(scope, CB_NOW);
    cb_mcf mcf;
    units u = {.end_age = cb_arena_array(scope->scratch, customers, sizeof *u.end_age),
               .first = cb_arena_array(scope->scratch, (size_t)customers + 1, sizeof *u.first),
               .event = cb_arena_array(scope->scratch, book->table[CB_CASES].n, sizeof *u.event)};
    if (!u.end_age || !u.first || !u.event)
        return cb_nomem(err, "the mean cumulative function");
    for (uint32_t customer = 1; customer < customers; customer++)
        if (seen(book, customer))
            add_unit(&u, scope, customer, end);
    u.first[u.n] = u.events;
    if (u.n == 0)
        return CB_OK;
    u.data = (cb_event_history){u.n, u.end_age, u.first, u.event};
    if (cb_mcf_fit(&u.data, CB_LEVEL_95, scope->scratch, &mcf) != CB_OK)
        return cb_nomem(err, "the mean cumulative function");
    return mcf.reason ? CB_OK : thin(out, &mcf, scope->arena, err);
}
