#include "casebook/flow.h"

#include "casebook/results.h"

const char *const cb_age_band_titles[CB_AGE_BANDS] = {
    [CB_AGE_1D] = "0-1 d",   [CB_AGE_3D] = "1-3 d",    [CB_AGE_7D] = "3-7 d",
    [CB_AGE_30D] = "7-30 d", [CB_AGE_90D] = "30-90 d", [CB_AGE_OLDER] = "> 90 d",
};

static const int64_t age_up_to_s[CB_AGE_BANDS] = {
    [CB_AGE_1D] = CB_DAY_S,       [CB_AGE_3D] = 3 * CB_DAY_S,   [CB_AGE_7D] = 7 * CB_DAY_S,
    [CB_AGE_30D] = 30 * CB_DAY_S, [CB_AGE_90D] = 90 * CB_DAY_S, [CB_AGE_OLDER] = INT64_MAX,
};

enum { BLOCK = 1024 }; /* cases looked at together */

/* Counts that merge by addition. */
enum {
    OPEN_AT_START,
    OPENED,
    RESOLVED,
    OPEN_AT_END,
    OPENED_BLANK,
    OPENED_WITHDRAWN,
    CASES_REOPENED,
    REOPENED,
    UNPLACED,
    OPEN_BEFORE_ROWS,
    COUNTS
};

typedef struct flow_state {
    uint64_t count[COUNTS];
    int64_t from, to, end; /* end: to, or just after as_of if that is earlier */
    int64_t earliest;      /* of the window and the rows before it */
    double rows_per_s;
    cb_flow_row *row; /* period, opened, resolved; the rest is finish's */
    uint32_t rows;
    cb_flow_row *opened_in; /* by the case before: cases come in the order of opening */
    uint32_t *aged;         /* priority words * CB_AGE_BANDS: open at the end */
    uint32_t groups;
    bool by_day;
} flow_state;

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* ---- rows ---- */

static int64_t local_day(const cb_zone *zone, int64_t utc_s)
{
    return cb_floor_day(cb_zone_to_local(zone, utc_s));
}

static int64_t rows_start(const flow_state *s, const cb_scope *scope, int64_t days)
{
    const cb_zone *zone = scope->settings->zone;
    int64_t start = s->from;
    if (days <= 1)
        start = cb_zone_to_utc(zone, (local_day(zone, s->from) - CB_FLOW_LEAD_DAYS) * CB_DAY_S);
    int64_t first = scope->book->first_utc_s;
    if (first == CB_NO_TIME || first < start)
        return start;
    return most(
        start,
        cb_period_around(s->by_day ? CB_PERIOD_DAY : CB_PERIOD_MONTH, first, zone).from_utc_s);
}

static cb_status plan_rows(flow_state *s, const cb_scope *scope, cb_error *err)
{
    const cb_zone *zone = scope->settings->zone;
    int64_t days = local_day(zone, s->to) - local_day(zone, s->from);
    s->by_day = days <= CB_FLOW_MAX_DAYS;
    int64_t at = rows_start(s, scope, days);
    /* A day has 23 hours or more, a month 27 days or more. */
    int64_t shortest = s->by_day ? 23 * CB_HOUR_S : 27 * CB_DAY_S;
    int64_t cap =
        scope->book->table[CB_CASES].n > 0 && s->end > at ? (s->end - at) / shortest + 2 : 0;
    s->row = cb_arena_array(scope->scratch, (size_t)cap, sizeof *s->row);
    if (!s->row)
        return cb_nomem(err, "the rows of the flow");
    while (at < s->end && s->rows < cap) {
        cb_period p = cb_period_around(s->by_day ? CB_PERIOD_DAY : CB_PERIOD_MONTH, at, zone);
        int64_t next = p.to_utc_s;
        p.from_utc_s = at;
        p.to_utc_s = least(next, s->to);
        s->row[s->rows++].period = p;
        at = next;
    }
    if (s->rows > 0)
        s->rows_per_s =
            s->rows / (double)(s->row[s->rows - 1].period.to_utc_s - s->row[0].period.from_utc_s);
    return CB_OK;
}

/* The row that holds the instant; NULL if none does. Rows are of nearly the same length: the guess
 * is the row or one next to it. */
static cb_flow_row *row_at(const flow_state *s, int64_t utc_s)
{
    if (s->rows == 0 || utc_s < s->row[0].period.from_utc_s ||
        utc_s >= s->row[s->rows - 1].period.to_utc_s)
        return NULL;
    uint32_t at = (uint32_t)((double)(utc_s - s->row[0].period.from_utc_s) * s->rows_per_s);
    at = at < s->rows ? at : s->rows - 1;
    while (s->row[at].period.from_utc_s > utc_s)
        at--;
    while (s->row[at].period.to_utc_s <= utc_s)
        at++;
    return &s->row[at];
}

static cb_flow_row *row_of_opening(flow_state *s, int64_t opened)
{
    const cb_flow_row *last = s->opened_in;
    if (!last || opened < last->period.from_utc_s || opened >= last->period.to_utc_s)
        s->opened_in = row_at(s, opened);
    return s->opened_in;
}

static cb_status flow_begin(void *state, const cb_scope *scope, cb_window_ix ix, cb_error *err)
{
    flow_state *s = state;
    s->from = scope->window[ix].period.from_utc_s;
    s->to = scope->window[ix].period.to_utc_s;
    s->end = scope->book->as_of_utc_s < s->to ? scope->book->as_of_utc_s + 1 : s->to;
    s->groups = cb_dim_groups(scope->book, CB_DIM_PRIORITY);
    s->aged = cb_arena_array(scope->scratch, (size_t)s->groups * CB_AGE_BANDS, sizeof *s->aged);
    cb_status rc = s->aged ? plan_rows(s, scope, err) : cb_nomem(err, "the backlog");
    s->earliest = s->rows > 0 ? least(s->from, s->row[0].period.from_utc_s) : s->from;
    return rc;
}

/* ---- one case ---- */

typedef struct life {
    int64_t opened, resolved; /* resolved: INT64_MAX while open */
    int64_t last;             /* resolved, or as_of while open: what is known of it ends here */
    uint16_t reopens;
} life;

static void count_apart(flow_state *s, const life *c, cb_case_state state)
{
    if (c->opened < s->from || c->opened >= s->to)
        return;
    s->count[state == CB_STATE_WITHDRAWN ? OPENED_WITHDRAWN : OPENED_BLANK]++;
    s->count[CASES_REOPENED] += c->reopens > 0;
}

static void count_reopenings(flow_state *s, const life *c)
{
    if (c->reopens == 0 || c->opened >= s->to || c->last < s->from)
        return;
    bool within = c->opened >= s->from && c->last < s->to;
    s->count[within ? REOPENED : UNPLACED] += c->reopens;
    s->count[CASES_REOPENED] += c->opened >= s->from;
}

static void count_backlog(flow_state *s, const life *c, int64_t at_utc_s, uint32_t priority)
{
    unsigned band = 0;
    while (at_utc_s - c->opened > age_up_to_s[band])
        band++;
    s->aged[(size_t)priority * CB_AGE_BANDS + band]++;
}

static bool open_at(const life *c, int64_t utc_s)
{
    return c->opened < utc_s && c->resolved >= utc_s;
}

static void count_stock(flow_state *s, const life *c)
{
    s->count[OPEN_AT_START] += open_at(c, s->from);
    s->count[OPEN_AT_END] += open_at(c, s->end);
    s->count[OPENED] += c->opened >= s->from && c->opened < s->to;
    s->count[RESOLVED] += c->resolved >= s->from && c->resolved < s->to;
    cb_flow_row *in = row_of_opening(s, c->opened);
    cb_flow_row *out = row_at(s, c->resolved);
    if (in)
        in->opened++;
    if (out)
        out->resolved++;
    if (s->rows > 0)
        s->count[OPEN_BEFORE_ROWS] += open_at(c, s->row[0].period.from_utc_s);
}

static void count_case(flow_state *s, life c, cb_case_state what, uint32_t priority, int64_t as_of)
{
    if (what != CB_STATE_OPEN && what != CB_STATE_RESOLVED) {
        count_apart(s, &c, what);
        return;
    }
    c.resolved = what == CB_STATE_OPEN ? INT64_MAX : c.resolved;
    c.last = what == CB_STATE_OPEN ? as_of : c.resolved;
    count_stock(s, &c);
    count_reopenings(s, &c);
    if (open_at(&c, s->end))
        count_backlog(s, &c, least(s->to, as_of), priority);
}

/* What is asked of a case is fetched for all of them first: many such fetches are under way
 * together, one of which takes as long as the rest of the work. */
static void add_cases(flow_state *s, const cb_scope *scope, const uint32_t *rows, uint32_t n)
{
    const cb_table *cases = &scope->book->table[CB_CASES];
    int64_t opened[BLOCK], resolved[BLOCK];
    uint32_t priority[BLOCK];
    uint16_t reopens[BLOCK];
    uint8_t state[BLOCK];
    cb_times_of(cases, CB_CASE_OPENED, rows, n, opened);
    cb_times_of(cases, CB_CASE_RESOLVED, rows, n, resolved);
    cb_words_of(cases, cb_dim_fields[CB_DIM_PRIORITY], rows, n, priority);
    for (uint32_t i = 0; i < n; i++) {
        reopens[i] = cb_count(cases, CB_CASE_REOPENS, rows[i]);
        state[i] = scope->derived->state[rows[i]];
    }
    for (uint32_t i = 0; i < n; i++) {
        life c = {.opened = opened[i],
                  .resolved = resolved[i],
                  .reopens = reopens[i] == CB_NO_COUNT ? 0 : reopens[i]};
        count_case(s, c, (cb_case_state)state[i], priority[i], scope->book->as_of_utc_s);
    }
}

/* All of them were opened before all that is looked at: most were resolved before it, too, and
 * nothing counts them; nor those closed in another way, who are few. */
static void add_early(flow_state *s, const cb_scope *scope, const uint32_t *rows, uint32_t n)
{
    int64_t resolved[BLOCK];
    uint32_t late[BLOCK], n_late = 0;
    cb_times_of(&scope->book->table[CB_CASES], CB_CASE_RESOLVED, rows, n, resolved);
    for (uint32_t i = 0; i < n; i++) {
        late[n_late] = rows[i];
        n_late += (resolved[i] >= s->earliest) | (resolved[i] == CB_NO_TIME);
    }
    add_cases(s, scope, late, n_late);
}

/* rows: in the order of opening. */
static void add_block(flow_state *s, const cb_scope *scope, const uint32_t *rows, uint32_t n)
{
    int64_t last = cb_time(&scope->book->table[CB_CASES], CB_CASE_OPENED, rows[n - 1]);
    (last < s->earliest ? add_early : add_cases)(s, scope, rows, n);
}

static cb_status flow_add(void *state, const cb_scope *scope, cb_window_ix ix, const cb_span *span,
                          cb_error *err)
{
    flow_state *s = state;
    (void)ix;
    (void)err;
    for (uint32_t from = 0; from < span->n; from += BLOCK)
        add_block(s, scope, span->rows + from, span->n - from < BLOCK ? span->n - from : BLOCK);
    return CB_OK;
}

static cb_status flow_merge(void *into, void *from, cb_error *err)
{
    flow_state *a = into;
    const flow_state *b = from;
    (void)err;
    for (unsigned i = 0; i < COUNTS; i++)
        a->count[i] += b->count[i];
    for (uint32_t i = 0; i < a->rows; i++) {
        a->row[i].opened += b->row[i].opened;
        a->row[i].resolved += b->row[i].resolved;
    }
    for (size_t i = 0; i < (size_t)a->groups * CB_AGE_BANDS; i++)
        a->aged[i] += b->aged[i];
    return CB_OK;
}

/* ---- the window ---- */

static void set_totals(cb_flow *f, const flow_state *s)
{
    const uint64_t *count = s->count;
    f->open_at_start = (uint32_t)count[OPEN_AT_START];
    f->opened = (uint32_t)count[OPENED];
    f->open_at_end = (uint32_t)count[OPEN_AT_END];
    f->resolved_for_good = (uint32_t)count[RESOLVED];
    f->reopened = count[REOPENED];
    f->resolved = count[RESOLVED] + count[REOPENED];
    f->difference = (int64_t)(count[OPEN_AT_START] + count[OPENED] + f->reopened - f->resolved -
                              count[OPEN_AT_END]);
    f->opened_closed_unknown = (uint32_t)count[OPENED_BLANK];
    f->opened_withdrawn = (uint32_t)count[OPENED_WITHDRAWN];
    f->cases_reopened = (uint32_t)count[CASES_REOPENED];
    f->reopened_unplaced = count[UNPLACED];
}

static cb_status set_rows(cb_flow *f, const flow_state *s, cb_arena *arena, cb_error *err)
{
    cb_flow_row *row = cb_arena_array(arena, s->rows, sizeof *row);
    uint32_t stock = (uint32_t)s->count[OPEN_BEFORE_ROWS];
    if (!row)
        return cb_nomem(err, "the rows of the flow");
    f->first_row = s->rows;
    for (uint32_t i = s->rows; i-- > 0;)
        if (s->row[i].period.from_utc_s >= s->from)
            f->first_row = i;
    for (uint32_t i = 0; i < s->rows; i++) {
        row[i] = s->row[i];
        row[i].open_at_start = stock;
        stock = stock + row[i].opened - row[i].resolved;
        row[i].open_at_end = stock;
    }
    f->row = row;
    f->rows = s->rows;
    f->by_day = s->by_day;
    return CB_OK;
}

static cb_status set_backlog(cb_flow *f, const flow_state *s, const cb_scope *scope, cb_error *err)
{
    const uint32_t *word = NULL;
    uint32_t n = 0;
    uint32_t *open = cb_arena_array(scope->scratch, s->groups, sizeof *open);
    if (!open)
        return cb_nomem(err, "the backlog");
    for (size_t i = 0; i < (size_t)s->groups * CB_AGE_BANDS; i++) {
        open[i / CB_AGE_BANDS] += s->aged[i];
        f->backlog_by_age[i % CB_AGE_BANDS] += s->aged[i];
    }
    cb_status rc =
        cb_dim_ranked(scope->book, CB_DIM_PRIORITY, open, scope->scratch, &word, &n, err);
    cb_backlog_row *row = cb_arena_array(scope->arena, n, sizeof *row);
    if (rc != CB_OK || !row)
        return rc != CB_OK ? rc : cb_nomem(err, "the backlog");
    for (uint32_t i = 0; i < n; i++) {
        row[i] = (cb_backlog_row){.priority = word[i], .n = open[word[i]]};
        row[i].text = cb_dim_text(scope->book, CB_DIM_PRIORITY, word[i]);
        for (unsigned band = 0; band < CB_AGE_BANDS; band++)
            row[i].by_age[band] = s->aged[(size_t)word[i] * CB_AGE_BANDS + band];
    }
    f->backlog = row;
    f->backlog_rows = n;
    return CB_OK;
}

static cb_status flow_finish(void *state, const cb_scope *scope, cb_window_ix ix, cb_results *out,
                             cb_error *err)
{
    const flow_state *s = state;
    cb_flow *f = &out->flow;
    (void)ix;
    set_totals(f, s);
    f->reopens_known = scope->book->table[CB_CASES].column[CB_CASE_REOPENS] != NULL;
    f->backlog_utc_s = least(s->to, scope->book->as_of_utc_s);
    cb_status rc = set_rows(f, s, scope->arena, err);
    return rc == CB_OK ? set_backlog(f, s, scope, err) : rc;
}

const cb_measure cb_measure_flow = {
    .name = "flow",
    .methods = "R6",
    .over = CB_OVER_CASES,
    .only_now = true,
    .state_bytes = sizeof(flow_state),
    .begin = flow_begin,
    .add = flow_add,
    .merge = flow_merge,
    .finish = flow_finish,
};
