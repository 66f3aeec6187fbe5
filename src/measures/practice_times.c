/* Times to solve, open cases included (R2): by transfers, by options, escalated or not. */
#include "measures/practice_parts.h"
#include "measures/resolution_parts.h"

enum { MOST_GROUPS = 2 * CB_LOSS_BANDS };
_Static_assert((int)MOST_GROUPS >= (int)CB_LADDER_ROWS, "a ladder's rows are groups");

/* The groups are numbered from 0; the last number is of the cases in none. */
typedef struct groups {
    uint32_t n;
    uint32_t *of; /* by place in the window */
} groups;

typedef struct times {
    uint32_t cases[MOST_GROUPS]; /* solved or open: behind the median */
    cb_est median_h[MOST_GROUPS];
} times;

static cb_status times_of(times *out, const cb_resolution *r, const groups *g, cb_arena *scratch,
                          cb_error *err)
{
    const cb_res_rules rules = {r->closed_only, "no case with a known duration",
                                "no case is resolved"};
    cb_res_split split;
    cb_status rc = cb_res_split_at(&split, &r->order, g->of, g->n + 1, scratch, err);
    for (uint32_t i = 0; rc == CB_OK && i < g->n; i++) {
        const cb_logrank_group part = cb_res_part(&split, i);
        out->cases[i] = (uint32_t)(part.n_events + part.n_censored);
        out->median_h[i] = cb_res_median(&part, &rules);
    }
    return rc;
}

static cb_status ladder(cb_ladder_row rows[CB_LADDER_ROWS], const cb_practice_look *l,
                        cb_case_field field, const cb_resolution *r, groups *g, cb_error *err)
{
    times t;
    g->n = CB_LADDER_ROWS;
    for (uint32_t i = 0; i < l->rows->n; i++)
        g->of[i] = cb_practice_level(cb_count(l->cases, field, l->rows->rows[i]));
    cb_status rc = times_of(&t, r, g, l->scope->scratch, err);
    for (unsigned level = 0; rc == CB_OK && level < CB_LADDER_ROWS; level++)
        rows[level].median_h = t.median_h[level];
    return rc;
}

static int64_t from_minor(const cb_practice_look *l, unsigned band)
{
    return band == CB_LOSS_UNKNOWN ? CB_NO_AMOUNT : l->band_from_minor[band];
}

static int64_t to_minor(const cb_practice_look *l, unsigned band)
{
    if (band == CB_LOSS_UNKNOWN)
        return CB_NO_AMOUNT;
    return band + 1 < CB_LOSS_KNOWN_BANDS ? l->band_from_minor[band + 1] : INT64_MAX;
}

static void fill_escalation(cb_practice *out, const cb_practice_look *l, const times *t)
{
    for (unsigned band = 0; band < CB_LOSS_BANDS; band++) {
        if (t->cases[2 * band] + t->cases[2 * band + 1] == 0)
            continue;
        out->escalation[out->escalation_rows++] =
            (cb_escalation_row){.from_minor = from_minor(l, band),
                                .to_minor = to_minor(l, band),
                                .escalated = t->cases[2 * band + 1],
                                .not_escalated = t->cases[2 * band],
                                .median_h_escalated = t->median_h[2 * band + 1],
                                .median_h_not = t->median_h[2 * band]};
    }
}

static cb_status escalation(cb_practice *out, const cb_practice_look *l, const cb_resolution *r,
                            groups *g, cb_error *err)
{
    times t;
    if (!l->cases->column[CB_CASE_ESCALATED])
        return CB_OK;
    g->n = MOST_GROUPS;
    for (uint32_t i = 0; i < l->rows->n; i++) {
        uint8_t escalated = cb_flag(l->cases, CB_CASE_ESCALATED, l->rows->rows[i]);
        g->of[i] = escalated == CB_NO_FLAG ? (uint32_t)MOST_GROUPS
                                           : 2 * cb_packed_band(l->answers[i]) + escalated;
    }
    cb_status rc = times_of(&t, r, g, l->scope->scratch, err);
    if (rc == CB_OK)
        fill_escalation(out, l, &t);
    return rc;
}

cb_status cb_practice_times(cb_practice *out, const cb_practice_look *l, const cb_resolution *r,
                            cb_error *err)
{
    groups g = {.of = cb_arena_array(l->scope->scratch, l->rows->n, sizeof *g.of)};
    if (!g.of)
        return cb_nomem(err, "the times of the practice");
    cb_status rc = ladder(out->transfers, l, CB_CASE_TRANSFERS, r, &g, err);
    if (rc == CB_OK)
        rc = ladder(out->options, l, CB_CASE_OPTIONS, r, &g, err);
    return rc == CB_OK ? escalation(out, l, r, &g, err) : rc;
}
