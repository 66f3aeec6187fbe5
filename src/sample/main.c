/* casebook-sample: writes invented customer-service data with planted truths. See --help. */
#include <stdio.h>
#include <string.h>

#include "casebook/text.h"
#include "dirty.h"
#include "files.h"

enum { DEFAULT_CASES = 20000, DEFAULT_DIRTY_CASES = 600, MAX_CASES = 50000000 };
static const uint64_t default_seed = 20241024;

static const char help[] =
    "casebook-sample [--seed N] [--cases N] [--out DIR] [--dirty] [--cases-only]\n"
    "\n"
    "Writes two years of an invented company's cases, reviews and customers, a fitting casebook.ini, and\n"
    "truths.json with what was planted in them. The same options give the same bytes on every machine.\n"
    "\n"
    "  --seed N       another draw (default 20241024)\n"
    "  --cases N      about so many cases, up to 50,000,000 (default 20,000; 600 with --dirty);\n"
    "                 customers and reviews follow in proportion\n"
    "  --out DIR      folder to write (default sample-data; sample-data/dirty with --dirty)\n"
    "  --dirty        a twin with every fault that casebook rejects, and expected.json\n"
    "  --cases-only   only cases.csv, to measure speed\n"
    "  --help         this text\n";

typedef struct options {
    cb_gen_plan plan;
    bool help;
} options;

static cb_status read_number(const char *name, const char *text, int64_t min, int64_t max,
                             int64_t *out, cb_error *err)
{
    if (!text || !cb_parse_i64(cb_str_of(text), out) || *out < min || *out > max)
        return cb_fail(err, CB_EUSAGE, "%s: takes a whole number from %lld to %lld", name,
                       (long long)min, (long long)max);
    return CB_OK;
}

static cb_status read_option(options *o, char **argv, int *i, cb_error *err)
{
    const char *name = argv[*i];
    int64_t number = 0;
    cb_status rc = CB_OK;
    if (!strcmp(name, "--dirty")) {
        o->plan.dirty = true;
    } else if (!strcmp(name, "--cases-only")) {
        o->plan.cases_only = true;
    } else if (!strcmp(name, "--help")) {
        o->help = true;
    } else if (!strcmp(name, "--seed")) {
        rc = read_number(name, argv[++*i], 0, INT64_MAX, &number, err);
        o->plan.seed = (uint64_t)number;
    } else if (!strcmp(name, "--cases")) {
        rc = read_number(name, argv[++*i], 10, MAX_CASES, &number, err);
        o->plan.cases = (uint32_t)number;
    } else if (!strcmp(name, "--out") && argv[*i + 1]) {
        o->plan.dir = argv[++*i];
    } else {
        rc = cb_fail(
            err, CB_EUSAGE,
            "%s: unknown, or its value is missing; casebook-sample --help lists the options", name);
    }
    return rc;
}

static cb_status read_options(options *o, int argc, char **argv, cb_error *err)
{
    *o = (options){.plan = {.seed = default_seed}};
    cb_status rc = CB_OK;
    for (int i = 1; i < argc && rc == CB_OK; i++)
        rc = read_option(o, argv, &i, err);
    if (o->plan.cases == 0)
        o->plan.cases = o->plan.dirty ? DEFAULT_DIRTY_CASES : DEFAULT_CASES;
    if (!o->plan.dir)
        o->plan.dir = o->plan.dirty ? "sample-data/dirty" : "sample-data";
    return rc;
}

int main(int argc, char **argv)
{
    options o;
    cb_error err = {0};
    cb_status rc = read_options(&o, argc, argv, &err);
    if (rc == CB_OK && o.help)
        rc = fputs(help, stdout) < 0 || fflush(stdout) != 0
                 ? cb_fail(&err, CB_EIO, "standard output: write error")
                 : CB_OK;
    else if (rc == CB_OK)
        rc = o.plan.dirty ? cb_gen_write_dirty(&o.plan, &err) : cb_gen_write(&o.plan, &err);
    if (rc != CB_OK)
        (void)fprintf(stderr, "casebook-sample: %s\n", err.why);
    return cb_exit_status(rc);
}
