/* Q2: mean cumulative number of cases a customer, by whole days under observation. */
#include "casebook/stats_recurrence.h"
#include "measures/recurrence_parts.h"

typedef struct units {
    int64_t *end_age, *event; /* days */
    size_t *first;
    size_t n, events;
} units;

typedef struct stay {
    int64_t begin, last; /* first and last second of observation */
    bool first_is_start; /* the first case starts the clock and is not counted */
} stay;

static stay stay_of(const cb_scope *scope, uint32_t customer, int64_t end)
{
    const cb_book *book = scope->book;
    const cb_table *customers = &book->table[CB_CUSTOMERS];
    if (!book->customer_row) {
        uint32_t first = book->cases_of.rows[book->cases_of.offset[customer]];
        return (stay){cb_time(&book->table[CB_CASES], CB_CASE_OPENED, first), end - 1, true};
    }
    uint32_t row = book->customer_row[customer];
    int64_t since = cb_time(customers, CB_CUSTOMER_SINCE, row),
            left = cb_time(customers, CB_CUSTOMER_CHURNED, row);
    return (stay){since != CB_NO_TIME && since > book->first_utc_s ? since : book->first_utc_s,
                  left != CB_NO_TIME && left < end - 1 ? left : end - 1, false};
}

static void add_unit(units *u, const cb_scope *scope, uint32_t customer, int64_t end)
{
    const cb_rows_by *by = &scope->book->cases_of;
    stay s = stay_of(scope, customer, end);
    if (s.last < s.begin)
        return;
    u->end_age[u->n] = (s.last - s.begin) / CB_DAY_S;
    u->first[u->n++] = u->events;
    for (uint32_t i = by->offset[customer] + s.first_is_start; i < by->offset[customer + 1]; i++) {
        int64_t opened = cb_time(&scope->book->table[CB_CASES], CB_CASE_OPENED, by->rows[i]);
        if (opened >= s.begin && opened <= s.last)
            u->event[u->events++] = (opened - s.begin) / CB_DAY_S;
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
    size_t n = mcf->n_steps < CB_MCF_POINTS ? mcf->n_steps : CB_MCF_POINTS;
    out->mcf = cb_arena_array(arena, n, sizeof *out->mcf);
    if (!out->mcf)
        return cb_nomem(err, "the mean cumulative function");
    for (size_t i = 0; i < n; i++) {
        const cb_mcf_step *s = &mcf->steps[n == 1 ? 0 : i * (mcf->n_steps - 1) / (n - 1)];
        out->mcf[i] = (cb_mcf_point){(double)s->age_s, s->mean, s->low, s->high, s->at_risk};
    }
    out->mcf_points = (unsigned)n;
    return CB_OK;
}

cb_status cb_recur_mcf(cb_recurrences *out, const cb_scope *scope, cb_error *err)
{
    const cb_book *book = scope->book;
    uint32_t customers = book->cases_of.groups;
    int64_t end = cb_recur_end(scope, CB_NOW);
    cb_mcf mcf = {.reason = "no customer was under observation"};
    units u = {.end_age = cb_arena_array(scope->scratch, customers, sizeof *u.end_age),
               .first = cb_arena_array(scope->scratch, (size_t)customers + 1, sizeof *u.first),
               .event = cb_arena_array(scope->scratch, book->table[CB_CASES].n, sizeof *u.event)};
    if (!u.end_age || !u.first || !u.event)
        return cb_nomem(err, "the mean cumulative function");
    for (uint32_t customer = 1; customer < customers; customer++)
        if (seen(book, customer))
            add_unit(&u, scope, customer, end);
    u.first[u.n] = u.events;
    cb_event_history data = {u.n, u.end_age, u.first, u.event};
    if (u.n > 0 && cb_mcf_fit(&data, CB_LEVEL_95, scope->scratch, &mcf) != CB_OK)
        return cb_nomem(err, "the mean cumulative function");
    out->mcf_customers = (uint32_t)u.n;
    out->mcf_reason = mcf.reason || mcf.n_steps > 0 ? mcf.reason : "no further case of a customer";
    return mcf.reason ? CB_OK : thin(out, &mcf, scope->arena, err);
}
