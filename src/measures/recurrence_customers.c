/* The cases of customers, read in blocks; customers with more than one case in a stretch of time. */
#include "measures/recurrence_parts.h"

/* ---- who was met ---- */

cb_status cb_recur_met_new(cb_recur_met *met, const cb_book *book, cb_arena *arena, cb_error *err)
{
    met->customers = cb_intern_count(book->pool[CB_POOL_CUSTOMER]);
    size_t parts = met->customers / 64 + 1;
    met->once = cb_arena_array(arena, parts, sizeof *met->once);
    met->twice = cb_arena_array(arena, parts, sizeof *met->twice);
    return met->once && met->twice ? CB_OK : cb_nomem(err, "the customers");
}

void cb_recur_meet_all(cb_recur_met *met, const cb_book *book, const cb_slice *cases)
{
    uint32_t customer[CB_RECUR_BLOCK];
    for (uint32_t at = 0; at < cases->n; at += CB_RECUR_BLOCK) {
        cb_slice part = cb_recur_part(cases, at);
        cb_words_of(&book->table[CB_CASES], CB_CASE_CUSTOMER, part.rows, part.n, customer);
        for (uint32_t i = 0; i < part.n; i++)
            if (customer[i] != CB_UNKNOWN_ID)
                cb_recur_meet(met, customer[i]);
    }
}

uint32_t cb_recur_met_next(const cb_recur_met *met, uint32_t from, uint32_t end)
{
    for (uint32_t c = from; c < end;) {
        uint64_t rest = met->twice[c / 64] >> c % 64;
        if (rest & 1)
            return c;
        c = rest ? c + 1 : (c / 64 + 1) * 64;
    }
    return end;
}

/* ---- blocks ---- */

enum { WORDS = CB_DIMS + 3, BYTES_A_ROW = 2 * sizeof(int64_t) + WORDS * sizeof(uint32_t) + 1 };

static cb_status room_for(cb_recur_block *b, const cb_alloc *alloc, uint32_t n, cb_error *err)
{
    uint32_t **words[] = {&b->row, &b->customer, &b->from};
    cb_status rc = cb_grow(alloc, &b->memory, &b->cap, (size_t)n + 1, BYTES_A_ROW, CB_MAX_ROWS + 1);
    if (rc != CB_OK)
        return cb_nomem(err, "the cases of customers");
    b->opened = b->memory;
    b->spare = b->opened + b->cap;
    uint32_t *next = (uint32_t *)(b->spare + b->cap);
    for (unsigned i = 0; i < WORDS; i++, next += b->cap)
        *(i < CB_DIMS ? &b->word[i] : words[i - CB_DIMS]) = next;
    b->now = (uint8_t *)next;
    return CB_OK;
}

cb_status cb_recur_read(cb_recur_block *b, const cb_book *book, const cb_alloc *alloc,
                        uint32_t first, uint32_t end, cb_error *err)
{
    const cb_rows_by *by = &book->cases_of;
    b->first = first;
    b->end = first + 1;
    while (b->end < end && by->offset[b->end + 1] - by->offset[first] <= CB_RECUR_BLOCK)
        b->end++;
    b->n = by->offset[b->end] - by->offset[first];
    b->rows = by->rows + by->offset[first];
    if (b->n >= b->cap || !b->memory) {
        cb_status rc = room_for(b, alloc, b->n > CB_RECUR_BLOCK ? b->n : CB_RECUR_BLOCK, err);
        if (rc != CB_OK)
            return rc;
    }
    cb_times_of(&book->table[CB_CASES], CB_CASE_OPENED, b->rows, b->n, b->opened);
    return CB_OK;
}

void cb_recur_words(cb_recur_block *b, const cb_book *book, cb_dim dim)
{
    cb_words_of(&book->table[CB_CASES], cb_dim_fields[dim], b->row, b->picked, b->word[dim]);
}

void cb_recur_all_words(cb_recur_block *b, const cb_book *book, cb_dim dim)
{
    cb_words_of(&book->table[CB_CASES], cb_dim_fields[dim], b->rows, b->n, b->word[dim]);
}

void cb_recur_block_end(cb_recur_block *b, const cb_alloc *alloc)
{
    cb_drop(alloc, &b->memory, &b->cap, BYTES_A_ROW);
}

cb_status cb_recur_next(cb_recur_state *s, const cb_book *book, uint32_t *at, uint32_t end,
                        bool *more, cb_error *err)
{
    uint32_t from = s->few ? cb_recur_met_next(&s->met, *at, end) : *at;
    cb_status rc = CB_OK;
    *more = from < end;
    if (*more)
        rc = cb_recur_read(&s->block, book, s->alloc, from, s->few ? from + 1 : end, err);
    *at = *more ? s->block.end : end;
    return rc;
}
