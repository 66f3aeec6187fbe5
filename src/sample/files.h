/* files.h - drives the model through its blocks and writes the folder. */
#ifndef SAMPLE_FILES_H
#define SAMPLE_FILES_H

#include "truths.h"

// cb_gen_write writes cases.csv, reviews.csv, customers.csv and what goes with them into plan->dir,
// which it creates if need be. Memory is bounded by one block of customers, whatever the size of
// the plan.
CB_MUST_USE cb_status cb_gen_write(const cb_gen_plan *plan, cb_error *err);

// cb_gen_make_dir creates a folder and those above it.
CB_MUST_USE cb_status cb_gen_make_dir(const char *dir, cb_error *err);

// cb_gen_customers returns how many customers go with a number of cases.
uint32_t cb_gen_customers(uint32_t cases);

#endif
