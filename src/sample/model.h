/* model.h - customers, their cases and their leaving: the process that the truths speak of.
 *
 * Each customer lives from the later of `since` and the window's start. Cases arrive as a Poisson
 * process whose rate follows the customer's class and the rhythm of clock.h. Leaving has a constant
 * hazard in each state (world.h, cb_gen_leaving_rate), where the state is what the latest case of
 * the last 365 days came to. The time of leaving is exact: the hazard is cumulated through the
 * states until it reaches one exponential draw. Whoever has left opens no cases.
 *
 * A case's fate (kind, cause, remedy band, times) is drawn when it opens and does not depend on
 * whether the customer leaves later. What the writer adds (names, amounts, texts) is drawn from
 * `detail`.
 *
 * Sequence: cb_gen_block for customers [first, first + n) gives the customers and their cases
 * sorted by (opened, customer); free with cb_gen_block_free. A block needs about 250 bytes a
 * customer. */
#ifndef SAMPLE_MODEL_H
#define SAMPLE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "casebook/status.h"
#include "clock.h"
#include "random.h"
#include "world.h"

#define CB_GEN_NEVER INT64_MAX /* an event that does not happen within the data */

typedef enum cb_gen_status {
    CB_GEN_OPEN,
    CB_GEN_IN_PROGRESS,
    CB_GEN_WAITING,
    CB_GEN_RESOLVED,
    CB_GEN_CLOSED,
    CB_GEN_GIVEN_UP,
    CB_GEN_STATUSES
} cb_gen_status;
extern const char *const cb_gen_status_words[CB_GEN_STATUSES];
extern const char *const cb_gen_status_meanings[CB_GEN_STATUSES];

typedef enum cb_gen_band {
    CB_GEN_NO_REMEDY,
    CB_GEN_PARTIAL,
    CB_GEN_MADE_GOOD,
    CB_GEN_GENEROUS,
    CB_GEN_BANDS
} cb_gen_band;

typedef struct cb_gen_case {
    int64_t opened_utc_s;
    int64_t first_response_utc_s; /* CB_GEN_NEVER: not by the end of the data */
    int64_t resolved_utc_s;       /* CB_GEN_NEVER: open, withdrawn or closed at an unknown time */
    int64_t touched_utc_s;        /* last change of the status */
    uint64_t detail;              /* seed of all else about the case */
    uint32_t customer;            /* index, CB_GEN_NONE: not known */
    uint8_t kind, cause, product, priority, band, status, state, transfers, reopens;
    bool loss_blank, remedy_blank; /* cells that the export lacks */
    bool absurd;                   /* its loss is the one of 400,000 */
} cb_gen_case;

typedef struct cb_gen_customer {
    int64_t since_day;       /* local days since 1970-01-01 */
    int64_t churned_utc_s;   /* CB_GEN_NEVER: still a customer */
    int64_t last_case_utc_s; /* CB_GEN_NEVER: had none */
    uint64_t detail;
    uint8_t segment, class_ix, owned, product[CB_GEN_MAX_OWNED];
    bool listed; /* has a row in the customer list */
    bool lemon;  /* owns a unit that breaks down again and again */
} cb_gen_customer;

/* What really happened, for truths.json. */
typedef struct cb_gen_tally {
    int64_t person_s[CB_GEN_STATES];
    uint64_t losses[CB_GEN_STATES];
    uint64_t lost_before, customers, lemons, owners_of_lemon_product;
    uint64_t
        breakdowns[CB_GEN_PRODUCTS]; /* customers with 3 cases of the product within 365 days */
} cb_gen_tally;

typedef struct cb_gen_block {
    uint32_t first, customers, cases;
    cb_gen_customer *customer;
    cb_gen_case *cases_at;
    size_t case_cap;
} cb_gen_block;

enum { CB_GEN_BLOCK_CUSTOMERS = 65536 };

CB_MUST_USE cb_status cb_gen_block_make(cb_gen_block *block, const cb_clock *clock, uint64_t seed,
                                        uint32_t first, uint32_t customers, cb_gen_tally *tally,
                                        cb_error *err);
void cb_gen_block_free(cb_gen_block *block);

#endif
