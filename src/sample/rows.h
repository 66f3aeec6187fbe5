/* rows.h - the rows of cases.csv, reviews.csv and customers.csv, as a customer-service system would
 * export them.
 *
 * What the model drew is written as it is; names, amounts, texts and the gaps of real exports
 * (blank optional cells) are drawn here from the item's own stream. No gap depends on whether the
 * customer left.
 *
 * Remedy and loss: a partial remedy is below the direct loss alone, an adequate one at least the
 * direct and the consequential loss together, so that the band is the same by either reading. */
#ifndef SAMPLE_ROWS_H
#define SAMPLE_ROWS_H

#include "model.h"
#include "out.h"
#include "texts.h"

/* What the rows show, counted as they are written. */
typedef struct cb_gen_shown {
    uint64_t cases, open, reviews, customers;
    uint64_t cause_month[CB_GEN_CAUSES][CB_GEN_MONTHS]; /* rows that name the cause */
    uint64_t team_resolved[CB_GEN_TEAMS];               /* resolved 7 days or more before the end */
    uint64_t team_followed_up[CB_GEN_TEAMS];            /* of these, followed up within 7 days */
    uint64_t team_eligible[CB_GEN_TEAMS], team_adequate[CB_GEN_TEAMS]; /* methods.md A1, A2 */
    uint64_t channel_eligible[CB_GEN_CHANNELS], channel_adequate[CB_GEN_CHANNELS];
    uint64_t texts, phrases[CB_GEN_PHRASES];
    uint64_t liability, liability_escalated;
    uint64_t reviews_with_case, reviews_with_customer;
    uint64_t customers_not_listed; /* customers with an id and no row */
    int64_t largest_loss_cents;
} cb_gen_shown;

typedef struct cb_gen_review {
    int64_t posted_utc_s;
    uint64_t case_no; /* 0: not linked by id */
    uint64_t detail;
    uint32_t customer; /* CB_GEN_NONE: not shown */
    uint8_t product, stars;
    bool shows_product;
} cb_gen_review;

extern const char cb_gen_case_header[], cb_gen_review_header[], cb_gen_customer_header[];

void cb_gen_case_row(cb_out *out, const cb_clock *clock, const cb_gen_case *c,
                     const cb_gen_customer *customer, uint64_t case_no, cb_gen_shown *shown);

// cb_gen_case_review draws whether a case leads to a review; false if not.
bool cb_gen_case_review(cb_gen_review *review, const cb_gen_case *c, uint64_t case_no);

// cb_gen_other_review draws whether a customer writes a review that no case led to; false if not.
bool cb_gen_other_review(cb_gen_review *review, const cb_gen_customer *customer,
                         uint32_t customer_ix);

void cb_gen_review_row(cb_out *out, const cb_clock *clock, const cb_gen_review *review,
                       uint64_t review_no, cb_gen_shown *shown);

void cb_gen_customer_row(cb_out *out, const cb_clock *clock, const cb_gen_customer *customer,
                         uint32_t customer_ix, cb_gen_shown *shown);

// cb_gen_region returns the region of the customer (or of the anonymous case) with that detail; the
// last one pays in Swiss francs.
unsigned cb_gen_region(uint64_t detail);

#endif
