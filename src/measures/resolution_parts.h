/* resolution_parts.h - what the files of the resolution measure share; private to src/measures.
 *
 * Sequence: a duration of the whole cohort is sorted once (cb_res_sort). cb_res_split_… deals the
 * sorted cases out to the words of a dimension without disturbing their order, events and
 * censorings apart: each word's part is then ready for Kaplan-Meier and log-rank (cb_res_part)
 * without another sort. */
#ifndef CASEBOOK_RESOLUTION_PARTS_H
#define CASEBOOK_RESOLUTION_PARTS_H

#include "casebook/resolution.h"
#include "measures/derived_parts.h"

/* Durations of word w: events duration_s[offset[2w]] …, then censorings duration_s[offset[2w + 1]]
 * … offset[2w + 2]. */
typedef struct cb_res_split {
    uint32_t groups;
    const uint32_t *offset;
    const int64_t *duration_s;
} cb_res_split;

/* Where a dimension's word is written on a case's cards. */
typedef struct cb_res_field {
    unsigned card, shift;
    uint64_t mask;
} cb_res_field;

/* The words of several dimensions of each case, packed in one number, or a few where they are wide:
 * what is sorted takes its words along with one look at the case. */
typedef struct cb_res_cards {
    unsigned cards;
    uint64_t *card[CB_DIMS];
    cb_res_field of[CB_DIMS];
} cb_res_cards;

/* Two cohorts, sorted together: marks of cb_logrank_pair, of which "second" is the period before. */
typedef struct cb_res_both {
    const uint64_t *mark;
    uint32_t n;
    cb_res_cards cards; /* beside mark */
    const cb_res_order *now, *before;
} cb_res_both;

/* What is dealt lies here, until the next deal. */
typedef struct cb_res_table {
    uint32_t words;
    uint64_t *value;
    uint32_t *offset, *at_first, *at_second;
} cb_res_table;

/* Marks of word w: mark[offset[w]] … offset[w + 1]. */
typedef struct cb_res_marks {
    const uint32_t *offset;
    const uint64_t *mark;
} cb_res_marks;

enum { CB_RES_ELAPSED, CB_RES_BUSINESS, CB_RES_RESPONSE, CB_RES_DURATIONS };

/* How a figure is refused. */
typedef struct cb_res_rules {
    bool closed_only;     /* R9 */
    const char *none;     /* why there may be no duration at all */
    const char *no_event; /* why R4 has no value where all are censored */
} cb_res_rules;

typedef struct cb_res_tally cb_res_tally; /* of targets kept and missed (R5) */

/* Which of a case's durations. key writes, for up to CB_BLOCK rows, twice the seconds, plus 1
 * where they are censored; negative where there is none. */
typedef struct cb_res_source {
    const cb_derived *derived;
    void (*key)(const cb_derived *derived, const uint32_t *rows, uint32_t n, int64_t *key);
    cb_res_rules rules;
    cb_res_tally *tally; /* NULL: none; else cb_res_sort adds all cases to it, by this duration */
} cb_res_source;

void cb_res_key_elapsed(const cb_derived *derived, const uint32_t *rows, uint32_t n, int64_t *key);
void cb_res_key_business(const cb_derived *derived, const uint32_t *rows, uint32_t n, int64_t *key);
void cb_res_key_response(const cb_derived *derived, const uint32_t *rows, uint32_t n, int64_t *key);

// cb_res_sort sorts the durations of the cases; arena owns the order, scratch what nobody needs
// afterwards.
CB_MUST_USE cb_status cb_res_sort(cb_res_order *out, const cb_slice *cases,
                                  const cb_res_source *source, cb_arena *arena, cb_arena *scratch,
                                  cb_error *err);

// cb_res_cards_of writes the words of the dimensions in the mask `dims` by place, cb_res_cards_sorted
// in the order of durations.
CB_MUST_USE cb_status cb_res_cards_of(cb_res_cards *out, const cb_book *book, unsigned dims,
                                      const cb_slice *cases, cb_arena *arena, cb_error *err);
CB_MUST_USE cb_status cb_res_cards_sorted(cb_res_cards *out, const cb_res_cards *by_place,
                                          const cb_res_order *order, cb_arena *arena,
                                          cb_error *err);

// cb_res_new_table makes a table for up to n durations and so many words, cleared by each deal.
CB_MUST_USE cb_status cb_res_new_table(cb_res_table *out, uint32_t n, uint32_t words,
                                       cb_arena *arena, cb_error *err);

// cb_res_split_at deals out by the word of each place, cb_res_split_by by a dimension of the sorted
// cards. groups: words there are.
CB_MUST_USE cb_status cb_res_split_at(cb_res_split *out, const cb_res_order *order,
                                      const uint32_t *word, uint32_t groups, cb_arena *arena,
                                      cb_error *err);
cb_res_split cb_res_split_by(const cb_res_order *order, const cb_res_cards *sorted, cb_dim dim,
                             const cb_res_table *table);

// cb_res_split_whole has one group, 0.
CB_MUST_USE cb_status cb_res_split_whole(cb_res_split *out, const cb_res_order *order,
                                         cb_arena *arena, cb_error *err);

// cb_res_merge sorts two cohorts together, with cards of the dimensions; scratch is not needed
// afterwards. cb_res_marks_of deals the marks out by one of them.
CB_MUST_USE cb_status cb_res_merge(cb_res_both *out, const cb_res_order *now,
                                   const cb_res_order *before, const cb_book *book, unsigned dims,
                                   cb_arena *arena, cb_arena *scratch, cb_error *err);
cb_res_marks cb_res_marks_of(const cb_res_both *both, cb_dim dim, const cb_res_table *table);

cb_logrank_group cb_res_part(const cb_res_split *split, uint32_t word);

// cb_res_fill computes all of a RES. jump: room for one an event of the part.
void cb_res_fill(cb_res *out, const cb_logrank_group *part, const cb_res_rules *rules,
                 cb_km_jump *jump);

// cb_res_refuse makes a RES without any value.
void cb_res_refuse(cb_res *out, const char *why);

// cb_res_median computes R2's median only.
cb_est cb_res_median(const cb_logrank_group *part, const cb_res_rules *rules);

// cb_res_dims fills out->by; orders and sources are those of elapsed, business and first response
// time.
CB_MUST_USE cb_status cb_res_dims(cb_resolution *out, const cb_scope *scope, const cb_slice *cases,
                                  const cb_res_order order[CB_RES_DURATIONS],
                                  const cb_res_source source[CB_RES_DURATIONS], cb_error *err);

// cb_res_tally_new returns NULL without memory; scope->scratch owns it. cb_res_tally_add adds up to
// CB_BLOCK cases with their keys of elapsed time. cb_res_targets fills out->target and
// out->by_priority (R5).
cb_res_tally *cb_res_tally_new(const cb_scope *scope);
void cb_res_tally_add(cb_res_tally *t, const uint32_t *rows, uint32_t n, const int64_t *elapsed);
CB_MUST_USE cb_status cb_res_targets(cb_resolution *out, cb_res_tally *t, cb_error *err);

// cb_res_compare is the measure's compare (R7).
CB_MUST_USE cb_status cb_res_compare(const cb_scope *scope, struct cb_results *out, cb_error *err);

#endif
