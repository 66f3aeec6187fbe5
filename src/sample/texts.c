#include "texts.h"

#include <string.h>

const char *const cb_gen_phrase_words[CB_GEN_PHRASES] = {"policy", "no, I cannot", "here is what I can do"};
const uint16_t cb_gen_phrase_per_mille[CB_GEN_PHRASES] = {60, 30, 120};

static const char *const phrase_sentences[CB_GEN_PHRASES][3] = {
    {"Told the customer it is company policy.", "Said our policy allows no exchange.", "\"Policy\" was the answer."},
    {"Agent: no, I cannot.", "Answer was \"no, I cannot\".", "Reply: No, I cannot."},
    {"Said: here is what I can do.", "Agent: \"Here is what I can do\".", "Told: here is what I can do, today."},
};

enum { OPENINGS = 5, PLAIN_CLOSINGS = 6, ODD_CLOSINGS = 8, ODD_PER_MILLE = 160 };

static const char *const case_openings[CB_GEN_KINDS][OPENINGS] = {
    {"Express order two days late.", "Urgent spares not here.", "Line stands still, parts missing.",
     "Courier came after the shift.", "Overnight order left on Monday."},
    {"Wrong part in the box.", "Got the left-hand version.", "Thread does not fit.", "Three sent, two ordered.",
     "Label right, part wrong."},
    {"Spoken to rudely.", "Passed on four times.", "Hung up on.", "Nobody listened.", "Felt blamed for the fault."},
    {"Date was promised, not held.", "No call back.", "Refund promised in March.", "Was told Friday.",
     "Third date that passed."},
    {"Same fault again.", "Unit failed a third time.", "Repaired in spring, broken again.", "Board dead again.",
     "Stopped again after a week."},
    {"Asked for morning delivery.", "Wanted one invoice.", "Special paint forgotten.", "Note on the order not read.",
     "Asked for a long cable."},
    {"Leaks at the seal.", "Bearing is loud.", "Gets hot, then stops.", "Crack at the weld.", "Dead on arrival."},
    {"Cut on the edge.", "Guard was missing, hand hurt.", "Burn from the lid.", "Fitter hurt his thumb.",
     "Slipped on leaking oil."},
    {"Invoice does not match.", "VAT number missing.", "Charged twice.", "Asks for a copy.", "Discount not shown."},
    {"Where is my order?", "How to set the timer?", "Which seal fits?", "Asks for the manual.", "Opening hours?"},
};
static const char *const plain_closings[PLAIN_CLOSINGS] = {
    "", "", " Called back.", " Photo attached.", " Wants an answer today.", " Will write again.",
};
static const char *const odd_closings[ODD_CLOSINGS] = {
    " Site in Köln, gate 3.", " Zürich branch knows.", " He said \"never again\".", " Old, worn, noisy.",
    "\nSecond mail followed.", " Very upset 😡", " Thanks 🙂", " Señora Núñez asked, twice.",
};

static const char *const review_openings[5][4] = {
    {"Never again.", "Waited weeks, got nothing.", "Nobody cares.", "Broken, and no help."},
    {"Slow and unfriendly.", "Had to call three times.", "Only half refunded.", "Not what I ordered."},
    {"It works.", "So-so.", "Fair price, slow service.", "Average."},
    {"Good parts.", "Quick answer.", "Sorted in the end.", "Solid machine."},
    {"Excellent!", "Solved within hours.", "Best supplier.", "More than I asked for."},
};
static const char *const review_closings[6] = {
    "", "", " Would buy again, maybe.", " Très bien.", " \"Service\" means something else 😡", " Runs since May ⭐",
};

/* Appends as much as fits: sentences are short, so that it always does. */
static size_t append(char out[CB_TEXT_BYTES], size_t len, const char *text)
{
    size_t n = strlen(text);
    if (n > CB_TEXT_BYTES - len)
        n = CB_TEXT_BYTES - len;
    memcpy(out + len, text, n);
    return len + n;
}

static cb_gen_phrase pick_phrase(cb_rng *rng)
{
    uint32_t at = cb_rng_below(rng, 1000);
    unsigned i = 0;
    while (i < CB_GEN_PHRASES && at >= cb_gen_phrase_per_mille[i])
        at -= cb_gen_phrase_per_mille[i++];
    return (cb_gen_phrase)i;
}

size_t cb_gen_case_text(char out[CB_TEXT_BYTES], cb_rng *rng, cb_gen_kind kind,
                        cb_gen_phrase *phrase)
{
    size_t len = append(out, 0, case_openings[kind][cb_rng_below(rng, OPENINGS)]);
    *phrase = pick_phrase(rng);
    if (*phrase < CB_GEN_PHRASES) {
        len = append(out, len, " ");
        len = append(out, len, phrase_sentences[*phrase][cb_rng_below(rng, 3)]);
    }
    if (cb_rng_chance(rng, ODD_PER_MILLE))
        return append(out, len, odd_closings[cb_rng_below(rng, ODD_CLOSINGS)]);
    return append(out, len, plain_closings[cb_rng_below(rng, PLAIN_CLOSINGS)]);
}

size_t cb_gen_review_text(char out[CB_TEXT_BYTES], cb_rng *rng, unsigned stars)
{
    size_t len = append(out, 0, review_openings[(stars - 1) % 5][cb_rng_below(rng, 4)]);
    return append(out, len, review_closings[cb_rng_below(rng, 6)]);
}
