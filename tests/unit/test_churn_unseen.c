/* Customers without person-time, read backwards in time by the measure, against a twin that looks at
 * each customer's cases one by one in their own order: books with and without a list, ties of equally
 * bad cases, kinds with a reach of their own. */
#include "random_book.h"

static const cb_measure *const only_churn[] = {&cb_measure_churn, NULL};

/* Small and large losses are equally bad when a case went well: then the first one counts. */
static const char *const configs[] = {
    "[report]\ncurrency = EUR\n[assumptions]\nlarge_loss = 20\nannual_value = 1000\n",
    "[report]\ncurrency = EUR\n[assumptions]\nlarge_loss = 20\nafter_problem_days = 30\n"
    "stay_quick_small = 0.9\nstay_quick_large = 0.9\nstay_satisfied_small = 0.9\n"
    "stay_satisfied_large = 0.9\n[reach]\nk0 = 0.25\nk2 = 0.5\n",
};

typedef struct wanted {
    uint32_t worst[CB_OUTCOMES][2];
    uint32_t recorded, with_problem, at_risk, in_cases;
    double silent_havers;
} wanted;

typedef struct twin {
    const test_world *w;
    int64_t from, until, at;
    wanted sum;
} twin;

static double assumed(const twin *t, cb_assumption_ix ix)
{
    return t->w->settings->assumption[ix].base;
}

static double stays(const twin *t, unsigned outcome, bool large)
{
    static const cb_assumption_ix ix[CB_OUTCOMES][2] = {
        {CB_A_STAY_QUICK_SMALL, CB_A_STAY_QUICK_LARGE},
        {CB_A_STAY_SATISFIED_SMALL, CB_A_STAY_SATISFIED_LARGE},
        {CB_A_STAY_DISSATISFIED_SMALL, CB_A_STAY_DISSATISFIED_LARGE},
        {CB_A_STAY_DISSATISFIED_SMALL, CB_A_STAY_DISSATISFIED_LARGE}};
    return assumed(t, ix[outcome][large]);
}

static double reach_of(const twin *t, uint32_t row)
{
    cb_str kind = cb_dim_text(t->w->book, CB_DIM_KIND, cb_dim_word(t->w->book, CB_DIM_KIND, row));
    for (unsigned i = 0; i < t->w->settings->reach.n; i++)
        if (cb_str_eq_nocase(kind, t->w->settings->reach.pair[i].word))
            return t->w->settings->kind_reach[i];
    return assumed(t, CB_A_REACH);
}

static bool is_here(const twin *t, uint32_t customer)
{
    const cb_book *book = t->w->book;
    uint32_t listed = book->customer_row ? book->customer_row[customer] : CB_NO_ROW;
    if (listed == CB_NO_ROW)
        return true;
    int64_t since = cb_time(&book->table[CB_CUSTOMERS], CB_CUSTOMER_SINCE, listed);
    int64_t left = cb_time(&book->table[CB_CUSTOMERS], CB_CUSTOMER_CHURNED, listed);
    return (since == CB_NO_TIME || since < t->until) && (left == CB_NO_TIME || left >= t->until);
}

static void add_window_case(const twin *t, uint32_t row, int *outcome, bool *large)
{
    unsigned own = t->w->derived->outcome[row];
    bool own_large = cb_loss_minor(t->w->derived, row) >= 2000;
    double mine = stays(t, own, own_large);
    double worst = *outcome < 0 ? 2 : stays(t, (unsigned)*outcome, *large);
    if (mine < worst || (!(mine > worst) && (int)own > *outcome)) {
        *outcome = (int)own;
        *large = own_large;
    }
}

static void add_latest(twin *t, uint32_t customer, uint32_t latest)
{
    const cb_table *cases = &t->w->book->table[CB_CASES];
    int64_t lasts_s = (int64_t)(assumed(t, CB_A_AFTER_PROBLEM_DAYS) * CB_DAY_S);
    bool known = cb_time(cases, CB_CASE_RESOLVED, latest) < t->until;
    if (!is_here(t, customer) || t->at - cb_time(cases, CB_CASE_OPENED, latest) >= lasts_s)
        return;
    t->sum.with_problem++;
    t->sum.at_risk += !known || t->w->derived->outcome[latest] != CB_OUTCOME_QUICK_ADEQUATE;
}

static void add_customer(twin *t, uint32_t customer)
{
    const cb_rows_by *by = &t->w->book->cases_of;
    const cb_table *cases = &t->w->book->table[CB_CASES];
    uint32_t latest = CB_NO_ROW;
    int outcome = -1;
    bool large = false;
    for (uint32_t i = by->offset[customer]; i < by->offset[customer + 1]; i++) {
        int64_t opened = cb_time(cases, CB_CASE_OPENED, by->rows[i]);
        if (opened >= t->until)
            break;
        latest = by->rows[i];
        if (opened >= t->from)
            add_window_case(t, latest, &outcome, &large);
    }
    if (latest == CB_NO_ROW)
        return;
    t->sum.in_cases++;
    add_latest(t, customer, latest);
    if (outcome < 0)
        return;
    t->sum.recorded++;
    t->sum.worst[outcome][large]++;
    t->sum.silent_havers += 1 / reach_of(t, latest);
}

static void check_window(const test_world *w, cb_window_ix ix, const cb_churn *got, int number)
{
    const cb_period *p = &w->scope.window[ix].period;
    int64_t as_of = w->book->as_of_utc_s;
    bool whole = p->to_utc_s <= as_of;
    twin t = {.w = w,
              .from = p->from_utc_s,
              .until = whole ? p->to_utc_s : as_of + 1,
              .at = whole ? p->to_utc_s : as_of};
    for (uint32_t c = 1; c < w->book->cases_of.groups; c++)
        add_customer(&t, c);
    if (ix != CB_NOW) /* the headline alone */
        t.sum = (wanted){.with_problem = t.sum.with_problem, .in_cases = t.sum.in_cases};
    CHECK(!memcmp(got->bottom_up_customers, t.sum.worst, sizeof t.sum.worst),
          "book %d, %s: worst cases", number, p->label);
    CHECK(got->recorded_customers == t.sum.recorded &&
              got->customers_with_problem == t.sum.with_problem && got->at_risk == t.sum.at_risk,
          "book %d, %s: %u recorded, %u after a problem, %u at risk; want %u, %u, %u", number,
          p->label, got->recorded_customers, got->customers_with_problem, got->at_risk,
          t.sum.recorded, t.sum.with_problem, t.sum.at_risk);
    CHECK(w->book->table[CB_CUSTOMERS].n > 0 ||
              test_near(got->counted_customers, t.sum.in_cases, 0),
          "book %d, %s: %f customers", number, p->label, got->counted_customers);
    CHECK(t.sum.recorded == 0 ||
              test_near(got->silent_havers[1], t.sum.silent_havers, 1e-9 * t.sum.recorded),
          "book %d, %s: %f have a problem, want %f", number, p->label, got->silent_havers[1],
          t.sum.silent_havers);
}

static void against_one_by_one(void **state)
{
    (void)state;
    uint64_t seed = 99;
    for (int number = 0; number < test_books(300); number++) {
        test_book b;
        test_world w;
        cb_results r[CB_WINDOWS];
        random_plan plan = random_shape(&seed, number % 4 ? 150 : 3000);
        plan.customers = number % 3 ? plan.customers : 700;
        plan.list = number % 2;
        random_book_fill(&b, &seed, &plan);
        test_world_open(&w, &b, RANDOM_AS_OF, configs[number % 2 ? number / 2 % 2 : number / 4 % 2],
                        1 + (unsigned)number % 3);
        w.settings->draws = 50;
        test_world_run(&w, only_churn, random_period(&seed), r);
        for (int ix = 0; ix < CB_WINDOWS; ix++)
            check_window(&w, (cb_window_ix)ix, &r[ix].churn, number);
        test_world_close(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(against_one_by_one),
    };
    cb_stats_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
