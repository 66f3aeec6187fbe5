/* derived_parts.h - cb_loss_minor and cb_remedy_minor of many rows at once; private to src/measures.
 *
 * A loop over many rows asks for a block of them: what a column looks like is then asked once a
 * block. */
#ifndef CASEBOOK_DERIVED_PARTS_H
#define CASEBOOK_DERIVED_PARTS_H

#include "casebook/measures.h"

enum { CB_BLOCK = 512 }; /* rows: some arrays of them fit the nearest cache */

// cb_losses_of copies cb_loss_minor of rows[0 … n-1] to out, cb_remedies_of cb_remedy_minor.
void cb_losses_of(const cb_derived *derived, const uint32_t *rows, uint32_t n, int64_t *out);
void cb_remedies_of(const cb_derived *derived, const uint32_t *rows, uint32_t n, int64_t *out);

static inline uint32_t cb_block_of(uint32_t n, uint32_t from)
{
    return n - from < CB_BLOCK ? n - from : CB_BLOCK;
}

#endif
