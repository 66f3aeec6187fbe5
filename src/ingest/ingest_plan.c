/* From a mapping to what the pipeline does with each cell. */
#include "ingest/ingest_parts.h"

static cb_status wrong_setting(const cb_file *file, const cb_plan *plan, const char *part,
                               cb_str value, const char *why, cb_error *err)
{
    return cb_fail(err, CB_ECONFIG, "[%s] %s.%s = " CB_STR_FMT ": %s", cb_role_names[file->role],
                   cb_schemas[file->role].field[plan->field].name, part, CB_STR_ARG(value), why);
}

static cb_status zone_of(cb_file *file, cb_plan *plan, cb_error *err)
{
    cb_ingest *in = file->ingest;
    char name[128];
    plan->zone = in->settings->zone;
    if (plan->how->zone.len == 0)
        return CB_OK;
    if (plan->how->zone.len >= sizeof name)
        return wrong_setting(file, plan, "zone", plan->how->zone,
                             "that is no IANA zone name, such as Europe/Berlin", err);
    memcpy(name, plan->how->zone.at, plan->how->zone.len);
    name[plan->how->zone.len] = '\0';
    for (size_t i = 0; i < in->zones; i++)
        if (!strcmp(cb_zone_name(in->zone[i]), name)) {
            plan->zone = in->zone[i];
            return CB_OK;
        }
    void *zones = in->zone;
    cb_status rc =
        cb_grow(in->alloc, &zones, &in->zones_cap, in->zones + 1, sizeof(cb_zone *), UINT32_MAX);
    in->zone = zones;
    if (rc != CB_OK)
        return cb_nomem(err, "the time zones");
    rc = cb_zone_open(&in->zone[in->zones], name, err);
    if (rc == CB_OK)
        plan->zone = in->zone[in->zones++];
    return rc;
}

static cb_status plan_time(cb_file *file, cb_plan *plan, cb_error *err)
{
    const char *why = "";
    plan->declared = plan->how->format.len > 0;
    if (plan->declared && !cb_time_format_read(&plan->format, plan->how->format, &why))
        return wrong_setting(file, plan, "format", plan->how->format, why, err);
    return zone_of(file, plan, err);
}

static cb_status plan_amount(const cb_file *file, cb_plan *plan, cb_error *err)
{
    cb_str mark = plan->how->decimal;
    plan->mark_declared = mark.len > 0;
    plan->mark = cb_str_eq(mark, CB_LIT(",")) ? CB_MARK_COMMA : CB_MARK_POINT;
    if (plan->mark_declared && plan->mark == CB_MARK_POINT && !cb_str_eq(mark, CB_LIT(".")))
        return wrong_setting(file, plan, "decimal", mark, "either . or ,", err);
    return CB_OK;
}

static cb_status plan_score(const cb_file *file, cb_plan *plan, cb_error *err)
{
    if (!cb_scale_read(&plan->scale, plan->how->scale))
        return wrong_setting(file, plan, "scale", plan->how->scale,
                             "one of 1-5, 0-10, LOW-HIGH, percent, stars/10, good-bad", err);
    return CB_OK;
}

static cb_status plan_duration(cb_file *file, cb_plan *plan, cb_error *err)
{
    cb_str unit = plan->how->unit.len ? plan->how->unit : file->mapping->header[plan->column];
    plan->unit_s = cb_duration_unit(unit);
    return plan_amount(file, plan, err);
}

static cb_status plan_by_type(cb_file *file, cb_plan *plan, cb_error *err)
{
    switch (plan->type) {
    case CB_TYPE_TIME:
        return plan_time(file, plan, err);
    case CB_TYPE_AMOUNT:
        return plan_amount(file, plan, err);
    case CB_TYPE_DURATION:
        return plan_duration(file, plan, err);
    case CB_TYPE_SCORE:
        return plan_score(file, plan, err);
    default:
        return CB_OK;
    }
}

static bool has_many_words(cb_pool pool)
{
    return pool == CB_POOL_CASE || pool == CB_POOL_CUSTOMER || pool == CB_POOL_REVIEW ||
           pool == CB_POOL_UNIT;
}

static cb_status add_plan(cb_file *file, unsigned field, cb_error *err)
{
    const cb_field *f = &cb_schemas[file->role].field[field];
    const cb_field_source *from = &file->mapping->field[field];
    cb_plan *plan = &file->plan[file->plans];
    *plan = (cb_plan){.field = field,
                      .column = from->column,
                      .clock = f->type == CB_TYPE_TIME ? from->clock : CB_COLUMN_NONE,
                      .type = f->type,
                      .pool = f->pool,
                      .required = f->required,
                      .many_words = f->type == CB_TYPE_WORD && has_many_words(f->pool),
                      .is_kind = f->type == CB_TYPE_WORD && f->pool == CB_POOL_KIND,
                      .is_currency = f->type == CB_TYPE_WORD && f->pool == CB_POOL_CURRENCY,
                      .how = from->how,
                      .label = from->column >= 0 ? file->mapping->header[from->column]
                                                 : CB_LIT("(line)")};
    plan->declared_nulls = plan->how && plan->how->null_words > 0;
    plan->composed = plan->column == CB_COLUMN_LINE || plan->clock >= 0;
    file->plan_of[field] = (int)file->plans++;
    if (f->type == CB_TYPE_WORD && !plan->many_words)
        file->raw.width[field] = 1;
    else if (f->type == CB_TYPE_TIME)
        file->raw.width[field] = sizeof(uint32_t);
    cb_status rc = plan_by_type(file, plan, err);
    plan->read = cb_cell_reader_of(plan);
    return rc;
}

cb_status cb_file_plan(cb_file *file, cb_error *err)
{
    const cb_schema *schema = &cb_schemas[file->role];
    cb_status rc = CB_OK;
    file->plans = 0;
    for (unsigned f = 0; f < CB_MAX_FIELDS_OF_ROLE; f++)
        file->plan_of[f] = -1;
    for (unsigned required = 2; required-- > 0;) {
        for (unsigned f = 0; f < schema->fields && rc == CB_OK; f++)
            if (schema->field[f].required == (bool)required &&
                file->mapping->field[f].column != CB_COLUMN_NONE)
                rc = add_plan(file, f, err);
        file->required = required ? file->plans : file->required;
    }
    return rc;
}
