/* publisher: sends to a broker what a source makes, at QoS 1, never more than `window` of it unacknowledged.
 *
 *     source --make--> publisher ====> broker
 *               ^                        |
 *               +------ PUBACK makes room+
 *
 * A broker that goes away is waited for; the library then sends what it had no PUBACK for once more. One that
 * refuses a message ends it all: it would refuse the next one, too.
 */
#ifndef ABATE_PUBLISHER_H
#define ABATE_PUBLISHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf.h"
#include "loop.h"
#include "reason.h"

struct publication {
    const char *topic; /* both good until the source is asked again */
    const void *payload;
    size_t size;
};

enum publisher_made {
    PUBLISHER_MESSAGE, /* `ret` */
    PUBLISHER_LATER,   /* not before `ret_due`, on the loop's clock */
    PUBLISHER_END,     /* no more */
    PUBLISHER_FAILED,  /* no more, and not as it should be: `why` */
};

struct publisher_counts {
    uint64_t published;
    uint64_t acknowledged;
    uint64_t refused; /* PUBACK with an error: the broker does not take it */
    int64_t began;    /* ticks: the first CONNACK */
    int64_t ended;
};

struct publisher_source {
    enum publisher_made (*make)(void *self, int64_t ticks, struct publication *ret, int64_t *ret_due,
                                struct reason *why);
    void (*show)(void *self, int64_t ticks, const struct publisher_counts *counts); /* some times a second */
    void *self;
};

struct publisher_settings {
    const struct conf_broker *broker;
    size_t window;
};

/* Runs the loop until all is acknowledged, or SIGINT or SIGTERM comes. True if every message was made, sent
 * and acknowledged. `ret` is filled either way. */
bool publisher_run(struct loop *loop, const struct publisher_settings *settings,
                   const struct publisher_source *source, struct publisher_counts *ret, struct reason *why);

#endif
