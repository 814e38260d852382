/* resolve: the addresses of a name. The C library's lookup runs on a thread of its own, so that a name server that does
 * not answer holds nobody up.
 *
 *     resolve_begin() --> [thread: getaddrinfo()] --> on_done, on the loop
 *                    \--> not in time             --> on_done, with the reason; the thread goes on
 *
 * A lookup cannot be broken off. One that is still under way is joined by the next resolve_begin() for the same name,
 * and an answer that came when nobody waited any more is given to it: so names that take longer than anybody waits are
 * found nevertheless, and there is never more than one thread for a name.
 */
#ifndef ABATE_RESOLVE_H
#define ABATE_RESOLVE_H

#include <stdbool.h>
#include <stdint.h>

#include "loop.h"
#include "reason.h"

#define RESOLVE_MOST 8          /* addresses of a name; there may be more */
#define RESOLVE_ADDRESS_SIZE 64 /* of an address in digits, with its scope */

struct resolve_answer {
    int count; /* 0: none, and `why` says why */
    char address[RESOLVE_MOST][RESOLVE_ADDRESS_SIZE]; /* in digits, best first */
    struct reason why;
};

struct resolve;
typedef void resolve_done(void *self, const struct resolve_answer *answer); /* good until it returns */

struct resolve *resolve_new(struct loop *loop, resolve_done *done, void *self);
void resolve_free(struct resolve *r); /* NULL is fine; on_done is not called any more */

/* Calls on_done once, later, never from within; in place of what was asked before, if that has not been answered. */
void resolve_begin(struct resolve *r, const char *host, int64_t within_us);
void resolve_cancel(struct resolve *r); /* on_done is not called for what was asked */

bool resolve_is_address(const char *host); /* in digits already: there is nothing to look up */

#endif
