#include "facts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static unsigned begin_field(cb_role role)
{
    static const unsigned field[CB_ROLES] = {CB_CASE_OPENED, CB_REVIEW_POSTED, CB_CUSTOMER_SINCE};
    return field[role];
}

static void widen(cb_dates *span, int64_t utc_s)
{
    if (utc_s == CB_NO_TIME)
        return;
    if (span->first_utc_s == CB_NO_TIME || utc_s < span->first_utc_s)
        span->first_utc_s = utc_s;
    if (span->last_utc_s == CB_NO_TIME || utc_s > span->last_utc_s)
        span->last_utc_s = utc_s;
}

bool cb_facts_idle_target(const cb_ingest *ingest, const cb_settings *settings, unsigned target)
{
    const cb_book *book = cb_ingest_book(ingest);
    const cb_intern *pool = book->pool[CB_POOL_PRIORITY];
    const cb_target *wanted = &settings->target[target];
    bool idle = wanted->priority.len > 0 && book->table[CB_CASES].n > 0;
    for (uint32_t w = 1; idle && w < cb_intern_count(pool); w++)
        idle = cb_target_for(settings, cb_intern_text(pool, w)) != wanted;
    return idle;
}

cb_dates cb_facts_span(const cb_ingest *ingest, cb_role role)
{
    const cb_table *table = &cb_ingest_book(ingest)->table[role];
    cb_dates span = {CB_NO_TIME, CB_NO_TIME};
    for (uint32_t row = 0; row < table->n; row++)
        widen(&span, cb_time(table, begin_field(role), row));
    return span;
}

static void find_spans(cb_facts *facts, cb_role role, const cb_table *table)
{
    unsigned f = begin_field(role);
    for (uint32_t row = 0; row < table->n; row++) {
        int64_t utc_s = cb_time(table, f, row);
        widen(&facts->role[role].span, utc_s);
        widen(&facts->input[table->input_ix[row]], utc_s);
    }
}

/* Rows to look at for events of a column: none where it holds none. */
static uint32_t event_rows(const cb_table *table, unsigned field)
{
    return table->column[field] && cb_is_event(table->role, field) ? table->n : 0;
}

static int64_t find_newest(const cb_table *table)
{
    int64_t newest = CB_NO_TIME;
    for (unsigned f = 0; f < cb_schemas[table->role].fields; f++)
        for (uint32_t row = 0, n = event_rows(table, f); row < n; row++)
            newest = cb_time(table, f, row) > newest ? cb_time(table, f, row) : newest;
    return newest;
}

void cb_facts_ahead(const cb_ingest *ingest, int64_t utc_s, uint64_t *by_input)
{
    for (int role = 0; role < CB_ROLES; role++) {
        const cb_table *table = &cb_ingest_book(ingest)->table[role];
        for (unsigned f = 0; f < cb_schemas[role].fields; f++)
            for (uint32_t row = 0, n = event_rows(table, f); row < n; row++)
                by_input[table->input_ix[row]] += cb_time(table, f, row) > utc_s;
    }
}

/* ---- gaps ---- */

typedef struct days {
    int64_t first, n;
    uint32_t *rows; /* by day */
    double rate[7]; /* rows a day, by weekday */
} days;

static int64_t local_day(const cb_zone *zone, int64_t utc_s)
{
    return cb_floor_day(cb_zone_to_local(zone, utc_s));
}

static cb_status count_days(days *d, cb_role role, const cb_table *table, const cb_dates *span,
                            const cb_zone *zone, cb_error *err)
{
    unsigned f = begin_field(role);
    double rows[7] = {0}, all[7] = {0};
    d->first = local_day(zone, span->first_utc_s);
    d->n = local_day(zone, span->last_utc_s) - d->first + 1;
    d->rows = calloc((size_t)d->n, sizeof *d->rows);
    if (!d->rows)
        return cb_nomem(err, "the days of the inputs");
    for (uint32_t row = 0; row < table->n; row++) {
        int64_t utc_s = cb_time(table, f, row);
        if (utc_s != CB_NO_TIME)
            d->rows[local_day(zone, utc_s) - d->first]++;
    }
    for (int64_t i = 0; i < d->n; i++) {
        rows[cb_weekday(d->first + i)] += d->rows[i];
        all[cb_weekday(d->first + i)]++;
    }
    for (unsigned w = 0; w < 7; w++)
        d->rate[w] = all[w] > 0 ? rows[w] / all[w] : 0;
    return CB_OK;
}

static void note_gap(cb_role_facts *facts, cb_gap gap)
{
    unsigned at = facts->gaps < CB_MAX_GAPS ? facts->gaps : CB_MAX_GAPS;
    facts->gaps++;
    for (; at > 0 && facts->gap[at - 1].days < gap.days; at--)
        if (at < CB_MAX_GAPS)
            facts->gap[at] = facts->gap[at - 1];
    if (at < CB_MAX_GAPS)
        facts->gap[at] = gap;
}

static void find_gaps(cb_role_facts *facts, const days *d)
{
    int64_t run = 0;
    double expected = 0;
    for (int64_t i = 0; i < d->n; i++) {
        if (d->rows[i] == 0) {
            facts->empty_days++;
            run++;
            expected += d->rate[cb_weekday(d->first + i)];
            continue;
        }
        if (run > 0 && (double)d->n * exp(-expected) < CB_GAP_CHANCE)
            note_gap(facts, (cb_gap){d->first + i - run, run});
        run = 0;
        expected = 0;
    }
}

static cb_status look_at_days(cb_role_facts *facts, cb_role role, const cb_table *table,
                              const cb_zone *zone, cb_error *err)
{
    days d = {0};
    if (role == CB_CUSTOMERS || facts->span.first_utc_s == CB_NO_TIME)
        return CB_OK;
    cb_status rc = count_days(&d, role, table, &facts->span, zone, err);
    if (rc == CB_OK)
        find_gaps(facts, &d);
    free(d.rows);
    return rc;
}

/* ---- doubles ---- */

/* The rows of a customer are in the order of opening, so twins are neighbours. */
static uint32_t count_same_moment(const cb_book *book)
{
    const cb_table *cases = &book->table[CB_CASES];
    uint32_t n = 0;
    for (uint32_t g = 1; book->cases_of.offset && g < book->cases_of.groups; g++)
        for (uint32_t i = book->cases_of.offset[g] + 1; i < book->cases_of.offset[g + 1]; i++) {
            uint32_t a = book->cases_of.rows[i - 1], b = book->cases_of.rows[i];
            n += cb_time(cases, CB_CASE_OPENED, a) == cb_time(cases, CB_CASE_OPENED, b) &&
                 cb_word(cases, CB_CASE_KIND, a) == cb_word(cases, CB_CASE_KIND, b);
        }
    return n;
}

static void find_twins(cb_facts *facts)
{
    for (unsigned i = 0; i < facts->inputs; i++) {
        const char *hash = cb_ingest_input(facts->ingest, i)->source.sha256;
        facts->twin[i] = i;
        for (unsigned j = 0; j < i && facts->twin[i] == i; j++)
            if (!strcmp(cb_ingest_input(facts->ingest, j)->source.sha256, hash))
                facts->twin[i] = j;
    }
}

static cb_status look_at_role(cb_facts *facts, cb_role role, const cb_zone *zone, cb_error *err)
{
    const cb_book *book = cb_ingest_book(facts->ingest);
    const cb_table *table = &book->table[role];
    cb_role_facts *r = &facts->role[role];
    r->rows = table->n;
    r->span = (cb_dates){CB_NO_TIME, CB_NO_TIME};
    find_spans(facts, role, table);
    r->newest_utc_s = find_newest(table);
    for (unsigned i = 0; i < facts->inputs; i++) {
        const cb_input_facts *input = cb_ingest_input(facts->ingest, i);
        r->superseded += input->role == role ? input->superseded : 0;
    }
    if (role == CB_CASES)
        r->same_moment = count_same_moment(book);
    return look_at_days(r, role, table, zone, err);
}

/* With --as-of these cells are blank already and counted, without it they are still there. */
static void find_ahead(cb_facts *facts, int64_t now_utc_s)
{
    for (unsigned i = 0; i < facts->inputs; i++)
        facts->ahead[i] = cb_ingest_input(facts->ingest, i)->future_cells;
    cb_facts_ahead(facts->ingest, now_utc_s, facts->ahead);
}

cb_status cb_facts_new(cb_facts **out, const cb_ingest *ingest, const cb_zone *zone,
                       int64_t now_utc_s, cb_error *err)
{
    cb_facts *facts = calloc(1, sizeof *facts);
    *out = facts;
    if (!facts)
        return cb_nomem(err, "the facts of the inputs");
    facts->ingest = ingest;
    facts->inputs = cb_ingest_inputs(ingest);
    facts->input = calloc(facts->inputs + 1, sizeof *facts->input);
    facts->twin = calloc(facts->inputs + 1, sizeof *facts->twin);
    facts->ahead = calloc(facts->inputs + 1, sizeof *facts->ahead);
    if (!facts->input || !facts->twin || !facts->ahead)
        return cb_nomem(err, "the facts of the inputs");
    for (unsigned i = 0; i < facts->inputs; i++)
        facts->input[i] = (cb_dates){CB_NO_TIME, CB_NO_TIME};
    find_twins(facts);
    find_ahead(facts, now_utc_s);
    cb_status rc = CB_OK;
    for (int role = 0; rc == CB_OK && role < CB_ROLES; role++)
        rc = look_at_role(facts, (cb_role)role, zone, err);
    return rc;
}

void cb_facts_free(cb_facts *facts)
{
    if (!facts)
        return;
    free(facts->input);
    free(facts->twin);
    free(facts->ahead);
    free(facts);
}
