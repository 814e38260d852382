/* probe: how much a broker keeps for a client that does not take it at once, found out by trying. MQTT has no question for
 * it, and a broker that drops has acknowledged to the plant all the same.
 *
 *     giver --- N messages ---> broker [queue] --- as many as it sends unacknowledged ---> taker, which holds its acks,
 *                                              --- the rest, once the acks go ---------->        counts, and leaves
 *
 * Both are clients of our own with ids of their own, on abate/probe/<client id>; what the plants send and the daemon's
 * session are not touched. `probe` messages of 200 bytes (the broker's section says how many) beyond those that are sent
 * unacknowledged, a minute at most, in small bursts between which the loop turns. No session is left behind.
 *
 * mosquitto 2.0.11 sends a client of MQTT 5 as many ahead as that client says, whatever its max_inflight_messages.
 */
#ifndef ABATE_PROBE_H
#define ABATE_PROBE_H

#include <stdbool.h>

#include "conf.h"
#include "loop.h"

struct probe;

enum probe_word {
    PROBE_GOOD,
    PROBE_ADVICE, /* it could be better, or cannot be told */
    PROBE_FAULT,  /* messages will be lost */
};

struct probe_calls {
    void (*on_said)(void *self, enum probe_word kind, const char *words);
    void (*on_over)(void *self); /* NULL is fine; comes last, and not from within probe_start() */
};

struct probe *probe_new(struct loop *loop, const struct conf_broker *broker, const struct probe_calls *calls, void *self);
void probe_free(struct probe *p); /* NULL is fine; not from within on_said */
void probe_start(struct probe *p); /* once */

#endif
