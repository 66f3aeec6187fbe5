#include "casebook/schema.h"

const char *const cb_role_names[CB_ROLES] = {"cases", "reviews", "customers"};

const char *const cb_case_status_names[CB_CASE_STATUSES] = {"unknown",  "open",   "pending",
                                                            "resolved", "closed", "withdrawn"};

const char *const cb_kind_names[CB_KINDS] = {
    [CB_KIND_LATE_URGENT] = "late urgent order",
    [CB_KIND_WRONG_PART] = "wrong part",
    [CB_KIND_MISTREATED] = "mistreated by staff",
    [CB_KIND_FALSE_PROMISE] = "false promise",
    [CB_KIND_BREAKDOWN] = "repeated breakdown",
    [CB_KIND_SPECIAL_REQUEST] = "special request unmet",
    [CB_KIND_DEFECTIVE] = "defective product",
    [CB_KIND_INJURY] = "injury",
    [CB_KIND_ROUTINE] = "routine",
};

/* Fields that are not words name no pool; CB_POOLS says so. */
#define WORD(pool) CB_TYPE_WORD, CB_POOL_##pool
#define PLAIN(type) CB_TYPE_##type, CB_POOLS

static const cb_field case_fields[CB_CASE_FIELDS] = {
    [CB_CASE_ID] = {"case_id", WORD(CASE), true, "the case's own number; of several rows the last state counts"},
    [CB_CASE_OPENED] = {"opened_at", PLAIN(TIME), true, "when the problem was reported"},
    [CB_CASE_CUSTOMER] = {"customer_id", WORD(CUSTOMER), false, "who has the problem"},
    [CB_CASE_FIRST_RESPONSE] = {"first_response_at", PLAIN(TIME), false, "first answer by a person"},
    [CB_CASE_RESOLVED] = {"resolved_at", PLAIN(TIME), false, "when it was solved; blank while it is open"},
    [CB_CASE_UPDATED] = {"updated_at", PLAIN(TIME), false, "last change of the row; the latest row of a case wins"},
    [CB_CASE_PROMISED] = {"promised_at", PLAIN(TIME), false, "when the solution was promised for"},
    [CB_CASE_FOLLOW_UP] = {"follow_up_at", PLAIN(TIME), false, "when the customer was asked again afterwards"},
    [CB_CASE_STATUS] = {"status", PLAIN(STATUS), false, "open, pending, resolved, closed or withdrawn"},
    [CB_CASE_KIND] = {"kind", WORD(KIND), false, "kind of problem"},
    [CB_CASE_CAUSE] = {"root_cause", WORD(CAUSE), false, "why it happened"},
    [CB_CASE_PRODUCT] = {"product", WORD(PRODUCT), false, "product or service that it is about"},
    [CB_CASE_UNIT] = {"unit", WORD(UNIT), false, "the single piece: serial number, asset, configuration item"},
    [CB_CASE_CHANNEL] = {"channel", WORD(CHANNEL), false, "how it was reported: mail, phone, web"},
    [CB_CASE_TEAM] = {"team", WORD(TEAM), false, "group that owns the case"},
    [CB_CASE_AGENT] = {"agent", WORD(AGENT), false, "person who owns the case; never ranked"},
    [CB_CASE_PRIORITY] = {"priority", WORD(PRIORITY), false, "priority, which chooses the target"},
    [CB_CASE_REGION] = {"region", WORD(REGION), false, "place"},
    [CB_CASE_TRANSFERS] = {"transfers", PLAIN(COUNT), false, "times the case was passed on"},
    [CB_CASE_CONTACTS] = {"contacts", PLAIN(COUNT), false, "times the customer had to get in touch"},
    [CB_CASE_REOPENS] = {"reopens", PLAIN(COUNT), false, "times the case was opened again"},
    [CB_CASE_ESCALATED] = {"escalated", PLAIN(FLAG), false, "went to a supervisor"},
    [CB_CASE_ESCALATED_AT] = {"escalated_at", PLAIN(TIME), false, "when it went to a supervisor"},
    [CB_CASE_LIABILITY] = {"liability", PLAIN(FLAG), false, "injury or legal exposure"},
    [CB_CASE_APOLOGY] = {"apology", PLAIN(FLAG), false, "someone apologised"},
    [CB_CASE_OPTIONS] = {"options_offered", PLAIN(COUNT), false, "ways out that the customer could choose among"},
    [CB_CASE_AGREED] = {"agreed", PLAIN(FLAG), false, "the customer agreed to the remedy"},
    [CB_CASE_LOSS] = {"loss_amount", PLAIN(AMOUNT), false, "the customer's direct loss"},
    [CB_CASE_CONSEQUENTIAL] = {"consequential_loss", PLAIN(AMOUNT), false, "what followed from it: downtime, expense"},
    [CB_CASE_CURRENCY] = {"currency", WORD(CURRENCY), false, "ISO 4217 code of the row's amounts"},
    [CB_CASE_REMEDY_TYPE] = {"remedy_type", WORD(REMEDY), false, "what the customer got: refund, replacement, none"},
    [CB_CASE_REMEDY] = {"remedy_amount", PLAIN(AMOUNT), false, "what it was worth"},
    [CB_CASE_SATISFACTION] = {"satisfaction", PLAIN(SCORE), false, "the customer's answer to the survey"},
    [CB_CASE_AVOIDABLE] = {"avoidable", PLAIN(FLAG), false, "debriefing: it could have been avoided"},
    [CB_CASE_SKILL] = {"skill_needed", WORD(SKILL), false, "debriefing: skill that was missing"},
    [CB_CASE_TEXT] = {"text", PLAIN(TEXT), false, "conversation or summary; only searched for phrases, not kept"},
    [CB_CASE_FIRST_RESPONSE_DURATION] = {"first_response_duration", PLAIN(DURATION), false,
                                         "elapsed time to the first answer, where its time is not in the export"},
    [CB_CASE_RESOLUTION_DURATION] = {"resolution_duration", PLAIN(DURATION), false,
                                     "elapsed time to the solution, where its time is not in the export"},
};

static const cb_field review_fields[CB_REVIEW_FIELDS] = {
    [CB_REVIEW_ID] = {"review_id", WORD(REVIEW), true, "the review's own number"},
    [CB_REVIEW_POSTED] = {"posted_at", PLAIN(TIME), true, "when it was published"},
    [CB_REVIEW_RATING] = {"rating", PLAIN(SCORE), true, "stars or points"},
    [CB_REVIEW_CUSTOMER] = {"customer_id", WORD(CUSTOMER), false, "who wrote it"},
    [CB_REVIEW_CASE] = {"case_id", WORD(CASE), false, "the case that it is about"},
    [CB_REVIEW_PRODUCT] = {"product", WORD(PRODUCT), false, "product or service that it is about"},
    [CB_REVIEW_SITE] = {"site", WORD(SITE), false, "where it was published"},
    [CB_REVIEW_REACH] = {"reach", PLAIN(COUNT), false, "people who saw it"},
    [CB_REVIEW_TEXT] = {"text", PLAIN(TEXT), false, "its words; only searched for phrases, not kept"},
};

static const cb_field customer_fields[CB_CUSTOMER_FIELDS] = {
    [CB_CUSTOMER_ID] = {"customer_id", WORD(CUSTOMER), true, "the customer's own number, as in the cases"},
    [CB_CUSTOMER_SINCE] = {"since", PLAIN(TIME), false, "customer from"},
    [CB_CUSTOMER_VALUE] = {"annual_value", PLAIN(AMOUNT), false, "worth of the customer a year"},
    [CB_CUSTOMER_CURRENCY] = {"currency", WORD(CURRENCY), false, "ISO 4217 code of the row's amounts"},
    [CB_CUSTOMER_SEGMENT] = {"segment", WORD(SEGMENT), false, "group of customers"},
    [CB_CUSTOMER_CHURNED] = {"churned_at", PLAIN(TIME), false, "when the customer left; blank: has not"},
    [CB_CUSTOMER_LAST_ACTIVE] = {"last_active_at", PLAIN(TIME), false, "last sign of life"},
};

const cb_schema cb_schemas[CB_ROLES] = {
    [CB_CASES] = {case_fields, CB_CASE_FIELDS},
    [CB_REVIEWS] = {review_fields, CB_REVIEW_FIELDS},
    [CB_CUSTOMERS] = {customer_fields, CB_CUSTOMER_FIELDS},
};

int cb_field_find(cb_role role, cb_str text)
{
    for (unsigned f = 0; f < cb_schemas[role].fields; f++)
        if (cb_name_eq(text, cb_str_of(cb_schemas[role].field[f].name)))
            return (int)f;
    return -1;
}

int cb_kind_find(cb_str text)
{
    for (int k = 0; k < CB_KINDS; k++)
        if (cb_name_eq(text, cb_str_of(cb_kind_names[k])))
            return k;
    return -1;
}

size_t cb_type_bytes(cb_type type)
{
    static const size_t bytes[] = {
        [CB_TYPE_WORD] = sizeof(uint32_t),  [CB_TYPE_TIME] = sizeof(int64_t),   [CB_TYPE_AMOUNT] = sizeof(int64_t),
        [CB_TYPE_COUNT] = sizeof(uint16_t), [CB_TYPE_FLAG] = sizeof(uint8_t),   [CB_TYPE_SCORE] = sizeof(uint16_t),
        [CB_TYPE_STATUS] = sizeof(uint8_t), [CB_TYPE_TEXT] = sizeof(uint32_t),
        [CB_TYPE_DURATION] = sizeof(int64_t),
    };
    return bytes[type];
}
