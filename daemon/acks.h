/* acks: acknowledgements by the link of a message (ack_link.h), on their way into the database.
 *
 *     acks_take() --> waiting --> under way --> recorded, or refused
 *                        ^            |
 *                        `--- away ---'   tried again until it is too old
 *
 * A connection of its own, and only while there is something to record. What became of the last ones is kept for whoever
 * looks at the page again; all in memory: what was not told to be recorded has to be said once more after a restart.
 */
#ifndef ABATE_ACKS_H
#define ABATE_ACKS_H

#include <stdbool.h>
#include <stdint.h>

#include "ack_link.h"
#include "conf.h"
#include "loop.h"
#include "reason.h"

#define ACKS_MOST 64

enum ack_state { ACK_UNKNOWN, ACK_WAITING, ACK_RECORDED, ACK_REFUSED };

struct ack {
    enum ack_state state;
    struct ack_link link;
    struct instant at;
    char who[256];   /* of one recorded */
    struct reason why; /* of one refused; of one that waits: what it waits for, "" as long as nothing is amiss */
};

struct acks;

struct acks *acks_new(struct loop *loop);
void acks_free(struct acks *a);

/* False: too many wait. One that is there already is not taken twice, unless it was refused. */
bool acks_take(struct acks *a, const struct conf *conf, const struct ack_link *link);

/* What is known of it; of state ACK_UNKNOWN if nothing is. */
const struct ack *acks_find(struct acks *a, const struct ack_link *link);

#endif
