/* What a run that worked wants to be looked at all the same. */
#include "warnings.h"

#include <stdlib.h>

#include "facts.h"

void cb_warn_ahead(const cb_options *options, const cb_ingest *ingest)
{
    unsigned n = cb_ingest_inputs(ingest), files = 0, first = 0;
    int64_t as_of_utc_s = cb_ingest_book(ingest)->as_of_utc_s, now_utc_s = cb_clock_utc_s();
    if (options->as_of || as_of_utc_s <= now_utc_s + CB_DAY_S)
        return;
    uint64_t *ahead = calloc(n + 1, sizeof *ahead), times = 0;
    if (ahead)
        cb_facts_ahead(ingest, now_utc_s, ahead);
    for (unsigned i = n; ahead && i-- > 0;)
        if (ahead[i] > 0) {
            times += ahead[i];
            files++;
            first = i;
        }
    char when[32];
    cb_time_text(when, as_of_utc_s);
    if (files > 0)
        cb_note(options,
                "casebook: warning: as-of is the latest event of the inputs, %s, which is later "
                "than now (%llu such time%s, %s" CB_STR_FMT
                "); --as-of TIME leaves out what lies later",
                when, (unsigned long long)times, times == 1 ? "" : "s",
                files == 1 ? "in " : "the first in ",
                CB_STR_ARG(cb_ingest_input(ingest, first)->path));
    free(ahead);
}
