#include "rows.h"

#include "casebook/civil.h"

const char cb_gen_case_header[] =
    "case_id,opened_at,customer_id,first_response_at,resolved_at,updated_at,promised_at,follow_up_at,status,kind,"
    "root_cause,product,unit,channel,team,agent,priority,region,transfers,contacts,reopens,escalated,escalated_at,"
    "liability,apology,options_offered,agreed,loss_amount,consequential_loss,currency,remedy_type,remedy_amount,"
    "satisfaction,avoidable,skill_needed,text\n";

enum { STREAM_ROW = 11, STREAM_HOME, STREAM_UNIT };
enum { FOLLOW_UP_DAYS = 7, LATE_FOLLOW_UP_PER_MILLE = 40 };
enum { UNKNOWN_AMOUNT = -1 };

/* A case as its row shows it: drawn first, then written from left to right. */
typedef struct view {
    const cb_gen_case *c;
    int64_t promised_utc_s, follow_up_utc_s; /* CB_GEN_NEVER: blank */
    int64_t escalated_utc_s, updated_utc_s;
    unsigned team, channel, agent, region, contacts, options, remedy;
    bool liability, apology, agreed, swiss, remedy_named;
    int64_t loss_cents, consequential_cents, remedy_cents; /* UNKNOWN_AMOUNT: blank */
    unsigned satisfaction;                                 /* 0: blank */
} view;

static unsigned pick_word(cb_rng *rng, const cb_gen_word *table, unsigned n)
{
    uint16_t weight[16];
    for (unsigned i = 0; i < n; i++)
        weight[i] = table[i].weight;
    return cb_rng_pick(rng, weight, n);
}

unsigned cb_gen_region(uint64_t detail)
{
    cb_rng home = cb_rng_of(detail, 0, STREAM_HOME);
    return pick_word(&home, cb_gen_region_table, CB_GEN_REGIONS);
}

static bool is_open(const cb_gen_case *c)
{
    return c->status <= CB_GEN_WAITING;
}

static bool is_solved(const cb_gen_case *c)
{
    return c->status == CB_GEN_RESOLVED || c->status == CB_GEN_CLOSED;
}

static void draw_people(view *v, const cb_gen_customer *customer, cb_rng *rng)
{
    v->team = pick_word(rng, cb_gen_team_table, CB_GEN_TEAMS);
    v->channel = pick_word(rng, cb_gen_channel_table, CB_GEN_CHANNELS);
    v->agent = v->team * 20 + 1 + cb_rng_below(rng, 2 + cb_gen_team_table[v->team].weight / 20u);
    v->region = cb_gen_region(customer ? customer->detail : v->c->detail);
    v->swiss = v->region == CB_GEN_REGIONS - 1;
    v->contacts = 1u + v->c->transfers + v->c->reopens + cb_rng_below(rng, 3);
}

static int64_t shown_time(int64_t utc_s)
{
    utc_s = utc_s == CB_GEN_NEVER ? utc_s : cb_clock_plain(utc_s);
    return utc_s < CB_GEN_TO_UTC_S ? utc_s : CB_GEN_NEVER;
}

static void draw_steps(view *v, const cb_clock *clock, cb_rng *rng)
{
    static const uint16_t option_weight[5] = {180, 340, 300, 130, 50};
    const cb_gen_kind_info *kind = &cb_gen_kind_table[v->c->kind];
    bool answered = v->c->first_response_utc_s != CB_GEN_NEVER;
    int64_t plan_s = kind->work_min * cb_rng_range(rng, 60, 300) * 60 / 100;
    v->apology = answered && cb_rng_chance(rng, 660);
    v->options = answered ? cb_rng_pick(rng, option_weight, 5) : 0;
    v->agreed = answered && cb_rng_chance(rng, 620);
    v->promised_utc_s = CB_GEN_NEVER;
    if (cb_rng_chance(rng, v->agreed ? 930 : 100) && answered) {
        int64_t last_utc_s = clock->from_utc_s + (int64_t)clock->hours * CB_HOUR_S - 1;
        int64_t utc_s =
            cb_clock_plain(cb_clock_after_work(clock, v->c->first_response_utc_s, plan_s));
        v->promised_utc_s = utc_s < last_utc_s ? utc_s : last_utc_s;
    }
    v->liability = cb_rng_chance(rng, kind->liability);
    v->escalated_utc_s = CB_GEN_NEVER;
    if (cb_rng_chance(rng, v->liability ? 840 : 40 + 40u * v->c->transfers)) {
        int64_t end_utc_s = is_open(v->c) ? CB_GEN_TO_UTC_S : v->c->touched_utc_s;
        int64_t utc_s =
            shown_time(v->c->opened_utc_s + cb_rng_skewed(rng, v->liability ? 5400 : 50000));
        v->escalated_utc_s = utc_s < end_utc_s || utc_s == CB_GEN_NEVER ? utc_s : end_utc_s;
    }
}

static void draw_follow_up(view *v, const cb_clock *clock, cb_rng *rng, cb_gen_shown *shown)
{
    bool skips = v->team == CB_GEN_SKIPPING_TEAM;
    unsigned in_time = skips ? CB_GEN_SKIP_FOLLOW_UP_PER_MILLE : CB_GEN_FOLLOW_UP_PER_MILLE;
    int64_t wait_s = cb_rng_range(rng, CB_DAY_S, 5 * CB_DAY_S);
    int64_t work_s = cb_rng_range(rng, 0, 4 * CB_HOUR_S);
    bool done = cb_rng_chance(rng, in_time);
    bool late = !done && cb_rng_chance(rng, LATE_FOLLOW_UP_PER_MILLE);
    v->follow_up_utc_s = CB_GEN_NEVER;
    if (v->c->resolved_utc_s == CB_GEN_NEVER)
        return;
    int64_t due_utc_s = v->c->resolved_utc_s + (int64_t)FOLLOW_UP_DAYS * CB_DAY_S;
    int64_t utc_s = cb_clock_after_work(clock, v->c->resolved_utc_s + wait_s, work_s);
    if (done && utc_s >= due_utc_s)
        utc_s = v->c->resolved_utc_s + wait_s; /* holidays: somebody rings from home */
    if (done || late)
        v->follow_up_utc_s = shown_time(done ? utc_s : utc_s + (int64_t)FOLLOW_UP_DAYS * CB_DAY_S);
    if (due_utc_s <= clock->to_utc_s) {
        shown->team_resolved[v->team]++;
        shown->team_followed_up[v->team] += done;
    }
}

static int64_t draw_loss(const view *v, const cb_gen_customer *customer, cb_rng *rng)
{
    static const unsigned segment_percent[CB_GEN_SEGMENTS] = {70, 130, 300};
    unsigned segment = customer ? customer->segment : 0;
    int64_t median =
        (int64_t)cb_gen_kind_table[v->c->kind].loss_cents * segment_percent[segment] / 100;
    int64_t loss_cents = cb_rng_skewed(rng, median);
    bool huge = cb_rng_below(rng, 2500) == 0;
    if (huge)
        loss_cents = cb_rng_range(rng, 1500000, 9000000);
    if (v->c->absurd)
        loss_cents = 40000000;
    return loss_cents < 200 ? 200 : loss_cents;
}

static void draw_remedy(view *v, cb_rng *rng)
{
    int64_t total_cents = v->loss_cents + v->consequential_cents;
    int64_t percent = 100;
    if (v->c->band == CB_GEN_PARTIAL)
        percent = cb_rng_range(rng, 8, 88);
    else if (v->c->band == CB_GEN_MADE_GOOD)
        percent = cb_rng_chance(rng, 600) && !v->swiss ? 100 : cb_rng_range(rng, 103, 145);
    else if (v->c->band == CB_GEN_GENEROUS)
        percent = cb_rng_range(rng, 158, 230);
    v->remedy = pick_word(rng, cb_gen_remedy_table, CB_GEN_REMEDIES);
    v->remedy_cents = (v->c->band == CB_GEN_PARTIAL ? v->loss_cents : total_cents) * percent / 100;
    if (v->c->band == CB_GEN_NO_REMEDY) {
        v->remedy = CB_GEN_REMEDIES - 1;
        v->remedy_cents = 0;
    }
    if (v->c->absurd)
        v->remedy_cents = 50000;
}

/* The amounts and their gaps. An unknown remedy is one that is named and has no amount. */
static void draw_money(view *v, const cb_gen_customer *customer, cb_rng *rng)
{
    bool consequential = cb_rng_chance(rng, cb_gen_kind_table[v->c->kind].consequential);
    v->loss_cents = draw_loss(v, customer, rng);
    v->consequential_cents = consequential ? v->loss_cents * cb_rng_range(rng, 10, 180) / 100 : 0;
    draw_remedy(v, rng);
    v->remedy_named = cb_rng_chance(rng, 960);
    if (!consequential && cb_rng_chance(rng, 700))
        v->consequential_cents = UNKNOWN_AMOUNT;
    if (v->c->loss_blank)
        v->loss_cents = v->consequential_cents = UNKNOWN_AMOUNT;
    if (!is_solved(v->c)) {
        v->remedy_named = false;
        v->remedy_cents = UNKNOWN_AMOUNT;
    } else if (v->c->remedy_blank) {
        v->remedy_named = true;
        v->remedy_cents = UNKNOWN_AMOUNT;
    }
}

/* What the customer says of it: the state first, then what the desk did. Stars in hundredths. */
static void draw_satisfaction(view *v, cb_rng *rng)
{
    static const int64_t by_state[CB_GEN_STATES] = {0, 470, 410, 265, 0};
    int64_t score = by_state[v->c->state] + (v->apology ? 15 : -25) + (v->options >= 2 ? 15 : -10) -
                    25 * v->c->transfers - 20 * v->c->reopens;
    if (v->promised_utc_s != CB_GEN_NEVER)
        score += v->c->resolved_utc_s <= v->promised_utc_s ? 15 : -35;
    score += cb_rng_range(rng, -110, 110) + cb_rng_range(rng, -60, 60);
    int64_t stars = (score + 50) / 100;
    v->satisfaction = (unsigned)(stars < 1 ? 1 : stars > 5 ? 5 : stars);
    if (!cb_rng_chance(rng, 360) || v->c->resolved_utc_s == CB_GEN_NEVER)
        v->satisfaction = 0;
}

static int64_t later(int64_t a_utc_s, int64_t b_utc_s)
{
    return b_utc_s != CB_GEN_NEVER && b_utc_s > a_utc_s ? b_utc_s : a_utc_s;
}

static void comma(cb_out *out)
{
    cb_out_char(out, ',');
}

static void time_cell(cb_out *out, const cb_clock *clock, int64_t utc_s)
{
    char text[19];
    if (utc_s != CB_GEN_NEVER) {
        cb_clock_text(clock, text, utc_s);
        cb_out_bytes(out, text, sizeof text);
    }
    comma(out);
}

static void word_cell(cb_out *out, const char *word)
{
    cb_out_text(out, word);
    comma(out);
}

static void flag_cell(cb_out *out, bool flag)
{
    word_cell(out, flag ? "yes" : "no");
}

static void amount_cell(cb_out *out, int64_t cents)
{
    if (cents != UNKNOWN_AMOUNT)
        cb_out_cents(out, cents);
    comma(out);
}

static void write_times(cb_out *out, const cb_clock *clock, const view *v, uint64_t case_no,
                        cb_rng *rng)
{
    cb_out_text(out, "C-");
    cb_out_padded(out, case_no, 6);
    comma(out);
    time_cell(out, clock, v->c->opened_utc_s);
    if (v->c->customer != CB_GEN_NONE) {
        cb_out_char(out, 'K');
        cb_out_padded(out, v->c->customer + UINT64_C(1), 6);
    }
    comma(out);
    time_cell(out, clock, cb_rng_chance(rng, 30) ? CB_GEN_NEVER : v->c->first_response_utc_s);
    time_cell(out, clock, v->c->resolved_utc_s);
    time_cell(out, clock, v->updated_utc_s);
    time_cell(out, clock, v->promised_utc_s);
    time_cell(out, clock, v->follow_up_utc_s);
}

static void unit_cell(cb_out *out, const view *v, const cb_gen_customer *customer, cb_rng *rng)
{
    bool routine = v->c->kind == CB_GEN_K_INVOICE || v->c->kind == CB_GEN_K_QUESTION;
    if (!cb_rng_chance(rng, routine ? 600 : 120)) {
        cb_rng unit =
            cb_rng_of(customer ? customer->detail : v->c->detail, v->c->product, STREAM_UNIT);
        cb_out_text(out, cb_gen_product_table[v->c->product].serial);
        cb_out_char(out, '-');
        cb_out_padded(out, cb_rng_below(&unit, 1000000), 6);
    }
    comma(out);
}

static void write_words(cb_out *out, const cb_clock *clock, const view *v,
                        const cb_gen_customer *customer, cb_rng *rng, cb_gen_shown *shown)
{
    word_cell(out, cb_gen_status_words[v->c->status]);
    word_cell(out, cb_rng_chance(rng, 10) ? "" : cb_gen_kind_table[v->c->kind].word);
    bool cause_known = !cb_rng_chance(rng, 40);
    word_cell(out, cause_known ? cb_gen_cause_table[v->c->cause].word : "");
    shown->cause_month[v->c->cause][cb_clock_month(clock, v->c->opened_utc_s)] += cause_known;
    word_cell(out, cb_rng_chance(rng, 10) ? "" : cb_gen_product_table[v->c->product].word);
    unit_cell(out, v, customer, rng);
    word_cell(out, cb_gen_channel_table[v->channel].word);
    word_cell(out, cb_gen_team_table[v->team].word);
    if (!cb_rng_chance(rng, 20)) {
        cb_out_text(out, "A-");
        cb_out_padded(out, v->agent, 3);
    }
    comma(out);
    word_cell(out, cb_gen_priority_words[v->c->priority]);
    word_cell(out, cb_rng_chance(rng, 20) ? "" : cb_gen_region_table[v->region].word);
}

static void write_practice(cb_out *out, const cb_clock *clock, const view *v, cb_rng *rng)
{
    cb_out_number(out, v->c->transfers);
    comma(out);
    if (!cb_rng_chance(rng, 15))
        cb_out_number(out, v->contacts);
    comma(out);
    cb_out_number(out, v->c->reopens);
    comma(out);
    flag_cell(out, v->escalated_utc_s != CB_GEN_NEVER);
    time_cell(out, clock, v->escalated_utc_s);
    flag_cell(out, v->liability);
    word_cell(out, cb_rng_chance(rng, 50) ? "" : v->apology ? "yes" : "no");
    if (!cb_rng_chance(rng, 100))
        cb_out_number(out, v->options);
    comma(out);
    word_cell(out, cb_rng_chance(rng, 40) ? "" : v->agreed ? "yes" : "no");
}

static void write_money(cb_out *out, const view *v)
{
    amount_cell(out, v->loss_cents);
    amount_cell(out, v->consequential_cents);
    word_cell(out, v->swiss ? "CHF" : "EUR");
    word_cell(out, v->remedy_named ? cb_gen_remedy_table[v->remedy].word : "");
    amount_cell(out, v->remedy_cents);
}

static void write_end(cb_out *out, const view *v, cb_rng *rng, cb_gen_shown *shown)
{
    if (v->satisfaction)
        cb_out_number(out, v->satisfaction);
    comma(out);
    bool debriefed = is_solved(v->c) && cb_rng_chance(rng, 550);
    bool avoidable = cb_rng_chance(rng, cb_gen_kind_table[v->c->kind].avoidable);
    word_cell(out, !debriefed ? "" : avoidable ? "yes" : "no");
    unsigned skill = pick_word(rng, cb_gen_skill_table, CB_GEN_SKILLS);
    bool skill_known = debriefed && avoidable && cb_rng_chance(rng, 750);
    word_cell(out, skill_known ? cb_gen_skill_table[skill].word : "");
    if (cb_rng_chance(rng, CB_GEN_TEXT_PER_MILLE)) {
        char text[CB_TEXT_BYTES];
        cb_gen_phrase phrase;
        size_t n = cb_gen_case_text(text, rng, (cb_gen_kind)v->c->kind, &phrase);
        cb_out_cell(out, text, n);
        shown->texts++;
        if (phrase < CB_GEN_PHRASES)
            shown->phrases[phrase]++;
    }
    cb_out_char(out, '\n');
}

static void count(const view *v, cb_gen_shown *shown)
{
    bool remedy_known = v->remedy_cents != UNKNOWN_AMOUNT || v->c->band == CB_GEN_NO_REMEDY;
    bool eligible = is_solved(v->c) && v->loss_cents > 0 && remedy_known;
    bool adequate = eligible && v->c->band >= CB_GEN_MADE_GOOD;
    shown->cases++;
    shown->open += is_open(v->c);
    shown->team_eligible[v->team] += eligible;
    shown->team_adequate[v->team] += adequate;
    shown->channel_eligible[v->channel] += eligible;
    shown->channel_adequate[v->channel] += adequate;
    shown->liability += v->liability;
    shown->liability_escalated += v->liability && v->escalated_utc_s != CB_GEN_NEVER;
    if (v->loss_cents > shown->largest_loss_cents)
        shown->largest_loss_cents = v->loss_cents;
}

void cb_gen_case_row(cb_out *out, const cb_clock *clock, const cb_gen_case *c,
                     const cb_gen_customer *customer, uint64_t case_no, cb_gen_shown *shown)
{
    cb_rng rng = cb_rng_of(c->detail, 0, STREAM_ROW);
    view v = {.c = c};
    draw_people(&v, customer, &rng);
    draw_steps(&v, clock, &rng);
    draw_follow_up(&v, clock, &rng, shown);
    draw_money(&v, customer, &rng);
    draw_satisfaction(&v, &rng);
    v.updated_utc_s = later(later(c->touched_utc_s, v.follow_up_utc_s), v.escalated_utc_s);
    write_times(out, clock, &v, case_no, &rng);
    write_words(out, clock, &v, customer, &rng, shown);
    write_practice(out, clock, &v, &rng);
    write_money(out, &v);
    write_end(out, &v, &rng, shown);
    count(&v, shown);
}
