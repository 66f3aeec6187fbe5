/* truths.h - the files that go with the data: what was planted, the configuration that fits, how to
 * read it all. */
#ifndef SAMPLE_TRUTHS_H
#define SAMPLE_TRUTHS_H

#include "rows.h"

/* What to make. */
typedef struct cb_gen_plan {
    uint64_t seed;
    uint32_t cases; /* about so many; 0.6 customers and 0.4 reviews a case follow */
    const char *dir;
    bool dirty, cases_only;
} cb_gen_plan;

// cb_gen_write_truths writes dir/truths.json: every planted number, and beside it what the draw
// came to.
CB_MUST_USE cb_status cb_gen_write_truths(const cb_gen_plan *plan, const cb_gen_tally *tally,
                                          const cb_gen_shown *shown, cb_error *err);

// cb_gen_write_config writes dir/casebook.ini, cb_gen_write_readme dir/README.md.
CB_MUST_USE cb_status cb_gen_write_config(const cb_gen_plan *plan, cb_error *err);
CB_MUST_USE cb_status cb_gen_write_readme(const cb_gen_plan *plan, const cb_gen_shown *shown,
                                          cb_error *err);

#endif
