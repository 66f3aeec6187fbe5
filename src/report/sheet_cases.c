/* The rows behind the totals: one row a case of the period, filterable. */
#include <math.h>

#include "quarterly.h"

enum {
    COL_CASE,
    COL_CUSTOMER,
    COL_OPENED,
    COL_CAUSE,
    COL_PRODUCT,
    COL_KIND,
    COL_UNIT,
    COL_TEAM,
    COL_PRIORITY,
    COL_STATE,
    COL_HOURS,
    COL_LOSS,
    COL_REMEDY,
    COL_SHORTFALL,
    COL_CHURN,
    COL_REPEAT,
    COLUMNS
};

static const cb_grid_column columns[COLUMNS] = {
    [COL_CASE] = {"Case", CB_CELL_TEXT, 0, 16, NULL},
    [COL_CUSTOMER] = {"Customer", CB_CELL_TEXT, 0, 14, NULL},
    [COL_OPENED] = {"Opened", CB_CELL_TIME, 0, 17, NULL},
    [COL_CAUSE] = {"Root cause", CB_CELL_TEXT, 0, 26, NULL},
    [COL_PRODUCT] = {"Product", CB_CELL_TEXT, 0, 22, NULL},
    [COL_KIND] = {"Kind", CB_CELL_TEXT, 0, 22, NULL},
    [COL_UNIT] = {"Unit", CB_CELL_TEXT, 0, 14, "Serial number"},
    [COL_TEAM] = {"Team", CB_CELL_TEXT, 0, 14, NULL},
    [COL_PRIORITY] = {"Priority", CB_CELL_TEXT, 0, 12, NULL},
    [COL_STATE] = {"State", CB_CELL_TEXT, 0, 14, "R8"},
    [COL_HOURS] = {"Hours", CB_CELL_NUMBER, 1, 10,
                   "R1: to the solution, or to the as-of time while open"},
    [COL_LOSS] = {"Loss", CB_CELL_MONEY, 2, 10, "A1: direct + consequential; blank: not known"},
    [COL_REMEDY] = {"Remedy", CB_CELL_MONEY, 2, 10, "A1; blank: not known"},
    [COL_SHORTFALL] = {"Shortfall", CB_CELL_MONEY, 2, 10,
                       "A3: of eligible cases; adds up to the shortfall of the period"},
    [COL_CHURN] = {"Churn cost a year", CB_CELL_MONEY, 2, 10,
                   "Q3: the case's part of the headline; blank: not estimable"},
    [COL_REPEAT] = {"Repeat", CB_CELL_TEXT, 0, 9, "Q1; blank: no look-back"}};

/* A file of more than 20 MB does not open everywhere. A row takes about 60 bytes packed, and its
 * texts, which are cut at 80 bytes or are ids, at worst 0.7 of their own. */
#define MOST_PACKED_BYTES 16e6

enum { CUT = 80 };

static const cb_dim text_dims[] = {CB_DIM_CAUSE, CB_DIM_PRODUCT, CB_DIM_KIND, CB_DIM_TEAM,
                                   CB_DIM_PRIORITY};
static const struct {
    cb_pool pool;
    cb_case_field field;
} text_ids[] = {
    {CB_POOL_CASE, CB_CASE_ID}, {CB_POOL_CUSTOMER, CB_CASE_CUSTOMER}, {CB_POOL_UNIT, CB_CASE_UNIT}};
enum {
    TEXT_DIMS = sizeof text_dims / sizeof text_dims[0],
    TEXT_IDS = sizeof text_ids / sizeof text_ids[0]
};

static size_t text_bytes(const cb_book *book, uint32_t row)
{
    size_t bytes = 0;
    for (unsigned i = 0; i < TEXT_DIMS; i++) {
        uint32_t word = cb_dim_word(book, text_dims[i], row);
        size_t len = cb_dim_text(book, text_dims[i], word).len;
        bytes += len < CUT ? len : CUT;
    }
    for (unsigned i = 0; i < TEXT_IDS; i++) {
        uint32_t word = cb_word(&book->table[CB_CASES], text_ids[i].field, row);
        if (word != CB_UNKNOWN_ID)
            bytes += cb_intern_text(book->pool[text_ids[i].pool], word).len;
    }
    return bytes;
}

/* No row has more, and a look at each would take longer than all else here. */
static size_t most_text_bytes(const cb_book *book)
{
    size_t bytes = 0;
    for (unsigned i = 0; i < TEXT_DIMS; i++) {
        cb_pool pool = cb_schemas[CB_CASES].field[cb_dim_fields[text_dims[i]]].pool;
        uint32_t len = cb_intern_longest(book->pool[pool]);
        bytes += len < CUT ? len : CUT;
    }
    for (unsigned i = 0; i < TEXT_IDS; i++)
        bytes += cb_intern_longest(book->pool[text_ids[i].pool]);
    return bytes;
}

static double packed_bytes(size_t text)
{
    return 60 + 0.7 * (double)text;
}

uint32_t cb_cases_shown(const cb_book *book, cb_slice rows)
{
    uint32_t most = rows.n < CB_MAX_CASE_ROWS ? rows.n : CB_MAX_CASE_ROWS, shown = 0;
    double packed = 0;
    if (packed_bytes(most_text_bytes(book)) * most < MOST_PACKED_BYTES - 1)
        return most;
    while (shown < most && packed < MOST_PACKED_BYTES) {
        packed += packed_bytes(text_bytes(book, rows.rows[rows.n - 1 - shown]));
        shown++;
    }
    return shown;
}

static void put_amount(cb_grid *grid, unsigned column, int64_t minor)
{
    if (minor != CB_NO_AMOUNT)
        cb_put_money(grid, column, minor);
}

static void put_words(const cb_report *report, cb_grid *grid, uint32_t row)
{
    static const struct {
        unsigned column;
        cb_dim dim;
    } words[] = {{COL_CAUSE, CB_DIM_CAUSE},
                 {COL_PRODUCT, CB_DIM_PRODUCT},
                 {COL_KIND, CB_DIM_KIND},
                 {COL_PRIORITY, CB_DIM_PRIORITY}};
    const cb_book *book = report->scope->book;
    for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++)
        cb_put_word(grid, words[i].column,
                    cb_dim_text(book, words[i].dim, cb_dim_word(book, words[i].dim, row)));
    uint32_t unit = cb_word(&book->table[CB_CASES], CB_CASE_UNIT, row);
    if (unit != CB_UNKNOWN_ID)
        cb_put_lasting(grid, COL_UNIT, cb_intern_text(book->pool[CB_POOL_UNIT], unit));
    uint32_t team = cb_dim_word(book, CB_DIM_TEAM, row);
    if (cb_team_hidden(&report->results[CB_NOW].fairness, team))
        cb_put_lasting(grid, COL_TEAM, CB_LIT("(small team)"));
    else
        cb_put_word(grid, COL_TEAM, cb_dim_text(book, CB_DIM_TEAM, team));
}

static void put_figures(const cb_report *report, cb_grid *grid, uint32_t row, uint32_t place)
{
    static const cb_str states[] = {CB_LIT_INIT("open"), CB_LIT_INIT("resolved"),
                                    CB_LIT_INIT("closed, time unknown"), CB_LIT_INIT("withdrawn")};
    static const cb_str repeat[] = {CB_LIT_INIT("no"), CB_LIT_INIT("yes"), CB_LIT_INIT("")};
    const cb_derived *d = report->scope->derived;
    const double *churn = report->results[CB_NOW].churn.case_cost_minor;
    int64_t loss = cb_loss_minor(d, row), remedy = cb_remedy_minor(d, row);
    cb_put_lasting(grid, COL_STATE, states[d->state[row]]);
    if (cb_elapsed_s(d, row) >= 0)
        cb_put_number(grid, COL_HOURS, cb_hours_of(cb_elapsed_s(d, row)));
    put_amount(grid, COL_LOSS, loss);
    put_amount(grid, COL_REMEDY, remedy);
    if (d->eligible[row] == 1)
        put_amount(grid, COL_SHORTFALL, remedy < loss ? loss - remedy : 0);
    if (churn && fabs(churn[place]) < 9e18)
        cb_put_money(grid, COL_CHURN, (int64_t)llround(churn[place]));
    cb_put_lasting(grid, COL_REPEAT, repeat[d->repeat[row]]);
}

/* The rows are made when somebody reads them: the last `shown` of the period's cases. */
typedef struct shown_cases {
    const cb_report *report;
    uint32_t first;
} shown_cases;

/* The words of a large book are far from the processor; most readers go on to the next rows. */
static void fetch_words(const cb_report *report, uint32_t place)
{
    enum { AHEAD = 12 };
    const cb_slice cases = report->scope->window[CB_NOW].cases;
    const cb_book *book = report->scope->book;
    for (unsigned i = 0; i < TEXT_IDS && cases.n - place > AHEAD; i++)
        cb_intern_prefetch_text(
            book->pool[text_ids[i].pool],
            cb_word(&book->table[CB_CASES], text_ids[i].field, cases.rows[place + AHEAD]));
}

static void put_case(const void *ctx, uint32_t n, cb_grid *grid)
{
    const shown_cases *shown = ctx;
    const cb_report *report = shown->report;
    const cb_table *table = &report->scope->book->table[CB_CASES];
    uint32_t place = shown->first + n;
    uint32_t row = report->scope->window[CB_NOW].cases.rows[place];
    fetch_words(report, place);
    cb_put_id(report, grid, COL_CASE, CB_POOL_CASE, cb_word(table, CB_CASE_ID, row));
    cb_put_id(report, grid, COL_CUSTOMER, CB_POOL_CUSTOMER, cb_word(table, CB_CASE_CUSTOMER, row));
    cb_put_time(grid, COL_OPENED, cb_time(table, CB_CASE_OPENED, row));
    put_words(report, grid, row);
    put_figures(report, grid, row, place);
}

void cb_sheet_cases(cb_compose *c)
{
    cb_slice rows = c->scope->window[CB_NOW].cases;
    cb_sheet *sheet = cb_workbook_sheet(
        c->workbook, "Cases", "Cases: the rows behind the figures",
        "One row a case opened in the period. Filter by root cause, product or team. No text of "
        "customers is shown. For the screen: the rows are not printed.");
    if (sheet)
        sheet->screen_only = true; /* hundreds of pages that nobody reads */
    uint32_t shown = cb_cases_shown(c->book, rows);
    if (shown < rows.n)
        cb_sheet_paragraph(
            sheet, "The last %s of %s cases are shown; the others are counted in every table.",
            cb_say_count(c, shown), cb_say_count(c, rows.n));
    cb_grid *grid = cb_grid_of(c, sheet, "cases", "Cases of the period", columns, COLUMNS);
    if (grid)
        grid->filter = true;
    shown_cases *source = cb_arena_get(c->arena, sizeof *source);
    if (!source) {
        c->workbook->status = CB_ENOMEM;
        return;
    }
    *source = (shown_cases){c->report, rows.n - shown};
    cb_grid_source(grid, shown, put_case, source);
}
