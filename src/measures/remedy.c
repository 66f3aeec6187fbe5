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

/* Counts and sums of one group; all integers, so that they merge by addition. Losses are above 0,
 * and within a band remedies have one sign: a sum that overflows on the way does not fit. */
typedef struct tally {
    uint64_t cases;              /* and in the upper half those of a known loss */
    uint64_t eligible[CB_BANDS]; /* and in the upper half those with more than the loss */
    int64_t loss_minor[CB_BANDS], remedy_minor[CB_BANDS]; /* of the eligible */
    int64_t direct_minor;
} tally;

static uint32_t lower(uint64_t counts)
{
    return (uint32_t)counts;
}

static uint32_t upper(uint64_t counts)
{
    return (uint32_t)(counts >> 32);
}

typedef struct remedy_state {
    tally all;
    tally *by[SPLITS];
    uint32_t groups[SPLITS];
    cb_remedy_list met;
    cb_remedy_largest largest;
    bool divided; /* into groups: only the report's own period is */
    bool overflow;
} remedy_state;

static uint32_t eligible_of(const tally *t)
{
    uint32_t n = 0;
    for (int band = 0; band < CB_BANDS; band++)
        n += lower(t->eligible[band]);
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

/* A block of the window's cases. Those eligible are worked out once and added to eight tallies. */
typedef struct block {
    const uint32_t *rows;
    uint32_t n;
    uint64_t case_of[CB_BLOCK];      /* what each adds to tally.cases */
    uint32_t eligible, at[CB_BLOCK]; /* the eligible are beside at */
    uint8_t band[CB_BLOCK];
    uint64_t eligible_of[CB_BLOCK]; /* what each adds to tally.eligible */
    int64_t loss[CB_BLOCK], remedy[CB_BLOCK], direct[CB_BLOCK];
} block;

/* Of a loss above 0. Without a branch: nobody could guess it. */
static uint8_t band_of(int64_t loss, int64_t remedy)
{
    unsigned some = remedy > 0;
    unsigned enough = remedy >= loss;
    unsigned more = some & (remedy - some * loss > loss / 2); /* than 1.5 loss, in integers */
    return (uint8_t)(some + enough + (enough & more));
}

static void work_out(block *b)
{
    for (uint32_t k = 0; k < b->eligible; k++) {
        b->direct[k] = b->direct[k] == CB_NO_AMOUNT ? 0 : b->direct[k];
        b->band[k] = band_of(b->loss[k], b->remedy[k]);
        b->eligible_of[k] = 1 + ((uint64_t)(b->remedy[k] > b->loss[k]) << 32);
    }
}

static void read_block(block *b, const cb_scope *scope, const uint32_t *rows, uint32_t n)
{
    const cb_derived *d = scope->derived;
    b->rows = rows;
    b->n = n;
    b->eligible = 0;
    cb_losses_of(d, rows, n, b->loss);
    cb_remedies_of(d, rows, n, b->remedy);
    cb_amounts_of(&scope->book->table[CB_CASES], CB_CASE_LOSS, rows, n, b->direct);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t k = b->eligible;
        b->case_of[i] = 1 + ((uint64_t)(b->loss[i] != CB_NO_AMOUNT) << 32);
        b->at[k] = i;
        b->loss[k] = b->loss[i];
        b->remedy[k] = b->remedy[i];
        b->direct[k] = b->direct[i];
        b->eligible += d->eligible[rows[i]] == 1;
    }
    work_out(b);
}

/* word: each case's place among the tallies */
static void add_block(remedy_state *s, tally *t, const uint32_t word[CB_BLOCK], const block *b)
{
    bool over = false;
    for (uint32_t i = 0; i < b->n; i++)
        t[word[i]].cases += b->case_of[i];
    for (uint32_t k = 0; k < b->eligible; k++) {
        tally *to = &t[word[b->at[k]]];
        int64_t *loss = &to->loss_minor[b->band[k]], *remedy = &to->remedy_minor[b->band[k]];
        to->eligible[b->band[k]] += b->eligible_of[k];
        over |= __builtin_add_overflow(*loss, b->loss[k], loss);
        over |= __builtin_add_overflow(*remedy, b->remedy[k], remedy);
        over |= __builtin_add_overflow(to->direct_minor, b->direct[k], &to->direct_minor);
    }
    s->overflow |= over;
}

/* first: the place of the block in the window */
static cb_status keep_ratios(remedy_state *s, const block *b, uint32_t first, cb_arena *scratch)
{
    cb_remedy_met *m = cb_arena_get(scratch, sizeof *m);
    if (!m || !(m->ratio = cb_arena_array(scratch, b->eligible, sizeof *m->ratio)) ||
        (s->divided && !(m->place = cb_arena_array(scratch, b->eligible, sizeof *m->place))))
        return CB_ENOMEM;
    m->n = b->eligible;
    for (uint32_t k = 0; k < m->n; k++)
        m->ratio[k] = (double)b->remedy[k] / (double)b->loss[k];
    for (uint32_t k = 0; s->divided && k < m->n; k++)
        m->place[k] = first + b->at[k];
    cb_remedy_join(&s->met, &(cb_remedy_list){m, m});
    return CB_OK;
}

static void keep_largest(remedy_state *s, const block *b, uint32_t first)
{
    cb_remedy_largest *l = &s->largest;
    for (uint32_t k = 0; k < b->eligible; k++)
        if (l->n < CB_LARGEST_LOSSES || b->loss[k] >= l->item[l->n - 1].loss)
            cb_remedy_put_largest(l, &(cb_remedy_loss){b->loss[k], b->remedy[k], b->direct[k],
                                                       b->rows[b->at[k]], first + b->at[k]});
}

static void add_splits(remedy_state *s, const cb_scope *scope, const block *b)
{
    uint32_t word[CB_BLOCK];
    for (int split = 0; split < SPLITS; split++) {
        cb_words_of(&scope->book->table[CB_CASES], split_field(split), b->rows, b->n, word);
        add_block(s, s->by[split], word, b);
    }
}

static cb_status remedy_add(void *state, const cb_scope *scope, cb_window_ix ix,
                            const cb_span *span, cb_error *err)
{
    static const uint32_t none[CB_BLOCK] = {0};
    remedy_state *s = state;
    block b;
    for (uint32_t from = 0; from < span->n; from += CB_BLOCK) {
        uint32_t place = (uint32_t)(span->rows - scope->window[ix].cases.rows) + from;
        read_block(&b, scope, span->rows + from, cb_block_of(span->n, from));
        add_block(s, &s->all, none, &b);
        if (b.eligible > 0 && keep_ratios(s, &b, place, scope->scratch) != CB_OK)
            return cb_nomem(err, "the adequacy of remedies");
        if (!s->divided)
            continue;
        keep_largest(s, &b, place);
        add_splits(s, scope, &b);
    }
    return CB_OK;
}

static void merge_tally(remedy_state *s, tally *into, const tally *from)
{
    into->cases += from->cases;
    plus(s, &into->direct_minor, from->direct_minor);
    for (int band = 0; band < CB_BANDS; band++) {
        into->eligible[band] += from->eligible[band];
        plus(s, &into->loss_minor[band], from->loss_minor[band]);
        plus(s, &into->remedy_minor[band], from->remedy_minor[band]);
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
    cb_remedy_join(&s->met, &f->met);
    for (uint32_t k = 0; k < f->largest.n; k++)
        cb_remedy_put_largest(&s->largest, &f->largest.item[k]);
    return CB_OK;
}

/* ---- figures ---- */

static int64_t sum_of(remedy_state *s, const int64_t *minor, int from, int to)
{
    int64_t sum = 0;
    for (int band = from; band < to; band++)
        plus(s, &sum, minor[band]);
    return sum;
}

static int64_t less(remedy_state *s, int64_t minor, int64_t other)
{
    s->overflow |= __builtin_sub_overflow(minor, other, &minor);
    return minor;
}

/* Below the adequate bands all fall short, in them none does. */
static int64_t band_shortfall(remedy_state *s, const tally *t, int band)
{
    return band < CB_BAND_ADEQUATE ? less(s, t->loss_minor[band], t->remedy_minor[band]) : 0;
}

static int64_t excess_of(remedy_state *s, const tally *t)
{
    return less(s, sum_of(s, t->remedy_minor, CB_BAND_ADEQUATE, CB_BANDS),
                sum_of(s, t->loss_minor, CB_BAND_ADEQUATE, CB_BANDS));
}

static int64_t loss_of(remedy_state *s, const tally *t)
{
    return sum_of(s, t->loss_minor, 0, CB_BANDS);
}

static int64_t shortfall_of(remedy_state *s, const tally *t)
{
    int64_t sum = 0;
    for (int band = 0; band < CB_BANDS; band++)
        plus(s, &sum, band_shortfall(s, t, band));
    return sum;
}

static cb_remedy_figures figures_of(remedy_state *s, const tally *t, double median_ratio)
{
    uint32_t eligible = eligible_of(t);
    cb_remedy_figures f = {.cases = lower(t->cases),
                           .loss_known = upper(t->cases),
                           .eligible = eligible,
                           .loss_minor = loss_of(s, t),
                           .remedy_minor = sum_of(s, t->remedy_minor, 0, CB_BANDS),
                           .direct_minor = t->direct_minor,
                           .median_ratio = median_ratio,
                           .shortfall_minor = shortfall_of(s, t),
                           .excess_minor = excess_of(s, t)};
    f.consequential_minor = less(s, f.loss_minor, f.direct_minor);
    f.ratio = f.loss_minor > 0 ? (double)f.remedy_minor / (double)f.loss_minor : NAN;
    for (int band = 0; band < CB_BANDS; band++) {
        f.bands[band] = lower(t->eligible[band]);
        f.over_remedied += upper(t->eligible[band]);
        f.band_shortfall_minor[band] = band_shortfall(s, t, band);
    }
    f.share_adequate = eligible > 0
                           ? cb_wilson(f.bands[CB_BAND_ADEQUATE] + f.bands[CB_BAND_GENEROUS],
                                       eligible, CB_LEVEL_95)
                           : cb_est_none("no solved case with a known loss and remedy");
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

static void without(tally *t, const cb_remedy_loss *l)
{
    uint8_t band = band_of(l->loss, l->remedy);
    t->cases -= 1 + (UINT64_C(1) << 32);
    t->eligible[band] -= 1 + ((uint64_t)(l->remedy > l->loss) << 32);
    t->loss_minor[band] -= l->loss;
    t->remedy_minor[band] -= l->remedy;
    t->direct_minor -= l->direct;
}

static void set_largest(remedy_state *s, const cb_remedy_ratios *all, cb_remedy *out)
{
    tally rest = s->all;
    out->largest_n = s->largest.n;
    for (uint32_t k = 0; k < s->largest.n; k++) {
        out->largest_row[k] = s->largest.item[k].row;
        without(&rest, &s->largest.item[k]);
    }
    out->without_largest = figures_of(s, &rest, cb_remedy_median_without_largest(all, &s->largest));
    int64_t loss = out->all.loss_minor, left = out->without_largest.loss_minor;
    out->largest_share = loss > 0 ? (double)(loss - left) / (double)loss : NAN;
}

/* The report's own period: the groups too. */
static cb_status finish_divided(remedy_state *s, const cb_scope *scope, cb_remedy *out,
                                cb_error *err)
{
    cb_remedy_ratios all;
    cb_status rc = cb_remedy_sort(&all, &s->met, scope, eligible_of(&s->all), err);
    if (rc != CB_OK)
        return rc;
    out->all = figures_of(s, &s->all, cb_remedy_median(&all));
    set_largest(s, &all, out);
    for (int split = 0; rc == CB_OK && split < SPLITS; split++)
        rc = finish_split(s, scope, split, &all, split < CB_DIMS ? &out->by[split] : &out->by_type,
                          err);
    return rc;
}

static cb_status finish_undivided(remedy_state *s, const cb_scope *scope, cb_remedy *out,
                                  cb_error *err)
{
    double median = NAN;
    cb_status rc = cb_remedy_median_of_list(&median, &s->met, scope, eligible_of(&s->all), err);
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
    (void)ix;
    const cb_table *cases = &scope->book->table[CB_CASES];
    out->has_loss = cases->column[CB_CASE_LOSS] || cases->column[CB_CASE_CONSEQUENTIAL];
    out->has_remedy = cases->column[CB_CASE_REMEDY] != NULL;
    out->has_consequential = cases->column[CB_CASE_CONSEQUENTIAL] != NULL;
    cb_status rc =
        s->divided ? finish_divided(s, scope, out, err) : finish_undivided(s, scope, out, err);
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
