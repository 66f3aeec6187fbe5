#include "actions.h"

#include <stdlib.h>
#include <string.h>

const char *const cb_action_titles[CB_ACTION_REASONS] = {
    "Liability not escalated",  "Promise overdue", "Past target",
    "Remedy short of the loss", "Follow-up due",   "Repeat customer, open again"};

enum { MOST_ACTIONS = 20000 };

/* What the reasons need, fetched once. */
typedef struct look {
    cb_compose *c;
    const cb_table *cases;
    const cb_derived *derived;
    int64_t as_of, follow_up_s;
} look;

static void reason(cb_action *action, cb_action_reason why, int64_t since_utc_s)
{
    action->reasons |= 1u << why;
    if (since_utc_s < action->since_utc_s)
        action->since_utc_s = since_utc_s;
}

static void look_liability(const look *l, cb_action *action, bool open, int64_t resolved)
{
    uint32_t row = action->row;
    if (cb_flag(l->cases, CB_CASE_LIABILITY, row) != 1)
        return;
    bool recent =
        open || (resolved != CB_NO_TIME && l->as_of - resolved <= 365 * (int64_t)CB_DAY_S);
    bool escalated = cb_flag(l->cases, CB_CASE_ESCALATED, row) == 1 ||
                     cb_time(l->cases, CB_CASE_ESCALATED_AT, row) != CB_NO_TIME;
    if (recent && !escalated)
        reason(action, CB_ACTION_LIABILITY, cb_time(l->cases, CB_CASE_OPENED, row));
}

static void look_open(const look *l, cb_action *action)
{
    uint32_t row = action->row;
    int64_t opened = cb_time(l->cases, CB_CASE_OPENED, row),
            promised = cb_time(l->cases, CB_CASE_PROMISED, row);
    if (promised != CB_NO_TIME && promised < l->as_of)
        reason(action, CB_ACTION_PROMISE, promised);
    const cb_target *target = l->derived->target[cb_dim_word(l->c->book, CB_DIM_PRIORITY, row)];
    if (target && (target->business ? cb_business_s(l->derived, row)
                                    : cb_elapsed_s(l->derived, row)) > target->seconds)
        reason(action, CB_ACTION_TARGET, target->business ? opened : opened + target->seconds);
    if (l->derived->repeat[row] == 1)
        reason(action, CB_ACTION_REPEAT, opened);
}

/* A follow-up, or what is left of the loss, is asked for while the case is fresh. */
static bool is_fresh(const look *l, int64_t resolved)
{
    return resolved != CB_NO_TIME && l->as_of - resolved <= CB_FOLLOW_UPS_RECENT * l->follow_up_s;
}

static void look_solved(const look *l, cb_action *action, int64_t resolved)
{
    uint32_t row = action->row;
    if (!is_fresh(l, resolved))
        return;
    int64_t age = l->as_of - resolved;
    if (l->derived->eligible[row] == 1 &&
        cb_remedy_minor(l->derived, row) < cb_loss_minor(l->derived, row))
        reason(action, CB_ACTION_SHORTFALL, resolved);
    if (l->cases->column[CB_CASE_FOLLOW_UP] &&
        cb_time(l->cases, CB_CASE_FOLLOW_UP, row) == CB_NO_TIME && age >= l->follow_up_s)
        reason(action, CB_ACTION_FOLLOW_UP, resolved + l->follow_up_s);
}

/* The customer's yearly value, and what of the loss is not made good. */
static void set_stake(const look *l, cb_action *action)
{
    const cb_book *book = l->c->book;
    uint32_t customer = cb_word(l->cases, CB_CASE_CUSTOMER, action->row);
    uint32_t listed =
        book->customer_row && customer != CB_UNKNOWN_ID ? book->customer_row[customer] : CB_NO_ROW;
    int64_t value = listed == CB_NO_ROW
                        ? CB_NO_AMOUNT
                        : cb_amount(&book->table[CB_CUSTOMERS], CB_CUSTOMER_VALUE, listed);
    int64_t loss = cb_loss_minor(l->derived, action->row);
    int64_t remedy = cb_remedy_minor(l->derived, action->row);
    action->stake_known = value != CB_NO_AMOUNT || loss != CB_NO_AMOUNT;
    action->stake_minor = value == CB_NO_AMOUNT ? 0 : value;
    if (loss != CB_NO_AMOUNT && loss > 0)
        action->stake_minor += remedy == CB_NO_AMOUNT ? loss : remedy < loss ? loss - remedy : 0;
}

static cb_action look_at(const look *l, uint32_t row)
{
    cb_action action = {.row = row, .since_utc_s = INT64_MAX};
    cb_case_state state = (cb_case_state)l->derived->state[row];
    int64_t resolved = cb_time(l->cases, CB_CASE_RESOLVED, row);
    if (state == CB_STATE_WITHDRAWN)
        return action;
    look_liability(l, &action, state == CB_STATE_OPEN, resolved);
    if (state == CB_STATE_OPEN)
        look_open(l, &action);
    else
        look_solved(l, &action, resolved);
    if (action.reasons)
        set_stake(l, &action);
    return action;
}

static int by_stake(const void *a, const void *b)
{
    const cb_action *x = a, *y = b;
    if (x->stake_minor != y->stake_minor)
        return x->stake_minor > y->stake_minor ? -1 : 1;
    if (x->since_utc_s != y->since_utc_s)
        return x->since_utc_s < y->since_utc_s ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

/* Most cases of a large book are told off by this. */
static bool may_have_reason(const look *l, uint32_t row)
{
    return l->derived->state[row] == CB_STATE_OPEN ||
           cb_flag(l->cases, CB_CASE_LIABILITY, row) == 1 ||
           is_fresh(l, cb_time(l->cases, CB_CASE_RESOLVED, row));
}

enum { ROWS_OF_SEARCH = 1 << 12 };

/* Cases with a reason, which few of a large book have; those of each range of rows for themselves. */
typedef struct found {
    void *action; /* cb_action */
    size_t n, cap;
} found;

typedef struct search {
    const look *look;
    found *range;
} search;

static cb_status search_range(void *ctx, size_t task, cb_error *err)
{
    const search *s = ctx;
    found *f = &s->range[task];
    cb_range rows = cb_range_of(s->look->cases->n, ROWS_OF_SEARCH, task);
    for (uint32_t row = (uint32_t)rows.from; row < rows.to; row++) {
        cb_action action = {0};
        if (may_have_reason(s->look, row))
            action = look_at(s->look, row);
        if (!action.reasons)
            continue;
        if (cb_grow(NULL, &f->action, &f->cap, f->n + 1, sizeof action, UINT32_MAX) != CB_OK)
            return cb_nomem(err, "the list of actions");
        ((cb_action *)f->action)[f->n++] = action;
    }
    return CB_OK;
}

static void count_reasons(cb_action_list *list)
{
    for (uint32_t i = 0; i < list->n; i++)
        for (int why = 0; why < CB_ACTION_REASONS; why++)
            list->by_reason[why] += (list->action[i].reasons >> why) & 1;
}

static cb_status list_all(cb_arena *arena, const found *range, size_t ranges, cb_action_list *out)
{
    size_t n = 0;
    for (size_t i = 0; i < ranges; i++)
        n += range[i].n;
    out->action = cb_arena_array(arena, n, sizeof *out->action);
    if (!out->action)
        return CB_ENOMEM;
    for (size_t i = 0; i < ranges; i++) {
        if (range[i].n > 0)
            memcpy(out->action + out->n, range[i].action, range[i].n * sizeof *out->action);
        out->n += (uint32_t)range[i].n;
    }
    count_reasons(out);
    if (out->n > 1)
        qsort(out->action, out->n, sizeof *out->action, by_stake);
    return CB_OK;
}

static cb_status find_all(const look *l, cb_action_list *out)
{
    cb_compose *c = l->c;
    size_t ranges = cb_ranges(l->cases->n, ROWS_OF_SEARCH);
    search s = {l, cb_arena_array(c->arena, ranges, sizeof(found))};
    if (!s.range)
        return cb_nomem(c->err, "the list of actions");
    cb_status rc = cb_workers_each(&c->scope->workers, ranges, search_range, &s, c->err);
    if (rc == CB_OK && list_all(c->arena, s.range, ranges, out) != CB_OK)
        rc = cb_nomem(c->err, "the list of actions");
    for (size_t i = 0; i < ranges; i++)
        cb_drop(NULL, &s.range[i].action, &s.range[i].cap, sizeof(cb_action));
    return rc;
}

cb_status cb_actions_find(cb_compose *c, cb_action_list *out)
{
    look l = {.c = c,
              .cases = &c->book->table[CB_CASES],
              .derived = c->scope->derived,
              .as_of = c->book->as_of_utc_s,
              .follow_up_s =
                  (int64_t)(c->settings->assumption[CB_A_FOLLOW_UP_DAYS].base * CB_DAY_S)};
    *out = (cb_action_list){0};
    return find_all(&l, out);
}

/* The reasons of an action in words, by its bits. */
typedef struct shown_actions {
    const cb_report *report;
    const cb_action *action;
    cb_str words[1 << CB_ACTION_REASONS];
} shown_actions;

static cb_str reason_words(cb_compose *c, unsigned reasons)
{
    cb_str text = CB_LIT("");
    for (int why = 0; why < CB_ACTION_REASONS && text.at; why++)
        if ((reasons >> why) & 1)
            text = cb_arena_text(c->arena, CB_STR_FMT "%s%s", CB_STR_ARG(text),
                                 text.len ? "; " : "", cb_action_titles[why]);
    return text;
}

static shown_actions *show(cb_compose *c, const cb_action_list *actions)
{
    shown_actions *shown = cb_arena_get(c->arena, sizeof *shown);
    if (!shown)
        return NULL;
    *shown = (shown_actions){.report = c->report, .action = actions->action};
    for (unsigned bits = 0; bits < 1U << CB_ACTION_REASONS; bits++) {
        shown->words[bits] = reason_words(c, bits);
        if (!shown->words[bits].at)
            return NULL;
    }
    return shown;
}

static void put_action(const void *ctx, uint32_t n, cb_grid *grid)
{
    static const struct {
        unsigned column;
        cb_dim dim;
    } dims[] = {{6, CB_DIM_KIND}, {7, CB_DIM_PRIORITY}, {8, CB_DIM_TEAM}, {9, CB_DIM_PRODUCT}};
    const shown_actions *shown = ctx;
    const cb_report *report = shown->report;
    const cb_book *book = report->scope->book;
    const cb_table *cases = &book->table[CB_CASES];
    const cb_action *a = &shown->action[n];
    cb_put_id(report, grid, 0, CB_POOL_CASE, cb_word(cases, CB_CASE_ID, a->row));
    cb_put_id(report, grid, 1, CB_POOL_CUSTOMER, cb_word(cases, CB_CASE_CUSTOMER, a->row));
    cb_put_lasting(grid, 2, shown->words[a->reasons]);
    cb_put_time(grid, 3, a->since_utc_s);
    if (a->stake_known)
        cb_put_money(grid, 4, a->stake_minor);
    else
        cb_put_none(grid, 4, "neither the customer's yearly value nor a loss is known");
    cb_put_time(grid, 5, cb_time(cases, CB_CASE_OPENED, a->row));
    for (unsigned i = 0; i < sizeof dims / sizeof dims[0]; i++)
        cb_put_word(grid, dims[i].column,
                    cb_dim_text(book, dims[i].dim, cb_dim_word(book, dims[i].dim, a->row)));
}

void cb_sheet_actions(cb_compose *c, const cb_action_list *actions)
{
    static const cb_grid_column columns[] = {
        {"Case", CB_CELL_TEXT, 0, 16, NULL},
        {"Customer", CB_CELL_TEXT, 0, 14, NULL},
        {"Why", CB_CELL_TEXT, 0, 58, NULL},
        {"Since", CB_CELL_TIME, 0, 17, "The earliest of the reasons"},
        {"Value at stake", CB_CELL_MONEY, 2, 15,
         "C6, A3: the customer's yearly value where known, plus the loss not made good"},
        {"Opened", CB_CELL_TIME, 0, 17, NULL},
        {"Kind", CB_CELL_TEXT, 0, 24, NULL},
        {"Priority", CB_CELL_TEXT, 0, 12, NULL},
        {"Team", CB_CELL_TEXT, 0, 16, NULL},
        {"Product", CB_CELL_TEXT, 0, 24, NULL}};
    cb_sheet *sheet =
        cb_workbook_sheet(c->workbook, "Actions", "Actions: one row per case that needs someone",
                          "Sorted by value at stake. Filter by reason, team or priority.");
    if (actions->n == 0) {
        cb_sheet_finding(sheet, "No case needs anyone today.");
        return;
    }
    cb_grid *grid = cb_grid_of(c, sheet, "actions", "Actions", columns, 10);
    if (grid)
        grid->filter = true;
    if (actions->n > MOST_ACTIONS)
        cb_grid_caption(grid, "The first %s of %s by value at stake.",
                        cb_say_count(c, MOST_ACTIONS), cb_say_count(c, actions->n));
    const shown_actions *shown = show(c, actions);
    if (shown)
        cb_grid_source(grid, actions->n < MOST_ACTIONS ? actions->n : MOST_ACTIONS, put_action,
                       shown);
    else
        c->workbook->status = CB_ENOMEM;
}
