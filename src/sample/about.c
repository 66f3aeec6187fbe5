#include "truths.h"

static const char config_head[] =
    "# Configuration for the sample data: an invented supplier of industrial parts and appliances.\n"
    "# Every line is optional; what is not said has a default (see casebook explain).\n"
    "\n"
    "[report]\n"
    "# Times in the files are wall-clock times of this zone.\n"
    "timezone = Europe/Berlin\n"
    "# Amounts in other currencies are converted by [fx].\n"
    "currency = EUR\n"
    "title = Sample company\n"
    "# Groups with fewer cases are not shown.\n"
    "min_group = 10\n"
    "\n"
    "[calendar]\n"
    "# Business time counts these hours, in the zone above.\n"
    "mon = 08:00-18:00\n"
    "tue = 08:00-18:00\n"
    "wed = 08:00-18:00\n"
    "thu = 08:00-18:00\n"
    "fri = 08:00-18:00\n"
    "sat = 09:00-13:00\n"
    "sun = closed\n";
static const char config_middle[] =
    "\n[targets]\n"
    "# By priority: h and d are elapsed time, bh and bd business time.\n"
    "urgent = 8h\n"
    "high = 8bh\n"
    "normal = 2bd\n"
    "low = 5bd\n"
    "\n"
    "[fx]\n"
    "# One Swiss franc in euros.\n"
    "CHF = 1.06\n"
    "\n"
    "[fixes]\n"
    "# Since that day the seals have a new supplier; charts are split there.\n"
    "2026-02-01 = seal-leak\n"
    "\n"
    "[status]\n"
    "# The export's word = open, pending, resolved, closed or withdrawn.\n";

/* A line a year: a key that comes again goes on with its list. */
static void write_holidays(cb_out *out)
{
    const char *year = "";
    for (unsigned i = 0; cb_clock_holidays[i]; i++) {
        bool same = !strncmp(year, cb_clock_holidays[i], 4);
        cb_out_print(out, "%s%s",
                     same ? ", "
                     : i  ? "\nholidays = "
                          : "holidays = ",
                     cb_clock_holidays[i]);
        year = cb_clock_holidays[i];
    }
    cb_out_char(out, '\n');
}

cb_status cb_gen_write_config(const cb_gen_plan *plan, cb_error *err)
{
    cb_out out;
    cb_status rc = cb_out_open(&out, plan->dir, "casebook.ini", err);
    if (rc != CB_OK)
        return rc;
    cb_out_text(&out, config_head);
    write_holidays(&out);
    cb_out_text(&out, config_middle);
    for (unsigned i = 0; i < CB_GEN_STATUSES; i++)
        cb_out_print(&out, "%s = %s\n", cb_gen_status_words[i], cb_gen_status_meanings[i]);
    cb_out_text(&out, "\n[kinds]\n# The export's word = casebook's kind of problem.\n");
    for (unsigned i = 0; i < CB_GEN_KINDS; i++)
        cb_out_print(&out, "%s = %s\n", cb_gen_kind_table[i].word, cb_gen_kind_table[i].meaning);
    return cb_out_close(&out, err);
}

static const char readme_head[] =
    "# Sample data\n"
    "\n"
    "Two years (2024-10-01 to 2026-09-30) of an invented supplier of industrial parts and appliances, as its\n"
    "customer-service system would export them. No person, company or text in it is real. All of it is drawn by\n"
    "`casebook-sample` from a seed: the same seed gives the same bytes on every machine.\n"
    "\n"
    "| file | what it holds |\n"
    "|---|---|\n";
static const char readme_tail[] =
    "| `casebook.ini` | the configuration that fits: zone, business hours, targets, words |\n"
    "| `truths.json` | what was planted, with the exact numbers |\n"
    "\n"
    "Planted, so that a report can be held against it:\n"
    "\n"
    "- one root cause whose rate rises in the last quarter, and rare ones whose rate is constant, of which one looks\n"
    "  high in some month by chance alone;\n"
    "- one root cause with a fix date, after which its rate drops;\n"
    "- one product of which some units break down again and again;\n"
    "- one team that skips follow-ups; in all else teams are equal and differ only in size;\n"
    "- the rates at which customers leave: without a problem, and in the 365 days after one by what it came to;\n"
    "- liability cases that nobody escalated, one absurd loss, and the phrases that casebook looks for.\n"
    "\n"
    "The usual gaps of an export are there as well: blank optional cells, cases closed without a date, customers\n"
    "who are not in the list, reviews that name no case. In `dirty/` is a small twin with every fault that\n"
    "casebook rejects, and `expected.json`, which says line by line what must come of it.\n"
    "\n"
    "To make it again: `casebook-sample --out sample-data` and `casebook-sample --dirty --out sample-data/dirty`.\n";

cb_status cb_gen_write_readme(const cb_gen_plan *plan, const cb_gen_shown *shown, cb_error *err)
{
    cb_out out;
    cb_status rc = cb_out_open(&out, plan->dir, "README.md", err);
    if (rc != CB_OK)
        return rc;
    cb_out_text(&out, readme_head);
    cb_out_print(&out, "| `cases.csv` | %llu cases, one row a case |\n",
                 (unsigned long long)shown->cases);
    cb_out_print(&out, "| `reviews.csv` | %llu reviews |\n", (unsigned long long)shown->reviews);
    cb_out_print(&out, "| `customers.csv` | %llu customers |\n",
                 (unsigned long long)shown->customers);
    cb_out_text(&out, readme_tail);
    return cb_out_close(&out, err);
}
