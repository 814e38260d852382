#include "digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct digest {
    EVP_MD_CTX *context;
};

/* Out of memory, or an OpenSSL without SHA-256: nothing can go on. */
static void
must(bool is_done)
{
    if (!is_done)
        abort();
}

struct digest *
digest_new(void)
{
    struct digest *d = calloc(1, sizeof(*d));
    must(d != NULL);
    d->context = EVP_MD_CTX_new();
    must(d->context != NULL);
    digest_begin(d);
    return d;
}

void
digest_free(struct digest *d)
{
    if (d == NULL)
        return;
    EVP_MD_CTX_free(d->context);
    free(d);
}

void
digest_begin(struct digest *d)
{
    must(EVP_DigestInit_ex(d->context, EVP_sha256(), NULL) == 1);
}

void
digest_add(struct digest *d, const void *bytes, size_t size)
{
    must(EVP_DigestUpdate(d->context, bytes, size) == 1);
}

void
digest_end(struct digest *d, unsigned char ret[DIGEST_SIZE])
{
    must(EVP_DigestFinal_ex(d->context, ret, NULL) == 1);
}

const char *
digest_text(const unsigned char bytes[DIGEST_SIZE], char out[DIGEST_TEXT])
{
    for (size_t i = 0; i < DIGEST_SIZE; i++)
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
    return out;
}

bool
digest_read(const char *text, unsigned char ret[DIGEST_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[DIGEST_SIZE];

    if (strlen(text) != DIGEST_TEXT - 1 || strspn(text, digits) != DIGEST_TEXT - 1)
        return false;
    for (size_t i = 0; i < DIGEST_SIZE; i++)
        bytes[i] = (unsigned char)((strchr(digits, text[2 * i]) - digits) << 4 | (strchr(digits, text[2 * i + 1]) - digits));
    memcpy(ret, bytes, DIGEST_SIZE);
    return true;
}

void
digest_sign(const char *key, const void *bytes, size_t size, unsigned char ret[DIGEST_SIZE])
{
    unsigned made = 0;
    must(HMAC(EVP_sha256(), key, (int)strlen(key), bytes, size, ret, &made) != NULL && made == DIGEST_SIZE);
}

bool
digest_is_same(const void *a, const void *b, size_t size)
{
    return CRYPTO_memcmp(a, b, size) == 0;
}
