/* The effective configuration: dialect, sections, every refusal with its line, the list of what counts. */
#include "settings_bench.h"

static void defaults(void **state)
{
    (void)state;
    cb_settings *s = finished("");
    CHECK(cb_str_eq(s->timezone, CB_LIT("UTC")) && s->currency[0] == '\0' && s->title.len == 0, "report");
    CHECK(s->min_group == 10 && test_near(s->max_rejects_percent, 5, 0), "min_group, max_rejects");
    CHECK(s->draws == 20000 && s->seed == 20260101 && test_near(s->quantile_confidence, 0.95, 0), "draws");
    CHECK(test_near(s->assumption[CB_A_ANNUAL_LOSS_RATE].base, 0.15, 0), "loss rate");
    CHECK(test_near(s->assumption[CB_A_WORD_OF_MOUTH].high, 16, 0), "word of mouth");
    CHECK(s->week.day[0].n == 1 && s->week.day[4].shift[0].from_s == 9 * 3600 &&
              s->week.day[4].shift[0].to_s == 17 * 3600,
          "week");
    CHECK(s->week.day[5].n == 0 && s->week.day[6].n == 0 && s->week.holidays == 0, "weekend");
    CHECK(s->phrases.n == 3 && cb_str_eq(s->phrases.pair[1].meaning, CB_LIT("no, i cannot")), "phrases");
    CHECK(s->limits.field_bytes == 1 << 20 && s->limits.record_bytes == 8 << 20 && s->limits.columns == 512,
          "limits 1");
    CHECK(s->limits.file_bytes == UINT64_C(8) << 30 && s->limits.rows == 50000000 && s->limits.words == 20000000,
          "limits 2");
    CHECK(s->limits.expand_ratio == 1000 && !s->repeat_same_cause && s->targets == 0, "limits 3");
    cb_settings_free(s);
}

/* --- refusals: what is said, and where --- */

static const struct {
    const char *name, *ini;
    const char *says[3]; /* parts of the sentence */
} refusals[] = {
    {"unknown section", "[report]\n[reprot]\n", {"t.ini:2:", "did you mean 'report'?"}},
    {"far section", "\n\n[zzzzzzzzzz]\n", {"t.ini:3:", "calendar, targets"}},
    {"unknown key", "[report]\ntimezon = UTC\n", {"t.ini:2: [report] timezon:", "did you mean 'timezone'?"}},
    {"key before a section", "a = 1\n", {"t.ini:1:", "before the first [section]"}},
    {"no equals", "[report]\ntitle\n", {"t.ini:2: [report]:", "neither a [section] nor"}},
    {"no key", "[report]\n = x\n", {"t.ini:2:", "key is missing"}},
    {"broken section", "[report\ntitle = x\n", {"t.ini:1:", "written [name]"}},
    {"junk behind a section", "[report] x\n", {"t.ini:1:", "alone on its line"}},
    {"section of 60 letters",
     "[reportreportreportreportreportreportreportreportreportreport]\n",
     {"t.ini:1:", "is no section"}},
    {"twice", "[report]\ntitle = a\n\n[report]\nTitle = b\n", {"t.ini:5: [report] Title:", "twice, first in line 2"}},
    {"open quote", "[report]\ntitle = \"a\n", {"t.ini:2:", "closing '\"'"}},
    {"text behind a quote", "[report]\ntitle = \"a\" b\n", {"t.ini:2:", "closing '\"'"}},
    {"control byte",
     "[report]\ntitle = a\x01"
     "b\n",
     {"t.ini:2:", "control character"}},
    {"not UTF-8", "[report]\ntitle = M\xFCller\n", {"t.ini:2:", "not UTF-8"}},
    {"zone", "[report]\ntimezone = Europe/Berln\n", {"t.ini:2: [report] timezone:", "Europe/Berln"}},
    {"zone is a path", "[report]\ntimezone = ../../etc/passwd\n", {"t.ini:2:"}},
    {"currency of two letters", "[report]\ncurrency = US\n", {"t.ini:2:", "ISO 4217"}},
    {"currency with a digit", "[report]\ncurrency = U5D\n", {"t.ini:2:", "ISO 4217"}},
    {"group 0", "[report]\nmin_group = 0\n", {"t.ini:2:", "1 to 1000000"}},
    {"group -1", "[report]\nmin_group = -1\n", {"t.ini:2:", "1 to 1000000"}},
    {"group 1.5", "[report]\nmin_group = 1.5\n", {"t.ini:2:", "1 to 1000000"}},
    {"rejects 101", "[report]\nmax_rejects = 100.5\n", {"t.ini:2:", "0 to 100"}},
    {"rejects nan", "[report]\nmax_rejects = nan\n", {"t.ini:2:", "0 to 100"}},
    {"yes or no", "[report]\nrepeat_same_cause = maybe\n", {"t.ini:2:", "yes or no"}},
    {"loss rate", "[assumptions]\nannual_loss_rate = 0.951\n", {"t.ini:2:", "from 0 to 0.95", "share of customers"}},
    {"loss rate in percent", "[assumptions]\nannual_loss_rate = 15\n", {"t.ini:2:", "from 0 to 0.95"}},
    {"decimal comma", "[assumptions]\nannual_loss_rate = 0,15\n", {"t.ini:2:", "decimal point"}},
    {"base above high", "[assumptions]\nreach = 0.3..0.8..0.7\n", {"t.ini:2:", "low <= base <= high"}},
    {"low above base", "[assumptions]\nreach = 0.6..0.5..0.7\n", {"t.ini:2:", "low <= base <= high"}},
    {"two parts", "[assumptions]\nreach = 0.3..0.8\n", {"t.ini:2:", "low..base..high"}},
    {"four parts", "[assumptions]\nreach = 0.3..0.4..0.5..0.6\n", {"t.ini:2:", "low..base..high"}},
    {"infinite", "[assumptions]\nprior_weight = inf\n", {"t.ini:2:", "one number"}},
    {"half a day", "[assumptions]\nrepeat_days = 90.5\n", {"t.ini:2:", "whole number (days)"}},
    {"half a switch", "[assumptions]\nlifetime = 0.5\n", {"t.ini:2:", "whole number"}},
    {"unknown assumption", "[assumptions]\nannual_loss = 0.1\n", {"t.ini:2:", "is no assumption", "annual_loss_rate"}},
    {"day", "[calendar]\nmonn = 09:00-17:00\n", {"t.ini:2:", "did you mean 'mon'?"}},
    {"monday and mon", "[calendar]\nmon = closed\nmonday = closed\n", {"t.ini:3:", "twice"}},
    {"hours", "[calendar]\nmon = 17:00-09:00\n", {"t.ini:2: [calendar] mon:", "09:00-17:00"}},
    {"holiday", "[calendar]\nholidays = 2026-12-25, 2026-02-29\n", {"t.ini:2:", "2026-12-25, parted by commas"}},
    {"holiday as 25.12.", "[calendar]\nholidays = 25.12.2026\n", {"t.ini:2:", "2026-12-25"}},
    {"target unit", "[targets]\nhigh = 8\n", {"t.ini:2: [targets] high:", "8bh"}},
    {"target 0", "[targets]\nhigh = 0h\n", {"t.ini:2:", "30m"}},
    {"target negative", "[targets]\nhigh = -1h\n", {"t.ini:2:", "30m"}},
    {"target too long", "[targets]\nhigh = 3653d\n", {"t.ini:2:", "30m"}},
    {"status", "[status]\nSolved = resolvd\n", {"t.ini:2: [status] Solved:", "did you mean 'resolved'?"}},
    {"status unknown", "[status]\nSolved = unknown\n", {"t.ini:2:", "is no status"}},
    {"status blank", "[status]\nSolved =\n", {"t.ini:2:", "a value is missing"}},
    {"word twice", "[status]\nOn hold = pending\nOn-Hold = open\n", {"t.ini:3:", "first in line 2"}},
    {"kind", "[kinds]\nBurn = injurry\n", {"t.ini:2:", "did you mean 'injury'?"}},
    {"rate of 7 decimals", "[fx]\nIDR = 0.0000612\n", {"t.ini:2: [fx] IDR:", "six decimals"}},
    {"rate 0", "[fx]\nEUR = 0\n", {"t.ini:2:", "above 0"}},
    {"rate -1", "[fx]\nEUR = -1\n", {"t.ini:2:", "above 0"}},
    {"rate above", "[fx]\nEUR = 1000000.1\n", {"t.ini:2:", "up to 1000000"}},
    {"rate of nothing", "[fx]\nEURO = 1.1\n", {"t.ini:2:", "three letters"}},
    {"fix", "[fixes]\n1.3.2026 = pump\n", {"t.ini:2:", "2026-03-01"}},
    {"reach", "[reach]\ninjury = 0\n", {"t.ini:2:", "from 0.01 to 1"}},
    {"empty phrase", "[phrases]\npolicy = a,,b\n", {"t.ini:2:", "item of the list is empty"}},
    {"phrase of marks", "[phrases]\npolicy = \"...\"\n", {"t.ini:2:", "at least one letter"}},
    {"limit 0", "[limits]\ncolumns = 0\n", {"t.ini:2: [limits] columns:", "1 to 16384"}},
    {"limit above", "[limits]\ncolumns = 16385\n", {"t.ini:2:", "1 to 16384"}},
    {"limit overflow", "[limits]\nfile_bytes = 99999999999999 TiB\n", {"t.ini:2:", "1 to 1125899906842624"}},
    {"limit rows", "[limits]\nrows = 50000001\n", {"t.ini:2:", "1 to 50000000"}},
    {"field", "[cases]\nopend_at = Created\n", {"t.ini:2: [cases] opend_at:", "did you mean 'opened_at'?"}},
    {"field of another role", "[customers]\nopened_at = Created\n", {"t.ini:2:", "is no field"}},
    {"property", "[cases]\nopened_at.fromat = %d\n", {"t.ini:2:", "did you mean 'format'?"}},
    {"property of a word", "[cases]\nproduct.format = %d/%m/%Y\n", {"t.ini:2:", "a word has no 'format'"}},
    {"scale of a time", "[reviews]\nposted_at.scale = 1-5\n", {"t.ini:2:", "a time has no 'scale'"}},
    {"format letter", "[cases]\nopened_at.format = %d/%m/%Q\n", {"t.ini:2:", "after '%'"}},
    {"format ends in %", "[cases]\nopened_at.format = %d/%m/%Y %\n", {"t.ini:2:", "after '%'"}},
    {"format without year", "[cases]\nopened_at.format = %d/%m\n", {"t.ini:2:", "day, month and year"}},
    {"12 hours without AM", "[cases]\nopened_at.format = %d/%m/%Y %I:%M\n", {"t.ini:2:", "%p"}},
    {"format of 49",
     "[cases]\nopened_at.format = %d/%m/%Y xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n",
     {"t.ini:2:", "48"}},
    {"decimal", "[cases]\nloss_amount.decimal = ;\n", {"t.ini:2:", "point or comma"}},
    {"scale", "[cases]\nsatisfaction.scale = 5-1\n", {"t.ini:2:", "LOW-HIGH"}},
    {"scale of one", "[cases]\nsatisfaction.scale = 5\n", {"t.ini:2:", "LOW-HIGH"}},
    {"column zone", "[cases]\nopened_at.zone = Nowhere/City\n", {"t.ini:2:", "Nowhere/City"}},
    {"no column", "[cases]\nopened_at =\n", {"t.ini:2:", "(none)"}},
    {"no second column", "[cases]\nopened_at = Created |\n", {"t.ini:2:", "(none)"}},
    {"line for another field", "[cases]\nopened_at = Created | (line)\n", {"t.ini:2:", "(line)"}},
    {"delimiter", "[cases]\ndelimiter = semikolon\n", {"t.ini:2:", "did you mean 'semicolon'?"}},
    {"delimiter as comment", "[cases]\ndelimiter = :\n", {"t.ini:2:", "is no delimiter"}},
    {"encoding", "[cases]\nencoding = latin 1\n", {"t.ini:2:", "letters, digits"}},
    {"empty null word", "[cases]\nproduct.null = -, ,x\n", {"t.ini:2:", "item of the list is empty"}},
};

static void every_refusal_says_where(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        cb_settings *settings = new_settings();
        cb_error err = {0};
        cb_status rc = cb_settings_text(settings, cb_str_of(refusals[i].ini), "t.ini", &err);
        CHECK(rc == CB_ECONFIG && err.status == CB_ECONFIG, "row %s: status %d (%s)", refusals[i].name, rc, err.why);
        for (size_t p = 0; p < 3 && refusals[i].says[p]; p++)
            CHECK(strstr(err.why, refusals[i].says[p]), "row %s: '%s' lacks '%s'", refusals[i].name, err.why,
                  refusals[i].says[p]);
        cb_settings_free(settings);
    }
}

static void refused_by_finish(void **state)
{
    (void)state;
    static const struct {
        const char *name, *ini, *says;
    } T[] = {
        {"rates into nothing", "[fx]\nEUR = 1.08\n", "set [report] currency"},
        {"own currency", "[report]\ncurrency = EUR\n[fx]\nEUR = 1.08\n", "has the rate 1"},
        {"cell larger than record", "[limits]\nrecord_bytes = 100\nfield_bytes = 101\n", "larger than record_bytes"},
        {"no open day",
         "[calendar]\nmon=closed\ntue=closed\nwed=closed\nthu=closed\nfri=closed\n[targets]\nhigh = 1bh\n",
         "no open day"},
    };
    for (size_t i = 0; i < COUNT_OF(T); i++) {
        cb_settings *settings = of_text(T[i].ini);
        cb_error err = {0};
        cb_status rc = cb_settings_finish(settings, &err);
        CHECK(rc == CB_ECONFIG && strstr(err.why, T[i].says), "row %s: %d %s", T[i].name, rc, err.why);
        cb_settings_free(settings);
    }
}

/* --- the dialect --- */

static void dialect(void **state)
{
    (void)state;
    static const struct {
        const char *name, *ini, *title;
    } T[] = {
        {"plain", "[report]\ntitle = Desk\n", "Desk"},
        {"byte-order mark", "\xEF\xBB\xBF[report]\ntitle = Desk\n", "Desk"},
        {"CRLF", "[report]\r\ntitle = Desk\r\n", "Desk"},
        {"no line end", "[report]\ntitle = Desk", "Desk"},
        {"indented", "  [report]\n    title = Desk\n    min_group = 7\n", "Desk"},
        {"colon", "[report]\ntitle: Desk\n", "Desk"},
        {"colon in the value", "[report]\ntitle = a: b = c\n", "a: b = c"},
        {"colon in the key is no separator beside '='", "[report]\ntitle = x\n[status]\nClosed: fixed = closed\n", "x"},
        {"comment behind", "[report]\ntitle = Desk ; the name\n", "Desk"},
        {"semicolon within", "[report]\ntitle = a;b\n", "a;b"},
        {"semicolon in quotes", "[report]\ntitle = \"a ; b\" ; c\n", "a ; b"},
        {"quotes in quotes", "[report]\ntitle = \"say \"\"no\"\"\"\n", "say \"no\""},
        {"quote inside", "[report]\ntitle = 5\" pipe\n", "5\" pipe"},
        {"blank in quotes", "[report]\ntitle = \" x \"\n", " x "},
        {"empty quotes", "[report]\ntitle = \"\"\n", ""},
        {"hash within", "[report]\n# c\n; c\ntitle = #1\n", "#1"},
        {"section comment", "[report] ; c\ntitle = x\n", "x"},
        {"other case, other spelling", "[REPORT]\nTiTle = x\nMin Group = 3\nmax-rejects = 1\n", "x"},
        {"other language", "[report]\ntitle = Müşteri hizmetleri\n", "Müşteri hizmetleri"},
    };
    for (size_t i = 0; i < COUNT_OF(T); i++) {
        cb_settings *s = of_text(T[i].ini);
        CHECK(cb_str_eq(s->title, cb_str_of(T[i].title)), "row %s: '%.*s'", T[i].name, (int)s->title.len, s->title.at);
        cb_settings_free(s);
    }
}

static void words_with_marks(void **state)
{
    (void)state;
    cb_settings *s =
        of_text("[status]\nClosed: fixed = closed\n\"a = b\" = open\n\"; c\" = pending\n- = open\n? = pending\n"
                "Resolution time (in hrs) = resolved\n\"[x]\" = closed\n");
    static const char *const want[] = {"Closed: fixed", "a = b", "; c", "-", "?", "Resolution time (in hrs)", "[x]"};
    CHECK(s->status.n == COUNT_OF(want), "%u words", s->status.n);
    for (unsigned i = 0; i < COUNT_OF(want); i++)
        CHECK(cb_str_eq(s->status.pair[i].word, cb_str_of(want[i])), "word %u: '%.*s'", i,
              (int)s->status.pair[i].word.len, s->status.pair[i].word.at);
    cb_settings_free(s);
}

static void a_line_is_never_cut(void **state)
{
    (void)state;
    static const int lengths[] = {196, 197, 198, 199, 200, 201, 400, 5000};
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        char ini[6000] = "[report]\ntitle = ";
        size_t title = (size_t)lengths[i] - strlen("title = "), at = strlen(ini);
        memset(ini + at, 'x', title);
        memcpy(ini + at + title, "\nmin_group = 7\n", 16);
        cb_settings *s = new_settings();
        cb_error err = {0};
        cb_status rc = cb_settings_text(s, cb_str_of(ini), "t.ini", &err);
        if (lengths[i] <= CB_MAX_CONFIG_LINE)
            CHECK(rc == CB_OK && s->title.len == title && s->min_group == 7, "line of %d: %s", lengths[i], err.why);
        else
            CHECK(rc == CB_ECONFIG && strstr(err.why, "t.ini:2") && strstr(err.why, "longer than 197"),
                  "line of %d: %s", lengths[i], err.why);
        cb_settings_free(s);
    }
    char comment[3000];
    memset(comment, 'c', sizeof comment);
    comment[0] = ';';
    memcpy(comment + sizeof comment - 21, "\n[report]\ntitle = z\n", 20);
    comment[sizeof comment - 1] = '\0';
    cb_settings *s = of_text(comment);
    CHECK(cb_str_eq(s->title, CB_LIT("z")), "a long comment is passed over");
    cb_settings_free(s);
}

/* --- files --- */

static void files(void **state)
{
    (void)state;
    cb_settings *s = new_settings();
    cb_error err = {0};
    CHECK(cb_settings_file(s, "build/no such file.ini", &err) == CB_ECONFIG && strstr(err.why, "no such file.ini"),
          "%s", err.why);
    cb_error_clear(&err);
    CHECK(cb_settings_file(s, ".", &err) == CB_ECONFIG, "a folder: %s", err.why);
    char path[] = "/tmp/cb-settings-XXXXXX";
    int fd = mkstemp(path);
    FILE *file = fd >= 0 ? fdopen(fd, "wb") : NULL;
    CHECK(file != NULL, "a temporary file");
    static const size_t sizes[] = {CB_MAX_CONFIG_BYTES, CB_MAX_CONFIG_BYTES + 20000};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        rewind(file);
        (void)fputs("[report]\ntitle = long\n", file);
        for (size_t n = 22; n < sizes[i]; n++)
            (void)fputc(n % 100 ? ';' : '\n', file);
        CHECK(fflush(file) == 0, "written");
        cb_error_clear(&err);
        cb_status rc = cb_settings_file(s, path, &err);
        CHECK(rc == (i == 0 ? CB_OK : CB_ECONFIG), "%zu bytes: %s", sizes[i], err.why);
    }
    CHECK(cb_str_eq(s->title, CB_LIT("long")), "title");
    (void)fclose(file);
    (void)remove(path);
    cb_settings_free(s);
}

/* --- the list: read back, it gives the same list --- */

typedef struct listing {
    cb_buf text;
    const char *section;
} listing;

/* Values come as they are written in a file, but a title that needs quotes: none here does. */
static void note(void *ctx, const char *section, cb_str key, cb_str value)
{
    listing *l = ctx;
    bool same = l->section && !strcmp(l->section, section);
    l->section = section;
    CHECK(cb_buf_text(&l->text, "%s%s%s", same ? "" : "[", same ? "" : section, same ? "" : "]\n") == CB_OK, "memory");
    CHECK(cb_buf_text(&l->text, "%.*s = %.*s\n", (int)key.len, key.at, (int)value.len, value.at) == CB_OK, "memory");
}

static bool has_text(const cb_buf *text, const char *part)
{
    size_t n = strlen(part);
    for (size_t i = 0; i + n <= text->len; i++)
        if (!memcmp(text->at + i, part, n))
            return true;
    return false;
}

static listing list_of(const cb_settings *settings)
{
    listing l = {.section = NULL};
    cb_buf_init(&l.text, cb_alloc_libc(), 1 << 20);
    cb_settings_each(settings, note, &l);
    return l;
}

static void the_list_reads_back(void **state)
{
    (void)state;
    cb_settings *s = finished(
        "[report]\ncurrency = EUR\ntimezone = Europe/Berlin\ntitle = Desk\nmax_rejects = 2.5\n[calendar]\nsat = 09:00-24:00\n"
        "holidays = 2026-12-25, 2026-12-26\n[assumptions]\nreach = 0.1..0.3..0.7\ncustomers = 123456\nretention = 0.1\n"
        "[fx]\nUSD = 0.925926\n[fixes]\n2026-03-01 = pump, \"a, b\"\n[phrases]\npolicy = policy, \"rules; ours\"\n"
        "[status]\nOn hold = pending\n[targets]\nhigh = 8bh\n[kinds]\nBurn = injury\n[reach]\ninjury = 0.9\n"
        "[cases]\npreset = jira\ndelimiter = tab\nencoding = latin-1\nopened_at = Created | \"A|B\"\nopened_at.format = %d.%m.%Y\n"
        "opened_at.zone = UTC\nloss_amount.decimal = comma\nsatisfaction.scale = 0-10\nescalated.true = x, \"y,z\"\n"
        "escalated.false = n\nproduct.null = \" - \", none\n");
    listing first = list_of(s);
    cb_settings *again = new_settings();
    cb_error err = {0};
    /* decimal marks and delimiters are listed as marks or names: both are read */
    CHECK(cb_settings_text(again, (cb_str){first.text.at, first.text.len}, "list", &err) == CB_OK, "%s\n%.*s", err.why,
          (int)first.text.len, first.text.at);
    CHECK(cb_settings_finish(again, &err) == CB_OK, "%s", err.why);
    listing second = list_of(again);
    CHECK(first.text.len == second.text.len && !memcmp(first.text.at, second.text.at, first.text.len),
          "%.*s\n--- not ---\n%.*s", (int)first.text.len, first.text.at, (int)second.text.len, second.text.at);
    static const char *const has[] = {"[report]\n",
                                      "max_rejects = 2.5\n",
                                      "\nreach = 0.1..0.3..0.7\n",
                                      "\nannual_loss_rate = 0.1..0.15..0.2\n",
                                      "\nhigh = 8bh\n",
                                      "\ndelimiter = tab\n",
                                      "[limits]\n"};
    for (size_t i = 0; i < COUNT_OF(has); i++)
        CHECK(has_text(&first.text, has[i]), "the list lacks %s:\n%.*s", has[i], (int)first.text.len, first.text.at);
    cb_buf_free(&first.text);
    cb_buf_free(&second.text);
    cb_settings_free(s);
    cb_settings_free(again);
}

/* --- no memory --- */

static const char whole_ini[] =
    "[report]\ntitle = \"a\"\ncurrency = USD\n[calendar]\nholidays = 2026-12-25\n[fx]\nEUR = 1.08\n[kinds]\nBurn = injury\n"
    "[status]\na = open\nb = open\nc = open\nd = open\ne = open\nf = open\ng = open\nh = open\ni = open\n"
    "[phrases]\npolicy = x, y\n[fixes]\n2026-01-01 = z\n[reach]\ninjury = 0.4\n[targets]\nhigh = 4bh\n"
    "[cases]\nopened_at = A | B\nopened_at.format = %Y-%m-%d\nproduct.null = -, x\n";

static cb_status run_with(const cb_alloc *alloc, cb_error *err)
{
    cb_settings *s = NULL;
    cb_status rc = cb_settings_new(&s, alloc, err);
    if (rc == CB_OK)
        rc = cb_settings_text(s, cb_str_of(whole_ini), "t.ini", err);
    if (rc == CB_OK)
        rc = cb_settings_finish(s, err);
    cb_settings_free(s);
    return rc;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    size_t failures = 0;
    for (int for_ever = 0; for_ever < 2; for_ever++) {
        for (size_t n = 1;; n++) {
            test_alloc heap = {.fail_at = n, .for_ever = for_ever};
            cb_alloc alloc = test_alloc_of(&heap);
            cb_error err = {0};
            cb_status rc = run_with(&alloc, &err);
            CHECK(heap.live_bytes == 0 && heap.live_blocks == 0, "failure %zu leaks %lld bytes", n,
                  (long long)heap.live_bytes);
            if (heap.failures == 0) {
                CHECK(rc == CB_OK, "%s", err.why);
                break;
            }
            CHECK(rc == CB_ENOMEM && err.status == CB_ENOMEM && err.why[0], "failure %zu: %d %s", n, rc, err.why);
            failures++;
        }
    }
    CHECK(failures > 6, "only %zu allocations", failures);
}

/* --- damaged text: any outcome but a crash, and a line number with every refusal --- */

static void damaged_text(void **state)
{
    (void)state;
    enum { RUNS = 4000 };
    uint64_t seed = 7;
    static const char marks[] = "=:;#[]\"\n\r\t |,.()\\%\x01\x80\xC3";
    for (int run = 0; run < RUNS; run++) {
        char ini[sizeof whole_ini];
        memcpy(ini, whole_ini, sizeof ini);
        for (int64_t hits = test_between(&seed, 1, 8); hits > 0; hits--)
            ini[test_between(&seed, 0, (int64_t)sizeof ini - 1)] =
                marks[test_between(&seed, 0, (int64_t)sizeof marks - 1)];
        cb_settings *s = new_settings();
        cb_error err = {0};
        cb_status rc = cb_settings_text(s, (cb_str){ini, (size_t)test_between(&seed, 0, sizeof ini)}, "t.ini", &err);
        CHECK(rc == CB_OK || (rc == CB_ECONFIG && !strncmp(err.why, "t.ini:", 6)), "run %d: %d %s", run, rc, err.why);
        if (rc == CB_OK)
            CHECK(cb_settings_finish(s, &err) == CB_OK || err.status == CB_ECONFIG, "run %d: %s", run, err.why);
        cb_settings_free(s);
    }
}

static void keys_tell_their_defaults(void **state)
{
    (void)state;
    size_t n;
    const cb_key_info *keys = cb_settings_keys(&n);
    CHECK(n == 15, "%zu keys", n);
    for (size_t i = 0; i < n; i++)
        CHECK(keys[i].section[0] && keys[i].key[0] && keys[i].allowed[0] && keys[i].meaning[0], "key %zu", i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),
        cmocka_unit_test(every_refusal_says_where),
        cmocka_unit_test(refused_by_finish),
        cmocka_unit_test(dialect),
        cmocka_unit_test(words_with_marks),
        cmocka_unit_test(a_line_is_never_cut),
        cmocka_unit_test(files),
        cmocka_unit_test(the_list_reads_back),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(damaged_text),
        cmocka_unit_test(keys_tell_their_defaults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
