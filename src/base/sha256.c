#include "casebook/sha256.h"

/* The plain functions are marked as old, not as wrong; see the header for why they are used. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
#include <string.h>

_Static_assert(sizeof(SHA256_CTX) <= sizeof(cb_sha256), "libcrypto's state fits");
_Static_assert((int)CB_SHA256_BYTES == (int)SHA256_DIGEST_LENGTH, "SHA-256 has 32 bytes");

enum { BLOCK = SHA256_CBLOCK };

/* These return 1 always: they neither allocate nor look anything up. */
void cb_sha256_begin(cb_sha256 *sum)
{
    (void)SHA256_Init((SHA256_CTX *)(void *)sum->private_state);
}

void cb_sha256_add(cb_sha256 *sum, const void *bytes, size_t n)
{
    if (n > 0)
        (void)SHA256_Update((SHA256_CTX *)(void *)sum->private_state, bytes, n);
}

void cb_sha256_end(cb_sha256 *sum, unsigned char digest[CB_SHA256_BYTES])
{
    (void)SHA256_Final(digest, (SHA256_CTX *)(void *)sum->private_state);
}

static void pad_key(unsigned char block[BLOCK], cb_str key)
{
    memset(block, 0, BLOCK);
    if (key.len <= BLOCK) {
        if (key.len > 0)
            memcpy(block, key.at, key.len);
        return;
    }
    cb_sha256 sum;
    cb_sha256_begin(&sum);
    cb_sha256_add(&sum, key.at, key.len);
    cb_sha256_end(&sum, block);
}

static void hash_behind(unsigned char digest[CB_SHA256_BYTES], const unsigned char key[BLOCK],
                        unsigned char pad, const void *bytes, size_t n)
{
    unsigned char block[BLOCK];
    cb_sha256 sum;
    for (unsigned i = 0; i < BLOCK; i++)
        block[i] = key[i] ^ pad;
    cb_sha256_begin(&sum);
    cb_sha256_add(&sum, block, BLOCK);
    cb_sha256_add(&sum, bytes, n);
    cb_sha256_end(&sum, digest);
}

void cb_hmac_sha256(unsigned char mac[CB_SHA256_BYTES], cb_str key, cb_str text)
{
    unsigned char block[BLOCK], inner[CB_SHA256_BYTES];
    pad_key(block, key);
    hash_behind(inner, block, 0x36, text.at, text.len);
    hash_behind(mac, block, 0x5c, inner, sizeof inner);
}
