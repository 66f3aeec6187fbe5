#include "testing.h"

#include <stdio.h>
#include <string.h>

#include "casebook/intern.h"

static void words_get_ids_in_order_of_first_sight(void **state)
{
    (void)state;
    cb_intern *pool = cb_intern_new(NULL, 100);
    assert_int_equal(cb_intern_count(pool), 1);
    assert_int_equal(cb_intern_text(pool, 0).len, 0);
    assert_int_equal(cb_intern_put(pool, CB_LIT("")), CB_UNKNOWN_ID);
    assert_int_equal(cb_intern_put(pool, (cb_str){NULL, 0}), CB_UNKNOWN_ID);
    assert_int_equal(cb_intern_find(pool, CB_LIT("")), CB_UNKNOWN_ID);
    assert_int_equal(cb_intern_find(pool, CB_LIT("x")), CB_NO_ID);
    char word[] = "billing";
    assert_int_equal(cb_intern_put(pool, cb_str_of(word)), 1);
    word[0] = 'X'; /* the pool has its own copy */
    assert_int_equal(cb_intern_put(pool, CB_LIT("delivery")), 2);
    assert_int_equal(cb_intern_put(pool, CB_LIT("Billing")), 3);
    assert_int_equal(cb_intern_put(pool, CB_LIT("bill\0ng")), 4);
    assert_int_equal(cb_intern_put(pool, CB_LIT("bill\0")), 5);
    assert_int_equal(cb_intern_put(pool, CB_LIT("billing")), 1);
    assert_int_equal(cb_intern_find(pool, CB_LIT("delivery")), 2);
    assert_int_equal(cb_intern_find(pool, CB_LIT("bill")), CB_NO_ID);
    assert_int_equal(cb_intern_count(pool), 6);
    assert_true(cb_str_eq(cb_intern_text(pool, 4), CB_LIT("bill\0ng")));
    cb_intern_free(pool);
    cb_intern_free(NULL);
}

static cb_str word_at(unsigned i, char buf[128])
{
    int n = snprintf(buf, 128, "%u-%0*u", i, (int)(i % 7 == 0 ? 40 + i % 60 : i % 19), i);
    return (cb_str){buf, (size_t)n};
}

/* Words of 2 to 110 bytes, on both sides of what fits into the table itself; texts given out early
 * stay valid. */
static void a_million_words_keep_their_ids(void **state)
{
    (void)state;
    enum { N = 1000000 };
    char buf[128];
    cb_intern *pool = cb_intern_new(NULL, N);
    cb_str early[1000];
    for (unsigned i = 0; i < N; i++) {
        uint32_t id = cb_intern_put(pool, word_at(i, buf));
        CHECK(id == i + 1, "word %u has id %u", i, id);
        if (i < COUNT_OF(early))
            early[i] = cb_intern_text(pool, id);
    }
    assert_int_equal(cb_intern_count(pool), N + 1);
    for (unsigned i = 0; i < N; i++) {
        unsigned j = (unsigned)((i * UINT64_C(7919)) % N);
        cb_str word = word_at(j, buf);
        CHECK(cb_intern_find(pool, word) == j + 1, "word %u is lost", j);
        CHECK(cb_intern_put_hashed(pool, word, cb_hash(word)) == j + 1, "word %u came twice", j);
        CHECK(cb_str_eq(cb_intern_text(pool, j + 1), word), "text of word %u", j);
    }
    for (unsigned i = 0; i < COUNT_OF(early); i++)
        CHECK(cb_str_eq(early[i], word_at(i, buf)), "early text %u moved", i);
    assert_int_equal(cb_intern_put(pool, CB_LIT("one too many")), CB_NO_ID);
    assert_int_equal(cb_intern_count(pool), N + 1);
    cb_intern_free(pool);
}

/* The caller may hand in any hash: with one and the same for all, and with equal low halves, words
 * stay apart. */
static void colliding_hashes_do_not_confuse(void **state)
{
    (void)state;
    enum { N = 1500 };
    static const uint64_t step[] = {0, UINT64_C(1) << 32, UINT64_C(0x100000001)};
    for (size_t s = 0; s < COUNT_OF(step); s++) {
        cb_intern *pool = cb_intern_new(NULL, N);
        for (int round = 0; round < 2; round++)
            for (unsigned i = 0; i < N; i++) {
                char buf[128];
                uint32_t id = cb_intern_put_hashed(pool, word_at(i, buf), 99 + i * step[s]);
                CHECK(id == i + 1, "step %zu round %d word %u: id %u", s, round, i, id);
            }
        cb_intern_free(pool);
    }
}

/* Lengths around 15, 255 and 256 bytes, in a pool that is sealed then: texts and ids stay, nothing
 * can be added. */
static void a_sealed_pool_keeps_its_words(void **state)
{
    (void)state;
    enum { LONGEST = 600 };
    static char text[LONGEST];
    memset(text, 'w', sizeof text);
    cb_intern *pool = cb_intern_new(NULL, 2 * LONGEST);
    for (uint32_t len = 1; len <= LONGEST; len++)
        assert_int_equal(cb_intern_put(pool, (cb_str){text, len}), len);
    for (int sealed = 0; sealed < 2; sealed++) {
        for (uint32_t len = 1; len <= LONGEST; len++) {
            cb_str word = cb_intern_text(pool, len);
            CHECK(word.len == len && !memcmp(word.at, text, len), "length %u", len);
            CHECK(cb_intern_find(pool, (cb_str){text, len}) == len, "length %u", len);
        }
        assert_int_equal(cb_intern_find(pool, CB_LIT("other")), CB_NO_ID);
        cb_intern_seal(pool);
    }
    assert_int_equal(cb_intern_put(pool, CB_LIT("other")), CB_NO_ID);
    assert_int_equal(cb_intern_put(pool, CB_LIT("")), CB_UNKNOWN_ID);
    assert_int_equal(cb_intern_find(pool, CB_LIT("")), CB_UNKNOWN_ID);
    assert_int_equal(cb_intern_count(pool), LONGEST + 1);
    cb_intern_seal(pool);
    cb_intern_free(pool);
}

static void the_limit_is_kept(void **state)
{
    (void)state;
    for (uint32_t limit = 0; limit < 600; limit += limit < 5 ? 1 : 29) {
        char buf[128];
        cb_intern *pool = cb_intern_new(NULL, limit);
        for (uint32_t i = 0; i < limit; i++)
            CHECK(cb_intern_put(pool, word_at(i, buf)) == i + 1, "limit %u word %u", limit, i);
        CHECK(cb_intern_put(pool, word_at(limit, buf)) == CB_NO_ID, "limit %u", limit);
        CHECK(cb_intern_put(pool, CB_LIT("")) == 0, "limit %u", limit);
        if (limit > 0)
            CHECK(cb_intern_put(pool, word_at(0, buf)) == 1, "limit %u", limit);
        CHECK(cb_intern_count(pool) == limit + 1, "limit %u", limit);
        cb_intern_free(pool);
    }
    cb_intern *pool = cb_intern_new(NULL, UINT32_MAX);
    cb_intern_reset(pool); /* nothing in it yet */
    assert_int_equal(cb_intern_put(pool, CB_LIT("the only one")), 1);
    cb_intern_reset(pool);
    assert_int_equal(cb_intern_find(pool, CB_LIT("the only one")), CB_NO_ID);
    cb_intern_prefetch(pool, cb_hash(CB_LIT("a"))); /* only a hint */
    assert_int_equal(cb_intern_put(pool, CB_LIT("a")), 1);
    /* a length beyond 32 bits is refused before its bytes are looked at */
    assert_int_equal(cb_intern_put_hashed(pool, (cb_str){"b", (size_t)UINT32_MAX + 1}, 5),
                     CB_NO_ID);
    assert_int_equal(cb_intern_count(pool), 2);
    cb_intern_free(pool);
}

static void the_longest_word_is_known(void **state)
{
    (void)state;
    char text[3000];
    uint64_t seed = 11;
    size_t longest = 0;
    memset(text, 'x', sizeof text);
    cb_intern *pool = cb_intern_new(NULL, UINT32_MAX);
    assert_int_equal(cb_intern_longest(pool), 0);
    for (int i = 0; i < 2000; i++) {
        size_t len = (size_t)test_between(&seed, 0, i < 1000 ? 20 : (int64_t)sizeof text);
        longest = len > longest ? len : longest;
        uint32_t id = cb_intern_put(pool, (cb_str){text, len});
        cb_intern_prefetch_text(pool, id); /* only a hint */
        CHECK(cb_intern_longest(pool) == longest, "word %d", i);
    }
    cb_intern_free(pool);
}

static void a_reset_pool_is_empty_and_needs_no_new_memory(void **state)
{
    (void)state;
    test_alloc heap = {0};
    cb_alloc alloc = test_alloc_of(&heap);
    cb_intern *pool = cb_intern_new(&alloc, 100000);
    char buf[128];
    size_t calls = 0;
    for (unsigned round = 0; round < 5; round++) {
        for (unsigned i = 0; i < 20000; i++)
            CHECK(cb_intern_put(pool, word_at(i, buf)) == i + 1, "round %u word %u", round, i);
        if (round > 0)
            CHECK(heap.calls == calls, "round %u took memory again", round);
        calls = heap.calls;
        cb_intern_reset(pool);
        assert_int_equal(cb_intern_count(pool), 1);
        CHECK(cb_intern_find(pool, word_at(5, buf)) == CB_NO_ID, "round %u", round);
        CHECK(cb_intern_find(pool, CB_LIT("")) == 0, "round %u", round);
    }
    /* longer words than before do not fit the spare blocks */
    static char longer[100000];
    memset(longer, 'x', sizeof longer);
    for (unsigned i = 0; i < 30; i++) {
        longer[i] = 'y';
        CHECK(cb_intern_put(pool, (cb_str){longer, sizeof longer - i}) == i + 1, "long word %u", i);
    }
    for (unsigned i = 30; i-- > 0;) {
        CHECK(cb_str_eq(cb_intern_text(pool, i + 1), (cb_str){longer, sizeof longer - i}),
              "long word %u", i);
        longer[i] = 'x';
    }
    cb_intern_free(pool);
    assert_int_equal(heap.live_bytes, 0);
    assert_int_equal(heap.live_blocks, 0);
}

/* Every second word is numbered, upwards and downwards. */
static cb_str mixed_at(unsigned i, char buf[128])
{
    if (i % 2 == 0)
        return word_at(i, buf);
    int n = snprintf(buf, 128, "C-%04u", i % 4 == 1 ? 5000 + i : 5000 - i);
    return (cb_str){buf, (size_t)n};
}

/* After a failed put the pool is as it was and can be used on. */
static void every_allocation_may_fail(void **state)
{
    (void)state;
    for (size_t n = 1;; n++) {
        test_alloc heap = {.fail_at = n};
        cb_alloc alloc = test_alloc_of(&heap);
        cb_intern *pool = cb_intern_new(&alloc, 10000);
        uint32_t failed = 0;
        if (pool)
            cb_intern_number(pool, cb_numbering_of(CB_LIT("C-0001")));
        for (unsigned i = 0; pool && i < 3000; i++) {
            char buf[128];
            cb_str word = mixed_at(i, buf);
            uint32_t id = cb_intern_put(pool, word);
            if (id == CB_NO_ID) {
                failed++;
                CHECK(cb_intern_count(pool) == i + 1, "call %zu word %u", n, i);
                CHECK(cb_intern_find(pool, word) == CB_NO_ID, "call %zu word %u", n, i);
                id = cb_intern_put(pool, word);
            }
            CHECK(id == i + 1, "call %zu word %u: id %u", n, i, id);
        }
        CHECK((pool ? failed : 1) == heap.failures, "call %zu: %u failures seen of %zu", n, failed,
              heap.failures);
        cb_intern_free(pool);
        CHECK(heap.live_bytes == 0 && heap.live_blocks == 0, "call %zu leaks", n);
        if (heap.failures == 0) {
            CHECK(n > 25, "only %zu allocations", n);
            return;
        }
    }
}

/* ---- numbered words ---- */

typedef struct twin {
    char text[4000][24];
    size_t len[4000];
    uint32_t count; /* id 0 is the empty word */
} twin;

static uint32_t twin_find(const twin *t, cb_str text)
{
    for (uint32_t id = 0; id < t->count; id++)
        if (cb_str_eq((cb_str){t->text[id], t->len[id]}, text))
            return id;
    return CB_NO_ID;
}

static uint32_t twin_put(twin *t, cb_str text)
{
    uint32_t id = twin_find(t, text);
    if (id != CB_NO_ID)
        return id;
    memcpy(t->text[t->count], text.at, text.len);
    t->len[t->count] = text.len;
    return t->count++;
}

/* Numbers in a row, near together, far apart, at the ends; widths and prefixes that nearly fit. */
static cb_str random_id(uint64_t *seed, uint32_t *next, char buf[24])
{
    static const char *const prefix[] = {"C-", "C-", "C-", "C-", "C-", "c-", "C-0", "C", "", "D-"};
    static const int width[] = {5, 5, 5, 5, 5, 5, 4, 6, 1, 12};
    static const uint32_t end[] = {0, 1, 9, 99999, 100000, 99999999, 100000000};
    uint32_t number = 0;
    switch (test_between(seed, 0, 6)) {
    case 0:
    case 1:
        number = ++*next;
        break;
    case 2:
        number = (uint32_t)test_between(seed, *next > 900 ? *next - 900 : 0, *next + 300);
        break;
    case 3:
        number = (uint32_t)test_between(seed, 0, 20000);
        break;
    case 4:
        number = (uint32_t)test_between(seed, 0, 100000100);
        break;
    default:
        number = end[test_between(seed, 0, COUNT_OF(end))];
    }
    int n = snprintf(buf, 24, "%s%0*u", prefix[test_between(seed, 0, COUNT_OF(prefix))],
                     width[test_between(seed, 0, COUNT_OF(width))], number);
    return (cb_str){buf, (size_t)n};
}

static uint32_t put_in_any_way(cb_intern *pool, cb_str text, uint64_t way)
{
    cb_numbering how = cb_intern_numbering(pool);
    uint32_t number = cb_number_of(&how, text);
    if (way == 0)
        return cb_intern_put(pool, text);
    if (way > 1 && number > 0)
        return cb_intern_put_numbered(pool, text, number);
    return cb_intern_put_hashed(pool, text, cb_hash(text));
}

static void compare_all(const cb_intern *pool, const twin *t)
{
    CHECK(cb_intern_count(pool) == t->count, "%u words of %u", cb_intern_count(pool), t->count);
    for (uint32_t id = 0; id < t->count; id++) {
        cb_str text = {t->text[id], t->len[id]};
        CHECK(cb_str_eq(cb_intern_text(pool, id), text), "text of word %u", id);
        CHECK(cb_intern_find(pool, text) == id, "%s is lost", t->text[id]);
    }
}

/* A pool is told of its numbering at the beginning or later, is reset, and goes on. */
static void numbered_words_are_words_as_all(void **state)
{
    (void)state;
    static twin t;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        uint64_t rnd = seed * 977;
        uint32_t next = (uint32_t)test_between(&rnd, 0, seed % 2 ? 100 : 98000);
        int64_t told = (int64_t)(seed % 4) * 650;
        cb_intern *pool = cb_intern_new(NULL, UINT32_MAX);
        t = (twin){.count = 1};
        for (int64_t i = 0; i < 2500; i++) {
            char buf[24];
            if (i == told)
                cb_intern_number(pool, cb_numbering_of(CB_LIT("C-00001")));
            if (i % 700 == 600)
                cb_intern_expect(pool, seed % 3 ? 0 : 30000);
            if (i == 1900 && seed % 4 == 0) {
                cb_intern_reset(pool);
                t = (twin){.count = 1};
            }
            cb_str text = random_id(&rnd, &next, buf);
            uint32_t found = cb_intern_find(pool, text);
            CHECK(found == twin_find(&t, text), "seed %d: %s found as %u", (int)seed, buf, found);
            uint32_t id = put_in_any_way(pool, text, test_random(&rnd) % 4);
            CHECK(id == twin_put(&t, text), "seed %d: %s is %u", (int)seed, buf, id);
        }
        compare_all(pool, &t);
        cb_intern_seal(pool);
        compare_all(pool, &t);
        assert_int_equal(cb_intern_put(pool, CB_LIT("C-00001")), CB_NO_ID);
        assert_int_equal(cb_intern_put_numbered(pool, CB_LIT("C-00001"), 1), CB_NO_ID);
        cb_intern_free(pool);
    }
}

static void the_first_numbering_stays(void **state)
{
    (void)state;
    cb_intern *pool = cb_intern_new(NULL, 10);
    assert_int_equal(cb_intern_numbering(pool).width, 0);
    cb_intern_number(pool, cb_numbering_of(CB_LIT("no number")));
    assert_int_equal(cb_intern_numbering(pool).width, 0);
    cb_intern_number(pool, cb_numbering_of(CB_LIT("C-01")));
    cb_intern_number(pool, cb_numbering_of(CB_LIT("D-001")));
    assert_true(cb_numbering_eq(cb_intern_numbering(pool), cb_numbering_of(CB_LIT("C-99"))));
    cb_intern_prefetch_number(pool, CB_LIT("C-07"), 7); /* only hints */
    assert_int_equal(cb_intern_put(pool, CB_LIT("C-07")), 1);
    cb_intern_prefetch_number(pool, CB_LIT("C-07"), 7);
    assert_int_equal(cb_intern_count(pool), 2);
    cb_intern_free(pool);
}

/* Bytes that words take whose numbers are `step` apart, modulo a prime. */
static int64_t bytes_of_words(uint64_t step, uint64_t prime, bool numbered, size_t expected)
{
    enum { N = 50000 };
    test_alloc heap = {0};
    cb_alloc alloc = test_alloc_of(&heap);
    cb_intern *pool = cb_intern_new(&alloc, N);
    if (numbered)
        cb_intern_number(pool, cb_numbering_of(CB_LIT("C-00000001")));
    cb_intern_expect(pool, expected);
    for (uint32_t i = 1; i <= N; i++) {
        char buf[24];
        int n = snprintf(buf, sizeof buf, "C-%08u", (unsigned)(i * step % prime));
        CHECK(cb_intern_put(pool, (cb_str){buf, (size_t)n}) == i, "step %d, word %u", (int)step, i);
    }
    int64_t bytes = heap.live_bytes;
    CHECK(heap.calls < N / 256 + 60, "step %d: %zu allocations", (int)step, heap.calls);
    cb_intern_free(pool);
    assert_int_equal(heap.live_bytes, 0);
    return bytes;
}

/* Numbers in a row take less than a table; those that jump, a few bytes more, and no time for
 * making room again and again. */
static void numbers_that_jump_cost_little_memory(void **state)
{
    (void)state;
    enum { FAR = 99999989, NEAR = 299993 };
    static const uint64_t step[] = {1, 3, 5, 1000, 61803399, FAR - 1, 185405};
    static const uint64_t prime[] = {FAR, FAR, FAR, FAR, FAR, FAR, NEAR};
    for (size_t s = 0; s < COUNT_OF(step); s++)
        for (size_t expected = 0; expected <= 100000; expected += 50000) {
            int64_t plain = bytes_of_words(step[s], prime[s], false, 0);
            int64_t numbered = bytes_of_words(step[s], prime[s], true, expected);
            CHECK(numbered <= plain + 4 * (5 * 50000 + 1025), "step %d: %d bytes, else %d",
                  (int)step[s], (int)numbered, (int)plain);
            CHECK(s > 0 || numbered < plain, "%d bytes, else %d", (int)numbered, (int)plain);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_get_ids_in_order_of_first_sight),
        cmocka_unit_test(a_million_words_keep_their_ids),
        cmocka_unit_test(colliding_hashes_do_not_confuse),
        cmocka_unit_test(a_sealed_pool_keeps_its_words),
        cmocka_unit_test(the_limit_is_kept),
        cmocka_unit_test(the_longest_word_is_known),
        cmocka_unit_test(a_reset_pool_is_empty_and_needs_no_new_memory),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(numbered_words_are_words_as_all),
        cmocka_unit_test(the_first_numbering_stays),
        cmocka_unit_test(numbers_that_jump_cost_little_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
