#include "rows.h"

#include "casebook/civil.h"

const char cb_gen_review_header[] =
    "review_id,posted_at,rating,customer_id,case_id,product,site,reach,text\n";
const char cb_gen_customer_header[] =
    "customer_id,since,annual_value,currency,segment,churned_at,last_active_at\n";

enum { STREAM_REVIEW = 21, STREAM_OTHER_REVIEW, STREAM_CUSTOMER_ROW };
enum { OTHER_REVIEW_PER_MILLE = 400 };

/* per mille of the cases that lead to a review, and the weights of 1-5 stars, by what the case came
 * to */
static const struct {
    uint16_t per_mille, stars[5];
} reviews_by_state[CB_GEN_STATES] = {
    [CB_GEN_CLEAN] = {0, {60, 60, 130, 290, 460}},
    [CB_GEN_QUICK] = {90, {20, 30, 90, 310, 550}},
    [CB_GEN_ADEQUATE] = {110, {50, 90, 190, 370, 300}},
    [CB_GEN_INADEQUATE] = {280, {360, 270, 190, 120, 60}},
    [CB_GEN_UNRESOLVED] = {300, {560, 270, 110, 40, 20}},
};

enum { LINK_CASE, LINK_CUSTOMER, LINK_NONE, LINKS };
static const uint16_t link_weight[LINKS] = {450, 350, 200};

static unsigned pick_site(cb_rng *rng)
{
    uint16_t weight[CB_GEN_SITES];
    for (unsigned i = 0; i < CB_GEN_SITES; i++)
        weight[i] = cb_gen_site_table[i].weight;
    return cb_rng_pick(rng, weight, CB_GEN_SITES);
}

bool cb_gen_case_review(cb_gen_review *review, const cb_gen_case *c, uint64_t case_no)
{
    cb_rng rng = cb_rng_of(c->detail, 0, STREAM_REVIEW);
    if (!cb_rng_chance(&rng, reviews_by_state[c->state].per_mille))
        return false;
    int64_t wait_s = cb_rng_skewed(&rng, 9 * CB_DAY_S) % (85 * CB_DAY_S) + CB_HOUR_S;
    unsigned link = cb_rng_pick(&rng, link_weight, LINKS);
    bool named = c->customer != CB_GEN_NONE &&
                 (link == LINK_CUSTOMER || (link == LINK_CASE && cb_rng_chance(&rng, 800)));
    *review = (cb_gen_review){
        .posted_utc_s = cb_clock_plain(c->opened_utc_s + wait_s),
        .case_no = link == LINK_CASE ? case_no : 0,
        .customer = named ? c->customer : CB_GEN_NONE,
        .product = c->product,
        .stars = (uint8_t)(1 + cb_rng_pick(&rng, reviews_by_state[c->state].stars, 5)),
        .shows_product = link == LINK_CUSTOMER || cb_rng_chance(&rng, 750),
    };
    review->detail = cb_rng_next(&rng);
    return review->posted_utc_s < CB_GEN_TO_UTC_S;
}

bool cb_gen_other_review(cb_gen_review *review, const cb_gen_customer *customer,
                         uint32_t customer_ix)
{
    cb_rng rng = cb_rng_of(customer->detail, 0, STREAM_OTHER_REVIEW);
    int64_t from_utc_s = (customer->since_day + 1) * CB_DAY_S, to_utc_s = CB_GEN_TO_UTC_S;
    if (from_utc_s < CB_GEN_FROM_UTC_S)
        from_utc_s = CB_GEN_FROM_UTC_S;
    if (customer->churned_utc_s < to_utc_s)
        to_utc_s = customer->churned_utc_s;
    if (!cb_rng_chance(&rng, OTHER_REVIEW_PER_MILLE) || to_utc_s <= from_utc_s)
        return false;
    *review = (cb_gen_review){
        .posted_utc_s = cb_clock_plain(cb_rng_range(&rng, from_utc_s, to_utc_s - 1)),
        .customer = cb_rng_chance(&rng, 500) ? customer_ix : CB_GEN_NONE,
        .product = customer->product[cb_rng_below(&rng, customer->owned)],
        .stars = (uint8_t)(1 + cb_rng_pick(&rng, reviews_by_state[CB_GEN_CLEAN].stars, 5)),
        .shows_product = cb_rng_chance(&rng, 850),
    };
    review->detail = cb_rng_next(&rng);
    return review->posted_utc_s < CB_GEN_TO_UTC_S;
}

static void customer_cell(cb_out *out, uint32_t customer_ix)
{
    if (customer_ix != CB_GEN_NONE) {
        cb_out_char(out, 'K');
        cb_out_padded(out, customer_ix + UINT64_C(1), 6);
    }
    cb_out_char(out, ',');
}

/* Times before the window have no entry in the clock's table. */
static void time_cell(cb_out *out, const cb_clock *clock, int64_t utc_s)
{
    char text[19];
    if (utc_s >= clock->from_utc_s) {
        cb_clock_text(clock, text, utc_s);
        cb_out_bytes(out, text, sizeof text);
        return;
    }
    cb_civil c = cb_civil_from_s(utc_s + cb_clock_offset_s(utc_s));
    cb_out_print(out, "%04d-%02u-%02u %02u:%02u:%02u", (int)c.year, (unsigned)c.month,
                 (unsigned)c.day, (unsigned)c.hour, (unsigned)c.minute, (unsigned)c.second);
}

void cb_gen_review_row(cb_out *out, const cb_clock *clock, const cb_gen_review *review,
                       uint64_t review_no, cb_gen_shown *shown)
{
    cb_rng rng = {review->detail};
    char text[CB_TEXT_BYTES];
    cb_out_text(out, "R-");
    cb_out_padded(out, review_no, 6);
    cb_out_char(out, ',');
    time_cell(out, clock, review->posted_utc_s);
    cb_out_print(out, ",%u,", (unsigned)review->stars);
    customer_cell(out, review->customer);
    if (review->case_no) {
        cb_out_text(out, "C-");
        cb_out_padded(out, review->case_no, 6);
    }
    cb_out_char(out, ',');
    cb_out_text(out, review->shows_product ? cb_gen_product_table[review->product].word : "");
    cb_out_char(out, ',');
    cb_out_text(out, cb_gen_site_table[pick_site(&rng)].word);
    cb_out_char(out, ',');
    if (!cb_rng_chance(&rng, 80))
        cb_out_number(out, cb_rng_skewed(&rng, 140));
    cb_out_char(out, ',');
    if (!cb_rng_chance(&rng, 150))
        cb_out_cell(out, text, cb_gen_review_text(text, &rng, review->stars));
    cb_out_char(out, '\n');
    shown->reviews++;
    shown->reviews_with_case += review->case_no != 0;
    shown->reviews_with_customer += review->customer != CB_GEN_NONE;
}

/* The last sign of life: a purchase, or the last case if that is later; never after leaving or the
 * end. */
static int64_t last_active_utc_s(const cb_gen_customer *customer, cb_rng *rng)
{
    bool left = customer->churned_utc_s != CB_GEN_NEVER;
    int64_t end_utc_s = left ? customer->churned_utc_s : CB_GEN_TO_UTC_S;
    int64_t since_utc_s = customer->since_day * CB_DAY_S + 8 * CB_HOUR_S;
    int64_t utc_s = end_utc_s - 1 - cb_rng_skewed(rng, (left ? 12 : 25) * CB_DAY_S);
    if (customer->last_case_utc_s != CB_GEN_NEVER && customer->last_case_utc_s > utc_s)
        utc_s = customer->last_case_utc_s;
    if (utc_s < since_utc_s)
        utc_s = since_utc_s;
    utc_s = cb_clock_plain(utc_s);
    return utc_s < end_utc_s ? utc_s : end_utc_s - 1;
}

void cb_gen_customer_row(cb_out *out, const cb_clock *clock, const cb_gen_customer *customer,
                         uint32_t customer_ix, cb_gen_shown *shown)
{
    cb_rng rng = cb_rng_of(customer->detail, 0, STREAM_CUSTOMER_ROW);
    if (!customer->listed) {
        shown->customers_not_listed++;
        return;
    }
    shown->customers++;
    customer_cell(out, customer_ix);
    bool old = customer->since_day * CB_DAY_S < CB_GEN_FROM_UTC_S - CB_DAY_S;
    if (!old || !cb_rng_chance(&rng, 10)) {
        cb_civil c = cb_civil_from_s(customer->since_day * CB_DAY_S);
        cb_out_print(out, "%04d-%02u-%02u", (int)c.year, (unsigned)c.month, (unsigned)c.day);
    }
    cb_out_char(out, ',');
    int64_t value_cents = cb_rng_skewed(&rng, cb_gen_segment_value_cents[customer->segment]);
    if (!cb_rng_chance(&rng, 30))
        cb_out_cents(out, value_cents);
    cb_out_text(out, cb_gen_region(customer->detail) == CB_GEN_REGIONS - 1 ? ",CHF," : ",EUR,");
    cb_out_text(out, cb_rng_chance(&rng, 20) ? "" : cb_gen_segment_table[customer->segment].word);
    cb_out_char(out, ',');
    if (customer->churned_utc_s != CB_GEN_NEVER)
        time_cell(out, clock, customer->churned_utc_s);
    cb_out_char(out, ',');
    int64_t active_utc_s = last_active_utc_s(customer, &rng);
    if (!cb_rng_chance(&rng, 20))
        time_cell(out, clock, active_utc_s);
    cb_out_char(out, '\n');
}
