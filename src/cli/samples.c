#include "samples.h"

#include <stdio.h>
#include <string.h>

enum { SAMPLES = 3, SAMPLE_BYTES = 40, WORD_BYTES = 32, ROWS_LOOKED_AT = 100000 };

typedef struct sample {
    char text[SAMPLE_BYTES];
} sample;

/* Whole characters only, controls as blanks; three dots where it was cut. */
static void put_word(sample *to, cb_str word)
{
    size_t n = word.len < WORD_BYTES ? word.len : WORD_BYTES;
    while (n < word.len && n > 0 && ((unsigned char)word.at[n] & 0xC0) == 0x80)
        n--;
    for (size_t i = 0; i < n; i++)
        to->text[i] = (unsigned char)word.at[i] < ' ' || word.at[i] == 127 ? ' ' : word.at[i];
    memcpy(to->text + n, "...", sizeof "...");
    if (n == word.len)
        to->text[n] = '\0';
}

typedef struct looking {
    const cb_ingest *ingest;
    const cb_settings *settings;
    const cb_table *table;
    const cb_field *field;
    unsigned ix;
} looking;

static void put_value(sample *to, const looking *l, uint32_t row)
{
    const cb_book *book = cb_ingest_book(l->ingest);
    switch (l->field->type) {
    case CB_TYPE_TIME:
        cb_time_text(to->text, cb_time(l->table, l->ix, row));
        break;
    case CB_TYPE_AMOUNT:
        (void)cb_amount_text(to->text, cb_amount(l->table, l->ix, row),
                             l->settings->currency_digits);
        break;
    case CB_TYPE_COUNT:
        snprintf(to->text, sizeof to->text, "%u", (unsigned)cb_count(l->table, l->ix, row));
        break;
    case CB_TYPE_FLAG:
        snprintf(to->text, sizeof to->text, "%s", cb_flag(l->table, l->ix, row) ? "yes" : "no");
        break;
    case CB_TYPE_SCORE:
        snprintf(to->text, sizeof to->text, "%.2f of 5", cb_score(l->table, l->ix, row) / 100.0);
        break;
    case CB_TYPE_STATUS:
        snprintf(to->text, sizeof to->text, "%s",
                 cb_case_status_names[cb_status_of(l->table, row)]);
        break;
    case CB_TYPE_WORD:
        put_word(to, cb_intern_text(book->pool[l->field->pool], cb_word(l->table, l->ix, row)));
        break;
    case CB_TYPE_TEXT:
    case CB_TYPE_DURATION:
        break;
    }
}

static unsigned find_samples(sample found[SAMPLES], const looking *l)
{
    unsigned n = 0;
    uint32_t rows = l->table->n < ROWS_LOOKED_AT ? l->table->n : ROWS_LOOKED_AT;
    for (uint32_t row = 0; row < rows && n < SAMPLES; row++) {
        if (!cb_cell_known(l->table, l->ix, row))
            continue;
        put_value(&found[n], l, row);
        bool fresh = true;
        for (unsigned i = 0; i < n; i++)
            fresh = fresh && strcmp(found[i].text, found[n].text) != 0;
        n += fresh;
    }
    return n;
}

static const cb_column_facts *column_of(const cb_input_facts *input, unsigned field)
{
    for (unsigned c = 0; c < input->columns; c++)
        if (input->column[c].field == (int)field)
            return &input->column[c];
    return NULL;
}

static cb_status put_coverage(cb_buf *out, const cb_input_facts *input,
                              const cb_column_facts *column)
{
    uint64_t rows = input->accepted + input->superseded;
    cb_status rc = cb_buf_text(out, ";   %.1f %% filled",
                               rows ? 100.0 * (double)column->filled / (double)rows : 0.0);
    if (rc == CB_OK && column->unreadable)
        rc = cb_buf_text(out, ", %llu unreadable", (unsigned long long)column->unreadable);
    return rc == CB_OK && column->format[0] ? cb_buf_text(out, ", read as %s", column->format) : rc;
}

cb_status cb_samples_put(cb_buf *out, const cb_ingest *ingest, const cb_settings *settings,
                         unsigned field, bool amounts)
{
    const cb_input_facts *input = cb_ingest_input(ingest, 0);
    const cb_column_facts *column = column_of(input, field);
    looking l = {.ingest = ingest,
                 .settings = settings,
                 .table = &cb_ingest_book(ingest)->table[input->role],
                 .field = &cb_schemas[input->role].field[field],
                 .ix = field};
    sample found[SAMPLES];
    cb_status rc = CB_OK;
    if (column && l.field->type == CB_TYPE_DURATION)
        rc = put_coverage(out, input, column);
    if (!l.table->column[field])
        return rc == CB_OK && column && l.field->type == CB_TYPE_DURATION
                   ? cb_buf_text(out, "; read where the time is blank\n")
                   : rc;
    rc = column ? put_coverage(out, input, column) : cb_buf_text(out, ";   by line");
    bool agent = input->role == CB_CASES && field == CB_CASE_AGENT;
    bool shown =
        !agent && l.field->type != CB_TYPE_TEXT && (l.field->type != CB_TYPE_AMOUNT || amounts);
    unsigned n = shown ? find_samples(found, &l) : 0;
    if (rc == CB_OK && !shown)
        rc = cb_buf_text(out, "; %s not shown", agent ? "names are" : "its cells are");
    for (unsigned i = 0; rc == CB_OK && i < n; i++)
        rc = cb_buf_text(out, "%s%s", i ? " | " : ": ", found[i].text);
    return rc == CB_OK ? cb_buf_text(out, "\n") : rc;
}
