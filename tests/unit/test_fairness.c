/* F1: shares counted again on random books, limits by the statistics' own funnel; what a reader who
 * subtracts could find out; by hand: one small team, two, all. */
#include "random_book.h"

#include "casebook/stats_funnel.h"
#include "casebook/stats_interval.h"

static const cb_measure *const measures[] = {&cb_measure_resolution, &cb_measure_fairness, NULL};

/* -1: does not count */
static int verdict_on(const test_world *w, int what, uint32_t row)
{
    const cb_derived *d = w->derived;
    int64_t resolved = cb_time(cases_of(w), CB_CASE_RESOLVED, row),
            done = cb_time(cases_of(w), CB_CASE_FOLLOW_UP, row);
    cb_str priority =
        cb_dim_text(w->book, CB_DIM_PRIORITY, cb_dim_word(w->book, CB_DIM_PRIORITY, row));
    int64_t target = cb_str_eq(priority, CB_LIT("high"))  ? 2 * DAY
                     : cb_str_eq(priority, CB_LIT("low")) ? 5 * DAY
                                                          : -1;
    switch (what) {
    case CB_FUNNEL_IN_TARGET:
        if (target < 0 || cb_elapsed_s(d, row) < 0 ||
            (d->state[row] == CB_STATE_OPEN && cb_elapsed_s(d, row) <= target))
            return -1;
        return cb_elapsed_s(d, row) <= target;
    case CB_FUNNEL_ADEQUATE:
        return d->eligible[row] ? cb_remedy_minor(d, row) >= cb_loss_minor(d, row) : -1;
    case CB_FUNNEL_REPEAT:
        return d->repeat[row] == 2 ? -1 : d->repeat[row];
    default:
        if (resolved == CB_NO_TIME || w->book->as_of_utc_s < resolved + 7 * DAY)
            return -1;
        return done != CB_NO_TIME && done > resolved - DAY && done <= resolved + 7 * DAY;
    }
}

typedef struct team_counts {
    uint32_t n[64], yes[64], cases[64], groups, all_n, all_yes;
} team_counts;

static void count_teams(const test_world *w, int what, team_counts *c)
{
    memset(c, 0, sizeof *c);
    c->groups = cb_dim_groups(w->book, CB_DIM_TEAM);
    assert_true(c->groups < 64);
    for (uint32_t i = 0; i < w->scope.window[CB_NOW].cases.n; i++) {
        uint32_t row = w->scope.window[CB_NOW].cases.rows[i],
                 team = cb_dim_word(w->book, CB_DIM_TEAM, row);
        int verdict = verdict_on(w, what, row);
        c->cases[team]++;
        c->n[team] += verdict >= 0;
        c->yes[team] += verdict == 1;
        c->all_n += verdict >= 0;
        c->all_yes += verdict == 1;
    }
}

static void check_group(const cb_funnel_group *g, const team_counts *c, const cb_funnel_point *p)
{
    CHECK(g->n == c->n[g->word] && g->yes == c->yes[g->word], "%u of %u, want %u of %u", g->yes,
          g->n, c->yes[g->word], c->n[g->word]);
    cb_est wilson = cb_wilson(g->yes, g->n, 0.95);
    CHECK(test_near(g->share, (double)g->yes / g->n, 1e-15) &&
              test_near(g->wilson.low, wilson.low, 1e-15),
          "share");
    CHECK(test_near(g->low95, p->widened.low_95, 1e-12) &&
              test_near(g->high95, p->widened.high_95, 1e-12) &&
              test_near(g->low998, p->widened.low_998, 1e-12) &&
              test_near(g->high998, p->widened.high_998, 1e-12),
          "limits");
    cb_funnel_verdict want = g->share < g->low998 || g->share > g->high998 ? CB_FUNNEL_BEYOND_998
                             : g->share < g->low95 || g->share > g->high95 ? CB_FUNNEL_BEYOND_95
                                                                           : CB_FUNNEL_INSIDE;
    assert_int_equal(g->verdict, want);
}

/* What a funnel hides: all that is small, nothing alone, nothing that is together less than
 * min_group while there is more to hide; and no bigger team while a smaller one (by cases) is shown
 * without need. */
static void check_hidden(const cb_fairness *f, const cb_funnel_result *got, const team_counts *c)
{
    uint32_t hidden = 0, sum = 0, shown = 0;
    for (uint32_t i = 0; i < got->groups; i++) {
        const cb_funnel_group *g = &got->group[i];
        bool small = c->n[g->word] < 4 || c->cases[g->word] < 4 || cb_team_hidden(f, g->word);
        CHECK(!small || g->verdict == CB_FUNNEL_SUPPRESSED, "a team of %u is shown", c->n[g->word]);
        if (g->verdict != CB_FUNNEL_SUPPRESSED) {
            shown++;
            continue;
        }
        hidden++;
        sum += c->n[g->word];
        CHECK(g->n == 0 && g->yes == 0 && isnan(g->share) && isnan(g->low95) && g->wilson.reason,
              "a hidden team's counts");
    }
    CHECK(hidden == got->suppressed, "%u hidden, told %u", hidden, got->suppressed);
    CHECK(hidden == 0 || shown == 0 || (hidden > 1 && sum >= 4),
          "%u teams of %u cases together can be told", hidden, sum);
}

static void check_funnel(const test_world *w, const cb_fairness *f, int what, cb_arena *arena)
{
    const cb_funnel_result *got = &f->funnel[what];
    team_counts c;
    uint64_t n[64], yes[64];
    uint32_t groups = 0;
    cb_funnel want;
    count_teams(w, what, &c);
    if (got->reason) {
        assert_int_equal(got->groups, 0);
        return;
    }
    /* the groups are in the order of their names */
    for (uint32_t i = 0; i < got->groups; i++) {
        n[i] = c.n[got->group[i].word];
        yes[i] = c.yes[got->group[i].word];
        CHECK(got->group[i].word != 0 && n[i] > 0, "a group of nobody");
        CHECK(i == 0 || cb_str_cmp(cb_dim_text(w->book, CB_DIM_TEAM, got->group[i - 1].word),
                                   cb_dim_text(w->book, CB_DIM_TEAM, got->group[i].word)) < 0,
              "order of teams");
    }
    for (uint32_t word = 1; word < c.groups; word++)
        groups += c.n[word] > 0;
    assert_int_equal(got->groups, groups);
    assert_int_equal(cb_funnel_shares(yes, n, groups, arena, &want), CB_OK);
    CHECK(test_near(got->target, want.target, 1e-15) && test_near(got->tau2, want.tau2, 1e-15),
          "target");
    for (uint32_t i = 0; i < got->groups; i++)
        if (got->group[i].verdict != CB_FUNNEL_SUPPRESSED)
            check_group(&got->group[i], &c, &want.points[i]);
    check_hidden(f, got, &c);
    for (unsigned i = 0; i < got->lines; i++)
        CHECK(got->line[i].low998 >= 0 && got->line[i].high998 <= 1 &&
                  got->line[i].low998 <= got->line[i].low95 &&
                  got->line[i].high95 <= got->line[i].high998 &&
                  (i == 0 || got->line[i].n > got->line[i - 1].n - 1e-9),
              "line %u", i);
}

static void check_base(const test_world *w, const cb_fairness *f)
{
    team_counts c;
    uint32_t hidden = 0, sum = 0, shown = 0;
    count_teams(w, CB_FUNNEL_REPEAT, &c);
    assert_int_equal(f->teams, c.groups);
    CHECK(!cb_team_hidden(f, 0), "the unknown team is hidden");
    for (uint32_t word = 1; word < c.groups; word++) {
        CHECK(c.cases[word] == 0 || c.cases[word] >= 4 || f->hidden[word],
              "a team of %u cases is shown", c.cases[word]);
        hidden += f->hidden[word] && c.cases[word] > 0;
        sum += f->hidden[word] ? c.cases[word] : 0;
        shown += !f->hidden[word] && c.cases[word] > 0;
    }
    assert_int_equal(f->hidden_teams, hidden);
    CHECK(hidden == 0 || shown == 0 || (hidden > 1 && sum >= 4), "%u teams of %u cases can be told",
          hidden, sum);
}

/* Tables with the same counts hide the same teams: else the one would tell what the other hides. */
static void check_alike(const test_world *w, const cb_fairness *f)
{
    for (int a = 0; a < CB_FUNNELS; a++)
        for (int b = 0; b < a; b++) {
            team_counts x, y;
            if (f->funnel[a].reason || f->funnel[b].reason)
                continue;
            count_teams(w, a, &x);
            count_teams(w, b, &y);
            if (memcmp(x.n, y.n, sizeof x.n) != 0)
                continue;
            for (uint32_t i = 0; i < f->funnel[a].groups; i++)
                CHECK((f->funnel[a].group[i].verdict == CB_FUNNEL_SUPPRESSED) ==
                          (f->funnel[b].group[i].verdict == CB_FUNNEL_SUPPRESSED),
                      "funnels %d and %d hide different teams of the same counts", a, b);
        }
}

static void against_twins(void **state)
{
    (void)state;
    uint64_t seed = 20260803;
    unsigned compared = 0, suppressed = 0, beyond = 0;
    for (int book = 0; book < test_books(300); book++) {
        test_world w;
        cb_results results[CB_WINDOWS];
        cb_arena *arena = cb_arena_new(NULL, 0);
        random_plan plan = random_shape(&seed, book % 3 == 0 ? 500 : 120);
        random_world_open(&w, &seed, &plan, random_config);
        test_world_run(&w, measures, random_period(&seed), results);
        const cb_fairness *f = &results[CB_NOW].fairness;
        check_base(&w, f);
        for (int what = 0; what < CB_FUNNELS; what++) {
            check_funnel(&w, f, what, arena);
            compared += f->funnel[what].reason == NULL;
            suppressed += f->funnel[what].suppressed;
            for (uint32_t i = 0; i < f->funnel[what].groups; i++)
                beyond += f->funnel[what].group[i].verdict == CB_FUNNEL_BEYOND_95;
        }
        check_alike(&w, f);
        team_counts c;
        count_teams(&w, CB_FUNNEL_IN_TARGET, &c);
        assert_int_equal(results[CB_NOW].resolution.target.n, c.all_n);
        assert_int_equal(results[CB_NOW].resolution.target.within, c.all_yes);
        test_world_close(&w);
        cb_arena_free(arena);
    }
    CHECK(test_books(300) < 300 || (compared > 200 && suppressed > 100 && beyond > 0),
          "%u funnels, %u suppressed, %u beyond", compared, suppressed, beyond);
}

/* ---- by hand: teams of so many cases; which are hidden with min_group 10 ---- */

static const struct {
    const char *name;
    int size[5];
    const char *hidden; /* of a to e */
} small_teams[] = {
    {"none is small", {10, 20, 30}, ""},
    {"one is: the next smallest goes with it", {9, 30, 20}, "ac"},
    {"two that are 10 together", {5, 5, 30}, "ab"},
    {"two that are 9 together", {5, 4, 30, 12}, "abd"},
    {"ties go by the name, last first", {3, 12, 12, 12}, "ad"},
    {"all small", {2, 3}, "ab"},
    {"one alone", {4}, "a"},
    {"no team", {0}, ""},
};

static void small_by_hand(void **state)
{
    (void)state;
    for (size_t k = 0; k < COUNT_OF(small_teams); k++) {
        test_book b;
        test_world w;
        cb_results results[CB_WINDOWS];
        char got[8] = "";
        test_book_init(&b);
        for (int team = 0; team < 5; team++)
            for (int i = 0; i < small_teams[k].size[team]; i++)
                test_case(&b, &(test_case_row){.opened = RANDOM_T0 + i,
                                               .team = (const char[2]){(char)('a' + team), 0}});
        test_world_open(&w, &b, RANDOM_T0 + DAY, NULL, 1);
        test_world_run(&w, measures, "2024-01", results);
        const cb_fairness *f = &results[CB_NOW].fairness;
        for (char team = 'a'; team <= 'e'; team++) {
            uint32_t word = cb_intern_find(w.book->pool[CB_POOL_TEAM], (cb_str){&team, 1});
            if (word != CB_NO_ID && cb_team_hidden(f, word))
                (void)snprintf(got + strlen(got), sizeof got - strlen(got), "%c", team);
        }
        CHECK(!strcmp(got, small_teams[k].hidden), "%s: hides '%s', want '%s'", small_teams[k].name,
              got, small_teams[k].hidden);
        test_world_close(&w);
    }
}

static void reasons(void **state)
{
    (void)state;
    test_world w;
    cb_results results[CB_WINDOWS];
    test_world_of_case(&w, &(test_case_row){.opened = RANDOM_T0}, RANDOM_T0 + DAY);
    test_world_run(&w, measures, "2024-01", results);
    for (int what = 0; what < CB_FUNNELS; what++)
        CHECK(results[CB_NOW].fairness.funnel[what].reason &&
                  !strcmp(results[CB_NOW].fairness.funnel[what].reason, "team is not in the input"),
              "funnel %d", what);
    test_world_close(&w);
    test_world_of_case(&w, &(test_case_row){.opened = RANDOM_T0, .team = "a"}, RANDOM_T0 + DAY);
    test_world_run(&w, measures, "2024-01", results);
    static const char *const want[CB_FUNNELS] = {
        "no targets are configured", "loss_amount is not in the input", "fewer than 2 groups",
        "follow_up_at is not in the input"};
    for (int what = 0; what < CB_FUNNELS; what++)
        CHECK(!strcmp(results[CB_NOW].fairness.funnel[what].reason, want[what]), "%s: %s",
              cb_funnel_names[what], results[CB_NOW].fairness.funnel[what].reason);
    test_world_close(&w);
}

static void compare(const cb_results *got, const cb_results *want, unsigned threads)
{
    for (int what = 0; what < CB_FUNNELS; what++) {
        const cb_funnel_result *a = &got[CB_NOW].fairness.funnel[what],
                               *e = &want[CB_NOW].fairness.funnel[what];
        assert_int_equal(a->groups, e->groups);
        CHECK(!memcmp(a->group, e->group, a->groups * sizeof *a->group) &&
                  !memcmp(a->line, e->line, sizeof a->line),
              "funnel %d depends on threads: %u", what, threads);
    }
}

static void threads_do_not_show(void **state)
{
    (void)state;
    random_plan plan = {.cases = 30000, .customers = 9000, .words = 14, .present_percent = 100};
    random_on_threads(NULL, 5, &plan, compare);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_by_hand),
        cmocka_unit_test(reasons),
        cmocka_unit_test(against_twins),
        cmocka_unit_test(threads_do_not_show),
    };
    cb_stats_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
