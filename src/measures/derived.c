#include "casebook/measures.h"
#include "measures/practice_parts.h"

/* Three passes, each in tasks over ranges of their own: over rows, for what a row alone tells; over
 * customers, whose rows in the order of opening tell what came back (Q1); over rows again, for what
 * is asked of both. Every cell is written by one task. */

enum { MIN_ITEMS_OF_TASK = 1 << 14 };

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

/* ---- a row alone ---- */

static int64_t end_of(const job *j, uint32_t row, cb_case_state state)
{
    switch (state) {
    case CB_STATE_OPEN:
        return j->book->as_of_utc_s;
    case CB_STATE_RESOLVED:
        return cb_time(j->cases, CB_CASE_RESOLVED, row);
    default:
        return CB_NO_TIME;
    }
}

static uint32_t business_of(const job *j, uint32_t row, cb_case_state state)
{
    int64_t opened = cb_time(j->cases, CB_CASE_OPENED, row);
    int64_t end = end_of(j, row, state);
    if (end == CB_NO_TIME || end < opened)
        return CB_BUSINESS_UNKNOWN;
    int64_t spent_s = cb_calendar_between(j->calendar, opened, end);
    return spent_s < CB_BUSINESS_LONG ? (uint32_t)spent_s : CB_BUSINESS_LONG;
}

static cb_outcome outcome_of(const job *j, uint32_t row, cb_case_state state)
{
    const cb_derived *d = j->out;
    if (state == CB_STATE_OPEN || state == CB_STATE_WITHDRAWN)
        return CB_OUTCOME_UNRESOLVED;
    int64_t loss = cb_loss_minor(d, row);
    int64_t remedy = cb_remedy_minor(d, row);
    if (loss != CB_NO_AMOUNT && remedy != CB_NO_AMOUNT && loss > 0 && remedy < loss)
        return CB_OUTCOME_INADEQUATE;
    int64_t elapsed_s = cb_elapsed_s(d, row);
    bool quick = elapsed_s >= 0 && elapsed_s <= j->quick_s;
    return quick ? CB_OUTCOME_QUICK_ADEQUATE : CB_OUTCOME_ADEQUATE;
}

static void set_row(const job *j, uint32_t row)
{
    cb_derived *d = j->out;
    cb_case_state state = cb_case_state_of(j->cases, row);
    bool ended = state == CB_STATE_RESOLVED || state == CB_STATE_CLOSED_BLANK;
    d->state[row] = (uint8_t)state;
    d->business[row] = business_of(j, row, state);
    d->eligible[row] =
        ended && cb_loss_minor(d, row) > 0 && cb_remedy_minor(d, row) != CB_NO_AMOUNT;
    d->outcome[row] = (uint8_t)outcome_of(j, row, state);
    d->repeat[row] = d->came_back[row] = 2;
    d->previous[row] = CB_NO_ROW;
}

static uint32_t task_from(const job *j, size_t task)
{
    return (uint32_t)((uint64_t)j->items * task / j->tasks);
}

static cb_status rows_task(void *ctx, size_t task, cb_error *err)
{
    const job *j = ctx;
    (void)err;
    for (uint32_t row = task_from(j, task); row < task_from(j, task + 1); row++)
        set_row(j, row);
    return CB_OK;
}

/* ---- repeats: the customer's rows in the order of opening ---- */

/* A hash table of the last case of each kind (and product, cause) of one customer. It need not be
 * cleared between customers: a slot of another customer counts as empty. Customer 0 is the unknown
 * one, so zeroed slots are empty. */
typedef struct last_seen {
    struct slot {
        uint32_t customer, row;
    } * slot;
    uint64_t mask;
    bool by_product, by_cause;
} last_seen;

static uint64_t mix(uint64_t x)
{
    x *= UINT64_C(0x9E3779B97F4A7C15);
    return x ^ x >> 29;
}

static uint32_t product_of(const job *j, const last_seen *seen, uint32_t row)
{
    return seen->by_product ? cb_word(j->cases, CB_CASE_PRODUCT, row) : CB_NO_ID;
}

static uint32_t cause_of(const job *j, const last_seen *seen, uint32_t row)
{
    return seen->by_cause ? cb_word(j->cases, CB_CASE_CAUSE, row) : CB_NO_ID;
}

/* A word that must be the same is unknown: nobody can tell whether the problem came back. */
static bool comparable(const job *j, const last_seen *seen, uint32_t row)
{
    return cb_word(j->cases, CB_CASE_KIND, row) != CB_UNKNOWN_ID &&
           product_of(j, seen, row) != CB_UNKNOWN_ID && cause_of(j, seen, row) != CB_UNKNOWN_ID;
}

static bool same_problem(const job *j, const last_seen *seen, uint32_t a, uint32_t b)
{
    return cb_word(j->cases, CB_CASE_KIND, a) == cb_word(j->cases, CB_CASE_KIND, b) &&
           product_of(j, seen, a) == product_of(j, seen, b) &&
           cause_of(j, seen, a) == cause_of(j, seen, b);
}

/* Puts row in and returns the customer's last case of the same problem, or CB_NO_ROW. */
static uint32_t swap_last(const job *j, last_seen *seen, uint32_t customer, uint32_t row)
{
    uint64_t hash = mix(cb_word(j->cases, CB_CASE_KIND, row));
    hash = mix(hash ^ product_of(j, seen, row));
    hash = mix(hash ^ cause_of(j, seen, row));
    for (uint64_t at = hash & seen->mask;; at = (at + 1) & seen->mask) {
        struct slot *slot = &seen->slot[at];
        uint32_t before = slot->customer == customer ? slot->row : CB_NO_ROW;
        if (before != CB_NO_ROW && !same_problem(j, seen, before, row))
            continue;
        *slot = (struct slot){customer, row};
        return before;
    }
}

static void set_repeat(const job *j, uint32_t row, uint32_t before)
{
    int64_t opened = cb_time(j->cases, CB_CASE_OPENED, row);
    j->out->previous[row] = before;
    if (opened - j->book->first_utc_s < j->repeat_s)
        return;
    j->out->repeat[row] =
        before != CB_NO_ROW && opened - cb_time(j->cases, CB_CASE_OPENED, before) <= j->repeat_s;
}

static void set_came_back(const job *j, uint32_t row, uint32_t before)
{
    int64_t opened = cb_time(j->cases, CB_CASE_OPENED, row);
    j->out->came_back[row] = j->book->as_of_utc_s - opened >= j->repeat_s ? 0 : 2;
    if (before != CB_NO_ROW && j->out->came_back[before] == 0 &&
        opened - cb_time(j->cases, CB_CASE_OPENED, before) <= j->repeat_s)
        j->out->came_back[before] = 1;
}

static void set_customer(const job *j, uint32_t customer, last_seen *seen)
{
    const cb_rows_by *by = &j->book->cases_of;
    for (uint32_t i = by->offset[customer]; i < by->offset[customer + 1]; i++) {
        uint32_t row = by->rows[i];
        if (!comparable(j, seen, row))
            continue;
        uint32_t before = swap_last(j, seen, customer, row);
        set_came_back(j, row, before);
        set_repeat(j, row, before);
    }
}

static uint64_t slots_needed(const job *j, uint32_t from, uint32_t to)
{
    const uint32_t *offset = j->book->cases_of.offset;
    uint64_t most = 0;
    for (uint32_t c = from; c < to; c++)
        most = offset[c + 1] - offset[c] > most ? offset[c + 1] - offset[c] : most;
    uint64_t slots = 4;
    while (slots < 2 * most)
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
    cb_status rc = seen_new(&seen, slots_needed(j, from, to), arena, err);
    for (uint32_t c = from > 0 ? from : 1; rc == CB_OK && c < to; c++)
        set_customer(j, c, &seen);
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

static cb_status answers_task(void *ctx, size_t task, cb_error *err)
{
    const job *j = ctx;
    const cb_scope scope = {.book = j->book, .settings = j->settings, .derived = j->out};
    (void)err;
    cb_practice_answer(&scope, task_from(j, task), task_from(j, task + 1), j->out->answers);
    return CB_OK;
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
        j.out->target = new_targets(book, settings, arena);
        j.out->says_none = new_none_words(book, arena);
    }
    if (!j.out || !j.out->says_none || !j.out->target)
        return cb_nomem(err, "the derived columns");
    cb_status rc = run_over(&j, cases->n, rows_task, workers, err);
    if (rc == CB_OK)
        rc = run_over(&j, book->cases_of.groups, customers_task, workers, err);
    if (rc == CB_OK)
        rc = run_over(&j, cases->n, answers_task, workers, err);
    if (rc == CB_OK)
        *out = j.out;
    return rc;
}
