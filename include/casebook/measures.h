/* measures.h - what every measure is given, and the table that lists them.
 *
 * A measure is a file in src/measures and a line in the table. It is a fold that merges:
 *     begin -> add(range of case rows), on any thread, one state each -> merge in fixed order -> finish
 * add and merge keep integers, or lists whose order does not matter (they are sorted in finish); floating point only in
 * finish, in a fixed order: so the result is the same to the last bit on any number of threads.
 * A measure reads the book and the derived columns, never a file, a clock or an environment; it writes its own part
 * of cb_results from the scope's arena.
 *
 * One scope is one report's view: a period with its two comparison periods. cb_measures_run fills cb_results for one window. */
#ifndef CASEBOOK_MEASURES_H
#define CASEBOOK_MEASURES_H

#include "casebook/book.h"
#include "casebook/calendar.h"
#include "casebook/settings.h"
#include "casebook/stats.h"
#include "casebook/workers.h"

/* The dimensions by which figures are given. */
typedef enum cb_dim { CB_DIM_KIND, CB_DIM_CAUSE, CB_DIM_PRODUCT, CB_DIM_TEAM, CB_DIM_PRIORITY, CB_DIM_CHANNEL, CB_DIMS } cb_dim;
extern const char *const cb_dim_names[CB_DIMS];   /* JSON keys: "kind", "root_cause", "product", "team", "priority", "channel" */
extern const char *const cb_dim_titles[CB_DIMS];  /* "Kind", "Root cause", … */
extern const cb_case_field cb_dim_fields[CB_DIMS];

static inline uint32_t cb_dim_word(const cb_book *book, cb_dim dim, uint32_t row)
{
    return cb_word(&book->table[CB_CASES], cb_dim_fields[dim], row);
}
// cb_dim_groups returns the number of ids of the dimension's pool (id 0 is unknown); 1 where the column is absent.
uint32_t cb_dim_groups(const cb_book *book, cb_dim dim);
cb_str cb_dim_text(const cb_book *book, cb_dim dim, uint32_t word); /* "" for unknown */
bool cb_dim_present(const cb_book *book, cb_dim dim);               /* some input has the column */

// cb_dim_ranked writes the words with count[word] >= 1, by count descending, then by text (cb_str_cmp): the order in which
// every table of groups is given. count has cb_dim_groups items. The arena owns *words.
CB_MUST_USE cb_status cb_dim_ranked(const cb_book *book, cb_dim dim, const uint32_t *count, cb_arena *arena,
                                    const uint32_t **words, uint32_t *n_words, cb_error *err);

/* Outcome of a case for its customer (C3, C5). */
typedef enum cb_outcome {
    CB_OUTCOME_QUICK_ADEQUATE, /* resolved within quick_hours, and the remedy covers the loss (or no loss is known) */
    CB_OUTCOME_ADEQUATE,       /* resolved or closed, not quickly, and not known to be inadequate (no loss known, or a remedy
                                  of unknown worth: nothing speaks against it) */
    CB_OUTCOME_INADEQUATE,     /* resolved or closed, remedy known and short of the loss */
    CB_OUTCOME_UNRESOLVED,     /* still open at as_of, or withdrawn */
    CB_OUTCOMES
} cb_outcome;
extern const char *const cb_outcome_names[CB_OUTCOMES];

/* Columns that several measures need, computed once a run (in parallel) for all case rows. */
typedef struct cb_derived {
    uint8_t *state;         /* cb_case_state */
    uint8_t *outcome;       /* cb_outcome */
    uint8_t *repeat;        /* Q1: 0 no, 1 yes, 2 not eligible (unknown customer or kind, or less than W days of look-back) */
    uint32_t *previous;     /* the customer's case before this one of the same problem (kind, and as Q1's options ask product and
                               cause), however long ago, or CB_NO_ROW: chains of cases; the column follows repeat's definition */
    uint8_t *came_back;     /* 1: the customer opened another case of the same problem in the W days after this one; 0: not; 2: W days
                               have not passed (known early only where it did come back: counting that would be a bias), or unknown
                               customer, kind or what else must be the same */
    uint8_t *eligible;      /* A1: resolved or closed, loss known and > 0, remedy known */
    uint32_t *answers;      /* by place in the book's opened_order: what the practice measure asks of a case, packed
                               (src/measures/practice_parts.h) */
    const cb_target **target; /* by word of CB_DIM_PRIORITY: cb_target_for, which compares texts; NULL: none */

    /* what the functions below read */
    uint32_t *business;     /* seconds of business time, CB_BUSINESS_… */
    const cb_book *book;
    const cb_calendar *calendar;
    const uint8_t *says_none; /* by word of the remedy type: it means "none" */
    bool losses_unread;       /* of some case a part of the loss could not be read */
} cb_derived;

/* What a look at the book tells is not kept in a column of its own. */

// cb_elapsed_s (R1): to resolved_at, or to as_of when open; -1 closed at an unknown time (or before it was opened).
static inline int64_t cb_elapsed_s(const cb_derived *derived, uint32_t row)
{
    const cb_table *cases = &derived->book->table[CB_CASES];
    int64_t end = CB_NO_TIME;
    if (derived->state[row] == CB_STATE_RESOLVED)
        end = cb_time(cases, CB_CASE_RESOLVED, row);
    else if (derived->state[row] == CB_STATE_OPEN)
        end = derived->book->as_of_utc_s;
    int64_t opened = cb_time(cases, CB_CASE_OPENED, row);
    return end != CB_NO_TIME && end >= opened ? end - opened : -1;
}

#define CB_BUSINESS_UNKNOWN UINT32_MAX
#define CB_BUSINESS_LONG (UINT32_MAX - 1) /* 136 years or more: asked of the calendar again */

// cb_business_s is cb_elapsed_s in business time (T4).
static inline int64_t cb_business_s(const cb_derived *derived, uint32_t row)
{
    uint32_t seconds = derived->business[row];
    if (seconds < CB_BUSINESS_LONG)
        return seconds;
    if (seconds == CB_BUSINESS_UNKNOWN)
        return -1;
    int64_t opened = cb_time(&derived->book->table[CB_CASES], CB_CASE_OPENED, row);
    return cb_calendar_between(derived->calendar, opened, opened + cb_elapsed_s(derived, row));
}

// cb_response_s: to first response, or to as_of when there was none and the case is open; -1 unknown (also where no
// input has the column).
static inline int64_t cb_response_s(const cb_derived *derived, uint32_t row)
{
    const cb_table *cases = &derived->book->table[CB_CASES];
    int64_t end = cb_time(cases, CB_CASE_FIRST_RESPONSE, row);
    if (end == CB_NO_TIME && derived->state[row] == CB_STATE_OPEN && cases->column[CB_CASE_FIRST_RESPONSE])
        end = derived->book->as_of_utc_s;
    int64_t opened = cb_time(cases, CB_CASE_OPENED, row);
    return end != CB_NO_TIME && end >= opened ? end - opened : -1;
}

// cb_responded: cb_response_s is an event, else censored (where it is known).
static inline bool cb_responded(const cb_derived *derived, uint32_t row)
{
    return cb_time(&derived->book->table[CB_CASES], CB_CASE_FIRST_RESPONSE, row) != CB_NO_TIME;
}

// cb_loss_of_parts: direct + consequential loss, where a blank part counts 0 if the other is known; CB_NO_AMOUNT.
static inline int64_t cb_loss_of_parts(int64_t direct, int64_t more)
{
    if (direct == CB_NO_AMOUNT || more == CB_NO_AMOUNT)
        return direct == CB_NO_AMOUNT ? more : direct;
    return direct + more; /* at most 2 * CB_MAX_AMOUNT: fits */
}

// cb_loss_unread says whether a part of a case's loss could not be read: it is unknown then, and so is the loss.
static inline bool cb_loss_unread(const cb_derived *derived, uint32_t row)
{
    const cb_table *cases = &derived->book->table[CB_CASES];
    return derived->losses_unread && (cb_amount_unread(cases, CB_CASE_LOSS, row) ||
                                      cb_amount_unread(cases, CB_CASE_CONSEQUENTIAL, row));
}

// cb_loss_minor is cb_loss_of_parts of a case; CB_NO_AMOUNT where cb_loss_unread.
static inline int64_t cb_loss_minor(const cb_derived *derived, uint32_t row)
{
    const cb_table *cases = &derived->book->table[CB_CASES];
    if (cb_loss_unread(derived, row))
        return CB_NO_AMOUNT;
    return cb_loss_of_parts(cb_amount(cases, CB_CASE_LOSS, row), cb_amount(cases, CB_CASE_CONSEQUENTIAL, row));
}

// cb_remedy_of_type (A1): what a remedy without an amount is worth: 0 where its type is blank or "none"; CB_NO_AMOUNT (also
// where no input has remedy_amount, unless the type says "none": a missing column is no missing remedy).
static inline int64_t cb_remedy_of_type(const cb_derived *derived, uint32_t type)
{
    if (type == CB_UNKNOWN_ID)
        return derived->book->table[CB_CASES].column[CB_CASE_REMEDY] ? 0 : CB_NO_AMOUNT;
    return derived->says_none[type] ? 0 : CB_NO_AMOUNT;
}

// cb_remedy_without_amount: cb_remedy_of_type where the amount is blank; CB_NO_AMOUNT where it could not be read.
static inline int64_t cb_remedy_without_amount(const cb_derived *derived, uint32_t row, uint32_t type)
{
    bool unread = cb_amount_unread(&derived->book->table[CB_CASES], CB_CASE_REMEDY, row);
    return unread ? CB_NO_AMOUNT : cb_remedy_of_type(derived, type);
}

// cb_remedy_minor: the amount, else cb_remedy_without_amount.
static inline int64_t cb_remedy_minor(const cb_derived *derived, uint32_t row)
{
    const cb_table *cases = &derived->book->table[CB_CASES];
    int64_t remedy = cb_amount(cases, CB_CASE_REMEDY, row);
    if (remedy != CB_NO_AMOUNT)
        return remedy;
    return cb_remedy_without_amount(derived, row, cb_word(cases, CB_CASE_REMEDY_TYPE, row));
}

typedef struct cb_window {
    cb_period period;
    cb_slice cases;         /* opened in the period, by opening time */
} cb_window;

typedef enum cb_window_ix { CB_NOW, CB_BEFORE, CB_YEAR_BEFORE, CB_WINDOWS } cb_window_ix;

/* Figures that one report alone shows. Another one leaves them out; its results then have nothing there: no rows, zeros. */
typedef enum cb_part {
    CB_PART_COURSES = 1,  /* recurrence: chains, breakdowns, mean cumulative function (Q2), pairs (Q6) */
    CB_PART_RECOVERY = 2, /* practice: all but the steps and their effects */
    CB_PART_FUNNELS = 4   /* fairness: the funnels; which teams are hidden is always there */
} cb_part;

typedef struct cb_scope {
    const cb_book *book;
    const cb_settings *settings;
    const cb_calendar *calendar;
    const cb_derived *derived;
    cb_window window[CB_WINDOWS];   /* the comparison windows may be empty (before the data): then window.cases.n == 0 */
    bool covered[CB_WINDOWS];       /* the input reaches back to the window's start, and the window is measured */
    bool skipped[CB_WINDOWS];       /* cb_scope_skip: a comparison window that nobody looks at; its results stay zeroed */
    unsigned left_out;              /* cb_part bits, set between init and cb_measures_run */
    cb_workers workers;
    cb_arena *arena;                /* results live here; one scope is used by one thread at a time */
    cb_arena *scratch;              /* set by cb_measures_run for a measure's functions: theirs alone, see cb_measure */
} cb_scope;

// cb_derived_new computes the derived columns of a finished book. Owned by the caller's arena.
CB_MUST_USE cb_status cb_derived_new(cb_derived **out, const cb_book *book, const cb_settings *settings,
                                     const cb_calendar *calendar, const cb_workers *workers, cb_arena *arena, cb_error *err);

// cb_scope_init fills a scope for a period (comparison windows by methods.md T3, cut when the period is still running). The
// zone is settings->zone. The arena must live as long as the scope's results.
void cb_scope_init(cb_scope *scope, const cb_book *book, const cb_settings *settings, const cb_calendar *calendar,
                   const cb_derived *derived, const cb_period *period, const cb_workers *workers, cb_arena *arena);

// cb_scope_skip leaves a comparison window unmeasured (CB_BEFORE or CB_YEAR_BEFORE), between init and cb_measures_run.
void cb_scope_skip(cb_scope *scope, cb_window_ix ix);

/* What a measure's add() is called over. */
typedef enum cb_over {
    CB_OVER_OPENED,    /* the rows of scope->window[ix].cases */
    CB_OVER_CASES,     /* all case rows, in the order of opening */
    CB_OVER_CUSTOMERS, /* customer ids 1 … (see cb_book.cases_of), whether in the list or not */
    CB_OVER_REVIEWS    /* all review rows */
} cb_over;

/* A range of items: item i (0 <= i < n) is rows[i], or first + i where rows is NULL. */
typedef struct cb_span {
    const uint32_t *rows;
    uint32_t first, n;
} cb_span;
static inline uint32_t cb_span_item(const cb_span *span, uint32_t i) { return span->rows ? span->rows[i] : span->first + i; }

struct cb_results;

typedef struct cb_measure {
    const char *name;    /* "resolution" */
    const char *methods; /* "R1-R9": ids of methods.md, shown in the Method sheet */
    cb_over over;
    bool only_now;       /* not computed for the comparison windows: their part of out stays zeroed */
    unsigned stage;      /* finishes of one stage run side by side, stages one after the other (0 first, at most
                            CB_MAX_STAGE): a finish may read what lower stages wrote for the same window */
    size_t state_bytes;  /* state is zeroed memory of this size */
    /* begin, add, merge may be NULL for a measure that is all finish (it still gets a zeroed state). add is called with
     * disjoint spans, in ascending order within a state; merge(into, from) in ascending order of what the states saw. In begin and
     * add scope->arena is NULL and scope->scratch is the state's own: what is taken from it lives until the window's finish (of the
     * state that all were merged into) has returned; the state may keep the pointer for merge. */
    cb_status (*begin)(void *state, const cb_scope *scope, cb_window_ix ix, cb_error *err);
    cb_status (*add)(void *state, const cb_scope *scope, cb_window_ix ix, const cb_span *span, cb_error *err);
    cb_status (*merge)(void *into, void *from, cb_error *err);
    /* finish writes its part of out; scope->arena is the measure's own while it runs, and lives as long as out; scope->scratch
     * is freed when finish returns: what out points to must not lie there */
    cb_status (*finish)(void *state, const cb_scope *scope, cb_window_ix ix, struct cb_results *out, cb_error *err);
    /* compare runs after all finishes, side by side with the compares of others: it may read all that finishes wrote for the three
     * windows and writes only its own part (which no other compare reads); arenas as in finish. NULL: nothing to compare */
    cb_status (*compare)(const cb_scope *scope, struct cb_results *out, cb_error *err);
    void (*end)(void *state); /* frees what begin and add took outside arenas; may be NULL; also called after a failure */
} cb_measure;
enum { CB_MAX_STAGE = 3 };
extern const cb_measure *const cb_measures[]; /* NULL-terminated */

// cb_measures_run computes all measures of a scope for all windows: out[CB_NOW], out[CB_BEFORE], out[CB_YEAR_BEFORE]
// (CB_WINDOWS of them, zeroed first). Then the comparisons (measures' `compare`) may look at all three.
// Every task has an arena of its own, a child of scope->arena (cb_arena_child): the results live as long as that. On failure out
// is undefined and the sentence is that of the lowest-numbered task, whatever the number of threads.
CB_MUST_USE cb_status cb_measures_run(const cb_scope *scope, struct cb_results *out, cb_error *err);

// cb_measures_run_these is the same for another NULL-terminated table: tests of one measure, or of the engine itself.
CB_MUST_USE cb_status cb_measures_run_these(const cb_measure *const *measures, const cb_scope *scope, struct cb_results *out,
                                            cb_error *err);

/* The measuring of a scope as a lane (workers.h), to be run beside those of other scopes: cb_measuring_new, the lane, once it has
 * ended cb_measuring_free. The lane is the measuring's and must not be run twice; results as of cb_measures_run. */
typedef struct cb_measuring cb_measuring;
CB_MUST_USE cb_status cb_measuring_new(cb_measuring **out, const cb_measure *const *measures, const cb_scope *scope,
                                       struct cb_results *results, cb_error *err);
enum { CB_MEASURING_STEPS = CB_MAX_STAGE + 3 };
cb_lane cb_measuring_lane(const cb_measuring *measuring); /* CB_MEASURING_STEPS of them */
void cb_measuring_free(cb_measuring *measuring); /* NULL: nothing */

#endif
