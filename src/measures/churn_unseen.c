/* Customers without person-time: of them only the cases of the window count, and the latest one
 * before E. The cases are read backwards in time, where they lie side by side, with a byte for each
 * customer: the first one met is the latest. */
#include "measures/churn_parts.h"
#include "measures/derived_parts.h"

/* A customer's byte: the worst case of the window so far in the low bits, 0: none. */
enum { WORST = 15, MET = 16, SEEN = 32, IN_WINDOW = 64 };

typedef struct scan {
    cb_churn_state *s;
    const cb_scope *scope;
    uint8_t *of;                         /* by customer */
    uint8_t worse[WORST + 1][WORST + 1]; /* of the worst so far and a case before it */
    int64_t near_e;                      /* cases opened before are too old to matter at E */
} scan;

/* A block of cases in the order of opening. */
typedef struct block {
    const uint32_t *rows;
    uint32_t n;
    uint32_t customer[CB_BLOCK];
    int64_t opened[CB_BLOCK];
} block;

/* ---- the worst case of the window ---- */

static unsigned worst_of(unsigned outcome, unsigned large)
{
    return 1 + 2 * outcome + large;
}

/* Of cases that are equally bad the first one counts, which is met last. */
static unsigned worse_of(const cb_churn_state *s, unsigned worst, unsigned outcome, unsigned large)
{
    if (worst == 0)
        return worst_of(outcome, large);
    unsigned outcome_before = (worst - 1) / 2;
    double stays = s->stay[outcome][large];
    double before = s->stay[outcome_before][(worst - 1) % 2];
    bool replaces = stays < before || (!(stays > before) && outcome >= outcome_before);
    return replaces ? worst_of(outcome, large) : worst;
}

static void fill_worse(scan *z)
{
    for (unsigned worst = 0; worst <= worst_of(CB_OUTCOMES - 1, 1); worst++)
        for (unsigned outcome = 0; outcome < CB_OUTCOMES; outcome++)
            for (unsigned large = 0; large < 2; large++)
                z->worse[worst][worst_of(outcome, large)] =
                    (uint8_t)worse_of(z->s, worst, outcome, large);
}

/* The latest of the window is met first. */
static void add_kinds(scan *z, const block *b, uint32_t from)
{
    uint32_t kind[CB_BLOCK];
    cb_words_of(&z->scope->book->table[CB_CASES], CB_CASE_KIND, b->rows, b->n, kind);
    for (uint32_t i = b->n; i-- > from;) {
        uint8_t *of = &z->of[b->customer[i]];
        z->s->kinds[kind[i]] += (*of & (SEEN | IN_WINDOW)) == 0;
        *of |= IN_WINDOW;
    }
}

static void add_of_window(scan *z, const block *b, uint32_t from)
{
    const cb_derived *d = z->scope->derived;
    int64_t loss[CB_BLOCK];
    if (z->s->kinds)
        add_kinds(z, b, from);
    cb_losses_of(d, b->rows + from, b->n - from, loss);
    for (uint32_t i = b->n; i-- > from;) {
        /* CB_NO_AMOUNT is below all */
        unsigned own = worst_of(d->outcome[b->rows[i]], loss[i - from] >= z->s->large_minor);
        uint8_t *of = &z->of[b->customer[i]];
        *of = (uint8_t)((*of & ~WORST) | z->worse[*of & WORST][own]);
    }
}

/* ---- the latest case ---- */

static void add_latest(scan *z, uint32_t customer, uint32_t row, int64_t opened, int64_t resolved)
{
    const cb_book *book = z->scope->book;
    cb_churn_life l =
        cb_churn_life_of(z->s, book, book->customer_row ? book->customer_row[customer] : CB_NO_ROW);
    cb_churn_case latest = {.opened = opened, .outcome = z->scope->derived->outcome[row]};
    if (z->s->judge_at_e && resolved >= z->s->until)
        latest.outcome = CB_OUTCOME_UNRESOLVED;
    cb_churn_add_latest(z->s, &l, &latest, row);
}

/* First which ones, without a branch: nobody could guess it. */
static void add_all_latest(scan *z, const block *b)
{
    uint32_t at[CB_BLOCK], rows[CB_BLOCK], n = 0;
    int64_t resolved[CB_BLOCK];
    for (uint32_t i = b->n; i-- > 0;) {
        uint8_t *of = &z->of[b->customer[i]];
        at[n] = i;
        rows[n] = b->rows[i];
        n += (*of & (SEEN | MET)) == 0;
        *of |= MET;
    }
    cb_times_of(&z->scope->book->table[CB_CASES], CB_CASE_RESOLVED, rows, n, resolved);
    for (uint32_t k = 0; k < n; k++)
        add_latest(z, b->customer[at[k]], rows[k], b->opened[at[k]], resolved[k]);
}

/* ---- blocks, the latest first ---- */

/* Cases that are of the window or matter at E. */
static void scan_block(scan *z, block *b)
{
    uint32_t from = b->n;
    cb_times_of(&z->scope->book->table[CB_CASES], CB_CASE_OPENED, b->rows, b->n, b->opened);
    while (from > 0 && b->opened[from - 1] >= z->s->from)
        from--;
    add_all_latest(z, b);
    if (from < b->n)
        add_of_window(z, b, from);
}

/* Older ones say no more than that there is a customer. */
static void scan_old_block(scan *z, const block *b)
{
    uint32_t met = 0;
    for (uint32_t i = 0; i < b->n; i++) {
        uint8_t *of = &z->of[b->customer[i]];
        met += (*of & (SEEN | MET)) == 0;
        *of |= MET;
    }
    z->s->count[CB_CHURN_CASE_CUSTOMERS] += met;
}

static void scan_cases(scan *z)
{
    const cb_book *book = z->scope->book;
    const uint32_t old = cb_cases_opened(book, INT64_MIN, z->near_e).n;
    uint32_t to = cb_cases_opened(book, INT64_MIN, z->s->until).n;
    block b;
    while (to > 0) {
        b.n = cb_block_of(to, to > old ? old : 0); /* a block is old or it is not */
        b.rows = book->opened_order + (to - b.n);
        cb_words_of(&book->table[CB_CASES], CB_CASE_CUSTOMER, b.rows, b.n, b.customer);
        if (to > old)
            scan_block(z, &b);
        else
            scan_old_block(z, &b);
        to -= b.n;
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
        n[z->of[c] & SEEN ? 0 : z->of[c] & WORST]++;
    for (unsigned outcome = 0; outcome < CB_OUTCOMES; outcome++)
        for (unsigned large = 0; large < 2; large++) {
            s->worst[outcome][large] += n[worst_of(outcome, large)];
            s->count[CB_CHURN_RECORDED] += n[worst_of(outcome, large)];
        }
}

cb_status cb_churn_unseen(cb_churn_state *s, const cb_scope *scope, cb_error *err)
{
    scan z = {.s = s, .scope = scope, .near_e = s->from};
    if (!s->unseen || scope->book->table[CB_CASES].n == 0)
        return CB_OK;
    for (unsigned v = 0; v < s->splits; v++)
        if (s->at - s->split[v].lasts_s < z.near_e)
            z.near_e = s->at - s->split[v].lasts_s;
    z.of = cb_arena_array(scope->scratch, scope->book->cases_of.groups, sizeof *z.of);
    if (!z.of)
        return cb_nomem(err, "the customers after a problem");
    fill_worse(&z);
    mark_seen(&z);
    scan_cases(&z);
    sum_worst(&z);
    return CB_OK;
}
