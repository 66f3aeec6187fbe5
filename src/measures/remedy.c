#include "casebook/remedy.h"

#include <math.h>
#include <stdlib.h>

#include "casebook/results.h"
#include "casebook/stats_interval.h"
#include "casebook/stats_order.h"

const char *const cb_band_names[CB_BANDS] = {"none", "partial", "adequate", "generous"};

/* The six dimensions and the type of remedy. */
enum { BY_TYPE = CB_DIMS, SPLITS };

/* Counts and sums of one group; all integers, so that they merge by addition. */
typedef struct tally {
    uint32_t cases, loss_known, eligible, over;
    uint32_t bands[CB_BANDS];
    int64_t loss_minor, remedy_minor, direct_minor, shortfall_minor, excess_minor;
    int64_t band_shortfall_minor[CB_BANDS];
} tally;

typedef struct remedy_state {
    const cb_alloc *alloc;
    tally all;
    tally *by[SPLITS];
    uint32_t groups[SPLITS];
    uint32_t *row; /* eligible ones */
    size_t n, cap;
    uint32_t open_cases;
    int64_t exposure_minor;
    bool divided; /* into groups: only the report's own period is */
    bool overflow;
} remedy_state;

static uint32_t split_groups(const cb_book *book, int split)
{
    if (split < CB_DIMS)
        return cb_dim_groups(book, (cb_dim)split);
    return book->table[CB_CASES].column[CB_CASE_REMEDY_TYPE]
               ? cb_intern_count(book->pool[CB_POOL_REMEDY])
               : 1;
}

static uint32_t split_word(const cb_book *book, int split, uint32_t row)
{
    return split < CB_DIMS ? cb_dim_word(book, (cb_dim)split, row)
                           : cb_word(&book->table[CB_CASES], CB_CASE_REMEDY_TYPE, row);
}

static cb_str split_text(const cb_book *book, int split, uint32_t word)
{
    if (split < CB_DIMS)
        return cb_dim_text(book, (cb_dim)split, word);
    return word == CB_UNKNOWN_ID ? CB_LIT("") : cb_intern_text(book->pool[CB_POOL_REMEDY], word);
}

static cb_status remedy_begin(void *state, const cb_scope *scope, cb_window_ix ix, cb_error *err)
{
    remedy_state *s = state;
    s->alloc = scope->settings->alloc;
    s->divided = ix == CB_NOW;
    for (int split = 0; s->divided && split < SPLITS; split++) {
        s->groups[split] = split_groups(scope->book, split);
        s->by[split] = cb_arena_array(scope->scratch, s->groups[split], sizeof *s->by[split]);
        if (!s->by[split])
            return cb_nomem(err, "the adequacy of remedies");
    }
    return CB_OK;
}

static void plus(remedy_state *s, int64_t *sum, int64_t more)
{
    s->overflow |= __builtin_add_overflow(*sum, more, sum);
}

/* One case's money, worked out once and added to eight tallies. */
typedef struct line {
    bool eligible;
    uint32_t loss_known;
    int band;
    int64_t loss, remedy, direct, shortfall, excess;
} line;

static int band_of(int64_t loss, int64_t remedy)
{
    if (remedy <= 0)
        return CB_BAND_NONE;
    if (remedy < loss)
        return CB_BAND_PARTIAL;
    /* remedy <= 1.5 loss, in integers */
    return remedy - loss <= loss / 2 ? CB_BAND_ADEQUATE : CB_BAND_GENEROUS;
}

static line line_of(const cb_scope *scope, uint32_t row)
{
    const cb_derived *d = scope->derived;
    line l = {.eligible = d->eligible[row] == 1,
              .loss_known = cb_loss_minor(d, row) != CB_NO_AMOUNT};
    if (!l.eligible)
        return l;
    int64_t direct = cb_amount(&scope->book->table[CB_CASES], CB_CASE_LOSS, row);
    l.loss = cb_loss_minor(d, row);
    l.remedy = cb_remedy_minor(d, row);
    l.direct = direct == CB_NO_AMOUNT ? 0 : direct;
    l.shortfall = l.remedy < l.loss ? l.loss - l.remedy : 0;
    l.excess = l.remedy > l.loss ? l.remedy - l.loss : 0;
    l.band = band_of(l.loss, l.remedy);
    return l;
}

static void add_line(remedy_state *s, tally *t, const line *l)
{
    t->cases++;
    t->loss_known += l->loss_known;
    if (!l->eligible)
        return;
    t->eligible++;
    t->over += l->excess > 0;
    t->bands[l->band]++;
    plus(s, &t->loss_minor, l->loss);
    plus(s, &t->remedy_minor, l->remedy);
    plus(s, &t->direct_minor, l->direct);
    plus(s, &t->shortfall_minor, l->shortfall);
    plus(s, &t->excess_minor, l->excess);
    plus(s, &t->band_shortfall_minor[l->band], l->shortfall);
}

static cb_status keep_row(remedy_state *s, uint32_t row, cb_error *err)
{
    void *rows = s->row;
    cb_status rc = cb_grow(s->alloc, &rows, &s->cap, s->n + 1, sizeof *s->row, CB_MAX_ROWS);
    s->row = rows;
    if (rc != CB_OK)
        return cb_nomem(err, "the adequacy of remedies");
    s->row[s->n++] = row;
    return CB_OK;
}

static cb_status remedy_add(void *state, const cb_scope *scope, cb_window_ix ix,
                            const cb_span *span, cb_error *err)
{
    remedy_state *s = state;
    cb_status rc = CB_OK;
    (void)ix;
    for (uint32_t i = 0; rc == CB_OK && i < span->n; i++) {
        uint32_t row = cb_span_item(span, i);
        line l = line_of(scope, row);
        add_line(s, &s->all, &l);
        for (int split = 0; s->divided && split < SPLITS; split++)
            add_line(s, &s->by[split][split_word(scope->book, split, row)], &l);
        if (l.eligible)
            rc = keep_row(s, row, err);
    }
    return rc;
}

static void merge_tally(remedy_state *s, tally *into, const tally *from)
{
    into->cases += from->cases;
    into->loss_known += from->loss_known;
    into->eligible += from->eligible;
    into->over += from->over;
    plus(s, &into->loss_minor, from->loss_minor);
    plus(s, &into->remedy_minor, from->remedy_minor);
    plus(s, &into->direct_minor, from->direct_minor);
    plus(s, &into->shortfall_minor, from->shortfall_minor);
    plus(s, &into->excess_minor, from->excess_minor);
    for (int band = 0; band < CB_BANDS; band++) {
        into->bands[band] += from->bands[band];
        plus(s, &into->band_shortfall_minor[band], from->band_shortfall_minor[band]);
    }
}

static cb_status remedy_merge(void *into, void *from, cb_error *err)
{
    remedy_state *s = into;
    const remedy_state *f = from;
    cb_status rc = CB_OK;
    s->overflow |= f->overflow;
    merge_tally(s, &s->all, &f->all);
    for (int split = 0; split < SPLITS; split++)
        for (uint32_t g = 0; g < s->groups[split]; g++)
            merge_tally(s, &s->by[split][g], &f->by[split][g]);
    for (size_t i = 0; rc == CB_OK && i < f->n; i++)
        rc = keep_row(s, f->row[i], err);
    return rc;
}

static cb_remedy_figures figures_of(const tally *t, double median_ratio)
{
    cb_remedy_figures f = {
        .cases = t->cases,
        .loss_known = t->loss_known,
        .eligible = t->eligible,
        .loss_minor = t->loss_minor,
        .remedy_minor = t->remedy_minor,
        .direct_minor = t->direct_minor,
        .consequential_minor = t->loss_minor - t->direct_minor,
        .ratio = t->loss_minor > 0 ? (double)t->remedy_minor / (double)t->loss_minor : NAN,
        .median_ratio = median_ratio,
        .shortfall_minor = t->shortfall_minor,
        .excess_minor = t->excess_minor,
        .over_remedied = t->over};
    f.share_adequate = t->eligible > 0
                           ? cb_wilson(t->bands[CB_BAND_ADEQUATE] + t->bands[CB_BAND_GENEROUS],
                                       t->eligible, CB_LEVEL_95)
                           : cb_est_none("no solved case with a known loss and remedy");
    for (int band = 0; band < CB_BANDS; band++) {
        f.bands[band] = t->bands[band];
        f.band_shortfall_minor[band] = t->band_shortfall_minor[band];
    }
    return f;
}

static double ratio_of(const cb_scope *scope, uint32_t row)
{
    return (double)cb_remedy_minor(scope->derived, row) /
           (double)cb_loss_minor(scope->derived, row);
}

/* Disorders the ratios. */
static double median_of(double *ratio, size_t n)
{
    return n > 0 ? cb_quantile_f64_of(ratio, n, 0.5).value : NAN;
}

typedef struct ordering {
    int64_t shortfall_minor;
    cb_str text;
    uint32_t word;
} ordering;

static int by_shortfall_then_text(const void *a, const void *b)
{
    const ordering *x = a, *y = b;
    if (x->shortfall_minor != y->shortfall_minor)
        return x->shortfall_minor > y->shortfall_minor ? -1 : 1;
    return cb_str_cmp(x->text, y->text);
}

/* Ratios of the eligible rows, laid out group by group: group g's are ratio[start[g]] …
 * ratio[start[g + 1] - 1]. */
static cb_status scatter(const remedy_state *s, const cb_scope *scope, int split, double **ratio,
                         uint32_t **start, cb_error *err)
{
    uint32_t groups = s->groups[split];
    *ratio = cb_arena_array(scope->scratch, s->n, sizeof **ratio);
    *start = cb_arena_array(scope->scratch, (size_t)groups + 1, sizeof **start);
    uint32_t *at = cb_arena_array(scope->scratch, groups, sizeof *at);
    if (!*ratio || !*start || !at)
        return cb_nomem(err, "the ratios of remedies");
    for (uint32_t g = 0; g < groups; g++) {
        at[g] = (*start)[g];
        (*start)[g + 1] = (*start)[g] + s->by[split][g].eligible;
    }
    for (size_t i = 0; i < s->n; i++)
        (*ratio)[at[split_word(scope->book, split, s->row[i])]++] = ratio_of(scope, s->row[i]);
    return CB_OK;
}

static cb_status finish_split(const remedy_state *s, const cb_scope *scope, int split,
                              cb_remedy_groups *out, cb_error *err)
{
    double *ratio;
    uint32_t *start, n = 0;
    cb_status rc = scatter(s, scope, split, &ratio, &start, err);
    if (rc != CB_OK)
        return rc;
    ordering *order = cb_arena_array(scope->scratch, s->groups[split], sizeof *order);
    if (!order)
        return cb_nomem(err, "the order of groups");
    for (uint32_t g = 0; g < s->groups[split]; g++)
        if (s->by[split][g].cases > 0)
            order[n++] =
                (ordering){s->by[split][g].shortfall_minor, split_text(scope->book, split, g), g};
    if (n > 1)
        qsort(order, n, sizeof *order, by_shortfall_then_text);
    out->n = n;
    out->group = cb_arena_array(scope->arena, n, sizeof *out->group);
    if (!out->group)
        return cb_nomem(err, "the groups of remedies");
    for (uint32_t i = 0; i < n; i++) {
        uint32_t g = order[i].word;
        double median = median_of(ratio + start[g], start[g + 1] - start[g]);
        out->group[i] = (cb_remedy_group){g, figures_of(&s->by[split][g], median)};
    }
    return CB_OK;
}

/* The ten largest losses: by loss descending, row ascending. */
static void find_largest(const remedy_state *s, const cb_scope *scope, cb_remedy *out)
{
    const cb_derived *d = scope->derived;
    for (size_t i = 0; i < s->n; i++) {
        uint32_t row = s->row[i], at = out->largest_n;
        while (at > 0 && (cb_loss_minor(d, out->largest_row[at - 1]) < cb_loss_minor(d, row) ||
                          (cb_loss_minor(d, out->largest_row[at - 1]) == cb_loss_minor(d, row) &&
                           out->largest_row[at - 1] > row)))
            at--;
        if (at >= CB_LARGEST_LOSSES)
            continue;
        uint32_t last =
            out->largest_n < CB_LARGEST_LOSSES ? out->largest_n++ : CB_LARGEST_LOSSES - 1;
        for (uint32_t k = last; k > at; k--)
            out->largest_row[k] = out->largest_row[k - 1];
        out->largest_row[at] = row;
    }
}

static bool is_largest(const cb_remedy *out, uint32_t row)
{
    for (uint32_t i = 0; i < out->largest_n; i++)
        if (out->largest_row[i] == row)
            return true;
    return false;
}

static cb_status finish_whole(remedy_state *s, const cb_scope *scope, cb_remedy *out, cb_error *err)
{
    double *ratio = cb_arena_array(scope->scratch, s->n, sizeof *ratio);
    if (!ratio)
        return cb_nomem(err, "the ratios of remedies");
    for (size_t i = 0; i < s->n; i++)
        ratio[i] = ratio_of(scope, s->row[i]);
    out->all = figures_of(&s->all, median_of(ratio, s->n));
    if (!s->divided)
        return CB_OK;
    find_largest(s, scope, out);
    tally rest = {0};
    size_t kept = 0;
    int64_t largest_minor = s->all.loss_minor;
    for (size_t i = 0; i < s->n; i++) {
        if (is_largest(out, s->row[i]))
            continue;
        line l = line_of(scope, s->row[i]);
        add_line(s, &rest, &l);
        ratio[kept++] = ratio_of(scope, s->row[i]);
    }
    rest.cases = s->all.cases - out->largest_n;
    rest.loss_known = s->all.loss_known - out->largest_n;
    out->without_largest = figures_of(&rest, median_of(ratio, kept));
    largest_minor -= rest.loss_minor;
    out->largest_share =
        s->all.loss_minor > 0 ? (double)largest_minor / (double)s->all.loss_minor : NAN;
    return CB_OK;
}

/* A4: all open cases of the input, whenever opened. */
static void find_exposure(remedy_state *s, const cb_scope *scope, cb_remedy *out)
{
    const cb_derived *d = scope->derived;
    for (uint32_t row = 0; row < scope->book->table[CB_CASES].n; row++)
        if (d->state[row] == CB_STATE_OPEN && cb_loss_minor(d, row) != CB_NO_AMOUNT &&
            cb_loss_minor(d, row) > 0) {
            out->open_cases++;
            plus(s, &out->exposure_minor, cb_loss_minor(d, row));
        }
}

static cb_status remedy_finish(void *state, const cb_scope *scope, cb_window_ix ix,
                               cb_results *results, cb_error *err)
{
    remedy_state *s = state;
    cb_remedy *out = &results->remedy;
    const cb_table *cases = &scope->book->table[CB_CASES];
    (void)ix;
    out->has_loss = cases->column[CB_CASE_LOSS] || cases->column[CB_CASE_CONSEQUENTIAL];
    out->has_remedy = cases->column[CB_CASE_REMEDY] != NULL;
    out->has_consequential = cases->column[CB_CASE_CONSEQUENTIAL] != NULL;
    cb_status rc = finish_whole(s, scope, out, err);
    if (s->divided)
        find_exposure(s, scope, out);
    for (int split = 0; s->divided && rc == CB_OK && split < SPLITS; split++)
        rc = finish_split(s, scope, split, split < CB_DIMS ? &out->by[split] : &out->by_type, err);
    if (rc == CB_OK && s->overflow)
        rc = cb_fail(err, CB_ELIMIT,
                     "the sum of the losses or remedies does not fit 64-bit minor units: an amount "
                     "in the input is far too large");
    return rc;
}

static void remedy_end(void *state)
{
    remedy_state *s = state;
    void *rows = s->row;
    cb_drop(s->alloc, &rows, &s->cap, sizeof *s->row);
}

const cb_measure cb_measure_remedy = {.name = "remedy",
                                      .methods = "A1-A4",
                                      .over = CB_OVER_OPENED,
                                      .state_bytes = sizeof(remedy_state),
                                      .begin = remedy_begin,
                                      .add = remedy_add,
                                      .merge = remedy_merge,
                                      .finish = remedy_finish,
                                      .end = remedy_end};
