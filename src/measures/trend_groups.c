/* Charts of groups: those with a configured fix, and the causes with most cases. */
#include <math.h>

#include "casebook/stats_bunches.h"
#include "measures/trend_parts.h"

enum { MOST_WANTED = CB_TREND_MOST_CHARTS + CB_TREND_CAUSES, NONE = MOST_WANTED, FIX_DIMS = 3 };

static const cb_dim fix_dims[FIX_DIMS] = {CB_DIM_CAUSE, CB_DIM_PRODUCT, CB_DIM_KIND};

typedef struct wanted {
    cb_dim dim;
    uint32_t word;
    bool has_fix;
    int64_t from, fix, to; /* before is [from, fix), after [fix, to) */
    cb_bunches bunches;
    uint32_t now_cases, all_cases;
    uint32_t now, all; /* spare: the customer at work */
    uint16_t next;     /* of the same word */
    cb_trend_series series;
} wanted;

typedef struct groups {
    const cb_scope *scope;
    const cb_trend_axis *axis;
    wanted *wanted;
    unsigned n;
    uint16_t
        *first[CB_DIMS]; /* word -> its first in wanted, NONE; NULL: no word of the dimension */
} groups;

/* ---- which ---- */

static bool find_word(const cb_scope *scope, cb_str text, wanted *w)
{
    for (unsigned i = 0; i < FIX_DIMS; i++) {
        cb_pool pool = cb_schemas[CB_CASES].field[cb_dim_fields[fix_dims[i]]].pool;
        uint32_t id = cb_intern_find(scope->book->pool[pool], text);
        if (id != CB_NO_ID && id != CB_UNKNOWN_ID && cb_dim_present(scope->book, fix_dims[i])) {
            w->dim = fix_dims[i];
            w->word = id;
            return true;
        }
    }
    return false;
}

static cb_status want(groups *g, const wanted *w, cb_error *err)
{
    uint32_t words = cb_dim_groups(g->scope->book, w->dim);
    if (!g->first[w->dim]) {
        g->first[w->dim] = cb_arena_array(g->scope->scratch, words, sizeof *g->first[w->dim]);
        if (!g->first[w->dim])
            return cb_nomem(err, "the control charts");
        for (uint32_t i = 0; i < words; i++)
            g->first[w->dim][i] = NONE;
    }
    uint16_t *at = &g->first[w->dim][w->word];
    while (*at != NONE)
        at = &g->wanted[*at].next;
    *at = (uint16_t)g->n;
    g->wanted[g->n] = *w;
    g->wanted[g->n++].next = NONE;
    return CB_OK;
}

/* Fixes come in the order of their dates: each ends the stretch of the one before of its group. */
static cb_status want_fixes(groups *g, cb_trend *out, cb_error *err)
{
    const cb_settings *settings = g->scope->settings;
    const cb_pairs *fixes = &settings->fixes;
    cb_status rc = CB_OK;
    out->fix_unknown = cb_arena_array(g->scope->arena, fixes->n, sizeof *out->fix_unknown);
    if (!out->fix_unknown)
        return cb_nomem(err, "the control charts");
    for (unsigned i = 0; rc == CB_OK && i < fixes->n; i++) {
        wanted w = {.has_fix = true,
                    .from = g->scope->book->first_utc_s,
                    .fix = settings->fix_utc_s[i],
                    .to = cb_recur_end(g->scope, CB_NOW)};
        if (!find_word(g->scope, fixes->pair[i].meaning, &w)) {
            out->fix_unknown[out->fixes_unknown++] = fixes->pair[i].meaning;
            continue;
        }
        for (unsigned k = 0; k < g->n; k++)
            if (g->wanted[k].dim == w.dim && g->wanted[k].word == w.word) {
                w.from = g->wanted[k].fix > w.from ? g->wanted[k].fix : w.from;
                g->wanted[k].to = w.fix < g->wanted[k].to ? w.fix : g->wanted[k].to;
            }
        if (g->n == CB_TREND_MOST_CHARTS)
            out->left_out++;
        else
            rc = want(g, &w, err);
    }
    return rc;
}

static void count_causes(uint32_t *count, const cb_scope *scope)
{
    const cb_slice *cases = &scope->window[CB_NOW].cases;
    uint32_t word[CB_RECUR_BLOCK];
    for (uint32_t at = 0; at < cases->n; at += CB_RECUR_BLOCK) {
        cb_slice part = cb_recur_part(cases, at);
        cb_words_of(&scope->book->table[CB_CASES], cb_dim_fields[CB_DIM_CAUSE], part.rows, part.n,
                    word);
        for (uint32_t i = 0; i < part.n; i++)
            count[word[i]]++;
    }
    count[CB_UNKNOWN_ID] = 0;
}

static cb_status want_causes(groups *g, cb_error *err)
{
    const cb_scope *scope = g->scope;
    uint32_t *count =
        cb_arena_array(scope->scratch, cb_dim_groups(scope->book, CB_DIM_CAUSE), sizeof *count);
    const uint32_t *words = NULL;
    uint32_t n = 0;
    if (!count)
        return cb_nomem(err, "the control charts");
    count_causes(count, scope);
    cb_status rc = cb_dim_ranked(scope->book, CB_DIM_CAUSE, count, scope->scratch, &words, &n, err);
    for (uint32_t i = 0; rc == CB_OK && i < n && i < CB_TREND_CAUSES; i++) {
        const uint16_t *first = g->first[CB_DIM_CAUSE];
        wanted w = {.dim = CB_DIM_CAUSE, .word = words[i]};
        if (!first || first[words[i]] == NONE)
            rc = want(g, &w, err);
    }
    return rc;
}

/* ---- their series ---- */

/* By the first of each word's: no branch asks whether there is any. */
static void count_part(const groups *g, int dim, const cb_slice *part,
                       uint32_t count[MOST_WANTED + 1])
{
    const uint16_t *first = g->first[dim];
    uint32_t word[CB_RECUR_BLOCK];
    cb_words_of(&g->scope->book->table[CB_CASES], cb_dim_fields[dim], part->rows, part->n, word);
    for (uint32_t i = 0; i < part->n; i++)
        count[first[word[i]]]++;
}

static void count_cases(groups *g, unsigned period, int dim, const cb_slice *cases)
{
    uint32_t count[MOST_WANTED + 1] = {0};
    for (uint32_t at = 0; at < cases->n; at += CB_RECUR_BLOCK) {
        cb_slice part = cb_recur_part(cases, at);
        count_part(g, dim, &part, count);
    }
    for (unsigned i = 0; i < g->n; i++)
        if ((int)g->wanted[i].dim == dim)
            g->wanted[i].series.yes[period] = count[g->first[dim][g->wanted[i].word]];
}

static void count_period(groups *g, unsigned i)
{
    cb_slice cases =
        cb_cases_opened(g->scope->book, g->axis->period[i].from_utc_s, g->axis->period[i].to_utc_s);
    for (int dim = 0; dim < CB_DIMS; dim++)
        if (g->first[dim])
            count_cases(g, i, dim, &cases);
}

/* ---- fixes ---- */

static bool in_stretch(const wanted *w, int64_t opened)
{
    return w->has_fix && opened >= w->from && opened < w->to;
}

/* Counts a case for the fixes of its group, from `at` on; those that it is the customer's first of
 * go into touched. */
static unsigned tally(groups *g, uint16_t at, int64_t opened, uint16_t touched[], unsigned n)
{
    for (; at != NONE; at = g->wanted[at].next) {
        wanted *w = &g->wanted[at];
        if (!in_stretch(w, opened))
            continue;
        if (w->all++ == 0)
            touched[n++] = at;
        w->now += opened >= w->fix;
    }
    return n;
}

static unsigned tally_all(groups *g, cb_dim dim, const cb_slice *cases, uint16_t touched[],
                          unsigned n)
{
    const cb_table *table = &g->scope->book->table[CB_CASES];
    uint32_t word[CB_RECUR_BLOCK];
    for (uint32_t from = 0; from < cases->n; from += CB_RECUR_BLOCK) {
        cb_slice part = cb_recur_part(cases, from);
        cb_words_of(table, cb_dim_fields[dim], part.rows, part.n, word);
        for (uint32_t i = 0; i < part.n; i++) {
            uint16_t at = g->first[dim][word[i]];
            if (at != NONE)
                n = tally(g, at, cb_time(table, CB_CASE_OPENED, part.rows[i]), touched, n);
        }
    }
    return n;
}

static void settle(groups *g, const uint16_t touched[], unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        wanted *w = &g->wanted[touched[i]];
        cb_bunches_add(&w->bunches, w->now, w->all);
        w->now = w->all = 0;
    }
}

/* The rows of the groups, each with the first group of its word. */
static cb_slice rows_of_groups(const groups *g, cb_dim dim, const cb_slice *part,
                               uint32_t row[CB_RECUR_BLOCK], uint16_t at_first[CB_RECUR_BLOCK])
{
    uint32_t word[CB_RECUR_BLOCK], n = 0;
    cb_words_of(&g->scope->book->table[CB_CASES], cb_dim_fields[dim], part->rows, part->n, word);
    for (uint32_t i = 0; i < part->n; i++) {
        row[n] = part->rows[i];
        at_first[n] = g->first[dim][word[i]];
        n += at_first[n] != NONE;
    }
    return (cb_slice){row, n};
}

/* All cases of the groups; their customers are met. */
static void count_part_of_fixes(groups *g, cb_recur_met *met, cb_dim dim, const cb_slice *part)
{
    const cb_table *cases = &g->scope->book->table[CB_CASES];
    uint32_t row[CB_RECUR_BLOCK], word[CB_RECUR_BLOCK];
    uint16_t at_first[CB_RECUR_BLOCK];
    cb_slice of_groups = rows_of_groups(g, dim, part, row, at_first);
    cb_words_of(cases, CB_CASE_CUSTOMER, row, of_groups.n, word);
    for (uint32_t i = 0; i < of_groups.n; i++) {
        uint16_t at = at_first[i];
        uint32_t customer = word[i];
        int64_t opened = cb_time(cases, CB_CASE_OPENED, row[i]);
        if (customer != CB_UNKNOWN_ID)
            cb_recur_meet(met, customer);
        for (; at != NONE; at = g->wanted[at].next) {
            wanted *w = &g->wanted[at];
            w->all_cases += in_stretch(w, opened);
            w->now_cases += in_stretch(w, opened) && opened >= w->fix;
        }
    }
}

/* Customers with one case of the groups, and cases without a customer, are bunches of one: only
 * who was met twice is looked at. */
static cb_status count_fixes(groups *g, cb_error *err)
{
    const cb_book *book = g->scope->book;
    const cb_slice all = {book->opened_order, book->table[CB_CASES].n};
    uint16_t touched[CB_TREND_MOST_CHARTS];
    uint32_t customers = book->cases_of.groups;
    cb_recur_met met;
    cb_status rc = cb_recur_met_new(&met, book, g->scope->scratch, err);
    if (rc != CB_OK)
        return rc;
    for (unsigned d = 0; d < FIX_DIMS; d++)
        for (uint32_t at = 0; g->first[fix_dims[d]] && at < all.n; at += CB_RECUR_BLOCK) {
            cb_slice part = cb_recur_part(&all, at);
            count_part_of_fixes(g, &met, fix_dims[d], &part);
        }
    for (uint32_t c = 1; (c = cb_recur_met_next(&met, c, customers)) < customers; c++) {
        const uint32_t *offset = &book->cases_of.offset[c];
        cb_slice cases = {book->cases_of.rows + offset[0], offset[1] - offset[0]};
        unsigned n = 0;
        for (unsigned d = 0; d < FIX_DIMS; d++)
            if (g->first[fix_dims[d]])
                n = tally_all(g, fix_dims[d], &cases, touched, n);
        settle(g, touched, n);
    }
    for (unsigned i = 0; i < g->n; i++) {
        wanted *w = &g->wanted[i];
        cb_bunches_singles(&w->bunches, w->now_cases - w->bunches.now,
                           w->all_cases - w->bunches.all);
    }
    return CB_OK;
}

static void set_fix(cb_trend_chart *plan, const groups *g, const wanted *w)
{
    const cb_trend_axis *axis = g->axis;
    plan->has_fix = true;
    plan->fix_utc_s = w->fix;
    plan->fix_after = (uint32_t)w->bunches.now;
    plan->fix_before = (uint32_t)(w->bunches.all - w->bunches.now);
    if (w->fix <= w->from || w->fix >= w->to) {
        plan->fix_ratio = cb_est_none("the fix date is outside the input");
        return;
    }
    plan->fix_ratio =
        cb_bunches_ratio(&w->bunches, cb_bunches_effect(&w->bunches), (double)(w->to - w->fix),
                         (double)(w->fix - w->from), CB_LEVEL_95);
    int split = 0;
    while (split < (int)axis->n && axis->period[split].from_utc_s < w->fix)
        split++;
    if (split > 0 && split < (int)axis->n)
        plan->split = split;
}

static cb_status add_charts(cb_trend *out, const groups *g, cb_error *err)
{
    cb_status rc = CB_OK;
    for (unsigned i = 0; rc == CB_OK && i < g->n; i++) {
        wanted *w = &g->wanted[i];
        cb_trend_chart plan = {.id = "group",
                               .title = cb_dim_titles[w->dim],
                               .unit = "cases a day",
                               .kind = CB_TREND_U,
                               .has_word = true,
                               .dim = w->dim,
                               .word = w->word,
                               .fix_utc_s = CB_NO_TIME,
                               .split = -1};
        if (w->has_fix)
            set_fix(&plan, g, w);
        rc = cb_trend_add(out, &plan, g->scope, g->axis, &w->series, err);
    }
    return rc;
}

cb_status cb_trend_groups(cb_trend *out, const cb_scope *scope, const cb_trend_axis *axis,
                          cb_error *err)
{
    groups g = {.scope = scope, .axis = axis};
    g.wanted = cb_arena_array(scope->scratch, MOST_WANTED, sizeof *g.wanted);
    if (!g.wanted)
        return cb_nomem(err, "the control charts");
    if (scope->book->table[CB_CASES].n == 0)
        return CB_OK;
    cb_status rc = want_fixes(&g, out, err);
    if (rc == CB_OK && g.n > 0)
        rc = count_fixes(&g, err);
    if (rc == CB_OK)
        rc = want_causes(&g, err);
    for (unsigned i = 0; rc == CB_OK && i < axis->n; i++)
        count_period(&g, i);
    return rc == CB_OK ? add_charts(out, &g, err) : rc;
}
