/* texts.h - invented sentences of the case and review texts.
 *
 * Some hold commas, quotes, line ends, letters with accents and emoji, as such texts do. The three
 * phrases that casebook looks for are put in at the stated rates and occur nowhere else. */
#ifndef SAMPLE_TEXTS_H
#define SAMPLE_TEXTS_H

#include <stddef.h>

#include "random.h"
#include "world.h"

enum { CB_TEXT_BYTES = 512 };

typedef enum cb_gen_phrase {
    CB_PHRASE_POLICY,
    CB_PHRASE_NO,
    CB_PHRASE_CAN,
    CB_GEN_PHRASES
} cb_gen_phrase;
extern const char *const cb_gen_phrase_words[CB_GEN_PHRASES];
extern const uint16_t
    cb_gen_phrase_per_mille[CB_GEN_PHRASES]; /* of the texts; at most one phrase in a text */
enum { CB_GEN_TEXT_PER_MILLE = 820 };        /* of the cases have a text */

// cb_gen_case_text writes the text of a case of that kind; returns its length. *phrase is the
// phrase in it, or CB_GEN_PHRASES.
size_t cb_gen_case_text(char out[CB_TEXT_BYTES], cb_rng *rng, cb_gen_kind kind,
                        cb_gen_phrase *phrase);

// cb_gen_review_text writes the text of a review of 1-5 stars; returns its length.
size_t cb_gen_review_text(char out[CB_TEXT_BYTES], cb_rng *rng, unsigned stars);

#endif
