/* notifier: the story of an alert from the outbox in PostgreSQL to people.
 *
 *     AWAY --up--> LISTENING --> WAITING <--> PREPARING   alerts become deliveries: abate.prepare_alerts()
 *      ^                            ^   <---> CLAIMING    what is due, for the channels that have room
 *      |                            |   <---> RECORDING   what became of a try
 *      +---------- down ------------+   <---> ASKING      when the next one is due
 *                                   `-- error: RESTING    then another session
 *
 *     delivery --claimed--> try --> channel ...... outcome --> recorded
 *                 |                                    |
 *                 `-- killed in between: its lease ----'  runs out, and it is sent again, with the same key
 *
 * Woken by NOTIFY, by a channel that has become free, by the next delivery's time. A connection of its own, and channels
 * that are asynchronous: nothing here delays what is taken, stored or judged, and a channel that hangs holds up its own
 * letters alone, in_flight of them. PostgreSQL away: what is under way goes on, and is recorded when it is back.
 */
#ifndef ABATE_NOTIFIER_H
#define ABATE_NOTIFIER_H

#include <stdbool.h>
#include <stddef.h>

#include "channel.h"
#include "conf.h"
#include "loop.h"
#include "tries.h"

struct notifier;

/* `channel` has conf->channels of them, and outlives the notifier. NULL if there are none: then there is nothing to do,
 * and to NULL the others do nothing. */
struct notifier *notifier_new(struct loop *loop, const struct conf *conf, struct channel *const *channel);
void notifier_free(struct notifier *n);
void notifier_start(struct notifier *n);

/* Nothing more is claimed. */
void notifier_stop(struct notifier *n);
bool notifier_is_idle(const struct notifier *n); /* nothing is under way or waits to be recorded */

struct tries_counts notifier_counts(const struct notifier *n);

#endif
