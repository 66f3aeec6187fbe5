/* The file has ended: which reading has each column of times and of amounts. */
#include <stdio.h>

#include "ingest/ingest_parts.h"

/* ---- the ways of writing ---- */

void cb_shapes_see(cb_shapes *shapes, uint32_t shape, uint64_t line_no)
{
    shapes->last = shape;
    for (unsigned i = 0; i < shapes->n; i++)
        if (shapes->seen[i].shape == shape)
            return;
    if (shape && shapes->n < CB_SHAPES_KEPT)
        shapes->seen[shapes->n++] = (cb_shape_seen){shape, line_no};
}

void cb_shapes_join(cb_shapes *shapes, const cb_shapes *later)
{
    for (unsigned i = 0; i < later->n; i++)
        cb_shapes_see(shapes, later->seen[i].shape, later->seen[i].line_no);
}

/* ---- times ---- */

/* Of several ways of writing, the first whose order is in question, and the first other one. */
static cb_status refuse_unlike(const cb_file *file, const cb_plan *plan, cb_choice choice,
                               cb_error *err)
{
    const cb_shapes *shapes = &file->tally.shapes[plan->field];
    const uint64_t *cells = file->tally.times[plan->field].cells;
    char one[48], other[48], proofs[128] = "";
    unsigned n = 0;
    while (n + 1 < shapes->n && !(shapes->seen[n].shape & CB_SHAPE_NUMERIC))
        n++;
    const cb_shape_seen *second = &shapes->seen[n == 0];
    cb_time_example(one, shapes->seen[n].shape);
    cb_time_example(other, second->shape);
    if (choice == CB_MIXED)
        snprintf(proofs, sizeof proofs,
                 "%llu can only be day before month, %llu only month before day; ",
                 (unsigned long long)cells[CB_READS_DAY_FIRST],
                 (unsigned long long)cells[CB_READS_MONTH_FIRST]);
    return cb_fail(
        err, CB_EDATA,
        CB_STR_FMT ", column \"" CB_STR_FMT
                   "\" (%s): its dates are not written alike: %sone like %s in line %llu, one "
                   "like %s in line %llu, so no one format reads them all, and whether the day "
                   "or the month comes first cannot be told. Write them alike in the export",
        CB_STR_ARG(file->facts->path), CB_STR_ARG(plan->label),
        cb_schemas[file->role].field[plan->field].name, proofs, one,
        (unsigned long long)shapes->seen[n].line_no, other, (unsigned long long)second->line_no);
}

static cb_status refuse(const cb_file *file, const cb_plan *plan, cb_choice choice, cb_error *err)
{
    const cb_time_evidence *e = &file->tally.times[plan->field];
    const char *name = cb_schemas[file->role].field[plan->field].name;
    const char *role = cb_role_names[file->role];
    char day[48];
    char month[48];
    char example[48];
    if (file->tally.shapes[plan->field].n > 1)
        return refuse_unlike(file, plan, choice, err);
    cb_time_format_text(day, e->shape, CB_DAY_FIRST);
    cb_time_format_text(month, e->shape, CB_MONTH_FIRST);
    cb_time_example(example, e->shape);
    if (choice == CB_AMBIGUOUS)
        return cb_fail(
            err, CB_EDATA,
            CB_STR_FMT
            ", column \"" CB_STR_FMT
            "\" (%s): its dates fit two readings: one like %s may be 3 April or "
            "March 4. Say which in the configuration, under [%s]: %s.format = %s (3 April) or "
            "%s.format = %s (March 4); the file's other dates written alike follow it",
            CB_STR_ARG(file->facts->path), CB_STR_ARG(plan->label), name, example, role, name, day,
            name, month);
    return cb_fail(
        err, CB_EDATA,
        CB_STR_FMT ", column \"" CB_STR_FMT
                   "\" (%s): %llu of its dates can only be day before month, %llu only "
                   "month before day, so no one reading is right. Mend the export, or say in the "
                   "configuration, under [%s], which dates to keep (the others become unknown): "
                   "%s.format = %s or %s.format = %s",
        CB_STR_ARG(file->facts->path), CB_STR_ARG(plan->label), name,
        (unsigned long long)e->cells[CB_READS_DAY_FIRST],
        (unsigned long long)e->cells[CB_READS_MONTH_FIRST], role, name, day, name, month);
}

/* The order that a column proves by its own cells or by its declared format; its shape, 0: none. */
static uint32_t proof_of(const cb_file *file, const cb_plan *plan, cb_order *order)
{
    const cb_time_evidence *e = &file->tally.times[plan->field];
    bool proved = e->cells[CB_READS_DAY_FIRST] + e->cells[CB_READS_MONTH_FIRST] > 0;
    if (plan->type != CB_TYPE_TIME)
        return 0;
    if (plan->declared)
        return cb_time_format_shape(&plan->format, order);
    return proved && cb_time_choose(e, order) == CB_CHOSEN ? e->shape : 0;
}

/* The order that other columns of the file, written alike, prove; false if none or they differ. */
static bool order_of_others(const cb_file *file, unsigned field, cb_order *order)
{
    bool found = false;
    for (unsigned p = 0; p < file->plans; p++) {
        cb_order proved = CB_DAY_FIRST;
        uint32_t shape = proof_of(file, &file->plan[p], &proved);
        if (file->plan[p].field == field ||
            !cb_time_same_layout(shape, file->tally.times[field].shape))
            continue;
        if (found && proved != *order)
            return false;
        *order = proved;
        found = true;
    }
    return found;
}

static cb_status format_text(const cb_file *file, const cb_plan *plan, bool by_others,
                             cb_error *err)
{
    const cb_time_evidence *e = &file->tally.times[plan->field];
    char layout[48];
    cb_time_layout(layout, e->shape, file->order[plan->field]);
    cb_str text = plan->declared ? cb_arena_text(file->ingest->arena, CB_STR_FMT " (declared)",
                                                 CB_STR_ARG(plan->how->format))
                                 : cb_arena_text(file->ingest->arena, "%s%s", layout,
                                                 by_others ? " (as the file's other dates)" : "");
    if (!text.at)
        return cb_nomem(err, "the facts of the columns");
    if (plan->column >= 0)
        file->facts->column[plan->column].format = text.at;
    return CB_OK;
}

static cb_status choose_order(cb_file *file, const cb_plan *plan, cb_error *err)
{
    bool by_others = false;
    cb_choice choice = cb_time_choose(&file->tally.times[plan->field], &file->order[plan->field]);
    if (choice == CB_AMBIGUOUS && order_of_others(file, plan->field, &file->order[plan->field])) {
        choice = CB_CHOSEN;
        by_others = true;
    }
    return choice == CB_CHOSEN ? format_text(file, plan, by_others, err)
                               : refuse(file, plan, choice, err);
}

/* ---- amounts ---- */

static bool shows_no_mark(const cb_mark_evidence *e)
{
    return e->cells[CB_READS_POINT] + e->cells[CB_READS_COMMA] == 0;
}

/* A currency with three decimals, as the Kuwaiti dinar, is written with all of them. */
static bool has_three_decimals(const cb_file *file, uint32_t row)
{
    unsigned field = cb_currency_field[file->role];
    char code[4] = "";
    cb_str word = CB_LIT("");
    if (field < CB_MAX_FIELDS_OF_ROLE)
        word = cb_intern_text(file->ingest->book->pool[CB_POOL_CURRENCY],
                              cb_word(&file->raw, field, row));
    if (word.len == 0)
        word = cb_str_of(file->ingest->settings->currency);
    if (cb_currency_is_code(word))
        memcpy(code, word.at, 3);
    return cb_currency_digits(code) == 3;
}

/* Whether a cell like 1.234 stands in a column without a cell that shows the mark: a factor of a
 * thousand between the readings. */
static bool is_open(const cb_file *file, const cb_plan *plan)
{
    const int64_t *cell = file->raw.column[plan->field];
    if (plan->mark_declared || !shows_no_mark(&file->tally.marks[plan->field]))
        return false;
    for (uint32_t row = 0; row < file->raw.n; row++)
        if (cb_amount_is_split(cell[row]) && !has_three_decimals(file, row))
            return true;
    return false;
}

/* The mark that the file's other amounts have, which an export writes alike; false if they show
 * none or differ. */
static bool mark_of_others(const cb_file *file, unsigned field, cb_mark *mark)
{
    bool found = false;
    for (unsigned p = 0; p < file->plans; p++) {
        const cb_plan *other = &file->plan[p];
        const cb_mark_evidence *e = &file->tally.marks[other->field];
        if (other->type != CB_TYPE_AMOUNT || other->field == field ||
            (!other->mark_declared && shows_no_mark(e)))
            continue;
        cb_mark its = other->mark_declared ? other->mark : cb_mark_choose(e);
        if ((!other->mark_declared && !cb_mark_proved(e)) || (found && its != *mark))
            return false;
        *mark = its;
        found = true;
    }
    return found;
}

static cb_status refuse_amounts(const cb_file *file, const cb_plan *plan, cb_error *err)
{
    const char *name = cb_schemas[file->role].field[plan->field].name;
    return cb_fail(err, CB_EDATA,
                   CB_STR_FMT ", column \"" CB_STR_FMT
                              "\" (%s): its amounts fit two readings: one like 1.234 may be a "
                              "little over one or over a thousand. Say which in the configuration, "
                              "under [%s]: %s.decimal = . (a little over one) or %s.decimal = , "
                              "(over a thousand); the file's other amounts follow it",
                   CB_STR_ARG(file->facts->path), CB_STR_ARG(plan->label), name,
                   cb_role_names[file->role], name, name);
}

static cb_status choose_mark(cb_file *file, const cb_plan *plan, cb_error *err)
{
    static const char *const declared[] = {"decimal point (declared)", "decimal comma (declared)"};
    static const char *const others[] = {"decimal point (as the file's other amounts)",
                                         "decimal comma (as the file's other amounts)"};
    const cb_mark_evidence *e = &file->tally.marks[plan->field];
    bool open = is_open(file, plan);
    cb_mark mark = plan->mark_declared ? plan->mark : cb_mark_choose(e);
    if (open && !mark_of_others(file, plan->field, &mark))
        return refuse_amounts(file, plan, err);
    file->mark[plan->field] = mark;
    if (plan->column >= 0)
        file->facts->column[plan->column].format = plan->mark_declared ? declared[mark]
                                                   : open              ? others[mark]
                                                                       : cb_mark_text(e, mark);
    return CB_OK;
}

cb_status cb_file_read_how(cb_file *file, cb_error *err)
{
    cb_status rc = CB_OK;
    for (unsigned p = 0; p < file->plans && rc == CB_OK; p++) {
        const cb_plan *plan = &file->plan[p];
        if (plan->type == CB_TYPE_TIME)
            rc = choose_order(file, plan, err);
        else if (plan->type == CB_TYPE_AMOUNT)
            rc = choose_mark(file, plan, err);
    }
    return rc;
}
