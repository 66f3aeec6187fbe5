/* The pipeline as a whole: several files, the same bytes whatever the chunks and threads,
 * accounting on random dirt, and the real files with what is known of them. */
#include "ingest_reading.h"

/* ---- several files, and the map of one ---- */

static void several_files(void **state)
{
    static const char one[] = "case_id,opened_at,team\na,2025-01-01,x\nb,2025-01-01,y\n";
    static const char two[] = "case_id,opened_at,agent\nb,2025-01-02,m\nc,2025-01-03,n\n";
    static const char who[] = "customer_id,annual_value\nk,100\n";
    char path[3][256];
    result r;
    reading how = {.threads = 2};
    (void)state;
    write_file(path[0], "One.CSV", one, sizeof one - 1);
    write_file(path[1], "one.csv", two, sizeof two - 1);
    write_file(path[2], "who.csv", who, sizeof who - 1);
    const input inputs[] = {
        {CB_CUSTOMERS, path[2], NULL}, {CB_CASES, path[0], NULL}, {CB_CASES, path[1], NULL}};
    read_inputs(&r, &how, inputs, 3);
    expect_done(&r, "several files");
    const cb_table *t = table_of(&r, CB_CASES);
    assert_int_equal(t->n, 3);
    /* the later state of b knows no team */
    assert_int_equal(cb_word(t, CB_CASE_TEAM, 1), CB_UNKNOWN_ID);
    assert_int_not_equal(cb_word(t, CB_CASE_AGENT, 1), CB_UNKNOWN_ID);
    assert_int_equal(t->input_ix[1], 2);
    assert_int_equal(cb_ingest_input(r.ingest, 1)->superseded, 1);
    assert_int_equal(cb_ingest_input(r.ingest, 1)->accepted, 1);
    assert_int_equal(cb_ingest_input(r.ingest, 2)->accepted, 2);
    assert_false(cb_str_eq(cb_ingest_input(r.ingest, 1)->stem, cb_ingest_input(r.ingest, 2)->stem));
    free_result(&r);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(unlink(path[i]), 0);
}

static void map_of_a_file(void **state)
{
    static const char text[] = "Ticket;Case ID;Opened At;Team\n";
    char path[256];
    cb_buf print;
    result r;
    (void)state;
    memset(&r, 0, sizeof r);
    assert_int_equal(prepare(&r, &(reading){.config = NULL}), CB_OK);
    cb_buf_init(&print, NULL, SIZE_MAX);
    write_file(path, "map.csv", text, sizeof text - 1);
    CHECK(cb_ingest_map(r.settings, path, CB_ROLES, CB_LIT(""), &print, &r.err) == CB_OK, "%s",
          r.err.why);
    assert_true(print.len > 0);
    put(&print, "", 1);
    assert_non_null(strstr(print.at, "[cases]"));
    assert_non_null(strstr(print.at, "Opened At"));
    assert_int_equal(
        cb_ingest_map(r.settings, "no such file", CB_CASES, CB_LIT(""), &print, &r.err),
        CB_ENOINPUT);
    cb_buf_free(&print);
    free_result(&r);
    assert_int_equal(unlink(path), 0);
}

/* ---- everything that a reading gives, as bytes ---- */

static void dump_book(const cb_book *book, cb_buf *out)
{
    for (unsigned r = 0; r < CB_ROLES; r++) {
        const cb_table *t = &book->table[r];
        put(out, &t->n, sizeof t->n);
        for (unsigned f = 0; f < cb_schemas[r].fields; f++)
            if (t->column[f])
                put(out, t->column[f], t->n * cb_table_cell_bytes(t, f));
        put(out, t->input_ix, t->n * sizeof *t->input_ix);
    }
    for (unsigned p = 0; p < CB_POOLS; p++)
        for (uint32_t id = 0; id < cb_intern_count(book->pool[p]); id++) {
            cb_str word = cb_intern_text(book->pool[p], id);
            put(out, word.at, word.len);
            put(out, "\n", 1);
        }
    put(out, book->superseded, sizeof book->superseded);
    put(out, &book->as_of_utc_s, sizeof book->as_of_utc_s);
}

static void dump_facts(const cb_input_facts *f, cb_buf *out)
{
    const uint64_t counts[] = {
        f->rows,          f->accepted,       f->superseded,   f->rejected,     f->blank,
        f->formula_cells, f->contradictions, f->future_cells, f->rejects.rows, f->rejects.not_kept};
    put(out, counts, sizeof counts);
    put(out, f->rejects.header.at, f->rejects.header.len);
    put(out, f->rejects.records.at, f->rejects.records.len);
    put(out, f->rejects.errors.at, f->rejects.errors.len);
    put(out, f->rejects.by_code, sizeof f->rejects.by_code);
    for (unsigned c = 0; c < f->columns; c++) {
        const cb_column_facts *k = &f->column[c];
        const uint64_t cells[] = {
            (uint64_t)(int64_t)k->field, k->filled, k->empty, k->unreadable, k->type_errors,
            k->constraint_errors};
        put(out, cells, sizeof cells);
        put(out, k->format, strlen(k->format));
    }
}

static void dump(const result *r, cb_buf *out)
{
    cb_buf_init(out, NULL, SIZE_MAX);
    put(out, &r->file_status, sizeof r->file_status);
    put(out, &r->done_status, sizeof r->done_status);
    put(out, r->err.why, strlen(r->err.why));
    if (!r->ingest)
        return;
    dump_book(cb_ingest_book(r->ingest), out);
    for (unsigned i = 0; i < cb_ingest_inputs(r->ingest); i++)
        dump_facts(cb_ingest_input(r->ingest, i), out);
}

/* ---- dirt at random ---- */

static size_t random_cell(char *out, uint64_t *seed, int column)
{
    // clang-format off
    static const char *const odd[] = {"", "", " ", "-", "n/a", "x", "\"\"", "\"a,b\"", "\"a\nb\"", "\"a\"\"b\"", "a\"b", "\"", "\"a\"b",
                                      "\xFF", "\xC3\xA4", "=1+1", "-1", "1e9", "1.5", "1,5", "65535", "2025-13-01", "31/12/2024"};
    // clang-format on
    switch (column < 5 && test_between(seed, 0, 12) ? column : 5) {
    case 0:
        return (size_t)snprintf(out, 32, "c%d", (int)test_between(seed, 0, 60));
    case 1:
    case 2:
        return (size_t)snprintf(out, 32, "%d/%d/2024", (int)test_between(seed, 1, 29),
                                (int)test_between(seed, 1, 13));
    case 3:
        return (size_t)snprintf(out, 32, "%d", (int)test_between(seed, 0, 7));
    case 4:
        return (size_t)snprintf(out, 32, "%d.%02d", (int)test_between(seed, 0, 2000),
                                (int)test_between(seed, 0, 100));
    default:
        break;
    }
    const char *cell = odd[test_between(seed, 0, COUNT_OF(odd))];
    memcpy(out, cell, strlen(cell));
    return strlen(cell);
}

static size_t random_file(char *out, uint64_t *seed, int rows)
{
    size_t n = strlen(HEADER);
    memcpy(out, HEADER, n);
    for (int i = 0; i < rows; i++) {
        int cells = test_between(seed, 0, 15) ? 5 : (int)test_between(seed, 0, 8);
        for (int c = 0; c < cells; c++) {
            if (c)
                out[n++] = ',';
            n += random_cell(out + n, seed, c);
        }
        if (test_between(seed, 0, 8) == 0)
            out[n++] = '\r';
        out[n++] = '\n';
    }
    return n - (size_t)test_between(seed, 0, 2);
}

static void check_accounting(const result *r, int round)
{
    for (unsigned i = 0; i < cb_ingest_inputs(r->ingest); i++) {
        const cb_input_facts *f = cb_ingest_input(r->ingest, i);
        uint64_t by_code = 0;
        CHECK(f->rows == f->accepted + f->superseded + f->rejected + f->blank,
              "round %d: rows do not add up", round);
        for (unsigned c = 0; c < CB_REJECT_CODES; c++)
            by_code += f->rejects.by_code[c];
        CHECK(by_code == f->rejected && f->rejects.rows == f->rejected,
              "round %d: codes do not add up", round);
        for (unsigned c = 0; c < f->columns; c++) {
            const cb_column_facts *k = &f->column[c];
            CHECK(k->field < 0 ||
                      k->filled + k->empty + k->unreadable == f->accepted + f->superseded,
                  "round %d: cells of column %u do not add up", round, c);
            CHECK(k->unreadable == k->type_errors + k->constraint_errors,
                  "round %d: errors of column %u", round, c);
        }
    }
}

/* Rejected rows, read again behind their header, are all rejected again; nothing of them was
 * lost or changed. */
static void check_rejects_again(const result *r, const reading *how, int round)
{
    const cb_reject_log *log = &facts_of(r)->rejects;
    cb_buf text;
    result again;
    /* A stray quote may pair with one of the next rejected line; that is what mending is for. */
    if (log->rows == 0 || log->by_code[CB_REJECT_QUOTE_ERROR])
        return;
    cb_buf_init(&text, NULL, SIZE_MAX);
    put(&text, log->header.at, log->header.len);
    put(&text, log->records.at, log->records.len);
    read_text(&again, how, CB_CASES, text.at, text.len);
    CHECK(again.file_status == CB_OK, "round %d: %s", round, again.err.why);
    CHECK(facts_of(&again)->rejected == log->rows && facts_of(&again)->rows == log->rows,
          "round %d: %llu rejected rows became %llu", round, (unsigned long long)log->rows,
          (unsigned long long)facts_of(&again)->rejected);
    cb_buf_free(&text);
    free_result(&again);
}

static void same_whatever_the_chunks(void **state)
{
    static const struct {
        unsigned threads;
        size_t chunk_bytes;
    } ways[] = {{1, 64}, {2, 64}, {7, 64}, {2, 100}, {3, 333}, {2, 4096}, {7, 1 << 20}};
    /* a declared format, so that a file without proof is no refusal; without it the choice is part
     * of what is compared */
    static const char *const config[] = {
        "[report]\nmax_rejects = 100\n",
        "[report]\nmax_rejects = 100\n"
        "[cases]\nopened_at.format = %d/%m/%Y\nresolved_at.format = %d/%m/%Y\n"};
    uint64_t seed = 42;
    char *text = malloc(1 << 18);
    (void)state;
    assert_non_null(text);
    for (int round = 0; round < 60; round++) {
        size_t n = random_file(text, &seed, (int)test_between(&seed, 0, round % 10 ? 120 : 3000));
        reading how = {.config = config[round % 2], .threads = 1};
        result first;
        cb_buf want;
        read_text(&first, &how, CB_CASES, text, n);
        dump(&first, &want);
        for (size_t w = 0; w < COUNT_OF(ways); w++) {
            result r;
            cb_buf got;
            how.threads = ways[w].threads;
            how.chunk_bytes = ways[w].chunk_bytes;
            read_text(&r, &how, CB_CASES, text, n);
            dump(&r, &got);
            CHECK(same_bytes(&want, &got),
                  "round %d: %u threads, chunks of %zu give something else", round, how.threads,
                  how.chunk_bytes);
            cb_buf_free(&got);
            free_result(&r);
        }
        if (first.file_status == CB_OK) {
            check_accounting(&first, round);
            if (round % 2)
                check_rejects_again(&first, &how, round);
        }
        cb_buf_free(&want);
        free_result(&first);
    }
    free(text);
}

/* ---- memory that runs out ---- */

static void every_allocation_fails_once(void **state)
{
    // clang-format off
    static const char text[] = HEADER "a,1/13/2025,\"x\"\"y\",4,1.5\nb,2/14/2025,,,\nc,13/3/2025,,,\nd,,,,\n,,,,\n"
                                      "e,3/15/2025,2/1/2025,,\na,4/16/2025,,,\n";
    // clang-format on
    (void)state;
    for (int for_ever = 0; for_ever < 2; for_ever++) {
        size_t n = 1;
        for (;; n++) {
            test_alloc heap = {.fail_at = n, .for_ever = for_ever};
            cb_alloc alloc = test_alloc_of(&heap);
            reading how = {.config = "[report]\nmax_rejects = 100\n", .alloc = &alloc};
            result r;
            read_text(&r, &how, CB_CASES, text, sizeof text - 1);
            cb_status rc = r.file_status != CB_OK ? r.file_status : r.done_status;
            CHECK(rc == CB_OK || rc == CB_ENOMEM, "allocation %zu: status %d: %s", n, (int)rc,
                  r.err.why);
            CHECK(rc == CB_OK || r.err.why[0], "allocation %zu: no sentence", n);
            if (rc == CB_OK && !heap.failures)
                check_accounting(&r, (int)n);
            free_result(&r);
            CHECK(heap.live_bytes == 0 && heap.live_blocks == 0,
                  "allocation %zu: %lld bytes in %lld blocks left", n, (long long)heap.live_bytes,
                  (long long)heap.live_blocks);
            if (!heap.failures)
                break;
        }
        assert_true(n > 50);
    }
}

static void stopped_by_a_signal(void **state)
{
    static const char text[] = HEADER "a,2025-01-13,,,\n";
    volatile sig_atomic_t stop = 15;
    char path[256];
    result r;
    (void)state;
    memset(&r, 0, sizeof r);
    assert_int_equal(prepare(&r, &(reading){.config = NULL}), CB_OK);
    r.ingest->options.workers.stop = &stop;
    write_file(path, "stop.csv", text, sizeof text - 1);
    assert_int_equal(cb_ingest_file(r.ingest, CB_CASES, path, CB_LIT(""), &r.err), CB_ETERM);
    free_result(&r);
    assert_int_equal(unlink(path), 0);
}

/* ---- real files ---- */

static uint32_t cases_in(const cb_table *t, cb_case_state wanted)
{
    uint32_t n = 0;
    for (uint32_t row = 0; row < t->n; row++)
        n += cb_case_state_of(t, row) == wanted;
    return n;
}

static void real_event_log(void **state)
{
    char path[512];
    (void)state;
    if (!test_shared(path, "cases/uci-incident-event-log.csv.gz"))
        skip();
    cb_buf first = {0};
    for (unsigned threads = 1; threads <= 2; threads++) {
        result r;
        cb_buf bytes;
        reading how = {.threads = threads, .chunk_bytes = threads == 1 ? 0 : 70000};
        read_inputs(&r, &how, &(input){CB_CASES, path, "servicenow-audit"}, 1);
        expect_done(&r, "UCI");
        const cb_input_facts *f = facts_of(&r);
        assert_int_equal(f->rows, 141712);
        assert_int_equal(f->accepted, 24918);
        assert_int_equal(f->superseded, 141712 - 24918);
        assert_int_equal(f->rejected + f->blank, 0);
        assert_int_equal(cb_ingest_book(r.ingest)->as_of_utc_s, 1487430000); /* 2017-02-18 15:00 */
        uint32_t resolved = cases_in(table_of(&r, CB_CASES), CB_STATE_RESOLVED);
        assert_int_equal(resolved, 23362);
        assert_int_equal(table_of(&r, CB_CASES)->n - resolved, 1556);
        assert_string_equal(column_of(&r, CB_CASE_OPENED)->format, "D/M/YYYY H:MM");
        dump(&r, &bytes);
        if (threads == 1)
            first = bytes;
        else {
            CHECK(same_bytes(&first, &bytes), "two threads give something else");
            cb_buf_free(&bytes);
        }
        free_result(&r);
    }
    cb_buf_free(&first);
}

/* The same claims in two notations must become the same cases. */
static void real_claims_in_two_notations(void **state)
{
    char us_path[512];
    char iso_path[512];
    result us;
    result iso;
    reading how = {.threads = 2, .chunk_bytes = 50000};
    (void)state;
    if (!test_shared(us_path, "cases/tsa-claims-2014-us-notation.csv") ||
        !test_shared(iso_path, "cases/tsa-claims-2014-iso-notation.csv"))
        skip();
    read_inputs(&us, &how, &(input){CB_CASES, us_path, NULL}, 1);
    read_inputs(&iso, &how, &(input){CB_CASES, iso_path, NULL}, 1);
    expect_done(&us, "US notation");
    expect_done(&iso, "ISO notation");
    assert_int_equal(facts_of(&us)->blank, 560);
    assert_int_equal(facts_of(&us)->accepted, 8855);
    assert_int_equal(facts_of(&iso)->accepted, 8855);
    const cb_table *a = table_of(&us, CB_CASES);
    const cb_table *b = table_of(&iso, CB_CASES);
    for (uint32_t row = 0; row < a->n; row++) {
        CHECK(cb_time(a, CB_CASE_OPENED, row) == cb_time(b, CB_CASE_OPENED, row), "row %u: opened",
              row);
        CHECK(cb_amount(a, CB_CASE_REMEDY, row) == cb_amount(b, CB_CASE_REMEDY, row),
              "row %u: amount", row);
    }
    free_result(&us);
    free_result(&iso);
}

static void real_files(void **state)
{
    static const struct {
        cb_role role;
        const char *name, *format;
        uint64_t accepted, rejected;
    } t[] = {
        {CB_CASES, "cases/cfpb-2015-slice-28k.csv", "M/D/YYYY", 28156, 0},
        {CB_CASES, "cases/cfpb-2016-mdy.csv", "M/D/YYYY", 349, 0},
        {CB_CASES, "cases/nyc311-2018-portal-1000.csv", "M/D/YYYY h:mm:ss AM", 990, 10},
        {CB_CASES, "cases/servicenow-list.csv", "M/D/YYYY H:MM", 97, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        char path[512];
        result r;
        reading how = {.threads = 2, .chunk_bytes = 1000};
        if (!test_shared(path, t[i].name))
            skip();
        read_inputs(&r, &how, &(input){t[i].role, path, NULL}, 1);
        expect_done(&r, t[i].name);
        CHECK(facts_of(&r)->accepted == t[i].accepted && facts_of(&r)->rejected == t[i].rejected,
              "%s: %llu accepted, %llu rejected", t[i].name,
              (unsigned long long)facts_of(&r)->accepted,
              (unsigned long long)facts_of(&r)->rejected);
        CHECK(!strcmp(column_of(&r, CB_CASE_OPENED)->format, t[i].format), "%s: %s", t[i].name,
              column_of(&r, CB_CASE_OPENED)->format);
        check_accounting(&r, (int)i);
        free_result(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(several_files),
        cmocka_unit_test(map_of_a_file),
        cmocka_unit_test(same_whatever_the_chunks),
        cmocka_unit_test(every_allocation_fails_once),
        cmocka_unit_test(stopped_by_a_signal),
        cmocka_unit_test(real_event_log),
        cmocka_unit_test(real_claims_in_two_notations),
        cmocka_unit_test(real_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
