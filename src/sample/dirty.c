#include "dirty.h"

#include "casebook/alloc.h"
#include "dirty_parts.h"
#include "files.h"

/* Columns of the three files, as in the headers of rows.h. */
enum { ID = 0, OPENED = 1, CUSTOMER = 2, FIRST_RESPONSE = 3, RESOLVED = 4, UPDATED = 5, FOLLOW_UP = 7 };
enum { PRODUCT = 11, CHANNEL = 13, REGION = 17, TRANSFERS = 18, ESCALATED = 21, OPTIONS = 25, LOSS = 27 };
enum { REMEDY = 31, SATISFACTION = 32, TEXT = 35 };
enum { POSTED = 1, RATING = 2, REVIEW_CASE = 4, SITE = 6, REACH = 7, REVIEW_TEXT = 8 };
enum { SINCE = 1, VALUE = 2, SEGMENT = 4, CHURNED = 5 };

#define COMMAS_35 ",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,"

static const cb_dirty_fault case_faults[] = {
    {CB_DIRTY_ADD, 0, "surplus", CB_DIRTY_REJECTED, "extra-cell"},
    {CB_DIRTY_LINE, 0, "", CB_DIRTY_BLANK, "blank-row"},
    {CB_DIRTY_KEEP, 35, NULL, CB_DIRTY_REJECTED, "missing-cell"},
    {CB_DIRTY_SET, OPENED, "soon", CB_DIRTY_REJECTED, "type-error"},
    {CB_DIRTY_SET, LOSS, "twelve", CB_DIRTY_UNKNOWN, "type-error"},
    {CB_DIRTY_SET, TEXT, "\"never closed", CB_DIRTY_REJECTED, "quote-error"},
    {CB_DIRTY_SET, SATISFACTION, "9", CB_DIRTY_UNKNOWN, "constraint-error"},
    {CB_DIRTY_AGAIN, UPDATED, "2026-09-30 23:00:00", CB_DIRTY_SUPERSEDED, "unique-error"},
    {CB_DIRTY_SET, ID, "", CB_DIRTY_REJECTED, "missing-value"},
    {CB_DIRTY_LINE, 0, COMMAS_35, CB_DIRTY_BLANK, "blank-row"},
    {CB_DIRTY_SET, TEXT, "caf\xe9 closed", CB_DIRTY_REJECTED, "encoding-error"},
    {CB_DIRTY_SET, RESOLVED, "2024-09-30 08:00:00", CB_DIRTY_REJECTED, "row-constraint"},
    {CB_DIRTY_SET, CUSTOMER, "K999999", CB_DIRTY_UNLINKED, "foreign-key"},
    {CB_DIRTY_SET, PRODUCT, "V\"3 motor", CB_DIRTY_REJECTED, "quote-error"},
    {CB_DIRTY_CRLF, 0, NULL, CB_DIRTY_ACCEPTED, ""},
    {CB_DIRTY_SET, LOSS, "-25.00", CB_DIRTY_UNKNOWN, "constraint-error"},
    {CB_DIRTY_OUTDATED, UPDATED, NULL, CB_DIRTY_SUPERSEDED, "unique-error"},
    {CB_DIRTY_SET, FIRST_RESPONSE, "after lunch", CB_DIRTY_UNKNOWN, "type-error"},
    {CB_DIRTY_KEEP, 1, NULL, CB_DIRTY_REJECTED, "missing-cell"},
    {CB_DIRTY_LINE, 0, "   ", CB_DIRTY_BLANK, "blank-row"},
    {CB_DIRTY_ADD, 0, ",,", CB_DIRTY_REJECTED, "extra-cell"},
    {CB_DIRTY_SET, OPENED, "2025-13-45 10:00:00", CB_DIRTY_REJECTED, "type-error"},
    {CB_DIRTY_SET, TRANSFERS, "many", CB_DIRTY_UNKNOWN, "type-error"},
    {CB_DIRTY_SET, CHANNEL, "\"phone\"", CB_DIRTY_ACCEPTED, ""},
    {CB_DIRTY_SET, OPENED, "", CB_DIRTY_REJECTED, "missing-value"},
    {CB_DIRTY_SET, PRODUCT, "\"V3 motor", CB_DIRTY_REJECTED, "quote-error"},
    {CB_DIRTY_AGAIN, UPDATED, NULL, CB_DIRTY_SUPERSEDED, "unique-error"},
    {CB_DIRTY_SET, ESCALATED, "perhaps", CB_DIRTY_UNKNOWN, "type-error"},
    {CB_DIRTY_SET, PRODUCT, "V3 \xc0\xaf motor", CB_DIRTY_REJECTED, "encoding-error"},
    {CB_DIRTY_SET, REMEDY, "-0.01", CB_DIRTY_UNKNOWN, "constraint-error"},
    {CB_DIRTY_SET, RESOLVED, "2024-09-30 23:59:59", CB_DIRTY_REJECTED, "row-constraint"},
    {CB_DIRTY_SET, CUSTOMER, "K999998", CB_DIRTY_UNLINKED, "foreign-key"},
    {CB_DIRTY_SET, PRODUCT, "\"V3\" motor", CB_DIRTY_REJECTED, "quote-error"},
    {CB_DIRTY_SET, REGION, " South ", CB_DIRTY_ACCEPTED, ""},
    {CB_DIRTY_SET, SATISFACTION, "superb", CB_DIRTY_UNKNOWN, "type-error"},
    {CB_DIRTY_SET, TEXT, "half a pair \xed\xa0\x80", CB_DIRTY_REJECTED, "encoding-error"},
    {CB_DIRTY_SET, FOLLOW_UP, "next week", CB_DIRTY_UNKNOWN, "type-error"},
    {CB_DIRTY_SET, ID, "   ", CB_DIRTY_REJECTED, "missing-value"},
    {CB_DIRTY_SET, OPTIONS, "-1", CB_DIRTY_UNKNOWN, "constraint-error"},
    {CB_DIRTY_AGAIN, UPDATED, "2026-09-30 23:30:00", CB_DIRTY_SUPERSEDED, "unique-error"},
    {CB_DIRTY_SET, LOSS, "12.34.56", CB_DIRTY_UNKNOWN, "type-error"},
    {CB_DIRTY_CRLF, 0, NULL, CB_DIRTY_ACCEPTED, ""},
};

static const cb_dirty_fault review_faults[] = {
    {CB_DIRTY_SET, RATING, "11", CB_DIRTY_REJECTED, "constraint-error"},
    {CB_DIRTY_SET, RATING, "five", CB_DIRTY_REJECTED, "type-error"},
    {CB_DIRTY_SET, REACH, "lots", CB_DIRTY_UNKNOWN, "type-error"},
    {CB_DIRTY_SET, RATING, "", CB_DIRTY_REJECTED, "missing-value"},
    {CB_DIRTY_SET, POSTED, "yesterday", CB_DIRTY_REJECTED, "type-error"},
    {CB_DIRTY_LINE, 0, "", CB_DIRTY_BLANK, "blank-row"},
    {CB_DIRTY_SET, REVIEW_CASE, "C-999999", CB_DIRTY_UNLINKED, "foreign-key"},
    {CB_DIRTY_KEEP, 4, NULL, CB_DIRTY_REJECTED, "missing-cell"},
    {CB_DIRTY_AGAIN, REVIEW_TEXT, "Second thoughts.", CB_DIRTY_SUPERSEDED, "unique-error"},
    {CB_DIRTY_SET, REACH, "-5", CB_DIRTY_UNKNOWN, "constraint-error"},
    {CB_DIRTY_SET, REVIEW_TEXT, "\"no end", CB_DIRTY_REJECTED, "quote-error"},
    {CB_DIRTY_SET, SITE, "own \xff shop", CB_DIRTY_REJECTED, "encoding-error"},
    {CB_DIRTY_LINE, 0, ",,,,,,,,", CB_DIRTY_BLANK, "blank-row"},
    {CB_DIRTY_CRLF, 0, NULL, CB_DIRTY_ACCEPTED, ""},
};

static const cb_dirty_fault customer_faults[] = {
    {CB_DIRTY_SET, ID, "", CB_DIRTY_REJECTED, "missing-value"},
    {CB_DIRTY_SET, SINCE, "long ago", CB_DIRTY_UNKNOWN, "type-error"},
    {CB_DIRTY_SET, VALUE, "-5.00", CB_DIRTY_UNKNOWN, "constraint-error"},
    {CB_DIRTY_ADD, 0, "surplus", CB_DIRTY_REJECTED, "extra-cell"},
    {CB_DIRTY_KEEP, 6, NULL, CB_DIRTY_REJECTED, "missing-cell"},
    {CB_DIRTY_AGAIN, SEGMENT, "trade", CB_DIRTY_SUPERSEDED, "unique-error"},
    {CB_DIRTY_SET, SEGMENT, "tr\x80""ade", CB_DIRTY_REJECTED, "encoding-error"},
    {CB_DIRTY_SET, SEGMENT, "tra\"de", CB_DIRTY_REJECTED, "quote-error"},
    {CB_DIRTY_LINE, 0, " , , , , , , ", CB_DIRTY_BLANK, "blank-row"},
    {CB_DIRTY_SET, CHURNED, "perhaps", CB_DIRTY_UNKNOWN, "type-error"},
};

#define FAULTS(table) (table), (unsigned)(sizeof(table) / sizeof(table)[0])

/* The clean rows of the three files, in memory. */
typedef struct clean {
    cb_clock clock;
    cb_gen_block block;
    cb_out rows[3];
    cb_gen_tally tally;
    cb_gen_shown shown;
} clean;

static void render(clean *c)
{
    for (uint32_t i = 0; i < c->block.cases; i++) {
        const cb_gen_case *it = &c->block.cases_at[i];
        const cb_gen_customer *customer =
            it->customer == CB_GEN_NONE ? NULL : &c->block.customer[it->customer];
        cb_gen_review review;
        cb_gen_case_row(&c->rows[0], &c->clock, it, customer, i + UINT64_C(1), &c->shown);
        if (cb_gen_case_review(&review, it, i + UINT64_C(1)))
            cb_gen_review_row(&c->rows[1], &c->clock, &review, c->shown.reviews + 1, &c->shown);
    }
    for (uint32_t i = 0; i < c->block.customers; i++) {
        cb_gen_review review;
        c->block.customer[i].listed = true;
        cb_gen_customer_row(&c->rows[2], &c->clock, &c->block.customer[i], i, &c->shown);
        if (cb_gen_other_review(&review, &c->block.customer[i], i))
            cb_gen_review_row(&c->rows[1], &c->clock, &review, c->shown.reviews + 1, &c->shown);
    }
}

/* A header with a name twice or with a name missing, and one row. */
static cb_status write_header_case(const char *dir, const char *name, const char *header,
                                   cb_error *err)
{
    cb_out out;
    cb_status rc = cb_out_open(&out, dir, name, err);
    if (rc != CB_OK)
        return rc;
    cb_out_text(&out, header);
    cb_out_text(&out, "C-000001,2026-09-01 09:00:00,Open,Late\n");
    return cb_out_close(&out, err);
}

/* column is 1-based, as a person counts. */
static void expect_header(cb_json *json, const char *file, const char *code, unsigned column)
{
    cb_json_open(json, NULL, '{');
    cb_json_text(json, "file", file);
    cb_json_text(json, "code", code);
    cb_json_count(json, "column", column);
    cb_json_close(json, '}');
}

static cb_status write_expected(const cb_gen_plan *plan, cb_dirty_table *table, cb_error *err)
{
    cb_out out;
    cb_status rc = cb_out_open(&out, plan->dir, "expected.json", err);
    if (rc != CB_OK)
        return rc;
    cb_json json = cb_json_start(&out, 5);
    cb_json_open(&json, NULL, '{');
    cb_json_count(&json, "schema", 1);
    cb_json_text(&json, "rule", "rows = accepted + superseded + rejected + blank");
    cb_json_open(&json, "inputs", '[');
    for (unsigned i = 0; i < 3; i++)
        cb_dirty_expect(&json, &table[i]);
    cb_json_close(&json, ']');
    cb_json_open(&json, "headers", '[');
    expect_header(&json, "duplicate-label.csv", "duplicate-label", 4);
    expect_header(&json, "missing-label.csv", "missing-label", 3);
    cb_json_close(&json, ']');
    cb_json_close(&json, '}');
    return cb_out_close(&out, err);
}

static cb_status write_files(const cb_gen_plan *plan, const clean *c, cb_error *err)
{
    cb_dirty_table table[3] = {
        {"cases", "cases.csv", cb_gen_case_header, FAULTS(case_faults), .byte_order_mark = true,
         .last_line_open = true},
        {"reviews", "reviews.csv", cb_gen_review_header, FAULTS(review_faults),
         .byte_order_mark = false},
        {"customers", "customers.csv", cb_gen_customer_header, FAULTS(customer_faults),
         .byte_order_mark = false},
    };
    cb_status rc = CB_OK;
    for (unsigned i = 0; i < 3 && rc == CB_OK; i++)
        rc = cb_dirty_write(&table[i], plan->dir, (cb_str){c->rows[i].at, c->rows[i].len}, err);
    if (rc == CB_OK)
        rc = write_header_case(plan->dir, "duplicate-label.csv",
                               "case_id,opened_at,status,status\n", err);
    if (rc == CB_OK)
        rc = write_header_case(plan->dir, "missing-label.csv", "case_id,opened_at,,kind\n", err);
    if (rc == CB_OK)
        rc = cb_gen_write_config(plan, err);
    return rc == CB_OK ? write_expected(plan, table, err) : rc;
}

static cb_status make_and_write(const cb_gen_plan *plan, clean *c, cb_error *err)
{
    cb_status rc = cb_gen_block_make(&c->block, &c->clock, plan->seed, 0,
                                     cb_gen_customers(plan->cases), &c->tally, err);
    unsigned opened = 0;
    for (; opened < 3 && rc == CB_OK; opened += rc == CB_OK)
        rc = cb_out_memory(&c->rows[opened], err);
    if (rc == CB_OK)
        render(c);
    for (unsigned i = 0; i < opened && rc == CB_OK; i++)
        rc = c->rows[i].status == CB_OK ? CB_OK : cb_nomem(err, "the clean rows");
    if (rc == CB_OK)
        rc = write_files(plan, c, err);
    while (opened > 0) {
        cb_status closed = cb_out_close(&c->rows[--opened], err);
        rc = rc == CB_OK ? closed : rc;
    }
    cb_gen_block_free(&c->block);
    return rc;
}

cb_status cb_gen_write_dirty(const cb_gen_plan *plan, cb_error *err)
{
    if (plan->cases < CB_GEN_DIRTY_MIN_CASES ||
        cb_gen_customers(plan->cases) > CB_GEN_BLOCK_CUSTOMERS)
        return cb_fail(err, CB_EUSAGE, "--dirty: takes --cases from %d to %d",
                       (int)CB_GEN_DIRTY_MIN_CASES, CB_GEN_BLOCK_CUSTOMERS / 6 * 10);
    clean c = {0};
    cb_status rc = cb_gen_make_dir(plan->dir, err);
    if (rc == CB_OK)
        rc = cb_clock_new(&c.clock, err);
    if (rc == CB_OK)
        rc = make_and_write(plan, &c, err);
    cb_clock_free(&c.clock);
    return rc;
}
