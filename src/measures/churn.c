#include "measures/churn_parts.h"

#include <string.h>

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
static void plan_splits(cb_churn_state *s, const cb_settings *settings, cb_window_ix ix)
{
    const cb_assumption *lasts = &settings->assumption[CB_A_AFTER_PROBLEM_DAYS];
    s->splits = ix == CB_NOW ? CB_SPLITS : 1;
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
    s->from = scope->window[ix].period.from_utc_s;
    s->judge_at_e = to <= book->as_of_utc_s;
    s->at = least(to, book->as_of_utc_s);
    s->until = s->judge_at_e ? to : s->at + 1;
    s->first = book->first_utc_s;
    plan_splits(s, scope->settings, ix);
    plan_outcomes(s, scope->settings);
    if (ix == CB_NOW)
        cb_churn_plan_quarters(s, scope);
    for (int dim = 0; dim < CB_DIMS; dim++) {
        s->groups[dim] = cb_dim_groups(book, (cb_dim)dim);
        s->latest[dim] = cb_arena_array(scope->scratch, s->groups[dim], sizeof *s->latest[dim]);
        if (!s->latest[dim])
            return cb_nomem(err, "the customers after a problem");
    }
    s->kinds = cb_arena_array(scope->scratch, s->groups[CB_DIM_KIND], sizeof *s->kinds);
    return s->kinds ? CB_OK : cb_nomem(err, "the customers by kind");
}

/* ---- a customer ---- */

typedef struct life {
    int64_t start, stop; /* under observation */
    bool listed, here;   /* here: came and did not leave by E */
    bool left;           /* stop is leaving */
    bool seen;           /* has person-time */
    int64_t value_minor;
} life;

static life life_of(const cb_churn_state *s, const cb_book *book, uint32_t customer)
{
    uint32_t row = book->customer_row ? book->customer_row[customer] : CB_NO_ROW;
    if (row == CB_NO_ROW)
        return (life){.here = true, .value_minor = CB_NO_AMOUNT};
    const cb_table *list = &book->table[CB_CUSTOMERS];
    int64_t since = cb_time(list, CB_CUSTOMER_SINCE, row);
    int64_t churned = cb_time(list, CB_CUSTOMER_CHURNED, row);
    life l = {.listed = true, .value_minor = cb_amount(list, CB_CUSTOMER_VALUE, row)};
    bool came = since == CB_NO_TIME || since < s->until;
    l.left = churned != CB_NO_TIME && churned < s->until;
    l.here = came && !l.left;
    l.start = most(since, s->first);
    l.stop = l.left ? churned : s->at;
    l.seen = came && s->first != CB_NO_TIME && l.start < l.stop;
    return l;
}

static cb_outcome outcome_at(const cb_churn_state *s, const cb_scope *scope, uint32_t row)
{
    const cb_derived *d = scope->derived;
    if (s->judge_at_e && d->state[row] == CB_STATE_RESOLVED &&
        cb_time(&scope->book->table[CB_CASES], CB_CASE_RESOLVED, row) >= s->until)
        return CB_OUTCOME_UNRESOLVED;
    return (cb_outcome)d->outcome[row];
}

/* ---- person-time ---- */

/* The first quarter of the back-test that starts after the instant. */
static unsigned quarter_after(const cb_churn_state *s, int64_t utc_s)
{
    unsigned low = 0;
    unsigned high = s->quarters;
    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        if (s->quarter_period[middle].from_utc_s > utc_s)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static void edge(cb_churn_edge *e, int64_t sign, int64_t utc_s)
{
    e->n += sign;
    e->sum_s += sign * utc_s;
}

static void add_seen(cb_churn_state *s, const life *l)
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
static void add_forecasts(cb_churn_state *s, const life *l, const stretch *t)
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

static void add_quarters(cb_churn_state *s, const life *l, const stretch *t, bool after_loss)
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

static void add_stretch(cb_churn_state *s, const cb_scope *scope, const life *l, uint32_t row,
                        stretch *t)
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
    cb_outcome outcome = outcome_at(s, scope, row);
    s->outcome_s[outcome] += most(0, t->to - t->from);
    s->outcome_losses[outcome] += after_loss;
    if (s->quarters > 0)
        add_quarters(s, l, t, after_loss);
}

/* ---- cases of the window ---- */

typedef struct worst {
    bool any;
    cb_outcome outcome;
    int large;
    uint32_t kind;
} worst;

static void add_recorded(const cb_churn_state *s, const cb_scope *scope, uint32_t row, worst *w)
{
    const cb_derived *d = scope->derived;
    cb_outcome outcome = (cb_outcome)d->outcome[row];
    int large = d->loss_minor[row] != CB_NO_AMOUNT && d->loss_minor[row] >= s->large_minor;
    double stays = s->stay[outcome][large];
    double before = s->stay[w->outcome][w->large];
    if (!w->any || stays < before || (!(stays > before) && outcome > w->outcome)) {
        w->outcome = outcome;
        w->large = large;
    }
    w->any = true;
    w->kind = cb_dim_word(scope->book, CB_DIM_KIND, row);
}

/* ---- state at E ---- */

static void add_at_e(cb_churn_state *s, const cb_scope *scope, const life *l, uint32_t latest,
                     int64_t opened)
{
    for (unsigned v = 0; v < s->splits; v++) {
        cb_churn_split *split = &s->split[v];
        if (s->at - opened >= split->lasts_s)
            continue;
        split->with_problem++;
        split->listed_with_problem += l->listed;
        if (l->value_minor != CB_NO_AMOUNT)
            cb_total_add(&split->value, l->value_minor);
    }
    if (s->at - opened >= s->split[CB_SPLIT_BASE].lasts_s)
        return;
    for (int dim = 0; dim < CB_DIMS; dim++)
        s->latest[dim][cb_dim_word(scope->book, (cb_dim)dim, latest)]++;
    if (outcome_at(s, scope, latest) == CB_OUTCOME_QUICK_ADEQUATE)
        return;
    s->count[CB_CHURN_AT_RISK]++;
    if (l->value_minor != CB_NO_AMOUNT)
        cb_total_add(&s->at_risk_value, l->value_minor);
}

/* Returns the customer's cases of the after_problem_days before E, 0 for one who is not here. */
static uint32_t add_cases(cb_churn_state *s, const cb_scope *scope, const life *l,
                          const uint32_t *rows, uint32_t n)
{
    const cb_table *cases = &scope->book->table[CB_CASES];
    worst w = {.any = false};
    uint32_t latest = CB_NO_ROW;
    uint32_t near_e = 0;
    int64_t opened = 0;
    int64_t next = cb_time(cases, CB_CASE_OPENED, rows[0]);
    for (uint32_t i = 0; i < n && next < s->until; i++) {
        latest = rows[i];
        opened = next;
        next = i + 1 < n ? cb_time(cases, CB_CASE_OPENED, rows[i + 1]) : INT64_MAX;
        near_e += s->at - opened < s->split[CB_SPLIT_BASE].lasts_s;
        if (l->seen && opened <= l->stop)
            add_stretch(s, scope, l, latest, &(stretch){.opened = opened, .next = next});
        if (opened >= s->from)
            add_recorded(s, scope, latest, &w);
    }
    s->count[CB_CHURN_CASE_CUSTOMERS] += latest != CB_NO_ROW;
    if (w.any) {
        s->count[CB_CHURN_RECORDED]++;
        s->worst[w.outcome][w.large]++;
        s->kinds[w.kind]++;
    }
    if (latest == CB_NO_ROW || !l->here)
        return 0;
    add_at_e(s, scope, l, latest, opened);
    return near_e;
}

static uint32_t add_customer(cb_churn_state *s, const cb_scope *scope, uint32_t customer)
{
    const cb_rows_by *by = &scope->book->cases_of;
    uint32_t from = by->offset[customer];
    uint32_t n = by->offset[customer + 1] - from;
    life l = life_of(s, scope->book, customer);
    if (l.seen)
        add_seen(s, &l);
    if (l.listed && l.here) {
        s->count[CB_CHURN_LISTED]++;
        if (l.value_minor != CB_NO_AMOUNT)
            cb_total_add(&s->value, l.value_minor);
    }
    return n > 0 ? add_cases(s, scope, &l, by->rows + from, n) : 0;
}

static cb_status reserve(cb_churn_state *s, size_t n, cb_error *err)
{
    void *array = s->cases_at_e;
    cb_status rc =
        cb_grow(s->alloc, &array, &s->cap, s->customers + n, sizeof *s->cases_at_e, UINT32_MAX);
    s->cases_at_e = array;
    return rc == CB_OK ? rc : cb_nomem(err, "the customers after a problem");
}

static cb_status churn_add(void *state, const cb_scope *scope, cb_window_ix ix, const cb_span *span,
                           cb_error *err)
{
    cb_churn_state *s = state;
    (void)ix;
    cb_status rc = reserve(s, span->n, err);
    if (rc != CB_OK)
        return rc;
    if (s->customers == 0 && span->n > 0)
        s->first_customer = cb_span_item(span, 0);
    for (uint32_t i = 0; i < span->n; i++)
        s->cases_at_e[s->customers++] = add_customer(s, scope, cb_span_item(span, i));
    return CB_OK;
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
    for (unsigned v = 0; v < s->splits; v++)
        merge_split(&s->split[v], &f->split[v]);
    merge_sums(s->count, f->count, CB_CHURN_COUNTS);
    merge_sums(s->outcome_s, f->outcome_s, CB_OUTCOMES);
    merge_sums(s->outcome_losses, f->outcome_losses, CB_OUTCOMES);
    for (int o = 0; o < CB_OUTCOMES; o++)
        merge_counts(s->worst[o], f->worst[o], 2);
    cb_total_merge(&s->value, &f->value);
    cb_total_merge(&s->at_risk_value, &f->at_risk_value);
    for (int dim = 0; dim < CB_DIMS; dim++)
        merge_counts(s->latest[dim], f->latest[dim], s->groups[dim]);
    merge_counts(s->kinds, f->kinds, s->groups[CB_DIM_KIND]);
    for (unsigned q = 0; q < s->quarters; q++)
        merge_quarter(&s->quarter[q], &f->quarter[q]);
    if (f->customers == 0)
        return CB_OK;
    if (s->customers == 0)
        s->first_customer = f->first_customer;
    cb_status rc = reserve(s, f->customers, err);
    if (rc != CB_OK)
        return rc;
    memcpy(s->cases_at_e + s->customers, f->cases_at_e, f->customers * sizeof *s->cases_at_e);
    s->customers += f->customers;
    return CB_OK;
}

/* ---- finish ---- */

static cb_status churn_finish(void *state, const cb_scope *scope, cb_window_ix ix,
                              cb_results *results, cb_error *err)
{
    const cb_churn_state *s = state;
    cb_churn *out = &results->churn;
    cb_churn_terms terms = cb_churn_terms_of(s, scope->settings);
    cb_churn_point point = cb_churn_point_of(s, scope, &terms);
    cb_status rc = cb_churn_model(s, scope, &point, out, err);
    if (rc != CB_OK)
        return rc;
    cb_churn_beside(s, scope, &point, out);
    rc = cb_churn_divide(s, scope, ix, &point, out, err);
    out->backtest_reason = "made for the report's period only";
    if (rc != CB_OK || ix != CB_NOW)
        return rc;
    cb_churn_tornado(s, scope, &point, out);
    return cb_churn_backtest(s, scope, &point, out, err);
}

static void churn_end(void *state)
{
    cb_churn_state *s = state;
    void *array = s->cases_at_e;
    cb_drop(s->alloc, &array, &s->cap, sizeof *s->cases_at_e);
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
    .end = churn_end,
};
