/* Customers without person-time: of them only the cases of the window count, and the latest one
 * before E. The cases are read backwards in time, where they lie side by side, with a byte for each
 * customer: the first one met is the latest. */
#include "measures/churn_parts.h"
#include "measures/derived_parts.h"

/* A customer's byte: the worst case of the window so far in the low bits, 0: none. */
enum { WORST = 15, MET = 16, SEEN = 32 };

typedef struct scan {
    cb_churn_state *s;
    const cb_scope *scope;
    uint8_t *of; /* by customer */
    int64_t near_e; /* cases opened before are too old to matter at E */
} scan;

static uint8_t worst_of(unsigned outcome, unsigned large)
{
    return (uint8_t)(1 + 2 * outcome + large);
}

/* Of cases that are equally bad the first one counts, which is met last. */
static bool is_worse(const cb_churn_state *s, const cb_churn_case *c, unsigned worst)
{
    if (worst == 0)
        return true;
    unsigned outcome = (worst - 1) / 2;
    double stays = s->stay[c->judged][c->large];
    double before = s->stay[outcome][(worst - 1) % 2];
    return stays < before || (!(stays > before) && c->judged >= outcome);
}

static void add_of_window(scan *z, uint32_t customer, uint32_t row)
{
    cb_churn_state *s = z->s;
    const cb_derived *d = z->scope->derived;
    cb_churn_case c = {.judged = d->outcome[row],
                       .large = cb_loss_minor(d, row) >= s->large_minor};
    unsigned worst = z->of[customer] & WORST;
    if (worst == 0 && s->kinds) /* the latest of the window */
        s->kinds[cb_dim_word(z->scope->book, CB_DIM_KIND, row)]++;
    if (is_worse(s, &c, worst))
        z->of[customer] = (uint8_t)((z->of[customer] & ~WORST) | worst_of(c.judged, c.large));
}

static cb_outcome outcome_at_e(const scan *z, uint32_t row)
{
    const cb_table *cases = &z->scope->book->table[CB_CASES];
    if (z->s->judge_at_e && cb_time(cases, CB_CASE_RESOLVED, row) >= z->s->until)
        return CB_OUTCOME_UNRESOLVED;
    return (cb_outcome)z->scope->derived->outcome[row];
}

static void add_latest(scan *z, uint32_t customer, uint32_t row, int64_t opened)
{
    const cb_book *book = z->scope->book;
    cb_churn_life l = cb_churn_life_of(
        z->s, book, book->customer_row ? book->customer_row[customer] : CB_NO_ROW);
    cb_churn_case latest = {.opened = opened, .outcome = (uint8_t)outcome_at_e(z, row)};
    cb_churn_add_latest(z->s, &l, &latest, row);
    z->of[customer] |= MET;
}

/* Cases that are of the window or matter at E, the latest first. */
static void scan_block(scan *z, const uint32_t *rows, uint32_t n, const uint32_t *customer)
{
    int64_t opened[CB_BLOCK];
    cb_times_of(&z->scope->book->table[CB_CASES], CB_CASE_OPENED, rows, n, opened);
    for (uint32_t i = n; i-- > 0;) {
        if (z->of[customer[i]] & SEEN)
            continue;
        if (!(z->of[customer[i]] & MET))
            add_latest(z, customer[i], rows[i], opened[i]);
        if (opened[i] >= z->s->from)
            add_of_window(z, customer[i], rows[i]);
    }
}

/* Older ones say no more than that there is a customer. */
static void scan_old_block(scan *z, uint32_t n, const uint32_t *customer)
{
    uint32_t met = 0;
    for (uint32_t i = 0; i < n; i++) {
        met += z->of[customer[i]] == 0;
        z->of[customer[i]] |= MET;
    }
    z->s->count[CB_CHURN_CASE_CUSTOMERS] += met;
}

static void scan_cases(scan *z)
{
    const cb_book *book = z->scope->book;
    const uint32_t old = cb_cases_opened(book, INT64_MIN, z->near_e).n;
    uint32_t to = cb_cases_opened(book, INT64_MIN, z->s->until).n;
    while (to > 0) {
        uint32_t least = to > old ? old : 0; /* a block is old or it is not */
        uint32_t n = cb_block_of(to, least), customer[CB_BLOCK];
        const uint32_t *rows = book->opened_order + (to - n);
        cb_words_of(&book->table[CB_CASES], CB_CASE_CUSTOMER, rows, n, customer);
        if (to > old)
            scan_block(z, rows, n, customer);
        else
            scan_old_block(z, n, customer);
        to -= n;
    }
}

static void mark_seen(scan *z)
{
    const cb_book *book = z->scope->book;
    z->of[CB_UNKNOWN_ID] = SEEN;
    for (uint32_t c = 1; book->customer_row && c < book->cases_of.groups; c++)
        if (cb_churn_life_of(z->s, book, book->customer_row[c]).seen)
            z->of[c] = SEEN;
}

static void sum_worst(scan *z)
{
    cb_churn_state *s = z->s;
    uint32_t n[WORST + 1] = {0};
    for (uint32_t c = 1; c < z->scope->book->cases_of.groups; c++)
        n[z->of[c] & WORST]++;
    for (unsigned outcome = 0; outcome < CB_OUTCOMES; outcome++)
        for (unsigned large = 0; large < 2; large++) {
            s->worst[outcome][large] += n[worst_of(outcome, large)];
            s->count[CB_CHURN_RECORDED] += n[worst_of(outcome, large)];
        }
}

cb_status cb_churn_unseen(cb_churn_state *s, const cb_scope *scope, cb_error *err)
{
    scan z = {.s = s, .scope = scope, .near_e = s->from};
    if (!s->unseen)
        return CB_OK;
    for (unsigned v = 0; v < s->splits; v++)
        if (s->at - s->split[v].lasts_s < z.near_e)
            z.near_e = s->at - s->split[v].lasts_s;
    z.of = cb_arena_array(scope->scratch, scope->book->cases_of.groups, sizeof *z.of);
    if (!z.of)
        return cb_nomem(err, "the customers after a problem");
    mark_seen(&z);
    scan_cases(&z);
    sum_worst(&z);
    return CB_OK;
}
