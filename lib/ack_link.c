#include "ack_link.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "digest.h"

#define SIGN_SIZE 16
#define SIGN_TEXT (2 * SIGN_SIZE + 1)
#define SIGNED_SIZE 96 /* what is signed takes at most, with its end */

bool
ack_link_check_secret(const char *secret, struct reason *why)
{
    return strlen(secret) >= ACK_LINK_SECRET_LEAST ||
           reason_set(why, "a secret of less than %d bytes can be guessed (hint: openssl rand -hex 32)", ACK_LINK_SECRET_LEAST);
}

static void
sign(const char *text, size_t size, const char *secret, char out[SIGN_TEXT])
{
    unsigned char sum[DIGEST_SIZE];
    char all[DIGEST_TEXT];

    digest_sign(secret, text, size, sum);
    snprintf(out, SIGN_TEXT, "%.*s", SIGN_TEXT - 1, digest_text(sum, all));
}

void
ack_link_add(struct buf *out, const char *begins_with, const struct ack_link *link, const char *secret)
{
    char text[SIGNED_SIZE], signature[SIGN_TEXT];
    int size = snprintf(text, sizeof(text), "n=%s&d=%" PRId64 "&u=%" PRId64, link->number, link->delivery,
                        link->until.us / 1000000);

    sign(text, (size_t)size, secret, signature);
    buf_add_text(out, begins_with);
    buf_add_text(out, "?");
    buf_add_text(out, text);
    buf_add_text(out, "&s=");
    buf_add_text(out, signature);
}

/* 1 to `most` of `letters` behind "NAME=", up to the next "&" or the end; moves `at` behind it. */
static bool
take(const char **at, const char *name, const char *letters, size_t most, char *out)
{
    size_t name_size = strlen(name), size;

    if (strncmp(*at, name, name_size) != 0)
        return false;
    size = strspn(*at + name_size, letters);
    if (size == 0 || size > most || ((*at)[name_size + size] != '&' && (*at)[name_size + size] != '\0'))
        return false;
    memcpy(out, *at + name_size, size);
    out[size] = '\0';
    *at += name_size + size;
    return true;
}

static int64_t
number_of(const char *digits)
{
    int64_t number = 0;
    for (; *digits != '\0'; digits++)
        number = 10 * number + (*digits - '0');
    return number;
}

bool
ack_link_read(const char *query, const char *secret, struct instant now, struct ack_link *ret, struct reason *why)
{
    static const char digits[] = "0123456789";
    char number[ACK_LINK_NUMBER], delivery[20], until[13], signature[SIGN_TEXT], wanted[SIGN_TEXT], over[INSTANT_TEXT];
    const char *at = query;

    bool is_whole = take(&at, "n=", "0123456789-", sizeof(number) - 1, number) &&
                    take(&at, "&d=", digits, 18, delivery) && take(&at, "&u=", digits, 12, until);
    size_t size = (size_t)(at - query);
    if (!is_whole || !take(&at, "&s=", "0123456789abcdef", SIGN_TEXT - 1, signature) || strlen(signature) != SIGN_TEXT - 1)
        return reason_set(why, "the link is not whole");
    sign(query, size, secret, wanted);
    if (!digest_is_same(signature, wanted, SIGN_TEXT))
        return reason_set(why, "the link is not ours, or was altered");
    struct ack_link link = {.delivery = number_of(delivery), .until = {number_of(until) * 1000000}};
    if (now.us >= link.until.us)
        return reason_set(why, "the link is over since %s", instant_format(link.until, over));
    memcpy(link.number, number, sizeof(number));
    *ret = link;
    return true;
}
