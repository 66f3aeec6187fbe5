#include "measures/resolution_parts.h"

#include "casebook/stats_interval.h"

/* What came of a case: counted without asking, as which it is can hardly be foretold. */
enum { WITHIN, LATE, NOT_DUE, OVERDUE, NO_DURATION, ENDS };

struct cb_res_tally {
    const cb_scope *scope;
    cb_res_target *line; /* one a priority word */
    uint32_t *count;     /* cases that have a target */
    uint32_t (*ends)[ENDS];
    uint32_t words;
    bool business; /* some target counts business time */
};

static bool make_lines(cb_res_tally *t, const cb_scope *scope)
{
    t->scope = scope;
    t->words = cb_dim_groups(scope->book, CB_DIM_PRIORITY);
    t->line = cb_arena_array(scope->scratch, t->words, sizeof *t->line);
    t->count = cb_arena_array(scope->scratch, t->words, sizeof *t->count);
    t->ends = cb_arena_array(scope->scratch, t->words, sizeof *t->ends);
    if (!t->line || !t->count || !t->ends)
        return false;
    for (uint32_t w = 0; w < t->words; w++) {
        cb_str text = cb_dim_text(scope->book, CB_DIM_PRIORITY, w);
        const cb_target *target = scope->derived->target[w];
        t->line[w] =
            (cb_res_target){.priority = w, .text = text, .target_s = target ? target->seconds : -1};
        t->line[w].business = target && target->business;
        t->business |= t->line[w].business;
    }
    return true;
}

cb_res_tally *cb_res_tally_new(const cb_scope *scope)
{
    cb_res_tally *t = cb_arena_get(scope->scratch, sizeof *t);
    return t && make_lines(t, scope) ? t : NULL;
}

void cb_res_tally_add(cb_res_tally *t, const uint32_t *rows, uint32_t n, const int64_t *elapsed)
{
    const cb_table *cases = &t->scope->book->table[CB_CASES];
    int64_t business[CB_BLOCK];
    uint32_t word[CB_BLOCK];
    cb_words_of(cases, cb_dim_fields[CB_DIM_PRIORITY], rows, n, word);
    if (t->business)
        cb_res_key_business(t->scope->derived, rows, n, business);
    for (uint32_t i = 0; i < n; i++) {
        const cb_res_target *line = &t->line[word[i]];
        int64_t key = line->business ? business[i] : elapsed[i];
        bool open = key & 1, late = key >> 1 > line->target_s;
        t->ends[word[i]][key < 0 ? NO_DURATION : (open ? NOT_DUE : WITHIN) + late]++;
    }
}

/* Of words without a target nothing is kept. */
static void fill_lines(cb_res_tally *t)
{
    for (uint32_t w = 0; w < t->words; w++) {
        cb_res_target *line = &t->line[w];
        const uint32_t *ends = t->ends[w];
        if (line->target_s < 0)
            continue;
        line->within = ends[WITHIN];
        line->late = ends[LATE];
        line->overdue = ends[OVERDUE];
        line->not_due = ends[NOT_DUE];
        t->count[w] = line->within + line->late + line->overdue + line->not_due;
    }
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

cb_status cb_res_targets(cb_resolution *out, cb_res_tally *t, cb_error *err)
{
    static const char not_due[] = "no case with a target is resolved or past it";
    const cb_scope *scope = t->scope;
    const uint32_t *word = NULL;
    fill_lines(t);
    cb_status rc = cb_dim_ranked(scope->book, CB_DIM_PRIORITY, t->count, scope->scratch, &word,
                                 &out->priorities, err);
    cb_res_target *line = cb_arena_array(scope->arena, out->priorities, sizeof *line);
    if (rc != CB_OK || !line)
        return rc != CB_OK ? rc : cb_nomem(err, "the targets");
    for (uint32_t i = 0; i < out->priorities; i++) {
        line[i] = t->line[word[i]];
        set_share(&line[i], not_due);
        add_line(&out->target, &line[i]);
    }
    set_share(&out->target, scope->settings->targets ? not_due : "no target is configured");
    out->target.text = CB_LIT("");
    out->by_priority = line;
    return CB_OK;
}
