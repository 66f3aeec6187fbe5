/* Oracles: FIPS 180-4's examples, RFC 4231's test cases 1, 2, 3, 6. */
#include <string.h>
#include <stdio.h>

#include "testing.h"

#include "casebook/sha256.h"

static void hex_of(char out[2 * CB_SHA256_BYTES + 1], const unsigned char digest[CB_SHA256_BYTES])
{
    for (unsigned i = 0; i < CB_SHA256_BYTES; i++)
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

static void sums(void **state)
{
    static const struct {
        const char *text, *hex;
        unsigned times;
    } rows[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", 1},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 1},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1", 1},
        {"a", "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0", 1000000},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cb_sha256 sum;
        unsigned char digest[CB_SHA256_BYTES];
        char hex[2 * CB_SHA256_BYTES + 1];
        cb_sha256_begin(&sum);
        for (unsigned k = 0; k < rows[i].times; k++)
            cb_sha256_add(&sum, rows[i].text, strlen(rows[i].text));
        cb_sha256_end(&sum, digest);
        hex_of(hex, digest);
        assert_string_equal(hex, rows[i].hex);
    }
}

static void codes(void **state)
{
    char ones[21] = {0}, aas[132] = {0}, dds[51] = {0};
    memset(ones, 0x0b, 20);
    memset(aas, 0xaa, 131);
    memset(dds, 0xdd, 50);
    char key3[21] = {0};
    memset(key3, 0xaa, 20);
    const struct {
        const char *key, *text, *hex;
    } rows[] = {
        {ones, "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {"Jefe", "what do ya want for nothing?",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {key3, dds, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {aas, "Test Using Larger Than Block-Size Key - Hash Key First",
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        unsigned char mac[CB_SHA256_BYTES];
        char hex[2 * CB_SHA256_BYTES + 1];
        cb_hmac_sha256(mac, cb_str_of(rows[i].key), cb_str_of(rows[i].text));
        hex_of(hex, mac);
        assert_string_equal(hex, rows[i].hex);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sums), cmocka_unit_test(codes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
