/* Sheets that all three workbooks carry: Data quality, Checks, Method, Run. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "compose.h"
#include "summary.h"

static void quality_inputs(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {
        {"Input", CB_CELL_TEXT, 0, 0, NULL},
        {"Role", CB_CELL_TEXT, 0, 0, NULL},
        {"Layout", CB_CELL_TEXT, 0, 0,
         "How the columns were recognised: a preset's name, or the columns' own names"},
        {"Rows read", CB_CELL_COUNT, 0, 0, NULL},
        {"Accepted", CB_CELL_COUNT, 0, 0, NULL},
        {"Superseded", CB_CELL_COUNT, 0, 0, "T5: earlier states of a case that occurs again"},
        {"Rejected", CB_CELL_COUNT, 0, 0,
         "Kept byte for byte in the folder rejected, with line and reason"},
        {"Blank", CB_CELL_COUNT, 0, 0, NULL},
        {"Rejected (%)", CB_CELL_PERCENT, 2, 0, NULL},
        {"Formula-like cells", CB_CELL_COUNT, 0, 0,
         "Texts that begin with = + - @: kept as text, never run"},
        {"Rows after as-of", CB_CELL_COUNT, 0, 0,
         "T2: accepted rows that begin later than the as-of time: left out"},
        {"Times after as-of", CB_CELL_COUNT, 0, 0,
         "T2: times of other rows that are later, treated as not happened"},
    };
    cb_grid *grid = cb_grid_of(c, sheet, "quality_inputs",
                               "Inputs: rows read = accepted + superseded + rejected + blank",
                               columns, sizeof columns / sizeof columns[0]);
    for (unsigned i = 0; i < cb_ingest_inputs(c->report->ingest); i++) {
        const cb_input_facts *input = cb_ingest_input(c->report->ingest, i);
        cb_grid_row(grid);
        cb_put_text(grid, 0, cb_str_base_name(input->path));
        cb_put_text(grid, 1, cb_str_of(cb_role_names[input->role]));
        cb_put_text(grid, 2, input->preset.len > 0 ? input->preset : CB_LIT("own names"));
        const uint64_t counts[] = {input->rows, input->accepted, input->superseded, input->rejected,
                                   input->blank};
        for (unsigned k = 0; k < 5; k++)
            cb_put_count(grid, 3 + k, counts[k]);
        cb_put_percent(grid, 8,
                       input->rows > 0 ? (double)input->rejected / (double)input->rows : NAN);
        cb_put_count(grid, 9, input->formula_cells);
        cb_put_count(grid, 10, input->later_rows);
        cb_put_count(grid, 11, input->future_cells);
    }
}

static void quality_rejects(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {{"Input", CB_CELL_TEXT, 0, 0, NULL},
                                             {"Code", CB_CELL_TEXT, 0, 0, NULL},
                                             {"Rows", CB_CELL_COUNT, 0, 0, NULL},
                                             {"Meaning", CB_CELL_TEXT, 0, 0, NULL}};
    cb_grid *grid = NULL;
    for (unsigned i = 0; i < cb_ingest_inputs(c->report->ingest); i++) {
        const cb_input_facts *input = cb_ingest_input(c->report->ingest, i);
        for (int code = 0; code < CB_REJECT_CODES; code++) {
            if (input->rejects.by_code[code] == 0)
                continue;
            if (!grid)
                grid =
                    cb_grid_of(c, sheet, "quality_rejects", "Rejected rows by reason", columns, 4);
            cb_grid_row(grid);
            cb_put_text(grid, 0, cb_str_base_name(input->path));
            cb_put_text(grid, 1, cb_str_of(cb_reject_names[code]));
            cb_put_count(grid, 2, input->rejects.by_code[code]);
            cb_put_text(grid, 3, cb_str_of(cb_reject_meanings[code]));
        }
    }
    if (!grid)
        cb_sheet_paragraph(sheet, "No row was rejected.");
}

static const cb_column_facts *column_of(const cb_input_facts *input, unsigned field)
{
    for (unsigned col = 0; col < input->columns; col++)
        if (input->column[col].field == (int)field)
            return &input->column[col];
    return NULL;
}

static void quality_field_row(cb_grid *grid, const cb_input_facts *input, unsigned field)
{
    const cb_column_facts *column = column_of(input, field);
    uint64_t rows = input->accepted + input->superseded;
    cb_grid_row(grid);
    cb_put_text(grid, 0, cb_str_base_name(input->path));
    cb_put_text(grid, 1, cb_str_of(cb_schemas[input->role].field[field].name));
    if (!column) {
        cb_put_text(grid, 2, CB_LIT("not in the input"));
        for (unsigned k = 3; k < 7; k++)
            cb_put_none(grid, k, "not in the input");
        return;
    }
    cb_put_text(grid, 2, column->label);
    cb_put_percent(grid, 3, rows > 0 ? (double)column->filled / (double)rows : NAN);
    cb_put_count(grid, 4, column->filled);
    cb_put_count(grid, 5, column->empty);
    cb_put_count(grid, 6, column->unreadable);
    cb_put_text(grid, 7, cb_str_of(column->format ? column->format : ""));
}

static void quality_fields(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {
        {"Input", CB_CELL_TEXT, 0, 0, NULL},
        {"Field", CB_CELL_TEXT, 0, 0, NULL},
        {"Column of the export", CB_CELL_TEXT, 0, 0, NULL},
        {"Coverage (%)", CB_CELL_PERCENT, 1, 0, "Share of accepted rows with a usable value"},
        {"Usable", CB_CELL_COUNT, 0, 0, NULL},
        {"Empty", CB_CELL_COUNT, 0, 0, NULL},
        {"Unreadable", CB_CELL_COUNT, 0, 0,
         "Cells that could not be read as what their column holds: treated as unknown"},
        {"Read as", CB_CELL_TEXT, 0, 0, NULL}};
    cb_grid *grid = cb_grid_of(c, sheet, "quality_fields",
                               "Fields: coverage and how they were read", columns, 8);
    for (unsigned i = 0; i < cb_ingest_inputs(c->report->ingest); i++) {
        const cb_input_facts *input = cb_ingest_input(c->report->ingest, i);
        for (unsigned f = 0; f < cb_schemas[input->role].fields; f++)
            quality_field_row(grid, input, f);
    }
    if (grid)
        grid->filter = true;
}

/* Times that the export gives as durations only, and where both are there and disagree. */
static void quality_durations(cb_compose *c, cb_sheet *sheet)
{
    uint64_t used = 0, apart = 0;
    for (unsigned i = 0; i < cb_ingest_inputs(c->report->ingest); i++) {
        used += cb_ingest_input(c->report->ingest, i)->durations_used;
        apart += cb_ingest_input(c->report->ingest, i)->durations_apart;
    }
    if (used + apart > 0)
        cb_sheet_paragraph(sheet,
                           "Durations: %s times were worked out from a duration, since the export "
                           "has no time there; %s durations differ from the export's own times.",
                           cb_say_count(c, used), cb_say_count(c, apart));
}

static void quality_links(cb_compose *c, cb_sheet *sheet)
{
    quality_durations(c, sheet);
    const cb_book *book = c->book;
    if (book->table[CB_CUSTOMERS].n > 0)
        cb_sheet_paragraph(
            sheet, "Links: %s named in cases or reviews, but not in the customer list.",
            cb_say_several(c, book->unlinked_customers, "customer"));
    if (book->table[CB_REVIEWS].n > 0)
        cb_sheet_paragraph(sheet,
                           "Links: %s of a case that is not in the input; linked were %s by case "
                           "id, %s by customer and product (V2).",
                           cb_say_several(c, book->unlinked_reviews, "review"),
                           cb_say_count(c, book->reviews_by_id),
                           cb_say_count(c, book->reviews_by_customer));
    const cb_resolution *r = &c->now->resolution;
    cb_sheet_paragraph(sheet,
                       "Cases of the period: %s closed at an unknown time (R8), %s withdrawn, %s "
                       "with a solution date but a status still open.",
                       cb_say_count(c, r->closed_unknown), cb_say_count(c, r->withdrawn),
                       cb_say_count(c, r->contradictions));
}

void cb_sheet_quality(cb_compose *c)
{
    cb_sheet *sheet = cb_workbook_sheet(
        c->workbook, "Data quality", "Data quality",
        "What was read, what could not be used and why. Nothing is dropped silently.");
    quality_inputs(c, sheet);
    quality_links(c, sheet);
    quality_rejects(c, sheet);
    quality_fields(c, sheet);
}

void cb_sheet_checks(cb_compose *c)
{
    static const cb_grid_column columns[] = {{"Check", CB_CELL_TEXT, 0, 80, NULL},
                                             {"Left side", CB_CELL_COUNT, 0, 0, NULL},
                                             {"Right side", CB_CELL_COUNT, 0, 0, NULL},
                                             {"Difference", CB_CELL_COUNT, 0, 0, NULL},
                                             {"Result", CB_CELL_TEXT, 0, 0, NULL}};
    cb_check *checks = cb_arena_array(c->arena, CB_MAX_CHECKS, sizeof *checks);
    if (!checks) {
        c->workbook->status = CB_ENOMEM;
        return;
    }
    unsigned n = cb_checks_of(c->report, checks), failed = 0;
    for (unsigned i = 0; i < n; i++)
        failed += checks[i].difference != 0;
    cb_sheet *sheet = cb_workbook_sheet(c->workbook, "Checks", "Checks",
                                        "Every sum that must agree, computed both ways.");
    if (failed > 0)
        cb_sheet_finding(
            sheet,
            "%u of %u checks do NOT agree: do not rely on this workbook before this is explained.",
            failed, n);
    cb_grid *grid = cb_grid_of(c, sheet, "checks", "Reconciliations", columns, 5);
    if (failed == 0)
        cb_grid_caption(grid, "All %u checks agree to the last unit.", n);
    for (unsigned i = 0; i < n; i++) {
        cb_grid_row(grid);
        cb_put_text(grid, 0, cb_str_of(checks[i].name));
        for (unsigned k = 0; k < 3; k++) {
            cb_cell *cell = cb_last_cell(grid, 1 + k);
            if (cell) {
                cell->kind = CB_CELL_COUNT;
                cell->v.i = k == 0   ? checks[i].left
                            : k == 1 ? checks[i].right
                                     : checks[i].difference;
            }
        }
        cb_put_text(grid, 4, checks[i].difference == 0 ? CB_LIT("agrees") : CB_LIT("DIFFERS"));
        if (checks[i].difference != 0)
            cb_set_strong(grid, 4, 2);
    }
}

static bool listed(const char *const *ids, const char *id)
{
    for (; ids && *ids; ids++)
        if (strcmp(*ids, id) == 0)
            return true;
    return ids == NULL;
}

void cb_sheet_method(cb_compose *c, const char *const *ids)
{
    static const cb_grid_column columns[] = {
        {"Id", CB_CELL_TEXT, 0, 6, NULL},
        {"Method", CB_CELL_TEXT, 0, 30, NULL},
        {"In words", CB_CELL_TEXT, 0, 60, NULL},
        {"How it is computed, and source", CB_CELL_TEXT, 0, 60, NULL}};
    cb_sheet *sheet =
        cb_workbook_sheet(c->workbook, "Method", "Method",
                          "The definition behind every figure. The same figure is the same number "
                          "in every sheet, workbook and in the JSON.");
    cb_sheet_paragraph(
        sheet, "Every estimate has its n and a 95 %% interval. \"n/e\" means not estimable; the "
               "reason is in the cell's note or below the table. "
               "Words such as \"rose\" or \"fell\" are used only where a change is beyond chance.");
    cb_grid *grid = cb_grid_of(c, sheet, "methods", "Methods of record", columns, 4);
    for (const cb_method *m = cb_methods; m->id; m++) {
        if (!listed(ids, m->id))
            continue;
        cb_grid_row(grid);
        cb_put_text(grid, 0, cb_str_of(m->id));
        cb_put_text(grid, 1, cb_str_of(m->name));
        cb_put_text(grid, 2, cb_str_of(m->words));
        cb_put_text(grid, 3, cb_str_of(m->formula));
    }
}

static void run_row(cb_grid *grid, const char *name, const char *value)
{
    cb_grid_row(grid);
    cb_put_text(grid, 0, cb_str_of(name));
    cb_put_text(grid, 1, cb_str_of(value));
}

static void run_facts(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {{"What", CB_CELL_TEXT, 0, 24, NULL},
                                             {"Value", CB_CELL_TEXT, 0, 30, NULL}};
    const cb_period *now = &c->scope->window[CB_NOW].period;
    char as_of[32], from[32], to[32];
    cb_time_text(as_of, c->book->as_of_utc_s);
    cb_time_text(from, now->from_utc_s);
    cb_time_text(to, now->to_utc_s);
    cb_grid *grid = cb_grid_of(c, sheet, "run", "This run", columns, 2);
    run_row(grid, "Program", "casebook " CB_VERSION);
    run_row(grid, "Run id", c->report->run_id);
    run_row(grid, "As of", as_of);
    run_row(grid, "Period", now->label);
    run_row(grid, "Period from", from);
    run_row(grid, "Period to (before)", to);
    run_row(grid, "Compared with", c->scope->window[CB_BEFORE].period.label);
    run_row(grid, "And a year earlier", c->scope->window[CB_YEAR_BEFORE].period.label);
    run_row(grid, "Currency", c->settings->currency[0] ? c->settings->currency : "none stated");
    run_row(grid, "Time zone", cb_zone_name(c->settings->zone));
}

static void run_inputs(cb_compose *c, cb_sheet *sheet)
{
    static const cb_grid_column columns[] = {{"Input", CB_CELL_TEXT, 0, 0, NULL},
                                             {"Role", CB_CELL_TEXT, 0, 0, NULL},
                                             {"Bytes", CB_CELL_COUNT, 0, 0, NULL},
                                             {"SHA-256", CB_CELL_TEXT, 0, 72, NULL}};
    cb_grid *grid =
        cb_grid_of(c, sheet, "run_inputs", "Inputs, so that the run can be made again", columns, 4);
    for (unsigned i = 0; i < cb_ingest_inputs(c->report->ingest); i++) {
        const cb_input_facts *input = cb_ingest_input(c->report->ingest, i);
        cb_grid_row(grid);
        cb_put_text(grid, 0, cb_str_base_name(input->path));
        cb_put_text(grid, 1, cb_str_of(cb_role_names[input->role]));
        cb_put_count(grid, 2, input->source.stored_bytes);
        cb_put_text(grid, 3, cb_str_of(input->source.sha256));
    }
}

static void see_setting(void *ctx, const char *section, cb_str key, cb_str value)
{
    cb_grid *grid = ctx;
    cb_grid_row(grid);
    cb_put_text(grid, 0, cb_str_of(section));
    cb_put_text(grid, 1, key);
    cb_put_text(grid, 2, value);
}

void cb_sheet_run(cb_compose *c)
{
    static const cb_grid_column columns[] = {{"Section", CB_CELL_TEXT, 0, 0, NULL},
                                             {"Key", CB_CELL_TEXT, 0, 0, NULL},
                                             {"Value", CB_CELL_TEXT, 0, 0, NULL}};
    cb_sheet *sheet = cb_workbook_sheet(
        c->workbook, "Run", "Run",
        "Inputs, configuration and version: the same again gives the same file, to the byte.");
    run_facts(c, sheet);
    run_inputs(c, sheet);
    cb_grid *grid = cb_grid_of(c, sheet, "run_config", "Effective configuration", columns, 3);
    cb_settings_each(c->settings, see_setting, grid);
}
