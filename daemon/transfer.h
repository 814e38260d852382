/* transfer: what goes to a mail server or over HTTP, beside the loop. Hides libcurl.
 *
 *     transfer_start() ... on_done once, from the loop and never from within transfer_start()
 *                      `-- transfer_cancel(): it is not called any more
 *
 * Each has a thread of its own: libcurl awaits a mail server's last answer, and its good-bye, without going back to
 * whoever called, even by its multi interface (smtp_done() in its lib/smtp.c), and a server that hangs there would hold
 * the loop.
 *
 * A certificate is always held against the name; a redirect is an answer and is not followed; no proxy of the environment
 * is used.
 */
#ifndef ABATE_TRANSFER_H
#define ABATE_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "loop.h"
#include "reason.h"

struct transfers;
struct transfer;

struct transfers *transfers_new(struct loop *loop);
/* What is under way is forgotten. Waits for the threads, which are told to end: three seconds at most. */
void transfers_free(struct transfers *t);

enum transfer_encryption {
    TRANSFER_BY_URL,     /* https://, smtps:// or none */
    TRANSFER_MUST,       /* STARTTLS, or it fails */
    TRANSFER_IF_OFFERED, /* STARTTLS if the server has it */
};

/* All is copied. */
struct transfer_order {
    const char *url;                 /* http://, https://, smtp://, smtps:// */
    const char *ca_file;             /* NULL: the system's certificates */
    const char *username, *password; /* NULL: none */
    const struct buf *body;          /* of a mail: headers, too */
    int64_t within_us;               /* it ends of itself some time after that: who cannot wait cancels it */

    /* HTTP */
    const char *method;
    const char *const *headers; /* "Name: value", the last one NULL */

    /* mail */
    const char *from, *to;
    enum transfer_encryption encryption;
};

/* Good until on_done returns. */
struct transfer_result {
    bool ok;           /* the whole of it went, and an answer came */
    long status;       /* HTTP's or SMTP's last; 0: none came */
    const char *body;  /* of HTTP, at most 64 KiB of it; else "" */
    size_t size;
    int64_t retry_after_s; /* HTTP's header of that name, a date by our clock; 0: it has none, or now */
    const char *line;  /* what the mail server said to it; else "" */
    struct reason why; /* not ok */
};

typedef void transfer_done(void *self, const struct transfer_result *result);

/* NULL with `why` if there can be no thread. */
struct transfer *transfer_start(struct transfers *all, const struct transfer_order *order, transfer_done *done, void *self,
                                struct reason *why);
void transfer_cancel(struct transfer *t); /* it ends within about a second */

#endif
