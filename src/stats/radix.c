#include "casebook/stats_order.h"

#include <string.h>

#include "stats/ordered.h"

enum { SMALL_N = 48, SHORT_DIGIT_N = 4096, SHORT_DIGIT_BITS = 8, MAX_DIGIT_BITS = 12 };

/* Keys as unsigned numbers; flip turns the order of the stored form into unsigned order. Bits below
 * `from` do not count. */
typedef struct sort_job {
    uint64_t *keys, *spare;
    uint32_t *load, *spare_load; /* NULL: no payload */
    size_t n;
    uint64_t flip;
    unsigned from;
} sort_job;

static const uint64_t sign_bit = UINT64_C(1) << 63;

static uint64_t rank_of(const sort_job *job, uint64_t key)
{
    return (key ^ job->flip) >> job->from;
}

static void insertion_sort(const sort_job *job)
{
    for (size_t i = 1; i < job->n; i++) {
        uint64_t key = job->keys[i];
        uint32_t load = job->load ? job->load[i] : 0;
        size_t at = i;
        for (; at > 0 && rank_of(job, job->keys[at - 1]) > rank_of(job, key); at--) {
            job->keys[at] = job->keys[at - 1];
            if (job->load)
                job->load[at] = job->load[at - 1];
        }
        job->keys[at] = key;
        if (job->load)
            job->load[at] = load;
    }
}

/* Bits in which keys differ; 0 also when they are in order already, so that nothing is moved. */
static uint64_t varying_bits(const sort_job *job)
{
    uint64_t varying = 0;
    bool ascending = true;
    for (size_t i = 1; i < job->n; i++) {
        varying |= job->keys[i] ^ job->keys[0];
        ascending &= rank_of(job, job->keys[i]) >= rank_of(job, job->keys[i - 1]);
    }
    return ascending ? 0 : varying;
}

static void count_digit(const sort_job *job, unsigned shift, uint64_t mask, size_t *at)
{
    memset(at, 0, (mask + 1) * sizeof *at);
    for (size_t i = 0; i < job->n; i++)
        at[((job->keys[i] ^ job->flip) >> shift) & mask]++;
    size_t sum = 0;
    for (size_t digit = 0; digit <= mask; digit++) {
        size_t here = at[digit];
        at[digit] = sum;
        sum += here;
    }
}

static void scatter(const sort_job *job, unsigned shift, uint64_t mask, size_t *at)
{
    if (!job->load) {
        for (size_t i = 0; i < job->n; i++)
            job->spare[at[((job->keys[i] ^ job->flip) >> shift) & mask]++] = job->keys[i];
        return;
    }
    for (size_t i = 0; i < job->n; i++) {
        size_t to = at[((job->keys[i] ^ job->flip) >> shift) & mask]++;
        job->spare[to] = job->keys[i];
        job->spare_load[to] = job->load[i];
    }
}

static void swap_arrays(sort_job *job)
{
    uint64_t *keys = job->keys;
    uint32_t *load = job->load;
    job->keys = job->spare;
    job->load = job->spare_load;
    job->spare = keys;
    job->spare_load = load;
}

/* Digits of equal width, as few as there can be. */
static unsigned digit_bits(uint64_t varying, unsigned from, size_t n)
{
    const unsigned most = n < SHORT_DIGIT_N ? SHORT_DIGIT_BITS : MAX_DIGIT_BITS;
    unsigned low = from, high = 64;
    while (low < 64 && !(varying >> low & 1))
        low++;
    while (high > low && !(varying >> (high - 1) & 1))
        high--;
    unsigned digits = (high - low + most - 1) / most;
    return digits > 0 ? (high - low + digits - 1) / digits : most;
}

static void radix_sort(sort_job job)
{
    if (job.n <= SMALL_N) {
        insertion_sort(&job);
        return;
    }
    const sort_job first = job;
    size_t at[1 << MAX_DIGIT_BITS];
    const uint64_t varying = varying_bits(&job);
    const unsigned width = digit_bits(varying, job.from, job.n);
    unsigned shift = job.from;
    while (shift < 64 && varying >> shift) {
        if (!((varying >> shift) & 1)) {
            shift++;
            continue;
        }
        uint64_t mask = (UINT64_C(1) << width) - 1;
        count_digit(&job, shift, mask, at);
        scatter(&job, shift, mask, at);
        swap_arrays(&job);
        shift += width;
    }
    if (job.keys == first.keys)
        return;
    memcpy(first.keys, job.keys, job.n * sizeof *job.keys);
    if (first.load)
        memcpy(first.load, job.load, job.n * sizeof *job.load);
}

void cb_sort_i64_in(int64_t *values, int64_t *spare, size_t n)
{
    radix_sort((sort_job){(uint64_t *)values, (uint64_t *)spare, NULL, NULL, n, sign_bit, 0});
}

void cb_sort_above_in(uint64_t *values, uint64_t *spare, size_t n, unsigned low_bits)
{
    radix_sort((sort_job){values, spare, NULL, NULL, n, 0, low_bits});
}

void cb_sort_pairs_in(int64_t *keys, int64_t *spare_keys, uint32_t *payload,
                      uint32_t *spare_payload, size_t n)
{
    radix_sort((sort_job){(uint64_t *)keys, (uint64_t *)spare_keys, payload, spare_payload, n,
                          sign_bit, 0});
}

cb_status cb_sort_i64(int64_t *values, size_t n, cb_arena *scratch)
{
    int64_t *spare = n > SMALL_N ? cb_arena_array(scratch, n, sizeof *spare) : NULL;
    if (n > SMALL_N && !spare)
        return CB_ENOMEM;
    cb_sort_i64_in(values, spare, n);
    return CB_OK;
}

cb_status cb_sort_pairs(int64_t *keys, uint32_t *payload, size_t n, cb_arena *scratch)
{
    int64_t *spare = NULL;
    uint32_t *spare_payload = NULL;
    if (n > SMALL_N) {
        spare = cb_arena_array(scratch, n, sizeof *spare);
        spare_payload = cb_arena_array(scratch, n, sizeof *spare_payload);
        if (!spare || !spare_payload)
            return CB_ENOMEM;
    }
    cb_sort_pairs_in(keys, spare, payload, spare_payload, n);
    return CB_OK;
}

cb_status cb_sort_f64(double *values, size_t n, cb_arena *scratch)
{
    for (size_t i = 0; i < n; i++)
        if (isnan(values[i]))
            return CB_EDATA;
    uint64_t *keys = cb_arena_array(scratch, n, sizeof *keys);
    uint64_t *spare = cb_arena_array(scratch, n, sizeof *spare);
    if (!keys || !spare)
        return CB_ENOMEM;
    for (size_t i = 0; i < n; i++)
        keys[i] = cb_ordered_bits(values[i]);
    radix_sort((sort_job){keys, spare, NULL, NULL, n, 0, 0});
    for (size_t i = 0; i < n; i++)
        values[i] = cb_value_of_bits(keys[i]);
    return CB_OK;
}
