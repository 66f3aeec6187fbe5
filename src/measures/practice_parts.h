/* practice_parts.h - what the files of the practice measure share; private to src/measures. */
#ifndef CASEBOOK_PRACTICE_PARTS_H
#define CASEBOOK_PRACTICE_PARTS_H

#include "casebook/practice.h"
#include "measures/recurrence_parts.h"

/* A yes-no answer about a case; CB_NA: does not apply, or not known. */
typedef enum cb_answer { CB_NO, CB_YES, CB_NA } cb_answer;

// cb_followed_up answers whether the case was followed up within follow_up_days after its solution (not
// earlier than a day before it: dates come without a time); CB_NA: not solved so long ago.
cb_answer cb_followed_up(const cb_scope *scope, uint32_t row);

enum { CB_LOSS_BANDS = 4 };

/* What a case of the window answers, worked out once: every table asks for some of it. */
typedef struct cb_practice_case {
    uint32_t row, kind;
    uint8_t band;               /* of loss; 0 where it is not known */
    uint8_t step[CB_STEPS], effect[CB_EFFECTS]; /* cb_answer */
} cb_practice_case;

typedef struct cb_practice_look {
    const cb_scope *scope;
    const cb_table *cases;
    const cb_slice *rows;       /* of the window */
    int64_t end;                /* what is later has not happened */
    const cb_practice_case *seen; /* of rows */
    int64_t follow_up_s, outcome_s;
    int64_t band_from_minor[CB_LOSS_BANDS]; /* ascending, the first 0 */
} cb_practice_look;

cb_answer cb_step_of(const cb_practice_look *l, uint32_t row, cb_step step);

CB_MUST_USE cb_status cb_practice_steps(cb_practice *out, const cb_practice_look *l, cb_error *err);
CB_MUST_USE cb_status cb_practice_regressions(cb_practice *out, const cb_practice_look *l, cb_error *err);
CB_MUST_USE cb_status cb_practice_tables(cb_practice *out, const cb_practice_look *l, cb_error *err);


#endif
