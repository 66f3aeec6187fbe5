#include "model.h"

#include <stdlib.h>

#include "casebook/alloc.h"
#include "casebook/civil.h"

const char *const cb_gen_status_words[CB_GEN_STATUSES] = {
    "Open", "Working", "Waiting", "Resolved", "Closed", "Withdrawn",
};
const char *const cb_gen_status_meanings[CB_GEN_STATUSES] = {
    "open", "open", "pending", "resolved", "closed", "withdrawn",
};

enum { STREAM_CUSTOMER = 1, STREAM_LIFE, STREAM_ANONYMOUS };
enum { FATE_RESOLVED, FATE_STUCK, FATE_WITHDRAWN, FATE_CLOSED_BLANK, FATES };
static const uint16_t fate_weight[FATES] = {937, 33, 18, 12};
enum { SINCE_LOST, SINCE_OLD, SINCE_NEW, SINCES };
static const uint16_t since_weight[SINCES] = {50, 700, 250};
static const uint16_t owned_weight[CB_GEN_MAX_OWNED] = {500, 330, 170};
static const uint16_t segment_weight[CB_GEN_SEGMENTS] = {620, 300, 80};
static const uint16_t transfer_weight[4] = {700, 200, 70, 30};
static const uint16_t reopen_weight[3] = {930, 60, 10};
static const uint16_t priority_pace[CB_GEN_PRIORITIES] = {450, 750, 1000,
                                                          1500}; /* per mille of the work time */
enum { NOT_LISTED_PER_MILLE = 4, LOSS_BLANK_PER_MILLE = 60, REMEDY_BLANK_PER_MILLE = 30 };
enum { ANONYMOUS_PER_MILLE = 25 }; /* of the customers: about 1.5 % of the cases */

static unsigned pick_product(cb_rng *rng)
{
    uint16_t weight[CB_GEN_PRODUCTS];
    for (unsigned i = 0; i < CB_GEN_PRODUCTS; i++)
        weight[i] = cb_gen_product_table[i].weight;
    return cb_rng_pick(rng, weight, CB_GEN_PRODUCTS);
}

static unsigned pick_cause(cb_rng *rng, int64_t utc_s)
{
    uint32_t total = 0;
    for (unsigned i = 0; i < CB_GEN_CAUSES; i++)
        total += cb_gen_cause_weight(i, utc_s);
    uint32_t at = cb_rng_below(rng, total);
    unsigned i = 0;
    for (uint32_t weight; i + 1 < CB_GEN_CAUSES && at >= (weight = cb_gen_cause_weight(i, utc_s));
         i++)
        at -= weight;
    return i;
}

static int64_t within_data(int64_t utc_s)
{
    utc_s = cb_clock_plain(utc_s);
    return utc_s < CB_GEN_TO_UTC_S ? utc_s : CB_GEN_NEVER;
}

/* The end of a case by its fate: sets resolved, touched, status and state. */
static void end_case(cb_gen_case *c, cb_rng *rng, unsigned fate, int64_t end_utc_s)
{
    bool named_none =
        c->band == CB_GEN_NO_REMEDY; /* "none" without an amount is known to be nothing */
    bool made_good =
        c->band >= CB_GEN_MADE_GOOD || c->loss_blank || (c->remedy_blank && !named_none);
    bool answered = c->first_response_utc_s != CB_GEN_NEVER;
    c->resolved_utc_s = CB_GEN_NEVER;
    c->touched_utc_s = end_utc_s;
    c->state = made_good ? CB_GEN_ADEQUATE : CB_GEN_INADEQUATE;
    if (fate == FATE_STUCK || end_utc_s == CB_GEN_NEVER) {
        c->touched_utc_s = answered ? c->first_response_utc_s : c->opened_utc_s;
        c->state = CB_GEN_UNRESOLVED;
        c->status = (uint8_t)(!answered                 ? CB_GEN_OPEN
                              : cb_rng_chance(rng, 600) ? CB_GEN_IN_PROGRESS
                                                        : CB_GEN_WAITING);
    } else if (fate == FATE_WITHDRAWN) {
        c->state = CB_GEN_UNRESOLVED;
        c->status = CB_GEN_GIVEN_UP;
    } else if (fate == FATE_CLOSED_BLANK) {
        c->status = CB_GEN_CLOSED;
    } else {
        c->resolved_utc_s = end_utc_s;
        c->status = (uint8_t)(cb_rng_chance(rng, 700) ? CB_GEN_CLOSED : CB_GEN_RESOLVED);
        if (made_good && end_utc_s - c->opened_utc_s <= CB_GEN_QUICK_S)
            c->state = CB_GEN_QUICK;
    }
}

/* Everything about a case that leaving may depend on; kind, cause, product, opened and customer are
 * set. */
static void draw_fate(cb_gen_case *c, const cb_clock *clock, cb_rng *rng)
{
    const cb_gen_kind_info *kind = &cb_gen_kind_table[c->kind];
    c->priority = (uint8_t)cb_rng_pick(rng, kind->priority, CB_GEN_PRIORITIES);
    c->band = (uint8_t)cb_rng_pick(rng, kind->band, CB_GEN_BANDS);
    c->transfers = (uint8_t)cb_rng_pick(rng, transfer_weight, 4);
    c->loss_blank = cb_rng_chance(rng, LOSS_BLANK_PER_MILLE);
    c->remedy_blank = cb_rng_chance(rng, REMEDY_BLANK_PER_MILLE);
    c->reopens = (uint8_t)cb_rng_pick(rng, reopen_weight, 3);
    int64_t pace = priority_pace[c->priority];
    int64_t work_s = cb_rng_skewed(rng, kind->work_min * INT64_C(60)) * pace / 1000;
    work_s += work_s * (3 * c->transfers + 6 * c->reopens) / 10;
    int64_t answer_s = cb_rng_skewed(rng, 4200) * pace / 1000;
    if (answer_s > work_s)
        answer_s = work_s;
    c->first_response_utc_s = within_data(cb_clock_after_work(clock, c->opened_utc_s, answer_s));
    unsigned fate = cb_rng_pick(rng, fate_weight, FATES);
    end_case(c, rng, fate, within_data(cb_clock_after_work(clock, c->opened_utc_s, work_s)));
    c->detail = cb_rng_next(rng);
}

static int64_t midnight_utc_s(int64_t local_day)
{
    int64_t local_s = local_day * CB_DAY_S;
    return local_s - cb_clock_offset_s(local_s - 2 * CB_HOUR_S);
}

static void draw_products(cb_gen_customer *customer, cb_rng *rng)
{
    unsigned want = 1 + cb_rng_pick(rng, owned_weight, CB_GEN_MAX_OWNED);
    for (unsigned i = 0; i < want; i++) {
        uint8_t product = (uint8_t)pick_product(rng);
        bool again = false;
        for (unsigned k = 0; k < customer->owned; k++)
            again = again || customer->product[k] == product;
        if (!again)
            customer->product[customer->owned++] = product;
        if (product == CB_GEN_LEMON_PRODUCT && !again)
            customer->lemon = cb_rng_chance(rng, CB_GEN_LEMON_PER_MILLE);
    }
}

static void draw_customer(cb_gen_customer *customer, cb_rng *rng)
{
    *customer = (cb_gen_customer){.churned_utc_s = CB_GEN_NEVER, .last_case_utc_s = CB_GEN_NEVER};
    int64_t first_day = cb_days_from_civil(2024, 10, 1), old_day = cb_days_from_civil(2010, 1, 1);
    unsigned since = cb_rng_pick(rng, since_weight, SINCES);
    int64_t a = cb_rng_range(rng, old_day, first_day - 30),
            b = cb_rng_range(rng, old_day, first_day - 30);
    customer->since_day = a > b ? a : b;
    if (since == SINCE_NEW)
        customer->since_day = cb_rng_range(rng, first_day, cb_days_from_civil(2026, 9, 30));
    if (since == SINCE_LOST)
        customer->churned_utc_s =
            cb_rng_range(rng, customer->since_day + 1, first_day - 1) * CB_DAY_S + 36000;
    customer->segment = (uint8_t)cb_rng_pick(rng, segment_weight, CB_GEN_SEGMENTS);
    customer->class_ix = (uint8_t)cb_rng_pick(rng, cb_gen_class_weight, CB_GEN_CLASSES);
    draw_products(customer, rng);
    customer->listed = !cb_rng_chance(rng, NOT_LISTED_PER_MILLE);
    customer->detail = cb_rng_next(rng);
}

/* A customer's walk through time. */
typedef struct life {
    cb_gen_block *block;
    const cb_clock *clock;
    cb_gen_tally *tally;
    cb_rng rng;
    cb_gen_customer *customer;
    uint32_t customer_ix, lemon_cases;
    int64_t at_utc_s; /* until when the customer's life is told */
    cb_gen_state state;
    int64_t state_ends_utc_s;
    double patience;      /* cumulated hazard that is left before leaving */
    double arrived, rate; /* arrivals of clock.h so far; cases per arrival */
    int64_t next_case_utc_s;
} life;

static void next_case(life *l)
{
    l->arrived += cb_rng_exponential(&l->rng) / l->rate;
    int64_t utc_s = cb_clock_plain(cb_clock_arrival(l->clock, l->arrived));
    l->next_case_utc_s =
        utc_s > l->at_utc_s ? utc_s : l->at_utc_s; /* rounding must not lead back */
}

static cb_status push_case(cb_gen_block *block, const cb_gen_case *c, cb_error *err)
{
    void *array = block->cases_at;
    cb_status rc = cb_grow(cb_alloc_libc(), &array, &block->case_cap, (size_t)block->cases + 1,
                           sizeof *c, (size_t)CB_GEN_BLOCK_CUSTOMERS * 64);
    block->cases_at = array;
    if (rc != CB_OK)
        return cb_nomem(err, "the cases of a block");
    block->cases_at[block->cases++] = *c;
    return CB_OK;
}

static cb_status open_case(life *l, cb_error *err)
{
    cb_gen_case c = {.opened_utc_s = l->at_utc_s, .customer = l->customer_ix};
    double lemon_share = l->customer->lemon ? CB_GEN_LEMON_RATE / l->rate : 0.0;
    if ((double)cb_rng_below(&l->rng, 1000000) < lemon_share * 1e6) {
        c.cause = (uint8_t)cb_gen_lemon_cause;
        c.product = CB_GEN_LEMON_PRODUCT;
        c.kind = (uint8_t)(l->lemon_cases++ ? CB_GEN_K_BREAKDOWN : CB_GEN_K_DEFECT);
    } else {
        c.cause = (uint8_t)pick_cause(&l->rng, c.opened_utc_s);
        c.kind = (uint8_t)cb_gen_cause_table[c.cause].kind;
        c.product = l->customer->product[cb_rng_below(&l->rng, l->customer->owned)];
    }
    draw_fate(&c, l->clock, &l->rng);
    l->customer->last_case_utc_s = c.opened_utc_s;
    l->state = (cb_gen_state)c.state;
    l->state_ends_utc_s = c.opened_utc_s + (int64_t)CB_GEN_AFTER_DAYS * CB_DAY_S;
    return push_case(l->block, &c, err);
}

/* Moves on to the next event or to leaving, whichever is first; true if the customer left. */
static bool leaves_before(life *l, int64_t until_utc_s)
{
    double hazard = cb_gen_leaving_rate[l->state] / CB_GEN_YEAR_S;
    int64_t span_s = until_utc_s - l->at_utc_s, lived_s = span_s;
    bool leaves = l->patience < hazard * (double)span_s;
    if (leaves)
        lived_s = (int64_t)(l->patience / hazard);
    l->patience -= hazard * (double)lived_s;
    l->tally->person_s[l->state] += lived_s;
    l->tally->losses[l->state] += leaves;
    l->at_utc_s += lived_s;
    return leaves;
}

static cb_status live(life *l, cb_error *err)
{
    cb_status rc = CB_OK;
    while (rc == CB_OK && l->at_utc_s < CB_GEN_TO_UTC_S) {
        int64_t until_utc_s = l->next_case_utc_s;
        bool ends = l->state != CB_GEN_CLEAN && l->state_ends_utc_s < until_utc_s;
        if (ends)
            until_utc_s = l->state_ends_utc_s;
        if (leaves_before(l, until_utc_s)) {
            l->customer->churned_utc_s = cb_clock_plain(l->at_utc_s);
            break;
        }
        if (ends) {
            l->state = CB_GEN_CLEAN;
        } else if (l->at_utc_s < CB_GEN_TO_UTC_S) {
            rc = open_case(l, err);
            next_case(l);
        }
    }
    return rc;
}

static void tally_breakdowns(cb_gen_tally *tally, const cb_gen_case *cases, uint32_t n,
                             const cb_gen_customer *customer)
{
    for (unsigned k = 0; k < customer->owned; k++) {
        int64_t opened_utc_s[2] = {INT64_MIN, INT64_MIN};
        bool found = false;
        for (uint32_t i = 0; i < n; i++) {
            if (cases[i].product != customer->product[k])
                continue;
            found = found ||
                    (opened_utc_s[0] != INT64_MIN && cases[i].opened_utc_s - opened_utc_s[0] <=
                                                         (int64_t)CB_GEN_AFTER_DAYS * CB_DAY_S);
            opened_utc_s[0] = opened_utc_s[1];
            opened_utc_s[1] = cases[i].opened_utc_s;
        }
        tally->breakdowns[customer->product[k]] += found;
    }
}

static cb_status tell_life(cb_gen_block *block, const cb_clock *clock, uint64_t seed, uint32_t ix,
                           cb_gen_tally *tally, cb_error *err)
{
    cb_rng birth = cb_rng_of(seed, ix, STREAM_CUSTOMER);
    cb_gen_customer *customer = &block->customer[ix - block->first];
    draw_customer(customer, &birth);
    tally->customers++;
    tally->lemons += customer->lemon;
    for (unsigned k = 0; k < customer->owned; k++)
        tally->owners_of_lemon_product += customer->product[k] == CB_GEN_LEMON_PRODUCT;
    if (customer->churned_utc_s != CB_GEN_NEVER) {
        tally->lost_before++;
        return CB_OK;
    }
    uint32_t cases_before = block->cases;
    int64_t since_utc_s = midnight_utc_s(customer->since_day);
    life l = {
        .block = block, .clock = clock, .tally = tally, .customer = customer, .customer_ix = ix};
    l.rng = cb_rng_of(seed, ix, STREAM_LIFE);
    l.at_utc_s = since_utc_s > clock->from_utc_s ? since_utc_s : clock->from_utc_s;
    l.patience = cb_rng_exponential(&l.rng);
    l.rate = cb_gen_case_rate[customer->class_ix] + (customer->lemon ? CB_GEN_LEMON_RATE : 0.0);
    l.arrived = cb_clock_arrivals(clock, l.at_utc_s);
    next_case(&l);
    cb_status rc = live(&l, err);
    if (rc == CB_OK && block->cases > cases_before)
        tally_breakdowns(tally, block->cases_at + cases_before, block->cases - cases_before,
                         customer);
    return rc;
}

/* Cases without a known customer: they follow the same rhythm and leave no trace in the customer
 * list. */
static cb_status add_anonymous(cb_gen_block *block, const cb_clock *clock, uint64_t seed,
                               cb_error *err)
{
    cb_rng rng = cb_rng_of(seed, block->first, STREAM_ANONYMOUS);
    double all = clock->arrived[clock->window_hours];
    cb_status rc = CB_OK;
    for (uint32_t i = 0; i < block->customers * ANONYMOUS_PER_MILLE / 1000 && rc == CB_OK; i++) {
        cb_gen_case c = {.customer = CB_GEN_NONE};
        double uniform = (double)(cb_rng_next(&rng) >> 11) / (double)(UINT64_C(1) << 53);
        c.opened_utc_s = cb_clock_plain(cb_clock_arrival(clock, uniform * all));
        c.cause = (uint8_t)pick_cause(&rng, c.opened_utc_s);
        c.kind = (uint8_t)cb_gen_cause_table[c.cause].kind;
        c.product = (uint8_t)pick_product(&rng);
        draw_fate(&c, clock, &rng);
        rc = push_case(block, &c, err);
    }
    return rc;
}

static int by_opened(const void *a_at, const void *b_at)
{
    const cb_gen_case *a = a_at, *b = b_at;
    if (a->opened_utc_s != b->opened_utc_s)
        return a->opened_utc_s < b->opened_utc_s ? -1 : 1;
    if (a->customer != b->customer)
        return a->customer < b->customer ? -1 : 1;
    return (a->detail > b->detail) - (a->detail < b->detail);
}

/* One loss beyond all measure, in the last quarter, so that how a report treats it can be seen. */
static void plant_absurd_loss(cb_gen_block *block)
{
    for (uint32_t i = 0; i < block->cases; i++) {
        cb_gen_case *c = &block->cases_at[i];
        if (c->opened_utc_s >= CB_GEN_RISE_UTC_S && c->kind == CB_GEN_K_DEFECT &&
            c->band == CB_GEN_PARTIAL && c->state == CB_GEN_INADEQUATE &&
            c->customer != CB_GEN_NONE) {
            c->absurd = true;
            return;
        }
    }
}

cb_status cb_gen_block_make(cb_gen_block *block, const cb_clock *clock, uint64_t seed,
                            uint32_t first, uint32_t customers, cb_gen_tally *tally, cb_error *err)
{
    *block = (cb_gen_block){.first = first, .customers = customers};
    block->customer = calloc(customers ? customers : 1, sizeof *block->customer);
    if (!block->customer)
        return cb_nomem(err, "the customers of a block");
    cb_status rc = CB_OK;
    for (uint32_t i = 0; i < customers && rc == CB_OK; i++)
        rc = tell_life(block, clock, seed, first + i, tally, err);
    if (rc == CB_OK)
        rc = add_anonymous(block, clock, seed, err);
    if (rc != CB_OK) {
        cb_gen_block_free(block);
        return rc;
    }
    if (block->cases)
        qsort(block->cases_at, block->cases, sizeof *block->cases_at, by_opened);
    if (first == 0)
        plant_absurd_loss(block);
    return CB_OK;
}

void cb_gen_block_free(cb_gen_block *block)
{
    void *array = block->cases_at;
    free(block->customer);
    cb_drop(cb_alloc_libc(), &array, &block->case_cap, sizeof *block->cases_at);
    *block = (cb_gen_block){0};
}
