/* loop.h - runs a fuzz target without libFuzzer: the same inputs in every run, put together from
 * the target's own pieces.
 *
 * A target defines PIECES (string literals: the entries of its .dict), includes this, and defines
 * LLVMFuzzerTestOneInput. With -DCB_FUZZ_LOOP it becomes a program: fuzz_NAME [runs [seed]], for
 * compilers without -fsanitize=fuzzer and for the short form in every check. Without it, it is what
 * clang -fsanitize=fuzzer,address links. A broken property aborts. */
#ifndef TESTS_FUZZ_LOOP_H
#define TESTS_FUZZ_LOOP_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

#ifdef CB_FUZZ_LOOP
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const pieces[] = {PIECES};

enum { LOOP_MAX_BYTES = 2048 };

/* SplitMix64 */
static uint64_t loop_random(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

/* Mostly pieces; now and then any byte. Short inputs are more frequent than long ones. */
static size_t loop_input(uint8_t *at, uint64_t *state)
{
    size_t n = 0, want = loop_random(state) % (1u << (2 + loop_random(state) % 10));
    while (n < want) {
        const char *piece = pieces[loop_random(state) % (sizeof pieces / sizeof *pieces)];
        size_t len = strlen(piece);
        if (n + len + 1 > LOOP_MAX_BYTES)
            break;
        memcpy(at + n, piece, len);
        n += len;
        if (loop_random(state) % 16 == 0)
            at[n++] = (uint8_t)loop_random(state);
    }
    return n;
}

int main(int argc, char **argv)
{
    static uint8_t at[LOOP_MAX_BYTES];
    unsigned long long runs = argc > 1 ? strtoull(argv[1], NULL, 10) : 100000;
    uint64_t state = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    for (unsigned long long run = 0; run < runs; run++) {
        size_t n = loop_input(at, &state);
        uint8_t *exact = malloc(n ? n : 1); /* ends where its memory ends, for a sanitizer */
        if (!exact)
            return 1;
        memcpy(exact, at, n);
        (void)LLVMFuzzerTestOneInput(exact, n);
        free(exact);
    }
    return printf("%llu inputs\n", runs) < 0;
}
#endif

#endif
