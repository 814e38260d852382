/* channel: a way out, of a kind: channel "NAME" { kind = ... } of the configuration.
 *
 *                                    +--> mail, http, alertmanager   transfer.h
 *     channel_send(letter) --> kind -+--> exec                       program.h
 *          ^                         +--> mqtt                       mqtt.h
 *          |
 *          +--- done(result), once, from the loop, within the channel's time limit
 *
 * The kinds are rows of a table: one that is added is a row and a file channel_<kind>.c. At most in_flight letters are
 * under way at once; a channel that hangs holds up those alone. Passwords and secrets are read from their files when they
 * are needed, and stand in no answer.
 */
#ifndef ABATE_CHANNEL_H
#define ABATE_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf.h"
#include "letter.h"
#include "loop.h"
#include "reason.h"
#include "transfer.h"

struct channel;

enum channel_outcome {
    CHANNEL_SENT,
    CHANNEL_LATER,   /* not sent, or not known to be; it may go another time */
    CHANNEL_REFUSED, /* it never will */
};

/* Good until channel_done returns. */
struct channel_result {
    enum channel_outcome outcome;
    const char *answer; /* what the other side said, or what went wrong; one line */
    int64_t wait_us;    /* CHANNEL_LATER: how long the other side does not want to be asked again; 0: it did not say */
};

typedef void channel_done(void *self, const struct channel_result *result);

/* `conf` and `transfers` must outlive it. NULL with `why` if it cannot be opened. */
struct channel *channel_new(struct loop *loop, const struct conf *conf, const struct conf_channel *settings,
                            struct transfers *transfers, struct reason *why);
void channel_free(struct channel *c); /* what is under way is given up; nobody is told */

void channel_leave(struct channel *c); /* another takes its place: no further letter is sent by it */

/* Whether the files its settings name can be read: passwords, secrets, headers, certificates; and its program be run. */
bool channel_check_files(const struct conf_channel *settings, struct reason *why);

const char *channel_name(const struct channel *c);
size_t channel_room(const struct channel *c); /* letters it would take now */

/* There is room. The letter is copied. */
void channel_send(struct channel *c, const struct letter *letter, channel_done *done, void *self);

#endif
