#include <string.h>

#include "check.h"

enum { LABEL_BYTES = 28, FILES_SHOWN = 12 };

/* At most LABEL_BYTES of a label, whole characters, without controls. */
static void short_label(char out[LABEL_BYTES + 1], cb_str label)
{
    size_t n = label.len < LABEL_BYTES ? label.len : LABEL_BYTES;
    while (n < label.len && n > 0 && ((unsigned char)label.at[n] & 0xC0) == 0x80)
        n--;
    for (size_t i = 0; i < n; i++)
        out[i] = (unsigned char)label.at[i] < ' ' || label.at[i] == 127 ? ' ' : label.at[i];
    out[n] = '\0';
}

/* ---- inputs of one layout are shown together ---- */

static bool same_layout(const cb_input_facts *a, const cb_input_facts *b)
{
    bool same = a->role == b->role && a->columns == b->columns && a->delimiter == b->delimiter &&
                cb_str_eq(a->preset, b->preset);
    for (unsigned c = 0; same && c < a->columns; c++)
        same = a->column[c].field == b->column[c].field &&
               cb_str_eq(a->column[c].label, b->column[c].label);
    return same;
}

typedef struct layout {
    const cb_check *check;
    unsigned first;              /* input */
    const cb_input_facts *input; /* of first */
    unsigned files;
    uint64_t rows; /* that were taken */
} layout;

static bool is_member(const layout *l, unsigned ix)
{
    return ix >= l->first && same_layout(l->input, cb_ingest_input(l->check->facts->ingest, ix));
}

static bool is_first(const cb_check *check, unsigned ix)
{
    const cb_input_facts *input = cb_ingest_input(check->facts->ingest, ix);
    for (unsigned i = 0; i < ix; i++)
        if (same_layout(cb_ingest_input(check->facts->ingest, i), input))
            return false;
    return true;
}

static void print_file(const layout *l, unsigned ix)
{
    const cb_facts *facts = l->check->facts;
    const cb_input_facts *input = cb_ingest_input(facts->ingest, ix);
    char from[32], to[32];
    cb_date_text(from, facts->input[ix].first_utc_s, l->check->settings->zone);
    cb_date_text(to, facts->input[ix].last_utc_s, l->check->settings->zone);
    cb_print("%s: " CB_STR_FMT "\n", cb_role_names[input->role], CB_STR_ARG(input->path));
    cb_print(
        "  rows read %llu = accepted %llu + superseded %llu + rejected %llu + blank %llu%s%s%s%s\n",
        (unsigned long long)input->rows, (unsigned long long)input->accepted,
        (unsigned long long)input->superseded, (unsigned long long)input->rejected,
        (unsigned long long)input->blank, from[0] ? "; from " : "", from, to[0] ? " to " : "", to);
    if (facts->twin[ix] != ix)
        cb_print("  the same bytes as " CB_STR_FMT "\n",
                 CB_STR_ARG(cb_ingest_input(facts->ingest, facts->twin[ix])->path));
}

static void print_files(layout *l)
{
    unsigned n = cb_ingest_inputs(l->check->facts->ingest);
    for (unsigned i = l->first; i < n; i++) {
        if (!is_member(l, i))
            continue;
        const cb_input_facts *input = cb_ingest_input(l->check->facts->ingest, i);
        l->rows += input->accepted + input->superseded;
        if (l->files++ < FILES_SHOWN || l->check->everything)
            print_file(l, i);
    }
    if (l->files > FILES_SHOWN && !l->check->everything)
        cb_print("… and %u more file%s of this layout (--verbose names them)\n",
                 l->files - FILES_SHOWN, cb_plural(l->files - FILES_SHOWN));
}

static void print_rejects(const layout *l)
{
    unsigned n = cb_ingest_inputs(l->check->facts->ingest);
    for (int code = 0; code < CB_REJECT_CODES; code++) {
        uint64_t rows = 0;
        for (unsigned i = l->first; i < n; i++)
            if (is_member(l, i))
                rows += cb_ingest_input(l->check->facts->ingest, i)->rejects.by_code[code];
        if (rows > 0)
            cb_print("  rejected, %s: %llu (%s)\n", cb_reject_names[code], (unsigned long long)rows,
                     cb_reject_meanings[code]);
    }
}

static void print_durations(const layout *l)
{
    uint64_t used = 0, apart = 0;
    unsigned n = cb_ingest_inputs(l->check->facts->ingest);
    for (unsigned i = l->first; i < n; i++)
        if (is_member(l, i)) {
            used += cb_ingest_input(l->check->facts->ingest, i)->durations_used;
            apart += cb_ingest_input(l->check->facts->ingest, i)->durations_apart;
        }
    if (used > 0)
        cb_print("  times worked out from a duration: %llu\n", (unsigned long long)used);
    if (apart > 0)
        cb_print("  durations that differ from the export's own times by more than a unit: %llu\n",
                 (unsigned long long)apart);
}

static void print_ahead(const layout *l)
{
    uint64_t ahead = 0;
    unsigned n = cb_ingest_inputs(l->check->facts->ingest);
    for (unsigned i = l->first; i < n; i++)
        if (is_member(l, i))
            ahead += l->check->facts->ahead[i];
    if (ahead > 0 && l->check->as_of_given)
        cb_print("  times later than --as-of, taken as blank: %llu\n", (unsigned long long)ahead);
    else if (ahead > 0)
        cb_print("  times later than now: %llu (--as-of TIME leaves them out)\n",
                 (unsigned long long)ahead);
}

/* What to write so that the words are known. */
static void print_unknown(const layout *l)
{
    unsigned n = cb_ingest_inputs(l->check->facts->ingest), told = 0;
    for (unsigned i = l->first; i < n && told == 0; i++) {
        if (!is_member(l, i))
            continue;
        const cb_unknown_words *words =
            &cb_ingest_input(l->check->facts->ingest, i)->unknown_status;
        for (unsigned w = 0; w < words->n; w++)
            cb_print("%s%s", told++ ? ", " : "  words of the status column that are not known: ",
                     words->word[w]);
    }
    if (told)
        cb_print("\n    write each under [status]: word = open, pending, resolved, closed or "
                 "withdrawn\n");
}

static cb_column_facts sum_column(const layout *l, unsigned c)
{
    cb_column_facts sum = l->input->column[c];
    unsigned n = cb_ingest_inputs(l->check->facts->ingest);
    for (unsigned i = l->first + 1; i < n; i++) {
        if (!is_member(l, i))
            continue;
        const cb_column_facts *one = &cb_ingest_input(l->check->facts->ingest, i)->column[c];
        sum.filled += one->filled;
        sum.empty += one->empty;
        sum.unreadable += one->unreadable;
        if (one->format[0] && sum.format[0] && strcmp(one->format, sum.format) != 0)
            sum.format = "not alike in all files";
        else if (one->format[0] && !sum.format[0])
            sum.format = one->format;
    }
    return sum;
}

static void print_columns(const layout *l)
{
    const cb_schema *schema = &cb_schemas[l->input->role];
    cb_print("  %-28s %-20s %10s %10s %10s  %s\n", "column", "field", "filled", "empty",
             "unreadable", "read as");
    for (unsigned c = 0; c < l->input->columns; c++) {
        if (l->input->column[c].field < 0)
            continue;
        cb_column_facts column = sum_column(l, c);
        char label[LABEL_BYTES + 1];
        short_label(label, column.label);
        cb_print(
            "  %-28s %-20s %9.1f%% %10llu %10llu  %s\n", label, schema->field[column.field].name,
            l->rows ? 100.0 * (double)column.filled / (double)l->rows : 0.0,
            (unsigned long long)column.empty, (unsigned long long)column.unreadable, column.format);
    }
}

static void print_missing(const layout *l)
{
    const cb_schema *schema = &cb_schemas[l->input->role];
    unsigned n = 0;
    cb_print("  fields not in the input:");
    for (unsigned f = 0; f < schema->fields; f++)
        if (cb_check_field(l->input, f) < 0 && !schema->field[f].required && ++n)
            cb_print(" %s", schema->field[f].name);
    cb_print(n ? "\n" : " none\n");
}

static void print_layout(const cb_check *check, unsigned first)
{
    layout l = {
        .check = check, .first = first, .input = cb_ingest_input(check->facts->ingest, first)};
    char delimiter[2] = {l.input->delimiter, '\0'};
    print_files(&l);
    cb_print("  layout: " CB_STR_FMT ", delimiter %s, %u column%s\n",
             CB_STR_ARG(l.input->preset.len ? l.input->preset : CB_LIT("own names")),
             l.input->delimiter == '\t' ? "tab" : delimiter, l.input->columns,
             cb_plural(l.input->columns));
    print_rejects(&l);
    print_durations(&l);
    print_ahead(&l);
    print_columns(&l);
    print_unknown(&l);
    print_missing(&l);
    cb_print("\n");
}

/* ---- the rows as a whole ---- */

static void print_gaps(const cb_check *check, const cb_role_facts *r)
{
    unsigned shown = r->gaps < CB_MAX_GAPS ? r->gaps : CB_MAX_GAPS;
    cb_print("  days without a row: %lld, in gaps that chance does not explain: %s",
             (long long)r->empty_days, shown ? "" : "none");
    for (unsigned g = 0; g < shown; g++) {
        char from[32], to[32];
        /* Midday, so that no zone moves the date. */
        int64_t noon_s =
            cb_zone_to_utc(check->settings->zone, r->gap[g].from_day * CB_DAY_S + CB_DAY_S / 2);
        cb_date_text(from, noon_s, check->settings->zone);
        cb_date_text(to, noon_s + (r->gap[g].days - 1) * CB_DAY_S, check->settings->zone);
        cb_print("%s%s..%s (%lld day%s)", g ? ", " : "", from, to, (long long)r->gap[g].days,
                 cb_plural((uint64_t)r->gap[g].days));
    }
    if (r->gaps > shown)
        cb_print(" and %u shorter", r->gaps - shown);
    cb_print("\n");
}

static void print_age(const cb_check *check, cb_role role)
{
    char newest[32];
    cb_time_text(newest, check->facts->role[role].newest_utc_s);
    if (!newest[0])
        return;
    int64_t days = cb_check_age(check, role);
    int64_t apart = days < 0 ? -days : days;
    cb_print("  newest event: %s, %lld day%s %s %s\n", newest, (long long)apart,
             cb_plural((uint64_t)apart), days < 0 ? "after" : "before",
             check->as_of_given ? "--as-of" : "now");
}

static void print_role(const cb_check *check, cb_role role)
{
    static const char *const begin[CB_ROLES] = {"opened", "posted", "since"};
    const cb_role_facts *r = &check->facts->role[role];
    char from[32], to[32];
    if (r->rows == 0)
        return;
    cb_date_text(from, r->span.first_utc_s, check->settings->zone);
    cb_date_text(to, r->span.last_utc_s, check->settings->zone);
    cb_print("all %s: %u", cb_role_names[role], r->rows);
    if (from[0])
        cb_print(", %s %s to %s", begin[role], from, to);
    cb_print("\n");
    print_age(check, role);
    if (role != CB_CUSTOMERS && from[0])
        print_gaps(check, r);
    cb_print("  duplicates: %llu row%s of an id that comes again",
             (unsigned long long)r->superseded, cb_plural(r->superseded));
    if (role == CB_CASES)
        cb_print(", %u case%s of the same customer, kind and second as another", r->same_moment,
                 cb_plural(r->same_moment));
    cb_print("\n");
}

static void print_idle_targets(const cb_check *check)
{
    unsigned told = 0;
    for (unsigned t = 0; t < check->settings->targets; t++)
        if (cb_facts_idle_target(check->facts->ingest, check->settings, t))
            cb_print("%s" CB_STR_FMT, told++ ? ", " : "  targets: no case has the priority ",
                     CB_STR_ARG(check->settings->target[t].priority));
    cb_print(told ? "\n" : "");
}

void cb_check_table(const cb_check *check)
{
    for (unsigned i = 0; i < check->facts->inputs; i++)
        if (is_first(check, i))
            print_layout(check, i);
    for (int role = 0; role < CB_ROLES; role++)
        print_role(check, (cb_role)role);
    print_idle_targets(check);
}
