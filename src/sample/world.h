/* world.h - the invented company: what it sells, what goes wrong, who answers, and the truths
 * planted in it.
 *
 * An industrial-parts and appliance supplier in Germany, Austria and Switzerland. Nothing here is
 * taken from a real company. Everything that shapes the data is a table or a number in this file
 * and world.c, so that the truths which truths.json states are the very numbers from which the data
 * are drawn.
 *
 * Units: weights are relative, chances in thousandths (per_mille), money in cents, rates per
 * customer-year of CB_GEN_YEAR_S seconds, times in UTC seconds. */
#ifndef SAMPLE_WORLD_H
#define SAMPLE_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#define CB_GEN_YEAR_S 31557600.0 /* 365.25 days */
#define CB_GEN_NONE UINT32_MAX

/* The window of the data, [from, to), in Europe/Berlin: 2024-10-01 to 2026-09-30. */
#define CB_GEN_FROM_UTC_S INT64_C(1727733600)
#define CB_GEN_TO_UTC_S INT64_C(1790805600)
#define CB_GEN_FIX_UTC_S INT64_C(1769900400)  /* 2026-02-01 00:00: the fix of the fixed cause */
#define CB_GEN_RISE_UTC_S INT64_C(1782856800) /* 2026-07-01 00:00: the rising cause rises */
enum { CB_GEN_MONTHS = 24, CB_GEN_AFTER_DAYS = 365, CB_GEN_QUICK_S = 86400 };

typedef enum cb_gen_kind {
    CB_GEN_K_LATE,
    CB_GEN_K_WRONG,
    CB_GEN_K_MISTREATED,
    CB_GEN_K_PROMISE,
    CB_GEN_K_BREAKDOWN,
    CB_GEN_K_REQUEST,
    CB_GEN_K_DEFECT,
    CB_GEN_K_INJURY,
    CB_GEN_K_INVOICE,
    CB_GEN_K_QUESTION,
    CB_GEN_KINDS
} cb_gen_kind;

typedef struct cb_gen_kind_info {
    const char *word;       /* as the export writes it */
    const char *meaning;    /* casebook's name of the kind */
    uint16_t work_min;      /* median business minutes to the solution */
    uint16_t priority[4];   /* weights of urgent, high, normal, low */
    uint16_t band[4];       /* weights of remedy none, partial, adequate, generous */
    uint32_t loss_cents;    /* median direct loss */
    uint16_t consequential; /* per mille of cases with a consequential loss */
    uint16_t liability;     /* per mille */
    uint16_t avoidable;     /* per mille */
} cb_gen_kind_info;
extern const cb_gen_kind_info cb_gen_kind_table[CB_GEN_KINDS];

typedef struct cb_gen_cause {
    const char *word;
    cb_gen_kind kind;
    uint16_t weight;
    bool rare; /* small and constant: may look high by chance */
} cb_gen_cause;
enum { CB_GEN_CAUSES = 30 };
extern const cb_gen_cause cb_gen_cause_table[CB_GEN_CAUSES];
extern const unsigned cb_gen_rising_cause, cb_gen_fixed_cause, cb_gen_lemon_cause;
enum { CB_GEN_RISE_PER_MILLE = 2400, CB_GEN_FIX_PER_MILLE = 400 };

typedef struct cb_gen_product {
    const char *word, *serial;
    uint16_t weight;
} cb_gen_product;
enum { CB_GEN_PRODUCTS = 14, CB_GEN_LEMON_PRODUCT = 5, CB_GEN_MAX_OWNED = 3 };
extern const cb_gen_product cb_gen_product_table[CB_GEN_PRODUCTS];
/* Of the owners of the lemon product so many have a unit that breaks down again and again, */
enum { CB_GEN_LEMON_PER_MILLE = 160 };
/* with so many cases a customer-year besides their others. */
#define CB_GEN_LEMON_RATE 2.5

typedef struct cb_gen_word {
    const char *word;
    uint16_t weight;
} cb_gen_word;
enum {
    CB_GEN_TEAMS = 7,
    CB_GEN_SKIPPING_TEAM = 2,
    CB_GEN_CHANNELS = 5,
    CB_GEN_REGIONS = 6,
    CB_GEN_SEGMENTS = 3,
    CB_GEN_SITES = 4,
    CB_GEN_SKILLS = 5,
    CB_GEN_REMEDIES = 6,
    CB_GEN_PRIORITIES = 4
};
extern const cb_gen_word cb_gen_team_table[CB_GEN_TEAMS];
extern const cb_gen_word cb_gen_channel_table[CB_GEN_CHANNELS];
extern const cb_gen_word cb_gen_region_table[CB_GEN_REGIONS];
extern const cb_gen_word cb_gen_segment_table[CB_GEN_SEGMENTS];
extern const int64_t cb_gen_segment_value_cents[CB_GEN_SEGMENTS]; /* median yearly value */
extern const cb_gen_word cb_gen_site_table[CB_GEN_SITES];
extern const cb_gen_word cb_gen_skill_table[CB_GEN_SKILLS];
extern const cb_gen_word cb_gen_remedy_table[CB_GEN_REMEDIES]; /* the last is "none" */
extern const char *const cb_gen_priority_words[CB_GEN_PRIORITIES];
enum { CB_GEN_FOLLOW_UP_PER_MILLE = 740, CB_GEN_SKIP_FOLLOW_UP_PER_MILLE = 220 };

/* What the customer's latest case of the last 365 days came to, as the data show it at their end:
 * where they do not show the loss or the remedy, nothing says that it was not made good. */
typedef enum cb_gen_state {
    CB_GEN_CLEAN,      /* no case in the last 365 days */
    CB_GEN_QUICK,      /* resolved within 24 hours, remedy >= loss */
    CB_GEN_ADEQUATE,   /* resolved later (or closed at an unknown time), remedy >= loss */
    CB_GEN_INADEQUATE, /* resolved or closed, remedy < loss */
    CB_GEN_UNRESOLVED, /* still open at the end of the data, or withdrawn */
    CB_GEN_STATES
} cb_gen_state;
extern const char *const cb_gen_state_words[CB_GEN_STATES];
extern const double cb_gen_leaving_rate[CB_GEN_STATES]; /* hazard of leaving, per customer-year */

/* Cases a customer-year of the classes of customers, and how many of a thousand are in each. */
enum { CB_GEN_CLASSES = 4 };
extern const double cb_gen_case_rate[CB_GEN_CLASSES];
extern const uint16_t cb_gen_class_weight[CB_GEN_CLASSES];

// cb_gen_cause_weight returns the weight of a cause at an instant, in thousandths of its table
// weight's unit.
uint32_t cb_gen_cause_weight(unsigned cause, int64_t utc_s);

#endif
