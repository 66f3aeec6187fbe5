#include "casebook/remedy.h"

#include <math.h>
#include <stdlib.h>

#include "casebook/results.h"
#include "casebook/stats_interval.h"
#include "measures/derived_parts.h"
#include "measures/remedy_parts.h"

const char *const cb_band_names[CB_BANDS] = {"none", "partial", "adequate", "generous"};

/* The six dimensions and the type of remedy. */
enum { BY_TYPE = CB_DIMS, SPLITS };

/* Counts and sums of one group; all integers, so that they merge by addition. */
typedef struct tally {
    uint32_t cases, loss_known, over;
    uint32_t bands[CB_BANDS]; /* of the eligible */
    int64_t loss_minor, remedy_minor, direct_minor, excess_minor;
    int64_t band_shortfall_minor[CB_BANDS];
} tally;

typedef struct remedy_state {
    tally all;
    tally *by[SPLITS];
    uint32_t groups[SPLITS];
    bool divided; /* into groups: only the report's own period is */
    bool overflow;
} remedy_state;

static uint32_t eligible_of(const tally *t)
{
    uint32_t n = 0;
    for (int band = 0; band < CB_BANDS; band++)
        n += t->bands[band];
    return n;
}

static uint32_t split_groups(const cb_book *book, int split)
{
    if (split < CB_DIMS)
        return cb_dim_groups(book, (cb_dim)split);
    return book->table[CB_CASES].column[CB_CASE_REMEDY_TYPE]
               ? cb_intern_count(book->pool[CB_POOL_REMEDY])
               : 1;
}

static cb_case_field split_field(int split)
{
    return split < CB_DIMS ? cb_dim_fields[split] : CB_CASE_REMEDY_TYPE;
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

/* The money of an eligible case, worked out once and added to eight tallies. */
typedef struct line {
    uint32_t at; /* in the block */
    int band;
    int64_t loss, remedy, direct, shortfall, excess;
} line;

typedef struct block {
    const uint32_t *rows;
    uint32_t n;
    bool loss_known[CB_BLOCK];
    uint32_t lines; /* eligible */
    line line[CB_BLOCK];
} block;

static int band_of(int64_t loss, int64_t remedy)
{
    if (remedy <= 0)
        return CB_BAND_NONE;
    if (remedy < loss)
        return CB_BAND_PARTIAL;
    /* remedy <= 1.5 loss, in integers */
    return remedy - loss <= loss / 2 ? CB_BAND_ADEQUATE : CB_BAND_GENEROUS;
}

static line line_of(uint32_t at, int64_t loss, int64_t remedy, int64_t direct)
{
    return (line){.at = at,
                  .band = band_of(loss, remedy),
                  .loss = loss,
                  .remedy = remedy,
                  .direct = direct == CB_NO_AMOUNT ? 0 : direct,
                  .shortfall = remedy < loss ? loss - remedy : 0,
                  .excess = remedy > loss ? remedy - loss : 0};
}

static void read_block(block *b, const cb_scope *scope, const uint32_t *rows, uint32_t n)
{
    const cb_derived *d = scope->derived;
    int64_t loss[CB_BLOCK], remedy[CB_BLOCK], direct[CB_BLOCK];
    b->rows = rows;
    b->n = n;
    b->lines = 0;
    cb_losses_of(d, rows, n, loss);
    cb_remedies_of(d, rows, n, remedy);
    cb_amounts_of(&scope->book->table[CB_CASES], CB_CASE_LOSS, rows, n, direct);
    for (uint32_t i = 0; i < n; i++) {
        b->loss_known[i] = loss[i] != CB_NO_AMOUNT;
        if (d->eligible[rows[i]] == 1)
            b->line[b->lines++] = line_of(i, loss[i], remedy[i], direct[i]);
    }
}

/* Returns whether a sum overflowed. */
static bool add_line(tally *t, const line *l)
{
    bool over = __builtin_add_overflow(t->loss_minor, l->loss, &t->loss_minor);
    over |= __builtin_add_overflow(t->remedy_minor, l->remedy, &t->remedy_minor);
    over |= __builtin_add_overflow(t->direct_minor, l->direct, &t->direct_minor);
    over |= __builtin_add_overflow(t->excess_minor, l->excess, &t->excess_minor);
    int64_t *shortfall = &t->band_shortfall_minor[l->band];
    over |= __builtin_add_overflow(*shortfall, l->shortfall, shortfall);
    t->over += l->excess > 0;
    t->bands[l->band]++;
    return over;
}

/* word: each case's place among the tallies */
static void add_block(remedy_state *s, tally *t, const uint32_t word[CB_BLOCK], const block *b)
{
    bool overflow = false;
    for (uint32_t i = 0; i < b->n; i++) {
        t[word[i]].cases++;
        t[word[i]].loss_known += b->loss_known[i];
    }
    for (uint32_t i = 0; i < b->lines; i++)
        overflow |= add_line(&t[word[b->line[i].at]], &b->line[i]);
    s->overflow |= overflow;
}

static cb_status remedy_add(void *state, const cb_scope *scope, cb_window_ix ix,
                            const cb_span *span, cb_error *err)
{
    static const uint32_t none[CB_BLOCK] = {0};
    const cb_table *cases = &scope->book->table[CB_CASES];
    remedy_state *s = state;
    block b;
    (void)ix;
    (void)err;
    for (uint32_t from = 0; from < span->n; from += CB_BLOCK) {
        uint32_t word[CB_BLOCK];
        read_block(&b, scope, span->rows + from, cb_block_of(span->n, from));
        add_block(s, &s->all, none, &b);
        for (int split = 0; s->divided && split < SPLITS; split++) {
            cb_words_of(cases, split_field(split), b.rows, b.n, word);
            add_block(s, s->by[split], word, &b);
        }
    }
    return CB_OK;
}

static void merge_tally(remedy_state *s, tally *into, const tally *from)
{
    into->cases += from->cases;
    into->loss_known += from->loss_known;
    into->over += from->over;
    plus(s, &into->loss_minor, from->loss_minor);
    plus(s, &into->remedy_minor, from->remedy_minor);
    plus(s, &into->direct_minor, from->direct_minor);
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
    (void)err;
    s->overflow |= f->overflow;
    merge_tally(s, &s->all, &f->all);
    for (int split = 0; split < SPLITS; split++)
        for (uint32_t g = 0; g < s->groups[split]; g++)
            merge_tally(s, &s->by[split][g], &f->by[split][g]);
    return CB_OK;
}

static int64_t shortfall_of(remedy_state *s, const tally *t)
{
    int64_t sum = 0;
    for (int band = 0; band < CB_BANDS; band++)
        plus(s, &sum, t->band_shortfall_minor[band]);
    return sum;
}

static cb_remedy_figures figures_of(remedy_state *s, const tally *t, double median_ratio)
{
    uint32_t eligible = eligible_of(t);
    cb_remedy_figures f = {
        .cases = t->cases,
        .loss_known = t->loss_known,
        .eligible = eligible,
        .loss_minor = t->loss_minor,
        .remedy_minor = t->remedy_minor,
        .direct_minor = t->direct_minor,
        .consequential_minor = t->loss_minor - t->direct_minor,
        .ratio = t->loss_minor > 0 ? (double)t->remedy_minor / (double)t->loss_minor : NAN,
        .median_ratio = median_ratio,
        .shortfall_minor = shortfall_of(s, t),
        .excess_minor = t->excess_minor,
        .over_remedied = t->over};
    f.share_adequate = eligible > 0
                           ? cb_wilson(t->bands[CB_BAND_ADEQUATE] + t->bands[CB_BAND_GENEROUS],
                                       eligible, CB_LEVEL_95)
                           : cb_est_none("no solved case with a known loss and remedy");
    for (int band = 0; band < CB_BANDS; band++) {
        f.bands[band] = t->bands[band];
        f.band_shortfall_minor[band] = t->band_shortfall_minor[band];
    }
    return f;
}

/* ---- groups ---- */

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

static const double *medians_of(const remedy_state *s, const cb_scope *scope, int split,
                                const cb_remedy_ratios *all)
{
    uint32_t groups = s->groups[split];
    uint32_t *eligible = cb_arena_array(scope->scratch, groups, sizeof *eligible);
    for (uint32_t g = 0; eligible && g < groups; g++)
        eligible[g] = eligible_of(&s->by[split][g]);
    return eligible ? cb_remedy_medians(all, scope, split_field(split), eligible, groups) : NULL;
}

static cb_status finish_split(remedy_state *s, const cb_scope *scope, int split,
                              const cb_remedy_ratios *all, cb_remedy_groups *out, cb_error *err)
{
    uint32_t n = 0;
    const double *median = medians_of(s, scope, split, all);
    ordering *order = cb_arena_array(scope->scratch, s->groups[split], sizeof *order);
    if (!median || !order)
        return cb_nomem(err, "the order of groups");
    for (uint32_t g = 0; g < s->groups[split]; g++)
        if (s->by[split][g].cases > 0)
            order[n++] =
                (ordering){shortfall_of(s, &s->by[split][g]), split_text(scope->book, split, g), g};
    if (n > 1)
        qsort(order, n, sizeof *order, by_shortfall_then_text);
    out->n = n;
    out->group = cb_arena_array(scope->arena, n, sizeof *out->group);
    if (!out->group)
        return cb_nomem(err, "the groups of remedies");
    for (uint32_t i = 0; i < n; i++) {
        uint32_t g = order[i].word;
        out->group[i] = (cb_remedy_group){g, figures_of(s, &s->by[split][g], median[g])};
    }
    return CB_OK;
}

/* ---- the whole ---- */

static void without(tally *t, int64_t loss, int64_t remedy, int64_t direct)
{
    line l = line_of(0, loss, remedy, direct);
    t->cases--;
    t->loss_known--;
    t->over -= l.excess > 0;
    t->bands[l.band]--;
    t->loss_minor -= l.loss;
    t->remedy_minor -= l.remedy;
    t->direct_minor -= l.direct;
    t->excess_minor -= l.excess;
    t->band_shortfall_minor[l.band] -= l.shortfall;
}

static void set_largest(remedy_state *s, const cb_scope *scope, const cb_remedy_ratios *all,
                        cb_remedy *out)
{
    const cb_table *cases = &scope->book->table[CB_CASES];
    tally rest = s->all;
    out->largest_n = all->largest_n;
    for (uint32_t k = 0; k < all->largest_n; k++) {
        const cb_remedy_loss *l = &all->largest[k];
        out->largest_row[k] = l->row;
        without(&rest, l->loss, l->remedy, cb_amount(cases, CB_CASE_LOSS, l->row));
    }
    out->without_largest = figures_of(s, &rest, cb_remedy_median_without_largest(all));
    out->largest_share = s->all.loss_minor > 0 ? (double)(s->all.loss_minor - rest.loss_minor) /
                                                     (double)s->all.loss_minor
                                               : NAN;
}

/* The report's own period: the groups too. */
static cb_status finish_divided(remedy_state *s, const cb_scope *scope, cb_remedy *out,
                                cb_error *err)
{
    cb_remedy_ratios all;
    cb_status rc = cb_remedy_sort(&all, scope, eligible_of(&s->all), err);
    if (rc != CB_OK)
        return rc;
    out->all = figures_of(s, &s->all, cb_remedy_median(&all));
    set_largest(s, scope, &all, out);
    for (int split = 0; rc == CB_OK && split < SPLITS; split++)
        rc = finish_split(s, scope, split, &all, split < CB_DIMS ? &out->by[split] : &out->by_type,
                          err);
    return rc;
}

static cb_status finish_undivided(remedy_state *s, const cb_scope *scope, cb_window_ix ix,
                                  cb_remedy *out, cb_error *err)
{
    double median = NAN;
    cb_status rc = cb_remedy_median_of_window(&median, scope, ix, eligible_of(&s->all), err);
    out->all = figures_of(s, &s->all, median);
    return rc;
}

/* A4: all open cases of the input, whenever opened. */
static void find_exposure(remedy_state *s, const cb_scope *scope, cb_remedy *out)
{
    const cb_derived *d = scope->derived;
    for (uint32_t row = 0; row < scope->book->table[CB_CASES].n; row++)
        if (d->state[row] == CB_STATE_OPEN) {
            int64_t loss = cb_loss_minor(d, row);
            out->open_cases += loss > 0; /* CB_NO_AMOUNT is below 0 */
            plus(s, &out->exposure_minor, loss > 0 ? loss : 0);
        }
}

static cb_status remedy_finish(void *state, const cb_scope *scope, cb_window_ix ix,
                               cb_results *results, cb_error *err)
{
    remedy_state *s = state;
    cb_remedy *out = &results->remedy;
    const cb_table *cases = &scope->book->table[CB_CASES];
    out->has_loss = cases->column[CB_CASE_LOSS] || cases->column[CB_CASE_CONSEQUENTIAL];
    out->has_remedy = cases->column[CB_CASE_REMEDY] != NULL;
    out->has_consequential = cases->column[CB_CASE_CONSEQUENTIAL] != NULL;
    cb_status rc =
        s->divided ? finish_divided(s, scope, out, err) : finish_undivided(s, scope, ix, out, err);
    if (s->divided)
        find_exposure(s, scope, out);
    if (rc == CB_OK && s->overflow)
        rc = cb_fail(err, CB_ELIMIT,
                     "the sum of the losses or remedies does not fit 64-bit minor units: an amount "
                     "in the input is far too large");
    return rc;
}

const cb_measure cb_measure_remedy = {.name = "remedy",
                                      .methods = "A1-A4",
                                      .over = CB_OVER_OPENED,
                                      .state_bytes = sizeof(remedy_state),
                                      .begin = remedy_begin,
                                      .add = remedy_add,
                                      .merge = remedy_merge,
                                      .finish = remedy_finish};
