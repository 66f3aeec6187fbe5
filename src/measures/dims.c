#include "casebook/measures.h"

#include <stdlib.h>

const char *const cb_dim_names[CB_DIMS] = {
    [CB_DIM_KIND] = "kind", [CB_DIM_CAUSE] = "root_cause",  [CB_DIM_PRODUCT] = "product",
    [CB_DIM_TEAM] = "team", [CB_DIM_PRIORITY] = "priority", [CB_DIM_CHANNEL] = "channel",
};

const char *const cb_dim_titles[CB_DIMS] = {
    [CB_DIM_KIND] = "Kind", [CB_DIM_CAUSE] = "Root cause",  [CB_DIM_PRODUCT] = "Product",
    [CB_DIM_TEAM] = "Team", [CB_DIM_PRIORITY] = "Priority", [CB_DIM_CHANNEL] = "Channel",
};

const cb_case_field cb_dim_fields[CB_DIMS] = {
    [CB_DIM_KIND] = CB_CASE_KIND,         [CB_DIM_CAUSE] = CB_CASE_CAUSE,
    [CB_DIM_PRODUCT] = CB_CASE_PRODUCT,   [CB_DIM_TEAM] = CB_CASE_TEAM,
    [CB_DIM_PRIORITY] = CB_CASE_PRIORITY, [CB_DIM_CHANNEL] = CB_CASE_CHANNEL,
};

const char *const cb_outcome_names[CB_OUTCOMES] = {
    [CB_OUTCOME_QUICK_ADEQUATE] = "quick and adequate",
    [CB_OUTCOME_ADEQUATE] = "adequate",
    [CB_OUTCOME_INADEQUATE] = "inadequate",
    [CB_OUTCOME_UNRESOLVED] = "unresolved",
};

static const cb_intern *dim_pool(const cb_book *book, cb_dim dim)
{
    return book->pool[cb_schemas[CB_CASES].field[cb_dim_fields[dim]].pool];
}

bool cb_dim_present(const cb_book *book, cb_dim dim)
{
    return book->table[CB_CASES].column[cb_dim_fields[dim]] != NULL;
}

uint32_t cb_dim_groups(const cb_book *book, cb_dim dim)
{
    return cb_dim_present(book, dim) ? cb_intern_count(dim_pool(book, dim)) : 1;
}

cb_str cb_dim_text(const cb_book *book, cb_dim dim, uint32_t word)
{
    return word == CB_UNKNOWN_ID ? CB_LIT("") : cb_intern_text(dim_pool(book, dim), word);
}

typedef struct ranked {
    uint32_t count, word;
    cb_str text;
} ranked;

static int by_count_then_text(const void *a, const void *b)
{
    const ranked *x = a;
    const ranked *y = b;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return cb_str_cmp(x->text, y->text);
}

cb_status cb_dim_ranked(const cb_book *book, cb_dim dim, const uint32_t *count, cb_arena *arena,
                        const uint32_t **words, uint32_t *n_words, cb_error *err)
{
    uint32_t groups = cb_dim_groups(book, dim);
    uint32_t n = 0;
    for (uint32_t w = 0; w < groups; w++)
        n += count[w] > 0;
    ranked *order = cb_arena_array(arena, n, sizeof *order);
    uint32_t *out = cb_arena_array(arena, n, sizeof *out);
    if (!order || !out)
        return cb_nomem(err, "the order of groups");
    for (uint32_t w = 0, i = 0; w < groups; w++)
        if (count[w] > 0)
            order[i++] = (ranked){count[w], w, cb_dim_text(book, dim, w)};
    if (n > 1)
        qsort(order, n, sizeof *order, by_count_then_text);
    for (uint32_t i = 0; i < n; i++)
        out[i] = order[i].word;
    *words = out;
    *n_words = n;
    return CB_OK;
}
