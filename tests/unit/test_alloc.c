#include "testing.h"

#include <string.h>
#include <wchar.h>

/* ---- arena ---- */

static void pieces_are_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    test_alloc heap = {0};
    cb_alloc alloc = test_alloc_of(&heap);
    cb_arena *arena = cb_arena_new(&alloc, 0);
    uint64_t seed = 1;
    unsigned char *at[2000];
    size_t len[2000];
    for (size_t i = 0; i < COUNT_OF(at); i++) {
        len[i] = (size_t)test_between(&seed, 0, i % 100 == 0 ? 60000 : 300);
        at[i] = cb_arena_get(arena, len[i]);
        assert_non_null(at[i]);
        CHECK((uintptr_t)at[i] % 16 == 0, "piece %zu is not aligned", i);
        for (size_t j = 0; j < len[i]; j++)
            CHECK(at[i][j] == 0, "piece %zu byte %zu is not zero", i, j);
        memset(at[i], (int)(i & 0xFF), len[i]);
    }
    for (size_t i = 0; i < COUNT_OF(at); i++)
        for (size_t j = 0; j < len[i]; j++)
            CHECK(at[i][j] == (i & 0xFF), "piece %zu was written over", i);
    cb_arena_free(arena);
    assert_int_equal(heap.live_bytes, 0);
    assert_int_equal(heap.live_blocks, 0);
}

static void the_cap_holds_to_the_byte(void **state)
{
    (void)state;
    cb_arena *arena = cb_arena_new(NULL, 4096);
    assert_non_null(cb_arena_get(arena, 4096 - 16));
    assert_int_equal(cb_arena_used(arena), 4080);
    assert_null(cb_arena_get(arena, 17));
    assert_int_equal(cb_arena_used(arena), 4080);
    assert_non_null(cb_arena_get(arena, 16));
    assert_int_equal(cb_arena_used(arena), 4096);
    assert_null(cb_arena_get(arena, 0));
    cb_arena_free(arena);
    arena = cb_arena_new(NULL, 4096);
    assert_null(cb_arena_get(arena, 4097));
    assert_non_null(cb_arena_get(arena, 4096));
    cb_arena_free(arena);
}

static void sizes_that_overflow_are_refused(void **state)
{
    (void)state;
    cb_arena *arena = cb_arena_new(NULL, 0);
    assert_null(cb_arena_get(arena, SIZE_MAX));
    assert_null(cb_arena_get(arena, SIZE_MAX - 15));
    assert_null(cb_arena_array(arena, SIZE_MAX / 2, 3));
    assert_null(cb_arena_copy(arena, (cb_str){"", SIZE_MAX}).at);
    assert_int_equal(cb_arena_used(arena), 0);
    int64_t *numbers = cb_arena_array(arena, 1000, sizeof *numbers);
    numbers[999] = 5;
    assert_int_equal(cb_arena_used(arena), 8000);
    cb_arena_free(arena);
    cb_arena_free(NULL);
}

static void texts_are_copied_with_a_nul(void **state)
{
    (void)state;
    cb_arena *arena = cb_arena_new(NULL, 0);
    cb_str copy = cb_arena_copy(arena, (cb_str){"a\0b", 3});
    assert_int_equal(copy.len, 3);
    assert_memory_equal(copy.at, "a\0b\0", 4);
    copy = cb_arena_copy(arena, (cb_str){NULL, 0});
    assert_int_equal(copy.len, 0);
    assert_non_null(copy.at);
    assert_int_equal(copy.at[0], 0);
    cb_str text = cb_arena_text(arena, "%s-%05d", "line", 42);
    assert_int_equal(text.len, 10);
    assert_string_equal(text.at, "line-00042");
    cb_str sixteen = cb_arena_text(arena, "%016d", 3); /* its NUL is the 17th byte */
    assert_string_equal(sixteen.at, "0000000000000003");
    assert_string_equal(text.at, "line-00042");
    cb_arena_free(arena);
}

/* ---- buffer ---- */

static void a_buffer_keeps_its_limit(void **state)
{
    (void)state;
    for (size_t limit = 0; limit < 300; limit++) {
        test_alloc heap = {0};
        cb_alloc alloc = test_alloc_of(&heap);
        cb_buf buf;
        cb_buf_init(&buf, &alloc, limit);
        for (size_t i = 0; i < limit; i++)
            CHECK(cb_buf_append(&buf, "x", 1) == CB_OK, "limit %zu byte %zu", limit, i);
        CHECK(cb_buf_append(&buf, "y", 1) == CB_ELIMIT, "limit %zu", limit);
        CHECK(cb_buf_append(&buf, "y", 0) == CB_OK, "limit %zu", limit);
        CHECK(cb_buf_text(&buf, "%d", 1) == CB_ELIMIT, "limit %zu", limit);
        CHECK(cb_buf_reserve(&buf, SIZE_MAX) == CB_ELIMIT, "limit %zu", limit);
        CHECK(buf.len == limit, "limit %zu: %zu", limit, buf.len);
        for (size_t i = 0; i < limit; i++)
            CHECK(buf.at[i] == 'x', "limit %zu byte %zu", limit, i);
        cb_buf_free(&buf);
        CHECK(heap.live_bytes == 0, "limit %zu leaks", limit);
    }
}

static void a_formatted_text_fits_exactly(void **state)
{
    (void)state;
    for (int n = 1; n < 200; n++) {
        cb_buf buf;
        cb_buf_init(&buf, NULL, (size_t)n);
        CHECK(cb_buf_text(&buf, "%0*d", n + 1, 7) == CB_ELIMIT && buf.len == 0, "%d bytes", n);
        CHECK(cb_buf_text(&buf, "%0*d", n, 7) == CB_OK && buf.len == (size_t)n, "%d bytes", n);
        CHECK(buf.at[n - 1] == '7' && buf.at[n] == '\0', "%d bytes", n);
        cb_buf_free(&buf);
    }
}

static void a_freed_buffer_can_be_used_again(void **state)
{
    (void)state;
    cb_buf buf;
    cb_buf_init(&buf, NULL, SIZE_MAX);
    for (int round = 0; round < 3; round++) {
        assert_int_equal(cb_buf_append(&buf, "hello", 5), CB_OK);
        assert_int_equal(cb_buf_text(&buf, "%s", " world"), CB_OK);
        assert_string_equal(buf.at, "hello world");
        cb_buf_free(&buf);
        assert_int_equal(buf.len, 0);
    }
    assert_int_equal(cb_buf_reserve(&buf, SIZE_MAX), CB_ELIMIT);
    cb_buf_free(&buf);
}

/* ---- arrays ---- */

static void an_array_grows_to_its_limit_only(void **state)
{
    (void)state;
    test_alloc heap = {0};
    cb_alloc alloc = test_alloc_of(&heap);
    void *array = NULL;
    size_t cap = 0;
    for (size_t i = 0; i < 1000; i++) {
        assert_int_equal(cb_grow(&alloc, &array, &cap, i + 1, sizeof(uint32_t), 1000), CB_OK);
        CHECK(cap > i && cap <= 1000, "cap %zu at %zu", cap, i);
        ((uint32_t *)array)[i] = (uint32_t)i;
    }
    assert_int_equal(cb_grow(&alloc, &array, &cap, 1001, sizeof(uint32_t), 1000), CB_ELIMIT);
    for (size_t i = 0; i < 1000; i++)
        CHECK(((uint32_t *)array)[i] == i, "item %zu", i);
    CHECK(heap.calls < 12, "grew %zu times: not by doubling", heap.calls);
    cb_drop(&alloc, &array, &cap, sizeof(uint32_t));
    assert_null(array);
    assert_int_equal(cap, 0);
    assert_int_equal(heap.live_bytes, 0);
    cb_drop(&alloc, &array, &cap, sizeof(uint32_t));
    assert_int_equal(cb_grow(&alloc, &array, &cap, SIZE_MAX / 2, 8, SIZE_MAX), CB_ENOMEM);
    assert_int_equal(cb_grow(NULL, &array, &cap, 5, 8, 5), CB_OK);
    assert_int_equal(cap, 5);
    cb_drop(NULL, &array, &cap, 8);
}

static void checked_sums_and_products(void **state)
{
    (void)state;
    size_t out = 0;
    assert_true(cb_mul(SIZE_MAX / 3, 3, &out));
    assert_int_equal(out, SIZE_MAX / 3 * 3);
    assert_false(cb_mul(SIZE_MAX / 2 + 1, 2, &out));
    assert_true(cb_add(SIZE_MAX - 1, 1, &out));
    assert_false(cb_add(SIZE_MAX, 1, &out));
}

/* Children live until their parent goes, however deep. */
static void children_go_with_their_parent(void **state)
{
    (void)state;
    test_alloc heap = {0};
    cb_alloc alloc = test_alloc_of(&heap);
    cb_arena *parent = cb_arena_new(&alloc, 32);
    for (int i = 0; i < 5; i++) {
        cb_arena *child = cb_arena_child(parent);
        assert_non_null(cb_arena_get(child, 100000)); /* the parent's cap is its own */
        assert_non_null(cb_arena_get(cb_arena_child(child), 10));
    }
    assert_int_equal(cb_arena_used(parent), 0);
    cb_arena_free(parent);
    assert_int_equal(heap.live_blocks, 0);
    heap = (test_alloc){.fail_at = 2};
    parent = cb_arena_new(&alloc, 0);
    assert_null(cb_arena_child(parent));
    cb_arena_free(parent);
    assert_int_equal(heap.live_blocks, 0);
}

/* A character that the C locale cannot write makes printf fail. */
static void texts_that_cannot_be_formatted(void **state)
{
    (void)state;
    cb_arena *arena = cb_arena_new(NULL, 16);
    assert_null(cb_arena_text(arena, "%lc", (wint_t)0x20AC).at);
    cb_arena_free(arena);
    arena = cb_arena_new(NULL, 16);
    assert_null(cb_arena_text(arena, "%016d", 1).at);
    assert_non_null(cb_arena_text(arena, "%015d", 1).at);
    cb_arena_free(arena);
    cb_buf buf;
    cb_buf_init(&buf, NULL, 100);
    assert_int_equal(cb_buf_text(&buf, "%lc", (wint_t)0x20AC), CB_ELIMIT);
    assert_int_equal(buf.len, 0);
    cb_buf_free(&buf);
}

static void many_small_pieces(void **state)
{
    (void)state;
    test_alloc heap = {0};
    cb_alloc alloc = test_alloc_of(&heap);
    cb_arena *arena = cb_arena_new(&alloc, 0);
    for (int i = 0; i < 100000; i++)
        assert_non_null(cb_arena_get(arena, 100));
    assert_int_equal(cb_arena_used(arena), 11200000);
    CHECK(heap.calls < 30, "%zu blocks", heap.calls);
    CHECK(heap.live_bytes < 13000000, "%lld bytes for 11.2 MB", (long long)heap.live_bytes);
    cb_arena_free(arena);
    assert_int_equal(heap.live_bytes, 0);
}

/* ---- failing memory ---- */

static cb_status use_everything(const cb_alloc *alloc)
{
    cb_status rc = CB_ENOMEM;
    void *array = NULL;
    size_t cap = 0;
    cb_buf buf;
    cb_buf_init(&buf, alloc, 100000);
    cb_arena *arena = cb_arena_new(alloc, 0);
    if (!arena)
        goto out;
    for (int i = 0; i < 200; i++)
        if (!cb_arena_get(arena, 1000) || !cb_arena_text(arena, "%d", i).at ||
            !cb_arena_copy(arena, CB_LIT("abc")).at)
            goto out;
    if (!cb_arena_get(arena, 1000000))
        goto out;
    for (int i = 0; i < 100; i++)
        if (cb_buf_text(&buf, "%d, ", i) != CB_OK || cb_buf_append(&buf, "abcdefgh", 8) != CB_OK)
            goto out;
    for (size_t i = 0; i < 100; i++)
        if (cb_grow(alloc, &array, &cap, i + 1, 16, 1000) != CB_OK)
            goto out;
    rc = CB_OK;
out:
    cb_drop(alloc, &array, &cap, 16);
    cb_buf_free(&buf);
    cb_arena_free(arena);
    return rc;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    for (int for_ever = 0; for_ever < 2; for_ever++) {
        size_t n = 0;
        cb_status rc = CB_ENOMEM;
        while (rc != CB_OK) {
            test_alloc heap = {.fail_at = ++n, .for_ever = for_ever};
            cb_alloc alloc = test_alloc_of(&heap);
            rc = use_everything(&alloc);
            CHECK(heap.live_bytes == 0 && heap.live_blocks == 0, "call %zu: leak", n);
            CHECK((rc == CB_OK) == (heap.failures == 0), "call %zu: status %d", n, (int)rc);
        }
        CHECK(n > 15, "only %zu allocations", n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_zeroed_aligned_and_apart),
        cmocka_unit_test(the_cap_holds_to_the_byte),
        cmocka_unit_test(sizes_that_overflow_are_refused),
        cmocka_unit_test(texts_are_copied_with_a_nul),
        cmocka_unit_test(a_buffer_keeps_its_limit),
        cmocka_unit_test(a_formatted_text_fits_exactly),
        cmocka_unit_test(a_freed_buffer_can_be_used_again),
        cmocka_unit_test(an_array_grows_to_its_limit_only),
        cmocka_unit_test(children_go_with_their_parent),
        cmocka_unit_test(texts_that_cannot_be_formatted),
        cmocka_unit_test(many_small_pieces),
        cmocka_unit_test(checked_sums_and_products),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
