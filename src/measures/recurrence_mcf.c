/* Q2: mean cumulative number of cases a customer, by whole days under observation. */
#include "casebook/stats_recurrence.h"
#include "measures/recurrence_parts.h"

typedef struct units {
    int32_t *end_age, *event; /* days */
    uint32_t *first;
    uint32_t n, events;
} units;

typedef struct stay {
    int64_t begin, last; /* first and last second of observation */
    bool first_is_start; /* the first case starts the clock and is not counted */
} stay;

/* opened: of the customer's first case, where there is one. */
static stay stay_of(const cb_book *book, uint32_t customer, const int64_t *opened, int64_t end)
{
    const cb_table *customers = &book->table[CB_CUSTOMERS];
    if (!book->customer_row)
        return (stay){opened[0], end - 1, true};
    uint32_t row = book->customer_row[customer];
    int64_t since = cb_time(customers, CB_CUSTOMER_SINCE, row),
            left = cb_time(customers, CB_CUSTOMER_CHURNED, row);
    return (stay){since != CB_NO_TIME && since > book->first_utc_s ? since : book->first_utc_s,
                  left != CB_NO_TIME && left < end - 1 ? left : end - 1, false};
}

static int32_t days_since(int64_t begin, int64_t utc_s)
{
    return (int32_t)((utc_s - begin) / CB_DAY_S);
}

/* opened: of the customer's n cases. */
static void add_unit(units *u, const cb_book *book, uint32_t customer, const int64_t *opened,
                     uint32_t n, int64_t end)
{
    stay s = stay_of(book, customer, opened, end);
    if (s.last < s.begin)
        return;
    /* without any case a customer's stay may have no beginning: refused by cb_mcf_fit */
    u->end_age[u->n] = s.begin == CB_NO_TIME ? -1 : days_since(s.begin, s.last);
    u->first[u->n++] = u->events;
    for (uint32_t i = s.first_is_start; i < n; i++)
        if (opened[i] >= s.begin && opened[i] <= s.last)
            u->event[u->events++] = days_since(s.begin, opened[i]);
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
        out->mcf[i] = (cb_mcf_point){(double)s->age, s->mean, s->low, s->high, s->at_risk};
    }
    out->mcf_points = (unsigned)n;
    return CB_OK;
}

static cb_status collect(units *u, cb_recur_block *block, const cb_alloc *alloc,
                         const cb_scope *scope, cb_error *err)
{
    const cb_book *book = scope->book;
    uint32_t customers = book->cases_of.groups;
    int64_t end = cb_recur_end(scope, CB_NOW);
    for (uint32_t c = 1; c < customers;) {
        cb_status rc = cb_recur_read(block, book, alloc, c, customers, err);
        if (rc != CB_OK)
            return rc;
        const int64_t *opened = block->opened;
        for (; c < block->end; c++) {
            uint32_t n = book->cases_of.offset[c + 1] - book->cases_of.offset[c];
            if (seen(book, c))
                add_unit(u, book, c, opened, n, end);
            opened += n;
        }
    }
    u->first[u->n] = u->events;
    return CB_OK;
}

static cb_status fit(cb_recurrences *out, cb_recur_state *state, const cb_scope *scope,
                     cb_arena *scratch, cb_error *err)
{
    uint32_t customers = scope->book->cases_of.groups;
    cb_mcf mcf = {.reason = "no customer was under observation"};
    units u = {.end_age = cb_arena_array(scratch, customers, sizeof *u.end_age),
               .first = cb_arena_array(scratch, (size_t)customers + 1, sizeof *u.first),
               .event = cb_arena_array(scratch, scope->book->table[CB_CASES].n, sizeof *u.event)};
    if (!u.end_age || !u.first || !u.event)
        return cb_nomem(err, "the mean cumulative function");
    cb_status rc = collect(&u, &state->block, state->alloc, scope, err);
    if (rc != CB_OK)
        return rc;
    cb_event_history data = {u.n, u.end_age, u.first, u.event};
    if (u.n > 0 && cb_mcf_fit(&data, CB_LEVEL_95, scratch, &mcf) != CB_OK)
        return cb_nomem(err, "the mean cumulative function");
    out->mcf_customers = u.n;
    out->mcf_reason = mcf.reason || mcf.n_steps > 0 ? mcf.reason : "no further case of a customer";
    return mcf.reason ? CB_OK : thin(out, &mcf, scope->arena, err);
}

cb_status cb_recur_mcf(cb_recurrences *out, cb_recur_state *s, const cb_scope *scope, cb_error *err)
{
    cb_arena *scratch = cb_arena_new(s->alloc, 0);
    if (!scratch)
        return cb_nomem(err, "the mean cumulative function");
    cb_status rc = fit(out, s, scope, scratch, err);
    cb_arena_free(scratch);
    return rc;
}
