/* marks.h - where delimiters, quotes and line ends are among 64 bytes, as bit masks. Private to
 * src/ingest.
 *
 * SSE2 belongs to every x86-64; where the machine has AVX2 too, which is asked at run time, half as
 * many steps do. Other machines take the scalar twin. All are compiled on x86-64, so that a test can
 * hold them against each other. */
#ifndef CB_INGEST_MARKS_H
#define CB_INGEST_MARKS_H

#include "ingest/scan.h"

/* Bit i speaks of byte i. */
typedef struct cb_marks {
    uint64_t delimiter, quote, lf, cr;
    bool odd; /* one of the bytes is 0 or over 127 */
} cb_marks;

/* Blocks at a time, so that the choice between the ways is made once for some. */
enum { CB_MARKS_RUN = 8 };

// cb_marks_of looks at the first 64 bytes of rest, the next 64, …: CB_MARKS_RUN blocks, or as many
// as rest has, the last perhaps shorter. Returns how many.
unsigned cb_marks_of(cb_str rest, char delimiter, cb_marks out[CB_MARKS_RUN]);

// One block: byte by byte, by 16, by 32 (false: the machine cannot).
cb_marks cb_marks_scalar(const char *at, char delimiter);
cb_marks cb_marks_by_16(const char *at, char delimiter);
bool cb_marks_by_32(const char *at, char delimiter, cb_marks *out);

// cb_parity sets bit i where an odd number of bits is set in mask up to and including i: inside
// quotes.
static inline uint64_t cb_parity(uint64_t mask)
{
    mask ^= mask << 1;
    mask ^= mask << 2;
    mask ^= mask << 4;
    mask ^= mask << 8;
    mask ^= mask << 16;
    return mask ^ mask << 32;
}

// cb_ends_of returns the line ends: the LF of CR LF is none of its own. after_cr: the byte before
// the block is a CR.
static inline uint64_t cb_ends_of(const cb_marks *m, bool after_cr)
{
    return m->cr | (m->lf & ~(m->cr << 1 | (uint64_t)after_cr));
}

#endif
