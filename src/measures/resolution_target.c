#include "measures/resolution_parts.h"

#include "casebook/stats_interval.h"

typedef struct tally {
    cb_res_target *line; /* one a priority word */
    uint32_t *count;     /* cases that have a target */
    uint32_t words;
} tally;

static cb_status new_tally(tally *t, const cb_scope *scope, cb_error *err)
{
    t->words = cb_dim_groups(scope->book, CB_DIM_PRIORITY);
    t->line = cb_arena_array(scope->scratch, t->words, sizeof *t->line);
    t->count = cb_arena_array(scope->scratch, t->words, sizeof *t->count);
    if (!t->line || !t->count)
        return cb_nomem(err, "the targets");
    for (uint32_t w = 0; w < t->words; w++) {
        cb_str text = cb_dim_text(scope->book, CB_DIM_PRIORITY, w);
        const cb_target *target = scope->derived->target[w];
        t->line[w] =
            (cb_res_target){.priority = w, .text = text, .target_s = target ? target->seconds : -1};
        t->line[w].business = target && target->business;
    }
    return CB_OK;
}

static void tally_case(tally *t, const cb_scope *scope, uint32_t row)
{
    const cb_derived *d = scope->derived;
    uint32_t word = cb_dim_word(scope->book, CB_DIM_PRIORITY, row);
    cb_res_target *line = &t->line[word];
    int64_t lasted_s = line->business ? cb_business_s(d, row) : cb_elapsed_s(d, row);
    if (line->target_s < 0 || lasted_s < 0)
        return;
    bool in_time = lasted_s <= line->target_s;
    t->count[word]++;
    if (d->state[row] == CB_STATE_RESOLVED)
        (*(in_time ? &line->within : &line->late))++;
    else
        (*(in_time ? &line->not_due : &line->overdue))++;
}

static void set_share(cb_res_target *line, const char *none)
{
    line->n = line->within + line->late + line->overdue;
    line->share = line->n > 0 ? cb_wilson(line->within, line->n, CB_LEVEL_95) : cb_est_none(none);
}

static void add_line(cb_res_target *into, const cb_res_target *line)
{
    into->within += line->within;
    into->late += line->late;
    into->overdue += line->overdue;
    into->not_due += line->not_due;
}

cb_status cb_res_targets(cb_resolution *out, const cb_scope *scope, const cb_slice *cases,
                         cb_error *err)
{
    static const char not_due[] = "no case with a target is resolved or past it";
    tally t = {0};
    const uint32_t *word = NULL;
    cb_status rc = new_tally(&t, scope, err);
    if (rc != CB_OK)
        return rc;
    for (uint32_t i = 0; i < cases->n; i++)
        tally_case(&t, scope, cases->rows[i]);
    rc = cb_dim_ranked(scope->book, CB_DIM_PRIORITY, t.count, scope->scratch, &word,
                       &out->priorities, err);
    cb_res_target *line = cb_arena_array(scope->arena, out->priorities, sizeof *line);
    if (rc != CB_OK || !line)
        return rc != CB_OK ? rc : cb_nomem(err, "the targets");
    for (uint32_t i = 0; i < out->priorities; i++) {
        line[i] = t.line[word[i]];
        set_share(&line[i], not_due);
        add_line(&out->target, &line[i]);
    }
    set_share(&out->target, scope->settings->targets ? not_due : "no target is configured");
    out->target.text = CB_LIT("");
    out->by_priority = line;
    return CB_OK;
}
