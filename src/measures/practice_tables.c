/* The figures of the recovery practice that are counts: liability, promises, ladders, escalation,
 * debrief, survey, phrases. */
#include <math.h>
#include <stdlib.h>

#include "casebook/stats_interval.h"
#include "casebook/stats_order.h"
#include "measures/practice_parts.h"

enum { LADDER = 5 };

static double median_hours(int64_t *seconds, size_t n, cb_arena *scratch)
{
    if (n == 0 || cb_sort_i64(seconds, n, scratch) != CB_OK)
        return NAN;
    return cb_quantile_i64(seconds, n, 0.5).value / CB_HOUR_S;
}

/* Cases of a level, counted. */
typedef struct tally {
    uint32_t answered, satisfied, judged, came_back;
} tally;

static void finish_level(cb_ladder_row *row, const tally *t)
{
    row->satisfied = t->answered > 0 ? cb_wilson(t->satisfied, t->answered, CB_LEVEL_95)
                                     : cb_est_none("nobody answered");
    row->repeat = t->judged > 0 ? cb_wilson(t->came_back, t->judged, CB_LEVEL_95)
                                : cb_est_none("too recent to know");
}

/* lasted_s has room for all cases of the window. */
static double median_of_level(const cb_practice_look *l, cb_case_field field, uint32_t level,
                              int64_t *lasted_s)
{
    const cb_derived *d = l->scope->derived;
    size_t n = 0;
    for (uint32_t i = 0; i < l->rows->n; i++) {
        uint32_t row = l->rows->rows[i];
        uint16_t count = cb_count(l->cases, field, row);
        if (count != CB_NO_COUNT && (count < LADDER - 1 ? count : LADDER - 1) == level &&
            d->state[row] == CB_STATE_RESOLVED && d->elapsed_s[row] >= 0)
            lasted_s[n++] = d->elapsed_s[row];
    }
    return median_hours(lasted_s, n, l->scope->scratch);
}

static void ladder(cb_ladder_row rows[LADDER], const cb_practice_look *l, cb_case_field field,
                   int64_t *spare)
{
    tally level[LADDER] = {{0}};
    for (uint32_t i = 0; i < l->rows->n; i++) {
        const cb_practice_case *c = &l->seen[i];
        uint16_t count = cb_count(l->cases, field, c->row);
        if (count == CB_NO_COUNT)
            continue;
        unsigned at = count < LADDER - 1 ? count : LADDER - 1;
        rows[at].cases++;
        level[at].answered += c->effect[CB_EFFECT_SATISFIED] != CB_NA;
        level[at].satisfied += c->effect[CB_EFFECT_SATISFIED] == CB_YES;
        level[at].judged += c->effect[CB_EFFECT_REPEAT] != CB_NA;
        level[at].came_back += c->effect[CB_EFFECT_REPEAT] == CB_YES;
    }
    for (uint32_t at = 0; at < LADDER; at++) {
        rows[at].level = at;
        finish_level(&rows[at], &level[at]);
        rows[at].median_hours = median_of_level(l, field, at, spare);
    }
}

/* Oldest first: the window's rows are in the order of opening. */
static cb_status liability(cb_practice *out, const cb_practice_look *l, int64_t *spare,
                           cb_error *err)
{
    size_t timed = 0;
    out->missed_row = cb_arena_array(l->scope->arena, l->rows->n, sizeof *out->missed_row);
    if (!out->missed_row)
        return cb_nomem(err, "the liability cases");
    for (uint32_t i = 0; i < l->rows->n; i++) {
        uint32_t row = l->rows->rows[i];
        int64_t at = cb_time(l->cases, CB_CASE_ESCALATED_AT, row);
        if (cb_flag(l->cases, CB_CASE_LIABILITY, row) != 1)
            continue;
        out->liability++;
        if (cb_flag(l->cases, CB_CASE_ESCALATED, row) == 1 || at != CB_NO_TIME) {
            out->liability_escalated++;
            if (at != CB_NO_TIME && at >= cb_time(l->cases, CB_CASE_OPENED, row))
                spare[timed++] = at - cb_time(l->cases, CB_CASE_OPENED, row);
        } else {
            out->missed_row[out->missed_n++] = row;
        }
    }
    out->liability_missed = out->missed_n;
    out->liability_median_hours = median_hours(spare, timed, l->scope->scratch);
    return CB_OK;
}

static void promises(cb_practice *out, const cb_practice_look *l)
{
    int64_t as_of = l->scope->book->as_of_utc_s;
    for (uint32_t i = 0; i < l->rows->n; i++) {
        uint8_t kept = l->seen[i].step[CB_STEP_PROMISE_KEPT];
        uint8_t followed = l->seen[i].step[CB_STEP_FOLLOW_UP];
        out->promises += kept != CB_NA;
        out->promises_kept += kept == CB_YES;
        out->follow_ups_due += followed != CB_NA;
        out->follow_ups_done += followed == CB_YES;
    }
    /* Overdue now: of all cases, whenever opened. */
    for (uint32_t row = 0; row < l->cases->n; row++) {
        int64_t promised = cb_time(l->cases, CB_CASE_PROMISED, row),
                resolved = cb_time(l->cases, CB_CASE_RESOLVED, row);
        bool open = l->scope->derived->state[row] == CB_STATE_OPEN;
        out->promises_overdue_now += open && promised != CB_NO_TIME && promised < as_of;
        bool waits = l->cases->column[CB_CASE_FOLLOW_UP] && resolved != CB_NO_TIME &&
                     cb_time(l->cases, CB_CASE_FOLLOW_UP, row) == CB_NO_TIME;
        out->follow_ups_overdue_now +=
            waits && as_of - resolved >= l->follow_up_s && as_of - resolved <= 4 * l->follow_up_s;
    }
}

static void escalation(cb_practice *out, const cb_practice_look *l, int64_t *spare)
{
    if (!l->cases->column[CB_CASE_ESCALATED])
        return;
    for (unsigned band = 0; band < CB_LOSS_BANDS; band++) {
        struct cb_escalation_row *r = &out->escalation[out->escalation_rows++];
        r->from_minor = l->band_from_minor[band];
        r->to_minor = band + 1 < CB_LOSS_BANDS ? l->band_from_minor[band + 1] : INT64_MAX;
        for (uint8_t escalated = 0; escalated < 2; escalated++) {
            size_t n = 0;
            for (uint32_t i = 0; i < l->rows->n; i++) {
                uint32_t row = l->rows->rows[i];
                if (l->seen[i].band == band &&
                    cb_flag(l->cases, CB_CASE_ESCALATED, row) == escalated &&
                    l->scope->derived->state[row] == CB_STATE_RESOLVED &&
                    l->scope->derived->elapsed_s[row] >= 0)
                    spare[n++] = l->scope->derived->elapsed_s[row];
            }
            *(escalated ? &r->escalated : &r->not_escalated) = (uint32_t)n;
            *(escalated ? &r->median_h_escalated : &r->median_h_not) =
                median_hours(spare, n, l->scope->scratch);
        }
    }
}

static int by_cases(const void *a, const void *b)
{
    const struct cb_skill_row *x = a, *y = b;
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
    uint64_t sum = 0;
    for (uint32_t i = 0; i < l->rows->n; i++) {
        uint32_t row = l->rows->rows[i];
        uint16_t score = cb_score(l->cases, CB_CASE_SATISFACTION, row);
        bool closed = l->scope->derived->state[row] == CB_STATE_RESOLVED ||
                      l->scope->derived->state[row] == CB_STATE_CLOSED_BLANK;
        out->satisfaction_eligible += closed && l->cases->column[CB_CASE_SATISFACTION] != NULL;
        if (!closed || score == CB_NO_SCORE)
            continue;
        out->satisfaction_known++;
        out->satisfied += score >= 400;
        sum += score;
    }
    out->satisfied_share = out->satisfaction_known > 0
                               ? cb_wilson(out->satisfied, out->satisfaction_known, CB_LEVEL_95)
                               : cb_est_none("nobody answered");
    out->satisfaction_mean =
        out->satisfaction_known > 0 ? (double)sum / out->satisfaction_known / 100 : NAN;
}

static void over_remedy(cb_practice *out, const cb_practice_look *l)
{
    const cb_derived *d = l->scope->derived;
    for (uint32_t i = 0; i < l->rows->n; i++) {
        uint32_t row = l->rows->rows[i];
        if (d->eligible[row] != 1)
            continue;
        bool over = d->remedy_minor[row] > d->loss_minor[row],
             covered = d->remedy_minor[row] >= d->loss_minor[row];
        out->over_eligible++;
        out->over_remedied += over;
        out->over_cost_minor += over ? d->remedy_minor[row] - d->loss_minor[row] : 0;
        /* Whether more than is owed goes with better outcomes than exactly what is owed. */
        for (int e = 0; covered && e < CB_EFFECTS; e++) {
            uint8_t came = l->seen[i].effect[e];
            cb_effect *effect = &out->over_effect[e];
            if (came == CB_NA)
                continue;
            *(over ? &effect->with_n : &effect->without_n) += 1;
            *(over ? &effect->with_yes : &effect->without_yes) += came == CB_YES;
        }
    }
    for (int e = 0; e < CB_EFFECTS; e++) {
        cb_effect *effect = &out->over_effect[e];
        effect->odds_ratio = cb_est_none("not stratified; see the difference");
        effect->risk_difference = cb_share_difference(
            effect->with_yes, effect->with_n, effect->without_yes, effect->without_n, CB_LEVEL_95);
        effect->p =
            cb_share_test(effect->with_yes, effect->with_n, effect->without_yes, effect->without_n)
                .two_sided;
    }
}

static cb_status phrases(cb_practice *out, const cb_practice_look *l, cb_error *err)
{
    const cb_pairs *listed = &l->scope->settings->phrases;
    out->phrase = cb_arena_array(l->scope->arena, listed->n, sizeof *out->phrase);
    if (!out->phrase)
        return cb_nomem(err, "the phrases");
    out->phrases = listed->n;
    for (uint32_t i = 0; i < l->rows->n; i++)
        out->texts += (cb_text_bits(l->cases, CB_CASE_TEXT, l->rows->rows[i]) & CB_TEXT_SEEN) != 0;
    for (unsigned p = 0; p < listed->n; p++) {
        uint32_t answered[2] = {0}, satisfied[2] = {0};
        out->phrase[p].name = listed->pair[p].word;
        for (uint32_t i = 0; i < l->rows->n; i++) {
            uint32_t bits = cb_text_bits(l->cases, CB_CASE_TEXT, l->rows->rows[i]);
            if (!(bits & CB_TEXT_SEEN))
                continue;
            unsigned with = bits >> p & 1;
            uint8_t happy = l->seen[i].effect[CB_EFFECT_SATISFIED];
            out->phrase[p].cases += with;
            answered[with] += happy != CB_NA;
            satisfied[with] += happy == CB_YES;
        }
        out->phrase[p].share = out->texts > 0
                                   ? cb_wilson(out->phrase[p].cases, out->texts, CB_LEVEL_95)
                                   : cb_est_none("no text");
        out->phrase[p].satisfied_with = answered[1] > 0
                                            ? cb_wilson(satisfied[1], answered[1], CB_LEVEL_95)
                                            : cb_est_none("nobody answered");
        out->phrase[p].satisfied_without = answered[0] > 0
                                               ? cb_wilson(satisfied[0], answered[0], CB_LEVEL_95)
                                               : cb_est_none("nobody answered");
    }
    return CB_OK;
}

cb_status cb_practice_tables(cb_practice *out, const cb_practice_look *l, cb_error *err)
{
    int64_t *spare = cb_arena_array(l->scope->scratch, l->rows->n, sizeof *spare);
    if (!spare)
        return cb_nomem(err, "the practice");
    ladder(out->transfers, l, CB_CASE_TRANSFERS, spare);
    ladder(out->options, l, CB_CASE_OPTIONS, spare);
    promises(out, l);
    escalation(out, l, spare);
    survey(out, l);
    over_remedy(out, l);
    cb_status rc = liability(out, l, spare, err);
    if (rc == CB_OK)
        rc = debrief(out, l, err);
    return rc == CB_OK ? phrases(out, l, err) : rc;
}
