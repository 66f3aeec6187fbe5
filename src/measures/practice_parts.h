/* practice_parts.h - what the files of the practice measure share; private to src/measures.
 *
 * Sequence: practice_answers.c judges every case once a run and packs its answers into a word;
 * practice.c counts the words over strata. practice_effects.c turns them into effects, practice_regress.c and
 * practice_tables.c run over the packed words, practice_times.c over the resolution measure's order. */
#ifndef CASEBOOK_PRACTICE_PARTS_H
#define CASEBOOK_PRACTICE_PARTS_H

#include "casebook/practice.h"
#include "casebook/resolution.h"
#include "casebook/stats_regress.h"
#include "measures/recurrence_parts.h"

/* A yes-no answer about a case; CB_NA: does not apply, or not known. */
typedef enum cb_answer { CB_NO, CB_YES, CB_NA } cb_answer;

// cb_followed_up answers whether the case was followed up within follow_up_days after its solution
// (not earlier than a day before it: dates come without a time); CB_NA: not solved so long ago.
cb_answer cb_followed_up(const cb_scope *scope, uint32_t row);

/* The steps, and "more than the loss" (against exactly the loss), which is judged like one. */
enum { CB_OVER = CB_STEPS, CB_JUDGED };
/* Bands of the known losses, then the one of the unknown. */
enum { CB_LOSS_KNOWN_BANDS = 4, CB_LOSS_UNKNOWN = CB_LOSS_KNOWN_BANDS, CB_LOSS_BANDS };

/* Two bits an answer: the judged ones, then the outcomes; three for the band of loss. */
static inline cb_answer cb_packed_step(uint32_t packed, unsigned step)
{
    return (cb_answer)(packed >> 2 * step & 3);
}
static inline cb_answer cb_packed_effect(uint32_t packed, unsigned effect)
{
    return (cb_answer)(packed >> 2 * (CB_JUDGED + effect) & 3);
}
static inline unsigned cb_packed_band(uint32_t packed)
{
    return packed >> 2 * (CB_JUDGED + CB_EFFECTS) & 7;
}

/* Counts of one stratum: cases by the answer to "done?", and of those where both are known by the
 * answers to "done?" and "the outcome?". */
typedef struct cb_practice_stratum {
    uint32_t did[CB_JUDGED][CB_NA + 1];
    uint32_t n[CB_JUDGED][CB_EFFECTS][CB_YES + 1][CB_YES + 1];
} cb_practice_stratum;

// cb_practice_level returns the row of a ladder, CB_LADDER_ROWS: not known.
static inline unsigned cb_practice_level(uint16_t count)
{
    if (count == CB_NO_COUNT)
        return CB_LADDER_ROWS;
    return count < CB_LADDER_ROWS - 1 ? count : CB_LADDER_ROWS - 1;
}

typedef struct cb_practice_look {
    const cb_scope *scope;
    const cb_table *cases;
    const cb_slice *rows;    /* of the window */
    const uint32_t *answers; /* of the window's rows, packed */
    const uint32_t *all;     /* packed, of all cases opened before the window's end */
    uint32_t all_n;
    int64_t end; /* the window's */
    int64_t follow_up_s, outcome_s;
    int64_t band_from_minor[CB_LOSS_KNOWN_BANDS]; /* ascending, the first 0 */
} cb_practice_look;

cb_practice_look cb_practice_look_of(const cb_scope *scope, cb_window_ix ix);

/* Cases and those of their cells that others ask for, too: at most CB_BLOCK. */
typedef struct cb_practice_cells {
    const uint32_t *rows;
    uint32_t n;
    const int64_t *opened, *resolved; /* CB_NO_TIME */
    const int64_t *loss, *remedy;     /* cb_loss_minor, cb_remedy_minor */
} cb_practice_cells;

// cb_practice_answer packs the answers of the cases, in their order; of look->scope only book,
// settings and derived are looked at.
void cb_practice_answer(const cb_practice_look *look, const cb_practice_cells *cells,
                        uint32_t *answers);

// cb_practice_absent returns why a step cannot be judged: its column is not in the input; else
// NULL.
const char *cb_practice_absent(const cb_practice_look *l, cb_step step);

CB_MUST_USE cb_status cb_practice_effects(cb_practice *out, const cb_practice_look *l,
                                          const cb_practice_stratum *strata, uint32_t n,
                                          cb_error *err);
CB_MUST_USE cb_status cb_practice_regressions(cb_practice *out, const cb_practice_look *l,
                                              const cb_practice_stratum *strata, uint32_t n,
                                              cb_error *err);
CB_MUST_USE cb_status cb_practice_tables(cb_practice *out, const cb_practice_look *l,
                                         cb_error *err);
// cb_practice_times needs the resolution measure, hence the compare.
CB_MUST_USE cb_status cb_practice_times(cb_practice *out, const cb_practice_look *l,
                                        const cb_resolution *r, cb_error *err);

#endif
