#include "casebook/xlsx.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/xlsx_private.h"

enum {
    MAX_FOOTER_BYTES = 200,
    MAX_PROPERTY_BYTES = 250,
    NOTE_CHARACTERS = 44,
    NOTE_MAX_LINES = 24,
    PAPER_A4 = 9
};

/* "Zip generic error ZIP_ERRNO" means that errno has the reason. */
static const char *reason_of(lxw_error code)
{
    bool of_file = code == LXW_ERROR_CREATING_XLSX_FILE || code == LXW_ERROR_CREATING_TMPFILE ||
                   code == LXW_ERROR_ZIP_FILE_OPERATION || code == LXW_ERROR_ZIP_FILE_ADD ||
                   code == LXW_ERROR_ZIP_CLOSE;
    return !of_file ? lxw_strerror(code) : errno ? strerror(errno) : "perhaps for want of room";
}

/* The library swallows many an allocation that fails, most of all in functions without a result:
 * then a colour or a font is missing and nobody is told. What malloc says itself stays in errno,
 * which nothing that succeeds sets back. */
bool cb_xlsx_ok(cb_xlsx *x, lxw_error code, const char *what)
{
    if (code == LXW_NO_ERROR && errno == ENOMEM)
        code = LXW_ERROR_MEMORY_MALLOC_FAILED;
    if (code == LXW_NO_ERROR || x->rc != CB_OK)
        return x->rc == CB_OK;
    cb_status status = code == LXW_ERROR_MEMORY_MALLOC_FAILED ? CB_ENOMEM : CB_EIO;
    x->rc = cb_fail(x->err, status, "workbook " CB_STR_FMT ": %s cannot be written: %s",
                    CB_STR_ARG(x->layout->workbook->stem), what, reason_of(code));
    return false;
}

/* Copies at most cap - 1 bytes, whole characters only. */
static char *bounded(char *out, size_t cap, cb_str text)
{
    size_t n = text.len < cap ? text.len : cap - 1;
    while (n < text.len && n > 0 && ((unsigned char)text.at[n] & 0xC0) == 0x80)
        n--;
    memcpy(out, text.at, n);
    out[n] = '\0';
    return out;
}

/* ---- cells ---- */

static void write_note(cb_xlsx *x, const cb_placed *cell)
{
    unsigned lines = 1;
    for (size_t i = 0, start = 0; i < cell->note.len; i++) {
        if (cell->note.at[i] == '\n' || i - start >= NOTE_CHARACTERS) {
            lines++;
            start = i;
        }
    }
    lines = lines > NOTE_MAX_LINES ? NOTE_MAX_LINES : lines;
    lxw_comment_options options = {
        .width = 290, .height = (uint16_t)(16 + 16 * lines), .font_size = 9};
    (void)cb_xlsx_ok(x,
                     worksheet_write_comment_opt(x->sheet, cell->row, (lxw_col_t)cell->column,
                                                 cell->note.at, &options),
                     "a note");
}

static bool write_link(cb_xlsx *x, const cb_placed *cell, lxw_format *format)
{
    char target[96], address[24];
    const cb_sheet *sheet = x->layout->sheet[cell->link->sheet].sheet;
    (void)cb_cell_address(address, cell->link->title_row, 0, false);
    (void)snprintf(target, sizeof target, "internal:'" CB_STR_FMT "'!%s", CB_STR_ARG(sheet->name),
                   address);
    const char *text = cell->kind == CB_VALUE_TEXT ? cell->text.at : NULL;
    return cb_xlsx_ok(x,
                      worksheet_write_url_opt(x->sheet, cell->row, (lxw_col_t)cell->column, target,
                                              format, text, NULL),
                      "a link");
}

static lxw_error write_value(cb_xlsx *x, const cb_placed *cell, lxw_format *format)
{
    lxw_worksheet *sheet = x->sheet;
    lxw_col_t column = (lxw_col_t)cell->column;
    if (cell->formula.len > 0 && cell->kind == CB_VALUE_NUMBER)
        return worksheet_write_formula_num(sheet, cell->row, column, cell->formula.at, format,
                                           cell->number);
    if (cell->formula.len > 0)
        return worksheet_write_formula_str(sheet, cell->row, column, cell->formula.at, format,
                                           cell->text.at);
    if (cell->kind == CB_VALUE_NUMBER)
        return worksheet_write_number(sheet, cell->row, column, cell->number, format);
    if (cell->kind == CB_VALUE_TEXT)
        return worksheet_write_string(sheet, cell->row, column, cell->text.at, format);
    return worksheet_write_blank(sheet, cell->row, column, format);
}

static void define_name(cb_xlsx *x, const cb_placed *cell, const cb_sheet *sheet)
{
    char target[96], address[24];
    (void)cb_cell_address(address, cell->row, cell->column, true);
    (void)snprintf(target, sizeof target, "='" CB_STR_FMT "'!%s", CB_STR_ARG(sheet->name), address);
    (void)cb_xlsx_ok(x, workbook_define_name(x->book, cb_cell_name(cell->cell).at, target),
                     "the name of a cell");
}

static bool limit_of(const cb_grid *grid, const cb_cell *row, const char *word, double *out)
{
    for (unsigned c = 0; c < grid->columns; c++) {
        cb_str title = cb_str_of(grid->column[c].title);
        if (title.len < 3 || !cb_str_eq_nocase((cb_str){title.at, 3}, cb_str_of(word)))
            continue;
        if (row[c].kind == CB_CELL_NUMBER || row[c].kind == CB_CELL_PERCENT)
            *out = cb_round_15(row[c].v.d);
        else if (row[c].kind == CB_CELL_COUNT)
            *out = (double)row[c].v.i;
        else
            return false;
        return true;
    }
    return false;
}

static void validate_input(cb_xlsx *x, const cb_placed *cell, const cb_item *item)
{
    const cb_grid *grid = item->grid;
    const cb_cell *row = cell->cell - cell->column; /* the cells of a row stand side by side */
    bool percent = cell->style.kind == CB_CELL_PERCENT, whole = cell->style.kind == CB_CELL_COUNT;
    double low = 0, high = 1;
    bool has_low = limit_of(grid, row, "min", &low),
         has_high = limit_of(grid, row, "max", &high) || (percent && !has_low);
    if (cell->kind != CB_VALUE_NUMBER)
        return;
    char message[160];
    if (has_high)
        (void)snprintf(message, sizeof message, "A number from %.10g to %.10g is expected here.",
                       low, high);
    else
        (void)snprintf(message, sizeof message, "A number of %.10g or more is expected here.", low);
    lxw_data_validation rule = {
        .validate = whole ? LXW_VALIDATION_TYPE_INTEGER : LXW_VALIDATION_TYPE_DECIMAL,
        .criteria = has_high ? LXW_VALIDATION_CRITERIA_BETWEEN
                             : LXW_VALIDATION_CRITERIA_GREATER_THAN_OR_EQUAL_TO,
        .error_title = "Outside its range",
        .error_message = message};
    if (has_high) {
        rule.minimum_number = low;
        rule.maximum_number = high;
    } else {
        rule.value_number = low;
    }
    (void)cb_xlsx_ok(
        x, worksheet_data_validation_cell(x->sheet, cell->row, (lxw_col_t)cell->column, &rule),
        "a data validation");
}

static void write_cell(cb_xlsx *x, const cb_placed *cell, const cb_sheet_layout *sheet)
{
    lxw_format *format = cb_xlsx_format(x, &cell->style);
    if (!format || (cell->link && !write_link(x, cell, format)))
        return;
    if (!cb_xlsx_ok(x, write_value(x, cell, format), "a cell"))
        return;
    if (cell->note.len > 0)
        write_note(x, cell);
    if (!cell->cell || cb_cell_name(cell->cell).len == 0)
        return;
    define_name(x, cell, sheet->sheet);
    for (size_t i = 0; cell->style.input && i < sheet->items; i++) {
        const cb_item *item = &sheet->item[i];
        if (item->grid && cell->row > item->row && cell->row < item->row + item->rows)
            validate_input(x, cell, item);
    }
}

static void write_cells(cb_xlsx *x, unsigned number)
{
    cb_cursor *cursor = NULL;
    cb_placed cell;
    x->rc = cb_cursor_open(&cursor, x->layout, number, x->err);
    while (x->rc == CB_OK && cb_cursor_next(cursor, &cell))
        write_cell(x, &cell, &x->layout->sheet[number]);
    if (x->rc == CB_OK)
        x->rc = cb_cursor_status(cursor, x->err);
    cb_cursor_close(cursor);
}

/* ---- tables ---- */

static void add_table(cb_xlsx *x, const cb_item *item)
{
    const cb_grid *grid = item->grid;
    lxw_table_column column[CB_MAX_LAYOUT_COLUMNS] = {0};
    lxw_table_column *columns[CB_MAX_LAYOUT_COLUMNS + 1] = {0};
    cb_str name = cb_arena_text(x->layout->arena, "tbl_" CB_STR_FMT, CB_STR_ARG(grid->id));
    for (unsigned c = 0; name.at && c < grid->columns; c++) {
        column[c].header = (char *)(uintptr_t)grid->column[c].title; /* the library only reads it */
        columns[c] = &column[c];
    }
    lxw_table_options options = {.name = (char *)(uintptr_t)name.at,
                                 .style_type = LXW_TABLE_STYLE_TYPE_LIGHT,
                                 .style_type_number = 0,
                                 .columns = columns};
    uint32_t last = item->row + grid->rows - (grid->total ? 1U : 0U);
    if (!name.at)
        x->rc = cb_nomem(x->err, "a table");
    else
        (void)cb_xlsx_ok(x,
                         worksheet_add_table(x->sheet, item->row, 0, last,
                                             (lxw_col_t)(grid->columns - 1), &options),
                         "a table");
}

static void add_tables(cb_xlsx *x, const cb_sheet_layout *sheet)
{
    for (size_t i = 0; i < sheet->items && x->rc == CB_OK; i++) {
        if (sheet->item[i].table)
            add_table(x, &sheet->item[i]);
    }
}

/* ---- sheets ---- */

static void set_footer(cb_xlsx *x)
{
    char text[2 * MAX_FOOTER_BYTES + 64];
    size_t at = (size_t)snprintf(text, sizeof text, "&L&8 ");
    char footer[MAX_FOOTER_BYTES / 2];
    (void)bounded(footer, sizeof footer, x->layout->workbook->footer);
    for (const char *c = footer; *c; c++) {
        if (*c == '&')
            text[at++] = '&';
        text[at++] = *c;
    }
    (void)snprintf(text + at, sizeof text - at, "&R&8 Page &P of &N");
    (void)cb_xlsx_ok(x, worksheet_set_footer(x->sheet, text), "the footer");
}

static void set_page(cb_xlsx *x, const cb_sheet_layout *sheet)
{
    lxw_worksheet *to = x->sheet;
    if (!sheet->sheet->portrait)
        worksheet_set_landscape(to);
    worksheet_set_paper(to, PAPER_A4);
    worksheet_set_margins(to, 0.5, 0.5, 0.6, 0.7);
    worksheet_set_comments_author(to, "casebook");
    worksheet_fit_to_pages(to, 1, sheet->one_page ? 1 : 0);
    worksheet_gridlines(to, sheet->sheet->gridlines ? LXW_SHOW_SCREEN_GRIDLINES
                                                    : LXW_HIDE_ALL_GRIDLINES);
    if (sheet->freeze_row > 0)
        worksheet_freeze_panes(to, sheet->freeze_row, 0);
    if (sheet->header_row < sheet->print_rows)
        (void)cb_xlsx_ok(x, worksheet_repeat_rows(to, sheet->header_row, sheet->header_row),
                         "the rows to repeat");
    uint32_t last_row = sheet->print_rows > 0 ? sheet->print_rows - 1 : 0;
    (void)cb_xlsx_ok(
        x, worksheet_print_area(to, 0, 0, last_row, (lxw_col_t)(sheet->print_columns - 1)),
        "the print area");
    (void)cb_xlsx_ok(x,
                     worksheet_ignore_errors(to, LXW_IGNORE_NUMBER_STORED_AS_TEXT, "A1:XFD1048576"),
                     "a sheet");
    set_footer(x);
}

static void set_pages(cb_xlsx *x, const cb_sheet_layout *sheet)
{
    lxw_row_t rows[LXW_BREAKS_MAX + 1] = {0};
    size_t n = sheet->pages < LXW_BREAKS_MAX ? sheet->pages : LXW_BREAKS_MAX;
    for (size_t i = 0; i < n; i++)
        rows[i] = sheet->page[i];
    if (n > 0)
        (void)cb_xlsx_ok(x, worksheet_set_h_pagebreaks(x->sheet, rows), "the page breaks");
}

static void set_sizes(cb_xlsx *x, const cb_sheet_layout *sheet)
{
    for (unsigned c = 0; c < sheet->columns; c++)
        (void)cb_xlsx_ok(
            x, worksheet_set_column(x->sheet, (lxw_col_t)c, (lxw_col_t)c, sheet->width[c], NULL),
            "a column");
    for (uint32_t r = 0; r < sheet->heights_cap; r++) {
        if (sheet->height[r] > 0)
            (void)cb_xlsx_ok(x, worksheet_set_row(x->sheet, r, sheet->height[r], NULL), "a row");
    }
}

static void write_sheet(cb_xlsx *x, unsigned number)
{
    const cb_sheet_layout *sheet = &x->layout->sheet[number];
    x->sheet = workbook_add_worksheet(x->book, sheet->sheet->name.at);
    if (!x->sheet) {
        x->rc = cb_fail(x->err, CB_EIO, "sheet " CB_STR_FMT " cannot be added to the workbook",
                        CB_STR_ARG(sheet->sheet->name));
        return;
    }
    set_sizes(x, sheet);
    set_page(x, sheet);
    set_pages(x, sheet);
    add_tables(x, sheet);
    if (x->rc == CB_OK)
        write_cells(x, number);
    for (size_t i = 0; i < sheet->frames && x->rc == CB_OK; i++)
        cb_xlsx_chart(x, &sheet->frame[i]);
}

/* ---- the workbook ---- */

static void set_properties(cb_xlsx *x)
{
    const cb_workbook *from = x->layout->workbook;
    char title[MAX_PROPERTY_BYTES], subject[MAX_PROPERTY_BYTES], comments[MAX_PROPERTY_BYTES],
        author[] = "casebook";
    lxw_doc_properties properties = {.title = bounded(title, sizeof title, from->title),
                                     .subject = bounded(subject, sizeof subject, from->subject),
                                     .comments = bounded(comments, sizeof comments, from->footer),
                                     .author = author,
                                     .created =
                                         from->created_utc_s > 0 ? (time_t)from->created_utc_s : 1};
    (void)cb_xlsx_ok(x, workbook_set_properties(x->book, &properties), "the properties");
}

static cb_status check_target(const char *path, cb_error *err)
{
    struct stat st;
    if (strcmp(localeconv()->decimal_point, ".") != 0)
        return cb_fail(err, CB_EUNAVAILABLE,
                       "the process runs under a locale with another decimal mark than the point");
    if (lstat(path, &st) == 0)
        return cb_fail(err, CB_ECANTCREAT, "%s exists already", path);
    return errno == ENOENT ? CB_OK : cb_fail(err, CB_EIO, "%s: %s", path, strerror(errno));
}

static cb_status write_layout(const cb_layout *layout, const char *path, const char *tmp_dir,
                              cb_error *err)
{
    cb_xlsx x = {.layout = layout, .rc = CB_OK, .err = err};
    errno = 0;
    lxw_workbook_options options = {.constant_memory = LXW_FALSE,
                                    .tmpdir = (char *)(uintptr_t)tmp_dir};
    x.book = workbook_new_opt(path, &options);
    if (!x.book)
        return cb_nomem(err, "a workbook");
    set_properties(&x);
    for (unsigned i = 0; i < layout->sheets && x.rc == CB_OK; i++)
        write_sheet(&x, i);
    if (x.rc != CB_OK) {
        lxw_workbook_free(x.book);
        return x.rc;
    }
    if (!cb_xlsx_ok(&x, workbook_close(x.book), "the file"))
        (void)unlink(path);
    return x.rc;
}

cb_status cb_xlsx_write(const cb_workbook *workbook, const char *path, const char *tmp_dir,
                        cb_error *err)
{
    cb_layout *layout = NULL;
    cb_status rc = check_target(path, err);
    if (rc == CB_OK)
        rc = cb_layout_new(&layout, workbook, err);
    if (rc == CB_OK)
        rc = write_layout(layout, path, tmp_dir, err);
    cb_layout_free(layout);
    return rc;
}
