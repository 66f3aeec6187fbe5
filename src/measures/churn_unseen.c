/* Customers without person-time: of them only the cases of the window count, and the latest one
 * before E. The cases are read backwards in time, where they lie side by side, with a byte for each
 * customer: the first one met is the latest. How many have a case at all is asked of the customers:
 * by when each one's first case was opened. */
#include "measures/churn_parts.h"
#include "measures/derived_parts.h"

/* A customer's byte: the worst case of the window so far in the low bits, 0: none. */
enum { WORST = 15, MET = 16, SEEN = 32, IN_WINDOW = 64 };

typedef struct scan {
    cb_churn_state *s;
    const cb_scope *scope;
    uint8_t *of;                         /* by customer */
    uint8_t worse[WORST + 1][WORST + 1]; /* of the worst so far and a case before it */
    uint32_t window, near_e, until; /* places in the order of opening: the first case of the window,
                                       the first that matters at E, the first not seen */
} scan;

/* A block of cases in the order of opening. */
typedef struct block {
    const uint32_t *rows;
    uint32_t from, n; /* places */
    uint32_t customer[CB_BLOCK];
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

/* The latest cases of n customers, opened before E. */
typedef struct latest {
    uint32_t n;
    uint32_t customer[CB_BLOCK], rows[CB_BLOCK];
    int64_t opened[CB_BLOCK];
    uint8_t outcome[CB_BLOCK]; /* as known at E */
} latest;

static void judge_latest(const scan *z, latest *l)
{
    const cb_table *cases = &z->scope->book->table[CB_CASES];
    const uint8_t *outcome = z->scope->derived->outcome;
    int64_t resolved[CB_BLOCK];
    cb_times_of(cases, CB_CASE_OPENED, l->rows, l->n, l->opened);
    for (uint32_t k = 0; k < l->n; k++)
        l->outcome[k] = outcome[l->rows[k]];
    if (!z->s->judge_at_e)
        return;
    cb_times_of(cases, CB_CASE_RESOLVED, l->rows, l->n, resolved);
    for (uint32_t k = 0; k < l->n; k++)
        l->outcome[k] = resolved[k] >= z->s->until ? (uint8_t)CB_OUTCOME_UNRESOLVED : l->outcome[k];
}

/* With a list each customer is asked for. */
static void add_listed(scan *z, const latest *l)
{
    const uint32_t *listed = z->scope->book->customer_row;
    for (uint32_t k = 0; k < l->n; k++) {
        cb_churn_life life = cb_churn_life_of(z->s, z->scope->book, listed[l->customer[k]]);
        cb_churn_case c = {.opened = l->opened[k], .outcome = l->outcome[k]};
        cb_churn_add_latest(z->s, &life, &c, l->rows[k]);
    }
}

/* Without one all are there, and nobody's value is known. */
static void add_unlisted(cb_churn_state *s, const latest *l)
{
    int64_t with[CB_SPLITS] = {0}, at_risk = 0;
    for (unsigned v = 0; v < s->splits; v++) {
        for (uint32_t k = 0; k < l->n; k++)
            with[v] += s->at - l->opened[k] < s->split[v].lasts_s;
        s->split[v].with_problem += with[v];
    }
    for (uint32_t k = 0; k < l->n; k++) {
        bool after = s->at - l->opened[k] < s->split[CB_SPLIT_BASE].lasts_s;
        at_risk += after & (l->outcome[k] != CB_OUTCOME_QUICK_ADEQUATE);
        if (s->latest)
            s->latest[l->rows[k] / 8] |= (uint8_t)((unsigned)after << l->rows[k] % 8);
    }
    s->count[CB_CHURN_AT_RISK] += at_risk;
}

/* First which ones, without a branch: nobody could guess it. */
static void add_all_latest(scan *z, const block *b)
{
    latest l = {.n = 0};
    for (uint32_t i = b->n; i-- > 0;) {
        uint8_t *of = &z->of[b->customer[i]];
        l.customer[l.n] = b->customer[i];
        l.rows[l.n] = b->rows[i];
        l.n += (*of & (SEEN | MET)) == 0;
        *of |= MET;
    }
    judge_latest(z, &l);
    if (z->scope->book->customer_row)
        add_listed(z, &l);
    else
        add_unlisted(z->s, &l);
}

/* ---- blocks, the latest first ---- */

static void read_block(const scan *z, block *b, uint32_t least, uint32_t to)
{
    const cb_book *book = z->scope->book;
    b->n = cb_block_of(to, least);
    b->from = to - b->n;
    b->rows = book->opened_order + b->from;
    cb_words_of(&book->table[CB_CASES], CB_CASE_CUSTOMER, b->rows, b->n, b->customer);
}

static void scan_cases(scan *z)
{
    uint32_t least = z->window < z->near_e ? z->window : z->near_e;
    block b = {.from = z->until};
    while (b.from > least) {
        read_block(z, &b, least, b.from);
        if (b.from + b.n > z->near_e)
            add_all_latest(z, &b);
        if (b.from + b.n > z->window)
            add_of_window(z, &b, z->window > b.from ? z->window - b.from : 0);
    }
}

/* ---- all ---- */

/* Those who have a case before the first second not seen. With a list it says how many there are. */
static void count_customers(const scan *z)
{
    const cb_rows_by *by = &z->scope->book->cases_of;
    uint32_t first[CB_BLOCK], n = 0;
    int64_t opened[CB_BLOCK], before = 0;
    for (uint32_t c = 1; c < by->groups;) {
        for (n = 0; c < by->groups && n < CB_BLOCK; c++)
            if (by->offset[c + 1] > by->offset[c])
                first[n++] = by->rows[by->offset[c]];
        cb_times_of(&z->scope->book->table[CB_CASES], CB_CASE_OPENED, first, n, opened);
        for (uint32_t i = 0; i < n; i++)
            before += opened[i] < z->s->until;
    }
    z->s->count[CB_CHURN_CASE_CUSTOMERS] = before;
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

/* The place of the first case opened at the instant or later. */
static uint32_t place_of(const cb_book *book, int64_t utc_s)
{
    return cb_cases_opened(book, INT64_MIN, utc_s).n;
}

static void plan(scan *z)
{
    const cb_churn_state *s = z->s;
    int64_t lasts_s = 0;
    for (unsigned v = 0; v < s->splits; v++)
        lasts_s = s->split[v].lasts_s > lasts_s ? s->split[v].lasts_s : lasts_s;
    z->window = place_of(z->scope->book, s->from);
    z->near_e = place_of(z->scope->book, s->at - lasts_s);
    z->until = place_of(z->scope->book, s->until);
}

cb_status cb_churn_unseen(cb_churn_state *s, const cb_scope *scope, cb_error *err)
{
    scan z = {.s = s, .scope = scope};
    if (!s->unseen || scope->book->table[CB_CASES].n == 0)
        return CB_OK;
    z.of = cb_arena_array(scope->scratch, scope->book->cases_of.groups, sizeof *z.of);
    if (!z.of)
        return cb_nomem(err, "the customers after a problem");
    plan(&z);
    fill_worse(&z);
    mark_seen(&z);
    scan_cases(&z);
    if (!scope->book->customer_row)
        count_customers(&z);
    if (s->whole)
        sum_worst(&z);
    return CB_OK;
}
