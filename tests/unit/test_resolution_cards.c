/* How the resolution measure deals durations out to the words of six dimensions. */
#include "resolution_book.h"

#include "measures/resolution_parts.h"

/* The words of six dimensions on cards: so many words of each dimension (0: the column is there,
 * and blank), so many numbers. */
typedef struct card_case {
    const char *name;
    int words[CB_DIMS];
    unsigned cards;
} card_case;

static void open_words(test_world *w, const card_case *t, int cases)
{
    test_book b;
    test_book_init(&b);
    for (int i = 0; i < cases; i++) {
        uint32_t row =
            test_case(&b, &(test_case_row){.opened = T0 + i * HOUR,
                                           .resolved = i % 5 ? T0 + i * HOUR + i * 37 % 401 : 0});
        for (int dim = 0; dim < CB_DIMS; dim++) {
            char word[16] = "";
            if (t->words[dim])
                snprintf(word, sizeof word, "w%d", i * 13 % t->words[dim]);
            test_word(&b, CB_CASES, row, cb_dim_fields[dim], word);
        }
    }
    test_world_open(w, &b, T0 + 100 * DAY, TEST_WEEK_24_7, 1);
}

/* Cards by place and sorted, against the columns; then the durations dealt out by them, against
 * those dealt out by the words. */
static void words_on_cards(void **state)
{
    enum { CASES = 1500 };
    static const card_case t[] = {
        {"eleven bits each", {1500, 1400, 1500, 1500, 1500, 1500}, 2},
        {"all blank", {0}, 1},
        {"one word each", {1, 1, 1, 1, 1, 1}, 1},
        {"blank before many", {0, 0, 1500, 0, 1500, 0}, 1},
        {"blank behind many", {1023, 1023, 1023, 1023, 1023, 0}, 1},
        {"full, then one more", {1400, 1400, 1400, 1400, 1400, 511}, 1},
        {"full, then too many", {1400, 1400, 1400, 1400, 1400, 512}, 2},
    };
    (void)state;
    for (size_t k = 0; k < COUNT_OF(t); k++) {
        test_world w;
        open_words(&w, &t[k], CASES);
        cb_error err;
        cb_arena *arena = cb_arena_new(cb_alloc_libc(), 0);
        const cb_slice cases = {w.book->opened_order, CASES};
        const cb_res_source source = {.derived = w.derived, .key = cb_res_key_elapsed};
        cb_res_order order;
        cb_res_cards by_place, sorted;
        assert_int_equal(cb_res_sort(&order, &cases, &source, arena, arena, &err), CB_OK);
        assert_int_equal(
            cb_res_cards_of(&by_place, w.book, (1u << CB_DIMS) - 1, &cases, arena, &err), CB_OK);
        assert_int_equal(cb_res_cards_sorted(&sorted, &by_place, &order, arena, &err), CB_OK);
        CHECK(by_place.cards == t[k].cards && order.n == CASES, "%s: %u cards, %u cases", t[k].name,
              by_place.cards, order.n);
        for (int dim = 0; dim < CB_DIMS; dim++) {
            static uint32_t word[CASES];
            const cb_res_field f = by_place.of[dim];
            const uint32_t words = cb_dim_groups(w.book, (cb_dim)dim);
            cb_res_table table;
            cb_res_split want;
            for (uint32_t i = 0; i < CASES; i++) {
                word[i] = cb_dim_word(w.book, (cb_dim)dim, cases.rows[i]);
                CHECK((by_place.card[f.card][i] >> f.shift & f.mask) == word[i], "%s: %s of %u",
                      t[k].name, cb_dim_names[dim], i);
            }
            assert_int_equal(cb_res_split_at(&want, &order, word, words, arena, &err), CB_OK);
            assert_int_equal(cb_res_new_table(&table, CASES, words, arena, &err), CB_OK);
            cb_res_split got = cb_res_split_by(&order, &sorted, (cb_dim)dim, &table);
            assert_memory_equal(got.offset, want.offset, (2 * words + 1) * sizeof *want.offset);
            assert_memory_equal(got.duration_s, want.duration_s, CASES * sizeof *want.duration_s);
        }
        cb_arena_free(arena);
        test_world_close(&w);
    }
}

/* Every change listed is of a dimension that is said to be compared, and the others have a
 * reason. */
static void compared_dimensions(void **state)
{
    static const bool want[CB_DIMS] = {[CB_DIM_KIND] = true,
                                       [CB_DIM_PRODUCT] = true,
                                       [CB_DIM_TEAM] = true,
                                       [CB_DIM_PRIORITY] = true};
    (void)state;
    for (int dim = 0; dim < CB_DIMS; dim++)
        CHECK(cb_res_compared((cb_dim)dim) == want[dim], "%s", cb_dim_names[dim]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compared_dimensions),
        cmocka_unit_test(words_on_cards),
    };
    cb_stats_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
