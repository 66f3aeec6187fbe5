/* Signs and codes of currency in the cells of amounts. An amount counts in its row's currency, else
 * in the report's; a sign says which it was meant in. Where the two differ nothing is added up. */
#include <stdio.h>

#include "ingest/ingest_parts.h"

/* ---- seen, row by row ---- */

static cb_sign_seen seen_of(cb_str sign, uint64_t line_no)
{
    cb_sign_seen seen = {.line_no = line_no};
    memcpy(seen.sign, sign.at, sign.len < CB_SIGN_BYTES ? sign.len : CB_SIGN_BYTES);
    return seen;
}

static void add_seen(cb_sign_evidence *e, const cb_sign_seen *seen)
{
    for (unsigned i = 0; i < e->n; i++)
        if (!strcmp(e->seen[i].sign, seen->sign))
            return;
    if (e->n < CB_SIGNS_KEPT)
        e->seen[e->n++] = *seen;
}

static void see(cb_sign_evidence *e, const cb_sign_seen *seen, cb_str row_code)
{
    if (row_code.len == 0) {
        add_seen(e, seen);
    } else if (!e->clash.line_no && cb_currency_is_code(row_code) &&
               !cb_currency_agree(cb_str_of(seen->sign), row_code)) {
        e->clash = *seen;
        memcpy(e->row_code, row_code.at, 3);
    }
}

/* The word in the row's column of currencies; "" where there is none. */
static cb_str row_currency(const cb_slot *slot, uint32_t row)
{
    unsigned field = cb_currency_field[slot->file->role];
    if (field >= CB_MAX_FIELDS_OF_ROLE || slot->file->plan_of[field] < 0)
        return CB_LIT("");
    uint32_t id = ((const uint32_t *)slot->batch.cells[field])[row];
    return cb_intern_text(slot->batch.pool[CB_POOL_CURRENCY], id);
}

void cb_signs_see(cb_slot *slot, const cb_cells *cells, uint32_t row)
{
    cb_str row_code = row_currency(slot, row);
    for (uint64_t m = slot->signed_amounts; m; m &= m - 1) {
        cb_str sign[CB_MAX_SIGNS];
        unsigned field = (unsigned)__builtin_ctzll(m);
        const cb_plan *plan = &slot->file->plan[slot->file->plan_of[field]];
        unsigned n = cb_amount_signs(cb_str_trim(cells->at[plan->column]), sign);
        for (unsigned i = 0; i < n; i++) {
            cb_sign_seen seen = seen_of(sign[i], slot->line_no);
            see(&slot->batch.tally.signs[field], &seen, row_code);
        }
    }
}

void cb_signs_join(cb_sign_evidence *evidence, const cb_sign_evidence *later)
{
    for (unsigned i = 0; i < later->n; i++)
        add_seen(evidence, &later->seen[i]);
    if (!evidence->clash.line_no && later->clash.line_no) {
        evidence->clash = later->clash;
        memcpy(evidence->row_code, later->row_code, sizeof evidence->row_code);
    }
}

/* ---- compared, when all inputs are read ---- */

/* A sign and where it stands. */
typedef struct place {
    const cb_input *input;
    unsigned field;
    const cb_sign_seen *seen;
} place;

static cb_str label_of(const place *p)
{
    return p->input->facts.column[p->input->column_of[p->field]].label;
}

/* The code to write for a sign. */
static cb_str code_of(cb_str sign)
{
    cb_str codes = cb_currency_codes(sign);
    return codes.len ? (cb_str){codes.at, 3} : CB_LIT("EUR");
}

static cb_status refuse(const place *p, const char *against, const char *mend, cb_str currency,
                        cb_error *err)
{
    cb_str other = code_of(cb_str_of(p->seen->sign));
    return cb_fail(err, CB_ECONFIG,
                   CB_STR_FMT ", column \"" CB_STR_FMT "\": amounts with %s (line %llu), but %s. %s"
                              ", and write in the configuration [report] currency = " CB_STR_FMT
                              ", and under [fx] what a unit of each other one is worth in it, "
                              "such as " CB_STR_FMT " = 1.08",
                   CB_STR_ARG(p->input->facts.path), CB_STR_ARG(label_of(p)), p->seen->sign,
                   (unsigned long long)p->seen->line_no, against, mend, CB_STR_ARG(currency),
                   CB_STR_ARG(other));
}

static cb_status refuse_unnamed(const place *p, const char *against, cb_str currency, cb_error *err)
{
    char mend[128];
    snprintf(mend, sizeof mend,
             "Give every row its currency in a column ([%s] currency = name of the column)",
             cb_role_names[p->input->facts.role]);
    return refuse(p, against, mend, currency, err);
}

static cb_status refuse_two(const place *p, const place *before, cb_error *err)
{
    char against[512];
    if (p->input == before->input && p->field == before->field)
        snprintf(against, sizeof against, "others with %s (line %llu)", before->seen->sign,
                 (unsigned long long)before->seen->line_no);
    else
        snprintf(against, sizeof against,
                 CB_STR_FMT ", column \"" CB_STR_FMT "\", amounts with %s (line %llu)",
                 CB_STR_ARG(before->input->facts.path), CB_STR_ARG(label_of(before)),
                 before->seen->sign, (unsigned long long)before->seen->line_no);
    return refuse_unnamed(p, against, code_of(cb_str_of(before->seen->sign)), err);
}

static cb_status check_clash(const place *p, const char *row_code, cb_error *err)
{
    char against[64];
    snprintf(against, sizeof against, "the row names the currency %s", row_code);
    return refuse(p, against, "Mend the sign or the row's currency in the export",
                  cb_str_of(row_code), err);
}

/* Signs of rows without a currency: they fit the report's, where there is one, and each other. */
static cb_status check_seen(const cb_ingest *in, const place *p, place *known, unsigned *n,
                            cb_error *err)
{
    cb_str sign = cb_str_of(p->seen->sign);
    cb_str currency = cb_str_of(in->settings->currency);
    char against[64];
    snprintf(against, sizeof against, "the report's currency is %s and the row names no other",
             in->settings->currency);
    if (currency.len && !cb_currency_agree(sign, currency))
        return refuse_unnamed(p, against, currency, err);
    for (unsigned i = 0; i < *n; i++) {
        cb_str other = cb_str_of(known[i].seen->sign);
        if (cb_str_eq(sign, other))
            return CB_OK;
        if (!cb_currency_agree(sign, other))
            return refuse_two(p, &known[i], err);
    }
    if (*n < CB_SIGNS_KEPT)
        known[(*n)++] = *p;
    return CB_OK;
}

cb_status cb_ingest_signs(const cb_ingest *in, cb_error *err)
{
    place known[CB_SIGNS_KEPT];
    unsigned n = 0;
    cb_status rc = CB_OK;
    for (size_t i = 0; i < in->inputs; i++)
        for (unsigned f = 0; rc == CB_OK && f < CB_MAX_FIELDS_OF_ROLE; f++) {
            const cb_sign_evidence *e = &in->input[i]->signs[f];
            place p = {in->input[i], f, &e->clash};
            if (e->clash.line_no)
                rc = check_clash(&p, e->row_code, err);
            for (unsigned s = 0; rc == CB_OK && s < e->n; s++) {
                p.seen = &e->seen[s];
                rc = check_seen(in, &p, known, &n, err);
            }
        }
    return rc;
}
