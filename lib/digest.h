/* digest: SHA-256, over bytes that come piece by piece. Hides OpenSSL. */
#ifndef ABATE_DIGEST_H
#define ABATE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#define DIGEST_SIZE 32
#define DIGEST_TEXT (2 * DIGEST_SIZE + 1)

struct digest;

struct digest *digest_new(void); /* begun */
void digest_free(struct digest *d);
void digest_begin(struct digest *d); /* anew */
void digest_add(struct digest *d, const void *bytes, size_t size);
void digest_end(struct digest *d, unsigned char ret[DIGEST_SIZE]);

/* In hexadecimal, as sha256sum(1) and PostgreSQL write it. text: returns `out`; read: false if it is none. */
const char *digest_text(const unsigned char bytes[DIGEST_SIZE], char out[DIGEST_TEXT]);
bool digest_read(const char *text, unsigned char ret[DIGEST_SIZE]);

/* HMAC (RFC 2104) with it. */
void digest_sign(const char *key, const void *bytes, size_t size, unsigned char ret[DIGEST_SIZE]);

/* Takes as long whatever differs: by the time of an answer nobody guesses a signature. */
bool digest_is_same(const void *a, const void *b, size_t size);

#endif
