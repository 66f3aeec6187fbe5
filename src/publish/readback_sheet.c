#include <stdio.h>

#include "publish/readback_parts.h"

typedef struct read_link {
    uint32_t row;
    unsigned column;
    const cb_item *to;
} read_link;

/* A sheet under way: the cell being read, and what the model says comes next. */
typedef struct sheet_state {
    unsigned number; /* 0-based */
    const cb_sheet_layout *layout;
    cb_cursor *cursor;
    char address[24];
    char type[8];   /* the cell's t attribute */
    char value[64]; /* of a number, or the index of a string */
    cb_buf formula, text;
    bool has_value, has_formula, has_format;
    read_link *link; /* that the model has, in the order of cells */
    size_t links, links_cap, links_seen;
    char first_address[24]; /* of the last hyperlink */
} sheet_state;

static bool is(const char *element, const char *name)
{
    return strcmp(element, name) == 0;
}

static void fail_at(cb_part *part, const char *address, const char *what)
{
    const sheet_state *s = part->own;
    char where[96];
    (void)snprintf(where, sizeof where, "sheet " CB_STR_FMT ", cell %s",
                   CB_STR_ARG(s->layout->sheet->name), address);
    cb_part_fail(part, where, what);
}

/* ---- a cell as read against a cell as meant ---- */

static bool same_number(cb_str read, double meant)
{
    char written[40];
    double value = 0;
    if (cb_parse_double(read, &value) && value >= meant && value <= meant)
        return true;
    /* The library writes 16 digits, which need not give the same double back. */
    int n = snprintf(written, sizeof written, "%.16G", meant);
    return n > 0 && cb_str_eq(read, (cb_str){written, (size_t)n});
}

static bool same_string(const cb_readback *rb, const sheet_state *s, cb_str meant)
{
    int64_t index = -1;
    if (!is(s->type, "s") || !cb_parse_i64(cb_str_of(s->value), &index))
        return false;
    return index >= 0 && (size_t)index < rb->string.n && cb_str_eq(rb->string.at[index], meant);
}

static const char *compare_value(const cb_readback *rb, const sheet_state *s,
                                 const cb_placed *meant)
{
    cb_str text = {s->text.len ? s->text.at : "", s->text.len};
    if (meant->formula.len > 0 && meant->kind != CB_VALUE_NUMBER)
        return is(s->type, "str") && cb_str_eq(text, meant->text)
                   ? NULL
                   : "the text of a formula differs from what was meant";
    switch (meant->kind) {
    case CB_VALUE_BLANK:
        return s->has_value || *s->type ? "a blank cell has a value" : NULL;
    case CB_VALUE_TEXT:
        return s->has_value && same_string(rb, s, meant->text)
                   ? NULL
                   : "the text differs from what was meant";
    case CB_VALUE_NUMBER:
        return s->has_value && !*s->type && same_number(text, meant->number)
                   ? NULL
                   : "the number differs from what was meant";
    }
    return "of no known kind";
}

static const char *compare_formula(const sheet_state *s, const cb_placed *meant)
{
    if (s->has_formula != (meant->formula.len > 0))
        return s->has_formula ? "a formula that was never meant" : "the formula is missing";
    if (!s->has_formula)
        return NULL;
    cb_str read = {s->formula.len ? s->formula.at : "", s->formula.len};
    cb_str want = {meant->formula.at + 1, meant->formula.len - 1}; /* stored without '=' */
    return cb_str_eq(read, want) ? NULL : "the formula differs from what was meant";
}

static const char *compare_note(cb_readback *rb, const char *address, const cb_placed *meant)
{
    if (meant->note.len == 0)
        return NULL;
    if (rb->notes_part == 0) /* this sheet's first note: the next part of notes is its own */
        rb->notes_part = rb->notes_seen < rb->notes ? rb->note[rb->notes_seen].part : 0;
    if (rb->notes_seen >= rb->notes || rb->note[rb->notes_seen].part != rb->notes_part)
        return "the note is missing";
    const cb_read_note *read = &rb->note[rb->notes_seen++];
    bool same = cb_str_eq(read->address, cb_str_of(address)) && cb_str_eq(read->text, meant->note);
    return same ? NULL : "the note differs from what was meant";
}

static const char *compare_name(const cb_readback *rb, const sheet_state *s, const cb_placed *meant)
{
    char place[96], address[24];
    if (!meant->cell || cb_cell_name(meant->cell).len == 0)
        return NULL;
    (void)cb_cell_address(address, meant->row, meant->column, true);
    int n = snprintf(place, sizeof place, "'" CB_STR_FMT "'!%s", CB_STR_ARG(s->layout->sheet->name),
                     address);
    for (size_t i = 0; i < rb->name.n && i < rb->place.n; i++) {
        if (cb_str_eq(rb->name.at[i], cb_cell_name(meant->cell)))
            return cb_str_eq(rb->place.at[i], (cb_str){place, (size_t)n})
                       ? NULL
                       : "the name leads to another cell";
    }
    return "the name of the cell is missing";
}

static bool remember_link(cb_readback *rb, sheet_state *s, const cb_placed *meant)
{
    if (!meant->link)
        return true;
    if (s->links == s->links_cap) {
        size_t cap = s->links_cap ? s->links_cap * 2 : 64;
        read_link *larger = cb_arena_array(rb->arena, cap, sizeof *larger);
        if (!larger)
            return false;
        if (s->links > 0)
            memcpy(larger, s->link, s->links * sizeof *larger);
        s->link = larger;
        s->links_cap = cap;
    }
    s->link[s->links++] = (read_link){meant->row, meant->column, meant->link};
    return true;
}

static void compare_cell(cb_part *part)
{
    cb_readback *rb = part->rb;
    sheet_state *s = part->own;
    cb_placed meant;
    char address[24];
    if (!cb_cursor_next(s->cursor, &meant)) {
        rb->rc = cb_cursor_status(s->cursor, rb->err);
        fail_at(part, s->address, "a cell that was never meant");
        return;
    }
    (void)cb_cell_address(address, meant.row, meant.column, false);
    if (!is(address, s->address)) {
        fail_at(part, address, "the cell is missing, or another stands before it");
        return;
    }
    const char *fault = compare_value(rb, s, &meant);
    fault = fault ? fault : compare_formula(s, &meant);
    fault = fault ? fault : compare_note(rb, address, &meant);
    fault = fault ? fault : compare_name(rb, s, &meant);
    if (!fault && !s->has_format)
        fault = "the cell has lost its format";
    if (fault)
        fail_at(part, address, fault);
    else if (!remember_link(rb, s, &meant))
        rb->rc = cb_nomem(rb->err, "reading a workbook back");
}

/* ---- hyperlinks, which follow the cells ---- */

static void compare_link(cb_part *part, const char **attributes)
{
    sheet_state *s = part->own;
    char from[24], to[24], place[96];
    const char *ref = cb_attribute(attributes, "ref"),
               *location = cb_attribute(attributes, "location");
    if (s->links_seen >= s->links || !ref || !location) {
        fail_at(part, ref ? ref : "?", "a link that was never meant");
        return;
    }
    const read_link *meant = &s->link[s->links_seen++];
    const cb_sheet *sheet = part->rb->layout->sheet[meant->to->sheet].sheet;
    (void)cb_cell_address(from, meant->row, meant->column, false);
    (void)cb_cell_address(to, meant->to->title_row, 0, false);
    (void)snprintf(place, sizeof place, "'" CB_STR_FMT "'!%s", CB_STR_ARG(sheet->name), to);
    if (!is(ref, from) || !is(location, place) || cb_attribute(attributes, "r:id"))
        fail_at(part, from, "the link differs from what was meant");
}

/* ---- the elements of a sheet ---- */

static bool put_word(char *out, size_t cap, const char *word)
{
    size_t n = word ? strlen(word) : 0;
    if (n >= cap)
        return false;
    memcpy(out, word ? word : "", n + 1);
    return true;
}

static void begin_cell(cb_part *part, const char **attributes)
{
    sheet_state *s = part->own;
    s->has_value = s->has_formula = false;
    s->formula.len = s->text.len = 0;
    *s->value = '\0';
    if (!put_word(s->address, sizeof s->address, cb_attribute(attributes, "r")) ||
        !put_word(s->type, sizeof s->type, cb_attribute(attributes, "t")))
        cb_part_fail(part, part->name, "a cell of no known kind");
    s->has_format = cb_attribute(attributes, "s"); /* which the library drops where memory fails */
}

static void sheet_start(cb_part *part, const char *element, const char **attributes)
{
    if (is(element, "c")) {
        begin_cell(part, attributes);
    } else if (is(element, "v") || is(element, "f")) {
        part->text.len = 0;
        part->collect = true;
    } else if (is(element, "hyperlink")) {
        compare_link(part, attributes);
    } else if (is(element, "is") || is(element, "mergeCell")) {
        cb_part_fail(part, part->name, "merged cells or inline texts, which were never written");
    }
}

static bool take_text(cb_part *part, cb_buf *into)
{
    part->collect = false;
    if (cb_buf_append(into, part->text.at, part->text.len) == CB_OK)
        return true;
    part->rb->rc = cb_nomem(part->rb->err, "reading a workbook back");
    return false;
}

static void end_value(cb_part *part)
{
    sheet_state *s = part->own;
    size_t n = part->text.len < sizeof s->value - 1 ? part->text.len : sizeof s->value - 1;
    if (n > 0)
        memcpy(s->value, part->text.at, n);
    s->value[n] = '\0';
    s->has_value = take_text(part, &s->text);
}

static void sheet_end(cb_part *part, const char *element)
{
    sheet_state *s = part->own;
    if (is(element, "v"))
        end_value(part);
    else if (is(element, "f"))
        s->has_formula = take_text(part, &s->formula);
    else if (is(element, "c"))
        compare_cell(part);
}

/* ---- begin and end ---- */

static void close_state(sheet_state *s)
{
    cb_buf_free(&s->formula);
    cb_buf_free(&s->text);
    cb_cursor_close(s->cursor);
    s->cursor = NULL;
}

cb_visit cb_sheet_choose(cb_part *part)
{
    cb_readback *rb = part->rb;
    unsigned number = cb_part_number(part->name, "xl/worksheets/sheet", ".xml");
    if (number == 0)
        return CB_VISIT_SKIP;
    if (number > rb->layout->sheets) {
        (void)cb_readback_fail(rb, CB_EIO, part->name, "a sheet that was never meant");
        return CB_VISIT_ERROR;
    }
    sheet_state *s = cb_arena_get(rb->arena, sizeof *s);
    if (!s) {
        rb->rc = cb_nomem(rb->err, "reading a workbook back");
        return CB_VISIT_ERROR;
    }
    s->number = number - 1;
    s->layout = &rb->layout->sheet[s->number];
    cb_buf_init(&s->formula, cb_alloc_libc(), (size_t)1 << 16);
    cb_buf_init(&s->text, cb_alloc_libc(), (size_t)1 << 20);
    rb->rc = cb_cursor_open(&s->cursor, rb->layout, s->number, rb->err);
    rb->notes_part = 0;
    part->own = s;
    part->start = sheet_start;
    part->end = sheet_end;
    if (rb->rc == CB_OK)
        return CB_VISIT_READ;
    close_state(s);
    return CB_VISIT_ERROR;
}

void cb_sheet_done(cb_part *part)
{
    cb_readback *rb = part->rb;
    sheet_state *s = part->own;
    cb_placed meant;
    char address[24];
    if (rb->rc == CB_OK && cb_cursor_next(s->cursor, &meant)) {
        (void)cb_cell_address(address, meant.row, meant.column, false);
        fail_at(part, address, "the cell is missing");
    }
    if (rb->rc == CB_OK)
        rb->rc = cb_cursor_status(s->cursor, rb->err);
    if (rb->rc == CB_OK && s->links_seen != s->links)
        (void)cb_readback_fail(rb, CB_EIO, part->name, "links are missing");
    if (rb->rc == CB_OK && rb->notes_part && rb->notes_seen < rb->notes &&
        rb->note[rb->notes_seen].part == rb->notes_part)
        (void)cb_readback_fail(rb, CB_EIO, part->name, "a note that was never meant");
    rb->sheet_seen[s->number] = true;
    close_state(s);
}
