/* Chains of cases of one problem of a customer. */
#include "measures/recurrence_parts.h"

enum { CHAIN_ROWS = sizeof((cb_recurrences *)0)->chain / sizeof((cb_recurrences *)0)->chain[0] };

static bool comparable(const cb_scope *scope, uint32_t row)
{
    const cb_table *cases = &scope->book->table[CB_CASES];
    const cb_settings *s = scope->settings;
    return cb_word(cases, CB_CASE_CUSTOMER, row) != CB_UNKNOWN_ID &&
           cb_word(cases, CB_CASE_KIND, row) != CB_UNKNOWN_ID &&
           (!s->repeat_same_product || cb_word(cases, CB_CASE_PRODUCT, row) != CB_UNKNOWN_ID) &&
           (!s->repeat_same_cause || cb_word(cases, CB_CASE_CAUSE, row) != CB_UNKNOWN_ID);
}

/* The case before it in its chain, or CB_NO_ROW, by Q1's verdict. A case that has no look-back lies
 * less than W days after the input's first one, and so after the one before it. */
static uint32_t link_of(const cb_derived *derived, uint32_t row)
{
    return derived->repeat[row] != 0 ? derived->previous[row] : CB_NO_ROW;
}

/* The cases of a chain that ends with a row, at most CHAIN_ROWS + 1. */
static uint32_t length_of(const cb_derived *derived, uint32_t row)
{
    uint32_t length = 0;
    for (; row != CB_NO_ROW && length <= CHAIN_ROWS; length++)
        row = link_of(derived, row);
    return length;
}

static struct cb_chain_length *chain_of(cb_recurrences *out, uint32_t length)
{
    return &out->chain[(length < CHAIN_ROWS ? length : CHAIN_ROWS) - 1];
}

/* A chain counts for the window in which its last case was opened: a case of the window ends a
 * chain of its length until the next case of the chain shows that it did not. */
void cb_recur_chains(cb_recurrences *out, const cb_scope *scope)
{
    const cb_table *table = &scope->book->table[CB_CASES];
    int64_t from = scope->window[CB_NOW].period.from_utc_s;
    cb_slice cases = cb_cases_opened(scope->book, from, cb_recur_end(scope, CB_NOW));
    for (uint32_t i = 0; i < CHAIN_ROWS; i++)
        out->chain[i].length = i + 1;
    for (uint32_t i = 0; i < cases.n; i++) {
        uint32_t row = cases.rows[i], before = link_of(scope->derived, row), length = 1;
        if (before == CB_NO_ROW && scope->derived->repeat[row] == 2 && !comparable(scope, row))
            continue;
        if (before != CB_NO_ROW) {
            length = length_of(scope->derived, row);
            if (cb_time(table, CB_CASE_OPENED, before) >= from)
                chain_of(out, length - 1)->chains--;
        }
        chain_of(out, length)->chains++;
    }
}
