/* sha256.h - SHA-256 and HMAC-SHA-256 (FIPS 180-4, RFC 2104); the door to libcrypto.
 *
 * Why: inputs are named by their SHA-256, a run by the SHA-256 of all that went into it, and ids are
 * shown as keyed codes. libcrypto uses the processor's own instructions.
 *
 * Nothing here allocates or can fail: libcrypto's newer interface fetches algorithms into memory of
 * its own and does not survive every allocation that fails there, so its plain functions are used.
 * Sequence: cb_sha256_begin -> cb_sha256_add … -> cb_sha256_end. */
#ifndef CASEBOOK_SHA256_H
#define CASEBOOK_SHA256_H

#include <stddef.h>
#include <stdint.h>

#include "casebook/text.h"

enum { CB_SHA256_BYTES = 32 };

typedef struct cb_sha256 {
    uint64_t private_state[16];
} cb_sha256;

void cb_sha256_begin(cb_sha256 *sum);
void cb_sha256_add(cb_sha256 *sum, const void *bytes, size_t n);
void cb_sha256_end(cb_sha256 *sum, unsigned char digest[CB_SHA256_BYTES]);

// cb_hmac_sha256 writes the code of text under key (of any length).
void cb_hmac_sha256(unsigned char mac[CB_SHA256_BYTES], cb_str key, cb_str text);

#endif
