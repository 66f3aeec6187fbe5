#include "measures/resolution_parts.h"

typedef struct dim_job {
    const cb_scope *scope;
    const cb_slice *cases;
    const cb_res_order *order;
    const cb_res_source *source;
    const cb_res_cards *by_place, *sorted; /* sorted: by duration */
    cb_arena *arena, *scratch;             /* of this dimension alone; scratch is freed after it */
    cb_res_dim *out;
    uint32_t words;
    cb_dim dim;
    cb_res_group *group;
    uint32_t groups;
} dim_job;

/* Of one word. */
typedef struct tally {
    uint32_t *cases, *closed_unknown;
} tally;

static void count_cases(const dim_job *j, const tally *count)
{
    const uint8_t *state = j->scope->derived->state;
    const cb_res_field field = j->by_place->of[j->dim];
    const uint64_t *card = j->by_place->card[field.card];
    for (uint32_t i = 0; i < j->cases->n; i++) {
        uint8_t one = state[j->cases->rows[i]];
        uint64_t word = card[i] >> field.shift & field.mask;
        count->cases[word]++;
        count->closed_unknown[word] += one == CB_STATE_CLOSED_BLANK || one == CB_STATE_WITHDRAWN;
    }
}

static cb_status list_groups(dim_job *j, cb_error *err)
{
    tally count = {cb_arena_array(j->scratch, j->words, sizeof *count.cases),
                   cb_arena_array(j->scratch, j->words, sizeof *count.closed_unknown)};
    const uint32_t *listed = NULL;
    if (!count.cases || !count.closed_unknown)
        return cb_nomem(err, "the groups of a dimension");
    count_cases(j, &count);
    cb_status rc =
        cb_dim_ranked(j->scope->book, j->dim, count.cases, j->scratch, &listed, &j->groups, err);
    if (rc != CB_OK)
        return rc;
    j->group = cb_arena_array(j->arena, j->groups, sizeof *j->group);
    if (!j->group)
        return cb_nomem(err, "the groups of a dimension");
    for (uint32_t g = 0; g < j->groups; g++) {
        j->group[g].word = listed[g];
        j->group[g].text = cb_dim_text(j->scope->book, j->dim, listed[g]);
        j->group[g].cases = count.cases[listed[g]];
        j->group[g].closed_unknown = count.closed_unknown[listed[g]];
    }
    return CB_OK;
}

static void fill_group(const dim_job *j, cb_res_group *g, int duration, const cb_res_split *split,
                       cb_km_jump *jump)
{
    cb_logrank_group part = cb_res_part(split, g->word);
    const cb_res_rules *rules = &j->source[duration].rules;
    uint32_t n = (uint32_t)(part.n_events + part.n_censored);
    if (duration == CB_RES_ELAPSED) {
        cb_res_fill(&g->hours, &part, rules, jump);
    } else if (duration == CB_RES_BUSINESS) {
        g->business_n = n;
        g->business_median_h = cb_res_median(&part, rules);
    } else {
        g->response_n = n;
        g->response_median_h = cb_res_median(&part, rules);
    }
}

static uint32_t largest_group(const dim_job *j)
{
    return j->groups > 0 ? j->group[0].cases : 0;
}

/* One group takes the memory of the one before, and one duration too. */
static cb_status fill_durations(const dim_job *j, cb_error *err)
{
    cb_res_table table;
    cb_km_jump *jump = cb_arena_array(j->scratch, largest_group(j), sizeof *jump);
    cb_status rc = jump ? cb_res_new_table(&table, j->cases->n, j->words, j->scratch, err)
                        : cb_nomem(err, "the durations of groups");
    for (int i = 0; rc == CB_OK && i < CB_RES_DURATIONS; i++) {
        cb_res_split split = cb_res_split_by(&j->order[i], &j->sorted[i], j->dim, &table);
        for (uint32_t g = 0; g < j->groups; g++)
            fill_group(j, &j->group[g], i, &split, jump);
    }
    return rc;
}

static cb_status fill_dim(dim_job *j, cb_error *err)
{
    cb_status rc = list_groups(j, err);
    if (rc == CB_OK)
        rc = fill_durations(j, err);
    j->out->group = j->group;
    j->out->groups = j->groups;
    return rc;
}

static cb_status dim_task(void *ctx, size_t task, cb_error *err)
{
    dim_job *j = (dim_job *)ctx + task;
    if (!j->out->present)
        return CB_OK;
    j->scratch = cb_arena_new(j->scope->settings->alloc, 0);
    cb_status rc = j->scratch ? fill_dim(j, err) : cb_nomem(err, "the groups of a dimension");
    cb_arena_free(j->scratch);
    return rc;
}

typedef struct cards {
    cb_res_cards by_place, sorted[CB_RES_DURATIONS];
} cards;

static cb_status set_cards(cards *c, const dim_job *any, cb_arena *arena, cb_error *err)
{
    const cb_book *book = any->scope->book;
    unsigned dims = 0;
    for (int dim = 0; dim < CB_DIMS; dim++)
        dims |= cb_dim_present(book, (cb_dim)dim) ? 1u << dim : 0;
    cb_status rc = cb_res_cards_of(&c->by_place, book, dims, any->cases, arena, err);
    for (int i = 0; rc == CB_OK && i < CB_RES_DURATIONS; i++)
        rc = cb_res_cards_sorted(&c->sorted[i], &c->by_place, &any->order[i], arena, err);
    return rc;
}

/* The dimensions side by side: this is most of the measure's time. */
cb_status cb_res_dims(cb_resolution *out, const cb_scope *scope, const cb_slice *cases,
                      const cb_res_order order[CB_RES_DURATIONS],
                      const cb_res_source source[CB_RES_DURATIONS], cb_error *err)
{
    dim_job job[CB_DIMS];
    cards c;
    for (int dim = 0; dim < CB_DIMS; dim++) {
        job[dim] = (dim_job){.scope = scope, .cases = cases, .order = order, .source = source};
        job[dim].by_place = &c.by_place;
        job[dim].sorted = c.sorted;
        job[dim].dim = (cb_dim)dim;
        job[dim].words = cb_dim_groups(scope->book, job[dim].dim);
        job[dim].out = &out->by[dim];
        job[dim].arena = cb_arena_child(scope->arena);
        out->by[dim].present = cb_dim_present(scope->book, job[dim].dim);
        if (!job[dim].arena)
            return cb_nomem(err, "the groups of a dimension");
    }
    cb_status rc = set_cards(&c, job, scope->scratch, err);
    return rc == CB_OK ? cb_workers_each(&scope->workers, CB_DIMS, dim_task, job, err) : rc;
}
