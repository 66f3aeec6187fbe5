/* The pipeline as a whole: small inputs with their readings and rejects, the same bytes whatever the chunks and threads,
 * accounting on random dirt, and the real files with what is known of them. */
#include "ingest_reading.h"

static void expect_done(const result *r, const char *name)
{
    CHECK(r->file_status == CB_OK && r->done_status == CB_OK, "%s: %s", name, r->err.why);
}

/* ---- everything that a reading gives, as bytes ---- */

static void put(cb_buf *out, const void *bytes, size_t n)
{
    assert_int_equal(cb_buf_append(out, bytes, n), CB_OK);
}

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
    const uint64_t counts[] = {f->rows, f->accepted, f->superseded, f->rejected, f->blank, f->formula_cells,
                               f->contradictions, f->future_cells, f->rejects.rows, f->rejects.not_kept};
    put(out, counts, sizeof counts);
    put(out, f->rejects.header.at, f->rejects.header.len);
    put(out, f->rejects.records.at, f->rejects.records.len);
    put(out, f->rejects.errors.at, f->rejects.errors.len);
    put(out, f->rejects.by_code, sizeof f->rejects.by_code);
    for (unsigned c = 0; c < f->columns; c++) {
        const cb_column_facts *k = &f->column[c];
        const uint64_t cells[] = {(uint64_t)(int64_t)k->field, k->filled, k->empty, k->unreadable, k->type_errors,
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

static bool same_bytes(const cb_buf *a, const cb_buf *b)
{
    return a->len == b->len && !memcmp(a->at, b->at, a->len);
}

/* ---- rows that are rejected, and why ---- */

#define HEADER "case_id,opened_at,resolved_at,satisfaction,loss_amount\n"

static void rejects(void **state)
{
    static const struct {
        const char *name, *rows; /* behind two good rows */
        const char *error;       /* "line\tfield\tcode", NULL: none */
        const char *record;
        uint64_t blank, accepted;
    } t[] = {
        {"good", "c,2025-01-03,,,\n", NULL, "", 0, 3},
        {"good without a line end", "c,2025-01-03,,,", NULL, "", 0, 3},
        {"good with CR LF", "c,2025-01-03,,,\r\n", NULL, "", 0, 3},
        {"good, quoted", "\"c\",\"2025-01-03\",\"\",\"4\",\"1,5\"\n", NULL, "", 0, 3},
        {"spaces around", " c , 2025-01-03 ,\t, 4 ,  \n", NULL, "", 0, 3},
        {"one cell more", "c,2025-01-03,,,,x\n", "4\t\textra-cell", "c,2025-01-03,,,,x\n", 0, 2},
        {"an empty cell more", "c,2025-01-03,,,,\n", "4\t\textra-cell", "c,2025-01-03,,,,\n", 0, 2},
        {"one cell less", "c,2025-01-03,,\n", "4\tloss_amount\tmissing-cell", "c,2025-01-03,,\n", 0, 2},
        {"empty line", "\n", NULL, "", 1, 2},
        {"line of marks", " , ,\t,,\n", NULL, "", 1, 2},
        {"line of too many marks", ",,,,,,,,\n", NULL, "", 1, 2},
        {"line of quoted nothing", "\"\",\" \",,,\n", NULL, "", 1, 2},
        {"quoted commas are something", "\",,\",,,,\n", "4\topened_at\tmissing-value", "\",,\",,,,\n", 0, 2},
        {"no id", ",2025-01-03,,,\n", "4\tcase_id\tmissing-value", ",2025-01-03,,,\n", 0, 2},
        {"null word as id", "N/A,2025-01-03,,,\n", "4\tcase_id\tmissing-value", "N/A,2025-01-03,,,\n", 0, 2},
        {"no opening", "c,,,,\n", "4\topened_at\tmissing-value", "c,,,,\n", 0, 2},
        {"unreadable opening", "c,soon,,,\n", "4\topened_at\ttype-error", "c,soon,,,\n", 0, 2},
        {"missing id before unreadable opening", "?,soon,,,\n", "4\tcase_id\tmissing-value", "?,soon,,,\n", 0, 2},
        {"solved before it was opened", "c,2025-01-03,2025-01-02,,\n", "4\tresolved_at\trow-constraint",
         "c,2025-01-03,2025-01-02,,\n", 0, 2},
        {"solved as it was opened", "c,2025-01-03,2025-01-03,,\n", NULL, "", 0, 3},
        {"stray quote", "c,2025-01-03,,,1\"5\n", "4\t\tquote-error", "c,2025-01-03,,,1\"5\n", 0, 2},
        {"quote never closed", "c,2025-01-03,,,\"15\n", "4\t\tquote-error", "c,2025-01-03,,,\"15\n", 0, 2},
        {"text behind a quote", "c,2025-01-03,,,\"1\"5\n", "4\t\tquote-error", "c,2025-01-03,,,\"1\"5\n", 0, 2},
        {"quoted line end", "\"c\nd\",2025-01-03,,,\n", NULL, "", 0, 3},
        {"quoted line end, then unreadable", "\"c\nd\",soon,,,\n", "4\topened_at\ttype-error", "\"c\nd\",soon,,,\n", 0, 2},
        {"broken UTF-8", "c\xFF,2025-01-03,,,\n", "4\tcase_id\tencoding-error", "c\xFF,2025-01-03,,,\n", 0, 2},
        {"overlong UTF-8", "c\xC0\x80,2025-01-03,,,\n", "4\tcase_id\tencoding-error", "c\xC0\x80,2025-01-03,,,\n", 0, 2},
        {"encoding before quotes", "c,2025-01-03,,,\"\xFF\n", "4\t\tencoding-error", "c,2025-01-03,,,\"\xFF\n", 0, 2},
        {"good UTF-8", "\xC3\xA4\xE2\x82\xAC,2025-01-03,,,\n", NULL, "", 0, 3},
        {"unreadable optional cells", "c,2025-01-03,never,great,lots\n", NULL, "", 0, 3},
        {"two bad rows", "c,soon,,,\nd,2025-01-04,,,\n,,,,7\n",
         "4\topened_at\ttype-error\tthe cell cannot be read as what its column holds\n6\tcase_id\tmissing-value",
         "c,soon,,,\n,,,,7\n", 0, 3},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        char text[512];
        char want[512] = "";
        result r;
        reading how = {.config = "[report]\nmax_rejects = 100\n"};
        int n = snprintf(text, sizeof text, HEADER "a,2025-01-01,,,\nb,2025-01-02,,,\n%s", t[i].rows);
        read_text(&r, &how, CB_CASES, text, (size_t)n);
        expect_done(&r, t[i].name);
        const cb_input_facts *f = facts_of(&r);
        CHECK(f->accepted == t[i].accepted && f->blank == t[i].blank, "%s: %llu accepted, %llu blank", t[i].name,
              (unsigned long long)f->accepted, (unsigned long long)f->blank);
        cb_str records = {f->rejects.records.at, f->rejects.records.len};
        CHECK(cb_str_eq(records, cb_str_of(t[i].record)), "%s: kept \"%.*s\"", t[i].name, (int)records.len, records.at);
        if (t[i].error)
            snprintf(want, sizeof want, "line\tfield\tcode\tmessage\n%s\t", t[i].error);
        CHECK(f->rejects.errors.len >= strlen(want) && !strncmp(f->rejects.errors.at ? f->rejects.errors.at : "", want, strlen(want)),
              "%s: errors \"%.*s\"", t[i].name, (int)f->rejects.errors.len, f->rejects.errors.at);
        CHECK(t[i].error || f->rejects.errors.len == 0, "%s: an error too many", t[i].name);
        if (t[i].error)
            CHECK(f->rejects.header.len == strlen(HEADER) && !memcmp(f->rejects.header.at, HEADER, strlen(HEADER)), "%s: header",
                  t[i].name);
        free_result(&r);
    }
}

static void limits(void **state)
{
    static const struct {
        const char *config;
        cb_status file, done;
        const char *says;
    } t[] = {
        {"[limits]\nrows = 3\n", CB_OK, CB_OK, ""},
        {"[limits]\nrows = 2\n", CB_ELIMIT, CB_EUSAGE, "[limits] rows"},
        {"[limits]\ncolumns = 5\n", CB_OK, CB_OK, ""},
        {"[limits]\ncolumns = 4\n", CB_ELIMIT, CB_EUSAGE, "[limits] columns"},
        {"[limits]\nwords = 3\n", CB_OK, CB_OK, ""},
        {"[limits]\nwords = 2\n", CB_ELIMIT, CB_EUSAGE, "[limits] words"},
        {"[limits]\nfield_bytes = 12\n", CB_OK, CB_OK, ""},
        {"[limits]\nfield_bytes = 11\n", CB_ELIMIT, CB_EUSAGE, "[limits] field_bytes"},
        {"[limits]\nfield_bytes = 12\nrecord_bytes = 54\n", CB_OK, CB_OK, ""},
        {"[limits]\nfield_bytes = 12\nrecord_bytes = 53\n", CB_EDATA, CB_EUSAGE, "header is longer"},
        {"[cases]\nopened_at = Created\n", CB_ECONFIG, CB_EUSAGE, "Created"},
        {"[cases]\nopened_at.format = %d\n", CB_ECONFIG, CB_EUSAGE, "format"},
        {"[cases]\nopened_at.zone = Mars/Base\n", CB_ECONFIG, CB_EUSAGE, "Mars/Base"},
    };
    static const char text[] = HEADER "a,2025-01-01,,,\nb,2025-01-02,,,\nc,2025-01-03,,,\n";
    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        result r;
        reading how = {.config = t[i].config};
        read_text(&r, &how, CB_CASES, text, sizeof text - 1);
        CHECK(r.file_status == t[i].file && r.done_status == t[i].done, "%s: %d and %d: %s", t[i].config, (int)r.file_status,
              (int)r.done_status, r.err.why);
        CHECK(strstr(r.err.why, t[i].says), "%s: says \"%s\"", t[i].config, r.err.why);
        free_result(&r);
    }
}

static void thresholds(void **state)
{
    static const struct {
        const char *config, *rows;
        cb_status done;
        const char *says;
    } t[] = {
        {"[report]\nmax_rejects = 50\n", "a,2025-01-01,,,\nb,soon,,,\n", CB_OK, ""},
        {"[report]\nmax_rejects = 49.9\n", "a,2025-01-01,,,\nb,soon,,,\n", CB_EDATA, "1 of 2 rows rejected (50.0 %"},
        {"[report]\nmax_rejects = 100\n", "b,soon,,,\n", CB_EDATA, "no usable row"},
        {"", "", CB_EDATA, "no usable row: there is nothing behind the header"},
        {"", "\n\n", CB_EDATA, "no usable row"},
        {"", "a,2025-01-01,,,\n\n\n\n\n\n", CB_OK, ""}, /* blank rows are not rejected ones */
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        char text[256];
        result r;
        reading how = {.config = t[i].config};
        int n = snprintf(text, sizeof text, HEADER "%s", t[i].rows);
        read_text(&r, &how, CB_CASES, text, (size_t)n);
        CHECK(r.file_status == CB_OK && r.done_status == t[i].done, "%zu: %s", i, r.err.why);
        CHECK(strstr(r.err.why, t[i].says), "%zu: says \"%s\"", i, r.err.why);
        CHECK(!strstr(r.err.why, "soon"), "%zu: a cell in a message", i);
        free_result(&r);
    }
}

/* ---- one reading for a column ---- */

static void date_columns(void **state)
{
    static const struct {
        const char *name, *config, *rows;
        cb_status file;
        const char *says[4];     /* of the message */
        const char *format;      /* of opened_at */
        int64_t opened;          /* of the first row */
    } t[] = {
        {"day first by one cell", "", "a,03/04/2025,13/04/2025\nb,25/12/2025,\n", CB_OK, {NULL}, "D/M/YYYY", 1743638400},
        {"month first by one cell", "", "a,03/04/2025,\nb,12/25/2025,\n", CB_OK, {NULL}, "M/D/YYYY", 1741046400},
        {"ambiguous", "", "a,03/04/2025,\nb,12/11/2025,\n", CB_EDATA,
         {"opened_at.format = %d/%m/%Y", "opened_at.format = %m/%d/%Y", "[cases]", "3 April"}, NULL, 0},
        {"ambiguous with a clock", "", "a,3.4.2025 10:15,\nb,12.11.2025 10:15,\n", CB_EDATA,
         {"opened_at.format = %d.%m.%Y %H:%M", "03.04.2025 09:30", "%m.%d.%Y %H:%M", "\"opened_at\""}, NULL, 0},
        {"ambiguous, declared", "[cases]\nopened_at.format = %m/%d/%Y\n", "a,03/04/2025,\nb,12/11/2025,\n", CB_OK, {NULL},
         "%m/%d/%Y (declared)", 1741046400},
        {"proved by another column", "", "a,03/04/2025,25/04/2025\nb,12/11/2025,\n", CB_OK, {NULL},
         "D/M/YYYY (as the file's other dates)", 1743638400},
        {"another column, but written in another way", "", "a,03/04/2025,25.12.2025\nb,12/11/2025,\n", CB_EDATA, {"two readings"},
         NULL, 0},
        {"an optional column is ambiguous", "", "a,2025-01-01,03/04/2025\n", CB_EDATA, {"resolved_at.format", "\"resolved_at\""}, NULL, 0},
        {"a declared column serves one written alike", "[cases]\nresolved_at.format = %m/%d/%Y\n", "a,03/04/2025,12/11/2025\n",
         CB_OK, {NULL}, "M/D/YYYY (as the file's other dates)", 1741046400},
        {"a declared column of another layout", "[cases]\nresolved_at.format = %m-%d-%Y\n", "a,03/04/2025,12-11-2025\n", CB_EDATA,
         {"two readings"}, NULL, 0},
        {"all readings agree", "", "a,04/04/2025,\nb,12/12/2025,\n", CB_OK, {NULL}, "D/M/YYYY", 1743724800},
        {"both orders are proved", "", "a,13/04/2025,\nb,04/13/2025,\n", CB_EDATA, {"1 of its dates", "only month before day"}, NULL, 0},
        {"a declared format that fits nothing", "[report]\nmax_rejects = 100\n[cases]\nopened_at.format = %Y%m%d\n",
         "a,03/04/2025,\nb,20250101,\n", CB_OK, {NULL}, "%Y%m%d (declared)", 1735689600},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        char text[256];
        result r;
        reading how = {.config = t[i].config};
        int n = snprintf(text, sizeof text, "case_id,opened_at,resolved_at\n%s", t[i].rows);
        read_text(&r, &how, CB_CASES, text, (size_t)n);
        CHECK(r.file_status == t[i].file, "%s: %d %s", t[i].name, (int)r.file_status, r.err.why);
        for (unsigned k = 0; k < 4 && t[i].says[k]; k++)
            CHECK(strstr(r.err.why, t[i].says[k]), "%s: does not say \"%s\": %s", t[i].name, t[i].says[k], r.err.why);
        CHECK(!strstr(r.err.why, "12/11") && !strstr(r.err.why, "12.11"), "%s: a cell in a message", t[i].name);
        if (t[i].format) {
            expect_done(&r, t[i].name);
            CHECK(!strcmp(column_of(&r, CB_CASE_OPENED)->format, t[i].format), "%s: format %s", t[i].name,
                  column_of(&r, CB_CASE_OPENED)->format);
            int64_t got = cb_time(table_of(&r, CB_CASES), CB_CASE_OPENED, 0);
            CHECK(got == t[i].opened, "%s: opened %lld", t[i].name, (long long)got);
        }
        free_result(&r);
    }
}

/* A cell that the chosen order cannot read rejects its row, though that is known only at the end. */
static void rows_that_fail_at_the_end(void **state)
{
    char text[4096] = "case_id,opened_at,resolved_at\n";
    size_t n = strlen(text);
    result r;
    reading how = {.chunk_bytes = 64, .threads = 3};
    (void)state;
    for (int i = 0; i < 60; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "c%d,%d/%d/2025,%d/%d/2025\n", i, i % 28 + 1, i % 12 + 1, i % 28 + 1, i % 12 + 1);
    n += (size_t)snprintf(text + n, sizeof text - n, "late,2/13/2025,\nback,5/3/2025,4/3/2025\nblank,6/3/2025,3/30/2025\n");
    read_text(&r, &how, CB_CASES, text, n);
    expect_done(&r, "late rejects");
    const cb_input_facts *f = facts_of(&r);
    assert_int_equal(f->rejected, 2);
    assert_int_equal(f->accepted, 61);
    cb_str records = {f->rejects.records.at, f->rejects.records.len};
    CHECK(cb_str_eq(records, CB_LIT("late,2/13/2025,\nback,5/3/2025,4/3/2025\n")), "%.*s", (int)records.len, records.at);
    assert_non_null(strstr(f->rejects.errors.at, "62\topened_at\ttype-error"));
    assert_non_null(strstr(f->rejects.errors.at, "63\tresolved_at\trow-constraint"));
    assert_int_equal(column_of(&r, CB_CASE_RESOLVED)->type_errors, 1);
    assert_int_equal(column_of(&r, CB_CASE_RESOLVED)->filled, 60);
    assert_int_equal(column_of(&r, CB_CASE_OPENED)->filled, 61);
    free_result(&r);
}

/* Thousands of rows prove the order long before the end; what fails under it is kept before and after that. */
static void typing_errors_among_thousands(void **state)
{
    static const int bad[] = {3, 700, 2500, 3999};
    enum { ROWS = 4000 };
    cb_buf text;
    cb_buf want;
    (void)state;
    cb_buf_init(&text, NULL, SIZE_MAX);
    cb_buf_init(&want, NULL, SIZE_MAX);
    assert_int_equal(cb_buf_text(&text, "case_id,opened_at,resolved_at\n"), CB_OK);
    for (int i = 0; i < ROWS; i++) {
        size_t at = text.len;
        bool typo = false;
        for (size_t k = 0; k < COUNT_OF(bad); k++)
            typo |= bad[k] == i;
        bool back = i % 997 == 5;
        int day = back && i % 2 ? 2 : i % 28 + 1;
        if (typo)
            assert_int_equal(cb_buf_text(&text, "c%d,2/13/2025,\n", i), CB_OK);
        else
            assert_int_equal(cb_buf_text(&text, "c%d,%d/2/2025,%d/%d/2025\n", i, day, back ? 1 : 28, back ? 2 - (day == 1) : 12),
                             CB_OK);
        if (typo || back)
            put(&want, text.at + at, text.len - at);
    }
    for (unsigned way = 0; way < 3; way++) {
        static const size_t chunk[] = {256, 5000, 1 << 20};
        result r;
        reading how = {.threads = way + 1, .chunk_bytes = chunk[way]};
        read_text(&r, &how, CB_CASES, text.at, text.len);
        expect_done(&r, "typing errors");
        const cb_reject_log *log = &facts_of(&r)->rejects;
        CHECK(same_bytes(&log->records, &want), "way %u: kept \"%.*s\", want \"%.*s\"", way, (int)log->records.len,
              log->records.at, (int)want.len, want.at);
        assert_int_equal(log->by_code[CB_REJECT_TYPE_ERROR], COUNT_OF(bad));
        assert_int_equal(facts_of(&r)->accepted + log->rows, ROWS);
        free_result(&r);
    }
    cb_buf_free(&text);
    cb_buf_free(&want);
}

static void zones_of_columns(void **state)
{
    static const char text[] = "case_id,opened_at,resolved_at\na,2025-07-01 12:00:00,2025-07-01 12:00:00\n"
                               "b,2025-07-01T12:00:00Z,2025-01-01\nc,2025-07-01,2025-07-01 04:00\n";
    result r;
    reading how = {.config = "[report]\ntimezone = America/New_York\nmax_rejects = 100\n[cases]\nresolved_at.zone = UTC\n"};
    (void)state;
    read_text(&r, &how, CB_CASES, text, sizeof text - 1);
    if (r.file_status == CB_EUNAVAILABLE)
        skip();
    /* 12:00 in New York is 16:00Z, so the first was solved four hours before it was opened */
    expect_done(&r, "zones");
    assert_int_equal(facts_of(&r)->rejected, 2);
    free_result(&r);
    how.config = "[report]\ntimezone = UTC\nmax_rejects = 100\n[cases]\nresolved_at.zone = America/New_York\n";
    read_text(&r, &how, CB_CASES, text, sizeof text - 1);
    /* c was opened first */
    assert_int_equal(facts_of(&r)->accepted, 2);
    assert_int_equal(cb_time(table_of(&r, CB_CASES), CB_CASE_RESOLVED, 0) - cb_time(table_of(&r, CB_CASES), CB_CASE_OPENED, 0),
                     8 * CB_HOUR_S);
    assert_int_equal(cb_time(table_of(&r, CB_CASES), CB_CASE_RESOLVED, 1) - cb_time(table_of(&r, CB_CASES), CB_CASE_OPENED, 1),
                     4 * CB_HOUR_S);
    free_result(&r);
}

/* ---- cells ---- */

/* The bit of a phrase of the configuration. */
static uint32_t phrase_bit(const result *r, const char *words)
{
    const cb_pairs *p = &r->settings->phrases;
    for (unsigned i = 0; i < p->n; i++)
        if (cb_str_eq_nocase(p->pair[i].meaning, cb_str_of(words)))
            return UINT32_C(1) << i;
    fail_msg("no phrase \"%s\"", words);
    return 0;
}

static void every_type(void **state)
{
    static const char text[] =
        "case_id,opened_at,kind,priority,status,transfers,escalated,loss_amount,satisfaction,text,currency,customer_id,unit\n"
        "1,2025-01-01,  Two words ,=HYPERLINK(x),Solved,3,ja,\"$1,234.50\",4,we cannot: POLICY,,K1,U1\n"
        "2,2025-01-02,n/a,-,no such status,-1,perhaps,-5,9,,,K1,\n"
        "3,2025-01-03,\"a \"\"b\"\" c\",@x,open,70000,0,(5.00),3.5,fine,,?,\"U\"\"1\"\n";
    cb_str kind;
    result r;
    reading how = {.config = "[phrases]\nours = policy, \"we cannot\"\n[kinds]\ntwo words = injury\n"};
    (void)state;
    read_text(&r, &how, CB_CASES, text, sizeof text - 1);
    expect_done(&r, "every type");
    const cb_table *t = table_of(&r, CB_CASES);
    const cb_book *book = cb_ingest_book(r.ingest);
    assert_int_equal(t->n, 3);
    kind = cb_intern_text(book->pool[CB_POOL_KIND], cb_word(t, CB_CASE_KIND, 0));
    CHECK(cb_str_eq(kind, CB_LIT("injury")), "kind %.*s", (int)kind.len, kind.at);
    assert_int_equal(cb_word(t, CB_CASE_KIND, 1), CB_UNKNOWN_ID);
    kind = cb_intern_text(book->pool[CB_POOL_KIND], cb_word(t, CB_CASE_KIND, 2));
    CHECK(cb_str_eq(kind, CB_LIT("a \"b\" c")), "kind %.*s", (int)kind.len, kind.at);
    assert_int_equal(cb_status_of(t, 0), CB_STATUS_RESOLVED);
    assert_int_equal(cb_status_of(t, 1), CB_STATUS_UNKNOWN);
    assert_int_equal(cb_count(t, CB_CASE_TRANSFERS, 0), 3);
    assert_int_equal(cb_count(t, CB_CASE_TRANSFERS, 1), CB_NO_COUNT);
    assert_int_equal(cb_count(t, CB_CASE_TRANSFERS, 2), 65534);
    assert_int_equal(cb_flag(t, CB_CASE_ESCALATED, 0), 1);
    assert_int_equal(cb_flag(t, CB_CASE_ESCALATED, 1), CB_NO_FLAG);
    assert_int_equal(cb_flag(t, CB_CASE_ESCALATED, 2), 0);
    assert_int_equal(cb_amount(t, CB_CASE_LOSS, 0), 123450);
    assert_int_equal(cb_amount(t, CB_CASE_LOSS, 1), CB_NO_AMOUNT);
    assert_int_equal(cb_amount(t, CB_CASE_LOSS, 2), CB_NO_AMOUNT);
    assert_int_equal(cb_score(t, CB_CASE_SATISFACTION, 0), 400);
    assert_int_equal(cb_score(t, CB_CASE_SATISFACTION, 1), CB_NO_SCORE);
    assert_int_equal(cb_score(t, CB_CASE_SATISFACTION, 2), 350);
    uint32_t both = phrase_bit(&r, "we cannot") | phrase_bit(&r, "POLICY");
    assert_int_equal(cb_text_bits(t, CB_CASE_TEXT, 0) & (both | CB_TEXT_SEEN), both | CB_TEXT_SEEN);
    assert_int_equal(cb_text_bits(t, CB_CASE_TEXT, 1), 0);
    assert_int_equal(cb_text_bits(t, CB_CASE_TEXT, 2), CB_TEXT_SEEN);
    assert_int_equal(cb_word(t, CB_CASE_CUSTOMER, 0), cb_word(t, CB_CASE_CUSTOMER, 1));
    assert_int_equal(cb_word(t, CB_CASE_CUSTOMER, 2), CB_UNKNOWN_ID);
    assert_int_not_equal(cb_word(t, CB_CASE_UNIT, 2), cb_word(t, CB_CASE_UNIT, 0));
    assert_int_equal(facts_of(&r)->formula_cells, 2);
    const cb_column_facts *loss = column_of(&r, CB_CASE_LOSS);
    assert_int_equal(loss->constraint_errors, 2);
    assert_int_equal(loss->filled, 1);
    assert_int_equal(column_of(&r, CB_CASE_STATUS)->type_errors, 1);
    assert_int_equal(column_of(&r, CB_CASE_TRANSFERS)->constraint_errors, 1);
    assert_int_equal(column_of(&r, CB_CASE_ESCALATED)->type_errors, 1);
    assert_int_equal(column_of(&r, CB_CASE_SATISFACTION)->constraint_errors, 1);
    assert_int_equal(column_of(&r, CB_CASE_KIND)->empty, 1);
    free_result(&r);
}

static void declared_words(void **state)
{
    static const char text[] = "case_id,opened_at,escalated,agreed,team\n1,2025-01-01,offen,yes,keine\n2,2025-01-02,zu,no,N/A\n"
                               "3,2025-01-03,yes,N/A,-\n";
    result r;
    reading how = {.config = "[cases]\nescalated.true = offen\nescalated.false = zu\nteam.null = keine, -\n"};
    (void)state;
    read_text(&r, &how, CB_CASES, text, sizeof text - 1);
    expect_done(&r, "declared words");
    const cb_table *t = table_of(&r, CB_CASES);
    assert_int_equal(cb_flag(t, CB_CASE_ESCALATED, 0), 1);
    assert_int_equal(cb_flag(t, CB_CASE_ESCALATED, 1), 0);
    assert_int_equal(cb_flag(t, CB_CASE_ESCALATED, 2), CB_NO_FLAG); /* a declared list replaces the built-in one */
    assert_int_equal(cb_flag(t, CB_CASE_AGREED, 2), CB_NO_FLAG);
    assert_int_equal(cb_word(t, CB_CASE_TEAM, 0), CB_UNKNOWN_ID);
    assert_int_not_equal(cb_word(t, CB_CASE_TEAM, 1), CB_UNKNOWN_ID); /* N/A is a team here */
    assert_int_equal(cb_word(t, CB_CASE_TEAM, 2), CB_UNKNOWN_ID);
    free_result(&r);
}

static void delimiters_and_marks(void **state)
{
    static const struct {
        const char *name, *text;
        char delimiter;
        int64_t loss;
        const char *format;
    } t[] = {
        {"comma", "case_id,opened_at,loss_amount\n1,2025-01-01,12.50\n", ',', 1250, "decimal point"},
        {"semicolon, decimal comma", "case_id;opened_at;loss_amount\n1;2025-01-01;1.212,50\n", ';', 121250, "decimal comma"},
        {"tab", "case_id\topened_at\tloss_amount\n1\t2025-01-01\t12,5\n", '\t', 1250, "decimal comma"},
        {"bar", "\xEF\xBB\xBF\"case_id\"|opened_at|loss_amount\n1|2025-01-01|1,234\n", '|', 123400,
         "decimal point (assumed: no cell shows it)"},
        {"blank lines in front", "\n  \ncase_id,opened_at,loss_amount\n1,2025-01-01,12.50\n", ',', 1250, "decimal point"},
        {"CR only", "case_id,opened_at,loss_amount\r1,2025-01-01,12.50\r", ',', 1250, "decimal point"},
        {"majority of commas", "case_id;opened_at;loss_amount\n1;2025-01-01;0,5\n2;2025-01-01;0,5\n3;2025-01-01;0.5\n", ';', 50,
         "decimal comma"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        result r;
        reading how = {.config = NULL};
        read_text(&r, &how, CB_CASES, t[i].text, strlen(t[i].text));
        expect_done(&r, t[i].name);
        CHECK(facts_of(&r)->delimiter == t[i].delimiter, "%s: delimiter %d", t[i].name, facts_of(&r)->delimiter);
        int64_t loss = cb_amount(table_of(&r, CB_CASES), CB_CASE_LOSS, 0);
        CHECK(loss == t[i].loss, "%s: loss %lld", t[i].name, (long long)loss);
        CHECK(!strcmp(column_of(&r, CB_CASE_LOSS)->format, t[i].format), "%s: %s", t[i].name, column_of(&r, CB_CASE_LOSS)->format);
        free_result(&r);
    }
}

/* ---- ids, states and time ---- */

static void line_as_id(void **state)
{
    static const char text[] = "posted_at,rating\n2025-01-01,5\n\n\"2025-01-02\",4\n";
    result r;
    reading how = {.config = "[reviews]\nreview_id = (line)\n"};
    (void)state;
    read_text(&r, &how, CB_REVIEWS, text, sizeof text - 1);
    expect_done(&r, "(line)");
    const cb_book *book = cb_ingest_book(r.ingest);
    assert_int_equal(book->table[CB_REVIEWS].n, 2);
    cb_str id = cb_intern_text(book->pool[CB_POOL_REVIEW], cb_word(&book->table[CB_REVIEWS], CB_REVIEW_ID, 1));
    CHECK(id.len > 2 && !memcmp(id.at + id.len - 2, ":4", 2), "id %.*s", (int)id.len, id.at);
    free_result(&r);
}

static void event_log_as_of(void **state)
{
    static const char text[] = "case_id,opened_at,updated_at,resolved_at,status\n"
                               "a,2025-01-01,2025-01-01,,New\na,2025-01-01,2025-01-05,2025-01-05,Resolved\n"
                               "b,2025-01-02,2025-01-09,2025-01-09,Closed\nc,2025-01-08,2025-01-08,,New\n"
                               "d,2025-01-02,2025-01-02,2025-01-02,New\n";
    result r;
    reading how = {.config = NULL};
    (void)state;
    read_text(&r, &how, CB_CASES, text, sizeof text - 1);
    expect_done(&r, "latest");
    assert_int_equal(table_of(&r, CB_CASES)->n, 4);
    assert_int_equal(facts_of(&r)->superseded, 1);
    assert_int_equal(facts_of(&r)->contradictions, 1);
    assert_int_equal(cb_case_state_of(table_of(&r, CB_CASES), 0), CB_STATE_RESOLVED);
    free_result(&r);
    how.as_of_utc_s = 1735948800; /* 2025-01-04 */
    read_text(&r, &how, CB_CASES, text, sizeof text - 1);
    expect_done(&r, "as of");
    const cb_table *t = table_of(&r, CB_CASES);
    assert_int_equal(t->n, 3); /* c is not there yet */
    assert_int_equal(cb_case_state_of(t, 0), CB_STATE_OPEN);
    assert_int_equal(cb_case_state_of(t, 1), CB_STATE_OPEN); /* closed only later */
    assert_int_equal(cb_case_state_of(t, 2), CB_STATE_RESOLVED);
    assert_int_equal(facts_of(&r)->future_cells, 2);
    assert_int_equal(facts_of(&r)->accepted, 4);
    free_result(&r);
}

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
    const input inputs[] = {{CB_CUSTOMERS, path[2], NULL}, {CB_CASES, path[0], NULL}, {CB_CASES, path[1], NULL}};
    read_inputs(&r, &how, inputs, 3);
    expect_done(&r, "several files");
    const cb_table *t = table_of(&r, CB_CASES);
    assert_int_equal(t->n, 3);
    assert_int_equal(cb_word(t, CB_CASE_TEAM, 1), CB_UNKNOWN_ID); /* the later state of b knows no team */
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
    CHECK(cb_ingest_map(r.settings, path, CB_ROLES, CB_LIT(""), &print, &r.err) == CB_OK, "%s", r.err.why);
    assert_true(print.len > 0);
    put(&print, "", 1);
    assert_non_null(strstr(print.at, "[cases]"));
    assert_non_null(strstr(print.at, "Opened At"));
    assert_int_equal(cb_ingest_map(r.settings, "no such file", CB_CASES, CB_LIT(""), &print, &r.err), CB_ENOINPUT);
    cb_buf_free(&print);
    free_result(&r);
    assert_int_equal(unlink(path), 0);
}

/* ---- dirt at random ---- */

static size_t random_cell(char *out, uint64_t *seed, int column)
{
    static const char *const odd[] = {"", "", " ", "-", "n/a", "x", "\"\"", "\"a,b\"", "\"a\nb\"", "\"a\"\"b\"", "a\"b", "\"", "\"a\"b",
                                      "\xFF", "\xC3\xA4", "=1+1", "-1", "1e9", "1.5", "1,5", "65535", "2025-13-01", "31/12/2024"};
    switch (column < 5 && test_between(seed, 0, 12) ? column : 5) {
    case 0: return (size_t)snprintf(out, 32, "c%d", (int)test_between(seed, 0, 60));
    case 1:
    case 2: return (size_t)snprintf(out, 32, "%d/%d/2024", (int)test_between(seed, 1, 29), (int)test_between(seed, 1, 13));
    case 3: return (size_t)snprintf(out, 32, "%d", (int)test_between(seed, 0, 7));
    case 4: return (size_t)snprintf(out, 32, "%d.%02d", (int)test_between(seed, 0, 2000), (int)test_between(seed, 0, 100));
    default: break;
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
        CHECK(f->rows == f->accepted + f->superseded + f->rejected + f->blank, "round %d: rows do not add up", round);
        for (unsigned c = 0; c < CB_REJECT_CODES; c++)
            by_code += f->rejects.by_code[c];
        CHECK(by_code == f->rejected && f->rejects.rows == f->rejected, "round %d: codes do not add up", round);
        for (unsigned c = 0; c < f->columns; c++) {
            const cb_column_facts *k = &f->column[c];
            CHECK(k->field < 0 || k->filled + k->empty + k->unreadable == f->accepted + f->superseded,
                  "round %d: cells of column %u do not add up", round, c);
            CHECK(k->unreadable == k->type_errors + k->constraint_errors, "round %d: errors of column %u", round, c);
        }
    }
}

/* Rejected rows, read again behind their header, are all rejected again; nothing of them was lost or changed. */
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
    CHECK(facts_of(&again)->rejected == log->rows && facts_of(&again)->rows == log->rows, "round %d: %llu rejected rows became %llu",
          round, (unsigned long long)log->rows, (unsigned long long)facts_of(&again)->rejected);
    cb_buf_free(&text);
    free_result(&again);
}

static void same_whatever_the_chunks(void **state)
{
    static const struct {
        unsigned threads;
        size_t chunk_bytes;
    } ways[] = {{1, 64}, {2, 64}, {7, 64}, {2, 100}, {3, 333}, {2, 4096}, {7, 1 << 20}};
    /* a declared format, so that a file without proof is no refusal; without it the choice is part of what is compared */
    static const char *const config[] = {"[report]\nmax_rejects = 100\n",
                                         "[report]\nmax_rejects = 100\n[cases]\nopened_at.format = %d/%m/%Y\n"
                                         "resolved_at.format = %d/%m/%Y\n"};
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
            CHECK(same_bytes(&want, &got), "round %d: %u threads, chunks of %zu give something else", round, how.threads,
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
    static const char text[] = HEADER "a,1/13/2025,\"x\"\"y\",4,1.5\nb,2/14/2025,,,\nc,13/3/2025,,,\nd,,,,\n,,,,\n"
                                      "e,3/15/2025,2/1/2025,,\na,4/16/2025,,,\n";
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
            CHECK(rc == CB_OK || rc == CB_ENOMEM, "allocation %zu: status %d: %s", n, (int)rc, r.err.why);
            CHECK(rc == CB_OK || r.err.why[0], "allocation %zu: no sentence", n);
            if (rc == CB_OK && !heap.failures)
                check_accounting(&r, (int)n);
            free_result(&r);
            CHECK(heap.live_bytes == 0 && heap.live_blocks == 0, "allocation %zu: %lld bytes in %lld blocks left", n,
                  (long long)heap.live_bytes, (long long)heap.live_blocks);
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

static bool shared_file(char path[512], const char *name)
{
    const char *root = getenv("CB_SHARED");
    snprintf(path, 512, "%s/data/%s", root && *root ? root : "../shared", name);
    if (access(path, R_OK) == 0)
        return true;
    print_message("[  NOTICE  ] %s is not here: skipped\n", path);
    return false;
}

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
    if (!shared_file(path, "cases/uci-incident-event-log.csv.gz"))
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
    if (!shared_file(us_path, "cases/tsa-claims-2014-us-notation.csv") ||
        !shared_file(iso_path, "cases/tsa-claims-2014-iso-notation.csv"))
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
        CHECK(cb_time(a, CB_CASE_OPENED, row) == cb_time(b, CB_CASE_OPENED, row), "row %u: opened", row);
        CHECK(cb_amount(a, CB_CASE_REMEDY, row) == cb_amount(b, CB_CASE_REMEDY, row), "row %u: amount", row);
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
        if (!shared_file(path, t[i].name))
            skip();
        read_inputs(&r, &how, &(input){t[i].role, path, NULL}, 1);
        expect_done(&r, t[i].name);
        CHECK(facts_of(&r)->accepted == t[i].accepted && facts_of(&r)->rejected == t[i].rejected, "%s: %llu accepted, %llu rejected",
              t[i].name, (unsigned long long)facts_of(&r)->accepted, (unsigned long long)facts_of(&r)->rejected);
        CHECK(!strcmp(column_of(&r, CB_CASE_OPENED)->format, t[i].format), "%s: %s", t[i].name,
              column_of(&r, CB_CASE_OPENED)->format);
        check_accounting(&r, (int)i);
        free_result(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rejects), cmocka_unit_test(limits), cmocka_unit_test(thresholds), cmocka_unit_test(date_columns),
        cmocka_unit_test(rows_that_fail_at_the_end), cmocka_unit_test(typing_errors_among_thousands), cmocka_unit_test(zones_of_columns), cmocka_unit_test(every_type),
        cmocka_unit_test(declared_words), cmocka_unit_test(delimiters_and_marks),
        cmocka_unit_test(line_as_id), cmocka_unit_test(event_log_as_of), cmocka_unit_test(several_files),
        cmocka_unit_test(map_of_a_file), cmocka_unit_test(same_whatever_the_chunks),
        cmocka_unit_test(every_allocation_fails_once), cmocka_unit_test(stopped_by_a_signal), cmocka_unit_test(real_event_log),
        cmocka_unit_test(real_claims_in_two_notations), cmocka_unit_test(real_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
