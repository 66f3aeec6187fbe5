/* book_parts.h - what the files of src/book share. */
#ifndef CB_BOOK_BOOK_PARTS_H
#define CB_BOOK_BOOK_PARTS_H

#include "casebook/book.h"

/* The field that makes a row of a role one and the same thing (T5), and the time at which it
 * begins (T2). */
unsigned cb_book_id_field(cb_role role);
unsigned cb_book_begin_field(cb_role role);

// cb_sort_by_time writes the rows 0 … n-1 into rows, ordered by (time, row): a stable radix sort,
// O(n). All times are known. CB_ENOMEM if there is no room for its work space.
CB_MUST_USE cb_status cb_sort_by_time(const cb_alloc *alloc, const int64_t *times, uint32_t n,
                                      uint32_t *rows);

// cb_group_rows puts `n` rows, in their order, into groups by the id of each; group 0 stays empty.
// The arrays are the arena's.
CB_MUST_USE cb_status cb_group_rows(cb_arena *arena, cb_rows_by *out, const uint32_t *ids,
                                    uint32_t groups, const uint32_t *rows, uint32_t n);

// cb_cells_arrange puts cell rows[i] of a column at i; the array becomes a new one of cap cells. False: no memory.
CB_MUST_USE bool cb_cells_arrange(void **array, size_t cap, size_t size, const uint32_t *rows,
                                  uint32_t n);

// cb_book_latest finds the latest event; cb_book_cut removes and blanks what happened after as_of
// (T2).
int64_t cb_book_latest(const cb_book *book);
CB_MUST_USE cb_status cb_book_cut(cb_book *book, int64_t as_of_utc_s, cb_error *err);

// cb_book_order finds the order of the cases' openings; opened_order leads to the rows as they stand.
CB_MUST_USE cb_status cb_book_order(cb_book *book, uint32_t **order, cb_error *err);

// cb_book_link groups and links the rows that are left; the cases stand in the order of opening.
CB_MUST_USE cb_status cb_book_link(cb_book *book, int64_t link_days, cb_error *err);

#endif
