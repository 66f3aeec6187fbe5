#include "compose.h"

#include "casebook/sha256.h"

#include <stdio.h>
#include <string.h>

const char *const cb_report_names[CB_REPORTS] = {"nightly", "quarterly", "root-cause"};
const char *const cb_report_titles[CB_REPORTS] = {"Service today", "Service review", "Root causes"};

cb_period cb_report_default_period(cb_report_kind kind, int64_t as_of_utc_s, const cb_zone *zone)
{
    switch (kind) {
    case CB_REPORT_NIGHTLY:
        return cb_period_around(CB_PERIOD_DAY, as_of_utc_s, zone);
    case CB_REPORT_QUARTERLY:
        return cb_period_last_quarter(as_of_utc_s, zone);
    default:
        return cb_period_twelve_months(as_of_utc_s, zone);
    }
}

void cb_report_stem(char out[80], cb_report_kind kind, const cb_period *period, const cb_zone *zone)
{
    cb_period named = *period;
    cb_period year = cb_period_twelve_months(period->to_utc_s - 1, zone);
    if (kind == CB_REPORT_ROOT_CAUSE && strcmp(period->label, year.label) == 0)
        named = cb_period_around(CB_PERIOD_QUARTER, period->to_utc_s - 1, zone);
    int n = snprintf(out, 80, "%s-%s", cb_report_names[kind], named.label);
    if (n < 0)
        out[0] = '\0';
}

static void feed(cb_sha256 *sum, const void *bytes, size_t n)
{
    cb_sha256_add(sum, bytes, n);
    cb_sha256_add(sum, "\n", 1);
}

static void feed_setting(void *ctx, const char *section, cb_str key, cb_str value)
{
    feed(ctx, section, strlen(section));
    feed(ctx, key.at, key.len);
    feed(ctx, value.at, value.len);
}

void cb_report_run_id(char out[17], const cb_ingest *ingest, const cb_settings *settings)
{
    unsigned char digest[CB_SHA256_BYTES];
    char as_of[32];
    cb_sha256 sum;
    cb_time_text(as_of, cb_ingest_book(ingest)->as_of_utc_s);
    cb_sha256_begin(&sum);
    feed(&sum, CB_VERSION, strlen(CB_VERSION));
    feed(&sum, as_of, strlen(as_of));
    for (unsigned i = 0; i < cb_ingest_inputs(ingest); i++) {
        const cb_input_facts *input = cb_ingest_input(ingest, i);
        feed(&sum, cb_role_names[input->role], strlen(cb_role_names[input->role]));
        feed(&sum, input->source.sha256, strlen(input->source.sha256));
    }
    cb_settings_each(settings, feed_setting, &sum);
    cb_sha256_end(&sum, digest);
    for (unsigned i = 0; i < 8; i++)
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

enum { PSEUDONYM_ROOM = 16 };

static void pseudonym(char out[PSEUDONYM_ROOM], const char *key, cb_pool pool, cb_str text)
{
    unsigned char mac[CB_SHA256_BYTES];
    cb_hmac_sha256(mac, cb_str_of(key), text);
    snprintf(out, PSEUDONYM_ROOM, "%c-%02X%02X%02X%02X%02X%02X",
             pool == CB_POOL_CUSTOMER ? 'C' : 'N', mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

cb_str cb_shown_id(cb_compose *c, cb_pool pool, uint32_t id)
{
    const char *key = c->report->pseudonym_key;
    cb_str text = id == CB_UNKNOWN_ID ? CB_LIT("") : cb_intern_text(c->book->pool[pool], id);
    if (!key || id == CB_UNKNOWN_ID)
        return text;
    char shown[PSEUDONYM_ROOM];
    pseudonym(shown, key, pool, text);
    return cb_arena_copy(c->arena, cb_str_of(shown));
}

void cb_put_id(const cb_report *report, cb_grid *grid, unsigned column, cb_pool pool, uint32_t id)
{
    const char *key = report->pseudonym_key;
    if (id == CB_UNKNOWN_ID) {
        cb_put_lasting(grid, column, CB_LIT(""));
        return;
    }
    cb_str text = cb_intern_text(report->scope->book->pool[pool], id);
    char shown[PSEUDONYM_ROOM];
    if (key) {
        pseudonym(shown, key, pool, text);
        cb_put_text(grid, column, cb_str_of(shown));
    } else {
        cb_put_lasting(grid, column, text);
    }
}

static cb_status new_workbook(cb_compose *c)
{
    const cb_report *report = c->report;
    char stem[80];
    cb_report_stem(stem, report->kind, &c->scope->window[CB_NOW].period, c->settings->zone);
    cb_str title = cb_arena_text(c->arena, "%s %s", cb_report_titles[report->kind],
                                 c->scope->window[CB_NOW].period.label);
    c->workbook = cb_workbook_new(c->arena, stem, title.at ? title.at : stem);
    if (!c->workbook)
        return cb_nomem(c->err, "the workbook");
    cb_workbook *wb = c->workbook;
    memcpy(wb->currency, c->settings->currency, sizeof wb->currency);
    wb->currency_digits = c->settings->currency_digits;
    wb->zone = c->settings->zone;
    wb->created_utc_s = c->book->as_of_utc_s;
    wb->subject = c->settings->title;
    wb->footer = cb_arena_text(c->arena, "casebook " CB_VERSION ", run %s", report->run_id);
    return wb->footer.at ? CB_OK : cb_nomem(c->err, "the workbook");
}

/* The sheet of chart data is made first, so that charts may point at it, and stands last. */
static void data_last(cb_workbook *workbook, cb_sheet *data)
{
    if (!data || workbook->first != data || !data->next)
        return;
    workbook->first = data->next;
    data->next = NULL;
    if (!data->first) {
        workbook->sheets--;
        return;
    }
    workbook->last->next = data;
    workbook->last = data;
}

cb_status cb_report_compose(const cb_report *report, cb_arena *arena, cb_workbook **out,
                            cb_error *err)
{
    cb_compose c = {.report = report,
                    .now = &report->results[CB_NOW],
                    .before = &report->results[CB_BEFORE],
                    .year_before = &report->results[CB_YEAR_BEFORE],
                    .scope = report->scope,
                    .book = report->scope->book,
                    .settings = report->settings,
                    .arena = arena,
                    .err = err};
    static cb_status (*const compose[CB_REPORTS])(cb_compose *) = {
        cb_compose_nightly, cb_compose_quarterly, cb_compose_root_cause};
    cb_status rc = new_workbook(&c);
    if (rc == CB_OK) {
        c.data = cb_workbook_sheet(c.workbook, "Chart data", "Chart data",
                                   "The numbers behind the charts of the other sheets.");
        if (c.data)
            c.data->screen_only = true;
        rc = compose[report->kind](&c);
        data_last(c.workbook, c.data);
    }
    *out = c.workbook;
    return rc;
}
