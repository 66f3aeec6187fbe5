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

enum { SLOTS = 16 };

/* The most frequent kinds, of all cases; returns how many there are in all. */
static uint32_t frequent_kinds(const test_world *w, uint32_t kind[SLOTS], unsigned *kinds)
{
    uint32_t groups = cb_dim_groups(w->book, CB_DIM_KIND), n = 0,
             *count = calloc(groups, sizeof *count);
    const uint32_t *words;
    assert_non_null(count);
    for (uint32_t row = 0; row < cases_of(w)->n; row++)
        if (opened_of(w, row) < end_of(w, CB_NOW))
            count[cb_dim_word(w->book, CB_DIM_KIND, row)]++;
    assert_int_equal(cb_dim_ranked(w->book, CB_DIM_KIND, count, w->arena, &words, &n, NULL), CB_OK);
    for (*kinds = 0; *kinds < n && *kinds < SLOTS; (*kinds)++)
        kind[*kinds] = words[*kinds];
    free(count);
    return n;
}

static bool complete(const test_world *w, const int *step, unsigned steps, uint32_t row, int effect)
{
    for (unsigned s = 0; s < steps; s++)
        if (step_of(w, step[s], row) < 0)
            return false;
    return opened_of(w, row) < end_of(w, CB_NOW) && effect_of(w, effect, row) >= 0;
}

/* The bands of loss whose complete cases do not all have one outcome; all of them where none is
 * such. */
static void choose_bands(const test_world *w, const int *step, unsigned steps, int effect,
                         bool in[BANDS])
{
    uint32_t n[BANDS][2] = {{0}};
    bool any = false;
    for (uint32_t row = 0; row < cases_of(w)->n; row++)
        if (complete(w, step, steps, row, effect))
            n[band_of(w, row)][effect_of(w, effect, row)]++;
    for (unsigned b = 0; b < BANDS; b++)
        any |= in[b] = n[b][0] > 0 && n[b][1] > 0;
    for (unsigned b = 0; !any && b < BANDS; b++)
        in[b] = true;
}

/* What check_regression compares with: a row a case. */
typedef struct twin {
    int step[CB_STEPS];
    uint32_t kind[SLOTS], all_kinds, together;
    unsigned steps, kinds, first_band;
    uint32_t n, events, left_out, *rows, by_kind[SLOTS][2];
    bool kind_own[SLOTS], band_used[BANDS];
    size_t columns;
} twin;

/* 0: the most frequent, and those beyond the last */
static unsigned slot_of(const test_world *w, const twin *t, uint32_t row)
{
    for (unsigned k = 1; k < t->kinds; k++)
        if (cb_dim_word(w->book, CB_DIM_KIND, row) == t->kind[k])
            return k;
    return 0;
}

static void choose_rows(twin *t, const test_world *w, int effect, cb_arena *arena)
{
    bool in[BANDS];
    t->rows = cb_arena_array(arena, cases_of(w)->n, sizeof *t->rows);
    choose_bands(w, t->step, t->steps, effect, in);
    for (uint32_t row = 0; row < cases_of(w)->n; row++) {
        if (!complete(w, t->step, t->steps, row, effect))
            continue;
        if (!in[band_of(w, row)]) {
            t->left_out++;
            continue;
        }
        t->by_kind[slot_of(w, t, row)][effect_of(w, effect, row)]++;
        t->events += effect_of(w, effect, row) == (effect != CB_EFFECT_SATISFIED);
        t->band_used[band_of(w, row)] = true;
        t->rows[t->n++] = row;
    }
}

static void choose_columns(twin *t)
{
    uint32_t rarer = t->events < t->n - t->events ? t->events : t->n - t->events;
    while (t->first_band < BANDS - 1 && !t->band_used[t->first_band])
        t->first_band++;
    t->columns = 1 + t->steps;
    for (unsigned b = t->first_band + 1; b < BANDS; b++)
        t->columns += t->band_used[b];
    for (unsigned k = 0; k < t->kinds; k++) {
        const uint32_t *n = t->by_kind[k];
        t->kind_own[k] = t->together > 0 && n[0] >= 10 && n[1] >= 10 && rarer >= 10 * t->columns;
        t->columns += t->kind_own[k];
        t->together += n[0] + n[1] > 0 && !t->kind_own[k];
    }
    t->together += t->all_kinds - t->kinds;
}

static void write_row(const twin *t, const test_world *w, uint32_t row, double *x)
{
    *x++ = 1;
    for (unsigned s = 0; s < t->steps; s++)
        *x++ = step_of(w, t->step[s], row);
    for (unsigned k = 0; k < t->kinds; k++)
        if (t->kind_own[k])
            *x++ = slot_of(w, t, row) == k;
    for (unsigned b = t->first_band + 1; b < BANDS; b++)
        if (t->band_used[b])
            *x++ = band_of(w, row) == b;
}

static int check_regression(const test_world *w, const cb_regression *got, cb_arena *arena)
{
    twin t = {.steps = 0};
    t.steps = variables(w, t.step);
    t.all_kinds = frequent_kinds(w, t.kind, &t.kinds);
    if (t.steps > 0)
        choose_rows(&t, w, (int)got->outcome, arena);
    if (t.n == 0) {
        assert_non_null(got->reason);
        return 0;
    }
    choose_columns(&t);
    double *x = cb_arena_array(arena, (size_t)t.n * t.columns, sizeof *x);
    uint64_t *yes = cb_arena_array(arena, t.n, sizeof *yes),
             *one = cb_arena_array(arena, t.n, sizeof *one);
    for (uint32_t i = 0; i < t.n; i++) {
        int came = effect_of(w, (int)got->outcome, t.rows[i]);
        write_row(&t, w, t.rows[i], x + i * t.columns);
        yes[i] = (uint64_t)(got->outcome == CB_EFFECT_SATISFIED ? !came : came);
        one[i] = 1;
    }
    cb_logit want;
    assert_int_equal(
        cb_logit_fit(&(cb_logit_data){t.n, t.columns, x, yes, one}, 0.95, arena, &want), CB_OK);
    CHECK(got->n == t.n && got->events == t.events && got->left_out == t.left_out,
          "n %u of %u, want %u of %u", got->events, got->n, t.events, t.n);
    CHECK(got->kinds_together == t.together, "%u kinds together, want %u", got->kinds_together,
          t.together);
    CHECK((got->reason != NULL) == (want.reason != NULL), "reason %s, want %s",
          got->reason ? got->reason : "none", want.reason ? want.reason : "none");
    for (unsigned s = 0; !want.reason && s < t.steps; s++)
        CHECK(got->row[s].name == cb_step_titles[t.step[s]] &&
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

/* Six kinds of 180 cases or more, and one of 8: it stands with the first, the others apart. An apology
 * goes with a third of the odds in every kind. */
static void kinds_of_the_regression(void **state)
{
    static const struct {
        int n, bad_in_12[2]; /* of cases without and with an apology */
    } T[] = {{240, {9, 6}}, {228, {6, 3}}, {216, {3, 1}}, {204, {9, 6}},
             {192, {6, 3}}, {180, {9, 6}}, {8, {0, 0}}};
    (void)state;
    test_book b;
    test_world w;
    cb_results results[CB_WINDOWS];
    test_book_init(&b);
    for (size_t k = 0; k < COUNT_OF(T); k++)
        for (int i = 0; i < T[k].n; i++) {
            const char kind[] = {(char)('a' + (int)k), '\0'};
            uint32_t row = test_case(&b, &(test_case_row){.opened = RANDOM_T0 + i, .kind = kind});
            bool sorry = i % 4 == (int)k % 4;
            test_flag(&b, CB_CASES, row, CB_CASE_APOLOGY, sorry);
            test_count(&b, CB_CASES, row, CB_CASE_SATISFACTION,
                       i / 4 % 12 < T[k].bad_in_12[sorry] ? 200 : 500);
        }
    test_world_open(&w, &b, RANDOM_T0 + 300 * DAY, NULL, 1);
    test_world_run(&w, measures, "2024-01", results);
    const cb_regression *r = &results[CB_NOW].practice.regression[1];
    CHECK(!r->reason && r->kinds_together == 2, "%u together", r->kinds_together);
    CHECK(cb_str_eq(cb_dim_text(w.book, CB_DIM_KIND, r->kind_together[0]), CB_LIT("a")) &&
              cb_str_eq(cb_dim_text(w.book, CB_DIM_KIND, r->kind_together[1]), CB_LIT("g")),
          "the reference and the small one");
    CHECK(r->row[0].odds_ratio.value > 0.29 && r->row[0].odds_ratio.value < 0.37,
          "odds ratio %f of the apology", r->row[0].odds_ratio.value);
    test_world_close(&w);
}

/* 200 cases of one kind, half of them with an apology, which lowers dissatisfaction from 40 to 20 %;
 * `odd` further ones of an unknown loss, all satisfied. */
static void fill_apologies(test_book *b, int64_t loss_minor, int odd)
{
    for (int i = 0; i < 200 + odd; i++) {
        uint32_t row = test_case(b, &(test_case_row){.opened = RANDOM_T0 + i, .kind = "late"});
        bool sorry = i % 2, bad = i < 200 && i % 5 < (sorry ? 1 : 2);
        test_flag(b, CB_CASES, row, CB_CASE_APOLOGY, sorry);
        test_count(b, CB_CASES, row, CB_CASE_SATISFACTION, bad ? 200 : 500);
        if (i < 200 && loss_minor != CB_NO_AMOUNT)
            test_amount(b, CB_CASES, row, CB_CASE_LOSS, loss_minor);
    }
}

/* The reference is the first band that is there; a band with one outcome only tells nothing. */
static void bands_of_the_regression(void **state)
{
    static const struct {
        const char *name;
        int64_t loss_minor;
        int odd;
    } T[] = {{"no loss known", CB_NO_AMOUNT, 0},
             {"all losses large", 50000000, 0},
             {"a few unknown, all satisfied", 100, 12}};
    (void)state;
    for (size_t k = 0; k < COUNT_OF(T); k++) {
        test_book b;
        test_world w;
        cb_results results[CB_WINDOWS];
        test_book_init(&b);
        fill_apologies(&b, T[k].loss_minor, T[k].odd);
        test_world_open(&w, &b, RANDOM_T0 + 300 * DAY, NULL, 1);
        test_world_run(&w, measures, "2024-01", results);
        const cb_regression *r = &results[CB_NOW].practice.regression[1];
        CHECK(!r->reason && r->n == 200 && r->left_out == (uint32_t)T[k].odd &&
                  test_near(r->row[0].odds_ratio.value, (20.0 / 80) / (40.0 / 60), 1e-6),
              "%s: %s, n %u", T[k].name, r->reason ? r->reason : "odds ratio", r->n);
        test_world_close(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regression_guards),
        cmocka_unit_test(bands_of_the_regression),
        cmocka_unit_test(kinds_of_the_regression),
        cmocka_unit_test(against_twins),
    };
    cb_stats_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
