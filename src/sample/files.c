#include "files.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "casebook/alloc.h"

typedef struct run {
    const cb_gen_plan *plan;
    cb_clock clock;
    cb_out cases, reviews, customers;
    cb_gen_tally tally;
    cb_gen_shown shown;
    cb_gen_review *review; /* of the block at hand */
    size_t n_reviews, review_cap;
} run;

uint32_t cb_gen_customers(uint32_t cases)
{
    return (uint32_t)((uint64_t)cases * 6 / 10);
}

cb_status cb_gen_make_dir(const char *dir, cb_error *err)
{
    char path[CB_OUT_PATH_BYTES];
    size_t n = strlen(dir);
    if (n == 0 || n >= sizeof path)
        return cb_fail(err, CB_EUSAGE, "--out: the folder's name is empty or too long");
    memcpy(path, dir, n + 1);
    for (size_t i = 1; i <= n; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        char kept = path[i];
        path[i] = '\0';
        if (mkdir(path, 0777) != 0 && errno != EEXIST)
            return cb_fail(err, CB_ECANTCREAT, "%s: cannot be created (%s)", path, strerror(errno));
        path[i] = kept;
    }
    return CB_OK;
}

static cb_status keep_review(run *r, const cb_gen_review *review, cb_error *err)
{
    void *array = r->review;
    cb_status rc = cb_grow(cb_alloc_libc(), &array, &r->review_cap, r->n_reviews + 1,
                           sizeof *review, (size_t)CB_GEN_BLOCK_CUSTOMERS * 64);
    r->review = array;
    if (rc != CB_OK)
        return cb_nomem(err, "the reviews of a block");
    r->review[r->n_reviews++] = *review;
    return CB_OK;
}

static int by_posted(const void *a_at, const void *b_at)
{
    const cb_gen_review *a = a_at, *b = b_at;
    if (a->posted_utc_s != b->posted_utc_s)
        return a->posted_utc_s < b->posted_utc_s ? -1 : 1;
    return (a->detail > b->detail) - (a->detail < b->detail);
}

static cb_status write_cases(run *r, const cb_gen_block *block, cb_error *err)
{
    cb_status rc = CB_OK;
    for (uint32_t i = 0; i < block->cases && rc == CB_OK; i++) {
        const cb_gen_case *c = &block->cases_at[i];
        const cb_gen_customer *customer =
            c->customer == CB_GEN_NONE ? NULL : &block->customer[c->customer - block->first];
        cb_gen_review review;
        uint64_t case_no = r->shown.cases + 1;
        cb_gen_case_row(&r->cases, &r->clock, c, customer, case_no, &r->shown);
        if (!r->plan->cases_only && cb_gen_case_review(&review, c, case_no))
            rc = keep_review(r, &review, err);
    }
    return rc;
}

static cb_status write_others(run *r, const cb_gen_block *block, cb_error *err)
{
    cb_status rc = CB_OK;
    for (uint32_t i = 0; i < block->customers && rc == CB_OK; i++) {
        cb_gen_review review;
        cb_gen_customer_row(&r->customers, &r->clock, &block->customer[i], block->first + i,
                            &r->shown);
        if (cb_gen_other_review(&review, &block->customer[i], block->first + i))
            rc = keep_review(r, &review, err);
    }
    if (r->n_reviews)
        qsort(r->review, r->n_reviews, sizeof *r->review, by_posted);
    for (size_t i = 0; i < r->n_reviews; i++)
        cb_gen_review_row(&r->reviews, &r->clock, &r->review[i], r->shown.reviews + 1, &r->shown);
    return rc;
}

static cb_status write_blocks(run *r, cb_error *err)
{
    uint32_t customers = cb_gen_customers(r->plan->cases);
    cb_status rc = CB_OK;
    for (uint32_t first = 0; first < customers && rc == CB_OK; first += CB_GEN_BLOCK_CUSTOMERS) {
        uint32_t n =
            customers - first < CB_GEN_BLOCK_CUSTOMERS ? customers - first : CB_GEN_BLOCK_CUSTOMERS;
        cb_gen_block block;
        rc = cb_gen_block_make(&block, &r->clock, r->plan->seed, first, n, &r->tally, err);
        if (rc != CB_OK)
            break;
        r->n_reviews = 0;
        rc = write_cases(r, &block, err);
        if (rc == CB_OK && !r->plan->cases_only)
            rc = write_others(r, &block, err);
        cb_gen_block_free(&block);
    }
    return rc;
}

/* Opens the tables that are wanted, writes their rows, and closes what was opened. */
static cb_status write_tables(run *r, cb_error *err)
{
    const struct {
        cb_out *out;
        const char *name, *header;
    } table[] = {
        {&r->cases, "cases.csv", cb_gen_case_header},
        {&r->reviews, "reviews.csv", cb_gen_review_header},
        {&r->customers, "customers.csv", cb_gen_customer_header},
    };
    unsigned wanted = r->plan->cases_only ? 1 : 3, opened = 0;
    cb_status rc = CB_OK;
    while (opened < wanted && rc == CB_OK) {
        rc = cb_out_open(table[opened].out, r->plan->dir, table[opened].name, err);
        if (rc == CB_OK) {
            cb_out_text(table[opened].out, table[opened].header);
            opened++;
        }
    }
    if (rc == CB_OK)
        rc = write_blocks(r, err);
    while (opened > 0) {
        cb_status closed = cb_out_close(table[--opened].out, err);
        rc = rc == CB_OK ? closed : rc;
    }
    return rc;
}

cb_status cb_gen_write(const cb_gen_plan *plan, cb_error *err)
{
    run *r = calloc(1, sizeof *r);
    if (!r)
        return cb_nomem(err, "the generator");
    r->plan = plan;
    cb_status rc = cb_gen_make_dir(plan->dir, err);
    if (rc == CB_OK)
        rc = cb_clock_new(&r->clock, err);
    if (rc == CB_OK)
        rc = write_tables(r, err);
    if (rc == CB_OK && !plan->cases_only)
        rc = cb_gen_write_truths(plan, &r->tally, &r->shown, err);
    if (rc == CB_OK && !plan->cases_only)
        rc = cb_gen_write_config(plan, err);
    if (rc == CB_OK && !plan->cases_only)
        rc = cb_gen_write_readme(plan, &r->shown, err);
    void *array = r->review;
    cb_drop(cb_alloc_libc(), &array, &r->review_cap, sizeof *r->review);
    cb_clock_free(&r->clock);
    free(r);
    return rc;
}
