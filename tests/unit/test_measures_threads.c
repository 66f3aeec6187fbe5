/* The program's flow and resolution on 1, 2 and 7 threads, compared to the last bit. */
#include "measures_book.h"

#include <inttypes.h>

static void write_est(cb_buf *to, cb_est e)
{
    assert_int_equal(
        cb_buf_text(to, "%a %a %a %s\n", e.value, e.low, e.high, e.reason ? e.reason : "-"), CB_OK);
}

static void write_res(cb_buf *to, const cb_res *r)
{
    assert_int_equal(cb_buf_text(to, "%u %u %u %a\n", r->n, r->resolved, r->open, r->tau_h), CB_OK);
    const cb_est est[] = {r->median_h,
                          r->p90_h,
                          r->p95_h,
                          r->restricted_mean_h,
                          r->resolved_only.mean_h,
                          r->resolved_only.median_h,
                          r->resolved_only.p90_h,
                          r->resolved_only.p95_h};
    for (size_t i = 0; i < COUNT_OF(est); i++)
        write_est(to, est[i]);
}

static void write_flow(cb_buf *to, const cb_flow *f)
{
    assert_int_equal(cb_buf_text(to, "%u %u %u %" PRIu64 " %" PRIu64 " %u %u %u %u %" PRIu64 "\n",
                                 f->open_at_start, f->opened, f->open_at_end, f->reopened,
                                 f->resolved, f->resolved_for_good, f->opened_closed_unknown,
                                 f->opened_withdrawn, f->cases_reopened, f->reopened_unplaced),
                     CB_OK);
    for (uint32_t i = 0; i < f->rows; i++)
        assert_int_equal(cb_buf_text(to, "%s %u %u %u %u\n", f->row[i].period.label,
                                     f->row[i].open_at_start, f->row[i].opened, f->row[i].resolved,
                                     f->row[i].open_at_end),
                         CB_OK);
    for (uint32_t i = 0; i < f->backlog_rows; i++)
        for (int band = 0; band < CB_AGE_BANDS; band++)
            assert_int_equal(
                cb_buf_text(to, "%u %u\n", f->backlog[i].priority, f->backlog[i].by_age[band]),
                CB_OK);
}

static void write_resolution(cb_buf *to, const cb_resolution *r)
{
    write_res(to, &r->hours);
    write_res(to, &r->business_hours);
    write_res(to, &r->first_response_hours);
    for (int dim = 0; dim < CB_DIMS; dim++)
        for (uint32_t g = 0; g < r->by[dim].groups; g++) {
            const cb_res_group *group = &r->by[dim].group[g];
            assert_int_equal(
                cb_buf_text(to, "%u %u %u\n", group->word, group->cases, group->closed_unknown),
                CB_OK);
            write_res(to, &group->hours);
            write_est(to, group->business_median_h);
            write_est(to, group->response_median_h);
        }
    for (size_t i = 0; i < r->curve_n; i++)
        assert_int_equal(cb_buf_text(to, "%" PRId64 " %a %a %a\n", r->curve[i].time_s,
                                     r->curve[i].survival, r->curve[i].low, r->curve[i].high),
                         CB_OK);
    for (uint32_t i = 0; i < r->versus_previous.changes; i++)
        assert_int_equal(cb_buf_text(to, "%u %a %a\n", r->versus_previous.change[i].word,
                                     r->versus_previous.change[i].p_value,
                                     r->versus_previous.change[i].p_adjusted),
                         CB_OK);
    write_est(to, r->target.share);
}

static void threads_do_not_show(void **state)
{
    (void)state;
    static const unsigned threads[] = {1, 2, 7};
    const cb_measure *const table[] = {&cb_measure_flow, &cb_measure_resolution, NULL};
    test_book b;
    test_world w;
    cb_results r[CB_WINDOWS];
    cb_buf text[COUNT_OF(threads)];
    fill(&b, 60000, 9);
    test_world_open(&w, &b, T0 + 370 * DAY, "[targets]\ndefault = 3d\n", 1);
    for (size_t t = 0; t < COUNT_OF(threads); t++) {
        cb_buf_init(&text[t], cb_alloc_libc(), 1 << 24);
        w.workers.threads = threads[t];
        test_world_run(&w, table, "2026-Q3", r);
        for (int ix = 0; ix < CB_WINDOWS; ix++) {
            write_flow(&text[t], &r[ix].flow);
            write_resolution(&text[t], &r[ix].resolution);
        }
        CHECK(text[t].len == text[0].len && !memcmp(text[t].at, text[0].at, text[0].len),
              "%u threads give other figures", threads[t]);
    }
    assert_true(text[0].len > 4000);
    assert_true(r[CB_NOW].resolution.versus_previous.changes > 0);
    for (size_t t = 0; t < COUNT_OF(threads); t++)
        cb_buf_free(&text[t]);
    test_world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_do_not_show),
    };
    cb_stats_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
