/* Sorted keys are dealt out to the words of a dimension without disturbing their order. */
#include <string.h>

#include "measures/resolution_parts.h"

/* ---- words in the order of durations ---- */

enum { CARD_BITS = 64, CARD_BLOCK = 4096 }; /* a column is read in long runs */

/* At least one: a dimension of blank cells only has its place too. */
static unsigned bits_of(uint32_t words)
{
    unsigned bits = 1;
    while ((UINT64_C(1) << bits) < words)
        bits++;
    return bits;
}

/* Which card each dimension's words are on, and where. */
static void plan_cards(cb_res_cards *c, const cb_book *book, unsigned dims)
{
    unsigned at = CARD_BITS;
    for (int dim = 0; dim < CB_DIMS; dim++) {
        if (!(dims >> dim & 1))
            continue;
        const unsigned bits = bits_of(cb_dim_groups(book, (cb_dim)dim));
        if (at + bits > CARD_BITS) {
            c->cards++;
            at = 0;
        }
        c->of[dim] = (cb_res_field){c->cards - 1, at, (UINT64_C(1) << bits) - 1};
        at += bits;
    }
}

static void write_block(const cb_res_cards *c, const cb_table *cases, unsigned dims,
                        const cb_slice *part, uint32_t from)
{
    uint32_t word[CARD_BLOCK];
    for (int dim = 0; dim < CB_DIMS; dim++) {
        if (!(dims >> dim & 1))
            continue;
        uint64_t *card = c->card[c->of[dim].card] + from;
        cb_words_of(cases, cb_dim_fields[dim], part->rows, part->n, word);
        for (uint32_t i = 0; i < part->n; i++)
            card[i] |= (uint64_t)word[i] << c->of[dim].shift;
    }
}

static bool make_cards(cb_res_cards *c, size_t n, cb_arena *arena)
{
    bool made = true;
    for (unsigned i = 0; made && i < c->cards; i++) {
        c->card[i] = cb_arena_array(arena, n, sizeof *c->card[i]);
        made = c->card[i] != NULL;
    }
    return made;
}

cb_status cb_res_cards_of(cb_res_cards *out, const cb_book *book, unsigned dims,
                          const cb_slice *cases, cb_arena *arena, cb_error *err)
{
    *out = (cb_res_cards){0};
    plan_cards(out, book, dims);
    if (!make_cards(out, cases->n, arena))
        return cb_nomem(err, "the words of cases");
    for (uint32_t from = 0; from < cases->n; from += CARD_BLOCK) {
        const uint32_t rest = cases->n - from;
        cb_slice part = {cases->rows + from, rest < CARD_BLOCK ? rest : CARD_BLOCK};
        write_block(out, &book->table[CB_CASES], dims, &part, from);
    }
    return CB_OK;
}

cb_status cb_res_cards_sorted(cb_res_cards *out, const cb_res_cards *by_place,
                              const cb_res_order *order, cb_arena *arena, cb_error *err)
{
    *out = *by_place;
    if (!make_cards(out, order->n, arena))
        return cb_nomem(err, "the words of cases");
    for (unsigned c = 0; c < out->cards; c++) {
        const uint64_t *from = by_place->card[c];
        uint64_t *to = out->card[c];
        for (uint32_t i = 0; i < order->n; i++)
            to[i] = from[cb_res_place(order->key[i])];
    }
    return CB_OK;
}

/* ---- dealing ---- */

/* The two halves of the order side by side, each with counters of its own: neither waits for the
 * counter that the other has just raised. */
typedef struct dealing {
    const uint64_t *key, *card; /* side by side */
    uint32_t n, half;           /* half: from which the second half begins; it may have one more */
    cb_res_field field;
    unsigned low;   /* bits of a key that are not dealt out */
    unsigned apart; /* bits above them by which a word's keys are told apart: parts of a word */
    uint32_t *at_first, *at_second; /* by part: how many, then where the next one goes */
} dealing;

static inline size_t part_of(const dealing *d, uint32_t i)
{
    const size_t word = (size_t)(d->card[i] >> d->field.shift & d->field.mask);
    return word << d->apart | (d->key[i] >> d->low & d->apart);
}

static void count_parts(const dealing *deal)
{
    const dealing d = *deal;
    for (uint32_t i = 0; i < d.half; i++) {
        d.at_first[part_of(&d, i)]++;
        d.at_second[part_of(&d, d.half + i)]++;
    }
    if (d.n > 2 * d.half)
        d.at_second[part_of(&d, d.n - 1)]++;
}

static void place_parts(const dealing *d, uint32_t *offset, size_t parts)
{
    uint32_t at = 0;
    for (size_t p = 0; p < parts; p++) {
        uint32_t in_first = d->at_first[p], in_second = d->at_second[p];
        offset[p] = d->at_first[p] = at;
        d->at_second[p] = at + in_first;
        at += in_first + in_second;
    }
    offset[parts] = at;
}

static void deal_out(const dealing *deal, uint64_t *value)
{
    const dealing d = *deal;
    const unsigned shift = d.low + d.apart;
    for (uint32_t i = 0; i < d.half; i++) {
        value[d.at_first[part_of(&d, i)]++] = d.key[i] >> shift;
        value[d.at_second[part_of(&d, d.half + i)]++] = d.key[d.half + i] >> shift;
    }
    if (d.n > 2 * d.half)
        value[d.at_second[part_of(&d, d.n - 1)]++] = d.key[d.n - 1] >> shift;
}

cb_status cb_res_new_table(cb_res_table *out, uint32_t n, uint32_t words, cb_arena *arena,
                           cb_error *err)
{
    const size_t parts = (size_t)words * 2;
    *out = (cb_res_table){words, cb_arena_array(arena, n, sizeof *out->value),
                          cb_arena_array(arena, parts + 1, sizeof *out->offset),
                          cb_arena_array(arena, parts, sizeof *out->at_first),
                          cb_arena_array(arena, parts, sizeof *out->at_second)};
    return out->value && out->offset && out->at_first && out->at_second
               ? CB_OK
               : cb_nomem(err, "the durations of groups");
}

static void deal(dealing *d, const cb_res_table *table)
{
    const size_t parts = (size_t)table->words << d->apart;
    d->half = d->n / 2;
    d->at_first = table->at_first;
    d->at_second = table->at_second;
    memset(d->at_first, 0, parts * sizeof *d->at_first);
    memset(d->at_second, 0, parts * sizeof *d->at_second);
    count_parts(d);
    place_parts(d, table->offset, parts);
    deal_out(d, table->value);
}

static cb_res_split split(const cb_res_order *order, const uint64_t *card, cb_res_field field,
                          const cb_res_table *table)
{
    dealing d = {.key = order->key, .card = card, .n = order->n, .field = field};
    d.low = CB_RES_PLACE_BITS;
    d.apart = 1;
    deal(&d, table);
    return (cb_res_split){table->words, table->offset, (const int64_t *)table->value};
}

cb_res_split cb_res_split_by(const cb_res_order *order, const cb_res_cards *sorted, cb_dim dim,
                             const cb_res_table *table)
{
    const cb_res_field field = sorted->of[dim];
    return split(order, sorted->card[field.card], field, table);
}

cb_status cb_res_split_at(cb_res_split *out, const cb_res_order *order, const uint32_t *word,
                          uint32_t groups, cb_arena *arena, cb_error *err)
{
    cb_res_table table;
    uint64_t *card = cb_arena_array(arena, order->n, sizeof *card);
    cb_status rc = card ? cb_res_new_table(&table, order->n, groups, arena, err)
                        : cb_nomem(err, "the durations of groups");
    if (rc != CB_OK)
        return rc;
    for (uint32_t i = 0; i < order->n; i++)
        card[i] = word[cb_res_place(order->key[i])];
    *out = split(order, card, (cb_res_field){0, 0, UINT32_MAX}, &table);
    return CB_OK;
}

/* ---- two cohorts together ---- */

static uint64_t mark_of(uint64_t key, bool before)
{
    return key >> CB_RES_PLACE_BITS << 1 | before;
}

/* From which cohort each case comes: no branch, as which has the next one is a toss. */
static void merge(uint64_t *mark, const cb_res_order *now, const cb_res_order *before)
{
    uint32_t n = 0, b = 0, at = 0;
    while (n < now->n && b < before->n) {
        uint64_t one = mark_of(now->key[n], false), other = mark_of(before->key[b], true);
        bool later = other < one;
        mark[at++] = later ? other : one;
        b += later;
        n += !later;
    }
    while (n < now->n)
        mark[at++] = mark_of(now->key[n++], false);
    while (b < before->n)
        mark[at++] = mark_of(before->key[b++], true);
}

/* A mark tells which cohort's next card is its own. */
static void merge_cards(uint64_t *card, const cb_res_both *both, const uint64_t *now_by_place,
                        const uint64_t *before_by_place)
{
    const uint64_t *by_place[2] = {now_by_place, before_by_place};
    const uint64_t *key[2] = {both->now->key, both->before->key};
    uint32_t at[2] = {0, 0};
    for (uint32_t i = 0; i < both->n; i++) {
        const unsigned which = both->mark[i] & 1;
        card[i] = by_place[which][cb_res_place(key[which][at[which]++])];
    }
}

static cb_status set_cards(cb_res_both *b, const cb_book *book, unsigned dims, cb_arena *arena,
                           cb_arena *scratch, cb_error *err)
{
    cb_res_cards now, before;
    cb_status rc = cb_res_cards_of(&now, book, dims, &b->now->cases, scratch, err);
    if (rc == CB_OK)
        rc = cb_res_cards_of(&before, book, dims, &b->before->cases, scratch, err);
    if (rc != CB_OK)
        return rc;
    b->cards = now;
    if (!make_cards(&b->cards, b->n, arena))
        return cb_nomem(err, "the words of cases");
    for (unsigned c = 0; c < now.cards; c++)
        merge_cards(b->cards.card[c], b, now.card[c], before.card[c]);
    return CB_OK;
}

cb_status cb_res_merge(cb_res_both *out, const cb_res_order *now, const cb_res_order *before,
                       const cb_book *book, unsigned dims, cb_arena *arena, cb_arena *scratch,
                       cb_error *err)
{
    size_t n = (size_t)now->n + before->n;
    uint64_t *mark = cb_arena_array(arena, n, sizeof *mark);
    if (!mark)
        return cb_nomem(err, "the comparison of periods");
    merge(mark, now, before);
    *out = (cb_res_both){.mark = mark, .n = (uint32_t)n, .now = now, .before = before};
    return set_cards(out, book, dims, arena, scratch, err);
}

cb_res_marks cb_res_marks_of(const cb_res_both *both, cb_dim dim, const cb_res_table *table)
{
    const cb_res_field field = both->cards.of[dim];
    const uint64_t *card = both->cards.card[field.card];
    dealing d = {.key = both->mark, .card = card, .n = both->n, .field = field};
    deal(&d, table);
    return (cb_res_marks){table->offset, table->value};
}
