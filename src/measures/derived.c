#include "casebook/measures.h"

#include <string.h>

#include "measures/derived_parts.h"
#include "measures/practice_parts.h"

/* Two passes, each in tasks over ranges of their own: over customers, whose rows in the order of
 * opening tell what came back (Q1); over rows, for what a row alone tells and for what the practice
 * measure asks of both. Every cell is written by one task. */

enum { MIN_ITEMS_OF_TASK = 1 << 14, FEW_CASES = 8 };

typedef struct job {
    const cb_book *book;
    const cb_table *cases;
    const cb_settings *settings;
    const cb_calendar *calendar;
    cb_derived *out;
    int64_t quick_s, repeat_s;
    uint32_t tasks;
    uint32_t items; /* rows or customers */
} job;

/* ---- money ---- */

void cb_losses_of(const cb_derived *derived, const uint32_t *rows, uint32_t n, int64_t *out)
{
    const cb_table *cases = &derived->book->table[CB_CASES];
    int64_t more[CB_BLOCK];
    cb_amounts_of(cases, CB_CASE_LOSS, rows, n, out);
    for (uint32_t from = 0; cases->column[CB_CASE_CONSEQUENTIAL] && from < n; from += CB_BLOCK) {
        uint32_t part = cb_block_of(n, from);
        cb_amounts_of(cases, CB_CASE_CONSEQUENTIAL, rows + from, part, more);
        for (uint32_t i = 0; i < part; i++)
            out[from + i] = cb_loss_of_parts(out[from + i], more[i]);
    }
    for (uint32_t i = 0; derived->losses_unread && i < n; i++)
        if (cb_loss_unread(derived, rows[i]))
            out[i] = CB_NO_AMOUNT;
}

static bool has_unread(const cb_table *cases, cb_case_field field)
{
    uint32_t unread = 0;
    for (uint32_t row = 0; cases->column[field] && row < cases->n; row++)
        unread += cb_amount_unread(cases, field, row);
    return unread > 0;
}

void cb_remedies_of(const cb_derived *derived, const uint32_t *rows, uint32_t n, int64_t *out)
{
    const cb_table *cases = &derived->book->table[CB_CASES];
    uint32_t type[CB_BLOCK];
    cb_amounts_of(cases, CB_CASE_REMEDY, rows, n, out);
    for (uint32_t from = 0; from < n; from += CB_BLOCK) {
        uint32_t part = cb_block_of(n, from);
        cb_words_of(cases, CB_CASE_REMEDY_TYPE, rows + from, part, type);
        for (uint32_t i = 0; i < part; i++)
            if (out[from + i] == CB_NO_AMOUNT)
                out[from + i] = cb_remedy_without_amount(derived, rows[from + i], type[i]);
    }
}

/* ---- a row alone ---- */

/* A block of rows, and what of them is asked more than once. */
typedef struct block {
    const uint32_t *rows;
    uint32_t n;
    int64_t opened[CB_BLOCK], resolved[CB_BLOCK];
    int64_t elapsed_s[CB_BLOCK]; /* cb_elapsed_s */
    int64_t loss[CB_BLOCK], remedy[CB_BLOCK];
} block;

static void fetch_block(const job *j, const uint32_t *rows, uint32_t n, block *b)
{
    b->rows = rows;
    b->n = n;
    cb_times_of(j->cases, CB_CASE_OPENED, rows, n, b->opened);
    cb_times_of(j->cases, CB_CASE_RESOLVED, rows, n, b->resolved);
    cb_losses_of(j->out, rows, n, b->loss);
    cb_remedies_of(j->out, rows, n, b->remedy);
}

static uint32_t business_of(const job *j, int64_t opened, int64_t elapsed_s)
{
    if (elapsed_s < 0)
        return CB_BUSINESS_UNKNOWN;
    int64_t spent_s = cb_calendar_between(j->calendar, opened, opened + elapsed_s);
    return spent_s < CB_BUSINESS_LONG ? (uint32_t)spent_s : CB_BUSINESS_LONG;
}

static void set_times(const job *j, block *b)
{
    cb_derived *d = j->out;
    for (uint32_t i = 0; i < b->n; i++) {
        int64_t end = b->resolved[i];
        cb_case_state state = CB_STATE_RESOLVED;
        if (end == CB_NO_TIME)
            state = cb_case_state_of(j->cases, b->rows[i]);
        if (state == CB_STATE_OPEN)
            end = j->book->as_of_utc_s;
        d->state[b->rows[i]] = (uint8_t)state;
        b->elapsed_s[i] = end != CB_NO_TIME && end >= b->opened[i] ? end - b->opened[i] : -1;
    }
    for (uint32_t i = 0; i < b->n; i++)
        d->business[b->rows[i]] = business_of(j, b->opened[i], b->elapsed_s[i]);
}

/* Of a case that has ended. Without a branch: nobody could guess which. */
static uint8_t ended_outcome(bool adequate, bool quick)
{
    static const uint8_t outcome[2][2] = {
        {CB_OUTCOME_INADEQUATE, CB_OUTCOME_INADEQUATE},
        {CB_OUTCOME_ADEQUATE, CB_OUTCOME_QUICK_ADEQUATE},
    };
    return outcome[adequate][quick];
}

static void set_money(const job *j, const block *b)
{
    const uint8_t *states = j->out->state;
    uint8_t *eligible = j->out->eligible, *outcome = j->out->outcome;
    for (uint32_t i = 0; i < b->n; i++) {
        uint32_t row = b->rows[i];
        unsigned state = states[row];
        bool known = (b->loss[i] > 0) & (b->remedy[i] != CB_NO_AMOUNT); /* CB_NO_AMOUNT < 0 */
        bool ended = (state == CB_STATE_RESOLVED) | (state == CB_STATE_CLOSED_BLANK);
        bool adequate = !known | (b->remedy[i] >= b->loss[i]);
        bool quick = (b->elapsed_s[i] >= 0) & (b->elapsed_s[i] <= j->quick_s);
        uint8_t judged = ended_outcome(adequate, quick);
        eligible[row] = ended & known;
        outcome[row] = ended ? judged : (uint8_t)CB_OUTCOME_UNRESOLVED;
    }
}

static uint32_t task_from(const job *j, size_t task)
{
    return (uint32_t)((uint64_t)j->items * task / j->tasks);
}

/* In the order of opening, block by block: the practice's answers are asked while a block's cells
 * are near. */
static cb_status rows_task(void *ctx, size_t task, cb_error *err)
{
    const job *j = ctx;
    const cb_scope scope = {.book = j->book, .settings = j->settings, .derived = j->out};
    const cb_practice_look look = cb_practice_look_of(&scope, CB_NOW);
    const uint32_t to = task_from(j, task + 1);
    block b;
    (void)err;
    for (uint32_t from = task_from(j, task); from < to; from += CB_BLOCK) {
        fetch_block(j, j->book->opened_order + from, cb_block_of(to, from), &b);
        set_times(j, &b);
        set_money(j, &b);
        const cb_practice_cells cells = {b.rows, b.n, b.opened, b.resolved, b.loss, b.remedy};
        cb_practice_answer(&look, &cells, j->out->answers + from);
    }
    return CB_OK;
}

/* ---- repeats: the customer's rows in the order of opening ---- */

/* What must be the same for a problem to have come back; CB_NO_ID where nobody asks. */
typedef struct problem {
    uint32_t kind, product, cause;
} problem;

/* A hash table of the last case of each kind (and product, cause) of one customer with many cases.
 * It need not be cleared between customers: a slot of another customer counts as empty. Customer 0 is the unknown
 * one, so zeroed slots are empty. */
typedef struct last_seen {
    struct slot {
        uint32_t customer, row;
        int64_t opened;
        problem problem;
    } * slot;
    uint64_t mask;
    bool by_product, by_cause;
} last_seen;

/* Cells of the cases of customers, a block at a time; they lie anywhere in the columns. */
typedef struct cells {
    const uint32_t *rows; /* of cases_of: places from … from + n - 1 */
    uint32_t from, n;
    uint32_t kind[CB_BLOCK], product[CB_BLOCK], cause[CB_BLOCK];
    int64_t opened[CB_BLOCK];
} cells;

static void fetch(const job *j, const last_seen *seen, cells *c, uint32_t from, uint32_t to)
{
    c->rows = j->book->cases_of.rows + from;
    c->from = from;
    c->n = cb_block_of(to, from);
    cb_words_of(j->cases, CB_CASE_KIND, c->rows, c->n, c->kind);
    if (seen->by_product)
        cb_words_of(j->cases, CB_CASE_PRODUCT, c->rows, c->n, c->product);
    if (seen->by_cause)
        cb_words_of(j->cases, CB_CASE_CAUSE, c->rows, c->n, c->cause);
    cb_times_of(j->cases, CB_CASE_OPENED, c->rows, c->n, c->opened);
}

static problem problem_of(const cells *c, const last_seen *seen, uint32_t i)
{
    return (problem){c->kind[i], seen->by_product ? c->product[i] : CB_NO_ID,
                     seen->by_cause ? c->cause[i] : CB_NO_ID};
}

/* A word that must be the same is unknown: nobody can tell whether the problem came back. */
static bool comparable(const problem *p)
{
    return p->kind != CB_UNKNOWN_ID && p->product != CB_UNKNOWN_ID && p->cause != CB_UNKNOWN_ID;
}

static bool same_problem(const problem *a, const problem *b)
{
    return a->kind == b->kind && a->product == b->product && a->cause == b->cause;
}

static uint64_t mix(uint64_t x)
{
    x *= UINT64_C(0x9E3779B97F4A7C15);
    return x ^ x >> 29;
}

/* Puts now in and returns the slot of the customer's last case of the same problem, or one with
 * CB_NO_ROW. */
static struct slot swap_last(last_seen *seen, const struct slot *now)
{
    uint64_t hash = mix(now->problem.kind);
    hash = mix(hash ^ now->problem.product);
    hash = mix(hash ^ now->problem.cause);
    for (uint64_t at = hash & seen->mask;; at = (at + 1) & seen->mask) {
        struct slot before = seen->slot[at];
        if (before.customer != now->customer)
            before.row = CB_NO_ROW;
        else if (!same_problem(&before.problem, &now->problem))
            continue;
        seen->slot[at] = *now;
        return before;
    }
}

/* before: the customer's last case of the same problem, or CB_NO_ROW. */
static void set_case(const job *j, uint32_t row, int64_t opened, uint32_t before,
                     int64_t before_opened)
{
    const cb_derived *d = j->out;
    uint8_t *came_back = d->came_back;
    bool within = before != CB_NO_ROW && opened - before_opened <= j->repeat_s;
    d->previous[row] = before;
    came_back[row] = j->book->as_of_utc_s - opened >= j->repeat_s ? 0 : 2;
    if (within && came_back[before] == 0)
        came_back[before] = 1;
    if (opened - j->book->first_utc_s >= j->repeat_s)
        d->repeat[row] = within;
}

static void add_to_many(const job *j, last_seen *seen, const cells *c, uint32_t customer,
                        uint32_t i)
{
    struct slot now = {customer, c->rows[i], c->opened[i], problem_of(c, seen, i)};
    if (!comparable(&now.problem))
        return;
    struct slot before = swap_last(seen, &now);
    set_case(j, now.row, now.opened, before.row, before.opened);
}

static bool comparable_at(const cells *c, const last_seen *seen, uint32_t i)
{
    return c->kind[i] != CB_UNKNOWN_ID && (!seen->by_product || c->product[i] != CB_UNKNOWN_ID) &&
           (!seen->by_cause || c->cause[i] != CB_UNKNOWN_ID);
}

static bool same_at(const cells *c, const last_seen *seen, uint32_t i, uint32_t k)
{
    return c->kind[i] == c->kind[k] && (!seen->by_product || c->product[i] == c->product[k]) &&
           (!seen->by_cause || c->cause[i] == c->cause[k]);
}

/* Of a few cases each is compared with those before it. */
static void set_few(const job *j, const last_seen *seen, const cells *c, uint32_t first, uint32_t n)
{
    for (uint32_t i = first; i < first + n; i++) {
        uint32_t before = i;
        if (!comparable_at(c, seen, i))
            continue;
        while (before > first && !same_at(c, seen, i, before - 1))
            before--;
        if (before > first)
            set_case(j, c->rows[i], c->opened[i], c->rows[before - 1], c->opened[before - 1]);
        else
            set_case(j, c->rows[i], c->opened[i], CB_NO_ROW, 0);
    }
}

/* Customers from … to - 1. The cells of one with few cases are all at hand. */
static void set_customers(const job *j, uint32_t from, uint32_t to, last_seen *seen)
{
    const uint32_t *offset = j->book->cases_of.offset;
    cells c;
    fetch(j, seen, &c, offset[from], offset[to]);
    for (uint32_t customer = from; customer < to; customer++) {
        uint32_t at = offset[customer], end = offset[customer + 1];
        bool few = end - at <= FEW_CASES;
        if (few && end > c.from + c.n)
            fetch(j, seen, &c, at, offset[to]);
        if (few)
            set_few(j, seen, &c, at - c.from, end - at);
        for (; !few && at < end; at++) {
            if (at - c.from == c.n)
                fetch(j, seen, &c, at, offset[to]);
            add_to_many(j, seen, &c, customer, at - c.from);
        }
    }
}

static uint64_t at_most(uint64_t n, uint64_t limit)
{
    return n < limit ? n : limit;
}

/* No customer has more problems than cases, nor more than there are. */
static uint64_t slots_needed(const job *j, const last_seen *seen, uint32_t from, uint32_t to)
{
    const uint32_t *offset = j->book->cases_of.offset;
    uint64_t most = 0, problems = cb_dim_groups(j->book, CB_DIM_KIND);
    for (uint32_t c = from; c < to; c++)
        most = offset[c + 1] - offset[c] > most ? offset[c + 1] - offset[c] : most;
    if (seen->by_product)
        problems = at_most(problems * cb_dim_groups(j->book, CB_DIM_PRODUCT), CB_MAX_ROWS);
    if (seen->by_cause)
        problems = at_most(problems * cb_dim_groups(j->book, CB_DIM_CAUSE), CB_MAX_ROWS);
    uint64_t slots = 4;
    while (slots < 2 * at_most(most, problems))
        slots *= 2;
    return slots;
}

static cb_status seen_new(last_seen *seen, uint64_t slots, cb_arena *arena, cb_error *err)
{
    seen->slot = cb_arena_array(arena, slots, sizeof *seen->slot);
    seen->mask = slots - 1;
    return seen->slot ? CB_OK : cb_nomem(err, "the table of repeated cases");
}

static cb_status customers_in(const job *j, uint32_t from, uint32_t to, cb_arena *arena,
                              cb_error *err)
{
    last_seen seen = {.by_product = j->settings->repeat_same_product,
                      .by_cause = j->settings->repeat_same_cause};
    from = from > 0 ? from : 1;
    cb_status rc = seen_new(&seen, slots_needed(j, &seen, from, to), arena, err);
    if (rc == CB_OK && from < to)
        set_customers(j, from, to, &seen);
    return rc;
}

static cb_status customers_task(void *ctx, size_t task, cb_error *err)
{
    const job *j = ctx;
    cb_arena *arena = cb_arena_new(j->settings->alloc, 0);
    if (!arena)
        return cb_nomem(err, "the table of repeated cases");
    cb_status rc = customers_in(j, task_from(j, task), task_from(j, task + 1), arena, err);
    cb_arena_free(arena);
    return rc;
}

/* ---- all ---- */

static cb_derived *new_columns(cb_arena *arena, size_t n)
{
    cb_derived *d = cb_arena_get(arena, sizeof *d);
    if (!d)
        return NULL;
    uint8_t **bytes[] = {&d->state, &d->outcome, &d->repeat, &d->came_back, &d->eligible};
    uint32_t **words[] = {&d->previous, &d->answers, &d->business};
    for (size_t i = 0; i < sizeof bytes / sizeof *bytes; i++)
        if (!(*bytes[i] = cb_arena_array(arena, n, sizeof **bytes[i])))
            return NULL;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!(*words[i] = cb_arena_array(arena, n, sizeof **words[i])))
            return NULL;
    memset(d->repeat, 2, n);
    memset(d->came_back, 2, n);
    memset(d->previous, 0xFF, n * sizeof *d->previous); /* CB_NO_ROW */
    return d;
}

static const uint8_t *new_none_words(const cb_book *book, cb_arena *arena)
{
    const cb_intern *pool = book->pool[CB_POOL_REMEDY];
    uint32_t n = cb_intern_count(pool);
    uint8_t *none = cb_arena_array(arena, n, sizeof *none);
    for (uint32_t w = 1; none && w < n; w++)
        none[w] = cb_name_eq(cb_intern_text(pool, w), CB_LIT("none"));
    return none;
}

static const cb_target **new_targets(const cb_book *book, const cb_settings *settings,
                                     cb_arena *arena)
{
    uint32_t n = cb_dim_groups(book, CB_DIM_PRIORITY);
    const cb_target **target = cb_arena_array(arena, n, sizeof *target);
    for (uint32_t w = 0; target && w < n; w++)
        target[w] = cb_target_for(settings, cb_dim_text(book, CB_DIM_PRIORITY, w));
    return target;
}

static cb_status run_over(job *j, uint32_t items, cb_status (*run)(void *, size_t, cb_error *),
                          const cb_workers *workers, cb_error *err)
{
    uint32_t useful = items / MIN_ITEMS_OF_TASK + 1;
    j->items = items;
    j->tasks = useful < workers->threads ? useful : workers->threads;
    return cb_workers_each(workers, j->tasks, run, j, err);
}

static int64_t assumed_s(const cb_settings *settings, cb_assumption_ix ix, int64_t unit_s)
{
    return (int64_t)(settings->assumption[ix].base * (double)unit_s);
}

cb_status cb_derived_new(cb_derived **out, const cb_book *book, const cb_settings *settings,
                         const cb_calendar *calendar, const cb_workers *workers, cb_arena *arena,
                         cb_error *err)
{
    const cb_table *cases = &book->table[CB_CASES];
    job j = {
        .book = book,
        .cases = cases,
        .settings = settings,
        .calendar = calendar,
        .out = new_columns(arena, cases->n),
        .quick_s = assumed_s(settings, CB_A_QUICK_HOURS, CB_HOUR_S),
        .repeat_s = assumed_s(settings, CB_A_REPEAT_DAYS, CB_DAY_S),
    };
    if (j.out) {
        j.out->book = book;
        j.out->calendar = calendar;
        j.out->losses_unread =
            has_unread(cases, CB_CASE_LOSS) || has_unread(cases, CB_CASE_CONSEQUENTIAL);
        j.out->target = new_targets(book, settings, arena);
        j.out->says_none = new_none_words(book, arena);
    }
    if (!j.out || !j.out->says_none || !j.out->target)
        return cb_nomem(err, "the derived columns");
    cb_status rc = run_over(&j, book->cases_of.groups, customers_task, workers, err);
    if (rc == CB_OK)
        rc = run_over(&j, cases->n, rows_task, workers, err);
    if (rc == CB_OK)
        *out = j.out;
    return rc;
}
