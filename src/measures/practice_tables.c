/* The figures of the recovery practice that are counts: liability, promises, ladders, debrief,
 * survey, phrases. Times: practice_times.c. */
#include <math.h>
#include <stdlib.h>

#include "casebook/stats_interval.h"
#include "casebook/stats_order.h"
#include "measures/derived_parts.h"
#include "measures/practice_parts.h"

/* Disorders the seconds. */
static double median_hours(double *seconds, size_t n)
{
    return n > 0 ? cb_quantile_f64_of(seconds, n, 0.5).value / CB_HOUR_S : NAN;
}

/* A share of those of whom it is known. */
typedef struct known {
    uint32_t n, yes;
} known;

static void add_known(known *k, cb_answer answer)
{
    k->n += answer != CB_NA;
    k->yes += answer == CB_YES;
}

static cb_est share_of(const known *k, const char *none)
{
    return k->n > 0 ? cb_wilson(k->yes, k->n, CB_LEVEL_95) : cb_est_none(none);
}

static const char nobody[] = "nobody answered";

static void ladder(cb_ladder_row rows[CB_LADDER_ROWS], const cb_practice_look *l,
                   cb_case_field field)
{
    known happy[CB_LADDER_ROWS] = {{0, 0}}, back[CB_LADDER_ROWS] = {{0, 0}};
    for (uint32_t i = 0; i < l->rows->n; i++) {
        unsigned level = cb_practice_level(cb_count(l->cases, field, l->rows->rows[i]));
        if (level == CB_LADDER_ROWS)
            continue;
        rows[level].cases++;
        add_known(&happy[level], cb_packed_effect(l->answers[i], CB_EFFECT_SATISFIED));
        add_known(&back[level], cb_packed_effect(l->answers[i], CB_EFFECT_REPEAT));
    }
    for (unsigned level = 0; level < CB_LADDER_ROWS; level++) {
        rows[level].level = level;
        rows[level].satisfied = share_of(&happy[level], nobody);
        rows[level].repeat = share_of(&back[level], "too recent to know");
    }
}

/* Oldest first: the window's rows are in the order of opening. */
static cb_status liability(cb_practice *out, const cb_practice_look *l, cb_error *err)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < l->rows->n; i++)
        n += cb_flag(l->cases, CB_CASE_LIABILITY, l->rows->rows[i]) == 1;
    out->missed_row = cb_arena_array(l->scope->arena, n, sizeof *out->missed_row);
    double *seconds = cb_arena_array(l->scope->scratch, n, sizeof *seconds);
    if (!out->missed_row || !seconds)
        return cb_nomem(err, "the liability cases");
    for (uint32_t i = 0; n > 0 && i < l->rows->n; i++) {
        uint32_t row = l->rows->rows[i];
        int64_t at = cb_time(l->cases, CB_CASE_ESCALATED_AT, row);
        if (cb_flag(l->cases, CB_CASE_LIABILITY, row) != 1)
            continue;
        out->liability++;
        if (cb_flag(l->cases, CB_CASE_ESCALATED, row) != 1 && at == CB_NO_TIME) {
            out->missed_row[out->missed_n++] = row;
            continue;
        }
        out->liability_escalated++;
        if (at != CB_NO_TIME && at >= cb_time(l->cases, CB_CASE_OPENED, row))
            seconds[out->liability_timed++] = (double)(at - cb_time(l->cases, CB_CASE_OPENED, row));
    }
    out->liability_missed = out->missed_n;
    out->liability_median_hours = median_hours(seconds, out->liability_timed);
    return CB_OK;
}

/* Of a block of cases in the order of opening; answers are beside them. */
static uint32_t overdue_promises(const cb_derived *d, const uint32_t *rows, const uint32_t *answers,
                                 uint32_t n)
{
    uint32_t overdue = 0;
    for (uint32_t i = 0; i < n; i++)
        overdue += (cb_packed_step(answers[i], CB_STEP_PROMISE_KEPT) == CB_NO) &
                   (d->state[rows[i]] == CB_STATE_OPEN);
    return overdue;
}

/* Few cases were solved in those days. */
static uint32_t overdue_follow_ups(const cb_practice_look *l, const uint32_t *rows, uint32_t n)
{
    int64_t resolved[CB_BLOCK], as_of = l->scope->book->as_of_utc_s;
    uint32_t at[CB_BLOCK], due = 0, overdue = 0;
    cb_times_of(l->cases, CB_CASE_RESOLVED, rows, n, resolved);
    for (uint32_t i = 0; i < n; i++) {
        at[due] = i;
        due += (resolved[i] != CB_NO_TIME) & (resolved[i] <= as_of - l->follow_up_s) &
               (resolved[i] >= as_of - CB_FOLLOW_UPS_RECENT * l->follow_up_s);
    }
    for (uint32_t k = 0; k < due; k++)
        overdue += cb_time(l->cases, CB_CASE_FOLLOW_UP, rows[at[k]]) == CB_NO_TIME;
    return overdue;
}

/* Overdue now: of all cases, whenever opened. */
static void overdue(cb_practice *out, const cb_practice_look *l)
{
    const cb_derived *d = l->scope->derived;
    bool follow_ups = l->cases->column[CB_CASE_FOLLOW_UP] != NULL;
    for (uint32_t from = 0; from < l->cases->n; from += CB_BLOCK) {
        const uint32_t *rows = l->scope->book->opened_order + from;
        uint32_t n = cb_block_of(l->cases->n, from);
        out->promises_overdue_now += overdue_promises(d, rows, d->answers + from, n);
        if (follow_ups)
            out->follow_ups_overdue_now += overdue_follow_ups(l, rows, n);
    }
}

static void promises(cb_practice *out, const cb_practice_look *l)
{
    for (uint32_t i = 0; i < l->rows->n; i++)
        out->promises_dated += cb_time(l->cases, CB_CASE_PROMISED, l->rows->rows[i]) != CB_NO_TIME;
    out->promises = out->step[CB_STEP_PROMISE_KEPT].eligible;
    out->promises_kept = out->step[CB_STEP_PROMISE_KEPT].done;
    out->follow_ups_due = out->step[CB_STEP_FOLLOW_UP].eligible;
    out->follow_ups_done = out->step[CB_STEP_FOLLOW_UP].done;
    overdue(out, l);
}

static int by_cases(const void *a, const void *b)
{
    const cb_skill_row *x = a, *y = b;
    if (x->cases != y->cases)
        return x->cases > y->cases ? -1 : 1;
    return x->word < y->word ? -1 : x->word > y->word;
}

static cb_status debrief(cb_practice *out, const cb_practice_look *l, cb_error *err)
{
    uint32_t words =
        l->cases->column[CB_CASE_SKILL] ? cb_intern_count(l->scope->book->pool[CB_POOL_SKILL]) : 0;
    out->skill = cb_arena_array(l->scope->arena, words, sizeof *out->skill);
    if (!out->skill)
        return cb_nomem(err, "the skills");
    for (uint32_t w = 0; w < words; w++)
        out->skill[w].word = w;
    for (uint32_t i = 0; i < l->rows->n; i++) {
        uint32_t row = l->rows->rows[i], skill = cb_word(l->cases, CB_CASE_SKILL, row);
        uint8_t avoidable = cb_flag(l->cases, CB_CASE_AVOIDABLE, row);
        out->avoidable_known += avoidable != CB_NO_FLAG;
        out->avoidable += avoidable == 1;
        if (skill != CB_UNKNOWN_ID)
            out->skill[skill].cases++;
    }
    if (words > 1)
        qsort(out->skill, words, sizeof *out->skill, by_cases);
    while (out->skills < words && out->skill[out->skills].cases > 0)
        out->skills++;
    return CB_OK;
}

static void survey(cb_practice *out, const cb_practice_look *l)
{
    bool asked = l->cases->column[CB_CASE_SATISFACTION] != NULL;
    uint64_t sum = 0;
    for (uint32_t i = 0; asked && i < l->rows->n; i++) {
        uint32_t row = l->rows->rows[i];
        uint16_t score = cb_score(l->cases, CB_CASE_SATISFACTION, row);
        uint8_t state = l->scope->derived->state[row];
        if (state != CB_STATE_RESOLVED && state != CB_STATE_CLOSED_BLANK)
            continue;
        out->satisfaction_eligible++;
        if (score == CB_NO_SCORE)
            continue;
        out->satisfaction_known++;
        out->satisfied += score >= 400;
        sum += score;
    }
    out->satisfied_share = asked
                               ? share_of(&(known){out->satisfaction_known, out->satisfied}, nobody)
                               : cb_est_none("satisfaction is not in the input");
    out->satisfaction_mean =
        out->satisfaction_known > 0 ? (double)sum / out->satisfaction_known / 100 : NAN;
}

static void over_remedy(cb_practice *out, const cb_practice_look *l)
{
    const cb_derived *d = l->scope->derived;
    for (uint32_t i = 0; i < l->rows->n; i++) {
        uint32_t row = l->rows->rows[i];
        bool over = cb_packed_step(l->answers[i], CB_OVER) == CB_YES;
        out->over_eligible += d->eligible[row] == 1;
        out->over_remedied += over;
        out->over_cost_minor += over ? cb_remedy_minor(d, row) - cb_loss_minor(d, row) : 0;
    }
}

static cb_status phrases(cb_practice *out, const cb_practice_look *l, cb_error *err)
{
    const cb_pairs *listed = &l->scope->settings->phrases;
    known with[CB_MAX_PHRASES] = {{0, 0}};
    known all = {0, 0};
    out->phrase = cb_arena_array(l->scope->arena, listed->n, sizeof *out->phrase);
    if (!out->phrase)
        return cb_nomem(err, "the phrases");
    out->phrases = listed->n;
    for (uint32_t i = 0; l->cases->column[CB_CASE_TEXT] && i < l->rows->n; i++) {
        uint32_t bits = cb_text_bits(l->cases, CB_CASE_TEXT, l->rows->rows[i]);
        cb_answer happy = cb_packed_effect(l->answers[i], CB_EFFECT_SATISFIED);
        if (!(bits & CB_TEXT_SEEN))
            continue;
        out->texts++;
        add_known(&all, happy);
        for (unsigned p = 0; p < listed->n; p++)
            if (bits >> p & 1) {
                out->phrase[p].cases++;
                add_known(&with[p], happy);
            }
    }
    for (unsigned p = 0; p < listed->n; p++) {
        cb_phrase_row *row = &out->phrase[p];
        known without = {all.n - with[p].n, all.yes - with[p].yes};
        row->name = listed->pair[p].word;
        row->share = share_of(&(known){out->texts, row->cases}, "no case of the period has a text");
        row->satisfied_with = share_of(&with[p], nobody);
        row->satisfied_without = share_of(&without, nobody);
    }
    return CB_OK;
}

cb_status cb_practice_tables(cb_practice *out, const cb_practice_look *l, cb_error *err)
{
    ladder(out->transfers, l, CB_CASE_TRANSFERS);
    ladder(out->options, l, CB_CASE_OPTIONS);
    promises(out, l);
    survey(out, l);
    over_remedy(out, l);
    cb_status rc = liability(out, l, err);
    if (rc == CB_OK)
        rc = debrief(out, l, err);
    return rc == CB_OK ? phrases(out, l, err) : rc;
}
