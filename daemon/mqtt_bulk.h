/* mqtt_bulk: the library's reads and writes of a socket in bulk.
 *
 * libmosquitto 2.0 reads a message with four read(2), writes each acknowledgement with a write(2) of its own, and wakes a
 * thread that nobody has with a third: six system calls a message, half of what taking it costs. It calls read() and
 * write() (send() in later ones) by name, so this file has functions of those names in front of the system's. They do as
 * the system's do, except within bulk_begin() .. bulk_end(), in the same thread, on that one socket:
 *
 *     read     out of a buffer, filled by as much as the socket has
 *     write    gathered, if so asked; sent at bulk_end(), in order with whatever is written otherwise
 *
 * With TLS each write would be a record of its own. So there is an SSL_write() likewise, which gathers what goes into one.
 * mosquitto 2.0 reads a packet at each turn of its loop, but all of a record at once: of its nine system calls for a
 * message sent and acknowledged six are saved.
 *
 * A library that does not call them by name is none the worse for it: then nothing is ever buffered here.
 */
#ifndef ABATE_MQTT_BULK_H
#define ABATE_MQTT_BULK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BULK_SIZE 65536
#define BULK_RECORD 4096 /* bytes in a TLS record: a thousand acknowledgements, which the broker takes without a look at others */

struct bulk {
    int socket;
    bool is_gathering;
    struct bulk *outer; /* begun before, not ended */
    unsigned char *in;  /* BULK_SIZE bytes; at .. end are read and not taken */
    size_t in_at, in_end;
    uint64_t taken;     /* bytes, ever: whether a call has come any further */
    unsigned char *out; /* BULK_SIZE bytes; at .. end are gathered and not sent */
    size_t out_at, out_end;
    struct ssl_st *ssl;   /* the socket's, once something was written by it */
    unsigned char *plain; /* BULK_RECORD bytes; until end they are gathered and not encrypted */
    size_t plain_end;
};

void bulk_init(struct bulk *b);
void bulk_clear(struct bulk *b);
void bulk_forget(struct bulk *b); /* the connection is over: what is in the buffers is nobody's */

void bulk_begin(struct bulk *b, int socket, bool is_gathering);
bool bulk_end(struct bulk *b); /* false with errno: what was gathered cannot be sent, ever */

bool bulk_has_read(const struct bulk *b); /* bytes for which the socket will not become readable */
bool bulk_is_unsent(const struct bulk *b); /* gathered bytes that the socket did not take yet */

#endif
