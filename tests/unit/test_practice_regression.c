/* P2 against the same regression with a row a case; by hand: separation, events per variable. */
#include "practice_twin.h"

#include "casebook/stats_regress.h"

/* ---- P2 against the same regression, a row a case ---- */

static unsigned variables(const test_world *w, int step[CB_STEPS])
{
    unsigned steps = 0;
    uint32_t all = 0;
    for (uint32_t row = 0; row < cases_of(w)->n; row++)
        all += opened_of(w, row) < end_of(w, CB_NOW);
    for (int s = 0; s < CB_STEPS; s++) {
        uint32_t n[2] = {0};
        for (uint32_t row = 0; row < cases_of(w)->n; row++)
            if (opened_of(w, row) < end_of(w, CB_NOW) && step_of(w, s, row) >= 0)
                n[step_of(w, s, row)]++;
        if (2 * (n[0] + n[1]) >= all && n[0] > 0 && n[1] > 0)
            step[steps++] = s;
    }
    return steps;
}

/* The kinds from the second most frequent to the fifth. */
static unsigned frequent_kinds(const test_world *w, uint32_t kind[4])
{
    uint32_t groups = cb_dim_groups(w->book, CB_DIM_KIND), n = 0,
             *count = calloc(groups, sizeof *count);
    const uint32_t *words;
    assert_non_null(count);
    for (uint32_t row = 0; row < cases_of(w)->n; row++)
        if (opened_of(w, row) < end_of(w, CB_NOW))
            count[cb_dim_word(w->book, CB_DIM_KIND, row)]++;
    assert_int_equal(cb_dim_ranked(w->book, CB_DIM_KIND, count, w->arena, &words, &n, NULL), CB_OK);
    unsigned kinds = 0;
    for (uint32_t i = 1; i < n && i < 5; i++)
        kind[kinds++] = words[i];
    free(count);
    return kinds;
}

static bool complete(const test_world *w, const int *step, unsigned steps, uint32_t row, int effect)
{
    for (unsigned s = 0; s < steps; s++)
        if (step_of(w, step[s], row) < 0)
            return false;
    return opened_of(w, row) < end_of(w, CB_NOW) && effect_of(w, effect, row) >= 0;
}

static int check_regression(const test_world *w, const cb_regression *got, cb_arena *arena)
{
    int step[CB_STEPS];
    uint32_t kind[4], n = 0, events = 0, bands[4] = {0}, kinds_used[4] = {0};
    unsigned steps = variables(w, step), kinds = frequent_kinds(w, kind), p = 1 + steps;
    if (steps == 0) {
        assert_non_null(got->reason);
        return 0;
    }
    for (uint32_t row = 0; row < cases_of(w)->n; row++)
        if (complete(w, step, steps, row, (int)got->outcome)) {
            bands[band_of(w, row)]++;
            for (unsigned k = 0; k < kinds; k++)
                kinds_used[k] += cb_dim_word(w->book, CB_DIM_KIND, row) == kind[k];
            n++;
        }
    if (n == 0) {
        assert_non_null(got->reason);
        return 0;
    }
    for (unsigned k = 0; k < 4; k++)
        p += (kinds_used[k] > 0 ? 1u : 0u) + (k > 0 && bands[k] > 0 ? 1u : 0u);
    double *x = cb_arena_array(arena, (size_t)n * p, sizeof *x);
    uint64_t *yes = cb_arena_array(arena, n, sizeof *yes),
             *one = cb_arena_array(arena, n, sizeof *one);
    size_t at = 0;
    for (uint32_t row = 0; row < cases_of(w)->n; row++) {
        if (!complete(w, step, steps, row, (int)got->outcome))
            continue;
        unsigned c = 0;
        x[at * p + c++] = 1;
        for (unsigned s = 0; s < steps; s++)
            x[at * p + c++] = step_of(w, step[s], row);
        for (unsigned k = 0; k < kinds; k++)
            if (kinds_used[k])
                x[at * p + c++] = cb_dim_word(w->book, CB_DIM_KIND, row) == kind[k];
        for (unsigned b = 1; b < 4; b++)
            if (bands[b])
                x[at * p + c++] = band_of(w, row) == b;
        int came = effect_of(w, (int)got->outcome, row);
        yes[at] = (uint64_t)(got->outcome == CB_EFFECT_SATISFIED ? !came : came);
        events += (uint32_t)yes[at];
        one[at++] = 1;
    }
    cb_logit want;
    assert_int_equal(cb_logit_fit(&(cb_logit_data){n, p, x, yes, one}, 0.95, arena, &want), CB_OK);
    CHECK(got->n == n && got->events == events, "n %u of %u, want %u of %u", got->events, got->n,
          events, n);
    CHECK((got->reason != NULL) == (want.reason != NULL), "reason %s, want %s",
          got->reason ? got->reason : "none", want.reason ? want.reason : "none");
    for (unsigned s = 0; !want.reason && s < steps; s++)
        CHECK(got->row[s].name == cb_step_titles[step[s]] &&
                  test_near(got->row[s].odds_ratio.value, want.odds_ratio[1 + s].value, 1e-6) &&
                  test_near(got->row[s].p, want.p_value[1 + s], 1e-6),
              "odds ratio of %s: %f, want %f", got->row[s].name, got->row[s].odds_ratio.value,
              want.odds_ratio[1 + s].value);
    return want.reason == NULL;
}

static void against_twins(void **state)
{
    (void)state;
    uint64_t seed = 20260807;
    int fitted = 0;
    for (int book = 0; book < test_books(120); book++) {
        test_world w;
        cb_results results[CB_WINDOWS];
        cb_arena *arena = cb_arena_new(NULL, 0);
        random_plan plan = random_shape(&seed, 1200);
        if (book % 12 == 0)
            plan = (random_plan){
                .cases = 6000, .customers = 1500, .words = 4, .present_percent = 100, .list = true};
        random_world_open(&w, &seed, &plan, random_config);
        test_world_run(&w, measures, random_period(&seed), results);
        for (int i = 0; i < 2; i++)
            fitted += check_regression(&w, &results[CB_NOW].practice.regression[i], arena);
        test_world_close(&w);
        cb_arena_free(arena);
    }
    CHECK(test_books(120) < 120 || fitted > 5, "%d regressions fitted", fitted);
}

/* ---- by hand ---- */

/* 200 answered cases; the apology decides (separation), or five are dissatisfied (events per
 * variable), or neither. */
static void regression_guards(void **state)
{
    static const struct {
        const char *name, *reason; /* a part of it; NULL: fitted */
        int sort;
    } T[] = {{"separated", "foretell", 0}, {"five events", "event", 1}, {"plain", NULL, 2}};
    (void)state;
    for (size_t k = 0; k < COUNT_OF(T); k++) {
        test_book b;
        test_world w;
        cb_results results[CB_WINDOWS];
        test_book_init(&b);
        for (int i = 0; i < 200; i++) {
            uint32_t row = test_case(&b, &(test_case_row){.opened = RANDOM_T0 + i, .kind = "late"});
            bool sorry = i % 2, bad = T[k].sort == 0   ? !sorry
                                      : T[k].sort == 1 ? i % 40 == 0
                                                       : i % 5 < (sorry ? 1 : 2);
            test_flag(&b, CB_CASES, row, CB_CASE_APOLOGY, sorry);
            test_count(&b, CB_CASES, row, CB_CASE_SATISFACTION, bad ? 200 : 500);
        }
        test_world_open(&w, &b, RANDOM_T0 + 300 * DAY, NULL, 1);
        test_world_run(&w, measures, "2024-01", results);
        const cb_regression *r = &results[CB_NOW].practice.regression[1];
        if (T[k].reason)
            CHECK(r->reason && r->rows == 0, "%s: %s", T[k].name, r->reason ? r->reason : "fitted");
        else
            CHECK(!r->reason && r->rows == 1 &&
                      test_near(r->row[0].odds_ratio.value, (20.0 / 80) / (40.0 / 60), 1e-6),
                  "%s: odds ratio %f", T[k].name, r->row[0].odds_ratio.value);
        test_world_close(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regression_guards),
        cmocka_unit_test(against_twins),
    };
    cb_stats_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
