/* ack_link: a link in a message, by which whoever reads it says that he sees to the alert, without a login.
 *
 *     https://abate.example.org/ack?n=2026-000123&d=4711&u=1764590400&s=5f1c...
 *     what it begins with           |             |      |            HMAC-SHA256 of all before it, 128 bits of it
 *     (section ack_link of the      the alert     |      until then, in seconds since 1970
 *     configuration)                              the delivery it stands in: whom it was sent to
 *
 * Whoever serves it answers a GET with a page that asks, and acknowledges at a POST of the same query: programs that look
 * into mails follow links by themselves.
 */
#ifndef ABATE_ACK_LINK_H
#define ABATE_ACK_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "instant.h"
#include "reason.h"

#define ACK_LINK_NUMBER 32
#define ACK_LINK_SECRET_LEAST 16 /* bytes */

struct ack_link {
    char number[ACK_LINK_NUMBER]; /* of the alert: 2026-000123 */
    int64_t delivery;
    struct instant until; /* whole seconds count */
};

/* False: so short that it can be guessed. */
bool ack_link_check_secret(const char *secret, struct reason *why);

/* Adds the link. The same each time, whenever it is made. */
void ack_link_add(struct buf *out, const char *begins_with, const struct ack_link *link, const char *secret);

/* From what stands behind the "?". False: it is none, was altered, or is over. */
bool ack_link_read(const char *query, const char *secret, struct instant now, struct ack_link *ret, struct reason *why);

#endif
