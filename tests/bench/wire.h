/* wire: a publisher that costs as little as can be: MQTT 3.1.1 by hand on one socket, QoS 1, packets made beforehand.
 *
 *     wire_add(topic, payload) ...             all packets into memory, before anything is measured
 *     wire_connect(); wire_send(i, rate) ...   each written once, up to `window` of them unacknowledged
 *
 * Measures others, so it ends the program where it fails.
 */
#ifndef ABATE_BENCH_WIRE_H
#define ABATE_BENCH_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"

struct wire {
    struct buf bytes; /* the packets, one behind the other */
    size_t *end;      /* of each */
    size_t count, room;
    size_t window;
    int socket;
    size_t sent, acknowledged;
    unsigned char part[4]; /* of an acknowledgement that came in two */
    size_t part_size;
};

void wire_add(struct wire *w, const char *topic, const void *payload, size_t size);
void wire_connect(struct wire *w, int port, const char *id);

/* Writes the next of the packets, at most so many, as far as window and socket take them, and takes acknowledgements.
 * Waits up to `wait_ms` when neither can be done. */
void wire_go(struct wire *w, size_t upto, int wait_ms);
void wire_close(struct wire *w);

/* To a child that only acknowledges: what the publisher itself can do. */
void wire_connect_to_nobody(struct wire *w);

#endif
