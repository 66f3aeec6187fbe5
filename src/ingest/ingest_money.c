/* All inputs are read: one currency for all amounts. Until here an amount is the neutral form of
 * money.h; the decimal mark is its input's, the currency its row's (blank: the report's). */
#include "ingest/ingest_parts.h"

#include <stdatomic.h>
#include <stdio.h>

enum { MAX_CURRENCIES_SHOWN = 8, MILLION = 1000000 };

const unsigned cb_currency_field[CB_ROLES] = {[CB_CASES] = CB_CASE_CURRENCY,
                                              [CB_REVIEWS] = CB_MAX_FIELDS_OF_ROLE,
                                              [CB_CUSTOMERS] = CB_CUSTOMER_CURRENCY};

static uint32_t currency_of(const cb_table *table, uint32_t row)
{
    unsigned field = cb_currency_field[table->role];
    return field < CB_MAX_FIELDS_OF_ROLE ? cb_word(table, field, row) : CB_UNKNOWN_ID;
}

static bool is_amount(const cb_table *table, unsigned field)
{
    return table->column[field] && cb_schemas[table->role].field[field].type == CB_TYPE_AMOUNT;
}

/* ---- which currencies the amounts are in ---- */

/* Marks used[id] for every currency that a row with an amount names. */
static void mark_used(const cb_table *table, bool *used)
{
    for (unsigned f = 0; f < cb_schemas[table->role].fields; f++) {
        for (uint32_t row = 0; is_amount(table, f) && row < table->n; row++)
            used[currency_of(table, row)] |= cb_amount(table, f, row) != CB_NO_AMOUNT;
    }
}

static cb_status ask_for_currency(const cb_intern *pool, const bool *used, unsigned several,
                                  cb_error *err)
{
    char list[MAX_CURRENCIES_SHOWN * 5 + 1] = "";
    const char *other = NULL;
    char code[4] = "";
    char rate[4] = "";
    unsigned shown = 0;
    for (uint32_t id = 1; id < cb_intern_count(pool) && shown < MAX_CURRENCIES_SHOWN; id++) {
        cb_str text = cb_intern_text(pool, id);
        if (!used[id] || !cb_currency_is_code(text))
            continue;
        memcpy(list + (size_t)shown * 5, shown ? ", " : "  ", 2);
        memcpy(list + (size_t)shown * 5 + 2, text.at, 3);
        memcpy(shown ? rate : code, text.at, 3);
        shown++;
        other = rate;
    }
    return cb_fail(err, CB_ECONFIG,
                   "the inputs hold amounts in %u currencies (%s%s): write in the configuration "
                   "[report] currency = %s, and "
                   "under [fx] what a unit of each other one is worth in it, such as %s = 1.08",
                   several, list + 2, several > shown ? ", ..." : "", code, other ? other : "");
}

static cb_status fix_currency(cb_ingest *in, cb_error *err)
{
    const cb_intern *pool = in->book->pool[CB_POOL_CURRENCY];
    uint32_t words = cb_intern_count(pool);
    cb_str only = {NULL, 0};
    unsigned several = 0;
    cb_status rc = CB_OK;
    if (in->settings->currency[0])
        return CB_OK;
    bool *used = in->alloc->resize(in->alloc->ctx, NULL, 0, words * sizeof *used);
    if (!used)
        return cb_nomem(err, "the currencies");
    memset(used, 0, words * sizeof *used);
    for (unsigned r = 0; r < CB_ROLES; r++)
        mark_used(&in->book->table[r], used);
    for (uint32_t id = 1; id < words; id++)
        if (used[id] && cb_currency_is_code(cb_intern_text(pool, id))) {
            only = cb_intern_text(pool, id);
            several++;
        }
    if (several > 1)
        rc = ask_for_currency(pool, used, several, err);
    else if (several == 1)
        rc = cb_settings_currency(in->settings, only, err);
    in->alloc->resize(in->alloc->ctx, used, words * sizeof *used, 0);
    return rc;
}

/* ---- conversion ---- */

typedef struct rate {
    bool known;
    unsigned digits; /* decimals of the row's currency */
    int64_t millionths;
} rate;

/* minor units of `digits` decimals, times a rate, in minor units of `into` decimals; rounded
 * once, half away from zero. */
static int64_t convert(int64_t minor, const rate *r, unsigned into)
{
    static const int64_t tens[] = {1, 10, 100, 1000, 10000};
    if (r->digits <= into) {
        int64_t scaled = 0;
        if (minor == CB_NO_AMOUNT || __builtin_mul_overflow(minor, tens[into - r->digits], &scaled))
            return CB_NO_AMOUNT;
        return cb_amount_convert(scaled, r->millionths);
    }
    /* minor * rate / (1e6 * finer), by the whole and the rest of minor / 1e6 */
    int64_t finer = tens[r->digits - into];
    int64_t whole = 0;
    int64_t part = 0;
    if (minor == CB_NO_AMOUNT || __builtin_mul_overflow(minor / MILLION, r->millionths, &whole) ||
        __builtin_mul_overflow(minor % MILLION, r->millionths, &part) ||
        __builtin_add_overflow(part, whole % finer * MILLION, &part) ||
        __builtin_add_overflow(part, finer * MILLION / 2, &part) ||
        __builtin_add_overflow(whole / finer, part / (finer * MILLION), &whole) ||
        whole > CB_MAX_AMOUNT)
        return CB_NO_AMOUNT;
    return whole;
}

/* A column of amounts. */
typedef struct amounts {
    cb_table *table;
    unsigned field;
    /* of each input: amounts that are none in the report's currency, and those without a rate */
    atomic_uint_least64_t *unknown, *without_rate;
} amounts;

/* A range of a column's rows is a task. */
typedef struct conversion {
    const cb_ingest *in;
    const rate *rates;    /* by currency */
    atomic_bool *wanting; /* by currency: amounts are in it, and it has no rate */
    amounts column[CB_ROLES * CB_MAX_FIELDS_OF_ROLE];
    size_t columns, ranges; /* of the longest table */
} conversion;

static int64_t in_report_currency(const conversion *c, const amounts *a, uint32_t row,
                                  int64_t packed)
{
    const rate *r = &c->rates[currency_of(a->table, row)];
    unsigned digits = c->in->settings->currency_digits;
    cb_mark mark = c->in->input[a->table->input_ix[row]]->mark[a->field];
    int64_t minor = r->known ? cb_amount_value(packed, mark, r->digits) : CB_NO_AMOUNT;
    bool same = r->millionths == MILLION && r->digits == digits;
    return same ? minor : convert(minor, r, digits);
}

static void count_unknown(const conversion *c, const amounts *a, uint32_t row)
{
    uint32_t currency = currency_of(a->table, row);
    unsigned input = a->table->input_ix[row];
    atomic_fetch_add(&a->unknown[input], 1);
    if (c->rates[currency].known)
        return;
    atomic_fetch_add(&a->without_rate[input], 1);
    atomic_store(&c->wanting[currency], true);
}

static cb_status finish_amounts(void *ctx, size_t task, cb_error *err)
{
    const conversion *c = ctx;
    const amounts *a = &c->column[task / c->ranges];
    int64_t *amount = a->table->column[a->field];
    cb_range rows = cb_range_of(a->table->n, CB_RANGE_ROWS, task % c->ranges);
    (void)err;
    for (size_t row = rows.from; row < rows.to; row++) {
        if (amount[row] <= CB_UNREAD_AMOUNT)
            continue;
        amount[row] = in_report_currency(c, a, (uint32_t)row, amount[row]);
        if (amount[row] == CB_NO_AMOUNT) {
            amount[row] = CB_UNREAD_AMOUNT;
            count_unknown(c, a, (uint32_t)row);
        }
    }
    return CB_OK;
}

/* The codes that [fx] lacks, after what is said of the column already. */
static const char *format_without_rate(const cb_ingest *in, const conversion *c, const char *format)
{
    const cb_intern *pool = in->book->pool[CB_POOL_CURRENCY];
    char list[MAX_CURRENCIES_SHOWN * 5 + 8] = "";
    size_t n = 0;
    unsigned shown = 0;
    for (uint32_t id = 1; id < cb_intern_count(pool); id++) {
        cb_str code = cb_intern_text(pool, id);
        if (!atomic_load(&c->wanting[id]) || !cb_currency_is_code(code))
            continue;
        if (shown++ < MAX_CURRENCIES_SHOWN)
            n += (size_t)snprintf(list + n, sizeof list - n, "%s" CB_STR_FMT,
                                  shown > 1 ? ", " : ": ", CB_STR_ARG(code));
    }
    return cb_arena_text(in->arena, "%s; no rate for some currencies%s%s", format, list,
                         shown > MAX_CURRENCIES_SHOWN ? ", ..." : "")
        .at;
}

static cb_status note_unknown(cb_ingest *in, const conversion *c, const amounts *a)
{
    for (size_t i = 0; i < in->inputs; i++) {
        int column = in->input[i]->column_of[a->field];
        uint64_t unknown = atomic_load(&a->unknown[i]);
        if (unknown == 0 || column < 0)
            continue;
        cb_column_facts *facts = &in->input[i]->facts.column[column];
        facts->constraint_errors += unknown;
        facts->unreadable += unknown;
        facts->filled -= unknown;
        if (atomic_load(&a->without_rate[i]) == 0)
            continue;
        const char *format = format_without_rate(in, c, facts->format);
        if (!format)
            return CB_ENOMEM;
        facts->format = format;
    }
    return CB_OK;
}

static rate rate_of(const cb_ingest *in, cb_str code)
{
    char iso[4] = "";
    rate r = {.digits = in->settings->currency_digits, .millionths = MILLION};
    r.known = code.len == 0 || (cb_currency_is_code(code) && cb_settings_fx(in->settings, code, &r.millionths));
    if (r.known && code.len) {
        memcpy(iso, code.at, 3);
        r.digits = cb_currency_digits(iso);
    }
    return r;
}

static cb_status find_amounts(cb_ingest *in, conversion *c, cb_arena *arena)
{
    for (unsigned r = 0; r < CB_ROLES; r++)
        for (unsigned f = 0; f < cb_schemas[r].fields; f++) {
            if (!is_amount(&in->book->table[r], f))
                continue;
            size_t ranges = cb_ranges(in->book->table[r].n, CB_RANGE_ROWS);
            c->ranges = ranges > c->ranges ? ranges : c->ranges;
            amounts *a = &c->column[c->columns++];
            *a = (amounts){&in->book->table[r], f,
                           cb_arena_array(arena, in->inputs, sizeof *a->unknown),
                           cb_arena_array(arena, in->inputs, sizeof *a->without_rate)};
            if (!a->unknown || !a->without_rate)
                return CB_ENOMEM;
        }
    return CB_OK;
}

static cb_status find_rates(const cb_ingest *in, conversion *c, cb_arena *arena)
{
    const cb_intern *pool = in->book->pool[CB_POOL_CURRENCY];
    uint32_t words = cb_intern_count(pool);
    rate *rates = cb_arena_array(arena, words, sizeof *rates);
    for (uint32_t id = 0; rates && id < words; id++)
        rates[id] = rate_of(in, cb_intern_text(pool, id));
    c->rates = rates;
    c->wanting = cb_arena_array(arena, words, sizeof *c->wanting);
    return rates && c->wanting ? CB_OK : CB_ENOMEM;
}

cb_status cb_ingest_money(cb_ingest *in, cb_error *err)
{
    conversion c = {.in = in};
    cb_status rc = fix_currency(in, err);
    if (rc == CB_OK)
        rc = cb_ingest_signs(in, err);
    if (rc != CB_OK)
        return rc;
    cb_arena *arena = cb_arena_new(in->alloc, 0);
    if (!arena || find_rates(in, &c, arena) != CB_OK || find_amounts(in, &c, arena) != CB_OK)
        rc = cb_nomem(err, "the amounts");
    if (rc == CB_OK)
        rc = cb_workers_each(&in->options.workers, c.columns * c.ranges, finish_amounts, &c, err);
    for (size_t i = 0; rc == CB_OK && i < c.columns; i++)
        if (note_unknown(in, &c, &c.column[i]) != CB_OK)
            rc = cb_nomem(err, "the amounts");
    cb_arena_free(arena);
    return rc;
}
