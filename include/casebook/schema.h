/* schema.h - the inputs' fields: names, types, which are required, where their words are pooled (contract.md, Inputs).
 *
 * One table per role. Everything that loops over fields (mapping, coercion, the book's columns, coverage, `casebook map`)
 * loops over this table; adding a field is a line here. */
#ifndef CASEBOOK_SCHEMA_H
#define CASEBOOK_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "casebook/text.h"

typedef enum cb_role { CB_CASES, CB_REVIEWS, CB_CUSTOMERS, CB_ROLES } cb_role;
extern const char *const cb_role_names[CB_ROLES]; /* "cases", "reviews", "customers" */

/* How a cell is read and how its column is stored; a column may be narrower where all it holds fits (book.h). */
typedef enum cb_type {
    CB_TYPE_WORD,   /* uint32_t id in the field's pool, 0 unknown (ids, kinds, products, teams, …) */
    CB_TYPE_TIME,   /* int64_t UTC seconds, CB_NO_TIME unknown */
    CB_TYPE_AMOUNT, /* int64_t minor units of the report's currency, CB_NO_AMOUNT unknown */
    CB_TYPE_COUNT,  /* uint16_t, CB_NO_COUNT unknown, 65534 is "that many or more" */
    CB_TYPE_FLAG,   /* uint8_t: 0 no, 1 yes, CB_NO_FLAG unknown */
    CB_TYPE_SCORE,  /* uint16_t hundredths on the 1-5 scale (450 is 4.5), CB_NO_SCORE unknown */
    CB_TYPE_STATUS, /* uint8_t cb_case_status */
    CB_TYPE_TEXT,   /* uint32_t bits: CB_TEXT_SEEN, and one bit a phrase found; the text itself is not kept */
    CB_TYPE_DURATION /* int64_t seconds, CB_NO_TIME unknown; turned into times while a file is read, not kept in the book */
} cb_type;

#define CB_NO_COUNT UINT16_MAX
#define CB_NO_SCORE UINT16_MAX
enum { CB_NO_FLAG = 2 };
#define CB_TEXT_SEEN (UINT32_C(1) << 31)

typedef enum cb_case_status {
    CB_STATUS_UNKNOWN,
    CB_STATUS_OPEN,
    CB_STATUS_PENDING,
    CB_STATUS_RESOLVED,
    CB_STATUS_CLOSED,
    CB_STATUS_WITHDRAWN,
    CB_CASE_STATUSES
} cb_case_status;
extern const char *const cb_case_status_names[CB_CASE_STATUSES]; /* "unknown", "open", … */

/* The problem kinds that the service-recovery practice singles out; [kinds] and presets map an export's words to them.
 * A word that is mapped to none of them stays a kind of its own. */
typedef enum cb_kind {
    CB_KIND_LATE_URGENT, CB_KIND_WRONG_PART, CB_KIND_MISTREATED, CB_KIND_FALSE_PROMISE, CB_KIND_BREAKDOWN,
    CB_KIND_SPECIAL_REQUEST, CB_KIND_DEFECTIVE, CB_KIND_INJURY, CB_KIND_ROUTINE, CB_KINDS
} cb_kind;
extern const char *const cb_kind_names[CB_KINDS]; /* "late urgent order", "wrong part", … "injury", "routine" */

// cb_kind_find returns the kind whose name is text (names match as cb_name_eq), or -1.
int cb_kind_find(cb_str text);

/* Pools of words. Fields that speak of the same thing share one: a product in a case and in a review has one id. */
typedef enum cb_pool {
    CB_POOL_CASE, CB_POOL_CUSTOMER, CB_POOL_REVIEW, CB_POOL_KIND, CB_POOL_CAUSE, CB_POOL_PRODUCT, CB_POOL_UNIT,
    CB_POOL_CHANNEL, CB_POOL_TEAM, CB_POOL_AGENT, CB_POOL_PRIORITY, CB_POOL_REGION, CB_POOL_CURRENCY, CB_POOL_REMEDY,
    CB_POOL_SKILL, CB_POOL_SITE, CB_POOL_SEGMENT, CB_POOLS
} cb_pool;

typedef struct cb_field {
    const char *name; /* as in contract.md: "opened_at" */
    cb_type type;
    cb_pool pool;     /* of a WORD field */
    bool required;
    const char *meaning; /* a line for `casebook map`, the man page and the Data quality sheet */
} cb_field;

typedef enum cb_case_field {
    CB_CASE_ID, CB_CASE_OPENED, CB_CASE_CUSTOMER, CB_CASE_FIRST_RESPONSE, CB_CASE_RESOLVED, CB_CASE_UPDATED,
    CB_CASE_PROMISED, CB_CASE_FOLLOW_UP, CB_CASE_STATUS, CB_CASE_KIND, CB_CASE_CAUSE, CB_CASE_PRODUCT, CB_CASE_UNIT,
    CB_CASE_CHANNEL, CB_CASE_TEAM, CB_CASE_AGENT, CB_CASE_PRIORITY, CB_CASE_REGION, CB_CASE_TRANSFERS, CB_CASE_CONTACTS,
    CB_CASE_REOPENS, CB_CASE_ESCALATED, CB_CASE_ESCALATED_AT, CB_CASE_LIABILITY, CB_CASE_APOLOGY, CB_CASE_OPTIONS,
    CB_CASE_AGREED, CB_CASE_LOSS, CB_CASE_CONSEQUENTIAL, CB_CASE_CURRENCY, CB_CASE_REMEDY_TYPE, CB_CASE_REMEDY,
    CB_CASE_SATISFACTION, CB_CASE_AVOIDABLE, CB_CASE_SKILL, CB_CASE_TEXT, CB_CASE_FIRST_RESPONSE_DURATION,
    CB_CASE_RESOLUTION_DURATION, CB_CASE_FIELDS
} cb_case_field;

typedef enum cb_review_field {
    CB_REVIEW_ID, CB_REVIEW_POSTED, CB_REVIEW_RATING, CB_REVIEW_CUSTOMER, CB_REVIEW_CASE, CB_REVIEW_PRODUCT,
    CB_REVIEW_SITE, CB_REVIEW_REACH, CB_REVIEW_TEXT, CB_REVIEW_FIELDS
} cb_review_field;

typedef enum cb_customer_field {
    CB_CUSTOMER_ID, CB_CUSTOMER_SINCE, CB_CUSTOMER_VALUE, CB_CUSTOMER_CURRENCY, CB_CUSTOMER_SEGMENT,
    CB_CUSTOMER_CHURNED, CB_CUSTOMER_LAST_ACTIVE, CB_CUSTOMER_FIELDS
} cb_customer_field;

enum { CB_MAX_FIELDS_OF_ROLE = CB_CASE_FIELDS };

typedef struct cb_schema {
    const cb_field *field;
    unsigned fields;
} cb_schema;
extern const cb_schema cb_schemas[CB_ROLES];

// cb_field_find returns the index of the field whose name is text (names match as cb_name_eq), or -1.
int cb_field_find(cb_role role, cb_str text);

// cb_type_bytes returns the bytes of a stored cell of the type.
size_t cb_type_bytes(cb_type type);

#endif
