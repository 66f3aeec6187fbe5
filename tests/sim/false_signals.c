/* false_signals.c - how often books without any effect show a signal.
 *
 *     false_signals [BOOKS] [CASES] [SEED]
 *
 * For each sort of desk (null_books.h) and each kind of period: the share of books with one or more
 * signals of Q5, pairs of Q6, and chart points of Q7 beyond chance after Benjamini-Hochberg, which
 * is to be at most 5 % each; and, for information, the share of single tests below 0.05, and of
 * control charts that mark a point in the period - the marks have no multiple-comparison control,
 * their rules trade false signals for early ones. Exit status 1: more than 5 % beyond doubt. */
#include "null_books.h"

int main(int argc, char **argv)
{
    static const char *const periods[] = {"2025-Q3", "2025-09", "2025-09-30"};
    int books = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 1000;
    int cases = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 6000;
    uint64_t seed = argc > 3 ? strtoull(argv[3], NULL, 10) : 20260101;
    int bad = 0;
    cb_stats_init();
    printf("%d books of about %d cases each\n", books, cases);
    printf("%-8s %-11s %8s %11s %9s %8s %9s %10s %11s %11s\n", "desk", "period", "tests",
           "p < 0.05 %", "Q5 books%", "pairs", "Q6 books%", "charts", "marked %", "Q7 books%");
    for (int sort = 0; sort < NULL_SORTS; sort++)
        for (size_t p = 0; p < COUNT_OF(periods); p++) {
            null_tally t = null_run(sort, books, cases, periods[p], seed + (uint64_t)sort);
            double n = t.books;
            printf("%-8s %-11s %8.1f %11.2f %9.1f %8.1f %9.1f %10.1f %11.1f %11.1f\n",
                   null_names[sort], periods[p], t.tests / n,
                   t.tests > 0 ? 100 * t.below_05 / t.tests : 0, 100 * t.with_signal / n,
                   t.pairs_tested / n, 100 * t.with_pair / n, t.charts / n,
                   t.charts > 0 ? 100 * t.charts_signal / t.charts : 0, 100 * t.with_evidence / n);
            (void)fflush(stdout);
            double most =
                0.05 * n + 2.5 * sqrt(0.05 * 0.95 * n); /* what 5 % shows once in 160 runs */
            bad |= t.with_signal > most || t.with_pair > most || t.with_evidence > most;
        }
    return bad;
}
