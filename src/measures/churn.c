#include "measures/churn_parts.h"
#include "measures/derived_parts.h"

#include <string.h>

enum { CUSTOMERS_OF_BATCH = CB_BLOCK };

/* ---- begin ---- */

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t days_s(double days)
{
    return (int64_t)(days * CB_DAY_S);
}

/* The low and high value are needed once, for the tornado of the report's window. */
static void plan_splits(cb_churn_state *s, const cb_settings *settings)
{
    const cb_assumption *lasts = &settings->assumption[CB_A_AFTER_PROBLEM_DAYS];
    s->splits = s->whole ? CB_SPLITS : 1;
    s->split[CB_SPLIT_BASE].lasts_s = days_s(lasts->base);
    s->split[CB_SPLIT_LOW].lasts_s = days_s(lasts->low);
    s->split[CB_SPLIT_HIGH].lasts_s = days_s(lasts->high);
}

static void plan_outcomes(cb_churn_state *s, const cb_settings *settings)
{
    static const cb_assumption_ix stay[CB_OUTCOMES][2] = {
        [CB_OUTCOME_QUICK_ADEQUATE] = {CB_A_STAY_QUICK_SMALL, CB_A_STAY_QUICK_LARGE},
        [CB_OUTCOME_ADEQUATE] = {CB_A_STAY_SATISFIED_SMALL, CB_A_STAY_SATISFIED_LARGE},
        [CB_OUTCOME_INADEQUATE] = {CB_A_STAY_DISSATISFIED_SMALL, CB_A_STAY_DISSATISFIED_LARGE},
        [CB_OUTCOME_UNRESOLVED] = {CB_A_STAY_DISSATISFIED_SMALL, CB_A_STAY_DISSATISFIED_LARGE},
    };
    for (int o = 0; o < CB_OUTCOMES; o++)
        for (int large = 0; large < 2; large++)
            s->stay[o][large] = settings->assumption[stay[o][large]].base;
    double large = cb_churn_minor(settings, settings->assumption[CB_A_LARGE_LOSS].base);
    s->large_minor = large < (double)CB_MAX_AMOUNT * 4 ? (int64_t)ceil(large) : INT64_MAX;
}

static cb_status churn_begin(void *state, const cb_scope *scope, cb_window_ix ix, cb_error *err)
{
    cb_churn_state *s = state;
    const cb_book *book = scope->book;
    int64_t to = scope->window[ix].period.to_utc_s;
    s->alloc = scope->settings->alloc;
    s->whole = ix == CB_NOW;
    s->from = s->whole ? scope->window[ix].period.from_utc_s : INT64_MAX;
    s->judge_at_e = to <= book->as_of_utc_s;
    s->at = least(to, book->as_of_utc_s);
    s->until = s->judge_at_e ? to : s->at + 1;
    s->first = book->first_utc_s;
    plan_splits(s, scope->settings);
    plan_outcomes(s, scope->settings);
    if (s->whole)
        cb_churn_plan_quarters(s, scope);
    s->latest_bytes = s->whole ? (size_t)book->table[CB_CASES].n / 8 + 1 : 0;
    s->latest = s->latest_bytes > 0 ? cb_arena_get(scope->scratch, s->latest_bytes) : NULL;
    s->kind_words = s->whole && scope->settings->reach.n > 0 ? cb_dim_groups(book, CB_DIM_KIND) : 0;
    if (s->kind_words > 0)
        s->kinds = cb_arena_array(scope->scratch, s->kind_words, sizeof *s->kinds);
    bool all = (s->latest || !s->whole) && (s->kinds || s->kind_words == 0);
    return all ? CB_OK : cb_nomem(err, "the customers after a problem");
}

/* ---- a customer ---- */

cb_churn_life cb_churn_life_of(const cb_churn_state *s, const cb_book *book, uint32_t listed)
{
    if (listed == CB_NO_ROW)
        return (cb_churn_life){.here = true, .value_minor = CB_NO_AMOUNT};
    const cb_table *list = &book->table[CB_CUSTOMERS];
    int64_t since = cb_time(list, CB_CUSTOMER_SINCE, listed);
    int64_t churned = cb_time(list, CB_CUSTOMER_CHURNED, listed);
    cb_churn_life l = {.listed = true, .value_minor = cb_amount(list, CB_CUSTOMER_VALUE, listed)};
    bool came = since == CB_NO_TIME || since < s->until;
    l.left = churned != CB_NO_TIME && churned < s->until;
    l.here = came && !l.left;
    l.start = most(since, s->first);
    l.stop = l.left ? churned : s->at;
    l.seen = came && s->first != CB_NO_TIME && l.start < l.stop;
    return l;
}

/* ---- person-time ---- */

/* The first quarter of the back-test that starts after the instant. A quarter has 92 days or less,
 * so that the guess is never too late, and for 40 quarters at most one too early. */
static unsigned quarter_after(const cb_churn_state *s, int64_t utc_s)
{
    if (s->quarters == 0 || utc_s < s->quarter_from[0])
        return 0;
    int64_t guess = (utc_s - s->quarter_from[0]) / (92 * CB_DAY_S + 2 * CB_HOUR_S);
    unsigned q = guess < s->quarters ? (unsigned)guess : s->quarters;
    while (s->quarter_from[q] <= utc_s) /* the last one is INT64_MAX */
        q++;
    return q;
}

static void edge(cb_churn_edge *e, int64_t sign, int64_t utc_s)
{
    e->n += sign;
    e->sum_s += sign * utc_s;
}

static void add_seen(cb_churn_state *s, const cb_churn_life *l)
{
    unsigned first = quarter_after(s, l->start);
    unsigned last = quarter_after(s, l->stop);
    s->count[CB_CHURN_SEEN_S] += l->stop - l->start;
    s->count[CB_CHURN_LOSSES] += l->left;
    if (first < s->quarters)
        edge(&s->quarter[first].seen, 1, l->start);
    if (last < s->quarters) {
        edge(&s->quarter[last].seen, -1, l->stop);
        s->quarter[last].losses += l->left;
    }
}

/* Time in which one case is the customer's latest, until the next one opens. */
typedef struct stretch {
    int64_t opened, next;
    int64_t from, to; /* after a problem, by the base length; empty: from >= to */
    bool leaves;      /* in the state of this case, or clean after it */
} stretch;

/* Who is after a problem at the start of quarters, by what is known then: not the next case. */
static void add_forecasts(cb_churn_state *s, const cb_churn_life *l, const stretch *t)
{
    int64_t ends = t->opened + s->split[CB_SPLIT_BASE].lasts_s;
    int64_t until = least(t->next, l->stop);
    for (unsigned q = quarter_after(s, t->from); q < s->quarters; q++) {
        const cb_period *p = &s->quarter_period[q];
        cb_churn_quarter *quarter = &s->quarter[q];
        if (p->from_utc_s > until || p->from_utc_s >= ends)
            break;
        bool full = ends >= p->to_utc_s;
        quarter->full += full;
        quarter->part += !full;
        quarter->part_s += full ? 0 : ends - p->from_utc_s;
        quarter->left += l->left && l->stop < p->to_utc_s;
    }
}

static void add_quarters(cb_churn_state *s, const cb_churn_life *l, const stretch *t,
                         bool after_loss)
{
    unsigned first = quarter_after(s, t->from);
    unsigned last = quarter_after(s, t->to);
    if (first < s->quarters && t->to > t->from)
        edge(&s->quarter[first].after, 1, t->from);
    if (last < s->quarters) {
        if (t->to > t->from)
            edge(&s->quarter[last].after, -1, t->to);
        s->quarter[last].after_losses += after_loss;
    }
    add_forecasts(s, l, t);
}

static void add_stretch(cb_churn_state *s, const cb_churn_life *l, cb_outcome outcome, stretch *t)
{
    int64_t until = least(t->next, l->stop);
    t->from = most(t->opened, l->start);
    t->leaves = l->left && t->next > l->stop;
    for (unsigned v = 0; v < s->splits; v++) {
        cb_churn_split *split = &s->split[v];
        split->after_s += most(0, least(t->opened + split->lasts_s, until) - t->from);
        split->after_losses += t->leaves && l->stop - t->opened < split->lasts_s;
    }
    int64_t lasts = s->split[CB_SPLIT_BASE].lasts_s;
    bool after_loss = t->leaves && l->stop - t->opened < lasts;
    t->to = least(t->opened + lasts, until);
    if (t->to <= t->from && !after_loss)
        return;
    s->outcome_s[outcome] += most(0, t->to - t->from);
    s->outcome_losses[outcome] += after_loss;
    if (s->quarters > 0)
        add_quarters(s, l, t, after_loss);
}

/* ---- cases of the window ---- */

typedef struct worst {
    bool any;
    uint8_t outcome, large;
    uint32_t latest;
} worst;

static void add_recorded(const cb_churn_state *s, const cb_churn_case *c, uint32_t row, worst *w)
{
    double stays = s->stay[c->judged][c->large];
    double before = s->stay[w->outcome][w->large];
    if (!w->any || stays < before || (!(stays > before) && c->judged > w->outcome)) {
        w->outcome = c->judged;
        w->large = c->large;
    }
    w->any = true;
    w->latest = row;
}

/* ---- state at E ---- */

static void add_at_e(cb_churn_state *s, const cb_churn_life *l, const cb_churn_case *latest,
                     uint32_t row)
{
    for (unsigned v = 0; v < s->splits; v++) {
        cb_churn_split *split = &s->split[v];
        if (s->at - latest->opened >= split->lasts_s)
            continue;
        split->with_problem++;
        split->listed_with_problem += l->listed;
        if (l->value_minor != CB_NO_AMOUNT)
            cb_total_add(&split->value, l->value_minor);
    }
    if (s->at - latest->opened >= s->split[CB_SPLIT_BASE].lasts_s)
        return;
    if (s->latest)
        s->latest[row / 8] |= (uint8_t)(1U << row % 8);
    if (latest->outcome == CB_OUTCOME_QUICK_ADEQUATE)
        return;
    s->count[CB_CHURN_AT_RISK]++;
    if (l->value_minor != CB_NO_AMOUNT)
        cb_total_add(&s->at_risk_value, l->value_minor);
}

static void add_worst(cb_churn_state *s, const cb_scope *scope, const worst *w)
{
    if (!w->any)
        return;
    s->count[CB_CHURN_RECORDED]++;
    s->worst[w->outcome][w->large]++;
    if (s->kinds)
        s->kinds[cb_dim_word(scope->book, CB_DIM_KIND, w->latest)]++;
}

void cb_churn_add_latest(cb_churn_state *s, const cb_churn_life *l, const cb_churn_case *latest,
                         uint32_t row)
{
    if (l->here)
        add_at_e(s, l, latest, row);
}

/* The n cases, in the order of opening, of a customer who has person-time. */
static void add_cases(cb_churn_state *s, const cb_scope *scope, const cb_churn_life *l,
                      const uint32_t *rows, const cb_churn_case *c, uint32_t n)
{
    worst w = {.any = false};
    uint32_t i = 0;
    for (; i < n && c[i].opened < s->until; i++) {
        int64_t opened = c[i].opened;
        int64_t next = i + 1 < n ? c[i + 1].opened : INT64_MAX;
        if (opened <= l->stop)
            add_stretch(s, l, (cb_outcome)c[i].outcome, &(stretch){.opened = opened, .next = next});
        if (opened >= s->from)
            add_recorded(s, &c[i], rows[i], &w);
    }
    add_worst(s, scope, &w);
    if (i > 0)
        cb_churn_add_latest(s, l, &c[i - 1], rows[i - 1]);
}

/* ---- cells of cases ---- */

static void judge(const cb_churn_state *s, const cb_derived *d, uint32_t row, cb_churn_case *c)
{
    if (c->opened < s->from || c->opened >= s->until)
        return;
    c->judged = d->outcome[row];
    c->large = cb_loss_minor(d, row) >= s->large_minor; /* CB_NO_AMOUNT is below all */
}

/* A customer's cases lie anywhere in the columns: fetched for many customers in plain loops, the
 * misses of the cache overlap. */
static void fetch_block(const cb_churn_state *s, const cb_scope *scope, const uint32_t *rows,
                        uint32_t n, cb_churn_case *out)
{
    const cb_table *cases = &scope->book->table[CB_CASES];
    const cb_derived *d = scope->derived;
    int64_t times[CB_BLOCK];
    cb_times_of(cases, CB_CASE_OPENED, rows, n, times);
    for (uint32_t i = 0; i < n; i++)
        out[i] = (cb_churn_case){.opened = times[i], .outcome = d->outcome[rows[i]]};
    for (uint32_t i = 0; i < n; i++)
        judge(s, d, rows[i], &out[i]);
    if (!s->judge_at_e)
        return;
    cb_times_of(cases, CB_CASE_RESOLVED, rows, n, times);
    for (uint32_t i = 0; i < n; i++)
        if (times[i] >= s->until)
            out[i].outcome = CB_OUTCOME_UNRESOLVED;
}

/* ---- batches ---- */

/* Those of a batch who have cases and person-time. */
typedef struct customers {
    uint32_t n;
    uint32_t customer[CUSTOMERS_OF_BATCH];
    cb_churn_life life[CUSTOMERS_OF_BATCH];
} customers;

static void sort_out(cb_churn_state *s, const cb_book *book, uint32_t first, uint32_t n,
                     customers *seen)
{
    const uint32_t *offset = book->cases_of.offset;
    seen->n = 0;
    for (uint32_t customer = first; customer < first + n; customer++) {
        bool has_cases = offset[customer + 1] > offset[customer];
        cb_churn_life l = cb_churn_life_of(s, book, book->customer_row[customer]);
        if (l.seen)
            add_seen(s, &l);
        if (l.listed && l.here) {
            s->count[CB_CHURN_LISTED]++;
            if (l.value_minor != CB_NO_AMOUNT)
                cb_total_add(&s->value, l.value_minor);
        }
        s->unseen |= has_cases && !l.seen;
        seen->customer[seen->n] = customer;
        seen->life[seen->n] = l;
        seen->n += has_cases && l.seen;
    }
}

/* Cases of customers in turn, as many as are at hand at once. */
typedef struct spare {
    uint32_t *rows;
    cb_churn_case *cases;
    size_t rows_cap, cases_cap;
} spare;

static cb_status reserve(const cb_churn_state *s, spare *at_hand, size_t n, cb_error *err)
{
    void *rows = at_hand->rows;
    void *cases = at_hand->cases;
    cb_status rc =
        cb_grow(s->alloc, &rows, &at_hand->rows_cap, n, sizeof *at_hand->rows, CB_MAX_ROWS);
    at_hand->rows = rows;
    if (rc == CB_OK)
        rc = cb_grow(s->alloc, &cases, &at_hand->cases_cap, n, sizeof *at_hand->cases, CB_MAX_ROWS);
    at_hand->cases = cases;
    return rc == CB_OK ? rc : cb_nomem(err, "the cases of customers");
}

static void release(const cb_churn_state *s, spare *at_hand)
{
    void *rows = at_hand->rows;
    void *cases = at_hand->cases;
    cb_drop(s->alloc, &rows, &at_hand->rows_cap, sizeof *at_hand->rows);
    cb_drop(s->alloc, &cases, &at_hand->cases_cap, sizeof *at_hand->cases);
}

static cb_status add_all_seen(cb_churn_state *s, const cb_scope *scope, const customers *c,
                              spare *at_hand, cb_error *err)
{
    const cb_rows_by *by = &scope->book->cases_of;
    size_t total = 0;
    for (uint32_t i = 0; i < c->n; i++)
        total += by->offset[c->customer[i] + 1] - by->offset[c->customer[i]];
    cb_status rc = reserve(s, at_hand, total, err);
    uint32_t n = 0;
    for (uint32_t i = 0; rc == CB_OK && i < c->n; i++) {
        uint32_t from = by->offset[c->customer[i]], own = by->offset[c->customer[i] + 1] - from;
        memcpy(at_hand->rows + n, by->rows + from, own * sizeof *at_hand->rows);
        n += own;
    }
    for (uint32_t from = 0; from < n; from += CB_BLOCK)
        fetch_block(s, scope, at_hand->rows + from, cb_block_of(n, from), at_hand->cases + from);
    for (uint32_t i = 0, at = 0; rc == CB_OK && i < c->n; i++) {
        uint32_t own = by->offset[c->customer[i] + 1] - by->offset[c->customer[i]];
        add_cases(s, scope, &c->life[i], at_hand->rows + at, at_hand->cases + at, own);
        at += own;
    }
    return rc;
}

static cb_status churn_add(void *state, const cb_scope *scope, cb_window_ix ix, const cb_span *span,
                           cb_error *err)
{
    cb_churn_state *s = state;
    spare at_hand = {.rows = NULL};
    customers seen;
    cb_status rc = CB_OK;
    (void)ix;
    s->unseen |= !scope->book->customer_row;
    for (uint32_t i = 0; scope->book->customer_row && rc == CB_OK && i < span->n;
         i += CUSTOMERS_OF_BATCH) {
        uint32_t n = span->n - i < CUSTOMERS_OF_BATCH ? span->n - i : CUSTOMERS_OF_BATCH;
        sort_out(s, scope->book, span->first + i, n, &seen);
        if (seen.n > 0)
            rc = add_all_seen(s, scope, &seen, &at_hand, err);
    }
    release(s, &at_hand);
    return rc;
}

/* ---- merge ---- */

static void merge_counts(uint32_t *into, const uint32_t *from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        into[i] += from[i];
}

static void merge_sums(int64_t *into, const int64_t *from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        into[i] += from[i];
}

static void merge_split(cb_churn_split *into, const cb_churn_split *from)
{
    into->after_s += from->after_s;
    into->after_losses += from->after_losses;
    into->with_problem += from->with_problem;
    into->listed_with_problem += from->listed_with_problem;
    cb_total_merge(&into->value, &from->value);
}

static void merge_quarter(cb_churn_quarter *into, const cb_churn_quarter *from)
{
    into->seen.n += from->seen.n;
    into->seen.sum_s += from->seen.sum_s;
    into->after.n += from->after.n;
    into->after.sum_s += from->after.sum_s;
    into->losses += from->losses;
    into->after_losses += from->after_losses;
    into->full += from->full;
    into->part += from->part;
    into->part_s += from->part_s;
    into->left += from->left;
}

static cb_status churn_merge(void *into, void *from, cb_error *err)
{
    cb_churn_state *s = into;
    const cb_churn_state *f = from;
    (void)err;
    s->unseen |= f->unseen;
    for (unsigned v = 0; v < s->splits; v++)
        merge_split(&s->split[v], &f->split[v]);
    merge_sums(s->count, f->count, CB_CHURN_COUNTS);
    merge_sums(s->outcome_s, f->outcome_s, CB_OUTCOMES);
    merge_sums(s->outcome_losses, f->outcome_losses, CB_OUTCOMES);
    for (int o = 0; o < CB_OUTCOMES; o++)
        merge_counts(s->worst[o], f->worst[o], 2);
    cb_total_merge(&s->value, &f->value);
    cb_total_merge(&s->at_risk_value, &f->at_risk_value);
    for (size_t i = 0; i < s->latest_bytes; i++)
        s->latest[i] |= f->latest[i];
    merge_counts(s->kinds, f->kinds, s->kind_words);
    for (unsigned q = 0; q < s->quarters; q++)
        merge_quarter(&s->quarter[q], &f->quarter[q]);
    return CB_OK;
}

/* ---- finish ---- */

/* What the report's own period has besides the headline. */
static cb_status finish_whole(const cb_churn_state *s, const cb_scope *scope,
                              const cb_churn_point *point, cb_churn *out, cb_error *err)
{
    cb_churn_beside(s, scope, point, out);
    cb_status rc = cb_churn_divide(s, scope, point, out, err);
    if (rc != CB_OK)
        return rc;
    cb_churn_tornado(s, scope, point, out);
    return cb_churn_backtest(s, scope, point, out, err);
}

static cb_status churn_finish(void *state, const cb_scope *scope, cb_window_ix ix,
                              cb_results *results, cb_error *err)
{
    static const char own_only[] = "made for the report's period only";
    cb_churn_state *s = state;
    cb_churn *out = &results->churn;
    (void)ix;
    cb_status rc = cb_churn_unseen(s, scope, err);
    if (rc != CB_OK)
        return rc;
    cb_churn_terms terms = cb_churn_terms_of(s, scope->settings);
    cb_churn_point point = cb_churn_point_of(s, scope, &terms);
    rc = cb_churn_model(s, scope, &point, out, err);
    if (rc == CB_OK && s->whole)
        return finish_whole(s, scope, &point, out, err);
    out->backtest_reason = out->division_reason = own_only;
    return rc;
}

const cb_measure cb_measure_churn = {
    .name = "churn",
    .methods = "C1-C10",
    .over = CB_OVER_CUSTOMERS,
    .state_bytes = sizeof(cb_churn_state),
    .begin = churn_begin,
    .add = churn_add,
    .merge = churn_merge,
    .finish = churn_finish,
};
