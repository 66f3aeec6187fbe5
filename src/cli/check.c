#include "check.h"
#include "rejected.h"

int64_t cb_check_age(const cb_check *check, cb_role role)
{
    return cb_floor_day(check->now_utc_s - check->facts->role[role].newest_utc_s);
}

int cb_check_field(const cb_input_facts *input, unsigned field)
{
    for (unsigned c = 0; c < input->columns; c++)
        if (input->column[c].field == (int)field)
            return (int)c;
    return -1;
}

static cb_status tell(const cb_options *options, const cb_settings *settings,
                      const cb_ingest *ingest, cb_status verdict, cb_error *err)
{
    cb_facts *facts = NULL;
    cb_error own = {0};
    cb_check check = {.settings = settings,
                      .now_utc_s = cb_clock_utc_s(),
                      .as_of_given = options->as_of != NULL,
                      .everything = options->verbose,
                      .verdict = verdict,
                      .why = verdict == CB_OK ? "" : err->why};
    cb_status rc = CB_OK;
    if (check.as_of_given)
        rc = cb_options_as_of(options, settings, &check.now_utc_s, &own);
    if (rc == CB_OK)
        rc = cb_facts_new(&facts, ingest, settings->zone, check.now_utc_s, &own);
    check.facts = facts;
    if (rc == CB_OK && options->json && !options->xlsx)
        rc = cb_check_json(&check, &own);
    else if (rc == CB_OK)
        cb_check_table(&check);
    cb_facts_free(facts);
    return rc == CB_OK ? rc : cb_fail(err, rc, "%s", own.why);
}

cb_status cb_command_check(const cb_options *options, cb_error *err)
{
    cb_settings *settings = NULL;
    cb_ingest *ingest = NULL;
    cb_status rc = cb_options_settings(options, &settings, err);
    if (rc == CB_OK)
        rc = cb_options_ingest(options, settings, &ingest, err);
    /* What is wrong as a whole is told after the tables, which show why. */
    cb_status verdict = rc == CB_OK ? cb_ingest_done(ingest, err) : rc;
    if (rc == CB_OK && verdict == CB_EDATA)
        (void)cb_rejected_tell(ingest, settings, err);
    if (rc == CB_OK)
        rc = tell(options, settings, ingest, verdict, err);
    cb_ingest_free(ingest);
    cb_settings_free(settings);
    return rc == CB_OK ? verdict : rc;
}
