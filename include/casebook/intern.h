/* intern.h - words to dense ids, so that grouping is array indexing.
 *
 * A pool keeps the bytes of each distinct word once and gives ids 0, 1, 2, … in the order of first
 * sight. Id 0 is always the empty word and means "unknown" everywhere in casebook.
 * Ownership: the pool keeps its own copy; a word handed out is valid until the pool is freed.
 * Threads: one writer; readers only when no one writes. */
#ifndef CASEBOOK_INTERN_H
#define CASEBOOK_INTERN_H

#include "casebook/alloc.h"
#include "casebook/numbering.h"
#include "casebook/text.h"

enum { CB_UNKNOWN_ID = 0 };
#define CB_NO_ID UINT32_MAX

typedef struct cb_intern cb_intern;

// cb_intern_new returns a pool that holds only the empty word, or NULL. max_words is a hard limit
// on the words besides it.
cb_intern *cb_intern_new(const cb_alloc *alloc, uint32_t max_words);
void cb_intern_free(cb_intern *pool);

// cb_intern_put returns the id of text, adding a copy if it is new; CB_NO_ID: out of memory or full.
uint32_t cb_intern_put(cb_intern *pool, cb_str text);
// cb_intern_put_hashed is the same where the caller has cb_hash(text) already; only its low 32 bits count.
uint32_t cb_intern_put_hashed(cb_intern *pool, cb_str text, uint64_t hash);

// cb_intern_number tells a pool how most of its words will be numbered: these are then found by their number, several
// times as fast as by their bytes. Which ids words get does not depend on it. The first numbering stays.
void cb_intern_number(cb_intern *pool, cb_numbering how);
cb_numbering cb_intern_numbering(const cb_intern *pool); /* of width 0: none yet */
// cb_intern_put_numbered is cb_intern_put where the caller has the number of text in the pool's numbering.
uint32_t cb_intern_put_numbered(cb_intern *pool, cb_str text, uint32_t number);

// cb_intern_expect says that so many words may come: numbers that lie as far apart get their place at once, 4 bytes
// each. A hint; without it the places are some four for each word there is.
void cb_intern_expect(cb_intern *pool, size_t words);

// cb_intern_prefetch asks the machine to fetch the place of a hash in the table: worth it a dozen puts ahead of
// cb_intern_put_hashed when the pool is larger than the caches. It changes nothing.
void cb_intern_prefetch(const cb_intern *pool, uint64_t hash);
// cb_intern_prefetch_number is the same ahead of cb_intern_put_numbered.
void cb_intern_prefetch_number(const cb_intern *pool, cb_str text, uint32_t number);

// cb_intern_find returns the id of text, or CB_NO_ID if it is not there.
uint32_t cb_intern_find(const cb_intern *pool, cb_str text);

cb_str cb_intern_text(const cb_intern *pool, uint32_t id); /* id must be < count */
uint32_t cb_intern_count(const cb_intern *pool); /* ids are 0 … count-1 */

// cb_intern_prefetch_text asks the machine to fetch the word of an id, a dozen looks ahead. It changes nothing.
void cb_intern_prefetch_text(const cb_intern *pool, uint32_t id);

// cb_intern_longest returns the bytes of the longest word that was ever put in.
uint32_t cb_intern_longest(const cb_intern *pool);

// cb_intern_seal gives back the tables by which words are found, up to half of a large pool's memory: for
// pools that are complete. From then on cb_intern_put returns CB_NO_ID and cb_intern_find takes a walk over all
// words; ids and texts stay.
void cb_intern_seal(cb_intern *pool);

// cb_intern_reset empties the pool (all but id 0) and keeps its memory: for per-chunk pools.
void cb_intern_reset(cb_intern *pool);

#endif
