#include "book/book_parts.h"

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS, PART_BITS = 32 };

typedef struct range {
    int64_t low, high;
    bool sorted;
} range;

static range range_of(const int64_t *times, uint32_t n)
{
    range r = {times[0], times[0], true};
    for (uint32_t i = 1; i < n; i++) {
        r.sorted &= times[i - 1] <= times[i];
        r.low = times[i] < r.low ? times[i] : r.low;
        r.high = times[i] > r.high ? times[i] : r.high;
    }
    return r;
}

/* A time's part, 32 bits of time - low, and the row that it is of: moved together, so that a pass
 * reads in sequence. */
typedef struct key {
    uint32_t part, row;
} key;

/* One stable pass by one digit of the part. */
static void pass(const key *in, key *out, unsigned shift, uint32_t n)
{
    uint32_t start[DIGITS] = {0};
    for (uint32_t i = 0; i < n; i++)
        start[(in[i].part >> shift) % DIGITS]++;
    uint32_t sum = 0;
    for (unsigned d = 0; d < DIGITS; d++) {
        uint32_t count = start[d];
        start[d] = sum;
        sum += count;
    }
    for (uint32_t i = 0; i < n; i++)
        out[start[(in[i].part >> shift) % DIGITS]++] = in[i];
}

/* Stable, by 32 bits of time - low from `from_bit` up. */
static void sort_by_part(const int64_t *times, const range *r, unsigned from_bit, uint32_t *rows,
                         uint32_t n, key *work)
{
    key *in = work, *out = work + n;
    uint64_t most = (uint64_t)(r->high - r->low) >> from_bit;
    for (uint32_t i = 0; i < n; i++)
        in[i] = (key){(uint32_t)((uint64_t)(times[rows[i]] - r->low) >> from_bit), rows[i]};
    for (unsigned shift = 0; shift < PART_BITS && most >> shift; shift += DIGIT_BITS) {
        pass(in, out, shift, n);
        key *swap = in;
        in = out;
        out = swap;
    }
    for (uint32_t i = 0; i < n; i++)
        rows[i] = in[i].row;
}

static cb_status sort_by_digits(const cb_alloc *alloc, const int64_t *times, uint32_t n,
                                uint32_t *rows, const range *r)
{
    size_t bytes = 2 * (size_t)n * sizeof(key);
    key *work = alloc->resize(alloc->ctx, NULL, 0, bytes);
    if (!work)
        return CB_ENOMEM;
    sort_by_part(times, r, 0, rows, n, work);
    if ((uint64_t)(r->high - r->low) >> PART_BITS)
        sort_by_part(times, r, PART_BITS, rows, n, work);
    alloc->resize(alloc->ctx, work, bytes, 0);
    return CB_OK;
}

cb_status cb_sort_by_time(const cb_alloc *alloc, const int64_t *times, uint32_t n, uint32_t *rows)
{
    for (uint32_t i = 0; i < n; i++)
        rows[i] = i;
    range r = n ? range_of(times, n) : (range){0, 0, true};
    return r.sorted ? CB_OK : sort_by_digits(alloc, times, n, rows, &r);
}

cb_status cb_group_rows(cb_arena *arena, cb_rows_by *out, const uint32_t *ids, uint32_t groups,
                        const uint32_t *rows, uint32_t n)
{
    uint32_t *offset = cb_arena_array(arena, (size_t)groups + 2, sizeof *offset);
    uint32_t *grouped = cb_arena_array(arena, n, sizeof *grouped);
    if (!offset || !grouped)
        return CB_ENOMEM;
    /* offset[g + 2] counts group g; summed up, offset[g + 1] is where group g begins, and moves
     * on as it fills. */
    for (uint32_t i = 0; i < n; i++)
        if (ids[i] != CB_UNKNOWN_ID)
            offset[ids[i] + 2]++;
    for (uint32_t g = 2; g < groups + 2; g++)
        offset[g] += offset[g - 1];
    for (uint32_t i = 0; i < n; i++)
        if (ids[rows[i]] != CB_UNKNOWN_ID)
            grouped[offset[ids[rows[i]] + 1]++] = rows[i];
    *out = (cb_rows_by){groups, offset, grouped};
    return CB_OK;
}
